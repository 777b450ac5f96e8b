//! The walk of every request: one line a phase, each in the file of its name.
//!
//! ```text
//! accept → parse → authenticate → identify → route → authorize → serve → audit → respond
//! ```
//! Six nouns go from hand to hand: [`Call`](parse::Call) what was sent,
//! [`Claimed`](authenticate::Claimed) whose signature it says it carries,
//! [`Caller`](prove::Caller) who it is, [`Target`](route::Target) what is asked for,
//! [`Permit`](authorize::Permit) that it may be done, [`Outcome`] what came of it.
//!
//! Whatever can be refused on the head is refused before a byte of the body is read; a request whose
//! body must be read only to check its signature leaves nothing in memory.
//!
//! This file is on top: no phase knows it, and each phase knows only the nouns of those before it.

pub mod authenticate;
pub mod authorize;
pub mod basic;
pub mod body;
pub mod context;
pub mod dialect;
pub mod early;
pub mod identify;
pub mod judge;
pub mod outcome;
pub mod parse;
pub mod prove;
pub mod refusal;
pub mod respond;
pub mod route;
pub mod serve;

use std::convert::Infallible;
use std::net::IpAddr;
use std::sync::Arc;

use http::{Request, Response, header};
use hyper::body::Incoming;

use self::context::Step;
use self::dialect::Dialect;
use self::outcome::Outcome;
use self::refusal::Refusal;
use crate::audit::Entry;
use crate::guards::answers::Pieces;
use crate::service::state::Porch;
use crate::transport::connection::Line;
use crate::transport::forwarded;

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
    let entry = Entry::begin(&porch.audit, context::record(porch, line, client, &parts));
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
            body::drain_behind(porch, line, &parts, body)
        }
        Err(_) => body::drain(porch, line, &parts, &mut body).await,
    }
    Ok(respond::respond(porch, &mut entry, dialect, accepts_gzip, result))
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
    let prospect = early::prospect(&call, &alleged, &target);
    let received = body::receive(step, &call, incoming, &prospect, &target).await?;
    let caller = prove::prove(step, &call, claimed, alleged, &received)?;
    let authorized = authorize::authorize(step, &call, caller, target, prospect, received).await?;
    serve::serve(step, &call, authorized).await
}
