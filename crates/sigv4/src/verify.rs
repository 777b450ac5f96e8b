//! The judgement. [`verify`] reads top to bottom; its first half is [`claim`], all that the head
//! alone decides; [`Claim::check`] is the second, once the body was hashed.

use std::borrow::Cow;
use std::sync::Arc;

use jiff::Timestamp;
use subtle::{Choice, ConstantTimeEq};

use crate::canonical::{Rules, canonical_request, push_headers, push_target, string_to_sign};
use crate::claim::{Claim, DeclaredPayload, PresentedSignature, UNSIGNED_PAYLOAD, claim};
use crate::covered::signature;
use crate::credential::{Signature, SigningKey};
use crate::names::{self, Index};
use crate::refusal::{KeyRefusal, Mismatch, Refusal};
use crate::request::{Body, Request};
use crate::settings::{Form, Settings};

/// Is this request signed by the key it names? The whole judgement, for callers that have the body.
///
/// `now` is the verifier's clock; `body` the body as received, or its hash. Returns `None` when no
/// credential of any kind was presented. An unknown key costs what a known one costs.
///
/// # Errors
/// The first [`Refusal`] in Amazon's order.
///
/// ```
/// use std::sync::Arc;
///
/// use sigv4::{Claim, KeyRefusal, Keys, Refusal, Request, SecretKey, Settings, SigningKey};
///
/// struct OneKey(SecretKey);
///
/// impl Keys for OneKey {
///     fn signing_key(&self, claim: &Claim) -> Result<Arc<SigningKey>, KeyRefusal> {
///         match claim.access_key_id() {
///             "AKIDEXAMPLE" => Ok(Arc::new(self.0.signing_key(claim.scope()))),
///             _ => Err(KeyRefusal::Unknown),
///         }
///     }
/// }
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let keys = OneKey(SecretKey::new("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"));
/// let (now, settings) = ("2026-11-23T12:00:00Z".parse()?, Settings::domain("us-east-1"));
/// let verify = |headers: &[(&str, &[u8])]| {
///     let request = Request { method: "GET", path: "/", query: "", headers };
///     sigv4::verify(&request, b"".as_slice(), &keys, now, &settings)
/// };
/// let anonymous = verify(&[("host", b"localhost")])?;
/// assert!(anonymous.is_none());
/// let refused = verify(&[("host", b"localhost"), ("authorization", b"AWS4-HMAC-SHA256 Credential=x")]);
/// assert!(matches!(refused, Err(Refusal::MissingParts { .. })));
/// # Ok(())
/// # }
/// ```
pub fn verify<'b>(
    request: &Request<'_>,
    body: impl Into<Body<'b>>,
    keys: &impl Keys,
    now: Timestamp,
    settings: &Settings,
) -> Result<Option<(Claim, Verified)>, Refusal> {
    let claim = match claim(request, now, settings)? {
        PresentedSignature::Anonymous => return Ok(None),
        PresentedSignature::Signed(claim) => claim,
    };
    let key = match keys.signing_key(&claim) {
        Ok(key) => key,
        Err(why) => return Err(claim.refuse(request, body, settings, why)),
    };
    let verified = claim.check(request, body, &key, settings)?;
    Ok(Some((claim, verified)))
}

/// Where signing keys come from.
pub trait Keys {
    /// The key for the claim's access key id and scope, after its session token was judged:
    /// damaged, then expired, then unknown.
    ///
    /// # Errors
    /// What is wrong with the key or its token.
    fn signing_key(&self, claim: &Claim) -> Result<Arc<SigningKey>, KeyRefusal>;
}

