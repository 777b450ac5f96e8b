//! `simple_query_string`: `a + b | -c "a phrase"~2 wor* (…) word~1`; never a syntax error.

use serde_json::Value;

use super::lower::{Lowered, Lowering, constant};
use super::match_query::Operator;
use super::multi_match::read_fields;
use super::options::{Options, scalar};
use super::query_string::read_expansion;
use super::query_syntax::{Occur, QueryStringSettings, SyntaxNode};
use super::words::SoughtWords;
use super::{CLAUSES_MAX, QUERY_DEPTH_MAX, Query, QueryClause};
use crate::exception::Exception;
use crate::value::scalar::not_a_number;

/// A `simple_query_string` query.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct SimpleQueryString {
    /// As it was written.
    pub(crate) query: String,
    /// How it is looked for.
    pub(crate) settings: QueryStringSettings,
    /// Which of the operators mean something.
    flags: i64,
}

/// The operators by their names, as bits. (`SimpleQueryStringFlag` of Elasticsearch 7.10.)
const FLAGS: &[(&str, i64)] = &[
    ("AND", AND),
    ("ESCAPE", ESCAPE),
    ("FUZZY", FUZZY),
    ("NEAR", NEAR),
    ("NOT", NOT),
    ("OR", OR),
    ("PHRASE", PHRASE),
    ("PRECEDENCE", PRECEDENCE),
    ("PREFIX", PREFIX),
    ("SLOP", NEAR),
    ("WHITESPACE", WHITESPACE),
];
const AND: i64 = 1;
const NOT: i64 = 1 << 1;
const OR: i64 = 1 << 2;
const PREFIX: i64 = 1 << 3;
const PHRASE: i64 = 1 << 4;
const PRECEDENCE: i64 = 1 << 5;
const ESCAPE: i64 = 1 << 6;
const WHITESPACE: i64 = 1 << 7;
const FUZZY: i64 = 1 << 8;
const NEAR: i64 = 1 << 9;
const ALL: i64 = -1;

/// Reads `OR|AND|PREFIX`, or a number whose bits are these.
fn read_flags(value: &Value) -> Result<i64, Exception> {
    let text = match value {
        Value::Number(bits) => {
            let bits = bits.as_i64().ok_or_else(|| not_a_number(&bits.to_string()))?;
            return Ok(if bits < 0 { ALL } else { bits });
        }
        value => scalar("simple_query_string", "flags", value)?,
    };
    if text.is_empty() {
        return Ok(ALL);
    }
    let mut flags = 0;
    for name in text.split('|').filter(|name| !name.is_empty()) {
        let upper = name.to_uppercase();
        flags |= match FLAGS.iter().find(|(known, _)| *known == upper) {
            Some((_, bit)) => *bit,
            None if upper == "NONE" => return Ok(0),
            None if upper == "ALL" => return Ok(ALL),
            None => {
                let reason = format!("Unknown simple_query_string flag [{name}]");
                return Err(Exception::illegal_argument(reason));
            }
        };
    }
    Ok(flags)
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
    let flags = options.get("flags").map_or(Ok(ALL), read_flags)?;
    // Words of several words at one place are not told apart from others here, so that this changes nothing.
    options.flag("auto_generate_synonyms_phrase_query")?;
    let settings = QueryStringSettings {
        fields,
        operator,
        analyzer: options.text("analyzer")?,
        lenient: options.flag("lenient")?,
        minimum_should_match: options.text("minimum_should_match")?,
        tie_breaker: Some(1.0),
        quote_field_suffix: options.text("quote_field_suffix")?,
        analyze_wildcard: options.flag("analyze_wildcard")?.unwrap_or(false),
        expansion: read_expansion(&options)?,
        ..QueryStringSettings::plain()
    };
    options.only_known(|key| format!("[simple_query_string] unsupported field [{key}]"))?;
    Query::with(SimpleQueryString { query, settings, flags }, &options)
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
        let flags = self.flags;
        let mut parser = Parser { characters: &characters, at: 0, operator, flags, clauses: 0 };
        Ok(parser.group(0)?.map(|tree| tree.node))
    }
}

