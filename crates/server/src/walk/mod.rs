//! The walk of every request: one line a phase, each in the file of its name.
//!
//! ```text
//! accept → parse → authenticate → identify → route → authorize → serve → audit → respond
//! ```
//! Six nouns go from hand to hand: [`Call`](crate::walk::parse::Call) what was sent,
//! [`Claimed`](crate::walk::authenticate::Claimed) whose signature it says it carries,
//! [`Caller`](crate::walk::identify::Caller) who it is, [`Target`](crate::walk::route::Target) what is asked for,
//! [`Permit`](crate::walk::authorize::Permit) that it may be done, [`Outcome`] what came of it.
//!
//! Whatever can be refused on the head is refused before a byte of the body is read; a request whose
//! body must be read only to check its signature leaves nothing in memory.

pub mod authenticate;
pub mod authorize;
pub mod basic;
pub mod cursors;
pub mod identify;
pub mod judge;
pub mod parse;
pub mod refusal;
pub mod respond;
pub mod route;
pub mod serve;

use std::convert::Infallible;
use std::net::IpAddr;
use std::sync::Arc;

use http::{Request, Response, header};
use hyper::body::Incoming;

use crate::audit::{self, Entry, Record, Stage};
use crate::guards::answers::Pieces;
use crate::service::state::{Behind, Porch};
use crate::transport::accept::Line;
use crate::transport::{forwarded, http2_targets};
use crate::walk::refusal::Refusal;
use crate::walk::respond::{Dialect, Outcome};

/// One request of a connection, answered. Never fails: refusals are answers.
///
/// The record is begun before the future is polled: of a client that leaves at once it never is.
pub fn answer(
    porch: &Porch,
    line: &Arc<Line>,
    request: Request<Incoming>,
) -> impl Future<Output = Result<Response<Pieces>, Infallible>> {
    let (parts, body) = request.into_parts();
    let client =
        forwarded::client_address(line.peer.ip(), &parts.headers, &porch.settings.trusted_proxies);
    let entry = Entry::begin(&porch.audit, record(porch, line, client, &parts));
    answered(porch, line, client, parts, body, entry)
}

async fn answered(
    porch: &Porch,
    line: &Arc<Line>,
    client: IpAddr,
    parts: http::request::Parts,
    mut body: Incoming,
    mut entry: Entry,
) -> Result<Response<Pieces>, Infallible> {
    let _busy = line.place.busy();
    let dialect = Dialect::of(line, &parts);
    let accepts = parts.headers.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok());
    let accepts_gzip = respond::accepts_gzip(accepts);
    let mut step = Step { porch, line, entry: &mut entry, dialect, region: None, accepts_gzip };
    let result = walk(&mut step, client, &parts, &mut body).await;
    let dialect = step.dialect;
    if let Err(refusal) = &result {
        authenticate::count_failure(porch, client, refusal);
    }
    match &result {
        Ok(_) => {}
        // Where a body ends is in doubt: nothing more is read from this connection.
        Err(Refusal::Malformed(malformed)) if !malformed.is_sound() => {}
        // Streams do not wait for each other: the answer first, then the rest of the body.
        Err(_) if parts.version == http::Version::HTTP_2 => {
            parse::drain_behind(porch, line, &parts, body)
        }
        Err(_) => parse::drain(porch, line, &parts, &mut body).await,
    }
    Ok(respond::respond(porch, &mut entry, dialect, accepts_gzip, result))
}

/// What the phases share: where they are, and what is to be written down.
pub struct Step<'a> {
    /// The service.
    pub porch: &'a Porch,
    /// The connection.
    pub line: &'a Arc<Line>,
    /// The audit record under way.
    pub entry: &'a mut Entry,
    /// How a refusal would be worded, as far as it is known.
    pub dialect: Dialect,
    /// The region of the credential scope.
    pub region: Option<String>,
    /// Whether the client takes a compressed answer.
    pub accepts_gzip: bool,
}

/// The phases, in order.
async fn walk(
    step: &mut Step<'_>,
    client: IpAddr,
    parts: &http::request::Parts,
    incoming: &mut Incoming,
) -> Result<Outcome, Refusal> {
    let now = step.porch.clock.now();
    let call = parse::head(parts, step.line, client, now, &step.porch.settings.public_name)?;
    let call = Arc::new(call);
    let claimed = authenticate::claim(step, &call).await?;
    let alleged = identify::identify(step, &call, &claimed)?;
    let target = route::route(step, &call, &alleged)?;
    let prospect = authorize::prospect(&call, &alleged, &target);
    let received = parse::body(step, &call, incoming, &prospect, &target).await?;
    let caller = authenticate::prove(step, &call, claimed, alleged, &received)?;
    let authorized = authorize::authorize(step, &call, caller, target, prospect, received).await?;
    serve::serve(step, &call, authorized).await
}

/// The record of a request before anything is known of it but its head.
fn record(porch: &Porch, line: &Line, client: IpAddr, parts: &http::request::Parts) -> Record {
    let text = |name: &str| {
        let value = parts.headers.get(name).and_then(|value| value.to_str().ok());
        value.map(audit::shortened)
    };
    // Of a target that h2 would not take only the refusal tells.
    let (path, query) = match http2_targets::refused(parts) {
        Some(_) => ("", ""),
        None => (parts.uri.path(), parts.uri.query().unwrap_or_default()),
    };
    let (path, query) = match &line.door.behind {
        Behind::Control => (audit::control_path(path), audit::control_query(query)),
        Behind::Domain { .. } => (audit::domain_path(path), audit::redacted(query)),
    };
    Record {
        client_address: client.to_string(),
        method: audit::shortened(parts.method.as_str()),
        path,
        query,
        user_agent: text("user-agent"),
        opaque_id: text("x-opaque-id"),
        ..blank_record(porch, line)
    }
}

/// The record of a request of which nothing is known but the connection.
#[must_use]
pub fn blank_record(porch: &Porch, line: &Line) -> Record {
    Record {
        time: Some(porch.clock.now()),
        request_id: request_id(),
        listener: line.door.name(),
        account: match &line.door.behind {
            Behind::Control => None,
            Behind::Domain { key, .. } => Some(key.account.clone()),
        },
        peer: line.peer.to_string(),
        client_address: line.peer.ip().to_canonical().to_string(),
        stage: Stage::Parse,
        ..Record::default()
    }
}

/// A random UUID (RFC 9562, version 4), as Amazon's request ids are.
pub(crate) fn request_id() -> String {
    let mut bytes = [0_u8; 16];
    // Without randomness ids would repeat, which harms `explain` and nothing else.
    let _ = getrandom::fill(&mut bytes);
    uuid::Builder::from_random_bytes(bytes).into_uuid().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_id_is_a_random_uuid() {
        let id = request_id();
        assert_eq!(id.len(), 36);
        assert_eq!(id.as_bytes()[14], b'4');
        assert!(b"89ab".contains(&id.as_bytes()[19]));
        assert_ne!(id, request_id());
    }
}
