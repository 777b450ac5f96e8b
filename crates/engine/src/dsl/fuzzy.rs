//! `fuzzy`: terms within an edit distance, scored as Lucene's blended expansion: every expansion with the document
//! frequency of the most frequent one, and less for every edit.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;
use tantivy::schema::Field;

use super::column_search::ColumnTest;
use super::lower::{Lowered, Lowering, nothing};
use super::near_terms::NearTerms;
use super::options::{Options, QueryBody, one_field, scalar};
use super::rewrite::{Rewrite, TermScores};
use super::term_set::{TermAcceptor, after_prefix};
use super::words::SoughtWords;
use super::{Query, QueryClause};
use crate::exception::Exception;
use crate::exception::{internal, io};
use crate::flavor::Flavor;
use crate::mapping::Leaf;
use crate::mapping::flat_object::FlatObject;
use crate::mapping::keyword::{Keyword, KeywordFamily};
use crate::mapping::text::Text;

/// Most expansions of one fuzzy term.
pub(crate) const EXPANSIONS_MAX: usize = 1024;

/// How far a term may be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Fuzziness {
    /// By length: none below `low` characters, one below `high`, else two.
    Auto {
        /// From this many characters on, one edit.
        low: usize,
        /// From this many characters on, two edits.
        high: usize,
    },
    /// This many edits, at most 2.
    Edits(usize),
}

/// How fuzzy terms are expanded.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Expansion {
    /// How far.
    pub(crate) fuzziness: Fuzziness,
    /// How many characters at the start must be equal.
    pub(crate) prefix_length: usize,
    /// How many terms at most.
    pub(crate) max_expansions: usize,
    /// Whether swapping two neighbours is one edit.
    pub(crate) transpositions: bool,
    /// How the terms are run and scored.
    pub(crate) rewrite: Option<String>,
}

impl Default for Expansion {
    fn default() -> Expansion {
        Expansion {
            fuzziness: Fuzziness::Auto { low: 3, high: 6 },
            prefix_length: 0,
            max_expansions: 50,
            transpositions: true,
            rewrite: None,
        }
    }
}

/// A `fuzzy` query.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Fuzzy {
    /// The field.
    pub(crate) field: String,
    /// The term.
    pub(crate) value: String,
    /// How it is expanded.
    pub(crate) expansion: Expansion,
}

pub(super) fn parse(value: &Value, _depth: usize) -> Result<Query, Exception> {
    let (field, body) = one_field("fuzzy", value)?;
    match body {
        QueryBody::Short(value @ Value::Array(list)) if !list.is_empty() => {
            let reason = format!(
                "[fuzzy] query doesn't support multiple fields, found [{field}] and [null]"
            );
            Err(Exception::parsing(reason).at(list.first().unwrap_or(value)))
        }
        QueryBody::Short(value) => {
            let value = scalar("fuzzy", &field, value)?;
            Ok(Query::of(Fuzzy { field, value, expansion: Expansion::default() }))
        }
        QueryBody::Long(options) => {
            let old = options.text("term")?;
            let Some(value) = options.text("value")?.or(old) else {
                return Err(Exception::illegal_argument("query value cannot be null"));
            };
            let rewrite = options.text("rewrite")?;
            let expansion =
                Expansion::read(&options, "fuzziness", "transpositions")?.unwrap_or_default();
            let expansion = Expansion { rewrite, ..expansion };
            Query::with(Fuzzy { field, value, expansion }, &options)
        }
    }
}

impl Fuzziness {
    /// Reads `AUTO`, `AUTO:3,6`, `0`, `1`, `2`.
    pub(crate) fn parse(text: &str) -> Result<Fuzziness, Exception> {
        let bad = || {
            Exception::illegal_argument(format!("failed to parse [{text}] as a \"auto:int,int\""))
        };
        let upper = text.to_ascii_uppercase();
        if upper == "AUTO" {
            return Ok(Fuzziness::Auto { low: 3, high: 6 });
        }
        if let Some(bounds) = upper.strip_prefix("AUTO:") {
            let (low, high) = bounds.split_once(',').ok_or_else(bad)?;
            let (low, high) = (low.parse().map_err(|_| bad())?, high.parse().map_err(|_| bad())?);
            return if low <= high { Ok(Fuzziness::Auto { low, high }) } else { Err(bad()) };
        }
        match text.parse::<f32>() {
            // More than two count as two.
            Ok(edits) if edits >= 0.0 => Ok(Fuzziness::Edits((edits as usize).min(2))),
            _ => Err(Exception::illegal_argument(format!(
                "Valid edit distances are [0, 1, 2] but was [{text}]"
            ))),
        }
    }

