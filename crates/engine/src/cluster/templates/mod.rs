//! Index templates: what a new index is made of besides its own body.
//!
//! The composable template of highest priority that matches the name decides alone; only where none does, the legacy
//! templates that match are put over one another by their `order`. Source: `MetadataIndexTemplateService` and
//! `MetadataCreateIndexService` of Elasticsearch 7.10 and OpenSearch 2.19.

mod composable;
mod legacy;
mod merge;
mod patterns;

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::metadata::Metadata;
use super::names;
use super::settings;
use crate::exception::{Exception, ExceptionKind};
use crate::index::CreateIndex;
pub(crate) use composable::{composed, data_stream, matching, parse_component};
pub(crate) use composable::{conflict, missing_components, parse as parse_composable, users};
pub(crate) use legacy::{parse as parse_legacy, shown as shown_legacy};
pub(crate) use patterns::overlapping;

/// What templates add up to.
#[derive(Clone, Debug, Default)]
pub(crate) struct Composed {
    /// Settings by their full key, lists as lists.
    pub(crate) settings: BTreeMap<String, Value>,
    /// The body of `mappings`.
    pub(crate) mappings: Map<String, Value>,
    /// What type they are of, where templates name one.
    type_name: Option<String>,
    /// Alias definitions; `{index}` in a name stands for the index's.
    pub(crate) aliases: Map<String, Value>,
    /// Whether they are legacy templates, which are merged as maps and not as mappings.
    legacy: bool,
}

/// The body of the new index `name` with what the templates of `metadata` add to it.
///
/// # Errors
/// What in `body` or in the templates does not go together.
pub(crate) fn applied(
    metadata: &Metadata,
    name: &str,
    body: &CreateIndex,
) -> Result<CreateIndex, Exception> {
    let own = settings::leaves(&body.settings)?;
    let hidden = own.get("index.hidden").is_some_and(super::truth);
    let registries = metadata.registries();
    let composed = match composable::matching(registries, name, hidden) {
        Some((own, template)) if data_stream(template).is_some() => {
            return Err(Exception::illegal_argument(format!(
                "cannot create index with name [{name}], because it matches with template [{own}] that creates data streams only, use create data stream api instead"
            )));
        }
        Some((_, template)) => composable::composed(registries, template)?,
        None => legacy::composed(registries, name, hidden),
    };
    composed.under(name, body)
}

/// The body of the index `backing` behind the data stream `stream`, `own` put over the template; and the field that
/// every document must have.
///
/// # Errors
/// `illegal_argument_exception` where no template makes data streams of this name.
pub(crate) fn backing(
    metadata: &Metadata,
    stream: &str,
    backing: &str,
    own: &CreateIndex,
) -> Result<(CreateIndex, String), Exception> {
    let registries = metadata.registries();
    let Some((name, template)) = composable::matching(registries, stream, false) else {
        return Err(Exception::illegal_argument(format!(
            "no matching index template found for data stream [{stream}]"
        )));
    };
    let Some(data_stream) = data_stream(template) else {
        return Err(Exception::illegal_argument(format!(
            "matching index template [{name}] for data stream [{stream}] has no data stream template"
        )));
    };
    let field = data_stream.timestamp_field;
    let mut composed = composable::composed(registries, template)?;
    composed.settings.insert("index.hidden".to_owned(), "true".into());
    let mut marked = Map::new();
    marked.insert("_data_stream_timestamp".into(), serde_json::json!({"enabled": true}));
    if field != "@timestamp" {
        marked.insert(
            "_data_stream_timestamp".into(),
            serde_json::json!({"enabled": true, "timestamp_field": {"name": field}}),
        );
    }
    let date = serde_json::json!({"properties": {&field: {"type": "date"}}});
    let Value::Object(mut mappings) = date else { return Err(invalid(name, "no mapping")) };
    // What the template says of the field comes over it.
    merge::mapping(&mut mappings, &composed.mappings)?;
    mappings.extend(marked);
    composed.mappings = mappings;
    let body = composed.under(backing, own)?;
    Ok((CreateIndex { without_templates: true, ..body }, field))
}

