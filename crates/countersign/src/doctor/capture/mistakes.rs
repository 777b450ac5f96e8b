//! The closed set of what clients are known to do wrong, each as the text they sign instead of the
//! right one. A signature that matches such a text was made with that mistake.

use std::borrow::Cow;

use flate2::read::GzDecoder;
use sigv4::canonical::uri_encode;
use sigv4::{PayloadHash, Scope, SecretKey, SigningKey};

use super::raw::Raw;
use crate::doctor::canonical::{NOTHING, decoded, encode_path};

/// One way to write one part of what is signed; without a mistake it is the right one.
pub(super) struct PartSpelling<T> {
    pub(super) text: T,
    pub(super) mistake: Option<Mistake>,
}

/// What a client did wrong, and how it is put right.
#[derive(Clone, Debug)]
pub(crate) struct Mistake {
    pub(crate) what: Cow<'static, str>,
    pub(crate) fix: &'static str,
}

/// The ways of one part: the right one first, each text once.
pub(super) struct PartSpellings<T>(pub(super) Vec<PartSpelling<T>>);

impl<T: PartialEq> PartSpellings<T> {
    fn right(text: T) -> Self {
        Self(vec![PartSpelling { text, mistake: None }])
    }

    fn or(&mut self, text: T, what: impl Into<Cow<'static, str>>, fix: &'static str) {
        if self.0.iter().all(|way| way.text != text) {
            self.0.push(PartSpelling { text, mistake: Some(Mistake { what: what.into(), fix }) });
        }
    }
}

/// Methods.
pub(super) fn methods(raw: &Raw) -> PartSpellings<String> {
    const SENT: &str = "the client, or something between, changes the method after signing: sign the one that is sent";
    let mut ways = PartSpellings::right(raw.method.clone());
    ways.or(
        raw.method.to_lowercase(),
        "the method was signed in lower case",
        "sign it in upper case",
    );
    for other in ["GET", "POST", "HEAD", "PUT"] {
        ways.or(
            other.to_owned(),
            format!("method {other} was signed, {} was sent", raw.method),
            SENT,
        );
    }
    ways
}

/// Paths. `raw.path` is what went over the wire.
pub(super) fn paths(raw: &Raw) -> PartSpellings<String> {
    const WIRE: &str = "take the path as it is sent and URI-encode it once more (es is no S3: the AWS SDKs call it double encoding)";
    let wire = raw.path.as_str();
    let mut ways = PartSpellings::right(encode_path(wire));
    let plain = decoded(wire);
    ways.or(wire.to_owned(), "the path was not encoded once more before signing", WIRE);
    ways.or(plain.clone(), "the path was decoded before signing", WIRE);
    ways.or(encode_path(&plain), "the path was decoded, and encoded only once (as for S3)", WIRE);
    ways.or(encode_path(&encode_path(wire)), "the path was encoded once too often", WIRE);
    for letters in [lower_hex(&encode_path(wire)), lower_hex(&encode_path(&lower_hex(wire)))] {
        ways.or(letters, "the path's percent escapes are in lower case", "write %2A, not %2a");
    }
    ways.or(
        leave(&encode_path(wire), "!'()*"),
        "the path was encoded by encodeURIComponent, which leaves !'()* as they are",
        "encode those five too",
    );
    ways.or(
        leave(&encode_path(wire), "!'()*,;:@&=+$"),
        "the path was encoded by encodeURI, which leaves !'()*,;:@&=+$ as they are",
        "encode those too",
    );
    ways.or(
        uri_encode(wire),
        "the slashes of the path were encoded",
        "keep / as it is in the path",
    );
    let other = wire.strip_suffix('/').map_or(format!("{wire}/"), str::to_owned);
    ways.or(
        encode_path(&other),
        "the trailing slash of the path differs",
        "sign the path that is sent",
    );
    let merged = merged(wire);
    ways.or(
        encode_path(&merged),
        "the path was normalised (// or dots removed) before signing",
        "es signs the path as it is sent, unnormalised",
    );
    if !raw.query.is_empty() {
        let whole = format!("{wire}?{}", raw.query);
        ways.or(
            encode_path(&whole),
            "path and query were signed together as the path",
            "split the URL at the first ?",
        );
        ways.or(
            whole,
            "path and query were signed together as the path",
            "split the URL at the first ?",
        );
    }
    ways.or(
        "/".to_owned(),
        "the path / was signed instead of the one that was sent",
        "sign the path that is sent",
    );
    ways
}

