//! The pieces of a body between its connection and the thread that hashes and writes them. There are a few, so
//! that neither waits for the other to wake up, and they are used again, so that a body of any length costs the
//! same memory.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, Write};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use sigv4::PayloadHasher;
use tokio::runtime::Handle;
use tokio::sync::Notify;
use tokio::task::spawn_blocking;

use crate::guards::limits::{SPILL_FROM_BYTES, SPOOL_PIECES_MAX, SPOOL_WRITE_BYTES};
use crate::guards::shares::Share;

/// The pieces take the place of what was in memory before there was a file, and its share.
const _: () = assert!(SPOOL_PIECES_MAX * SPOOL_WRITE_BYTES <= SPILL_FROM_BYTES);

/// Pieces written without a pause: then another body's thread may be next.
const IN_A_ROW_MAX: usize = 16;

/// A file without a name and its share of the disk, which stays with it: the thread may outlive the request.
pub(super) struct Kept(Option<(File, Option<Share>)>);

impl Kept {
    pub(super) fn new(file: File, share: Option<Share>) -> Self {
        Self(Some((file, share)))
    }

    /// For a thread that may block.
    pub(super) fn into_parts(mut self) -> io::Result<(File, Option<Share>)> {
        self.0.take().ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn append(&mut self, piece: &[u8], more: Option<Share>) -> io::Result<()> {
        let (file, share) = self.0.as_mut().ok_or(io::ErrorKind::NotFound)?;
        join(share, more);
        file.write_all(piece)
    }
}

impl Drop for Kept {
    /// Giving the pages of a large file back takes the kernel a tenth of a second for each GiB: no connection
    /// waits for it.
    fn drop(&mut self) {
        if let (Some(parts), Ok(runtime)) = (self.0.take(), Handle::try_current()) {
            runtime.spawn_blocking(move || drop(parts));
        }
    }
}

/// Puts two shares of the same together.
fn join(share: &mut Option<Share>, more: Option<Share>) {
    match (share.as_mut(), more) {
        (Some(share), Some(more)) => share.merge(more),
        (None, more) => *share = more,
        (Some(_), None) => {}
    }
}

/// A file and the hash of what is in it.
pub(super) struct Filed {
    pub(super) kept: Kept,
    pub(super) hash: PayloadHasher,
}

/// The way of one body to its file.
pub(super) struct Queue {
    state: Mutex<State>,
    /// Pieces are empty again, or the thread has ended.
    told: Notify,
}

struct State {
    full: VecDeque<(Vec<u8>, Option<Share>)>,
    empty: Vec<Vec<u8>>,
    /// How many pieces there are, wherever they are.
    pieces: usize,
    /// The file, while no thread has it.
    resting: Option<Filed>,
    failed: Option<io::Error>,
}

impl Queue {
    /// Nothing is to be written yet.
    pub(super) fn new(filed: Filed) -> Arc<Self> {
        let (full, empty) = (VecDeque::new(), Vec::new());
        let state = State { full, empty, pieces: 0, resting: Some(filed), failed: None };
        Arc::new(Self { state: Mutex::new(state), told: Notify::new() })
    }

    /// Hands a piece over, with its share of the disk.
    pub(super) fn push(self: &Arc<Self>, piece: Vec<u8>, share: Option<Share>) {
        let mut state = self.state();
        state.full.push_back((piece, share));
        if let Some(filed) = state.resting.take() {
            self.spawn(filed);
        }
    }

    /// An empty piece, as soon as there is one.
    pub(super) async fn piece(&self) -> io::Result<Vec<u8>> {
        self.wait(|state| {
            if state.empty.is_empty() && state.pieces < SPOOL_PIECES_MAX {
                state.pieces += 1;
                return Some(Vec::with_capacity(SPOOL_WRITE_BYTES));
            }
            state.empty.pop()
        })
        .await
    }

    /// The file, when all is written.
    pub(super) async fn filed(&self) -> io::Result<Filed> {
        self.wait(|state| state.resting.take()).await
    }

    async fn wait<T>(&self, mut taken: impl FnMut(&mut State) -> Option<T>) -> io::Result<T> {
        loop {
            {
                let mut state = self.state();
                if let Some(error) = state.failed.take() {
                    return Err(error);
                }
                if let Some(taken) = taken(&mut state) {
                    return Ok(taken);
                }
            }
            self.told.notified().await;
        }
    }

    fn spawn(self: &Arc<Self>, filed: Filed) {
        let queue = Arc::clone(self);
        // The handle is not needed: the thread says by itself how it ended.
        drop(spawn_blocking(move || queue.work(filed)));
    }

    /// Blocks, until nothing is left or others had to wait long enough.
    fn work(self: &Arc<Self>, mut filed: Filed) {
        for _ in 0..IN_A_ROW_MAX {
            let mut state = self.state();
            let Some((mut piece, share)) = state.full.pop_front() else {
                state.resting = Some(filed);
                self.told.notify_one();
                return;
            };
            drop(state);
            filed.hash.update(&piece);
            let written = filed.kept.append(&piece, share);
            piece.clear();
            let mut state = self.state();
            if let Err(error) = written {
                state.failed = Some(error);
                self.told.notify_one();
                return;
            }
            state.empty.push(piece);
            // Not for each: waking the connection costs more than a piece is worth.
            if state.empty.len() >= SPOOL_PIECES_MAX / 2 {
                self.told.notify_one();
            }
        }
        self.spawn(filed);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn queue(name: &str) -> (Arc<Queue>, std::path::PathBuf) {
        let folder = crate::service::private_file::scratch(name);
        let kept = Kept::new(tempfile::tempfile_in(&folder).unwrap(), None);
        (Queue::new(Filed { kept, hash: PayloadHasher::new() }), folder)
    }

    #[tokio::test]
    async fn a_body_of_any_length_has_so_many_pieces_and_no_more() {
        let (queue, folder) = queue("queue-pieces");
        let rounds = 5 * IN_A_ROW_MAX;
        for _ in 0..rounds {
            let mut piece = queue.piece().await.unwrap();
            piece.resize(SPOOL_WRITE_BYTES, 1);
            assert_eq!(piece.capacity(), SPOOL_WRITE_BYTES);
            queue.push(piece, None);
        }
        let (file, _) = queue.filed().await.unwrap().kept.into_parts().unwrap();
        assert_eq!(file.metadata().unwrap().len(), (rounds * SPOOL_WRITE_BYTES) as u64);
        let state = queue.state();
        assert!(state.pieces <= SPOOL_PIECES_MAX);
        assert_eq!((state.empty.len(), state.full.len()), (state.pieces, 0));
        std::fs::remove_dir_all(folder).unwrap();
    }

    #[tokio::test]
    async fn a_file_that_fails_is_told_to_who_waits() {
        let folder = crate::service::private_file::scratch("queue-failing");
        let path = folder.join("read-only");
        std::fs::write(&path, "").unwrap();
        let kept = Kept::new(File::open(path).unwrap(), None);
        let queue = Queue::new(Filed { kept, hash: PayloadHasher::new() });
        queue.push(vec![1], None);
        assert!(queue.filed().await.is_err());
        std::fs::remove_dir_all(folder).unwrap();
    }
}
