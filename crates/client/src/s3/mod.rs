//! Objects of one bucket of S3, or of a server that speaks as S3 does. Source: Amazon S3 API reference.
//!
//! Every request is signed and goes to the one endpoint that the bucket was opened with; a redirect is a fault. What may be done
//! twice is done again, with longer and longer pauses, where the server was busy, broke off or did not answer in time. Objects
//! of any length go through bounded memory.

mod pace;
mod transfer;
mod xml;

use std::fmt;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use bytes::{Bytes, BytesMut};
use http::header::{HeaderMap, HeaderName, HeaderValue};
use http::{Method, StatusCode};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use jiff::Timestamp;
use md5::{Digest as _, Md5};
use rustls::ClientConfig;

use crate::credentials::CredentialCache;
use crate::endpoint::{Endpoint, EndpointError, is_loopback};
use crate::outbound::{EndpointResponse, Outbound, SendError, UnsignedRequest};
use crate::spool::HashedBody;

pub use pace::Pace;

/// Bytes of an answer that is no object: a page of a list has a thousand names of at most 1,024 bytes, each of which XML may
/// make longer.
const ANSWER_BYTES_MAX: usize = 16 << 20;

/// Objects that one request takes away. Source: `DeleteObjects`.
const DELETED_AT_ONCE: usize = 1_000;

/// Pages of one list: ten million names.
const LIST_PAGES_MAX: usize = 10_000;

/// The longest pause before a request is sent again.
const PAUSE_MAX: Duration = Duration::from_secs(5);

/// How many bytes a second a connection carries at least: longer bodies have more time.
const BYTES_PER_SECOND_MIN: u64 = 64 * 1024;

/// The time, asked for at every request.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// How a bucket is reached.
#[derive(Clone)]
pub struct BucketOptions {
    /// Where S3 is, without the bucket.
    pub endpoint: Endpoint,
    /// The region of the signatures.
    pub region: String,
    /// The bucket.
    pub bucket: String,
    /// Whether the bucket stands in the path even where it could stand in the host's name.
    pub path_style: bool,
    /// Who signs.
    pub credentials: Arc<CredentialCache>,
    /// Whom TLS trusts.
    pub trust: ClientConfig,
    /// The time.
    pub clock: Clock,
    /// How long the head of an answer, and each piece of its body, may take.
    pub answer_time_max: Duration,
    /// How often a request is sent again.
    pub retries_max: u32,
    /// The pause before it is sent again for the first time; the next ones are twice as long each.
    pub pause: Duration,
}

/// One bucket.
pub struct Bucket {
    outbound: Outbound,
    /// What every path begins with: the bucket, unless it is in the host's name.
    prefix: String,
    clock: Clock,
    answer_time_max: Duration,
    retries_max: u32,
    pause: Duration,
}

/// Why the bucket did not do what it was asked for.
#[derive(Debug)]
pub enum S3Error {
    /// It refused: the status, and S3's code and message.
    Answered {
        /// The HTTP status.
        status: u16,
        /// Such as `NoSuchBucket`; empty where the answer has none.
        code: String,
        /// The message.
        message: String,
    },
    /// There are no credentials, or they cannot sign this.
    Unsigned(String),
    /// It cannot be reached, or it broke off.
    Broken(String),
    /// It did not answer in time.
    TimedOut,
    /// Its answer is none that S3 gives.
    Strange(String),
    /// There is more than was to be read.
    TooLong,
    /// A file of ours cannot be read or written.
    File(io::Error),
}

impl fmt::Display for S3Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Answered { status, code, message } if code.is_empty() => {
                write!(f, "S3 answered {status} {message}")
            }
            Self::Answered { status, code, message } => {
                write!(f, "S3 answered {status} ({code}): {message}")
            }
            Self::Unsigned(why) => write!(f, "the request to S3 cannot be signed: {why}"),
            Self::Broken(why) => write!(f, "S3 broke off: {why}"),
            Self::TimedOut => write!(f, "S3 did not answer in time"),
            Self::Strange(what) => write!(f, "S3 answered what cannot be read: {what}"),
            Self::TooLong => write!(f, "the object is longer than expected"),
            Self::File(error) => write!(f, "file: {error}"),
        }
    }
}

