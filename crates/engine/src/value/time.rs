//! Elasticsearch's time values: `500ms`, `30s`, `1m`, `2h`, `1d`.

use crate::exception::Exception;

/// The units, with how many milliseconds they are; what is shorter counts as nothing.
const UNITS: &[(&str, u64)] = &[
    ("nanos", 0),
    ("micros", 0),
    ("ms", 1),
    ("s", 1000),
    ("m", 60_000),
    ("h", 3_600_000),
    ("d", 86_400_000),
];

/// A time in milliseconds; `name` is what the text is the value of.
///
/// # Errors
/// `illegal_argument_exception` in Elasticsearch's words.
pub(crate) fn milliseconds(name: &str, text: &str) -> Result<u64, Exception> {
    let unit = text.trim_start_matches(|c: char| c.is_ascii_digit());
    let number = text.strip_suffix(unit).unwrap_or_default().parse::<u64>().ok();
    let factor = UNITS.iter().find(|(known, _)| *known == unit).map(|(_, factor)| *factor);
    number
        .zip(factor)
        .and_then(|(number, factor)| number.checked_mul(factor))
        .ok_or_else(|| Exception::illegal_argument(not_a_time(name, text)))
}

/// A time in nanoseconds.
///
/// # Errors
/// As [`milliseconds`].
pub(crate) fn nanoseconds(name: &str, text: &str) -> Result<u64, Exception> {
    for (unit, factor) in [("nanos", 1), ("micros", 1000)] {
        let number = text.strip_suffix(unit).and_then(|number| number.parse::<u64>().ok());
        if let Some(nanoseconds) = number.and_then(|number| number.checked_mul(factor)) {
            return Ok(nanoseconds);
        }
    }
    milliseconds(name, text).map(|milliseconds| milliseconds.saturating_mul(1_000_000))
}

/// A time as Elasticsearch prints it: in its largest unit, with one digit of a fraction. (`TimeValue.toString`.)
pub(crate) fn print(milliseconds: u64) -> String {
    let units = UNITS.iter().rev().filter(|(_, factor)| *factor > 0);
    let found = units.clone().find(|(_, factor)| milliseconds >= *factor);
    let (unit, factor) = found.copied().unwrap_or(("ms", 1));
    let (whole, tenths) = (milliseconds / factor, milliseconds % factor * 10 / factor);
    if tenths == 0 { format!("{whole}{unit}") } else { format!("{whole}.{tenths}{unit}") }
}

/// A time that was measured, as it is printed for people: none at all is `0s`. (`TimeValue.toString`.)
pub(crate) fn printed(milliseconds: u64) -> String {
    if milliseconds == 0 { "0s".to_owned() } else { print(milliseconds) }
}

/// As [`print`], of a time that may be shorter than a millisecond.
pub(crate) fn print_nanoseconds(nanoseconds: u64) -> String {
    let (unit, factor) = match nanoseconds {
        0..1_000 => ("nanos", 1),
        1_000..1_000_000 => ("micros", 1_000),
        // The units above are those of milliseconds, but for the tenths of the smallest.
        1_000_000..1_000_000_000 => ("ms", 1_000_000),
        _ => return print(nanoseconds / 1_000_000),
    };
    let (whole, tenths) = (nanoseconds / factor, nanoseconds % factor * 10 / factor);
    if tenths == 0 { format!("{whole}{unit}") } else { format!("{whole}.{tenths}{unit}") }
}

/// Whether `text` is a number, a fraction perhaps, with a unit of time.
pub(crate) fn is_time(text: &str) -> bool {
    let names: Vec<&str> = UNITS.iter().map(|(name, _)| *name).collect();
    super::size::has_unit(text, &names)
}

/// Elasticsearch's words for a `text` that is no time.
pub(crate) fn not_a_time(name: &str, text: &str) -> String {
    format!(
        "failed to parse setting [{name}] with value [{text}] as a time value: unit is missing or unrecognized"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_a_number_and_a_unit() {
        for (text, read) in [
            ("500ms", Some(500)),
            ("30s", Some(30_000)),
            ("1m", Some(60_000)),
            ("2h", Some(7_200_000)),
            ("1d", Some(86_400_000)),
            ("100micros", Some(0)),
            ("5", None),
            ("s", None),
            ("-1s", None),
            ("1.5s", None),
            ("1w", None),
            ("99999999999999999999d", None),
            ("999999999999999999d", None),
        ] {
            assert_eq!(milliseconds("x", text).ok(), read, "{text}");
        }
    }

    #[test]
    fn a_time_is_printed_in_its_largest_unit() {
        let printed = [0, 999, 120_000, 90_000, 86_400_000].map(print);
        assert_eq!(printed, ["0ms", "999ms", "2m", "1.5m", "1d"]);
    }

    #[test]
    fn what_is_no_time_is_refused_in_elasticsearchs_words() {
        let refusal = milliseconds("scroll", "soon").unwrap_err();
        assert_eq!(
            refusal.reason(),
            "failed to parse setting [scroll] with value [soon] as a time value: unit is missing or unrecognized"
        );
    }
}
