//! `cardinality`: how many different values. Counted exactly (Elasticsearch estimates beyond `precision_threshold`).

use std::collections::HashSet;
use std::net::Ipv6Addr;
use std::sync::Arc;

use serde_json::{Map, Value};
use tantivy::columnar::{Column, StrColumn};
use tantivy::{DocId, SegmentReader};

use super::columns::{self, Numbers};
use super::values::{Source, Values, wrong_type};
use super::{Collector, IndexContext};
use crate::dsl::lower::{internal, io};
use crate::dsl::options::Options;
use crate::exception::{Exception, ExceptionKind};
use crate::mapping::{FieldType, Leaf, fields};

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

enum AnyColumn {
    None,
    Numbers(Numbers),
    Strings(StrColumn),
    Addresses(Column<Ipv6Addr>),
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
        self.column = AnyColumn::None;
        let Some(leaf) = &self.leaf else { return Ok(()) };
        let name = fields::stored_name(&leaf.path);
        self.column = match &leaf.kind {
            FieldType::Keyword(_) => columns::strings(reader, &name)
                .map_err(internal)?
                .map_or(AnyColumn::None, AnyColumn::Strings),
            FieldType::Ip(_) => columns::addresses(reader, &name)
                .map_err(internal)?
                .map_or(AnyColumn::None, AnyColumn::Addresses),
            _ => Numbers::open(reader, &name)
                .map_err(internal)?
                .map_or(AnyColumn::None, AnyColumn::Numbers),
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

/// A value, or a text by its number in `texts`.
type Key = u128;

/// A `cardinality` aggregation while it runs.
pub(super) struct Run {
    counted: Counted,
    missing: Values,
    texts: std::collections::HashMap<String, u32>,
    /// Ordinals of the open segment as numbers of texts; `u32::MAX`: not looked up.
    ordinals: Vec<u32>,
    owners: Vec<HashSet<Key>>,
    size: usize,
}

impl Run {
    pub(super) fn new(definition: Cardinality) -> Run {
        Run {
            counted: Counted::new(definition.source.clone()),
            missing: Values::new(definition.source),
            texts: std::collections::HashMap::new(),
            ordinals: Vec::new(),
            owners: Vec::new(),
            size: 0,
        }
    }

    fn number_of(&mut self, text: String) -> u32 {
        let next = u32::try_from(self.texts.len()).unwrap_or(u32::MAX - 1);
        *self.texts.entry(text).or_insert(next)
    }

    fn keys(&mut self, doc: DocId) -> Result<Vec<Key>, Exception> {
        let mut keys: Vec<Key> = Vec::new();
        match &self.counted.column {
            AnyColumn::None => {}
            AnyColumn::Numbers(Numbers::I64(column)) => {
                keys.extend(column.values_for_doc(doc).map(|v| u128::from(v as u64)))
            }
            AnyColumn::Numbers(Numbers::U64(column)) => {
                keys.extend(column.values_for_doc(doc).map(u128::from))
            }
            AnyColumn::Numbers(Numbers::F64(column)) => {
                keys.extend(column.values_for_doc(doc).map(|v| u128::from(v.to_bits())));
            }
            AnyColumn::Addresses(column) => keys.extend(column.values_for_doc(doc).map(u128::from)),
            AnyColumn::Strings(column) => {
                let column = column.clone();
                for ordinal in column.term_ords(doc) {
                    let place = usize::try_from(ordinal).unwrap_or(usize::MAX);
                    let known =
                        self.ordinals.get(place).copied().filter(|known| *known != u32::MAX);
                    let number = match known {
                        Some(number) => number,
                        None => {
                            let mut text = String::new();
                            column.ord_to_str(ordinal, &mut text).map_err(io)?;
                            let number = self.number_of(text);
                            if let Some(place) = self.ordinals.get_mut(place) {
                                *place = number;
                            }
                            number
                        }
                    };
                    keys.push(number.into());
                }
            }
        }
        if keys.is_empty()
            && let Some(missing) = self.counted.source.missing.clone()
        {
            let text = crate::mapping::field::plain(&missing);
            keys.push(u128::from(self.number_of(format!("\0missing {text}"))) << 64);
        }
        Ok(keys)
    }
}

impl Collector for Run {
    fn open_index(&mut self, index: &IndexContext<'_>) -> Result<(), Exception> {
        let _ = &self.missing;
        self.counted.open_index(index, "cardinality")
    }

    fn open_segment(&mut self, reader: &SegmentReader) -> Result<(), Exception> {
        self.counted.open_segment(reader)?;
        self.ordinals.clear();
        if let AnyColumn::Strings(column) = &self.counted.column {
            self.ordinals.resize(column.num_terms(), u32::MAX);
        }
        Ok(())
    }

    fn collect(&mut self, doc: DocId, _: f32, owner: u32) -> Result<(), Exception> {
        let keys = self.keys(doc)?;
        let owner = owner as usize;
        if self.owners.len() <= owner {
            self.owners.resize_with(owner + 1, HashSet::new);
        }
        if let Some(seen) = self.owners.get_mut(owner) {
            for key in keys {
                self.size += usize::from(seen.insert(key));
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
