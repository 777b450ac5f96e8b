//! A document of an index as scripts see it: its columns and its `_source`, cut to what the view shows.

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::Value as Json;
use tantivy::{DocId, SegmentReader};

use super::document::{FieldValues, ScriptDocument};
use super::painless::times;
use super::painless::value::{DocKind, ImmutableObject, Value};
use crate::columns::{AnyColumn, Numbers, address_text};
use crate::exception::{Exception, internal, io};
use crate::flavor::Flavor;
use crate::geo::Point;
use crate::index::{Snapshot, StoredFields};
use crate::mapping::{Column, Leaf, fields};

/// The documents of one segment, one after the other.
pub(crate) struct SegmentDocument {
    snapshot: Snapshot,
    flavor: Flavor,
    reader: SegmentReader,
    doc: DocId,
    columns: HashMap<String, Option<(Arc<Leaf>, AnyColumn)>>,
}

impl std::fmt::Debug for SegmentDocument {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SegmentDocument({})", self.doc)
    }
}

/// Most fields whose columns are kept open.
const COLUMNS_MAX: usize = 256;

impl SegmentDocument {
    /// The documents of a segment of `snapshot`, which is one that its caller's view was put into.
    pub(crate) fn new(
        snapshot: &Snapshot,
        reader: &SegmentReader,
        flavor: Flavor,
    ) -> SegmentDocument {
        SegmentDocument {
            snapshot: snapshot.clone(),
            flavor,
            reader: reader.clone(),
            doc: 0,
            columns: HashMap::new(),
        }
    }

    /// Moves to a document.
    pub(crate) fn seek(&mut self, doc: DocId) {
        self.doc = doc;
    }

    fn leaf(&self, field: &str) -> Option<Arc<Leaf>> {
        self.snapshot.mapping.leaf(field).cloned()
    }
}

impl ScriptDocument for SegmentDocument {
    fn values(&mut self, field: &str) -> Result<Option<FieldValues>, Exception> {
        if let "_id" | "_index" | "_seq_no" | "_version" = field {
            return self.metadata(field).map(Some);
        }
        if !self.columns.contains_key(field) {
            if self.columns.len() >= COLUMNS_MAX {
                self.columns.clear();
            }
            let opened = match self.leaf(field) {
                None => None,
                Some(leaf) if leaf.column.is_none() => {
                    return Err(Exception::illegal_argument(leaf.no_column()));
                }
                Some(leaf) if leaf.column == Some(Column::Terms) => {
                    return Err(Exception::not_implemented("the words of a text in a script"));
                }
                Some(leaf) => {
                    let column = AnyColumn::kept(&self.reader, &leaf)?;
                    Some((leaf, column))
                }
            };
            self.columns.insert(field.to_owned(), opened);
        }
        match self.columns.get(field) {
            Some(Some((leaf, column))) => of_column(leaf, column, self.doc).map(Some),
            _ => Ok(None),
        }
    }

    fn no_field(&self, field: &str) -> String {
        match self.flavor {
            Flavor::Elasticsearch710 => {
                format!("No field found for [{field}] in mapping with types []")
            }
            Flavor::OpenSearch219 => format!("No field found for [{field}] in mapping"),
        }
    }

    fn has_field(&mut self, field: &str) -> bool {
        self.leaf(field).is_some()
    }

    fn source(&mut self) -> Result<Json, Exception> {
        // The cache of a store reader holds blocks; one block is enough for a walk in order.
        let store = self.reader.get_store_reader(1).map_err(io)?;
        let document = StoredFields::read_in(&store, &self.reader, self.doc).map_err(internal)?;
        let source = self.snapshot.shown(document.source);
        Ok(serde_json::from_slice(&source).unwrap_or(Json::Null))
    }

    fn number(&self) -> u32 {
        self.doc
    }
}

