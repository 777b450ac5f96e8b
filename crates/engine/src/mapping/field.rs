//! One leaf of a mapping: its type, its parameters, its multi-fields. The parameters of every type are a table; reading,
//! printing, defaults and the update conflicts all follow from it.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::boolean::Boolean;
use super::date::Date;
use super::ip::Ip;
use super::keyword::Keyword;
use super::number::Number;
use super::text::Text;
use super::{binary, boolean, date, ip, keyword, number, text};
use crate::exception::{Exception, ExceptionKind};

/// A field type with its parameters.
#[derive(Clone, Debug, PartialEq)]
pub enum FieldType {
    /// `text`
    Text(Text),
    /// `keyword`
    Keyword(Keyword),
    /// `long integer short byte double float half_float scaled_float unsigned_long`
    Number(Number),
    /// `date`
    Date(Date),
    /// `boolean`
    Boolean(Boolean),
    /// `ip`
    Ip(Ip),
    /// `binary`
    Binary,
}

/// The column (Lucene: doc values) a leaf has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Column {
    /// Strings by ordinal.
    Str,
    /// Signed integers: whole numbers, booleans as 0 and 1, dates as milliseconds since 1970.
    I64,
    /// Unsigned integers.
    U64,
    /// Floating point numbers.
    F64,
    /// IPv6 addresses.
    Ip,
}

impl FieldType {
    /// The name as written under `type`.
    pub fn name(&self) -> &'static str {
        match self {
            FieldType::Text(_) => "text",
            FieldType::Keyword(_) => "keyword",
            FieldType::Number(number) => number.kind.name(),
            FieldType::Date(_) => "date",
            FieldType::Boolean(_) => "boolean",
            FieldType::Ip(_) => "ip",
            FieldType::Binary => "binary",
        }
    }

    /// Whether the leaf has terms.
    pub fn is_indexed(&self) -> bool {
        match self {
            FieldType::Text(text) => text.index,
            FieldType::Keyword(keyword) => keyword.index,
            FieldType::Number(number) => number.index,
            FieldType::Date(date) => date.index,
            FieldType::Boolean(boolean) => boolean.index,
            FieldType::Ip(ip) => ip.index,
            FieldType::Binary => false,
        }
    }

    /// The column the leaf has, if it has one.
    pub fn column(&self) -> Option<Column> {
        let kept = match self {
            FieldType::Text(_) | FieldType::Binary => false,
            FieldType::Keyword(keyword) => keyword.doc_values,
            FieldType::Number(number) => number.doc_values,
            FieldType::Date(date) => date.doc_values,
            FieldType::Boolean(boolean) => boolean.doc_values,
            FieldType::Ip(ip) => ip.doc_values,
        };
        if kept { self.column_kind() } else { None }
    }

    /// The kind of value the type is kept as, whether or not this leaf has a column.
    pub fn column_kind(&self) -> Option<Column> {
        Some(match self {
            FieldType::Text(_) | FieldType::Binary => return None,
            FieldType::Keyword(_) => Column::Str,
            FieldType::Number(number) => number.kind.column(),
            FieldType::Date(_) | FieldType::Boolean(_) => Column::I64,
            FieldType::Ip(_) => Column::Ip,
        })
    }

    /// Whether tantivy keeps anything of the leaf.
    pub fn is_kept(&self) -> bool {
        self.is_indexed() || self.column().is_some()
    }
}

/// A leaf as the mapping's author wrote it.
#[derive(Clone, Debug, PartialEq)]
pub struct FieldMapping {
    /// The type with its parameters.
    pub kind: FieldType,
    /// The parameters that differ from their defaults, by name.
    pub parameters: BTreeMap<&'static str, Value>,
    /// Multi-fields.
    pub fields: BTreeMap<String, FieldMapping>,
    /// Paths that also get the values.
    pub copy_to: Vec<String>,
}

