//! Any query: stripping it is idempotent, leaves no credential, and what it strips is anonymous.

#![no_main]

use libfuzzer_sys::fuzz_target;
use sigv4::{Presented, Request, Settings, presigned};

fuzz_target!(|query: &str| {
    let stripped = presigned::strip(query).into_owned();
    assert_eq!(presigned::strip(&stripped), stripped);
    let headers: [(&str, &[u8]); 1] = [("host", b"localhost")];
    let request = Request { method: "GET", path: "/", query: &stripped, headers: &headers };
    let now = "2026-11-23T12:00:00Z".parse().expect("a time");
    let presented = sigv4::claim(&request, now, &Settings::domain("us-east-1"));
    assert!(!matches!(presented, Ok(Presented::Signed(_))), "{stripped}");
});
