//! `/sign-out`: ends the session.

use crate::facade::Pending;
use crate::http::Response;
use crate::visit::{COOKIE, Reply, Visit};

/// Ends the session, and has the browser forget its cookie and what it kept of pages.
pub(crate) fn leave<'a>(_visit: &'a Visit<'a>) -> Pending<'a, Reply> {
    let gone = format!("{COOKIE}=; Path=/; Max-Age=0; Secure; HttpOnly; SameSite=Strict");
    let response = Response::see("/sign-in")
        .with("set-cookie", gone)
        .with("clear-site-data", "\"cache\", \"storage\"");
    Box::pin(async move { Reply { ends: true, ..Reply::from(response) } })
}
