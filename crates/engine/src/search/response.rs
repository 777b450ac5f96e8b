//! What a search answers, in Elasticsearch's shape.

use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::{Map, Value};

use crate::flavor::Flavor;
use crate::value::raw::RawJson;
use crate::work::HeldMemory;

/// How many documents match.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Total {
    /// The number.
    pub value: u64,
    /// Whether there are exactly that many (`eq`) or at least that many (`gte`).
    pub exact: bool,
}

/// A search's answer.
#[derive(Debug)]
pub struct SearchResponse {
    /// The service whose shape it has.
    pub flavor: Flavor,
    /// How long it took, in milliseconds; the caller, who has a clock, sets it.
    pub took_milliseconds: u64,
    /// Shards asked; one per index.
    pub shards: usize,
    /// The scroll opened or continued.
    pub scroll_id: Option<String>,
    /// The point in time that was searched.
    pub pit_id: Option<String>,
    /// Set where `terminate_after` was asked for: whether it ended the search early.
    pub terminated_early: Option<bool>,
    /// How many match; `None` when it was not to be counted.
    pub total: Option<Total>,
    /// `hits.total` as a plain number (`rest_total_hits_as_int`).
    pub total_as_number: bool,
    /// The best score; `None` when not scored.
    pub max_score: Option<f32>,
    /// The hits of the page.
    pub hits: Vec<Hit>,
    /// The aggregations by name.
    pub aggregations: Option<Map<String, Value>>,
    /// What is suggested, by name.
    pub suggest: Option<Map<String, Value>>,
    /// How long each part took, where asked for.
    pub profile: Option<Value>,
    /// Whether it is told how long its phases took (`phase_took`).
    pub phase_took: bool,
    /// Nanoseconds that finding and fetching took, where there is a clock.
    pub(crate) spent: (u64, u64),
    /// The memory of all this.
    pub(crate) _held: Vec<HeldMemory>,
}

impl SearchResponse {
    /// What it holds of its request's memory.
    pub(crate) fn bytes(&self) -> u64 {
        self._held.iter().map(HeldMemory::bytes).sum()
    }
}

/// One hit.
#[derive(Debug)]
pub struct Hit {
    /// The index.
    pub index: String,
    /// The document's id; absent with `stored_fields: _none_`.
    pub id: Option<String>,
    /// Where in its document it is, if it is a nested object.
    pub nested: Option<Value>,
    /// Its score; `None` when not scored.
    pub score: Option<f32>,
    /// The routing it was indexed with.
    pub routing: Option<String>,
    /// The fields of which a malformed value was left out.
    pub ignored: Vec<String>,
    /// Its version, where asked for.
    pub version: Option<u64>,
    /// Its sequence number and primary term, where asked for.
    pub seq_no_primary_term: Option<(u64, u64)>,
    /// What of its source is shown.
    pub source: Option<RawJson>,
    /// `docvalue_fields` and `fields`.
    pub fields: Option<Map<String, Value>>,
    /// Fragments by field.
    pub highlight: Option<Map<String, Value>>,
    /// The values it is sorted by.
    pub sort: Option<Vec<Value>>,
    /// The named queries it matches, with its scores where they are told.
    pub matched_queries: Vec<(String, Option<f32>)>,
    /// What of the documents it was joined with is shown, by name.
    pub inner_hits: Option<Map<String, Value>>,
    /// Why it scores as it does, where asked for.
    pub explanation: Option<Value>,
    /// What its type is called, on Elasticsearch.
    pub type_name: Option<String>,
}

impl Serialize for SearchResponse {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        if let Some(id) = &self.scroll_id {
            map.serialize_entry("_scroll_id", id)?;
        }
        if let Some(id) = &self.pit_id {
            map.serialize_entry("pit_id", id)?;
        }
        map.serialize_entry("took", &self.took_milliseconds)?;
        if self.phase_took {
            map.serialize_entry("phase_took", &phases(self.spent))?;
        }
        map.serialize_entry("timed_out", &false)?;
        if let Some(early) = self.terminated_early {
            map.serialize_entry("terminated_early", &early)?;
        }
        map.serialize_entry("_shards", &shards(self.shards))?;
        map.serialize_entry("hits", &Hits(self))?;
        if let Some(aggregations) = &self.aggregations {
            map.serialize_entry("aggregations", aggregations)?;
        }
        if let Some(suggest) = &self.suggest {
            map.serialize_entry("suggest", suggest)?;
        }
        if let Some(profile) = &self.profile {
            map.serialize_entry("profile", profile)?;
        }
        map.end()
    }
}

