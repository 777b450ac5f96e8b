//! The places of spans on one segment, as Lucene's `Spans` find them.

use std::sync::Arc;

use tantivy::{DocId, SegmentReader, TERMINATED};

use crate::dsl::places::{SpanPosition, SpanPositions, SpanPositionsSource, seek_all};
use crate::dsl::span_rules::{containing, ordered, unordered, within};
use crate::work::Cancel;

/// A part of a span query on one index.
type Source = Arc<dyn SpanPositionsSource>;

/// What spans are made of other spans.
#[derive(Clone, Debug)]
pub(super) enum SpanSource {
    /// All of them, near each other; `None` is a gap of so many words.
    Near { parts: Vec<NearPart>, slop: i64, in_order: bool },
    /// Any of them.
    Or(Vec<Source>),
    /// Those of the first that none of the second is near.
    Not { include: Source, exclude: Source, before: i64, after: i64 },
    /// Those that end at most here.
    First { inner: Source, end: i64 },
    /// Those of the first in which one of the second is.
    Containing { big: Source, little: Source },
    /// Those of the second that are in one of the first.
    Within { big: Source, little: Source },
}

/// One part of spans near each other.
#[derive(Clone, Debug)]
pub(super) enum NearPart {
    Spans(Source),
    Gap(i64),
}

/// The same on one segment.
enum SpanPlaces {
    Near { gaps: Vec<Option<i64>>, slop: i64, in_order: bool },
    Or,
    Not { before: i64, after: i64 },
    First { end: i64 },
    Containing,
    Within,
}

struct OpenSpans {
    parts: Vec<Box<dyn SpanPositions>>,
    kind: SpanPlaces,
}

impl SpanPositionsSource for SpanSource {
    fn open(&self, reader: &SegmentReader) -> tantivy::Result<Option<Box<dyn SpanPositions>>> {
        let open = |sources: &[&Source]| -> tantivy::Result<Option<Vec<Box<dyn SpanPositions>>>> {
            sources.iter().map(|source| source.open(reader)).collect()
        };
        let (parts, kind) = match self {
            SpanSource::Near { parts, slop, in_order } => {
                let mut gaps = Vec::new();
                let mut sources = Vec::new();
                for part in parts {
                    match part {
                        NearPart::Spans(source) => {
                            sources.push(source);
                            gaps.push(None);
                        }
                        NearPart::Gap(width) => gaps.push(Some(*width)),
                    }
                }
                let kind = SpanPlaces::Near { gaps, slop: *slop, in_order: *in_order };
                (open(&sources)?, kind)
            }
            SpanSource::Or(sources) => {
                let mut parts = Vec::new();
                for source in sources {
                    parts.extend(source.open(reader)?);
                }
                ((!parts.is_empty()).then_some(parts), SpanPlaces::Or)
            }
            SpanSource::Not { include, exclude, before, after } => {
                let Some(include) = include.open(reader)? else { return Ok(None) };
                let parts = std::iter::once(include).chain(exclude.open(reader)?).collect();
                (Some(parts), SpanPlaces::Not { before: *before, after: *after })
            }
            SpanSource::First { inner, end } => (open(&[inner])?, SpanPlaces::First { end: *end }),
            SpanSource::Containing { big, little } => {
                (open(&[big, little])?, SpanPlaces::Containing)
            }
            SpanSource::Within { big, little } => (open(&[big, little])?, SpanPlaces::Within),
        };
        Ok(parts.map(|parts| Box::new(OpenSpans { parts, kind }) as Box<dyn SpanPositions>))
    }
}

impl SpanPositions for OpenSpans {
    fn seek(&mut self, target: DocId, cancel: &Cancel) -> DocId {
        match self.kind {
            SpanPlaces::Or => {
                let docs = self.parts.iter_mut().map(|part| part.seek(target, cancel));
                docs.min().unwrap_or(TERMINATED)
            }
            SpanPlaces::Not { .. } => {
                self.parts.first_mut().map_or(TERMINATED, |part| part.seek(target, cancel))
            }
            _ => seek_all(&mut self.parts, target, cancel),
        }
    }

    fn places(&mut self, doc: DocId, cancel: &Cancel) -> Vec<SpanPosition> {
        let mut lists: Vec<Vec<SpanPosition>> = Vec::with_capacity(self.parts.len());
        for part in &mut self.parts {
            let has = part.seek(doc, cancel) == doc;
            lists.push(if has { part.places(doc, cancel) } else { Vec::new() });
        }
        match &self.kind {
            SpanPlaces::Near { gaps, slop, in_order: true } => ordered(&lists, gaps, *slop, cancel),
            SpanPlaces::Near { slop, .. } => unordered(&lists, *slop, cancel),
            SpanPlaces::Or => {
                let mut all = lists.concat();
                all.sort_unstable();
                all
            }
            SpanPlaces::Not { before, after } => {
                let mut lists = lists.into_iter();
                let include = lists.next().unwrap_or_default();
                not_near(include, &lists.next().unwrap_or_default(), *before, *after)
            }
            SpanPlaces::First { end } => {
                let first = lists.into_iter().next().unwrap_or_default();
                first.into_iter().filter(|place| place.end <= *end).collect()
            }
            SpanPlaces::Containing | SpanPlaces::Within => {
                let mut lists = lists.into_iter();
                let (big, little) =
                    (lists.next().unwrap_or_default(), lists.next().unwrap_or_default());
                if matches!(self.kind, SpanPlaces::Containing) {
                    containing(big, &little)
                } else {
                    within(&big, little)
                }
            }
        }
    }
}

fn not_near(
    include: Vec<SpanPosition>,
    exclude: &[SpanPosition],
    before: i64,
    after: i64,
) -> Vec<SpanPosition> {
    let mut at = 0;
    include
        .into_iter()
        .filter(|place| {
            while exclude.get(at).is_some_and(|out| out.end <= place.start - before) {
                at += 1;
            }
            exclude.get(at).is_none_or(|out| out.start - after >= place.end)
        })
        .collect()
}
