//! `--request FILE`: a request that somebody's own client sent, checked offline with the caller's
//! own secret, at the request's own time. When the signature is not right, the closed set of
//! [`mistakes`] is tried, fewest at a time: the one that matches is what the client did.

mod mistakes;
mod raw;
#[cfg(test)]
mod tests;

use client::credentials::Credentials;
use client::endpoint::Endpoint;
use jiff::Timestamp;
use sigv4::{
    Claim, Form, Forms, Host, Mismatch, PayloadHash, PresentedSignature, Refusal, Scope,
    ServiceRules, SessionToken, Settings, SignatureDate, Verified,
};

pub(crate) use mistakes::Mistake;
pub(crate) use raw::Raw;

use super::canonical;
use super::finding::Finding;
use mistakes::{KeyCandidates, PartSpellings};

/// Bytes of a captured request that are read.
pub(crate) const CAPTURE_BYTES_MAX: u64 = 64 * 1024 * 1024;
/// Mistakes that are supposed at once.
const MISTAKES_MAX: usize = 3;
/// Combinations that are tried; beyond it doctor gives up rather than keep a person waiting.
const TRIES_MAX: usize = 400_000;

/// What the request is judged against.
pub(crate) struct ExpectedSigner<'a> {
    pub(crate) endpoint: &'a Endpoint,
    pub(crate) region: &'a str,
    pub(crate) service: &'a str,
    pub(crate) credentials: &'a Credentials,
}

/// What clients are known to do wrong that would make a difference to a request with this head. Its body and its host are not known.
pub(crate) fn known_mistakes(method: &str, path: &str, query: &str) -> Vec<String> {
    let raw = Raw {
        method: method.to_owned(),
        path: path.to_owned(),
        query: query.to_owned(),
        headers: Vec::new(),
        body: None,
    };
    let parts = [
        mistakes::methods(&raw),
        mistakes::paths(&raw),
        mistakes::queries(&raw),
        mistakes::hosts(&raw, &[]),
        mistakes::payloads(&raw),
    ];
    let known = parts.into_iter().flat_map(|part| part.0).filter_map(|way| way.mistake);
    let mut told: Vec<String> =
        known.map(|mistake| format!("{}: {}", mistake.what, mistake.fix)).collect();
    // Two ways of one mistake stand beside each other.
    told.dedup();
    told
}

/// Judges a captured request.
pub(crate) fn judge(raw: &Raw, against: &ExpectedSigner<'_>) -> Vec<Finding> {
    let lent = raw.lent();
    let request =
        sigv4::Request { method: &raw.method, path: &raw.path, query: &raw.query, headers: &lent };
    let stated = StatedSignature::read(raw);
    let mut findings = vec![seen(raw)];
    let settings = settings(&stated, against);
    let claim = match sigv4::claim(&request, stated.time, &settings) {
        Ok(PresentedSignature::Signed(claim)) => claim,
        Ok(PresentedSignature::Anonymous) => {
            findings.push(
                Finding::fail("signature", "the request carries no credentials at all")
                    .expected("Authorization: AWS4-HMAC-SHA256 …")
                    .advice(
                        "the client does not sign: check which connection class or plugin it uses",
                    ),
            );
            return findings;
        }
        Err(refusal) => {
            findings.push(another_scheme(raw, &refusal).unwrap_or_else(|| refused(&refusal)));
            return findings;
        }
    };
    findings.extend(scope(claim.scope(), against));
    findings.extend(body_hash(raw, against));
    if let Some(other) = other_key(&claim, against) {
        findings.push(other);
        return findings;
    }
    findings.extend(token(&claim, against));
    findings.push(signature(raw, &request, &claim, &stated, &settings, against));
    findings
}

/// What the request says about its own signature.
struct StatedSignature {
    region: String,
    service: String,
    signature: String,
    time: Timestamp,
}

impl StatedSignature {
    /// Reads as much as there is; what is missing the signature layer refuses in its own words.
    fn read(raw: &Raw) -> Self {
        let header = raw.header("authorization").unwrap_or_default();
        let parameter = |name: &str| {
            let mut all = raw.query.split('&');
            let found = all.find_map(|one| one.strip_prefix(name)?.strip_prefix('='));
            found.map(canonical::decoded)
        };
        let pair = |name: &str| {
            let (_, rest) = header.split_once(&format!("{name}="))?;
            Some(rest.split([',', ' ']).next().unwrap_or_default().to_owned())
        };
        let credential = pair("Credential").or_else(|| parameter("X-Amz-Credential"));
        let credential = credential.unwrap_or_default();
        let mut parts = credential.split('/').skip(2).map(str::to_owned);
        let date = raw.header("x-amz-date").map(str::to_owned);
        let date =
            date.or_else(|| parameter("X-Amz-Date")).or(raw.header("date").map(str::to_owned));
        Self {
            region: parts.next().unwrap_or_default(),
            service: parts.next().unwrap_or_default(),
            signature: pair("Signature")
                .or_else(|| parameter("X-Amz-Signature"))
                .unwrap_or_default(),
            time: date.and_then(|date| time(&date)).unwrap_or_default(),
        }
    }
}

