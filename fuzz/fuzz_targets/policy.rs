//! No text makes the policy reader panic; what it accepts prints as text that it accepts again,
//! and lint and simulation have an answer for it.

#![no_main]

use libfuzzer_sys::fuzz_target;
use policy::{Policy, PolicyKind, ResourcePolicyKind, lint, simulation};

fuzz_target!(|text: &str| {
    let _ = simulation::answer(text);
    for kind in [
        PolicyKind::Identity,
        PolicyKind::Trust,
        PolicyKind::Resource(ResourcePolicyKind::Generic),
        PolicyKind::Resource(ResourcePolicyKind::Domain),
    ] {
        let Ok(policy) = Policy::parse(text, kind) else { continue };
        let printed = policy.to_string();
        let again = Policy::parse(&printed, kind).expect("our own print");
        assert_eq!(again.to_string(), printed);
        let _ = lint::lint(text, kind);
    }
});
