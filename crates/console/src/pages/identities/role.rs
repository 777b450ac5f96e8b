//! `/identities/roles/{role}`: one role, whom it trusts and what it may do.

use maud::html;

use super::parts::{document, policies, sure};
use crate::api::text;
use crate::cli;
use crate::facade::Pending;
use crate::html::{command, facts, refused};
use crate::iam;
use crate::layout::Page;
use crate::visit::{Reply, Visit};

/// Shows the role.
pub(crate) fn show<'a>(visit: &'a Visit<'a>) -> Pending<'a, Reply> {
    Box::pin(async move { page(visit, &html! {}, 200).await })
}

/// Attaches a policy, or detaches one.
pub(crate) fn act<'a>(visit: &'a Visit<'a>) -> Pending<'a, Reply> {
    Box::pin(async move {
        let (role, arn) = (visit.name("role"), visit.form.trimmed("arn"));
        let (action, command) = match visit.form.get("do") {
            "detach" if !visit.form.has("sure") => {
                let question = format!("Detach {arn}? {role} loses what it allows.");
                let fields = [("do", "detach"), ("arn", arn)];
                let asked = sure(visit, &question, &fields, "Detach");
                return page(visit, &asked, 200).await;
            }
            "attach" => ("AttachRolePolicy", "attach-role-policy"),
            "detach" => ("DetachRolePolicy", "detach-role-policy"),
            _ => return page(visit, &html! {}, 400).await,
        };
        match iam::call(visit, action, &[("RoleName", role), ("PolicyArn", arn)]).await {
            Ok(_) => {
                let line = cli::line(["iam", command, "--role-name", role, "--policy-arn", arn]);
                Reply::done(&visit.path, "Done.", line)
            }
            Err(problem) => {
                page(visit, &refused("It was not done", &problem), problem.status).await
            }
        }
    })
}

async fn page(visit: &Visit<'_>, notice: &maud::Markup, status: u16) -> Reply {
    let role = visit.name("role");
    let of = [("RoleName", role)];
    let found = iam::call(visit, "GetRole", &of).await;
    let attached = iam::call(visit, "ListAttachedRolePolicies", &of).await;
    let inline = iam::call(visit, "ListRolePolicies", &of).await;
    let content = html! {
        (notice)
        section {
            h2 { "Role" }
            @match &found {
                Err(problem) => p.quiet { "Not shown to you: " (problem.text) },
                Ok(told) => {
                    (facts(&[
                        ("ARN", text(told, "/Role/Arn").to_owned()),
                        ("Id", text(told, "/Role/RoleId").to_owned()),
                        ("Created", text(told, "/Role/CreateDate").to_owned()),
                        ("Longest session", text(told, "/Role/MaxSessionDuration").to_owned() + " s"),
                        ("Permissions boundary", text(told, "/Role/PermissionsBoundary/PermissionsBoundaryArn").to_owned()),
                    ]))
                    h3 { "Whom it trusts" }
                    (command("Trust policy", &document(text(told, "/Role/AssumeRolePolicyDocument"))))
                },
            }
        }
        (policies(visit, &attached, &inline))
        (command("The same with the AWS CLI", &cli::line(["iam", "get-role", "--role-name", role])))
    };
    let above = [("/identities".to_owned(), "Identities")];
    Page { title: role, above: &above, content }.with_status(visit, status)
}

#[cfg(test)]
mod tests {
    use crate::testing::Fake;

    #[test]
    fn a_role_is_shown_with_whom_it_trusts() {
        let page = Fake::default()
            .says("GetRole", "<Role><Arn>arn:aws:iam::123456789012:role/app</Arn><AssumeRolePolicyDocument>%7B%22Version%22%3A%20%222012-10-17%22%7D</AssumeRolePolicyDocument></Role>")
            .get("/identities/roles/app");
        page.shows(&["role/app", "&quot;Version&quot;: &quot;2012-10-17&quot;"]);
    }

    #[test]
    fn detaching_is_asked_first() {
        let fields = [("do", "detach"), ("arn", "arn:aws:iam::aws:policy/ReadOnlyAccess")];
        let page = Fake::default().post("/identities/roles/app", &fields);
        page.shows(&["Detach arn:aws:iam::aws:policy/ReadOnlyAccess?", "name=\"sure\""]);
    }

    #[test]
    fn a_policy_is_attached_by_its_arn() {
        let fake = Fake::default().says("AttachRolePolicy", "");
        let page = fake.post(
            "/identities/roles/app",
            &[("do", "attach"), ("arn", "arn:aws:iam::aws:policy/ReadOnlyAccess")],
        );
        assert_eq!(page.response.status, 303);
        assert!(String::from_utf8(page.calls[0].body.clone()).unwrap().contains("RoleName=app"));
    }
}
