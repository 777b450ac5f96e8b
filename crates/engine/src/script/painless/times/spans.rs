//! Units, durations, periods, and the constants of Java's `enum`s.

use jiff::civil::{Date, DateTime, Weekday};
use jiff::{Span, ToSpan};

use super::{DAYS, MONTHS, civil, failed, moment, rebuilt};
use crate::script::painless::fault::Fault;
use crate::script::painless::runner::{Native, Run, Runner};
use crate::script::painless::value::{ImmutableObject, Value};
use crate::value::java::java_double as double;

/// `ChronoUnit`: its constants, how they are printed, how many nanoseconds they are where that is fixed.
pub(super) const UNITS: &[(&str, &str, i64)] = &[
    ("NANOS", "Nanos", 1),
    ("MICROS", "Micros", 1_000),
    ("MILLIS", "Millis", 1_000_000),
    ("SECONDS", "Seconds", 1_000_000_000),
    ("MINUTES", "Minutes", 60_000_000_000),
    ("HOURS", "Hours", 3_600_000_000_000),
    ("HALF_DAYS", "HalfDays", 43_200_000_000_000),
    ("DAYS", "Days", 86_400_000_000_000),
    ("WEEKS", "Weeks", 604_800_000_000_000),
    ("MONTHS", "Months", 0),
    ("YEARS", "Years", 0),
    ("DECADES", "Decades", 0),
    ("CENTURIES", "Centuries", 0),
];

/// One of [`UNITS`].
#[derive(Clone, Copy)]
pub(super) struct Unit {
    name: &'static str,
    nanos: i64,
}

impl Unit {
    pub(super) fn named(name: &str) -> Option<Unit> {
        let row = UNITS.iter().find(|(known, _, _)| *known == name)?;
        Some(Unit { name: row.0, nanos: row.2 })
    }

    /// So many of it.
    pub(super) fn span(self, count: i64) -> Run<Span> {
        let span = Span::new();
        let made = match self.name {
            "MONTHS" => span.try_months(count),
            "YEARS" => span.try_years(count),
            "DECADES" => span.try_years(count.saturating_mul(10)),
            "CENTURIES" => span.try_years(count.saturating_mul(100)),
            "WEEKS" => span.try_weeks(count),
            "DAYS" => span.try_days(count),
            "HOURS" => span.try_hours(count),
            "HALF_DAYS" => span.try_hours(count.saturating_mul(12)),
            "MINUTES" => span.try_minutes(count),
            "SECONDS" => span.try_seconds(count),
            "MILLIS" => span.try_milliseconds(count),
            "MICROS" => span.try_microseconds(count),
            _ => span.try_nanoseconds(count),
        };
        made.map_err(failed)
    }
}

/// The unit that a value is.
pub(super) fn unit(value: &Value) -> Option<Unit> {
    match value.as_thing() {
        Some(ImmutableObject::Constant("ChronoUnit", _, name)) => UNITS
            .iter()
            .find(|(_, printed, _)| *printed == &**name)
            .and_then(|(name, _, _)| Unit::named(name)),
        _ => None,
    }
}

/// How many whole units lie between two times.
pub(super) fn between(unit: Unit, from: &ImmutableObject, to: &ImmutableObject) -> Run<i64> {
    let calendar = matches!(unit.name, "MONTHS" | "YEARS" | "DECADES" | "CENTURIES");
    if calendar || unit.nanos >= 86_400_000_000_000 {
        let (Some(from), Some(to)) = (civil_in(from, from), civil_in(to, from)) else {
            return Err(Fault::null("temporal"));
        };
        if !calendar {
            let span = from.until((jiff::Unit::Day, to)).map_err(failed)?;
            let days = i64::from(span.get_days());
            return Ok(if unit.name == "WEEKS" { days / 7 } else { days });
        }
        let span = from.until((jiff::Unit::Month, to)).map_err(failed)?;
        let months = i64::from(span.get_months());
        return Ok(match unit.name {
            "MONTHS" => months,
            "YEARS" => months / 12,
            "DECADES" => months / 120,
            _ => months / 1200,
        });
    }
    let nanos = match (moment(from), moment(to)) {
        (Some(from), Some(to)) => to.as_nanosecond() - from.as_nanosecond(),
        _ => {
            let (Some(from), Some(to)) = (civil(from), civil(to)) else {
                return Err(Fault::null("temporal"));
            };
            let span = from.until((jiff::Unit::Second, to)).map_err(failed)?;
            i128::from(span.get_seconds()) * 1_000_000_000
                + i128::from(span.get_milliseconds()) * 1_000_000
                + i128::from(span.get_microseconds()) * 1_000
                + i128::from(span.get_nanoseconds())
        }
    };
    Ok((nanos / i128::from(unit.nanos.max(1))) as i64)
}

