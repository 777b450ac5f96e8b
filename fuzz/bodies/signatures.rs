//! What the fuzz targets of the signature layer do with their input. Shared with the tests of the crate,
//! which run the same over seeds and random changes of them, without libFuzzer.

use std::sync::Arc;

use sigv4::{
    Claim, Credentials, Form, Forms, KeyRefusal, Keys, PayloadHash, PresentedSignature, Request,
    SecretKey, Settings, SigningKey, SigningOptions, presigned,
};

/// Any head, its lines separated by newlines (method, path, query, then `name:value`): a verdict,
/// never a panic, and never a belief, since the key is nobody's.
pub(crate) fn head(data: &[u8]) {
    let mut lines = data.split(|byte| *byte == b'\n');
    let mut text = || std::str::from_utf8(lines.next().unwrap_or_default()).unwrap_or_default();
    let (method, path, query) = (text(), text(), text());
    let mut headers: Vec<(&str, &[u8])> =
        vec![("host", b"localhost:9200"), ("x-amz-date", b"20261123T120000Z")];
    for line in lines {
        let colon = line.iter().position(|byte| *byte == b':').unwrap_or(line.len());
        let (name, value) = line.split_at(colon);
        let name = std::str::from_utf8(name).unwrap_or("x");
        headers.push((name, value.get(1..).unwrap_or_default()));
    }
    let settings = Settings {
        diagnostics: true,
        forms: Forms::of(&Form::ALL),
        port: Some(9200),
        ..Settings::domain("us-east-1")
    };
    for headers in [&headers[..], &headers[2..]] {
        let request = Request { method, path, query, headers };
        match sigv4::verify(&request, &PayloadHash::of(b""), &AnyKey, now(), &settings) {
            Ok(verified) => assert!(verified.is_none()),
            Err(refusal) => {
                let _ = (refusal.to_string(), refusal.es_message(), refusal.query_error());
            }
        }
    }
}

/// Any query: stripping it is idempotent, leaves no credential, and what it leaves is anonymous.
pub(crate) fn query(query: &str) {
    let stripped = presigned::strip(query).into_owned();
    assert_eq!(presigned::strip(&stripped), stripped);
    let headers: [(&str, &[u8]); 1] = [("host", b"localhost")];
    let request = Request { method: "GET", path: "/", query: &stripped, headers: &headers };
    let presented = sigv4::claim(&request, now(), &Settings::domain("us-east-1"));
    assert!(!matches!(presented, Ok(PresentedSignature::Signed(_))), "{stripped}");
}

/// Any path, query and body that can be signed is verified, and as the form it was signed in.
pub(crate) fn canonical(path: &str, query: &str, body: &[u8], form: u8) {
    let form = Form::ALL[usize::from(form) % Form::ALL.len()];
    let secret = SecretKey::new("secret");
    let credentials =
        Credentials { access_key_id: "AKIDEXAMPLE", secret: &secret, session_token: None };
    let host: (&str, &[u8]) = ("host", b"localhost");
    let unsigned = Request { method: "PUT", path, query, headers: &[host] };
    let options = SigningOptions { form, ..SigningOptions::default() };
    let hash = PayloadHash::of(body);
    let signed = sigv4::sign(&unsigned, &credentials, "us-east-1", "es", now(), &hash, &options);
    let Ok(signed) = signed else { return };
    let mut headers = vec![host];
    headers.extend(signed.headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes())));
    let request = Request { headers: &headers, ..unsigned };
    let settings = Settings { forms: Forms::of(&[form]), ..Settings::domain("us-east-1") };
    // A query that names credentials itself, or too long a one, is refused before it is checked.
    let Ok(PresentedSignature::Signed(claim)) = sigv4::claim(&request, now(), &settings) else {
        return;
    };
    let key = secret.signing_key(claim.scope());
    let verified = claim.check(&request, &hash, &key, &settings).expect("our own signature");
    assert_eq!(verified.form, form);
}

fn now() -> jiff::Timestamp {
    "2026-11-23T12:00:00Z".parse().expect("a time")
}

struct AnyKey;

impl Keys for AnyKey {
    fn signing_key(&self, claim: &Claim) -> Result<Arc<SigningKey>, KeyRefusal> {
        Ok(Arc::new(SecretKey::new("not the signer's").signing_key(claim.scope())))
    }
}
