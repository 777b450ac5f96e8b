//! `/identities/users/{user}`: one user, how it signs in, and what it may do.

use maud::{Markup, html};
use serde_json::Value;

use super::actions::Source::{Always, Field, Page as Named, Secret, Ticked};
use super::actions::{Action, Done, Form, Notice, action, perform};
use super::buttons::button;
use super::parts::{HeldPolicies, one_of};
use super::sessions;
use crate::api::{Problem, list, text};
use crate::cli;
use crate::facade::Pending;
use crate::html::{badge, command, facts, not_told};
use crate::iam;
use crate::layout::Page;
use crate::visit::{Reply, Visit};

const ACTIONS: &[Action] = &[
    action("create-key", "CreateAccessKey", &[("UserName", Named)]),
    action("rotate", "CreateAccessKey", &[("UserName", Named)]),
    action(
        "deactivate",
        "UpdateAccessKey",
        &[("UserName", Named), ("AccessKeyId", Field("key")), ("Status", Always("Inactive"))],
    )
    .asking("Deactivate {it}? Whatever uses it is no longer let in.", "Deactivate"),
    action(
        "activate",
        "UpdateAccessKey",
        &[("UserName", Named), ("AccessKeyId", Field("key")), ("Status", Always("Active"))],
    ),
    action("delete-key", "DeleteAccessKey", &[("UserName", Named), ("AccessKeyId", Field("key"))])
        .asking("Delete {it}? This cannot be undone.", "Delete"),
    action(
        "set-password",
        "CreateLoginProfile",
        &[
            ("UserName", Named),
            ("Password", Secret("password")),
            ("PasswordResetRequired", Ticked("reset")),
        ],
    )
    .failing("The password was not set"),
    action(
        "change-password",
        "UpdateLoginProfile",
        &[
            ("UserName", Named),
            ("Password", Secret("password")),
            ("PasswordResetRequired", Ticked("reset")),
        ],
    )
    .failing("The password was not changed"),
    action("remove-password", "DeleteLoginProfile", &[("UserName", Named)]).asking(
        "Remove the password of {page}? It can then sign in only with its access keys.",
        "Remove the password",
    ),
    action(
        "deactivate-device",
        "DeactivateMFADevice",
        &[("UserName", Named), ("SerialNumber", Field("device"))],
    )
    .asking("Deactivate {it}? {page} then signs in without its codes.", "Deactivate"),
    action("join", "AddUserToGroup", &[("GroupName", Field("group")), ("UserName", Named)]),
    action("leave", "RemoveUserFromGroup", &[("GroupName", Field("group")), ("UserName", Named)])
        .asking("Remove {page} from {it}? It loses what the group allows.", "Remove"),
    action("attach", "AttachUserPolicy", &[("UserName", Named), ("PolicyArn", Field("arn"))]),
    action("detach", "DetachUserPolicy", &[("UserName", Named), ("PolicyArn", Field("arn"))])
        .asking("Detach {it}? {page} loses what it allows.", "Detach"),
    action(
        "delete-inline",
        "DeleteUserPolicy",
        &[("UserName", Named), ("PolicyName", Field("inline"))],
    )
    .asking("Delete the policy {it}? {page} loses what it allows.", "Delete"),
    action(
        "set-boundary",
        "PutUserPermissionsBoundary",
        &[("UserName", Named), ("PermissionsBoundary", Field("boundary"))],
    )
    .asking(
        "Make {it} the boundary of {page}? From then on {page} cannot do what it does not allow.",
        "Set it",
    ),
    action("remove-boundary", "DeleteUserPermissionsBoundary", &[("UserName", Named)])
        .asking("Remove the boundary of {page}? From then on only its policies decide.", "Remove"),
    action("delete", "DeleteUser", &[("UserName", Named)])
        .asking("Delete the user {page}? This cannot be undone.", "Delete the user"),
];

/// Shows the user.
pub(crate) fn show<'a>(visit: &'a Visit<'a>) -> Pending<'a, Reply> {
    Box::pin(async move { page(visit, &Notice::none()).await })
}

