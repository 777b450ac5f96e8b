//! `/identities/roles/{role}`: one role, whom it trusts and what it may do.

use maud::{Markup, html};
use policy::PolicyKind;
use serde_json::Value;

use super::actions::Source::{Field, Page as Named};
use super::actions::{Action, Form, Notice, action, perform};
use super::buttons::button;
use super::parts::{HeldPolicies, document};
use super::sessions;
use crate::api::{Problem, text};
use crate::cli;
use crate::facade::Pending;
use crate::html::{command, facts, not_told};
use crate::iam;
use crate::layout::Page;
use crate::policies;
use crate::visit::{Reply, Visit};

const ACTIONS: &[Action] = &[
    action("attach", "AttachRolePolicy", &[("RoleName", Named), ("PolicyArn", Field("arn"))]),
    action("detach", "DetachRolePolicy", &[("RoleName", Named), ("PolicyArn", Field("arn"))])
        .asking("Detach {it}? {page} loses what it allows.", "Detach"),
    action(
        "delete-inline",
        "DeleteRolePolicy",
        &[("RoleName", Named), ("PolicyName", Field("inline"))],
    )
    .asking("Delete the policy {it}? {page} loses what it allows.", "Delete"),
    action(
        "set-boundary",
        "PutRolePermissionsBoundary",
        &[("RoleName", Named), ("PermissionsBoundary", Field("boundary"))],
    )
    .asking(
        "Make {it} the boundary of {page}? From then on {page} cannot do what it does not allow.",
        "Set it",
    ),
    action("remove-boundary", "DeleteRolePermissionsBoundary", &[("RoleName", Named)])
        .asking("Remove the boundary of {page}? From then on only its policies decide.", "Remove"),
    action(
        "set-session",
        "UpdateRole",
        &[("RoleName", Named), ("MaxSessionDuration", Field("seconds"))],
    ),
    action("delete", "DeleteRole", &[("RoleName", Named)]).asking(
        "Delete the role {page}? Its sessions end at once, and this cannot be undone.",
        "Delete the role",
    ),
];

/// Shows the role.
pub(crate) fn show<'a>(visit: &'a Visit<'a>) -> Pending<'a, Reply> {
    Box::pin(async move { page(visit, &Notice::none()).await })
}

/// Does what a button of the page says.
pub(crate) fn act<'a>(visit: &'a Visit<'a>) -> Pending<'a, Reply> {
    Box::pin(async move {
        if let Some(revoked) = sessions::revoke(visit, ("role", visit.name("role"))).await {
            return match revoked {
                Ok(done) => done,
                Err(notice) => page(visit, &notice).await,
            };
        }
        match perform(visit, ACTIONS, visit.form.get("do")).await {
            Ok(done) => done.reply(visit, &format!("Role {} was deleted.", visit.name("role"))),
            Err(notice) => page(visit, &notice).await,
        }
    })
}

async fn page(visit: &Visit<'_>, notice: &Notice) -> Reply {
    let role = visit.name("role");
    let found = iam::call(visit, "GetRole", &[("RoleName", role)]).await;
    let held = HeldPolicies::read(visit, "Role", role).await;
    let live = sessions::read(visit, ("role", role)).await;
    let content = html! {
        (notice.above())
        (about(visit, &found))
        (trust(visit, &found))
        @if let Ok(told) = &found { (session_length(visit, notice, text(told, "/Role/MaxSessionDuration"))) }
        (held.section(visit, notice))
        (sessions::section(visit, ("role", role), &live))
        @if let Ok(told) = &found {
            (held.boundary(visit, notice, text(told, "/Role/PermissionsBoundary/PermissionsBoundaryArn")))
        }
        (command("The same with the AWS CLI", &cli::line(["iam", "get-role", "--role-name", role])))
    };
    let above = [("/identities".to_owned(), "Identities")];
    Page { title: role, above: &above, content }.with_status(visit, notice.status)
}

fn about(visit: &Visit<'_>, found: &Result<Value, Problem>) -> Markup {
    html! {
        section {
            h2 { "Role" }
            @match found {
                Err(problem) => (not_told(problem)),
                Ok(told) => (facts(&[
                    ("ARN", text(told, "/Role/Arn").to_owned()),
                    ("Id", text(told, "/Role/RoleId").to_owned()),
                    ("About", text(told, "/Role/Description").to_owned()),
                    ("Created", text(told, "/Role/CreateDate").to_owned()),
                    ("Last used", text(told, "/Role/RoleLastUsed/LastUsedDate").to_owned()),
                ])),
            }
            div.actions { (button(visit, &[("do", "delete")], "danger", "Delete the role")) }
        }
    }
}

fn trust(visit: &Visit<'_>, found: &Result<Value, Problem>) -> Markup {
    let Ok(told) = found else { return html! {} };
    let document = document(text(told, "/Role/AssumeRolePolicyDocument"));
    html! {
        section {
            h2 { "Whom it trusts" }
            (command("Trust policy", &document))
            (policies::linted_as(&document, PolicyKind::Trust))
            div.actions { a.button.quiet href={ (visit.path) "/trust" } { "Change whom it trusts" } }
        }
    }
}

fn session_length(visit: &Visit<'_>, notice: &Notice, seconds: &str) -> Markup {
    let form = Form { visit, notice, name: "set-session" };
    let field = form.field("seconds", "Longest session", "Seconds, 3600 to 43200.", seconds);
    html! {
        section {
            h2 { "Length of sessions" }
            (form.around(&field.line(), "quiet", "Set"))
        }
    }
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

    #[test]
    fn the_longest_session_is_changed_and_a_refusal_stands_at_its_field() {
        let role = "<Role><MaxSessionDuration>3600</MaxSessionDuration></Role>";
        let fields = [("do", "set-session"), ("seconds", "7200")];
        let fake = || Fake::default().says("GetRole", role);
        fake()
            .get("/identities/roles/app")
            .shows(&["value=\"3600\"", "/identities/roles/app/trust"]);
        let page = fake().says("UpdateRole", "").post("/identities/roles/app", &fields);
        assert_eq!(page.response.status, 303);
        let message = "1 validation error detected: Value '7' at 'maxSessionDuration' failed to satisfy constraint";
        let page = fake().denies("UpdateRole", message).post("/identities/roles/app", &fields);
        page.shows(&["aria-invalid=\"true\"", "value=\"7200\""]);
    }

    #[test]
    fn a_role_is_deleted_after_a_question_and_its_boundary_set_or_removed() {
        for (deed, says) in
            [("delete", "Delete the role app?"), ("remove-boundary", "Remove the boundary of app?")]
        {
            let page = Fake::default().post("/identities/roles/app", &[("do", deed)]);
            page.shows(&[says, "name=\"sure\""]);
        }
        let set = [("do", "set-boundary"), ("boundary", "arn:aws:iam::aws:policy/ReadOnlyAccess")];
        for page in ["/identities/roles/app", "/identities/users/app"] {
            let page = Fake::default().post(page, &set);
            page.shows(&["policy/ReadOnlyAccess the boundary of app?", "name=\"sure\""]);
            assert!(page.calls.iter().all(|call| !call.body.starts_with(b"Action=Put")));
        }
        let nothing = [("do", "set-boundary"), ("boundary", " ")];
        let page = Fake::default().post("/identities/roles/app", &nothing);
        assert_eq!(page.response.status, 400);
        let page = Fake::default()
            .says("DeleteRole", "")
            .post("/identities/roles/app", &[("do", "delete"), ("sure", "1")]);
        assert_eq!(page.header("location"), "/identities");
    }
}
