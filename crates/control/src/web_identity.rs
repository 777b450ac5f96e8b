//! Tokens of OpenID Connect providers: RS256/384/512 and ES256/384/512, checked against the provider's keys.
//!
//! Issuer, audience and algorithm are pinned: the issuer must be a registered provider, an audience one of its clients,
//! the algorithm one of the six and of the key's own type, so that `none` and HMAC with a public key are nothing here.
//! Sources: RFC 7515, RFC 7517, RFC 7518, OpenID Connect Core 1.0 §3.1.3.7.

use std::collections::BTreeMap;

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, ECDSA_P521_SHA512_FIXED,
    EcdsaVerificationAlgorithm, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA384,
    RSA_PKCS1_2048_8192_SHA512, RsaParameters, RsaPublicKeyComponents, UnparsedPublicKey,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use policy::Principal;
use serde::Deserialize;
use serde_json::Value;

use crate::directory::snapshot::Directory;
use crate::err::{ApiError, ErrorCode};
use crate::identity::{AssertedFault, AssertedSession, IdentifiedCaller};
use crate::policies::principal_arn_parts;

/// How far a provider's clock may be ahead of ours, in seconds (`iat`, `nbf`).
const SKEW_SECONDS_MAX: i64 = 300;
/// Keys of one set that are looked at.
const KEYS_MAX: usize = 100;

/// A provider's public keys (RFC 7517).
#[derive(Clone, Debug, Deserialize)]
pub struct Jwks {
    keys: Vec<Jwk>,
}

#[derive(Clone, Debug, Deserialize)]
struct Jwk {
    kty: String,
    kid: Option<String>,
    alg: Option<String>,
    #[serde(rename = "use")]
    usage: Option<String>,
    crv: Option<String>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
}

impl Jwks {
    /// Reads a JWK set. Keys of other kinds in it are no error: they are never used.
    ///
    /// # Errors
    /// A text that is not a JWK set: why.
    ///
    /// ```
    /// assert!(control::Jwks::parse(r#"{"keys": [{"kty": "oct"}]}"#).is_ok());
    /// assert!(control::Jwks::parse("<html>").unwrap_err().starts_with("not a JWK set"));
    /// ```
    pub fn parse(text: &str) -> Result<Jwks, String> {
        serde_json::from_str(text).map_err(|e| format!("not a JWK set: {e}"))
    }
}

#[derive(Deserialize)]
struct JwtHeader {
    alg: String,
    kid: Option<String>,
    crit: Option<Value>,
}

#[derive(Deserialize)]
struct JwtClaims {
    iss: String,
    sub: String,
    #[serde(default)]
    aud: Value,
    azp: Option<String>,
    exp: f64,
    iat: Option<f64>,
    nbf: Option<f64>,
    amr: Option<Vec<String>>,
    #[serde(rename = "https://aws.amazon.com/tags")]
    tags: Option<NestedTags>,
    #[serde(rename = "https://aws.amazon.com/source_identity")]
    source_identity: Option<String>,
    /// Everything else: some providers cannot nest claims and write each tag as a claim of its own.
    #[serde(flatten)]
    others: BTreeMap<String, Value>,
}

/// Session tags as one claim.
#[derive(Deserialize)]
struct NestedTags {
    #[serde(default)]
    principal_tags: BTreeMap<String, Value>,
    #[serde(default)]
    transitive_tag_keys: Vec<String>,
}

/// The issuer that an unverified token names: only good for looking up where its keys are.
///
/// # Errors
/// `InvalidIdentityToken` when it is no JWT.
///
/// ```
/// let token = "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJodHRwczovL2lkLmV4YW1wbGUiLCJzdWIiOiJhIiwiZXhwIjoxfQ.c2ln";
/// assert_eq!(control::issuer_of(token).unwrap(), "https://id.example");
/// assert!(control::issuer_of("no token").is_err());
/// ```
pub fn issuer_of(token: &str) -> Result<String, ApiError> {
    let (_, claims, _, _) = parts(token)?;
    Ok(claims.iss)
}

impl Directory {
    /// The bearer of `token`, once it was verified with its provider's keys `jwks` at `now`. The provider is the one
    /// registered for the token's issuer in the account of `role_arn`.
    ///
    /// # Errors
    /// `InvalidIdentityToken` for a token that is not this provider's, or forged; `ExpiredToken` for an old one.
    pub fn web_identity(
        &self,
        role_arn: &str,
        token: &str,
        jwks: &Jwks,
        now: Timestamp,
    ) -> Result<IdentifiedCaller, ApiError> {
        let (header, claims, signed, signature) = parts(token)?;
        let issuer = claims.iss.strip_prefix("https://").unwrap_or_default().trim_end_matches('/');
        let account = principal_arn_parts(role_arn).map_or("", |(account, _, _)| account);
        let provider = self
            .oidc_provider(account, issuer)
            .filter(|_| !issuer.is_empty())
            .ok_or_else(|| {
                invalid(&format!(
                    "No OpenIDConnect provider found in your account for {}",
                    claims.iss
                ))
            })?;
        verify(&header, jwks, signed.as_bytes(), &signature)?;
        let audience = audience(&claims, &provider.client_ids)?;
        check_times(&claims, now)?;
        let arn = provider.arn();
        let asserted = asserted(&claims)?;
        let mut context = BTreeMap::from([
            (format!("{issuer}:sub"), vec![claims.sub.clone()]),
            (format!("{issuer}:aud"), vec![audience]),
            ("aws:FederatedProvider".to_owned(), vec![arn.clone()]),
        ]);
        if let Some(amr) = claims.amr {
            context.insert(format!("{issuer}:amr"), amr);
        }
        let mut bearer = IdentifiedCaller::web_identity(account, &arn, &claims.sub, context);
        bearer.asserted = asserted;
        Ok(bearer)
    }
}

