//! Cutting fragments: Lucene's `FieldHighlighter`, `PassageScorer` and Elasticsearch's `BoundedBreakIteratorScanner`.

use std::collections::HashMap;

use unicode_segmentation::UnicodeSegmentation;

use crate::dsl::words::MarkedWord;
use crate::exception::Exception;
use crate::work::Work;

/// How a field is cut.
pub(super) struct FragmentCut {
    pub(super) size: usize,
    /// 0: the whole field.
    pub(super) count: usize,
    pub(super) by_score: bool,
    pub(super) no_match_size: usize,
}

/// Puts tags around spans of a text.
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
    /// The fragments of `values`; `mark` puts the tags.
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
        let length: usize =
            values.iter().map(|value| value.len() + 1).sum::<usize>().saturating_sub(1);
        for (index, (value, matches)) in values.iter().zip(matches).enumerate() {
            if !matches.is_empty() {
                passages.extend(self.passages(index, base, value, matches, work)?);
            }
            base += value.len() + 1;
        }
        if passages.is_empty() {
            return Ok(self.no_match(values).into_iter().collect());
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
            let value = values.get(passage.value);
            let text = value.and_then(|value| value.get(passage.start..passage.end));
            marked.push(mark(text.unwrap_or_default(), &spans(passage)));
        }
        Ok(marked)
    }

    fn passages(
        &self,
        value: usize,
        base: usize,
        text: &str,
        matches: &[MarkedWord],
        work: &Work,
    ) -> Result<Vec<Passage>, Exception> {
        let mut passages: Vec<Passage> = Vec::new();
        let mut breaks = SentenceBreaks::new(text, self.size);
        for found in matches {
            work.check()?;
            match passages.last_mut() {
                Some(passage) if self.count == 0 || found.start < passage.end => {
                    passage.matches.push(found.clone());
                }
                _ => {
                    let (start, end) =
                        if self.count == 0 { (0, text.len()) } else { breaks.around(found.start) };
                    passages.push(Passage {
                        value,
                        start,
                        end,
                        base,
                        matches: vec![found.clone()],
                        score: 0.0,
                    });
                }
            }
        }
        Ok(passages)
    }

    /// The start of the first value, for a field without matches.
    fn no_match(&self, values: &[String]) -> Option<String> {
        let text = values.first().filter(|_| self.no_match_size > 0)?;
        let limit = self.no_match_size.min(text.len());
        let end = text
            .split_word_bound_indices()
            .map(|(at, word)| at + word.len())
            .find(|end| *end >= limit);
        Some(text.get(..end.unwrap_or(text.len()))?.trim().to_owned())
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
struct SentenceBreaks<'t> {
    text: &'t str,
    size: usize,
    sentences: Vec<usize>,
    words: Vec<usize>,
    window: (usize, usize),
    inner: (usize, usize),
}

impl<'t> SentenceBreaks<'t> {
    fn new(text: &'t str, size: usize) -> SentenceBreaks<'t> {
        let mut sentences: Vec<usize> =
            text.split_sentence_bound_indices().map(|(at, _)| at).collect();
        sentences.push(text.len());
        SentenceBreaks { text, size, sentences, words: Vec::new(), window: (0, 0), inner: (0, 0) }
    }

    /// The passage around a match that starts at `start`: `preceding(start + 1)` and `following(start)`.
    fn around(&mut self, start: usize) -> (usize, usize) {
        let offset = start + 1;
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
            if self.words.is_empty() {
                self.words = self.text.split_word_bound_indices().map(|(at, _)| at).collect();
                self.words.push(self.text.len());
            }
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
fn before(boundaries: &[usize], offset: usize) -> usize {
    let at = boundaries.partition_point(|boundary| *boundary < offset);
    at.checked_sub(1).and_then(|at| boundaries.get(at)).copied().unwrap_or(0)
}

/// The first boundary after `offset`.
fn after(boundaries: &[usize], offset: usize, end: usize) -> usize {
    let at = boundaries.partition_point(|boundary| *boundary <= offset);
    boundaries.get(at).copied().unwrap_or(end)
}
