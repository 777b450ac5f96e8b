//! One task that runs, and what is told of it. Source: `TaskInfo` of Elasticsearch 7.10 and OpenSearch 2.19.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::kinds::Described;
use super::pace::Pace;
use crate::flavor::Flavor;
use crate::snapshots::Snapshot;
use crate::view::CursorOwner;
use crate::work::Cancel;

/// A request while it runs, or a part of one.
#[derive(Debug)]
pub(crate) struct RunningTask {
    pub(crate) number: u64,
    pub(super) parent: Option<u64>,
    pub(super) owner: Arc<str>,
    /// The `X-Opaque-Id` of the request.
    pub(crate) opaque_id: Option<Arc<str>>,
    described: Described,
    /// When it began: as the request says, in milliseconds since 1970 …
    pub(crate) since: Timestamp,
    /// … and by the clock that its time is measured with.
    pub(super) began: Timestamp,
    pub(crate) cancel: Cancel,
    /// When a request called it off, in milliseconds since 1970; 0: none has.
    called_off: AtomicU64,
    progress: Mutex<Progress>,
    /// The snapshot that it makes, with the name of the repository.
    pub(super) snapshot: OnceLock<(String, Arc<Snapshot>)>,
}

/// How far it is.
#[derive(Clone, Debug, Default)]
struct Progress {
    /// Its counts.
    counts: Map<String, Value>,
    pace: Option<Arc<Pace>>,
}

impl RunningTask {
    pub(super) fn new(
        number: u64,
        described: Described,
        owner: &CursorOwner,
        (since, began): (Timestamp, Timestamp),
        (cancel, opaque_id): (Cancel, Option<Arc<str>>),
    ) -> RunningTask {
        RunningTask {
            number,
            parent: None,
            owner: Arc::clone(&owner.id),
            opaque_id,
            described,
            since,
            began,
            cancel,
            called_off: AtomicU64::new(0),
            progress: Mutex::default(),
            snapshot: OnceLock::new(),
        }
    }

    /// A part of this, which ends with it.
    pub(super) fn part(&self, number: u64) -> RunningTask {
        RunningTask {
            number,
            parent: Some(self.number),
            owner: Arc::clone(&self.owner),
            opaque_id: self.opaque_id.clone(),
            described: self.described.clone(),
            since: self.since,
            began: self.began,
            cancel: self.cancel.clone(),
            called_off: AtomicU64::new(0),
            progress: Mutex::default(),
            snapshot: OnceLock::new(),
        }
    }

    /// The snapshot that it makes, once that is known.
    pub(crate) fn snapshot(&self) -> Option<&Arc<Snapshot>> {
        self.snapshot.get().map(|(_, snapshot)| snapshot)
    }

    pub(crate) fn action(&self) -> &'static str {
        self.described.kind.action
    }

    pub(super) fn is_cancellable(&self) -> bool {
        self.described.kind.cancellable
    }

    /// From now on `pace` is told of, and may be changed from outside.
    pub(crate) fn goes_at(&self, pace: &Arc<Pace>) {
        self.progress().pace = Some(Arc::clone(pace));
    }

    /// Its pace, if it has one.
    pub(super) fn pace(&self) -> Option<Arc<Pace>> {
        self.progress().pace.clone()
    }

    /// What it has done so far.
    pub(crate) fn counts(&self, counts: Map<String, Value>) {
        self.progress().counts = counts;
    }

    /// Calls it off because a request said so.
    pub(crate) fn call_off(&self, now: Timestamp) {
        let now = u64::try_from(now.as_millisecond()).unwrap_or(0).max(1);
        // The first one counts.
        let _ = self.called_off.compare_exchange(0, now, Ordering::Relaxed, Ordering::Relaxed);
        self.cancel.cancel();
        if let Some(pace) = self.pace() {
            pace.set(f64::INFINITY);
        }
    }

    /// Whether a request called it off: it is still answered.
    pub(crate) fn is_called_off(&self) -> bool {
        self.called_off.load(Ordering::Relaxed) > 0
    }

    /// `node:number`.
    pub(crate) fn id(&self) -> String {
        id(self.number)
    }

    /// The id of what it is a part of.
    pub(crate) fn parent_id(&self) -> Option<String> {
        self.parent.map(id)
    }

    /// What is told of it after it ran for so many milliseconds.
    pub(super) fn told(
        &self,
        milliseconds: u64,
        detailed: bool,
        flavor: Flavor,
    ) -> Map<String, Value> {
        let mut told = Map::new();
        told.insert("node".into(), crate::NODE_ID.into());
        told.insert("id".into(), self.number.into());
        told.insert("type".into(), "transport".into());
        told.insert("action".into(), self.action().into());
        if detailed {
            if let Some(status) = self.status() {
                told.insert("status".into(), status.into());
            }
            told.insert("description".into(), self.described.text().into());
        }
        told.insert("start_time_in_millis".into(), self.since.as_millisecond().into());
        told.insert("running_time_in_nanos".into(), milliseconds.saturating_mul(1_000_000).into());
        told.insert("cancellable".into(), self.is_cancellable().into());
        if flavor == Flavor::OpenSearch219 {
            told.insert("cancelled".into(), self.is_called_off().into());
        }
        if let Some(parent) = self.parent_id() {
            told.insert("parent_task_id".into(), parent.into());
        }
        let opaque_id = self.opaque_id.as_deref();
        let headers = opaque_id.map_or_else(|| json!({}), |id| json!({"X-Opaque-Id": id}));
        told.insert("headers".into(), headers);
        let called_off = self.called_off.load(Ordering::Relaxed);
        if flavor == Flavor::OpenSearch219 && called_off > 0 {
            told.insert("cancellation_time_millis".into(), called_off.into());
        }
        told
    }

    /// What it is about, in a line.
    pub(crate) fn description(&self) -> String {
        self.described.text()
    }

    /// Its counts, and how long it will still wait.
    fn status(&self) -> Option<Map<String, Value>> {
        let Progress { mut counts, pace } = self.progress().clone();
        let Some(pace) = pace else { return self.described.kind.nothing_done() };
        let (_, until) = pace.milliseconds();
        counts.insert("throttled_until_millis".into(), until.into());
        if self.is_called_off() {
            counts.insert("requests_per_second".into(), (-1.0).into());
            counts.insert("canceled".into(), BY_REQUEST.into());
        }
        Some(counts)
    }

    fn progress(&self) -> MutexGuard<'_, Progress> {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Why a request by query did not come to its end.
pub(crate) const BY_REQUEST: &str = "by user request";

fn id(number: u64) -> String {
    format!("{}:{number}", crate::NODE_ID)
}
