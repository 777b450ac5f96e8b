//! `percolate`: documents whose query finds a document that is given. Source: Elasticsearch 7.10, "Percolate query", and
//! `PercolateQueryBuilder` for the texts.
//!
//! The given documents become an index in memory, with the mapping that they need; every stored query of the field is
//! asked of it. What a real server knows of a query's terms only saves it work: the answers are the same.

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::Value;
use tantivy::index::SegmentId;
use tantivy::query::{EnableScoring, TermQuery};
use tantivy::schema::IndexRecordOption;
use tantivy::{DocId, DocSet, ReloadPolicy, Searcher, SegmentReader, TERMINATED};

use super::bm25::Statistics;
use super::looked_up::{FOUND, unfollowed};
use super::lower::{Lowered, Lowering};
use super::options::Options;
use super::scan::{Scan, SegmentTest};
use super::{CLAUSES_MAX, Query, QueryClause, parse_at};
use crate::exception::{Exception, ExceptionKind, internal};
use crate::index::StoredFields;
use crate::mapping::percolator::Percolator;
use crate::mapping::{Mapping, fields, packed, parsed};
use crate::place::Whereabouts;
use crate::work::HeldMemory;

/// A `percolate` query.
#[derive(Clone, Debug)]
pub(crate) struct Percolate {
    field: String,
    documents: Vec<Value>,
    /// Whether it is of a document that nobody has read for it.
    unread: bool,
    /// Told apart from others of the same search in what hits show.
    name: Option<String>,
    depth: usize,
}

/// What writing the memory index of the given documents may take.
const MEMORY_BYTES: usize = 15_000_000;

/// The id that a given document has, as in Elasticsearch's refusals.
const GIVEN_ID: &str = "_temp_id";

pub(super) fn parse(value: &Value, depth: usize) -> Result<Query, Exception> {
    let options = Options::declared("percolate", value)?;
    let field = options.text("field")?;
    let name = options.text("name")?;
    let (one, many) = (options.get("document"), options.get("documents"));
    if options.get("id").is_some() && one.or(many).is_some() {
        let other = if one.is_some() { "document" } else { "documents" };
        return Err(Exception::illegal_argument(format!(
            "The following fields are not allowed together: [id, {other}] "
        )));
    }
    let wrong = |key: &str, value: &Value| {
        Exception::new(
            ExceptionKind::XContentParse,
            format!("[percolate] {key} doesn't support values of type: {}", token(value)),
        )
        .at(value)
    };
    if one.is_some() || many.is_some() {
        // Where an indexed document would be, which nobody asks for.
        options.get("index");
    }
    let documents = match (one, many) {
        (Some(_), Some(_)) => {
            return Err(Exception::illegal_argument(
                "The following fields are not allowed together: [document, documents] ",
            ));
        }
        (Some(document @ Value::Object(_)), None) => vec![document.clone()],
        (Some(other), None) => return Err(wrong("document", other)),
        (None, Some(Value::Array(documents))) if documents.len() <= CLAUSES_MAX => {
            documents.clone()
        }
        (None, Some(other)) => return Err(wrong("documents", other)),
        (None, None) if options.get("id").is_some() => {
            if options.get("index").is_none() {
                let cause = Exception::illegal_argument("[index] is a required argument");
                let reason = "Failed to build [percolate] after last required field arrived";
                let unbuilt = Exception::new(ExceptionKind::XContentParse, reason);
                return Err(unbuilt.somewhere(Whereabouts::Untold).caused_by(cause));
            }
            for key in ["routing", "preference", "version"] {
                options.get(key);
            }
            // What was found there before the query was read.
            options.get(FOUND).into_iter().cloned().collect()
        }
        (None, None) => {
            return Err(Exception::illegal_argument(
                "Required one of fields [document, documents, id], but none were specified. ",
            ));
        }
    };
    let Some(field) = field else {
        return Err(Exception::illegal_argument("Required [field]"));
    };
    let unread = documents.is_empty() && options.get("id").is_some();
    Query::with(Percolate { field, documents, unread, name, depth }, &options)
}

fn token(value: &Value) -> &'static str {
    match value {
        Value::Null => "VALUE_NULL",
        Value::Bool(_) => "VALUE_BOOLEAN",
        Value::Number(_) => "VALUE_NUMBER",
        Value::String(_) => "VALUE_STRING",
        Value::Array(_) => "START_ARRAY",
        Value::Object(_) => "START_OBJECT",
    }
}

