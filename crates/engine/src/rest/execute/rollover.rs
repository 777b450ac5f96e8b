//! Rollover: the alias gets a new index to write to, if the old one meets one of the conditions. Source: "Rollover index
//! API" of Elasticsearch 7.10 and OpenSearch 2.19, `MetadataRolloverService`.

use super::{Task, types};
use crate::cluster::metadata::{Alias, DataStream, IndexMetadata};
use crate::cluster::names;
use crate::engine::Answer;
use crate::exception::{Exception, ExceptionKind};
use crate::flavor::Flavor;
use crate::index::{AliasAction, CreateIndex, Stats};
use crate::value::scalar::plain;
use crate::value::{size, time};
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// The body of a rollover.
#[derive(Default)]
struct Rollover {
    conditions: Vec<RolloverCondition>,
    index: CreateIndex,
}

/// One condition: its name, its value as it came, and the number that the old index must reach.
struct RolloverCondition {
    name: &'static str,
    text: String,
    least: u64,
}

/// `POST /{alias}/_rollover/{new_index}`.
pub(crate) fn rollover(task: &Task<'_>) -> Answer {
    let route = &task.parsed.route;
    let alias = route.part("alias").unwrap_or_default();
    let dry_run = route.query.flag("dry_run", false)?;
    let rollover = read(task)?;
    let old = old_index(task, alias)?;
    let stream = task.metadata.data_stream(alias);
    let new = match (route.part("new_index"), stream) {
        (Some(_), Some(_)) => {
            return Err(Exception::illegal_argument(
                "new index name may not be specified when rolling over a data stream",
            ));
        }
        (Some(name), None) => name.to_owned(),
        (None, Some(stream)) => DataStream::backing(alias, stream.generation + 1),
        (None, None) => names::next_of_series(&old.provided_name)?,
    };
    let provided_name = new.clone();
    let new = names::single(task.metadata, &new, task.now)?.name;
    names::validate_index_name(&new)?;
    if let Some(there) = task.metadata.index(&new) {
        return Err(exists(there));
    }
    let met = met(task, &old, &rollover.conditions)?;
    let shown: Map<String, Value> = met
        .iter()
        .map(|(condition, met)| {
            (format!("[{}: {}]", condition.name, condition.text), (*met).into())
        })
        .collect();
    let rolls = !dry_run && (met.is_empty() || met.iter().any(|(_, met)| *met));
    if rolls {
        if !task.view.may_create(&new) {
            return Err(Exception::new(
                ExceptionKind::Security,
                format!("not authorized to create [{new}]"),
            ));
        }
        let facts: Map<String, Value> = met
            .iter()
            .filter(|(_, met)| *met)
            .map(|(condition, _)| (condition.name.to_owned(), condition.told()))
            .collect();
        if stream.is_some() {
            let now = task.now.as_millisecond();
            let fact = json!({"met_conditions": facts, "time": now});
            task.engine.indices.roll_over_stream(alias, &new, &rollover.index, now, |info| {
                info.insert(alias.to_owned(), fact);
            })?;
            return answer(task, &old, &new, [true, dry_run], shown);
        }
        let body = CreateIndex { provided_name: Some(provided_name), ..rollover.index };
        roll(task, alias, &old, &new, &body, facts)?;
    }
    answer(task, &old, &new, [rolls, dry_run], shown)
}

fn answer(
    task: &Task<'_>,
    old: &IndexMetadata,
    new: &str,
    [rolls, dry_run]: [bool; 2],
    conditions: Map<String, Value>,
) -> Answer {
    task.json(
        200,
        &json!({"acknowledged": rolls, "shards_acknowledged": rolls, "old_index": old.name,
            "new_index": new, "rolled_over": rolls, "dry_run": dry_run, "conditions": conditions}),
    )
}

/// Makes the new index and points the alias at it, at once.
fn roll(
    task: &Task<'_>,
    alias: &str,
    old: &Arc<IndexMetadata>,
    new: &str,
    body: &CreateIndex,
    facts: Map<String, Value>,
) -> Result<(), Exception> {
    let now = task.now.as_millisecond();
    let given = old.aliases.get(alias).cloned().unwrap_or_default();
    let explicit = given.is_write_index == Some(true);
    let kept = match task.parsed.route.flavor {
        Flavor::OpenSearch219 => given.clone(),
        Flavor::Elasticsearch710 => Alias::default(),
    };
    let old_uuid = Arc::clone(&old.uuid);
    let own = |uuid: &Arc<str>| {
        let definition = Alias { is_write_index: explicit.then_some(true), ..kept.clone() };
        AliasAction::Add { uuid: Arc::clone(uuid), alias: alias.to_owned(), definition }
    };
    let leave = match explicit {
        true => AliasAction::Add {
            uuid: Arc::clone(&old_uuid),
            alias: alias.to_owned(),
            definition: Alias { is_write_index: Some(false), ..kept.clone() },
        },
        false => AliasAction::Remove { uuid: Arc::clone(&old_uuid), alias: alias.to_owned() },
    };
    let fact = json!({"met_conditions": facts, "time": now});
    task.engine.indices.roll_over(
        new,
        body,
        now,
        |uuid| vec![leave, own(uuid)],
        &old_uuid,
        |info| {
            info.insert(alias.to_owned(), fact);
        },
    )
}

