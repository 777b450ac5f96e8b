//! The way of audit records to the collector, as log records of OTLP (decision 0193): a few hundred at a time.

use std::sync::Arc;
use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};

use super::collector::{Collector, PAUSES};
use super::otlp::{resource, scope, text};
use crate::audit::RecordQueue;
use crate::guards::limits;
use crate::settings::Settings;

/// Where log records are taken.
const PATH: &str = "/v1/logs";

/// How long records are gathered.
const GATHER_TIME: Duration = Duration::from_secs(1);

/// `SeverityNumber`, and how it reads.
const INFO: (u8, &str) = (9, "INFO");
const WARN: (u8, &str) = (13, "WARN");
const ERROR: (u8, &str) = (17, "ERROR");

/// Sends audit records.
pub(crate) struct AuditLogs {
    collector: Collector,
    queue: Arc<RecordQueue>,
    /// Held by who sends: in order, and once.
    turn: tokio::sync::Mutex<()>,
}

/// What a log record has of an audit record beside its text.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Told<'l> {
    time: Option<jiff::Timestamp>,
    #[serde(borrow)]
    request_id: std::borrow::Cow<'l, str>,
    #[serde(borrow)]
    listener: std::borrow::Cow<'l, str>,
    status: u16,
    #[serde(default, borrow)]
    refusal: Option<std::borrow::Cow<'l, str>>,
}

/// Whether the settings that records go to a collector by fit each other.
///
/// # Errors
/// In words: what is missing.
pub(crate) fn check_logs(settings: &Settings) -> Result<(), String> {
    match settings.audit.otlp && settings.traces.endpoint.is_none() {
        true => Err("traces.endpoint names no collector".to_owned()),
        false => Ok(()),
    }
}

impl AuditLogs {
    /// To the collector of the settings, what waits in `queue`.
    ///
    /// # Errors
    /// In words: what of the settings cannot be used.
    pub(crate) fn open(settings: &Settings, queue: Arc<RecordQueue>) -> Result<Self, String> {
        check_logs(settings)?;
        let collector = Collector::of(&settings.traces, PATH)?.ok_or("no collector")?;
        Ok(Self { collector, queue, turn: tokio::sync::Mutex::default() })
    }

    /// Sends what comes, until the service ends.
    pub(crate) async fn run(self: Arc<Self>, ended: impl Future<Output = ()>) {
        tokio::pin!(ended);
        loop {
            tokio::select! {
                () = ended.as_mut() => return,
                () = tokio::time::sleep(GATHER_TIME) => {}
            }
            self.send(&PAUSES).await;
        }
    }

    /// Sends what waits now, at most as long as `patience`.
    pub(crate) async fn settle(&self, patience: Duration) {
        let _ = tokio::time::timeout(patience, self.send(&[])).await;
    }

    async fn send(&self, pauses: &[Duration]) {
        let _turn = self.turn.lock().await;
        loop {
            let lines = self.queue.take(limits::AUDIT_SINK_AT_ONCE_MAX);
            if lines.is_empty() {
                return;
            }
            let fault = self.collector.send(body(&lines), pauses).await;
            let count = lines.len();
            let (written, failed) = if fault.is_none() { (count, 0) } else { (0, count) };
            self.queue.done(written, failed, fault);
        }
    }
}

/// The body of a request to a collector.
fn body(lines: &[Box<[u8]>]) -> String {
    let records: Vec<Value> = lines.iter().filter_map(|line| record(line)).collect();
    let request = json!({"resourceLogs": [{
        "resource": resource(),
        "scopeLogs": [{"scope": scope(), "logRecords": records}],
    }]});
    request.to_string()
}

/// One record: the line itself is its body.
fn record(line: &[u8]) -> Option<Value> {
    let line = std::str::from_utf8(line).ok()?.trim_end();
    let told: Told<'_> = serde_json::from_str(line).ok()?;
    let time = told.time.unwrap_or_default().as_nanosecond().to_string();
    let (number, name) = match (told.status, &told.refusal) {
        (500.., _) => ERROR,
        (_, Some(_)) => WARN,
        (_, None) => INFO,
    };
    Some(json!({
        "timeUnixNano": time,
        "observedTimeUnixNano": time,
        "severityNumber": number,
        "severityText": name,
        "eventName": "countersign.audit",
        "body": {"stringValue": line},
        "attributes": [
            text("countersign.request_id", &told.request_id),
            text("countersign.listener", &told.listener),
        ],
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refused_request_is_a_warning_and_one_that_failed_an_error() {
        let severity = |rest: &str| {
            let line = format!(
                "{{\"time\":\"2026-11-30T09:18:40.9Z\",\"requestId\":\"i\",\"listener\":\"control\"{rest}}}\n"
            );
            let record = record(line.as_bytes()).unwrap();
            assert_eq!(record["body"]["stringValue"], line.trim_end());
            assert_eq!(record["timeUnixNano"], "1796030320900000000");
            record["severityText"].as_str().unwrap().to_owned()
        };
        assert_eq!(severity(",\"status\":200"), "INFO");
        assert_eq!(severity(",\"status\":403,\"refusal\":\"den\\\"ied\""), "WARN");
        assert_eq!(severity(",\"status\":500,\"refusal\":\"panic\""), "ERROR");
    }
}
