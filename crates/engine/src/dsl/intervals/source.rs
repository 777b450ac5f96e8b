//! The places of intervals on one segment: the shortest ones, as Lucene's `IntervalIterator`s find them.

use std::sync::Arc;

use jiff::Timestamp;
use tantivy::{DocId, SegmentReader, TERMINATED};

use crate::dsl::places::{SpanPosition, SpanPositions, SpanPositionsSource, TermsSource, seek_all};
use crate::script::painless::value::{ImmutableObject, Value};
use crate::script::{GivenVariable, Machine, Script};
use crate::work::{Cancel, Work};

/// Intervals on one index.
#[derive(Clone, Debug)]
pub(super) enum Source {
    /// Nothing at all.
    Nothing,
    /// Any of some terms.
    Terms(TermsSource),
    /// One behind the other without a word between.
    Phrase(Vec<Source>),
    /// One behind the other.
    Ordered(Vec<Source>),
    /// In any order; they may overlap.
    Unordered(Vec<Source>),
    /// So many of one, one behind the other.
    Repeated(Box<Source>, usize),
    /// Any of them.
    AnyOf(Vec<Source>),
    /// With at most so many other words within.
    Gaps(Box<Source>, i64),
    /// With so many words more before it.
    Extended(Box<Source>, i64),
    /// Those that stand to the second in this relation.
    Filtered(Box<Source>, Relation, Box<Source>),
    /// Those of which a script says that they are.
    Chosen(Box<Source>, IntervalScript),
}

/// The script of a filter.
#[derive(Clone, Debug)]
pub(super) struct IntervalScript {
    pub(super) script: Script,
    pub(super) work: Work,
    pub(super) now: Timestamp,
}

/// How intervals stand to others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Relation {
    Containing,
    NotContaining,
    ContainedBy,
    NotContainedBy,
    Overlapping,
    NotOverlapping,
    Before,
    After,
}

impl Source {
    /// Whether it looks for the same terms.
    pub(super) fn is_same(&self, other: &Source) -> bool {
        matches!((self, other), (Source::Terms(a), Source::Terms(b)) if a.terms == b.terms)
    }

    /// The shortest length that an interval of it may have.
    pub(super) fn shortest(&self) -> i64 {
        match self {
            Source::Nothing => 0,
            Source::Terms(_) => 1,
            Source::Phrase(parts) | Source::Ordered(parts) | Source::Unordered(parts) => {
                parts.iter().map(Source::shortest).sum()
            }
            // As Lucene has it: of several the length of one.
            Source::Repeated(part, _) => part.shortest(),
            Source::AnyOf(parts) => parts.iter().map(Source::shortest).min().unwrap_or(0),
            Source::Gaps(part, _) => part.shortest(),
            Source::Extended(part, before) => part.shortest() + before,
            Source::Filtered(part, _, _) | Source::Chosen(part, _) => part.shortest(),
        }
    }
}

impl SpanPositionsSource for Source {
    fn open(&self, reader: &SegmentReader) -> tantivy::Result<Option<Box<dyn SpanPositions>>> {
        let all = |parts: &[Source]| -> tantivy::Result<Option<Vec<Box<dyn SpanPositions>>>> {
            parts.iter().map(|part| part.open(reader)).collect()
        };
        let (parts, kind) = match self {
            Source::Nothing => return Ok(None),
            Source::Terms(terms) => return terms.open(reader),
            Source::Phrase(parts) => (all(parts)?, Kind::Phrase),
            Source::Ordered(parts) => (all(parts)?, Kind::Ordered),
            Source::Unordered(parts) => (all(parts)?, Kind::Unordered),
            Source::Repeated(part, times) => {
                (all(std::slice::from_ref(part))?, Kind::Repeated(*times))
            }
            Source::AnyOf(parts) => {
                let mut open = Vec::new();
                for part in parts {
                    open.extend(part.open(reader)?);
                }
                ((!open.is_empty()).then_some(open), Kind::AnyOf)
            }
            Source::Gaps(part, most) => (all(std::slice::from_ref(part))?, Kind::Gaps(*most)),
            Source::Extended(part, before) => {
                (all(std::slice::from_ref(part))?, Kind::Extended(*before))
            }
            Source::Filtered(part, relation, other) => {
                let Some(part) = part.open(reader)? else { return Ok(None) };
                let other = other.open(reader)?;
                if other.is_none() && !relation.passes_without() {
                    return Ok(None);
                }
                let parts = std::iter::once(part).chain(other).collect();
                (Some(parts), Kind::Filtered(*relation))
            }
            Source::Chosen(part, filter) => {
                let machine = Box::new(Machine::new(&filter.work, filter.now));
                (all(std::slice::from_ref(part))?, Kind::Chosen(filter.clone(), machine))
            }
        };
        Ok(parts.map(|parts| Box::new(Intervals { parts, kind }) as Box<dyn SpanPositions>))
    }
}

