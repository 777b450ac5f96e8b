//! Which headers cross the proxy. What a client says about its own identity, and what ends at this
//! hop, is removed before signing; nothing is merged in after it.

use http::header::{HeaderMap, HeaderName, HeaderValue};

/// Removed from every request, whatever `Connection` lists: hop-by-hop headers (RFC 9110, 7.6.1),
/// the client's credentials, and what is set anew.
const REMOVED: [&str; 12] = [
    "authorization",
    "connection",
    "content-length",
    "expect",
    "host",
    "keep-alive",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// Removed from every response: hop-by-hop headers.
const REMOVED_FROM_ANSWERS: [&str; 6] =
    ["connection", "keep-alive", "proxy-connection", "trailer", "transfer-encoding", "upgrade"];

/// The headers of a request that go on: cookies and all others untouched and in order.
///
/// ```
/// use http::HeaderMap;
///
/// let mut received = HeaderMap::new();
/// for (name, value) in [("authorization", "Basic YTpi"), ("connection", "x-hop"), ("x-hop", "1"), ("cookie", "a=b")] {
///     received.insert(name, value.parse().unwrap());
/// }
/// let sent = client::headers::of_request(&received);
/// assert_eq!(sent.keys().collect::<Vec<_>>(), ["cookie"]);
/// ```
#[must_use]
pub fn of_request(received: &HeaderMap) -> HeaderMap {
    let listed = listed_in_connection(received);
    keep(received, |name| {
        !REMOVED.contains(&name.as_str())
            && !name.as_str().starts_with("x-amz-")
            && !listed.contains(name)
    })
}

/// The headers of an answer that go back. `Location` is rewritten to a path where it names the
/// endpoint itself; one that leads elsewhere is passed on as it is, and never followed.
#[must_use]
pub fn of_answer(received: &HeaderMap, origin: &str) -> HeaderMap {
    let listed = listed_in_connection(received);
    let mut kept = keep(received, |name| {
        !REMOVED_FROM_ANSWERS.contains(&name.as_str()) && !listed.contains(name)
    });
    let location = kept.get(http::header::LOCATION).and_then(|value| value.to_str().ok());
    let local = location
        .and_then(|location| location.strip_prefix(origin))
        .filter(|rest| rest.starts_with('/'))
        .and_then(|rest| HeaderValue::from_str(rest).ok());
    if let Some(local) = local {
        kept.insert(http::header::LOCATION, local);
    }
    kept
}

fn keep(received: &HeaderMap, stays: impl Fn(&HeaderName) -> bool) -> HeaderMap {
    let mut kept = HeaderMap::with_capacity(received.len());
    for (name, value) in received {
        if stays(name) {
            kept.append(name.clone(), value.clone());
        }
    }
    kept
}

/// What `Connection` says ends here.
fn listed_in_connection(headers: &HeaderMap) -> Vec<HeaderName> {
    let values = headers.get_all(http::header::CONNECTION);
    let names =
        values.iter().filter_map(|value| value.to_str().ok()).flat_map(|text| text.split(','));
    names.filter_map(|name| HeaderName::try_from(name.trim()).ok()).collect()
}
