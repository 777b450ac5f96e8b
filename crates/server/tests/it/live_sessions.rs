//! `/_countersign/sessions`: the live sessions of a role or user, told and ended before their time.

use serde_json::json;

use crate::client::{Answer, Key};
use crate::service::Running;

const PATH: &str = "/_countersign/sessions";

fn ask(running: &Running, key: &Key, method: &str, rest: &str) -> Answer {
    running.control("es").signed(key, method, &format!("{PATH}{rest}"), b"")
}

#[test]
fn the_sessions_of_a_role_are_told_without_a_secret() {
    let running = Running::start();
    let session = running.assume("search-app");
    let answer = ask(&running, &running.developer(), "GET", "?role=search-app");
    assert_eq!(answer.status, 200, "{}", answer.text());
    let told = answer.json();
    assert_eq!(told["holder"], "arn:aws:iam::123456789012:role/search-app");
    let mine =
        told["sessions"].as_array().unwrap().iter().find(|it| it["accessKeyId"] == *session.id);
    let mine = mine.unwrap_or_else(|| panic!("{told}"));
    assert!(mine["arn"].as_str().unwrap().contains(":assumed-role/search-app/"), "{told}");
    assert_eq!(told["leftOut"], json!(0));
    assert!(!answer.text().contains(session.secret.expose()), "{told}");
    let record = running.record(&answer);
    assert_eq!(record.action.as_deref(), Some("countersign:ListSessions"));
    assert_eq!(record.query, "role=search-app");
}

#[test]
fn a_session_that_was_revoked_gets_nobody_in_and_the_others_live_on() {
    let running = Running::start();
    let (one, other) = (running.assume("search-app"), running.assume("search-app"));
    let search = |key: &Key| running.domain().signed(key, "GET", "/_cluster/health", b"").status;
    assert_eq!([search(&one), search(&other)], [200, 200]);
    let answer = ask(&running, &running.developer(), "DELETE", &format!("/{}", one.id));
    assert_eq!((answer.status, answer.json()), (200, json!({"revoked": 1, "leftOut": 0})));
    assert_eq!([search(&one), search(&other)], [403, 200]);
    let again = ask(&running, &running.developer(), "DELETE", &format!("/{}", one.id));
    assert_eq!(again.status, 404, "{}", again.text());
    let answer = ask(&running, &running.developer(), "DELETE", "?role=search-app");
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert!(answer.json()["revoked"].as_u64().unwrap() >= 1);
    assert_eq!(search(&other), 403);
    assert_eq!(search(&running.assume("search-app")), 200, "a new session is not one of those");
}

#[test]
fn who_may_not_reads_neither_the_sessions_nor_whether_there_are_any() {
    let running = Running::start();
    let (stranger, session) = (running.stranger(), running.assume("search-app"));
    for (method, rest) in [
        ("GET", "?role=search-app".to_owned()),
        ("GET", "?role=nobody".to_owned()),
        ("DELETE", "?user=developer".to_owned()),
        ("DELETE", format!("/{}", session.id)),
        ("DELETE", "/ASIANOBODY".to_owned()),
    ] {
        let denied = ask(&running, &stranger, method, &rest);
        assert_eq!(denied.status, 403, "{method} {rest}: {}", denied.text());
        assert!(denied.text().contains("countersign:"), "{}", denied.text());
        for holder in ["role/search-app", "user/developer"] {
            assert!(!denied.text().contains(holder), "{method} {rest}: {}", denied.text());
        }
    }
    let unsigned = running.control("es").anonymous("GET", &format!("{PATH}?role=search-app"), b"");
    assert_eq!(unsigned.status, 403);
    assert_eq!(running.domain().signed(&session, "GET", "/_cluster/health", b"").status, 200);
}

#[test]
fn what_names_no_sessions_is_told_what_does() {
    let running = Running::start();
    let developer = running.developer();
    for (method, rest, status) in [
        ("GET", "", 400),
        ("GET", "/", 400),
        ("GET", "?role=a&user=b", 400),
        ("PUT", "?role=a", 405),
        ("GET", "?role=nobody", 404),
        ("GET", "?user=nobody", 404),
    ] {
        let answer = ask(&running, &developer, method, rest);
        assert_eq!(answer.status, status, "{method} {rest}: {}", answer.text());
    }
    let own = ask(&running, &developer, "GET", "?user=developer");
    assert_eq!((own.status, own.json()["sessions"].clone()), (200, json!([])));
}
