//! `query_string` (and `q=` of the URL): Lucene's classic query syntax.
//!
//! `word  "a phrase"~2  field:word  field:(a OR b)  wor*  w?rd  /re.*x/  word~1  [a TO b]  {a TO b}  >=a  +must
//! -mustnot  a AND b  NOT c  (a b)^2  _exists_:field  *:*`, with `\` before what is meant literally. Consecutive bare
//! words are one text for the analyzer, as since Elasticsearch 6.

use serde_json::Value;

use super::fuzzy::{Expansion, Fuzziness};
use super::lower::{Lowered, Lowering};
use super::match_query::Operator;
use super::multi_match::{MultiMatchType, read_fields};
use super::options::Options;
use super::query_syntax::{Occur, QueryStringSettings, SyntaxNode};
use super::words::SoughtWords;
use super::{CLAUSES_MAX, QUERY_DEPTH_MAX, Query, QueryClause};
use crate::exception::{Exception, ExceptionKind};

/// A `query_string` query.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct QueryString {
    /// As it was written.
    pub(crate) query: String,
    /// How it is looked for.
    pub(crate) settings: QueryStringSettings,
    /// Whether a word may start with `*` or `?`.
    pub(crate) allow_leading_wildcard: bool,
    /// Whether no character means anything but itself.
    pub(crate) escape: bool,
    /// Whether `fields` were given beside a `default_field`: refused where it is searched.
    has_both: bool,
}

pub(super) fn parse(value: &Value, _depth: usize) -> Result<Query, Exception> {
    let options = Options::new("query_string", value)?;
    if value.get("query").is_some_and(Value::is_null) {
        let reason = "[query_string] unknown token [VALUE_NULL] after [query]";
        return Err(Exception::parsing(reason));
    }
    let Some(query) = options.text("query")? else {
        return Err(Exception::parsing("[query_string] must be provided with a [query]"));
    };
    let mut fields = match options.get("fields") {
        Some(fields) if fields.is_array() => read_fields("query_string", fields)?,
        Some(_) => return Err(options.unsupported("fields")),
        None => Vec::new(),
    };
    let mut has_both = false;
    if let Some(field) = options.text("default_field")? {
        has_both = !fields.is_empty();
        fields.push((field, 1.0));
    }
    // The states of an automaton are not what bounds the expressions here; any limit is kept.
    options.count("max_determinized_states")?;
    // Words of several words at one place are not told apart from others here, so that this changes nothing.
    options.flag("auto_generate_synonyms_phrase_query")?;
    let settings = read_settings(&options, fields)?;
    let allow_leading_wildcard = options.flag("allow_leading_wildcard")?.unwrap_or(true);
    let escape = options.flag("escape")?.unwrap_or(false);
    let query = QueryString { query, settings, allow_leading_wildcard, escape, has_both };
    Query::with(query, &options)
}

fn read_settings(
    options: &Options<'_>,
    fields: Vec<(String, f32)>,
) -> Result<QueryStringSettings, Exception> {
    Ok(QueryStringSettings {
        fields,
        operator: match options.text("default_operator")? {
            Some(text) => Operator::parse(&text)?,
            None => Operator::Or,
        },
        analyzer: options.text("analyzer")?,
        quote_analyzer: options.text("quote_analyzer")?,
        lenient: options.flag("lenient")?,
        minimum_should_match: options.text("minimum_should_match")?,
        kind: match options.text("type")? {
            Some(name) => MultiMatchType::parse(&name)?,
            None => MultiMatchType::BestFields,
        },
        tie_breaker: options.float("tie_breaker")?,
        phrase_slop: options.count("phrase_slop")?.unwrap_or(0),
        quote_field_suffix: options.text("quote_field_suffix")?,
        has_gaps: options.flag("enable_position_increments")?.unwrap_or(true),
        analyze_wildcard: options.flag("analyze_wildcard")?.unwrap_or(false),
        rewrite: options.text("rewrite")?,
        expansion: Expansion {
            fuzziness: match options.text("fuzziness")? {
                Some(text) => Fuzziness::parse(&text)?,
                None => Fuzziness::Auto { low: 3, high: 6 },
            },
            // The servers read it and do without it.
            rewrite: options.text("fuzzy_rewrite")?,
            ..read_expansion(options)?
        },
        time_zone: match options.text("time_zone")? {
            Some(name) => {
                crate::mapping::date::math::time_zone(&name)
                    .map_err(|cause| Exception::new(ExceptionKind::ZoneRules, cause.reason()))?;
                Some(name)
            }
            None => None,
        },
    })
}

