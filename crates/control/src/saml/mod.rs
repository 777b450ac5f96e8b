//! Assertions of SAML 2.0 providers: which are taken, and what they say of who bears them.
//!
//! A response is read once into a tree (`xml.rs`), must have the one shape in which nothing can be wrapped (here), and is
//! verified with the keys of the provider's metadata (`signature.rs`, `metadata.rs`); what it says is then read from the very
//! elements that were verified (`assertion.rs`). Decision 0148.

mod assertion;
mod canonical;
mod context;
pub(crate) mod metadata;
mod signature;
mod xml;

use std::collections::BTreeMap;

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use policy::Principal;

use self::assertion::ReadAssertion;
use self::signature::{DSIG, SamlKey, signer};
use self::xml::{Element, XmlRules, parse};
use crate::directory::entry::SamlProviderEntry;
use crate::directory::snapshot::Directory;
use crate::err::{ApiError, ErrorCode};
use crate::identity::{
    AssertedFault, AssertedSession, IdentifiedCaller, SamlLogin, is_session_name,
};
use crate::limits::{SAML_CONTEXT_CHARS_MAX, SAML_ELEMENTS_MAX, SAML_OFFERS_MAX};
use crate::policies::principal_arn_parts;

/// The namespace of assertions.
const ASSERTION: &str = "urn:oasis:names:tc:SAML:2.0:assertion";
/// The namespace of responses.
const PROTOCOL: &str = "urn:oasis:names:tc:SAML:2.0:protocol";
/// The status of a response that asserts something.
const SUCCESS: &str = "urn:oasis:names:tc:SAML:2.0:status:Success";
/// How a response is read.
const RULES: XmlRules = XmlRules { elements_max: SAML_ELEMENTS_MAX, comments: false };
/// Seconds of a session that an assertion may ask for.
const SESSION_SECONDS: std::ops::RangeInclusive<i64> = 900..=43_200;

impl Directory {
    /// The bearer of `response`, a SAML response in base64, verified at `now` with the keys of the provider called
    /// `provider_arn`, which must be of the account of `role_arn` and offer that role.
    ///
    /// It must be meant for Amazon's sign-in or for `own`, the address to which browsers bring it here.
    ///
    /// # Errors
    /// `InvalidIdentityToken` for a response that is not this provider's, forged, or not for this role; `ExpiredToken` for
    /// an old one.
    pub fn saml_bearer(
        &self,
        role_arn: &str,
        provider_arn: &str,
        response: &str,
        own: Option<&str>,
        now: Timestamp,
    ) -> Result<IdentifiedCaller, ApiError> {
        let provider = self
            .saml_provider_of(role_arn, provider_arn, now)
            .ok_or_else(|| invalid("Specified provider doesn't exist"))?;
        let root = tree(response)?;
        let element = shaped(&root).map_err(unreadable)?;
        let key = signers(&root, element, || keys_of(provider))?.one;
        let issuer = &provider.metadata_read.issuer;
        if root.named(ASSERTION, "Issuer").next().is_some() {
            assertion::check_issuer(&root, issuer)?;
        }
        let read = assertion::read(element, issuer, own, now)?;
        check_offered(&read, role_arn, provider_arn)?;
        caller(provider, &read, key)
    }

    /// The roles that `response` offers and is good for at `now`, each with its provider: what somebody may choose from. It is read
    /// once, and each signature in it is compared once with the keys of the providers that it names, however many roles it offers.
    /// [`Directory::saml_bearer`] judges the one that was chosen again.
    ///
    /// ```
    /// # use control::{Control, ControlOptions, ControlSettings, SEALING_KEY_BYTES, StorePlace};
    /// # let (place, sealing_key) = (StorePlace::Memory, [7; SEALING_KEY_BYTES]);
    /// # let settings = ControlSettings::default();
    /// # let control = Control::open(ControlOptions { place, sealing_key, settings }).unwrap();
    /// let now = jiff::Timestamp::UNIX_EPOCH;
    /// assert!(control.directory().saml_offers("PHg+", None, now).is_empty());
    /// ```
    pub fn saml_offers(
        &self,
        response: &str,
        own: Option<&str>,
        now: Timestamp,
    ) -> Vec<(String, String)> {
        self.verified_offers(response, own, now).unwrap_or_default()
    }

