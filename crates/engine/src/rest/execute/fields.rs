//! `_field_caps`: what can be done with which field. Source: "Field capabilities API" of Elasticsearch 7.10.

use super::{Task, field_defaults, types};
use crate::cluster::metadata::IndexMetadata;
use crate::cluster::names;
use crate::dsl::bm25::Statistics;
use crate::dsl::lower::Lowering;
use crate::dsl::{self, Query};
use crate::engine::Answer;
use crate::exception::Exception;
use crate::limits::FIELD_PATTERNS_MAX;
use crate::mapping::flat_object::FlatObject;
use crate::mapping::metadata_fields::metadata_fields;
use crate::search::Target;
use crate::value::scalar::plain;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

/// One field of one type.
#[derive(Default)]
struct FieldCapability {
    indices: Vec<String>,
    /// Those in which it cannot be searched.
    not_searchable: Vec<String>,
    /// Those in which it cannot be aggregated.
    not_aggregatable: Vec<String>,
    /// What the mappings say about it in their own words.
    meta: BTreeMap<String, BTreeSet<String>>,
}

/// Fields by path and by type.
type FieldCapabilities = BTreeMap<String, BTreeMap<&'static str, FieldCapability>>;

/// `GET /{index}/_field_caps`.
pub(crate) fn field_caps(task: &Task<'_>) -> Answer {
    let patterns = patterns(task)?;
    let wanted = |path: &str| patterns.iter().any(|pattern| names::matches(pattern, path));
    let include_unmapped = task.parsed.route.query.flag("include_unmapped", false)?;
    let filter = task.body().get("index_filter").map(dsl::parse).transpose()?;
    // Closed ones are passed over, named or not.
    let mut indices = task.indices()?;
    indices.retain(|index| !index.closed);
    if let Some(filter) = &filter {
        let mut kept = Vec::new();
        for index in indices {
            // Where the filter does not fit, nothing can match.
            if may_match(task, &index, filter).unwrap_or(false) {
                kept.push(index);
            }
        }
        task.work.check()?;
        indices = kept;
    }
    let mut fields = FieldCapabilities::new();
    for index in &indices {
        add_index(task, index, &wanted, &mut fields)?;
    }
    let names: Vec<&str> = indices.iter().map(|index| index.name.as_str()).collect();
    if include_unmapped {
        for kinds in fields.values_mut() {
            task.work.check()?;
            let known = kinds.values().flat_map(|capability| &capability.indices);
            let known: HashSet<&str> = known.map(String::as_str).collect();
            let others = names.iter().filter(|name| !known.contains(*name));
            let indices: Vec<String> = others.map(|name| (*name).to_owned()).collect();
            if !indices.is_empty() {
                let [not_searchable, not_aggregatable] = [indices.clone(), indices.clone()];
                let unmapped = FieldCapability {
                    indices,
                    not_searchable,
                    not_aggregatable,
                    ..FieldCapability::default()
                };
                kinds.insert("unmapped", unmapped);
            }
        }
    }
    let fields: Map<String, Value> =
        fields.into_iter().map(|(path, kinds)| (path, print(kinds))).collect();
    task.json(200, &json!({"indices": names, "fields": fields}))
}

/// Whether `filter` may match a document of `index`.
fn may_match(task: &Task<'_>, index: &IndexMetadata, filter: &Query) -> Result<bool, Exception> {
    let target = Target::new(task.open(index)?.snapshot(), None, task.view);
    let statistics = Statistics::new(task.parsed.route.flavor);
    let lowering = Lowering::new(target.snapshot(), &statistics, task.now, task.work);
    filter.clause.may_match(&lowering)
}

