//! `_field_caps`: what can be done with which field. Source: "Field capabilities API" of Elasticsearch 7.10.

use super::{Task, field_defaults, types};
use crate::cluster::names;
use crate::engine::Answer;
use crate::exception::Exception;
use crate::flavor::Flavor;
use crate::limits::FIELD_PATTERNS_MAX;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, HashSet};

/// One field of one type: whether it can be searched and aggregated, and in which indices it is that type.
struct FieldCapability {
    searchable: bool,
    aggregatable: bool,
    indices: Vec<String>,
}

/// `GET /{index}/_field_caps`.
pub(crate) fn field_caps(task: &Task<'_>) -> Answer {
    let patterns = patterns(task)?;
    let wanted = |path: &str| patterns.iter().any(|pattern| names::matches(pattern, path));
    let indices = task.indices()?;
    let mut fields: BTreeMap<String, BTreeMap<&'static str, FieldCapability>> = BTreeMap::new();
    let mut add = |path: &str, kind, searchable, aggregatable, index: &str| {
        let kinds = fields.entry(path.to_owned()).or_default();
        let fresh = FieldCapability { searchable: true, aggregatable: true, indices: Vec::new() };
        let capability = kinds.entry(kind).or_insert(fresh);
        capability.searchable &= searchable;
        capability.aggregatable &= aggregatable;
        capability.indices.push(index.to_owned());
    };
    for index in &indices {
        let mut around = HashSet::new();
        for leaf in index.mapping.leaves() {
            task.work.check()?;
            if !wanted(&leaf.path) {
                continue;
            }
            let searchable = leaf.indexed && leaf.kind.name() != "rank_features";
            add(&leaf.path, leaf.kind.capability(), searchable, leaf.column.is_some(), &index.name);
            around.extend(
                leaf.path
                    .match_indices('.')
                    .map(|(end, _)| leaf.path.get(..end).unwrap_or_default().to_owned()),
            );
        }
        // The objects around what was found.
        for path in index.mapping.objects().filter(|path| around.contains(*path)) {
            let kind = if index.mapping.is_nested(path) { "nested" } else { "object" };
            add(path, kind, false, false, &index.name);
        }
        for (path, kind, searchable, aggregatable) in metadata_fields(task.parsed.route.flavor) {
            if wanted(path) {
                add(path, kind, searchable, aggregatable, &index.name);
            }
        }
    }
    let names: Vec<&str> = indices.iter().map(|index| index.name.as_str()).collect();
    let fields: Map<String, Value> =
        fields.into_iter().map(|(path, kinds)| (path, print(kinds))).collect();
    task.json(200, &json!({"indices": names, "fields": fields}))
}

/// The fields that every index has: name, type, whether they are searchable, whether aggregatable. (As both servers answer.)
fn metadata_fields(
    flavor: Flavor,
) -> impl Iterator<Item = (&'static str, &'static str, bool, bool)> {
    let own: &[(&str, &str, bool, bool)] = match flavor {
        Flavor::Elasticsearch710 => &[("_type", "_type", true, true)],
        Flavor::OpenSearch219 => &[
            ("_data_stream_timestamp", "_data_stream_timestamp", false, false),
            ("_doc_count", "long", false, false),
            ("_nested_path", "_nested_path", true, false),
        ],
    };
    let both = [
        ("_feature", "_feature", false, false),
        ("_field_names", "_field_names", true, false),
        ("_id", "_id", true, true),
        ("_ignored", "_ignored", true, false),
        ("_index", "_index", true, true),
        ("_routing", "_routing", true, false),
        ("_seq_no", "_seq_no", true, true),
        ("_source", "_source", false, false),
        ("_version", "_version", false, false),
    ];
    both.into_iter().chain(own.iter().copied())
}

