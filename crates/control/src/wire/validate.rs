//! Constraints of the model, in Amazon's words.
//!
//! `1 validation error detected: Value 'A' at 'domainName' failed to satisfy constraint: Member must satisfy regular
//! expression pattern: [a-z][a-z0-9\-]+`: all failures of one request in one message, paths in camel case.

use serde_json::Value;

use super::model::{ServiceModel, Shape, ShapeKind};
use crate::err::{ApiError, ErrorCode};
use crate::limits::VALIDATION_ERRORS_MAX;
use crate::service::{Service, WireProtocol};

/// Checks `input` against the shape called `name`; the first [`VALIDATION_ERRORS_MAX`] failures make the message.
pub(crate) fn validate(
    service: Service,
    model: &ServiceModel,
    name: &str,
    input: &Value,
) -> Result<(), ApiError> {
    let mut failures = ConstraintFailures { service, model, found: Vec::new(), iam_words: None };
    failures.check(name, input, "")?;
    if let Some(text) = failures.iam_words {
        return Err(ApiError::new(ErrorCode::Validation, text));
    }
    match failures.found.len() {
        0 => Ok(()),
        1 => Err(ApiError::new(
            ErrorCode::Validation,
            format!("1 validation error detected: {}", failures.found.join("; ")),
        )),
        n => Err(ApiError::new(
            ErrorCode::Validation,
            format!("{n} validation errors detected: {}", failures.found.join("; ")),
        )),
    }
}

struct ConstraintFailures<'m> {
    service: Service,
    model: &'m ServiceModel,
    found: Vec<String>,
    /// Of the first iam name or path with a character that is not allowed: iam words that differently.
    iam_words: Option<String>,
}

impl ConstraintFailures<'_> {
    fn check(&mut self, name: &str, value: &Value, path: &str) -> Result<(), ApiError> {
        if self.found.len() >= VALIDATION_ERRORS_MAX {
            return Ok(());
        }
        let shape = self.model.shape(name)?;
        match (&shape.kind, value) {
            (ShapeKind::Structure { members, required }, Value::Object(object)) => {
                for name in required {
                    if object.get(name).is_none_or(Value::is_null) {
                        self.add("null", &join(path, &camel(name)), "Member must not be null");
                    }
                }
                for member in members {
                    if let Some(value) = object.get(&member.name).filter(|v| !v.is_null()) {
                        self.check(&member.shape, value, &join(path, &camel(&member.name)))?;
                    }
                }
            }
            (ShapeKind::List { member, .. }, Value::Array(items)) => {
                self.check_size(shape, items.len(), value, path);
                for (index, item) in items.iter().enumerate() {
                    self.check(member, item, &join(path, &format!("{}.member", index + 1)))?;
                }
            }
            (ShapeKind::Map { value: value_shape, .. }, Value::Object(object)) => {
                self.check_size(shape, object.len(), value, path);
                for (key, value) in object {
                    self.check(value_shape, value, &join(path, &format!("{key}.member")))?;
                }
            }
            (ShapeKind::Text, Value::String(text)) => self.check_text(shape, text, path),
            (ShapeKind::Integer | ShapeKind::Float, Value::Number(number)) => {
                let seen = number.as_f64().unwrap_or(0.0);
                if shape.min.is_some_and(|min| seen < min) {
                    self.add_bound(&quoted(&number.to_string()), path, "value greater", shape.min);
                }
                if shape.max.is_some_and(|max| seen > max) {
                    self.add_bound(&quoted(&number.to_string()), path, "value less", shape.max);
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn check_text(&mut self, shape: &Shape, text: &str, path: &str) {
        let length = text.chars().count();
        // Amazon, too, leaves the value of a sensitive member out of its sentence.
        let seen = if shape.sensitive { String::new() } else { quoted(text) };
        if shape.min.is_some_and(|min| (length as f64) < min) {
            self.add_bound(&seen, path, "length greater", shape.min);
        }
        if shape.max.is_some_and(|max| (length as f64) > max) {
            self.add_bound(&seen, path, "length less", shape.max);
        }
        if let Some(pattern) = &shape.pattern
            && pattern.compiled.as_ref().is_some_and(|regex| !regex.is_match(text))
        {
            if self.service == Service::Iam
                && let Some(rule) = iam_rule(&pattern.text)
            {
                self.iam_words.get_or_insert_with(|| {
                    format!("The specified value for {path} is invalid. {rule}")
                });
            }
            let constraint =
                format!("Member must satisfy regular expression pattern: {}", pattern.text);
            self.add(&seen, path, &constraint);
        }
        if !shape.allowed.is_empty() && !shape.allowed.iter().any(|allowed| allowed == text) {
            let set = shape.allowed.join(", ");
            self.add(&seen, path, &format!("Member must satisfy enum value set: [{set}]"));
        }
    }

    fn check_size(&mut self, shape: &Shape, size: usize, value: &Value, path: &str) {
        let size = size as f64;
        if shape.min.is_some_and(|min| size < min) {
            self.add_bound(&quoted(&value.to_string()), path, "length greater", shape.min);
        }
        if shape.max.is_some_and(|max| size > max) {
            self.add_bound(&quoted(&value.to_string()), path, "length less", shape.max);
        }
    }

    fn add_bound(&mut self, value: &str, path: &str, what: &str, bound: Option<f64>) {
        let bound = bound.unwrap_or_default();
        self.add(value, path, &format!("Member must have {what} than or equal to {bound}"));
    }

    fn add(&mut self, value: &str, path: &str, constraint: &str) {
        let value = if value.is_empty() { String::new() } else { format!("{value} ") };
        self.found
            .push(format!("Value {value}at '{path}' failed to satisfy constraint: {constraint}"));
    }
}

/// The protocol's way to say that `seen` is not a `wanted` (a number, a truth value …) at `path`.
pub(crate) fn wrong_type(protocol: WireProtocol, path: &str, wanted: &str, seen: &str) -> ApiError {
    match protocol {
        WireProtocol::Query => ApiError::new(
            ErrorCode::Validation,
            format!(
                "1 validation error detected: Value '{seen}' at '{path}' failed to satisfy constraint: Member must be {wanted}"
            ),
        ),
        WireProtocol::RestJson => {
            ApiError::new(ErrorCode::Serialization, format!("{path} must be {wanted}, not {seen}"))
        }
    }
}

/// How iam words the rules of its names and paths. Source: moto 5.2.5, `test_create_virtual_mfa_device_errors`, for paths.
fn iam_rule(pattern: &str) -> Option<&'static str> {
    match pattern {
        "[\\w+=,.@-]+" => {
            Some("It must contain only alphanumeric characters and/or the following: +=,.@_-")
        }
        "(\\u002F)|(\\u002F[\\u0021-\\u007E]+\\u002F)" => Some(
            "It must begin and end with / and contain only alphanumeric characters and/or / characters.",
        ),
        _ => None,
    }
}

fn quoted(text: &str) -> String {
    format!("'{text}'")
}

fn join(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

/// `DomainName` → `domainName`, `ARN` → `aRN`: Amazon lowers the first letter only.
pub(crate) fn camel(name: &str) -> String {
    let mut chars = name.chars();
    match chars.next() {
        Some(first) => first.to_lowercase().chain(chars).collect(),
        None => String::new(),
    }
}
