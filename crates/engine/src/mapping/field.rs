//! One leaf of a mapping: its type, its parameters, its multi-fields. The parameters of every type are a table; reading,
//! printing, defaults and the update conflicts all follow from it.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::binary::Binary;
use super::boolean::Boolean;
use super::completion::Completion;
use super::date::Date;
use super::field_type::MappedFieldType;
use super::field_types;
use super::flat_object::FlatObject;
use super::geo_point::GeoPoint;
use super::geo_shape::GeoShape;
use super::ip::Ip;
use super::join::JoinRole;
use super::keyword::Keyword;
use super::number::Number;
use super::parameters::{Parameter, Parameters};
use super::percolator::Percolator;
use super::range::RangeField;
use super::rank_feature::RankFeature;
use super::text::Text;
use super::vector::Vector;
use crate::exception::Exception;
use crate::value::scalar::{self, plain};

/// A field type with its parameters.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum FieldType {
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
    Binary(Binary),
    /// `geo_point`
    GeoPoint(GeoPoint),
    /// `integer_range long_range float_range double_range date_range ip_range`
    Range(RangeField),
    /// `rank_feature rank_features`
    RankFeature(RankFeature),
    /// `geo_shape`
    GeoShape(GeoShape),
    /// `dense_vector knn_vector`
    Vector(Vector),
    /// `percolator`
    Percolator(Percolator),
    /// `flat_object flattened`
    FlatObject(FlatObject),
    /// `completion`
    Completion(Completion),
}

impl FieldType {
    /// The type's own facts.
    fn facts(&self) -> &dyn MappedFieldType {
        match self {
            FieldType::Text(text) => text,
            FieldType::Keyword(keyword) => keyword,
            FieldType::Number(number) => number,
            FieldType::Date(date) => date,
            FieldType::Boolean(boolean) => boolean,
            FieldType::Ip(ip) => ip,
            FieldType::Binary(binary) => binary,
            FieldType::GeoPoint(point) => point,
            FieldType::Range(range) => range,
            FieldType::RankFeature(feature) => feature,
            FieldType::GeoShape(shape) => shape,
            FieldType::Vector(vector) => vector,
            FieldType::Percolator(percolator) => percolator,
            FieldType::FlatObject(object) => object,
            FieldType::Completion(completion) => completion,
        }
    }

    /// The fields that come with a field of this type at `path`.
    pub(super) fn beside(&self, path: &str) -> Vec<(String, FieldType)> {
        match self {
            FieldType::Text(text) => {
                let named = |(name, text)| (format!("{path}.{name}"), FieldType::Text(text));
                text.beside().into_iter().map(named).collect()
            }
            FieldType::Keyword(Keyword { join: Some(JoinRole::Relation(join)), .. }) => {
                let ids = || Keyword { join: Some(JoinRole::Parent), ..Keyword::plain() };
                let named = |parent| (format!("{path}#{parent}"), FieldType::Keyword(ids()));
                join.parents().map(named).collect()
            }
            _ => Vec::new(),
        }
    }
}

impl std::ops::Deref for FieldType {
    type Target = dyn MappedFieldType;

    fn deref(&self) -> &dyn MappedFieldType {
        self.facts()
    }
}

/// Parameters that every type takes, and passes over where they mean nothing to it.
/// (`ParametrizedFieldMapper.isDeprecatedParameter`.)
const PASSED_OVER: &[&str] =
    &["boost", "doc_values", "index", "index_options", "meta", "similarity", "store"];

/// A leaf as the mapping's author wrote it.
#[derive(Clone, Debug, PartialEq)]
pub struct FieldMapping {
    /// The type with its parameters.
    pub(crate) kind: FieldType,
    /// The parameters that differ from their defaults, by name.
    pub parameters: BTreeMap<&'static str, Value>,
    /// Multi-fields.
    pub fields: BTreeMap<String, FieldMapping>,
    /// Paths that also get the values.
    pub copy_to: Vec<String>,
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
        let row = field_types::named(name, kind)?;
        let table = row.parameters;
        let mut read = BTreeMap::new();
        let mut fields = BTreeMap::new();
        let mut copy_to = Vec::new();
        for (key, value) in definition {
            match key.as_str() {
                "type" => {}
                "fields" if kind != "flat_object" => fields = multi_fields(name, value)?,
                "copy_to" => copy_to = scalar::list(value),
                key if PASSED_OVER.contains(&key)
                    && kind != "flat_object"
                    && table.iter().all(|row| row.name != key) => {}
                key => {
                    let row = table.iter().find(|row| row.name == key).ok_or_else(|| {
                        if matches!(kind, "constant_keyword" | "flat_object" | "geo_point" | "geo_shape") {
                            return Exception::mapper_parsing(format!(
                                "Mapping definition for [{name}] has unsupported parameters:  [{key} : {}]",
                                crate::value::java::java(value)
                            ));
                        }
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
        let mut parameters = Parameters(read);
        let kind = (row.build)(name, &mut parameters)?;
        Ok(FieldMapping { kind, parameters: parameters.0, fields, copy_to })
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
        for row in self.table() {
            if let Some(value) = self.parameters.get(row.name) {
                out.insert(row.name.into(), value.clone());
            } else if row.always_printed {
                out.insert(row.name.into(), row.default());
            }
        }
        Value::Object(out)
    }

    /// The rows of this leaf's type.
    pub(super) fn table(&self) -> &'static [Parameter] {
        field_types::parameters(self.kind.name())
    }
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