/// Date and time of `thing` in the zone of `like`.
fn civil_in(thing: &ImmutableObject, like: &ImmutableObject) -> Option<DateTime> {
    match (thing, like) {
        (ImmutableObject::Zoned(zoned, _), ImmutableObject::Zoned(other, _)) => {
            Some(zoned.with_time_zone(other.time_zone().clone()).datetime())
        }
        _ => civil(thing),
    }
}

/// A time without what is smaller than a unit.
pub(super) fn truncated(at: DateTime, unit: Unit) -> Option<DateTime> {
    let time = at.time();
    let nanos = i64::from(time.hour()) * 3_600_000_000_000
        + i64::from(time.minute()) * 60_000_000_000
        + i64::from(time.second()) * 1_000_000_000
        + i64::from(time.subsec_nanosecond());
    if unit.nanos == 0 || unit.nanos > 86_400_000_000_000 {
        return None;
    }
    let kept = nanos - nanos % unit.nanos;
    at.date().to_datetime(jiff::civil::Time::midnight()).checked_add(kept.nanoseconds()).ok()
}

// Fields and adjusters.

/// What a `ChronoField` of a date or time is.
pub(super) fn field_of(on: &ImmutableObject, field: &str) -> Run<Option<i64>> {
    let getter = match field {
        "Year" | "YearOfEra" => "getYear",
        "MonthOfYear" => "getMonthValue",
        "DayOfMonth" => "getDayOfMonth",
        "DayOfYear" => "getDayOfYear",
        "HourOfDay" => "getHour",
        "MinuteOfHour" => "getMinute",
        "SecondOfMinute" => "getSecond",
        "NanoOfSecond" => "getNano",
        "MilliOfSecond" => "getMillisOfSecond",
        "MilliOfDay" => "getMillisOfDay",
        "MinuteOfDay" => "getMinuteOfDay",
        "SecondOfDay" => "getSecondOfDay",
        "EpochDay" => "toEpochDay",
        "InstantSeconds" => "toEpochSecond",
        "DayOfWeek" => {
            let day = civil(on).map(|at| at.date().weekday().to_monday_one_offset());
            return Ok(day.map(i64::from));
        }
        "AmPmOfDay" => return Ok(civil(on).map(|at| i64::from(at.hour() >= 12))),
        "HourOfAmPm" => return Ok(civil(on).map(|at| i64::from(at.hour() % 12))),
        _ => return Ok(None),
    };
    Ok(super::calendar::getter(on, getter)?.and_then(|value| value.as_long()))
}

/// The constants of `ChronoField`, in order of their use.
pub(super) const FIELDS: &[(&str, &str)] = &[
    ("NANO_OF_SECOND", "NanoOfSecond"),
    ("MILLI_OF_SECOND", "MilliOfSecond"),
    ("MILLI_OF_DAY", "MilliOfDay"),
    ("SECOND_OF_MINUTE", "SecondOfMinute"),
    ("SECOND_OF_DAY", "SecondOfDay"),
    ("MINUTE_OF_HOUR", "MinuteOfHour"),
    ("MINUTE_OF_DAY", "MinuteOfDay"),
    ("HOUR_OF_AMPM", "HourOfAmPm"),
    ("HOUR_OF_DAY", "HourOfDay"),
    ("AMPM_OF_DAY", "AmPmOfDay"),
    ("DAY_OF_WEEK", "DayOfWeek"),
    ("DAY_OF_MONTH", "DayOfMonth"),
    ("DAY_OF_YEAR", "DayOfYear"),
    ("EPOCH_DAY", "EpochDay"),
    ("MONTH_OF_YEAR", "MonthOfYear"),
    ("YEAR_OF_ERA", "YearOfEra"),
    ("YEAR", "Year"),
    ("INSTANT_SECONDS", "InstantSeconds"),
];

