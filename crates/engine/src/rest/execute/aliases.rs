//! Aliases: get, add, remove. Source: "Alias" APIs of Elasticsearch 7.10.

use super::{Task, acknowledged};
use crate::cluster::blocks::BlockLevel;
use crate::cluster::metadata::IndexMetadata;
use crate::cluster::names;
use crate::dsl;
use crate::dsl::bm25::Statistics;
use crate::dsl::lower::Lowering;
use crate::engine::Answer;
use crate::exception::{Exception, ExceptionKind};
use crate::index;
use crate::response::Response;
use crate::rest::{AliasChange, ParsedBody};
use crate::search::Target;
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// `GET /{index}/_alias/{name}`.
pub(crate) fn get(task: &Task<'_>) -> Answer {
    let (answer, missing) = found(task)?;
    if missing.is_empty() {
        return task.json(200, &Value::Object(answer));
    }
    let noun = if missing.len() == 1 { "alias" } else { "aliases" };
    let error = format!("{noun} [{}] missing", missing.join(","));
    let mut body =
        Map::from_iter([("error".to_owned(), error.into()), ("status".to_owned(), 404.into())]);
    body.extend(answer);
    Ok(Response::json(404, &Value::Object(body)))
}

/// `HEAD /{index}/_alias/{name}`.
pub(crate) fn exists(task: &Task<'_>) -> Answer {
    let (answer, missing) = found(task)?;
    let status = if answer.is_empty() || !missing.is_empty() { 404 } else { 200 };
    Ok(Response::text(status, String::new()))
}

/// The aliases that the URL's `{name}` finds, by index, and the names in it that found none.
fn found<'a>(task: &Task<'a>) -> Result<(Map<String, Value>, Vec<&'a str>), Exception> {
    let patterns: Vec<&str> = task
        .parsed
        .route
        .part("name")
        .map(|list| list.split(',').filter(|name| !name.is_empty()).collect())
        .unwrap_or_default();
    let mut answer = Map::new();
    let mut found: Vec<String> = Vec::new();
    for index in task.indices()? {
        task.work.check()?;
        let shown = index.aliases.iter().filter(|(name, _)| wanted(&patterns, name));
        let aliases: Map<String, Value> =
            shown.map(|(name, alias)| (name.clone(), alias.to_json())).collect();
        if aliases.is_empty() && !patterns.is_empty() {
            continue;
        }
        found.extend(aliases.keys().cloned());
        answer.insert(index.name.clone(), json!({"aliases": aliases}));
    }
    let mut missing: Vec<&str> = named(&patterns)
        .into_iter()
        .filter(|name| !found.iter().any(|known| known == name))
        .collect();
    missing.sort_unstable();
    Ok((answer, missing))
}

/// The names that a list asks for by themselves: no patterns, and not excluded further on. A minus excludes only after
/// the first pattern; before it, it is part of a name. (`RestGetAliasesAction` of OpenSearch 2.19.)
fn named<'a>(patterns: &[&'a str]) -> Vec<&'a str> {
    let first_pattern =
        patterns.iter().position(|name| name.contains('*')).unwrap_or(patterns.len());
    let excluded = |position: usize, name: &str| {
        let from = first_pattern.max(position + 1);
        let later = patterns.iter().skip(from).filter_map(|other| other.strip_prefix('-'));
        later.into_iter().any(|pattern| pattern == "_all" || names::matches(pattern, name))
    };
    let asks = |(position, name): &(usize, &&str)| {
        let exclusion = *position > first_pattern && name.starts_with('-');
        **name != "_all" && !name.contains('*') && !exclusion && !excluded(*position, name)
    };
    patterns.iter().enumerate().filter(asks).map(|(_, name)| *name).collect()
}

/// Whether a list of names, patterns and exclusions holds `name`; an empty list holds every one.
fn wanted(patterns: &[&str], name: &str) -> bool {
    let mut wanted = patterns.is_empty();
    for pattern in patterns {
        match pattern.strip_prefix('-') {
            Some(excluded) if wanted && names::matches(excluded, name) => wanted = false,
            Some(_) => {}
            None => wanted |= *pattern == "_all" || names::matches(pattern, name),
        }
    }
    wanted
}

