//! What dates and times tell of themselves, and how they are moved.

use jiff::civil::{DateTime, Time};
use jiff::tz::TimeZone;
use jiff::{Span, ToSpan};

use super::spans::{self, Unit};
use super::{DAYS, MONTHS, civil, compare, failed, moment, pattern, rebuilt, zone, zoned};
use crate::script::painless::fault::Fault;
use crate::script::painless::runner::{Native, Run, Runner};
use crate::script::painless::value::{ImmutableObject, Value};

fn month(number: i8) -> Value {
    let place = usize::try_from(number - 1).unwrap_or(0);
    let name = MONTHS.get(place).copied().unwrap_or_default();
    Value::thing(ImmutableObject::Constant("Month", place, name.into()))
}

fn day(number: i8) -> Value {
    let place = usize::try_from(number - 1).unwrap_or(0);
    let name = DAYS.get(place).copied().unwrap_or_default();
    Value::thing(ImmutableObject::Constant("DayOfWeek", place, name.into()))
}

/// What a date or time tells without arguments.
pub(super) fn getter(on: &ImmutableObject, name: &str) -> Run<Option<Value>> {
    let Some(at) = civil(on) else { return Ok(None) };
    let joda = matches!(on, ImmutableObject::Zoned(_, true));
    let (date, time) = (at.date(), at.time());
    let int = |number: i64| Some(Value::Int(number as i32));
    let second_of_day =
        i64::from(time.hour()) * 3600 + i64::from(time.minute()) * 60 + i64::from(time.second());
    let millis = i64::from(time.subsec_nanosecond()) / 1_000_000;
    let week = date.iso_week_date();
    Ok(match name {
        "getYear" | "getYearOfEra" => int(date.year().into()),
        "getYearOfCentury" => int((date.year() % 100).into()),
        "getCenturyOfEra" => int((date.year() / 100).into()),
        "getEra" => int(1),
        "getMonthValue" | "getMonthOfYear" => int(date.month().into()),
        "getMonth" => Some(month(date.month())),
        "getDayOfMonth" => int(date.day().into()),
        "getDayOfWeek" if joda => int(date.weekday().to_monday_one_offset().into()),
        "getDayOfWeek" | "getDayOfWeekEnum" => Some(day(date.weekday().to_monday_one_offset())),
        "getDayOfYear" => int(date.day_of_year().into()),
        "getWeekOfWeekyear" => int(week.week().into()),
        "getWeekyear" => int(week.year().into()),
        "getHour" | "getHourOfDay" => int(time.hour().into()),
        "getMinute" | "getMinuteOfHour" => int(time.minute().into()),
        "getSecond" | "getSecondOfMinute" => int(time.second().into()),
        "getNano" => int(time.subsec_nanosecond().into()),
        "getMillisOfSecond" => int(millis),
        "getMillisOfDay" => int(second_of_day * 1000 + millis),
        "getMinuteOfDay" => int(second_of_day / 60),
        "getSecondOfDay" => int(second_of_day),
        "toSecondOfDay" => int(second_of_day),
        "toNanoOfDay" => {
            Some(Value::Long(second_of_day * 1_000_000_000 + i64::from(time.subsec_nanosecond())))
        }
        "isLeapYear" => Some(Value::Bool(date.in_leap_year())),
        "lengthOfMonth" => int(date.days_in_month().into()),
        "lengthOfYear" => int(date.days_in_year().into()),
        "toEpochDay" => {
            let epoch = jiff::civil::Date::constant(1970, 1, 1);
            Some(Value::Long(epoch.until(date).map_err(failed)?.get_days().into()))
        }
        "toLocalDate" => Some(Value::thing(ImmutableObject::Date(date))),
        "toLocalTime" => Some(Value::thing(ImmutableObject::Time(time))),
        "toLocalDateTime" => Some(Value::thing(ImmutableObject::DateTime(at))),
        "atStartOfDay" => {
            Some(Value::thing(ImmutableObject::DateTime(date.to_datetime(Time::midnight()))))
        }
        _ => moment_getter(on, name),
    })
}

