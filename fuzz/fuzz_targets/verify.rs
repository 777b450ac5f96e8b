//! Any head: a verdict, never a panic, never a belief.

#![no_main]

#[path = "../bodies/signatures.rs"]
#[expect(dead_code, reason = "each target calls one body of the file")]
mod signatures;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| signatures::head(data));
