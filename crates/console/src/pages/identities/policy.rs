//! `/identities/policies/{arn}`: one managed policy, its versions, and what it is attached to.

use maud::{Markup, html};
use policy::PolicyKind;
use serde_json::Value;

use super::actions::Source::{Field, Page as Named};
use super::actions::{Action, Notice, action, perform};
use super::buttons::button;
use super::parts::document;
use crate::api::{Problem, list, text};
use crate::cli;
use crate::facade::Pending;
use crate::html::{badge, command, facts, not_told, refused};
use crate::http::encoded;
use crate::iam;
use crate::layout::Page;
use crate::policies;
use crate::visit::{Reply, Visit};

const ACTIONS: &[Action] = &[
    action(
        "set-default",
        "SetDefaultPolicyVersion",
        &[("PolicyArn", Named), ("VersionId", Field("version"))],
    )
    .asking(
        "Put {it} in force? Whoever has the policy may then do what it says.",
        "Put it in force",
    ),
    action(
        "delete-version",
        "DeletePolicyVersion",
        &[("PolicyArn", Named), ("VersionId", Field("version"))],
    )
    .asking("Delete {it}? This cannot be undone.", "Delete the version"),
    action("delete", "DeletePolicy", &[("PolicyArn", Named)])
        .asking("Delete the policy {page}? This cannot be undone.", "Delete the policy"),
];

/// Shows the policy, in the version that the query names, or in the one in force.
pub(crate) fn show<'a>(visit: &'a Visit<'a>) -> Pending<'a, Reply> {
    Box::pin(async move { page(visit, &Notice::none()).await })
}

/// Does what a button of the page says.
pub(crate) fn act<'a>(visit: &'a Visit<'a>) -> Pending<'a, Reply> {
    Box::pin(async move {
        match perform(visit, ACTIONS, visit.form.get("do")).await {
            Ok(done) => {
                done.reply(visit, &format!("The policy {} was deleted.", visit.name("arn")))
            }
            Err(notice) => page(visit, &notice).await,
        }
    })
}

/// Whether it is a policy that every account has: nobody changes it.
pub(crate) fn is_everybodys(arn: &str) -> bool {
    arn.starts_with("arn:aws:iam::aws:")
}

async fn page(visit: &Visit<'_>, notice: &Notice) -> Reply {
    let arn = visit.name("arn");
    let above = [("/identities".to_owned(), "Identities")];
    let title = arn.rsplit('/').next().unwrap_or(arn);
    let read = match Read::of(visit, arn).await {
        Ok(read) => read,
        Err(problem) => {
            let content =
                html! { (notice.above()) (refused("The policy cannot be shown", &problem)) };
            return Page { title, above: &above, content }.with_status(visit, problem.status);
        }
    };
    let versions = iam::call(visit, "ListPolicyVersions", &[("PolicyArn", arn)]).await;
    let holders = iam::call(visit, "ListEntitiesForPolicy", &[("PolicyArn", arn)]).await;
    let (id, in_force) = (read.shown.as_str(), text(&read.about, "/Policy/DefaultVersionId"));
    let content = html! {
        (notice.above())
        section {
            h2 { "Policy" }
            (facts(&[
                ("ARN", arn.to_owned()),
                ("About", text(&read.about, "/Policy/Description").to_owned()),
                ("Version in force", in_force.to_owned()),
                ("Attached", text(&read.about, "/Policy/AttachmentCount").to_owned()),
                ("Changed", text(&read.about, "/Policy/UpdateDate").to_owned()),
            ]))
            @if !is_everybodys(arn) {
                div.actions {
                    a.button href={ (visit.path) "/edit" } { "Write a new version" }
                    (button(visit, &[("do", "delete")], "danger", "Delete the policy"))
                }
            }
        }
        section {
            h2 { "What it says" @if id != in_force { " in " (id) } }
            (command("Policy document", &read.document))
            (policies::linted_as(&read.document, PolicyKind::Identity))
        }
        @if let Some(old) = &read.in_force {
            section {
                h2 { "Compared with the policy in force" }
                (policies::comparison_as(PolicyKind::Identity, Some(old), Some(&read.document)))
                (policies::diff(old, &read.document))
            }
        }
        div.columns { (versions_of(visit, &versions, id)) (held_by(&holders)) }
        (command("The same with the AWS CLI", &cli::line(["iam", "get-policy-version", "--policy-arn", arn, "--version-id", id])))
    };
    Page { title, above: &above, content }.with_status(visit, notice.status)
}

/// A policy as the page shows it.
pub(crate) struct Read {
    about: Value,
    /// The version that is shown.
    shown: String,
    /// What it says.
    pub(crate) document: String,
    /// What the version in force says, where another one is shown.
    in_force: Option<String>,
}

impl Read {
    /// The policy in the version that the query names, or in the one in force.
    pub(crate) async fn of(visit: &Visit<'_>, arn: &str) -> Result<Self, Problem> {
        Self::version(visit, arn, visit.query.trimmed("version")).await
    }

    /// The policy in the version that is in force, whatever the query says.
    pub(crate) async fn in_force(visit: &Visit<'_>, arn: &str) -> Result<Self, Problem> {
        Self::version(visit, arn, "").await
    }

    async fn version(visit: &Visit<'_>, arn: &str, named: &str) -> Result<Self, Problem> {
        let about = iam::call(visit, "GetPolicy", &[("PolicyArn", arn)]).await?;
        let default = text(&about, "/Policy/DefaultVersionId").to_owned();
        let shown = match named {
            "" => default.clone(),
            named => named.to_owned(),
        };
        let shown_text = version(visit, arn, &shown).await?;
        let in_force = match shown == default {
            true => None,
            false => Some(version(visit, arn, &default).await?),
        };
        Ok(Self { about, shown, document: shown_text, in_force })
    }
}

