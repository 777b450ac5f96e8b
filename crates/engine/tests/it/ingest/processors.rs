//! Every processor, on values that fit and on values that do not.

use crate::cases::{Setup, asks};

#[test]
fn rename_as_the_real_server_does_it() {
    asks!(
        Setup::nothing(),
        "POST /_ingest/pipeline/_simulate" => {"pipeline": {"processors": [{"rename": {"field": "a", "target_field": "b"}}]}, "docs": [{"_source": {"a": 1}}, {"_source": {}}, {"_source": {"a": 1, "b": 2}}, {"_source": {"a": null}}]},
        "POST /_ingest/pipeline/_simulate" => {"pipeline": {"processors": [{"rename": {"field": "a", "target_field": "b", "ignore_missing": true}}]}, "docs": [{"_source": {"a": 1}}, {"_source": {}}]}
    );
}

#[test]
fn convert_as_the_real_server_does_it() {
    asks!(
        Setup::nothing(),
        "POST /_ingest/pipeline/_simulate" => {"pipeline": {"processors": [{"convert": {"field": "a", "type": "integer"}}]}, "docs": [{"_source": {"a": "12"}}, {"_source": {"a": "1.5"}}, {"_source": {"a": "abc"}}, {"_source": {"a": true}}, {"_source": {"a": ["1", "2"]}}, {"_source": {"a": "0x1F"}}, {"_source": {"a": null}}, {"_source": {}}, {"_source": {"a": 12345678901_i64}}, {"_source": {"a": "true"}}, {"_source": {"a": {"b": 1}}}, {"_source": {"a": "1e3"}}, {"_source": {"a": 1.7}}]},
        "POST /_ingest/pipeline/_simulate" => {"pipeline": {"processors": [{"convert": {"field": "a", "type": "long"}}]}, "docs": [{"_source": {"a": "12"}}, {"_source": {"a": "1.5"}}, {"_source": {"a": "abc"}}, {"_source": {"a": true}}, {"_source": {"a": ["1", "2"]}}, {"_source": {"a": "0x1F"}}, {"_source": {"a": null}}, {"_source": {}}, {"_source": {"a": 12345678901_i64}}, {"_source": {"a": "true"}}, {"_source": {"a": {"b": 1}}}, {"_source": {"a": "1e3"}}, {"_source": {"a": 1.7}}]},
        "POST /_ingest/pipeline/_simulate" => {"pipeline": {"processors": [{"convert": {"field": "a", "type": "float"}}]}, "docs": [{"_source": {"a": "12"}}, {"_source": {"a": "1.5"}}, {"_source": {"a": "abc"}}, {"_source": {"a": true}}, {"_source": {"a": ["1", "2"]}}, {"_source": {"a": "0x1F"}}, {"_source": {"a": null}}, {"_source": {}}, {"_source": {"a": "true"}}, {"_source": {"a": {"b": 1}}}, {"_source": {"a": "1e3"}}, {"_source": {"a": 1.7}}]},
        "POST /_ingest/pipeline/_simulate" => {"pipeline": {"processors": [{"convert": {"field": "a", "type": "double"}}]}, "docs": [{"_source": {"a": "12"}}, {"_source": {"a": "1.5"}}, {"_source": {"a": "abc"}}, {"_source": {"a": true}}, {"_source": {"a": ["1", "2"]}}, {"_source": {"a": "0x1F"}}, {"_source": {"a": null}}, {"_source": {}}, {"_source": {"a": 12345678901_i64}}, {"_source": {"a": "true"}}, {"_source": {"a": {"b": 1}}}, {"_source": {"a": "1e3"}}, {"_source": {"a": 1.7}}]},
        "POST /_ingest/pipeline/_simulate" => {"pipeline": {"processors": [{"convert": {"field": "a", "type": "boolean"}}]}, "docs": [{"_source": {"a": "12"}}, {"_source": {"a": "1.5"}}, {"_source": {"a": "abc"}}, {"_source": {"a": true}}, {"_source": {"a": ["1", "2"]}}, {"_source": {"a": "0x1F"}}, {"_source": {"a": null}}, {"_source": {}}, {"_source": {"a": 12345678901_i64}}, {"_source": {"a": "true"}}, {"_source": {"a": {"b": 1}}}, {"_source": {"a": "1e3"}}, {"_source": {"a": 1.7}}]},
        "POST /_ingest/pipeline/_simulate" => {"pipeline": {"processors": [{"convert": {"field": "a", "type": "string"}}]}, "docs": [{"_source": {"a": "12"}}, {"_source": {"a": "1.5"}}, {"_source": {"a": "abc"}}, {"_source": {"a": true}}, {"_source": {"a": ["1", "2"]}}, {"_source": {"a": "0x1F"}}, {"_source": {"a": null}}, {"_source": {}}, {"_source": {"a": 12345678901_i64}}, {"_source": {"a": "true"}}, {"_source": {"a": {"b": 1}}}, {"_source": {"a": "1e3"}}, {"_source": {"a": 1.7}}]},
        "POST /_ingest/pipeline/_simulate" => {"pipeline": {"processors": [{"convert": {"field": "a", "type": "ip"}}]}, "docs": [{"_source": {"a": "12"}}, {"_source": {"a": "1.5"}}, {"_source": {"a": "abc"}}, {"_source": {"a": true}}, {"_source": {"a": ["1", "2"]}}, {"_source": {"a": "0x1F"}}, {"_source": {"a": null}}, {"_source": {}}, {"_source": {"a": 12345678901_i64}}, {"_source": {"a": "true"}}, {"_source": {"a": {"b": 1}}}, {"_source": {"a": "1e3"}}, {"_source": {"a": 1.7}}]},
        "POST /_ingest/pipeline/_simulate" => {"pipeline": {"processors": [{"convert": {"field": "a", "type": "auto"}}]}, "docs": [{"_source": {"a": "12"}}, {"_source": {"a": "1.5"}}, {"_source": {"a": "abc"}}, {"_source": {"a": true}}, {"_source": {"a": ["1", "2"]}}, {"_source": {"a": "0x1F"}}, {"_source": {"a": null}}, {"_source": {}}, {"_source": {"a": 12345678901_i64}}, {"_source": {"a": "true"}}, {"_source": {"a": {"b": 1}}}, {"_source": {"a": "1e3"}}, {"_source": {"a": 1.7}}]},
        "POST /_ingest/pipeline/_simulate" => {"pipeline": {"processors": [{"convert": {"field": "a", "type": "zz"}}]}, "docs": [{"_source": {"a": "12"}}, {"_source": {"a": "1.5"}}, {"_source": {"a": "abc"}}, {"_source": {"a": true}}, {"_source": {"a": ["1", "2"]}}, {"_source": {"a": "0x1F"}}, {"_source": {"a": null}}, {"_source": {}}, {"_source": {"a": 12345678901_i64}}, {"_source": {"a": "true"}}, {"_source": {"a": {"b": 1}}}, {"_source": {"a": "1e3"}}, {"_source": {"a": 1.7}}]},
        "POST /_ingest/pipeline/_simulate" => {"pipeline": {"processors": [{"convert": {"field": "a", "type": "integer", "target_field": "q.r", "ignore_missing": true}}]}, "docs": [{"_source": {"a": "12"}}, {"_source": {}}]}
    );
}

