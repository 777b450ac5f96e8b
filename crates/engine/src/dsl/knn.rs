//! `knn`: the documents whose vectors are nearest. Every vector is looked at, so the answer is the exact one that graphs come
//! near to. Source: OpenSearch 2.19, "k-NN query".

use std::cmp::Ordering;
use std::collections::{BinaryHeap, HashMap};
use std::sync::Arc;

use serde_json::Value;
use tantivy::index::SegmentId;
use tantivy::query::EnableScoring;
use tantivy::{DocId, DocSet, SegmentReader, TERMINATED};

use super::lower::{Lowered, Lowering, nothing};
use super::options::{Options, QueryBody, one_field};
use super::scan::{Scan, SegmentTest};
use super::{Query, QueryClause, parse_at};
use crate::columns;
use crate::exception::{Exception, internal};
use crate::mapping::fields;
use crate::mapping::vector::{Vector, VectorSimilarity};

/// Most documents that are the nearest.
const NEAREST_MAX: u32 = 10_000;

/// A `knn` query.
#[derive(Clone, Debug)]
pub(crate) struct Knn {
    field: String,
    vector: Value,
    reach: NeighbourReach,
    filter: Option<Query>,
    ignore_unmapped: bool,
}

/// Which documents are near enough.
#[derive(Clone, Copy, Debug, PartialEq)]
enum NeighbourReach {
    /// So many.
    Nearest(usize),
    /// Those that score so much.
    Score(f32),
    /// Those that are no further.
    Distance(f32),
}

pub(super) fn parse(value: &Value, depth: usize) -> Result<Query, Exception> {
    let (field, body) = one_field("knn", value)?;
    let QueryBody::Long(options) = body else {
        return Err(Exception::parsing(format!(
            "[knn] query doesn't support the value of [{field}]"
        )));
    };
    let Some(vector) = options.get("vector").cloned() else {
        return Err(Exception::illegal_argument("[knn] requires query vector"));
    };
    let (nearest, score) = (options.count("k")?, options.float("min_score")?);
    let reach = match (nearest, score, options.float("max_distance")?) {
        (Some(count), None, None) if (1..=NEAREST_MAX).contains(&count) => {
            NeighbourReach::Nearest(count as usize)
        }
        (Some(_), None, None) => {
            return Err(Exception::illegal_argument(format!(
                "[knn] requires k to be in the range (0, {NEAREST_MAX}]"
            )));
        }
        (None, Some(score), None) if score > 0.0 => NeighbourReach::Score(score),
        (None, Some(_), None) => {
            return Err(Exception::illegal_argument(
                "[knn] requires min_score to be greater than 0",
            ));
        }
        (None, None, Some(distance)) => NeighbourReach::Distance(distance),
        _ => {
            return Err(Exception::illegal_argument(
                "[knn] requires exactly one of k, distance or score to be set",
            ));
        }
    };
    let filter = options.get("filter").map(|filter| parse_at(filter, depth + 1)).transpose()?;
    if options.flag("expand_nested_docs")? == Some(true) {
        return Err(Exception::not_implemented("knn query with [expand_nested_docs]"));
    }
    // How a graph is walked, and its answer made exact: this one is.
    options.get("rescore");
    if let Some(parameters) = options.get("method_parameters") {
        let parameters = Options::new("method_parameters", parameters)?;
        parameters.count("ef_search")?;
        parameters.count("nprobes")?;
        parameters.finish()?;
    }
    let ignore_unmapped = options.flag("ignore_unmapped")?.unwrap_or(false);
    Query::with(Knn { field, vector, reach, filter, ignore_unmapped }, &options)
}

/// A document that is near, the furthest first.
struct NearDocument {
    score: f32,
    segment: SegmentId,
    number: u32,
    doc: DocId,
}

impl NearDocument {
    fn key(&self) -> (u32, DocId) {
        (self.number, self.doc)
    }
}

impl Ord for NearDocument {
    fn cmp(&self, other: &NearDocument) -> Ordering {
        other.score.total_cmp(&self.score).then_with(|| self.key().cmp(&other.key()))
    }
}

