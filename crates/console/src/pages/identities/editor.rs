//! Changing a policy: what was typed is checked and compared with what is in force, and set only after that.

use maud::{Markup, html};
use policy::PolicyKind;

use crate::api::Problem;
use crate::html::{Field, command, pretty_text, refused};
use crate::layout::token;
use crate::policies;
use crate::visit::Visit;

/// What a form of an editor asks for.
pub(crate) enum Asked {
    /// To see what the policy would change.
    Comparison,
    /// To set a policy that is not the one that was compared, or not with what is in force now.
    Uncompared,
    /// To set the policy that was compared.
    Setting,
}

/// What the form asks for, where `old` is in force and `new` was typed.
pub(crate) fn asked(visit: &Visit<'_>, old: &str, new: &str) -> Asked {
    if visit.form.has("compare") {
        Asked::Comparison
    } else if visit.form.get("compared") == policies::digest(old, new) {
        Asked::Setting
    } else {
        Asked::Uncompared
    }
}

/// The policy that was typed, with the ends of lines that it is compared with.
pub(crate) fn typed(visit: &Visit<'_>) -> String {
    visit.form.trimmed("policy").replace("\r\n", "\n")
}

/// An editor of a policy.
pub(crate) struct Editor<'a> {
    /// What kind of policy it is.
    pub(crate) kind: PolicyKind,
    /// The one in force; empty where there is none.
    pub(crate) old: &'a str,
    /// The one that was typed.
    pub(crate) new: &'a str,
    /// Fields above it.
    pub(crate) fields: Markup,
    /// Why it was not set.
    pub(crate) problem: Option<&'a Problem>,
    /// The line of the AWS CLI that sets it.
    pub(crate) cli: String,
}

impl Editor<'_> {
    /// The form, what lint finds, and what would change. `status` is the page's.
    pub(crate) fn markup(&self, visit: &Visit<'_>, status: u16) -> Markup {
        let Self { old, new, .. } = *self;
        let hint = "JSON. It is checked and compared first; what is in force does not change before you set it.";
        let refused_text = self.problem.filter(|it| it.status == 400).map(|it| it.text.clone());
        let is_typed = visit.form.has("policy");
        let unfit = is_typed.then(|| policies::fault(new, self.kind)).flatten();
        let fault = unfit.clone().or(refused_text);
        let field =
            Field { name: "policy", label: "Policy", hint, value: new, fault: fault.as_deref() };
        let may_be_set = new != old && unfit.is_none();
        html! {
            @if let Some(problem) = self.problem { (refused("The policy was not set", problem)) }
            @if status == 409 && self.problem.is_none() {
                p.fault role="alert" { "Nothing was set, because this is not what was compared. Compare it below, then set it." }
            }
            form method="post" action=(visit.path) {
                (token(visit))
                section {
                    (self.fields)
                    (field.lines(16))
                    @if may_be_set { input type="hidden" name="compared" value=(policies::digest(old, new)); }
                    div.actions {
                        button type="submit" name="compare" value="1" { "Check and compare" }
                        @if may_be_set { button.danger type="submit" name="set" value="1" { "Set it" } }
                    }
                }
            }
            section {
                h2 { "Checked" }
                (policies::linted_as(new, self.kind))
            }
            @if new != old {
                section {
                    @if old.is_empty() {
                        h2 { "What it would allow" }
                        (policies::first_of_its_name(self.kind, new))
                    } @else {
                        h2 { "Compared with the policy in force" }
                        (policies::comparison_as(self.kind, Some(old), Some(new)))
                        (policies::diff(old, &pretty_text(new)))
                    }
                }
                (command("The same with the AWS CLI", &self.cli))
            }
        }
    }
}
