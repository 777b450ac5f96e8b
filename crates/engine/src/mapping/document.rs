//! A document as tantivy takes it: its values, its `_source` without a copy, and the tokens of its texts, packed.

use std::collections::BTreeMap;
use std::fmt;
use std::iter;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use tantivy::TantivyDocument;
use tantivy::schema::Field;
use tantivy::schema::document::{
    CompactDocValue, Document, ReferenceValue, ReferenceValueLeaf, Value,
};

use super::fields;
use super::packed::{PackedTokens, TokenHandover};
use crate::analysis::{Analyzer, TextPieces};
use crate::exception::Exception;
use crate::work::Cancel;

/// Bytes of a long text that are tokens at once.
const PIECE_BYTES: usize = 64 * 1024;

/// What becomes of the texts that a document is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextHandling {
    /// They are analyzed at once.
    AtOnce,
    /// They wait as they are until [`IndexDocument::analyze`], but for those that may be refused.
    Waiting,
    /// They are nobody's business.
    Dropped,
}

/// A document to index.
pub struct IndexDocument {
    /// Terms, numbers and addresses.
    pub values: TantivyDocument,
    source: StoredSource,
    texts: BTreeMap<Field, Text>,
    /// Tokens of long texts on their way to the tokenizer.
    leaving: Option<LeavingTokens>,
    cancel: Cancel,
    handling: TextHandling,
    /// The nested objects of the block that this ends, each behind those inside it.
    nested: Vec<IndexDocument>,
    /// How often tokens count beside once, in it and in what was read of its block before.
    counted_again: u64,
}

impl IndexDocument {
    /// A document without values, whose texts end where `cancel` is set.
    pub fn new(cancel: &Cancel) -> IndexDocument {
        IndexDocument {
            values: TantivyDocument::new(),
            source: StoredSource::None,
            texts: BTreeMap::new(),
            leaving: None,
            cancel: cancel.clone(),
            handling: TextHandling::AtOnce,
            nested: Vec::new(),
            counted_again: 0,
        }
    }

    /// One of the same block, which is read after what was read of this.
    pub(super) fn next_of_block(&self) -> IndexDocument {
        let counted_again = self.counted_again;
        IndexDocument { counted_again, ..IndexDocument::new(&self.cancel).handling(self.handling) }
    }

    /// `inner`, one of its block, was read.
    pub(super) fn goes_on_after(&mut self, inner: &IndexDocument) {
        self.counted_again = inner.counted_again;
    }

    /// This, whose texts are handled so.
    #[must_use]
    pub fn handling(self, handling: TextHandling) -> IndexDocument {
        IndexDocument { handling, ..self }
    }

    /// Makes tokens of the texts that wait, in it and in what is nested in it.
    ///
    /// # Errors
    /// `task_cancelled_exception` once the document's work is called off.
    pub fn analyze(&mut self) -> Result<(), Exception> {
        self.handling = TextHandling::AtOnce;
        self.nested.iter_mut().try_for_each(IndexDocument::analyze)?;
        let cancel = &self.cancel;
        self.texts.values_mut().try_for_each(|text| text.analyze_waiting(cancel))
    }

    /// Makes it the end of a block: `nested` are the objects inside it, each behind those inside of that.
    pub fn set_nested(&mut self, nested: Vec<IndexDocument>) {
        self.nested = nested;
    }

    /// How many documents its block has, itself counted.
    pub fn block(&self) -> u32 {
        u32::try_from(self.nested.len()).unwrap_or(u32::MAX).saturating_add(1)
    }

    /// The documents before it in its block.
    pub fn take_nested(&mut self) -> Vec<IndexDocument> {
        std::mem::take(&mut self.nested)
    }

    /// Adds all its values to `other`.
    pub fn copy_into(&self, other: &mut IndexDocument) {
        for (field, value) in self.values.field_values() {
            other.values.add_field_value(field, value);
        }
        for (field, text) in &self.texts {
            let its = other.text(*field);
            for (term, position, often) in text.tokens.iter() {
                its.tokens.push_times(term, its.base.saturating_add(position), often);
            }
            its.counted_again = its.counted_again.saturating_add(text.counted_again);
            its.base = its.base.saturating_add(text.base);
            its.waiting.extend(text.waiting.iter().cloned());
            its.length = text.length;
        }
    }