/// How fuzzy words of both kinds of query strings are expanded.
pub(super) fn read_expansion(options: &Options<'_>) -> Result<Expansion, Exception> {
    let plain = Expansion::default();
    let count = |key: &str, default: usize| -> Result<usize, Exception> {
        Ok(options.count(key)?.map_or(default, |count| count as usize))
    };
    let most = count("fuzzy_max_expansions", plain.max_expansions)?;
    Ok(Expansion {
        prefix_length: count("fuzzy_prefix_length", 0)?,
        max_expansions: most.min(super::fuzzy::EXPANSIONS_MAX),
        transpositions: options.flag("fuzzy_transpositions")?.unwrap_or(true),
        ..plain
    })
}

impl QueryStringSettings {
    /// Elasticsearch's defaults: all fields, words joined by OR.
    pub(crate) fn plain() -> QueryStringSettings {
        QueryStringSettings {
            fields: Vec::new(),
            operator: Operator::Or,
            analyzer: None,
            quote_analyzer: None,
            lenient: None,
            minimum_should_match: None,
            kind: MultiMatchType::BestFields,
            tie_breaker: None,
            phrase_slop: 0,
            quote_field_suffix: None,
            has_gaps: true,
            analyze_wildcard: false,
            rewrite: None,
            expansion: Expansion::default(),
            time_zone: None,
        }
    }
}

impl QueryString {
    /// What `q=` of a search URL means, with its companions `df`, `default_operator`, `analyzer`, `lenient`.
    ///
    /// # Errors
    /// An operator that is neither `OR` nor `AND`.
    pub(crate) fn of_url(
        query: &str,
        df: Option<&str>,
        default_operator: Option<&str>,
        analyzer: Option<&str>,
        lenient: Option<bool>,
    ) -> Result<QueryString, Exception> {
        let settings = QueryStringSettings {
            fields: df.map(|field| (field.to_owned(), 1.0)).into_iter().collect(),
            operator: default_operator.map_or(Ok(Operator::Or), Operator::parse)?,
            analyzer: analyzer.map(str::to_owned),
            lenient,
            ..QueryStringSettings::plain()
        };
        let query = query.to_owned();
        let (allow_leading_wildcard, escape, has_both) = (true, false, false);
        Ok(QueryString { query, settings, allow_leading_wildcard, escape, has_both })
    }

    /// The tree of the text; `None` when it is blank.
    pub(crate) fn tree(&self) -> Result<Option<SyntaxNode>, Exception> {
        let text = if self.escape { escaped(&self.query) } else { self.query.clone() };
        let characters: Vec<char> = text.chars().collect();
        let mut parser = Parser {
            characters: &characters,
            at: 0,
            operator: self.settings.operator,
            leading: self.allow_leading_wildcard,
            clauses: 0,
        };
        let node = parser.query(None, 0)?;
        match parser.peek() {
            None => Ok(node),
            Some(character) => Err(parser.unexpected(character)),
        }
    }
}

impl QueryClause for QueryString {
    fn lower(&self, lowering: &Lowering<'_>) -> Result<Lowered, Exception> {
        if self.has_both {
            return Err(lowering.refuse(
                "failed to create query: Validation Failed: 1: [query_string] cannot use [fields] parameter in conjunction with [default_field];",
            ));
        }
        lowering.check_analyzer("query_string", self.settings.analyzer.as_deref())?;
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
    leading: bool,
    clauses: usize,
}

#[derive(Clone, Copy, PartialEq)]
enum Conjunction {
    None,
    And,
    Or,
}

impl Parser<'_> {
    fn peek(&mut self) -> Option<char> {
        while self.characters.get(self.at).is_some_and(|c| c.is_whitespace() || *c == '\u{3000}') {
            self.at += 1;
        }
        self.characters.get(self.at).copied()
    }

    fn ahead(&self, offset: usize) -> Option<char> {
        self.characters.get(self.at + offset).copied()
    }

    fn take(&mut self, wanted: char) -> bool {
        let found = self.ahead(0) == Some(wanted);
        self.at += usize::from(found);
        found
    }

