//! Stop words: Lucene's English set, which `stop` and `english` use.

/// `_english_`, the default of the stop filter (Lucene's `EnglishAnalyzer.ENGLISH_STOP_WORDS_SET`).
pub(super) const ENGLISH: &[&str] = &[
    "a", "an", "and", "are", "as", "at", "be", "but", "by", "for", "if", "in", "into", "is", "it",
    "no", "not", "of", "on", "or", "such", "that", "the", "their", "then", "there", "these",
    "they", "this", "to", "was", "will", "with",
];
