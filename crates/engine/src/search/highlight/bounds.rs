//! Where fragments of `fvh` begin and end at words or sentences. Source: Lucene's `BreakIteratorBoundaryScanner`, which looks at
//! the text before the start of a fragment, and at that behind its end.

use unicode_segmentation::UnicodeSegmentation;

use super::BoundaryScanner;
use super::fragments::{after, before};
use super::units::UnitText;
use crate::exception::Exception;
use crate::work::{HeldMemory, Work};

/// Longest word or sentence, in units, whose part before or behind a fragment is cut by itself, as Lucene does; a longer one is
/// cut where the whole text is, so that no fragment takes the length of the text.
const CUT_UNITS_MAX: usize = 1024;

/// A text with its words or sentences, which are looked for once for all fragments.
pub(super) struct TextBounds<'t> {
    pub(super) text: &'t UnitText<'t>,
    at_words: bool,
    /// Where each begins; `None`: it is not cut at words or sentences.
    starts: Option<Vec<usize>>,
}

impl<'t> TextBounds<'t> {
    /// Those of `text`.
    ///
    /// # Errors
    /// `task_cancelled_exception`; `circuit_breaking_exception`.
    pub(super) fn of(
        text: &'t UnitText<'t>,
        scanner: Option<BoundaryScanner>,
        held: &mut HeldMemory,
        work: &Work,
    ) -> Result<TextBounds<'t>, Exception> {
        let at_words = match scanner {
            Some(BoundaryScanner::Word) => true,
            Some(BoundaryScanner::Sentence) => false,
            _ => return Ok(TextBounds { text, at_words: false, starts: None }),
        };
        let mut starts = Vec::new();
        for start in cut(text.text, at_words) {
            work.check()?;
            held.grow(size_of::<usize>() as u64)?;
            starts.push(text.unit(start));
        }
        Ok(TextBounds { text, at_words, starts: Some(starts) })
    }

    /// The last boundary before the unit `start`, of the text before it.
    pub(super) fn before(&self, start: usize) -> Option<usize> {
        let whole = before(self.starts.as_ref()?, start);
        if start - whole > CUT_UNITS_MAX {
            return Some(whole);
        }
        let last = cut(self.text.between(whole, start), self.at_words).last().unwrap_or(0);
        Some(self.text.unit(self.text.byte(whole) + last))
    }

    /// The first boundary behind the unit `end`, of the text from there to the unit `length`.
    pub(super) fn behind(&self, end: usize, length: usize) -> Option<usize> {
        let starts = self.starts.as_ref()?;
        let limit = length.min(end.saturating_add(CUT_UNITS_MAX));
        let near = self.text.between(end, limit);
        match cut(near, self.at_words).nth(1) {
            Some(next) => {
                let within = near.get(..next).unwrap_or_default();
                Some(end + within.encode_utf16().count())
            }
            None if limit == length => Some(end + near.encode_utf16().count()),
            None => Some(after(starts, end, length).min(length)),
        }
    }
}

/// The bytes at which words or sentences begin.
fn cut(text: &str, at_words: bool) -> Box<dyn Iterator<Item = usize> + '_> {
    match at_words {
        true => Box::new(text.split_word_bound_indices().map(|(at, _)| at)),
        false => Box::new(text.split_sentence_bound_indices().map(|(at, _)| at)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The words or sentences of `text`, handed to `look`.
    fn bounds_of(text: &str, scanner: BoundaryScanner, look: impl Fn(&TextBounds<'_>)) {
        let (text, work) = (UnitText::of(text), Work::unbounded());
        let mut held = work.holds("<highlight>");
        look(&TextBounds::of(&text, Some(scanner), &mut held, &work).unwrap());
    }

    #[test]
    fn a_bound_is_that_of_the_text_before_or_behind() {
        let text =
            "I can't. Say e.g. (one) 3.5, and \"so on\"? Да… 😀😀 нет! It's 1,000 etc. and more";
        for scanner in [BoundaryScanner::Word, BoundaryScanner::Sentence] {
            bounds_of(text, scanner, |bounds| {
                let (own, words) = (bounds.text, bounds.at_words);
                for at in 1..=own.len() {
                    let before = cut(own.between(0, at), words).map(|start| own.unit(start));
                    let before = before.filter(|start| *start < at).last();
                    assert_eq!(bounds.before(at), before, "{scanner:?} before {at}");
                    let rest = own.between(at, own.len());
                    let next = cut(rest, words).nth(1).unwrap_or(rest.len());
                    let behind = at + rest.get(..next).unwrap_or_default().encode_utf16().count();
                    assert_eq!(
                        bounds.behind(at, own.len()),
                        Some(behind),
                        "{scanner:?} behind {at}"
                    );
                }
            });
        }
    }

    #[test]
    fn a_long_word_is_cut_where_the_whole_text_is() {
        let text = format!("one {} two", "a".repeat(3 * CUT_UNITS_MAX));
        bounds_of(&text, BoundaryScanner::Word, |bounds| {
            let (begin, end) = (4, 4 + 3 * CUT_UNITS_MAX);
            let middle = begin + CUT_UNITS_MAX + 1;
            assert_eq!(bounds.before(middle), Some(begin));
            assert_eq!(bounds.behind(middle, text.len()), Some(end));
            assert_eq!(bounds.behind(middle, end - 10), Some(end - 10));
        });
    }
}
