//! `date`: milliseconds since 1970, read and printed by formats. Source: Elasticsearch 7.10, "Date field type" and
//! "format"; the letters are those of Java's `DateTimeFormatter`.

pub(crate) mod math;
mod pattern;

use jiff::tz::TimeZone;
use serde_json::Value;

use super::analyzers::FieldAnalyzers;
use super::column::Column;
use super::field_type::MappedFieldType;
use super::kept::NumberValue;
use super::keyword::not_text;
use super::parameters::{BOOST, Parameter, ParameterShape, Parameters, fixed, updatable};
use super::parse_context::ParseContext;
use super::query::{QueryContext, RangeBounds, RangeLookup, TermLookup};
use crate::exception::{Exception, ExceptionKind};
use crate::value::scalar::plain;
use pattern::Pattern;

/// The format of a date field that names none.
pub const DEFAULT_FORMAT: &str = "strict_date_optional_time||epoch_millis";

/// The parameters of `date`.
pub(super) const PARAMETERS: &[Parameter] = &[
    fixed("index", ParameterShape::Bool(true)),
    fixed("doc_values", ParameterShape::Bool(true)),
    fixed("store", ParameterShape::Bool(false)),
    fixed("format", ParameterShape::Str(DEFAULT_FORMAT)),
    fixed("locale", ParameterShape::Str("")),
    fixed("null_value", ParameterShape::Text),
    updatable("ignore_malformed", ParameterShape::Bool(false)),
    BOOST,
    updatable("meta", ParameterShape::Object),
];

/// A date field.
#[derive(Clone, Debug, PartialEq)]
pub struct Date {
    /// How its values are read and printed.
    pub format: DateFormat,
    /// What an explicit `null` is indexed as.
    pub null_value: Option<i64>,
    /// `date_nanos`: nanoseconds since 1970 instead of milliseconds.
    pub nanos: bool,
    /// Whether a malformed value is left out instead of refused.
    pub ignore_malformed: bool,
    /// Whether it can be searched by term.
    pub index: bool,
    /// Whether it has a column.
    pub doc_values: bool,
}

impl MappedFieldType for Date {
    fn name(&self) -> &'static str {
        if self.nanos { "date_nanos" } else { "date" }
    }

    fn is_indexed(&self) -> bool {
        self.index
    }

    fn column_kind(&self) -> Option<Column> {
        Some(if self.nanos { Column::DateNanos } else { Column::Date })
    }

    fn has_column(&self) -> bool {
        self.doc_values
    }

    fn is_searched_by_column(&self) -> bool {
        true
    }

    fn ignores_malformed(&self) -> bool {
        self.ignore_malformed
    }

    fn is_searched_as_text(&self) -> bool {
        true
    }

    fn as_date(&self) -> Option<&Date> {
        Some(self)
    }

    fn shown(
        &self,
        value: Value,
        _analyzers: &FieldAnalyzers,
        format: Option<&DateFormat>,
    ) -> Option<Value> {
        let kept = self.parse(&value).ok()?;
        Some(self.print(format.unwrap_or(&self.format), kept).into())
    }

    fn term(
        &self,
        _path: &str,
        value: &Value,
        context: QueryContext<'_>,
    ) -> Result<TermLookup, Exception> {
        // Every moment of what is given: a day, or with `||/y` a year. (`DateFieldType.termQuery`.)
        let text = TermLookup::text(value)?;
        let moment = |up: bool| {
            let at = math::resolve_nanos(&text, &self.format, up, &TimeZone::UTC, context.now)?;
            self.of_nanoseconds(at).map_err(|cause| context.failed(cause))
        };
        Ok(TermLookup::Moments(moment(false)?, moment(true)?))
    }

    fn range(
        &self,
        bounds: &RangeBounds,
        context: QueryContext<'_>,
    ) -> Result<RangeLookup, Exception> {
        let (low, high) = self.between(bounds, context)?;
        Ok(RangeLookup::Moments(low, high))
    }

    fn parse_into(&self, value: &Value, context: &mut ParseContext<'_>) -> Result<bool, Exception> {
        let parsed = match value {
            Value::Null => Ok(self.null_value),
            Value::Object(_) | Value::Array(_) => Err(not_text()),
            value => self.parse(value).map(Some),
        };
        let parsed = context.unless_malformed(parsed)?;
        Ok(context.number(parsed.map(NumberValue::I64)))
    }
}

impl Date {
    /// A date field with Elasticsearch's defaults.
    pub fn plain() -> Date {
        Date {
            format: DateFormat::default(),
            nanos: false,
            null_value: None,
            ignore_malformed: false,
            index: true,
            doc_values: true,
        }
    }

