//! What is signed: a borrowed view of a request, and the digest of its body.

use std::fmt;

use sha2::{Digest, Sha256};

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
    /// The values of the header `name` (given in lower case), in the order received.
    pub(crate) fn header_values(&self, name: &[u8]) -> impl Iterator<Item = &'a [u8]> {
        self.headers
            .iter()
            .filter(move |(candidate, _)| candidate.as_bytes().eq_ignore_ascii_case(name))
            .map(|(_, value)| *value)
    }
}

/// The SHA-256 of a body as sent: after `Content-Encoding`, before `Transfer-Encoding`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct PayloadHash([u8; 32]);

impl PayloadHash {
    /// Hashes a body that is wholly in memory.
    pub fn of(body: &[u8]) -> Self {
        Self(Sha256::digest(body).into())
    }

    /// Reads 64 lower-case hex digits, the only form AWS's signers send. `None` for anything else.
    pub fn from_hex(text: &[u8]) -> Option<Self> {
        decode_hex(text).map(Self)
    }

    /// 64 lower-case hex digits.
    pub fn to_hex(&self) -> String {
        hex_text(&hex(&self.0)).to_owned()
    }

    /// The digest itself.
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
#[derive(Clone, Default)]
pub struct PayloadHasher(Sha256);

impl PayloadHasher {
    /// A hasher that has seen nothing: finished at once it gives the hash of the empty body.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the next piece of the body.
    pub fn update(&mut self, chunk: &[u8]) {
        self.0.update(chunk);
    }

    /// The hash of everything taken.
    pub fn finish(self) -> PayloadHash {
        PayloadHash(self.0.finalize().into())
    }
}

impl fmt::Debug for PayloadHasher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PayloadHasher")
    }
}

/// 32 bytes as 64 lower-case hex digits.
pub(crate) fn hex(bytes: &[u8; 32]) -> [u8; 64] {
    let digit = |nibble: u8| if nibble < 10 { b'0' + nibble } else { b'a' + (nibble - 10) };
    let mut text = [0; 64];
    for ([high, low], byte) in text.as_chunks_mut::<2>().0.iter_mut().zip(bytes) {
        *high = digit(byte >> 4);
        *low = digit(byte & 15);
    }
    text
}

/// The digits as text.
pub(crate) fn hex_text(digits: &[u8; 64]) -> &str {
    std::str::from_utf8(digits).unwrap_or_default()
}

/// Reads exactly 64 lower-case hex digits.
pub(crate) fn decode_hex(text: &[u8]) -> Option<[u8; 32]> {
    let mut bytes = [0; 32];
    let (pairs, rest) = text.as_chunks::<2>();
    if pairs.len() != bytes.len() || !rest.is_empty() {
        return None;
    }
    for (byte, [high, low]) in bytes.iter_mut().zip(pairs) {
        *byte = hex_digit(*high)? << 4 | hex_digit(*low)?;
    }
    Some(bytes)
}

fn hex_digit(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    }
}
