//! A body on its way out: what is in a file is read as fast as the other side takes it, a piece at a time.

use std::any::Any;
use std::fmt;
use std::fs::File;
use std::io::{self, Write};
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};
use sigv4::{PayloadHash, PayloadHasher};
use tokio::runtime::Handle;
use tokio::task::JoinHandle;

use super::queue::{BodyFile, PIECE_BYTES, Share};

/// The body of a request, which may be sent more than once.
#[derive(Clone)]
pub enum RequestBody {
    /// In memory.
    Memory(Bytes),
    /// In a file.
    File(Arc<FiledBody>),
}

/// A whole body in a file without a name, of known length and hash; what its bytes are counted as stays with it.
pub struct FiledBody {
    file: Option<File>,
    length: u64,
    hash: PayloadHash,
    /// Bytes that were read from it, each time that it is sent.
    read: AtomicU64,
    _share: Box<dyn Any + Send + Sync>,
}

impl RequestBody {
    /// How many bytes there are.
    #[must_use]
    pub fn length(&self) -> u64 {
        match self {
            Self::Memory(bytes) => bytes.len() as u64,
            Self::File(filed) => filed.length,
        }
    }

    /// SHA-256 of the bytes; of a body in memory it is taken here.
    ///
    /// ```
    /// use client::spool::RequestBody;
    ///
    /// assert!(RequestBody::from("{}").hash() == sigv4::PayloadHash::of(b"{}"));
    /// ```
    #[must_use]
    pub fn hash(&self) -> PayloadHash {
        match self {
            Self::Memory(bytes) => PayloadHash::of(bytes),
            Self::File(filed) => filed.hash,
        }
    }

    /// The body to send, from its beginning.
    #[must_use]
    pub fn to_body(&self) -> SpooledBody {
        SpooledBody { place: self.clone(), at: 0, buffer: Vec::new(), reading: None }
    }

    /// What comes of `sending` this body; none where that is nothing for `silence_max`, and nothing more of the body was taken in that
    /// time.
    pub async fn sent_within<T>(
        &self,
        silence_max: Duration,
        sending: impl Future<Output = T>,
    ) -> Option<T> {
        let mut sending = std::pin::pin!(sending);
        let mut taken = self.bytes_read();
        loop {
            if let Ok(done) = tokio::time::timeout(silence_max, sending.as_mut()).await {
                return Some(done);
            }
            let more = self.bytes_read();
            if more == taken {
                return None;
            }
            taken = more;
        }
    }

    /// How much was read from its file to be sent; 0 where it is in memory.
    #[must_use]
    pub fn bytes_read(&self) -> u64 {
        match self {
            Self::Memory(_) => 0,
            Self::File(filed) => filed.read.load(Ordering::Relaxed),
        }
    }
}

impl From<Bytes> for RequestBody {
    fn from(bytes: Bytes) -> Self {
        Self::Memory(bytes)
    }
}

impl From<&'static str> for RequestBody {
    fn from(text: &'static str) -> Self {
        Self::Memory(Bytes::from_static(text.as_bytes()))
    }
}

impl fmt::Debug for RequestBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes", self.length())
    }
}

impl FiledBody {
    /// The body that came in.
    ///
    /// # Errors
    /// As [`BodyFile::into_parts`].
    pub fn new<S: Share + Sync>(
        kept: BodyFile<S>,
        length: u64,
        hash: PayloadHash,
    ) -> io::Result<Self> {
        let (file, share) = kept.into_parts()?;
        Ok(Self::of(file, length, hash, share))
    }

    fn of(file: File, length: u64, hash: PayloadHash, share: impl Any + Send + Sync) -> Self {
        let (file, read) = (Some(file), AtomicU64::new(0));
        Self { file, length, hash, read, _share: Box::new(share) }
    }

    /// Puts at most [`PIECE_BYTES`] from `at` on into `piece`. Blocks.
    fn read_piece(&self, at: u64, piece: &mut Vec<u8>) -> io::Result<()> {
        let file = self.file.as_ref().ok_or(io::ErrorKind::NotFound)?;
        let left = usize::try_from(self.length.saturating_sub(at)).unwrap_or(usize::MAX);
        piece.resize(left.min(PIECE_BYTES), 0);
        file.read_exact_at(piece, at)?;
        self.read.fetch_add(piece.len() as u64, Ordering::Relaxed);
        Ok(())
    }
}

