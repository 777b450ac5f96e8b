//! Any head, its lines separated by newlines (method, path, query, then `name:value`): a verdict,
//! never a panic, and never a belief, since the key is nobody's.

#![no_main]

use std::sync::Arc;

use libfuzzer_sys::fuzz_target;
use sigv4::{Claim, KeyRefusal, Keys, PayloadHash, Request, SecretKey, Settings, SigningKey};

struct AnyKey;

impl Keys for AnyKey {
    fn signing_key(&self, claim: &Claim) -> Result<Arc<SigningKey>, KeyRefusal> {
        Ok(Arc::new(SecretKey::new("not the signer's").signing_key(claim.scope())))
    }
}

fuzz_target!(|data: &[u8]| {
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
    let now = "2026-11-23T12:00:00Z".parse().expect("a time");
    let settings = Settings { diagnostics: true, ..Settings::domain("us-east-1") };
    for headers in [&headers[..], &headers[2..]] {
        let request = Request { method, path, query, headers };
        match sigv4::verify(&request, &PayloadHash::of(b""), &AnyKey, now, &settings) {
            Ok(verified) => assert!(verified.is_none()),
            Err(refusal) => {
                let _ = (refusal.to_string(), refusal.es_message(), refusal.query_error());
            }
        }
    }
});
