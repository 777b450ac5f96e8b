//! Columns of one segment, read alike whatever their type. A segment older than a field has no column for it.

use tantivy::columnar::{Column, DynamicColumn, StrColumn};
use tantivy::{DocId, SegmentReader};

use std::net::Ipv6Addr;

/// A numeric column.
#[derive(Clone)]
pub(crate) enum Numbers {
    /// Signed: whole numbers, booleans, dates.
    I64(Column<i64>),
    /// Unsigned.
    U64(Column<u64>),
    /// With fractions.
    F64(Column<f64>),
}

impl Numbers {
    /// The numeric column called `name`; `None` when the segment has none.
    pub(crate) fn open(reader: &SegmentReader, name: &str) -> tantivy::Result<Option<Numbers>> {
        for handle in reader.fast_fields().dynamic_column_handles(name)? {
            match handle.open()? {
                DynamicColumn::I64(column) => return Ok(Some(Numbers::I64(column))),
                DynamicColumn::U64(column) => return Ok(Some(Numbers::U64(column))),
                DynamicColumn::F64(column) => return Ok(Some(Numbers::F64(column))),
                _ => {}
            }
        }
        Ok(None)
    }

    /// The first (smallest) value of a document.
    pub(crate) fn first(&self, doc: DocId) -> Option<f64> {
        match self {
            Numbers::I64(column) => column.first(doc).map(|value| value as f64),
            Numbers::U64(column) => column.first(doc).map(|value| value as f64),
            Numbers::F64(column) => column.first(doc),
        }
    }

    /// Hands every value of a document to `take`.
    #[inline]
    pub(crate) fn each(&self, doc: DocId, mut take: impl FnMut(f64)) {
        match self {
            Numbers::I64(column) => column.values_for_doc(doc).for_each(|value| take(value as f64)),
            Numbers::U64(column) => column.values_for_doc(doc).for_each(|value| take(value as f64)),
            Numbers::F64(column) => column.values_for_doc(doc).for_each(take),
        }
    }
}

/// The column of strings called `name`.
pub(crate) fn strings(reader: &SegmentReader, name: &str) -> tantivy::Result<Option<StrColumn>> {
    for handle in reader.fast_fields().dynamic_column_handles(name)? {
        if let DynamicColumn::Str(column) = handle.open()? {
            return Ok(Some(column));
        }
    }
    Ok(None)
}

/// The column of addresses called `name`.
pub(crate) fn addresses(
    reader: &SegmentReader,
    name: &str,
) -> tantivy::Result<Option<Column<Ipv6Addr>>> {
    for handle in reader.fast_fields().dynamic_column_handles(name)? {
        if let DynamicColumn::IpAddr(column) = handle.open()? {
            return Ok(Some(column));
        }
    }
    Ok(None)
}

/// An address as Elasticsearch prints it: mapped IPv4 as IPv4.
pub(crate) fn address_text(address: Ipv6Addr) -> String {
    match address.to_ipv4_mapped() {
        Some(address) => address.to_string(),
        None => address.to_string(),
    }
}
