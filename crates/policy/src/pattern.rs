//! Patterns: literal text, `*` (any run of characters, `/` and `:` included), `?` (exactly one
//! character) and policy variables.
//!
//! A pattern is cut at its stars into chunks. The first chunk is anchored at the beginning, the
//! last at the end, and each chunk between is looked for once, left to right: a later match of an
//! earlier chunk never helps, so there is nothing to backtrack into, however many stars there are.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html>

use crate::context::Context;
use crate::variables::{Substitution, Variable};

/// A compiled pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pattern {
    /// The runs between stars: one more than there are stars.
    chunks: Vec<Chunk>,
    /// Whether ASCII letters compare without case, as in action names.
    fold: bool,
    variables: bool,
}

/// What stands between two stars.
type Chunk = Vec<Piece>;

/// One element of a pattern, stars aside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Piece {
    /// Characters that stand for themselves.
    Text(String),
    /// `?`: exactly one character.
    One,
    /// `${…}`: what the request's context says, taken literally.
    Variable(Variable),
}

/// How a text is read as a [`Pattern`].
#[derive(Clone, Copy, Debug)]
pub(crate) struct Syntax {
    /// `*` and `?` are wildcards.
    pub(crate) wildcards: bool,
    /// `${…}` is a variable (version 2012-10-17 only).
    pub(crate) variables: bool,
    /// ASCII letters compare without case.
    pub(crate) fold: bool,
    /// Variables of domain policies that Amazon does not supply are absent.
    pub(crate) domain: bool,
}

impl Pattern {
    /// Compiles `source`. The error names the malformed variable.
    pub(crate) fn parse(source: &str, syntax: Syntax) -> Result<Pattern, String> {
        let mut chunks: Vec<Chunk> = vec![Vec::new()];
        let mut rest = source;
        let mut has_variables = false;
        while let Some(character) = rest.chars().next() {
            let mut length = character.len_utf8();
            match character {
                '*' if syntax.wildcards => {
                    // Two stars in a row say no more than one.
                    if chunks.len() == 1 || chunks.last().is_some_and(|chunk| !chunk.is_empty()) {
                        chunks.push(Vec::new());
                    }
                }
                '?' if syntax.wildcards => push(&mut chunks, Piece::One),
                '$' if syntax.variables && rest.starts_with("${") => {
                    let (stands_for, read) = Variable::read(rest, syntax.domain)?;
                    has_variables |= matches!(stands_for, Substitution::Variable(_));
                    let piece = match stands_for {
                        Substitution::Character(text) => Piece::Text(text.to_owned()),
                        Substitution::Variable(variable) => Piece::Variable(variable),
                    };
                    push(&mut chunks, piece);
                    length = read;
                }
                _ => push(&mut chunks, Piece::Text(character.to_string())),
            }
            rest = rest.get(length..).unwrap_or_default();
        }
        Ok(Pattern { chunks, fold: syntax.fold, variables: has_variables })
    }

    /// Whether `text` matches, variables taken from `context`. An unresolved variable makes the
    /// pattern match nothing.
    pub(crate) fn matches(&self, text: &str, context: &Context) -> bool {
        if self.variables && !self.resolves(context) {
            return false;
        }
        let Some((first, later)) = self.chunks.split_first() else { return text.is_empty() };
        let Some(mut rest) = self.strip_prefix(first, text, context) else { return false };
        let Some((last, between)) = later.split_last() else { return rest.is_empty() };
        for chunk in between {
            let Some(after) = self.after_first(chunk, rest, context) else { return false };
            rest = after;
        }
        self.is_suffix(last, rest, context)
    }

    /// Whether every variable has a value.
    pub(crate) fn resolves(&self, context: &Context) -> bool {
        self.variables().all(|variable| variable.resolve(context).is_some())
    }

    /// The variables in the pattern, in order.
    pub(crate) fn variables(&self) -> impl Iterator<Item = &Variable> {
        self.chunks.iter().flatten().filter_map(|piece| match piece {
            Piece::Variable(variable) => Some(variable),
            _ => None,
        })
    }

    /// The runs between stars, one more than there are stars.
    pub(crate) fn chunks(&self) -> &[Vec<Piece>] {
        &self.chunks
    }

