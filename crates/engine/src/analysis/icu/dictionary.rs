//! Words of scripts that are written without spaces, by the dictionaries of ICU.
//!
//! Source: the algorithms of ICU's dictionary-based break iteration. Chinese and Japanese: the words of least cost. Thai, Lao,
//! Burmese and Khmer: the words that go on with most words, three at a time.

use std::sync::LazyLock;

use icu_provider::{
    DataIdentifierBorrowed, DataMarker, DataMarkerAttributes, DataProvider, DataRequest,
};
use icu_segmenter::provider::{
    Baked, DictionaryBreakData, SegmenterDictionaryAutoV2, SegmenterDictionaryExtendedV2,
};
use unicode_normalization::char::{decompose_compatible, is_combining_mark};

use crate::work::Cancel;

/// A dictionary, where the data has it.
type Dictionary = LazyLock<Option<&'static DictionaryBreakData<'static>>>;

static CHINESE_JAPANESE: Dictionary = LazyLock::new(|| load::<SegmenterDictionaryAutoV2>("cjdict"));
static THAI: Dictionary = LazyLock::new(|| load::<SegmenterDictionaryExtendedV2>("thaidict"));
static LAO: Dictionary = LazyLock::new(|| load::<SegmenterDictionaryExtendedV2>("laodict"));
static BURMESE: Dictionary = LazyLock::new(|| load::<SegmenterDictionaryExtendedV2>("burmesedict"));
static KHMER: Dictionary = LazyLock::new(|| load::<SegmenterDictionaryExtendedV2>("khmerdict"));

fn load<M>(name: &str) -> Option<&'static DictionaryBreakData<'static>>
where
    M: DataMarker<DataStruct = DictionaryBreakData<'static>>,
    Baked: DataProvider<M>,
{
    let attributes = DataMarkerAttributes::try_from_str(name).ok()?;
    let id = DataIdentifierBorrowed::for_marker_attributes(attributes);
    let response = Baked.load(DataRequest { id, ..DataRequest::default() }).ok()?;
    response.payload.get_static()
}

/// Longest word of a dictionary.
const WORD_MAX: usize = 20;

/// The words of a dictionary that `letters` begins with, the shortest first: their lengths and costs; and how many letters had
/// to be looked at.
fn matches(dictionary: &DictionaryBreakData<'_>, letters: &[char]) -> (Vec<(usize, u32)>, usize) {
    let (mut found, mut seen) = (Vec::new(), 0);
    let letters = letters.iter().take(WORD_MAX).copied();
    match dictionary {
        DictionaryBreakData::Char16Trie(trie) => {
            let mut cursor = trie.cursor();
            for letter in letters {
                cursor.step(letter);
                seen += 1;
                let cost = cursor.value().and_then(|cost| u32::try_from(cost).ok());
                found.extend(cost.map(|cost| (seen, cost)));
                if cursor.is_empty() {
                    break;
                }
            }
        }
        DictionaryBreakData::ZeroTrie { alphabet, trie } => {
            let mut cursor = trie.cursor();
            for letter in letters {
                let place = alphabet.position32(u32::from(letter));
                cursor.step(place.and_then(|place| u8::try_from(place).ok()).unwrap_or(u8::MAX));
                seen += 1;
                found.extend(cursor.take_value().map(|_| (seen, 0)));
                if cursor.is_empty() {
                    break;
                }
            }
        }
    }
    (found, seen)
}

/// What a letter costs that is no word.
const UNKNOWN_COST: u32 = 255;

/// What a run of Katakana costs that is taken for one word, by its length; a longer one costs as much as none.
const KATAKANA_COSTS: [u32; 9] = [8192, 984, 408, 240, 204, 252, 300, 372, 480];

/// Longest run of Katakana that is looked at as one word.
const KATAKANA_MAX: usize = 20;

fn is_katakana(letter: Option<&char>) -> bool {
    letter.is_some_and(|letter| {
        ('\u{30A1}'..='\u{30FE}').contains(letter) && *letter != '\u{30FB}'
            || ('\u{FF66}'..='\u{FF9F}').contains(letter)
    })
}

