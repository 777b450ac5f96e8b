//! A call of a page: signed with the credentials of who signed in, and sent over a connection in memory to the listener that
//! any other client would have reached. Nothing tells its request from theirs: the walk authenticates, authorizes, records it.
//! The connection has the browser's address, which is what policies and audit records know.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use console::{ApiAnswer, ApiCall, Destination, Visitor, limits as console_limits};
use http::{Request, Response, header};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use sigv4::{Credentials, PayloadHash, SigningOptions};
use zeroize::Zeroizing;

use crate::guards::limits;
use crate::service::console_state::BrowserCredentials;
use crate::service::state::ServiceState;
use crate::transport::connection::Connection;
use crate::transport::listener::Listener;
use crate::transport::vpc;
use crate::walk;

/// Bytes on their way in each direction of a connection in memory.
const PIPE_BYTES: usize = 64 * 1024;

/// What proves who sends a call.
#[derive(Clone, Copy)]
pub(super) enum Proof<'a> {
    /// A signature with these.
    Key(&'a BrowserCredentials),
    /// The name and the password of a user, in a header of Basic authentication: only of who signs in.
    Password(&'a Zeroizing<String>),
    /// Something in the call itself: a token, an assertion.
    Call,
}

/// Sends a call and reads its answer. What keeps it from being sent is an answer, too.
pub(super) async fn call(
    state: &ServiceState,
    visitor: &Visitor,
    proof: Proof<'_>,
    call: ApiCall,
) -> ApiAnswer {
    let sending = send(state, visitor, proof, &call);
    match tokio::time::timeout(limits::CALL_TIME, sending).await {
        Ok(Ok(answer)) => answer,
        Ok(Err((status, why))) => not_sent(status, &why),
        Err(_elapsed) => not_sent(504, "the request took longer than this service allows"),
    }
}

type NotSent = (u16, String);

async fn send(
    state: &ServiceState,
    visitor: &Visitor,
    proof: Proof<'_>,
    call: &ApiCall,
) -> Result<ApiAnswer, NotSent> {
    let (listener, host, service) = place(state, proof, call)?;
    // Who is elsewhere than in the domain's VPC could not connect either.
    if !vpc::admits(state, &listener, visitor.address.ip()) {
        return Err((403, "this domain is in a VPC, and your address is not".to_owned()));
    }
    let request = request(state, visitor, proof, call, &host, service)?;
    let response = through_the_walk(state, listener, visitor.address, request).await?;
    read(response).await
}

/// The listener of a call, its host, and what it is signed for.
fn place(
    state: &ServiceState,
    proof: Proof<'_>,
    call: &ApiCall,
) -> Result<(Arc<Listener>, String, &'static str), NotSent> {
    let gone = || (503, "the console is closing".to_owned());
    match &call.to {
        Destination::Control(service) => {
            let console = state.console.get().ok_or_else(gone)?;
            let listener = match proof {
                Proof::Password(_) => &console.sign_in,
                Proof::Key(_) | Proof::Call => &console.control,
            };
            let host = format!("{}:{}", state.settings().public_name, listener.port);
            Ok((Arc::clone(listener), host, service))
        }
        Destination::Domain(name) => {
            let directory = state.control.directory();
            let account = match proof {
                Proof::Key(credentials) => credentials.account.as_str(),
                Proof::Password(_) | Proof::Call => "",
            };
            let domain = directory.domain(account, &call.region, name);
            let found = domain.and_then(|domain| {
                let listeners = state.listeners();
                let mut own = listeners.iter().filter(|(key, _)| key.unique == domain.unique);
                Some((own.next().map(|(_, it)| Arc::clone(it))?, domain.endpoint.clone()?))
            });
            let nowhere = || (404, format!("no domain {name} of yours listens here"));
            let (listener, host) = found.ok_or_else(nowhere)?;
            Ok((listener, host, "es"))
        }
    }
}

fn request(
    state: &ServiceState,
    visitor: &Visitor,
    proof: Proof<'_>,
    call: &ApiCall,
    host: &str,
    service: &str,
) -> Result<Request<Full<Bytes>>, NotSent> {
    let unfit = |why: String| (400, why);
    let mut headers = vec![("host", host.as_bytes())];
    if let Some(content_type) = call.content_type {
        headers.push(("content-type", content_type.as_bytes()));
    }
    let proving = match proof {
        Proof::Key(credentials) => signature(state, credentials, call, &headers, service)?,
        Proof::Password(pair) => {
            vec![(
                "authorization".to_owned(),
                format!("Basic {}", STANDARD.encode(pair.as_bytes())),
            )]
        }
        Proof::Call => Vec::new(),
    };
    let (method, path, query) = (&call.method, &call.path, &call.query);
    let target = if query.is_empty() { path.clone() } else { format!("{path}?{query}") };
    let mut building = Request::builder().method(method.as_str()).uri(target);
    building = building.header(header::USER_AGENT, visitor.user_agent.as_str());
    for (name, value) in headers {
        building = building.header(name, value);
    }
    for (name, value) in &proving {
        building = building.header(name, value);
    }
    let body = Full::new(Bytes::from(call.body.clone()));
    building.body(body).map_err(|error| unfit(error.to_string()))
}

/// The headers that sign a call.
fn signature(
    state: &ServiceState,
    credentials: &BrowserCredentials,
    call: &ApiCall,
    headers: &[(&str, &[u8])],
    service: &str,
) -> Result<Vec<(String, String)>, NotSent> {
    let (method, path, query) = (&call.method, &call.path, &call.query);
    let request = sigv4::Request { method, path, query, headers };
    let keys = Credentials {
        access_key_id: &credentials.access_key_id,
        secret: &credentials.secret,
        session_token: credentials.session_token.as_ref().map(|token| token.as_str()),
    };
    let hash = PayloadHash::of(&call.body);
    let (now, options) = (state.clock.now(), SigningOptions::default());
    let signed = sigv4::sign(&request, &keys, &call.region, service, now, &hash, &options)
        .map_err(|error| (400, error.to_string()))?;
    let headers = signed.headers.iter().map(|(name, value)| (name.to_string(), value.to_string()));
    Ok(headers.collect())
}

/// A request over a connection in memory: what its other end is answered by is the same as behind the listener's TLS.
async fn through_the_walk(
    state: &ServiceState,
    listener: Arc<Listener>,
    address: SocketAddr,
    request: Request<Full<Bytes>>,
) -> Result<Response<Incoming>, NotSent> {
    let crowded = || (429, "this address has too many connections".to_owned());
    let place = state.connections.place(&listener, address).await.ok_or_else(crowded)?;
    let connection = Arc::new(Connection::new(listener, address, None, place));
    let (near, far) = tokio::io::duplex(PIPE_BYTES);
    let running = state.shutdown.enter();
    let serving = {
        let state = state.clone();
        async move {
            let _running = running;
            let (state, connection) = (&state, &connection);
            let service = service_fn(|request: Request<Incoming>| {
                let (parts, body) = request.into_parts();
                let mut begun = walk::begin(state, connection, parts);
                async move {
                    Ok::<_, Infallible>(walk::answer(state, connection, &mut begun, body).await)
                }
            });
            let mut builder = hyper::server::conn::http1::Builder::new();
            builder.timer(TokioTimer::new()).header_read_timeout(state.times.head);
            builder.max_headers(limits::HEADER_LINES_MAX).max_header_size(limits::HEAD_BYTES_MAX);
            builder.max_buf_size(limits::HEAD_BYTES_MAX).keep_alive(false);
            let _ended = builder.serve_connection(TokioIo::new(far), service).await;
        }
    };
    tokio::spawn(serving);
    let broken = |error: hyper::Error| (502, format!("the request broke off: {error}"));
    let (mut sender, asking) =
        hyper::client::conn::http1::handshake(TokioIo::new(near)).await.map_err(broken)?;
    tokio::spawn(asking);
    sender.send_request(request).await.map_err(broken)
}

/// As much of an answer as a page shows.
async fn read(response: Response<Incoming>) -> Result<ApiAnswer, NotSent> {
    let (parts, mut incoming) = response.into_parts();
    let text = |name: &str| {
        parts.headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned)
    };
    let (mut body, mut cut) = (Vec::new(), false);
    while let Some(frame) = incoming.frame().await {
        let frame = frame.map_err(|error| (502, format!("the answer broke off: {error}")))?;
        let Ok(data) = frame.into_data() else { continue };
        let room = console_limits::ANSWER_BYTES_MAX - body.len();
        body.extend(data.iter().take(room));
        if data.len() > room {
            cut = true;
            break;
        }
    }
    let error = text("x-amzn-errortype");
    Ok(ApiAnswer {
        status: parts.status.as_u16(),
        request_id: text("x-amzn-requestid"),
        error: error.map(|name| name.split(':').next().unwrap_or_default().to_owned()),
        content_type: text("content-type").unwrap_or_default(),
        body,
        cut,
    })
}

/// What stands in the place of an answer to a call that was not sent.
pub(super) fn not_sent(status: u16, why: &str) -> ApiAnswer {
    ApiAnswer {
        status,
        request_id: None,
        error: None,
        content_type: "application/json".to_owned(),
        body: serde_json::json!({ "message": why }).to_string().into_bytes(),
        cut: false,
    }
}
