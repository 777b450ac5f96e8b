//! `intervals`: rules on the order and the nearness of words, found as the shortest places that fit.
//!
//! Source: Elasticsearch 7.10 and OpenSearch 2.19 reference, "Intervals query", and `IntervalsSourceProvider`.

mod source;

use std::sync::Arc;

use serde_json::Value;

use super::fuzzy::{Expansion, Fuzziness};
use super::lower::{Lowered, Lowering, nothing};
use super::match_phrase::group_positions;
use super::options::{Options, QueryBody, one_field};
use super::places::{PlacesQuery, PlacesScore, TermsSource};
use super::regexp;
use super::term_set::TermAcceptor;
use super::wildcard::{Pattern, literals_through};
use super::words::SoughtWords;
use super::{CLAUSES_MAX, QUERY_DEPTH_MAX, Query, QueryClause};
use crate::analysis::{Analyzer, Token};
use crate::exception::{Exception, ExceptionKind};
use crate::mapping::Leaf;
use crate::mapping::text::{IndexOptions, Text, TextRole};
use crate::script::{ScriptRequest, context};
use source::{IntervalScript, Relation, Source};

/// Most terms that one pattern of a rule stands for.
const EXPANSIONS_MAX: usize = 128;

/// Most ways in which alternatives of different lengths are put together; beyond, they are tried as they come.
const ALTERNATIVES_MAX: usize = 256;

/// An `intervals` query.
#[derive(Clone, Debug)]
pub(crate) struct IntervalsQuery {
    field: String,
    rule: Rule,
}

/// How several intervals stand to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    Ordered,
    Unordered,
    UnorderedNoOverlap,
}

/// One rule, and what its intervals must stand in relation to.
#[derive(Clone, Debug)]
struct Rule {
    kind: RuleKind,
    filter: Option<IntervalFilter>,
    /// Another field whose words it looks for.
    field: Option<String>,
    analyzer: Option<String>,
}

/// What chooses among the intervals of a rule.
#[derive(Clone, Debug)]
enum IntervalFilter {
    /// Those of another rule, by a relation to them.
    Relation(String, Box<Rule>),
    Script(ScriptRequest),
}

#[derive(Clone, Debug)]
enum RuleKind {
    Match { query: String, gaps: i64, mode: Mode },
    AllOf { rules: Vec<Rule>, gaps: i64, mode: Mode },
    AnyOf(Vec<Rule>),
    Prefix(String),
    Wildcard(String, usize),
    Regexp { pattern: String, case_insensitive: bool, most: usize },
    Fuzzy { term: String, expansion: Expansion },
}

pub(super) fn parse(value: &Value, _depth: usize) -> Result<Query, Exception> {
    let (field, body) = one_field("intervals", value)?;
    let QueryBody::Long(options) = body else {
        return Err(Exception::parsing("Expected [START_OBJECT] but got [VALUE_STRING]"));
    };
    let mut named = options.entries().filter(|(key, _)| !matches!(key.as_str(), "boost" | "_name"));
    let Some((name, body)) = named.next() else {
        return Err(Exception::parsing("Missing intervals from interval query definition"));
    };
    if named.next().is_some() {
        return Err(Exception::parsing(format!(
            "Only one interval rule can be specified, found [{name}] and another"
        )));
    }
    options.get(name);
    let rule = rule(name, body, 0)?;
    Query::with(IntervalsQuery { field, rule }, &options)
}

