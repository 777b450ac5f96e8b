//! What was judged of a domain's request, on its way from the thread that judged to the audit record.

use crate::audit::{AuditEntry, AuditRecord, DecisionRecord, TouchedFields};
use crate::guards::limits;

/// What was judged, for the audit record.
#[derive(Default)]
pub(crate) struct JudgementNotes {
    pub(super) action: Option<String>,
    pub(super) resources: Vec<String>,
    pub(super) resources_left_out: usize,
    pub(super) decisions: Vec<DecisionRecord>,
    pub(super) decisions_left_out: usize,
    /// Whether its items are judged one by one.
    pub(super) has_items: bool,
    /// The fields that are touched while it runs, where policies or roles ask for fields.
    pub(super) fields: Option<TouchedFields>,
}

impl JudgementNotes {
    /// Names a resource that was asked about.
    pub(super) fn resource(&mut self, resource: String) {
        if self.resources.len() < limits::AUDIT_RESOURCES_MAX {
            self.resources.push(resource);
        } else {
            self.resources_left_out += 1;
        }
    }

    /// Copies it into a record.
    pub(crate) fn tell(&self, record: &mut AuditRecord) {
        record.action.clone_from(&self.action);
        record.resources.clone_from(&self.resources);
        record.resources_left_out = self.resources_left_out;
        record.decisions.clone_from(&self.decisions);
        record.decisions_left_out = self.decisions_left_out;
    }

    /// Whether the policies were asked at all.
    #[must_use]
    pub(crate) fn were_asked(&self) -> bool {
        self.action.is_some()
    }

    /// Writes them into the record.
    pub(crate) fn write(self, entry: &mut AuditEntry) {
        if self.action.is_some() {
            entry.action = self.action;
        }
        self.resources.into_iter().for_each(|resource| entry.resource(resource));
        entry.resources_left_out += self.resources_left_out;
        self.decisions.into_iter().for_each(|decision| entry.decision(decision));
        entry.decisions_left_out += self.decisions_left_out;
        entry.has_items |= self.has_items;
        if let Some(fields) = self.fields {
            (entry.fields, entry.fields_left_out) = fields.told();
        }
    }
}
