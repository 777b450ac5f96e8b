//! Date math in index names: `<logstash-{now/d-1M{yyyy.MM|+02:00}}>`.
//!
//! Source: "Date math support in index names", Elasticsearch 7.10. Units `y M w d h H m s`, `+n`, `-n` and `/unit`;
//! the format is made of the pattern letters `y u M d H h m s` and literal text.

use crate::exception::{Exception, ExceptionKind};
use crate::mapping::date::DateFormat;
use jiff::{RoundMode, Span, Timestamp, Unit, ZonedDateTime, ZonedDateTimeRound, tz::TimeZone};

/// The name that `expression` stands for at `now`; one that is not in `<…>` stands for itself.
/// Errors: `parse_exception` naming what cannot be read.
pub(super) fn name(expression: &str, now: Timestamp) -> Result<String, Exception> {
    let (sign, bare) = match expression.strip_prefix('-') {
        Some(rest) if rest.starts_with('<') => ("-", rest),
        _ => ("", expression),
    };
    let Some(inner) = bare.strip_prefix('<').and_then(|rest| rest.strip_suffix('>')) else {
        return Ok(expression.to_owned());
    };
    let mut name = String::from(sign);
    let mut rest = inner;
    while let Some((literal, after)) = rest.split_once('{') {
        if literal.contains('}') {
            return Err(refusal(expression, "invalid character at position of [}]"));
        }
        name.push_str(literal);
        let close = closing(after)
            .ok_or_else(|| refusal(expression, "date math placeholder is open ended"))?;
        let (math, tail) = after.split_at_checked(close).unwrap_or((after, ""));
        name.push_str(&placeholder(expression, math, now)?);
        rest = tail.strip_prefix('}').unwrap_or(tail);
    }
    if rest.contains('}') {
        return Err(refusal(expression, "invalid character at position of [}]"));
    }
    name.push_str(rest);
    Ok(name)
}

/// Where the brace that closes the placeholder stands; one pair may be nested, around the format.
fn closing(text: &str) -> Option<usize> {
    let mut depth = 0_u32;
    for (position, letter) in text.char_indices() {
        match letter {
            '{' => depth += 1,
            '}' if depth == 0 => return Some(position),
            '}' => depth -= 1,
            _ => {}
        }
    }
    None
}

fn placeholder(expression: &str, text: &str, now: Timestamp) -> Result<String, Exception> {
    let (math, format) = match text.split_once('{') {
        Some((math, format)) => (math, format.strip_suffix('}').unwrap_or(format)),
        None => (text, ""),
    };
    let (format, zone) = match format.split_once('|') {
        Some((format, zone)) => (format, zone_of(expression, zone)?),
        None => (format, TimeZone::UTC),
    };
    let format = if format.is_empty() { "yyyy.MM.dd" } else { format };
    let math = math.trim();
    let (begin, operations) = match (math.strip_prefix("now"), math.split_once("||")) {
        (Some(operations), _) => (now, operations),
        (None, Some((date, operations))) => (anchor(expression, date, format, &zone)?, operations),
        (None, None) => (anchor(expression, math, format, &zone)?, ""),
    };
    let moment = compute(begin.to_zoned_datetime(zone), operations)
        .ok_or_else(|| refusal(expression, "cannot compute the date math"))?;
    print(&moment, format).ok_or_else(|| refusal(expression, "unsupported date format"))
}

/// The moment of a date that is written in the format that the name prints it in.
fn anchor(
    expression: &str,
    date: &str,
    format: &str,
    zone: &TimeZone,
) -> Result<Timestamp, Exception> {
    let read = DateFormat::parse(format).and_then(|format| format.read_in(date, false, zone));
    read.ok()
        .and_then(|milliseconds| Timestamp::from_millisecond(milliseconds).ok())
        .ok_or_else(|| refusal(expression, "date math must start with [now] or with a date"))
}

fn zone_of(expression: &str, zone: &str) -> Result<TimeZone, Exception> {
    if zone.starts_with(['+', '-']) {
        let text = format!("1970-01-01T00:00:00{zone}");
        let offset = jiff::fmt::strtime::parse("%Y-%m-%dT%H:%M:%S%:z", &text)
            .ok()
            .and_then(|parsed| parsed.offset());
        return offset.map(TimeZone::fixed).ok_or_else(|| refusal(expression, "unknown time zone"));
    }
    match zone {
        "UTC" | "Z" | "GMT" => Ok(TimeZone::UTC),
        _ => TimeZone::get(zone).map_err(|_| refusal(expression, "unknown time zone")),
    }
}

