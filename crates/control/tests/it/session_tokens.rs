//! The body of the fuzz target `session_token` over the token's own changes and random text.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;

#[path = "../../../../fuzz/bodies/session_tokens.rs"]
mod bodies;

/// Only the token that was issued opens, and only for its own key; nothing makes a panic.
#[test]
fn no_changed_and_no_invented_token_opens() {
    let held = bodies::HeldSession::new();
    held.token(held.own());
    let changes = vec((any::<Index>(), 0..3_u8, any::<char>()), 1..4);
    let invented = prop_oneof!["\\PC{0,40}", "CsT1[A-Za-z0-9_=-]{0,90}"];
    proptest!(|(changes in changes, invented in invented)| {
        let mut token: Vec<char> = held.own().chars().collect();
        for (place, kind, letter) in changes {
            let place = place.index(token.len().max(1));
            match kind {
                0 => token.insert(place.min(token.len()), letter),
                1 => token.truncate(place),
                _ => token.iter_mut().skip(place).take(1).for_each(|old| *old = letter),
            }
        }
        held.token(&token.into_iter().collect::<String>());
        held.token(&invented);
    });
}
