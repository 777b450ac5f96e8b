//! `term`: documents with exactly this value. Also the one place where a value of any type becomes a query.

use std::ops::Bound;
use std::sync::Arc;

use serde_json::Value;
use tantivy::query::{EnableScoring, RangeQuery, TermQuery};
use tantivy::schema::{Field, IndexRecordOption};

use super::bm25::{self, FieldStatistics, ScoredTerm, TermStatistics};
use super::column_search::ColumnTest;
use super::index_names::cased;
use super::lower::{Lowered, Lowering, boosted, constant, everything, leaf, nothing};
use super::options::{QueryBody, of_bytes, one_field, scalar};
use super::range_field::Relation;
use super::term_set::{TermAcceptor, TermSet};
use super::words::SoughtWords;
use super::{Query, QueryClause};
use crate::exception::Exception;
use crate::exception::internal;
use crate::mapping::boolean::Boolean;
use crate::mapping::kept::{NumberValue, Span};
use crate::mapping::query::TermLookup;
use crate::mapping::type_name::DOC;
use crate::mapping::{Column, Leaf, fields};
use crate::value::java::{java_double, java_float};
use crate::value::scalar::plain;

/// A `term` query.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Term {
    /// The field.
    pub(crate) field: String,
    /// The value, a scalar.
    pub(crate) value: Value,
    /// Whether letter case counts.
    pub(crate) case_insensitive: bool,
}

pub(super) fn parse(value: &Value, _depth: usize) -> Result<Query, Exception> {
    let (field, body) = one_field("term", value)?;
    match body {
        QueryBody::Short(list @ Value::Array(_)) => {
            Err(Exception::parsing("[term] query does not support array of values").at(list))
        }
        // A null is no value, so that not even its field was read.
        QueryBody::Short(Value::Null) => {
            Err(Exception::illegal_argument("field name is null or empty"))
        }
        QueryBody::Short(value) => {
            Ok(Query::of(Term { field, value: value.clone(), case_insensitive: false }))
        }
        QueryBody::Long(options) => {
            let value = options.get("value").or_else(|| options.get("term"));
            let value = value.map(|value| of_bytes("term", value)).transpose()?;
            let Some(value) = value.filter(|value| !value.is_object()) else {
                return Err(Exception::illegal_argument("value cannot be null"));
            };
            let case_insensitive = options.flag("case_insensitive")?.unwrap_or(false);
            Query::with(Term { field, value, case_insensitive }, &options)
        }
    }
}

impl QueryClause for Term {
    fn lower(&self, lowering: &Lowering<'_>) -> Result<Lowered, Exception> {
        if self.case_insensitive {
            return lowering
                .term_ignoring_case(&self.field, &scalar("term", "value", &self.value)?);
        }
        lowering.term(&self.field, &self.value)
    }

    fn may_match(&self, lowering: &Lowering<'_>) -> Result<bool, Exception> {
        match (self.field.as_str(), plain(&self.value)) {
            ("_index", name) => {
                Ok(lowering.index_names().matches(&cased(name, self.case_insensitive)))
            }
            ("_type", name) => Ok(lowering.is_type(&name)),
            _ => Ok(lowering.is_mapped(&self.field)),
        }
    }

    fn words(&self, sought: &mut SoughtWords<'_>) -> Result<(), Exception> {
        if sought.counts(&self.field) {
            sought.exactly(&plain(&self.value));
        }
        Ok(())
    }
}

