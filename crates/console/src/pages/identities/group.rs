//! `/identities/groups/{group}`: one group, who is in it and what it allows them.

use maud::{Markup, html};
use serde_json::Value;

use super::actions::Source::{Field, Page as Named};
use super::actions::{Action, Form, Notice, action, perform};
use super::buttons::button;
use super::parts::{HeldPolicies, one_of};
use crate::api::{Problem, list, text};
use crate::cli;
use crate::facade::Pending;
use crate::html::{command, facts, not_told};
use crate::http::encoded;
use crate::iam;
use crate::layout::Page;
use crate::visit::{Reply, Visit};

const ACTIONS: &[Action] = &[
    action("add", "AddUserToGroup", &[("GroupName", Named), ("UserName", Field("user"))]),
    action("take-out", "RemoveUserFromGroup", &[("GroupName", Named), ("UserName", Field("user"))])
        .asking("Remove {it} from {page}? It loses what the group allows.", "Remove"),
    action("attach", "AttachGroupPolicy", &[("GroupName", Named), ("PolicyArn", Field("arn"))]),
    action("detach", "DetachGroupPolicy", &[("GroupName", Named), ("PolicyArn", Field("arn"))])
        .asking("Detach {it}? The members of {page} lose what it allows.", "Detach"),
    action(
        "delete-inline",
        "DeleteGroupPolicy",
        &[("GroupName", Named), ("PolicyName", Field("inline"))],
    )
    .asking("Delete the policy {it}? The members of {page} lose what it allows.", "Delete"),
    action("delete", "DeleteGroup", &[("GroupName", Named)])
        .asking("Delete the group {page}? This cannot be undone.", "Delete the group"),
];

/// Shows the group.
pub(crate) fn show<'a>(visit: &'a Visit<'a>) -> Pending<'a, Reply> {
    Box::pin(async move { page(visit, &Notice::none()).await })
}

/// Does what a button of the page says.
pub(crate) fn act<'a>(visit: &'a Visit<'a>) -> Pending<'a, Reply> {
    Box::pin(async move {
        match perform(visit, ACTIONS, visit.form.get("do")).await {
            Ok(done) => done.reply(visit, &format!("Group {} was deleted.", visit.name("group"))),
            Err(notice) => page(visit, &notice).await,
        }
    })
}

async fn page(visit: &Visit<'_>, notice: &Notice) -> Reply {
    let group = visit.name("group");
    let of = [("GroupName", group), ("MaxItems", "1000")];
    let found = iam::call(visit, "GetGroup", &of).await;
    let users = iam::call(visit, "ListUsers", &[("MaxItems", "1000")]).await;
    let held = HeldPolicies::read(visit, "Group", group).await;
    let content = html! {
        (notice.above())
        section {
            h2 { "Group" }
            @match &found {
                Err(problem) => (not_told(problem)),
                Ok(told) => (facts(&[
                    ("ARN", text(told, "/Group/Arn").to_owned()),
                    ("Id", text(told, "/Group/GroupId").to_owned()),
                    ("Created", text(told, "/Group/CreateDate").to_owned()),
                ])),
            }
            div.actions { (button(visit, &[("do", "delete")], "danger", "Delete the group")) }
        }
        (members(visit, notice, &found, &users))
        (held.section(visit, notice))
        (command("The same with the AWS CLI", &cli::line(["iam", "get-group", "--group-name", group])))
    };
    let above = [("/identities".to_owned(), "Identities")];
    Page { title: group, above: &above, content }.with_status(visit, notice.status)
}

fn members(
    visit: &Visit<'_>,
    notice: &Notice,
    found: &Result<Value, Problem>,
    users: &Result<Value, Problem>,
) -> Markup {
    let form = Form { visit, notice, name: "add" };
    let field = form.field("user", "Add a user", "The group's policies apply to it, too.", "");
    html! {
        section {
            h2 { "Members" }
            @if let Ok(told) = found {
                @if list(told, "/Users").is_empty() { p.quiet { "None." } }
                ul.names {
                    @for user in list(told, "/Users") {
                        @let name = text(user, "/UserName");
                        li {
                            a href={ "/identities/users/" (encoded(name)) } { (name) } " "
                            (button(visit, &[("do", "take-out"), ("user", name)], "quiet", "Remove"))
                        }
                    }
                }
                @if text(told, "/IsTruncated") == "true" { p.quiet { "There are more; the AWS CLI lists them all." } }
            }
            (form.around(&one_of(&field, users, "/Users", ("/UserName", "/UserName")), "quiet", "Add"))
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::Fake;

    const PAGE: &str = "/identities/groups/readers";

    fn fake() -> Fake {
        Fake::default()
            .says("GetGroup", "<Group><Arn>arn:aws:iam::123456789012:group/readers</Arn></Group><Users><member><UserName>ann</UserName></member></Users>")
            .says("ListUsers", "<Users><member><UserName>ann</UserName></member><member><UserName>bob</UserName></member></Users>")
            .says("ListAttachedGroupPolicies", "<AttachedPolicies/>")
            .says("ListGroupPolicies", "<PolicyNames><member>reading</member></PolicyNames>")
    }

    #[test]
    fn a_group_shows_its_members_who_could_be_and_its_policies() {
        fake().get(PAGE).shows(&[
            "/identities/users/ann",
            "<option value=\"bob\">",
            "/identities/groups/readers/inline?name=reading",
            "None is attached.",
        ]);
    }

    #[test]
    fn a_member_is_added_and_taken_out_after_a_question() {
        let added = fake().says("AddUserToGroup", "").post(PAGE, &[("do", "add"), ("user", "bob")]);
        assert_eq!((added.response.status, added.header("location")), (303, PAGE));
        let body = String::from_utf8(added.calls[0].body.clone()).unwrap();
        assert!(body.ends_with("GroupName=readers&UserName=bob"), "{body}");
        let asked = fake().post(PAGE, &[("do", "take-out"), ("user", "ann")]);
        asked.shows(&["Remove ann from readers?", "name=\"sure\""]);
    }

    #[test]
    fn a_field_that_is_empty_is_told_at_the_field_and_nothing_is_sent() {
        let page = fake().post(PAGE, &[("do", "add"), ("user", " ")]);
        assert_eq!(page.response.status, 400);
        page.shows(&["Nothing was given; expected a value."]);
        assert!(page.calls.iter().all(|call| !call.body.starts_with(b"Action=Add")));
    }

    #[test]
    fn a_refusal_stands_at_the_field_that_it_is_about() {
        let page = fake()
            .denies("AttachGroupPolicy", "no iam:AttachGroupPolicy")
            .post(PAGE, &[("do", "attach"), ("arn", "arn:aws:iam::aws:policy/ReadOnlyAccess")]);
        page.shows(&[
            "It was not done",
            "no iam:AttachGroupPolicy",
            "value=\"arn:aws:iam::aws:policy/ReadOnlyAccess\"",
        ]);
    }

    #[test]
    fn a_deleted_group_leads_back_to_all() {
        let fields = [("do", "delete"), ("sure", "1")];
        let page = fake().says("DeleteGroup", "").post(PAGE, &fields);
        assert_eq!(page.header("location"), "/identities");
    }
}