/// `phase_took`, in milliseconds: finding and fetching are what there is of its phases.
fn phases((found, fetched): (u64, u64)) -> Value {
    serde_json::json!({
        "dfs_pre_query": 0, "query": found / 1_000_000, "fetch": fetched / 1_000_000,
        "dfs_query": 0, "expand": 0, "can_match": 0,
    })
}

/// The `_shards` of an answer that every shard gave.
pub(crate) fn shards(count: usize) -> Value {
    serde_json::json!({"total": count, "successful": count, "skipped": 0, "failed": 0})
}

/// The names of queries, or what a document scores in each.
fn matched(queries: &[(String, Option<f32>)]) -> Value {
    if queries.iter().all(|(_, score)| score.is_none()) {
        return queries.iter().map(|(name, _)| name.as_str()).collect();
    }
    let scores =
        queries.iter().map(|(name, value)| (name.clone(), value.map_or(Value::Null, score)));
    Value::Object(scores.collect())
}

struct Hits<'a>(&'a SearchResponse);

impl Serialize for Hits<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        match self.0.total {
            Some(total) if self.0.total_as_number => map.serialize_entry("total", &total.value)?,
            Some(total) => {
                let relation = if total.exact { "eq" } else { "gte" };
                let total = serde_json::json!({"value": total.value, "relation": relation});
                map.serialize_entry("total", &total)?;
            }
            None if self.0.total_as_number => map.serialize_entry("total", &-1)?,
            None => {}
        }
        map.serialize_entry("max_score", &self.0.max_score.map(score))?;
        map.serialize_entry("hits", &self.0.hits)?;
        map.end()
    }
}

pub(crate) use crate::value::java::shortest as score;

impl Serialize for Hit {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        if self.explanation.is_some() {
            map.serialize_entry("_shard", &format!("[{}][0]", self.index))?;
            map.serialize_entry("_node", crate::NODE_ID)?;
        }
        map.serialize_entry("_index", &self.index)?;
        if let Some(type_name) = &self.type_name {
            map.serialize_entry("_type", type_name)?;
        }
        if let Some(id) = &self.id {
            map.serialize_entry("_id", id)?;
        }
        if let Some(nested) = &self.nested {
            map.serialize_entry("_nested", nested)?;
        }
        if let Some(version) = self.version {
            map.serialize_entry("_version", &version)?;
        }
        if let Some((seq_no, primary_term)) = self.seq_no_primary_term {
            map.serialize_entry("_seq_no", &seq_no)?;
            map.serialize_entry("_primary_term", &primary_term)?;
        }
        map.serialize_entry("_score", &self.score.map(score))?;
        if !self.ignored.is_empty() {
            map.serialize_entry("_ignored", &self.ignored)?;
        }
        if let Some(routing) = &self.routing {
            map.serialize_entry("_routing", routing)?;
        }
        if let Some(source) = &self.source {
            map.serialize_entry("_source", source)?;
        }
        for (name, value) in [("fields", &self.fields), ("highlight", &self.highlight)] {
            if let Some(value) = value {
                map.serialize_entry(name, value)?;
            }
        }
        if let Some(sort) = &self.sort {
            map.serialize_entry("sort", sort)?;
        }
        if !self.matched_queries.is_empty() {
            map.serialize_entry("matched_queries", &matched(&self.matched_queries))?;
        }
        if let Some(inner) = &self.inner_hits {
            map.serialize_entry("inner_hits", inner)?;
        }
        if let Some(explanation) = &self.explanation {
            map.serialize_entry("_explanation", explanation)?;
        }
        map.end()
    }
}
