//! Container credentials: local workloads fetch the rotating credentials of their roles, with the SDKs' own
//! `AWS_CONTAINER_CREDENTIALS_FULL_URI` and `AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE`.
//!
//! A listener of its own, in plain HTTP and on loopback only (SDKs refuse `http://` anywhere else). A workload is a name
//! bound to a role by the operator; its token says which one asks, nothing in the request does. What is handed out is a
//! session of the role like any other, made for the service principal [`SERVICE`], which the role's trust policy must
//! allow: the policies are asked at each request, and a session is handed out again until half of its life is over.
//! Decision 0077.

pub(crate) mod tokens;

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;

use bytes::Bytes;
use control::{ApiError, ErrorCode, IdentifiedCaller, Operation};
use http::{HeaderValue, Method, Request, Response, StatusCode, header};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use jiff::Timestamp;
use policy::Context;
use serde_json::{Value, json};
use sigv4::SecretKey;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Mutex, Semaphore};

use crate::audit::{self, AuditEntry, AuditRecord, Layer, Stage};
use crate::guards::limits;
use crate::guards::throttle::{SourceAddress, Throttle, TooManyTries};
use crate::service::backends::ControlWork;
use crate::service::pool::WorkOwner;
use crate::service::state::ServiceState;
use crate::transport::{host, listener};
use crate::walk::authorize::permit::{Permit, Reason};
use crate::walk::judge::{self, PolicyQuestion};
use crate::workloads::tokens::WorkloadToken;

/// The service that assumes the roles of workloads, as Amazon's does for the tasks of ECS: roles that were written for it
/// work here unchanged.
pub(crate) const SERVICE: &str = "ecs-tasks.amazonaws.com";

/// Where credentials are.
pub(crate) const PATH: &str = "/v1/credentials";

/// The workloads of a service.
pub(crate) struct Workloads {
    all: Vec<Workload>,
    connections: Arc<Semaphore>,
    /// Wrong tokens by address.
    failures: Throttle<SourceAddress>,
}

/// A name bound to a role.
pub(crate) struct Workload {
    /// Its name, which its sessions bear too.
    pub name: String,
    /// The role.
    pub role_arn: String,
    /// Seconds that its sessions live, where the role's maximum is not less.
    pub seconds: i64,
    /// What proves that it asks.
    pub token: WorkloadToken,
    /// Held while credentials are made: one request makes them, the others get the same.
    last: Mutex<Option<WorkloadSession>>,
}

/// Credentials that were handed out last.
struct WorkloadSession {
    access_key_id: String,
    secret: SecretKey,
    token: String,
    issued: Timestamp,
    expires: Timestamp,
    /// The role as it was then. When it has changed since, sessions from before may have been revoked.
    role: Arc<control::CompiledRecord<control::record::Role>>,
}

/// Why there are no credentials: what SDKs show their users.
struct CredentialsRefused {
    status: StatusCode,
    code: &'static str,
    message: String,
    retry_after_seconds: Option<u64>,
}

impl Workload {
    /// A workload that has asked for nothing yet.
    #[must_use]
    pub(crate) fn new(name: String, role_arn: String, seconds: i64, token: WorkloadToken) -> Self {
        Self { name, role_arn, seconds, token, last: Mutex::default() }
    }
}

impl Workloads {
    /// These workloads and no other.
    #[must_use]
    pub(crate) fn new(all: Vec<Workload>) -> Self {
        let connections = Arc::new(Semaphore::new(limits::WORKLOAD_CONNECTIONS_MAX));
        let (rate, burst) = (limits::WORKLOAD_FAILURES_PER_SECOND, limits::WORKLOAD_FAILURES_BURST);
        Self { all, connections, failures: Throttle::new(rate, burst) }
    }

    /// The one whose token it is. All are compared, whichever it is.
    fn find(&self, token: &[u8]) -> Option<&Workload> {
        let matches = self.all.iter().map(|workload| workload.token.is(token));
        let matches: Vec<bool> = matches.collect();
        self.all.iter().zip(matches).find(|(_, is)| *is).map(|(workload, _)| workload)
    }
}