fn add_index(
    task: &Task<'_>,
    index: &IndexMetadata,
    wanted: &dyn Fn(&str) -> bool,
    fields: &mut FieldCapabilities,
) -> Result<(), Exception> {
    let mut metas: HashMap<String, Map<String, Value>> = HashMap::new();
    leaves("", &task.mappings_json(index), &mut |path: &str, _: &str, mapping: &Value| {
        if let Some(Value::Object(meta)) = mapping.get("meta") {
            metas.insert(path.to_owned(), meta.clone());
        }
    });
    let mut add = |path: &str, kind, searchable: bool, aggregatable: bool| {
        let capability = fields.entry(path.to_owned()).or_default().entry(kind).or_default();
        capability.indices.push(index.name.clone());
        if !searchable {
            capability.not_searchable.push(index.name.clone());
        }
        if !aggregatable {
            capability.not_aggregatable.push(index.name.clone());
        }
        for (key, value) in metas.get(index.mapping.target(path)).into_iter().flatten() {
            capability.meta.entry(key.clone()).or_default().insert(plain(value));
        }
    };
    let mut around = HashSet::new();
    let fields_shown = task.view.shown(&index.uuid, &index.mapping).fields;
    let mapping = match fields_shown {
        Some(shown) => Arc::new(index.mapping.restricted(|path| shown.shows(path))),
        None => Arc::clone(&index.mapping),
    };
    let own = mapping.leaves().map(|leaf| (leaf.path.as_str(), leaf));
    let aliases = mapping.aliases();
    let aliases = aliases.filter_map(|(alias, path)| Some((alias, mapping.leaf(path)?)));
    for (path, leaf) in own.chain(aliases) {
        task.work.check()?;
        if !wanted(path) {
            continue;
        }
        let searchable = leaf.kind.is_searchable();
        let beside = path.ends_with("._index_prefix") || path.ends_with("._index_phrase");
        add(path, leaf.kind.capability(), searchable, leaf.column.is_some() && !beside);
        // OpenSearch's field for the values at a path has an empty one.
        let within = format!("{path}.");
        let is_flat = leaf.kind.get::<FlatObject>().is_some_and(|flat| !flat.flattened);
        if is_flat && wanted(&within) {
            add(&within, leaf.kind.capability(), searchable, false);
        }
        let ends = path.match_indices('.');
        around.extend(ends.map(|(end, _)| path.get(..end).unwrap_or_default().to_owned()));
    }
    // The objects around what was found.
    for path in mapping.objects().filter(|path| around.contains(*path)) {
        let kind = if mapping.is_nested(path) { "nested" } else { "object" };
        add(path, kind, false, false);
    }
    for (path, kind, searchable, aggregatable) in metadata_fields(task.parsed.route.flavor) {
        if wanted(path) {
            add(path, kind, searchable, aggregatable);
        }
    }
    if wanted("_parent_join") && index.mapping.join().is_some() {
        add("_parent_join", "parent_join", false, false);
    }
    Ok(())
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
        let wanted = |path: &str| patterns.iter().any(|pattern| names::matches(pattern, path));
        let mappings = task.mappings_json(index);
        leaves("", &mappings, &mut |path: &str, name: &str, mapping: &Value| {
            for (path, mapping) in
                beside(path, mapping).into_iter().filter(|(path, _)| wanted(path))
            {
                let mapping = json!({"full_name": path, "mapping": {path.as_str(): mapping}});
                found.insert(path, mapping);
            }
            if wanted(path) {
                let mapping = match defaults {
                    true => field_defaults::filled(mapping, route.flavor),
                    false => mapping.clone(),
                };
                let mapping = Map::from_iter([(name.to_owned(), mapping)]);
                found.insert(path.to_owned(), json!({"full_name": path, "mapping": mapping}));
            }
        });
        for (name, ..) in metadata_fields(route.flavor) {
            if wanted(name) {
                let own = mappings.get(name).filter(|own| own.is_object());
                let mapping = own.map_or(json!({}), |own| json!({ name: own }));
                found.insert(name.to_owned(), json!({"full_name": name, "mapping": mapping}));
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

/// The fields that the field at `path` has beside it, as both servers show them.
fn beside(path: &str, mapping: &Value) -> Vec<(String, Value)> {
    let within = |name: &str, kind: &str| {
        (format!("{path}.{name}"), json!({"type": kind, "doc_values": false}))
    };
    match mapping.get("type").and_then(Value::as_str) {
        Some("text") => {
            let prefixes = mapping.get("index_prefixes").is_some();
            let phrases = mapping.get("index_phrases").is_some_and(|given| given == true);
            let prefixes = prefixes.then(|| within("_index_prefix", "prefix"));
            let phrases = phrases.then(|| {
                let (path, mut phrase) = within("_index_phrase", "phrase");
                let is_stored = mapping.get("store").is_some_and(|given| given == true);
                if let Some(phrase) = phrase.as_object_mut().filter(|_| is_stored) {
                    phrase.insert("store".to_owned(), true.into());
                }
                (path, phrase)
            });
            prefixes.into_iter().chain(phrases).collect()
        }
        Some("search_as_you_type") => {
            let most = mapping.get("max_shingle_size").and_then(Value::as_u64).unwrap_or(3);
            let words = (2..=most).map(|count| within(&format!("_{count}gram"), "shingle"));
            words.chain([within("_index_prefix", "prefix")]).collect()
        }
        Some("join") => {
            let parents = mapping.get("relations").and_then(Value::as_object).into_iter().flatten();
            let ids =
                parents.map(|(name, _)| (format!("{path}#{name}"), json!({"type": "parent"})));
            let join = json!({"type": "parent_join", "index": false, "doc_values": false});
            ids.chain([("_parent_join".to_owned(), join)]).collect()
        }
        _ => Vec::new(),
    }
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
        let FieldCapability { indices, not_searchable, not_aggregatable, meta } = capability;
        let mut value = Map::new();
        value.insert("type".to_owned(), kind.into());
        value.insert("searchable".to_owned(), not_searchable.is_empty().into());
        value.insert("aggregatable".to_owned(), not_aggregatable.is_empty().into());
        // Which indices, only where it is not the same in all.
        let some = |those: &[String]| !those.is_empty() && those.len() < indices.len();
        let lists = [
            ("non_searchable_indices", some(&not_searchable), not_searchable),
            ("non_aggregatable_indices", some(&not_aggregatable), not_aggregatable),
        ];
        if !alone {
            value.insert("indices".to_owned(), indices.into());
        }
        for (key, shown, those) in lists {
            if shown {
                value.insert(key.to_owned(), those.into());
            }
        }
        if !meta.is_empty() {
            value.insert("meta".to_owned(), json!(meta));
        }
        (kind.to_owned(), Value::Object(value))
    };
    Value::Object(kinds.into_iter().map(print).collect())
}

fn patterns(task: &Task<'_>) -> Result<Vec<String>, Exception> {
    let list: Vec<String> = match task.parsed.route.query.list("fields") {
        Some(list) => list.into_iter().map(str::to_owned).collect(),
        None => Vec::new(),
    };
    if list.iter().all(String::is_empty) {
        return Err(Exception::illegal_argument("specified fields can't be null or empty"));
    }
    let mut entries = task.body().as_object().into_iter().flatten();
    if let Some((unknown, value)) = entries.find(|(key, _)| *key != "index_filter") {
        let reason = format!("request does not support [{unknown}]");
        return Err(Exception::parsing(reason).at_key(value));
    }
    bounded(list.len())?;
    Ok(list)
}

/// Refuses too many patterns: each is compared with each field of each index.
///
/// # Errors
/// `illegal_argument_exception`.
pub(crate) fn bounded(patterns: usize) -> Result<(), Exception> {
    if patterns <= FIELD_PATTERNS_MAX {
        return Ok(());
    }
    Err(Exception::illegal_argument(format!(
        "[{patterns}] names and patterns of fields are given, but at most [{FIELD_PATTERNS_MAX}] are allowed"
    )))
}
