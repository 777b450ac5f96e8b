//! Places in a text as Java counts them: in units of UTF-16. Sizes of fragments are in such units.

use std::borrow::Cow;

/// A text with its places in units and in bytes.
pub(super) struct UnitText<'t> {
    pub(super) text: &'t str,
    /// The unit at which each byte's character begins; empty where all units are bytes.
    units: Vec<u32>,
    length: usize,
}

impl<'t> UnitText<'t> {
    pub(super) fn of(text: &'t str) -> UnitText<'t> {
        if text.is_ascii() {
            return UnitText { text, units: Vec::new(), length: text.len() };
        }
        let mut units = Vec::with_capacity(text.len());
        let mut at = 0_u32;
        for character in text.chars() {
            units.extend(std::iter::repeat_n(at, character.len_utf8()));
            at = at.saturating_add(character.len_utf16() as u32);
        }
        UnitText { text, units, length: at as usize }
    }

    /// What the places take.
    pub(super) fn bytes(&self) -> u64 {
        size_of_val(self.units.as_slice()) as u64
    }

    /// How many units there are.
    pub(super) fn len(&self) -> usize {
        self.length
    }

    /// The unit of a byte.
    pub(super) fn unit(&self, byte: usize) -> usize {
        if self.units.is_empty() {
            return byte.min(self.length);
        }
        self.units.get(byte).map_or(self.length, |unit| *unit as usize)
    }

    /// The byte of a unit: within a character, that behind it.
    pub(super) fn byte(&self, unit: usize) -> usize {
        if self.units.is_empty() {
            return unit.min(self.length);
        }
        self.units.partition_point(|own| (*own as usize) < unit)
    }

    /// What is between two units.
    pub(super) fn between(&self, start: usize, end: usize) -> &'t str {
        self.text.get(self.byte(start)..self.byte(end)).unwrap_or_default()
    }
}

/// `text` for HTML, as Lucene's `SimpleHTMLEncoder` writes it, where that is asked for.
pub(super) fn encoded(text: &str, html: bool) -> Cow<'_, str> {
    if !html {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '"' => out.push_str("&quot;"),
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '\'' => out.push_str("&#x27;"),
            '/' => out.push_str("&#x2F;"),
            other => out.push(other),
        }
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_the_same_in_units_and_in_bytes() {
        let text = UnitText::of("aé😀b");
        assert_eq!(text.len(), 5);
        let places = [(0, 0), (1, 1), (3, 2), (7, 4), (8, 5)];
        for (byte, unit) in places {
            assert_eq!((text.unit(byte), text.byte(unit)), (unit, byte));
        }
    }

    #[test]
    fn half_a_character_ends_behind_it() {
        assert_eq!(UnitText::of("😀b").between(0, 1), "😀");
    }

    #[test]
    fn units_of_ascii_are_bytes() {
        let text = UnitText::of("fox");
        assert_eq!((text.len(), text.unit(2), text.byte(9), text.between(1, 3)), (3, 2, 3, "ox"));
    }
}
