//! `_name`: which of the named queries inside a query a hit matches, and what it scores there.

use std::collections::HashMap;
use std::sync::Arc;

use tantivy::DocAddress;
use tantivy::query::{EnableScoring, Weight};

use crate::dsl::Query;
use crate::dsl::lower::Lowering;
use crate::dsl::two_phase::TwoPhaseDocuments;
use crate::exception::{Exception, internal};
use crate::value::java::hash_order;

/// The named queries inside a query: ready once for each target.
#[derive(Default)]
pub(super) struct NamedQueries {
    /// In the order in which the real servers tell of them.
    queries: Vec<Query>,
    scored: bool,
    ready: HashMap<usize, Vec<Arc<dyn Weight>>>,
}

impl NamedQueries {
    /// Those inside `query`, each name once; `scored`: their scores are told, too.
    pub(super) fn of(query: Option<&Query>, scored: bool) -> NamedQueries {
        let (mut names, mut queries) = (Vec::new(), HashMap::new());
        for named in query.map(|query| query.those(|one| one.name.is_some())).unwrap_or_default() {
            let name = named.name.clone().unwrap_or_default();
            if queries.insert(name.clone(), named).is_none() {
                names.push(name);
            }
        }
        let order = hash_order(&names).into_iter();
        let named = order.filter_map(|place| queries.remove(names.get(place)?));
        NamedQueries { queries: named.collect(), scored, ready: HashMap::new() }
    }

    /// Whether there is none.
    pub(super) fn is_empty(&self) -> bool {
        self.queries.is_empty()
    }

    /// The names of those that match a document of the target of this number, where `lowering` asks queries, each with the
    /// document's score where that is told.
    ///
    /// # Errors
    /// What a query is refused with; `task_cancelled_exception`.
    pub(super) fn matching(
        &mut self,
        target: usize,
        lowering: &Lowering<'_>,
        address: DocAddress,
    ) -> Result<Vec<(String, Option<f32>)>, Exception> {
        if !self.ready.contains_key(&target) {
            let searcher = lowering.searcher;
            let scoring = || match self.scored {
                true => EnableScoring::enabled_from_searcher(searcher),
                false => EnableScoring::disabled_from_searcher(searcher),
            };
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
            let mut documents = TwoPhaseDocuments::new(weight, reader, 1.0);
            if documents.holds(address.doc_id)? {
                let score = self.scored.then(|| documents.score());
                names.extend(query.name.clone().map(|name| (name, score)));
            }
        }
        Ok(names)
    }
}
