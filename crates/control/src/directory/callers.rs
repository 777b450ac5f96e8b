//! Whom the long-term keys of a snapshot stand for, found once: a snapshot never changes, so neither does that.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use crate::identity::IdentifiedCaller;

/// Most callers that a snapshot keeps.
const CALLERS_MAX: usize = 1_024;

/// Callers by the id of their key. A snapshot that is made of another begins with none: what it changes may be about any of them.
#[derive(Default)]
pub(super) struct KnownCallers(RwLock<HashMap<String, Arc<IdentifiedCaller>>>);

impl Clone for KnownCallers {
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl KnownCallers {
    pub(super) fn get(&self, access_key_id: &str) -> Option<Arc<IdentifiedCaller>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).get(access_key_id).cloned()
    }

    /// Keeps a caller that was found, if there is room.
    pub(super) fn keep(&self, access_key_id: &str, caller: &Arc<IdentifiedCaller>) {
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if known.len() < CALLERS_MAX {
            known.insert(access_key_id.to_owned(), Arc::clone(caller));
        }
    }
}
