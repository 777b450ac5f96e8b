//! The bytes under the proxy's listener: refuses what two readers could read differently ([`Framing`]), and gives
//! the answers that hyper makes by itself (to a head it cannot parse) words.
//!
//! The service's own listeners have the same under TLS, with an audit record (`crates/server/src/transport/guarded_stream.rs`).

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::framing::Framing;

/// A stream whose requests are watched.
pub struct WatchedStream<S> {
    stream: S,
    framing: Framing,
    /// A body was at fault: nothing more is read.
    broken: bool,
    /// What is left of an answer of ours that replaced one of hyper's.
    replacement: Vec<u8>,
    called: PendingCall,
}

/// Whether the service was called for a request that is not answered yet. An answer without such a call is hyper's
/// own; an empty 4xx of the endpoint is not.
#[derive(Clone, Default)]
pub struct PendingCall(Arc<AtomicBool>);

impl PendingCall {
    /// The service has a request.
    pub fn set(&self) {
        self.0.store(true, Ordering::Release);
    }

    /// Whether an answer that begins now is the service's.
    fn take(&self) -> bool {
        self.0.swap(false, Ordering::AcqRel)
    }
}

impl<S> WatchedStream<S> {
    /// Watches HTTP/1.1 on a stream; `called` is told of each request by whoever answers them.
    pub fn new(stream: S, called: PendingCall) -> Self {
        let framing = Framing::default();
        Self { stream, framing, broken: false, replacement: Vec::new(), called }
    }
}

/// Whether these bytes are an answer that hyper made by itself: a short head of a 4xx without a body.
fn is_hypers_own(bytes: &[u8]) -> bool {
    const EMPTY: &[u8] = b"\r\ncontent-length: 0\r\n";
    bytes.len() < 256
        && bytes.starts_with(b"HTTP/1.1 4")
        && bytes.ends_with(b"\r\n\r\n")
        && bytes.windows(EMPTY.len()).any(|window| window.eq_ignore_ascii_case(EMPTY))
}

/// The status of an answer that hyper made by itself.
#[must_use]
pub fn status_of(bytes: &[u8]) -> u16 {
    let digits = bytes.get(9..12).and_then(|digits| std::str::from_utf8(digits).ok());
    digits.and_then(|digits| digits.parse().ok()).unwrap_or(400)
}

/// What the client reads in the place of an empty answer of this status: what the watcher saw, or what hyper's
/// status says.
#[must_use]
pub fn words(status: u16, framing: Option<&Framing>) -> String {
    match status {
        431 => "too many headers, or headers that are too large".to_owned(),
        414 => "the request target is too long".to_owned(),
        408 => "the head took too long".to_owned(),
        _ => match framing.and_then(Framing::fault) {
            Some(fault) => fault.to_string(),
            None => "this is not an HTTP request".to_owned(),
        },
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for WatchedStream<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = &mut *self;
        if this.broken {
            return Poll::Ready(Err(io::ErrorKind::InvalidData.into()));
        }
        let before = buffer.filled().len();
        ready!(Pin::new(&mut this.stream).poll_read(context, buffer))?;
        let came = buffer.filled_mut().get_mut(before..).unwrap_or_default();
        if let Some(good) = this.framing.watch(came) {
            this.broken = true;
            buffer.set_filled(before + good);
            // Nothing read would mean that the client had closed.
            if good == 0 {
                return Poll::Ready(Err(io::ErrorKind::InvalidData.into()));
            }
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for WatchedStream<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = &mut *self;
        if this.replacement.is_empty() {
            let begins = bytes.starts_with(b"HTTP/1.1 ") && !bytes.starts_with(b"HTTP/1.1 1");
            let services = begins && this.called.take();
            if services || !is_hypers_own(bytes) {
                return Pin::new(&mut this.stream).poll_write(context, bytes);
            }
            this.replacement = answer(status_of(bytes), &this.framing);
        }
        while !this.replacement.is_empty() {
            let count = ready!(Pin::new(&mut this.stream).poll_write(context, &this.replacement))?;
            this.replacement.drain(..count);
        }
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

/// Our answer in the place of hyper's.
fn answer(status: u16, framing: &Framing) -> Vec<u8> {
    let message = format!("countersign proxy: {}", words(status, Some(framing)));
    let body = serde_json::json!({ "message": message }).to_string();
    let status = http::StatusCode::from_u16(status).unwrap_or(http::StatusCode::BAD_REQUEST);
    let content = if framing.is_head() { "" } else { &body };
    format!(
        "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{content}",
        body.len()
    )
    .into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    const OWN: &str = "HTTP/1.1 400 Bad Request\r\nconnection: close\r\ncontent-length: 0\r\ndate: Sun, 29 Nov 2026 01:43:01 GMT\r\n\r\n";

    #[test]
    fn only_a_bare_head_of_a_4xx_is_hypers_own() {
        assert!(is_hypers_own(OWN.as_bytes()));
        assert_eq!(status_of(OWN.as_bytes()), 400);
        for other in [
            OWN.replace("400 Bad", "200 Bad"),
            OWN.replace("length: 0", "length: 10"),
            OWN.replace("\r\n\r\n", "\r\n\r\nbody"),
            OWN.replace("content-length: 0\r\n", ""),
        ] {
            assert!(!is_hypers_own(other.as_bytes()), "{other}");
        }
    }

    #[tokio::test]
    async fn an_empty_4xx_of_the_service_is_passed_on_as_it_is() {
        use tokio::io::AsyncWriteExt;
        for (called, same) in [(true, true), (false, false)] {
            let flag = PendingCall::default();
            if called {
                flag.set();
            }
            let mut written = Vec::new();
            let mut stream = WatchedStream::new(&mut written, flag);
            stream.write_all(OWN.as_bytes()).await.unwrap();
            drop(stream);
            assert_eq!(written == OWN.as_bytes(), same, "{}", String::from_utf8_lossy(&written));
        }
    }
}
