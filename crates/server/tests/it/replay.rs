//! `POST /_countersign/replay`: what recorded traffic would read under another policy.

use serde_json::{Value, json};

use crate::client::{Answer, Key};
use crate::service::{Running, scratch};

const ARN: &str = "arn:aws:es:us-east-1:123456789012:domain/dev";

fn replay(running: &Running, key: &Key, body: &Value) -> Answer {
    let control = running.control("es");
    control.signed(key, "POST", "/_countersign/replay", body.to_string().as_bytes())
}

/// A policy that lets read `logs` and nothing else.
fn reads_logs() -> Value {
    json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "es:ESHttp*", "Resource": format!("{ARN}/logs/*")},
        {"Effect": "Allow", "Action": "countersign:*", "Resource": "*"}]})
}

/// Requests whose records are there when this returns: to `logs`, to `staff` twice.
fn traffic(running: &Running, key: &Key) {
    let domain = running.domain();
    for target in ["/logs/_doc/1", "/staff/_doc/1", "/staff/_doc/1"] {
        let answer = domain.signed(key, "PUT", target, b"{}");
        assert!(answer.status < 300, "{}", answer.text());
        running.record(&answer);
    }
}

fn changes(answer: &Answer) -> Vec<(String, String, u64)> {
    let list = answer.json()["changes"].as_array().unwrap().clone();
    let text = |change: &Value, name: &str| change[name].as_str().unwrap().to_owned();
    let told = list.iter().map(|change| {
        (text(change, "becomes"), text(change, "resource"), change["times"].as_u64().unwrap())
    });
    told.collect()
}

#[test]
fn what_would_change_is_told_from_memory_and_from_the_files() {
    let data = scratch("replay");
    for data in [None, Some(data.clone())] {
        let running = Running::start_on(data);
        let key = running.developer();
        traffic(&running, &key);
        let body = json!({"policy": reads_logs(), "principal": "*:user/developer",
            "from": "2020-01-01T00:00:00Z"});
        let answer = replay(&running, &key, &body);
        assert_eq!(answer.status, 200, "{}", answer.text());
        let told = answer.json();
        assert_eq!((&told["replaces"], &told["complete"]), (&"identity".into(), &true.into()));
        let staff: Vec<_> =
            changes(&answer).into_iter().filter(|(_, on, _)| on.contains("/staff")).collect();
        assert_eq!(staff, [("denied".to_owned(), format!("{ARN}/staff/_doc/1"), 2)], "{told}");
        assert!(!changes(&answer).iter().any(|(_, on, _)| on.contains("/logs")), "{told}");
        // The same as text; what was before is not asked about.
        let later = json!({"policy": reads_logs().to_string(), "from": "2999-01-01T00:00:00Z"});
        let answer = replay(&running, &key, &later);
        assert_eq!((answer.status, answer.json()["records"].clone()), (200, 0.into()));
        running.stop();
    }
    std::fs::remove_dir_all(data).unwrap();
}

#[test]
fn a_replay_is_an_action_of_its_own_and_is_on_record() {
    let running = Running::start();
    let stranger = running.stranger();
    let body = json!({"policy": reads_logs()});
    let denied = replay(&running, &stranger, &body);
    assert_eq!(denied.status, 403, "{}", denied.text());
    assert!(denied.text().contains("countersign:ReplayAudit"), "{}", denied.text());
    let unsigned = running.control("es").anonymous("POST", "/_countersign/replay", b"{}");
    assert_eq!(unsigned.status, 403, "{}", unsigned.text());
    let allowed = replay(&running, &running.developer(), &body);
    assert_eq!(allowed.status, 200, "{}", allowed.text());
    let record = running.record(&allowed);
    assert_eq!(record.action.as_deref(), Some("countersign:ReplayAudit"));
    let got =
        running.control("es").signed(&running.developer(), "GET", "/_countersign/replay", b"");
    assert_eq!(got.status, 405);
}

#[test]
fn a_body_that_is_none_is_told_what_is_wrong_with_it() {
    let running = Running::start();
    for (body, says) in [
        (json!([]), "no JSON object"),
        (json!({}), "'policy' is missing"),
        (json!({"policy": {"Statement": 1}}), "policy: "),
        (json!({"policy": reads_logs(), "since": "x"}), "unknown member 'since', expected policy"),
        (json!({"policy": reads_logs(), "from": "yesterday"}), "'from' is \"yesterday\", expected"),
    ] {
        let answer = replay(&running, &running.developer(), &body);
        assert_eq!(answer.status, 400, "{body}");
        let message = answer.json()["message"].as_str().unwrap().to_owned();
        assert!(message.contains(says), "{body}: {message}");
    }
}
