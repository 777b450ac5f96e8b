//! Stemmers: what is left of a word without its endings. Each is a function of letters in lower case.
//!
//! Sources: the light stemmers that Jacques Savoy describes in his reports of the CLEF campaigns, and those papers that
//! each file names, with the lengths that Lucene 8 asks for; the Snowball algorithms are libraries'.

mod arabic;
mod bengali;
mod brazilian;
mod bulgarian;
mod caumanns;
mod czech;
mod english;
mod finnish;
mod french;
mod german;
mod greek;
mod hindi;
mod hungarian;
mod indonesian;
mod italian;
mod kstem;
mod latvian;
mod norwegian;
mod persian;
mod portuguese;
mod rslp;
mod russian;
mod snowball;
mod sorani;
mod spanish;
mod swedish;

pub(super) use arabic::arabic;
pub(super) use bengali::bengali;
pub(super) use brazilian::brazilian;
pub(super) use bulgarian::bulgarian;
pub(super) use caumanns::caumanns;
pub(super) use czech::czech;
pub(super) use english::{english_minimal, english_plural};
pub(super) use finnish::finnish_light;
pub(super) use french::{french_light, french_minimal};
pub(super) use german::{german_light, german_minimal};
pub(super) use greek::greek;
pub(super) use hindi::hindi;
pub(super) use hungarian::hungarian_light;
pub(super) use indonesian::indonesian;
pub(super) use italian::italian_light;
pub(super) use kstem::kstem;
pub(super) use latvian::latvian;
pub(super) use norwegian::{bokmal_light, bokmal_minimal, nynorsk_light, nynorsk_minimal};
pub(super) use persian::persian;
pub(super) use portuguese::portuguese_light;
pub(super) use rslp::{galician, galician_minimal, portuguese_minimal, portuguese_rslp};
pub(super) use russian::russian_light;
pub(super) use snowball::Snowball;
pub(super) use sorani::sorani;
pub(super) use spanish::spanish_light;
pub(super) use swedish::swedish_light;

/// Whether a word ends in `suffix`.
fn ends(letters: &[char], suffix: &str) -> bool {
    suffix.chars().rev().eq(letters.iter().rev().take(suffix.chars().count()).copied())
}

/// The letter that is `place` places from the end, from 1.
fn back(letters: &[char], place: usize) -> Option<char> {
    letters.len().checked_sub(place).and_then(|at| letters.get(at)).copied()
}

/// Puts `letter` at the place that is `place` places from the end, from 1.
fn put(letters: &mut [char], place: usize, letter: char) {
    if let Some(own) = letters.len().checked_sub(place).and_then(|at| letters.get_mut(at)) {
        *own = letter;
    }
}

/// Takes the last `count` letters away.
fn cut(letters: &mut Vec<char>, count: usize) {
    letters.truncate(letters.len().saturating_sub(count));
}

/// Takes the first of `suffixes` away that a word of more than `length` letters ends in; whether there was one.
fn strip(letters: &mut Vec<char>, length: usize, suffixes: &[&str]) -> bool {
    if letters.len() <= length {
        return false;
    }
    match suffixes.iter().find(|suffix| ends(letters, suffix)) {
        Some(suffix) => {
            cut(letters, suffix.chars().count());
            true
        }
        None => false,
    }
}

/// Whether a word of more than `length` letters ends in one of `suffixes`.
fn has(letters: &[char], length: usize, suffixes: &[&str]) -> bool {
    letters.len() > length && suffixes.iter().any(|suffix| ends(letters, suffix))
}

/// Replaces letters by those that `plain` gives for them.
fn fold(letters: &mut [char], plain: impl Fn(char) -> Option<char>) {
    for letter in letters {
        *letter = plain(*letter).unwrap_or(*letter);
    }
}

/// The vowel below the marks of Western European languages.
fn unmarked(letter: char) -> Option<char> {
    Some(match letter {
        'à' | 'á' | 'â' | 'ä' => 'a',
        'ò' | 'ó' | 'ô' | 'ö' => 'o',
        'è' | 'é' | 'ê' | 'ë' => 'e',
        'ù' | 'ú' | 'û' | 'ü' => 'u',
        'ì' | 'í' | 'î' | 'ï' => 'i',
        _ => return None,
    })
}
