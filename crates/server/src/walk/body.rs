//! Phase 7, **body**: the body comes in, and is believed by nobody until its signature is checked.
//!
//! Promises to the phases behind it: the SHA-256 taken over the bytes as sent, the decoded form bounded; no body in
//! memory for a request that is already refused.

use std::time::Duration;

use bytes::Bytes;
use http::header;
use http::request::Parts;
use http_body_util::BodyExt;
use hyper::body::{Body as _, Incoming};
use sigv4::{PayloadHash, PayloadHasher};

use crate::guards::limits;
use crate::guards::shares::Share;
use crate::guards::throttle::SourceAddress;
use crate::service::pool::WorkOwner;
use crate::service::state::ServiceState;
use crate::transport::connection::Connection;
use crate::transport::listener::ListenerTarget;
use crate::transport::malformed::MalformedRequest;
use crate::transport::spool::{FiledUpload, IncomingBody, UnprovenBody};
use crate::walk::context::RequestContext;
use crate::walk::early::EarlyDecision;
use crate::walk::parse::Call;
use crate::walk::refusal::Refusal;
use crate::walk::route::Target;

/// A body that was read to its end, and is not loaded yet.
#[derive(Default)]
pub(crate) struct ReceivedBody {
    /// Bytes as sent.
    pub length: u64,
    held: KeptBody,
    bytes_max: usize,
}

/// What is left of a body.
#[derive(Default)]
enum KeptBody {
    /// All of it.
    Unproven(UnprovenBody),
    /// Its hash: the request is refused already.
    HashOnly(PayloadHash),
    /// There is none.
    #[default]
    Nothing,
}

impl ReceivedBody {
    /// The body as sent, for its signature's check.
    #[must_use]
    pub(crate) fn body(&self) -> sigv4::Body<'_> {
        match &self.held {
            KeptBody::Unproven(spooled) => spooled.body(),
            KeptBody::HashOnly(hash) => sigv4::Body::Hashed(*hash),
            KeptBody::Nothing => sigv4::Body::Whole(b""),
        }
    }
}

/// The body of a proven caller.
#[derive(Debug)]
pub(crate) struct LoadedBody {
    /// The decoded bytes; empty when the request was already refused.
    pub bytes: Bytes,
    /// Gives the bytes back to the admission count when the request is over.
    pub admission: Option<Share>,
}

/// What becomes of a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum BodyHandling {
    /// The request may still be served: keep the bytes.
    Bytes,
    /// It is refused already; only the signature over the body is still to be checked.
    HashOnly,
}

impl BodyHandling {
    fn of(early: &EarlyDecision) -> Self {
        match early {
            EarlyDecision::Open(_) => Self::Bytes,
            EarlyDecision::Denied(_) | EarlyDecision::Nowhere => Self::HashOnly,
        }
    }
}

/// Reads the body to its end, at most as many bytes as the target takes. Nothing of it is believed or
/// decoded: it is not proven that anyone signed it.
pub(crate) async fn receive(
    context: &mut RequestContext<'_>,
    call: &Call,
    incoming: &mut Incoming,
    early: &EarlyDecision,
    target: &Target,
) -> Result<ReceivedBody, Refusal> {
    context.entry.phase("body");
    let (keep, bytes_max) = (BodyHandling::of(early), target.body_bytes_max(context.state));
    if let Some(declared) = call.header("content-length").and_then(|text| text.parse().ok())
        && bytes_max < declared
    {
        return Err(MalformedRequest::body_too_large(bytes_max).into());
    }
    // Most requests have none: nothing arrives that somebody would have to be given room for.
    if incoming.is_end_stream() {
        return Ok(ReceivedBody { length: 0, held: KeptBody::Nothing, bytes_max });
    }
    let spooling = match keep {
        BodyHandling::Bytes => {
            let source = SourceAddress::at(call.client_address);
            Some(target.spool(context.state).begin(source)?)
        }
        BodyHandling::HashOnly => None,
    };
    let reading = read(context.state, incoming, spooling, bytes_max);
    let received = tokio::time::timeout(context.state.times.body, reading)
        .await
        .map_err(|_elapsed| MalformedRequest::new(408, "the body took too long"))??;
    Ok(received)
}

async fn read(
    state: &ServiceState,
    incoming: &mut Incoming,
    mut spooling: Option<IncomingBody>,
    bytes_max: usize,
) -> Result<ReceivedBody, MalformedRequest> {
    let mut hash = PayloadHasher::new();
    let mut length = 0_usize;
    while let Some(piece) = tokio::time::timeout(state.times.body_piece, incoming.frame())
        .await
        .map_err(|_elapsed| MalformedRequest::new(408, "the body stopped arriving"))?
    {
        let piece =
            piece.map_err(|error| MalformedRequest::bad(format!("unreadable body: {error}")))?;
        // Trailers are not part of what was signed: they decide nothing.
        let Ok(data) = piece.into_data() else { continue };
        length = length.saturating_add(data.len());
        if length > bytes_max {
            return Err(MalformedRequest::body_too_large(bytes_max));
        }
        match &mut spooling {
            Some(spooling) => spooling.take(&data).await?,
            None => hash.update(&data),
        }
    }
    let held = match spooling {
        Some(spooling) => KeptBody::Unproven(spooling.finish().await?),
        None => KeptBody::HashOnly(hash.finish()),
    };
    Ok(ReceivedBody { length: length as u64, held, bytes_max })
}

