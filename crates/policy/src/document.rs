//! A policy document: version, id and statements, as parsed. [`crate::parse`] reads it.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html>

use std::fmt;

use crate::action::Actions;
use crate::condition::Condition;
use crate::effect::Effect;
use crate::kind::PolicyKind;
use crate::principal::{PrincipalName, Principals};
use crate::residual::StatementRest;
use crate::resource::Resources;

/// The version of the language.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Version {
    /// `2008-10-17`, or no version at all: variables are literal text.
    V2008,
    /// `2012-10-17`.
    V2012,
}

/// A parsed policy. It prints as canonical JSON, which parses to an equal policy.
///
/// ```
/// use policy::{Policy, PolicyKind};
///
/// let policy = Policy::parse(
///     r#"{"Version": "2012-10-17",
///         "Statement": {"Effect": "Allow", "Action": "es:ESHttpGet", "Resource": "*"}}"#,
///     PolicyKind::Identity,
/// )?;
/// assert_eq!(policy.statement_count(), 1);
///
/// let error = Policy::parse("{\n  \"Statment\": []\n}", PolicyKind::Identity).unwrap_err();
/// assert_eq!((error.line, error.column, error.pointer.as_str()), (2, 3, "/Statment"));
/// # Ok::<(), policy::ParseError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Policy {
    pub(crate) kind: PolicyKind,
    /// None when the document does not say.
    pub(crate) version: Option<Version>,
    pub(crate) id: Option<String>,
    pub(crate) statements: Vec<Statement>,
    pub(crate) size_without_white_space: usize,
}

/// One statement.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Statement {
    pub(crate) sid: Option<String>,
    pub(crate) effect: Effect,
    /// None where the kind of policy has no principals.
    pub(crate) principals: Option<Principals>,
    pub(crate) actions: Actions,
    /// None in trust policies and where a resource policy leaves its own resource unsaid.
    pub(crate) resources: Option<Resources>,
    /// Cheapest first.
    pub(crate) conditions: Vec<Condition>,
    /// What is left of it once a request is known.
    pub(crate) rest: StatementRest,
}

/// Why a text is not a policy: which rule, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseError {
    /// What was seen and what was expected; Amazon's words where they are known.
    pub message: String,
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
    /// The JSON pointer (RFC 6901) of the element; empty for the whole document.
    pub pointer: String,
}

impl Policy {
    /// What the policy is attached to.
    pub fn kind(&self) -> PolicyKind {
        self.kind
    }

    /// The version; a document without one is of 2008.
    pub fn version(&self) -> Version {
        self.version.unwrap_or(Version::V2008)
    }

    /// The `Id`, if there is one.
    pub fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    /// How many statements there are.
    pub fn statement_count(&self) -> usize {
        self.statements.len()
    }

    /// The `Sid` of a statement, counted from 0.
    pub fn sid(&self, statement: usize) -> Option<&str> {
        self.statements.get(statement)?.sid.as_deref()
    }

    /// The effect of a statement, counted from 0.
    pub fn effect(&self, statement: usize) -> Option<Effect> {
        Some(self.statements.get(statement)?.effect)
    }

    /// The characters of the document, white space outside strings not counted: what Amazon's
    /// quotas count.
    ///
    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html>
    pub fn size_without_white_space(&self) -> usize {
        self.size_without_white_space
    }

    /// Refuses the version of 2008, as `CreatePolicy` does.
    ///
    /// # Errors
    /// Amazon's text, placed at the document's beginning.
    pub fn require_current_version(&self) -> Result<(), ParseError> {
        match self.version() {
            Version::V2012 => Ok(()),
            Version::V2008 => Err(ParseError {
                message: "Policy document must be version 2012-10-17 or greater.".to_owned(),
                line: 1,
                column: 1,
                pointer: String::new(),
            }),
        }
    }

    /// Every principal that the statements name, `NotPrincipal` included, in document order and
    /// as often as named. A service verifies that they exist when the policy is set.
    pub fn principals(&self) -> impl Iterator<Item = &PrincipalName> {
        self.statements.iter().flat_map(|statement| &statement.principals).flat_map(|it| &it.names)
    }

    /// The same policy with its user and role ARNs pinned to unique ids: a principal recreated
    /// under an old name is another principal. `id_of` gives the id of an ARN, or none to leave
    /// it unpinned.
    #[must_use]
    pub fn pinned(mut self, mut id_of: impl FnMut(&str) -> Option<String>) -> Policy {
        for statement in &mut self.statements {
            for name in statement.principals.iter_mut().flat_map(|it| &mut it.names) {
                if let PrincipalName::Arn { arn, unique_id } = name {
                    *unique_id = id_of(arn);
                }
            }
        }
        self
    }
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.line, self.column, self.message)?;
        if self.pointer.is_empty() { Ok(()) } else { write!(f, " (at {})", self.pointer) }
    }
}

impl std::error::Error for ParseError {}
