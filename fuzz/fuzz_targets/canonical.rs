//! Any path, query and body that can be signed is verified, as the form it was signed in.

#![no_main]

#[path = "../bodies/signatures.rs"]
#[expect(dead_code, reason = "each target calls one body of the file")]
mod signatures;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (&str, &str, &[u8], u8)| {
    let (path, query, body, form) = input;
    signatures::canonical(path, query, body, form);
});
