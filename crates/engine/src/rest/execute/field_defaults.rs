//! What a field's mapping leaves out: `GET /{index}/_mapping/field/{fields}?include_defaults`. Source: the answers of
//! Elasticsearch 7.10.2 and OpenSearch 2.19.1, which are alike but for what says `print_format`.

use crate::flavor::Flavor;
use serde_json::{Map, Value, json};

/// `field`, a field's mapping, with every parameter of its type that is not in it; its multi-fields too.
pub(super) fn filled(field: &Value, flavor: Flavor) -> Value {
    let Some(own) = field.as_object() else { return field.clone() };
    let kind = own.get("type").and_then(Value::as_str).unwrap_or_default();
    let mut full = Map::from_iter([("type".to_owned(), kind.into())]);
    if let Value::Object(defaults) = defaults(kind, own, flavor) {
        full.extend(defaults);
    }
    full.extend(own.iter().map(|(key, value)| (key.clone(), value.clone())));
    if let Some(fields) = full.get_mut("fields").and_then(Value::as_object_mut) {
        for field in fields.values_mut() {
            *field = filled(field, flavor);
        }
    }
    Value::Object(full)
}

/// The parameters of a field type with their defaults; null for a type of which none are known here.
fn defaults(kind: &str, own: &Map<String, Value>, flavor: Flavor) -> Value {
    let stored = |more: Value| {
        merged(json!({"index": true, "doc_values": true, "store": false, "meta": {}}), more)
    };
    match kind {
        "text" => {
            let analyzer = own.get("analyzer").cloned().unwrap_or("default".into());
            let search = own.get("search_analyzer").unwrap_or(&analyzer);
            json!({
                "boost": 1.0, "index": true, "store": false, "meta": {}, "index_options": "positions",
                "term_vector": "no", "norms": true, "analyzer": analyzer, "search_analyzer": search,
                "search_quote_analyzer": search, "similarity": null, "eager_global_ordinals": false,
                "position_increment_gap": -1, "fielddata": false,
                "fielddata_frequency_filter": {"min": 0.0, "max": 2.147_483_647E9, "min_segment_size": 0},
                "index_prefixes": null, "index_phrases": false,
            })
        }
        "keyword" => stored(json!({
            "null_value": null, "eager_global_ordinals": false, "ignore_above": i32::MAX,
            "index_options": "docs", "norms": false, "similarity": null, "normalizer": "default",
            "split_queries_on_whitespace": false, "boost": 1.0,
        })),
        "long" | "integer" | "short" | "byte" | "double" | "float" | "half_float"
        | "unsigned_long" | "scaled_float" => {
            stored(json!({"ignore_malformed": false, "coerce": true, "null_value": null}))
        }
        "date" | "date_nanos" => {
            let format = "strict_date_optional_time||epoch_millis";
            let date = json!({
                "format": format, "locale": "", "null_value": null, "ignore_malformed": false, "boost": 1.0,
            });
            let printed = json!({"print_format": "strict_date_optional_time"});
            let more = if flavor == Flavor::OpenSearch219 { printed } else { json!({}) };
            stored(merged(date, more))
        }
        "boolean" => stored(json!({"boost": 1.0, "null_value": null})),
        "ip" => stored(json!({"ignore_malformed": false, "null_value": null})),
        "binary" => json!({"meta": {}, "store": false, "doc_values": false}),
        "geo_point" => stored(json!({
            "boost": 1.0, "ignore_malformed": false, "ignore_z_value": true, "null_value": null,
        })),
        range if range.ends_with("_range") => {
            let malformed = json!({"ignore_malformed": false});
            let more = if flavor == Flavor::OpenSearch219 { malformed } else { json!({}) };
            stored(merged(json!({"coerce": true, "boost": 1.0}), more))
        }
        _ => Value::Null,
    }
}

fn merged(mut value: Value, more: Value) -> Value {
    if let (Value::Object(value), Value::Object(more)) = (&mut value, more) {
        value.extend(more);
    }
    value
}
