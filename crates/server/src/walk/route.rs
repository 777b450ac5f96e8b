//! Phase 5, **route**: what is asked for, read off the head alone.
//!
//! Control and data plane are told apart by their listeners, never by path: `2015-01-01` is a legal name
//! of an index. On the data plane the one table of `engine::rest` decides, also for what is not built.

use std::net::IpAddr;
use std::sync::Arc;

use control::{CompiledRecord, Directory, Domain, ResourceSide, SessionsMeant};
use engine::rest::{BodyKind, Route, RouteError};
use policy::PolicySet;

use crate::audit::Stage;
use crate::guards::limits;
use crate::service::backends::Backend;
use crate::service::migration::order::MoveOrder;
use crate::service::serving::ServingBackend;
use crate::service::state::ServiceState;
use crate::transport::host::host_name;
use crate::transport::listener::ListenerTarget;
use crate::transport::malformed::MalformedRequest;
use crate::transport::spool::Spool;
use crate::transport::vpc;
use crate::walk::context::RequestContext;
use crate::walk::dialect::{AUTHORIZATION_DETAILS, Dialect};
use crate::walk::identify::ClaimedIdentity;
use crate::walk::outcome::Outcome;
use crate::walk::parse::Call;
use crate::walk::refusal::Refusal;

/// What a request asks for.
pub(crate) enum Target {
    /// An operation of `es`, `opensearch`, `iam` or `sts`. Which one, `iam` and `sts` say in the body.
    Control,
    /// The record of an earlier request.
    Explain {
        /// That request's id, or its authorization id.
        request_id: String,
        /// In which form it is told.
        form: ExplainForm,
    },
    /// Recorded traffic under another policy, which is in the body.
    Replay,
    /// The service itself, or its records.
    Inspect(Inspection),
    /// Live sessions, listed or ended.
    Sessions(SessionsOrder),
    /// The move of a domain to a cluster.
    Move {
        /// The domain's name.
        domain: String,
        /// What about it.
        order: MoveOrder,
    },
    /// Who of the domain's account may do what with some of its indices.
    WhoCan {
        /// The domain's name.
        domain: String,
    },
    /// An API of a domain.
    Domain(Box<DomainTarget>),
    /// A path of a domain that leads nowhere: said only to those who prove who they are.
    UnknownRoute(RouteError),
    /// The domain went away while its connection was open, or the client's address is not in its VPC. Reads as a
    /// denial, as a domain that exists and is forbidden would.
    ClosedDomain,
}

/// What is asked about the service itself, or about its records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Inspection {
    /// The records, searched.
    Audit,
    /// What was denied, grouped.
    Denials,
    /// What was answered in the last hour.
    MetricsHistory,
    /// The settings in force.
    Settings,
}

/// Where they are on the control listener.
pub(crate) const INSPECTIONS: [(&str, Inspection); 4] = [
    ("/_countersign/audit", Inspection::Audit),
    ("/_countersign/audit/denials", Inspection::Denials),
    ("/_countersign/metrics/history", Inspection::MetricsHistory),
    ("/_countersign/settings", Inspection::Settings),
];

impl Inspection {
    /// The action that it takes; Amazon has none like these.
    #[must_use]
    pub(crate) fn action(self) -> &'static str {
        match self {
            Self::Audit | Self::Denials => "countersign:QueryAudit",
            Self::MetricsHistory => "countersign:GetMetricsHistory",
            Self::Settings => "countersign:GetSettings",
        }
    }
}

/// What is to be done about which live sessions.
pub(crate) struct SessionsOrder {
    /// Whether they end; otherwise they are told.
    pub ends: bool,
    /// Which.
    pub meant: SessionsMeant,
}

/// How an earlier request is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ExplainForm {
    /// To `countersign explain`.
    Told,
    /// `GetRequestAuthorizationDetails` of `iam-toolbox`.
    Details,
    /// `GetRequestAuthorizationPolicy`.
    Policy {
        /// Which.
        uri: String,
    },
}