#[test]
fn date_as_the_real_server_does_it() {
    asks!(
        Setup::nothing(),
        "POST /_ingest/pipeline/_simulate" => {"pipeline": {"processors": [{"date": {"field": "a", "formats": ["ISO8601", "UNIX", "UNIX_MS", "TAI64N", "dd/MM/yyyy HH:mm"]}}]}, "docs": [{"_source": {"a": "2020-01-02T03:04:05Z"}}, {"_source": {"a": "2020-01-02T03:04:05.123456789+02:00"}}, {"_source": {"a": "2020-01-02"}}, {"_source": {"a": 1600000000}}, {"_source": {"a": "1600000000.5"}}, {"_source": {"a": 1600000000123_i64}}, {"_source": {"a": "400000003e1b2c3d0a0b0c0d"}}, {"_source": {"a": "01/02/2020 03:04"}}, {"_source": {"a": "x"}}, {"_source": {}}, {"_source": {"a": null}}, {"_source": {"a": [1]}}]},
        "POST /_ingest/pipeline/_simulate" => {"pipeline": {"processors": [{"date": {"field": "a", "formats": ["dd/MM/yyyy"], "timezone": "Europe/Paris", "target_field": "t", "locale": "en"}}]}, "docs": [{"_source": {"a": "01/02/2020"}}, {"_source": {"a": "1/2/2020"}}]},
        "POST /_ingest/pipeline/_simulate" => {"pipeline": {"processors": [{"date": {"field": "a", "formats": ["MMM d, yyyy h:mm a"], "locale": "ENGLISH", "output_format": "yyyy/MM/dd"}}]}, "docs": [{"_source": {"a": "Jan 5, 2020 3:04 PM"}}]},
        "POST /_ingest/pipeline/_simulate" => {"pipeline": {"processors": [{"date": {"field": "a", "formats": ["yyyy-'W'ww"], "timezone": "{{tz}}", "locale": "{{lo}}"}}]}, "docs": [{"_source": {"a": "x"}}]},
        "POST /_ingest/pipeline/_simulate" => {"pipeline": {"processors": [{"date": {"field": "a", "formats": []}}]}, "docs": [{"_source": {"a": "x"}}]}
    );
}

