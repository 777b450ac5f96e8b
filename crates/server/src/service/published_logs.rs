//! Logs that domains publish (`LogPublishingOptions`): a log group of CloudWatch's is a file in the operator's folder.
//!
//! One thread writes; whoever has a line leaves it in a queue and goes on, so that a disk that answers late delays no request.
//! The queue is bounded: lines that do not fit are dropped, counted, and told by a line of their file.
//!
//! A file is bounded: at half of `logs.keep_bytes` it is renamed to `NAME.1`, in the place of the one before it. Lines of the slow
//! logs hold searches and documents, those of the others what the audit holds of a request: no signature, no token.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, Once, PoisonError};
use std::time::Duration;

use arc_swap::ArcSwap;
use control::Directory;
use serde_json::json;

use crate::audit::{AuditRecord, Sampler};
use crate::guards::limits::PUBLISHED_LOG_BYTES_WAITING_MAX;
use crate::service::private_file;
use crate::settings::LogSettings;
use crate::transport::listener::DomainKey;

/// A kind of log, as `LogPublishingOptions` names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LogKind {
    /// Searches over their index's threshold.
    SearchSlow,
    /// Writes over their index's threshold.
    IndexSlow,
    /// Requests that failed here.
    Application,
    /// Every request; of callers who proved nothing, as many of one address as the service's own audit writes.
    Audit,
}

/// Where the lines of all domains go.
pub struct PublishedLogs {
    strangers: Mutex<Sampler>,
    shared: Arc<LogWriter>,
    /// Begins with the first line: most services publish nothing.
    thread: Once,
}

/// What the thread that writes shares with those who have lines.
struct LogWriter {
    chosen: ArcSwap<LogSettings>,
    waiting: Mutex<WaitingLines>,
    /// Rings when there is something to write, and when all is written.
    changed: Condvar,
    failures: AtomicU64,
    dropped: AtomicU64,
}

#[derive(Default)]
struct WaitingLines {
    lines: Vec<(PathBuf, String)>,
    bytes: usize,
    /// Lines that did not fit, by their file.
    dropped: BTreeMap<PathBuf, u64>,
    /// Files are to be opened by their names again.
    reopen: bool,
    /// The thread has lines that are not in their files yet.
    writing: bool,
    ended: bool,
}

/// A file that is written to.
struct OpenLog {
    file: File,
    bytes: u64,
}

impl LogKind {
    fn name(self) -> &'static str {
        match self {
            Self::SearchSlow => "SEARCH_SLOW_LOGS",
            Self::IndexSlow => "INDEX_SLOW_LOGS",
            Self::Application => "ES_APPLICATION_LOGS",
            Self::Audit => "AUDIT_LOGS",
        }
    }
}

impl PublishedLogs {
    /// Writes where `chosen` says.
    pub(crate) fn new(chosen: LogSettings) -> Self {
        let shared = LogWriter {
            chosen: ArcSwap::from_pointee(chosen),
            waiting: Mutex::default(),
            changed: Condvar::new(),
            failures: AtomicU64::new(0),
            dropped: AtomicU64::new(0),
        };
        Self { strangers: Mutex::default(), shared: Arc::new(shared), thread: Once::new() }
    }

    /// Writes where `chosen` says from now on.
    pub(crate) fn choose(&self, chosen: LogSettings) {
        self.shared.chosen.store(Arc::new(chosen));
        // Files that are written to no more are let go.
        self.shared.waiting().reopen = true;
    }

    /// Publishes a line of a domain's log, if the domain publishes that. It is in its file soon.
    pub(crate) fn publish(
        &self,
        directory: &Directory,
        domain: &DomainKey,
        kind: LogKind,
        line: &str,
    ) {
        if let Some(path) = self.file(directory, domain, kind) {
            self.push(path, line.to_owned());
        }
    }

