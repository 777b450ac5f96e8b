//! Bodies while they come in, when nobody knows yet what becomes of them: in memory while they are small, in a
//! file without a name beyond that, and hashed on the way. A body of any length costs at most
//! [`MEMORY_BYTES_MAX`] of memory. [`BodyWriter`] is what the service and the proxy share; [`RequestBody`] is a whole
//! body on its way out, and [`HashedBody`] one whose hash is known.

mod outgoing;
mod queue;

use std::fmt;
use std::io::{self, Write};
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::body::{Body, Frame};
use sigv4::{PayloadHash, PayloadHasher};
use tokio::io::{AsyncRead, ReadBuf};

pub use outgoing::{FiledBody, FiledBodyWriter, RequestBody, SpooledBody};
pub use queue::{BodyFile, MEMORY_BYTES_MAX, PIECE_BYTES, PIECES_MAX, Share};

use queue::{HashedFile, Queue};

/// A body that gives nothing for so long is given up.
pub const IDLE_MAX: Duration = Duration::from_secs(60);

/// A body that comes in. What is in its file is hashed and written by a thread that may block, while the
/// connection goes on. How long it may stay in memory is for whoever writes to say.
pub struct BodyWriter<S: Share> {
    /// The folder of its file; the system's for temporary files where none is named.
    folder: Option<PathBuf>,
    /// All of it, or, once there is a file, what was not handed over yet.
    piece: Vec<u8>,
    so_far: SoFar<S>,
}

/// Where that is which came in.
enum SoFar<S: Share> {
    /// In memory.
    Memory(PayloadHasher),
    /// In the file, or on its way.
    File(Arc<Queue<S>>),
    /// Nowhere: the file failed.
    Lost,
}

/// A body that has no file yet.
pub struct InMemory<'a> {
    piece: &'a mut Vec<u8>,
    hasher: &'a mut PayloadHasher,
}

impl InMemory<'_> {
    /// How many bytes have come in.
    #[must_use]
    pub fn length(&self) -> usize {
        self.piece.len()
    }

    /// Takes the next piece.
    pub fn push(self, data: &[u8]) {
        self.hasher.update(data);
        self.piece.extend_from_slice(data);
    }
}

/// A body that has come in whole.
pub enum WrittenBody<S: Share> {
    /// In memory, and its hash.
    Memory(Bytes, PayloadHash),
    /// In a file, and its hash.
    File(BodyFile<S>, PayloadHash),
}

impl<S: Share> BodyWriter<S> {
    /// Nothing has come in yet. Its file, if it needs one, goes to `folder`, or to the system's folder for
    /// temporary files.
    #[must_use]
    pub fn new(folder: Option<PathBuf>) -> Self {
        Self { folder, piece: Vec::new(), so_far: SoFar::Memory(PayloadHasher::default()) }
    }

