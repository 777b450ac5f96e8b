//! What is left of the statements of a set once a request is known, made once for all requests: their conditions on document and field,
//! bound and named with the statement, put in order for the set. Statements that differ in these conditions alone are asked as one.
//! Not prepared are statements with a variable there, which mean something else for each caller.
//! (docs/decisions/0202-what-is-left-of-statements-is-made-once.md)

use std::collections::HashMap;
use std::hash::{Hash, Hasher};

use crate::action::Actions;
use crate::condition::Condition;
use crate::context::Context;
use crate::document::Statement;
use crate::effect::Effect;
use crate::index::{Index, UNINDEXED_STATEMENTS_MAX};
use crate::kind::PolicyKind;
use crate::principal::Principals;
use crate::residual::{DocumentCondition, Residual};
use crate::resource::Resources;
use crate::statement::{Question, StatementRow};

/// What is left of each statement of a set.
#[derive(Clone, Debug, Default)]
pub(crate) struct PreparedResiduals {
    /// Each once, in order.
    ordered: Vec<Residual>,
    groups: Vec<StatementGroup>,
    /// Of the groups, by the first statement of each.
    index: Option<Index>,
}

/// Statements that differ in their conditions on documents and fields alone: a request meets all of them, or none.
#[derive(Clone, Debug)]
pub(crate) struct StatementGroup {
    /// The first of them.
    pub(crate) first: StatementRow,
    /// What is left of them, as places among those in order, each once.
    places: Vec<u32>,
    /// Those of which that depends on the request.
    pub(crate) others: Vec<StatementRow>,
    /// What is left where they are all that is met, shared by all requests; `None` where that depends on the request.
    alone: Option<Residual>,
}

/// Which of the prepared were met, and what else was.
#[derive(Debug, Default)]
pub(crate) struct MetResiduals<'s> {
    groups: Vec<&'s StatementGroup>,
    others: Vec<Residual>,
}

impl PreparedResiduals {
    /// Of no statement.
    pub(crate) const fn none() -> PreparedResiduals {
        PreparedResiduals { ordered: Vec::new(), groups: Vec::new(), index: None }
    }

    /// Of these.
    pub(crate) fn of<'s>(
        statements: impl Iterator<Item = (StatementRow, PolicyKind, &'s Statement)>,
    ) -> PreparedResiduals {
        let statements: Vec<_> = statements.collect();
        let left = statements.iter().filter_map(|(_, _, statement)| prepared(statement));
        let mut ordered: Vec<Residual> = left.cloned().collect();
        ordered.sort();
        ordered.dedup();
        let place = |left: &Residual| u32::try_from(ordered.binary_search(left).ok()?).ok();
        let mut heads: HashMap<StatementHead<'_>, usize> = HashMap::new();
        let (mut groups, mut firsts): (Vec<StatementGroup>, Vec<_>) = Default::default();
        for &(row, kind, statement) in &statements {
            let at = *heads.entry(StatementHead::of(kind, statement)).or_insert(groups.len());
            if at == groups.len() {
                groups.push(StatementGroup::of(row));
                firsts.push((row, kind, statement));
            }
            let Some(group) = groups.get_mut(at) else { continue };
            match prepared(statement).and_then(place) {
                Some(place) => group.places.push(place),
                None => group.others.push(row),
            }
        }
        groups.iter_mut().for_each(|group| group.put_in_order(&ordered));
        let is_indexed = groups.len() > UNINDEXED_STATEMENTS_MAX;
        let index = is_indexed.then(|| Index::new(firsts.into_iter()));
        PreparedResiduals { ordered, groups, index }
    }

    /// Visits every group that may be met, some perhaps twice, and few that are not.
    pub(crate) fn candidates<'s>(
        &'s self,
        question: &Question<'_>,
        mut visit: impl FnMut(&'s StatementGroup),
    ) {
        match &self.index {
            None => self.groups.iter().for_each(visit),
            Some(index) => index.lookup(question, |position| {
                let at = usize::try_from(position).ok();
                if let Some(group) = at.and_then(|at| self.groups.get(at)) {
                    visit(group);
                }
            }),
        }
    }
}

impl StatementGroup {
    fn of(first: StatementRow) -> StatementGroup {
        StatementGroup { first, places: Vec::new(), others: Vec::new(), alone: None }
    }

