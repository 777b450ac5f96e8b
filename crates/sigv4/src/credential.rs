//! Keys, scopes and tokens: what a signature is made with. Secrets here have no `Debug`, no
//! `Display`, no `PartialEq`, and are wiped when dropped.

use std::fmt;
use std::sync::LazyLock;

use data_encoding::HEXLOWER;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use subtle::{Choice, ConstantTimeEq};
use zeroize::Zeroizing;

use crate::TERMINATOR;
use crate::bytes::{Class, decode_hex};
use crate::limits::ACCESS_KEY_ID_BYTES_MAX;

/// Names a key, and tells its kind. Not a secret.
///
/// Shape: IAM's `accessKeyIdType`, `[\w]+` of at most 128 characters. The lower bound of 16 is not
/// enforced here: AWS's own signing vectors use `AKIDEXAMPLE`.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AccessKeyId(Box<str>);

impl AccessKeyId {
    /// Takes a key id as a client or an administrator wrote it. `None` when it is empty, longer
    /// than 128 bytes, or holds anything but ASCII letters, digits and `_`.
    ///
    /// ```
    /// use sigv4::{AccessKeyId, KeyKind};
    ///
    /// let id = AccessKeyId::parse("ASIAIOSFODNN7EXAMPLE").unwrap();
    /// assert_eq!(id.kind(), KeyKind::Temporary);
    /// assert!(AccessKeyId::parse("not/an/id").is_none());
    /// ```
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::is_valid(text.as_bytes()).then(|| Self(text.into()))
    }

    pub(crate) fn is_valid(text: &[u8]) -> bool {
        let fits = !text.is_empty() && text.len() <= ACCESS_KEY_ID_BYTES_MAX;
        fits && Class::KEY_ID.has_all(text)
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The kind its prefix claims. A claim only: the directory decides.
    #[must_use]
    pub fn kind(&self) -> KeyKind {
        match self.0.get(..4) {
            Some("AKIA") => KeyKind::LongTerm,
            Some("ASIA") => KeyKind::Temporary,
            _ => KeyKind::Other,
        }
    }
}

impl fmt::Debug for AccessKeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for AccessKeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a key id's first four letters say
/// ([IAM identifiers](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html)).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyKind {
    /// `AKIA…`: belongs to a user or to the account's root.
    LongTerm,
    /// `ASIA…`: belongs to a session and comes with a session token.
    Temporary,
    /// Anything else; no key that this service mints.
    Other,
}

/// A secret access key.
pub struct SecretKey(Zeroizing<String>);

impl SecretKey {
    /// Takes the secret as the user has it.
    #[must_use]
    pub fn new(secret: &str) -> Self {
        Self(Zeroizing::new(secret.to_owned()))
    }

    /// The secret in clear: to seal it, or to hand it to its owner once. Nothing else.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Derives the key that signs for one day, region and service (step 3 of the algorithm).
    ///
    /// ```
    /// use sigv4::{Scope, SecretKey};
    ///
    /// let scope = Scope { day: "20261123", region: "us-east-1", service: "es" };
    /// let key = SecretKey::new("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY").signing_key(scope);
    /// assert_eq!(key.sign(b"a string to sign").to_hex().len(), 64);
    /// ```
    #[must_use]
    pub fn signing_key(&self, scope: Scope<'_>) -> SigningKey {
        let mut start = Zeroizing::new(Vec::with_capacity(4 + self.0.len()));
        start.extend_from_slice(b"AWS4");
        start.extend_from_slice(self.0.as_bytes());
        let mut key = hmac(&start);
        for part in [scope.day, scope.region, scope.service, TERMINATOR] {
            let derived = key.chain_update(part).finalize().into_bytes();
            key = hmac(&*Zeroizing::new(<[u8; 32]>::from(derived)));
        }
        SigningKey(key)
    }
}

#[expect(clippy::expect_used, reason = "HMAC takes a key of any length (RFC 2104, section 2)")]
fn hmac(key: &[u8]) -> Hmac<Sha256> {
    Hmac::new_from_slice(key).expect("a key of any length")
}

impl Clone for SecretKey {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

/// A key derived for one day, region and service: what may be cached in memory. It holds the HMAC
/// state after the key was absorbed, so that each signature costs only its message.
#[derive(Clone)]
pub struct SigningKey(Hmac<Sha256>);

impl SigningKey {
    /// Signs a string to sign (step 4).
    #[must_use]
    pub fn sign(&self, string_to_sign: &[u8]) -> Signature {
        self.sign_parts([string_to_sign, b""])
    }

    /// The same of a string to sign whose last line, the hash, is apart.
    pub(crate) fn sign_parts(&self, [text, end]: [&[u8]; 2]) -> Signature {
        Signature(
            self.0.clone().chain_update(text).chain_update(end).finalize().into_bytes().into(),
        )
    }

    /// A key that nobody's signature was made with: what an unknown access key id is checked
    /// against, so that it costs what a known one costs.
    pub(crate) fn nobody() -> &'static Self {
        static NOBODY: LazyLock<SigningKey> = LazyLock::new(|| SigningKey(hmac(&[0; 32])));
        &NOBODY
    }
}

/// A signature: 32 bytes that can only be compared in constant time.
#[derive(Clone)]
pub struct Signature(pub(crate) [u8; 32]);

impl Signature {
    /// Reads exactly 64 lower-case hex digits; `None` for anything else.
    #[must_use]
    pub fn from_hex(text: &str) -> Option<Self> {
        Self::from_digits(text.as_bytes())
    }

    pub(crate) fn from_digits(text: &[u8]) -> Option<Self> {
        decode_hex(text).map(Self)
    }

    pub(crate) fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// 64 lower-case hex digits, for the side that signs.
    #[must_use]
    pub fn to_hex(&self) -> String {
        HEXLOWER.encode(&self.0)
    }
}

impl ConstantTimeEq for Signature {
    fn ct_eq(&self, other: &Self) -> Choice {
        self.0.as_slice().ct_eq(other.0.as_slice())
    }
}

/// A session token as the client sent it. Opaque here; sealed and opened by the control plane.
#[derive(Clone)]
pub struct SessionToken(Zeroizing<String>);

impl SessionToken {
    /// Takes a token as received.
    #[must_use]
    pub fn new(token: &str) -> Self {
        Self(Zeroizing::new(token.to_owned()))
    }

    /// The token in clear.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

/// What the signing side needs.
#[derive(Clone, Copy)]
pub struct Credentials<'a> {
    /// The key's public name.
    pub access_key_id: &'a str,
    /// The key.
    pub secret: &'a SecretKey,
    /// The token that comes with temporary credentials.
    pub session_token: Option<&'a str>,
}

/// What a signing key is good for: one day, in one region, for one service.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Scope<'a> {
    /// `YYYYMMDD`, UTC.
    pub day: &'a str,
    /// Such as `us-east-1`.
    pub region: &'a str,
    /// The service's signing name: `es`, `iam`, `sts`, `aoss`.
    pub service: &'a str,
}

impl fmt::Debug for Scope<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// `day/region/service/aws4_request`, as it is signed.
impl fmt::Display for Scope<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}/{TERMINATOR}", self.day, self.region, self.service)
    }
}
