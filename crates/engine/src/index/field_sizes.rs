//! How many bytes the terms of those fields take whose terms are more than an index of documents: of texts with `fielddata`, by
//! whose words searches sort, and of completions. Nothing of them is kept beside the segments.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::Snapshot;
use super::fault::Fault;
use crate::mapping::Leaf;
use crate::mapping::completion::Completion;
use crate::mapping::text::Text;

/// Bytes by the paths of fields.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct FieldSizes {
    /// Of the words of texts with `fielddata`.
    pub(crate) fielddata: BTreeMap<String, u64>,
    /// Of `completion` fields.
    pub(crate) completion: BTreeMap<String, u64>,
}

impl FieldSizes {
    /// Adds another index's bytes.
    pub(crate) fn add(&mut self, other: &FieldSizes) {
        let pairs =
            [(&mut self.fielddata, &other.fielddata), (&mut self.completion, &other.completion)];
        for (sum, more) in pairs {
            for (path, bytes) in more {
                let sum = sum.entry(path.clone()).or_default();
                *sum = sum.saturating_add(*bytes);
            }
        }
    }
}

impl Snapshot {
    /// What the fields take of which `shows` says yes to the path.
    ///
    /// # Errors
    /// What tantivy says.
    pub(crate) fn field_sizes(&self, shows: impl Fn(&str) -> bool) -> Result<FieldSizes, Fault> {
        let mut sizes = FieldSizes::default();
        let is_completion = |leaf: &Leaf| leaf.kind.is::<Completion>();
        let is_wanted = |leaf: &&Arc<Leaf>| {
            let has_fielddata = leaf.kind.get::<Text>().is_some_and(|text| text.fielddata);
            (has_fielddata || is_completion(leaf)) && shows(&leaf.path)
        };
        let wanted: Vec<&Arc<Leaf>> = self.mapping.leaves().filter(is_wanted).collect();
        if wanted.is_empty() {
            return Ok(sizes);
        }
        let mut bytes: HashMap<String, u64> = HashMap::new();
        for reader in self.searcher.segment_readers() {
            let used = reader.space_usage().map_err(tantivy::TantivyError::from)?;
            for own in used.termdict().fields() {
                *bytes.entry(own.field_name().to_owned()).or_default() += own.total().get_bytes();
            }
        }
        for leaf in wanted {
            let kept = match is_completion(leaf) {
                true => &mut sizes.completion,
                false => &mut sizes.fielddata,
            };
            let name = leaf.field.map(|field| self.mapping.schema().get_field_name(field));
            let own = name.and_then(|name| bytes.get(name)).copied();
            kept.insert(leaf.path.clone(), own.unwrap_or_default());
        }
        Ok(sizes)
    }
}
