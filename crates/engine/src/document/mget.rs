//! `_mget`: many reads, each with its own answer.

use serde_json::{Map, Value};

use super::get::{self, ReadOptions};
use super::target::Targets;
use super::{body_required, named};
use crate::engine::Answer;
use crate::exception::{Exception, ExceptionKind};
use crate::response::Response;
use crate::rest::execute::Task;
use crate::rest::{MgetItem, ParsedBody, Route};
use crate::search::SourceFilter;
use crate::value::scalar::plain;

/// `GET /{index}/_mget`.
pub(crate) fn mget(task: &Task<'_>) -> Answer {
    let (targets, route) = (Targets::of(task), &task.parsed.route);
    let ParsedBody::Mget(items) = &task.parsed.body else { return Err(body_required()) };
    if route.query.get("fields").is_some() {
        return Err(Exception::illegal_argument(
            "The parameter [fields] is no longer supported, please use [stored_fields] to retrieve stored fields or _source filtering if the field is not stored",
        ));
    }
    let mut held = targets.work.holds("<http_response>");
    let mut body = String::from("{\"docs\":[");
    for (position, item) in items.iter().enumerate() {
        targets.work.check()?;
        let printed = match document(&targets, route, position, item) {
            Ok(document) => document,
            Err(refusal) => refused(route, item, &refusal),
        };
        held.grow(printed.len() as u64 + 1)?;
        if position > 0 {
            body.push(',');
        }
        body.push_str(&printed);
    }
    body.push_str("]}");
    drop(held);
    Ok(Response::printed(200, targets.work.body(body.into_bytes())?))
}

fn document(
    targets: &Targets<'_>,
    route: &Route,
    position: usize,
    item: &MgetItem,
) -> Result<String, Exception> {
    if let Some(reason) = targets.view.denial(position) {
        return Err(Exception::new(ExceptionKind::Security, reason));
    }
    let mut options = ReadOptions::of_query(&route.query)?;
    // The version of the query string is that of no item.
    options.version = None;
    for (key, value) in &item.options {
        match key.as_str() {
            "_source" => {
                options.filter = SourceFilter::parse(value)?;
                options.source_asked = true;
            }
            "routing" => options.routing = Some(plain(value)),
            "version" => options.version = value.as_u64(),
            "stored_fields" => {
                let names = match value {
                    Value::Array(names) => names.iter().map(plain).collect(),
                    one => vec![plain(one)],
                };
                options.stored_fields = Some(names);
            }
            _ => {}
        }
    }
    let index = targets.read(&item.index)?;
    options.type_name.clone_from(&item.type_name);
    let found = get::find(targets, &index, &item.id, &options)?;
    let own = || targets.type_name(&index);
    let type_name = route.type_name().and_then(|_| item.type_name.clone().or_else(own));
    if type_name.is_none() && route.type_name().is_some() {
        // Nothing was mapped or written yet.
        let mut body = head(route, item);
        body.insert("found".into(), false.into());
        return Ok(Value::Object(body).to_string());
    }
    get::printed(&targets.shown(&index), type_name.as_deref(), &item.id, found.as_ref(), &options)
}

/// What is told of every item: of its type what it says itself.
fn head(route: &Route, item: &MgetItem) -> Map<String, Value> {
    let mut head = named(&item.index, route.type_name(), &item.id);
    if let Some(kind) = head.get_mut("_type") {
        *kind = item.type_name.as_deref().into();
    }
    head
}

fn refused(route: &Route, item: &MgetItem, refusal: &Exception) -> String {
    let mut body = head(route, item);
    if refusal.kind() == ExceptionKind::Security {
        body.insert("status".into(), refusal.status().into());
        body.insert("error".into(), refusal.item());
    } else {
        body.insert("error".into(), refusal.error());
    }
    Value::Object(body).to_string()
}
