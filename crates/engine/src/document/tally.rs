//! What came of a copy or of a request by query, as it is told.

use serde_json::{Map, Value, json};

use crate::cluster::tasks::pace;
use crate::exception::{Exception, ExceptionKind};
use crate::index::WriteOutcome;
use crate::rest::Flavor;

/// What a request does to the documents that it finds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Doing {
    Delete,
    Update,
    Reindex,
}

/// What came of it.
#[derive(Clone, Debug, Default)]
pub(super) struct Tally {
    pub(super) total: usize,
    pub(super) created: usize,
    pub(super) updated: usize,
    pub(super) deleted: usize,
    pub(super) noops: usize,
    pub(super) batches: usize,
    pub(super) conflicts: usize,
    pub(super) failures: Vec<Value>,
    pub(super) status: u16,
    /// Milliseconds that it has waited for its pace.
    pub(super) throttled: u64,
}

impl Tally {
    /// Counts a write that was done.
    pub(super) fn done(&mut self, outcome: WriteOutcome) {
        match outcome {
            WriteOutcome::Created => self.created += 1,
            WriteOutcome::Updated => self.updated += 1,
            WriteOutcome::Deleted => self.deleted += 1,
            WriteOutcome::Noop | WriteOutcome::NotFound => self.noops += 1,
        }
    }

    /// Counts a write that was refused; with `proceed` a conflict is no failure.
    pub(super) fn refused(
        &mut self,
        (index, id): (&str, &str),
        refusal: &Exception,
        proceed: bool,
        flavor: Flavor,
    ) {
        let conflict = refusal.kind() == ExceptionKind::VersionConflict;
        self.conflicts += usize::from(conflict);
        if conflict && proceed {
            return;
        }
        self.status = self.status.max(refusal.status());
        let mut failure = Map::new();
        failure.insert("index".into(), index.into());
        if flavor == Flavor::Elasticsearch710 {
            failure.insert("type".into(), "_doc".into());
        }
        failure.insert("id".into(), id.into());
        failure.insert("cause".into(), refusal.item());
        failure.insert("status".into(), refusal.status().into());
        self.failures.push(Value::Object(failure));
    }

    /// Adds what came of one slice.
    pub(super) fn add(&mut self, slice: &Tally) {
        self.total += slice.total;
        self.created += slice.created;
        self.updated += slice.updated;
        self.deleted += slice.deleted;
        self.noops += slice.noops;
        self.batches += slice.batches;
        self.conflicts += slice.conflicts;
        self.failures.extend(slice.failures.iter().cloned());
        self.status = self.status.max(slice.status);
        self.throttled += slice.throttled;
    }

    /// Its counts, without what failed. `doing` leaves out what it cannot have done; a task tells all. `rate`: documents a second.
    pub(super) fn counts(
        &self,
        doing: Option<Doing>,
        slice: Option<usize>,
        rate: f64,
    ) -> Map<String, Value> {
        let mut out = Map::new();
        if let Some(slice) = slice {
            out.insert("slice_id".into(), slice.into());
        }
        out.insert("total".into(), self.total.into());
        if doing != Some(Doing::Delete) {
            out.insert("updated".into(), self.updated.into());
        }
        if doing.is_none_or(|doing| doing == Doing::Reindex) {
            out.insert("created".into(), self.created.into());
        }
        out.insert("deleted".into(), self.deleted.into());
        out.insert("batches".into(), self.batches.into());
        out.insert("version_conflicts".into(), self.conflicts.into());
        out.insert("noops".into(), self.noops.into());
        out.insert("retries".into(), json!({"bulk": 0, "search": 0}));
        out.insert("throttled_millis".into(), self.throttled.into());
        out.insert("requests_per_second".into(), pace::printed(rate).into());
        out.insert("throttled_until_millis".into(), 0.into());
        out
    }
}