/// Hands out credentials until the service is told to stop.
pub(crate) async fn listen(listener: TcpListener, workloads: Arc<Workloads>, state: ServiceState) {
    loop {
        let turn = Arc::clone(&workloads.connections).acquire_owned();
        let Ok(turn) = turn.await else { return };
        let Some((stream, peer)) = listener::next(&listener, state.shutdown.told()).await else {
            return;
        };
        let (workloads, state) = (Arc::clone(&workloads), state.clone());
        tokio::spawn(async move {
            connection(stream, peer, &workloads, state).await;
            drop(turn);
        });
    }
}

/// One connection, one request: SDKs ask a few times an hour.
async fn connection(
    stream: TcpStream,
    peer: SocketAddr,
    workloads: &Workloads,
    state: ServiceState,
) {
    let service = service_fn(|request: Request<Incoming>| {
        let state = state.clone();
        async move { Ok::<_, Infallible>(answer(&state, workloads, peer, &request).await) }
    });
    let connection = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .keep_alive(false)
        .max_headers(limits::HEADER_LINES_MAX)
        .max_buf_size(limits::WORKLOAD_HEAD_BYTES_MAX)
        .header_read_timeout(limits::HANDSHAKE_TIME)
        .serve_connection(TokioIo::new(stream), service);
    // Whether it ended well or not, there is nobody to tell.
    let _ = tokio::time::timeout(limits::WORKLOAD_TIME, connection).await;
}

async fn answer<B>(
    state: &ServiceState,
    workloads: &Workloads,
    peer: SocketAddr,
    request: &Request<B>,
) -> Response<Full<Bytes>> {
    let mut entry = AuditEntry::begin(&state.audit, record(state, peer, request));
    let given = match claim(state, workloads, peer, request) {
        Ok(workload) => credentials(state, workload, &mut entry).await,
        Err(refused) => Err(refused),
    };
    let (status, body, retry_after_seconds) = match given {
        Ok(body) => {
            entry.reached(Stage::Respond);
            (StatusCode::OK, body, None)
        }
        Err(CredentialsRefused { status, code, message, retry_after_seconds }) => {
            let body = json!({ "code": code, "message": message });
            entry.layer = Some(Layer::of_workload(entry.stage, status.as_u16()));
            entry.refusal_kind = Some(code.to_owned());
            entry.refusal = Some(message);
            (status, body, retry_after_seconds)
        }
    };
    let body = Bytes::from(body.to_string());
    entry.status = status.as_u16();
    entry.bytes_out = body.len() as u64;
    let mut response = Response::new(Full::new(body));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if status == StatusCode::METHOD_NOT_ALLOWED {
        headers.insert(header::ALLOW, HeaderValue::from_static("GET"));
    }
    if let Some(seconds) = retry_after_seconds {
        headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    if let Ok(id) = HeaderValue::from_str(&entry.request_id) {
        headers.insert("x-amzn-requestid", id);
    }
    response
}

/// Which workload asks. Only the token says so.
fn claim<'w, B>(
    state: &ServiceState,
    workloads: &'w Workloads,
    peer: SocketAddr,
    request: &Request<B>,
) -> Result<&'w Workload, CredentialsRefused> {
    let refused = |status, code, message: &str| {
        Err(CredentialsRefused {
            status,
            code,
            message: message.to_owned(),
            retry_after_seconds: None,
        })
    };
    // A page in a browser can be led here by a name of its own that resolves to loopback; its Host tells.
    if !is_addressed_to_loopback(request) {
        let message = "Host must be a loopback address or localhost";
        return refused(StatusCode::FORBIDDEN, "InvalidHost", message);
    }
    if request.method() != Method::GET {
        return refused(StatusCode::METHOD_NOT_ALLOWED, "MethodNotAllowed", "only GET");
    }
    if request.uri().path() != PATH {
        return refused(StatusCode::NOT_FOUND, "NotFound", "credentials are at /v1/credentials");
    }
    let mut tokens = request.headers().get_all(header::AUTHORIZATION).iter();
    let (Some(token), None) = (tokens.next(), tokens.next()) else {
        let message = "expected one Authorization header with the workload's token";
        return refused(StatusCode::UNAUTHORIZED, "MissingAuthorization", message);
    };
    let (source, now) = (SourceAddress::at(peer.ip()), state.clock.now());
    workloads.failures.try_once(&source, now).map_err(|too_many| {
        state.metrics.workload_limited();
        limited(too_many)
    })?;
    match workloads.find(token.as_bytes()) {
        Some(workload) => {
            workloads.failures.succeeded(&source, now);
            Ok(workload)
        }
        None => {
            state.metrics.workload_refused();
            let message = "unknown workload token";
            refused(StatusCode::UNAUTHORIZED, "InvalidAuthorization", message)
        }
    }
}

