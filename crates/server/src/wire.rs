//! The bytes under hyper: cuts a client that does not take its answer, and gives the answers that
//! hyper makes by itself (a head it cannot parse, a head too large) the headers every answer has.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep};

use crate::accept::Line;
use crate::limits;
use crate::porch::Porch;
use crate::respond;

/// A TLS stream with a time limit on writing.
pub struct Wire<S> {
    stream: S,
    line: Arc<Line>,
    porch: Porch,
    /// Runs while a write is stuck.
    stalled: Option<Pin<Box<Sleep>>>,
    /// HTTP/2 frames are never looked into.
    http1: bool,
    /// What is left of an answer of ours that replaced one of hyper's.
    replacement: Vec<u8>,
}

impl<S> Wire<S> {
    /// Under an HTTP/1.1 connection.
    pub fn new(stream: S, line: Arc<Line>, porch: Porch) -> Self {
        Self { stream, line, porch, stalled: None, http1: true, replacement: Vec::new() }
    }

    /// Under an HTTP/2 connection.
    pub fn new_http2(stream: S, line: Arc<Line>, porch: Porch) -> Self {
        Self { http1: false, ..Self::new(stream, line, porch) }
    }

    /// An answer that hyper made by itself: nothing but a short head without the request id that
    /// every answer of ours carries.
    fn is_hypers_own(&self, bytes: &[u8]) -> bool {
        self.http1
            && bytes.len() < 256
            && bytes.starts_with(b"HTTP/1.1 4")
            && bytes.ends_with(b"\r\n\r\n")
            && contains(bytes, b"\r\ncontent-length: 0\r\n")
            && !contains(bytes, b"\r\nx-amzn-requestid: ")
    }

    /// Pending is fine for a while, then the connection is cut.
    fn patience(&mut self, context: &mut Context<'_>) -> Poll<io::Result<usize>> {
        let stalled = self.stalled.get_or_insert_with(|| {
            Box::pin(tokio::time::sleep_until(after(limits::WRITE_STALL_TIME)))
        });
        match stalled.as_mut().poll(context) {
            Poll::Ready(()) => Poll::Ready(Err(io::ErrorKind::TimedOut.into())),
            Poll::Pending => Poll::Pending,
        }
    }
}

impl<S: AsyncWrite + Unpin> Wire<S> {
    /// Writes our answer in the place of hyper's, which is reported as written when ours is.
    fn replace(&mut self, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        if self.replacement.is_empty() {
            self.replacement = respond::unparsed(&self.porch, &self.line, bytes);
        }
        while !self.replacement.is_empty() {
            match Pin::new(&mut self.stream).poll_write(context, &self.replacement) {
                Poll::Ready(Ok(count)) => drop(self.replacement.drain(..count)),
                Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
                Poll::Pending => return self.patience(context),
            }
        }
        Poll::Ready(Ok(bytes.len()))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Wire<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Wire<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        if self.is_hypers_own(bytes) {
            return self.replace(context, bytes);
        }
        match Pin::new(&mut self.stream).poll_write(context, bytes) {
            Poll::Pending => self.patience(context),
            ready => {
                self.stalled = None;
                ready
            }
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

fn after(duration: std::time::Duration) -> Instant {
    Instant::now() + duration
}

fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    haystack.windows(needle.len()).any(|window| window.eq_ignore_ascii_case(needle))
}
