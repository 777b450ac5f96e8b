//! `geo_point`: places, kept as 32 bits of latitude and of longitude. Source: Elasticsearch 7.10, "Geo-point field type",
//! and `GeoPointFieldMapper`.

use serde_json::{Value, json};
use tantivy::schema::{NumericOptions, SchemaBuilder};

use super::column::Column;
use super::date::DateFormat;
use super::field_type::MappedFieldType;
use super::geo_shape::not_exact;
use super::kept::NumberValue;
use super::parameters::{Parameter, ParameterShape, Parameters, fixed, updatable};
use super::parse_context::ParseContext;
use super::query::{QueryContext, TermLookup};
use crate::exception::Exception;
use crate::geo::point::{PointReading, points};
use crate::geo::{Point, geohash};
use crate::value::java::java_double;
use crate::value::path::whole_at;

/// The parameters of `geo_point`.
pub(super) const PARAMETERS: &[Parameter] = &[
    fixed("index", ParameterShape::Bool(true)),
    fixed("doc_values", ParameterShape::Bool(true)),
    fixed("store", ParameterShape::Bool(false)),
    updatable("ignore_malformed", ParameterShape::Bool(false)),
    updatable("ignore_z_value", ParameterShape::Bool(true)),
    fixed("null_value", ParameterShape::Scalar),
    updatable("meta", ParameterShape::Object),
];

/// A field of places.
#[derive(Clone, Debug, PartialEq)]
pub struct GeoPoint {
    /// What an explicit `null` is indexed as.
    pub null_value: Option<Point>,
    /// Whether a malformed value is left out instead of refused.
    pub ignore_malformed: bool,
    /// Whether a third coordinate is passed over instead of refused.
    pub ignore_z: bool,
    /// Whether it can be searched.
    pub index: bool,
    /// Whether it can be sorted and aggregated.
    pub doc_values: bool,
}

impl MappedFieldType for GeoPoint {
    fn name(&self) -> &'static str {
        "geo_point"
    }

    fn keeps_paths(&self) -> bool {
        true
    }

    fn is_indexed(&self) -> bool {
        self.index
    }

    fn column_kind(&self) -> Option<Column> {
        Some(Column::GeoPoint)
    }

    fn has_column(&self) -> bool {
        self.doc_values
    }

    fn takes_whole(&self) -> bool {
        true
    }

    fn add_to(&self, schema: &mut SchemaBuilder, name: &str) {
        schema.add_i64_field(name, NumericOptions::default().set_fast());
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
        let whole = whole_at(source, path);
        let points = whole.into_iter().filter_map(|value| self.parse(path, value).ok()).flatten();
        let shown =
            points.map(|point| json!({"coordinates": [point.lon, point.lat], "type": "Point"}));
        Some(shown.collect())
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
        let parsed = self.parse(context.leaf.name(), value).map(Some);
        let points = context.unless_malformed(parsed)?.unwrap_or_default();
        for point in &points {
            context.number(Some(NumberValue::I64(point.code())));
        }
        Ok(!points.is_empty())
    }

    /// The geohash of the place, or of all of them in one text.
    fn multi_field_values(
        &self,
        _inner: &dyn MappedFieldType,
        path: &str,
        value: &Value,
    ) -> Option<Vec<Value>> {
        let points = self.parse(path, value).unwrap_or_default();
        (!points.is_empty()).then(|| vec![GeoPoint::text(&points).into()])
    }
}

impl GeoPoint {
    pub(super) fn build(name: &str, parameters: &Parameters) -> Result<GeoPoint, Exception> {
        let mut field = GeoPoint {
            null_value: None,
            ignore_malformed: parameters.bool("ignore_malformed", false),
            ignore_z: parameters.bool("ignore_z_value", true),
            index: parameters.bool("index", true),
            doc_values: parameters.bool("doc_values", true),
        };
        if let Some(value) = parameters.value("null_value").filter(|value| !value.is_null()) {
            let point = field.reading().read(value)?;
            field.null_value = Some(field.checked(point, name)?);
        }
        Ok(field)
    }

    fn reading(&self) -> PointReading {
        PointReading { ignore_z: self.ignore_z, ..PointReading::default() }
    }

    /// The points of one value of a document, which may be a list of them.
    ///
    /// # Errors
    /// The cause Elasticsearch names.
    pub fn parse(&self, name: &str, value: &Value) -> Result<Vec<Point>, Exception> {
        if value.is_null() {
            return Ok(self.null_value.into_iter().collect());
        }
        points(value, self.reading())?.into_iter().map(|point| self.checked(point, name)).collect()
    }

    /// A point on the earth: where malformed values are passed over, one beyond is moved around it.
    fn checked(&self, point: Point, name: &str) -> Result<Point, Exception> {
        match point.fault() {
            None => Ok(point),
            Some(_) if self.ignore_malformed => Ok(point.normalized()),
            Some((what, value)) => Err(Exception::illegal_argument(format!(
                "illegal {what} value [{}] for {name}",
                java_double(value)
            ))),
        }
    }

    /// What a multi-field of it has: the geohash of the place, or of all of them in one text.
    fn text(points: &[Point]) -> String {
        let hashes: Vec<String> =
            points.iter().map(|point| geohash::of(*point, geohash::LETTERS_MAX)).collect();
        match hashes.as_slice() {
            [one] => one.clone(),
            many => format!("[{}]", many.join(",")),
        }
    }
}
