//! A body that is hashed before it is sent: in memory while it is small, in an unnamed temporary
//! file beyond that. Each body costs at most [`MEMORY_BYTES_MAX`] of memory.

use std::fmt;
use std::io::SeekFrom;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;
use hyper::body::{Body, Frame, SizeHint};
use sigv4::{PayloadHash, PayloadHasher};
use tokio::fs::File;
use tokio::io::{AsyncRead, AsyncSeekExt, AsyncWriteExt, BufWriter, ReadBuf};

/// Bytes of a body kept in memory; a longer one goes to a file.
pub const MEMORY_BYTES_MAX: usize = 1024 * 1024;
/// Bytes written to the file, or read from it, at a time: each time another thread is woken for it. While one such piece
/// is written, the next one comes in.
const CHUNK_BYTES: usize = 256 * 1024;
/// A body that gives nothing for so long is given up.
pub const IDLE_MAX: Duration = Duration::from_secs(60);

/// A whole body and its hash.
pub struct Spooled {
    /// SHA-256 of the bytes as they will be sent.
    pub hash: PayloadHash,
    /// How many there are.
    pub length: u64,
    place: Place,
}

enum Place {
    Memory(Bytes),
    File(File),
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
    File(std::io::Error),
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

impl Spooled {
    /// A body that is in memory already.
    pub fn of(bytes: Bytes) -> Self {
        let (hash, length) = (PayloadHash::of(&bytes), bytes.len() as u64);
        Self { hash, length, place: Place::Memory(bytes) }
    }

    /// Reads a body to its end, at most `length_max` bytes, waiting at most `idle_max` for each
    /// piece. Trailers are dropped: no signature covers them.
    pub async fn read<B>(
        mut body: B,
        length_max: u64,
        idle_max: Duration,
    ) -> Result<Self, SpoolError>
    where
        B: Body<Data = Bytes> + Unpin,
        B::Error: fmt::Display,
    {
        let mut hasher = PayloadHasher::new();
        let mut memory = BytesMut::new();
        let mut file: Option<BufWriter<File>> = None;
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
            hasher.update(&data);
            match &mut file {
                Some(file) => file.write_all(&data).await.map_err(SpoolError::File)?,
                None if memory.len() + data.len() <= MEMORY_BYTES_MAX => {
                    memory.extend_from_slice(&data);
                }
                None => {
                    let mut spill = BufWriter::with_capacity(CHUNK_BYTES, temporary().await?);
                    spill.write_all(&memory).await.map_err(SpoolError::File)?;
                    spill.write_all(&data).await.map_err(SpoolError::File)?;
                    memory = BytesMut::new();
                    file = Some(spill);
                }
            }
        }
        let place = match file {
            None => Place::Memory(memory.freeze()),
            Some(mut file) => {
                file.flush().await.map_err(SpoolError::File)?;
                let mut file = file.into_inner();
                file.seek(SeekFrom::Start(0)).await.map_err(SpoolError::File)?;
                Place::File(file)
            }
        };
        Ok(Self { hash: hasher.finish(), length, place })
    }

    /// Whether it went to a file.
    pub fn spilled(&self) -> bool {
        matches!(self.place, Place::File(_))
    }

    /// The body to send.
    pub fn into_body(self) -> SpooledBody {
        let buffer = match self.place {
            Place::Memory(_) => Vec::new(),
            Place::File(_) => vec![0; CHUNK_BYTES],
        };
        SpooledBody { place: self.place, left: self.length, buffer }
    }
}

/// A spooled body on its way out, of known length.
pub struct SpooledBody {
    place: Place,
    left: u64,
    buffer: Vec<u8>,
}

impl Body for SpooledBody {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, std::io::Error>>> {
        let this = &mut *self;
        if this.left == 0 {
            return Poll::Ready(None);
        }
        match &mut this.place {
            Place::Memory(bytes) => {
                this.left = 0;
                Poll::Ready(Some(Ok(Frame::data(std::mem::take(bytes)))))
            }
            Place::File(file) => {
                let mut buffer = ReadBuf::new(&mut this.buffer);
                match Pin::new(file).poll_read(context, &mut buffer) {
                    Poll::Pending => Poll::Pending,
                    Poll::Ready(Err(error)) => Poll::Ready(Some(Err(error))),
                    Poll::Ready(Ok(())) if buffer.filled().is_empty() => {
                        Poll::Ready(Some(Err(std::io::ErrorKind::UnexpectedEof.into())))
                    }
                    Poll::Ready(Ok(())) => {
                        let data = Bytes::copy_from_slice(buffer.filled());
                        this.left = this.left.saturating_sub(data.len() as u64);
                        Poll::Ready(Some(Ok(Frame::data(data))))
                    }
                }
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.left == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}

/// A file without a name: it is gone when it is closed, however the process ends.
async fn temporary() -> Result<File, SpoolError> {
    let made = tokio::task::spawn_blocking(tempfile::tempfile).await;
    let file = made.map_err(|error| SpoolError::File(std::io::Error::other(error)))?;
    let mut file = File::from_std(file.map_err(SpoolError::File)?);
    file.set_max_buf_size(CHUNK_BYTES);
    Ok(file)
}
