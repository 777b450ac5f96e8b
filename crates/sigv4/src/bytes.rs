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
    /// Lower-case field names (RFC 9110, 5.6.2), `:authority`, and the `;` between them.
    pub(crate) const FIELD_NAMES: Self = Self(4);
    /// A host and an optional port: what may stand in a URL's authority, no user, no list.
    pub(crate) const HOST: Self = Self(8);
    /// An access key id: IAM's `[\w]`.
    pub(crate) const KEY_ID: Self = Self(16);

    /// Whether the byte is one of the set.
    pub(crate) fn has(self, byte: u8) -> bool {
        CLASSES.get(usize::from(byte)).is_some_and(|classes| classes & self.0 != 0)
    }

    /// Whether every byte of the text is.
    pub(crate) fn has_all(self, text: &[u8]) -> bool {
        let classes = |byte: &u8| CLASSES.get(usize::from(*byte)).copied().unwrap_or(0);
        // No early exit: what is asked of a text is nearly always true.
        let all = |all: u8, bytes: &[u8]| bytes.iter().fold(all, |all, byte| all & classes(byte));
        let (chunks, rest) = text.as_chunks::<8>();
        all(chunks.iter().fold(self.0, |found, chunk| all(found, chunk)), rest) != 0
    }
}

static CLASSES: [u8; 256] = classes();

#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler, which checks the index")]
const fn classes() -> [u8; 256] {
    let mut classes = [0; 256];
    let field = Class::FIELD_NAMES.0;
    let other = Class::UNRESERVED.0 | Class::PATH.0 | Class::HOST.0;
    let letters = other | Class::KEY_ID.0;
    let mut byte = 0_u8;
    while byte < 128 {
        classes[byte as usize] = match byte {
            b'a'..=b'z' | b'0'..=b'9' => letters | field,
            b'A'..=b'Z' => letters,
            b'_' => letters | field,
            b'-' | b'.' | b'~' => other | field,
            b'/' => Class::PATH.0,
            b':' | b'%' => Class::HOST.0 | field,
            b'[' | b']' => Class::HOST.0,
            b';' | b'!' | b'#' | b'$' | b'&' | b'\'' | b'*' | b'+' | b'^' | b'`' | b'|' => field,
            _ => 0,
        };
        byte += 1;
    }
    classes
}

/// The pieces of a text between separators, an ASCII character.
pub(crate) fn split(text: &str, separator: u8) -> impl Iterator<Item = &str> {
    let mut places = places(text.as_bytes(), separator);
    let mut start = Some(0);
    std::iter::from_fn(move || {
        let piece_start = start?;
        let place = places.next();
        start = place.map(|place| place + 1);
        text.get(piece_start..place.unwrap_or(text.len()))
    })
}

/// The texts before and after the first separator, an ASCII character.
pub(crate) fn split_once(text: &str, separator: u8) -> Option<(&str, &str)> {
    let place = places(text.as_bytes(), separator).next()?;
    Some((text.get(..place)?, text.get(place + 1..)?))
}

/// Where the byte (not 0) stands.
fn places(text: &[u8], byte: u8) -> Places<'_> {
    let (chunks, rest) = text.as_chunks::<8>();
    let wanted = Places::ONES * u64::from(byte);
    Places { wanted, chunks: chunks.iter(), rest: Some(rest), next_start: 0, found: 0 }
}

/// Eight bytes at a time: the pieces of a head are so short that setting out a searcher for long
/// texts costs more than it saves.
struct Places<'a> {
    /// The byte, eight times.
    wanted: u64,
    chunks: std::slice::Iter<'a, [u8; 8]>,
    /// What is left behind the chunks, until it was read.
    rest: Option<&'a [u8]>,
    /// Where the word after the present one starts.
    next_start: usize,
    /// The highest bit of each wanted byte of the present word that was not told yet.
    found: u64,
}

impl Places<'_> {
    const ONES: u64 = u64::from_ne_bytes([1; 8]);
    const LOW: u64 = Self::ONES * 0x7f;

    #[inline]
    fn next_word(&mut self) -> Option<u64> {
        let padded =
            |bytes: &[u8]| bytes.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte));
        match self.chunks.next() {
            Some(chunk) => Some(u64::from_le_bytes(*chunk)),
            None => self.rest.take().map(padded),
        }
    }
}

