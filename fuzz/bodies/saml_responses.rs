//! What the fuzz target of SAML responses does with its input. Shared with the tests of `control`, which run the same over
//! responses that others signed and random changes of them, without libFuzzer.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use control::{
    Control, ControlOptions, ControlSettings, Operation, OperationCall, SEALING_KEY_BYTES, Service,
    StorePlace, SystemMint,
};
use serde_json::{Value, json};
use sigv4::SecretKey;

const ROOT_KEY: &str = "AKIAROOTROOTROOTROOT";
const ROLE: &str = "arn:aws:iam::123456789012:role/saml";
const PROVIDER: &str = "arn:aws:iam::123456789012:saml-provider/idp";
/// Whose keys signed the responses below `crates/control/tests/data/saml`.
const CERTIFICATES: [&str; 2] = [
    include_str!("../../crates/control/tests/data/certificates/rsa.crt"),
    include_str!("../../crates/control/tests/data/certificates/ec.crt"),
];

/// A control plane in memory that has a SAML provider and a role for its people.
pub(crate) struct HeldProvider(Control);

impl HeldProvider {
    pub(crate) fn new() -> HeldProvider {
        let options = ControlOptions {
            place: StorePlace::Memory,
            sealing_key: [7; SEALING_KEY_BYTES],
            settings: ControlSettings::default(),
        };
        let control = Control::open_with(options, Box::new(SystemMint)).expect("opens in memory");
        let secret = SecretKey::new("rootrootrootrootrootrootrootrootrootroot");
        control.ensure_root("123456789012", Some((ROOT_KEY, &secret)), now()).expect("has a root");
        let held = HeldProvider(control);
        let key = |certificate: &str| {
            let lines = certificate.lines().filter(|line| !line.starts_with("-----"));
            format!(
                "<md:KeyDescriptor use=\"signing\"><ds:KeyInfo xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"><ds:X509Data>\
                 <ds:X509Certificate>{}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>",
                lines.collect::<String>()
            )
        };
        let metadata = format!(
            "<md:EntityDescriptor xmlns:md=\"urn:oasis:names:tc:SAML:2.0:metadata\" entityID=\"https://idp.example/metadata\">\
             <md:IDPSSODescriptor protocolSupportEnumeration=\"urn:oasis:names:tc:SAML:2.0:protocol\">{}\
             </md:IDPSSODescriptor>{}</md:EntityDescriptor>",
            CERTIFICATES.map(key).concat(),
            " ".repeat(1_000)
        );
        held.done("CreateSAMLProvider", &json!({"Name": "idp", "SAMLMetadataDocument": metadata}));
        let trust = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
            "Principal": {"Federated": PROVIDER}, "Action": "sts:AssumeRoleWithSAML"}]});
        let role = json!({"RoleName": "saml", "AssumeRolePolicyDocument": trust.to_string()});
        held.done("CreateRole", &role);
        held
    }

    fn done(&self, name: &str, input: &Value) {
        let root = self.0.directory().identify(ROOT_KEY, None, now()).expect("knows its root");
        let done = self.0.execute(&OperationCall {
            operation: Operation::find(Service::Iam, name).expect("is built"),
            input,
            caller: &root,
            judged: self.0.directory().version(),
            context: &policy::Context::new(),
            region: "us-east-1",
            observer: &|_| None,
            now: now(),
            request_id: "fuzz",
        });
        done.expect("is done");
    }

    /// Any response: it is refused, or it says what was signed. Whether it was taken.
    pub(crate) fn response(&self, text: &str) -> bool {
        let directory = self.0.directory();
        let bearer = directory.saml_bearer(ROLE, PROVIDER, &STANDARD.encode(text), None, now());
        // As it is, too: most of it is no base64.
        assert!(directory.saml_bearer(ROLE, PROVIDER, text, None, now()).is_err(), "{text}");
        let Ok(bearer) = bearer else { return false };
        let mut context = policy::Context::new();
        bearer.describe(&mut context);
        let subject = context.get("saml:sub").and_then(|subjects| subjects.first());
        assert_eq!(subject.map(String::as_str), Some("ann@example"), "{text}");
        true
    }
}

fn now() -> jiff::Timestamp {
    "2026-01-02T03:04:05Z".parse().expect("a time")
}
