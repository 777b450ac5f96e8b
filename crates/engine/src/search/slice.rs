//! `slice`: one of several parts of a scroll, each document in one of them.

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::Value;
use tantivy::query::{
    BitSetDocSet, ConstScorer, EnableScoring, Explanation, Query, Scorer, Weight,
};
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{BitSet, DocId, DocSet, Score, SegmentReader, TERMINATED};

use super::{SearchRequest, Target};
use crate::cluster::search_settings::SearchSettings;
use crate::columns::Numbers;
use crate::dsl::lower::Lowered;
use crate::dsl::options::Options;
use crate::exception::{Exception, ExceptionKind};
use crate::flavor::Flavor;
use crate::mapping::{Column, Leaf, fields};
use crate::routing::{self, Partition};
use crate::work::{Cancel, stopped};

/// Which part.
#[derive(Clone, Debug, PartialEq)]
pub struct Slice {
    id: u64,
    max: u64,
    /// Whose values say in which part a document is; none: its id.
    field: Option<String>,
}

impl Slice {
    /// Reads `{"id": 0, "max": 2}`.
    pub(super) fn parse(value: &Value) -> Result<Slice, Exception> {
        let options = Options::declared("slice", value)?;
        let whole = |key: &str| -> Result<Option<i64>, Exception> {
            let Some(text) = options.text(key)? else { return Ok(None) };
            text.parse().map(Some).map_err(|_| crate::value::scalar::not_a_number(&text))
        };
        let refused =
            |key: &str, reason: &str| options.failed(key, Exception::illegal_argument(reason));
        let (id, max) = (whole("id")?.unwrap_or(0), whole("max")?.unwrap_or(2));
        let id = u64::try_from(id)
            .map_err(|_| refused("id", "id must be greater than or equal to 0"))?;
        if max <= 1 {
            return Err(refused("max", "max must be greater than 1"));
        }
        let max = u64::try_from(max).unwrap_or(u64::MAX);
        if max <= id {
            return Err(refused("max", "max must be greater than id"));
        }
        let field = options.text("field")?;
        options.finish()?;
        Ok(Slice { id, max, field })
    }

    /// Refuses a slice of what is neither a scroll nor, in OpenSearch, a point in time, and too many of them.
    ///
    /// # Errors
    /// In Elasticsearch's words.
    pub(super) fn check(
        &self,
        request: &SearchRequest,
        settings: &SearchSettings,
        flavor: Flavor,
    ) -> Result<(), Exception> {
        let of_pit = request.pit.is_some();
        if request.scroll_milliseconds.is_none() && !of_pit {
            let or = if flavor == Flavor::OpenSearch219 { " or PIT context" } else { "" };
            let reason = format!("`slice` cannot be used outside of a scroll context{or}");
            return Err(Exception::new(ExceptionKind::Search, reason));
        }
        let (most, key) = match of_pit {
            true => (settings.max_slices.1, "index.max_slices_per_pit"),
            false => (settings.max_slices.0, "index.max_slices_per_scroll"),
        };
        if self.max > most {
            let what = if of_pit { "PIT slices" } else { "slices" };
            return Err(Exception::illegal_argument(format!(
                "The number of {what} [{}] is too large. It must be less than [{most}]. This limit can be set by \
                 changing the [{key}] index level setting.",
                self.max
            )));
        }
        Ok(())
    }

    /// The documents of the part, on one index. (`SliceBuilder.toFilter` of Elasticsearch 7.10.)
    ///
    /// # Errors
    /// A field without numbers.
    pub(super) fn lowered(&self, target: &Target, cancel: &Cancel) -> Result<Lowered, Exception> {
        let snapshot = target.snapshot();
        let by = match self.field.as_deref() {
            None | Some("_id") => None,
            Some(path) => match snapshot.mapping.leaf(path) {
                Some(leaf) if leaf.column.is_some_and(is_numeric) => Some(Arc::clone(leaf)),
                Some(_) => {
                    return Err(Exception::illegal_argument(format!(
                        "cannot load numeric doc values on {path}"
                    )));
                }
                None => {
                    return Err(Exception::illegal_argument(format!("field {path} not found")));
                }
            },
        };
        let (partition, cancel) = (snapshot.settings.partition, cancel.clone());
        Ok(Box::new(Sliced { by, id: self.id, max: self.max, partition, cancel }))
    }
}

/// Whether Lucene keeps the values as numbers.
fn is_numeric(column: Column) -> bool {
    column.is_number() || column == Column::GeoPoint
}

/// The documents of one part.
#[derive(Clone, Debug)]
struct Sliced {
    /// Whose values say in which part a document is; `None`: its id.
    by: Option<Arc<Leaf>>,
    id: u64,
    max: u64,
    partition: Partition,
    cancel: Cancel,
}

