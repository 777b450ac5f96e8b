//! `random_score` of `function_score`: a number from 0 to 1 for each document, the same for the same seed and value.

use std::sync::Arc;

use serde_json::Value;
use tantivy::columnar::StrColumn;
use tantivy::{DocId, SegmentReader};

use super::explanation::Explanation;
use super::function_score::{DocumentFunction, SegmentFunction};
use super::lower::Lowering;
use super::options::Options;
use crate::columns::{self, Numbers};
use crate::exception::Exception;
use crate::mapping::fields;
use crate::value::scalar::plain;

/// A `random_score` function.
#[derive(Clone, Debug)]
pub(crate) struct RandomScore {
    /// None: another on each search.
    seed: Option<u64>,
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
                || number.as_f64().unwrap_or_default().to_bits(),
                |whole| whole as u64,
            )),
            Some(Value::String(text)) => Some(hash(0, text.as_bytes())),
            Some(other) => {
                return Err(Exception::parsing(format!(
                    "random_score seed must be an int/long or string, not '{}'",
                    plain(other)
                )));
            }
        };
        let field = options.text("field")?;
        options.finish()?;
        Ok(RandomScore { seed, field })
    }

    /// On one index.
    pub(super) fn lower(
        &self,
        lowering: &Lowering<'_>,
    ) -> Result<Arc<dyn DocumentFunction>, Exception> {
        // Without a seed the moment is one.
        let seed = self.seed.unwrap_or_else(|| lowering.now.as_nanosecond() as u64);
        let seed = hash(seed, lowering.index.as_bytes());
        let column = match self.field.as_deref() {
            None => None,
            Some("_seq_no") => Some(fields::SEQ_NO_NAME.to_owned()),
            Some(path) => match lowering.leaf(path) {
                Some(leaf) if leaf.column.is_none() => {
                    return Err(lowering.failed(Exception::illegal_argument(leaf.no_column())));
                }
                Some(leaf) => Some(fields::stored_name(&leaf.path)),
                None if matches!(path, "_id" | "_uid") => None,
                None => {
                    return Err(lowering.failed(Exception::illegal_argument(format!(
                        "Field [{path}] is not mapped on [[{}/{}]] and cannot be used as a source of random numbers.",
                        lowering.index, lowering.uuid
                    ))));
                }
            },
        };
        Ok(Arc::new(IndexRandom { seed, column }))
    }
}

#[derive(Debug)]
struct IndexRandom {
    seed: u64,
    column: Option<String>,
}

impl DocumentFunction for IndexRandom {
    fn explanation(&self, _: &SegmentReader, _: DocId, value: f64) -> Explanation {
        let field = self.column.as_deref().unwrap_or("null");
        let words = format!("random score function (seed: {}, field: {field})", self.seed);
        Explanation::of(value as f32, words, Vec::new())
    }
    fn open(&self, reader: &SegmentReader) -> tantivy::Result<Box<dyn SegmentFunction>> {
        // The place within a segment is one within the index together with the segment's own name.
        let seed = hash(self.seed, reader.segment_id().uuid_string().as_bytes());
        Ok(Box::new(match &self.column {
            None => SegmentRandom { seed, numbers: None, strings: None, by_place: true },
            Some(name) => SegmentRandom {
                seed: self.seed,
                numbers: Numbers::open(reader, name)?,
                strings: columns::strings(reader, name)?,
                by_place: false,
            },
        }))
    }
}

struct SegmentRandom {
    seed: u64,
    numbers: Option<Numbers>,
    strings: Option<StrColumn>,
    by_place: bool,
}

impl SegmentFunction for SegmentRandom {
    fn value(&self, doc: DocId, _: f32) -> Result<f64, Exception> {
        let mut mixed = self.seed;
        if self.by_place {
            mixed = hash(self.seed, &doc.to_le_bytes());
        } else if let Some(value) = self.numbers.as_ref().and_then(|numbers| numbers.first(doc)) {
            mixed = hash(self.seed, &value.to_bits().to_le_bytes());
        } else if let Some((column, ordinal)) =
            self.strings.as_ref().and_then(|column| Some((column, column.term_ords(doc).next()?)))
        {
            let mut text = String::new();
            column.ord_to_str(ordinal, &mut text).map_err(crate::exception::io)?;
            mixed = hash(self.seed, text.as_bytes());
        }
        // 24 bits, as many as a float has.
        Ok((mixed >> 40) as f64 / f64::from(1 << 24))
    }
}

/// A mixture of a seed and bytes: FNV-1a, then the finisher of SplitMix64.
fn hash(seed: u64, bytes: &[u8]) -> u64 {
    let mut mixed = seed ^ 0xcbf2_9ce4_8422_2325;
    for byte in bytes {
        mixed = (mixed ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
    }
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}
