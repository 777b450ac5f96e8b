//! Documents that `more_like_this` names by their ids: they are read as any document is, and put into the query.

use std::borrow::Cow;

use serde_json::Value;

use super::get::{self, ReadOptions};
use super::target::Targets;
use crate::dsl::more_like_this::FOUND;
use crate::exception::{Exception, ExceptionKind};
use crate::rest::execute::Task;
use crate::value::scalar::plain;

/// `body` with the sources of the documents that it names in a `more_like_this`. Only those of the indices that are
/// searched can be named; one that is not there is like nothing.
///
/// # Errors
/// 501 for a document of another index; what reading it is refused with.
pub(crate) fn resolved<'b>(task: &Task<'_>, body: &'b Value) -> Result<Cow<'b, Value>, Exception> {
    if !names_documents(body) {
        return Ok(Cow::Borrowed(body));
    }
    let mut body = body.clone();
    let searched: Vec<(String, String)> =
        task.indices()?.iter().map(|index| (index.name.clone(), index.uuid.to_string())).collect();
    let targets = Targets::of(task);
    fill(&targets, &searched, &mut body)?;
    Ok(Cow::Owned(body))
}

/// Whether a `more_like_this` stands anywhere in `value`, which is as deep as JSON may be.
fn names_documents(value: &Value) -> bool {
    match value {
        Value::Object(object) => {
            object.iter().any(|(key, value)| key == "more_like_this" || names_documents(value))
        }
        Value::Array(values) => values.iter().any(names_documents),
        _ => false,
    }
}

fn fill(
    targets: &Targets<'_>,
    searched: &[(String, String)],
    value: &mut Value,
) -> Result<(), Exception> {
    targets.work.check()?;
    match value {
        Value::Object(object) => {
            for (key, value) in object {
                if key == "more_like_this" {
                    for side in ["like", "unlike"] {
                        match value.get_mut(side) {
                            Some(Value::Array(items)) => {
                                for item in items {
                                    item_filled(targets, searched, item)?;
                                }
                            }
                            Some(one) => item_filled(targets, searched, one)?,
                            None => {}
                        }
                    }
                } else {
                    fill(targets, searched, value)?;
                }
            }
        }
        Value::Array(values) => {
            for value in values {
                fill(targets, searched, value)?;
            }
        }
        _ => {}
    }
    Ok(())
}

fn item_filled(
    targets: &Targets<'_>,
    searched: &[(String, String)],
    item: &mut Value,
) -> Result<(), Exception> {
    let Value::Object(object) = item else { return Ok(()) };
    if object.contains_key(FOUND) {
        let reason = format!("failed to parse More Like This item. unknown field [{FOUND}]");
        return Err(Exception::new(ExceptionKind::ElasticsearchParse, reason));
    }
    let Some(id) = object.get("_id").map(plain) else { return Ok(()) };
    if object.contains_key("doc") {
        return Ok(());
    }
    let routing = object.get("routing").or_else(|| object.get("_routing")).map(plain);
    let options = ReadOptions::plain(true, None, routing);
    let mut names: Vec<String> = match object.get("_index") {
        Some(name) => vec![plain(name)],
        None => searched.iter().map(|(name, _)| name.clone()).collect(),
    };
    names.truncate(INDICES_MAX);
    let mut source = Value::Object(serde_json::Map::new());
    for name in names {
        targets.work.check()?;
        let index = targets.read(&name)?;
        if !searched.iter().any(|(_, uuid)| uuid == index.uuid()) {
            let what = "more_like_this with a document of an index that is not searched";
            return Err(Exception::not_implemented(what));
        }
        if let Some(found) = get::find(targets, &index, &id, &options)? {
            source = serde_json::from_slice(&found.source)
                .map_err(|error| Exception::new(ExceptionKind::IllegalState, error.to_string()))?;
            break;
        }
    }
    object.insert(FOUND.to_owned(), source);
    Ok(())
}

/// Most indices that one document is looked for in.
const INDICES_MAX: usize = 100;
