//! One side of a Deny statement without the request: which values stand for the rest, or which value stands in the way.
//!
//! Patterns of IAM have no difference: `a*` without `ab` is no list of patterns, whatever its length. For with one character of `ab`
//! replaced by one that no pattern names, the pattern that has to cover it covers `ab`, too. What can be left out is left out here: of
//! a pattern what it names with all its stars empty (`logs*` without `logs` is `logs?*`); of action patterns one action of those that
//! there are; of everything that a domain's policy is asked about (`domain/NAME/*`) one path, by `NotResource`.

use crate::action::{ActionPattern, synonym};
use crate::context::Context;
use crate::resource::Resources;
use crate::resource::Target;

/// The value of an element that covers the request and cannot leave it out alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Obstacle {
    /// The element.
    pub(super) element: &'static str,
    /// The value, as it is written.
    pub(super) value: String,
}

/// The values of one side without the request's.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Remaining {
    /// These, in the same element.
    Listed(Vec<String>),
    /// All but these.
    AllBut(Vec<String>),
}

/// Names of actions that mean one thing: the asked one, and its other name where the policy's kind joins them.
pub(super) struct ActionNames<'a> {
    pub(super) asked: &'a str,
    pub(super) other: Option<&'static str>,
    /// Every action that there is.
    pub(super) known: &'a [String],
}

impl ActionNames<'_> {
    pub(super) fn is(&self, name: &str) -> bool {
        [Some(self.asked), self.other].into_iter().flatten().any(|it| it.eq_ignore_ascii_case(name))
    }

    fn covers(&self, pattern: &ActionPattern) -> bool {
        const NOTHING: Context = Context::new();
        let names = [Some(self.asked), self.other].into_iter().flatten();
        names.into_iter().any(|name| pattern.pattern.matches(name, &NOTHING))
    }

    /// The actions of the same service that there are.
    fn of_the_service(&self) -> impl Iterator<Item = &str> {
        let service = self.asked.split_inclusive(':').next().unwrap_or_default();
        self.known.iter().map(String::as_str).filter(move |name| {
            name.get(..service.len()).is_some_and(|head| head.eq_ignore_ascii_case(service))
        })
    }

    /// Whether patterns name no other action that there is.
    pub(super) fn are_all(&self, patterns: &[ActionPattern]) -> bool {
        const NOTHING: Context = Context::new();
        let is_of_the_service = |pattern: &ActionPattern| {
            let service = self.asked.split_inclusive(':').next().unwrap_or_default();
            let source = pattern.source.get(..service.len());
            source.is_some_and(|head| head.eq_ignore_ascii_case(service))
        };
        self.of_the_service().any(|name| self.is(name))
            && !patterns.is_empty()
            && patterns.iter().all(is_of_the_service)
            && !self.of_the_service().any(|name| {
                !self.is(name) && patterns.iter().any(|it| it.pattern.matches(name, &NOTHING))
            })
    }

    /// `patterns` without the action, and whether that holds of actions that there are alone.
    pub(super) fn left_out_of(
        &self,
        patterns: &[ActionPattern],
    ) -> Result<(Remaining, bool), Obstacle> {
        let others: Vec<&ActionPattern> =
            patterns.iter().filter(|it| !self.is(&it.source)).collect();
        if others.iter().any(|it| it.source == "*") {
            return Ok((Remaining::AllBut(vec![self.asked.to_owned()]), false));
        }
        let (mut listed, mut of_known) = (Vec::new(), false);
        for pattern in others {
            if !self.covers(pattern) {
                listed.push(pattern.source.clone());
                continue;
            }
            let obstacle = || Obstacle { element: "Action", value: pattern.source.clone() };
            listed.extend(self.without(pattern).ok_or_else(obstacle)?);
            of_known = true;
        }
        Ok((Remaining::Listed(listed), of_known))
    }

    /// Patterns for the known actions that `pattern` covers, but for the asked one.
    fn without(&self, pattern: &ActionPattern) -> Option<Vec<String>> {
        const NOTHING: Context = Context::new();
        // Of a service whose actions are not known, and of `*`, nobody can list the rest.
        let names: Vec<&str> = self.of_the_service().collect();
        if pattern.source == "*" || !names.iter().any(|name| self.is(name)) {
            return None;
        }
        let is_kept = |name: &str| !self.is(name) && pattern.pattern.matches(name, &NOTHING);
        let mut kept: Vec<&str> = names.iter().copied().filter(|name| is_kept(name)).collect();
        kept.sort_unstable();
        kept.dedup();
        let all: Vec<&str> = names.into_iter().chain(self.other).collect();
        let mut found = Vec::new();
        while let Some(first) = kept.first().copied() {
            let begins = |name: &str, head: &str| {
                name.get(..head.len()).is_some_and(|own| own.eq_ignore_ascii_case(head))
            };
            // The shortest beginning behind the service that only names which stay have.
            let service = first.find(':').map_or(0, |at| at + 2);
            let ends = (service..first.len()).filter(|end| first.is_char_boundary(*end));
            let mut heads = ends.filter_map(|end| first.get(..end));
            let head = heads.find(|head| {
                let with_it = all.iter().filter(|name| begins(name, head));
                with_it.clone().all(|name| is_kept(name)) && with_it.count() > 1
            });
            match head {
                Some(head) => {
                    kept.retain(|name| !begins(name, head));
                    found.push(format!("{head}*"));
                }
                None => {
                    kept.remove(0);
                    found.push(first.to_owned());
                }
            }
        }
        Some(found)
    }
}

