//! Phase 1, **accept**: a TCP connection becomes a TLS connection becomes HTTP requests.
//!
//! Promises to the phases behind it: TLS 1.2 or 1.3 with the SNI kept; HTTP/1.1 or HTTP/2 as ALPN
//! chose (never by an upgrade, never h2c); heads within the limits; no connection without a time limit.

use std::net::SocketAddr;
use std::sync::Arc;

use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use rustls::ServerConfig;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use crate::guards::limits;
use crate::service::state::Porch;
use crate::transport::connection::Line;
use crate::transport::connections::Place;
use crate::transport::listener::{Door, next};
use crate::transport::plain_http;
use crate::transport::read_ahead::{ReadAhead, Tls};
use crate::transport::wire::Wire;

/// Accepts connections of one listener until the service or this door is told to stop.
pub async fn listen(listener: TcpListener, tls: Arc<ServerConfig>, door: Arc<Door>, porch: Porch) {
    // Waited for like a connection: until it has let go of the port and of the state.
    let running = porch.shutdown.enter();
    accept_all(listener, tls, door, porch).await;
    drop(running);
}

async fn accept_all(listener: TcpListener, tls: Arc<ServerConfig>, door: Arc<Door>, porch: Porch) {
    let acceptor = TlsAcceptor::from(tls);
    loop {
        let Some((stream, peer)) = next(&listener, stop(&porch, &door)).await else { return };
        let place = tokio::select! {
            place = porch.connections.place(&door, peer) => place,
            () = stop(&porch, &door) => return,
        };
        let Some(place) = place else {
            porch.metrics.connection_refused();
            continue;
        };
        let running = porch.shutdown.enter();
        let (acceptor, door, porch) = (acceptor.clone(), Arc::clone(&door), porch.clone());
        tokio::spawn(async move {
            connection(stream, peer, acceptor, place, door, porch).await;
            drop(running);
        });
    }
}

/// One connection, from the handshake to its end.
async fn connection(
    stream: TcpStream,
    peer: SocketAddr,
    acceptor: TlsAcceptor,
    place: Place,
    door: Arc<Door>,
    porch: Porch,
) {
    porch.metrics.connection();
    // Answers leave in one piece: waiting for more (Nagle) would only add 40 ms.
    let _ = stream.set_nodelay(true);
    let opening = tokio::time::timeout(porch.times.handshake, open(stream, acceptor, &porch));
    let opening = tokio::select! {
        opening = opening => opening,
        () = place.closes() => return,
    };
    let stream = match opening {
        Ok(Ok(Opened::Tls(stream))) => *stream,
        Ok(Ok(Opened::PlainHttp(stream))) => {
            return tokio::select! {
                () = plain_http::answer(stream, &porch) => {}
                () = place.closes() => {}
            };
        }
        Ok(Err(error)) => {
            porch.metrics.handshake_failed();
            tracing::debug!(%peer, %error, "no TLS");
            return;
        }
        Err(_elapsed) => {
            porch.metrics.handshake_failed();
            return;
        }
    };
    let (_, session) = stream.get_ref();
    let http2 = session.alpn_protocol() == Some(b"h2");
    let server_name = session.server_name().map(str::to_owned);
    let line = Arc::new(Line { door: Arc::clone(&door), peer, server_name, place });
    if http2 {
        http2_connection(stream, line, porch).await
    } else {
        http1(stream, line, porch).await
    }
}

/// What a connection turned out to be.
enum Opened {
    Tls(Box<Tls>),
    PlainHttp(TcpStream),
}

/// The handshake, where one begins.
async fn open(stream: TcpStream, acceptor: TlsAcceptor, porch: &Porch) -> std::io::Result<Opened> {
    if plain_http::begins(&stream).await? {
        return Ok(Opened::PlainHttp(stream));
    }
    let stream = ReadAhead::new(stream, Arc::clone(&porch.read_aheads));
    Ok(Opened::Tls(Box::new(acceptor.accept(stream).await?)))
}