    /// Whether ASCII letters compare without case.
    pub(crate) fn folds_case(&self) -> bool {
        self.fold
    }

    /// The text, when the pattern has neither wildcard nor variable.
    pub(crate) fn literal(&self) -> Option<&str> {
        match self.chunks.as_slice() {
            [only] => match only.as_slice() {
                [] => Some(""),
                [Piece::Text(text)] => Some(text),
                _ => None,
            },
            _ => None,
        }
    }

    /// The one text that matches, its variables taken from `context`; `None` where several may. The inner `None`: none does.
    pub(crate) fn only_text(&self, context: &Context) -> Option<Option<String>> {
        let [only] = self.chunks.as_slice() else { return None };
        if self.fold {
            return None;
        }
        let mut text = String::new();
        for piece in only {
            match piece {
                Piece::Text(literal) => text.push_str(literal),
                Piece::One => return None,
                Piece::Variable(variable) => match variable.resolve(context) {
                    Some(value) => text.push_str(value),
                    None => return Some(None),
                },
            }
        }
        Some(Some(text))
    }

    /// The literal text with which every match begins.
    pub(crate) fn prefix(&self) -> &str {
        match self.chunks.first().and_then(|chunk| chunk.first()) {
            Some(Piece::Text(text)) => text,
            _ => "",
        }
    }

    /// Whether a text that begins with `start` may match, as far as its own beginning tells; with variables, always.
    pub(crate) fn may_match_after(&self, start: &str) -> bool {
        if let Some(literal) = self.literal() {
            return self.strip(literal, start).is_some();
        }
        let length = self.prefix().len().min(start.len());
        match (self.prefix().get(..length), start.get(..length)) {
            (Some(own), Some(asked)) => self.equal(own, asked),
            // Cut within a character.
            _ => true,
        }
    }

    fn strip_prefix<'t>(&self, chunk: &Chunk, text: &'t str, context: &Context) -> Option<&'t str> {
        let mut rest = text;
        for piece in chunk {
            rest = match piece {
                Piece::Text(literal) => self.strip(rest, literal)?,
                Piece::One => rest.get(rest.chars().next()?.len_utf8()..)?,
                Piece::Variable(variable) => self.strip(rest, variable.resolve(context)?)?,
            };
        }
        Some(rest)
    }

    fn is_suffix(&self, chunk: &Chunk, text: &str, context: &Context) -> bool {
        let mut rest = text;
        for piece in chunk.iter().rev() {
            let length = match piece {
                Piece::Text(literal) => literal.len(),
                Piece::One => rest.chars().next_back().map_or(1, char::len_utf8),
                Piece::Variable(variable) => variable.resolve(context).map_or(0, str::len),
            };
            let Some(start) = rest.len().checked_sub(length) else { return false };
            let (Some(before), Some(tail)) = (rest.get(..start), rest.get(start..)) else {
                return false;
            };
            let equal = match piece {
                Piece::Text(literal) => self.equal(tail, literal),
                Piece::One => true,
                Piece::Variable(variable) => {
                    variable.resolve(context).is_some_and(|value| self.equal(tail, value))
                }
            };
            if !equal {
                return false;
            }
            rest = before;
        }
        true
    }

    /// What follows the leftmost match of `chunk` in `text`.
    fn after_first<'t>(&self, chunk: &Chunk, text: &'t str, context: &Context) -> Option<&'t str> {
        if let ([Piece::Text(literal)], false) = (chunk.as_slice(), self.fold) {
            return text.find(literal.as_str()).and_then(|at| text.get(at + literal.len()..));
        }
        let mut rest = text;
        loop {
            if let Some(after) = self.strip_prefix(chunk, rest, context) {
                return Some(after);
            }
            rest = rest.get(rest.chars().next()?.len_utf8()..)?;
        }
    }

    fn strip<'t>(&self, text: &'t str, literal: &str) -> Option<&'t str> {
        let head = text.get(..literal.len())?;
        self.equal(head, literal).then(|| text.get(literal.len()..)).flatten()
    }

    fn equal(&self, one: &str, other: &str) -> bool {
        // What is spelt alike is compared by words of memory.
        one == other || self.fold && one.eq_ignore_ascii_case(other)
    }
}

