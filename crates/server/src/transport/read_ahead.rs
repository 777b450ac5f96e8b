//! What is read ahead of TLS while a body comes in: rustls asks its socket for one record at a time, at most
//! 16 KiB. Heads and idle connections hold nothing here.

use std::future::Future;
use std::io;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::{Buf, BytesMut};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::guards::limits::READ_AHEAD_BYTES;

/// What a connection is once its handshake is done.
pub(crate) type Tls = tokio_rustls::server::TlsStream<ReadAhead<TcpStream>>;

/// A connection under TLS. Writes go through.
pub(crate) struct ReadAhead<S> {
    stream: S,
    bulk: bool,
    /// What came and was not asked for yet.
    ahead: BytesMut,
    /// Held with the memory of `ahead`.
    place: Option<OwnedSemaphorePermit>,
    places: Arc<Semaphore>,
}

impl<S> ReadAhead<S> {
    /// Nothing is read ahead until [`ReadAhead::expect_bulk`] says so, and while none of `places` is free.
    pub(crate) fn new(stream: S, places: Arc<Semaphore>) -> Self {
        Self { stream, bulk: false, ahead: BytesMut::new(), place: None, places }
    }

    /// Says whether many bytes will follow.
    pub(crate) fn expect_bulk(&mut self, bulk: bool) {
        self.bulk = bulk;
    }

    /// Whether the stream is read ahead of what is asked for, which takes memory.
    fn reads_ahead(&mut self) -> bool {
        if !self.bulk {
            (self.ahead, self.place) = (BytesMut::new(), None);
        } else if self.place.is_none() {
            self.place = Arc::clone(&self.places).try_acquire_owned().ok();
        }
        self.place.is_some()
    }
}

impl ReadAhead<TcpStream> {
    /// Resolves when there is something to read, or the client has ended the connection.
    pub(crate) async fn readable(&self) -> io::Result<()> {
        if self.ahead.is_empty() { self.stream.readable().await } else { Ok(()) }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for ReadAhead<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = &mut *self;
        if this.ahead.is_empty() {
            if !this.reads_ahead() {
                return Pin::new(&mut this.stream).poll_read(context, buffer);
            }
            this.ahead.reserve(READ_AHEAD_BYTES);
            ready!(pin!(this.stream.read_buf(&mut this.ahead)).poll(context))?;
        }
        let length = buffer.remaining().min(this.ahead.len());
        buffer.put_slice(this.ahead.get(..length).unwrap_or_default());
        this.ahead.advance(length);
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for ReadAhead<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    /// Passed on too: rustls hands over all the records of an answer at once.
    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        pieces: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, pieces)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives so many bytes, and counts how often it is asked.
    struct SourceAddress {
        left: usize,
        asked: usize,
    }

    impl AsyncRead for SourceAddress {
        fn poll_read(
            mut self: Pin<&mut Self>,
            _: &mut Context<'_>,
            buffer: &mut ReadBuf<'_>,
        ) -> Poll<io::Result<()>> {
            let length = self.left.min(buffer.remaining());
            buffer.put_slice(&vec![7; length]);
            self.left -= length;
            self.asked += 1;
            Poll::Ready(Ok(()))
        }
    }

    const TOTAL: usize = READ_AHEAD_BYTES * 4;

    /// Reads all that there is in small pieces, as rustls does.
    async fn read_all(connection: &mut ReadAhead<SourceAddress>) -> usize {
        let (mut piece, mut total) = ([0; 4096], 0);
        loop {
            match connection.read(&mut piece).await.unwrap() {
                0 => return total,
                count => total += count,
            }
        }
    }

    fn connection(places: usize) -> ReadAhead<SourceAddress> {
        ReadAhead::new(SourceAddress { left: TOTAL, asked: 0 }, Arc::new(Semaphore::new(places)))
    }

    #[tokio::test]
    async fn a_body_is_read_in_large_pieces_and_whole() {
        let mut connection = connection(1);
        connection.expect_bulk(true);
        assert_eq!(read_all(&mut connection).await, TOTAL);
        assert!(connection.stream.asked <= 6, "{}", connection.stream.asked);
    }

    #[tokio::test]
    async fn what_was_read_ahead_is_read_first_and_then_the_memory_is_free() {
        let mut connection = connection(1);
        connection.expect_bulk(true);
        let mut first = [0; 10];
        assert_eq!(connection.read(&mut first).await.unwrap(), 10);
        assert!(connection.ahead.capacity() > 0);
        assert_eq!(connection.places.available_permits(), 0);
        connection.expect_bulk(false);
        assert_eq!(read_all(&mut connection).await, TOTAL - 10);
        assert_eq!(connection.ahead.capacity(), 0);
        assert_eq!(connection.places.available_permits(), 1);
    }

    #[tokio::test]
    async fn a_connection_without_a_body_or_without_a_place_holds_nothing() {
        for (places, bulk) in [(1, false), (0, true)] {
            let mut connection = connection(places);
            connection.expect_bulk(bulk);
            assert_eq!(read_all(&mut connection).await, TOTAL);
            assert_eq!(connection.stream.asked, TOTAL / 4096 + 1);
            assert_eq!(connection.ahead.capacity(), 0);
        }
    }
}
