//! Tokens of OpenID Connect providers: which are taken, and how every forgery is refused.

use aws_lc_rs::hmac;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING,
    ECDSA_P521_SHA512_FIXED_SIGNING, EcdsaKeyPair, KeyPair, RSA_PKCS1_SHA256, RSA_PKCS1_SHA384,
    RSA_PKCS1_SHA512, RsaEncoding, RsaKeyPair,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use control::{ApiError, ErrorCode, Jwks, OperationCall, authorization};
use policy::{CallerKind, Context};
use serde_json::{Value, json};

use crate::support::{REGION, World, credentials, find, t0, text};

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
    world.control.execute(&OperationCall {
        operation,
        input: &input,
        caller: &caller,
        judged: directory.version(),
        context: &Context::new(),
        region: REGION,
        observer: &|_| None,
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
    assert_eq!((caller.kind(), caller.principal_arn.as_str()), (CallerKind::AssumedRole, ROLE));
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
fn e07_what_is_no_token_is_refused() {
    let (world, issuer) = (world(), Issuer::new());
    for token in ["", "a.b", "a.b.c.d", "....", "e30.e30.e30", "\u{fc}.\u{fc}.\u{fc}"] {
        assert_eq!(
            code(&world, token, &issuer.jwks()),
            Some(ErrorCode::InvalidIdentityToken),
            "{token}"
        );
    }
}

/// A key of any of the six algorithms.
enum Signer {
    Rsa(RsaKeyPair, &'static dyn RsaEncoding),
    Ecdsa(EcdsaKeyPair, &'static str, usize),
}

impl Signer {
    fn new(alg: &str) -> Signer {
        let rsa = || RsaKeyPair::generate(aws_lc_rs::rsa::KeySize::Rsa2048).unwrap();
        let ecdsa = |algorithm| EcdsaKeyPair::generate(algorithm).unwrap();
        match alg {
            "RS256" => Signer::Rsa(rsa(), &RSA_PKCS1_SHA256),
            "RS384" => Signer::Rsa(rsa(), &RSA_PKCS1_SHA384),
            "RS512" => Signer::Rsa(rsa(), &RSA_PKCS1_SHA512),
            "ES256" => Signer::Ecdsa(ecdsa(&ECDSA_P256_SHA256_FIXED_SIGNING), "P-256", 32),
            "ES384" => Signer::Ecdsa(ecdsa(&ECDSA_P384_SHA384_FIXED_SIGNING), "P-384", 48),
            _ => Signer::Ecdsa(ecdsa(&ECDSA_P521_SHA512_FIXED_SIGNING), "P-521", 66),
        }
    }

    fn jwks(&self) -> Jwks {
        let part = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        let key = match self {
            Signer::Rsa(key, _) => {
                let n = key.public_key().modulus().big_endian_without_leading_zero().to_vec();
                let e = key.public_key().exponent().big_endian_without_leading_zero().to_vec();
                json!({"kty": "RSA", "kid": "k1", "n": part(&n), "e": part(&e)})
            }
            Signer::Ecdsa(key, curve, length) => {
                let (x, y) = key.public_key().as_ref()[1..].split_at(*length);
                json!({"kty": "EC", "kid": "k1", "crv": curve, "x": part(x), "y": part(y)})
            }
        };
        Jwks::parse(&json!({ "keys": [key] }).to_string()).unwrap()
    }

    fn sign(&self, alg: &str, claims: &Value) -> String {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", part(&json!({"alg": alg, "kid": "k1"})), part(claims));
        let random = SystemRandom::new();
        let signature = match self {
            Signer::Rsa(key, padding) => {
                let mut signature = vec![0; key.public_modulus_len()];
                key.sign(*padding, &random, signed.as_bytes(), &mut signature).unwrap();
                signature
            }
            Signer::Ecdsa(key, ..) => {
                key.sign(&random, signed.as_bytes()).unwrap().as_ref().to_vec()
            }
        };
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
    }
}

#[test]
fn each_of_the_six_algorithms_is_taken_with_its_own_key_and_under_no_other_name() {
    let algorithms = ["RS256", "RS384", "RS512", "ES256", "ES384", "ES512"];
    for alg in algorithms {
        let (world, signer) = (world(), Signer::new(alg));
        let jwks = signer.jwks();
        let token = signer.sign(alg, &claims());
        assert_eq!(code(&world, &token, &jwks), None, "{alg}");
        for other in algorithms.into_iter().filter(|other| *other != alg) {
            let token = signer.sign(other, &claims());
            let refused = code(&world, &token, &jwks);
            assert_eq!(refused, Some(ErrorCode::InvalidIdentityToken), "{alg} as {other}");
        }
    }
}

#[test]
fn a_public_key_is_no_secret_to_sign_with() {
    let (world, signer) = (world(), Signer::new("RS256"));
    let Signer::Rsa(key, _) = &signer else { panic!("an RSA key") };
    let part = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
    let head = part(br#"{"alg":"HS256","kid":"k1"}"#);
    let signed = format!("{head}.{}", part(claims().to_string().as_bytes()));
    let modulus = key.public_key().modulus().big_endian_without_leading_zero().to_vec();
    for secret in [key.public_key().as_ref(), &modulus, part(&modulus).as_bytes()] {
        let secret = hmac::Key::new(hmac::HMAC_SHA256, secret);
        let token = format!("{signed}.{}", part(hmac::sign(&secret, signed.as_bytes()).as_ref()));
        let refused = code(&world, &token, &signer.jwks());
        assert_eq!(refused, Some(ErrorCode::InvalidIdentityToken));
    }
}

/// A world whose role also takes tags and a source identity from tokens.
fn tagging_world() -> World {
    let world = world();
    let trust = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Federated": PROVIDER},
        "Action": ["sts:AssumeRoleWithWebIdentity", "sts:TagSession", "sts:SetSourceIdentity"],
        "Condition": {"StringEquals": {"id.example/realm:aud": "ci"}}}]});
    let input = json!({"RoleName": "web", "PolicyDocument": trust.to_string()});
    world.ok(&world.root(), "iam:UpdateAssumeRolePolicy", input);
    world
}

fn tagged_claims() -> Value {
    with(
        "https://aws.amazon.com/tags",
        json!({"principal_tags": {"Team": ["search"], "Rank": "1"}, "transitive_tag_keys": ["Team"]}),
    )
}

#[test]
fn tags_and_source_identity_of_the_token_become_the_sessions() {
    let (world, issuer) = (tagging_world(), Issuer::new());
    let mut claims = tagged_claims();
    claims["https://aws.amazon.com/source_identity"] = json!("ann@example");
    let output = assume(&world, &issuer.token(&claims), &issuer.jwks()).unwrap();
    assert_eq!(text(&output, "/SourceIdentity"), "ann@example");
    let caller = world.identify(&credentials(&output)).unwrap();
    let mut context = Context::new();
    caller.describe(&mut context);
    assert_eq!(context.get("aws:PrincipalTag/team"), Some(&["search".to_owned()][..]));
    assert_eq!(context.get("aws:PrincipalTag/rank"), Some(&["1".to_owned()][..]));
    assert_eq!(context.get("aws:SourceIdentity"), Some(&["ann@example".to_owned()][..]));
    assert_eq!(caller.transitive_tags, [("Team".to_owned(), "search".to_owned())]);
}

#[test]
fn tags_that_a_provider_writes_as_claims_of_their_own_are_read_too() {
    let (world, issuer) = (tagging_world(), Issuer::new());
    let mut claims = with("https://aws.amazon.com/tags/principal_tags/Team", json!("search"));
    claims["https://aws.amazon.com/tags/transitive_tag_keys"] = json!(["Team"]);
    let output = assume(&world, &issuer.token(&claims), &issuer.jwks()).unwrap();
    let caller = world.identify(&credentials(&output)).unwrap();
    assert_eq!(caller.transitive_tags, [("Team".to_owned(), "search".to_owned())]);
}

#[test]
fn tags_and_source_identity_of_the_token_need_the_trust_policys_leave() {
    let (world, issuer) = (world(), Issuer::new());
    for (claims, action) in [
        (tagged_claims(), "sts:TagSession"),
        (with("https://aws.amazon.com/source_identity", json!("ann")), "sts:SetSourceIdentity"),
    ] {
        let error = assume(&world, &issuer.token(&claims), &issuer.jwks()).err().unwrap();
        assert_eq!(error.to_string(), format!("AccessDenied: Not authorized to perform {action}"));
    }
}

#[test]
fn conditions_on_requested_tags_see_those_of_the_token() {
    let (world, issuer) = (tagging_world(), Issuer::new());
    let trust = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Federated": PROVIDER},
        "Action": ["sts:AssumeRoleWithWebIdentity", "sts:TagSession"],
        "Condition": {"StringEquals": {"aws:RequestTag/Team": "search"},
            "ForAnyValue:StringEquals": {"aws:TagKeys": "Rank", "sts:TransitiveTagKeys": "Team"}}}]});
    let input = json!({"RoleName": "web", "PolicyDocument": trust.to_string()});
    world.ok(&world.root(), "iam:UpdateAssumeRolePolicy", input);
    assert_eq!(code(&world, &issuer.token(&tagged_claims()), &issuer.jwks()), None);
    let other = issuer.token(&claims());
    assert_eq!(code(&world, &other, &issuer.jwks()), Some(ErrorCode::AccessDenied));
}

