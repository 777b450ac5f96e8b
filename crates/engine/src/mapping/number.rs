//! The numeric types. Source: Elasticsearch 7.10, "Numeric field types", and `NumberFieldMapper` for the texts.

use serde_json::Value;

use super::analyzers::{self, FieldAnalyzers};
use super::column::Column;
use super::date::DateFormat;
use super::field_type::MappedFieldType;
pub use super::kept::NumberValue;
use super::keyword::not_text;
use super::parameters::{Parameter, ParameterShape, Parameters, fixed, updatable};
use super::parse_context::ParseContext;
use super::query::{FractionBound, QueryContext, RangeBounds, RangeLookup, TermLookup, as_float};
use crate::analysis::{Analyzer, Analyzers};
use crate::exception::{Exception, ExceptionKind};
use crate::value::decimal::{self, WholePart};
use crate::value::java::{java_double, java_float, java_hashed, shortest};
use crate::value::scalar::{self, no_double, not_a_number, plain};
use crate::work::Cancel;

/// The parameters of every numeric type but `scaled_float`.
pub(super) const PARAMETERS: &[Parameter] = &[
    fixed("index", ParameterShape::Bool(true)),
    fixed("doc_values", ParameterShape::Bool(true)),
    fixed("store", ParameterShape::Bool(false)),
    updatable("ignore_malformed", ParameterShape::Bool(false)),
    updatable("coerce", ParameterShape::Bool(true)),
    fixed("null_value", ParameterShape::Scalar),
    updatable("meta", ParameterShape::Object),
];

/// The parameters of `scaled_float`.
pub(super) const SCALED_PARAMETERS: &[Parameter] = &[
    fixed("index", ParameterShape::Bool(true)),
    fixed("doc_values", ParameterShape::Bool(true)),
    fixed("store", ParameterShape::Bool(false)),
    updatable("ignore_malformed", ParameterShape::Bool(false)),
    updatable("coerce", ParameterShape::Bool(true)),
    fixed("scaling_factor", ParameterShape::Float),
    fixed("null_value", ParameterShape::Scalar),
    updatable("meta", ParameterShape::Object),
];

/// The parameters of `token_count`.
pub(super) const COUNT_PARAMETERS: &[Parameter] = &[
    fixed("index", ParameterShape::Bool(true)),
    fixed("doc_values", ParameterShape::Bool(true)),
    fixed("store", ParameterShape::Bool(false)),
    updatable("analyzer", ParameterShape::Str("")),
    fixed("null_value", ParameterShape::Scalar),
    updatable("enable_position_increments", ParameterShape::Bool(true)),
    updatable("meta", ParameterShape::Object),
];

/// Which numeric type.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum NumberKind {
    /// 64 bits, signed.
    Long,
    /// 32 bits, signed.
    Integer,
    /// 16 bits, signed.
    Short,
    /// 8 bits, signed.
    Byte,
    /// 64 bits, unsigned.
    UnsignedLong,
    /// IEEE 754 binary64.
    Double,
    /// IEEE 754 binary32.
    Float,
    /// IEEE 754 binary16.
    HalfFloat,
    /// A decimal kept to 1/`scaling_factor`.
    ScaledFloat {
        /// What the value is multiplied with before rounding to a whole number.
        scaling_factor: f64,
    },
}

/// A numeric field.
#[derive(Clone, Debug, PartialEq)]
pub struct Number {
    /// Which type.
    pub kind: NumberKind,
    /// Whether strings and fractions are made to fit.
    pub coerce: bool,
    /// Whether a malformed value is left out instead of refused.
    pub ignore_malformed: bool,
    /// What an explicit `null` is indexed as.
    pub null_value: Option<NumberValue>,
    /// Whether it can be searched by term.
    pub index: bool,
    /// Whether it has a column.
    pub doc_values: bool,
    /// `token_count`: a number of words instead of one that is given.
    pub counts: Option<TokenCount>,
}

/// How the words of a `token_count` field are counted.
#[derive(Clone, Debug, PartialEq)]
pub struct TokenCount {
    /// The name of the analyzer that finds them.
    pub analyzer: String,
    /// Whether words that it removed count.
    pub gaps: bool,
}

