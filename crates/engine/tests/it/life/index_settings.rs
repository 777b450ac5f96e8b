//! Index settings as the real servers take them.

use crate::cases::{Setup, asks};
use crate::domain::Domain;

#[test]
fn a_sort_is_checked() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {"settings": {"index.sort.field": "nope"}, "mappings": {"properties": {"n": {"type": "long"}}}},
        "PUT /a" => {"settings": {"index.sort.field": "n", "index.sort.order": "bogus"}, "mappings": {"properties": {"n": {"type": "long"}}}},
        "PUT /a" => {"settings": {"index.sort.field": ["n"], "index.sort.order": ["asc", "desc"]}, "mappings": {"properties": {"n": {"type": "long"}}}},
        "PUT /a" => {"settings": {"index.sort.field": "n", "index.sort.order": "desc"}, "mappings": {"properties": {"n": {"type": "long"}}}},
        "GET /a/_settings/index.sort*"
    );
}

#[test]
fn defaults_are_told() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {"settings": {"refresh_interval": "3s"}},
        "GET /a/_settings?include_defaults=true&filter_path=*.defaults.index.max_*,*.defaults.index.refresh_interval,*.defaults.index.blocks,*.defaults.index.translog",
        "GET /a/_settings/index.max_result_window?include_defaults=true",
        "GET /a/_settings?include_defaults=true&flat_settings=true&filter_path=*.defaults.index*gc_deletes"
    );
}

#[test]
fn defaults_differ_by_service() {
    let told = |domain: Domain| {
        domain.ok("PUT /a", "{}");
        let line = "GET /a/_settings?include_defaults=true&flat_settings=true";
        let answer = domain.ok(line, "");
        answer["a"]["defaults"].as_object().unwrap().len()
    };
    let (old, new) = (told(Domain::elasticsearch()), told(Domain::opensearch()));
    assert!(old > 100 && new > old, "{old} {new}");
}
