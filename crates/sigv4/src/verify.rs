//! The judgement. [`verify`] reads top to bottom; [`claim`] is its first half, all that the head
//! alone decides, in Amazon's order of refusal; [`Claim::check`] is the second, once the body was
//! hashed.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use jiff::Timestamp;
use subtle::{Choice, ConstantTimeEq};

use crate::authorization::{self, Stated};
use crate::canonical::{Rules, canonical_request, string_to_sign};
use crate::credential::{AccessKeyId, Scope, SessionToken, Signature, SigningKey};
use crate::date::SignatureDate;
use crate::limits::{
    ECHO_BYTES_MAX, HEADERS_MAX, PATH_BYTES_MAX, PRESIGNED_EXPIRES_SECONDS_MAX,
    QUERY_ECHO_BYTES_MAX, SESSION_TOKEN_BYTES_MAX, SIGNED_HEADERS_MAX,
};
use crate::presigned::Parameters;
use crate::refusal::{KeyRefusal, Mismatch, Part, Refusal, ScopeFault};
use crate::request::{PayloadHash, Request, hex, hex_text};
use crate::settings::{Form, Settings, is_aws_region};
use crate::{ALGORITHM, TERMINATOR};

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

/// What a request presents.
pub enum Presented {
    /// No credential of any kind. A broken credential is a [`Refusal`], never this.
    Anonymous,
    /// A signature, well formed, in time and in scope, not yet checked.
    Signed(Claim),
}

/// Judges the head alone: everything but the key and the signature. Faults are reported in
/// Amazon's order; the first one found wins.
pub fn claim(
    request: &Request<'_>,
    now: Timestamp,
    settings: &Settings,
) -> Result<Presented, Refusal> {
    let head = Head::read(request)?;
    let query = Parameters::read(request.query)?;
    let presigned = query.present;
    let stated = match head.authorization {
        Some(value) if presigned => return Err(both_forms(value)),
        Some(value) => authorization::parse(value)?,
        None if presigned => stated_in_query(&query)?,
        None if head.security_token.is_some() => Stated::default(),
        None => return Ok(Presented::Anonymous),
    };
    let parts = parts(stated, &head, &query, presigned)?;
    signed_headers(&parts.signed_headers, request, &head, presigned)?;
    let date = date(&parts, presigned)?;
    let scope_parts: Vec<&str> = parts.credential.split('/').collect();
    let validity = Validity::read(&query, &scope_parts, settings)?;
    validity.judge(date, now)?;
    let &[key_id, day, region, service, terminator] = scope_parts.as_slice() else {
        return Err(Refusal::CredentialParts { seen: scope_parts.len() });
    };
    scope([day, region, service, terminator], date, settings)?;
    let payload = declared_payload(&head, &query, settings)?;
    form_with_query(request, &head, presigned)?;
    let session_token = session_token(&head, &query)?;
    let access_key_id = AccessKeyId::parse(key_id).ok_or(KeyRefusal::Unknown)?;
    Ok(Presented::Signed(Claim {
        access_key_id,
        scope: Scope::new(day, region, service),
        date,
        session_token,
        signature: Signature::from_hex(&parts.signature),
        signed_headers: parts.signed_headers.into(),
        presigned,
        payload,
    }))
}

/// A signature whose form, time and scope are good. Whether it is genuine only
/// [`check`](Claim::check) tells.
pub struct Claim {
    access_key_id: AccessKeyId,
    scope: Scope,
    date: SignatureDate,
    session_token: Option<SessionToken>,
    signature: Option<Signature>,
    signed_headers: Box<str>,
    presigned: bool,
    payload: Declared,
}

impl Claim {
    /// The key the request says it was signed with.
    pub fn access_key_id(&self) -> &AccessKeyId {
        &self.access_key_id
    }

    /// The day, region and service its signing key is for.
    pub fn scope(&self) -> &Scope {
        &self.scope
    }

    /// When it was signed.
    pub fn date(&self) -> SignatureDate {
        self.date
    }

    /// The session token that came with it, in the header or in the query.
    pub fn session_token(&self) -> Option<&str> {
        self.session_token.as_ref().map(SessionToken::expose)
    }

    /// The names of the signed headers: lower case, ascending.
    pub fn signed_headers(&self) -> impl Iterator<Item = &str> {
        self.signed_headers.split(';')
    }

