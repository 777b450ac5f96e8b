//! How many documents have each text of a field, counted by the ordinals of each segment. The segments' dictionaries are in
//! order: they are merged as they are read, and what a text is called is asked of the few that are printed.

use std::cmp::Ordering;
use std::collections::BinaryHeap;
use std::collections::binary_heap::PeekMut;

use tantivy::columnar::StrColumn;

use crate::columns::Texts;
use crate::exception::{Exception, io};
use crate::index::KeptColumn;
use crate::work::{HeldMemory, Work};

/// The counts of all segments so far, of one owner.
pub(super) struct OrdinalCounts {
    segments: Vec<CountedSegment>,
    /// Whether the last of `segments` is the open one.
    open: bool,
    /// What is kept of the open one.
    kept: Option<KeptColumn>,
    work: Work,
    held: HeldMemory,
}

/// The counts of one segment, by ordinal.
struct CountedSegment {
    column: StrColumn,
    kept: Option<KeptColumn>,
    counts: Vec<u32>,
}

/// A text that documents have, by where it stands among them in order, with one of the places it can be read from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct CountedText {
    pub(super) rank: u32,
    segment: u32,
    ordinal: u64,
}

/// What a text takes in the list of all that were counted, and in the lists made of it.
const LISTED_BYTES: u64 = 40;

/// What a text takes among the ordinals of its segment.
const ORDINAL_BYTES: u64 = 8;

impl OrdinalCounts {
    /// None yet.
    pub(super) fn new(work: &Work) -> OrdinalCounts {
        let held = work.holds("<agg [terms]>");
        OrdinalCounts { segments: Vec::new(), open: false, kept: None, work: work.clone(), held }
    }

    /// Another segment begins.
    pub(super) fn open_segment(&mut self, kept: Option<KeptColumn>) {
        self.open = false;
        self.kept = kept;
    }

    /// Whether nothing was counted.
    pub(super) fn is_empty(&self) -> bool {
        self.segments.is_empty()
    }

    /// The counts of the open segment, which has `column`.
    pub(super) fn of(&mut self, column: &StrColumn) -> Result<&mut [u32], Exception> {
        if !self.open {
            self.held.grow(column.num_terms() as u64 * 4)?;
            let counts = vec![0; column.num_terms()];
            let kept = self.kept.take();
            self.segments.push(CountedSegment { column: column.clone(), kept, counts });
            self.open = true;
        }
        Ok(self.segments.last_mut().map_or(&mut [], |last| &mut last.counts))
    }

    /// Hands the number in `texts` and the count of each text to `take`, one segment after the other, and forgets them.
    pub(super) fn drain(
        &mut self,
        texts: &mut Texts,
        mut take: impl FnMut(u32, u32) -> Result<(), Exception>,
    ) -> Result<(), Exception> {
        for counted in std::mem::take(&mut self.segments) {
            let ordinals = counted.ordinals();
            let numbers = texts.numbers_of(&counted.column, &ordinals)?;
            for (ordinal, number) in ordinals.iter().zip(numbers) {
                self.work.check()?;
                take(number, counted.count(*ordinal))?;
            }
        }
        self.open = false;
        self.held.set(0)
    }

    /// Every text with its count, in order, and without a number.
    pub(super) fn texts(&mut self) -> Result<Vec<(CountedText, u64, u32)>, Exception> {
        let texts = self.segments.iter().map(CountedSegment::counted).sum::<usize>();
        self.held.grow(texts as u64 * (LISTED_BYTES + ORDINAL_BYTES))?;
        let mut listed = match self.segments.as_slice() {
            [alone] => alone.listed(),
            _ => self.merged()?,
        };
        for (rank, (text, ..)) in (0..).zip(&mut listed) {
            text.rank = rank;
        }
        Ok(listed)
    }

