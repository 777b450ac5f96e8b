use super::*;
use crate::rest::table::BodyKind;

const ES: Flavor = Flavor::Elasticsearch710;
const OS: Flavor = Flavor::OpenSearch219;

fn api(method: &str, path: &str, flavor: Flavor) -> Api {
    route(method, path, "", flavor).unwrap_or_else(|error| panic!("{method} {path}: {error:?}")).api
}

#[test]
fn every_path_of_the_table_leads_to_an_api_with_that_path() {
    for entry in TABLE {
        for path in entry.paths {
            let words: Vec<&str> = path.split(' ').collect();
            let (flavors, words) = match words.split_first() {
                Some((&"es", rest)) => (vec![ES], rest),
                Some((&"os", rest)) => (vec![OS], rest),
                _ => (entry.flavor.map_or(vec![ES, OS], |only| vec![only]), &words[..]),
            };
            let (template, methods) = words.split_last().unwrap();
            assert!(!methods.is_empty() && template.starts_with('/'), "{path}");
            let concrete = template.replace(['{', '}'], "");
            for (method, flavor) in
                methods.iter().flat_map(|m| flavors.iter().map(move |f| (m, *f)))
            {
                assert!(Method::parse(method).is_some(), "{path}");
                route(method, &concrete, "", flavor).unwrap_or_else(|e| panic!("{path}: {e:?}"));
            }
        }
    }
}

#[test]
fn literals_win_over_parts() {
    assert_eq!(api("POST", "/_bulk", ES), Api::Bulk);
    assert_eq!(api("PUT", "/movies", ES), Api::IndicesCreate);
    assert_eq!(api("GET", "/movies/_doc/5", ES), Api::Get);
    assert_eq!(api("GET", "/movies/film/_search", ES), Api::Search);
    assert_eq!(api("PUT", "/movies/film/5", ES), Api::Index);
    assert_eq!(api("GET", "/_all/_search", ES), Api::Search);
    assert_eq!(api("HEAD", "/", OS), Api::Ping);
}

#[test]
fn typed_paths_are_elasticsearchs_only() {
    assert_eq!(route("PUT", "/movies/film/5", "", OS).unwrap_err(), RouteError::UnmappedApi);
    assert_eq!(route("GET", "/_license", "", OS).unwrap_err(), RouteError::UnmappedApi);
}

#[test]
fn what_the_table_does_not_know_is_unmapped() {
    for path in [
        "/_plugins/_sql",
        "/_plugins/_foo",
        "/_opendistro",
        "/_xpac",
        "/_foo",
        "/_foo/_search",
        "/x/_foo",
        "/x/_doc/1/y/z/w",
        "/_snapshott",
    ] {
        assert_eq!(route("GET", path, "", ES).unwrap_err(), RouteError::UnmappedApi, "{path}");
    }
}

#[test]
fn a_family_that_is_not_built_is_known_whole() {
    for (path, flavor, name) in [
        ("/_plugins/_ism/policies", OS, "plugins.ism"),
        ("/_plugins/_ism/policies/p/x/y/z", OS, "plugins.ism"),
        ("/_plugins/_sql", OS, "plugins.sql"),
        ("/_opendistro/_ism/policies", ES, "plugins.ism"),
        ("/_opendistro/_sql", OS, "plugins.sql"),
        ("/_dashboards/app/home", OS, "dashboards"),
        ("/_plugin/kibana/", ES, "dashboards"),
        ("/_sql", ES, "xpack.sql"),
        ("/_security/user/joe", ES, "xpack.security"),
        ("/_ilm/policy", ES, "ilm.get_lifecycle"),
        ("/_ilm/migrate_to_data_tiers", ES, "xpack.ilm"),
        ("/x/_eql/search", ES, "xpack.eql"),
    ] {
        let api = api("GET", path, flavor);
        assert_eq!((api.name(), api.built()), (name, false), "{path}");
    }
    assert_eq!(route("GET", "/_sql", "", OS).unwrap_err(), RouteError::UnmappedApi);
}

#[test]
fn a_known_path_with_another_method_names_the_methods() {
    let refusal = route("PATCH", "/_search", "", ES).unwrap_err();
    assert_eq!(refusal, RouteError::MethodNotAllowed { allow: vec![Method::Get, Method::Post] });
    assert!(matches!(route("OPTIONS", "/x", "", ES), Err(RouteError::MethodNotAllowed { .. })));
    assert!(matches!(route("get", "/x", "", ES), Err(RouteError::MethodNotAllowed { .. })));
}

#[test]
fn ids_keep_their_slashes_and_indices_have_none() {
    let found = route("PUT", "/x/_doc/..%2Fy%2F_doc%2F1", "", ES).unwrap();
    assert_eq!((found.part("index"), found.part("id")), (Some("x"), Some("../y/_doc/1")));
    let found = route("PUT", "/x/_doc/a%20b%2F%C3%BC*+:", "", ES).unwrap();
    assert_eq!(found.part("id"), Some("a b/ü*+:"));
    for path in ["/x%2Fy/_search", "/x%2F_search", "/_cat/indices/x%2fy", "/%3Cx%2Fy%3E/_search"] {
        let refusal = route("GET", path, "", ES);
        assert!(
            matches!(refusal, Err(RouteError::BadPath(_)) | Err(RouteError::UnmappedApi)),
            "{path} {refusal:?}"
        );
    }
    let found = route("GET", "/%3Clogs-%7Bnow%2Fd%7D%3E/_search", "", ES).unwrap();
    assert_eq!(found.part("index"), Some("<logs-{now/d}>"));
}

#[test]
fn an_encoded_literal_is_the_literal() {
    let found = route("GET", "/x/%5Fsearch", "a=b", ES).unwrap();
    assert_eq!(
        (found.api, found.path.as_str(), found.query.get("a")),
        (Api::Search, "/x/_search", Some("b"))
    );
}

#[test]
fn a_trailing_slash_is_not_another_path() {
    assert_eq!(route("GET", "/x/_search/", "", ES).unwrap().path, "/x/_search");
}

#[test]
fn apis_that_are_not_built_are_still_known() {
    let later = TABLE.iter().filter(|row| row.handler.is_none()).count();
    assert!(later > 0);
    assert_eq!(Api::Bulk.row().body, BodyKind::Bulk);
}

#[test]
fn a_request_addressed_to_an_index_has_the_path_it_would_have_had() {
    for (method, path, expected) in [
        ("POST", "/_bulk", "/x/_bulk"),
        ("GET", "/a,b*/_search", "/x/_search"),
        ("GET", "/_search", "/x/_search"),
        ("GET", "/a/_doc/1%2F2", "/x/_doc/1/2"),
        ("GET", "/_alias/n", "/x/_alias/n"),
        ("GET", "/_mapping", "/x/_mapping"),
        ("GET", "/a/film/_search", "/x/film/_search"),
        ("DELETE", "/a*", "/x"),
        ("POST", "/_refresh", "/x/_refresh"),
        ("GET", "/_cat/indices", "/_cat/indices/x"),
    ] {
        assert_eq!(route(method, path, "", ES).unwrap().addressed_to("x"), expected, "{path}");
    }
}
