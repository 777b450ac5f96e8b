//! What is signed: a borrowed view of a request, and the digest of its body.

use std::fmt;

use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

use crate::bytes::{decode_hex, hex};

/// The head of a request as it came over the wire, before anybody decoded anything.
///
/// The caller's duties: `path` and `query` are the raw wire bytes (never decoded, never
/// normalised); `headers` holds every header in order, duplicates kept; for HTTP/2 the caller adds
/// `:authority` as the one `host` header and refuses a request whose `host` differs from it.
#[derive(Clone, Copy)]
pub struct Request<'a> {
    /// The method as sent: `GET`, `POST`, …
    pub method: &'a str,
    /// The raw path, without the query. Empty means `/`.
    pub path: &'a str,
    /// The raw query, without the leading `?`; empty when there is none.
    pub query: &'a str,
    /// Name and value of each header as received. Names may have any case.
    pub headers: &'a [(&'a str, &'a [u8])],
}

impl<'a> Request<'a> {
    /// The values of the header `name`, in the order received.
    pub(crate) fn header_values(&self, name: &[u8]) -> impl Iterator<Item = &'a [u8]> {
        self.headers
            .iter()
            .filter(move |(candidate, _)| candidate.as_bytes().eq_ignore_ascii_case(name))
            .map(|(_, value)| *value)
    }
}

/// The body of a request as received: after `Transfer-Encoding` was undone, before `Content-Encoding` is.
#[derive(Clone, Copy)]
pub enum Body<'a> {
    /// All of it, not hashed yet.
    Whole(&'a [u8]),
    /// Its hash, taken as it came in.
    Hashed(PayloadHash),
}

impl Body<'_> {
    pub(crate) fn hash(&self) -> PayloadHash {
        match self {
            Self::Whole(bytes) => PayloadHash::of(bytes),
            Self::Hashed(hash) => *hash,
        }
    }
}

impl From<&PayloadHash> for Body<'_> {
    fn from(hash: &PayloadHash) -> Self {
        Self::Hashed(*hash)
    }
}

impl<'a> From<&'a [u8]> for Body<'a> {
    fn from(bytes: &'a [u8]) -> Self {
        Self::Whole(bytes)
    }
}

/// The SHA-256 of a body as sent: after `Content-Encoding`, before `Transfer-Encoding`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct PayloadHash(pub(crate) [u8; 32]);

impl PayloadHash {
    /// Hashes a body that is wholly in memory.
    #[must_use]
    pub fn of(body: &[u8]) -> Self {
        Self(Sha256::digest(body).into())
    }

    /// Reads 64 lower-case hex digits, the only form AWS's signers send. `None` for anything else.
    #[must_use]
    pub fn from_hex(text: &[u8]) -> Option<Self> {
        decode_hex(text).map(Self)
    }

    /// 64 lower-case hex digits.
    #[must_use]
    pub fn to_hex(&self) -> String {
        HEXLOWER.encode(&self.0)
    }

    pub(crate) fn hex(&self) -> [u8; 64] {
        hex(&self.0)
    }

    /// The digest itself.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for PayloadHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_hex())
    }
}

/// Hashes a body that arrives in pieces, in constant memory.
///
/// ```
/// use sigv4::{PayloadHash, PayloadHasher};
///
/// let mut hasher = PayloadHasher::new();
/// hasher.update(b"two ");
/// hasher.update(b"pieces");
/// assert_eq!(hasher.finish(), PayloadHash::of(b"two pieces"));
/// ```
#[derive(Clone, Default)]
pub struct PayloadHasher(Sha256);

impl PayloadHasher {
    /// A hasher that has seen nothing: finished at once it gives the hash of the empty body.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the next piece of the body.
    pub fn update(&mut self, chunk: &[u8]) {
        self.0.update(chunk);
    }

    /// The hash of everything taken.
    #[must_use]
    pub fn finish(self) -> PayloadHash {
        PayloadHash(self.0.finalize().into())
    }
}

impl fmt::Debug for PayloadHasher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PayloadHasher")
    }
}