    /// Whether the signature is in the query.
    pub fn presigned(&self) -> bool {
        self.presigned
    }

    /// Whether the signature leaves the body out (`UNSIGNED-PAYLOAD`).
    pub fn unsigned_payload(&self) -> bool {
        matches!(self.payload, Declared::Unsigned)
    }

    /// Compares the signature with the one `key` gives, for each accepted form and host, in
    /// constant time each. `payload` is the hash of the body as received; `request` and `settings`
    /// must be those the claim was read with.
    pub fn check(
        &self,
        request: &Request<'_>,
        payload: &PayloadHash,
        key: &SigningKey,
        settings: &Settings,
    ) -> Result<Verified, Refusal> {
        let payload_differs = matches!(&self.payload, Declared::Hash(hash) if hash != payload);
        let digits = hex(payload.as_bytes());
        let digits = hex_text(&digits);
        let received = host(request).unwrap_or_default();
        let tokens = if self.presigned && self.session_token.is_some() { 2 } else { 1 };
        for host in [Host::AsReceived, Host::OtherPort] {
            let value = match host {
                Host::AsReceived => Some(Cow::Borrowed(received)),
                Host::OtherPort => other_host(received, settings.port),
            };
            let Some(value) = value else { continue };
            for form in settings.forms.iter() {
                for omit_token in [false, true].into_iter().take(tokens) {
                    let rules = self.rules(form, &value, omit_token, digits, settings);
                    let Some(canonical) = canonical_request(request, &rules) else { continue };
                    let ours = key.sign(&string_to_sign(&self.date, &self.scope, &canonical));
                    if bool::from(self.is_signature(&ours)) && !payload_differs {
                        let payload = self.payload.kind();
                        return Ok(Verified { form, host, payload });
                    }
                }
            }
        }
        Err(self.mismatch(request, received, digits, payload_differs, settings))
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

    fn rules<'a>(
        &'a self,
        form: Form,
        host: &'a [u8],
        omit_token: bool,
        hex: &'a str,
        settings: &Settings,
    ) -> Rules<'a> {
        Rules {
            form,
            normalize_path: settings.normalize_path,
            signed_headers: &self.signed_headers,
            host,
            presigned: self.presigned,
            omit_token,
            payload: if self.unsigned_payload() { UNSIGNED_PAYLOAD } else { hex },
            redact: false,
        }
    }

    /// What the refused client reads; with diagnostics, the form that AWS documents, computed from
    /// the caller's own bytes.
    fn mismatch(
        &self,
        request: &Request<'_>,
        host: &[u8],
        hex: &str,
        payload_differs: bool,
        settings: &Settings,
    ) -> Refusal {
        let computed = settings.diagnostics.then(|| {
            let rules = self.rules(Form::Aws, host, false, hex, settings);
            let canonical = canonical_request(request, &rules).unwrap_or_default();
            let to_sign = string_to_sign(&self.date, &self.scope, &canonical);
            let shown = canonical_request(request, &Rules { redact: true, ..rules });
            (lossy(&shown.unwrap_or_default()), lossy(&to_sign))
        });
        Refusal::SignatureMismatch(Mismatch { computed, payload_differs })
    }
}

impl fmt::Debug for Claim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Claim")
            .field("access_key_id", &self.access_key_id)
            .field("scope", &self.scope)
            .field("date", &self.date)
            .field("signed_headers", &self.signed_headers)
            .field("presigned", &self.presigned)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Presented {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Anonymous => f.write_str("Anonymous"),
            Self::Signed(claim) => claim.fmt(f),
        }
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

/// Whether a signature covers the body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Payload {
    /// The body's hash is in the canonical request.
    Signed,
    /// `UNSIGNED-PAYLOAD`: only what TLS promises.
    Unsigned,
}

const UNSIGNED_PAYLOAD: &str = "UNSIGNED-PAYLOAD";

/// What `x-amz-content-sha256` said.
enum Declared {
    Nothing,
    Hash(PayloadHash),
    Unsigned,
}

impl Declared {
    fn kind(&self) -> Payload {
        match self {
            Self::Nothing | Self::Hash(_) => Payload::Signed,
            Self::Unsigned => Payload::Unsigned,
        }
    }
}