impl Directory {
    /// Whether the provider whose token or assertion `bearer` brought is still registered, and for that audience or key.
    pub(crate) fn still_accepts(&self, bearer: &IdentifiedCaller) -> bool {
        if let Some(login) = &bearer.asserted.saml {
            return self.still_vouches(&bearer.arn, login);
        }
        let url = bearer.arn.split_once(":oidc-provider/").map_or("", |(_, url)| url);
        let provider = self.oidc_provider(&bearer.account, url);
        let Some(provider) = provider.filter(|it| it.arn() == bearer.arn) else { return false };
        let audience = format!("{url}:aud");
        let mut claims = bearer.session_context.iter();
        let claimed = claims.find(|(key, _)| key.eq_ignore_ascii_case(&audience));
        claimed
            .is_some_and(|(_, values)| values.iter().all(|one| provider.client_ids.contains(one)))
    }
}

impl IdentifiedCaller {
    fn web_identity(
        account: &str,
        arn: &str,
        subject: &str,
        context: BTreeMap<String, Vec<String>>,
    ) -> IdentifiedCaller {
        let mut identified = IdentifiedCaller::anonymous_as(Principal::web_identity(arn));
        account.clone_into(&mut identified.account);
        arn.clone_into(&mut identified.arn);
        arn.clone_into(&mut identified.principal_arn);
        identified.user_id = format!("{arn}:{subject}");
        identified.session_context = context;
        identified
    }
}

/// Header, claims, the signed text and the signature; nothing is verified.
fn parts(token: &str) -> Result<(JwtHeader, JwtClaims, String, Vec<u8>), ApiError> {
    let malformed = || {
        invalid(
            "The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)",
        )
    };
    let mut split = token.split('.');
    let (Some(head), Some(body), Some(signature), None) =
        (split.next(), split.next(), split.next(), split.next())
    else {
        return Err(malformed());
    };
    let decode = |part: &str| URL_SAFE_NO_PAD.decode(part).map_err(|_| malformed());
    let header: JwtHeader = serde_json::from_slice(&decode(head)?).map_err(|_| malformed())?;
    let claims: JwtClaims = serde_json::from_slice(&decode(body)?).map_err(|_| malformed())?;
    Ok((header, claims, format!("{head}.{body}"), decode(signature)?))
}