#[test]
fn date_index_name_as_the_real_server_does_it() {
    asks!(
        Setup::nothing(),
        "POST /_ingest/pipeline/_simulate" => {"pipeline": {"processors": [{"date_index_name": {"field": "a", "date_rounding": "M", "index_name_prefix": "p-"}}]}, "docs": [{"_source": {"a": "2020-05-06T00:00:00.000Z"}}, {"_source": {"a": 1600000000000_i64}}, {"_source": {}}]},
        "POST /_ingest/pipeline/_simulate" => {"pipeline": {"processors": [{"date_index_name": {"field": "a", "date_rounding": "d", "index_name_prefix": "{{x}}-", "date_formats": ["UNIX"], "index_name_format": "yyyy.MM.dd", "timezone": "Europe/Paris"}}]}, "docs": [{"_source": {"a": 1600000000, "x": "f"}}]}
    );
}

#[test]
fn dissect_as_the_real_server_does_it() {
    asks!(
        Setup::nothing(),
        "POST /_ingest/pipeline/_simulate" => {"pipeline": {"processors": [{"dissect": {"field": "a", "pattern": "%{x} %{+x} [%{y}] %{?s} %{*k}=%{&k} %{z->} %{}"}}]}, "docs": [{"_source": {"a": "a b [c] d e=f g     h"}}, {"_source": {"a": "zz"}}, {"_source": {}}, {"_source": {"a": 1}}, {"_source": {"a": null}}]},
        "POST /_ingest/pipeline/_simulate" => {"pipeline": {"processors": [{"dissect": {"field": "a", "pattern": "%{+x/2} %{+x/1}", "append_separator": ","}}]}, "docs": [{"_source": {"a": "a b"}}]},
        "POST /_ingest/pipeline/_simulate" => {"pipeline": {"processors": [{"dissect": {"field": "a", "pattern": "abc"}}]}, "docs": [{"_source": {"a": "a b"}}]},
        "POST /_ingest/pipeline/_simulate" => {"pipeline": {"processors": [{"dissect": {"field": "a", "pattern": "%{a}%{b}"}}]}, "docs": [{"_source": {"a": "a b"}}]},
        "POST /_ingest/pipeline/_simulate" => {"pipeline": {"processors": [{"dissect": {"field": "a", "pattern": "%{*a} "}}]}, "docs": [{"_source": {"a": "a b"}}]}
    );
}