/// An API of a domain.
pub(crate) struct DomainTarget {
    /// The domain, as the directory knew it when the head had arrived.
    pub domain: Arc<CompiledRecord<Domain>>,
    /// What serves it, where that changes while the request is under way.
    pub serving: Arc<ServingBackend>,
    /// What serves it.
    pub backend: Backend,
    /// The head, decoded once: what is authorized and what is executed.
    pub route: Route,
    /// What bears on whoever asks, beside the domain's own policy.
    around: PoliciesAround,
}

/// The operator's policies that bear on a request to a domain from the domain's side.
struct PoliciesAround {
    resource_control: Arc<[PolicySet]>,
    endpoints: Arc<[Arc<PolicySet>]>,
}

impl DomainTarget {
    /// What a request with this route, which nobody has sent, would ask for. It comes through no endpoint of a VPC.
    pub(crate) fn unsent(
        domain: &Arc<CompiledRecord<Domain>>,
        serving: &Arc<ServingBackend>,
        route: Route,
        directory: &Directory,
    ) -> Self {
        let resource_control = directory.resource_control(&domain.account);
        Self {
            domain: Arc::clone(domain),
            serving: Arc::clone(serving),
            backend: Backend::clone(&serving.current()),
            route,
            around: PoliciesAround { resource_control, endpoints: Arc::default() },
        }
    }

    /// The policies of the domain's side, with `policy`, its own.
    pub(crate) fn resource_side<'p>(&'p self, policy: Option<&'p PolicySet>) -> ResourceSide<'p> {
        let PoliciesAround { resource_control: control, endpoints } = &self.around;
        ResourceSide { policy, control, endpoints }
    }

    /// Whether the body has to be in memory as a whole, and then goes to a cluster: what it touches is in it (decision 0173).
    fn is_loaded(&self) -> bool {
        let is_streamed = matches!(self.route.api.row().body, BodyKind::Bulk | BodyKind::Document);
        matches!(self.backend, Backend::Upstream(_)) && !is_streamed
    }

    /// Takes the domain, and what is around it, as `directory` knows them now.
    pub(crate) fn renew(
        &mut self,
        domain: &Arc<CompiledRecord<Domain>>,
        directory: &Directory,
        client: IpAddr,
    ) {
        self.domain = Arc::clone(domain);
        self.around = PoliciesAround::of(domain, directory, client);
    }

    /// This, with the domain and what is around it as `directory` knows them.
    pub(crate) fn renewed(
        &self,
        domain: &Arc<CompiledRecord<Domain>>,
        directory: &Directory,
        client: IpAddr,
    ) -> DomainTarget {
        DomainTarget {
            domain: Arc::clone(domain),
            serving: Arc::clone(&self.serving),
            backend: self.backend.clone(),
            route: self.route.clone(),
            around: PoliciesAround::of(domain, directory, client),
        }
    }
}

impl PoliciesAround {
    fn of(domain: &Domain, directory: &Directory, client: IpAddr) -> Self {
        Self {
            resource_control: directory.resource_control(&domain.account),
            endpoints: directory.endpoint_policies(domain, client),
        }
    }
}

impl Target {
    /// Most bytes of a body for this target.
    #[must_use]
    pub(crate) fn body_bytes_max(&self, state: &ServiceState) -> usize {
        match self {
            Self::Control
            | Self::Explain { .. }
            | Self::Replay
            | Self::Inspect(_)
            | Self::Sessions(_)
            | Self::WhoCan { .. }
            | Self::Move { .. } => limits::CONTROL_BODY_BYTES_MAX,
            Self::Domain(target) => {
                let bytes_max = state.settings().domains.body_bytes_max;
                if target.is_loaded() { bytes_max.min(limits::LOADED_BYTES_MAX) } else { bytes_max }
            }
            Self::UnknownRoute(_) | Self::ClosedDomain => state.settings().domains.body_bytes_max,
        }
    }
}

