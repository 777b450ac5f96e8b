//! Documents like a package index: keywords, numbers, dates and a paragraph of English-like text. The same seed gives the
//! same bytes.

use std::fmt::Write;

/// The mapping of the index.
pub(crate) const MAPPING: &str = r#"{"settings": {"index": {"number_of_shards": 1, "number_of_replicas": 0, "refresh_interval": "-1"}},
    "mappings": {"properties": {"name": {"type": "keyword"}, "version": {"type": "keyword"}, "section": {"type": "keyword"},
        "maintainer": {"type": "keyword"}, "depends": {"type": "keyword"}, "size": {"type": "long"},
        "price": {"type": "double"}, "built": {"type": "date"}, "description": {"type": "text", "analyzer": "english"}}}}"#;

/// Words of the vocabulary, of which the first are the frequent ones.
const WORDS: usize = 20_000;
/// Words that English analysis takes out.
const STOP: [&str; 8] = ["the", "a", "of", "and", "to", "in", "for", "is"];
const SYLLABLES: [&str; 24] = [
    "ba", "con", "der", "el", "fi", "gra", "hu", "in", "ker", "lo", "men", "net", "or", "pack",
    "qui", "ros", "ser", "tor", "un", "ver", "wi", "xen", "yor", "zu",
];
const ENDINGS: [&str; 10] = ["", "", "", "s", "ed", "ing", "ation", "ly", "ness", "er"];

/// Writes documents.
pub(crate) struct Corpus {
    state: u64,
    words: Vec<String>,
}

/// The word number `n` of the vocabulary.
pub(crate) fn word(n: usize) -> String {
    let mut word = String::new();
    let mut rest = n * 7 + 3;
    for _ in 0..2 + n % 2 {
        word.push_str(SYLLABLES[rest % SYLLABLES.len()]);
        rest = rest / SYLLABLES.len() + n * 13;
    }
    word + ENDINGS[n % ENDINGS.len()]
}

impl Corpus {
    pub(crate) fn new(seed: u64) -> Corpus {
        Corpus { state: seed, words: (0..WORDS).map(word).collect() }
    }

    /// Below `end` (`SplitMix64`).
    fn below(&mut self, end: usize) -> usize {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let value = (self.state ^ (self.state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((value ^ (value >> 31)) % end as u64) as usize
    }

    /// A word, the more often the earlier it stands in the vocabulary.
    fn any_word(&mut self) -> usize {
        let (a, b) = (self.below(WORDS), self.below(WORDS));
        a * b / WORDS * self.below(WORDS) / WORDS
    }

    /// Bytes of a bulk of `count` documents from the number `first` on.
    pub(crate) fn bulk(&mut self, first: usize, count: usize) -> String {
        let mut body = String::new();
        for id in first..first + count {
            writeln!(body, r#"{{"index":{{"_id":"{id}"}}}}"#).expect("memory");
            self.document(id, &mut body);
        }
        body
    }

    fn document(&mut self, id: usize, body: &mut String) {
        let (section, maintainer) = (self.below(8) * self.below(8), self.below(3000));
        let (size, price) = (self.below(1000) * self.below(100), self.below(100_000));
        let (month, day, hour) = (1 + self.below(12), 1 + self.below(28), self.below(24));
        let depends: Vec<String> =
            (0..self.below(9)).map(|_| format!("\"lib{}\"", self.below(5000))).collect();
        write!(
            body,
            r#"{{"name":"package-{id}","version":"1.{}","section":"section {section}","maintainer":"Person {maintainer} <p{maintainer}@example.org>","depends":[{}],"size":{size},"price":{}.{:02},"built":"2024-{month:02}-{day:02}T{hour:02}:10:05Z","description":"#,
            self.below(500),
            depends.join(","),
            price / 100,
            price % 100,
        )
        .expect("memory");
        body.push('"');
        for place in 0..60 + self.below(120) {
            let punctuation = match (place, self.below(12)) {
                (0, _) => "",
                (_, 0) => ". ",
                (_, 1) => ", ",
                (_, 2) => "\\n",
                _ => " ",
            };
            body.push_str(punctuation);
            if self.below(4) == 0 {
                let stop = self.below(STOP.len());
                body.push_str(STOP[stop]);
            } else {
                let word = self.any_word();
                body.push_str(&self.words[word]);
            }
        }
        body.push_str("\"}\n");
    }
}
