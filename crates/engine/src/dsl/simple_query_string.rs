//! `simple_query_string`: `a + b | -c "a phrase"~2 wor* (…) word~1`; never a syntax error.

use serde_json::Value;

use super::fuzzy::Expansion;
use super::lower::{Lowered, Lowering, constant};
use super::match_query::Operator;
use super::multi_match::read_fields;
use super::options::Options;
use super::query_syntax::{Occur, QueryStringSettings, SyntaxNode};
use super::words::SoughtWords;
use super::{CLAUSES_MAX, QUERY_DEPTH_MAX, Query, QueryClause};
use crate::exception::Exception;

/// A `simple_query_string` query.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct SimpleQueryString {
    /// As it was written.
    pub(crate) query: String,
    /// How it is looked for.
    pub(crate) settings: QueryStringSettings,
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
    let settings = QueryStringSettings {
        fields,
        operator,
        analyzer: options.text("analyzer")?,
        lenient: options.flag("lenient")?,
        minimum_should_match: options.text("minimum_should_match")?,
        tie_breaker: 1.0,
        expansion,
        ..QueryStringSettings::plain()
    };
    Query::with(SimpleQueryString { query, settings }, &options)
}

impl SimpleQueryString {
    /// The tree of the text; `None` when nothing is asked.
    ///
    /// # Errors
    /// More than [`CLAUSES_MAX`] clauses; a tree higher than [`QUERY_DEPTH_MAX`], which parentheses make, and every
    /// change between `+` and `|`.
    pub(crate) fn tree(&self) -> Result<Option<SyntaxNode>, Exception> {
        let characters: Vec<char> = self.query.chars().collect();
        let operator = self.settings.operator;
        let mut parser = Parser { characters: &characters, at: 0, operator, clauses: 0 };
        Ok(parser.group(0)?.map(|tree| tree.node))
    }
}

impl QueryClause for SimpleQueryString {
    fn lower(&self, lowering: &Lowering<'_>) -> Result<Lowered, Exception> {
        if self.query == "*" {
            return Ok(constant(Box::new(tantivy::query::AllQuery)));
        }
        self.settings.lower_text(&self.query, self.tree(), lowering)
    }

    fn is_composite(&self) -> bool {
        true
    }

    fn words(&self, sought: &mut SoughtWords<'_>) -> Result<(), Exception> {
        match self.tree() {
            Ok(Some(node)) => sought.node(&node, &self.settings),
            _ => Ok(()),
        }
    }
}

struct Parser<'a> {
    characters: &'a [char],
    at: usize,
    operator: Operator,
    clauses: usize,
}

/// A tree and its height, so that nothing walks down further than is known to be safe.
struct Tree {
    node: SyntaxNode,
    height: usize,
}

impl From<SyntaxNode> for Tree {
    fn from(node: SyntaxNode) -> Tree {
        Tree { node, height: 0 }
    }
}

fn too_deep() -> Exception {
    Exception::illegal_argument(format!(
        "The nested depth of the query exceeds the maximum nested depth for queries set in [{QUERY_DEPTH_MAX}]"
    ))
}

/// Lucene's `SimpleQueryParser.ParserState`: the tree so far, and the operators not yet used.
#[derive(Default)]
struct ParserState {
    top: Option<Tree>,
    previous: Option<Occur>,
    current: Option<Occur>,
    negations: usize,
}

