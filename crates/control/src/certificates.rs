//! X.509 certificates and keys as people upload them: PEM in, what iam asks of them out. Nothing here trusts them.

use std::collections::BTreeSet;

use aws_lc_rs::rsa;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P384_SHA384_ASN1_SIGNING, ECDSA_P521_SHA512_ASN1_SIGNING,
    EcdsaKeyPair, KeyPair,
};
use x509_parser::extensions::GeneralName;
use x509_parser::pem::{Pem, parse_x509_pem};
use x509_parser::prelude::{FromDer, X509Certificate};

use crate::store::record::EpochSeconds;

/// Certificates of one chain that are read. Ours: Amazon bounds the text only.
const CHAIN_MAX: usize = 16;

/// What iam needs to know of a certificate.
pub(crate) struct ReadCertificate {
    /// When it ends.
    pub(crate) expires: EpochSeconds,
    /// The bits of its public key, as SubjectPublicKeyInfo holds them.
    pub(crate) public_key: Vec<u8>,
    /// The certificate itself: two texts may be one certificate.
    pub(crate) der: Vec<u8>,
}

/// The one certificate in a PEM text; `None` when there is none, or something else.
pub(crate) fn certificate(text: &str) -> Option<ReadCertificate> {
    let pem = block(text, "CERTIFICATE")?;
    let (_, read) = X509Certificate::from_der(&pem.contents).ok()?;
    let expires = read.validity().not_after.timestamp();
    let public_key = read.public_key().subject_public_key.data.to_vec();
    Some(ReadCertificate { expires, public_key, der: pem.contents })
}

/// The DNS names of the first certificate of a chain: its subject alternative names (RFC 6125, section 6.4.4, passes the
/// common name over where there are some, and we always do).
pub fn certificate_names(chain: &str) -> BTreeSet<String> {
    let read = |contents: &[u8]| {
        let (_, read) = X509Certificate::from_der(contents).ok()?;
        let names = read.subject_alternative_name().ok()??.value.general_names.iter();
        let names = names.filter_map(|name| match name {
            GeneralName::DNSName(name) => Some((*name).to_owned()),
            _ => None,
        });
        Some(names.collect())
    };
    block(chain, "CERTIFICATE").and_then(|pem| read(&pem.contents)).unwrap_or_default()
}

/// Whether every part of a PEM text is a certificate, and there is one.
pub(crate) fn is_chain(text: &str) -> bool {
    let mut rest = text.as_bytes();
    for count in 0..CHAIN_MAX {
        if rest.iter().all(u8::is_ascii_whitespace) {
            return count > 0;
        }
        let Ok((after, pem)) = parse_x509_pem(rest) else { return false };
        if pem.label != "CERTIFICATE" || X509Certificate::from_der(&pem.contents).is_err() {
            return false;
        }
        rest = after;
    }
    false
}

/// The public key that belongs to a private key in PEM (PKCS #1, PKCS #8, SEC 1); `None` when it is not one, or encrypted.
pub(crate) fn public_key_of(private: &str) -> Option<Vec<u8>> {
    let (_, pem) = parse_x509_pem(private.as_bytes()).ok()?;
    let der = pem.contents.as_slice();
    match pem.label.as_str() {
        "RSA PRIVATE KEY" => Some(rsa::KeyPair::from_der(der).ok()?.public_key().as_ref().to_vec()),
        "PRIVATE KEY" => match rsa::KeyPair::from_pkcs8(der) {
            Ok(pair) => Some(pair.public_key().as_ref().to_vec()),
            Err(_) => elliptic(der),
        },
        "EC PRIVATE KEY" => elliptic(der),
        _ => None,
    }
}

fn elliptic(der: &[u8]) -> Option<Vec<u8>> {
    let curves = [
        &ECDSA_P256_SHA256_ASN1_SIGNING,
        &ECDSA_P384_SHA384_ASN1_SIGNING,
        &ECDSA_P521_SHA512_ASN1_SIGNING,
    ];
    let pair =
        curves.iter().find_map(|curve| EcdsaKeyPair::from_private_key_der(curve, der).ok())?;
    Some(pair.public_key().as_ref().to_vec())
}

/// The part of a PEM text that is called `label`, when it is the first.
pub(crate) fn block(text: &str, label: &str) -> Option<Pem> {
    let (_, pem) = parse_x509_pem(text.as_bytes()).ok()?;
    (pem.label == label).then_some(pem)
}
