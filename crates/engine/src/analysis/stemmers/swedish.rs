//! Swedish. Source: Savoy, light stemming.

use super::strip;

/// Without case, number and article.
pub(in crate::analysis) fn swedish_light(letters: &mut Vec<char>) {
    strip(letters, 4, &["s"]);
    let _ = strip(letters, 7, &["elser", "heten"])
        || strip(letters, 6, &["arne", "erna", "ande", "else", "aste", "orna", "aren"])
        || strip(letters, 5, &["are", "ast", "het"])
        || strip(letters, 4, &["ar", "er", "or", "en", "at", "te", "et"])
        || strip(letters, 3, &["t", "a", "e", "n"]);
}
