//! What a record may hold of what a client sent: no secret, in whatever spelling, and no more than so many bytes.
//!
//! Of the control plane's query only a closed list is kept: every other parameter may be a password, a token or a
//! private key, also one whose name nobody knows yet. A domain's query is the client's own search; there everything
//! is kept whose name does not sound like a secret's.

use std::borrow::Cow;

use crate::guards::limits;

/// Shortens a text that a client controls.
#[must_use]
pub(crate) fn shortened(text: &str) -> String {
    cut(text, limits::AUDIT_TEXT_BYTES_MAX)
}

/// The first bytes of a text, up to a character's end, and how many there were.
pub(super) fn cut(text: &str, bytes_max: usize) -> String {
    if text.len() <= bytes_max {
        return text.to_owned();
    }
    let mut end = bytes_max;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}… ({} bytes)", text.get(..end).unwrap_or_default(), text.len())
}

/// What stands in the place of a secret.
const REMOVED: &str = "(removed)";

/// Words of names whose values let a reader act as the client; compared without case, hyphens and underscores.
const SECRET: [&str; 13] = [
    "signature",
    "securitytoken",
    "sessiontoken",
    "accesstoken",
    "identitytoken",
    "authorization",
    "password",
    "passwd",
    "secret",
    "apikey",
    "privatekey",
    "assertion",
    "cookie",
];

/// A query of a domain without what would let a reader of the record act as the client.
#[must_use]
pub(crate) fn redacted(query: &str) -> String {
    let mut text = String::with_capacity(query.len());
    // Both separators: who reads the query may split at `;`, too.
    for piece in query.split_inclusive(['&', ';']) {
        let parameter = piece.trim_end_matches(['&', ';']);
        let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
        if is_secret(name) {
            text.push_str(name.get(..name.find('%').unwrap_or(name.len())).unwrap_or_default());
            text.push('=');
            text.push_str(REMOVED);
        } else if gives_secret(value) || is_odd_credential(name, value) {
            // A whole signed URL, a header or a document as the value of something else.
            text.push_str(name);
            text.push('=');
            text.push_str(REMOVED);
        } else {
            text.push_str(parameter);
        }
        text.push_str(piece.get(parameter.len()..).unwrap_or_default());
    }
    shortened(&text)
}

/// Parameters of the control plane that say what was asked for and can hold no secret: name, characters of the value
/// beside letters and digits, most bytes of the value.
const HARMLESS: [(&str, &str, usize); 12] = [
    ("Action", "", 128),
    ("Version", "-", 10),
    ("X-Amz-Algorithm", "-", 32),
    ("X-Amz-Credential", "/-%", 128),
    ("X-Amz-Date", "", 16),
    ("X-Amz-Expires", "", 8),
    ("X-Amz-SignedHeaders", "-;%", 256),
    ("arn", ":/-%", 256),
    ("engineType", "", 32),
    ("maxResults", "", 8),
    ("role", "+=,.@_-%", 128),
    ("user", "+=,.@_-%", 128),
];

/// A query of the control plane: the closed list above, and how many parameters are left out.
#[must_use]
pub(crate) fn control_query(query: &str) -> String {
    let mut kept = Vec::new();
    let mut left_out = 0_usize;
    for parameter in query.split('&').filter(|parameter| !parameter.is_empty()) {
        if is_harmless(parameter) {
            kept.push(parameter.to_owned());
        } else {
            left_out += 1;
        }
    }
    match left_out {
        0 => {}
        1 => kept.push("(1 parameter removed)".to_owned()),
        several => kept.push(format!("({several} parameters removed)")),
    }
    shortened(&kept.join("&"))
}

fn is_harmless(parameter: &str) -> bool {
    let Some((name, value)) = parameter.split_once('=') else { return false };
    let row = HARMLESS.iter().find(|(known, ..)| *known == name);
    row.is_some_and(|(_, more, bytes_max)| {
        if is_odd_credential(name, value) {
            return false;
        }
        let fits = |c: char| c.is_ascii_alphanumeric() || more.contains(c);
        value.len() <= *bytes_max && value.chars().all(fits)
    })
}

/// A path of the control plane. A query that somebody put into it (`/Action=…`, `%3F`) is no path: it is left out.
#[must_use]
pub(crate) fn control_path(path: &str) -> String {
    let plain = decoded(path);
    if !plain.contains(['=', '&', '?', ';']) {
        return shortened(path);
    }
    let clean = plain.split(['=', '&', '?', ';']).next().unwrap_or_default();
    let whole = clean.rsplit_once('/').map_or("", |(whole, _)| whole);
    shortened(&format!("{whole}/{REMOVED}"))
}

/// A path of a domain. A signed query that somebody put into it is no path: it is left out.
#[must_use]
pub(crate) fn domain_path(path: &str) -> String {
    if gives_secret(path) { control_path(path) } else { shortened(path) }
}