#[test]
fn json_as_the_real_server_does_it() {
    asks!(
        Setup::nothing(),
        "POST /_ingest/pipeline/_simulate" => {"pipeline": {"processors": [{"json": {"field": "a"}}]}, "docs": [{"_source": {"a": "{\"b\":1}"}}, {"_source": {"a": "[1,2]"}}, {"_source": {"a": "12"}}, {"_source": {"a": "\"s\""}}, {"_source": {"a": "true"}}, {"_source": {"a": "null"}}, {"_source": {"a": 3}}, {"_source": {}}, {"_source": {"a": null}}, {"_source": {"a": "{\"a\":1} x"}}]},
        "POST /_ingest/pipeline/_simulate" => {"pipeline": {"processors": [{"json": {"field": "a", "add_to_root": true}}]}, "docs": [{"_source": {"a": "{\"b\":1}"}}, {"_source": {"a": "[1]"}}]},
        "POST /_ingest/pipeline/_simulate" => {"pipeline": {"processors": [{"json": {"field": "a", "add_to_root": true, "target_field": "t"}}]}, "docs": [{"_source": {"a": "{\"b\":1}"}}]}
    );
}

#[test]
fn kv_as_the_real_server_does_it() {
    asks!(
        Setup::nothing(),
        "POST /_ingest/pipeline/_simulate" => {"pipeline": {"processors": [{"kv": {"field": "a", "field_split": " ", "value_split": "="}}]}, "docs": [{"_source": {"a": "x=1 y=2 x=3"}}, {"_source": {"a": "x 1"}}, {"_source": {"a": 1}}, {"_source": {}}, {"_source": {"a": null}}]},
        "POST /_ingest/pipeline/_simulate" => {"pipeline": {"processors": [{"kv": {"field": "a", "field_split": "[&;]", "value_split": "=", "target_field": "t", "include_keys": ["x", "y"], "exclude_keys": ["y"], "prefix": "p_", "trim_key": " ", "trim_value": " ", "strip_brackets": true}}]}, "docs": [{"_source": {"a": " x =\"1\"&y=(2);z='q'"}}, {"_source": {"a": "x=[a]"}}]}
    );
}

#[test]
fn split_as_the_real_server_does_it() {
    asks!(
        Setup::nothing(),
        "POST /_ingest/pipeline/_simulate" => {"pipeline": {"processors": [{"split": {"field": "a", "separator": ","}}]}, "docs": [{"_source": {"a": "x,y,,"}}, {"_source": {"a": ""}}, {"_source": {"a": 1}}, {"_source": {}}, {"_source": {"a": null}}, {"_source": {"a": ",x"}}]},
        "POST /_ingest/pipeline/_simulate" => {"pipeline": {"processors": [{"split": {"field": "a", "separator": "\\s+", "preserve_trailing": true}}]}, "docs": [{"_source": {"a": "x y  "}}]},
    );
}

#[test]
fn join_as_the_real_server_does_it() {
    asks!(
        Setup::nothing(),
        "POST /_ingest/pipeline/_simulate" => {"pipeline": {"processors": [{"join": {"field": "a", "separator": "-"}}]}, "docs": [{"_source": {"a": [1, "x", true, {"a": 1}, 1.5]}}, {"_source": {"a": "x"}}, {"_source": {}}, {"_source": {"a": null}}, {"_source": {"a": []}}]}
    );
}

