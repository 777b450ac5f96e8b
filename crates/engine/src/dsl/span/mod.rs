//! `span_*`: terms at places that stand in a relation to each other.
//!
//! Source: Elasticsearch 7.10 reference, "Span queries", and the `fromXContent` of each span query builder for the texts.

mod places;

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::Value;
use tantivy::schema::Field;

use super::lower::{Lowered, Lowering, nothing};
use super::options::{Options, QueryBody, one_field, scalar};
use super::places::{PlacesQuery, PlacesScore, TermsSource};
use super::scores::Scores;
use super::sought_spans::SoughtSpans;
use super::span_source::IndexSpans;
use super::words::SoughtWords;
use super::{CLAUSES_MAX, Query, QueryClause, parse_at};
use crate::exception::{Exception, internal};
use crate::mapping::Leaf;
use crate::mapping::boolean::Boolean;
use crate::mapping::keyword::{Keyword, KeywordFamily};
use crate::mapping::text::{IndexOptions, PREFIXES_SUFFIX, Text, TextRole};
use crate::value::scalar::plain;
use places::{NearPart, SpanSource};

/// A span query.
#[derive(Clone, Debug)]
pub(crate) enum Span {
    /// `span_term`
    Term { field: String, value: Value },
    /// `span_multi`
    Multi(Query),
    /// `span_near`
    Near { clauses: Vec<NearClause>, slop: i64, in_order: bool },
    /// `span_or`
    Or(Vec<Query>),
    /// `span_not`
    Not { include: Query, exclude: Query, before: i64, after: i64 },
    /// `span_first`
    First { inner: Query, end: i64 },
    /// `span_containing`
    Containing { big: Query, little: Query },
    /// `span_within`
    Within { big: Query, little: Query },
    /// `field_masking_span`
    Masking { field: String, inner: Query },
}

/// One clause of `span_near`.
#[derive(Clone, Debug)]
pub(crate) enum NearClause {
    /// A span query.
    Spans(Query),
    /// `span_gap`: so many words of a field.
    Gap { field: String, width: i64 },
}

pub(super) fn parse_term(value: &Value, _depth: usize) -> Result<Query, Exception> {
    let (field, body) = one_field("span_term", value)?;
    match body {
        QueryBody::Short(Value::Null) => Err(Exception::illegal_argument("value cannot be null")),
        QueryBody::Short(value) => {
            scalar("span_term", &field, value)?;
            Ok(Query::of(Span::Term { field, value: value.clone() }))
        }
        QueryBody::Long(options) => {
            let value = options.get("value").or_else(|| options.get("term"));
            let Some(value) = value.filter(|value| !value.is_array() && !value.is_object()) else {
                let none = Exception::illegal_argument("value cannot be null");
                return Err(options.incomplete(&["value", "term", "boost", "_name"], none));
            };
            Query::with(Span::Term { field, value: value.clone() }, &options)
        }
    }
}

pub(super) fn parse_multi(value: &Value, depth: usize) -> Result<Query, Exception> {
    let options = Options::new("span_multi", value)?;
    let Some(given) = options.get("match") else {
        let none = Exception::parsing("[span_multi] must have [match] multi term query clause");
        return Err(options.incomplete(&["boost", "_name"], none));
    };
    let inner = parse_at(given, depth + 1)?;
    if !inner.clause.is_multi_term() {
        let reason = "[span_multi] [match] must be of type multi term query";
        return Err(Exception::parsing(reason).at_end(given));
    }
    Query::with(Span::Multi(inner), &options)
}

