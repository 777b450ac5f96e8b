//! The bytes under hyper: refuses what two readers could read differently ([`Framing`]) and floods of
//! empty HTTP/2 frames ([`Frames`]), cuts a client that does not take its answer, and gives the answers
//! that hyper makes by itself (a head it cannot parse, a head too large) the headers every answer has.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep};

use crate::accept::Line;
use crate::frames::Frames;
use crate::framing::Framing;
use crate::porch::Porch;
use crate::respond;

/// A TLS stream with a time limit on writing.
pub struct Wire<S> {
    stream: S,
    line: Arc<Line>,
    porch: Porch,
    /// Runs while a write is stuck.
    stalled: Option<Pin<Box<Sleep>>>,
    watch: Watch,
    /// A body, or the frames, were at fault: nothing more is read.
    broken: bool,
    /// hyper refused the head that was coming in, and we answered.
    answered: bool,
    /// What is left of an answer of ours that replaced one of hyper's.
    replacement: Vec<u8>,
}

/// What is watched while it comes in.
enum Watch {
    Http1(Framing),
    Http2(Frames),
}

impl<S> Wire<S> {
    /// Under an HTTP/1.1 connection.
    pub fn new(stream: S, line: Arc<Line>, porch: Porch) -> Self {
        let watch = Watch::Http1(Framing::default());
        let (stalled, replacement) = (None, Vec::new());
        Self { stream, line, porch, stalled, watch, broken: false, answered: false, replacement }
    }

    /// Under an HTTP/2 connection.
    pub fn new_http2(stream: S, line: Arc<Line>, porch: Porch) -> Self {
        let mut wire = Self::new(stream, line, porch);
        wire.watch = Watch::Http2(Frames::default());
        wire
    }

    /// An answer that hyper made by itself: nothing but a short head without the request id that
    /// every answer of ours carries.
    fn is_hypers_own(&self, bytes: &[u8]) -> bool {
        matches!(self.watch, Watch::Http1(_))
            && bytes.len() < 256
            && bytes.starts_with(b"HTTP/1.1 4")
            && bytes.ends_with(b"\r\n\r\n")
            && contains(bytes, b"\r\ncontent-length: 0\r\n")
            && !contains(bytes, b"\r\nx-amzn-requestid: ")
    }

    /// Pending is fine for a while, then the connection is cut.
    fn patience(&mut self, context: &mut Context<'_>) -> Poll<io::Result<usize>> {
        let patience = self.porch.times.write_stall;
        let stalled =
            self.stalled.get_or_insert_with(|| Box::pin(tokio::time::sleep_until(after(patience))));
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
            self.answered = true;
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
        let before = buffer.filled().len();
        if self.broken {
            return Poll::Ready(Err(io::ErrorKind::InvalidData.into()));
        }
        match Pin::new(&mut self.stream).poll_read(context, buffer) {
            Poll::Ready(Ok(())) => {}
            other => return other,
        }
        let came = buffer.filled_mut().get_mut(before..).unwrap_or_default();
        let good = match &mut self.watch {
            Watch::Http1(framing) => framing.watch(came),
            Watch::Http2(frames) => (!frames.watch(came, Instant::now())).then_some(0),
        };
        if let Some(good) = good {
            self.broken = true;
            buffer.set_filled(before + good);
            // Nothing read would mean that the client had closed.
            if good == 0 {
                return Poll::Ready(Err(io::ErrorKind::InvalidData.into()));
            }
        }
        Poll::Ready(Ok(()))
    }
}

impl<S> Drop for Wire<S> {
    /// A head that was begun and never completed has no other place to be written down.
    fn drop(&mut self) {
        if let Watch::Http1(framing) = &self.watch
            && framing.in_head()
            && !self.answered
        {
            respond::unfinished(&self.porch, &self.line, 408, "the head was not completed");
        }
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
