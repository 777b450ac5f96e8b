//! What the index names of a request come to, whichever backend serves the domain.
//!
//! The families of this folder ask for names here and see no metadata of a backend
//! (docs/decisions/0100-backends.md).

use std::sync::Arc;

use engine::Work;
use engine::cluster::Metadata;
use engine::cluster::metadata::IndexMetadata;
use engine::cluster::names::{self, IndicesOptions, Named};
use engine::exception::Exception;
use engine::rest::{BulkItem, Parsed, Route};
use engine::snapshots::RestoredIndex;
use jiff::Timestamp;
use serde_json::Value;

/// The indices and aliases of one domain, as one request finds them: what is resolved to ask is resolved in the same way,
/// on the same state, to execute.
///
/// Of the engine in this binary it is the state that the request runs on; of a cluster elsewhere what that told of itself,
/// and the request is rewritten so that it runs on nothing else (`clusters/rewrite/`).
#[derive(Clone, Copy, Debug)]
pub struct IndexCatalog<'a> {
    /// The indices.
    pub metadata: &'a Metadata,
    /// The request's time, for date math in names.
    pub now: Timestamp,
    /// The indices of snapshots that are being made and that the request may tell of, by name and uuid.
    pub being_snapshotted: &'a [(String, Arc<str>)],
}

/// One name that an expression came to.
#[derive(Clone, Debug)]
pub(super) struct CatalogName {
    /// The name of the index or alias, date math resolved.
    pub(super) name: String,
    /// Whether a pattern found it; otherwise it was named.
    pub(super) wildcard: bool,
    /// The index itself, or those behind the alias; none when there is nothing of that name.
    pub(super) indices: Vec<CatalogIndex>,
}

/// One index of the catalog.
#[derive(Clone, Debug)]
pub(super) struct CatalogIndex(Arc<IndexMetadata>);

