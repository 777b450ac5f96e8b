//! Elasticsearch's sizes in bytes: `512b`, `1.5kb`, `2gb`.

/// The units a size may be written in.
const UNITS: &[&str] = &["b", "kb", "k", "mb", "m", "gb", "g", "tb", "t", "pb"];

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

/// The bytes that `text` says: `1.5kb`, `512b`, and `0` or `-1` without a unit.
pub(crate) fn bytes(text: &str) -> Option<i64> {
    let text = text.trim().to_lowercase();
    if matches!(text.as_str(), "0" | "-1") {
        return text.parse().ok();
    }
    let number = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let unit = text.get(number.len()..)?;
    let shift = match unit {
        "b" => 0,
        "k" | "kb" => 10,
        "m" | "mb" => 20,
        "g" | "gb" => 30,
        "t" | "tb" => 40,
        "p" | "pb" => 50,
        _ => return None,
    };
    let number = number.trim();
    match number.parse::<i64>() {
        Ok(whole) => whole.checked_mul(1 << shift),
        Err(_) => Some((number.parse::<f64>().ok()? * (1_u64 << shift) as f64) as i64),
    }
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
