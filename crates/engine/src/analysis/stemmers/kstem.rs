//! English, by Krovetz's stemmer: an ending is taken off where what is left is a word of its lexicon. Source: Robert Krovetz,
//! "Viewing morphology as an inference process" (1993), with the steps and the lexicon of Lucene's `KStemmer`.

/// The lexicon, in order: a word on each line, behind a space the stem that it has in place of itself. A word that is its own
/// stem there is an exception: it is none when `-ed` or `-ing` was taken off.
const LEXICON: &str = include_str!("../words/kstem.txt");

/// Letters that a word may have, as Lucene bounds it.
const LETTERS: std::ops::Range<usize> = 3..50;

/// The stem of a word in small letters.
pub(in crate::analysis) fn kstem(letters: &mut Vec<char>) {
    let length: usize = letters.iter().map(|letter| letter.len_utf16()).sum();
    if !LETTERS.contains(&length) {
        return;
    }
    let word: String = letters.iter().collect();
    if let Some(known) = look_up(word.as_bytes()) {
        if let Some(stem) = known.stem {
            *letters = stem.chars().collect();
        }
        return;
    }
    if !word.bytes().all(|byte| byte.is_ascii_lowercase()) {
        return;
    }
    let mut stem = Stem { word: word.into_bytes(), known: None };
    for step in STEPS {
        step(&mut stem);
        if stem.known.is_some() {
            break;
        }
    }
    match stem.known.and_then(|known| known.stem) {
        Some(other) => *letters = other.chars().collect(),
        None => *letters = stem.word.into_iter().map(char::from).collect(),
    }
}

/// What the lexicon says of a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct KnownWord {
    /// The stem that it has in place of itself.
    stem: Option<&'static str>,
    is_exception: bool,
}

/// The line of `word`.
fn look_up(word: &[u8]) -> Option<KnownWord> {
    let lexicon = LEXICON.as_bytes();
    let (mut from, mut to) = (0, lexicon.len());
    while from < to {
        let middle = usize::midpoint(from, to);
        let begin = lexicon.get(..middle)?.iter().rposition(|byte| *byte == b'\n');
        let begin = begin.map_or(0, |at| at + 1);
        let rest = lexicon.get(begin..)?;
        let line = rest.split(|byte| *byte == b'\n').next()?;
        let (own, stem) = match line.iter().position(|byte| *byte == b' ') {
            Some(at) => (line.get(..at)?, line.get(at + 1..)),
            None => (line, None),
        };
        match own.cmp(word) {
            std::cmp::Ordering::Less => from = begin + line.len() + 1,
            std::cmp::Ordering::Greater => to = begin,
            std::cmp::Ordering::Equal => {
                let stem = stem.and_then(|stem| std::str::from_utf8(stem).ok());
                let is_exception = stem.is_some_and(|stem| stem.as_bytes() == word);
                return Some(KnownWord { stem, is_exception });
            }
        }
    }
    None
}

/// A word as far as endings were taken off, and what the lexicon says of it once it was found there.
struct Stem {
    word: Vec<u8>,
    known: Option<KnownWord>,
}

/// The steps, in order; the first that finds a word is the last.
const STEPS: &[fn(&mut Stem)] = &[
    plural, past_tense, aspect, ity, ness, ion, er_or, ly, al, ive, ize, ment, ble, ism, ic, ncy,
    nce,
];

impl Stem {
    /// What stands before `ending`, which is not all.
    fn before(&self, ending: &str) -> Option<Vec<u8>> {
        let stem = self.word.strip_suffix(ending.as_bytes())?;
        (!stem.is_empty()).then(|| stem.to_vec())
    }

    /// Makes `stem` with `ending` the word; whether the lexicon has it.
    fn becomes(&mut self, stem: &[u8], ending: &str) -> bool {
        self.word = [stem, ending.as_bytes()].concat();
        self.known = look_up(&self.word);
        self.known.is_some()
    }

    /// Makes the first of `stem` with one of `endings` the word that the lexicon has; whether it has one.
    fn becomes_one(&mut self, stem: &[u8], endings: &[&str]) -> bool {
        endings.iter().any(|ending| self.becomes(stem, ending))
    }

    /// Makes `word` the word, which is not looked up.
    fn stays(&mut self, word: Vec<u8>) {
        self.word = word;
        self.known = None;
    }
}

fn is_consonant(word: &[u8], at: usize) -> bool {
    match word.get(at) {
        Some(b'a' | b'e' | b'i' | b'o' | b'u') => false,
        Some(b'y') => at.checked_sub(1).is_none_or(|before| !is_consonant(word, before)),
        _ => true,
    }
}

fn has_vowel(word: &[u8]) -> bool {
    (0..word.len()).any(|at| !is_consonant(word, at))
}

/// `word` without the second of the two equal consonants at its end.
fn undoubled(word: &[u8]) -> Option<Vec<u8>> {
    match word {
        [start @ .., first, second] if first == second && is_consonant(word, word.len() - 1) => {
            Some([start, &[*first]].concat())
        }
        _ => None,
    }
}