/// `resources` without `target`, which is written as `literal`; `domain` where they are of the access policy of this domain, which is
/// asked about it alone. Beside what remains: the value in the way, where that holds only if it covers all of the domain.
pub(super) fn resource_left_out_of(
    resources: Option<&Resources>,
    (target, literal): (&str, &str),
    domain: Option<&str>,
    context: &Context,
) -> Result<(Remaining, Option<Obstacle>), Obstacle> {
    let all_but = || (Remaining::AllBut(vec![literal.to_owned()]), None);
    let Some(resources) = resources else { return Ok(all_but()) };
    let is_everything = |source: &str| !source.is_empty() && source.chars().all(|it| it == '*');
    let is_empty = resources.patterns.is_empty();
    if is_empty || resources.patterns.iter().any(|it| is_everything(it.source())) {
        return Ok(all_but());
    }
    let asked = Target::new(target);
    let mut listed = Vec::new();
    for pattern in resources.patterns.iter().filter(|it| it.source() != literal) {
        if !pattern.matches(&asked, context) {
            listed.push(pattern.source().to_owned());
        } else if let Some(longer) = with_longer_stars(pattern.source(), target) {
            listed.extend(longer);
        } else {
            let value = pattern.source().to_owned();
            let obstacle = Obstacle { element: "Resource", value };
            let Some(domain) = domain else { return Err(obstacle) };
            // Whether it covers all paths of the domain, the proof finds out.
            let itself = Target::new(domain);
            let covers = resources.patterns.iter().any(|it| it.matches(&itself, context));
            let itself = (!covers).then(|| domain.to_owned());
            let all_but = [literal.to_owned()].into_iter().chain(itself).collect();
            return Ok((Remaining::AllBut(all_but), Some(obstacle)));
        }
    }
    Ok((Remaining::Listed(listed), None))
}

/// What `pattern` covers but for the text that it is without its stars: one pattern for each star, which then stands for one
/// character at least. None where it covers `target` otherwise.
fn with_longer_stars(pattern: &str, target: &str) -> Option<Vec<String>> {
    if pattern.contains(['?', '$']) || pattern.replace('*', "") != target {
        return None;
    }
    let mut found = Vec::new();
    for (at, _) in pattern.match_indices('*') {
        if pattern.get(at + 1..)?.starts_with('*') {
            continue;
        }
        found.push(format!("{}?{}", pattern.get(..at)?, pattern.get(at..)?));
    }
    Some(found)
}

/// The other name of an action, where the policy's kind takes both for one.
pub(super) fn other_name(action: &str, joins: bool) -> Option<&'static str> {
    synonym(action).filter(|_| joins)
}
