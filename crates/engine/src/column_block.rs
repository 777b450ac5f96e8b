//! The values of many documents of one column at once: the column is called once for a block of documents, not once for each
//! of them.

use std::fmt::Debug;

use tantivy::DocId;
use tantivy::columnar::{Column, ColumnIndex};

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
        read
    }

    /// Each value behind the place of its document in the block.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (u32, T)> {
        self.places.iter().copied().zip(self.values.iter().copied())
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
}