    /// What is in memory, as long as there is no file.
    pub fn in_memory(&mut self) -> Option<InMemory<'_>> {
        match &mut self.so_far {
            SoFar::Memory(hasher) => Some(InMemory { piece: &mut self.piece, hasher }),
            SoFar::File(_) | SoFar::Lost => None,
        }
    }

    /// Moves what is in memory to a file. It is waited for: its memory is free before there are pieces.
    ///
    /// # Errors
    /// The file cannot be made or written.
    pub async fn spill(&mut self, share: Option<S>) -> io::Result<()> {
        let SoFar::Memory(hasher) = std::mem::replace(&mut self.so_far, SoFar::Lost) else {
            return Err(io::ErrorKind::AlreadyExists.into());
        };
        let (folder, whole) = (self.folder.take(), std::mem::take(&mut self.piece));
        let spilling = tokio::task::spawn_blocking(move || {
            let mut file = folder.map_or_else(tempfile::tempfile, tempfile::tempfile_in)?;
            file.write_all(&whole)?;
            Ok(HashedFile { kept: BodyFile::new(file, share), hash: hasher })
        });
        let queue = Queue::new(spilling.await.map_err(io::Error::other).flatten()?);
        self.piece = queue.piece().await?;
        self.so_far = SoFar::File(queue);
        Ok(())
    }

    /// Writes the next piece of a body that has a file. `share`: of what was not handed over yet; it is taken
    /// when it is.
    ///
    /// # Errors
    /// The file cannot be written, now or before, or there is none.
    pub async fn write(&mut self, mut data: &[u8], share: &mut Option<S>) -> io::Result<()> {
        while !data.is_empty() {
            let room = PIECE_BYTES - self.piece.len();
            let (fits, rest) = data.split_at_checked(room).unwrap_or((data, &[]));
            self.piece.extend_from_slice(fits);
            data = rest;
            if self.piece.len() == PIECE_BYTES {
                let queue = self.hand_over(share)?;
                self.piece = queue.piece().await?;
                self.so_far = SoFar::File(queue);
            }
        }
        Ok(())
    }

    /// Hands the piece over. The way on is given back when the next piece is there.
    fn hand_over(&mut self, share: &mut Option<S>) -> io::Result<Arc<Queue<S>>> {
        let SoFar::File(queue) = std::mem::replace(&mut self.so_far, SoFar::Lost) else {
            return Err(io::ErrorKind::NotFound.into());
        };
        queue.push(std::mem::take(&mut self.piece), share.take());
        Ok(queue)
    }

    /// The body has come in whole. `share`: of what was not handed over yet.
    ///
    /// # Errors
    /// The file cannot be written, now or before.
    pub async fn finish(mut self, mut share: Option<S>) -> io::Result<WrittenBody<S>> {
        if let SoFar::Memory(hasher) = self.so_far {
            return Ok(WrittenBody::Memory(Bytes::from(self.piece), hasher.finish()));
        }
        let filed = self.hand_over(&mut share)?.filed().await?;
        Ok(WrittenBody::File(filed.kept, filed.hash.finish()))
    }
}

/// A whole body and its hash.
#[derive(Clone)]
pub struct HashedBody {
    /// SHA-256 of the bytes as they will be sent.
    pub hash: PayloadHash,
    /// How many there are.
    pub length: u64,
    place: RequestBody,
}

/// Why a body could not be taken.
#[derive(Debug)]
pub enum SpoolError {
    /// It is longer than allowed.
    TooLong {
        /// The limit in bytes.
        limit: u64,
    },
    /// It stopped for longer than allowed.
    Idle,
    /// Reading it failed: the client's connection.
    Read(String),
    /// The temporary file failed: our disk.
    File(io::Error),
}

impl fmt::Display for SpoolError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLong { limit } => write!(f, "the body is longer than {limit} bytes"),
            Self::Idle => write!(f, "the body stopped arriving"),
            Self::Read(cause) => write!(f, "cannot read the body: {cause}"),
            Self::File(cause) => write!(f, "cannot write the body to a temporary file: {cause}"),
        }
    }
}

impl std::error::Error for SpoolError {}

impl HashedBody {
    /// A body that is in memory already.
    ///
    /// ```
    /// use client::spool::HashedBody;
    ///
    /// let body = HashedBody::of("{}".into());
    /// assert_eq!((body.length, body.spilled()), (2, false));
    /// assert_eq!(body.hash, sigv4::PayloadHash::of(b"{}"));
    /// ```
    #[must_use]
    pub fn of(bytes: Bytes) -> Self {
        let (hash, length) = (PayloadHash::of(&bytes), bytes.len() as u64);
        Self { hash, length, place: RequestBody::Memory(bytes) }
    }