impl IndexCatalog<'_> {
    /// What index expressions come to; none means every index. A name that is not there comes back without indices, so
    /// that it is asked about before its absence is told.
    ///
    /// # Errors
    /// Names that cannot be, remote clusters, too many expressions.
    pub(super) fn resolve<S: AsRef<str>>(
        &self,
        expressions: &[S],
        options: IndicesOptions,
    ) -> Result<Vec<CatalogName>, Exception> {
        let IndexCatalog { metadata, now, .. } = *self;
        let found = names::resolve(metadata, expressions, options, now)?;
        Ok(found.into_iter().map(CatalogName::from).collect())
    }

    /// What the one name in the URL or item of a document comes to: no pattern, but date math.
    ///
    /// # Errors
    /// A remote cluster's name, date math that cannot be read.
    pub(super) fn single(&self, name: &str) -> Result<CatalogName, Exception> {
        let IndexCatalog { metadata, now, .. } = *self;
        names::single(metadata, name, now).map(CatalogName::from)
    }

    /// Where its ingest pipelines send the document of a request; none: where it was meant to go.
    pub(super) fn rerouted(&self, work: &Work, parsed: &Parsed) -> Option<String> {
        let IndexCatalog { metadata, now, .. } = *self;
        engine::document::destination(metadata, now, work, &parsed.route, &parsed.body)
    }

    /// As [`IndexCatalog::rerouted`], of one item of a `_bulk`.
    pub(super) fn item_rerouted(
        &self,
        work: &Work,
        route: &Route,
        item: &BulkItem,
    ) -> Option<String> {
        let IndexCatalog { metadata, now, .. } = *self;
        engine::document::item_destination(metadata, now, work, route, item)
    }

    /// The names and uuids of the indices in the snapshots that `patterns` name, and in those that are being made.
    pub(super) fn snapshotted(&self, repository: &str, patterns: &str) -> Vec<(String, Arc<str>)> {
        let IndexCatalog { metadata, being_snapshotted, .. } = *self;
        let mut all = metadata.repositories().indices_of(repository, patterns);
        all.extend(being_snapshotted.iter().cloned());
        all
    }

    /// What a request to restore a snapshot comes to.
    ///
    /// # Errors
    /// What is wrong with its body.
    pub(super) fn restored(
        &self,
        place: (&str, &str),
        body: &Value,
    ) -> Result<Vec<RestoredIndex>, Exception> {
        let IndexCatalog { metadata, .. } = *self;
        engine::snapshots::restored(metadata, place, body)
    }

    /// Whether `name` is a data stream's.
    pub(super) fn is_stream(&self, name: &str) -> bool {
        let IndexCatalog { metadata, .. } = *self;
        metadata.data_stream(name).is_some()
    }

    /// The first index behind the data stream that a write to `name` would make, if it would make one.
    pub(super) fn stream_to_be(&self, name: &str) -> Option<String> {
        let IndexCatalog { metadata, .. } = *self;
        metadata.stream_to_be(name)
    }

    /// By what names roles may name what is behind `name`: each index with its aliases and its data stream. A name of which
    /// there is nothing is itself.
    pub(crate) fn names_behind(&self, name: &str) -> Vec<Vec<String>> {
        let IndexCatalog { metadata, .. } = *self;
        let behind: Vec<&Arc<IndexMetadata>> =
            match (metadata.index(name), metadata.data_stream(name)) {
                (Some(index), _) => vec![index],
                (None, Some(stream)) => {
                    stream.indices.iter().filter_map(|index| metadata.index(index)).collect()
                }
                (None, None) => metadata.alias(name),
            };
        match behind.is_empty() {
            true => vec![[name].into_iter().chain(stream_of(name)).map(str::to_owned).collect()],
            false => behind.into_iter().map(|index| self.all_names(index)).collect(),
        }
    }

    /// The indices with these uuids, by what names roles may name each.
    pub(crate) fn names_of(&self, uuids: &[Arc<str>]) -> Vec<(Arc<str>, Vec<String>)> {
        let IndexCatalog { metadata, .. } = *self;
        let named = metadata.indices().filter(|index| uuids.contains(&index.uuid));
        named.map(|index| (Arc::clone(&index.uuid), self.all_names(index))).collect()
    }

    /// What an item that names `name` writes to, as far as that is an index.
    pub(crate) fn written_name(&self, name: &str) -> String {
        let single = self.single(name).map_or_else(|_| name.to_owned(), |single| single.name);
        self.write_index(&single).map_or(single, |index| index.name().to_owned())
    }

    /// The name of an index, those of its aliases, and that of its data stream.
    fn all_names(&self, index: &IndexMetadata) -> Vec<String> {
        let IndexCatalog { metadata, .. } = *self;
        let stream = metadata.data_stream_of(&index.name).map(|stream| stream.name.clone());
        let aliases = index.aliases.keys().cloned();
        [index.name.clone()].into_iter().chain(aliases).chain(stream).collect()
    }

    /// The index that a write to `name` goes to: the index itself, or the write index behind the alias.
    pub(super) fn write_index(&self, name: &str) -> Option<CatalogIndex> {
        let IndexCatalog { metadata, .. } = *self;
        metadata.write_index(name).map(|index| CatalogIndex(Arc::clone(index)))
    }
}

/// The data stream of which an index of this name would be one.
fn stream_of(name: &str) -> Option<&str> {
    let (stream, generation) = name.strip_prefix(".ds-")?.rsplit_once('-')?;
    generation.bytes().all(|byte| byte.is_ascii_digit()).then_some(stream)
}

impl CatalogIndex {
    /// Its name.
    pub(super) fn name(&self) -> &str {
        let CatalogIndex(index) = self;
        &index.name
    }

    /// The name as it was given when it was made.
    pub(super) fn provided_name(&self) -> &str {
        let CatalogIndex(index) = self;
        &index.provided_name
    }

    /// What it is told from an earlier index of its name by: what a view holds.
    pub(super) fn uuid(&self) -> Arc<str> {
        let CatalogIndex(index) = self;
        Arc::clone(&index.uuid)
    }

    /// The aliases it has.
    pub(super) fn aliases(&self) -> impl Iterator<Item = &str> {
        let CatalogIndex(index) = self;
        index.aliases.keys().map(String::as_str)
    }
}

impl From<Named> for CatalogName {
    fn from(named: Named) -> CatalogName {
        let indices = named.indices.into_iter().map(CatalogIndex).collect();
        CatalogName { name: named.name, wildcard: named.wildcard, indices }
    }
}
