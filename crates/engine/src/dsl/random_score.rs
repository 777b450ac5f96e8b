//! `random_score` of `function_score`: a number from 0 to 1 for each document, the same for the same seed and value.
//!
//! Source: `RandomScoreFunctionBuilder` and `RandomScoreFunction` of Elasticsearch 7.10: the numbers are theirs where a seed
//! and a field are given.

use std::net::Ipv6Addr;
use std::sync::Arc;

use serde_json::Value;
use tantivy::columnar::{self, StrColumn};
use tantivy::{DocId, SegmentReader};

use super::explanation::Explanation;
use super::function_score::{DocumentFunction, SegmentFunction};
use super::lower::Lowering;
use super::options::Options;
use crate::columns::{self, Numbers};
use crate::exception::Exception;
use crate::mapping::{Column, Leaf, fields};
use crate::murmur3::{finished32, hash32};
use crate::value::java::{hash_code, java_double};
use crate::value::scalar::plain;

/// A `random_score` function.
#[derive(Clone, Debug)]
pub(crate) struct RandomScore {
    /// None: another on each search.
    seed: Option<i32>,
    /// Whose values are mixed with the seed; none: the place of the document.
    field: Option<String>,
}

impl RandomScore {
    /// Reads `{"seed": 7, "field": "_seq_no"}`; both may be left out.
    pub(super) fn read(value: &Value) -> Result<RandomScore, Exception> {
        let options = Options::new("random_score", value)?;
        let seed = match options.get("seed") {
            None => None,
            Some(Value::Number(number)) => Some(number.as_i64().map_or_else(
                || folded(number.as_f64().unwrap_or_default().to_bits()),
                |whole| i32::try_from(whole).unwrap_or_else(|_| folded(whole as u64)),
            )),
            Some(Value::String(text)) => Some(hash_code(text)),
            Some(other) => {
                return Err(Exception::parsing(format!(
                    "random_score seed must be an int/long or string, not '{}'",
                    plain(other)
                )));
            }
        };
        let field = options.text("field")?;
        options.only_known(|key| format!("random_score query does not support [{key}]"))?;
        Ok(RandomScore { seed, field })
    }

    /// On one index.
    pub(super) fn lower(
        &self,
        lowering: &Lowering<'_>,
    ) -> Result<Arc<dyn DocumentFunction>, Exception> {
        // Without a seed the moment is one.
        let seed = self.seed.unwrap_or_else(|| folded(lowering.now.as_nanosecond() as u64));
        let salted = finished32(seed ^ (hash_code(lowering.index) << 10));
        let column = match self.field.as_deref() {
            None => None,
            Some("_seq_no") => Some(fields::SEQ_NO_NAME.to_owned()),
            Some(path) => match lowering.leaf(path) {
                Some(leaf) if leaf.column.is_none() => {
                    return Err(lowering.failed(Exception::illegal_argument(leaf.no_column())));
                }
                Some(leaf) => {
                    let leaf = Some(Arc::clone(leaf));
                    return Ok(Arc::new(IndexRandom { seed, salted, column: None, leaf }));
                }
                None if matches!(path, "_id" | "_uid") => None,
                None => {
                    return Err(lowering.failed(Exception::illegal_argument(format!(
                        "Field [{path}] is not mapped on [[{}/{}]] and cannot be used as a source of random numbers.",
                        lowering.index, lowering.uuid
                    ))));
                }
            },
        };
        Ok(Arc::new(IndexRandom { seed, salted, column, leaf: None }))
    }
}

#[derive(Debug)]
struct IndexRandom {
    seed: i32,
    /// The seed with the index's name in it.
    salted: i32,
    /// The column of a field that every document has.
    column: Option<String>,
    leaf: Option<Arc<Leaf>>,
}

