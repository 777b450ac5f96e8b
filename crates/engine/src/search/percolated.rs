//! What hits of `percolate` show: which of the given documents their queries find, and the words in these that they
//! find. Source: `PercolatorMatchedSlotSubFetchPhase` and `PercolatorHighlightSubFetchPhase` of Elasticsearch 7.10.

use std::collections::HashMap;

use serde_json::{Map, Value};

use super::Snapshot;
use super::highlight::{Highlight, Highlighter};
use super::response::Hit;
use super::stored::Stored;
use crate::dsl::Query;
use crate::dsl::bm25::Statistics;
use crate::dsl::lower::Lowering;
use crate::dsl::percolate::{GivenDocuments, Percolate};
use crate::exception::Exception;

/// The `percolate` queries inside a query, with the documents that were indexed for them: by target and query.
#[derive(Default)]
pub(super) struct Percolated {
    queries: Vec<Query>,
    given: HashMap<(usize, usize), GivenDocuments>,
}

impl Percolated {
    /// Those inside `query`.
    pub(super) fn of(query: Option<&Query>) -> Percolated {
        let queries = query.map(|query| query.those(|one| one.clause.percolates().is_some()));
        Percolated { queries: queries.unwrap_or_default(), given: HashMap::new() }
    }

    /// Whether there is none.
    pub(super) fn is_empty(&self) -> bool {
        self.queries.is_empty()
    }

    /// Adds to `hit`, which `stored` is of, what its query finds.
    ///
    /// # Errors
    /// What the queries and the highlighter are refused with.
    pub(super) fn add(
        &mut self,
        hit: &mut Hit,
        stored: &Stored,
        target: usize,
        highlight: Option<&Highlight>,
        lowering: &Lowering<'_>,
    ) -> Result<(), Exception> {
        let source = stored.whole()?;
        let mut shown = Map::new();
        let mut marked = Map::new();
        let clauses = self.queries.iter().filter_map(|query| query.clause.percolates());
        let alone = self.queries.len() == 1;
        for (number, clause) in clauses.enumerate() {
            let given = match self.given.entry((target, number)) {
                std::collections::hash_map::Entry::Occupied(known) => known.into_mut(),
                std::collections::hash_map::Entry::Vacant(place) => {
                    place.insert(clause.given(lowering)?)
                }
            };
            let slots = clause.slots(source, given, lowering)?;
            if let (Some(highlight), Some(snapshot)) = (highlight, lowering.snapshot) {
                let words =
                    words_found(clause, source, (given, snapshot), &slots, highlight, lowering)?;
                for (slot, field, fragments) in words {
                    let mut name = field;
                    if clause.documents().len() > 1 {
                        name = format!("{slot}_{name}");
                    }
                    if let Some(own) = clause.name().filter(|_| !alone) {
                        name = format!("{own}_{name}");
                    }
                    marked.insert(name, fragments);
                }
            }
            if !slots.is_empty() {
                shown.insert(clause.slot_name(), slots.into());
            }
        }
        hit.fields.get_or_insert_default().extend(shown);
        if !marked.is_empty() {
            hit.highlight.get_or_insert_default().extend(marked);
        }
        Ok(())
    }
}

/// Of each of the given documents in `slots` the fields with fragments of what the stored query finds in them.
fn words_found(
    clause: &Percolate,
    source: &Value,
    (given, snapshot): (&GivenDocuments, &Snapshot),
    slots: &[u32],
    highlight: &Highlight,
    lowering: &Lowering<'_>,
) -> Result<Vec<(u32, String, Value)>, Exception> {
    let statistics = Statistics::in_memory(lowering.statistics.flavor());
    let inner = given.lowering(lowering, &statistics);
    let mut found = Vec::new();
    for query in clause.stored(source) {
        let highlighter = Highlighter::new(highlight, Some(&query), &inner)?;
        for slot in slots {
            lowering.work.check()?;
            let Some(document) = clause.documents().get(*slot as usize) else { continue };
            let fragments = highlighter.fragments((document, document), snapshot, lowering.work)?;
            found.extend(fragments.into_iter().map(|(field, marked)| (*slot, field, marked)));
        }
    }
    Ok(found)
}
