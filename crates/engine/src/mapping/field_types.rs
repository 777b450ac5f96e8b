//! Which field types there are.

use std::sync::Arc;

use super::analyzers::FieldAnalyzers;
use super::binary::{self, Binary};
use super::boolean::{self, Boolean};
use super::completion::{self, Completion};
use super::date::{self, Date};
use super::field_type::{FieldType, MappedFieldType};
use super::flat_object::{self, FlatObject};
use super::geo_point::{self, GeoPoint};
use super::geo_shape::{self, GeoShape};
use super::histogram::{self, Histogram};
use super::ip::{self, Ip};
use super::join;
use super::keyword::{self, Keyword};
use super::leaf::Leaf;
use super::murmur3::{self, Murmur3};
use super::number::{self, Number, NumberKind};
use super::parameters::{Parameter, Parameters};
use super::percolator::{self, Percolator};
use super::range::{self, RangeField, RangeKind};
use super::rank_feature::{self, RankFeature};
use super::text::{self, Text};
use super::vector::{self, Vector};
use crate::exception::Exception;

/// THE table of field types: every one that Elasticsearch 7.10 or OpenSearch 2.19 know as a leaf, its parameters, and how it is
/// made; `None` where this engine does not have it yet, which is refused by name. A new one is its file and its row here.
const FIELD_TYPES: &[(&str, Option<FieldTypeRow>)] = &[
    ("alias", None),
    ("annotated_text", None),
    ("binary", row(binary::PARAMETERS, |_, given| made(Ok(Binary::build(given))))),
    ("boolean", row(boolean::PARAMETERS, |_, given| made(Boolean::build(given)))),
    ("byte", row(number::PARAMETERS, |_, given| made(Number::build(NumberKind::Byte, given)))),
    ("completion", row(completion::PARAMETERS, |_, given| made(Completion::build(given)))),
    (
        "constant_keyword",
        older(keyword::CONSTANT_PARAMETERS, |field, given| made(Keyword::constant(field, given))),
    ),
    ("date", row(date::PARAMETERS, |field, given| made(Date::build(field, false, given)))),
    ("date_nanos", row(date::PARAMETERS, |field, given| made(Date::build(field, true, given)))),
    (
        "date_range",
        row(range::DATE_PARAMETERS, |_, given| made(RangeField::build(RangeKind::Date, given))),
    ),
    (
        "dense_vector",
        row(vector::DENSE_PARAMETERS, |field, given| made(Vector::dense(field, given))),
    ),
    ("double", row(number::PARAMETERS, |_, given| made(Number::build(NumberKind::Double, given)))),
    (
        "double_range",
        row(range::PARAMETERS, |_, given| made(RangeField::build(RangeKind::Double, given))),
    ),
    (
        "flat_object",
        own_only(flat_object::PARAMETERS, |_, given| made(FlatObject::build(false, given))),
    ),
    (
        "flattened",
        row(flat_object::FLATTENED_PARAMETERS, |_, given| made(FlatObject::build(true, given))),
    ),
    ("float", row(number::PARAMETERS, |_, given| made(Number::build(NumberKind::Float, given)))),
    (
        "float_range",
        row(range::PARAMETERS, |_, given| made(RangeField::build(RangeKind::Float, given))),
    ),
    ("geo_point", older(geo_point::PARAMETERS, |field, given| made(GeoPoint::build(field, given)))),
    ("geo_shape", older(geo_shape::PARAMETERS, |_, given| made(GeoShape::build(given)))),
    (
        "half_float",
        row(number::PARAMETERS, |_, given| made(Number::build(NumberKind::HalfFloat, given))),
    ),
    ("histogram", row(histogram::PARAMETERS, |_, given| made(Ok(Histogram::build(given))))),
    (
        "icu_collation_keyword",
        row(keyword::COLLATION_PARAMETERS, |_, given| made(Keyword::collated(given))),
    ),
    (
        "integer",
        row(number::PARAMETERS, |_, given| made(Number::build(NumberKind::Integer, given))),
    ),
    (
        "integer_range",
        row(range::PARAMETERS, |_, given| made(RangeField::build(RangeKind::Integer, given))),
    ),
    ("ip", row(ip::PARAMETERS, |_, given| made(Ip::build(given)))),
    ("ip_range", row(range::PARAMETERS, |_, given| made(RangeField::build(RangeKind::Ip, given)))),
    ("join", row(join::PARAMETERS, |_, given| made(Ok(Keyword::relations(given))))),
    ("keyword", row(keyword::PARAMETERS, |_, given| made(Keyword::build(given)))),
    ("knn_vector", row(vector::KNN_PARAMETERS, |field, given| made(Vector::knn(field, given)))),
    ("long", row(number::PARAMETERS, |_, given| made(Number::build(NumberKind::Long, given)))),
    (
        "long_range",
        row(range::PARAMETERS, |_, given| made(RangeField::build(RangeKind::Long, given))),
    ),
    ("match_only_text", row(text::MATCH_ONLY_PARAMETERS, |_, given| made(Text::match_only(given)))),
    ("murmur3", row(murmur3::PARAMETERS, |_, _| made(Ok(Murmur3)))),
    ("percolator", row(percolator::PARAMETERS, |_, _| made(Ok(Percolator)))),
    ("point", None),
    (
        "rank_feature",
        row(rank_feature::PARAMETERS, |_, given| made(Ok(RankFeature::build(false, given)))),
    ),
    (
        "rank_features",
        row(rank_feature::PARAMETERS, |_, given| made(Ok(RankFeature::build(true, given)))),
    ),
    (
        "scaled_float",
        row(number::SCALED_PARAMETERS, |_, given| {
            made(Number::build(NumberKind::scaled(given)?, given))
        }),
    ),
    (
        "search_as_you_type",
        row(text::AS_YOU_TYPE_PARAMETERS, |_, given| made(Text::as_you_type(given))),
    ),
    ("shape", None),
    ("short", row(number::PARAMETERS, |_, given| made(Number::build(NumberKind::Short, given)))),
    ("sparse_vector", None),
    ("text", row(text::PARAMETERS, |field, given| made(Text::whole(field, given)))),
    (
        "token_count",
        row(number::COUNT_PARAMETERS, |field, given| made(Number::count(field, given))),
    ),
    (
        "unsigned_long",
        row(number::PARAMETERS, |_, given| made(Number::build(NumberKind::UnsignedLong, given))),
    ),
    ("version", None),
    ("wildcard", row(keyword::WILDCARD_PARAMETERS, |_, given| made(Keyword::wildcard(given)))),
    ("xy_point", None),
    ("xy_shape", None),
];

