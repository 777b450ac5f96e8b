//! The request that the benches verify: a `_bulk` signed in the header form as an AWS SDK signs it, with as
//! long a body and as many headers more as a bench asks for.

use jiff::Timestamp;
use sigv4::{Credentials, PayloadHash, Request, SecretKey, SigningKey, SigningOptions};

pub const KEY_ID: &str = "AKIAIOSFODNN7EXAMPLE";
pub const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
pub const PATH: &str = "/books/_bulk";
pub const QUERY: &str = "refresh=wait_for&timeout=30s";

pub struct Signed {
    pub headers: Vec<(String, Vec<u8>)>,
    pub body: Vec<u8>,
    pub canonical_request: String,
    pub string_to_sign: String,
    pub key: SigningKey,
    pub now: Timestamp,
}

/// The request with a body of `body_bytes`, and with `more` headers beyond those a client sends.
pub fn signed(body_bytes: usize, more: usize) -> Result<Signed, Box<dyn std::error::Error>> {
    let now: Timestamp = "2026-11-23T12:00:00Z".parse()?;
    let secret = SecretKey::new(SECRET);
    let body = vec![b'x'; body_bytes];
    let mut headers = vec![
        ("host".to_owned(), b"localhost:9200".to_vec()),
        ("content-type".to_owned(), b"application/x-ndjson".to_vec()),
        ("content-length".to_owned(), body_bytes.to_string().into_bytes()),
        ("accept-encoding".to_owned(), b"gzip, deflate".to_vec()),
    ];
    headers.extend((0..more).map(|count| (format!("x-more-{count:04}"), b"a  value".to_vec())));
    let view: Vec<(&str, &[u8])> =
        headers.iter().map(|(name, value)| (name.as_str(), value.as_slice())).collect();
    let request = Request { method: "POST", path: PATH, query: QUERY, headers: &view };
    let credentials = Credentials { access_key_id: KEY_ID, secret: &secret, session_token: None };
    let hash = PayloadHash::of(&body);
    let options = SigningOptions { content_sha256: true, ..SigningOptions::default() };
    let signed = sigv4::sign(&request, &credentials, "us-east-1", "es", now, &hash, &options)?;
    let scope = sigv4::Scope { day: "20261123", region: "us-east-1", service: "es" };
    headers.push(("user-agent".to_owned(), b"elasticsearch-py/7.13.4 (Python 3.12)".to_vec()));
    headers.extend(signed.headers.into_iter().map(|(name, value)| (name, value.into_bytes())));
    Ok(Signed {
        headers,
        body,
        canonical_request: signed.canonical_request,
        string_to_sign: signed.string_to_sign,
        key: secret.signing_key(scope),
        now,
    })
}

impl Signed {
    /// The bytes of its head over HTTP/1.1.
    pub fn head_bytes(&self) -> usize {
        let line = format!("POST {PATH}?{QUERY} HTTP/1.1\r\n").len();
        let header = |(name, value): &(String, Vec<u8>)| name.len() + value.len() + ": \r\n".len();
        line + self.headers.iter().map(header).sum::<usize>() + "\r\n".len()
    }

    pub fn headers(&self) -> Vec<(&str, &[u8])> {
        self.headers.iter().map(|(name, value)| (name.as_str(), value.as_slice())).collect()
    }
}

/// Body hash, claim and check, with a warm signing key: what a server does for each request.
pub fn verify(request: &Request<'_>, signed: &Signed, settings: &sigv4::Settings) -> bool {
    match sigv4::claim(request, signed.now, settings) {
        Ok(sigv4::PresentedSignature::Signed(claim)) => {
            claim.check(request, signed.body.as_slice(), &signed.key, settings).is_ok()
        }
        _ => false,
    }
}
