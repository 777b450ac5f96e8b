//! Bodies while they come in, when nobody knows yet whether they are signed: in memory while they are
//! small, in a file without a name in the data folder beyond that. Whatever a body claims, it costs at most
//! [`SPILL_FROM_BYTES`] of memory until its signature is proven; only then it is loaded.

use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::PathBuf;
use std::sync::Arc;

use bytes::Bytes;
use sigv4::{PayloadHash, PayloadHasher};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use self::queue::{Filed, Kept, Queue};
use crate::limits::{self, SPILL_FROM_BYTES};
use crate::refusal::Malformed;

mod queue;

/// Where bodies are kept, and how much of them there may be over all requests.
pub struct Spool {
    folder: PathBuf,
    /// Bytes in memory.
    memory: Arc<Semaphore>,
    /// Bytes in files.
    disk: Arc<Semaphore>,
}

/// A share of the bytes in flight; gives itself back.
type Share = Option<OwnedSemaphorePermit>;

impl Spool {
    /// Files go to `folder`; one body of `body_bytes_max` always fits into the memory.
    #[must_use]
    pub fn new(folder: PathBuf, body_bytes_max: usize) -> Self {
        let memory = limits::BODIES_IN_FLIGHT_BYTES_MAX.max(body_bytes_max);
        Self {
            folder,
            memory: Arc::new(Semaphore::new(memory)),
            disk: Arc::new(Semaphore::new(limits::SPOOL_BYTES_MAX)),
        }
    }

    /// Begins a body.
    #[must_use]
    pub fn begin(self: &Arc<Self>) -> Spooling {
        let so_far = SoFar::Memory(Hashing::default());
        let (memory, disk) = (None, None);
        Spooling { spool: Arc::clone(self), piece: Vec::new(), memory, disk, so_far }
    }
}

/// A body that is coming in. What is beyond [`SPILL_FROM_BYTES`] is hashed and written by a thread that may
/// block, while the connection goes on.
pub struct Spooling {
    spool: Arc<Spool>,
    /// All of it, or, once there is a file, what was not handed over yet.
    piece: Vec<u8>,
    memory: Share,
    /// Of what was not handed over yet.
    disk: Share,
    so_far: SoFar,
}

/// Where that is which came in.
enum SoFar {
    /// In memory.
    Memory(Hashing),
    /// In the file, or on its way.
    File(Arc<Queue>),
    /// Nowhere: the file failed.
    Lost,
}

/// How much of a body in memory is hashed: nothing of a small one, which its signature's check hashes.
#[derive(Default)]
struct Hashing {
    hasher: PayloadHasher,
    count: usize,
}

impl Hashing {
    /// Hashes what is new of the body.
    fn catch_up(&mut self, body: &[u8]) {
        self.hasher.update(body.get(self.count..).unwrap_or_default());
        self.count = body.len();
    }
}

impl Spooling {
    /// Takes the next piece. 429: there are too many bytes in flight; 503: the disk failed.
    pub async fn take(&mut self, mut data: &[u8]) -> Result<(), Malformed> {
        if let SoFar::Memory(hashing) = &mut self.so_far {
            if self.piece.len() + data.len() <= SPILL_FROM_BYTES {
                admit(&self.spool.memory, data.len(), &mut self.memory)?;
                self.piece.extend_from_slice(data);
                if self.piece.len() > limits::HASHED_AT_ONCE_BYTES_MAX {
                    hashing.catch_up(&self.piece);
                }
                return Ok(());
            }
            self.spill().await?;
        }
        admit(&self.spool.disk, data.len(), &mut self.disk)?;
        while !data.is_empty() {
            let room = limits::SPOOL_WRITE_BYTES - self.piece.len();
            let (fits, rest) = data.split_at_checked(room).unwrap_or((data, &[]));
            self.piece.extend_from_slice(fits);
            data = rest;
            if self.piece.len() == limits::SPOOL_WRITE_BYTES {
                let queue = self.hand_over()?;
                self.piece = queue.piece().await.map_err(disk_failed)?;
                self.so_far = SoFar::File(queue);
            }
        }
        Ok(())
    }