impl Lowering<'_> {
    /// Documents that have `value` in the field at `path`, scored as Elasticsearch scores that type.
    pub(crate) fn term(&self, path: &str, value: &Value) -> Result<Lowered, Exception> {
        if let Some(flat) = self.flat_object(path) {
            return self.flat_term(&flat, &scalar("term", "value", value)?);
        }
        let Some(leaf) = self.leaf(path) else { return self.meta_term(path, value) };
        leaf.kind.check_term(path, self.context())?;
        if let Some(constant) = leaf.kind.constant_value() {
            // Every document has it, nested objects too.
            let is_asked = scalar("term", "value", value)? == constant;
            return Ok(if is_asked { everything() } else { nothing() });
        }
        if self.searches_column(leaf) {
            let lookup = leaf.kind.term(path, value, self.context())?;
            return self.as_mapped(leaf, self.column_term(leaf, lookup));
        }
        let field = self.indexed(leaf)?;
        let lookup = leaf.kind.term(path, value, self.context())?;
        self.as_mapped(leaf, self.looked_up(leaf, field, lookup)?)
    }

    /// `query`, which finds one term of `leaf`, with the boost of the field's mapping. Queries that find many terms at once do
    /// not look at it, and neither do phrases. (`TermBasedFieldType.termQuery`)
    fn as_mapped(&self, leaf: &Leaf, query: Lowered) -> Result<Lowered, Exception> {
        if leaf.boost < 0.0 {
            let boost = java_float(leaf.boost);
            let reason = format!("boost must be a positive float, got {boost}");
            return Err(self.failed(Exception::illegal_argument(reason)));
        }
        Ok(boosted(query, leaf.boost))
    }

    /// The documents with this word of an analyzed text.
    pub(crate) fn word(&self, leaf: &Leaf, field: Field, word: &str) -> Result<Lowered, Exception> {
        let term = tantivy::Term::from_field_text(field, word);
        self.as_mapped(leaf, self.scored(leaf, field, term)?)
    }

    /// The documents that a field's type looks up.
    pub(super) fn looked_up(
        &self,
        leaf: &Leaf,
        field: Field,
        lookup: TermLookup,
    ) -> Result<Lowered, Exception> {
        Ok(match lookup {
            TermLookup::Nothing => nothing(),
            TermLookup::Text(text) => {
                let text = self.normalized(leaf, &text);
                self.scored(leaf, field, tantivy::Term::from_field_text(field, &text))?
            }
            TermLookup::Flag(flag) => {
                self.scored(leaf, field, tantivy::Term::from_field_i64(field, flag))?
            }
            TermLookup::Number(number) => {
                let text = number_text(number);
                let text = format!("{}:[{text} TO {text}]", leaf.path);
                let term = number_term(field, number);
                points(Box::new(TermQuery::new(term, IndexRecordOption::Basic)), text)
            }
            TermLookup::Moments(low, high) => {
                let text = format!("{}:[{low} TO {high}]", leaf.path);
                let bound = |at| Bound::Included(tantivy::Term::from_field_i64(field, at));
                points(Box::new(RangeQuery::new(bound(low), bound(high))), text)
            }
            TermLookup::Addresses(low, high, text) => {
                let shown = format!("{}:[{text} TO {text}]", leaf.path);
                let term = |address| tantivy::Term::from_field_ip_addr(field, address);
                let query: Lowered = if low == high {
                    Box::new(TermQuery::new(term(low), IndexRecordOption::Basic))
                } else {
                    let bound = |address| Bound::Included(term(address));
                    Box::new(RangeQuery::new(bound(low), bound(high)))
                };
                points(query, shown)
            }
            TermLookup::Span(code) => constant(self.range_spans(
                leaf,
                Span { from: code, to: code },
                Relation::Intersects,
            )?),
            TermLookup::Beginning(prefix) => {
                let cancel = self.work.cancel.clone();
                constant(Box::new(TermSet { field, column: None, prefix, accept: None, cancel }))
            }
        })
    }

    /// As [`Lowering::looked_up`], through the field's column.
    fn column_term(&self, leaf: &Arc<Leaf>, lookup: TermLookup) -> Lowered {
        let test = match lookup {
            TermLookup::Text(text) => ColumnTest::text(self.normalized(leaf, &text)),
            TermLookup::Flag(flag) => ColumnTest::one(flag),
            TermLookup::Number(NumberValue::I64(value)) => ColumnTest::one(value),
            TermLookup::Number(NumberValue::U64(value)) => ColumnTest::one(value),
            TermLookup::Number(NumberValue::F64(value)) => ColumnTest::Float(value..=value),
            TermLookup::Moments(low, high) => ColumnTest::Whole(low.into()..=high.into()),
            TermLookup::Addresses(low, high, _) => ColumnTest::Address(low.into()..=high.into()),
            TermLookup::Nothing | TermLookup::Span(_) | TermLookup::Beginning(_) => {
                return nothing();
            }
        };
        self.in_column(leaf, test)
    }

    /// The tantivy field of a leaf that can be searched.
    pub(crate) fn indexed(&self, leaf: &Leaf) -> Result<Field, Exception> {
        leaf.field.filter(|_| leaf.indexed).ok_or_else(|| {
            let why = match self.may_search_column(leaf) {
                true => "both not indexed, and does not have doc_values enabled",
                false => "not indexed",
            };
            let reason = format!("Cannot search on field [{}] since it is {why}.", leaf.path);
            self.failed(Exception::illegal_argument(reason))
        })
    }

    /// A term scored by BM25 with the statistics of its field.
    pub(crate) fn scored(
        &self,
        leaf: &Leaf,
        field: Field,
        term: tantivy::Term,
    ) -> Result<Lowered, Exception> {
        if leaf.kind.is_unscored() {
            return Ok(constant(Box::new(TermQuery::new(term, IndexRecordOption::Basic))));
        }
        let statistics =
            self.statistics.of(self.searcher, leaf, field, &self.work.cancel).map_err(internal)?;
        let frequency = self.term_statistics(leaf, &term, &statistics)?;
        let shown = format!("{}:{}", leaf.path, term_text(leaf, &term));
        let option = record_option(leaf);
        Ok(Box::new(ScoredTerm::new(term, option, statistics, frequency, shown)))
    }

    /// How frequent `term` of `leaf` is, as far as a field with `statistics` asks.
    pub(crate) fn term_statistics(
        &self,
        leaf: &Leaf,
        term: &tantivy::Term,
        statistics: &FieldStatistics,
    ) -> Result<TermStatistics, Exception> {
        let cancel = &self.work.cancel;
        bm25::term_statistics(self.searcher, leaf, term, statistics, cancel).map_err(internal)
    }

    /// The documents of which a malformed value of a field was left out, whose path begins with `prefix` and is accepted.
    pub(super) fn ignored_fields(&self, prefix: &str, accept: Option<TermAcceptor>) -> Lowered {
        let start = fields::ignored_mark("").len();
        let accept = accept.map(|accept| -> TermAcceptor {
            Arc::new(move |term| term.get(start..).is_some_and(|path| accept(path)))
        });
        Box::new(TermSet {
            field: fields::FIELD_NAMES,
            column: None,
            prefix: fields::ignored_mark(prefix),
            accept,
            cancel: self.work.cancel.clone(),
        })
    }

    /// The documents of which a malformed value at `path` was left out, scored as a term of `_ignored`.
    fn ignored_term(&self, path: &str) -> Result<Lowered, Exception> {
        let mark = |path: &str| {
            tantivy::Term::from_field_text(fields::FIELD_NAMES, &fields::ignored_mark(path))
        };
        let mut statistics = FieldStatistics::default();
        for reader in self.searcher.segment_readers() {
            let weight = self
                .ignored_fields("", None)
                .weight(EnableScoring::disabled_from_searcher(self.searcher));
            let counted = weight.and_then(|weight| weight.count(reader)).map_err(internal)?;
            statistics.documents += u64::from(counted);
        }
        for leaf in self.mapping.leaves().filter(|leaf| leaf.kind.ignores_malformed()) {
            statistics.terms += self.searcher.doc_freq(&mark(&leaf.path)).map_err(internal)?;
        }
        let documents = self.searcher.doc_freq(&mark(path)).map_err(internal)?;
        let frequency = TermStatistics { documents, occurrences: documents };
        let shown = format!("_ignored:{path}");
        let option = IndexRecordOption::Basic;
        Ok(Box::new(ScoredTerm::new(mark(path), option, statistics, frequency, shown)))
    }

    /// Whether the one type of the index is called so.
    pub(super) fn is_type(&self, name: &str) -> bool {
        self.mapping.type_name().unwrap_or(DOC) == name
    }

    /// Whether there is a field at `path`, one of those that every document has included.
    pub(super) fn is_mapped(&self, path: &str) -> bool {
        const OF_EVERY_DOCUMENT: &[&str] = &[
            "_field_names",
            "_id",
            "_ignored",
            "_index",
            "_routing",
            "_seq_no",
            "_source",
            "_type",
            "_version",
        ];
        OF_EVERY_DOCUMENT.contains(&path)
            || self.leaf(path).is_some()
            || self.flat_object(path).is_some()
    }

    /// A term of the fields every document has.
    fn meta_term(&self, path: &str, value: &Value) -> Result<Lowered, Exception> {
        let text = scalar("term", "value", value)?;
        let field = match path {
            "_id" => fields::ID,
            "_routing" => fields::ROUTING,
            "_ignored" => return self.ignored_term(&text),
            "_index" => return Ok(self.index_named(&text)),
            "_type" if self.is_type(&text) => return Ok(everything()),
            _ => return Ok(nothing()),
        };
        let term = tantivy::Term::from_field_text(field, &text);
        let shown = if path == "_id" {
            format!("_id:([{}])", encoded_id(&text))
        } else {
            format!("{path}:{text}")
        };
        Ok(leaf(Box::new(TermQuery::new(term, IndexRecordOption::Basic)), "TermInSetQuery", shown))
    }

    fn term_ignoring_case(&self, path: &str, text: &str) -> Result<Lowered, Exception> {
        if let Some(flat) = self.flat_object(path) {
            let wanted = text.to_lowercase();
            let accept: super::term_set::TermAcceptor =
                Arc::new(move |term| term.to_lowercase() == wanted);
            return self.flat_terms(&flat, "", Some(accept)).map(constant);
        }
        let Some(leaf) = self.leaf(path) else {
            let text =
                if path == "_index" { cased(text.to_owned(), true) } else { text.to_owned() };
            return self.meta_term(path, &text.into());
        };
        let leaf = Arc::clone(leaf);
        if leaf.kind.is::<Boolean>() {
            // Its terms are `T` and `F`.
            return self.term(path, &text.into()).map(constant);
        }
        if !leaf.kind.has_words() {
            return Err(self.refuse(format!(
                "[{path}] field which is of type [{}], does not support case insensitive term queries",
                leaf.kind.capability()
            )));
        }
        let wanted = text.to_lowercase();
        let accept: super::term_set::TermAcceptor =
            Arc::new(move |term| term.to_lowercase() == wanted);
        if self.searches_column(&leaf) {
            let test = ColumnTest::Accepted(String::new(), Some(accept));
            return self.as_mapped(&leaf, self.in_column(&leaf, test));
        }
        let field = self.indexed(&leaf)?;
        let set = TermSet {
            field,
            column: None,
            prefix: String::new(),
            accept: Some(accept),
            cancel: self.work.cancel.clone(),
        };
        let found = super::lower::leaf(Box::new(set), "AutomatonQuery", format!("{path}:{text}"));
        self.as_mapped(&leaf, found)
    }
}

