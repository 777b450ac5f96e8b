//! `/identities`: users, roles, groups and policies of the account.

pub(crate) mod parts;
pub(crate) mod policy;
pub(crate) mod role;
pub(crate) mod user;

use maud::{Markup, html};
use serde_json::Value;

use crate::api::{Problem, list, text};
use crate::cli;
use crate::facade::Pending;
use crate::html::{Field, command, refused};
use crate::http::encoded;
use crate::iam;
use crate::layout::{Page, token};
use crate::visit::{Reply, Visit};

/// A list of the page.
struct Listed {
    title: &'static str,
    action: &'static str,
    parameters: &'static [(&'static str, &'static str)],
    /// Where the list is in the answer, and the name in an entry.
    list: &'static str,
    name: &'static str,
    /// Where entries have pages of their own, and what of an entry is its address.
    pages: Option<(&'static str, &'static str)>,
}

const LISTED: [Listed; 4] = [
    Listed {
        title: "Users",
        action: "ListUsers",
        parameters: &[],
        list: "/Users",
        name: "/UserName",
        pages: Some(("users", "/UserName")),
    },
    Listed {
        title: "Roles",
        action: "ListRoles",
        parameters: &[],
        list: "/Roles",
        name: "/RoleName",
        pages: Some(("roles", "/RoleName")),
    },
    Listed {
        title: "Groups",
        action: "ListGroups",
        parameters: &[],
        list: "/Groups",
        name: "/GroupName",
        pages: None,
    },
    Listed {
        title: "Policies of this account",
        action: "ListPolicies",
        parameters: &[("Scope", "Local")],
        list: "/Policies",
        name: "/PolicyName",
        pages: Some(("policies", "/Arn")),
    },
];

/// Lists everybody.
pub(crate) fn show<'a>(visit: &'a Visit<'a>) -> Pending<'a, Reply> {
    Box::pin(async move { page(visit, None, 200).await })
}

/// Creates a user.
pub(crate) fn create_user<'a>(visit: &'a Visit<'a>) -> Pending<'a, Reply> {
    Box::pin(async move {
        let name = visit.form.trimmed("name");
        match iam::call(visit, "CreateUser", &[("UserName", name)]).await {
            Ok(_) => {
                let line = cli::line(["iam", "create-user", "--user-name", name]);
                let address = format!("/identities/users/{}", encoded(name));
                Reply::done(
                    &address,
                    format!("User {name} was created. It can do nothing yet."),
                    line,
                )
            }
            Err(problem) => page(visit, Some(&problem), problem.status).await,
        }
    })
}

async fn page(visit: &Visit<'_>, problem: Option<&Problem>, status: u16) -> Reply {
    let mut lists = Vec::new();
    for row in &LISTED {
        let told = iam::call(visit, row.action, row.parameters).await;
        lists.push(listed(row, &told));
    }
    let typed = visit.form.trimmed("name");
    let field = Field {
        name: "name",
        label: "Name",
        hint: "Letters, digits and +=,.@_-",
        value: typed,
        fault: None,
    };
    let content = html! {
        @if let Some(problem) = problem { (refused("The user was not created", problem)) }
        div.columns { @for list in &lists { (list) } }
        section {
            h2 { "Create a user" }
            form method="post" action="/identities" { (token(visit)) (field.line()) button type="submit" { "Create" } }
        }
        (command("The same with the AWS CLI", &cli::line(["iam", "get-account-authorization-details"])))
    };
    Page { title: "Identities", above: &[], content }.with_status(visit, status)
}

fn listed(row: &Listed, told: &Result<Value, Problem>) -> Markup {
    html! {
        section {
            h2 { (row.title) }
            @match told {
                Err(problem) => p.quiet { "Not shown to you: " (problem.text) },
                Ok(told) => {
                    @if list(told, row.list).is_empty() { p.quiet { "None." } }
                    @else {
                        ul.names {
                            @for entry in list(told, row.list) {
                                li {
                                    @match row.pages {
                                        Some((pages, id)) => a href={ "/identities/" (pages) "/" (encoded(text(entry, id))) } { (text(entry, row.name)) },
                                        None => (text(entry, row.name)),
                                    }
                                }
                            }
                        }
                    }
                    @if text(told, "/IsTruncated") == "true" { p.quiet { "There are more: the AWS CLI lists all." } }
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
            .post("/identities", &[("name", "bob")]);
        page.shows(&["The user was not created", "no iam:CreateUser", "value=\"bob\""]);
    }
}
