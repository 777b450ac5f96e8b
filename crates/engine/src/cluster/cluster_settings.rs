//! `_cluster/settings`: **one table** of the keys that may be changed while a cluster runs, and what each does here.
//! Source: every key that a running Elasticsearch 7.10.2 or OpenSearch 2.19.1 tells with `include_defaults`, each put to
//! it once.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::registries::{Registries, Registry, TRANSIENT};
use super::setting_values::PERSISTENT;
pub(crate) use super::setting_values::{count, duration, is_on, value};
use super::{settings, watermarks};
use crate::engine::Answer;
use crate::exception::{Exception, ExceptionKind};
use crate::flavor::Flavor;
use crate::limits::KEEP_ALIVE_MILLISECONDS_MAX;
use crate::rest::execute::Task;
use crate::value::scalar::{self, boolean_text, plain};
use crate::value::time::{self, milliseconds};

/// Those that do what they say.
const DONE: &[&str] = &[
    "action.auto_create_index",
    "action.destructive_requires_name",
    SHARD_COUNT_LIMIT,
    "cluster.blocks.create_index",
    "cluster.blocks.create_index.auto_release",
    DEFAULT_REPLICAS,
    "cluster.indices.close.enable",
    "cluster.max_shards_per_node",
    "cluster.routing.allocation.disk.threshold_enabled",
    "cluster.routing.allocation.disk.watermark.flood_stage",
    "cluster.routing.allocation.disk.watermark.high",
    OVERRIDES_VERSION,
    "point_in_time.max_keep_alive",
    "search.allow_expensive_queries",
    "search.default_keep_alive",
    "search.max_buckets",
    "search.max_keep_alive",
    "search.max_open_pit_context",
    "search.max_open_scroll_context",
    PHASE_TOOK,
];

/// How many shards a search may go to.
const SHARD_COUNT_LIMIT: &str = "action.search.shard_count.limit";

/// How many replicas an index has that says nothing of them. (OpenSearch)
const DEFAULT_REPLICAS: &str = "cluster.default_number_of_replicas";

/// Whether `GET /` tells the version of Elasticsearch 7.10. (OpenSearch)
pub(crate) const OVERRIDES_VERSION: &str = "compatibility.override_main_response_version";

/// Whether searches that say nothing of it tell how long their phases took. (OpenSearch)
pub(crate) const PHASE_TOOK: &str = "search.phase_took_enabled";

/// Those that would mean something here and are not built: refused by name.
const NOT_BUILT: &[&str] = &[
    "cat.indices.response.limit.number_of_indices",
    "cat.segments.response.limit.number_of_indices",
    "cat.shards.response.limit.number_of_shards",
    "cluster.blocks.read_only",
    "cluster.blocks.read_only_allow_delete",
    "cluster.default.index.refresh_interval",
    "cluster.ignore_dot_indexes",
    "cluster.ingest.max_number_processors",
    "cluster.minimum.index.refresh_interval",
    "indices.breaker.accounting.limit",
    "indices.breaker.accounting.overhead",
    "indices.breaker.fielddata.limit",
    "indices.breaker.fielddata.overhead",
    "indices.breaker.request.limit",
    "indices.breaker.request.overhead",
    "indices.breaker.total.limit",
    "indices.query.bool.max_clause_count",
    "network.breaker.inflight_requests.limit",
    "network.breaker.inflight_requests.overhead",
    "reindex.remote.retry.initial_backoff",
    "reindex.remote.retry.max_count",
    "script.max_compilations_rate",
    "script.max_size_in_bytes",
    "search.cancel_after_time_interval",
    "search.default_allow_partial_results",
    "search.default_search_timeout",
    "search.max_aggregation_rewrite_filters",
];

