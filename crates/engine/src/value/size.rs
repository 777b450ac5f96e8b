//! Elasticsearch's sizes in bytes: `512b`, `1.5kb`, `2gb`.

/// The units a size may be written in.
const UNITS: &[&str] = &["b", "kb", "k", "mb", "m", "gb", "g", "tb", "t", "pb"];

/// The bytes that `text` stands for; `None` for what is no size.
pub(crate) fn bytes(text: &str) -> Option<u64> {
    let number = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let unit = text.get(number.len()..)?.to_lowercase();
    let power = match unit.as_str() {
        "b" => 0,
        "kb" | "k" => 1,
        "mb" | "m" => 2,
        "gb" | "g" => 3,
        "tb" | "t" => 4,
        "pb" | "p" => 5,
        // Nothing needs no unit.
        "" if number == "0" => 0,
        _ => return None,
    };
    let factor = 1024u64.checked_pow(power)?;
    if let Ok(whole) = number.parse::<u64>() {
        return whole.checked_mul(factor);
    }
    let fraction = number.parse::<f64>().ok().filter(|number| *number >= 0.0)?;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "a size with a fraction is cut"
    )]
    Some((fraction * factor as f64) as u64)
}

/// Whether `text` is a number, a fraction perhaps, with a unit of size.
pub(crate) fn is_size(text: &str) -> bool {
    has_unit(text, UNITS)
}

/// Whether `text` is a number, a fraction perhaps, with one of `units`.
pub(super) fn has_unit(text: &str, units: &[&str]) -> bool {
    let number = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let unit = text.get(number.len()..).unwrap_or_default().to_lowercase();
    number.parse::<f64>().is_ok() && units.contains(&unit.as_str())
}

/// As Elasticsearch's `ByteSizeValue` prints: `512b`, `1.5kb`, `2gb`.
pub(crate) fn print(bytes: u64) -> String {
    let units = [("tb", 1u64 << 40), ("gb", 1 << 30), ("mb", 1 << 20), ("kb", 1 << 10)];
    let Some((unit, size)) = units.into_iter().find(|(_, size)| bytes >= *size) else {
        return format!("{bytes}b");
    };
    // Cut, not rounded, to one digit behind the point; none where it is 0.
    let tenths = u128::from(bytes) * 10 / u128::from(size);
    match tenths % 10 {
        0 => format!("{}{unit}", tenths / 10),
        tenth => format!("{}.{tenth}{unit}", tenths / 10),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_is_a_number_and_a_unit() {
        for (text, is) in [
            ("512b", true),
            ("1.5KB", true),
            ("2g", true),
            ("512", false),
            ("mb", false),
            ("1x", false),
        ] {
            assert_eq!(is_size(text), is, "{text}");
        }
    }

    #[test]
    fn sizes_are_printed_as_elasticsearch_prints_them() {
        let printed: Vec<String> =
            [0, 512, 1024, 1536, 123_273_216, 2 << 30].into_iter().map(print).collect();
        assert_eq!(printed, ["0b", "512b", "1kb", "1.5kb", "117.5mb", "2gb"]);
    }
}
