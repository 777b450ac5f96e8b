//! Functions fit on a screen: at most [`MAX_LINES`] lines, signature and closing brace included.

use super::complaint::{self, Complaint};
use super::tree::Tree;

/// The longest a function may be.
const MAX_LINES: usize = 70;

/// Above a function (or its attributes and docs) this comment, with a reason, lifts the limit: for tables.
const EXEMPTION: &str = "// long:";

/// Complains of every Rust function that is longer than [`MAX_LINES`] without an exemption.
pub(crate) fn length(tree: &Tree) -> Vec<Complaint> {
    let mut complaints = Vec::new();
    for (path, text) in tree.ending(".rs") {
        let lines: Vec<&str> = text.lines().collect();
        for (start, count) in functions(&lines) {
            if count > MAX_LINES && !exempt(&lines, start) {
                complaints.push(complaint::long_function(path, start + 1, count, MAX_LINES));
            }
        }
    }
    complaints
}

/// Each function's first line (0-based) and its number of lines.
///
/// The files are formatted by rustfmt, so a body ends at the first `}` that is indented as its `fn` is.
fn functions<'a>(lines: &'a [&'a str]) -> impl Iterator<Item = (usize, usize)> + 'a {
    let starts = lines.iter().enumerate().filter(|(_, line)| is_function(line));
    starts.filter_map(move |(start, line)| {
        let indent = indentation(line);
        let rest = lines.get(start..)?;
        let opened = rest.iter().position(|line| {
            let line = line.trim_end();
            line.ends_with(['{', '}', ';'])
        })?;
        let opening = rest.get(opened)?.trim_end();
        if !opening.ends_with('{') {
            return Some((start, opened + 1));
        }
        let body = rest.get(opened + 1..)?;
        let closed = body
            .iter()
            .position(|line| indentation(line) == indent && line.trim_start().starts_with('}'))?;
        Some((start, opened + 1 + closed + 1))
    })
}

fn is_function(line: &str) -> bool {
    let mut words = line.split_whitespace();
    let first = words.find(|word| !is_qualifier(word));
    first == Some("fn") && words.next().is_some()
}

/// What may stand before `fn`: `pub(crate) const async extern "C" fn`.
fn is_qualifier(word: &str) -> bool {
    word.starts_with("pub")
        || ["async", "const", "extern", "unsafe"].contains(&word)
        || word.starts_with('"')
}

fn indentation(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

/// Whether the comment lines, docs and attributes right above the function hold the exemption and a reason.
fn exempt(lines: &[&str], start: usize) -> bool {
    let above = lines.iter().take(start).rev().map(|line| line.trim());
    above
        .take_while(|line| line.starts_with("//") || line.starts_with('#'))
        .any(|line| line.strip_prefix(EXEMPTION).is_some_and(|why| !why.trim().is_empty()))
}