/// Queries. A presigned request's own signature is no part of it.
// long: a table
pub(super) fn queries(raw: &Raw) -> PartSpellings<String> {
    const ONCE: &str =
        "decode each name and value, percent-encode it once, sort by name and then value";
    let kept =
        raw.query.split('&').filter(|one| !one.is_empty() && !one.starts_with("X-Amz-Signature="));
    let pairs: Vec<(&str, &str)> =
        kept.map(|one| one.split_once('=').unwrap_or((one, ""))).collect();
    let spaced = |text: &str| decoded(&text.replace('+', " "));
    let right = |text: &str| uri_encode(&spaced(text));
    let mut ways = PartSpellings::right(sorted(&pairs, right));
    if pairs.is_empty() {
        return ways;
    }
    ways.or(sorted(&pairs, str::to_owned), "the query was signed as it stands on the wire, sorted (form raw-query, which a domain accepts by default)", ONCE);
    ways.or(
        unsorted(&pairs, right),
        "the query's parameters were not sorted",
        "sort by encoded name, then by value",
    );
    ways.or(
        unsorted(&pairs, str::to_owned),
        "the query was signed as it stands on the wire, not sorted",
        ONCE,
    );
    ways.or(
        by_whole(&pairs, right),
        "the query was sorted by name=value as one string, so that the = took part",
        "sort by name first, then by value: a before a-b",
    );
    ways.or(
        by_whole(&pairs, str::to_owned),
        "the query was sorted as whole strings and not encoded",
        ONCE,
    );
    ways.or(
        sorted(&pairs, |text| uri_encode(&decoded(text))),
        "a plus sign in the query was signed as %2B (form plus-literal)",
        "a plus means a space in a query: sign %20, or send %2B",
    );
    ways.or(sorted(&pairs, spaced), "the query was signed decoded", ONCE);
    ways.or(sorted(&pairs, uri_encode), "the query was encoded twice", ONCE);
    ways.or(
        sorted(&pairs, |text| right(text).replace("%20", "+")),
        "spaces in the query were signed as + (form encoding)",
        "write a space as %20",
    );
    ways.or(
        sorted(&pairs, |text| {
            right(text).replace("%20", "+").replace("%2A", "*").replace('~', "%7E")
        }),
        "the query was encoded by Java's URLEncoder",
        "replace + by %20, * by %2A and %7E by ~ after it",
    );
    ways.or(
        sorted(&pairs, |text| leave(&right(text), "!'()*")),
        "the query was encoded by encodeURIComponent, which leaves !'()* as they are",
        "encode those five too",
    );
    ways.or(
        sorted(&pairs, |text| leave(&right(text), ",:/*@;")),
        "reserved characters of the query (, : / *) were left as they are",
        "encode all but A-Z a-z 0-9 - _ . ~",
    );
    ways.or(
        sorted(&pairs, |text| lower_hex(&right(text))),
        "the query's percent escapes are in lower case",
        "write %2C, not %2c",
    );
    ways.or(
        bare(&sorted(&pairs, right)),
        "a parameter without a value was signed without its =",
        "v becomes v=",
    );
    ways.or(
        String::new(),
        "the query was left out of the signature",
        "the query is signed, for POST too",
    );
    ways
}

