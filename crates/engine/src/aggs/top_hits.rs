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
use crate::flavor::Flavor;
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
    name: String,
    request: Box<SearchRequest>,
}

pub(super) fn parse(body: &AggregationBody<'_>) -> Result<Definition, Exception> {
    let Some(object) = body.value.as_object() else {
        return Err(Exception::parsing("Expected [START_OBJECT] under [top_hits]"));
    };
    for (key, value) in object {
        match key.as_str() {
            known if KEYS.contains(&known) => {}
            unknown => {
                let token = crate::value::scalar::token(value);
                let reason = format!("Unknown key for a {token} in [{unknown}].");
                return Err(Exception::parsing(reason).at(value));
            }
        }
    }
    for key in ["from", "size"] {
        let given = object.get(key).and_then(Value::as_i64);
        if let Some(number) = given.filter(|number| *number < 0) {
            return Err(Exception::illegal_argument(format!(
                "[{key}] must be greater than or equal to 0. Found [{number}] in [{}]",
                body.name
            )));
        }
    }
    let mut search = object.clone();
    search.entry("size").or_insert_with(|| 3.into());
    let request = SearchRequest::parse(Some(&Value::Object(search)), &QueryParameters::default())?;
    Ok(Arc::new(TopHitsAggregation { name: body.name.to_owned(), request: Box::new(request) }))
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
    name: String,
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
        let top = Top::new(*definition.request, shared.work(), held);
        TopHitsCollector { top, name: definition.name, window }
    }

    /// Refuses more hits than the index allows, as Elasticsearch words it.
    fn check(&self, settings: &SearchSettings, flavor: Flavor) -> Result<(), Exception> {
        let (name, window, most) = (&self.name, self.window, settings.max_inner_result_window);
        if window == 0 {
            let collector = match flavor {
                Flavor::Elasticsearch710 => "TotalHitCountCollector",
                Flavor::OpenSearch219 => "TotalHitCountCollectorManager",
            };
            return Err(Exception::illegal_argument(format!(
                "numHits must be > 0; please use {collector} if you just need the total hit count"
            )));
        }
        if window <= most {
            return Ok(());
        }
        Err(Exception::illegal_argument(format!(
            "Top hits result window is too large, the top hits aggregator [{name}]'s from + size must be less than \
             or equal to: [{most}] but was [{window}]. This limit can be set by changing the \
             [index.max_inner_result_window] index level setting."
        )))
    }
}

impl Collector for TopHitsCollector {
    fn open_index(&mut self, index: &IndexContext<'_>) -> Result<(), Exception> {
        self.check(&index.snapshot.settings, index.flavor)?;
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
