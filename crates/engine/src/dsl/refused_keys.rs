//! What a query is refused for first: the real servers read its options one after the other, so that a key which they do not
//! know is told before what is missing, or wrong behind it.
//!
//! Source: the `fromXContent` of the query builders of Elasticsearch 7.10 and OpenSearch 2.19.

use serde_json::{Map, Value};

use crate::exception::{Exception, ExceptionKind};
use crate::value::scalar::token;

/// How a key that nobody knows is told.
#[derive(Clone, Copy)]
enum Told {
    /// `[match] query does not support [key]`
    Plainly,
    /// The same of a value, and `[match] unknown token [START_OBJECT] after [key]` of what is none.
    ByToken,
    /// `[simple_query_string] unsupported field [key]`
    Unsupported,
}

/// The keys of the queries whose options stand in an object of their field.
const OF_ONE_FIELD: &[(&str, Told, &[&str])] = &[
    (
        "fuzzy",
        Told::Plainly,
        &[
            "value",
            "term",
            "boost",
            "fuzziness",
            "prefix_length",
            "max_expansions",
            "transpositions",
            "rewrite",
            "_name",
        ],
    ),
    (
        "match",
        Told::ByToken,
        &[
            "query",
            "analyzer",
            "boost",
            "operator",
            "minimum_should_match",
            "fuzziness",
            "prefix_length",
            "max_expansions",
            "fuzzy_transpositions",
            "fuzzy_rewrite",
            "lenient",
            "zero_terms_query",
            "cutoff_frequency",
            "auto_generate_synonyms_phrase_query",
            "_name",
        ],
    ),
    (
        "match_bool_prefix",
        Told::ByToken,
        &[
            "query",
            "analyzer",
            "operator",
            "minimum_should_match",
            "fuzziness",
            "prefix_length",
            "max_expansions",
            "fuzzy_transpositions",
            "fuzzy_rewrite",
            "boost",
            "_name",
        ],
    ),
    (
        "match_phrase",
        Told::ByToken,
        &["query", "boost", "slop", "analyzer", "zero_terms_query", "_name"],
    ),
    (
        "match_phrase_prefix",
        Told::ByToken,
        &["query", "boost", "slop", "analyzer", "max_expansions", "zero_terms_query", "_name"],
    ),
    (
        "prefix",
        Told::Plainly,
        &["value", "prefix", "boost", "rewrite", "case_insensitive", "_name"],
    ),
    (
        "regexp",
        Told::Plainly,
        &[
            "value",
            "flags",
            "flags_value",
            "max_determinized_states",
            "boost",
            "rewrite",
            "case_insensitive",
            "_name",
        ],
    ),
    ("span_term", Told::Plainly, &["value", "term", "boost", "_name"]),
    ("term", Told::Plainly, &["value", "term", "boost", "case_insensitive", "_name"]),
    (
        "wildcard",
        Told::Plainly,
        &["value", "wildcard", "boost", "rewrite", "case_insensitive", "_name"],
    ),
];

