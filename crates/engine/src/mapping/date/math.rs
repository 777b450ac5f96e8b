//! Date math: `now-1d/d`, `2020-01-01||+1M/M`. Source: Elasticsearch 7.10, "Date math", and `JavaDateMathParser`.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp, ToSpan, Unit, ZonedDateTime};

use super::DateFormat;
use crate::exception::{Exception, ExceptionKind};

/// The milliseconds since 1970 of `text`. With `up`, what is rounded or absent is the last moment instead of the first.
pub(crate) fn resolve(
    text: &str,
    format: &DateFormat,
    up: bool,
    zone: &TimeZone,
    now: Timestamp,
) -> Result<i64, Exception> {
    let nanoseconds = resolve_nanos(text, format, up, zone, now)?;
    Ok(i64::try_from(nanoseconds.div_euclid(1_000_000)).unwrap_or(i64::MAX))
}

/// As [`resolve`], in nanoseconds.
pub(crate) fn resolve_nanos(
    text: &str,
    format: &DateFormat,
    up: bool,
    zone: &TimeZone,
    now: Timestamp,
) -> Result<i128, Exception> {
    if let Some(math) = text.strip_prefix("now") {
        return apply(i128::from(now.as_millisecond()) * 1_000_000, math, up, zone);
    }
    match text.split_once("||") {
        None => read(text, format, up, zone),
        Some((date, "")) => read(date, format, up, zone),
        Some((date, math)) => apply(read(date, format, false, zone)?, math, up, zone),
    }
}

/// The milliseconds since 1970 of a date without math.
///
/// # Errors
/// `parse_exception`.
pub(crate) fn moment(text: &str, format: &DateFormat, zone: &TimeZone) -> Result<i64, Exception> {
    let nanoseconds = read(text, format, false, zone)?;
    Ok(i64::try_from(nanoseconds.div_euclid(1_000_000)).unwrap_or(i64::MAX))
}

/// A date without math; its refusal is the one Elasticsearch's `JavaDateMathParser` words.
fn read(text: &str, format: &DateFormat, up: bool, zone: &TimeZone) -> Result<i128, Exception> {
    format.read_nanos_in(text, up, zone).map_err(|cause| {
        if text.is_empty() {
            return broken(cause.reason().to_owned());
        }
        broken(format!(
            "failed to parse date field [{text}] with format [{}]: [{}]",
            format.text(),
            cause.reason()
        ))
        .caused_by(cause)
    })
}

fn apply(start: i128, math: &str, up: bool, zone: &TimeZone) -> Result<i128, Exception> {
    let mut moment = Timestamp::from_nanosecond(start)
        .map_err(|_| out_of_range(math))?
        .to_zoned_datetime(zone.clone());
    let mut rest = math.chars().peekable();
    while let Some(operator) = rest.next() {
        let sign = match operator {
            '/' => 0,
            '+' => 1,
            '-' => -1,
            other => {
                return Err(broken(format!(
                    "operator not supported for date math [{other}{}]",
                    rest.collect::<String>()
                )));
            }
        };
        let mut digits = String::new();
        while let Some(digit) = rest.next_if(char::is_ascii_digit) {
            digits.push(digit);
        }
        let count: i64 = if digits.is_empty() { Ok(1) } else { digits.parse() }.map_err(|_| {
            broken(format!("number [{digits}] is too large for date math [{math}]"))
        })?;
        let Some(unit) = rest.next() else {
            return Err(broken(format!("truncated date math [{math}]")));
        };
        if sign == 0 {
            if count != 1 {
                return Err(broken(format!(
                    "rounding `/` can only be used on single unit types [{math}]"
                )));
            }
            moment = round(&moment, unit, up).ok_or_else(|| unsupported(unit, math))?;
        } else {
            let span = span(unit, sign * count).ok_or_else(|| unsupported(unit, math))?;
            moment = moment.checked_add(span).map_err(|_| out_of_range(math))?;
        }
    }
    Ok(moment.timestamp().as_nanosecond())
}

fn span(unit: char, count: i64) -> Option<Span> {
    let span = Span::new();
    match unit {
        'y' => span.try_years(count),
        'M' => span.try_months(count),
        'w' => span.try_weeks(count),
        'd' => span.try_days(count),
        'h' | 'H' => span.try_hours(count),
        'm' => span.try_minutes(count),
        's' => span.try_seconds(count),
        _ => return None,
    }
    .ok()
}

