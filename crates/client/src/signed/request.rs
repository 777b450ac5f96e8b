//! A request, while it is put together.

use http::Method;
use http::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use serde::Serialize;
use tokio::io::AsyncRead;

use super::{Answer, ClientFault, SearchClient};
use crate::outbound::UnsignedRequest;
use crate::spool::HashedBody;

/// Bytes of a body that is read: what a domain takes at most.
const BODY_BYTES_MAX: u64 = 2 * 1024 * 1024 * 1024;

/// A request, while it is put together.
pub struct RequestBuilder<'c> {
    client: &'c SearchClient,
    request: UnsignedRequest,
    repeatable: bool,
    fault: Option<ClientFault>,
}

impl<'c> RequestBuilder<'c> {
    pub(super) fn new(client: &'c SearchClient, method: Method, target: &str) -> Self {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        // What HTTP calls idempotent (RFC 9110, 9.2.2).
        let repeatable =
            matches!(method, Method::GET | Method::HEAD | Method::PUT | Method::DELETE);
        let request = UnsignedRequest {
            method,
            path: path.to_owned(),
            query: query.to_owned(),
            headers: HeaderMap::new(),
            body: HashedBody::of(bytes::Bytes::new()),
        };
        Self { client, request, repeatable, fault: None }
    }

    /// A header more. What is no header is told when the request is sent.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        match (HeaderName::try_from(name), HeaderValue::from_str(value)) {
            (Ok(name), Ok(value)) => drop(self.request.headers.insert(name, value)),
            _ => self.fault = Some(ClientFault::Options(format!("[{name}: {value}] is no header"))),
        }
        self
    }

    /// A body of JSON.
    #[must_use]
    pub fn json(mut self, value: &impl Serialize) -> Self {
        match serde_json::to_vec(value) {
            Ok(bytes) => self.body("application/json", bytes),
            Err(error) => {
                self.fault = Some(ClientFault::Options(format!("cannot write the body: {error}")));
                self
            }
        }
    }

    /// A body that is in memory.
    #[must_use]
    pub fn body(mut self, content_type: &'static str, bytes: impl Into<bytes::Bytes>) -> Self {
        self.request.headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        self.request.body = HashedBody::of(bytes.into());
        self
    }

    /// A body of any length, up to 2 GiB: it is read to its end now, hashed, and beyond 1 MiB kept in a temporary file without a name.
    ///
    /// # Errors
    /// [`ClientFault::Body`].
    pub async fn upload(
        mut self,
        content_type: &'static str,
        reader: impl AsyncRead + Unpin,
    ) -> Result<Self, ClientFault> {
        self.request.headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        self.request.body = HashedBody::read_from(reader, BODY_BYTES_MAX).await?;
        Ok(self)
    }

    /// Whether it may be done twice where once was asked for: then it is tried again also when it was sent. GET, HEAD, PUT and DELETE may
    /// unless this says otherwise.
    #[must_use]
    pub fn repeatable(self, repeatable: bool) -> Self {
        Self { repeatable, ..self }
    }

    /// Signs and sends it. Any status is an answer: [`Answer::ok`] makes an error of a refusal.
    ///
    /// # Errors
    /// [`ClientFault`]: no credentials, or no answer.
    pub async fn send(self) -> Result<Answer, ClientFault> {
        if let Some(fault) = self.fault {
            return Err(fault);
        }
        let answered = self.client.send(self.request, self.repeatable).await?;
        Ok(Answer::new(answered, self.client.answer_time_max))
    }
}
