//! Logs that domains publish to files.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::{Value, json};

use crate::client::Answer;
use crate::service::Running;

const GROUP: &str = "arn:aws:logs:us-east-1:123456789012:log-group:/books/slow";

/// A service whose operator keeps this log group in `slow.log` of the folder.
fn running(name: &str) -> (Running, PathBuf) {
    let folder =
        std::env::temp_dir().join(format!("countersign-logs-{name}-{}", std::process::id()));
    let _ = fs::remove_dir_all(&folder);
    let running = Running::start_with(None, |options| {
        options.settings.logs.folder = Some(folder.clone());
        options.settings.logs.groups.insert(GROUP.to_owned(), "slow.log".to_owned());
    });
    (running, folder)
}

/// What is in the log group's file once everything is written.
fn written(running: &Running, folder: &Path) -> String {
    running.service().state().logs.settle(Duration::from_secs(30));
    fs::read_to_string(folder.join("slow.log")).unwrap()
}

fn publish(running: &Running, options: &Value) -> Answer {
    let body = json!({"LogPublishingOptions": options}).to_string();
    let target = "/2021-01-01/opensearch/domain/dev/config";
    running.control("es").signed(&running.developer(), "POST", target, body.as_bytes())
}

fn ask(running: &Running, method: &str, target: &str, body: &str) -> Answer {
    running.domain().signed(&running.developer(), method, target, body.as_bytes())
}