impl Sliced {
    /// Which part of how many of a shard belongs to the slice; `None`: none of it.
    fn part_of(&self, shard: u64) -> Option<(u64, u64)> {
        let shards = self.partition.shards;
        if shards <= 1 {
            return Some((self.id, self.max));
        }
        if self.max < shards {
            return (shard % self.max == self.id).then_some((0, 1));
        }
        let parts = self.max / shards + u64::from(self.max % shards > shard);
        (self.id % shards == shard).then_some((self.id / shards, parts))
    }

    fn documents(&self, reader: &SegmentReader) -> tantivy::Result<BitSet> {
        let mut found = BitSet::with_max_value(reader.max_doc());
        let mut routed: HashMap<DocId, u64> = HashMap::new();
        if self.partition.shards > 1 {
            self.walk(reader, fields::ROUTING, &mut |routing, doc| {
                routed.insert(doc, self.partition.shard(routing));
            })?;
        }
        let column = self.by.as_ref().map(|leaf| Numbers::of(reader, leaf)).transpose()?.flatten();
        self.walk(reader, fields::ID, &mut |id, doc| {
            let shard = routed.get(&doc).copied();
            let shard = shard.unwrap_or_else(|| self.partition.shard(id));
            let Some((part, parts)) = self.part_of(shard) else { return };
            let is_in = match &self.by {
                _ if parts == 1 => true,
                None => routing::slice(id, parts as usize) as u64 == part,
                Some(leaf) => {
                    let values = codes(column.as_ref(), leaf, doc);
                    values.iter().any(|value| part_of_value(*value, parts) == part)
                        || values.is_empty() && part == 0
                }
            };
            if is_in {
                found.insert(doc);
            }
        })?;
        Ok(found)
    }

    /// Each term of `field`, with each document that has it.
    fn walk(
        &self,
        reader: &SegmentReader,
        field: Field,
        each: &mut dyn FnMut(&str, DocId),
    ) -> tantivy::Result<()> {
        let inverted = reader.inverted_index(field)?;
        let mut terms = inverted.terms().stream()?;
        while terms.advance() {
            let Ok(text) = std::str::from_utf8(terms.key()) else { continue };
            let option = IndexRecordOption::Basic;
            let mut postings = inverted.read_postings_from_terminfo(terms.value(), option)?;
            while postings.doc() != TERMINATED {
                if self.cancel.is_cancelled() {
                    return Err(stopped());
                }
                each(text, postings.doc());
                postings.advance();
            }
        }
        Ok(())
    }
}

/// The values of a document as Lucene keeps them.
fn codes(column: Option<&Numbers>, leaf: &Leaf, doc: DocId) -> Vec<i64> {
    match column {
        None => Vec::new(),
        Some(Numbers::I64(column)) => column.values_for_doc(doc).collect(),
        Some(Numbers::U64(column)) => column.values_for_doc(doc).map(|it| it as i64).collect(),
        Some(Numbers::F64(column)) => {
            let code = |value: f64| match leaf.column {
                Some(Column::Float) => {
                    let bits = (value as f32).to_bits() as i32;
                    i64::from(bits ^ ((bits >> 31) & i32::MAX))
                }
                _ => {
                    let bits = value.to_bits() as i64;
                    bits ^ ((bits >> 63) & i64::MAX)
                }
            };
            column.values_for_doc(doc).map(code).collect()
        }
        Some(Numbers::Scaled(column, factor)) => {
            column.values_for_doc(doc).map(|value| (value * factor).round() as i64).collect()
        }
    }
}

/// In which of `parts` a value is. (`BitMixer.mix` of HPPC.)
fn part_of_value(value: i64, parts: u64) -> u64 {
    let mut mixed = value as u64;
    mixed = (mixed ^ (mixed >> 32)).wrapping_mul(0x4cd6_944c_5cc2_0b6d);
    mixed = (mixed ^ (mixed >> 29)).wrapping_mul(0xfc12_c5b1_9d32_59e9);
    let mixed = (mixed ^ (mixed >> 32)) as i32;
    i64::from(mixed).rem_euclid(i64::try_from(parts).unwrap_or(i64::MAX)) as u64
}

impl Query for Sliced {
    fn weight(&self, _: EnableScoring<'_>) -> tantivy::Result<Box<dyn Weight>> {
        Ok(Box::new(self.clone()))
    }
}

impl Weight for Sliced {
    fn scorer(&self, reader: &SegmentReader, boost: Score) -> tantivy::Result<Box<dyn Scorer>> {
        let documents = BitSetDocSet::from(self.documents(reader)?);
        Ok(Box::new(ConstScorer::new(documents, boost)))
    }

    fn explain(&self, _: &SegmentReader, _: DocId) -> tantivy::Result<Explanation> {
        Ok(Explanation::new("slice", 1.0))
    }
}