impl Relation {
    /// Whether intervals pass where there is nothing to stand in relation to.
    fn passes_without(self) -> bool {
        matches!(
            self,
            Relation::NotContaining | Relation::NotContainedBy | Relation::NotOverlapping
        )
    }

    fn holds(self, place: &SpanPosition, others: &[SpanPosition]) -> bool {
        let any = |holds: &dyn Fn(&SpanPosition) -> bool| others.iter().any(holds);
        let within = |inner: &SpanPosition, outer: &SpanPosition| {
            outer.start <= inner.start && inner.end <= outer.end
        };
        let overlaps = |a: &SpanPosition, b: &SpanPosition| a.start < b.end && b.start < a.end;
        match self {
            Relation::Containing => any(&|other| within(other, place)),
            // Lucene's iterator looks at the first that does not end before: what only overlaps is left out too.
            Relation::NotContaining => others
                .iter()
                .find(|other| other.start >= place.start || other.end >= place.end)
                .is_none_or(|other| other.start >= place.end),
            Relation::ContainedBy => any(&|other| within(place, other)),
            Relation::NotContainedBy => !any(&|other| within(place, other)),
            Relation::Overlapping => any(&|other| overlaps(place, other)),
            Relation::NotOverlapping => !any(&|other| overlaps(place, other)),
            Relation::Before => any(&|other| place.end <= other.start),
            Relation::After => any(&|other| other.end <= place.start),
        }
    }
}

enum Kind {
    Phrase,
    Ordered,
    Unordered,
    Repeated(usize),
    AnyOf,
    Gaps(i64),
    Extended(i64),
    Filtered(Relation),
    Chosen(IntervalScript, Box<Machine>),
}

impl IntervalScript {
    /// Whether the script lets an interval pass; what it fails by is kept for whoever runs the search.
    fn passes(&self, machine: &mut Machine, place: &SpanPosition) -> bool {
        let number = |value: i64| Value::Int(i32::try_from(value).unwrap_or(i32::MAX));
        let told = vec![
            ("getStart", number(place.start)),
            // To the script the last word is the end.
            ("getEnd", number(place.end - 1)),
            ("getGaps", number(place.gaps)),
        ];
        let interval = ImmutableObject::Told("IntervalFilterScript.Interval", told);
        let given = [("interval", GivenVariable::Value(Value::thing(interval)))];
        let outcome = self.script.run(machine, &given, None).map(|outcome| outcome.truth());
        outcome.unwrap_or_else(|fault| {
            self.work.faults.keep(fault);
            false
        })
    }
}

struct Intervals {
    parts: Vec<Box<dyn SpanPositions>>,
    kind: Kind,
}