impl Iterator for Places<'_> {
    type Item = usize;

    #[inline]
    fn next(&mut self) -> Option<usize> {
        while self.found == 0 {
            // A wanted byte becomes 0: the only one whose highest bit stays 0 when the others carry.
            let zeros = self.next_word()? ^ self.wanted;
            self.found = !((zeros & Self::LOW).wrapping_add(Self::LOW) | zeros | Self::LOW);
            self.next_start += 8;
        }
        let place = usize::try_from(self.found.trailing_zeros() / 8).unwrap_or(0);
        self.found &= self.found.wrapping_sub(1);
        Some(self.next_start - 8 + place)
    }
}

/// Whether any byte is one of those, without an early exit inside: so that 16 bytes, or 8, are one
/// comparison.
#[inline]
pub(crate) fn any(text: &[u8], wanted: impl Fn(u8) -> bool) -> bool {
    let any = |bytes: &[u8]| bytes.iter().fold(false, |found, byte| found | wanted(*byte));
    if let Some(last) = text.last_chunk::<16>() {
        any(last) || text.as_chunks::<16>().0.iter().any(|chunk| any(chunk))
    } else if let Some(last) = text.last_chunk::<8>() {
        any(last) || text.first_chunk::<8>().is_some_and(|first| any(first))
    } else {
        any(text)
    }
}

/// Whether a text holds a control character other than the tab.
pub(crate) fn has_control(text: &[u8]) -> bool {
    // Nearly every text is of printable ASCII, which one comparison tells.
    any(text, |byte| !(b' '..0x7f).contains(&byte))
        && any(text, |byte| ((byte < b' ') & (byte != b'\t')) | (byte == 0x7f))
}

/// Whether two header names are one. Their last four letters first: names of one length differ there.
/// Nearly all come in lower case, which is compared at once.
#[inline]
pub(crate) fn is_same_name(one: &str, other: &str) -> bool {
    // A letter in both cases gives one value; what else does, the whole comparison tells apart.
    let end =
        |name: &str| name.as_bytes().last_chunk().map(|end| u32::from_ne_bytes(*end) | 0x2020_2020);
    one.len() == other.len()
        && end(one) == end(other)
        && (one == other || one.eq_ignore_ascii_case(other))
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
    // No early exit: a signature is read at one speed.
    for (byte, [high, low]) in bytes.iter_mut().zip(text.as_chunks::<2>().0) {
        let (high, low) = (lower_hex_value(*high), lower_hex_value(*low));
        seen |= high | low;
        *byte = high << 4 | low & 15;
    }
    (seen < 16).then_some(bytes)
}

/// The value of a lower-case hex digit; 16 or more for anything else.
fn lower_hex_value(digit: u8) -> u8 {
    LOWER_HEX_VALUES.get(usize::from(digit)).copied().unwrap_or(0xFF)
}

static LOWER_HEX_VALUES: [u8; 256] = lower_hex_values();

#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler, which checks the index")]
const fn lower_hex_values() -> [u8; 256] {
    let mut values = [0xFF; 256];
    let mut value = 0_u8;
    while value < 16 {
        values[b"0123456789abcdef"[value as usize] as usize] = value;
        value += 1;
    }
    values
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
            let in_names = (token && !byte.is_ascii_uppercase()) || b":;".contains(&byte);
            assert_eq!(Class::FIELD_NAMES.has(byte), in_names, "{byte}");
            let key_id = byte.is_ascii_alphanumeric() || byte == b'_';
            assert_eq!(Class::KEY_ID.has(byte), key_id, "{byte}");
        }
    }

    #[test]
    fn a_text_is_split_where_the_standard_library_splits_it() {
        for text in [
            "",
            "/",
            "//",
            "a/b",
            "akid/day/region/service/aws4_request",
            "\u{e9}/0.0/./\u{aff}x",
            "////////",
            "1234567/",
            "12345678/0////0/",
        ] {
            let pieces: Vec<&str> = split(text, b'/').collect();
            assert_eq!(pieces, text.split('/').collect::<Vec<_>>(), "{text}");
            assert_eq!(split_once(text, b'/'), text.split_once('/'), "{text}");
        }
        for byte in 0..=255_u8 {
            let bytes: Vec<u8> = (0..=255).rev().collect();
            assert_eq!(places(&bytes, byte).next(), Some(255 - usize::from(byte)));
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
