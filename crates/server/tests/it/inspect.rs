//! What the service tells of itself and of its records over the API: searches of the audit, denials grouped, the last hour, settings.

use serde_json::{Value, json};

use crate::audit::root_of;
use crate::client::{Answer, Key};
use crate::service::{Running, scratch};

const DOMAIN: &str = "arn:aws:es:us-east-1:123456789012:domain/dev";
const PATHS: [&str; 4] = ["audit", "audit/denials", "metrics/history", "settings"];

fn ask(running: &Running, key: &Key, target: &str) -> Answer {
    running.control("es").signed(key, "GET", &format!("/_countersign/{target}"), b"")
}

fn told(running: &Running, key: &Key, target: &str) -> Value {
    let answer = ask(running, key, target);
    assert_eq!(answer.status, 200, "{target}: {}", answer.text());
    answer.json()
}

/// The paths of the records of a page.
fn paths(page: &Value) -> Vec<String> {
    let records = page["records"].as_array();
    assert!(records.is_some(), "{page:#}");
    let paths = records.into_iter().flatten().map(|record| record["path"].as_str());
    paths.map(|path| path.unwrap_or("no path").to_owned()).collect()
}

/// Requests whose records are there when this returns.
fn traffic(running: &Running, key: &Key, count: usize) -> Vec<String> {
    let domain = running.domain();
    let made = (0..count).map(|number| {
        let target = format!("/books/_doc/{number}");
        let answer = domain.signed(key, "GET", &target, b"");
        running.record(&answer);
        target
    });
    made.collect()
}

#[test]
fn records_are_found_from_the_newest_back_by_pages_in_memory_and_in_files() {
    let data = scratch("inspect-pages");
    for data in [None, Some(data.clone())] {
        let running = Running::start_on(data);
        let key = running.developer();
        let mut made = traffic(&running, &key, 5);
        made.reverse();
        let search = "audit?index=books&size=2";
        let (mut found, mut target) = (Vec::new(), search.to_owned());
        loop {
            let page = told(&running, &key, &target);
            assert_eq!(page["complete"], true);
            found.extend(paths(&page));
            // What happens between two pages is on none of them.
            traffic(&running, &key, 1);
            let Some(token) = page["nextToken"].as_str() else { break };
            target = format!("{search}&token={token}");
        }
        assert_eq!(found, made);
        running.stop();
    }
    std::fs::remove_dir_all(data).unwrap();
}

#[test]
fn pages_go_on_through_the_files_of_an_earlier_process() {
    let data = scratch("inspect-restart");
    let running = Running::start_on(Some(data.clone()));
    let mut made = traffic(&running, &running.developer(), 3);
    running.stop();
    let running = Running::start_on(Some(data.clone()));
    made.extend(traffic(&running, &running.developer(), 3));
    made.reverse();
    let page = told(&running, &running.developer(), "audit?index=books");
    assert_eq!(paths(&page), made);
    running.stop();
    std::fs::remove_dir_all(data).unwrap();
}

#[test]
fn a_record_is_found_by_each_of_its_sides_with_how_it_was_decided() {
    let running = Running::start();
    let (developer, stranger) = (running.developer(), running.stranger());
    traffic(&running, &developer, 1);
    let denied = running.domain().signed(&stranger, "GET", "/secret/_search", b"");
    assert_eq!(denied.status, 403);
    running.record(&denied);
    for (query, decision) in [
        ("principal=*assumed-role%2Fstranger*&index=secret", "denied"),
        ("decision=denied&action=es%3AESHttpGet", "denied"),
        ("resource=*%2Fsecret%2F_search", "denied"),
        ("index=books&decision=allowed&from=2020-01-01T00:00:00Z", "allowed"),
    ] {
        let page = told(&running, &developer, &format!("audit?{query}"));
        let records = page["records"].as_array().unwrap();
        assert_eq!(records.len(), 1, "{query}: {page:#}");
        assert_eq!(records[0]["decision"], decision);
    }
    for query in ["index=other", "until=2020-01-01T00:00:00Z", "from=2999-01-01T00:00:00Z"] {
        assert_eq!(
            paths(&told(&running, &developer, &format!("audit?{query}"))),
            [""; 0],
            "{query}"
        );
    }
}

