//! The canonical request: every encoding rule is in this file.
//!
//! Source: [Create a canonical request](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html#create-canonical-request),
//! and, for service `es`, what Amazon's endpoints printed as their own canonical form
//! (`docs/internals/signatures.md` lists the reports).

use crate::credential::Scope;
use crate::date::SignatureDate;
use crate::presigned::parameters;
use crate::request::{Request, hex};
use crate::settings::Form;
use crate::{ALGORITHM, PayloadHash};

/// What, besides the request, decides the canonical request.
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
    let mut out = Vec::with_capacity(512 + request.path.len() + request.query.len());
    out.extend_from_slice(request.method.as_bytes());
    out.push(b'\n');
    push_path(&mut out, request.path, rules);
    out.push(b'\n');
    push_query(&mut out, request.query, rules)?;
    out.push(b'\n');
    for name in rules.signed_headers.as_bytes().split(|byte| *byte == b';') {
        push_header(&mut out, request, name, rules)?;
    }
    out.push(b'\n');
    out.extend_from_slice(rules.signed_headers.as_bytes());
    out.push(b'\n');
    out.extend_from_slice(rules.payload.as_bytes());
    Some(out)
}

/// The string to sign: algorithm, time, scope, hash of the canonical request.
pub(crate) fn string_to_sign(date: &SignatureDate, scope: &Scope, canonical: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(192);
    let parts = [ALGORITHM, "\n", date.as_str(), "\n", &scope.date, "/", &scope.region, "/"];
    for part in parts.into_iter().chain([&*scope.service, "/", crate::TERMINATOR, "\n"]) {
        out.extend_from_slice(part.as_bytes());
    }
    out.extend_from_slice(&hex(PayloadHash::of(canonical).as_bytes()));
    out
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
            push_uri_encoded(out, path.as_bytes(), true);
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
    if query.is_empty() {
        return Some(());
    }
    let mut text = Vec::with_capacity(query.len() + 64);
    let mut places = Vec::new();
    let mut decoded = Vec::new();
    for (name, value) in split(query, rules.form) {
        if rules.presigned && is_left_out(name, rules.omit_token) {
            continue;
        }
        let start = text.len();
        push_parameter(&mut text, name, rules.form, &mut decoded)?;
        let middle = text.len();
        if rules.redact && name.eq_ignore_ascii_case("X-Amz-Security-Token") {
            text.extend_from_slice(REDACTED);
        } else {
            push_parameter(&mut text, value, rules.form, &mut decoded)?;
        }
        places.push((start, middle, text.len()));
    }
    let parts = |(start, middle, end): &(usize, usize, usize)| {
        (text.get(*start..*middle).unwrap_or_default(), text.get(*middle..*end).unwrap_or_default())
    };
    places.sort_unstable_by(|left, right| parts(left).cmp(&parts(right)));
    for (count, place) in places.iter().enumerate() {
        let (name, value) = parts(place);
        if count > 0 {
            out.push(b'&');
        }
        out.extend_from_slice(name);
        out.push(b'=');
        out.extend_from_slice(value);
    }
    Some(())
}

/// The parameters of a query. Only the raw form keeps empty ones (`a&&b`): botocore signs them.
fn split(query: &str, form: Form) -> impl Iterator<Item = (&str, &str)> {
    let raw = form == Form::RawQuery;
    let all = raw.then(|| query.split('&').map(|one| one.split_once('=').unwrap_or((one, ""))));
    let full = (!raw).then(|| parameters(query));
    all.into_iter().flatten().chain(full.into_iter().flatten())
}

fn is_left_out(name: &str, omit_token: bool) -> bool {
    name == "X-Amz-Signature" || (omit_token && name == "X-Amz-Security-Token")
}

fn push_parameter(out: &mut Vec<u8>, text: &str, form: Form, decoded: &mut Vec<u8>) -> Option<()> {
    if form == Form::RawQuery {
        out.extend_from_slice(text.as_bytes());
        return Some(());
    }
    if text.bytes().all(is_unreserved) {
        out.extend_from_slice(text.as_bytes());
        return Some(());
    }
    decoded.clear();
    percent_decode(text.as_bytes(), form != Form::PlusLiteral, decoded)?;
    push_uri_encoded(out, decoded, false);
    Some(())
}

/// One signed header: its name, `:`, its values joined by `,`, each trimmed and with every run of
/// white space made one space. `None` when the request does not have it.
fn push_header(
    out: &mut Vec<u8>,
    request: &Request<'_>,
    name: &[u8],
    rules: &Rules<'_>,
) -> Option<()> {
    out.extend_from_slice(name);
    out.push(b':');
    let secret = || matches!(name, b"x-amz-security-token" | b"cookie" | b"proxy-authorization");
    if name == b"host" || name == b":authority" {
        push_trimmed(out, rules.host);
    } else if rules.redact && secret() {
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

const REDACTED: &[u8] = b"***";

fn push_trimmed(out: &mut Vec<u8>, value: &[u8]) {
    let mut before = b' ';
    let plain = value.iter().all(|byte| {
        let single = !(byte.is_ascii_whitespace() && (*byte != b' ' || before == b' '));
        before = *byte;
        single
    });
    if plain && before != b' ' {
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
fn push_uri_encoded(out: &mut Vec<u8>, text: &[u8], keep_slash: bool) {
    let digit = |nibble: u8| if nibble < 10 { b'0' + nibble } else { b'A' + (nibble - 10) };
    let stays = |byte: u8| is_unreserved(byte) || (keep_slash && byte == b'/');
    // Whole runs at a time: most paths and values have nothing to encode.
    for run in text.chunk_by(|left, right| stays(*left) == stays(*right)) {
        if run.first().copied().is_some_and(stays) {
            out.extend_from_slice(run);
            continue;
        }
        for byte in run {
            out.extend_from_slice(&[b'%', digit(byte >> 4), digit(byte & 15)]);
        }
    }
}

/// RFC 3986, 2.3.
fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~')
}

/// Appends `text` with its percent escapes decoded, and `+` as a space where it means one. `None`
/// for an escape that is incomplete or not hex: two readers could take it for two things.
pub(crate) fn percent_decode(text: &[u8], plus_is_space: bool, out: &mut Vec<u8>) -> Option<()> {
    let mut bytes = text.iter().copied();
    while let Some(byte) = bytes.next() {
        out.push(match byte {
            b'%' => hex_value(bytes.next()?)? << 4 | hex_value(bytes.next()?)?,
            b'+' if plus_is_space => b' ',
            byte => byte,
        });
    }
    Some(())
}

fn hex_value(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

/// AWS's `UriEncode` of a whole value, `/` included: how a query parameter is written.
pub fn uri_encode(text: &str) -> String {
    let mut out = Vec::with_capacity(text.len());
    push_uri_encoded(&mut out, text.as_bytes(), false);
    String::from_utf8(out).unwrap_or_default()
}
