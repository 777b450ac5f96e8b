//! `simple_query_string`: `a + b | -c "a phrase"~2 wor* (…) word~1`; never a syntax error.

use serde_json::Value;

use super::fuzzy::Expansion;
use super::lower::{Lowered, Lowering};
use super::match_query::Operator;
use super::multi_match::read_fields;
use super::options::Options;
use super::query_syntax::{Node, Occur, Settings};
use super::{Kind, QUERY_DEPTH_MAX, Query};
use crate::exception::Exception;

/// A `simple_query_string` query.
#[derive(Clone, Debug, PartialEq)]
pub struct SimpleQueryString {
    /// As it was written.
    pub query: String,
    /// How it is looked for.
    pub settings: Settings,
}

pub(super) fn parse(value: &Value, _depth: usize) -> Result<Query, Exception> {
    let options = Options::new("simple_query_string", value)?;
    let Some(query) = options.text("query")? else {
        return Err(Exception::parsing("[simple_query_string] query text missing"));
    };
    let fields = match options.get("fields") {
        Some(fields) => read_fields("simple_query_string", fields)?,
        None => Vec::new(),
    };
    let operator = match options.text("default_operator")? {
        Some(text) => Operator::parse(&text)?,
        None => Operator::Or,
    };
    options.only("flags", &["ALL", "-1"])?;
    options.only("analyze_wildcard", &["false", "true"])?;
    options.only("auto_generate_synonyms_phrase_query", &["true"])?;
    let count = |key: &str, default: usize| -> Result<usize, Exception> {
        Ok(options.count(key)?.map_or(default, |count| count as usize))
    };
    let expansion = Expansion {
        prefix_length: count("fuzzy_prefix_length", 0)?,
        max_expansions: count("fuzzy_max_expansions", 50)?.min(super::fuzzy::EXPANSIONS_MAX),
        transpositions: options.flag("fuzzy_transpositions")?.unwrap_or(true),
        ..Expansion::default()
    };
    let settings = Settings {
        fields,
        operator,
        analyzer: options.text("analyzer")?,
        lenient: options.flag("lenient")?,
        minimum_should_match: options.text("minimum_should_match")?,
        tie_breaker: 1.0,
        expansion,
        ..Settings::plain()
    };
    Query::with(Kind::SimpleQueryString(SimpleQueryString { query, settings }), &options)
}

impl SimpleQueryString {
    pub(super) fn lower(&self, lowering: &Lowering<'_>) -> Result<Lowered, Exception> {
        match self.tree() {
            Some(node) => self.settings.lower(&node, lowering),
            None => Ok(super::lower::nothing()),
        }
    }

    /// The tree of the text; `None` when nothing is asked.
    pub(crate) fn tree(&self) -> Option<Node> {
        let characters: Vec<char> = self.query.chars().collect();
        let mut parser =
            Parser { characters: &characters, at: 0, operator: self.settings.operator };
        parser.group(0)
    }
}

struct Parser<'a> {
    characters: &'a [char],
    at: usize,
    operator: Operator,
}

/// Lucene's `SimpleQueryParser.State`: the tree so far, and the operators not yet used.
#[derive(Default)]
struct State {
    top: Option<Node>,
    previous: Option<Occur>,
    current: Option<Occur>,
    negations: usize,
}

