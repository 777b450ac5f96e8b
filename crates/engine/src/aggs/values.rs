//! The numbers an aggregation reads: a field with what stands for absent values, and how numbers are printed.

use std::sync::Arc;

use jiff::tz::TimeZone;
use serde_json::Value;
use tantivy::columnar::BytesColumn;
use tantivy::{DocId, SegmentReader};

use super::IndexContext;
use super::collector::Block;
use super::script_values::ScriptValues;
use crate::column_block::NumberBlock;
use crate::columns::{self, Numbers};
use crate::dsl::options::Options;
use crate::exception::{Exception, ExceptionKind};
use crate::exception::{internal, io};
use crate::mapping::date::DateFormat;
use crate::mapping::date::math::{self, time_zone};
use crate::mapping::histogram::CountedValue;
use crate::mapping::range::{RangeField, RangeKind, Span};
use crate::mapping::{Column, Leaf, fields, ids};
use crate::script::ScriptRequest;
use crate::value::number_format::NumberFormat;
use crate::value::scalar::{not_a_number, plain};
use crate::work::Work;

/// The types of `value_type`, as Elasticsearch's `ValueType` lists them.
const VALUE_TYPES: &[&str] = &[
    "string", "long", "double", "number", "date", "ip", "numeric", "boolean", "byte", "short",
    "int", "integer", "float",
];

/// `field`, `missing`, `format` and the rest that every source of values has.
#[derive(Clone, Debug, Default)]
pub(crate) struct ValuesSource {
    /// Empty where a script alone gives the values.
    pub(crate) field: String,
    /// What is made of each value, or gives them.
    pub(crate) script: Option<ScriptRequest>,
    pub(crate) missing: Option<Value>,
    pub(crate) format: Option<String>,
    /// What an unmapped field would hold.
    pub(crate) value_type: Option<String>,
}

impl ValuesSource {
    /// Reads the options every values source has. That there is none is told when all options were read.
    pub(crate) fn read(kind: &str, options: &Options<'_>) -> Result<ValuesSource, Exception> {
        ValuesSource::read_any(kind, options)?
            .map_or_else(|| ValuesSource::absent(kind, options, no_source()), Ok)
    }

    /// One that is not there, which is refused for `reason` once all options were read.
    pub(super) fn absent(
        kind: &str,
        options: &Options<'_>,
        reason: Exception,
    ) -> Result<ValuesSource, Exception> {
        options.later(reason);
        ValuesSource::read_rest(kind, options, String::new())
    }

    /// Reads them; `None` where neither a field nor a script is named.
    pub(crate) fn read_any(
        kind: &str,
        options: &Options<'_>,
    ) -> Result<Option<ValuesSource>, Exception> {
        let script = options.get("script").map(ScriptRequest::parse).transpose();
        let script = script.map_err(|cause| options.failed("script", cause))?;
        let source = ValuesSource::read_field(kind, options)?;
        match (source, script) {
            (None, None) => Ok(None),
            (Some(source), script) => Ok(Some(ValuesSource { script, ..source })),
            (None, script) => {
                let source = ValuesSource::read_rest(kind, options, String::new())?;
                Ok(Some(ValuesSource { script, ..source }))
            }
        }
    }

    /// Those of an aggregation of dates, where scripts give dates unless the request says otherwise.
    pub(crate) fn read_dates(kind: &str, options: &Options<'_>) -> Result<ValuesSource, Exception> {
        let mut source = ValuesSource::read(kind, options)?;
        if source.field.is_empty() {
            source.value_type.get_or_insert_with(|| "date".to_owned());
        }
        Ok(source)
    }

    /// Whether a script alone gives dates.
    fn gives_dates(&self) -> bool {
        self.script.is_some() && self.field.is_empty() && self.value_type.as_deref() == Some("date")
    }

    /// Those of an aggregation that knows no scripts.
    pub(crate) fn read_field(
        kind: &str,
        options: &Options<'_>,
    ) -> Result<Option<ValuesSource>, Exception> {
        let field = options.text("field")?;
        field.map(|field| ValuesSource::read_rest(kind, options, field)).transpose()
    }

