//! `porter_stem`: the Porter stemmer, as Lucene's `PorterStemmer` has it: the 1980 paper with the author's two departures
//! (`bli` → `ble`, `logi` → `log`) and words of one or two letters left alone.

use std::sync::Arc;

use crate::analysis::Token;
use crate::analysis::part_settings::PartSettings;
use crate::analysis::steps::{TokenChange, TokenFilter};
use crate::exception::Exception;

/// Stems English words.
#[derive(Debug)]
pub(in crate::analysis) struct PorterStem;

pub(super) fn parse(settings: &PartSettings<'_>) -> Result<Arc<dyn TokenFilter>, Exception> {
    settings.only(&[])?;
    Ok(Arc::new(PorterStem))
}

impl TokenFilter for PorterStem {
    fn one(&self) -> Option<&dyn TokenChange> {
        Some(self)
    }
}

impl TokenChange for PorterStem {
    fn change(&self, token: &mut Token) -> bool {
        if !token.keyword {
            stem(&mut token.text);
        }
        true
    }
}

/// A letter of a word: a byte where the word is ASCII, which most words are.
trait Letter: Copy + Eq {
    /// It, where it is ASCII; 0 for others, which are consonants.
    fn ascii(self) -> u8;
    /// The letter that is `byte`.
    fn of(byte: u8) -> Self;
}

impl Letter for u8 {
    fn ascii(self) -> u8 {
        self
    }

    fn of(byte: u8) -> u8 {
        byte
    }
}

impl Letter for char {
    fn ascii(self) -> u8 {
        u8::try_from(self).unwrap_or(0)
    }

    fn of(byte: u8) -> char {
        byte.into()
    }
}

/// Replaces `word` by its stem. Words with other than lower-case ASCII letters keep those letters as consonants.
fn stem(word: &mut String) {
    if word.is_ascii() {
        let mut letters = std::mem::take(word).into_bytes();
        stem_letters(&mut letters);
        *word = String::from_utf8(letters).unwrap_or_default();
        return;
    }
    let mut letters: Vec<char> = word.chars().collect();
    stem_letters(&mut letters);
    word.clear();
    word.extend(letters);
}

fn stem_letters<L: Letter>(letters: &mut Vec<L>) {
    if letters.len() <= 2 {
        return;
    }
    step_1a(letters);
    step_1b(letters);
    step_1c(letters);
    step_2(letters);
    step_3(letters);
    step_4(letters);
    step_5(letters);
}

/// The letter at `at`; 0 where there is none.
fn at<L: Letter>(letters: &[L], at: usize) -> u8 {
    letters.get(at).map_or(0, |letter| letter.ascii())
}

/// The last letter; 0 of nothing.
fn last<L: Letter>(letters: &[L]) -> u8 {
    letters.last().map_or(0, |letter| letter.ascii())
}

fn is_consonant<L: Letter>(letters: &[L], place: usize) -> bool {
    match at(letters, place) {
        b'a' | b'e' | b'i' | b'o' | b'u' => false,
        b'y' => place == 0 || !is_consonant(letters, place - 1),
        _ => true,
    }
}

/// The measure m of the first `length` letters: how often a vowel is followed by a consonant.
fn measure<L: Letter>(letters: &[L], length: usize) -> usize {
    let (mut count, mut after_consonant) = (0, true);
    for (place, letter) in letters.iter().take(length).enumerate() {
        let consonant = match letter.ascii() {
            b'a' | b'e' | b'i' | b'o' | b'u' => false,
            b'y' => place == 0 || !after_consonant,
            _ => true,
        };
        count += usize::from(consonant && !after_consonant);
        after_consonant = consonant;
    }
    count
}

fn has_vowel<L: Letter>(letters: &[L], length: usize) -> bool {
    (0..length).any(|at| !is_consonant(letters, at))
}

