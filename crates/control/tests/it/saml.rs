//! Assertions of SAML providers: which are taken, what comes of them, and how every forgery is refused.

use aws_lc_rs::digest::{SHA256, SHA512, digest};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, RSA_PKCS1_SHA256, RSA_PKCS1_SHA512, RsaKeyPair,
};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use control::{ApiError, ErrorCode, SessionsMeant};
use expect_test::expect;
use jiff::ToSpan;
use policy::{CallerKind, Context};
use serde_json::{Value, json};

use crate::kept_credentials::{CERTIFICATE, OTHER_CERTIFICATE, OTHER_PRIVATE_KEY, PRIVATE_KEY};
use crate::support::{World, credentials, t0, text};

const ROLE: &str = "arn:aws:iam::123456789012:role/saml";
const PROVIDER: &str = "arn:aws:iam::123456789012:saml-provider/idp";
const ISSUER: &str = "https://idp.example/metadata";
const SIGN_IN: &str = "https://signin.aws.amazon.com/saml";
const DSIG: &str = "http://www.w3.org/2000/09/xmldsig#";
const MORE: &str = "http://www.w3.org/2001/04/xmldsig-more#";
const ENC: &str = "http://www.w3.org/2001/04/xmlenc#";
const ASSERTION: &str = "urn:oasis:names:tc:SAML:2.0:assertion";
const PROTOCOL: &str = "urn:oasis:names:tc:SAML:2.0:protocol";

fn der(pem: &str) -> Vec<u8> {
    let lines = pem.lines().filter(|line| !line.starts_with("-----"));
    STANDARD.decode(lines.collect::<String>()).unwrap()
}

/// A time so many seconds after the world's first, as SAML writes it.
fn at(seconds: i64) -> String {
    t0().checked_add(seconds.seconds()).unwrap().to_string()
}

fn metadata(certificates: &[&str], more: &str) -> String {
    let keys: String = certificates
        .iter()
        .map(|pem| {
            let certificate = STANDARD.encode(der(pem));
            format!(
                "<md:KeyDescriptor use=\"signing\"><ds:KeyInfo xmlns:ds=\"{DSIG}\"><ds:X509Data>\
                 <ds:X509Certificate>\n{certificate}\n</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>"
            )
        })
        .collect();
    format!(
        "<?xml version=\"1.0\"?><!-- made by hand --><md:EntityDescriptor \
         xmlns:md=\"urn:oasis:names:tc:SAML:2.0:metadata\" entityID=\"{ISSUER}\" {more}>\
         <md:IDPSSODescriptor protocolSupportEnumeration=\"{PROTOCOL}\">{keys}</md:IDPSSODescriptor>{}\
         </md:EntityDescriptor>",
        " ".repeat(1_000)
    )
}

/// A response in canonical form, before anything is signed.
#[derive(Clone)]
struct Draft {
    issuer: String,
    issued: i64,
    audience: String,
    recipient: String,
    confirmation: String,
    conditions: String,
    name_id: String,
    authn: String,
    attributes: Vec<(String, Vec<String>)>,
    status: String,
}

fn draft() -> Draft {
    let amazons = |name: &str| format!("https://aws.amazon.com/SAML/Attributes/{name}");
    Draft {
        issuer: ISSUER.to_owned(),
        issued: 0,
        audience: SIGN_IN.to_owned(),
        recipient: SIGN_IN.to_owned(),
        confirmation: format!("NotOnOrAfter=\"{}\"", at(300)),
        conditions: format!("NotBefore=\"{}\" NotOnOrAfter=\"{}\"", at(-10), at(300)),
        name_id: "<saml:NameID Format=\"urn:oasis:names:tc:SAML:2.0:nameid-format:persistent\">ann@example</saml:NameID>".to_owned(),
        authn: String::new(),
        attributes: vec![
            (amazons("Role"), vec![format!("{ROLE},{PROVIDER}")]),
            (amazons("RoleSessionName"), vec!["ann".to_owned()]),
        ],
        status: "urn:oasis:names:tc:SAML:2.0:status:Success".to_owned(),
    }
}

impl Draft {
    fn with(&self, name: &str, values: &[&str]) -> Draft {
        let name = format!("https://aws.amazon.com/SAML/Attributes/{name}");
        let mut changed = self.clone();
        changed.attributes.retain(|(other, _)| *other != name);
        changed.attributes.push((name, values.iter().map(|it| (*it).to_owned()).collect()));
        changed
    }

    fn without(&self, name: &str) -> Draft {
        let name = format!("https://aws.amazon.com/SAML/Attributes/{name}");
        let mut changed = self.clone();
        changed.attributes.retain(|(other, _)| *other != name);
        changed
    }

