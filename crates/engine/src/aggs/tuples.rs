//! Keys made of the keys of several fields, by number.

use std::collections::HashMap;

use tantivy::{DocId, SegmentReader};

use super::IndexContext;
use super::keys::Keys;
use crate::exception::Exception;
use crate::work::HeldMemory;

/// What a tuple takes beside its keys.
const TUPLE_BYTES: u64 = 120;

/// Most tuples of one document.
const TUPLES_MAX: usize = 65_536;

/// The tuples of the keys of some fields.
pub(crate) struct KeyTuples {
    pub(crate) fields: Vec<Keys>,
    numbers: HashMap<Vec<u128>, u32>,
    tuples: Vec<Vec<u128>>,
    found: Vec<u32>,
    held: HeldMemory,
}

impl KeyTuples {
    /// Of `fields`; they are remembered in the memory of `held`.
    pub(crate) fn new(fields: Vec<Keys>, held: HeldMemory) -> KeyTuples {
        KeyTuples { fields, numbers: HashMap::new(), tuples: Vec::new(), found: Vec::new(), held }
    }

    pub(crate) fn open_index(
        &mut self,
        index: &IndexContext<'_>,
        kind: &str,
    ) -> Result<(), Exception> {
        self.fields.iter_mut().try_for_each(|field| field.open_index(index, kind))
    }

    pub(crate) fn open_segment(&mut self, reader: &SegmentReader) -> Result<(), Exception> {
        self.fields.iter_mut().try_for_each(|field| field.open_segment(reader))
    }

    /// The numbers of a document's tuples: none where a field has no key.
    pub(crate) fn of(&mut self, doc: DocId, score: f32) -> Result<&[u32], Exception> {
        self.found.clear();
        let mut all: Vec<Vec<u128>> = vec![Vec::with_capacity(self.fields.len())];
        for field in &mut self.fields {
            let keys = field.of(doc, score)?;
            let count = all.len().saturating_mul(keys.len());
            if count > TUPLES_MAX {
                return Err(Exception::illegal_argument(format!(
                    "a document has more than [{TUPLES_MAX}] combinations of keys"
                )));
            }
            let mut longer = Vec::with_capacity(count);
            for tuple in &all {
                for key in keys {
                    let mut tuple = tuple.clone();
                    tuple.push(*key);
                    longer.push(tuple);
                }
            }
            all = longer;
        }
        for tuple in all {
            let number = match self.numbers.get(&tuple) {
                Some(number) => *number,
                None => {
                    self.held.grow(TUPLE_BYTES + 32 * tuple.len() as u64)?;
                    let number = u32::try_from(self.tuples.len()).unwrap_or(u32::MAX);
                    self.tuples.push(tuple.clone());
                    self.numbers.insert(tuple, number);
                    number
                }
            };
            self.found.push(number);
        }
        Ok(&self.found)
    }

    /// How many there are; their numbers start with 0.
    pub(crate) fn count(&self) -> u32 {
        u32::try_from(self.tuples.len()).unwrap_or(u32::MAX)
    }

    /// The keys of a tuple.
    pub(crate) fn keys(&self, number: u32) -> &[u128] {
        self.tuples.get(number as usize).map_or(&[], Vec::as_slice)
    }

    /// The order of two tuples: that of the first field in which they differ.
    pub(crate) fn compare(&self, a: u32, b: u32) -> std::cmp::Ordering {
        let pairs = self.keys(a).iter().zip(self.keys(b)).zip(&self.fields);
        let mut orders = pairs.map(|((a, b), field)| field.compare(*a, *b));
        orders.find(|order| order.is_ne()).unwrap_or(std::cmp::Ordering::Equal)
    }
}
