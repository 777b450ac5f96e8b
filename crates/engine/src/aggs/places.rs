//! The places an aggregation reads: a field of points, with what stands for absent ones.

use std::sync::Arc;

use tantivy::{DocId, SegmentReader};

use super::IndexContext;
use super::values::{ValuesSource, refuses_flat, wrong_type};
use crate::columns::Numbers;
use crate::exception::{Exception, internal};
use crate::geo::Point;
use crate::geo::point::PointReading;
use crate::mapping::{Column, Leaf};

/// The places of one field.
pub(crate) struct Places {
    source: ValuesSource,
    leaf: Option<Arc<Leaf>>,
    missing: Option<Point>,
    column: Option<Numbers>,
}

impl Places {
    /// Those of `source`.
    pub(crate) fn new(source: ValuesSource) -> Places {
        Places { source, leaf: None, missing: None, column: None }
    }

    /// Looks the field up; `kind` names the aggregation in refusals.
    ///
    /// # Errors
    /// `illegal_argument_exception` for a field that has no places; what `missing` cannot be read as.
    pub(crate) fn open_index(
        &mut self,
        index: &IndexContext<'_>,
        kind: &str,
    ) -> Result<(), Exception> {
        if refuses_flat(&self.source.field, index, kind) {
            return Ok(());
        }
        self.leaf = self.source.leaf(index)?;
        if let Some(leaf) = self.leaf.as_deref()
            && leaf.column != Some(Column::GeoPoint)
        {
            index.refuse_later(wrong_type(leaf, kind));
            return Ok(());
        }
        let missing = self.source.missing.as_ref();
        self.missing = missing.map(|value| PointReading::default().read(value)).transpose()?;
        Ok(())
    }

    pub(crate) fn open_segment(&mut self, reader: &SegmentReader) -> Result<(), Exception> {
        self.column = match &self.leaf {
            Some(leaf) => Numbers::of(reader, leaf).map_err(internal)?,
            None => None,
        };
        Ok(())
    }

    /// Hands every place of a document to `take`, in the order in which they are kept; the missing one when it has none.
    #[inline]
    pub(crate) fn each(&self, doc: DocId, mut take: impl FnMut(Point)) {
        let mut any = false;
        if let Some(Numbers::I64(column)) = &self.column {
            for code in column.values_for_doc(doc) {
                any = true;
                take(Point::of_code(code));
            }
        }
        if !any && let Some(missing) = self.missing {
            take(missing);
        }
    }
}
