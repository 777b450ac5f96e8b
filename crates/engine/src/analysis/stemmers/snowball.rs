//! The Snowball stemmers, by the names that Lucene has for them.

use rust_stemmers::{Algorithm, Stemmer};

use crate::analysis::Token;
use crate::analysis::steps::{TokenChange, TokenFilter};

/// A Snowball stemmer. Most are those of `rust-stemmers`, which are of the same year as Lucene's; the languages it does not
/// have are `frostem`'s.
#[derive(Clone, Copy, Debug)]
pub(in crate::analysis) enum Snowball {
    /// One of the year of Lucene's.
    Own(Algorithm),
    /// German, after `ae`, `oe` and `ue` have become umlauts.
    German2,
    /// Dutch, of Kraaij and Pohlmann, in whose first version letters with marks are no vowels.
    KraaijPohlmann,
    /// A newer one.
    Newer(frostem::Algorithm),
}

const LANGUAGES: &[(&str, Snowball)] = &[
    ("Armenian", Snowball::Newer(frostem::Algorithm::Armenian)),
    ("Arabic", Snowball::Own(Algorithm::Arabic)),
    ("Basque", Snowball::Newer(frostem::Algorithm::Basque)),
    ("Catalan", Snowball::Newer(frostem::Algorithm::Catalan)),
    ("Danish", Snowball::Own(Algorithm::Danish)),
    ("Dutch", Snowball::Own(Algorithm::Dutch)),
    ("English", Snowball::Own(Algorithm::English)),
    ("Estonian", Snowball::Newer(frostem::Algorithm::Estonian)),
    ("Finnish", Snowball::Own(Algorithm::Finnish)),
    ("French", Snowball::Own(Algorithm::French)),
    ("German", Snowball::Own(Algorithm::German)),
    ("German2", Snowball::German2),
    ("Hungarian", Snowball::Own(Algorithm::Hungarian)),
    ("Irish", Snowball::Newer(frostem::Algorithm::Irish)),
    ("Italian", Snowball::Own(Algorithm::Italian)),
    ("Kp", Snowball::KraaijPohlmann),
    ("Lithuanian", Snowball::Newer(frostem::Algorithm::Lithuanian)),
    ("Lovins", Snowball::Newer(frostem::Algorithm::Lovins)),
    ("Norwegian", Snowball::Own(Algorithm::Norwegian)),
    ("Porter", Snowball::Newer(frostem::Algorithm::Porter)),
    ("Portuguese", Snowball::Own(Algorithm::Portuguese)),
    ("Romanian", Snowball::Own(Algorithm::Romanian)),
    ("Russian", Snowball::Own(Algorithm::Russian)),
    ("Spanish", Snowball::Own(Algorithm::Spanish)),
    ("Swedish", Snowball::Own(Algorithm::Swedish)),
    ("Turkish", Snowball::Own(Algorithm::Turkish)),
];

impl Snowball {
    /// The stemmer that Lucene calls `name`.
    pub(in crate::analysis) fn named(name: &str) -> Option<Snowball> {
        LANGUAGES.iter().find(|(known, _)| *known == name).map(|(_, snowball)| *snowball)
    }

    /// The stem of `word`.
    fn stem(self, word: &str) -> String {
        match self {
            Snowball::Own(algorithm) => Stemmer::create(algorithm).stem(word).into_owned(),
            Snowball::Newer(algorithm) => frostem::Stemmer::new(algorithm).stem(word).into_owned(),
            Snowball::KraaijPohlmann => {
                let stemmer = frostem::Stemmer::new(frostem::Algorithm::Dutch);
                let hidden: String = word.chars().map(|c| moved(c, HIDING)).collect();
                stemmer.stem(&hidden).chars().map(|c| moved(c, -HIDING)).collect()
            }
            Snowball::German2 => {
                Stemmer::create(Algorithm::German).stem(&umlauts(word)).into_owned()
            }
        }
    }
}

impl TokenFilter for Snowball {
    fn one(&self) -> Option<&dyn TokenChange> {
        Some(self)
    }

    fn shows_keyword(&self) -> bool {
        true
    }
}

impl TokenChange for Snowball {
    fn change(&self, token: &mut Token) -> bool {
        if !token.keyword {
            token.text = self.stem(&token.text);
        }
        true
    }
}

/// How far letters are moved that a stemmer shall take for consonants: into a plane for private use.
const HIDING: i32 = 0xF_0000;

/// A letter that is not ASCII, moved by `places`; any other as it is.
fn moved(letter: char, places: i32) -> char {
    let there = u32::from(letter).checked_add_signed(places).and_then(char::from_u32);
    if letter.is_ascii() { letter } else { there.unwrap_or(letter) }
}

/// Umlauts for the vowels with `e` that stand for them. An `u` between vowels is a consonant, and `qu` one letter.
fn umlauts(word: &str) -> String {
    let is_vowel =
        |letter: Option<&char>| letter.is_some_and(|letter| "aeiouyäöü".contains(*letter));
    let letters: Vec<char> = word.chars().collect();
    let mut made = String::with_capacity(word.len());
    let mut at = 0;
    while let Some(letter) = letters.get(at) {
        let next = letters.get(at + 1);
        let before = at.checked_sub(1).and_then(|before| letters.get(before));
        let consonant = *letter == 'u' && is_vowel(before) && is_vowel(next);
        let umlaut = match (letter, next) {
            ('a', Some('e')) => Some('ä'),
            ('o', Some('e')) => Some('ö'),
            ('u', Some('e')) if !consonant => Some('ü'),
            _ => None,
        };
        match umlaut {
            Some(umlaut) => {
                made.push(umlaut);
                at += 2;
            }
            None if *letter == 'q' && next == Some(&'u') => {
                made.push_str("qu");
                at += 2;
            }
            None => {
                made.push(*letter);
                at += 1;
            }
        }
    }
    made
}
