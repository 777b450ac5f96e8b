//! Several policies of one kind, compiled together: made once, shared, asked often.

use std::sync::Arc;

use crate::document::{Policy, Statement};
use crate::index::{Index, UNINDEXED_STATEMENTS_MAX};
use crate::kind::PolicyKind;
use crate::prepared::PreparedResiduals;
use crate::statement::{Question, StatementRow};

/// Policies that bear on a request in the same way, each with a label that reasons name it by.
///
/// Compiling indexes the statements by the literal beginnings of their actions and resources and
/// by their principals, so that asking ten thousand statements costs little more than asking ten.
///
/// ```
/// use std::sync::Arc;
///
/// use policy::{Policy, PolicyKind, PolicySet};
///
/// let text = r#"{"Version": "2012-10-17",
///     "Statement": {"Effect": "Allow", "Action": "es:ESHttpGet", "Resource": "*"}}"#;
/// let read = Arc::new(Policy::parse(text, PolicyKind::Identity)?);
/// let set = PolicySet::new([("read", read.clone()), ("read again", read)]);
/// assert_eq!(set.get(1).map(|(label, _)| label), Some("read again"));
/// # Ok::<(), policy::ParseError>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct PolicySet {
    members: Vec<(Arc<str>, Arc<Policy>)>,
    rows: Vec<StatementRow>,
    /// The statements with conditions or variables, which ask for context keys.
    asking: Vec<StatementRow>,
    /// Whether any of them asks for a document or a field.
    asks_for_documents: bool,
    /// What is left of each where one of them does.
    prepared: PreparedResiduals,
    index: Option<Index>,
}

impl PolicySet {
    /// A set without policies: as an identity set it allows nothing, and so does a level of
    /// service control policies.
    pub const fn empty() -> PolicySet {
        PolicySet {
            members: Vec::new(),
            rows: Vec::new(),
            asking: Vec::new(),
            asks_for_documents: false,
            prepared: PreparedResiduals::none(),
            index: None,
        }
    }

    /// Compiles policies with their labels: a name, an ARN, whatever a person should read.
    pub fn new<L: Into<Arc<str>>>(
        policies: impl IntoIterator<Item = (L, Arc<Policy>)>,
    ) -> PolicySet {
        let members: Vec<(Arc<str>, Arc<Policy>)> =
            policies.into_iter().map(|(label, policy)| (label.into(), policy)).collect();
        let mut rows = Vec::new();
        for (member, (_, policy)) in (0_u32..).zip(&members) {
            let statements = 0..u32::try_from(policy.statements.len()).unwrap_or(u32::MAX);
            rows.extend(statements.map(|statement| StatementRow { member, statement }));
        }
        let mut set = PolicySet { members, rows, ..PolicySet::empty() };
        let asking = set.statements().filter(|(_, _, statement)| statement.asks_for_keys());
        set.asking = asking.map(|(row, _, _)| row).collect();
        let documents = set.asking().any(|(_, statement)| statement.asks_for_documents());
        set.asks_for_documents = documents;
        if documents {
            set.prepared = PreparedResiduals::of(set.statements());
        }
        if set.rows.len() > UNINDEXED_STATEMENTS_MAX {
            set.index = Some(Index::new(set.statements()));
        }
        set
    }

    /// A set of one policy.
    pub fn single(label: impl Into<Arc<str>>, policy: Policy) -> PolicySet {
        PolicySet::new([(label, Arc::new(policy))])
    }

