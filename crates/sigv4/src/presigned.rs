//! The query form: `X-Amz-Algorithm`, `X-Amz-Credential`, `X-Amz-Date`, `X-Amz-Expires`,
//! `X-Amz-SignedHeaders`, `X-Amz-Signature`, `X-Amz-Security-Token`.
//!
//! Source: [Query parameters](https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html).
//! `X-Amz-Expires` is optional, as outside S3: some signers (mhart/aws4) leave it out for `es`; such
//! a request is good for as long as a signed header would be.

use std::borrow::Cow;

use crate::bytes::{Class, split_once};
use crate::canonical::percent_decode;
use crate::limits::{QUERY_BYTES_MAX, QUERY_PARAMETERS_MAX};
use crate::refusal::Refusal;

/// The raw query without the parameters of the presigned form: what the engine may see. Amazon
/// forwards them, and its engine answers 400 to them (soto#450).
///
/// ```
/// assert_eq!(sigv4::presigned::strip("size=1&X-Amz-Date=20261123T120000Z"), "size=1");
/// ```
#[must_use]
pub fn strip(query: &str) -> Cow<'_, str> {
    if !parameters(query.as_bytes()).any(|(name, _)| is_presigned_name(name)) {
        return Cow::Borrowed(query);
    }
    let kept = query.split('&').filter(|parameter| {
        let name = parameter.split_once('=').map_or(*parameter, |(name, _)| name);
        !is_presigned_name(name.as_bytes())
    });
    Cow::Owned(kept.collect::<Vec<_>>().join("&"))
}

/// The parameters of the presigned form, decoded. Each may come once, in any case: a name in the
/// wrong case is a credential too, only a broken one.
#[derive(Default)]
pub(crate) struct Parameters<'a> {
    pub(crate) algorithm: Option<Cow<'a, [u8]>>,
    pub(crate) credential: Option<Cow<'a, [u8]>>,
    pub(crate) date: Option<Cow<'a, [u8]>>,
    pub(crate) expires: Option<Cow<'a, [u8]>>,
    pub(crate) signed_headers: Option<Cow<'a, [u8]>>,
    pub(crate) signature: Option<Cow<'a, [u8]>>,
    pub(crate) security_token: Option<Cow<'a, [u8]>>,
    pub(crate) content_sha256: Option<Cow<'a, [u8]>>,
    /// Whether the query names a credential of any kind, SigV2's included.
    pub(crate) present: bool,
    /// Whether every form reads the query as it stands: nothing of the presigned form's, nothing to
    /// encode, nothing to decode, in order. Most queries are so.
    pub(crate) stays: bool,
    /// SigV2's `AWSAccessKeyId`.
    pub(crate) version_2: bool,
}

impl<'a> Parameters<'a> {
    /// Reads the query in one pass.
    pub(crate) fn read(query: &'a str) -> Result<Self, Refusal> {
        let mut found = Self::default();
        if query.is_empty() {
            return Ok(found);
        }
        if query.len() > QUERY_BYTES_MAX {
            return Err(Refusal::TooLarge { what: "query bytes", limit: QUERY_BYTES_MAX });
        }
        let query = query.as_bytes();
        let plain = Class::QUERY.has_all(query);
        let (mut count, mut before, mut stays): (_, (&[u8], &[u8]), _) = (0, (b"", b""), plain);
        for parameter in query.split(|byte| *byte == b'&') {
            let pair = split_once(parameter, b'=');
            // A second `=` would be encoded.
            stays &= pair.is_some_and(|(_, value)| !value.contains(&b'='));
            let (name, value) = pair.unwrap_or((parameter, b""));
            stays &= before <= (name, value);
            before = (name, value);
            if parameter.is_empty() {
                continue;
            }
            if count >= QUERY_PARAMETERS_MAX {
                let limit = QUERY_PARAMETERS_MAX;
                return Err(Refusal::TooLarge { what: "query parameters", limit });
            }
            count += 1;
            if starts_as_presigned(name) || (!plain && has_escape(name)) {
                found.take(name, value)?;
            }
        }
        found.stays = stays && !found.present;
        Ok(found)
    }

    fn take(&mut self, name: &'a [u8], value: &'a [u8]) -> Result<(), Refusal> {
        let name = decode(name)?;
        if name.eq_ignore_ascii_case(b"AWSAccessKeyId") {
            self.present = true;
            self.version_2 = true;
            return Ok(());
        }
        let Some(known) = NAMES.iter().find(|known| known.as_bytes().eq_ignore_ascii_case(&name))
        else {
            return Ok(());
        };
        self.present |= *known != CONTENT_SHA256;
        if known.as_bytes() != &*name && *known != CONTENT_SHA256 {
            return Ok(()); // present, but not in the form that signs: the part will be missing
        }
        let place = match *known {
            "X-Amz-Algorithm" => &mut self.algorithm,
            "X-Amz-Credential" => &mut self.credential,
            "X-Amz-Date" => &mut self.date,
            "X-Amz-Expires" => &mut self.expires,
            "X-Amz-SignedHeaders" => &mut self.signed_headers,
            "X-Amz-Signature" => &mut self.signature,
            "X-Amz-Security-Token" => &mut self.security_token,
            _ => &mut self.content_sha256,
        };
        if place.replace(decode(value)?).is_some() {
            return Err(Refusal::DuplicateParameter { name: known });
        }
        Ok(())
    }
}

const CONTENT_SHA256: &str = "X-Amz-Content-Sha256";

/// The names of the presigned form, as they must be spelled.
const NAMES: [&str; 8] = [
    "X-Amz-Algorithm",
    "X-Amz-Credential",
    "X-Amz-Date",
    "X-Amz-Expires",
    "X-Amz-SignedHeaders",
    "X-Amz-Signature",
    "X-Amz-Security-Token",
    CONTENT_SHA256,
];

/// Name and value of each non-empty parameter of a raw query.
fn parameters(query: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    let parameters = query.split(|byte| *byte == b'&').filter(|parameter| !parameter.is_empty());
    parameters.map(|parameter| split_once(parameter, b'=').unwrap_or((parameter, b"")))
}

/// Cheap test that lets ordinary parameters pass undecoded.
fn may_be_presigned(name: &[u8]) -> bool {
    starts_as_presigned(name) || has_escape(name)
}

fn has_escape(name: &[u8]) -> bool {
    name.contains(&b'%')
}

fn starts_as_presigned(name: &[u8]) -> bool {
    let starts = |prefix: &[u8]| {
        name.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix))
    };
    match name.first() {
        Some(b'x' | b'X') => starts(b"x-amz-"),
        Some(b'a' | b'A') => starts(b"aws"),
        _ => false,
    }
}

/// Whether a raw name is, once decoded, one of the presigned form's.
fn is_presigned_name(name: &[u8]) -> bool {
    may_be_presigned(name)
        && decode(name).is_ok_and(|name| {
            NAMES.iter().any(|known| known.as_bytes().eq_ignore_ascii_case(&name))
        })
}

fn decode(text: &[u8]) -> Result<Cow<'_, [u8]>, Refusal> {
    if !text.iter().any(|byte| matches!(byte, b'%' | b'+')) {
        return Ok(Cow::Borrowed(text));
    }
    let bytes = percent_decode(text, true).ok_or(Refusal::MalformedQuery)?;
    match std::str::from_utf8(&bytes) {
        Ok(_) => Ok(Cow::Owned(bytes)),
        Err(_) => Err(Refusal::MalformedQuery),
    }
}
