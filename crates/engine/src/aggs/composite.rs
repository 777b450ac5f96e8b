//! `composite`: the combinations of the values of several sources, page by page in their order.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::tz::TimeZone;
use serde_json::{Map, Value};
use tantivy::{DocId, SegmentReader};

use super::buckets::bad_interval;
use super::date_histogram::Rounding;
use super::definition::Outcome;
use super::keys::{KeyType, Keys};
use super::places::Places;
use super::shared::SharedState;
use super::values::{ValueFormat, Values, ValuesSource, zone_option};
use super::{
    AggregationBody, AggregationDefinition, Collector, Definition, IndexContext, SubAggregations,
};
use crate::dsl::geo::bounding_box::bounds_of;
use crate::dsl::options::Options;
use crate::exception::{Exception, ExceptionKind};
use crate::geo::bounds::Bounds;
use crate::geo::grid::Grid;
use crate::value::scalar;
use crate::work::HeldMemory;

/// Most sources, and most combinations of one document.
const SOURCES_MAX: usize = 32;
const COMBINATIONS_MAX: usize = 65_536;

/// What a bucket takes, and each of its parts.
const BUCKET_BYTES: u64 = 160;
const PART_BYTES: u64 = 64;

/// A `composite` aggregation.
#[derive(Clone, Debug)]
pub(crate) struct Composite {
    sources: Vec<CompositeSource>,
    size: usize,
    after: Option<Map<String, Value>>,
}

/// One source of values.
#[derive(Clone, Debug)]
struct CompositeSource {
    name: String,
    kind: SourceKind,
    source: ValuesSource,
    descending: bool,
    missing_bucket: bool,
    /// Where documents without a value come: first, last, or as the order says.
    missing_first: Option<bool>,
}

#[derive(Clone, Debug)]
enum SourceKind {
    Terms,
    Histogram(f64),
    Dates {
        rounding: Rounding,
        offset: i64,
    },
    /// The tiles of a web map.
    Tiles {
        zoom: u32,
        bounds: Option<Bounds>,
    },
}

pub(super) fn parse(body: &AggregationBody<'_>) -> Result<Definition, Exception> {
    let (options, name) = (body.options()?, body.name);
    let Some(listed) = options.get("sources") else {
        return Err(Exception::illegal_argument("Required [sources]"));
    };
    let listed = match listed {
        Value::Array(listed) => listed.clone(),
        one => vec![one.clone()],
    };
    let mut sources = Vec::new();
    for source in listed.iter().take(SOURCES_MAX + 1) {
        sources.push(one(source).map_err(|cause| options.failed("sources", cause))?);
    }
    if sources.is_empty() {
        let cause = Exception::illegal_argument("Composite [sources] cannot be null or empty");
        return Err(options.failed("sources", unbuilt(cause)));
    }
    if sources.len() > SOURCES_MAX {
        let cause =
            Exception::illegal_argument(format!("a composite has at most [{SOURCES_MAX}] sources"));
        return Err(unbuilt(cause));
    }
    let mut names: Vec<&str> = sources.iter().map(|source| source.name.as_str()).collect();
    names.sort_unstable();
    if let Some(twice) = names.windows(2).find(|pair| pair.first() == pair.last()) {
        let twice = twice.first().copied().unwrap_or_default();
        let cause = Exception::illegal_argument(format!(
            "Composite source names must be unique, found duplicates: [{twice}]"
        ));
        return Err(options.failed("sources", unbuilt(cause)));
    }
    let size = options.whole("size")?.unwrap_or(10);
    if size <= 0 {
        let cause = Exception::illegal_argument(format!(
            "[size] must be greater than 0. Found [{size}] in [{name}]"
        ));
        return Err(options.failed("size", cause));
    }
    let after = options.get("after").and_then(Value::as_object).cloned();
    options.finish()?;
    Ok(Arc::new(Composite { sources, size: usize::try_from(size).unwrap_or(usize::MAX), after }))
}

/// The refusal of sources that are wrong together.
fn unbuilt(cause: Exception) -> Exception {
    super::histogram::unbuilt("composite", cause)
}

