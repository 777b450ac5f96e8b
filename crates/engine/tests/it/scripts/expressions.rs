//! The language `expression`: Lucene's expressions of numbers.

use serde_json::json;

use crate::cases::{Setup, asks};

fn setup() -> Setup {
    Setup::index(
        "expressed",
        json!({"mappings": {"properties": {
            "n": {"type": "long"}, "d": {"type": "double"}, "k": {"type": "keyword"}, "b": {"type": "boolean"}, "date": {"type": "date"}, "g": {"type": "geo_point"},
        }}}),
        json!([
            {"n": 1, "d": 1.5, "k": ["a", "b"], "b": true, "date": "2020-03-02T04:05:06Z", "g": "10,20"},
            {"n": [2, 3, 7], "d": 2.5, "k": "b", "b": false, "date": "2021-05-05"},
            {"k": "c"},
        ]),
    )
}

/// What expressions give for each document, several at once.
macro_rules! give {
    ($($name:literal: $source:literal),+ $(,)?) => {
        asks!(setup(), "POST /_search" => {"_source": false, "sort": "_doc", "script_fields": {
            $($name: {"script": {"lang": "expression", "source": $source, "params": {"two": 2, "a.b": 3}}}),+
        }})
    };
}

#[test]
fn numbers_are_written_as_in_javascript() {
    give!("a": "1", "b": "1.5", "c": "0x1F", "d": "017", "e": "1e3", "f": ".5", "g": "1/0", "h": "-1/0", "i": "0/0");
}

#[test]
fn operators_bind_as_in_javascript() {
    give!(
        "a": "1+2*3", "b": "(1+2)*3", "c": "-7%4", "d": "1/2", "e": "2 > 1", "f": "2 < 1", "g": "1 == 1", "h": "1 != 1",
        "i": "1 && 0", "j": "1 || 0", "k": "!1", "l": "!0.5", "m": "~5", "n": "5 & 3", "o": "5 | 3", "p": "5 ^ 3",
        "q": "1 << 4", "r": "-16 >> 2", "s": "-16 >>> 60", "t": "1 ? 0 ? 5 : 6 : 7", "u": "- -3", "v": "1 + 2 > 2 && 3 >= 3",
        "w": "two + 1", "x": "a.b",
    );
}

#[test]
fn functions_are_those_of_lucene() {
    give!(
        "a": "abs(-3)", "b": "acos(1)", "c": "acosh(1)", "d": "asin(1)", "e": "atan2(1,2)", "f": "ceil(1.2)", "g": "floor(1.8)",
        "h": "haversin(10,20,30,40)", "i": "ln(10)", "j": "log10(100)", "k": "logn(2,8)", "l": "max(1,2)", "m": "min(1,2)",
        "n": "pow(2,10)", "o": "sqrt(16)", "p": "atanh(0.5)", "q": "tanh(1)", "r": "exp(1)", "s": "max(two, doc['n'].value)",
    );
}

#[test]
fn fields_are_numbers_and_what_is_missing_is_zero() {
    give!(
        "a": "doc['n'].value", "b": "doc['n']", "c": "doc['n'].min()", "d": "doc['n'].max()", "e": "doc['n'].avg()",
        "f": "doc['n'].median()", "g": "doc['n'].sum()", "h": "doc['n'].count()", "i": "doc['n'].length", "j": "doc['n'].empty",
        "k": "doc['n'].size()", "l": "doc['b'].value", "m": "doc['d'].value * 2", "n": "doc[\"n\"].value", "o": "doc['g'].lat",
        "p": "doc['g'].lon", "q": "doc['g'].empty",
    );
}

#[test]
fn dates_have_parts() {
    give!(
        "a": "doc['date'].value", "b": "doc['date'].getYear()", "c": "doc['date'].getMonth()", "d": "doc['date'].getDayOfMonth()",
        "e": "doc['date'].getHourOfDay()", "f": "doc['date'].date.year", "g": "doc['date'].date.monthOfYear",
        "h": "doc['date'].date.dayOfWeek", "i": "doc['date'].date.dayOfYear", "j": "doc['date'].date.centuryOfEra",
        "k": "doc['date'].date.secondOfDay", "l": "doc['date'].date.minuteOfDay", "m": "doc['date'].date.millisOfDay",
        "n": "doc['date'].date.weekOfWeekyear", "o": "doc['date'].date.weekyear", "p": "doc['date'].date.yearOfCentury",
        "q": "doc['date'].date.getYear()", "r": "doc['date'].date.getDayOfWeek()", "s": "doc['date'].getSeconds()",
    );
}

/// What is said of what is no expression, one by one.
macro_rules! refused {
    ($($source:literal),+ $(,)? $(; differs: $why:literal)?) => {
        asks!(setup(), $("POST /_search" => {"script_fields": {"a": {"script": {"lang": "expression", "source": $source}}}}),+ $(; differs: $why)?)
    };
}

#[test]
fn what_ends_too_early_is_refused() {
    refused!("1 +", "", "(1", "1 ? 2", "abs(1", "max(1,", "nope(1) +");
}

#[test]
fn what_follows_no_rule_of_the_grammar_is_refused() {
    refused!(
        "1 2", "1)", "1 +* 2", "1 &&& 2", "abs(1 2)", "1, 2", "08", "0x", "1e", "1.2.3", "x.1"
    );
}

#[test]
fn characters_of_no_token_are_refused() {
    refused!(
        "x = 1",
        "x=1",
        "1 =",
        "1;",
        "#",
        "\"a\"",
        "it's",
        "1 + .",
        "x..y",
        "doc['n",
        "doc[n].value",
        "é",
        "5 5 = 6"
    );
}

#[test]
fn numbers_beyond_a_long_are_refused() {
    refused!("0xFFFFFFFFFFFFFFFF", "0777777777777777777777777777777"; differs: "Elasticsearch fails with 500 where OpenSearch refuses the number");
}

#[test]
fn functions_are_called_with_their_arguments() {
    refused!("nope(1)", "1 + nope(1)", "abs()", "abs(1,2)");
}

#[test]
fn what_is_not_there_is_not_linked() {
    refused!(
        "missing",
        "a.b.c",
        "doc",
        "doc['k'].value",
        "doc['zz'].value",
        "doc['n'].foo",
        "doc['n'].foo()",
        "doc['date'].date.foo"
    );
}

#[test]
fn the_first_value_of_a_document_stands_for_each() {
    asks!(setup(), "POST /_search" => {"size": 0, "aggs": {
        "sum": {"sum": {"field": "n", "script": {"lang": "expression", "source": "_value * 2"}}},
        "count": {"value_count": {"field": "n", "script": {"lang": "expression", "source": "_value + 1"}}},
        "terms": {"terms": {"field": "n", "script": {"lang": "expression", "source": "_value * 2"}}},
    }});
}

#[test]
fn buckets_are_reckoned_with() {
    asks!(setup(), "POST /_search" => {"size": 0, "aggs": {"h": {"histogram": {"field": "n", "interval": 2}, "aggs": {
        "m": {"sum": {"field": "n"}},
        "twice": {"bucket_script": {"buckets_path": {"a": "m", "count": "_count"}, "script": {"lang": "expression", "source": "a * 2 + count"}}},
        "some": {"bucket_selector": {"buckets_path": {"a": "m"}, "script": {"lang": "expression", "source": "a > 0"}}},
    }}}});
}
