//! What an assertion says, read from the element whose signature was verified.
//!
//! Sources: SAML 2.0 core, sections 2.3 to 2.7; SAML 2.0 profiles, section 4.1.4 (the bearer); IAM user guide, "Configure SAML
//! assertions for the authentication response". Texts of refusals are Amazon's where Amazon's are known.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::xml::Element;
use super::{ASSERTION, invalid};
use crate::err::{ApiError, ErrorCode};

/// How far a provider's clock may be ahead of ours, in seconds.
const SKEW_SECONDS_MAX: i64 = 300;
/// Seconds after its issue in which an assertion is good. Amazon: "Token must be redeemed within 5 minutes of issuance".
const REDEEM_SECONDS_MAX: i64 = 300;
/// For whom an assertion may be: Amazon's sign-in, as its metadata names it.
const AUDIENCES: [&str; 2] = ["https://signin.aws.amazon.com/saml", "urn:amazon:webservices"];
/// What `SubjectConfirmation` must be.
const BEARER: &str = "urn:oasis:names:tc:SAML:2.0:cm:bearer";
/// Characters of a subject (SAML 2.0 core, section 8.3.7).
const SUBJECT_CHARS_MAX: usize = 256;
/// The attributes that are meant for Amazon.
const AMAZONS: &str = "https://aws.amazon.com/SAML/Attributes/";

/// An assertion that is for us, now, and for whoever bears it.
pub(super) struct ReadAssertion {
    pub(super) id: String,
    pub(super) issuer: String,
    pub(super) subject: String,
    /// The format of the subject, without the prefix of SAML's own.
    pub(super) subject_type: String,
    /// Where it was to be presented.
    pub(super) recipient: String,
    /// When the provider wants the session over (`SessionNotOnOrAfter`).
    pub(super) session_ends: Option<i64>,
    /// Values of attributes by name: those that are plain text.
    pub(super) attributes: BTreeMap<String, Vec<String>>,
}

impl ReadAssertion {
    /// The values of one of Amazon's attributes.
    pub(super) fn amazons(&self, name: &str) -> &[String] {
        self.attributes.get(&format!("{AMAZONS}{name}")).map_or(&[], Vec::as_slice)
    }

    /// The one value of one of Amazon's attributes; `None` when it is not there.
    pub(super) fn amazons_one(&self, name: &str) -> Result<Option<&str>, ApiError> {
        match self.amazons(name) {
            [] => Ok(None),
            [one] => Ok(Some(one)),
            _ => Err(invalid(&format!("{name} in AuthnResponse has more than one value"))),
        }
    }

    /// Those of Amazon's attributes whose names begin with `prefix`, by the rest of the name.
    pub(super) fn amazons_under<'a>(
        &'a self,
        prefix: &'a str,
    ) -> impl Iterator<Item = (&'a str, &'a [String])> {
        self.attributes.iter().filter_map(move |(name, values)| {
            let rest = name.strip_prefix(AMAZONS)?.strip_prefix(prefix)?;
            Some((rest, values.as_slice()))
        })
    }
}

/// The values of the attribute that offers roles, whoever signed them.
pub(super) fn offered(assertion: &Element) -> Vec<String> {
    let read = attributes(assertion).unwrap_or_default();
    read.get(&format!("{AMAZONS}Role")).cloned().unwrap_or_default()
}

/// Reads `assertion` and checks issuer, times, audience and subject.
pub(super) fn read(
    assertion: &Element,
    issuer: &str,
    own: Option<&str>,
    now: Timestamp,
) -> Result<ReadAssertion, ApiError> {
    let issuer = check_issuer(assertion, issuer)?;
    check_issue(assertion, now)?;
    check_conditions(assertion, own, now)?;
    let id = assertion.attribute("ID").filter(|id| !id.is_empty());
    let id = id.ok_or_else(|| malformed("it has no ID"))?;
    let subject = assertion.one(ASSERTION, "Subject");
    let subject = subject.ok_or_else(|| malformed("it must have exactly one Subject"))?;
    let name = subject.one(ASSERTION, "NameID").filter(|name| {
        name.text().is_some_and(|text| (1..=SUBJECT_CHARS_MAX).contains(&text.chars().count()))
    });
    let name = name.ok_or_else(|| malformed("its Subject must have exactly one NameID"))?;
    let format = name.attribute("Format").unwrap_or_default();
    let short = format.strip_prefix("urn:oasis:names:tc:SAML:2.0:nameid-format:");
    Ok(ReadAssertion {
        id: id.to_owned(),
        issuer,
        subject: name.text().unwrap_or_default().to_owned(),
        subject_type: short.unwrap_or(format).to_owned(),
        recipient: confirmed(subject, own, now)?,
        session_ends: session_ends(assertion, now)?,
        attributes: attributes(assertion)?,
    })
}

/// That `element` names the provider as its issuer.
pub(super) fn check_issuer(element: &Element, issuer: &str) -> Result<String, ApiError> {
    let said = element.one(ASSERTION, "Issuer").and_then(Element::text);
    let said = said.filter(|said| *said == issuer && !issuer.is_empty());
    said.map(str::to_owned).ok_or_else(|| invalid("Issuer not present in specified provider"))
}

fn check_issue(assertion: &Element, now: Timestamp) -> Result<(), ApiError> {
    let issued =
        time(assertion, "IssueInstant")?.ok_or_else(|| malformed("it has no IssueInstant"))?;
    if issued > now.as_second() + SKEW_SECONDS_MAX {
        return Err(malformed("it is not issued yet"));
    }
    if issued + REDEEM_SECONDS_MAX <= now.as_second() {
        return Err(expired("Token must be redeemed within 5 minutes of issuance"));
    }
    Ok(())
}

