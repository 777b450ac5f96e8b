//! Java's dates and times: `ZonedDateTime`, `LocalDate`, `Instant`, `Duration`, `ChronoUnit` and their like, with jiff
//! underneath.

mod calendar;
mod pattern;
mod spans;
mod statics;

use std::cmp::Ordering;

use jiff::civil::{DateTime, Time};
use jiff::tz::{Offset, TimeZone};
use jiff::{Timestamp, ZonedDateTime};

use crate::script::painless::fault::Fault;
use crate::script::painless::runner::{Native, Run, Runner};
use crate::script::painless::value::{ImmutableObject, Value};

pub(super) use statics::{constructed, parse_instant, statics};

const MONTHS: [&str; 12] = [
    "JANUARY",
    "FEBRUARY",
    "MARCH",
    "APRIL",
    "MAY",
    "JUNE",
    "JULY",
    "AUGUST",
    "SEPTEMBER",
    "OCTOBER",
    "NOVEMBER",
    "DECEMBER",
];
const DAYS: [&str; 7] =
    ["MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY"];

/// The date of a document's field, as scripts see it.
pub(crate) fn of_field(milliseconds: i64) -> Value {
    let instant = Timestamp::from_millisecond(milliseconds).unwrap_or(Timestamp::UNIX_EPOCH);
    Value::thing(ImmutableObject::Zoned(instant.to_zoned_datetime(TimeZone::UTC), true))
}

/// The date of a document's field in nanoseconds.
pub(crate) fn of_nanos(nanoseconds: i64) -> Value {
    let instant = Timestamp::from_nanosecond(nanoseconds.into()).unwrap_or(Timestamp::UNIX_EPOCH);
    Value::thing(ImmutableObject::Zoned(instant.to_zoned_datetime(TimeZone::UTC), true))
}

/// The milliseconds of what has a moment.
pub(super) fn instant(thing: &ImmutableObject) -> Option<i64> {
    moment(thing).map(Timestamp::as_millisecond)
}

fn moment(thing: &ImmutableObject) -> Option<Timestamp> {
    match thing {
        ImmutableObject::Zoned(zoned, _) => Some(zoned.timestamp()),
        ImmutableObject::Instant(instant) | ImmutableObject::OldDate(instant) => Some(*instant),
        _ => None,
    }
}

/// Date and time of what has one of them.
fn civil(thing: &ImmutableObject) -> Option<DateTime> {
    Some(match thing {
        ImmutableObject::Zoned(zoned, _) => zoned.datetime(),
        ImmutableObject::Instant(instant) | ImmutableObject::OldDate(instant) => {
            instant.to_zoned_datetime(TimeZone::UTC).datetime()
        }
        ImmutableObject::DateTime(datetime) => *datetime,
        ImmutableObject::Date(date) => date.to_datetime(Time::midnight()),
        ImmutableObject::Time(time) => jiff::civil::Date::constant(1970, 1, 1).to_datetime(*time),
        _ => return None,
    })
}

/// `like` with another date and time.
fn rebuilt(like: &ImmutableObject, datetime: DateTime) -> Run<Value> {
    Ok(Value::thing(match like {
        ImmutableObject::Zoned(zoned, _) => {
            let zoned = datetime.to_zoned_datetime(zoned.time_zone().clone()).map_err(failed)?;
            ImmutableObject::Zoned(zoned, false)
        }
        ImmutableObject::Instant(_) => ImmutableObject::Instant(
            datetime.to_zoned_datetime(TimeZone::UTC).map_err(failed)?.timestamp(),
        ),
        ImmutableObject::Date(_) => ImmutableObject::Date(datetime.date()),
        ImmutableObject::Time(_) => ImmutableObject::Time(datetime.time()),
        _ => ImmutableObject::DateTime(datetime),
    }))
}

/// What jiff refuses, Java refuses as a `DateTimeException`.
fn failed(error: jiff::Error) -> Fault {
    Fault::thrown("DateTimeException", error.to_string())
}

/// Java's `compareTo`.
pub(super) fn compare(left: &ImmutableObject, right: &ImmutableObject) -> Option<Ordering> {
    if let (Some(left), Some(right)) = (moment(left), moment(right)) {
        return Some(left.cmp(&right));
    }
    match (left, right) {
        (ImmutableObject::Duration(s1, n1), ImmutableObject::Duration(s2, n2)) => {
            Some((s1, n1).cmp(&(s2, n2)))
        }
        (ImmutableObject::Constant(one, left, _), ImmutableObject::Constant(two, right, _))
            if one == two =>
        {
            Some(left.cmp(right))
        }
        (ImmutableObject::Uuid(left), ImmutableObject::Uuid(right)) => Some(left.cmp(right)),
        _ => civil(left).zip(civil(right)).map(|(left, right)| left.cmp(&right)),
    }
}

