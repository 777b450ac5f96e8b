//! Queries on fields that have a column and no index (`index: false`): OpenSearch looks through the column, Elasticsearch 7.10
//! refuses. Source: `isSearchable` and the `newSlowExactQuery` and `newSlowRangeQuery` of OpenSearch 2.19's field types.

use std::collections::HashSet;
use std::ops::RangeInclusive;
use std::sync::Arc;

use tantivy::{DocId, SegmentReader};

use super::lower::{Lowered, Lowering, constant};
use super::scan::{OpenTest, Scan, SegmentTest};
use super::term_set::{TermAcceptor, after_prefix};
use crate::columns::{AnyColumn, Numbers};
use crate::flavor::Flavor;
use crate::mapping::Leaf;

/// What a value of a column must be.
#[derive(Clone)]
pub(super) enum ColumnTest {
    /// Whole numbers, dates, flags.
    Whole(RangeInclusive<i128>),
    /// Fractions.
    Float(RangeInclusive<f64>),
    /// Addresses.
    Address(RangeInclusive<u128>),
    /// These texts.
    Texts(Arc<HashSet<String>>),
    /// Texts that begin so and are accepted.
    Accepted(String, Option<TermAcceptor>),
}

impl Lowering<'_> {
    /// Whether queries on a field like `leaf` may look through its column.
    pub(super) fn may_search_column(&self, leaf: &Leaf) -> bool {
        self.flavor() == Flavor::OpenSearch219 && leaf.kind.is_searched_by_column()
    }

    /// Whether queries on `leaf` look through its column.
    pub(super) fn searches_column(&self, leaf: &Leaf) -> bool {
        !leaf.indexed && leaf.column.is_some() && self.may_search_column(leaf)
    }

    /// The documents with a value in the column of `leaf` that passes `test`.
    pub(super) fn in_column(&self, leaf: &Arc<Leaf>, test: ColumnTest) -> Lowered {
        let leaf = Arc::clone(leaf);
        let cancel = self.work.cancel.clone();
        let open: OpenTest = Arc::new(move |reader: &SegmentReader| {
            let column = AnyColumn::kept(reader, &leaf);
            let column = column
                .map_err(|fault| tantivy::TantivyError::InternalError(fault.reason().to_owned()))?;
            if let (AnyColumn::Strings(column), wanted) = (&column, &test) {
                let wanted = wanted.ordinals(column, &cancel)?;
                let ordinals = column.ords().clone();
                let test: SegmentTest = Box::new(move |doc| {
                    let mut values = ordinals.values_for_doc(doc);
                    values.any(|ordinal| wanted.contains(&ordinal)).then_some(1.0)
                });
                return Ok(Some(test));
            }
            let test = test.clone();
            let passes: SegmentTest = Box::new(move |doc| test.passes(&column, doc).then_some(1.0));
            Ok(Some(passes))
        });
        constant(Box::new(Scan::new("column", &self.work.cancel, open)))
    }
}

impl ColumnTest {
    /// One whole number.
    pub(super) fn one(value: impl Into<i128>) -> ColumnTest {
        let value = value.into();
        ColumnTest::Whole(value..=value)
    }

    /// One text.
    pub(super) fn text(text: String) -> ColumnTest {
        ColumnTest::Texts(Arc::new(HashSet::from([text])))
    }

    /// Whether a value of a document that is no text passes.
    fn passes(&self, column: &AnyColumn, doc: DocId) -> bool {
        let whole =
            |value: i128| matches!(self, ColumnTest::Whole(range) if range.contains(&value));
        let float = |value: f64| matches!(self, ColumnTest::Float(range) if range.contains(&value));
        match column {
            AnyColumn::Numbers(Numbers::I64(column)) | AnyColumn::Nanos(column) => {
                column.values_for_doc(doc).any(|value| whole(value.into()))
            }
            AnyColumn::Numbers(Numbers::U64(column)) => {
                column.values_for_doc(doc).any(|value| whole(value.into()))
            }
            AnyColumn::Numbers(Numbers::F64(column) | Numbers::Scaled(column, _)) => {
                column.values_for_doc(doc).any(float)
            }
            AnyColumn::Addresses(column) => column.values_for_doc(doc).any(|address| {
                matches!(self, ColumnTest::Address(range) if range.contains(&address.into()))
            }),
            AnyColumn::Strings(_) | AnyColumn::Bytes(_) | AnyColumn::None => false,
        }
    }

    /// The ordinals of the texts that pass.
    fn ordinals(
        &self,
        column: &tantivy::columnar::StrColumn,
        cancel: &crate::work::Cancel,
    ) -> tantivy::Result<HashSet<u64>> {
        let dictionary = column.dictionary();
        let mut found = HashSet::new();
        match self {
            ColumnTest::Texts(texts) => {
                for text in texts.iter() {
                    found.extend(dictionary.term_ord(text.as_bytes())?);
                }
            }
            ColumnTest::Accepted(prefix, accept) => {
                let mut range = dictionary.range().ge(prefix.as_bytes());
                if let Some(after) = after_prefix(prefix.as_bytes()) {
                    range = range.lt(after);
                }
                let mut stream = range.into_stream()?;
                while stream.advance() {
                    if cancel.is_cancelled() {
                        return Err(crate::work::stopped());
                    }
                    let term = std::str::from_utf8(stream.key()).unwrap_or_default();
                    if accept.as_ref().is_none_or(|accept| accept(term)) {
                        found.insert(stream.term_ord());
                    }
                }
            }
            ColumnTest::Whole(_) | ColumnTest::Float(_) | ColumnTest::Address(_) => {}
        }
        Ok(found)
    }
}
