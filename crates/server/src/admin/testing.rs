//! What the admin listener of `dev` does for tests, and `serve` does not know:
//!
//! - `POST /accounts/ID/clock/SECONDS` moves the clock of an account, to see a session end or a condition on time turn without
//!   waiting;
//! - `POST /accounts/ID/clone` clones an account with its domains, and tells the clone's keys and endpoints;
//! - `DELETE /accounts/ID` removes a clone.

use bytes::Bytes;
use control::{AccountClone, ApiError, ClonedKey, ErrorCode};
use http::{Method, Request, Response, StatusCode};
use http_body_util::Full;
use serde_json::{Map, Value, json};
use tokio::task::JoinError;

use super::health::page;
use crate::service::backends::ClockSetting;
use crate::service::state::ServiceState;
use crate::service::{clocks, clones};

/// What a test must send along, with the token as its value: others on the machine do not know it, and a page in a browser cannot
/// send the header without asking first, and is then told no.
const HEADER: &str = "x-countersign-test";

/// What a test asks for.
pub(super) enum TestRequest {
    /// Another time for an account.
    Clock(ClockSetting),
    /// A clone of the account of this number.
    Clone(String),
    /// That the clone of this number goes.
    Remove(String),
}

/// What a request asks for; `None` when it asks for something else, or where there are no tests.
pub(super) fn asked<B>(state: &ServiceState, request: &Request<B>) -> Option<TestRequest> {
    let token = state.test_token.get()?;
    let shown = request.headers().get(HEADER)?;
    if !token.is(shown.as_bytes()) {
        return None;
    }
    let path = request.uri().path().strip_prefix("/accounts/")?;
    let (account, what) = path.split_once('/').unwrap_or((path, ""));
    if account.len() != 12 || !account.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let account = account.to_owned();
    match (request.method(), what) {
        (&Method::POST, "clone") => Some(TestRequest::Clone(account)),
        (&Method::POST, what) => {
            let ahead = what.strip_prefix("clock/")?.parse().ok()?;
            Some(TestRequest::Clock(ClockSetting { account, ahead }))
        }
        (&Method::DELETE, "") => Some(TestRequest::Remove(account)),
        _ => None,
    }
}

fn panicked<T>(panic: JoinError) -> Result<T, ApiError> {
    Err(ApiError::new(ErrorCode::Internal, panic.to_string()))
}

/// Does it, whole, also for a client that has left.
pub(super) async fn answer(state: &ServiceState, request: TestRequest) -> Response<Full<Bytes>> {
    let state = state.clone();
    let done = match request {
        TestRequest::Clock(setting) => {
            let set = tokio::task::spawn_blocking(move || clocks::set(&state, setting)).await;
            set.unwrap_or_else(panicked).map(|()| "set\n".to_owned())
        }
        TestRequest::Clone(account) => {
            let adding = tokio::spawn(async move { clones::add(&state, account).await }).await;
            adding.unwrap_or_else(panicked).map(|clone| told(&clone).to_string() + "\n")
        }
        TestRequest::Remove(account) => {
            let removing = tokio::spawn(async move { clones::remove(&state, account).await }).await;
            removing.unwrap_or_else(panicked).map(|()| "removed\n".to_owned())
        }
    };
    match done {
        Ok(text) if text.starts_with('{') => page(StatusCode::OK, "application/json", text),
        Ok(text) => page(StatusCode::OK, "text/plain", text),
        Err(error) => {
            let status = match error.code {
                ErrorCode::NoSuchEntity => StatusCode::NOT_FOUND,
                ErrorCode::InvalidInput => StatusCode::BAD_REQUEST,
                ErrorCode::LimitExceeded => StatusCode::CONFLICT,
                _ => StatusCode::SERVICE_UNAVAILABLE,
            };
            page(status, "text/plain", error.message + "\n")
        }
    }
}

/// A clone as a fixture reads it: its number, root's key, a key of each user that has one, where each domain is.
fn told(clone: &AccountClone) -> Value {
    let key = |key: &ClonedKey| json!({"access_key_id": key.id, "secret_access_key": key.secret.expose()});
    let mut users = Map::new();
    let mut root = Value::Null;
    for one in clone.keys.iter().filter(|key| key.active) {
        match &one.user {
            Some(name) => {
                users.entry(name.clone()).or_insert_with(|| key(one));
            }
            None => root = key(one),
        }
    }
    let domains: Map<String, Value> = clone
        .domains()
        .filter_map(|(_, domain)| {
            let endpoint = domain.endpoint.as_ref()?;
            Some((domain.name.clone(), format!("https://{endpoint}").into()))
        })
        .collect();
    json!({"account": clone.account, "root": root, "users": users, "domains": domains})
}
