//! Numbers and other values as Java prints them.

use serde_json::Value;

use super::scalar::plain;

/// A float as Java prints it in JSON: the shortest digits that name it, with a fraction.
pub(crate) fn shortest(value: f32) -> Value {
    // The shortest digits of the 32-bit number, not those of its widening.
    let shortest: f64 = value.to_string().parse().unwrap_or(value.into());
    Value::from(shortest)
}

/// `Double.toString`: the shortest digits that name the number, with a fraction; beyond 10⁷ and below 10⁻³ with an
/// exponent.
pub(crate) fn java_double(value: f64) -> String {
    // Rust writes these alike, in one pass, and most fractions are among them.
    if (1e-3..1e7).contains(&value.abs()) {
        return format!("{value:?}");
    }
    decimal(value, format!("{value:e}"))
}

/// `Float.toString`.
pub(crate) fn java_float(value: f32) -> String {
    decimal(value.into(), format!("{value:e}"))
}

fn decimal(value: f64, scientific: String) -> String {
    if value.is_nan() {
        return "NaN".into();
    }
    if value.is_infinite() {
        return if value > 0.0 { "Infinity".into() } else { "-Infinity".into() };
    }
    let Some((digits, exponent)) = scientific.split_once('e') else { return scientific };
    let with_fraction = |text: &str| {
        if text.contains('.') { text.to_owned() } else { format!("{text}.0") }
    };
    if value != 0.0 && !(1e-3..1e7).contains(&value.abs()) {
        return format!("{}E{exponent}", with_fraction(digits));
    }
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let negative = digits.starts_with('-');
    let digits: String = digits.chars().filter(char::is_ascii_digit).collect();
    let plain = if exponent < 0 {
        let zeros = usize::try_from(-exponent - 1).unwrap_or(0);
        format!("0.{}{digits}", "0".repeat(zeros))
    } else {
        let whole = usize::try_from(exponent).unwrap_or(0) + 1;
        let padded = format!("{digits:0<whole$}");
        let (whole, fraction) = padded.split_at(whole.min(padded.len()));
        format!("{whole}.{}", if fraction.is_empty() { "0" } else { fraction })
    };
    if negative { format!("-{plain}") } else { plain }
}

/// A value as Java's `toString` would print it in a message: `{x=1}`, `[1, 2]`, strings bare.
pub(crate) fn java(value: &Value) -> String {
    match value {
        Value::Object(entries) => {
            let entries: Vec<String> =
                entries.iter().map(|(key, value)| format!("{key}={}", java(value))).collect();
            format!("{{{}}}", entries.join(", "))
        }
        Value::Array(values) => {
            let values: Vec<String> = values.iter().map(java).collect();
            format!("[{}]", values.join(", "))
        }
        Value::Number(number) if number.is_f64() => {
            java_double(number.as_f64().unwrap_or_default())
        }
        scalar => plain(scalar),
    }
}

/// A value as [`java`] prints it, the entries of its objects as a `HashMap` of Java's walks over them.
pub(crate) fn java_hashed(value: &Value) -> String {
    match value {
        Value::Object(entries) => {
            let names: Vec<String> = entries.keys().cloned().collect();
            let named = hash_order(&names).into_iter().filter_map(|place| names.get(place));
            let shown = named
                .filter_map(|name| Some(format!("{name}={}", java_hashed(entries.get(name)?))));
            format!("{{{}}}", shown.collect::<Vec<_>>().join(", "))
        }
        Value::Array(values) => {
            let values: Vec<String> = values.iter().map(java_hashed).collect();
            format!("[{}]", values.join(", "))
        }
        scalar => java(scalar),
    }
}

/// `String.hashCode`.
pub(crate) fn hash_code(text: &str) -> i32 {
    text.encode_utf16().fold(0, |hash: i32, unit| hash.wrapping_mul(31).wrapping_add(unit.into()))
}

/// The places of `names` in the order in which a `HashMap` of Java's walks over them.
pub(crate) fn hash_order(names: &[String]) -> Vec<usize> {
    let hash = |name: &String| {
        let hash = hash_code(name) as u32;
        hash ^ (hash >> 16)
    };
    let mut slots = 16usize;
    while names.len() * 4 > slots * 3 {
        slots *= 2;
    }
    let mut order: Vec<(usize, usize)> = names
        .iter()
        .enumerate()
        .map(|(place, name)| (hash(name) as usize & (slots - 1), place))
        .collect();
    order.sort_unstable();
    order.into_iter().map(|(_, place)| place).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_printed_the_short_way_is_as_the_digits_say(
            any in any::<f64>(), mantissa in any::<u64>(), exponent in 1010u64..1050, cents in -1_000_000_000i64..1_000_000_000
        ) {
            // Any number; one between 2⁻¹³ and 2²⁷, on both sides of both limits; one as people write them.
            let near = f64::from_bits((exponent << 52) | (mantissa & ((1 << 52) - 1)) | (mantissa & (1 << 63)));
            for value in [any, near, cents as f64 / 100.0, cents as f64, cents as f64 / 1e11] {
                prop_assert_eq!(java_double(value), decimal(value, format!("{value:e}")));
            }
        }
    }

    #[test]
    fn numbers_at_the_limits_of_the_short_way_are_as_the_digits_say() {
        for limit in [1e-3f64, 1e7, 1.0, 9_999_999.0, f64::MIN_POSITIVE, 0.0] {
            for value in [limit.next_down(), limit, limit.next_up()] {
                for value in [value, -value] {
                    assert_eq!(java_double(value), decimal(value, format!("{value:e}")));
                }
            }
        }
    }

    #[test]
    fn numbers_are_printed_as_java_prints_them() {
        for (value, text) in [
            (0.0, "0.0"),
            (1.0, "1.0"),
            (-3.0, "-3.0"),
            (0.001, "0.001"),
            (1e-4, "1.0E-4"),
            (123_456.75, "123456.75"),
            (1e7, "1.0E7"),
            (1.5e300, "1.5E300"),
            (f64::NAN, "NaN"),
        ] {
            assert_eq!(java_double(value), text);
        }
        assert_eq!(java_float(0.1), "0.1");
        assert_eq!(java_float(3.402_823_5e38), "3.4028235E38");
    }
}
