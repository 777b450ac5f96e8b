//! The documents of a [`MappedRule`] that tells of which values alone it can hold: they are looked up by the terms of these values.
//!
//! What holds is still for the rule's tests to say: each value is asked about before it is looked up. Where documents of a segment
//! may have several values each of them is asked by its column, and where several values let in by others than these, so is every
//! document of the segment.

use std::sync::Arc;

use tantivy::columnar::Cardinality;
use tantivy::postings::SegmentPostings;
use tantivy::query::{
    AllScorer, BitSetDocSet, ConstScorer, EmptyScorer, EnableScoring, Explanation, Query, Scorer,
    Weight,
};
use tantivy::schema::IndexRecordOption;
use tantivy::{BitSet, DocId, DocSet, Score, SegmentReader, TERMINATED, Term};

use super::rule::{MappedRule, SegmentRule};
use super::scan::Scan;
use crate::document_rule::ValueTest;
use crate::mapping::{Column, Leaf, fields};
use crate::work::{Cancel, stopped};

/// The documents of a rule, by terms.
#[derive(Clone)]
pub(super) struct RuleTerms {
    rule: Arc<MappedRule>,
    lookup: Arc<Lookup>,
    /// Every document asked, where terms do not tell which.
    scan: Scan,
    cancel: Cancel,
}

/// Where the documents of a rule are among.
struct Lookup {
    fields: Vec<FieldTerms>,
    /// Whether every document with one value in each field and an accepted term is of the rule.
    suffices: bool,
}

/// The terms of one field, of which a document of the rule has one.
struct FieldTerms {
    /// The name of its column.
    column: String,
    terms: Vec<Term>,
    /// Those of which the test holds.
    accepted: Vec<Term>,
    /// Whether a document with several values needs one of them, too.
    of_several: bool,
}

impl RuleTerms {
    /// The query for `rule`, which `scan` asks of every document; `None` where it does not tell its values.
    pub(super) fn of(rule: &Arc<MappedRule>, scan: &Scan, cancel: &Cancel) -> Option<RuleTerms> {
        let lookup = Arc::new(Lookup::of(rule)?);
        Some(RuleTerms {
            rule: Arc::clone(rule),
            lookup,
            scan: scan.clone(),
            cancel: cancel.clone(),
        })
    }

    /// Whether a rule tells its values.
    pub(super) fn tells(rule: &MappedRule) -> bool {
        Lookup::of(rule).is_some()
    }
}

impl std::fmt::Debug for RuleTerms {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.scan.fmt(f)
    }
}

impl Query for RuleTerms {
    fn weight(&self, _: EnableScoring<'_>) -> tantivy::Result<Box<dyn Weight>> {
        Ok(Box::new(self.clone()))
    }
}

impl Weight for RuleTerms {
    fn scorer(&self, reader: &SegmentReader, boost: Score) -> tantivy::Result<Box<dyn Scorer>> {
        let (mut several, mut by_terms) = (false, true);
        for field in &self.lookup.fields {
            if field.has_several(reader)? {
                several = true;
                by_terms &= field.of_several;
            }
        }
        if !by_terms {
            return self.scan.scorer(reader, boost);
        }
        let suffices = self.lookup.suffices && !several;
        let fields = self.lookup.fields.iter();
        let terms = fields.flat_map(|it| if suffices { &it.accepted } else { &it.terms });
        let found = TermDocuments::of(reader, terms, &self.cancel)?;
        if suffices {
            return Ok(found.scorer(boost));
        }
        let asked = AskedDocuments {
            candidates: found.scorer(boost),
            rule: self.rule.open(reader)?,
            cancel: self.cancel.clone(),
            ended: false,
        };
        Ok(Box::new(asked.settled()))
    }

    fn explain(&self, reader: &SegmentReader, doc: DocId) -> tantivy::Result<Explanation> {
        Weight::explain(&self.scan, reader, doc)
    }
}

impl Lookup {
    fn of(rule: &MappedRule) -> Option<Lookup> {
        match rule {
            MappedRule::If(leaf, test) => {
                FieldTerms::of(leaf, test).map(|it| Lookup { fields: vec![it], suffices: true })
            }
            MappedRule::Any(parts) => {
                let parts: Vec<Lookup> = parts.iter().map(Lookup::of).collect::<Option<_>>()?;
                let suffices = parts.iter().all(|part| part.suffices);
                let fields = parts.into_iter().flat_map(|part| part.fields).collect();
                Some(Lookup { fields, suffices })
            }
            MappedRule::All(parts) => {
                let fewest = parts.iter().filter_map(Lookup::of).min_by_key(Lookup::terms)?;
                Some(Lookup { suffices: false, ..fewest })
            }
            MappedRule::Always | MappedRule::Never | MappedRule::Not(_) => None,
        }
    }