    fn merged(&self) -> Result<Vec<(CountedText, u64, u32)>, Exception> {
        let mut heap = BinaryHeap::with_capacity(self.segments.len());
        for (segment, counted) in (0..).zip(&self.segments) {
            let mut cursor = TextCursor::new(segment, counted);
            if cursor.advance()? {
                heap.push(cursor);
            }
        }
        let (mut listed, mut last): (Vec<(CountedText, u64, u32)>, Vec<u8>) =
            (Vec::new(), Vec::new());
        while let Some(mut least) = heap.peek_mut() {
            self.work.check()?;
            let ordinal = least.ordinal();
            let count = u64::from(least.counted.count(ordinal));
            match listed.last_mut().filter(|_| last.as_slice() == least.term()) {
                Some(same) => same.1 += count,
                None => {
                    last.clear();
                    last.extend_from_slice(least.term());
                    let text = CountedText { rank: 0, segment: least.segment, ordinal };
                    listed.push((text, count, 0));
                }
            }
            if !least.advance()? {
                PeekMut::pop(least);
            }
        }
        Ok(listed)
    }

    /// What a text is called.
    pub(super) fn name(&self, text: CountedText) -> Result<String, Exception> {
        let counted = self.segments.get(text.segment as usize);
        let name = counted.map(|it| name(&it.column, it.kept.as_ref(), text.ordinal));
        name.unwrap_or_else(|| Ok(String::new()))
    }
}

/// What the text of `column` with this ordinal is called.
pub(super) fn name(
    column: &StrColumn,
    kept: Option<&KeptColumn>,
    ordinal: u64,
) -> Result<String, Exception> {
    if let Some(kept) = kept {
        return kept.text(column, ordinal);
    }
    let mut name = String::new();
    column.ord_to_str(ordinal, &mut name).map_err(io)?;
    Ok(name)
}

impl CountedSegment {
    fn count(&self, ordinal: u64) -> u32 {
        let place = usize::try_from(ordinal).ok();
        place.and_then(|place| self.counts.get(place)).copied().unwrap_or(0)
    }

    /// How many texts documents have.
    fn counted(&self) -> usize {
        self.counts.iter().filter(|count| **count > 0).count()
    }

    /// The ordinals that documents have, rising.
    fn ordinals(&self) -> Vec<u64> {
        let counted = (0..).zip(&self.counts).filter(|(_, count)| **count > 0);
        counted.map(|(ordinal, _)| ordinal).collect()
    }

    fn listed(&self) -> Vec<(CountedText, u64, u32)> {
        let counted = (0..).zip(&self.counts).filter(|(_, count)| **count > 0);
        let text = |ordinal| CountedText { rank: 0, segment: 0, ordinal };
        counted.map(|(ordinal, count)| (text(ordinal), u64::from(*count), 0)).collect()
    }
}

/// One segment on the way through its texts.
struct TextCursor<'a> {
    segment: u32,
    counted: &'a CountedSegment,
    ordinals: Vec<u64>,
    /// Behind the text that it stands on.
    next: usize,
    /// The texts that were read ahead, one behind the other, and where each ends.
    bytes: Vec<u8>,
    ends: Vec<usize>,
    /// Which of them it stands on.
    place: usize,
}

impl TextCursor<'_> {
    fn new(segment: u32, counted: &CountedSegment) -> TextCursor<'_> {
        let ordinals = counted.ordinals();
        TextCursor {
            segment,
            counted,
            ordinals,
            next: 0,
            bytes: Vec::new(),
            ends: Vec::new(),
            place: 0,
        }
    }

    /// Goes to the next text; `false` behind the last.
    fn advance(&mut self) -> Result<bool, Exception> {
        if self.next >= self.ordinals.len() {
            return Ok(false);
        }
        self.place += 1;
        if self.place >= self.ends.len() {
            self.read_ahead()?;
        }
        self.next += 1;
        Ok(true)
    }

    fn read_ahead(&mut self) -> Result<(), Exception> {
        self.bytes.clear();
        self.ends.clear();
        self.place = 0;
        let rest = self.ordinals.get(self.next..).unwrap_or_default();
        let some = rest.get(..READ_AHEAD).unwrap_or(rest);
        let (bytes, ends) = (&mut self.bytes, &mut self.ends);
        let take = |term: &[u8]| {
            bytes.extend_from_slice(term);
            ends.push(bytes.len());
        };
        self.counted.column.dictionary().sorted_ords_to_term_cb(some, take).map_err(io)?;
        Ok(())
    }

    fn ordinal(&self) -> u64 {
        let here = self.next.checked_sub(1).and_then(|here| self.ordinals.get(here));
        here.copied().unwrap_or(u64::MAX)
    }

    fn term(&self) -> &[u8] {
        let before = self.place.checked_sub(1).and_then(|before| self.ends.get(before));
        let start = before.copied().unwrap_or(0);
        let end = self.ends.get(self.place).copied().unwrap_or(start);
        self.bytes.get(start..end).unwrap_or_default()
    }
}

