//! The values of a field as keys of buckets: read as codes that compare like the values, printed as Elasticsearch does.

use std::cmp::Ordering;
use std::net::Ipv6Addr;
use std::sync::Arc;

use jiff::tz::TimeZone;
use serde_json::Value;
use tantivy::{DocId, InvertedIndexReader, SegmentReader};

use super::IndexContext;
use super::collector::Block;
use super::script_values::ScriptValues;
use super::values::{ValueFormat, ValuesSource, flag_of, number_of, wrong_type};
use crate::column_block::{self, CodeBlock, ColumnBlock};
use crate::columns::{self, AnyColumn, Texts, whole, whole_code};
use crate::exception::{Exception, internal};
use crate::mapping::date::math;
use crate::mapping::{Column, Leaf};
use crate::value::scalar::{number as number_in, plain};
use crate::work::{HeldMemory, Work};

/// Walking to the next term takes as long as reading the values of some documents.
const DOCUMENTS_A_TERM: usize = 16;

/// What the keys of a field are.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum KeyType {
    Texts,
    Whole,
    Unsigned,
    Float,
    Boolean,
    Date,
    Address,
}

/// The keys of one field. Those of texts are their numbers in `texts`; of others an order-preserving code.
pub(crate) struct Keys {
    source: ValuesSource,
    script: Option<ScriptValues>,
    zone: TimeZone,
    kind: Option<KeyType>,
    format: ValueFormat,
    leaf: Option<Arc<Leaf>>,
    missing: Option<u128>,
    /// That of `_index`, which is the same for all documents of an index.
    constant: Option<u128>,
    /// Whether the whole numbers of this index are fractions, as those of another are.
    widened: bool,
    pub(crate) column: AnyColumn,
    pub(crate) texts: Texts,
    codes: Vec<u128>,
    block: CodeBlock,
    ordinals: ColumnBlock<u64>,
    /// The keys of a block of documents, each behind the place of its document.
    found: Vec<(u32, u128)>,
    filled: Vec<(u32, u128)>,
    work: Work,
    held: HeldMemory,
}

impl Keys {
    /// Those of `source`; texts are remembered in the memory of `work`.
    pub(crate) fn new(source: ValuesSource, zone: TimeZone, work: &Work) -> Keys {
        Keys {
            script: ScriptValues::of(&source, work),
            source,
            zone,
            kind: None,
            format: ValueFormat::Raw,
            leaf: None,
            missing: None,
            constant: None,
            widened: false,
            column: AnyColumn::None,
            texts: Texts::new(work),
            codes: Vec::new(),
            block: CodeBlock::default(),
            ordinals: ColumnBlock::default(),
            found: Vec::new(),
            filled: Vec::new(),
            work: work.clone(),
            held: work.holds("<fielddata>"),
        }
    }

    /// What they are; `None` where no index had the field.
    pub(crate) fn kind(&self) -> Option<KeyType> {
        self.kind
    }

    /// The field in the open index.
    pub(crate) fn leaf(&self) -> Option<&Arc<Leaf>> {
        self.leaf.as_ref()
    }

    /// Whether they are texts, or nobody knows.
    pub(crate) fn are_texts(&self) -> bool {
        matches!(self.kind, None | Some(KeyType::Texts))
    }

    /// Whether a document without values has a key.
    pub(crate) fn has_missing(&self) -> bool {
        self.missing.is_some()
    }