    /// Reads a body to its end, at most `length_max` bytes, waiting at most `idle_max` for each
    /// piece. Trailers are dropped: no signature covers them.
    ///
    /// # Errors
    /// [`SpoolError`]: too long, too slow, broken off, or our disk.
    pub async fn read<B>(
        mut body: B,
        length_max: u64,
        idle_max: Duration,
    ) -> Result<Self, SpoolError>
    where
        B: Body<Data = Bytes> + Unpin,
        B::Error: fmt::Display,
    {
        let mut writer = BodyWriter::<()>::new(None);
        let mut length = 0_u64;
        loop {
            let next = tokio::time::timeout(idle_max, body.frame()).await;
            let Some(frame) = next.map_err(|_| SpoolError::Idle)? else { break };
            let frame = frame.map_err(|error| SpoolError::Read(error.to_string()))?;
            let Ok(data) = frame.into_data() else { continue };
            length = length.saturating_add(data.len() as u64);
            if length > length_max {
                return Err(SpoolError::TooLong { limit: length_max });
            }
            if let Some(memory) = writer.in_memory() {
                if memory.length() + data.len() <= MEMORY_BYTES_MAX {
                    memory.push(&data);
                    continue;
                }
                writer.spill(None).await.map_err(SpoolError::File)?;
            }
            writer.write(&data, &mut None).await.map_err(SpoolError::File)?;
        }
        Ok(match writer.finish(None).await.map_err(SpoolError::File)? {
            WrittenBody::Memory(bytes, hash) => {
                Self { hash, length, place: RequestBody::Memory(bytes) }
            }
            WrittenBody::File(kept, hash) => {
                let filed = FiledBody::new(kept, length, hash).map_err(SpoolError::File)?;
                Self { hash, length, place: RequestBody::File(Arc::new(filed)) }
            }
        })
    }

    /// As [`HashedBody::read`], from whatever is read.
    ///
    /// # Errors
    /// As there.
    pub async fn read_from(
        reader: impl AsyncRead + Unpin,
        length_max: u64,
    ) -> Result<Self, SpoolError> {
        Self::read(ReadBody { reader, buffer: vec![0; READ_BYTES] }, length_max, IDLE_MAX).await
    }

    /// `length` bytes of the file at `path` from `from` on.
    ///
    /// # Errors
    /// The file cannot be read, or is shorter.
    pub async fn slice(path: &std::path::Path, from: u64, length: u64) -> io::Result<Self> {
        use tokio::io::{AsyncReadExt, AsyncSeekExt};
        let mut file = tokio::fs::File::open(path).await?;
        file.seek(io::SeekFrom::Start(from)).await?;
        let read = Self::read_from(file.take(length), length).await.map_err(io::Error::other)?;
        match read.length == length {
            true => Ok(read),
            false => Err(io::ErrorKind::UnexpectedEof.into()),
        }
    }

    /// The body, to be sent more than once.
    #[must_use]
    pub fn body(&self) -> &RequestBody {
        &self.place
    }

    /// Whether it went to a file.
    #[must_use]
    pub fn spilled(&self) -> bool {
        matches!(self.place, RequestBody::File(_))
    }

    /// The body to send.
    #[must_use]
    pub fn into_body(self) -> SpooledBody {
        self.place.to_body()
    }
}

/// Bytes that are read at once.
const READ_BYTES: usize = 64 * 1024;

/// What a reader has, as a body.
struct ReadBody<R> {
    reader: R,
    buffer: Vec<u8>,
}

impl<R: AsyncRead + Unpin> Body for ReadBody<R> {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        let Self { reader, buffer } = &mut *self;
        let mut buffer = ReadBuf::new(buffer);
        match Pin::new(reader).poll_read(context, &mut buffer) {
            Poll::Pending => Poll::Pending,
            Poll::Ready(Err(error)) => Poll::Ready(Some(Err(error))),
            Poll::Ready(Ok(())) if buffer.filled().is_empty() => Poll::Ready(None),
            Poll::Ready(Ok(())) => {
                Poll::Ready(Some(Ok(Frame::data(Bytes::copy_from_slice(buffer.filled())))))
            }
        }
    }
}

impl From<HashedBody> for RequestBody {
    fn from(body: HashedBody) -> Self {
        body.place
    }
}
