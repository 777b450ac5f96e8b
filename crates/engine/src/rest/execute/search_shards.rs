//! `_search_shards`: on which shards a search would run. Every index is one copy on one node; where its settings count
//! more shards, all of them are there.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::Task;
use crate::cluster::metadata::IndexMetadata;
use crate::cluster::names::IndicesOptions;
use crate::engine::Answer;
use crate::exception::Exception;

/// `GET /{index}/_search_shards`.
pub(crate) fn search_shards(task: &Task<'_>) -> Answer {
    let body = task.body().as_object();
    if let Some(key) = body.into_iter().flatten().map(|(key, _)| key).find(|key| *key != "slice") {
        return Err(Exception::parsing(format!("Unknown key for a value in [{key}].")));
    }
    let slice = slice(task.body().get("slice"))?;
    let seen = task.named()?;
    // By index: the aliases that it was named by, with their filters; none: it was named itself.
    let mut naming: BTreeMap<&str, Vec<(&str, Option<Value>)>> = BTreeMap::new();
    for name in seen.names.iter().filter(|name| name.alias) {
        for index in &name.indices {
            let alias = index.aliases.get(&name.name);
            let filter = alias.and_then(|alias| alias.filter.clone());
            naming.entry(&index.name).or_default().push((&name.name, filter));
        }
    }
    let named_itself = |index: &IndexMetadata| {
        seen.names.iter().any(|name| !name.alias && name.name == index.name && !name.wildcard)
    };
    let options = task.options()?;
    // What is not there has no shards, unless the request says that it must be; closed indices that are named have theirs.
    let lenient = task.parsed.route.query.get("ignore_unavailable").is_none();
    let ignore_unavailable = options.ignore_unavailable || lenient;
    let found = seen.existing(IndicesOptions { ignore_unavailable, closed: true, ..options })?;
    let (mut indices, mut shards) = (Map::new(), Vec::new());
    for index in &found {
        task.work.check()?;
        let mut told = Map::new();
        if let Some(aliases) = naming.get(index.name.as_str()) {
            let names: Vec<&str> = aliases.iter().map(|(name, _)| *name).collect();
            told.insert("aliases".into(), json!(names));
            let filters: Option<Vec<Value>> =
                aliases.iter().map(|(_, filter)| filter.clone()).collect();
            if let Some(filters) = filters.filter(|_| !named_itself(index)) {
                told.insert("filter".into(), joined(filters));
            }
        }
        indices.insert(index.name.clone(), Value::Object(told));
        let count = index.settings.count("number_of_shards", 1);
        let wanted: Vec<u64> = preferred(task, count);
        for (position, number) in wanted.into_iter().enumerate() {
            if slice.is_some_and(|(id, max)| position as u64 % max != id) {
                continue;
            }
            shards.push(json!([{
                "state": "STARTED", "primary": true, "node": crate::NODE_ID, "relocating_node": null,
                "shard": number, "index": index.name, "allocation_id": {"id": &*index.uuid},
            }]));
        }
    }
    let mut nodes = Map::new();
    if !found.is_empty() {
        let address = &task.engine.settings.publish_address;
        let node = json!({
            "name": crate::NODE_NAME, "ephemeral_id": crate::NODE_ID,
            "transport_address": address, "attributes": {},
        });
        nodes.insert(crate::NODE_ID.to_owned(), node);
    }
    task.json(200, &json!({"nodes": nodes, "indices": indices, "shards": shards}))
}

/// The shards that `preference=_shards:0,2` names, of `count`; all without it.
fn preferred(task: &Task<'_>, count: u64) -> Vec<u64> {
    let preference = task.parsed.route.query.get("preference").unwrap_or_default();
    let listed = preference.strip_prefix("_shards:").map(|list| {
        let list = list.split('|').next().unwrap_or_default();
        list.split(',').filter_map(|number| number.parse().ok()).collect::<Vec<u64>>()
    });
    (0..count.min(1024))
        .filter(|number| listed.as_ref().is_none_or(|listed| listed.contains(number)))
        .collect()
}

fn slice(slice: Option<&Value>) -> Result<Option<(u64, u64)>, Exception> {
    let Some(slice) = slice else { return Ok(None) };
    let number = |key: &str| slice.get(key).and_then(Value::as_u64);
    match (number("id"), number("max")) {
        (Some(id), Some(max)) if max > 1 && id < max => Ok(Some((id, max))),
        (Some(_), Some(max)) if max > 1 => {
            Err(Exception::illegal_argument("max must be greater than id"))
        }
        _ => Err(Exception::illegal_argument("max must be greater than 1")),
    }
}

/// The filters of several aliases as one, in the form in which queries are printed.
fn joined(filters: Vec<Value>) -> Value {
    let mut printed: Vec<Value> = filters.into_iter().map(spelled).collect();
    if printed.len() == 1 {
        return printed.pop().unwrap_or_default();
    }
    json!({"bool": {"should": printed, "adjust_pure_negative": true, "boost": 1.0}})
}

/// A `term` with its boost; other queries as they were given.
fn spelled(filter: Value) -> Value {
    let Some((field, value)) =
        filter.get("term").and_then(Value::as_object).and_then(|term| term.iter().next())
    else {
        return filter;
    };
    let mut inner = match value {
        Value::Object(given) => given.clone(),
        plain => Map::from_iter([("value".to_owned(), plain.clone())]),
    };
    inner.entry("boost").or_insert(json!(1.0));
    json!({"term": {field: inner}})
}
