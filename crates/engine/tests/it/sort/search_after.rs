//! `search_after`: the page behind a hit.

use crate::cases::{asks, search};
use crate::library::films;

#[test]
fn the_page_begins_behind_the_values() {
    search!(films(), {
        "sort": [{"votes": "asc"}],
        "search_after": [5],
        "_source": false,
        "size": 2
    });
}

#[test]
fn it_begins_behind_the_values_going_down() {
    search!(films(), {
        "sort": [{"votes": "desc"}],
        "search_after": [40],
        "_source": false,
        "size": 2
    });
}

#[test]
fn two_keys_are_compared_in_turn() {
    search!(films(), {
        "sort": [{"year": "asc"}, {"votes": "desc"}],
        "search_after": [1999, 120],
        "_source": false,
        "size": 2
    });
}

#[test]
fn a_keyword_is_compared() {
    search!(films(), {
        "sort": [{"genre": "asc"}, {"votes": "asc"}],
        "search_after": ["drama", 0],
        "_source": false,
        "size": 3
    });
}

#[test]
fn a_date_is_compared_in_milliseconds() {
    search!(films(), {
        "sort": [{"released": "asc"}],
        "search_after": [921_024_000_000i64],
        "_source": false,
        "size": 2
    });
}

#[test]
fn a_date_is_compared_by_its_text() {
    search!(films(), {
        "sort": [{"released": "asc"}],
        "search_after": ["2004-01-20T10:30:00Z"],
        "_source": false,
        "size": 2
    });
}

#[test]
fn a_format_of_the_sort_is_refused() {
    search!(
        films(),
        {
            "sort": [{"released": {"order": "asc", "format": "yyyy-MM-dd"}}],
            "search_after": ["2004-01-20"],
            "_source": false,
            "size": 2
        };
        differs: "OpenSearch's format of a sort is there on both"
    );
}

#[test]
fn a_double_is_compared() {
    search!(films(), {
        "sort": [{"rating": "asc"}],
        "search_after": [6.25],
        "_source": false,
        "size": 2
    });
}

#[test]
fn digits_are_taken_for_a_number() {
    search!(films(), {
        "sort": [{"votes": "asc"}],
        "search_after": ["5"],
        "_source": false,
        "size": 2
    });
}

#[test]
fn letters_for_a_number_are_refused() {
    search!(films(), {"sort": [{"votes": "asc"}], "search_after": ["five"]});
}

#[test]
fn a_null_comes_behind_the_last_keyword() {
    search!(films(), {
        "sort": [{"genre": "asc"}, {"votes": "asc"}],
        "search_after": [null, 7],
        "_source": false
    });
}

#[test]
fn the_score_is_compared() {
    search!(films(), {
        "query": {"match_all": {}},
        "sort": ["_score", {"votes": "asc"}],
        "search_after": [1.0, 7],
        "_source": false,
        "size": 2
    });
}

#[test]
fn an_address_is_compared() {
    search!(films(), {
        "sort": [{"addr": "asc"}],
        "search_after": ["10.0.0.77"],
        "_source": false,
        "size": 2
    });
}

#[test]
fn a_boolean_is_compared() {
    search!(
        films(),
        {
            "sort": [{"seen": "asc"}, {"votes": "asc"}],
            "search_after": [false, 5],
            "_source": false,
            "size": 2
        };
        differs: "a fault: taken, where theirs is refused"
    );
}

#[test]
fn behind_the_last_there_is_nothing() {
    search!(films(), {
        "query": {"exists": {"field": "votes"}},
        "sort": [{"votes": "asc"}],
        "search_after": [1_000_000]
    });
}

#[test]
fn the_total_is_that_of_all_pages() {
    search!(films(), {
        "sort": [{"votes": "asc"}],
        "search_after": [120],
        "_source": false,
        "size": 1
    });
}

#[test]
fn from_beside_it_is_refused() {
    search!(
        films(),
        {"sort": [{"votes": "asc"}], "search_after": [5], "from": 1}
    );
}

#[test]
fn too_few_values_are_refused() {
    search!(
        films(),
        {"sort": ["year", "votes"], "search_after": [1999]}
    );
}

#[test]
fn too_many_values_are_refused() {
    search!(
        films(),
        {"sort": ["votes"], "search_after": [1, 2]}
    );
}

#[test]
fn no_values_are_refused() {
    search!(films(), {"sort": ["votes"], "search_after": []});
}

#[test]
fn a_value_alone_is_refused() {
    search!(
        films(),
        {"sort": ["votes"], "search_after": 5}
    );
}

#[test]
fn an_object_is_refused() {
    search!(
        films(),
        {"sort": ["votes"], "search_after": [{}]}
    );
}

#[test]
fn without_a_sort_it_is_refused() {
    search!(
        films(),
        {"search_after": [5]}
    );
}

#[test]
fn beside_a_scroll_it_is_refused() {
    asks!(
        films(),
        "POST /films/_search?scroll=1m" => {"sort": ["votes"], "search_after": [5]}
    );
}
