//! The rows of the cluster and its nodes, and of what it keeps beside indices: pipelines, scripts, snapshots.

macro_rules! cluster_rows {
    ([$($before:tt)*] $($next:ident)*) => {
        gather! { [
            $($before)*

            // Cluster and nodes.
            Info "info" any reads Url takes none needs "cluster:monitor/main" by info::info "" {
                "GET /"
            }
            Ping "ping" any reads Url takes none needs "cluster:monitor/main" by info::ping "" {
                "HEAD /"
            }
            ClusterAllocationExplain "cluster.allocation_explain" any reads Listing [all never] takes optional needs "cluster:monitor/allocation/explain" by allocation::explain "include_disk_info include_yes_decisions" {
                "GET POST /_cluster/allocation/explain"
            }
            ClusterDeleteComponentTemplate "cluster.delete_component_template" any administers Url takes none needs "cluster:admin/component_template/delete" by templates::delete_component "+manager" {
                "DELETE /_component_template/{name}"
            }
            ClusterDeleteDecommissionAwareness "cluster.delete_decommission_awareness" os administers Undecided takes none needs "" later "" {
                "DELETE /_cluster/decommission/awareness"
            }
            ClusterDeleteVotingConfigExclusions "cluster.delete_voting_config_exclusions" any administers Url takes none needs "cluster:admin/voting_config/clear_exclusions" by registries::voting_exclusions "wait_for_removal" {
                "DELETE /_cluster/voting_config_exclusions"
            }
            ClusterDeleteWeightedRouting "cluster.delete_weighted_routing" os administers Undecided takes none needs "" later "" {
                "DELETE /_cluster/routing/awareness/weights"
            }
            ClusterExistsComponentTemplate "cluster.exists_component_template" any reads Url takes none needs "cluster:admin/component_template/get" by templates::exists_component "+manager flat_settings local" {
                "HEAD /_component_template/{name}"
            }
            ClusterGetComponentTemplate "cluster.get_component_template" any reads Url takes none needs "cluster:admin/component_template/get" by templates::get_component "+manager flat_settings local" {
                "GET /_component_template"
                "GET /_component_template/{name}"
            }
            ClusterGetDecommissionAwareness "cluster.get_decommission_awareness" os administers Undecided takes none needs "" later "" {
                "GET /_cluster/decommission/awareness/{awareness_attribute_name}/_status"
            }
            ClusterGetSettings "cluster.get_settings" any reads Url takes none needs "cluster:monitor/state" by cluster_settings::get "+manager flat_settings include_defaults local" {
                "GET /_cluster/settings"
            }
            ClusterGetWeightedRouting "cluster.get_weighted_routing" os administers Undecided takes none needs "" later "" {
                "GET /_cluster/routing/awareness/{attribute}/weights"
            }
            ClusterHealth "cluster.health" any reads Listing [any never] takes none needs "cluster:monitor/health" by health::health "+indices +timeouts os:awareness_attribute os:ensure_node_weighed_in level local wait_for_active_shards wait_for_events wait_for_no_initializing_shards wait_for_no_relocating_shards wait_for_nodes wait_for_status" {
                "GET /_cluster/health"
                "GET /_cluster/health/{index}"
            }
            ClusterPendingTasks "cluster.pending_tasks" any reads Url takes none needs "cluster:monitor/task" by registries::pending_tasks "+manager local" {
                "GET /_cluster/pending_tasks"
            }
            ClusterPostVotingConfigExclusions "cluster.post_voting_config_exclusions" any administers Url takes none needs "cluster:admin/voting_config/add_exclusions" by registries::exclude_from_voting "node_ids node_names timeout" {
                "POST /_cluster/voting_config_exclusions"
            }
            ClusterPutComponentTemplate "cluster.put_component_template" any administers Template takes required needs "cluster:admin/component_template/put" by templates::put_component "+timeouts create" {
                "PUT POST /_component_template/{name}"
            }
            ClusterPutDecommissionAwareness "cluster.put_decommission_awareness" os administers Undecided takes none needs "" later "" {
                "PUT /_cluster/decommission/awareness/{awareness_attribute_name}/{awareness_attribute_value}"
            }
            ClusterPutSettings "cluster.put_settings" any administers Url takes required needs "cluster:admin/settings/update" by cluster_settings::put "+timeouts flat_settings" {
                "PUT /_cluster/settings"
            }
            ClusterPutWeightedRouting "cluster.put_weighted_routing" os administers Undecided takes none needs "" later "" {
                "PUT /_cluster/routing/awareness/{attribute}/weights"
            }
            ClusterRemoteInfo "cluster.remote_info" any reads Url takes none needs "cluster:monitor/remote/info" by registries::remote_info "" {
                "GET /_remote/info"
            }
            ClusterReroute "cluster.reroute" any administers Listing [asked never] takes optional needs "cluster:admin/reroute" by allocation::reroute "+timeouts dry_run explain metric retry_failed" {
                "POST /_cluster/reroute"
            }
            ClusterState "cluster.state" any reads Listing [asked never] takes none needs "cluster:monitor/state" by state::state "+timeouts +indices flat_settings local wait_for_metadata_version wait_for_timeout" {
                "GET /_cluster/state"
                "GET /_cluster/state/{metric}"
                "GET /_cluster/state/{metric}/{index}"
            }
            ClusterStats "cluster.stats" any reads Listing [all never] takes none needs "cluster:monitor/stats" by statistics::stats "flat_settings timeout" {
                "GET /_cluster/stats"
                "GET /_cluster/stats/nodes/{node_id}"
            }
            NodesHotThreads "nodes.hot_threads" any reads Url takes none needs "cluster:monitor/nodes/hot_threads" by nodes::hot_threads "ignore_idle_threads interval snapshots threads timeout type" {
                "GET /_nodes/hot_threads"
                "GET /_nodes/{node_id}/hot_threads"
                "GET /_cluster/nodes/hotthreads"
                "GET /_cluster/nodes/{node_id}/hotthreads"
                "GET /_nodes/hotthreads"
                "GET /_nodes/{node_id}/hotthreads"
                "GET /_cluster/nodes/hot_threads"
                "GET /_cluster/nodes/{node_id}/hot_threads"
            }
            NodesInfo "nodes.info" any reads Url takes none needs "cluster:monitor/nodes/info" by nodes::info "flat_settings timeout" {
                "GET /_nodes"
                "GET /_nodes/{node_id}"
                "GET /_nodes/{metric}"
                "GET /_nodes/{node_id}/{metric}"
            }
            NodesReloadSecureSettings "nodes.reload_secure_settings" any administers Url takes optional needs "cluster:admin/nodes/reload_secure_settings" by nodes::reload_secure_settings "timeout" {
                "POST /_nodes/reload_secure_settings"
                "POST /_nodes/{node_id}/reload_secure_settings"
            }
            NodesStats "nodes.stats" any reads Listing [all never] takes none needs "cluster:monitor/nodes/stats" by nodes::statistics "completion_fields fielddata_fields fields groups include_segment_file_sizes level timeout types" {
                "GET /_nodes/stats"
                "GET /_nodes/{node_id}/stats"
                "GET /_nodes/stats/{metric}"
                "GET /_nodes/{node_id}/stats/{metric}"
                "GET /_nodes/stats/{metric}/{index_metric}"
                "GET /_nodes/{node_id}/stats/{metric}/{index_metric}"
            }
            NodesUsage "nodes.usage" any reads Url takes none needs "cluster:monitor/nodes/usage" by nodes::usage "timeout" {
                "GET /_nodes/usage"
                "GET /_nodes/{node_id}/usage"
                "GET /_nodes/usage/{metric}"
                "GET /_nodes/{node_id}/usage/{metric}"
            }
            TasksCancel "tasks.cancel" any administers Url takes none needs "cluster:admin/tasks/cancel" by task_api::cancel "actions group_by nodes parent_task_id wait_for_completion" {
                "POST /_tasks/_cancel"
                "POST /_tasks/{task_id}/_cancel"
            }
            TasksGet "tasks.get" any reads Url takes none needs "cluster:monitor/task/get" by task_api::get "timeout wait_for_completion" {
                "GET /_tasks/{task_id}"
            }
            TasksList "tasks.list" any reads Url takes none needs "cluster:monitor/tasks/lists" by task_api::list "actions detailed group_by nodes parent_task_id timeout wait_for_completion" {
                "GET /_tasks"
            }
            DanglingIndicesDeleteDanglingIndex "dangling_indices.delete_dangling_index" any administers Undecided takes none needs "" later "+timeouts accept_data_loss" {
                "DELETE /_dangling/{index_uuid}"
            }
            DanglingIndicesImportDanglingIndex "dangling_indices.import_dangling_index" any administers Undecided takes none needs "" later "+timeouts accept_data_loss" {
                "POST /_dangling/{index_uuid}"
            }
            DanglingIndicesListDanglingIndices "dangling_indices.list_dangling_indices" any administers Url takes none needs "cluster:admin/indices/dangling/list" by registries::dangling_indices "" {
                "GET /_dangling"
            }
            RemoteStoreRestore "remote_store.restore" os administers Undecided takes required needs "" later "cluster_manager_timeout wait_for_completion" {
                "POST /_remotestore/_restore"
            }
            RemoteStoreStats "remote_store.stats" os administers Undecided takes none needs "" later "timeout" {
                "GET /_remotestore/stats/{index}"
                "GET /_remotestore/stats/{index}/{shard_id}"
            }
            WlmStatsList "wlm_stats_list" os administers Undecided takes none needs "" later "next_token order size sort v" {
                "GET /_list/wlm_stats"
            }

            // Ingest, scripts, snapshots.
            IngestDeletePipeline "ingest.delete_pipeline" any administers Url takes none needs "cluster:admin/ingest/pipeline/delete" by ingest::delete "+timeouts" {
                "DELETE /_ingest/pipeline/{id}"
            }
            IngestGetPipeline "ingest.get_pipeline" any reads Url takes none needs "cluster:admin/ingest/pipeline/get" by ingest::get "+manager" {
                "GET /_ingest/pipeline"
                "GET /_ingest/pipeline/{id}"
            }
            IngestProcessorGrok "ingest.processor_grok" any reads Url takes none needs "cluster:admin/ingest/processor/grok/get" by ingest::grok_patterns "s" {
                "GET /_ingest/processor/grok"
            }
            IngestPutPipeline "ingest.put_pipeline" any administers Url takes required needs "cluster:admin/ingest/pipeline/put" by ingest::put "+timeouts" {
                "PUT /_ingest/pipeline/{id}"
            }
            IngestSimulate "ingest.simulate" any reads Url takes required needs "cluster:admin/ingest/pipeline/simulate" by simulate::simulate "verbose" {
                "GET POST /_ingest/pipeline/_simulate"
                "GET POST /_ingest/pipeline/{id}/_simulate"
            }
            PutScript "put_script" any administers Url takes required needs "cluster:admin/script/put" by scripts::put_script "+timeouts context" {
                "PUT POST /_scripts/{id}"
                "PUT POST /_scripts/{id}/{context}"
            }
            GetScript "get_script" any reads Url takes none needs "cluster:admin/script/get" by scripts::get_script "+manager" {
                "GET /_scripts/{id}"
            }
            GetScriptContext "get_script_context" any reads Url takes none needs "cluster:admin/script_context/get" by scripts::contexts "" {
                "GET /_script_context"
            }
            GetScriptLanguages "get_script_languages" any reads Url takes none needs "cluster:admin/script_language/get" by scripts::languages "" {
                "GET /_script_language"
            }
            DeleteScript "delete_script" any administers Url takes none needs "cluster:admin/script/delete" by scripts::delete_script "+timeouts" {
                "DELETE /_scripts/{id}"
            }
            ScriptsPainlessExecute "scripts_painless_execute" any administers ScriptTrial takes optional needs "cluster:admin/scripts/painless/execute" by painless_execute::execute "" {
                "GET POST /_scripts/painless/_execute"
            }
            SnapshotCleanupRepository "snapshot.cleanup_repository" any administers Url takes none needs "cluster:admin/repository/_cleanup" by snapshots::cleanup_repository "+timeouts" {
                "POST /_snapshot/{repository}/_cleanup"
            }
            SnapshotClone "snapshot.clone" any administers Snapshots takes required needs "cluster:admin/snapshot/clone" by snapshots::clone "+timeouts" {
                "PUT /_snapshot/{repository}/{snapshot}/_clone/{target_snapshot}"
            }
            SnapshotCreate "snapshot.create" any administers SnapshotTaken takes optional needs "cluster:admin/snapshot/create" by snapshots::create "+timeouts wait_for_completion" {
                "PUT POST /_snapshot/{repository}/{snapshot}"
            }
            SnapshotCreateRepository "snapshot.create_repository" any administers Url takes required needs "cluster:admin/repository/put" by snapshots::put_repository "+timeouts verify" {
                "PUT POST /_snapshot/{repository}"
            }
            SnapshotDelete "snapshot.delete" any administers Url takes none needs "cluster:admin/snapshot/delete" by snapshots::delete "+manager" {
                "DELETE /_snapshot/{repository}/{snapshot}"
            }
            SnapshotDeleteRepository "snapshot.delete_repository" any administers Url takes none needs "cluster:admin/repository/delete" by snapshots::delete_repository "+timeouts" {
                "DELETE /_snapshot/{repository}"
            }
            SnapshotGet "snapshot.get" any reads Snapshots takes none needs "cluster:admin/snapshot/get" by snapshots::get "+manager ignore_unavailable verbose" {
                "GET /_snapshot/{repository}/{snapshot}"
            }
            SnapshotGetRepository "snapshot.get_repository" any reads Url takes none needs "cluster:admin/repository/get" by snapshots::get_repository "+manager flat_settings local" {
                "GET /_snapshot"
                "GET /_snapshot/{repository}"
            }
            SnapshotRestore "snapshot.restore" any administers Restored takes optional needs "cluster:admin/snapshot/restore indices:admin/create indices:data/write/index" by snapshots::restore "+timeouts source_remote_store_repository wait_for_completion" {
                "POST /_snapshot/{repository}/{snapshot}/_restore"
            }
            SnapshotStatus "snapshot.status" any reads Snapshots takes none needs "cluster:admin/snapshot/status" by snapshots::status "+manager ignore_unavailable" {
                "GET /_snapshot/_status"
                "GET /_snapshot/{repository}/_status"
                "GET /_snapshot/{repository}/{snapshot}/_status"
                "os GET /_snapshot/{repository}/{snapshot}/{index}/_status"
            }
            SnapshotVerifyRepository "snapshot.verify_repository" any administers Url takes none needs "cluster:admin/repository/verify" by snapshots::verify_repository "+timeouts" {
                "POST /_snapshot/{repository}/_verify"
            }
        ] $($next)* }
    };
}
