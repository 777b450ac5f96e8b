//! Shrink, split, clone: a new index with the documents, mapping and settings of one that takes no writes. Source:
//! "Shrink", "Split" and "Clone index API" of Elasticsearch 7.10 and OpenSearch 2.19, `TransportResizeAction`.
//!
//! There is one copy of everything, so nothing is linked or moved between shards: the documents are written anew.

use super::Task;
use crate::cluster::metadata::IndexMetadata;
use crate::cluster::names;
use crate::cluster::settings;
use crate::engine::Answer;
use crate::exception::{Exception, ExceptionKind};
use crate::flavor::Flavor;
use crate::index::CreateIndex;
use crate::rest::Api;
use crate::routing::routing_shards;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// Which of the three.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Resize {
    Shrink,
    Split,
    Clone,
}

impl Resize {
    fn of(api: Api) -> Resize {
        match api {
            Api::IndicesShrink => Resize::Shrink,
            Api::IndicesSplit => Resize::Split,
            _ => Resize::Clone,
        }
    }
}

/// Refuses what is refused before a request has a task.
///
/// # Errors
/// As [`read`].
pub(super) fn check(task: &Task<'_>) -> Result<(), Exception> {
    read(task, Resize::of(task.parsed.route.api)).map(drop)
}

/// `PUT /{index}/_shrink/{target}`, `_split` and `_clone`.
pub(crate) fn resize(task: &Task<'_>) -> Answer {
    let route = &task.parsed.route;
    let resize = Resize::of(route.api);
    if !route.query.flag("copy_settings", true)? {
        return Err(Exception::illegal_argument(
            "parameter [copy_settings] can not be explicitly set to [false]",
        ));
    }
    route.query.flag("wait_for_completion", true)?;
    let (own, aliases, shard_bytes) = read(task, resize)?;
    let indices = task.indices()?;
    let [source] = indices.as_slice() else {
        return Err(Exception::illegal_argument("exactly one index can be resized"));
    };
    let target = route.part("target").unwrap_or_default();
    let target = names::single(task.metadata, target, task.now)?.name;
    let shards = shards(source, resize, &own, shard_bytes, route.flavor)?;
    check_settings(source, resize, &own, &target, route.flavor)?;
    names::validate_index_name(&target)?;
    if let Some(there) = task.metadata.index(&target) {
        let reason = format!("index [{}/{}] already exists", there.name, there.uuid);
        return Err(Exception::new(ExceptionKind::ResourceAlreadyExists, reason)
            .on_index(&there.name, &there.uuid));
    }
    check_source(task, source)?;
    if resize == Resize::Shrink && source.settings.count("number_of_shards", 1) == 1 {
        return Err(Exception::illegal_argument("can't shrink an index with only one shard"));
    }
    if !task.view.may_create(&target) {
        return Err(Exception::new(
            ExceptionKind::Security,
            format!("not authorized to create [{target}]"),
        ));
    }
    let body = CreateIndex {
        settings: resized(source, own, shards),
        mappings: source.mappings_json(),
        type_name: source.mapping.type_name().map(str::to_owned),
        aliases,
        without_templates: true,
        ..CreateIndex::default()
    };
    copy(task, source, &target, &body)?;
    task.json(200, &json!({"acknowledged": true, "shards_acknowledged": true, "index": target}))
}

/// Makes the index and writes the documents; half of them is none.
fn copy(
    task: &Task<'_>,
    source: &IndexMetadata,
    target: &str,
    body: &CreateIndex,
) -> Result<(), Exception> {
    let now = task.now.as_millisecond();
    let open = task.open(source)?;
    open.refresh()?;
    let made = task.engine.indices.create_index(target, body, now)?;
    let copied = task
        .engine
        .indices
        .index(&made.uuid)
        .ok_or_else(|| Exception::index_not_found(target))
        .and_then(|index| index.copy_from(&open.snapshot(), now, task.work));
    if let Err(fault) = copied {
        task.engine.indices.delete_indices(&[&made.uuid])?;
        return Err(fault);
    }
    Ok(())
}

