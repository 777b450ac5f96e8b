//! The rows of documents: one, many, and those that a query finds.

macro_rules! document_rows {
    ([$($before:tt)*] $($next:ident)*) => {
        gather! { [
            $($before)*

            Index "index" any writes Document takes document needs "indices:data/write/bulk indices:data/write/index indices:data/write/bulk[s]" by document::index "if_primary_term if_seq_no op_type pipeline refresh require_alias routing timeout version version_type wait_for_active_shards" {
                "os PUT POST /{index}/_doc/{id}"
                "os POST /{index}/_doc"
                "es PUT POST /{index}/{type}/{id}"
                "es POST /{index}/{type}"
            }
            Create "create" any writes Document takes document needs "indices:data/write/bulk indices:data/write/index indices:data/write/bulk[s]" by document::create "if_primary_term if_seq_no op_type pipeline refresh require_alias routing timeout version version_type wait_for_active_shards" {
                "PUT POST /{index}/_create/{id}"
                "es PUT POST /{index}/{type}/{id}/_create"
            }
            Get "get" any reads Document takes none needs "indices:data/read/get" by document::get "+source_filter fields preference realtime refresh routing stored_fields version version_type" {
                "os GET /{index}/_doc/{id}"
                "es GET /{index}/{type}/{id}"
            }
            Exists "exists" any reads Document takes none needs "indices:data/read/get" by document::get "+source_filter preference realtime refresh routing stored_fields version version_type" {
                "os HEAD /{index}/_doc/{id}"
                "es HEAD /{index}/{type}/{id}"
            }
            GetSource "get_source" any reads Document takes none needs "indices:data/read/get" by document::get "+source_filter preference realtime refresh routing" {
                "GET /{index}/_source/{id}"
                "es GET /{index}/{type}/{id}/_source"
            }
            ExistsSource "exists_source" any reads Document takes none needs "indices:data/read/get" by document::get "+source_filter preference realtime refresh routing" {
                "HEAD /{index}/_source/{id}"
                "es HEAD /{index}/{type}/{id}/_source"
            }
            Update "update" any writes Document takes required needs "indices:data/write/bulk indices:data/write/update indices:data/write/index indices:data/write/bulk[s]" by document::update "+source_filter if_primary_term if_seq_no refresh require_alias retry_on_conflict routing timeout version version_type wait_for_active_shards" {
                "POST /{index}/_update/{id}"
                "es POST /{index}/{type}/{id}/_update"
            }
            Delete "delete" any writes Document takes none needs "indices:data/write/bulk indices:data/write/delete indices:data/write/bulk[s]" by document::delete "if_primary_term if_seq_no refresh routing timeout version version_type wait_for_active_shards" {
                "os DELETE /{index}/_doc/{id}"
                "es DELETE /{index}/{type}/{id}"
            }
            Bulk "bulk" any writes Items takes bulk needs "indices:data/write/bulk indices:data/write/bulk[s]" by document::bulk "+source_filter os:batch_size pipeline refresh require_alias routing timeout es:type wait_for_active_shards" {
                "POST PUT /_bulk"
                "POST PUT /{index}/_bulk"
                "es POST PUT /{index}/{type}/_bulk"
            }
            Mget "mget" any reads Items takes mget needs "indices:data/read/mget indices:data/read/mget[shard]" by document::mget "+source_filter fields preference realtime refresh routing stored_fields" {
                "GET POST /_mget"
                "GET POST /{index}/_mget"
                "es GET POST /{index}/{type}/_mget"
            }
            Termvectors "termvectors" any reads Document takes optional needs "indices:data/read/tv" by document::termvectors "field_statistics fields offsets payloads positions preference realtime routing term_statistics version version_type" {
                "GET POST /{index}/_termvectors/{id}"
                "GET POST /{index}/_termvectors"
                "es GET POST /{index}/{type}/{id}/_termvectors"
                "es GET POST /{index}/{type}/_termvectors"
            }
            Mtermvectors "mtermvectors" any reads Items takes mget needs "indices:data/read/mtv indices:data/read/mtv[shard]" by document::mtermvectors "field_statistics fields ids offsets payloads positions preference realtime routing term_statistics version version_type" {
                "GET POST /_mtermvectors"
                "GET POST /{index}/_mtermvectors"
                "es GET POST /{index}/{type}/_mtermvectors"
            }
            Explain "explain" any reads ExplainedDocument takes query needs "indices:data/read/explain" by explain::explain "+query_string +source_filter preference routing stored_fields" {
                "GET POST /{index}/_explain/{id}"
                "es GET POST /{index}/{type}/{id}/_explain"
            }
            UpdateByQuery "update_by_query" any writes Search [open never] takes optional needs "indices:data/write/bulk indices:data/write/update/byquery indices:data/read/search indices:data/write/index indices:data/write/bulk[s]" by document::by_query "+searching +query_string +source_filter +indices conflicts max_docs pipeline refresh requests_per_second scroll_size search_timeout slices wait_for_active_shards wait_for_completion" {
                "POST /{index}/_update_by_query"
                "es POST /{index}/{type}/_update_by_query"
            }
            UpdateByQueryRethrottle "update_by_query_rethrottle" any administers Url takes none needs "cluster:admin/reindex/rethrottle" by task_api::rethrottle "group_by requests_per_second" {
                "POST /_update_by_query/{task_id}/_rethrottle"
            }
            DeleteByQuery "delete_by_query" any writes Search [open never] takes required needs "indices:data/write/bulk indices:data/write/delete/byquery indices:data/read/search indices:data/write/delete indices:data/write/bulk[s]" by document::by_query "+searching +query_string +source_filter +indices conflicts max_docs refresh requests_per_second scroll_size search_timeout slices wait_for_active_shards wait_for_completion" {
                "POST /{index}/_delete_by_query"
                "es POST /{index}/{type}/_delete_by_query"
            }
            DeleteByQueryRethrottle "delete_by_query_rethrottle" any administers Url takes none needs "cluster:admin/reindex/rethrottle" by task_api::rethrottle "group_by requests_per_second" {
                "POST /_delete_by_query/{task_id}/_rethrottle"
            }
            Reindex "reindex" any writes Reindexed takes required needs "indices:data/write/reindex indices:data/write/bulk" by document::reindex "max_docs refresh requests_per_second scroll slices timeout wait_for_active_shards wait_for_completion" {
                "POST /_reindex"
            }
            ReindexRethrottle "reindex_rethrottle" any administers Url takes none needs "cluster:admin/reindex/rethrottle" by task_api::rethrottle "group_by requests_per_second" {
                "POST /_reindex/{task_id}/_rethrottle"
            }
        ] $($next)* }
    };
}
