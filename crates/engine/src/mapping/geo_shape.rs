//! `geo_shape`: points, lines and polygons. Source: Elasticsearch 7.10, "Geo-shape field type".

use serde_json::Value;
use tantivy::schema::SchemaBuilder;

use super::date::DateFormat;
use super::field_type::MappedFieldType;
use super::fields;
use super::parameters::{Parameter, ParameterShape, Parameters, fixed, updatable};
use super::parse_context::ParseContext;
use super::query::{QueryContext, TermLookup};
use crate::exception::Exception;
use crate::geo::shape::{Shape, pieces};
use crate::geo::shape_reading::{self, RingReading};
use crate::value::path::each_at;

/// The parameters of `geo_shape`.
pub(super) const PARAMETERS: &[Parameter] = &[
    fixed("index", ParameterShape::Bool(true)),
    fixed("doc_values", ParameterShape::Bool(true)),
    fixed("store", ParameterShape::Bool(false)),
    updatable("coerce", ParameterShape::Bool(false)),
    updatable("orientation", ParameterShape::Str("")),
    updatable("ignore_malformed", ParameterShape::Bool(false)),
    updatable("ignore_z_value", ParameterShape::Bool(true)),
    updatable("meta", ParameterShape::Object),
];

/// A field of shapes.
#[derive(Clone, Debug, PartialEq)]
pub struct GeoShape {
    /// Whether a malformed value is left out instead of refused.
    pub ignore_malformed: bool,
    /// Whether it can be searched.
    pub index: bool,
    /// Whether OpenSearch aggregates by it.
    pub doc_values: bool,
    /// `orientation` and `coerce`
    pub(crate) rings: RingReading,
}

/// The refusal of a `term` query on the points or the shapes of the field at `path`.
pub(super) fn not_exact(path: &str, context: QueryContext<'_>) -> Exception {
    context.refuse(format!(
        "Geometry fields do not support exact searching, use dedicated geometry queries instead: [{path}]"
    ))
}

impl MappedFieldType for GeoShape {
    fn name(&self) -> &'static str {
        "geo_shape"
    }

    fn keeps_paths(&self) -> bool {
        true
    }

    fn is_indexed(&self) -> bool {
        self.index
    }

    fn takes_whole(&self) -> bool {
        true
    }

    fn add_to(&self, schema: &mut SchemaBuilder, name: &str) {
        fields::add_bytes(schema, name);
    }

    fn ignores_malformed(&self) -> bool {
        self.ignore_malformed
    }

    fn whole_values(
        &self,
        path: &str,
        source: &Value,
        _format: Option<&DateFormat>,
    ) -> Option<Vec<Value>> {
        Some(each_at(source, path).cloned().collect())
    }

    fn term(
        &self,
        path: &str,
        _value: &Value,
        context: QueryContext<'_>,
    ) -> Result<TermLookup, Exception> {
        Err(not_exact(path, context))
    }

    fn parse_into(&self, value: &Value, context: &mut ParseContext<'_>) -> Result<bool, Exception> {
        let shape = context.unless_malformed(self.parse(value))?;
        let (Some(shape), true) = (shape, context.leaf.field.is_some()) else { return Ok(false) };
        let pieces = pieces(&shape, *context.pieces);
        let count = u32::try_from(pieces.len()).unwrap_or(u32::MAX);
        *context.pieces = context.pieces.saturating_add(count);
        pieces.iter().for_each(|piece| context.bytes(piece));
        Ok(true)
    }
}

impl GeoShape {
    pub(super) fn build(parameters: &mut Parameters) -> Result<GeoShape, Exception> {
        let orientation = parameters.str("orientation").unwrap_or_else(|| "right".to_owned());
        let clockwise = RingReading::orientation(&orientation)?;
        if parameters.value("orientation").is_some() {
            // As it is told.
            let told = if clockwise { "LEFT" } else { "RIGHT" };
            parameters.0.insert("orientation", told.into());
        }
        Ok(GeoShape {
            ignore_malformed: parameters.bool("ignore_malformed", false),
            index: parameters.bool("index", true),
            doc_values: parameters.bool("doc_values", true),
            rings: RingReading::of_field(clockwise, parameters.bool("coerce", false)),
        })
    }

    /// All the shapes of a value, which may be a list of them; `None` for null.
    ///
    /// # Errors
    /// The cause Elasticsearch names.
    fn parse(&self, value: &Value) -> Result<Option<Shape>, Exception> {
        let mut all = Shape::default();
        match value {
            Value::Null => return Ok(None),
            Value::Array(values) => {
                for value in values.iter().filter(|value| !value.is_null()) {
                    all.add(shape_reading::read(value, self.rings)?);
                }
            }
            one => all.add(shape_reading::read(one, self.rings)?),
        }
        Ok(Some(all).filter(|all| !all.is_empty()))
    }
}