    pub(crate) fn edits(self, characters: usize) -> usize {
        match self {
            Fuzziness::Edits(edits) => edits,
            Fuzziness::Auto { low, .. } if characters < low => 0,
            Fuzziness::Auto { high, .. } if characters < high => 1,
            Fuzziness::Auto { .. } => 2,
        }
    }
}

impl Expansion {
    /// The options of an expansion; `None` when there is no `fuzziness`.
    pub(super) fn read(
        options: &Options<'_>,
        fuzziness: &str,
        transpositions: &str,
    ) -> Result<Option<Expansion>, Exception> {
        let plain = Expansion::default();
        let count = |key: &str, default: usize| -> Result<usize, Exception> {
            Ok(options.count(key)?.map_or(default, |count| count as usize))
        };
        let prefix_length = count("prefix_length", 0)?;
        let max_expansions = count("max_expansions", plain.max_expansions)?;
        let transpositions = options.flag(transpositions)?.unwrap_or(true);
        let Some(text) = options.text(fuzziness)? else {
            let default =
                Expansion { prefix_length, max_expansions, transpositions, ..plain.clone() };
            return Ok((default != plain).then_some(default));
        };
        if max_expansions == 0 || max_expansions > EXPANSIONS_MAX {
            return Err(Exception::illegal_argument(format!(
                "[max_expansions] must be from 1 to {EXPANSIONS_MAX}, and is [{max_expansions}]"
            )));
        }
        let fuzziness = Fuzziness::parse(&text)?;
        Ok(Some(Expansion {
            fuzziness,
            prefix_length,
            max_expansions,
            transpositions,
            rewrite: None,
        }))
    }
}

impl QueryClause for Fuzzy {
    fn is_multi_term(&self) -> bool {
        true
    }

    fn expansions(&self, lowering: &Lowering<'_>) -> Result<(String, Vec<String>), Exception> {
        let Some(leaf) = lowering.leaf(&self.field) else {
            return Ok((self.field.clone(), Vec::new()));
        };
        if family(leaf) != Some(&KeywordFamily::Wildcard) {
            has_words(leaf, lowering)?;
        }
        let field = lowering.indexed(leaf)?;
        let value = lowering.normalized(leaf, &self.value);
        let near = lowering.expand(field, &value, &lowering.of_query(&value, &self.expansion))?;
        Ok((leaf.path.clone(), near.into_iter().map(|(_, text)| text).collect()))
    }

    fn lower(&self, lowering: &Lowering<'_>) -> Result<Lowered, Exception> {
        let Some(leaf) = lowering.leaf(&self.field) else {
            let refusal = "Can only use fuzzy queries on keyword and text fields - not on [_index] which is of type [_index]";
            return lowering.check_index_name(&self.field, refusal).map(|()| nothing());
        };
        if family(leaf) != Some(&KeywordFamily::Wildcard) {
            return lowering.fuzzy_of(
                leaf,
                &lowering.normalized(leaf, &self.value),
                &self.expansion,
            );
        }
        lowering.fuzzy(leaf, &lowering.normalized(leaf, &self.value), &self.expansion)
    }

    fn may_match(&self, lowering: &Lowering<'_>) -> Result<bool, Exception> {
        Ok(lowering.is_mapped(&self.field))
    }

    fn is_composite(&self) -> bool {
        true
    }

    fn words(&self, sought: &mut SoughtWords<'_>) -> Result<(), Exception> {
        if sought.counts(&self.field) {
            sought.fuzzy(&self.value, &self.expansion)?;
        }
        Ok(())
    }
}

impl SoughtWords<'_> {
    /// Adds the terms near `term`.
    pub(super) fn fuzzy(&mut self, term: &str, expansion: &Expansion) -> Result<(), Exception> {
        let Some(field) = self.leaf.field else { return Ok(()) };
        let near = self.lowering.expand(field, term, &self.lowering.of_query(term, expansion))?;
        near.into_iter().for_each(|(_, text)| self.term(text));
        Ok(())
    }
}

