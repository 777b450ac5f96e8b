//! Which statements may match a request, without looking at the others.
//!
//! Each statement is filed under one of its dimensions, the one it shares with the fewest others:
//! the literal beginnings of its resources, those of its actions, or its principals. A request
//! is looked up in all three. Filing decides speed only: every candidate is still judged in full.

use std::{cmp::Ordering, collections::HashMap};

use crate::document::Statement;
use crate::kind::PolicyKind;
use crate::principal::{Principal, PrincipalName, Principals};
use crate::statement::{Question, StatementRow};

/// Sets with no more statements than this are asked one by one: an index would cost more.
pub(crate) const UNINDEXED_STATEMENTS_MAX: usize = 6;

/// The filed statements of a [`crate::PolicySet`], by their position in it.
#[derive(Clone, Debug)]
pub(crate) struct Index {
    resources: Prefixes,
    actions: Prefixes,
    principals: HashMap<String, Vec<u32>>,
    /// Statements that any request might match.
    always: Vec<u32>,
}

/// The keys of one statement in one dimension; none when it says nothing there.
type Keys = Option<Vec<String>>;

impl Index {
    pub(crate) fn new<'s>(
        statements: impl Iterator<Item = (StatementRow, PolicyKind, &'s Statement)>,
    ) -> Index {
        let keys: Vec<[Keys; 3]> = statements
            .map(|(_, _, it)| [resource_keys(it), action_keys(it), principal_keys(it)])
            .collect();
        let mut shared: [HashMap<&str, usize>; 3] = Default::default();
        for (dimension, counts) in shared.iter_mut().enumerate() {
            for key in keys.iter().filter_map(|keys| keys.get(dimension)?.as_ref()).flatten() {
                *counts.entry(key).or_default() += 1;
            }
        }
        let mut filed: [Vec<(String, u32)>; 3] = Default::default();
        let mut always = Vec::new();
        for (position, of_statement) in (0_u32..).zip(&keys) {
            match least_crowded(of_statement, &shared) {
                None => always.push(position),
                Some((dimension, keys)) => {
                    if let Some(file) = filed.get_mut(dimension) {
                        file.extend(keys.iter().map(|key| (key.clone(), position)));
                    }
                }
            }
        }
        let [resources, actions, by_principal] = filed;
        let mut principals: HashMap<String, Vec<u32>> = HashMap::new();
        for (key, position) in by_principal {
            principals.entry(key).or_default().push(position);
        }
        Index {
            resources: Prefixes::new(resources, str::cmp),
            actions: Prefixes::new(actions, folded),
            principals,
            always,
        }
    }

    /// Visits the positions of all statements that may match.
    pub(crate) fn lookup(&self, question: &Question<'_>, mut visit: impl FnMut(u32)) {
        self.always.iter().copied().for_each(&mut visit);
        self.resources.lookup(question.target.text, &mut visit);
        self.actions.lookup(question.action, &mut visit);
        if let Some(synonym) = question.synonym {
            self.actions.lookup(synonym, &mut visit);
        }
        if !self.principals.is_empty() {
            for key in principal_names(question.principal).into_iter().flatten() {
                self.principals.get(key).into_iter().flatten().copied().for_each(&mut visit);
            }
        }
    }
}

/// The dimension whose keys a statement shares with the fewest others, and those keys.
fn least_crowded<'k>(
    of_statement: &'k [Keys; 3],
    shared: &[HashMap<&str, usize>; 3],
) -> Option<(usize, &'k [String])> {
    let dimensions = of_statement.iter().zip(shared).enumerate();
    dimensions
        .filter_map(|(dimension, (keys, counts))| {
            let keys = keys.as_deref()?;
            let crowd = |key: &String| counts.get(key.as_str()).copied().unwrap_or(0);
            Some((keys.iter().map(crowd).sum::<usize>(), dimension, keys))
        })
        .min()
        .map(|(_, dimension, keys)| (dimension, keys))
}

/// The names under which a caller may stand in a policy.
fn principal_names(principal: &Principal) -> [Option<&str>; 4] {
    [Some(principal.arn()), principal.parent(), principal.account(), principal.unique_id()]
}

/// No key is worth filing under when one of them is empty: it is met by every request.
fn worth_filing(keys: Vec<String>) -> Keys {
    (!keys.iter().any(String::is_empty)).then_some(keys)
}

fn resource_keys(statement: &Statement) -> Keys {
    let resources = statement.resources.as_ref().filter(|resources| !resources.negated)?;
    worth_filing(resources.patterns.iter().map(|pattern| pattern.prefix()).collect())
}