/// Does what a button of the page says.
pub(crate) fn act<'a>(visit: &'a Visit<'a>) -> Pending<'a, Reply> {
    Box::pin(async move {
        if let Some(revoked) = sessions::revoke(visit, ("user", visit.name("user"))).await {
            return match revoked {
                Ok(done) => done,
                Err(notice) => page(visit, &notice).await,
            };
        }
        match perform(visit, ACTIONS, visit.form.get("do")).await {
            Ok(Done { name: "create-key" | "rotate", told, .. }) => {
                page(visit, &Notice::of(new_key(visit, &told))).await
            }
            Ok(done) => done.reply(visit, &format!("User {} was deleted.", visit.name("user"))),
            Err(notice) => page(visit, &notice).await,
        }
    })
}

/// A new key with its secret, which is shown this once; of a rotation, what comes next.
fn new_key(visit: &Visit<'_>, told: &Value) -> Markup {
    let (id, secret) =
        (text(told, "/AccessKey/AccessKeyId"), text(told, "/AccessKey/SecretAccessKey"));
    let old = visit.form.trimmed("key");
    let line = cli::line(["iam", "create-access-key", "--user-name", visit.name("user")]);
    html! {
        section.done role="status" {
            p { "A new access key. Its secret is not shown again." }
            (command("For the environment", &format!("export AWS_ACCESS_KEY_ID={id}\nexport AWS_SECRET_ACCESS_KEY={secret}")))
            @if !old.is_empty() {
                p { "Next: give it to what uses " code { (old) } ", and then "
                    (button(visit, &[("do", "deactivate"), ("key", old)], "quiet", "Deactivate the old key")) }
            }
            (command("The same with the AWS CLI", &line))
        }
    }
}

async fn page(visit: &Visit<'_>, notice: &Notice) -> Reply {
    let user = visit.name("user");
    let of = [("UserName", user)];
    let found = iam::call(visit, "GetUser", &of).await;
    let keys = iam::call(visit, "ListAccessKeys", &of).await;
    let login = iam::call(visit, "GetLoginProfile", &of).await;
    let devices = iam::call(visit, "ListMFADevices", &of).await;
    let groups = iam::call(visit, "ListGroupsForUser", &of).await;
    let others = iam::call(visit, "ListGroups", &[("MaxItems", "1000")]).await;
    let held = HeldPolicies::read(visit, "User", user).await;
    let live = sessions::read(visit, ("user", user)).await;
    let content = html! {
        (notice.above())
        section {
            h2 { "User" }
            @match &found {
                Err(problem) => (not_told(problem)),
                Ok(told) => (about(told)),
            }
            div.actions { (button(visit, &[("do", "delete")], "danger", "Delete the user")) }
        }
        (access_keys(visit, &keys))
        div.columns {
            (password(visit, notice, &login))
            (mfa_devices(visit, &devices))
        }
        (member_of(visit, notice, &groups, &others))
        (held.section(visit, notice))
        (sessions::section(visit, ("user", user), &live))
        @if let Ok(told) = &found {
            (held.boundary(visit, notice, text(told, "/User/PermissionsBoundary/PermissionsBoundaryArn")))
        }
        (command("The same with the AWS CLI", &cli::line(["iam", "get-user", "--user-name", user])))
    };
    let above = [("/identities".to_owned(), "Identities")];
    Page { title: user, above: &above, content }.with_status(visit, notice.status)
}

fn about(told: &Value) -> Markup {
    facts(&[
        ("ARN", text(told, "/User/Arn").to_owned()),
        ("Id", text(told, "/User/UserId").to_owned()),
        ("Created", text(told, "/User/CreateDate").to_owned()),
        ("Password last used", text(told, "/User/PasswordLastUsed").to_owned()),
    ])
}

