//! The judgement. [`verify`] reads top to bottom; its first half is [`claim`], all that the head
//! alone decides; [`Claim::check`] is the second, once the body was hashed.

use std::borrow::Cow;
use std::sync::Arc;

use jiff::Timestamp;
use subtle::{Choice, ConstantTimeEq};

use crate::bytes::{hex, hex_text};
use crate::canonical::{
    self, Rules, canonical_request, push_headers, push_target, seal, string_to_sign,
    string_to_sign_start,
};
use crate::claim::{Claim, Declared, Presented, UNSIGNED_PAYLOAD, claim};
use crate::credential::{Signature, SigningKey};
use crate::refusal::{KeyRefusal, Mismatch, Refusal};
use crate::request::{PayloadHash, Request};
use crate::settings::{Form, Settings};

/// Is this request signed by the key it names? The whole judgement, for callers that have the body.
///
/// `now` is the verifier's clock; `payload` the hash of the body as received. Returns `None` when no
/// credential of any kind was presented. An unknown key costs what a known one costs.
pub fn verify(
    request: &Request<'_>,
    payload: &PayloadHash,
    keys: &impl Keys,
    now: Timestamp,
    settings: &Settings,
) -> Result<Option<(Claim, Verified)>, Refusal> {
    let claim = match claim(request, now, settings)? {
        Presented::Anonymous => return Ok(None),
        Presented::Signed(claim) => claim,
    };
    let key = match keys.signing_key(&claim) {
        Ok(key) => key,
        Err(why) => return Err(claim.refuse(request, payload, settings, why)),
    };
    let verified = claim.check(request, payload, &key, settings)?;
    Ok(Some((claim, verified)))
}

/// Where signing keys come from.
pub trait Keys {
    /// The key for the claim's access key id and scope, after its session token was judged:
    /// damaged, then expired, then unknown.
    fn signing_key(&self, claim: &Claim) -> Result<Arc<SigningKey>, KeyRefusal>;
}

impl Claim {
    /// Compares the signature with the one `key` gives, for each accepted form and host, in
    /// constant time each. `payload` is the hash of the body as received; `request` and `settings`
    /// must be those the claim was read with.
    ///
    /// How much is tried depends on the request and the settings alone, never on the key.
    pub fn check(
        &self,
        request: &Request<'_>,
        payload: &PayloadHash,
        key: &SigningKey,
        settings: &Settings,
    ) -> Result<Verified, Refusal> {
        let payload_differs = matches!(&self.payload, Declared::Hash(hash) if hash != payload);
        let digits = hex(payload.as_bytes());
        let rules = self.rules(request, hex_text(&digits), settings);
        let room = canonical::CAPACITY + request.path.len() + request.query.len();
        // One buffer: the string to sign, and behind it the canonical request.
        let mut text = string_to_sign_start(&self.date, &self.scope, room);
        let to_sign_end = text.len();
        let mut tried: Vec<Vec<u8>> = Vec::new();
        for (form, omit_token) in self.readings(settings) {
            let rules = Rules { form, omit_token, ..rules };
            text.truncate(to_sign_end);
            if push_target(&mut text, request, &rules).is_none() {
                continue;
            }
            let target_end = text.len();
            let target = text.get(to_sign_end..).unwrap_or_default();
            if tried.iter().any(|before| before == target) {
                continue; // a form that reads the request as one before it did has been tried
            }
            for host in [Host::AsReceived, Host::OtherPort] {
                let Some(value) = host.of(rules.host, settings.port) else { continue };
                text.truncate(target_end);
                if push_headers(&mut text, request, &Rules { host: &value, ..rules }).is_none() {
                    continue;
                }
                let Some(to_sign) = seal(&mut text, to_sign_end) else { continue };
                if bool::from(self.is_signature(&key.sign(to_sign))) && !payload_differs {
                    return Ok(Verified { form, host, payload: self.payload_kind() });
                }
            }
            tried.push(text.get(to_sign_end..target_end).unwrap_or_default().to_vec());
        }
        Err(self.mismatch(request, &rules, payload_differs, settings))
    }