    fn read_rest(
        kind: &str,
        options: &Options<'_>,
        field: String,
    ) -> Result<ValuesSource, Exception> {
        if let Some(missing @ (Value::Array(_) | Value::Object(_))) = options.get("missing") {
            let token = super::token(missing);
            let reason = format!("[{kind}] missing doesn't support values of type: {token}");
            return Err(Exception::new(ExceptionKind::XContentParse, reason));
        }
        let value_type = options.text("value_type")?;
        if let Some(unknown) = value_type.as_deref().filter(|name| !VALUE_TYPES.contains(name)) {
            let cause = Exception::illegal_argument(format!("Unknown value type [{unknown}]"));
            return Err(options.failed("value_type", cause));
        }
        Ok(ValuesSource {
            field,
            script: None,
            missing: options.get("missing").cloned(),
            format: options.text("format")?,
            value_type,
        })
    }
}

impl ValuesSource {
    /// The field on `index`; `None` where it is not mapped.
    ///
    /// # Errors
    /// `illegal_argument_exception` for a field whose values are in no column.
    pub(crate) fn leaf(&self, index: &IndexContext<'_>) -> Result<Option<Arc<Leaf>>, Exception> {
        if self.field.is_empty() {
            return Ok(None);
        }
        match index.snapshot.mapping.leaf(&self.field) {
            Some(leaf) if leaf.column.is_none() => {
                Err(Exception::illegal_argument(leaf.no_column()))
            }
            Some(leaf) if self.format.is_some() && !(is_of_dates(leaf) || is_counted(leaf)) => {
                Err(no_custom(leaf, "formats"))
            }
            None if self.field == "_id" => ids().map(|ids| Some(Arc::new(ids))),
            None => match index.snapshot.mapping.flat_parent(&self.field) {
                Some(flat) => Err(wrong_field(&self.field, flat, "terms")),
                None => Ok(None),
            },
            leaf => Ok(leaf.cloned()),
        }
    }
}

/// The refusal of an aggregation of nothing.
pub(crate) fn no_source() -> Exception {
    Exception::illegal_argument("Required one of fields [field, script], but none were specified. ")
}

/// The same for one that reads no script.
pub(crate) fn no_field() -> Exception {
    Exception::illegal_argument("Required one of fields [field], but none were specified. ")
}

/// `time_zone` of an aggregation; UTC where none is given.
pub(crate) fn zone_option(options: &Options<'_>) -> Result<TimeZone, Exception> {
    match options.text("time_zone")? {
        Some(name) => time_zone(&name).map_err(|cause| options.failed("time_zone", cause)),
        None => Ok(TimeZone::UTC),
    }
}

/// How the values of a field are printed beside themselves.
#[derive(Clone, Debug, Default)]
pub(crate) enum ValueFormat {
    /// Not at all.
    #[default]
    Raw,
    /// `true` and `false`.
    Boolean,
    /// Dates in a time zone.
    Date(DateFormat, TimeZone),
    /// By a pattern.
    Number(NumberFormat),
}

impl ValueFormat {
    /// That of `leaf`, or the `format` given instead, in `zone`.
    ///
    /// # Errors
    /// `illegal_argument_exception` for a format that is none.
    pub(crate) fn of(
        leaf: Option<&Leaf>,
        format: Option<&str>,
        zone: &TimeZone,
    ) -> Result<ValueFormat, Exception> {
        if let Some(own) = leaf.and_then(|leaf| leaf.kind.date_format()) {
            let format = format.map(DateFormat::parse).transpose()?;
            let format = format.unwrap_or_else(|| own.clone());
            return Ok(ValueFormat::Date(format, zone.clone()));
        }
        match (leaf.and_then(|leaf| leaf.column), format) {
            (Some(Column::Boolean), _) => Ok(ValueFormat::Boolean),
            (_, Some(format)) => NumberFormat::parse(format).map(ValueFormat::Number),
            (_, None) => Ok(ValueFormat::Raw),
        }
    }

