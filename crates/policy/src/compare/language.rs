//! Patterns as regular languages: is there a string that these match and those do not?
//!
//! A wildcard pattern is a tiny nondeterministic automaton: one position per character, a `*` that
//! may stay where it is. [`example`] walks the product of many of them breadth first, so what it
//! finds is a shortest string, and "there is none" is a proof. The alphabet is the characters that
//! occur in the patterns and one that does not: every other character behaves like that one.

use std::collections::{HashMap, VecDeque};

use super::effort::Effort;
use crate::pattern::{Pattern, Piece};
use crate::resource::{ResourcePattern, Shape};

/// One step of a pattern.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Atom {
    /// Exactly this character.
    Char(char),
    /// This ASCII letter in either case.
    Fold(char),
    /// `?`: one character; a colon only where `colon` says so.
    Any { colon: bool },
    /// `*`: any run of characters, the empty one too; colons only where `colon` says so.
    Star { colon: bool },
}

/// The set of strings that one pattern matches, or a superset of it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Language {
    atoms: Vec<Atom>,
    /// Whether this is the pattern's set and not a superset: a policy variable is taken for any
    /// text.
    exact: bool,
}

impl Language {
    /// The language of one text, no character special.
    pub(super) fn literal(text: &str) -> Language {
        Language { atoms: text.chars().map(Atom::Char).collect(), exact: true }
    }

    /// The language of one text in any case: ASCII letters compare without it.
    pub(super) fn literal_in_any_case(text: &str) -> Language {
        Language { atoms: text.chars().map(Atom::Fold).collect(), exact: true }
    }

    /// The language of a pattern over the whole string.
    pub(super) fn of(pattern: &Pattern) -> Language {
        let mut language = Language::literal("");
        language.push(pattern, true);
        language
    }

    /// The language of a `Resource` entry: a wildcard stays within its segment, except in the last.
    pub(super) fn of_resource(entry: &ResourcePattern) -> Language {
        match entry.shape() {
            Shape::Everything => Language { atoms: vec![Atom::Star { colon: true }], exact: true },
            Shape::Head { literal, tail } => {
                let mut language = Language::literal(literal);
                language.push(tail, true);
                language
            }
            Shape::Segments { head, tail } => Language::of_segments(head.iter().chain([tail])),
        }
    }

    /// The language of an ARN cut into segments, of which only the last may hold colons.
    pub(super) fn of_segments<'p>(segments: impl Iterator<Item = &'p Pattern>) -> Language {
        let mut language = Language::literal("");
        for (at, segment) in segments.enumerate() {
            if at > 0 {
                language.atoms.push(Atom::Char(':'));
            }
            language.push(segment, at == ARN_COLONS);
        }
        language
    }

    /// The language of every text that has an ARN's six segments.
    pub(super) fn any_arn() -> Language {
        Language::of_arns(None)
    }

    /// The languages of the ARNs of an account's resources: those that say it, and those that leave the account out.
    pub(super) fn of_account(account: &str) -> [Language; 2] {
        [account, ""].map(|account| Language::of_arns(Some(account)))
    }

    fn of_arns(account: Option<&str>) -> Language {
        let mut atoms: Vec<Atom> = "arn".chars().map(Atom::Char).collect();
        for at in 1..=ARN_COLONS {
            atoms.push(Atom::Char(':'));
            match account {
                Some(account) if at == ARN_ACCOUNT => atoms.extend(account.chars().map(Atom::Char)),
                _ => atoms.push(Atom::Star { colon: at == ARN_COLONS }),
            }
        }
        Language { atoms, exact: true }
    }

    fn push(&mut self, pattern: &Pattern, colon: bool) {
        let letter = |c: char| if pattern.folds_case() { Atom::Fold(c) } else { Atom::Char(c) };
        for (at, chunk) in pattern.chunks().iter().enumerate() {
            if at > 0 {
                self.atoms.push(Atom::Star { colon });
            }
            for piece in chunk {
                match piece {
                    Piece::Text(text) => self.atoms.extend(text.chars().map(letter)),
                    Piece::One => self.atoms.push(Atom::Any { colon }),
                    Piece::Variable(_) => {
                        self.atoms.push(Atom::Star { colon: true });
                        self.exact = false;
                    }
                }
            }
        }
    }

    fn admits(&self, text: &str) -> bool {
        let alive = text.chars().fold(close(self, vec![0]), |alive, c| advance(self, &alive, c));
        alive.last().is_some_and(|&last| last as usize == self.atoms.len())
    }
}

/// A demand on the string looked for: it is (`wanted`) or is not in the union of `languages`.
///
/// An empty union holds no string: wanting one is unsatisfiable, avoiding it is free.
#[derive(Clone, Debug)]
pub(super) struct Demand {
    languages: Vec<Language>,
    wanted: bool,
}

impl Demand {
    /// To be in the union. Where a language is a superset, so is what meets the demand.
    pub(super) fn want(languages: Vec<Language>) -> Demand {
        Demand { languages, wanted: true }
    }