/// Those that are kept and printed: there is one node, whose copies are not moved, replicated, elected or throttled, and
/// which writes no log of its own.
const KEPT: &[&str] = &[
    "admission_control.cluster.admin.cpu_usage.limit",
    "admission_control.indexing.cpu_usage.limit",
    "admission_control.indexing.io_usage.limit",
    "admission_control.search.cpu_usage.limit",
    "admission_control.search.io_usage.limit",
    "admission_control.transport.cpu_usage.mode_override",
    "admission_control.transport.io_usage.mode_override",
    "admission_control.transport.mode",
    "cluster.allocator.gateway.batch_size",
    "cluster.application_templates.enabled",
    "cluster.auto_shrink_voting_configuration",
    "cluster.fault_detection.follower_check.interval",
    "cluster.fault_detection.follower_check.timeout",
    "cluster.fault_detection.leader_check.timeout",
    "cluster.filecache.remote_data_ratio",
    "cluster.follower_lag.timeout",
    "cluster.info.update.interval",
    "cluster.info.update.timeout",
    "cluster.max_voting_config_exclusions",
    "cluster.migration.direction",
    "cluster.no_cluster_manager_block",
    "cluster.no_master_block",
    "cluster.persistent_tasks.allocation.enable",
    "cluster.persistent_tasks.allocation.recheck_interval",
    "cluster.publish.timeout",
    "cluster.remote_store.compatibility_mode",
    "cluster.remote_store.index.path.hash_algorithm",
    "cluster.remote_store.index.path.type",
    "cluster.remote_store.index.segment_metadata.retention.max_count",
    "cluster.remote_store.index.translog.translog_metadata",
    "cluster.remote_store.index_metadata.path_hash_algo",
    "cluster.remote_store.index_metadata.path_type",
    "cluster.remote_store.publication.enabled",
    "cluster.remote_store.routing_table.path_hash_algo",
    "cluster.remote_store.routing_table.path_type",
    "cluster.remote_store.segment.transfer_timeout",
    "cluster.remote_store.state.checksum_validation.mode",
    "cluster.remote_store.state.cleanup_interval",
    "cluster.remote_store.state.global_metadata.upload_timeout",
    "cluster.remote_store.state.index_metadata.upload_timeout",
    "cluster.remote_store.state.metadata_manifest.upload_timeout",
    "cluster.remote_store.state.read_timeout",
    "cluster.remote_store.translog.buffer_interval",
    "cluster.remote_store.translog.max_readers",
    "cluster.remote_store.translog.transfer_timeout",
    "cluster.routing.allocation.allow_rebalance",
    "cluster.routing.allocation.awareness.attributes",
    "cluster.routing.allocation.awareness.balance",
    "cluster.routing.allocation.balance.index",
    "cluster.routing.allocation.balance.prefer_primary",
    "cluster.routing.allocation.balance.shard",
    "cluster.routing.allocation.balance.threshold",
    "cluster.routing.allocation.balanced_shards_allocator.allocator_timeout",
    "cluster.routing.allocation.cluster_concurrent_rebalance",
    "cluster.routing.allocation.cluster_concurrent_recoveries",
    "cluster.routing.allocation.disk.include_relocations",
    "cluster.routing.allocation.disk.reroute_interval",
    "cluster.routing.allocation.disk.watermark.low",
    "cluster.routing.allocation.enable",
    "cluster.routing.allocation.load_awareness.allow_unassigned_primaries",
    "cluster.routing.allocation.load_awareness.flat_skew",
    "cluster.routing.allocation.load_awareness.provisioned_capacity",
    "cluster.routing.allocation.load_awareness.skew_factor",
    "cluster.routing.allocation.move.primary_first",
    "cluster.routing.allocation.node_concurrent_incoming_recoveries",
    "cluster.routing.allocation.node_concurrent_outgoing_recoveries",
    "cluster.routing.allocation.node_concurrent_recoveries",
    "cluster.routing.allocation.node_initial_primaries_recoveries",
    "cluster.routing.allocation.node_initial_replicas_recoveries",
    "cluster.routing.allocation.rebalance.primary.buffer",
    "cluster.routing.allocation.rebalance.primary.enable",
    "cluster.routing.allocation.remote_primary.ignore_throttle",
    "cluster.routing.allocation.same_shard.host",
    "cluster.routing.allocation.shard_movement_strategy",
    "cluster.routing.allocation.shard_state.reroute.priority",
    "cluster.routing.allocation.shards_batch_gateway_allocator.primary_allocator_timeout",
    "cluster.routing.allocation.shards_batch_gateway_allocator.replica_allocator_timeout",
    "cluster.routing.allocation.total_shards_limit",
    "cluster.routing.allocation.total_shards_per_node",
    "cluster.routing.ignore_weighted_routing",
    "cluster.routing.rebalance.enable",
    "cluster.routing.use_adaptive_replica_selection",
    "cluster.routing.weighted.default_weight",
    "cluster.routing.weighted.fail_open",
    "cluster.routing.weighted.strict",
    "cluster.search.ignore_awareness_attributes",
    "cluster.search.request.slowlog.level",
    "cluster.search.request.slowlog.threshold.debug",
    "cluster.search.request.slowlog.threshold.info",
    "cluster.search.request.slowlog.threshold.trace",
    "cluster.search.request.slowlog.threshold.warn",
    "cluster.service.slow_cluster_manager_task_logging_threshold",
    "cluster.service.slow_master_task_logging_threshold",
    "cluster.service.slow_task_logging_threshold",
    "cluster.snapshot.info.max_concurrent_fetches",
    "cluster.task.consumers.top_n.frequency",
    "cluster.task.consumers.top_n.size",
    "cluster_manager.throttling.retry.base.delay",
    "cluster_manager.throttling.retry.max.delay",
    "discovery.zen.commit_timeout",
    "discovery.zen.minimum_master_nodes",
    "discovery.zen.no_master_block",
    "discovery.zen.publish_diff.enable",
    "discovery.zen.publish_timeout",
    "gateway.slow_write_logging_threshold",
    "http.tracer.exclude",
    "http.tracer.include",
    "indices.composite_index.star_tree.enabled",
    "indices.composite_index.translog.max_flush_threshold_size",
    "indices.id_field_data.enabled",
    "indices.mapping.dynamic_timeout",
    "indices.mapping.max_in_flight_updates",
    "indices.recovery.chunk_size",
    "indices.recovery.internal_action_long_timeout",
    "indices.recovery.internal_action_retry_timeout",
    "indices.recovery.internal_action_timeout",
    "indices.recovery.internal_remote_upload_timeout",
    "indices.recovery.max_bytes_per_sec",
    "indices.recovery.max_concurrent_file_chunks",
    "indices.recovery.max_concurrent_operations",
    "indices.recovery.max_concurrent_remote_store_streams",
    "indices.recovery.recovery_activity_timeout",
    "indices.recovery.retry_delay_network",
    "indices.recovery.retry_delay_state_sync",
    "indices.replication.initial_retry_backoff_bound",
    "indices.replication.max_bytes_per_sec",
    "indices.replication.retry_timeout",
    "indices.requests.cache.cleanup.staleness_threshold",
    "indices.requests.cache.maximum_cacheable_size",
    "monitor.fs.health.enabled",
    "monitor.fs.health.healthy_timeout_threshold",
    "monitor.fs.health.slow_path_logging_threshold",
    "node.resource.tracker.global_cpu_usage.window_duration",
    "node.resource.tracker.global_io_usage.window_duration",
    "node.resource.tracker.global_jvmmp.window_duration",
    "remote_store.moving_average_window_size",
    "remote_store.segment.pressure.bytes_lag.variance_factor",
    "remote_store.segment.pressure.consecutive_failures.limit",
    "remote_store.segment.pressure.enabled",
    "remote_store.segment.pressure.time_lag.variance_factor",
    "search.concurrent.max_slice_count",
    "search.concurrent_segment_search.enabled",
    "search.concurrent_segment_search.mode",
    "search.derived_field.enabled",
    "search.dynamic_pruning.cardinality_aggregation.max_allowed_cardinality",
    "search.keyword_index_or_doc_values_enabled",
    "search.low_level_cancellation",
    "search.request_stats_enabled",
    "search_backpressure.cancellation_burst",
    "search_backpressure.cancellation_rate",
    "search_backpressure.cancellation_ratio",
    "search_backpressure.mode",
    "search_backpressure.node_duress.cpu_threshold",
    "search_backpressure.node_duress.heap_threshold",
    "search_backpressure.node_duress.num_successive_breaches",
    "search_backpressure.search_shard_task.cancellation_burst",
    "search_backpressure.search_shard_task.cancellation_rate",
    "search_backpressure.search_shard_task.cancellation_ratio",
    "search_backpressure.search_shard_task.cpu_time_millis_threshold",
    "search_backpressure.search_shard_task.elapsed_time_millis_threshold",
    "search_backpressure.search_shard_task.heap_moving_average_window_size",
    "search_backpressure.search_shard_task.heap_percent_threshold",
    "search_backpressure.search_shard_task.heap_variance",
    "search_backpressure.search_shard_task.total_heap_percent_threshold",
    "search_backpressure.search_task.cancellation_burst",
    "search_backpressure.search_task.cancellation_rate",
    "search_backpressure.search_task.cancellation_ratio",
    "search_backpressure.search_task.cpu_time_millis_threshold",
    "search_backpressure.search_task.elapsed_time_millis_threshold",
    "search_backpressure.search_task.heap_moving_average_window_size",
    "search_backpressure.search_task.heap_percent_threshold",
    "search_backpressure.search_task.heap_variance",
    "search_backpressure.search_task.total_heap_percent_threshold",
    "segrep.pressure.checkpoint.limit",
    "segrep.pressure.enabled",
    "segrep.pressure.replica.stale.limit",
    "segrep.pressure.time.limit",
    "segrep.replication.time.limit",
    "shard_indexing_pressure.cache_store.max_size",
    "shard_indexing_pressure.enabled",
    "shard_indexing_pressure.enforced",
    "shard_indexing_pressure.operating_factor.lower",
    "shard_indexing_pressure.operating_factor.optimal",
    "shard_indexing_pressure.operating_factor.upper",
    "shard_indexing_pressure.primary_parameter.node.soft_limit",
    "shard_indexing_pressure.primary_parameter.shard.min_limit",
    "shard_indexing_pressure.secondary_parameter.successful_request.elapsed_timeout",
    "shard_indexing_pressure.secondary_parameter.successful_request.max_outstanding_requests",
    "shard_indexing_pressure.secondary_parameter.throughput.degradation_factor",
    "shard_indexing_pressure.secondary_parameter.throughput.request_size_window",
    "snapshot.max_concurrent_operations",
    "snapshot.max_shards_allowed_in_status_api",
    "task_cancellation.duration_millis",
    "task_cancellation.enabled",
    "task_resource_consumers.enabled",
    "task_resource_tracking.enabled",
    "transport.slow_operation_logging_threshold",
    "transport.tracer.exclude",
    "transport.tracer.include",
    "wlm.query_group.duress_streak",
    "wlm.query_group.enforcement_interval",
    "wlm.query_group.mode",
    "wlm.query_group.node.cpu_cancellation_threshold",
    "wlm.query_group.node.cpu_rejection_threshold",
    "wlm.query_group.node.memory_cancellation_threshold",
    "wlm.query_group.node.memory_rejection_threshold",
];

