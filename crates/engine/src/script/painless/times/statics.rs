//! Where dates and times come from: `ZonedDateTime.parse`, `Instant.ofEpochMilli`, `ChronoUnit.DAYS` …

use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time};
use jiff::fmt::temporal::Pieces;
use jiff::tz::TimeZone;

use super::spans::{self, FIELDS, UNITS, duration};
use super::{DAYS, MONTHS, civil, failed, moment, pattern, zone, zone_of};
use crate::script::painless::fault::Fault;
use crate::script::painless::runner::{Native, Run, Runner};
use crate::script::painless::value::{ImmutableObject, Value};

/// A static method, or a static field by `.NAME`.
pub(in super::super) fn statics(
    run: &mut Runner<'_>,
    class: &str,
    name: &str,
    given: &[Value],
) -> Native {
    if let Some(field) = name.strip_prefix('.') {
        return Ok(constant(class, field));
    }
    match class {
        "ZonedDateTime" | "LocalDateTime" | "LocalDate" | "LocalTime" | "OffsetDateTime" => {
            calendar(run, class, name, given)
        }
        "Instant" => instants(run, name, given),
        "Duration" | "Period" => span(run, class, name, given),
        "ZoneId" | "ZoneOffset" => Ok(match (name, given) {
            ("of", [text]) => {
                let text = run.print(text)?;
                Some(Value::thing(ImmutableObject::Zone(zone_of(&text)?)))
            }
            ("ofHours", [hours]) => {
                let hours = hours.as_int().unwrap_or(0);
                let zone = zone_of(&format!(
                    "{}{:02}:00",
                    if hours < 0 { '-' } else { '+' },
                    hours.abs()
                ))?;
                Some(Value::thing(ImmutableObject::Zone(zone)))
            }
            _ => None,
        }),
        "DateTimeFormatter" => Ok(match (name, given) {
            ("ofPattern", [pattern, ..]) => {
                let pattern = run.print(pattern)?;
                Some(Value::thing(ImmutableObject::Formatter(pattern)))
            }
            _ => None,
        }),
        "TemporalAdjusters" => Ok(ADJUSTERS
            .iter()
            .find(|known| **known == name)
            .map(|name| Value::thing(ImmutableObject::Collector(name, given.to_vec())))),
        "DayOfWeek" | "Month" => Ok(match (name, given) {
            ("of", [number]) => {
                let place = usize::try_from(number.as_int().unwrap_or(0) - 1).unwrap_or(99);
                let names: &[&str] = if class == "Month" { &MONTHS } else { &DAYS };
                let Some(found) = names.get(place) else {
                    let number = number.as_int().unwrap_or(0);
                    let reason = format!("Invalid value for {class}: {number}");
                    return Err(Fault::thrown("DateTimeException", reason));
                };
                constant(class, found)
            }
            ("valueOf", [text]) => constant(class, &run.print(text)?),
            ("from", [value]) => match value.as_thing().and_then(civil) {
                Some(at) if class == "Month" => MONTHS
                    .get(usize::try_from(at.month() - 1).unwrap_or(0))
                    .and_then(|it| constant(class, it)),
                Some(at) => {
                    let day = usize::try_from(at.date().weekday().to_monday_zero_offset());
                    DAYS.get(day.unwrap_or(0)).and_then(|it| constant(class, it))
                }
                None => None,
            },
            _ => None,
        }),
        "System" if name == "currentTimeMillis" => Ok(Some(Value::Long(run.now.as_millisecond()))),
        _ => Ok(None),
    }
}

const ADJUSTERS: &[&str] = &[
    "firstDayOfMonth",
    "lastDayOfMonth",
    "firstDayOfYear",
    "lastDayOfYear",
    "firstDayOfNextMonth",
    "firstDayOfNextYear",
    "next",
    "previous",
    "nextOrSame",
    "previousOrSame",
];

