//! Writing, reading and deleting one document.

use crate::cases::{Setup, asks};

#[test]
fn an_index_is_made_by_its_first_document() {
    asks!(
        Setup::nothing(),
        "PUT /a/_doc/1" => {"n": 1},
        "GET /a/_mapping"
    );
}

#[test]
fn a_second_write_is_an_update_with_the_next_version() {
    asks!(
        Setup::nothing(),
        "PUT /a/_doc/1" => {"n": 1},
        "PUT /a/_doc/1" => {"n": 2},
        "GET /a/_doc/1"
    );
}

#[test]
fn create_refuses_what_is_there() {
    asks!(
        Setup::nothing(),
        "PUT /a/_create/1" => {"n": 1},
        "PUT /a/_create/1" => {"n": 2}
    );
}

#[test]
fn op_type_create_refuses_what_is_there() {
    asks!(
        Setup::nothing(),
        "PUT /a/_doc/1" => {"n": 1},
        "PUT /a/_doc/1?op_type=create" => {"n": 2}
    );
}

#[test]
fn an_unknown_op_type_is_refused() {
    asks!(Setup::nothing(), "PUT /a/_doc/1?op_type=surprise" => {"n": 2});
}

#[test]
fn a_document_that_is_not_there_is_not_found() {
    asks!(Setup::nothing(), "PUT /a", "GET /a/_doc/1");
}

#[test]
fn a_document_of_an_index_that_is_not_there_is_refused() {
    asks!(Setup::nothing(), "GET /a/_doc/1");
}

#[test]
fn a_deleted_document_is_not_found() {
    asks!(
        Setup::nothing(),
        "PUT /a/_doc/1" => {"n": 1},
        "DELETE /a/_doc/1",
        "GET /a/_doc/1"
    );
}

#[test]
fn deleting_what_is_not_there_is_not_found() {
    asks!(Setup::nothing(), "PUT /a", "DELETE /a/_doc/1");
}

#[test]
fn deleting_makes_no_index() {
    asks!(Setup::nothing(), "DELETE /a/_doc/1");
}

#[test]
fn a_deleted_document_may_be_created_again() {
    asks!(
        Setup::nothing(),
        "PUT /a/_doc/1" => {"n": 1},
        "DELETE /a/_doc/1",
        "PUT /a/_create/1" => {"n": 2}
    );
}

#[test]
fn if_seq_no_and_primary_term_let_one_write_pass() {
    asks!(
        Setup::nothing(),
        "PUT /a/_doc/1" => {"n": 1},
        "PUT /a/_doc/1?if_seq_no=0&if_primary_term=1" => {"n": 2},
        "PUT /a/_doc/1?if_seq_no=0&if_primary_term=1" => {"n": 3}
    );
}

#[test]
fn if_seq_no_alone_is_refused() {
    asks!(Setup::nothing(), "PUT /a/_doc/1?if_seq_no=0" => {"n": 1});
}

#[test]
fn if_primary_term_alone_is_refused() {
    asks!(Setup::nothing(), "PUT /a/_doc/1?if_primary_term=1" => {"n": 1});
}

#[test]
fn if_seq_no_of_what_is_not_there_conflicts() {
    asks!(
        Setup::nothing(),
        "PUT /a",
        "PUT /a/_doc/1?if_seq_no=5&if_primary_term=1" => {"n": 1}
    );
}

#[test]
fn an_external_version_must_grow() {
    asks!(
        Setup::nothing(),
        "PUT /a/_doc/1?version=5&version_type=external" => {"n": 1},
        "PUT /a/_doc/1?version=5&version_type=external" => {"n": 2},
        "PUT /a/_doc/1?version=9&version_type=external" => {"n": 3}
    );
}

#[test]
fn external_gte_takes_the_same_version() {
    asks!(
        Setup::nothing(),
        "PUT /a/_doc/1?version=5&version_type=external" => {"n": 1},
        "PUT /a/_doc/1?version=5&version_type=external_gte" => {"n": 2}
    );
}

#[test]
fn an_internal_version_is_refused() {
    asks!(Setup::nothing(), "PUT /a/_doc/1?version=1" => {"n": 1});
}

#[test]
fn a_get_may_ask_for_a_version() {
    asks!(
        Setup::nothing(),
        "PUT /a/_doc/1" => {"n": 1},
        "GET /a/_doc/1?version=1",
        "GET /a/_doc/1?version=2"
    );
}

#[test]
fn a_deletion_may_ask_for_a_sequence_number() {
    asks!(
        Setup::nothing(),
        "PUT /a/_doc/1" => {"n": 1},
        "DELETE /a/_doc/1?if_seq_no=7&if_primary_term=1",
        "DELETE /a/_doc/1?if_seq_no=0&if_primary_term=1"
    );
}

#[test]
fn a_get_may_filter_the_source() {
    asks!(
        Setup::nothing(),
        "PUT /a/_doc/1" => {"a": {"b": 1, "c": 2}, "d": 3},
        "GET /a/_doc/1?_source=a.b",
        "GET /a/_doc/1?_source=false",
        "GET /a/_doc/1?_source_excludes=a"
    );
}

#[test]
fn the_source_alone_may_be_asked_for() {
    asks!(
        Setup::nothing(),
        "PUT /a/_doc/1" => {"a": 1, "d": 3},
        "GET /a/_source/1",
        "GET /a/_source/1?_source_includes=d",
        "GET /a/_source/2"
    );
}

#[test]
fn a_body_that_is_a_list_is_refused() {
    asks!(Setup::nothing(), "PUT /a/_doc/1" => "[1]");
}

#[test]
fn an_empty_body_is_refused() {
    asks!(Setup::nothing(), "PUT /a/_doc/1");
}

#[test]
fn a_body_that_ends_early_is_refused() {
    asks!(Setup::nothing(), "PUT /a/_doc/1" => "{\"n\":");
}

#[test]
fn an_empty_document_is_a_document() {
    asks!(
        Setup::nothing(),
        "PUT /a/_doc/1" => {},
        "GET /a/_doc/1"
    );
}

#[test]
fn a_refresh_is_told() {
    asks!(
        Setup::nothing(),
        "PUT /a/_doc/1?refresh=true" => {"n": 1},
        "GET /a/_search"
    );
}

#[test]
fn what_is_not_refreshed_is_not_found() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {"settings": {"refresh_interval": "-1"}},
        "PUT /a/_doc/1" => {"n": 1},
        "GET /a/_search",
        "POST /a/_refresh",
        "GET /a/_search"
    );
}

#[test]
fn an_unknown_refresh_is_refused() {
    asks!(Setup::nothing(), "PUT /a/_doc/1?refresh=surprise" => {"n": 1});
}

#[test]
fn a_name_in_capitals_is_refused() {
    asks!(Setup::nothing(), "PUT /Abc/_doc/1" => {"n": 1});
}

#[test]
fn require_alias_wants_an_alias() {
    asks!(
        Setup::nothing(),
        "PUT /a",
        "PUT /a/_doc/1?require_alias=true" => {"n": 1}
    );
}

#[test]
fn auto_generated_ids_are_created() {
    asks!(
        Setup::nothing(),
        "PUT /a",
        "POST /a/_doc?filter_path=result,_version,_seq_no" => {"n": 1}
    );
}
