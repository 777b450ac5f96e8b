//! The first half of the judgement: what a head claims. [`claim`] decides all that the head alone
//! can, in Amazon's order of refusal; whether a [`Claim`] is genuine its second half tells
//! (`verify.rs`).

use std::borrow::Cow;
use std::fmt;

use jiff::Timestamp;

use crate::authorization::{self, StatedSignature};
use crate::bytes::Class;
use crate::canonical::Rules;
use crate::covered::{ClaimText, CoveredHeaders};
use crate::credential::{AccessKeyId, Scope, SessionToken, Signature};
use crate::date::SignatureDate;
use crate::head::Head;
use crate::limits::{
    PRESIGNED_EXPIRES_SECONDS_MAX, QUERY_ECHO_BYTES_MAX, SESSION_TOKEN_BYTES_MAX,
    SIGNED_HEADERS_MAX,
};
use crate::names::{self, Index, ListedName};
use crate::presigned::Parameters;
use crate::refusal::{KeyRefusal, Part, Refusal, ScopeFault, cut, echo};
use crate::request::Request;
use crate::settings::{Settings, is_aws_region};
use crate::{ALGORITHM, TERMINATOR};

/// Key id, day, region, service, terminator.
const CREDENTIAL_PARTS: usize = 5;

/// What a request presents.
pub enum PresentedSignature {
    /// No credential of any kind. A broken credential is a [`Refusal`], never this.
    Anonymous,
    /// A signature, well formed, in time and in scope, not yet checked.
    Signed(Claim),
}

/// Judges the head alone: everything but the key and the signature. Faults are reported in
/// Amazon's order; the first one found wins. The crate's front page has an example.
///
/// # Errors
/// The first [`Refusal`] that needs no key: everything but [`Refusal::Key`] and [`Refusal::SignatureMismatch`],
/// and of keys only an id that is none and a token that is no text.
pub fn claim(
    request: &Request<'_>,
    now: Timestamp,
    settings: &Settings,
) -> Result<PresentedSignature, Refusal> {
    let head = Head::read(request)?;
    let query = Parameters::read(request.query)?;
    let presigned = query.present;
    let stated = match head.authorization {
        Some(value) if presigned => return Err(both_forms(value)),
        Some(value) => authorization::parse(value)?,
        None if presigned => read_query(&query)?,
        None if head.security_token.is_some() => StatedSignature::default(),
        None => return Ok(PresentedSignature::Anonymous),
    };
    let parts = require_parts(stated, &head, &query, presigned)?;
    let index = Index::of(request);
    let names = names::find(&parts.signed_headers, &index);
    check_signed_headers(&parts.signed_headers, &names, request, &head, presigned)?;
    let date = read_date(&parts, presigned)?;
    let mut pieces: [&[u8]; CREDENTIAL_PARTS] = [b""; CREDENTIAL_PARTS];
    let mut seen = 0;
    for piece in parts.credential.split(|byte| *byte == b'/') {
        pieces.get_mut(seen).into_iter().for_each(|place| *place = piece);
        seen += 1;
    }
    let [key_id, day, region, service, terminator] = pieces;
    let validity = Validity::read(&query, service, settings)?;
    validity.check(date, now)?;
    if seen != CREDENTIAL_PARTS {
        return Err(Refusal::CredentialParts { seen });
    }
    check_scope([day, region, service, terminator], date, settings)?;
    let (declared, payload) = read_payload(&head, &query, settings)?;
    check_form_body(request, &head, presigned)?;
    let session_token = read_session_token(&head, &query)?;
    if !AccessKeyId::is_valid(key_id) {
        return Err(KeyRefusal::Unknown.into());
    }
    let said = ClaimText {
        credential: &parts.credential,
        scope: parts.credential.get(key_id.len() + 1..).unwrap_or_default(),
        date: &date,
        list: &parts.signed_headers,
        names: &names,
        payload,
    };
    let first = Rules::first(settings, head.host.unwrap_or_default(), presigned);
    let rules = Rules { query_stays: query.stays, ..first };
    Ok(PresentedSignature::Signed(Claim {
        covered: CoveredHeaders::new(&said, request, &rules),
        date,
        session_token,
        signature: Signature::from_digits(&parts.signature),
        presigned,
        declared,
        last_second: date.as_second().saturating_add(validity.past_seconds),
    }))
}

