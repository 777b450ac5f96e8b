//! What of one index's documents a view shows: the seam for document- and field-level security (decision 0108). Nothing
//! restricts a view yet; the two places that read documents, `search::Target` and `document::read`, honour it.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::dsl::Query;
use crate::visible_fields::VisibleFields;

/// The restrictions of a view, by index uuid. An index that is not in it shows all of every document.
#[derive(Clone, Debug, Default)]
pub struct Restrictions {
    indices: BTreeMap<Arc<str>, Restriction>,
}

#[derive(Clone, Debug)]
struct Restriction {
    filter: Option<Query>,
    fields: Option<Arc<VisibleFields>>,
}

impl Restrictions {
    /// What documents of the index with this uuid must match to exist; `None`: all of them exist.
    pub(crate) fn filter(&self, uuid: &str) -> Option<&Query> {
        self.indices.get(uuid)?.filter.as_ref()
    }

    /// Which fields documents of the index with this uuid have; `None`: those they were written with.
    pub(crate) fn fields(&self, uuid: &str) -> Option<&Arc<VisibleFields>> {
        self.indices.get(uuid)?.fields.as_ref()
    }

    /// The index with this uuid restricted, for the tests of the two places: no feature makes one.
    #[cfg(test)]
    pub(crate) fn of(uuid: &str, filter: Option<Query>, fields: Option<&[&str]>) -> Restrictions {
        let fields = fields.map(|patterns| Arc::new(VisibleFields::new(patterns)));
        Restrictions { indices: [(uuid.into(), Restriction { filter, fields })].into() }
    }
}

#[cfg(test)]
mod tests;