fn moment_getter(on: &ImmutableObject, name: &str) -> Option<Value> {
    let moment = moment(on)?;
    Some(match name {
        "toInstant" => Value::thing(ImmutableObject::Instant(moment)),
        "toEpochMilli" | "getMillis" | "getTime" => Value::Long(moment.as_millisecond()),
        "toEpochSecond" | "getEpochSecond" => {
            Value::Long(moment.as_nanosecond().div_euclid(1_000_000_000) as i64)
        }
        "getZone" | "getOffset" => match on {
            ImmutableObject::Zoned(zoned, _) if name == "getZone" => {
                Value::thing(ImmutableObject::Zone(zoned.time_zone().clone()))
            }
            ImmutableObject::Zoned(zoned, _) => {
                Value::thing(ImmutableObject::Zone(TimeZone::fixed(zoned.offset())))
            }
            _ => return None,
        },
        "toOffsetDateTime"
        | "toZonedDateTime"
        | "withEarlierOffsetAtOverlap"
        | "withLaterOffsetAtOverlap"
        | "withFixedOffsetZone" => Value::thing(on.clone()),
        _ => return None,
    })
}

/// A method with arguments.
// long: one arm for each method
pub(super) fn method(
    run: &mut Runner<'_>,
    on: &ImmutableObject,
    name: &str,
    given: &[Value],
) -> Native {
    if let Some(value) = moved(on, name, given)? {
        return Ok(Some(value));
    }
    let other = given.first().and_then(Value::as_thing);
    Ok(match (name, given) {
        ("isBefore" | "isAfter" | "isEqual" | "before" | "after" | "compareTo", [_]) => {
            let order = other.and_then(|other| compare(on, other));
            let Some(order) = order else { return Err(Fault::null("the other date is null")) };
            Some(match name {
                "isBefore" | "before" => Value::Bool(order.is_lt()),
                "isAfter" | "after" => Value::Bool(order.is_gt()),
                "isEqual" => Value::Bool(order.is_eq()),
                _ => Value::Int(order as i32),
            })
        }
        ("equals", [_]) => {
            let order = other.and_then(|other| compare(on, other));
            let class = other.map(ImmutableObject::class);
            Some(Value::Bool(order.is_some_and(|it| it.is_eq()) && class == Some(on.class())))
        }
        ("format", [formatter]) => match formatter.as_thing() {
            Some(ImmutableObject::Formatter(pattern)) => {
                Some(run.text(pattern::formatted(pattern, on))?)
            }
            _ => return Err(Fault::null("formatter")),
        },
        ("toString", [pattern]) | ("toString", [pattern, _]) => {
            let pattern = run.print(pattern)?;
            Some(run.text(pattern::formatted(&pattern, on))?)
        }
        ("withZoneSameInstant" | "atZone" | "atOffset", [to]) => match moment(on) {
            Some(moment) => {
                Some(Value::thing(ImmutableObject::Zoned(zoned(moment, zone(to)?), false)))
            }
            None => local_in_zone(on, to)?,
        },
        ("withZoneSameLocal", [to]) => local_in_zone(on, to)?,
        ("atStartOfDay", [to]) => local_in_zone(on, to)?,
        ("atTime", [hour, minute, ..]) => {
            let part = |value: Option<&Value>| value.and_then(Value::as_int).unwrap_or(0) as i8;
            let time = Time::new(part(Some(hour)), part(Some(minute)), part(given.get(2)), 0);
            let date = civil(on).map(|at| at.date());
            let time = time.map_err(failed)?;
            date.map(|date| Value::thing(ImmutableObject::DateTime(date.to_datetime(time))))
        }
        ("atTime", [_]) => match (civil(on), other) {
            (Some(at), Some(ImmutableObject::Time(time))) => {
                Some(Value::thing(ImmutableObject::DateTime(at.date().to_datetime(*time))))
            }
            _ => None,
        },
        ("toInstant" | "toEpochSecond", [to]) => {
            let Some(Value::ImmutableObject(thing)) = local_in_zone(on, to)? else {
                return Ok(None);
            };
            getter(&thing, name)?
        }
        ("until", [_, unit]) => match (other, spans::unit(unit)) {
            (Some(other), Some(unit)) => Some(Value::Long(spans::between(unit, on, other)?)),
            _ => None,
        },
        ("until", [_]) => match other {
            Some(ImmutableObject::Date(date)) => {
                let own = civil(on).map(|at| at.date()).unwrap_or_default();
                Some(spans::period_between(own, *date)?)
            }
            _ => None,
        },
        ("get" | "getLong" | "isSupported", [field]) => {
            let Some(ImmutableObject::Constant("ChronoField", _, field)) = field.as_thing() else {
                return Ok(None);
            };
            let value = spans::field_of(on, field)?;
            match (name, value) {
                ("isSupported", value) => Some(Value::Bool(value.is_some())),
                ("get", Some(value)) => Some(Value::Int(value as i32)),
                (_, Some(value)) => Some(Value::Long(value)),
                (_, None) => None,
            }
        }
        _ => None,
    })
}