/// Appends to the last chunk, joining neighbouring literal text.
fn push(chunks: &mut [Chunk], piece: Piece) {
    let Some(chunk) = chunks.last_mut() else { return };
    match (chunk.last_mut(), piece) {
        (Some(Piece::Text(before)), Piece::Text(text)) => before.push_str(&text),
        (_, piece) => chunk.push(piece),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIKE: Syntax = Syntax { wildcards: true, variables: true, fold: false, domain: false };

    fn matches(pattern: &str, text: &str) -> bool {
        let mut context = Context::new();
        context.set("aws:username", "a*b");
        Pattern::parse(pattern, LIKE).unwrap().matches(text, &context)
    }

    #[test]
    fn c08_a_star_spans_slashes_and_colons_and_nothing_at_all() {
        for text in ["", "a", "a/b", "a:b", "é"] {
            assert!(matches("*", text), "{text}");
        }
        assert!(matches("a*c", "a/b/c"));
        assert!(matches("a*c", "ac"));
        assert!(!matches("a*c", "acd"));
        assert!(matches("a**c", "abc"));
    }

    #[test]
    fn a_question_mark_is_one_character_however_many_bytes() {
        assert!(matches("a?c", "aüc"));
        assert!(matches("a?c", "a😀c"));
        assert!(!matches("a?c", "ac"));
        assert!(!matches("?", ""));
        assert!(matches("*?x", "üx"));
        assert!(!matches("*?x", "x"));
        assert!(matches("*?", "ü"));
        assert!(matches("*a?*b", "xaab"));
    }

    #[test]
    fn chunks_do_not_overlap() {
        assert!(!matches("ab*ba", "aba"));
        assert!(matches("ab*ba", "abba"));
        assert!(!matches("*ab*ab", "xab"));
        assert!(matches("*ab*ab", "xabab"));
    }

    #[test]
    fn c11_a_substituted_value_is_literal() {
        assert!(matches("x/${aws:username}/*", "x/a*b/y"));
        assert!(!matches("x/${aws:username}/*", "x/aab/y"));
        assert!(matches("*${aws:username}", "zza*b"));
        assert!(!matches("*${aws:nobody}", "zza*b"));
        assert!(matches("${aws:nobody, 'd'}", "d"));
        assert!(matches("${*}${?}${$}", "*?$"));
    }

    #[test]
    fn ten_thousand_stars_are_answered_at_once() {
        let pattern = Pattern::parse(&"*a".repeat(10_000), LIKE).unwrap();
        assert!(pattern.matches(&"a".repeat(10_000), &Context::new()));
        assert!(!pattern.matches(&"a".repeat(9_999), &Context::new()));
        let pattern = Pattern::parse(&format!("{}b", "a*".repeat(10_000)), LIKE).unwrap();
        assert!(!pattern.matches(&"a".repeat(20_000), &Context::new()));
    }

    #[test]
    fn c12_folding_is_for_ascii_letters_only() {
        let folding = Syntax { fold: true, ..LIKE };
        let pattern = Pattern::parse("ES:*http?ET", folding).unwrap();
        assert!(pattern.matches("es:ESHttpGet", &Context::new()));
        let pattern = Pattern::parse("i", folding).unwrap();
        assert!(!pattern.matches("İ", &Context::new()));
    }

    proptest::proptest! {
        #[test]
        fn a_pattern_agrees_with_the_textbook_recursion(
            pattern in "[ab?*]{0,8}", text in "[abü]{0,8}",
        ) {
            let pattern: Vec<char> = pattern.chars().collect();
            let text: Vec<char> = text.chars().collect();
            let expected = textbook(&pattern, &text);
            let (pattern, text): (String, String) =
                (pattern.iter().collect(), text.iter().collect());
            proptest::prop_assert_eq!(matches(&pattern, &text), expected);
        }
    }

    fn textbook(pattern: &[char], text: &[char]) -> bool {
        match (pattern, text) {
            ([], []) => true,
            (['*', rest @ ..], _) => {
                textbook(rest, text) || (!text.is_empty() && textbook(pattern, &text[1..]))
            }
            (['?', rest @ ..], [_, later @ ..]) => textbook(rest, later),
            ([one, rest @ ..], [other, later @ ..]) => one == other && textbook(rest, later),
            _ => false,
        }
    }
}