impl Target {
    /// Where a body for this target is while it comes in.
    #[must_use]
    pub(crate) fn spool<'p>(&self, state: &'p ServiceState) -> &'p Arc<Spool> {
        match self {
            Self::Control
            | Self::Explain { .. }
            | Self::Replay
            | Self::Inspect(_)
            | Self::Sessions(_)
            | Self::WhoCan { .. }
            | Self::Move { .. } => &state.control_spool,
            Self::Domain(_) | Self::UnknownRoute(_) | Self::ClosedDomain => &state.spool,
        }
    }
}

/// Where `explain` lives on the control listener. No AWS API has a path that begins so.
pub(crate) const EXPLAIN: &str = "/_countersign/explain/";

/// Where recorded traffic is decided anew.
pub(crate) const REPLAY: &str = "/_countersign/replay";

/// Where live sessions are listed (`?role=NAME`, `?user=NAME`) and ended (the same, or `/ACCESS-KEY-ID`).
pub(crate) const SESSIONS: &str = "/_countersign/sessions";

/// Where the moves of domains live there: `/_countersign/domains/NAME/migration`; and who may do what: `…/who-can`.
pub(crate) const DOMAINS: &str = "/_countersign/domains/";
const MIGRATION: &str = "/migration";
const WHO_CAN: &str = "/who-can";

/// Reads the target off the head. Only a path that cannot be decoded safely is refused here.
pub(crate) fn route(
    context: &mut RequestContext<'_>,
    call: &Call,
    _claimed_identity: &ClaimedIdentity,
) -> Result<Target, Refusal> {
    context.entry.reached(Stage::Route);
    context.entry.phase("route");
    check_addressed_here(context, call)?;
    let (key, serving) = match &context.connection.listener.target {
        ListenerTarget::Control => return control(call, context.dialect),
        ListenerTarget::SignIn => return Ok(Target::Control),
        ListenerTarget::Domain { key, serving } => (key, serving),
        // Refused before anybody was asked who it is.
        ListenerTarget::Elsewhere { .. } => return Ok(Target::ClosedDomain),
        // Its requests do not come here: those that it makes come through the other listeners.
        ListenerTarget::Console => return Ok(Target::ClosedDomain),
    };
    let directory = context.state.control.directory();
    let domain = directory.domain(&key.account, &key.region, &key.name);
    let Some(domain) = domain.filter(|domain| domain.unique == key.unique && !domain.deleted)
    else {
        return Ok(Target::ClosedDomain);
    };
    // Behind a proxy this is another address than the connection's; and what lets it in may have changed since.
    if !vpc::reaches(&context.state.settings().vpc, &directory, domain, call.client_address) {
        return Ok(Target::ClosedDomain);
    }
    // The engine never sees a signature (Amazon forwards it, and its engine answers 400).
    let query = sigv4::presigned::strip(&call.query);
    let backend = Backend::clone(&serving.current());
    match engine::rest::route(&call.method, &call.path, &query, backend.flavor()) {
        Ok(route) => Ok(Target::Domain(Box::new(DomainTarget {
            domain: Arc::clone(domain),
            serving: Arc::clone(serving),
            backend,
            route,
            around: PoliciesAround::of(domain, &directory, call.client_address),
        }))),
        Err(RouteError::BadPath(what)) => Err(MalformedRequest::bad(what).into()),
        Err(unknown) => Ok(Target::UnknownRoute(unknown)),
    }
}

/// Refuses a request whose `Host` names the port of another listener of this service, or another domain's own host. Its
/// signature covers that name, so it was made for what is there, and listeners that share a name are told apart by their
/// ports alone. A port of nobody here is a tunnel's or a forwarded one's, and fine.
fn check_addressed_here(context: &RequestContext<'_>, call: &Call) -> Result<(), MalformedRequest> {
    let (state, own) = (context.state, context.connection.listener.port);
    check_name(context, host_name(&call.host))?;
    let Some(named) = port(&call.host).filter(|port| *port != own) else { return Ok(()) };
    let is_domains = || state.control.directory().domain_by_port(named).is_some();
    if state.control_port() != Some(named) && !is_domains() {
        return Ok(());
    }
    let what = format!(
        "Host names port {named}, which belongs to another listener; this one is port {own}"
    );
    Err(MalformedRequest::new(421, what))
}

