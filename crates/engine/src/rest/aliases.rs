//! The actions of `POST /_aliases`, and `PUT`/`DELETE /{index}/_alias/{name}` read as the same thing.
//!
//! Source: `IndicesAliasesRequest` and `RestIndexPutAliasAction` of Elasticsearch 7.10. The body of `PUT …/_alias` may
//! name index and alias itself and then overrides the URL: it is read here, once, for the authorizer too.

use super::json::{JsonMemory, token};
use super::{Api, Json, Route};
use crate::cluster::metadata::Alias;
use crate::exception::Exception;
use crate::limits::ITEMS_MAX;
use crate::work::Work;
use bytes::Bytes;
use serde_json::{Map, Value};

/// What an alias action does.
#[derive(Clone, Debug, PartialEq)]
pub enum AliasChange {
    /// Points the aliases at the indices.
    Add(Alias),
    /// Takes the aliases away from the indices. `must_exist` refuses when there is nothing to take away.
    Remove {
        /// `must_exist`; absent means: refused only when nothing at all was removed.
        must_exist: Option<bool>,
    },
    /// Deletes the indices.
    RemoveIndex,
}

/// One action, with its index expressions and alias names (or, to remove, patterns).
#[derive(Clone, Debug, PartialEq)]
pub struct AliasAction {
    /// What it does.
    pub change: AliasChange,
    /// The index expressions.
    pub indices: Vec<String>,
    /// The alias names or patterns; none for `remove_index`.
    pub aliases: Vec<String>,
}

/// Reads the actions of `route`: of its body, or of its URL.
pub(super) fn read(route: &Route, body: Bytes, work: &Work) -> Result<Vec<AliasAction>, Exception> {
    match route.api {
        Api::IndicesPutAlias => put(route, body, work).map(|action| vec![action]),
        Api::IndicesDeleteAlias => Ok(vec![AliasAction {
            change: AliasChange::Remove { must_exist: None },
            indices: listed(route.part("index")),
            aliases: listed(route.part("name")),
        }]),
        _ => actions(body, work),
    }
}

fn put(route: &Route, body: Bytes, work: &Work) -> Result<AliasAction, Exception> {
    let (mut definition, _memory) =
        if body.is_empty() { Default::default() } else { object(body, work)? };
    let mut indices = listed(route.part("index"));
    let mut aliases = listed(route.part("name"));
    if let Some(named) = definition.shift_remove("index") {
        indices = names("index", named)?;
    }
    if let Some(named) = definition.shift_remove("alias") {
        aliases = names("alias", named)?;
    }
    let [name] = aliases.as_slice() else {
        return Err(Exception::validation(&["alias name is missing"]));
    };
    let alias = Alias::parse(name, &Value::Object(definition))?;
    if indices.is_empty() {
        return Err(Exception::illegal_argument("[indices] can't be empty"));
    }
    Ok(AliasAction { change: AliasChange::Add(alias), indices, aliases })
}

fn actions(body: Bytes, work: &Work) -> Result<Vec<AliasAction>, Exception> {
    let (mut object, _memory) = object(body, work)?;
    let listed = object.shift_remove("actions");
    if let Some(unknown) = object.keys().next() {
        return Err(Exception::parsing(format!("[aliases] unknown field [{unknown}]")));
    }
    let Some(Value::Array(list)) = listed else {
        return Err(Exception::illegal_argument("No action specified"));
    };
    if list.is_empty() || list.len() > ITEMS_MAX {
        return Err(Exception::validation(&["Must specify at least one alias action"]));
    }
    list.into_iter().map(action).collect()
}

fn action(value: Value) -> Result<AliasAction, Exception> {
    let Value::Object(object) = value else {
        return Err(Exception::parsing(format!(
            "[alias_action] Expected START_OBJECT but was: {}",
            token(&value)
        )));
    };
    let mut entries = object.into_iter();
    let (Some((kind, Value::Object(mut inner))), None) = (entries.next(), entries.next()) else {
        return Err(Exception::illegal_argument(
            "Exactly one action has to be specified per alias action object",
        ));
    };
    let mut take = |one: &str, many: &str| -> Result<Vec<String>, Exception> {
        let (single, list) = (inner.shift_remove(one), inner.shift_remove(many));
        if list.as_ref().and_then(Value::as_array).is_some_and(Vec::is_empty) {
            return Err(Exception::illegal_argument(format!("[{many}] can't be empty")));
        }
        match (single, list) {
            (Some(_), Some(_)) => Err(Exception::illegal_argument(format!(
                "Only one of [{one}] and [{many}] is supported"
            ))),
            (Some(value), None) => names(one, value),
            (None, Some(value)) => names(many, value),
            (None, None) => Ok(Vec::new()),
        }
    };
    let indices = take("index", "indices")?;
    let aliases = take("alias", "aliases")?;
    if indices.is_empty() {
        return Err(Exception::illegal_argument("One of [index] or [indices] is required"));
    }
    let change = match kind.as_str() {
        "add" | "remove" if aliases.is_empty() => {
            return Err(Exception::illegal_argument("One of [alias] or [aliases] is required"));
        }
        "add" => {
            inner.shift_remove("must_exist");
            let name = aliases.first().map_or("", String::as_str);
            AliasChange::Add(Alias::parse(name, &Value::Object(inner))?)
        }
        "remove" => {
            let must_exist = inner.shift_remove("must_exist").and_then(|value| value.as_bool());
            unknown(&inner)?;
            AliasChange::Remove { must_exist }
        }
        "remove_index" => {
            inner.shift_remove("must_exist");
            unknown(&inner)?;
            if !aliases.is_empty() {
                return Err(Exception::illegal_argument("[remove_index] takes no alias"));
            }
            AliasChange::RemoveIndex
        }
        other => {
            return Err(Exception::parsing(format!("[alias_action] unknown field [{other}]")));
        }
    };
    Ok(AliasAction { change, indices, aliases })
}

fn unknown(rest: &Map<String, Value>) -> Result<(), Exception> {
    match rest.keys().next() {
        Some(key) => {
            Err(Exception::illegal_argument(format!("[alias_action] unknown field [{key}]")))
        }
        None => Ok(()),
    }
}

fn object(body: Bytes, work: &Work) -> Result<(Map<String, Value>, JsonMemory), Exception> {
    match Json::read_within(body, work)?.into_value() {
        (Value::Object(object), memory) => Ok((object, memory)),
        (other, _) => Err(Exception::parsing(format!(
            "Expected [START_OBJECT] but found [{}]",
            token(&other)
        ))),
    }
}

fn names(key: &str, value: Value) -> Result<Vec<String>, Exception> {
    let wrong = || Exception::illegal_argument(format!("[{key}] must be text or a list of text"));
    match value {
        Value::String(list) => Ok(listed(Some(&list))),
        Value::Array(list) => list
            .into_iter()
            .map(|name| name.as_str().map(str::to_owned).ok_or_else(wrong))
            .collect(),
        _ => Err(wrong()),
    }
}

fn listed(list: Option<&str>) -> Vec<String> {
    list.into_iter()
        .flat_map(|list| list.split(','))
        .filter(|name| !name.is_empty())
        .map(str::to_owned)
        .collect()
}
