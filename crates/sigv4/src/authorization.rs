//! The header form: `Authorization: AWS4-HMAC-SHA256 Credential=…, SignedHeaders=…, Signature=…`.
//!
//! Source: [Authorization header](https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-auth-using-authorization-header.html).
//! Signers in the field separate the pairs by `,` or `, ` and put them in any order.

use std::borrow::Cow;

use crate::ALGORITHM;
use crate::limits::AUTHORIZATION_BYTES_MAX;
use crate::refusal::{Refusal, cut};

/// What a request says about its own signature, before any of it is believed.
#[derive(Default)]
pub(crate) struct StatedSignature<'a> {
    pub(crate) credential: Option<Cow<'a, [u8]>>,
    pub(crate) signed_headers: Option<Cow<'a, [u8]>>,
    pub(crate) signature: Option<Cow<'a, [u8]>>,
}

/// Whether the scheme of an `Authorization` header is one of AWS's, of whatever version and case.
///
/// ```
/// use sigv4::authorization::is_aws_scheme;
///
/// assert!(is_aws_scheme(b"aws4-hmac-sha256 Credential=x"));
/// assert!(!is_aws_scheme(b"Basic YTpi"));
/// ```
#[must_use]
pub fn is_aws_scheme(value: &[u8]) -> bool {
    scheme(value).get(..3).is_some_and(|start| start.eq_ignore_ascii_case(b"AWS"))
}

/// Reads the header. A scheme that is not AWS's (`Basic`, `Bearer`, nothing) states nothing, so
/// that the refusal lists every part: Amazon answers such headers so.
pub(crate) fn parse(value: &[u8]) -> Result<StatedSignature<'_>, Refusal> {
    if value.len() > AUTHORIZATION_BYTES_MAX {
        return Err(Refusal::TooLarge {
            what: "authorization header bytes",
            limit: AUTHORIZATION_BYTES_MAX,
        });
    }
    let rest = value.strip_prefix(ALGORITHM.as_bytes());
    let Some(rest) = rest.filter(|rest| rest.first().is_none_or(is_blank)) else {
        return other_scheme(value);
    };
    pairs(rest)
}

fn other_scheme<'a>(value: &[u8]) -> Result<StatedSignature<'a>, Refusal> {
    if !is_aws_scheme(value) {
        return Ok(StatedSignature::default());
    }
    let algorithm = scheme(value);
    // Where a blank is missing, a credential follows the name.
    let named = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'-';
    let end = algorithm.iter().position(|byte| !named(byte)).unwrap_or(algorithm.len());
    let seen = cut(algorithm, end.min(ALGORITHM_ECHO_BYTES_MAX));
    Err(Refusal::UnsupportedAlgorithm { seen })
}

fn pairs(text: &[u8]) -> Result<StatedSignature<'_>, Refusal> {
    let mut stated = StatedSignature::default();
    // Blanks and tabs are trimmed: the head holds no other control character.
    for pair in text.split(|byte| *byte == b',').map(<[u8]>::trim_ascii) {
        if pair.is_empty() {
            continue;
        }
        let (place, value) = if let Some(value) = pair.strip_prefix(b"Credential=") {
            (&mut stated.credential, value)
        } else if let Some(value) = pair.strip_prefix(b"SignedHeaders=") {
            (&mut stated.signed_headers, value)
        } else if let Some(value) = pair.strip_prefix(b"Signature=") {
            (&mut stated.signature, value)
        } else {
            return Err(Refusal::Syntax);
        };
        // Twice the same key: which one counts would be a matter of taste.
        if place.replace(Cow::Borrowed(value)).is_some() {
            return Err(Refusal::Syntax);
        }
    }
    Ok(stated)
}

/// Longer than the name of any algorithm, shorter than a secret.
const ALGORITHM_ECHO_BYTES_MAX: usize = 32;

/// The first word of the header.
fn scheme(value: &[u8]) -> &[u8] {
    value.split(is_blank).next().unwrap_or_default()
}

fn is_blank(byte: &u8) -> bool {
    matches!(byte, b' ' | b'\t')
}
