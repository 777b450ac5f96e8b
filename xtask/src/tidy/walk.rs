//! The walk of a request, as ARCHITECTURE.md tells it and as the spine does it.

use super::complaint::{self, Complaint};
use super::tree::Tree;

const PAGE: &str = "ARCHITECTURE.md";
const HEADING: &str = "## The walk";
const SPINE: &str = "crates/server/src/walk/mod.rs";
const FUNCTION: &str = "async fn walk(";

/// The block of code below [`HEADING`] is the body of [`FUNCTION`], line by line; comments aside.
pub(crate) fn told(tree: &Tree) -> Vec<Complaint> {
    let Some(source) = tree.text(SPINE) else { return vec![complaint::no_spine(SPINE, FUNCTION)] };
    // Without the page nothing is told, which differs from what is done.
    let told = block(tree.text(PAGE).unwrap_or_default());
    let done = body(source);
    if done.is_empty() {
        return vec![complaint::no_spine(SPINE, FUNCTION)];
    }
    let pairs = (0..told.len().max(done.len())).map(|at| (told.get(at), done.get(at)));
    let first = pairs.into_iter().find(|(told, done)| {
        told.map(|(_, line)| line.as_str()) != done.map(|(_, line)| line.as_str())
    });
    let last = told.last().map_or(0, |(number, _)| *number);
    let differing = first.map(|(told, done)| {
        let number = told.map_or(last, |(number, _)| *number);
        let line = |line: Option<&(usize, String)>| line.map_or("", |(_, line)| line).to_owned();
        complaint::walk_differs(PAGE, number, &line(told), &line(done), SPINE)
    });
    differing.into_iter().collect()
}

/// The numbered lines of the first fenced block below the heading.
fn block(page: &str) -> Vec<(usize, String)> {
    let below = page.lines().enumerate().skip_while(|(_, line)| *line != HEADING);
    let inside = below.skip_while(|(_, line)| !line.starts_with("```")).skip(1);
    plain(inside.take_while(|(_, line)| !line.starts_with("```")))
}

/// The numbered lines of the function's body.
fn body(source: &str) -> Vec<(usize, String)> {
    let from = source.lines().enumerate().skip_while(|(_, line)| !line.starts_with(FUNCTION));
    let inside = from.skip_while(|(_, line)| !line.ends_with('{')).skip(1);
    plain(inside.take_while(|(_, line)| *line != "}"))
}

/// Without comments, indentation and empty lines.
fn plain<'a>(lines: impl Iterator<Item = (usize, &'a str)>) -> Vec<(usize, String)> {
    let code = lines.map(|(at, line)| {
        let line = line.split("//").next().unwrap_or_default();
        (at + 1, line.split_whitespace().collect::<Vec<_>>().join(" "))
    });
    code.filter(|(_, line)| !line.is_empty()).collect()
}