    fn assertion(&self, id: &str) -> String {
        let attributes: String = self
            .attributes
            .iter()
            .map(|(name, values)| {
                let values: String = values
                    .iter()
                    .map(|it| format!("<saml:AttributeValue>{it}</saml:AttributeValue>"))
                    .collect();
                format!("<saml:Attribute Name=\"{name}\">{values}</saml:Attribute>")
            })
            .collect();
        let Draft { issuer, audience, recipient, confirmation, conditions, name_id, authn, .. } =
            self;
        let issued = at(self.issued);
        format!(
            "<saml:Assertion xmlns:saml=\"{ASSERTION}\" ID=\"{id}\" IssueInstant=\"{issued}\" Version=\"2.0\">\
             <saml:Issuer>{issuer}</saml:Issuer><saml:Subject>{name_id}\
             <saml:SubjectConfirmation Method=\"urn:oasis:names:tc:SAML:2.0:cm:bearer\">\
             <saml:SubjectConfirmationData {confirmation} Recipient=\"{recipient}\"></saml:SubjectConfirmationData>\
             </saml:SubjectConfirmation></saml:Subject><saml:Conditions {conditions}><saml:AudienceRestriction>\
             <saml:Audience>{audience}</saml:Audience></saml:AudienceRestriction></saml:Conditions>{authn}\
             <saml:AttributeStatement>{attributes}</saml:AttributeStatement></saml:Assertion>"
        )
        .replace("Conditions >", "Conditions>")
    }

    fn response(&self, assertion: &str) -> String {
        let Draft { issuer, status, .. } = self;
        format!(
            "<samlp:Response xmlns:samlp=\"{PROTOCOL}\" ID=\"_r\" Version=\"2.0\">\
             <saml:Issuer xmlns:saml=\"{ASSERTION}\">{issuer}</saml:Issuer><samlp:Status>\
             <samlp:StatusCode Value=\"{status}\"></samlp:StatusCode></samlp:Status>{assertion}</samlp:Response>"
        )
    }

    /// The ordinary response: its assertion is signed.
    fn signed(&self) -> String {
        self.response(&sign(&self.assertion("_a"), "_a"))
    }
}

/// How a signature is made.
struct Style<'s> {
    key: &'s str,
    algorithm: String,
    hash: String,
    canonical: &'s str,
    uri: String,
}

impl Style<'_> {
    fn rsa(id: &str) -> Style<'static> {
        Style {
            key: PRIVATE_KEY,
            algorithm: format!("{MORE}rsa-sha256"),
            hash: format!("{ENC}sha256"),
            canonical: "http://www.w3.org/2001/10/xml-exc-c14n#",
            uri: format!("#{id}"),
        }
    }
}

fn sign(element: &str, id: &str) -> String {
    sign_as(element, &Style::rsa(id))
}

/// The element, which is in canonical form, with a signature behind its issuer.
fn sign_as(element: &str, style: &Style<'_>) -> String {
    let end = "</saml:Issuer>";
    let at = element.find(end).unwrap() + end.len();
    let (before, after) = element.split_at(at);
    format!("{before}{}{after}", signature(element, style))
}

fn signature(element: &str, style: &Style<'_>) -> String {
    let Style { key, algorithm, hash, canonical, uri } = style;
    let digested =
        digest(if hash.ends_with("sha512") { &SHA512 } else { &SHA256 }, element.as_bytes());
    let digested = STANDARD.encode(digested);
    let info = format!(
        "<ds:SignedInfo xmlns:ds=\"{DSIG}\"><ds:CanonicalizationMethod Algorithm=\"{canonical}\"></ds:CanonicalizationMethod>\
         <ds:SignatureMethod Algorithm=\"{algorithm}\"></ds:SignatureMethod><ds:Reference URI=\"{uri}\"><ds:Transforms>\
         <ds:Transform Algorithm=\"{DSIG}enveloped-signature\"></ds:Transform>\
         <ds:Transform Algorithm=\"{canonical}\"></ds:Transform></ds:Transforms>\
         <ds:DigestMethod Algorithm=\"{hash}\"></ds:DigestMethod><ds:DigestValue>{digested}</ds:DigestValue>\
         </ds:Reference></ds:SignedInfo>"
    );
    let random = SystemRandom::new();
    let signed = if algorithm.contains("ecdsa") {
        let key = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &der(key)).unwrap();
        key.sign(&random, info.as_bytes()).unwrap().as_ref().to_vec()
    } else {
        let key = RsaKeyPair::from_pkcs8(&der(key)).unwrap();
        let padding =
            if algorithm.ends_with("512") { &RSA_PKCS1_SHA512 } else { &RSA_PKCS1_SHA256 };
        let mut signed = vec![0; key.public_modulus_len()];
        key.sign(padding, &random, info.as_bytes(), &mut signed).unwrap();
        signed
    };
    let info = info.replace(&format!(" xmlns:ds=\"{DSIG}\""), "");
    let signed = STANDARD.encode(signed);
    format!(
        "<ds:Signature xmlns:ds=\"{DSIG}\">{info}<ds:SignatureValue>{signed}</ds:SignatureValue></ds:Signature>"
    )
}

fn trusting(actions: &Value, condition: &Value) -> Value {
    json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Federated": PROVIDER},
        "Action": actions, "Condition": condition}]})
}

fn world() -> World {
    let world = World::new();
    let provider = json!({"Name": "idp", "SAMLMetadataDocument": metadata(&[OTHER_CERTIFICATE, CERTIFICATE], "")});
    world.ok(&world.root(), "iam:CreateSAMLProvider", provider);
    let audience = json!({"StringEquals": {"SAML:aud": SIGN_IN}});
    world.role("saml", &trusting(&json!("sts:AssumeRoleWithSAML"), &audience));
    world
}

fn retrust(world: &World, actions: &Value, condition: &Value) {
    let policy = trusting(actions, condition).to_string();
    let input = json!({"RoleName": "saml", "PolicyDocument": policy});
    world.ok(&world.root(), "iam:UpdateAssumeRolePolicy", input);
}

