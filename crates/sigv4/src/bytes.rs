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
    /// A digit of a hash: lower case only.
    pub(crate) const HEX: Self = Self(32);
    /// What stays in a query: the unreserved characters, `=` and `&`.
    pub(crate) const QUERY: Self = Self(64);

    /// Whether the byte is one of the set.
    pub(crate) fn has(self, byte: u8) -> bool {
        CLASSES.get(usize::from(byte)).is_some_and(|classes| classes & self.0 != 0)
    }

    /// Whether every byte of the text is.
    #[inline(never)]
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

/// The pieces of a text between separators.
pub(crate) fn split(text: &[u8], separator: u8) -> impl Iterator<Item = &[u8]> {
    let mut places = places(text, separator);
    let mut start = Some(0);
    std::iter::from_fn(move || {
        let piece_start = start?;
        let place = places.next();
        start = place.map(|place| place + 1);
        text.get(piece_start..place.unwrap_or(text.len()))
    })
}

/// The texts before and after the first separator.
pub(crate) fn split_once(text: &[u8], separator: u8) -> Option<(&[u8], &[u8])> {
    places(text, separator).next().map(|place| halves(text, Some(place)))
}

/// The texts before and after the byte at that place; the whole and nothing where there is no place.
pub(crate) fn halves(text: &[u8], place: Option<usize>) -> (&[u8], &[u8]) {
    let place = place.unwrap_or(text.len());
    (text.get(..place).unwrap_or_default(), text.get(place + 1..).unwrap_or_default())
}

/// Where the byte (not 0) stands.
pub(crate) fn places(text: &[u8], byte: u8) -> Places<'_> {
    Places { wanted: ONES * u64::from(byte), rest: text, next_start: 0, found: 0 }
}

/// A bit for each place of up to 64 bytes, so that the way through the code depends on the pieces' number,
/// not on their lengths: the pieces of a head are so short that the processor's wrong guesses, or setting
/// out a searcher for long texts, would cost more than all the rest.
pub(crate) struct Places<'a> {
    /// The byte, eight times.
    wanted: u64,
    rest: &'a [u8],
    /// Where `rest` starts.
    next_start: usize,
    /// The places in the 64 bytes before it that were not told yet.
    found: u64,
}

const ONES: u64 = u64::from_ne_bytes([1; 8]);
const LOW: u64 = ONES * 0x7f;

impl Places<'_> {
    /// The places among eight bytes, in the lowest bits.
    fn among(&self, bytes: u64) -> u64 {
        // A wanted byte becomes 0: the only one whose highest bit stays 0 when the others carry.
        let zeros = bytes ^ self.wanted;
        let found = !((zeros & LOW).wrapping_add(LOW) | zeros | LOW);
        // The highest bits of the bytes side by side.
        (found >> 7).wrapping_mul(0x0102_0408_1020_4080) >> 56
    }

    /// Reads the next 64 bytes, if there are more.
    fn read(&mut self) -> Option<()> {
        let (group, rest) = self.rest.split_at(self.rest.len().min(64));
        let (mut left, mut place) = (group, 0);
        while let Some((chunk, others)) = left.split_first_chunk() {
            self.found |= self.among(u64::from_le_bytes(*chunk)) << place;
            place += 8;
            left = others;
        }
        if !left.is_empty() {
            self.found |= self.among(short(left)) << place;
        }
        self.rest = rest;
        self.next_start += 64;
        (!group.is_empty()).then_some(())
    }
}

impl Iterator for Places<'_> {
    type Item = usize;

    #[inline]
    fn next(&mut self) -> Option<usize> {
        while self.found == 0 {
            self.read()?;
        }
        let place = self.next_start - 64 + self.found.trailing_zeros() as usize;
        self.found &= self.found - 1;
        Some(place)
    }
}

/// Whether any byte is one of those. Sixteen bytes, or eight or four of a short text, are one question.
#[inline]
pub(crate) fn any(text: &[u8], wanted: impl Fn(u8) -> bool) -> bool {
    let found = |found, byte: &u8| found | wanted(*byte);
    if let Some(last) = text.len().checked_sub(16) {
        let mut start = 0;
        while let Some(chunk) = text.get(start..).and_then(<[u8]>::first_chunk::<16>) {
            if chunk.iter().fold(false, found) {
                return true;
            }
            if start == last {
                break;
            }
            start = last.min(start + 16);
        }
        false
    } else if let (Some(first), Some(last)) = (text.first_chunk::<8>(), text.last_chunk::<8>()) {
        first.iter().fold(false, found) || last.iter().fold(false, found)
    } else if let (Some(first), Some(last)) = (text.first_chunk::<4>(), text.last_chunk::<4>()) {
        first.iter().fold(false, found) || last.iter().fold(false, found)
    } else {
        text.iter().fold(false, found)
    }
}

