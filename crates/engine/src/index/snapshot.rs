//! What a search sees.

use std::sync::Arc;

use bytes::Bytes;
use tantivy::{DocAddress, Searcher, Term};

use super::FoundDocument;
use super::fault::Fault;
use super::graphs::Graphs;
use super::kept_texts::KeptTexts;
use super::segment::Lookup;
use super::stored::StoredFields;
use crate::analysis::Analyzers;
use crate::cluster::search_settings::SearchSettings;
use crate::dsl::Query;
use crate::exception::Exception;
use crate::mapping::{Mapping, fields};
use crate::visible_fields::VisibleFields;
use crate::work::Cancel;

/// One index at the moment of its last refresh. Searches run on it; it never changes.
#[derive(Clone)]
pub struct Snapshot {
    /// The segments, their deletions applied.
    pub searcher: Searcher,
    /// The graphs of the segments' vectors.
    pub(crate) graphs: Arc<Graphs>,
    /// The mapping whose schema the segments were opened with.
    pub mapping: Arc<Mapping>,
    /// The analyzers of the index.
    pub analyzers: Arc<Analyzers>,
    /// The index's name.
    pub name: Arc<str>,
    /// The index's uuid.
    pub uuid: Arc<str>,
    /// What the index's settings say to a search.
    pub settings: Arc<SearchSettings>,
    /// What searches keep of the dictionaries of segments.
    pub(crate) kept_texts: Arc<KeptTexts>,
    /// Bytes of the longest `_source`; `None`: it is not known.
    pub(crate) longest: Option<u64>,
    /// The fields its documents have, for one who may not see the others; `None`: all of them.
    pub(crate) fields: Option<Arc<VisibleFields>>,
    /// What its documents must match to be there, for one who may not see the others; `None`: nothing.
    pub(crate) existing: Option<Arc<ExistingDocuments>>,
}

/// The documents that are there for one reader. Whoever hits a document is asked this by the search; what a query joins
/// with other documents must ask it itself.
pub(crate) struct ExistingDocuments {
    /// What they match.
    pub(crate) filter: Query,
    /// The index with all of its fields, on which that is judged.
    pub(crate) whole: Arc<Snapshot>,
}

impl Snapshot {
    /// This, of which only `fields` show: in the mapping, and so to every query, sort and aggregation, and in the
    /// documents.
    pub(crate) fn restricted(&self, fields: &Arc<VisibleFields>) -> Snapshot {
        let mapping = self.mapping.restricted(|path| fields.shows(path));
        let mapping = Arc::new(mapping.observed(fields.observer().clone()));
        Snapshot { mapping, fields: Some(Arc::clone(fields)), ..self.clone() }
    }

    /// What of a stored document shows.
    pub(crate) fn shown(&self, source: Bytes) -> Bytes {
        self.visible(self.mapping.shown_source(&source))
    }

    /// What of a stored document this caller may see, be it hidden from all by the mapping's `_source`.
    pub(crate) fn visible(&self, source: Bytes) -> Bytes {
        match &self.fields {
            Some(fields) => fields.source(&source),
            None => source,
        }
    }

    /// The documents at `addresses`, which a search on this snapshot found, with their ids.
    ///
    /// # Errors
    /// What tantivy says; `task_cancelled_exception`.
    pub fn documents(
        &self,
        addresses: &[DocAddress],
        cancel: &Cancel,
    ) -> Result<Vec<(String, FoundDocument)>, Exception> {
        let mut lookups = std::collections::BTreeMap::new();
        let mut documents = Vec::with_capacity(addresses.len());
        for address in addresses {
            cancel.check()?;
            let lookup = match lookups.entry(address.segment_ord) {
                std::collections::btree_map::Entry::Occupied(known) => known.into_mut(),
                std::collections::btree_map::Entry::Vacant(new) => {
                    new.insert(Lookup::new(&self.searcher, address.segment_ord)?)
                }
            };
            let stored = StoredFields::read(&self.searcher, *address).map_err(Fault::from)?;
            let (id, found) = lookup.document(address.doc_id, stored);
            let source = self.shown(found.source.clone());
            if let Some(fields) = &self.fields {
                fields.tell_of(&source);
            }
            documents.push((id, FoundDocument { source, ..found }));
        }
        Ok(documents)
    }

    /// The document with this id, as this snapshot shows it.
    ///
    /// # Errors
    /// What tantivy says.
    pub fn find(&self, id: &str) -> Result<Option<FoundDocument>, Fault> {
        let term = Term::from_field_text(fields::ID, id);
        for (segment, reader) in (0..).zip(self.searcher.segment_readers()) {
            let lookup = Lookup::new(&self.searcher, segment)?;
            if let Some(found) = lookup.find(&term, |document| !reader.is_deleted(document))? {
                let StoredFields { source, routing, .. } = lookup.stored(found.document).read()?;
                return Ok(Some(FoundDocument {
                    version: found.version,
                    seq_no: found.seq_no,
                    primary_term: found.primary_term,
                    routing,
                    source,
                }));
            }
        }
        Ok(None)
    }
}