    fn unexpected(&self, character: char) -> Exception {
        fault(format!("Encountered \"{character}\" at column {}", self.at))
    }

    /// Takes the word `AND`, `OR`, `NOT`, `&&` or `||` when it stands here alone.
    fn word(&mut self, word: &str) -> bool {
        if self.peek().is_none() {
            return false;
        }
        let length = word.chars().count();
        let here = self.characters.get(self.at..self.at + length);
        let found = here.is_some_and(|here| here.iter().copied().eq(word.chars()));
        let alone = !word.starts_with(char::is_alphabetic)
            || self
                .ahead(length)
                .is_none_or(|next| next.is_whitespace() || matches!(next, '(' | '"' | ')'));
        if found && alone {
            self.at += length;
        }
        found && alone
    }

    fn query(
        &mut self,
        field: Option<&str>,
        depth: usize,
    ) -> Result<Option<SyntaxNode>, Exception> {
        if depth > QUERY_DEPTH_MAX {
            return Err(fault(format!("groups are nested deeper than {QUERY_DEPTH_MAX}")));
        }
        let mut clauses: Vec<(Occur, SyntaxNode)> = Vec::new();
        while let Some(next) = self.peek() {
            if next == ')' {
                break;
            }
            let conjunction = if self.word("AND") || self.word("&&") {
                Conjunction::And
            } else if self.word("OR") || self.word("||") {
                Conjunction::Or
            } else {
                Conjunction::None
            };
            if conjunction != Conjunction::None && clauses.is_empty() {
                return Err(fault(format!(
                    "Encountered an operator without a left side at column {}",
                    self.at
                )));
            }
            let negated =
                self.word("NOT") || self.prefix_operator('-') || self.prefix_operator('!');
            let required = !negated && self.prefix_operator('+');
            if self.peek().is_none_or(|next| next == ')') {
                return Err(fault("Encountered \"<EOF>\" after an operator".to_owned()));
            }
            let node = self.clause(
                field,
                depth,
                conjunction == Conjunction::None && !negated && !required,
            )?;
            self.clauses += 1;
            if self.clauses > CLAUSES_MAX {
                return Err(super::query::too_many_clauses());
            }
            self.join(&mut clauses, conjunction, negated, required, node);
        }
        Ok(match clauses.as_slice() {
            [] => None,
            [(Occur::Must | Occur::Should, node)] => Some(node.clone()),
            _ => Some(SyntaxNode::Bool(clauses)),
        })
    }

    fn prefix_operator(&mut self, operator: char) -> bool {
        self.peek() == Some(operator) && {
            self.at += 1;
            true
        }
    }

    /// Lucene's `addClause`: AND makes its left side required too; under AND by default, OR makes it optional.
    fn join(
        &self,
        clauses: &mut Vec<(Occur, SyntaxNode)>,
        conjunction: Conjunction,
        negated: bool,
        required: bool,
        node: Option<SyntaxNode>,
    ) {
        if let Some((occur, _)) = clauses.last_mut().filter(|(occur, _)| *occur != Occur::MustNot) {
            match (conjunction, self.operator) {
                (Conjunction::And, _) => *occur = Occur::Must,
                (Conjunction::Or, Operator::And) => *occur = Occur::Should,
                _ => {}
            }
        }
        let must = match self.operator {
            Operator::Or => required || conjunction == Conjunction::And,
            Operator::And => required || conjunction != Conjunction::Or,
        };
        let occur = match (negated, must) {
            (true, _) => Occur::MustNot,
            (false, true) => Occur::Must,
            (false, false) => Occur::Should,
        };
        clauses.extend(node.map(|node| (occur, node)));
    }

    fn clause(
        &mut self,
        field: Option<&str>,
        depth: usize,
        bare: bool,
    ) -> Result<Option<SyntaxNode>, Exception> {
        let named = self.field_name()?;
        let field = named.as_deref().or(field);
        if named.as_deref() == Some("_exists_") {
            let name = self.plain_word()?;
            return Ok(Some(SyntaxNode::Exists { field: name }));
        }
        let owned = field.map(str::to_owned);
        let node = match self.peek() {
            Some('(') => {
                self.at += 1;
                let inner = self.query(field, depth + 1)?;
                if self.peek() != Some(')') {
                    return Err(fault("Encountered \"<EOF>\", was expecting \")\"".to_owned()));
                }
                self.at += 1;
                let Some(inner) = inner else { return Ok(None) };
                inner
            }
            Some('"') => self.phrase(owned)?,
            Some('/') => {
                let text = self.until('/')?;
                SyntaxNode::Regexp { field: owned, text }
            }
            Some('[' | '{') => self.range(owned)?,
            Some('>' | '<') => self.comparison(owned)?,
            Some(_) => self.words(owned, bare && named.is_none())?,
            None => return Err(fault("Encountered \"<EOF>\" after a field name".to_owned())),
        };
        self.boost(node).map(Some)
    }

