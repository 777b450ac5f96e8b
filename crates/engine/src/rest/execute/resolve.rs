//! `_resolve/index`: what expressions come to. Source: "Resolve index API" of Elasticsearch 7.10.

use std::sync::Arc;

use super::Task;
use crate::cluster::Metadata;
use crate::cluster::metadata::IndexMetadata;
use crate::cluster::names::{self, IndicesOptions};
use crate::engine::Answer;
use crate::exception::Exception;
use crate::rest::Route;
use jiff::Timestamp;
use serde_json::{Value, json};

/// `GET /_resolve/index/{index}`: the indices and aliases that the view holds.
pub(crate) fn resolve(task: &Task<'_>) -> Answer {
    let sees = |uuid: &str| task.view.sees(uuid);
    let answer = told(&task.indices()?, &task.parsed.route, task.metadata, sees);
    task.json(200, &answer)
}

/// What `GET /_resolve/index` answers of `metadata` to a caller to whom an index exists only if it `sees` its uuid.
///
/// # Errors
/// As [`names::seen`] and [`names::ResolvedNames::existing`].
pub fn resolved(
    route: &Route,
    metadata: &Metadata,
    now: Timestamp,
    sees: impl Fn(&str) -> bool,
) -> Result<Value, Exception> {
    let options = IndicesOptions::of(route)?;
    let list: Vec<&str> = route.part("index").into_iter().collect();
    let found = names::seen(metadata, &list, options, now, &sees)?.existing(options)?;
    Ok(told(&found, route, metadata, sees))
}

fn told(
    seen: &[Arc<IndexMetadata>],
    route: &Route,
    metadata: &Metadata,
    sees: impl Fn(&str) -> bool,
) -> Value {
    let patterns: Vec<&str> = route.part("index").unwrap_or("*").split(',').collect();
    let wanted = |name: &str| patterns.iter().any(|pattern| names::matches(pattern, name));
    let indices: Vec<Value> = seen
        .iter()
        .filter(|index| wanted(&index.name))
        .map(|index| {
            let state = if index.closed { "closed" } else { "open" };
            let mut attributes = vec![state];
            if index.settings.is("hidden") {
                attributes.push("hidden");
            }
            attributes.sort_unstable();
            let mut row = json!({"name": index.name, "attributes": attributes});
            if let (false, Some(row)) = (index.aliases.is_empty(), row.as_object_mut()) {
                let aliases: Vec<&String> = index.aliases.keys().collect();
                row.insert("aliases".to_owned(), json!(aliases));
            }
            row
        })
        .collect();
    let aliases = metadata.alias_names().into_iter().filter(|alias| wanted(alias));
    let aliases: Vec<Value> = aliases
        .filter_map(|alias| {
            let behind = metadata.alias(alias).into_iter();
            let behind: Vec<&str> =
                behind.filter(|index| sees(&index.uuid)).map(|index| index.name.as_str()).collect();
            (!behind.is_empty()).then(|| json!({"name": alias, "indices": behind}))
        })
        .collect();
    let streams: Vec<Value> = metadata
        .data_streams()
        .filter(|stream| wanted(&stream.name))
        .filter_map(|stream| {
            let behind = metadata.alias(&stream.name).into_iter();
            let behind: Vec<&str> =
                behind.filter(|index| sees(&index.uuid)).map(|index| index.name.as_str()).collect();
            (!behind.is_empty()).then(|| {
                json!({"name": stream.name, "backing_indices": behind,
                    "timestamp_field": stream.timestamp_field})
            })
        })
        .collect();
    json!({"indices": indices, "aliases": aliases, "data_streams": streams})
}
