//! Keys, scopes and tokens: what a signature is made with. Secrets here have no `Debug`, no
//! `Display`, no `PartialEq`, and are wiped when dropped.

use std::fmt;
use std::sync::LazyLock;

use subtle::{Choice, ConstantTimeEq};
use zeroize::Zeroizing;

use crate::TERMINATOR;
use crate::bytes::{Class, decode_hex, hex, hex_text};
use crate::hash::HmacKey;
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
    pub fn parse(text: &str) -> Option<Self> {
        Self::is_valid(text.as_bytes()).then(|| Self(text.into()))
    }

    pub(crate) fn is_valid(text: &[u8]) -> bool {
        let fits = !text.is_empty() && text.len() <= ACCESS_KEY_ID_BYTES_MAX;
        fits && Class::KEY_ID.has_all(text)
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The kind its prefix claims. A claim only: the directory decides.
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
    pub fn new(secret: &str) -> Self {
        Self(Zeroizing::new(secret.to_owned()))
    }

    /// The secret in clear: to seal it, or to hand it to its owner once. Nothing else.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Derives the key that signs for one day, region and service (step 3 of the algorithm).
    pub fn signing_key(&self, scope: Scope<'_>) -> SigningKey {
        let mut start = Zeroizing::new(Vec::with_capacity(4 + self.0.len()));
        start.extend_from_slice(b"AWS4");
        start.extend_from_slice(self.0.as_bytes());
        let mut key = HmacKey::new(&start);
        for part in [scope.day, scope.region, scope.service, TERMINATOR] {
            let derived = Zeroizing::new(key.sign(part.as_bytes()));
            key = HmacKey::new(&*derived);
        }
        SigningKey(key)
    }
}

impl Clone for SecretKey {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

/// A key derived for one day, region and service: what may be cached in memory. It holds the HMAC
/// state after the key was absorbed, so that each signature costs only its message.
#[derive(Clone)]
pub struct SigningKey(HmacKey);

impl SigningKey {
    /// Signs a string to sign (step 4).
    pub fn sign(&self, string_to_sign: &[u8]) -> Signature {
        Signature(self.0.sign(string_to_sign))
    }

    /// The HMAC key itself: for a string to sign whose last line, the hash, is apart.
    pub(crate) fn hmac(&self) -> &HmacKey {
        &self.0
    }

    /// A key that nobody's signature was made with: what an unknown access key id is checked
    /// against, so that it costs what a known one costs.
    pub(crate) fn nobody() -> &'static Self {
        static NOBODY: LazyLock<SigningKey> = LazyLock::new(|| SigningKey(HmacKey::new(&[0; 32])));
        &NOBODY
    }
}

/// A signature: 32 bytes that can only be compared in constant time.
#[derive(Clone)]
pub struct Signature(pub(crate) [u8; 32]);

impl Signature {
    /// Reads exactly 64 lower-case hex digits; `None` for anything else.
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
    pub fn to_hex(&self) -> String {
        hex_text(&hex(&self.0)).to_owned()
    }
}

impl ConstantTimeEq for Signature {
    fn ct_eq(&self, other: &Self) -> Choice {
        let halves = |signature: &Self| {
            let (halves, _) = signature.0.as_chunks::<16>();
            [halves.first(), halves.last()]
                .map(|half| u128::from_ne_bytes(*half.unwrap_or(&[0; 16])))
        };
        let ([first, last], [their_first, their_last]) = (halves(self), halves(other));
        first.ct_eq(&their_first) & last.ct_eq(&their_last)
    }
}

/// A session token as the client sent it. Opaque here; sealed and opened by the control plane.
#[derive(Clone)]
pub struct SessionToken(Zeroizing<String>);

impl SessionToken {
    /// Takes a token as received.
    pub fn new(token: &str) -> Self {
        Self(Zeroizing::new(token.to_owned()))
    }

    /// The token in clear.
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
