//! The bytes under hyper: refuses what two readers could read differently ([`Framing`]) and floods of
//! empty HTTP/2 frames ([`Frames`]), cuts a client that does not take its answer, lets a client that still
//! sends read its last answer, and gives the answers that hyper makes by itself (a head it cannot parse, a
//! head too large) the headers every answer has.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use client::framing::Framing;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep};

use crate::guards::limits;
use crate::service::state::ServiceState;
use crate::transport::connection::Connection;
use crate::transport::frames::Frames;
use crate::transport::http2_targets::Targets;
use crate::transport::read_ahead::Tls;
use crate::walk::respond;

/// A TLS stream with a time limit on writing.
pub(crate) struct GuardedStream {
    stream: Tls,
    connection: Arc<Connection>,
    state: ServiceState,
    /// Runs while a write is stuck.
    stalled: Option<Pin<Box<Sleep>>>,
    watch: Watch,
    /// A body, or the frames, were at fault: nothing more is read.
    broken: bool,
    /// Reading failed behind bytes that hyper gets first.
    failed: Option<io::Error>,
    /// The client closed, or its connection failed: nothing more comes.
    ended: bool,
    /// hyper refused the head that was coming in, and we answered.
    answered: bool,
    /// What is to be read in the place of what came ([`Targets`]).
    instead: Vec<u8>,
    /// What is left of an answer of ours that replaced one of hyper's.
    replacement: Vec<u8>,
    /// Runs once the last byte was written.
    linger: Option<LingeringClose>,
}

/// What is still read behind the last answer, and thrown away. To close with bytes unread is to reset, and a reset may
/// overtake the answer (RFC 9112, section 9.6).
struct LingeringClose {
    until: Pin<Box<Sleep>>,
    bytes_left: usize,
}

/// What is watched while it comes in.
enum Watch {
    Http1(Framing),
    Http2(Frames, Targets),
}

impl GuardedStream {
    /// Under an HTTP/1.1 connection.
    pub(crate) fn new(stream: Tls, connection: Arc<Connection>, state: ServiceState) -> Self {
        let watch = Watch::Http1(Framing::default());
        Self {
            stream,
            connection,
            state,
            stalled: None,
            watch,
            broken: false,
            failed: None,
            ended: false,
            answered: false,
            instead: Vec::new(),
            replacement: Vec::new(),
            linger: None,
        }
    }