    /// Looks the field up; `aggregation` names who asks in refusals.
    pub(crate) fn open_index(
        &mut self,
        index: &IndexContext<'_>,
        aggregation: &str,
    ) -> Result<(), Exception> {
        self.column = AnyColumn::None;
        self.missing = None;
        self.constant = None;
        self.widened = false;
        self.leaf = None;
        if self.source.field == "_index" {
            self.kind = Some(KeyType::Texts);
            self.constant = Some(self.texts.number(&index.snapshot.name)?.into());
            return Ok(());
        }
        self.leaf = self.source.leaf(index)?;
        if let Some(script) = &mut self.script {
            script.open_index(index, self.leaf.as_ref())?;
            if !script.is_of_field() {
                return self.of_script();
            }
        }
        let Some(leaf) = self.leaf.clone() else { return self.unmapped() };
        let Some(kind) = kind_of(&leaf) else {
            if leaf.column == Some(Column::Range) && self.source.missing.is_some() {
                return Err(super::values::no_missing_ranges(index));
            }
            index.refuse_later(wrong_type(&leaf, aggregation));
            return Ok(());
        };
        let numeric = [KeyType::Whole, KeyType::Float, KeyType::Boolean, KeyType::Date];
        if kind == KeyType::Texts && numeric.contains(&self.kind_asked()) {
            let (path, name) = (&leaf.path, leaf.kind.name());
            let reason = format!("Expected numeric type on field [{path}], but got [{name}]");
            return Err(Exception::illegal_argument(reason));
        }
        let kind = match kind {
            KeyType::Texts | KeyType::Address => kind,
            // A script may make fractions of whole numbers.
            _ if self.script.is_some() => KeyType::Float,
            KeyType::Whole if self.is_float_elsewhere(index) => {
                self.widened = true;
                KeyType::Float
            }
            kind => kind,
        };
        if self.kind.is_some_and(|known| known != kind) {
            return Err(Exception::reduce_phase(Exception::new(
                crate::exception::ExceptionKind::AggregationExecution,
                format!(
                    "Merging/Reducing the aggregations failed when computing the aggregation [{aggregation}] because \
                     the field you gave in the aggregation query existed as two different types in two different \
                     indices"
                ),
            )));
        }
        self.kind = Some(kind);
        self.format = match kind {
            KeyType::Texts | KeyType::Address => ValueFormat::Raw,
            _ => ValueFormat::of(Some(&leaf), self.source.format.as_deref(), &self.zone)?,
        };
        if let Some(missing) = self.source.missing.clone() {
            self.missing = Some(self.code_of(&missing)?);
        }
        Ok(())
    }

    /// Whether the field has fractions in another index that is searched. (`DoubleTerms.reduce`.)
    fn is_float_elsewhere(&self, index: &IndexContext<'_>) -> bool {
        index.targets.iter().any(|target| {
            let leaf = target.snapshot().mapping.leaf(&self.source.field);
            leaf.and_then(|leaf| kind_of(leaf)) == Some(KeyType::Float)
        })
    }

    /// An index without the field: what stands for absent values is still counted.
    fn unmapped(&mut self) -> Result<(), Exception> {
        if self.script.is_some() && self.kind.is_none() {
            self.kind = Some(self.kind_asked());
        }
        let Some(missing) = self.source.missing.clone() else { return Ok(()) };
        if self.kind.is_none() {
            let kind = match self.kind_asked() {
                // Of numbers only the one that stands for the absent ones tells whether they are fractions.
                KeyType::Float if number_in(&missing).is_some_and(|it| it.fract() == 0.0) => {
                    KeyType::Whole
                }
                KeyType::Whole if number_in(&missing).is_some_and(|it| it.fract() != 0.0) => {
                    KeyType::Float
                }
                kind => kind,
            };
            self.set_kind(kind)?;
        }
        self.missing = Some(self.code_of(&missing)?);
        Ok(())
    }

    /// They are of `kind`, though no field says so.
    fn set_kind(&mut self, kind: KeyType) -> Result<(), Exception> {
        let format = self.source.format.as_deref();
        self.format = match kind {
            KeyType::Texts | KeyType::Address => ValueFormat::Raw,
            KeyType::Boolean => ValueFormat::Boolean,
            KeyType::Date => ValueFormat::dates(format, &self.zone)?,
            _ => ValueFormat::of(None, format, &self.zone)?,
        };
        self.kind = Some(kind);
        Ok(())
    }

    /// What the values of a script are: what the request says, and texts where it says nothing.
    fn of_script(&mut self) -> Result<(), Exception> {
        self.set_kind(self.kind_asked())?;
        if let Some(missing) = self.source.missing.clone() {
            self.missing = Some(self.code_of(&missing)?);
        }
        Ok(())
    }

    fn kind_asked(&self) -> KeyType {
        match self.source.value_type.as_deref() {
            Some("long" | "integer" | "int" | "short" | "byte") => KeyType::Whole,
            Some("double" | "float" | "number" | "numeric") => KeyType::Float,
            Some("boolean") => KeyType::Boolean,
            Some("date") => KeyType::Date,
            Some("ip") => KeyType::Address,
            _ => KeyType::Texts,
        }
    }

    /// The terms of the open segment, where each is a text of the column and counts the documents that have it; `None` where
    /// that is not known, or they are so many that reading the documents is as good.
    pub(crate) fn counted_terms(
        &self,
        reader: &SegmentReader,
    ) -> Result<Option<Arc<InvertedIndexReader>>, Exception> {
        let (None, Some(leaf), AnyColumn::Strings(column)) =
            (&self.script, &self.leaf, &self.column)
        else {
            return Ok(None);
        };
        let few = column.num_terms() <= reader.max_doc() as usize / DOCUMENTS_A_TERM;
        let (true, true, "keyword", Some(field)) =
            (few, leaf.indexed, leaf.kind.name(), leaf.field)
        else {
            return Ok(None);
        };
        let inverted = reader.inverted_index(field).map_err(internal)?;
        Ok((inverted.terms().num_terms() == column.num_terms()).then_some(inverted))
    }

