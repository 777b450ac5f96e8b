//! The metadata of a cluster elsewhere, read from what it says of itself: enough of it to resolve names and to judge
//! requests, nothing to serve any.
//!
//! Source of the shapes: `GET /_cluster/state/metadata` and `GET /_alias` of OpenSearch 2.19 and Elasticsearch 7.10.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;

use super::metadata::{Alias, DataStream, IndexMetadata, Metadata};
use super::registries::{Registries, Registry};
use super::settings::IndexSettings;

/// What of `GET /_cluster/state/metadata,version` is read here, as its `filter_path`.
pub const STATE_FILTER: &str = "cluster_uuid,version,state_uuid,metadata.indices.*.state,\
    metadata.indices.*.settings.index.uuid,metadata.indices.*.settings.index.hidden,\
    metadata.indices.*.settings.index.provided_name,metadata.indices.*.settings.index.creation_date,\
    metadata.indices.*.settings.index.blocks,metadata.indices.*.settings.index.number_of_*,metadata.indices.*.settings.index.*_pipeline,\
    metadata.data_stream,metadata.index_template,metadata.component_template,metadata.templates,\
    metadata.stored_scripts";

impl Metadata {
    /// The metadata that `state` and `aliases` (the answer of `GET /_alias?expand_wildcards=all`) tell.
    ///
    /// # Errors
    /// In words: what is missing, so that names could not be judged.
    ///
    /// ```
    /// use engine::cluster::Metadata;
    /// use serde_json::json;
    /// let index = json!({"state": "open", "settings": {"index": {"uuid": "u1", "hidden": "true"}}});
    /// let state = json!({"cluster_uuid": "c", "version": 7, "metadata": {"indices": {"x": index}}});
    /// let aliases = json!({"x": {"aliases": {"al": {"is_write_index": true}}}});
    /// let metadata = Metadata::of_cluster(&state, &aliases).unwrap();
    /// assert_eq!(metadata.write_index("al").unwrap().name, "x");
    /// assert!(Metadata::of_cluster(&json!({}), &aliases).is_err());
    /// ```
    pub fn of_cluster(state: &Value, aliases: &Value) -> Result<Metadata, String> {
        let said =
            |path: &str| state.pointer(path).ok_or_else(|| format!("it does not say {path}"));
        let cluster_uuid = said("/cluster_uuid")?.as_str().unwrap_or_default().to_owned();
        let version = said("/version")?.as_u64().unwrap_or_default();
        // A cluster without indices leaves the key out: its answer is filtered.
        let indices = state.pointer("/metadata/indices").and_then(Value::as_object);
        let indices = indices.into_iter().flatten().map(|(name, index)| {
            let aliases = aliases.get(name).and_then(|index| index.get("aliases"));
            let index = index_metadata(name, index, aliases)?;
            Ok((name.clone(), Arc::new(index)))
        });
        let indices = indices.collect::<Result<BTreeMap<_, _>, String>>()?;
        let streams = state.pointer("/metadata/data_stream/data_stream").and_then(Value::as_object);
        let streams = streams.into_iter().flatten();
        let data_streams =
            streams.map(|(name, stream)| (name.clone(), Arc::new(data_stream(name, stream))));
        Ok(Metadata {
            version,
            cluster_uuid,
            indices,
            data_streams: data_streams.collect(),
            registries: Arc::new(registries(state)?),
            ..Metadata::default()
        })
    }
}