fn access_keys(visit: &Visit<'_>, keys: &Result<Value, Problem>) -> Markup {
    html! {
        section {
            h2 { "Access keys" }
            @match keys {
                Err(problem) => (not_told(problem)),
                Ok(told) => {
                    @if list(told, "/AccessKeyMetadata").is_empty() { p.quiet { "None." } }
                    ul.names {
                        @for key in list(told, "/AccessKeyMetadata") {
                            @let id = text(key, "/AccessKeyId");
                            @let active = text(key, "/Status") == "Active";
                            li {
                                code { (id) } " "
                                (badge(if active { "good" } else { "" }, text(key, "/Status"))) " "
                                span.quiet { "since " (text(key, "/CreateDate")) } " "
                                @if active {
                                    (button(visit, &[("do", "rotate"), ("key", id)], "quiet", "Rotate")) " "
                                    (button(visit, &[("do", "deactivate"), ("key", id)], "quiet", "Deactivate"))
                                } @else {
                                    (button(visit, &[("do", "activate"), ("key", id)], "quiet", "Activate")) " "
                                    (button(visit, &[("do", "delete-key"), ("key", id)], "quiet", "Delete"))
                                }
                            }
                        }
                    }
                },
            }
            p.hint { "To rotate: create a second key and use it, deactivate the first, and delete that one once nothing misses it." }
            div.actions { (button(visit, &[("do", "create-key")], "", "Create an access key")) }
        }
    }
}

/// The login profile. That there is none reads `NoSuchEntity`.
fn password(visit: &Visit<'_>, notice: &Notice, login: &Result<Value, Problem>) -> Markup {
    let has_one = login.is_ok();
    let may_know = login.as_ref().map_or_else(|problem| problem.status == 404, |_| true);
    let name = if has_one { "change-password" } else { "set-password" };
    let form = Form { visit, notice, name };
    let field =
        form.field("password", "New password", "As the account's password policy requires.", "");
    html! {
        section {
            h2 { "Password" }
            @if let (Err(problem), false) = (login, may_know) { (not_told(problem)) }
            @else if let Ok(told) = login {
                p { "Since " (text(told, "/LoginProfile/CreateDate")) ". "
                    @if text(told, "/LoginProfile/PasswordResetRequired") == "true" { (badge("warn", "To be changed")) " at the next sign-in. " }
                    (button(visit, &[("do", "remove-password")], "quiet", "Remove")) }
            } @else { p.quiet { "None: it signs in with its access keys." } }
            (form.around(&html! {
                (field.password())
                label.tick { input type="checkbox" name="reset" value="1" checked; " It must be changed at the next sign-in" }
            }, "quiet", if has_one { "Change the password" } else { "Set a password" }))
        }
    }
}

fn mfa_devices(visit: &Visit<'_>, devices: &Result<Value, Problem>) -> Markup {
    html! {
        section {
            h2 { "MFA devices" }
            @match devices {
                Err(problem) => (not_told(problem)),
                Ok(told) => {
                    @if list(told, "/MFADevices").is_empty() { p.quiet { "None." } }
                    ul.names {
                        @for device in list(told, "/MFADevices") {
                            @let serial = text(device, "/SerialNumber");
                            li {
                                code { (serial) } " " span.quiet { "since " (text(device, "/EnableDate")) } " "
                                (button(visit, &[("do", "deactivate-device"), ("device", serial)], "quiet", "Deactivate"))
                            }
                        }
                    }
                },
            }
            p.hint { "Whoever holds a device enables it: " code { "aws iam create-virtual-mfa-device" } ", then " code { "aws iam enable-mfa-device" } " with two of its codes." }
        }
    }
}

