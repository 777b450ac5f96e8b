//! `_name`: which of the named queries inside a query a hit matches.

use std::collections::HashMap;
use std::sync::Arc;

use tantivy::DocAddress;
use tantivy::query::{EnableScoring, Weight};

use crate::dsl::Query;
use crate::dsl::lower::Lowering;
use crate::dsl::two_phase::TwoPhaseDocuments;
use crate::exception::{Exception, internal};

/// The named queries inside a query: ready once for each target.
#[derive(Default)]
pub(super) struct NamedQueries {
    queries: Vec<Query>,
    ready: HashMap<usize, Vec<Arc<dyn Weight>>>,
}

impl NamedQueries {
    /// Those inside `query`.
    pub(super) fn of(query: Option<&Query>) -> NamedQueries {
        let queries = query.map(|query| query.those(|one| one.name.is_some()));
        NamedQueries { queries: queries.unwrap_or_default(), ready: HashMap::new() }
    }

    /// Whether there is none.
    pub(super) fn is_empty(&self) -> bool {
        self.queries.is_empty()
    }

    /// The names of those that match a document of the target of this number, where `lowering` asks queries.
    ///
    /// # Errors
    /// What a query is refused with; `task_cancelled_exception`.
    pub(super) fn matching(
        &mut self,
        target: usize,
        lowering: &Lowering<'_>,
        address: DocAddress,
    ) -> Result<Vec<String>, Exception> {
        if !self.ready.contains_key(&target) {
            let scoring = || EnableScoring::disabled_from_searcher(lowering.searcher);
            let weight = |query: &Query| -> Result<Arc<dyn Weight>, Exception> {
                Ok(lowering.lower(query)?.weight(scoring()).map_err(internal)?.into())
            };
            let weights: Result<_, _> = self.queries.iter().map(weight).collect();
            self.ready.insert(target, weights?);
        }
        let reader = lowering.searcher.segment_reader(address.segment_ord);
        let mut names = Vec::new();
        let weights = self.ready.get(&target).into_iter().flatten();
        for (query, weight) in self.queries.iter().zip(weights) {
            lowering.work.check()?;
            if TwoPhaseDocuments::new(weight, reader, 1.0).holds(address.doc_id)? {
                names.extend(query.name.clone());
            }
        }
        Ok(names)
    }
}