pub(super) fn parse_near(value: &Value, depth: usize) -> Result<Query, Exception> {
    let options = Options::new("span_near", value)?;
    let clauses = match options.get("clauses") {
        Some(Value::Array(clauses)) if clauses.len() <= CLAUSES_MAX => clauses
            .iter()
            .map(|clause| near_clause(clause, depth))
            .collect::<Result<Vec<_>, Exception>>()?,
        Some(Value::Array(_)) => return Err(super::query::too_many_clauses()),
        Some(_) => return Err(options.unsupported("clauses")),
        None => Vec::new(),
    };
    let slop = whole(&options, "slop")?.unwrap_or(0);
    let in_order = options.flag("in_order")?.unwrap_or(true);
    if clauses.is_empty() {
        let none = Exception::parsing("span_near must include [clauses]");
        return Err(options.incomplete(&["boost", "_name"], none));
    }
    if matches!(clauses.first(), Some(NearClause::Gap { .. })) {
        return Err(Exception::illegal_argument("[span_near] cannot start with a gap"));
    }
    Query::with(Span::Near { clauses, slop, in_order }, &options)
}

fn near_clause(clause: &Value, depth: usize) -> Result<NearClause, Exception> {
    if let Some(gap) =
        clause.as_object().filter(|clause| clause.len() == 1).and_then(|c| c.get("span_gap"))
    {
        let (field, width) =
            match gap.as_object().map(|gap| gap.iter().collect::<Vec<_>>()).as_deref() {
                Some([(field, width)]) => ((*field).clone(), width.as_i64()),
                _ => return Err(Exception::parsing("[span_gap] requires a field and a width")),
            };
        let Some(width) = width else {
            return Err(Exception::parsing("Expected a number for the width of [span_gap]"));
        };
        return Ok(NearClause::Gap { field, width });
    }
    inner("span_near", "clauses", clause, depth).map(NearClause::Spans)
}

pub(super) fn parse_or(value: &Value, depth: usize) -> Result<Query, Exception> {
    let options = Options::new("span_or", value)?;
    let clauses = match options.get("clauses") {
        Some(Value::Array(clauses)) if clauses.len() <= CLAUSES_MAX => clauses
            .iter()
            .map(|clause| inner("span_or", "clauses", clause, depth))
            .collect::<Result<Vec<_>, Exception>>()?,
        Some(Value::Array(_)) => return Err(super::query::too_many_clauses()),
        Some(_) => return Err(options.unsupported("clauses")),
        None => Vec::new(),
    };
    if clauses.is_empty() {
        let none = Exception::parsing("span_or must include [clauses]");
        return Err(options.incomplete(&["boost", "_name"], none));
    }
    Query::with(Span::Or(clauses), &options)
}

pub(super) fn parse_not(value: &Value, depth: usize) -> Result<Query, Exception> {
    let options = Options::new("span_not", value)?;
    let part = |key: &str| options.get(key).map(|clause| inner("span_not", key, clause, depth));
    let (include, exclude) = (part("include").transpose()?, part("exclude").transpose()?);
    let [distance, before, after] = ["dist", "pre", "post"].map(|key| whole(&options, key));
    let (distance, before, after) = (distance?, before?, after?);
    let Some(include) = include else {
        let none = Exception::parsing("span_not must have [include] span query clause");
        return Err(options.incomplete(&["boost", "_name"], none));
    };
    let Some(exclude) = exclude else {
        let none = Exception::parsing("span_not must have [exclude] span query clause");
        return Err(options.incomplete(&["boost", "_name"], none));
    };
    if distance.is_some() && (before.is_some() || after.is_some()) {
        return Err(Exception::parsing(
            "span_not can either use [dist] or [pre] & [post] (or none)",
        ));
    }
    let positive = |width: Option<i64>| distance.or(width).unwrap_or(0).max(0);
    let span = Span::Not { include, exclude, before: positive(before), after: positive(after) };
    Query::with(span, &options)
}

pub(super) fn parse_first(value: &Value, depth: usize) -> Result<Query, Exception> {
    let options = Options::new("span_first", value)?;
    let within = options.get("match").map(|clause| inner("span_first", "match", clause, depth));
    let end = whole(&options, "end")?;
    let Some(within) = within.transpose()? else {
        let none = Exception::parsing("span_first must have [match] span query clause");
        return Err(options.incomplete(&["boost", "_name"], none));
    };
    let Some(end) = end else {
        let none = Exception::parsing("span_first must have [end] set for it");
        return Err(options.incomplete(&["boost", "_name"], none));
    };
    if end < 0 {
        return Err(Exception::illegal_argument("parameter [end] needs to be positive."));
    }
    Query::with(Span::First { inner: within, end }, &options)
}

