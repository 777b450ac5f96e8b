//! What the pages of users, groups, roles and policies have in common.

use maud::{Markup, html};
use serde_json::Value;

use super::actions::{Form, Notice};
use super::buttons::button;
use crate::api::{Problem, list, text};
use crate::html::{Field, not_told};
use crate::http::{decoded, encoded};
use crate::iam;
use crate::visit::Visit;

/// What speaks for a user, group or role.
pub(crate) struct HeldPolicies {
    attached: Result<Value, Problem>,
    inline: Result<Value, Problem>,
    known: Result<Value, Problem>,
}

impl HeldPolicies {
    /// Asks for the policies of a `User`, `Group` or `Role`, and for those that could be attached.
    pub(crate) async fn read(visit: &Visit<'_>, kind: &str, name: &str) -> Self {
        let parameter = format!("{kind}Name");
        let of = [(parameter.as_str(), name)];
        Self {
            attached: iam::call(visit, &format!("ListAttached{kind}Policies"), &of).await,
            inline: iam::call(visit, &format!("List{kind}Policies"), &of).await,
            known: iam::call(visit, "ListPolicies", &[("MaxItems", "1000")]).await,
        }
    }

    /// The policies: attached ones, with buttons, and those of its own, with the way to their editor.
    pub(crate) fn section(&self, visit: &Visit<'_>, notice: &Notice) -> Markup {
        html! {
            section {
                h2 { "Policies" }
                @match &self.attached {
                    Err(problem) => (not_told(problem)),
                    Ok(told) => {
                        @if list(told, "/AttachedPolicies").is_empty() { p.quiet { "None is attached." } }
                        ul.names {
                            @for policy in list(told, "/AttachedPolicies") {
                                @let arn = text(policy, "/PolicyArn");
                                li {
                                    a href={ "/identities/policies/" (encoded(arn)) } { (text(policy, "/PolicyName")) } " "
                                    (button(visit, &[("do", "detach"), ("arn", arn)], "quiet", "Detach"))
                                }
                            }
                        }
                    },
                }
                (self.inline(visit))
                (self.attach(visit, notice))
            }
        }
    }

    fn inline(&self, visit: &Visit<'_>) -> Markup {
        let editor = format!("{}/inline", visit.path);
        html! {
            h3 { "Inline policies" }
            @match &self.inline {
                Err(problem) => (not_told(problem)),
                Ok(told) => {
                    @if list(told, "/PolicyNames").is_empty() { p.quiet { "None." } }
                    ul.names {
                        @for name in list(told, "/PolicyNames").iter().filter_map(Value::as_str) {
                            li {
                                a href={ (editor) "?name=" (encoded(name)) } { (name) } " "
                                (button(visit, &[("do", "delete-inline"), ("inline", name)], "quiet", "Delete"))
                            }
                        }
                    }
                },
            }
            p { a href=(editor) { "Write an inline policy" } }
        }
    }

    fn attach(&self, visit: &Visit<'_>, notice: &Notice) -> Markup {
        let form = Form { visit, notice, name: "attach" };
        let hint =
            "Of this account, or one of Amazon's, such as arn:aws:iam::aws:policy/ReadOnlyAccess.";
        let field = form.field("arn", "Attach a policy", hint, "");
        form.around(
            &one_of(&field, &self.known, "/Policies", ("/Arn", "/PolicyName")),
            "quiet",
            "Attach",
        )
    }

    /// The permissions boundary, which is the policy `boundary`, or none where that is empty.
    pub(crate) fn boundary(&self, visit: &Visit<'_>, notice: &Notice, boundary: &str) -> Markup {
        let form = Form { visit, notice, name: "set-boundary" };
        let hint = "What this policy does not allow, no other policy can.";
        let field = form.field("boundary", "Policy", hint, boundary);
        html! {
            section {
                h2 { "Permissions boundary" }
                @if boundary.is_empty() { p.quiet { "None: only its policies decide." } }
                @else {
                    p { a href={ "/identities/policies/" (encoded(boundary)) } { (boundary) } " "
                        (button(visit, &[("do", "remove-boundary")], "quiet", "Remove")) }
                }
                (form.around(&one_of(&field, &self.known, "/Policies", ("/Arn", "/PolicyName")), "quiet", "Set"))
            }
        }
    }
}

/// A field for one of what is listed: a choice where the list was told, a line to type into where it was not. Of an entry,
/// `value` is what is sent and `called` what is shown.
pub(crate) fn one_of(
    field: &Field<'_>,
    told: &Result<Value, Problem>,
    at: &str,
    (value, called): (&str, &str),
) -> Markup {
    let entries = told.as_ref().map(|told| list(told, at)).unwrap_or_default();
    let all = told.as_ref().is_ok_and(|told| text(told, "/IsTruncated") != "true");
    let is_listed = |entry: &Value| text(entry, value) == field.value;
    if entries.is_empty() || !all || !(field.value.is_empty() || entries.iter().any(is_listed)) {
        return field.line();
    }
    let mut values = vec![(String::new(), "Choose one".to_owned())];
    let name = |entry: &Value, at: &str| text(entry, at).to_owned();
    values.extend(entries.iter().map(|entry| (name(entry, value), name(entry, called))));
    field.choice(&values)
}

/// A policy document as `iam` tells it: percent-encoded JSON.
pub(crate) fn document(encoded: &str) -> String {
    crate::html::pretty_text(&decoded(encoded))
}
