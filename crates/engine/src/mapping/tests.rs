use std::sync::Arc;

use jiff::tz::TimeZone;
use serde_json::{Value, json};

use super::date::DateFormat;
use super::{Growth, Mapping, parsed};
use crate::exception::Exception;

fn mapping(body: Value) -> Mapping {
    Mapping::parse(&body, Growth::default(), Arc::default(), Arc::default()).unwrap()
}

fn refused(body: Value) -> Exception {
    Mapping::parse(&body, Growth::default(), Arc::default(), Arc::default()).unwrap_err()
}

/// The mapping after `document` was read against `before`.
fn after(before: &Mapping, document: Value) -> Value {
    let parsed = parsed::parse(before, "1", &document).unwrap();
    parsed.grown.as_ref().unwrap_or(before).to_json()
}

fn fault(before: &Mapping, document: Value) -> (String, String) {
    let fault = parsed::parse(before, "1", &document).unwrap_err();
    (fault.kind().type_name().to_owned(), fault.reason().to_owned())
}

#[test]
fn a_mapping_prints_only_what_differs_from_the_defaults() {
    let printed = mapping(json!({"dynamic": "strict", "date_detection": false, "properties": {
        "a": {"type": "text", "analyzer": "english", "norms": true, "index": true},
        "k": {"type": "keyword", "doc_values": true, "null_value": "N"},
        "o": {"type": "object", "dynamic": false},
        "x.y": {"type": "date"},
        "f": {"type": "scaled_float", "scaling_factor": 100}}}));
    assert_eq!(
        printed.to_json(),
        json!({"dynamic": "strict", "date_detection": false, "properties": {
            "a": {"type": "text", "analyzer": "english"},
            "f": {"type": "scaled_float", "scaling_factor": 100.0},
            "k": {"type": "keyword", "null_value": "N"},
            "o": {"type": "object", "dynamic": "false"},
            "x": {"properties": {"y": {"type": "date"}}}}})
    );
}

#[test]
fn a_restored_mapping_keeps_its_tantivy_fields() {
    let grown = mapping(json!({"properties": {"b": {"type": "long"}}}))
        .merged(&json!({"properties": {"a": {"type": "keyword"}}}))
        .unwrap();
    let order = grown.field_order().to_vec();
    let back = Mapping::restore(
        &grown.to_json(),
        order,
        2,
        Growth::default(),
        Arc::default(),
        Arc::default(),
        None,
    )
    .unwrap();
    assert_eq!(back.leaf("a").unwrap().field, grown.leaf("a").unwrap().field);
    assert_eq!(back.schema(), grown.schema());
    assert!(grown.leaf("b").unwrap().field < grown.leaf("a").unwrap().field);
}

#[test]
fn unknown_parameters_types_and_shapes_are_refused_by_name() {
    let reason = |definition: Value| refused(json!({"properties": {"a": definition}}));
    assert_eq!(
        reason(json!({"type": "keyword", "foo": 1})).reason(),
        "unknown parameter [foo] on mapper [a] of type [keyword]"
    );
    assert_eq!(
        reason(json!({"type": "nope"})).reason(),
        "No handler for type [nope] declared on field [a]"
    );
    assert_eq!(reason(json!({})).reason(), "No type specified for field [a]");
    assert_eq!(
        refused(json!({"foo": {}})).reason(),
        "Root mapping definition has unsupported parameters:  [foo : {}]"
    );
}

#[test]
fn elasticsearchs_own_fields_cannot_be_mapped() {
    let refusal = refused(json!({"properties": {"_id": {"type": "keyword"}}}));
    assert_eq!(refusal.reason(), "Field [_id] is defined more than once");
}

#[test]
fn conflicting_updates_are_refused_in_elasticsearchs_words() {
    let before = mapping(json!({"properties": {
        "a": {"type": "text", "analyzer": "english"},
        "k": {"type": "keyword", "null_value": "N"}, "o": {"type": "object"}}}));
    let reason = |name: &str, definition: Value| {
        let change = json!({"properties": {name: definition}});
        before.merged(&change).unwrap_err().reason().to_owned()
    };
    assert_eq!(
        reason("a", json!({"type": "keyword"})),
        "mapper [a] cannot be changed from type [text] to [keyword]"
    );
    assert_eq!(
        reason("a", json!({"type": "text"})),
        "Mapper for [a] conflicts with existing mapper:\n\tCannot update parameter [analyzer] from [english] to [default]"
    );
    assert_eq!(
        reason("k", json!({"type": "keyword", "doc_values": false})),
        "Mapper for [k] conflicts with existing mapper:\n\tCannot update parameter [doc_values] from [true] to [false]\n\tCannot update parameter [null_value] from [N] to [null]"
    );
    assert_eq!(
        reason("o", json!({"type": "keyword"})),
        "can't merge a non object mapping [o] with an object mapping"
    );
}

