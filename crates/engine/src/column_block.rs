//! The values of many documents of one column at once: the column is called once for a block of documents, not once for each
//! of them.

use std::cmp::Ordering;
use std::fmt::Debug;

use tantivy::DocId;
use tantivy::columnar::{Column, ColumnIndex};

use crate::columns::{AnyColumn, Numbers, milliseconds, scaled, whole_code};

/// About how many values are read at once, where documents have several.
const VALUES_MAX: usize = 4096;

/// The values of a block of documents.
#[derive(Debug, Default)]
pub(crate) struct ColumnBlock<T> {
    rows: Vec<u32>,
    /// To which document of the block each value belongs, rising.
    places: Vec<u32>,
    values: Vec<T>,
}

impl<T: Copy + Debug + Default + PartialOrd + Send + Sync + 'static> ColumnBlock<T> {
    /// Reads the values of the first of `docs`, and tells of how many that was: of all, unless they have very many.
    pub(crate) fn read(&mut self, column: &Column<T>, docs: &[DocId]) -> usize {
        self.places.clear();
        self.values.clear();
        let mut read = docs.len();
        let rows = match &column.index {
            ColumnIndex::Empty { .. } => return read,
            ColumnIndex::Full => {
                self.places.extend((0u32..).zip(docs).map(|(place, _)| place));
                docs
            }
            index => {
                self.rows.clear();
                for (place, doc) in (0u32..).zip(docs) {
                    if self.rows.len() >= VALUES_MAX {
                        read = place as usize;
                        break;
                    }
                    for row in index.value_row_ids(*doc) {
                        self.rows.push(row);
                        self.places.push(place);
                    }
                }
                &self.rows
            }
        };
        self.values.resize(rows.len(), T::default());
        column.values.get_vals(rows, &mut self.values);
        if matches!(column.index, ColumnIndex::Multivalued(_)) {
            self.sort();
        }
        read
    }

    /// Puts the values of each document in order, as Lucene keeps them.
    fn sort(&mut self) {
        let mut rest = self.values.as_mut_slice();
        for of_one in self.places.chunk_by(|a, b| a == b) {
            let (values, others) = rest.split_at_mut(of_one.len().min(rest.len()));
            if !values.is_sorted() {
                values.sort_unstable_by(|a, b| a.partial_cmp(b).unwrap_or(Ordering::Equal));
            }
            rest = others;
        }
    }

    /// How many values were read.
    pub(crate) fn len(&self) -> usize {
        self.values.len()
    }

    /// Each value behind the place of its document in the block.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (u32, T)> {
        self.places.iter().copied().zip(self.values.iter().copied())
    }
}

/// The numbers of a block of documents, whatever their column has.
#[derive(Debug, Default)]
pub(crate) struct NumberBlock {
    whole: ColumnBlock<i64>,
    unsigned: ColumnBlock<u64>,
    floats: ColumnBlock<f64>,
    numbers: Vec<(u32, f64)>,
    filled: Vec<(u32, f64)>,
}

impl NumberBlock {
    /// As [`ColumnBlock::read`], with `change` done to each number; `missing` stands for the values of a document that has
    /// none.
    pub(crate) fn read(
        &mut self,
        column: Option<&Numbers>,
        docs: &[DocId],
        missing: Option<f64>,
        change: impl Fn(f64) -> f64,
    ) -> usize {
        self.numbers.clear();
        let numbers = &mut self.numbers;
        let read = match column {
            None => docs.len(),
            Some(Numbers::I64(column)) => {
                let read = self.whole.read(column, docs);
                numbers.extend(self.whole.iter().map(|(at, value)| (at, change(value as f64))));
                read
            }
            Some(Numbers::U64(column)) => {
                let read = self.unsigned.read(column, docs);
                numbers.extend(self.unsigned.iter().map(|(at, value)| (at, change(value as f64))));
                read
            }
            Some(Numbers::F64(column)) => {
                let read = self.floats.read(column, docs);
                numbers.extend(self.floats.iter().map(|(at, value)| (at, change(value))));
                read
            }
            Some(Numbers::Scaled(column, factor)) => {
                let read = self.floats.read(column, docs);
                let value = |value| change(scaled(value, *factor));
                numbers.extend(self.floats.iter().map(|(at, number)| (at, value(number))));
                read
            }
        };
        if let Some(missing) = missing {
            fill(&mut self.numbers, &mut self.filled, read, missing);
        }
        read
    }

    /// Takes what `numbers` gives for each of the first `docs` places; `missing` as in [`NumberBlock::read`].
    ///
    /// # Errors
    /// What `numbers` fails with.
    pub(crate) fn take<E>(
        &mut self,
        docs: usize,
        missing: Option<f64>,
        mut numbers: impl FnMut(u32) -> Result<Vec<f64>, E>,
    ) -> Result<(), E> {
        self.numbers.clear();
        for (place, _) in (0u32..).zip(0..docs) {
            self.numbers.extend(numbers(place)?.into_iter().map(|number| (place, number)));
        }
        if let Some(missing) = missing {
            fill(&mut self.numbers, &mut self.filled, docs, missing);
        }
        Ok(())
    }

    /// Each number behind the place of its document in the block.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (u32, f64)> {
        self.numbers.iter().copied()
    }
}