// As text.

/// Java's `toString`.
pub(super) fn print(thing: &ImmutableObject) -> String {
    match thing {
        ImmutableObject::Zoned(zoned, true) => {
            let time = zoned.time();
            let millis = time.subsec_nanosecond() / 1_000_000;
            format!(
                "{}T{:02}:{:02}:{:02}.{millis:03}{}",
                date_text(zoned.date()),
                time.hour(),
                time.minute(),
                time.second(),
                offset_text(zoned.offset())
            )
        }
        ImmutableObject::Zoned(zoned, false) => {
            let zone = match zoned.time_zone().iana_name() {
                Some(name) if name != "UTC" => format!("[{name}]"),
                _ => String::new(),
            };
            let offset = offset_text(zoned.offset());
            format!("{}T{}{offset}{zone}", date_text(zoned.date()), time_text(zoned.time(), false))
        }
        ImmutableObject::Instant(instant) => {
            let zoned = instant.to_zoned_datetime(TimeZone::UTC);
            format!("{}T{}Z", date_text(zoned.date()), time_text(zoned.time(), true))
        }
        ImmutableObject::OldDate(instant) => pattern::formatted(
            "EEE MMM dd HH:mm:ss 'UTC' yyyy",
            &ImmutableObject::Zoned(instant.to_zoned_datetime(TimeZone::UTC), false),
        ),
        ImmutableObject::DateTime(datetime) => {
            format!("{}T{}", date_text(datetime.date()), time_text(datetime.time(), false))
        }
        ImmutableObject::Date(date) => date_text(*date),
        ImmutableObject::Time(time) => time_text(*time, false),
        ImmutableObject::Duration(seconds, nanos) => spans::duration_text(*seconds, *nanos),
        ImmutableObject::Period(years, months, days) => spans::period_text(*years, *months, *days),
        ImmutableObject::Zone(zone) => zone_text(zone),
        _ => String::new(),
    }
}

/// A date or time as Elasticsearch prints it in JSON.
pub(super) fn for_json(thing: &ImmutableObject) -> String {
    match thing {
        ImmutableObject::Zoned(zoned, _) => {
            let nanos = zoned.subsec_nanosecond();
            if nanos % 1_000_000 == 0 {
                return print(&ImmutableObject::Zoned(zoned.clone(), true));
            }
            pattern::formatted("ISO_OFFSET_DATE_TIME", thing)
        }
        ImmutableObject::Instant(instant) | ImmutableObject::OldDate(instant) => {
            for_json(&ImmutableObject::Zoned(instant.to_zoned_datetime(TimeZone::UTC), true))
        }
        other => print(other),
    }
}

fn date_text(date: jiff::civil::Date) -> String {
    format!("{:04}-{:02}-{:02}", date.year(), date.month(), date.day())
}

fn time_text(time: Time, always_seconds: bool) -> String {
    let nanos = time.subsec_nanosecond();
    let mut out = format!("{:02}:{:02}", time.hour(), time.minute());
    if time.second() != 0 || nanos != 0 || always_seconds {
        out.push_str(&format!(":{:02}", time.second()));
    }
    if nanos != 0 {
        out.push_str(&match (nanos % 1_000_000, nanos % 1_000) {
            (0, _) => format!(".{:03}", nanos / 1_000_000),
            (_, 0) => format!(".{:06}", nanos / 1_000),
            _ => format!(".{nanos:09}"),
        });
    }
    out
}

fn offset_text(offset: Offset) -> String {
    let seconds = offset.seconds();
    if seconds == 0 {
        return "Z".to_owned();
    }
    let sign = if seconds < 0 { '-' } else { '+' };
    let all = seconds.abs();
    let mut out = format!("{sign}{:02}:{:02}", all / 3600, all / 60 % 60);
    if all % 60 != 0 {
        out.push_str(&format!(":{:02}", all % 60));
    }
    out
}

fn zone_text(zone: &TimeZone) -> String {
    match zone.iana_name() {
        Some("UTC") => "Z".to_owned(),
        Some(name) => name.to_owned(),
        None => match zone.to_fixed_offset() {
            Ok(offset) => offset_text(offset),
            Err(_) => "Z".to_owned(),
        },
    }
}

