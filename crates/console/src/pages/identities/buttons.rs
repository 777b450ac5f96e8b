//! Buttons that do one thing, and the question before what takes something away.

use maud::{Markup, html};

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
