//! Portuguese and Galician by steps of rules. Sources: Orengo and Huyck, "A stemming algorithm for the Portuguese language"
//! (RSLP), and the rules for Galician in the same form, with the rules that Lucene 8 has (`rules/`, NOTICE).

use std::sync::LazyLock;

use super::{ends, fold, unmarked};

/// `stemmer` with `portuguese_rslp`.
pub(in crate::analysis) fn portuguese_rslp(letters: &mut Vec<char>) {
    let rules = &*PORTUGUESE;
    for step in ["plural", "adverb", "feminine", "augmentative"] {
        rules.run(step, letters);
    }
    if !rules.run("noun", letters) && !rules.run("verb", letters) {
        rules.run("vowel", letters);
    }
    fold(letters, |letter| match letter {
        'ã' | 'å' => Some('a'),
        'õ' => Some('o'),
        'ç' => Some('c'),
        'ñ' => Some('n'),
        'ý' | 'ÿ' => Some('y'),
        other => unmarked(other),
    });
}

/// `stemmer` with `minimal_portuguese`: without plural.
pub(in crate::analysis) fn portuguese_minimal(letters: &mut Vec<char>) {
    PORTUGUESE.run("plural", letters);
}

/// `stemmer` with `galician`.
pub(in crate::analysis) fn galician(letters: &mut Vec<char>) {
    let rules = &*GALICIAN;
    for step in ["plural", "unification", "adverb"] {
        rules.run(step, letters);
    }
    // A word may bear several of them. Each takes a letter away or is the last.
    let mut length = usize::MAX;
    while letters.len() != length {
        length = letters.len();
        rules.run("augmentative", letters);
    }
    if !rules.run("noun", letters) {
        rules.run("verb", letters);
    }
    rules.run("vowel", letters);
    fold(letters, |letter| match letter {
        'á' => Some('a'),
        'é' | 'ê' => Some('e'),
        'í' => Some('i'),
        'ó' => Some('o'),
        'ú' => Some('u'),
        _ => None,
    });
}

/// `stemmer` with `minimal_galician`: without plural.
pub(in crate::analysis) fn galician_minimal(letters: &mut Vec<char>) {
    GALICIAN.run("plural", letters);
}

static PORTUGUESE: LazyLock<Rslp> =
    LazyLock::new(|| Rslp::read(include_str!("../rules/portuguese.txt")));
static GALICIAN: LazyLock<Rslp> =
    LazyLock::new(|| Rslp::read(include_str!("../rules/galician.txt")));

/// The steps of a language.
struct Rslp(Vec<RslpStep>);

/// One step: the first of its rules that fits is done.
struct RslpStep {
    name: &'static str,
    /// Letters that a word has at least.
    least: usize,
    /// Endings of which the word has one; none: any word.
    endings: Vec<&'static str>,
    rules: Vec<RslpRule>,
}

struct RslpRule {
    suffix: &'static str,
    /// Letters that stand before the suffix at least.
    stem_least: usize,
    replacement: &'static str,
    /// Words that keep it, or where `whole` is false, what such words end in.
    exceptions: Vec<&'static str>,
    whole: bool,
}

impl Rslp {
    /// Reads `=NAME LEAST whole|end ENDING…`, the head of a step, and its rules, `SUFFIX STEM REPLACEMENT EXCEPTION…`. What
    /// cannot be read is left out; a test counts the rules.
    fn read(text: &'static str) -> Rslp {
        let mut steps: Vec<RslpStep> = Vec::new();
        let mut whole = false;
        for line in text.lines() {
            let mut words = line.split(' ');
            let (Some(first), Some(number)) =
                (words.next(), words.next().and_then(|number| number.parse().ok()))
            else {
                continue;
            };
            let third = words.next().unwrap_or_default();
            let rest = words.collect();
            if let Some(name) = first.strip_prefix('=') {
                whole = third == "whole";
                steps.push(RslpStep { name, least: number, endings: rest, rules: Vec::new() });
            } else if let Some(step) = steps.last_mut() {
                let replacement = if third == "-" { "" } else { third };
                let (suffix, stem_least, exceptions) = (first, number, rest);
                step.rules.push(RslpRule { suffix, stem_least, replacement, exceptions, whole });
            }
        }
        Rslp(steps)
    }

    /// Does the step called `name`; whether it changed the length of the word.
    fn run(&self, name: &str, letters: &mut Vec<char>) -> bool {
        let Some(step) = self.0.iter().find(|step| step.name == name) else { return false };
        let fits = |rule: &&RslpRule| rule.fits(letters);
        let has_ending = step.endings.is_empty() || step.endings.iter().any(|e| ends(letters, e));
        if letters.len() < step.least || !has_ending {
            return false;
        }
        let Some(rule) = step.rules.iter().find(fits) else { return false };
        let length = letters.len();
        letters.truncate(length.saturating_sub(rule.suffix.chars().count()));
        letters.extend(rule.replacement.chars());
        letters.len() != length
    }
}

impl RslpRule {
    fn fits(&self, letters: &[char]) -> bool {
        let stem = letters.len().checked_sub(self.suffix.chars().count());
        stem.is_some_and(|stem| stem >= self.stem_least)
            && ends(letters, self.suffix)
            && !self.exceptions.iter().any(|exception| {
                ends(letters, exception)
                    && (!self.whole || exception.chars().count() == letters.len())
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_rules_is_read() {
        for (text, rslp) in [
            (include_str!("../rules/portuguese.txt"), &PORTUGUESE),
            (include_str!("../rules/galician.txt"), &GALICIAN),
        ] {
            let read: usize = rslp.0.iter().map(|step| 1 + step.rules.len()).sum();
            assert_eq!(read, text.lines().count());
            assert_eq!(rslp.0.len(), 7);
        }
    }
}