/// Refuses the host of another domain, its custom endpoint's too. The name that all share says nothing. On the control
/// plane's listener custom endpoints are passed over: who sets one must not close that listener for everybody.
fn check_name(context: &RequestContext<'_>, host: &str) -> Result<(), MalformedRequest> {
    let state = context.state;
    if host.eq_ignore_ascii_case(&state.settings().public_name) {
        return Ok(());
    }
    let directory = state.control.directory();
    let is_own = |domain: &Domain| match &context.connection.listener.target {
        ListenerTarget::Control | ListenerTarget::Console | ListenerTarget::SignIn => {
            domain.custom_endpoint().is_some_and(|(name, _)| name.eq_ignore_ascii_case(host))
        }
        ListenerTarget::Domain { key, .. } | ListenerTarget::Elsewhere { key, .. } => {
            domain.unique == key.unique
        }
    };
    let named = directory.domains_at(host);
    if named.is_empty() || named.iter().any(|domain| is_own(domain)) {
        return Ok(());
    }
    let what = format!("Host names {host}, which belongs to another domain");
    Err(MalformedRequest::new(421, what))
}

/// The port that a `Host` names, if it does.
fn port(host: &str) -> Option<u16> {
    host.strip_prefix(host_name(host))?.trim_start_matches('.').strip_prefix(':')?.parse().ok()
}

fn control(call: &Call, dialect: Dialect) -> Result<Target, Refusal> {
    if dialect == Dialect::IamToolbox {
        return authorization_details(call);
    }
    if let Some(request_id) = call.path.strip_prefix(EXPLAIN) {
        return match call.method.as_str() {
            "GET" => {
                let form = ExplainForm::Told;
                Ok(Target::Explain { request_id: request_id.to_owned(), form })
            }
            _ => Err(MalformedRequest::new(405, "explain accepts only GET").into()),
        };
    }
    if call.path == REPLAY {
        return match call.method.as_str() {
            "POST" => Ok(Target::Replay),
            _ => Err(MalformedRequest::new(405, "a replay accepts only POST").into()),
        };
    }
    if let Some((path, inspection)) = INSPECTIONS.iter().find(|(path, _)| call.path == *path) {
        return match call.method.as_str() {
            "GET" => Ok(Target::Inspect(*inspection)),
            _ => Err(MalformedRequest::new(405, format!("{path} accepts only GET")).into()),
        };
    }
    if let Some(rest) = call.path.strip_prefix(SESSIONS)
        && (rest.is_empty() || rest.starts_with('/'))
    {
        return Ok(Target::Sessions(sessions_order(call, rest)?));
    }
    let asked = call.path.strip_prefix(DOMAINS).and_then(|rest| rest.strip_suffix(WHO_CAN));
    if let Some(domain) = asked.filter(|domain| !domain.contains('/')) {
        return match call.method.as_str() {
            "GET" => Ok(Target::WhoCan { domain: domain.to_owned() }),
            _ => Err(MalformedRequest::new(405, "who-can accepts only GET").into()),
        };
    }
    let moved = call.path.strip_prefix(DOMAINS).and_then(|rest| rest.split_once(MIGRATION));
    match moved {
        Some((domain, rest)) => {
            let order = move_order(call, rest)?;
            Ok(Target::Move { domain: domain.to_owned(), order })
        }
        None => Ok(Target::Control),
    }
}

