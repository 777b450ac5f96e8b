//! `DateEquals`, `DateLessThan` and the four others: instants, however written.
//!
//! Accepted are the W3C profile of ISO 8601 (`2026`, `2026-01`, `2026-01-31`,
//! `2026-01-31T12:30Z`, with seconds, fraction and offset) and seconds since 1970.
//!
//! <https://www.w3.org/TR/NOTE-datetime>

use jiff::{
    Timestamp,
    civil::{Date, DateTime, Time},
    tz::TimeZone,
};

/// Nanoseconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Instant(pub(crate) i128);

/// Reads a date; `None` when it is none, or lies outside the years -9999 to 9999.
pub(crate) fn parse(text: &str) -> Option<Instant> {
    let timestamp = match text.len() {
        4 => civil(&format!("{text}-01-01"))?,
        _ if is_integer(text) => Timestamp::from_second(text.parse().ok()?).ok()?,
        7 => civil(&format!("{text}-01"))?,
        10 => civil(text)?,
        _ => with_time(text)?,
    };
    Some(Instant(timestamp.as_nanosecond()))
}

fn is_integer(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}

fn civil(text: &str) -> Option<Timestamp> {
    let shaped = text.bytes().enumerate().all(|(at, byte)| match at {
        4 | 7 => byte == b'-',
        _ => byte.is_ascii_digit(),
    });
    if !shaped {
        return None;
    }
    let date: Date = text.parse().ok()?;
    TimeZone::UTC.to_timestamp(date.to_datetime(Time::midnight())).ok()
}

/// A date with a time; without an offset it is UTC.
fn with_time(text: &str) -> Option<Timestamp> {
    if text.as_bytes().get(10) != Some(&b'T') || text.contains(['[', ' ']) {
        return None;
    }
    text.parse::<Timestamp>().ok().or_else(|| {
        let time: DateTime = text.parse().ok()?;
        TimeZone::UTC.to_timestamp(time).ok()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_instant_has_many_spellings() {
        let expected = parse("2026-01-01T00:00:00Z").unwrap();
        for text in [
            "2026",
            "2026-01",
            "2026-01-01",
            "2026-01-01T00:00Z",
            "2026-01-01T00:00:00.000Z",
            "2026-01-01T01:00:00+01:00",
            "2025-12-31T23:00:00-01:00",
            "2026-01-01T00:00:00",
            "1767225600",
        ] {
            assert_eq!(parse(text), Some(expected), "{text}");
        }
    }

    #[test]
    fn what_is_no_date_is_none() {
        for text in
            ["", "yesterday", "2026-13-01", "2026-02-30", "99999999999999999999", "2026-1-1", "-"]
        {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