    fn boost(&mut self, node: SyntaxNode) -> Result<SyntaxNode, Exception> {
        if !self.take('^') {
            return Ok(node);
        }
        let boost = self.number()?.ok_or_else(|| fault("a number must follow ^".to_owned()))?;
        Ok(SyntaxNode::Boosted(Box::new(node), boost))
    }

    fn number(&mut self) -> Result<Option<f32>, Exception> {
        let mut text = String::new();
        while let Some(digit) = self.ahead(0).filter(|c| c.is_ascii_digit() || *c == '.') {
            text.push(digit);
            self.at += 1;
        }
        if text.is_empty() {
            return Ok(None);
        }
        text.parse().map(Some).map_err(|_| fault(format!("[{text}] is not a number")))
    }

    /// `name:` when it stands here.
    fn field_name(&mut self) -> Result<Option<String>, Exception> {
        self.peek();
        let start = self.at;
        if self.ahead(0) == Some('*') && self.ahead(1) == Some(':') {
            if self.ahead(2) == Some('*') {
                return Ok(None);
            }
            self.at += 2;
            return Ok(Some("*".to_owned()));
        }
        let mut name = String::new();
        while let Some(character) = self.ahead(0) {
            match character {
                '\\' => {
                    self.at += 1;
                    name.extend(self.ahead(0));
                }
                ':' if !name.is_empty() => {
                    self.at += 1;
                    return Ok(Some(name));
                }
                // A pattern of names has a backslash before its asterisks.
                c if is_special(c) || c.is_whitespace() || matches!(c, '>' | '<' | '*' | '?') => {
                    break;
                }
                c => name.push(c),
            }
            self.at += 1;
        }
        self.at = start;
        Ok(None)
    }

    fn plain_word(&mut self) -> Result<String, Exception> {
        self.peek();
        let quoted = self.ahead(0) == Some('"');
        if quoted {
            return self.until('"');
        }
        let (text, _) = self.term()?;
        Ok(unescape(&text))
    }

    /// The text between two `delimiter`s, the first of which stands here.
    fn until(&mut self, delimiter: char) -> Result<String, Exception> {
        self.at += 1;
        let mut text = String::new();
        while let Some(character) = self.ahead(0) {
            self.at += 1;
            match character {
                '\\' if delimiter == '/' && self.ahead(0) != Some('/') => text.push('\\'),
                '\\' => {
                    text.extend(self.ahead(0));
                    self.at += 1;
                }
                c if c == delimiter => return Ok(text),
                c => text.push(c),
            }
        }
        Err(fault(format!("Lexical error: \"<EOF>\" after an open {delimiter}")))
    }

    fn phrase(&mut self, field: Option<String>) -> Result<SyntaxNode, Exception> {
        let text = self.until('"')?;
        let mut slop = None;
        if self.take('~') {
            slop = self.number()?.map(|slop| slop as u32);
        }
        Ok(SyntaxNode::Phrase { field, text, slop })
    }

    fn range(&mut self, field: Option<String>) -> Result<SyntaxNode, Exception> {
        let from_included = self.ahead(0) == Some('[');
        self.at += 1;
        let from = self.bound()?;
        if !self.word("TO") {
            return Err(fault("a range needs TO between its bounds".to_owned()));
        }
        let to = self.bound()?;
        let to_included = match self.peek() {
            Some(']') => true,
            Some('}') => false,
            _ => return Err(fault("a range must end with ] or }".to_owned())),
        };
        self.at += 1;
        let bound = |bound: String, included| (bound != "*").then_some((bound, included));
        Ok(SyntaxNode::Range {
            field,
            from: bound(from, from_included),
            to: bound(to, to_included),
        })
    }

