//! What is no HTTP request, or none that is safe to read.

use crate::guards::limits;

/// A request that is not one.
#[derive(Debug)]
pub struct MalformedRequest {
    /// The HTTP status.
    pub status: u16,
    /// What was seen, in a few words without secrets: log and client read the same.
    pub what: String,
}

impl MalformedRequest {
    /// A fault with a status of its own.
    pub fn new(status: u16, what: impl Into<String>) -> Self {
        Self { status, what: what.into() }
    }

    /// A plain 400.
    pub fn bad(what: impl Into<String>) -> Self {
        Self::new(400, what)
    }

    /// Whether the request is well framed, only not one to take (too much, not now, in another coding): its
    /// body can be read away, so that the client sees the answer.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        matches!(self.status, 413 | 415 | 429 | 503)
    }

    /// 413, naming the limit, in the words of Amazon's front end.
    #[must_use]
    pub fn body_too_large(bytes_max: usize) -> Self {
        Self::new(413, format!("Request size exceeded {bytes_max} bytes"))
    }

    /// 414, naming the limit.
    #[must_use]
    pub fn target_too_long() -> Self {
        let bytes_max = limits::TARGET_BYTES_MAX;
        Self::new(414, format!("a request target of more than {bytes_max} bytes"))
    }
}
