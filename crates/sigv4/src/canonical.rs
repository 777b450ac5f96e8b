//! The canonical request: every encoding rule is in this file.
//!
//! Source: [Create a canonical request](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html#create-canonical-request),
//! and, for service `es`, what Amazon's endpoints printed as their own canonical form
//! (`docs/internals/signatures.md` lists the reports).

use std::ops::Range;

use crate::bytes::{Class, any, hex, hex_value, split, split_once};
use crate::credential::Scope;
use crate::date::SignatureDate;
use crate::request::Request;
use crate::settings::Form;
use crate::{ALGORITHM, PayloadHash};

/// What, besides the request, decides the canonical request.
#[derive(Clone, Copy)]
pub(crate) struct Rules<'a> {
    pub(crate) form: Form,
    pub(crate) normalize_path: bool,
    /// The signed headers' names as `SignedHeaders` lists them: lower case, ascending, `;` between.
    pub(crate) signed_headers: &'a str,
    /// The value that stands for `host` (as received, or with the port added or left out).
    pub(crate) host: &'a [u8],
    /// Whether `X-Amz-Signature` is to be left out of the query (the presigned form).
    pub(crate) presigned: bool,
    /// Whether `X-Amz-Security-Token` is left out of the query too: some signers add it afterwards.
    pub(crate) omit_token: bool,
    /// The last line: a hash in hex, or `UNSIGNED-PAYLOAD`.
    pub(crate) payload: &'a str,
    /// Whether tokens and cookies are replaced by `***`: for what is shown, never for what is hashed.
    pub(crate) redact: bool,
}

/// The canonical request.
pub(crate) fn canonical_request(request: &Request<'_>, rules: &Rules<'_>) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(CAPACITY + request.path.len() + request.query.len());
    push_target(&mut out, request, rules)?;
    push_headers(&mut out, request, rules)?;
    Some(out)
}

/// Room for method, headers and hash of an ordinary request.
pub(crate) const CAPACITY: usize = 512;

/// Its first three lines: method, path, query. They differ from form to form, not from host to host.
/// `None` where the form cannot read the query.
pub(crate) fn push_target(
    out: &mut Vec<u8>,
    request: &Request<'_>,
    rules: &Rules<'_>,
) -> Option<()> {
    out.extend_from_slice(request.method.as_bytes());
    out.push(b'\n');
    push_path(out, request.path, rules);
    out.push(b'\n');
    push_query(out, request.query, rules)?;
    out.push(b'\n');
    Some(())
}

/// The other lines: the signed headers, their names, the payload. They differ from host to host, not
/// from form to form. `None` where a signed header did not come.
pub(crate) fn push_headers(
    out: &mut Vec<u8>,
    request: &Request<'_>,
    rules: &Rules<'_>,
) -> Option<()> {
    for name in split(rules.signed_headers, b';') {
        push_header(out, request, name, rules)?;
    }
    out.push(b'\n');
    out.extend_from_slice(rules.signed_headers.as_bytes());
    out.push(b'\n');
    out.extend_from_slice(rules.payload.as_bytes());
    Some(())
}

/// The string to sign: algorithm, time, scope, hash of the canonical request.
pub(crate) fn string_to_sign(date: &SignatureDate, scope: &Scope, canonical: &[u8]) -> Vec<u8> {
    let mut out = string_to_sign_start(date, scope, canonical.len());
    let to_sign_end = out.len();
    out.extend_from_slice(canonical);
    seal(&mut out, to_sign_end);
    out.truncate(to_sign_end);
    out
}

/// The same with its last line, the hash, left open, and with room behind it for `more` bytes: for
/// every canonical request that is tried.
pub(crate) fn string_to_sign_start(date: &SignatureDate, scope: &Scope, more: usize) -> Vec<u8> {
    let mut out = Vec::with_capacity(128 + scope.as_str().len() + more);
    for part in [ALGORITHM, "\n", date.as_str(), "\n", scope.as_str(), "\n"] {
        out.extend_from_slice(part.as_bytes());
    }
    out.extend_from_slice(&[b'0'; 64]);
    out
}

/// Writes the hash of the canonical request, which stands behind the string to sign, into its last
/// line. `None` for a buffer that does not hold the two.
pub(crate) fn seal(text: &mut [u8], to_sign_end: usize) -> Option<&[u8]> {
    let (to_sign, canonical) = text.split_at_mut_checked(to_sign_end)?;
    *to_sign.last_chunk_mut::<64>()? = hex(PayloadHash::of(canonical).as_bytes());
    Some(to_sign)
}

