//! How far a move is, as its command and anybody who may ask are told.

use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::Serialize;

/// What a move is doing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Phase {
    /// There is none, and there was none.
    #[default]
    None,
    /// The indices are copied.
    Copying,
    /// What was written meanwhile is copied.
    CatchingUp,
    /// Writes wait: the rest is copied and compared, and the domain handed over.
    Switching,
    /// The cluster serves the domain.
    Moved,
    /// It ended before, and the domain is served from here.
    Failed,
    /// It was called off, and what it had made at the cluster is removed.
    Aborted,
    /// It has ended, and what it made at the cluster is being removed.
    Removing,
    /// The service ended meanwhile: the domain is served from here.
    Interrupted,
}

impl Phase {
    /// Whether somebody works on it.
    pub(crate) fn runs(self) -> bool {
        matches!(self, Self::Copying | Self::CatchingUp | Self::Switching | Self::Removing)
    }
}

/// How far a move is.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct Progress {
    pub(crate) domain: String,
    pub(crate) pool: Option<String>,
    pub(crate) phase: Phase,
    /// Indices that are there, and all.
    pub(crate) indices_copied: usize,
    pub(crate) indices: usize,
    /// Documents that are there, and all that were there when their indices' turns came.
    pub(crate) documents_copied: u64,
    pub(crate) documents: u64,
    /// Documents that were written meanwhile and copied again, and those that are still to be.
    pub(crate) changes_copied: u64,
    pub(crate) changes_waiting: usize,
    /// How long writes waited at the hand-over.
    pub(crate) writes_waited_milliseconds: Option<u64>,
    /// What is otherwise at the cluster than here.
    pub(crate) differences: Vec<String>,
    /// What whoever moves a domain should know.
    pub(crate) notes: Vec<String>,
    /// Why it ended.
    pub(crate) fault: Option<String>,
    /// What to do next.
    pub(crate) next: Option<String>,
}

/// Differences, and notes, that are told one by one.
const TOLD_MAX: usize = 200;

impl Progress {
    /// Adds what is to be known, once.
    pub(crate) fn note(&mut self, note: String) {
        tell(&mut self.notes, note);
    }

    /// Adds what is different.
    pub(crate) fn differs(&mut self, difference: String) {
        tell(&mut self.differences, difference);
    }
}

fn tell(list: &mut Vec<String>, text: String) {
    if list.len() < TOLD_MAX {
        if !list.contains(&text) {
            list.push(text);
        }
    } else if list.len() == TOLD_MAX {
        list.push("and more".to_owned());
    }
}

/// The progress of a move that runs, or ran.
#[derive(Default)]
pub(crate) struct ProgressCell(Mutex<Progress>);

impl ProgressCell {
    pub(crate) fn of(progress: Progress) -> Self {
        Self(Mutex::new(progress))
    }

    /// To look at or change.
    pub(crate) fn lock(&self) -> MutexGuard<'_, Progress> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