impl Parser<'_> {
    fn here(&self) -> Option<char> {
        self.characters.get(self.at).copied()
    }

    fn group(&mut self, depth: usize) -> Option<Node> {
        let mut state = State::default();
        while let Some(character) = self.here() {
            match character {
                c if c.is_whitespace() => self.at += 1,
                '(' if depth < QUERY_DEPTH_MAX => {
                    self.at += 1;
                    let branch = self.group(depth + 1);
                    self.add(&mut state, branch);
                }
                ')' => {
                    self.at += 1;
                    if depth > 0 {
                        break;
                    }
                }
                '"' => {
                    let branch = self.phrase();
                    self.add(&mut state, branch);
                }
                '+' | '|' => {
                    self.at += 1;
                    if state.current.is_none() && state.top.is_some() {
                        state.current =
                            Some(if character == '+' { Occur::Must } else { Occur::Should });
                    }
                }
                '-' => {
                    self.at += 1;
                    state.negations += 1;
                    continue;
                }
                _ => {
                    let branch = self.word();
                    self.add(&mut state, branch);
                }
            }
            if !matches!(character, c if c.is_whitespace()) {
                state.negations = 0;
            }
        }
        state.top
    }

    fn add(&self, state: &mut State, branch: Option<Node>) {
        let Some(branch) = branch else { return };
        let branch = if state.negations % 2 == 1 {
            Node::Bool(vec![(Occur::MustNot, branch), (Occur::Should, Node::All)])
        } else {
            branch
        };
        let Some(top) = state.top.take() else {
            state.top = Some(branch);
            state.current = None;
            return;
        };
        let default = match self.operator {
            Operator::Or => Occur::Should,
            Operator::And => Occur::Must,
        };
        let occur = state.current.take().unwrap_or(default);
        state.top = Some(match top {
            Node::Bool(mut clauses) if state.previous == Some(occur) => {
                clauses.push((occur, branch));
                Node::Bool(clauses)
            }
            top => Node::Bool(vec![(occur, top), (occur, branch)]),
        });
        state.previous = Some(occur);
    }

    fn phrase(&mut self) -> Option<Node> {
        let start = self.at;
        self.at += 1;
        let mut text = String::new();
        while let Some(character) = self.here() {
            self.at += 1;
            match character {
                '\\' => {
                    text.extend(self.here());
                    self.at += 1;
                }
                '"' => {
                    let slop = self.tilde();
                    let slop = slop.flatten().map(|slop| slop as u32);
                    return (!text.is_empty()).then_some(Node::Phrase { field: None, text, slop });
                }
                c => text.push(c),
            }
        }
        // An open quote means nothing.
        self.at = start + 1;
        None
    }

    /// `~`, and the number after it.
    fn tilde(&mut self) -> Option<Option<usize>> {
        if self.here() != Some('~') {
            return None;
        }
        self.at += 1;
        let mut digits = String::new();
        while let Some(digit) = self.here().filter(char::is_ascii_digit) {
            digits.push(digit);
            self.at += 1;
        }
        Some(digits.parse().ok())
    }

    fn word(&mut self) -> Option<Node> {
        let mut text = String::new();
        let mut prefix = false;
        while let Some(character) = self.here() {
            match character {
                '\\' => {
                    self.at += 1;
                    text.extend(self.here());
                    prefix = false;
                }
                '*' => {
                    prefix = true;
                    text.push('*');
                }
                '~' if !text.is_empty() => {
                    if let Some(edits) = self.tilde() {
                        let edits = Some(edits.unwrap_or(2).min(2));
                        return Some(Node::Fuzzy { field: None, text, edits });
                    }
                }
                c if c.is_whitespace() || matches!(c, '(' | ')' | '"' | '|' | '+') => break,
                c => {
                    prefix = false;
                    text.push(c);
                }
            }
            self.at += 1;
        }
        if text.is_empty() {
            self.at += 1;
            return None;
        }
        match text.strip_suffix('*').filter(|stem| prefix && !stem.is_empty()) {
            Some(stem) => Some(Node::Prefix { field: None, text: stem.to_owned() }),
            None => Some(Node::Text { field: None, text }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(query: &str) -> Option<Node> {
        SimpleQueryString { query: query.to_owned(), settings: Settings::plain() }.tree()
    }

    fn text(text: &str) -> Node {
        Node::Text { field: None, text: text.to_owned() }
    }

    #[test]
    fn a_change_of_operator_wraps_what_came_before() {
        let inner = Node::Bool(vec![(Occur::Must, text("a")), (Occur::Must, text("b"))]);
        assert_eq!(
            tree("a + b | c"),
            Some(Node::Bool(vec![(Occur::Should, inner), (Occur::Should, text("c"))]))
        );
    }

    #[test]
    fn negation_phrases_and_prefixes_are_read() {
        let negated = Node::Bool(vec![(Occur::MustNot, text("b")), (Occur::Should, Node::All)]);
        assert_eq!(
            tree("a -b"),
            Some(Node::Bool(vec![(Occur::Should, text("a")), (Occur::Should, negated)]))
        );
        assert_eq!(tree("qu*"), Some(Node::Prefix { field: None, text: "qu".into() }));
        assert_eq!(
            tree("\"a b\"~3"),
            Some(Node::Phrase { field: None, text: "a b".into(), slop: Some(3) })
        );
    }

    #[test]
    fn nothing_is_a_syntax_error() {
        for query in ["\"a", "(a", "a)", "+", "|", "-", "~", "a~9", "\\", ""] {
            let _ = tree(query);
        }
        assert_eq!(tree("()"), None);
    }
}
