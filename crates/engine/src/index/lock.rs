//! Locks of the index: a thread that panicked while it held one leaves what it guards as it was, which the translog
//! can always bring back.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Holds `mutex`.
pub(super) fn hold<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
