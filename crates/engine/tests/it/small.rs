//! A small index in memory, and searches on it.

use std::sync::Arc;

use engine::index::{CreateIndex, Index, Indices, Operation, Precondition, Write};
use engine::rest::{Flavor, QueryParameters};
use engine::search::{SearchRequest, Searches, Target};
use engine::{View, Work, dsl};
use jiff::Timestamp;
use serde_json::{Value, json};

/// The clock of every test: 2024-06-15T12:00:00Z.
pub(crate) fn now() -> Timestamp {
    "2024-06-15T12:00:00Z".parse().unwrap()
}

pub(crate) struct Small {
    indices: Indices,
    pub(crate) searches: Searches,
    pub(crate) flavor: Flavor,
}

impl Small {
    pub(crate) fn new() -> Small {
        let indices = Indices::open(None, now().as_millisecond()).unwrap();
        Small {
            indices,
            searches: Searches::new(Flavor::Elasticsearch710),
            flavor: Flavor::Elasticsearch710,
        }
    }

    pub(crate) fn create(&self, name: &str, settings: Value, mappings: Value) -> Arc<Index> {
        let body = CreateIndex { settings, mappings, ..CreateIndex::default() };
        let metadata = self.indices.create_index(name, &body, now().as_millisecond()).unwrap();
        self.indices.index(&metadata.uuid).unwrap()
    }

    /// An index that there is.
    pub(crate) fn index(&self, name: &str) -> Arc<Index> {
        let uuid = Arc::clone(&self.indices.metadata().index(name).unwrap().uuid);
        self.indices.index(&uuid).unwrap()
    }

    /// An index of `documents` with the ids 0, 1, 2 …
    pub(crate) fn with(name: &str, mappings: Value, documents: &[Value]) -> Small {
        let small = Small::new();
        let index = small.create(name, Value::Null, mappings);
        write(&index, 0, documents);
        small
    }

    pub(crate) fn targets(&self, names: &[&str]) -> Vec<Target> {
        let metadata = self.indices.metadata();
        names
            .iter()
            .map(|name| {
                let uuid = Arc::clone(&metadata.index(name).unwrap().uuid);
                let snapshot = self.indices.index(&uuid).unwrap().snapshot();
                Target::new(snapshot, None, &View::everything("someone"))
            })
            .collect()
    }

    pub(crate) fn search_in(
        &self,
        targets: &[Target],
        body: &Value,
        url: &str,
    ) -> Result<Value, Value> {
        let parameters = QueryParameters::read(url).unwrap();
        let run = || {
            let request = SearchRequest::parse(Some(body), &parameters)?;
            self.searches.search(
                targets,
                &request,
                self.flavor,
                &View::everything("someone"),
                now(),
                &Work::unbounded(),
            )
        };
        match run() {
            Ok(response) => {
                Ok(serde_json::from_str(&serde_json::to_string(&response).unwrap()).unwrap())
            }
            Err(refusal) => Err(refusal.body()),
        }
    }

    /// The answer of a search of every index.
    pub(crate) fn search(&self, body: Value) -> Value {
        self.try_search(body).unwrap_or_else(|refusal| panic!("{refusal}"))
    }

    pub(crate) fn try_search(&self, body: Value) -> Result<Value, Value> {
        let metadata = self.indices.metadata();
        let names: Vec<&str> = metadata.indices().map(|index| index.name.as_str()).collect();
        self.search_in(&self.targets(&names), &body, "")
    }

    /// The ids of the hits of a query, in order.
    pub(crate) fn ids(&self, query: Value) -> Vec<String> {
        let answer = self.search(json!({"query": query, "size": 100, "sort": ["_doc"]}));
        ids(&answer)
    }

    pub(crate) fn count(&self, query: Value) -> u64 {
        let metadata = self.indices.metadata();
        let names: Vec<&str> = metadata.indices().map(|index| index.name.as_str()).collect();
        let query = dsl::parse(&query).unwrap();
        self.searches
            .count(&self.targets(&names), Some(&query), None, None, now(), &Work::unbounded())
            .unwrap()
    }

    /// The aggregations of all documents.
    pub(crate) fn aggregate(&self, aggregations: Value) -> Value {
        self.search(json!({"size": 0, "aggs": aggregations}))["aggregations"].clone()
    }

    /// The type and reason a search is refused with, of the first root cause.
    pub(crate) fn refusal(&self, body: Value) -> String {
        let refusal = self.try_search(body).unwrap_err();
        let cause = &refusal["error"]["root_cause"][0];
        format!(
            "{} {}: {}",
            refusal["status"],
            cause["type"].as_str().unwrap(),
            cause["reason"].as_str().unwrap()
        )
    }
}

pub(crate) fn ids(answer: &Value) -> Vec<String> {
    answer["hits"]["hits"]
        .as_array()
        .unwrap()
        .iter()
        .map(|hit| hit["_id"].as_str().unwrap().to_owned())
        .collect()
}

/// Writes `documents` with the ids `from`, `from + 1` …, and refreshes.
pub(crate) fn write(index: &Index, from: usize, documents: &[Value]) {
    let operations = documents
        .iter()
        .enumerate()
        .map(|(at, value)| Operation {
            id: (from + at).to_string(),
            routing: None,
            precondition: Precondition::None,
            write: Write::Index { raw: value.to_string().into(), value: value.clone().into() },
        })
        .collect();
    for answer in index.write(operations, now().as_millisecond()) {
        answer.unwrap();
    }
    index.refresh().unwrap();
}