#[test]
fn claims_about_the_session_that_make_no_sense_are_refused() {
    let (world, issuer) = (tagging_world(), Issuer::new());
    let tags = |tags: Value| with("https://aws.amazon.com/tags", tags);
    for claims in [
        tags(json!({"principal_tags": {"Team": ["a", "b"]}})),
        tags(json!({"principal_tags": {"Team": []}})),
        tags(json!({"principal_tags": {"Team": 7}})),
        tags(json!({"principal_tags": {"": "a"}})),
        tags(json!({"principal_tags": {"aws:Team": "a"}})),
        tags(json!({"principal_tags": {"Team": "a", "team": "b"}})),
        tags(json!({"principal_tags": {"Team": "a".repeat(257)}})),
        tags(json!({"principal_tags": {"Team": "a"}, "transitive_tag_keys": ["Rank"]})),
        tags(json!("all")),
        with("https://aws.amazon.com/tags/principal_tags/", json!("a")),
        with("https://aws.amazon.com/tags/transitive_tag_keys", json!("Team")),
        with("https://aws.amazon.com/source_identity", json!("a b")),
        with("https://aws.amazon.com/source_identity", json!("a")),
        with("https://aws.amazon.com/source_identity", json!(["ann"])),
    ] {
        let refused = code(&world, &issuer.token(&claims), &issuer.jwks());
        assert_eq!(refused, Some(ErrorCode::InvalidIdentityToken), "{claims}");
    }
}
