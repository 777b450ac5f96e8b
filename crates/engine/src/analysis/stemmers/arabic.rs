//! Arabic. Source: Larkey, Ballesteros and Connell, "Light stemming for Arabic information retrieval" (light10).

use super::ends;

const PREFIXES: &[&str] = &["ال", "وال", "بال", "كال", "فال", "لل", "و"];
const SUFFIXES: &[&str] = &["ها", "ان", "ات", "ون", "ين", "يه", "ية", "ه", "ة", "ي"];

/// One prefix, and every suffix, as long as two letters are left.
pub(in crate::analysis) fn arabic(letters: &mut Vec<char>) {
    let fits = |prefix: &&&str| {
        let length = prefix.chars().count();
        let least = if length == 1 { 4 } else { length + 2 };
        letters.len() >= least && prefix.chars().eq(letters.iter().take(length).copied())
    };
    if let Some(prefix) = PREFIXES.iter().find(fits) {
        letters.drain(..prefix.chars().count());
    }
    for suffix in SUFFIXES {
        let length = suffix.chars().count();
        if letters.len() >= length + 2 && ends(letters, suffix) {
            letters.truncate(letters.len() - length);
        }
    }
}