async fn version(visit: &Visit<'_>, arn: &str, id: &str) -> Result<String, Problem> {
    let of = [("PolicyArn", arn), ("VersionId", id)];
    let told = iam::call(visit, "GetPolicyVersion", &of).await?;
    Ok(document(text(&told, "/PolicyVersion/Document")))
}

fn versions_of(visit: &Visit<'_>, versions: &Result<Value, Problem>, shown: &str) -> Markup {
    let own = !is_everybodys(visit.name("arn"));
    html! {
        section {
            h2 { "Versions" }
            @match versions {
                Err(problem) => (not_told(problem)),
                Ok(told) => ul.names {
                    @for version in list(told, "/Versions") {
                        @let id = text(version, "/VersionId");
                        li {
                            a href={ (visit.path) "?version=" (encoded(id)) } aria-current=[(id == shown).then_some("true")] { (id) } " "
                            span.quiet { (text(version, "/CreateDate")) } " "
                            @if text(version, "/IsDefaultVersion") == "true" { (badge("good", "In force")) }
                            @else if own {
                                (button(visit, &[("do", "set-default"), ("version", id)], "quiet", "Put in force")) " "
                                (button(visit, &[("do", "delete-version"), ("version", id)], "quiet", "Delete"))
                            }
                        }
                    }
                },
            }
        }
    }
}

fn held_by(holders: &Result<Value, Problem>) -> Markup {
    let kinds = [
        ("/PolicyUsers", "/UserName", "users", "User"),
        ("/PolicyGroups", "/GroupName", "groups", "Group"),
        ("/PolicyRoles", "/RoleName", "roles", "Role"),
    ];
    html! {
        section {
            h2 { "Attached to" }
            @match holders {
                Err(problem) => (not_told(problem)),
                Ok(told) => {
                    @if kinds.iter().all(|(at, ..)| list(told, at).is_empty()) { p.quiet { "Nobody: it is not attached to anything." } }
                    ul.names {
                        @for (at, name, segment, kind) in kinds {
                            @for holder in list(told, at) {
                                li { (kind) " " a href={ "/identities/" (segment) "/" (encoded(text(holder, name))) } { (text(holder, name)) } }
                            }
                        }
                    }
                },
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::Fake;

    const PAGE: &str = "/identities/policies/arn%3Aaws%3Aiam%3A%3Aaws%3Apolicy%2FReadOnlyAccess";

    #[test]
    fn a_policy_is_shown_as_it_is_in_force() {
        let page = Fake::default()
            .says("GetPolicy", "<Policy><DefaultVersionId>v3</DefaultVersionId></Policy>")
            .says("GetPolicyVersion", "<PolicyVersion><Document>%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%5B%5D%7D</Document></PolicyVersion>")
            .get(PAGE);
        page.shows(&["ReadOnlyAccess", "v3", "2012-10-17", "--version-id v3"]);
    }

    #[test]
    fn a_policy_that_may_not_be_read_says_so() {
        let page = Fake::default().denies("GetPolicy", "no iam:GetPolicy").get(PAGE);
        page.shows(&["The policy cannot be shown", "no iam:GetPolicy"]);
    }

    #[test]
    fn another_version_is_shown_beside_the_one_in_force() {
        let page = Fake::default()
            .says("GetPolicy", "<Policy><DefaultVersionId>v3</DefaultVersionId></Policy>")
            .says("GetPolicyVersion", "<PolicyVersion><Document>%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%5B%5D%7D</Document></PolicyVersion>")
            .says("ListPolicyVersions", "<Versions><member><VersionId>v3</VersionId><IsDefaultVersion>true</IsDefaultVersion></member><member><VersionId>v2</VersionId></member></Versions>")
            .get("/identities/policies/arn%3Aaws%3Aiam%3A%3A123456789012%3Apolicy%2Fread?version=v2");
        page.shows(&[
            "What it says in v2",
            "It allows the same requests",
            "In force",
            "Put in force",
        ]);
    }

    #[test]
    fn a_version_is_put_in_force_and_deleted_after_a_question() {
        const OWN: &str = "/identities/policies/arn%3Aaws%3Aiam%3A%3A123456789012%3Apolicy%2Fread";
        for (deed, question) in
            [("set-default", "Put v2 in force?"), ("delete-version", "Delete v2?")]
        {
            let page = Fake::default()
                .says("GetPolicy", "<Policy/>")
                .says("GetPolicyVersion", "<PolicyVersion/>")
                .post(OWN, &[("do", deed), ("version", "v2")]);
            page.shows(&[question, "name=\"version\" value=\"v2\""]);
        }
        let fields = [("do", "set-default"), ("version", "v2"), ("sure", "1")];
        let page = Fake::default().says("SetDefaultPolicyVersion", "").post(OWN, &fields);
        let body = String::from_utf8(page.calls[0].body.clone()).unwrap();
        assert!(body.ends_with("policy%2Fread&VersionId=v2"), "{body}");
    }

    #[test]
    fn a_policy_of_every_account_has_no_buttons() {
        let page = Fake::default()
            .says("GetPolicy", "<Policy><DefaultVersionId>v1</DefaultVersionId></Policy>")
            .says("GetPolicyVersion", "<PolicyVersion/>")
            .get(PAGE);
        page.lacks(&["Delete the policy", "Write a new version"]);
    }
}
