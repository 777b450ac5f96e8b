//! `Resource` and `NotResource`: ARN patterns, compared segment by segment.
//!
//! A wildcard in one of the first five segments stays within it; in the last it spans whatever
//! follows, colons included. Variables stand in the last segment only.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html>

use crate::arn::six_segments;
use crate::context::Context;
use crate::pattern::{Pattern, Syntax};

/// A `Resource` or `NotResource` element.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Resources {
    pub(crate) negated: bool,
    pub(crate) patterns: Vec<ResourcePattern>,
}

/// One entry of the element.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ResourcePattern {
    source: String,
    shape: Shape,
}

/// How an entry is compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// `*`: every resource, and actions that have none.
    Everything,
    /// Five literal segments, their colons included, and a pattern for the sixth.
    Head { literal: String, tail: Pattern },
    /// Wildcards among the first five segments.
    Segments { head: Vec<Pattern>, tail: Pattern },
}

/// The resource of a request, cut once for all comparisons.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Target<'a> {
    pub(crate) text: &'a str,
    /// The six segments, when the text is an ARN.
    pub(crate) segments: Option<[&'a str; 6]>,
}

impl<'a> Target<'a> {
    pub(crate) fn new(text: &'a str) -> Target<'a> {
        Target { text, segments: six_segments(text) }
    }
}

impl ResourcePattern {
    /// Reads one entry: `*` or an ARN pattern. `variables`: the policy's version knows them.
    pub(crate) fn parse(
        source: &str,
        variables: bool,
        domain: bool,
    ) -> Result<ResourcePattern, String> {
        let shape = if !source.is_empty() && source.chars().all(|character| character == '*') {
            Shape::Everything
        } else {
            Shape::parse(source, variables, domain)?
        };
        Ok(ResourcePattern { source: source.to_owned(), shape })
    }

    /// Whether the entry covers `target`.
    pub(crate) fn matches(&self, target: &Target<'_>, context: &Context) -> bool {
        match &self.shape {
            Shape::Everything => true,
            Shape::Head { literal, tail } => target
                .text
                .strip_prefix(literal.as_str())
                .is_some_and(|rest| tail.matches(rest, context)),
            Shape::Segments { head, tail } => {
                let Some([first @ .., last]) = &target.segments else { return false };
                head.iter().zip(first).all(|(pattern, segment)| pattern.matches(segment, context))
                    && tail.matches(last, context)
            }
        }
    }

    /// The entry as written.
    pub(crate) fn source(&self) -> &str {
        &self.source
    }

    /// How the entry is compared.
    pub(crate) fn shape(&self) -> &Shape {
        &self.shape
    }

    /// The pattern of the last segment; none for `*`.
    pub(crate) fn tail(&self) -> Option<&Pattern> {
        match &self.shape {
            Shape::Everything => None,
            Shape::Head { tail, .. } | Shape::Segments { tail, .. } => Some(tail),
        }
    }