/// The first (or with `up` the last) millisecond of the unit that holds `moment`.
fn round(moment: &ZonedDateTime, unit: char, up: bool) -> Option<ZonedDateTime> {
    let floor = floor(moment, calendar(unit)?)?;
    if !up {
        return Some(floor);
    }
    floor.checked_add(span(unit, 1)?).ok()?.checked_sub(1.millisecond()).ok()
}

fn calendar(unit: char) -> Option<Unit> {
    Some(match unit {
        'y' => Unit::Year,
        'M' => Unit::Month,
        'w' => Unit::Week,
        'd' => Unit::Day,
        'h' | 'H' => Unit::Hour,
        'm' => Unit::Minute,
        's' => Unit::Second,
        _ => return None,
    })
}

/// The start of the calendar unit that holds `moment`, in its time zone; weeks start on Monday.
pub(crate) fn floor(moment: &ZonedDateTime, unit: Unit) -> Option<ZonedDateTime> {
    let day = moment.datetime().date();
    let midnight =
        |date: jiff::civil::Date| DateTime::from_parts(date, jiff::civil::Time::midnight());
    let civil = match unit {
        Unit::Year => midnight(day.first_of_year()),
        Unit::Month => midnight(day.first_of_month()),
        Unit::Week => {
            let days = i64::from(day.weekday().to_monday_zero_offset());
            midnight(day.checked_sub(days.days()).ok()?)
        }
        Unit::Day => midnight(day),
        smaller => {
            return moment
                .round(
                    jiff::ZonedDateTimeRound::new().smallest(smaller).mode(jiff::RoundMode::Floor),
                )
                .ok();
        }
    };
    civil.to_zoned_datetime(moment.time_zone().clone()).ok()
}

fn broken(reason: String) -> Exception {
    Exception::new(ExceptionKind::ElasticsearchParse, reason)
}

fn unsupported(unit: char, math: &str) -> Exception {
    broken(format!("unit [{unit}] not supported for date math [{math}]"))
}

fn out_of_range(math: &str) -> Exception {
    broken(format!("date math [{math}] leaves the range of dates"))
}

/// A time zone: `+01:00`, `Z`, `UTC`, or a name of the IANA database.
pub(crate) fn time_zone(name: &str) -> Result<TimeZone, Exception> {
    let unknown = || Exception::illegal_argument(format!("Unknown time-zone ID: {name}"));
    if matches!(name, "Z" | "UTC" | "GMT") {
        return Ok(TimeZone::UTC);
    }
    let Some(sign) = name.chars().next().filter(|c| matches!(c, '+' | '-')) else {
        return TimeZone::get(name).map_err(|_| unknown());
    };
    let digits: String = name.chars().skip(1).filter(|c| *c != ':').collect();
    if !matches!(digits.len(), 1 | 2 | 4) || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(unknown());
    }
    let number: i32 = digits.parse().map_err(|_| unknown())?;
    let seconds =
        if digits.len() == 4 { (number / 100) * 3600 + (number % 100) * 60 } else { number * 3600 };
    let seconds = if sign == '-' { -seconds } else { seconds };
    let offset = jiff::tz::Offset::from_seconds(seconds).map_err(|_| unknown())?;
    Ok(TimeZone::fixed(offset))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str, up: bool) -> String {
        let now: Timestamp = "2024-03-15T10:20:30.456Z".parse().unwrap();
        let millis = resolve(text, &DateFormat::default(), up, &TimeZone::UTC, now).unwrap();
        Timestamp::from_millisecond(millis).unwrap().to_string()
    }

    #[test]
    fn now_is_moved_and_rounded() {
        assert_eq!(at("now", false), "2024-03-15T10:20:30.456Z");
        assert_eq!(at("now-1d/d", false), "2024-03-14T00:00:00Z");
        assert_eq!(at("now/w", false), "2024-03-11T00:00:00Z");
        assert_eq!(at("now+1M/M", true), "2024-04-30T23:59:59.999Z");
        assert_eq!(at("now/h", false), "2024-03-15T10:00:00Z");
    }

    #[test]
    fn a_date_before_two_bars_is_moved() {
        assert_eq!(at("2024-01-31||+1M", false), "2024-02-29T00:00:00Z");
        assert_eq!(at("2024-01-31||/y", true), "2024-12-31T23:59:59.999Z");
    }

    #[test]
    fn what_is_not_date_math_is_refused() {
        let now = Timestamp::UNIX_EPOCH;
        for text in
            ["now+1x", "now*2", "now+", "now/2d", "now+99999999999999999999d", "now+9999999999y"]
        {
            assert!(
                resolve(text, &DateFormat::default(), false, &TimeZone::UTC, now).is_err(),
                "{text}"
            );
        }
    }
}
