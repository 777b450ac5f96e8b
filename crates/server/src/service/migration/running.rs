//! The moves of this process: what is known of each while it runs, and afterwards.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;

use super::progress::{Progress, ProgressCell};
use crate::service::backends::Embedded;
use crate::transport::listener::DomainKey;

/// The moves that run or ran since the start, by domain.
#[derive(Default)]
pub(crate) struct Migrations(Mutex<BTreeMap<DomainKey, Arc<Migration>>>);

/// One of them.
pub(super) struct Migration {
    pub(super) progress: Arc<ProgressCell>,
    /// Why it is to end.
    pub(super) called_off: watch::Sender<Option<String>>,
    /// When somebody asked for it last.
    asked: Mutex<Instant>,
    /// The engine of a domain in memory that has moved: its indices are nowhere else.
    pub(super) left_behind: Mutex<Option<Arc<Embedded>>>,
}

impl Migrations {
    pub(super) fn lock(&self) -> MutexGuard<'_, BTreeMap<DomainKey, Arc<Migration>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn of(&self, key: &DomainKey) -> Option<Arc<Migration>> {
        self.lock().get(key).map(Arc::clone)
    }
}

impl Migration {
    pub(super) fn began(progress: Progress) -> Arc<Self> {
        Arc::new(Self {
            progress: Arc::new(ProgressCell::of(progress)),
            called_off: watch::Sender::new(None),
            asked: Mutex::new(Instant::now()),
            left_behind: Mutex::default(),
        })
    }

    pub(super) fn runs(&self) -> bool {
        self.progress.lock().phase.runs()
    }

    pub(super) fn was_asked(&self) {
        *self.asked.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
    }

    /// Whether somebody has asked for it in this time.
    pub(super) fn is_followed(&self, unfollowed: Duration) -> bool {
        let asked = *self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        asked.elapsed() < unfollowed
    }
}
