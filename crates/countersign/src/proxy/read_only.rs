//! `--read-only`: which requests only read. Judged by API, on the engine's path table, never by
//! method alone: `POST _search` reads, `GET _delete_by_query` would not.

use engine::rest::{Api, Flavor, RouteError, route};

/// Lets a request through when the path table of one of the two services knows it as a read, and
/// that of neither as anything else.
pub(crate) fn gate(method: &str, path: &str, query: &str) -> Result<(), String> {
    let mut reads = false;
    for flavor in [Flavor::Elasticsearch710, Flavor::OpenSearch219] {
        match route(method, path, query, flavor) {
            Ok(route) if is_read(route.api) => reads = true,
            Ok(route) => {
                return Err(refusal(method, path, &format!("{:?} is not a read", route.api)));
            }
            Err(RouteError::UnmappedApi) => {}
            Err(_) => return Err(refusal(method, path, "not a request of any known API")),
        }
    }
    if reads { Ok(()) } else { Err(refusal(method, path, "not a request of any known API")) }
}

fn refusal(method: &str, path: &str, why: &str) -> String {
    format!("read-only: {method} {path} is refused ({why})")
}

/// APIs that change neither data nor settings. Contexts of one's own (scrolls, points in time,
/// asynchronous searches) may be opened and closed; not other people's at once.
// long: a table
fn is_read(api: Api) -> bool {
    matches!(
        api,
        Api::Get
            | Api::Exists
            | Api::GetSource
            | Api::ExistsSource
            | Api::Mget
            | Api::Termvectors
            | Api::Mtermvectors
            | Api::Explain
            | Api::Search
            | Api::Msearch
            | Api::Count
            | Api::Scroll
            | Api::ClearScroll
            | Api::SearchTemplate
            | Api::MsearchTemplate
            | Api::RenderSearchTemplate
            | Api::FieldCaps
            | Api::SearchShards
            | Api::RankEval
            | Api::CreatePit
            | Api::DeletePit
            | Api::OpenPointInTime
            | Api::ClosePointInTime
            | Api::AsyncSearchSubmit
            | Api::AsyncSearchGet
            | Api::AsyncSearchDelete
            | Api::SearchPipelineGet
            | Api::IndicesAnalyze
            | Api::IndicesDataStreamsStats
            | Api::IndicesExists
            | Api::IndicesExistsAlias
            | Api::IndicesExistsIndexTemplate
            | Api::IndicesExistsTemplate
            | Api::IndicesExistsType
            | Api::IndicesGet
            | Api::IndicesGetAlias
            | Api::IndicesGetDataStream
            | Api::IndicesGetFieldMapping
            | Api::IndicesGetIndexTemplate
            | Api::IndicesGetMapping
            | Api::IndicesGetSettings
            | Api::IndicesGetTemplate
            | Api::IndicesRecovery
            | Api::IndicesResolveIndex
            | Api::IndicesSegments
            | Api::IndicesShardStores
            | Api::IndicesStats
            | Api::IndicesValidateQuery
            | Api::CatAliases
            | Api::CatAllocation
            | Api::CatClusterManager
            | Api::CatCount
            | Api::CatFielddata
            | Api::CatHealth
            | Api::CatHelp
            | Api::CatIndices
            | Api::CatNodeattrs
            | Api::CatNodes
            | Api::CatPendingTasks
            | Api::CatPlugins
            | Api::CatRecovery
            | Api::CatRepositories
            | Api::CatSegmentReplication
            | Api::CatSegments
            | Api::CatShards
            | Api::CatSnapshots
            | Api::CatTasks
            | Api::CatTemplates
            | Api::CatThreadPool
            | Api::Info
            | Api::Ping
            | Api::ClusterAllocationExplain
            | Api::ClusterExistsComponentTemplate
            | Api::ClusterGetComponentTemplate
            | Api::ClusterGetSettings
            | Api::ClusterHealth
            | Api::ClusterPendingTasks
            | Api::ClusterRemoteInfo
            | Api::ClusterState
            | Api::ClusterStats
            | Api::NodesHotThreads
            | Api::NodesInfo
            | Api::NodesStats
            | Api::NodesUsage
            | Api::TasksGet
            | Api::TasksList
            | Api::IngestGetPipeline
            | Api::IngestProcessorGrok
            | Api::GetScript
            | Api::GetScriptContext
            | Api::GetScriptLanguages
            | Api::SnapshotGet
            | Api::SnapshotGetRepository
            | Api::SnapshotStatus
            | Api::XpackInfo
            | Api::XpackUsage
            | Api::LicenseGet
            | Api::IlmGetLifecycle
            | Api::IlmExplainLifecycle
            | Api::IlmGetStatus
            | Api::SecurityAuthenticate
            | Api::MigrationDeprecations
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_go_through_whatever_their_method() {
        for (method, path) in [
            ("GET", "/"),
            ("HEAD", "/books"),
            ("GET", "/books/_doc/1"),
            ("POST", "/books/_search"),
            ("GET", "/books,papers/_search"),
            ("POST", "/_msearch"),
            ("POST", "/books/_count"),
            ("POST", "/_mget"),
            ("POST", "/_search/scroll"),
            ("DELETE", "/_search/scroll"),
            ("GET", "/_cat/indices"),
            ("GET", "/_cluster/health"),
            ("GET", "/books/_mapping"),
        ] {
            assert_eq!(gate(method, path, ""), Ok(()), "{method} {path}");
        }
    }

    #[test]
    fn f11_everything_else_is_refused() {
        for (method, path) in [
            ("DELETE", "/"),
            ("DELETE", "/books"),
            ("PUT", "/books"),
            ("POST", "/books/_doc"),
            ("POST", "/_bulk"),
            ("POST", "/books/_delete_by_query"),
            ("GET", "/books/_delete_by_query"),
            ("POST", "/_reindex"),
            ("POST", "/_aliases"),
            ("PUT", "/_cluster/settings"),
            ("GET", "/books/_refresh"),
            ("POST", "/books/_close"),
            ("POST", "/_plugins/_sql"),
            ("GET", "/_no_such_api"),
            ("POST", "/books/_search/../_doc"),
            ("POST", "/books/%2e%2e/_search"),
        ] {
            assert!(gate(method, path, "").is_err(), "{method} {path}");
        }
    }
}