/// Those that a running cluster does not change.
const FIXED: &[&str] = &[
    "aux.transport.types",
    "bootstrap.ctrlhandler",
    "bootstrap.memory_lock",
    "bootstrap.system_call_filter",
    "cache.recycler.page.limit.heap",
    "cache.recycler.page.type",
    "cache.recycler.page.weight.bytes",
    "cache.recycler.page.weight.ints",
    "cache.recycler.page.weight.longs",
    "cache.recycler.page.weight.objects",
    "client.transport.ignore_cluster_name",
    "client.transport.nodes_sampler_interval",
    "client.transport.ping_timeout",
    "client.transport.sniff",
    "client.type",
    "cluster.allocator.existing_shards_allocator.batch_enabled",
    "cluster.election.back_off_time",
    "cluster.election.duration",
    "cluster.election.initial_timeout",
    "cluster.election.max_timeout",
    "cluster.election.strategy",
    "cluster.fault_detection.follower_check.retry_count",
    "cluster.fault_detection.leader_check.interval",
    "cluster.fault_detection.leader_check.retry_count",
    "cluster.index.restrict.replication.type",
    "cluster.indices.replication.strategy",
    "cluster.indices.tombstones.size",
    "cluster.initial_cluster_manager_nodes",
    "cluster.initial_master_nodes",
    "cluster.join.timeout",
    "cluster.name",
    "cluster.nodes.reconnect_interval",
    "cluster.publish.info_timeout",
    "cluster.remote.connect",
    "cluster.remote.connections_per_cluster",
    "cluster.remote.initial_connect_timeout",
    "cluster.remote.node.attr",
    "cluster.remote_store.index.restrict.async-durability",
    "cluster.remote_store.pinned_timestamps.enabled",
    "cluster.remote_store.pinned_timestamps.lookback_interval",
    "cluster.remote_store.pinned_timestamps.scheduler_interval",
    "cluster.remote_store.routing_table.path.prefix",
    "cluster.remote_store.segments.path.prefix",
    "cluster.remote_store.state.enabled",
    "cluster.remote_store.state.path.prefix",
    "cluster.remote_store.translog.path.prefix",
    "cluster.routing.allocation.disk.watermark.enable_for_single_data_node",
    "cluster.routing.allocation.type",
    "cluster.snapshot.shard.path.prefix",
    "discovery.cluster_formation_warning_timeout",
    "discovery.find_peers_interval",
    "discovery.find_peers_interval_during_decommission",
    "discovery.initial_state_timeout",
    "discovery.probe.connect_timeout",
    "discovery.probe.handshake_timeout",
    "discovery.request_peers_timeout",
    "discovery.seed_hosts",
    "discovery.seed_providers",
    "discovery.seed_resolver.max_concurrent_resolvers",
    "discovery.seed_resolver.timeout",
    "discovery.type",
    "discovery.unconfigured_bootstrap_timeout",
    "discovery.zen.bwc_ping_timeout",
    "discovery.zen.fd.connect_on_network_disconnect",
    "discovery.zen.fd.ping_interval",
    "discovery.zen.fd.ping_retries",
    "discovery.zen.fd.ping_timeout",
    "discovery.zen.fd.register_connection_listener",
    "discovery.zen.hosts_provider",
    "discovery.zen.join_retry_attempts",
    "discovery.zen.join_retry_delay",
    "discovery.zen.join_timeout",
    "discovery.zen.master_election.ignore_non_master_pings",
    "discovery.zen.master_election.wait_for_joins_timeout",
    "discovery.zen.max_pings_from_another_master",
    "discovery.zen.ping.unicast.concurrent_connects",
    "discovery.zen.ping.unicast.hosts",
    "discovery.zen.ping.unicast.hosts.resolve_timeout",
    "discovery.zen.ping_timeout",
    "discovery.zen.publish.max_pending_cluster_states",
    "discovery.zen.send_leave_request",
    "discovery.zen.unsafe_rolling_upgrades_enabled",
    "gateway.auto_import_dangling_indices",
    "gateway.expected_data_nodes",
    "gateway.expected_master_nodes",
    "gateway.expected_nodes",
    "gateway.recover_after_data_nodes",
    "gateway.recover_after_master_nodes",
    "gateway.recover_after_nodes",
    "gateway.recover_after_time",
    "gateway.write_dangling_indices_info",
    "http.bind_host",
    "http.compression",
    "http.compression_level",
    "http.connect_timeout",
    "http.content_type.required",
    "http.cors.allow-credentials",
    "http.cors.allow-headers",
    "http.cors.allow-methods",
    "http.cors.allow-origin",
    "http.cors.enabled",
    "http.cors.max-age",
    "http.detailed_errors.enabled",
    "http.host",
    "http.max_chunk_size",
    "http.max_content_length",
    "http.max_header_size",
    "http.max_initial_line_length",
    "http.max_warning_header_count",
    "http.max_warning_header_size",
    "http.netty.max_composite_buffer_components",
    "http.netty.receive_predictor_size",
    "http.netty.worker_count",
    "http.pipelining.max_events",
    "http.port",
    "http.publish_host",
    "http.publish_port",
    "http.read_timeout",
    "http.reset_cookies",
    "http.tcp.keep_alive",
    "http.tcp.keep_count",
    "http.tcp.keep_idle",
    "http.tcp.keep_interval",
    "http.tcp.no_delay",
    "http.tcp.receive_buffer_size",
    "http.tcp.reuse_address",
    "http.tcp.send_buffer_size",
    "http.tcp_no_delay",
    "http.type",
    "http.type.default",
    "index.codec",
    "index.recovery.type",
    "index.store.fs.fs_lock",
    "index.store.hybrid.mmap.extensions",
    "index.store.hybrid.nio.extensions",
    "index.store.preload",
    "index.store.type",
    "indexing_pressure.memory.limit",
    "indices.analysis.hunspell.dictionary.ignore_case",
    "indices.analysis.hunspell.dictionary.lazy",
    "indices.breaker.fielddata.type",
    "indices.breaker.request.type",
    "indices.breaker.total.use_real_memory",
    "indices.breaker.type",
    "indices.cache.cleanup_interval",
    "indices.fielddata.cache.size",
    "indices.memory.index_buffer_size",
    "indices.memory.interval",
    "indices.memory.max_index_buffer_size",
    "indices.memory.min_index_buffer_size",
    "indices.memory.shard_inactive_time",
    "indices.queries.cache.all_segments",
    "indices.queries.cache.count",
    "indices.queries.cache.size",
    "indices.query.query_string.allowLeadingWildcard",
    "indices.query.query_string.analyze_wildcard",
    "indices.requests.cache.cleanup.interval",
    "indices.requests.cache.expire",
    "indices.requests.cache.size",
    "indices.store.delete.shard.timeout",
    "indices.time_series_index.default_index_merge_policy",
    "ingest.common.processors.allowed",
    "ingest.grok.watchdog.interval",
    "ingest.grok.watchdog.max_execution_time",
    "ingest.user_agent.cache_size",
    "ingest.useragent.processors.allowed",
    "logger.level",
    "monitor.fs.health.refresh_interval",
    "monitor.fs.refresh_interval",
    "monitor.jvm.gc.enabled",
    "monitor.jvm.gc.overhead.debug",
    "monitor.jvm.gc.overhead.info",
    "monitor.jvm.gc.overhead.warn",
    "monitor.jvm.gc.refresh_interval",
    "monitor.jvm.refresh_interval",
    "monitor.os.refresh_interval",
    "monitor.process.refresh_interval",
    "network.bind_host",
    "network.host",
    "network.publish_host",
    "network.server",
    "network.tcp.connect_timeout",
    "network.tcp.keep_alive",
    "network.tcp.keep_count",
    "network.tcp.keep_idle",
    "network.tcp.keep_interval",
    "network.tcp.no_delay",
    "network.tcp.receive_buffer_size",
    "network.tcp.reuse_address",
    "network.tcp.send_buffer_size",
    "node.attr.shard_indexing_pressure_enabled",
    "node.data",
    "node.enable_lucene_segment_infos_trace",
    "node.id.seed",
    "node.ingest",
    "node.local_storage",
    "node.master",
    "node.max_local_storage_nodes",
    "node.name",
    "node.pidfile",
    "node.portsfile",
    "node.processors",
    "node.remote_cluster_client",
    "node.roles",
    "node.search.cache.size",
    "node.store.allow_mmap",
    "opensearch.experimental.feature.application_templates.enabled",
    "opensearch.experimental.feature.composite_index.star_tree.enabled",
    "opensearch.experimental.feature.extensions.enabled",
    "opensearch.experimental.feature.pluggable.caching.enabled",
    "opensearch.experimental.feature.read.write.split.enabled",
    "opensearch.experimental.feature.remote_store.migration.enabled",
    "opensearch.experimental.feature.telemetry.enabled",
    "opensearch.experimental.feature.tiered_remote_index.enabled",
    "opensearch.experimental.optimization.datetime_formatter_caching.enabled",
    "opensearch.experimental.optimization.termversion.precommit.enabled",
    "path.data",
    "path.home",
    "path.logs",
    "path.repo",
    "path.shared_data",
    "pidfile",
    "plugin.mandatory",
    "point_in_time.init.keep_alive",
    "processors",
    "reindex.remote.allowlist",
    "reindex.remote.whitelist",
    "repositories.fs.chunk_size",
    "repositories.fs.compress",
    "repositories.fs.location",
    "repositories.url.allowed_urls",
    "repositories.url.supported_protocols",
    "repositories.url.url",
    "resource.reload.enabled",
    "resource.reload.interval.high",
    "resource.reload.interval.low",
    "resource.reload.interval.medium",
    "rest.action.multi.allow_explicit_index",
    "script.allowed_contexts",
    "script.allowed_types",
    "script.cache.expire",
    "script.cache.max_size",
    "script.disable_max_compilations_rate",
    "script.painless.regex.enabled",
    "script.painless.regex.limit-factor",
    "search.highlight.term_vector_multi_value",
    "search.keep_alive_interval",
    "search.remote.connect",
    "search.remote.connections_per_cluster",
    "search.remote.initial_connect_timeout",
    "search.remote.node.attr",
    "security.manager.filter_bad_defaults",
    "snapshot.repository_data.cache.threshold",
    "thread_pool.analyze.queue_size",
    "thread_pool.analyze.size",
    "thread_pool.estimated_time_interval",
    "thread_pool.fetch_shard_started.core",
    "thread_pool.fetch_shard_started.keep_alive",
    "thread_pool.fetch_shard_started.max",
    "thread_pool.fetch_shard_store.core",
    "thread_pool.fetch_shard_store.keep_alive",
    "thread_pool.fetch_shard_store.max",
    "thread_pool.flush.core",
    "thread_pool.flush.keep_alive",
    "thread_pool.flush.max",
    "thread_pool.force_merge.queue_size",
    "thread_pool.force_merge.size",
    "thread_pool.generic.core",
    "thread_pool.generic.keep_alive",
    "thread_pool.generic.max",
    "thread_pool.get.queue_size",
    "thread_pool.get.size",
    "thread_pool.index_searcher.auto_queue_frame_size",
    "thread_pool.index_searcher.max_queue_size",
    "thread_pool.index_searcher.min_queue_size",
    "thread_pool.index_searcher.queue_size",
    "thread_pool.index_searcher.size",
    "thread_pool.index_searcher.target_response_time",
    "thread_pool.listener.queue_size",
    "thread_pool.listener.size",
    "thread_pool.management.core",
    "thread_pool.management.keep_alive",
    "thread_pool.management.max",
    "thread_pool.refresh.core",
    "thread_pool.refresh.keep_alive",
    "thread_pool.refresh.max",
    "thread_pool.remote_purge.core",
    "thread_pool.remote_purge.keep_alive",
    "thread_pool.remote_purge.max",
    "thread_pool.remote_recovery.core",
    "thread_pool.remote_recovery.keep_alive",
    "thread_pool.remote_recovery.max",
    "thread_pool.remote_refresh_retry.core",
    "thread_pool.remote_refresh_retry.keep_alive",
    "thread_pool.remote_refresh_retry.max",
    "thread_pool.remote_state_checksum.queue_size",
    "thread_pool.remote_state_checksum.size",
    "thread_pool.remote_state_read.queue_size",
    "thread_pool.remote_state_read.size",
    "thread_pool.search.auto_queue_frame_size",
    "thread_pool.search.max_queue_size",
    "thread_pool.search.min_queue_size",
    "thread_pool.search.queue_size",
    "thread_pool.search.size",
    "thread_pool.search.target_response_time",
    "thread_pool.search_throttled.auto_queue_frame_size",
    "thread_pool.search_throttled.max_queue_size",
    "thread_pool.search_throttled.min_queue_size",
    "thread_pool.search_throttled.queue_size",
    "thread_pool.search_throttled.size",
    "thread_pool.search_throttled.target_response_time",
    "thread_pool.snapshot.core",
    "thread_pool.snapshot.keep_alive",
    "thread_pool.snapshot.max",
    "thread_pool.snapshot_deletion.core",
    "thread_pool.snapshot_deletion.keep_alive",
    "thread_pool.snapshot_deletion.max",
    "thread_pool.system_read.queue_size",
    "thread_pool.system_read.size",
    "thread_pool.system_write.queue_size",
    "thread_pool.system_write.size",
    "thread_pool.translog_sync.queue_size",
    "thread_pool.translog_sync.size",
    "thread_pool.translog_transfer.core",
    "thread_pool.translog_transfer.keep_alive",
    "thread_pool.translog_transfer.max",
    "thread_pool.warmer.core",
    "thread_pool.warmer.keep_alive",
    "thread_pool.warmer.max",
    "thread_pool.write.queue_size",
    "thread_pool.write.size",
    "transport.bind_host",
    "transport.compress",
    "transport.connect_timeout",
    "transport.connections_per_node.bulk",
    "transport.connections_per_node.ping",
    "transport.connections_per_node.recovery",
    "transport.connections_per_node.reg",
    "transport.connections_per_node.state",
    "transport.host",
    "transport.netty.boss_count",
    "transport.netty.receive_predictor_max",
    "transport.netty.receive_predictor_min",
    "transport.netty.receive_predictor_size",
    "transport.netty.worker_count",
    "transport.ping_schedule",
    "transport.port",
    "transport.publish_host",
    "transport.publish_port",
    "transport.ssl.dual_mode.enabled",
    "transport.ssl.enforce_hostname_verification",
    "transport.ssl.resolve_hostname",
    "transport.tcp.compress",
    "transport.tcp.connect_timeout",
    "transport.tcp.keep_alive",
    "transport.tcp.keep_count",
    "transport.tcp.keep_idle",
    "transport.tcp.keep_interval",
    "transport.tcp.no_delay",
    "transport.tcp.port",
    "transport.tcp.receive_buffer_size",
    "transport.tcp.reuse_address",
    "transport.tcp.send_buffer_size",
    "transport.tcp_no_delay",
    "transport.type",
    "transport.type.default",
];

