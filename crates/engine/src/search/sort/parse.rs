//! Reading `sort`.

use serde_json::Value;

use super::nested::NestedSort;
use super::{FieldSort, MissingOrder, NumericType, Sort, SortBy, SortMode};
use crate::dsl::options::Options;
use crate::exception::Exception;

/// Most sort keys of one search.
const KEYS_MAX: usize = 32;

/// Reads the value of `sort`.
pub(in crate::search) fn parse(value: &Value) -> Result<Vec<Sort>, Exception> {
    let keys = match value {
        Value::Array(keys) if keys.len() > KEYS_MAX => {
            return Err(Exception::illegal_argument(format!(
                "[sort] allows at most [{KEYS_MAX}] keys"
            )));
        }
        Value::Array(keys) => keys.iter().map(one).collect::<Result<Vec<_>, _>>()?,
        value => vec![one(value)?],
    };
    let keys: Vec<Sort> = keys.into_iter().flatten().collect();
    // Sorting by score alone is what happens anyway.
    if matches!(keys.as_slice(), [Sort { by: SortBy::Score, descending: true }]) {
        return Ok(Vec::new());
    }
    Ok(keys)
}

/// Reads `sort` of a URL: `field:desc,other`.
pub(in crate::search) fn parse_url(text: &str) -> Result<Vec<Sort>, Exception> {
    let keys = text.split(',').filter(|key| !key.is_empty());
    let keys = keys.filter_map(|key| match key.rsplit_once(':') {
        Some((field, order @ ("asc" | "desc"))) => Some(key_of(field, Some(order))),
        // A key whose order is none is passed over. (`RestSearchAction`.)
        Some(_) => None,
        None => Some(key_of(key, None)),
    });
    let keys = keys.collect::<Result<Vec<_>, _>>()?;
    if matches!(keys.as_slice(), [Sort { by: SortBy::Score, descending: true }]) {
        return Ok(Vec::new());
    }
    Ok(keys)
}

fn one(value: &Value) -> Result<Vec<Sort>, Exception> {
    match value {
        Value::String(field) => Ok(vec![key_of(field, None)?]),
        Value::Object(object) => object.iter().map(|(field, options)| match options {
            Value::String(order) => key_of(field, Some(order)),
            Value::Object(_) => with_options(field, options),
            _ => Err(Exception::parsing(format!("malformed sort format, within the sort array, an object, or an actual string are allowed, for [{field}]")).at(options)),
        }).collect(),
        _ => Err(Exception::illegal_argument(
            "malformed sort format, within the sort array, an object, or an actual string are allowed",
        )),
    }
}

fn key_of(field: &str, order: Option<&str>) -> Result<Sort, Exception> {
    let descending = descending(order, field == "_score")?;
    let by = match field {
        "_score" => SortBy::Score,
        "_doc" => SortBy::Doc,
        "_script" => {
            return Err(Exception::not_implemented(&format!("sort by {field}")));
        }
        field => SortBy::Field(FieldSort {
            field: field.to_owned(),
            missing: MissingOrder::Last,
            mode: None,
            unmapped: None,
            format: None,
            nested: None,
            numeric_type: None,
        }),
    };
    Ok(Sort { by, descending })
}

/// Reads `mode`.
pub(super) fn mode(name: &str) -> Result<SortMode, Exception> {
    Ok(match name {
        "min" => SortMode::Min,
        "max" => SortMode::Max,
        "sum" => SortMode::Sum,
        "avg" => SortMode::Avg,
        "median" => SortMode::Median,
        other => {
            return Err(Exception::illegal_argument(format!("Unknown SortMode [{other}]")));
        }
    })
}

/// `nested`, or as it was written once: `nested_path` and `nested_filter`.
pub(super) fn nested(options: &Options<'_>) -> Result<Option<NestedSort>, Exception> {
    let (path, filter) = (options.text("nested_path")?, options.get("nested_filter"));
    match (options.get("nested"), path) {
        (Some(_), Some(_)) => {
            Err(Exception::illegal_argument("nested_path and nested sort are mutually exclusive"))
        }
        (Some(nested), None) => {
            let nested = NestedSort::parse(nested);
            nested.map(Some).map_err(|cause| options.failed("nested", cause))
        }
        (None, Some(path)) => {
            let filter = filter.map(crate::dsl::parse).transpose()?;
            Ok(Some(NestedSort::of(path, filter)))
        }
        (None, None) => Ok(None),
    }
}

/// Whether `order` asks for the greatest first; `unset` where it is not given.
pub(super) fn descending(order: Option<&str>, unset: bool) -> Result<bool, Exception> {
    match order.map(str::to_lowercase).as_deref() {
        None => Ok(unset),
        Some("asc") => Ok(false),
        Some("desc") => Ok(true),
        Some(other) => Err(Exception::illegal_argument(format!(
            "No enum constant org.elasticsearch.search.sort.SortOrder.{}",
            other.to_uppercase()
        ))),
    }
}

fn with_options(field: &str, value: &Value) -> Result<Sort, Exception> {
    if field == "_geo_distance" || field == "_geoDistance" {
        return super::geo::parse(value);
    }
    if field == "_script" {
        return super::script::parse(value);
    }
    let options = Options::declared("field_sort", value)?;
    let mut sort = key_of(field, options.text("order")?.as_deref())
        .map_err(|cause| options.failed("order", cause))?;
    if let SortBy::Field(by) = &mut sort.by {
        by.missing = match options.get("missing") {
            None => MissingOrder::Last,
            Some(Value::String(text)) if text == "_last" => MissingOrder::Last,
            Some(Value::String(text)) if text == "_first" => MissingOrder::First,
            Some(value) => MissingOrder::Value(value.clone()),
        };
        let mode = options.text("mode")?.map(|name| mode(&name)).transpose();
        by.mode = mode.map_err(|cause| options.failed("mode", cause))?;
        by.unmapped = options.text("unmapped_type")?;
        by.format = options.text("format")?;
        by.nested = nested(&options)?.map(Box::new);
        let numeric_type = options.text("numeric_type")?;
        let numeric_type = numeric_type.map(|name| NumericType::parse(&name)).transpose();
        by.numeric_type = numeric_type.map_err(|cause| options.failed("numeric_type", cause))?;
    }
    options.finish()?;
    Ok(sort)
}
