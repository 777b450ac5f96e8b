//! How bodies of `mappings` are put over one another before they are read.
//!
//! Legacy templates are merged as maps (`XContentHelper.mergeDefaults`); composable ones as mappings: objects grow
//! together, a field that comes later takes the place of the earlier one as a whole (`MergeReason.INDEX_TEMPLATE`).

use std::collections::{HashMap, HashSet};

use serde_json::{Map, Value};

use crate::exception::Exception;
use crate::limits::MAPPING_DEPTH_MAX;

/// Fills `content` up with what it does not say itself.
pub(super) fn defaults(content: &mut Map<String, Value>, defaults: &Map<String, Value>) {
    for (key, default) in defaults {
        match (content.get_mut(key), default) {
            (None, _) => {
                content.insert(key.clone(), default.clone());
            }
            (Some(Value::Object(own)), Value::Object(default)) => self::defaults(own, default),
            (Some(Value::Array(own)), Value::Array(default)) => *own = lists(own, default),
            _ => {}
        }
    }
}

/// Lists of named objects are merged by name, the own ones first; others are put together, the defaults first.
fn lists(own: &[Value], default: &[Value]) -> Vec<Value> {
    let named = |list: &[Value]| -> Option<Vec<(String, Value)>> {
        list.iter().map(only).collect::<Option<Vec<_>>>()
    };
    if let (Some(own), Some(default)) = (named(own), named(default)) {
        let mut merged: Vec<(String, Value)> = Vec::new();
        let mut places: HashMap<String, usize> = HashMap::new();
        for (name, value) in own.into_iter().chain(default) {
            let place = places.get(&name).and_then(|place| merged.get_mut(*place));
            match (place, value) {
                (Some((_, Value::Object(there))), Value::Object(value)) => {
                    self::defaults(there, &value);
                }
                (Some(_), _) => {}
                (None, value) => {
                    places.insert(name.clone(), merged.len());
                    merged.push((name, value));
                }
            }
        }
        let named = |(name, value)| Value::Object(Map::from_iter([(name, value)]));
        return merged.into_iter().map(named).collect();
    }
    let mut known: HashSet<String> = HashSet::new();
    let each = default.iter().chain(own).filter(|value| known.insert(value.to_string()));
    each.cloned().collect()
}

fn only(value: &Value) -> Option<(String, Value)> {
    let object = value.as_object().filter(|object| object.len() == 1)?;
    object.iter().next().map(|(name, value)| (name.clone(), value.clone()))
}

/// Puts the body of `mappings` `from` over `into`.
///
/// # Errors
/// An object meets a field.
pub(super) fn mapping(
    into: &mut Map<String, Value>,
    from: &Map<String, Value>,
) -> Result<(), Exception> {
    for (key, value) in from {
        match (key.as_str(), into.get_mut(key), value) {
            ("properties", there, Value::Object(own)) => {
                let mut merged = match there {
                    Some(Value::Object(there)) => spread(std::mem::take(there), 1),
                    _ => Map::new(),
                };
                properties(&mut merged, spread(own.clone(), 1), "")?;
                into.insert(key.clone(), Value::Object(merged));
            }
            ("dynamic_templates", Some(Value::Array(there)), Value::Array(own)) => {
                let mut places: HashMap<String, usize> = there
                    .iter()
                    .enumerate()
                    .filter_map(|(place, value)| Some((only(value)?.0, place)))
                    .collect();
                for template in own {
                    let name = only(template).map(|(name, _)| name).unwrap_or_default();
                    match places.get(&name).and_then(|place| there.get_mut(*place)) {
                        Some(place) => *place = template.clone(),
                        None => {
                            places.insert(name, there.len());
                            there.push(template.clone());
                        }
                    }
                }
            }
            ("_meta", Some(Value::Object(there)), Value::Object(own)) => {
                let mut own = own.clone();
                defaults(&mut own, there);
                *there = own;
            }
            _ => {
                into.insert(key.clone(), value.clone());
            }
        }
    }
    Ok(())
}

/// `properties` without dots in names, as far as a mapping may be deep.
fn spread(properties: Map<String, Value>, depth: usize) -> Map<String, Value> {
    let mut spread_out = Map::new();
    for (name, mut definition) in properties {
        let parts: Vec<&str> = name.split('.').collect();
        let deep = depth + parts.len();
        if deep > MAPPING_DEPTH_MAX || parts.iter().any(|part| part.is_empty()) {
            // Too deep, or no name at all: the mapping's reader says so.
            spread_out.insert(name, definition);
            continue;
        }
        if let Some(Value::Object(inner)) = definition.get_mut("properties") {
            *inner = spread(std::mem::take(inner), deep);
        }
        let mut place = &mut spread_out;
        let mut parts = parts.into_iter().peekable();
        while let Some(part) = parts.next() {
            if parts.peek().is_none() {
                match (place.get_mut(part), definition) {
                    (Some(Value::Object(there)), Value::Object(own)) => join(there, own),
                    (_, definition) => {
                        place.insert(part.to_owned(), definition);
                    }
                }
                break;
            }
            let entry = place.entry(part.to_owned()).or_insert_with(|| Value::Object(Map::new()));
            let Value::Object(entry) = entry else { break };
            let inner = entry.entry("properties").or_insert_with(|| Value::Object(Map::new()));
            let Value::Object(inner) = inner else { break };
            place = inner;
        }
    }
    spread_out
}

/// Two definitions of one object in one body: `a.b` beside `a`.
fn join(there: &mut Map<String, Value>, own: Map<String, Value>) {
    for (key, value) in own {
        match (there.get_mut(&key), value) {
            (Some(Value::Object(there)), Value::Object(value)) => join(there, value),
            (_, value) => {
                there.insert(key, value);
            }
        }
    }
}

fn properties(
    into: &mut Map<String, Value>,
    from: Map<String, Value>,
    prefix: &str,
) -> Result<(), Exception> {
    for (name, definition) in from {
        let there = match into.get_mut(&name) {
            None => {
                into.insert(name, definition);
                continue;
            }
            Some(there) => there,
        };
        let path = format!("{prefix}{name}");
        match (is_object(there), is_object(&definition)) {
            (false, false) => *there = definition,
            (true, true) => {
                let (Value::Object(there), Value::Object(own)) = (there, definition) else {
                    continue;
                };
                for (key, value) in own {
                    match (key.as_str(), there.get_mut("properties"), value) {
                        ("properties", Some(Value::Object(inner)), Value::Object(value)) => {
                            properties(inner, value, &format!("{path}."))?;
                        }
                        (_, _, value) => {
                            there.insert(key, value);
                        }
                    }
                }
            }
            _ => {
                return Err(Exception::illegal_argument(format!(
                    "can't merge a non object mapping [{path}] with an object mapping"
                )));
            }
        }
    }
    Ok(())
}

fn is_object(definition: &Value) -> bool {
    match definition.get("type").and_then(Value::as_str) {
        None => definition.is_object(),
        Some(kind) => matches!(kind, "object" | "nested"),
    }
}
