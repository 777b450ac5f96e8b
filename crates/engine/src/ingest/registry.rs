//! The pipelines of a domain: part of its metadata, so that one request sees one state of them.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Map, Value};

use super::pipeline::Pipeline;
use crate::exception::{Exception, ExceptionKind};
use crate::flavor::Flavor;
use crate::limits::PIPELINES_MAX;
use crate::name_pattern;

/// Pipelines by id.
#[derive(Clone, Debug, Default)]
pub(crate) struct Pipelines(BTreeMap<String, Arc<StoredPipeline>>);

/// A pipeline as it was put, and as it was read.
#[derive(Debug)]
pub(super) struct StoredPipeline {
    definition: Value,
    pipeline: Result<Pipeline, Exception>,
    /// Whether it may send a document to another index: what its definition names decides.
    reroutes: bool,
}

/// What lets a document change its index, by what the definition says: the field itself, processors that name it, and
/// those whose field names come out of the document.
const REROUTING: &[&str] = &[
    "_index",
    "date_index_name",
    "\"script\"",
    "{{",
    "\"pipeline\"",
    "\"kv\"",
    "\"json\"",
    "\"dissect\"",
];

impl Pipelines {
    /// Puts the pipeline `id`, in the place of one of the same id.
    ///
    /// # Errors
    /// What [`Pipeline::parse`] refuses; too many pipelines.
    pub(super) fn put(&mut self, id: &str, body: &Value, flavor: Flavor) -> Result<(), Exception> {
        let pipeline = Pipeline::parse(id, body, flavor)?;
        if !self.0.contains_key(id) && self.0.len() >= PIPELINES_MAX {
            return Err(Exception::illegal_argument(format!(
                "a domain has at most [{PIPELINES_MAX}] ingest pipelines"
            )));
        }
        self.keep(id, body.clone(), Ok(pipeline));
        Ok(())
    }

    fn keep(&mut self, id: &str, definition: Value, pipeline: Result<Pipeline, Exception>) {
        let text = definition.to_string();
        let reroutes = REROUTING.iter().any(|word| text.contains(word));
        self.0.insert(id.to_owned(), Arc::new(StoredPipeline { definition, pipeline, reroutes }));
    }

    /// Removes the pipelines that `pattern` names.
    ///
    /// # Errors
    /// `resource_not_found_exception` where there is none, but for `*`.
    pub(super) fn remove(&mut self, pattern: &str) -> Result<(), Exception> {
        let before = self.0.len();
        self.0.retain(|id, _| !name_pattern::matches(pattern, id));
        if self.0.len() == before && pattern != "*" {
            let reason = format!("pipeline [{pattern}] is missing");
            return Err(Exception::new(ExceptionKind::ResourceNotFound, reason));
        }
        Ok(())
    }

    /// All of them as they were put, by id.
    pub(crate) fn definitions(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.0.iter().map(|(id, stored)| (id.as_str(), &stored.definition))
    }

    /// The definitions of those that one of `patterns` names; all without any.
    pub(super) fn named(&self, patterns: &[&str]) -> Map<String, Value> {
        let wanted = |id: &str| {
            patterns.is_empty() || patterns.iter().any(|pattern| name_pattern::matches(pattern, id))
        };
        let found = self.0.iter().filter(|(id, _)| wanted(id));
        found.map(|(id, stored)| (id.clone(), stored.definition.clone())).collect()
    }

    /// The pipeline `id`.
    ///
    /// # Errors
    /// Why it could not be read, where an older version kept it.
    pub(super) fn get(&self, id: &str) -> Result<Option<&Pipeline>, Exception> {
        match self.0.get(id) {
            None => Ok(None),
            Some(stored) => stored.pipeline.as_ref().map(Some).map_err(Clone::clone),
        }
    }

    /// Whether there is none.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether a document that goes through `id` may change its index.
    pub(super) fn reroutes(&self, id: &str) -> bool {
        self.0.get(id).is_some_and(|stored| stored.reroutes)
    }

    /// As it is kept on disk.
    pub(crate) fn persisted(&self) -> Value {
        Value::Object(self.named(&[]))
    }

    /// Out of what was kept on disk.
    pub(crate) fn restored(saved: Option<&Value>) -> Pipelines {
        let mut pipelines = Pipelines::default();
        for (id, definition) in saved.and_then(Value::as_object).into_iter().flatten() {
            // It was read when it was put, with the processors of its flavor.
            let pipeline = Pipeline::parse(id, definition, Flavor::OpenSearch219);
            pipelines.keep(id, definition.clone(), pipeline);
        }
        pipelines
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn pipelines_come_back_as_they_were_put() {
        let mut pipelines = Pipelines::default();
        let body = json!({"version": 3, "processors": [{"set": {"field": "a", "value": 1}}]});
        pipelines.put("p", &body, Flavor::Elasticsearch710).unwrap();
        let back = Pipelines::restored(Some(&pipelines.persisted()));
        assert_eq!(back.named(&[]), pipelines.named(&[]));
        assert!(back.get("p").unwrap().is_some());
    }
}
