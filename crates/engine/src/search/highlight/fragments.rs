//! Cutting fragments: Lucene's `FieldHighlighter`, `PassageScorer` and Elasticsearch's `BoundedBreakIteratorScanner`.

use std::collections::HashMap;

use unicode_segmentation::UnicodeSegmentation;

use super::units::UnitText;
use crate::dsl::words::MarkedWord;
use crate::exception::Exception;
use crate::work::Work;

/// How a field is cut.
pub(super) struct FragmentCut {
    /// In units of UTF-16, as all places here.
    pub(super) size: usize,
    /// At the words found, whatever the size, and not at sentences.
    pub(super) at_words: bool,
    /// 0: the whole field.
    pub(super) count: usize,
    pub(super) by_score: bool,
    pub(super) no_match_size: usize,
}

/// Puts tags around spans of a text, which are in bytes.
type Mark<'a> = &'a dyn Fn(&str, &[(usize, usize)]) -> String;

/// A fragment while it is found: where it is in which value, and what it holds.
struct Passage {
    value: usize,
    start: usize,
    end: usize,
    /// Where the value starts when all are laid end to end.
    base: usize,
    matches: Vec<MarkedWord>,
    score: f32,
}

impl FragmentCut {
    /// The fragments of `values`, in which `matches` stand; `mark` puts the tags.
    pub(super) fn fragments(
        &self,
        values: &[String],
        matches: &[Vec<MarkedWord>],
        mark: Mark<'_>,
        work: &Work,
    ) -> Result<Vec<String>, Exception> {
        let mut passages = Vec::new();
        let mut base = 0;
        let mut frequencies: HashMap<&str, usize> = HashMap::new();
        for found in matches.iter().flatten() {
            *frequencies.entry(found.term.as_str()).or_default() += 1;
        }
        let texts: Vec<UnitText<'_>> = values.iter().map(|value| UnitText::of(value)).collect();
        let length: usize =
            texts.iter().map(|text| text.len() + 1).sum::<usize>().saturating_sub(1);
        for (index, (text, matches)) in texts.iter().zip(matches).enumerate() {
            if !matches.is_empty() {
                passages.extend(self.passages(index, base, text, matches, work)?);
            }
            base += text.len() + 1;
        }
        if passages.is_empty() {
            return Ok(self.no_match(&texts).into_iter().collect());
        }
        if self.count > 0 {
            for passage in &mut passages {
                work.check()?;
                passage.score = score(passage, &frequencies, length);
            }
            // The best ones; of equals the one that starts first.
            passages.sort_by(|a, b| {
                b.score.total_cmp(&a.score).then((a.base + a.start).cmp(&(b.base + b.start)))
            });
            passages.truncate(self.count);
            if !self.by_score {
                passages.sort_by_key(|passage| passage.base + passage.start);
            }
        }
        let mut marked = Vec::with_capacity(passages.len());
        for passage in &passages {
            work.check()?;
            let Some(text) = texts.get(passage.value) else { continue };
            let begins = text.byte(passage.start);
            let byte = |unit: usize| text.byte(passage.start + unit).saturating_sub(begins);
            let spans = spans(passage).into_iter().map(|(start, end)| (byte(start), byte(end)));
            let spans: Vec<(usize, usize)> = spans.collect();
            marked.push(mark(text.between(passage.start, passage.end), &spans));
        }
        Ok(marked)
    }

    fn passages(
        &self,
        value: usize,
        base: usize,
        text: &UnitText<'_>,
        matches: &[MarkedWord],
        work: &Work,
    ) -> Result<Vec<Passage>, Exception> {
        let mut passages: Vec<Passage> = Vec::new();
        let mut breaks = TextBreaks::new(text, self);
        for found in matches {
            work.check()?;
            let (start, end) = (text.unit(found.start), text.unit(found.end));
            let found = MarkedWord { start, end, term: found.term.clone() };
            match passages.last_mut() {
                Some(passage) if self.count == 0 || start < passage.end => {
                    passage.matches.push(found);
                }
                _ => {
                    let (start, end) =
                        if self.count == 0 { (0, text.len()) } else { breaks.around(start) };
                    passages.push(Passage {
                        value,
                        start,
                        end,
                        base,
                        matches: vec![found],
                        score: 0.0,
                    });
                }
            }
        }
        Ok(passages)
    }