/// Reads `{"name": {"terms": {…}}}`.
// long: one option after another
fn one(value: &Value) -> Result<CompositeSource, Exception> {
    let only = |value: &'_ Value| {
        value.as_object().filter(|object| object.len() == 1).and_then(|object| {
            object.iter().next().map(|(key, value)| (key.clone(), value.clone()))
        })
    };
    let malformed = || {
        Exception::parsing(
            "[composite] malformed source, expected one name with one type of source",
        )
    };
    let (name, body) = only(value).ok_or_else(malformed)?;
    let (kind, body) = only(&body).ok_or_else(malformed)?;
    let kind_name = match kind.as_str() {
        "terms" => "terms",
        "histogram" => "histogram",
        "date_histogram" => "date_histogram",
        "geotile_grid" => "geotile_grid",
        unknown => {
            return Err(Exception::parsing(format!("invalid source type: {unknown}")));
        }
    };
    let options = Options::declared(kind_name, &body)?;
    let source = match kind_name {
        "date_histogram" => ValuesSource::read_dates("composite", &options)?,
        _ => ValuesSource::read("composite", &options)?,
    };
    if kind_name != "date_histogram" && options.get("format").is_some() {
        return Err(options.unsupported("format"));
    }
    let kind = match kind_name {
        "terms" => SourceKind::Terms,
        "histogram" => {
            let interval = options.double("interval")?.unwrap_or(0.0);
            if interval <= 0.0 {
                let cause =
                    bad_interval("[interval] must be greater than 0 for [histogram] source");
                return Err(options.failed("interval", cause));
            }
            SourceKind::Histogram(interval)
        }
        "geotile_grid" => {
            let bounds = options.get("bounds").and_then(Value::as_object);
            SourceKind::Tiles {
                zoom: super::geo_grid::precision_option(&options, Grid::Tile)?,
                bounds: bounds
                    .map(bounds_of)
                    .transpose()
                    .map_err(|cause| options.failed("bounds", cause))?,
            }
        }
        _ => {
            let zone = zone_option(&options)?;
            let offset = super::date_histogram::offset_option(&options)?;
            SourceKind::Dates { rounding: Rounding::read(&options, zone)?, offset }
        }
    };
    let read = CompositeSource {
        name,
        kind,
        source,
        descending: match options.text("order")?.map(|order| order.to_lowercase()).as_deref() {
            None | Some("asc") => false,
            Some("desc") => true,
            Some(unknown) => {
                let words = format!(
                    "No enum constant org.elasticsearch.search.sort.SortOrder.{}",
                    unknown.to_uppercase()
                );
                return Err(options.failed("order", Exception::illegal_argument(words)));
            }
        },
        missing_bucket: options.flag("missing_bucket")?.unwrap_or(false),
        missing_first: match options
            .text("missing_order")?
            .map(|order| order.to_lowercase())
            .as_deref()
        {
            None | Some("default") => None,
            Some("first") => Some(true),
            Some("last") => Some(false),
            Some(unknown) => {
                return Err(Exception::illegal_argument(format!(
                    "unknown missing order [{unknown}]"
                )));
            }
        },
    };
    options.finish()?;
    Ok(read)
}

impl AggregationDefinition for Composite {
    fn start(
        &self,
        subs: SubAggregations,
        shared: &SharedState,
        held: HeldMemory,
    ) -> Box<dyn Collector> {
        let work = shared.work();
        let columns = self.sources.iter().map(|source| match &source.kind {
            SourceKind::Terms => {
                SourceColumn::Keys(Box::new(Keys::new(source.source.clone(), TimeZone::UTC, work)))
            }
            SourceKind::Histogram(_) => {
                SourceColumn::Numbers(Box::new(Values::new(source.source.clone(), work)))
            }
            SourceKind::Tiles { .. } => {
                SourceColumn::Places(Box::new(Places::new(source.source.clone())))
            }
            SourceKind::Dates { rounding, .. } => SourceColumn::Numbers(Box::new(Values::in_zone(
                source.source.clone(),
                rounding.zone().clone(),
                work,
            ))),
        });
        Box::new(CompositeCollector {
            columns: columns.collect(),
            definition: self.clone(),
            subs,
            first: BTreeMap::new(),
            counts: Vec::new(),
            after: None,
            shared: shared.clone(),
            held,
        })
    }