/// Refuses to create the index `name` on a write where `action.auto_create_index` says so.
///
/// # Errors
/// `index_not_found_exception`.
pub(crate) fn check_auto_create(registries: &Registries, name: &str) -> Result<(), Exception> {
    let Some(value) = value(registries, "action.auto_create_index") else { return Ok(()) };
    let why = match boolean_text(value) {
        Some(true) => return Ok(()),
        Some(false) => String::new(),
        None => {
            let mut patterns = value.split(',').map(str::trim);
            let (mark, pattern) = match patterns
                .find(|pattern| super::names::matches(pattern.trim_start_matches(['+', '-']), name))
            {
                Some(pattern) => (!pattern.starts_with('-'), pattern),
                None => (false, ""),
            };
            match (mark, pattern) {
                (true, _) => return Ok(()),
                (false, "") => format!(" and [action.auto_create_index] ([{value}]) doesn't match"),
                (false, pattern) => format!(
                    " and [action.auto_create_index] contains [{pattern}] which forbids automatic creation of the index"
                ),
            }
        }
    };
    Err(Exception::new(ExceptionKind::IndexNotFound, format!("no such index [{name}]{why}"))
        .with("index_uuid", "_na_")
        .with("index", name))
}

/// Refuses a search on more shards than `action.search.shard_count.limit` says: each index has one.
///
/// # Errors
/// `illegal_argument_exception`.
pub(crate) fn check_shards(registries: &Registries, shards: usize) -> Result<(), Exception> {
    let limit = value(registries, SHARD_COUNT_LIMIT).and_then(|limit| limit.parse::<u64>().ok());
    let Some(limit) = limit.filter(|limit| *limit < shards as u64) else { return Ok(()) };
    Err(Exception::illegal_argument(format!(
        "Trying to query {shards} shards, which is over the limit of {limit}. This limit exists because querying many shards at the same time can make the job of the coordinating node very CPU and/or memory intensive. It is usually a better idea to have a smaller number of larger shards. Update [{SHARD_COUNT_LIMIT}] to a greater value if you really want to query that many shards at the same time."
    )))
}