    fn bound(&mut self) -> Result<String, Exception> {
        if self.peek() == Some('"') {
            return self.until('"');
        }
        let mut text = String::new();
        while let Some(character) =
            self.ahead(0).filter(|c| !c.is_whitespace() && !matches!(c, ']' | '}'))
        {
            text.push(character);
            self.at += 1;
        }
        if text.is_empty() {
            Err(fault("a range needs two bounds".to_owned()))
        } else {
            Ok(unescape(&text))
        }
    }

    fn comparison(&mut self, field: Option<String>) -> Result<SyntaxNode, Exception> {
        let up = self.ahead(0) == Some('>');
        self.at += 1;
        let included = self.take('=');
        let bound = Some((self.plain_word()?, included));
        Ok(if up {
            SyntaxNode::Range { field, from: bound, to: None }
        } else {
            SyntaxNode::Range { field, from: None, to: bound }
        })
    }

    /// One word, and when it is bare and plain, the bare plain words that follow it.
    fn words(&mut self, field: Option<String>, bare: bool) -> Result<SyntaxNode, Exception> {
        if self.ahead(0) == Some('*') && self.ahead(1) == Some(':') && self.ahead(2) == Some('*') {
            self.at += 3;
            return Ok(SyntaxNode::All);
        }
        let (text, is_pattern) = self.term()?;
        if is_pattern {
            return self.pattern(field, &text);
        }
        if self.take('~') {
            let edits = self.number()?.map(|edits| edits as usize);
            if edits.is_some_and(|edits| edits > 2) {
                return Err(fault("Valid edit distances are [0, 1, 2]".to_owned()));
            }
            return Ok(SyntaxNode::Fuzzy { field, text: unescape(&text), edits });
        }
        let mut text = text;
        while bare && self.ahead(0) != Some('^') {
            let start = self.at;
            match self.bare_word() {
                Some(word) => {
                    text.push(' ');
                    text.push_str(&word);
                }
                None => {
                    self.at = start;
                    break;
                }
            }
        }
        Ok(SyntaxNode::Text { field, text: unescape(&text) })
    }

    /// A plain word that no operator, colon, boost or tilde belongs to.
    fn bare_word(&mut self) -> Option<String> {
        let next = self.peek()?;
        if is_special(next) || matches!(next, '+' | '-' | '!' | '>' | '<' | '*' | '?') {
            return None;
        }
        let (word, is_pattern) = self.term().ok()?;
        let is_operator = matches!(word.as_str(), "AND" | "OR" | "NOT" | "&&" | "||");
        if is_pattern || is_operator || matches!(self.ahead(0), Some(':' | '^' | '~')) {
            return None;
        }
        // The word before an AND or an OR belongs to the operator.
        let here = self.at;
        let followed = ["AND", "OR", "&&", "||"].iter().any(|operator| self.word(operator));
        self.at = here;
        (!followed).then_some(word)
    }

    /// The characters of a word with their backslashes, and whether it has wildcards.
    fn term(&mut self) -> Result<(String, bool), Exception> {
        let mut text = String::new();
        let mut is_pattern = false;
        while let Some(character) = self.ahead(0) {
            match character {
                '\\' => {
                    text.push('\\');
                    self.at += 1;
                    let Some(next) = self.ahead(0) else {
                        return Err(fault("Term can not end with escape character.".to_owned()));
                    };
                    text.push(next);
                }
                '*' | '?' => {
                    is_pattern = true;
                    text.push(character);
                }
                c if is_special(c) || c.is_whitespace() => break,
                c => text.push(c),
            }
            self.at += 1;
        }
        match self.ahead(0) {
            Some(character) if text.is_empty() => Err(self.unexpected(character)),
            _ => Ok((text, is_pattern)),
        }
    }

    fn pattern(&self, field: Option<String>, text: &str) -> Result<SyntaxNode, Exception> {
        if !self.leading && text.starts_with(['*', '?']) && text != "*" {
            return Err(fault(
                "'*' or '?' not allowed as first character in WildcardQuery".to_owned(),
            ));
        }
        let stem =
            text.strip_suffix('*').filter(|stem| !stem.contains(['*', '?']) && !stem.is_empty());
        Ok(match stem {
            Some(stem) => SyntaxNode::Prefix { field, text: unescape(stem) },
            None => SyntaxNode::Wildcard { field, text: text.to_owned() },
        })
    }
}

