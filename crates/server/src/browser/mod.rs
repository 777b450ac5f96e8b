//! The console's listener: a browser's request becomes the page that the crate `console` makes, and what the page asks for
//! becomes requests through the walk (`calls.rs`), in the name of who signed in (`gateway.rs`).

mod calls;
mod gateway;

use std::sync::Arc;

use bytes::Bytes;
use console::{Method, Request as Asked, Response as Page, Visitor, limits as console_limits};
use http::header::{self, HeaderMap, HeaderName, HeaderValue};
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, Limited};
use hyper::body::Incoming;

use self::gateway::Gateway;
use crate::guards::answers::AnswerBody;
use crate::guards::limits;
use crate::service::state::ServiceState;
use crate::transport::connection::Connection;
use crate::transport::forwarded;

/// One request of a browser, answered.
pub(crate) async fn answer(
    state: &ServiceState,
    connection: &Arc<Connection>,
    request: Request<Incoming>,
) -> Response<AnswerBody> {
    let _busy = connection.place.busy();
    match asked(state, connection, request).await {
        Ok(asked) => page(state, asked).await,
        Err((status, text)) => plain(status, text),
    }
}

/// Has the page made, on a thread that may wait: comparing policies takes time, and the network's threads have none.
async fn page(state: &ServiceState, asked: Asked) -> Response<AnswerBody> {
    let Some(console) = state.console.get() else {
        return plain(StatusCode::NOT_FOUND, "there is no console");
    };
    let turn = Arc::clone(&console.turns).acquire_owned();
    let Ok(Ok(turn)) = tokio::time::timeout(limits::CONSOLE_TURN_TIME_MAX, turn).await else {
        return plain(StatusCode::SERVICE_UNAVAILABLE, "too many pages are being made: try again");
    };
    let (gateway, runtime) = (Gateway::new(state), tokio::runtime::Handle::current());
    let state = state.clone();
    let making = tokio::task::spawn_blocking(move || {
        let _turn = turn;
        let console = state.console.get()?;
        Some(runtime.block_on(console.pages.answer(&gateway, &asked)))
    });
    match making.await {
        Ok(Some(page)) => response(page),
        Ok(None) | Err(_) => plain(StatusCode::INTERNAL_SERVER_ERROR, "the page was not made"),
    }
}

/// The request as the console reads it.
async fn asked(
    state: &ServiceState,
    connection: &Connection,
    request: Request<Incoming>,
) -> Result<Asked, (StatusCode, &'static str)> {
    let (parts, body) = request.into_parts();
    let method = match parts.method {
        http::Method::GET | http::Method::HEAD => Method::Get,
        http::Method::POST => Method::Post,
        _ => return Err((StatusCode::METHOD_NOT_ALLOWED, "the console takes GET and POST")),
    };
    if parts.uri.path().len() + parts.uri.query().map_or(0, str::len) > limits::TARGET_BYTES_MAX {
        return Err((StatusCode::URI_TOO_LONG, "the address is too long"));
    }
    let body = Limited::new(body, console_limits::FORM_BYTES_MAX).collect();
    let form = match tokio::time::timeout(state.times.body, body).await {
        Ok(Ok(body)) => body.to_bytes().to_vec(),
        Ok(Err(_)) => {
            return Err((StatusCode::PAYLOAD_TOO_LARGE, "the form is too long, or broke off"));
        }
        Err(_elapsed) => return Err((StatusCode::REQUEST_TIMEOUT, "the form took too long")),
    };
    let (peer, headers) = (connection.peer, &parts.headers);
    let client = forwarded::client_address(peer.ip(), headers, &state.settings().trusted_proxies);
    let host = parts.uri.authority().map(|authority| authority.as_str().to_owned());
    Ok(Asked {
        method,
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().unwrap_or_default().to_owned(),
        host: host.or_else(|| text(headers, &header::HOST)).unwrap_or_default(),
        cookies: joined(headers, &header::COOKIE),
        origin: text(headers, &header::ORIGIN),
        fetch_site: text(headers, &HeaderName::from_static("sec-fetch-site")),
        form,
        visitor: Visitor {
            address: (client, peer.port()).into(),
            user_agent: text(headers, &header::USER_AGENT).unwrap_or_default(),
        },
    })
}

fn text(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned)
}

/// Every header of a name: HTTP/2 may split cookies (RFC 9113, section 8.2.3).
fn joined(headers: &HeaderMap, name: &HeaderName) -> String {
    let values = headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
    values.collect::<Vec<_>>().join("; ")
}

fn response(page: Page) -> Response<AnswerBody> {
    let mut response = Response::new(AnswerBody::of(Bytes::from(page.body), None));
    *response.status_mut() = StatusCode::from_u16(page.status).unwrap_or(StatusCode::OK);
    for (name, value) in page.headers {
        if let Ok(value) = HeaderValue::from_str(&value) {
            response.headers_mut().append(HeaderName::from_static(name), value);
        }
    }
    response
}

/// An answer without a page.
fn plain(status: StatusCode, text: &'static str) -> Response<AnswerBody> {
    let mut response = Response::new(AnswerBody::of(Bytes::from_static(text.as_bytes()), None));
    *response.status_mut() = status;
    let value = HeaderValue::from_static("text/plain; charset=utf-8");
    response.headers_mut().insert(header::CONTENT_TYPE, value);
    let value = HeaderValue::from_static("no-store");
    response.headers_mut().insert(header::CACHE_CONTROL, value);
    response
}