    /// Moves what is in memory to a file. It is waited for: its memory is free before there are pieces.
    async fn spill(&mut self) -> Result<(), Malformed> {
        let SoFar::Memory(mut hashing) = std::mem::replace(&mut self.so_far, SoFar::Lost) else {
            return Ok(());
        };
        let mut share = None;
        admit(&self.spool.disk, self.piece.len(), &mut share)?;
        let (folder, whole) = (self.spool.folder.clone(), std::mem::take(&mut self.piece));
        let spilling = tokio::task::spawn_blocking(move || {
            let mut file = tempfile::tempfile_in(folder)?;
            file.write_all(&whole)?;
            hashing.catch_up(&whole);
            Ok(Filed { kept: Kept::new(file, share), hash: hashing.hasher })
        });
        let filed = spilling.await.map_err(io::Error::other).flatten().map_err(disk_failed)?;
        let queue = Queue::new(filed);
        self.piece = queue.piece().await.map_err(disk_failed)?;
        self.so_far = SoFar::File(queue);
        Ok(())
    }

    /// Hands the piece over. The way on is given back when the next piece is there.
    fn hand_over(&mut self) -> Result<Arc<Queue>, Malformed> {
        let SoFar::File(queue) = std::mem::replace(&mut self.so_far, SoFar::Lost) else {
            return Err(disk_failed(io::ErrorKind::NotFound.into()));
        };
        queue.push(std::mem::take(&mut self.piece), self.disk.take());
        Ok(queue)
    }

    /// The body has come in whole.
    pub async fn finish(mut self) -> Result<Spooled, Malformed> {
        let memory = Arc::clone(&self.spool.memory);
        if let SoFar::Memory(hashing) = self.so_far {
            let hash = (hashing.count > 0).then(|| hashing.hasher.finish());
            let place = Place::Memory(Bytes::from(self.piece), hash, self.memory);
            return Ok(Spooled { place, memory });
        }
        let filed = self.hand_over()?.filed().await.map_err(disk_failed)?;
        Ok(Spooled { place: Place::File(filed.kept, filed.hash.finish()), memory })
    }
}

/// A whole body of which nobody knows yet whether it will be executed.
pub struct Spooled {
    place: Place,
    memory: Arc<Semaphore>,
}

enum Place {
    /// A small one is not hashed yet.
    Memory(Bytes, Option<PayloadHash>, Share),
    File(Kept, PayloadHash),
}

impl Spooled {
    /// The body for its signature's check.
    pub fn body(&self) -> sigv4::Body<'_> {
        match &self.place {
            Place::Memory(bytes, None, _) => sigv4::Body::Whole(bytes),
            Place::Memory(_, Some(hash), _) | Place::File(_, hash) => sigv4::Body::Hashed(*hash),
        }
    }

    /// The body as sent, if it is in memory and nothing more is to be done with it.
    pub fn in_memory(self, gzip: bool) -> Result<(Bytes, Share), Self> {
        match self.place {
            Place::Memory(bytes, _, share) if !gzip || bytes.is_empty() => Ok((bytes, share)),
            place => Err(Self { place, ..self }),
        }
    }

    /// Loads the body of a proven caller, at most `bytes_max` bytes after decoding: a bomb is 413 before
    /// it is memory. Blocks.
    pub fn load(self, gzip: bool, bytes_max: usize) -> Result<(Bytes, Share), Malformed> {
        match self.place {
            Place::Memory(bytes, _, _share) => read(&*bytes, gzip, bytes_max, &self.memory),
            Place::File(kept, _) => {
                let (mut file, _share) = kept.into_parts().map_err(disk_failed)?;
                file.seek(SeekFrom::Start(0)).map_err(disk_failed)?;
                read(file, gzip, bytes_max, &self.memory)
            }
        }
    }
}

