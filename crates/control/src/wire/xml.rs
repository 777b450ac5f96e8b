//! The query protocol's replies: a value shaped by the model → XML.
//!
//! `<OpResponse xmlns=…><OpResult>…</OpResult><ResponseMetadata><RequestId>…`. Lists are `<member>`s, maps are
//! `<entry><key/><value/></entry>`, times ISO-8601. An operation without output has no Result element.

use quick_xml::escape::escape;
use serde_json::Value;

use super::model::{OperationModel, ServiceModel, ShapeKind};
use crate::err::{ApiError, ErrorCode};
use crate::service::WireProtocol;

/// The reply of `operation` called `name`.
pub(crate) fn encode(
    model: &ServiceModel,
    name: &str,
    operation: &OperationModel,
    output: &Value,
    request_id: &str,
) -> Result<String, ApiError> {
    let mut xml = format!("<{name}Response xmlns=\"{}\">", model.xml_namespace);
    if let (Some(shape), Some(wrapper)) = (&operation.output, &operation.wrapper) {
        element(&mut xml, model, wrapper, shape, output)?;
    }
    xml.push_str("<ResponseMetadata>");
    text_element(&mut xml, "RequestId", request_id);
    xml.push_str("</ResponseMetadata>");
    close(&mut xml, &format!("{name}Response"));
    Ok(xml)
}

/// The reply that says what went wrong. `Type` is `Receiver` when it is our fault.
pub(crate) fn encode_error(namespace: &str, error: &ApiError, request_id: &str) -> String {
    let (code, status) = error.code.wire(WireProtocol::Query);
    let mut xml = format!("<ErrorResponse xmlns=\"{namespace}\"><Error>");
    text_element(&mut xml, "Type", if status < 500 { "Sender" } else { "Receiver" });
    text_element(&mut xml, "Code", code);
    text_element(&mut xml, "Message", &error.message);
    if let Some(reason) = &error.reason {
        text_element(&mut xml, "Detail", reason);
    }
    xml.push_str("</Error>");
    text_element(&mut xml, "RequestId", request_id);
    close(&mut xml, "ErrorResponse");
    xml
}

fn element(
    xml: &mut String,
    model: &ServiceModel,
    tag: &str,
    shape: &str,
    value: &Value,
) -> Result<(), ApiError> {
    let shape = model.shape(shape)?;
    match (&shape.kind, value) {
        (_, Value::Null) => {}
        (ShapeKind::Structure { members, .. }, Value::Object(object)) => {
            open(xml, tag);
            for member in members {
                if let Some(value) = object.get(&member.name) {
                    element(xml, model, &member.wire_name, &member.shape, value)?;
                }
            }
            close(xml, tag);
        }
        (ShapeKind::List { member, location_name, .. }, Value::Array(items)) => {
            open(xml, tag);
            for item in items {
                element(xml, model, location_name.as_deref().unwrap_or("member"), member, item)?;
            }
            close(xml, tag);
        }
        (ShapeKind::Map { key, value: shape, .. }, Value::Object(object)) => {
            open(xml, tag);
            for (name, value) in object {
                open(xml, "entry");
                element(xml, model, "key", key, &Value::String(name.clone()))?;
                element(xml, model, "value", shape, value)?;
                close(xml, "entry");
            }
            close(xml, tag);
        }
        (ShapeKind::Timestamp, Value::Number(seconds)) => {
            text_element(xml, tag, &iso8601(seconds.as_f64()))
        }
        (_, Value::String(text)) => text_element(xml, tag, text),
        (_, Value::Bool(_) | Value::Number(_)) => text_element(xml, tag, &value.to_string()),
        _ => {
            return Err(ApiError::new(
                ErrorCode::Internal,
                format!("the reply's {tag} is not of its shape"),
            ));
        }
    }
    Ok(())
}

/// `2024-05-01T12:00:00Z`: whole seconds, as iam and sts write them.
pub(crate) fn iso8601(epoch_seconds: Option<f64>) -> String {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a time of this service is far below 2^63 seconds"
    )]
    let whole = epoch_seconds.unwrap_or_default() as i64;
    jiff::Timestamp::from_second(whole).unwrap_or(jiff::Timestamp::UNIX_EPOCH).to_string()
}

fn open(xml: &mut String, tag: &str) {
    xml.push('<');
    xml.push_str(tag);
    xml.push('>');
}

fn close(xml: &mut String, tag: &str) {
    xml.push_str("</");
    xml.push_str(tag);
    xml.push('>');
}

fn text_element(xml: &mut String, tag: &str, text: &str) {
    open(xml, tag);
    let allowed: String = text.chars().map(|c| if xml_char(c) { c } else { '\u{FFFD}' }).collect();
    xml.push_str(&escape(allowed.as_str()).replace('\r', "&#13;"));
    close(xml, tag);
}

/// XML 1.0, production 2: other characters cannot be written at all, not even escaped.
fn xml_char(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | '\u{20}'..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..)
}
