//! The query protocol's requests: form parameters → a value shaped by the model.
//!
//! `Tags.member.1.Key=…`, `Map.entry.1.key=…`; an empty list is `Tags=`. Indices may have gaps; order is by index.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::model::{ServiceModel, ShapeKind};
use super::validate::{camel, wrong_type};
use crate::err::{ApiError, ErrorCode};
use crate::limits::{FORM_DEPTH_MAX, FORM_PARAMETERS_MAX};
use crate::service::WireProtocol;

/// The parameters of one request, names unique.
pub(crate) struct QueryForm {
    root: ParameterNode,
}

#[derive(Default)]
struct ParameterNode {
    value: Option<String>,
    children: BTreeMap<ParameterKey, ParameterNode>,
}

/// A part of a dotted name. Numbers sort as numbers.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum ParameterKey {
    Index(u32),
    Name(String),
}

impl QueryForm {
    /// Reads `a=b&c=d` from the query string and the body together (`GET` has only the first). A name that occurs
    /// twice is refused: what was authorized must be what runs.
    pub(crate) fn read(query: &str, body: &[u8]) -> Result<QueryForm, ApiError> {
        let body = std::str::from_utf8(body)
            .map_err(|_| ApiError::new(ErrorCode::Serialization, "the form is not UTF-8"))?;
        let mut root = ParameterNode::default();
        let pairs = query.split('&').chain(body.trim_end_matches(['\r', '\n']).split('&'));
        for (count, pair) in pairs.filter(|pair| !pair.is_empty()).enumerate() {
            if count >= FORM_PARAMETERS_MAX {
                let text = format!("the form has more than {FORM_PARAMETERS_MAX} parameters");
                return Err(ApiError::new(ErrorCode::Serialization, text));
            }
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let name = decode(name)?;
            if name.starts_with("X-Amz-") {
                continue; // a presigned request's own parameters
            }
            let value = decode(value).map_err(|_| {
                let text = format!("a percent escape is broken in the value of {name}");
                ApiError::new(ErrorCode::Serialization, text)
            })?;
            root.insert(&name, value)?;
        }
        Ok(QueryForm { root })
    }

    /// A parameter at the top.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.root.child(name).and_then(|node| node.value.as_deref())
    }

    /// The whole, as the structure called `shape`.
    pub(crate) fn to_value(&self, model: &ServiceModel, shape: &str) -> Result<Value, ApiError> {
        value_of(&self.root, model, shape, "")
    }
}

impl ParameterNode {
    fn insert(&mut self, name: &str, value: String) -> Result<(), ApiError> {
        let mut node = self;
        for (depth, part) in name.split('.').enumerate() {
            if depth >= FORM_DEPTH_MAX {
                return Err(ApiError::new(
                    ErrorCode::Serialization,
                    "a parameter's name has too many parts",
                ));
            }
            let key = part
                .parse()
                .map_or_else(|_| ParameterKey::Name(part.to_owned()), ParameterKey::Index);
            node = node.children.entry(key).or_default();
        }
        if node.value.replace(value).is_some() {
            let text = format!("the parameter {name} is given more than once");
            return Err(ApiError::new(ErrorCode::Serialization, text));
        }
        Ok(())
    }

    fn child(&self, name: &str) -> Option<&ParameterNode> {
        self.children.get(&ParameterKey::Name(name.to_owned()))
    }
}

fn value_of(
    node: &ParameterNode,
    model: &ServiceModel,
    shape: &str,
    path: &str,
) -> Result<Value, ApiError> {
    let text = || node.value.clone().unwrap_or_default();
    Ok(match &model.shape(shape)?.kind {
        ShapeKind::Structure { members, .. } => {
            let mut object = Map::new();
            for member in members {
                if let Some(child) = node.child(&member.wire_name) {
                    let path = if path.is_empty() {
                        camel(&member.name)
                    } else {
                        format!("{path}.{}", camel(&member.name))
                    };
                    object
                        .insert(member.name.clone(), value_of(child, model, &member.shape, &path)?);
                }
            }
            Value::Object(object)
        }
        ShapeKind::List { member, location_name, flattened } => {
            let items = if *flattened {
                Some(node)
            } else {
                node.child(location_name.as_deref().unwrap_or("member"))
            };
            let mut list = Vec::new();
            for (key, item) in items.into_iter().flat_map(|items| &items.children) {
                if let ParameterKey::Index(index) = key {
                    list.push(value_of(item, model, member, &format!("{path}.{index}.member"))?);
                }
            }
            Value::Array(list)
        }
        ShapeKind::Map { value, .. } => {
            let mut object = Map::new();
            for entry in node.child("entry").into_iter().flat_map(|it| it.children.values()) {
                let key = entry.child("key").and_then(|key| key.value.clone());
                if let (Some(key), Some(item)) = (key, entry.child("value")) {
                    object.insert(key, value_of(item, model, value, path)?);
                }
            }
            Value::Object(object)
        }
        ShapeKind::Text | ShapeKind::Blob | ShapeKind::Timestamp => Value::String(text()),
        ShapeKind::Integer => {
            let text = text();
            let number: i64 = text
                .parse()
                .map_err(|_| wrong_type(WireProtocol::Query, path, "a whole number", &text))?;
            number.into()
        }
        ShapeKind::Float => {
            let text = text();
            let number: f64 = text
                .parse()
                .map_err(|_| wrong_type(WireProtocol::Query, path, "a number", &text))?;
            number.into()
        }
        ShapeKind::Boolean => match text().as_str() {
            "true" | "True" | "TRUE" => Value::Bool(true),
            "false" | "False" | "FALSE" => Value::Bool(false),
            other => return Err(wrong_type(WireProtocol::Query, path, "true or false", other)),
        },
    })
}

/// Percent- and plus-decoding of a form's name or value (WHATWG URL, application/x-www-form-urlencoded).
pub(crate) fn decode(text: &str) -> Result<String, ApiError> {
    percent_decode(&text.replace('+', " "))
}

/// Percent-decoding alone, for paths and labels. A broken escape or bytes that are not UTF-8 are refused.
pub(crate) fn percent_decode(text: &str) -> Result<String, ApiError> {
    // Not the text itself: it may be a secret, and errors are written down.
    let bad = || ApiError::new(ErrorCode::Serialization, "a percent escape is broken");
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        if byte != b'%' {
            out.push(byte);
            continue;
        }
        let high = bytes.next().and_then(hex).ok_or_else(bad)?;
        let low = bytes.next().and_then(hex).ok_or_else(bad)?;
        out.push(high * 16 + low);
    }
    String::from_utf8(out).map_err(|_| bad())
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}
