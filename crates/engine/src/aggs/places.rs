//! The places an aggregation reads: a field of points, with what stands for absent ones.

use std::sync::Arc;

use tantivy::{DocId, SegmentReader};

use super::IndexContext;
use super::shapes::Shapes;
use super::values::{ValuesSource, refuses_flat, wrong_type};
use crate::columns::Numbers;
use crate::dsl::script::OnIndex;
use crate::exception::{Exception, ExceptionKind, internal};
use crate::flavor::Flavor;
use crate::geo::Point;
use crate::geo::point::PointReading;
use crate::geo::shape::Shape;
use crate::mapping::geo_shape::GeoShape;
use crate::mapping::{Column, Leaf};
use crate::script::context;

/// The places of one field.
pub(crate) struct Places {
    source: ValuesSource,
    leaf: Option<Arc<Leaf>>,
    missing: Option<Point>,
    column: Option<Numbers>,
    /// Whether the field may have shapes, and those of the open index.
    takes_shapes: bool,
    shapes: Option<Shapes>,
}

impl Places {
    /// Those of `source`.
    pub(crate) fn new(source: ValuesSource) -> Places {
        Places {
            source,
            leaf: None,
            missing: None,
            column: None,
            takes_shapes: false,
            shapes: None,
        }
    }

    /// Those of `source`, and the shapes in OpenSearch's fields of shapes.
    pub(super) fn with_shapes(source: ValuesSource) -> Places {
        Places { takes_shapes: true, ..Places::new(source) }
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
        if let Some(script) = &self.source.script {
            if self.source.field.is_empty() {
                let reason = "value source of type [geopoint] is not supported by scripts";
                return Err(Exception::new(ExceptionKind::AggregationExecution, reason));
            }
            // As on the real servers, it must compile, and is asked about nothing.
            OnIndex::new(script, &context::AGGS, &index.lowering)?;
        }
        if refuses_flat(&self.source.field, index, kind) {
            return Ok(());
        }
        (self.leaf, self.shapes, self.missing) = (None, None, None);
        if let (Flavor::OpenSearch219, Some(leaf)) =
            (index.flavor, index.snapshot.mapping.leaf(&self.source.field))
            && leaf.kind.get::<GeoShape>().is_some_and(|field| field.doc_values)
        {
            match self.takes_shapes {
                true => self.shapes = Some(Shapes::of(leaf, self.source.missing.as_ref())?),
                false => index.refuse_later(wrong_type(leaf, kind)),
            }
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
        self.shapes.as_mut().map_or(Ok(()), |shapes| shapes.open_segment(reader))
    }

    /// The shape of a document, where the field has shapes.
    pub(super) fn shape(&self, doc: DocId) -> Result<Option<Shape>, Exception> {
        self.shapes.as_ref().map_or(Ok(None), |shapes| shapes.shape(doc))
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