fn local_in_zone(on: &ImmutableObject, to: &Value) -> Native {
    let Some(at) = civil(on) else { return Ok(None) };
    let zoned = at.to_zoned_datetime(zone(to)?).map_err(failed)?;
    Ok(Some(Value::thing(ImmutableObject::Zoned(zoned, false))))
}

/// `plusDays`, `minus(2, ChronoUnit.HOURS)`, `withHour`, `truncatedTo`.
fn moved(on: &ImmutableObject, name: &str, given: &[Value]) -> Native {
    let number = given.first().and_then(Value::as_long);
    let (rest, sign) = match (name.strip_prefix("plus"), name.strip_prefix("minus")) {
        (Some(rest), _) => (rest, 1),
        (_, Some(rest)) => (rest, -1),
        _ => return changed(on, name, given),
    };
    if rest.is_empty() {
        return match (given.first().and_then(Value::as_thing), given) {
            (Some(ImmutableObject::Duration(seconds, nanos)), [_]) => {
                let span = Span::new().try_seconds(*seconds).map_err(failed)?;
                let span = span.nanoseconds(i64::from(*nanos));
                shifted(on, if sign < 0 { -span } else { span }).map(Some)
            }
            (Some(ImmutableObject::Period(years, months, days)), [_]) => {
                let span = years.years().months(*months).days(*days);
                shifted(on, if sign < 0 { -span } else { span }).map(Some)
            }
            (_, [_, unit]) => match (number, spans::unit(unit)) {
                (Some(number), Some(unit)) => {
                    shifted(on, unit.span(number.saturating_mul(sign))?).map(Some)
                }
                _ => Ok(None),
            },
            _ => Ok(None),
        };
    }
    let unit = match rest {
        "Millis" => Unit::named("MILLIS"),
        "Nanos" => Unit::named("NANOS"),
        rest => Unit::named(&rest.to_uppercase()),
    };
    match (number, unit) {
        (Some(number), Some(unit)) => {
            shifted(on, unit.span(number.saturating_mul(sign))?).map(Some)
        }
        _ => Ok(None),
    }
}

fn shifted(on: &ImmutableObject, span: Span) -> Run<Value> {
    if let ImmutableObject::Zoned(zoned, _) = on {
        let moved = zoned.checked_add(span).map_err(failed)?;
        return Ok(Value::thing(ImmutableObject::Zoned(moved, false)));
    }
    if let ImmutableObject::Time(time) = on {
        return Ok(Value::thing(ImmutableObject::Time(time.wrapping_add(span))));
    }
    let at = civil(on).unwrap_or_default();
    rebuilt(on, at.checked_add(span).map_err(failed)?)
}

fn changed(on: &ImmutableObject, name: &str, given: &[Value]) -> Native {
    let Some(at) = civil(on) else { return Ok(None) };
    let number = given.first().and_then(Value::as_int).unwrap_or(0);
    let small = i8::try_from(number).unwrap_or(-1);
    let with = at.with();
    let new: Result<DateTime, jiff::Error> = match name {
        "withYear" => with.year(i16::try_from(number).unwrap_or(i16::MIN)).build(),
        "withMonth" => {
            let last = at.date().with().day(1).month(small).build().map_err(failed)?;
            with.month(small).day(at.day().min(last.days_in_month())).build()
        }
        "withDayOfMonth" => with.day(small).build(),
        "withDayOfYear" => with.day_of_year(i16::try_from(number).unwrap_or(-1)).build(),
        "withHour" => with.hour(small).build(),
        "withMinute" => with.minute(small).build(),
        "withSecond" => with.second(small).build(),
        "withNano" => with.subsec_nanosecond(number).build(),
        "truncatedTo" => {
            let Some(unit) = given.first().and_then(spans::unit) else { return Ok(None) };
            return Ok(match spans::truncated(at, unit) {
                Some(new) => Some(rebuilt(on, new)?),
                None => {
                    return Err(Fault::thrown(
                        "UnsupportedTemporalTypeException",
                        "Unit is too large to be used for truncation",
                    ));
                }
            });
        }
        "with" => return spans::adjusted(on, at, given),
        _ => return Ok(None),
    };
    Ok(Some(rebuilt(on, new.map_err(failed)?)?))
}