    fn outcome(&self) -> Outcome {
        // Paths of pipelines do not lead into it.
        Outcome::Other
    }

    fn takes_subs(&self) -> bool {
        true
    }

    fn is_paged(&self) -> bool {
        true
    }
}

/// A part of a key, in its order.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum CompositePart {
    MissingFirst,
    Code(u128),
    CodeDown(Reverse<u128>),
    Text(Arc<str>),
    TextDown(Reverse<Arc<str>>),
    MissingLast,
}

/// The column of a source.
enum SourceColumn {
    Keys(Box<Keys>),
    Numbers(Box<Values>),
    Places(Box<Places>),
}

/// `composite` while it runs: of all keys behind `after` the first.
struct CompositeCollector {
    definition: Composite,
    subs: SubAggregations,
    columns: Vec<SourceColumn>,
    first: BTreeMap<Vec<CompositePart>, u32>,
    counts: Vec<u64>,
    after: Option<Vec<CompositePart>>,
    shared: SharedState,
    held: HeldMemory,
}

impl CompositeSource {
    fn missing(&self) -> CompositePart {
        match self.missing_first {
            Some(true) => CompositePart::MissingFirst,
            Some(false) => CompositePart::MissingLast,
            None if self.descending => CompositePart::MissingLast,
            None => CompositePart::MissingFirst,
        }
    }

    fn code(&self, code: u128) -> CompositePart {
        if self.descending {
            CompositePart::CodeDown(Reverse(code))
        } else {
            CompositePart::Code(code)
        }
    }

    /// The part of a key that a value of the column is.
    fn part(&self, column: &SourceColumn, value: u128) -> CompositePart {
        match column {
            SourceColumn::Keys(keys) if keys.are_texts() => {
                let text: Arc<str> = keys.texts.name(value).into();
                if self.descending {
                    CompositePart::TextDown(Reverse(text))
                } else {
                    CompositePart::Text(text)
                }
            }
            _ => self.code(value),
        }
    }

    /// The start of the interval that holds a number, as a code.
    fn interval(&self, value: f64) -> u128 {
        match &self.kind {
            SourceKind::Histogram(interval) => {
                super::keys::float_code((value / interval).floor() * interval)
            }
            SourceKind::Dates { rounding, offset } => {
                let start = rounding.floor((value as i64).saturating_sub(*offset));
                crate::columns::whole_code(start.saturating_add(*offset))
            }
            SourceKind::Terms | SourceKind::Tiles { .. } => 0,
        }
    }

    /// The parts of a document's keys: one for each value, as the real servers do not look for equal ones.
    fn parts(
        &self,
        column: &mut SourceColumn,
        doc: DocId,
        score: f32,
    ) -> Result<Vec<CompositePart>, Exception> {
        let codes: Vec<u128> = match column {
            SourceColumn::Keys(keys) => keys.each(doc, score)?.to_vec(),
            SourceColumn::Numbers(values) => {
                let mut codes = Vec::new();
                values.each(doc, score, |value| codes.push(self.interval(value)))?;
                codes
            }
            SourceColumn::Places(places) => {
                let mut codes = Vec::new();
                if let SourceKind::Tiles { zoom, bounds } = &self.kind {
                    places.each(doc, |place| {
                        if bounds.as_ref().is_none_or(|bounds| bounds.holds_exactly(place)) {
                            codes.push(Grid::Tile.cell(place, *zoom).into());
                        }
                    });
                }
                codes
            }
        };
        if codes.is_empty() && self.missing_bucket {
            return Ok(vec![self.missing()]);
        }
        Ok(codes.into_iter().map(|code| self.part(column, code)).collect())
    }