    fn push(&self, path: PathBuf, line: String) {
        let mut waiting = self.shared.waiting();
        if waiting.bytes + line.len() > PUBLISHED_LOG_BYTES_WAITING_MAX {
            *waiting.dropped.entry(path).or_default() += 1;
            drop(waiting);
            self.shared.dropped.fetch_add(1, Ordering::Relaxed);
            return;
        }
        waiting.bytes += line.len();
        waiting.lines.push((path, line));
        drop(waiting);
        self.shared.changed.notify_all();
        self.thread.call_once(|| {
            let shared = Arc::clone(&self.shared);
            let thread = std::thread::Builder::new().name("published-logs".to_owned());
            if let Err(error) = thread.spawn(move || shared.run()) {
                tracing::error!(%error, "no thread writes the logs that domains publish");
            }
        });
    }

    /// Waits until everything that was published is in its file, or `patience` is over.
    pub fn settle(&self, patience: Duration) {
        let busy = |waiting: &mut WaitingLines| waiting.writing || !waiting.lines.is_empty();
        drop(self.shared.changed.wait_timeout_while(self.shared.waiting(), patience, busy));
    }

    /// Writes what there is to be said of a request to a domain that was answered.
    pub(crate) fn answered(&self, directory: &Directory, domain: &DomainKey, record: &AuditRecord) {
        // Mostly nobody publishes anything.
        if self.shared.chosen.load().groups.is_empty() {
            return;
        }
        if self.file(directory, domain, LogKind::Audit).is_some() && self.is_written(record) {
            self.publish(directory, domain, LogKind::Audit, &audit_line(domain, record));
        }
        if record.status >= 500 {
            self.publish(directory, domain, LogKind::Application, &failure_line(record));
        }
    }

    /// Whether a request is a line. Whoever can reach a listener could push out of the file what there is to be read; how many
    /// were left out is in the service's own audit.
    fn is_written(&self, record: &AuditRecord) -> bool {
        if !record.is_unproven() {
            return true;
        }
        let mut strangers = self.strangers.lock().unwrap_or_else(PoisonError::into_inner);
        drop(strangers.over(record.time));
        strangers.take(record)
    }

    /// The file that a domain's log goes to.
    fn file(&self, directory: &Directory, key: &DomainKey, kind: LogKind) -> Option<PathBuf> {
        let chosen = self.shared.chosen.load();
        if chosen.groups.is_empty() {
            return None;
        }
        let domain = directory.domain(&key.account, &key.region, &key.name)?;
        let group = domain.published_log(kind.name())?;
        Some(chosen.folder.as_ref()?.join(chosen.groups.get(group)?))
    }

    /// What `/metrics` says.
    pub(crate) fn metrics(&self) -> String {
        let rows = [
            (
                "failures",
                "Lines of published logs that could not be written.",
                &self.shared.failures,
            ),
            (
                "dropped",
                "Lines of published logs that came faster than they could be written.",
                &self.shared.dropped,
            ),
        ];
        let row = |(name, help, count): (&str, &str, &AtomicU64)| {
            let (name, count) =
                (format!("countersign_log_{name}_total"), count.load(Ordering::Relaxed));
            format!("# HELP {name} {help}\n# TYPE {name} counter\n{name} {count}\n")
        };
        rows.map(row).concat()
    }
}

impl Drop for PublishedLogs {
    fn drop(&mut self) {
        self.shared.waiting().ended = true;
        self.shared.changed.notify_all();
    }
}

impl LogWriter {
    fn waiting(&self) -> MutexGuard<'_, WaitingLines> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes what comes, until nobody can publish any more and all of it is written.
    fn run(&self) {
        let mut files = BTreeMap::new();
        loop {
            let mut waiting = self.waiting();
            waiting.writing = false;
            self.changed.notify_all();
            let idle = |waiting: &mut WaitingLines| {
                waiting.lines.is_empty() && waiting.dropped.is_empty() && !waiting.ended
            };
            let waited = self.changed.wait_while(waiting, idle);
            waiting = waited.unwrap_or_else(PoisonError::into_inner);
            let (lines, dropped) =
                (std::mem::take(&mut waiting.lines), std::mem::take(&mut waiting.dropped));
            if lines.is_empty() && dropped.is_empty() {
                return;
            }
            (waiting.bytes, waiting.writing) = (0, true);
            if std::mem::take(&mut waiting.reopen) {
                files.clear();
            }
            drop(waiting);
            for (path, line) in lines {
                self.write(&mut files, &path, &line);
            }
            for (path, lines) in dropped {
                let told = format!(
                    "[countersign] {lines} lines are missing here: they came faster than they could be written"
                );
                self.write(&mut files, &path, &told);
            }
        }
    }

