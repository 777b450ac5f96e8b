//! Answers that are on their way: a client that does not read holds them in memory, so what its account and its principal
//! have on their way is counted, and who has too much of it is served nothing more until it reads (decision 0085).

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body_util::combinators::UnsyncBoxBody;
use hyper::body::{Body, Frame, SizeHint};

use crate::guards::limits;
use crate::guards::shares::{Share, ShareHolder, ShareLimits, ShareUsedUp, Shares};
use crate::service::pool;

/// Bytes of answers that were made and are not sent yet.
#[derive(Clone)]
pub struct UnreadAnswers(Arc<Shares>);

/// An answer's body, a piece at a time: hyper copies what it is given, so that a whole one would be in memory twice, the
/// second time uncounted. What a cluster sends follows as the client reads; where it breaks off, so does this, and the
/// client sees that the answer is not whole.
#[derive(Debug, Default)]
pub(crate) struct AnswerBody {
    bytes: Bytes,
    rest: Option<AnswerRest>,
}

/// What follows the bytes of an answer that are there already.
pub(crate) type AnswerRest = Box<UnsyncBoxBody<Bytes, io::Error>>;

impl AnswerBody {
    /// The whole body, or its beginning and what follows.
    #[must_use]
    pub(crate) fn of(bytes: Bytes, rest: Option<AnswerRest>) -> Self {
        Self { bytes, rest }
    }
}

impl Body for AnswerBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        if !self.bytes.is_empty() {
            let length = self.bytes.len().min(limits::ANSWER_PIECE_BYTES);
            return Poll::Ready(Some(Ok(Frame::data(self.bytes.split_to(length)))));
        }
        match &mut self.rest {
            Some(rest) => Pin::new(rest).poll_frame(context),
            None => Poll::Ready(None),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.bytes.is_empty() && self.rest.as_ref().is_none_or(Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        let length = self.bytes.len() as u64;
        let Some(rest) = &self.rest else { return SizeHint::with_exact(length) };
        match rest.size_hint().exact() {
            Some(more) => SizeHint::with_exact(length + more),
            None => SizeHint::default(),
        }
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
        // Where nothing is on its way everybody has room, whoever asks.
        if self.0.held() == 0 { Ok(()) } else { self.0.room(&holders(holder)) }
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
