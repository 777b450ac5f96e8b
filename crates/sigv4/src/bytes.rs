//! What a byte may be, and hex: one table for every reader of the crate, so that no two of them
//! disagree about a character.

/// A set of bytes.
#[derive(Clone, Copy)]
pub(crate) struct Class(u8);

impl Class {
    /// RFC 3986, 2.3: what AWS's `UriEncode` leaves as it is.
    pub(crate) const UNRESERVED: Self = Self(1);
    /// The same and `/`: a canonical path.
    pub(crate) const PATH: Self = Self(2);
    /// A lower-case field name (RFC 9110, 5.6.2), or the `:` of `:authority`.
    pub(crate) const FIELD_NAME: Self = Self(4);
    /// A host and an optional port: what may stand in a URL's authority, no user, no list.
    pub(crate) const HOST: Self = Self(8);

    /// Whether the byte is one of the set.
    pub(crate) fn has(self, byte: u8) -> bool {
        CLASSES.get(usize::from(byte)).is_some_and(|classes| classes & self.0 != 0)
    }

    /// Whether every byte of the text is.
    pub(crate) fn has_all(self, text: &[u8]) -> bool {
        text.iter().all(|byte| self.has(*byte))
    }
}

static CLASSES: [u8; 256] = classes();

#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler, which checks the index")]
const fn classes() -> [u8; 256] {
    let mut classes = [0; 256];
    let letters = Class::UNRESERVED.0 | Class::PATH.0 | Class::HOST.0;
    let mut byte = 0_u8;
    while byte < 128 {
        classes[byte as usize] = match byte {
            b'a'..=b'z' | b'0'..=b'9' => letters | Class::FIELD_NAME.0,
            b'A'..=b'Z' => letters,
            b'-' | b'_' | b'.' | b'~' => letters | Class::FIELD_NAME.0,
            b'/' => Class::PATH.0,
            b':' | b'%' => Class::HOST.0 | Class::FIELD_NAME.0,
            b'[' | b']' => Class::HOST.0,
            b'!' | b'#' | b'$' | b'&' | b'\'' | b'*' | b'+' | b'^' | b'`' | b'|' => {
                Class::FIELD_NAME.0
            }
            _ => 0,
        };
        byte += 1;
    }
    classes
}

/// The pieces of a text between separators.
pub(crate) fn split(text: &str, separator: u8) -> impl Iterator<Item = &str> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let text = rest?;
        let pieces = split_once(text, separator);
        rest = pieces.map(|(_, after)| after);
        Some(pieces.map_or(text, |(before, _)| before))
    })
}

/// The texts before and after the first separator, an ASCII character.
pub(crate) fn split_once(text: &str, separator: u8) -> Option<(&str, &str)> {
    let place = position(text.as_bytes(), separator)?;
    Some((text.get(..place)?, text.get(place + 1..)?))
}

/// Where the byte first stands, eight bytes at a time: the pieces of a head are so short that setting
/// out a searcher for long texts costs more than it saves.
fn position(text: &[u8], byte: u8) -> Option<usize> {
    const ONES: u64 = u64::from_ne_bytes([1; 8]);
    let (chunks, rest) = text.as_chunks::<8>();
    for (count, chunk) in chunks.iter().enumerate() {
        // The byte becomes 0; only a 0, or a 1 above one, borrows into its own highest bit.
        let zeros = u64::from_le_bytes(*chunk) ^ (ONES * u64::from(byte));
        let found = zeros.wrapping_sub(ONES) & !zeros & (ONES << 7);
        if found != 0 {
            return Some(count * 8 + usize::try_from(found.trailing_zeros() / 8).unwrap_or(0));
        }
    }
    let place = rest.iter().position(|candidate| *candidate == byte)?;
    Some(chunks.len() * 8 + place)
}

/// Whether a text holds a control character other than the tab.
pub(crate) fn has_control(text: &[u8]) -> bool {
    // No early exit inside: so that 16 bytes are one comparison each.
    let control = |byte: u8| u8::from((byte < b' ') & (byte != b'\t')) | u8::from(byte == 0x7f);
    let any = |bytes: &[u8]| bytes.iter().fold(0, |found, byte| found | control(*byte)) != 0;
    match text.last_chunk::<16>() {
        Some(last) => any(last) || text.as_chunks::<16>().0.iter().any(|chunk| any(chunk)),
        None => any(text),
    }
}

