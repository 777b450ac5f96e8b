//! `integer_range`, `long_range`, `float_range`, `double_range`, `date_range`, `ip_range`: from one value to another.
//! Source: Elasticsearch 7.10, "Range field types", and `RangeFieldMapper` and `RangeType` for the texts.
//!
//! A range is kept as two codes of 16 bytes whose order is that of the values, both included.

use std::net::Ipv6Addr;

use jiff::tz::TimeZone;
use serde_json::Value;
use tantivy::DocId;
use tantivy::columnar::BytesColumn;

use super::column::Column;
use super::date::{DEFAULT_FORMAT, Date, DateFormat, math};
use super::field_type::MappedFieldType;
use super::ip::Ip;
pub(crate) use super::kept::Span;
use super::number::{Number, NumberKind, NumberValue};
use super::parameters::{BOOST, Parameter, ParameterShape, Parameters, fixed, updatable};
use super::parse_context::ParseContext;
use super::query::{QueryContext, RangeBounds, RangeLookup, TermLookup};
use crate::columns::{self, float_code};
use crate::exception::{Exception, ExceptionKind, io};
use crate::value::java::{java_double, java_float, shortest};
use crate::value::path::each_at;
use crate::value::scalar::{no_double, plain};

/// The parameters of the ranges of numbers and addresses.
pub(super) const PARAMETERS: &[Parameter] = &[
    fixed("index", ParameterShape::Bool(true)),
    fixed("doc_values", ParameterShape::Bool(true)),
    fixed("store", ParameterShape::Bool(false)),
    updatable("coerce", ParameterShape::Bool(true)),
    BOOST,
    updatable("meta", ParameterShape::Object),
];

/// The parameters of `date_range`.
pub(super) const DATE_PARAMETERS: &[Parameter] = &[
    fixed("index", ParameterShape::Bool(true)),
    fixed("doc_values", ParameterShape::Bool(true)),
    fixed("store", ParameterShape::Bool(false)),
    updatable("coerce", ParameterShape::Bool(true)),
    fixed("format", ParameterShape::Str(DEFAULT_FORMAT)),
    fixed("locale", ParameterShape::Str("")),
    BOOST,
    updatable("meta", ParameterShape::Object),
];

/// What the ends of a range are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RangeKind {
    /// 32 bits, signed.
    Integer,
    /// 64 bits, signed.
    Long,
    /// IEEE 754 binary32.
    Float,
    /// IEEE 754 binary64.
    Double,
    /// Milliseconds since 1970.
    Date,
    /// IPv6 addresses, IPv4 mapped.
    Ip,
}

/// A range field.
#[derive(Clone, Debug, PartialEq)]
pub struct RangeField {
    /// What its ends are.
    pub kind: RangeKind,
    /// How the ends of `date_range` are written.
    pub format: DateFormat,
    /// Whether strings and fractions are made to fit.
    pub coerce: bool,
    /// Whether it can be searched.
    pub index: bool,
    /// Whether it has a column to show.
    pub doc_values: bool,
}

