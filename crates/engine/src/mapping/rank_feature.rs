//! `rank_feature` and `rank_features`: numbers that raise scores. Source: Elasticsearch 7.10, "Rank feature field type",
//! Lucene's `FeatureField`.
//!
//! A feature's value is kept with 9 significant bits, as Lucene keeps it in a term frequency.

use serde_json::Value;
use tantivy::schema::SchemaBuilder;

use super::analyzers::FieldAnalyzers;
use super::column::Column;
use super::date::DateFormat;
use super::field_type::{MappedFieldType, Refusal};
use super::fields;
use super::kept::NumberValue;
use super::parameters::{Parameter, ParameterShape, Parameters, fixed, updatable};
use super::parse_context::ParseContext;
use super::query::{QueryContext, TermLookup};
use crate::exception::{Exception, ExceptionKind};
use crate::value::java::java_float;
use crate::value::path::each_at;
use crate::value::scalar::{self, not_a_number, plain, token};

/// The parameters of both types.
pub(super) const PARAMETERS: &[Parameter] = &[
    fixed("positive_score_impact", ParameterShape::Bool(true)),
    updatable("meta", ParameterShape::Object),
];

/// A field of features.
#[derive(Clone, Debug, PartialEq)]
pub struct RankFeature {
    /// Whether greater values score higher.
    pub positive: bool,
    /// `rank_features`: an object of features instead of one.
    pub many: bool,
}

/// What is between a feature's name and its value, where there are many.
const SEPARATOR: u8 = 0;

impl MappedFieldType for RankFeature {
    fn name(&self) -> &'static str {
        if self.many { "rank_features" } else { "rank_feature" }
    }

    fn keeps_paths(&self) -> bool {
        self.many
    }

    fn is_indexed(&self) -> bool {
        true
    }

    fn is_searchable(&self) -> bool {
        !self.many
    }

    fn add_to(&self, schema: &mut SchemaBuilder, name: &str) {
        match self.many {
            true => fields::add_bytes(schema, name),
            false => fields::add(schema, name, Column::Double, false, true),
        }
    }

    fn no_column(&self, _path: &str) -> String {
        format!("[{}] fields do not support sorting, scripting or aggregating", self.name())
    }

    fn whole_values(
        &self,
        path: &str,
        source: &Value,
        _format: Option<&DateFormat>,
    ) -> Option<Vec<Value>> {
        self.many.then(|| each_at(source, path).cloned().collect())
    }

    fn shown(
        &self,
        value: Value,
        _analyzers: &FieldAnalyzers,
        _format: Option<&DateFormat>,
    ) -> Option<Value> {
        scalar::number(&value).map(Value::from)
    }

    fn term(
        &self,
        _path: &str,
        _value: &Value,
        context: QueryContext<'_>,
    ) -> Result<TermLookup, Exception> {
        let reason = format!("Queries on [{}] fields are not supported", self.name());
        Err(context.failed(Exception::illegal_argument(reason)))
    }

    fn check_exists(&self, context: QueryContext<'_>) -> Result<(), Exception> {
        if !self.many {
            return Ok(());
        }
        let reason = "[rank_features] fields do not support [exists] queries";
        Err(context.failed(Exception::illegal_argument(reason)))
    }

    fn parse_into(&self, value: &Value, context: &mut ParseContext<'_>) -> Result<bool, Exception> {
        if context.leaf.field.is_none() {
            return Ok(false);
        }
        if self.many { self.add_features(value, context) } else { self.add_feature(value, context) }
    }

    fn refusal(&self) -> Refusal {
        if self.many { Refusal::Document } else { Refusal::Value }
    }
}

impl RankFeature {
    pub(super) fn build(many: bool, parameters: &Parameters) -> RankFeature {
        RankFeature { positive: parameters.bool("positive_score_impact", true), many }
    }

