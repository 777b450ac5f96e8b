use super::*;
use crate::cluster::metadata::Alias;
use crate::cluster::settings::IndexSettings;
use serde_json::json;

/// Open `a1`, `a2`, `b1`, hidden `.h`, closed `c1`; alias `both` → a1, a2; alias `av` → b1.
fn metadata() -> Metadata {
    let index = |name: &str, aliases: &[&str]| {
        let mut index = IndexMetadata::new(name, &format!("uuid-{name}"));
        for alias in aliases {
            index.aliases.insert((*alias).to_owned(), Alias::default());
        }
        index
    };
    let mut hidden = index(".h", &[]);
    hidden.settings = IndexSettings::parse(&json!({"hidden": true})).unwrap();
    let mut closed = index("c1", &[]);
    closed.closed = true;
    [index("a1", &["both"]), index("a2", &["both"]), index("b1", &["av"]), hidden, closed]
        .into_iter()
        .collect()
}

fn found(expression: &str, options: IndicesOptions) -> Result<String, String> {
    let metadata = metadata();
    let list: &[&str] = if expression.is_empty() { &[] } else { &[expression] };
    seen(&metadata, list, options, Timestamp::UNIX_EPOCH, |_| true)
        .and_then(|found| found.existing(options))
        .map(|indices| {
            indices.iter().map(|index| index.name.as_str()).collect::<Vec<_>>().join(" ")
        })
        .map_err(|error| error.to_string())
}

const SEARCH: IndicesOptions = IndicesOptions::SEARCH;

#[test]
fn nothing_all_and_star_mean_every_open_visible_index() {
    for expression in ["", "_all", "*"] {
        assert_eq!(found(expression, SEARCH).unwrap(), "a1 a2 b1", "{expression}");
    }
}

#[test]
fn patterns_match_indices_and_aliases_and_each_index_counts_once() {
    assert_eq!(found("a*", SEARCH).unwrap(), "a1 a2 b1");
    assert_eq!(found("both,a1", SEARCH).unwrap(), "a1 a2");
    assert_eq!(found("*1", SEARCH).unwrap(), "a1 b1");
    assert_eq!(found("zzz*", SEARCH).unwrap(), "");
}

#[test]
fn an_exclusion_counts_after_a_pattern_only() {
    assert_eq!(found("*,-a1", SEARCH).unwrap(), "a2 b1");
    assert_eq!(found("*,-a*", SEARCH).unwrap(), "");
    assert_eq!(
        found("-a1,*", SEARCH).unwrap_err(),
        "index_not_found_exception: no such index [-a1]"
    );
}

#[test]
fn hidden_and_closed_indices_need_their_word() {
    assert_eq!(found(".*", SEARCH).unwrap(), ".h");
    let options = SEARCH.expanding(&["open", "hidden"]).unwrap();
    assert_eq!(found("*", options).unwrap(), ".h a1 a2 b1");
    assert_eq!(found("*", IndicesOptions::ANY).unwrap(), "a1 a2 b1 c1");
    assert!(SEARCH.expanding(&["some"]).is_err());
}

#[test]
fn a_missing_name_is_refused_unless_it_may_be_ignored() {
    assert_eq!(
        found("a1,no", SEARCH).unwrap_err(),
        "index_not_found_exception: no such index [no]"
    );
    let lenient = IndicesOptions { ignore_unavailable: true, ..SEARCH };
    assert_eq!(found("a1,no", lenient).unwrap(), "a1");
    let strict = IndicesOptions { allow_no_indices: false, ..SEARCH };
    assert!(found("zzz*", strict).is_err());
}

#[test]
fn a_closed_index_that_is_named_is_refused_by_searches() {
    assert_eq!(found("c1", SEARCH).unwrap_err(), "index_closed_exception: closed");
    assert_eq!(found("c1", IndicesOptions::METADATA).unwrap(), "c1");
}