/// The headers that matter to the signature layer, each at most once.
#[derive(Default)]
struct Head<'a> {
    authorization: Option<&'a [u8]>,
    x_amz_date: Option<&'a [u8]>,
    date: Option<&'a [u8]>,
    host: Option<&'a [u8]>,
    security_token: Option<&'a [u8]>,
    content_sha256: Option<&'a [u8]>,
    content_type: Option<&'a [u8]>,
}

impl<'a> Head<'a> {
    fn read(request: &Request<'a>) -> Result<Self, Refusal> {
        if request.headers.len() > HEADERS_MAX {
            return Err(Refusal::TooLarge { what: "headers", limit: HEADERS_MAX });
        }
        if request.path.len() > PATH_BYTES_MAX {
            return Err(Refusal::TooLarge { what: "path bytes", limit: PATH_BYTES_MAX });
        }
        let mut head = Self::default();
        for (name, value) in request.headers {
            // No early exit: so the loop runs on whole vectors of bytes.
            let control = |byte: u8| ((byte < b' ') & (byte != b'\t')) | (byte == 0x7f);
            if value.iter().fold(false, |found, byte| found | control(*byte)) {
                return Err(Refusal::MalformedHeader { name: echo(name.as_bytes()) });
            }
            head.take(name, value)?;
        }
        if head.host.is_some_and(|host| !is_host(host)) {
            return Err(Refusal::MalformedHost);
        }
        Ok(head)
    }

    fn take(&mut self, name: &str, value: &'a [u8]) -> Result<(), Refusal> {
        let is = |known: &str| name.eq_ignore_ascii_case(known);
        let (name, place) = match name.len() {
            4 if is("host") => ("host", &mut self.host),
            4 if is("date") => ("date", &mut self.date),
            10 if is("x-amz-date") => ("x-amz-date", &mut self.x_amz_date),
            12 if is("content-type") => {
                self.content_type = Some(value);
                return Ok(());
            }
            13 if is("authorization") => return self.take_authorization(value),
            20 if is("x-amz-security-token") => ("x-amz-security-token", &mut self.security_token),
            20 if is("x-amz-content-sha256") => ("x-amz-content-sha256", &mut self.content_sha256),
            _ => return Ok(()),
        };
        match place.replace(value) {
            None => Ok(()),
            Some(_) => Err(Refusal::DuplicateHeader { name }),
        }
    }

    /// Two schemes are an ambiguity between mechanisms, twice the same one is a broken request.
    fn take_authorization(&mut self, value: &'a [u8]) -> Result<(), Refusal> {
        let Some(first) = self.authorization.replace(value) else { return Ok(()) };
        if authorization::is_aws_scheme(first) == authorization::is_aws_scheme(value) {
            return Err(Refusal::DuplicateHeader { name: "authorization" });
        }
        Err(Refusal::TwoSchemes)
    }
}

fn both_forms(authorization: &[u8]) -> Refusal {
    if authorization::is_aws_scheme(authorization) {
        Refusal::HeaderAndQuery
    } else {
        Refusal::TwoSchemes
    }
}

fn stated_in_query<'a>(query: &Parameters<'a>) -> Result<Stated<'a>, Refusal> {
    if query.version_2 {
        return Err(Refusal::UnsupportedAlgorithm { seen: "AWSAccessKeyId".to_owned() });
    }
    if let Some(algorithm) = query.algorithm.as_deref().filter(|name| *name != ALGORITHM) {
        return Err(Refusal::UnsupportedAlgorithm { seen: echo(algorithm.as_bytes()) });
    }
    Ok(Stated {
        credential: query.credential.clone(),
        signed_headers: query.signed_headers.clone(),
        signature: query.signature.clone(),
    })
}

/// The parts that must be there, and are.
struct Parts<'a> {
    credential: Cow<'a, str>,
    signed_headers: Cow<'a, str>,
    signature: Cow<'a, str>,
    date: Cow<'a, [u8]>,
    /// Whether the date is a `Date` header, which may be in HTTP's own format.
    http_date: bool,
}

