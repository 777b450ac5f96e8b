//! `porter_stem`: the Porter stemmer, as Lucene's `PorterStemmer` has it: the 1980 paper with the author's two departures
//! (`bli` → `ble`, `logi` → `log`) and words of one or two letters left alone.

use std::sync::Arc;

use crate::analysis::Token;
use crate::analysis::part_settings::PartSettings;
use crate::analysis::steps::TokenFilter;
use crate::exception::Exception;
use crate::work::Cancel;

/// Stems English words.
#[derive(Debug)]
pub(in crate::analysis) struct PorterStem;

pub(super) fn parse(settings: &PartSettings<'_>) -> Result<Arc<dyn TokenFilter>, Exception> {
    settings.only(&[])?;
    Ok(Arc::new(PorterStem))
}

impl TokenFilter for PorterStem {
    fn apply(&self, mut tokens: Vec<Token>, _: &Cancel) -> Vec<Token> {
        for token in tokens.iter_mut().filter(|token| !token.keyword) {
            stem(&mut token.text);
        }
        tokens
    }
}

/// Replaces `word` by its stem. Words with other than lower-case ASCII letters keep those letters as consonants.
fn stem(word: &mut String) {
    let mut letters: Vec<char> = word.chars().collect();
    if letters.len() <= 2 {
        return;
    }
    step_1a(&mut letters);
    step_1b(&mut letters);
    step_1c(&mut letters);
    step_2(&mut letters);
    step_3(&mut letters);
    step_4(&mut letters);
    step_5(&mut letters);
    word.clear();
    word.extend(letters);
}

fn is_consonant(letters: &[char], at: usize) -> bool {
    match letters.get(at) {
        Some('a' | 'e' | 'i' | 'o' | 'u') => false,
        Some('y') => at == 0 || !is_consonant(letters, at - 1),
        _ => true,
    }
}

/// The measure m of the first `length` letters: how often a vowel is followed by a consonant.
fn measure(letters: &[char], length: usize) -> usize {
    (1..length).filter(|at| is_consonant(letters, *at) && !is_consonant(letters, at - 1)).count()
}

fn has_vowel(letters: &[char], length: usize) -> bool {
    (0..length).any(|at| !is_consonant(letters, at))
}

fn ends_in_double_consonant(letters: &[char]) -> bool {
    let last = letters.len().wrapping_sub(1);
    letters.len() >= 2 && letters.get(last) == letters.get(last - 1) && is_consonant(letters, last)
}

/// Consonant, vowel, consonant at the end of the first `length` letters, the last not w, x or y.
fn ends_in_cvc(letters: &[char], length: usize) -> bool {
    length >= 3
        && is_consonant(letters, length - 1)
        && !is_consonant(letters, length - 2)
        && is_consonant(letters, length - 3)
        && !matches!(letters.get(length - 1), Some('w' | 'x' | 'y'))
}

/// The length of the word before `suffix`, when it ends so.
fn before(letters: &[char], suffix: &str) -> Option<usize> {
    let length = letters.len().checked_sub(suffix.len())?;
    letters.iter().skip(length).copied().eq(suffix.chars()).then_some(length)
}

fn replace(letters: &mut Vec<char>, length: usize, ending: &str) {
    letters.truncate(length);
    letters.extend(ending.chars());
}

fn step_1a(letters: &mut Vec<char>) {
    if letters.last() != Some(&'s') {
        return;
    }
    if let Some(length) = before(letters, "sses") {
        letters.truncate(length + 2);
    } else if let Some(length) = before(letters, "ies") {
        replace(letters, length, "i");
    } else if letters.len() >= 2 && letters.get(letters.len() - 2) != Some(&'s') {
        letters.pop();
    }
}

fn step_1b(letters: &mut Vec<char>) {
    if let Some(length) = before(letters, "eed") {
        if measure(letters, length) > 0 {
            letters.pop();
        }
        return;
    }
    let Some(length) = before(letters, "ed").or_else(|| before(letters, "ing")) else { return };
    if !has_vowel(letters, length) {
        return;
    }
    letters.truncate(length);
    if before(letters, "at").is_some()
        || before(letters, "bl").is_some()
        || before(letters, "iz").is_some()
    {
        letters.push('e');
    } else if ends_in_double_consonant(letters) {
        if !matches!(letters.last(), Some('l' | 's' | 'z')) {
            letters.pop();
        }
    } else if measure(letters, letters.len()) == 1 && ends_in_cvc(letters, letters.len()) {
        letters.push('e');
    }
}

fn step_1c(letters: &mut [char]) {
    let length = letters.len().saturating_sub(1);
    if letters.last() == Some(&'y')
        && has_vowel(letters, length)
        && let Some(last) = letters.last_mut()
    {
        *last = 'i';
    }
}

/// The first suffix that fits decides, whether or not its measure lets it be replaced.
fn first_fit(letters: &mut Vec<char>, table: &[(&str, &str)]) {
    for (suffix, ending) in table {
        if let Some(length) = before(letters, suffix) {
            if measure(letters, length) > 0 {
                replace(letters, length, ending);
            }
            return;
        }
    }
}

fn step_2(letters: &mut Vec<char>) {
    first_fit(
        letters,
        &[
            ("ational", "ate"),
            ("tional", "tion"),
            ("enci", "ence"),
            ("anci", "ance"),
            ("izer", "ize"),
            ("bli", "ble"),
            ("alli", "al"),
            ("entli", "ent"),
            ("eli", "e"),
            ("ousli", "ous"),
            ("ization", "ize"),
            ("ation", "ate"),
            ("ator", "ate"),
            ("alism", "al"),
            ("iveness", "ive"),
            ("fulness", "ful"),
            ("ousness", "ous"),
            ("aliti", "al"),
            ("iviti", "ive"),
            ("biliti", "ble"),
            ("logi", "log"),
        ],
    );
}

fn step_3(letters: &mut Vec<char>) {
    first_fit(
        letters,
        &[
            ("icate", "ic"),
            ("ative", ""),
            ("alize", "al"),
            ("iciti", "ic"),
            ("ical", "ic"),
            ("ful", ""),
            ("ness", ""),
        ],
    );
}

fn step_4(letters: &mut Vec<char>) {
    const SUFFIXES: &[&str] = &[
        "al", "ance", "ence", "er", "ic", "able", "ible", "ant", "ement", "ment", "ent", "ion",
        "ou", "ism", "ate", "iti", "ous", "ive", "ize",
    ];
    for suffix in SUFFIXES {
        let Some(length) = before(letters, suffix) else { continue };
        if *suffix == "ion"
            && !matches!(length.checked_sub(1).and_then(|at| letters.get(at)), Some('s' | 't'))
        {
            continue;
        }
        if measure(letters, length) > 1 {
            letters.truncate(length);
        }
        return;
    }
}

fn step_5(letters: &mut Vec<char>) {
    let length = letters.len().saturating_sub(1);
    if letters.last() == Some(&'e') {
        let m = measure(letters, length);
        if m > 1 || m == 1 && !ends_in_cvc(letters, length) {
            letters.pop();
        }
    }
    if letters.last() == Some(&'l')
        && ends_in_double_consonant(letters)
        && measure(letters, letters.len()) > 1
    {
        letters.pop();
    }
}