/// A constant of an `enum`, or a static field of a class.
fn constant(class: &str, field: &str) -> Option<Value> {
    let of = |class: &'static str, place: usize, name: &str| {
        Some(Value::thing(ImmutableObject::Constant(class, place, name.into())))
    };
    match class {
        "ChronoUnit" => {
            let place = UNITS.iter().position(|(name, _, _)| *name == field)?;
            of("ChronoUnit", place, UNITS.get(place)?.1)
        }
        "ChronoField" => {
            let place = FIELDS.iter().position(|(name, _)| *name == field)?;
            of("ChronoField", place, FIELDS.get(place)?.1)
        }
        "DayOfWeek" => of("DayOfWeek", DAYS.iter().position(|name| *name == field)?, field),
        "Month" => of("Month", MONTHS.iter().position(|name| *name == field)?, field),
        "TextStyle" => {
            let names = ["FULL", "FULL_STANDALONE", "SHORT", "SHORT_STANDALONE", "NARROW"];
            of("TextStyle", names.iter().position(|name| *name == field)?, field)
        }
        "ZoneOffset" => {
            (field == "UTC").then(|| Value::thing(ImmutableObject::Zone(TimeZone::UTC)))
        }
        "DateTimeFormatter" => Some(Value::thing(ImmutableObject::Formatter(field.into()))),
        "Instant" => (field == "EPOCH")
            .then(|| Value::thing(ImmutableObject::Instant(Timestamp::UNIX_EPOCH))),
        "Duration" => (field == "ZERO").then(|| duration(0)),
        "LocalTime" => match field {
            "MIDNIGHT" => Some(Value::thing(ImmutableObject::Time(Time::midnight()))),
            "NOON" => Some(Value::thing(ImmutableObject::Time(Time::constant(12, 0, 0, 0)))),
            _ => None,
        },
        _ => None,
    }
}

fn unparsed(text: &str) -> Fault {
    Fault::thrown("DateTimeParseException", format!("Text '{text}' could not be parsed at index 0"))
}

// long: one arm for each way
fn calendar(run: &mut Runner<'_>, class: &str, name: &str, given: &[Value]) -> Native {
    let int = |at: usize| given.get(at).and_then(Value::as_int).unwrap_or(0);
    let small = |at: usize| i8::try_from(int(at)).unwrap_or(-1);
    let thing = |at: usize| given.get(at).and_then(Value::as_thing);
    let numbers = given.first().is_some_and(|value| value.rank() > 0);
    Ok(Some(Value::thing(match (class, name, given.len()) {
        (_, "parse", 1 | 2) => {
            let text = given.first().map_or(Ok("".into()), |text| run.print(text))?;
            match thing(1) {
                Some(ImmutableObject::Formatter(own)) => {
                    let zoned = pattern::parsed(&text, own)?.to_zoned_datetime(TimeZone::UTC);
                    reduced(class, ImmutableObject::Zoned(zoned, false))
                }
                _ => parsed(class, &text)?,
            }
        }
        ("ZonedDateTime", "ofInstant", 2) => {
            let moment = thing(0).and_then(moment).ok_or_else(|| Fault::null("instant"))?;
            ImmutableObject::Zoned(
                moment.to_zoned_datetime(zone(given.get(1).unwrap_or(&Value::Null))?),
                false,
            )
        }
        ("LocalDateTime" | "LocalDate", "ofInstant", 2) => {
            let moment = thing(0).and_then(moment).ok_or_else(|| Fault::null("instant"))?;
            let zoned = moment.to_zoned_datetime(zone(given.get(1).unwrap_or(&Value::Null))?);
            reduced(class, ImmutableObject::Zoned(zoned, false))
        }
        ("ZonedDateTime", "of", 8) => {
            let at = DateTime::new(
                int(0) as i16,
                small(1),
                small(2),
                small(3),
                small(4),
                small(5),
                int(6),
            );
            let zone = zone(given.get(7).unwrap_or(&Value::Null))?;
            ImmutableObject::Zoned(
                at.and_then(|at| at.to_zoned_datetime(zone)).map_err(failed)?,
                false,
            )
        }
        ("ZonedDateTime", "of", 2 | 3) => {
            let mut at = thing(0).and_then(civil).unwrap_or_default();
            if let (Some(ImmutableObject::Time(time)), 3) = (thing(1), given.len()) {
                at = at.date().to_datetime(*time);
            }
            let zone = zone(given.last().unwrap_or(&Value::Null))?;
            ImmutableObject::Zoned(at.to_zoned_datetime(zone).map_err(failed)?, false)
        }
        ("LocalDateTime", "of", 5..=7) if numbers => ImmutableObject::DateTime(
            DateTime::new(int(0) as i16, small(1), small(2), small(3), small(4), small(5), int(6))
                .map_err(failed)?,
        ),
        ("LocalDateTime", "of", 2) => match (thing(0), thing(1)) {
            (Some(ImmutableObject::Date(date)), Some(ImmutableObject::Time(time))) => {
                ImmutableObject::DateTime(date.to_datetime(*time))
            }
            _ => return Ok(None),
        },
        ("LocalDate", "of", 3) if numbers => {
            ImmutableObject::Date(Date::new(int(0) as i16, small(1), small(2)).map_err(failed)?)
        }
        ("LocalDate", "ofEpochDay", 1) => {
            let days = given.first().and_then(Value::as_long).unwrap_or(0);
            let day = Timestamp::from_second(days.saturating_mul(86_400)).map_err(failed)?;
            ImmutableObject::Date(day.to_zoned_datetime(TimeZone::UTC).date())
        }
        ("LocalDate", "ofYearDay", 2) => {
            let first = Date::new(int(0) as i16, 1, 1).map_err(failed)?;
            ImmutableObject::Date(first.with().day_of_year(int(1) as i16).build().map_err(failed)?)
        }
        ("LocalTime", "of", 2..=4) => {
            ImmutableObject::Time(Time::new(small(0), small(1), small(2), int(3)).map_err(failed)?)
        }
        (_, "from", 1) => match thing(0) {
            Some(thing) => reduced(class, thing.clone()),
            None => return Ok(None),
        },
        _ => return Ok(None),
    })))
}

