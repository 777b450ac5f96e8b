//! What the engine answers with.

use crate::exception::Exception;
use crate::flavor::Flavor;
use bytes::Bytes;

/// One answer: status, headers beside the content type, content type, body. The body of a `HEAD` answer is empty.
#[derive(Clone, Debug)]
pub struct Response {
    /// The HTTP status.
    pub status: u16,
    /// Headers beside `Content-Type`: `X-Elastic-Product`, `Allow`, `Warning`.
    pub headers: Vec<(&'static str, String)>,
    /// The value of `Content-Type`.
    pub content_type: &'static str,
    /// The body.
    pub body: Bytes,
}

/// The content type of every JSON answer, as Elasticsearch 7.10 and OpenSearch 2.19 write it.
pub(crate) const JSON: &str = "application/json; charset=UTF-8";

/// The content type of `_cat` tables.
pub(crate) const TEXT: &str = "text/plain; charset=UTF-8";

impl Response {
    /// A JSON answer.
    pub fn json(status: u16, body: &serde_json::Value) -> Response {
        Response { status, headers: Vec::new(), content_type: JSON, body: body.to_string().into() }
    }

    /// A JSON answer that is printed already.
    pub(crate) fn printed(status: u16, body: Bytes) -> Response {
        Response { status, headers: Vec::new(), content_type: JSON, body }
    }

    /// A plain text answer.
    pub fn text(status: u16, body: String) -> Response {
        Response { status, headers: Vec::new(), content_type: TEXT, body: body.into() }
    }

    /// The answer an exception is printed as.
    pub fn exception(exception: &Exception) -> Response {
        Response::json(exception.status(), &exception.body())
    }

    /// Adds what every answer of a domain of this flavor carries.
    #[must_use]
    pub fn of(mut self, flavor: Flavor) -> Response {
        if flavor == Flavor::Elasticsearch710 {
            self.headers.push(("X-Elastic-Product", "Elasticsearch".to_owned()));
        }
        self
    }
}
