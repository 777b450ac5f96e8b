//! Ingest pipelines: one may send a document to another index, and which it is cannot be known before it ran. So writes
//! through pipelines are refused, and so is attaching one to an index, which would let others' writes run through it.

use engine::cluster::metadata::IndexMetadata;
use engine::cluster::names;
use engine::cluster::registries::Registry;
use engine::exception::Exception;
use serde_json::Value;

use super::{JudgedRequest, refused};

/// The settings that send the documents of an index through a pipeline, without `index.`.
const SETTINGS: &[&str] = &["default_pipeline", "final_pipeline"];

impl JudgedRequest<'_> {
    /// Refuses writes to an index that has a pipeline of its own.
    pub(super) fn runs_no_pipeline(&self, index: &IndexMetadata) -> Result<(), Exception> {
        let named = SETTINGS
            .iter()
            .find(|key| index.settings.get(key).is_some_and(|pipeline| pipeline != "_none"));
        named.map_or(Ok(()), |key| Err(refused(&format!("writes to an index with {key}"))))
    }

    /// Refuses writes that would make an index out of a template that gives it a pipeline, or a data stream.
    pub(super) fn makes_no_pipeline(&self, name: &str) -> Result<(), Exception> {
        if self.metadata.stream_to_be(name).is_some() {
            return Err(refused("writes to data streams"));
        }
        let registries = self.metadata.registries();
        let kinds = [Registry::LegacyTemplates, Registry::IndexTemplates];
        let components: Vec<&str> = registries
            .entries(Registry::ComponentTemplates)
            .filter(|(_, template)| names_pipeline(template))
            .map(|(name, _)| name)
            .collect();
        for (_, template) in kinds.into_iter().flat_map(|kind| registries.entries(kind)) {
            let texts = |key: &str| {
                let list = template.get(key).and_then(Value::as_array).into_iter().flatten();
                list.filter_map(Value::as_str)
            };
            let matches = texts("index_patterns").any(|pattern| names::matches(pattern, name));
            let gives = names_pipeline(template)
                || texts("composed_of").any(|component| components.contains(&component));
            if matches && gives {
                return Err(refused("writes to an index whose template gives it a pipeline"));
            }
        }
        Ok(())
    }

    /// Refuses a body that attaches a pipeline to an index, now or by a template.
    pub(super) fn sets_no_pipeline(&self, body: &Value) -> Result<(), Exception> {
        match names_pipeline(body) {
            true => Err(refused("setting default_pipeline or final_pipeline")),
            false => Ok(()),
        }
    }
}

/// Whether a key anywhere in `value` is one of the settings, in whichever notation.
fn names_pipeline(value: &Value) -> bool {
    match value {
        Value::Object(object) => object.iter().any(|(key, value)| {
            let last = key.rsplit('.').next().unwrap_or(key);
            SETTINGS.contains(&last) || names_pipeline(value)
        }),
        Value::Array(list) => list.iter().any(names_pipeline),
        _ => false,
    }
}