#[test]
fn denials_are_grouped_by_caller_action_and_resource_and_the_newest_is_named() {
    let running = Running::start();
    let (developer, stranger) = (running.developer(), running.stranger());
    let denied = |target: &str| {
        let answer = running.domain().signed(&stranger, "GET", target, b"");
        assert_eq!(answer.status, 403);
        running.record(&answer).request_id
    };
    denied("/a/_search");
    let newest = denied("/a/_search");
    denied("/b/_search");
    let told = told(&running, &developer, "audit/denials?index=*");
    assert_eq!(told["denials"], 3, "{told:#}");
    let first = &told["groups"][0];
    assert_eq!(first["principal"], "arn:aws:iam::123456789012:role/stranger", "{told:#}");
    assert_eq!((&first["times"], &first["requestId"]), (&json!(2), &json!(newest)));
    assert_eq!(first["resource"], format!("{DOMAIN}/a/_search"));
    assert_eq!(told["groups"].as_array().unwrap().len(), 2);
}

#[test]
fn the_last_hour_tells_what_was_answered_and_refused_of_the_service_and_of_each_domain() {
    let running = Running::start();
    let developer = running.developer();
    traffic(&running, &developer, 3);
    running.domain().signed(&running.stranger(), "GET", "/a/_search", b"");
    let told = told(&running, &developer, "metrics/history");
    let domain = told["domains"].as_array().unwrap().iter().find(|domain| domain["name"] == "dev");
    let sum = |of: &Value, member: &str| -> u64 {
        let minutes = of["minutes"].as_array().unwrap();
        minutes.iter().filter_map(|minute| minute.pointer(member)?.as_u64()).sum()
    };
    let domain = domain.unwrap();
    assert_eq!((sum(domain, "/requests"), sum(domain, "/refused/policies")), (4, 1), "{domain:#}");
    let service = &told["service"];
    assert!(sum(service, "/requests") > 4, "the control plane's, too: {service:#}");
    let last = service["minutes"].as_array().unwrap().last().unwrap();
    assert!(last["diskBytes"].as_u64() > last["diskBytesAvailable"].as_u64(), "{last:#}");
    assert!(
        last["connections"].as_u64() > Some(0)
            && service["engineMemoryBytesMax"].as_u64() > Some(0)
    );
}

#[test]
fn who_shares_its_state_with_nobody_is_all_gateways() {
    let running = Running::start();
    let developer = running.developer();
    traffic(&running, &developer, 3);
    let history = told(&running, &developer, "metrics/history?of=all");
    assert_eq!(history["gateway"], Value::Null);
    assert!(history["service"]["minutes"][0]["diskBytes"].as_u64() > Some(0), "{history:#}");
    let answer = ask(&running, &developer, "metrics/history?of=gw-1");
    assert_eq!(answer.status, 404, "{}", answer.text());
}

#[test]
fn settings_are_told_with_where_they_come_from() {
    let running = Running::start();
    let told = told(&running, &running.developer(), "settings");
    let settings = told["settings"].as_array().unwrap();
    let of = |name: &str| settings.iter().find(|setting| setting["name"] == name).unwrap();
    assert_eq!(
        (&of("region")["value"], &of("region")["source"]),
        (&json!("\"us-east-1\""), &json!("default"))
    );
    assert_ne!(of("control.listen")["source"], "default");
    assert_eq!(settings.len(), server::SETTINGS_TABLE.len());
}

