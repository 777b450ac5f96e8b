//! Brazilian Portuguese. Source: the Portuguese stemmer of the Snowball project as it was in 2004, with Lucene 8's endings.

use super::{cut, ends, fold};
use crate::analysis::token::{is_letter, lower_character};

/// Without suffixes, in lower case and without marks.
pub(in crate::analysis) fn brazilian(letters: &mut Vec<char>) {
    let mut word = unaccented(letters);
    if !(3..30).contains(&word.len()) {
        return;
    }
    if word.iter().all(|letter| is_letter(*letter)) {
        let regions = Regions::of(&word);
        if noun_suffix(&mut word, &regions) || verb_suffix(&mut word, &regions) {
            if ends(&regions.rv, "ci") {
                remove(&mut word, "i");
            }
        } else if let Some(ending) = ["os", "a", "i", "o"].iter().find(|e| ends(&regions.rv, e)) {
            remove(&mut word, ending);
        }
        if ends(&regions.rv, "e") {
            remove(&mut word, "e");
            for (preceded, vowel) in [("gue", "u"), ("cie", "i")] {
                if ends(&regions.rv, preceded) {
                    remove(&mut word, vowel);
                }
            }
        }
    }
    *letters = word;
}

/// The parts of the word, as it came, that suffixes must lie in.
struct Regions {
    r1: Vec<char>,
    r2: Vec<char>,
    rv: Vec<char>,
}

impl Regions {
    fn of(word: &[char]) -> Regions {
        let r1 = behind_consonant(word).to_vec();
        Regions { r2: behind_consonant(&r1).to_vec(), r1, rv: rv(word).to_vec() }
    }
}

fn is_vowel(letter: Option<&char>) -> bool {
    matches!(letter, Some('a' | 'e' | 'i' | 'o' | 'u'))
}

/// What stands behind the first consonant that follows a vowel; neither may be the last letter.
fn behind_consonant(word: &[char]) -> &[char] {
    let last = word.len().saturating_sub(1);
    let vowel = (0..last).find(|at| is_vowel(word.get(*at)));
    let consonant = vowel.and_then(|vowel| (vowel..last).find(|at| !is_vowel(word.get(*at))));
    consonant.and_then(|at| word.get(at + 1..)).unwrap_or_default()
}

/// Behind the next vowel, where the second letter is a consonant; behind the next consonant, where the word begins with two
/// vowels; else behind the third letter.
fn rv(word: &[char]) -> &[char] {
    let last = word.len().saturating_sub(1);
    let next = |vowel: bool| {
        let at = (2..last).find(|at| is_vowel(word.get(*at)) == vowel)?;
        word.get(at + 1..)
    };
    let second = is_vowel(word.get(1));
    let found = match (is_vowel(word.first()), second) {
        (_, false) => next(true),
        (true, true) => next(false),
        (false, true) => None,
    };
    found.or_else(|| word.get(3..)).unwrap_or_default()
}

/// Takes `suffix` away where the word ends in it.
fn remove(word: &mut Vec<char>, suffix: &str) {
    if ends(word, suffix) {
        cut(word, suffix.len());
    }
}

/// Where a suffix must lie.
#[derive(Clone, Copy)]
enum Region {
    R1,
    R2,
    Rv,
}

/// Suffixes of nouns, adjectives and adverbs: where they lie, and what takes their place.
const NOUN_SUFFIXES: &[(&str, Region, &str)] = &[
    ("uciones", Region::R2, "u"),
    ("imentos", Region::R2, ""),
    ("amentos", Region::R2, ""),
    ("adores", Region::R2, ""),
    ("adoras", Region::R2, ""),
    // As Lucene has it: found, and left as it is.
    ("logias", Region::R2, "logias"),
    ("encias", Region::R2, "ente"),
    ("amente", Region::R1, ""),
    ("idades", Region::R2, ""),
    ("acoes", Region::R2, ""),
    ("imento", Region::R2, ""),
    ("amento", Region::R2, ""),
    ("adora", Region::R2, ""),
    ("ismos", Region::R2, ""),
    ("istas", Region::R2, ""),
    ("logia", Region::R2, "log"),
    ("ucion", Region::R2, "u"),
    ("encia", Region::R2, "ente"),
    ("mente", Region::R2, ""),
    ("idade", Region::R2, ""),
    ("acao", Region::R2, ""),
    ("ezas", Region::R2, ""),
    ("icos", Region::R2, ""),
    ("icas", Region::R2, ""),
    ("ismo", Region::R2, ""),
    ("avel", Region::R2, ""),
    ("ivel", Region::R2, ""),
    ("ista", Region::R2, ""),
    ("osos", Region::R2, ""),
    ("osas", Region::R2, ""),
    ("ador", Region::R2, ""),
    ("ivas", Region::R2, ""),
    ("ivos", Region::R2, ""),
    ("iras", Region::Rv, "ir"),
    ("eza", Region::R2, ""),
    ("ico", Region::R2, ""),
    ("ica", Region::R2, ""),
    ("oso", Region::R2, ""),
    ("osa", Region::R2, ""),
    ("iva", Region::R2, ""),
    ("ivo", Region::R2, ""),
    ("ira", Region::Rv, "ir"),
];

