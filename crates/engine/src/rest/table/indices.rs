//! The rows of indices as things: their settings, mappings, aliases and templates.

macro_rules! indices_rows {
    ([$($before:tt)*] $($next:ident)*) => {
        gather! { [
            $($before)*

            IndicesAddBlock "indices.add_block" any administers Indices [all never] takes none needs "indices:admin/block/add" by indices::add_block "+timeouts +indices" {
                "PUT /{index}/_block/{block}"
            }
            IndicesAnalyze "indices.analyze" any reads NamedIndices [open never] takes optional needs "indices:admin/analyze" by analyze::analyze "" {
                "GET POST /_analyze"
                "GET POST /{index}/_analyze"
            }
            IndicesClearCache "indices.clear_cache" any administers Indices [open metadata_write] takes none needs "indices:admin/cache/clear" by indices::clear_cache "+indices fielddata fields os:file query request" {
                "POST /_cache/clear"
                "POST /{index}/_cache/clear"
            }
            IndicesClone "indices.clone" any administers Resize takes optional needs "indices:admin/resize indices:monitor/stats" by resize::resize "+timeouts os:task_execution_timeout wait_for_active_shards os:wait_for_completion" {
                "PUT POST /{index}/_clone/{target}"
            }
            IndicesClose "indices.close" any administers Indices [any metadata_write] takes none needs "indices:admin/close indices:admin/close[s]" by indices::close "+indices +timeouts wait_for_active_shards" {
                "POST /{index}/_close"
            }
            IndicesCreate "indices.create" any administers NewIndex takes optional needs "indices:admin/create" by indices::create "+timeouts es:include_type_name wait_for_active_shards" {
                "PUT /{index}"
            }
            IndicesCreateDataStream "indices.create_data_stream" os administers DataStreams takes optional needs "indices:admin/data_stream/create" by data_streams::create "" {
                "PUT /_data_stream/{name}"
            }
            IndicesDataStreamsStats "indices.data_streams_stats" os reads DataStreams takes none needs "indices:monitor/data_stream/stats" by data_streams::stats "" {
                "GET /_data_stream/_stats"
                "GET /_data_stream/{name}/_stats"
            }
            IndicesDelete "indices.delete" any administers Indices [concrete release] takes none needs "indices:admin/delete" by indices::delete "+indices +timeouts" {
                "DELETE /{index}"
            }
            IndicesDeleteAlias "indices.delete_alias" any administers Aliases [no_streams never] takes aliases needs "indices:admin/aliases" by aliases::change "+timeouts" {
                "DELETE /{index}/_alias/{name}"
                "DELETE /{index}/_aliases/{name}"
            }
            IndicesDeleteDataStream "indices.delete_data_stream" os administers DataStreams takes none needs "indices:admin/data_stream/delete" by data_streams::delete "" {
                "DELETE /_data_stream/{name}"
            }
            IndicesDeleteIndexTemplate "indices.delete_index_template" any administers Url takes none needs "indices:admin/index_template/delete" by templates::delete_index_template "+manager" {
                "DELETE /_index_template/{name}"
            }
            IndicesDeleteTemplate "indices.delete_template" any administers Url takes none needs "indices:admin/template/delete" by templates::delete_template "+manager" {
                "DELETE /_template/{name}"
            }
            IndicesExists "indices.exists" any reads Indices [named metadata_read] takes none needs "indices:admin/get" by indices::exists "+indices +manager flat_settings include_defaults es:include_type_name local" {
                "HEAD /{index}"
            }
            IndicesExistsAlias "indices.exists_alias" any reads Listing [all metadata_read] takes none needs "indices:admin/aliases/get" by aliases::exists "+indices local" {
                "HEAD /_alias/{name}"
                "HEAD /{index}/_alias/{name}"
                "HEAD /{index}/_alias"
            }
            IndicesExistsIndexTemplate "indices.exists_index_template" any reads Url takes none needs "indices:admin/index_template/get" by templates::exists_index_template "+manager flat_settings local" {
                "HEAD /_index_template/{name}"
            }
            IndicesExistsTemplate "indices.exists_template" any reads Url takes none needs "indices:admin/template/get" by templates::exists_template "+manager flat_settings es:include_type_name local" {
                "HEAD /_template/{name}"
            }
            IndicesFlush "indices.flush" any administers Indices [open never] takes none needs "indices:admin/flush indices:admin/flush[s]" by indices::flush "+indices force wait_if_ongoing" {
                "POST GET /_flush"
                "POST GET /{index}/_flush"
                "GET POST /_flush/synced"
                "GET POST /{index}/_flush/synced"
            }
            IndicesForcemerge "indices.forcemerge" any administers Indices [open metadata_write] takes none needs "indices:admin/forcemerge" by indices::force_merge "+indices flush max_num_segments only_expunge_deletes os:primary_only os:wait_for_completion" {
                "POST /_forcemerge"
                "POST /{index}/_forcemerge"
            }
            IndicesGet "indices.get" any reads Indices [named metadata_read] takes none needs "indices:admin/get" by indices::get "+indices +manager flat_settings include_defaults es:include_type_name local" {
                "GET /{index}"
            }
            IndicesGetAlias "indices.get_alias" any reads Listing [all metadata_read] takes none needs "indices:admin/aliases/get" by aliases::get "+indices local" {
                "GET /_alias"
                "GET /_alias/{name}"
                "GET /{index}/_alias/{name}"
                "GET /{index}/_alias"
                "GET /_aliases"
            }
            IndicesGetDataStream "indices.get_data_stream" os reads DataStreams takes none needs "indices:admin/data_stream/get" by data_streams::get "" {
                "GET /_data_stream"
                "GET /_data_stream/{name}"
            }
            IndicesGetFieldMapping "indices.get_field_mapping" any reads Indices [open metadata_read] takes none needs "indices:admin/mappings/fields/get indices:admin/mappings/fields/get[index]" by fields::get_field_mapping "+indices include_defaults es:include_type_name local" {
                "GET /_mapping/field/{fields}"
                "GET /{index}/_mapping/field/{fields}"
                "es GET /_mapping/{type}/field/{fields}"
                "es GET /{index}/_mapping/{type}/field/{fields}"
            }
            IndicesGetIndexTemplate "indices.get_index_template" any reads Url takes none needs "indices:admin/index_template/get" by templates::get_index_template "+manager flat_settings local" {
                "GET /_index_template"
                "GET /_index_template/{name}"
            }
            IndicesGetMapping "indices.get_mapping" any reads Indices [named metadata_read] takes none needs "indices:admin/mappings/get" by indices::get_mapping "+indices +manager es:include_type_name local" {
                "GET /_mapping"
                "GET /{index}/_mapping"
                "GET /_mappings"
                "GET /{index}/_mappings"
                "es GET /_mapping/{type}"
                "es GET /{index}/_mapping/{type}"
                "es GET /{index}/_mappings/{type}"
                "es GET /{index}/{type}/_mapping"
            }
            IndicesGetSettings "indices.get_settings" any reads Indices [named metadata_read] takes none needs "indices:monitor/settings/get" by indices::get_settings "+indices +manager flat_settings include_defaults local" {
                "GET /_settings"
                "GET /{index}/_settings"
                "GET /{index}/_settings/{name}"
                "GET /_settings/{name}"
                "GET /{index}/_setting/{name}"
            }
            IndicesGetTemplate "indices.get_template" any reads Url takes none needs "indices:admin/template/get" by templates::get_template "+manager flat_settings es:include_type_name local" {
                "GET /_template"
                "GET /_template/{name}"
            }
            IndicesGetUpgrade "indices.get_upgrade" any administers Listing [open never] takes none needs "indices:monitor/upgrade" by shards::get_upgrade "+indices" {
                "GET /_upgrade"
                "GET /{index}/_upgrade"
            }
            IndicesOpen "indices.open" any administers Indices [closed metadata_write] takes none needs "indices:admin/open" by indices::open "+indices +timeouts wait_for_active_shards os:wait_for_completion" {
                "POST /{index}/_open"
            }
            IndicesPutAlias "indices.put_alias" any administers Aliases [no_streams never] takes aliases needs "indices:admin/aliases" by aliases::change "+timeouts" {
                "PUT POST /{index}/_alias/{name}"
                "PUT POST /{index}/_aliases/{name}"
                "PUT /{index}/_alias"
                "PUT /{index}/_aliases"
                "PUT POST /_alias/{name}"
                "PUT POST /_aliases/{name}"
                "PUT /_alias"
            }
            IndicesPutIndexTemplate "indices.put_index_template" any administers Template takes required needs "indices:admin/index_template/put" by templates::put_index_template "+timeouts cause create" {
                "PUT POST /_index_template/{name}"
            }
            IndicesPutMapping "indices.put_mapping" any administers Indices [any metadata_write] takes required needs "indices:admin/mapping/put" by indices::put_mapping "+indices +timeouts es:include_type_name write_index_only" {
                "PUT POST /{index}/_mapping"
                "PUT POST /{index}/_mappings"
                "es PUT POST /{index}/_mapping/{type}"
                "es PUT POST /{index}/_mappings/{type}"
                "es PUT POST /{index}/{type}/_mapping"
                "es PUT POST /{index}/{type}/_mappings"
                "es PUT /_mapping/{type}"
            }
            IndicesPutSettings "indices.put_settings" any administers Indices [any never] takes required needs "indices:admin/settings/update" by indices::put_settings "+indices +timeouts flat_settings preserve_existing" {
                "PUT /_settings"
                "PUT /{index}/_settings"
            }
            IndicesPutTemplate "indices.put_template" any administers Template takes required needs "indices:admin/template/put" by templates::put_template "+timeouts create es:include_type_name order" {
                "PUT POST /_template/{name}"
            }
            IndicesRecovery "indices.recovery" any reads Listing [all never] takes none needs "indices:monitor/recovery" by shards::recovery "active_only detailed" {
                "GET /_recovery"
                "GET /{index}/_recovery"
            }
            IndicesRefresh "indices.refresh" any administers Indices [open never] takes none needs "indices:admin/refresh indices:admin/refresh[s]" by indices::refresh "+indices" {
                "POST GET /_refresh"
                "POST GET /{index}/_refresh"
            }
            IndicesResolveIndex "indices.resolve_index" any reads Listing [named never] takes none needs "indices:admin/resolve/index" by resolve::resolve "+indices" {
                "GET /_resolve/index/{index}"
            }
            IndicesRollover "indices.rollover" any administers Rollover takes optional needs "indices:admin/rollover indices:monitor/stats" by rollover::rollover "+timeouts dry_run es:include_type_name wait_for_active_shards" {
                "POST /{alias}/_rollover"
                "POST /{alias}/_rollover/{new_index}"
            }
            IndicesSegments "indices.segments" any reads Listing [open never] takes none needs "indices:monitor/segments" by shards::segments "+indices verbose" {
                "GET /_segments"
                "GET /{index}/_segments"
            }
            IndicesShardStores "indices.shard_stores" any reads Listing [all never] takes none needs "indices:monitor/shard_stores" by shards::shard_stores "+indices status" {
                "GET /_shard_stores"
                "GET /{index}/_shard_stores"
            }
            IndicesShrink "indices.shrink" any administers Resize takes optional needs "indices:admin/resize indices:monitor/stats" by resize::resize "+timeouts copy_settings os:task_execution_timeout wait_for_active_shards os:wait_for_completion" {
                "PUT POST /{index}/_shrink/{target}"
            }
            IndicesSimulateIndexTemplate "indices.simulate_index_template" any administers Template takes optional needs "indices:admin/index_template/simulate_index" by templates::simulate_index "+timeouts cause create" {
                "POST /_index_template/_simulate_index/{name}"
            }
            IndicesSimulateTemplate "indices.simulate_template" any administers Template takes optional needs "indices:admin/index_template/simulate" by templates::simulate_template "+timeouts cause create" {
                "POST /_index_template/_simulate"
                "POST /_index_template/_simulate/{name}"
            }
            IndicesSplit "indices.split" any administers Resize takes optional needs "indices:admin/resize indices:monitor/stats" by resize::resize "+timeouts copy_settings os:task_execution_timeout wait_for_active_shards os:wait_for_completion" {
                "PUT POST /{index}/_split/{target}"
            }
            IndicesStats "indices.stats" any reads Listing [open metadata_read] takes none needs "indices:monitor/stats" by stats::stats "+indices completion_fields fielddata_fields fields forbid_closed_indices groups include_segment_file_sizes include_unloaded_segments level os:timeout es:types" {
                "GET /_stats"
                "GET /_stats/{metric}"
                "GET /{index}/_stats"
                "GET /{index}/_stats/{metric}"
            }
            IndicesUpdateAliases "indices.update_aliases" any administers Aliases [no_streams never] takes aliases needs "indices:admin/aliases" by aliases::change "+timeouts" {
                "POST /_aliases"
            }
            IndicesUpgrade "indices.upgrade" any administers Indices [open never] takes none needs "indices:admin/upgrade" by shards::upgrade "+indices only_ancient_segments wait_for_completion" {
                "POST /_upgrade"
                "POST /{index}/_upgrade"
            }
            IndicesValidateQuery "indices.validate_query" any reads Search [open never] takes query needs "indices:admin/validate/query" by explain::validate "+query_string +indices all_shards explain rewrite" {
                "GET POST /_validate/query"
                "GET POST /{index}/_validate/query"
                "es GET POST /{index}/{type}/_validate/query"
            }
        ] $($next)* }
    };
}