/// What the index must be so that it can be resized, and the caller so that nothing is shown by it.
fn check_source(task: &Task<'_>, source: &IndexMetadata) -> Result<(), Exception> {
    if task.view.restricts(&source.uuid) {
        return Err(Exception::new(
            ExceptionKind::Security,
            format!("[{}] can be copied only by those who see all of its documents", source.name),
        ));
    }
    let blocked = ["blocks.write", "blocks.read_only", "blocks.read_only_allow_delete"];
    if blocked.iter().any(|block| source.settings.is(block)) {
        return Ok(());
    }
    let must = match task.parsed.route.flavor {
        Flavor::Elasticsearch710 => "must be read-only",
        Flavor::OpenSearch219 => "must block write operations",
    };
    Err(Exception::new(
        ExceptionKind::IllegalState,
        format!("index {} {must} to resize index. use \"index.blocks.write=true\"", source.name),
    ))
}

/// Settings that a resize may not have, and blocks that it would copy: an index that takes no changes of its metadata never
/// gets its shards. Source: `TransportResizeAction.prepareCreateIndexRequest`.
fn check_settings(
    source: &IndexMetadata,
    resize: Resize,
    own: &BTreeMap<String, Value>,
    target: &str,
    flavor: Flavor,
) -> Result<(), Exception> {
    let refused = |what: String| Err(Exception::illegal_argument(what));
    let from_one = resize == Resize::Split && source.settings.count("number_of_shards", 1) == 1;
    if own.contains_key("index.number_of_routing_shards") && !from_one {
        return refused("cannot provide index.number_of_routing_shards on resize".to_owned());
    }
    if own.contains_key("index.routing_partition_size") {
        let reason = "cannot provide a routing partition size value when resizing an index";
        return match flavor {
            Flavor::Elasticsearch710 => refused(reason.to_owned()),
            Flavor::OpenSearch219 => Err(Exception::validation(&[reason])),
        };
    }
    for block in ["blocks.read_only", "blocks.metadata"] {
        let key = format!("index.{block}");
        if flavor == Flavor::OpenSearch219 && source.settings.is(block) && !own.contains_key(&key) {
            return refused(format!(
                "target index [{target}] will be blocked by [{key}=true] which is copied from the source index [{}], this will disable metadata writes and cause the shards to be unassigned",
                source.name
            ));
        }
    }
    Ok(())
}

type ResizeRequest = (BTreeMap<String, Value>, Value, bool);

/// Settings, aliases, and whether the size of shards was given.
fn read(task: &Task<'_>, resize: Resize) -> Result<ResizeRequest, Exception> {
    let (mut own, mut aliases, mut shard_bytes) = (BTreeMap::new(), Value::Null, false);
    for (key, value) in task.body().as_object().into_iter().flatten() {
        match key.as_str() {
            "settings" => own = settings::leaves(value)?,
            "aliases" => aliases = value.clone(),
            "max_shard_size"
                if resize == Resize::Shrink
                    && task.parsed.route.flavor == Flavor::OpenSearch219 =>
            {
                shard_bytes = true;
            }
            _ => {
                return Err(Exception::new(
                    ExceptionKind::XContentParse,
                    format!("[resize_request] unknown field [{key}]"),
                )
                .at_key(value));
            }
        }
    }
    for alias in aliases.as_object().into_iter().flat_map(Map::keys) {
        names::validate_alias_name(alias)?;
    }
    let mut faults = Vec::new();
    if resize == Resize::Split && !own.contains_key("index.number_of_shards") {
        faults.push("index.number_of_shards is required for split operations".to_owned());
    }
    if shard_bytes && own.contains_key("index.number_of_shards") {
        faults.push(
            "Cannot set max_shard_size and index.number_of_shards at the same time!".to_owned(),
        );
    }
    if own.keys().any(|key| key.starts_with("index.sort.")) {
        faults.push("can't override index sort when resizing an index".to_owned());
    }
    for block in ["index.blocks.read_only", "index.blocks.metadata"] {
        if own.get(block).is_some_and(crate::cluster::truth) {
            let target = task.parsed.route.part("target").unwrap_or_default();
            faults.push(format!(
                "target index [{target}] will be blocked by [{block}=true], this will disable metadata writes and cause the shards to be unassigned"
            ));
        }
    }
    if faults.is_empty() {
        Ok((own, aliases, shard_bytes))
    } else {
        Err(Exception::validation(&faults))
    }
}

