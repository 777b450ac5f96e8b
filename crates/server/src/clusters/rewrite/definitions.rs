//! What a definition would make of later requests that nobody judges then. An ingest pipeline may send a document to another
//! index, and which it is cannot be known before it ran. A field of type `percolator` keeps queries, and the cluster reads the
//! documents that they look up when one is written. So writes through pipelines are refused, and so is attaching a pipeline or such a
//! field to an index, now or by a template.

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

    /// Refuses writes that would make a data stream, or an index out of a template that gives it a pipeline or a `percolator`.
    pub(super) fn makes_no_such_index(&self, name: &str) -> Result<(), Exception> {
        if self.metadata.stream_to_be(name).is_some() {
            return Err(refused("writes to data streams"));
        }
        self.gets_none(name, names_pipeline, "a pipeline")?;
        self.gets_none(name, has_percolator, "a field of type percolator")
    }

    /// Refuses where a template that matches this name, or a part of it, has something.
    fn gets_none(
        &self,
        name: &str,
        has: impl Fn(&Value) -> bool,
        what: &str,
    ) -> Result<(), Exception> {
        let registries = self.metadata.registries();
        let kinds = [Registry::LegacyTemplates, Registry::IndexTemplates];
        let components: Vec<&str> = registries
            .entries(Registry::ComponentTemplates)
            .filter(|(_, template)| has(template))
            .map(|(name, _)| name)
            .collect();
        for (_, template) in kinds.into_iter().flat_map(|kind| registries.entries(kind)) {
            let texts = |key: &str| {
                let list = template.get(key).and_then(Value::as_array).into_iter().flatten();
                list.filter_map(Value::as_str)
            };
            let matches = texts("index_patterns").any(|pattern| names::matches(pattern, name));
            let gives =
                has(template) || texts("composed_of").any(|part| components.contains(&part));
            if matches && gives {
                return Err(refused(&format!("writes to an index whose template gives it {what}")));
            }
        }
        Ok(())
    }

    /// Refuses a body that attaches a pipeline or a field of type `percolator` to an index, now or by a template.
    pub(super) fn check_definition(&self) -> Result<(), Exception> {
        let body = self.parsed.body.value();
        if names_pipeline(body) {
            return Err(refused("setting default_pipeline or final_pipeline"));
        }
        if has_percolator(body) {
            return Err(refused("a field of type percolator"));
        }
        // Compressed and in Base64, as a cluster takes them too.
        if ["/template/mappings", "/mappings"]
            .iter()
            .any(|path| body.pointer(path).is_some_and(Value::is_string))
        {
            return Err(refused("mappings as text"));
        }
        Ok(())
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

/// Whether something in `value` is of type `percolator`, or would be in a dynamic template for a field of some name.
pub(in crate::clusters) fn has_percolator(value: &Value) -> bool {
    match value {
        Value::Object(object) => object.iter().any(|(key, value)| {
            let is_type = key == "type" || key.contains("{name}");
            let text = value.as_str().filter(|_| is_type);
            text.is_some_and(|text| text == "percolator" || text.contains("{name}"))
                || has_percolator(value)
        }),
        Value::Array(list) => list.iter().any(has_percolator),
        _ => false,
    }
}