#[test]
fn ignore_above_may_change_and_multi_fields_may_be_added() {
    let before = mapping(json!({"properties": {"k": {"type": "keyword"}, "t": {"type": "text"}}}));
    let after = before
        .merged(&json!({"properties": {"k": {"type": "keyword", "ignore_above": 5},
            "t": {"type": "text", "fields": {"raw": {"type": "keyword"}}}}}))
        .unwrap();
    assert_eq!(
        after.to_json()["properties"],
        json!({"k": {"type": "keyword", "ignore_above": 5},
            "t": {"type": "text", "fields": {"raw": {"type": "keyword"}}}})
    );
    assert!(after.leaf("t.raw").is_some());
    assert_eq!(after.version(), before.version() + 1);
}

#[test]
fn a_mapping_that_changes_nothing_keeps_its_version() {
    let before = mapping(json!({"properties": {"k": {"type": "keyword"}}}));
    let same = before.merged(&json!({"properties": {"k": {"type": "keyword"}}})).unwrap();
    assert_eq!(same.version(), before.version());
}

#[test]
fn an_alias_must_name_a_field() {
    assert_eq!(
        refused(json!({"properties": {"q": {"type": "alias", "path": "no"}}})).reason(),
        "Invalid [path] value [no] for field alias [q]: an alias must refer to an existing field in the mappings."
    );
    let good = mapping(json!({"properties": {"a": {"type": "long"},
        "q": {"type": "alias", "path": "a"}}}));
    assert_eq!(good.leaf("q").unwrap().path, "a");
}

#[test]
fn new_fields_get_the_types_elasticsearch_gives_them() {
    let document = json!({"s": "hello", "i": 1, "f": 1.5, "b": true, "d": "2020-01-01",
        "d2": "2020/01/01", "o": {"x": {"y": "z"}}, "arr": [1, 2], "n": null, "e": [], "eo": {},
        "a.b": 1, "oa": [{"q": 1}, {"r": 2}], "na": [[1, 2], [3]], "num": "12"});
    let text =
        json!({"type": "text", "fields": {"keyword": {"type": "keyword", "ignore_above": 256}}});
    let long = json!({"type": "long"});
    assert_eq!(
        after(&Mapping::default(), document),
        json!({"properties": {"a": {"properties": {"b": long}}, "arr": long,
            "b": {"type": "boolean"}, "d": {"type": "date"},
            "d2": {"type": "date", "format": "yyyy/MM/dd HH:mm:ss||yyyy/MM/dd||epoch_millis"},
            "eo": {"type": "object"}, "f": {"type": "float"}, "i": long, "na": long, "num": text,
            "o": {"properties": {"x": {"properties": {"y": text}}}},
            "oa": {"properties": {"q": long, "r": long}}, "s": text}})
    );
}

#[test]
fn dynamic_templates_define_new_fields() {
    let templates = json!([
        {"ids": {"match": "*_id", "mapping": {"type": "keyword"}}},
        {"logs": {"path_match": "log.*", "path_unmatch": "*.raw", "mapping": {"type": "text", "index": false}}},
        {"longs": {"match_mapping_type": "long", "unmatch": "n", "mapping": {"type": "integer"}}},
        {"strings": {"match_mapping_type": "string", "mapping": {"fields": {"{name}_raw": {"type": "keyword"}}}}},
        {"blobs": {"match_mapping_type": "object", "match": "blob", "mapping": {"type": "object", "enabled": false}}},
    ]);
    let before = mapping(json!({"dynamic_templates": templates}));
    let document = json!({"user_id": 7, "log": {"m": "x", "raw": "y"}, "i": 1, "n": 2, "s": "words",
        "blob": {"deep": {"er": 1}}});
    let after = after(&before, document);
    assert_eq!(after["dynamic_templates"], templates);
    let raw = |name: &str| json!({"type": "text", "fields": {format!("{name}_raw"): {"type": "keyword"}}});
    assert_eq!(
        after["properties"],
        json!({"blob": {"type": "object", "enabled": false}, "i": {"type": "integer"},
            "log": {"properties": {"m": {"type": "text", "index": false}, "raw": raw("raw")}},
            "n": {"type": "long"}, "s": raw("s"), "user_id": {"type": "keyword"}})
    );
    let reason = |template: Value| {
        refused(json!({"dynamic_templates": [{"t": template}]})).reason().to_owned()
    };
    assert!(reason(json!({"match": "x"})).contains("mapping set"));
    assert!(reason(json!({"match_mapping_type": "nope", "mapping": {}})).contains("[nope]"));
}