    fn put_in_order(&mut self, ordered: &[Residual]) {
        self.places.sort_unstable();
        self.places.dedup();
        if self.others.is_empty() {
            let parts = self.places.iter().filter_map(|place| ordered.get(*place as usize));
            self.alone = Some(Residual::any_in_order(parts.cloned().collect()));
        }
    }
}

/// What is left of a statement, whoever asks.
fn prepared(statement: &Statement) -> Option<&Residual> {
    statement.rest.get_or_make(|| {
        let mut conditions = statement.document_conditions();
        let fixed = conditions.all(|condition| condition.variables().is_empty());
        fixed.then(|| left_of(statement, &Context::new()))
    })
}

/// What is left of a statement for whoever asks in `context`.
fn left_of(statement: &Statement, context: &Context) -> Residual {
    let bind = |condition: &Condition| DocumentCondition::of(statement.effect, condition, context);
    Residual::all(statement.document_conditions().map(bind))
}

/// All of a statement that a request is compared with: everything but the conditions on documents and fields.
struct StatementHead<'s> {
    kind: PolicyKind,
    effect: Effect,
    principals: Option<&'s Principals>,
    actions: &'s Actions,
    resources: Option<&'s Resources>,
    conditions: Vec<&'s Condition>,
}

impl<'s> StatementHead<'s> {
    fn of(kind: PolicyKind, statement: &'s Statement) -> StatementHead<'s> {
        StatementHead {
            kind,
            effect: statement.effect,
            principals: statement.principals.as_ref(),
            actions: &statement.actions,
            resources: statement.resources.as_ref(),
            conditions: statement.request_conditions().collect(),
        }
    }
}

impl PartialEq for StatementHead<'_> {
    fn eq(&self, other: &StatementHead<'_>) -> bool {
        let conditions = self.conditions.iter().zip(&other.conditions);
        self.kind == other.kind
            && self.effect == other.effect
            && self.actions == other.actions
            && self.resources == other.resources
            && self.principals == other.principals
            && self.conditions.len() == other.conditions.len()
            && conditions.into_iter().all(|(one, other)| one.asks_as(other))
    }
}

impl Eq for StatementHead<'_> {}

impl Hash for StatementHead<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.kind, self.effect).hash(state);
        self.actions.patterns.iter().for_each(|pattern| pattern.source.hash(state));
        let resources = self.resources.iter().flat_map(|resources| &resources.patterns);
        resources.for_each(|pattern| pattern.source().hash(state));
    }
}

impl<'s> MetResiduals<'s> {
    /// The group was met; `others` are the statements of its rows that are not prepared.
    pub(crate) fn add(
        &mut self,
        group: &'s StatementGroup,
        others: impl Iterator<Item = &'s Statement>,
        context: &Context,
    ) {
        // An index may find one twice.
        if self.groups.last().is_some_and(|last| std::ptr::eq(*last, group)) {
            return;
        }
        self.groups.push(group);
        self.others.extend(others.map(|statement| left_of(statement, context)));
    }

    /// A statement was met that asks for no document and no field.
    pub(crate) fn add_unconditional(&mut self) {
        if self.others.is_empty() {
            self.others.push(Residual::Always);
        }
    }

    /// Where one of them holds.
    pub(crate) fn any(self, prepared: &PreparedResiduals) -> Residual {
        if let ([group], []) = (&self.groups[..], &self.others[..])
            && let Some(alone) = &group.alone
        {
            return alone.clone();
        }
        let mut parts = self.in_order(prepared);
        if self.others.is_empty() {
            return Residual::any_in_order(parts);
        }
        parts.extend(self.others);
        Residual::any(parts)
    }