#[test]
fn what_the_view_does_not_hold_is_not_found_when_named_and_absent_under_patterns() {
    let metadata = metadata();
    let sees = |uuid: &str| uuid != "uuid-a1";
    let run = |list: &[&str]| {
        seen(&metadata, list, SEARCH, Timestamp::UNIX_EPOCH, sees)
            .and_then(|found| found.existing(SEARCH))
            .map(|indices| indices.len())
    };
    assert_eq!(run(&["*"]).unwrap(), 2);
    assert_eq!(run(&["both"]).unwrap(), 1);
    assert!(run(&["a1"]).is_err());
}

#[test]
fn a_refusal_names_what_was_asked_for_and_never_what_was_found() {
    let metadata = metadata();
    let options = IndicesOptions { allow_no_indices: false, ..SEARCH };
    let refused = |list: &str, options| {
        seen(&metadata, &[list], options, Timestamp::UNIX_EPOCH, |_| false)
            .and_then(|found| found.existing(options))
            .unwrap_err()
            .to_string()
    };
    let lenient = IndicesOptions { ignore_unavailable: true, ..options };
    for (list, options, named) in [
        ("a*", options, "a*"),
        ("b*,-b1", options, "b*"),
        ("bo*", options, "bo*"),
        ("a1,b1", lenient, "a1,b1"),
    ] {
        let expected = format!("index_not_found_exception: no such index [{named}]");
        assert_eq!(refused(list, options), expected);
    }
}

#[test]
fn d31_remote_clusters_and_underscore_names_are_refused() {
    assert!(found("remote:x", SEARCH).unwrap_err().starts_with("no_such_remote_cluster"));
    assert!(found("a1,_x", SEARCH).unwrap_err().starts_with("invalid_index_name"));
}

#[test]
fn stars_match_any_run_of_letters() {
    for (pattern, name, expected) in [
        ("a*c", "abc", true),
        ("a*c", "ac", true),
        ("a*c", "ab", false),
        ("*", "", true),
        ("**b*", "abc", true),
        ("a*b*c", "a1b2c", true),
        ("ab*ba", "aba", false),
        ("*aab", "aaab", true),
    ] {
        assert_eq!(matches(pattern, name), expected, "{pattern} {name}");
    }
    assert!(!matches(&"*a".repeat(10_000), &"b".repeat(10_000)));
}

#[test]
fn bad_index_names_are_refused_in_elasticsearchs_words() {
    let refused = |name: &str| validate_index_name(name).unwrap_err().reason().to_owned();
    assert_eq!(refused("Foo"), "Invalid index name [Foo], must be lowercase");
    assert_eq!(refused("_foo"), "Invalid index name [_foo], must not start with '_', '-', or '+'");
    assert_eq!(
        refused("a b"),
        "Invalid index name [a b], must not contain the following characters [ , \", *, \\, <, |, ,, >, /, ?]"
    );
    assert_eq!(refused("a#b"), "Invalid index name [a#b], must not contain '#'");
    assert_eq!(refused(".."), "Invalid index name [..], must not be '.' or '..'");
    assert!(refused(&"x".repeat(256)).ends_with("index name is too long, (256 > 255)"));
    assert!(validate_index_name("ünï.code-1").is_ok() && validate_alias_name("Foo").is_ok());
}

#[test]
fn a_name_that_many_patterns_find_is_there_once_and_exclusions_still_count() {
    let metadata = metadata();
    let many = vec!["*"; 500].join(",");
    let names = |list: &str| -> Vec<String> {
        let found = resolve(&metadata, &[list], SEARCH, Timestamp::UNIX_EPOCH).unwrap();
        found.into_iter().map(|name| name.name).collect()
    };
    assert_eq!(names(&many), ["a1", "a2", "b1"]);
    assert_eq!(names(&format!("{many},-a1,a*,-b1")), ["a2", "a1"]);
}