/// Puts `missing` where one of `read` documents has no value.
pub(crate) fn fill<T: Copy>(
    found: &mut Vec<(u32, T)>,
    filled: &mut Vec<(u32, T)>,
    read: usize,
    missing: T,
) {
    filled.clear();
    let mut rest = found.iter().copied().peekable();
    for (place, _) in (0u32..).zip(0..read) {
        if rest.peek().is_none_or(|(next, _)| *next > place) {
            filled.push((place, missing));
        }
        while let Some(value) = rest.next_if(|(next, _)| *next == place) {
            filled.push(value);
        }
    }
    std::mem::swap(filled, found);
}

/// Leaves the values of each document once, in order.
pub(crate) fn distinct<T: Copy + Ord>(found: &mut Vec<(u32, T)>) {
    if found.is_sorted_by(|a, b| a.0 < b.0) {
        return;
    }
    // Documents are in order already.
    for of_one in found.chunk_by_mut(|a, b| a.0 == b.0) {
        if !of_one.is_sorted() {
            of_one.sort_unstable();
        }
    }
    found.dedup();
}

/// The codes of a block of documents, of a column of any type.
#[derive(Debug, Default)]
pub(crate) struct CodeBlock {
    whole: ColumnBlock<i64>,
    unsigned: ColumnBlock<u64>,
    floats: ColumnBlock<f64>,
}

impl CodeBlock {
    /// As [`AnyColumn::codes`], of the first of `docs` and each behind the place of its document; of how many, or `None`
    /// for a column without numbers. `float` makes the code of a fraction and, of a `scaled_float`, its factor.
    pub(crate) fn read(
        &mut self,
        column: &AnyColumn,
        docs: &[DocId],
        float: impl Fn(f64, Option<f64>) -> u128,
        found: &mut Vec<(u32, u128)>,
    ) -> Option<usize> {
        Some(match column {
            AnyColumn::Numbers(Numbers::I64(column)) => {
                let read = self.whole.read(column, docs);
                found.extend(self.whole.iter().map(|(at, value)| (at, whole_code(value))));
                read
            }
            AnyColumn::Nanos(column) => {
                let read = self.whole.read(column, docs);
                let code = |value| whole_code(milliseconds(value));
                found.extend(self.whole.iter().map(|(at, value)| (at, code(value))));
                read
            }
            AnyColumn::Numbers(Numbers::U64(column)) => {
                let read = self.unsigned.read(column, docs);
                found.extend(self.unsigned.iter().map(|(at, value)| (at, u128::from(value))));
                read
            }
            AnyColumn::Numbers(Numbers::F64(column)) => {
                let read = self.floats.read(column, docs);
                found.extend(self.floats.iter().map(|(at, value)| (at, float(value, None))));
                read
            }
            AnyColumn::Numbers(Numbers::Scaled(column, factor)) => {
                let read = self.floats.read(column, docs);
                let code = |value| float(value, Some(*factor));
                found.extend(self.floats.iter().map(|(at, value)| (at, code(value))));
                read
            }
            AnyColumn::None
            | AnyColumn::Strings(_)
            | AnyColumn::Bytes(_)
            | AnyColumn::Addresses(_) => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use tantivy::columnar::ColumnValues;

    use super::*;

    /// The squares, which count how often they are asked.
    #[derive(Debug, Default)]
    struct Squares(AtomicUsize);

    impl ColumnValues<i64> for Squares {
        fn get_val(&self, row: u32) -> i64 {
            self.0.fetch_add(1, Ordering::Relaxed);
            i64::from(row) * i64::from(row)
        }

        fn get_vals(&self, rows: &[u32], values: &mut [i64]) {
            self.0.fetch_add(1, Ordering::Relaxed);
            for (row, value) in rows.iter().zip(values) {
                *value = i64::from(*row) * i64::from(*row);
            }
        }

        fn min_value(&self) -> i64 {
            0
        }

        fn max_value(&self) -> i64 {
            i64::MAX
        }

        fn num_vals(&self) -> u32 {
            1000
        }
    }

    #[test]
    fn a_column_is_called_once_for_a_block_of_documents() {
        let squares = Arc::new(Squares::default());
        let column = Column { index: ColumnIndex::Full, values: Arc::clone(&squares) as Arc<_> };
        let docs: Vec<DocId> = (0..128).map(|doc| doc * 3).collect();
        let mut block = ColumnBlock::default();
        assert_eq!(block.read(&column, &docs), 128);
        let expected = (0u32..).zip(&docs).map(|(at, doc)| (at, i64::from(*doc) * i64::from(*doc)));
        assert!(block.iter().eq(expected));
        assert_eq!(squares.0.load(Ordering::Relaxed), 1);
    }

    #[test]
    fn what_stands_for_absent_values_is_put_where_they_are_absent() {
        let mut found = vec![(1, 'a'), (1, 'b'), (3, 'c')];
        fill(&mut found, &mut Vec::new(), 5, '-');
        assert_eq!(found, [(0, '-'), (1, 'a'), (1, 'b'), (2, '-'), (3, 'c'), (4, '-')]);
    }

    #[test]
    fn values_of_one_document_are_left_once_in_order() {
        let mut found = vec![(0, 7), (1, 9), (1, 3), (1, 9), (2, 3)];
        distinct(&mut found);
        assert_eq!(found, [(0, 7), (1, 3), (1, 9), (2, 3)]);
    }
}