fn read(
    source: impl Read,
    gzip: bool,
    bytes_max: usize,
    memory: &Arc<Semaphore>,
) -> Result<(Bytes, Share), Malformed> {
    let (mut loaded, mut share) = (Vec::new(), None);
    let mut source: Box<dyn Read> =
        if gzip { Box::new(flate2::read::MultiGzDecoder::new(source)) } else { Box::new(source) };
    loop {
        let before = loaded.len();
        let mut piece = source.by_ref().take(limits::SPOOL_WRITE_BYTES as u64);
        let read = piece.read_to_end(&mut loaded);
        let count = read.map_err(|error| match gzip {
            true => Malformed::bad(format!("Content-Encoding is gzip, the body: {error}")),
            false => disk_failed(error),
        })?;
        if loaded.len() > bytes_max {
            return Err(Malformed::body_too_large(bytes_max));
        }
        admit(memory, loaded.len() - before, &mut share)?;
        if count == 0 {
            return Ok((Bytes::from(loaded), share));
        }
    }
}

/// Counts `length` bytes among those in flight, or refuses with 429.
fn admit(room: &Arc<Semaphore>, length: usize, share: &mut Share) -> Result<(), Malformed> {
    let count = u32::try_from(length).unwrap_or(u32::MAX);
    let permit = Arc::clone(room)
        .try_acquire_many_owned(count)
        .map_err(|_full| Malformed::new(429, "too many bytes in flight"))?;
    join(share, Some(permit));
    Ok(())
}

fn join(share: &mut Share, more: Share) {
    match (share.as_mut(), more) {
        (Some(share), Some(more)) => share.merge(more),
        (None, more) => *share = more,
        (Some(_), None) => {}
    }
}

