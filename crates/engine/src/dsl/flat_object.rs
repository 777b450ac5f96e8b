//! Queries over an object that is one field: through the field, and through a path in the object.

use std::ops::Bound;
use std::sync::Arc;

use tantivy::query::RangeQuery;

use super::bm25::ScoredTerm;
use super::lower::{Lowered, Lowering};
use super::term::record_option;
use super::term_set::{TermAcceptor, TermSet};
use crate::exception::{Exception, internal};
use crate::mapping::Leaf;
use crate::mapping::flat_object::{FlatObject, is_below, keyed, value_of};

/// A field that keeps whole objects, and a path in them; empty: any.
pub(super) struct FlatPath {
    leaf: Arc<Leaf>,
    key: String,
}

impl Lowering<'_> {
    /// What `path` means, where it leads to or into a field that keeps whole objects.
    pub(super) fn flat_object(&self, path: &str) -> Option<FlatPath> {
        let at = |path: &str, key: &str| {
            let leaf = self.leaf(path)?;
            let is_flat = leaf.kind.is::<FlatObject>();
            is_flat.then(|| FlatPath { leaf: Arc::clone(leaf), key: key.to_owned() })
        };
        if self.leaf(path).is_some() {
            return at(path, "");
        }
        let mut dots = path.match_indices('.');
        dots.find_map(|(dot, _)| at(path.get(..dot)?, path.get(dot + 1..)?))
    }

    /// Documents with exactly this value there.
    pub(super) fn flat_term(&self, flat: &FlatPath, value: &str) -> Result<Lowered, Exception> {
        let field = self.indexed(&flat.leaf)?;
        let term = tantivy::Term::from_field_text(field, &keyed(&flat.key, value));
        let statistics = self.statistics.of(self.searcher, &flat.leaf, field, &self.work.cancel);
        let mut statistics = statistics.map_err(internal)?;
        if !flat.key.is_empty() {
            // The real servers keep the values with their paths in a field of its own.
            statistics.terms = statistics.paths;
        }
        let frequency = self.term_statistics(&flat.leaf, &term, &statistics)?;
        let shown = format!("{}:{value}", flat.leaf.path);
        let option = record_option(&flat.leaf);
        Ok(Box::new(ScoredTerm::new(term, option, statistics, frequency, shown)))
    }

    /// Documents with a value there that starts with `prefix` and is accepted.
    pub(super) fn flat_terms(
        &self,
        flat: &FlatPath,
        prefix: &str,
        accept: Option<TermAcceptor>,
    ) -> Result<Lowered, Exception> {
        let key = flat.key.clone();
        let accept: TermAcceptor = Arc::new(move |term| match (value_of(term, &key), &accept) {
            (Some(value), Some(accept)) => accept(value),
            (value, None) => value.is_some(),
            (None, _) => false,
        });
        self.flat_set(flat, keyed(&flat.key, prefix), accept)
    }

    /// Documents with any value there or below.
    pub(super) fn flat_exists(&self, flat: &FlatPath) -> Result<Lowered, Exception> {
        let (key, start) = (flat.key.clone(), keyed(&flat.key, ""));
        let start = start.get(..flat.key.len() + 1).unwrap_or_default().to_owned();
        self.flat_set(flat, start, Arc::new(move |term| is_below(term, &key)))
    }

    fn flat_set(
        &self,
        flat: &FlatPath,
        prefix: String,
        accept: TermAcceptor,
    ) -> Result<Lowered, Exception> {
        let field = self.indexed(&flat.leaf)?;
        let cancel = self.work.cancel.clone();
        Ok(Box::new(TermSet { field, column: None, prefix, accept: Some(accept), cancel }))
    }

    /// Documents with a value there between two bounds.
    pub(super) fn flat_range(
        &self,
        flat: &FlatPath,
        from: Option<(String, bool)>,
        to: Option<(String, bool)>,
    ) -> Result<Lowered, Exception> {
        if flat.key.is_empty() {
            let accept: TermAcceptor = Arc::new(move |value| {
                let above = from.as_ref().is_none_or(|(bound, included)| {
                    value > bound.as_str() || (*included && value == bound)
                });
                let below = to.as_ref().is_none_or(|(bound, included)| {
                    value < bound.as_str() || (*included && value == bound)
                });
                above && below
            });
            return self.flat_terms(flat, "", Some(accept));
        }
        let field = self.indexed(&flat.leaf)?;
        let term = |text: &str| tantivy::Term::from_field_text(field, text);
        let bound = |(value, included): (String, bool)| {
            let term = term(&keyed(&flat.key, &value));
            if included { Bound::Included(term) } else { Bound::Excluded(term) }
        };
        let least = keyed(&flat.key, "");
        let most = super::term_set::after_prefix(least.as_bytes()).unwrap_or_default();
        let from = from.map_or_else(|| Bound::Included(term(&least)), bound);
        let most = Bound::Excluded(term(&String::from_utf8_lossy(&most)));
        let to = to.map_or(most, bound);
        Ok(Box::new(RangeQuery::new(from, to)))
    }
}