#[test]
fn numeric_detection_and_date_detection_are_honoured() {
    let before = mapping(json!({"numeric_detection": true, "date_detection": false}));
    assert_eq!(
        after(&before, json!({"n": "12", "f": "1.5"}))["properties"],
        json!({"f": {"type": "float"}, "n": {"type": "long"}})
    );
    assert_eq!(after(&before, json!({"d": "2020-01-01"}))["properties"]["d"]["type"], "text");
}

#[test]
fn dynamic_strict_refuses_and_dynamic_false_ignores() {
    let strict = mapping(json!({"dynamic": "strict", "properties": {
        "o": {"type": "object", "dynamic": false}}}));
    assert_eq!(
        fault(&strict, json!({"zz": 1})),
        (
            "strict_dynamic_mapping_exception".into(),
            "mapping set to strict, dynamic introduction of [zz] within [_doc] is not allowed"
                .into()
        )
    );
    assert!(parsed::parse(&strict, "1", &json!({"o": {"zz": 1}})).unwrap().grown.is_none());
}

#[test]
fn a_bad_value_names_field_type_document_and_preview() {
    let before = mapping(json!({"properties": {"a": {"type": "long"}, "o": {"type": "object"},
        "d": {"type": "date", "format": "yyyy-MM-dd||epoch_millis"}, "t": {"type": "text"}}}));
    let failure = parsed::parse(&before, "1", &json!({"a": "abc"})).unwrap_err();
    assert_eq!(
        failure.item(),
        json!({"type": "mapper_parsing_exception",
            "reason": "failed to parse field [a] of type [long] in document with id '1'. Preview of field's value: 'abc'",
            "caused_by": {"type": "illegal_argument_exception", "reason": "For input string: \"abc\""}})
    );
    let date = parsed::parse(&before, "1", &json!({"d": "2020/01/01"})).unwrap_err();
    assert_eq!(
        date.item()["caused_by"]["reason"],
        "failed to parse date field [2020/01/01] with format [yyyy-MM-dd||epoch_millis]"
    );
    assert_eq!(
        fault(&before, json!({"t": {"k": 1}})).1,
        "failed to parse field [t] of type [text] in document with id '1'. Preview of field's value: '{k=1}'"
    );
    assert_eq!(
        fault(&before, json!({"o": "abc"})).1,
        "object mapping for [o] tried to parse field [o] as object, but found a concrete value"
    );
}

#[test]
fn a_document_with_a_fault_adds_no_fields() {
    let before = mapping(json!({"properties": {"a": {"type": "long"}}}));
    assert!(parsed::parse(&before, "1", &json!({"new": 1, "a": "x"})).is_err());
    assert!(parsed::parse(&before, "1", &json!({"new": [1, "x"]})).is_err());
}

#[test]
fn the_field_limit_is_kept() {
    let body = json!({"properties": {"a": {"type": "long"}}});
    let before = Mapping::parse(
        &body,
        Growth { fields: 1, ..Growth::default() },
        Arc::default(),
        Arc::default(),
    )
    .unwrap();
    assert_eq!(fault(&before, json!({"b": 1})).1, "Limit of total fields [1] has been exceeded");
}

#[test]
fn bad_names_are_refused() {
    let reasons = ["", "a..b", ".a", "a."].map(|name| {
        let failure = parsed::parse(&Mapping::default(), "1", &json!({name: 1})).unwrap_err();
        failure.item()["caused_by"]["reason"].as_str().unwrap().to_owned()
    });
    assert_eq!(reasons[0], "field name cannot be an empty string");
    assert!(reasons[1..].iter().all(|reason| reason.contains("ambiguous")), "{reasons:?}");
    assert!(fault(&Mapping::default(), json!({"_id": 1})).1.contains("[_id] of type [_id]"));
}