/// Whether the field has terms that others can be near to.
///
/// # Errors
/// Elasticsearch's words for one that has not.
fn has_words(leaf: &Leaf, lowering: &Lowering<'_>) -> Result<(), Exception> {
    if leaf.kind.is::<Text>() || family(leaf) == Some(&KeywordFamily::Keyword) {
        return Ok(());
    }
    Err(lowering.failed(Exception::illegal_argument(format!(
        "Can only use fuzzy queries on keyword and text fields - not on [{}] which is of type [{}]",
        leaf.path,
        leaf.kind.capability()
    ))))
}

/// Which keyword the field is.
fn family(leaf: &Leaf) -> Option<&KeywordFamily> {
    leaf.kind.get::<Keyword>().map(|keyword| &keyword.family)
}

impl Lowering<'_> {
    /// As [`Lowering::fuzzy`], of any field.
    ///
    /// # Errors
    /// `query_shard_exception` for a field of other values than words.
    pub(super) fn fuzzy_of(
        &self,
        leaf: &Leaf,
        term: &str,
        expansion: &Expansion,
    ) -> Result<Lowered, Exception> {
        if leaf.kind.is::<FlatObject>() {
            return Ok(nothing());
        }
        has_words(leaf, self)?;
        self.fuzzy(leaf, term, expansion)
    }

    /// How a query expands `term`: with Lucene 8 a word that is no longer than its prefix is near to itself alone.
    fn of_query(&self, term: &str, expansion: &Expansion) -> Expansion {
        let is_exact = self.flavor() == Flavor::Elasticsearch710
            && expansion.prefix_length >= term.encode_utf16().count();
        let fuzziness = if is_exact { Fuzziness::Edits(0) } else { expansion.fuzziness };
        Expansion { fuzziness, ..expansion.clone() }
    }

    /// The expansions of one term of a text or keyword field.
    pub(crate) fn fuzzy(
        &self,
        leaf: &Leaf,
        term: &str,
        expansion: &Expansion,
    ) -> Result<Lowered, Exception> {
        self.check_expansion("fuzzy")?;
        let default = Rewrite::Top(expansion.max_expansions, TermScores::Blended);
        let rewrite = self.rewrite(expansion.rewrite.as_deref(), default)?;
        if self.searches_column(leaf) {
            let Expansion { fuzziness, prefix_length, transpositions, .. } =
                self.of_query(term, expansion);
            let characters: Vec<char> = term.chars().collect();
            let prefix = characters.iter().take(prefix_length).collect();
            let edits = fuzziness.edits(characters.len());
            let accept: TermAcceptor = Arc::new(move |text| {
                edit_distance_within(&characters, text, edits, transpositions).is_some()
            });
            let leaf = Arc::new(leaf.clone());
            return Ok(self.in_column(&leaf, ColumnTest::Accepted(prefix, Some(accept))));
        }
        let length = term.chars().count();
        let near = self.near(self.indexed(leaf)?, term, &self.of_query(term, expansion))?;
        let near = near.into_iter().map(|(edits, text)| {
            let shorter = length.min(text.chars().count()).max(1);
            (1.0 - edits as f32 / shorter as f32, text)
        });
        self.rewritten(leaf, near.collect(), rewrite)
    }

    /// The nearest terms, nearest first, as many as `expansion` says: (edits, term).
    pub(crate) fn expand(
        &self,
        field: Field,
        term: &str,
        expansion: &Expansion,
    ) -> Result<Vec<(usize, String)>, Exception> {
        let mut found = self.near(field, term, expansion)?;
        found.truncate(expansion.max_expansions);
        Ok(found)
    }

    /// The near terms, nearest first: (edits, term).
    fn near(
        &self,
        field: Field,
        term: &str,
        expansion: &Expansion,
    ) -> Result<Vec<(usize, String)>, Exception> {
        let characters: Vec<char> = term.chars().collect();
        let edits = expansion.fuzziness.edits(characters.len());
        let prefix: String = characters.iter().take(expansion.prefix_length).collect();
        let within = NearTerms::new(&characters, edits, expansion.transpositions);
        let mut near: BTreeMap<String, usize> = BTreeMap::new();
        let documents = self.seen_documents()?;
        for reader in self.searcher.segment_readers() {
            let seen = documents.of(reader)?;
            let inverted = reader.inverted_index(field).map_err(internal)?;
            let mut range = inverted.terms().search(&within).ge(prefix.as_bytes());
            if let Some(after) = after_prefix(prefix.as_bytes()) {
                range = range.lt(after);
            }
            let mut stream = range.into_stream().map_err(io)?;
            while stream.advance() {
                self.work.check()?;
                let Ok(candidate) = std::str::from_utf8(stream.key()) else { continue };
                // A character is one to four bytes: most candidates are too long or too short to be near.
                if candidate.len() > (characters.len() + edits) * 4
                    || candidate.len() + edits < characters.len()
                {
                    continue;
                }
                let swaps = expansion.transpositions;
                let distance = within
                    .distance(candidate)
                    .unwrap_or_else(|| edit_distance_within(&characters, candidate, edits, swaps));
                if let Some(distance) = distance
                    && seen.has(&inverted, stream.value())?
                {
                    near.insert(candidate.to_owned(), distance);
                }
            }
        }
        let boost = |text: &str, edits: usize| {
            let shorter = characters.len().min(text.chars().count()).max(1);
            1.0 - edits as f32 / shorter as f32
        };
        let mut found: Vec<(usize, String)> = near
            .into_iter()
            .map(|(text, edits)| (edits, text))
            .filter(|(edits, text)| boost(text, *edits) > 0.0)
            .collect();
        // The map was in order of terms, and the sort is stable: ties stay in that order.
        found.sort_by(|a, b| boost(&b.1, b.0).total_cmp(&boost(&a.1, a.0)));
        Ok(found)
    }
}

