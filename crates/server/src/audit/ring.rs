//! The newest records in memory, as the lines that they are: bounded by bytes, whatever a record weighs.

use std::collections::VecDeque;
use std::sync::Arc;

/// The newest records of one kind.
pub(super) struct RecordRing {
    kept: VecDeque<KeptLine>,
    bytes: usize,
    bytes_max: usize,
}

struct KeptLine {
    id: u128,
    /// Its place among all records of this process.
    number: u64,
    line: Arc<[u8]>,
}

impl KeptLine {
    fn bytes(&self) -> usize {
        self.line.len() + size_of::<Self>()
    }
}

impl RecordRing {
    pub(super) fn new(bytes_max: usize) -> Self {
        Self { kept: VecDeque::new(), bytes: 0, bytes_max }
    }

    /// Keeps a line; the oldest go.
    pub(super) fn push(&mut self, id: u128, number: u64, line: &[u8]) {
        let kept = KeptLine { id, number, line: line.into() };
        self.bytes += kept.bytes();
        self.kept.push_back(kept);
        while self.bytes > self.bytes_max
            && let Some(oldest) = self.kept.pop_front()
        {
            self.bytes -= oldest.bytes();
        }
    }

    /// The newest record of this id. Whoever asks reads the line once it holds no lock any more.
    pub(super) fn find(&self, id: u128) -> Option<Arc<[u8]>> {
        self.kept.iter().rev().find(|kept| kept.id == id).map(|kept| Arc::clone(&kept.line))
    }

    /// The line of every record with its number, the oldest first.
    pub(super) fn lines(&self) -> impl Iterator<Item = (u64, Arc<[u8]>)> {
        self.kept.iter().map(|kept| (kept.number, Arc::clone(&kept.line)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s20_the_ring_is_bounded_by_bytes_and_keeps_the_newest() {
        let mut ring = RecordRing::new(64 * 1024);
        let line = format!("{{\"path\":\"{}\"}}", "x".repeat(1_000));
        for number in 0..10_000 {
            ring.push(u128::from(number), number, line.as_bytes());
        }
        let held: usize = ring.kept.iter().map(KeptLine::bytes).sum();
        assert!(held <= 64 * 1024 && held == ring.bytes, "{held}");
        assert!(ring.find(9_999).is_some());
        assert!(ring.find(0).is_none());
    }

    #[test]
    fn a_record_larger_than_the_ring_leaves_it_empty() {
        let mut ring = RecordRing::new(1_000);
        ring.push(1, 1, &[b' '; 2_000]);
        assert_eq!((ring.kept.len(), ring.bytes), (0, 0));
    }
}