/// A signature whose form, time and scope are good. Whether it is genuine only
/// [`check`](Claim::check) tells.
pub struct Claim {
    pub(crate) covered: CoveredHeaders,
    pub(crate) date: SignatureDate,
    pub(crate) session_token: Option<SessionToken>,
    pub(crate) signature: Option<Signature>,
    pub(crate) presigned: bool,
    pub(crate) declared: DeclaredPayload,
    last_second: i64,
}

impl Claim {
    /// The credential as it came: `keyid/day/region/service/aws4_request`. It names a signing key.
    #[must_use]
    pub fn credential(&self) -> &str {
        self.covered.credential()
    }

    /// The key the request says it was signed with, of an [`AccessKeyId`]'s shape.
    #[must_use]
    pub fn access_key_id(&self) -> &str {
        let credential = self.credential();
        let end = credential.bytes().position(|byte| byte == b'/').unwrap_or(credential.len());
        credential.get(..end).unwrap_or_default()
    }

    /// The day, region and service its signing key is for.
    #[must_use]
    pub fn scope(&self) -> Scope<'_> {
        let [_, day, region, service] = self.credential_parts();
        Scope { day, region, service }
    }

    fn credential_parts(&self) -> [&str; 4] {
        let mut rest = self.credential();
        std::array::from_fn(|_| {
            // Byte by byte: the parts are short, and every request asks for them several times.
            let end = rest.bytes().position(|byte| byte == b'/').unwrap_or(rest.len());
            let part = rest.get(..end).unwrap_or_default();
            rest = rest.get(end + 1..).unwrap_or_default();
            part
        })
    }

    /// When it was signed.
    #[must_use]
    pub fn date(&self) -> SignatureDate {
        self.date
    }

    /// The session token that came with it, in the header or in the query.
    #[must_use]
    pub fn session_token(&self) -> Option<&str> {
        self.session_token.as_ref().map(SessionToken::expose)
    }

    /// The names of the signed headers: lower case, ascending.
    pub fn signed_headers(&self) -> impl Iterator<Item = &str> {
        self.covered.names().split(';')
    }

    /// The last second, since 1970, in which this signature is in time.
    #[must_use]
    pub fn last_second(&self) -> i64 {
        self.last_second
    }

    /// The signature's bytes, for whoever remembers what was used: after [`check`](Claim::check) they
    /// stand for this very request under this key. `None` for what is no signature: it never verifies.
    #[must_use]
    pub fn signature(&self) -> Option<&[u8; 32]> {
        self.signature.as_ref().map(Signature::as_bytes)
    }

    /// Whether the signature is in the query.
    #[must_use]
    pub fn presigned(&self) -> bool {
        self.presigned
    }

    /// Whether the signature leaves the body out (`UNSIGNED-PAYLOAD`).
    #[must_use]
    pub fn unsigned_payload(&self) -> bool {
        self.declared == DeclaredPayload::Unsigned
    }
}

impl fmt::Debug for Claim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Claim")
            .field("credential", &self.credential())
            .field("date", &self.date)
            .field("signed_headers", &self.covered.names())
            .field("presigned", &self.presigned)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for PresentedSignature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Anonymous => f.write_str("Anonymous"),
            Self::Signed(claim) => claim.fmt(f),
        }
    }
}

/// The one payload mode without a hash.
pub(crate) const UNSIGNED_PAYLOAD: &str = "UNSIGNED-PAYLOAD";

