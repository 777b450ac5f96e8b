//! `knn`: the documents whose vectors are nearest. In a segment that has a graph of them the nearest are found by walking it, in
//! others every vector is looked at. Source: OpenSearch 2.19, "k-NN query".

use std::cmp::Ordering;
use std::collections::{BinaryHeap, HashMap};
use std::sync::Arc;

use serde_json::Value;
use tantivy::index::SegmentId;
use tantivy::query::{EnableScoring, Weight};
use tantivy::{BitSet, DocId, DocSet, SegmentReader, TERMINATED};

use super::lower::{Lowered, Lowering, nothing};
use super::options::{Options, QueryBody, one_field};
use super::scan::{Scan, SegmentTest};
use super::{Query, QueryClause, parse_at};
use crate::columns;
use crate::exception::{Exception, internal};
use crate::index::graphs::Graphs;
use crate::mapping::fields;
use crate::mapping::vector::Vector;
use crate::vectors::search::GraphSearch;
use crate::vectors::{CANDIDATES_MAX, VectorSimilarity, similarity};
use crate::work::{HeldMemory, Work};

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
    /// `ef_search`: how many vectors a walk keeps in sight.
    candidates: Option<usize>,
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
    // Of vectors that are kept shortened, which these are not.
    options.get("rescore");
    let candidates = options.get("method_parameters").map(candidates).transpose()?.flatten();
    let ignore_unmapped = options.flag("ignore_unmapped")?.unwrap_or(false);
    Query::with(Knn { field, vector, reach, filter, ignore_unmapped, candidates }, &options)
}

/// `ef_search` of `method_parameters`.
fn candidates(parameters: &Value) -> Result<Option<usize>, Exception> {
    let parameters = Options::new("method_parameters", parameters)?;
    let candidates = parameters.count("ef_search")?;
    parameters.count("nprobes")?;
    parameters.finish()?;
    match candidates {
        Some(0) => Err(Exception::illegal_argument("[ef_search] must be greater than 0")),
        Some(given) if given as usize > CANDIDATES_MAX => Err(Exception::illegal_argument(
            format!("[ef_search] is [{given}], at most [{CANDIDATES_MAX}] is allowed"),
        )),
        other => Ok(other.map(|given| given as usize)),
    }
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

/// What is asked of each segment.
struct NearSearch<'s> {
    path: &'s str,
    vector: Vec<f32>,
    similarity: VectorSimilarity,
    /// Most documents.
    most: usize,
    /// Least score.
    least: f32,
    /// How many vectors a walk through a graph keeps in sight; `None`: every vector is looked at.
    candidates: Option<usize>,
    graphs: Option<&'s Graphs>,
    work: &'s Work,
}

/// The nearest documents so far.
struct Nearest {
    found: BinaryHeap<NearDocument>,
    held: HeldMemory,
}

impl Knn {
    /// The documents that are near enough.
    fn near(
        &self,
        path: &str,
        kind: &Vector,
        similarity: VectorSimilarity,
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
            NeighbourReach::Distance(distance) => (usize::MAX, similarity.of_distance(distance)),
        };
        let asked = self.candidates.or(kind.graph.and_then(|graph| graph.search_candidates));
        let asked = asked.unwrap_or(lowering.settings.knn_candidates);
        let search = NearSearch {
            path,
            vector,
            similarity,
            most,
            least,
            candidates: (most != usize::MAX).then_some(asked.max(most)),
            graphs: lowering.snapshot.map(|snapshot| &*snapshot.graphs),
            work: lowering.work,
        };
        if lowering.nested.is_some() && lowering.existing.is_some() {
            // The nearest would be among the objects of all documents, and those of hidden ones displace others.
            return Err(Exception::not_implemented(
                "knn of nested objects where documents are hidden",
            ));
        }
        let mut filters = Vec::new();
        filters.extend(self.filter.as_ref().map(|filter| lowering.lower(filter)).transpose()?);
        // A document that is hidden is not among the nearest.
        filters.extend(lowering.existing()?);
        let scoring = EnableScoring::disabled_from_searcher(lowering.searcher);
        let filters = filters.iter().map(|filter| filter.weight(scoring));
        let filters: Vec<_> = filters.collect::<tantivy::Result<_>>().map_err(internal)?;
        let mut nearest = Nearest { found: BinaryHeap::new(), held: lowering.work.holds("<knn>") };
        for (number, reader) in (0u32..).zip(lowering.searcher.segment_readers()) {
            let allowed = allowed(reader, &filters, lowering.work)?;
            search.on_segment((number, reader), allowed.as_ref(), &mut nearest)?;
        }
        Ok(nearest.found)
    }
}