fn time(text: &str) -> Option<Timestamp> {
    if let Some(date) = SignatureDate::parse_basic(text.as_bytes()) {
        return Timestamp::from_second(date.as_second()).ok();
    }
    jiff::fmt::rfc2822::parse(text).ok().map(|date| date.timestamp())
}

/// Its own region and service are let through: they are findings of their own.
fn settings(stated: &StatedSignature, against: &ExpectedSigner<'_>) -> Settings {
    let rules = ServiceRules { name: stated.service.clone().into(), ..ServiceRules::es() };
    let mut settings = Settings::new(vec![rules], Some(stated.region.clone()));
    settings.forms = Forms::of(&Form::ALL);
    settings.diagnostics = true;
    settings.port = Some(against.endpoint.port());
    settings
}

fn seen(raw: &Raw) -> Finding {
    let query = if raw.query.is_empty() { "" } else { "?…" };
    let body = match &raw.body {
        Some(body) => format!("{} bytes of body", body.len()),
        None => "a body that is not in the capture".to_owned(),
    };
    let seen = format!("{} {}{query}, {} headers, {body}", raw.method, raw.path, raw.headers.len());
    match &raw.body {
        Some(_) => Finding::ok("request", seen),
        None => Finding::warn("request", seen)
            .expected("the body as it was sent")
            .advice("add it: --body FILE (curl -v does not show it)"),
    }
}

/// A password or a bearer's token in the place of a signature: Amazon's four sentences do not say so.
fn another_scheme(raw: &Raw, refusal: &Refusal) -> Option<Finding> {
    if !matches!(refusal, Refusal::MissingParts { .. } | Refusal::Syntax) {
        return None;
    }
    let scheme = raw.header("authorization")?.split(' ').next()?;
    let (seen, advice) = if scheme.eq_ignore_ascii_case("basic") {
        let advice = "switch Basic authentication off in the client and let it sign; a domain of countersign takes \
            names and passwords where its advanced option countersign.basic_authentication is true";
        ("the request carries a name and a password (Basic), and no signature", advice)
    } else if scheme.eq_ignore_ascii_case("bearer") {
        let advice =
            "exchange the token at sts (AssumeRoleWithWebIdentity), and sign with what comes back";
        ("the request carries a token (Bearer), and no signature", advice)
    } else {
        return None;
    };
    let finding = Finding::fail("signature", seen);
    Some(finding.expected("Authorization: AWS4-HMAC-SHA256 …").advice(advice))
}

/// Faults that are told before any signature is computed.
fn refused(refusal: &Refusal) -> Finding {
    let advice = match refusal {
        Refusal::HostNotSigned => "sign host: without it a signature is good for any endpoint",
        Refusal::HeaderNotSigned { .. } => {
            "sign every x-amz-* header that is sent; add them before signing"
        }
        Refusal::SignedHeadersNotCanonical => {
            "write SignedHeaders in lower case, sorted, each name once"
        }
        Refusal::MissingParts { .. } => {
            "the header was cut, or the client does not sign with Signature Version 4"
        }
        Refusal::UnsupportedAlgorithm { .. } => {
            "use AWS4-HMAC-SHA256; es takes neither SigV2 nor SigV4a"
        }
        Refusal::HeaderAndQuery | Refusal::TwoSchemes => {
            "present one kind of credentials: switch Basic authentication or presigning off"
        }
        Refusal::PayloadMode { .. } => {
            "send the SHA-256 of the body, or no x-amz-content-sha256: UNSIGNED-PAYLOAD and STREAMING-* are for S3"
        }
        Refusal::FormWithQuery { .. } => "set Content-Type: application/json",
        Refusal::DateSyntax { .. } => "write X-Amz-Date as 20261123T120000Z, in UTC",
        Refusal::Scope(_) => {
            "take the UTC day of X-Amz-Date for the scope, and end it in aws4_request"
        }
        Refusal::CredentialParts { .. } => {
            "write Credential as KEY/DAY/REGION/SERVICE/aws4_request"
        }
        Refusal::HopByHopSigned { .. } => {
            "do not sign what Connection lists: it ends at the next hop"
        }
        Refusal::DuplicateHeader { .. } | Refusal::DuplicateParameter { .. } => {
            "send it once: two layers of the client sign, or a retry signs again over the first signature"
        }
        Refusal::ExpiresOutOfRange => "use X-Amz-Expires between 1 and 604800",
        _ => "the request is broken before its signature counts",
    };
    Finding::fail("signature", refusal.to_string())
        .expected("a well-formed signature")
        .advice(advice)
}

