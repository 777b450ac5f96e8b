//! One leaf of a mapping: its type, its parameters, its multi-fields. The parameters of every type are a table; reading,
//! printing, defaults and the update conflicts all follow from it.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::binary::Binary;
use super::boolean::Boolean;
use super::column::Column;
use super::completion::Completion;
use super::date::Date;
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
use super::text::{IndexOptions, Text};
use super::type_facts::TypeFacts;
use super::vector::Vector;
use crate::exception::Exception;
use crate::value::scalar::{self, plain};

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
    fn facts(&self) -> &dyn TypeFacts {
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

    /// The name as written under `type`.
    pub fn name(&self) -> &'static str {
        self.facts().name()
    }

    /// What `_field_caps` calls it: the type of its values, where that has another name.
    pub(crate) fn capability(&self) -> &'static str {
        match self {
            FieldType::Number(number) => number.kind.name(),
            kind => kind.name(),
        }
    }

    /// Whether the leaf has terms.
    pub fn is_indexed(&self) -> bool {
        self.facts().is_indexed()
    }

    /// The column the leaf has, if it has one.
    pub fn column(&self) -> Option<Column> {
        self.column_kind().filter(|_| self.facts().has_column())
    }

    /// The kind of value the type is kept as, whether or not this leaf has a column.
    pub fn column_kind(&self) -> Option<Column> {
        self.facts().column_kind()
    }

    /// Whether a list or an object in a document is one value of it.
    pub fn takes_whole(&self) -> bool {
        self.facts().takes_whole()
    }

    /// Whether a malformed value is left out, so that its document says so under `_ignored`.
    pub fn ignores_malformed(&self) -> bool {
        match self {
            FieldType::Number(number) => number.ignore_malformed,
            FieldType::Date(date) => date.ignore_malformed,
            FieldType::Ip(ip) => ip.ignore_malformed,
            FieldType::GeoShape(shape) => shape.ignore_malformed,
            FieldType::GeoPoint(point) => point.ignore_malformed,
            _ => false,
        }
    }

    /// Whether a search over all fields, whose text fits only some of them, looks into it.
    pub fn is_searched_as_text(&self) -> bool {
        matches!(
            self,
            FieldType::Text(_)
                | FieldType::Keyword(_)
                | FieldType::Number(_)
                | FieldType::Date(_)
                | FieldType::Ip(_)
                | FieldType::FlatObject(_)
        )
    }

    /// Whether every match of it scores 1.
    pub fn is_unscored(&self) -> bool {
        match self {
            FieldType::Text(text) => text.role == super::text::TextRole::MatchOnly,
            FieldType::Keyword(keyword) => keyword.family != super::keyword::KeywordFamily::Keyword,
            _ => false,
        }
    }

    /// Whether its terms are words of text: what `prefix`, `wildcard`, `fuzzy` and the like walk over.
    pub fn has_words(&self) -> bool {
        matches!(self, FieldType::Text(_) | FieldType::Keyword(_))
    }

    /// Whether it is kept how often a document has each of its terms.
    pub fn has_frequencies(&self) -> bool {
        matches!(self, FieldType::Text(text) if text.index_options != IndexOptions::Docs)
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

    /// Whether tantivy keeps anything of the leaf.
    pub fn is_kept(&self) -> bool {
        self.is_indexed() || self.column().is_some()
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
    pub kind: FieldType,
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