/// The living documents that all of `filters` let through; `None`: all documents.
fn allowed(
    reader: &SegmentReader,
    filters: &[Box<dyn Weight>],
    work: &Work,
) -> Result<Option<BitSet>, Exception> {
    let mut allowed: Option<BitSet> = reader.alive_bitset().map(|alive| {
        let mut living = BitSet::with_max_value(reader.max_doc());
        alive.iter_alive().for_each(|doc| {
            living.insert(doc);
        });
        living
    });
    for filter in filters {
        let mut passed = filter.scorer(reader, 1.0).map_err(internal)?;
        let mut kept = BitSet::with_max_value(reader.max_doc());
        while passed.doc() != TERMINATED {
            work.check()?;
            if allowed.as_ref().is_none_or(|allowed| allowed.contains(passed.doc())) {
                kept.insert(passed.doc());
            }
            passed.advance();
        }
        allowed = Some(kept);
    }
    Ok(allowed)
}

impl NearSearch<'_> {
    fn on_segment(
        &self,
        (number, reader): (u32, &SegmentReader),
        allowed: Option<&BitSet>,
        nearest: &mut Nearest,
    ) -> Result<(), Exception> {
        let is_allowed = |doc: DocId| allowed.is_none_or(|allowed| allowed.contains(doc));
        let mut add = |doc: DocId, distance: f32| {
            let (score, segment) = (self.similarity.of_distance(distance), reader.segment_id());
            self.add(NearDocument { score, segment, number, doc }, nearest)
        };
        let graph = self.graphs.and_then(|graphs| graphs.get(&reader.segment_id())?.get(self.path));
        let Some(graph) = graph else {
            let name = fields::stored_name(self.path);
            let Some(column) = columns::bytes(reader, &name).map_err(internal)? else {
                return Ok(());
            };
            let mut bytes = Vec::new();
            for doc in (0..reader.max_doc()).filter(|doc| is_allowed(*doc)) {
                self.work.check()?;
                for ordinal in column.term_ords(doc) {
                    bytes.clear();
                    column.ord_to_bytes(ordinal, &mut bytes).map_err(crate::exception::io)?;
                    add(doc, self.similarity.distance(&self.vector, similarity::kept(&bytes)))?;
                }
            }
            return Ok(());
        };
        let among = allowed.map_or(graph.len(), BitSet::len);
        if let Some(candidates) = self.candidates.filter(|candidates| *candidates < among) {
            let walk = GraphSearch {
                vector: &self.vector,
                similarity: self.similarity,
                candidates,
                // Beyond that, looking at those that are allowed is less work.
                looked_at_max: among,
            };
            if let Some(found) = graph.nearest(&walk, is_allowed, || self.work.check())? {
                let mut found = found.into_iter().take(self.most);
                return found.try_for_each(|(distance, doc)| add(doc, distance));
            }
        }
        for node in 0..u32::try_from(graph.len()).unwrap_or(u32::MAX) {
            self.work.check()?;
            if let Some(doc) = graph.document(node).filter(|doc| is_allowed(*doc)) {
                add(doc, graph.distance(self.similarity, &self.vector, node))?;
            }
        }
        Ok(())
    }

    fn add(&self, near: NearDocument, nearest: &mut Nearest) -> Result<(), Exception> {
        if near.score < self.least {
            return Ok(());
        }
        nearest.held.grow(size_of::<NearDocument>() as u64)?;
        nearest.found.push(near);
        if nearest.found.len() > self.most {
            nearest.found.pop();
            nearest.held.set((nearest.found.len() * size_of::<NearDocument>()) as u64)?;
        }
        Ok(())
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
