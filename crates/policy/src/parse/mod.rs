//! From text to [`Policy`]: strict, and every refusal says which rule and where.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html>

mod statement;

use strsim::levenshtein;

use crate::document::{ParseError, Policy, Version};
use crate::json::{self, JsonKind, JsonMember, JsonNode, TextPlace};
use crate::kind::PolicyKind;
use crate::limits::{DOMAIN_POLICY_BYTES_MAX, POLICY_BYTES_MAX};

/// How a policy is read, beyond its kind.
#[derive(Clone, Debug, Default)]
pub struct ParseOptions {
    /// The size that is refused, in bytes; by default Amazon's limit for the kind.
    pub bytes_max: Option<usize>,
    /// What a domain policy may hold.
    pub domain: DomainRules,
}

/// What a domain's access policy may hold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DomainRules {
    /// What becomes of `aws:SecureTransport` and `aws:PrincipalTag`.
    pub unsupported_keys: UnsupportedKeys,
    /// The domain has a VPC endpoint: conditions on addresses are refused.
    pub vpc: bool,
}

/// What becomes of the elements that Amazon's domain policies do not support: `NotPrincipal`,
/// `aws:SecureTransport` and `aws:PrincipalTag`.
///
/// <https://docs.aws.amazon.com/opensearch-service/latest/developerguide/ac.html#ac-types-resource>
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum UnsupportedKeys {
    /// The policy is refused: what a service does when it is set.
    #[default]
    Refuse,
    /// The keys are absent from every request (`NotPrincipal` is refused): what a simulation does.
    Absent,
    /// They work as everywhere else: a domain option of ours.
    Honour,
}

impl Policy {
    /// Reads a policy document of the given kind.
    ///
    /// # Errors
    /// The first rule that the text breaks, with line, column and JSON pointer. Nothing is ever
    /// partially accepted.
    ///
    /// ```
    /// use policy::{Policy, PolicyKind};
    ///
    /// let text = r#"{"Version": "2012-10-17",
    ///     "Statement": {"Effect": "allow", "Action": "es:*", "Resource": "*"}}"#;
    /// let error = Policy::parse(text, PolicyKind::Identity).unwrap_err();
    /// assert_eq!((error.line, error.pointer.as_str()), (2, "/Statement/Effect"));
    /// ```
    pub fn parse(text: &str, kind: PolicyKind) -> Result<Policy, ParseError> {
        Policy::parse_with(text, kind, &ParseOptions::default())
    }

    /// Reads a policy document with options.
    ///
    /// # Errors
    /// As [`Policy::parse`].
    pub fn parse_with(
        text: &str,
        kind: PolicyKind,
        options: &ParseOptions,
    ) -> Result<Policy, ParseError> {
        let limit = if kind.is_domain() { DOMAIN_POLICY_BYTES_MAX } else { POLICY_BYTES_MAX };
        let limit = options.bytes_max.unwrap_or(limit);
        let parser = Parser { text, kind, domain: options.domain, variables: true };
        if text.len() > limit {
            let message = format!("the policy has {} bytes; the limit is {limit}", text.len());
            return Err(parser.error(0, "", message));
        }
        let node =
            json::read(text).map_err(|fault| parser.error(fault.offset, "", fault.message))?;
        parser.policy(&node)
    }

    /// Reads a policy that stands inside a greater document, whose places the errors name.
    pub(crate) fn parse_node(
        text: &str,
        node: &JsonNode,
        kind: PolicyKind,
        domain: DomainRules,
    ) -> Result<Policy, ParseError> {
        let limit = if kind.is_domain() { DOMAIN_POLICY_BYTES_MAX } else { POLICY_BYTES_MAX };
        let parser = Parser { text, kind, domain, variables: true };
        if node.end - node.offset > limit {
            let message = format!("the policy is larger than {limit} bytes");
            return Err(parser.error(node.offset, "", message));
        }
        parser.policy(node)
    }
}

/// A refusal in the making: byte offset, JSON pointer, message.
struct Parser<'a> {
    text: &'a str,
    kind: PolicyKind,
    domain: DomainRules,
    /// The document's version knows variables.
    variables: bool,
}

