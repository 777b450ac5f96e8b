//! Sorani Kurdish. Source: Esmaili and others, "Building a test collection for Sorani Kurdish", light.

use super::strip;

/// Without postposition, possessive, articles and ezafe.
pub(in crate::analysis) fn sorani(letters: &mut Vec<char>) {
    let _ = strip(letters, 5, &["دا"]) || strip(letters, 4, &["نا"]) || strip(letters, 6, &["ەوە"]);
    strip(letters, 6, &["مان", "یان", "تان"]);
    const ENDINGS: &[(usize, &str)] = &[
        (6, "ێکی"),
        (7, "یەکی"),
        (5, "ێک"),
        (6, "یەک"),
        (6, "ەکە"),
        (5, "کە"),
        (7, "ەکان"),
        (6, "کان"),
        (7, "یانی"),
        (6, "انی"),
        (6, "یان"),
        (5, "ان"),
        (7, "یانە"),
        (6, "انە"),
    ];
    for (length, ending) in ENDINGS {
        if strip(letters, *length, &[ending]) {
            return;
        }
    }
    if letters.len() > 5 && (strip(letters, 5, &["ایە"]) || strip(letters, 5, &["ەیە"])) {
        return;
    }
    let _ = strip(letters, 4, &["ە"]) || strip(letters, 4, &["ی"]);
}