/// Where the words of a run of Han, Hiragana and Katakana end, in letters; at its end alone once `cancel` is set.
pub(super) fn chinese_japanese(run: &[char], cancel: &Cancel) -> Vec<usize> {
    let Some(dictionary) = *CHINESE_JAPANESE else {
        return (1..=run.len()).collect();
    };
    let letters: Vec<char> = run.iter().map(|letter| compatible(*letter)).collect();
    let mut best: Vec<Option<(u32, usize)>> = vec![None; letters.len() + 1];
    if let Some(start) = best.first_mut() {
        *start = Some((0, 0));
    }
    let mut after_katakana = false;
    for at in 0..letters.len() {
        let Some((cost, _)) = best.get(at).copied().flatten() else { continue };
        if cancel.is_cancelled() {
            return vec![run.len()];
        }
        let rest = letters.get(at..).unwrap_or_default();
        let (mut words, _) = matches(dictionary, rest);
        if words.first().is_none_or(|(length, _)| *length != 1) {
            words.push((1, UNKNOWN_COST));
        }
        let katakana = is_katakana(rest.first());
        if katakana && !after_katakana {
            let length =
                (0..KATAKANA_MAX).take_while(|place| is_katakana(rest.get(*place))).count();
            if length < KATAKANA_MAX {
                let [longest, ..] = KATAKANA_COSTS;
                words.push((length, KATAKANA_COSTS.get(length).copied().unwrap_or(longest)));
            }
        }
        after_katakana = katakana;
        for (length, word_cost) in words {
            let whole = cost.saturating_add(word_cost);
            if let Some(end) = best.get_mut(at + length)
                && end.is_none_or(|(known, _)| whole < known)
            {
                *end = Some((whole, at));
            }
        }
    }
    let (mut ends, mut at) = (Vec::new(), run.len());
    while at > 0 {
        ends.push(at);
        at = best.get(at).copied().flatten().map_or(0, |(_, from)| from.min(at - 1));
    }
    ends.reverse();
    ends
}

/// The letter that stands for a half-width or an old form.
fn compatible(letter: char) -> char {
    let (mut first, mut count) = (letter, 0);
    decompose_compatible(letter, |part| {
        if count == 0 {
            first = part;
        }
        count += 1;
    });
    if count == 1 { first } else { letter }
}

/// A language of Southeast Asia.
struct SoutheastAsian {
    dictionary: &'static Dictionary,
    /// Letters of a word that is joined with an unknown one behind it, from which on it is not.
    root_combine: usize,
    /// Letters that an unknown word may share with one of the dictionary.
    prefix_combine: usize,
    /// Whether an unknown word may begin with a letter.
    begins: fn(char) -> bool,
    /// Whether a word may end in a letter.
    ends: fn(char) -> bool,
}

const THAI_RULES: SoutheastAsian = SoutheastAsian {
    dictionary: &THAI,
    root_combine: 3,
    prefix_combine: 3,
    begins: |letter| matches!(letter, '\u{E01}'..='\u{E2E}' | '\u{E40}'..='\u{E44}'),
    ends: |letter| !matches!(letter, '\u{E31}' | '\u{E40}'..='\u{E44}'),
};
const LAO_RULES: SoutheastAsian = SoutheastAsian {
    dictionary: &LAO,
    root_combine: 3,
    prefix_combine: 3,
    begins: |letter| matches!(letter, '\u{E81}'..='\u{EAE}' | '\u{EDC}'..='\u{EDD}' | '\u{EC0}'..='\u{EC4}'),
    ends: |letter| !matches!(letter, '\u{EC0}'..='\u{EC4}'),
};
const BURMESE_RULES: SoutheastAsian = SoutheastAsian {
    dictionary: &BURMESE,
    root_combine: 3,
    prefix_combine: 3,
    begins: |letter| matches!(letter, '\u{1000}'..='\u{102A}'),
    ends: |_| true,
};
const KHMER_RULES: SoutheastAsian = SoutheastAsian {
    dictionary: &KHMER,
    root_combine: 10,
    prefix_combine: 10,
    begins: |letter| matches!(letter, '\u{1780}'..='\u{17B3}'),
    ends: |letter| letter != '\u{17D2}',
};

/// A run of this many letters or fewer is one word.
const SHORT_RUN: usize = 3;

/// Where the words of a run of a script of Southeast Asia end, in letters; at its end alone once `cancel` is set.
pub(in crate::analysis) fn southeast_asian(run: &[char], cancel: &Cancel) -> Vec<usize> {
    let mut ends = Vec::new();
    let mut start = 0;
    while let Some(first) = run.get(start) {
        let rules = rules(*first);
        let block = block(*first);
        let rest = run.get(start..).unwrap_or_default();
        let length = rest.iter().take_while(|letter| self::block(**letter) == block).count();
        let part = rest.get(..length).unwrap_or_default();
        match rules.and_then(|rules| Some((rules, (**rules.dictionary)?))) {
            Some((rules, dictionary)) if part.len() > SHORT_RUN => {
                let mut words = LookAhead { rules, dictionary, letters: part, cancel };
                ends.extend(words.ends().into_iter().map(|end| start + end));
            }
            _ => ends.push(start + length),
        }
        start += length.max(1);
    }
    ends
}

