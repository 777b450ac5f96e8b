//! The other side: signing a request, in the header or in the query.

use std::fmt;

use jiff::Timestamp;

use crate::ALGORITHM;
use crate::canonical::{Rules, canonical_request, string_to_sign};
use crate::credential::{Credentials, Scope};
use crate::date::SignatureDate;
use crate::limits::PRESIGNED_EXPIRES_SECONDS_MAX;
use crate::request::{PayloadHash, Request};
use crate::settings::Form;

/// Where a signature goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Placement {
    /// Into the `Authorization` header.
    Header,
    /// Into the query; good for so many seconds (1 to 604800).
    Query {
        /// Seconds from the signing time.
        expires_seconds: i64,
    },
}

/// How to sign. The default is what AWS's own signers do for services other than S3.
#[derive(Clone, Debug)]
pub struct SigningOptions {
    /// Header or query.
    pub placement: Placement,
    /// How path and query become canonical.
    pub form: Form,
    /// Adds and signs `x-amz-content-sha256` (header form; `aoss` requires it).
    pub content_sha256: bool,
    /// Leaves the session token outside the signature, though it is sent.
    pub omit_session_token: bool,
    /// Signs `UNSIGNED-PAYLOAD` instead of the body's hash.
    pub unsigned_payload: bool,
    /// Removes dot and empty segments from the canonical path.
    pub normalize_path: bool,
}

impl Default for SigningOptions {
    fn default() -> Self {
        Self {
            placement: Placement::Header,
            form: Form::Aws,
            content_sha256: false,
            omit_session_token: false,
            unsigned_payload: false,
            normalize_path: false,
        }
    }
}

/// A signature and everything on the way to it.
pub struct Signed {
    /// Headers to add to the request, `authorization` the last (header form; empty in the query
    /// form).
    pub headers: Vec<(String, String)>,
    /// The whole raw query to send instead (query form).
    pub query: Option<String>,
    /// Step 1. Holds the session token when it was signed: not for logs.
    pub canonical_request: String,
    /// Step 2.
    pub string_to_sign: String,
    /// Step 4, in hex.
    pub signature: String,
}

/// Why a request cannot be signed: the caller's mistakes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SignError {
    /// The request has no `host` header, or several.
    Host,
    /// The request carries a header that signing sets itself.
    AlreadySigned {
        /// Its name.
        name: String,
    },
    /// The query holds an illegal percent escape.
    MalformedQuery,
    /// A validity outside 1 to 604800 seconds.
    ExpiresOutOfRange {
        /// The one given.
        seen: i64,
    },
    /// A time outside the years 0 to 9999.
    Time,
}

impl fmt::Display for SignError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Host => write!(f, "signing needs exactly one host header"),
            Self::AlreadySigned { name } => {
                write!(f, "the request already has '{name}', which signing sets")
            }
            Self::MalformedQuery => write!(f, "invalid percent escape in the query"),
            Self::ExpiresOutOfRange { seen } => {
                write!(f, "a presigned request is valid for 1 to 604800 seconds, not {seen}")
            }
            Self::Time => write!(f, "the time is outside the years 0 to 9999"),
        }
    }
}

impl std::error::Error for SignError {}

/// Headers that intermediaries change or that are no part of the message: never signed, as in AWS's
/// own signers.
const NEVER_SIGNED: [&str; 7] = [
    "connection",
    "expect",
    "proxy-authorization",
    "te",
    "transfer-encoding",
    "user-agent",
    "x-amzn-trace-id",
];

