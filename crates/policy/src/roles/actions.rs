//! The actions that a role allows: patterns of its own, and groups of actions that any number of roles share. A group is compiled
//! once, however many entries and other groups name it, and asked once about an action.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use serde_json::Value;

use super::pattern::NamePattern;
use super::texts;

/// Most groups that lie within each other; what is deeper allows nothing.
const DEPTH_MAX: usize = 16;
/// Most actions of which it is remembered which groups allow them. The service asks for some 300.
const REMEMBERED_MAX: usize = 1_000;

/// The action groups of a domain.
#[derive(Debug, Default)]
pub(super) struct ActionGroups {
    groups: Vec<ActionList>,
    /// Their names, in order.
    names: Vec<String>,
    /// By action, which of the groups allow it.
    remembered: RwLock<BTreeMap<String, Arc<[bool]>>>,
}

/// A list of actions and of groups of actions.
#[derive(Debug, Default)]
pub(super) struct ActionList {
    own: Vec<NamePattern>,
    /// The numbers of the groups.
    groups: Vec<usize>,
}

impl ActionGroups {
    /// Reads `actiongroups`.
    pub(super) fn compile(text: &BTreeMap<String, Value>) -> ActionGroups {
        let names = text.keys().cloned().collect();
        let mut compiled = ActionGroups { names, ..ActionGroups::default() };
        let lists = text.values().map(|group| compiled.list(texts(group, "allowed_actions")));
        compiled.groups = lists.collect();
        compiled
    }

    /// The list that `names` make: what names a group stands for the group's.
    pub(super) fn list(&self, names: Vec<String>) -> ActionList {
        let mut list = ActionList::default();
        for name in names {
            match self.names.binary_search(&name) {
                Ok(number) => list.groups.push(number),
                Err(_) => list.own.push(NamePattern::new(&name)),
            }
        }
        list
    }

    /// Whether `list` allows `action`.
    pub(super) fn allow(&self, list: &ActionList, action: &str) -> bool {
        if list.own.iter().any(|pattern| pattern.matches(action)) {
            return true;
        }
        !list.groups.is_empty() && list.names(&self.allowing(action))
    }

    /// Whether each of `lists` has this very text in it, which is more than allowing it.
    pub(super) fn have<'l>(
        &self,
        lists: impl Iterator<Item = &'l ActionList>,
        text: &str,
    ) -> Vec<bool> {
        let wanted = NamePattern::new(text);
        let holding = self.holding(|pattern| *pattern == wanted);
        lists.map(|list| list.own.contains(&wanted) || list.names(&holding)).collect()
    }

    /// Writes what `list` comes to; `told` are the groups that were written before.
    pub(super) fn write(
        &self,
        list: &ActionList,
        told: &mut Vec<bool>,
        out: &mut impl fmt::Write,
    ) -> fmt::Result {
        told.resize(self.groups.len(), false);
        let mut left = vec![list];
        while let Some(list) = left.pop() {
            write!(out, "{:?}", list.own)?;
            for group in &list.groups {
                write!(out, "{:?}", self.names.get(*group))?;
                let known = told.get_mut(*group).is_none_or(|known| std::mem::replace(known, true));
                left.extend(self.groups.get(*group).filter(|_| !known));
            }
        }
        Ok(())
    }

    /// Which of the groups allow `action`, by their numbers.
    fn allowing(&self, action: &str) -> Arc<[bool]> {
        let remembered = self.remembered.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(allowing) = remembered.get(action) {
            return Arc::clone(allowing);
        }
        drop(remembered);
        let allowing: Arc<[bool]> = self.holding(|pattern| pattern.matches(action)).into();
        let mut remembered = self.remembered.write().unwrap_or_else(PoisonError::into_inner);
        if remembered.len() < REMEMBERED_MAX {
            remembered.insert(action.to_owned(), Arc::clone(&allowing));
        }
        allowing
    }

    /// Which of the groups have a pattern of which `is` says so, themselves or in a group within.
    fn holding(&self, is: impl Fn(&NamePattern) -> bool) -> Vec<bool> {
        let mut holding: Vec<bool> =
            self.groups.iter().map(|group| group.own.iter().any(&is)).collect();
        for _ in 1..DEPTH_MAX {
            let known = self.groups.iter().zip(&holding);
            let next: Vec<bool> =
                known.map(|(group, holds)| *holds || group.names(&holding)).collect();
            if next == holding {
                break;
            }
            holding = next;
        }
        holding
    }
}

impl ActionList {
    /// Whether one of its groups is one of these.
    fn names(&self, groups: &[bool]) -> bool {
        self.groups.iter().any(|group| groups.get(*group) == Some(&true))
    }
}
