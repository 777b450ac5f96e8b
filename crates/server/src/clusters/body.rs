//! The body of a cluster's answer, on its way to the client: piece by piece, as fast as the client reads, and never as whole
//! when it is not.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use client::cluster::{BusyNode, ClusterResponse};
use http_body_util::BodyExt;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use tokio::time::{Instant, Sleep};

/// A body that ends with an error where the cluster breaks off, or is silent for too long.
pub(super) struct ClusterBody {
    incoming: Incoming,
    silence: Pin<Box<Sleep>>,
    silence_max: Duration,
    /// The node counts as busy until the body is read.
    busy: BusyNode,
}

impl ClusterBody {
    /// The body of an answer, and its head.
    pub(super) fn of(
        answer: ClusterResponse,
        silence_max: Duration,
    ) -> (http::response::Parts, Self) {
        let ClusterResponse { response, busy } = answer;
        let (head, incoming) = response.into_parts();
        let silence = Box::pin(tokio::time::sleep(silence_max));
        (head, Self { incoming, silence, silence_max, busy })
    }

    /// The next piece; none at the end.
    pub(super) async fn piece(&mut self) -> io::Result<Option<Bytes>> {
        while let Some(frame) = self.frame().await {
            if let Ok(data) = frame?.into_data() {
                return Ok(Some(data));
            }
        }
        Ok(None)
    }

    /// All of it, after what was read already.
    ///
    /// # Errors
    /// It breaks off, or is longer than `bytes_max`.
    pub(super) async fn rest(
        &mut self,
        mut begin: Vec<u8>,
        bytes_max: usize,
    ) -> io::Result<Vec<u8>> {
        while let Some(piece) = self.piece().await? {
            if begin.len() + piece.len() > bytes_max {
                return Err(io::Error::other(format!(
                    "its answer is longer than {bytes_max} bytes"
                )));
            }
            begin.extend_from_slice(&piece);
        }
        Ok(begin)
    }
}

impl Body for ClusterBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        match Pin::new(&mut self.incoming).poll_frame(context) {
            Poll::Ready(Some(Ok(frame))) => {
                let until = Instant::now() + self.silence_max;
                self.silence.as_mut().reset(until);
                Poll::Ready(Some(Ok(frame)))
            }
            Poll::Ready(Some(Err(error))) => {
                let why = format!("{} broke off: {error}", self.busy.node().name());
                Poll::Ready(Some(Err(io::Error::other(why))))
            }
            Poll::Ready(None) => Poll::Ready(None),
            Poll::Pending => match self.silence.as_mut().poll(context) {
                Poll::Ready(()) => {
                    let why = format!("{} sends nothing more", self.busy.node().name());
                    Poll::Ready(Some(Err(io::Error::new(io::ErrorKind::TimedOut, why))))
                }
                Poll::Pending => Poll::Pending,
            },
        }
    }

    fn is_end_stream(&self) -> bool {
        self.incoming.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.incoming.size_hint()
    }
}