pub(super) fn parse_containing(value: &Value, depth: usize) -> Result<Query, Exception> {
    let (options, big, little) = big_and_little("span_containing", value, depth)?;
    Query::with(Span::Containing { big, little }, &options)
}

pub(super) fn parse_within(value: &Value, depth: usize) -> Result<Query, Exception> {
    let (options, big, little) = big_and_little("span_within", value, depth)?;
    Query::with(Span::Within { big, little }, &options)
}

fn big_and_little<'a>(
    query: &'static str,
    value: &'a Value,
    depth: usize,
) -> Result<(Options<'a>, Query, Query), Exception> {
    let options = Options::new(query, value)?;
    let part = |key: &str| options.get(key).map(|clause| inner(query, key, clause, depth));
    let (big, little) = (part("big").transpose()?, part("little").transpose()?);
    match (big, little) {
        (Some(big), Some(little)) => Ok((options, big, little)),
        (None, _) => {
            let none = Exception::parsing(format!("{query} must include [big]"));
            Err(options.incomplete(&["boost", "_name"], none))
        }
        (_, None) => {
            let none = Exception::illegal_argument("inner clause [little] cannot be null.");
            Err(options.incomplete(&["boost", "_name"], none))
        }
    }
}

pub(super) fn parse_masking(value: &Value, depth: usize) -> Result<Query, Exception> {
    let options = Options::new("span_field_masking", value)?;
    let within = options
        .get("query")
        .map(|clause| inner("span_field_masking", "query", clause, depth))
        .transpose()?;
    let field = options.text("field")?;
    let Some(within) = within else {
        let none = Exception::parsing("field_masking_span must have [query] span query clause");
        return Err(options.incomplete(&["boost", "_name"], none));
    };
    let Some(field) = field else {
        let none = Exception::parsing("field_masking_span must have [field] set for it");
        return Err(options.incomplete(&["boost", "_name"], none));
    };
    Query::with(Span::Masking { field, inner: within }, &options)
}

/// A clause of a span query, which must be one itself and may have no boost.
fn inner(query: &str, key: &str, clause: &Value, depth: usize) -> Result<Query, Exception> {
    let query_of = parse_at(clause, depth + 1)?;
    if !query_of.clause.is_span() {
        let reason = format!("{query} [{key}] must be of type span query");
        return Err(Exception::parsing(reason).at_end(clause));
    }
    if query_of.boost != 1.0 {
        return Err(Exception::parsing(format!(
            "{query} [{key}] as a nested span clause can't have non-default boost value [{}]",
            crate::value::java::java_float(query_of.boost)
        ))
        .at_end(clause));
    }
    Ok(query_of)
}

fn whole(options: &Options<'_>, key: &str) -> Result<Option<i64>, Exception> {
    let Some(text) = options.text(key)? else { return Ok(None) };
    text.parse().map(Some).map_err(|_| crate::value::scalar::not_a_number(&text))
}

impl QueryClause for Span {
    fn lower(&self, lowering: &Lowering<'_>) -> Result<Lowered, Exception> {
        let spans = self.on_index(lowering)?;
        let path = spans.scored_by.as_ref().unwrap_or(&spans.path);
        let Some(leaf) = lowering.leaf(path) else { return Ok(nothing()) };
        let field = lowering.indexed(leaf)?;
        lowering.spans(leaf, field, spans)
    }

    fn is_composite(&self) -> bool {
        true
    }

    fn is_span(&self) -> bool {
        true
    }

    fn spans(&self, lowering: &Lowering<'_>) -> Result<IndexSpans, Exception> {
        self.on_index(lowering)
    }

