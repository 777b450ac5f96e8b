//! A provider's metadata: whose it is, until when, and which keys sign.
//!
//! Source: SAML 2.0 metadata, sections 2.3.2, 2.4.1.1 and 2.4.3. Metadata is uploaded by who may, so comments are let pass.

use jiff::Timestamp;

use super::signature::{DSIG, SamlKey, base64};
use super::xml::{Element, XmlRules, parse};

/// The namespace of metadata.
const METADATA: &str = "urn:oasis:names:tc:SAML:2.0:metadata";
/// A federation's members describe themselves at length; more than this is no one entity's.
const RULES: XmlRules = XmlRules { elements_max: 10_000, comments: true };
/// Signing keys of one provider that are kept.
const KEYS_MAX: usize = 10;

/// What counts of a metadata document.
#[derive(Debug, Default)]
pub(crate) struct SamlMetadata {
    /// `entityID`: the issuer of its assertions.
    pub(crate) issuer: String,
    /// `validUntil`, when it says.
    pub(crate) valid_until: Option<Timestamp>,
    /// The keys that sign.
    pub(crate) keys: Vec<SamlKey>,
}

impl SamlMetadata {
    /// Reads a document: it must be the metadata of one entity.
    ///
    /// # Errors
    /// What is wrong with it, in words that go on from "could not parse metadata:".
    pub(crate) fn read(text: &str) -> Result<SamlMetadata, String> {
        let root = parse(text, &RULES)?;
        if !root.is(METADATA, "EntityDescriptor") {
            return Err("its root is not an EntityDescriptor".to_owned());
        }
        let valid_until = root.attribute("validUntil").map(str::parse::<Timestamp>).transpose();
        let valid_until = valid_until.map_err(|_| "validUntil is not a time".to_owned())?;
        let issuer = root.attribute("entityID").unwrap_or_default().to_owned();
        let described = root.named(METADATA, "IDPSSODescriptor");
        let keys = described
            .flat_map(|it| it.named(METADATA, "KeyDescriptor"))
            .filter(|it| it.attribute("use").is_none_or(|usage| usage == "signing"));
        let keys = keys.flat_map(keys_of).take(KEYS_MAX).collect();
        Ok(SamlMetadata { issuer, valid_until, keys })
    }
}

/// The keys of the certificates in a `KeyDescriptor`.
fn keys_of(descriptor: &Element) -> impl Iterator<Item = SamlKey> {
    let infos = descriptor.named(DSIG, "KeyInfo");
    let certificates = infos
        .flat_map(|it| it.named(DSIG, "X509Data"))
        .flat_map(|it| it.named(DSIG, "X509Certificate"));
    certificates.filter_map(|it| SamlKey::of_certificate(&base64(it)?))
}
