//! `_resolve/index`: what expressions come to. Source: "Resolve index API" of Elasticsearch 7.10.

use super::Task;
use crate::cluster::names;
use crate::engine::Answer;
use serde_json::{Value, json};

/// `GET /_resolve/index/{index}`: the indices and aliases that the view holds.
pub(crate) fn resolve(task: &Task<'_>) -> Answer {
    let seen = task.indices()?;
    let patterns: Vec<&str> = task.parsed.route.part("index").unwrap_or("*").split(',').collect();
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
    let aliases = task.metadata.alias_names().into_iter().filter(|alias| wanted(alias));
    let aliases: Vec<Value> = aliases
        .filter_map(|alias| {
            let behind = task.metadata.alias(alias).into_iter();
            let behind: Vec<&str> = behind
                .filter(|index| task.view.sees(&index.uuid))
                .map(|index| index.name.as_str())
                .collect();
            (!behind.is_empty()).then(|| json!({"name": alias, "indices": behind}))
        })
        .collect();
    let streams: Vec<Value> = task
        .metadata
        .data_streams()
        .filter(|stream| wanted(&stream.name))
        .filter_map(|stream| {
            let behind = task.metadata.alias(&stream.name).into_iter();
            let behind: Vec<&str> = behind
                .filter(|index| task.view.sees(&index.uuid))
                .map(|index| index.name.as_str())
                .collect();
            (!behind.is_empty()).then(|| {
                json!({"name": stream.name, "backing_indices": behind,
                    "timestamp_field": stream.timestamp_field})
            })
        })
        .collect();
    let answer = json!({"indices": indices, "aliases": aliases, "data_streams": streams});
    task.json(200, &answer)
}