fn compute(mut moment: ZonedDateTime, operations: &str) -> Option<ZonedDateTime> {
    let mut letters = operations.chars().peekable();
    while let Some(operation) = letters.next() {
        let mut digits = String::new();
        while let Some(digit) = letters.next_if(char::is_ascii_digit) {
            digits.push(digit);
        }
        let amount: i64 = if digits.is_empty() { 1 } else { digits.parse().ok()? };
        let unit = letters.next()?;
        moment = match operation {
            '/' => floor(&moment, unit)?,
            '+' => moment.checked_add(span(amount, unit)?).ok()?,
            '-' => moment.checked_sub(span(amount, unit)?).ok()?,
            _ => return None,
        };
    }
    Some(moment)
}

fn span(amount: i64, unit: char) -> Option<Span> {
    let span = Span::new();
    match unit {
        'y' => span.try_years(amount),
        'M' => span.try_months(amount),
        'w' => span.try_weeks(amount),
        'd' => span.try_days(amount),
        'h' | 'H' => span.try_hours(amount),
        'm' => span.try_minutes(amount),
        's' => span.try_seconds(amount),
        _ => return None,
    }
    .ok()
}

fn floor(moment: &ZonedDateTime, unit: char) -> Option<ZonedDateTime> {
    let day = moment.start_of_day().ok()?;
    let round =
        |unit| moment.round(ZonedDateTimeRound::new().smallest(unit).mode(RoundMode::Floor)).ok();
    match unit {
        'y' => day.first_of_year().ok(),
        'M' => day.first_of_month().ok(),
        'w' => {
            let back = i64::from(day.weekday().to_monday_zero_offset());
            day.checked_sub(Span::new().try_days(back).ok()?).ok()
        }
        'd' => Some(day),
        'h' | 'H' => round(Unit::Hour),
        'm' => round(Unit::Minute),
        's' => round(Unit::Second),
        _ => None,
    }
}

fn print(moment: &ZonedDateTime, format: &str) -> Option<String> {
    let mut out = String::new();
    let mut letters = format.chars().peekable();
    while let Some(letter) = letters.next() {
        if !letter.is_ascii_alphabetic() {
            out.push(letter);
            continue;
        }
        let mut width = 1;
        while letters.next_if_eq(&letter).is_some() {
            width += 1;
        }
        let number = match letter {
            'y' | 'u' | 'Y' if width == 2 => i64::from(moment.year().rem_euclid(100)),
            'y' | 'u' | 'Y' => i64::from(moment.year()),
            'M' => i64::from(moment.month()),
            'd' => i64::from(moment.day()),
            'H' => i64::from(moment.hour()),
            'm' => i64::from(moment.minute()),
            's' => i64::from(moment.second()),
            'w' => i64::from(moment.iso_week_date().week()),
            _ => return None,
        };
        out.push_str(&format!("{number:0width$}"));
    }
    Some(out)
}

fn refusal(expression: &str, what: &str) -> Exception {
    Exception::new(
        ExceptionKind::ElasticsearchParse,
        format!("invalid dynamic name expression [{expression}]. {what}"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(expression: &str) -> String {
        let now: Timestamp = "2024-03-22T12:34:56Z".parse().unwrap();
        name(expression, now).unwrap_or_else(|error| error.reason().to_owned())
    }

    #[test]
    fn the_documented_examples_come_out_as_documented() {
        assert_eq!(at("<logstash-{now/d}>"), "logstash-2024.03.22");
        assert_eq!(at("<logstash-{now/M}>"), "logstash-2024.03.01");
        assert_eq!(at("<logstash-{now/M{yyyy.MM}}>"), "logstash-2024.03");
        assert_eq!(at("<logstash-{now/M-1M{yyyy.MM}}>"), "logstash-2024.02");
        assert_eq!(at("<logstash-{now/d{yyyy.MM.dd|+12:00}}>"), "logstash-2024.03.23");
    }

    #[test]
    fn what_is_not_date_math_stands_for_itself() {
        assert_eq!(at("logs-*"), "logs-*");
        assert_eq!(at("-<x-{now/d{yyyy}}>"), "-x-2024");
        assert_eq!(at("<x>"), "x");
    }

    #[test]
    fn what_cannot_be_read_is_refused() {
        for expression in [
            "<x-{now/d>",
            "<x-{tomorrow}>",
            "<x-{now/q}>",
            "<x-}>",
            "<x-{now+99999999999999999999d}>",
            "<x{now{QQ}}>",
            "<x{now{yyyy|Nowhere/X}}>",
        ] {
            assert!(at(expression).starts_with("invalid dynamic name expression"), "{expression}");
        }
    }
}