/// The rule called `name`.
fn rule(name: &str, body: &Value, depth: usize) -> Result<Rule, Exception> {
    if depth > QUERY_DEPTH_MAX {
        return Err(Exception::illegal_argument(format!(
            "The nested depth of the query exceeds the maximum nested depth for queries set in [{QUERY_DEPTH_MAX}]"
        )));
    }
    let read: fn(&Options<'_>, usize) -> Result<RuleKind, Exception> = match name {
        "match" => match_rule,
        "all_of" => all_of,
        "any_of" => any_of,
        "prefix" => |options, _| Ok(RuleKind::Prefix(required(options, "prefix")?)),
        "wildcard" => {
            |options, _| Ok(RuleKind::Wildcard(required(options, "pattern")?, expansions(options)?))
        }
        "regexp" => regexp_rule,
        "fuzzy" => fuzzy_rule,
        other => {
            return Err(Exception::parsing(format!(
                "Unknown interval type [{other}], expecting one of [match, any_of, all_of, prefix, wildcard]"
            ))
            .at(body));
        }
    };
    // The table above has every name that reaches this.
    let names = ["match", "all_of", "any_of", "prefix", "wildcard", "regexp", "fuzzy"];
    let known = names.into_iter().find(|known| *known == name).unwrap_or("match");
    let options = Options::declared(known, body)?;
    let kind = read(&options, depth)?;
    let (mut field, mut analyzer, mut filter) = (None, None, Ok(None));
    if !matches!(kind, RuleKind::AllOf { .. } | RuleKind::AnyOf(_)) {
        field = options.text("use_field")?;
        analyzer = options.text("analyzer")?;
    }
    if matches!(kind, RuleKind::Match { .. } | RuleKind::AllOf { .. } | RuleKind::AnyOf(_)) {
        filter = options.get("filter").map(|filter| read_filter(filter, depth)).transpose();
    }
    let filter = filter.map_err(|cause: Exception| match cause.kind() {
        ExceptionKind::XContentParse => options.failed("filter", cause),
        _ => cause,
    })?;
    options.finish()?;
    Ok(Rule { kind, filter, field, analyzer })
}

fn required(options: &Options<'_>, key: &str) -> Result<String, Exception> {
    options.text(key)?.ok_or_else(|| Exception::illegal_argument(format!("Required [{key}]")))
}

fn match_rule(options: &Options<'_>, _: usize) -> Result<RuleKind, Exception> {
    let query = required(options, "query")?;
    Ok(RuleKind::Match { query, gaps: gaps(options)?, mode: mode(options)? })
}

fn all_of(options: &Options<'_>, depth: usize) -> Result<RuleKind, Exception> {
    let rules = rules(options, depth)?;
    Ok(RuleKind::AllOf { rules, gaps: gaps(options)?, mode: mode(options)? })
}

fn any_of(options: &Options<'_>, depth: usize) -> Result<RuleKind, Exception> {
    rules(options, depth).map(RuleKind::AnyOf)
}

fn regexp_rule(options: &Options<'_>, _: usize) -> Result<RuleKind, Exception> {
    let pattern = required(options, "pattern")?;
    options.only("flags", &["ALL", "NONE", "all", "none"])?;
    let case_insensitive = options.flag("case_insensitive")?.unwrap_or(false);
    Ok(RuleKind::Regexp { pattern, case_insensitive, most: expansions(options)? })
}

fn fuzzy_rule(options: &Options<'_>, _: usize) -> Result<RuleKind, Exception> {
    let expansion = Expansion {
        fuzziness: match options.text("fuzziness")? {
            Some(text) => Fuzziness::parse(&text)?,
            None => Fuzziness::Auto { low: 3, high: 6 },
        },
        prefix_length: options.count("prefix_length")?.unwrap_or(0) as usize,
        max_expansions: EXPANSIONS_MAX,
        transpositions: options.flag("transpositions")?.unwrap_or(true),
        rewrite: None,
    };
    Ok(RuleKind::Fuzzy { term: required(options, "term")?, expansion })
}

fn expansions(options: &Options<'_>) -> Result<usize, Exception> {
    let most = options.count("max_expansions")?.map_or(EXPANSIONS_MAX, |count| count as usize);
    Ok(most.clamp(1, CLAUSES_MAX))
}

fn gaps(options: &Options<'_>) -> Result<i64, Exception> {
    let Some(text) = options.text("max_gaps")? else { return Ok(-1) };
    text.parse().map_err(|_| crate::value::scalar::not_a_number(&text))
}

fn mode(options: &Options<'_>) -> Result<Mode, Exception> {
    let ordered = options.flag("ordered")?.unwrap_or(false);
    match options.text("mode")?.map(|mode| mode.to_uppercase()).as_deref() {
        None if ordered => Ok(Mode::Ordered),
        None | Some("UNORDERED") => Ok(Mode::Unordered),
        Some("ORDERED") => Ok(Mode::Ordered),
        Some("UNORDERED_NO_OVERLAP") => Ok(Mode::UnorderedNoOverlap),
        Some(other) => Err(Exception::illegal_argument(format!(
            "No enum constant org.opensearch.index.query.IntervalMode.{other}"
        ))),
    }
}

