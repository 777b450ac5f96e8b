//! `/identities`: users, roles, groups and policies of the account.

mod actions;
mod buttons;
pub(crate) mod edit;
mod editor;
pub(crate) mod group;
pub(crate) mod inline;
pub(crate) mod new_policy;
pub(crate) mod new_role;
pub(crate) mod parts;
pub(crate) mod policy;
pub(crate) mod role;
mod sessions;
pub(crate) mod trust;
pub(crate) mod user;

use maud::{Markup, html};
use serde_json::Value;

use self::actions::Source::Field;
use self::actions::{Action, Form, Notice, action, perform};
use crate::api::{Problem, list, text};
use crate::cli;
use crate::facade::Pending;
use crate::html::{command, not_told};
use crate::http::encoded;
use crate::iam;
use crate::layout::Page;
use crate::visit::{Reply, Visit};

/// A list of the page.
struct Listed {
    title: &'static str,
    action: &'static str,
    parameters: &'static [(&'static str, &'static str)],
    /// Where the list is in the answer, and the name in an entry.
    list: &'static str,
    name: &'static str,
    /// Where the pages of its entries are, and what of an entry is its address.
    pages: (&'static str, &'static str),
}

const LISTED: [Listed; 4] = [
    Listed {
        title: "Users",
        action: "ListUsers",
        parameters: &[("MaxItems", "1000")],
        list: "/Users",
        name: "/UserName",
        pages: ("users", "/UserName"),
    },
    Listed {
        title: "Roles",
        action: "ListRoles",
        parameters: &[("MaxItems", "1000")],
        list: "/Roles",
        name: "/RoleName",
        pages: ("roles", "/RoleName"),
    },
    Listed {
        title: "Groups",
        action: "ListGroups",
        parameters: &[("MaxItems", "1000")],
        list: "/Groups",
        name: "/GroupName",
        pages: ("groups", "/GroupName"),
    },
    Listed {
        title: "Policies of this account",
        action: "ListPolicies",
        parameters: &[("Scope", "Local"), ("MaxItems", "1000")],
        list: "/Policies",
        name: "/PolicyName",
        pages: ("policies", "/Arn"),
    },
];

const ACTIONS: &[Action] = &[
    action("create-user", "CreateUser", &[("UserName", Field("name"))])
        .failing("The user was not created"),
    action("create-group", "CreateGroup", &[("GroupName", Field("group"))])
        .failing("The group was not created"),
];

/// Lists everybody.
pub(crate) fn show<'a>(visit: &'a Visit<'a>) -> Pending<'a, Reply> {
    Box::pin(async move { page(visit, &Notice::none()).await })
}

/// Creates a user or a group.
pub(crate) fn create<'a>(visit: &'a Visit<'a>) -> Pending<'a, Reply> {
    Box::pin(async move {
        let is_group = visit.form.get("do") == "create-group";
        let name = if is_group { "create-group" } else { "create-user" };
        match perform(visit, ACTIONS, name).await {
            Ok(done) if is_group => {
                let group = visit.form.trimmed("group");
                let text = format!("Group {group} was created. Nobody is in it yet.");
                Reply::done(&format!("/identities/groups/{}", encoded(group)), text, done.cli)
            }
            Ok(done) => {
                let user = visit.form.trimmed("name");
                let text = format!("User {user} was created. It can do nothing yet.");
                Reply::done(&format!("/identities/users/{}", encoded(user)), text, done.cli)
            }
            Err(notice) => page(visit, &notice).await,
        }
    })
}

async fn page(visit: &Visit<'_>, notice: &Notice) -> Reply {
    let mut lists = Vec::new();
    for row in &LISTED {
        let told = iam::call(visit, row.action, row.parameters).await;
        lists.push(listed(row, &told));
    }
    let hint = "Letters, digits and +=,.@_-";
    let user = Form { visit, notice, name: "create-user" };
    let group = Form { visit, notice, name: "create-group" };
    let content = html! {
        (notice.above())
        div.columns { @for list in &lists { (list) } }
        section {
            h2 { "Create" }
            div.actions {
                a.button href="/identities/new-role" { "Create a role" }
                a.button href="/identities/new-policy" { "Create a policy" }
            }
            div.columns {
                (user.around(&user.field("name", "User", hint, "").line(), "", "Create a user"))
                (group.around(&group.field("group", "Group", hint, "").line(), "", "Create a group"))
            }
        }
        (command("The same with the AWS CLI", &cli::line(["iam", "get-account-authorization-details"])))
    };
    Page { title: "Identities", above: &[], content }.with_status(visit, notice.status)
}

fn listed(row: &Listed, told: &Result<Value, Problem>) -> Markup {
    html! {
        section {
            h2 { (row.title) }
            @match told {
                Err(problem) => (not_told(problem)),
                Ok(told) => {
                    @if list(told, row.list).is_empty() { p.quiet { "None." } }
                    @else {
                        ul.names {
                            @for entry in list(told, row.list) {
                                @let (pages, id) = row.pages;
                                li { a href={ "/identities/" (pages) "/" (encoded(text(entry, id))) } { (text(entry, row.name)) } }
                            }
                        }
                    }
                    @if text(told, "/IsTruncated") == "true" { p.quiet { "There are more; the AWS CLI lists them all." } }
                },
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::Fake;

    fn fake() -> Fake {
        Fake::default()
            .says("ListUsers", "<Users><member><UserName>ann</UserName></member></Users>")
            .says("ListPolicies", "<Policies><member><PolicyName>read</PolicyName><Arn>arn:aws:iam::123456789012:policy/read</Arn></member></Policies>")
            .says("CreateUser", "")
    }

    #[test]
    fn who_may_list_some_sees_those_and_reads_why_not_the_others() {
        let page = fake().denies("ListRoles", "no iam:ListRoles").get("/identities");
        page.shows(&[
            "/identities/users/ann",
            "/identities/policies/arn%3Aaws%3Aiam%3A%3A123456789012%3Apolicy%2Fread",
            "no iam:ListRoles",
        ]);
    }

    #[test]
    fn a_new_user_is_shown_next() {
        let page = fake().post("/identities", &[("name", "bob")]);
        assert_eq!((page.response.status, page.header("location")), (303, "/identities/users/bob"));
    }

    #[test]
    fn a_refused_user_is_told_and_stays_typed() {
        let page = fake()
            .denies("CreateUser", "no iam:CreateUser")
            .post("/identities", &[("do", "create-user"), ("name", "bob")]);
        page.shows(&["The user was not created", "no iam:CreateUser", "value=\"bob\""]);
    }

    #[test]
    fn a_group_is_created_and_shown_next() {
        let fields = [("do", "create-group"), ("group", "readers")];
        let page = fake().says("CreateGroup", "").post("/identities", &fields);
        assert_eq!(page.header("location"), "/identities/groups/readers");
        let page = fake().post("/identities", &[("do", "create-group"), ("group", "")]);
        assert_eq!(page.response.status, 400);
        page.shows(&["Nothing was given; expected a value."]);
    }
}