/// What of a date and time a class holds.
fn reduced(class: &str, thing: ImmutableObject) -> ImmutableObject {
    match (class, civil(&thing)) {
        ("LocalDate", Some(at)) => ImmutableObject::Date(at.date()),
        ("LocalTime", Some(at)) => ImmutableObject::Time(at.time()),
        ("LocalDateTime", Some(at)) => ImmutableObject::DateTime(at),
        _ => thing,
    }
}

fn parsed(class: &str, text: &str) -> Run<ImmutableObject> {
    let wrong = || unparsed(text);
    match class {
        "LocalDate" => text.parse().map(ImmutableObject::Date).map_err(|_| wrong()),
        "LocalTime" => text.parse().map(ImmutableObject::Time).map_err(|_| wrong()),
        "LocalDateTime" if text.contains('T') => {
            text.parse().map(ImmutableObject::DateTime).map_err(|_| wrong())
        }
        "ZonedDateTime" | "OffsetDateTime" => {
            let pieces = Pieces::parse(text).map_err(|_| wrong())?;
            let time = pieces.time().ok_or_else(wrong)?;
            let at = pieces.date().to_datetime(time);
            let named = pieces.to_time_zone().map_err(|_| wrong())?;
            let offset = pieces.to_numeric_offset().map(TimeZone::fixed);
            let zone = named.or(offset).ok_or_else(wrong)?;
            Ok(ImmutableObject::Zoned(at.to_zoned_datetime(zone).map_err(failed)?, false))
        }
        _ => Err(wrong()),
    }
}

/// A moment as ISO 8601 has it, a date alone too.
pub(in super::super) fn parse_instant(text: &str) -> Run<Timestamp> {
    let instant = text.parse::<Timestamp>().ok();
    let local = || {
        let at = text.parse::<DateTime>().ok()?;
        at.to_zoned_datetime(TimeZone::UTC).ok().map(|zoned| zoned.timestamp())
    };
    instant.or_else(local).ok_or_else(|| unparsed(text))
}