/// `Conditions`: the times and the audience. A condition that is not known cannot hold (SAML 2.0 core, section 2.5.1.1).
fn check_conditions(
    assertion: &Element,
    own: Option<&str>,
    now: Timestamp,
) -> Result<(), ApiError> {
    let conditions = assertion.one(ASSERTION, "Conditions");
    let conditions =
        conditions.ok_or_else(|| malformed("it must have exactly one Conditions element"))?;
    check_times(conditions, now)?;
    let known = ["AudienceRestriction", "OneTimeUse", "ProxyRestriction"];
    if !conditions
        .elements()
        .all(|it| it.namespace == ASSERTION && known.contains(&it.local.as_str()))
    {
        return Err(malformed("it has a condition that is not known"));
    }
    let mut restrictions = conditions.named(ASSERTION, "AudienceRestriction").peekable();
    let for_us = |restriction: &Element| {
        let mut audiences = restriction.named(ASSERTION, "Audience").filter_map(Element::text);
        audiences.any(|audience| AUDIENCES.contains(&audience) || is_sign_in(audience, own))
    };
    if restrictions.peek().is_none() || !restrictions.all(for_us) {
        return Err(invalid("Response does not contain the required audience"));
    }
    Ok(())
}

/// Where whoever bears the assertion was to bring it.
fn confirmed(subject: &Element, own: Option<&str>, now: Timestamp) -> Result<String, ApiError> {
    let mut fault = malformed("its Subject has no SubjectConfirmation of the bearer method");
    for confirmation in subject.named(ASSERTION, "SubjectConfirmation") {
        if confirmation.attribute("Method") != Some(BEARER) {
            continue;
        }
        match bearer(confirmation, own, now) {
            Ok(recipient) => return Ok(recipient),
            Err(why) => fault = why,
        }
    }
    Err(fault)
}

fn bearer(confirmation: &Element, own: Option<&str>, now: Timestamp) -> Result<String, ApiError> {
    let data = confirmation.one(ASSERTION, "SubjectConfirmationData");
    let data = data.ok_or_else(|| {
        malformed("the bearer's SubjectConfirmation has no SubjectConfirmationData")
    })?;
    if data.attribute("NotOnOrAfter").is_none() {
        return Err(malformed("the bearer's SubjectConfirmationData has no NotOnOrAfter"));
    }
    check_times(data, now)?;
    let recipient = data.attribute("Recipient").unwrap_or_default();
    if !is_sign_in(recipient, own) {
        return Err(malformed("its Recipient is not Amazon's sign-in, and not the console's"));
    }
    Ok(recipient.to_owned())
}

/// `https://signin.aws.amazon.com/saml`, or that of one region.
fn is_sign_in(url: &str, own: Option<&str>) -> bool {
    if own == Some(url) {
        return true;
    }
    let host = url.strip_prefix("https://").and_then(|rest| rest.strip_suffix("/saml"));
    host.is_some_and(|host| match host.strip_suffix("signin.aws.amazon.com") {
        Some("") => true,
        Some(region) => region.strip_suffix('.').is_some_and(|region| {
            region.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        }),
        None => false,
    })
}

fn check_times(element: &Element, now: Timestamp) -> Result<(), ApiError> {
    let now = now.as_second();
    if time(element, "NotBefore")?.is_some_and(|time| time > now + SKEW_SECONDS_MAX) {
        return Err(malformed("it is not good yet"));
    }
    if time(element, "NotOnOrAfter")?.is_some_and(|time| time <= now) {
        return Err(expired("Token has expired"));
    }
    Ok(())
}

/// The earliest end that a statement of authentication sets for the session.
fn session_ends(assertion: &Element, now: Timestamp) -> Result<Option<i64>, ApiError> {
    let mut earliest: Option<i64> = None;
    for statement in assertion.named(ASSERTION, "AuthnStatement") {
        if let Some(end) = time(statement, "SessionNotOnOrAfter")? {
            earliest = Some(earliest.map_or(end, |other| other.min(end)));
        }
    }
    if earliest.is_some_and(|end| end <= now.as_second()) {
        return Err(expired("Token has expired"));
    }
    Ok(earliest)
}

/// The attributes with the values that are plain text. Amazon's own must be that, each named once.
fn attributes(assertion: &Element) -> Result<BTreeMap<String, Vec<String>>, ApiError> {
    let mut read: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let statements = assertion.named(ASSERTION, "AttributeStatement");
    for attribute in statements.flat_map(|it| it.named(ASSERTION, "Attribute")) {
        let name = attribute.attribute("Name").unwrap_or_default();
        let values: Vec<&Element> = attribute.named(ASSERTION, "AttributeValue").collect();
        let texts: Vec<String> =
            values.iter().filter_map(|it| it.text()).map(str::to_owned).collect();
        if name.starts_with(AMAZONS) && (texts.len() != values.len() || read.contains_key(name)) {
            return Err(malformed("one of Amazon's attributes occurs twice or is not text"));
        }
        read.entry(name.to_owned()).or_default().extend(texts);
    }
    Ok(read)
}

/// A time of an attribute, in seconds.
fn time(element: &Element, name: &str) -> Result<Option<i64>, ApiError> {
    let parsed = element.attribute(name).map(str::parse::<Timestamp>).transpose();
    let parsed = parsed.map_err(|_| malformed(&format!("{name} is not a time")))?;
    Ok(parsed.map(Timestamp::as_second))
}

fn malformed(why: &str) -> ApiError {
    invalid("Your request included an invalid SAML response").because(why)
}

fn expired(text: &str) -> ApiError {
    ApiError::new(ErrorCode::ExpiredToken, text)
}
