//! Norwegian. Source: Savoy's light stemmers, with the endings of Bokmål and Nynorsk.

use super::strip;

/// What is taken away: (longer than, endings of both, of Bokmål, of Nynorsk).
type EndingStep =
    (usize, &'static [&'static str], &'static [&'static str], &'static [&'static str]);

const LIGHT: &[EndingStep] = &[
    (7, &[], &["heter", "heten"], &["heita"]),
    (8, &[], &[], &["heiter", "leiken", "leikar"]),
    (5, &["dom"], &["het"], &[]),
    (6, &[], &[], &["heit", "semd", "leik"]),
    (7, &["elser", "elsen"], &[], &[]),
    (6, &["else"], &["ende", "este", "eren"], &["ande", "aste", "aren"]),
    (5, &["ene"], &["ere", "est"], &["are", "ast", "ane"]),
    (4, &["er", "en", "et", "te"], &["st"], &["ar"]),
    (3, &["a", "e", "n"], &[], &[]),
];

const MINIMAL: &[EndingStep] = &[
    (5, &["ene"], &[], &["ane"]),
    (4, &["er", "en", "et"], &[], &["ar"]),
    (3, &["a", "e"], &[], &[]),
];

fn run(letters: &mut Vec<char>, steps: &[EndingStep], bokmal: bool) {
    strip(letters, 4, &["s"]);
    for (length, both, bokmal_only, nynorsk_only) in steps {
        let own = if bokmal { bokmal_only } else { nynorsk_only };
        if strip(letters, *length, both) || strip(letters, *length, own) {
            return;
        }
    }
}

/// Bokmål, light.
pub(in crate::analysis) fn bokmal_light(letters: &mut Vec<char>) {
    run(letters, LIGHT, true);
}

/// Bokmål, minimal.
pub(in crate::analysis) fn bokmal_minimal(letters: &mut Vec<char>) {
    run(letters, MINIMAL, true);
}

/// Nynorsk, light.
pub(in crate::analysis) fn nynorsk_light(letters: &mut Vec<char>) {
    run(letters, LIGHT, false);
}

/// Nynorsk, minimal.
pub(in crate::analysis) fn nynorsk_minimal(letters: &mut Vec<char>) {
    run(letters, MINIMAL, false);
}