    /// What calls the work on it off: a document that was indexed while this was set is not whole.
    pub fn cancel(&self) -> &Cancel {
        &self.cancel
    }

    /// Lets it be indexed whole whatever happens to the work that it came with: it is indexed later.
    pub fn never_call_off(&mut self) {
        self.cancel = Cancel::new();
        self.nested.iter_mut().for_each(IndexDocument::never_call_off);
    }

    /// Sets what `_source` keeps.
    pub fn set_source(&mut self, source: &Bytes) {
        self.source = StoredSource::Whole(source.clone());
    }

    /// Takes its `_source` out if it has more bytes than `most`: then its length alone is stored.
    pub fn take_long_source(&mut self, most: usize) -> Option<Bytes> {
        let length = match &self.source {
            StoredSource::Whole(source) if source.len() > most => source.len() as u64,
            _ => return None,
        };
        match std::mem::replace(&mut self.source, StoredSource::Elsewhere(length)) {
            StoredSource::Whole(source) => Some(source),
            StoredSource::None | StoredSource::Elsewhere(_) => None,
        }
    }

    /// Lets the tokens of its long texts be given back one string after the other, while it is indexed: for that `to` is the
    /// [handover](super::packed::tokenizers) of the index's tokenizer, and it is indexed once.
    pub(crate) fn hand_over_tokens(&mut self, to: &TokenHandover) {
        if !self.texts.values().any(|text| text.tokens.are_many()) {
            return;
        }
        let texts = std::mem::take(&mut self.texts).into_iter();
        let (many, few): (BTreeMap<_, _>, _) = texts.partition(|(_, text)| text.tokens.are_many());
        self.texts = few;
        let strings = many.into_iter().flat_map(|(field, text)| {
            text.tokens.into_strings().map(move |tokens| (field, Mutex::new(tokens)))
        });
        self.leaving = Some(LeavingTokens { strings: strings.collect(), to: to.clone() });
    }

    /// Adds a value of a text field, which the field's next value will be `gap` positions behind; `length` says
    /// what counts for the field's length.
    ///
    /// # Errors
    /// `task_cancelled_exception` once the document's work is called off.
    pub fn add_text(
        &mut self,
        field: Field,
        analyzer: &Arc<Analyzer>,
        gap: u32,
        text: &str,
        length: TextLength,
    ) -> Result<(), Exception> {
        match self.handling {
            TextHandling::Dropped => return Ok(()),
            // A text that can be refused is refused before its document is acknowledged.
            TextHandling::Waiting if !analyzer.may_fail() => {
                let waiting =
                    WaitingText { analyzer: Arc::clone(analyzer), gap, text: text.to_owned() };
                self.text(field).length = length;
                self.text(field).waiting.push(waiting);
                return Ok(());
            }
            TextHandling::Waiting | TextHandling::AtOnce => {}
        }
        let cancel = self.cancel.clone();
        let mut counted = self.counted_again;
        let its = self.text(field);
        its.length = length;
        let analyzed = its.analyze(analyzer, gap, text, &cancel, &mut counted);
        self.counted_again = counted;
        analyzed
    }

    /// Whether tokens of a text field say themselves how often they count.
    pub(super) fn counts_again(&self, field: Field) -> bool {
        self.texts.get(&field).is_some_and(|text| text.counted_again > 0)
    }

    /// Texts in it that are no tokens yet.
    #[cfg(test)]
    pub(crate) fn unanalyzed(&self) -> usize {
        self.texts.values().map(|text| text.waiting.len()).sum()
    }

    /// How long those texts are that are shorter than they have tokens.
    pub fn discounted_lengths(&self) -> impl Iterator<Item = (Field, u32)> {
        self.texts.iter().filter_map(|(field, text)| {
            let length = match text.length {
                TextLength::Tokens => None,
                TextLength::Places => text.tokens.places(),
                TextLength::DifferentWords => text.tokens.different_words(),
            };
            Some((*field, length?))
        })
    }

