//! The rest-json protocol: path, query string and JSON body ↔ a value shaped by the model.
//!
//! The search APIs bind to nothing else: no header bindings, no blobs. Times are epoch seconds.

use serde_json::{Map, Value};

use super::model::{MemberLocation, OperationModel, ServiceModel, ShapeKind, ShapeMember};
use super::query::{decode, percent_decode};
use super::validate::{camel, wrong_type};
use crate::err::{ApiError, ErrorCode};
use crate::service::WireProtocol;

/// One operation found by its path: its name, its model and the raw text of each label.
pub(crate) struct RestRoute<'m, 'p> {
    pub(crate) name: &'m str,
    pub(crate) operation: &'m OperationModel,
    labels: Vec<(&'m str, &'p str)>,
}

/// The operation that `method` and `path` name. Literal segments beat labels. A trailing slash is no difference:
/// `ListTags` has one in the model and some clients drop it.
pub(crate) fn route<'m, 'p>(
    model: &'m ServiceModel,
    method: &str,
    path: &'p str,
) -> Option<RestRoute<'m, 'p>> {
    let candidates = model.operations.iter().filter(|(_, operation)| operation.method == method);
    candidates
        .filter_map(|(name, operation)| {
            let labels = match_path(&operation.uri, path)?;
            Some(RestRoute { name, operation, labels })
        })
        .min_by_key(|route| route.labels.len())
}

fn match_path<'m, 'p>(template: &'m str, path: &'p str) -> Option<Vec<(&'m str, &'p str)>> {
    let mut labels = Vec::new();
    let mut segments = path.strip_suffix('/').unwrap_or(path).split('/');
    for wanted in template.strip_suffix('/').unwrap_or(template).split('/') {
        let segment = segments.next()?;
        match wanted.strip_prefix('{').and_then(|label| label.strip_suffix('}')) {
            Some(label) if !segment.is_empty() => labels.push((label, segment)),
            None if wanted == segment => {}
            _ => return None,
        }
    }
    segments.next().is_none().then_some(labels)
}

/// The input of the routed operation. Members that the model does not know are ignored, as at Amazon.
pub(crate) fn decode_input(
    model: &ServiceModel,
    route: &RestRoute<'_, '_>,
    query: &str,
    body: &[u8],
) -> Result<Value, ApiError> {
    let Some(shape) = &route.operation.input else { return Ok(Value::Object(Map::new())) };
    let ShapeKind::Structure { members, .. } = &model.shape(shape)?.kind else {
        return Err(ApiError::new(ErrorCode::Internal, "the input's shape is not a structure"));
    };
    let body = read_body(body)?;
    let mut input = Map::new();
    for member in members {
        let value = match member.location {
            MemberLocation::Uri => {
                match route.labels.iter().find(|(label, _)| *label == member.wire_name) {
                    Some((_, raw)) => Some(Value::String(percent_decode(raw)?)),
                    None => None,
                }
            }
            MemberLocation::Query => query_value(model, member, query)?,
            MemberLocation::Body => match body.get(&member.wire_name) {
                Some(value) if !value.is_null() => {
                    Some(typed(model, &member.shape, value, &camel(&member.name))?)
                }
                _ => None,
            },
        };
        if let Some(value) = value {
            input.insert(member.name.clone(), value);
        }
    }
    Ok(Value::Object(input))
}

fn read_body(body: &[u8]) -> Result<Map<String, Value>, ApiError> {
    if body.iter().all(u8::is_ascii_whitespace) {
        return Ok(Map::new());
    }
    let refuse = |text: String| ApiError::new(ErrorCode::Serialization, text);
    match serde_json::from_slice(body) {
        Ok(Value::Object(object)) => Ok(object),
        Ok(_) => Err(refuse("the body must be a JSON object".to_owned())),
        Err(e) => Err(refuse(format!("the body is not JSON: {e}"))),
    }
}

fn query_value(
    model: &ServiceModel,
    member: &ShapeMember,
    query: &str,
) -> Result<Option<Value>, ApiError> {
    let mut texts = Vec::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        if decode(name)? == member.wire_name {
            texts.push(decode(value)?);
        }
    }
    let path = camel(&member.name);
    if let ShapeKind::List { member: item, .. } = &model.shape(&member.shape)?.kind {
        let items: Result<Vec<Value>, ApiError> =
            texts.iter().map(|t| scalar(model, item, t, &path)).collect();
        return items.map(|items| (!items.is_empty()).then_some(Value::Array(items)));
    }
    match texts.as_slice() {
        [] => Ok(None),
        [text] => scalar(model, &member.shape, text, &path).map(Some),
        _ => Err(wrong_type(WireProtocol::RestJson, &path, "given once", &texts.join(","))),
    }
}

