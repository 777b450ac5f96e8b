//! The console's listener: a browser's request becomes the page that the crate `console` makes, and what the page asks for
//! becomes requests through the walk (`calls.rs`), in the name of who signed in (`gateway.rs`).

mod calls;
mod gateway;
mod oidc;

use std::net::IpAddr;
use std::sync::Arc;

use bytes::Bytes;
use console::{Asker, Method, Request as Asked, Response as Page, Visitor, WaitsFor};
use http::header::{self, HeaderMap, HeaderName, HeaderValue};
use http::request::Parts;
use http::{Request, Response, StatusCode};
use http_body_util::BodyExt;
use hyper::body::{Body, Incoming};

use self::gateway::Gateway;
use crate::guards::answers::AnswerBody;
use crate::guards::limits;
use crate::guards::shares::{Share, ShareHolder};
use crate::guards::throttle::SourceAddress;
use crate::service::console_state::ConsoleState;
use crate::service::state::ServiceState;
use crate::transport::connection::Connection;
use crate::transport::forwarded;
use crate::walk::body;

/// What is answered without a page.
type Refused = (StatusCode, &'static str);

/// A request with what it holds while it is answered.
struct Held {
    asked: Asked,
    asker: Asker,
    _form: Option<Share>,
}

/// One request of a browser, answered.
pub(crate) async fn answer(
    state: &ServiceState,
    connection: &Arc<Connection>,
    request: Request<Incoming>,
) -> Response<AnswerBody> {
    let _busy = connection.place.busy();
    let (parts, mut body) = request.into_parts();
    let answered = match held(state, connection, &parts, &mut body).await {
        Ok(held) => page(state, held).await,
        Err(refused) => Err(refused),
    };
    // A browser in the middle of a form that nobody reads sees the answer only when it has sent it.
    match body.is_end_stream() {
        true => {}
        false if parts.version == http::Version::HTTP_2 => {
            body::drain_behind(state, connection, &parts, body);
        }
        false => body::drain(state, connection, &parts, &mut body).await,
    }
    answered.unwrap_or_else(|(status, text)| plain(status, text))
}

/// Has the page made, on a thread that may wait: comparing policies takes time, and the network's threads have none.
async fn page(state: &ServiceState, held: Held) -> Result<Response<AnswerBody>, Refused> {
    let console = console(state)?;
    let gateway = Gateway::new(state);
    let Some(holder) = holder(&held) else {
        return Ok(response(console.pages.answer(&gateway, &held.asked).await));
    };
    let own = console.turns_of.take(vec![holder], 1).map_err(|_used_up| {
        (StatusCode::TOO_MANY_REQUESTS, "several pages of yours are being made: try again")
    })?;
    let turns = console.turns.of(WaitsFor::of(held.asked.method, &held.asked.path));
    let turn = Arc::clone(turns).acquire_owned();
    let Ok(Ok(turn)) = tokio::time::timeout(limits::CONSOLE_TURN_TIME_MAX, turn).await else {
        let text = "too many pages are being made: try again";
        return Err((StatusCode::SERVICE_UNAVAILABLE, text));
    };
    let (state, runtime) = (state.clone(), tokio::runtime::Handle::current());
    let making = tokio::task::spawn_blocking(move || {
        let (_turn, _own) = (turn, own);
        let console = state.console.get()?;
        Some(runtime.block_on(console.pages.answer(&gateway, &held.asked)))
    });
    match making.await {
        Ok(Some(page)) => Ok(response(page)),
        Ok(None) | Err(_) => Err((StatusCode::INTERNAL_SERVER_ERROR, "the page was not made")),
    }
}

fn console(state: &ServiceState) -> Result<&ConsoleState, Refused> {
    state.console.get().ok_or((StatusCode::NOT_FOUND, "there is no console"))
}

/// Whose turn a page takes, if it takes any.
fn holder(held: &Held) -> Option<ShareHolder> {
    share_holder(&held.asker, held.asked.visitor.address.ip())
}

fn share_holder(asker: &Asker, client: IpAddr) -> Option<ShareHolder> {
    match asker {
        Asker::ForNothing => None,
        Asker::Stranger => Some(ShareHolder::Address(SourceAddress::at(client))),
        Asker::Caller(arn) => Some(ShareHolder::Principal(arn.as_str().into())),
    }
}

/// The request as the console reads it: its form is read only of who may send one.
async fn held(
    state: &ServiceState,
    connection: &Connection,
    parts: &Parts,
    body: &mut Incoming,
) -> Result<Held, Refused> {
    let method = match parts.method {
        http::Method::GET | http::Method::HEAD => Method::Get,
        http::Method::POST => Method::Post,
        _ => return Err((StatusCode::METHOD_NOT_ALLOWED, "the console takes GET and POST")),
    };
    if parts.uri.path().len() + parts.uri.query().map_or(0, str::len) > limits::TARGET_BYTES_MAX {
        return Err((StatusCode::URI_TOO_LONG, "the address is too long"));
    }
    let (peer, headers) = (connection.peer, &parts.headers);
    let client = forwarded::client_address(peer.ip(), headers, &state.settings().trusted_proxies);
    let (console, cookies) = (console(state)?, joined(headers, &header::COOKIE));
    let asker = console.pages.asker(method, parts.uri.path(), &cookies, state.clock.now());
    let (form, share) = match (method, share_holder(&asker, client)) {
        (Method::Post, Some(holder)) => {
            let share = form_share(console, &asker, holder)?;
            let bytes_max = console.pages.form_bytes_max(&asker, parts.uri.path());
            (form(state, headers, body, bytes_max).await?, Some(share))
        }
        _ => (Vec::new(), None),
    };
    let host = parts.uri.authority().map(|authority| authority.as_str().to_owned());
    let asked = Asked {
        method,
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().unwrap_or_default().to_owned(),
        host: host.or_else(|| text(headers, &header::HOST)).unwrap_or_default(),
        cookies,
        origin: text(headers, &header::ORIGIN),
        fetch_site: text(headers, &HeaderName::from_static("sec-fetch-site")),
        form,
        visitor: Visitor {
            address: (client, peer.port()).into(),
            user_agent: text(headers, &header::USER_AGENT).unwrap_or_default(),
        },
    };
    Ok(Held { asked, asker, _form: share })
}

/// Room for a form.
fn form_share(
    console: &ConsoleState,
    asker: &Asker,
    holder: ShareHolder,
) -> Result<Share, Refused> {
    let shares = match asker {
        Asker::Caller(_) => &console.forms,
        _ => &console.strangers_forms,
    };
    shares.take(vec![holder], 1).map_err(|used_up| match used_up.0 {
        Some(_) => (StatusCode::TOO_MANY_REQUESTS, "several forms of yours are being sent"),
        None => (StatusCode::SERVICE_UNAVAILABLE, "too many forms are being sent: try again"),
    })
}

/// Reads a form while pieces of it come.
async fn form(
    state: &ServiceState,
    headers: &HeaderMap,
    body: &mut Incoming,
    bytes_max: usize,
) -> Result<Vec<u8>, Refused> {
    const TOO_LONG: Refused = (StatusCode::PAYLOAD_TOO_LARGE, "the form is too long");
    let declared = text(headers, &header::CONTENT_LENGTH).and_then(|length| length.parse().ok());
    if declared.is_some_and(|declared: usize| declared > bytes_max) {
        return Err(TOO_LONG);
    }
    let reading = async {
        let mut form = Vec::new();
        while let Some(piece) = tokio::time::timeout(state.times.body_piece, body.frame())
            .await
            .map_err(|_elapsed| (StatusCode::REQUEST_TIMEOUT, "the form stopped arriving"))?
        {
            let piece = piece.map_err(|_| (StatusCode::BAD_REQUEST, "the form broke off"))?;
            let Ok(data) = piece.into_data() else { continue };
            if form.len().saturating_add(data.len()) > bytes_max {
                return Err(TOO_LONG);
            }
            form.extend_from_slice(&data);
        }
        Ok(form)
    };
    tokio::time::timeout(state.times.body, reading)
        .await
        .map_err(|_elapsed| (StatusCode::REQUEST_TIMEOUT, "the form took too long"))?
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
