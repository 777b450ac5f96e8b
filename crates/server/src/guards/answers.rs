//! Answers that are on their way: a client that does not read holds them in memory, so what its account and its principal
//! have on their way is counted, and who has too much of it is served nothing more until it reads (decision 0085).

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};

use crate::guards::limits;
use crate::guards::shares::{Share, ShareHolder, ShareLimits, ShareUsedUp, Shares};
use crate::service::pool;

/// Bytes of answers that were made and are not sent yet.
#[derive(Clone)]
pub struct UnreadAnswers(Arc<Shares>);

/// An answer's body, a piece at a time: hyper copies what it is given, so that a whole one would be in memory twice, the
/// second time uncounted.
#[derive(Debug, Default)]
pub(crate) struct AnswerBody(Bytes);

impl AnswerBody {
    /// The whole body.
    #[must_use]
    pub(crate) fn of(bytes: Bytes) -> Self {
        Self(bytes)
    }
}

impl Body for AnswerBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        if self.0.is_empty() {
            return Poll::Ready(None);
        }
        let length = self.0.len().min(limits::ANSWER_PIECE_BYTES);
        Poll::Ready(Some(Ok(Frame::data(self.0.split_to(length)))))
    }

    fn is_end_stream(&self) -> bool {
        self.0.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.0.len() as u64)
    }
}

/// An answer's bytes with the share that they are; given back when the last of them is sent.
struct CountedBytes {
    bytes: Bytes,
    _share: Share,
}

impl AsRef<[u8]> for CountedBytes {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl UnreadAnswers {
    /// An account may have so many bytes on their way, a principal three quarters of them.
    #[must_use]
    pub fn new(account: usize) -> Self {
        let (principal, all) = (account / 4 * 3, limits::ANSWERS_BYTES_MAX.max(account));
        Self(Shares::new(ShareLimits { all, account, principal, ..ShareLimits::default() }))
    }

    /// Whether `holder` may be given another answer.
    pub fn room(&self, holder: &pool::WorkOwner) -> Result<(), ShareUsedUp> {
        self.0.room(&holders(holder))
    }

    /// Counts an answer until it is sent. Small ones cost no more than their connection.
    #[must_use]
    pub fn counted(&self, holder: &pool::WorkOwner, bytes: Bytes) -> Bytes {
        if bytes.len() <= limits::COUNTED_ANSWERS_FROM_BYTES {
            return bytes;
        }
        let share = self.0.hold(holders(holder), bytes.len());
        Bytes::from_owner(CountedBytes { bytes, _share: share })
    }

    /// Bytes on their way.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.0.held()
    }
}

fn holders(holder: &pool::WorkOwner) -> Vec<ShareHolder> {
    holder.shares().into()
}
