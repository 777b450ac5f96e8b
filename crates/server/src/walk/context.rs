//! What the phases share, and the record that a request begins with.

use std::net::IpAddr;
use std::sync::Arc;

use crate::audit::{self, AuditEntry, AuditRecord, DecisionRecord, Stage};
use crate::service::state::ServiceState;
use crate::traces::TraceParent;
use crate::transport::connection::Connection;
use crate::transport::http2_targets;
use crate::transport::listener::ListenerTarget;
use crate::walk::dialect::Dialect;
use crate::walk::refusal::Refusal;

/// What the phases share: where they are, and what is to be written down.
pub(crate) struct RequestContext<'a> {
    /// The service.
    pub state: &'a ServiceState,
    /// The connection.
    pub connection: &'a Arc<Connection>,
    /// The audit record under way.
    pub entry: &'a mut AuditEntry,
    /// How a refusal would be worded, as far as it is known.
    pub dialect: Dialect,
    /// The region of the credential scope.
    pub region: Option<String>,
    /// Whether the client takes a compressed answer.
    pub accepts_gzip: bool,
}

impl RequestContext<'_> {
    /// Writes a decision down, with its action and resource.
    pub(crate) fn note(&mut self, decision: DecisionRecord) {
        self.entry.action = Some(decision.action.clone());
        self.entry.resource(&decision.resource);
        self.entry.decision(decision);
    }

    /// Writes a denial down; the refusal that the client reads.
    pub(crate) fn denied(&mut self, decision: DecisionRecord) -> Refusal {
        let text = decision.text.clone().unwrap_or_default();
        self.note(decision);
        Refusal::Denied(text)
    }
}

/// The record of a request before anything is known of it but its head.
pub(crate) fn record(
    state: &ServiceState,
    connection: &Connection,
    client: IpAddr,
    parts: &http::request::Parts,
) -> AuditRecord {
    let text = |name: &str| {
        let value = parts.headers.get(name).and_then(|value| value.to_str().ok());
        value.map(audit::shortened)
    };
    // Of a target that h2 would not take only the refusal tells.
    let (path, query) = match http2_targets::refused(parts) {
        Some(_) => ("", ""),
        None => (parts.uri.path(), parts.uri.query().unwrap_or_default()),
    };
    let (path, query) = match &connection.listener.target {
        ListenerTarget::Control | ListenerTarget::Console | ListenerTarget::SignIn => {
            (audit::control_path(path), audit::control_query(query))
        }
        ListenerTarget::Domain { .. } | ListenerTarget::Elsewhere { .. } => {
            (audit::domain_path(path), audit::redacted(query))
        }
    };
    AuditRecord {
        method: audit::shortened(parts.method.as_str()),
        path,
        query,
        user_agent: text("user-agent"),
        opaque_id: text("x-opaque-id"),
        ..record_of(state, connection, connection.address_text(client))
    }
}

/// The entry with its trace, where requests are traced.
pub(crate) fn traced(
    state: &ServiceState,
    mut entry: AuditEntry,
    parts: &http::request::Parts,
) -> AuditEntry {
    let Some(traces) = state.traces.get() else { return entry };
    let parent = parts.headers.get(TRACEPARENT).and_then(|value| value.to_str().ok());
    let begun = entry.time.unwrap_or_else(|| state.clock.now());
    let trace = traces.begin(parent.and_then(TraceParent::read), begun);
    entry.set_trace(trace);
    entry.phase("parse");
    entry
}

/// The header by which a caller says of which trace its request is.
pub(crate) const TRACEPARENT: &str = "traceparent";

/// The record of a request of which nothing is known but the connection.
#[must_use]
pub(crate) fn blank_record(state: &ServiceState, connection: &Connection) -> AuditRecord {
    record_of(state, connection, String::from(&*connection.peer_text.1))
}

fn record_of(state: &ServiceState, connection: &Connection, client: String) -> AuditRecord {
    AuditRecord {
        time: Some(state.clock.now()),
        request_id: state.request_ids.next(),
        listener: connection.listener.name(),
        account: connection.listener.target.domain().map(|key| key.account.clone()),
        peer: String::from(&*connection.peer_text.0),
        client_address: client,
        stage: Stage::Parse,
        ..AuditRecord::default()
    }
}