/// `intervals`: a list of rules.
fn rules(options: &Options<'_>, depth: usize) -> Result<Vec<Rule>, Exception> {
    let Some(Value::Array(listed)) = options.get("intervals") else {
        return Err(Exception::illegal_argument("Required [intervals]"));
    };
    if listed.len() > CLAUSES_MAX {
        return Err(super::query::too_many_clauses());
    }
    listed.iter().map(|one| one_rule(one, depth + 1)).collect()
}

fn one_rule(value: &Value, depth: usize) -> Result<Rule, Exception> {
    let mut entries = value.as_object().into_iter().flatten();
    match (entries.next(), entries.next()) {
        (Some((name, body)), None) => rule(name, body, depth),
        _ => Err(Exception::parsing("Expected [FIELD_NAME] but got [END_OBJECT]")),
    }
}

fn read_filter(value: &Value, depth: usize) -> Result<IntervalFilter, Exception> {
    let mut entries = value.as_object().into_iter().flatten();
    let (Some((name, body)), None) = (entries.next(), entries.next()) else {
        return Err(Exception::parsing("Expected [FIELD_NAME] but got [END_OBJECT]"));
    };
    if name == "script" {
        if !body.is_object() {
            let token = crate::rest::json::token(body);
            let reason = format!("[script] Expected START_OBJECT but was: {token}");
            return Err(Exception::new(ExceptionKind::XContentParse, reason).at(body));
        }
        return ScriptRequest::parse(body).map(IntervalFilter::Script);
    }
    Ok(IntervalFilter::Relation(name.clone(), Box::new(one_rule(body, depth + 1)?)))
}

/// The relation called `name`, which only an index refuses.
fn relation(name: &str, lowering: &Lowering<'_>) -> Result<Relation, Exception> {
    Ok(match name {
        "containing" => Relation::Containing,
        "not_containing" => Relation::NotContaining,
        "contained_by" => Relation::ContainedBy,
        "not_contained_by" => Relation::NotContainedBy,
        "overlapping" => Relation::Overlapping,
        "not_overlapping" => Relation::NotOverlapping,
        "before" => Relation::Before,
        "after" => Relation::After,
        other => {
            return Err(lowering
                .failed(Exception::illegal_argument(format!("Unknown filter type [{other}]"))));
        }
    })
}

impl QueryClause for IntervalsQuery {
    fn lower(&self, lowering: &Lowering<'_>) -> Result<Lowered, Exception> {
        let Some(leaf) = lowering.leaf(&self.field) else { return Ok(nothing()) };
        let source = self.rule.on_index(leaf, lowering)?;
        let field = lowering.indexed(leaf)?;
        let shortest = source.shortest();
        Ok(Box::new(PlacesQuery {
            source: source::shared(source),
            field,
            score: PlacesScore::Intervals { shortest },
            shown: format!("{}:{}", leaf.path, self.rule.shown()),
            cancel: lowering.work.cancel.clone(),
        }))
    }

    fn is_composite(&self) -> bool {
        true
    }

    fn words(&self, sought: &mut SoughtWords<'_>) -> Result<(), Exception> {
        if sought.counts(&self.field) { self.rule.words(sought) } else { Ok(()) }
    }
}

