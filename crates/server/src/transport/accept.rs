//! Phase 1, **accept**: a TCP connection becomes a TLS connection becomes HTTP requests.
//!
//! Promises to the phases behind it: TLS 1.2 or 1.3 with the SNI kept; HTTP/1.1 or HTTP/2 as ALPN
//! chose (never by an upgrade, never h2c); heads within the limits; no connection without a time limit.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;

use http::{Request, Response};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use rustls::ServerConfig;
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use crate::browser;
use crate::guards::answers::AnswerBody;
use crate::guards::limits;
use crate::service::state::ServiceState;
use crate::transport::connection::Connection;
use crate::transport::connections::ConnectionSlot;
use crate::transport::guarded_stream::GuardedStream;
use crate::transport::listener::{Listener, ListenerTarget, next};
use crate::transport::read_ahead::{ReadAhead, Tls};
use crate::transport::tls::TlsConfigs;
use crate::transport::woken::WhenWoken;
use crate::transport::{plain_http, vpc};
use crate::walk;

/// Accepts connections of one listener until the service or this listener is told to stop.
pub(crate) async fn listen(
    socket: TcpListener,
    tls: TlsConfigs,
    listener: Arc<Listener>,
    state: ServiceState,
) {
    // Waited for like a connection: until it has let go of the port and of the state.
    let running = state.shutdown.enter();
    accept_all(socket, tls, Arc::clone(&listener), state).await;
    listener.end();
    drop(running);
}

async fn accept_all(
    socket: TcpListener,
    tls: TlsConfigs,
    listener: Arc<Listener>,
    state: ServiceState,
) {
    loop {
        let Some((stream, peer)) = next(&socket, stop(&state, &listener)).await else { return };
        // Who is elsewhere than in the domain's VPC gets nothing, and takes up nothing.
        if !vpc::admits(&state, &listener, peer.ip()) {
            state.metrics.connection_refused();
            continue;
        }
        let place = tokio::select! {
            place = state.connections.place(&listener, peer) => place,
            () = stop(&state, &listener) => return,
        };
        let Some(place) = place else {
            state.metrics.connection_refused();
            continue;
        };
        let running = state.shutdown.enter();
        let acceptor = TlsAcceptor::from(policy_of(&listener, &state, &tls));
        let (listener, state) = (Arc::clone(&listener), state.clone());
        tokio::spawn(async move {
            serve_connection(stream, peer, acceptor, place, listener, state).await;
            drop(running);
        });
    }
}

/// The settings that the domain's TLS policy means, as the directory says now.
fn policy_of(listener: &Listener, state: &ServiceState, tls: &TlsConfigs) -> Arc<ServerConfig> {
    if let Some(key) = listener.target.domain() {
        let directory = state.control.directory();
        let domain = directory.domain(&key.account, &key.region, &key.name);
        if domain.is_some_and(|domain| domain.ends_with_tls_1_2()) {
            return Arc::clone(&tls.tls_1_2);
        }
    }
    Arc::clone(&tls.newest)
}

/// One connection, from the handshake to its end.
async fn serve_connection(
    stream: TcpStream,
    peer: SocketAddr,
    acceptor: TlsAcceptor,
    place: ConnectionSlot,
    listener: Arc<Listener>,
    state: ServiceState,
) {
    state.metrics.connection();
    // Answers leave in one piece: waiting for more (Nagle) would only add 40 ms.
    let _ = stream.set_nodelay(true);
    let opening = tokio::time::timeout(state.times.handshake, open(stream, acceptor, &state));
    let opening = tokio::select! {
        opening = opening => opening,
        () = place.closes() => return,
    };
    let mut stream = match opening {
        Ok(Ok(OpenedStream::Tls(stream))) => *stream,
        Ok(Ok(OpenedStream::PlainHttp(stream))) => {
            return tokio::select! {
                () = plain_http::answer(stream, &state) => {}
                () = place.closes() => {}
            };
        }
        Ok(Err(error)) => {
            state.metrics.handshake_failed();
            tracing::debug!(%peer, %error, "no TLS");
            return;
        }
        Err(_elapsed) => {
            state.metrics.handshake_failed();
            return;
        }
    };
    let (_, session) = stream.get_ref();
    let http2 = session.alpn_protocol() == Some(b"h2");
    let server_name = session.server_name().map(str::to_owned);
    let connection = Arc::new(Connection::new(Arc::clone(&listener), peer, server_name, place));
    if http2 {
        http2_connection(stream, connection, state).await
    } else if first_bytes(&mut stream, &connection, &state).await {
        http1(stream, connection, state).await
    } else {
        let _ = tokio::time::timeout(state.times.handshake, stream.shutdown()).await;
    }
}

/// Waits until a client of HTTP/1.1 sends something: hyper's buffers are made for connections that are used. `false`: it did not in
/// the time that an idle connection has, or the connection is to end.
async fn first_bytes(stream: &mut Tls, connection: &Connection, state: &ServiceState) -> bool {
    let (under, session) = stream.get_mut();
    // What came with the end of the handshake is here already; what is wrong with it hyper is told.
    if session.process_new_packets().map_or(true, |now| now.plaintext_bytes_to_read() > 0) {
        return true;
    }
    tokio::select! {
        readable = tokio::time::timeout(state.times.head, under.readable()) => matches!(readable, Ok(Ok(()))),
        () = ends(state, connection) => false,
    }
}

/// What a connection turned out to be.
enum OpenedStream {
    Tls(Box<Tls>),
    PlainHttp(TcpStream),
}