#[test]
fn slow_searches_and_writes_are_lines_of_the_file_that_stands_for_their_log_group() {
    let (running, folder) = running("slow");
    let thresholds = json!({"settings": {"index": {
        "search.slowlog.threshold.query.warn": "0ms",
        "indexing.slowlog.threshold.index.info": "0ms",
    }}});
    assert_eq!(ask(&running, "PUT", "/books", &thresholds.to_string()).status, 200);
    // Nothing is published that is not asked for.
    assert_eq!(ask(&running, "PUT", "/books/_doc/1", r#"{"a":1}"#).status, 201);
    assert!(!folder.exists());
    let answer = publish(
        &running,
        &json!({"SEARCH_SLOW_LOGS": {"CloudWatchLogsLogGroupArn": format!("{GROUP}:*"), "Enabled": true}}),
    );
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(ask(&running, "PUT", "/books/_doc/2", r#"{"a":2}"#).status, 201);
    assert_eq!(ask(&running, "GET", "/books/_search", "").status, 200);
    let read = || written(&running, &folder);
    let lines = read();
    assert_eq!(lines.lines().count(), 1, "{lines}");
    assert!(
        lines.contains("][WARN ][i.s.s.query              ] [countersign] [books][0] took["),
        "{lines}"
    );
    let both = json!({"INDEX_SLOW_LOGS": {"CloudWatchLogsLogGroupArn": GROUP}});
    assert_eq!(publish(&running, &both).status, 200);
    assert_eq!(ask(&running, "PUT", "/books/_doc/3", r#"{"a":3}"#).status, 201);
    assert!(
        read().contains("][INFO ][i.i.s.index              ] [countersign] [books/"),
        "{}",
        read()
    );
    // What is switched off is written no more.
    let off = json!({"SEARCH_SLOW_LOGS": {"CloudWatchLogsLogGroupArn": GROUP, "Enabled": false},
        "INDEX_SLOW_LOGS": {"CloudWatchLogsLogGroupArn": GROUP, "Enabled": false}});
    assert_eq!(publish(&running, &off).status, 200);
    let before = read();
    ask(&running, "GET", "/books/_search", "");
    assert_eq!(read(), before);
    fs::remove_dir_all(folder).unwrap();
}

#[test]
fn requests_are_lines_of_the_audit_log_and_failed_ones_of_the_application_log_without_secrets() {
    let (running, folder) = running("audit");
    let group = json!({"CloudWatchLogsLogGroupArn": GROUP, "Enabled": true});
    let options = json!({"AUDIT_LOGS": group, "ES_APPLICATION_LOGS": group});
    assert_eq!(publish(&running, &options).status, 200);
    let developer = running.developer();
    let answer = ask(&running, "GET", "/_cat/indices?v=true", "");
    assert_eq!(answer.status, 200);
    assert_eq!(running.domain().anonymous("GET", "/_cat/indices", b"").status, 403);
    let forged = crate::client::Key { secret: sigv4::SecretKey::new("x"), ..developer };
    assert_eq!(running.domain().signed(&forged, "GET", "/", b"").status, 403);
    assert_eq!(ask(&running, "GET", "/_sql?format=json", "").status, 501);
    let text = written(&running, &folder);
    let audit: Vec<Value> =
        text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    let told: Vec<(&str, u64)> = audit
        .iter()
        .map(|line| {
            (
                line["audit_category"].as_str().unwrap(),
                line["audit_rest_request_status"].as_u64().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            ("GRANTED_PRIVILEGES", 200),
            ("MISSING_PRIVILEGES", 403),
            ("FAILED_LOGIN", 403),
            ("GRANTED_PRIVILEGES", 501),
        ],
        "{text}"
    );
    assert_eq!(audit[0]["audit_request_id"], answer.request_id());
    assert_eq!(
        audit[0]["audit_request_effective_user"],
        "arn:aws:iam::123456789012:user/developer"
    );
    assert_eq!(audit[0]["audit_cluster_name"], "123456789012:dev");
    let failures: Vec<&str> = text.lines().filter(|line| line.contains("r.suppressed")).collect();
    assert_eq!(failures.len(), 1, "{text}");
    assert!(failures[0].contains("path: /_sql, params: {format=json}, method: GET, status: 501"));
    assert!(!text.contains("Signature="), "{text}");
    fs::remove_dir_all(folder).unwrap();
}

#[test]
fn what_strangers_send_pushes_nothing_out_of_the_audit_log() {
    let (running, folder) = running("strangers");
    let group = json!({"CloudWatchLogsLogGroupArn": GROUP, "Enabled": true});
    assert_eq!(publish(&running, &json!({ "AUDIT_LOGS": group })).status, 200);
    let most = server::for_tests::limits::AUDIT_UNPROVEN_RECORDS_MAX;
    for _ in 0..most + 20 {
        assert_eq!(running.domain().anonymous("GET", "/", b"").status, 403);
    }
    assert_eq!(ask(&running, "GET", "/", "").status, 200);
    let text = written(&running, &folder);
    assert_eq!(text.lines().count(), most + 1);
    fs::remove_dir_all(folder).unwrap();
}

#[test]
fn a_log_group_of_another_account_is_not_there() {
    let other = "arn:aws:logs:us-east-1:999988887777:log-group:/books/slow";
    let running = Running::start_with(None, |options| {
        options.settings.logs.folder = Some(std::env::temp_dir());
        options.settings.logs.groups.insert(other.to_owned(), "slow.log".to_owned());
    });
    let group = json!({"CloudWatchLogsLogGroupArn": other, "Enabled": true});
    assert_eq!(publish(&running, &json!({ "AUDIT_LOGS": group })).status, 400);
}

#[test]
fn a_log_group_that_no_file_stands_for_is_refused_in_amazons_words() {
    let (running, folder) = running("refused");
    let other = "arn:aws:logs:us-east-1:123456789012:log-group:/other/logs";
    let answer = publish(
        &running,
        &json!({"ES_APPLICATION_LOGS": {"CloudWatchLogsLogGroupArn": other, "Enabled": true}}),
    );
    assert_eq!(answer.status, 400);
    let text = answer.text();
    assert!(text.contains("The Resource Access Policy specified for the CloudWatch Logs log group /other/logs does not grant sufficient permissions for Amazon OpenSearch Service to create a log stream. Please check the Resource Access Policy."), "{text}");
    let record = running.record(&answer);
    let why = "the setting logs.groups names no file for arn:aws:logs:us-east-1:123456789012:log-group:/other/logs";
    assert_eq!(record.reason.as_deref(), Some(why));
    // It may be named as long as nothing is published to it.
    let off =
        json!({"ES_APPLICATION_LOGS": {"CloudWatchLogsLogGroupArn": other, "Enabled": false}});
    assert_eq!(publish(&running, &off).status, 200);
    assert!(!folder.exists());
}