impl PartialOrd for NearDocument {
    fn partial_cmp(&self, other: &NearDocument) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for NearDocument {
    fn eq(&self, other: &NearDocument) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for NearDocument {}

impl Knn {
    /// The documents that are near enough.
    fn near(
        &self,
        path: &str,
        kind: &Vector,
        nearness: VectorSimilarity,
        lowering: &Lowering<'_>,
    ) -> Result<BinaryHeap<NearDocument>, Exception> {
        let given = self.vector.as_array().map_or(0, Vec::len);
        if given != kind.dimension {
            return Err(lowering.failed(Exception::illegal_argument(format!(
                "Query vector has invalid dimension: {given}. Dimension should be: {}",
                kind.dimension
            ))));
        }
        let vector = kind.read(path, "", &self.vector).map_err(|cause| lowering.failed(cause))?;
        let (most, least) = match self.reach {
            NeighbourReach::Nearest(count) => (count, f32::NEG_INFINITY),
            NeighbourReach::Score(score) => (usize::MAX, score),
            NeighbourReach::Distance(distance) => (usize::MAX, nearness.of_distance(distance)),
        };
        let filter = self.filter.as_ref().map(|filter| lowering.lower(filter)).transpose()?;
        let scoring = EnableScoring::disabled_from_searcher(lowering.searcher);
        let filter = filter.map(|filter| filter.weight(scoring)).transpose().map_err(internal)?;
        let mut held = lowering.work.holds("<knn>");
        let (mut near, mut bytes) = (BinaryHeap::new(), Vec::new());
        for (number, reader) in (0u32..).zip(lowering.searcher.segment_readers()) {
            let name = fields::stored_name(path);
            let Some(column) = columns::bytes(reader, &name).map_err(internal)? else { continue };
            let allowed = filter.as_ref().map(|filter| filter.scorer(reader, 1.0)).transpose();
            let mut allowed = allowed.map_err(internal)?;
            for doc in 0..reader.max_doc() {
                lowering.work.check()?;
                if let Some(allowed) = &mut allowed {
                    if allowed.doc() < doc {
                        allowed.seek(doc);
                    }
                    if allowed.doc() == TERMINATED {
                        break;
                    }
                    if allowed.doc() != doc {
                        continue;
                    }
                }
                if reader.is_deleted(doc) {
                    continue;
                }
                for ordinal in column.term_ords(doc) {
                    bytes.clear();
                    column.ord_to_bytes(ordinal, &mut bytes).map_err(crate::exception::io)?;
                    let score = nearness.score(&vector, &bytes);
                    if score >= least {
                        held.grow(size_of::<NearDocument>() as u64)?;
                        near.push(NearDocument {
                            score,
                            segment: reader.segment_id(),
                            number,
                            doc,
                        });
                    }
                    if near.len() > most {
                        near.pop();
                        held.set((near.len() * size_of::<NearDocument>()) as u64)?;
                    }
                }
            }
        }
        Ok(near)
    }
}

impl QueryClause for Knn {
    fn lower(&self, lowering: &Lowering<'_>) -> Result<Lowered, Exception> {
        let Some(leaf) = lowering.leaf(&self.field).map(Arc::clone) else {
            if self.ignore_unmapped {
                return Ok(nothing());
            }
            let reason = format!("Field '{}' is not knn_vector type.", self.field);
            return Err(lowering.failed(Exception::illegal_argument(reason)));
        };
        let Some(kind @ Vector { nearness: Some(nearness), .. }) = leaf.kind.get() else {
            let reason = format!("Field '{}' is not knn_vector type.", self.field);
            return Err(lowering.failed(Exception::illegal_argument(reason)));
        };
        let mut found: HashMap<SegmentId, HashMap<DocId, f32>> = HashMap::new();
        for near in self.near(&leaf.path, kind, *nearness, lowering)? {
            found.entry(near.segment).or_default().insert(near.doc, near.score);
        }
        let found = Arc::new(found);
        let open = move |reader: &SegmentReader| {
            let (found, segment) = (Arc::clone(&found), reader.segment_id());
            if !found.contains_key(&segment) {
                return Ok(None);
            }
            let test: SegmentTest = Box::new(move |doc| found.get(&segment)?.get(&doc).copied());
            Ok(Some(test))
        };
        Ok(Box::new(Scan::new("knn", &lowering.work.cancel, Arc::new(open))))
    }

    fn children(&self) -> Vec<&Query> {
        self.filter.iter().collect()
    }
}