impl TokenCount {
    /// How many words `text` has. Source: `TokenCountFieldMapper.countPositions`.
    ///
    /// # Errors
    /// `task_cancelled_exception`.
    pub(crate) fn of(
        &self,
        text: &str,
        analyzer: &Analyzer,
        cancel: &Cancel,
    ) -> Result<i64, Exception> {
        let analyzed = analyzer.analyzed(text, cancel)?;
        if self.gaps {
            return Ok(analyzed.end.into());
        }
        let mut positions: Vec<u32> = analyzed.tokens.iter().map(|token| token.position).collect();
        positions.dedup();
        Ok(i64::try_from(positions.len()).unwrap_or(i64::MAX))
    }
}

impl NumberKind {
    /// The name written under `type`.
    pub fn name(self) -> &'static str {
        match self {
            NumberKind::Long => "long",
            NumberKind::Integer => "integer",
            NumberKind::Short => "short",
            NumberKind::Byte => "byte",
            NumberKind::UnsignedLong => "unsigned_long",
            NumberKind::Double => "double",
            NumberKind::Float => "float",
            NumberKind::HalfFloat => "half_float",
            NumberKind::ScaledFloat { .. } => "scaled_float",
        }
    }

    /// The column of the type.
    pub fn column(self) -> Column {
        match self {
            NumberKind::Long => Column::Long,
            NumberKind::Integer | NumberKind::Short | NumberKind::Byte => Column::Integer,
            NumberKind::UnsignedLong => Column::UnsignedLong,
            NumberKind::Double => Column::Double,
            NumberKind::Float => Column::Float,
            NumberKind::HalfFloat => Column::HalfFloat,
            NumberKind::ScaledFloat { scaling_factor } => Column::ScaledFloat(scaling_factor),
        }
    }

    /// Whether the type holds whole numbers only.
    pub fn is_whole(self) -> bool {
        self.column().is_whole()
    }

    /// The class of Java's that its parser reads it as.
    fn java_class(self) -> &'static str {
        match self {
            NumberKind::Long => "Long",
            NumberKind::Integer | NumberKind::Byte => "Integer",
            NumberKind::Short => "Short",
            NumberKind::UnsignedLong => "BigInteger",
            NumberKind::Double | NumberKind::ScaledFloat { .. } => "Double",
            NumberKind::Float | NumberKind::HalfFloat => "Float",
        }
    }

    /// The smallest and the largest value of a signed whole type.
    pub fn bounds(self) -> (i64, i64) {
        match self {
            NumberKind::Integer => (i32::MIN.into(), i32::MAX.into()),
            NumberKind::Short => (i16::MIN.into(), i16::MAX.into()),
            NumberKind::Byte => (i8::MIN.into(), i8::MAX.into()),
            _ => (i64::MIN, i64::MAX),
        }
    }

    /// Rounds `value` to what the type can hold; the same rounding serves documents and query values.
    ///
    /// # Errors
    /// `illegal_argument_exception` where it becomes infinite.
    pub fn round(self, value: f64) -> Result<f64, Exception> {
        let rounded = match self {
            NumberKind::Float => f64::from(value as f32),
            NumberKind::HalfFloat => half(value),
            NumberKind::ScaledFloat { scaling_factor } => {
                // Lucene keeps Math.round(value × factor): halves go up, not away from zero.
                (value * scaling_factor + 0.5).floor() / scaling_factor
            }
            _ => value,
        };
        if rounded.is_finite() {
            return Ok(rounded);
        }
        let shown = java_double(value);
        Err(Exception::illegal_argument(format!(
            "[{}] supports only finite values, but got [{shown}]",
            self.name()
        )))
    }

    /// Java's name for the primitive in range messages.
    fn java(self) -> &'static str {
        match self {
            NumberKind::Long => "a long",
            NumberKind::Integer => "an integer",
            NumberKind::Short => "a short",
            _ => "a byte",
        }
    }
}