impl Rule {
    fn on_index(&self, leaf: &Arc<Leaf>, lowering: &Lowering<'_>) -> Result<Source, Exception> {
        lowering.work.check()?;
        let own = match &self.field {
            None => Arc::clone(leaf),
            Some(path) => match lowering.leaf(path) {
                Some(leaf) => Arc::clone(leaf),
                None => return Ok(Source::Nothing),
            },
        };
        let analyzer = || {
            let text = positioned(&own, &self.kind, lowering)?;
            match &self.analyzer {
                Some(name) => lowering.analyzer(name),
                None => lowering.search_analyzer(text, false),
            }
        };
        let source = match &self.kind {
            RuleKind::Match { query, gaps, mode } => {
                let tokens = analyzer()?.tokens_until(query, &lowering.work.cancel)?;
                combined(words(tokens, &own, lowering)?, *gaps, *mode)
            }
            RuleKind::AllOf { rules, gaps, mode } => {
                let sources: Result<Vec<Source>, _> =
                    rules.iter().map(|rule| rule.on_index(leaf, lowering)).collect();
                combined(sources?, *gaps, *mode)
            }
            RuleKind::AnyOf(rules) => {
                let sources: Result<Vec<Source>, _> =
                    rules.iter().map(|rule| rule.on_index(leaf, lowering)).collect();
                Source::AnyOf(sources?)
            }
            expanded => expanded.expanded(&own, analyzer()?.as_ref(), lowering)?,
        };
        Ok(match &self.filter {
            None => source,
            Some(IntervalFilter::Script(script)) => {
                let (work, now) = (lowering.work.clone(), lowering.now);
                let script = script.compile(&context::INTERVAL, &work);
                let script = script.map_err(|cause| lowering.failed(cause))?;
                Source::Chosen(Box::new(source), IntervalScript { script, work, now })
            }
            Some(IntervalFilter::Relation(name, other)) => {
                let relation = relation(name, lowering)?;
                let other = other.on_index(leaf, lowering)?;
                Source::Filtered(Box::new(source), relation, Box::new(other))
            }
        })
    }

    fn words(&self, sought: &mut SoughtWords<'_>) -> Result<(), Exception> {
        if let Some(IntervalFilter::Relation(name, other)) = &self.filter
            && !name.starts_with("not_")
        {
            other.words(sought)?;
        }
        match &self.kind {
            RuleKind::Match { query, .. } => {
                sought.text(query, &super::match_query::MatchOptions::default())
            }
            RuleKind::AllOf { rules, .. } | RuleKind::AnyOf(rules) => {
                rules.iter().try_for_each(|rule| rule.words(sought))
            }
            RuleKind::Prefix(prefix) => {
                let prefix = prefix.to_lowercase();
                sought.accepted(Arc::new(move |term| term.starts_with(&prefix)));
                Ok(())
            }
            RuleKind::Wildcard(pattern, _) => {
                let pattern = Pattern::new(&pattern.to_lowercase());
                sought.accepted(Arc::new(move |term| pattern.matches(term)));
                Ok(())
            }
            RuleKind::Regexp { pattern, case_insensitive, .. } => {
                let longest = sought.lowering.settings.max_regex_length;
                let expression = regexp::compile(pattern, *case_insensitive, longest)?;
                sought.accepted(Arc::new(move |term| expression.is_match(term)));
                Ok(())
            }
            RuleKind::Fuzzy { term, expansion } => sought.fuzzy(&term.to_lowercase(), expansion),
        }
    }
}

impl Rule {
    /// As Lucene writes its intervals.
    fn shown(&self) -> String {
        let joined = |parts: Vec<String>, gaps: i64, mode: Mode| {
            let inner = match (parts.as_slice(), mode) {
                ([only], _) => return only.clone(),
                (parts, Mode::Ordered) if gaps == 0 => {
                    return format!("BLOCK({})", parts.join(","));
                }
                (parts, Mode::Ordered) => format!("ORDERED({})", parts.join(",")),
                (parts, _) => format!("UNORDERED({})", parts.join(",")),
            };
            if gaps < 0 { inner } else { format!("MAXGAPS/{gaps}({inner})") }
        };
        let each = |rules: &[Rule]| rules.iter().map(Rule::shown).collect::<Vec<_>>();
        let own = match &self.kind {
            RuleKind::Match { query, gaps, mode } => {
                let words = query.split_whitespace().map(str::to_lowercase).collect();
                joined(words, *gaps, *mode)
            }
            RuleKind::AllOf { rules, gaps, mode } => joined(each(rules), *gaps, *mode),
            RuleKind::AnyOf(rules) => format!("or({})", each(rules).join(",")),
            kind => format!("MultiTerm({})", kind.pattern()),
        };
        match &self.filter {
            None => own,
            Some(IntervalFilter::Script(script)) => {
                format!("FILTER({})({own})", script.name_or_text())
            }
            Some(IntervalFilter::Relation(name, other)) => {
                format!("{}({own},{})", name.replace('_', "").to_uppercase(), other.shown())
            }
        }
    }
}