    fn terms(&self) -> usize {
        self.fields.iter().map(|field| field.terms.len()).sum()
    }
}

impl FieldTerms {
    fn of(leaf: &Leaf, test: &Arc<dyn ValueTest>) -> Option<FieldTerms> {
        let field = leaf.field.filter(|_| leaf.indexed)?;
        let only = test.only_of().filter(|_| !test.holds(&[]))?;
        let term = |text: &str| {
            Some(match leaf.column? {
                Column::Str if !text.is_empty() => Term::from_field_text(field, text),
                Column::Boolean => Term::from_field_i64(field, text.parse::<bool>().ok()?.into()),
                Column::Integer | Column::Long => Term::from_field_i64(field, text.parse().ok()?),
                Column::UnsignedLong => Term::from_field_u64(field, text.parse().ok()?),
                _ => return None,
            })
        };
        let (mut terms, mut accepted) = (Vec::new(), Vec::new());
        for value in only.values {
            let term = term(&value)?;
            if test.holds(&[value]) {
                accepted.push(term.clone());
            }
            terms.push(term);
        }
        let column = fields::stored_name(&leaf.path);
        Some(FieldTerms { column, terms, accepted, of_several: only.of_several })
    }

    /// Whether a document of the segment may have several values.
    fn has_several(&self, reader: &SegmentReader) -> tantivy::Result<bool> {
        for handle in reader.fast_fields().dynamic_column_handles(&self.column)? {
            let column = handle.open_u64_lenient()?;
            let cardinality = column.map_or(Cardinality::Multivalued, |it| it.get_cardinality());
            if cardinality == Cardinality::Multivalued {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// The documents of some terms in one segment.
enum TermDocuments {
    None,
    All(DocId),
    One(Box<SegmentPostings>),
    Several(BitSet),
}

impl TermDocuments {
    fn of<'t>(
        reader: &SegmentReader,
        terms: impl Iterator<Item = &'t Term>,
        cancel: &Cancel,
    ) -> tantivy::Result<TermDocuments> {
        let mut lists = Vec::new();
        for term in terms {
            let inverted = reader.inverted_index(term.field())?;
            let Some(info) = inverted.get_term_info(term)? else { continue };
            if info.doc_freq == reader.max_doc() {
                return Ok(TermDocuments::All(reader.max_doc()));
            }
            lists.push(inverted.read_postings_from_terminfo(&info, IndexRecordOption::Basic)?);
        }
        if lists.len() < 2 {
            return Ok(lists
                .pop()
                .map_or(TermDocuments::None, |list| TermDocuments::One(Box::new(list))));
        }
        let mut documents = BitSet::with_max_value(reader.max_doc());
        for mut list in lists {
            while list.doc() != TERMINATED {
                if cancel.is_cancelled() {
                    return Err(stopped());
                }
                documents.insert(list.doc());
                list.advance();
            }
        }
        Ok(TermDocuments::Several(documents))
    }

    fn scorer(self, boost: Score) -> Box<dyn Scorer> {
        match self {
            TermDocuments::None => Box::new(EmptyScorer),
            TermDocuments::All(end) => Box::new(ConstScorer::new(AllScorer::new(end), boost)),
            TermDocuments::One(list) => Box::new(ConstScorer::new(*list, boost)),
            TermDocuments::Several(documents) => {
                Box::new(ConstScorer::new(BitSetDocSet::from(documents), boost))
            }
        }
    }
}

/// The documents that the rule holds of, among candidates.
struct AskedDocuments {
    candidates: Box<dyn Scorer>,
    rule: SegmentRule,
    cancel: Cancel,
    ended: bool,
}

impl AskedDocuments {
    fn settled(mut self) -> AskedDocuments {
        self.settle();
        self
    }

    /// Goes on to the next document that the rule holds of, unless it stands on one.
    fn settle(&mut self) -> DocId {
        loop {
            let doc = self.candidates.doc();
            self.ended = doc == TERMINATED || self.cancel.is_cancelled();
            if self.ended || self.rule.holds(doc) == Some(true) {
                return self.doc();
            }
            self.candidates.advance();
        }
    }
}

impl DocSet for AskedDocuments {
    fn advance(&mut self) -> DocId {
        if self.ended {
            return TERMINATED;
        }
        self.candidates.advance();
        self.settle()
    }

    fn seek(&mut self, target: DocId) -> DocId {
        if self.doc() >= target {
            return self.doc();
        }
        self.candidates.seek(target);
        self.settle()
    }

    fn doc(&self) -> DocId {
        if self.ended { TERMINATED } else { self.candidates.doc() }
    }

    fn size_hint(&self) -> u32 {
        self.candidates.size_hint()
    }

    fn cost(&self) -> u64 {
        self.candidates.cost()
    }
}

impl Scorer for AskedDocuments {
    fn score(&mut self) -> Score {
        self.candidates.score()
    }
}