/// A query over numbers, of which the text is Lucene's.
pub(super) fn points(query: Lowered, text: String) -> Lowered {
    leaf(query, "PointRangeQuery", text)
}

/// A term of a leaf as Lucene writes it.
fn term_text(leaf: &Leaf, term: &tantivy::Term) -> String {
    let value = term.value();
    match leaf.kind.column_kind() {
        Some(Column::Boolean) => if value.as_i64() == Some(1) { "T" } else { "F" }.to_owned(),
        _ => value.as_str().unwrap_or_default().to_owned(),
    }
}

/// A number as Java prints it.
pub(super) fn number_text(value: NumberValue) -> String {
    match value {
        NumberValue::I64(value) => value.to_string(),
        NumberValue::U64(value) => value.to_string(),
        NumberValue::F64(value) => java_double(value),
    }
}

/// An id as Elasticsearch indexes it, in hexadecimal: digits by half bytes, Base64 as its bytes, else UTF-8.
pub(super) fn encoded_id(id: &str) -> String {
    use base64::Engine as _;
    let digits = !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit());
    let bytes: Vec<u8> = if digits {
        let digits: Vec<u8> = id.bytes().map(|byte| byte - b'0').collect();
        let pair = |pair: &[u8]| match pair {
            [high, low] => high << 4 | low,
            [high] => high << 4 | 0x0f,
            _ => 0,
        };
        std::iter::once(0xfe).chain(digits.chunks(2).map(pair)).collect()
    } else {
        let decoded = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(id).ok();
        match decoded.filter(|decoded| !matches!(decoded.first(), None | Some(0xfd..=0xff))) {
            Some(decoded) => decoded,
            None => std::iter::once(0xff).chain(id.bytes()).collect(),
        }
    };
    bytes.iter().map(|byte| format!("{byte:x}")).collect::<Vec<_>>().join(" ")
}

/// What of the postings a type's terms carry.
pub(crate) fn record_option(leaf: &Leaf) -> IndexRecordOption {
    if leaf.kind.has_frequencies() {
        IndexRecordOption::WithFreqs
    } else {
        IndexRecordOption::Basic
    }
}

/// The term of a number.
pub(crate) fn number_term(field: Field, value: NumberValue) -> tantivy::Term {
    match value {
        NumberValue::I64(value) => tantivy::Term::from_field_i64(field, value),
        NumberValue::U64(value) => tantivy::Term::from_field_u64(field, value),
        NumberValue::F64(value) => tantivy::Term::from_field_f64(field, value),
    }
}