    /// Refuses for `why`, after the work that checking a known key would have cost.
    pub fn refuse(
        &self,
        request: &Request<'_>,
        payload: &PayloadHash,
        settings: &Settings,
        why: KeyRefusal,
    ) -> Refusal {
        let _spent = self.check(request, payload, &SigningKey::nobody(), settings);
        Refusal::Key(why)
    }

    /// Constant-time comparison; a signature that is not 64 hex digits is nobody's.
    fn is_signature(&self, ours: &Signature) -> Choice {
        self.signature.as_ref().map_or(Choice::from(0), |theirs| theirs.ct_eq(ours))
    }

    fn payload_kind(&self) -> Payload {
        if self.unsigned_payload() { Payload::Unsigned } else { Payload::Signed }
    }

    /// Each accepted form, for a presigned request with a token twice: the token may have been
    /// added after signing (soto#450).
    fn readings(&self, settings: &Settings) -> impl Iterator<Item = (Form, bool)> {
        let tokens = if self.presigned && self.session_token.is_some() { 2 } else { 1 };
        let omit_token = move || [false, true].into_iter().take(tokens);
        settings.forms.iter().flat_map(move |form| omit_token().map(move |omit| (form, omit)))
    }

    /// How AWS documents the request to be read.
    fn rules<'a>(&'a self, request: &Request<'a>, hex: &'a str, settings: &Settings) -> Rules<'a> {
        Rules {
            form: Form::Aws,
            normalize_path: settings.normalize_path,
            signed_headers: &self.signed_headers,
            host: request.header_values("host").next().unwrap_or_default(),
            presigned: self.presigned,
            omit_token: false,
            payload: if self.unsigned_payload() { UNSIGNED_PAYLOAD } else { hex },
            redact: false,
        }
    }

    /// What the refused client reads; with diagnostics, the form that AWS documents, computed from
    /// the caller's own bytes.
    fn mismatch(
        &self,
        request: &Request<'_>,
        rules: &Rules<'_>,
        payload_differs: bool,
        settings: &Settings,
    ) -> Refusal {
        let lossy = |text: &[u8]| String::from_utf8_lossy(text).into_owned();
        let computed = settings.diagnostics.then(|| {
            let canonical = canonical_request(request, rules).unwrap_or_default();
            let to_sign = string_to_sign(&self.date, &self.scope, &canonical);
            let shown = canonical_request(request, &Rules { redact: true, ..*rules });
            (lossy(&shown.unwrap_or_default()), lossy(&to_sign))
        });
        Refusal::SignatureMismatch(Mismatch { computed, payload_differs })
    }
}

/// A signature that is genuine, and how it was made: for the audit record and the metrics.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verified {
    /// The canonical form that matched.
    pub form: Form,
    /// The host that matched.
    pub host: Host,
    /// Whether the body is covered.
    pub payload: Payload,
}

/// Which host a client signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Host {
    /// The `Host` header as received.
    AsReceived,
    /// The same with its port left out, or with the connection's port added
    /// (requests-aws4auth#79, opensearch-js, opensearch-go#370).
    OtherPort,
}

impl Host {
    fn of(self, received: &[u8], port: Option<u16>) -> Option<Cow<'_, [u8]>> {
        if self == Self::AsReceived {
            return Some(Cow::Borrowed(received));
        }
        let colon = received.iter().rposition(|byte| *byte == b':');
        let bracket = received.iter().rposition(|byte| *byte == b']');
        match (colon, port) {
            (Some(colon), _) if bracket.is_none_or(|bracket| bracket < colon) => {
                received.get(..colon).map(Cow::Borrowed)
            }
            (_, Some(port)) => {
                let mut host = received.to_vec();
                host.extend_from_slice(format!(":{port}").as_bytes());
                Some(Cow::Owned(host))
            }
            (_, None) => None,
        }
    }
}

/// Whether a signature covers the body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Payload {
    /// The body's hash is in the canonical request.
    Signed,
    /// `UNSIGNED-PAYLOAD`: only what TLS promises.
    Unsigned,
}