/// The path: the **wire** path URI-encoded once more, so that `%2F` becomes `%252F` and `*` becomes
/// `%2A`; only `A-Z a-z 0-9 - _ . ~ /` stay. Never decoded. Amazon's own quoted forms: mhart/aws4#12,
/// opensearch-net#104, aws-sdk-js#853.
fn push_path(out: &mut Vec<u8>, path: &str, rules: &Rules<'_>) {
    let normalized;
    let path = if rules.normalize_path {
        normalized = normalize(path);
        &normalized
    } else if path.is_empty() {
        "/"
    } else {
        path
    };
    match rules.form {
        Form::RawPath => out.extend_from_slice(path.as_bytes()),
        Form::Aws | Form::RawQuery | Form::PlusLiteral => {
            push_uri_encoded(out, path.as_bytes(), Class::PATH);
        }
    }
}

/// Removes `.`, `..` and empty segments (RFC 3986, 5.2.4, and AWS's test vectors `get-slash*`).
fn normalize(path: &str) -> String {
    let mut segments: Vec<&str> = Vec::new();
    for segment in path.split('/') {
        match segment {
            "" | "." => {}
            ".." => {
                segments.pop();
            }
            segment => segments.push(segment),
        }
    }
    let mut normalized = format!("/{}", segments.join("/"));
    if !segments.is_empty() && (path.ends_with('/') || path.ends_with("/.")) {
        normalized.push('/');
    }
    normalized
}

/// The query: split, decode each name and value, encode once, sort by encoded name, then by value,
/// `v` becomes `v=`. It counts on POST too (aws-signing-request-interceptor#8).
fn push_query(out: &mut Vec<u8>, query: &str, rules: &Rules<'_>) -> Option<()> {
    let start = out.len();
    let mut before = None;
    let mut ascending = true;
    for (name, value) in parameters(query, rules.form) {
        if rules.presigned && is_left_out(name, rules.omit_token) {
            continue;
        }
        if out.len() > start {
            out.push(b'&');
        }
        let name_start = out.len();
        push_parameter(out, name, rules.form)?;
        let name_end = out.len();
        let written = out.get(name_start..).unwrap_or_default();
        let secret = rules.redact && written.eq_ignore_ascii_case(b"X-Amz-Security-Token");
        out.push(b'=');
        if secret {
            out.extend_from_slice(REDACTED);
        } else {
            push_parameter(out, value, rules.form)?;
        }
        let place = (name_start..name_end, name_end + 1..out.len());
        ascending &= before.is_none_or(|before| texts(out, &before) <= texts(out, &place));
        before = Some(place);
    }
    if !ascending {
        sort_query(out, start);
    }
    Some(())
}

type Place = (Range<usize>, Range<usize>);

/// Encoded name and value of the parameter that stands there.
fn texts<'a>(out: &'a [u8], (name, value): &Place) -> (&'a [u8], &'a [u8]) {
    let text = |range: &Range<usize>| out.get(range.clone()).unwrap_or_default();
    (text(name), text(value))
}

/// Sorts the parameters from `start` on. An encoded name holds no `=`, an encoded parameter no `&`,
/// so what was written can be split again.
fn sort_query(out: &mut Vec<u8>, start: usize) {
    let unsorted = out.split_off(start);
    let mut parameters: Vec<(&[u8], &[u8])> = unsorted
        .split(|byte| *byte == b'&')
        .map(|one| {
            let middle = one.iter().position(|byte| *byte == b'=').unwrap_or(one.len());
            one.split_at(middle) // every value keeps its `=`, so the order is theirs
        })
        .collect();
    parameters.sort_unstable();
    for (count, (name, value)) in parameters.into_iter().enumerate() {
        if count > 0 {
            out.push(b'&');
        }
        out.extend_from_slice(name);
        out.extend_from_slice(value);
    }
}

/// The parameters of a query. Only the raw form keeps empty ones (`a&&b`): botocore signs them.
fn parameters(query: &str, form: Form) -> impl Iterator<Item = (&str, &str)> {
    let keeps_empty = form == Form::RawQuery && !query.is_empty();
    let all = split(query, b'&').filter(move |one| keeps_empty || !one.is_empty());
    all.map(|one| split_once(one, b'=').unwrap_or((one, "")))
}

fn is_left_out(name: &str, omit_token: bool) -> bool {
    name == "X-Amz-Signature" || (omit_token && name == "X-Amz-Security-Token")
}