/// The bytes of a text of less than eight as a number, zeros behind them. Read as at most three pieces that
/// may overlap: that is one way through the code for nearly all lengths.
fn short(text: &[u8]) -> u64 {
    if let (Some(first), Some(last)) = (text.first_chunk(), text.last_chunk()) {
        let (first, last) = (u32::from_le_bytes(*first), u32::from_le_bytes(*last));
        return u64::from(first) | u64::from(last) << (8 * (text.len() - 4));
    }
    let byte = |place: usize| u64::from(text.get(place).copied().unwrap_or(0)) << (8 * place);
    byte(0) | byte(1) | byte(2)
}

/// Whether one short text comes before another, by their bytes.
pub(crate) fn is_before(one: &[u8], other: &[u8]) -> bool {
    let chunks = one.as_chunks::<8>().0.iter().zip(other.as_chunks().0);
    let mut same = 0;
    for (one, other) in chunks {
        let (one, other) = (u64::from_be_bytes(*one), u64::from_be_bytes(*other));
        if one != other {
            return one < other;
        }
        same += 8;
    }
    let rest = |text| <[u8]>::get(text, same..).unwrap_or_default().iter();
    rest(one).lt(rest(other))
}

/// Whether a text holds a control character other than the tab.
pub(crate) fn has_control(text: &[u8]) -> bool {
    // Nearly every text is of printable ASCII, which one comparison tells.
    any(text, |byte| !(b' '..0x7f).contains(&byte))
        && any(text, |byte| ((byte < b' ') & (byte != b'\t')) | (byte == 0x7f))
}

/// Whether two header names are one. Nearly all come in lower case, which is compared at once.
pub(crate) fn is_same_name(one: &[u8], other: &[u8]) -> bool {
    one.len() == other.len() && (is_equal(one, other) || one.eq_ignore_ascii_case(other))
}

/// Whether two short texts are one: a call of the C library's comparison costs more than it saves.
pub(crate) fn is_equal(one: &[u8], other: &[u8]) -> bool {
    let number = |bytes: &[u8; 8]| u64::from_ne_bytes(*bytes);
    if one.len() != other.len() {
        return false;
    }
    let (Some(end), Some(other_end)) = (one.last_chunk(), other.last_chunk()) else {
        return short(one) == short(other);
    };
    let chunks = one.as_chunks().0.iter().zip(other.as_chunks().0);
    let differs = chunks.map(|(one, other)| number(one) ^ number(other));
    differs.fold(number(end) ^ number(other_end), |found, differs| found | differs) == 0
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
    let mut values = [0; 64];
    let mut good = true;
    // No early exit and no table: a signature is read at one speed, sixteen digits at a time.
    for (value, digit) in values.iter_mut().zip(text) {
        let (figure, letter) = (digit.wrapping_sub(b'0'), digit.wrapping_sub(b'a'));
        *value = if figure < 10 { figure } else { letter.wrapping_add(10) };
        good &= (figure < 10) | (letter < 6);
    }
    let mut bytes = [0; 32];
    for (byte, [high, low]) in bytes.iter_mut().zip(values.as_chunks::<2>().0) {
        *byte = high << 4 | low;
    }
    good.then_some(bytes)
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
    fn texts_are_equal_only_if_every_byte_is() {
        for length in 0..40 {
            let text = vec![b'a'; length];
            assert!(is_equal(&text, &text.clone()));
            assert!(!is_equal(&text, &vec![b'a'; length + 1]));
            for place in 0..length {
                let mut other = text.clone();
                other[place] ^= 0x20;
                assert!(!is_equal(&text, &other), "{place} of {length}");
            }
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
            let pieces: Vec<&[u8]> = split(text.as_bytes(), b'/').collect();
            assert_eq!(pieces, text.split('/').map(str::as_bytes).collect::<Vec<_>>(), "{text}");
            let halves =
                text.split_once('/').map(|(one, other)| (one.as_bytes(), other.as_bytes()));
            assert_eq!(split_once(text.as_bytes(), b'/'), halves, "{text}");
        }
        for byte in 0..=255_u8 {
            let bytes: Vec<u8> = (0..=255).rev().collect();
            assert_eq!(places(&bytes, byte).next(), Some(255 - usize::from(byte)));
        }
    }

    #[test]
    fn texts_are_ordered_as_the_standard_library_orders_them() {
        let texts = [
            "",
            "a",
            "ab",
            "b",
            "\u{ff}",
            "A",
            "content-",
            "content-type",
            "content-length",
            "content-language",
            "12345678",
            "1234567",
            "123456789",
            "1234567\u{80}",
        ];
        let texts = texts.map(str::as_bytes);
        for one in texts {
            for other in texts {
                assert_eq!(is_before(one, other), one < other, "{one:?} {other:?}");
            }
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
