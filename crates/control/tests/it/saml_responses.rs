//! The body of the fuzz target `saml_response` over responses that other libraries signed, their changes, and random text.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;

#[path = "../../../../fuzz/bodies/saml_responses.rs"]
mod bodies;

/// What a change puts in: what readers of XML stumble over.
const PIECES: &str = "[ -~]{0,12}|<!---->|<!DOCTYPE a>|&#97;|&a;|</saml:Assertion>|<!\\[CDATA\\[|\\]\\]>|xmlns:saml=\"a\"|\u{fc}|\u{0}";

#[test]
fn no_changed_and_no_invented_response_is_taken_for_what_was_not_signed() {
    let held = bodies::HeldProvider::new();
    let seeds = [
        include_str!("../data/saml/signxml-assertion.xml"),
        include_str!("../data/saml/signxml-response.xml"),
        include_str!("../data/saml/libxmlsec-assertion.xml"),
        include_str!("../data/saml/libxmlsec-both.xml"),
        include_str!("../data/saml/libxmlsec-inclusive.xml"),
    ];
    for seed in seeds {
        assert!(held.response(seed), "a seed that is not taken is none");
    }
    let changes = vec((any::<Index>(), 0..30_usize, PIECES), 1..4);
    let invented =
        prop_oneof!["\\PC{0,60}", "(<[a-z:]{0,5}( [a-z]=\"[&a-z;]{0,5}\")?/?>|[a-z ]){0,40}"];
    proptest!(|(which in 0..seeds.len(), changes in changes, invented in invented)| {
        let mut text: Vec<char> = seeds[which].chars().collect();
        for (place, cut, put) in changes {
            let from = place.index(text.len().max(1));
            let to = (from + cut).min(text.len());
            text.splice(from.min(to)..to, put.chars());
        }
        held.response(&text.into_iter().collect::<String>());
        held.response(&invented);
    });
}