impl RuleKind {
    /// The terms that a pattern or a term stands for.
    fn expanded(
        &self,
        leaf: &Leaf,
        analyzer: &Analyzer,
        lowering: &Lowering<'_>,
    ) -> Result<Source, Exception> {
        let field = lowering.indexed(leaf)?;
        let (prefix, accept, most): (String, Option<TermAcceptor>, usize) = match self {
            RuleKind::Prefix(prefix) => (analyzer.normalize(prefix), None, EXPANSIONS_MAX),
            RuleKind::Wildcard(pattern, most) => {
                let pattern = literals_through(pattern, |literal| analyzer.normalize(literal));
                let pattern = Pattern::new(&pattern);
                let prefix = pattern.literal_prefix();
                (prefix, Some(Arc::new(move |term: &str| pattern.matches(term))), *most)
            }
            RuleKind::Regexp { pattern, case_insensitive, most } => {
                let longest = lowering.settings.max_regex_length;
                let expression = regexp::compile(pattern, *case_insensitive, longest)
                    .map_err(|cause| lowering.failed(cause))?;
                (String::new(), Some(Arc::new(move |term: &str| expression.is_match(term))), *most)
            }
            RuleKind::Fuzzy { term, expansion } => {
                let near = lowering.expand(field, &analyzer.normalize(term), expansion)?;
                let make =
                    |(_, text): &(usize, String)| tantivy::Term::from_field_text(field, text);
                let terms = near.iter().map(make).collect();
                return Ok(Source::Terms(TermsSource { field, terms }));
            }
            _ => return Ok(Source::Nothing),
        };
        let found = lowering.terms_accepted(field, &prefix, accept.as_ref(), most + 1)?;
        if found.len() > most {
            return Err(Exception::new(
                ExceptionKind::IllegalState,
                format!("Automaton [{}] expanded to too many terms (limit {most})", self.pattern()),
            ));
        }
        let terms = found.iter().map(|text| tantivy::Term::from_field_text(field, text)).collect();
        Ok(Source::Terms(TermsSource { field, terms }))
    }

    /// The pattern of it.
    fn pattern(&self) -> String {
        match self {
            RuleKind::Prefix(prefix) => format!("{prefix}*"),
            RuleKind::Wildcard(pattern, _) | RuleKind::Regexp { pattern, .. } => pattern.clone(),
            _ => String::new(),
        }
    }
}

/// The text field of a leaf whose words have positions, for a rule of `kind`.
fn positioned<'l>(
    leaf: &'l Leaf,
    kind: &RuleKind,
    lowering: &Lowering<'_>,
) -> Result<&'l Text, Exception> {
    let refused = |reason: String| Err(lowering.failed(Exception::illegal_argument(reason)));
    // What stands for terms asks for positions alone, the others for a field of this type.
    let expands = !matches!(kind, RuleKind::Match { .. } | RuleKind::Prefix(_));
    match leaf.kind.get::<Text>() {
        Some(text) if expands || !matches!(text.role, TextRole::AsYouType(_)) => {
            let positions = text.index_options == IndexOptions::Positions;
            if text.index && positions && text.role != TextRole::MatchOnly {
                return Ok(text);
            }
        }
        _ if expands => {}
        _ => {
            return refused(format!(
                "Can only use interval queries on text fields - not on [{}] which is of type [{}]",
                leaf.path,
                leaf.kind.capability()
            ));
        }
    }
    refused(format!("Cannot create intervals over field [{}] with no positions indexed", leaf.path))
}

/// The words of a text, each with the gap before it that the analyzer left.
fn words(
    tokens: Vec<Token>,
    leaf: &Leaf,
    lowering: &Lowering<'_>,
) -> Result<Vec<Source>, Exception> {
    let field = lowering.indexed(leaf)?;
    let mut next = None;
    let mut found = Vec::new();
    for (position, texts) in group_positions(tokens) {
        let make = |text: &String| tantivy::Term::from_field_text(field, text);
        let terms = texts.iter().map(make).collect();
        let source = Source::Terms(TermsSource { field, terms });
        let gap = next.map_or(0, |next: u32| position.saturating_sub(next));
        next = Some(position + 1);
        found.push(match gap {
            0 => source,
            gap => Source::Extended(Box::new(source), gap.into()),
        });
    }
    Ok(found)
}