/// How an algorithm verifies, and the type of key it takes.
enum JwsAlgorithm {
    Rsa(&'static RsaParameters),
    Ecdsa(&'static EcdsaVerificationAlgorithm, &'static str, usize),
}

fn algorithm(name: &str) -> Option<JwsAlgorithm> {
    Some(match name {
        "RS256" => JwsAlgorithm::Rsa(&RSA_PKCS1_2048_8192_SHA256),
        "RS384" => JwsAlgorithm::Rsa(&RSA_PKCS1_2048_8192_SHA384),
        "RS512" => JwsAlgorithm::Rsa(&RSA_PKCS1_2048_8192_SHA512),
        "ES256" => JwsAlgorithm::Ecdsa(&ECDSA_P256_SHA256_FIXED, "P-256", 32),
        "ES384" => JwsAlgorithm::Ecdsa(&ECDSA_P384_SHA384_FIXED, "P-384", 48),
        "ES512" => JwsAlgorithm::Ecdsa(&ECDSA_P521_SHA512_FIXED, "P-521", 66),
        _ => return None,
    })
}

fn verify(
    header: &JwtHeader,
    jwks: &Jwks,
    signed: &[u8],
    signature: &[u8],
) -> Result<(), ApiError> {
    let Some(algorithm) = algorithm(&header.alg).filter(|_| header.crit.is_none()) else {
        return Err(invalid(&format!("The algorithm {} is not supported", header.alg)));
    };
    let fits = |key: &&Jwk| {
        let same_kid = header.kid.is_none() || key.kid == header.kid;
        let same_alg = key.alg.as_ref().is_none_or(|alg| *alg == header.alg);
        same_kid && same_alg && key.usage.as_deref().is_none_or(|usage| usage == "sig")
    };
    let mut candidates = jwks.keys.iter().take(KEYS_MAX).filter(fits).peekable();
    if candidates.peek().is_none() {
        let text = "Couldn't retrieve verification key from your identity provider, please reference AssumeRoleWithWebIdentity documentation for requirements";
        return Err(invalid(text));
    }
    if candidates.any(|key| key.verifies(&algorithm, signed, signature).is_some()) {
        return Ok(());
    }
    Err(invalid("The signature of the ID Token is not valid"))
}

impl Jwk {
    fn verifies(&self, algorithm: &JwsAlgorithm, signed: &[u8], signature: &[u8]) -> Option<()> {
        let bytes = |text: &Option<String>| URL_SAFE_NO_PAD.decode(text.as_ref()?).ok();
        match algorithm {
            JwsAlgorithm::Rsa(parameters) if self.kty == "RSA" => {
                let key = RsaPublicKeyComponents { n: bytes(&self.n)?, e: bytes(&self.e)? };
                key.verify(parameters, signed, signature).ok()
            }
            JwsAlgorithm::Ecdsa(algorithm, curve, length)
                if self.kty == "EC" && self.crv.as_deref() == Some(*curve) =>
            {
                let (x, y) = (bytes(&self.x)?, bytes(&self.y)?);
                if x.len() != *length || y.len() != *length {
                    return None;
                }
                let point = [&[4u8][..], &x, &y].concat();
                UnparsedPublicKey::new(*algorithm, point).verify(signed, signature).ok()
            }
            _ => None,
        }
    }
}

/// The audience that counts: `azp` when the token has one, else the first that is a client of the provider.
fn audience(claims: &JwtClaims, client_ids: &[String]) -> Result<String, ApiError> {
    let listed: Vec<&str> = match (&claims.azp, &claims.aud) {
        (Some(azp), _) => vec![azp],
        (None, Value::String(one)) => vec![one],
        (None, Value::Array(items)) => items.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    let known = listed.into_iter().find(|audience| client_ids.iter().any(|id| id == audience));
    known.map(str::to_owned).ok_or_else(|| invalid("Incorrect token audience"))
}

/// What the token asks for the session: tags in either of Amazon's two spellings, and the source identity.
///
/// Source: IAM user guide, "Pass session tags in AWS STS" and "Monitor and control actions taken with assumed roles".
fn asserted(claims: &JwtClaims) -> Result<AssertedSession, ApiError> {
    let (mut tags, mut transitive_tags) = (Vec::new(), Vec::new());
    if let Some(nested) = &claims.tags {
        for (key, value) in &nested.principal_tags {
            tags.push(tag(key, value)?);
        }
        transitive_tags.clone_from(&nested.transitive_tag_keys);
    }
    for (name, value) in &claims.others {
        let Some(name) = name.strip_prefix("https://aws.amazon.com/tags/") else { continue };
        if let Some(key) = name.strip_prefix("principal_tags/") {
            tags.push(tag(key, value)?);
        } else if name == "transitive_tag_keys" {
            let keys = Vec::<String>::deserialize(value);
            transitive_tags.extend(keys.map_err(|_| bad_claim("transitive_tag_keys"))?);
        }
    }
    AssertedSession::checked(tags, transitive_tags, claims.source_identity.clone()).map_err(
        |fault| match fault {
            AssertedFault::Tags(text) => invalid(&text),
            AssertedFault::Tag => bad_claim("principal_tags"),
            AssertedFault::TransitiveTagKeys => bad_claim("transitive_tag_keys"),
            AssertedFault::SourceIdentity => bad_claim("source_identity"),
        },
    )
}

/// A tag's value is a text, or a list of one.
fn tag(key: &str, value: &Value) -> Result<(String, String), ApiError> {
    let text = match value {
        Value::String(text) => Some(text),
        Value::Array(items) => match items.as_slice() {
            [Value::String(text)] => Some(text),
            _ => None,
        },
        _ => None,
    };
    let value = text.ok_or_else(|| bad_claim("principal_tags"))?;
    Ok((key.to_owned(), value.clone()))
}

fn bad_claim(name: &str) -> ApiError {
    invalid(&format!("The claim {name} of the ID Token is not valid"))
}

fn check_times(claims: &JwtClaims, now: Timestamp) -> Result<(), ApiError> {
    #[expect(clippy::cast_precision_loss, reason = "seconds since 1970 are far below 2^52")]
    let (now, skew) = (now.as_second() as f64, SKEW_SECONDS_MAX as f64);
    if claims.exp.is_nan() || claims.exp <= now {
        let text = format!(
            "Token expired: current date/time {now} must be before the expiration date/time {}",
            claims.exp
        );
        return Err(ApiError::new(ErrorCode::ExpiredToken, text));
    }
    let early = |time: Option<f64>| time.is_some_and(|time| time.is_nan() || time > now + skew);
    if early(claims.iat) || early(claims.nbf) {
        return Err(invalid("The ID Token is not yet valid"));
    }
    Ok(())
}

fn invalid(text: &str) -> ApiError {
    ApiError::new(ErrorCode::InvalidIdentityToken, text)
}