    /// The literal text with which every covered resource begins.
    pub(crate) fn prefix(&self) -> String {
        match &self.shape {
            Shape::Everything => String::new(),
            Shape::Head { literal, tail } => format!("{literal}{}", tail.prefix()),
            Shape::Segments { head, .. } => {
                let mut prefix = String::new();
                for pattern in head {
                    match pattern.literal() {
                        Some(literal) => prefix.extend([literal, ":"]),
                        None => {
                            prefix.push_str(pattern.prefix());
                            return prefix;
                        }
                    }
                }
                prefix
            }
        }
    }
}

impl Shape {
    fn parse(source: &str, variables: bool, domain: bool) -> Result<Shape, String> {
        let refused = || format!("Resource {source} must be in ARN format or \"*\".");
        let mut segments: Vec<&str> = source.splitn(6, ':').collect();
        let short = segments.len() < 6;
        let open_ended = segments.last().is_some_and(|last| last.ends_with('*'));
        if segments.first() != Some(&"arn") || (short && !(open_ended && segments.len() > 2)) {
            return Err(refused());
        }
        // Amazon reads `arn:aws:es:*` as if the segments that are not there were stars.
        segments.resize(6, "*");
        if segments.get(2).is_some_and(|service| service.contains(['*', '?']) && !short) {
            return Err(format!(
                "Resource vendor must be fully qualified and cannot contain regexes: `{source}`"
            ));
        }
        let Some((last, first)) = segments.split_last() else { return Err(refused()) };
        let literal = Syntax { wildcards: true, variables: false, fold: false, domain };
        let tail = Pattern::parse(last, Syntax { variables, ..literal })?;
        if first.iter().any(|segment| segment.contains(['*', '?'])) {
            let head = first.iter().map(|segment| Pattern::parse(segment, literal));
            return Ok(Shape::Segments { head: head.collect::<Result<_, _>>()?, tail });
        }
        Ok(Shape::Head { literal: format!("{}:", first.join(":")), tail })
    }
}

impl Resources {
    /// Whether the element covers `target`.
    pub(crate) fn matches(&self, target: &Target<'_>, context: &Context) -> bool {
        self.patterns.iter().any(|entry| entry.matches(target, context)) != self.negated
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(pattern: &str, resource: &str) -> bool {
        let mut context = Context::new();
        context.set("aws:username", "ann");
        ResourcePattern::parse(pattern, true, false)
            .unwrap()
            .matches(&Target::new(resource), &context)
    }

    #[test]
    fn a_wildcard_stays_in_its_segment_but_spans_all_of_the_last() {
        let resource = "arn:aws:es:us-east-1:123456789012:domain/logs/a:b/c";
        assert!(matches("arn:aws:es:*:*:domain/logs/*", resource));
        assert!(matches("arn:aws:es:us-*-1:123456789012:domain/*/c", resource));
        assert!(!matches("arn:aws:es:*:domain/logs/*", resource));
        assert!(matches("*", resource));
        assert!(matches("*", "*"));
        assert!(!matches("arn:aws:es:*:*:*", "*"));
    }

    #[test]
    fn a_domains_star_path_excludes_the_domain_itself() {
        let pattern = "arn:aws:es:us-east-1:123456789012:domain/logs/*";
        assert!(!matches(pattern, "arn:aws:es:us-east-1:123456789012:domain/logs"));
        assert!(matches(pattern, "arn:aws:es:us-east-1:123456789012:domain/logs/"));
    }

    #[test]
    fn a_variable_stands_after_the_fifth_colon_only() {
        assert!(matches("arn:aws:s3:::home/${aws:username}/*", "arn:aws:s3:::home/ann/x"));
        assert!(!matches("arn:aws:s3:${aws:username}::x", "arn:aws:s3:ann::x"));
        assert!(matches("arn:aws:s3:::${aws:no, 'a:b'}", "arn:aws:s3:::a:b"));
    }

    #[test]
    fn an_entry_that_is_no_arn_is_refused_in_amazons_words() {
        let error = |source| ResourcePattern::parse(source, true, false).unwrap_err();
        assert_eq!(error("logs"), "Resource logs must be in ARN format or \"*\".");
        assert_eq!(error(""), "Resource  must be in ARN format or \"*\".");
        assert_eq!(error("arn:aws:es"), "Resource arn:aws:es must be in ARN format or \"*\".");
        assert_eq!(
            error("arn:aws:e*:us-east-1:1:domain/x"),
            "Resource vendor must be fully qualified and cannot contain regexes: \
             `arn:aws:e*:us-east-1:1:domain/x`"
        );
    }

    #[test]
    fn an_open_ended_short_arn_reads_as_if_stars_followed() {
        assert!(matches("arn:aws:es:*", "arn:aws:es:us-east-1:1:domain/x/y"));
        assert!(!matches("arn:aws:es:*", "arn:aws:s3:::x"));
    }
}