    /// Under an HTTP/2 connection.
    pub(crate) fn new_http2(stream: Tls, connection: Arc<Connection>, state: ServiceState) -> Self {
        let mut wire = Self::new(stream, connection, state);
        wire.watch = Watch::Http2(Frames::default(), Targets::default());
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

    /// Whether a body was begun of which much may still come.
    fn in_bulk(&self) -> bool {
        match &self.watch {
            Watch::Http1(framing) => framing.in_bulk(),
            Watch::Http2(frames, _) => frames.in_bulk(),
        }
    }

    /// Reads what is there: in the middle of a body more than one TLS record, because what hyper gets at a time
    /// makes one way through its channels, and through our timers.
    fn fill(
        &mut self,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if let Some(error) = self.failed.take() {
            return Poll::Ready(Err(error));
        }
        let bulk = self.in_bulk();
        self.stream.get_mut().0.expect_bulk(bulk);
        let before = buffer.filled().len();
        loop {
            let filled = buffer.filled().len();
            match Pin::new(&mut self.stream).poll_read(context, buffer) {
                Poll::Ready(Ok(())) => {
                    let ended = buffer.filled().len() == filled;
                    if !bulk || ended || buffer.remaining() == 0 {
                        return Poll::Ready(Ok(()));
                    }
                }
                nothing if filled == before => return nothing,
                Poll::Pending => return Poll::Ready(Ok(())),
                Poll::Ready(Err(error)) => {
                    self.failed = Some(error);
                    return Poll::Ready(Ok(()));
                }
            }
        }
    }

    /// Pending is fine for a while, then the connection is cut.
    fn patience<T>(&mut self, context: &mut Context<'_>) -> Poll<io::Result<T>> {
        let patience = self.state.times.write_stall;
        let stalled =
            self.stalled.get_or_insert_with(|| Box::pin(tokio::time::sleep_until(after(patience))));
        match stalled.as_mut().poll(context) {
            Poll::Ready(()) => Poll::Ready(Err(io::ErrorKind::TimedOut.into())),
            Poll::Pending => Poll::Pending,
        }
    }

    /// Reads until the client has closed, too, or enough was read, or waited for.
    fn linger(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let nothing_comes = self.ended || self.state.shutdown.is_told();
        if nothing_comes || matches!(self.watch, Watch::Http2(..)) {
            return Poll::Ready(());
        }
        let linger = self.linger.get_or_insert_with(|| LingeringClose {
            until: Box::pin(tokio::time::sleep_until(after(self.state.times.drain_body))),
            bytes_left: limits::DRAIN_BYTES_MAX,
        });
        let mut scrap = [0; 4096];
        loop {
            let mut scrap = ReadBuf::new(&mut scrap);
            match Pin::new(&mut self.stream).poll_read(context, &mut scrap) {
                Poll::Ready(Ok(())) if !scrap.filled().is_empty() => {
                    let left = linger.bytes_left.checked_sub(scrap.filled().len());
                    let Some(left) = left else { return Poll::Ready(()) };
                    linger.bytes_left = left;
                }
                Poll::Ready(_) => return Poll::Ready(()),
                Poll::Pending => return linger.until.as_mut().poll(context),
            }
        }
    }

    /// Writes our answer in the place of hyper's, which is reported as written when ours is.
    fn replace(&mut self, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        if self.replacement.is_empty() {
            let framing = match &self.watch {
                Watch::Http1(framing) => Some(framing),
                Watch::Http2(..) => None,
            };
            self.replacement = respond::unparsed(&self.state, &self.connection, bytes, framing);
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

impl AsyncRead for GuardedStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let room = buffer.remaining();
        loop {
            if !self.instead.is_empty() {
                let count = self.instead.len().min(room);
                buffer.put_slice(self.instead.get(..count).unwrap_or_default());
                self.instead.drain(..count);
                return Poll::Ready(Ok(()));
            }
            if self.broken {
                return Poll::Ready(Err(io::ErrorKind::InvalidData.into()));
            }
            match self.fill(context, buffer) {
                Poll::Ready(Ok(())) => {}
                other => {
                    self.ended |= other.is_ready();
                    return other;
                }
            }
            self.ended |= room > 0 && buffer.filled().len() == before;
            let came = buffer.filled_mut().get_mut(before..).unwrap_or_default();
            let (good, instead) = match &mut self.watch {
                Watch::Http1(framing) => (framing.watch(came), None),
                Watch::Http2(frames, targets) => {
                    let good = (!frames.watch(came, Instant::now())).then_some(0);
                    (good, targets.pass(came))
                }
            };
            if let Some(good) = good {
                self.broken = true;
                buffer.set_filled(before + good);
                // Nothing read would mean that the client had closed.
                if good == 0 {
                    return Poll::Ready(Err(io::ErrorKind::InvalidData.into()));
                }
            } else if let Some(instead) = instead
                && !self.ended
            {
                // A frame may be held up until it is whole: then there is nothing to read yet.
                buffer.set_filled(before);
                self.instead = instead;
                continue;
            }
            return Poll::Ready(Ok(()));
        }
    }
}

impl Drop for GuardedStream {
    /// A head that was begun and never completed has no other place to be written down.
    fn drop(&mut self) {
        if let Watch::Http1(framing) = &self.watch
            && framing.in_head()
            && !self.answered
        {
            respond::unfinished(&self.state, &self.connection, 408, "the head was not completed");
        }
    }
}

impl AsyncWrite for GuardedStream {
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
        match Pin::new(&mut self.stream).poll_flush(context) {
            Poll::Pending => self.patience(context),
            ready => {
                self.stalled = None;
                ready
            }
        }
    }

    /// Closes the way out, then lingers at the way in.
    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.linger.is_none() {
            match Pin::new(&mut self.stream).poll_shutdown(context) {
                Poll::Pending => return self.patience(context),
                Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
                Poll::Ready(Ok(())) => {}
            }
        }
        self.linger(context).map(Ok)
    }
}

fn after(duration: std::time::Duration) -> Instant {
    Instant::now() + duration
}

fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    haystack.windows(needle.len()).any(|window| window.eq_ignore_ascii_case(needle))
}