impl DocumentFunction for IndexRandom {
    fn explanation(&self, _: &SegmentReader, _: DocId, value: f64) -> Explanation {
        let own = self.leaf.as_ref().map(|leaf| leaf.path.as_str());
        let field = own.or(self.column.as_deref()).unwrap_or("null");
        let words = format!("random score function (seed: {}, field: {field})", self.seed);
        Explanation::of(value as f32, words, Vec::new())
    }
    fn open(&self, reader: &SegmentReader) -> tantivy::Result<Box<dyn SegmentFunction>> {
        let mut column = RandomColumn::None;
        if let Some(leaf) = &self.leaf {
            let name = fields::stored_name(&leaf.path);
            column = match leaf.column {
                Some(Column::Ip) => {
                    columns::addresses(reader, &name)?.map_or(column, RandomColumn::Addresses)
                }
                kind => match (Numbers::of(reader, leaf)?, columns::strings(reader, &name)?) {
                    (Some(numbers), _) => {
                        RandomColumn::Numbers(numbers, kind == Some(Column::DateNanos))
                    }
                    (None, Some(strings)) => RandomColumn::Strings(strings),
                    (None, None) => RandomColumn::None,
                },
            };
        } else if let Some(name) = &self.column {
            let numbers = Numbers::open(reader, name)?;
            column = numbers.map_or(column, |numbers| RandomColumn::Numbers(numbers, false));
        } else {
            // The place within a segment is one within the index together with the segment's own name.
            let seed = hash32(reader.segment_id().uuid_string().as_bytes(), self.salted);
            return Ok(Box::new(SegmentRandom { seed, column: RandomColumn::Place }));
        }
        Ok(Box::new(SegmentRandom { seed: self.salted, column }))
    }
}

/// What a number is made of, beside the seed.
enum RandomColumn {
    /// The document's place.
    Place,
    /// Nothing: no document has a value.
    None,
    /// Numbers as Java prints them; whether they are nanoseconds.
    Numbers(Numbers, bool),
    Strings(StrColumn),
    Addresses(columnar::Column<Ipv6Addr>),
}

struct SegmentRandom {
    seed: i32,
    column: RandomColumn,
}

impl SegmentFunction for SegmentRandom {
    fn value(&self, doc: DocId, _: f32) -> Result<f64, Exception> {
        let bytes = match &self.column {
            RandomColumn::Place => Some(doc.to_le_bytes().to_vec()),
            RandomColumn::None => None,
            RandomColumn::Numbers(numbers, nanoseconds) => {
                least(numbers, doc, *nanoseconds).map(String::into_bytes)
            }
            RandomColumn::Addresses(column) => {
                column.values_for_doc(doc).min().map(|address| address.octets().to_vec())
            }
            RandomColumn::Strings(column) => match column.term_ords(doc).min() {
                None => None,
                Some(ordinal) => {
                    let mut text = String::new();
                    column.ord_to_str(ordinal, &mut text).map_err(crate::exception::io)?;
                    Some(text.into_bytes())
                }
            },
        };
        let hash = bytes.map_or(self.seed, |bytes| hash32(&bytes, self.seed));
        // 24 bits, as many as a float has.
        Ok(f64::from((hash & 0x00ff_ffff) as f32 / (1 << 24) as f32))
    }
}

/// The least value of a document, as Java prints it.
fn least(numbers: &Numbers, doc: DocId, nanoseconds: bool) -> Option<String> {
    match numbers {
        Numbers::I64(column) => column.values_for_doc(doc).min().map(|value| {
            let value = if nanoseconds { columns::milliseconds(value) } else { value };
            value.to_string()
        }),
        Numbers::U64(column) => column.values_for_doc(doc).min().map(|value| value.to_string()),
        Numbers::F64(column) => column.values_for_doc(doc).min_by(f64::total_cmp).map(java_double),
        Numbers::Scaled(column, factor) => {
            let values = column.values_for_doc(doc).map(|value| columns::scaled(value, *factor));
            values.min_by(f64::total_cmp).map(java_double)
        }
    }
}

/// `Long.hashCode`.
fn folded(value: u64) -> i32 {
    (value ^ (value >> 32)) as i32
}
