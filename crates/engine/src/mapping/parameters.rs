//! The parameters of field types: a table for each. Reading, printing, defaults and the update conflicts follow from it.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::exception::Exception;
use crate::value::java::shortest;
use crate::value::scalar::{self, plain};

/// What a parameter's value may be, with its default.
#[derive(Clone, Copy, Debug)]
pub enum ParameterShape {
    /// `true` or `false`, also as strings.
    Bool(bool),
    /// A whole number, also as a string.
    Int(i64),
    /// A number above nothing in particular; no default.
    Float,
    /// What scores are multiplied by: 1 unless it is set, printed as a `float`.
    Boost,
    /// A string with this default as Elasticsearch prints it.
    Str(&'static str),
    /// Any scalar; unset by default.
    Scalar,
    /// Any scalar, kept as its text; unset by default.
    Text,
    /// An object; unset by default.
    Object,
}

/// One row of a type's table.
#[derive(Clone, Copy, Debug)]
pub struct Parameter {
    /// As written in the mapping.
    pub name: &'static str,
    /// What it may be.
    pub shape: ParameterShape,
    /// Whether `put mapping` may change it later.
    pub updatable: bool,
    /// Whether it is printed where it has its default, too.
    pub always_printed: bool,
}

/// A row that cannot be changed.
pub(super) const fn fixed(name: &'static str, shape: ParameterShape) -> Parameter {
    Parameter { name, shape, updatable: false, always_printed: false }
}

/// A row that can be changed.
pub(super) const fn updatable(name: &'static str, shape: ParameterShape) -> Parameter {
    Parameter { name, shape, updatable: true, always_printed: false }
}

/// A row that is printed where it has its default, too.
pub(super) const fn printed(parameter: Parameter) -> Parameter {
    Parameter { always_printed: true, ..parameter }
}

/// What the scores of a field's terms are multiplied by. (`Parameter.boostParam` of Elasticsearch 7.10.)
pub(super) const BOOST: Parameter = updatable("boost", ParameterShape::Boost);

/// The values of one field's parameters, read against its table.
pub(super) struct Parameters(pub(super) BTreeMap<&'static str, Value>);

impl Parameters {
    pub(super) fn bool(&self, name: &str, default: bool) -> bool {
        self.0.get(name).and_then(Value::as_bool).unwrap_or(default)
    }
    pub(super) fn str(&self, name: &str) -> Option<String> {
        self.0.get(name).and_then(Value::as_str).map(str::to_owned)
    }
    pub(super) fn int(&self, name: &str) -> Option<i64> {
        self.0.get(name).and_then(Value::as_i64)
    }
    pub(super) fn float(&self, name: &str) -> Option<f64> {
        self.0.get(name).and_then(Value::as_f64)
    }
    pub(super) fn value(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }
}

impl Parameter {
    /// The value an absent parameter has.
    pub(super) fn default(&self) -> Value {
        match self.shape {
            ParameterShape::Bool(default) => default.into(),
            ParameterShape::Int(default) => default.into(),
            ParameterShape::Boost => 1.0.into(),
            ParameterShape::Str("")
            | ParameterShape::Float
            | ParameterShape::Scalar
            | ParameterShape::Text
            | ParameterShape::Object => Value::Null,
            ParameterShape::Str(default) => default.into(),
        }
    }

    /// Whether it may be null, which is as if it were not there.
    pub(super) fn takes_null(&self) -> bool {
        ["null_value", "similarity", "index_prefixes"].contains(&self.name)
    }

    /// The value of `field`'s parameter. `older`: in the words of the readers before `ParametrizedFieldMapper`.
    pub(super) fn read(&self, field: &str, value: &Value, older: bool) -> Result<Value, Exception> {
        match (self.shape, value) {
            (ParameterShape::Bool(_), Value::Bool(_)) | (ParameterShape::Scalar, _) => {
                Ok(value.clone())
            }
            (ParameterShape::Text, Value::Null) => Ok(Value::Null),
            (ParameterShape::Text, _) => Ok(plain(value).into()),
            (ParameterShape::Bool(_), _) => match scalar::boolean(value) {
                Some(flag) => Ok(flag.into()),
                None if older => Err(Exception::illegal_argument(format!(
                    "Could not convert [{field}.{}] to boolean",
                    self.name
                ))),
                None => Err(Exception::illegal_argument(scalar::not_a_boolean(plain(value)))),
            },
            (ParameterShape::Int(_), _) => {
                let text = plain(value);
                text.parse::<i64>().map(Value::from).map_err(|_| scalar::not_a_number(&text))
            }
            (ParameterShape::Boost, _) => {
                let text = plain(value);
                let number = text.parse().ok().filter(|number: &f32| number.is_finite());
                number.map(shortest).ok_or_else(|| scalar::not_a_number(&text))
            }
            (ParameterShape::Float, _) => {
                let text = plain(value);
                let number = text.parse().ok().filter(|number: &f64| number.is_finite());
                number.map(Value::from).ok_or_else(|| scalar::not_a_number(&text))
            }
            (_, Value::Null) if self.takes_null() => Ok(self.default()),
            (ParameterShape::Str(_), Value::String(_))
            | (ParameterShape::Object, Value::Object(_)) => Ok(value.clone()),
            (ParameterShape::Str(_), _) => Ok(plain(value).into()),
            (ParameterShape::Object, _) => Err(Exception::mapper_parsing(format!(
                "Failed to parse value [{}] of parameter [{}] on mapper [{field}] as an object",
                plain(value),
                self.name
            ))),
        }
    }
}