impl NumberKind {
    /// `scaled_float`, by its `scaling_factor`.
    pub(super) fn scaled(parameters: &Parameters) -> Result<NumberKind, Exception> {
        let factor = parameters.float("scaling_factor");
        let scaling_factor = factor
            .ok_or_else(|| Exception::illegal_argument("Field [scaling_factor] is required"))?;
        if !scaling_factor.is_finite() || scaling_factor <= 0.0 {
            return Err(Exception::illegal_argument(format!(
                "[scaling_factor] must be a positive number, got [{}]",
                java_double(scaling_factor)
            )));
        }
        Ok(NumberKind::ScaledFloat { scaling_factor })
    }
}

impl MappedFieldType for Number {
    fn preview(&self, value: &Value) -> String {
        // As the parser has read it already.
        match (self.kind, value) {
            (NumberKind::Float | NumberKind::HalfFloat, Value::Number(number))
                if number.is_f64() =>
            {
                java_float(number.as_f64().unwrap_or(f64::NAN) as f32)
            }
            (NumberKind::UnsignedLong, Value::Number(number)) => number.to_string().to_uppercase(),
            _ => java_hashed(value),
        }
    }

    fn name(&self) -> &'static str {
        if self.counts.is_some() { "token_count" } else { self.kind.name() }
    }

    fn is_indexed(&self) -> bool {
        self.index
    }

    fn column_kind(&self) -> Option<Column> {
        Some(self.kind.column())
    }

    fn has_column(&self) -> bool {
        self.doc_values
    }

    fn is_searched_by_column(&self) -> bool {
        true
    }

    fn capability(&self) -> &'static str {
        self.kind.name()
    }

    fn ignores_malformed(&self) -> bool {
        self.ignore_malformed
    }

    fn is_searched_as_text(&self) -> bool {
        true
    }

    fn bind(&self, _path: &str, analyzers: &Analyzers) -> Result<FieldAnalyzers, Exception> {
        let counts = self.counts.as_ref();
        let documents = counts.map(|counts| analyzers::named(analyzers, &counts.analyzer));
        Ok(FieldAnalyzers { documents: documents.transpose()?, ..FieldAnalyzers::default() })
    }

    fn is_shown_by_column(&self) -> bool {
        self.counts.is_some()
    }

    fn shown(
        &self,
        value: Value,
        analyzers: &FieldAnalyzers,
        _format: Option<&DateFormat>,
    ) -> Option<Value> {
        if let Some(counts) = &self.counts {
            let count = counts.of(&plain(&value), analyzers.documents.as_ref()?, &Cancel::new());
            return count.ok().map(Value::from);
        }
        let parsed = self.parse(&value).ok().flatten()?;
        if self.kind.column().is_short_float() {
            // As single precision prints it, which for half precision is not what is kept.
            let given = scalar::number(&value)?;
            return java_float(given as f32).parse::<f64>().ok().map(Value::from);
        }
        Some(match parsed {
            NumberValue::I64(number) => Value::from(number),
            NumberValue::U64(number) => Value::from(number),
            NumberValue::F64(number) => Value::from(number),
        })
    }

    fn term(
        &self,
        _path: &str,
        value: &Value,
        context: QueryContext<'_>,
    ) -> Result<TermLookup, Exception> {
        let asked = self.asked(value).map_err(|cause| context.failed(cause))?;
        Ok(asked.map_or(TermLookup::Nothing, TermLookup::Number))
    }

    fn range(
        &self,
        bounds: &RangeBounds,
        context: QueryContext<'_>,
    ) -> Result<RangeLookup, Exception> {
        self.between(bounds).map_err(|cause| context.failed(cause))
    }

    fn parse_into(&self, value: &Value, context: &mut ParseContext<'_>) -> Result<bool, Exception> {
        let null = value.is_null();
        if let Some(counts) = &self.counts {
            let Some(analyzer) = context.leaf.analyzers.documents.as_ref().filter(|_| !null) else {
                return Ok(context.number(self.null_value));
            };
            if value.is_object() || value.is_array() {
                return Err(not_text());
            }
            let count = counts.of(&plain(value), analyzer, context.cancel)?;
            return Ok(context.number(Some(NumberValue::I64(count))));
        }
        let parsed = if null { Ok(self.null_value) } else { self.parse(value) };
        let parsed = context.unless_malformed(parsed)?;
        Ok(context.number(parsed))
    }
}