/// Signs `request` at `now` for a region and a service. Every header of the request is signed but
/// those that intermediaries change (`connection`, `expect`, `te`, `transfer-encoding`,
/// `user-agent`, `x-amzn-trace-id`). `payload` is the hash of the body as it will be sent.
///
/// # Errors
/// [`SignError`]: the caller's mistakes.
///
/// ```
/// use sigv4::{Credentials, PayloadHash, Placement, Request, SecretKey, SigningOptions};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let secret = SecretKey::new("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY");
/// let credentials = Credentials { access_key_id: "AKIDEXAMPLE", secret: &secret, session_token: None };
/// let headers: [(&str, &[u8]); 1] = [("host", b"localhost:9200")];
/// let request = Request { method: "GET", path: "/_cat/indices", query: "", headers: &headers };
/// let presigned = SigningOptions {
///     placement: Placement::Query { expires_seconds: 60 },
///     ..SigningOptions::default()
/// };
/// let (now, body) = ("2026-11-23T12:00:00Z".parse()?, PayloadHash::of(b""));
/// let signed = sigv4::sign(&request, &credentials, "us-east-1", "es", now, &body, &presigned)?;
/// let query = signed.query.ok_or("the query form has a query")?;
/// assert!(query.ends_with(&format!("&X-Amz-Signature={}", signed.signature)));
/// # Ok(())
/// # }
/// ```
pub fn sign(
    request: &Request<'_>,
    credentials: &Credentials<'_>,
    region: &str,
    service: &str,
    now: Timestamp,
    payload: &PayloadHash,
    options: &SigningOptions,
) -> Result<Signed, SignError> {
    let date = SignatureDate::from_timestamp(now).ok_or(SignError::Time)?;
    let scope = Scope { day: date.day(), region, service };
    let host = check(request)?;
    let hex = payload.to_hex();
    let payload = if options.unsigned_payload { "UNSIGNED-PAYLOAD" } else { &hex };
    let mut added = added_headers(credentials, &date, payload, options);
    let names = signed_names(request, &added, options);
    let presigned = match options.placement {
        Placement::Header => None,
        Placement::Query { expires_seconds } => {
            added.clear();
            let query =
                presigned_query(request, credentials, &scope, &date, &names, expires_seconds)?;
            Some(query)
        }
    };
    let token_after = presigned.is_some() && options.omit_session_token;
    let mut headers = request.headers.to_vec();
    headers.extend(added.iter().map(|(name, value)| (name.as_str(), value.as_bytes())));
    let query = presigned.as_deref().unwrap_or(request.query);
    let view = Request { headers: &headers, query, ..*request };
    let rules = Rules {
        form: options.form,
        normalize_path: options.normalize_path,
        host,
        query_stays: false,
        presigned: presigned.is_some(),
        omit_token: token_after,
        redact: false,
    };
    let canonical =
        canonical_request(&view, &rules, &names, payload).ok_or(SignError::MalformedQuery)?;
    let to_sign = string_to_sign(&date, scope.to_string().as_bytes(), &canonical);
    let signature = credentials.secret.signing_key(scope).sign(&to_sign).to_hex();
    let query = presigned.map(|query| format!("{query}&X-Amz-Signature={signature}"));
    if query.is_none() {
        let key_id = credentials.access_key_id;
        let value = format!(
            "{ALGORITHM} Credential={key_id}/{scope}, SignedHeaders={names}, Signature={signature}"
        );
        added.push(("authorization".to_owned(), value));
    }
    Ok(Signed {
        headers: added,
        query,
        canonical_request: String::from_utf8_lossy(&canonical).into_owned(),
        string_to_sign: String::from_utf8_lossy(&to_sign).into_owned(),
        signature,
    })
}

/// The request must have one host, and nothing that signing sets.
fn check<'a>(request: &Request<'a>) -> Result<&'a [u8], SignError> {
    const SET_HERE: [&str; 4] =
        ["authorization", "x-amz-date", "x-amz-security-token", "x-amz-content-sha256"];
    for (name, _) in request.headers {
        if SET_HERE.iter().any(|own| own.eq_ignore_ascii_case(name)) {
            return Err(SignError::AlreadySigned { name: name.to_ascii_lowercase() });
        }
    }
    let mut hosts = request.header_values(b"host");
    match (hosts.next(), hosts.next()) {
        (Some(host), None) => Ok(host),
        _ => Err(SignError::Host),
    }
}

fn added_headers(
    credentials: &Credentials<'_>,
    date: &SignatureDate,
    payload: &str,
    options: &SigningOptions,
) -> Vec<(String, String)> {
    let mut headers = vec![("x-amz-date".to_owned(), date.as_str().to_owned())];
    if options.content_sha256 || options.unsigned_payload {
        headers.push(("x-amz-content-sha256".to_owned(), payload.to_owned()));
    }
    if let Some(token) = credentials.session_token {
        headers.push(("x-amz-security-token".to_owned(), token.to_owned()));
    }
    headers
}

/// The names to sign: lower case, ascending, each once.
fn signed_names(
    request: &Request<'_>,
    added: &[(String, String)],
    options: &SigningOptions,
) -> String {
    let own = request.headers.iter().map(|(name, _)| name.to_ascii_lowercase());
    let mut names: Vec<String> =
        own.filter(|name| !NEVER_SIGNED.contains(&name.as_str())).collect();
    if options.placement == Placement::Header {
        let token = |name: &str| options.omit_session_token && name == "x-amz-security-token";
        names.extend(added.iter().map(|(name, _)| name.clone()).filter(|name| !token(name)));
    }
    names.sort_unstable();
    names.dedup();
    names.join(";")
}

/// The request's query followed by the presigned form's parameters, without the signature.
fn presigned_query(
    request: &Request<'_>,
    credentials: &Credentials<'_>,
    scope: &Scope<'_>,
    date: &SignatureDate,
    names: &str,
    expires_seconds: i64,
) -> Result<String, SignError> {
    if !(1..=PRESIGNED_EXPIRES_SECONDS_MAX).contains(&expires_seconds) {
        return Err(SignError::ExpiresOutOfRange { seen: expires_seconds });
    }
    let credential = format!("{}/{scope}", credentials.access_key_id);
    let mut query = request.query.to_owned();
    let mut push = |name: &str, value: &str| {
        if !query.is_empty() {
            query.push('&');
        }
        query.push_str(name);
        query.push('=');
        query.push_str(&crate::canonical::uri_encode(value));
    };
    push("X-Amz-Algorithm", ALGORITHM);
    push("X-Amz-Credential", &credential);
    push("X-Amz-Date", date.as_str());
    push("X-Amz-Expires", &expires_seconds.to_string());
    push("X-Amz-SignedHeaders", names);
    if let Some(token) = credentials.session_token {
        push("X-Amz-Security-Token", token);
    }
    Ok(query)
}