    /// The prepared that were met, in order and each once.
    fn in_order(&self, prepared: &PreparedResiduals) -> Vec<Residual> {
        // A bit for each place.
        let mut places = vec![0_u64; prepared.ordered.len().div_ceil(64)];
        for place in self.groups.iter().flat_map(|group| &group.places) {
            if let Some(word) = places.get_mut(*place as usize / 64) {
                *word |= 1 << (place % 64);
            }
        }
        let met: u32 = places.iter().map(|word| word.count_ones()).sum();
        let mut parts = Vec::with_capacity(met as usize + self.others.len());
        for (word, mut bits) in places.into_iter().enumerate() {
            while bits != 0 {
                let place = word * 64 + bits.trailing_zeros() as usize;
                parts.extend(prepared.ordered.get(place).cloned());
                bits &= bits - 1;
            }
        }
        parts
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use crate::context::Context;
    use crate::residual::Residual;
    use crate::{AccessRequest, Policies, Policy, PolicyKind, PolicySet, Principal, residual};

    fn policy(statements: &str) -> Arc<Policy> {
        let text = format!(r#"{{"Version": "2012-10-17", "Statement": [{statements}]}}"#);
        Arc::new(Policy::parse(&text, PolicyKind::Identity).unwrap())
    }

    #[test]
    fn sets_of_one_policy_share_what_is_left_of_its_statements() {
        let policy = policy(
            r#"{"Effect": "Allow", "Action": "*", "Resource": "*",
             "Condition": {"StringEquals": {"es:Document/team": ["red", "blue"]}}},
            {"Effect": "Allow", "Action": "*", "Resource": "*",
             "Condition": {"StringEquals": {"es:Document/team": "red", "es:Document/kind": "a"}}}"#,
        );
        let sets = ["ann", "bob"].map(|name| PolicySet::new([(name, Arc::clone(&policy))]));
        let [ann, bob] = sets.each_ref().map(|set| &set.prepared().ordered);
        assert_eq!(ann.len(), 2);
        for (one, other) in ann.iter().zip(bob) {
            assert!(one.shares_its_conditions_with(other), "{one}");
        }
    }

    #[test]
    fn what_is_left_of_statements_that_are_asked_as_one_is_the_same_value_for_each_request() {
        let team = |team: usize| {
            format!(
                r#"{{"Effect": "Allow", "Action": "*", "Resource": "*",
                "Condition": {{"StringEquals": {{"es:Document/team": "{team}"}}}}}}"#
            )
        };
        let teams: Vec<String> = (0..100).map(team).collect();
        let identity = PolicySet::new([("p", policy(&teams.join(",")))]);
        let principal = Principal::user("arn:aws:iam::123456789012:user/ann");
        let context = Context::new();
        let request = AccessRequest {
            principal: &principal,
            action: "es:ESHttpGet",
            resource: "arn:aws:es:us-east-1:123456789012:domain/d/x/_search",
            resource_account: None,
            context: &context,
        };
        let left = || residual(&Policies { identity: &identity, ..Policies::NONE }, &request);
        let (Residual::Any(one), Residual::Any(other)) = (left(), left()) else { panic!() };
        assert!(one.len() == 100 && Arc::ptr_eq(&one, &other));
    }

    #[test]
    fn statements_that_differ_in_what_they_say_of_documents_alone_are_asked_as_one() {
        let one = |rest: &str, conditions: &str| {
            format!(r#"{{"Effect": "Allow", {rest}, "Condition": {{{conditions}}}}}"#)
        };
        let team = |team: usize| format!(r#""StringEquals": {{"es:Document/team": "{team}"}}"#);
        let ours = r#""Action": "es:ESHttp*", "Resource": "*""#;
        let mut statements: Vec<String> = (0..1000).map(|at| one(ours, &team(at))).collect();
        let ip = r#""IpAddress": {"aws:SourceIp": "10.0.0.0/8"}"#;
        let variable = r#""StringLike": {"es:Document/team": "${aws:username}"}"#;
        statements.push(one(ours, variable));
        statements.push(one(ours, &format!("{ip}, {}", team(1))));
        statements.push(one(ours, &format!("{}, {ip}", team(2))));
        statements.push(one(r#""Action": "es:ESHttpGet", "Resource": "*""#, &team(1)));
        statements.push(one(r#""NotAction": "es:ESHttp*", "Resource": "*""#, &team(1)));
        statements.push(one(ours, &team(1)).replace("Allow", "Deny"));
        let set = PolicySet::new([("p", policy(&statements.join(",")))]);
        let groups = set.prepared().groups.iter();
        let sizes: Vec<_> = groups.map(|it| (it.places.len(), it.others.len())).collect();
        assert_eq!(sizes, [(1000, 1), (2, 0), (1, 0), (1, 0), (1, 0)]);
    }
}
