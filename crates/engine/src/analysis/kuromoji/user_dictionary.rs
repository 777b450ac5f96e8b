//! A user's own words (`user_dictionary_rules`): each with the segments and readings that it is given as, and a part of speech.
//! Source: Lucene's `UserDictionary` and `CSVUtil`, Elasticsearch's `KuromojiTokenizerFactory`.

use std::collections::HashSet;

use crate::exception::Exception;

/// A user's words, in order.
#[derive(Debug)]
pub(in crate::analysis) struct UserDictionary {
    words: Vec<UserWord>,
    segments: Vec<UserSegment>,
}

#[derive(Debug)]
struct UserWord {
    /// The word in UTF-16.
    units: Vec<u16>,
    /// The place of its first segment.
    first: usize,
    /// The lengths of its segments, in UTF-16.
    lengths: Vec<usize>,
}

/// A segment of a word.
#[derive(Debug)]
pub(in crate::analysis) struct UserSegment {
    pub(super) reading: String,
    pub(super) speech: String,
}

/// Which words go on as a text does.
#[derive(Clone, Copy)]
pub(super) struct Candidates {
    from: usize,
    to: usize,
    length: usize,
}

impl UserDictionary {
    /// The dictionary of `rules`; `None`: they have no word.
    ///
    /// # Errors
    /// `illegal_argument_exception` for a rule that is none, and for a word that is there twice.
    pub(in crate::analysis) fn read(rules: &[String]) -> Result<Option<UserDictionary>, Exception> {
        let (mut rows, mut seen) = (Vec::new(), HashSet::new());
        for (line, rule) in rules.iter().enumerate() {
            if rule.starts_with('#') || rule.trim().is_empty() {
                continue;
            }
            let columns = columns(rule);
            let word = columns.first().cloned().unwrap_or_default();
            let units: Vec<u16> = word.encode_utf16().collect();
            if !seen.insert(units.clone()) {
                return Err(Exception::illegal_argument(format!(
                    "Found duplicate term [{word}] in user dictionary at line [{line}]"
                )));
            }
            if columns.len() < 4 || word.is_empty() {
                return Err(Exception::illegal_argument(format!(
                    "Illegal user dictionary entry {rule} - expected a word, its segments, their readings and a part of speech"
                )));
            }
            rows.push((units, columns));
        }
        rows.sort();
        let mut dictionary = UserDictionary { words: Vec::new(), segments: Vec::new() };
        for (units, columns) in rows {
            dictionary.take(units, &columns)?;
        }
        Ok((!dictionary.words.is_empty()).then_some(dictionary))
    }

    /// Takes a word in.
    fn take(&mut self, units: Vec<u16>, columns: &[String]) -> Result<(), Exception> {
        let [word, segments, readings, speech, ..] = columns else { return Ok(()) };
        let parts: Vec<&str> = split(segments);
        let spoken: Vec<&str> = split(readings);
        if parts.len() != spoken.len() {
            return Err(Exception::illegal_argument(format!(
                "Illegal user dictionary entry {word} - the number of segmentations ({}) does not the match number of readings ({})",
                parts.len(),
                spoken.len()
            )));
        }
        let bare = |text: &str| text.split_whitespace().collect::<String>();
        if bare(word) != bare(segments) {
            return Err(Exception::illegal_argument(format!(
                "Illegal user dictionary entry {word} - the concatenated segmentation ({}) does not match the surface form ({})",
                bare(segments),
                bare(word)
            )));
        }
        let first = self.segments.len();
        // White space that is no end of a segment is nothing of the word either.
        let lengths = parts.iter().map(|part| bare(part).encode_utf16().count()).collect();
        self.segments.extend(
            spoken.iter().map(|reading| UserSegment {
                reading: (*reading).to_owned(),
                speech: speech.clone(),
            }),
        );
        self.words.push(UserWord { units, first, lengths });
        Ok(())
    }

    /// All words.
    pub(super) fn candidates(&self) -> Candidates {
        Candidates { from: 0, to: self.words.len(), length: 0 }
    }