#[test]
fn gsub_as_the_real_server_does_it() {
    asks!(
        Setup::nothing(),
        "POST /_ingest/pipeline/_simulate" => {"pipeline": {"processors": [{"gsub": {"field": "a", "pattern": "(\\d)(x)", "replacement": "$2-$1\\$"}}]}, "docs": [{"_source": {"a": "1x2x"}}, {"_source": {"a": ["1x", "3x"]}}, {"_source": {"a": 1}}, {"_source": {}}, {"_source": {"a": null}}, {"_source": {"a": [1]}}]},
        "POST /_ingest/pipeline/_simulate" => {"pipeline": {"processors": [{"gsub": {"field": "a", "pattern": "x", "replacement": "$3"}}]}, "docs": [{"_source": {"a": "1x2x"}}]}
    );
}

#[test]
fn trim_as_the_real_server_does_it() {
    asks!(
        Setup::nothing(),
        "POST /_ingest/pipeline/_simulate" => {"pipeline": {"processors": [{"trim": {"field": "a"}}]}, "docs": [{"_source": {"a": " Ab <b>x</b>&amp;%20+"}}, {"_source": {"a": "1kb"}}, {"_source": {"a": ["1kb", "2MB"]}}, {"_source": {"a": 1}}, {"_source": {}}, {"_source": {"a": null}}, {"_source": {"a": [1]}}, {"_source": {"a": "1.5gb"}}, {"_source": {"a": "12"}}, {"_source": {"a": "%zz"}}]}
    );
}

#[test]
fn lowercase_as_the_real_server_does_it() {
    asks!(
        Setup::nothing(),
        "POST /_ingest/pipeline/_simulate" => {"pipeline": {"processors": [{"lowercase": {"field": "a"}}]}, "docs": [{"_source": {"a": " Ab <b>x</b>&amp;%20+"}}, {"_source": {"a": "1kb"}}, {"_source": {"a": ["1kb", "2MB"]}}, {"_source": {"a": 1}}, {"_source": {}}, {"_source": {"a": null}}, {"_source": {"a": [1]}}, {"_source": {"a": "1.5gb"}}, {"_source": {"a": "12"}}, {"_source": {"a": "%zz"}}]}
    );
}

#[test]
fn uppercase_as_the_real_server_does_it() {
    asks!(
        Setup::nothing(),
        "POST /_ingest/pipeline/_simulate" => {"pipeline": {"processors": [{"uppercase": {"field": "a"}}]}, "docs": [{"_source": {"a": " Ab <b>x</b>&amp;%20+"}}, {"_source": {"a": "1kb"}}, {"_source": {"a": ["1kb", "2MB"]}}, {"_source": {"a": 1}}, {"_source": {}}, {"_source": {"a": null}}, {"_source": {"a": [1]}}, {"_source": {"a": "1.5gb"}}, {"_source": {"a": "12"}}, {"_source": {"a": "%zz"}}]}
    );
}

#[test]
fn bytes_as_the_real_server_does_it() {
    asks!(
        Setup::nothing(),
        "POST /_ingest/pipeline/_simulate" => {"pipeline": {"processors": [{"bytes": {"field": "a"}}]}, "docs": [{"_source": {"a": " Ab <b>x</b>&amp;%20+"}}, {"_source": {"a": "1kb"}}, {"_source": {"a": ["1kb", "2MB"]}}, {"_source": {"a": 1}}, {"_source": {}}, {"_source": {"a": null}}, {"_source": {"a": [1]}}, {"_source": {"a": "1.5gb"}}, {"_source": {"a": "12"}}, {"_source": {"a": "%zz"}}]}
    );
}

#[test]
fn html_strip_as_the_real_server_does_it() {
    asks!(
        Setup::nothing(),
        "POST /_ingest/pipeline/_simulate" => {"pipeline": {"processors": [{"html_strip": {"field": "a"}}]}, "docs": [{"_source": {"a": " Ab <b>x</b>&amp;%20+"}}, {"_source": {"a": "1kb"}}, {"_source": {"a": ["1kb", "2MB"]}}, {"_source": {"a": 1}}, {"_source": {}}, {"_source": {"a": null}}, {"_source": {"a": [1]}}, {"_source": {"a": "1.5gb"}}, {"_source": {"a": "12"}}, {"_source": {"a": "%zz"}}]}
    );
}