    /// What the text field has so far.
    fn text(&mut self, field: Field) -> &mut Text {
        self.texts.entry(field).or_default()
    }
}

impl fmt::Debug for IndexDocument {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "IndexDocument({} values, {} texts)", self.values.len(), self.texts.len())
    }
}

/// What is stored as `_source`.
enum StoredSource {
    None,
    /// All of it.
    Whole(Bytes),
    /// That it has so many bytes, which are stored elsewhere.
    Elsewhere(u64),
}

/// Tokens that leave the document for the tokenizer as they are indexed.
struct LeavingTokens {
    /// Of each field in order.
    strings: Vec<(Field, Mutex<String>)>,
    to: TokenHandover,
}

/// What counts for the length of a text. Source: Lucene's `SimilarityBase.computeNorm`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TextLength {
    /// Its tokens.
    Tokens,
    /// The places that its tokens stand at (`discount_overlaps`).
    #[default]
    Places,
    /// Its different words, where it is not kept how often there is each of them.
    DifferentWords,
}

/// The tokens of a text field.
#[derive(Debug, Default)]
struct Text {
    tokens: PackedTokens,
    /// The position at which the next value begins.
    base: u32,
    /// Values that are no tokens yet.
    waiting: Vec<WaitingText>,
    length: TextLength,
    /// How often tokens count beside once (`delimited_term_freq`).
    counted_again: u64,
}

/// Most that the tokens of a document, nested ones included, may count beside once: the index library is told of each by itself,
/// under the lock of the index.
const COUNTED_AGAIN_MAX: u64 = 1 << 14;

/// A value of a text field as it came.
#[derive(Clone, Debug)]
struct WaitingText {
    analyzer: Arc<Analyzer>,
    gap: u32,
    text: String,
}

impl Text {
    fn analyze_waiting(&mut self, cancel: &Cancel) -> Result<(), Exception> {
        for WaitingText { analyzer, gap, text } in std::mem::take(&mut self.waiting) {
            // Tokens of what waits count once: a filter that says how often may refuse a text, which is why none of its waits.
            self.analyze(&analyzer, gap, &text, cancel, &mut 0)?;
        }
        Ok(())
    }

    /// Adds the tokens of a value.
    fn analyze(
        &mut self,
        analyzer: &Arc<Analyzer>,
        gap: u32,
        text: &str,
        cancel: &Cancel,
        counted: &mut u64,
    ) -> Result<(), Exception> {
        if analyzer.gives_frequencies() {
            return self.analyze_with_frequencies(analyzer, gap, text, cancel, counted);
        }
        let Text { tokens, base, .. } = self;
        let mut push = |term: &str, at: u32| tokens.push(term, base.saturating_add(at));
        let end = if text.len() <= PIECE_BYTES {
            analyzer.terms(text, cancel, push)?
        } else {
            let mut pieces = TextPieces::new(analyzer, text);
            while let Some((_, found)) = pieces.next_piece(PIECE_BYTES, cancel)? {
                found.iter().for_each(|token| push(&token.text, token.position));
            }
            cancel.check()?;
            pieces.end()
        };
        // Words that were removed at the end of a value count, too.
        *base = base.saturating_add(end).saturating_add(gap);
        Ok(())
    }