/// `POST /_aliases`, `PUT` and `DELETE /{index}/_alias/{name}`: all actions or none.
pub(crate) fn change(task: &Task<'_>) -> Answer {
    let ParsedBody::Aliases(actions) = &task.parsed.body else {
        return Err(Exception::illegal_argument("No action specified"));
    };
    let options = task.options()?;
    let (mut changes, mut room) = (Vec::new(), index::AliasRoom::default());
    let mut removals: Vec<&str> = Vec::new();
    for (position, action) in actions.iter().enumerate() {
        task.work.check()?;
        let sees = |uuid: &str| task.view.item_sees(position, uuid);
        let found = names::seen(task.metadata, &action.indices, options, task.now, sees)?;
        let indices = found.existing(options)?;
        let bytes = match &action.change {
            AliasChange::Add(definition) => definition.bytes(),
            AliasChange::Remove { .. } | AliasChange::RemoveIndex => 0,
        };
        for index in &indices {
            let level = match action.change {
                AliasChange::RemoveIndex => BlockLevel::Release,
                _ => BlockLevel::MetadataWrite,
            };
            level.check(index)?;
            let uuid = || Arc::clone(&index.uuid);
            match &action.change {
                AliasChange::Add(definition) => {
                    // A definition is copied for each index and each name.
                    room.take(action.aliases.len(), bytes)?;
                    for alias in &action.aliases {
                        task.work.check()?;
                        names::validate_alias_name(alias)?;
                        if let Some(filter) = &definition.filter {
                            check_filter(task, index, alias, filter)?;
                        }
                        let (alias, definition) = (alias.clone(), definition.clone());
                        changes.push(index::AliasAction::Add { uuid: uuid(), alias, definition });
                    }
                }
                AliasChange::Remove { must_exist } => {
                    let patterns: Vec<&str> = action.aliases.iter().map(String::as_str).collect();
                    let gone: Vec<&String> =
                        index.aliases.keys().filter(|name| wanted(&patterns, name)).collect();
                    if gone.is_empty() && *must_exist == Some(true) {
                        return Err(missing(&patterns));
                    }
                    if *must_exist != Some(false) {
                        removals.extend(patterns);
                    }
                    let remove = |alias: &String| index::AliasAction::Remove {
                        uuid: uuid(),
                        alias: alias.clone(),
                    };
                    changes.extend(gone.into_iter().map(remove));
                }
                AliasChange::RemoveIndex => {
                    changes.push(index::AliasAction::RemoveIndex { uuid: uuid() });
                }
            }
        }
    }
    if changes.is_empty() && !removals.is_empty() {
        return Err(missing(&removals));
    }
    task.engine.indices.update_aliases(&changes, |uuid| task.view.sees(uuid))?;
    super::search::close_gone(task, None);
    acknowledged()
}

/// Refuses a filter that no search of an open index could have. (`AliasValidator.validateAliasFilter`.)
fn check_filter(
    task: &Task<'_>,
    index: &IndexMetadata,
    alias: &str,
    filter: &Value,
) -> Result<(), Exception> {
    let Ok(open) = task.open(index) else { return Ok(()) };
    let target = Target::new(open.snapshot(), None, task.view);
    let statistics = Statistics::new(task.parsed.route.flavor);
    let lowering = Lowering::new(target.snapshot(), &statistics, task.now, task.work);
    let made = dsl::parse(filter).and_then(|query| lowering.lower_beside(&query).map(|_| ()));
    match made {
        // What is looked up in a document is looked up by who searches.
        Err(cause) if cause.kind() != ExceptionKind::IllegalState => {
            task.work.check()?;
            let reason = format!("failed to parse filter for alias [{alias}]");
            Err(Exception::illegal_argument(reason).caused_by(cause))
        }
        _ => Ok(()),
    }
}

fn missing(names: &[&str]) -> Exception {
    let list = names.join(",");
    Exception::new(ExceptionKind::AliasesNotFound, format!("aliases [{list}] missing"))
        .with("resource.type", "aliases")
        .with("resource.id", list)
}