async fn http1(stream: Tls, line: Arc<Line>, porch: Porch) {
    let mut builder = hyper::server::conn::http1::Builder::new();
    builder
        .timer(TokioTimer::new())
        .header_read_timeout(porch.times.head)
        .max_headers(limits::HEADER_LINES_MAX)
        .max_header_size(limits::HEAD_BYTES_MAX)
        .max_buf_size(limits::HEAD_BYTES_MAX)
        .half_close(false);
    let io = TokioIo::new(Wire::new(stream, Arc::clone(&line), porch.clone()));
    let service = service_fn(|request| crate::walk::answer(&porch, &line, request));
    let connection = builder.serve_connection(io, service);
    tokio::pin!(connection);
    tokio::select! {
        ended = connection.as_mut() => return log_end(&line, ended),
        () = ends(&porch, &line) => connection.as_mut().graceful_shutdown(),
    }
    // What still runs may finish; what does not in time is cut.
    if let Ok(ended) = tokio::time::timeout(porch.finish_time(), connection).await {
        log_end(&line, ended);
    }
}

async fn http2_connection(stream: Tls, line: Arc<Line>, porch: Porch) {
    let mut builder = hyper::server::conn::http2::Builder::new(TokioExecutor::new());
    builder
        .timer(TokioTimer::new())
        .max_concurrent_streams(limits::STREAMS_MAX)
        .max_pending_accept_reset_streams(limits::RESET_STREAMS_MAX)
        .max_local_error_reset_streams(limits::RESET_STREAMS_MAX)
        .max_header_list_size(u32::try_from(limits::HEAD_BYTES_MAX).unwrap_or(u32::MAX))
        .initial_stream_window_size(1024 * 1024)
        .initial_connection_window_size(4 * 1024 * 1024)
        .keep_alive_interval(porch.times.head)
        .keep_alive_timeout(porch.times.handshake);
    let io = TokioIo::new(Wire::new_http2(stream, Arc::clone(&line), porch.clone()));
    let service = {
        let (porch, line) = (porch.clone(), Arc::clone(&line));
        service_fn(move |request| {
            let (porch, line) = (porch.clone(), Arc::clone(&line));
            async move { crate::walk::answer(&porch, &line, request).await }
        })
    };
    let connection = builder.serve_connection(io, service);
    tokio::pin!(connection);
    tokio::select! {
        ended = connection.as_mut() => return http2_end(&porch, &line, ended),
        () = ends(&porch, &line) => connection.as_mut().graceful_shutdown(),
    }
    if let Ok(ended) = tokio::time::timeout(porch.finish_time(), connection).await {
        http2_end(&porch, &line, ended);
    }
}

/// h2 answers a broken connection with GOAWAY and no request: its end is what can be written down. One
/// that the client just left is none.
fn http2_end(porch: &Porch, line: &Line, ended: hyper::Result<()>) {
    if let Err(error) = &ended {
        let cause = std::error::Error::source(error);
        let cause = cause.map_or_else(|| error.to_string(), ToString::to_string);
        let what = format!("HTTP/2: {}", crate::audit::shortened(&cause));
        crate::walk::respond::unfinished(porch, line, 400, &what);
    }
    log_end(line, ended);
}

/// Resolves when the service or the door was told to stop.
async fn stop(porch: &Porch, door: &Door) {
    tokio::select! {
        () = porch.shutdown.told() => {}
        () = door.closed() => {}
    }
}

/// Resolves when the connection is to end: it was told to stop, or must make room for another.
async fn ends(porch: &Porch, line: &Line) {
    tokio::select! {
        () = stop(porch, &line.door) => {}
        () = line.place.closes() => {}
    }
}

fn log_end(line: &Line, ended: hyper::Result<()>) {
    if let Err(error) = ended {
        tracing::debug!(peer = %line.peer, %error, "connection ended");
    }
}