impl ReceivedBody {
    /// Loads the body of a proven caller and undoes `Content-Encoding: gzip`. Blocks, unless it is in memory as it
    /// will be used.
    pub(crate) fn load(self, call: &Call, holder: &WorkOwner) -> Result<LoadedBody, Refusal> {
        let KeptBody::Unproven(spooled) = self.held else {
            return Ok(LoadedBody { bytes: Bytes::new(), admission: None });
        };
        let gzip = is_gzip(call, self.length)?;
        let (bytes, admission) = match spooled.in_memory(gzip) {
            Ok(whole) => whole,
            Err(spooled) => spooled.load(gzip, self.bytes_max, holder)?,
        };
        Ok(LoadedBody { bytes, admission })
    }

    /// The body of a proven caller that waits in a file, to be read from there; itself where it does not.
    pub(crate) fn filed(
        self,
        call: &Call,
        holder: &WorkOwner,
    ) -> Result<Result<FiledUpload, Self>, Refusal> {
        let Self { length, held, bytes_max } = self;
        let gzip = is_gzip(call, length)?;
        let held = match held {
            KeptBody::Unproven(spooled) => match spooled.filed(length, gzip, bytes_max, holder) {
                Ok(filed) => return Ok(Ok(filed)),
                Err(spooled) => KeptBody::Unproven(spooled),
            },
            held => held,
        };
        Ok(Err(Self { length, held, bytes_max }))
    }

    /// How long it was as sent.
    pub(crate) fn length(&self) -> u64 {
        self.length
    }

    /// Whether there is none.
    pub(crate) fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// Whether loading it takes no time: it is in memory as it will be used.
    pub(crate) fn is_at_hand(&self, call: &Call) -> Result<bool, MalformedRequest> {
        let gzip = is_gzip(call, self.length)?;
        Ok(match &self.held {
            KeptBody::Unproven(spooled) => spooled.is_in_memory(gzip),
            KeptBody::HashOnly(_) | KeptBody::Nothing => true,
        })
    }
}

/// Whether a body is to be unpacked.
fn is_gzip(call: &Call, length: u64) -> Result<bool, MalformedRequest> {
    let coding = call.header("content-encoding").unwrap_or("identity").trim();
    let gzip = coding.eq_ignore_ascii_case("gzip") || coding.eq_ignore_ascii_case("x-gzip");
    if !gzip && !coding.eq_ignore_ascii_case("identity") && length > 0 {
        return Err(MalformedRequest::new(415, "a Content-Encoding other than gzip"));
    }
    Ok(gzip)
}

/// Reads what a refused client still sends, so that it sees the answer; not for one that waits for leave.
pub(crate) async fn drain(
    state: &ServiceState,
    connection: &Connection,
    parts: &Parts,
    incoming: &mut Incoming,
) {
    if parts.headers.contains_key(header::EXPECT) {
        return;
    }
    let reading = read_away(incoming, drained_bytes_max(state, connection), state.times.drain_body);
    let _ = tokio::time::timeout(state.times.drain_body, reading).await;
}

/// The same over HTTP/2, beside the answer: most clients in the middle of their body read it at once and end the stream
/// as they like, some not before they have sent everything. Who stops sending, or sends on beyond the limits, has its
/// stream reset without an error (RFC 9113, section 8.1).
pub(crate) fn drain_behind(
    state: &ServiceState,
    connection: &Connection,
    parts: &Parts,
    mut incoming: Incoming,
) {
    if parts.headers.contains_key(header::EXPECT) || incoming.is_end_stream() {
        return;
    }
    let (state, bytes_max) = (state.clone(), drained_bytes_max(state, connection));
    tokio::spawn(async move {
        let reading = read_away(&mut incoming, bytes_max, state.times.drain_body);
        tokio::select! {
            _ended = tokio::time::timeout(state.times.body, reading) => {}
            () = state.shutdown.told() => {}
        }
    });
}

/// As much as a body may have that is not refused, and a little more.
fn drained_bytes_max(state: &ServiceState, connection: &Connection) -> usize {
    let body = match &connection.listener.target {
        ListenerTarget::Control | ListenerTarget::Console | ListenerTarget::SignIn => {
            limits::CONTROL_BODY_BYTES_MAX
        }
        ListenerTarget::Domain { .. } | ListenerTarget::Elsewhere { .. } => {
            state.settings().domains.body_bytes_max
        }
    };
    body.saturating_add(limits::DRAIN_BYTES_MAX)
}

/// Reads a body and throws it away, up to so many bytes, while a piece comes within each `patience`.
async fn read_away(incoming: &mut Incoming, bytes_max: usize, patience: Duration) {
    let mut left = bytes_max;
    while let Ok(Some(Ok(piece))) = tokio::time::timeout(patience, incoming.frame()).await {
        let length = piece.data_ref().map_or(0, Bytes::len);
        let Some(rest) = left.checked_sub(length) else { return };
        left = rest;
    }
}
