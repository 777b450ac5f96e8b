//! Bengali. Source: UzZaman and Khan, "A double metaphone encoding for Bangla and its application in spelling checker".

/// `bengali_normalization`: letters that sound alike as one, conjuncts as they are spoken.
pub(in crate::analysis) fn bengali(letters: &mut Vec<char>) {
    const VIRAMA: char = '\u{9CD}';
    let mut at = 0;
    while let Some(letter) = letters.get(at).copied() {
        let before = |places: usize| at.checked_sub(places).and_then(|place| letters.get(place));
        let after = |places: usize| letters.get(at + places);
        let conjunct = before(1) == Some(&VIRAMA);
        let plain = match letter {
            // Candrabindu.
            '\u{981}' => {
                letters.remove(at);
                continue;
            }
            // Long vowels.
            '\u{9C0}' => '\u{9BF}',
            '\u{9C2}' => '\u{9C1}',
            // Kha. The paper has ssa for the vowel sign; Lucene looks for the sign.
            '\u{995}' if after(1) == Some(&VIRAMA) && after(2) == Some(&'\u{9BF}') => {
                let kha = if at == 0 { 0 } else { at + 1 };
                letters.drain(kha + 1..at + 3);
                if let Some(place) = letters.get_mut(kha) {
                    *place = '\u{996}';
                }
                at += 1;
                continue;
            }
            // Anusvara of nga.
            '\u{999}' => '\u{982}',
            // Ya behind a consonant.
            '\u{9AF}' if conjunct && at == 2 => {
                let with_vowel = usize::from(after(1) == Some(&'\u{9BE}'));
                letters.drain(at..at + 1 + with_vowel);
                if let Some(place) = letters.get_mut(1) {
                    *place = '\u{9C7}';
                }
                continue;
            }
            '\u{9AF}' if conjunct => {
                letters.drain(at - 1..=at);
                at -= 1;
                continue;
            }
            // Ba behind a consonant.
            '\u{9AC}' if conjunct && (at == 2 || at >= 5 && before(3) == Some(&VIRAMA)) => {
                letters.drain(at - 1..=at);
                at -= 1;
                continue;
            }
            '\u{9AC}' if conjunct && at >= 2 => {
                let doubled = before(2).copied().unwrap_or(VIRAMA);
                letters.remove(at);
                if let Some(place) = letters.get_mut(at - 1) {
                    *place = doubled;
                }
                continue;
            }
            // Visarga.
            '\u{983}' => match after(1).copied() {
                Some(next) => next,
                None if letters.len() <= 3 => '\u{9B9}',
                None => {
                    letters.remove(at);
                    continue;
                }
            },
            '\u{9B6}' | '\u{9B7}' => '\u{9B8}',
            '\u{9A3}' => '\u{9A8}',
            '\u{9DC}' | '\u{9DD}' => '\u{9B0}',
            '\u{9CE}' => '\u{9A4}',
            other => other,
        };
        if let Some(place) = letters.get_mut(at) {
            *place = plain;
        }
        at += 1;
    }
}
