//! `/identities/users/{user}`: one user, its access keys and policies.

use maud::{Markup, html};
use serde_json::Value;

use super::parts::{button, policies, sure};
use crate::api::{Problem, list, text};
use crate::cli;
use crate::facade::Pending;
use crate::html::{badge, command, facts, refused};
use crate::iam;
use crate::layout::Page;
use crate::visit::{Reply, Visit};

/// Shows the user.
pub(crate) fn show<'a>(visit: &'a Visit<'a>) -> Pending<'a, Reply> {
    Box::pin(async move { page(visit, &html! {}, 200).await })
}

/// Does what a button of the page says.
pub(crate) fn act<'a>(visit: &'a Visit<'a>) -> Pending<'a, Reply> {
    Box::pin(async move {
        let user = visit.name("user");
        let (key, arn) = (visit.form.trimmed("key"), visit.form.trimmed("arn"));
        let (of, of_key) = ([("UserName", user)], [("UserName", user), ("AccessKeyId", key)]);
        let status = |to| [("UserName", user), ("AccessKeyId", key), ("Status", to)];
        let with_arn = [("UserName", user), ("PolicyArn", arn)];
        let deed = visit.form.get("do");
        if let Some((question, called)) = question(deed, user, key, arn)
            && !visit.form.has("sure")
        {
            let fields = [("do", deed), ("key", key), ("arn", arn)];
            return page(visit, &sure(visit, &question, &fields, called), 200).await;
        }
        let done = match deed {
            "create-key" => iam::call(visit, "CreateAccessKey", &of).await,
            "deactivate" => iam::call(visit, "UpdateAccessKey", &status("Inactive")).await,
            "activate" => iam::call(visit, "UpdateAccessKey", &status("Active")).await,
            "delete-key" => iam::call(visit, "DeleteAccessKey", &of_key).await,
            "attach" => iam::call(visit, "AttachUserPolicy", &with_arn).await,
            "detach" => iam::call(visit, "DetachUserPolicy", &with_arn).await,
            "delete" => iam::call(visit, "DeleteUser", &of).await,
            _ => return page(visit, &html! {}, 400).await,
        };
        match (done, deed) {
            (Err(problem), _) => {
                page(visit, &refused("It was not done", &problem), problem.status).await
            }
            (Ok(told), "create-key") => page(visit, &new_key(&told), 200).await,
            (Ok(_), "delete") => {
                Reply::done("/identities", format!("User {user} was deleted."), line(visit, deed))
            }
            (Ok(_), _) => Reply::done(&visit.path, "Done.", line(visit, deed)),
        }
    })
}

/// What is asked before a deed that takes something away, and what its button says.
fn question(deed: &str, user: &str, key: &str, arn: &str) -> Option<(String, &'static str)> {
    match deed {
        "deactivate" => {
            Some((format!("Deactivate {key}? What uses it gets in no more."), "Deactivate"))
        }
        "delete-key" => Some((format!("Delete {key}? It cannot be undone."), "Delete")),
        "detach" => Some((format!("Detach {arn}? {user} loses what it allows."), "Detach")),
        "delete" => {
            Some((format!("Delete the user {user}? It cannot be undone."), "Delete the user"))
        }
        _ => None,
    }
}

/// The line of the AWS CLI that does the same.
fn line(visit: &Visit<'_>, deed: &str) -> String {
    let (user, key, arn) =
        (visit.name("user"), visit.form.trimmed("key"), visit.form.trimmed("arn"));
    let of_key = ["--user-name", user, "--access-key-id", key];
    let of_policy = ["--user-name", user, "--policy-arn", arn];
    let (command, rest): (&str, Vec<&str>) = match deed {
        "create-key" => ("create-access-key", vec!["--user-name", user]),
        "deactivate" => ("update-access-key", [&of_key[..], &["--status", "Inactive"]].concat()),
        "activate" => ("update-access-key", [&of_key[..], &["--status", "Active"]].concat()),
        "delete-key" => ("delete-access-key", of_key.to_vec()),
        "attach" => ("attach-user-policy", of_policy.to_vec()),
        "detach" => ("detach-user-policy", of_policy.to_vec()),
        _ => ("delete-user", vec!["--user-name", user]),
    };
    cli::line([&["iam", command][..], &rest].concat())
}

/// A new key with its secret, which is shown this once.
fn new_key(told: &Value) -> Markup {
    let (id, secret) =
        (text(told, "/AccessKey/AccessKeyId"), text(told, "/AccessKey/SecretAccessKey"));
    html! {
        section.done role="status" {
            p { "A new access key. Its secret is not shown again." }
            (command("For the environment", &format!("export AWS_ACCESS_KEY_ID={id}\nexport AWS_SECRET_ACCESS_KEY={secret}")))
        }
    }
}

async fn page(visit: &Visit<'_>, notice: &Markup, status: u16) -> Reply {
    let user = visit.name("user");
    let of = [("UserName", user)];
    let found = iam::call(visit, "GetUser", &of).await;
    let keys = iam::call(visit, "ListAccessKeys", &of).await;
    let groups = iam::call(visit, "ListGroupsForUser", &of).await;
    let attached = iam::call(visit, "ListAttachedUserPolicies", &of).await;
    let inline = iam::call(visit, "ListUserPolicies", &of).await;
    let content = html! {
        (notice)
        section {
            h2 { "User" }
            @match &found {
                Err(problem) => p.quiet { "Not shown to you: " (problem.text) },
                Ok(told) => (about(told, &groups)),
            }
            div.actions { (button(visit, &[("do", "delete")], "danger", "Delete the user")) }
        }
        (access_keys(visit, &keys))
        (policies(visit, &attached, &inline))
        (command("The same with the AWS CLI", &cli::line(["iam", "get-user", "--user-name", user])))
    };
    let above = [("/identities".to_owned(), "Identities")];
    Page { title: user, above: &above, content }.with_status(visit, status)
}

