//! `rest.action.multi.allow_explicit_index: "false"`: a promise of protection that is kept in both modes.

use serde_json::json;

use crate::service::Running;

/// Sets advanced options of domain `dev`; the status.
fn set(running: &Running, options: &serde_json::Value) -> u16 {
    let body = json!({ "AdvancedOptions": options }).to_string();
    let target = "/2021-01-01/opensearch/domain/dev/config";
    let control = running.control("es");
    control.signed(&running.developer(), "POST", target, body.as_bytes()).status
}

#[test]
fn no_body_names_an_index_where_the_domain_forbids_it() {
    let running = Running::start();
    let (domain, key) = (running.domain(), running.developer());
    for mode in ["strict", "aws"] {
        let options = json!({ "countersign.authorization": mode,
            "rest.action.multi.allow_explicit_index": "false" });
        assert_eq!(set(&running, &options), 200);
        let named = "{\"index\":{\"_index\":\"js1\"}}\n{\"a\":1}\n";
        let (mget, msearch) =
            (r#"{"docs":[{"_index":"js1","_id":"1"}]}"#, "{\"index\":\"js1\"}\n{}\n");
        for (target, body, what) in [
            ("/js2/_bulk", named, "bulk"),
            ("/js1/_bulk", named, "bulk"),
            ("/_bulk", named, "bulk"),
            ("/js2/_mget", mget, "multi get"),
            ("/_mget", mget, "multi get"),
            ("/js2/_msearch", msearch, "multi search"),
        ] {
            let answer = domain.signed(&key, "POST", target, body.as_bytes());
            assert_eq!(answer.status, 400, "{mode} {target}: {}", answer.text());
            let error = &answer.json()["error"];
            assert_eq!(error["type"], "illegal_argument_exception");
            assert_eq!(error["reason"], format!("explicit index in {what} is not allowed"));
        }
        assert_eq!(domain.signed(&key, "HEAD", "/js1", b"").status, 404, "{mode}: nothing written");
        let own = "{\"index\":{\"_id\":\"1\"}}\n{\"a\":1}\n";
        let answer = domain.signed(&key, "POST", "/js2/_bulk", own.as_bytes());
        assert_eq!((answer.status, &answer.json()["errors"]), (200, &json!(false)));
        let answer = domain.signed(&key, "POST", "/js2/_mget", br#"{"ids":["1"]}"#);
        assert_eq!(answer.json()["docs"][0]["found"], true);
    }
    let allowed = json!({ "rest.action.multi.allow_explicit_index": "true" });
    assert_eq!(set(&running, &allowed), 200);
    let named = "{\"index\":{\"_index\":\"js1\"}}\n{\"a\":1}\n";
    let answer = domain.signed(&key, "POST", "/js2/_bulk", named.as_bytes());
    assert_eq!(answer.json()["errors"], false);
    assert_eq!(set(&running, &json!({ "rest.action.multi.allow_explicit_index": "maybe" })), 400);
}
