//! What a condition means when the key is absent, has one value, or has several.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html>

use super::{Comparison, Condition, ConditionValues, Quantifier};
use crate::context::{Context, DocumentScope, KeySubject};
use crate::effect::Effect;

impl Condition {
    /// Whether a statement of this effect may match as far as the condition is concerned. One on a document or a field of
    /// which nothing is told holds for the statements that [`DocumentScope`] says.
    pub(crate) fn is_met(&self, effect: Effect, context: &Context) -> bool {
        match context.scope() {
            _ if !self.is_residual() => self.holds(context),
            DocumentScope::Told => match self.key.subject {
                KeySubject::Document => {
                    self.holds_of_document(effect, context.values(&self.key), context)
                }
                _ => self.holds(context),
            },
            DocumentScope::Some => effect == Effect::Allow,
            DocumentScope::Every => effect == Effect::Deny,
        }
    }

    /// Whether it is about a document or a field.
    pub(crate) fn is_residual(&self) -> bool {
        self.key.subject != KeySubject::Request
    }

    /// Whether the condition holds.
    pub(crate) fn holds(&self, context: &Context) -> bool {
        let seen = context.values(&self.key);
        match (self.key.subject, seen) {
            (KeySubject::Field, Some([path])) => self.holds_of_field(path, context),
            _ => self.holds_of(seen, context),
        }
    }

    /// Whether it holds of these values of a document. Of several values an operator without quantifier says nothing that is
    /// defined: it must not let in, and not let pass what a Deny keeps out.
    pub(crate) fn holds_of_document(
        &self,
        effect: Effect,
        seen: Option<&[String]>,
        context: &Context,
    ) -> bool {
        match seen {
            Some([_, _, ..]) if self.is_undefined_of_several() => effect == Effect::Deny,
            _ => self.holds_of(seen, context),
        }
    }

    /// Whether nothing is defined of what it says of several values.
    pub(crate) fn is_undefined_of_several(&self) -> bool {
        let compares = !matches!(self.values, ConditionValues::Nulls(_)) && self.values.len() > 0;
        self.quantifier.is_none() && compares
    }

    /// Whether it holds of a field: what names an object names all that is inside it, and a field its multi-fields
    /// (decision 0154). It names the field when it names it or an object around it.
    pub(crate) fn holds_of_field(&self, path: &str, context: &Context) -> bool {
        if self.values.len() == 0 || matches!(self.values, ConditionValues::Nulls(_)) {
            return self.holds_of(Some(&[path.to_owned()]), context);
        }
        if self.names(path, context) { !self.operator.negated } else { self.accepts(path, context) }
    }

    /// Whether a value matches the path or that of an object around it.
    fn names(&self, path: &str, context: &Context) -> bool {
        let ends = path.match_indices('.').map(|(at, _)| at).chain([path.len()]);
        let mut around = ends.filter_map(|end| path.get(..end));
        around.any(|it| self.values.compare(it, context) == Comparison::Match)
    }

    /// Whether it may hold of something inside the field at `path` and not of the field, or the other way round.
    pub(crate) fn may_name_inside(&self, path: &str, context: &Context) -> bool {
        match &self.values {
            ConditionValues::Nulls(_) => false,
            // What names the field names all that is inside it.
            _ if self.names(path, context) => false,
            ConditionValues::Strings(values) => {
                let inside = format!("{path}.");
                values.iter().any(|value| value.may_match_after(&inside))
            }
            _ => true,
        }
    }

    /// Whether it holds of these values of its key; none: the key is absent.
    pub(crate) fn holds_of(&self, seen: Option<&[String]>, context: &Context) -> bool {
        if let ConditionValues::Nulls(values) = &self.values {
            return super::null::holds(values, self.quantifier, seen.is_none());
        }
        let Some(seen) = seen else { return self.holds_without_the_key() };
        if self.values.len() == 0 {
            // Recorded at Amazon: an empty list is true under a plain operator, and otherwise
            // true only for an absent key.
            return self.quantifier.is_none() && !self.if_exists;
        }
        match (self.quantifier, seen) {
            (None, [only]) => self.accepts(only, context),
            // Undefined at Amazon; here several values need a quantifier (decision 0020).
            (None, _) => false,
            // A data set that is an empty string counts as no data.
            (Some(Quantifier::ForAllValues), [only]) if only.is_empty() => true,
            (Some(Quantifier::ForAllValues), all) => {
                all.iter().all(|value| self.accepts(value, context))
            }
            (Some(Quantifier::ForAnyValue), all) => {
                all.iter().any(|value| self.accepts(value, context))
            }
        }
    }

    fn holds_without_the_key(&self) -> bool {
        match self.quantifier {
            _ if self.if_exists => true,
            Some(Quantifier::ForAllValues) => true,
            Some(Quantifier::ForAnyValue) => false,
            None => self.operator.negated || self.values.len() == 0,
        }
    }

    /// Whether one value of the request satisfies the operator. A negated operator is satisfied
    /// only when none of the policy's values matches.
    pub(crate) fn accepts(&self, seen: &str, context: &Context) -> bool {
        match self.values.compare(seen, context) {
            Comparison::Match => !self.operator.negated,
            Comparison::NoMatch => self.operator.negated,
            Comparison::Malformed => false,
        }
    }
}
