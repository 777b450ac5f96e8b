//! That an edit frees the request and no other: asked of the comparison of policies.
//!
//! Both texts are those that the request's caller sees: statements that do not name it are left out, names of principals too. Nobody
//! else gains anything by an edit, because it names its caller or is in a policy that is its caller's own.

use serde_json::{Value, json};

use super::edit::Asked;
use crate::compare::{Answer, Effort, gained};
use crate::{Effect, Policy, PolicyKind};

/// What a proof may cost: one statement is compared with few.
const CELLS_MAX: usize = 20_000;

/// Between which requests an edit is compared.
#[derive(Clone, Copy, Default)]
pub(super) struct Compared<'a> {
    /// Those of the actions that there are.
    pub(super) of_known: bool,
    /// Those about this domain, whose own policy it is.
    pub(super) domain: Option<&'a str>,
}

impl Compared<'_> {
    /// Policies' statements that allow all of them.
    fn everything(self, asked: &Asked) -> Vec<Value> {
        let resource = match self.domain {
            Some(domain) => json!([domain, format!("{domain}/*")]),
            None => json!("*"),
        };
        let allow = |element: &str, actions: Value| json!({"Effect": "Allow", element: actions, "Resource": resource});
        match self.of_known {
            false => vec![allow("Action", "*".into())],
            true => {
                let (known, service) = asked.known_of_the_service();
                vec![allow("Action", json!(known)), allow("NotAction", service.into())]
            }
        }
    }
}

/// Whether `after` allows nothing that `before` does not, but for the request; and all that `before` allows. Both are the statements
/// of one effect; of those that deny it is compared what they leave of everything.
pub(super) fn only_asked(
    asked: &Asked,
    (effect, compared): (Effect, Compared<'_>),
    before: &[Value],
    after: &[Value],
) -> bool {
    let around = match effect {
        Effect::Allow => Vec::new(),
        Effect::Deny => compared.everything(asked),
    };
    let of = |statements: &[Value], request: Option<Value>| {
        let statements: Vec<&Value> = around.iter().chain(statements).chain(&request).collect();
        let text = json!({"Version": "2012-10-17", "Statement": statements}).to_string();
        Policy::parse(&text, PolicyKind::Identity).ok()
    };
    let (Some(old), Some(new), Some(new_but_request)) =
        (of(before, None), of(after, None), of(after, Some(asked.denied())))
    else {
        return false;
    };
    let none = |old: &Policy, new: &Policy| gained(old, new, &Effort::of(CELLS_MAX)) == Answer::No;
    none(&old, &new_but_request) && none(&new, &old)
}