/// What is known of a field type by its name.
#[derive(Clone, Copy)]
pub(super) struct FieldTypeRow {
    /// The parameters that it takes.
    pub(super) parameters: &'static [Parameter],
    /// How it takes others.
    pub(super) reader: ParameterReader,
    /// Makes the type of a field.
    pub(super) build: Build,
}

/// Makes the type of the field of this name from the values of its parameters, which it may bring into the form they are
/// printed in.
type Build = fn(&str, &mut Parameters) -> Result<FieldType, Exception>;

/// How a type takes parameters that are none of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ParameterReader {
    /// As `ParametrizedFieldMapper` of Elasticsearch: with those of every type, and refuses the first other by its name.
    Parametrized,
    /// As its older `TypeParsers`: with those of every type, and refuses all others together.
    Older,
    /// As those, and without those of every type.
    OwnOnly,
}

const fn row(parameters: &'static [Parameter], build: Build) -> Option<FieldTypeRow> {
    Some(FieldTypeRow { parameters, reader: ParameterReader::Parametrized, build })
}

const fn older(parameters: &'static [Parameter], build: Build) -> Option<FieldTypeRow> {
    Some(FieldTypeRow { parameters, reader: ParameterReader::Older, build })
}

const fn own_only(parameters: &'static [Parameter], build: Build) -> Option<FieldTypeRow> {
    Some(FieldTypeRow { parameters, reader: ParameterReader::OwnOnly, build })
}