/// How many replicas an index has that says nothing of them, where the cluster says it. (A number below zero can be set there, too,
/// and says nothing.)
pub(crate) fn default_replicas(registries: &Registries) -> Option<&str> {
    value(registries, DEFAULT_REPLICAS).filter(|count| count.parse::<u32>().is_ok())
}

/// How many buckets an answer may have (`search.max_buckets`).
pub(crate) fn buckets_max(registries: &Registries) -> usize {
    count(registries, "search.max_buckets", crate::work::BUCKETS_MAX)
}

/// Cursors that say nothing may not live longer than cursors may. OpenSearch looks at its points in time first;
/// Elasticsearch has no setting for them.
fn check_keep_alives(registries: &Registries, flavor: Flavor) -> Result<(), Exception> {
    let default = duration(registries, "search.default_keep_alive", 5 * 60 * 1000);
    let (scrolls, points) =
        (("search.max_keep_alive", ""), ("point_in_time.max_keep_alive", " for PIT"));
    let bounds = match flavor {
        Flavor::Elasticsearch710 => vec![scrolls],
        Flavor::OpenSearch219 => vec![points, scrolls],
    };
    for (key, of) in bounds {
        let most = duration(registries, key, KEEP_ALIVE_MILLISECONDS_MAX);
        if default > most {
            return Err(Exception::illegal_argument(format!(
                "Default keep alive setting for request [search.default_keep_alive] should be smaller than max keep alive{of} [{key}], was ({} > {})",
                time::print(default),
                time::print(most)
            )));
        }
    }
    Ok(())
}