impl MappedFieldType for RangeField {
    fn name(&self) -> &'static str {
        match self.kind {
            RangeKind::Integer => "integer_range",
            RangeKind::Long => "long_range",
            RangeKind::Float => "float_range",
            RangeKind::Double => "double_range",
            RangeKind::Date => "date_range",
            RangeKind::Ip => "ip_range",
        }
    }

    fn keeps_paths(&self) -> bool {
        true
    }

    fn is_indexed(&self) -> bool {
        self.index
    }

    fn column_kind(&self) -> Option<Column> {
        Some(Column::Range)
    }

    fn has_column(&self) -> bool {
        self.doc_values
    }

    fn date_format(&self) -> Option<&DateFormat> {
        Some(&self.format).filter(|_| self.kind == RangeKind::Date)
    }

    fn whole_values(
        &self,
        path: &str,
        source: &Value,
        format: Option<&DateFormat>,
    ) -> Option<Vec<Value>> {
        let format = format.unwrap_or(&self.format);
        Some(each_at(source, path).filter_map(|value| self.source_value(value, format)).collect())
    }

    fn term(
        &self,
        _path: &str,
        value: &Value,
        context: QueryContext<'_>,
    ) -> Result<TermLookup, Exception> {
        let at = if self.kind == RangeKind::Date {
            let text = TermLookup::text(value)?;
            whole(math::resolve(&text, &self.format, false, &TimeZone::UTC, context.now)?)
        } else {
            self.query_code(value).map_err(|cause| context.failed(cause))?
        };
        Ok(TermLookup::Span(at))
    }

    fn range(
        &self,
        bounds: &RangeBounds,
        context: QueryContext<'_>,
    ) -> Result<RangeLookup, Exception> {
        if self.kind == RangeKind::Date {
            let date = Date { format: self.format.clone(), ..Date::plain() };
            let (from, to) = date.between(bounds, context)?;
            let open = |bound: &Option<(Value, bool)>| i64::from(matches!(bound, Some((_, false))));
            let low = whole(from.saturating_sub(open(&bounds.from)));
            self.check_order(low, whole(to.saturating_add(open(&bounds.to))), context)?;
            return Ok(RangeLookup::Spans(Span { from: whole(from), to: whole(to) }));
        }
        let code = |value: &Value| {
            bounds.text(value)?;
            self.query_code(value).map_err(|cause| context.failed(cause))
        };
        let step = |code: u128, up: bool| match up {
            true => code.saturating_add(1),
            false => code.saturating_sub(1),
        };
        let (from, to) = bounds.stepped(self.ends(), code, step)?;
        let (low, high) = bounds.stepped(self.ends(), code, |code, _| code)?;
        self.check_order(low, high, context)?;
        Ok(RangeLookup::Spans(Span { from, to }))
    }

    fn parse_into(&self, value: &Value, context: &mut ParseContext<'_>) -> Result<bool, Exception> {
        if value.is_null() {
            return Ok(false);
        }
        context.bytes(&self.parse(context.leaf.name(), value)?.bytes());
        Ok(true)
    }

    fn preview(&self, value: &Value) -> String {
        self.faulty_part(value)
    }
}

impl RangeField {
    pub(super) fn build(kind: RangeKind, parameters: &Parameters) -> Result<RangeField, Exception> {
        let format = parameters.str("format");
        Ok(RangeField {
            kind,
            format: DateFormat::of_mapping(format.as_deref().unwrap_or(DEFAULT_FORMAT))?,
            coerce: parameters.bool("coerce", true),
            index: parameters.bool("index", true),
            doc_values: parameters.bool("doc_values", true),
        })
    }

    /// The range of one value of a document.
    ///
    /// # Errors
    /// The cause Elasticsearch names.
    pub(crate) fn parse(&self, name: &str, value: &Value) -> Result<Span, Exception> {
        let (least, most) = self.ends();
        let object = match value {
            Value::Object(object) => object,
            Value::String(block) if self.kind == RangeKind::Ip => {
                let (from, to) = super::ip::cidr(block)?;
                return Ok(Span { from: from.into(), to: to.into() });
            }
            _ => {
                return Err(Exception::mapper_parsing(format!(
                    "error parsing field [{name}], expected an object but got {name}"
                )));
            }
        };
        let mut span = Span { from: least, to: most };
        for (key, value) in object {
            if !matches!(key.as_str(), "gt" | "gte" | "lt" | "lte") {
                return Err(Exception::mapper_parsing(format!(
                    "error parsing field [{name}], with unknown parameter [{key}]"
                )));
            }
            if value.is_null() {
                continue;
            }
            let code = self.code(value)?;
            match key.as_str() {
                "gt" => span.from = code.saturating_add(1),
                "gte" => span.from = code,
                "lt" => span.to = code.saturating_sub(1),
                _ => span.to = code,
            }
        }
        if span.from > span.to {
            return Err(Exception::illegal_argument(format!(
                "min value ({}) is greater than max value ({})",
                self.shown(span.from),
                self.shown(span.to)
            )));
        }
        Ok(span)
    }

    fn faulty_part(&self, value: &Value) -> String {
        let Value::Object(object) = value else { return crate::value::java::java(value) };
        let known = |key: &str| matches!(key, "gt" | "gte" | "lt" | "lte");
        let faulty = object
            .iter()
            .find(|(key, value)| !known(key) || (!value.is_null() && self.code(value).is_err()));
        faulty.map_or_else(|| "null".to_owned(), |(_, value)| crate::value::java::java(value))
    }