    /// Those of `candidates` that go on with `unit`; `None`: there are none.
    pub(super) fn step(&self, candidates: Candidates, unit: u16) -> Option<Candidates> {
        let Candidates { from, to, length } = candidates;
        let words = self.words.get(from..to)?;
        // A word that ends here is before those that go on.
        let key = |word: &UserWord| word.units.get(length).copied();
        let start = words.partition_point(|word| key(word) < Some(unit));
        let end = words.partition_point(|word| key(word) <= Some(unit));
        (start < end).then_some(Candidates {
            from: from + start,
            to: from + end,
            length: length + 1,
        })
    }

    /// The word that ends here.
    pub(super) fn found(&self, candidates: Candidates) -> Option<u32> {
        let first = self.words.get(candidates.from)?;
        (first.units.len() == candidates.length).then(|| u32::try_from(candidates.from).ok())?
    }

    /// The segments of a word: the place of each, and its length in UTF-16.
    pub(super) fn segments(&self, word: u32) -> impl DoubleEndedIterator<Item = (u32, usize)> {
        let word = self.words.get(word as usize);
        let (first, lengths) = word.map_or((0, [].as_slice()), |word| (word.first, &word.lengths));
        lengths
            .iter()
            .enumerate()
            .map(move |(at, length)| (u32::try_from(first + at).unwrap_or(u32::MAX), *length))
    }

    pub(super) fn segment(&self, at: u32) -> Option<&UserSegment> {
        self.segments.get(at as usize)
    }
}

/// The parts between spaces, as Java splits: none behind the last.
fn split(text: &str) -> Vec<&str> {
    let mut parts: Vec<&str> = Vec::new();
    let mut rest = text;
    while let Some((part, behind)) = rest.split_once(' ') {
        parts.push(part);
        rest = behind.trim_start_matches(' ');
    }
    if !rest.is_empty() || parts.is_empty() {
        parts.push(rest);
    }
    parts
}

/// The columns of a rule; quotes hold commas.
fn columns(rule: &str) -> Vec<String> {
    let mut columns = vec![String::new()];
    let mut quoted = false;
    for letter in rule.chars() {
        match letter {
            '"' => quoted = !quoted,
            ',' if !quoted => columns.push(String::new()),
            letter => columns.last_mut().into_iter().for_each(|column| column.push(letter)),
        }
    }
    columns
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(rules: &[&str]) -> String {
        let rules: Vec<String> = rules.iter().map(|rule| (*rule).to_owned()).collect();
        UserDictionary::read(&rules).unwrap_err().reason().to_owned()
    }

    #[test]
    fn rules_that_are_none_are_refused_in_lucenes_words() {
        assert_eq!(
            refusal(&["日経新聞,日経 新聞,ニッケイ,カスタム名詞"]),
            "Illegal user dictionary entry 日経新聞 - the number of segmentations (2) does not the match number of readings (1)"
        );
        assert_eq!(
            refusal(&["日経新聞,日経 新,ニッケイ シン,カスタム名詞"]),
            "Illegal user dictionary entry 日経新聞 - the concatenated segmentation (日経新) does not match the surface form (日経新聞)"
        );
        assert_eq!(
            refusal(&["# words", "朝,朝,アサ,名詞", "朝,朝,アサ,名詞"]),
            "Found duplicate term [朝] in user dictionary at line [2]"
        );
        assert!(refusal(&["朝"]).contains("expected a word, its segments, their readings"));
        assert!(UserDictionary::read(&["# none".to_owned()]).unwrap().is_none());
    }

    #[test]
    fn words_are_found_by_what_they_begin_with() {
        let rules = ["朝青龍,朝青龍,アサショウリュウ,力士", "朝,朝,アサ,名詞"].map(str::to_owned);
        let words = UserDictionary::read(&rules).unwrap().unwrap();
        let mut found = Vec::new();
        let mut candidates = words.candidates();
        for unit in "朝青龍".encode_utf16() {
            candidates = words.step(candidates, unit).unwrap();
            found.push(words.found(candidates));
        }
        assert_eq!(found, [Some(0), None, Some(1)]);
        assert!(words.step(candidates, 0x9F8D).is_none());
    }
}
