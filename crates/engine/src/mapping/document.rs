//! A document as tantivy takes it: its values at once, its `_source` without a copy, and its texts piece by piece, so that
//! the tokens of a long text are never all in memory.

use std::collections::VecDeque;
use std::fmt;
use std::iter;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use tantivy::TantivyDocument;
use tantivy::schema::Field;
use tantivy::schema::document::{
    CompactDocValue, Document, ReferenceValue, ReferenceValueLeaf, Value,
};
use tantivy::tokenizer::{PreTokenizedString, Token};

use super::fields;
use crate::analysis::{Analyzer, Pieces};
use crate::work::Cancel;

/// Bytes of text that are tokens at once.
const PIECE_BYTES: usize = 64 * 1024;

/// A document to index. It is read once, in the order of its fields.
pub struct IndexDocument {
    /// Terms, numbers and addresses.
    pub values: TantivyDocument,
    source: Option<Bytes>,
    texts: Vec<(Field, Mutex<Text>)>,
    cancel: Cancel,
    /// The nested objects of the block that this ends, each behind those inside it.
    nested: Vec<IndexDocument>,
}

impl IndexDocument {
    /// A document without values, whose texts end where `cancel` is set.
    pub fn new(cancel: &Cancel) -> IndexDocument {
        IndexDocument {
            values: TantivyDocument::new(),
            source: None,
            texts: Vec::new(),
            cancel: cancel.clone(),
            nested: Vec::new(),
        }
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

    /// Adds all its values to `other`. Nobody may have read its texts yet.
    pub fn copy_into(&self, other: &mut IndexDocument) {
        for (field, value) in self.values.field_values() {
            other.values.add_field_value(field, value);
        }
        for (field, text) in &self.texts {
            let text = text.lock().unwrap_or_else(PoisonError::into_inner);
            for pieces in &text.left {
                other.add_pieces(*field, text.gap, pieces.again());
            }
        }
    }

    /// What calls the work on it off: a document that was indexed while this was set is not whole.
    pub fn cancel(&self) -> &Cancel {
        &self.cancel
    }

    /// Lets it be indexed whole whatever happens to the work that it came with: it is indexed later.
    pub fn never_call_off(&mut self) {
        self.cancel = Cancel::new();
        for (_, text) in &mut self.texts {
            text.get_mut().unwrap_or_else(PoisonError::into_inner).cancel = self.cancel.clone();
        }
        self.nested.iter_mut().for_each(IndexDocument::never_call_off);
    }

    /// Sets what `_source` keeps.
    pub fn set_source(&mut self, source: &Bytes) {
        self.source = Some(source.clone());
    }

    /// Adds a value of a text field, `gap` positions behind the field's value before it.
    pub fn add_text(&mut self, field: Field, analyzer: &Arc<Analyzer>, gap: u32, text: String) {
        self.add_pieces(field, gap, Pieces::new(analyzer, text));
    }

    fn add_pieces(&mut self, field: Field, gap: u32, pieces: Pieces) {
        let own = self.texts.iter_mut().find(|(known, _)| *known == field);
        match own.map(|(_, text)| text.get_mut().unwrap_or_else(PoisonError::into_inner)) {
            Some(text) => text.left.push_back(pieces),
            None => {
                let cancel = self.cancel.clone();
                let left = [pieces].into();
                let text = Text { left, gap, base: 0, last: None, end: 0, cancel };
                self.texts.push((field, Mutex::new(text)));
            }
        }
    }
}

impl fmt::Debug for IndexDocument {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "IndexDocument({} values, {} texts)", self.values.len(), self.texts.len())
    }
}

/// What is left of a text field.
#[derive(Debug)]
struct Text {
    left: VecDeque<Pieces>,
    gap: u32,
    /// The position at which the current value begins.
    base: u32,
    /// The last position so far.
    last: Option<u32>,
    /// Where tantivy lets the next piece begin.
    end: u32,
    cancel: Cancel,
}

impl Text {
    /// How many pieces to ask for: enough for all of it; the last of them may be empty.
    fn count(&self) -> usize {
        let bytes: usize = self.left.iter().map(Pieces::bytes).sum();
        bytes / PIECE_BYTES + 1
    }