/// All missing parts in one refusal. An empty part is a missing one.
fn parts<'a>(
    stated: Stated<'a>,
    head: &Head<'a>,
    query: &Parameters<'a>,
    presigned: bool,
) -> Result<Parts<'a>, Refusal> {
    let full = |part: Option<Cow<'a, str>>| part.filter(|part| !part.is_empty());
    let in_query = query.date.clone().map(|date| match date {
        Cow::Borrowed(date) => Cow::Borrowed(date.as_bytes()),
        Cow::Owned(date) => Cow::Owned(date.into_bytes()),
    });
    let in_header = head.x_amz_date.or(head.date).map(Cow::Borrowed);
    let date = if presigned { in_query } else { in_header };
    let algorithm_missing = presigned && query.algorithm.is_none();
    let (credential, signature) = (full(stated.credential), full(stated.signature));
    let signed_headers = full(stated.signed_headers);
    let date = date.filter(|date| !date.is_empty());
    match (credential, signature, signed_headers, date) {
        (Some(credential), Some(signature), Some(signed_headers), Some(date))
            if !algorithm_missing =>
        {
            let http_date = !presigned && head.x_amz_date.is_none();
            Ok(Parts { credential, signed_headers, signature, date, http_date })
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
fn signed_headers(
    list: &str,
    request: &Request<'_>,
    head: &Head<'_>,
    presigned: bool,
) -> Result<(), Refusal> {
    let names = || list.as_bytes().split(|byte| *byte == b';');
    if names().nth(SIGNED_HEADERS_MAX).is_some() {
        return Err(Refusal::TooLarge { what: "signed headers", limit: SIGNED_HEADERS_MAX });
    }
    let signs = |wanted: &str| names().any(|name| name.eq_ignore_ascii_case(wanted.as_bytes()));
    if !signs("host") && !signs(":authority") {
        return Err(Refusal::HostNotSigned);
    }
    for (name, _) in request.headers {
        let start = name.as_bytes().get(..6);
        let amz = start.is_some_and(|start| start.eq_ignore_ascii_case(b"x-amz-"));
        let exempt = || {
            name.eq_ignore_ascii_case("x-amz-content-sha256")
                || name.eq_ignore_ascii_case("x-amz-security-token")
        };
        if amz && !exempt() && !signs(name) {
            return Err(Refusal::HeaderNotSigned { name: echo(name.as_bytes()).to_lowercase() });
        }
    }
    if !presigned && head.x_amz_date.is_none() && !signs("date") {
        return Err(Refusal::HeaderNotSigned { name: "date".to_owned() });
    }
    let mut before: &[u8] = b"";
    for name in names() {
        // The empty name is below every other, so this refuses it too.
        if name <= before || !name.iter().copied().all(is_lower_token) {
            return Err(Refusal::SignedHeadersNotCanonical);
        }
        before = name;
    }
    if head.host.is_none() {
        return Err(Refusal::MalformedHost);
    }
    hop_by_hop(list, request)
}

/// What `Connection` lists ends at the next hop: a signature over it is a trap for whoever forwards
/// the request.
fn hop_by_hop(list: &str, request: &Request<'_>) -> Result<(), Refusal> {
    for value in request.header_values(b"connection") {
        for listed in value.split(|byte| *byte == b',').map(<[u8]>::trim_ascii) {
            let signed = |name: &&str| name.as_bytes().eq_ignore_ascii_case(listed);
            if let Some(name) = list.split(';').find(signed) {
                return Err(Refusal::HopByHopSigned { name: name.to_owned() });
            }
        }
    }
    Ok(())
}

/// A byte of a lower-case field name (RFC 9110, 5.6.2), or the `:` of `:authority`.
fn is_lower_token(byte: u8) -> bool {
    byte.is_ascii_lowercase()
        || byte == b'-'
        || byte.is_ascii_digit()
        || b"!#$%&'*+.^_`|~:".contains(&byte)
}

fn date(parts: &Parts<'_>, presigned: bool) -> Result<SignatureDate, Refusal> {
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
    fn read(
        query: &Parameters<'_>,
        scope_parts: &[&str],
        settings: &Settings,
    ) -> Result<Self, Refusal> {
        let service = scope_parts.get(3).copied().unwrap_or_default();
        let skew_seconds = settings.skew_seconds(service);
        let expires = match query.expires.as_deref().filter(|_| query.present) {
            None => return Ok(Self { past_seconds: skew_seconds, skew_seconds }),
            Some(text) if text.bytes().all(|byte| byte.is_ascii_digit()) => text.parse().ok(),
            Some(_) => None,
        };
        match expires {
            Some(past_seconds @ 1..=PRESIGNED_EXPIRES_SECONDS_MAX) => {
                Ok(Self { past_seconds, skew_seconds })
            }
            _ => Err(Refusal::ExpiresOutOfRange),
        }
    }

    fn judge(&self, signed: SignatureDate, now: Timestamp) -> Result<(), Refusal> {
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
fn scope(
    [day, region, service, terminator]: [&str; 4],
    date: SignatureDate,
    settings: &Settings,
) -> Result<(), Refusal> {
    let mut faults = Vec::new();
    let region_fits = match &settings.region {
        Some(expected) => region == expected,
        None => is_aws_region(region),
    };
    if !region_fits {
        faults.push(ScopeFault::Region { seen: echo(region.as_bytes()) });
    }
    if !settings.services.iter().any(|rules| rules.name == service) {
        let expected = settings.services.first().map(|rules| rules.name.clone());
        faults.push(ScopeFault::Service { expected: expected.unwrap_or_default() });
    }
    if terminator != TERMINATOR {
        faults.push(ScopeFault::Terminator { seen: echo(terminator.as_bytes()) });
    }
    if day != date.day() {
        faults.push(ScopeFault::Date { seen: echo(day.as_bytes()), signed: date });
    }
    if faults.is_empty() { Ok(()) } else { Err(Refusal::Scope(faults)) }
}

/// `x-amz-content-sha256` is optional. A SHA-256 in lower-case hex binds the body, signed or not;
/// `UNSIGNED-PAYLOAD` needs the switch; every `STREAMING-…` and anything else is refused, never
/// taken for unsigned (MinIO CVE-2025-31489 and its successors).
fn declared_payload(
    head: &Head<'_>,
    query: &Parameters<'_>,
    settings: &Settings,
) -> Result<Declared, Refusal> {
    let in_query = query.content_sha256.as_ref().map(|value| value.as_bytes());
    let value = match (head.content_sha256, in_query) {
        (None, None) => return Ok(Declared::Nothing),
        (Some(one), Some(other)) if one != other => {
            return Err(Refusal::DuplicateHeader { name: "x-amz-content-sha256" });
        }
        (Some(value), _) | (None, Some(value)) => value,
    };
    if value == UNSIGNED_PAYLOAD.as_bytes() && settings.unsigned_payload {
        return Ok(Declared::Unsigned);
    }
    PayloadHash::from_hex(value)
        .map(Declared::Hash)
        .ok_or_else(|| Refusal::PayloadMode { seen: echo(value) })
}

/// Amazon refuses a form body together with a query (opensearch-hadoop#350 quotes the text).
fn form_with_query(request: &Request<'_>, head: &Head<'_>, presigned: bool) -> Result<(), Refusal> {
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
fn session_token(head: &Head<'_>, query: &Parameters<'_>) -> Result<Option<SessionToken>, Refusal> {
    let in_query = query.security_token.as_deref().map(str::as_bytes);
    let token = match (head.security_token, in_query) {
        (Some(_), Some(_)) => {
            return Err(Refusal::DuplicateHeader { name: "x-amz-security-token" });
        }
        (token, None) | (None, token) => token,
    };
    let Some(token) = token else { return Ok(None) };
    if token.len() > SESSION_TOKEN_BYTES_MAX {
        return Err(Refusal::TooLarge { what: "session token", limit: SESSION_TOKEN_BYTES_MAX });
    }
    let text = std::str::from_utf8(token).map_err(|_| KeyRefusal::TokenDamaged)?;
    Ok(Some(SessionToken::new(text)))
}

fn host<'a>(request: &Request<'a>) -> Option<&'a [u8]> {
    request.header_values(b"host").next()
}

/// The host with its port left out, or with the connection's port added.
fn other_host(received: &[u8], port: Option<u16>) -> Option<Cow<'_, [u8]>> {
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

/// A host and an optional port: what may stand in a URL's authority, no user, no list.
fn is_host(value: &[u8]) -> bool {
    let fits = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._~:[]%".contains(byte);
    !value.is_empty() && value.iter().all(fits)
}

/// Part of the caller's own text, for the caller.
fn echo(bytes: &[u8]) -> String {
    cut(bytes, ECHO_BYTES_MAX)
}

fn cut(bytes: &[u8], length_max: usize) -> String {
    lossy(bytes.get(..length_max).unwrap_or(bytes))
}

fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
