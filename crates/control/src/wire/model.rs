//! The API models: data made by `cargo xtask models`, read once.
//!
//! A model says which operations exist, which shape each takes and gives, and which constraints every shape has. The
//! codec ([`super::query`], [`super::rest`], [`super::xml`]) and the validation ([`super::validate`]) walk it; nothing
//! about a single operation is written by hand there.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use regex::Regex;
use serde_json::Value;

use crate::err::{ApiError, ErrorCode};
use crate::service::Service;

/// One service's model.
pub(crate) struct ServiceModel {
    /// `2010-05-08`.
    pub(crate) api_version: String,
    /// Namespace of query replies.
    pub(crate) xml_namespace: String,
    pub(crate) operations: BTreeMap<String, OperationModel>,
    shapes: BTreeMap<String, Shape>,
}

/// One operation of a model.
pub(crate) struct OperationModel {
    pub(crate) method: String,
    /// `/2015-01-01/es/domain/{DomainName}`; `/` in the query protocol.
    pub(crate) uri: String,
    pub(crate) status: u16,
    pub(crate) input: Option<String>,
    pub(crate) output: Option<String>,
    /// Element around the output in the query protocol; 79 iam operations have none.
    pub(crate) wrapper: Option<String>,
}

/// A shape with its constraints.
pub(crate) struct Shape {
    pub(crate) kind: ShapeKind,
    pub(crate) min: Option<f64>,
    pub(crate) max: Option<f64>,
    pub(crate) pattern: Option<Pattern>,
    pub(crate) allowed: Vec<String>,
    /// A password, a token, a key: never repeated, not even to who sent it.
    pub(crate) sensitive: bool,
}

/// What a shape is made of.
pub(crate) enum ShapeKind {
    Structure { members: Vec<ShapeMember>, required: Vec<String> },
    List { member: String, location_name: Option<String>, flattened: bool },
    Map { key: String, value: String },
    Text,
    Integer,
    Float,
    Boolean,
    Timestamp,
    Blob,
}

/// One member of a structure.
pub(crate) struct ShapeMember {
    pub(crate) name: String,
    pub(crate) shape: String,
    pub(crate) location: MemberLocation,
    /// Its name on the wire.
    pub(crate) wire_name: String,
}

/// Where a member travels.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum MemberLocation {
    Body,
    Uri,
    Query,
}

/// A constraint as the model writes it, and as we can check it: look-around is beyond `regex`, and such patterns are
/// left to the operation that takes them (`patterns_that_only_the_operation_checks` in the tests lists them).
pub(crate) struct Pattern {
    pub(crate) text: String,
    pub(crate) compiled: Option<Regex>,
}

static MODELS: [OnceLock<Result<ServiceModel, String>>; Service::ALL.len()] =
    [const { OnceLock::new() }; Service::ALL.len()];

/// The model of `service`. It is part of the binary, so an error is a fault of the build.
pub(crate) fn model(service: Service) -> Result<&'static ServiceModel, ApiError> {
    let [es, opensearch, iam, sts, access_analyzer] = &MODELS;
    let cell = match service {
        Service::Es => es,
        Service::OpenSearch => opensearch,
        Service::Iam => iam,
        Service::Sts => sts,
        Service::AccessAnalyzer => access_analyzer,
    };
    cell.get_or_init(|| read(text(service))).as_ref().map_err(|e| {
        ApiError::new(ErrorCode::Internal, format!("model of {}: {e}", service.name()))
    })
}

/// The model of `service` as `cargo xtask models` wrote it.
pub(crate) fn text(service: Service) -> &'static str {
    match service {
        Service::Es => include_str!("../../models/es-2015-01-01.json"),
        Service::OpenSearch => include_str!("../../models/opensearch-2021-01-01.json"),
        Service::Iam => include_str!("../../models/iam-2010-05-08.json"),
        Service::Sts => include_str!("../../models/sts-2011-06-15.json"),
        Service::AccessAnalyzer => include_str!("../../models/accessanalyzer-2019-11-01.json"),
    }
}

impl ServiceModel {
    /// The shape called `name`. Amazon's models are closed; a missing shape is a fault of the build.
    pub(crate) fn shape(&self, name: &str) -> Result<&Shape, ApiError> {
        let missing =
            || ApiError::new(ErrorCode::Internal, format!("the model has no shape {name}"));
        self.shapes.get(name).ok_or_else(missing)
    }

    /// Every shape by name, in order.
    #[cfg(test)]
    pub(crate) fn shapes(&self) -> impl Iterator<Item = (&String, &Shape)> {
        self.shapes.iter()
    }
}