#[test]
fn immense_terms_are_refused() {
    let before = mapping(json!({"properties": {"k": {"type": "keyword"}}}));
    let (kind, reason) = fault(&before, json!({"k": "x".repeat(40_000)}));
    assert_eq!(kind, "illegal_argument_exception");
    assert!(reason.contains("immense term in field=\"k\""), "{reason}");
}

#[test]
fn dates_are_read_by_their_formats() {
    let read = |format: &str, text: &str| DateFormat::parse(format).unwrap().read(text).ok();
    let default = "strict_date_optional_time||epoch_millis";
    assert_eq!(read(default, "2020-01-02T03:04:05.678Z"), Some(1_577_934_245_678));
    assert_eq!(read(default, "2020-01-02T03:04:05,678Z"), Some(1_577_934_245_678));
    assert_eq!(read(default, "2020-01-02T04:04:05.678+01:00"), Some(1_577_934_245_678));
    assert_eq!(read(default, "2020-01-02"), Some(1_577_923_200_000));
    assert_eq!(read(default, "2020"), Some(1_577_836_800_000));
    assert_eq!(read(default, "1577836800000"), Some(1_577_836_800_000));
    assert_eq!(read(default, "-1"), Some(-1));
    assert_eq!(read(default, "2020-1-2"), None);
    assert_eq!(read(default, "2020-02-30"), None);
    assert_eq!(read(default, "2020-02-03T25:61:99Z"), None);
    assert_eq!(read(default, "2020-02-03T24:00"), None);
    assert_eq!(read("date_optional_time", "2020-1-2"), Some(1_577_923_200_000));
    assert_eq!(read("yyyy/MM/dd HH:mm:ss", "2020/01/02 03:04:05"), Some(1_577_934_245_000));
    assert_eq!(
        read("dd/MMM/yyyy:HH:mm:ss Z", "02/Jan/2020:04:04:05 +0100"),
        Some(1_577_934_245_000)
    );
    assert_eq!(read("basic_date", "20200102"), Some(1_577_923_200_000));
    assert_eq!(read("epoch_second", "1577836800.5"), Some(1_577_836_800_500));
    assert_eq!(read("yyyyMMddHHmmssSSS", "20200102030405678"), Some(1_577_934_245_678));
}

#[test]
fn absent_hours_of_a_date_round_up_when_asked_and_absent_days_are_the_first() {
    let format = DateFormat::default();
    assert_eq!(format.read_in("2020", true, &TimeZone::UTC).unwrap(), 1_577_923_199_999);
    assert_eq!(format.read_in("2020-02", true, &TimeZone::UTC).unwrap(), 1_580_601_599_999);
}

#[test]
fn dates_print_with_the_first_format() {
    let print = |format: &str| DateFormat::parse(format).unwrap().print(1_577_934_245_678);
    assert_eq!(print("strict_date_optional_time||epoch_millis"), "2020-01-02T03:04:05.678Z");
    assert_eq!(print("date_optional_time"), "2020-01-02T03:04:05.678Z");
    assert_eq!(print("yyyy-MM-dd"), "2020-01-02");
    assert_eq!(print("epoch_millis"), "1577934245678");
    assert_eq!(print("EEE, d MMM yyyy HH:mm:ss Z"), "Thu, 2 Jan 2020 03:04:05 +0000");
    assert_eq!(print("hh:mm a"), "03:04 AM");
}

#[test]
fn years_have_a_sign_where_they_are_longer_than_four_digits() {
    let print = |milliseconds| DateFormat::default().print(milliseconds);
    assert_eq!(print(253_402_300_799_999), "9999-12-31T23:59:59.999Z");
    assert_eq!(print(253_402_300_800_000), "+10000-01-01T00:00:00.000Z");
    assert_eq!(print(-62_135_596_800_000), "0001-01-01T00:00:00.000Z");
}

#[test]
fn unknown_letters_of_a_format_are_named() {
    let fault = DateFormat::parse("yyyy-jj").unwrap_err();
    assert!(fault.reason().contains("Unknown pattern letter: j"), "{fault}");
}