    /// That of dates, or the `format` given instead.
    ///
    /// # Errors
    /// `illegal_argument_exception` for a format that is none.
    pub(crate) fn dates(format: Option<&str>, zone: &TimeZone) -> Result<ValueFormat, Exception> {
        let format = format.map(DateFormat::parse).transpose()?.unwrap_or_default();
        Ok(ValueFormat::Date(format, zone.clone()))
    }

    /// `value` as it is printed beside itself; `None` where it is not.
    pub(crate) fn text(&self, value: f64) -> Option<String> {
        match self {
            ValueFormat::Raw => None,
            ValueFormat::Boolean => Some(if value == 0.0 { "false" } else { "true" }.to_owned()),
            ValueFormat::Date(format, zone) => Some(format.print_in(value as i64, zone)),
            ValueFormat::Number(format) => Some(format.print(value)),
        }
    }
}

/// A source of numbers on the index and segment that are open.
pub(crate) struct Values {
    source: ValuesSource,
    script: Option<ScriptValues>,
    /// The script, while an index is read that it is not asked about.
    put_aside: Option<ScriptValues>,
    zone: TimeZone,
    leaf: Option<Arc<Leaf>>,
    missing: Option<f64>,
    format: ValueFormat,
    /// Whether the column has nanoseconds; milliseconds are handed out.
    nanos: bool,
    column: Option<Numbers>,
    /// Of a field of ranges or histograms, instead.
    spans: Option<BytesColumn>,
}

impl Values {
    pub(crate) fn new(source: ValuesSource, work: &Work) -> Values {
        Values::in_zone(source, TimeZone::UTC, work)
    }

    /// With dates printed and read in `zone`.
    pub(crate) fn in_zone(source: ValuesSource, zone: TimeZone, work: &Work) -> Values {
        let format = ValueFormat::Raw;
        Values {
            script: ScriptValues::of(&source, work),
            put_aside: None,
            source,
            zone,
            leaf: None,
            missing: None,
            format,
            nanos: false,
            column: None,
            spans: None,
        }
    }

    /// Looks the field up; `kind` names the aggregation in refusals.
    pub(crate) fn open_index(
        &mut self,
        index: &IndexContext<'_>,
        kind: &str,
    ) -> Result<(), Exception> {
        if refuses_flat(&self.source.field, index, kind) {
            return Ok(());
        }
        self.open(index)?;
        self.check_unmapped(index, kind);
        if self.is_histogram() {
            return self.check_histogram(index, kind);
        }
        let fits = match kind {
            "median_absolute_deviation" | "variable_width_histogram" => is_counted,
            _ => is_number,
        };
        if let Some(leaf) = self.leaf.as_deref().filter(|leaf| !fits(leaf)) {
            return self.refuse_leaf(index, leaf, kind);
        }
        self.read_missing()
    }

    /// The same, where ranges of numbers are values too.
    pub(crate) fn open_ranged(
        &mut self,
        index: &IndexContext<'_>,
        kind: &str,
    ) -> Result<(), Exception> {
        if refuses_flat(&self.source.field, index, kind) {
            return Ok(());
        }
        self.open(index)?;
        self.check_unmapped(index, kind);
        if self.is_histogram() {
            return self.check_histogram(index, kind);
        }
        if self.range().is_some() {
            // The real servers ask no script about ranges.
            self.put_aside = self.script.take();
        }
        let Some(range) = self.range() else {
            return match self.leaf.as_deref().filter(|leaf| !is_number(leaf)) {
                Some(leaf) => self.refuse_leaf(index, leaf, kind),
                None => self.read_missing(),
            };
        };
        let name = self.leaf.as_deref().map_or("", |leaf| leaf.kind.name());
        if self.source.missing.is_some() {
            return Err(no_missing_ranges(index));
        }
        match range.kind {
            RangeKind::Ip => index.refuse_later(Exception::illegal_argument(format!(
                "Expected numeric range type but found non-numeric range [{name}]"
            ))),
            RangeKind::Date => {}
            _ if kind == "date_histogram" => {
                index.refuse_later(Exception::illegal_argument(format!(
                    "Expected date range type but found range type [{name}]"
                )));
            }
            _ => {}
        }
        Ok(())
    }