    /// To be outside the union. A superset cannot be avoided soundly, so it is left out: what
    /// meets the demand is again a superset.
    pub(super) fn avoid(mut languages: Vec<Language>) -> Demand {
        languages.retain(|language| language.exact);
        Demand { languages, wanted: false }
    }

    /// Whether `text` meets it.
    pub(super) fn admits(&self, text: &str) -> bool {
        self.languages.iter().any(|language| language.admits(text)) == self.wanted
    }
}

/// What [`example`] found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Example {
    /// A shortest string that meets every demand.
    Found(String),
    /// Proven: no string meets them all.
    None,
    /// The product grew past the budget; nothing is known.
    TooComplex,
}

/// A shortest string that meets every demand, or the proof that there is none.
///
/// Work is bounded by [`WORK_MAX`] living pattern positions, and by what is left of the question's; past it the answer is
/// [`Example::TooComplex`].
pub(super) fn example(demands: &[Demand], effort: &Effort) -> Example {
    let atoms = demands.iter().flat_map(|demand| &demand.languages).map(|it| it.atoms.len() + 1);
    if !effort.step(atoms.sum()) {
        return Example::TooComplex;
    }
    let product = Product::new(demands);
    let start = product.start();
    let mut seen: HashMap<State, usize> = HashMap::from([(start.clone(), 0)]);
    let mut trail: Vec<(usize, char)> = vec![(0, ' ')];
    let mut queue = VecDeque::from([(start, 0_usize)]);
    let mut work = 0_usize;
    while let Some((state, index)) = queue.pop_front() {
        if product.accepts(&state) {
            return Example::Found(spell(&trail, index));
        }
        for letter in product.letters(&state) {
            let positions = state.iter().map(|alive| alive.len() + 1).sum::<usize>();
            work += positions;
            if work > WORK_MAX || !effort.step(positions) {
                return Example::TooComplex;
            }
            let next = product.step(&state, letter);
            if product.is_hopeless(&next) || seen.contains_key(&next) {
                continue;
            }
            seen.insert(next.clone(), trail.len());
            queue.push_back((next, trail.len()));
            trail.push((index, letter));
        }
    }
    Example::None
}

/// Colons of an ARN: `arn:partition:service:region:account:resource`.
const ARN_COLONS: usize = 5;

/// Before its account.
const ARN_ACCOUNT: usize = 4;

/// Pattern positions visited before [`example`] gives up.
const WORK_MAX: usize = 2_000_000;

/// For each language, in order, which of its positions are alive; each list is sorted.
type State = Vec<Vec<u32>>;

struct Product<'a> {
    demands: &'a [Demand],
    languages: Vec<&'a Language>,
    /// A character that no pattern names.
    fresh: char,
}

impl<'a> Product<'a> {
    fn new(demands: &'a [Demand]) -> Self {
        let languages: Vec<&Language> = demands.iter().flat_map(|d| &d.languages).collect();
        Self { demands, fresh: fresh(&languages), languages }
    }

    fn start(&self) -> State {
        self.languages.iter().map(|language| close(language, vec![0])).collect()
    }

    /// The characters worth trying: those that some living position asks for, and one that none
    /// does, which stands for all the others.
    fn letters(&self, state: &State) -> Vec<char> {
        let mut letters = vec![self.fresh];
        for (language, alive) in self.languages.iter().zip(state) {
            for &position in alive {
                match language.atoms.get(position as usize) {
                    Some(Atom::Char(c)) => letters.push(*c),
                    Some(Atom::Fold(c)) => {
                        letters.extend([c.to_ascii_lowercase(), c.to_ascii_uppercase()]);
                    }
                    // Only a colon can tell these apart.
                    Some(Atom::Any { .. } | Atom::Star { .. }) => letters.push(':'),
                    None => {}
                }
            }
        }
        letters.sort_unstable_by_key(|letter| (*letter != self.fresh, *letter));
        letters.dedup();
        letters
    }

    fn step(&self, state: &State, letter: char) -> State {
        self.languages
            .iter()
            .zip(state)
            .map(|(language, alive)| advance(language, alive, letter))
            .collect()
    }

    fn accepts(&self, state: &State) -> bool {
        let ends = |(language, alive): (&&Language, &Vec<u32>)| {
            alive.last().is_some_and(|&last| last as usize == language.atoms.len())
        };
        let mut accepted = self.languages.iter().zip(state).map(ends);
        self.demands.iter().all(|demand| {
            // Not `any`: every flag of the group is taken, so the next group starts at its own.
            let matched = accepted.by_ref().take(demand.languages.len()).fold(false, |a, b| a | b);
            matched == demand.wanted
        })
    }

    /// No continuation can meet a wanted demand any more.
    fn is_hopeless(&self, state: &State) -> bool {
        let mut alive = state.iter();
        self.demands.iter().any(|demand| {
            let dead = alive
                .by_ref()
                .take(demand.languages.len())
                .fold(true, |dead, positions| dead & positions.is_empty());
            demand.wanted && dead
        })
    }
}