/// What a parameter's value may be, with its default.
#[derive(Clone, Copy, Debug)]
pub enum Shape {
    /// `true` or `false`, also as strings.
    Bool(bool),
    /// A whole number, also as a string.
    Int(i64),
    /// A number above nothing in particular; no default.
    Float,
    /// A string with this default as Elasticsearch prints it.
    Str(&'static str),
    /// Any scalar; unset by default.
    Scalar,
    /// An object; unset by default.
    Object,
}

/// One row of a type's table.
#[derive(Clone, Copy, Debug)]
pub struct Parameter {
    /// As written in the mapping.
    pub name: &'static str,
    /// What it may be.
    pub shape: Shape,
    /// Whether `put mapping` may change it later.
    pub updatable: bool,
}

/// A row that cannot be changed.
pub(super) const fn fixed(name: &'static str, shape: Shape) -> Parameter {
    Parameter { name, shape, updatable: false }
}

/// A row that can be changed.
pub(super) const fn updatable(name: &'static str, shape: Shape) -> Parameter {
    Parameter { name, shape, updatable: true }
}

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

impl FieldMapping {
    /// Reads the definition of the leaf `name` whose `type` is `kind`.
    ///
    /// # Errors
    /// `mapper_parsing_exception` for an unknown type or parameter, or a value that a parameter cannot have.
    pub fn parse(
        name: &str,
        kind: &str,
        definition: &Map<String, Value>,
    ) -> Result<FieldMapping, Exception> {
        let Some(table) = table(kind) else { return Err(no_handler(name, kind)) };
        let mut read = BTreeMap::new();
        let mut fields = BTreeMap::new();
        let mut copy_to = Vec::new();
        for (key, value) in definition {
            match key.as_str() {
                "type" => {}
                "fields" => fields = multi_fields(name, value)?,
                "copy_to" => copy_to = paths(value),
                key => {
                    let row = table.iter().find(|row| row.name == key).ok_or_else(|| {
                        Exception::mapper_parsing(format!(
                            "unknown parameter [{key}] on mapper [{name}] of type [{kind}]"
                        ))
                    })?;
                    let value = row.read(name, value)?;
                    if value != row.default() {
                        read.insert(row.name, value);
                    }
                }
            }
        }
        let parameters = Parameters(read);
        let kind = build(name, kind, &parameters)?;
        Ok(FieldMapping { kind, parameters: parameters.0, fields, copy_to })
    }

    /// The leaf of type `kind` with default parameters.
    pub fn plain(kind: FieldType) -> FieldMapping {
        FieldMapping {
            kind,
            parameters: BTreeMap::new(),
            fields: BTreeMap::new(),
            copy_to: Vec::new(),
        }
    }

    /// The definition as Elasticsearch prints it: the type, then what differs from the defaults.
    pub fn to_json(&self) -> Value {
        let mut out = Map::new();
        out.insert("type".into(), self.kind.name().into());
        if !self.fields.is_empty() {
            let fields = self.fields.iter().map(|(name, field)| (name.clone(), field.to_json()));
            out.insert("fields".into(), Value::Object(fields.collect()));
        }
        if !self.copy_to.is_empty() {
            out.insert("copy_to".into(), self.copy_to.clone().into());
        }
        for row in table(self.kind.name()).unwrap_or_default() {
            if let Some(value) = self.parameters.get(row.name) {
                out.insert(row.name.into(), value.clone());
            }
        }
        Value::Object(out)
    }

    /// The rows of this leaf's type.
    pub(super) fn table(&self) -> &'static [Parameter] {
        table(self.kind.name()).unwrap_or_default()
    }
}

impl Parameter {
    /// The value an absent parameter has.
    pub(super) fn default(&self) -> Value {
        match self.shape {
            Shape::Bool(default) => default.into(),
            Shape::Int(default) => default.into(),
            Shape::Str("") | Shape::Float | Shape::Scalar | Shape::Object => Value::Null,
            Shape::Str(default) => default.into(),
        }
    }

    fn read(&self, field: &str, value: &Value) -> Result<Value, Exception> {
        let wrong = |what: &str| {
            Exception::mapper_parsing(format!(
                "Failed to parse value [{}] of parameter [{}] on mapper [{field}] as {what}",
                plain(value),
                self.name
            ))
        };
        match (self.shape, value) {
            (Shape::Bool(_), Value::Bool(_)) | (Shape::Scalar, _) => Ok(value.clone()),
            (Shape::Bool(_), _) => match plain(value).as_str() {
                "true" => Ok(true.into()),
                "false" => Ok(false.into()),
                other => Err(Exception::illegal_argument(format!(
                    "Failed to parse value [{other}] as only [true] or [false] are allowed."
                ))),
            },
            (Shape::Int(_), _) => {
                plain(value).parse::<i64>().map(Value::from).map_err(|_| wrong("a whole number"))
            }
            (Shape::Float, _) => {
                plain(value).parse::<f64>().map(Value::from).map_err(|_| wrong("a number"))
            }
            (Shape::Str(_), Value::String(_)) | (Shape::Object, Value::Object(_)) => {
                Ok(value.clone())
            }
            (Shape::Str(_), _) => Ok(plain(value).into()),
            (Shape::Object, _) => Err(wrong("an object")),
        }
    }
}