fn scope(scope: Scope<'_>, against: &ExpectedSigner<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let fits = scope.region == against.region && scope.service == against.service;
    let seen = format!("signed for {}, {}", scope.region, scope.service);
    if fits {
        findings.push(Finding::ok("scope", seen));
        return findings;
    }
    let expected = format!("{}, {}", against.region, against.service);
    let advice = if scope.service == against.service {
        "give the client the domain's region; AWS_REGION wins over the profile's"
    } else {
        "give the client the signing name: es for a domain, aoss for OpenSearch Serverless"
    };
    findings.push(Finding::fail("scope", seen).expected(expected).advice(advice));
    findings
}

/// What the endpoint does with the body's hash, before any signature counts.
fn body_hash(raw: &Raw, against: &ExpectedSigner<'_>) -> Option<Finding> {
    let declared = raw.header("x-amz-content-sha256");
    if declared.is_none() && against.service == "aoss" {
        return Some(
            Finding::fail("body-hash", "the request has no x-amz-content-sha256")
                .expected("the SHA-256 of the body in x-amz-content-sha256, signed")
                .advice("OpenSearch Serverless requires it: use a signer that knows aoss"),
        );
    }
    let (declared, body) = (declared?, raw.body.as_ref()?);
    let received = PayloadHash::of(body).to_hex();
    if declared == received {
        return None;
    }
    Some(
        Finding::fail(
            "body-hash",
            format!("x-amz-content-sha256 says {declared}, the body has {received}"),
        )
        .expected("the hash of the body as sent, after compression")
        .advice("hash the very bytes that are sent"),
    )
}

fn other_key(claim: &Claim, against: &ExpectedSigner<'_>) -> Option<Finding> {
    let (theirs, ours) = (claim.access_key_id(), against.credentials.access_key_id.as_str());
    (theirs != ours).then(|| {
        Finding::fail("key", format!("the request is signed with {theirs}; doctor has the secret of {ours}"))
            .expected("the same key: a signature can only be checked with its own secret")
            .advice("run doctor with the client's credentials (--profile, or its environment); if both should be the same, the client finds others first: environment, then profile, then role")
    })
}

fn token(claim: &Claim, against: &ExpectedSigner<'_>) -> Option<Finding> {
    let ours = against.credentials.session_token.as_ref().map(SessionToken::expose);
    let advice =
        "take key, secret and session token from one answer, and send X-Amz-Security-Token";
    let finding = match (claim.session_token(), ours) {
        (Some(theirs), Some(ours)) if theirs == ours => {
            let signed = claim.presigned()
                || claim.signed_headers().any(|name| name == "x-amz-security-token");
            let how = if signed { "signed" } else { "outside the signature, which es accepts" };
            return Some(Finding::ok("token", format!("the session token is this key's ({how})")));
        }
        (None, None) => return None,
        (Some(_), Some(_)) => {
            Finding::fail("token", "the session token is another than this key's")
        }
        (None, Some(_)) => {
            Finding::fail("token", "the key is temporary, and the request has no session token")
        }
        (Some(_), None) => Finding::fail(
            "token",
            "the request has a session token, and this key is a long-term one",
        ),
    };
    Some(finding.expected("the session token that came with the key").advice(advice))
}

/// The signature itself.
fn signature(
    raw: &Raw,
    request: &sigv4::Request<'_>,
    claim: &Claim,
    stated: &StatedSignature,
    settings: &Settings,
    against: &ExpectedSigner<'_>,
) -> Finding {
    let declared = raw.header("x-amz-content-sha256").map(str::as_bytes);
    let body = match &raw.body {
        Some(body) => PayloadHash::of(body),
        None => declared.and_then(PayloadHash::from_hex).unwrap_or(PayloadHash::of(b"")),
    };
    let secret = &against.credentials.secret;
    match claim.check(request, &body, &secret.signing_key(claim.scope()), settings) {
        Ok(verified) => genuine(&verified, claim),
        Err(Refusal::SignatureMismatch(Mismatch { computed, .. })) => {
            let right = computed.map(|(canonical, _)| canonical).unwrap_or_default();
            let missing = absent(raw, claim);
            let found = VariantSearch::new(raw, claim, stated, against).find();
            mistaken(found, &right, &missing, raw)
        }
        Err(other) => refused(&other),
    }
}