    /// A value of a document as `fields` shows it, dates printed by `format`; `None` for one that the field could not take.
    /// (`RangeFieldMapper.valueFetcher`.)
    fn source_value(&self, value: &Value, format: &DateFormat) -> Option<Value> {
        let Value::Object(object) = value else { return Some(value.clone()) };
        let shown = |value: &Value| -> Option<Value> {
            if value.is_null() {
                return Some(Value::Null);
            }
            let code = self.code(value).ok()?;
            let bits = (code as u64) ^ (1 << 63);
            Some(match self.kind {
                RangeKind::Integer | RangeKind::Long => Value::from(bits as i64),
                RangeKind::Float => shortest(f32::from_bits(unordered32(code as u32))),
                RangeKind::Double => Value::from(columns::float(code as u64)),
                RangeKind::Date => format.print(bits as i64).into(),
                RangeKind::Ip => Ip::print(Ipv6Addr::from(code)).into(),
            })
        };
        let ends = object.iter().map(|(key, value)| Some((key.clone(), shown(value)?)));
        ends.collect::<Option<_>>().map(Value::Object)
    }

    /// The least and the greatest code.
    pub(crate) fn ends(&self) -> (u128, u128) {
        match self.kind {
            RangeKind::Integer => (whole(i32::MIN.into()), whole(i32::MAX.into())),
            RangeKind::Long | RangeKind::Date => (whole(i64::MIN), whole(i64::MAX)),
            RangeKind::Float => (single(f32::NEG_INFINITY), single(f32::INFINITY)),
            RangeKind::Double => (double(f64::NEG_INFINITY), double(f64::INFINITY)),
            RangeKind::Ip => (0, u128::MAX),
        }
    }

    /// The ranges of a document in its column.
    ///
    /// # Errors
    /// What tantivy says.
    pub(crate) fn spans_of(
        &self,
        column: &BytesColumn,
        doc: DocId,
    ) -> Result<Vec<Span>, Exception> {
        let mut spans = Vec::new();
        for ordinal in column.term_ords(doc) {
            let mut bytes = Vec::new();
            column.ord_to_bytes(ordinal, &mut bytes).map_err(io)?;
            spans.extend(Span::of_bytes(&bytes));
        }
        Ok(spans)
    }

    /// The ranges of a document as the real servers keep them, which is what they sort by.
    ///
    /// Source: `BinaryRangeUtil.encodeLongRanges` and its like in OpenSearch 2.19.
    pub(crate) fn encoded(&self, mut spans: Vec<Span>) -> Vec<u8> {
        spans.sort_by_key(|span| (span.from, span.to));
        spans.dedup();
        let mut bytes = Vec::new();
        let mut count = spans.len();
        while count >= 0x80 {
            bytes.push(count as u8 | 0x80);
            count >>= 7;
        }
        bytes.push(count as u8);
        for code in spans.iter().flat_map(|span| [span.from, span.to]) {
            match self.kind {
                RangeKind::Integer | RangeKind::Long | RangeKind::Date => {
                    encode_whole((code as u64 ^ (1 << 63)) as i64, &mut bytes);
                }
                RangeKind::Float => bytes.extend((code as u32).to_be_bytes()),
                RangeKind::Double => bytes.extend((code as u64).to_be_bytes()),
                RangeKind::Ip => bytes.extend(code.to_be_bytes()),
            }
        }
        bytes
    }

    /// The code of one end in a document.
    fn code(&self, value: &Value) -> Result<u128, Exception> {
        match self.kind {
            RangeKind::Date => {
                let text = plain(value);
                if text.starts_with("now") {
                    let cause = Exception::illegal_argument("now is not used at indexing time");
                    let reason = "could not read the current timestamp";
                    return Err(
                        Exception::new(ExceptionKind::ElasticsearchParse, reason).caused_by(cause)
                    );
                }
                self.format.read_in(&text, false, &TimeZone::UTC).map(whole)
            }
            RangeKind::Ip => Ip::parse(value).map(u128::from),
            RangeKind::Integer | RangeKind::Long => {
                let kind = if self.kind == RangeKind::Long {
                    NumberKind::Long
                } else {
                    NumberKind::Integer
                };
                let number = Number { coerce: self.coerce, ..Number::plain(kind) };
                let text = plain(value);
                if text.trim().parse::<f64>().is_err() {
                    return Err(no_double(&text));
                }
                match number.parse(value)? {
                    Some(NumberValue::I64(value)) => Ok(whole(value)),
                    _ => Err(no_double(&plain(value))),
                }
            }
            RangeKind::Float | RangeKind::Double => self.float(value),
        }
    }