fn ends_in_double_consonant<L: Letter>(letters: &[L]) -> bool {
    let last = letters.len().wrapping_sub(1);
    letters.len() >= 2 && letters.get(last) == letters.get(last - 1) && is_consonant(letters, last)
}

/// Consonant, vowel, consonant at the end of the first `length` letters, the last not w, x or y.
fn ends_in_cvc<L: Letter>(letters: &[L], length: usize) -> bool {
    length >= 3
        && is_consonant(letters, length - 1)
        && !is_consonant(letters, length - 2)
        && is_consonant(letters, length - 3)
        && !matches!(at(letters, length - 1), b'w' | b'x' | b'y')
}

/// The length of the word before `suffix`, when it ends so.
#[inline]
fn before<L: Letter>(letters: &[L], suffix: &str) -> Option<usize> {
    let length = letters.len().checked_sub(suffix.len())?;
    let ending = letters.iter().rev().zip(suffix.bytes().rev());
    // The last letter tells most of them apart.
    ending.into_iter().all(|(letter, byte)| letter.ascii() == byte).then_some(length)
}

fn replace<L: Letter>(letters: &mut Vec<L>, length: usize, ending: &str) {
    letters.truncate(length);
    letters.extend(ending.bytes().map(L::of));
}

fn step_1a<L: Letter>(letters: &mut Vec<L>) {
    if last(letters) != b's' {
        return;
    }
    if let Some(length) = before(letters, "sses") {
        letters.truncate(length + 2);
    } else if let Some(length) = before(letters, "ies") {
        replace(letters, length, "i");
    } else if letters.len() >= 2 && at(letters, letters.len() - 2) != b's' {
        letters.pop();
    }
}

fn step_1b<L: Letter>(letters: &mut Vec<L>) {
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
        letters.push(L::of(b'e'));
    } else if ends_in_double_consonant(letters) {
        if !matches!(last(letters), b'l' | b's' | b'z') {
            letters.pop();
        }
    } else if measure(letters, letters.len()) == 1 && ends_in_cvc(letters, letters.len()) {
        letters.push(L::of(b'e'));
    }
}

fn step_1c<L: Letter>(letters: &mut [L]) {
    let length = letters.len().saturating_sub(1);
    if last(letters) == b'y'
        && has_vowel(letters, length)
        && let Some(last) = letters.last_mut()
    {
        *last = L::of(b'i');
    }
}

/// The first suffix that fits decides, whether or not its measure lets it be replaced.
fn first_fit<L: Letter>(letters: &mut Vec<L>, table: &[(&str, &str)]) {
    for (suffix, ending) in table {
        if let Some(length) = before(letters, suffix) {
            if measure(letters, length) > 0 {
                replace(letters, length, ending);
            }
            return;
        }
    }
}

fn step_2<L: Letter>(letters: &mut Vec<L>) {
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

fn step_3<L: Letter>(letters: &mut Vec<L>) {
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

fn step_4<L: Letter>(letters: &mut Vec<L>) {
    const SUFFIXES: &[&str] = &[
        "al", "ance", "ence", "er", "ic", "able", "ible", "ant", "ement", "ment", "ent", "ion",
        "ou", "ism", "ate", "iti", "ous", "ive", "ize",
    ];
    for suffix in SUFFIXES {
        let Some(length) = before(letters, suffix) else { continue };
        if *suffix == "ion" && !matches!(at(letters, length.wrapping_sub(1)), b's' | b't') {
            continue;
        }
        if measure(letters, length) > 1 {
            letters.truncate(length);
        }
        return;
    }
}

fn step_5<L: Letter>(letters: &mut Vec<L>) {
    let length = letters.len().saturating_sub(1);
    if last(letters) == b'e' {
        let m = measure(letters, length);
        if m > 1 || m == 1 && !ends_in_cvc(letters, length) {
            letters.pop();
        }
    }
    if last(letters) == b'l'
        && ends_in_double_consonant(letters)
        && measure(letters, letters.len()) > 1
    {
        letters.pop();
    }
}
