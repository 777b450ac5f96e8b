//! Any query: what is left of it after stripping is anonymous.

#![no_main]

#[path = "../bodies/signatures.rs"]
#[expect(dead_code, reason = "each target calls one body of the file")]
mod signatures;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|query: &str| signatures::query(query));
