//! `NumericEquals`, `NumericLessThan` and the four others: exact decimals, never floating point.

/// How two ordered values are compared: the request's with the policy's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    Equal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Order {
    /// Whether `seen` stands in this order to `wanted`.
    pub(crate) fn holds<T: Ord>(self, seen: &T, wanted: &T) -> bool {
        match self {
            Order::Equal => seen == wanted,
            Order::Less => seen < wanted,
            Order::LessOrEqual => seen <= wanted,
            Order::Greater => seen > wanted,
            Order::GreaterOrEqual => seen >= wanted,
        }
    }
}

/// A decimal number in units of 10⁻¹⁸.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Decimal(pub(crate) i128);

/// Decimal places that are kept; more are refused rather than rounded.
const PLACES: i32 = 18;

impl Decimal {
    /// The number in decimals; `None` where it has a fraction.
    pub(crate) fn whole(self) -> Option<String> {
        let unit = 10_i128.pow(PLACES.unsigned_abs());
        (self.0 % unit == 0).then(|| (self.0 / unit).to_string())
    }
}

/// Reads an optional sign, digits, an optional fraction and an optional exponent. `None` when the
/// text is anything else, or does not fit.
pub(crate) fn parse(text: &str) -> Option<Decimal> {
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
        None => (text, 0),
    };
    let (negative, digits) = match mantissa.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, mantissa.strip_prefix('+').unwrap_or(mantissa)),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    if whole.is_empty() || (digits.contains('.') && fraction.is_empty()) {
        return None;
    }
    let mut number: i128 = 0;
    for digit in whole.bytes().chain(fraction.bytes()) {
        if !digit.is_ascii_digit() {
            return None;
        }
        number = number.checked_mul(10)?.checked_add(i128::from(digit - b'0'))?;
    }
    let places = i32::try_from(fraction.len()).ok()?;
    let shift = PLACES.checked_sub(places)?.checked_add(exponent)?;
    number = if shift >= 0 {
        number.checked_mul(10_i128.checked_pow(u32::try_from(shift).ok()?)?)?
    } else {
        let divisor = 10_i128.checked_pow(shift.unsigned_abs())?;
        if number % divisor != 0 {
            return None;
        }
        number / divisor
    };
    Some(Decimal(if negative { -number } else { number }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_exact() {
        assert_eq!(parse("0.1").unwrap(), parse("1e-1").unwrap());
        assert_eq!(parse("10").unwrap(), parse("+10.000").unwrap());
        assert_eq!(parse("-0"), parse("0"));
        assert!(parse("9007199254740993").unwrap() > parse("9007199254740992").unwrap());
        assert!(parse("-3").unwrap() < parse("-2.5").unwrap());
    }

    #[test]
    fn what_is_no_number_or_too_large_is_none() {
        for text in ["", "-", ".5", "5.", "1e", "1e999", "0x10", "1 ", "NaN", "1_000", "--1"] {
            assert_eq!(parse(text), None, "{text}");
        }
        assert_eq!(parse(&"9".repeat(40)), None);
        assert_eq!(parse("0.0000000000000000001"), None);
    }
}
