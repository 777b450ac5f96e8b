//! `slice`: one of several parts of a scroll, each document in one of them.

use serde_json::Value;
use tantivy::query::{AllQuery, EnableScoring, Explanation, Query, Scorer, Weight};
use tantivy::{DocId, DocSet, Score, SegmentReader, TERMINATED};

use super::Target;
use crate::columns::Numbers;
use crate::dsl::lower::Lowered;
use crate::dsl::options::Options;
use crate::exception::{Exception, ExceptionKind};
use crate::flavor::Flavor;
use crate::mapping::fields;
use crate::work::Cancel;

/// Most slices of one scroll (`index.max_slices_per_scroll`).
const SLICES_MAX: u64 = 1024;

/// Which part.
#[derive(Clone, Debug, PartialEq)]
pub struct Slice {
    id: u64,
    max: u64,
    /// Whose values say in which part a document is; none: its sequence number.
    field: Option<String>,
}

impl Slice {
    /// Reads `{"id": 0, "max": 2}`.
    pub(super) fn parse(value: &Value) -> Result<Slice, Exception> {
        let options = Options::declared("slice", value)?;
        let whole = |key: &str| -> Result<Option<i64>, Exception> {
            let Some(text) = options.text(key)? else { return Ok(None) };
            text.parse().map(Some).map_err(|_| crate::value::scalar::not_a_number(&text))
        };
        let refused =
            |key: &str, reason: &str| options.failed(key, Exception::illegal_argument(reason));
        let (id, max) = (whole("id")?.unwrap_or(0), whole("max")?.unwrap_or(2));
        let id = u64::try_from(id)
            .map_err(|_| refused("id", "id must be greater than or equal to 0"))?;
        if max <= 1 {
            return Err(refused("max", "max must be greater than 1"));
        }
        let max = u64::try_from(max).unwrap_or(u64::MAX);
        if max <= id {
            return Err(refused("max", "max must be greater than id"));
        }
        let field = options.text("field")?;
        options.finish()?;
        Ok(Slice { id, max, field })
    }

    /// Refuses a slice of what is no scroll, and too many of them.
    ///
    /// # Errors
    /// In Elasticsearch's words.
    pub(super) fn check(&self, scrolls: bool, flavor: Flavor) -> Result<(), Exception> {
        if !scrolls {
            let or = if flavor == Flavor::OpenSearch219 { " or PIT context" } else { "" };
            let reason = format!("`slice` cannot be used outside of a scroll context{or}");
            return Err(Exception::new(ExceptionKind::Search, reason));
        }
        if self.max > SLICES_MAX {
            return Err(Exception::illegal_argument(format!(
                "The number of slices [{}] is too large. It must be less than [{SLICES_MAX}]. This limit can be set by \
                 changing the [index.max_slices_per_scroll] index level setting.",
                self.max
            )));
        }
        Ok(())
    }

    /// The documents of the part, on one index.
    ///
    /// # Errors
    /// A field without numbers.
    pub(super) fn lowered(&self, target: &Target, cancel: &Cancel) -> Result<Lowered, Exception> {
        let column = match self.field.as_deref() {
            None | Some("_id" | "_uid") => fields::SEQ_NO_NAME.to_owned(),
            Some(path) => match target.snapshot().mapping.leaf(path) {
                Some(leaf) if leaf.column.is_some() => fields::stored_name(&leaf.path),
                Some(_) => {
                    return Err(Exception::illegal_argument(format!(
                        "cannot load numeric doc values on {path}"
                    )));
                }
                None => {
                    return Err(Exception::illegal_argument(format!("field {path} not found")));
                }
            },
        };
        let (id, max) = (self.id, self.max);
        Ok(Box::new(Sliced { column, id, max, cancel: cancel.clone() }))
    }
}

#[derive(Clone, Debug)]
struct Sliced {
    column: String,
    id: u64,
    max: u64,
    cancel: Cancel,
}

impl Query for Sliced {
    fn weight(&self, _: EnableScoring<'_>) -> tantivy::Result<Box<dyn Weight>> {
        Ok(Box::new(self.clone()))
    }
}

impl Weight for Sliced {
    fn scorer(&self, reader: &SegmentReader, _: Score) -> tantivy::Result<Box<dyn Scorer>> {
        let all = AllQuery
            .weight(EnableScoring::Disabled { schema: reader.schema(), searcher_opt: None })?;
        let inner = all.scorer(reader, 1.0)?;
        let column = Numbers::open(reader, &self.column)?;
        let mut scorer = SlicedScorer { inner, column, slice: self.clone() };
        scorer.settle();
        Ok(Box::new(scorer))
    }

    fn explain(&self, _: &SegmentReader, _: DocId) -> tantivy::Result<Explanation> {
        Ok(Explanation::new("slice", 1.0))
    }
}

struct SlicedScorer {
    inner: Box<dyn Scorer>,
    column: Option<Numbers>,
    slice: Sliced,
}

impl SlicedScorer {
    fn settle(&mut self) -> DocId {
        loop {
            let doc = self.inner.doc();
            let ends = doc == TERMINATED || self.slice.cancel.is_cancelled();
            if ends || self.part_of(doc) == self.slice.id {
                return doc;
            }
            self.inner.advance();
        }
    }

    fn part_of(&self, doc: DocId) -> u64 {
        let value = match &self.column {
            None => 0,
            Some(Numbers::U64(column)) => column.first(doc).unwrap_or(0),
            Some(Numbers::I64(column)) => column.first(doc).unwrap_or(0) as u64,
            Some(other) => other.first(doc).unwrap_or(0.0).to_bits(),
        };
        // Neighbours go to different parts, and so do multiples of the number of parts.
        (value.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32) % self.slice.max
    }
}

impl DocSet for SlicedScorer {
    fn advance(&mut self) -> DocId {
        self.inner.advance();
        self.settle()
    }

    fn seek(&mut self, target: DocId) -> DocId {
        if self.inner.doc() < target {
            self.inner.seek(target);
        }
        self.settle()
    }

    fn doc(&self) -> DocId {
        self.inner.doc()
    }

    fn size_hint(&self) -> u32 {
        self.inner.size_hint()
    }
}

impl Scorer for SlicedScorer {
    fn score(&mut self) -> Score {
        1.0
    }
}
