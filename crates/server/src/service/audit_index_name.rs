//! What the indices of audit records are called (decision 0193), whichever backend has them.

use engine::cluster::Metadata;

/// An index of audit records in a domain: its name behind [`AuditIndex::PREFIX`].
pub(crate) struct AuditIndex(pub(crate) String);

impl AuditIndex {
    /// The beginning of their names.
    pub(crate) const PREFIX: &str = ".countersign-audit-";

    /// Memory that a request about one may take.
    pub(crate) const MEMORY_BYTES_MAX: u64 = 64 * 1024 * 1024;

    /// Its name.
    pub(crate) fn name(&self) -> String {
        [Self::PREFIX, &self.0].concat()
    }

    /// Those that there are, the oldest first: their names behind the prefix.
    pub(crate) fn among(metadata: &Metadata) -> Vec<String> {
        let names = metadata.indices().filter_map(|index| index.name.strip_prefix(Self::PREFIX));
        let mut names: Vec<String> = names.map(str::to_owned).collect();
        names.sort();
        names
    }
}
