//! Mapping types as Elasticsearch 7 still speaks of them: `include_type_name`, and a type's name in the path.
//!
//! An index has one type. Its name is given by what first maps or writes it, `_doc` where that names none. OpenSearch has no
//! types: what is nested under one is refused. Every text is the real server's. Source: `RestCreateIndexAction`,
//! `RestPutMappingAction` and `RestGetMappingAction` of Elasticsearch 7.10.2; decision 0043.

use crate::exception::{Exception, ExceptionKind};
use crate::mapping::Mapping;
use crate::mapping::type_name::DOC;
use crate::name_pattern;
use crate::rest::{Flavor, Route};
use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// `include_type_name`; off where it is not given.
fn asked(route: &Route) -> Result<bool, Exception> {
    route.query.flag("include_type_name", false)
}

/// The mapping out of the `mappings` of a new index, and the name of its type where it has one: with `include_type_name`,
/// that of the first type in it.
///
/// # Errors
/// A mapping under `_doc` that was not announced.
pub(super) fn created(
    route: &Route,
    mappings: Value,
) -> Result<(Option<String>, Value), Exception> {
    if asked(route)? {
        let Value::Object(types) = mappings else { return Ok((None, mappings)) };
        return match types.into_iter().next() {
            None => Ok((None, Value::Object(Map::new()))),
            Some((name, inner)) if inner.is_object() => Ok((Some(name), inner)),
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
        (_, Flavor::Elasticsearch710) => Ok((Some(DOC.to_owned()), mappings)),
        (_, Flavor::OpenSearch219) => {
            known(&mappings).map_err(|cause| {
                let reason = format!("Failed to parse mapping [_doc]: {}", cause.reason());
                Exception::mapper_parsing(reason).root_cause(cause.clone()).caused_by(cause)
            })?;
            Ok((None, mappings))
        }
    }
}

/// The field types that OpenSearch does not have.
const OF_ELASTICSEARCH: &[&str] = &["histogram"];

/// Refuses the first field of a type that OpenSearch does not have.
fn known(mapping: &Value) -> Result<(), Exception> {
    let inside =
        ["properties", "fields"].into_iter().filter_map(|key| mapping.get(key)?.as_object());
    for (name, field) in inside.flatten() {
        match field.get("type").and_then(Value::as_str) {
            Some(kind) if OF_ELASTICSEARCH.contains(&kind) => {
                return Err(Exception::mapper_parsing(format!(
                    "No handler for type [{kind}] declared on field [{name}]"
                )));
            }
            _ => known(field)?,
        }
    }
    Ok(())
}

/// The type that a put mapping is for; `None` where there are none. What else it must not be.
///
/// # Errors
/// A type without `include_type_name`, and that without a type.
pub(super) fn put<'a>(route: &'a Route, body: &Value) -> Result<Option<&'a str>, Exception> {
    let kind = route.part("type");
    if asked(route)? {
        let missing = || Exception::validation(&["mapping type is missing"]);
        return kind.ok_or_else(missing).map(Some);
    }
    if kind.is_none() && only(body).is_none_or(|(key, _)| key != DOC) {
        if route.flavor == Flavor::OpenSearch219 {
            known(body)?;
        }
        return Ok((route.flavor == Flavor::Elasticsearch710).then_some(DOC));
    }
    Err(Exception::illegal_argument(match route.flavor {
        Flavor::Elasticsearch710 => {
            "Types cannot be provided in put mapping requests, unless the include_type_name parameter is set to true."
        }
        Flavor::OpenSearch219 => "Types cannot be provided in put mapping requests",
    }))
}

/// The mapping out of the body of `_mapping` for an index: the type may be repeated around it.
pub(super) fn unwrapped<'a>(kind: Option<&str>, body: &'a Value, mapping: &Mapping) -> &'a Value {
    match (only(body), kind) {
        (Some((key, inner)), Some(kind)) if key == kind || Some(key) == mapping.type_name() => {
            inner
        }
        _ => body,
    }
}

/// Checks a request for mappings.
///
/// # Errors
/// A type in the path without `include_type_name`.
pub(super) fn check_get(route: &Route) -> Result<(), Exception> {
    // These name no type, but all.
    if matches!(route.part("type"), Some("_all" | "*")) {
        return Ok(());
    }
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

/// A mapping as it is shown: with `include_type_name` under the name of its type, if it has one.
pub(super) fn shown(
    route: &Route,
    type_name: Option<&str>,
    mapping: Value,
) -> Result<Value, Exception> {
    match type_name {
        Some(name) if asked(route)? => {
            Ok(Value::Object(Map::from_iter([(name.to_owned(), mapping)])))
        }
        _ => Ok(mapping),
    }
}

/// The names and patterns of types in the path.
pub(super) struct AskedTypes<'a>(Vec<&'a str>);

impl<'a> AskedTypes<'a> {
    /// Those of `route`; `_all` asks for any.
    pub(super) fn of(route: &'a Route) -> AskedTypes<'a> {
        let listed = route.part("type").filter(|list| *list != "_all");
        AskedTypes(listed.into_iter().flat_map(|list| list.split(',')).collect())
    }

    /// Whether the mapping is of such a type.
    pub(super) fn find(&self, mapping: &Mapping) -> bool {
        let own = mapping.type_name();
        self.0.is_empty() || own.is_some_and(|own| self.0.iter().any(|asked| matches(asked, own)))
    }

    /// What is said of those that none of the `found` types is, besides what was found; `None`: each was found.
    ///
    /// # Errors
    /// `type_missing_exception` where nothing was.
    pub(super) fn missing(&self, found: &BTreeSet<&str>) -> Result<Option<String>, Exception> {
        if found.is_empty() && !self.0.is_empty() {
            let reason = format!("type[[{}]] missing", self.0.join(","));
            return Err(Exception::new(ExceptionKind::TypeMissing, reason)
                .with("index_uuid", "_na_")
                .with("index", "_all"));
        }
        let unmet = |asked: &&&str| !found.iter().any(|found| matches(asked, found));
        let mut missing: Vec<&str> = self.0.iter().filter(unmet).copied().collect();
        missing.sort_unstable();
        missing.dedup();
        let noun = if missing.len() == 1 { "type" } else { "types" };
        Ok((!missing.is_empty()).then(|| format!("{noun} [{}] missing", missing.join(","))))
    }
}

fn matches(asked: &str, name: &str) -> bool {
    name_pattern::matches(asked, name)
}

/// The only member of an object that has exactly one.
pub(super) fn only(value: &Value) -> Option<(&str, &Value)> {
    let mut members = value.as_object()?.iter();
    match (members.next(), members.next()) {
        (Some((key, inner)), None) => Some((key.as_str(), inner)),
        _ => None,
    }
}
