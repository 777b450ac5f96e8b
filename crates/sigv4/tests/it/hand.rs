//! A hostile hand signer: signs whatever it is told to sign, however wrong. It shares no code with
//! the crate: the canonical request is a string the test writes.

use std::sync::Arc;

use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use sigv4::{
    Claim, KeyRefusal, Keys, PayloadHash, Refusal, Request, SecretKey, Settings, SigningKey,
    Verified,
};

pub(crate) const KEY_ID: &str = "AKIAIOSFODNN7EXAMPLE";
pub(crate) const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
pub(crate) const NOW: &str = "2026-11-23T12:00:00Z";
pub(crate) const DATE: &str = "20261123T120000Z";
pub(crate) const SCOPE: &str = "20261123/us-east-1/es/aws4_request";
pub(crate) const HOST: &str = "localhost:9200";

/// A request that is being forged. Everything is public: tests break what they like.
#[derive(Clone)]
pub(crate) struct Hand {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) headers: Vec<(String, Vec<u8>)>,
    pub(crate) body: Vec<u8>,
}

impl Hand {
    /// `GET /` with a host and a date, signed by nobody.
    pub(crate) fn get(path: &str, query: &str) -> Self {
        let headers = vec![
            ("Host".to_owned(), HOST.as_bytes().to_vec()),
            ("X-Amz-Date".to_owned(), DATE.as_bytes().to_vec()),
        ];
        Self {
            method: "GET".to_owned(),
            path: path.to_owned(),
            query: query.to_owned(),
            headers,
            body: Vec::new(),
        }
    }

    pub(crate) fn method(mut self, method: &str) -> Self {
        method.clone_into(&mut self.method);
        self
    }

    pub(crate) fn body(mut self, body: &[u8]) -> Self {
        self.body = body.to_vec();
        self
    }

    /// Adds a header.
    pub(crate) fn with(mut self, name: &str, value: impl AsRef<[u8]>) -> Self {
        self.headers.push((name.to_owned(), value.as_ref().to_vec()));
        self
    }

    /// Takes a header out.
    pub(crate) fn without(mut self, name: &str) -> Self {
        self.headers.retain(|(own, _)| !own.eq_ignore_ascii_case(name));
        self
    }

    /// Replaces a header.
    pub(crate) fn set(self, name: &str, value: impl AsRef<[u8]>) -> Self {
        self.without(name).with(name, value)
    }

    /// Signs the canonical request that AWS documents for the host and the date alone.
    pub(crate) fn signed(self) -> Self {
        let canonical = self.canonical("host;x-amz-date");
        self.signed_as(&canonical, SCOPE, "host;x-amz-date")
    }

    /// A canonical request for simple paths and queries, headers taken as they stand.
    pub(crate) fn canonical(&self, names: &str) -> String {
        let line = |name: &str| {
            let all = self.headers.iter().filter(|(own, _)| own.eq_ignore_ascii_case(name));
            let values: Vec<_> = all.map(|(_, value)| String::from_utf8_lossy(value)).collect();
            format!("{name}:{}\n", values.join(","))
        };
        let headers: String = names.split(';').map(line).collect();
        let hash = sha256_hex(&self.body);
        format!("{}\n{}\n{}\n{headers}\n{names}\n{hash}", self.method, self.path, self.query)
    }

    /// Signs the given canonical request, in the header form.
    pub(crate) fn signed_as(self, canonical: &str, scope: &str, names: &str) -> Self {
        let signature = signature(canonical, DATE, scope);
        self.authorized(&format!(
            "AWS4-HMAC-SHA256 Credential={KEY_ID}/{scope}, SignedHeaders={names}, Signature={signature}"
        ))
    }

    /// Sets the `Authorization` header.
    pub(crate) fn authorized(self, value: &str) -> Self {
        self.set("Authorization", value)
    }

    /// Changes the `Authorization` header.
    pub(crate) fn reauthorized(self, change: impl Fn(&str) -> String) -> Self {
        let old = self.headers.iter().find(|(name, _)| name == "Authorization").unwrap();
        let new = change(std::str::from_utf8(&old.1).unwrap());
        self.authorized(&new)
    }

    /// Adds the query form's parameters and signs them, `host` being the one signed header.
    pub(crate) fn presigned(mut self, expires: &str) -> Self {
        self = self.without("X-Amz-Date");
        let credential = format!("{KEY_ID}/{SCOPE}").replace('/', "%2F");
        let own = if self.query.is_empty() { String::new() } else { format!("&{}", self.query) };
        let query = format!(
            "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential={credential}&X-Amz-Date={DATE}\
             &X-Amz-Expires={expires}&X-Amz-SignedHeaders=host"
        );
        // Capitals sort before the small letters that tests use for parameters of their own.
        self.query = query + &own;
        let signature = signature(&self.canonical("host"), DATE, SCOPE);
        self.query += &format!("&X-Amz-Signature={signature}");
        self
    }

    /// What a data-plane endpoint of `us-east-1` says to it at `NOW`.
    pub(crate) fn judged(&self) -> Result<Option<Verified>, Refusal> {
        self.judged_by(&Settings::domain("us-east-1"), NOW)
    }

    /// What a verifier with these settings says to it at that time.
    pub(crate) fn judged_by(
        &self,
        settings: &Settings,
        now: &str,
    ) -> Result<Option<Verified>, Refusal> {
        let headers: Vec<(&str, &[u8])> =
            self.headers.iter().map(|(name, value)| (name.as_str(), value.as_slice())).collect();
        let request = Request {
            method: &self.method,
            path: &self.path,
            query: &self.query,
            headers: &headers,
        };
        let now: Timestamp = now.parse().unwrap();
        let payload = PayloadHash::of(&self.body);
        let verified = sigv4::verify(&request, &payload, &OneKey, now, settings)?;
        Ok(verified.map(|(_, verified)| verified))
    }

    /// The stable name of the refusal; panics when it is accepted.
    pub(crate) fn refused(&self) -> &'static str {
        match self.judged() {
            Err(refusal) => refusal.kind(),
            Ok(verified) => panic!("accepted: {verified:?}"),
        }
    }
}

/// Knows one key; sessions are none of its business.
pub(crate) struct OneKey;

impl Keys for OneKey {
    fn signing_key(&self, claim: &Claim) -> Result<Arc<SigningKey>, KeyRefusal> {
        match claim.access_key_id() {
            KEY_ID => Ok(Arc::new(SecretKey::new(SECRET).signing_key(claim.scope()))),
            "AKIADELETEDDELETED00" => Err(KeyRefusal::Deleted),
            _ => Err(KeyRefusal::Unknown),
        }
    }
}

pub(crate) fn signature(canonical: &str, date: &str, scope: &str) -> String {
    let to_sign =
        format!("AWS4-HMAC-SHA256\n{date}\n{scope}\n{}", sha256_hex(canonical.as_bytes()));
    let start = format!("AWS4{SECRET}").into_bytes();
    let key = scope.split('/').fold(start, |key, part| hmac(&key, part.as_bytes()));
    hex(&hmac(&key, to_sign.as_bytes()))
}

pub(crate) fn sha256_hex(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

fn hmac(key: &[u8], message: &[u8]) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
    mac.update(message);
    mac.finalize().into_bytes().to_vec()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