fn is_special(character: char) -> bool {
    matches!(character, '(' | ')' | ':' | '^' | '[' | ']' | '"' | '{' | '}' | '~' | '/')
}

fn unescape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        out.push(if character == '\\' { characters.next().unwrap_or('\\') } else { character });
    }
    out
}

/// A text with a backslash before each character that could mean something. (`QueryParserBase.escape` of Lucene.)
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        if "\\+-!():^[]\"{}~*?|&/".contains(character) {
            out.push('\\');
        }
        out.push(character);
    }
    out
}

fn fault(reason: String) -> Exception {
    Exception::new(ExceptionKind::QuerySyntax, reason)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(query: &str) -> String {
        match QueryString::of_url(query, None, None, None, None).unwrap().tree() {
            Ok(Some(node)) => show(&node),
            Ok(None) => "nothing".into(),
            Err(refusal) => format!("refused: {}", refusal.reason()),
        }
    }

    fn show(node: &SyntaxNode) -> String {
        let at = |field: &Option<String>| {
            field.as_ref().map(|field| format!("{field}:")).unwrap_or_default()
        };
        match node {
            SyntaxNode::All => "all".into(),
            SyntaxNode::Text { field, text } => format!("{}{text}", at(field)),
            SyntaxNode::Phrase { field, text, slop } => format!("{}\"{text}\"{slop:?}", at(field)),
            SyntaxNode::Prefix { field, text } => format!("{}{text}…", at(field)),
            SyntaxNode::Wildcard { field, text } => format!("{}w({text})", at(field)),
            SyntaxNode::Regexp { field, text } => format!("{}/{text}/", at(field)),
            SyntaxNode::Fuzzy { field, text, edits } => format!("{}{text}~{edits:?}", at(field)),
            SyntaxNode::Range { field, from, to } => format!("{}{from:?}..{to:?}", at(field)),
            SyntaxNode::Exists { field } => format!("exists({field})"),
            SyntaxNode::Boosted(node, boost) => format!("{}^{boost}", show(node)),
            SyntaxNode::Not(node) => format!("not({})", show(node)),
            SyntaxNode::Bool(clauses) => {
                let each = clauses.iter().map(|(occur, node)| {
                    let sign = match occur {
                        Occur::Must => "+",
                        Occur::Should => "",
                        Occur::MustNot => "-",
                    };
                    format!("{sign}{}", show(node))
                });
                format!("({})", each.collect::<Vec<_>>().join(", "))
            }
        }
    }

    #[test]
    fn bare_words_are_one_text_and_operators_bind_as_in_lucene() {
        assert_eq!(shown("quick brown fox"), "quick brown fox");
        assert_eq!(shown("a OR b AND c"), "(a, +b, +c)");
        assert_eq!(shown("a b AND c"), "(a, +b, +c)");
        assert_eq!(shown("+a -b NOT c !d"), "(+a, -b, -c, -d)");
        assert_eq!(shown("(a b)^2 c"), "(a b^2, c)");
    }

    #[test]
    fn fields_phrases_patterns_and_ranges_are_read() {
        assert_eq!(shown("title:fox body:\"a b\"~2"), "(title:fox, body:\"a b\"Some(2))");
        assert_eq!(shown("title:(a OR b)"), "(title:a, title:b)");
        assert_eq!(shown("qu* w?rd *x fo~1 f~"), "(qu…, w(w?rd), w(*x), fo~Some(1), f~None)");
        assert_eq!(
            shown("n:[1 TO 5} n:>=3 n:<4"),
            "(n:Some((\"1\", true))..Some((\"5\", false)), n:Some((\"3\", true))..None, n:None..Some((\"4\", false)))"
        );
        assert_eq!(shown("n:[* TO 2]"), "n:None..Some((\"2\", true))");
        assert_eq!(shown("_exists_:title AND *:*"), "(+exists(title), +all)");
        assert_eq!(shown("/jo.*n/"), "/jo.*n/");
        assert_eq!(shown(r"a\:b c\ d"), "a:b c d");
        assert_eq!(shown("  "), "nothing");
    }

    #[test]
    fn what_lucene_refuses_is_refused() {
        for query in ["(a", "a)", "\"a", "a AND", "AND a", "a:", "[1 TO", "a^x", "a~3", "a\\"] {
            assert!(shown(query).starts_with("refused"), "{query}: {}", shown(query));
        }
    }
}
