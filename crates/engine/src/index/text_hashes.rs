//! The hashes of the texts of segments, by which different ones are counted. A segment never changes, so those of all texts of one of its
//! fields are computed once, and kept while there is room: reading its dictionary takes many times as long as counting.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tantivy::index::SegmentId;

/// Bytes of hashes that the indices of one engine keep together; those that were used least lately go first.
const KEPT_BYTES_MAX: usize = 16 * 1024 * 1024;

/// Hashes by ordinal, of several fields and segments.
#[derive(Debug, Default)]
pub(crate) struct TextHashes(Mutex<KeptHashes>);

#[derive(Debug, Default)]
struct KeptHashes {
    fields: HashMap<(SegmentId, String), FieldHashes>,
    bytes: usize,
    /// How often any was asked for.
    uses: u64,
}

#[derive(Debug)]
struct FieldHashes {
    hashes: Arc<[u64]>,
    used: u64,
}

impl TextHashes {
    /// Those of a field of a segment, if they are kept.
    pub(crate) fn get(&self, segment: SegmentId, field: &str) -> Option<Arc<[u64]>> {
        let mut kept = self.kept();
        kept.uses += 1;
        let used = kept.uses;
        let found = kept.fields.get_mut(&(segment, field.to_owned()))?;
        found.used = used;
        Some(Arc::clone(&found.hashes))
    }

    /// Whether so many may be kept: half of the room at most.
    pub(crate) fn takes(hashes: usize) -> bool {
        hashes.saturating_mul(size_of::<u64>()) <= KEPT_BYTES_MAX / 2
    }

    /// Keeps those of a field of a segment, in the place of others where there is no room.
    pub(crate) fn keep(&self, segment: SegmentId, field: &str, hashes: &Arc<[u64]>) {
        let mut kept = self.kept();
        kept.uses += 1;
        kept.bytes += size_of_val::<[u64]>(hashes);
        let new = FieldHashes { hashes: Arc::clone(hashes), used: kept.uses };
        if let Some(before) = kept.fields.insert((segment, field.to_owned()), new) {
            kept.bytes -= before.bytes();
        }
        while kept.bytes > KEPT_BYTES_MAX {
            let oldest = kept.fields.iter().min_by_key(|(_, hashes)| hashes.used);
            let Some(oldest) = oldest.map(|(place, _)| place.clone()) else { return };
            if let Some(gone) = kept.fields.remove(&oldest) {
                kept.bytes -= gone.bytes();
            }
        }
    }

    fn kept(&self) -> MutexGuard<'_, KeptHashes> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl FieldHashes {
    fn bytes(&self) -> usize {
        size_of_val::<[u64]>(&self.hashes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_used_least_lately_goes_first() {
        let (kept, segment) = (TextHashes::default(), SegmentId::generate_random());
        let quarter: Arc<[u64]> = vec![1; KEPT_BYTES_MAX / 32].into();
        for field in ["a", "b", "c", "d"] {
            kept.keep(segment, field, &quarter);
        }
        assert!(kept.get(segment, "a").is_some());
        kept.keep(segment, "d", &quarter);
        kept.keep(segment, "e", &quarter);
        let left = ["a", "b", "c", "d", "e"].map(|field| kept.get(segment, field).is_some());
        assert_eq!(left, [true, false, true, true, true]);
        assert!(kept.get(SegmentId::generate_random(), "a").is_none());
    }

    #[test]
    fn a_field_of_very_many_texts_takes_no_room_from_others() {
        assert!(TextHashes::takes(1_000_000) && !TextHashes::takes(2_000_000));
    }
}