    fn verified_offers(
        &self,
        response: &str,
        own: Option<&str>,
        now: Timestamp,
    ) -> Result<Vec<(String, String)>, ApiError> {
        let root = tree(response)?;
        let element = shaped(&root).map_err(unreadable)?;
        let issuer = element.one(ASSERTION, "Issuer").and_then(Element::text).unwrap_or_default();
        let (mut offers, mut providers) = (pairs_offered(element), BTreeMap::new());
        offers.retain(|(role, arn)| {
            let provider = self.saml_provider_of(role, arn, now);
            let provider = provider.filter(|it| it.metadata_read.issuer == issuer);
            provider.is_some_and(|it| {
                providers.insert(arn.clone(), it);
                true
            })
        });
        let keys = || providers.values().copied().flat_map(keys_of);
        let signers = signers(&root, element, keys)?;
        if root.named(ASSERTION, "Issuer").next().is_some() {
            assertion::check_issuer(&root, issuer)?;
        }
        let read = assertion::read(element, issuer, own, now)?;
        // Two providers may be one with the same keys, registered in two accounts.
        offers.retain(|(_, arn)| {
            providers.get(arn).is_some_and(|provider| {
                let has = |key: &SamlKey| keys_of(provider).any(|it| it.bits() == key.bits());
                has(signers.one)
                    && signers.other.is_none_or(has)
                    && caller(provider, &read, signers.one).is_ok()
            })
        });
        Ok(offers)
    }

    /// The provider of this ARN, if it stands in the account of the role and is in date.
    fn saml_provider_of(
        &self,
        role_arn: &str,
        provider_arn: &str,
        now: Timestamp,
    ) -> Option<&SamlProviderEntry> {
        let account = principal_arn_parts(role_arn).map_or("", |(account, _, _)| account);
        let provider = self.saml_provider_by_arn(provider_arn)?;
        let stands = provider.account == account && provider.valid_until > now.as_second();
        stands.then_some(provider)
    }

    /// Whether the provider of `login` is still registered and still vouches for the key that signed.
    pub(crate) fn still_vouches(&self, provider_arn: &str, login: &SamlLogin) -> bool {
        let provider = self.saml_provider_by_arn(provider_arn);
        provider.is_some_and(|provider| {
            provider.metadata_read.keys.iter().any(|key| key.bits() == login.key)
        })
    }

    fn saml_provider_by_arn(&self, arn: &str) -> Option<&SamlProviderEntry> {
        let (account, kind, name) = principal_arn_parts(arn)?;
        let provider = self.saml_provider(account, name).filter(|_| kind == "saml-provider")?;
        (provider.arn() == arn).then_some(provider)
    }
}

/// The pairs of role and provider that an assertion offers, verified or not.
fn pairs_offered(assertion: &Element) -> Vec<(String, String)> {
    let pair = |text: &String| {
        let (one, other) = text.split_once(',')?;
        let (one, other) = (one.trim().to_owned(), other.trim().to_owned());
        let is_provider = |arn: &str| arn.contains(":saml-provider/");
        match (is_provider(&one), is_provider(&other)) {
            (false, true) => Some((one, other)),
            (true, false) => Some((other, one)),
            _ => None,
        }
    };
    assertion::offered(assertion).iter().filter_map(pair).take(SAML_OFFERS_MAX).collect()
}

/// The tree of a response in base64.
fn tree(response: &str) -> Result<Element, ApiError> {
    let compact: Vec<u8> = response.bytes().filter(|byte| !matches!(byte, b'\r' | b'\n')).collect();
    let text = STANDARD.decode(compact).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    let text = text.ok_or_else(|| invalid("Invalid base64 SAMLResponse"))?;
    parse(&text, &RULES).map_err(|why| unreadable(&why))
}

