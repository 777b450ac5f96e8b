//! What the pages of users and roles have in common: policies that are attached, and buttons that do one thing.

use maud::{Markup, html};
use serde_json::Value;

use crate::api::{Problem, list, text};
use crate::html::Field;
use crate::http::{decoded, encoded};
use crate::layout::token;
use crate::visit::Visit;

/// A button that sends a form with these fields to the page that it is on.
pub(crate) fn button(
    visit: &Visit<'_>,
    fields: &[(&str, &str)],
    class: &str,
    called: &str,
) -> Markup {
    html! {
        form.inline method="post" action=(visit.path) {
            (token(visit))
            @for (name, value) in fields { input type="hidden" name=(name) value=(value); }
            button class=(class) type="submit" { (called) }
        }
    }
}

/// Asks once more: the button that was pressed may have been the wrong one of its row.
pub(crate) fn sure(
    visit: &Visit<'_>,
    question: &str,
    fields: &[(&str, &str)],
    called: &str,
) -> Markup {
    html! {
        section role="alert" {
            h2 { (question) }
            div.actions {
                (button(visit, &[fields, &[("sure", "1")]].concat(), "danger", called))
                a.button.quiet href=(visit.path) { "Leave it as it is" }
            }
        }
    }
}

/// The policies of a user or role: attached ones, with buttons, and the names of those of its own.
pub(crate) fn policies(
    visit: &Visit<'_>,
    attached: &Result<Value, Problem>,
    inline: &Result<Value, Problem>,
) -> Markup {
    let arn = Field {
        name: "arn",
        label: "Attach a policy",
        hint: "Its ARN, such as arn:aws:iam::aws:policy/ReadOnlyAccess.",
        value: "",
        fault: None,
    };
    html! {
        section {
            h2 { "Policies" }
            @match attached {
                Err(problem) => p.quiet { "Not shown to you: " (problem.text) },
                Ok(told) => {
                    @if list(told, "/AttachedPolicies").is_empty() { p.quiet { "None is attached." } }
                    ul.names {
                        @for policy in list(told, "/AttachedPolicies") {
                            @let policy_arn = text(policy, "/PolicyArn");
                            li {
                                a href={ "/identities/policies/" (encoded(policy_arn)) } { (text(policy, "/PolicyName")) } " "
                                (button(visit, &[("do", "detach"), ("arn", policy_arn)], "quiet", "Detach"))
                            }
                        }
                    }
                },
            }
            @if let Ok(told) = inline {
                @let names: Vec<&str> = list(told, "/PolicyNames").iter().filter_map(Value::as_str).collect();
                @if !names.is_empty() { p { "Of its own: " (names.join(", ")) } }
            }
            form method="post" action=(visit.path) {
                (token(visit))
                input type="hidden" name="do" value="attach";
                (arn.line())
                button.quiet type="submit" { "Attach" }
            }
        }
    }
}

/// A policy document as `iam` tells it: percent-encoded JSON.
pub(crate) fn document(encoded: &str) -> String {
    crate::html::pretty_text(&decoded(encoded))
}
