//! The query protocol's requests: form parameters → a value shaped by the model.
//!
//! `Tags.member.1.Key=…`, `Map.entry.1.key=…`; an empty list is `Tags=`. Indices may have gaps; order is by index.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::model::{Kind, Model};
use super::validate::{camel, wrong_type};
use crate::err::{ApiError, ErrorCode};
use crate::limits::{FORM_DEPTH_MAX, FORM_PARAMETERS_MAX};
use crate::service::Protocol;

/// The parameters of one request, names unique.
pub(crate) struct Form {
    root: Node,
}

#[derive(Default)]
struct Node {
    value: Option<String>,
    children: BTreeMap<Key, Node>,
}

/// A part of a dotted name. Numbers sort as numbers.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    Index(u32),
    Name(String),
}

impl Form {
    /// Reads `a=b&c=d` from the query string and the body together (`GET` has only the first). A name that occurs
    /// twice is refused: what was authorized must be what runs.
    pub(crate) fn read(query: &str, body: &[u8]) -> Result<Form, ApiError> {
        let body = std::str::from_utf8(body)
            .map_err(|_| ApiError::new(ErrorCode::Serialization, "the form is not UTF-8"))?;
        let mut root = Node::default();
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
        Ok(Form { root })
    }

    /// A parameter at the top.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.root.child(name).and_then(|node| node.value.as_deref())
    }

    /// The whole, as the structure called `shape`.
    pub(crate) fn to_value(&self, model: &Model, shape: &str) -> Result<Value, ApiError> {
        value_of(&self.root, model, shape, "")
    }
}

impl Node {
    fn insert(&mut self, name: &str, value: String) -> Result<(), ApiError> {
        let mut node = self;
        for (depth, part) in name.split('.').enumerate() {
            if depth >= FORM_DEPTH_MAX {
                return Err(ApiError::new(
                    ErrorCode::Serialization,
                    "a parameter's name has too many parts",
                ));
            }
            let key = part.parse().map_or_else(|_| Key::Name(part.to_owned()), Key::Index);
            node = node.children.entry(key).or_default();
        }
        if node.value.replace(value).is_some() {
            let text = format!("the parameter {name} is given more than once");
            return Err(ApiError::new(ErrorCode::Serialization, text));
        }
        Ok(())
    }

    fn child(&self, name: &str) -> Option<&Node> {
        self.children.get(&Key::Name(name.to_owned()))
    }
}

fn value_of(node: &Node, model: &Model, shape: &str, path: &str) -> Result<Value, ApiError> {
    let text = || node.value.clone().unwrap_or_default();
    Ok(match &model.shape(shape)?.kind {
        Kind::Structure { members, .. } => {
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
        Kind::List { member, location_name, flattened } => {
            let items = if *flattened {
                Some(node)
            } else {
                node.child(location_name.as_deref().unwrap_or("member"))
            };
            let mut list = Vec::new();
            for (key, item) in items.into_iter().flat_map(|items| &items.children) {
                if let Key::Index(index) = key {
                    list.push(value_of(item, model, member, &format!("{path}.{index}.member"))?);
                }
            }
            Value::Array(list)
        }
        Kind::Map { value, .. } => {
            let mut object = Map::new();
            for entry in
                node.child("entry").into_iter().flat_map(|entries| entries.children.values())
            {
                if let (Some(key), Some(item)) =
                    (entry.child("key").and_then(|k| k.value.clone()), entry.child("value"))
                {
                    object.insert(key, value_of(item, model, value, path)?);
                }
            }
            Value::Object(object)
        }
        Kind::Text | Kind::Blob | Kind::Timestamp => Value::String(text()),
        Kind::Integer => {
            let text = text();
            let number: i64 = text
                .parse()
                .map_err(|_| wrong_type(Protocol::Query, path, "a whole number", &text))?;
            number.into()
        }
        Kind::Float => {
            let text = text();
            let number: f64 =
                text.parse().map_err(|_| wrong_type(Protocol::Query, path, "a number", &text))?;
            number.into()
        }
        Kind::Boolean => match text().as_str() {
            "true" | "True" | "TRUE" => Value::Bool(true),
            "false" | "False" | "FALSE" => Value::Bool(false),
            other => return Err(wrong_type(Protocol::Query, path, "true or false", other)),
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
