//! What is authorized by a path is what is executed: typed paths, families of parameters, APIs that are known and not
//! built, against a running service.

use serde_json::json;

use crate::client::Key;
use crate::service::Running;

/// A session of role `searcher`, who may only `POST …/_search` of any depth.
fn searcher(running: &Running) -> Key {
    let trust = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"123456789012"},"Action":"sts:AssumeRole"}]}"#;
    let create =
        [("Action", "CreateRole"), ("RoleName", "searcher"), ("AssumeRolePolicyDocument", trust)];
    running.call("iam", &create);
    let policy = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "es:ESHttpPost",
        "Resource": "arn:aws:es:us-east-1:123456789012:domain/dev/*/_search"}]});
    let put = [
        ("Action", "PutRolePolicy"),
        ("RoleName", "searcher"),
        ("PolicyName", "search"),
        ("PolicyDocument", &policy.to_string()),
    ];
    running.call("iam", &put);
    running.assume("searcher")
}

#[test]
fn d37_who_may_only_search_writes_nothing_through_a_typed_path() {
    let running = Running::start();
    let (domain, developer, searcher) = (running.domain(), running.developer(), searcher(&running));
    let query = br#"{"query":{"match_all":{}}}"#;
    let missing = domain.signed(&searcher, "POST", "/new/_doc/_search", query);
    assert_eq!(missing.status, 404, "{}", missing.text());
    domain.signed(&developer, "PUT", "/m/_doc/1?refresh=true", br#"{"a":1}"#);
    let found = domain.signed(&searcher, "POST", "/m/_doc/_search", query);
    assert_eq!(found.json()["hits"]["total"]["value"], 1, "{}", found.text());
    let written = domain.signed(&searcher, "PUT", "/m/_doc/_search", query);
    assert_eq!(written.status, 403);
    let indices = domain.signed(&developer, "GET", "/_cat/indices?h=index,docs.count", b"");
    assert_eq!(indices.text(), "m 1\n");
}

#[test]
fn d37_a_typed_search_asks_for_its_own_path() {
    let running = Running::start();
    let (domain, developer) = (running.domain(), running.developer());
    domain.signed(&developer, "PUT", "/m/_doc/1?refresh=true", br#"{"a":1}"#);
    let answer = domain.signed(&developer, "POST", "/m/_doc/_search", b"{}");
    let record = running.record(&answer);
    assert_eq!(record.action.as_deref(), Some("es:ESHttpPost"));
    let resources = format!("{:?}", record.resources);
    assert!(resources.contains("domain/dev/m/_doc/_search"), "{resources}");
}

#[test]
fn d29_what_is_known_and_not_built_is_authorized_first_and_then_501() {
    let running = Running::start();
    let (domain, developer, searcher) = (running.domain(), running.developer(), searcher(&running));
    for path in ["/_opendistro/_ism/policies", "/_opendistro/_sql", "/_plugin/kibana", "/_sql"] {
        let answer = domain.signed(&developer, "GET", path, b"");
        assert_eq!(answer.status, 501, "{path}: {}", answer.text());
        assert_eq!(domain.signed(&searcher, "GET", path, b"").status, 403, "{path}");
        assert_eq!(domain.anonymous("GET", path, b"").status, 403, "{path}");
    }
}

#[test]
fn d29_an_unknown_path_reads_as_no_missing_permission() {
    let running = Running::start();
    let (domain, developer) = (running.domain(), running.developer());
    for path in ["/_nosuch", "/m/_nosuch", "/_plugins/_nosuch"] {
        let answer = domain.signed(&developer, "GET", path, b"");
        let reason = format!(
            "unmapped-api: no API is known here at [GET] [{path}]; no policy can allow it, and no permission is missing"
        );
        assert_eq!((answer.status, &answer.json()["error"]["reason"]), (403, &json!(reason)));
    }
}

#[test]
fn d30_an_empty_registry_is_read_by_who_may_read_its_path() {
    let running = Running::start();
    let (domain, developer, searcher) = (running.domain(), running.developer(), searcher(&running));
    for path in ["/_template", "/_snapshot", "/_tasks", "/_cat/templates"] {
        assert_eq!(domain.signed(&developer, "GET", path, b"").status, 200, "{path}");
        assert_eq!(domain.signed(&searcher, "GET", path, b"").status, 403, "{path}");
    }
    assert_eq!(domain.signed(&developer, "GET", "/_template/x", b"").status, 404);
}
