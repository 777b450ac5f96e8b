//! Numbers as texts of any length, read without losing a digit, as Java's `BigDecimal` reads them.

/// What is left of a decimal number without its fraction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WholePart {
    /// It, of at most [`DIGITS_MAX`] digits.
    Exact(i128),
    /// It has more digits than any field keeps.
    Beyond,
}

/// Digits that an `i128` has in any case.
const DIGITS_MAX: usize = 38;

/// The whole part of the number that `text` is, towards zero (`new BigDecimal(text).toBigInteger()`); `None` where it is none: a
/// sign, digits with a point among them, an exponent, and nothing else, no white space either.
pub(crate) fn whole_part(text: &str) -> Option<WholePart> {
    let (negative, unsigned) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        // Java's own exponent is an `int`; `+` is read, a second sign is not.
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
        None => (unsigned, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = || whole.bytes().chain(fraction.bytes());
    if digits().count() == 0 || !digits().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let kept = whole.len() as i64 + i64::from(exponent);
    let mut value: i128 = 0;
    let mut all = digits().skip_while(|digit| *digit == b'0').peekable();
    if all.peek().is_none() {
        return Some(WholePart::Exact(0));
    }
    let leading = digits().take_while(|digit| *digit == b'0').count();
    let Ok(count) = usize::try_from(kept - leading as i64) else {
        return Some(WholePart::Exact(0));
    };
    if count > DIGITS_MAX {
        return Some(WholePart::Beyond);
    }
    for _ in 0..count {
        value = value * 10 + i128::from(all.next().unwrap_or(b'0') - b'0');
    }
    Some(WholePart::Exact(if negative { -value } else { value }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_digit_of_the_whole_part_is_lost() {
        for (text, whole) in [
            ("18446744073709551615.9", 18_446_744_073_709_551_615),
            ("1.8446744073709551615e19", 18_446_744_073_709_551_615),
            ("-9007199254740993.7", -9_007_199_254_740_993),
            ("-0.5", 0),
            (".5", 0),
            ("5.", 5),
            ("+7", 7),
            ("1e3", 1000),
            ("0012.50E1", 125),
            ("0.00125e4", 12),
            ("1e-400", 0),
            ("0e999999", 0),
        ] {
            assert_eq!(whole_part(text), Some(WholePart::Exact(whole)), "{text}");
        }
    }

    #[test]
    fn what_has_too_many_digits_is_told_apart_from_what_is_no_number() {
        for text in ["1e39", "1e999999", "123456789012345678901234567890123456789"] {
            assert_eq!(whole_part(text), Some(WholePart::Beyond), "{text}");
        }
        for text in [
            "",
            ".",
            "-",
            "e5",
            "1e",
            "1e5.0",
            " 5",
            "5d",
            "0x10",
            "NaN",
            "--1",
            "1.2.3",
            "1e9999999999",
        ] {
            assert_eq!(whole_part(text), None, "{text}");
        }
    }
}
