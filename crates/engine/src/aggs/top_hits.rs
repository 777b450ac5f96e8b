//! `top_hits`: the best documents of a bucket.

use std::sync::Arc;

use serde_json::{Map, Value};
use tantivy::{DocId, SegmentReader};

use super::definition::Outcome;
use super::shared::SharedState;
use super::{
    AggregationBody, AggregationDefinition, Collector, Definition, IndexContext, SubAggregations,
};
use crate::cluster::search_settings::SearchSettings;
use crate::exception::Exception;
use crate::rest::QueryParameters;
use crate::search::SearchRequest;
use crate::search::top::Top;
use crate::work::HeldMemory;

/// What of a search body `top_hits` takes here.
const KEYS: &[&str] = &[
    "from",
    "size",
    "sort",
    "_source",
    "track_scores",
    "version",
    "seq_no_primary_term",
    "docvalue_fields",
    "fields",
    "stored_fields",
    "highlight",
    "explain",
    "script_fields",
];

/// A `top_hits` aggregation: a small search without a query.
#[derive(Clone, Debug)]
pub(crate) struct TopHitsAggregation {
    request: Box<SearchRequest>,
}

pub(super) fn parse(body: &AggregationBody<'_>) -> Result<Definition, Exception> {
    let Some(object) = body.value.as_object() else {
        return Err(Exception::parsing("Expected [START_OBJECT] under [top_hits]"));
    };
    for key in object.keys() {
        match key.as_str() {
            known if KEYS.contains(&known) => {}
            unknown => {
                return Err(Exception::parsing(format!(
                    "Unknown key for a value in [{unknown}] of [top_hits]."
                )));
            }
        }
    }
    let mut body = object.clone();
    body.entry("size").or_insert_with(|| 3.into());
    let request = SearchRequest::parse(Some(&Value::Object(body)), &QueryParameters::default())?;
    Ok(Arc::new(TopHitsAggregation { request: Box::new(request) }))
}

impl AggregationDefinition for TopHitsAggregation {
    fn start(
        &self,
        _: SubAggregations,
        shared: &SharedState,
        held: HeldMemory,
    ) -> Box<dyn Collector> {
        Box::new(TopHitsCollector::new(self.clone(), shared, held))
    }

    fn outcome(&self) -> Outcome {
        Outcome::Other
    }

    /// Whether its hits are ordered by score or show it.
    fn needs_scores(&self) -> bool {
        let request = &self.request;
        request.sort.is_empty() || request.track_scores || !request.script_fields.is_empty()
    }
}

/// `top_hits` while it runs.
pub(super) struct TopHitsCollector {
    top: Top,
    /// `from + size`.
    window: u64,
}

impl TopHitsCollector {
    pub(super) fn new(
        definition: TopHitsAggregation,
        shared: &SharedState,
        held: HeldMemory,
    ) -> TopHitsCollector {
        let window = definition.request.from.saturating_add(definition.request.size) as u64;
        TopHitsCollector { top: Top::new(*definition.request, shared.work(), held), window }
    }

    /// Refuses more hits than the index allows, as Elasticsearch words it.
    fn check(&self, settings: &SearchSettings) -> Result<(), Exception> {
        let (window, most) = (self.window, settings.max_inner_result_window);
        if window <= most {
            return Ok(());
        }
        Err(Exception::illegal_argument(format!(
            "Top hits result window is too large, the top hits aggregator [top_hits]'s from + size must be less than \
             or equal to: [{most}] but was [{window}]. This limit can be set by changing the \
             [index.max_inner_result_window] index level setting."
        )))
    }
}

impl Collector for TopHitsCollector {
    fn open_index(&mut self, index: &IndexContext<'_>) -> Result<(), Exception> {
        self.check(&index.snapshot.settings)?;
        self.top.open_index(index.snapshot, &index.lowering, index.query, index.flavor)
    }

    fn open_segment(&mut self, reader: &SegmentReader) -> Result<(), Exception> {
        self.top.open_segment(reader)
    }

    fn collect(&mut self, doc: DocId, score: f32, owner: u32) -> Result<(), Exception> {
        self.top.collect(doc, score, owner)
    }

    fn finish(&mut self, owner: u32) -> Result<Map<String, Value>, Exception> {
        self.top.finish(owner)
    }

    fn type_name(&self) -> &'static str {
        "top_hits"
    }
}