/// How many shards the new index has.
fn shards(
    source: &IndexMetadata,
    resize: Resize,
    own: &BTreeMap<String, Value>,
    shard_bytes: bool,
    flavor: Flavor,
) -> Result<u64, Exception> {
    let from = source.settings.count("number_of_shards", 1);
    let asked = own.get("index.number_of_shards").filter(|value| !value.is_null());
    let asked = asked.map(crate::value::scalar::plain);
    let to = match (&asked, resize) {
        (Some(text), _) => text.parse().map_err(|_| {
            Exception::illegal_argument(format!(
                "Failed to parse value [{text}] for setting [index.number_of_shards]"
            ))
        })?,
        (None, Resize::Shrink) => 1,
        (None, _) => from,
    };
    let refused = |what: String| Err(Exception::illegal_argument(what));
    match resize {
        _ if to == 0 => refused(
            "Failed to parse value [0] for setting [index.number_of_shards] must be >= 1"
                .to_owned(),
        ),
        Resize::Shrink if shard_bytes => Ok(1),
        Resize::Shrink if to > from => refused(format!(
            "the number of target shards [{to}] must be less that the number of source shards [{from}]"
        )),
        Resize::Shrink if !from.is_multiple_of(to) => {
            refused(format!("the number of source shards [{from}] must be a multiple of [{to}]"))
        }
        Resize::Split if to <= from => refused(format!(
            "the number of source shards [{from}] must be less that the number of target shards [{to}]"
        )),
        Resize::Split if !to.is_multiple_of(from) => {
            refused(format!("the number of source shards [{from}] must be a factor of [{to}]"))
        }
        Resize::Split if from > 1 && !routing_shards(&source.settings).is_multiple_of(to) => {
            let reason = format!(
                "the number of routing shards [{}] must be a multiple of the target shards [{to}]",
                routing_shards(&source.settings)
            );
            Err(Exception::new(ExceptionKind::IllegalState, reason))
        }
        Resize::Clone if to != from => refused(match flavor {
            Flavor::Elasticsearch710 => format!(
                "the number of target shards ({to}) must be the same as the number of  source shards ( {from})"
            ),
            Flavor::OpenSearch219 => format!(
                "the number of target shards ({to}) must be the same as the number of source shards ({from})"
            ),
        }),
        _ => Ok(to),
    }
}

/// The settings of the source with the request's own over them.
fn resized(source: &IndexMetadata, own: BTreeMap<String, Value>, shards: u64) -> Value {
    let not_copied = [
        "index.number_of_replicas",
        "index.number_of_shards",
        "index.auto_expand_replicas",
        "index.version.created",
        "index.hidden",
    ];
    let flat = source.settings.flat().iter();
    let mut all: BTreeMap<String, Value> = flat
        .filter(|(key, _)| {
            !not_copied.contains(&key.as_str()) && !key.starts_with("index.analysis.")
        })
        .map(|(key, value)| (key.clone(), value.as_str().into()))
        .collect();
    if let Ok(analysis) = settings::leaves(&json!({"analysis": source.settings.analysis()})) {
        all.extend(analysis.into_iter().filter(|(_, value)| !value.is_null()));
    }
    for (key, value) in own {
        match value {
            Value::Null => drop(all.remove(&key)),
            value => drop(all.insert(key, value)),
        }
    }
    all.insert("index.number_of_shards".to_owned(), shards.to_string().into());
    Value::Object(all.into_iter().collect())
}
