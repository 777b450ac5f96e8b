//! The walk of every request: one line a phase, each in the file of its name.
//!
//! ```text
//! accept → parse → authenticate → identify → route → authorize → serve → audit → respond
//! ```
//! Six nouns go from hand to hand: [`Call`](parse::Call) what was sent,
//! [`ClaimedCaller`](authenticate::ClaimedCaller) whose signature it says it carries,
//! [`Caller`](prove::Caller) who it is, [`Target`](route::Target) what is asked for,
//! [`Permit`](authorize::Permit) that it may be done, [`Outcome`] what came of it.
//!
//! Whatever can be refused on the head is refused before a byte of the body is read; a request whose
//! body must be read only to check its signature leaves nothing in memory.
//!
//! This file is on top: no phase knows it, and each phase knows only the nouns of those before it.

pub(crate) mod authenticate;
pub(crate) mod authorize;
pub(crate) mod basic;
pub(crate) mod body;
pub(crate) mod context;
pub(crate) mod dialect;
pub(crate) mod early;
pub(crate) mod identify;
pub(crate) mod judge;
pub(crate) mod outcome;
pub(crate) mod parse;
pub(crate) mod prove;
pub(crate) mod refusal;
pub(crate) mod respond;
pub(crate) mod route;
pub(crate) mod serve;
#[cfg(test)]
mod service_api;

use std::net::IpAddr;
use std::sync::Arc;

use http::{Response, header};
use hyper::body::Incoming;

use self::context::RequestContext;
use self::dialect::Dialect;
use self::outcome::Outcome;
use self::refusal::Refusal;
use crate::audit::AuditEntry;
use crate::guards::answers::AnswerBody;
use crate::service::state::ServiceState;
use crate::transport::connection::Connection;
use crate::transport::forwarded;
use crate::transport::listener::ListenerTarget;

/// A request that came in, and its record.
pub(crate) struct BegunRequest {
    client: IpAddr,
    parts: http::request::Parts,
    entry: AuditEntry,
}

/// One request of a connection, answered: refusals are answers, too.
pub(crate) async fn answer(
    state: &ServiceState,
    connection: &Arc<Connection>,
    // What is long is made where it stays: handed on by value, it would be copied before the walk's first step.
    begun: &mut BegunRequest,
    mut body: Incoming,
) -> Response<AnswerBody> {
    let BegunRequest { client, parts, entry } = begun;
    let client = *client;
    let _busy = connection.place.busy();
    let dialect = Dialect::of(connection, parts);
    let accepts = parts.headers.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok());
    let accepts_gzip = respond::accepts_gzip(accepts);
    let mut context =
        RequestContext { state, connection, entry, dialect, region: None, accepts_gzip };
    let result = walk(&mut context, client, parts, &mut body).await;
    let dialect = context.dialect;
    if let Err(refusal) = &result {
        authenticate::count_failure(state, client, refusal);
    }
    match &result {
        Ok(_) => {}
        // Where a body ends is in doubt: nothing more is read from this connection.
        Err(Refusal::Malformed(malformed)) if !malformed.is_sound() => {}
        // Streams do not wait for each other: the answer first, then the rest of the body.
        Err(_) if parts.version == http::Version::HTTP_2 => {
            body::drain_behind(state, connection, parts, body)
        }
        Err(_) => body::drain(state, connection, parts, &mut body).await,
    }
    let response = respond::respond(state, entry, dialect, accepts_gzip, result);
    if let ListenerTarget::Domain { key, .. } = &connection.listener.target {
        connection.listener.traffic.answer(&respond::counted(entry));
        state.logs.answered(&state.control.directory(), key, entry);
    }
    response
}

/// Begins the record of a request, before anything of it is judged: whatever becomes of it is written.
pub(crate) fn begin(
    state: &ServiceState,
    connection: &Arc<Connection>,
    parts: http::request::Parts,
) -> BegunRequest {
    let client = forwarded::client_address(
        connection.peer.ip(),
        &parts.headers,
        &state.settings().trusted_proxies,
    );
    let entry = AuditEntry::begin(&state.audit, context::record(state, connection, client, &parts));
    let entry = entry.of_domain(connection.listener.domain.as_ref());
    let entry = context::traced(state, entry, &parts);
    BegunRequest { client, parts, entry }
}

/// The phases, in order.
async fn walk(
    context: &mut RequestContext<'_>,
    client: IpAddr,
    parts: &http::request::Parts,
    incoming: &mut Incoming,
) -> Result<Outcome, Refusal> {
    let call = Arc::new(parse::head(context, parts, client)?);
    let claimed = authenticate::claim(context, &call).await?;
    let identity = identify::identify(context, &call, &claimed)?;
    let target = route::route(context, &call, &identity)?;
    let early = early::decide(&call, &identity, &target);
    let received = body::receive(context, &call, incoming, &early, &target).await?;
    let caller = prove::prove(context, &call, claimed, identity, &received)?;
    let authorized = authorize::authorize(context, &call, caller, target, early, received).await?;
    serve::serve(context, &call, authorized).await
}
