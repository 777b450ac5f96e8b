//! Which actions on which resources is a data-plane request? One file per API family, one question per touched thing.
//!
//! In mode `aws` the URL is the only question, as at Amazon. In mode `strict` the URL is asked **and** every index,
//! alias and looked-up document that the request really touches, as if it had been addressed in the URL: an item of
//! `POST /_bulk` on index `x` asks `es:ESHttpPost` on `…/x/_bulk`. Where no such URL exists: a row of a listing asks
//! `es:ESHttpGet …/x/_search`, a lookup `es:ESHttpGet …/x/_doc/ID`, an alias action `es:ESHttpPut` or
//! `es:ESHttpDelete` on `…/x/_alias/A`, `remove_index` asks `es:ESHttpDelete …/x`.
//!
//! Everything here is pure: the questions come from the parsed request and one metadata snapshot, the caller of
//! [`Asks::settle`] answers them, and the answers become the engine's [`View`]. The URL is always among the questions,
//! so what strict allows, aws allows.

mod aliases;
mod asks;
mod bulk;
mod cursors;
mod documents;
mod indices;
mod listing;
mod lookups;
mod search;
mod templates;

pub use asks::{Ask, Asks, Denied};
pub use cursors::owner;

use engine::Work;
use engine::cluster::Metadata;
use engine::exception::Exception;
use engine::rest::{Api, Parsed, Route};
use jiff::Timestamp;

/// The question about the URL alone: the method's action on the decoded path.
#[must_use]
pub fn url_ask(route: &Route) -> Ask {
    Ask { action: route.method.action(), path: route.path.clone() }
}

/// What the families need to know to ask.
struct Scene<'a> {
    parsed: &'a Parsed,
    metadata: &'a Metadata,
    now: Timestamp,
    work: &'a Work,
}

/// Every question that `parsed` raises in mode `strict` on `metadata`, the URL's first.
///
/// # Errors
/// A name or option that the engine would refuse, in Elasticsearch's words; nothing was asked yet, so the caller must
/// have asked [`url_ask`] before it shows the error to anybody. Nobody waits for the answer any
/// more (`work`), or there are more questions than fit into the request's memory: the gathering ends with an error, too.
pub fn asks(
    parsed: &Parsed,
    metadata: &Metadata,
    now: Timestamp,
    work: &Work,
) -> Result<Asks, Exception> {
    let mut asks = Asks::of_url(url_ask(&parsed.route), work);
    asks.opens_cursor = parsed.opens_cursor();
    let scene = Scene { parsed, metadata, now, work };
    gather(&scene, &mut asks)?;
    work.check()?;
    asks.fits()?;
    Ok(asks)
}