/// A number that is the same for all letters of a script.
fn block(letter: char) -> u32 {
    match letter {
        '\u{E00}'..='\u{E7F}' => 1,
        '\u{E80}'..='\u{EFF}' => 2,
        '\u{1000}'..='\u{109F}' | '\u{A9E0}'..='\u{A9FF}' | '\u{AA60}'..='\u{AA7F}' => 3,
        '\u{1780}'..='\u{17FF}' => 4,
        _ => 0,
    }
}

fn rules(letter: char) -> Option<&'static SoutheastAsian> {
    match block(letter) {
        1 => Some(&THAI_RULES),
        2 => Some(&LAO_RULES),
        3 => Some(&BURMESE_RULES),
        4 => Some(&KHMER_RULES),
        _ => None,
    }
}

/// Words of one script, of which each is chosen by those that can follow.
struct LookAhead<'a> {
    rules: &'a SoutheastAsian,
    dictionary: &'a DictionaryBreakData<'a>,
    letters: &'a [char],
    cancel: &'a Cancel,
}

impl LookAhead<'_> {
    /// The lengths of the words that begin at `at`, the longest first, and how many letters were looked at.
    fn words(&self, at: usize) -> (Vec<usize>, usize) {
        let (found, seen) = matches(self.dictionary, self.letters.get(at..).unwrap_or_default());
        (found.into_iter().rev().map(|(length, _)| length).collect(), seen)
    }

    fn is_word(&self, at: usize) -> bool {
        !self.words(at).0.is_empty()
    }

    fn ends(&mut self) -> Vec<usize> {
        let (mut ends, mut at) = (Vec::new(), 0);
        while at < self.letters.len() {
            if self.cancel.is_cancelled() {
                break;
            }
            at = self.next_end(at);
            ends.push(at);
        }
        if ends.last() != Some(&self.letters.len()) {
            ends.push(self.letters.len());
        }
        ends
    }

    /// The end of the word that begins at `start`.
    fn next_end(&self, start: usize) -> usize {
        let length = self.chosen(start);
        let mut end = start + length;
        if end < self.letters.len() && length < self.rules.root_combine {
            let (words, seen) = self.words(end);
            if words.is_empty() && (length == 0 || seen < self.rules.prefix_combine) {
                end = self.resumed(end);
            }
        }
        while self.letters.get(end).is_some_and(|letter| is_combining_mark(*letter)) {
            end += 1;
        }
        self.with_sign(start, end).max(start + 1)
    }

    /// The length of the word at `start` that is followed by most words of the dictionary; 0: there is none.
    fn chosen(&self, start: usize) -> usize {
        let (words, _) = self.words(start);
        let Some(longest) = words.first().copied() else { return 0 };
        if words.len() == 1 || start + longest >= self.letters.len() {
            return longest;
        }
        let mut followed = None;
        for length in words {
            let second = start + length;
            let (seconds, _) = self.words(second);
            let Some(next) = seconds.first() else { continue };
            followed = Some(length);
            if second + next >= self.letters.len()
                || seconds.iter().any(|next| self.is_word(second + next))
            {
                break;
            }
        }
        followed.unwrap_or(longest)
    }

    /// Where a word of the dictionary can begin again behind `from`, where none does.
    fn resumed(&self, from: usize) -> usize {
        let mut at = from;
        loop {
            let Some(before) = self.letters.get(at).copied() else { return self.letters.len() };
            at += 1;
            let Some(next) = self.letters.get(at).copied() else { return self.letters.len() };
            if (self.rules.ends)(before) && (self.rules.begins)(next) && self.is_word(at)
                || self.cancel.is_cancelled()
            {
                return at;
            }
        }
    }

    /// Thai: with the sign for an abbreviation or a repetition, where no word begins with it.
    fn with_sign(&self, start: usize, end: usize) -> usize {
        const PAIYANNOI: char = '\u{E2F}';
        const MAIYAMOK: char = '\u{E46}';
        let get = |place: usize| self.letters.get(place).copied();
        if end == start || !matches!(get(end), Some(PAIYANNOI | MAIYAMOK)) || self.is_word(end) {
            return end;
        }
        let mut end = end;
        let before = end.checked_sub(1).and_then(get);
        if get(end) == Some(PAIYANNOI) && !matches!(before, Some(PAIYANNOI | MAIYAMOK)) {
            end += 1;
        }
        let before = end.checked_sub(1).and_then(get);
        if get(end) == Some(MAIYAMOK) && before != Some(MAIYAMOK) {
            end += 1;
        }
        end
    }
}
