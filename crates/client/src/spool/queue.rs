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

/// Bytes of a body kept in memory; a longer one goes to a file.
pub const MEMORY_BYTES_MAX: usize = 1024 * 1024;
/// Bytes written to the file, or read from it, at a time: each time another thread is woken for it.
pub const PIECE_BYTES: usize = 256 * 1024;
/// Pieces that a body has in memory once it has a file: one is received, the others are hashed and written, or
/// wait for it.
pub const PIECES_MAX: usize = 4;

/// The pieces take the place of what was in memory before there was a file, and its share.
const _: () = assert!(PIECES_MAX * PIECE_BYTES <= MEMORY_BYTES_MAX);

/// Pieces written without a pause: then another body's thread may be next.
const IN_A_ROW_MAX: usize = 16;

/// What bytes on their way to a file are counted as, while they are there; `()` where nobody counts.
pub trait Share: Send + 'static {
    /// Puts two shares of the same together.
    fn merge(&mut self, more: Self);
}

impl Share for () {
    fn merge(&mut self, (): ()) {}
}

/// A file without a name and its share of the disk, which stays with it: the thread may outlive the request.
pub struct BodyFile<S: Share>(Option<(File, Option<S>)>);

impl<S: Share> BodyFile<S> {
    pub(super) fn new(file: File, share: Option<S>) -> Self {
        Self(Some((file, share)))
    }

    /// The file, to be read from its start by a thread that may block, and its share.
    ///
    /// # Errors
    /// Never: there is a file until it is dropped.
    pub fn into_parts(mut self) -> io::Result<(File, Option<S>)> {
        self.0.take().ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    /// The file once more, for a thread that may block. The two have one place in it: read one of them at a time, from its start.
    ///
    /// # Errors
    /// There are no more file descriptors.
    pub fn duplicate(&self) -> io::Result<File> {
        self.0.as_ref().ok_or(io::ErrorKind::NotFound)?.0.try_clone()
    }

    fn append(&mut self, piece: &[u8], more: Option<S>) -> io::Result<()> {
        let (file, share) = self.0.as_mut().ok_or(io::ErrorKind::NotFound)?;
        join(share, more);
        file.write_all(piece)
    }
}

impl<S: Share> Drop for BodyFile<S> {
    /// Giving the pages of a large file back takes the kernel a tenth of a second for each GiB: no connection
    /// waits for it.
    fn drop(&mut self) {
        if let (Some(parts), Ok(runtime)) = (self.0.take(), Handle::try_current()) {
            runtime.spawn_blocking(move || drop(parts));
        }
    }
}

/// Puts two shares of the same together.
fn join<S: Share>(share: &mut Option<S>, more: Option<S>) {
    match (share.as_mut(), more) {
        (Some(share), Some(more)) => share.merge(more),
        (None, more) => *share = more,
        (Some(_), None) => {}
    }
}

/// A file and the hash of what is in it.
pub(super) struct HashedFile<S: Share> {
    pub(super) kept: BodyFile<S>,
    pub(super) hash: PayloadHasher,
}

/// The way of one body to its file.
pub(super) struct Queue<S: Share> {
    state: Mutex<QueueState<S>>,
    /// Pieces are empty again, or the thread has ended.
    told: Notify,
}

struct QueueState<S: Share> {
    full: VecDeque<(Vec<u8>, Option<S>)>,
    empty: Vec<Vec<u8>>,
    /// How many pieces there are, wherever they are.
    pieces: usize,
    /// The file, while no thread has it.
    resting: Option<HashedFile<S>>,
    failed: Option<io::Error>,
}

impl<S: Share> Queue<S> {
    /// Nothing is to be written yet.
    pub(super) fn new(filed: HashedFile<S>) -> Arc<Self> {
        let (full, empty) = (VecDeque::new(), Vec::new());
        let state = QueueState { full, empty, pieces: 0, resting: Some(filed), failed: None };
        Arc::new(Self { state: Mutex::new(state), told: Notify::new() })
    }

    /// Hands a piece over, with its share of the disk.
    pub(super) fn push(self: &Arc<Self>, piece: Vec<u8>, share: Option<S>) {
        let mut state = self.state();
        state.full.push_back((piece, share));
        if let Some(filed) = state.resting.take() {
            self.spawn(filed);
        }
    }

    /// An empty piece, as soon as there is one.
    pub(super) async fn piece(&self) -> io::Result<Vec<u8>> {
        self.wait(|state| {
            if state.empty.is_empty() && state.pieces < PIECES_MAX {
                state.pieces += 1;
                return Some(Vec::with_capacity(PIECE_BYTES));
            }
            state.empty.pop()
        })
        .await
    }

    /// The file, when all is written.
    pub(super) async fn filed(&self) -> io::Result<HashedFile<S>> {
        self.wait(|state| state.resting.take()).await
    }

    async fn wait<T>(
        &self,
        mut taken: impl FnMut(&mut QueueState<S>) -> Option<T>,
    ) -> io::Result<T> {
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

    fn spawn(self: &Arc<Self>, filed: HashedFile<S>) {
        let queue = Arc::clone(self);
        // The handle is not needed: the thread says by itself how it ended.
        drop(spawn_blocking(move || queue.work(filed)));
    }

    /// Blocks, until nothing is left or others had to wait long enough.
    fn work(self: &Arc<Self>, mut filed: HashedFile<S>) {
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
            if state.empty.len() >= PIECES_MAX / 2 {
                self.told.notify_one();
            }
        }
        self.spawn(filed);
    }

    fn state(&self) -> MutexGuard<'_, QueueState<S>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn queue(file: File) -> Arc<Queue<()>> {
        Queue::new(HashedFile { kept: BodyFile::new(file, None), hash: PayloadHasher::new() })
    }

    #[tokio::test]
    async fn a_body_of_any_length_has_so_many_pieces_and_no_more() {
        let queue = queue(tempfile::tempfile().unwrap());
        let rounds = 5 * IN_A_ROW_MAX;
        for _ in 0..rounds {
            let mut piece = queue.piece().await.unwrap();
            piece.resize(PIECE_BYTES, 1);
            assert_eq!(piece.capacity(), PIECE_BYTES);
            queue.push(piece, None);
        }
        let (file, _) = queue.filed().await.unwrap().kept.into_parts().unwrap();
        assert_eq!(file.metadata().unwrap().len(), (rounds * PIECE_BYTES) as u64);
        let state = queue.state();
        assert!(state.pieces <= PIECES_MAX);
        assert_eq!((state.empty.len(), state.full.len()), (state.pieces, 0));
    }

    #[tokio::test]
    async fn a_file_that_fails_is_told_to_who_waits() {
        let read_only = tempfile::NamedTempFile::new().unwrap();
        let queue = queue(File::open(read_only.path()).unwrap());
        queue.push(vec![1], None);
        assert!(queue.filed().await.is_err());
    }
}
