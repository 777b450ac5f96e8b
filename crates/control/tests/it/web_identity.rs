//! Tokens of OpenID Connect providers: which are taken, and how every forgery is refused.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair, RSA_PKCS1_SHA256, RsaKeyPair,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use control::{ApiError, Call, ErrorCode, IdentityKind, Jwks, authorization};
use policy::Context;
use serde_json::{Value, json};

use crate::support::{ACCOUNT, REGION, World, credentials, find, t0, text};

const ROLE: &str = "arn:aws:iam::123456789012:role/web";
const PROVIDER: &str = "arn:aws:iam::123456789012:oidc-provider/id.example/realm";

struct Issuer {
    key: EcdsaKeyPair,
}

impl Issuer {
    fn new() -> Issuer {
        Issuer { key: EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap() }
    }

    fn jwks(&self) -> Jwks {
        let point = self.key.public_key().as_ref();
        let part = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        let key = json!({"kty": "EC", "crv": "P-256", "kid": "k1", "use": "sig", "x": part(&point[1..33]), "y": part(&point[33..])});
        Jwks::parse(&json!({"keys": [{"kty": "oct", "k": "AAAA"}, key]}).to_string()).unwrap()
    }

    fn sign(&self, header: &Value, claims: &Value) -> String {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", part(header), part(claims));
        let signature = self.key.sign(&SystemRandom::new(), signed.as_bytes()).unwrap();
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature.as_ref()))
    }

    fn token(&self, claims: &Value) -> String {
        self.sign(&json!({"alg": "ES256", "kid": "k1"}), claims)
    }
}

fn claims() -> Value {
    let now = t0().as_second();
    json!({"iss": "https://id.example/realm", "sub": "build-7", "aud": "ci", "exp": now + 600, "iat": now})
}

fn with(member: &str, value: Value) -> Value {
    let mut changed = claims();
    changed[member] = value;
    changed
}

fn world() -> World {
    let world = World::new();
    let provider = json!({"Url": "https://id.example/realm", "ClientIDList": ["ci", "other"]});
    world.ok(&world.root(), "iam:CreateOpenIDConnectProvider", provider);
    let trust = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Federated": PROVIDER},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": {"StringEquals": {"id.example/realm:aud": "ci"}, "StringLike": {"id.example/realm:sub": "build-*"}}}]});
    world.role("web", &trust);
    world
}

fn assume(world: &World, token: &str, jwks: &Jwks) -> Result<Value, ApiError> {
    let directory = world.control.directory();
    let caller = directory.web_identity(ROLE, token, jwks, world.now)?;
    let operation = find("sts:AssumeRoleWithWebIdentity");
    let input = json!({"RoleArn": ROLE, "RoleSessionName": "s", "WebIdentityToken": token});
    let asked = authorization(operation, &input, &caller, &directory, REGION, &Context::new())?;
    for question in asked.questions {
        let decision = question.decide(&caller);
        if !decision.is_allowed() {
            return Err(question.denial(&caller, &decision));
        }
    }
    world.control.execute(&Call {
        operation,
        input: &input,
        caller: &caller,
        region: REGION,
        now: world.now,
        request_id: "test",
    })
}

fn code(world: &World, token: &str, jwks: &Jwks) -> Option<ErrorCode> {
    assume(world, token, jwks).err().map(|error| error.code)
}

#[test]
fn a_good_token_becomes_a_session_of_the_role() {
    let (world, issuer) = (world(), Issuer::new());
    let output = assume(&world, &issuer.token(&claims()), &issuer.jwks()).unwrap();
    assert_eq!(text(&output, "/SubjectFromWebIdentityToken"), "build-7");
    assert_eq!(text(&output, "/Audience"), "ci");
    let caller = world.identify(&credentials(&output)).unwrap();
    assert_eq!((caller.kind, caller.principal_arn.as_str()), (IdentityKind::AssumedRole, ROLE));
    let mut context = Context::new();
    caller.describe(&mut context);
    assert_eq!(context.get("id.example/realm:sub"), Some(&["build-7".to_owned()][..]));
}

#[test]
fn the_trust_policys_conditions_on_the_token_count() {
    let (world, issuer) = (world(), Issuer::new());
    let stranger = issuer.token(&with("sub", json!("deploy-1")));
    let error = assume(&world, &stranger, &issuer.jwks()).err().unwrap();
    assert_eq!(
        error.to_string(),
        "AccessDenied: Not authorized to perform sts:AssumeRoleWithWebIdentity"
    );
    let other = issuer.token(&with("aud", json!("other")));
    assert_eq!(code(&world, &other, &issuer.jwks()), Some(ErrorCode::AccessDenied));
}