fn without_last(word: &[u8]) -> Vec<u8> {
    word.split_last().map_or(Vec::new(), |(_, start)| start.to_vec())
}

fn plural(it: &mut Stem) {
    if it.word.last() != Some(&b's') {
        return;
    }
    if let Some(stem) = it.before("ies") {
        it.becomes_one(&stem, &["ie", "y"]);
    } else if let Some(stem) = it.before("es") {
        let keeps_e = stem.len() > 1 && !stem.ends_with(b"ss");
        if keeps_e && it.becomes(&stem, "e") || it.becomes(&stem, "") {
            return;
        }
        it.becomes(&stem, "e");
    } else if it.word.len() > 3 && !it.word.ends_with(b"ss") && it.before("ous").is_none() {
        it.becomes(&without_last(&it.word), "");
    }
}

/// Whether the lexicon has `stem` with an `e`, and not as an exception.
fn becomes_with_e(it: &mut Stem, stem: &[u8]) -> bool {
    if it.becomes(stem, "e") && it.known.is_some_and(|known| !known.is_exception) {
        return true;
    }
    it.known = None;
    false
}

fn past_tense(it: &mut Stem) {
    if it.word.len() <= 4 {
        return;
    }
    if let Some(stem) = it.before("ied") {
        it.becomes_one(&stem, &["ie", "y"]);
        return;
    }
    let Some(stem) = it.before("ed").filter(|stem| has_vowel(stem)) else { return };
    if becomes_with_e(it, &stem) || it.becomes(&stem, "") {
        return;
    }
    if let Some(single) = undoubled(&stem) {
        if !it.becomes(&single, "") {
            it.stays(stem);
        }
    } else if stem.starts_with(b"un") {
        it.stays([&stem, b"ed".as_slice()].concat());
    } else {
        it.stays([&stem, b"e".as_slice()].concat());
    }
}

fn aspect(it: &mut Stem) {
    if it.word.len() <= 5 {
        return;
    }
    let Some(stem) = it.before("ing").filter(|stem| has_vowel(stem)) else { return };
    if becomes_with_e(it, &stem) || it.becomes(&stem, "") {
        return;
    }
    let length = stem.len();
    if let Some(single) = undoubled(&stem) {
        if !it.becomes(&single, "") {
            it.stays(stem);
        }
    } else if length > 1 && is_consonant(&stem, length - 1) && is_consonant(&stem, length - 2) {
        it.stays(stem);
    } else {
        it.stays([&stem, b"e".as_slice()].concat());
    }
}

fn ity(it: &mut Stem) {
    let Some(stem) = it.before("ity") else { return };
    if it.becomes_one(&stem, &["", "e"]) {
        return;
    }
    if let Some(start) = stem.strip_suffix(b"il") {
        it.becomes(start, "le");
    } else if stem.ends_with(b"iv") {
        it.becomes(&stem, "e");
    } else if stem.ends_with(b"al") || !it.becomes(&stem, "ity") {
        it.becomes(&stem, "");
    }
}

fn ness(it: &mut Stem) {
    let Some(stem) = it.before("ness") else { return };
    match stem.strip_suffix(b"i") {
        Some(start) => it.becomes(start, "y"),
        None => it.becomes(&stem, ""),
    };
}

fn ion(it: &mut Stem) {
    let Some(short) = it.before("ion") else { return };
    let word = it.word.clone();
    if let Some(stem) = it.before("ization") {
        it.becomes(&stem, "ize");
        return;
    }
    // What `endsIn` asks for beside: a stem, which these have.
    let of_longer =
        [("ition", ["e"].as_slice()), ("ation", &["ate", "e", ""]), ("ication", &["y"])];
    for (ending, instead) in of_longer {
        it.stays(word.clone());
        if let Some(stem) = it.before(ending)
            && it.becomes_one(&stem, instead)
        {
            return;
        }
    }
    if !it.becomes_one(&short, &["e", ""]) {
        it.stays(word);
    }
}

fn er_or(it: &mut Stem) {
    if let Some(stem) = it.before("izer") {
        it.becomes(&stem, "ize");
        return;
    }
    let Some((stem, own)) =
        it.before("er").map(|stem| (stem, "e")).or_else(|| it.before("or").map(|stem| (stem, "o")))
    else {
        return;
    };
    let word = it.word.clone();
    if let Some(single) = undoubled(&stem)
        && it.becomes(&single, "")
    {
        return;
    }
    let start = without_last(&stem);
    let vowel = match stem.last() {
        Some(b'i') if it.becomes(&start, "y") => return,
        // Of `-ior` Lucene looks up `-ie`.
        Some(b'i') => "e",
        Some(b'e') if it.becomes(&start, "") => return,
        _ => own,
    };
    if !it.becomes_one(&stem, &[vowel, "", "e"]) {
        it.stays(word);
    }
}