/// The one assertion of a response of the one shape that is read: a signature stands only where the response or the assertion
/// has its own, so that every attack by wrapping needs what is refused here. Source: Somorovsky and others, "On Breaking SAML:
/// Be Whoever You Want to Be" (2012), figures 5 to 8.
fn shaped(root: &Element) -> Result<&Element, &'static str> {
    if !root.is(PROTOCOL, "Response") || root.attribute("Version") != Some("2.0") {
        return Err("its root is not a Response of SAML 2.0");
    }
    let known = |it: &Element| {
        it.is(ASSERTION, "Issuer")
            || it.is(DSIG, "Signature")
            || it.is(PROTOCOL, "Status")
            || it.is(ASSERTION, "Assertion")
    };
    if root.elements().any(|it| it.is(ASSERTION, "EncryptedAssertion")) {
        return Err("encrypted assertions are not read here");
    }
    if !root.elements().all(known) {
        return Err(
            "its Response holds something else than Issuer, Signature, Status and Assertion",
        );
    }
    let assertion = root.one(ASSERTION, "Assertion").ok_or("it must have exactly one Assertion")?;
    let mut fault = None;
    root.walk(&mut |element, around| {
        let here = |it: &Element| around.is_some_and(|around| std::ptr::eq(around, it));
        if element.local == "Response" && around.is_some() {
            fault = Some("a Response stands inside it");
        }
        if element.local == "Assertion" && !std::ptr::eq(element, assertion) {
            fault = Some("an Assertion stands where none may");
        }
        if element.local == "Signature" && !here(root) && !here(assertion) {
            fault = Some("a Signature stands where none may");
        }
    });
    let status = root.one(PROTOCOL, "Status").and_then(|it| it.one(PROTOCOL, "StatusCode"));
    if status.and_then(|it| it.attribute("Value")) != Some(SUCCESS) {
        return Err("its status is not Success");
    }
    match fault {
        Some(fault) => Err(fault),
        None if assertion.attribute("Version") != Some("2.0") => {
            Err("its Assertion is not of SAML 2.0")
        }
        None => Ok(assertion),
    }
}

/// The keys of a provider.
fn keys_of(provider: &SamlProviderEntry) -> impl Iterator<Item = &SamlKey> {
    provider.metadata_read.keys.iter()
}

/// The keys that signed.
struct Signers<'k> {
    /// The one that stands for the provider: the assertion's, where that is signed.
    one: &'k SamlKey,
    /// The response's, where both are signed.
    other: Option<&'k SamlKey>,
}

/// The keys that signed the response, the assertion or both; where both are signed, both must be right.
fn signers<'k, K: Iterator<Item = &'k SamlKey>>(
    root: &Element,
    assertion: &Element,
    keys: impl Fn() -> K,
) -> Result<Signers<'k>, ApiError> {
    let wrong = |why: String| invalid("Response signature invalid").because(why);
    let of_response = signer(root, keys()).map_err(wrong)?;
    let of_assertion = signer(assertion, keys()).map_err(wrong)?;
    match (of_assertion, of_response) {
        (Some(one), other) => Ok(Signers { one, other }),
        (None, Some(one)) => Ok(Signers { one, other: None }),
        (None, None) => Err(wrong("neither the Response nor the Assertion is signed".to_owned())),
    }
}

/// That the assertion offers the role together with the provider: a pair of ARNs, in either order.
fn check_offered(read: &ReadAssertion, role_arn: &str, provider_arn: &str) -> Result<(), ApiError> {
    let offers = |pair: &String| {
        let parts: Vec<&str> = pair.split(',').map(str::trim).collect();
        parts == [role_arn, provider_arn] || parts == [provider_arn, role_arn]
    };
    if read.amazons("Role").iter().any(offers) {
        return Ok(());
    }
    let text = "SAML Assertion doesn't contain the requested Role and Metadata in the attributes";
    Err(invalid(text))
}

