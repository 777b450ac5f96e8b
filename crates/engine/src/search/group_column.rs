//! The values of one segment by which hits are collapsed.

use serde_json::Value;
use tantivy::columnar::StrColumn;
use tantivy::{DocId, SegmentReader};

use crate::columns::{self, Numbers};
use crate::exception::{Exception, ExceptionKind, internal, io};
use crate::mapping::number::Number;
use crate::mapping::{Column, Leaf, Mapping, fields};

/// The values of the field on one segment.
pub(super) enum GroupColumn {
    None,
    Texts(StrColumn),
    Numbers(Numbers),
}

impl GroupColumn {
    /// Opens `field` on a segment.
    ///
    /// # Errors
    /// `illegal_argument_exception` for a field that there is not, or of a type that has no such values.
    pub(super) fn open(
        field: &str,
        mapping: &Mapping,
        reader: &SegmentReader,
    ) -> Result<GroupColumn, Exception> {
        let leaf = GroupColumn::check(field, mapping)?;
        let name = fields::stored_name(&leaf.path);
        match leaf.column {
            Some(Column::Str) => {
                let column = columns::strings(reader, &name).map_err(internal)?;
                Ok(column.map_or(GroupColumn::None, GroupColumn::Texts))
            }
            _ => {
                let column = Numbers::open(reader, &name).map_err(internal)?;
                Ok(column.map_or(GroupColumn::None, GroupColumn::Numbers))
            }
        }
    }

    /// The field, which must be one of keywords or numbers with a column.
    ///
    /// # Errors
    /// `illegal_argument_exception`. (`CollapseContext.createTopDocs` of OpenSearch 2.19.)
    pub(super) fn check<'m>(field: &str, mapping: &'m Mapping) -> Result<&'m Leaf, Exception> {
        let Some(leaf) = mapping.leaf(field) else {
            return Err(Exception::illegal_argument(format!(
                "no mapping found for `{field}` in order to collapse on"
            )));
        };
        let is_keyword = leaf.kind.name() == "keyword";
        let is_number = leaf.kind.is::<Number>() && leaf.kind.name() != "scaled_float";
        if !is_keyword && !is_number {
            return Err(Exception::illegal_argument(format!(
                "unknown type for collapse field `{field}`, only keywords and numbers are accepted"
            )));
        }
        if leaf.column.is_none() {
            return Err(Exception::illegal_argument(format!(
                "cannot collapse on field `{field}` without `doc_values`"
            )));
        }
        Ok(leaf)
    }

    /// What the value of `doc` is known by in this segment.
    ///
    /// # Errors
    /// `illegal_state_exception` where it has several.
    pub(super) fn code(&self, doc: DocId) -> Result<Option<u64>, Exception> {
        fn single<T>(
            mut values: impl Iterator<Item = T>,
            doc: DocId,
        ) -> Result<Option<T>, Exception> {
            let first = values.next();
            if values.next().is_none() {
                return Ok(first);
            }
            Err(Exception::new(
                ExceptionKind::IllegalState,
                format!("failed to collapse {doc}, the collapse field must be single valued"),
            ))
        }
        match self {
            GroupColumn::None => Ok(None),
            GroupColumn::Texts(column) => {
                // The same text twice is one, as in a column of Lucene's.
                let first = column.term_ords(doc).next();
                let others = column.term_ords(doc).filter(|ordinal| Some(*ordinal) != first);
                single(first.into_iter().chain(others), doc)
            }
            GroupColumn::Numbers(Numbers::I64(column)) => {
                Ok(single(column.values_for_doc(doc), doc)?.map(|value| value as u64))
            }
            GroupColumn::Numbers(Numbers::U64(column)) => single(column.values_for_doc(doc), doc),
            GroupColumn::Numbers(Numbers::F64(column) | Numbers::Scaled(column, _)) => {
                Ok(single(column.values_for_doc(doc), doc)?.map(f64::to_bits))
            }
        }
    }

    /// The value behind a code; null for none.
    pub(super) fn value(&self, code: Option<u64>) -> Result<Value, Exception> {
        let Some(code) = code else { return Ok(Value::Null) };
        Ok(match self {
            GroupColumn::None => Value::Null,
            GroupColumn::Texts(column) => {
                let mut text = String::new();
                column.ord_to_str(code, &mut text).map_err(io)?;
                text.into()
            }
            GroupColumn::Numbers(Numbers::I64(_)) => (code as i64).into(),
            GroupColumn::Numbers(Numbers::U64(_)) => code.into(),
            GroupColumn::Numbers(Numbers::F64(_) | Numbers::Scaled(..)) => {
                f64::from_bits(code).into()
            }
        })
    }
}
