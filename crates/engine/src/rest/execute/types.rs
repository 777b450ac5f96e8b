//! Mapping types as Elasticsearch 7 still speaks of them: `include_type_name`, and a type's name in the path.
//!
//! An index has one type, and its name is not kept: it goes by whatever name it is asked for, `_doc` where none is given.
//! OpenSearch has no types: what is nested under one is refused. Every text is the real server's.
//! Source: `RestCreateIndexAction`, `RestPutMappingAction` and `RestGetMappingAction` of Elasticsearch 7.10.2.

use crate::exception::Exception;
use crate::rest::{Flavor, Route};
use serde_json::{Map, Value};

const DOC: &str = "_doc";

/// `include_type_name`; off where it is not given.
fn asked(route: &Route) -> Result<bool, Exception> {
    route.query.flag("include_type_name", false)
}

/// The mapping out of the `mappings` of a new index: with `include_type_name`, that of the first type in it.
///
/// # Errors
/// A mapping under `_doc` that was not announced.
pub(super) fn created(route: &Route, mappings: Value) -> Result<Value, Exception> {
    if asked(route)? {
        let Value::Object(types) = mappings else { return Ok(mappings) };
        return match types.into_iter().next() {
            None => Ok(Value::Object(Map::new())),
            Some((_, inner)) if inner.is_object() => Ok(inner),
            Some((name, _)) => Err(Exception::mapper_parsing(format!(
                "Failed to parse mapping [{name}]: Expected map for property [{name}]"
            ))),
        };
    }
    match (only(&mappings), route.flavor) {
        (Some((DOC, _)), Flavor::Elasticsearch710) => Err(Exception::illegal_argument(
            "The mapping definition cannot be nested under a type [_doc] unless include_type_name is set to true.",
        )),
        (Some((DOC, _)), Flavor::OpenSearch219) => {
            Err(Exception::illegal_argument("The mapping definition cannot be nested under a type"))
        }
        _ => Ok(mappings),
    }
}

/// The mapping out of the body of `_mapping`: the type in the path may be repeated around it.
///
/// # Errors
/// A type without `include_type_name`, and that without a type.
pub(super) fn put(route: &Route, body: Value) -> Result<Value, Exception> {
    let kind = route.part("type");
    let nested = only(&body).is_some_and(|(key, _)| key == kind.unwrap_or(DOC));
    if asked(route)? {
        if kind.is_none() {
            return Err(Exception::validation(&["mapping type is missing"]));
        }
        return Ok(match only(&body) {
            Some((_, inner)) if nested => inner.clone(),
            _ => body,
        });
    }
    if kind.is_none() && !nested {
        return Ok(body);
    }
    Err(Exception::illegal_argument(match route.flavor {
        Flavor::Elasticsearch710 => {
            "Types cannot be provided in put mapping requests, unless the include_type_name parameter is set to true."
        }
        Flavor::OpenSearch219 => "Types cannot be provided in put mapping requests",
    }))
}

/// Checks a request for mappings.
///
/// # Errors
/// A type in the path without `include_type_name`.
pub(super) fn check_get(route: &Route) -> Result<(), Exception> {
    check(
        route,
        "Types cannot be provided in get mapping requests, unless include_type_name is set to true.",
    )
}

/// Checks a request for the mappings of fields.
///
/// # Errors
/// A type in the path without `include_type_name`.
pub(super) fn check_field_mapping(route: &Route) -> Result<(), Exception> {
    check(route, "Types cannot be specified unless include_type_name is set to true.")
}

fn check(route: &Route, refusal: &str) -> Result<(), Exception> {
    if route.part("type").is_some() && !asked(route)? {
        return Err(Exception::illegal_argument(refusal));
    }
    Ok(())
}

/// A mapping as it is shown: with `include_type_name` under its type, unless there is nothing in it.
pub(super) fn shown(route: &Route, mapping: Value) -> Result<Value, Exception> {
    let empty = mapping.as_object().is_none_or(Map::is_empty);
    if !asked(route)? || empty {
        return Ok(mapping);
    }
    let plain = |name: &&str| *name != "_all" && !name.contains(['*', ',']);
    let name = route.part("type").filter(plain).unwrap_or(DOC);
    Ok(Value::Object(Map::from_iter([(name.to_owned(), mapping)])))
}

/// The only member of an object that has exactly one.
pub(super) fn only(value: &Value) -> Option<(&str, &Value)> {
    let mut members = value.as_object()?.iter();
    match (members.next(), members.next()) {
        (Some((key, inner)), None) => Some((key.as_str(), inner)),
        _ => None,
    }
}
