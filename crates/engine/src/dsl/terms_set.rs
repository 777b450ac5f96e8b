//! `terms_set`: documents with as many of some terms as a field of theirs says.

use serde_json::Value;
use tantivy::query::{EnableScoring, Explanation, Query as TantivyQuery, Scorer, Weight};
use tantivy::{DocId, DocSet, Score, SegmentReader, TERMINATED};

use super::lower::{Lowered, Lowering, any_of};
use super::options::{QueryBody, one_field, scalar};
use super::words::SoughtWords;
use super::{CLAUSES_MAX, Query, QueryClause};
use crate::columns::Numbers;
use crate::exception::Exception;
use crate::mapping::fields;
use crate::value::scalar::plain;

/// A `terms_set` query.
#[derive(Clone, Debug)]
struct TermsSet {
    field: String,
    terms: Vec<Value>,
    minimum_field: Option<String>,
}

pub(super) fn parse(value: &Value, _depth: usize) -> Result<Query, Exception> {
    let (field, body) = one_field("terms_set", value)?;
    let QueryBody::Long(options) = body else {
        return Err(Exception::parsing(format!(
            "[terms_set] unknown token [VALUE] after [{field}]"
        )));
    };
    let terms = match options.get("terms") {
        Some(Value::Array(terms)) if terms.len() <= CLAUSES_MAX => terms.clone(),
        Some(Value::Array(_)) => return Err(super::query::too_many_clauses()),
        Some(_) => return Err(options.unsupported("terms")),
        None => Vec::new(),
    };
    for term in &terms {
        scalar("terms_set", "terms", term)?;
    }
    if options.get("minimum_should_match_script").is_some() {
        return Err(Exception::not_implemented("terms_set query with a script"));
    }
    let minimum_field = options.text("minimum_should_match_field")?;
    Query::with(TermsSet { field, terms, minimum_field }, &options)
}

impl QueryClause for TermsSet {
    fn lower(&self, lowering: &Lowering<'_>) -> Result<Lowered, Exception> {
        let Some(minimum) = &self.minimum_field else {
            return Err(lowering.failed(Exception::illegal_argument(
                "No minimum should match has been specified",
            )));
        };
        let Some(leaf) = lowering.leaf(minimum) else {
            return Err(lowering.failed(Exception::illegal_argument(format!(
                "failed to find minimum_should_match field [{minimum}]"
            ))));
        };
        let terms: Result<Vec<Lowered>, _> =
            self.terms.iter().map(|term| lowering.term(&self.field, term)).collect();
        let terms = terms?;
        let clauses = terms.iter().map(|term| term.box_clone()).collect();
        let union = any_of(terms.into_iter());
        Ok(Box::new(Covering { union, clauses, column: fields::stored_name(&leaf.path) }))
    }

    fn is_composite(&self) -> bool {
        true
    }

    fn words(&self, sought: &mut SoughtWords<'_>) -> Result<(), Exception> {
        if sought.counts(&self.field) {
            self.terms.iter().for_each(|term| sought.exactly(&plain(term)));
        }
        Ok(())
    }
}

/// The documents of a union that enough of its clauses match. (Lucene's `CoveringQuery`.)
struct Covering {
    union: Lowered,
    clauses: Vec<Lowered>,
    column: String,
}

impl Clone for Covering {
    fn clone(&self) -> Covering {
        let clauses = self.clauses.iter().map(|clause| clause.box_clone()).collect();
        Covering { union: self.union.box_clone(), clauses, column: self.column.clone() }
    }
}

impl std::fmt::Debug for Covering {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "CoveringQuery({:?})", self.clauses)
    }
}

impl TantivyQuery for Covering {
    fn weight(&self, scoring: EnableScoring<'_>) -> tantivy::Result<Box<dyn Weight>> {
        let clauses: tantivy::Result<Vec<_>> =
            self.clauses.iter().map(|clause| clause.weight(scoring)).collect();
        let column = self.column.clone();
        Ok(Box::new(CoveringWeight {
            union: self.union.weight(scoring)?,
            clauses: clauses?,
            column,
        }))
    }
}

struct CoveringWeight {
    union: Box<dyn Weight>,
    clauses: Vec<Box<dyn Weight>>,
    column: String,
}

impl Weight for CoveringWeight {
    fn scorer(&self, reader: &SegmentReader, boost: Score) -> tantivy::Result<Box<dyn Scorer>> {
        let clauses: tantivy::Result<Vec<_>> =
            self.clauses.iter().map(|clause| clause.scorer(reader, boost)).collect();
        let mut scorer = CoveringScorer {
            union: self.union.scorer(reader, boost)?,
            clauses: clauses?,
            minimum: Numbers::open(reader, &self.column)?,
        };
        scorer.settle();
        Ok(Box::new(scorer))
    }

    fn explain(&self, _: &SegmentReader, _: DocId) -> tantivy::Result<Explanation> {
        Ok(Explanation::new("covering", 1.0))
    }
}

struct CoveringScorer {
    union: Box<dyn Scorer>,
    clauses: Vec<Box<dyn Scorer>>,
    minimum: Option<Numbers>,
}

impl CoveringScorer {
    /// Moves on to the next document that enough clauses match. At least one must, whatever the field says.
    fn settle(&mut self) -> DocId {
        loop {
            let doc = self.union.doc();
            if doc == TERMINATED {
                return doc;
            }
            let mut count = 0;
            for clause in &mut self.clauses {
                let at = if clause.doc() < doc { clause.seek(doc) } else { clause.doc() };
                count += usize::from(at == doc);
            }
            // Without a value no number is enough.
            let wanted = self.minimum.as_ref().and_then(|minimum| minimum.first(doc));
            if wanted.is_some_and(|wanted| count as f64 >= wanted.max(1.0)) {
                return doc;
            }
            self.union.advance();
        }
    }
}

impl DocSet for CoveringScorer {
    fn advance(&mut self) -> DocId {
        self.union.advance();
        self.settle()
    }

    fn seek(&mut self, target: DocId) -> DocId {
        if self.union.doc() < target {
            self.union.seek(target);
        }
        self.settle()
    }

    fn doc(&self) -> DocId {
        self.union.doc()
    }

    fn size_hint(&self) -> u32 {
        self.union.size_hint()
    }
}

impl Scorer for CoveringScorer {
    fn score(&mut self) -> Score {
        self.union.score()
    }
}
