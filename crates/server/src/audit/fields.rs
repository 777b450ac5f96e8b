//! The fields that a request touches, for its record: known where a view shows less than all of the fields (policies with
//! `es:Field`, roles with fields or masks), because there each is asked for by its name.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use engine::FieldObserver;

use crate::guards::limits;

/// The fields of one request, as they are touched.
#[derive(Clone, Debug, Default)]
pub(crate) struct TouchedFields(Arc<Mutex<Touched>>);

#[derive(Debug, Default)]
struct Touched {
    paths: BTreeSet<String>,
    bytes: usize,
    left_out: bool,
}

impl TouchedFields {
    /// Who is told of them.
    pub(crate) fn observer(&self) -> FieldObserver {
        let touched = Arc::clone(&self.0);
        FieldObserver::telling(move |path| {
            touched.lock().unwrap_or_else(PoisonError::into_inner).add(path);
        })
    }

    /// Those so far, in order, and whether there were more than are kept.
    pub(crate) fn told(&self) -> (Vec<String>, bool) {
        let touched = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        (touched.paths.iter().cloned().collect(), touched.left_out)
    }
}

impl Touched {
    fn add(&mut self, path: &str) {
        if self.left_out || self.paths.contains(path) {
            return;
        }
        let (most, bytes) = (limits::AUDIT_FIELDS_MAX, self.bytes + path.len());
        if self.paths.len() == most || bytes > limits::AUDIT_FIELDS_BYTES_MAX {
            self.left_out = true;
            return;
        }
        self.bytes = bytes;
        self.paths.insert(path.to_owned());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_field_is_kept_once_and_only_so_many() {
        let mut touched = Touched::default();
        for _ in 0..2 {
            (0..limits::AUDIT_FIELDS_MAX).for_each(|number| touched.add(&format!("f{number}")));
        }
        assert_eq!((touched.paths.len(), touched.left_out), (limits::AUDIT_FIELDS_MAX, false));
        touched.add("f0");
        assert!(!touched.left_out);
        touched.add("another");
        assert_eq!((touched.paths.len(), touched.left_out), (limits::AUDIT_FIELDS_MAX, true));
        let mut long = Touched::default();
        long.add(&"x".repeat(limits::AUDIT_FIELDS_BYTES_MAX + 1));
        assert!(long.left_out && long.paths.is_empty());
    }
}
