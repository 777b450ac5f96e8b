//! `cardinality`: how many different values. Counted exactly (Elasticsearch estimates beyond `precision_threshold`).

use std::collections::HashSet;
use std::sync::Arc;

use serde_json::{Map, Value};
use tantivy::{DocId, SegmentReader};

use super::columns::{AnyColumn, Texts};
use super::values::{Source, wrong_type};
use super::{Collector, IndexContext};
use crate::dsl::options::Options;
use crate::exception::{Exception, ExceptionKind};
use crate::mapping::{FieldType, Leaf};

/// Most different values that are counted over all buckets: bounds the memory, at about 16 bytes each.
const VALUES_MAX: usize = 20_000_000;

/// A `cardinality` aggregation.
#[derive(Clone, Debug)]
pub(crate) struct Cardinality {
    source: Source,
}

pub(super) fn parse(name: &str, value: &Value) -> Result<Cardinality, Exception> {
    let options = Options::declared("cardinality", value)?;
    let source = Source::read("cardinality", &options)?;
    // An exact count satisfies every threshold and every way of executing.
    if let Some(threshold) = options
        .get("precision_threshold")
        .and_then(Value::as_i64)
        .filter(|threshold| *threshold < 0)
    {
        let cause = Exception::illegal_argument(format!(
            "[precisionThreshold] must be greater than or equal to 0. Found [{threshold}] in [{name}]"
        ));
        return Err(options.failed("precision_threshold", cause));
    }
    options.get("execution_hint");
    options.finish()?;
    Ok(Cardinality { source })
}

/// The values of a field of any type, counted.
pub(crate) struct Counted {
    source: Source,
    leaf: Option<Arc<Leaf>>,
    column: AnyColumn,
}

impl Counted {
    pub(crate) fn new(source: Source) -> Counted {
        Counted { source, leaf: None, column: AnyColumn::None }
    }

    pub(crate) fn open_index(
        &mut self,
        index: &IndexContext<'_>,
        kind: &str,
    ) -> Result<(), Exception> {
        self.leaf = index.snapshot.mapping.leaf(&self.source.field).cloned();
        let Some(leaf) = &self.leaf else { return Ok(()) };
        if leaf.column.is_none() {
            return Err(Exception::illegal_argument(crate::search::sort::no_column(leaf)));
        }
        if matches!(leaf.kind, FieldType::Text(_) | FieldType::Binary) {
            return Err(wrong_type(leaf, kind));
        }
        Ok(())
    }

    pub(crate) fn open_segment(&mut self, reader: &SegmentReader) -> Result<(), Exception> {
        self.column = match &self.leaf {
            Some(leaf) => AnyColumn::open(reader, leaf)?,
            None => AnyColumn::None,
        };
        Ok(())
    }

    /// How many values a document has; one when it has none and `missing` is given.
    pub(crate) fn count(&self, doc: DocId) -> u64 {
        let count = match &self.column {
            AnyColumn::None => 0,
            AnyColumn::Numbers(numbers) => {
                let mut count = 0;
                numbers.each(doc, |_| count += 1);
                count
            }
            AnyColumn::Strings(column) => distinct(column.term_ords(doc)),
            AnyColumn::Addresses(column) => distinct(column.values_for_doc(doc)),
        };
        if count == 0 && self.source.missing.is_some() { 1 } else { count }
    }
}

/// How many different values there are: strings and addresses are sets.
fn distinct<T: Ord>(values: impl Iterator<Item = T>) -> u64 {
    let mut values: Vec<T> = values.collect();
    if values.len() > 1 {
        values.sort_unstable();
        values.dedup();
    }
    values.len() as u64
}

/// A `cardinality` aggregation while it runs.
pub(super) struct Run {
    counted: Counted,
    texts: Texts,
    codes: Vec<u128>,
    owners: Vec<HashSet<u128>>,
    size: usize,
}

impl Run {
    pub(super) fn new(definition: Cardinality) -> Run {
        Run {
            counted: Counted::new(definition.source),
            texts: Texts::default(),
            codes: Vec::new(),
            owners: Vec::new(),
            size: 0,
        }
    }

    /// The codes of a document's values, or of the missing one.
    fn gather(&mut self, doc: DocId) -> Result<(), Exception> {
        self.codes.clear();
        let bits = |value: f64| u128::from(value.to_bits());
        self.counted.column.codes(doc, &mut self.texts, bits, &mut self.codes)?;
        if self.codes.is_empty()
            && let Some(missing) = &self.counted.source.missing
        {
            let text = format!("\0missing {}", crate::mapping::field::plain(missing));
            self.codes.push(u128::from(self.texts.number(&text)) << 64);
        }
        Ok(())
    }
}

impl Collector for Run {
    fn open_index(&mut self, index: &IndexContext<'_>) -> Result<(), Exception> {
        self.counted.open_index(index, "cardinality")
    }

    fn open_segment(&mut self, reader: &SegmentReader) -> Result<(), Exception> {
        self.counted.open_segment(reader)?;
        self.texts.open_segment(&self.counted.column);
        Ok(())
    }

    fn collect(&mut self, doc: DocId, _: f32, owner: u32) -> Result<(), Exception> {
        self.gather(doc)?;
        let owner = owner as usize;
        if self.owners.len() <= owner {
            self.owners.resize_with(owner + 1, HashSet::new);
        }
        if let Some(seen) = self.owners.get_mut(owner) {
            for code in &self.codes {
                self.size += usize::from(seen.insert(*code));
            }
        }
        if self.size > VALUES_MAX {
            return Err(Exception::new(
                ExceptionKind::CircuitBreaking,
                format!("[cardinality] met more than [{VALUES_MAX}] different values"),
            ));
        }
        Ok(())
    }

    fn finish(&mut self, owner: u32) -> Result<Map<String, Value>, Exception> {
        let count = self.owners.get(owner as usize).map_or(0, HashSet::len);
        Ok(Map::from_iter([("value".to_owned(), Value::from(count))]))
    }

    fn sort_value(&mut self, owner: u32, _: &[&str]) -> Result<Option<f64>, Exception> {
        Ok(Some(self.owners.get(owner as usize).map_or(0, HashSet::len) as f64))
    }

    fn type_name(&self) -> &'static str {
        "cardinality"
    }
}