/// An access key id as records may hold it: who sent something else may have sent its secret in its place.
#[must_use]
pub(crate) fn key_id(claimed: &str) -> String {
    if is_key_id(claimed) { claimed.to_owned() } else { "(not an access key id)".to_owned() }
}

/// Sixteen to 128 capitals and digits ([unique identifiers](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html)).
fn is_key_id(text: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
    (16..=128).contains(&text.len()) && text.bytes().all(fits)
}

/// Whether a presigned credential names something that is no access key id.
fn is_odd_credential(name: &str, value: &str) -> bool {
    let value = decoded(value);
    decoded(name).eq_ignore_ascii_case("x-amz-credential")
        && !is_key_id(value.split('/').next().unwrap_or_default())
}

/// Whether a name, or a text with names in it, speaks of a secret.
fn is_secret(text: &str) -> bool {
    let plain: String =
        decoded(text).chars().filter(|c| !matches!(c, '-' | '_' | '.' | ' ' | '+')).collect();
    let plain = plain.to_ascii_lowercase();
    SECRET.iter().any(|word| plain.contains(word))
}

/// Whether a value gives a secret its own value: `…?X-Amz-Signature=…`, `Authorization: …`, `{"password": "…"}`.
fn gives_secret(value: &str) -> bool {
    let plain = decoded(value);
    let before = plain.match_indices(['=', ':']).filter_map(|(at, _)| plain.get(..at));
    before.map(|text| text.trim_end_matches([' ', '"', '\''])).any(|text| {
        let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
        let start = text.trim_end_matches(is_name).len();
        is_secret(text.get(start..).unwrap_or_default())
    })
}

/// Percent-decoded as often as anybody behind us might.
fn decoded(text: &str) -> Cow<'_, str> {
    (0..3).fold(Cow::Borrowed(text), |text, _| match text.contains('%') {
        true => percent_encoding::percent_decode_str(&text).decode_utf8_lossy().into_owned().into(),
        // Most texts have nothing encoded, and no copy of them is made.
        false => text,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_presigned_signature_is_not_recorded() {
        let query = "v&X-Amz-Signature=abc&X-Amz-Date=1&x%2Damz-security-token=t";
        assert_eq!(redacted(query), "v&X-Amz-Signature=(removed)&X-Amz-Date=1&x=(removed)");
    }

    #[test]
    fn a_secret_is_found_in_every_case_encoding_and_separator() {
        for query in [
            "%50assword=hunter2",
            "%2550assword=hunter2",
            "x-amz-security-TOKEN=hunter2",
            "X_Amz_Security_Token=hunter2",
            "pretty;X-Amz-Signature=hunter2",
            "pretty;X-Amz-Signature=hunter2;v",
            "access_token=hunter2",
            "api-key=hunter2",
            "Authorization=AWS4%20hunter2",
            "url=https%3A%2F%2Fx%2F%3FX-Amz-Signature%3Dhunter2",
            "header=Authorization:%20hunter2",
            "X-Amz-Credential=hunter2%2F20261129",
            "source=%7B%22password%22%20%3A%20%22hunter2%22%7D",
        ] {
            assert!(!redacted(query).contains("hunter2"), "{query}: {}", redacted(query));
        }
        let plain = "q=title:signature%20of%20secrets&size=1;sort=year:asc";
        assert_eq!(redacted(plain), plain);
    }

    #[test]
    fn of_the_control_planes_query_a_closed_list_is_kept() {
        let query = "Action=CreateLoginProfile&Version=2010-05-08&UserName=ann&Password=hunter2";
        assert_eq!(
            control_query(query),
            "Action=CreateLoginProfile&Version=2010-05-08&(2 parameters removed)"
        );
        for query in ["hunter2", "Action=a:hunter2", "action=hunter2", "Action=x;Password=hunter2"]
        {
            assert_eq!(control_query(query), "(1 parameter removed)", "{query}");
        }
        assert_eq!(control_query(""), "");
    }

    #[test]
    fn a_query_in_the_place_of_the_path_is_not_recorded() {
        for path in
            ["/Action=CreateUser&Password=hunter2", "/a/%3FPassword=hunter2", "/%253FP%253Dhunter2"]
        {
            assert!(!control_path(path).contains("hunter2"), "{path}: {}", control_path(path));
            assert!(!domain_path(path).contains("hunter2") || path.ends_with("%253Dhunter2"));
        }
        let path = "/2021-01-01/opensearch/domain/dev/config";
        assert_eq!(control_path(path), path);
    }

    #[test]
    fn long_texts_are_cut_between_characters() {
        let text = "ü".repeat(limits::AUDIT_TEXT_BYTES_MAX);
        assert!(shortened(&text).ends_with("ü… (4096 bytes)"));
    }
}
