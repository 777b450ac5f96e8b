//! `/identities/new-policy`: a managed policy is created.

use maud::html;
use policy::PolicyKind;

use super::actions::Source::{Field, Optional};
use super::actions::{Action, Form, Notice, action, perform};
use super::inline::BEGINNING;
use crate::api::text;
use crate::facade::Pending;
use crate::http::{Response, encoded};
use crate::layout::{Page, token};
use crate::policies;
use crate::visit::{Reply, Visit};

const ACTIONS: &[Action] = &[action(
    "create",
    "CreatePolicy",
    &[
        ("PolicyName", Field("name")),
        ("Description", Optional("description")),
        ("PolicyDocument", Field("policy")),
    ],
)
.failing("The policy was not created")];

/// Shows the form.
pub(crate) fn show<'a>(visit: &'a Visit<'a>) -> Pending<'a, Reply> {
    Box::pin(async move { page(visit, &Notice::none()) })
}

/// What lint finds in the policy as the form stands: a piece of a page.
pub(crate) fn preview<'a>(visit: &'a Visit<'a>) -> Pending<'a, Reply> {
    let found = policies::linted_as(visit.form.get("policy"), PolicyKind::Identity);
    Box::pin(async move { Response::html(200, found.into_string()).into() })
}

/// Creates the policy; with the button of the preview only shows the form again.
pub(crate) fn create<'a>(visit: &'a Visit<'a>) -> Pending<'a, Reply> {
    Box::pin(async move {
        if visit.form.has("look") {
            return page(visit, &Notice::none());
        }
        match perform(visit, ACTIONS, "create").await {
            Ok(done) => {
                let arn = text(&done.told, "/Policy/Arn");
                let text = "The policy was created. It is not attached to anything yet.";
                Reply::done(&format!("/identities/policies/{}", encoded(arn)), text, done.cli)
            }
            Err(notice) => page(visit, &notice),
        }
    })
}

fn page(visit: &Visit<'_>, notice: &Notice) -> Reply {
    let form = Form { visit, notice, name: "create" };
    let name = form.field("name", "Name", "Letters, digits and +=,.@_-", "");
    let about =
        form.field("description", "Description", "May be empty; it cannot be changed later.", "");
    let policy = form.field("policy", "Policy", "JSON.", BEGINNING);
    let content = html! {
        (notice.above())
        form method="post" action="/identities/new-policy" data-preview="/identities/new-policy/preview" {
            (token(visit))
            input type="hidden" name="do" value="create";
            section { (name.line()) (about.line()) (policy.lines(14)) }
            section {
                h2 { "Checked" }
                div #preview aria-live="polite" { (policies::linted_as(policy.value, PolicyKind::Identity)) }
                div.actions {
                    button type="submit" { "Create" }
                    button.quiet type="submit" name="look" value="1" { "Look again" }
                }
            }
        }
    };
    let above = [("/identities".to_owned(), "Identities")];
    Page { title: "Create a policy", above: &above, content }.with_status(visit, notice.status)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Fake;

    const PAGE: &str = "/identities/new-policy";

    #[test]
    fn a_policy_is_created_and_shown_next() {
        let arn = "<Policy><Arn>arn:aws:iam::123456789012:policy/read</Arn></Policy>";
        let fields = [("do", "create"), ("name", "read"), ("policy", BEGINNING)];
        let page = Fake::default().says("CreatePolicy", arn).post(PAGE, &fields);
        let address = "/identities/policies/arn%3Aaws%3Aiam%3A%3A123456789012%3Apolicy%2Fread";
        assert_eq!((page.response.status, page.header("location")), (303, address));
        let body = String::from_utf8(page.calls[0].body.clone()).unwrap();
        assert!(!body.contains("Description"), "what is empty is left out: {body}");
    }

    #[test]
    fn what_is_missing_is_told_at_its_field_and_what_was_typed_stays() {
        let fields = [("do", "create"), ("name", ""), ("policy", "{\"Version\": 1")];
        let page = Fake::default().post(PAGE, &fields);
        assert_eq!(page.response.status, 400);
        page.shows(&["Nothing was given; expected a value.", "{&quot;Version&quot;: 1", "line 1"]);
        assert!(page.calls.is_empty());
    }

    #[test]
    fn a_preview_is_what_lint_finds() {
        let page = Fake::default().post(&format!("{PAGE}/preview"), &[("policy", "{")]);
        page.shows(&["error"]);
        page.lacks(&["<html"]);
        let fields = [("do", "create"), ("policy", "{"), ("look", "1")];
        assert!(Fake::default().post(PAGE, &fields).calls.is_empty());
    }
}