    /// Refuses a field that the aggregation `kind` does not take; what stands for its absent values is read before.
    fn refuse_leaf(
        &self,
        index: &IndexContext<'_>,
        leaf: &Leaf,
        kind: &str,
    ) -> Result<(), Exception> {
        match (&self.source.missing, leaf.column) {
            (Some(_), Some(Column::Range)) => return Err(no_missing_ranges(index)),
            (Some(missing), Some(Column::Ip)) => {
                crate::mapping::ip::address(&plain(missing))?;
            }
            _ => {}
        }
        index.refuse_later(wrong_type(leaf, kind));
        Ok(())
    }

    fn open(&mut self, index: &IndexContext<'_>) -> Result<(), Exception> {
        self.leaf = self.source.leaf(index)?;
        if let Some(leaf) = self.leaf.as_deref().filter(|leaf| !is_of_dates(leaf))
            && self.zone != TimeZone::UTC
        {
            return Err(no_custom(leaf, "time zones"));
        }
        self.script = self.script.take().or_else(|| self.put_aside.take());
        if let Some(script) = &mut self.script {
            script.open_index(index, self.leaf.as_ref())?;
        }
        self.missing = None;
        let leaf = self.leaf.as_deref();
        self.nanos = leaf.is_some_and(|leaf| leaf.column == Some(Column::DateNanos));
        // An index without the field says nothing about how it is printed.
        let stands_for_dates = leaf.is_none()
            && self.source.missing.is_some()
            && self.source.value_type.as_deref() == Some("date");
        if self.source.gives_dates() || stands_for_dates {
            self.format = ValueFormat::dates(self.source.format.as_deref(), &self.zone)?;
        } else if leaf.is_some() || matches!(self.format, ValueFormat::Raw) {
            self.format = ValueFormat::of(leaf, self.source.format.as_deref(), &self.zone)?;
        }
        Ok(())
    }

    /// Refuses, later, what is said to hold texts or addresses and is mapped nowhere.
    fn check_unmapped(&self, index: &IndexContext<'_>, kind: &str) {
        let said = self.source.value_type.as_deref();
        if self.leaf.is_none()
            && !self.source.field.is_empty()
            && matches!(said, Some("string" | "ip"))
        {
            let reason = format!("unmapped field is not supported for aggregation [{kind}]");
            index.refuse_later(Exception::illegal_argument(reason));
        }
    }

    fn read_missing(&mut self) -> Result<(), Exception> {
        self.missing = match (&self.source.missing, self.leaf.as_deref()) {
            (None, _) => None,
            (Some(value), Some(leaf)) => Some(number_of(leaf, &self.format, value)?),
            (Some(value), None) => match &self.format {
                ValueFormat::Date(format, zone) if value.is_string() => {
                    Some(math::moment(&plain(value), format, zone)? as f64)
                }
                _ => crate::value::scalar::number(value),
            },
        };
        Ok(())
    }

    /// Whether the field is one of histograms.
    pub(crate) fn is_histogram(&self) -> bool {
        self.leaf.as_deref().is_some_and(|leaf| leaf.column == Some(Column::Histogram))
    }

    /// Refuses what reads no histograms, or otherwise.
    fn check_histogram(&self, index: &IndexContext<'_>, kind: &str) -> Result<(), Exception> {
        let Some(leaf) = self.leaf.as_deref() else { return Ok(()) };
        if !READ_HISTOGRAMS.contains(&kind) {
            index.refuse_later(wrong_type(leaf, kind));
            return Ok(());
        }
        if self.script.is_some() {
            let reason = "value source of type [histogram] is not supported by scripts";
            return Err(Exception::new(ExceptionKind::AggregationExecution, reason));
        }
        if self.source.missing.is_some() { Err(no_missing()) } else { Ok(()) }
    }