/// Too many wrong tokens came from there.
fn limited(TooManyTries { retry_after_seconds }: TooManyTries) -> CredentialsRefused {
    CredentialsRefused {
        status: StatusCode::TOO_MANY_REQUESTS,
        code: "Throttling",
        message: format!("too many wrong tokens: try again in {retry_after_seconds} s"),
        retry_after_seconds: Some(retry_after_seconds),
    }
}

/// Whether every authority that the request names is this machine's loopback.
fn is_addressed_to_loopback<B>(request: &Request<B>) -> bool {
    let mut hosts = request.headers().get_all(header::HOST).iter();
    let (Some(host), None) = (hosts.next(), hosts.next()) else { return false };
    let named = request.uri().authority().map(http::uri::Authority::as_str);
    host.to_str().is_ok_and(host::is_loopback) && named.is_none_or(host::is_loopback)
}

/// The workload's credentials: those of last time while they are good for more than half of their life.
async fn credentials(
    state: &ServiceState,
    workload: &Workload,
    entry: &mut AuditEntry,
) -> Result<Value, CredentialsRefused> {
    let mut last = workload.last.lock().await;
    let (now, directory) = (state.clock.now(), state.control.directory());
    entry.listener = format!("workload/{}", workload.name);
    let principal = &mut entry.principal;
    (principal.arn, principal.kind) = (SERVICE.to_owned(), "service".into());
    principal.proven = true;
    entry.reached(Stage::Authorize);
    let role = directory.role_by_arn(&workload.role_arn).cloned();
    let account = role.as_ref().map(|role| role.account.clone());
    (entry.account, entry.principal.account) = (account.clone(), account);
    let input = json!({
        "RoleArn": workload.role_arn,
        "RoleSessionName": workload.name,
        "DurationSeconds": role
            .as_ref()
            .map_or(workload.seconds, |role| workload.seconds.min(role.max_session_seconds)),
    });
    let operation = assume_role()?;
    entry.action = Some(operation.action());
    entry.resource(&workload.role_arn);
    let work = ControlWork {
        operation,
        input,
        identity: IdentifiedCaller::service(SERVICE),
        judged: directory.version(),
        context: task_context(workload, now),
        region: judge::GLOBAL_REGION.to_owned(),
        holder: WorkOwner::service(),
    };
    may(&directory, &work, entry)?;
    let role = role.ok_or_else(|| internal("the role no longer exists"))?;
    if let Some(session) = last.as_ref().filter(|session| session.is_good(&directory, &role, now)) {
        entry.principal.access_key_id = Some(session.access_key_id.clone());
        return Ok(session.shown(&workload.role_arn));
    }
    entry.reached(Stage::Serve);
    let holder = work.holder.clone();
    let permit = Permit::for_service(Reason::Workload, entry, work);
    entry.ahead().write(|_| {}).map_err(|_unrecorded| {
        let text = "the audit record cannot be written, so no credentials are given";
        refused(&ApiError::new(ErrorCode::Unavailable, text))
    })?;
    let (control, request_id) = (Arc::clone(&state.control), entry.request_id.clone());
    let executed = move || control.execute(permit, &|_| None, now, &request_id);
    let made = state.control_pool.run(holder, executed);
    let made = made.await.map_err(|why| internal(&format!("not done: {why:?}")))?;
    let made = made.map_err(|error| refused(&error))?;
    let session =
        WorkloadSession::read(&made, now, role).ok_or_else(|| internal("no credentials"))?;
    entry.principal.access_key_id = Some(session.access_key_id.clone());
    let shown = session.shown(&workload.role_arn);
    *last = Some(session);
    Ok(shown)
}

/// What a trust policy may ask of a service that assumes the role of `workload`.
fn task_context(workload: &Workload, now: Timestamp) -> Context {
    let mut context = judge::at(now);
    context.set("aws:PrincipalIsAWSService", "true");
    // Trust policies of task roles limit the account that their service works for.
    if let Ok(role) = policy::Arn::parse(&workload.role_arn) {
        context.set("aws:SourceAccount", role.account());
    }
    context
}