    fn children(&self) -> Vec<&Query> {
        match self {
            Span::Term { .. } => Vec::new(),
            Span::Multi(inner) | Span::First { inner, .. } | Span::Masking { inner, .. } => {
                vec![inner]
            }
            Span::Near { clauses, .. } => clauses
                .iter()
                .filter_map(|clause| match clause {
                    NearClause::Spans(query) => Some(query),
                    NearClause::Gap { .. } => None,
                })
                .collect(),
            Span::Or(clauses) => clauses.iter().collect(),
            Span::Not { include, exclude, .. } => vec![include, exclude],
            Span::Containing { big, little } | Span::Within { big, little } => vec![big, little],
        }
    }

    fn words(&self, sought: &mut SoughtWords<'_>) -> Result<(), Exception> {
        match self {
            Span::Term { field, value } => {
                if sought.counts(field) {
                    sought.exactly(&plain(value));
                }
                Ok(())
            }
            Span::Multi(inner) | Span::Masking { inner, .. } => sought.query(inner),
            _ => match self.sought(sought)? {
                Some(spans) => {
                    sought.words.spans.push(spans);
                    Ok(())
                }
                None => self.included().into_iter().try_for_each(|query| sought.query(query)),
            },
        }
    }

    fn sought_spans(&self, sought: &SoughtWords<'_>) -> Result<Option<SoughtSpans>, Exception> {
        self.sought(sought)
    }
}

impl Span {
    /// The clauses of which something is found.
    fn included(&self) -> Vec<&Query> {
        match self {
            Span::Not { include, .. } => vec![include],
            _ => self.children(),
        }
    }

    /// What of it is looked for in a text that is highlighted; `None` where a part of it lies in another field than it says,
    /// so that the words stand for themselves.
    fn sought(&self, sought: &SoughtWords<'_>) -> Result<Option<SoughtSpans>, Exception> {
        let mut parts = Vec::new();
        if !matches!(self, Span::Multi(_)) {
            for query in self.included() {
                sought.lowering.work.check()?;
                let Some(spans) = query.clause.sought_spans(sought)? else { return Ok(None) };
                parts.push(spans);
            }
        }
        Ok(Some(match self {
            Span::Masking { .. } => return Ok(None),
            Span::Term { .. } | Span::Multi(_) => {
                let words = sought.apart(|apart| self.words(apart))?;
                SoughtSpans::Words(Arc::new(move |term| words.holds(term)))
            }
            Span::Near { clauses, slop, in_order } => {
                let gap = |clause: &NearClause| match clause {
                    NearClause::Spans(_) => None,
                    NearClause::Gap { width, .. } => Some(*width),
                };
                let gaps = clauses.iter().map(gap).collect();
                SoughtSpans::Near { parts, gaps, slop: *slop, in_order: *in_order }
            }
            // What must not be near is not looked at.
            Span::Or(_) | Span::Not { .. } => SoughtSpans::Or(parts),
            Span::First { end, .. } => SoughtSpans::First { parts, end: *end },
            Span::Containing { .. } => SoughtSpans::Containing(parts),
            Span::Within { .. } => SoughtSpans::Within(parts),
        }))
    }