    /// A part as it is printed.
    fn printed(&self, column: &SourceColumn, part: &CompositePart) -> Value {
        let code = match part {
            CompositePart::MissingFirst | CompositePart::MissingLast => return Value::Null,
            CompositePart::Text(text) | CompositePart::TextDown(Reverse(text)) => {
                return Value::from(text.as_ref());
            }
            CompositePart::Code(code) | CompositePart::CodeDown(Reverse(code)) => *code,
        };
        match (column, &self.kind) {
            (SourceColumn::Keys(keys), _) => {
                let (value, text) = keys.printed(code);
                match (keys.kind(), text) {
                    (Some(KeyType::Boolean), Some(text)) => Value::Bool(text == "true"),
                    // Dates stay numbers unless a format says otherwise.
                    (Some(KeyType::Date), _) if self.source.format.is_none() => value,
                    (_, Some(text)) => Value::from(text),
                    (_, None) => value,
                }
            }
            (SourceColumn::Places(_), _) => {
                Value::from(Grid::Tile.name(u64::try_from(code).unwrap_or_default()))
            }
            (SourceColumn::Numbers(values), SourceKind::Dates { .. }) => {
                let start = crate::columns::whole(code);
                match (values.format(), &self.source.format) {
                    (ValueFormat::Date(..), Some(_)) => {
                        values.text(start as f64).unwrap_or_else(|| Value::from(start))
                    }
                    _ => Value::from(start),
                }
            }
            (SourceColumn::Numbers(values), _) => {
                let value = super::keys::float(code);
                values.text(value).unwrap_or_else(|| Value::from(value))
            }
        }
    }

    /// The part that a value of `after` is.
    fn after(&self, column: &mut SourceColumn, value: &Value) -> Result<CompositePart, Exception> {
        if value.is_null() {
            if self.missing_bucket {
                return Ok(self.missing());
            }
            return Err(Exception::illegal_argument(format!(
                "Invalid value for [after.{}], expected comparable, got [null]",
                self.name
            )));
        }
        let code = match column {
            SourceColumn::Keys(keys) => keys.code_of(value)?,
            SourceColumn::Places(_) => {
                let name = scalar::plain(value);
                let tile = Grid::tile(&name).ok_or_else(|| {
                    Exception::illegal_argument(format!(
                        "Invalid geotile_grid hash string of {name}. Must be three integers in a form \"zoom/x/y\"."
                    ))
                })?;
                tile.into()
            }
            SourceColumn::Numbers(values) => match &self.kind {
                SourceKind::Dates { .. } => {
                    let number = match (values.format(), value) {
                        (ValueFormat::Date(format, zone), Value::String(text))
                            if self.source.format.is_some() =>
                        {
                            format.read_in(text, false, zone)?
                        }
                        _ => scalar::number(value)
                            .ok_or_else(|| scalar::not_a_number(&scalar::plain(value)))?
                            as i64,
                    };
                    crate::columns::whole_code(number)
                }
                _ => super::keys::float_code(
                    scalar::number(value)
                        .ok_or_else(|| scalar::not_a_number(&scalar::plain(value)))?,
                ),
            },
        };
        Ok(self.part(column, code))
    }
}

impl CompositeCollector {
    /// Reads `after` for the open index.
    fn read_after(&mut self) -> Result<(), Exception> {
        let Some(given) = &self.definition.after else { return Ok(()) };
        let (values, sources) = (given.len(), self.definition.sources.len());
        if values != sources {
            return Err(Exception::illegal_argument(format!(
                "[after] has {values} value(s) but [sources] has {sources}"
            )));
        }
        let mut after = Vec::new();
        for (source, column) in self.definition.sources.iter().zip(&mut self.columns) {
            let Some(value) = given.get(&source.name) else {
                return Err(Exception::illegal_argument(format!(
                    "Missing value for [after.{}]",
                    source.name
                )));
            };
            after.push(source.after(column, value)?);
        }
        self.after = Some(after);
        Ok(())
    }

    /// The keys of a document.
    fn keys(&mut self, doc: DocId, score: f32) -> Result<Vec<Vec<CompositePart>>, Exception> {
        let mut all: Vec<Vec<CompositePart>> = vec![Vec::with_capacity(self.columns.len())];
        for (source, column) in self.definition.sources.iter().zip(&mut self.columns) {
            let parts = source.parts(column, doc, score)?;
            let count = all.len().saturating_mul(parts.len());
            if count > COMBINATIONS_MAX {
                return Err(Exception::illegal_argument(format!(
                    "a document has more than [{COMBINATIONS_MAX}] combinations of keys"
                )));
            }
            let mut longer = Vec::with_capacity(count);
            for key in &all {
                for part in &parts {
                    let mut key = key.clone();
                    key.push(part.clone());
                    longer.push(key);
                }
            }
            all = longer;
        }
        Ok(all)
    }