    /// The same, of tokens that say how often they count.
    fn analyze_with_frequencies(
        &mut self,
        analyzer: &Arc<Analyzer>,
        gap: u32,
        text: &str,
        cancel: &Cancel,
        counted: &mut u64,
    ) -> Result<(), Exception> {
        let mut pieces = TextPieces::new(analyzer, text);
        while let Some((_, found)) = pieces.next_piece(PIECE_BYTES, cancel)? {
            for token in &found {
                let again = u64::from(token.frequency.saturating_sub(1));
                self.counted_again += again;
                *counted += again;
                if *counted > COUNTED_AGAIN_MAX {
                    return Err(Exception::illegal_argument(format!(
                        "too many tokens for one document, of which at most [{COUNTED_AGAIN_MAX}] may come of frequencies"
                    )));
                }
                // Where it is not kept how often, once is enough.
                let often = match self.length {
                    TextLength::DifferentWords => 1,
                    TextLength::Tokens | TextLength::Places => token.frequency,
                };
                let position = self.base.saturating_add(token.position);
                self.tokens.push_times(&token.text, position, often);
            }
        }
        cancel.check()?;
        self.base = self.base.saturating_add(pieces.end()).saturating_add(gap);
        Ok(())
    }
}

/// One value of an [`IndexDocument`].
#[derive(Clone, Debug)]
pub enum IndexValue<'a> {
    /// A term, a number, an address.
    Plain(CompactDocValue<'a>),
    /// `_source`.
    Source(&'a [u8]),
    /// How long a `_source` is that is stored elsewhere.
    SourceLength(u64),
    /// Tokens; none of them once the work is called off.
    Tokens(&'a str, &'a Cancel),
    /// Tokens that are left for the tokenizer when they are looked at, which they can be once.
    Leaving(&'a Mutex<String>, &'a TokenHandover, &'a Cancel),
}

impl<'a> Value<'a> for IndexValue<'a> {
    type ArrayIter = iter::Empty<IndexValue<'a>>;
    type ObjectIter = iter::Empty<(&'a str, IndexValue<'a>)>;

    fn as_value(&self) -> ReferenceValue<'a, IndexValue<'a>> {
        ReferenceValue::Leaf(match self {
            IndexValue::Plain(value) => value.as_leaf().unwrap_or(ReferenceValueLeaf::Null),
            // As text it is written and read as a whole; as bytes the library takes one after the other.
            IndexValue::Source(bytes) => std::str::from_utf8(bytes)
                .map_or(ReferenceValueLeaf::Bytes(bytes), ReferenceValueLeaf::Str),
            IndexValue::SourceLength(length) => ReferenceValueLeaf::U64(*length),
            IndexValue::Tokens(_, cancel) | IndexValue::Leaving(_, _, cancel)
                if cancel.is_cancelled() =>
            {
                ReferenceValueLeaf::Str("")
            }
            IndexValue::Tokens(tokens, _) => ReferenceValueLeaf::Str(tokens),
            IndexValue::Leaving(tokens, to, _) => ReferenceValueLeaf::Str(to.leave(tokens)),
        })
    }
}

impl Document for IndexDocument {
    type Value<'a> = IndexValue<'a>;
    type FieldsValuesIter<'a> = Box<dyn Iterator<Item = (Field, IndexValue<'a>)> + 'a>;

    fn iter_fields_and_values(&self) -> Self::FieldsValuesIter<'_> {
        let values = self.values.field_values();
        let values = values.map(|(field, value)| (field, IndexValue::Plain(value)));
        let source = match &self.source {
            StoredSource::None => None,
            StoredSource::Whole(raw) => Some(IndexValue::Source(raw)),
            StoredSource::Elsewhere(length) => Some(IndexValue::SourceLength(*length)),
        };
        let source = source.map(|source| (fields::SOURCE, source));
        let texts = self.texts.iter().flat_map(|(field, text)| {
            let strings = text.tokens.strings();
            strings.map(|tokens| (*field, IndexValue::Tokens(tokens, &self.cancel)))
        });
        let leaving = self.leaving.iter().flat_map(|LeavingTokens { strings, to }| {
            let leaving = |tokens| IndexValue::Leaving(tokens, to, &self.cancel);
            strings.iter().map(move |(field, tokens)| (*field, leaving(tokens)))
        });
        Box::new(values.chain(source).chain(texts).chain(leaving))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use tantivy::postings::Postings;
    use tantivy::schema::IndexRecordOption;
    use tantivy::{DocSet, Index, IndexWriter, Term};

    use super::super::{Growth, Mapping, packed, parsed};
    use super::*;

    /// The positions of `terms` in the field `t` of `document`, as tantivy indexes it: the same whether its texts waited, and whether
    /// its tokens were given back meanwhile.
    fn positions(document: &serde_json::Value, terms: &[&str]) -> Vec<Vec<u32>> {
        let at_once = indexed(document, terms, false, false);
        for (waits, leaves) in [(true, false), (false, true)] {
            assert!(at_once == indexed(document, terms, waits, leaves));
        }
        at_once
    }

    fn indexed(
        document: &serde_json::Value,
        terms: &[&str],
        waits: bool,
        leaves: bool,
    ) -> Vec<Vec<u32>> {
        let body = json!({"properties": {"t": {"type": "text"}}});
        let mapping =
            Mapping::parse(&body, Growth::default(), Arc::default(), Arc::default()).unwrap();
        let mut read = parsed::read(&mapping, "1", document, &Cancel::new(), waits).unwrap();
        assert_eq!(read.document.unanalyzed() > 0, waits);
        read.document.analyze().unwrap();
        let mut index = Index::create_in_ram(mapping.schema().clone());
        let handover = TokenHandover::default();
        index.set_tokenizers(packed::tokenizers(&handover));
        if leaves {
            read.document.hand_over_tokens(&handover);
        }
        let mut writer: IndexWriter<IndexDocument> =
            index.writer_with_num_threads(1, 15_000_000).unwrap();
        writer.add_document(read.document).unwrap();
        writer.commit().unwrap();
        let searcher = index.reader().unwrap().searcher();
        let field = mapping.leaf("t").unwrap().field.unwrap();
        let inverted = searcher.segment_reader(0).inverted_index(field).unwrap();
        let one = |term: &&str| {
            let term = Term::from_field_text(field, term);
            let option = IndexRecordOption::WithFreqsAndPositions;
            let mut postings = inverted.read_postings(&term, option).unwrap().unwrap();
            assert_eq!(postings.doc(), 0);
            let mut positions = Vec::new();
            postings.positions(&mut positions);
            positions
        };
        terms.iter().map(one).collect()
    }

    #[test]
    fn the_tokens_of_a_long_text_are_given_back_one_string_after_the_other() {
        let (field, handover) = (Field::from_field_id(7), TokenHandover::default());
        let mut document = IndexDocument::new(&Cancel::new());
        let text = document.text(field);
        (0..100_000).for_each(|position| text.tokens.push("word", position));
        document.hand_over_tokens(&handover);
        let of_field = |document: &IndexDocument| document.leaving.as_ref().unwrap().strings.len();
        assert!(of_field(&document) > 8);
        let left = |document: &IndexDocument| -> usize {
            let strings = document.leaving.iter().flat_map(|leaving| &leaving.strings);
            strings.map(|(_, tokens)| tokens.lock().unwrap().len()).sum()
        };
        let mut before = left(&document);
        for (_, value) in document.iter_fields_and_values() {
            assert!(value.as_value().as_str().is_some());
            let now = left(&document);
            assert!(now < before);
            before = now;
        }
        assert_eq!(before, 0);
    }

    #[test]
    fn the_words_of_a_long_text_have_the_positions_they_have_in_it() {
        let words: Vec<String> = (0..100_000).map(|n| format!("w{n}")).collect();
        let text = words.join(" ");
        assert!(text.len() > 8 * PIECE_BYTES);
        let names: Vec<&str> = words.iter().map(String::as_str).collect();
        let found = positions(&json!({"t": text}), &names);
        let expected: Vec<Vec<u32>> = (0..100_000).map(|n| vec![n]).collect();
        assert!(found == expected);
    }

    #[test]
    fn values_of_a_list_are_a_gap_apart_also_across_pieces_and_around_nothing() {
        let long = format!("a{}b", " ".repeat(3 * PIECE_BYTES));
        let document = json!({"t": ["x y", "", "   ", long, "z", long]});
        let found = positions(&document, &["x", "y", "a", "b", "z"]);
        assert_eq!(found, [vec![0], vec![1], vec![302, 505], vec![303, 506], vec![404]]);
    }
}