#[test]
fn urldecode_as_the_real_server_does_it() {
    asks!(
        Setup::nothing(),
        "POST /_ingest/pipeline/_simulate" => {"pipeline": {"processors": [{"urldecode": {"field": "a"}}]}, "docs": [{"_source": {"a": " Ab <b>x</b>&amp;%20+"}}, {"_source": {"a": "1kb"}}, {"_source": {"a": ["1kb", "2MB"]}}, {"_source": {"a": 1}}, {"_source": {}}, {"_source": {"a": null}}, {"_source": {"a": [1]}}, {"_source": {"a": "1.5gb"}}, {"_source": {"a": "12"}}, {"_source": {"a": "%zz"}}]}
    );
}

#[test]
fn append_as_the_real_server_does_it() {
    asks!(
        Setup::nothing(),
        "POST /_ingest/pipeline/_simulate" => {"pipeline": {"processors": [{"append": {"field": "a", "value": ["x", "{{b}}"]}}]}, "docs": [{"_source": {"a": 1, "b": 2}}, {"_source": {"b": 3}}, {"_source": {"a": ["x"]}}, {"_source": {"a": null}}]},
        "POST /_ingest/pipeline/_simulate" => {"pipeline": {"processors": [{"append": {"field": "a", "value": "x", "allow_duplicates": false}}]}, "docs": [{"_source": {"a": ["x"]}}]}
    );
}

#[test]
fn foreach_as_the_real_server_does_it() {
    asks!(
        Setup::nothing(),
        "POST /_ingest/pipeline/_simulate" => {"pipeline": {"processors": [{"foreach": {"field": "a", "processor": {"uppercase": {"field": "_ingest._value"}}}}]}, "docs": [{"_source": {"a": ["x", "y"]}}, {"_source": {"a": ["x", 1]}}]},
        "POST /_ingest/pipeline/_simulate" => {"pipeline": {"processors": [{"foreach": {"field": "a", "processor": {"uppercase": {"field": "_ingest._value"}}, "ignore_missing": true}}]}, "docs": [{"_source": {}}, {"_source": {"a": null}}]},
        "POST /_ingest/pipeline/_simulate" => {"pipeline": {"processors": [{"foreach": {"field": "a", "processor": {"a": {}, "b": {}}}}]}, "docs": [{"_source": {}}]}
    );
}

#[test]
fn sort_as_the_real_server_does_it() {
    asks!(
        Setup::nothing(),
        "POST /_ingest/pipeline/_simulate" => {"pipeline": {"processors": [{"sort": {"field": "a"}}]}, "docs": [{"_source": {"a": [3, 1, 2]}}, {"_source": {"a": ["b", "a"]}}, {"_source": {"a": 1}}, {"_source": {}}, {"_source": {"a": null}}, {"_source": {"a": []}}]},
        "POST /_ingest/pipeline/_simulate" => {"pipeline": {"processors": [{"sort": {"field": "a", "order": "desc", "target_field": "b"}}]}, "docs": [{"_source": {"a": [3, 1, 2]}}]},
        "POST /_ingest/pipeline/_simulate" => {"pipeline": {"processors": [{"sort": {"field": "a", "order": "x"}}]}, "docs": [{"_source": {"a": [3, 1, 2]}}]}
    );
}