    /// What it finds on an index.
    ///
    /// # Errors
    /// `query_shard_exception` for clauses of different fields, and for fields without positions.
    // long: one arm for each kind of span
    fn on_index(&self, lowering: &Lowering<'_>) -> Result<IndexSpans, Exception> {
        let of = |query: &Query| -> Result<IndexSpans, Exception> {
            lowering.work.check()?;
            query.clause.spans(lowering)
        };
        let refused = |reason: String| lowering.failed(Exception::illegal_argument(reason));
        let joined =
            |parts: Vec<&IndexSpans>| -> Result<(String, BTreeSet<tantivy::Term>), Exception> {
                let path = parts.first().map(|part| part.path.clone()).unwrap_or_default();
                if let Some(other) = parts.iter().find(|part| part.path != path) {
                    return Err(refused(match self {
                        Span::Near { .. } => format!(
                            "Cannot add clause {} to SpanNearQuery for field {path}",
                            other.shown
                        ),
                        _ => "Clauses must have same field.".to_owned(),
                    }));
                }
                Ok((path, parts.iter().flat_map(|part| part.terms.clone()).collect()))
            };
        match self {
            Span::Term { field, value } => {
                let text = scalar("span_term", field, value)?;
                if let Some(leaf) = lowering.leaf(field) {
                    is_one_term(leaf, value, &text, lowering)?;
                }
                lowering.span_terms(field, &text, std::slice::from_ref(&text))
            }
            Span::Multi(inner) => {
                let (path, terms) = inner.clause.expansions(lowering)?;
                if let ([start], Some(masked)) = (terms.as_slice(), lowering.masked(&path)) {
                    return lowering.span_prefix(&masked, &path, start);
                }
                let each = terms.iter().map(|text| format!("{path}:{text}"));
                let shown = format!("spanOr([{}])", each.collect::<Vec<_>>().join(", "));
                Ok(IndexSpans { shown, ..lowering.span_terms(&path, "", &terms)? })
            }
            Span::Near { clauses, slop, in_order } => {
                let mut parts = Vec::new();
                let mut spans = Vec::new();
                for clause in clauses {
                    match clause {
                        NearClause::Spans(query) => {
                            let found = of(query)?;
                            parts.push(NearPart::Spans(Arc::clone(&found.source)));
                            spans.push(found);
                        }
                        NearClause::Gap { width, .. } => parts.push(NearPart::Gap(*width)),
                    }
                }
                let (path, terms) = joined(spans.iter().collect())?;
                let elsewhere = |clause: &NearClause| matches!(clause, NearClause::Gap { field, .. } if *field != path);
                if clauses.iter().any(elsewhere) {
                    return Err(refused("Clauses must have same field.".to_owned()));
                }
                if let ([only], [_]) = (spans.as_slice(), parts.as_slice()) {
                    let shown = format!("spanNear([{}], {slop}, {in_order})", only.shown);
                    return Ok(IndexSpans::new(path, Arc::clone(&only.source), terms, shown));
                }
                let source = SpanSource::Near { parts, slop: *slop, in_order: *in_order };
                let shown = format!("spanNear([{}], {slop}, {in_order})", list(&spans));
                Ok(IndexSpans::new(path, Arc::new(source), terms, shown))
            }
            Span::Or(clauses) => {
                let spans: Vec<IndexSpans> = clauses.iter().map(of).collect::<Result<_, _>>()?;
                let (path, terms) = joined(spans.iter().collect())?;
                let shown = format!("spanOr([{}])", list(&spans));
                let sources = spans.into_iter().map(|spans| spans.source).collect();
                Ok(IndexSpans::new(path, Arc::new(SpanSource::Or(sources)), terms, shown))
            }
            Span::Not { include, exclude, before, after } => {
                let (include, exclude) = (of(include)?, of(exclude)?);
                joined(vec![&include, &exclude])?;
                let (first, second) = (&include.shown, &exclude.shown);
                let shown = format!("spanNot({first}, {second}, {before}, {after})");
                let source = SpanSource::Not {
                    include: include.source,
                    exclude: exclude.source,
                    before: *before,
                    after: *after,
                };
                let (path, terms) = (include.path, include.terms);
                Ok(IndexSpans::new(path, Arc::new(source), terms, shown))
            }
            Span::First { inner, end } => {
                let inner = of(inner)?;
                let source = SpanSource::First { inner: inner.source, end: *end };
                let shown = format!("spanFirst({}, {end})", inner.shown);
                let (path, terms) = (inner.path, inner.terms);
                Ok(IndexSpans::new(path, Arc::new(source), terms, shown))
            }
            Span::Containing { big, little } | Span::Within { big, little } => {
                let (big, little) = (of(big)?, of(little)?);
                let (path, terms) = joined(vec![&big, &little])?;
                let name = if matches!(self, Span::Containing { .. }) {
                    "SpanContaining"
                } else {
                    "SpanWithin"
                };
                let shown = format!("{name}({}, {})", big.shown, little.shown);
                let (big, little) = (big.source, little.source);
                let source = if matches!(self, Span::Containing { .. }) {
                    SpanSource::Containing { big, little }
                } else {
                    SpanSource::Within { big, little }
                };
                Ok(IndexSpans::new(path, Arc::new(source), terms, shown))
            }
            Span::Masking { field, inner } => Ok(of(inner)?.masked(field)),
        }
    }
}