impl SpanPositions for Intervals {
    fn seek(&mut self, target: DocId, cancel: &Cancel) -> DocId {
        match &self.kind {
            Kind::AnyOf => {
                let docs = self.parts.iter_mut().map(|part| part.seek(target, cancel));
                docs.min().unwrap_or(TERMINATED)
            }
            Kind::Filtered(relation) if relation.passes_without() => {
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
        let first = |lists: Vec<Vec<SpanPosition>>| lists.into_iter().next().unwrap_or_default();
        match &mut self.kind {
            Kind::Phrase => phrase(&lists),
            Kind::Ordered => ordered(&lists, cancel),
            Kind::Unordered => unordered(&lists, cancel),
            Kind::Repeated(times) => repeated(&first(lists), *times),
            Kind::AnyOf => shortest(lists.concat()),
            Kind::Gaps(most) => {
                first(lists).into_iter().filter(|place| place.gaps <= *most).collect()
            }
            Kind::Extended(before) => first(lists)
                .into_iter()
                .map(|place| SpanPosition { start: (place.start - *before).max(0), ..place })
                .collect(),
            Kind::Filtered(relation) => {
                let mut lists = lists.into_iter();
                let (own, others) =
                    (lists.next().unwrap_or_default(), lists.next().unwrap_or_default());
                let holds =
                    |place: &SpanPosition| !cancel.is_cancelled() && relation.holds(place, &others);
                own.into_iter().filter(holds).collect()
            }
            Kind::Chosen(filter, machine) => {
                let mut passes =
                    |place: &SpanPosition| !cancel.is_cancelled() && filter.passes(machine, place);
                first(lists).into_iter().filter(|place| passes(place)).collect()
            }
        }
    }
}

fn width(place: &SpanPosition) -> i64 {
    place.end - place.start
}

/// Those of some places within which no other of them is, in order.
fn shortest(mut all: Vec<SpanPosition>) -> Vec<SpanPosition> {
    all.sort_unstable_by(|a, b| a.end.cmp(&b.end).then(b.start.cmp(&a.start)));
    let mut kept: Vec<SpanPosition> = Vec::new();
    for place in all {
        // Ends rise: what starts no later than one that was kept holds it.
        if kept.last().is_none_or(|last| place.start > last.start) {
            kept.push(place);
        }
    }
    kept
}

fn phrase(lists: &[Vec<SpanPosition>]) -> Vec<SpanPosition> {
    let Some((first, rest)) = lists.split_first() else { return Vec::new() };
    let mut found = Vec::new();
    'starts: for start in first {
        let mut end = start.end;
        for list in rest {
            // Starts rise in each list.
            let at = list.partition_point(|place| place.start < end);
            match list.get(at).filter(|place| place.start == end) {
                Some(place) => end = place.end,
                None => continue 'starts,
            }
        }
        found.push(SpanPosition { start: start.start, end, gaps: 0 });
    }
    found
}

/// From each of the first the nearest of the next, and so on; of those that end alike the one that starts last.
fn ordered(lists: &[Vec<SpanPosition>], cancel: &Cancel) -> Vec<SpanPosition> {
    let Some((first, rest)) = lists.split_first() else { return Vec::new() };
    let mut found: Vec<SpanPosition> = Vec::new();
    'starts: for start in first {
        if cancel.is_cancelled() {
            break;
        }
        let (mut end, mut own) = (start.end, width(start));
        for list in rest {
            let at = list.partition_point(|place| place.start < end);
            let Some(place) = list.get(at) else { break 'starts };
            end = place.end;
            own += width(place);
        }
        let place = SpanPosition { start: start.start, end, gaps: end - start.start - own };
        match found.last_mut().filter(|last| last.end >= end) {
            Some(last) => *last = place,
            None => found.push(place),
        }
    }
    found
}

/// Up to each end the latest of each; kept where no later start ends there.
fn unordered(lists: &[Vec<SpanPosition>], cancel: &Cancel) -> Vec<SpanPosition> {
    let mut ends: Vec<i64> = lists.iter().flatten().map(|place| place.end).collect();
    ends.sort_unstable();
    ends.dedup();
    let mut found: Vec<SpanPosition> = Vec::new();
    for end in ends {
        if cancel.is_cancelled() {
            break;
        }
        let latest = |list: &Vec<SpanPosition>| {
            let at = list.partition_point(|place| place.end <= end);
            at.checked_sub(1).and_then(|at| list.get(at)).copied()
        };
        let Some(chosen) = lists.iter().map(latest).collect::<Option<Vec<SpanPosition>>>() else {
            continue;
        };
        let start = chosen.iter().map(|place| place.start).min().unwrap_or(0);
        if found.last().is_none_or(|last| start > last.start) {
            let own: i64 = chosen.iter().map(width).sum();
            found.push(SpanPosition { start, end, gaps: end - start - own });
        }
    }
    found
}

/// So many neighbours each.
fn repeated(list: &[SpanPosition], times: usize) -> Vec<SpanPosition> {
    let place = |window: &[SpanPosition]| {
        let (first, last) = (window.first()?, window.last()?);
        let own: i64 = window.iter().map(width).sum();
        Some(SpanPosition { start: first.start, end: last.end, gaps: last.end - first.start - own })
    };
    list.windows(times.max(1)).filter_map(place).collect()
}

/// Shared by the queries that are lowered from it.
pub(super) fn shared(source: Source) -> Arc<dyn SpanPositionsSource> {
    Arc::new(source)
}