impl Drop for FiledBody {
    /// As [`BodyFile`]: no connection waits until the pages of a large file are given back.
    fn drop(&mut self) {
        if let (Some(file), Ok(runtime)) = (self.file.take(), Handle::try_current()) {
            runtime.spawn_blocking(move || drop(file));
        }
    }
}

/// Makes a body in a file without a name, by a thread that may block.
pub struct FiledBodyWriter {
    file: File,
    length: u64,
    hash: PayloadHasher,
}

impl FiledBodyWriter {
    /// Nothing is written yet.
    ///
    /// # Errors
    /// The file cannot be made in `folder`.
    pub fn new(folder: &Path) -> io::Result<Self> {
        let file = tempfile::tempfile_in(folder)?;
        Ok(Self { file, length: 0, hash: PayloadHasher::new() })
    }

    /// The body as it was written; `share` stays with it.
    #[must_use]
    pub fn finish(self, share: impl Any + Send + Sync) -> RequestBody {
        let Self { file, length, hash } = self;
        RequestBody::File(Arc::new(FiledBody::of(file, length, hash.finish(), share)))
    }
}

impl Write for FiledBodyWriter {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        let count = self.file.write(data)?;
        self.hash.update(data.get(..count).unwrap_or_default());
        self.length += count as u64;
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// A body on its way out, of known length.
pub struct SpooledBody {
    place: RequestBody,
    at: u64,
    /// What pieces are read into, again and again: what one thread makes and another drops comes back to nobody for long.
    buffer: Vec<u8>,
    /// The piece that is being read: the next one is when this one was taken.
    reading: Option<JoinHandle<io::Result<Vec<u8>>>>,
}

impl Body for SpooledBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        let this = &mut *self;
        let at = this.at;
        if at == this.place.length() {
            return Poll::Ready(None);
        }
        let piece = match &mut this.place {
            RequestBody::Memory(bytes) => bytes.clone(),
            RequestBody::File(filed) => {
                let reading = this.reading.get_or_insert_with(|| {
                    let (filed, mut buffer) = (Arc::clone(filed), std::mem::take(&mut this.buffer));
                    tokio::task::spawn_blocking(move || {
                        filed.read_piece(at, &mut buffer).map(|()| buffer)
                    })
                });
                let Poll::Ready(read) = Pin::new(reading).poll(context) else {
                    return Poll::Pending;
                };
                this.reading = None;
                match read.map_err(io::Error::other).flatten() {
                    Ok(read) => {
                        this.buffer = read;
                        Bytes::copy_from_slice(&this.buffer)
                    }
                    Err(error) => return Poll::Ready(Some(Err(error))),
                }
            }
        };
        this.at += piece.len() as u64;
        Poll::Ready(Some(Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        self.at == self.place.length()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.place.length() - self.at)
    }
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt;

    use super::*;

    fn filed(bytes: &[u8]) -> RequestBody {
        let mut writer = FiledBodyWriter::new(&std::env::temp_dir()).unwrap();
        writer.write_all(bytes).unwrap();
        writer.finish(())
    }

    #[tokio::test]
    async fn a_body_in_a_file_is_sent_as_often_as_it_is_asked_for() {
        let bytes: Vec<u8> = (0..600_000_u32).map(|n| (n % 251) as u8).collect();
        let body = filed(&bytes);
        assert_eq!(body.length(), 600_000);
        assert!(body.hash() == PayloadHash::of(&bytes));
        for _ in 0..2 {
            let sent = body.to_body().collect().await.unwrap().to_bytes();
            assert!(sent == bytes);
        }
    }

    #[tokio::test]
    async fn no_more_is_read_than_was_asked_for() {
        let body = filed(&vec![7; 4 * PIECE_BYTES]);
        let mut sending = body.to_body();
        for pieces in 1..=4 {
            let piece = sending.frame().await.unwrap().unwrap().into_data().unwrap();
            assert_eq!(piece.len(), PIECE_BYTES);
            assert_eq!(body.bytes_read(), (pieces * PIECE_BYTES) as u64);
        }
        assert!(sending.frame().await.is_none());
    }

    #[tokio::test]
    async fn a_file_that_is_shorter_than_it_was_is_no_whole_body() {
        let body = filed(&[7; 10]);
        let RequestBody::File(filed) = &body else { panic!("it is in memory") };
        filed.file.as_ref().unwrap().set_len(9).unwrap();
        assert!(body.to_body().collect().await.is_err());
    }
}
