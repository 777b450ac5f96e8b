//! XML signatures as SAML has them: one reference, to the element that the signature stands in.
//!
//! Nothing else is verified, so that nothing else can be signed: what is read afterwards is the very element that went into
//! the hash. Keys come from the provider's metadata alone; a key in the document is not looked at. SHA-1 is refused.
//! Sources: XML Signature 1.1; SAML 2.0 core, section 5.4.

use aws_lc_rs::digest::{self, SHA256, SHA384, SHA512};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, ECDSA_P521_SHA512_FIXED,
    RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_2048_8192_SHA512,
    UnparsedPublicKey, VerificationAlgorithm,
};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use x509_parser::prelude::{FromDer, X509Certificate};
use x509_parser::public_key::PublicKey;

use super::canonical::canonical;
use super::xml::Element;

/// The namespace of signatures.
pub(super) const DSIG: &str = "http://www.w3.org/2000/09/xmldsig#";
/// The one canonical form that is taken.
const EXCLUSIVE: &str = "http://www.w3.org/2001/10/xml-exc-c14n#";
/// "Without the signature itself".
const ENVELOPED: &str = "http://www.w3.org/2000/09/xmldsig#enveloped-signature";
/// Prefixes of one `InclusiveNamespaces`.
const INCLUSIVE_MAX: usize = 64;

/// A public key of a provider: RSA, or a point on one of three curves (its length says on which).
#[derive(Debug)]
pub(crate) enum SamlKey {
    Rsa(Vec<u8>),
    Point(Vec<u8>),
}

impl SamlKey {
    /// The key of a certificate in DER. Its names, dates and issuer are not looked at: "IAM doesn't evaluate or take action
    /// on the expiration of X.509 certificates in SAML metadata documents" (IAM user guide, "Create a SAML identity provider").
    pub(super) fn of_certificate(der: &[u8]) -> Option<SamlKey> {
        let (_, certificate) = X509Certificate::from_der(der).ok()?;
        let bits = certificate.public_key().subject_public_key.data.to_vec();
        match certificate.public_key().parsed().ok()? {
            PublicKey::RSA(_) => Some(SamlKey::Rsa(bits)),
            PublicKey::EC(_) => Some(SamlKey::Point(bits)),
            _ => None,
        }
    }

    /// The key as its certificate has it.
    pub(super) fn bits(&self) -> &[u8] {
        let (SamlKey::Rsa(bits) | SamlKey::Point(bits)) = self;
        bits
    }

    fn verifies(&self, algorithm: &str, signed: &[u8], signature: &[u8]) -> bool {
        let name = algorithm.strip_prefix("http://www.w3.org/2001/04/xmldsig-more#");
        let (bytes, scheme): (_, &dyn VerificationAlgorithm) = match (self, name) {
            (SamlKey::Rsa(key), Some("rsa-sha256")) => (key, &RSA_PKCS1_2048_8192_SHA256),
            (SamlKey::Rsa(key), Some("rsa-sha384")) => (key, &RSA_PKCS1_2048_8192_SHA384),
            (SamlKey::Rsa(key), Some("rsa-sha512")) => (key, &RSA_PKCS1_2048_8192_SHA512),
            (SamlKey::Point(key), Some("ecdsa-sha256")) => (key, &ECDSA_P256_SHA256_FIXED),
            (SamlKey::Point(key), Some("ecdsa-sha384")) => (key, &ECDSA_P384_SHA384_FIXED),
            (SamlKey::Point(key), Some("ecdsa-sha512")) => (key, &ECDSA_P521_SHA512_FIXED),
            _ => return false,
        };
        UnparsedPublicKey::new(scheme, bytes).verify(signed, signature).is_ok()
    }
}

/// The key that signed `parent`, by the signature that stands in it; `None` when there is no signature.
///
/// # Errors
/// What is wrong with the signature, for the record.
pub(super) fn signer<'k>(
    parent: &Element,
    mut keys: impl Iterator<Item = &'k SamlKey>,
) -> Result<Option<&'k SamlKey>, String> {
    if parent.named(DSIG, "Signature").next().is_none() {
        return Ok(None);
    }
    let signature = parent.one(DSIG, "Signature").ok_or("an element has two signatures")?;
    let [info, value] = parts(signature)?;
    let method = info.one(DSIG, "CanonicalizationMethod").ok_or("it has no canonical form")?;
    let inclusive = exclusive(method)?;
    let reference = info.one(DSIG, "Reference").ok_or("it must have exactly one Reference")?;
    check_reference(reference, parent, signature)?;
    let algorithm = info.one(DSIG, "SignatureMethod").filter(|it| it.elements().next().is_none());
    let algorithm = algorithm.and_then(|it| it.attribute("Algorithm")).unwrap_or_default();
    let signed = canonical(info, None, &inclusive);
    let value = base64(value).ok_or("the signature is not base64")?;
    let signer = keys.find(|it| it.verifies(algorithm, signed.as_bytes(), &value));
    signer.map(Some).ok_or_else(|| format!("no key of the provider verifies it with {algorithm}"))
}

