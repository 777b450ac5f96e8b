//! The record of a request while it is under way.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::layer::Layer;
use super::record::{AuditRecord, DecisionRecord};
use super::redact::shortened;
use super::stage::Stage;
use super::store::{Audit, Unrecorded};
use crate::guards::limits;
use crate::service::clock::Stopwatch;
use crate::service::domain_key::DomainKey;
use crate::traces::Trace;

/// The record of a request that is under way. Written when it is dropped, so that none is ever lost:
/// not of a request whose client went away, not of one whose task panicked.
pub struct AuditEntry {
    record: AuditRecord,
    stopwatch: Stopwatch,
    audit: Arc<Audit>,
    /// Set by another thread when the operation begins to run.
    begun: Option<Arc<AtomicBool>>,
    /// How long its steps take, where somebody wants to know.
    trace: Option<Box<Trace>>,
    /// The domain that was asked, where one was.
    domain: Option<Arc<DomainKey>>,
}

impl AuditEntry {
    /// Begins the record of a request.
    #[must_use]
    pub fn begin(audit: &Arc<Audit>, record: AuditRecord) -> Self {
        let record = AuditRecord { status: 499, ..record };
        let (stopwatch, audit) = (Stopwatch::start(), Arc::clone(audit));
        Self { record, stopwatch, audit, begun: None, trace: None, domain: None }
    }

    /// The request is to this domain.
    #[must_use]
    pub(crate) fn of_domain(mut self, domain: Option<&Arc<DomainKey>>) -> Self {
        self.domain = domain.cloned();
        self
    }

    /// The request is traced from now on, where there is a trace.
    pub(crate) fn set_trace(&mut self, trace: Option<Box<Trace>>) {
        self.trace = trace;
    }

    /// The request's trace, where it has one.
    pub(crate) fn trace(&mut self) -> Option<&mut Trace> {
        self.trace.as_deref_mut()
    }

    /// A phase of the walk begins.
    pub(crate) fn phase(&mut self, name: &'static str) {
        if let Some(trace) = &mut self.trace {
            trace.phase(name);
        }
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

    /// The record as far as it is known, to be written before the request is carried out where the operator wants nothing
    /// done that is not on record; the whole record follows when the entry is dropped.
    #[must_use]
    pub fn ahead(&self) -> RecordAhead {
        let wanted = self.audit.is_written_ahead();
        let record = || AuditRecord { status: 0, stage: Stage::Serve, ..self.record.clone() };
        RecordAhead(wanted.then(|| Box::new((Arc::clone(&self.audit), record()))))
    }

    /// Writes down what the policies said about one resource; of very many, the first.
    pub fn decision(&mut self, decision: DecisionRecord) {
        if self.record.decisions.len() < limits::AUDIT_DECISIONS_MAX {
            self.record.decisions.push(decision);
        } else {
            self.record.decisions_left_out += 1;
        }
    }

    /// How what the service did of its own accord ended.
    pub fn ended<T, E: std::fmt::Display>(&mut self, done: &Result<T, E>) {
        match done {
            Ok(_) => self.record.status = 200,
            Err(error) => {
                self.record.status = 400;
                self.record.layer = Some(Layer::Operation);
                self.record.refusal = Some(shortened(&error.to_string()));
            }
        }
    }

    /// Names a resource that was asked about.
    pub fn resource(&mut self, resource: impl Into<String>) {
        if self.record.resources.len() < limits::AUDIT_RESOURCES_MAX {
            self.record.resources.push(resource.into());
        } else {
            self.record.resources_left_out += 1;
        }
    }
}

/// A record that is written before its request is carried out, or none where nobody wants that.
pub struct RecordAhead(Option<Box<(Arc<Audit>, AuditRecord)>>);

impl RecordAhead {
    /// Writes it, once `fill` has completed it.
    ///
    /// # Errors
    /// Where it could not be written: then the request must not be carried out.
    pub fn write(self, fill: impl FnOnce(&mut AuditRecord)) -> Result<(), Unrecorded> {
        let Some(ahead) = self.0 else { return Ok(()) };
        let (audit, mut record) = *ahead;
        fill(&mut record);
        audit.write_ahead(&record)
    }
}

impl std::ops::Deref for AuditEntry {
    type Target = AuditRecord;

    fn deref(&self) -> &AuditRecord {
        &self.record
    }
}

impl std::ops::DerefMut for AuditEntry {
    fn deref_mut(&mut self) -> &mut AuditRecord {
        &mut self.record
    }
}

impl Drop for AuditEntry {
    fn drop(&mut self) {
        self.served();
        let micros = self.stopwatch.elapsed().as_micros();
        self.record.duration_micros = u64::try_from(micros).unwrap_or(u64::MAX);
        if let Some(trace) = self.trace.take() {
            trace.end(&self.record);
        }
        self.audit.write(std::mem::take(&mut self.record), self.domain.as_deref());
    }
}