/// A query-string value as its shape's JSON.
fn scalar(model: &ServiceModel, shape: &str, text: &str, path: &str) -> Result<Value, ApiError> {
    let bad = |wanted: &str| wrong_type(WireProtocol::RestJson, path, wanted, text);
    Ok(match &model.shape(shape)?.kind {
        ShapeKind::Integer => text.parse::<i64>().map_err(|_| bad("a whole number"))?.into(),
        ShapeKind::Boolean => text.parse::<bool>().map_err(|_| bad("true or false"))?.into(),
        _ => Value::String(text.to_owned()),
    })
}

/// A JSON value checked against its shape, unknown members dropped.
fn typed(model: &ServiceModel, shape: &str, value: &Value, path: &str) -> Result<Value, ApiError> {
    let bad = |wanted: &str| wrong_type(WireProtocol::RestJson, path, wanted, json_kind(value));
    Ok(match (&model.shape(shape)?.kind, value) {
        (ShapeKind::Structure { members, .. }, Value::Object(object)) => {
            let mut typed_members = Map::new();
            for member in members {
                if let Some(value) = object.get(&member.wire_name).filter(|v| !v.is_null()) {
                    let path = format!("{path}.{}", camel(&member.name));
                    typed_members
                        .insert(member.name.clone(), typed(model, &member.shape, value, &path)?);
                }
            }
            Value::Object(typed_members)
        }
        (ShapeKind::List { member, .. }, Value::Array(items)) => {
            let typed_items: Result<_, _> =
                items.iter().map(|item| typed(model, member, item, path)).collect();
            Value::Array(typed_items?)
        }
        (ShapeKind::Map { value: shape, .. }, Value::Object(object)) => {
            let entries = object
                .iter()
                .map(|(key, item)| Ok((key.clone(), typed(model, shape, item, path)?)));
            Value::Object(entries.collect::<Result<_, ApiError>>()?)
        }
        (ShapeKind::Text | ShapeKind::Blob, Value::String(_))
        | (ShapeKind::Boolean, Value::Bool(_))
        | (ShapeKind::Float | ShapeKind::Timestamp, Value::Number(_)) => value.clone(),
        (ShapeKind::Integer, Value::Number(number)) if number.is_i64() => value.clone(),
        // accessanalyzer writes its times so (`timestampFormat` of its model).
        (ShapeKind::Timestamp, Value::String(text)) => {
            let time: jiff::Timestamp = text.parse().map_err(|_| bad("a number or a time"))?;
            time.as_second().into()
        }
        (ShapeKind::Structure { .. }, _) => return Err(bad("a structure")),
        (ShapeKind::List { .. }, _) => return Err(bad("a list")),
        (ShapeKind::Map { .. }, _) => return Err(bad("a map")),
        (ShapeKind::Text | ShapeKind::Blob, _) => return Err(bad("a string")),
        (ShapeKind::Boolean, _) => return Err(bad("true or false")),
        (ShapeKind::Integer, _) => return Err(bad("a whole number")),
        (ShapeKind::Float | ShapeKind::Timestamp, _) => return Err(bad("a number")),
    })
}

fn json_kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a truth value",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "a structure",
    }
}

/// The reply's body: the output as the model names and orders it. Members the model does not know never leave.
pub(crate) fn encode(
    model: &ServiceModel,
    operation: &OperationModel,
    output: &Value,
) -> Result<String, ApiError> {
    let body = match &operation.output {
        Some(shape) => shaped(model, shape, output)?,
        None => return Ok(String::new()),
    };
    Ok(body.to_string())
}

fn shaped(model: &ServiceModel, shape: &str, value: &Value) -> Result<Value, ApiError> {
    Ok(match (&model.shape(shape)?.kind, value) {
        (ShapeKind::Structure { members, .. }, Value::Object(object)) => {
            let mut out = Map::new();
            for member in members {
                if let Some(value) = object.get(&member.name).filter(|v| !v.is_null()) {
                    out.insert(member.wire_name.clone(), shaped(model, &member.shape, value)?);
                }
            }
            Value::Object(out)
        }
        (ShapeKind::List { member, .. }, Value::Array(items)) => Value::Array(
            items.iter().map(|item| shaped(model, member, item)).collect::<Result<_, _>>()?,
        ),
        (ShapeKind::Map { value: shape, .. }, Value::Object(object)) => {
            let entries =
                object.iter().map(|(key, item)| Ok((key.clone(), shaped(model, shape, item)?)));
            Value::Object(entries.collect::<Result<_, ApiError>>()?)
        }
        (ShapeKind::Text | ShapeKind::Blob, Value::String(_))
        | (ShapeKind::Boolean, Value::Bool(_))
        | (ShapeKind::Integer | ShapeKind::Float | ShapeKind::Timestamp, Value::Number(_)) => {
            value.clone()
        }
        (_, other) => {
            let text = format!("the reply's {shape} is {}", json_kind(other));
            return Err(ApiError::new(ErrorCode::Internal, text));
        }
    })
}