    fn write(&self, files: &mut BTreeMap<PathBuf, OpenLog>, path: &Path, line: &str) {
        let most = self.chosen.load().keep_bytes / 2;
        let Err(error) = append(files, path, line, most) else { return };
        // Opened by its name again: somebody may have made room by moving it away.
        files.remove(path);
        let lost = self.failures.fetch_add(1, Ordering::Relaxed) + 1;
        if lost.is_power_of_two() {
            tracing::error!(file = %path.display(), %error, lost, "a log line cannot be written");
        }
    }
}

fn append(
    files: &mut BTreeMap<PathBuf, OpenLog>,
    path: &Path,
    line: &str,
    most: u64,
) -> io::Result<()> {
    let bytes = line.len() as u64 + 1;
    if files.get(path).is_some_and(|log| log.bytes > 0 && log.bytes + bytes > most) {
        files.remove(path);
        let mut older = path.as_os_str().to_owned();
        older.push(".1");
        fs::rename(path, older)?;
    }
    if !files.contains_key(path) {
        path.parent().map_or(Ok(()), private_file::folder)?;
        let mut options = OpenOptions::new();
        let file = options.create(true).append(true).mode(0o600).open(path)?;
        let bytes = file.metadata()?.len();
        files.insert(path.to_owned(), OpenLog { file, bytes });
    }
    let Some(log) = files.get_mut(path) else { return Ok(()) };
    // In one call, so that lines stay whole whoever else appends.
    log.file.write_all(format!("{line}\n").as_bytes())?;
    log.bytes += bytes;
    Ok(())
}

/// As Elasticsearch's `rest.suppressed` logs a request that failed.
fn failure_line(record: &AuditRecord) -> String {
    let time = record.time.unwrap_or_default().strftime("%Y-%m-%dT%H:%M:%S,%3f");
    let why = record.refusal.as_deref().unwrap_or_default();
    format!(
        "[{time}][WARN ][r.suppressed             ] [{}] path: {}, params: {{{}}}, method: {}, status: {}, requestId: {} {}",
        engine::NODE_NAME,
        record.path,
        record.query,
        record.method,
        record.status,
        record.request_id,
        why
    )
    .chars()
    .map(|character| if character.is_control() { ' ' } else { character })
    .collect::<String>()
    .trim_end()
    .to_owned()
}

