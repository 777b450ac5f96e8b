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

    /// Whether it writes or removes a record of this kind.
    pub(crate) fn touches(&self, kind: RecordKind) -> bool {
        self.puts.iter().any(|record| record.kind() == kind)
            || self.deletes.iter().any(|(deleted, _)| *deleted == kind)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::record::Account;

    fn account(id: &str, alias: &str) -> Record {
        let alias = Some(alias.to_owned());
        Record::Account(Account {
            id: id.to_owned(),
            alias,
            created: 0,
            password_policy: None,
            second_tokens: false,
            credential_report: None,
            access_reports: Vec::new(),
            clock_ahead: 0,
            clone_of: None,
        })
    }

    #[test]
    fn a_record_written_twice_is_written_once_as_it_was_last() {
        let mut change = Change::default();
        change.put(account("1", "first"));
        change.put(account("2", "other"));
        change.put(account("1", "second"));
        let keys: Vec<String> = change.puts.iter().map(Record::key).collect();
        assert_eq!(keys, ["2", "1"]);
        let Some(Record::Account(last)) = change.puts.last() else { panic!("an account") };
        assert_eq!(last.alias.as_deref(), Some("second"));
    }

    #[test]
    fn a_record_that_is_removed_after_it_was_written_is_only_removed() {
        let mut change = Change::default();
        change.put(account("1", "first"));
        change.delete(RecordKind::Account, "1".to_owned());
        assert!(change.puts.is_empty());
        assert_eq!(change.deletes, [(RecordKind::Account, "1".to_owned())]);
    }

    #[test]
    fn a_write_despite_refusal_marks_the_whole_change() {
        let mut change = Change::default();
        assert!(change.is_empty() && !change.despite_refusal);
        change.put_despite_refusal(account("1", "first"));
        assert!(!change.is_empty() && change.despite_refusal);
    }
}
