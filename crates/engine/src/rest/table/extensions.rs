//! The rows of what came beside Elasticsearch's own paths: x-pack, plugins, later versions of OpenSearch.

macro_rules! extensions_rows {
    ([$($before:tt)*] $($next:ident)*) => {
        gather! { [
            $($before)*

            // What Elasticsearch 7.10 adds under x-pack and that its clients call.
            XpackInfo "xpack.info" es reads Url takes none needs "" later "+timeouts categories accept_enterprise" {
                "GET /_xpack"
            }
            XpackUsage "xpack.usage" es reads Url takes none needs "" later "+timeouts" {
                "GET /_xpack/usage"
            }
            LicenseGet "license.get" es reads Url takes none needs "" later "local accept_enterprise" {
                "GET /_license"
                "GET /_xpack/license"
            }
            IlmGetLifecycle "ilm.get_lifecycle" es reads Undecided takes none needs "" later "+timeouts" {
                "GET /_ilm/policy"
                "GET /_ilm/policy/{policy}"
            }
            IlmPutLifecycle "ilm.put_lifecycle" es administers Undecided takes optional needs "" later "+timeouts" {
                "PUT /_ilm/policy/{policy}"
            }
            IlmDeleteLifecycle "ilm.delete_lifecycle" es administers Undecided takes none needs "" later "+timeouts" {
                "DELETE /_ilm/policy/{policy}"
            }
            IlmExplainLifecycle "ilm.explain_lifecycle" es reads Listing [open never] takes none needs "" later "only_errors only_managed" {
                "GET /{index}/_ilm/explain"
            }
            IlmGetStatus "ilm.get_status" es reads Undecided takes none needs "" later "" {
                "GET /_ilm/status"
            }
            IlmStart "ilm.start" es administers Undecided takes none needs "" later "+timeouts" {
                "POST /_ilm/start"
            }
            IlmStop "ilm.stop" es administers Undecided takes none needs "" later "+timeouts" {
                "POST /_ilm/stop"
            }
            OpenPointInTime "open_point_in_time" es reads Search [open never] takes none needs "indices:data/read/open_point_in_time" by pits::open "+indices keep_alive preference routing" {
                "POST /_pit"
                "POST /{index}/_pit"
            }
            ClosePointInTime "close_point_in_time" es reads Cursor takes required needs "indices:data/read/close_point_in_time" by pits::close "" {
                "DELETE /_pit"
            }
            AsyncSearchSubmit "async_search.submit" es reads Search [open never] takes optional needs "indices:data/read/async_search/submit indices:data/read/search" by async_search::submit "+searching +query_string +source_filter +indices keep_alive keep_on_completion typed_keys wait_for_completion_timeout" {
                "POST /_async_search"
                "POST /{index}/_async_search"
            }
            AsyncSearchGet "async_search.get" es reads Cursor takes none needs "indices:data/read/async_search/get" by async_search::get "keep_alive typed_keys wait_for_completion_timeout" {
                "GET /_async_search/{id}"
            }
            AsyncSearchDelete "async_search.delete" es reads Cursor takes none needs "indices:data/read/async_search/delete" by async_search::delete "" {
                "DELETE /_async_search/{id}"
            }
            SecurityAuthenticate "security.authenticate" es reads Url takes none needs "" later "" {
                "GET /_security/_authenticate"
            }
            IndicesFreeze "indices.freeze" es administers Indices [open never] takes none needs "" later "+indices +timeouts wait_for_active_shards" {
                "POST /{index}/_freeze"
            }
            IndicesUnfreeze "indices.unfreeze" es administers Indices [open never] takes none needs "" later "+indices +timeouts wait_for_active_shards" {
                "POST /{index}/_unfreeze"
            }
            IndicesExistsType "indices.exists_type" es reads Indices [open never] takes none needs "indices:admin/types/exists" by indices::exists_type "+indices include_type_name local master_timeout" {
                "HEAD /{index}/_mapping/{type}"
            }
            MigrationDeprecations "migration.deprecations" es reads Listing [open never] takes none needs "" later "" {
                "GET /_migration/deprecations"
                "GET /{index}/_migration/deprecations"
            }

            // Families of plugins that Amazon's service has: known by their prefix, none of them built. Once `_opendistro`, now
            // `_plugins`.
            PluginsAlerting "plugins.alerting" any administers Undecided takes optional needs "" later "" {
                "os GET HEAD POST PUT DELETE /_plugins/_alerting/{rest}"
                "GET HEAD POST PUT DELETE /_opendistro/_alerting/{rest}"
            }
            PluginsAnomalyDetection "plugins.anomaly_detection" any administers Undecided takes optional needs "" later "" {
                "os GET HEAD POST PUT DELETE /_plugins/_anomaly_detection/{rest}"
                "GET HEAD POST PUT DELETE /_opendistro/_anomaly_detection/{rest}"
            }
            AsynchronousSearchSubmit "plugins.asynchronous_search.submit" any reads Search [open never] takes optional needs "cluster:admin/opendistro/asynchronous_search/submit indices:data/read/search" by asynchronous_search::submit "+searching +query_string +source_filter +indices index keep_alive keep_on_completion typed_keys wait_for_completion_timeout" {
                "os POST /_plugins/_asynchronous_search"
                "POST /_opendistro/_asynchronous_search"
            }
            AsynchronousSearchStats "plugins.asynchronous_search.stats" any administers Url takes none needs "cluster:admin/opendistro/asynchronous_search/stats" by asynchronous_search::stats "" {
                "os GET /_plugins/_asynchronous_search/stats"
                "GET /_opendistro/_asynchronous_search/stats"
            }
            AsynchronousSearchGet "plugins.asynchronous_search.get" any reads Cursor takes none needs "cluster:admin/opendistro/asynchronous_search/get" by asynchronous_search::get "keep_alive typed_keys wait_for_completion_timeout" {
                "os GET /_plugins/_asynchronous_search/{id}"
                "GET /_opendistro/_asynchronous_search/{id}"
            }
            AsynchronousSearchDelete "plugins.asynchronous_search.delete" any reads Cursor takes none needs "cluster:admin/opendistro/asynchronous_search/delete" by asynchronous_search::delete "" {
                "os DELETE /_plugins/_asynchronous_search/{id}"
                "DELETE /_opendistro/_asynchronous_search/{id}"
            }
            PluginsAsynchronousSearch "plugins.asynchronous_search" any administers Undecided takes optional needs "" later "" {
                "os GET HEAD POST PUT DELETE /_plugins/_asynchronous_search/_nodes/{rest}"
                "GET HEAD POST PUT DELETE /_opendistro/_asynchronous_search/_nodes/{rest}"
            }
            PluginsIsm "plugins.ism" any administers Undecided takes optional needs "" later "" {
                "os GET HEAD POST PUT DELETE /_plugins/_ism"
                "GET HEAD POST PUT DELETE /_opendistro/_ism"
                "os GET HEAD POST PUT DELETE /_plugins/_ism/{rest}"
                "GET HEAD POST PUT DELETE /_opendistro/_ism/{rest}"
            }
            PluginsKnn "plugins.knn" any administers Undecided takes optional needs "" later "" {
                "os GET HEAD POST PUT DELETE /_plugins/_knn"
                "GET HEAD POST PUT DELETE /_opendistro/_knn"
                "os GET HEAD POST PUT DELETE /_plugins/_knn/{rest}"
                "GET HEAD POST PUT DELETE /_opendistro/_knn/{rest}"
            }
            PluginsPpl "plugins.ppl" any administers Undecided takes optional needs "" later "" {
                "os GET HEAD POST PUT DELETE /_plugins/_ppl"
                "GET HEAD POST PUT DELETE /_opendistro/_ppl"
                "os GET HEAD POST PUT DELETE /_plugins/_ppl/{rest}"
                "GET HEAD POST PUT DELETE /_opendistro/_ppl/{rest}"
            }
            PluginsReports "plugins.reports" any administers Undecided takes optional needs "" later "" {
                "os GET HEAD POST PUT DELETE /_plugins/_reports"
                "GET HEAD POST PUT DELETE /_opendistro/_reports"
                "os GET HEAD POST PUT DELETE /_plugins/_reports/{rest}"
                "GET HEAD POST PUT DELETE /_opendistro/_reports/{rest}"
            }
            PluginsRollup "plugins.rollup" any administers Undecided takes optional needs "" later "" {
                "os GET HEAD POST PUT DELETE /_plugins/_rollup"
                "GET HEAD POST PUT DELETE /_opendistro/_rollup"
                "os GET HEAD POST PUT DELETE /_plugins/_rollup/{rest}"
                "GET HEAD POST PUT DELETE /_opendistro/_rollup/{rest}"
            }
            PluginsSecurity "plugins.security" any administers Url takes optional needs "restapi:admin" by registries::security_configuration "" {
                "os GET HEAD POST PUT DELETE PATCH /_plugins/_security/{rest}"
                "GET HEAD POST PUT DELETE PATCH /_opendistro/_security/{rest}"
            }
            PluginsSql "plugins.sql" any administers Undecided takes optional needs "" later "" {
                "os GET HEAD POST PUT DELETE /_plugins/_sql"
                "GET HEAD POST PUT DELETE /_opendistro/_sql"
                "os GET HEAD POST PUT DELETE /_plugins/_sql/{rest}"
                "GET HEAD POST PUT DELETE /_opendistro/_sql/{rest}"
            }
            PluginsTransform "plugins.transform" any administers Undecided takes optional needs "" later "" {
                "os GET HEAD POST PUT DELETE /_plugins/_transform"
                "GET HEAD POST PUT DELETE /_opendistro/_transform"
                "os GET HEAD POST PUT DELETE /_plugins/_transform/{rest}"
                "GET HEAD POST PUT DELETE /_opendistro/_transform/{rest}"
            }
            PluginsFlowFramework "plugins.flow_framework" os administers Undecided takes optional needs "" later "" {
                "GET HEAD POST PUT DELETE /_plugins/_flow_framework/{rest}"
            }
            PluginsGeospatial "plugins.geospatial" os administers Undecided takes optional needs "" later "" {
                "GET HEAD POST PUT DELETE /_plugins/_geospatial/{rest}"
            }
            PluginsMl "plugins.ml" os administers Undecided takes optional needs "" later "" {
                "GET HEAD POST PUT DELETE /_plugins/_ml/{rest}"
            }
            PluginsNeural "plugins.neural" os administers Undecided takes optional needs "" later "" {
                "GET HEAD POST PUT DELETE /_plugins/_neural/{rest}"
            }
            PluginsNotifications "plugins.notifications" os administers Undecided takes optional needs "" later "" {
                "GET HEAD POST PUT DELETE /_plugins/_notifications/{rest}"
            }
            PluginsObservability "plugins.observability" os administers Undecided takes optional needs "" later "" {
                "GET HEAD POST PUT DELETE /_plugins/_observability/{rest}"
            }
            PluginsQuery "plugins.query" os administers Undecided takes optional needs "" later "" {
                "GET HEAD POST PUT DELETE /_plugins/_query/{rest}"
            }
            PluginsReplication "plugins.replication" os administers Undecided takes optional needs "" later "" {
                "GET HEAD POST PUT DELETE /_plugins/_replication/{rest}"
            }
            PluginsSecurityAnalytics "plugins.security_analytics" os administers Undecided takes optional needs "" later "" {
                "GET HEAD POST PUT DELETE /_plugins/_security_analytics/{rest}"
            }
            PluginsSm "plugins.sm" os administers Undecided takes optional needs "" later "" {
                "GET HEAD POST PUT DELETE /_plugins/_sm/{rest}"
            }
            PluginsPerformanceAnalyzer "plugins.performance_analyzer" any administers Undecided takes optional needs "" later "" {
                "os GET HEAD POST PUT DELETE /_plugins/_performanceanalyzer/{rest}"
                "GET HEAD POST PUT DELETE /_opendistro/_performanceanalyzer/{rest}"
            }
            PluginsRefreshSearchAnalyzers "plugins.refresh_search_analyzers" any administers Undecided takes optional needs "" later "" {
                "os POST /_plugins/_refresh_search_analyzers/{index}"
                "POST /_opendistro/_refresh_search_analyzers/{index}"
            }
            PluginsLearningToRank "plugins.learning_to_rank" any administers Undecided takes optional needs "" later "" {
                "GET HEAD POST PUT DELETE /_ltr"
                "GET HEAD POST PUT DELETE /_ltr/{rest}"
            }
            PluginsQueryInsights "plugins.query_insights" os administers Undecided takes optional needs "" later "" {
                "GET /_insights/{rest}"
            }
            PluginsWorkloadManagement "plugins.workload_management" os administers Undecided takes optional needs "" later "" {
                "GET HEAD POST PUT DELETE /_wlm/{rest}"
            }
            Dashboards "dashboards" any administers Undecided takes optional needs "" later "" {
                "os GET HEAD POST PUT DELETE /_dashboards"
                "os GET HEAD POST PUT DELETE /_dashboards/{rest}"
                "GET HEAD POST PUT DELETE /_plugin/kibana"
                "GET HEAD POST PUT DELETE /_plugin/kibana/{rest}"
            }

            // What came later to OpenSearch.
            ListIndices "list.indices" os administers Undecided takes optional needs "" later "" {
                "GET /_list"
                "GET /_list/indices"
                "GET /_list/indices/{index}"
            }
            ListShards "list.shards" os administers Undecided takes optional needs "" later "" {
                "GET /_list/shards"
                "GET /_list/shards/{index}"
            }
            CatPitSegments "cat.pit_segments" os administers Undecided takes optional needs "" later "" {
                "GET /_cat/pit_segments"
                "GET /_cat/pit_segments/_all"
            }

            // Families of Elastic's x-pack, which its clients call and Amazon's service never had.
            XpackFamily "xpack" es administers Undecided takes optional needs "" later "" {
                "GET HEAD POST PUT DELETE /_xpack/{rest}"
            }
            XpackSql "xpack.sql" es administers Undecided takes optional needs "" later "" {
                "GET HEAD POST PUT DELETE /_sql"
                "GET HEAD POST PUT DELETE /_sql/{rest}"
            }
            XpackEql "xpack.eql" es administers Undecided takes optional needs "" later "" {
                "GET HEAD POST PUT DELETE /_eql/{rest}"
                "GET HEAD POST PUT DELETE /{index}/_eql/search"
            }
            XpackIlm "xpack.ilm" es administers Undecided takes optional needs "" later "" {
                "GET HEAD POST PUT DELETE /_ilm/{rest}"
                "GET HEAD POST PUT DELETE /{index}/_ilm/{rest}"
            }
            XpackSlm "xpack.slm" es administers Undecided takes optional needs "" later "" {
                "GET HEAD POST PUT DELETE /_slm/{rest}"
            }
            XpackSecurity "xpack.security" es administers Undecided takes optional needs "" later "" {
                "GET HEAD POST PUT DELETE /_security/{rest}"
            }
            XpackLicense "xpack.license" es administers Undecided takes optional needs "" later "" {
                "GET HEAD POST PUT DELETE /_license/{rest}"
            }
            XpackMl "xpack.ml" es administers Undecided takes optional needs "" later "" {
                "GET HEAD POST PUT DELETE /_ml/{rest}"
            }
            XpackWatcher "xpack.watcher" es administers Undecided takes optional needs "" later "" {
                "GET HEAD POST PUT DELETE /_watcher/{rest}"
            }
            XpackTransform "xpack.transform" es administers Undecided takes optional needs "" later "" {
                "GET HEAD POST PUT DELETE /_transform"
                "GET HEAD POST PUT DELETE /_transform/{rest}"
            }
            XpackRollup "xpack.rollup" es administers Undecided takes optional needs "" later "" {
                "GET HEAD POST PUT DELETE /_rollup/{rest}"
                "GET HEAD POST PUT DELETE /{index}/_rollup/{rest}"
                "GET HEAD POST PUT DELETE /{index}/_rollup_search"
            }
            XpackCcr "xpack.ccr" es administers Undecided takes optional needs "" later "" {
                "GET HEAD POST PUT DELETE /_ccr/{rest}"
                "GET HEAD POST PUT DELETE /{index}/_ccr/{rest}"
            }
            XpackEnrich "xpack.enrich" es administers Undecided takes optional needs "" later "" {
                "GET HEAD POST PUT DELETE /_enrich/{rest}"
            }
            XpackGraph "xpack.graph" es administers Undecided takes optional needs "" later "" {
                "GET HEAD POST PUT DELETE /{index}/_graph/explore"
            }
            XpackSsl "xpack.ssl" es administers Undecided takes optional needs "" later "" {
                "GET HEAD POST PUT DELETE /_ssl/certificates"
            }
            XpackMonitoring "xpack.monitoring" es administers Undecided takes optional needs "" later "" {
                "GET HEAD POST PUT DELETE /_monitoring/{rest}"
            }
            XpackSearchableSnapshots "xpack.searchable_snapshots" es administers Undecided takes optional needs "" later "" {
                "GET HEAD POST PUT DELETE /_searchable_snapshots/{rest}"
                "GET HEAD POST PUT DELETE /{index}/_searchable_snapshots/{rest}"
            }
            XpackDataStream "xpack.data_stream" es administers Undecided takes optional needs "" later "" {
                "GET HEAD POST PUT DELETE /_data_stream"
                "GET HEAD POST PUT DELETE /_data_stream/{rest}"
            }
            XpackLogstash "xpack.logstash" es administers Undecided takes optional needs "" later "" {
                "GET HEAD POST PUT DELETE /_logstash/{rest}"
            }
            XpackAutoscaling "xpack.autoscaling" es administers Undecided takes optional needs "" later "" {
                "GET HEAD POST PUT DELETE /_autoscaling/{rest}"
            }
        ] $($next)* }
    };
}