    /// The start of the first value, for a field without matches.
    fn no_match(&self, values: &[UnitText<'_>]) -> Option<String> {
        let text = values.first().filter(|_| self.no_match_size > 0)?;
        let limit = self.no_match_size.min(text.len());
        let ends = text.text.split_word_bound_indices().map(|(at, word)| at + word.len());
        let end = ends.into_iter().find(|end| text.unit(*end) >= limit);
        Some(text.text.get(..end.unwrap_or(text.text.len()))?.trim().to_owned())
    }
}

/// The marked spans within a passage; those that overlap become one.
fn spans(passage: &Passage) -> Vec<(usize, usize)> {
    let mut spans: Vec<(usize, usize)> = Vec::new();
    for found in &passage.matches {
        let (start, end) = (
            found.start.saturating_sub(passage.start),
            found.end.min(passage.end).saturating_sub(passage.start),
        );
        match spans.last_mut() {
            Some(last) if start < last.1 => last.1 = last.1.max(end),
            _ => spans.push((start, end)),
        }
    }
    spans
}

/// Lucene's `PassageScorer`: k1 1.2, b 0.75, pivot 87.
fn score(passage: &Passage, frequencies: &HashMap<&str, usize>, length: usize) -> f32 {
    const PIVOT: f32 = 87.0;
    let mut here: Vec<(&str, usize)> = Vec::new();
    for found in &passage.matches {
        match here.iter_mut().find(|(term, _)| *term == found.term) {
            Some((_, count)) => *count += 1,
            None => here.push((&found.term, 1)),
        }
    }
    let documents = 1.0 + length as f32 / PIVOT;
    let norm = 1.2 * (0.25 + 0.75 * ((passage.end - passage.start) as f32 / PIVOT));
    let mut sum = 0.0;
    for (term, count) in here {
        let total = frequencies.get(term).copied().unwrap_or(1) as f64;
        let weight = 2.2 * (1.0 + (f64::from(documents) + 0.5) / (total + 0.5)).ln() as f32;
        sum += count as f32 / (count as f32 + norm) * weight;
    }
    sum * (1.0 + 1.0 / (PIVOT + (passage.base + passage.start) as f32).ln())
}

/// Sentences, and where they are too long, words.
struct TextBreaks<'t> {
    text: &'t UnitText<'t>,
    size: usize,
    at_words: bool,
    sentences: Vec<usize>,
    words: Vec<usize>,
    window: (usize, usize),
    inner: (usize, usize),
}

impl<'t> TextBreaks<'t> {
    fn new(text: &'t UnitText<'t>, cut: &FragmentCut) -> TextBreaks<'t> {
        let (size, at_words) = (cut.size, cut.at_words);
        let mut sentences = Vec::new();
        if !at_words {
            let bounds = text.text.split_sentence_bound_indices();
            sentences.extend(bounds.map(|(at, _)| text.unit(at)));
            sentences.push(text.len());
        }
        let (window, inner) = ((0, 0), (0, 0));
        TextBreaks { text, size, at_words, sentences, words: Vec::new(), window, inner }
    }

    /// Looks the words up, once.
    fn look_at_words(&mut self) {
        if self.words.is_empty() {
            let bounds = self.text.text.split_word_bound_indices();
            self.words = bounds.map(|(at, _)| self.text.unit(at)).collect();
            self.words.push(self.text.len());
        }
    }

    /// The passage around a match that starts at `start`: `preceding(start + 1)` and `following(start)`.
    fn around(&mut self, start: usize) -> (usize, usize) {
        let offset = start + 1;
        if self.at_words {
            self.look_at_words();
            return (before(&self.words, offset), after(&self.words, start, self.text.len()));
        }
        if self.size == 0 {
            return (
                before(&self.sentences, offset),
                after(&self.sentences, start, self.text.len()),
            );
        }
        if offset > self.window.0 && offset < self.window.1 {
            self.inner = (self.inner.1, self.window.1);
        } else {
            self.window =
                (before(&self.sentences, offset), after(&self.sentences, start, self.text.len()));
            self.inner = self.window;
            // The sentences that follow join while there is room.
            while self.inner.1 - self.inner.0 < self.size && self.inner.1 < self.text.len() {
                let next = after(&self.sentences, self.inner.1, self.text.len());
                if next - self.inner.0 > self.size {
                    break;
                }
                self.inner.1 = next;
                self.window.1 = next;
            }
        }
        if self.inner.1 - self.inner.0 > self.size {
            self.look_at_words();
            if offset.saturating_sub(self.size) > self.inner.0 {
                self.inner.0 = self.inner.0.max(before(&self.words, offset - self.size));
            }
            let remaining = self.size.saturating_sub(offset - self.inner.0);
            if offset + remaining < self.window.1 {
                self.inner.1 =
                    self.window.1.min(after(&self.words, offset + remaining, self.text.len()));
            }
        }
        self.inner
    }
}

/// The last boundary before `offset`.
pub(super) fn before(boundaries: &[usize], offset: usize) -> usize {
    let at = boundaries.partition_point(|boundary| *boundary < offset);
    at.checked_sub(1).and_then(|at| boundaries.get(at)).copied().unwrap_or(0)
}

/// The first boundary after `offset`.
pub(super) fn after(boundaries: &[usize], offset: usize, end: usize) -> usize {
    let at = boundaries.partition_point(|boundary| *boundary <= offset);
    boundaries.get(at).copied().unwrap_or(end)
}