/// Takes the first suffix of a noun away that lies where it must; whether there was one.
fn noun_suffix(word: &mut Vec<char>, regions: &Regions) -> bool {
    let found = NOUN_SUFFIXES.iter().find(|(suffix, region, _)| {
        let lies = match region {
            Region::R1 => ends(&regions.r1, suffix),
            Region::R2 => ends(&regions.r2, suffix),
            // `eira`, which loses only its `a`.
            Region::Rv => {
                let before = word.len().checked_sub(suffix.len() + 1);
                ends(&regions.rv, suffix) && before.and_then(|at| word.get(at)) == Some(&'e')
            }
        };
        lies && ends(word, suffix)
    });
    let Some((suffix, _, replacement)) = found else { return false };
    cut(word, suffix.len());
    word.extend(replacement.chars());
    true
}

/// Endings of verbs, the longest first.
const VERB_SUFFIXES: &[&str] = &[
    "issemos", "essemos", "assemos", "ariamos", "eriamos", "iriamos", "iremos", "eremos", "aremos",
    "avamos", "iramos", "eramos", "aramos", "asseis", "esseis", "isseis", "arieis", "erieis",
    "irieis", "irmos", "iamos", "armos", "ermos", "areis", "ereis", "ireis", "asses", "esses",
    "isses", "astes", "assem", "essem", "issem", "ardes", "erdes", "irdes", "ariam", "eriam",
    "iriam", "arias", "erias", "irias", "estes", "istes", "aveis", "aria", "eria", "iria", "asse",
    "esse", "isse", "aste", "este", "iste", "arei", "erei", "irei", "aram", "eram", "iram", "avam",
    "arem", "erem", "irem", "ando", "endo", "indo", "ieis", "arao", "erao", "irao", "adas", "idas",
    "aras", "eras", "iras", "avas", "ares", "eres", "ires", "ados", "idos", "amos", "emos", "imos",
    "ada", "ida", "ara", "era", "iam", "ado", "ido", "ias", "ais", "eis", "ear", "ia", "ei", "am",
    "em", "ar", "er", "ir", "as", "es", "is", "eu", "iu", "ou",
];

/// Takes the ending of a verb away; whether there was one.
fn verb_suffix(word: &mut Vec<char>, regions: &Regions) -> bool {
    // Lucene finds this one, and takes nothing away.
    if ends(&regions.rv, "ira") {
        return true;
    }
    let Some(suffix) = VERB_SUFFIXES.iter().find(|suffix| ends(&regions.rv, suffix)) else {
        return false;
    };
    remove(word, suffix);
    true
}

/// The word in lower case, without marks and without a sign at its beginning or end.
fn unaccented(letters: &[char]) -> Vec<char> {
    let mut word: Vec<char> = letters.iter().map(|letter| lower_character(*letter)).collect();
    fold(&mut word, |letter| match letter {
        'á' | 'â' | 'ã' => Some('a'),
        'é' | 'ê' => Some('e'),
        'í' => Some('i'),
        'ó' | 'ô' | 'õ' => Some('o'),
        'ú' | 'ü' => Some('u'),
        'ç' => Some('c'),
        'ñ' => Some('n'),
        _ => None,
    });
    let is_sign = |letter: Option<&char>| letter.is_some_and(|c| "\"'-,;.?!".contains(*c));
    if word.len() > 1 && is_sign(word.first()) {
        word.remove(0);
    }
    if word.len() > 1 && is_sign(word.last()) {
        word.pop();
    }
    word
}
