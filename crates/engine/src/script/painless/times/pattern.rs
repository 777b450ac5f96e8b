//! Java's patterns of dates, such as `yyyy-MM-dd HH:mm`.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::Offset;

use super::{DAYS, MONTHS, civil, offset_text, print};
use crate::mapping::date::DateFormat;
use crate::script::painless::fault::Fault;
use crate::script::painless::runner::Run;
use crate::script::painless::value::ImmutableObject;

/// A date or time by a pattern; by `ISO…` in its own form.
pub(super) fn formatted(pattern: &str, thing: &ImmutableObject) -> String {
    if pattern.starts_with("ISO") || pattern.starts_with("BASIC") {
        return iso(pattern, thing);
    }
    let Some(at) = civil(thing) else { return String::new() };
    let offset = match thing {
        ImmutableObject::Zoned(zoned, _) => zoned.offset(),
        _ => Offset::UTC,
    };
    let zone = match thing {
        ImmutableObject::Zoned(zoned, _) => {
            let name = zoned.time_zone().iana_name().filter(|name| *name != "UTC");
            name.map_or_else(|| offset_text(offset), str::to_owned)
        }
        _ => "Z".to_owned(),
    };
    let mut out = String::new();
    let mut letters = pattern.chars().peekable();
    while let Some(letter) = letters.next() {
        if letter == '\'' {
            let mut any = false;
            while let Some(inner) = letters.next() {
                if inner == '\'' {
                    if letters.peek() != Some(&'\'') {
                        break;
                    }
                    letters.next();
                }
                any = true;
                out.push(inner);
            }
            if !any {
                out.push('\'');
            }
            continue;
        }
        if !letter.is_ascii_alphabetic() {
            out.push(letter);
            continue;
        }
        let mut count = 1;
        while letters.peek() == Some(&letter) {
            letters.next();
            count += 1;
        }
        out.push_str(&part(letter, count, at, offset, &zone));
    }
    out
}

fn part(letter: char, count: usize, at: DateTime, offset: Offset, zone: &str) -> String {
    let number = |value: i64| format!("{value:0count$}");
    let name = |names: &[&str], place: usize| {
        let name = names.get(place).copied().unwrap_or_default();
        let rest = name.get(1..).unwrap_or_default().to_lowercase();
        let full = format!("{}{rest}", name.get(..1).unwrap_or_default());
        match count {
            4 => full,
            5 => full.chars().take(1).collect(),
            _ => full.chars().take(3).collect(),
        }
    };
    let date = at.date();
    let month = usize::try_from(date.month() - 1).unwrap_or(0);
    let weekday = usize::try_from(date.weekday().to_monday_zero_offset()).unwrap_or(0);
    match letter {
        'y' | 'u' | 'Y' if count == 2 => format!("{:02}", date.year() % 100),
        'Y' => number(date.iso_week_date().year().into()),
        'y' | 'u' => number(date.year().into()),
        'M' | 'L' if count > 2 => name(&MONTHS, month),
        'M' | 'L' => number(date.month().into()),
        'd' => number(date.day().into()),
        'D' => number(date.day_of_year().into()),
        'E' => name(&DAYS, weekday),
        'e' | 'c' if count > 2 => name(&DAYS, weekday),
        'e' | 'c' => number(weekday as i64 + 1),
        'w' => number(date.iso_week_date().week().into()),
        'Q' | 'q' => number(month as i64 / 3 + 1),
        'H' => number(at.hour().into()),
        'k' => number(if at.hour() == 0 { 24 } else { at.hour().into() }),
        'K' => number((at.hour() % 12).into()),
        'h' => number(if at.hour() % 12 == 0 { 12 } else { (at.hour() % 12).into() }),
        'm' => number(at.minute().into()),
        's' => number(at.second().into()),
        'S' => format!("{:09}", at.subsec_nanosecond()).chars().take(count).collect(),
        'n' => number(at.subsec_nanosecond().into()),
        'a' => if at.hour() < 12 { "AM" } else { "PM" }.to_owned(),
        'G' => "AD".to_owned(),
        'X' if offset.seconds() == 0 => "Z".to_owned(),
        'X' | 'x' | 'Z' => shifted(letter, count, offset),
        'V' | 'z' | 'v' => zone.to_owned(),
        other => other.to_string().repeat(count),
    }
}

fn shifted(letter: char, count: usize, offset: Offset) -> String {
    let seconds = offset.seconds();
    let sign = if seconds < 0 { '-' } else { '+' };
    let (hours, minutes) = (seconds.abs() / 3600, seconds.abs() / 60 % 60);
    match (letter, count) {
        ('X' | 'x', 1) if minutes == 0 => format!("{sign}{hours:02}"),
        ('X' | 'x', 3 | 5) | ('Z', 5) => format!("{sign}{hours:02}:{minutes:02}"),
        _ => format!("{sign}{hours:02}{minutes:02}"),
    }
}

fn iso(pattern: &str, thing: &ImmutableObject) -> String {
    let whole = print(&plain(thing));
    let (date, time) = whole.split_once('T').unwrap_or((&whole, ""));
    match pattern {
        "ISO_LOCAL_DATE" | "ISO_DATE" => date.to_owned(),
        "BASIC_ISO_DATE" => date.replace('-', ""),
        "ISO_LOCAL_TIME" => {
            civil(thing).map_or_else(String::new, |at| super::time_text(at.time(), true))
        }
        "ISO_LOCAL_DATE_TIME" => civil(thing)
            .map_or_else(String::new, |at| format!("{date}T{}", super::time_text(at.time(), true))),
        "ISO_INSTANT" => match super::moment(thing) {
            Some(moment) => print(&ImmutableObject::Instant(moment)),
            None => whole,
        },
        "ISO_OFFSET_DATE_TIME" | "ISO_DATE_TIME" | "ISO_ZONED_DATE_TIME" => {
            let Some(at) = civil(thing) else { return whole };
            let time_with_seconds = super::time_text(at.time(), true);
            let rest =
                time.trim_start_matches(|c: char| c.is_ascii_digit() || c == ':' || c == '.');
            let rest = match pattern {
                "ISO_OFFSET_DATE_TIME" => rest.split('[').next().unwrap_or_default(),
                _ => rest,
            };
            format!("{date}T{time_with_seconds}{rest}")
        }
        _ => whole,
    }
}

fn plain(thing: &ImmutableObject) -> ImmutableObject {
    match thing {
        ImmutableObject::Zoned(zoned, _) => ImmutableObject::Zoned(zoned.clone(), false),
        other => other.clone(),
    }
}

/// The moment that a text means by a pattern; in UTC where it names no zone.
pub(super) fn parsed(text: &str, pattern: &str) -> Run<Timestamp> {
    let wrong = || {
        Fault::thrown(
            "DateTimeParseException",
            format!("Text '{text}' could not be parsed at index 0"),
        )
    };
    let format = match pattern {
        "ISO_LOCAL_DATE" | "ISO_DATE" => "strict_date",
        "BASIC_ISO_DATE" => "basic_date",
        name if name.starts_with("ISO") => "strict_date_optional_time",
        pattern => pattern,
    };
    let format = DateFormat::parse(format).map_err(|_| wrong())?;
    let milliseconds = format.read(text).map_err(|_| wrong())?;
    Timestamp::from_millisecond(milliseconds).map_err(|_| wrong())
}