fn member_of(
    visit: &Visit<'_>,
    notice: &Notice,
    groups: &Result<Value, Problem>,
    others: &Result<Value, Problem>,
) -> Markup {
    let form = Form { visit, notice, name: "join" };
    let field =
        form.field("group", "Add it to a group", "The group's policies apply to it, too.", "");
    html! {
        section {
            h2 { "Groups" }
            @match groups {
                Err(problem) => (not_told(problem)),
                Ok(told) => {
                    @if list(told, "/Groups").is_empty() { p.quiet { "None." } }
                    ul.names {
                        @for group in list(told, "/Groups") {
                            @let name = text(group, "/GroupName");
                            li {
                                a href={ "/identities/groups/" (crate::http::encoded(name)) } { (name) } " "
                                (button(visit, &[("do", "leave"), ("group", name)], "quiet", "Remove"))
                            }
                        }
                    }
                },
            }
            (form.around(&one_of(&field, others, "/Groups", ("/GroupName", "/GroupName")), "quiet", "Add"))
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
                call.method == "GET"
                    || body.starts_with("Action=Get")
                    || body.starts_with("Action=List")
            }));
        }
    }

    #[test]
    fn what_no_button_says_does_nothing() {
        let page = fake().post("/identities/users/ann", &[("do", "anything")]);
        assert_eq!(page.response.status, 400);
        let deeds = page.calls.iter().filter(|call| call.method != "GET");
        let deeds = deeds.map(|call| String::from_utf8(call.body.clone()).unwrap());
        assert!(
            deeds
                .into_iter()
                .all(|body| body.contains("Action=Get") || body.contains("Action=List"))
        );
    }

    #[test]
    fn a_rotation_makes_a_second_key_and_leads_to_the_end_of_the_first() {
        let page = fake().post("/identities/users/ann", &[("do", "rotate"), ("key", "AKIAOLD")]);
        page.shows(&[
            "AKIANEW",
            "s/ecret",
            "Deactivate the old key",
            "name=\"key\" value=\"AKIAOLD\"",
        ]);
        let body = String::from_utf8(page.calls[0].body.clone()).unwrap();
        assert!(body.ends_with("Action=CreateAccessKey&Version=2010-05-08&UserName=ann"), "{body}");
    }

    #[test]
    fn a_password_is_set_and_shown_in_no_page_and_no_command() {
        let fields = [("do", "set-password"), ("password", "Correct-horse-9"), ("reset", "1")];
        let page = fake().says("CreateLoginProfile", "").post("/identities/users/ann", &fields);
        assert_eq!(page.response.status, 303);
        let body = String::from_utf8(page.calls[0].body.clone()).unwrap();
        assert!(body.ends_with("Password=Correct-horse-9&PasswordResetRequired=true"), "{body}");
        let refused = fake()
            .denies("CreateLoginProfile", "1 validation error detected: Value at 'password' failed")
            .post("/identities/users/ann", &fields);
        refused.shows(&["The password was not set"]);
        refused.lacks(&["Correct-horse-9"]);
    }

    #[test]
    fn whether_there_is_a_password_says_which_form_there_is() {
        let login =
            "<LoginProfile><PasswordResetRequired>true</PasswordResetRequired></LoginProfile>";
        let page = fake().says("GetLoginProfile", login).get("/identities/users/ann");
        page.shows(&["Change the password", "To be changed", "value=\"remove-password\""]);
        let page = fake().get("/identities/users/ann");
        page.shows(&["Set a password"]);
        page.lacks(&["value=\"remove-password\""]);
    }

    #[test]
    fn devices_groups_and_the_boundary_are_taken_away_after_a_question() {
        for (deed, field, value, says) in [
            (
                "deactivate-device",
                "device",
                "arn:aws:iam::123456789012:mfa/ann",
                "Deactivate arn:aws:iam::123456789012:mfa/ann?",
            ),
            ("leave", "group", "readers", "Remove ann from readers?"),
            ("remove-boundary", "boundary", "", "Remove the boundary of ann?"),
            ("delete-inline", "inline", "own", "Delete the policy own?"),
            ("remove-password", "password", "", "Remove the password of ann?"),
        ] {
            let page = fake().post("/identities/users/ann", &[("do", deed), (field, value)]);
            page.shows(&[says, "name=\"sure\""]);
        }
        let fields = [("do", "deactivate-device"), ("device", "arn:x"), ("sure", "1")];
        let page = fake().says("DeactivateMFADevice", "").post("/identities/users/ann", &fields);
        assert_eq!(page.response.status, 303);
    }

    #[test]
    fn the_command_of_what_was_done_is_the_aws_clis() {
        let (fake, console) = (fake().says("DeactivateMFADevice", ""), crate::testing::console());
        let (cookies, token) = fake.signed_in(&console);
        let fields = [
            ("token", token.as_str()),
            ("do", "deactivate-device"),
            ("device", "arn:x"),
            ("sure", "1"),
        ];
        let target = "/identities/users/ann";
        let mut form = crate::testing::request(crate::http::Method::Post, target);
        form.cookies = cookies.clone();
        form.form = crate::http::query(&fields).into_bytes();
        fake.ask(&console, form);
        let mut next = crate::testing::request(crate::http::Method::Get, target);
        next.cookies = cookies;
        fake.ask(&console, next)
            .shows(&["aws iam deactivate-mfa-device --user-name ann --serial-number arn:x"]);
    }
}
