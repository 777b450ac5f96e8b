//! The graphs of vectors that segments have: which are wanted, building them in a merge, and opening them.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use tantivy::index::SegmentId;
use tantivy::{Index as Tantivy, SegmentReader};

use super::Index;
use super::fault::Fault;
use super::files::Files;
use super::segment::Segment;
use crate::columns;
use crate::mapping::fields;
use crate::mapping::vector::Vector;
use crate::vectors::build::{FieldVectors, Graph};
use crate::vectors::file::{self, SegmentGraphs};
use crate::vectors::{
    CANDIDATES, CANDIDATES_MAX, GraphParameters, LINKS, LINKS_MAX, VectorSimilarity,
};
use crate::work::Cancel;

/// The graphs of an index, by their segments.
pub(crate) type Graphs = HashMap<SegmentId, Arc<SegmentGraphs>>;

/// Documents that a segment has before its vectors are linked, unless `index.knn.advanced.approximate_threshold` says otherwise: in
/// fewer the nearest are found faster by looking at all.
const LINKED_DOCUMENTS_MIN: u64 = 1000;

/// Bytes of the vectors and links of one segment, beyond which no graph is made of a field: they are in memory until they are
/// written.
const LINKED_BYTES_MAX: usize = 512 * 1024 * 1024;

/// Which vectors of an index are linked.
pub(super) struct GraphPlan {
    fields: Vec<LinkedField>,
    documents_min: u32,
}

struct LinkedField {
    path: String,
    dimension: usize,
    similarity: VectorSimilarity,
    parameters: GraphParameters,
}

impl LinkedField {
    /// What a vector takes while its graph is built and written: its numbers, and its links as lists and as they are written.
    fn node_bytes(&self) -> usize {
        size_of::<Vec<u32>>() + 4 * (2 * self.dimension + 2 * (2 * self.parameters.links + 1))
    }
}

impl Index {
    /// What the index's mapping and settings ask for: with `index.knn` a graph for each `knn_vector`.
    pub(super) fn graph_plan(&self) -> GraphPlan {
        let nothing = GraphPlan { fields: Vec::new(), documents_min: u32::MAX };
        let metadata = self.catalog.current();
        let Some(index) = metadata.by_uuid(&self.uuid).filter(|index| index.settings.is("knn"))
        else {
            return nothing;
        };
        let settings = &index.settings;
        let threshold = settings.get("knn.advanced.approximate_threshold");
        if threshold == Some("-1") {
            return nothing;
        }
        let threshold = settings.count("knn.advanced.approximate_threshold", LINKED_DOCUMENTS_MIN);
        let default = |key: &str, default: usize, most: usize| {
            usize::try_from(settings.count(key, default as u64)).unwrap_or(most).clamp(1, most)
        };
        let links = default("knn.algo_param.m", LINKS, LINKS_MAX);
        let candidates = default("knn.algo_param.ef_construction", CANDIDATES, CANDIDATES_MAX);
        let field = |leaf: &crate::mapping::Leaf| {
            let vector = leaf.kind.get::<Vector>()?;
            let options = vector.graph?;
            Some(LinkedField {
                path: leaf.path.clone(),
                dimension: vector.dimension,
                similarity: vector.nearness?,
                parameters: GraphParameters {
                    links: options.links.unwrap_or(links),
                    candidates: options.candidates.unwrap_or(candidates),
                },
            })
        };
        let fields = index.mapping.leaves().filter_map(|leaf| field(leaf)).collect();
        GraphPlan { fields, documents_min: u32::try_from(threshold).unwrap_or(u32::MAX).max(1) }
    }
}

impl GraphPlan {
    /// Whether a segment has vectors that are to be linked, and are not.
    pub(super) fn wants(&self, segment: &Segment) -> bool {
        let living = segment.documents.saturating_sub(segment.dead);
        !self.fields.is_empty() && segment.graphs.is_none() && living >= self.documents_min
    }

    /// Links the vectors of the one segment of `merged`, and puts their file beside its others in `files`.
    pub(super) fn build(
        &self,
        merged: &Tantivy,
        files: &Files,
        cancel: &Cancel,
    ) -> Result<(), Fault> {
        if self.fields.is_empty() {
            return Ok(());
        }
        let searcher = merged.reader()?.searcher();
        for reader in searcher.segment_readers() {
            if reader.max_doc() < self.documents_min {
                continue;
            }
            let (mut graphs, mut left) = (Vec::new(), LINKED_BYTES_MAX);
            for field in &self.fields {
                let Some(vectors) = vectors(reader, field, left, cancel)? else { continue };
                if vectors.documents.len() < self.documents_min as usize {
                    continue;
                }
                let graph = Graph::of(&vectors, field.similarity, field.parameters, cancel);
                let Some(graph) = graph.map_err(called_off)? else { continue };
                left = left.saturating_sub(vectors.documents.len() * field.node_bytes());
                graphs.push((field.path.clone(), vectors, graph));
            }
            // Also where there are none: that says that they were looked for.
            files.put(path(&reader.segment_id().uuid_string()), file::written(&graphs));
        }
        Ok(())
    }
}

/// The vectors of a field; `None`: it has none there, or more than can be linked in `bytes_max`.
fn vectors(
    reader: &SegmentReader,
    field: &LinkedField,
    bytes_max: usize,
    cancel: &Cancel,
) -> Result<Option<FieldVectors>, Fault> {
    let Some(column) = columns::bytes(reader, &fields::stored_name(&field.path))? else {
        return Ok(None);
    };
    let vectors_max = bytes_max / field.node_bytes();
    let mut vectors = FieldVectors { dimension: field.dimension, ..FieldVectors::default() };
    let mut bytes = Vec::new();
    for document in 0..reader.max_doc() {
        cancel.check().map_err(called_off)?;
        for ordinal in column.term_ords(document) {
            bytes.clear();
            column.ord_to_bytes(ordinal, &mut bytes).map_err(tantivy::TantivyError::from)?;
            let numbers = bytes.as_chunks().0;
            if numbers.len() != field.dimension {
                continue;
            }
            vectors.documents.push(document);
            vectors.numbers.extend(numbers.iter().map(|number| f32::from_be_bytes(*number)));
        }
        if vectors.documents.len() > vectors_max {
            return Ok(None);
        }
    }
    Ok(Some(vectors))
}

fn called_off(cause: crate::exception::Exception) -> Fault {
    Fault::Segments(cause.reason().to_owned())
}

/// The graphs of a segment, if it has any.
///
/// # Errors
/// [`Fault::Damaged`] where their file is not as it was written.
pub(super) fn open(files: &Files, segment: &str) -> Result<Option<Arc<SegmentGraphs>>, Fault> {
    let path = path(segment);
    let Some(bytes) = files.bytes(&path) else { return Ok(None) };
    let graphs = SegmentGraphs::open(bytes).map_err(|what| Fault::damaged(&path, what))?;
    Ok(Some(Arc::new(graphs)))
}

fn path(segment: &str) -> PathBuf {
    PathBuf::from(format!("{segment}.{}", file::COMPONENT))
}
