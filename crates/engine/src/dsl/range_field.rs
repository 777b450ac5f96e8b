//! `range` and `term` over fields of ranges. Source: Elasticsearch 7.10, "Range field types", and `RangeType`.

use std::sync::Arc;

use tantivy::SegmentReader;

use super::lower::{Lowered, Lowering, nothing};
use super::scan::{Scan, SegmentTest};
use crate::columns;
use crate::exception::Exception;
use crate::mapping::kept::Span;
use crate::mapping::{Leaf, fields};
use crate::work::stopped;

/// How a range of a document is to lie to the range asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Relation {
    /// They share something.
    #[default]
    Intersects,
    /// The document's is inside.
    Within,
    /// The document's is around.
    Contains,
}

impl Relation {
    /// Reads `relation`.
    ///
    /// # Errors
    /// `illegal_argument_exception` in Elasticsearch's words.
    pub(super) fn parse(text: &str) -> Result<Relation, Exception> {
        match text.to_lowercase().as_str() {
            "intersects" => Ok(Relation::Intersects),
            "within" => Ok(Relation::Within),
            "contains" => Ok(Relation::Contains),
            "disjoint" => Err(Exception::illegal_argument(format!(
                "[range] query does not support relation [{text}]"
            ))),
            _ => Err(Exception::illegal_argument(format!("{text} is not a valid relation"))),
        }
    }

    fn holds(self, own: Span, asked: Span) -> bool {
        match self {
            Relation::Intersects => own.from <= asked.to && own.to >= asked.from,
            Relation::Within => own.from >= asked.from && own.to <= asked.to,
            Relation::Contains => own.from <= asked.from && own.to >= asked.to,
        }
    }
}

impl Lowering<'_> {
    /// The documents one of whose ranges lies so to `asked`.
    pub(super) fn range_spans(
        &self,
        leaf: &Leaf,
        asked: Span,
        relation: Relation,
    ) -> Result<Lowered, Exception> {
        if asked.from > asked.to {
            return Ok(nothing());
        }
        let name = fields::stored_name(&leaf.path);
        let cancel = self.work.cancel.clone();
        let open = move |reader: &SegmentReader| {
            let Some(column) = columns::bytes(reader, &name)? else { return Ok(None) };
            // Each distinct range is looked at once.
            let mut accepted = Vec::with_capacity(column.num_terms());
            let mut stream = column.dictionary().stream()?;
            while stream.advance() {
                if cancel.is_cancelled() {
                    return Err(stopped());
                }
                let own = Span::of_bytes(stream.key());
                accepted.push(own.is_some_and(|own| relation.holds(own, asked)));
            }
            drop(stream);
            if !accepted.contains(&true) {
                return Ok(None);
            }
            let is_accepted = move |ordinal: u64| {
                let place = usize::try_from(ordinal).unwrap_or(usize::MAX);
                accepted.get(place).copied().unwrap_or_default()
            };
            let test: SegmentTest =
                Box::new(move |doc| column.term_ords(doc).any(&is_accepted).then_some(1.0));
            Ok(Some(test))
        };
        Ok(Box::new(Scan::new("range", &self.work.cancel, Arc::new(open))))
    }
}
