//! Blocks: how a document with nested objects lies in a segment. The objects come first, each behind those inside it; the
//! whole document, the **root**, ends the block. Only roots have `_id`, `_source` and the columns of a write; a nested
//! object is known by the mark of its path in `_field_names`. (docs/decisions/0120-nested-objects-are-blocks.md)

use tantivy::columnar::column_index::{OptionalIndex, Set};
use tantivy::columnar::{Column, ColumnIndex};
use tantivy::query::TermQuery;
use tantivy::schema::IndexRecordOption;
use tantivy::{BitSet, DocId, DocSet, SegmentReader, TERMINATED, Term};

use crate::mapping::fields;

/// Which documents of a segment are roots: those with a column that every write sets.
#[derive(Clone)]
pub(crate) enum Roots {
    /// There are no nested objects.
    All,
    /// Those of the index.
    Some(OptionalIndex),
}

impl Roots {
    /// Those of the segment of `reader`.
    pub(crate) fn of(reader: &SegmentReader) -> tantivy::Result<Roots> {
        Ok(Roots::by(&reader.fast_fields().u64(fields::PRIMARY_TERM_NAME)?))
    }

    /// Those that have a value in `column`, which is that of the primary term.
    pub(crate) fn by(column: &Column<u64>) -> Roots {
        match &column.index {
            ColumnIndex::Optional(index) => Roots::Some(index.clone()),
            _ => Roots::All,
        }
    }

    /// Whether `doc` is a root.
    pub(crate) fn contains(&self, doc: DocId) -> bool {
        match self {
            Roots::All => true,
            Roots::Some(index) => index.rank_if_exists(doc).is_some(),
        }
    }

    /// The root of the block that `doc` is in: itself where it is one.
    pub(crate) fn root_of(&self, doc: DocId) -> DocId {
        match self {
            Roots::All => doc,
            Roots::Some(index) => at_rank(index, index.rank(doc)).unwrap_or(TERMINATED),
        }
    }

    /// Where the block of the root `doc` begins.
    pub(crate) fn block_start(&self, doc: DocId) -> DocId {
        match self {
            Roots::All => doc,
            Roots::Some(index) => match index.rank(doc).checked_sub(1) {
                Some(before) => at_rank(index, before).map_or(0, |root| root + 1),
                None => 0,
            },
        }
    }
}

fn at_rank(index: &OptionalIndex, rank: u32) -> Option<DocId> {
    (rank < index.num_non_nulls()).then(|| index.select(rank))
}

/// The nested objects at one path, in one segment.
pub(crate) struct NestedObjects {
    documents: BitSet,
}

impl NestedObjects {
    /// Those at `path` in the segment of `reader`.
    pub(crate) fn at(path: &str, reader: &SegmentReader) -> tantivy::Result<NestedObjects> {
        let mut documents = BitSet::with_max_value(reader.max_doc());
        let inverted = reader.inverted_index(fields::FIELD_NAMES)?;
        let postings = inverted.read_postings(&mark(path), IndexRecordOption::Basic)?;
        if let Some(mut postings) = postings {
            while postings.doc() != TERMINATED {
                documents.insert(postings.doc());
                postings.advance();
            }
        }
        Ok(NestedObjects { documents })
    }

    /// What they take.
    pub(crate) fn bytes(reader: &SegmentReader) -> u64 {
        u64::from(reader.max_doc()) / 8
    }

    /// Whether `doc` is one of them.
    pub(crate) fn contains(&self, doc: DocId) -> bool {
        doc < self.documents.max_value() && self.documents.contains(doc)
    }

    /// The first of them that is `doc` or behind it, before `end`.
    pub(crate) fn first(&self, doc: DocId, end: DocId) -> Option<DocId> {
        (doc..end.min(self.documents.max_value())).find(|doc| self.documents.contains(*doc))
    }

    /// Where those begin that may lie inside `doc`: behind the one of them before it.
    fn start_before(&self, doc: DocId, floor: DocId) -> DocId {
        (floor..doc).rev().find(|before| self.contains(*before)).map_or(floor, |before| before + 1)
    }
}

/// The documents that nested objects are asked of: roots, or nested objects that hold others.
pub(crate) enum Parents {
    /// Whole documents.
    Roots(Roots),
    /// The nested objects at a path.
    Nested(Roots, NestedObjects),
}

impl Parents {
    /// Those in the scope `path`; `None`: roots.
    pub(crate) fn of(path: Option<&str>, reader: &SegmentReader) -> tantivy::Result<Parents> {
        let roots = Roots::of(reader)?;
        Ok(match path {
            None => Parents::Roots(roots),
            Some(path) => Parents::Nested(roots, NestedObjects::at(path, reader)?),
        })
    }

    /// Where the documents inside the parent `doc` begin.
    pub(crate) fn start(&self, doc: DocId) -> DocId {
        match self {
            Parents::Roots(roots) => roots.block_start(doc),
            Parents::Nested(roots, objects) => {
                let root = roots.root_of(doc);
                objects.start_before(doc, roots.block_start(root))
            }
        }
    }

    /// Where those begin that may lie inside parents at `target` or behind it.
    pub(crate) fn start_at_or_behind(&self, target: DocId) -> DocId {
        match self {
            Parents::Roots(roots) => roots.block_start(roots.root_of(target)),
            // Behind all parents before the target, or before one of its own: both are no later than this.
            Parents::Nested(roots, _) => roots.block_start(roots.root_of(target)),
        }
    }

    /// The parent that the nested object `doc` lies in: the first behind it.
    pub(crate) fn around(&self, doc: DocId) -> Option<DocId> {
        match self {
            Parents::Roots(roots) => Some(roots.root_of(doc)),
            Parents::Nested(roots, objects) => {
                let root = roots.root_of(doc);
                objects.first(doc, root)
            }
        }
    }
}

impl Parents {
    /// As [`Parents::around`]; `last` is what one of the objects before was led to, which is asked first.
    pub(crate) fn around_after(&self, doc: DocId, last: Option<DocId>) -> Option<DocId> {
        match (self, last) {
            (Parents::Nested(..), Some(last)) if last >= doc && self.start(last) <= doc => {
                Some(last)
            }
            _ => self.around(doc),
        }
    }
}

/// The term of the nested objects at `path`.
pub(crate) fn mark(path: &str) -> Term {
    Term::from_field_text(fields::FIELD_NAMES, &fields::nested_mark(path))
}

/// The nested objects at `path`, as a query.
pub(crate) fn objects(path: &str) -> Box<dyn tantivy::query::Query> {
    Box::new(TermQuery::new(mark(path), IndexRecordOption::Basic))
}