/// What `x-amz-content-sha256` said.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum DeclaredPayload {
    Nothing,
    /// A SHA-256 in lower-case hex.
    Hash,
    Unsigned,
}

fn both_forms(authorization: &[u8]) -> Refusal {
    if authorization::is_aws_scheme(authorization) {
        Refusal::HeaderAndQuery
    } else {
        Refusal::TwoSchemes
    }
}

fn read_query<'a>(query: &Parameters<'a>) -> Result<StatedSignature<'a>, Refusal> {
    if query.version_2 {
        return Err(Refusal::UnsupportedAlgorithm { seen: "AWSAccessKeyId".to_owned() });
    }
    if let Some(algorithm) = query.algorithm.as_deref().filter(|name| *name != ALGORITHM.as_bytes())
    {
        return Err(Refusal::UnsupportedAlgorithm { seen: echo(algorithm) });
    }
    Ok(StatedSignature {
        credential: query.credential.clone(),
        signed_headers: query.signed_headers.clone(),
        signature: query.signature.clone(),
    })
}

/// The parts that must be there, and are.
struct PresentParts<'a> {
    credential: Cow<'a, [u8]>,
    signed_headers: Cow<'a, [u8]>,
    signature: Cow<'a, [u8]>,
    date: Cow<'a, [u8]>,
    /// Whether the date is a `Date` header, which may be in HTTP's own format.
    http_date: bool,
}

/// All missing parts in one refusal. An empty part is a missing one.
fn require_parts<'a>(
    stated: StatedSignature<'a>,
    head: &Head<'a>,
    query: &Parameters<'a>,
    presigned: bool,
) -> Result<PresentParts<'a>, Refusal> {
    let full = |part: Option<Cow<'a, [u8]>>| part.filter(|part| !part.is_empty());
    let in_header = head.x_amz_date.or(head.date).map(Cow::Borrowed);
    let date = if presigned { query.date.clone() } else { in_header };
    let algorithm_missing = presigned && query.algorithm.is_none();
    let (credential, signature) = (full(stated.credential), full(stated.signature));
    let signed_headers = full(stated.signed_headers);
    let date = date.filter(|date| !date.is_empty());
    match (credential, signature, signed_headers, date) {
        (Some(credential), Some(signature), Some(signed_headers), Some(date))
            if !algorithm_missing =>
        {
            let http_date = !presigned && head.x_amz_date.is_none();
            Ok(PresentParts { credential, signed_headers, signature, date, http_date })
        }
        (credential, signature, signed_headers, date) => {
            let table = [
                (algorithm_missing, Part::Algorithm),
                (credential.is_none(), Part::Credential),
                (signature.is_none(), Part::Signature),
                (signed_headers.is_none(), Part::SignedHeaders),
                (date.is_none(), Part::Date),
            ];
            let parts = table.into_iter().filter(|(missing, _)| *missing).map(|(_, part)| part);
            Err(Refusal::MissingParts { presigned, parts: parts.collect() })
        }
    }
}

