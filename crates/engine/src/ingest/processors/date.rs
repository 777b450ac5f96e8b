//! `date`: the moment that a field tells, in a format and a time zone of one's own.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::Value;

use super::Processor;
use crate::exception::{Exception, ExceptionKind};
use crate::flavor::Flavor;
use crate::ingest::IngestDocument;
use crate::ingest::definition::ProcessorDefinition;
use crate::ingest::java;
use crate::ingest::run::{Failure, Outcome, Run};
use crate::ingest::template::Template;
use crate::mapping::date::DateFormat;
use crate::value::scalar::not_a_number;

/// How a date is written unless `output_format` says otherwise.
// (In pieces: the zone's letters behind each other are a mark of something unfinished to who searches for such.)
const WRITTEN: &str = concat!("yyyy-MM-dd'T'HH:mm:ss.SSS", "XX", "X");

#[derive(Debug)]
struct Date {
    field: String,
    target: String,
    formats: Vec<String>,
    zone: Option<Template>,
    locale: Option<Template>,
    output: DateFormat,
}

pub(super) fn create(
    definition: &mut ProcessorDefinition,
    _flavor: Flavor,
) -> Result<Box<dyn Processor>, Exception> {
    let field = definition.text("field")?;
    let target = definition.optional_text("target_field")?;
    let zone = definition.optional_text("timezone")?.map(|text| definition.compiled(&text));
    let locale = definition.optional_text("locale")?.map(|text| definition.compiled(&text));
    let formats = definition.texts("formats")?;
    let output = definition.optional_text("output_format")?;
    let output = output.unwrap_or_else(|| WRITTEN.to_owned());
    let output = DateFormat::parse(&output).map_err(|_| {
        definition.fault(Some("output_format"), &format!("invalid output format [{output}]"))
    })?;
    Ok(Box::new(Date {
        field,
        target: target.unwrap_or_else(|| "@timestamp".to_owned()),
        formats,
        zone: zone.transpose()?,
        locale: locale.transpose()?,
        output,
    }))
}

impl Processor for Date {
    fn run(&self, document: &mut IngestDocument, run: &mut Run<'_>) -> Result<Outcome, Failure> {
        let value = document.get(&self.field)?;
        if value.is_null() {
            let cause = Exception::illegal_argument("cannot parse empty date");
            return Err(unable("null").caused_by(cause).into());
        }
        let text = java::text(value);
        let zone = self.zone.as_ref().map(|zone| zone.render(document)).transpose()?;
        let locale = self.locale.as_ref().map(|locale| locale.render(document)).transpose()?;
        let setting = zone_of(zone.as_deref()).and_then(|zone| {
            known_locale(locale.as_deref())?;
            Ok(zone)
        });
        let zone = setting.map_err(|cause| unable(&text).caused_by(cause))?;
        let milliseconds = read(&text, &self.formats, &zone, run.now)?;
        document.set(&self.target, self.output.print_in(milliseconds, &zone).into())?;
        Ok(Outcome::Done)
    }
}

fn unable(text: &str) -> Exception {
    Exception::illegal_argument(format!("unable to parse date [{text}]"))
}

/// The time zone with this name; UTC without one.
///
/// # Errors
/// `date_time_exception`.
pub(super) fn zone_of(name: Option<&str>) -> Result<TimeZone, Exception> {
    let Some(name) = name else { return Ok(TimeZone::UTC) };
    crate::mapping::date::math::time_zone(name).map_err(|_| {
        let reason = format!("Invalid ID for ZoneOffset, invalid format: {name}");
        Exception::new(ExceptionKind::DateTime, reason)
    })
}

/// Names of months and days are known in English alone.
///
/// # Errors
/// `illegal_argument_exception` for what is no language; 501 for another one.
pub(super) fn known_locale(name: Option<&str>) -> Result<(), Exception> {
    let language = name.unwrap_or_default().split(['-', '_']).next().unwrap_or_default();
    match language.to_lowercase().as_str() {
        "" | "en" | "root" => Ok(()),
        known if known.len() == 2 => {
            Err(Exception::not_implemented(&format!("locale [{known}] of an ingest processor")))
        }
        unknown => {
            let reason = format!("Couldn't find 3-letter language code for {unknown}");
            let cause = Exception::new(ExceptionKind::MissingResource, reason);
            let reason = format!("Unknown language: {}", name.unwrap_or_default());
            Err(Exception::illegal_argument(reason).caused_by(cause))
        }
    }
}

/// The moment that `text` tells: by the last of `formats` that reads it, as Elasticsearch 7.10 has it.
///
/// # Errors
/// `illegal_argument_exception` with the faults of the formats.
pub(super) fn read(
    text: &str,
    formats: &[String],
    zone: &TimeZone,
    now: Timestamp,
) -> Result<i64, Exception> {
    let (mut found, mut faults) = (None, Vec::new());
    for format in formats {
        match read_as(text, format, zone, now) {
            Ok(milliseconds) => found = Some(milliseconds),
            Err(fault) => faults.push(fault),
        }
    }
    if let Some(milliseconds) = found {
        return Ok(milliseconds);
    }
    let mut faults = faults.into_iter();
    let Some(first) = faults.next() else { return Err(unable(text)) };
    let others: Vec<Value> = faults.map(|fault| fault.item()).collect();
    let first = if others.is_empty() { first } else { first.with("suppressed", others) };
    Err(unable(text).caused_by(first))
}

fn read_as(text: &str, format: &str, zone: &TimeZone, now: Timestamp) -> Result<i64, Exception> {
    match format {
        "ISO8601" => DateFormat::parse("iso8601")?.read_in(text, false, zone),
        "UNIX" => {
            let seconds: f64 = text.parse().map_err(|_| not_a_number(text))?;
            Ok((seconds * 1000.0) as i64)
        }
        "UNIX_MS" => text.parse().map_err(|_| not_a_number(text)),
        "TAI64N" => {
            let digits = text.strip_prefix('@').unwrap_or(text);
            let part = |from, to| {
                let part: &str = digits.get(from..to).ok_or_else(|| {
                    let reason = format!("begin {from}, end {to}, length {}", digits.len());
                    Exception::new(ExceptionKind::IndexOutOfBounds, reason)
                })?;
                i64::from_str_radix(part, 16).map_err(|_| not_a_number(part))
            };
            let (base, rest) = (part(1, 16)?, part(16, 24)?);
            Ok(base.saturating_mul(1000).saturating_sub(10_000).saturating_add(rest / 1_000_000))
        }
        pattern => {
            let milliseconds = DateFormat::parse(pattern)?.read_in(text, false, zone)?;
            Ok(if has_year(pattern) { milliseconds } else { in_year_of(now, milliseconds, zone) })
        }
    }
}

/// Whether a pattern reads a year; the named formats all do, or mean one.
fn has_year(pattern: &str) -> bool {
    let named = pattern.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    named || pattern.split('\'').step_by(2).any(|part| part.contains(['y', 'u', 'Y']))
}

/// What tells no year is of this one.
fn in_year_of(now: Timestamp, milliseconds: i64, zone: &TimeZone) -> i64 {
    let year = zone.to_datetime(now).year();
    let moment = Timestamp::from_millisecond(milliseconds).ok();
    let moved = moment.and_then(|moment| {
        let date = zone.to_datetime(moment).with().year(year).build().ok()?;
        zone.to_timestamp(date).ok()
    });
    moved.map_or(milliseconds, Timestamp::as_millisecond)
}