/// Who bears the assertion, and what it asks for the session.
fn caller(
    provider: &SamlProviderEntry,
    read: &ReadAssertion,
    key: &SamlKey,
) -> Result<IdentifiedCaller, ApiError> {
    let (account, name, arn) = (&provider.account, &provider.name, provider.arn());
    let session_name = read.amazons_one("RoleSessionName")?;
    let session_name =
        session_name.ok_or_else(|| invalid("RoleSessionName is required in AuthnResponse"))?;
    if !is_session_name(session_name) {
        let text = "RoleSessionName in AuthnResponse must match [a-zA-Z_0-9+=,.@-]{2,64}";
        return Err(invalid(text));
    }
    let seconds = read.amazons_one("SessionDuration")?.map(|text| {
        let seconds = text.parse::<i64>().ok().filter(|it| SESSION_SECONDS.contains(it));
        seconds
            .ok_or_else(|| invalid("SessionDuration in AuthnResponse must be 900 to 43200 seconds"))
    });
    let mut context = context::keys(read, account, name).ok_or_else(|| {
        let max = SAML_CONTEXT_CHARS_MAX;
        unreadable(&format!("its attributes used in conditions have more than {max} characters"))
    })?;
    context.insert("aws:FederatedProvider".to_owned(), vec![arn.clone()]);
    let hashed = digest(&SHA256, format!("{arn}\n{}\n{}", provider.id, read.id).as_bytes());
    let mut bearer = IdentifiedCaller::anonymous_as(Principal::web_identity(arn.as_str()));
    account.clone_into(&mut bearer.account);
    bearer.user_id = format!("{arn}:{}", read.subject);
    bearer.principal_arn.clone_from(&arn);
    bearer.session_context = context;
    bearer.asserted = asserted(read)?;
    bearer.asserted.saml = Some(SamlLogin {
        session_name: session_name.to_owned(),
        seconds: seconds.transpose()?,
        ends: read.session_ends,
        fingerprint: STANDARD.encode(hashed),
        subject: read.subject.clone(),
        subject_type: read.subject_type.clone(),
        issuer: read.issuer.clone(),
        audience: read.recipient.clone(),
        name_qualifier: context::name_qualifier(&read.issuer, account, name),
        key: key.bits().to_vec(),
    });
    bearer.arn = arn;
    Ok(bearer)
}

/// Tags, transitive keys and source identity that the assertion asks for.
///
/// Source: IAM user guide, "Pass session tags in AWS STS", session tags with AssumeRoleWithSAML.
fn asserted(read: &ReadAssertion) -> Result<AssertedSession, ApiError> {
    let mut tags = Vec::new();
    for (key, values) in read.amazons_under("PrincipalTag:") {
        let [value] = values else {
            return Err(invalid(&format!(
                "PrincipalTag:{key} in AuthnResponse must have one value"
            )));
        };
        tags.push((key.to_owned(), value.clone()));
    }
    let transitive = read.amazons("TransitiveTagKeys").to_vec();
    let source_identity = read.amazons_one("SourceIdentity")?.map(str::to_owned);
    AssertedSession::checked(tags, transitive, source_identity).map_err(|fault| match fault {
        AssertedFault::SourceIdentity => invalid(
            "Source Identity must match [a-zA-Z_0-9+=,.@-]{2,64} and not begin with \"aws:\"",
        ),
        AssertedFault::Tags(text) => invalid(&text),
        AssertedFault::Tag => invalid("PrincipalTag in AuthnResponse is not valid"),
        AssertedFault::TransitiveTagKeys => {
            invalid("TransitiveTagKeys in AuthnResponse is not valid")
        }
    })
}

fn unreadable(why: &str) -> ApiError {
    invalid("Your request included an invalid SAML response").because(why)
}

fn invalid(text: &str) -> ApiError {
    ApiError::new(ErrorCode::InvalidIdentityToken, text)
}