#[test]
fn dot_expander_as_the_real_server_does_it() {
    asks!(
        Setup::nothing(),
        "POST /_ingest/pipeline/_simulate" => {"pipeline": {"processors": [{"dot_expander": {"field": "a.b"}}]}, "docs": [{"_source": {"a.b": 1}}, {"_source": {"a.b": 1, "a": {"c": 1}}}, {"_source": {"a.b": 1, "a": {"b": 2}}}, {"_source": {"a.b": 1, "a": 3}}, {"_source": {}}, {"_source": {"a": {"b": 1}}}]},
        "POST /_ingest/pipeline/_simulate" => {"pipeline": {"processors": [{"dot_expander": {"field": "ab"}}]}, "docs": [{"_source": {"a.b": 1}}]},
        "POST /_ingest/pipeline/_simulate" => {"pipeline": {"processors": [{"dot_expander": {"field": ".a"}}]}, "docs": [{"_source": {"a.b": 1}}]},
        "POST /_ingest/pipeline/_simulate" => {"pipeline": {"processors": [{"dot_expander": {"field": "b.c", "path": "a"}}]}, "docs": [{"_source": {"a": {"b.c": 1}}}]}
    );
}

#[test]
fn csv_as_the_real_server_does_it() {
    asks!(
        Setup::nothing(),
        "POST /_ingest/pipeline/_simulate" => {"pipeline": {"processors": [{"csv": {"field": "a", "target_fields": ["x", "y", "z"]}}]}, "docs": [{"_source": {"a": "1,\"q,\"\"r\", z"}}, {"_source": {"a": "1"}}, {"_source": {"a": ""}}, {"_source": {"a": 1}}, {"_source": {}}, {"_source": {"a": "\"x"}}, {"_source": {"a": "1,,3"}}]},
        "POST /_ingest/pipeline/_simulate" => {"pipeline": {"processors": [{"csv": {"field": "a", "target_fields": ["x", "y", "z"], "trim": true, "separator": "|", "quote": "'", "empty_value": "E"}}]}, "docs": [{"_source": {"a": "1| 'q|r' |"}}]},
        "POST /_ingest/pipeline/_simulate" => {"pipeline": {"processors": [{"csv": {"field": "a", "target_fields": []}}]}, "docs": [{"_source": {}}]},
        "POST /_ingest/pipeline/_simulate" => {"pipeline": {"processors": [{"csv": {"field": "a", "target_fields": ["x"], "separator": "ab"}}]}, "docs": [{"_source": {}}]}
    );
}

#[test]
fn set_as_the_real_server_does_it() {
    asks!(
        Setup::nothing(),
        "POST /_ingest/pipeline/_simulate" => {"pipeline": {"processors": [{"set": {"field": "a", "value": 1, "override": false}}]}, "docs": [{"_source": {"a": null}}, {"_source": {"a": 2}}, {"_source": {}}]},
        "POST /_ingest/pipeline/_simulate" => {"pipeline": {"processors": [{"set": {"field": "a", "value": "{{b}}", "ignore_empty_value": true}}]}, "docs": [{"_source": {"a": 2}}, {"_source": {"b": 1}}]},
        "POST /_ingest/pipeline/_simulate" => {"pipeline": {"processors": [{"set": {"field": "a", "copy_from": "b"}}]}, "docs": [{"_source": {"a": 2, "b": {"c": 1}}}, {"_source": {}}]},
        "POST /_ingest/pipeline/_simulate" => {"pipeline": {"processors": [{"set": {"field": "", "value": 1}}]}, "docs": [{"_source": {}}]},
        "POST /_ingest/pipeline/_simulate" => {"pipeline": {"processors": [{"set": {"field": "a.", "value": 1}}]}, "docs": [{"_source": {}}]},
        "POST /_ingest/pipeline/_simulate" => {"pipeline": {"processors": [{"set": {"field": "_id", "value": [1]}}]}, "docs": [{"_source": {}}]},
        "POST /_ingest/pipeline/_simulate" => {"pipeline": {"processors": [{"set": {"field": "a.1", "value": 9}}]}, "docs": [{"_source": {"a": [1, 2]}}, {"_source": {"a": [1]}}]}
    );
}