/// The handshake, where one begins.
async fn open(
    stream: TcpStream,
    acceptor: TlsAcceptor,
    state: &ServiceState,
) -> std::io::Result<OpenedStream> {
    if plain_http::begins(&stream).await? {
        return Ok(OpenedStream::PlainHttp(stream));
    }
    let stream = ReadAhead::new(stream, Arc::clone(&state.read_aheads));
    Ok(OpenedStream::Tls(Box::new(acceptor.accept(stream).await?)))
}

/// A request whose answer is still to be made.
#[expect(
    clippy::large_enum_variant,
    reason = "nearly every one is the large one, and a box would be an allocation a request"
)]
enum BegunRequest {
    /// One of the walk: its record is begun, so that it is written even when the client is gone before the first step.
    Walk(walk::BegunRequest, Incoming),
    /// One of a browser, at the console's listener.
    Page(Request<Incoming>),
}

/// Called while hyper reads, and not when the answer is first polled: of a client that closes right behind its request, that never is.
fn begin(
    state: &ServiceState,
    connection: &Arc<Connection>,
    request: Request<Incoming>,
) -> BegunRequest {
    match connection.listener.target {
        ListenerTarget::Console => BegunRequest::Page(request),
        _ => {
            let (parts, body) = request.into_parts();
            BegunRequest::Walk(walk::begin(state, connection, parts), body)
        }
    }
}

/// The answer to a request: the walk's, or at the console's listener a page.
async fn answer(
    state: &ServiceState,
    connection: &Arc<Connection>,
    begun: BegunRequest,
) -> Result<Response<AnswerBody>, Infallible> {
    match begun {
        BegunRequest::Walk(mut begun, body) => {
            Ok(walk::answer(state, connection, &mut begun, body).await)
        }
        // Apart, so that other connections do not make room for it.
        BegunRequest::Page(request) => {
            Ok(Box::pin(browser::answer(state, connection, request)).await)
        }
    }
}

async fn http1(stream: Tls, connection: Arc<Connection>, state: ServiceState) {
    let mut builder = hyper::server::conn::http1::Builder::new();
    builder
        .timer(TokioTimer::new())
        .header_read_timeout(state.times.head)
        .max_headers(limits::HEADER_LINES_MAX)
        .max_header_size(limits::HEAD_BYTES_MAX)
        .max_buf_size(limits::HEAD_BYTES_MAX)
        .half_close(false);
    let io = TokioIo::new(GuardedStream::new(stream, Arc::clone(&connection), state.clone()));
    let service = service_fn(|request| {
        let begun = begin(&state, &connection, request);
        answer(&state, &connection, begun)
    });
    let serving = builder.serve_connection(io, service);
    tokio::pin!(serving);
    let ends = std::pin::pin!(ends(&state, &connection));
    let ends = WhenWoken::new(ends);
    tokio::select! {
        ended = serving.as_mut() => return log_end(&connection, ended),
        () = ends => serving.as_mut().graceful_shutdown(),
    }
    // What still runs may finish; what does not in time is cut.
    if let Ok(ended) = tokio::time::timeout(state.finish_time(), serving).await {
        log_end(&connection, ended);
    }
}

async fn http2_connection(stream: Tls, connection: Arc<Connection>, state: ServiceState) {
    let mut builder = hyper::server::conn::http2::Builder::new(TokioExecutor::new());
    builder
        .timer(TokioTimer::new())
        .max_concurrent_streams(limits::STREAMS_MAX)
        .max_pending_accept_reset_streams(limits::RESET_STREAMS_MAX)
        .max_local_error_reset_streams(limits::RESET_STREAMS_MAX)
        .max_header_list_size(u32::try_from(limits::HEAD_BYTES_MAX).unwrap_or(u32::MAX))
        .initial_stream_window_size(1024 * 1024)
        .initial_connection_window_size(4 * 1024 * 1024)
        .keep_alive_interval(state.times.head)
        .keep_alive_timeout(state.times.handshake);
    let io = TokioIo::new(GuardedStream::new_http2(stream, Arc::clone(&connection), state.clone()));
    let service = {
        let (state, connection) = (state.clone(), Arc::clone(&connection));
        service_fn(move |request| {
            let begun = begin(&state, &connection, request);
            let (state, connection) = (state.clone(), Arc::clone(&connection));
            async move { answer(&state, &connection, begun).await }
        })
    };
    let serving = builder.serve_connection(io, service);
    tokio::pin!(serving);
    tokio::select! {
        ended = serving.as_mut() => return http2_end(&state, &connection, ended),
        () = ends(&state, &connection) => serving.as_mut().graceful_shutdown(),
    }
    if let Ok(ended) = tokio::time::timeout(state.finish_time(), serving).await {
        http2_end(&state, &connection, ended);
    }
}

/// h2 answers a broken connection with GOAWAY and no request: its end is what can be written down. One
/// that the client just left is none.
fn http2_end(state: &ServiceState, connection: &Connection, ended: hyper::Result<()>) {
    if let Err(error) = &ended {
        let cause = std::error::Error::source(error);
        let cause = cause.map_or_else(|| error.to_string(), ToString::to_string);
        let what = format!("HTTP/2: {}", crate::audit::shortened(&cause));
        walk::respond::unfinished(state, connection, 400, &what);
    }
    log_end(connection, ended);
}

/// Resolves when the service or the listener was told to stop.
async fn stop(state: &ServiceState, listener: &Listener) {
    tokio::select! {
        () = state.shutdown.told() => {}
        () = listener.closed() => {}
    }
}

/// Resolves when the connection is to end: it was told to stop, or must make room for another.
async fn ends(state: &ServiceState, connection: &Connection) {
    tokio::select! {
        () = stop(state, &connection.listener) => {}
        () = connection.place.closes() => {}
    }
}

fn log_end(connection: &Connection, ended: hyper::Result<()>) {
    if let Err(error) = ended {
        tracing::debug!(peer = %connection.peer, %error, "connection ended");
    }
}
