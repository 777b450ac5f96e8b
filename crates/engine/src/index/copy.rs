//! Writing the documents of one index into another.

use tantivy::DocAddress;

use super::{Index, Operation, Precondition, Snapshot, Write};
use crate::exception::Exception;
use crate::rest::json;
use crate::work::Work;

/// Documents that are read and written at once.
const COPIED_AT_ONCE: usize = 500;

impl Index {
    /// Writes every document that `source` shows, with its id, routing and version.
    ///
    /// # Errors
    /// The first document that is refused; what the disk says; `task_cancelled_exception`.
    pub(crate) fn copy_from(
        &self,
        source: &Snapshot,
        now: i64,
        work: &Work,
    ) -> Result<(), Exception> {
        let mut addresses = Vec::new();
        for (segment, reader) in (0u32..).zip(source.searcher.segment_readers()) {
            for document in reader.doc_ids_alive() {
                addresses.push(DocAddress::new(segment, document));
                if addresses.len() >= COPIED_AT_ONCE {
                    self.copy_these(source, &std::mem::take(&mut addresses), now, work)?;
                }
            }
        }
        self.copy_these(source, &addresses, now, work)?;
        self.refresh()
    }

    fn copy_these(
        &self,
        source: &Snapshot,
        addresses: &[DocAddress],
        now: i64,
        work: &Work,
    ) -> Result<(), Exception> {
        work.check()?;
        let mut operations = Vec::with_capacity(addresses.len());
        for (id, found) in source.documents(addresses, &work.cancel)? {
            // A part of another document has no id of its own.
            if id.is_empty() {
                continue;
            }
            let value = json::read(&found.source)?;
            operations.push(Operation {
                id,
                routing: found.routing,
                precondition: Precondition::External(found.version.max(1)),
                write: Write::Index { raw: found.source, value: value.into() },
            });
        }
        for written in self.write_within(operations, None, now, work) {
            written?;
        }
        Ok(())
    }
}