impl std::error::Error for S3Error {}

impl S3Error {
    /// Whether there is no such object.
    #[must_use]
    pub fn is_missing(&self) -> bool {
        // Of a HEAD there is only the status. A missing bucket is something else.
        matches!(self, Self::Answered { status: 404, code, .. } if code != "NoSuchBucket")
    }

    /// Whether the same request may do better a little later.
    fn passes(&self) -> bool {
        match self {
            Self::Answered { status, code, .. } => {
                matches!(status, 429 | 500 | 502 | 503 | 504) || code == "RequestTimeout"
            }
            Self::Broken(_) | Self::TimedOut => true,
            Self::Unsigned(_) | Self::Strange(_) | Self::TooLong | Self::File(_) => false,
        }
    }
}

/// One request.
struct Ask<'a> {
    method: Method,
    /// The object; `None`: the bucket.
    key: Option<&'a str>,
    query: &'a [(&'a str, &'a str)],
    headers: HeaderMap,
    payload: Payload<'a>,
}

/// What a request brings.
enum Payload<'a> {
    Nothing,
    Bytes(Bytes),
    /// So many bytes of a file from one of them on.
    Slice(&'a Path, u64, u64),
}

impl Payload<'_> {
    fn length(&self) -> u64 {
        match self {
            Payload::Nothing => 0,
            Payload::Bytes(bytes) => bytes.len() as u64,
            Payload::Slice(_, _, length) => *length,
        }
    }

    async fn hashed(&self) -> io::Result<HashedBody> {
        match self {
            Payload::Nothing => Ok(HashedBody::of(Bytes::new())),
            Payload::Bytes(bytes) => Ok(HashedBody::of(bytes.clone())),
            Payload::Slice(path, from, length) => HashedBody::slice(path, *from, *length).await,
        }
    }
}

impl<'a> Ask<'a> {
    fn new(method: Method, key: Option<&'a str>, query: &'a [(&'a str, &'a str)]) -> Self {
        Ask { method, key, query, headers: HeaderMap::new(), payload: Payload::Nothing }
    }

    fn with(self, headers: HeaderMap, payload: Payload<'a>) -> Self {
        Ask { headers, payload, ..self }
    }
}

impl Bucket {
    /// The bucket. Nothing is connected yet. It stands in the host's name, as Amazon wants it, unless that can be no name of a
    /// host: then, and where it is wanted, in the path.
    ///
    /// # Errors
    /// A bucket and an endpoint that make no URL together.
    pub fn new(options: BucketOptions) -> Result<Bucket, EndpointError> {
        let BucketOptions { endpoint, region, bucket, credentials, trust, clock, .. } = options;
        let host = endpoint.host();
        let is_address = host.parse::<std::net::IpAddr>().is_ok() || host.starts_with('[');
        // A certificate for `*.HOST` is for one label.
        let in_path = options.path_style || is_address || is_loopback(host) || bucket.contains('.');
        let (endpoint, prefix) = match in_path {
            true => (endpoint, format!("/{}", encoded(&bucket, false))),
            false => (endpoint.below(&bucket)?, String::new()),
        };
        Ok(Bucket {
            outbound: Outbound::new(endpoint, &region, "s3", credentials, trust),
            prefix,
            clock,
            answer_time_max: options.answer_time_max,
            retries_max: options.retries_max,
            pause: options.pause,
        })
    }

    /// Where its objects are.
    #[must_use]
    pub fn url(&self) -> String {
        format!("{}{}/", self.outbound.endpoint().origin(), self.prefix)
    }