/// How many texts of a segment are read at once. Each time the block of the dictionary that they begin in is unpacked again.
const READ_AHEAD: usize = 4096;

// The least comes first; of equals that of the earlier segment.
impl Ord for TextCursor<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        other.term().cmp(self.term()).then(other.segment.cmp(&self.segment))
    }
}

impl PartialOrd for TextCursor<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for TextCursor<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for TextCursor<'_> {}

#[cfg(test)]
mod tests {
    use tantivy::columnar::{ColumnarReader, ColumnarWriter, DynamicColumn};

    use super::*;

    /// A column of which document `n` has the text at `n`.
    fn column(texts: &[String]) -> StrColumn {
        let mut writer = ColumnarWriter::default();
        for (doc, text) in (0..).zip(texts) {
            writer.record_str(doc, "t", text);
        }
        let mut bytes = Vec::new();
        writer.serialize(texts.len() as u32, None, &mut bytes).unwrap();
        let columns = ColumnarReader::open(bytes).unwrap().read_columns("t").unwrap();
        let Some(DynamicColumn::Str(column)) = columns.first().map(|it| it.open().unwrap()) else {
            panic!("no column of texts");
        };
        column
    }

    /// The counts of every third document of `segments`.
    fn counted(segments: &[Vec<String>]) -> (OrdinalCounts, Vec<(String, u64)>) {
        let mut counts = OrdinalCounts::new(&Work::unbounded());
        let mut expected = std::collections::BTreeMap::new();
        for texts in segments {
            let column = column(texts);
            counts.open_segment(None);
            for (doc, text) in (0..).zip(texts).step_by(3) {
                let ordinal = column.term_ords(doc).next().unwrap();
                counts.of(&column).unwrap()[ordinal as usize] += 1;
                *expected.entry(text.clone()).or_insert(0) += 1;
            }
        }
        (counts, expected.into_iter().collect())
    }

    fn words(count: usize, factor: usize) -> Vec<String> {
        (0..count).map(|n| format!("word {}", n * factor % 7919)).collect()
    }

    #[test]
    fn texts_of_all_segments_are_merged_in_their_order() {
        for segments in [
            vec![words(100, 1)],
            vec![words(10, 1), words(1, 3)],
            vec![vec![String::new(), "a".to_owned()], words(7, 1), vec![String::new()]],
            vec![words(20_000, 17), words(9_000, 5), words(40, 1)],
        ] {
            let (mut counts, expected) = counted(&segments);
            let texts = counts.texts().unwrap();
            let named = texts.iter().map(|text| (counts.name(text.0).unwrap(), text.1));
            assert!(named.eq(expected));
            assert!((0..).zip(&texts).all(|(rank, text)| text.0.rank == rank));
        }
    }

    #[test]
    fn all_texts_can_be_named() {
        let (mut counts, expected) = counted(&[words(20_000, 17), words(9_000, 5)]);
        let mut texts = Texts::new(&Work::unbounded());
        let mut numbers = std::collections::BTreeMap::new();
        counts
            .drain(&mut texts, |text, count| {
                *numbers.entry(text).or_insert(0) += u64::from(count);
                Ok(())
            })
            .unwrap();
        let named =
            numbers.iter().map(|(text, count)| (texts.name((*text).into()).to_owned(), *count));
        let mut named: Vec<(String, u64)> = named.collect();
        named.sort();
        assert!(named == expected && counts.is_empty());
    }

    #[test]
    fn a_merge_that_is_called_off_ends() {
        let (mut counts, _) = counted(&[words(100, 1), words(100, 3)]);
        counts.work.cancel.cancel();
        assert!(counts.texts().is_err());
    }
}