fn disk_failed(error: io::Error) -> Malformed {
    tracing::error!(%error, "a body could not be kept in the data folder");
    Malformed::new(503, "the body could not be kept")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spool(name: &str) -> (Arc<Spool>, PathBuf) {
        let folder = crate::private_file::scratch(name);
        (Arc::new(Spool::new(folder.clone(), limits::BODY_BYTES_MAX)), folder)
    }

    async fn spooled(spool: &Arc<Spool>, body: &[u8]) -> Spooled {
        let mut spooling = spool.begin();
        for piece in body.chunks(100_000) {
            spooling.take(piece).await.unwrap();
        }
        let spooled = spooling.finish().await.unwrap();
        match spooled.body() {
            sigv4::Body::Whole(bytes) => assert!(bytes == body),
            sigv4::Body::Hashed(hash) => assert_eq!(hash, PayloadHash::of(body)),
        }
        spooled
    }

    fn free(spool: &Spool) -> (usize, usize) {
        let memory = limits::BODIES_IN_FLIGHT_BYTES_MAX - spool.memory.available_permits();
        (memory, limits::SPOOL_BYTES_MAX - spool.disk.available_permits())
    }

    #[tokio::test]
    async fn a_small_body_stays_in_memory() {
        let (spool, folder) = spool("spool-small");
        let body = spooled(&spool, b"{}").await;
        assert_eq!(free(&spool), (2, 0));
        let (bytes, share) = body.in_memory(false).ok().unwrap();
        assert_eq!(&bytes[..], b"{}");
        drop(share);
        assert_eq!(free(&spool), (0, 0));
        std::fs::remove_dir_all(folder).unwrap();
    }

    #[tokio::test]
    async fn a_small_body_is_hashed_with_its_signature_and_a_longer_one_as_it_comes_in() {
        let (spool, folder) = spool("spool-hashed");
        let small = limits::HASHED_AT_ONCE_BYTES_MAX;
        for length in [0, 1, small] {
            let body = spooled(&spool, &vec![b'x'; length]).await;
            assert!(matches!(body.body(), sigv4::Body::Whole(_)), "{length}");
        }
        for length in [small + 1, 100_000, 100_001, SPILL_FROM_BYTES, SPILL_FROM_BYTES + 1] {
            let body = spooled(&spool, &vec![b'x'; length]).await;
            assert!(matches!(body.body(), sigv4::Body::Hashed(_)), "{length}");
        }
        std::fs::remove_dir_all(folder).unwrap();
    }

    #[tokio::test]
    async fn a_large_body_costs_the_limit_until_it_is_loaded_and_leaves_no_file() {
        let (spool, folder) = spool("spool-large");
        let sent: Vec<u8> = (0..5_000_000_u32).map(|n| (n % 251) as u8).collect();
        let body = spooled(&spool, &sent).await;
        assert!(free(&spool).0 <= SPILL_FROM_BYTES);
        assert_eq!(free(&spool).1, sent.len());
        assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 0, "the file has no name");
        let (bytes, _share) = body.load(false, sent.len()).unwrap();
        assert!(bytes == sent);
        assert_eq!(free(&spool), (sent.len(), 0));
        std::fs::remove_dir_all(folder).unwrap();
    }

    #[tokio::test]
    async fn a_body_beyond_the_disks_share_is_429_and_gives_its_share_back() {
        let (spool, folder) = spool("spool-full");
        let held =
            Arc::clone(&spool.disk).try_acquire_many_owned(limits::SPOOL_BYTES_MAX as u32 - 9);
        let mut spooling = spool.begin();
        spooling.take(&vec![0; SPILL_FROM_BYTES]).await.unwrap();
        assert_eq!(spooling.take(&[0]).await.unwrap_err().status, 429);
        drop((spooling, held));
        assert_eq!(free(&spool), (0, 0));
        std::fs::remove_dir_all(folder).unwrap();
    }

    #[tokio::test]
    async fn a_body_of_any_length_is_kept_and_hashed_as_sent() {
        let (spool, folder) = spool("spool-lengths");
        let piece = limits::SPOOL_WRITE_BYTES;
        for more in [0, 1, piece - 1, piece, piece + 1, 2 * piece, 3 * piece + 7] {
            let length = SPILL_FROM_BYTES + more;
            let sent: Vec<u8> = (0..length).map(|n| (n % 253) as u8).collect();
            let (bytes, _share) = spooled(&spool, &sent).await.load(false, length).unwrap();
            assert!(bytes == sent, "{length}");
        }
        std::fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn a_request_that_is_given_up_leaves_neither_a_share_nor_a_file() {
        let (spool, folder) = spool("spool-given-up");
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let mut spooling = spool.begin();
            let whole = SPILL_FROM_BYTES + limits::SPOOL_WRITE_BYTES + 1;
            spooling.take(&vec![0; whole]).await.unwrap();
            assert_eq!(free(&spool), (0, whole));
        });
        // Waits for the thread that was left with a piece.
        drop(runtime);
        assert_eq!(free(&spool), (0, 0));
        assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 0);
        std::fs::remove_dir_all(folder).unwrap();
    }

    #[tokio::test]
    async fn a_disk_that_fails_is_503_and_gives_the_shares_back() {
        let (spool, folder) = spool("spool-failing");
        std::fs::remove_dir_all(&folder).unwrap();
        let mut spooling = spool.begin();
        spooling.take(&vec![0; SPILL_FROM_BYTES]).await.unwrap();
        assert_eq!(spooling.take(&[0]).await.unwrap_err().status, 503);
        assert_eq!(spooling.finish().await.err().map(|refused| refused.status), Some(503));
        assert_eq!(free(&spool), (0, 0));
    }

    #[tokio::test]
    async fn a_bomb_is_413_and_a_lie_about_gzip_is_400() {
        let (spool, folder) = spool("spool-gzip");
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(&vec![b' '; 3_000_000]).unwrap();
        let packed = encoder.finish().unwrap();
        let body = spooled(&spool, &packed).await;
        assert_eq!(body.load(true, 2_000_000).unwrap_err().status, 413);
        let body = spooled(&spool, &packed).await;
        assert_eq!(body.load(true, 3_000_000).unwrap().0.len(), 3_000_000);
        let body = spooled(&spool, b"plain").await;
        assert_eq!(body.load(true, 3_000_000).unwrap_err().status, 400);
        std::fs::remove_dir_all(folder).unwrap();
    }
}