/// The keys of other queries.
const OF_QUERIES: &[(&str, Told, &[&str])] = &[
    ("boosting", Told::Plainly, &["positive", "negative", "negative_boost", "boost", "_name"]),
    ("constant_score", Told::Plainly, &["filter", "boost", "_name"]),
    ("dis_max", Told::Plainly, &["queries", "tie_breaker", "boost", "_name"]),
    ("exists", Told::ByToken, &["field", "boost", "_name"]),
    (
        "has_child",
        Told::Plainly,
        &[
            "query",
            "type",
            "child_type",
            "score_mode",
            "min_children",
            "max_children",
            "ignore_unmapped",
            "inner_hits",
            "boost",
            "_name",
        ],
    ),
    (
        "has_parent",
        Told::Plainly,
        &[
            "query",
            "parent_type",
            "type",
            "score",
            "ignore_unmapped",
            "inner_hits",
            "boost",
            "_name",
        ],
    ),
    (
        "more_like_this",
        Told::Plainly,
        &[
            "like",
            "unlike",
            "fields",
            "max_query_terms",
            "min_term_freq",
            "min_doc_freq",
            "max_doc_freq",
            "min_word_length",
            "max_word_length",
            "stop_words",
            "analyzer",
            "minimum_should_match",
            "boost_terms",
            "include",
            "fail_on_unsupported_field",
            "boost",
            "_name",
        ],
    ),
    (
        "multi_match",
        Told::ByToken,
        &[
            "query",
            "fields",
            "type",
            "analyzer",
            "boost",
            "slop",
            "fuzziness",
            "prefix_length",
            "max_expansions",
            "operator",
            "minimum_should_match",
            "fuzzy_rewrite",
            "tie_breaker",
            "cutoff_frequency",
            "lenient",
            "zero_terms_query",
            "auto_generate_synonyms_phrase_query",
            "fuzzy_transpositions",
            "_name",
        ],
    ),
    (
        "nested",
        Told::Plainly,
        &["query", "path", "score_mode", "ignore_unmapped", "inner_hits", "boost", "_name"],
    ),
    (
        "query_string",
        Told::ByToken,
        &[
            "query",
            "fields",
            "default_field",
            "default_operator",
            "analyzer",
            "quote_analyzer",
            "allow_leading_wildcard",
            "max_determinized_states",
            "enable_position_increments",
            "escape",
            "fuzzy_prefix_length",
            "fuzzy_max_expansions",
            "fuzzy_rewrite",
            "phrase_slop",
            "fuzziness",
            "type",
            "tie_breaker",
            "analyze_wildcard",
            "rewrite",
            "minimum_should_match",
            "quote_field_suffix",
            "lenient",
            "time_zone",
            "auto_generate_synonyms_phrase_query",
            "fuzzy_transpositions",
            "boost",
            "_name",
        ],
    ),
    (
        "simple_query_string",
        Told::Unsupported,
        &[
            "query",
            "fields",
            "analyzer",
            "default_operator",
            "flags",
            "lenient",
            "analyze_wildcard",
            "minimum_should_match",
            "quote_field_suffix",
            "auto_generate_synonyms_phrase_query",
            "fuzzy_transpositions",
            "fuzzy_prefix_length",
            "fuzzy_max_expansions",
            "boost",
            "_name",
        ],
    ),
    ("span_containing", Told::Plainly, &["big", "little", "boost", "_name"]),
    ("span_first", Told::Plainly, &["match", "end", "boost", "_name"]),
    ("span_multi", Told::Plainly, &["match", "boost", "_name"]),
    (
        "span_near",
        Told::Plainly,
        &["clauses", "slop", "in_order", "collect_payloads", "boost", "_name"],
    ),
    ("span_not", Told::Plainly, &["include", "exclude", "dist", "pre", "post", "boost", "_name"]),
    ("span_or", Told::Plainly, &["clauses", "boost", "_name"]),
    ("span_within", Told::Plainly, &["big", "little", "boost", "_name"]),
];

/// The keys under which there are queries, and lists of something. Their values are no texts and no numbers.
const QUERIES_INSIDE: &[(&str, &[&str], &[&str])] = &[
    ("boosting", &["positive", "negative"], &[]),
    ("constant_score", &["filter"], &[]),
    ("dis_max", &["queries"], &["queries"]),
    ("has_child", &["query", "inner_hits"], &[]),
    ("has_parent", &["query", "inner_hits"], &[]),
    ("nested", &["query", "inner_hits"], &[]),
    ("span_containing", &["big", "little"], &[]),
    ("span_first", &["match"], &[]),
    ("span_multi", &["match"], &[]),
    ("span_near", &[], &["clauses"]),
    ("span_not", &["include", "exclude"], &[]),
    ("span_or", &[], &["clauses"]),
    ("span_within", &["big", "little"], &[]),
];

/// What the query `name` with this body is refused for, where it was refused for `otherwise`.
pub(super) fn told_first(name: &str, body: &Value, otherwise: Exception) -> Exception {
    if otherwise.kind() == ExceptionKind::NotImplemented {
        return otherwise;
    }
    if name == "function_score" {
        return body.as_object().and_then(misplaced).unwrap_or(otherwise);
    }
    if let (Some((_, objects, lists)), Some(object)) =
        (QUERIES_INSIDE.iter().find(|(known, ..)| *known == name), body.as_object())
        && let Some(refused) = misshapen(name, objects, lists, object)
    {
        return refused;
    }
    let named = |table: &'static [(&'static str, Told, &'static [&'static str])]| {
        table.iter().find(|(known, ..)| *known == name)
    };
    // Its builder's own name.
    let label = if name == "more_like_this" { "mlt" } else { name };
    let found = match (named(OF_QUERIES), named(OF_ONE_FIELD), body.as_object()) {
        (Some((_, told, keys)), _, Some(object)) => unknown(label, *told, keys, object),
        (None, Some((_, told, keys)), Some(object)) => {
            let mut inside = object.values().filter_map(Value::as_object);
            inside.next().and_then(|object| unknown(name, *told, keys, object))
        }
        _ => None,
    };
    found.unwrap_or(otherwise)
}