    pub(crate) fn open_segment(&mut self, reader: &SegmentReader) -> Result<(), Exception> {
        if let Some(script) = &mut self.script {
            return script.open_segment(reader);
        }
        self.column = match &self.leaf {
            Some(leaf) => AnyColumn::open(reader, leaf, &self.work, &mut self.held)?,
            None => AnyColumn::None,
        };
        self.texts.open_segment(&self.column)
    }

    /// The keys of a document, each once.
    #[inline]
    pub(crate) fn of(&mut self, doc: DocId, score: f32) -> Result<&[u128], Exception> {
        self.each(doc, score)?;
        self.codes.dedup();
        Ok(&self.codes)
    }

    /// The keys of a document in order, equal ones too where a column keeps them: texts and addresses are there once.
    pub(crate) fn each(&mut self, doc: DocId, score: f32) -> Result<&[u128], Exception> {
        self.codes.clear();
        if let Some(constant) = self.constant {
            self.codes.push(constant);
            return Ok(&self.codes);
        }
        match &mut self.script {
            None => self.column.codes(doc, &mut self.texts, float_code, &mut self.codes)?,
            Some(_) => self.scripted(doc, score)?,
        }
        if self.widened {
            self.codes.iter_mut().for_each(|code| *code = float_code(whole(*code) as f64));
        }
        if self.codes.len() > 1 {
            self.codes.sort_unstable();
            if matches!(self.kind, Some(KeyType::Texts | KeyType::Address)) {
                self.codes.dedup();
            }
        }
        if self.codes.is_empty() {
            self.codes.extend(self.missing);
        }
        Ok(&self.codes)
    }

    /// Reads the codes of what a script gives.
    fn scripted(&mut self, doc: DocId, score: f32) -> Result<(), Exception> {
        let Some(script) = &mut self.script else { return Ok(()) };
        match self.kind {
            Some(KeyType::Float) => {
                self.codes.extend(script.numbers(doc, score)?.into_iter().map(float_code));
            }
            Some(KeyType::Whole | KeyType::Boolean | KeyType::Date | KeyType::Unsigned) => {
                let numbers = script.numbers(doc, score)?.into_iter();
                self.codes.extend(numbers.map(|number| whole_code(number as i64)));
            }
            kind => {
                for text in script.texts(doc, score)? {
                    self.codes.push(match kind {
                        Some(KeyType::Address) => crate::mapping::ip::address(&text)?.into(),
                        _ => self.texts.number(&text)?.into(),
                    });
                }
            }
        }
        Ok(())
    }

    /// As [`Keys::of`], of the first documents of `block`; of how many. The keys are [`Keys::found`].
    pub(crate) fn read(&mut self, block: Block<'_>) -> Result<usize, Exception> {
        self.found.clear();
        let docs = block.docs;
        if let Some(constant) = self.constant {
            self.found.extend((0u32..).zip(docs).map(|(at, _)| (at, constant)));
            return Ok(docs.len());
        }
        let float = |value: f64, factor: Option<f64>| {
            float_code(factor.map_or(value, |factor| columns::scaled(value, factor)))
        };
        let read = if self.script.is_some() {
            self.read_scripted(block)?
        } else {
            match self.block.read(&self.column, docs, float, &mut self.found) {
                Some(read) => read,
                None => self.read_others(docs)?,
            }
        };
        if self.widened {
            self.found.iter_mut().for_each(|(_, code)| *code = float_code(whole(*code) as f64));
        }
        column_block::distinct(&mut self.found);
        if let Some(missing) = self.missing {
            column_block::fill(&mut self.found, &mut self.filled, read, missing);
        }
        Ok(read)
    }

    /// The keys that were read last, each behind the place of its document in the block.
    pub(crate) fn found(&self) -> &[(u32, u128)] {
        &self.found
    }

    /// Adds the keys that a script gives.
    fn read_scripted(&mut self, block: Block<'_>) -> Result<usize, Exception> {
        for (at, (doc, score, _)) in (0u32..).zip(block.iter()) {
            self.codes.clear();
            self.scripted(doc, score)?;
            self.found.extend(self.codes.iter().map(|code| (at, *code)));
        }
        Ok(block.docs.len())
    }

