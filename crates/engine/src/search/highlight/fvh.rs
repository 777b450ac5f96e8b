//! The highlighter `fvh`, which goes by the places of words that term vectors keep: fragments lie around what was found, and end
//! where a boundary is near. Source: Lucene's `FieldPhraseList`, `BaseFragListBuilder`, `BaseFragmentsBuilder` and
//! `SimpleBoundaryScanner`, and Elasticsearch's `FastVectorHighlighter`.

use std::collections::VecDeque;

use super::bounds::TextBounds;
use super::units::{UnitText, encoded};
use super::{Field, HighlightSettings};
use crate::analysis::{Analyzer, Token};
use crate::dsl::words::{SoughtPhrase, Words};
use crate::exception::Exception;
use crate::work::{HeldMemory, Work};

/// What a fragment has before the first word found in it, at least where there is room.
const MARGIN: usize = 6;

/// A fragment is at least so many times as long as that.
const SIZE_FACTOR: usize = 3;

/// Most phrases that are looked at where the request says nothing.
pub(super) const PHRASES_DEFAULT: usize = 256;

/// How far a boundary is looked for, and what is one, where the request says nothing.
pub(super) const SCAN_DEFAULT: usize = 20;
pub(super) const CHARACTERS_DEFAULT: &str = ".,!? \t\n";

/// Positions between two values of a field.
const VALUE_GAP: u32 = 100;

/// A word of a text; places in units, of all values end to end.
#[derive(Clone)]
struct FoundWord {
    text: String,
    start: usize,
    end: usize,
    position: u32,
}

/// A term or a phrase that was found.
#[derive(Clone)]
struct FoundPhrase {
    /// Its parts; words that follow each other are one.
    places: Vec<(usize, usize)>,
    boost: f32,
    /// Which of the tags it gets.
    number: usize,
}

/// A part of the values.
#[derive(Clone)]
struct Fragment {
    start: usize,
    end: usize,
    found: Vec<FoundPhrase>,
    boost: f32,
}

/// The fragments of the values of a field.
///
/// # Errors
/// A field without term vectors; fragments that are too small; `task_cancelled_exception`.
pub(super) fn fragments(
    field: &Field,
    values: &[String],
    work: &Work,
) -> Result<Vec<String>, Exception> {
    let settings = &field.settings;
    if !field.has_vectors {
        return Err(Exception::illegal_argument(format!(
            "the field [{}] should be indexed with term vector with position offsets to be used with fast vector highlighter",
            field.leaf_path
        )));
    }
    let texts: Vec<UnitText<'_>> = values.iter().map(|value| UnitText::of(value)).collect();
    let mut held = work.holds("<highlight>");
    held.grow(texts.iter().map(UnitText::bytes).sum())?;
    let phrases = match &field.matched {
        None => phrases(field, (&field.words, field.analyzer.as_deref()), &texts, &mut held, work)?,
        Some(matched) => {
            let mut found = Vec::new();
            for own in matched {
                let sought = (&own.words, own.analyzer.as_deref());
                found.extend(phrases(field, sought, &texts, &mut held, work)?);
            }
            merged(found, work)?
        }
    };
    let mut found = match settings.number_of_fragments {
        0 if phrases.is_empty() => Vec::new(),
        0 => vec![Fragment::of(0, usize::MAX, phrases)],
        _ => around(&phrases, settings, work)?,
    };
    if found.is_empty() && settings.no_match_size > 0 {
        found.push(Fragment::of(0, settings.no_match_size, Vec::new()));
    }
    if texts.len() > 1 {
        found = by_value(found, &texts, work)?;
    }
    if settings.by_score && settings.number_of_fragments > 0 {
        let by_boost =
            |a: &Fragment, b: &Fragment| b.boost.total_cmp(&a.boost).then(a.start.cmp(&b.start));
        found = work.sorted_by(found, by_boost)?;
    }
    if settings.number_of_fragments > 0 {
        found.truncate(settings.number_of_fragments);
    }
    if found.is_empty() || texts.is_empty() {
        return Ok(Vec::new());
    }
    held.grow(texts.iter().map(|text| text.text.len() as u64 + 1).sum())?;
    let joined = texts.iter().map(|text| text.text).collect::<Vec<_>>().join(" ");
    let joined = UnitText::of(&joined);
    held.grow(joined.bytes())?;
    let bounds = TextBounds::of(&joined, settings.boundary, &mut held, work)?;
    let (mut shown, mut seen) = (Vec::with_capacity(found.len()), SeenValues::default());
    for fragment in &found {
        work.check()?;
        seen.reach(fragment.end, &texts);
        let printed = fragment.printed(&bounds, seen.units, settings);
        held.grow(printed.len() as u64)?;
        shown.push(printed);
    }
    Ok(shown)
}