    /// Adds the value of `rank_feature`, of which a document has at most one.
    fn add_feature(
        &self,
        value: &Value,
        context: &mut ParseContext<'_>,
    ) -> Result<bool, Exception> {
        if value.is_null() {
            return Ok(false);
        }
        let leaf = context.leaf;
        let kept = self.parse(leaf.name(), "_feature", value)?;
        if !context.is_first(&leaf.path) {
            return Err(self.twice("field", &leaf.path));
        }
        Ok(context.number(Some(NumberValue::F64(kept.into()))))
    }

    /// Adds the values of `rank_features`; each feature has at most one.
    fn add_features(
        &self,
        value: &Value,
        context: &mut ParseContext<'_>,
    ) -> Result<bool, Exception> {
        let name = self.name();
        let Value::Object(features) = value else {
            return Err(Exception::illegal_argument(format!(
                "[{name}] fields must be json objects, expected a START_OBJECT but got: {}",
                token(value)
            )));
        };
        for (feature, value) in features.iter().filter(|(_, value)| !value.is_null()) {
            if value.is_object() || value.is_array() || value.is_boolean() {
                return Err(Exception::illegal_argument(format!(
                    "[{name}] fields take hashes that map a feature to a strictly positive float, but got unexpected token {}",
                    token(value)
                )));
            }
            let kept = self.parse(feature, context.leaf.name(), value)?;
            let path = format!("{}.{feature}", context.leaf.path);
            if !context.is_first(&path) {
                return Err(self.twice("rank feature", &path));
            }
            context.bytes(&RankFeature::bytes(feature, kept));
        }
        Ok(!features.is_empty())
    }

    fn twice(&self, what: &str, path: &str) -> Exception {
        Exception::illegal_argument(format!(
            "[{}] fields do not support indexing multiple values for the same {what} [{path}] in the same document",
            self.name()
        ))
    }

    /// The value as it is kept.
    ///
    /// # Errors
    /// `illegal_argument_exception` for what is not above nothing; the cause for what is no number.
    fn parse(&self, feature: &str, field: &str, value: &Value) -> Result<f32, Exception> {
        let text = plain(value);
        let float: f32 = match value {
            Value::String(_) | Value::Number(_) => {
                text.trim().parse().map_err(|_| not_a_number(&text))?
            }
            other => {
                return Err(Exception::new(
                    ExceptionKind::JsonParse,
                    format!(
                        "Current token ({}) not numeric, can not use numeric value accessors",
                        super::number::token(other)
                    ),
                ));
            }
        };
        let shown = java_float(float);
        if float.is_finite() && float < f32::MIN_POSITIVE {
            return Err(Exception::illegal_argument(format!(
                "featureValue must be a positive normal float, got: {shown} for feature {feature} on field {field} which is less than the minimum positive normal float: 1.17549435E-38"
            )));
        }
        if !float.is_finite() {
            return Err(Exception::illegal_argument(format!(
                "featureValue must be finite, got: {shown} for feature {feature} on field {field}"
            )));
        }
        let impact = if self.positive { float } else { 1.0 / float };
        Ok(f32::from_bits(impact.to_bits() >> 15 << 15))
    }

    /// A feature with its value as `rank_features` keeps it.
    fn bytes(feature: &str, value: f32) -> Vec<u8> {
        let mut bytes = RankFeature::prefix(feature);
        bytes.extend(value.to_bits().to_be_bytes());
        bytes
    }

    /// What the kept values of a feature start with.
    pub(crate) fn prefix(feature: &str) -> Vec<u8> {
        let mut bytes = feature.as_bytes().to_vec();
        bytes.push(SEPARATOR);
        bytes
    }

    /// The value behind a kept feature of this prefix.
    pub(crate) fn value_of(bytes: &[u8], prefix: &[u8]) -> Option<f32> {
        let bits = bytes.strip_prefix(prefix)?.try_into().ok()?;
        Some(f32::from_bits(u32::from_be_bytes(bits)))
    }
}