#[test]
fn who_is_of_another_account_sees_its_own_side_and_nothing_of_the_service() {
    let (running, key) = two_accounts();
    let own = running.developer();
    traffic(&running, &own, 1);
    let page = told(&running, &key, "audit");
    let text = page.to_string();
    assert!(
        !text.contains("/books/_doc") && !text.contains("123456789012:user/developer"),
        "{page:#}"
    );
    let denied = running.domain().signed(&key, "GET", "/secret/_search", b"");
    assert_eq!(denied.status, 403);
    running.record(&denied);
    let page = told(&running, &key, "audit?decision=denied");
    let records = page["records"].as_array().unwrap();
    assert_eq!(records.len(), 1, "{page:#}");
    let considered = records[0]["decisions"][0]["considered"].to_string();
    assert!(!considered.contains("resource"), "the owner's policies are not its: {page:#}");
    // The question of one account is not the other's.
    let token = told(&running, &own, "audit?size=1")["nextToken"].as_str().unwrap().to_owned();
    assert_eq!(ask(&running, &key, &format!("audit?size=1&token={token}")).status, 400);
    let history = told(&running, &key, "metrics/history");
    assert_eq!(history, json!({"gateway": null, "domains": [], "elsewhere": []}));
    assert_eq!(ask(&running, &key, "metrics/history?of=gw-1").status, 403);
    let settings = ask(&running, &key, "settings");
    assert_eq!(settings.status, 403, "{}", settings.text());
    assert!(!settings.text().contains("us-east-1"), "{}", settings.text());
}

fn two_accounts() -> (Running, Key) {
    let running = Running::start_with(None, |options| {
        options.settings.accounts.others = vec!["210987654321".to_owned()];
    });
    let key = root_of(&running, "210987654321");
    (running, key)
}

#[test]
fn each_is_an_action_of_its_own_and_is_on_record() {
    let running = Running::start();
    let stranger = running.stranger();
    let actions = [
        "countersign:QueryAudit",
        "countersign:QueryAudit",
        "countersign:GetMetricsHistory",
        "countersign:GetSettings",
    ];
    for (path, action) in PATHS.into_iter().zip(actions) {
        let denied = ask(&running, &stranger, path);
        assert_eq!(denied.status, 403, "{path}: {}", denied.text());
        assert!(denied.text().contains(action), "{path}: {}", denied.text());
        let target = format!("/_countersign/{path}");
        let unsigned = running.control("es").anonymous("GET", &target, b"");
        assert_eq!(unsigned.status, 403, "{path}: {}", unsigned.text());
        let answer = ask(&running, &running.developer(), path);
        assert_eq!(running.record(&answer).action.as_deref(), Some(action));
        let posted = running.control("es").signed(&running.developer(), "POST", &target, b"");
        assert_eq!(posted.status, 405, "{path}");
    }
}

#[test]
fn a_question_that_is_none_is_told_what_is_wrong_with_it() {
    let running = Running::start();
    for (target, says) in [
        ("audit?who=x", "unknown parameter 'who', expected principal"),
        ("audit?index=a&index=b", "'index' is there twice"),
        ("audit?from=yesterday", "'from' is 'yesterday', expected a time"),
        ("audit?decision=maybe", "'decision' is 'maybe', expected allowed, denied or refused"),
        ("audit?size=0", "'size' is '0', expected a number from 1 to 200"),
        ("audit?token=x", "'token' is none that was given for this question"),
        ("audit?principal=%ff", "'principal' is not UTF-8"),
        ("audit/denials?size=1", "unknown parameter 'size'"),
        ("metrics/history?x=1", "expected no parameter but of=all or of=GATEWAY"),
        ("metrics/history?of=all&of=all", "expected no parameter but of=all"),
        ("settings?x=1", "expected no parameter"),
    ] {
        let answer = ask(&running, &running.developer(), target);
        assert_eq!(answer.status, 400, "{target}: {}", answer.text());
        let message = answer.json()["message"].as_str().unwrap().to_owned();
        assert!(message.contains(says), "{target}: {message}");
    }
}
