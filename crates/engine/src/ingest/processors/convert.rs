//! `convert`: another type for a value, or for each of a list.

use std::net::IpAddr;

use serde_json::Value;

use super::Processor;
use crate::exception::Exception;
use crate::flavor::Flavor;
use crate::ingest::IngestDocument;
use crate::ingest::definition::ProcessorDefinition;
use crate::ingest::java;
use crate::ingest::run::{Failure, Outcome, Run};
use crate::value::scalar::not_a_number;

#[derive(Clone, Copy, Debug)]
enum Type {
    Integer,
    Long,
    Float,
    Double,
    Boolean,
    Text,
    Ip,
    Auto,
}

#[derive(Debug)]
struct Convert {
    field: String,
    target: String,
    to: Type,
    name: String,
    ignore_missing: bool,
}

pub(super) fn create(
    definition: &mut ProcessorDefinition,
    flavor: Flavor,
) -> Result<Box<dyn Processor>, Exception> {
    let field = definition.text("field")?;
    let name = definition.text("type")?;
    let target = definition.optional_text("target_field")?.unwrap_or_else(|| field.clone());
    let to = match name.to_lowercase().as_str() {
        "integer" => Type::Integer,
        "long" => Type::Long,
        "float" => Type::Float,
        "double" => Type::Double,
        "boolean" => Type::Boolean,
        "string" => Type::Text,
        "ip" if flavor == Flavor::OpenSearch219 => Type::Ip,
        "auto" => Type::Auto,
        _ => {
            let reason = format!("type [{name}] not supported, cannot convert field.");
            return Err(definition.fault(Some("type"), &reason));
        }
    };
    let ignore_missing = definition.flag("ignore_missing", false)?;
    let name = name.to_lowercase();
    Ok(Box::new(Convert { field, target, to, name, ignore_missing }))
}

impl Processor for Convert {
    fn run(&self, document: &mut IngestDocument, _run: &mut Run<'_>) -> Result<Outcome, Failure> {
        let value = match document.find(&self.field, self.ignore_missing)? {
            None | Some(Value::Null) if self.ignore_missing => return Ok(Outcome::Done),
            None | Some(Value::Null) => {
                let reason = format!(
                    "Field [{}] is null, cannot be converted to type [{}]",
                    self.field, self.name
                );
                return Err(Exception::illegal_argument(reason).into());
            }
            Some(value) => value,
        };
        let converted = match value {
            Value::Array(list) => Value::Array(
                list.iter().map(|value| self.to.convert(value)).collect::<Result<_, _>>()?,
            ),
            one => self.to.convert(one)?,
        };
        document.set(&self.target, converted)?;
        Ok(Outcome::Done)
    }
}

impl Type {
    fn convert(self, value: &Value) -> Result<Value, Exception> {
        let text = java::text(value);
        let unable = |name: &str| {
            Exception::illegal_argument(format!("unable to convert [{text}] to {name}"))
                .caused_by(not_a_number(&text))
        };
        match self {
            Type::Integer => {
                let number = whole(&text).and_then(|number| i32::try_from(number).ok());
                number.map(Value::from).ok_or_else(|| unable("integer"))
            }
            Type::Long => whole(&text).map(Value::from).ok_or_else(|| unable("long")),
            Type::Float => {
                let number = real(&text).map(|number| float(number as f32));
                number.ok_or_else(|| unable("float"))
            }
            Type::Double => real(&text).map(Value::from).ok_or_else(|| unable("double")),
            Type::Boolean if text.eq_ignore_ascii_case("true") => Ok(true.into()),
            Type::Boolean if text.eq_ignore_ascii_case("false") => Ok(false.into()),
            Type::Boolean => Err(Exception::illegal_argument(format!(
                "[{text}] is not a boolean value, cannot convert to boolean"
            ))),
            Type::Text => Ok(text.into()),
            Type::Ip if text.parse::<IpAddr>().is_ok() => Ok(text.into()),
            Type::Ip => Err(Exception::illegal_argument(format!(
                "[{text}] is not a valid ipv4/ipv6 address"
            ))),
            Type::Auto => Ok(automatic(value, &text)),
        }
    }
}

/// A float as it prints: the shortest decimal that is this float.
pub(super) fn float(number: f32) -> Value {
    number.to_string().parse::<f64>().map_or(Value::Null, Value::from)
}

/// A whole number of Java's `decode`: with `0x` in base 16.
fn whole(text: &str) -> Option<i64> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => (-1, digits),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    let hexadecimal = digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X"));
    match hexadecimal {
        Some(digits) => i64::from_str_radix(digits, 16).ok()?.checked_mul(sign),
        None => text.parse().ok(),
    }
}

fn real(text: &str) -> Option<f64> {
    let text = text.trim();
    let digits = text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '-' | '+' | '.'));
    digits.then(|| text.parse().ok()).flatten().filter(|number: &f64| number.is_finite())
}

/// The narrowest type that a text reads as; anything else stays.
fn automatic(value: &Value, text: &str) -> Value {
    if !value.is_string() {
        return value.clone();
    }
    if text.eq_ignore_ascii_case("true") || text.eq_ignore_ascii_case("false") {
        return text.eq_ignore_ascii_case("true").into();
    }
    if let Some(number) = whole(text) {
        return number.into();
    }
    match real(text) {
        Some(number) if (number as f32).is_finite() => float(number as f32),
        Some(number) => number.into(),
        None => value.clone(),
    }
}
