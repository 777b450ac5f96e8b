//! What is wrong with a policy though it parses: findings with code, severity, place and remedy.
//!
//! The names follow IAM Access Analyzer's checks where it has them.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html>
//!
//! ```
//! use policy::{PolicyKind, lint::lint};
//!
//! let findings = lint(
//!     r#"{"Version": "2012-10-17", "Statement":
//!         {"Effect": "Allow", "Action": "es:ESHttpGett", "Resource": "*"}}"#,
//!     PolicyKind::Identity,
//! );
//! let [finding] = findings.as_slice() else { panic!("{findings:?}") };
//! assert_eq!((finding.code, finding.pointer.as_str()), ("INVALID_ACTION", "/Statement/Action"));
//! assert_eq!(finding.fix.as_deref(), Some("es:ESHttpGet"));
//! ```

mod access;
mod checks;
mod conditions;
mod format;
mod names;
mod reference;
mod structure;

use serde::Serialize;

use crate::document::{Policy, Statement};
use crate::json::{self, JsonKind, JsonNode, TextPlace};
use crate::kind::PolicyKind;
use crate::parse::{DomainRules, ParseOptions, UnsupportedKeys};

pub use checks::CHECKS;
pub use format::{json, sarif, text};

/// How much a finding matters; the same four steps as Access Analyzer's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Severity {
    /// It could be better.
    Suggestion,
    /// It does not do what it says, or not all of it.
    Warning,
    /// It allows more than its author may think.
    SecurityWarning,
    /// It is refused, or can never do anything.
    Error,
}

/// One finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What was found: a name that scripts may depend on.
    pub code: &'static str,
    /// How much it matters.
    pub severity: Severity,
    /// The JSON pointer of the element; empty for the document.
    pub pointer: String,
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
    /// What is wrong, and why it matters.
    pub message: String,
    /// What to write instead, where that can be said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fix: Option<String>,
}

/// Checks a policy text, gravest findings first, then in document order. A text that does not
/// parse has one finding: why.
pub fn lint(text: &str, kind: PolicyKind) -> Vec<Finding> {
    let domain = DomainRules { unsupported_keys: UnsupportedKeys::Refuse, vpc: false };
    let policy = match Policy::parse_with(text, kind, &ParseOptions { bytes_max: None, domain }) {
        Ok(policy) => policy,
        Err(error) => {
            return vec![Finding {
                code: "SYNTAX_ERROR",
                severity: Severity::Error,
                pointer: error.pointer,
                line: error.line,
                column: error.column,
                message: error.message,
                fix: None,
            }];
        }
    };
    let Ok(root) = json::read(text) else { return Vec::new() };
    let mut findings = Findings { text, root, list: Vec::new() };
    structure::check(&policy, &mut findings);
    for (at, statement) in policy.statements.iter().enumerate() {
        let place = findings.statement(at);
        let scope = Scope { policy: &policy, statement, at: &place };
        names::check(&scope, &mut findings);
        conditions::check(&scope, &mut findings);
        access::check(&scope, &mut findings);
    }
    access::check_whole(&policy, &mut findings);
    let mut list = placed(text, findings.list);
    list.sort_by_key(|it| (std::cmp::Reverse(it.severity), it.line, it.column, it.code));
    list
}

/// Findings with their lines and columns. The text is read once, however many there are.
fn placed(text: &str, mut list: Vec<(usize, Finding)>) -> Vec<Finding> {
    list.sort_by_key(|(offset, _)| *offset);
    let (mut at, mut place) = (0, TextPlace::of(text, 0));
    for (offset, finding) in &mut list {
        place = place.after(text.get(at..*offset).unwrap_or_default());
        at = *offset;
        (finding.line, finding.column) = (place.line, place.column);
    }
    list.into_iter().map(|(_, finding)| finding).collect()
}

/// A place in a policy text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
    /// Characters before it.
    pub offset: usize,
}

/// Where the element that `pointer` names begins and ends in a policy text: the whole text where it is no JSON or has no such element.
///
/// ```
/// use policy::lint::element;
///
/// let (start, end) = element("{\n \"Id\": \"äb\"}", "/Id");
/// assert_eq!((start.line, start.column, start.offset), (2, 8, 9));
/// assert_eq!((end.line, end.column, end.offset), (2, 12, 13));
/// ```
pub fn element(text: &str, pointer: &str) -> (Place, Place) {
    let place = |offset: usize| {
        let TextPlace { line, column } = TextPlace::of(text, offset);
        Place { line, column, offset: text.get(..offset).unwrap_or(text).chars().count() }
    };
    let root = json::read(text).ok();
    let node = root.as_ref().and_then(|root| root.at(pointer));
    let (start, end) = node.map_or((0, text.len()), |node| (node.offset, node.end));
    (place(start), place(end))
}

/// One statement, its policy, and its JSON pointer.
struct Scope<'a> {
    policy: &'a Policy,
    statement: &'a Statement,
    at: &'a str,
}

/// What was found so far, and where things stand.
struct Findings<'a> {
    text: &'a str,
    root: JsonNode,
    /// With the byte where each stands; lines and columns are counted when all are there.
    list: Vec<(usize, Finding)>,
}

impl Findings<'_> {
    /// Adds a finding at the element that `pointer` names.
    fn add(
        &mut self,
        code: &'static str,
        severity: Severity,
        pointer: &str,
        message: impl Into<String>,
    ) {
        self.add_with_fix(code, severity, pointer, message, None);
    }

    /// Adds a finding with what to write instead.
    fn add_with_fix(
        &mut self,
        code: &'static str,
        severity: Severity,
        pointer: &str,
        message: impl Into<String>,
        fix: Option<String>,
    ) {
        let offset = self.offset(pointer);
        let (pointer, message, line, column) = (pointer.to_owned(), message.into(), 0, 0);
        let finding = Finding { code, severity, pointer, line, column, message, fix };
        self.list.push((offset, finding));
    }

    /// The pointer of a statement: `/Statement` alone when the document has no array.
    fn statement(&self, at: usize) -> String {
        match self.root.member("Statement").map(|node| &node.kind) {
            Some(JsonKind::Array(_)) => format!("/Statement/{at}"),
            _ => "/Statement".to_owned(),
        }
    }

    /// The pointer of an entry of an element, which may be one string or an array.
    fn entry(&self, element: &str, at: usize) -> String {
        match self.node(element).map(|node| &node.kind) {
            Some(JsonKind::Array(_)) => format!("{element}/{at}"),
            _ => element.to_owned(),
        }
    }

    fn offset(&self, pointer: &str) -> usize {
        self.node(pointer).map_or(0, |node| node.offset)
    }

    fn node(&self, pointer: &str) -> Option<&JsonNode> {
        self.root.at(pointer)
    }
}

#[cfg(test)]
mod tests;