#[test]
fn another_issuer_audience_or_time_is_refused() {
    let (world, issuer) = (world(), Issuer::new());
    let now = t0().as_second();
    for (member, value, expected) in [
        ("iss", json!("https://evil.example"), ErrorCode::InvalidIdentityToken),
        ("iss", json!("http://id.example/realm"), ErrorCode::InvalidIdentityToken),
        ("aud", json!("stranger"), ErrorCode::InvalidIdentityToken),
        ("aud", json!([]), ErrorCode::InvalidIdentityToken),
        ("azp", json!("stranger"), ErrorCode::InvalidIdentityToken),
        ("exp", json!(now), ErrorCode::ExpiredToken),
        ("nbf", json!(now + 301), ErrorCode::InvalidIdentityToken),
        ("iat", json!(now + 301), ErrorCode::InvalidIdentityToken),
    ] {
        let token = issuer.token(&with(member, value.clone()));
        assert_eq!(code(&world, &token, &issuer.jwks()), Some(expected), "{member} {value}");
    }
}

#[test]
fn none_hmac_and_other_keys_are_refused() {
    let (world, issuer) = (world(), Issuer::new());
    let jwks = issuer.jwks();
    for alg in ["none", "None", "HS256", "RS256", "ES384", "PS256", ""] {
        let token = issuer.sign(&json!({"alg": alg, "kid": "k1"}), &claims());
        assert_eq!(code(&world, &token, &jwks), Some(ErrorCode::InvalidIdentityToken), "{alg}");
    }
    let (head_and_body, _) = issuer
        .token(&claims())
        .rsplit_once('.')
        .map(|(a, b)| (a.to_owned(), b.to_owned()))
        .unwrap();
    assert_eq!(
        code(&world, &format!("{head_and_body}."), &jwks),
        Some(ErrorCode::InvalidIdentityToken)
    );
    let stranger = Issuer::new().token(&claims());
    assert_eq!(code(&world, &stranger, &jwks), Some(ErrorCode::InvalidIdentityToken));
    let other_kid = issuer.sign(&json!({"alg": "ES256", "kid": "../k1"}), &claims());
    assert_eq!(code(&world, &other_kid, &jwks), Some(ErrorCode::InvalidIdentityToken));
    let critical = issuer.sign(&json!({"alg": "ES256", "kid": "k1", "crit": ["x"]}), &claims());
    assert_eq!(code(&world, &critical, &jwks), Some(ErrorCode::InvalidIdentityToken));
}

#[test]
fn a_changed_claim_breaks_the_signature() {
    let (world, issuer) = (world(), Issuer::new());
    let token = issuer.token(&claims());
    let parts: Vec<&str> = token.split('.').collect();
    let forged = URL_SAFE_NO_PAD.encode(with("sub", json!("build-8")).to_string());
    let forged = format!("{}.{forged}.{}", parts[0], parts[2]);
    assert_eq!(code(&world, &forged, &issuer.jwks()), Some(ErrorCode::InvalidIdentityToken));
}

#[test]
fn what_is_no_token_is_refused() {
    let (world, issuer) = (world(), Issuer::new());
    for token in ["", "a.b", "a.b.c.d", "....", "e30.e30.e30", "\u{fc}.\u{fc}.\u{fc}"] {
        assert_eq!(
            code(&world, token, &issuer.jwks()),
            Some(ErrorCode::InvalidIdentityToken),
            "{token}"
        );
    }
}

#[test]
fn rsa_tokens_are_taken_too() {
    let world = world();
    let key = RsaKeyPair::generate(aws_lc_rs::rsa::KeySize::Rsa2048).unwrap();
    let part = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
    let public = key.public_key();
    let n = public.modulus().big_endian_without_leading_zero().to_vec();
    let e = public.exponent().big_endian_without_leading_zero().to_vec();
    let jwks =
        json!({"keys": [{"kty": "RSA", "alg": "RS256", "n": part(&n), "e": part(&e)}]}).to_string();
    let jwks = Jwks::parse(&jwks).unwrap();
    let signed =
        format!("{}.{}", part(br#"{"alg":"RS256"}"#), part(claims().to_string().as_bytes()));
    let mut signature = vec![0; key.public_modulus_len()];
    key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), signed.as_bytes(), &mut signature).unwrap();
    assert!(assume(&world, &format!("{signed}.{}", part(&signature)), &jwks).is_ok());
    assert_eq!(world.control.directory().account(ACCOUNT).map(|a| a.id.as_str()), Some(ACCOUNT));
}
