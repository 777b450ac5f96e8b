//! The rows of `_cat`: tables for people.

macro_rules! cat_rows {
    ([$($before:tt)*] $($next:ident)*) => {
        gather! { [
            $($before)*

            CatAliases "cat.aliases" any reads Listing [all never] takes none needs "indices:admin/aliases/get" by cat::aliases "+indices +cat local os:timeout" {
                "GET /_cat/aliases"
                "GET /_cat/aliases/{name}"
            }
            CatAllocation "cat.allocation" any reads Listing [all never] takes none needs "cluster:monitor/state cluster:monitor/nodes/stats" by cat::allocation "+timeouts +cat bytes local" {
                "GET /_cat/allocation"
                "GET /_cat/allocation/{node_id}"
            }
            CatClusterManager "cat.cluster_manager" any reads Url takes none needs "cluster:monitor/state" by cat::cluster_manager "+timeouts +cat local" {
                "os GET /_cat/cluster_manager"
                "GET /_cat/master"
            }
            CatCount "cat.count" any reads CountedListing [open never] takes query needs "indices:data/read/search" by cat::count "+query_string +cat os:timeout" {
                "GET /_cat/count"
                "GET /_cat/count/{index}"
            }
            CatFielddata "cat.fielddata" any reads Listing [open never] takes none needs "cluster:monitor/nodes/stats" by cat::fielddata "+cat fields os:timeout" {
                "GET /_cat/fielddata"
                "GET /_cat/fielddata/{fields}"
            }
            CatHealth "cat.health" any reads Listing [all never] takes none needs "cluster:monitor/health" by cat::health "+cat os:timeout" {
                "GET /_cat/health"
            }
            CatHelp "cat.help" any reads Url takes none needs "cluster:monitor/main" by cat::help "" {
                "GET /_cat"
            }
            CatIndices "cat.indices" any reads Listing [any never] takes none needs "cluster:monitor/state cluster:monitor/health indices:monitor/settings/get indices:monitor/stats" by cat::indices "+indices +manager +cat health include_unloaded_segments local os:timeout" {
                "GET /_cat/indices"
                "GET /_cat/indices/{index}"
            }
            CatNodeattrs "cat.nodeattrs" any reads Url takes none needs "cluster:monitor/state cluster:monitor/nodes/info" by cat::nodeattrs "+timeouts +cat local" {
                "GET /_cat/nodeattrs"
            }
            CatNodes "cat.nodes" any reads Listing [all never] takes none needs "cluster:monitor/state cluster:monitor/nodes/info cluster:monitor/nodes/stats" by cat::nodes "+timeouts +cat bytes full_id local time" {
                "GET /_cat/nodes"
            }
            CatPendingTasks "cat.pending_tasks" any reads Url takes none needs "cluster:monitor/task" by cat::pending_tasks "+manager +cat local os:timeout" {
                "GET /_cat/pending_tasks"
            }
            CatPlugins "cat.plugins" any reads Url takes none needs "cluster:monitor/state cluster:monitor/nodes/info" by cat::plugins "+manager +cat local os:timeout" {
                "GET /_cat/plugins"
            }
            CatRecovery "cat.recovery" any reads Listing [all never] takes none needs "indices:monitor/recovery" by cat::recovery "+cat active_only bytes detailed index time" {
                "GET /_cat/recovery"
                "GET /_cat/recovery/{index}"
            }
            CatRepositories "cat.repositories" any reads Url takes none needs "cluster:admin/repository/get" by cat::repositories "+manager +cat local os:timeout" {
                "GET /_cat/repositories"
            }
            CatSegmentReplication "cat.segment_replication" os reads Listing [open never] takes none needs "indices:monitor/segment_replication" by cat::segment_replication "+cat active_only bytes detailed index shards time" {
                "GET /_cat/segment_replication"
                "GET /_cat/segment_replication/{index}"
            }
            CatSegments "cat.segments" any reads Listing [open never] takes none needs "cluster:monitor/state indices:monitor/segments" by cat::segments "+timeouts +cat bytes" {
                "GET /_cat/segments"
                "GET /_cat/segments/{index}"
            }
            CatShards "cat.shards" any reads Listing [open never] takes none needs "cluster:monitor/shards cluster:monitor/state indices:monitor/stats" by cat::shards "+manager +cat os:cancel_after_time_interval local os:timeout" {
                "GET /_cat/shards"
                "GET /_cat/shards/{index}"
            }
            CatSnapshots "cat.snapshots" any reads Snapshots takes none needs "cluster:admin/snapshot/get" by cat::snapshots "+manager +cat ignore_unavailable os:timeout" {
                "GET /_cat/snapshots"
                "GET /_cat/snapshots/{repository}"
            }
            CatTasks "cat.tasks" any reads Url takes none needs "cluster:monitor/tasks/lists" by cat::tasks "+cat actions detailed nodes parent_task_id timeout wait_for_completion" {
                "GET /_cat/tasks"
            }
            CatTemplates "cat.templates" any reads Url takes none needs "cluster:monitor/state" by cat::templates "+manager +cat local os:timeout" {
                "GET /_cat/templates"
                "GET /_cat/templates/{name}"
            }
            CatThreadPool "cat.thread_pool" any reads Listing [all never] takes none needs "cluster:monitor/state cluster:monitor/nodes/info cluster:monitor/nodes/stats" by cat::thread_pool "+timeouts +cat local size" {
                "GET /_cat/thread_pool"
                "GET /_cat/thread_pool/{thread_pool_patterns}"
            }
        ] $($next)* }
    };
}
