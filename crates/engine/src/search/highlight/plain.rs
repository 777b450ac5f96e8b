//! The `plain` highlighter: a text is cut at tokens, wherever sentences end, and its best fragments come first. Source: Lucene's
//! `Highlighter`, `QueryScorer`, `SimpleSpanFragmenter` and `SimpleFragmenter`, and Elasticsearch's `PlainHighlighter`.

use std::collections::HashSet;

use super::units::{UnitText, encoded};
use super::{Field, HighlightSettings};
use crate::analysis::Token;
use crate::dsl::words::{MarkedTokens, Words};
use crate::exception::Exception;
use crate::work::Work;

/// Most tokens that are marked together.
const GROUP_TOKENS_MAX: usize = 50;

/// A part of a text with what was found in it.
struct ScoredFragment {
    text: String,
    score: f32,
}

/// Where a text is cut.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fragmenter {
    /// Nowhere.
    Null,
    /// Behind so many units.
    Simple,
    /// The same, but not within a phrase that was found, and not where little is left.
    Span,
}

/// The fragments of the values of a field.
///
/// # Errors
/// A fragmenter that there is not; `task_cancelled_exception`.
pub(super) fn fragments(
    field: &Field,
    values: &[String],
    work: &Work,
) -> Result<Vec<String>, Exception> {
    let settings = &field.settings;
    let fragmenter = fragmenter(settings, &field.path)?;
    // A whole field is one fragment of each of its values.
    let count = settings.number_of_fragments.max(1);
    let mut found = Vec::new();
    let mut values_read = 0;
    for value in values {
        work.check()?;
        values_read += 1;
        let text = UnitText::of(value);
        let text = match settings.analyzed_max {
            Some(most) if most < text.len() => UnitText::of(text.between(0, most)),
            _ => text,
        };
        let marked = field.words.tokens(text.text, field.analyzer.as_deref(), work)?;
        let cut = TextCut::new(settings, fragmenter, &field.words, &text);
        let mut fragments = cut.fragments(&marked, work)?;
        // The best ones; of equals the one that comes first.
        fragments.sort_by(|a, b| b.score.total_cmp(&a.score));
        fragments.truncate(count);
        found.extend(fragments.into_iter().filter(|fragment| fragment.score > 0.0));
    }
    if settings.by_score {
        // Their ranks are whole numbers there.
        found.sort_by_key(|fragment| std::cmp::Reverse(fragment.score.round() as i64));
    }
    if settings.number_of_fragments > 0 || values_read < 2 {
        found.truncate(count);
    }
    if found.is_empty() {
        return Ok(no_match(field, values, work)?.into_iter().collect());
    }
    Ok(found.into_iter().map(|fragment| fragment.text).collect())
}

fn fragmenter(settings: &HighlightSettings, path: &str) -> Result<Fragmenter, Exception> {
    match settings.fragmenter.as_deref() {
        _ if settings.number_of_fragments == 0 => Ok(Fragmenter::Null),
        None | Some("span") => Ok(Fragmenter::Span),
        Some("simple") => Ok(Fragmenter::Simple),
        Some(other) => Err(Exception::illegal_argument(format!(
            "unknown fragmenter option [{other}] for the field [{path}]"
        ))),
    }
}

/// The start of the first value, up to the end of a token, for a field without matches.
fn no_match(field: &Field, values: &[String], work: &Work) -> Result<Option<String>, Exception> {
    let size = field.settings.no_match_size;
    let Some(value) = values.first().filter(|_| size > 0) else { return Ok(None) };
    let text = UnitText::of(value);
    let marked = field.words.tokens(value, field.analyzer.as_deref(), work)?;
    let mut end = 0;
    for token in &marked.tokens {
        let ends = text.unit(token.end_offset as usize);
        if ends >= size {
            if ends == size {
                end = size;
            }
            break;
        }
        end = ends;
    }
    Ok((end > 0).then(|| text.between(0, end).to_owned()))
}

/// Tokens that overlap: they are marked together.
#[derive(Default)]
struct TokenGroup {
    tokens: usize,
    start: usize,
    end: usize,
    /// From the first to the last of them that is looked for.
    matched: (usize, usize),
    total: f32,
}