/// Asks the role's trust policy, and writes down what it said.
fn may(
    directory: &control::Directory,
    work: &ControlWork,
    entry: &mut AuditEntry,
) -> Result<(), CredentialsRefused> {
    let ControlWork { operation, input, identity, region, context, .. } = work;
    let asked = control::authorization(*operation, input, identity, directory, region, context);
    for question in &asked.map_err(|error| refused(&error))?.questions {
        let decision = judge::ask(&PolicyQuestion::of(identity, question));
        let denied = decision.text.clone();
        entry.decision(decision);
        if let Some(text) = denied {
            return Err(refused(&ApiError::access_denied(text)));
        }
    }
    Ok(())
}

fn assume_role() -> Result<Operation, CredentialsRefused> {
    let found = Operation::find(control::Service::Sts, "AssumeRole");
    found.ok_or_else(|| internal("AssumeRole is not in the table"))
}

impl WorkloadSession {
    /// From the reply of `AssumeRole`.
    fn read(
        made: &Value,
        issued: Timestamp,
        role: Arc<control::CompiledRecord<control::record::Role>>,
    ) -> Option<Self> {
        let text = |name: &str| made.pointer(&format!("/Credentials/{name}"))?.as_str();
        let expires = made.pointer("/Credentials/Expiration")?.as_i64()?;
        Some(Self {
            access_key_id: text("AccessKeyId")?.to_owned(),
            secret: SecretKey::new(text("SecretAccessKey")?),
            token: text("SessionToken")?.to_owned(),
            issued,
            expires: Timestamp::from_second(expires).ok()?,
            role,
        })
    }

    /// Whether it may be handed out again: more than half of its life is left, nobody revoked it, and its role is as it
    /// was, so that nothing was put into it against older sessions.
    fn is_good(
        &self,
        directory: &control::Directory,
        role: &Arc<control::CompiledRecord<control::record::Role>>,
        now: Timestamp,
    ) -> bool {
        let left = self.expires.as_second() - now.as_second();
        let life = self.expires.as_second() - self.issued.as_second();
        left * 2 > life
            && now >= self.issued
            && Arc::ptr_eq(&self.role, role)
            && directory.identify(&self.access_key_id, Some(&self.token), now).is_ok()
    }

    /// As the endpoint of ECS shows it.
    fn shown(&self, role_arn: &str) -> Value {
        json!({
            "RoleArn": role_arn,
            "AccessKeyId": self.access_key_id,
            "SecretAccessKey": self.secret.expose(),
            "Token": self.token,
            "Expiration": self.expires.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        })
    }
}

fn record<B>(state: &ServiceState, peer: SocketAddr, request: &Request<B>) -> AuditRecord {
    let agent = request.headers().get(header::USER_AGENT).and_then(|value| value.to_str().ok());
    let principal = audit::PrincipalRecord {
        arn: "anonymous".into(),
        kind: "anonymous".into(),
        ..Default::default()
    };
    AuditRecord {
        time: Some(state.clock.now()),
        request_id: state.request_ids.next(),
        listener: "workloads".into(),
        peer: peer.to_string(),
        client_address: peer.ip().to_canonical().to_string(),
        method: audit::shortened(request.method().as_str()),
        path: audit::control_path(request.uri().path()),
        query: audit::control_query(request.uri().query().unwrap_or_default()),
        user_agent: agent.map(audit::shortened),
        stage: Stage::Authenticate,
        principal,
        ..AuditRecord::default()
    }
}

/// A refusal of the control plane, in HTTP's terms: SDKs try again what is 429 or 5xx.
fn refused(error: &ApiError) -> CredentialsRefused {
    let (status, code) = match error.code {
        ErrorCode::AccessDenied => (StatusCode::FORBIDDEN, "AccessDenied"),
        ErrorCode::Throttling => (StatusCode::TOO_MANY_REQUESTS, "Throttling"),
        ErrorCode::Unavailable | ErrorCode::Conflict => {
            (StatusCode::SERVICE_UNAVAILABLE, "ServiceUnavailable")
        }
        _ => (StatusCode::INTERNAL_SERVER_ERROR, "InternalFailure"),
    };
    CredentialsRefused { status, code, message: error.message.clone(), retry_after_seconds: None }
}

fn internal(message: &str) -> CredentialsRefused {
    refused(&ApiError::new(ErrorCode::Internal, message))
}