/// The given documents as an index.
pub(crate) struct GivenDocuments {
    searcher: Searcher,
    mapping: Arc<Mapping>,
    /// The memory of the index.
    _held: HeldMemory,
}

/// By segment: the documents whose query finds something, with the score.
type MatchesBySegment = HashMap<SegmentId, HashMap<DocId, f32>>;

impl Percolate {
    /// What hits show the numbers of their given documents as.
    pub(crate) fn slot_name(&self) -> String {
        match &self.name {
            Some(name) => format!("_percolator_document_slot_{name}"),
            None => "_percolator_document_slot".to_owned(),
        }
    }

    /// Which of the given documents the query of a stored document finds.
    ///
    /// # Errors
    /// As [`QueryClause::lower`].
    pub(crate) fn slots(
        &self,
        source: &Value,
        given: &GivenDocuments,
        lowering: &Lowering<'_>,
    ) -> Result<Vec<DocId>, Exception> {
        let statistics = Statistics::in_memory(lowering.statistics.flavor());
        let inner = given.lowering(lowering, &statistics);
        let hits = self.hits(source, given, &inner)?;
        Ok(hits.into_iter().map(|(slot, _)| slot).collect())
    }

    /// The given documents as an index.
    ///
    /// # Errors
    /// A document that does not fit the mapping; `circuit_breaking_exception`; what tantivy says.
    pub(crate) fn given(&self, lowering: &Lowering<'_>) -> Result<GivenDocuments, Exception> {
        in_memory(&self.documents, lowering)
    }

    /// The given documents.
    pub(crate) fn documents(&self) -> &[Value] {
        &self.documents
    }

    /// What it is called among several.
    pub(crate) fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// The queries that a stored document has; one that was taken once and is understood no more finds nothing.
    pub(crate) fn stored(&self, source: &Value) -> Vec<Query> {
        let mut queries = Vec::new();
        for stored in crate::value::path::whole_at(source, &self.field) {
            let listed = match stored {
                Value::Array(listed) => listed.as_slice(),
                one => std::slice::from_ref(one),
            };
            queries.extend(listed.iter().filter_map(|value| parse_at(value, self.depth + 1).ok()));
        }
        queries
    }

    /// The given documents that the query in `source` finds, with their scores.
    fn hits(
        &self,
        source: &Value,
        given: &GivenDocuments,
        inner: &Lowering<'_>,
    ) -> Result<Vec<(DocId, f32)>, Exception> {
        let mut hits: Vec<(DocId, f32)> = Vec::new();
        for query in self.stored(source) {
            inner.work.check()?;
            let Ok(lowered) = inner.lower(&query) else { continue };
            let scoring = EnableScoring::enabled_from_searcher(&given.searcher);
            let weight = lowered.weight(scoring).map_err(internal)?;
            for reader in given.searcher.segment_readers() {
                let mut scorer = weight.scorer(reader, 1.0).map_err(internal)?;
                while scorer.doc() != TERMINATED {
                    hits.push((scorer.doc(), scorer.score()));
                    scorer.advance();
                }
            }
        }
        hits.sort_by_key(|(doc, _)| *doc);
        hits.dedup_by_key(|(doc, _)| *doc);
        Ok(hits)
    }

    fn found(&self, path: &str, lowering: &Lowering<'_>) -> Result<MatchesBySegment, Exception> {
        let given = self.given(lowering)?;
        let statistics = Statistics::in_memory(lowering.statistics.flavor());
        let inner = given.lowering(lowering, &statistics);
        let term = tantivy::Term::from_field_text(fields::FIELD_NAMES, path);
        let with_query = TermQuery::new(term, IndexRecordOption::Basic);
        let scoring = EnableScoring::disabled_from_searcher(lowering.searcher);
        let weight = tantivy::query::Query::weight(&with_query, scoring).map_err(internal)?;
        let mut found = MatchesBySegment::new();
        for (segment, reader) in (0..).zip(lowering.searcher.segment_readers()) {
            let mut candidates = weight.scorer(reader, 1.0).map_err(internal)?;
            let here = found.entry(reader.segment_id()).or_default();
            while candidates.doc() != TERMINATED {
                lowering.work.check()?;
                let doc = candidates.doc();
                candidates.advance();
                if reader.is_deleted(doc) {
                    continue;
                }
                let address = tantivy::DocAddress::new(segment, doc);
                let stored = StoredFields::read(lowering.searcher, address).map_err(internal)?;
                let Ok(source) = serde_json::from_slice(&stored.source) else {
                    continue;
                };
                let hits = self.hits(&source, &given, &inner)?;
                let best = hits.iter().map(|(_, score)| *score).reduce(f32::max);
                here.extend(best.map(|best| (doc, best)));
            }
        }
        Ok(found)
    }
}