    /// What the histogram of a document counted, in the order of its values.
    pub(crate) fn counted(&self, doc: DocId) -> Result<Vec<CountedValue>, Exception> {
        counted(self.spans.as_ref(), doc)
    }

    /// The field, where it is one of ranges.
    pub(crate) fn range(&self) -> Option<&RangeField> {
        self.leaf.as_deref()?.kind.get()
    }

    /// The ranges of a document, from and to, both included, in order.
    pub(crate) fn spans(&self, doc: DocId) -> Result<Vec<(f64, f64)>, Exception> {
        let (Some(range), Some(column)) = (self.range(), &self.spans) else {
            return Ok(Vec::new());
        };
        let mut found = Vec::new();
        for ordinal in column.term_ords(doc) {
            let mut bytes = Vec::new();
            column.ord_to_bytes(ordinal, &mut bytes).map_err(io)?;
            found.extend(Span::of_bytes(&bytes));
        }
        found.sort_unstable_by_key(|span| (span.from, span.to));
        let numbers = |span: Span| range.number(span.from).zip(range.number(span.to));
        Ok(found.into_iter().filter_map(numbers).collect())
    }

    pub(crate) fn open_segment(&mut self, reader: &SegmentReader) -> Result<(), Exception> {
        if let Some(script) = &mut self.script {
            return script.open_segment(reader);
        }
        self.spans = match &self.leaf {
            Some(leaf) if self.range().is_some() || self.is_histogram() => {
                columns::bytes(reader, &fields::stored_name(&leaf.path)).map_err(internal)?
            }
            _ => None,
        };
        self.column = match &self.leaf {
            Some(leaf) => Numbers::of(reader, leaf).map_err(internal)?,
            None => None,
        };
        Ok(())
    }

    /// Hands every value of a document to `take`; the missing one when it has none.
    ///
    /// # Errors
    /// What a script fails by.
    #[inline]
    pub(crate) fn each(
        &mut self,
        doc: DocId,
        score: f32,
        mut take: impl FnMut(f64),
    ) -> Result<(), Exception> {
        let mut any = false;
        if let Some(script) = &mut self.script {
            for number in script.numbers(doc, score)? {
                any = true;
                take(number);
            }
        } else if let Some(column) = &self.column {
            column.each(doc, |value| {
                any = true;
                take(if self.nanos { (value / 1e6).floor() } else { value });
            });
        }
        if !any && let Some(missing) = self.missing {
            take(missing);
        }
        Ok(())
    }

    /// As [`Values::each`], of the first documents of `block`; of how many.
    pub(crate) fn read(
        &mut self,
        block: Block<'_>,
        numbers: &mut NumberBlock,
    ) -> Result<usize, Exception> {
        if let Some(script) = &mut self.script {
            numbers.take(block.docs.len(), self.missing, |place| match block.at(place) {
                Some((doc, score, _)) => script.numbers(doc, score),
                None => Ok(Vec::new()),
            })?;
            return Ok(block.docs.len());
        }
        let nanos = self.nanos;
        let change = |value: f64| if nanos { (value / 1e6).floor() } else { value };
        Ok(numbers.read(self.column.as_ref(), block.docs, self.missing, change))
    }

    /// Whether the open index has the field; a script alone needs none.
    pub(crate) fn is_mapped(&self) -> bool {
        self.leaf.is_some() || self.script.as_ref().is_some_and(|it| !it.is_of_field())
    }

    /// How values are printed.
    pub(crate) fn format(&self) -> &ValueFormat {
        &self.format
    }

    /// A value as text where the type or the format has one.
    pub(crate) fn text(&self, value: f64) -> Option<Value> {
        self.format.text(value).map(Value::from)
    }

    pub(crate) fn date_format(&self) -> Option<&DateFormat> {
        match &self.format {
            ValueFormat::Date(format, _) => Some(format),
            _ => None,
        }
    }
}

