//! The string literals of a Rust source, each with the call that it is an argument of: what tells
//! `Err("no such index")` from `text.contains("no such index")`.

use crate::tidy::tokens::{self, Token};

/// A string literal as the program holds it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Literal {
    pub(super) text: String,
    /// The function, method or macro whose argument it is; empty where it is none's.
    pub(super) callee: String,
}

/// Every string literal of `source` outside of comments, attributes and modules of tests, in order.
pub(super) fn literals(source: &str) -> Vec<Literal> {
    let (tokens, _) = tokens::without_tests(&tokens::read(source));
    let mut found = Vec::new();
    // The open brackets, each with the name before it.
    let mut open: Vec<&str> = Vec::new();
    let mut name = "";
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        at += 1;
        if let Some(text) = token.string() {
            found.push(Literal {
                text,
                callee: open.last().copied().unwrap_or_default().to_owned(),
            });
        }
        match token.text {
            "#" => at = behind_attribute(&tokens, at),
            "(" | "[" | "{" => open.push(name),
            ")" | "]" | "}" => _ = open.pop(),
            // `format!(` is a call of `format`.
            "!" => continue,
            _ => {}
        }
        name = if token.is_word() { token.text } else { "" };
    }
    found
}

/// The place behind the attribute whose `#` stands before `at`.
fn behind_attribute(tokens: &[Token<'_>], at: usize) -> usize {
    let is = |at: usize, mark: &str| tokens.get(at).is_some_and(|token| token.text == mark);
    let open = at + usize::from(is(at, "!"));
    if is(open, "[") { tokens::behind(tokens, open, "[", "]") } else { at }
}