    /// The tokens of the next piece. One without tokens is the last: tantivy would leave a gap for it.
    fn next_piece(&mut self) -> PreTokenizedString {
        let (mut tokens, mut read) = (Vec::new(), 0);
        while tokens.is_empty() || read < PIECE_BYTES {
            let Some(value) = self.left.front_mut() else { break };
            match value.next_piece(PIECE_BYTES, &self.cancel) {
                Some((bytes, found)) => {
                    read += bytes;
                    tokens.extend(found.into_iter().map(|token| self.place(token)));
                }
                None => {
                    // Words that were removed at the end of a value count, too.
                    self.base = self.base.saturating_add(value.end()).saturating_add(self.gap);
                    self.left.pop_front();
                }
            }
        }
        // Behind tokens without length the next piece begins one position further.
        self.end = self.last.map_or(self.end, |last| last.saturating_add(1));
        PreTokenizedString { text: String::new(), tokens }
    }

    /// A token where tantivy expects it: its position counted from the beginning of the piece.
    fn place(&mut self, token: crate::analysis::Token) -> Token {
        let position = self.base.saturating_add(token.position);
        self.last = self.last.max(Some(position));
        Token {
            offset_from: token.start_offset as usize,
            offset_to: token.end_offset as usize,
            position: position.saturating_sub(self.end) as usize,
            text: token.text,
            position_length: 0,
        }
    }
}

/// One value of an [`IndexDocument`].
#[derive(Clone, Debug)]
pub enum IndexValue<'a> {
    /// A term, a number, an address.
    Plain(CompactDocValue<'a>),
    /// `_source`.
    Source(&'a [u8]),
    /// The next piece of a text.
    Piece(TextRef<'a>),
}

/// A text of which the next piece is taken.
#[derive(Clone)]
pub struct TextRef<'a>(&'a Mutex<Text>);

impl fmt::Debug for TextRef<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TextRef")
    }
}

impl<'a> Value<'a> for IndexValue<'a> {
    type ArrayIter = iter::Empty<IndexValue<'a>>;
    type ObjectIter = iter::Empty<(&'a str, IndexValue<'a>)>;

    fn as_value(&self) -> ReferenceValue<'a, IndexValue<'a>> {
        ReferenceValue::Leaf(match self {
            IndexValue::Plain(value) => value.as_leaf().unwrap_or(ReferenceValueLeaf::Null),
            IndexValue::Source(bytes) => ReferenceValueLeaf::Bytes(bytes),
            IndexValue::Piece(TextRef(text)) => {
                let piece = text.lock().unwrap_or_else(PoisonError::into_inner).next_piece();
                ReferenceValueLeaf::PreTokStr(Box::new(piece))
            }
        })
    }
}

impl Document for IndexDocument {
    type Value<'a> = IndexValue<'a>;
    type FieldsValuesIter<'a> = Box<dyn Iterator<Item = (Field, IndexValue<'a>)> + 'a>;

    fn iter_fields_and_values(&self) -> Self::FieldsValuesIter<'_> {
        let values = self.values.field_values();
        let values = values.map(|(field, value)| (field, IndexValue::Plain(value)));
        let source = self.source.iter().map(|raw| (fields::SOURCE, IndexValue::Source(raw)));
        let texts = self.texts.iter().flat_map(|(field, text)| {
            let count = text.lock().unwrap_or_else(PoisonError::into_inner).count();
            iter::repeat_with(move || (*field, IndexValue::Piece(TextRef(text)))).take(count)
        });
        Box::new(values.chain(source).chain(texts))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use tantivy::postings::Postings;
    use tantivy::schema::IndexRecordOption;
    use tantivy::{DocSet, Index, IndexWriter, Term};

    use super::super::{Growth, Mapping, parsed};
    use super::*;

    /// The positions of `terms` in the field `t` of `document`, as tantivy indexes it.
    fn positions(document: &serde_json::Value, terms: &[&str]) -> Vec<Vec<u32>> {
        let body = json!({"properties": {"t": {"type": "text"}}});
        let mapping = Mapping::parse(&body, Growth::default(), Arc::default()).unwrap();
        let read = parsed::parse(&mapping, "1", document).unwrap();
        let index = Index::create_in_ram(mapping.schema().clone());
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