/// Spans one after the other, as Lucene writes them.
fn list(spans: &[IndexSpans]) -> String {
    spans.iter().map(|spans| spans.shown.as_str()).collect::<Vec<_>>().join(", ")
}

/// Whether a term of the field is one of Lucene's, with whose places a span begins; what is wrong with the value is told
/// first, as `term` tells it.
fn is_one_term(
    leaf: &Leaf,
    value: &Value,
    text: &str,
    lowering: &Lowering<'_>,
) -> Result<(), Exception> {
    let path = &leaf.path;
    let (words, keyword) = (leaf.kind.get::<Text>(), leaf.kind.get::<Keyword>());
    let what = if words.is_some_and(|words| words.role == TextRole::MatchOnly) {
        format!(
            "type class org.apache.lucene.search.ConstantScoreQuery: ConstantScore({path}:{text})"
        )
    } else if keyword.is_some_and(|keyword| keyword.family == KeywordFamily::Wildcard) {
        format!(
            "type class org.opensearch.index.mapper.WildcardFieldMapper$WildcardMatchingQuery: \
             WildcardMatchingQuery({path}:\"{text}\")"
        )
    } else if words.is_some() || keyword.is_some() || leaf.kind.is::<Boolean>() {
        return Ok(());
    } else {
        lowering.term(path, value)?;
        format!("a field of type [{}]", leaf.kind.name())
    };
    let reason = format!("Cannot extract a term from a query of {what}");
    Err(lowering.failed(Exception::illegal_argument(reason)))
}

