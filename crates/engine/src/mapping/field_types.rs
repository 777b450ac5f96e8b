//! Which field types there are.

use super::binary::Binary;
use super::boolean::Boolean;
use super::completion::Completion;
use super::date::Date;
use super::field::FieldType;
use super::flat_object::FlatObject;
use super::geo_point::GeoPoint;
use super::geo_shape::GeoShape;
use super::ip::Ip;
use super::join::{Join, JoinRole};
use super::keyword::Keyword;
use super::number::{Number, NumberKind};
use super::parameters::{Parameter, Parameters};
use super::percolator::Percolator;
use super::range::{RangeField, RangeKind};
use super::rank_feature::RankFeature;
use super::text::Text;
use super::vector::Vector;
use super::{
    binary, boolean, completion, date, flat_object, geo_point, geo_shape, ip, join, keyword,
    number, percolator, range, rank_feature, text, vector,
};
use crate::exception::Exception;

/// THE table of field types: every one that Elasticsearch 7.10 or OpenSearch 2.19 know as a leaf, and how it is made;
/// `None` where this engine does not have it yet, which is refused by name. A new one is its file, its row here, and a
/// variant of [`FieldType`]: the compiler then shows what must be said of its values.
const FIELD_TYPES: &[(&str, Option<FieldTypeRow>)] = &[
    ("alias", None),
    ("annotated_text", None),
    (
        "binary",
        Some(FieldTypeRow {
            parameters: binary::PARAMETERS,
            build: |_, given| Ok(FieldType::Binary(Binary::build(given))),
        }),
    ),
    (
        "boolean",
        Some(FieldTypeRow {
            parameters: boolean::PARAMETERS,
            build: |_, given| Boolean::build(given).map(FieldType::Boolean),
        }),
    ),
    (
        "byte",
        Some(FieldTypeRow {
            parameters: number::PARAMETERS,
            build: |_, given| number_of(NumberKind::Byte, given),
        }),
    ),
    (
        "completion",
        Some(FieldTypeRow {
            parameters: completion::PARAMETERS,
            build: |_, given| Completion::build(given).map(FieldType::Completion),
        }),
    ),
    (
        "constant_keyword",
        Some(FieldTypeRow {
            parameters: keyword::CONSTANT_PARAMETERS,
            build: |field, given| Keyword::constant(field, given).map(FieldType::Keyword),
        }),
    ),
    (
        "date",
        Some(FieldTypeRow {
            parameters: date::PARAMETERS,
            build: |field, given| Date::build(field, false, given).map(FieldType::Date),
        }),
    ),
    (
        "date_nanos",
        Some(FieldTypeRow {
            parameters: date::PARAMETERS,
            build: |field, given| Date::build(field, true, given).map(FieldType::Date),
        }),
    ),
    (
        "date_range",
        Some(FieldTypeRow {
            parameters: range::DATE_PARAMETERS,
            build: |_, given| range_of(RangeKind::Date, given),
        }),
    ),
    (
        "dense_vector",
        Some(FieldTypeRow {
            parameters: vector::DENSE_PARAMETERS,
            build: |field, given| Vector::dense(field, given).map(FieldType::Vector),
        }),
    ),
    (
        "double",
        Some(FieldTypeRow {
            parameters: number::PARAMETERS,
            build: |_, given| number_of(NumberKind::Double, given),
        }),
    ),
    (
        "double_range",
        Some(FieldTypeRow {
            parameters: range::PARAMETERS,
            build: |_, given| range_of(RangeKind::Double, given),
        }),
    ),
    (
        "flat_object",
        Some(FieldTypeRow {
            parameters: flat_object::PARAMETERS,
            build: |_, given| FlatObject::build(false, given).map(FieldType::FlatObject),
        }),
    ),
    (
        "flattened",
        Some(FieldTypeRow {
            parameters: flat_object::FLATTENED_PARAMETERS,
            build: |_, given| FlatObject::build(true, given).map(FieldType::FlatObject),
        }),
    ),
    (
        "float",
        Some(FieldTypeRow {
            parameters: number::PARAMETERS,
            build: |_, given| number_of(NumberKind::Float, given),
        }),
    ),
    (
        "float_range",
        Some(FieldTypeRow {
            parameters: range::PARAMETERS,
            build: |_, given| range_of(RangeKind::Float, given),
        }),
    ),
    (
        "geo_point",
        Some(FieldTypeRow {
            parameters: geo_point::PARAMETERS,
            build: |field, given| GeoPoint::build(field, given).map(FieldType::GeoPoint),
        }),
    ),
    (
        "geo_shape",
        Some(FieldTypeRow {
            parameters: geo_shape::PARAMETERS,
            build: |field, given| GeoShape::build(field, given).map(FieldType::GeoShape),
        }),
    ),
    (
        "half_float",
        Some(FieldTypeRow {
            parameters: number::PARAMETERS,
            build: |_, given| number_of(NumberKind::HalfFloat, given),
        }),
    ),
    ("histogram", None),
    (
        "integer",
        Some(FieldTypeRow {
            parameters: number::PARAMETERS,
            build: |_, given| number_of(NumberKind::Integer, given),
        }),
    ),
    (
        "integer_range",
        Some(FieldTypeRow {
            parameters: range::PARAMETERS,
            build: |_, given| range_of(RangeKind::Integer, given),
        }),
    ),
    (
        "ip",
        Some(FieldTypeRow {
            parameters: ip::PARAMETERS,
            build: |_, given| Ip::build(given).map(FieldType::Ip),
        }),
    ),
    (
        "ip_range",
        Some(FieldTypeRow {
            parameters: range::PARAMETERS,
            build: |_, given| range_of(RangeKind::Ip, given),
        }),
    ),
    (
        "join",
        Some(FieldTypeRow {
            parameters: join::PARAMETERS,
            build: |_, given| {
                join::filled(given);
                let join = Some(JoinRole::Relation(Join::build(given)));
                Ok(FieldType::Keyword(Keyword { join, ..Keyword::plain() }))
            },
        }),
    ),
    (
        "keyword",
        Some(FieldTypeRow {
            parameters: keyword::PARAMETERS,
            build: |field, given| Keyword::build(field, given).map(FieldType::Keyword),
        }),
    ),
    (
        "knn_vector",
        Some(FieldTypeRow {
            parameters: vector::KNN_PARAMETERS,
            build: |field, given| Vector::knn(field, given).map(FieldType::Vector),
        }),
    ),
    (
        "long",
        Some(FieldTypeRow {
            parameters: number::PARAMETERS,
            build: |_, given| number_of(NumberKind::Long, given),
        }),
    ),
    (
        "long_range",
        Some(FieldTypeRow {
            parameters: range::PARAMETERS,
            build: |_, given| range_of(RangeKind::Long, given),
        }),
    ),
    (
        "match_only_text",
        Some(FieldTypeRow {
            parameters: text::MATCH_ONLY_PARAMETERS,
            build: |field, given| Text::match_only(field, given).map(FieldType::Text),
        }),
    ),
    ("murmur3", None),
    (
        "percolator",
        Some(FieldTypeRow {
            parameters: percolator::PARAMETERS,
            build: |_, _| Ok(FieldType::Percolator(Percolator)),
        }),
    ),
    ("point", None),
    (
        "rank_feature",
        Some(FieldTypeRow {
            parameters: rank_feature::PARAMETERS,
            build: |_, given| Ok(FieldType::RankFeature(RankFeature::build(false, given))),
        }),
    ),
    (
        "rank_features",
        Some(FieldTypeRow {
            parameters: rank_feature::PARAMETERS,
            build: |_, given| Ok(FieldType::RankFeature(RankFeature::build(true, given))),
        }),
    ),
    (
        "scaled_float",
        Some(FieldTypeRow {
            parameters: number::SCALED_PARAMETERS,
            build: |_, given| number_of(NumberKind::scaled(given)?, given),
        }),
    ),
    (
        "search_as_you_type",
        Some(FieldTypeRow {
            parameters: text::AS_YOU_TYPE_PARAMETERS,
            build: |field, given| Text::as_you_type(field, given).map(FieldType::Text),
        }),
    ),
    ("shape", None),
    (
        "short",
        Some(FieldTypeRow {
            parameters: number::PARAMETERS,
            build: |_, given| number_of(NumberKind::Short, given),
        }),
    ),
    ("sparse_vector", None),
    (
        "text",
        Some(FieldTypeRow {
            parameters: text::PARAMETERS,
            build: |field, given| Text::build(field, given).map(FieldType::Text),
        }),
    ),
    (
        "token_count",
        Some(FieldTypeRow {
            parameters: number::COUNT_PARAMETERS,
            build: |field, given| Number::count(field, given).map(FieldType::Number),
        }),
    ),
    (
        "unsigned_long",
        Some(FieldTypeRow {
            parameters: number::PARAMETERS,
            build: |_, given| number_of(NumberKind::UnsignedLong, given),
        }),
    ),
    ("version", None),
    (
        "wildcard",
        Some(FieldTypeRow {
            parameters: keyword::WILDCARD_PARAMETERS,
            build: |_, given| Keyword::wildcard(given).map(FieldType::Keyword),
        }),
    ),
    ("xy_point", None),
    ("xy_shape", None),
];

/// What is known of a field type by its name.
#[derive(Clone, Copy)]
pub(super) struct FieldTypeRow {
    /// The parameters that it takes.
    pub(super) parameters: &'static [Parameter],
    /// Makes the type of the field of this name from their values, which it may bring into the form they are printed in.
    pub(super) build: fn(&str, &mut Parameters) -> Result<FieldType, Exception>,
}

fn range_of(kind: RangeKind, given: &Parameters) -> Result<FieldType, Exception> {
    RangeField::build(kind, given).map(FieldType::Range)
}

fn number_of(kind: NumberKind, given: &Parameters) -> Result<FieldType, Exception> {
    Number::build(kind, given).map(FieldType::Number)
}

/// Whether there is a type of this name, built or not.
pub(crate) fn is_known(type_name: &str) -> bool {
    FIELD_TYPES.iter().any(|(known, _)| *known == type_name)
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
