//! What the service does with the indices of audit records that it keeps in a domain: nothing else of the domain is reached with
//! their permit.

use std::sync::Arc;

use bytes::Bytes;
use engine::rest::{self, Flavor};
use engine::{Budget, Cancel, Grants, View, Work};
use jiff::Timestamp;
use serde_json::Value;

use super::Embedded;
use crate::walk::authorize::permit::Permit;

/// The beginning of their names.
pub(crate) const PREFIX: &str = ".countersign-audit-";

/// Memory that one of these requests may take.
const MEMORY_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// One index of audit records: its name behind [`PREFIX`].
#[derive(Debug)]
pub(crate) struct AuditIndex(pub(crate) String);

impl AuditIndex {
    /// Its name.
    pub(crate) fn name(&self) -> String {
        [PREFIX, &self.0].concat()
    }
}

impl Embedded {
    /// The indices of audit records that there are, the oldest first: their names behind [`PREFIX`].
    #[must_use]
    pub(crate) fn audit_indices(&self) -> Vec<String> {
        let metadata = self.0.metadata();
        let names = metadata.indices().filter_map(|index| index.name.strip_prefix(PREFIX));
        let mut names: Vec<String> = names.map(str::to_owned).collect();
        names.sort();
        names
    }

    /// Asks the engine for something about the index of the permit; `rest` is what follows its name in the path.
    ///
    /// # Errors
    /// In words: what the engine answered.
    pub(crate) fn on_audit_index(
        &self,
        permit: &Permit<AuditIndex>,
        (method, rest): (&str, &str),
        body: Bytes,
        now: Timestamp,
    ) -> Result<Value, String> {
        let path = format!("/{}{rest}", permit.work().name());
        // The oldest names of paths are those of Elasticsearch; of these both have all.
        let route = rest::route(method, &path, "", Flavor::Elasticsearch710);
        let route = route.map_err(|error| format!("{method} {path}: {error:?}"))?;
        let metadata = self.0.metadata();
        let work = Work::new(Cancel::new(), Budget::new("audit", MEMORY_BYTES_MAX)).on(&metadata);
        let kind = if rest == "/_bulk" { "application/x-ndjson" } else { "application/json" };
        let kind = (!body.is_empty()).then_some(kind);
        let refused = |error: engine::exception::Exception| error.reason().to_owned();
        let parsed = rest::parse(route, kind, body, &work).map_err(refused)?;
        let view = View::of(Grants::everything("countersign audit"));
        let metadata = Arc::clone(&metadata);
        let (response, _) = self.0.begin(&parsed, &metadata, &view, now, &work);
        let answer: Value = serde_json::from_slice(&response.body).unwrap_or_default();
        match response.status {
            200..=299 => Ok(answer),
            status => {
                let reason = answer.pointer("/error/reason").and_then(Value::as_str);
                Err(format!("{method} {path}: {status} {}", reason.unwrap_or_default()))
            }
        }
    }
}
