//! What a signature covers, written once for a claim: the string to sign and, behind it, the canonical
//! request, as the first accepted form reads the request; each but for a last line that is a hash still to
//! be taken.

use std::ops::Range;

use sha2::{Digest, Sha256};

use crate::bytes::hex;
use crate::canonical::{Rules, push_headers, push_target, push_to_sign};
use crate::credential::{Signature, SigningKey};
use crate::date::SignatureDate;
use crate::names::ListedName;
use crate::request::Request;

pub(crate) struct CoveredHeaders {
    /// The credential, the string to sign, the canonical request: one text, one allocation.
    text: Vec<u8>,
    to_sign_start: usize,
    canonical_start: usize,
    /// Where the canonical request's first lines end.
    target_end: usize,
    /// Where the list of the signed headers is, and behind it the payload's line, if that was declared.
    names: Range<usize>,
    /// Whether the form can read the request at all.
    readable: bool,
}

/// What a claim says of itself.
pub(crate) struct ClaimText<'a> {
    /// `keyid/day/region/service/aws4_request`.
    pub(crate) credential: &'a [u8],
    /// The same without the key id.
    pub(crate) scope: &'a [u8],
    pub(crate) date: &'a SignatureDate,
    /// The list of the signed headers.
    pub(crate) list: &'a [u8],
    /// The names of the list.
    pub(crate) names: &'a [ListedName<'a>],
    /// What it says of the payload: its hash in hex, `UNSIGNED-PAYLOAD`, or nothing.
    pub(crate) payload: &'a [u8],
}

impl CoveredHeaders {
    pub(crate) fn new(said: &ClaimText<'_>, request: &Request<'_>, rules: &Rules<'_>) -> Self {
        let room = USUAL_BYTES + request.path.len() + request.query.len();
        let mut text = Vec::with_capacity(room);
        text.extend_from_slice(said.credential);
        let to_sign_start = text.len();
        push_to_sign(&mut text, said.date, said.scope);
        let canonical_start = text.len();
        let target = push_target(&mut text, request, rules);
        let target_end = text.len();
        let headers = push_headers(&mut text, rules, said.names, said.list);
        let readable = target.and(headers).is_some();
        if !readable {
            text.truncate(canonical_start);
            text.extend_from_slice(said.list);
            text.push(b'\n');
        }
        let names_end = text.len() - 1;
        let names = names_end - said.list.len()..names_end;
        text.extend_from_slice(said.payload);
        Self { text, to_sign_start, canonical_start, target_end, names, readable }
    }

    /// The credential, as it came.
    pub(crate) fn credential(&self) -> &str {
        self.text(0..self.to_sign_start)
    }

    /// The list of the signed headers, as it came.
    pub(crate) fn names(&self) -> &str {
        self.text(self.names.clone())
    }

    fn text(&self, range: Range<usize>) -> &str {
        std::str::from_utf8(self.text.get(range).unwrap_or_default()).unwrap_or_default()
    }

    /// The payload as declared; empty where it was not.
    pub(crate) fn payload(&self) -> &[u8] {
        self.text.get(self.names.end + 1..).unwrap_or_default()
    }

    /// The string to sign, but for its last line.
    pub(crate) fn to_sign(&self) -> &[u8] {
        self.text.get(self.to_sign_start..self.canonical_start).unwrap_or_default()
    }

    /// The canonical request's first lines; `None` where the form cannot read the request.
    pub(crate) fn target(&self) -> Option<&[u8]> {
        self.text.get(self.canonical_start..self.target_end).filter(|_| self.readable)
    }

    /// The signature with which `key` signs the request; `payload` is the hash of a body that was not
    /// declared, else empty. `None` where the form cannot read the request.
    pub(crate) fn signature(&self, key: &SigningKey, payload: &[u8]) -> Option<Signature> {
        let canonical = self.text.get(self.canonical_start..).filter(|_| self.readable)?;
        Some(signature(self.to_sign(), canonical, key, payload))
    }
}

/// The signature of a canonical request, which may be given but for its last line, `payload`, and of a string
/// to sign without its own.
pub(crate) fn signature(
    to_sign: &[u8],
    canonical: &[u8],
    key: &SigningKey,
    payload: &[u8],
) -> Signature {
    let digest = Sha256::new().chain_update(canonical).chain_update(payload).finalize();
    key.sign_parts([to_sign, &hex(&digest.into())])
}

/// Room for everything but path and query in an ordinary request.
const USUAL_BYTES: usize = 832;