/// `with(adjuster)` and `with(field, value)`.
pub(super) fn adjusted(on: &ImmutableObject, at: DateTime, given: &[Value]) -> Native {
    let first = given.first().and_then(Value::as_thing);
    let date = at.date();
    let weekday = |parts: &[Value]| match parts.first().and_then(Value::as_thing) {
        Some(ImmutableObject::Constant("DayOfWeek", place, _)) => {
            Weekday::from_monday_zero_offset(*place as i8).ok()
        }
        _ => None,
    };
    let new: Date = match (first, given.get(1)) {
        (Some(ImmutableObject::Collector(name, parts)), None) => match (*name, weekday(parts)) {
            ("firstDayOfMonth", _) => date.first_of_month(),
            ("lastDayOfMonth", _) => date.last_of_month(),
            ("firstDayOfYear", _) => date.first_of_year(),
            ("lastDayOfYear", _) => date.last_of_year(),
            ("firstDayOfNextMonth", _) => {
                date.last_of_month().checked_add(1.day()).map_err(failed)?
            }
            ("firstDayOfNextYear", _) => {
                date.last_of_year().checked_add(1.day()).map_err(failed)?
            }
            ("next", Some(day)) => date.nth_weekday(1, day).map_err(failed)?,
            ("previous", Some(day)) => date.nth_weekday(-1, day).map_err(failed)?,
            ("nextOrSame", Some(day)) if date.weekday() != day => {
                date.nth_weekday(1, day).map_err(failed)?
            }
            ("previousOrSame", Some(day)) if date.weekday() != day => {
                date.nth_weekday(-1, day).map_err(failed)?
            }
            ("nextOrSame" | "previousOrSame", Some(_)) => date,
            _ => return Ok(None),
        },
        (Some(ImmutableObject::Date(date)), None) => *date,
        (Some(ImmutableObject::Time(time)), None) => {
            return Ok(Some(rebuilt(on, date.to_datetime(*time))?));
        }
        (Some(ImmutableObject::Constant("ChronoField", _, field)), Some(value)) => {
            let number = value.as_int().unwrap_or(0);
            let small = i8::try_from(number).unwrap_or(-1);
            let with = at.with();
            let new = match &**field {
                "Year" => with.year(number as i16).build(),
                "MonthOfYear" => with.month(small).build(),
                "DayOfMonth" => with.day(small).build(),
                "HourOfDay" => with.hour(small).build(),
                "MinuteOfHour" => with.minute(small).build(),
                "SecondOfMinute" => with.second(small).build(),
                "NanoOfSecond" => with.subsec_nanosecond(number).build(),
                "DayOfWeek" => {
                    let own = i32::from(date.weekday().to_monday_one_offset());
                    at.checked_add((number - own).days())
                }
                _ => return Ok(None),
            };
            return Ok(Some(rebuilt(on, new.map_err(failed)?)?));
        }
        _ => return Ok(None),
    };
    Ok(Some(rebuilt(on, new.to_datetime(at.time()))?))
}

// Constants.

/// A method of a constant: `DayOfWeek.MONDAY.getValue()`, `ChronoUnit.DAYS.between(a, b)`.
pub(super) fn constant_method(
    run: &mut Runner<'_>,
    class: &str,
    (place, constant): (usize, &str),
    name: &str,
    given: &[Value],
) -> Native {
    let turned = |by: i64| {
        let names: &[&str] = if class == "Month" { &MONTHS } else { &DAYS };
        let count = names.len() as i64;
        let at = (place as i64 + by).rem_euclid(count) as usize;
        let class = if class == "Month" { "Month" } else { "DayOfWeek" };
        let name = names.get(at).copied().unwrap_or_default();
        Value::thing(ImmutableObject::Constant(class, at, name.into()))
    };
    let by = given.first().and_then(Value::as_long).unwrap_or(0);
    let things = (given.first().and_then(Value::as_thing), given.get(1).and_then(Value::as_thing));
    Ok(match (name, given.len()) {
        ("getValue", 0) => Some(Value::Int(place as i32 + 1)),
        ("ordinal", 0) => Some(Value::Int(place as i32)),
        ("name", 0) => Some(run.text(match class {
            "ChronoUnit" => UNITS.get(place).map_or(constant, |row| row.0),
            "ChronoField" => FIELDS.get(place).map_or(constant, |row| row.0),
            _ => constant,
        })?),
        ("plus", 1) => Some(turned(by)),
        ("minus", 1) => Some(turned(-by)),
        ("getDisplayName", 2) => {
            let style = given.first().map_or(Ok("".into()), |style| run.print(style))?;
            let lower = constant.to_lowercase();
            let mut letters = lower.chars();
            let first: String =
                letters.next().map(|c| c.to_uppercase().collect()).unwrap_or_default();
            let full = format!("{first}{}", letters.as_str());
            Some(run.text(match &*style {
                "SHORT" => full.chars().take(3).collect(),
                "NARROW" => full.chars().take(1).collect(),
                _ => full,
            })?)
        }
        ("between", 2) => match (Unit::named(UNITS.get(place).map_or("", |row| row.0)), things) {
            (Some(unit), (Some(from), Some(to))) if class == "ChronoUnit" => {
                Some(Value::Long(between(unit, from, to)?))
            }
            _ => return Err(Fault::null("temporal")),
        },
        ("compareTo", 1) => match things.0 {
            Some(ImmutableObject::Constant(_, other, _)) => {
                Some(Value::Int(place as i32 - *other as i32))
            }
            _ => None,
        },
        _ => None,
    })
}

// Spans.