fn about(told: &Value, groups: &Result<Value, Problem>) -> Markup {
    let groups = groups.as_ref().map(|told| list(told, "/Groups")).unwrap_or_default();
    let groups: Vec<&str> = groups.iter().map(|group| text(group, "/GroupName")).collect();
    facts(&[
        ("ARN", text(told, "/User/Arn").to_owned()),
        ("Id", text(told, "/User/UserId").to_owned()),
        ("Created", text(told, "/User/CreateDate").to_owned()),
        ("Groups", groups.join(", ")),
        (
            "Permissions boundary",
            text(told, "/User/PermissionsBoundary/PermissionsBoundaryArn").to_owned(),
        ),
    ])
}

fn access_keys(visit: &Visit<'_>, keys: &Result<Value, Problem>) -> Markup {
    html! {
        section {
            h2 { "Access keys" }
            @match keys {
                Err(problem) => p.quiet { "Not shown to you: " (problem.text) },
                Ok(told) => {
                    @if list(told, "/AccessKeyMetadata").is_empty() { p.quiet { "None." } }
                    ul.names {
                        @for key in list(told, "/AccessKeyMetadata") {
                            @let id = text(key, "/AccessKeyId");
                            @let active = text(key, "/Status") == "Active";
                            li {
                                code { (id) } " "
                                (badge(if active { "good" } else { "" }, text(key, "/Status"))) " "
                                @if active { (button(visit, &[("do", "deactivate"), ("key", id)], "quiet", "Deactivate")) }
                                @else { (button(visit, &[("do", "activate"), ("key", id)], "quiet", "Activate")) " "
                                    (button(visit, &[("do", "delete-key"), ("key", id)], "quiet", "Delete")) }
                            }
                        }
                    }
                },
            }
            p.hint { "To rotate: create a second key, use it, deactivate the first, and delete it when nothing misses it." }
            div.actions { (button(visit, &[("do", "create-key")], "", "Create an access key")) }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::Fake;

    fn fake() -> Fake {
        Fake::default()
            .says("GetUser", "<User><Arn>arn:aws:iam::123456789012:user/ann</Arn></User>")
            .says("ListAccessKeys", "<AccessKeyMetadata><member><AccessKeyId>AKIAOLD</AccessKeyId><Status>Inactive</Status></member></AccessKeyMetadata>")
            .says("CreateAccessKey", "<AccessKey><AccessKeyId>AKIANEW</AccessKeyId><SecretAccessKey>s/ecret</SecretAccessKey></AccessKey>")
            .says("DeleteAccessKey", "")
    }

    #[test]
    fn a_user_is_shown_with_its_keys_and_what_may_be_done_with_them() {
        let page = fake().get("/identities/users/ann");
        page.shows(&[
            "user/ann",
            "AKIAOLD",
            "Inactive",
            "value=\"activate\"",
            "value=\"delete-key\"",
        ]);
        page.lacks(&["value=\"deactivate\""]);
    }

    #[test]
    fn a_new_key_is_shown_with_its_secret_once() {
        let page = fake().post("/identities/users/ann", &[("do", "create-key")]);
        page.shows(&["AKIANEW", "s/ecret", "not shown again"]);
        assert_eq!(page.header("cache-control"), "no-store");
        fake().get("/identities/users/ann").lacks(&["s/ecret"]);
    }

    #[test]
    fn a_deed_is_told_with_its_command_and_a_refused_one_in_iams_words() {
        let page = fake().post(
            "/identities/users/ann",
            &[("do", "delete-key"), ("key", "AKIAOLD"), ("sure", "1")],
        );
        assert_eq!((page.response.status, page.header("location")), (303, "/identities/users/ann"));
        let body = String::from_utf8(page.calls[0].body.clone()).unwrap();
        assert!(
            body.contains("Action=DeleteAccessKey") && body.contains("AccessKeyId=AKIAOLD"),
            "{body}"
        );
        let page = fake()
            .denies("DeleteUser", "must delete access keys first")
            .post("/identities/users/ann", &[("do", "delete"), ("sure", "1")]);
        page.shows(&["It was not done", "must delete access keys first"]);
    }

    #[test]
    fn what_takes_something_away_is_asked_first() {
        for deed in ["deactivate", "delete-key", "detach", "delete"] {
            let page = fake().post("/identities/users/ann", &[("do", deed), ("key", "AKIAOLD")]);
            page.shows(&["role=\"alert\"", "name=\"sure\" value=\"1\"", "Leave it as it is"]);
            assert!(page.calls.iter().all(|call| {
                let body = String::from_utf8(call.body.clone()).unwrap();
                body.starts_with("Action=Get") || body.starts_with("Action=List")
            }));
        }
    }

    #[test]
    fn what_no_button_says_does_nothing() {
        let page = fake().post("/identities/users/ann", &[("do", "anything")]);
        assert_eq!(page.response.status, 400);
        let deeds = page.calls.iter().map(|call| String::from_utf8(call.body.clone()).unwrap());
        assert!(
            deeds
                .into_iter()
                .all(|body| body.contains("Action=Get") || body.contains("Action=List"))
        );
    }
}
