//! Listings: asked for the concrete indices alone, so that no row of another can be in them. Those that a cluster tells only of
//! all of its indices are refused.

use engine::Response;
use engine::exception::Exception;
use engine::rest::{Api, resolved_indices};

use super::{JudgedRequest, Plan, refused, sent};

impl JudgedRequest<'_> {
    /// Rows about the URL's indices.
    pub(super) fn listing(&self) -> Result<Plan, Exception> {
        let route = self.route();
        match route.api {
            Api::CatIndices
            | Api::CatShards
            | Api::CatSegments
            | Api::CatCount
            | Api::CatSegmentReplication
            | Api::FieldCaps
            | Api::IndicesStats
            | Api::IndicesSegments
            | Api::IndicesRecovery
            | Api::IndicesShardStores
            | Api::IndicesGetUpgrade
            | Api::IndicesGetAlias
            | Api::IndicesExistsAlias
            | Api::ClusterHealth => {
                let pinned = self.pinned_url()?;
                Ok(sent(self.on_indices(&pinned.list(), self.json_body())?))
            }
            Api::IndicesResolveIndex => self.resolved(),
            // Its parameter `index` names indices, too.
            Api::CatRecovery if route.query.get("index").is_none() => {
                let pinned = self.pinned_url()?;
                Ok(sent(self.on_indices(&pinned.list(), self.json_body())?))
            }
            // Their columns that are shown unasked, and these parts of the state, are of nodes alone.
            Api::CatNodes | Api::CatThreadPool if route.query.get("h").is_none() => self.as_it_is(),
            Api::ClusterState
                if route.part("index").is_none()
                    && route.part("metric").is_some_and(|list| {
                        list.split(',').all(|metric| OF_NODES.contains(&metric))
                    }) =>
            {
                self.as_it_is()
            }
            Api::NodesStats
                if route.part("metric").is_some_and(|list| {
                    list.split(',').all(|metric| STATS_OF_NODES.contains(&metric))
                }) =>
            {
                self.as_it_is()
            }
            other => Err(refused(other.name())),
        }
    }
}

impl JudgedRequest<'_> {
    /// What names come to, told of the metadata that the request was judged on: the cluster would tell of an alias all that is
    /// behind it.
    fn resolved(&self) -> Result<Plan, Exception> {
        let query = &self.route().query;
        if let Some(name) =
            ["filter_path", "format", "pretty"].iter().find(|name| query.get(name).is_some())
        {
            return Err(refused(&format!("indices.resolve_index with {name}")));
        }
        let sees = |uuid: &str| self.grants.sees(uuid);
        let told = resolved_indices(self.route(), self.metadata, self.now, sees)?;
        Ok(Plan::Answered(Response::json(200, &told)))
    }
}

/// The parts of a cluster's state that tell of no index.
const OF_NODES: &[&str] = &["version", "nodes", "master_node", "cluster_manager_node"];

/// The statistics of nodes that tell of no index.
const STATS_OF_NODES: &[&str] =
    &["os", "process", "jvm", "thread_pool", "fs", "transport", "breaker"];