#[test]
fn grok_as_the_real_server_does_it() {
    asks!(
        Setup::nothing(),
        "POST /_ingest/pipeline/_simulate" => {"pipeline": {"processors": [{"grok": {"field": "a", "patterns": ["%{IP:ip} %{NUMBER:n:int} %{NUMBER:f:float} %{WORD:w}"]}}]}, "docs": [{"_source": {"a": "1.2.3.4 5 6.5 abc"}}, {"_source": {"a": "zz"}}, {"_source": {}}, {"_source": {"a": 1}}, {"_source": {"a": null}}]},
        "POST /_ingest/pipeline/_simulate" => {"pipeline": {"processors": [{"grok": {"field": "a", "patterns": ["%{NOPE:ip}"]}}]}, "docs": [{"_source": {"a": "1.2.3.4 5 6.5 abc"}}]},
        "POST /_ingest/pipeline/_simulate" => {"pipeline": {"processors": [{"grok": {"field": "a", "patterns": []}}]}, "docs": [{"_source": {"a": "1.2.3.4 5 6.5 abc"}}]},
        "POST /_ingest/pipeline/_simulate" => {"pipeline": {"processors": [{"grok": {"field": "a", "patterns": ["%{A:x}"], "pattern_definitions": {"A": "%{A}"}}}]}, "docs": [{"_source": {"a": "1"}}]},
        "POST /_ingest/pipeline/_simulate" => {"pipeline": {"processors": [{"grok": {"field": "a", "patterns": ["%{WORD:x}", "(?<y>\\d+)-%{INT:z:long}"], "trace_match": true, "pattern_definitions": {"Q": "x"}}}]}, "docs": [{"_source": {"a": "--"}}, {"_source": {"a": "12-3"}}, {"_source": {"a": "ab"}}]},
        "POST /_ingest/pipeline/_simulate" => {"pipeline": {"processors": [{"grok": {"field": "a", "patterns": ["%{COMBINEDAPACHELOG}"]}}]}, "docs": [{"_source": {"a": "127.0.0.1 - frank [10/Oct/2000:13:55:36 -0700] \"GET /apache_pb.gif HTTP/1.0\" 200 2326 \"http://www.example.com/start.html\" \"Mozilla/4.08 [en] (Win98; I ;Nav)\""}}]},
        "POST /_ingest/pipeline/_simulate" => {"pipeline": {"processors": [{"grok": {"field": "a", "patterns": ["%{WORD:x:boolean} %{WORD:x2.y} %{NUMBER:d:double}? %{WORD:[p][q]} %{WORD:opt}?"]}}]}, "docs": [{"_source": {"a": "true b 1 c d"}}, {"_source": {"a": "true b  c "}}]}
    );
}

#[test]
fn copy_as_the_real_server_does_it() {
    asks!(
        Setup::nothing(),
        "POST /_ingest/pipeline/_simulate" => {"pipeline": {"processors": [{"copy": {"source_field": "a", "target_field": "b"}}]}, "docs": [{"_source": {"a": {"x": 1}}}, {"_source": {}}]}
    );
}

#[test]
fn remove_by_pattern_as_the_real_server_does_it() {
    asks!(
        Setup::nothing(),
        "POST /_ingest/pipeline/_simulate" => {"pipeline": {"processors": [{"remove_by_pattern": {"field_pattern": "a*"}}]}, "docs": [{"_source": {"a1": {"x": 1}, "b": 2}}]}
    );
}

#[test]
fn remove_as_the_real_server_does_it() {
    asks!(
        Setup::nothing(),
        "POST /_ingest/pipeline/_simulate" => {"pipeline": {"processors": [{"remove": {"field": "_index"}}]}, "docs": [{"_source": {}}]},
        "POST /_ingest/pipeline/_simulate" => {"pipeline": {"processors": [{"remove": {"field": ["_id", "_routing"]}}]}, "docs": [{"_source": {}}]},
        "POST /_ingest/pipeline/_simulate" => {"pipeline": {"processors": [{"remove": {"field": "a.1"}}]}, "docs": [{"_source": {"a": [1, 2]}}, {"_source": {"a": [1]}}, {"_source": {"a": null}}]}
    );
}