    /// An object of at most `bytes_max`; `None`: there is none of this name.
    ///
    /// # Errors
    /// [`S3Error`].
    pub async fn get(&self, key: &str, bytes_max: usize) -> Result<Option<Bytes>, S3Error> {
        let ask = Ask::new(Method::GET, Some(key), &[]);
        match self.exchange(&ask, bytes_max).await {
            Ok((_, bytes)) => Ok(Some(bytes)),
            Err(error) if error.is_missing() => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The length of an object; `None`: there is none of this name.
    ///
    /// # Errors
    /// [`S3Error`].
    pub async fn head(&self, key: &str) -> Result<Option<u64>, S3Error> {
        let ask = Ask::new(Method::HEAD, Some(key), &[]);
        match self.exchange(&ask, 0).await {
            Ok((headers, _)) => number(&headers, "content-length").map(Some),
            Err(error) if error.is_missing() => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Puts an object. `headers`: what is said of it, `x-amz-…`.
    ///
    /// # Errors
    /// [`S3Error`].
    pub async fn put(&self, key: &str, bytes: Bytes, headers: &HeaderMap) -> Result<(), S3Error> {
        let ask = Ask::new(Method::PUT, Some(key), &[]);
        let ask = ask.with(headers.clone(), Payload::Bytes(bytes));
        self.exchange(&ask, ANSWER_BYTES_MAX).await.map(drop)
    }

    /// Tells `each` object whose name begins with `prefix`, and its length, in the order of their names.
    ///
    /// # Errors
    /// [`S3Error`]; some were then told.
    pub async fn list(&self, prefix: &str, mut each: impl FnMut(&str, u64)) -> Result<(), S3Error> {
        let mut token: Option<String> = None;
        for _ in 0..LIST_PAGES_MAX {
            let mut query = vec![("list-type", "2"), ("prefix", prefix)];
            query.extend(token.as_deref().map(|token| ("continuation-token", token)));
            let ask = Ask::new(Method::GET, None, &query);
            let (_, page) = self.exchange(&ask, ANSWER_BYTES_MAX).await?;
            let page = xml::list(&page).map_err(S3Error::Strange)?;
            page.objects.iter().for_each(|(name, bytes)| each(name, *bytes));
            if page.next.is_some() && page.next == token {
                return Err(S3Error::Strange("the same page again".to_owned()));
            }
            token = page.next;
            if token.is_none() {
                return Ok(());
            }
        }
        Err(S3Error::Strange(format!("a list of more than {LIST_PAGES_MAX} pages")))
    }

    /// Takes objects away; those that are not there are no fault.
    ///
    /// # Errors
    /// [`S3Error`]; some are then gone.
    pub async fn delete(&self, keys: &[String]) -> Result<(), S3Error> {
        for keys in keys.chunks(DELETED_AT_ONCE) {
            let body = xml::deletion(keys);
            let mut headers = HeaderMap::new();
            headers.insert("content-type", HeaderValue::from_static("application/xml"));
            let digest = BASE64.encode(Md5::digest(&body));
            let digest = HeaderValue::try_from(digest)
                .map_err(|error| S3Error::Strange(error.to_string()))?;
            headers.insert("content-md5", digest);
            let ask = Ask::new(Method::POST, None, &[("delete", "")]);
            let ask = ask.with(headers, Payload::Bytes(body.into()));
            let (_, told) = self.exchange(&ask, ANSWER_BYTES_MAX).await?;
            if let Some((key, code)) = xml::not_deleted(&told).map_err(S3Error::Strange)? {
                let message = format!("{key} was not deleted");
                return Err(S3Error::Answered { status: 200, code, message });
            }
        }
        Ok(())
    }

    /// Sends a request until it is answered well, and reads the answer.
    async fn exchange(
        &self,
        ask: &Ask<'_>,
        bytes_max: usize,
    ) -> Result<(HeaderMap, Bytes), S3Error> {
        let mut tries = Tries::of(self);
        loop {
            let answered = async {
                let (head, body) = self.send(ask).await?.into_parts();
                Ok((head.headers, self.read(body, bytes_max).await?))
            };
            match answered.await {
                Ok(answer) => return Ok(answer),
                Err(error) => tries.after(error).await?,
            }
        }
    }

    /// Sends a request once. The answer is one of success; its body streams.
    async fn send(&self, ask: &Ask<'_>) -> Result<EndpointResponse, S3Error> {
        let body = ask.payload.hashed().await.map_err(S3Error::File)?;
        let query: Vec<String> = ask
            .query
            .iter()
            .map(|(name, value)| format!("{}={}", encoded(name, false), encoded(value, false)))
            .collect();
        let key = ask.key.map(|key| encoded(key, true)).unwrap_or_default();
        let request = UnsignedRequest {
            method: ask.method.clone(),
            path: format!("{}/{key}", self.prefix),
            query: query.join("&"),
            headers: ask.headers.clone(),
            body,
        };
        let time = Duration::from_secs(ask.payload.length() / BYTES_PER_SECOND_MIN);
        let time = self.answer_time_max.saturating_add(time);
        let sent = tokio::time::timeout(time, self.outbound.send(request, (self.clock)())).await;
        let response = match sent {
            Err(_) => return Err(S3Error::TimedOut),
            Ok(Err(SendError::Endpoint(why) | SendError::Unreachable(why))) => {
                return Err(S3Error::Broken(why));
            }
            Ok(Err(error)) => return Err(S3Error::Unsigned(error.to_string())),
            Ok(Ok(response)) => response,
        };
        if response.status().is_success() {
            return Ok(response);
        }
        Err(self.refusal(response).await)
    }

    async fn refusal(&self, response: EndpointResponse) -> S3Error {
        let (head, body) = response.into_parts();
        let told = self.read(body, ANSWER_BYTES_MAX).await.unwrap_or_default();
        let (code, message) = xml::refusal(&told).unwrap_or_default();
        let message = match message.is_empty() {
            false => message,
            true if head.status.is_redirection() => {
                "the bucket is elsewhere, and redirects are not followed".to_owned()
            }
            true => reason(head.status),
        };
        S3Error::Answered { status: head.status.as_u16(), code, message }
    }

    /// A body of at most `bytes_max`, each piece of which comes in time.
    async fn read(&self, mut body: Incoming, bytes_max: usize) -> Result<Bytes, S3Error> {
        let mut whole = BytesMut::new();
        while let Some(piece) = self.piece(&mut body).await? {
            if whole.len() + piece.len() > bytes_max {
                return Err(S3Error::TooLong);
            }
            whole.extend_from_slice(&piece);
        }
        Ok(whole.freeze())
    }

    /// The next piece of a body; `None`: it is over.
    async fn piece(&self, body: &mut Incoming) -> Result<Option<Bytes>, S3Error> {
        loop {
            let frame = tokio::time::timeout(self.answer_time_max, body.frame()).await;
            match frame.map_err(|_| S3Error::TimedOut)? {
                None => return Ok(None),
                Some(Err(error)) => return Err(S3Error::Broken(crate::chain::causes(&error))),
                Some(Ok(frame)) => {
                    if let Ok(data) = frame.into_data() {
                        return Ok(Some(data));
                    }
                }
            }
        }
    }
}

/// How often something was tried.
struct Tries {
    left: u32,
    most: u32,
    pause: Duration,
    first_pause: Duration,
}

impl Tries {
    fn of(bucket: &Bucket) -> Tries {
        let (left, pause) = (bucket.retries_max, bucket.pause);
        Tries { left, most: left, pause, first_pause: pause }
    }

    /// Waits before the next try.
    ///
    /// # Errors
    /// `error`, where there is none.
    async fn after(&mut self, error: S3Error) -> Result<(), S3Error> {
        if self.left == 0 || !error.passes() {
            return Err(error);
        }
        self.left -= 1;
        tokio::time::sleep(self.pause).await;
        self.pause = (self.pause * 2).min(PAUSE_MAX);
        Ok(())
    }

    /// Something was done: the next fault is the first again.
    fn renew(&mut self) {
        (self.left, self.pause) = (self.most, self.first_pause);
    }
}

fn number(headers: &HeaderMap, name: &'static str) -> Result<u64, S3Error> {
    let value = headers.get(HeaderName::from_static(name));
    let number = value.and_then(|value| value.to_str().ok()?.parse().ok());
    number.ok_or_else(|| S3Error::Strange(format!("no {name}")))
}

fn reason(status: StatusCode) -> String {
    status.canonical_reason().unwrap_or("without a reason").to_owned()
}

/// `text` as S3 wants it in a path (`slashes` stay) or in a query: all but letters, digits and `-._~` as `%XX`.
fn encoded(text: &str, slashes: bool) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'-' | b'.' | b'_' | b'~' => out.push(char::from(byte)),
            b'/' if slashes => out.push('/'),
            byte if byte.is_ascii_alphanumeric() => out.push(char::from(byte)),
            byte => out += &format!("%{byte:02X}"),
        }
    }
    out
}