fn genuine(verified: &Verified, claim: &Claim) -> Finding {
    let host = match verified.host {
        Host::AsReceived => "",
        Host::OtherPort => ", host signed with a different port than was sent (accepted)",
    };
    let (date, key, form) = (claim.date(), claim.access_key_id(), verified.form);
    let made = format!("made at {date} with {key}, form '{form}'{host}");
    match form {
        Form::Aws | Form::RawQuery => {
            Finding::ok("signature", format!("the signature is right: {made}"))
        }
        _ => Finding::fail("signature", format!("the signature is right in an odd form only: {made}"))
            .expected("form 'aws' or 'raw-query', which every domain accepts")
            .advice(format!(
                "use a signer that signs as AWS documents, or add '{form}' to the domain's signature_forms"
            )),
    }
}

/// Names in `SignedHeaders` that the request does not have.
fn absent(raw: &Raw, claim: &Claim) -> Vec<String> {
    let gone = claim.signed_headers().filter(|name| *name != "host" && raw.header(name).is_none());
    gone.map(str::to_owned).collect()
}

fn mistaken(found: Option<MatchedVariant>, right: &str, missing: &[String], raw: &Raw) -> Finding {
    if let Some(found) = found {
        let what: Vec<&str> = found.mistakes.iter().map(|mistake| &*mistake.what).collect();
        let mut fixes: Vec<&str> = found.mistakes.iter().map(|mistake| mistake.fix).collect();
        fixes.dedup();
        let signed = canonical::redacted(&found.canonical);
        let right = if right.is_empty() { found.right } else { right.to_owned() };
        return Finding::fail("signature", what.join("; and "))
            .expected("the lines marked + below; the client signed those marked -")
            .advice(fixes.join("; "))
            .detail(canonical::diff(&signed, &canonical::redacted(&right)));
    }
    if !missing.is_empty() {
        let seen =
            format!("SignedHeaders lists {}, and the request does not have it", missing.join(", "));
        return Finding::fail("signature", seen)
            .expected("every signed header in the request, as it was signed")
            .advice(
                "something in between removes it: sign fewer headers (host and x-amz-* suffice)",
            );
    }
    if raw.body.is_none() {
        return Finding::fail("signature", "the signature matches no body that doctor can guess")
            .expected("the body as it was sent")
            .advice("add it: --body FILE");
    }
    Finding::fail("signature", "the signature is not made with this key's secret, or the request was changed after signing in a way doctor does not know")
        .expected("the canonical request below, signed with this key's secret")
        .advice("most often the secret: compare printf %s \"$AWS_SECRET_ACCESS_KEY\" | sha256sum on both sides; then this canonical request with the client's debug log")
        .detail(right.split('\n').map(str::to_owned).collect())
}

/// What the signature was made of.
struct MatchedVariant {
    mistakes: Vec<Mistake>,
    canonical: String,
    right: String,
}

/// The parts of what is signed, each in all its ways.
struct VariantSearch<'a> {
    names: Vec<String>,
    raw: &'a Raw,
    methods: PartSpellings<String>,
    paths: PartSpellings<String>,
    queries: PartSpellings<String>,
    hosts: PartSpellings<String>,
    headers: PartSpellings<(String, String)>,
    payloads: PartSpellings<String>,
    keys: KeyCandidates,
    date: SignatureDate,
    signature: &'a str,
}

/// Which way each part takes: method, path, query, host, header, payload, key.
type Choice = [usize; 7];

impl<'a> VariantSearch<'a> {
    fn new(
        raw: &'a Raw,
        claim: &Claim,
        stated: &'a StatedSignature,
        against: &ExpectedSigner<'_>,
    ) -> Self {
        let names: Vec<String> = claim.signed_headers().map(str::to_owned).collect();
        let (endpoint, token) = (against.endpoint, against.credentials.session_token.as_ref());
        let port = endpoint.port();
        let (host, whole) = (endpoint.host().to_owned(), endpoint.host_header().to_owned());
        let hosts = [whole, format!("{host}:{port}"), host];
        let secret = &against.credentials.secret;
        Self {
            methods: mistakes::methods(raw),
            paths: mistakes::paths(raw),
            queries: mistakes::queries(raw),
            hosts: mistakes::hosts(raw, &hosts),
            headers: mistakes::headers(raw, &names, token.map(SessionToken::expose)),
            payloads: mistakes::payloads(raw),
            keys: mistakes::keys(secret, claim.scope(), (against.region, against.service)),
            date: claim.date(),
            signature: &stated.signature,
            names,
            raw,
        }
    }

