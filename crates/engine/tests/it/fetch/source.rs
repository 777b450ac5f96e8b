//! `_source`: what of a document a hit shows.

use crate::cases::{Setup, asks, search};
use crate::library::films;

#[test]
fn all_of_it_unless_told_otherwise() {
    search!(films(), {"query": {"ids": {"values": ["0"]}}});
}

#[test]
fn nothing_of_it() {
    search!(films(), {"query": {"ids": {"values": ["0"]}}, "_source": false});
}

#[test]
fn the_whole_of_it_when_true() {
    search!(films(), {"query": {"ids": {"values": ["7"]}}, "_source": true});
}

#[test]
fn one_field_of_it() {
    search!(films(), {"query": {"ids": {"values": ["0"]}}, "_source": "year"});
}

#[test]
fn several_fields_of_it() {
    search!(films(), {
        "query": {"ids": {"values": ["0"]}},
        "_source": ["year", "votes", "nowhere"]
    });
}

#[test]
fn fields_by_pattern() {
    search!(films(), {"query": {"ids": {"values": ["0"]}}, "_source": ["t*", "*ed"]});
}

#[test]
fn a_field_in_an_object() {
    search!(films(), {"query": {"ids": {"values": ["0"]}}, "_source": ["crew.size"]});
}

#[test]
fn an_object_whole() {
    search!(films(), {"query": {"ids": {"values": ["0"]}}, "_source": ["crew"]});
}

#[test]
fn fields_in_an_object_by_pattern() {
    search!(films(), {"query": {"ids": {"values": ["0"]}}, "_source": ["*.director"]});
}

#[test]
fn without_some_fields() {
    search!(films(), {
        "query": {"ids": {"values": ["0"]}},
        "_source": {"excludes": ["t*", "crew.size", "plot"]}
    });
}

#[test]
fn some_fields_without_others() {
    search!(films(), {
        "query": {"ids": {"values": ["0"]}},
        "_source": {"includes": ["crew.*", "year"], "excludes": ["*.size"]}
    });
}

#[test]
fn include_and_exclude_are_the_old_names() {
    search!(films(), {
        "query": {"ids": {"values": ["0"]}},
        "_source": {"include": ["year"], "exclude": ["votes"]}
    });
}

#[test]
fn no_list_shows_all() {
    search!(films(), {"query": {"ids": {"values": ["7", "6"]}}, "_source": []});
}

#[test]
fn what_is_excluded_whole_leaves_no_object() {
    search!(films(), {
        "query": {"ids": {"values": ["0"]}},
        "_source": {"includes": ["crew"], "excludes": ["crew.*"]}
    });
}

#[test]
fn a_url_may_name_the_fields() {
    asks!(films(), "GET /films/_search?_source=year,votes&q=_id:0");
}

#[test]
fn a_url_may_include_and_exclude() {
    asks!(films(), "GET /films/_search?_source_includes=crew.*&_source_excludes=*.size&q=_id:0");
}

#[test]
fn a_url_wins_over_the_body() {
    asks!(
        films(),
        "POST /films/_search?_source=false" => {
            "query": {"ids": {"values": ["0"]}},
            "_source": ["year"]
        }
    );
}

#[test]
fn an_unknown_key_is_refused() {
    search!(
        films(),
        {"_source": {"surprise": ["year"]}}
    );
}

#[test]
fn a_number_is_refused() {
    search!(
        films(),
        {"_source": 1}
    );
}

#[test]
fn a_list_of_numbers_is_taken() {
    search!(
        films(),
        {"_source": [1]}
    );
}

#[test]
fn a_document_is_shown_as_it_was_sent() {
    search!(
        Setup::index(
            "sent",
            serde_json::json!({}),
            serde_json::json!([{"b": 1.0, "a": [null, 1e3], "o": {}}])
        ),
        {}
    );
}