impl Parser<'_> {
    fn here(&self) -> Option<char> {
        self.characters.get(self.at).copied()
    }

    fn group(&mut self, depth: usize) -> Result<Option<Tree>, Exception> {
        if depth > QUERY_DEPTH_MAX {
            return Err(too_deep());
        }
        let mut state = ParserState::default();
        while let Some(character) = self.here() {
            match character {
                c if c.is_whitespace() => self.at += 1,
                '(' => {
                    self.at += 1;
                    let branch = self.group(depth + 1)?;
                    self.add(&mut state, branch)?;
                }
                ')' => {
                    self.at += 1;
                    if depth > 0 {
                        break;
                    }
                }
                '"' => {
                    let branch = self.phrase();
                    self.add(&mut state, branch.map(Tree::from))?;
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
                    self.add(&mut state, branch.map(Tree::from))?;
                }
            }
            if !matches!(character, c if c.is_whitespace()) {
                state.negations = 0;
            }
        }
        Ok(state.top)
    }

    fn add(&mut self, state: &mut ParserState, branch: Option<Tree>) -> Result<(), Exception> {
        let Some(Tree { mut node, mut height }) = branch else { return Ok(()) };
        self.clauses += 1;
        if self.clauses > CLAUSES_MAX {
            return Err(super::query::too_many_clauses());
        }
        if state.negations % 2 == 1 {
            node = SyntaxNode::Bool(vec![(Occur::MustNot, node), (Occur::Should, SyntaxNode::All)]);
            height += 1;
        }
        let Some(top) = state.top.take() else {
            state.top = Some(Tree { node, height });
            state.current = None;
            return Ok(());
        };
        let default = match self.operator {
            Operator::Or => Occur::Should,
            Operator::And => Occur::Must,
        };
        let occur = state.current.take().unwrap_or(default);
        let joined = match top {
            Tree { node: SyntaxNode::Bool(mut clauses), height: old }
                if state.previous == Some(occur) =>
            {
                clauses.push((occur, node));
                Tree { node: SyntaxNode::Bool(clauses), height: old.max(height + 1) }
            }
            top => Tree {
                height: top.height.max(height) + 1,
                node: SyntaxNode::Bool(vec![(occur, top.node), (occur, node)]),
            },
        };
        if joined.height > QUERY_DEPTH_MAX {
            return Err(too_deep());
        }
        state.top = Some(joined);
        state.previous = Some(occur);
        Ok(())
    }

    fn phrase(&mut self) -> Option<SyntaxNode> {
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
                    return (!text.is_empty()).then_some(SyntaxNode::Phrase {
                        field: None,
                        text,
                        slop,
                    });
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

    fn word(&mut self) -> Option<SyntaxNode> {
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
                        return Some(SyntaxNode::Fuzzy { field: None, text, edits });
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
            Some(stem) => Some(SyntaxNode::Prefix { field: None, text: stem.to_owned() }),
            None => Some(SyntaxNode::Text { field: None, text }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(query: &str) -> Option<SyntaxNode> {
        read(query).unwrap()
    }

    fn read(query: &str) -> Result<Option<SyntaxNode>, Exception> {
        SimpleQueryString { query: query.to_owned(), settings: QueryStringSettings::plain() }.tree()
    }

    #[test]
    fn changes_of_operator_and_parentheses_make_a_tree_of_bounded_height() {
        let changes = |times: usize| format!("a{}", "+b|c".repeat(times));
        assert!(read(&changes(QUERY_DEPTH_MAX / 2)).is_ok());
        let parentheses = |levels: usize| "(".repeat(levels) + "a" + &")".repeat(levels);
        assert!(read(&parentheses(QUERY_DEPTH_MAX)).is_ok());
        for hostile in [changes(26), changes(10_000), parentheses(51), parentheses(10_000)] {
            assert!(read(&hostile).unwrap_err().reason().contains("nested depth"));
        }
        let clauses = read(&"a|".repeat(CLAUSES_MAX + 1)).unwrap_err();
        assert!(clauses.reason().contains("maxClauseCount"), "{}", clauses.reason());
    }

    fn text(text: &str) -> SyntaxNode {
        SyntaxNode::Text { field: None, text: text.to_owned() }
    }

    #[test]
    fn a_change_of_operator_wraps_what_came_before() {
        let inner = SyntaxNode::Bool(vec![(Occur::Must, text("a")), (Occur::Must, text("b"))]);
        assert_eq!(
            tree("a + b | c"),
            Some(SyntaxNode::Bool(vec![(Occur::Should, inner), (Occur::Should, text("c"))]))
        );
    }

    #[test]
    fn negation_phrases_and_prefixes_are_read() {
        let negated =
            SyntaxNode::Bool(vec![(Occur::MustNot, text("b")), (Occur::Should, SyntaxNode::All)]);
        assert_eq!(
            tree("a -b"),
            Some(SyntaxNode::Bool(vec![(Occur::Should, text("a")), (Occur::Should, negated)]))
        );
        assert_eq!(tree("qu*"), Some(SyntaxNode::Prefix { field: None, text: "qu".into() }));
        assert_eq!(
            tree("\"a b\"~3"),
            Some(SyntaxNode::Phrase { field: None, text: "a b".into(), slop: Some(3) })
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