impl Number {
    /// A numeric field of `kind` with Elasticsearch's defaults.
    pub fn plain(kind: NumberKind) -> Number {
        Number {
            kind,
            coerce: true,
            ignore_malformed: false,
            null_value: None,
            index: true,
            doc_values: true,
            counts: None,
        }
    }

    /// `token_count`.
    pub(super) fn count(name: &str, parameters: &mut Parameters) -> Result<Number, Exception> {
        let Some(analyzer) = parameters.str("analyzer") else {
            let reason = format!("Analyzer must be set for field [{name}] but wasn't.");
            return Err(Exception::mapper_parsing(reason));
        };
        let gaps = parameters.bool("enable_position_increments", true);
        let counts = Some(TokenCount { analyzer, gaps });
        Ok(Number { counts, ..Number::build(NumberKind::Integer, parameters)? })
    }

    /// A numeric field of `kind`; the number for an explicit `null` is brought into the form it is printed in.
    pub(super) fn build(
        kind: NumberKind,
        parameters: &mut Parameters,
    ) -> Result<Number, Exception> {
        let mut number = Number {
            coerce: parameters.bool("coerce", true),
            ignore_malformed: parameters.bool("ignore_malformed", false),
            index: parameters.bool("index", true),
            doc_values: parameters.bool("doc_values", true),
            ..Number::plain(kind)
        };
        if let Some(value) = parameters.value("null_value").filter(|value| !value.is_null()) {
            number.null_value = number.parse(value)?;
            let printed = number.null_value.map(|null| match (null, scalar::number(value)) {
                (NumberValue::I64(whole), _) => whole.into(),
                (NumberValue::U64(whole), _) => whole.into(),
                (NumberValue::F64(_), Some(given)) if kind.column().is_short_float() => {
                    shortest(given as f32)
                }
                (NumberValue::F64(_), Some(given)) => given.into(),
                (NumberValue::F64(kept), None) => kept.into(),
            });
            if let Some(printed) = printed {
                parameters.0.insert("null_value", printed);
            }
        }
        Ok(number)
    }

    /// What lies between `bounds`.
    fn between(&self, bounds: &RangeBounds) -> Result<RangeLookup, Exception> {
        let ends = match self.kind {
            NumberKind::Long => (i64::MIN.into(), i64::MAX.into()),
            NumberKind::UnsignedLong => (0, u64::MAX.into()),
            // `short` and `byte` are integers to a query.
            kind if kind.is_whole() => (i32::MIN.into(), i32::MAX.into()),
            _ => {
                let from = self.fraction(&bounds.from, true)?;
                let to = self.fraction(&bounds.to, false)?;
                return Ok(RangeLookup::Fractions(from, to));
            }
        };
        let (low, high) = bounds.whole(ends.0, ends.1)?;
        Ok(RangeLookup::Whole(low, high))
    }

    /// One bound of a range of fractions, the `lower` or the upper.
    fn fraction(
        &self,
        bound: &Option<(Value, bool)>,
        lower: bool,
    ) -> Result<Option<FractionBound>, Exception> {
        let Some((value, included)) = bound else { return Ok(None) };
        let float = as_float(value)?;
        Ok(Some(match self.kind {
            // A bound is not rounded to the factor: 0.1 < 0.15 even where both are kept as 0.1. Of the whole numbers that are
            // kept zero is one, whatever its sign.
            NumberKind::ScaledFloat { .. } => {
                let zero = if lower == *included { -0.0 } else { 0.0 };
                (if float == 0.0 { zero } else { float }, *included)
            }
            // Nor to half precision: the next value that can be kept is included.
            NumberKind::HalfFloat => {
                let rounded = NumberKind::Float.round(float)?;
                NumberKind::HalfFloat.round(float)?;
                (rounded, *included)
            }
            kind => (kind.round(float)?, *included),
        }))
    }

