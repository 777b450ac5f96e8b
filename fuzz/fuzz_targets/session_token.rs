//! Any session token: only the one that was issued opens, and only for its own key.

#![no_main]

#[path = "../bodies/session_tokens.rs"]
#[expect(dead_code, reason = "each target calls one body of the file")]
mod session_tokens;

use libfuzzer_sys::fuzz_target;

thread_local! {
    static HELD: session_tokens::HeldSession = session_tokens::HeldSession::new();
}

fuzz_target!(|token: &str| HELD.with(|held| held.token(token)));