impl QueryClause for SimpleQueryString {
    fn lower(&self, lowering: &Lowering<'_>) -> Result<Lowered, Exception> {
        lowering.check_analyzer("simple_query_string", self.settings.analyzer.as_deref())?;
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
    flags: i64,
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

    /// Whether the operator `flag` means something.
    fn has(&self, flag: i64) -> bool {
        self.flags & flag != 0
    }

    fn group(&mut self, depth: usize) -> Result<Option<Tree>, Exception> {
        if depth > QUERY_DEPTH_MAX {
            return Err(too_deep());
        }
        let mut state = ParserState::default();
        while let Some(character) = self.here() {
            match character {
                '(' if self.has(PRECEDENCE) => {
                    self.at += 1;
                    let branch = self.group(depth + 1)?;
                    self.add(&mut state, branch)?;
                }
                ')' if self.has(PRECEDENCE) => {
                    self.at += 1;
                    if depth > 0 {
                        break;
                    }
                }
                '"' if self.has(PHRASE) => {
                    let branch = self.phrase(&mut state);
                    self.add(&mut state, branch.map(Tree::from))?;
                }
                '+' if self.has(AND) => self.operator(&mut state, Occur::Must),
                '|' if self.has(OR) => self.operator(&mut state, Occur::Should),
                '-' if self.has(NOT) => {
                    self.at += 1;
                    state.negations += 1;
                    continue;
                }
                ' ' | '\t' | '\n' | '\r' if self.has(WHITESPACE) => self.at += 1,
                _ => {
                    let branch = self.word();
                    self.add(&mut state, branch.map(Tree::from))?;
                }
            }
            // A minus belongs to what stands right behind it.
            state.negations = 0;
        }
        Ok(state.top)
    }

    fn operator(&mut self, state: &mut ParserState, occur: Occur) {
        self.at += 1;
        if state.current.is_none() && state.top.is_some() {
            state.current = Some(occur);
        }
    }

    fn add(&mut self, state: &mut ParserState, branch: Option<Tree>) -> Result<(), Exception> {
        let Some(Tree { mut node, mut height }) = branch else { return Ok(()) };
        self.clauses += 1;
        if self.clauses > CLAUSES_MAX {
            return Err(super::query::too_many_clauses());
        }
        if state.negations % 2 == 1 {
            node = SyntaxNode::Not(Box::new(node));
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

    fn phrase(&mut self, state: &mut ParserState) -> Option<SyntaxNode> {
        self.at += 1;
        let start = self.at;
        let mut text = String::new();
        while let Some(character) = self.here() {
            self.at += 1;
            match character {
                '\\' if self.has(ESCAPE) => {
                    text.extend(self.here());
                    self.at += 1;
                }
                '"' if self.at == start + 1 => {
                    // What was to be done with a phrase is not done with what follows it.
                    state.current = None;
                    return None;
                }
                '"' => {
                    let asked = if self.has(NEAR) { self.tilde() } else { None };
                    let slop = match asked {
                        Some(Some(slop)) => slop as u32,
                        // A tilde with nothing behind it, which is not the end.
                        Some(None) if self.here().is_some() => 2,
                        _ => 0,
                    };
                    return Some(SyntaxNode::Phrase { field: None, text, slop: Some(slop) });
                }
                c => text.push(c),
            }
        }
        // An open quote means nothing.
        self.at = start;
        None
    }

    /// `~`, and the number that is all of what follows; `Some(None)`: nothing follows.
    fn tilde(&mut self) -> Option<Option<usize>> {
        if self.here() != Some('~') {
            return None;
        }
        self.at += 1;
        let mut digits = String::new();
        while let Some(digit) = self.here().filter(|c| !self.ends_word(*c)) {
            digits.push(digit);
            self.at += 1;
        }
        let number = digits.parse::<i32>().map_or(0, |number| usize::try_from(number).unwrap_or(0));
        Some((!digits.is_empty()).then_some(number))
    }

    fn ends_word(&self, character: char) -> bool {
        match character {
            '"' => self.has(PHRASE),
            '|' => self.has(OR),
            '+' => self.has(AND),
            '(' | ')' => self.has(PRECEDENCE),
            ' ' | '\t' | '\n' | '\r' => self.has(WHITESPACE),
            _ => false,
        }
    }

    fn word(&mut self) -> Option<SyntaxNode> {
        let mut text = String::new();
        let mut prefix = false;
        while let Some(character) = self.here() {
            match character {
                '\\' if self.has(ESCAPE) => {
                    self.at += 1;
                    text.extend(self.here());
                    prefix = false;
                }
                c if self.ends_word(c) => break,
                '~' if !text.is_empty() && self.has(FUZZY) => {
                    let edits = self.tilde().flatten().unwrap_or(2).min(2);
                    return Some(match edits {
                        0 => SyntaxNode::Text { field: None, text },
                        edits => SyntaxNode::Fuzzy { field: None, text, edits: Some(edits) },
                    });
                }
                c => {
                    prefix = c == '*' && !text.is_empty() && self.has(PREFIX);
                    text.push(c);
                }
            }
            self.at += 1;
        }
        if text.is_empty() {
            return None;
        }
        match text.strip_suffix('*').filter(|_| prefix) {
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
        let settings = QueryStringSettings::plain();
        SimpleQueryString { query: query.to_owned(), settings, flags: ALL }.tree()
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
        let negated = SyntaxNode::Not(Box::new(text("b")));
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