/// Java's `Duration.toString`.
pub(super) fn duration_text(seconds: i64, nanos: i32) -> String {
    if seconds == 0 && nanos == 0 {
        return "PT0S".to_owned();
    }
    let (hours, minutes, rest) = (seconds / 3600, seconds % 3600 / 60, seconds % 60);
    let mut out = "PT".to_owned();
    if hours != 0 {
        out.push_str(&format!("{hours}H"));
    }
    if minutes != 0 {
        out.push_str(&format!("{minutes}M"));
    }
    if rest != 0 || nanos != 0 {
        let exact = rest as f64 + f64::from(nanos) / 1e9;
        let text = double(exact);
        out.push_str(text.strip_suffix(".0").unwrap_or(&text));
        out.push('S');
    }
    out
}

/// Java's `Period.toString`.
pub(super) fn period_text(years: i32, months: i32, days: i32) -> String {
    let mut out = "P".to_owned();
    for (number, letter) in [(years, 'Y'), (months, 'M'), (days, 'D')] {
        if number != 0 {
            out.push_str(&format!("{number}{letter}"));
        }
    }
    if out == "P" { "P0D".to_owned() } else { out }
}

/// Years, months and days between two dates.
pub(super) fn period_between(from: Date, to: Date) -> Run<Value> {
    let span = from.until((jiff::Unit::Year, to)).map_err(failed)?;
    let part = |number: i64| i32::try_from(number).unwrap_or(0);
    Ok(Value::thing(ImmutableObject::Period(
        span.get_years().into(),
        span.get_months(),
        part(span.get_days().into()),
    )))
}

/// So many nanoseconds.
pub(super) fn duration(nanos: i128) -> Value {
    let seconds = nanos.div_euclid(1_000_000_000) as i64;
    Value::thing(ImmutableObject::Duration(seconds, nanos.rem_euclid(1_000_000_000) as i32))
}

/// A method of a `Duration` or a `Period`.
pub(super) fn method(on: &ImmutableObject, name: &str, given: &[Value]) -> Native {
    let by = given.first().and_then(Value::as_long).unwrap_or(0);
    let other = given.first().and_then(Value::as_thing);
    if let ImmutableObject::Period(years, months, days) = on {
        return Ok(match name {
            "getYears" => Some(Value::Int(*years)),
            "getMonths" => Some(Value::Int(*months)),
            "getDays" => Some(Value::Int(*days)),
            "toTotalMonths" => Some(Value::Long(i64::from(*years) * 12 + i64::from(*months))),
            "isZero" => Some(Value::Bool((*years, *months, *days) == (0, 0, 0))),
            "isNegative" => Some(Value::Bool(*years < 0 || *months < 0 || *days < 0)),
            _ => None,
        });
    }
    let ImmutableObject::Duration(seconds, nanos) = on else { return Ok(None) };
    let all = i128::from(*seconds) * 1_000_000_000 + i128::from(*nanos);
    let whole = |unit: i128| Some(Value::Long((all / unit) as i64));
    Ok(match (name, given.len()) {
        ("getSeconds" | "toSeconds", 0) => Some(Value::Long(*seconds)),
        ("getNano", 0) => Some(Value::Int(*nanos)),
        ("toNanos", 0) => whole(1),
        ("toMillis", 0) => whole(1_000_000),
        ("toMinutes", 0) => whole(60_000_000_000),
        ("toHours", 0) => whole(3_600_000_000_000),
        ("toDays", 0) => whole(86_400_000_000_000),
        ("isZero", 0) => Some(Value::Bool(all == 0)),
        ("isNegative", 0) => Some(Value::Bool(all < 0)),
        ("negated", 0) => Some(duration(-all)),
        ("abs", 0) => Some(duration(all.abs())),
        ("multipliedBy", 1) => Some(duration(all.saturating_mul(by.into()))),
        ("dividedBy", 1) if by != 0 => Some(duration(all / i128::from(by))),
        ("plus" | "minus", 1) => match other {
            Some(ImmutableObject::Duration(seconds, nanos)) => {
                let more = i128::from(*seconds) * 1_000_000_000 + i128::from(*nanos);
                Some(duration(if name == "plus" { all + more } else { all - more }))
            }
            _ => None,
        },
        ("compareTo", 1) => {
            other.and_then(|other| super::compare(on, other)).map(|it| Value::Int(it as i32))
        }
        (name, 1) => {
            let (unit, sign) = match (name.strip_prefix("plus"), name.strip_prefix("minus")) {
                (Some(unit), _) => (unit, 1),
                (_, Some(unit)) => (unit, -1),
                _ => return Ok(None),
            };
            let row = UNITS.iter().find(|(_, printed, _)| *printed == unit);
            row.map(|(_, _, nanos)| duration(all + i128::from(*nanos) * i128::from(by) * sign))
        }
        _ => None,
    })
}
