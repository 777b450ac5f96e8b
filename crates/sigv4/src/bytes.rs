//! What a byte may be, and hex: one table for every reader of the crate, so that no two of them
//! disagree about a character.

use data_encoding::HEXLOWER;

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
    /// A digit of a hash: lower case only.
    pub(crate) const HEX: Self = Self(32);
    /// What stays in a query: the unreserved characters, `=` and `&`.
    pub(crate) const QUERY: Self = Self(64);

    /// Whether the byte is one of the set.
    pub(crate) fn has(self, byte: u8) -> bool {
        CLASSES.get(usize::from(byte)).is_some_and(|classes| classes & self.0 != 0)
    }

    /// Whether every byte of the text is.
    pub(crate) fn has_all(self, text: &[u8]) -> bool {
        let classes = |byte: &u8| CLASSES.get(usize::from(*byte)).copied().unwrap_or(0);
        // No early exit: what is asked of a text is nearly always true.
        text.iter().fold(self.0, |all, byte| all & classes(byte)) != 0
    }
}

static CLASSES: [u8; 256] = classes();

#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler, which checks the index")]
const fn classes() -> [u8; 256] {
    let mut classes = [0; 256];
    let field = Class::FIELD_NAMES.0;
    let other = Class::UNRESERVED.0 | Class::PATH.0 | Class::HOST.0 | Class::QUERY.0;
    let letters = other | Class::KEY_ID.0;
    let mut byte = 0_u8;
    while byte < 128 {
        classes[byte as usize] = match byte {
            b'a'..=b'f' | b'0'..=b'9' => letters | field | Class::HEX.0,
            b'g'..=b'z' => letters | field,
            b'A'..=b'Z' => letters,
            b'_' => letters | field,
            b'-' | b'.' | b'~' => other | field,
            b'/' => Class::PATH.0,
            b':' | b'%' => Class::HOST.0 | field,
            b'[' | b']' => Class::HOST.0,
            b'=' => Class::QUERY.0,
            b'&' => Class::QUERY.0 | field,
            b';' | b'!' | b'#' | b'$' | b'\'' | b'*' | b'+' | b'^' | b'`' | b'|' => field,
            _ => 0,
        };
        byte += 1;
    }
    classes
}

/// The texts before and after the first separator.
pub(crate) fn split_once(text: &[u8], separator: u8) -> Option<(&[u8], &[u8])> {
    let place = text.iter().position(|byte| *byte == separator)?;
    Some((text.get(..place)?, text.get(place + 1..)?))
}

/// Whether a text holds a control character other than the tab.
pub(crate) fn has_control(text: &[u8]) -> bool {
    // No early exit: nearly no text has one, and so the compiler compares many bytes at once.
    let is_control = |byte: u8| ((byte < b' ') & (byte != b'\t')) | (byte == 0x7f);
    text.iter().fold(false, |found, byte| found | is_control(*byte))
}

/// 32 bytes as 64 lower-case hex digits.
pub(crate) fn hex(bytes: &[u8; 32]) -> [u8; 64] {
    let mut digits = [0; 64];
    HEXLOWER.encode_mut(bytes, &mut digits);
    digits
}

/// Reads exactly 64 lower-case hex digits.
pub(crate) fn decode_hex(digits: &[u8]) -> Option<[u8; 32]> {
    let digits: &[u8; 64] = digits.try_into().ok()?;
    let mut bytes = [0; 32];
    HEXLOWER.decode_mut(digits, &mut bytes).is_ok().then_some(bytes)
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
            assert_eq!(Class::QUERY.has(byte), unreserved || b"=&".contains(&byte), "{byte}");
            assert_eq!(Class::HOST.has(byte), unreserved || b":[]%".contains(&byte), "{byte}");
            let token = byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
            let in_names = (token && !byte.is_ascii_uppercase()) || b":;".contains(&byte);
            assert_eq!(Class::FIELD_NAMES.has(byte), in_names, "{byte}");
            let key_id = byte.is_ascii_alphanumeric() || byte == b'_';
            assert_eq!(Class::KEY_ID.has(byte), key_id, "{byte}");
            assert_eq!(Class::HEX.has(byte), b"0123456789abcdef".contains(&byte), "{byte}");
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