/// `GET /_cluster/settings`.
pub(crate) fn get(task: &Task<'_>) -> Answer {
    let query = &task.parsed.route.query;
    let flat = query.flag("flat_settings", false)?;
    let mut answer = shown(task.metadata.registries(), flat);
    if query.flag("include_defaults", false)? {
        let cluster = task.engine.settings.cluster_name.as_str();
        let defaults = [
            ("action.auto_create_index", "true"),
            ("action.destructive_requires_name", "false"),
            ("cluster.indices.close.enable", "true"),
            ("cluster.max_shards_per_node", "1000"),
            ("cluster.name", cluster),
            ("cluster.routing.allocation.enable", "all"),
            ("cluster.routing.rebalance.enable", "all"),
            ("node.name", crate::NODE_NAME),
            ("search.max_buckets", "65535"),
        ];
        let defaults: BTreeMap<String, Value> =
            defaults.iter().map(|(key, value)| ((*key).to_owned(), (*value).into())).collect();
        answer.insert("defaults".into(), print(&defaults, flat));
    }
    task.json(200, &Value::Object(answer))
}

/// `PUT /_cluster/settings`: all or none.
pub(crate) fn put(task: &Task<'_>) -> Answer {
    let flat = task.parsed.route.query.flag("flat_settings", false)?;
    let mut changes = Vec::new();
    for kind in [PERSISTENT, TRANSIENT] {
        let given = task.body().get(kind).unwrap_or(&Value::Null);
        for (key, value) in settings::leaves_of_cluster(given)? {
            changes.push((kind, key, value));
        }
    }
    if changes.is_empty() {
        return Err(Exception::validation(&["no settings to update"]));
    }
    for (kind, key, value) in &changes {
        check(kind, key, value)?;
    }
    let mut after = Map::new();
    let metadata = task.engine.indices.change_registries(|_, registries| {
        for kind in [PERSISTENT, TRANSIENT] {
            let now = registries.get(Registry::ClusterSettings, kind).and_then(Value::as_object);
            let mut now = now.cloned().unwrap_or_default();
            for (_, key, value) in changes.iter().filter(|(own, _, _)| *own == kind) {
                match value {
                    Value::Null => now.retain(|known, _| !super::names::matches(key, known)),
                    value => drop(now.insert(key.clone(), value.clone())),
                }
            }
            registries.put(Registry::ClusterSettings, kind, Value::Object(now))?;
        }
        watermarks::check_all(registries)?;
        check_keep_alives(registries, task.parsed.route.flavor)
    })?;
    after.insert("acknowledged".into(), true.into());
    after.extend(shown(metadata.registries(), flat));
    task.json(200, &Value::Object(after))
}