/// Gathers what the API asks for. The match is exhaustive, so that an API added to the table must be placed here.
// long: one arm for each family, a table in all but name
fn gather(scene: &Scene<'_>, asks: &mut Asks) -> Result<(), Exception> {
    if !scene.parsed.route.api.built() {
        // Authorized by its URL; the engine answers 501 and touches nothing.
        return Ok(());
    }
    match scene.parsed.route.api {
        Api::Index | Api::Create | Api::Update | Api::Delete => documents::write(scene, asks),
        Api::Get
        | Api::Exists
        | Api::GetSource
        | Api::ExistsSource
        | Api::Termvectors
        | Api::Explain => documents::read(scene, asks),
        Api::Bulk => bulk::bulk(scene, asks),
        Api::Mget => bulk::mget(scene, asks),
        Api::Search
        | Api::Count
        | Api::IndicesValidateQuery
        | Api::SearchShards
        | Api::UpdateByQuery
        | Api::DeleteByQuery => search::search(scene, asks),
        Api::Msearch => search::msearch(scene, asks),
        // A page is asked again for what its opening was asked for, and belongs to who opened it: `cursors`.
        Api::Scroll | Api::ClearScroll => Ok(()),
        Api::IndicesCreate => indices::create(scene, asks),
        Api::IndicesDelete
        | Api::IndicesGet
        | Api::IndicesExists
        | Api::IndicesExistsType
        | Api::IndicesOpen
        | Api::IndicesClose
        | Api::IndicesAddBlock
        | Api::IndicesGetMapping
        | Api::IndicesGetFieldMapping
        | Api::IndicesPutMapping
        | Api::IndicesGetSettings
        | Api::IndicesPutSettings
        | Api::IndicesRefresh
        | Api::IndicesFlush
        | Api::IndicesForcemerge
        | Api::IndicesClearCache
        | Api::IndicesUpgrade
        | Api::IndicesFreeze
        | Api::IndicesUnfreeze => indices::addressed(scene, asks),
        Api::IndicesAnalyze => indices::analyze(scene, asks),
        Api::IndicesUpdateAliases | Api::IndicesPutAlias | Api::IndicesDeleteAlias => {
            aliases::change(scene, asks)
        }
        Api::IndicesGetAlias
        | Api::IndicesExistsAlias
        | Api::FieldCaps
        | Api::IndicesStats
        | Api::IndicesSegments
        | Api::IndicesRecovery
        | Api::IndicesShardStores
        | Api::IndicesGetUpgrade
        | Api::IndicesResolveIndex
        | Api::CatAliases
        | Api::CatHealth
        | Api::CatIndices
        | Api::CatSegments
        | Api::CatShards
        | Api::CatRecovery
        | Api::CatFielddata
        | Api::CatSegmentReplication
        | Api::ClusterHealth
        | Api::ClusterState
        | Api::ClusterStats
        | Api::MigrationDeprecations
        | Api::IlmExplainLifecycle => listing::listing(scene, asks),
        Api::CatCount => listing::count(scene, asks),
        Api::IndicesPutTemplate
        | Api::IndicesPutIndexTemplate
        | Api::ClusterPutComponentTemplate
        | Api::IndicesSimulateTemplate
        | Api::IndicesSimulateIndexTemplate => {
            templates::put(scene, asks);
            Ok(())
        }
        api if url_alone(api) => Ok(()),
        // Touches indices in ways that no family knows yet: it must not be built before one does.
        api => Err(Exception::not_implemented(api.name())),
    }
}

/// The APIs that touch no index, alias or document: the URL says all there is.
fn url_alone(api: Api) -> bool {
    matches!(
        api,
        Api::Info
            | Api::Ping
            | Api::NodesInfo
            | Api::NodesHotThreads
            | Api::NodesUsage
            | Api::NodesReloadSecureSettings
            | Api::CatHelp
            | Api::CatNodes
            | Api::CatNodeattrs
            | Api::CatPlugins
            | Api::CatAllocation
            | Api::CatClusterManager
            | Api::CatThreadPool
            | Api::CatPendingTasks
            | Api::CatRepositories
            | Api::CatTasks
            | Api::ClusterGetSettings
            | Api::IndicesGetTemplate
            | Api::IndicesExistsTemplate
            | Api::IndicesDeleteTemplate
            | Api::IndicesGetIndexTemplate
            | Api::IndicesExistsIndexTemplate
            | Api::IndicesDeleteIndexTemplate
            | Api::ClusterGetComponentTemplate
            | Api::ClusterExistsComponentTemplate
            | Api::ClusterDeleteComponentTemplate
            | Api::CatTemplates
            | Api::ClusterPutSettings
            | Api::ClusterPendingTasks
            | Api::ClusterRemoteInfo
            | Api::GetScriptContext
            | Api::GetScriptLanguages
            | Api::LicenseGet
            | Api::XpackInfo
            | Api::XpackUsage
            | Api::SecurityAuthenticate
            // Registries that are empty here: there is nothing in them to leave out.
            | Api::IngestGetPipeline
            | Api::IngestDeletePipeline
            | Api::SearchPipelineGet
            | Api::SearchPipelineDelete
            | Api::GetScript
            | Api::DeleteScript
            | Api::SnapshotGetRepository
            | Api::SnapshotDeleteRepository
            | Api::SnapshotGet
            | Api::SnapshotDelete
            | Api::SnapshotStatus
            | Api::CatSnapshots
            | Api::GetAllPits
            | Api::DeleteAllPits
            | Api::TasksList
            | Api::TasksGet
            | Api::IndicesGetDataStream
            | Api::DanglingIndicesListDanglingIndices
    )
}

#[cfg(test)]
mod tests;