/// The positions alive after `letter`.
fn advance(language: &Language, alive: &[u32], letter: char) -> Vec<u32> {
    let mut next = Vec::with_capacity(alive.len() + 1);
    for &position in alive {
        match language.atoms.get(position as usize) {
            Some(Atom::Char(c)) if *c == letter => next.push(position + 1),
            Some(Atom::Fold(c)) if c.eq_ignore_ascii_case(&letter) => next.push(position + 1),
            Some(Atom::Any { colon }) if *colon || letter != ':' => next.push(position + 1),
            Some(Atom::Star { colon }) if *colon || letter != ':' => next.push(position),
            _ => {}
        }
    }
    close(language, next)
}

/// Adds what a `*` may skip to; sorted and without repeats.
fn close(language: &Language, mut alive: Vec<u32>) -> Vec<u32> {
    let mut at = 0;
    while let Some(&position) = alive.get(at) {
        if matches!(language.atoms.get(position as usize), Some(Atom::Star { .. })) {
            alive.push(position + 1);
        }
        at += 1;
    }
    alive.sort_unstable();
    alive.dedup();
    alive
}

/// A character that no pattern names; a plain one, if there is one.
fn fresh(languages: &[&Language]) -> char {
    let named = |c: &char| {
        languages.iter().flat_map(|language| &language.atoms).any(|atom| match atom {
            Atom::Char(other) => other == c,
            Atom::Fold(other) => other.eq_ignore_ascii_case(c),
            Atom::Any { .. } | Atom::Star { .. } => false,
        })
    };
    let plain = ('a'..='z').chain('0'..='9').chain('\u{4e00}'..);
    plain.into_iter().find(|c| !named(c)).unwrap_or('\u{10ffff}')
}

fn spell(trail: &[(usize, char)], mut index: usize) -> String {
    let mut letters = Vec::new();
    while index > 0 {
        let Some(&(parent, letter)) = trail.get(index) else { break };
        letters.push(letter);
        index = parent;
    }
    letters.iter().rev().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pattern::Syntax;

    fn wildcard(text: &str) -> Language {
        let syntax = Syntax { wildcards: true, variables: false, fold: false, domain: false };
        Language::of(&Pattern::parse(text, syntax).unwrap())
    }

    fn find(wanted: &[&str], avoided: &[&str]) -> Example {
        let wanted = wanted.iter().map(|text| Demand::want(vec![wildcard(text)]));
        let avoided = avoided.iter().map(|text| Demand::avoid(vec![wildcard(text)]));
        example(&wanted.chain(avoided).collect::<Vec<_>>(), &Effort::unbounded())
    }

    #[test]
    fn the_shortest_string_of_a_pattern_leaves_its_star_empty() {
        assert_eq!(find(&["logs-*"], &[]), Example::Found("logs-".into()));
    }

    #[test]
    fn two_patterns_meet_in_one_string() {
        assert_eq!(find(&["a*", "*b"], &[]), Example::Found("ab".into()));
    }

    #[test]
    fn patterns_that_cannot_meet_are_proven_apart() {
        assert_eq!(find(&["a*", "b*"], &[]), Example::None);
    }

    #[test]
    fn a_pattern_minus_a_wider_one_is_empty() {
        assert_eq!(find(&["logs-2026*"], &["logs-*"]), Example::None);
    }

    #[test]
    fn a_pattern_minus_a_narrower_one_leaves_a_witness() {
        assert_eq!(find(&["logs-*"], &["logs-2026*"]), Example::Found("logs-".into()));
    }

    #[test]
    fn a_union_that_covers_a_pattern_leaves_nothing() {
        assert_eq!(find(&["a*"], &["a", "a?*"]), Example::None);
    }

    #[test]
    fn a_character_that_no_pattern_names_is_tried() {
        assert_eq!(find(&["?"], &["a", ":"]), Example::Found("b".into()));
    }

    #[test]
    fn a_star_in_an_early_arn_segment_does_not_swallow_a_colon() {
        let entry = ResourcePattern::parse("arn:aws:es:*:1:domain/d", true, false).unwrap();
        let straddling = Language::literal("arn:aws:es:a:b:1:domain/d");
        let demands = [vec![Language::of_resource(&entry)], vec![straddling]].map(Demand::want);
        assert_eq!(example(&demands, &Effort::unbounded()), Example::None);
    }

    #[test]
    fn wanting_a_member_of_an_empty_union_is_unsatisfiable() {
        assert_eq!(example(&[Demand::want(vec![])], &Effort::unbounded()), Example::None);
    }

    #[test]
    fn ten_thousand_stars_end_within_the_budget() {
        let stars = "*a".repeat(10_000);
        let found = find(&[&stars], &["b*"]);
        assert!(matches!(found, Example::Found(_) | Example::TooComplex), "{found:?}");
    }
}
