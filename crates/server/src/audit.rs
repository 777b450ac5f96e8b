//! Phase 9, **audit**: one record for every request, allowed, denied, malformed or abandoned alike.
//!
//! Records are JSON lines of one schema ([`Record`]). They hold no secret: no `Authorization`, no
//! session token, no presigned signature, no body. The newest are in memory for `explain`; with a data
//! folder all are in `audit/audit.jsonl`, which is rotated and bounded (`limits.rs`).

use std::collections::VecDeque;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::clock::Stopwatch;
use crate::limits;

/// The phases, in the order of the walk: how far a request came.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Stage {
    /// The head was being read.
    #[default]
    Parse,
    /// The signature was being checked.
    Authenticate,
    /// The key's owner was being looked up.
    Identify,
    /// The operation was being found.
    Route,
    /// The policies were being asked.
    Authorize,
    /// The operation was running.
    Serve,
    /// Everything was done.
    Respond,
}

/// Who asked.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PrincipalRecord {
    /// The ARN that policies and denials name; `anonymous` without credentials.
    pub arn: String,
    /// The account of the identity.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// `user`, `assumed-role`, `root`, `federated-user` or `anonymous`.
    pub kind: String,
    /// The access key id that the request claimed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub access_key_id: Option<String>,
    /// The user name that came with a password.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_name: Option<String>,
    /// How it says who it is: `signature`, `presigned` or `basic`; absent without credentials.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authentication: Option<String>,
    /// The signature, or the password, was checked and is right. Otherwise the rest is only what was claimed.
    pub proven: bool,
}

/// One statement that decided.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct StatementRecord {
    /// The kind of policy: `identity`, `resource`, `permissionsBoundary`, `session`, `serviceControl`.
    pub kind: String,
    /// The policy's name or ARN.
    pub policy: String,
    /// The statement's place in its policy, from 0.
    pub statement: usize,
    /// The statement's `Sid`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sid: Option<String>,
}

/// What the policies said about one resource.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct DecisionRecord {
    /// `allowed`, `implicitDeny` or `explicitDeny`.
    pub outcome: String,
    /// The action that was asked for.
    pub action: String,
    /// The resource that was asked about.
    pub resource: String,
    /// The statements that decided.
    pub by: Vec<StatementRecord>,
    /// Every policy that was considered: its kind and its name.
    pub considered: Vec<(String, String)>,
    /// Statements that nearly decided otherwise, and the clause that failed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub near_misses: Vec<String>,
    /// Condition keys that statements asked for and the request did not have.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<String>,
    /// The denial as the client read it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

/// One request. The same fields whatever became of it.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Record {
    /// When the head had arrived.
    pub time: Option<Timestamp>,
    /// What `x-amzn-RequestId` said.
    pub request_id: String,
    /// `control`, or `domain/NAME`.
    pub listener: String,
    /// Address and port of the other end.
    pub peer: String,
    /// The client's address: the peer's, or the one that a trusted proxy named.
    pub client_address: String,
    /// The method as sent.
    pub method: String,
    /// The path as sent, shortened.
    pub path: String,
    /// The query as sent, shortened, credentials removed.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub query: String,
    /// What the client calls itself: never to be trusted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_agent: Option<String>,
    /// The client's own mark on the request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub opaque_id: Option<String>,
    /// How far it came.
    pub stage: Stage,
    /// Who asked, as far as it was known.
    pub principal: PrincipalRecord,
    /// The IAM action.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub action: Option<String>,
    /// The resources that were asked about, at most 100.
    pub resources: Vec<String>,
    /// How many more there were.
    #[serde(skip_serializing_if = "is_zero")]
    pub resources_left_out: usize,
    /// What the policies said: the request's own decision first, then those of denied items.
    pub decisions: Vec<DecisionRecord>,
    /// How many more there were.
    #[serde(skip_serializing_if = "is_zero")]
    pub decisions_left_out: usize,
    /// The account that the request is about: a domain's owner, or the caller's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// Which signature form matched (`aws`, `raw-query` …).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signature_form: Option<String>,
    /// Why it was refused, in one line, for the log.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refusal: Option<String>,
    /// The HTTP status of the answer; 499 when the client went away before it.
    pub status: u16,
    /// From the head to the answer, in microseconds.
    pub duration_micros: u64,
    /// Bytes of the body as sent.
    pub bytes_in: u64,
    /// Bytes of the answer's body.
    pub bytes_out: u64,
}

fn is_zero(count: &usize) -> bool {
    *count == 0
}

/// The record of a request that is under way. Written when it is dropped, so that none is ever lost:
/// not of a request whose client went away, not of one whose task panicked.
pub struct Entry {
    record: Record,
    stopwatch: Stopwatch,
    audit: Arc<Audit>,
    /// Set by another thread when the operation begins to run.
    begun: Option<Arc<AtomicBool>>,
}

