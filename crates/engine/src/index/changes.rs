//! Which documents were written, for whoever follows that: `outgoing` hands them on.

use std::collections::{BTreeSet, HashMap};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use super::lock::hold;
use crate::limits::NOTED_BYTES_MAX;

/// What an id costs among the notes, beside its letters.
pub(super) const NOTE_BYTES: usize = 64;

/// Where writes are noted, while somebody follows them.
#[derive(Default)]
pub(super) struct ChangeNotes {
    pub(super) followed: AtomicBool,
    pub(super) noted: Mutex<Noted>,
}

/// What is noted.
#[derive(Default)]
pub(super) struct Noted {
    /// The ids that were written, by the index's uuid.
    pub(super) ids: HashMap<Arc<str>, BTreeSet<String>>,
    pub(super) bytes: usize,
    /// More was written than is kept: what is noted is not all.
    pub(super) overrun: bool,
}

impl ChangeNotes {
    /// These documents were written, or may have been. To be called under the index's lock.
    pub(super) fn note<'i>(&self, uuid: &Arc<str>, ids: impl Iterator<Item = &'i str>) {
        if !self.followed.load(Ordering::Acquire) {
            return;
        }
        let mut noted = hold(&self.noted);
        let Noted { ids: known, bytes, overrun } = &mut *noted;
        let of_index = known.entry(Arc::clone(uuid)).or_default();
        for id in ids {
            if !of_index.contains(id) {
                *bytes += id.len() + NOTE_BYTES;
                of_index.insert(id.to_owned());
            }
        }
        if *bytes > NOTED_BYTES_MAX {
            *overrun = true;
            (*bytes, *known) = (0, HashMap::new());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_notes_than_are_kept_are_an_overrun_and_none() {
        let notes = ChangeNotes::default();
        notes.followed.store(true, Ordering::Release);
        let uuid: Arc<str> = "u".into();
        let id = "i".repeat(NOTED_BYTES_MAX / 2);
        notes.note(&uuid, [id.as_str()].into_iter());
        assert!(!hold(&notes.noted).overrun);
        let other = "j".repeat(NOTED_BYTES_MAX / 2);
        notes.note(&uuid, [other.as_str()].into_iter());
        let noted = hold(&notes.noted);
        assert!(noted.overrun && noted.ids.is_empty());
    }
}