    /// The number a term query asks for; `None` when no document can have it (a fraction in a whole type).
    fn asked(&self, value: &Value) -> Result<Option<NumberValue>, Exception> {
        let float = match value {
            Value::String(text) => text.trim().parse().ok(),
            value => value.as_f64(),
        };
        if self.kind.is_whole() && float.is_some_and(|float: f64| float.fract() != 0.0) {
            return Ok(None);
        }
        match value {
            Value::String(text) if float.is_none() => Err(no_double(text)),
            Value::Bool(flag) => Err(not_a_number(&flag.to_string())),
            // `short` and `byte` are integers to a query: what only they cannot hold equals nothing.
            value if matches!(self.kind, NumberKind::Short | NumberKind::Byte) => {
                let (least, most) = self.kind.bounds();
                let read = Number::plain(NumberKind::Integer).parse(value)?;
                Ok(read.filter(
                    |read| matches!(read, NumberValue::I64(whole) if (least..=most).contains(whole)),
                ))
            }
            Value::String(text) if self.kind.is_whole() => {
                // The digits of a whole number are not rounded because of a `.0` behind them.
                let digits =
                    text.trim().split_once('.').filter(|(_, rest)| rest.bytes().all(|b| b == b'0'));
                let text = digits.map_or(text.as_str(), |(whole, _)| whole);
                Number::plain(self.kind).parse(&Value::from(text))
            }
            value => Number::plain(self.kind).parse(value),
        }
    }

    /// The number for one JSON value; `None` for the empty string, which counts as no value.
    ///
    /// # Errors
    /// The cause Elasticsearch names: out of range, not a number, a fraction or string that `coerce: false` refuses.
    pub fn parse(&self, value: &Value) -> Result<Option<NumberValue>, Exception> {
        match value {
            Value::String(_) if !self.coerce => {
                let java = self.kind.java_class();
                Err(Exception::illegal_argument(format!("{java} value passed as String")))
            }
            Value::String(text) if text.is_empty() => Ok(None),
            Value::String(text) => self.parse_text(text).map(Some),
            Value::Number(number) => self.parse_number(number, value).map(Some),
            other => Err(Exception::new(
                ExceptionKind::JsonParse,
                format!(
                    "Current token ({}) not numeric, can not use numeric value accessors",
                    token(other)
                ),
            )),
        }
    }

    fn parse_number(
        &self,
        number: &serde_json::Number,
        value: &Value,
    ) -> Result<NumberValue, Exception> {
        if !self.kind.is_whole() {
            return self.kind.round(number.as_f64().unwrap_or(f64::NAN)).map(NumberValue::F64);
        }
        if self.kind == NumberKind::UnsignedLong {
            return match number.as_u64() {
                Some(whole) => Ok(NumberValue::U64(whole)),
                None => self.unsigned(number),
            };
        }
        match (number.as_i64(), number.as_f64()) {
            (Some(whole), _) => {
                // Jackson reads it, as a Java type that a byte is narrower than.
                let java = match self.kind {
                    NumberKind::Integer if i32::try_from(whole).is_err() => {
                        format!("int ({} - {})", i32::MIN, i32::MAX)
                    }
                    NumberKind::Short | NumberKind::Byte if i16::try_from(whole).is_err() => {
                        "Java short".to_owned()
                    }
                    _ => return self.bounded(whole, &plain(value)),
                };
                let reason = format!("Numeric value ({value}) out of range of {java}");
                Err(Exception::new(ExceptionKind::InputCoercion, reason))
            }
            (None, Some(float)) if number.is_f64() => self.whole_i64(float, &plain(value)),
            _ => Err(Exception::new(
                ExceptionKind::InputCoercion,
                format!(
                    "Numeric value ({value}) out of range of long ({} - {})",
                    i64::MIN,
                    i64::MAX
                ),
            )),
        }
    }

    fn parse_text(&self, text: &str) -> Result<NumberValue, Exception> {
        if text.trim().is_empty() {
            return Err(no_double(text));
        }
        let not_a_number = |kind| Exception::new(kind, format!("For input string: \"{text}\""));
        // Java trims fractions, and nothing else.
        let trimmed = if self.kind.is_whole() { text } else { text.trim() };
        if !self.kind.is_whole() {
            let float: f64 =
                trimmed.parse().map_err(|_| not_a_number(ExceptionKind::NumberFormat))?;
            return self.kind.round(float).map(NumberValue::F64);
        }
        if let (NumberKind::Long, Ok(whole)) = (self.kind, text.parse::<i64>()) {
            return Ok(NumberValue::I64(whole));
        }
        if matches!(self.kind, NumberKind::Long | NumberKind::UnsignedLong) {
            // Their digits are more than a float has. (`Numbers.toLong`, `Numbers.toUnsignedLong`)
            let whole = decimal::whole_part(text)
                .ok_or_else(|| not_a_number(ExceptionKind::IllegalArgument))?;
            return self.whole(whole, text);
        }
        if let Ok(whole) = trimmed.parse::<i64>() {
            return self.bounded(whole, text);
        }
        let float: f64 =
            trimmed.parse().map_err(|_| not_a_number(ExceptionKind::IllegalArgument))?;
        self.whole_i64(float, text)
    }

