//! How spans are made of others, wherever these were found: in an index, or in a text that is highlighted. Source: Lucene 8.7.

use super::span_source::SpanPosition;
use crate::work::Cancel;

/// A place that spans are made of, with whatever is to be known of it beside where it is.
pub(super) trait PlacedSpan: Clone {
    /// Where it is.
    fn at(&self) -> SpanPosition;
    /// Takes what is known of a part of the same span.
    fn join(&mut self, other: &Self);
    /// The same, elsewhere.
    fn moved(self, to: SpanPosition) -> Self;
}

impl PlacedSpan for SpanPosition {
    fn at(&self) -> SpanPosition {
        *self
    }

    fn join(&mut self, _: &SpanPosition) {}

    fn moved(self, to: SpanPosition) -> SpanPosition {
        to
    }
}

/// Lucene's `NearSpansOrdered`: from each of the first the nearest of the next, and so on.
pub(super) fn ordered<P: PlacedSpan>(
    lists: &[Vec<P>],
    gaps: &[Option<i64>],
    slop: i64,
    cancel: &Cancel,
) -> Vec<P> {
    let mut found = Vec::new();
    let Some((first, rest)) = lists.split_first() else { return found };
    let mut next = vec![0; rest.len()];
    'starts: for start in first {
        if cancel.is_cancelled() {
            break;
        }
        let mut whole = start.clone();
        let (mut end, mut width) = (start.at().end, 0_i64);
        let mut lists = rest.iter().zip(next.iter_mut());
        for gap in gaps.iter().skip(1) {
            if let Some(gap) = gap {
                // A gap begins where it is met.
                end = end.saturating_add(*gap);
                continue;
            }
            let Some((list, at)) = lists.next() else { break };
            while list.get(*at).is_some_and(|place| place.at().start < end) {
                *at += 1;
            }
            let Some(place) = list.get(*at) else { break 'starts };
            width = width.saturating_add(place.at().start.saturating_sub(end));
            end = place.at().end;
            whole.join(place);
        }
        if width <= slop {
            found.push(whole.moved(SpanPosition { start: start.at().start, end, gaps: width }));
        }
    }
    found
}

/// Lucene's `NearSpansUnordered`: a window over one of each, the first of which moves on.
pub(super) fn unordered<P: PlacedSpan>(lists: &[Vec<P>], slop: i64, cancel: &Cancel) -> Vec<P> {
    let mut found = Vec::new();
    let mut at = vec![0; lists.len()];
    loop {
        if cancel.is_cancelled() {
            return found;
        }
        let current: Option<Vec<&P>> =
            lists.iter().zip(&at).map(|(list, at)| list.get(*at)).collect();
        let Some(current) = current else { return found };
        let first =
            current.iter().enumerate().min_by_key(|(_, place)| (place.at().start, place.at().end));
        let Some((index, top)) = first.map(|(index, place)| (index, place.at())) else {
            return found;
        };
        let end = current.iter().map(|place| place.at().end).max().unwrap_or(top.end);
        let own: i64 = current.iter().map(|place| place.at().end - place.at().start).sum();
        if end - top.start - own <= slop
            && let Some((first, others)) = current.split_first()
        {
            let mut whole = P::clone(first);
            others.iter().for_each(|other| whole.join(other));
            let gaps = end - top.start;
            found.push(whole.moved(SpanPosition { start: top.start, end, gaps }));
        }
        if let Some(at) = at.get_mut(index) {
            *at += 1;
        }
    }
}

pub(super) fn containing<P: PlacedSpan>(big: Vec<P>, little: &[P]) -> Vec<P> {
    let mut at = 0;
    let mut found = Vec::new();
    for mut place in big {
        while little.get(at).is_some_and(|inner| inner.at().start < place.at().start) {
            at += 1;
        }
        let Some(inner) = little.get(at) else { break };
        if place.at().end >= inner.at().end {
            place.join(inner);
            found.push(place);
        }
    }
    found
}

pub(super) fn within<P: PlacedSpan>(big: &[P], little: Vec<P>) -> Vec<P> {
    let mut at = 0;
    let mut found = Vec::new();
    for mut place in little {
        while big.get(at).is_some_and(|outer| outer.at().end < place.at().end) {
            at += 1;
        }
        let Some(outer) = big.get(at) else { break };
        if outer.at().start <= place.at().start {
            place.join(outer);
            found.push(place);
        }
    }
    found
}