fn assume_with(world: &World, response: &str, more: Value) -> Result<Value, ApiError> {
    let encoded = STANDARD.encode(response);
    let directory = world.control.directory();
    let bearer = directory.saml_bearer(ROLE, PROVIDER, &encoded, None, world.now)?;
    let mut input = json!({"RoleArn": ROLE, "PrincipalArn": PROVIDER, "SAMLAssertion": encoded});
    input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    world.as_caller(&bearer, "sts:AssumeRoleWithSAML", &input)
}

fn assume(world: &World, response: &str) -> Result<Value, ApiError> {
    assume_with(world, response, json!({}))
}

/// What the caller reads, and the reason beside it.
fn refusal(world: &World, response: &str) -> String {
    match assume(world, response) {
        Ok(_) => "taken".to_owned(),
        Err(error) => match error.reason {
            Some(reason) => format!("{:?}: {}: {reason}", error.code, error.message),
            None => format!("{:?}: {}", error.code, error.message),
        },
    }
}

fn refused(response: &str, expected: &str) {
    let told = refusal(&world(), response);
    assert!(told.contains(expected), "{expected:?} expected, got {told}");
}

#[test]
fn a_good_assertion_becomes_a_session_of_the_role() {
    let world = world();
    let output = assume(&world, &draft().signed()).unwrap();
    assert_eq!(text(&output, "/Subject"), "ann@example");
    assert_eq!(text(&output, "/SubjectType"), "persistent");
    assert_eq!(text(&output, "/Issuer"), ISSUER);
    assert_eq!(text(&output, "/Audience"), SIGN_IN);
    let session = "arn:aws:sts::123456789012:assumed-role/saml/ann";
    assert_eq!(text(&output, "/AssumedRoleUser/Arn"), session);
    let caller = world.identify(&credentials(&output)).unwrap();
    assert_eq!((caller.kind(), caller.principal_arn.as_str()), (CallerKind::AssumedRole, ROLE));
    let mut context = Context::new();
    caller.describe(&mut context);
    assert_eq!(context.get("saml:sub"), Some(&["ann@example".to_owned()][..]));
    assert_eq!(context.get("saml:namequalifier"), Some(&[text(&output, "/NameQualifier")][..]));
    assert_eq!(context.get("aws:FederatedProvider"), Some(&[PROVIDER.to_owned()][..]));
}

/// `BASE64 ( SHA1 ( "https://example.com/saml" + "123456789012" + "/MySAMLIdP" ) )`, as the API reference has it.
#[test]
fn the_name_qualifier_is_the_hash_that_amazon_documents() {
    let output = assume(&world(), &draft().signed()).unwrap();
    let hashed = digest(
        &aws_lc_rs::digest::SHA1_FOR_LEGACY_USE_ONLY,
        format!("{ISSUER}123456789012/idp").as_bytes(),
    );
    assert_eq!(text(&output, "/NameQualifier"), STANDARD.encode(hashed));
}

#[test]
fn the_response_may_be_signed_instead_of_the_assertion_or_both() {
    let plain = draft().response(&draft().assertion("_a"));
    assert_eq!(refusal(&world(), &sign(&plain, "_r")), "taken");
    let both = draft().response(&sign(&draft().assertion("_a"), "_a"));
    assert_eq!(refusal(&world(), &sign(&both, "_r")), "taken");
    refused(&plain, "Response signature invalid: neither");
}

#[test]
fn a_response_that_nobody_signed_is_refused_and_the_reason_says_so() {
    let plain = draft().response(&draft().assertion("_a"));
    refused(&plain, "neither the Response nor the Assertion is signed");
}

#[test]
fn where_both_are_signed_both_must_be_right() {
    let stranger =
        sign_as(&draft().assertion("_a"), &Style { uri: "#_r".to_owned(), ..Style::rsa("_a") });
    refused(&sign(&draft().response(&stranger), "_r"), "Response signature invalid");
}

#[test]
fn sha_512_and_elliptic_curves_are_taken_with_any_key_of_the_provider() {
    let sign_with = |style: &Style<'_>| draft().response(&sign_as(&draft().assertion("_a"), style));
    let longer = Style {
        algorithm: format!("{MORE}rsa-sha512"),
        hash: format!("{ENC}sha512"),
        ..Style::rsa("_a")
    };
    assert_eq!(refusal(&world(), &sign_with(&longer)), "taken");
    let elliptic = Style {
        key: OTHER_PRIVATE_KEY,
        algorithm: format!("{MORE}ecdsa-sha256"),
        ..Style::rsa("_a")
    };
    assert_eq!(refusal(&world(), &sign_with(&elliptic)), "taken");
}

#[test]
fn sha_1_other_canonical_forms_and_algorithms_of_another_name_are_refused() {
    let sign_with = |style: &Style<'_>| draft().response(&sign_as(&draft().assertion("_a"), style));
    for (style, expected) in [
        (
            Style { algorithm: format!("{DSIG}rsa-sha1"), ..Style::rsa("_a") },
            "no key of the provider",
        ),
        (
            Style { algorithm: format!("{DSIG}hmac-sha1"), ..Style::rsa("_a") },
            "no key of the provider",
        ),
        (
            Style {
                algorithm: format!("{MORE}ecdsa-sha256x"),
                key: OTHER_PRIVATE_KEY,
                ..Style::rsa("_a")
            },
            "no key of the provider",
        ),
        (Style { hash: format!("{DSIG}sha1"), ..Style::rsa("_a") }, "the hash"),
        (
            Style {
                canonical: "http://www.w3.org/TR/2001/REC-xml-c14n-20010315",
                ..Style::rsa("_a")
            },
            "only exclusive",
        ),
        (
            Style { uri: String::new(), ..Style::rsa("_a") },
            "the Reference does not point to the element",
        ),
        (
            Style { uri: "#_r".to_owned(), ..Style::rsa("_a") },
            "the Reference does not point to the element",
        ),
    ] {
        refused(&sign_with(&style), expected);
    }
}