impl Entry {
    /// Begins the record of a request.
    #[must_use]
    pub fn begin(audit: &Arc<Audit>, record: Record) -> Self {
        let record = Record { status: 499, ..record };
        Self { record, stopwatch: Stopwatch::start(), audit: Arc::clone(audit), begun: None }
    }

    /// The request is being served from the moment that `begun` is set, by whoever serves it, on: also when its client
    /// has left by then.
    pub fn serves_once(&mut self, begun: Arc<AtomicBool>) {
        self.begun = Some(begun);
    }

    /// Looks whether it is being served.
    pub fn served(&mut self) {
        if self.begun.take().is_some_and(|begun| begun.load(Ordering::Relaxed)) {
            self.record.stage = Stage::Serve;
        }
    }

    /// The request came to `stage`.
    pub fn reached(&mut self, stage: Stage) {
        self.record.stage = stage;
    }

    /// Time since the head had arrived.
    #[must_use]
    pub fn elapsed(&self) -> std::time::Duration {
        self.stopwatch.elapsed()
    }

    /// Writes down what the policies said about one resource; of very many, the first.
    pub fn decision(&mut self, decision: DecisionRecord) {
        if self.record.decisions.len() < limits::AUDIT_DECISIONS_MAX {
            self.record.decisions.push(decision);
        } else {
            self.record.decisions_left_out += 1;
        }
    }

    /// Names a resource that was asked about.
    pub fn resource(&mut self, resource: &str) {
        if self.record.resources.len() < limits::AUDIT_RESOURCES_MAX {
            self.record.resources.push(resource.to_owned());
        } else {
            self.record.resources_left_out += 1;
        }
    }
}

impl std::ops::Deref for Entry {
    type Target = Record;

    fn deref(&self) -> &Record {
        &self.record
    }
}

impl std::ops::DerefMut for Entry {
    fn deref_mut(&mut self) -> &mut Record {
        &mut self.record
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        self.served();
        let micros = self.stopwatch.elapsed().as_micros();
        self.record.duration_micros = u64::try_from(micros).unwrap_or(u64::MAX);
        self.audit.write(std::mem::take(&mut self.record));
    }
}

/// Where records go.
pub struct Audit {
    state: Mutex<State>,
}

struct State {
    ring: VecDeque<Arc<Record>>,
    file: Option<AuditFile>,
    failures: u64,
}

struct AuditFile {
    folder: PathBuf,
    file: File,
    length: u64,
}

/// The name of the file that is being written.
const CURRENT: &str = "audit.jsonl";

impl Audit {
    /// Keeps records in memory, and in `folder` if one is given.
    pub fn open(folder: Option<&Path>) -> io::Result<Self> {
        let file = folder.map(AuditFile::open).transpose()?;
        Ok(Self { state: Mutex::new(State { ring: VecDeque::new(), file, failures: 0 }) })
    }

    /// The record of a request, if it is still in memory or in the folder's files.
    #[must_use]
    pub fn find(&self, request_id: &str) -> Option<Record> {
        let folder = {
            let state = self.lock();
            let found = state.ring.iter().rev().find(|record| record.request_id == request_id);
            if let Some(record) = found {
                return Some(Record::clone(record));
            }
            state.file.as_ref()?.folder.clone()
        };
        find(&folder, request_id).ok().flatten()
    }

    /// The records in memory, the newest first.
    #[must_use]
    pub fn recent(&self) -> Vec<Arc<Record>> {
        self.lock().ring.iter().rev().cloned().collect()
    }

    /// Records that could not be written to the file since the start.
    #[must_use]
    pub fn failures(&self) -> u64 {
        self.lock().failures
    }