    /// The policies and their labels.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Policy)> {
        self.members.iter().map(|(label, policy)| (label.as_ref(), policy.as_ref()))
    }

    /// The policies and their labels, to be kept.
    pub fn members(&self) -> impl Iterator<Item = (&Arc<str>, &Arc<Policy>)> {
        self.members.iter().map(|(label, policy)| (label, policy))
    }

    /// The policy at a position of [`PolicySet::iter`], with its label.
    pub fn get(&self, position: usize) -> Option<(&str, &Policy)> {
        self.members.get(position).map(|(label, policy)| (label.as_ref(), policy.as_ref()))
    }

    /// Whether the set has no policy.
    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// Whether it was compiled of these very policies under these very labels: then it need not be
    /// compiled again.
    pub fn is_of<'p>(
        &self,
        policies: impl IntoIterator<Item = (&'p Arc<str>, &'p Arc<Policy>)>,
    ) -> bool {
        let mut own = self.members.iter();
        let same = policies.into_iter().all(|(label, policy)| {
            own.next().is_some_and(|own| Arc::ptr_eq(&own.0, label) && Arc::ptr_eq(&own.1, policy))
        });
        same && own.next().is_none()
    }

    /// Whether any statement has a condition on a document or a field.
    pub fn asks_for_documents(&self) -> bool {
        self.asks_for_documents
    }

    /// What is left of its statements once a request is known; of none where none asks for a document or a field.
    pub(crate) fn prepared(&self) -> &PreparedResiduals {
        &self.prepared
    }

    /// Whether the set holds a role's trust policy.
    pub(crate) fn is_trust(&self) -> bool {
        self.members.iter().any(|(_, policy)| policy.kind == PolicyKind::Trust)
    }

    /// Every statement with its row and its policy's kind, in order.
    pub(crate) fn statements(
        &self,
    ) -> impl Iterator<Item = (StatementRow, PolicyKind, &Statement)> {
        self.rows.iter().filter_map(|row| self.at(*row))
    }

    /// The statements that ask for context keys, in order.
    pub(crate) fn asking(&self) -> impl Iterator<Item = (PolicyKind, &Statement)> {
        self.asking.iter().filter_map(|row| self.at(*row)).map(|(_, kind, it)| (kind, it))
    }

    /// Visits every statement that may match, some perhaps twice, and few that do not.
    pub(crate) fn candidates<'s>(
        &'s self,
        question: &Question<'_>,
        mut visit: impl FnMut(StatementRow, PolicyKind, &'s Statement),
    ) {
        match &self.index {
            None => self.statements().for_each(|(row, kind, it)| visit(row, kind, it)),
            Some(index) => index.lookup(question, |position| {
                let row = usize::try_from(position).ok().and_then(|at| self.rows.get(at));
                if let Some((row, kind, statement)) = row.and_then(|row| self.at(*row)) {
                    visit(row, kind, statement);
                }
            }),
        }
    }

    /// The statement that stands there.
    pub(crate) fn at(&self, row: StatementRow) -> Option<(StatementRow, PolicyKind, &Statement)> {
        let (_, policy) = self.members.get(usize::try_from(row.member).ok()?)?;
        let statement = policy.statements.get(usize::try_from(row.statement).ok()?)?;
        Some((row, policy.kind, statement))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy() -> Arc<Policy> {
        let text = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#;
        Arc::new(Policy::parse(text, PolicyKind::Identity).unwrap())
    }

    #[test]
    fn a_set_is_of_the_policies_it_was_compiled_of_and_of_no_equal_ones() {
        let label = |text: &str| Arc::<str>::from(text);
        let (a, b) = ((label("a"), policy()), (label("b"), policy()));
        let set = PolicySet::new([a.clone(), b.clone()]);
        let is_of = |policies: &[&(Arc<str>, Arc<Policy>)]| {
            set.is_of(policies.iter().map(|(label, policy)| (label, policy)))
        };
        assert!(is_of(&[&a, &b]));
        let (renamed, changed) = ((label("b"), Arc::clone(&b.1)), (Arc::clone(&b.0), policy()));
        for others in [&[&b, &a][..], &[&a], &[], &[&a, &b, &b], &[&a, &renamed], &[&a, &changed]] {
            assert!(!is_of(others));
        }
        assert!(PolicySet::empty().is_of([]));
    }
}