/// Which sessions a request is about, and what becomes of them.
fn sessions_order(call: &Call, rest: &str) -> Result<SessionsOrder, Refusal> {
    let ends = match call.method.as_str() {
        "GET" => false,
        "DELETE" => true,
        _ => return Err(MalformedRequest::new(405, "sessions accept only GET and DELETE").into()),
    };
    let query = sigv4::presigned::strip(&call.query);
    let named = |name: &str| {
        let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        let (_, value) = pairs.find(|(known, _)| *known == name)?;
        let value = percent_encoding::percent_decode_str(value).decode_utf8().ok()?;
        Some(value.into_owned())
    };
    let meant = match (rest.strip_prefix('/'), named("role"), named("user")) {
        (Some(key), None, None) if !key.is_empty() => SessionsMeant::One(key.to_owned()),
        (None, Some(role), None) => SessionsMeant::OfRole(role),
        (None, None, Some(user)) => SessionsMeant::OfUser(user),
        _ => {
            let what = format!(
                "sessions are named by {SESSIONS}?role=NAME, ?user=NAME, or {SESSIONS}/ACCESS-KEY-ID"
            );
            return Err(MalformedRequest::new(400, what).into());
        }
    };
    Ok(SessionsOrder { ends, meant })
}

/// The two operations of `iam-toolbox`: `GET /authorization-details/ID` and `…/ID/policy?policyUri=URI`.
fn authorization_details(call: &Call) -> Result<Target, Refusal> {
    let invalid = |what: &str| {
        let mut outcome = Outcome::json(400, &serde_json::json!({ "message": what }));
        outcome.headers.push(("x-amzn-errortype", "ValidationException".into()));
        Refusal::Answered { outcome, why: what.to_owned() }
    };
    let rest = call.path.strip_prefix(AUTHORIZATION_DETAILS).unwrap_or_default();
    let (id, is_policy) = match rest.strip_suffix("/policy") {
        Some(id) => (id, true),
        None => (rest, false),
    };
    if call.method != "GET" {
        return Err(MalformedRequest::new(405, "authorization details accept only GET").into());
    }
    let is_id = |byte: u8| byte.is_ascii_digit() || byte.is_ascii_lowercase();
    if id.is_empty() || id.len() > 256 || !id.bytes().all(is_id) {
        return Err(invalid(
            "authorizationId must match [0-9a-z]+ and have at most 256 characters.",
        ));
    }
    let query = sigv4::presigned::strip(&call.query);
    let parameter = |name: &str| {
        let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        let (_, value) = pairs.find(|(known, _)| *known == name)?;
        let value = percent_encoding::percent_decode_str(value).decode_utf8().ok()?;
        Some(value.into_owned())
    };
    let form = match (is_policy, parameter("policyUri"), parameter("nextToken")) {
        (true, Some(uri), _) if (1..=2_048).contains(&uri.len()) => ExplainForm::Policy { uri },
        (true, ..) => return Err(invalid("policyUri must have 1 to 2048 characters.")),
        (false, _, None) => ExplainForm::Details,
        // All evaluations of a record are one page.
        (false, _, Some(_)) => return Err(invalid("nextToken is none that was handed out.")),
    };
    Ok(Target::Explain { request_id: id.to_owned(), form })
}

/// What a request says about the move of a domain; `rest` is its path behind `migration`.
fn move_order(call: &Call, rest: &str) -> Result<MoveOrder, Refusal> {
    let query = sigv4::presigned::strip(&call.query);
    match (call.method.as_str(), rest) {
        ("GET", "") => Ok(MoveOrder::Tell),
        ("DELETE", "") => Ok(MoveOrder::Abort),
        ("POST", "/discard-source") => Ok(MoveOrder::Discard),
        ("POST", "") => match query.strip_prefix("to=") {
            // A pool's name needs no encoding.
            Some(pool) if !pool.is_empty() => Ok(MoveOrder::Begin(pool.to_owned())),
            _ => Err(MalformedRequest::bad("the move of a domain needs ?to=POOL").into()),
        },
        _ => {
            let what = "a move accepts GET, POST ?to=POOL, DELETE, and POST on its discard-source";
            Err(MalformedRequest::new(405, what).into())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_names_a_port_or_none() {
        for (host, expected) in [
            ("localhost:9200", Some(9200)),
            ("localhost.:9200", Some(9200)),
            ("[::1]:443", Some(443)),
            ("[::1]", None),
            ("localhost", None),
            ("localhost:", None),
            ("localhost:99999", None),
        ] {
            assert_eq!(port(host), expected, "{host}");
        }
    }
}
