//! The canonical request: every encoding rule is in this file.
//!
//! Source: [Create a canonical request](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html#create-canonical-request),
//! and, for service `es`, what Amazon's endpoints printed as their own canonical form
//! (`docs/internals/signatures.md` lists the reports).

use std::ops::Range;

use crate::ALGORITHM;
use crate::bytes::{Class, split_once};
use crate::date::SignatureDate;
use crate::names::{self, Index, ListedName};
use crate::request::{PayloadHash, Request};
use crate::settings::{Form, Settings};

/// What, besides the request, decides the canonical request.
#[derive(Clone, Copy)]
pub(crate) struct Rules<'a> {
    pub(crate) form: Form,
    pub(crate) normalize_path: bool,
    /// The value that stands for `host` (as received, or with the port added or left out).
    pub(crate) host: &'a [u8],
    /// Whether every form reads the query as it stands.
    pub(crate) query_stays: bool,
    /// Whether `X-Amz-Signature` is to be left out of the query (the presigned form).
    pub(crate) presigned: bool,
    /// Whether `X-Amz-Security-Token` is left out of the query too: some signers add it afterwards.
    pub(crate) omit_token: bool,
    /// Whether tokens and cookies are replaced by `***`: for what is shown, never for what is hashed.
    pub(crate) redact: bool,
}

impl<'a> Rules<'a> {
    /// The first accepted form, the host as received.
    pub(crate) fn first(settings: &Settings, host: &'a [u8], presigned: bool) -> Self {
        let form = settings.forms.iter().next().unwrap_or(Form::Aws);
        Self {
            form,
            normalize_path: settings.normalize_path,
            host,
            query_stays: false,
            presigned,
            omit_token: false,
            redact: false,
        }
    }
}

/// The canonical request. `signed_headers` is the list as `SignedHeaders` has it: lower case, ascending,
/// `;` between; `payload` the last line, a hash in hex or `UNSIGNED-PAYLOAD`.
pub(crate) fn canonical_request(
    request: &Request<'_>,
    rules: &Rules<'_>,
    signed_headers: &str,
    payload: &str,
) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    let list = signed_headers.as_bytes();
    push_target(&mut out, request, rules)?;
    push_headers(&mut out, rules, &names::find(list, &Index::of(request)), list)?;
    out.extend_from_slice(payload.as_bytes());
    Some(out)
}

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

/// The lines that follow: the signed headers and their names. They differ from host to host, not from
/// form to form. `None` where a signed header did not come.
pub(crate) fn push_headers(
    out: &mut Vec<u8>,
    rules: &Rules<'_>,
    names: &[ListedName<'_>],
    signed_headers: &[u8],
) -> Option<()> {
    for listed in names {
        push_header(out, listed, rules)?;
    }
    out.push(b'\n');
    out.extend_from_slice(signed_headers);
    out.push(b'\n');
    Some(())
}

/// The string to sign: algorithm, time, scope, hash of the canonical request.
pub(crate) fn string_to_sign(date: &SignatureDate, scope: &[u8], canonical: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    push_to_sign(&mut out, date, scope);
    out.extend_from_slice(&PayloadHash::of(canonical).hex());
    out
}

/// The string to sign but for its last line, the hash.
pub(crate) fn push_to_sign(out: &mut Vec<u8>, date: &SignatureDate, scope: &[u8]) {
    for line in [ALGORITHM.as_bytes(), date.as_str().as_bytes(), scope] {
        out.extend_from_slice(line);
        out.push(b'\n');
    }
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
    if rules.query_stays {
        out.extend_from_slice(query.as_bytes());
        return Some(());
    }
    let start = out.len();
    let mut before = None;
    let mut ascending = true;
    for (name, value) in parameters(query.as_bytes(), rules.form) {
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
fn parameters(query: &[u8], form: Form) -> impl Iterator<Item = (&[u8], &[u8])> {
    let keeps_empty = form == Form::RawQuery && !query.is_empty();
    let all = query.split(|byte| *byte == b'&').filter(move |one| keeps_empty || !one.is_empty());
    all.map(|one| split_once(one, b'=').unwrap_or((one, b"")))
}

fn is_left_out(name: &[u8], omit_token: bool) -> bool {
    name == b"X-Amz-Signature" || (omit_token && name == b"X-Amz-Security-Token")
}

fn push_parameter(out: &mut Vec<u8>, text: &[u8], form: Form) -> Option<()> {
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
fn push_header(out: &mut Vec<u8>, listed: &ListedName<'_>, rules: &Rules<'_>) -> Option<()> {
    let name = listed.name;
    out.extend_from_slice(name);
    out.push(b':');
    if matches!(name, b"host" | b":authority") {
        push_trimmed(out, rules.host);
    } else if rules.redact && SECRET_HEADERS.contains(&name) {
        out.extend_from_slice(REDACTED);
    } else {
        let mut values = listed.values();
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
const SECRET_HEADERS: [&[u8]; 4] =
    [b"authorization", b"cookie", b"proxy-authorization", b"x-amz-security-token"];

const REDACTED: &[u8] = b"***";

/// The value without blanks at its ends, each run of blanks inside as one space.
fn push_trimmed(out: &mut Vec<u8>, value: &[u8]) {
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
        let mut digit = || char::from(*self.text.next()?).to_digit(16);
        u8::try_from(digit()? << 4 | digit()?).ok()
    }
}

/// AWS's `UriEncode` of a whole value, `/` included: how a query parameter is written.
///
/// ```
/// assert_eq!(sigv4::canonical::uri_encode("logs/a b*"), "logs%2Fa%20b%2A");
/// ```
#[must_use]
pub fn uri_encode(text: &str) -> String {
    let mut out = Vec::with_capacity(text.len());
    push_uri_encoded(&mut out, text.as_bytes(), Class::UNRESERVED);
    String::from_utf8(out).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::presigned::Parameters;

    /// The short way of [`Rules::query_stays`] is the long one's: of every query of up to six such bytes.
    #[test]
    fn a_query_that_stays_is_what_every_form_makes_of_it() {
        const BYTES: &[u8; 7] = b"ab=&+%X";
        let settings = Settings::domain("us-east-1");
        let mut stayed = 0;
        for number in 0..7_usize.pow(6) {
            let digits = (0..6).map(|place| number / 7_usize.pow(place) % 7);
            let query: Vec<u8> =
                digits.take_while(|digit| *digit != 6).map(|digit| BYTES[digit]).collect();
            let query = std::str::from_utf8(&query).unwrap();
            if !Parameters::read(query).is_ok_and(|read| read.stays) {
                continue;
            }
            stayed += 1;
            for form in Form::ALL {
                let mut out = Vec::new();
                let rules = Rules { form, ..Rules::first(&settings, b"", false) };
                push_query(&mut out, query, &rules).unwrap();
                assert_eq!(out, query.as_bytes(), "{form}");
            }
        }
        assert!(stayed > 100, "{stayed}");
        for query in ["size=10", "refresh=wait_for&timeout=30s", "a=1&a=2&b="] {
            assert!(Parameters::read(query).unwrap().stays, "{query}");
        }
        for query in ["pretty", "b=1&a=1", "a=2&a=1", "a=1&&b=2", "a=b=c", "q=a%20b", "q=*"] {
            assert!(!Parameters::read(query).unwrap().stays, "{query}");
        }
        assert!(!Parameters::read("X-Amz-Signature=a").unwrap().stays);
    }
}
