//! The admin listener: `/healthz`, `/readyz` and `/metrics`, in plain HTTP, loopback by default, never
//! on a listener that strangers reach.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::fmt::Write;

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode, header};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};

use super::testing;
use crate::guards::limits;
use crate::service::state::ServiceState;
use crate::traces::Traces;
use crate::transport::listener;

/// Serves the admin pages until the service is told to stop.
pub(crate) async fn listen(listener: TcpListener, state: ServiceState) {
    let mut open = VecDeque::new();
    while let Some((stream, _peer)) = listener::next(&listener, state.shutdown.told()).await {
        open.retain(|task: &tokio::task::JoinHandle<()>| !task.is_finished());
        // Whoever watches over the service gets in, however many do nothing.
        if open.len() >= limits::ADMIN_CONNECTIONS_MAX
            && let Some(longest) = open.pop_front()
        {
            longest.abort();
        }
        open.push_back(tokio::spawn(connection(stream, state.clone())));
    }
}

async fn connection(stream: TcpStream, state: ServiceState) {
    let service = service_fn(|request: Request<Incoming>| {
        let test = testing::asked(&state, &request);
        let answer = answer(&state, request.method(), request.uri().path());
        let state = state.clone();
        async move {
            let Some(test) = test else { return Ok::<_, Infallible>(answer) };
            Ok(testing::answer(&state, test).await)
        }
    });
    let connection = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits::HEAD_TIME)
        .serve_connection(TokioIo::new(stream), service);
    tokio::pin!(connection);
    tokio::select! {
        _ = connection.as_mut() => {}
        () = state.shutdown.told() => connection.as_mut().graceful_shutdown(),
    }
}

/// One admin page.
fn answer(state: &ServiceState, method: &Method, path: &str) -> Response<Full<Bytes>> {
    if method != Method::GET && method != Method::HEAD {
        return page(StatusCode::METHOD_NOT_ALLOWED, "text/plain", "only GET\n".into());
    }
    match path {
        // The process answers, so it is alive.
        "/healthz" => page(StatusCode::OK, "text/plain", "ok\n".into()),
        "/readyz" if state.is_ready() => {
            let missing = state.store.missing(state.stale_for()).unwrap_or_default();
            match state.store.too_old(state.stale_for()) {
                // Whoever sends requests here may go on: they are decided on what was read last.
                None => page(
                    StatusCode::OK,
                    "text/plain",
                    format!("ready\n{missing}{}", lesser_faults(state)),
                ),
                Some(_) => page(StatusCode::SERVICE_UNAVAILABLE, "text/plain", missing),
            }
        }
        "/readyz" => {
            let what = match state.is_draining() {
                true => "stopping\n",
                false => "starting\nmissing: domains: their listeners are not open yet\n",
            };
            page(StatusCode::SERVICE_UNAVAILABLE, "text/plain", what.into())
        }
        "/metrics" => {
            let text = state.metrics.page(state.audit.failures(), state.listening());
            let text = text + &state.audit.metrics() + &state.logs.metrics() + &clusters(state);
            let text = text + &state.store.metrics(state.control.directory().version());
            let text = text + &state.traces.get().map(Traces::metrics).unwrap_or_default();
            page(StatusCode::OK, "text/plain; version=0.0.4", text)
        }
        _ => page(StatusCode::NOT_FOUND, "text/plain", "/healthz /readyz /metrics\n".into()),
    }
}

/// What is missing of a service that is ready all the same: clusters that cannot serve their domains (the others are served, and
/// where no node answers it says so), certificates that nobody should trust any more, a collector that takes no traces, audit
/// records that cannot be written.
fn lesser_faults(state: &ServiceState) -> String {
    let clusters = state.clusters();
    let clusters = clusters
        .iter()
        .filter_map(|cluster| Some((format!("pools.{}", cluster.name()), cluster.fault()?)));
    let certificate = state.tls.fault(state.clock.now()).map(|why| ("tls".to_owned(), why));
    let traces = state.traces.get().and_then(Traces::missing);
    let traces = traces.map(|why| ("traces".to_owned(), why));
    let missing = clusters.chain(certificate).chain(traces).chain(state.audit.missing());
    missing.map(|(what, why)| format!("missing: {what}: {why}\n")).collect()
}

/// The metrics of the nodes of clusters elsewhere.
fn clusters(state: &ServiceState) -> String {
    let mut page = String::new();
    for (name, kind, help) in [
        ("answers_total", "counter", "Answers of a node of a cluster by class of status."),
        ("failures_total", "counter", "Requests to a node of a cluster that got no answer."),
        ("requests_running", "gauge", "Requests that a node of a cluster has."),
        ("connections_open", "gauge", "Connections to a node of a cluster that are open."),
        ("circuit_open", "gauge", "Whether a node of a cluster is left alone for a while."),
        (
            "answer_seconds",
            "histogram",
            "From a request to a node of a cluster to its answer's head.",
        ),
    ] {
        let _ = writeln!(page, "# HELP countersign_cluster_{name} {help}");
        let _ = writeln!(page, "# TYPE countersign_cluster_{name} {kind}");
    }
    let clusters = state.clusters();
    clusters.iter().for_each(|cluster| cluster.metrics(&mut page));
    if clusters.is_empty() { String::new() } else { page }
}

pub(super) fn page(
    status: StatusCode,
    content_type: &'static str,
    text: String,
) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from(text)));
    *response.status_mut() = status;
    let value = header::HeaderValue::from_static(content_type);
    response.headers_mut().insert(header::CONTENT_TYPE, value);
    response
}