fn read(text: &str) -> Result<ServiceModel, String> {
    let json: Value = serde_json::from_str(text).map_err(|e| e.to_string())?;
    let mut operations = BTreeMap::new();
    for (name, operation) in entries(json.get("operations")) {
        operations.insert(name.clone(), read_operation(operation));
    }
    let mut shapes = BTreeMap::new();
    for (name, shape) in entries(json.get("shapes")) {
        shapes.insert(name.clone(), read_shape(shape).map_err(|e| format!("shape {name}: {e}"))?);
    }
    let api_version = text_at(&json, "apiVersion").ok_or("no apiVersion")?;
    let xml_namespace = text_at(&json, "xmlNamespace").unwrap_or_default();
    Ok(ServiceModel { api_version, xml_namespace, operations, shapes })
}

fn read_operation(json: &Value) -> OperationModel {
    OperationModel {
        method: text_at(json, "method").unwrap_or_else(|| "POST".to_owned()),
        uri: text_at(json, "uri").unwrap_or_else(|| "/".to_owned()),
        status: json
            .get("status")
            .and_then(Value::as_u64)
            .and_then(|s| u16::try_from(s).ok())
            .unwrap_or(200),
        input: text_at(json, "input"),
        output: text_at(json, "output"),
        wrapper: text_at(json, "wrapper"),
    }
}

fn read_shape(json: &Value) -> Result<Shape, String> {
    let kind = match text_at(json, "type").as_deref() {
        Some("structure") => ShapeKind::Structure {
            members: entries(json.get("members")).map(|(name, m)| read_member(name, m)).collect(),
            required: texts(json.get("required")),
        },
        Some("list") => ShapeKind::List {
            member: json
                .pointer("/member/shape")
                .and_then(Value::as_str)
                .ok_or("a list of nothing")?
                .to_owned(),
            location_name: json
                .pointer("/member/locationName")
                .and_then(Value::as_str)
                .map(str::to_owned),
            flattened: json.get("flattened").and_then(Value::as_bool).unwrap_or(false),
        },
        Some("map") => ShapeKind::Map {
            key: json
                .pointer("/key/shape")
                .and_then(Value::as_str)
                .ok_or("a map without key")?
                .to_owned(),
            value: json
                .pointer("/value/shape")
                .and_then(Value::as_str)
                .ok_or("a map without value")?
                .to_owned(),
        },
        Some("string") => ShapeKind::Text,
        Some("integer" | "long") => ShapeKind::Integer,
        Some("double" | "float") => ShapeKind::Float,
        Some("boolean") => ShapeKind::Boolean,
        Some("timestamp") => ShapeKind::Timestamp,
        Some("blob") => ShapeKind::Blob,
        other => return Err(format!("unknown type {other:?}")),
    };
    Ok(Shape {
        kind,
        min: json.get("min").and_then(Value::as_f64),
        max: json.get("max").and_then(Value::as_f64),
        pattern: text_at(json, "pattern").map(|text| Pattern { compiled: compile(&text), text }),
        allowed: texts(json.get("enum")),
        sensitive: json.get("sensitive").and_then(Value::as_bool).unwrap_or(false),
    })
}

fn read_member(name: &str, json: &Value) -> ShapeMember {
    let location = match text_at(json, "location").as_deref() {
        Some("uri") => MemberLocation::Uri,
        Some("querystring") => MemberLocation::Query,
        _ => MemberLocation::Body,
    };
    ShapeMember {
        name: name.to_owned(),
        shape: text_at(json, "shape").unwrap_or_default(),
        location,
        wire_name: text_at(json, "locationName").unwrap_or_else(|| name.to_owned()),
    }
}

/// The model's patterns are Java's: the whole value must match, `\w` and `\d` are ASCII. `.` also spans lines here,
/// because real clients send access policies with newlines to the opensearch API, whose pattern is `.*`.
fn compile(java: &str) -> Option<Regex> {
    Regex::new(&format!("(?s)\\A(?:{})\\z", ascii_classes(java)?)).ok()
}

/// Rewrites `\w`, `\d` and `\p{XDigit}` to ASCII classes, inside and outside of brackets.
fn ascii_classes(java: &str) -> Option<String> {
    let mut out = String::new();
    let mut in_class = false;
    let mut chars = java.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            in_class = match c {
                '[' => true,
                ']' => false,
                _ => in_class,
            };
            out.push(c);
            continue;
        }
        let escaped = chars.next()?;
        let class = match escaped {
            'w' => "0-9A-Za-z_",
            'd' => "0-9",
            _ => {
                out.push('\\');
                out.push(escaped);
                continue;
            }
        };
        if in_class {
            out.push_str(class);
        } else {
            out.push('[');
            out.push_str(class);
            out.push(']');
        }
    }
    Some(out.replace("\\p{XDigit}", "[0-9A-Fa-f]"))
}

fn entries(value: Option<&Value>) -> impl Iterator<Item = (&String, &Value)> {
    value.and_then(Value::as_object).into_iter().flatten()
}

fn text_at(json: &Value, key: &str) -> Option<String> {
    json.get(key).and_then(Value::as_str).map(str::to_owned)
}

fn texts(value: Option<&Value>) -> Vec<String> {
    let items = value.and_then(Value::as_array).into_iter().flatten();
    items.filter_map(Value::as_str).map(str::to_owned).collect()
}