/// The index that the alias writes to.
fn old_index(task: &Task<'_>, alias: &str) -> Result<Arc<IndexMetadata>, Exception> {
    let refused =
        |what: String| Err(Exception::illegal_argument(format!("rollover target {what}")));
    if task.metadata.index(alias).is_some_and(|index| task.view.sees(&index.uuid)) {
        return refused("is a [concrete index] but one of [alias,data_stream] was expected".into());
    }
    let behind = task.metadata.alias(alias);
    if !behind.iter().any(|index| task.view.sees(&index.uuid)) {
        return refused(format!("[{alias}] does not exist"));
    }
    match task.metadata.write_index(alias).filter(|index| task.view.sees(&index.uuid)) {
        Some(index) => Ok(Arc::clone(index)),
        None => refused(format!("[{alias}] does not point to a write index")),
    }
}

fn exists(there: &IndexMetadata) -> Exception {
    let reason = format!("index [{}/{}] already exists", there.name, there.uuid);
    Exception::new(ExceptionKind::ResourceAlreadyExists, reason).on_index(&there.name, &there.uuid)
}

/// Each condition, with whether the index meets it.
fn met<'a>(
    task: &Task<'_>,
    old: &IndexMetadata,
    conditions: &'a [RolloverCondition],
) -> Result<Vec<(&'a RolloverCondition, bool)>, Exception> {
    let stats: Stats = task.open(old)?.stats();
    let age = task.now.as_millisecond().saturating_sub(old.creation_date);
    let reached = |condition: &RolloverCondition| match condition.name {
        "max_docs" => stats.documents,
        "max_size" => stats.bytes,
        _ => u64::try_from(age).unwrap_or(0),
    };
    Ok(conditions
        .iter()
        .map(|condition| (condition, reached(condition) >= condition.least))
        .collect())
}

impl RolloverCondition {
    /// Its value as it is kept with the old index.
    fn told(&self) -> Value {
        if self.name == "max_docs" { self.least.into() } else { self.text.as_str().into() }
    }
}

fn read(task: &Task<'_>) -> Result<Rollover, Exception> {
    let mut rollover = Rollover::default();
    let inside = |key: &str, cause: Exception| {
        let text = format!("[rollover] failed to parse field [{key}]");
        Exception::new(ExceptionKind::XContentParse, text).caused_by(cause)
    };
    for (key, value) in task.body().as_object().into_iter().flatten() {
        match key.as_str() {
            "conditions" => {
                rollover.conditions = conditions(value).map_err(|cause| {
                    let root = cause.clone();
                    inside(key, cause).root_cause(root)
                })?;
            }
            "settings" => rollover.index.settings = value.clone(),
            "mappings" => {
                (rollover.index.type_name, rollover.index.mappings) =
                    types::created(&task.parsed.route, value.clone())
                        .map_err(|cause| inside(key, cause))?;
            }
            "aliases" => rollover.index.aliases = value.clone(),
            _ => {
                return Err(Exception::new(
                    ExceptionKind::XContentParse,
                    format!("[rollover] unknown field [{key}]"),
                )
                .at_key(value));
            }
        }
    }
    for alias in rollover.index.aliases.as_object().into_iter().flat_map(Map::keys) {
        names::validate_alias_name(alias)?;
    }
    Ok(rollover)
}

/// In the order in which the real servers print them.
fn conditions(value: &Value) -> Result<Vec<RolloverCondition>, Exception> {
    let mut found = Vec::new();
    for (key, value) in value.as_object().into_iter().flatten() {
        let text = plain(value);
        let failed = |cause: Exception| {
            let reason = format!("[conditions] failed to parse field [{key}]");
            Exception::new(ExceptionKind::XContentParse, reason).at(value).caused_by(cause)
        };
        let condition = match key.as_str() {
            "max_docs" => {
                let least = text.parse().map_err(|_| {
                    failed(Exception::illegal_argument(format!("For input string: \"{text}\"")))
                })?;
                RolloverCondition { name: "max_docs", text, least }
            }
            "max_age" => {
                let least = time::milliseconds(key, &text).map_err(failed)?;
                RolloverCondition { name: "max_age", text, least }
            }
            "max_size" => {
                let Some(least) = size::bytes(&text) else {
                    return Err(failed(Exception::new(
                        ExceptionKind::ElasticsearchParse,
                        format!(
                            "failed to parse setting [{key}] with value [{text}] as a size in bytes: unit is missing or unrecognized"
                        ),
                    )));
                };
                RolloverCondition { name: "max_size", text, least }
            }
            _ => {
                return Err(Exception::new(
                    ExceptionKind::XContentParse,
                    format!("[conditions] unknown field [{key}]"),
                )
                .at_key(value));
            }
        };
        found.push(condition);
    }
    Ok(found)
}