/// A scalar as it would stand in a message: strings without their quotes.
pub fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn table(kind: &str) -> Option<&'static [Parameter]> {
    Some(match kind {
        "text" => text::PARAMETERS,
        "keyword" => keyword::PARAMETERS,
        "scaled_float" => number::SCALED_PARAMETERS,
        "date" => date::PARAMETERS,
        "boolean" => boolean::PARAMETERS,
        "ip" => ip::PARAMETERS,
        "binary" => binary::PARAMETERS,
        other => {
            number::NumberKind::named(other)?;
            number::PARAMETERS
        }
    })
}

fn build(name: &str, kind: &str, parameters: &Parameters) -> Result<FieldType, Exception> {
    Ok(match kind {
        "text" => FieldType::Text(Text::build(name, parameters)?),
        "keyword" => FieldType::Keyword(Keyword::build(name, parameters)?),
        "date" => FieldType::Date(Date::build(name, parameters)?),
        "boolean" => FieldType::Boolean(Boolean::build(parameters)?),
        "ip" => FieldType::Ip(Ip::build(parameters)?),
        "binary" => FieldType::Binary,
        other => match number::NumberKind::named(other) {
            Some(kind) => FieldType::Number(Number::build(kind, parameters)?),
            None => return Err(no_handler(name, other)),
        },
    })
}

/// Field types of Elasticsearch that this engine has no room for yet: known, and honestly refused.
const NOT_BUILT: &[&str] = &[
    "alias",
    "nested",
    "flattened",
    "wildcard",
    "constant_keyword",
    "date_nanos",
    "integer_range",
    "float_range",
    "long_range",
    "double_range",
    "date_range",
    "ip_range",
    "search_as_you_type",
    "token_count",
    "rank_feature",
    "rank_features",
    "join",
    "geo_point",
    "geo_shape",
    "completion",
    "knn_vector",
    "dense_vector",
    "percolator",
    "histogram",
    "point",
    "shape",
    "version",
    "annotated_text",
    "murmur3",
    "sparse_vector",
    "flat_object",
    "xy_point",
    "xy_shape",
];

fn no_handler(name: &str, kind: &str) -> Exception {
    if NOT_BUILT.contains(&kind) {
        let what = format!("field type {kind} of field {name}");
        return Exception::not_implemented(&what);
    }
    Exception::new(
        ExceptionKind::MapperParsing,
        format!("No handler for type [{kind}] declared on field [{name}]"),
    )
}

fn multi_fields(name: &str, value: &Value) -> Result<BTreeMap<String, FieldMapping>, Exception> {
    let Value::Object(fields) = value else {
        return Err(Exception::mapper_parsing(format!(
            "expected map for property [fields] on field [{name}] or [mapping] but got {}",
            plain(value)
        )));
    };
    let one = |(inner, definition): (&String, &Value)| {
        let Value::Object(definition) = definition else {
            return Err(Exception::mapper_parsing(format!(
                "illegal field [{inner}], only fields can be specified inside fields"
            )));
        };
        let kind = definition.get("type").and_then(Value::as_str).ok_or_else(|| {
            Exception::mapper_parsing(format!(
                "no type specified for property [{inner}] of field [{name}]"
            ))
        })?;
        if kind == "object" || kind == "nested" {
            return Err(Exception::mapper_parsing(format!(
                "Type [{kind}] cannot be used in multi field"
            )));
        }
        if inner.contains('.') || inner.is_empty() {
            return Err(Exception::mapper_parsing(format!(
                "Field name [{inner}] which is a multi field of [{name}] cannot contain '.'"
            )));
        }
        Ok((inner.clone(), FieldMapping::parse(inner, kind, definition)?))
    };
    fields.iter().map(one).collect()
}

fn paths(value: &Value) -> Vec<String> {
    match value {
        Value::Array(paths) => paths.iter().map(plain).collect(),
        one => vec![plain(one)],
    }
}