impl Lowering<'_> {
    /// The spans of any of `texts` in the field at `path`.
    fn span_terms(
        &self,
        path: &str,
        shown: &str,
        texts: &[String],
    ) -> Result<IndexSpans, Exception> {
        let (Some(leaf), Some(first)) = (self.leaf(path), texts.first()) else {
            let source = Arc::new(SpanSource::Or(Vec::new()));
            let shown = format!("{path}:{shown}");
            return Ok(IndexSpans::new(path.to_owned(), source, BTreeSet::new(), shown));
        };
        let shown = format!("{}:{shown}", leaf.path);
        let field = self.positions(leaf, first)?;
        let make = |text: &String| tantivy::Term::from_field_text(field, text);
        let terms: Vec<tantivy::Term> = texts.iter().map(make).collect();
        let distinct = terms.iter().cloned().collect();
        let source = Arc::new(TermsSource { field, terms });
        Ok(IndexSpans::new(leaf.path.clone(), source, distinct, shown))
    }

    /// The text to which the field at `path` has the beginnings of words.
    fn masked(&self, path: &str) -> Option<String> {
        let role = self.leaf(path)?.kind.get::<Text>()?.role;
        let of = path.strip_suffix(PREFIXES_SUFFIX)?;
        matches!(role, TextRole::Prefixes(_)).then(|| of.to_owned())
    }

    /// The spans of the words of the text at `masked` that begin with `start`, which is a term of the field at `path`.
    fn span_prefix(&self, masked: &str, path: &str, start: &str) -> Result<IndexSpans, Exception> {
        Ok(self.span_terms(path, start, &[start.to_owned()])?.masked(masked))
    }

    /// The phrase `places` on the text `leaf`, whose last words are only beginnings, where all of them are terms of the field
    /// that `index_prefixes` puts beside it. (`TextFieldMapper.createPhrasePrefixQuery`)
    ///
    /// # Errors
    /// Those of a term.
    pub(super) fn phrase_before_prefix(
        &self,
        leaf: &Leaf,
        field: Field,
        places: &[(u32, Vec<String>)],
    ) -> Result<Option<Lowered>, Exception> {
        let Some((beside, lengths)) = self.prefixes(leaf) else { return Ok(None) };
        let Some(((last, starts), before)) = places.split_last() else { return Ok(None) };
        if !starts.iter().all(|start| lengths.covers(start)) {
            return Ok(None);
        }
        let mut next = before.first().map_or(*last, |(position, _)| *position);
        if before.is_empty() {
            return self.any_term(&beside, starts).map(Some);
        }
        let (mut parts, mut terms, mut shown) = (Vec::new(), BTreeSet::new(), Vec::new());
        for (position, words) in places {
            if *position > next {
                parts.push(NearPart::Gap(i64::from(position - next)));
                shown.push(format!("SpanGap({})", position - next));
            }
            next = position + 1;
            let is_last = position == last;
            let each = words.iter().map(|word| match is_last {
                true => self.span_prefix(&leaf.path, &beside.path, word),
                false => self.span_terms(&leaf.path, word, std::slice::from_ref(word)),
            });
            let each: Vec<IndexSpans> = each.collect::<Result<_, _>>()?;
            shown.push(match each.as_slice() {
                [only] => only.shown.clone(),
                several => format!("spanOr([{}])", list(several)),
            });
            terms.extend(each.iter().flat_map(|spans| spans.terms.clone()));
            let mut sources: Vec<_> = each.into_iter().map(|spans| spans.source).collect();
            parts.push(NearPart::Spans(match sources.pop() {
                Some(only) if sources.is_empty() => only,
                other => {
                    sources.extend(other);
                    Arc::new(SpanSource::Or(sources))
                }
            }));
        }
        let shown = format!("spanNear([{}], 0, true)", shown.join(", "));
        let source = Arc::new(SpanSource::Near { parts, slop: 0, in_order: true });
        let spans = IndexSpans::new(leaf.path.clone(), source, terms, shown);
        self.spans(leaf, field, spans).map(Some)
    }

    /// Any of `terms` of the field of `leaf`, scored as one where there are several.
    fn any_term(&self, leaf: &Leaf, terms: &[String]) -> Result<Lowered, Exception> {
        let field = self.indexed(leaf)?;
        match terms {
            [only] => self.scored(leaf, field, tantivy::Term::from_field_text(field, only)),
            several => self.synonyms(leaf, field, several),
        }
    }

    /// The field of a leaf whose terms, of which `first` is one, have positions.
    fn positions(&self, leaf: &Leaf, first: &str) -> Result<Field, Exception> {
        let field = self.indexed(leaf)?;
        let has_places = |text: &Text| {
            text.index_options == IndexOptions::Positions && text.role != TextRole::MatchOnly
        };
        if leaf.kind.get::<Text>().is_some_and(has_places) {
            return Ok(field);
        }
        let term = match (leaf.kind.is::<Boolean>(), first) {
            (true, "true") => "T",
            (true, _) => "F",
            (false, first) => first,
        };
        Err(Exception::new(
            crate::exception::ExceptionKind::IllegalState,
            format!(
                "field \"{}\" was indexed without position data; cannot run SpanTermQuery (term={term})",
                leaf.path
            ),
        ))
    }

    /// Spans, scored by BM25 with the sum of the weights of their different terms.
    fn spans(&self, leaf: &Leaf, field: Field, spans: IndexSpans) -> Result<Lowered, Exception> {
        let statistics =
            self.statistics.of(self.searcher, leaf, field, &self.work.cancel).map_err(internal)?;
        let mut terms = Vec::new();
        for term in &spans.terms {
            self.work.check()?;
            let frequency = self.term_statistics(leaf, term, &statistics)?;
            if frequency.documents > 0 {
                terms.push(frequency);
            }
        }
        Ok(Box::new(PlacesQuery {
            source: spans.source,
            field,
            score: PlacesScore::Spans {
                scores: Scores::new(&statistics, &terms),
                statistics,
                terms,
            },
            shown: spans.shown,
            cancel: self.work.cancel.clone(),
        }))
    }
}