fn shown(registries: &Registries, flat: bool) -> Map<String, Value> {
    let one = |kind: &str| {
        let entry = registries.get(Registry::ClusterSettings, kind).and_then(Value::as_object);
        let entry = entry.into_iter().flatten();
        let leaves = entry.map(|(key, value)| (key.clone(), value.clone())).collect();
        (kind.to_owned(), print(&leaves, flat))
    };
    [PERSISTENT, TRANSIENT].map(one).into_iter().collect()
}

fn print(leaves: &BTreeMap<String, Value>, flat: bool) -> Value {
    match flat {
        true => {
            Value::Object(leaves.iter().map(|(key, value)| (key.clone(), value.clone())).collect())
        }
        false => settings::printed(leaves),
    }
}

/// Refuses a key that is not known or does not change, and a value that it cannot have.
fn check(kind: &str, key: &str, value: &Value) -> Result<(), Exception> {
    let refused =
        |what: &str| Err(Exception::illegal_argument(format!("{kind} setting [{key}], {what}")));
    let group = [
        "cluster.routing.allocation.include.",
        "cluster.routing.allocation.exclude.",
        "cluster.routing.allocation.require.",
        "cluster.metadata.",
        "logger.",
    ];
    if value.is_null() && key.contains('*') {
        return Ok(());
    }
    if FIXED.contains(&key) {
        return refused("not dynamically updateable");
    }
    if NOT_BUILT.contains(&key) && !value.is_null() {
        return Err(Exception::not_implemented(&format!("cluster setting {key}")));
    }
    let known = DONE.contains(&key) || KEPT.contains(&key) || NOT_BUILT.contains(&key);
    if !known && !group.iter().any(|prefix| key.starts_with(prefix)) {
        return refused("not recognized");
    }
    if value.is_null() { Ok(()) } else { check_value(key, &plain(value)) }
}

