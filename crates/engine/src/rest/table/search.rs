//! The rows of searches, of what they leave open, and of what can be known of fields.

macro_rules! search_rows {
    ([$($before:tt)*] $($next:ident)*) => {
        gather! { [
            $($before)*

            Search "search" any reads Search [open never] takes optional needs "indices:data/read/search" by search::search "+searching +query_string +source_filter +indices typed_keys" {
                "GET POST /_search"
                "GET POST /{index}/_search"
                "es GET POST /{index}/{type}/_search"
            }
            Msearch "msearch" any reads Items takes msearch needs "indices:data/read/msearch indices:data/read/search" by search::msearch "+indices os:cancel_after_time_interval ccs_minimize_roundtrips max_concurrent_searches max_concurrent_shard_requests pre_filter_shard_size rest_total_hits_as_int routing search_type typed_keys" {
                "GET POST /_msearch"
                "GET POST /{index}/_msearch"
                "es GET POST /{index}/{type}/_msearch"
            }
            Count "count" any reads Search [open never] takes query needs "indices:data/read/search" by search::count "+query_string +indices min_score preference routing terminate_after" {
                "POST GET /_count"
                "POST GET /{index}/_count"
                "es GET POST /{index}/{type}/_count"
            }
            Scroll "scroll" any reads Cursor takes optional needs "indices:data/read/scroll" by search::scroll "rest_total_hits_as_int scroll scroll_id" {
                "GET POST /_search/scroll"
                "GET POST /_search/scroll/{scroll_id}"
            }
            ClearScroll "clear_scroll" any reads Cursor takes optional needs "indices:data/read/scroll/clear" by search::clear_scroll "scroll_id" {
                "DELETE /_search/scroll"
                "DELETE /_search/scroll/{scroll_id}"
            }
            SearchTemplate "search_template" any reads Search [open never] takes template needs "indices:data/read/search/template indices:data/read/search" by search_templates::search "+indices ccs_minimize_roundtrips explain ignore_throttled preference profile rest_total_hits_as_int routing scroll search_type typed_keys" {
                "GET POST /_search/template"
                "GET POST /{index}/_search/template"
                "es GET POST /{index}/{type}/_search/template"
            }
            MsearchTemplate "msearch_template" any reads Items takes msearch_template needs "indices:data/read/msearch/template indices:data/read/msearch indices:data/read/search" by search_templates::msearch "ccs_minimize_roundtrips max_concurrent_searches rest_total_hits_as_int search_type typed_keys" {
                "GET POST /_msearch/template"
                "GET POST /{index}/_msearch/template"
                "es GET POST /{index}/{type}/_msearch/template"
            }
            RenderSearchTemplate "render_search_template" any reads Url takes required needs "indices:data/read/search/template/render" by search_templates::render "" {
                "GET POST /_render/template"
                "GET POST /_render/template/{id}"
            }
            FieldCaps "field_caps" any reads Listing [named never] takes optional needs "indices:data/read/field_caps indices:data/read/field_caps[index]" by fields::field_caps "+indices fields include_unmapped" {
                "GET POST /_field_caps"
                "GET POST /{index}/_field_caps"
            }
            SearchShards "search_shards" any reads Search [named never] takes optional needs "indices:admin/shards/search_shards indices:data/read/search" by search_shards::search_shards "+indices local preference routing" {
                "GET POST /_search_shards"
                "GET POST /{index}/_search_shards"
            }
            RankEval "rank_eval" any reads RatedSearches [open never] takes rank_eval needs "indices:data/read/msearch indices:data/read/rank_eval indices:data/read/search" by rank_eval::rank_eval "+indices search_type" {
                "GET POST /_rank_eval"
                "GET POST /{index}/_rank_eval"
            }
            CreatePit "create_pit" os reads Search [open never] takes none needs "indices:data/read/point_in_time/create" by pits::create "+indices allow_partial_pit_creation keep_alive preference routing" {
                "POST /{index}/_search/point_in_time"
            }
            DeletePit "delete_pit" os reads Cursor takes optional needs "indices:data/read/point_in_time/delete" by pits::delete "" {
                "DELETE /_search/point_in_time"
            }
            DeleteAllPits "delete_all_pits" os administers Url takes none needs "indices:data/read/point_in_time/delete indices:data/read/point_in_time/readall" by pits::delete_all "" {
                "DELETE /_search/point_in_time/_all"
            }
            GetAllPits "get_all_pits" os administers Url takes none needs "indices:data/read/point_in_time/readall" by pits::list "" {
                "GET /_search/point_in_time/_all"
            }
            SearchPipelineDelete "search_pipeline.delete" os administers Url takes none needs "cluster:admin/search/pipeline/delete" by search_pipelines::delete "cluster_manager_timeout master_timeout timeout" {
                "DELETE /_search/pipeline/{id}"
            }
            SearchPipelineGet "search_pipeline.get" os reads Url takes none needs "cluster:admin/search/pipeline/get" by search_pipelines::get "cluster_manager_timeout master_timeout" {
                "GET /_search/pipeline"
                "GET /_search/pipeline/{id}"
            }
            SearchPipelinePut "search_pipeline.put" os administers Url takes required needs "cluster:admin/search/pipeline/put" by search_pipelines::put "cluster_manager_timeout timeout" {
                "PUT /_search/pipeline/{id}"
            }
        ] $($next)* }
    };
}