    fn float(&self, value: &Value) -> Result<u128, Exception> {
        let text = plain(value);
        let float: f64 = text.trim().parse().map_err(|_| no_double(&text))?;
        Ok(if self.kind == RangeKind::Float { single(float as f32) } else { double(float) })
    }

    /// The code of a value in a query; dates are the asker's to read.
    ///
    /// # Errors
    /// `number_format_exception` and `illegal_argument_exception` for what is no value of the kind.
    pub(crate) fn query_code(&self, value: &Value) -> Result<u128, Exception> {
        let text = plain(value);
        match self.kind {
            RangeKind::Integer | RangeKind::Long => {
                if let Ok(whole) = text.trim().parse::<i64>() {
                    let (least, most) = self.ends();
                    let code = self::whole(whole);
                    if code < least || code > most {
                        return Err(Exception::illegal_argument(format!(
                            "Value [{text}] is out of range for an integer"
                        )));
                    }
                    return Ok(code);
                }
                let float: f64 = text.trim().parse().map_err(|_| no_double(&text))?;
                if float.fract() != 0.0 {
                    let reason = format!("Value [{text}] has a decimal part");
                    return Err(Exception::illegal_argument(reason));
                }
                Ok(self::whole(float as i64))
            }
            RangeKind::Float | RangeKind::Double => self.float(value),
            RangeKind::Ip => super::ip::address(&text).map(u128::from),
            RangeKind::Date => self.format.read(&text).map(self::whole),
        }
    }

    /// Refuses a range of a query that ends before it begins.
    ///
    /// # Errors
    /// `query_shard_exception`.
    fn check_order(
        &self,
        low: u128,
        high: u128,
        context: QueryContext<'_>,
    ) -> Result<(), Exception> {
        if low <= high {
            return Ok(());
        }
        // As Java prints an address.
        let slash = if self.kind == RangeKind::Ip { "/" } else { "" };
        let [low, high] = [low, high].map(|code| format!("{slash}{}", self.shown(code)));
        Err(context.failed(Exception::illegal_argument(format!(
            "Range query `from` value ({low}) is greater than `to` value ({high})"
        ))))
    }

    /// The number of a code; `None` for addresses.
    pub(crate) fn number(&self, code: u128) -> Option<f64> {
        let bits = (code as u64) ^ (1 << 63);
        match self.kind {
            RangeKind::Integer | RangeKind::Long | RangeKind::Date => Some(bits as i64 as f64),
            RangeKind::Float => Some(f32::from_bits(unordered32(code as u32)).into()),
            RangeKind::Double => Some(columns::float(code as u64)),
            RangeKind::Ip => None,
        }
    }

    /// A code as Java prints its value.
    fn shown(&self, code: u128) -> String {
        let bits = (code as u64) ^ (1 << 63);
        match self.kind {
            RangeKind::Integer | RangeKind::Long | RangeKind::Date => (bits as i64).to_string(),
            RangeKind::Float => java_float(f32::from_bits(unordered32(code as u32))),
            RangeKind::Double => java_double(columns::float(code as u64)),
            RangeKind::Ip => Ip::print(Ipv6Addr::from(code)),
        }
    }
}

/// The code of a whole number.
pub(crate) fn whole(value: i64) -> u128 {
    u128::from((value as u64) ^ (1 << 63))
}

