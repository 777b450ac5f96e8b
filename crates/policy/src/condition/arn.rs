//! `ArnEquals`, `ArnLike` (they are one) and their negations: six segments, each a pattern.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_ARN>

use super::{Comparison, ValueSyntax};
use crate::arn::six_segments;
use crate::context::Context;
use crate::pattern::{Pattern, Syntax};
use crate::variables::Variable;

/// One ARN value of the policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ArnPattern {
    /// The six segments; none when the text has fewer, and then it equals nothing.
    pub(crate) segments: Option<Vec<Pattern>>,
}

impl ArnPattern {
    pub(crate) fn parse(text: &str, syntax: ValueSyntax) -> Result<ArnPattern, String> {
        let ValueSyntax { variables, domain } = syntax;
        let syntax = Syntax { wildcards: true, variables, fold: false, domain };
        let cut = cut(text, variables);
        let segments: Vec<Pattern> =
            cut.iter().map(|segment| Pattern::parse(segment, syntax)).collect::<Result<_, _>>()?;
        Ok(ArnPattern { segments: (segments.len() == 6).then_some(segments) })
    }

    fn matches(&self, seen: &[&str; 6], context: &Context) -> bool {
        self.segments.as_ref().is_some_and(|segments| {
            segments.iter().zip(seen).all(|(pattern, segment)| pattern.matches(segment, context))
        })
    }

    pub(crate) fn variables(&self) -> impl Iterator<Item = &Variable> {
        self.segments.iter().flatten().flat_map(Pattern::variables)
    }
}

/// Cuts at the first five colons that do not stand in a variable: `${aws:username}` has one.
fn cut(text: &str, variables: bool) -> Vec<&str> {
    let mut segments = Vec::new();
    let mut start = 0;
    let mut in_variable = false;
    for (at, character) in text.char_indices() {
        match character {
            '$' if variables && text.get(at..).is_some_and(|rest| rest.starts_with("${")) => {
                in_variable = true;
            }
            '}' => in_variable = false,
            ':' if !in_variable && segments.len() < 5 => {
                segments.push(text.get(start..at).unwrap_or_default());
                start = at + 1;
            }
            _ => {}
        }
    }
    segments.push(text.get(start..).unwrap_or_default());
    segments
}

/// Compares the request's ARN with the policy's.
pub(crate) fn compare(values: &[ArnPattern], seen: &str, context: &Context) -> Comparison {
    match six_segments(seen) {
        Some(seen) => Comparison::of(values.iter().any(|value| value.matches(&seen, context))),
        None => Comparison::Malformed,
    }
}
