//! Scripts as sources of values: what a script gives for a document, or for each value (`_value`) that a field of it has.
//! Source: `ScriptDoubleValues`, `ScriptBytesValues` and the `WithScript` of `ValuesSource` in Elasticsearch 7.10.

use std::sync::Arc;

use tantivy::{DocId, SegmentReader};

use super::IndexContext;
use super::values::ValuesSource;
use crate::columns::{AnyColumn, address_text};
use crate::dsl::script::{OnIndex, OnSegment};
use crate::exception::{Exception, ExceptionKind, internal, io};
use crate::mapping::Leaf;
use crate::script::painless::ScriptOutcome;
use crate::script::painless::value::Value as ScriptValue;
use crate::script::{ScriptRequest, context};
use crate::work::{HeldMemory, Work};

/// The script of a source on the index and segment that are open.
pub(crate) struct ScriptValues {
    script: ScriptRequest,
    /// Whether it is asked about each value of a field.
    of_field: bool,
    /// Whether the first value of a document is asked about in place of each: an expression keeps what it computed of a document.
    of_first: bool,
    leaf: Option<Arc<Leaf>>,
    column: AnyColumn,
    on: Option<OnIndex>,
    segment: Option<OnSegment>,
    work: Work,
    held: HeldMemory,
}

impl ScriptValues {
    /// That of `source`; `None` where it has no script.
    pub(crate) fn of(source: &ValuesSource, work: &Work) -> Option<ScriptValues> {
        Some(ScriptValues {
            script: source.script.clone()?,
            of_field: !source.field.is_empty(),
            of_first: false,
            leaf: None,
            column: AnyColumn::None,
            on: None,
            segment: None,
            work: work.clone(),
            held: work.holds("<fielddata>"),
        })
    }

    /// Whether it is asked about each value of a field.
    pub(crate) fn is_of_field(&self) -> bool {
        self.of_field
    }

    /// Compiles it on an index, where its field is `leaf`.
    ///
    /// # Errors
    /// `script_exception` "compile error".
    pub(crate) fn open_index(
        &mut self,
        index: &IndexContext<'_>,
        leaf: Option<&Arc<Leaf>>,
    ) -> Result<(), Exception> {
        self.leaf = leaf.cloned();
        self.of_first = self.script.text(&self.work)?.0 == "expression";
        self.on = Some(OnIndex::new(&self.script, &context::AGGS, &index.lowering)?);
        Ok(())
    }

    pub(crate) fn open_segment(&mut self, reader: &SegmentReader) -> Result<(), Exception> {
        self.column = match &self.leaf {
            Some(leaf) => AnyColumn::open(reader, leaf, &self.work, &mut self.held)?,
            None => AnyColumn::None,
        };
        let open = |on: &OnIndex| on.on_segment(reader).map_err(internal);
        self.segment = self.on.as_ref().map(open).transpose()?;
        Ok(())
    }

    /// The numbers of a document, in order.
    ///
    /// # Errors
    /// What the script fails by; `aggregation_execution_exception` of what is no number.
    pub(crate) fn numbers(&mut self, doc: DocId, score: f32) -> Result<Vec<f64>, Exception> {
        let given = self.given(doc, score, |outcome| outcome.numbers(unsupported))?;
        let mut numbers: Vec<f64> = given.into_iter().flatten().collect();
        numbers.sort_by(f64::total_cmp);
        Ok(numbers)
    }

    /// The texts of a document, in order.
    ///
    /// # Errors
    /// What the script fails by.
    pub(crate) fn texts(&mut self, doc: DocId, score: f32) -> Result<Vec<String>, Exception> {
        let given = self.given(doc, score, |outcome| outcome.texts())?;
        let mut texts: Vec<String> = given.into_iter().flatten().collect();
        texts.sort_unstable();
        Ok(texts)
    }

    /// What the script gives: once for the document, or for each value.
    fn given<T>(
        &mut self,
        doc: DocId,
        score: f32,
        take: impl Fn(&mut ScriptOutcome<'_>) -> Result<T, Exception>,
    ) -> Result<Vec<T>, Exception> {
        let mut values = if self.of_field { self.values(doc)? } else { vec![ScriptValue::Null] };
        if let Some(first) = values.first().cloned().filter(|_| self.of_first) {
            values.fill(first);
        }
        let Some(segment) = &mut self.segment else { return Ok(Vec::new()) };
        let mut given = Vec::new();
        for value in values {
            given.extend(segment.run_on(doc, score, value, &take)?);
        }
        Ok(given)
    }

    /// The values of the field, as scripts see them: texts and fractions.
    fn values(&self, doc: DocId) -> Result<Vec<ScriptValue>, Exception> {
        let mut values = Vec::new();
        match &self.column {
            AnyColumn::None | AnyColumn::Bytes(_) => {}
            AnyColumn::Numbers(numbers) => {
                numbers.each(doc, |number| values.push(ScriptValue::Double(number)));
            }
            AnyColumn::Nanos(column) => {
                let numbers = column.values_for_doc(doc);
                let milliseconds = numbers.map(|nanos| nanos.div_euclid(1_000_000) as f64);
                values.extend(milliseconds.map(ScriptValue::Double));
            }
            AnyColumn::Addresses(column) => {
                let addresses = column.values_for_doc(doc);
                values.extend(addresses.map(|it| ScriptValue::text(address_text(it))));
            }
            AnyColumn::Strings(column) => {
                for ordinal in column.term_ords(doc) {
                    let mut text = String::new();
                    column.ord_to_str(ordinal, &mut text).map_err(io)?;
                    values.push(ScriptValue::text(text));
                }
            }
        }
        Ok(values)
    }
}

fn unsupported(value: &str) -> Exception {
    Exception::new(
        ExceptionKind::AggregationExecution,
        format!("Unsupported script value [{value}], expected a number, date, or boolean"),
    )
}