/// `GET /{index}/_mapping/field/{fields}`: the mapping of each field that a name or pattern finds.
pub(crate) fn get_field_mapping(task: &Task<'_>) -> Answer {
    let route = &task.parsed.route;
    let defaults = route.query.flag("include_defaults", false)?;
    types::check_field_mapping(route)?;
    let patterns: Vec<&str> = route.part("fields").unwrap_or("*").split(',').collect();
    bounded(patterns.len())?;
    let mut answer = Map::new();
    let (asked, indices) = (types::AskedTypes::of(route), task.indices()?);
    let typed: Vec<_> = indices.iter().filter(|index| asked.find(&index.mapping)).collect();
    // Of a type that is not there, nothing is told.
    let status = if typed.is_empty() && !indices.is_empty() { 404 } else { 200 };
    for index in typed {
        task.work.check()?;
        let mut found = Map::new();
        leaves("", &index.mappings_json(), &mut |path: &str, name: &str, mapping: &Value| {
            if patterns.iter().any(|pattern| names::matches(pattern, path)) {
                let mapping = match defaults {
                    true => field_defaults::filled(mapping, route.flavor),
                    false => mapping.clone(),
                };
                let mapping = Map::from_iter([(name.to_owned(), mapping)]);
                found.insert(path.to_owned(), json!({"full_name": path, "mapping": mapping}));
            }
        });
        for (name, ..) in metadata_fields(route.flavor) {
            if patterns.iter().any(|pattern| names::matches(pattern, name)) {
                found.insert(name.to_owned(), json!({"full_name": name, "mapping": {}}));
            }
        }
        // An index with a type and none of the fields is left out where the type was asked for.
        if found.is_empty() && route.part("type").is_some() {
            continue;
        }
        let type_name = index.mapping.type_name().filter(|_| !found.is_empty());
        let found = types::shown(route, type_name, Value::Object(found))?;
        answer.insert(index.name.clone(), json!({"mappings": found}));
    }
    task.json(status, &Value::Object(answer))
}

/// Every field with a type below `node`, its multi-fields too. A mapping is at most `MAPPING_DEPTH_MAX` deep, and a body too.
fn leaves(prefix: &str, node: &Value, found: &mut impl FnMut(&str, &str, &Value)) {
    for group in ["properties", "fields"] {
        for (name, field) in node.get(group).and_then(Value::as_object).into_iter().flatten() {
            let path = if prefix.is_empty() { name.clone() } else { format!("{prefix}.{name}") };
            if field.get("type").is_some_and(|kind| kind != "object" && kind != "nested") {
                found(&path, name, field);
            }
            leaves(&path, field, found);
        }
    }
}

fn print(kinds: BTreeMap<&'static str, FieldCapability>) -> Value {
    let alone = kinds.len() == 1;
    let print = |(kind, capability): (&'static str, FieldCapability)| {
        let mut value = json!({
            "type": kind, "searchable": capability.searchable, "aggregatable": capability.aggregatable,
        });
        // Which indices, only where the field is something else in others.
        if let (false, Some(object)) = (alone, value.as_object_mut()) {
            object.insert("indices".to_owned(), capability.indices.into());
        }
        (kind.to_owned(), value)
    };
    Value::Object(kinds.into_iter().map(print).collect())
}

fn patterns(task: &Task<'_>) -> Result<Vec<String>, Exception> {
    if task.body().get("index_filter").is_some() {
        return Err(Exception::not_implemented("_field_caps with index_filter"));
    }
    if task.parsed.route.query.flag("include_unmapped", false)? {
        return Err(Exception::not_implemented("_field_caps with include_unmapped"));
    }
    let of_url = task.parsed.route.query.list("fields");
    let list: Vec<String> = match (of_url, task.body().get("fields")) {
        (Some(list), _) => list.into_iter().map(str::to_owned).collect(),
        (None, Some(Value::String(name))) => vec![name.clone()],
        (None, Some(Value::Array(list))) => {
            list.iter().filter_map(|name| name.as_str().map(str::to_owned)).collect()
        }
        _ => Vec::new(),
    };
    if list.is_empty() {
        return Err(Exception::validation(&["no fields specified"]));
    }
    bounded(list.len())?;
    Ok(list)
}

/// Each pattern is compared with each field of each index.
fn bounded(patterns: usize) -> Result<(), Exception> {
    if patterns <= FIELD_PATTERNS_MAX {
        return Ok(());
    }
    Err(Exception::illegal_argument(format!(
        "[{patterns}] names and patterns of fields are given, but at most [{FIELD_PATTERNS_MAX}] are allowed"
    )))
}