    pub(super) fn build(
        name: &str,
        nanos: bool,
        parameters: &Parameters,
    ) -> Result<Date, Exception> {
        if let Some(locale) = parameters.str("locale") {
            let what = format!("locale {locale} of date field {name}");
            return Err(Exception::not_implemented(&what));
        }
        let format = parameters.str("format");
        let format = DateFormat::of_mapping(format.as_deref().unwrap_or(DEFAULT_FORMAT));
        let format = format.map_err(|cause| {
            let reason = format!("Error parsing [format] on field [{name}]: {}", cause.reason());
            Exception::illegal_argument(reason).caused_by(cause)
        })?;
        let mut date = Date {
            format,
            nanos,
            null_value: None,
            ignore_malformed: parameters.bool("ignore_malformed", false),
            index: parameters.bool("index", true),
            doc_values: parameters.bool("doc_values", true),
        };
        if let Some(value) = parameters.value("null_value").filter(|value| !value.is_null()) {
            // One that cannot be read is passed over, as Elasticsearch does.
            date.null_value = date.read(&plain(value)).ok();
        }
        Ok(date)
    }

    /// A date in UTC as the field keeps it.
    ///
    /// # Errors
    /// As [`DateFormat::read`], and `illegal_argument_exception` for what nanoseconds cannot hold.
    pub fn read(&self, text: &str) -> Result<i64, Exception> {
        self.of_nanoseconds(self.format.read_nanos_in(text, false, &TimeZone::UTC)?)
    }

    /// A moment as the field keeps it.
    ///
    /// # Errors
    /// `illegal_argument_exception` for what nanoseconds cannot hold.
    pub(crate) fn of_nanoseconds(&self, nanoseconds: i128) -> Result<i64, Exception> {
        if !self.nanos {
            return Ok(milliseconds(nanoseconds));
        }
        let refused = |what: &str| {
            let shown = jiff::Timestamp::from_nanosecond(nanoseconds);
            let shown = shown.map_or_else(|_| nanoseconds.to_string(), |at| at.to_string());
            Exception::illegal_argument(format!(
                "date[{shown}] is {what} and cannot be stored in nanosecond resolution"
            ))
        };
        if nanoseconds < 0 {
            return Err(refused("before the epoch in 1970"));
        }
        i64::try_from(nanoseconds).map_err(|_| refused("after 2262-04-11T23:47:16.854775807"))
    }

    /// Both bounds as the field keeps moments, included.
    ///
    /// # Errors
    /// For a format, a zone or a moment that is none.
    pub(super) fn between(
        &self,
        bounds: &RangeBounds,
        context: QueryContext<'_>,
    ) -> Result<(i64, i64), Exception> {
        let own = bounds.format.as_deref().map(DateFormat::parse).transpose()?;
        let format = own.as_ref().unwrap_or(&self.format);
        let zone = bounds.time_zone.as_deref().map_or(Ok(TimeZone::UTC), math::time_zone)?;
        let read = |value: &Value, up: bool| {
            let text = bounds.text(value)?;
            self.of_nanoseconds(math::resolve_nanos(&text, format, up, &zone, context.now)?)
        };
        let low = match &bounds.from {
            None => i64::MIN,
            Some((value, included)) => read(value, !included)?.saturating_add(i64::from(!included)),
        };
        let high = match &bounds.to {
            None => i64::MAX,
            Some((value, included)) => read(value, *included)?.saturating_sub(i64::from(!included)),
        };
        Ok((low, high))
    }

    /// What the field keeps, printed by `format`.
    pub(crate) fn print(&self, format: &DateFormat, kept: i64) -> String {
        let unit = if self.nanos { 1 } else { 1_000_000 };
        format.print_nanos_in(i128::from(kept) * unit, &TimeZone::UTC)
    }

    /// The milliseconds of one JSON value; numbers are read like their digits.
    ///
    /// # Errors
    /// The cause Elasticsearch names.
    pub fn parse(&self, value: &Value) -> Result<i64, Exception> {
        match value {
            Value::String(text) => self.read(text),
            Value::Number(number) => self.read(&number.to_string()),
            other => Err(self.format.unreadable(&crate::value::java::java(other))),
        }
    }
}

/// One or more alternatives, joined by `||`; the first prints.
#[derive(Clone, Debug, PartialEq)]
pub struct DateFormat {
    text: String,
    patterns: Vec<Pattern>,
}

