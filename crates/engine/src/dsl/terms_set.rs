//! `terms_set`: documents with as many of some terms as a field of theirs, or a script, says.

use std::sync::Arc;

use serde_json::{Value, json};
use tantivy::query::{EnableScoring, Query as TantivyQuery, Scorer, Weight};
use tantivy::{DocId, Score, SegmentReader};

use super::lower::{Lowered, Lowering, any_of};
use super::options::{QueryBody, one_field, scalar};
use super::script::{OnIndex, OnSegment};
use super::two_phase::{Judge, PhasedWeight, Phases, TwoPhaseDocuments, TwoPhaseQuery};
use super::words::SoughtWords;
use super::{CLAUSES_MAX, Query, QueryClause};
use crate::columns::Numbers;
use crate::exception::Exception;
use crate::mapping::fields;
use crate::script::{ScriptRequest, context};
use crate::value::scalar::plain;
use crate::work::Work;

/// A `terms_set` query.
#[derive(Clone, Debug)]
struct TermsSet {
    field: String,
    terms: Vec<Value>,
    minimum_field: Option<String>,
    minimum_script: Option<ScriptRequest>,
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
    let minimum_script = options.get("minimum_should_match_script");
    let minimum_script = minimum_script.map(ScriptRequest::parse).transpose()?;
    let minimum_field = options.text("minimum_should_match_field")?;
    Query::with(TermsSet { field, terms, minimum_field, minimum_script }, &options)
}

impl QueryClause for TermsSet {
    fn lower(&self, lowering: &Lowering<'_>) -> Result<Lowered, Exception> {
        let minimum = self.minimum(lowering).map_err(|cause| lowering.failed(cause))?;
        let terms: Result<Vec<Lowered>, _> =
            self.terms.iter().map(|term| lowering.term(&self.field, term)).collect();
        let terms = terms?;
        let clauses = terms.iter().map(|term| term.box_clone()).collect();
        let union = any_of(terms.into_iter());
        let (likely, work) = (union.box_clone(), lowering.work.clone());
        let is_scripted = matches!(minimum, Minimum::Script(_));
        let covering = CoveringDocuments { union, clauses, minimum, work };
        if is_scripted {
            return Ok(TwoPhaseQuery::of(covering, likely, lowering.work));
        }
        Ok(Box::new(covering))
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

impl TermsSet {
    /// Where it stands how many terms are enough, on an index.
    fn minimum(&self, lowering: &Lowering<'_>) -> Result<Minimum, Exception> {
        if let Some(script) = &self.minimum_script {
            let script = script.with_params(&json!({"num_terms": self.terms.len()}))?;
            let script = OnIndex::new(&script, &context::TERMS_SET, lowering)?;
            return Ok(Minimum::Script(Arc::new(script)));
        }
        let Some(field) = &self.minimum_field else {
            return Err(Exception::illegal_argument("No minimum should match has been specified"));
        };
        match lowering.leaf(field) {
            Some(leaf) => Ok(Minimum::Column(fields::stored_name(&leaf.path))),
            None => Err(Exception::illegal_argument(format!(
                "failed to find minimum_should_match field [{field}]"
            ))),
        }
    }
}

/// The documents of a union that enough of its clauses match. (Lucene's `CoveringQuery`.)
struct CoveringDocuments {
    union: Lowered,
    clauses: Vec<Lowered>,
    minimum: Minimum,
    work: Work,
}

/// Where it stands how many are enough.
#[derive(Clone, Debug)]
enum Minimum {
    /// In a column.
    Column(String),
    /// A script says it.
    Script(Arc<OnIndex>),
}

impl Clone for CoveringDocuments {
    fn clone(&self) -> CoveringDocuments {
        let clauses = self.clauses.iter().map(|clause| clause.box_clone()).collect();
        let (minimum, work) = (self.minimum.clone(), self.work.clone());
        CoveringDocuments { union: self.union.box_clone(), clauses, minimum, work }
    }
}

impl std::fmt::Debug for CoveringDocuments {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "CoveringQuery({:?})", self.clauses)
    }
}

impl TantivyQuery for CoveringDocuments {
    fn weight(&self, scoring: EnableScoring<'_>) -> tantivy::Result<Box<dyn Weight>> {
        let clauses = self.clauses.iter().map(|clause| Ok(clause.weight(scoring)?.into()));
        let phases = CoveringPhases {
            union: self.union.weight(scoring)?,
            clauses: clauses.collect::<tantivy::Result<_>>()?,
            minimum: self.minimum.clone(),
        };
        Ok(PhasedWeight::boxed(phases, &self.work.cancel, &self.work.faults))
    }
}

struct CoveringPhases {
    union: Box<dyn Weight>,
    clauses: Vec<Arc<dyn Weight>>,
    minimum: Minimum,
}

impl Phases for CoveringPhases {
    type Judge = CoveringBySegment;

    fn open(
        &self,
        reader: &SegmentReader,
        boost: Score,
    ) -> tantivy::Result<(Box<dyn Scorer>, CoveringBySegment)> {
        let clauses = self
            .clauses
            .iter()
            .map(|clause| TwoPhaseDocuments::new(clause, reader, boost))
            .collect();
        let minimum = match &self.minimum {
            Minimum::Column(column) => OpenMinimum::Column(Numbers::open(reader, column)?),
            Minimum::Script(script) => OpenMinimum::Script(Box::new(script.on_segment(reader)?)),
        };
        Ok((self.union.scorer(reader, boost)?, CoveringBySegment { clauses, minimum }))
    }
}

struct CoveringBySegment {
    clauses: Vec<TwoPhaseDocuments>,
    minimum: OpenMinimum,
}

enum OpenMinimum {
    Column(Option<Numbers>),
    Script(Box<OnSegment>),
}

impl Judge for CoveringBySegment {
    fn matches(&mut self, doc: DocId, _: &mut dyn Scorer) -> Result<bool, Exception> {
        let mut count = 0;
        for clause in &mut self.clauses {
            count += usize::from(clause.holds(doc)?);
        }
        let wanted = match &mut self.minimum {
            OpenMinimum::Column(column) => column.as_ref().and_then(|column| column.first(doc)),
            OpenMinimum::Script(script) => {
                script.run(doc, 0.0, |outcome| Ok(outcome.number()))?.flatten().map(f64::trunc)
            }
        };
        // Without a value no number is enough; at least one must match, whatever it says.
        Ok(wanted.is_some_and(|wanted| count as f64 >= wanted.max(1.0)))
    }
}