/// Bytes as Lucene reads them as UTF-8, which they need not be; a half of a surrogate pair that is alone becomes U+FFFD.
///
/// Source: `UnicodeUtil.UTF8toUTF16` of Lucene.
pub(crate) fn lucene_text(bytes: &[u8]) -> String {
    let at = |place: usize| u32::from(bytes.get(place).copied().unwrap_or(0));
    let rest = |place: usize| at(place) & 0x3f;
    let (mut units, mut place) = (Vec::new(), 0);
    while place < bytes.len() {
        let first = at(place);
        let (unit, length) = match first {
            0..0xc0 => (first, 1),
            0xc0..0xe0 => (((first & 0x1f) << 6) + rest(place + 1), 2),
            0xe0..0xf0 => (((first & 0xf) << 12) + (rest(place + 1) << 6) + rest(place + 2), 3),
            _ => {
                let low = (rest(place + 2) << 6) + rest(place + 3);
                (((first & 0x7) << 18) + (rest(place + 1) << 12) + low, 4)
            }
        };
        if unit < 0xffff {
            units.push(unit as u16);
        } else {
            let half = unit.wrapping_sub(0x10000) as i32;
            units.push(((half >> 10) + 0xd800) as u16);
            units.push(((half & 0x3ff) + 0xdc00) as u16);
        }
        place += length;
    }
    String::from_utf16_lossy(&units)
}

/// A sign, the number of bytes that follow in four bits, three bits of the number, and these bytes; all but the sign is turned
/// around where the number is negative.
fn encode_whole(value: i64, bytes: &mut Vec<u8>) {
    let size = if value < 0 { !value } else { value } as u64;
    let bits = 64 - size.leading_zeros();
    let more = (bits + 4) / 8;
    let whole = size.to_be_bytes();
    // A byte more than the number may be needed in front, for its head.
    let head = if more > 7 { 0 } else { whole.get(7 - more as usize).copied().unwrap_or(0) };
    let rest = whole.get(8 - more as usize..).unwrap_or_default();
    if value < 0 {
        bytes.push((!head & 7) | ((15 - more as u8) << 3));
        bytes.extend(rest.iter().map(|byte| !byte));
    } else {
        bytes.push(head | 0x80 | ((more as u8) << 3));
        bytes.extend(rest);
    }
}

fn single(value: f32) -> u128 {
    let bits = value.to_bits();
    u128::from(if bits >> 31 == 1 { !bits } else { bits | (1 << 31) })
}

fn double(value: f64) -> u128 {
    float_code(value).into()
}

fn unordered32(code: u32) -> u32 {
    if code >> 31 == 1 { code & !(1 << 31) } else { !code }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn field(kind: RangeKind) -> RangeField {
        RangeField::build(kind, &Parameters(Default::default())).unwrap()
    }

    #[test]
    fn an_open_end_is_one_step_further_in() {
        let integers = field(RangeKind::Integer);
        let open = integers.parse("i", &json!({"gt": 1, "lt": 10})).unwrap();
        assert_eq!(open, integers.parse("i", &json!({"gte": 2, "lte": 9})).unwrap());
        let doubles = field(RangeKind::Double);
        let open = doubles.parse("d", &json!({"gt": 1.5})).unwrap();
        assert_eq!(open.from, double(1.5f64.next_up()));
    }

    #[test]
    fn what_is_kept_comes_back() {
        let span = field(RangeKind::Ip).parse("a", &json!("10.0.0.0/8")).unwrap();
        assert_eq!(Span::of_bytes(&span.bytes()), Some(span));
        assert_eq!(Span::of_bytes(&[1, 2, 3]), None);
    }

    #[test]
    fn a_range_that_ends_before_it_begins_is_refused_with_both_ends() {
        for (kind, value, shown) in [
            (
                RangeKind::Integer,
                json!({"gt": 5, "lt": 6}),
                "min value (6) is greater than max value (5)",
            ),
            (
                RangeKind::Double,
                json!({"gte": 2, "lte": 1}),
                "min value (2.0) is greater than max value (1.0)",
            ),
        ] {
            assert_eq!(field(kind).parse("r", &value).unwrap_err().reason(), shown);
        }
    }

    #[test]
    fn bytes_that_are_no_utf_8_are_read_as_lucene_reads_them() {
        assert_eq!(lucene_text(&[1, 0x88, 0x20, 0x88, 0x2d]), "\u{1}\u{88} \u{88}-");
        assert_eq!(lucene_text(&[0xc0, 0xb0, 0, 0, 0xc2, 0x1a]), "0\0\0\u{9a}");
        assert_eq!(lucene_text(&[0xff, 0xff, 0xff, 0xff, 0x40]), "\u{fffd}\u{fffd}@");
        assert_eq!(lucene_text(&[0xe2]), "\u{2000}");
    }
}