/// The edit distance when it is at most `most`; with `transpositions` swapping two neighbours is one edit. As
/// `strsim` counts it, but it stops where the distance is too long already.
fn edit_distance_within(
    from: &[char],
    to: &str,
    most: usize,
    transpositions: bool,
) -> Option<usize> {
    let mut edits = EditRows::new(from, transpositions);
    for character in to.chars() {
        if edits.step(character) > most {
            return None;
        }
    }
    Some(edits.distance()).filter(|distance| *distance <= most)
}

/// How many edits lie between a text and another one, of which one letter after the other comes.
pub(crate) struct EditRows<'a, T> {
    from: &'a [T],
    transpositions: bool,
    before_last: Vec<usize>,
    last: Vec<usize>,
    previous: Option<T>,
}

impl<'a, T: Copy + PartialEq> EditRows<'a, T> {
    /// From `from` to nothing yet; with `transpositions` swapping two neighbours is one edit.
    pub(crate) fn new(from: &'a [T], transpositions: bool) -> EditRows<'a, T> {
        let last = (0..=from.len()).collect();
        EditRows { from, transpositions, before_last: Vec::new(), last, previous: None }
    }

    /// Adds a letter of the other text; the fewest edits that any text which goes on from here can be away.
    pub(crate) fn step(&mut self, letter: T) -> usize {
        let get = |row: &[usize], at: usize| row.get(at).copied().unwrap_or(usize::MAX / 2);
        let mut current = Vec::with_capacity(self.from.len() + 1);
        let mut least = get(&self.last, 0) + 1;
        current.push(least);
        for (column, own) in self.from.iter().enumerate() {
            let replaced = get(&self.last, column) + usize::from(*own != letter);
            let mut distance =
                replaced.min(get(&self.last, column + 1) + 1).min(get(&current, column) + 1);
            let swapped = self.transpositions
                && column > 0
                && self.previous == Some(*own)
                && self.from.get(column - 1) == Some(&letter);
            if swapped {
                distance = distance.min(get(&self.before_last, column - 1) + 1);
            }
            least = least.min(distance);
            current.push(distance);
        }
        self.before_last = std::mem::replace(&mut self.last, current);
        self.previous = Some(letter);
        least
    }

    /// The edits between the two as far as they have come.
    pub(crate) fn distance(&self) -> usize {
        self.last.last().copied().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tantivy_fst::Automaton as _;

    /// Every pair of texts of up to four of three letters, at every limit.
    #[test]
    fn edits_within_a_limit_are_those_that_strsim_counts() {
        let mut texts = vec![String::new()];
        for start in 0..40 {
            texts.extend(["a", "b", "\u{e9}"].map(|letter| texts[start].clone() + letter));
        }
        assert_eq!(texts.len(), 121);
        for (from, to) in texts.iter().flat_map(|from| texts.iter().map(move |to| (from, to))) {
            let letters: Vec<char> = from.chars().collect();
            for most in 0..5 {
                let within = |swaps| edit_distance_within(&letters, to, most, swaps);
                let limited = |edits: usize| Some(edits).filter(|edits| *edits <= most);
                assert_eq!(within(true), limited(strsim::osa_distance(from, to)), "{from} {to}");
                assert_eq!(within(false), limited(strsim::levenshtein(from, to)), "{from} {to}");
            }
        }
    }

    /// The dictionary is walked with the automaton, and what it lets through is counted: it may not let too little.
    #[test]
    fn the_automaton_accepts_what_is_within_the_edits() {
        let mut texts = vec![String::new()];
        for start in 0..40 {
            texts.extend(["a", "b", "\u{e9}"].map(|letter| texts[start].clone() + letter));
        }
        texts.push("\u{1f600}ab".repeat(30));
        for (edits, swaps) in (0..3).flat_map(|edits| [(edits, false), (edits, true)]) {
            for from in &texts {
                let letters: Vec<char> = from.chars().collect();
                let near = NearTerms::new(&letters, edits, swaps);
                for to in &texts {
                    let step = |state, byte: &u8| near.accept(&state, *byte);
                    let accepted = near.is_match(&to.as_bytes().iter().fold(near.start(), step));
                    let counted = edit_distance_within(&letters, to, edits, swaps).is_some();
                    let distance = edit_distance_within(&letters, to, edits, swaps);
                    assert!(near.distance(to).is_none_or(|near| near == distance));
                    let all = letters.len() > 63;
                    assert_eq!(accepted, counted || all, "{from} {to} {edits} {swaps}");
                }
            }
        }
    }

    /// Long words as well, with letters of one to four bytes; a text that is near in another way than by a few edits comes up, too.
    #[test]
    fn the_automaton_accepts_of_long_words_what_strsim_counts() {
        let letters = ['a', 'b', '\u{e9}', '\u{20ac}', '\u{1f600}'];
        let mut state = 7_u64;
        let mut next = |below: usize| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (state >> 33) as usize % below
        };
        for round in 0..4_000 {
            let word: Vec<char> = (0..next(64)).map(|_| letters[next(5)]).collect();
            let mut other = word.clone();
            for _ in 0..next(4) {
                let (at, letter) = (next(other.len() + 1), letters[next(5)]);
                match next(4) {
                    0 => other.insert(at, letter),
                    1 if at < other.len() => drop(other.remove(at)),
                    2 if at < other.len() => other[at] = letter,
                    _ if at + 1 < other.len() => other.swap(at, at + 1),
                    _ => {}
                }
            }
            let [from, to]: [String; 2] = [&word, &other].map(|it| it.iter().collect());
            for (edits, swaps) in (0..3).flat_map(|edits| [(edits, false), (edits, true)]) {
                let near = NearTerms::new(&word, edits, swaps);
                let step = |state, byte: &u8| near.accept(&state, *byte);
                let end = to.as_bytes().iter().fold(near.start(), step);
                let counted = match swaps {
                    true => strsim::osa_distance(&from, &to),
                    false => strsim::levenshtein(&from, &to),
                };
                let expected = counted <= edits;
                let distance = Some(counted).filter(|_| expected);
                assert_eq!(near.distance(&to), Some(distance), "{from} {to} {edits} {swaps}");
                assert_eq!(near.is_match(&end), expected, "{round}: {from} {to} {edits} {swaps}");
                assert!(near.can_match(&end) || !expected);
            }
        }
    }

    #[test]
    fn auto_depends_on_the_length() {
        let auto = Fuzziness::parse("AUTO").unwrap();
        assert_eq!([2, 3, 5, 6].map(|length| auto.edits(length)), [0, 1, 1, 2]);
        assert_eq!(Fuzziness::parse("3").unwrap(), Fuzziness::Edits(2));
        assert!(Fuzziness::parse("-1").is_err());
    }
}