/// Several intervals as one, alternatives of different lengths apart.
fn combined(sources: Vec<Source>, gaps: i64, mode: Mode) -> Source {
    if sources.is_empty() || sources.iter().any(|source| matches!(source, Source::Nothing)) {
        return Source::Nothing;
    }
    let limited = |source: Source| match gaps {
        // Neighbours in order are found as such.
        gaps if gaps < 0 => source,
        gaps => Source::Gaps(Box::new(source), gaps),
    };
    if let [_] = sources.as_slice() {
        return sources.into_iter().next().unwrap_or(Source::Nothing);
    }
    match mode {
        Mode::Ordered if gaps == 0 => apart(sources, &Source::Phrase),
        Mode::Ordered => limited(apart(sources, &in_order)),
        Mode::Unordered => limited(apart(sources, &unordered)),
        Mode::UnorderedNoOverlap => {
            let both = |first: Source, second: Source| {
                Source::AnyOf(vec![
                    apart(vec![first.clone(), second.clone()], &Source::Ordered),
                    apart(vec![second, first], &Source::Ordered),
                ])
            };
            limited(sources.into_iter().reduce(both).unwrap_or(Source::Nothing))
        }
    }
}

/// One behind the other, where the same twice is two of it.
fn in_order(sources: Vec<Source>) -> Source {
    let mut runs: Vec<(Source, usize)> = Vec::new();
    for source in sources {
        match runs.last_mut().filter(|(known, _)| known.is_same(&source)) {
            Some((_, times)) => *times += 1,
            None => runs.push((source, 1)),
        }
    }
    together(runs, &Source::Ordered)
}

/// In any order, where the same twice is two of it.
fn unordered(sources: Vec<Source>) -> Source {
    let mut distinct: Vec<(Source, usize)> = Vec::new();
    for source in sources {
        match distinct.iter_mut().find(|(known, _)| known.is_same(&source)) {
            Some((_, times)) => *times += 1,
            None => distinct.push((source, 1)),
        }
    }
    together(distinct, &Source::Unordered)
}

/// Sources with how often each is wanted, as `make` joins them.
fn together(sources: Vec<(Source, usize)>, make: &dyn Fn(Vec<Source>) -> Source) -> Source {
    let mut sources: Vec<Source> = sources
        .into_iter()
        .map(|(source, times)| match times {
            1 => source,
            times => Source::Repeated(Box::new(source), times),
        })
        .collect();
    match sources.len() {
        1 => sources.pop().unwrap_or(Source::Nothing),
        _ => make(sources),
    }
}

/// Puts together, for each choice among alternatives of different lengths, what `make` makes of it: the shortest of
/// several alternatives would hide a longer one that fits. (Lucene's `Disjunctions.pullUp`.)
fn apart(sources: Vec<Source>, make: &dyn Fn(Vec<Source>) -> Source) -> Source {
    let mut choices: Vec<Vec<Source>> = vec![Vec::new()];
    for source in &sources {
        let alternatives = alternatives(source);
        if choices.len().saturating_mul(alternatives.len()) > ALTERNATIVES_MAX {
            return make(sources);
        }
        choices = choices
            .iter()
            .flat_map(|chosen| {
                alternatives.iter().map(|one| chosen.iter().chain([one]).cloned().collect())
            })
            .collect();
    }
    let mut made: Vec<Source> = choices.into_iter().map(make).collect();
    match made.len() {
        1 => made.pop().unwrap_or(Source::Nothing),
        _ => Source::AnyOf(made),
    }
}

/// Single words stay one alternative.
fn alternatives(source: &Source) -> Vec<Source> {
    let Source::AnyOf(parts) = source else { return vec![source.clone()] };
    let flat: Vec<Source> = parts.iter().flat_map(alternatives).collect();
    let (short, long): (Vec<Source>, Vec<Source>) =
        flat.into_iter().partition(|part| part.shortest() <= 1);
    let short = match short.len() {
        0 => None,
        1 => short.into_iter().next(),
        _ => Some(Source::AnyOf(short)),
    };
    short.into_iter().chain(long).collect()
}
