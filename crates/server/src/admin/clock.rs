//! `POST /accounts/ID/clock/SECONDS` on the admin listener of `dev`: a test moves the clock of an account, to see a session end
//! or a condition on time turn without waiting. `serve` does not know the path.

use bytes::Bytes;
use control::ErrorCode;
use http::{Method, Request, Response, StatusCode};
use http_body_util::Full;

use super::health::page;
use crate::service::backends::ClockSetting;
use crate::service::clocks;
use crate::service::state::ServiceState;

/// What a test must send along: a page in a browser cannot, without asking first, and is then told no.
const HEADER: &str = "x-countersign-test";

/// The setting that a request asks for; `None` when it asks for something else, or where there are no tests.
pub(super) fn asked<B>(state: &ServiceState, request: &Request<B>) -> Option<ClockSetting> {
    if !state.for_tests
        || *request.method() != Method::POST
        || !request.headers().contains_key(HEADER)
    {
        return None;
    }
    let path = request.uri().path().strip_prefix("/accounts/")?;
    let (account, ahead) = path.split_once("/clock/")?;
    let ahead = ahead.parse().ok()?;
    if account.len() != 12 || !account.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    Some(ClockSetting { account: account.to_owned(), ahead })
}

/// Sets it. Blocks on the disk.
pub(super) fn set(state: &ServiceState, setting: ClockSetting) -> Response<Full<Bytes>> {
    let (status, text) = match clocks::set(state, setting) {
        Ok(()) => (StatusCode::OK, "set".to_owned()),
        Err(error) => match error.code {
            ErrorCode::NoSuchEntity => (StatusCode::NOT_FOUND, error.message),
            ErrorCode::InvalidInput => (StatusCode::BAD_REQUEST, error.message),
            _ => (StatusCode::SERVICE_UNAVAILABLE, error.message),
        },
    };
    page(status, "text/plain", text + "\n")
}