/// The refusal of the first key of `function_score` that is out of place.
fn misplaced(object: &Map<String, Value>) -> Option<Exception> {
    const VALUES: &[&str] =
        &["score_mode", "boost_mode", "max_boost", "min_score", "boost", "_name"];
    let failed = |value: &Value, why: String| {
        Exception::parsing(format!("failed to parse [function_score] query. {why}")).at(value)
    };
    let (mut function, mut are_listed) = (None, false);
    for (key, value) in object {
        match (key.as_str(), value) {
            ("query", Value::Object(_)) => continue,
            ("functions", Value::Array(_)) => {
                are_listed = true;
                continue;
            }
            (key, Value::Bool(_) | Value::Number(_) | Value::String(_))
                if VALUES.contains(&key) =>
            {
                continue;
            }
            (_, Value::Array(_)) => {
                return Some(failed(value, format!("array [{key}] is not supported")));
            }
            (_, Value::Null) => return None,
            _ => {}
        }
        if let Some(function) = function {
            return Some(failed(
                value,
                format!(
                    "already found function [{function}], now encountering [{key}]. use [functions] array if you want to define several functions."
                ),
            ));
        }
        if are_listed {
            return Some(failed(
                value,
                format!(
                    "[you can either define [functions] array or a single function, not both. already found [functions] array, now encountering [{key}].]"
                ),
            ));
        }
        if !value.is_object() && key != "weight" {
            return Some(failed(value, format!("field [{key}] is not supported")));
        }
        function = Some(key);
    }
    None
}

/// The refusal of the first query that is none, and of the first other value that is an object.
fn misshapen(
    name: &str,
    objects: &[&str],
    lists: &[&str],
    object: &Map<String, Value>,
) -> Option<Exception> {
    let (key, value) = object.iter().find(|(key, value)| {
        let (is_object, is_list) = (objects.contains(&key.as_str()), lists.contains(&key.as_str()));
        match value {
            Value::Object(_) => !is_object,
            Value::Array(_) => !lists.is_empty() && !is_list,
            // A list of queries reads all that is no object and no list alike.
            Value::Null => is_list,
            _ => is_object || is_list,
        }
    })?;
    Some(Exception::parsing(format!("[{name}] query does not support [{key}]")).at(value))
}

/// Whether the parser of such a query reads the value of `key`, of this kind, at all.
fn is_readable(name: &str, key: &str, value: &Value, told: Told) -> bool {
    let is_value = !matches!(value, Value::Null | Value::Array(_) | Value::Object(_));
    match told {
        Told::Plainly if name == "fuzzy" => is_value,
        Told::Plainly => true,
        Told::ByToken | Told::Unsupported => is_value || key == "fields" && value.is_array(),
    }
}

/// The refusal of the first key of `object` that is not among `keys`, or whose value is none of its kind.
fn unknown(
    name: &str,
    told: Told,
    keys: &[&str],
    object: &Map<String, Value>,
) -> Option<Exception> {
    let (key, value) = object.iter().find(|(key, value)| {
        !keys.contains(&key.as_str()) || !is_readable(name, key, value, told)
    })?;
    let is_value = !matches!(value, Value::Null | Value::Array(_) | Value::Object(_));
    let reason = match told {
        Told::Plainly if name == "fuzzy" && !is_value => {
            format!("[{name}] unexpected token [{}] after [{key}]", token(value))
        }
        Told::ByToken if !is_value && key != "fields" => {
            format!("[{name}] unknown token [{}] after [{key}]", token(value))
        }
        Told::Unsupported if is_value => format!("[{name}] unsupported field [{key}]"),
        Told::Unsupported if !value.is_array() => {
            format!("[{name}] unexpected token [{}] after [{key}]", token(value))
        }
        _ => format!("[{name}] query does not support [{key}]"),
    };
    Some(Exception::parsing(reason).at(value))
}