impl SegmentDocument {
    fn metadata(&mut self, field: &str) -> Result<FieldValues, Exception> {
        let number = |name: &str| -> Result<FieldValues, Exception> {
            let values = match Numbers::open(&self.reader, name).map_err(internal)? {
                Some(Numbers::U64(column)) => column.first(self.doc),
                _ => None,
            };
            let values = values.map(|number| Value::Long(number as i64)).into_iter().collect();
            Ok(FieldValues { kind: DocKind::Longs, values })
        };
        match field {
            "_seq_no" => number(fields::SEQ_NO_NAME),
            "_version" => number(fields::VERSION_NAME),
            "_index" => Ok(FieldValues {
                kind: DocKind::Strings,
                values: vec![Value::text(&self.snapshot.name)],
            }),
            _ => {
                let store = self.reader.get_store_reader(1).map_err(io)?;
                let document =
                    StoredFields::read_in(&store, &self.reader, self.doc).map_err(internal)?;
                let id = (!document.id.is_empty()).then(|| Value::text(&document.id));
                Ok(FieldValues { kind: DocKind::Strings, values: id.into_iter().collect() })
            }
        }
    }
}

// long: one arm for each kind of column
fn of_column(leaf: &Leaf, column: &AnyColumn, doc: DocId) -> Result<FieldValues, Exception> {
    let kind = match leaf.column {
        Some(Column::Boolean) => DocKind::Booleans,
        Some(Column::Date | Column::DateNanos) => DocKind::Dates,
        Some(Column::GeoPoint) => DocKind::GeoPoints,
        Some(Column::Ip) => DocKind::Addresses,
        Some(Column::Integer | Column::Long | Column::UnsignedLong) => DocKind::Longs,
        Some(column) if column.is_fraction() => DocKind::Doubles,
        _ => DocKind::Strings,
    };
    let mut values = Vec::new();
    match column {
        // Bytes are counted elsewhere; scripts that want them are few.
        AnyColumn::None | AnyColumn::Bytes(_) => {}
        AnyColumn::Nanos(column) => {
            let mut found: Vec<i64> = column.values_for_doc(doc).collect();
            found.sort_unstable();
            values.extend(found.into_iter().map(times::of_nanos));
        }
        AnyColumn::Numbers(Numbers::I64(column)) => {
            let mut found: Vec<i64> = column.values_for_doc(doc).collect();
            found.sort_unstable();
            values.extend(found.into_iter().map(|number| match kind {
                DocKind::Booleans => Value::Bool(number != 0),
                DocKind::Dates => times::of_field(number),
                DocKind::GeoPoints => {
                    let point = Point::of_code(number);
                    Value::thing(ImmutableObject::GeoPoint(point.lat, point.lon))
                }
                _ => Value::Long(number),
            }));
        }
        AnyColumn::Numbers(Numbers::U64(column)) => {
            let mut found: Vec<u64> = column.values_for_doc(doc).collect();
            found.sort_unstable();
            values.extend(found.into_iter().map(|number| Value::Long(number as i64)));
        }
        AnyColumn::Numbers(Numbers::F64(column)) => {
            let mut found: Vec<f64> = column.values_for_doc(doc).collect();
            found.sort_unstable_by(f64::total_cmp);
            values.extend(found.into_iter().map(Value::Double));
        }
        AnyColumn::Numbers(numbers @ Numbers::Scaled(..)) => {
            let mut found = Vec::new();
            numbers.each(doc, |number| found.push(number));
            found.sort_unstable_by(f64::total_cmp);
            values.extend(found.into_iter().map(Value::Double));
        }
        AnyColumn::Addresses(column) => {
            let mut found: Vec<_> = column.values_for_doc(doc).collect();
            found.sort_unstable();
            found.dedup();
            values.extend(found.into_iter().map(|address| Value::text(address_text(address))));
        }
        AnyColumn::Strings(column) => {
            let mut ordinals: Vec<u64> = column.term_ords(doc).collect();
            ordinals.sort_unstable();
            ordinals.dedup();
            for ordinal in ordinals {
                let mut text = String::new();
                column.ord_to_str(ordinal, &mut text).map_err(io)?;
                values.push(Value::text(text));
            }
        }
    }
    Ok(FieldValues { kind, values })
}
