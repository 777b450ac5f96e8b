//! What an operation decided: records to write and to remove. Nothing has happened yet.

use crate::store::record::{Record, RecordKind};

/// A set of record changes that become real together or not at all.
#[derive(Clone, Debug, Default)]
pub(crate) struct Change {
    /// Records to write, whole, in order.
    pub(crate) puts: Vec<Record>,
    /// Records to remove: kind and key.
    pub(crate) deletes: Vec<(RecordKind, String)>,
    /// The change becomes real although the operation is refused: a wrong guess is counted.
    pub(crate) despite_refusal: bool,
}

impl Change {
    /// Whether it changes nothing.
    pub(crate) fn is_empty(&self) -> bool {
        self.puts.is_empty() && self.deletes.is_empty()
    }

    /// Writes `record` although the operation is refused.
    pub(crate) fn put_despite_refusal(&mut self, record: Record) {
        self.despite_refusal = true;
        self.put(record);
    }

    /// Writes `record`, in place of an earlier write of the same record in this change.
    pub(crate) fn put(&mut self, record: Record) {
        let (kind, key) = (record.kind(), record.key());
        self.puts.retain(|other| other.kind() != kind || other.key() != key);
        self.puts.push(record);
    }

    /// Removes a record.
    pub(crate) fn delete(&mut self, kind: RecordKind, key: String) {
        self.puts.retain(|other| other.kind() != kind || other.key() != key);
        self.deletes.push((kind, key));
    }
}
