//! The condition keys that an assertion gives.
//!
//! Source: IAM user guide, "IAM and AWS STS condition context keys" (keys for SAML-based federation), and "Configure SAML
//! assertions for the authentication response" (which attribute becomes which key).

use std::collections::BTreeMap;

use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::assertion::ReadAssertion;
use crate::limits::SAML_CONTEXT_CHARS_MAX;

/// Attributes of eduPerson, eduOrg, X.500 and Active Directory, and the keys they become.
const ATTRIBUTES: [(&str, &str); 35] = [
    ("urn:oid:1.3.6.1.4.1.5923.1.1.1.1", "eduPersonAffiliation"),
    ("urn:oid:1.3.6.1.4.1.5923.1.1.1.2", "eduPersonNickname"),
    ("urn:oid:1.3.6.1.4.1.5923.1.1.1.3", "eduPersonOrgDN"),
    ("urn:oid:1.3.6.1.4.1.5923.1.1.1.4", "eduPersonOrgUnitDN"),
    ("urn:oid:1.3.6.1.4.1.5923.1.1.1.5", "eduPersonPrimaryAffiliation"),
    ("urn:oid:1.3.6.1.4.1.5923.1.1.1.6", "eduPersonPrincipalName"),
    ("urn:oid:1.3.6.1.4.1.5923.1.1.1.7", "eduPersonEntitlement"),
    ("urn:oid:1.3.6.1.4.1.5923.1.1.1.8", "eduPersonPrimaryOrgUnitDN"),
    ("urn:oid:1.3.6.1.4.1.5923.1.1.1.9", "eduPersonScopedAffiliation"),
    ("urn:oid:1.3.6.1.4.1.5923.1.1.1.10", "eduPersonTargetedID"),
    ("urn:oid:1.3.6.1.4.1.5923.1.1.1.11", "eduPersonAssurance"),
    ("urn:oid:1.3.6.1.4.1.5923.1.2.1.2", "eduOrgHomePageURI"),
    ("urn:oid:1.3.6.1.4.1.5923.1.2.1.3", "eduOrgIdentityAuthNPolicyURI"),
    ("urn:oid:1.3.6.1.4.1.5923.1.2.1.4", "eduOrgLegalName"),
    ("urn:oid:1.3.6.1.4.1.5923.1.2.1.5", "eduOrgSuperiorURI"),
    ("urn:oid:1.3.6.1.4.1.5923.1.2.1.6", "eduOrgWhitePagesURI"),
    ("urn:oid:2.5.4.3", "cn"),
    ("http://schemas.xmlsoap.org/ws/2005/05/identity/claims/name", "name"),
    ("http://schemas.xmlsoap.org/claims/CommonName", "commonName"),
    ("http://schemas.xmlsoap.org/ws/2005/05/identity/claims/givenname", "givenName"),
    ("http://schemas.xmlsoap.org/ws/2005/05/identity/claims/surname", "surname"),
    ("http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress", "mail"),
    ("http://schemas.xmlsoap.org/ws/2005/05/identity/claims/uid", "uid"),
    ("http://schemas.microsoft.com/ws/2008/06/identity/claims/primarygroupsid", "primaryGroupSID"),
    ("2.5.4.3", "commonName"),
    ("2.5.4.4", "surname"),
    ("2.4.5.42", "givenName"),
    ("2.5.4.42", "givenName"),
    ("2.5.4.45", "x500UniqueIdentifier"),
    ("urn:oid:2.5.4.4", "surname"),
    ("urn:oid:2.5.4.42", "givenName"),
    ("0.9.2342.19200300100.1.1", "uid"),
    ("0.9.2342.19200300100.1.3", "mail"),
    ("0.9.2342.19200300.100.1.45", "organizationStatus"),
    ("0.9.2342.19200300100.1.45", "organizationStatus"),
];

/// `BASE64 ( SHA1 ( issuer + account + "/" + provider ) )`: with the subject it names a user once and for all.
pub(super) fn name_qualifier(issuer: &str, account: &str, provider: &str) -> String {
    let named = format!("{issuer}{account}/{provider}");
    STANDARD.encode(digest(&SHA1_FOR_LEGACY_USE_ONLY, named.as_bytes()))
}

/// The condition keys of `assertion`, which `provider` of `account` issued; `None` when they are too long to keep.
pub(super) fn keys(
    assertion: &ReadAssertion,
    account: &str,
    provider: &str,
) -> Option<BTreeMap<String, Vec<String>>> {
    let qualifier = name_qualifier(&assertion.issuer, account, provider);
    let one = |key: &str, value: &str| (format!("saml:{key}"), vec![value.to_owned()]);
    let mut keys = BTreeMap::from([
        one("aud", &assertion.recipient),
        one("doc", &format!("{account}/{provider}")),
        one("iss", &assertion.issuer),
        one("namequalifier", &qualifier),
        one("sub", &assertion.subject),
    ]);
    if !assertion.subject_type.is_empty() {
        keys.extend([one("sub_type", &assertion.subject_type)]);
    }
    let mut chars = 0;
    for (attribute, key) in ATTRIBUTES {
        let Some(values) = assertion.attributes.get(attribute) else { continue };
        chars += values.iter().map(|value| value.chars().count()).sum::<usize>();
        if chars > SAML_CONTEXT_CHARS_MAX {
            return None;
        }
        keys.entry(format!("saml:{key}")).or_default().extend(values.iter().cloned());
    }
    Some(keys)
}
