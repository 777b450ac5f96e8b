//! Counts of one index: what it holds, and what was done to it since it was opened.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

/// Counts of one index.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// Documents that a search sees.
    pub documents: u64,
    /// Documents that are deleted and still in a segment.
    pub deleted: u64,
    /// Bytes of all segments.
    pub bytes: u64,
    /// Segments.
    pub segments: u64,
    /// Highest sequence number given, -1 before the first write.
    pub max_seq_no: i64,
    /// Bytes in the translog since the last flush, its header included.
    pub translog_bytes: u64,
    /// Writes in the translog since the last flush.
    pub translog_operations: u64,
    /// Documents written since the index was opened; so are all below.
    pub indexed: u64,
    /// Documents deleted.
    pub deletions: u64,
    /// Writes refused.
    pub refused: u64,
    /// Reads by id that found their document.
    pub gets_found: u64,
    /// Reads by id that did not.
    pub gets_missing: u64,
    /// Searches.
    pub searches: u64,
    /// Refreshes.
    pub refreshes: u64,
    /// Flushes.
    pub flushes: u64,
    /// Merges.
    pub merges: u64,
    /// Nanoseconds spent on writing documents.
    pub index_nanoseconds: u64,
    /// On deleting them.
    pub delete_nanoseconds: u64,
    /// On reads by id.
    pub get_nanoseconds: u64,
    /// On finding what searches ask for.
    pub query_nanoseconds: u64,
    /// On fetching what they found.
    pub fetch_nanoseconds: u64,
    /// On refreshes.
    pub refresh_nanoseconds: u64,
    /// On flushes.
    pub flush_nanoseconds: u64,
    /// On merges.
    pub merge_nanoseconds: u64,
    /// Bytes of the words of texts with `fielddata`; asked for by itself.
    pub fielddata_bytes: u64,
    /// Bytes of the terms of completions; asked for by itself.
    pub completion_bytes: u64,
}

impl Stats {
    /// Adds another index's counts.
    pub fn add(&mut self, other: &Stats) {
        let pairs = [
            (&mut self.documents, other.documents),
            (&mut self.deleted, other.deleted),
            (&mut self.bytes, other.bytes),
            (&mut self.segments, other.segments),
            (&mut self.translog_bytes, other.translog_bytes),
            (&mut self.translog_operations, other.translog_operations),
            (&mut self.indexed, other.indexed),
            (&mut self.deletions, other.deletions),
            (&mut self.refused, other.refused),
            (&mut self.gets_found, other.gets_found),
            (&mut self.gets_missing, other.gets_missing),
            (&mut self.searches, other.searches),
            (&mut self.refreshes, other.refreshes),
            (&mut self.flushes, other.flushes),
            (&mut self.merges, other.merges),
            (&mut self.index_nanoseconds, other.index_nanoseconds),
            (&mut self.delete_nanoseconds, other.delete_nanoseconds),
            (&mut self.get_nanoseconds, other.get_nanoseconds),
            (&mut self.query_nanoseconds, other.query_nanoseconds),
            (&mut self.fetch_nanoseconds, other.fetch_nanoseconds),
            (&mut self.refresh_nanoseconds, other.refresh_nanoseconds),
            (&mut self.flush_nanoseconds, other.flush_nanoseconds),
            (&mut self.merge_nanoseconds, other.merge_nanoseconds),
            (&mut self.fielddata_bytes, other.fielddata_bytes),
            (&mut self.completion_bytes, other.completion_bytes),
        ];
        for (sum, more) in pairs {
            *sum = sum.saturating_add(more);
        }
    }
}

/// One segment as it is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SegmentStats {
    /// Its place in the index, from 0.
    pub generation: usize,
    /// Documents that are alive.
    pub documents: u64,
    /// Documents that are deleted.
    pub deleted: u64,
    /// Bytes of its files.
    pub bytes: u64,
    /// Whether it is on disk.
    pub committed: bool,
}

impl SegmentStats {
    /// Its name: `_0`, `_1`, … in the base of 36 that Lucene's have.
    pub fn name(&self) -> String {
        let (mut rest, mut digits) = (self.generation as u64, Vec::new());
        loop {
            digits.extend(char::from_digit(u32::try_from(rest % 36).unwrap_or(0), 36));
            rest /= 36;
            if rest == 0 {
                break;
            }
        }
        digits.push('_');
        digits.iter().rev().collect()
    }
}

/// What is counted as it happens.
#[derive(Default)]
pub(crate) struct Counters {
    pub(crate) indexed: Count,
    pub(crate) deletions: Count,
    pub(crate) refused: Count,
    pub(crate) gets_found: Count,
    pub(crate) gets_missing: Count,
    pub(crate) searches: Count,
    /// Searches by the groups that they name.
    pub(crate) groups: Mutex<BTreeMap<String, u64>>,
    pub(crate) refreshes: Count,
    pub(crate) flushes: Count,
    pub(crate) merges: Count,
    pub(crate) index_nanoseconds: Count,
    pub(crate) delete_nanoseconds: Count,
    pub(crate) get_nanoseconds: Count,
    pub(crate) query_nanoseconds: Count,
    pub(crate) fetch_nanoseconds: Count,
    pub(crate) refresh_nanoseconds: Count,
    pub(crate) flush_nanoseconds: Count,
    pub(crate) merge_nanoseconds: Count,
}

/// One count.
#[derive(Default)]
pub(crate) struct Count(AtomicU64);

impl Count {
    pub(crate) fn one(&self) {
        self.add(1);
    }

    pub(crate) fn add(&self, more: u64) {
        self.0.fetch_add(more, Ordering::Relaxed);
    }

    pub(crate) fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}