/// `SignedInfo` and `SignatureValue`: what a signature is, besides a `KeyInfo` that is not read.
fn parts(signature: &Element) -> Result<[&Element; 2], String> {
    let mut parts = signature.elements();
    let (info, value, more) = (parts.next(), parts.next(), parts.next());
    let key_info = more.is_none_or(|it| it.is(DSIG, "KeyInfo")) && parts.next().is_none();
    match (info, value) {
        (Some(info), Some(value))
            if info.is(DSIG, "SignedInfo") && value.is(DSIG, "SignatureValue") && key_info =>
        {
            Ok([info, value])
        }
        _ => {
            Err("it must hold SignedInfo, SignatureValue and at most one KeyInfo, and nothing else"
                .to_owned())
        }
    }
}

/// That `reference` is to `parent`, and that its hash is right.
fn check_reference(
    reference: &Element,
    parent: &Element,
    signature: &Element,
) -> Result<(), String> {
    let id = parent.attribute("ID").filter(|id| !id.is_empty()).ok_or("the element has no ID")?;
    if reference.attribute("URI").and_then(|uri| uri.strip_prefix('#')) != Some(id) {
        return Err(
            "the Reference does not point to the element that contains the signature".to_owned()
        );
    }
    let transforms = reference.one(DSIG, "Transforms").ok_or("the reference has no transforms")?;
    let transforms: Vec<&Element> = transforms.elements().collect();
    let [enveloped, exclusively] = transforms.as_slice() else {
        return Err("there must be exactly two transforms".to_owned());
    };
    if enveloped.attribute("Algorithm") != Some(ENVELOPED) || enveloped.elements().next().is_some()
    {
        return Err("the first transform is not enveloped-signature".to_owned());
    }
    let inclusive = exclusive(exclusively)?;
    let method = reference.one(DSIG, "DigestMethod").and_then(|it| it.attribute("Algorithm"));
    let algorithm = match method {
        Some("http://www.w3.org/2001/04/xmlenc#sha256") => &SHA256,
        Some("http://www.w3.org/2001/04/xmldsig-more#sha384") => &SHA384,
        Some("http://www.w3.org/2001/04/xmlenc#sha512") => &SHA512,
        other => return Err(format!("the hash {} is not accepted", other.unwrap_or("(none)"))),
    };
    let said = reference.one(DSIG, "DigestValue").and_then(base64);
    let hash = digest::digest(algorithm, canonical(parent, Some(signature), &inclusive).as_bytes());
    if said.as_deref() != Some(hash.as_ref()) {
        return Err("the element is not what was signed: its hash differs".to_owned());
    }
    Ok(())
}

/// The inclusive prefixes of a method or transform, which must be the exclusive canonical form.
fn exclusive(method: &Element) -> Result<Vec<&str>, String> {
    if method.attribute("Algorithm") != Some(EXCLUSIVE) {
        return Err("only exclusive canonicalization without comments is accepted".to_owned());
    }
    let mut inside = method.elements();
    let prefixes = match (inside.next(), inside.next()) {
        (None, _) => Some(Vec::new()),
        (Some(list), None) if list.is(EXCLUSIVE, "InclusiveNamespaces") => {
            list.attribute("PrefixList").map(|it| it.split_ascii_whitespace().collect())
        }
        _ => None,
    };
    let prefixes: Option<Vec<&str>> = prefixes.filter(|it: &Vec<&str>| it.len() <= INCLUSIVE_MAX);
    prefixes.ok_or_else(|| "a canonicalization has options that are not known".to_owned())
}

/// The bytes that stand in an element as base64, over several lines or one.
pub(super) fn base64(element: &Element) -> Option<Vec<u8>> {
    let text = element.text()?;
    let text: String = text.chars().filter(|char| !char.is_ascii_whitespace()).collect();
    STANDARD.decode(text).ok()
}