/// Values of `host`: the right one is what arrived.
pub(super) fn hosts(raw: &Raw, endpoint: &[String]) -> PartSpellings<String> {
    const PORT: &str = "sign Host as it is sent: with the port, unless it is 443";
    const OTHER: &str =
        "sign for the endpoint's host, and have everything in between pass Host on unchanged";
    let received = raw.header("host").unwrap_or_default().to_owned();
    let mut ways = PartSpellings::right(received.clone());
    let bare = match received.rsplit_once(':') {
        Some((bare, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => bare,
        _ => &received,
    };
    ways.or(bare.to_owned(), "host was signed without its port", PORT);
    for port in ["443", "80", "9200"] {
        ways.or(format!("{bare}:{port}"), format!("host was signed with port {port}"), PORT);
    }
    ways.or(
        received.to_lowercase(),
        "host was signed in lower case and sent differently",
        "send it as it is signed",
    );
    for host in endpoint {
        ways.or(
            host.clone(),
            format!("the signature is for host {host}; the request names {received}"),
            OTHER,
        );
    }
    ways
}

/// Header values: the name that is written otherwise, and how. The right way is the empty name.
pub(super) fn headers(
    raw: &Raw,
    signed: &[String],
    token: Option<&str>,
) -> PartSpellings<(String, String)> {
    const CHANGED: &str =
        "something in between changes this header: do not sign it, or stop the change";
    let mut ways = PartSpellings::right((String::new(), String::new()));
    for name in signed.iter().filter(|name| *name != "host") {
        let values: Vec<&str> = raw
            .headers
            .iter()
            .filter(|(own, _)| own.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
            .collect();
        let pair = |value: &str| (name.clone(), value.to_owned());
        let joined = values.join(",");
        let what = |how: &str| format!("header {name} was signed {how}");
        if !values.is_empty() {
            ways.or(
                pair(&joined),
                what("with its spaces"),
                "trim values and collapse each run of spaces into one",
            );
            ways.or(
                pair(joined.trim()),
                what("with the spaces inside it"),
                "collapse each run of spaces into one",
            );
            ways.or(
                pair(&joined.trim().to_lowercase()),
                what("in lower case"),
                "keep the value's case",
            );
        }
        if let [first, .., last] = values.as_slice() {
            let spaced = values.iter().map(|value| value.trim()).collect::<Vec<_>>().join(", ");
            ways.or(
                pair(&spaced),
                what("with its values joined by a comma and a space"),
                "join them by a comma",
            );
            ways.or(
                pair(first.trim()),
                what("with its first value only"),
                "join all values by commas",
            );
            ways.or(
                pair(last.trim()),
                what("with its last value only"),
                "join all values by commas",
            );
        }
        for usual in usual_values(name) {
            ways.or(pair(usual), what(&format!("as '{usual}'")), CHANGED);
        }
        ways.or(pair(""), what("without a value"), CHANGED);
        if name == "x-amz-security-token" {
            ways.or(
                pair(token.unwrap_or_default()),
                "the session token that was signed is not the one that was sent",
                "take key, secret and token from one response",
            );
        }
    }
    ways
}

/// What clients and proxies put into the headers that change on the way.
fn usual_values(name: &str) -> &'static [&'static str] {
    match name {
        "content-type" => &[
            "application/json",
            "application/json; charset=utf-8",
            "application/json; charset=UTF-8",
            "application/json;charset=utf-8",
            "application/json;charset=UTF-8",
            "application/x-ndjson",
            "application/x-www-form-urlencoded",
            "application/x-www-form-urlencoded; charset=utf-8",
            "text/plain; charset=utf-8",
        ],
        "accept-encoding" => &[
            "identity",
            "gzip",
            "gzip, deflate",
            "gzip, deflate, br",
            "gzip,deflate",
            "gzip, deflate, br, zstd",
        ],
        "accept" => &["*/*", "application/json", "application/json, text/plain, */*"],
        "connection" => &["keep-alive", "close", "Keep-Alive", "upgrade"],
        "transfer-encoding" => &["chunked"],
        "content-length" => &["0"],
        "x-amz-content-sha256" => &["UNSIGNED-PAYLOAD", NOTHING],
        _ => &[],
    }
}

/// Last lines: the right one is the hash of the body as received. `None` when nobody knows the body.
pub(super) fn payloads(raw: &Raw) -> PartSpellings<String> {
    let declared = raw.header("x-amz-content-sha256").unwrap_or_default().to_owned();
    let Some(body) = &raw.body else {
        let mut ways = PartSpellings::right(declared);
        ways.or(NOTHING.to_owned(), "an empty body was signed", SENT);
        ways.or(
            "UNSIGNED-PAYLOAD".to_owned(),
            "UNSIGNED-PAYLOAD was signed",
            "es requires the hash of the body",
        );
        return ways;
    };
    const SENT: &str = "hash the very bytes that are sent: serialise once, sign and send that";
    let hash = |bytes: &[u8]| PayloadHash::of(bytes).to_hex();
    let mut ways = PartSpellings::right(hash(body));
    ways.or(NOTHING.to_owned(), "an empty body was signed", SENT);
    ways.or(
        "UNSIGNED-PAYLOAD".to_owned(),
        "UNSIGNED-PAYLOAD was signed",
        "es requires the hash of the body",
    );
    ways.or(
        hash(body).to_uppercase(),
        "the body's hash is in upper case",
        "write it in lower case",
    );
    ways.or(
        String::new(),
        "the body's hash was left out",
        "it is the last line, also for an empty body",
    );
    for (other, what) in other_bodies(body) {
        ways.or(hash(&other), what, SENT);
    }
    if !declared.is_empty() {
        ways.or(
            declared,
            "the hash in x-amz-content-sha256 was signed; it is not the body's",
            SENT,
        );
    }
    ways
}

/// What the body may have been when it was hashed.
fn other_bodies(body: &[u8]) -> Vec<(Vec<u8>, &'static str)> {
    let mut others = Vec::new();
    if let Some(plain) = gunzipped(body) {
        others.push((plain, "the body was hashed before it was compressed"));
    }
    let trimmed = body.trim_ascii_end();
    others.push((trimmed.to_vec(), "the body was hashed without the newline at its end"));
    for end in ["\n", "\r\n"] {
        let longer = [body, end.as_bytes()].concat();
        others.push((longer, "the body was hashed with a newline at its end that was not sent"));
    }
    let text = String::from_utf8_lossy(body);
    let unix = text.replace("\r\n", "\n");
    others.push((
        unix.replace('\n', "\r\n").into_bytes(),
        "the body's line endings were changed: CRLF was hashed",
    ));
    others.push((unix.into_bytes(), "the body's line endings were changed: LF was hashed"));
    if let Ok(value) = serde_json::from_slice::<serde_json::Value>(body) {
        others.push((
            value.to_string().into_bytes(),
            "the body was hashed as compact JSON and sent in another layout",
        ));
        others.push((
            python(&value).into_bytes(),
            "the body was hashed as Python's json.dumps writes it and sent in another layout",
        ));
        let pretty = serde_json::to_string_pretty(&value).unwrap_or_default();
        others.push((
            pretty.replace("  ", "    ").into_bytes(),
            "the body was hashed as indented JSON and sent in another layout",
        ));
        others.push((
            pretty.into_bytes(),
            "the body was hashed as indented JSON and sent in another layout",
        ));
    }
    let latin: Option<Vec<u8>> =
        text.chars().map(|symbol| u8::try_from(u32::from(symbol)).ok()).collect();
    others.extend(latin.map(|latin| (latin, "the body was hashed in Latin-1 and sent in UTF-8")));
    others
}

/// The content of a gzip body, up to what a person debugs with.
fn gunzipped(body: &[u8]) -> Option<Vec<u8>> {
    const PLAIN_BYTES_MAX: u64 = 64 * 1024 * 1024;
    let magic = body.starts_with(&[0x1f, 0x8b]);
    let mut plain = Vec::new();
    let limited = std::io::Read::take(GzDecoder::new(body), PLAIN_BYTES_MAX);
    let mut limited = limited;
    (magic && std::io::Read::read_to_end(&mut limited, &mut plain).is_ok()).then_some(plain)
}

/// `json.dumps` with its default separators and ASCII only.
fn python(value: &serde_json::Value) -> String {
    use serde_json::Value;
    match value {
        Value::Array(items) => {
            format!("[{}]", items.iter().map(python).collect::<Vec<_>>().join(", "))
        }
        Value::Object(fields) => {
            let one = |(name, value): (&String, &Value)| {
                format!("{}: {}", python(&Value::String(name.clone())), python(value))
            };
            format!("{{{}}}", fields.iter().map(one).collect::<Vec<_>>().join(", "))
        }
        Value::String(text) => {
            let mut out = String::new();
            for symbol in Value::String(text.clone()).to_string().chars() {
                if symbol.is_ascii() {
                    out.push(symbol);
                } else {
                    let mut units = [0; 2];
                    for unit in symbol.encode_utf16(&mut units) {
                        out.push_str(&format!("\\u{unit:04x}"));
                    }
                }
            }
            out
        }
        plain => plain.to_string(),
    }
}

/// Keys, each with the scope that stands in the string to sign.
pub(super) struct KeyCandidates(pub(super) Vec<(SigningKey, String, Option<Mistake>)>);

/// The secret of the caller under the stated scope, and what is known to go wrong with either.
pub(super) fn keys(secret: &SecretKey, stated: Scope<'_>, expected: (&str, &str)) -> KeyCandidates {
    const COPIED: &str =
        "the secret was copied with something that is not part of it: trim it where it is read";
    let mut keys = Vec::new();
    keys.push((secret.signing_key(stated), stated.to_string(), None));
    let mut other = |secret: &SecretKey, key: Scope<'_>, text: Scope<'_>, what: String, fix| {
        let mistake = Mistake { what: what.into(), fix };
        keys.push((secret.signing_key(key), text.to_string(), Some(mistake)));
    };
    let (region, service) = expected;
    for (region, service) in [(region, stated.service), (stated.region, service), (region, service)]
    {
        let scope = Scope { region, service, ..stated };
        if scope != stated {
            let what = format!(
                "the key was derived for {region}, {service}, and Credential names {}, {}",
                stated.region, stated.service
            );
            other(
                secret,
                scope,
                stated,
                what.clone(),
                "use one region and service in Credential, string to sign and key",
            );
            other(
                secret,
                scope,
                scope,
                what,
                "use one region and service in Credential, string to sign and key",
            );
        }
    }
    for day in neighbours(stated.day) {
        let scope = Scope { day: &day, ..stated };
        let what = format!("the signing key is of {day}, the scope says {}", stated.day);
        other(
            secret,
            scope,
            stated,
            what,
            "derive the key from the UTC day of X-Amz-Date; do not keep it past midnight",
        );
    }
    let plain = secret.expose();
    let copies = [
        (format!("{plain}\n"), "a newline after it"),
        (format!("{plain}\r"), "a carriage return after it"),
        (format!("{plain} "), "a space after it"),
        (format!("\"{plain}\""), "quotes around it"),
        (format!("'{plain}'"), "quotes around it"),
        (uri_encode(plain), "percent escapes in it"),
        (decoded(plain), "its percent escapes decoded"),
    ];
    for (copy, what) in copies.into_iter().filter(|(copy, _)| copy != plain) {
        let copy = zeroize::Zeroizing::new(copy);
        other(
            &SecretKey::new(&copy),
            stated,
            stated,
            format!("the secret was read with {what}"),
            COPIED,
        );
    }
    KeyCandidates(keys)
}

/// The days before and after.
fn neighbours(day: &str) -> Vec<String> {
    let Ok(date) = jiff::civil::Date::strptime("%Y%m%d", day) else { return Vec::new() };
    let near = [date.yesterday(), date.tomorrow()];
    near.into_iter().flatten().map(|date| date.strftime("%Y%m%d").to_string()).collect()
}

fn pairs_text(pairs: &[(String, String)]) -> String {
    pairs.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&")
}

fn written(pairs: &[(&str, &str)], write: impl Fn(&str) -> String) -> Vec<(String, String)> {
    pairs.iter().map(|(name, value)| (write(name), write(value))).collect()
}

fn sorted(pairs: &[(&str, &str)], write: impl Fn(&str) -> String) -> String {
    let mut pairs = written(pairs, write);
    pairs.sort_unstable();
    pairs_text(&pairs)
}

fn unsorted(pairs: &[(&str, &str)], write: impl Fn(&str) -> String) -> String {
    pairs_text(&written(pairs, write))
}

fn by_whole(pairs: &[(&str, &str)], write: impl Fn(&str) -> String) -> String {
    let mut all: Vec<String> =
        written(pairs, write).iter().map(|(name, value)| format!("{name}={value}")).collect();
    all.sort_unstable();
    all.join("&")
}

/// Parameters without a value, without their `=`.
fn bare(query: &str) -> String {
    query.split('&').map(|one| one.strip_suffix('=').unwrap_or(one)).collect::<Vec<_>>().join("&")
}

/// Encoded text with some characters decoded again.
fn leave(encoded: &str, characters: &str) -> String {
    let one = |text: String, symbol: char| {
        text.replace(&uri_encode(&symbol.to_string()), &symbol.to_string())
    };
    characters.chars().fold(encoded.to_owned(), one)
}

/// Escapes with small letters.
fn lower_hex(encoded: &str) -> String {
    let mut parts = encoded.split('%');
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        out.push('%');
        let (hex, rest) = part.split_at_checked(2).unwrap_or((part, ""));
        out.push_str(&hex.to_lowercase());
        out.push_str(rest);
    }
    out
}

/// Without empty and dot segments.
fn merged(path: &str) -> String {
    let mut kept: Vec<&str> = Vec::new();
    for segment in path.split('/') {
        match segment {
            "" | "." => {}
            ".." => {
                kept.pop();
            }
            segment => kept.push(segment),
        }
    }
    let slash = if path.ends_with('/') && !kept.is_empty() { "/" } else { "" };
    format!("/{}{slash}", kept.join("/"))
}