/// `documents` as an index of their own, on the mapping that they would be written with, as they are percolated.
///
/// # Errors
/// As [`in_memory_as`].
pub(crate) fn in_memory(
    documents: &[Value],
    lowering: &Lowering<'_>,
) -> Result<GivenDocuments, Exception> {
    in_memory_as(GIVEN_ID, documents, lowering)
}

/// `documents` as an index of their own, each with this `id`.
///
/// # Errors
/// A document that does not fit the mapping; `circuit_breaking_exception`; what tantivy says.
pub(crate) fn in_memory_as(
    id: &str,
    documents: &[Value],
    lowering: &Lowering<'_>,
) -> Result<GivenDocuments, Exception> {
    let failed = |cause| lowering.failed(cause);
    let budget = &lowering.work.budget;
    let writing = budget.take(MEMORY_BYTES as u64, "<percolate>")?;
    let mut mapping = lowering.mapping.clone();
    let cancel = &lowering.work.cancel;
    // What documents bring is mapped first: an index in memory has one schema.
    for document in documents {
        let read = parsed::parse_until(&mapping, id, document, cancel).map_err(failed)?;
        mapping = read.grown.unwrap_or(mapping);
    }
    let files = tantivy::directory::RamDirectory::create();
    let mut writer = tantivy::Index::builder()
        .schema(mapping.schema().clone())
        .tokenizers(packed::tokenizers(&packed::TokenHandover::default()))
        .single_segment_index_writer(files.clone(), MEMORY_BYTES)
        .map_err(internal)?;
    for document in documents {
        lowering.work.check()?;
        let mut read = parsed::parse_until(&mapping, id, document, cancel).map_err(failed)?;
        read.document.values.add_text(fields::ID, id);
        writer.add_document(read.document).map_err(internal)?;
    }
    let index = writer.finalize().map_err(internal)?;
    let reader = index.reader_builder().reload_policy(ReloadPolicy::Manual);
    let searcher = reader.try_into().map_err(internal)?.searcher();
    // What was written with is let go; what is read stays as long as this does.
    let _held = budget.take(files.total_mem_usage() as u64, "<percolate>")?;
    drop(writing);
    Ok(GivenDocuments { searcher, mapping: Arc::new(mapping), _held })
}

impl GivenDocuments {
    /// Them, as what a search runs on.
    pub(crate) fn searcher(&self) -> Searcher {
        self.searcher.clone()
    }

    /// Where queries are asked of them.
    pub(crate) fn lowering<'a>(
        &'a self,
        outer: &'a Lowering<'_>,
        statistics: &'a Statistics,
    ) -> Lowering<'a> {
        Lowering {
            snapshot: None,
            searcher: &self.searcher,
            mapping: &self.mapping,
            analyzers: outer.analyzers,
            statistics,
            index: outer.index,
            uuid: outer.uuid,
            settings: outer.settings,
            now: outer.now,
            work: outer.work,
            nested: None,
            existing: None,
        }
    }
}

impl QueryClause for Percolate {
    fn expensive(&self) -> Option<&'static str> {
        Some("percolate")
    }

    fn lower(&self, lowering: &Lowering<'_>) -> Result<Lowered, Exception> {
        if self.unread {
            return Err(lowering.failed(unfollowed()));
        }
        let Some(leaf) = lowering.leaf(&self.field) else {
            return Err(lowering.refuse(format!("field [{}] does not exist", self.field)));
        };
        if !leaf.kind.is::<Percolator>() {
            return Err(lowering.refuse(format!(
                "expected field [{}] to be of type [percolator], but is of type [{}]",
                self.field,
                leaf.kind.name()
            )));
        }
        let found = Arc::new(self.found(&leaf.path, lowering)?);
        let open = move |reader: &SegmentReader| {
            let Some(here) = found.get(&reader.segment_id()).filter(|here| !here.is_empty()) else {
                return Ok(None);
            };
            let here = here.clone();
            let test: SegmentTest = Box::new(move |doc| here.get(&doc).copied());
            Ok(Some(test))
        };
        Ok(Box::new(Scan::new("percolate", &lowering.work.cancel, Arc::new(open))))
    }

    fn percolates(&self) -> Option<&Percolate> {
        Some(self)
    }
}