fn ly(it: &mut Stem) {
    let Some(stem) = it.before("ly") else { return };
    if it.becomes_one(&stem, &["le", ""]) || stem.ends_with(b"al") && stem.len() > 1 {
        return;
    }
    if stem.ends_with(b"ab") {
        it.stays([&stem, b"le".as_slice()].concat());
        return;
    }
    if let Some(start) = stem.strip_suffix(b"i")
        && it.becomes(start, "y")
    {
        return;
    }
    it.stays(stem);
}

fn al(it: &mut Stem) {
    let Some(stem) = it.before("al").filter(|_| it.word.len() >= 4) else { return };
    let word = it.word.clone();
    if it.becomes(&stem, "") {
        return;
    }
    if let Some(single) = undoubled(&stem)
        && it.becomes(&single, "")
    {
        return;
    }
    if it.becomes_one(&stem, &["e", "um"]) {
        return;
    }
    if let Some(start) = stem.strip_suffix(b"ic") {
        it.becomes_one(start, &["", "y", "ic"]);
    } else if let Some(start) = stem.strip_suffix(b"i") {
        it.becomes_one(start, &["", "ial"]);
    } else {
        it.stays(word);
    }
}

fn ive(it: &mut Stem) {
    let Some(stem) = it.before("ive") else {
        it.known = look_up(&it.word).filter(|known| !known.is_exception);
        return;
    };
    let word = it.word.clone();
    if it.becomes_one(&stem, &["", "e"]) {
        return;
    }
    if let Some(start) = stem.strip_suffix(b"at")
        && it.becomes_one(start, &["e", ""])
    {
        return;
    }
    if !it.becomes(&stem, "ion") {
        it.stays(word);
    }
}

fn ize(it: &mut Stem) {
    let Some(stem) = it.before("ize") else { return };
    let word = it.word.clone();
    if it.becomes(&stem, "") {
        return;
    }
    if let Some(single) = undoubled(&stem)
        && it.becomes(&single, "")
    {
        return;
    }
    if !it.becomes(&stem, "e") {
        it.stays(word);
    }
}

fn ment(it: &mut Stem) {
    let Some(stem) = it.before("ment") else { return };
    let word = it.word.clone();
    if !it.becomes(&stem, "") {
        it.stays(word);
    }
}

fn ble(it: &mut Stem) {
    let Some(stem) = it.before("ble").filter(|stem| stem.ends_with(b"a") || stem.ends_with(b"i"))
    else {
        return;
    };
    let (word, stem) = (it.word.clone(), without_last(&stem));
    if it.becomes(&stem, "") {
        return;
    }
    if let Some(single) = undoubled(&stem)
        && it.becomes(&single, "")
    {
        return;
    }
    if !it.becomes_one(&stem, &["e", "ate"]) {
        it.stays(word);
    }
}

fn ism(it: &mut Stem) {
    let Some(stem) = it.before("ism") else { return };
    it.becomes(&stem, "");
}

fn ic(it: &mut Stem) {
    let Some(stem) = it.before("ic") else { return };
    let word = it.word.clone();
    if !it.becomes_one(&stem, &["ical", "y", "e", ""]) {
        it.stays(word);
    }
}

fn ncy(it: &mut Stem) {
    let Some(stem) = it.before("ncy").filter(|stem| stem.ends_with(b"a") || stem.ends_with(b"e"))
    else {
        return;
    };
    it.becomes_one(&stem, &["nt", "nce"]);
}

fn nce(it: &mut Stem) {
    let Some(stem) = it.before("nce").filter(|stem| stem.ends_with(b"a") || stem.ends_with(b"e"))
    else {
        return;
    };
    let word = it.word.clone();
    if !it.becomes_one(&without_last(&stem), &["e", ""]) {
        it.stays(word);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stem(word: &str) -> String {
        let mut letters = word.chars().collect();
        kstem(&mut letters);
        letters.into_iter().collect()
    }

    #[test]
    fn every_line_of_the_lexicon_is_found() {
        let mut before = "";
        for line in LEXICON.lines() {
            let (word, stem) = line.split_once(' ').map_or((line, None), |(w, s)| (w, Some(s)));
            assert!(before < word, "{before} before {word}");
            let is_exception = stem == Some(word);
            assert_eq!(look_up(word.as_bytes()), Some(KnownWord { stem, is_exception }), "{word}");
            before = word;
        }
        for word in ["", "a", "aaa", "zzzz", "runn", "wordz"] {
            assert_eq!(look_up(word.as_bytes()), None, "{word}");
        }
    }

    #[test]
    fn stems_are_those_of_lucene() {
        // What Lucene 9.12.1 makes of each: words of the lexicon with endings, of which every step has some.
        let lines = include_str!("../words/kstem_stems.txt").lines();
        let wrong: Vec<String> = lines
            .filter_map(|line| {
                let (word, theirs) = line.split_once(' ')?;
                let ours = stem(word);
                (ours != theirs).then(|| format!("{word}: {ours}, theirs {theirs}"))
            })
            .collect();
        assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
    }
}