impl Claim {
    /// Compares the signature with the one `key` gives, for each accepted form and host, in
    /// constant time each. `body` is the body as received, or its hash; `request` and `settings`
    /// must be those the claim was read with.
    ///
    /// How much is tried depends on the request and the settings alone, never on the key. The crate's front page
    /// has an example.
    ///
    /// # Errors
    /// [`Refusal::SignatureMismatch`]: another key or another request was signed, or the body is not the one
    /// whose hash was declared.
    pub fn check<'b>(
        &self,
        request: &Request<'_>,
        body: impl Into<Body<'b>>,
        key: &SigningKey,
        settings: &Settings,
    ) -> Result<Verified, Refusal> {
        let body = body.into();
        let received = (self.declared != DeclaredPayload::Unsigned).then(|| body.hash().hex());
        let received = received.as_ref().map_or(&[][..], |hex| hex);
        let payload_differs =
            self.declared == DeclaredPayload::Hash && received != self.covered.payload();
        // What is declared stands in the text that is covered.
        let payload = if self.declared == DeclaredPayload::Nothing { received } else { &[] };
        let signature = self.covered.signature(key, payload);
        let genuine = signature.is_some_and(|ours| bool::from(self.is_signature(&ours)));
        if genuine && !payload_differs {
            let form = Rules::first(settings, &[], self.presigned).form;
            return Ok(self.verified(form, Host::AsReceived));
        }
        let payload = if payload.is_empty() { self.covered.payload() } else { payload };
        match self.check_others(request, payload, key, settings) {
            Some(verified) if !payload_differs => Ok(verified),
            _ => Err(self.mismatch(request, body, payload_differs, settings)),
        }
    }

    /// The same for the forms and hosts that come after the first, which [`CoveredHeaders`] holds.
    fn check_others(
        &self,
        request: &Request<'_>,
        payload: &[u8],
        key: &SigningKey,
        settings: &Settings,
    ) -> Option<Verified> {
        let list = self.covered.names().as_bytes();
        let index = Index::of(request);
        let names = names::find(list, &index);
        let received = request.header_values(b"host").next().unwrap_or_default();
        let first = Rules::first(settings, received, self.presigned);
        let mut tried: Vec<Vec<u8>> = Vec::new();
        let mut text = Vec::new();
        for (form, omit_token) in self.readings(settings) {
            let rules = Rules { form, omit_token, ..first };
            text.clear();
            if push_target(&mut text, request, &rules).is_none() || tried.contains(&text) {
                continue; // a form that reads the request as one before it did has been tried
            }
            let target_end = text.len();
            for host in [Host::AsReceived, Host::OtherPort] {
                let Some(value) = host.of(received, settings.port) else { continue };
                text.truncate(target_end);
                let rules = Rules { host: &value, ..rules };
                if host == Host::AsReceived && self.covered.target() == Some(&text) {
                    continue; // the first
                }
                if push_headers(&mut text, &rules, &names, list).is_none() {
                    continue;
                }
                let ours = signature(self.covered.to_sign(), &text, key, payload);
                if bool::from(self.is_signature(&ours)) {
                    return Some(self.verified(form, host));
                }
            }
            text.truncate(target_end);
            tried.push(text.clone());
        }
        None
    }

    /// Refuses for `why`, after the work that checking a known key would have cost.
    pub fn refuse<'b>(
        &self,
        request: &Request<'_>,
        body: impl Into<Body<'b>>,
        settings: &Settings,
        why: KeyRefusal,
    ) -> Refusal {
        let _spent = self.check(request, body, SigningKey::nobody(), settings);
        Refusal::Key(why)
    }

    /// Constant-time comparison; a signature that is not 64 hex digits is nobody's.
    fn is_signature(&self, ours: &Signature) -> Choice {
        self.signature.as_ref().map_or(Choice::from(0), |theirs| theirs.ct_eq(ours))
    }

    fn verified(&self, form: Form, host: Host) -> Verified {
        let payload = if self.unsigned_payload() { Payload::Unsigned } else { Payload::Signed };
        Verified { form, host, payload }
    }

    /// Each accepted form, for a presigned request with a token twice: the token may have been
    /// added after signing (soto#450).
    fn readings(&self, settings: &Settings) -> impl Iterator<Item = (Form, bool)> {
        let tokens = if self.presigned && self.session_token.is_some() { 2 } else { 1 };
        let omit_token = move || [false, true].into_iter().take(tokens);
        settings.forms.iter().flat_map(move |form| omit_token().map(move |omit| (form, omit)))
    }

    /// What the refused client reads; with diagnostics, the form that AWS documents, computed from
    /// the caller's own bytes.
    fn mismatch(
        &self,
        request: &Request<'_>,
        body: Body<'_>,
        payload_differs: bool,
        settings: &Settings,
    ) -> Refusal {
        let lossy = |text: &[u8]| String::from_utf8_lossy(text).into_owned();
        let computed = settings.diagnostics.then(|| {
            let host = request.header_values(b"host").next().unwrap_or_default();
            let rules = Rules { form: Form::Aws, ..Rules::first(settings, host, self.presigned) };
            let hex = body.hash().to_hex();
            let payload = if self.unsigned_payload() { UNSIGNED_PAYLOAD } else { &hex };
            let names = self.covered.names();
            let canonical = canonical_request(request, &rules, names, payload).unwrap_or_default();
            let scope = self.scope().to_string();
            let to_sign = string_to_sign(&self.date, scope.as_bytes(), &canonical);
            let rules = Rules { redact: true, ..rules };
            let shown = canonical_request(request, &rules, names, payload);
            (lossy(&shown.unwrap_or_default()), lossy(&to_sign))
        });
        let valueless = |parameter: &str| !parameter.is_empty() && !parameter.contains('=');
        let valueless = request.query.split('&').any(valueless);
        Refusal::SignatureMismatch(Mismatch { computed, payload_differs, valueless })
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