    /// Adds the keys of what is no number.
    fn read_others(&mut self, docs: &[DocId]) -> Result<usize, Exception> {
        if let AnyColumn::Strings(column) = &self.column {
            let read = self.ordinals.read(column.ords(), docs);
            for (at, ordinal) in self.ordinals.iter() {
                self.found.push((at, self.texts.of_ordinal(column, ordinal)?.into()));
            }
            return Ok(read);
        }
        for (at, doc) in (0u32..).zip(docs) {
            self.codes.clear();
            self.column.codes(*doc, &mut self.texts, float_code, &mut self.codes)?;
            self.found.extend(self.codes.iter().map(|code| (at, *code)));
        }
        Ok(docs.len())
    }

    /// The key that a value of the request stands for.
    ///
    /// # Errors
    /// What a value that does not fit the field's type is refused with.
    pub(crate) fn code_of(&mut self, value: &Value) -> Result<u128, Exception> {
        let kind = self.kind.unwrap_or(KeyType::Texts);
        let number = |value: &Value| match &self.leaf {
            Some(leaf) => number_of(leaf, &self.format, value),
            None => crate::value::scalar::number(value)
                .ok_or_else(|| crate::value::scalar::not_a_number(&plain(value))),
        };
        Ok(match kind {
            KeyType::Texts => self.texts.number(&plain(value))?.into(),
            KeyType::Address => crate::mapping::ip::address(&plain(value))?.into(),
            KeyType::Float => float_code(number(value)?),
            KeyType::Unsigned => match plain(value).parse::<u64>() {
                Ok(whole) => whole.into(),
                Err(_) => number(value)? as u128,
            },
            KeyType::Whole => match plain(value).parse::<i64>() {
                Ok(whole) => whole_code(whole),
                Err(_) => whole_code(number(value)? as i64),
            },
            KeyType::Date => match &self.format {
                ValueFormat::Date(format, zone) if value.is_string() || self.leaf.is_some() => {
                    whole_code(math::moment(&plain(value), format, zone)?)
                }
                _ => whole_code(number(value)? as i64),
            },
            KeyType::Boolean => whole_code(flag_of(&plain(value))?),
        })
    }

    /// A key and its text as they are printed.
    pub(crate) fn printed(&self, key: u128) -> (Value, Option<String>) {
        match self.kind.unwrap_or(KeyType::Texts) {
            KeyType::Texts => (Value::from(self.texts.name(key)), None),
            KeyType::Address => (Value::from(columns::address_text(Ipv6Addr::from(key))), None),
            KeyType::Unsigned => (Value::from(key as u64), self.format.text(key as u64 as f64)),
            KeyType::Float => (Value::from(float(key)), self.format.text(float(key))),
            KeyType::Whole | KeyType::Boolean | KeyType::Date => {
                (Value::from(whole(key)), self.format.text(whole(key) as f64))
            }
        }
    }

    /// A key in words: its text, or itself.
    pub(crate) fn text(&self, key: u128) -> String {
        let (value, text) = self.printed(key);
        text.unwrap_or_else(|| plain(&value))
    }

    /// A key as a number.
    pub(crate) fn number(&self, key: u128) -> f64 {
        match self.kind {
            Some(KeyType::Float) => float(key),
            Some(KeyType::Unsigned) => key as u64 as f64,
            _ => whole(key) as f64,
        }
    }

    /// The order of two keys.
    pub(crate) fn compare(&self, a: u128, b: u128) -> Ordering {
        if self.are_texts() {
            self.texts.name(a).as_bytes().cmp(self.texts.name(b).as_bytes())
        } else {
            a.cmp(&b)
        }
    }
}

/// What the keys of a field are; `None` for a field that has none.
fn kind_of(leaf: &Leaf) -> Option<KeyType> {
    match leaf.kind.column_kind()? {
        Column::Str | Column::Terms => Some(KeyType::Texts),
        Column::Boolean => Some(KeyType::Boolean),
        Column::Ip => Some(KeyType::Address),
        Column::Date | Column::DateNanos => Some(KeyType::Date),
        Column::UnsignedLong => Some(KeyType::Unsigned),
        Column::Integer | Column::Long => Some(KeyType::Whole),
        column if column.is_fraction() => Some(KeyType::Float),
        _ => None,
    }
}

/// The code of a fraction; codes are in the order of numbers, minus zero before zero.
pub(crate) fn float_code(value: f64) -> u128 {
    columns::float_code(value).into()
}

/// The fraction of a code.
pub(crate) fn float(key: u128) -> f64 {
    columns::float(key as u64)
}
