//! The numbers an aggregation reads: a field with what stands for absent values, and how numbers are printed.

use std::sync::Arc;

use serde_json::Value;
use tantivy::{DocId, SegmentReader};

use super::IndexContext;
use crate::columns::Numbers;
use crate::dsl::options::Options;
use crate::exception::Exception;
use crate::exception::internal;
use crate::mapping::date::DateFormat;
use crate::mapping::{FieldType, Leaf, fields};
use crate::value::scalar::not_a_number;

/// `field`, `missing` and `format` of an aggregation.
#[derive(Clone, Debug, Default)]
pub(crate) struct ValuesSource {
    pub(crate) field: String,
    pub(crate) missing: Option<Value>,
    pub(crate) format: Option<String>,
}

impl ValuesSource {
    /// Reads the options every values source has.
    pub(crate) fn read(kind: &str, options: &Options<'_>) -> Result<ValuesSource, Exception> {
        if options.get("script").is_some() {
            return Err(Exception::not_implemented(&format!("{kind} aggregation with [script]")));
        }
        let Some(field) = options.text("field")? else {
            return Err(Exception::illegal_argument(
                "Required one of fields [field, script], but none were specified. ",
            ));
        };
        // `value_type` says what an unmapped field would hold: it then holds nothing.
        options.get("value_type");
        Ok(ValuesSource {
            field,
            missing: options.get("missing").cloned(),
            format: options.text("format")?,
        })
    }
}

impl ValuesSource {
    /// The field on `index`; `None` where it is not mapped.
    ///
    /// # Errors
    /// `illegal_argument_exception` for a field whose values are in no column.
    pub(crate) fn leaf(&self, index: &IndexContext<'_>) -> Result<Option<Arc<Leaf>>, Exception> {
        match index.snapshot.mapping.leaf(&self.field) {
            Some(leaf) if leaf.column.is_none() => {
                Err(Exception::illegal_argument(leaf.no_column()))
            }
            leaf => Ok(leaf.cloned()),
        }
    }
}

/// A source of numbers on the index and segment that are open.
#[derive(Clone)]
pub(crate) struct Values {
    source: ValuesSource,
    leaf: Option<Arc<Leaf>>,
    missing: Option<f64>,
    format: Option<DateFormat>,
    boolean: bool,
    column: Option<Numbers>,
}

impl Values {
    pub(crate) fn new(source: ValuesSource) -> Values {
        Values { source, leaf: None, missing: None, format: None, boolean: false, column: None }
    }

    /// Looks the field up; `kind` names the aggregation in refusals.
    pub(crate) fn open_index(
        &mut self,
        index: &IndexContext<'_>,
        kind: &str,
    ) -> Result<(), Exception> {
        self.leaf = self.source.leaf(index)?;
        self.missing = None;
        let Some(leaf) = &self.leaf else {
            self.missing = self.source.missing.as_ref().and_then(Value::as_f64);
            return Ok(());
        };
        match &leaf.kind {
            FieldType::Number(_) => {
                if self.source.format.is_some() {
                    return Err(Exception::not_implemented(&format!(
                        "{kind} aggregation with a number [format]"
                    )));
                }
            }
            FieldType::Boolean(_) => self.boolean = true,
            FieldType::Date(date) => {
                self.format = Some(match &self.source.format {
                    Some(format) => DateFormat::parse(format)?,
                    None => date.format.clone(),
                });
            }
            _ => return Err(wrong_type(leaf, kind)),
        }
        self.missing = match &self.source.missing {
            None => None,
            Some(value) => Some(number_of(leaf, value)?),
        };
        Ok(())
    }

    pub(crate) fn open_segment(&mut self, reader: &SegmentReader) -> Result<(), Exception> {
        self.column = match &self.leaf {
            Some(leaf) => {
                Numbers::open(reader, &fields::stored_name(&leaf.path)).map_err(internal)?
            }
            None => None,
        };
        Ok(())
    }

    /// Hands every value of a document to `take`; the missing one when it has none.
    #[inline]
    pub(crate) fn each(&self, doc: DocId, mut take: impl FnMut(f64)) {
        let mut any = false;
        if let Some(column) = &self.column {
            column.each(doc, |value| {
                any = true;
                take(value);
            });
        }
        if !any && let Some(missing) = self.missing {
            take(missing);
        }
    }

    /// A value as text where the type has one: dates and booleans.
    pub(crate) fn text(&self, value: f64) -> Option<Value> {
        if self.boolean {
            return Some(Value::from(if value == 0.0 { "false" } else { "true" }));
        }
        self.format.as_ref().map(|format| Value::from(format.print(value as i64)))
    }

    pub(crate) fn date_format(&self) -> Option<&DateFormat> {
        self.format.as_ref()
    }
}

/// A JSON scalar as the number a field of this type keeps.
pub(crate) fn number_of(leaf: &Leaf, value: &Value) -> Result<f64, Exception> {
    let text = crate::value::scalar::plain(value);
    let bad = || not_a_number(&text);
    match &leaf.kind {
        FieldType::Date(date) => date.format.read(&text).map(|milliseconds| milliseconds as f64),
        FieldType::Boolean(_) => crate::dsl::term::boolean(value).map(|flag| flag as f64),
        _ => text.parse().map_err(|_| bad()),
    }
}

/// The refusal of a field type.
pub(crate) fn wrong_type(leaf: &Leaf, kind: &str) -> Exception {
    Exception::illegal_argument(format!(
        "Field [{}] of type [{}] is not supported for aggregation [{kind}]",
        leaf.path,
        leaf.kind.name()
    ))
}
