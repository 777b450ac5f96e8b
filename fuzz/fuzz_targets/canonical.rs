//! Any path, query and body that can be signed is verified, and as the form it was signed in.

#![no_main]

use libfuzzer_sys::fuzz_target;
use sigv4::{
    Credentials, Form, Forms, PayloadHash, Presented, Request, SecretKey, Settings, SigningOptions,
};

fuzz_target!(|input: (&str, &str, &[u8], u8)| {
    let (path, query, body, form) = input;
    let form = Form::ALL[usize::from(form) % Form::ALL.len()];
    let secret = SecretKey::new("secret");
    let credentials =
        Credentials { access_key_id: "AKIDEXAMPLE", secret: &secret, session_token: None };
    let now = "2026-11-23T12:00:00Z".parse().expect("a time");
    let host: (&str, &[u8]) = ("host", b"localhost");
    let unsigned = Request { method: "PUT", path, query, headers: &[host] };
    let options = SigningOptions { form, ..SigningOptions::default() };
    let hash = PayloadHash::of(body);
    let signed = sigv4::sign(&unsigned, &credentials, "us-east-1", "es", now, &hash, &options);
    let Ok(signed) = signed else { return };
    let mut headers = vec![host];
    headers.extend(signed.headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes())));
    let request = Request { headers: &headers, ..unsigned };
    let settings = Settings { forms: Forms::of(&[form]), ..Settings::domain("us-east-1") };
    // A query that names credentials itself, or too long a one, is refused before it is checked.
    let Ok(Presented::Signed(claim)) = sigv4::claim(&request, now, &settings) else { return };
    let key = secret.signing_key(claim.scope());
    let verified = claim.check(&request, &hash, &key, &settings).expect("our own signature");
    assert_eq!(verified.form, form);
});