// Methods.

/// A method of a date, a time, a span of time, or a constant.
pub(super) fn method(
    run: &mut Runner<'_>,
    on: &ImmutableObject,
    name: &str,
    given: &[Value],
) -> Native {
    let done = match on {
        ImmutableObject::Constant(class, place, constant) => {
            spans::constant_method(run, class, (*place, constant), name, given)?
        }
        ImmutableObject::Duration(..) | ImmutableObject::Period(..) => {
            spans::method(on, name, given)?
        }
        ImmutableObject::Formatter(pattern) | ImmutableObject::OldFormatter(pattern) => {
            formatter_method(run, pattern, name, given)?
        }
        ImmutableObject::Zone(zone) => match name {
            "getId" | "getDisplayName" => Some(run.text(zone_text(zone))?),
            "normalized" => Some(Value::thing(on.clone())),
            "getTotalSeconds" => {
                let offset = zone.to_fixed_offset().map_or(0, |offset| offset.seconds());
                Some(Value::Int(offset))
            }
            _ => None,
        },
        _ => match calendar::getter(on, name)? {
            Some(value) if given.is_empty() => Some(value),
            _ => calendar::method(run, on, name, given)?,
        },
    };
    Ok(done)
}

fn formatter_method(run: &mut Runner<'_>, pattern: &str, name: &str, given: &[Value]) -> Native {
    Ok(match (name, given) {
        ("format", [value]) => {
            let Some(thing) = value.as_thing() else {
                return Err(Fault::null("temporal"));
            };
            Some(run.text(pattern::formatted(pattern, thing))?)
        }
        ("withZone" | "withLocale", [_]) => {
            Some(Value::thing(ImmutableObject::Formatter(pattern.into())))
        }
        ("parse", [text, ..]) => {
            let text = run.print(text)?;
            let instant = pattern::parsed(&text, pattern)?;
            Some(Value::thing(ImmutableObject::Zoned(
                instant.to_zoned_datetime(TimeZone::UTC),
                false,
            )))
        }
        _ => None,
    })
}

/// A zone by its name: `Z`, `+02:00`, `Europe/Paris`.
fn zone_of(name: &str) -> Run<TimeZone> {
    let unknown = || Fault::thrown("ZoneRulesException", format!("Unknown time-zone ID: {name}"));
    if matches!(name, "Z" | "UTC" | "GMT" | "UT") {
        return Ok(TimeZone::UTC);
    }
    let fixed = name.strip_prefix("UTC").or(name.strip_prefix("GMT")).unwrap_or(name);
    if fixed.starts_with(['+', '-']) {
        let seconds = offset_seconds(fixed).ok_or_else(|| {
            Fault::thrown(
                "DateTimeException",
                format!("Invalid ID for offset-based ZoneId: {name}"),
            )
        })?;
        let offset = Offset::from_seconds(seconds).map_err(failed)?;
        return Ok(TimeZone::fixed(offset));
    }
    TimeZone::get(name).map_err(|_| unknown())
}

fn offset_seconds(text: &str) -> Option<i32> {
    let (sign, digits) = match (text.strip_prefix('-'), text.strip_prefix('+')) {
        (Some(digits), _) => (-1, digits),
        (_, Some(digits)) => (1, digits),
        _ => return None,
    };
    let parts: Vec<i32> = if digits.contains(':') {
        digits.split(':').map(|part| part.parse().ok()).collect::<Option<_>>()?
    } else {
        let part = |at: usize| digits.get(at..at + 2).and_then(|it| it.parse().ok());
        match digits.len() {
            1 => vec![digits.parse().ok()?],
            2 => vec![part(0)?],
            4 => vec![part(0)?, part(2)?],
            6 => vec![part(0)?, part(2)?, part(4)?],
            _ => return None,
        }
    };
    let part = |at: usize| parts.get(at).copied().unwrap_or(0);
    (part(0) <= 18 && part(1) < 60 && part(2) < 60)
        .then(|| sign * (part(0) * 3600 + part(1) * 60 + part(2)))
}

/// The zone of a value.
fn zone(value: &Value) -> Run<TimeZone> {
    match value.as_thing() {
        Some(ImmutableObject::Zone(zone)) => Ok(zone.clone()),
        _ => Err(Fault::null("zone")),
    }
}

fn zoned(instant: Timestamp, zone: TimeZone) -> ZonedDateTime {
    instant.to_zoned_datetime(zone)
}