/// 32 bytes as 64 lower-case hex digits.
pub(crate) fn hex(bytes: &[u8; 32]) -> [u8; 64] {
    let digit = |nibble: u8| if nibble < 10 { b'0' + nibble } else { b'a' + (nibble - 10) };
    let mut text = [0; 64];
    for ([high, low], byte) in text.as_chunks_mut::<2>().0.iter_mut().zip(bytes) {
        *high = digit(byte >> 4);
        *low = digit(byte & 15);
    }
    text
}

/// The digits as text.
pub(crate) fn hex_text(digits: &[u8; 64]) -> &str {
    std::str::from_utf8(digits).unwrap_or_default()
}

/// Reads exactly 64 lower-case hex digits.
pub(crate) fn decode_hex(text: &[u8]) -> Option<[u8; 32]> {
    let text: &[u8; 64] = text.try_into().ok()?;
    let mut bytes = [0; 32];
    let mut seen = 0;
    // No early exit: a signature is read at one speed, and on whole vectors of bytes.
    for (byte, [high, low]) in bytes.iter_mut().zip(text.as_chunks::<2>().0) {
        let (high, low) = (lower_hex_value(*high), lower_hex_value(*low));
        seen |= high | low;
        *byte = high << 4 | low & 15;
    }
    (seen < 16).then_some(bytes)
}

/// The value of a lower-case hex digit; 16 or more for anything else.
fn lower_hex_value(digit: u8) -> u8 {
    let letter = digit.wrapping_sub(b'a');
    let value = if letter < 6 { letter + 10 } else { 0xFF };
    let decimal = digit.wrapping_sub(b'0');
    if decimal < 10 { decimal } else { value }
}

/// The value of a hex digit of either case.
pub(crate) fn hex_value(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The table says what the specifications' own words say.
    #[test]
    fn every_byte_is_classed_as_its_specification_says() {
        for byte in 0..=255_u8 {
            let unreserved = byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte);
            assert_eq!(Class::UNRESERVED.has(byte), unreserved, "{byte}");
            assert_eq!(Class::PATH.has(byte), unreserved || byte == b'/', "{byte}");
            assert_eq!(Class::HOST.has(byte), unreserved || b":[]%".contains(&byte), "{byte}");
            let token = byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
            let field_name = (token && !byte.is_ascii_uppercase()) || byte == b':';
            assert_eq!(Class::FIELD_NAME.has(byte), field_name, "{byte}");
        }
    }

    #[test]
    fn a_text_is_split_where_the_standard_library_splits_it() {
        for text in
            ["", "/", "//", "a/b", "akid/day/region/service/aws4_request", "\u{e9}/0.0/./\u{aff}x"]
        {
            let pieces: Vec<&str> = split(text, b'/').collect();
            assert_eq!(pieces, text.split('/').collect::<Vec<_>>(), "{text}");
            assert_eq!(split_once(text, b'/'), text.split_once('/'), "{text}");
        }
        for byte in 0..=255_u8 {
            let bytes: Vec<u8> = (0..=255).rev().collect();
            assert_eq!(position(&bytes, byte), Some(255 - usize::from(byte)));
        }
    }

    #[test]
    fn a_control_character_is_found_wherever_it_stands() {
        for length in 0..40 {
            assert!(!has_control(&vec![b'\t'; length]));
            for place in 0..length {
                let mut text = vec![b' '; length];
                for (byte, expected) in
                    [(0, true), (b'\n', true), (0x1f, true), (0x7f, true), (0x80, false)]
                {
                    text[place] = byte;
                    assert_eq!(has_control(&text), expected, "{byte} at {place} of {length}");
                }
            }
        }
    }

    #[test]
    fn only_sixty_four_lower_case_digits_are_a_hash() {
        let bytes: [u8; 32] = std::array::from_fn(|place| u8::try_from(place * 8).unwrap());
        let digits = hex(&bytes);
        assert_eq!(decode_hex(&digits), Some(bytes));
        for place in 0..64 {
            for byte in (0..=255_u8).filter(|byte| !b"0123456789abcdef".contains(byte)) {
                let mut changed = digits;
                changed[place] = byte;
                assert_eq!(decode_hex(&changed), None, "{byte} at {place}");
            }
        }
        assert_eq!(decode_hex(&digits[..63]), None);
    }
}
