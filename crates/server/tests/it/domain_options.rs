//! Options of a domain that change what its data plane answers, and names that are refused.

use serde_json::{Value, json};

use crate::client::Answer;
use crate::elsewhere::two_domains;
use crate::service::Running;

/// Sets the advanced options of `domain`.
fn set(running: &Running, domain: &str, options: &Value) -> Answer {
    let body = json!({ "AdvancedOptions": options }).to_string();
    let target = format!("/2021-01-01/opensearch/domain/{domain}/config");
    running.control("es").signed(&running.developer(), "POST", &target, body.as_bytes())
}

#[test]
fn an_opensearch_domain_says_that_it_is_7_10_2_while_its_option_says_so() {
    let (running, other) = two_domains();
    let number = || {
        let answer = other.signed(&running.developer(), "GET", "/", b"").json();
        assert_eq!(answer["version"]["distribution"], "opensearch");
        answer["version"]["number"].clone()
    };
    assert_eq!(number(), "2.19.1");
    for (value, said) in [("true", "7.10.2"), ("false", "2.19.1"), ("true", "7.10.2")] {
        let options = json!({ "override_main_response_version": value });
        assert_eq!(set(&running, "other", &options).status, 200);
        assert_eq!(number(), said);
    }
    assert_eq!(set(&running, "other", &json!({})).status, 200);
    assert_eq!(number(), "2.19.1", "the map is set as a whole");
}

#[test]
fn an_option_that_there_is_not_is_a_validation_exception_and_changes_nothing() {
    let running = Running::start();
    for (name, says) in [
        (
            "indices.query.bool.clauses",
            "Unrecognized advanced option 'indices.query.bool.clauses' passed",
        ),
        ("override_main_response_version", "Unrecognized advanced option"),
        ("indices.fielddata.cache.size", "there is no field data cache"),
        ("indices.query.bool.max_clause_count", "must be 1024"),
    ] {
        let options = json!({ name: "40", "countersign.authorization": "aws" });
        let answer = set(&running, "dev", &options);
        assert_eq!(answer.status, 400, "{name}");
        assert_eq!(answer.header("x-amzn-errortype"), Some("ValidationException"), "{name}");
        let message = answer.json()["message"].as_str().unwrap_or_default().to_owned();
        assert!(message.contains(says), "{name}: {message}");
    }
    let described = running.control("es").signed(
        &running.developer(),
        "GET",
        "/2021-01-01/opensearch/domain/dev",
        b"",
    );
    let options = &described.json()["DomainStatus"]["AdvancedOptions"];
    assert_eq!(options, &json!({ "rest.action.multi.allow_explicit_index": "true" }));
}

#[test]
fn an_upgraded_domain_behaves_like_its_new_version_when_the_reply_is_read() {
    let running = Running::start();
    let version = || {
        let answer = running.domain().signed(&running.developer(), "GET", "/", b"");
        answer.json()["version"].clone()
    };
    assert_eq!(version()["number"], "7.10.2");
    let indexed =
        running.domain().signed(&running.developer(), "PUT", "/books/_doc/1", b"{\"a\":1}");
    assert_eq!(indexed.status, 201);
    let body = json!({"DomainName": "dev", "TargetVersion": "OpenSearch_1.3"}).to_string();
    let upgraded = running.control("es").signed(
        &running.developer(),
        "POST",
        "/2021-01-01/opensearch/upgradeDomain",
        body.as_bytes(),
    );
    assert_eq!(upgraded.status, 200, "{}", upgraded.json());
    assert_eq!(version()["distribution"], "opensearch");
    let found = running.domain().signed(&running.developer(), "GET", "/books/_doc/1", b"");
    assert_eq!(found.json()["_source"]["a"], 1, "the indices stay as they are");
}