fn index_metadata(
    name: &str,
    index: &Value,
    aliases: Option<&Value>,
) -> Result<IndexMetadata, String> {
    let settings = index.pointer("/settings/index").and_then(Value::as_object);
    let flat: BTreeMap<String, String> = settings
        .into_iter()
        .flatten()
        .filter_map(|(key, value)| Some((format!("index.{key}"), value.as_str()?.to_owned())))
        .collect();
    let uuid = flat.get("index.uuid").ok_or_else(|| format!("no uuid of index [{name}]"))?;
    let closed = match index.get("state").and_then(Value::as_str) {
        Some("open") => false,
        Some("close") => true,
        _ => return Err(format!("no state of index [{name}]")),
    };
    // An index that was made between the two answers: its aliases are not known, so it is as if it were not read yet.
    let aliases = aliases.ok_or_else(|| format!("no aliases of index [{name}]"))?;
    let aliases = aliases.as_object().into_iter().flatten().map(|(alias, definition)| {
        let read = Alias::parse(alias, definition).map_err(|fault| fault.reason().to_owned())?;
        Ok((alias.clone(), read))
    });
    let mut read = IndexMetadata::new(name, uuid);
    read.provided_name = flat.get("index.provided_name").cloned().unwrap_or_else(|| name.into());
    let created = flat.get("index.creation_date").and_then(|date| date.parse().ok());
    read.creation_date = created.unwrap_or_default();
    read.closed = closed;
    read.aliases = aliases.collect::<Result<_, String>>()?;
    read.settings = IndexSettings::restore(flat, Value::Null);
    Ok(read)
}

fn data_stream(name: &str, stream: &Value) -> DataStream {
    let indices = stream.get("indices").and_then(Value::as_array).into_iter().flatten();
    let named = indices.filter_map(|index| index.get("index_name").and_then(Value::as_str));
    let field = stream.pointer("/timestamp_field/name").and_then(Value::as_str);
    DataStream {
        name: name.to_owned(),
        timestamp_field: field.unwrap_or("@timestamp").to_owned(),
        indices: named.map(str::to_owned).collect(),
        generation: stream.get("generation").and_then(Value::as_u64).unwrap_or_default(),
    }
}

fn registries(state: &Value) -> Result<Registries, String> {
    let kinds = [
        (Registry::LegacyTemplates, "/metadata/templates"),
        (Registry::IndexTemplates, "/metadata/index_template/index_template"),
        (Registry::ComponentTemplates, "/metadata/component_template/component_template"),
        (Registry::Scripts, "/metadata/stored_scripts"),
    ];
    let mut registries = Registries::default();
    for (kind, path) in kinds {
        let entries = state.pointer(path).and_then(Value::as_object).into_iter().flatten();
        for (name, entry) in entries {
            let kept = registries.put(kind, name, entry.clone());
            kept.map_err(|fault| fault.reason().to_owned())?;
        }
    }
    Ok(registries)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn state() -> Value {
        let settings = json!({"index": {"uuid": "u", "provided_name": "<x-{now/d}>"}});
        json!({
            "cluster_uuid": "c", "version": 3,
            "metadata": {
                "indices": {"x": {"state": "close", "settings": settings}},
                "data_stream": {"data_stream": {"logs": {"generation": 1, "indices": [{"index_name": "x"}]}}},
                "stored_scripts": {"s": {"lang": "mustache", "source": "{}"}},
            },
        })
    }

    #[test]
    fn what_a_cluster_says_of_itself_is_read() {
        let filter = json!({"term": {"a": 1}});
        let aliases = json!({"x": {"aliases": {"al": {"filter": filter, "index_routing": "1"}}}});
        let metadata = Metadata::of_cluster(&state(), &aliases).unwrap();
        let index = metadata.index("x").unwrap();
        assert!(index.closed);
        assert_eq!((&*index.uuid, &*index.provided_name), ("u", "<x-{now/d}>"));
        assert_eq!(index.aliases["al"].filter, Some(filter));
        assert_eq!(metadata.data_stream("logs").unwrap().indices, ["x"]);
        assert!(metadata.registries().get(Registry::Scripts, "s").is_some());
    }

    #[test]
    fn an_index_whose_aliases_or_uuid_are_not_told_is_no_metadata() {
        let refused = Metadata::of_cluster(&state(), &json!({})).unwrap_err();
        assert_eq!(refused, "no aliases of index [x]");
        let mut unnamed = state();
        *unnamed.pointer_mut("/metadata/indices/x/settings/index").unwrap() = json!({});
        let refused = Metadata::of_cluster(&unnamed, &json!({"x": {"aliases": {}}})).unwrap_err();
        assert_eq!(refused, "no uuid of index [x]");
    }
}
