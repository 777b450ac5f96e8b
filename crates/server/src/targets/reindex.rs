//! `_reindex`: what it reads as a search of each index, what it writes as a bulk on the index that it names.

use super::AskContext;
use super::asks::{Ask, OnDenial, RequestQuestions};
use super::documents::write_as;
use super::lookups::lookups;
use super::search::touch_all;
use engine::cluster::names::IndicesOptions;
use engine::exception::Exception;
use engine::rest::Reindexed;

/// Each source asks `es:ESHttpGet …/x/_search`, the destination `es:ESHttpPost …/y/_bulk`. A pipeline that sends a document
/// elsewhere was not asked about, and the engine refuses the document.
pub(super) fn reindex(
    scene: &AskContext<'_>,
    asks: &mut RequestQuestions,
) -> Result<(), Exception> {
    let body = scene.parsed.body.value();
    let names = Reindexed::of(body);
    let options = IndicesOptions::SEARCH;
    if !names.sources.is_empty() {
        let found = scene.catalog.resolve(&names.sources, options)?;
        let reads = |name: &str| Ask { action: "es:ESHttpGet", path: format!("/{name}/_search") };
        touch_all(asks, &found, options, OnDenial::Refuse, reads);
    }
    if let Some(dest) = &names.dest {
        let dest = scene.catalog.single(dest)?;
        let writes = |name: &str| Ask { action: "es:ESHttpPost", path: format!("/{name}/_bulk") };
        write_as(scene, asks, &dest, OnDenial::Refuse, writes);
    }
    lookups(scene, asks, body, |_| Some(OnDenial::Refuse));
    Ok(())
}