/// Refuses a value that the setting `key` cannot have.
fn check_value(key: &str, text: &str) -> Result<(), Exception> {
    match key {
        "action.destructive_requires_name"
        | "cluster.blocks.create_index"
        | "cluster.blocks.create_index.auto_release"
        | "cluster.indices.close.enable"
        | watermarks::ENABLED
        | OVERRIDES_VERSION
        | PHASE_TOOK
        | "search.allow_expensive_queries"
            if boolean_text(text).is_none() =>
        {
            Err(Exception::illegal_argument(crate::value::scalar::not_a_boolean(text)))
        }
        "cluster.max_shards_per_node" if text.parse::<u32>().is_err() => {
            Err(Exception::illegal_argument(format!(
                "Failed to parse value [{text}] for setting [{key}]"
            )))
        }
        SHARD_COUNT_LIMIT => whole_from(key, text, 1),
        DEFAULT_REPLICAS => whole_from(key, text, i32::MIN),
        "search.max_keep_alive" | "search.default_keep_alive" | "point_in_time.max_keep_alive" => {
            match text {
                "0" => Ok(()),
                "-1" => Err(Exception::illegal_argument(format!(
                    "failed to parse value [-1] for setting [{key}], must be >= [0ms]"
                ))),
                text => milliseconds(key, text).map(drop),
            }
        }
        "search.max_buckets" | "search.max_open_scroll_context" | "search.max_open_pit_context" => {
            whole_from(key, text, 0)
        }
        "cluster.routing.allocation.enable"
            if !["all", "primaries", "new_primaries", "none"]
                .contains(&text.to_lowercase().as_str()) =>
        {
            Err(Exception::illegal_argument(format!(
                "Illegal allocation.enable value [{}]",
                text.to_uppercase()
            )))
        }
        "search_backpressure.mode" if !["disabled", "enforced", "monitor_only"].contains(&text) => {
            Err(Exception::illegal_argument(format!("Invalid SearchBackpressureMode: {text}")))
        }
        _ if is_cancellation_share(key) && text.parse().is_ok_and(|share: f64| share <= 0.0) => {
            Err(Exception::illegal_argument(format!("{key} must be > 0")))
        }
        _ => watermarks::check_one(key, text),
    }
}

/// Refuses what is no whole number of at least `least`.
fn whole_from(key: &str, text: &str, least: i32) -> Result<(), Exception> {
    match text.parse::<i32>() {
        Ok(number) if number >= least => Ok(()),
        Ok(_) => Err(Exception::illegal_argument(format!(
            "Failed to parse value [{text}] for setting [{key}] must be >= {least}"
        ))),
        Err(_) => Err(Exception::illegal_argument(format!(
            "Failed to parse value [{text}] for setting [{key}]"
        ))
        .caused_by(scalar::not_a_number(text))),
    }
}

/// Whether `key` says which share of the searches may be ended under pressure. (`SearchBackpressureSettings` of OpenSearch.)
fn is_cancellation_share(key: &str) -> bool {
    key.starts_with("search_backpressure.")
        && (key.ends_with(".cancellation_rate") || key.ends_with(".cancellation_ratio"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_stands_in_one_list() {
        let mut all: Vec<&str> = [DONE, NOT_BUILT, KEPT, FIXED].concat();
        let count = all.len();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), count);
    }
}
