//! Java's regular expressions, run by a library whose time grows with the text alone: what it does not have (looking
//! around, back references) is refused when the script is compiled.

use regex::{Regex, RegexBuilder};

/// Most bytes that a compiled expression may take.
const COMPILED_BYTES_MAX: usize = 1 << 20;

/// Compiles `/source/flags`.
///
/// # Errors
/// Why it is no expression, or none that is run here.
pub(super) fn compile(source: &str, flags: &str) -> Result<Regex, String> {
    RegexBuilder::new(source)
        .case_insensitive(flags.contains('i'))
        .multi_line(flags.contains('m'))
        .dot_matches_new_line(flags.contains('s'))
        .ignore_whitespace(flags.contains('x'))
        .size_limit(COMPILED_BYTES_MAX)
        .build()
        .map_err(|error| {
            let text = error.to_string();
            let last = text.lines().last().unwrap_or_default().trim_start_matches("error: ");
            format!("{last} near index 0\n{source}")
        })
}

/// Whether an expression matches a whole text: as Java does it, other branches are tried until one reaches the end.
pub(super) fn matches_whole(regex: &Regex, source: &str, text: &str) -> bool {
    let whole = |found: regex::Match<'_>| found.start() == 0 && found.end() == text.len();
    match regex.find(text) {
        None => false,
        Some(found) if whole(found) => true,
        Some(_) => anchored(source).is_some_and(|regex| regex.is_match(text)),
    }
}

/// The expression for a whole text.
pub(super) fn anchored(source: &str) -> Option<Regex> {
    RegexBuilder::new(&format!("^(?:{source})$")).size_limit(COMPILED_BYTES_MAX).build().ok()
}