impl Composed {
    /// `body` put over this, for the index `name`.
    ///
    /// # Errors
    /// What does not go together.
    pub(crate) fn under(
        mut self,
        name: &str,
        body: &CreateIndex,
    ) -> Result<CreateIndex, Exception> {
        if self.settings.is_empty() && self.mappings.is_empty() && self.aliases.is_empty() {
            return Ok(body.clone());
        }
        self.settings.extend(settings::leaves(&body.settings)?);
        let own_type = body.type_name.as_deref();
        let type_name = body.type_name.clone().or_else(|| self.type_name.clone());
        let mappings = match &body.mappings {
            Value::Object(own) if !legacy::takes(own_type, self.type_name.as_deref()) => {
                Value::Object(own.clone())
            }
            Value::Object(own) if self.legacy => {
                let mut own = own.clone();
                merge::defaults(&mut own, &self.mappings);
                Value::Object(own)
            }
            Value::Object(own) => {
                merge::mapping(&mut self.mappings, own)?;
                Value::Object(self.mappings)
            }
            Value::Null => Value::Object(self.mappings),
            // What it is, the mapping's reader says.
            other => other.clone(),
        };
        let mut aliases = body.aliases.as_object().cloned().unwrap_or_default();
        for (alias, definition) in self.aliases {
            let alias = alias.replace("{index}", name);
            names::validate_alias_name(&alias)?;
            aliases.entry(alias).or_insert(definition);
        }
        Ok(CreateIndex {
            settings: Value::Object(self.settings.into_iter().collect()),
            mappings,
            type_name,
            aliases: Value::Object(aliases),
            ..body.clone()
        })
    }

    /// As a `template` is printed, for the index `name`.
    pub(crate) fn to_json(&self, name: &str, mappings: Value) -> Value {
        let mut template = Map::new();
        template.insert("settings".into(), settings::printed(&self.settings));
        if mappings.as_object().is_some_and(|mappings| !mappings.is_empty()) {
            template.insert("mappings".into(), mappings);
        }
        let aliases = self.aliases.iter();
        let aliases: Map<String, Value> =
            aliases.map(|(alias, body)| (alias.replace("{index}", name), body.clone())).collect();
        template.insert("aliases".into(), Value::Object(aliases));
        Value::Object(template)
    }
}

/// `invalid_index_template_exception`.
pub(crate) fn invalid(name: &str, cause: impl std::fmt::Display) -> Exception {
    Exception::new(
        ExceptionKind::InvalidIndexTemplate,
        format!("index_template [{name}] invalid, cause [{cause}]"),
    )
}

/// Checks alias definitions of a template and puts them in the form in which they are printed. `patterns` are the
/// template's own, which no alias may be.
fn aliases(value: &Value, patterns: &[String]) -> Result<Map<String, Value>, Exception> {
    let Value::Object(aliases) = value else {
        return Err(Exception::parsing(format!("[aliases] must be an object, but was [{value}]")));
    };
    let mut printed = Map::new();
    for (name, definition) in aliases {
        names::validate_alias_name(name)?;
        if patterns.contains(name) {
            return Err(Exception::illegal_argument(format!(
                "alias [{name}] cannot be the same as any pattern in [{}]",
                patterns.join(", ")
            )));
        }
        let alias = super::metadata::Alias::parse(name, definition)?;
        printed.insert(name.clone(), alias.to_json());
    }
    Ok(printed)
}

/// `["a", "b"]` of a template's `index_patterns`.
pub(crate) fn patterns_of(template: &Value) -> Vec<String> {
    template.get("index_patterns").map(crate::value::scalar::list).unwrap_or_default()
}

/// Whether a template of these patterns is for the index `name`; one for every index is not for hidden ones.
fn is_for(template: &Value, name: &str, hidden: bool) -> bool {
    let patterns = patterns_of(template);
    if hidden && patterns.iter().any(|pattern| pattern == "*") {
        return false;
    }
    patterns.iter().any(|pattern| names::matches(pattern, name))
}