/// As OpenSearch's security plugin logs a request, as far as that is the service's to say.
/// Source: docs.aws.amazon.com, "Monitoring audit logs in Amazon OpenSearch Service", "Audit log fields".
fn audit_line(domain: &DomainKey, record: &AuditRecord) -> String {
    let refused = record.decisions.first().is_some_and(|decision| decision.outcome != "allowed");
    let category = match (record.principal.proven, refused) {
        (_, true) => "MISSING_PRIVILEGES",
        (true, false) => "GRANTED_PRIVILEGES",
        // Everyone may come in without credentials.
        (false, false) if record.principal.kind == "anonymous" => "GRANTED_PRIVILEGES",
        (false, false) => "FAILED_LOGIN",
    };
    let mut line = json!({
        "audit_cluster_name": format!("{}:{}", domain.account, domain.name),
        "audit_node_name": engine::NODE_NAME,
        "audit_category": category,
        "audit_request_origin": "REST",
        "audit_request_layer": "REST",
        "@timestamp": record.time.map(|time| time.to_string()),
        "audit_format_version": 4,
        "audit_request_remote_address": record.client_address,
        "audit_request_effective_user": record.principal.arn,
        "audit_request_privilege": record.action,
        "audit_rest_request_method": record.method,
        "audit_rest_request_path": record.path,
        "audit_rest_request_status": record.status,
        "audit_request_id": record.request_id,
    });
    if let (Some(object), false) = (line.as_object_mut(), record.query.is_empty()) {
        object.insert("audit_rest_request_params".to_owned(), json!(record.query));
    }
    line.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::private_file::scratch;

    fn logs(folder: &Path, keep_bytes: u64) -> PublishedLogs {
        PublishedLogs::new(LogSettings {
            folder: Some(folder.to_owned()),
            keep_bytes,
            ..LogSettings::default()
        })
    }

    const PATIENCE: Duration = Duration::from_secs(30);

    #[test]
    fn a_log_is_two_files_at_most_and_no_larger_than_is_kept() {
        let folder = scratch("published-logs");
        let logs = logs(&folder, 2_000);
        let path = folder.join("slow.log");
        for number in 0..200 {
            logs.push(path.clone(), format!("line {number:04}"));
        }
        logs.settle(PATIENCE);
        let read = |name: &str| fs::read_to_string(folder.join(name)).unwrap();
        let (newer, older) = (read("slow.log"), read("slow.log.1"));
        assert!(newer.len() <= 1_000 && older.len() <= 1_000);
        let both = older + &newer;
        let first: u32 = both.get(5..9).unwrap().parse().unwrap();
        let kept: Vec<String> = (first..200).map(|number| format!("line {number:04}")).collect();
        assert_eq!(both.lines().collect::<Vec<_>>(), kept);
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 2);
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn a_log_that_was_moved_away_is_begun_again() {
        use std::os::unix::fs::PermissionsExt;
        let folder = scratch("published-logs-moved");
        let logs = logs(&folder, 1_000_000);
        let path = folder.join("slow.log");
        let push = |path: &Path, line: &str| {
            logs.push(path.to_owned(), line.to_owned());
            logs.settle(PATIENCE);
        };
        push(&path, "one");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        logs.choose(LogSettings::clone(&logs.shared.chosen.load()));
        fs::remove_file(&path).unwrap();
        push(&path, "two");
        assert_eq!(fs::read_to_string(&path).unwrap(), "two\n");
        push(&path.join("below"), "three");
        assert!(logs.metrics().contains("countersign_log_failures_total 1\n"));
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn of_callers_who_proved_nothing_those_who_were_served_are_all_written() {
        use crate::audit::Stage;
        use crate::guards::limits::AUDIT_UNPROVEN_RECORDS_MAX;
        let folder = scratch("published-logs-served");
        let logs = logs(&folder, 1_000_000);
        let time = Some(jiff::Timestamp::UNIX_EPOCH);
        let of = |stage| AuditRecord { stage, time, ..AuditRecord::default() };
        let all = |stage| (0..=AUDIT_UNPROVEN_RECORDS_MAX).all(|_| logs.is_written(&of(stage)));
        assert!(all(Stage::Serve));
        assert!(!all(Stage::Authorize));
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn lines_that_do_not_fit_into_the_queue_are_dropped_and_told() {
        let folder = scratch("published-logs-dropped");
        let logs = logs(&folder, 1_000_000_000);
        let path = folder.join("slow.log");
        let line = "x".repeat(PUBLISHED_LOG_BYTES_WAITING_MAX / 2);
        {
            // As if the disk did not answer: nobody takes lines out of the queue.
            let mut waiting = logs.shared.waiting();
            waiting.bytes = PUBLISHED_LOG_BYTES_WAITING_MAX;
        }
        logs.push(path.clone(), line.clone());
        logs.push(path.clone(), line.clone());
        logs.shared.waiting().bytes = 0;
        logs.push(path.clone(), line);
        logs.settle(PATIENCE);
        let text = fs::read_to_string(&path).unwrap();
        let last = text.lines().last().unwrap();
        assert_eq!(
            last,
            "[countersign] 2 lines are missing here: they came faster than they could be written"
        );
        assert_eq!(text.lines().count(), 2);
        assert!(logs.metrics().contains("countersign_log_dropped_total 2\n"));
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn a_line_of_a_failure_is_one_line() {
        let record = AuditRecord {
            path: "/books/_search".to_owned(),
            query: "a=b".to_owned(),
            method: "GET".to_owned(),
            status: 503,
            request_id: "id".to_owned(),
            refusal: Some("two\nlines".to_owned()),
            ..AuditRecord::default()
        };
        assert_eq!(
            failure_line(&record),
            "[1970-01-01T00:00:00,000][WARN ][r.suppressed             ] [countersign] path: /books/_search, params: {a=b}, method: GET, status: 503, requestId: id two lines"
        );
    }
}
