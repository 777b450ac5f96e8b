//! Greek, in small letters and without accents. Source: Georgios Ntais, "Development of a stemmer for the Greek language" (2006),
//! and Spyridon Saroukos, "Enhancing a Greek language stemmer" (2008), with the stems that Lucene 8 excepts.

mod steps;

use super::{cut, ends};
use steps::STEPS;

/// Without ending of case, number, person, tense and comparison.
pub(in crate::analysis) fn greek(letters: &mut Vec<char>) {
    if letters.len() < 4 {
        return;
    }
    let length = letters.len();
    irregular_nouns(letters);
    STEPS.iter().for_each(|step| step.run(letters));
    if letters.len() == length {
        general_endings(letters);
    }
    comparison(letters);
}

/// One step: the first of its endings that leaves a stem goes, and some of the stems that it leaves get letters back.
struct GreekStep {
    /// Letters that stand before an ending at least.
    stem_least: usize,
    endings: &'static [&'static str],
    /// The first that fits is done.
    backs: &'static [PutBack],
}

/// What is put behind which stems.
struct PutBack {
    /// Whole stems.
    stems: &'static [&'static str],
    /// What stems end in.
    stem_ends: &'static [&'static str],
    vowels: Vowels,
    back: &'static str,
}

/// Stems that are meant beside those of the lists.
#[derive(Clone, Copy)]
enum Vowels {
    None,
    /// Those in a vowel.
    Vowel,
    /// Those in a vowel but upsilon.
    ButUpsilon,
    /// All.
    Any,
}

impl Vowels {
    fn hold(self, last: Option<&char>) -> bool {
        let vowel = matches!(last, Some('α' | 'ε' | 'η' | 'ι' | 'ο' | 'υ' | 'ω'));
        match self {
            Vowels::None => false,
            Vowels::Vowel => vowel,
            Vowels::ButUpsilon => vowel && last != Some(&'υ'),
            Vowels::Any => true,
        }
    }
}

impl GreekStep {
    fn run(&self, letters: &mut Vec<char>) {
        if !first_ending(letters, self.endings, self.stem_least) {
            return;
        }
        let fits = |put: &&PutBack| {
            put.stems.iter().any(|stem| stem.chars().eq(letters.iter().copied()))
                || put.stem_ends.iter().any(|end| ends(letters, end))
                || put.vowels.hold(letters.last())
        };
        if let Some(put) = self.backs.iter().find(fits) {
            letters.extend(put.back.chars());
        }
    }
}

/// Takes the first of `endings` away that leaves `least` letters; whether there was one.
fn first_ending(letters: &mut Vec<char>, endings: &[&str], least: usize) -> bool {
    let length = |ending: &str| ending.chars().count();
    let fits = |ending: &&&str| letters.len() >= length(ending) + least && ends(letters, ending);
    let found = endings.iter().find(fits);
    if let Some(ending) = found {
        cut(letters, length(ending));
    }
    found.is_some()
}

/// Nouns whose stem the endings do not tell: what a word ends in, and how many letters of that go.
fn irregular_nouns(letters: &mut Vec<char>) {
    let found = IRREGULAR.iter().find_map(|(length, nouns)| {
        let fits = |noun: &&&str| letters.len() >= noun.chars().count() && ends(letters, noun);
        nouns.iter().any(|noun| fits(&noun)).then_some(*length)
    });
    cut(letters, found.unwrap_or(0));
}

const IRREGULAR: &[(usize, &[&str])] = &[
    (
        4,
        &[
            "καθεστωτοσ",
            "καθεστωτων",
            "γεγονοτοσ",
            "γεγονοτων",
            "τατογιου",
            "τατογιων",
            "σκαγιου",
            "σκαγιων",
            "ολογιου",
            "ολογιων",
            "κρεατοσ",
            "κρεατων",
            "περατοσ",
            "περατων",
            "τερατοσ",
            "τερατων",
            "φαγιου",
            "φαγιων",
            "σογιου",
            "σογιων",
        ],
    ),
    (
        3,
        &[
            "καθεστωτα",
            "γεγονοτα",
            "τατογια",
            "σκαγια",
            "ολογια",
            "κρεατα",
            "περατα",
            "τερατα",
            "φαγια",
            "σογια",
            "φωτοσ",
            "φωτων",
        ],
    ),
    (2, &["καθεστωσ", "γεγονοσ", "κρεασ", "περασ", "τερασ", "φωτα"]),
    (1, &["φωσ"]),
];

/// The endings of nouns and verbs that leave few words alone.
fn general_endings(letters: &mut Vec<char>) {
    if !GENERAL.iter().any(|endings| first_ending(letters, endings, 1))
        && letters.len() > 1
        && Vowels::Vowel.hold(letters.last())
    {
        cut(letters, 1);
    }
}

const GENERAL: &[&[&str]] = &[
    &["ιοντουσαν"],
    &["ιομασταν", "ιοσασταν", "ιουμαστε", "οντουσαν"],
    &[
        "ιεμαστε",
        "ιεσαστε",
        "ιομουνα",
        "ιοσαστε",
        "ιοσουνα",
        "ιουνται",
        "ιουνταν",
        "ηθηκατε",
        "ομασταν",
        "οσασταν",
        "ουμαστε",
    ],
    &[
        "ιομουν",
        "ιονταν",
        "ιοσουν",
        "ηθειτε",
        "ηθηκαν",
        "ομουνα",
        "οσαστε",
        "οσουνα",
        "ουνται",
        "ουνταν",
        "ουσατε",
    ],
    &[
        "αγατε",
        "ιεμαι",
        "ιεται",
        "ιεσαι",
        "ιοταν",
        "ιουμα",
        "ηθεισ",
        "ηθουν",
        "ηκατε",
        "ησατε",
        "ησουν",
        "ομουν",
        "ονται",
        "ονταν",
        "οσουν",
        "ουμαι",
        "ουσαν",
    ],
    &[
        "αγαν", "αμαι", "ασαι", "αται", "ειτε", "εσαι", "εται", "ηδεσ", "ηδων", "ηθει", "ηκαν",
        "ησαν", "ησει", "ησεσ", "ομαι", "οταν",
    ],
    &["αει", "εισ", "ηθω", "ησω", "ουν", "ουσ"],
    &["αν", "ασ", "αω", "ει", "εσ", "ησ", "οι", "οσ", "ου", "υσ", "ων"],
];

/// Comparative and superlative.
fn comparison(letters: &mut Vec<char>) {
    first_ending(letters, &["εστερ", "εστατ", "οτερ", "οτατ", "υτερ", "υτατ", "ωτερ", "ωτατ"], 0);
}
