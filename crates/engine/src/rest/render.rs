//! What every answer has in common: `filter_path`, `pretty`, and the empty body of `HEAD`.

use super::{Method, Parsed};
use crate::engine::Answer;
use crate::response::{JSON, Response};
use serde_json::{Map, Value};

/// The answer as it leaves the engine.
pub(crate) fn render(parsed: &Parsed, answer: Answer) -> Response {
    let mut response = answer.unwrap_or_else(|exception| Response::exception(&exception));
    let query = &parsed.route.query;
    let pretty = query.flag("pretty", false).unwrap_or(false);
    // A failure is never filtered away.
    let filters = query.get("filter_path").filter(|list| !list.is_empty() && response.status < 400);
    if (pretty || filters.is_some())
        && response.content_type == JSON
        && let Ok(value) = serde_json::from_slice::<Value>(&response.body)
    {
        let value = filters.map_or(value.clone(), |filters| filtered(&value, filters));
        let printed = if pretty { format!("{value:#}\n") } else { value.to_string() };
        response.body = printed.into();
    }
    if parsed.route.method == Method::Head {
        response.body.clear();
    }
    response
}

/// What `filter_path` leaves of `value`: paths to keep, and with a minus paths to drop.
fn filtered(value: &Value, list: &str) -> Value {
    let (drop, keep): (Vec<&str>, Vec<&str>) =
        list.split(',').filter(|path| !path.is_empty()).partition(|path| path.starts_with('-'));
    let paths = |list: Vec<&'_ str>| -> Vec<Vec<String>> {
        list.into_iter()
            .map(|path| path.trim_start_matches('-').split('.').map(str::to_owned).collect())
            .collect()
    };
    let (drop, keep) = (paths(drop), paths(keep));
    let kept = if keep.is_empty() {
        Some(value.clone())
    } else {
        let live: Vec<&[String]> = keep.iter().map(Vec::as_slice).collect();
        including(value, &live)
    };
    let live: Vec<&[String]> = drop.iter().map(Vec::as_slice).collect();
    kept.and_then(|kept| excluding(&kept, &live)).unwrap_or_else(|| Value::Object(Map::new()))
}

/// The paths that are still open below `key`, and whether one of them ends there.
fn step<'a>(paths: &[&'a [String]], key: &str) -> (Vec<&'a [String]>, bool) {
    let mut below = Vec::new();
    let mut ends = false;
    for path in paths {
        let Some((first, rest)) = path.split_first() else { continue };
        if first == "**" {
            // Any number of steps: stay, or go on with what follows.
            below.push(*path);
            let (deeper, done) = step(&[rest], key);
            ends |= done;
            below.extend(deeper);
        } else if crate::cluster::names::matches(first, key) {
            ends |= rest.is_empty();
            if !rest.is_empty() {
                below.push(rest);
            }
        }
    }
    (below, ends)
}

fn including(value: &Value, paths: &[&[String]]) -> Option<Value> {
    match value {
        Value::Object(object) => {
            let mut kept = Map::new();
            for (key, member) in object {
                let (below, ends) = step(paths, key);
                let member = if ends { Some(member.clone()) } else { including(member, &below) };
                if let Some(member) = member {
                    kept.insert(key.clone(), member);
                }
            }
            (!kept.is_empty()).then_some(Value::Object(kept))
        }
        Value::Array(list) => {
            let kept: Vec<Value> = list.iter().filter_map(|item| including(item, paths)).collect();
            (!kept.is_empty()).then_some(Value::Array(kept))
        }
        _ => None,
    }
}

fn excluding(value: &Value, paths: &[&[String]]) -> Option<Value> {
    if paths.is_empty() {
        return Some(value.clone());
    }
    match value {
        Value::Object(object) => {
            let mut kept = Map::new();
            for (key, member) in object {
                let (below, ends) = step(paths, key);
                if let (false, Some(member)) = (ends, excluding(member, &below)) {
                    kept.insert(key.clone(), member);
                }
            }
            // An object that filtering emptied goes with its members.
            (!kept.is_empty() || object.is_empty()).then_some(Value::Object(kept))
        }
        Value::Array(list) => {
            Some(Value::Array(list.iter().filter_map(|item| excluding(item, paths)).collect()))
        }
        other => Some(other.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn check(list: &str, expected: Value) {
        let value = json!({"took": 3, "hits": {"total": {"value": 1}, "hits": [
            {"_id": "1", "_source": {"a": 1, "b": {"c": 2}}}, {"_id": "2", "_source": {"a": 3}}]}});
        assert_eq!(filtered(&value, list), expected, "{list}");
    }

    #[test]
    fn named_paths_are_kept() {
        check("took", json!({"took": 3}));
        check(
            "hits.hits._id,took",
            json!({"took": 3, "hits": {"hits": [{"_id": "1"}, {"_id": "2"}]}}),
        );
        check("h*.total", json!({"hits": {"total": {"value": 1}}}));
        check("nothing", json!({}));
    }

    #[test]
    fn two_stars_span_levels() {
        check("**.c", json!({"hits": {"hits": [{"_source": {"b": {"c": 2}}}]}}));
    }

    #[test]
    fn a_minus_drops() {
        check("-hits", json!({"took": 3}));
        check("hits.total,-hits.total.value", json!({}));
    }
}