impl TokenGroup {
    fn add(&mut self, (start, end): (usize, usize), score: f32) {
        if self.tokens >= GROUP_TOKENS_MAX {
            return;
        }
        if self.tokens == 0 {
            (self.start, self.end, self.matched) = (start, end, (start, end));
            self.total = score;
        } else {
            (self.start, self.end) = (self.start.min(start), self.end.max(end));
            if score > 0.0 {
                self.matched = match self.total == 0.0 {
                    true => (start, end),
                    false => (self.matched.0.min(start), self.matched.1.max(end)),
                };
                self.total += score;
            }
        }
        self.tokens += 1;
    }
}

/// A text while it is cut.
struct TextCut<'a> {
    settings: &'a HighlightSettings,
    fragmenter: Fragmenter,
    words: &'a Words,
    text: &'a UnitText<'a>,
    /// The fragment that is being written.
    open: String,
    done: Vec<ScoredFragment>,
    /// What was found in it: its terms once each, and what they weigh.
    terms: HashSet<String>,
    score: f32,
    /// Where the text was copied to, in units.
    copied: usize,
    /// The number of the fragment, and the position that its fragmenter counts.
    number: usize,
    position: i64,
    waits_for: i64,
}

impl<'a> TextCut<'a> {
    fn new(
        settings: &'a HighlightSettings,
        fragmenter: Fragmenter,
        words: &'a Words,
        text: &'a UnitText<'a>,
    ) -> TextCut<'a> {
        TextCut {
            settings,
            fragmenter,
            words,
            text,
            open: String::new(),
            done: Vec::new(),
            terms: HashSet::new(),
            score: 0.0,
            copied: 0,
            number: 1,
            position: -1,
            waits_for: -1,
        }
    }

    fn fragments(
        mut self,
        marked: &MarkedTokens,
        work: &Work,
    ) -> Result<Vec<ScoredFragment>, Exception> {
        let mut group = TokenGroup::default();
        let mut before = -1;
        for (token, weight) in marked.tokens.iter().zip(&marked.weights) {
            work.check()?;
            let start = self.text.unit(token.start_offset as usize);
            let end = self.text.unit(token.end_offset as usize);
            let step = i64::from(token.position) - before;
            before = i64::from(token.position);
            if group.tokens > 0 && start >= group.end {
                self.copy(&group);
                group = TokenGroup::default();
                if self.is_cut(token, step, end, marked) {
                    self.close();
                }
            }
            let score = weight.unwrap_or(0.0);
            if weight.is_some() && self.terms.insert(token.text.clone()) {
                self.score += score;
            }
            group.add((start, end), score);
        }
        if group.tokens > 0 {
            self.copy(&group);
        }
        let rest = self.text.between(self.copied, self.text.len());
        self.open.push_str(&encoded(rest, self.settings.html));
        self.close();
        Ok(self.done)
    }

    /// Ends the fragment that is being written.
    fn close(&mut self) {
        let text = std::mem::take(&mut self.open);
        self.done.push(ScoredFragment { text, score: self.score });
        self.terms.clear();
        self.score = 0.0;
    }

    /// Copies the text up to the end of a group, with tags if it was looked for.
    fn copy(&mut self, group: &TokenGroup) {
        let ((start, end), html) = (group.matched, self.settings.html);
        if start > self.copied {
            self.open.push_str(&encoded(self.text.between(self.copied, start), html));
        }
        let own = encoded(self.text.between(start, end), html);
        match group.total > 0.0 {
            true => self.open.extend([&self.settings.pre, &*own, &self.settings.post]),
            false => self.open.push_str(&own),
        }
        self.copied = self.copied.max(end);
    }

    /// Whether a fragment begins with `token`, which ends at the unit `end` and is `step` positions behind the one before.
    fn is_cut(&mut self, token: &Token, step: i64, end: usize, marked: &MarkedTokens) -> bool {
        let size = self.settings.fragment_size;
        let is_full = end >= size.saturating_mul(self.number);
        let cut = match self.fragmenter {
            Fragmenter::Null => false,
            Fragmenter::Simple => is_full,
            Fragmenter::Span => {
                self.position += step;
                if self.waits_for <= self.position {
                    self.waits_for = -1;
                } else {
                    return false;
                }
                let begins = u32::try_from(self.position).ok();
                let ends = begins.and_then(|at| self.words.phrase_end(marked, &token.text, at));
                if let Some(ends) = ends {
                    self.waits_for = i64::from(ends) + 1;
                }
                is_full && self.text.len().saturating_sub(end) >= size >> 1
            }
        };
        self.number += usize::from(cut);
        cut
    }
}