#[test]
fn a_key_that_the_provider_does_not_have_signs_nothing() {
    let world = world();
    let only = metadata(&[OTHER_CERTIFICATE], "");
    let update = json!({"SAMLProviderArn": PROVIDER, "SAMLMetadataDocument": only});
    world.ok(&world.root(), "iam:UpdateSAMLProvider", update);
    let told = refusal(&world, &draft().signed());
    assert!(told.starts_with("InvalidIdentityToken: Response signature invalid"), "{told}");
}

#[test]
fn a_changed_character_breaks_the_signature() {
    let signed = draft().signed();
    for (from, to) in [
        ("ann@example", "bob@example"),
        (">ann<", ">bob<"),
        ("role/saml,", "role/admin,"),
        ("persistent", "transient"),
    ] {
        assert!(signed.contains(from));
        refused(
            &signed.replacen(from, to, 1),
            "Response signature invalid: the element is not what was signed",
        );
    }
}

/// The eight wrappings of "On Breaking SAML": the signed assertion is moved, a forged one takes its place.
#[test]
fn no_wrapping_of_a_signed_assertion_is_taken() {
    let good = sign(&draft().assertion("_a"), "_a");
    let bare = draft().assertion("_a");
    let mut evil = draft();
    evil.name_id = evil.name_id.replace("ann@example", "root@example");
    let forged = evil.assertion("_evil");
    let of_good = signature(&bare, &Style::rsa("_a"));
    let signed_response = sign(&draft().response(&bare), "_r");
    let of_response = signature(&draft().response(&bare), &Style::rsa("_r"));
    let behind_issuer = |assertion: &str, inserted: &str| {
        assertion.replacen("</saml:Issuer>", &format!("</saml:Issuer>{inserted}"), 1)
    };
    let object = |signature: &str, inside: &str| {
        let object = format!("<ds:Object>{inside}</ds:Object></ds:Signature>");
        signature.replacen("</ds:Signature>", &object, 1)
    };
    let evil_response = evil.response(&forged).replacen("\"_r\"", "\"_evil_r\"", 1);
    let wrapped = [
        // 1 and 2: the signed response inside, or beside, the signature of a forged one.
        behind_issuer(&evil_response, &object(&of_response, &draft().response(&bare))),
        behind_issuer(&evil_response, &format!("{}{of_response}", draft().response(&bare))),
        // 3 and 4: a forged assertion beside the signed one, before it, and around it.
        draft().response(&format!("{forged}{good}")),
        draft().response(&format!("{good}{forged}")),
        draft().response(&forged.replacen(
            "</saml:Assertion>",
            &format!("{good}</saml:Assertion>"),
            1,
        )),
        // 5 and 6: the signature in the forged assertion, the signed one at the end, or in the signature.
        draft().response(&format!("{}{bare}", behind_issuer(&forged, &of_good))),
        draft().response(&behind_issuer(&forged, &object(&of_good, &bare))),
        // 7 and 8: the signed one in an element whose content may be anything.
        draft().response(&forged).replacen(
            "<samlp:Status>",
            &format!("<samlp:Extensions>{good}</samlp:Extensions><samlp:Status>"),
            1,
        ),
        draft().response(&behind_issuer(&forged, &object(&of_good, &format!("<x>{bare}</x>")))),
        // Both signed, and the signed response kept whole inside a forged assertion's advice.
        evil.response(&forged.replacen(
            "<saml:AttributeStatement>",
            &format!("<saml:Advice>{signed_response}</saml:Advice><saml:AttributeStatement>"),
            1,
        ))
        .replacen("\"_r\"", "\"_evil_r\"", 1),
        // The forged one takes the id too.
        draft().response(&format!("{}{good}", evil.assertion("_a"))),
        // A signature that is the response's own child, over the assertion.
        behind_issuer(&draft().response(&forged), &of_good),
    ];
    let told: Vec<String> = wrapped.iter().map(|response| refusal(&world(), response)).collect();
    expect![[r#"
        InvalidIdentityToken: Your request included an invalid SAML response: an Assertion stands where none may
        InvalidIdentityToken: Your request included an invalid SAML response: its Response holds something else than Issuer, Signature, Status and Assertion
        InvalidIdentityToken: Your request included an invalid SAML response: it must have exactly one Assertion
        InvalidIdentityToken: Your request included an invalid SAML response: it must have exactly one Assertion
        InvalidIdentityToken: Your request included an invalid SAML response: a Signature stands where none may
        InvalidIdentityToken: Your request included an invalid SAML response: it must have exactly one Assertion
        InvalidIdentityToken: Your request included an invalid SAML response: an Assertion stands where none may
        InvalidIdentityToken: Your request included an invalid SAML response: its Response holds something else than Issuer, Signature, Status and Assertion
        InvalidIdentityToken: Your request included an invalid SAML response: an Assertion stands where none may
        InvalidIdentityToken: Your request included an invalid SAML response: an Assertion stands where none may
        InvalidIdentityToken: Your request included an invalid SAML response: the id _a occurs twice
        InvalidIdentityToken: Response signature invalid: the Reference does not point to the element that contains the signature"#]].assert_eq(&told.join("\n"));
}

#[test]
fn e08_what_two_readers_could_read_differently_is_not_read() {
    let signed = draft().signed();
    for (response, expected) in [
        (signed.replacen("ann@example", "ann@example<!---->.evil.example", 1), "it has a comment"),
        (
            signed.replacen("ann@example", "ann@<?x y?>example", 1),
            "it has a processing instruction",
        ),
        (signed.replacen("ann@example", "<![CDATA[ann@example]]>", 1), "it has a CDATA section"),
        (format!("<!DOCTYPE x [<!ENTITY a \"ann\">]>{signed}"), "it has a document type"),
        (signed.replacen("ann@example", "&a;", 1), "it refers to &a;"),
        (signed.replacen("ID=\"_r\"", "ID=\"_a\"", 1), "the id _a occurs twice"),
        (signed.replacen("ID=\"_r\"", "ID=\"_r\" Id=\"_a\"", 1), "the id _a occurs twice"),
        (format!("{signed}{signed}"), "it has two roots"),
        (format!("{signed}x"), "it has text outside its root"),
        (
            signed.replacen("<samlp:Status>", "<samlp:Status><x:y/>", 1),
            "the prefix x is not declared",
        ),
        (
            signed.replacen("ID=\"_r\"", "ID=\"_r\" \u{fc}=\"\"", 1),
            "\"\u{fc}\" is not a name of the kind that is read",
        ),
        (signed.replacen("</samlp:Response>", "", 1), "it ends inside an element"),
        (
            signed.replacen(
                "<samlp:Status>",
                &format!("<samlp:Status>{}", "<samlp:a>".repeat(40)),
                1,
            ),
            "it has more than 2000 elements, or 32 inside each other",
        ),
        (
            signed.replacen(
                "<samlp:Status>",
                &format!("<samlp:Status>{}", "<samlp:a/>".repeat(2_001)),
                1,
            ),
            "it has more than 2000 elements",
        ),
        ("no XML".to_owned(), "it has text outside its root"),
        (String::new(), "it has no element"),
    ] {
        refused(&response, &format!("Your request included an invalid SAML response: {expected}"));
    }
}

/// Each element has its own copy of its namespace: a long one would make a small text a large tree.
#[test]
fn a_namespace_is_no_longer_than_those_that_there_are() {
    for declared in ["xmlns", "xmlns:a"] {
        let long = "n".repeat(257);
        refused(&format!("<Response {declared}=\"{long}\"/>"), "it cannot declare the prefix");
    }
}

#[test]
fn what_is_no_base64_of_text_is_refused() {
    let world = world();
    for bytes in ["%%%%", "AAAA=A", "/////w=="] {
        let told = world
            .control
            .directory()
            .saml_bearer(ROLE, PROVIDER, bytes, None, world.now)
            .err()
            .unwrap();
        assert_eq!(told.to_string(), "InvalidIdentityToken: Invalid base64 SAMLResponse");
    }
    let broken: Vec<String> = STANDARD
        .encode(draft().signed())
        .as_bytes()
        .chunks(76)
        .map(|line| String::from_utf8_lossy(line).into_owned())
        .collect();
    let bearer = world.control.directory().saml_bearer(
        ROLE,
        PROVIDER,
        &broken.join("\r\n"),
        None,
        world.now,
    );
    assert!(bearer.is_ok(), "lines of 76 characters");
}

#[test]
fn issuer_audience_recipient_status_and_subject_must_be_right() {
    let (mut issuer, mut audience, mut recipient) = (draft(), draft(), draft());
    issuer.issuer = "https://evil.example".to_owned();
    audience.audience = "https://other.example/saml".to_owned();
    recipient.recipient = "https://signin.aws.amazon.com.evil.example/saml".to_owned();
    let (mut status, mut nobody, mut endless) = (draft(), draft(), draft());
    status.status = "urn:oasis:names:tc:SAML:2.0:status:Requester".to_owned();
    nobody.name_id = String::new();
    endless.confirmation = "InResponseTo=\"_x\"".to_owned();
    let holder = draft().assertion("_a").replacen("cm:bearer", "cm:holder-of-key", 1);
    for (response, expected) in [
        (issuer.signed(), "InvalidIdentityToken: Issuer not present in specified provider"),
        (
            audience.signed(),
            "InvalidIdentityToken: Response does not contain the required audience",
        ),
        (recipient.signed(), "its Recipient is not Amazon's sign-in"),
        (status.signed(), "its status is not Success"),
        (nobody.signed(), "its Subject must have exactly one NameID"),
        (endless.signed(), "has no NotOnOrAfter"),
        (draft().response(&sign(&holder, "_a")), "no SubjectConfirmation of the bearer method"),
    ] {
        refused(&response, expected);
    }
}

#[test]
fn the_sign_in_of_a_region_and_the_name_in_amazons_metadata_will_do() {
    let (mut regional, mut named) = (draft(), draft());
    regional.recipient = "https://eu-west-1.signin.aws.amazon.com/saml".to_owned();
    regional.audience.clone_from(&regional.recipient);
    named.audience = "urn:amazon:webservices".to_owned();
    let world = world();
    retrust(&world, &json!("sts:AssumeRoleWithSAML"), &json!({}));
    let output = assume(&world, &regional.signed()).unwrap();
    assert_eq!(text(&output, "/Audience"), regional.recipient);
    refused(&named.signed(), "taken");
}

#[test]
fn an_assertion_is_good_for_five_minutes_and_not_before_its_time() {
    let mut world = world();
    let mut lasting = draft();
    lasting.confirmation = format!("NotOnOrAfter=\"{}\"", at(3_600));
    lasting.conditions = format!("NotOnOrAfter=\"{}\"", at(3_600));
    world.later(299);
    assert_eq!(refusal(&world, &lasting.signed()), "taken");
    world.later(1);
    let told = refusal(&world, &lasting.signed());
    assert_eq!(told, "ExpiredToken: Token must be redeemed within 5 minutes of issuance");
    for (conditions, issued, expected) in [
        (format!("NotOnOrAfter=\"{}\"", at(0)), 0, "ExpiredToken: Token has expired"),
        (format!("NotBefore=\"{}\"", at(301)), 0, "it is not good yet"),
        (format!("NotBefore=\"{}\"", at(300)), 300, "taken"),
        ("NotBefore=\"yesterday\"".to_owned(), 0, "NotBefore is not a time"),
        (String::new(), 301, "it is not issued yet"),
    ] {
        let mut changed = draft();
        (changed.conditions, changed.issued) = (conditions, issued);
        refused(&changed.signed(), expected);
    }
}

#[test]
fn an_assertion_opens_a_role_once() {
    let world = world();
    let response = draft().signed();
    assert_eq!(refusal(&world, &response), "taken");
    let told = refusal(&world, &response);
    assert_eq!(told, "InvalidIdentityToken: The assertion has been used for this role already");
    // Another one of the same subject is another one.
    let next = draft().response(&sign(&draft().assertion("_b"), "_b"));
    assert_eq!(refusal(&world, &next), "taken");
}

#[test]
fn an_assertion_whose_session_was_revoked_opens_the_role_no_second_time() {
    let world = world();
    let response = draft().signed();
    let session = credentials(&assume(&world, &response).unwrap());
    let meant = SessionsMeant::OfRole("saml".to_owned());
    let holder = world.holder(&meant);
    assert_eq!(world.end_now(&meant, &holder), Ok((1, 0)));
    assert!(world.identify(&session).is_err());
    assert!(refusal(&world, &response).contains("has been used for this role already"));
    assert_eq!(world.end_now(&meant, &holder), Ok((0, 0)), "it is told of no more");
}

/// A call that was let in and waits for its turn, while its session is revoked.
#[test]
fn a_caller_whose_session_was_revoked_is_not_known_again() {
    let world = world();
    let session = credentials(&assume(&world, &draft().signed()).unwrap());
    let caller = world.identify(&session).unwrap();
    let meant = SessionsMeant::OfRole("saml".to_owned());
    let holder = world.holder(&meant);
    assert!(world.control.directory().identify_again(&caller, world.now).is_ok());
    assert_eq!(world.end_now(&meant, &holder), Ok((1, 0)));
    assert!(world.control.directory().identify_again(&caller, world.now).is_err());
}

#[test]
fn role_and_provider_are_a_pair_in_either_order_and_others_may_stand_beside_it() {
    let turned = draft()
        .with("Role", &["arn:aws:iam::123456789012:role/x,y", &format!(" {PROVIDER} , {ROLE} ")]);
    refused(&turned.signed(), "taken");
    let missing = "InvalidIdentityToken: SAML Assertion doesn't contain the requested Role and Metadata in the attributes";
    for pairs in
        [&[ROLE][..], &[&format!("{ROLE},{ROLE}")], &[&format!("{ROLE},{PROVIDER},x")], &[]]
    {
        refused(&draft().with("Role", pairs).signed(), missing);
    }
    refused(&draft().without("Role").signed(), missing);
}

#[test]
fn a_session_must_be_named_as_amazon_wants_it() {
    refused(
        &draft().without("RoleSessionName").signed(),
        "RoleSessionName is required in AuthnResponse",
    );
    for name in ["a", "with space", &"a".repeat(65), "ü1"] {
        let told = "RoleSessionName in AuthnResponse must match [a-zA-Z_0-9+=,.@-]{2,64}";
        refused(&draft().with("RoleSessionName", &[name]).signed(), told);
    }
    refused(&draft().with("RoleSessionName", &["ann", "bob"]).signed(), "has more than one value");
}

#[test]
fn a_session_ends_when_the_request_the_assertion_or_the_provider_wants() {
    let seconds = |draft: &Draft, more: Value| {
        let world = world();
        let input = json!({"RoleName": "saml", "MaxSessionDuration": 7_200});
        world.ok(&world.root(), "iam:UpdateRole", input);
        let output = assume_with(&world, &draft.signed(), more);
        output.map(|it| it["Credentials"]["Expiration"].as_i64().unwrap() - t0().as_second())
    };
    assert_eq!(seconds(&draft(), json!({})).unwrap(), 3_600);
    let longer = draft().with("SessionDuration", &["7200"]);
    assert_eq!(seconds(&longer, json!({})).unwrap(), 7_200);
    assert_eq!(seconds(&longer, json!({"DurationSeconds": 900})).unwrap(), 900);
    let mut short = longer.clone();
    short.authn = format!(
        "<saml:AuthnStatement SessionNotOnOrAfter=\"{}\"></saml:AuthnStatement>",
        at(1_000)
    );
    assert_eq!(seconds(&short, json!({})).unwrap(), 1_000);
    let told = seconds(&draft().with("SessionDuration", &["7201"]), json!({})).unwrap_err();
    assert_eq!(told.code, ErrorCode::Validation);
    short.authn = short.authn.replace(&at(1_000), &at(0));
    assert_eq!(seconds(&short, json!({})).unwrap_err().code, ErrorCode::ExpiredToken);
    for value in ["899", "43201", "1h", ""] {
        refused(
            &draft().with("SessionDuration", &[value]).signed(),
            "must be 900 to 43200 seconds",
        );
    }
}

#[test]
fn the_trust_policys_conditions_on_the_assertion_count() {
    let qualifier = text(&assume(&world(), &draft().signed()).unwrap(), "/NameQualifier");
    let mut member = draft();
    member.attributes.push((
        "urn:oid:1.3.6.1.4.1.5923.1.1.1.1".to_owned(),
        vec!["staff".to_owned(), "member".to_owned()],
    ));
    let action = json!("sts:AssumeRoleWithSAML");
    for (condition, allowed) in [
        (
            json!({"StringEquals": {"saml:sub": "ann@example", "SAML:iss": ISSUER, "saml:sub_type": "persistent"}}),
            true,
        ),
        (
            json!({"StringEquals": {"saml:namequalifier": qualifier, "saml:doc": "123456789012/idp"}}),
            true,
        ),
        (json!({"ForAnyValue:StringEquals": {"saml:edupersonaffiliation": ["staff"]}}), true),
        (json!({"StringEquals": {"sts:RoleSessionName": "ann"}}), true),
        (json!({"StringEquals": {"saml:sub": "bob@example"}}), false),
        (
            json!({"StringEquals": {"saml:aud": "https://eu-west-1.signin.aws.amazon.com/saml"}}),
            false,
        ),
        (json!({"ForAllValues:StringEquals": {"saml:edupersonaffiliation": ["staff"]}}), false),
        (json!({"StringEquals": {"sts:RoleSessionName": "bob"}}), false),
    ] {
        let world = world();
        retrust(&world, &action, &condition);
        let told = refusal(&world, &member.signed());
        let expected = if allowed {
            "taken"
        } else {
            "AccessDenied: Not authorized to perform sts:AssumeRoleWithSAML"
        };
        assert_eq!(told, expected, "{condition}");
    }
}

#[test]
fn tags_and_source_identity_of_the_assertion_become_the_sessions_with_the_trust_policys_leave() {
    let tagged = draft()
        .with("PrincipalTag:Team", &["search"])
        .with("PrincipalTag:Rank", &["1"])
        .with("TransitiveTagKeys", &["Team"])
        .with("SourceIdentity", &["ann.b"]);
    let world = world();
    let told = refusal(&world, &tagged.signed());
    assert_eq!(told, "AccessDenied: Not authorized to perform sts:TagSession");
    let actions = json!(["sts:AssumeRoleWithSAML", "sts:TagSession", "sts:SetSourceIdentity"]);
    retrust(&world, &actions, &json!({"StringEquals": {"aws:RequestTag/Team": "search"}}));
    let output = assume(&world, &tagged.signed()).unwrap();
    assert_eq!(text(&output, "/SourceIdentity"), "ann.b");
    let caller = world.identify(&credentials(&output)).unwrap();
    assert_eq!(caller.transitive_tags, [("Team".to_owned(), "search".to_owned())]);
    assert_eq!(caller.source_identity.as_deref(), Some("ann.b"));
    for (draft, expected) in [
        (draft().with("SourceIdentity", &["a"]), "Source Identity must match"),
        (draft().with("PrincipalTag:Team", &["a", "b"]), "must have one value"),
        (
            draft().with("TransitiveTagKeys", &["Team"]),
            "TransitiveTagKeys in AuthnResponse is not valid",
        ),
        (draft().with("PrincipalTag:aws:x", &["a"]), "tag keys may not begin with aws:"),
    ] {
        refused(&draft.signed(), expected);
    }
}

#[test]
fn the_provider_must_stand_in_the_roles_account_and_be_in_date() {
    let world = world();
    let encoded = STANDARD.encode(draft().signed());
    let ask = |role: &str, provider: &str| {
        let bearer =
            world.control.directory().saml_bearer(role, provider, &encoded, None, world.now);
        bearer.map(drop).map_err(|error| error.to_string())
    };
    let missing = Err("InvalidIdentityToken: Specified provider doesn't exist".to_owned());
    assert_eq!(ask(ROLE, PROVIDER), Ok(()));
    assert_eq!(ask(ROLE, "arn:aws:iam::123456789012:saml-provider/other"), missing);
    assert_eq!(ask(ROLE, "arn:aws:iam::123456789012:oidc-provider/idp"), missing);
    assert_eq!(ask("arn:aws:iam::999988887777:role/saml", PROVIDER), missing);
    let over = metadata(&[CERTIFICATE], &format!("validUntil=\"{}\"", at(0)));
    let update = json!({"SAMLProviderArn": PROVIDER, "SAMLMetadataDocument": over});
    world.ok(&world.root(), "iam:UpdateSAMLProvider", update);
    assert_eq!(ask(ROLE, PROVIDER), missing);
}

#[test]
fn the_roles_that_a_response_offers_are_those_it_is_good_for_and_a_forged_one_offers_none() {
    let world = world();
    let pair = |role: &str, provider: &str| format!("{role},{provider}");
    let (other_role, gone) =
        ("arn:aws:iam::123456789012:role/other", "arn:aws:iam::123456789012:saml-provider/gone");
    let provider =
        json!({"Name": "twin", "SAMLMetadataDocument": metadata(&[OTHER_CERTIFICATE], "")});
    world.ok(&world.root(), "iam:CreateSAMLProvider", provider);
    let twin = "arn:aws:iam::123456789012:saml-provider/twin";
    let roles = [
        pair(ROLE, PROVIDER),
        pair(PROVIDER, other_role),
        pair(ROLE, gone),
        pair(ROLE, twin),
        pair("arn:aws:iam::999988887777:role/theirs", PROVIDER),
    ];
    let roles: Vec<&str> = roles.iter().map(String::as_str).collect();
    let signed = draft().with("Role", &roles).signed();
    let offers = |response: &str, seconds: i64| {
        let now = world.now + jiff::SignedDuration::from_secs(seconds);
        world.control.directory().saml_offers(&STANDARD.encode(response), None, now)
    };
    let found = [(ROLE, PROVIDER), (other_role, PROVIDER)];
    let found = found.map(|(role, provider)| (role.to_owned(), provider.to_owned()));
    assert_eq!(offers(&signed, 0), found, "each with a provider that has the key that signed");
    assert!(offers(&signed, 300).is_empty(), "too old");
    assert!(offers(&signed.replace("role/other", "role/0ther"), 0).is_empty(), "changed");
    assert!(offers(&draft().response(&draft().assertion("a")), 0).is_empty(), "nobody signed it");
    assert!(offers(&draft().without("RoleSessionName").signed(), 0).is_empty(), "for no session");
}

/// A key that is taken out of the metadata while a call waits for its turn is out for that call too.
#[test]
fn a_bearer_is_known_again_only_while_the_provider_vouches_for_the_key() {
    let world = world();
    let encoded = STANDARD.encode(draft().signed());
    let bearer =
        world.control.directory().saml_bearer(ROLE, PROVIDER, &encoded, None, world.now).unwrap();
    assert!(world.control.directory().identify_again(&bearer, world.now).is_ok());
    let update = json!({"SAMLProviderArn": PROVIDER, "SAMLMetadataDocument": metadata(&[OTHER_CERTIFICATE], "")});
    world.ok(&world.root(), "iam:UpdateSAMLProvider", update);
    assert!(world.control.directory().identify_again(&bearer, world.now).is_err());
}

#[test]
fn an_encrypted_assertion_is_refused_by_name() {
    let encrypted =
        format!("<saml:EncryptedAssertion xmlns:saml=\"{ASSERTION}\"></saml:EncryptedAssertion>");
    refused(&draft().response(&encrypted), "encrypted assertions are not read here");
}

/// Signed by libraries that are not ours; tests/data/saml.py made them.
const BY_OTHERS: [(&str, &str); 6] = [
    ("signxml, assertion", include_str!("../data/saml/signxml-assertion.xml")),
    ("signxml, response", include_str!("../data/saml/signxml-response.xml")),
    ("signxml, a curve", include_str!("../data/saml/signxml-curve.xml")),
    ("libxmlsec1, assertion", include_str!("../data/saml/libxmlsec-assertion.xml")),
    ("libxmlsec1, both", include_str!("../data/saml/libxmlsec-both.xml")),
    ("libxmlsec1, inclusive prefixes", include_str!("../data/saml/libxmlsec-inclusive.xml")),
];

#[test]
fn what_other_libraries_signed_is_taken() {
    for (what, response) in BY_OTHERS {
        assert_eq!(refusal(&world(), response), "taken", "{what}");
        let changed = response.replacen("ann@example", "bob@example", 1);
        let told = refusal(&world(), &changed);
        assert!(
            told.starts_with("InvalidIdentityToken: Response signature invalid"),
            "{what}: {told}"
        );
    }
}

proptest::proptest! {
    /// Whatever is changed in a signed response, and wherever: it is refused, or it still says what was signed.
    #[test]
    fn a_changed_response_never_says_something_else(
        place in 0.0f64..1.0,
        cut in 0usize..40,
        put in "[ -~]{0,12}|<!---->|<saml:NameID>|&#97;|</saml:Assertion>|_a|\u{fc}",
        which in 0usize..7,
    ) {
        let own = draft().signed();
        let signed = BY_OTHERS.get(which).map_or(own.as_str(), |(_, response)| response);
        let mut chars: Vec<char> = signed.chars().collect();
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "a place in it")]
        let from = (place * chars.len() as f64) as usize;
        let to = (from + cut).min(chars.len());
        chars.splice(from..to, put.chars());
        let changed: String = chars.into_iter().collect();
        if let Ok(output) = assume(&world(), &changed) {
            proptest::prop_assert_eq!(text(&output, "/Subject"), "ann@example");
            proptest::prop_assert!(text(&output, "/AssumedRoleUser/Arn").ends_with("/saml/ann"));
        }
    }
}