/// The refusal of what stands for absent histograms.
pub(super) fn no_missing() -> Exception {
    let class =
        "org.elasticsearch.xpack.analytics.aggregations.support.HistogramValuesSource$Histogram";
    Exception::illegal_argument(format!("Can't apply missing values on a class {class}"))
}

/// The refusal of what stands for absent ranges.
pub(super) fn no_missing_ranges(index: &IndexContext<'_>) -> Exception {
    let service = index.flavor.package();
    Exception::illegal_argument(format!(
        "Can't apply missing values on a class {service}.search.aggregations.support.ValuesSource$Range"
    ))
}

/// What a histogram in `column` counted.
pub(super) fn counted(
    column: Option<&BytesColumn>,
    doc: DocId,
) -> Result<Vec<CountedValue>, Exception> {
    let mut found = Vec::new();
    for ordinal in column.into_iter().flat_map(|column| column.term_ords(doc)) {
        let mut bytes = Vec::new();
        column.map_or(Ok(false), |column| column.ord_to_bytes(ordinal, &mut bytes)).map_err(io)?;
        found.extend(CountedValue::of_bytes(&bytes));
    }
    Ok(found)
}

/// The aggregations that read histograms.
const READ_HISTOGRAMS: &[&str] =
    &["avg", "histogram", "max", "min", "percentile_ranks", "percentiles", "sum", "value_count"];

/// A JSON scalar as the number a field of this type keeps.
pub(crate) fn number_of(
    leaf: &Leaf,
    format: &ValueFormat,
    value: &Value,
) -> Result<f64, Exception> {
    let text = plain(value);
    match (leaf.column, format) {
        (_, ValueFormat::Date(format, zone)) => {
            math::moment(&text, format, zone).map(|milliseconds| milliseconds as f64)
        }
        (Some(Column::Boolean), _) => flag_of(&text).map(|flag| flag as f64),
        _ => text.parse().map_err(|_| not_a_number(&text)),
    }
}

/// A text as 0 or 1.
///
/// # Errors
/// `illegal_argument_exception`. (`DocValueFormat.BOOLEAN`.)
pub(crate) fn flag_of(text: &str) -> Result<i64, Exception> {
    match text {
        "true" => Ok(1),
        "false" => Ok(0),
        other => Err(Exception::illegal_argument(format!(
            "Cannot parse boolean [{other}], expected either [true] or [false]"
        ))),
    }
}

fn is_number(leaf: &Leaf) -> bool {
    leaf.column.is_some_and(Column::is_number)
}

fn is_counted(leaf: &Leaf) -> bool {
    leaf.column
        .is_some_and(|column| column.is_number() && !column.is_date() && column != Column::Boolean)
}

fn is_of_dates(leaf: &Leaf) -> bool {
    leaf.kind.date_format().is_some()
}

/// The refusal of a format or a time zone for values that have none.
fn no_custom(leaf: &Leaf, what: &str) -> Exception {
    let (path, kind) = (&leaf.path, leaf.kind.capability());
    let reason = format!("Field [{path}] of type [{kind}] does not support custom {what}");
    Exception::illegal_argument(reason)
}

/// Whether the field is inside an object that is one field, and is refused: its values have no column of their own.
pub(crate) fn refuses_flat(field: &str, index: &IndexContext<'_>, kind: &str) -> bool {
    let mapping = &index.snapshot.mapping;
    let flat = mapping.flat_parent(field).filter(|_| mapping.leaf(field).is_none());
    if let Some(flat) = flat {
        index.refuse_later(wrong_field(field, flat, kind));
    }
    flat.is_some()
}

fn wrong_field(field: &str, leaf: &Leaf, kind: &str) -> Exception {
    let reason = format!(
        "Field [{field}] of type [{}] is not supported for aggregation [{kind}]",
        leaf.kind.name()
    );
    Exception::illegal_argument(reason)
}

/// The refusal of a field type.
pub(crate) fn wrong_type(leaf: &Leaf, kind: &str) -> Exception {
    wrong_field(&leaf.path, leaf, kind)
}