    /// The number of a key, if it is one of the first.
    fn number(&mut self, key: Vec<CompositePart>) -> Result<Option<u32>, Exception> {
        if self.after.as_ref().is_some_and(|after| key <= *after) {
            return Ok(None);
        }
        if let Some(number) = self.first.get(&key) {
            return Ok(Some(*number));
        }
        let is_full = self.first.len() >= self.definition.size;
        if is_full && self.first.last_key_value().is_some_and(|(last, _)| key > *last) {
            return Ok(None);
        }
        self.held.grow(BUCKET_BYTES + PART_BYTES * key.len() as u64)?;
        let number = u32::try_from(self.counts.len()).unwrap_or(u32::MAX);
        self.counts.push(0);
        self.first.insert(key, number);
        if is_full {
            // What leaves never comes back: the last key only moves forward.
            self.first.pop_last();
        }
        Ok(Some(number))
    }
}

impl Collector for CompositeCollector {
    fn open_index(&mut self, index: &IndexContext<'_>) -> Result<(), Exception> {
        for (source, column) in self.definition.sources.iter().zip(&mut self.columns) {
            match column {
                SourceColumn::Keys(keys) => keys.open_index(index, "composite")?,
                SourceColumn::Numbers(values) => values.open_index(index, "composite")?,
                SourceColumn::Places(places) => {
                    if source.source.script.is_some() {
                        return Err(Exception::new(
                            ExceptionKind::AggregationExecution,
                            "value source of type [geopoint] is not supported by scripts",
                        ));
                    }
                    places.open_index(index, "geotile_grid")?;
                }
            }
            if let SourceKind::Dates { rounding, .. } = &source.kind {
                rounding.check()?;
            }
        }
        self.read_after()?;
        self.shared.at_most(self.definition.size)?;
        self.subs.open_index(index)
    }

    fn close_index(&mut self, index: &IndexContext<'_>) -> Result<(), Exception> {
        self.subs.close_index(index)
    }

    fn open_segment(&mut self, reader: &SegmentReader) -> Result<(), Exception> {
        for column in &mut self.columns {
            match column {
                SourceColumn::Keys(keys) => keys.open_segment(reader)?,
                SourceColumn::Numbers(values) => values.open_segment(reader)?,
                SourceColumn::Places(places) => places.open_segment(reader)?,
            }
        }
        self.subs.open_segment(reader)
    }

    fn collect(&mut self, doc: DocId, score: f32, _owner: u32) -> Result<(), Exception> {
        for key in self.keys(doc, score)? {
            self.shared.check()?;
            let Some(number) = self.number(key)? else { continue };
            if let Some(count) = self.counts.get_mut(number as usize) {
                *count += 1;
            }
            self.subs.collect(doc, score, number)?;
        }
        Ok(())
    }

    fn subs(&mut self) -> Option<&mut SubAggregations> {
        Some(&mut self.subs)
    }

    fn finish(&mut self, _owner: u32) -> Result<Map<String, Value>, Exception> {
        let mut buckets = Vec::new();
        self.shared.buckets(self.first.len())?;
        for (key, number) in &self.first {
            let parts = self.definition.sources.iter().zip(&self.columns).zip(key);
            let named = parts.map(|((source, column), part)| {
                (source.name.clone(), source.printed(column, part))
            });
            let mut bucket = Map::from_iter([("key".to_owned(), Value::Object(named.collect()))]);
            let count = self.counts.get(*number as usize).copied().unwrap_or(0);
            bucket.insert("doc_count".into(), count.into());
            self.subs.finish_into(*number, &mut bucket)?;
            buckets.push(Value::Object(bucket));
        }
        let mut result = Map::new();
        if let Some(key) = buckets.last().and_then(|bucket| bucket.get("key")) {
            result.insert("after_key".into(), key.clone());
        }
        result.insert("buckets".into(), Value::Array(buckets));
        Ok(result)
    }

    fn type_name(&self) -> &'static str {
        "composite"
    }
}
