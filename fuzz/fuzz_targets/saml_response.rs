//! Any SAML response: none makes the reader panic, and one that is taken says what its provider signed.
//!
//! `crates/control/tests/data/saml` are seeds: `cargo +nightly fuzz run --features control saml_response ../crates/control/tests/data/saml`.

#![no_main]

#[path = "../bodies/saml_responses.rs"]
mod saml_responses;

use libfuzzer_sys::fuzz_target;

thread_local! {
    static HELD: saml_responses::HeldProvider = saml_responses::HeldProvider::new();
}

fuzz_target!(|text: &str| {
    HELD.with(|held| held.response(text));
});
