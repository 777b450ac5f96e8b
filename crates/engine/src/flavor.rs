//! Which service a domain says it is.

/// Which service a domain says it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Flavor {
    /// Elasticsearch 7.10.2.
    Elasticsearch710,
    /// OpenSearch 2.19.1.
    OpenSearch219,
}