impl Default for DateFormat {
    fn default() -> DateFormat {
        // Both names are in the table of `pattern`, which a test checks.
        DateFormat::parse(DEFAULT_FORMAT)
            .unwrap_or(DateFormat { text: DEFAULT_FORMAT.into(), patterns: Vec::new() })
    }
}

impl DateFormat {
    /// Reads a format: names and patterns joined by `||`.
    ///
    /// # Errors
    /// `illegal_argument_exception` naming the part that is not understood.
    pub fn parse(text: &str) -> Result<DateFormat, Exception> {
        match text.split("||").find_map(|part| Some((part, Pattern::reserved(part)?))) {
            None => DateFormat::of_mapping(text),
            Some((part, reserved)) => Err(Exception::illegal_argument(format!(
                "Invalid format: [{part}]: Pattern includes reserved character: '{reserved}'"
            ))),
        }
    }

    /// The same of a mapping, where characters that Java reserves stand for themselves: an index may be older than their refusal.
    ///
    /// # Errors
    /// As [`DateFormat::parse`].
    pub(super) fn of_mapping(text: &str) -> Result<DateFormat, Exception> {
        let text = text.strip_prefix('8').unwrap_or(text);
        let one = |part: &str| {
            Pattern::parse(part).map_err(|fault| {
                Exception::illegal_argument(format!("Invalid format: [{part}]: {fault}"))
            })
        };
        let patterns = text.split("||").map(one).collect::<Result<Vec<_>, _>>()?;
        Ok(DateFormat { text: text.to_owned(), patterns })
    }

    /// As written in the mapping.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether [`DateFormat::read`] takes the text. Its refusal would repeat the text, which may be long.
    pub(crate) fn takes(&self, text: &str) -> bool {
        self.patterns.iter().any(|pattern| pattern.read(text, false, &TimeZone::UTC).is_some())
    }

    /// Reads a date in UTC; parts that are absent are the least.
    ///
    /// # Errors
    /// `illegal_argument_exception` "failed to parse date field […] with format […]".
    pub fn read(&self, text: &str) -> Result<i64, Exception> {
        self.read_in(text, false, &TimeZone::UTC)
    }

    /// Reads a date; without an offset of its own it is in `zone`. With `up`, absent hours and less are the greatest (what
    /// `lte` and `gt` of a range query want): `2020` is the last millisecond of that year.
    ///
    /// # Errors
    /// As [`DateFormat::read`].
    pub fn read_in(&self, text: &str, up: bool, zone: &TimeZone) -> Result<i64, Exception> {
        self.read_nanos_in(text, up, zone).map(milliseconds)
    }

    /// As [`DateFormat::read_in`], in nanoseconds since 1970.
    ///
    /// # Errors
    /// As [`DateFormat::read`].
    pub(crate) fn read_nanos_in(
        &self,
        text: &str,
        up: bool,
        zone: &TimeZone,
    ) -> Result<i128, Exception> {
        self.patterns
            .iter()
            .find_map(|pattern| pattern.read(text, up, zone))
            .ok_or_else(|| self.unreadable(text))
    }

    /// Prints milliseconds in UTC with the first alternative.
    pub fn print(&self, milliseconds: i64) -> String {
        self.print_in(milliseconds, &TimeZone::UTC)
    }

    /// Prints milliseconds in `zone` with the first alternative.
    pub fn print_in(&self, milliseconds: i64, zone: &TimeZone) -> String {
        self.print_nanos_in(i128::from(milliseconds) * 1_000_000, zone)
    }

    /// Prints nanoseconds in `zone` with the first alternative.
    pub(crate) fn print_nanos_in(&self, nanoseconds: i128, zone: &TimeZone) -> String {
        self.patterns
            .first()
            .and_then(|pattern| pattern.print(nanoseconds, zone))
            .unwrap_or_else(|| milliseconds(nanoseconds).to_string())
    }

    fn unreadable(&self, text: &str) -> Exception {
        if text.is_empty() {
            return Exception::illegal_argument(EMPTY);
        }
        let inner = if self.patterns.len() > 1 {
            "Failed to parse with all enclosed parsers".to_owned()
        } else {
            format!("Text '{text}' could not be parsed at index 0")
        };
        Exception::illegal_argument(format!(
            "failed to parse date field [{text}] with format [{}]",
            self.text
        ))
        .caused_by(Exception::new(ExceptionKind::DateTimeParse, inner))
    }
}

/// What a text without a letter is refused with.
const EMPTY: &str = "cannot parse empty date";

/// The milliseconds that nanoseconds are in.
fn milliseconds(nanoseconds: i128) -> i64 {
    i64::try_from(nanoseconds.div_euclid(1_000_000)).unwrap_or(i64::MAX)
}