    /// The combination with the fewest mistakes that gives the signature.
    fn find(&self) -> Option<MatchedVariant> {
        let mut tries = 0;
        for mistakes in 0..=MISTAKES_MAX {
            if let Some(found) = self.descend([0; 7], 0, mistakes, &mut tries) {
                return Some(self.told(&found));
            }
        }
        None
    }

    /// Gives `left` of the parts from `part` on another way than the right one.
    fn descend(
        &self,
        choice: Choice,
        part: usize,
        left: usize,
        tries: &mut usize,
    ) -> Option<Choice> {
        if left == 0 {
            *tries += 1;
            return (*tries <= TRIES_MAX && self.matches(&choice)).then_some(choice);
        }
        for next in part..choice.len() {
            for way in 1..self.ways(next) {
                let mut changed = choice;
                if let Some(place) = changed.get_mut(next) {
                    *place = way;
                }
                let found = self.descend(changed, next + 1, left - 1, tries);
                if found.is_some() || *tries > TRIES_MAX {
                    return found;
                }
            }
        }
        None
    }

    fn ways(&self, part: usize) -> usize {
        match part {
            0 => self.methods.0.len(),
            1 => self.paths.0.len(),
            2 => self.queries.0.len(),
            3 => self.hosts.0.len(),
            4 => self.headers.0.len(),
            5 => self.payloads.0.len(),
            _ => self.keys.0.len(),
        }
    }

    fn matches(&self, choice: &Choice) -> bool {
        let canonical = self.canonical(choice);
        let [.., key] = *choice;
        let Some((key, scope, _)) = self.keys.0.get(key) else { return false };
        let hash = PayloadHash::of(canonical.as_bytes()).to_hex();
        let to_sign = format!("{}\n{}\n{scope}\n{hash}", sigv4::ALGORITHM, self.date);
        key.sign(to_sign.as_bytes()).to_hex() == self.signature
    }

    fn canonical(&self, choice: &Choice) -> String {
        let [method, path, query, host, header, payload, _] = *choice;
        let text = |ways: &PartSpellings<String>, way: usize| {
            ways.0.get(way).map_or_else(String::new, |way| way.text.clone())
        };
        let host = text(&self.hosts, host);
        let other = self.headers.0.get(header).map(|way| &way.text);
        let mut lines = String::new();
        for name in &self.names {
            let value = match other {
                _ if name == "host" => host.clone(),
                Some((changed, value)) if changed == name => value.clone(),
                _ => self.value(name),
            };
            lines.push_str(&format!("{name}:{value}\n"));
        }
        format!(
            "{}\n{}\n{}\n{lines}\n{}\n{}",
            text(&self.methods, method),
            text(&self.paths, path),
            text(&self.queries, query),
            self.names.join(";"),
            text(&self.payloads, payload)
        )
    }

    /// A header as it is signed: values trimmed, spaces made one, joined by commas.
    fn value(&self, name: &str) -> String {
        let own = self.raw.headers.iter().filter(|(own, _)| own.eq_ignore_ascii_case(name));
        let words = |value: &str| value.split_ascii_whitespace().collect::<Vec<_>>().join(" ");
        own.map(|(_, value)| words(value)).collect::<Vec<_>>().join(",")
    }

    fn told(&self, choice: &Choice) -> MatchedVariant {
        let [method, path, query, host, header, payload, key] = *choice;
        let of = |ways: &PartSpellings<String>, way: usize| {
            ways.0.get(way).and_then(|way| way.mistake.clone())
        };
        let header = self.headers.0.get(header).and_then(|way| way.mistake.clone());
        let key = self.keys.0.get(key).and_then(|(_, _, mistake)| mistake.clone());
        let all = [
            of(&self.methods, method),
            of(&self.paths, path),
            of(&self.queries, query),
            of(&self.hosts, host),
            header,
            of(&self.payloads, payload),
            key,
        ];
        MatchedVariant {
            mistakes: all.into_iter().flatten().collect(),
            canonical: self.canonical(choice),
            right: self.canonical(&[0; 7]),
        }
    }
}