    /// A number that is no whole one of 64 bits without a sign.
    fn unsigned(&self, number: &serde_json::Number) -> Result<NumberValue, Exception> {
        let shortest = number.to_string();
        let float = number.as_f64().unwrap_or(f64::NAN);
        if !self.coerce && float.fract() != 0.0 {
            let shown = java_double(float);
            return Err(Exception::illegal_argument(format!(
                "{shown} cannot be converted to BigInteger without data loss"
            )));
        }
        let whole = decimal::whole_part(&shortest).unwrap_or(WholePart::Beyond);
        let shown = match whole {
            WholePart::Exact(whole) => whole.to_string(),
            WholePart::Beyond => shortest,
        };
        self.whole(whole, &shown)
    }

    /// What is left of a number without its fraction, as a `long` or an `unsigned_long`.
    fn whole(&self, whole: WholePart, shown: &str) -> Result<NumberValue, Exception> {
        let WholePart::Exact(whole) = whole else { return Err(self.out_of_range(shown)) };
        let kept = match self.kind {
            NumberKind::UnsignedLong => u64::try_from(whole).ok().map(NumberValue::U64),
            _ => i64::try_from(whole).ok().map(NumberValue::I64),
        };
        kept.ok_or_else(|| self.out_of_range(shown))
    }

    fn whole_i64(&self, float: f64, shown: &str) -> Result<NumberValue, Exception> {
        self.no_fraction(float, shown)?;
        // 2^63 is the first float that no i64 holds; -2^63 is one itself.
        if !(-9_223_372_036_854_775_808.0..9_223_372_036_854_775_808.0).contains(&float) {
            return Err(self.out_of_range(shown));
        }
        self.bounded(float.trunc() as i64, shown)
    }

    fn no_fraction(&self, float: f64, shown: &str) -> Result<(), Exception> {
        if !self.coerce && float.fract() != 0.0 {
            return Err(Exception::illegal_argument(format!("Value [{shown}] has a decimal part")));
        }
        Ok(())
    }

    fn bounded(&self, whole: i64, shown: &str) -> Result<NumberValue, Exception> {
        let (least, most) = self.kind.bounds();
        if (least..=most).contains(&whole) {
            return Ok(NumberValue::I64(whole));
        }
        Err(self.out_of_range(shown))
    }

    fn out_of_range(&self, shown: &str) -> Exception {
        let kind = self.kind;
        Exception::illegal_argument(match kind {
            NumberKind::UnsignedLong => {
                format!("Value [{shown}] is out of range for an unsigned long")
            }
            _ => format!("Value [{shown}] is out of range for {}", kind.java()),
        })
    }
}

/// The nearest IEEE 754 binary16 value, ties to even; infinite beyond 65,504.
fn half(value: f64) -> f64 {
    if value == 0.0 || !value.is_finite() {
        return value;
    }
    let exponent = value.abs().log2().floor().max(-14.0);
    let step = 2f64.powf(exponent - 10.0);
    let rounded = (value / step).round_ties_even() * step;
    if rounded.abs() > 65_504.0 { f64::INFINITY.copysign(value) } else { rounded }
}

/// Jackson's name of a token that is no number.
pub(super) fn token(value: &Value) -> &'static str {
    match value {
        Value::Bool(true) => "VALUE_TRUE",
        Value::Bool(false) => "VALUE_FALSE",
        Value::Null => "VALUE_NULL",
        Value::Array(_) => "START_ARRAY",
        Value::Object(_) => "START_OBJECT",
        Value::Number(number) if number.is_f64() => "VALUE_NUMBER_FLOAT",
        Value::Number(_) => "VALUE_NUMBER_INT",
        _ => "VALUE_STRING",
    }
}