fn push_parameter(out: &mut Vec<u8>, text: &str, form: Form) -> Option<()> {
    let text = text.as_bytes();
    if form == Form::RawQuery || Class::UNRESERVED.has_all(text) {
        out.extend_from_slice(text);
        return Some(());
    }
    let mut bytes = Decoded { text: text.iter(), plus_is_space: form != Form::PlusLiteral };
    bytes.try_for_each(|byte| {
        push_encoded(out, byte?, Class::UNRESERVED);
        Some(())
    })
}

/// One signed header: its name, `:`, its values joined by `,`, each trimmed and with every run of
/// white space made one space. `None` when the request does not have it.
fn push_header(
    out: &mut Vec<u8>,
    request: &Request<'_>,
    name: &str,
    rules: &Rules<'_>,
) -> Option<()> {
    out.extend_from_slice(name.as_bytes());
    out.push(b':');
    if matches!(name, "host" | ":authority") {
        push_trimmed(out, rules.host);
    } else if rules.redact && SECRET_HEADERS.contains(&name) {
        out.extend_from_slice(REDACTED);
    } else {
        let mut values = request.header_values(name);
        push_trimmed(out, values.next()?);
        for value in values {
            out.push(b',');
            push_trimmed(out, value);
        }
    }
    out.push(b'\n');
    Some(())
}

/// Headers whose values are never shown.
const SECRET_HEADERS: [&str; 4] =
    ["authorization", "cookie", "proxy-authorization", "x-amz-security-token"];

const REDACTED: &[u8] = b"***";

/// The value without blanks at its ends, each run of blanks inside as one space.
fn push_trimmed(out: &mut Vec<u8>, value: &[u8]) {
    if !any(value, |byte| byte <= b' ') {
        out.extend_from_slice(value); // most values hold no blank at all
        return;
    }
    let next = value.get(1..).unwrap_or_default();
    // No early exit: so the loop runs on whole vectors of bytes. Any byte below the blank is left to
    // the slow way, whatever it is.
    let odd = |left: u8, right: u8| u8::from(left < b' ') | u8::from((left | right) == b' ');
    let odd = value.iter().zip(next).fold(0, |found, (left, right)| found | odd(*left, *right));
    let mut ends = value.first().into_iter().chain(value.last());
    if odd == 0 && ends.all(|end| *end > b' ') {
        out.extend_from_slice(value);
        return;
    }
    let mut words = value.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
    out.extend_from_slice(words.next().unwrap_or_default());
    for word in words {
        out.push(b' ');
        out.extend_from_slice(word);
    }
}

/// AWS's `UriEncode`: all but the unreserved characters of RFC 3986, and the slashes of a path,
/// become `%XX`, upper case.
fn push_uri_encoded(out: &mut Vec<u8>, text: &[u8], stays: Class) {
    // Most paths and values have nothing to encode.
    if stays.has_all(text) {
        out.extend_from_slice(text);
    } else {
        text.iter().for_each(|byte| push_encoded(out, *byte, stays));
    }
}

fn push_encoded(out: &mut Vec<u8>, byte: u8, stays: Class) {
    let digit = |nibble: u8| if nibble < 10 { b'0' + nibble } else { b'A' + (nibble - 10) };
    if stays.has(byte) {
        out.push(byte);
    } else {
        out.extend_from_slice(&[b'%', digit(byte >> 4), digit(byte & 15)]);
    }
}

/// Decodes `text`'s percent escapes, and `+` as a space where it means one. `None` for an escape that
/// is incomplete or not hex: two readers could take it for two things.
pub(crate) fn percent_decode(text: &[u8], plus_is_space: bool) -> Option<Vec<u8>> {
    Decoded { text: text.iter(), plus_is_space }.collect()
}

/// The bytes that a text with percent escapes stands for; `None` for an illegal escape.
struct Decoded<'a> {
    text: std::slice::Iter<'a, u8>,
    plus_is_space: bool,
}

impl Iterator for Decoded<'_> {
    type Item = Option<u8>;

    fn next(&mut self) -> Option<Option<u8>> {
        Some(match self.text.next()? {
            b'%' => self.escaped(),
            b'+' if self.plus_is_space => Some(b' '),
            byte => Some(*byte),
        })
    }
}

impl Decoded<'_> {
    fn escaped(&mut self) -> Option<u8> {
        let mut digit = || self.text.next().copied().and_then(hex_value);
        Some(digit()? << 4 | digit()?)
    }
}

/// AWS's `UriEncode` of a whole value, `/` included: how a query parameter is written.
pub fn uri_encode(text: &str) -> String {
    let mut out = Vec::with_capacity(text.len());
    push_uri_encoded(&mut out, text.as_bytes(), Class::UNRESERVED);
    String::from_utf8(out).unwrap_or_default()
}
