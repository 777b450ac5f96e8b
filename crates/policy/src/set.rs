//! Several policies of one kind, compiled together: made once, shared, asked often.

use std::sync::Arc;

use crate::{
    document::{Policy, PolicyKind, Statement},
    index::Index,
    statement::Question,
};

/// Policies that bear on a request in the same way, each with a label that reasons name it by.
///
/// Compiling indexes the statements by the literal beginnings of their actions and resources and
/// by their principals, so that asking ten thousand statements costs little more than asking ten.
#[derive(Clone, Debug, Default)]
pub struct PolicySet {
    members: Vec<(Arc<str>, Arc<Policy>)>,
    rows: Vec<Row>,
    index: Option<Index>,
}

/// Where a statement stands: which policy of the set, which statement of the policy.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Row {
    pub(crate) member: u32,
    pub(crate) statement: u32,
}

/// Sets with no more statements than this are asked one by one: an index would cost more.
const UNINDEXED_STATEMENTS_MAX: usize = 6;

impl PolicySet {
    /// A set without policies: as an identity set it allows nothing, and so does a level of
    /// service control policies.
    pub const fn empty() -> PolicySet {
        PolicySet { members: Vec::new(), rows: Vec::new(), index: None }
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
            rows.extend(statements.map(|statement| Row { member, statement }));
        }
        let mut set = PolicySet { members, rows, index: None };
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

    /// The policy at a position of [`PolicySet::iter`], with its label.
    pub fn get(&self, position: usize) -> Option<(&str, &Policy)> {
        self.members.get(position).map(|(label, policy)| (label.as_ref(), policy.as_ref()))
    }

    /// Whether the set has no policy.
    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// Whether the set holds a role's trust policy.
    pub(crate) fn is_trust(&self) -> bool {
        self.members.iter().any(|(_, policy)| policy.kind == PolicyKind::Trust)
    }

    /// Every statement with its row and its policy's kind, in order.
    pub(crate) fn statements(&self) -> impl Iterator<Item = (Row, PolicyKind, &Statement)> {
        self.rows.iter().filter_map(|row| self.at(*row))
    }

    /// Visits every statement that may match, some perhaps twice, and few that do not.
    pub(crate) fn candidates<'s>(
        &'s self,
        question: &Question<'_>,
        mut visit: impl FnMut(Row, PolicyKind, &'s Statement),
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

    fn at(&self, row: Row) -> Option<(Row, PolicyKind, &Statement)> {
        let (_, policy) = self.members.get(usize::try_from(row.member).ok()?)?;
        let statement = policy.statements.get(usize::try_from(row.statement).ok()?)?;
        Some((row, policy.kind, statement))
    }
}
