//! What a condition means when the key is absent, has one value, or has several.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html>

use super::{Comparison, Condition, ConditionValues, Quantifier};
use crate::context::Context;

impl Condition {
    /// Whether the condition holds.
    pub(crate) fn holds(&self, context: &Context) -> bool {
        let seen = context.values(&self.key);
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