fn action_keys(statement: &Statement) -> Keys {
    if statement.actions.negated {
        return None;
    }
    let prefix = |pattern: &crate::pattern::Pattern| pattern.prefix().to_ascii_lowercase();
    worth_filing(statement.actions.patterns.iter().map(|it| prefix(&it.pattern)).collect())
}

fn principal_keys(statement: &Statement) -> Keys {
    let Principals { negated: false, names } = statement.principals.as_ref()? else { return None };
    names
        .iter()
        .map(|name| match name {
            PrincipalName::Everyone => None,
            name => Some(name.as_str().to_owned()),
        })
        .collect()
}

/// Compares a key, which is in lower case, with a text of any case.
fn folded(key: &str, text: &str) -> Ordering {
    key.bytes().cmp(text.bytes().map(|byte| byte.to_ascii_lowercase()))
}

/// Literal beginnings, sorted, each linked to the longest other one that it begins with.
///
/// All the keys that a text begins with lie on one chain: the greatest key that is not after the
/// text, then the keys that this key begins with. (Whatever sorts between a text and one of its
/// beginnings has that beginning too.)
#[derive(Clone, Debug)]
struct Prefixes {
    keys: Vec<Prefix>,
    positions: Vec<u32>,
    order: fn(&str, &str) -> Ordering,
}

#[derive(Clone, Debug)]
struct Prefix {
    key: Box<str>,
    shorter: Option<u32>,
    /// The range of its statements in `positions`.
    first: usize,
    after: usize,
}

impl Prefixes {
    fn new(mut filed: Vec<(String, u32)>, order: fn(&str, &str) -> Ordering) -> Prefixes {
        filed.sort();
        let mut keys: Vec<Prefix> = Vec::new();
        let mut positions = Vec::with_capacity(filed.len());
        // The chain of beginnings of the last key, longest last.
        let mut chain: Vec<(u32, String)> = Vec::new();
        for (key, position) in filed {
            positions.push(position);
            if let Some(last) = keys.last_mut().filter(|last| *last.key == *key) {
                last.after = positions.len();
                continue;
            }
            while chain.last().is_some_and(|(_, before)| !key.starts_with(before.as_str())) {
                chain.pop();
            }
            let shorter = chain.last().map(|(at, _)| *at);
            if let Ok(at) = u32::try_from(keys.len()) {
                chain.push((at, key.clone()));
            }
            let (first, after) = (positions.len() - 1, positions.len());
            keys.push(Prefix { key: key.into(), shorter, first, after });
        }
        Prefixes { keys, positions, order }
    }

    fn lookup(&self, text: &str, visit: &mut impl FnMut(u32)) {
        let not_after = |prefix: &Prefix| (self.order)(&prefix.key, text) != Ordering::Greater;
        let count = self.keys.partition_point(not_after);
        let mut next = count.checked_sub(1).and_then(|at| self.keys.get(at));
        let mut begins = false;
        while let Some(prefix) = next {
            begins = begins || self.begins(text, &prefix.key);
            if begins {
                let positions = self.positions.get(prefix.first..prefix.after);
                positions.into_iter().flatten().copied().for_each(&mut *visit);
            }
            next = prefix.shorter.and_then(|at| self.keys.get(usize::try_from(at).ok()?));
        }
    }

    fn begins(&self, text: &str, key: &str) -> bool {
        text.get(..key.len()).is_some_and(|head| (self.order)(key, head) == Ordering::Equal)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(keys: &[&str], text: &str) -> Vec<u32> {
        let filed = (0_u32..).zip(keys).map(|(at, key)| ((*key).to_owned(), at)).collect();
        let mut found = Vec::new();
        Prefixes::new(filed, str::cmp).lookup(text, &mut |at| found.push(at));
        found.sort_unstable();
        found
    }

    #[test]
    fn all_beginnings_of_a_text_are_found_and_nothing_else() {
        let keys = ["a", "ab", "abc", "abd", "b", "ab", "ac"];
        assert_eq!(found(&keys, "abcz"), [0, 1, 2, 5]);
        assert_eq!(found(&keys, "abz"), [0, 1, 5]);
        assert_eq!(found(&keys, "az"), [0]);
        assert_eq!(found(&keys, "c"), [0_u32; 0]);
        assert_eq!(found(&keys, ""), [0_u32; 0]);
    }

    proptest::proptest! {
        #[test]
        fn the_chain_agrees_with_trying_every_key(
            keys in proptest::collection::vec("[ab]{1,4}", 0..12), text in "[abc]{0,6}",
        ) {
            let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
            let expected: Vec<u32> =
                (0_u32..).zip(&keys).filter(|(_, key)| text.starts_with(**key)).map(|(at, _)| at)
                    .collect();
            proptest::prop_assert_eq!(found(&keys, &text), expected);
        }
    }
}