/// `host`, the date that counts, and every `x-amz-*` header present must be signed. Exceptions, both
/// seen in the field: `x-amz-content-sha256` (opensearch-py#1038; it must still equal the body's
/// hash) and `x-amz-security-token` (AWS's own vector `post-sts-header-after`).
fn check_signed_headers(
    list: &[u8],
    names: &[ListedName<'_>],
    request: &Request<'_>,
    head: &Head<'_>,
    presigned: bool,
) -> Result<(), Refusal> {
    if names.len() > SIGNED_HEADERS_MAX {
        return Err(Refusal::TooLarge { what: "signed headers", limit: SIGNED_HEADERS_MAX });
    }
    let signs = |wanted: &[u8]| names.iter().any(|listed| listed.name.eq_ignore_ascii_case(wanted));
    if !signs(b"host") && !signs(b":authority") {
        return Err(Refusal::HostNotSigned);
    }
    for (name, _) in request.headers {
        if must_be_signed(name.as_bytes()) && !signs(name.as_bytes()) {
            return Err(Refusal::HeaderNotSigned { name: echo(name.as_bytes()).to_lowercase() });
        }
    }
    if !presigned && head.x_amz_date.is_none() && !signs(b"date") {
        return Err(Refusal::HeaderNotSigned { name: "date".to_owned() });
    }
    let ascending = names.is_sorted_by(|one, other| one.name < other.name);
    let named =
        Class::FIELD_NAMES.has_all(list) && !names.iter().any(|listed| listed.name.is_empty());
    if !ascending || !named {
        return Err(Refusal::SignedHeadersNotCanonical);
    }
    if head.host.is_none() {
        return Err(Refusal::MalformedHost);
    }
    if head.connection.is_some() { check_hop_by_hop(names, request) } else { Ok(()) }
}

fn must_be_signed(name: &[u8]) -> bool {
    let exempt: [&[u8]; 2] = [b"x-amz-content-sha256", b"x-amz-security-token"];
    name.get(..6).is_some_and(|start| start.eq_ignore_ascii_case(b"x-amz-"))
        && !exempt.iter().any(|exempt| name.eq_ignore_ascii_case(exempt))
}

/// What `Connection` lists ends at the next hop: a signature over it is a trap for whoever forwards
/// the request.
fn check_hop_by_hop(names: &[ListedName<'_>], request: &Request<'_>) -> Result<(), Refusal> {
    for value in request.header_values(b"connection") {
        for listed in value.split(|byte| *byte == b',').map(<[u8]>::trim_ascii) {
            let signed = |name: &&ListedName<'_>| name.name.eq_ignore_ascii_case(listed);
            if let Some(signed) = names.iter().find(signed) {
                return Err(Refusal::HopByHopSigned { name: echo(signed.name) });
            }
        }
    }
    Ok(())
}

/// The time, in the format that its header may have.
fn read_date(parts: &PresentParts<'_>, presigned: bool) -> Result<SignatureDate, Refusal> {
    let read = if parts.http_date && !presigned {
        SignatureDate::parse_http(&parts.date)
    } else {
        SignatureDate::parse_basic(&parts.date)
    };
    read.ok_or_else(|| Refusal::DateSyntax { seen: echo(&parts.date) })
}

/// For how long a signature is good, in seconds.
struct Validity {
    past_seconds: i64,
    skew_seconds: i64,
}

impl Validity {
    /// The service's skew either way; a presigned request with `X-Amz-Expires` is good for that
    /// long instead.
    fn read(query: &Parameters<'_>, service: &[u8], settings: &Settings) -> Result<Self, Refusal> {
        let skew_seconds = settings.skew_seconds(service);
        let expires = match query.expires.as_deref().filter(|_| query.present) {
            None => return Ok(Self { past_seconds: skew_seconds, skew_seconds }),
            Some(text) if text.iter().all(u8::is_ascii_digit) => {
                std::str::from_utf8(text).ok().and_then(|text| text.parse().ok())
            }
            Some(_) => None,
        };
        match expires {
            Some(past_seconds @ 1..=PRESIGNED_EXPIRES_SECONDS_MAX) => {
                Ok(Self { past_seconds, skew_seconds })
            }
            _ => Err(Refusal::ExpiresOutOfRange),
        }
    }

    /// Neither expired nor of the future.
    fn check(&self, signed: SignatureDate, now: Timestamp) -> Result<(), Refusal> {
        let now_seconds = now.as_second();
        let age_seconds = now_seconds.saturating_sub(signed.as_second());
        if age_seconds > self.past_seconds {
            let valid_seconds = self.past_seconds;
            return Err(Refusal::Expired { signed, now_seconds, valid_seconds });
        }
        if age_seconds < -self.skew_seconds {
            let skew_seconds = self.skew_seconds;
            return Err(Refusal::NotYetCurrent { signed, now_seconds, skew_seconds });
        }
        Ok(())
    }
}

/// Region, service, terminator, day: every fault at once, exact case.
fn check_scope(
    [day, region, service, terminator]: [&[u8]; 4],
    date: SignatureDate,
    settings: &Settings,
) -> Result<(), Refusal> {
    let mut faults = Vec::new();
    let region_fits = match &settings.region {
        Some(expected) => region == expected.as_bytes(),
        None => std::str::from_utf8(region).is_ok_and(is_aws_region),
    };
    if !region_fits {
        faults.push(ScopeFault::Region { seen: echo(region) });
    }
    if settings.rules(service).is_none() {
        let expected = settings.services.iter().map(|rules| rules.name.to_string()).collect();
        faults.push(ScopeFault::Service { seen: echo(service), expected });
    }
    if terminator != TERMINATOR.as_bytes() {
        faults.push(ScopeFault::Terminator { seen: echo(terminator) });
    }
    if day != date.day().as_bytes() {
        faults.push(ScopeFault::Date { seen: echo(day), signed: date });
    }
    if faults.is_empty() { Ok(()) } else { Err(Refusal::Scope(faults)) }
}

/// `x-amz-content-sha256` is optional. A SHA-256 in lower-case hex binds the body, signed or not;
/// `UNSIGNED-PAYLOAD` needs the switch; every `STREAMING-…` and anything else is refused, never
/// taken for unsigned (MinIO CVE-2025-31489 and its successors).
fn read_payload<'a>(
    head: &Head<'a>,
    query: &'a Parameters<'_>,
    settings: &Settings,
) -> Result<(DeclaredPayload, &'a [u8]), Refusal> {
    let value = match (head.content_sha256, query.content_sha256.as_deref()) {
        (None, None) => return Ok((DeclaredPayload::Nothing, b"")),
        (Some(one), Some(other)) if one != other => {
            return Err(Refusal::DuplicateHeader { name: "x-amz-content-sha256" });
        }
        (Some(value), _) | (None, Some(value)) => value,
    };
    if value == UNSIGNED_PAYLOAD.as_bytes() && settings.unsigned_payload {
        Ok((DeclaredPayload::Unsigned, value))
    } else if value.len() == 64 && Class::HEX.has_all(value) {
        Ok((DeclaredPayload::Hash, value))
    } else {
        Err(Refusal::PayloadMode { seen: echo(value) })
    }
}

/// Amazon refuses a form body together with a query (opensearch-hadoop#350 quotes the text).
fn check_form_body(request: &Request<'_>, head: &Head<'_>, presigned: bool) -> Result<(), Refusal> {
    const FORM: &[u8] = b"application/x-www-form-urlencoded";
    let start = head.content_type.and_then(|value| value.get(..FORM.len()));
    let form = start.is_some_and(|start| start.eq_ignore_ascii_case(FORM));
    if form && !presigned && !request.query.is_empty() {
        return Err(Refusal::FormWithQuery {
            query: cut(request.query.as_bytes(), QUERY_ECHO_BYTES_MAX),
        });
    }
    Ok(())
}

/// The token of the form that signs. A header token beside a presigned query would be a second one.
fn read_session_token(
    head: &Head<'_>,
    query: &Parameters<'_>,
) -> Result<Option<SessionToken>, Refusal> {
    let token = match (head.security_token, query.security_token.as_deref()) {
        (Some(_), Some(_)) => {
            return Err(Refusal::DuplicateHeader { name: "x-amz-security-token" });
        }
        (token, None) | (None, token) => token,
    };
    let Some(token) = token else { return Ok(None) };
    if token.len() > SESSION_TOKEN_BYTES_MAX {
        return Err(Refusal::TooLarge {
            what: "session token bytes",
            limit: SESSION_TOKEN_BYTES_MAX,
        });
    }
    let text = std::str::from_utf8(token).map_err(|_| KeyRefusal::TokenDamaged)?;
    Ok(Some(SessionToken::new(text)))
}