    fn write(&self, record: Record) {
        let mut line = serde_json::to_vec(&record).unwrap_or_default();
        line.push(b'\n');
        let mut state = self.lock();
        if let Some(file) = &mut state.file
            && let Err(error) = file.write(&line, record.time)
        {
            // Serving goes on: `countersign_audit_failures_total` tells, loudly enough to alert on.
            tracing::error!(%error, "audit record not written");
            state.failures += 1;
        }
        if state.ring.len() == limits::AUDIT_RING_MAX {
            state.ring.pop_front();
        }
        state.ring.push_back(Arc::new(record));
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl AuditFile {
    fn open(folder: &Path) -> io::Result<Self> {
        use std::os::unix::fs::OpenOptionsExt;
        fs::create_dir_all(folder)?;
        let path = folder.join(CURRENT);
        let mut options = OpenOptions::new();
        let file = options.create(true).append(true).mode(0o600).open(path)?;
        let length = file.metadata()?.len();
        Ok(Self { folder: folder.into(), file, length })
    }

    /// One `write` call for one line: a crash leaves whole lines.
    fn write(&mut self, line: &[u8], time: Option<Timestamp>) -> io::Result<()> {
        if self.length >= limits::AUDIT_FILE_BYTES_MAX {
            self.rotate(time.unwrap_or_default())?;
        }
        self.file.write_all(line)?;
        self.length += line.len() as u64;
        Ok(())
    }

    fn rotate(&mut self, time: Timestamp) -> io::Result<()> {
        let old = self.folder.join(format!("audit-{}.jsonl", time.strftime("%Y%m%dT%H%M%S%6fZ")));
        fs::rename(self.folder.join(CURRENT), old)?;
        *self = Self::open(&self.folder)?;
        let files = files(&self.folder)?;
        for oldest in files.iter().skip(limits::AUDIT_FILES_MAX) {
            fs::remove_file(oldest)?;
        }
        Ok(())
    }
}

/// Looks a request up in a folder's files, the newest first.
pub fn find(folder: &Path, request_id: &str) -> io::Result<Option<Record>> {
    for path in files(folder)? {
        let mut found = None;
        for line in BufReader::new(File::open(path)?).split(b'\n') {
            let line = line?;
            // Parsing every line would be slow; the id is unlikely to be anywhere else.
            if contains(&line, request_id.as_bytes())
                && let Ok(record) = serde_json::from_slice::<Record>(&line)
                && record.request_id == request_id
            {
                found = Some(record);
            }
        }
        if found.is_some() {
            return Ok(found);
        }
    }
    Ok(None)
}

/// A folder's audit files, the newest first.
fn files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut rotated = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if name.starts_with("audit-") && name.ends_with(".jsonl") {
            rotated.push(path);
        }
    }
    rotated.sort();
    let current = folder.join(CURRENT);
    let current = current.exists().then_some(current);
    Ok(current.into_iter().chain(rotated.into_iter().rev()).collect())
}

fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    !needle.is_empty() && haystack.windows(needle.len()).any(|window| window == needle)
}

/// Shortens a text that a client controls.
#[must_use]
pub fn shortened(text: &str) -> String {
    if text.len() <= limits::AUDIT_TEXT_BYTES_MAX {
        return text.to_owned();
    }
    let mut end = limits::AUDIT_TEXT_BYTES_MAX;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}… ({} bytes)", text.get(..end).unwrap_or_default(), text.len())
}

/// A query without what would let a reader of the log act as the client.
#[must_use]
pub fn redacted(query: &str) -> String {
    const SECRET: [&str; 2] = ["x-amz-signature", "x-amz-security-token"];
    let parameters = query.split('&').map(|parameter| {
        let name = parameter.split('=').next().unwrap_or_default();
        let plain = percent_encoding::percent_decode_str(name).decode_utf8_lossy();
        if SECRET.contains(&plain.to_ascii_lowercase().as_str()) {
            format!("{name}=(removed)")
        } else {
            parameter.to_owned()
        }
    });
    shortened(&parameters.collect::<Vec<_>>().join("&"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(id: &str) -> Record {
        Record { request_id: id.into(), ..Record::default() }
    }

    #[test]
    fn an_abandoned_request_is_recorded_as_499() {
        let audit = Arc::new(Audit::open(None).unwrap());
        drop(Entry::begin(&audit, record("gone")));
        assert_eq!(audit.find("gone").unwrap().status, 499);
    }

    #[test]
    fn a_record_is_found_in_the_files_after_a_restart() {
        let folder = crate::private_file::scratch("audit-restart");
        let audit = Arc::new(Audit::open(Some(&folder)).unwrap());
        drop(Entry::begin(&audit, record("first")));
        drop(audit);
        let reopened = Audit::open(Some(&folder)).unwrap();
        assert_eq!(reopened.find("first").unwrap().request_id, "first");
        assert!(reopened.find("second").is_none());
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn rotated_files_are_read_newest_first_and_the_oldest_goes() {
        let folder = crate::private_file::scratch("audit-rotation");
        for file in 0..=limits::AUDIT_FILES_MAX {
            fs::write(folder.join(format!("audit-{file:02}.jsonl")), "{\"requestId\":\"x\"}\n")
                .unwrap();
        }
        let mut file = AuditFile::open(&folder).unwrap();
        file.length = limits::AUDIT_FILE_BYTES_MAX;
        file.write(b"{\"requestId\":\"new\"}\n", None).unwrap();
        assert_eq!(files(&folder).unwrap().len(), limits::AUDIT_FILES_MAX);
        assert!(find(&folder, "new").unwrap().is_some());
        assert!(find(&folder, "x").unwrap().is_some());
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn a_presigned_signature_is_not_recorded() {
        let query = "v&X-Amz-Signature=abc&X-Amz-Date=1&x%2Damz-security-token=t";
        assert_eq!(
            redacted(query),
            "v&X-Amz-Signature=(removed)&X-Amz-Date=1&x%2Damz-security-token=(removed)"
        );
    }

    #[test]
    fn long_texts_are_cut_between_characters() {
        let text = "ü".repeat(limits::AUDIT_TEXT_BYTES_MAX);
        assert!(shortened(&text).ends_with("ü… (4096 bytes)"));
    }
}