impl Parser<'_> {
    fn error(&self, offset: usize, pointer: &str, message: impl Into<String>) -> ParseError {
        let TextPlace { line, column } = TextPlace::of(self.text, offset);
        ParseError { message: message.into(), line, column, pointer: pointer.to_owned() }
    }

    fn policy(mut self, node: &JsonNode) -> Result<Policy, ParseError> {
        let JsonKind::Object(members) = &node.kind else {
            let message = format!("expected a policy object, found {}", node.noun());
            return Err(self.error(node.offset, "", message));
        };
        self.only(members, "", &["Version", "Id", "Statement"])?;
        let version = self.version(node)?;
        if self.kind == PolicyKind::ResourceControl && version != Some(Version::V2012) {
            let message = "a resource control policy has the version 2012-10-17";
            return Err(self.error(node.offset, "/Version", message));
        }
        self.variables = version == Some(Version::V2012);
        let id = match node.member("Id") {
            Some(id) => Some(self.string(id, "/Id")?.to_owned()),
            None => None,
        };
        let Some(list) = node.member("Statement") else {
            return Err(self.error(node.offset, "", "the policy has no `Statement`"));
        };
        let statements = match &list.kind {
            JsonKind::Array(items) => items
                .iter()
                .enumerate()
                .map(|(at, item)| self.statement(item, &format!("/Statement/{at}")))
                .collect::<Result<Vec<_>, _>>()?,
            _ => vec![self.statement(list, "/Statement")?],
        };
        self.distinct_sids(&statements, list)?;
        let own_text = self.text.get(node.offset..node.end).unwrap_or_default();
        let size_without_white_space = significant(own_text);
        Ok(Policy { kind: self.kind, version, id, statements, size_without_white_space })
    }

    fn version(&self, node: &JsonNode) -> Result<Option<Version>, ParseError> {
        let Some(version) = node.member("Version") else { return Ok(None) };
        match self.string(version, "/Version")? {
            "2012-10-17" => Ok(Some(Version::V2012)),
            "2008-10-17" => Ok(Some(Version::V2008)),
            other => {
                let message =
                    format!("unknown version `{other}`: expected 2012-10-17 or 2008-10-17");
                Err(self.error(version.offset, "/Version", message))
            }
        }
    }

    /// Amazon's text; an empty Sid is none.
    fn distinct_sids(
        &self,
        statements: &[crate::document::Statement],
        list: &JsonNode,
    ) -> Result<(), ParseError> {
        let mut seen = std::collections::HashSet::new();
        for (at, statement) in statements.iter().enumerate() {
            let Some(sid) = &statement.sid else { continue };
            if !seen.insert(sid) {
                let message = "Statement IDs (SID) in a single policy must be unique.";
                let pointer = format!("/Statement/{at}/Sid");
                let JsonKind::Array(items) = &list.kind else { continue };
                let place = items.get(at).and_then(|item| item.member("Sid"));
                return Err(self.error(place.map_or(0, |sid| sid.offset), &pointer, message));
            }
        }
        Ok(())
    }

    fn only(
        &self,
        members: &[JsonMember],
        pointer: &str,
        names: &[&str],
    ) -> Result<(), ParseError> {
        match members.iter().find(|member| !names.contains(&member.name.as_str())) {
            None => Ok(()),
            Some(member) => {
                let message = match closest(&member.name, names) {
                    Some(name) => {
                        format!("unknown element `{}`: did you mean `{name}`?", member.name)
                    }
                    None => format!(
                        "unknown element `{}`: expected one of {}",
                        member.name,
                        names.join(", ")
                    ),
                };
                Err(self.error(member.offset, &child(pointer, &member.name), message))
            }
        }
    }

    fn string<'n>(&self, node: &'n JsonNode, pointer: &str) -> Result<&'n str, ParseError> {
        match &node.kind {
            JsonKind::String(text) => Ok(text),
            _ => {
                let message = format!("expected a string, found {}", node.noun());
                Err(self.error(node.offset, pointer, message))
            }
        }
    }

    /// A string or an array of strings, each with its node and pointer.
    fn strings<'n>(
        &self,
        node: &'n JsonNode,
        pointer: &str,
    ) -> Result<Vec<(&'n JsonNode, &'n str, String)>, ParseError> {
        match &node.kind {
            JsonKind::Array(items) => items
                .iter()
                .enumerate()
                .map(|(at, item)| {
                    let pointer = format!("{pointer}/{at}");
                    Ok((item, self.string(item, &pointer)?, pointer))
                })
                .collect(),
            JsonKind::String(text) => Ok(vec![(node, text, pointer.to_owned())]),
            _ => {
                let message =
                    format!("expected a string or an array of strings, found {}", node.noun());
                Err(self.error(node.offset, pointer, message))
            }
        }
    }
}

/// A JSON pointer one level down (RFC 6901: `~` and `/` are escaped).
fn child(pointer: &str, name: &str) -> String {
    format!("{pointer}/{}", name.replace('~', "~0").replace('/', "~1"))
}

/// The name that `seen` most likely meant: at most two letters away, case aside.
pub(crate) fn closest<'a>(seen: &str, names: &[&'a str]) -> Option<&'a str> {
    names
        .iter()
        .map(|name| (levenshtein(&seen.to_ascii_lowercase(), &name.to_ascii_lowercase()), *name))
        .filter(|(distance, name)| *distance <= 2 && *distance < name.len())
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}

/// Characters outside strings that are not white space, and all inside them.
fn significant(text: &str) -> usize {
    let mut in_string = false;
    let mut escaped = false;
    text.chars()
        .filter(|character| {
            let counts = in_string || !character.is_ascii_whitespace();
            match (in_string, escaped, character) {
                (true, true, _) => escaped = false,
                (true, false, '\\') => escaped = true,
                (_, _, '"') => in_string = !in_string,
                _ => {}
            }
            counts
        })
        .count()
}

#[cfg(test)]
mod tests;