/// The values that fragments have reached into, each with the space behind it: those before are still there for the next.
#[derive(Default)]
struct SeenValues {
    values: usize,
    units: usize,
}

impl SeenValues {
    fn reach(&mut self, end: usize, texts: &[UnitText<'_>]) {
        while let Some(text) = texts.get(self.values).filter(|_| self.units < end) {
            self.values += 1;
            self.units += text.len() + 1;
        }
    }
}

/// What is looked for, and the analyzer that finds it.
type Sought<'a> = (&'a Words, Option<&'a Analyzer>);

/// The terms and phrases of several fields in order, those that overlap as one. Source: `FieldPhraseList(FieldPhraseList[])`,
/// `WeightedPhraseInfo(Collection)`.
fn merged(found: Vec<FoundPhrase>, work: &Work) -> Result<Vec<FoundPhrase>, Exception> {
    let in_order = |a: &FoundPhrase, b: &FoundPhrase| {
        (a.start(), a.end()).cmp(&(b.start(), b.end())).then(a.boost.total_cmp(&b.boost))
    };
    let mut all: Vec<FoundPhrase> = Vec::new();
    // How far the last of them reaches.
    let mut end = 0;
    for phrase in work.sorted_by(found, in_order)? {
        work.check()?;
        let reaches = phrase.end();
        match all.last_mut().filter(|_| phrase.start() <= end) {
            Some(last) => {
                last.boost += phrase.boost;
                last.places.extend(phrase.places);
                end = end.max(reaches);
            }
            None => {
                all.push(phrase);
                end = reaches;
            }
        }
    }
    for phrase in &mut all {
        work.check()?;
        phrase.join_places();
    }
    Ok(all)
}

/// The terms and phrases in the values, in order.
fn phrases(
    field: &Field,
    sought: Sought<'_>,
    texts: &[UnitText<'_>],
    held: &mut HeldMemory,
    work: &Work,
) -> Result<Vec<FoundPhrase>, Exception> {
    let mut stack = words(sought, texts, held, work)?;
    let mut found: Vec<FoundPhrase> = Vec::new();
    while let Some(first) = stack.pop_front() {
        work.check()?;
        if found.len() >= field.settings.phrases_max {
            break;
        }
        let phrase = longest(sought.0, first, &mut stack, work)?;
        // What overlaps the one before belongs to that.
        let is_new = |own: &FoundPhrase| !found.last().is_some_and(|it| it.overlaps(own));
        let Some(new) = phrase.filter(is_new) else { continue };
        // Itself, and in a fragment.
        held.grow(2 * new.bytes())?;
        found.push(new);
    }
    Ok(found)
}

/// The words of the values that may be of a term or phrase; those of one position are together.
fn words(
    (sought, analyzer): Sought<'_>,
    texts: &[UnitText<'_>],
    held: &mut HeldMemory,
    work: &Work,
) -> Result<VecDeque<Vec<FoundWord>>, Exception> {
    let mut all: VecDeque<Vec<FoundWord>> = VecDeque::new();
    let (mut base, mut behind) = (0, 0);
    for text in texts {
        let marked = sought.tokens(text.text, analyzer, work)?;
        let mut held_here = work.holds("<highlight>");
        held_here.grow(marked.tokens.iter().map(token_bytes).sum())?;
        let mut last = 0;
        for token in &marked.tokens {
            work.check()?;
            last = token.position;
            let phrases = sought.phrases();
            let of_phrase =
                |it: &SoughtPhrase| (0..it.len()).any(|place| it.fits(place, &token.text));
            if sought.sought(&token.text).is_none() && !phrases.iter().any(of_phrase) {
                continue;
            }
            let word = FoundWord {
                text: token.text.clone(),
                start: base + text.unit(token.start_offset as usize),
                end: base + text.unit(token.end_offset as usize),
                position: behind + token.position,
            };
            held.grow(word.bytes())?;
            match all.back_mut() {
                Some(here) if here.first().is_some_and(|it| it.position == word.position) => {
                    here.push(word);
                }
                _ => all.push_back(vec![word]),
            }
        }
        base += text.len() + 1;
        behind += last + 1 + VALUE_GAP;
    }
    Ok(all)
}

/// What a token takes while its value is looked at, with what it weighs.
fn token_bytes(token: &Token) -> u64 {
    (size_of::<Token>() + size_of::<Option<f32>>() + token.text.len()) as u64
}

/// The longest phrase that begins with one of `first`; what it does not take goes back.
fn longest(
    words: &Words,
    first: Vec<FoundWord>,
    stack: &mut VecDeque<Vec<FoundWord>>,
    work: &Work,
) -> Result<Option<FoundPhrase>, Exception> {
    let begins = |word: &FoundWord| {
        words.sought(&word.text).is_some()
            || words.phrases().iter().any(|phrase| phrase.fits(0, &word.text))
    };
    let Some(word) = first.into_iter().find(begins) else { return Ok(None) };
    // The phrases that all words taken so far fit.
    let mut open: Vec<&SoughtPhrase> = words.phrases().iter().collect();
    open.retain(|phrase| phrase.fits(0, &word.text));
    let mut taken = vec![word];
    while let Some(next) = stack.pop_front() {
        work.check()?;
        let goes_on =
            |word: &&FoundWord| open.iter().any(|phrase| phrase.fits(taken.len(), &word.text));
        let Some(word) = next.iter().find(goes_on).cloned() else {
            stack.push_front(next);
            break;
        };
        open.retain(|phrase| phrase.fits(taken.len(), &word.text));
        taken.push(word);
    }
    loop {
        if let Some(found) = complete(words, &taken) {
            return Ok(Some(found));
        }
        work.check()?;
        match taken.pop() {
            Some(word) if !taken.is_empty() => stack.push_front(vec![word]),
            _ => return Ok(None),
        }
    }
}

/// What `taken` are as a whole: a term, or a phrase whose words are near enough.
fn complete(words: &Words, taken: &[FoundWord]) -> Option<FoundPhrase> {
    let sought = match taken {
        [only] => words.sought(&only.text)?,
        several => {
            let is_whole = |phrase: &&SoughtPhrase| {
                if phrase.len() != several.len() {
                    return false;
                }
                let mut pairs = several.iter().zip(several.iter().skip(1));
                let fits =
                    several.iter().enumerate().all(|(place, it)| phrase.fits(place, &it.text));
                let near = pairs.all(|(one, next)| {
                    let step = i64::from(next.position) - i64::from(one.position) - 1;
                    step.unsigned_abs() <= u64::from(phrase.slop)
                });
                fits && near
            };
            words.phrases().iter().find(is_whole)?.sought
        }
    };
    let mut places: Vec<(usize, usize)> = Vec::new();
    let mut before = None;
    for word in taken {
        match places.last_mut() {
            Some(last) if before.map(|it: u32| it + 1) == Some(word.position) => last.1 = word.end,
            _ => places.push((word.start, word.end)),
        }
        before = Some(word.position);
    }
    Some(FoundPhrase { places, boost: sought.weight, number: sought.number })
}

impl FoundWord {
    /// What it takes, with the list of those at its position.
    fn bytes(&self) -> u64 {
        (size_of::<FoundWord>() + size_of::<Vec<FoundWord>>() + self.text.len()) as u64
    }
}

impl FoundPhrase {
    fn bytes(&self) -> u64 {
        (size_of::<FoundPhrase>() + self.places.len() * size_of::<(usize, usize)>()) as u64
    }

    fn start(&self) -> usize {
        self.places.first().map_or(0, |place| place.0)
    }

    fn end(&self) -> usize {
        self.places.last().map_or(0, |place| place.1)
    }

    /// Makes one of parts that overlap or touch.
    fn join_places(&mut self) {
        let mut places = std::mem::take(&mut self.places);
        places.sort_unstable();
        for (start, end) in places {
            match self.places.last_mut().filter(|last| start <= last.1) {
                Some(last) => last.1 = last.1.max(end),
                None => self.places.push((start, end)),
            }
        }
    }

    fn overlaps(&self, other: &FoundPhrase) -> bool {
        self.start() < other.end() && other.start() < self.end()
    }
}

/// Fragments of one size around what was found, none of which overlap.
fn around(
    phrases: &[FoundPhrase],
    settings: &HighlightSettings,
    work: &Work,
) -> Result<Vec<Fragment>, Exception> {
    let size = settings.fragment_size;
    let margin = settings.fragment_offset.unwrap_or(MARGIN);
    let least = margin.saturating_mul(SIZE_FACTOR).max(1);
    if size < least {
        return Err(Exception::illegal_argument(format!(
            "fragCharSize({size}) is too small. It must be {least} or higher."
        )));
    }
    let mut found = Vec::new();
    let (mut behind, mut at) = (0, 0);
    while let Some(first) = phrases.get(at) {
        work.check()?;
        at += 1;
        if first.start() < behind {
            continue;
        }
        let (start, mut end) = (first.start(), first.end());
        let begins = start.saturating_sub(margin).max(behind);
        let limit = end.max(begins + size);
        let fits = |phrase: &FoundPhrase, end: usize| {
            phrase.places.len() <= 1 || end.saturating_sub(start) <= size
        };
        let mut inside: Vec<FoundPhrase> = Vec::new();
        inside.extend(Some(first.clone()).filter(|own| fits(own, end)));
        while let Some(next) = phrases.get(at).filter(|next| next.end() <= limit) {
            at += 1;
            end = next.end();
            inside.extend(Some(next.clone()).filter(|own| fits(own, end)));
        }
        if inside.is_empty() {
            continue;
        }
        // What was found stands in the middle.
        let length = end.saturating_sub(start);
        let begins = start.saturating_sub(size.saturating_sub(length) / 2).max(behind);
        behind = begins + length.max(size);
        found.push(Fragment::of(begins, behind, inside));
    }
    Ok(found)
}

/// Fragments of one value each. Fragments, what was found in them and values are in order: each is gone through once.
fn by_value(
    fragments: Vec<Fragment>,
    texts: &[UnitText<'_>],
    work: &Work,
) -> Result<Vec<Fragment>, Exception> {
    let mut behind = 0;
    let ends = texts.iter().map(|text| {
        behind += text.len() + 1;
        behind
    });
    let ends: Vec<usize> = ends.collect();
    let mut parts = Vec::new();
    for mut fragment in fragments {
        let first = ends.partition_point(|end| *end <= fragment.start);
        let mut rest = VecDeque::from(std::mem::take(&mut fragment.found));
        for (text, end) in texts.iter().zip(&ends).skip(first) {
            work.check()?;
            let (start, end) = (end.saturating_sub(text.len() + 1), *end);
            if text.len() == 0 {
                continue;
            }
            if fragment.start >= start && fragment.end <= end {
                fragment.found = rest.into();
                parts.push(fragment);
                break;
            }
            let Some(next) = rest.front().map(FoundPhrase::start) else { break };
            if start >= fragment.end {
                break;
            }
            if next >= end {
                continue;
            }
            let (begins, ends) = (fragment.start.max(start), fragment.end.min(end));
            let inside = taken_between(&mut rest, (begins, ends), end, work)?;
            parts.push(Fragment::of(begins, ends, inside));
        }
    }
    parts.sort_by_key(|part| part.start);
    Ok(parts)
}

/// Takes from `rest`, which is in order, what is between two places of a value that ends at `end`.
fn taken_between(
    rest: &mut VecDeque<FoundPhrase>,
    (begins, ends): (usize, usize),
    end: usize,
    work: &Work,
) -> Result<Vec<FoundPhrase>, Exception> {
    let (mut inside, mut left) = (Vec::new(), Vec::new());
    while rest.front().is_some_and(|phrase| phrase.start() < end) {
        work.check()?;
        let Some(mut phrase) = rest.pop_front() else { break };
        let is_here = |place: &(usize, usize)| place.0 >= begins && place.1 <= ends;
        let (here, there): (Vec<_>, Vec<_>) = phrase.places.drain(..).partition(is_here);
        if !here.is_empty() {
            inside.push(FoundPhrase { places: here, ..phrase });
        }
        if !there.is_empty() {
            left.push(FoundPhrase { places: there, ..phrase });
        }
    }
    left.into_iter().rev().for_each(|phrase| rest.push_front(phrase));
    Ok(inside)
}

impl Fragment {
    fn of(start: usize, end: usize, found: Vec<FoundPhrase>) -> Fragment {
        let boost = found.iter().map(|phrase| phrase.boost).sum();
        Fragment { start, end, found, boost }
    }

    /// It, of the values joined by spaces of which so many units were `seen`, with tags; from and to a boundary where one is
    /// near.
    fn printed(
        &self,
        bounds: &TextBounds<'_>,
        seen: usize,
        settings: &HighlightSettings,
    ) -> String {
        let joined = bounds.text;
        let length = seen.saturating_sub(1);
        let end = match length < self.end {
            true => length,
            false => settings.boundary_behind(bounds, self.end, seen),
        };
        let start = settings.boundary_before(bounds, self.start);
        let mut out = String::new();
        let mut at = start;
        for phrase in &self.found {
            for (from, to) in &phrase.places {
                out.push_str(&encoded(joined.between(at, *from), settings.html));
                let (pre, post) = settings.tags(phrase.number);
                let word = encoded(joined.between(*from, *to), settings.html);
                out.extend([pre, &*word, post]);
                at = *to;
            }
        }
        out.push_str(&encoded(joined.between(at, end.max(at)), settings.html));
        out
    }
}

impl HighlightSettings {
    /// The tags of what has this number.
    fn tags(&self, number: usize) -> (&str, &str) {
        let of = |all: &[String]| number % all.len().max(1);
        let pre = self.all_pre.get(of(&self.all_pre));
        let post = self.all_post.get(of(&self.all_post));
        (pre.unwrap_or(&self.pre), post.unwrap_or(&self.post))
    }

    fn is_boundary(&self, text: &UnitText<'_>, unit: usize) -> bool {
        let character = text.between(unit, unit + 1);
        character.chars().any(|own| self.boundary_chars.contains(own))
    }

    /// Where a fragment that begins at `start` begins.
    fn boundary_before(&self, bounds: &TextBounds<'_>, start: usize) -> usize {
        let text = bounds.text;
        if start > text.len() + 1 || start < 1 {
            return start;
        }
        if let Some(before) = bounds.before(start) {
            return before;
        }
        let mut at = start;
        for _ in 0..self.boundary_scan {
            if at == 0 {
                break;
            }
            if self.is_boundary(text, at - 1) {
                return at;
            }
            at -= 1;
        }
        if at == 0 { 0 } else { start }
    }

    /// Where a fragment that ends at `end` ends, of the first `length` units.
    fn boundary_behind(&self, bounds: &TextBounds<'_>, end: usize, length: usize) -> usize {
        let text = bounds.text;
        if end > length {
            return end;
        }
        if let Some(behind) = bounds.behind(end, length) {
            return behind;
        }
        let near = (end..length).take(self.boundary_scan);
        // Behind the last value there is a space, too.
        near.into_iter()
            .find(|at| match *at >= text.len() {
                true => self.boundary_chars.contains(' '),
                false => self.is_boundary(text, *at),
            })
            .unwrap_or(end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A fragment of what was found at `places`.
    fn fragment(start: usize, end: usize, places: &[(usize, usize)]) -> Fragment {
        let found =
            places.iter().map(|place| FoundPhrase { places: vec![*place], boost: 1.0, number: 0 });
        Fragment::of(start, end, found.collect())
    }

    fn parts(fragments: Vec<Fragment>, values: &[&str], work: &Work) -> Vec<(usize, usize, usize)> {
        let texts: Vec<UnitText<'_>> = values.iter().map(|value| UnitText::of(value)).collect();
        let parts = by_value(fragments, &texts, work).unwrap();
        parts.iter().map(|part| (part.start, part.end, part.found.len())).collect()
    }

    #[test]
    fn a_fragment_of_several_values_is_one_of_each_in_which_something_was_found() {
        let values = ["fox", "hen", "", "fox a fox", "hen"];
        let one = fragment(0, 18, &[(0, 3), (9, 12), (15, 18)]);
        assert_eq!(parts(vec![one], &values, &Work::unbounded()), [(0, 4, 1), (9, 18, 2)]);
        let within = vec![fragment(0, 4, &[(0, 3)]), fragment(9, 15, &[(9, 12)])];
        assert_eq!(parts(within, &values, &Work::unbounded()), [(0, 4, 1), (9, 15, 1)]);
    }

    #[test]
    fn words_of_a_phrase_in_two_values_stay_in_their_values() {
        let phrase = FoundPhrase { places: vec![(0, 3), (4, 7)], boost: 1.0, number: 0 };
        let both = Fragment::of(0, usize::MAX, vec![phrase]);
        assert_eq!(parts(vec![both], &["fox", "hen"], &Work::unbounded()), [(0, 4, 1), (4, 8, 1)]);
    }

    #[test]
    fn values_are_not_gone_through_once_nobody_waits() {
        let work = Work::unbounded();
        work.cancel.cancel();
        let refused = by_value(vec![fragment(0, 9, &[(0, 1)])], &[UnitText::of("a")], &work);
        assert_eq!(
            refused.err().map(|it| it.kind()),
            Some(crate::exception::ExceptionKind::TaskCancelled)
        );
    }
}