fn instants(run: &mut Runner<'_>, name: &str, given: &[Value]) -> Native {
    let long = |at: usize| given.get(at).and_then(Value::as_long).unwrap_or(0);
    let instant = match (name, given.len()) {
        ("ofEpochMilli", 1) => Timestamp::from_millisecond(long(0)),
        ("ofEpochSecond", 1) => Timestamp::from_second(long(0)),
        ("ofEpochSecond", 2) => {
            Timestamp::from_nanosecond(i128::from(long(0)) * 1_000_000_000 + i128::from(long(1)))
        }
        ("parse", 1) => {
            let text = given.first().map_or(Ok("".into()), |text| run.print(text))?;
            return match text.parse::<Timestamp>() {
                Ok(instant) => Ok(Some(Value::thing(ImmutableObject::Instant(instant)))),
                Err(_) => Err(unparsed(&text)),
            };
        }
        ("from", 1) => {
            let found = given.first().and_then(Value::as_thing).and_then(moment);
            return Ok(found.map(|instant| Value::thing(ImmutableObject::Instant(instant))));
        }
        _ => return Ok(None),
    };
    Ok(Some(Value::thing(ImmutableObject::Instant(instant.map_err(failed)?))))
}

fn span(run: &mut Runner<'_>, class: &str, name: &str, given: &[Value]) -> Native {
    let long = |at: usize| given.get(at).and_then(Value::as_long).unwrap_or(0);
    let int = |at: usize| given.get(at).and_then(Value::as_int).unwrap_or(0);
    let thing = |at: usize| given.get(at).and_then(Value::as_thing);
    if class == "Period" {
        let period =
            |years, months, days| Some(Value::thing(ImmutableObject::Period(years, months, days)));
        return Ok(match (name, given.len()) {
            ("ofDays", 1) => period(0, 0, int(0)),
            ("ofWeeks", 1) => period(0, 0, int(0).saturating_mul(7)),
            ("ofMonths", 1) => period(0, int(0), 0),
            ("ofYears", 1) => period(int(0), 0, 0),
            ("of", 3) => period(int(0), int(1), int(2)),
            ("between", 2) => match (thing(0).and_then(civil), thing(1).and_then(civil)) {
                (Some(from), Some(to)) => Some(spans::period_between(from.date(), to.date())?),
                _ => None,
            },
            _ => None,
        });
    }
    if let ("between", Some(from), Some(to)) = (name, thing(0), thing(1)) {
        let nanos = match (moment(from), moment(to)) {
            (Some(from), Some(to)) => to.as_nanosecond() - from.as_nanosecond(),
            _ => {
                let seconds =
                    Value::thing(ImmutableObject::Constant("ChronoUnit", 3, "Seconds".into()));
                let unit = spans::unit(&seconds).ok_or_else(|| Fault::null("unit"))?;
                i128::from(spans::between(unit, from, to)?) * 1_000_000_000
            }
        };
        return Ok(Some(duration(nanos)));
    }
    if name == "parse" {
        let text = given.first().map_or(Ok("".into()), |text| run.print(text))?;
        let parsed: jiff::SignedDuration = text.parse().map_err(|_| unparsed(&text))?;
        return Ok(Some(duration(parsed.as_nanos())));
    }
    let unit = name.strip_prefix("of").unwrap_or_default();
    if unit.is_empty() {
        return Ok(given.get(1).and_then(spans::unit).and_then(|unit| {
            let span = unit.span(long(0)).ok()?;
            let total = span
                .total((jiff::Unit::Nanosecond, jiff::SpanRelativeTo::days_are_24_hours()))
                .ok()?;
            Some(duration(total as i128))
        }));
    }
    let row = UNITS.iter().find(|(_, printed, _)| *printed == unit);
    Ok(row.map(|(_, _, nanos)| duration(i128::from(*nanos) * i128::from(long(0)))))
}

/// `new Date()`, `new SimpleDateFormat(pattern)`.
pub(in super::super) fn constructed(run: &mut Runner<'_>, class: &str, given: &[Value]) -> Native {
    Ok(Some(Value::thing(match (class, given) {
        ("Date", []) => ImmutableObject::OldDate(run.now),
        ("Date", [milliseconds]) => {
            let milliseconds = milliseconds.as_long().unwrap_or(0);
            ImmutableObject::OldDate(Timestamp::from_millisecond(milliseconds).map_err(failed)?)
        }
        ("SimpleDateFormat", [pattern, ..]) => ImmutableObject::OldFormatter(run.print(pattern)?),
        _ => return Ok(None),
    })))
}