fn made<T: MappedFieldType>(built: Result<T, Exception>) -> Result<FieldType, Exception> {
    built.map(|built| Arc::new(built) as FieldType)
}

/// Whether there is a type of this name, built or not.
pub(crate) fn is_known(type_name: &str) -> bool {
    FIELD_TYPES.iter().any(|(known, _)| *known == type_name)
}

/// A field at `path` of the type that is called so, of which no document has a value.
///
/// # Errors
/// As [`named`]; what a type that needs parameters says without them.
pub(crate) fn unmapped(path: &str, type_name: &str) -> Result<Leaf, Exception> {
    let kind = (named("", type_name)?.build)("", &mut Parameters(Default::default()))?;
    Ok(Leaf {
        path: path.to_owned(),
        column: kind.column(),
        kind,
        field: None,
        indexed: false,
        analyzers: FieldAnalyzers::default(),
        similarity: Arc::default(),
        fed: Vec::new(),
        is_absent: true,
        boost: 1.0,
    })
}

/// `_id` as a field whose values are counted: a keyword, of which the terms of a segment are turned round.
///
/// # Errors
/// As [`unmapped`].
pub(crate) fn ids() -> Result<Leaf, Exception> {
    let keyword = unmapped("_id", "keyword")?;
    let (field, column) = (Some(super::fields::ID), Some(super::Column::Terms));
    Ok(Leaf { field, column, indexed: true, is_absent: false, ..keyword })
}

/// The row of `type_name`, which `field` is declared with.
///
/// # Errors
/// `mapper_parsing_exception` for an unknown type; 501 for one that is known and not built.
pub(super) fn named(field: &str, type_name: &str) -> Result<FieldTypeRow, Exception> {
    match FIELD_TYPES.iter().find(|(known, _)| *known == type_name) {
        Some((_, Some(row))) => Ok(*row),
        Some((_, None)) => {
            Err(Exception::not_implemented(&format!("field type {type_name} of field {field}")))
        }
        None => Err(Exception::mapper_parsing(format!(
            "No handler for type [{type_name}] declared on field [{field}]"
        ))),
    }
}

/// The parameters of `type_name`; none where it is not built.
pub(super) fn parameters(type_name: &str) -> &'static [Parameter] {
    let row = FIELD_TYPES.iter().find(|(known, _)| *known == type_name).and_then(|(_, row)| *row);
    row.map_or(&[], |row| row.parameters)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_has_each_name_once_in_order() {
        assert!(FIELD_TYPES.is_sorted_by(|a, b| a.0 < b.0));
    }

    #[test]
    fn a_type_that_is_built_is_called_as_its_row() {
        let scaled: std::collections::BTreeMap<_, _> =
            [("scaling_factor", serde_json::json!(10.0))].into();
        for (name, row) in FIELD_TYPES.iter().filter_map(|(name, row)| Some((name, (*row)?))) {
            let mut given = Parameters(match *name {
                "scaled_float" => scaled.clone(),
                "dense_vector" => [("dims", serde_json::json!(3))].into(),
                "knn_vector" => [("dimension", serde_json::json!(3))].into(),
                "token_count" => [("analyzer", serde_json::json!("standard"))].into(),
                "constant_keyword" => [("value", serde_json::json!("v"))].into(),
                _ => Default::default(),
            });
            assert_eq!((row.build)("f", &mut given).unwrap().name(), *name);
        }
    }

    #[test]
    fn a_type_that_is_known_and_not_built_is_refused_by_name() {
        for (name, _) in FIELD_TYPES.iter().filter(|(_, row)| row.is_none()) {
            let refusal = named("f", name).err().unwrap();
            assert_eq!(refusal.status(), 501, "{name}");
            assert!(refusal.reason().contains(name), "{name}: {}", refusal.reason());
        }
    }
}
