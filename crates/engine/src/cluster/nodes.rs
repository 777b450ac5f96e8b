//! The one node: `_nodes`, `_nodes/stats`, `_nodes/usage`, `_nodes/hot_threads`. Source: Elasticsearch 7.10 and OpenSearch
//! 2.19. There is no virtual machine: what clients read as its heap is the memory of the process.

use super::info::version;
use super::measured::{MachineUse, ProcessUse, percent};
use crate::engine::Answer;
use crate::exception::Exception;
use crate::flavor::Flavor;
use crate::index::{FieldSizes, Stats};
use crate::response::Response;
use crate::rest::execute::Task;
use crate::rest::execute::stats::{self, AskedFields};
use crate::rest::likeness::unrecognized;
use crate::{EPHEMERAL_ID, NODE_ID, NODE_NAME};
use serde_json::{Map, Value, json};

/// The metrics of `_nodes`.
const INFO_METRICS: &[&str] = &[
    "settings",
    "os",
    "process",
    "jvm",
    "thread_pool",
    "transport",
    "http",
    "plugins",
    "ingest",
    "aggregations",
    "indices",
    "_all",
];

/// The metrics of `_nodes/stats`, in the order in which they are printed.
const STATS_METRICS: &[&str] = &[
    "indices",
    "os",
    "process",
    "jvm",
    "thread_pool",
    "fs",
    "transport",
    "http",
    "breaker",
    "script",
    "discovery",
    "ingest",
    "adaptive_selection",
    "script_cache",
    "indexing_pressure",
];

/// `GET /_nodes/{node_id}/{metric}`: with the address that sniffing clients go to.
pub(crate) fn info(task: &Task<'_>) -> Answer {
    let route = &task.parsed.route;
    // `/_nodes/http` has the shape of `/_nodes/{node_id}`; a metric's name is never a node's.
    let alone = route.part("node_id").filter(|_| route.part("metric").is_none());
    let alone = alone.filter(|id| id.split(',').all(|name| INFO_METRICS.contains(&name)));
    let asked = route.part("metric").or(alone);
    let node_id = if alone.is_some() { None } else { route.part("node_id") };
    let wants = |metric: &str| {
        asked.is_none_or(|list| list.split(',').any(|name| name == metric || name == "_all"))
    };
    let flat = route.query.flag("flat_settings", false)?;
    let mut node = about(task);
    let machine = MachineUse::now();
    for metric in INFO_METRICS.iter().filter(|metric| wants(metric)) {
        if let Some(value) = described(task, metric, &machine, flat) {
            node.insert((*metric).to_owned(), value);
        }
    }
    answer(task, node_id, node)
}

fn about(task: &Task<'_>) -> Map<String, Value> {
    let (address, host) = address(task);
    let mut node = Map::new();
    let texts = [
        ("name", NODE_NAME),
        ("transport_address", address),
        ("host", host),
        ("ip", host),
        ("version", version(task.parsed.route.flavor)),
        ("build_type", "tar"),
        ("build_hash", "unknown"),
    ];
    node.extend(texts.map(|(key, text)| (key.to_owned(), text.into())));
    node.insert("roles".into(), roles(task));
    node.insert("attributes".into(), json!({}));
    node
}

pub(crate) fn roles(task: &Task<'_>) -> Value {
    match task.parsed.route.flavor {
        Flavor::Elasticsearch710 => json!(["data", "ingest", "master", "remote_cluster_client"]),
        Flavor::OpenSearch219 => {
            json!(["cluster_manager", "data", "ingest", "remote_cluster_client"])
        }
    }
}

/// `host:port`, and the host alone.
pub(crate) fn address<'a>(task: &Task<'a>) -> (&'a str, &'a str) {
    let address = task.engine.settings.publish_address.as_str();
    (address, address.rsplit_once(':').map_or(address, |(host, _)| host))
}

fn described(task: &Task<'_>, metric: &str, machine: &MachineUse, flat: bool) -> Option<Value> {
    let (address, _) = address(task);
    let cluster = &task.engine.settings.cluster_name;
    Some(match metric {
        "settings" if flat => {
            json!({"cluster.name": cluster, "node.name": NODE_NAME, "client.type": "node"})
        }
        "settings" => json!({"cluster": {"name": cluster}, "node": {"name": NODE_NAME},
            "client": {"type": "node"}}),
        "os" => json!({"refresh_interval_in_millis": 1000, "name": std::env::consts::OS,
            "pretty_name": std::env::consts::OS, "arch": std::env::consts::ARCH, "version": "unknown",
            "available_processors": machine.processors, "allocated_processors": machine.processors}),
        "process" => json!({"refresh_interval_in_millis": 1000, "id": std::process::id(),
            "mlockall": false}),
        "jvm" => json!({"pid": std::process::id(), "version": "none", "vm_name": "none",
            "vm_version": "none", "vm_vendor": "none", "bundled_jdk": false,
            "using_bundled_jdk": null, "start_time_in_millis": ProcessUse::now().started,
            "mem": {"heap_init_in_bytes": 0, "heap_max_in_bytes": machine.memory_bytes,
                "non_heap_init_in_bytes": 0, "non_heap_max_in_bytes": 0,
                "direct_max_in_bytes": 0},
            "gc_collectors": [], "memory_pools": [],
            "using_compressed_ordinary_object_pointers": "false", "input_arguments": []}),
        "thread_pool" => {
            let pool = |(name, size): (&'static str, usize)| {
                let shape = json!({"type": "fixed", "size": size, "queue_size": -1});
                (name.to_owned(), shape)
            };
            Value::Object(pools(machine.processors).map(pool).collect())
        }
        "transport" => {
            json!({"bound_address": [address], "publish_address": address, "profiles": {}})
        }
        "http" => json!({"bound_address": [address], "publish_address": address,
            "max_content_length_in_bytes": task.engine.body_bytes_max}),
        "plugins" => json!([]),
        "aggregations" => aggregations(),
        _ => return None,
    })
}

/// The pools that clients look for, with the threads that stand for them here.
fn pools(processors: usize) -> impl Iterator<Item = (&'static str, usize)> {
    let searches = processors * 3 / 2 + 1;
    [
        ("flush", 1),
        ("force_merge", 1),
        ("generic", 1),
        ("get", searches),
        ("management", 1),
        ("refresh", 1),
        ("search", searches),
        ("write", searches),
    ]
    .into_iter()
}

/// Which aggregations are built, with the kinds of values each takes.
fn aggregations() -> Value {
    let kinds = |name: &str| -> &'static [&'static str] {
        match name {
            "avg"
            | "sum"
            | "stats"
            | "extended_stats"
            | "percentiles"
            | "percentile_ranks"
            | "min"
            | "max"
            | "auto_date_histogram"
            | "date_range" => &["boolean", "date", "numeric"],
            "cardinality" | "value_count" => {
                &["boolean", "bytes", "date", "geopoint", "ip", "numeric", "range"]
            }
            "terms" => &["boolean", "bytes", "date", "ip", "numeric"],
            "date_histogram" | "histogram" => &["boolean", "date", "numeric", "range"],
            "median_absolute_deviation" | "weighted_avg" => &["numeric"],
            "range" => &["boolean", "date", "numeric"],
            "missing" => &["boolean", "bytes", "date", "geopoint", "ip", "numeric", "range"],
            "geo_bounds" | "geo_centroid" | "geo_distance" | "geohash_grid" | "geotile_grid" => {
                &["geopoint"]
            }
            "ip_range" => &["ip"],
            "rare_terms" | "significant_terms" => &["boolean", "bytes", "date", "ip", "numeric"],
            _ => &["other"],
        }
    };
    let built = crate::aggs::built();
    Value::Object(built.map(|name| (name.to_owned(), json!({"types": kinds(name)}))).collect())
}

/// `GET /_nodes/{node_id}/stats/{metric}/{index_metric}`.
pub(crate) fn statistics(task: &Task<'_>) -> Answer {
    let route = &task.parsed.route;
    let all = route.part("metric").filter(|list| *list != "_all");
    let asked: Option<Vec<&str>> = all.map(|list| list.split(',').collect());
    let known =
        |name: &&&str| !STATS_METRICS.contains(name) && !OTHERS.contains(name) && **name != "_all";
    if let Some(unknown) = asked.iter().flatten().find(known) {
        let known = STATS_METRICS.iter().chain(OTHERS).copied();
        return Err(unrecognized(&route.path, "metric", unknown, known));
    }
    let wants = |metric: &str| {
        asked
            .as_ref()
            .is_none_or(|asked| asked.iter().any(|name| *name == metric || *name == "_all"))
    };
    let (address, host) = address(task);
    let mut node = Map::new();
    let now = task.now.as_millisecond();
    node.insert("timestamp".into(), now.into());
    for (key, text) in
        [("name", NODE_NAME), ("transport_address", address), ("host", host), ("ip", address)]
    {
        node.insert(key.into(), text.into());
    }
    node.insert("roles".into(), roles(task));
    if wants("indices") {
        node.insert("indices".into(), of_indices(task)?);
    }
    let counted = counted(task)?;
    for metric in STATS_METRICS.iter().filter(|metric| wants(metric)) {
        if let Some((key, value)) = measured(task, metric, &counted, now) {
            node.insert(key.to_owned(), value);
        }
    }
    answer(task, route.part("node_id"), node)
}

/// Metrics of OpenSearch that say nothing of a single node without its plugins.
const OTHERS: &[&str] = &[
    "search_backpressure",
    "shard_indexing_pressure",
    "cluster_manager_throttling",
    "weighted_routing",
    "file_cache",
    "task_cancellation",
    "search_pipeline",
    "resource_usage_stats",
    "segment_replication_backpressure",
    "repositories",
    "admission_control",
    "caches",
    "remote_store",
    "suggest",
];

/// The sum over the indices that the caller sees.
pub(crate) fn counted(task: &Task<'_>) -> Result<Stats, Exception> {
    let mut sum = Stats::default();
    for index in task.metadata.indices().filter(|index| task.view.sees(&index.uuid)) {
        task.work.check()?;
        if let Ok(index) = task.open(index) {
            sum.add(&stats::measured(task, &index)?.0);
        }
    }
    Ok(sum)
}

fn of_indices(task: &Task<'_>) -> Result<Value, Exception> {
    let route = &task.parsed.route;
    let chosen = stats::metrics(task, route.part("index_metric"), "index metric")?;
    let file_sizes = route.query.flag("include_segment_file_sizes", false)?;
    let flavor = route.flavor;
    let fields = AskedFields::of(&route.query)?;
    let (mut sum, mut sizes) = (Stats::default(), FieldSizes::default());
    let mut rows = Map::new();
    let level = route.query.get("level").unwrap_or("node");
    if !matches!(level, "node" | "indices" | "shards") {
        return Err(Exception::illegal_argument(format!(
            "level parameter must be one of [indices] or [node] or [shards] but was [{level}]"
        )));
    }
    for index in task.metadata.indices().filter(|index| task.view.sees(&index.uuid)) {
        task.work.check()?;
        let Ok(open) = task.open(index) else { continue };
        let (counts, own_sizes) = stats::measured(task, &open)?;
        sum.add(&counts);
        sizes.add(&own_sizes);
        if level != "node" {
            let mut own = stats::printed(&counts, &chosen, file_sizes, flavor);
            fields.show(&mut own, &own_sizes);
            let shard = json!([{"0": own}]);
            rows.insert(index.name.clone(), if level == "shards" { shard } else { own });
        }
    }
    let mut printed = stats::printed(&sum, &chosen, file_sizes, flavor);
    fields.show(&mut printed, &sizes);
    if let (true, Some(printed)) = (level != "node", printed.as_object_mut()) {
        printed.insert(level.to_owned(), Value::Object(rows));
    }
    Ok(printed)
}

/// One metric with the key that it is printed under.
fn measured(
    task: &Task<'_>,
    metric: &str,
    counted: &Stats,
    now: i64,
) -> Option<(&'static str, Value)> {
    let none =
        || json!({"compilations": 0, "cache_evictions": 0, "compilation_limit_triggered": 0});
    Some(match metric {
        "os" => ("os", machine(now)),
        "process" => ("process", process(now)),
        "jvm" => ("jvm", memory(now)),
        "thread_pool" => ("thread_pool", thread_pools(counted)),
        "fs" => ("fs", disk(task, now)),
        "transport" => (
            "transport",
            json!({"server_open": 0, "total_outbound_connections": 0, "rx_count": 0,
                "rx_size_in_bytes": 0, "tx_count": 0, "tx_size_in_bytes": 0}),
        ),
        "http" => ("http", json!({"current_open": 1, "total_opened": 1})),
        "breaker" => ("breakers", breakers(task)),
        "script" => ("script", none()),
        "script_cache" => ("script_cache", json!({"sum": none(), "contexts": []})),
        "discovery" => (
            "discovery",
            json!({"cluster_state_queue": {"total": 0, "pending": 0, "committed": 0},
                "published_cluster_states": {"full_states": 0, "incompatible_diffs": 0,
                    "compatible_diffs": super::state::version(task)}}),
        ),
        "ingest" => (
            "ingest",
            json!({"total": {"count": 0, "time_in_millis": 0, "current": 0, "failed": 0},
                "pipelines": {}}),
        ),
        "adaptive_selection" => ("adaptive_selection", json!({})),
        "indexing_pressure" => {
            let none = json!({"combined_coordinating_and_primary_in_bytes": 0,
                "coordinating_in_bytes": 0, "primary_in_bytes": 0, "replica_in_bytes": 0,
                "all_in_bytes": 0});
            let mut total = none.clone();
            if let Some(total) = total.as_object_mut() {
                for key in ["coordinating_rejections", "primary_rejections", "replica_rejections"] {
                    total.insert(key.to_owned(), 0.into());
                }
            }
            let memory = json!({"current": none, "total": total,
                "limit_in_bytes": MachineUse::now().memory_bytes / 10});
            ("indexing_pressure", json!({ "memory": memory }))
        }
        _ => return None,
    })
}

fn machine(now: i64) -> Value {
    let machine = MachineUse::now();
    let [one, five, fifteen] = machine.load;
    json!({"timestamp": now,
        "cpu": {"percent": machine.cpu_percent(),
            "load_average": {"1m": one, "5m": five, "15m": fifteen}},
        "mem": memory_of(&machine),
        "swap": {"total_in_bytes": machine.swap_bytes, "free_in_bytes": machine.swap_bytes_free,
            "used_in_bytes": machine.swap_bytes.saturating_sub(machine.swap_bytes_free)}})
}

/// The machine's memory.
pub(crate) fn memory_of(machine: &MachineUse) -> Value {
    json!({"total_in_bytes": machine.memory_bytes, "free_in_bytes": machine.memory_bytes_free,
        "used_in_bytes": machine.memory_bytes_used(), "free_percent": machine.free_percent(),
        "used_percent": machine.used_percent()})
}

fn process(now: i64) -> Value {
    let (process, machine) = (ProcessUse::now(), MachineUse::now());
    json!({"timestamp": now, "open_file_descriptors": process.open_files,
        "max_file_descriptors": process.open_files_max,
        "cpu": {"percent": process.cpu_percent(machine.processors, now),
            "total_in_millis": process.cpu_milliseconds},
        "mem": {"total_virtual_in_bytes": process.virtual_bytes}})
}

fn memory(now: i64) -> Value {
    let (process, machine) = (ProcessUse::now(), MachineUse::now());
    let used = process.resident_bytes;
    let uptime = u64::try_from(now).unwrap_or(0).saturating_sub(process.started);
    let pool = |used: u64, peak: u64| {
        json!({"used_in_bytes": used, "max_in_bytes": machine.memory_bytes,
            "peak_used_in_bytes": peak, "peak_max_in_bytes": machine.memory_bytes})
    };
    let none = || json!({"count": 0, "used_in_bytes": 0, "total_capacity_in_bytes": 0});
    let collector = || json!({"collection_count": 0, "collection_time_in_millis": 0});
    json!({"timestamp": now, "uptime_in_millis": uptime,
        "mem": {"heap_used_in_bytes": used,
            "heap_used_percent": percent(used, machine.memory_bytes),
            "heap_committed_in_bytes": used, "heap_max_in_bytes": machine.memory_bytes,
            "non_heap_used_in_bytes": 0, "non_heap_committed_in_bytes": 0,
            "pools": {"young": pool(0, 0), "survivor": pool(0, 0),
                "old": pool(used, process.resident_bytes_peak)}},
        "threads": {"count": process.threads, "peak_count": process.threads},
        "gc": {"collectors": {"young": collector(), "old": collector()}},
        "buffer_pools": {"mapped": none(), "direct": none()},
        "classes": {"current_loaded_count": 0, "total_loaded_count": 0, "total_unloaded_count": 0}})
}

/// The pools by name with their number of threads and of what they have done.
pub(crate) fn completed(counted: &Stats) -> impl Iterator<Item = (&'static str, usize, u64)> {
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    let done = move |name: &str, counted: &Stats| match name {
        "flush" => counted.flushes,
        "force_merge" => counted.merges,
        "get" => counted.gets_found + counted.gets_missing,
        "refresh" => counted.refreshes,
        "search" => counted.searches,
        "write" => counted.indexed + counted.deletions,
        _ => 0,
    };
    let counted = *counted;
    pools(processors).map(move |(name, size)| (name, size, done(name, &counted)))
}

fn thread_pools(counted: &Stats) -> Value {
    let pool = |(name, size, done): (&'static str, usize, u64)| {
        let row = json!({"threads": size, "queue": 0, "active": 0, "rejected": 0, "largest": size,
            "completed": done});
        (name.to_owned(), row)
    };
    Value::Object(completed(counted).map(pool).collect())
}

fn disk(task: &Task<'_>, now: i64) -> Value {
    let disk = task.engine.disk_use();
    let total = json!({"total_in_bytes": disk.bytes, "free_in_bytes": disk.bytes_free,
        "available_in_bytes": disk.bytes_available});
    let mut own = total.clone();
    if let Some(own) = own.as_object_mut() {
        // Where it is on the machine is the operator's business.
        own.insert("path".into(), "data".into());
        own.insert("mount".into(), "data".into());
        own.insert("type".into(), "unknown".into());
    }
    json!({"timestamp": now, "total": total, "data": [own], "io_stats": {}})
}

fn breakers(task: &Task<'_>) -> Value {
    let (limit, used) = task.work.memory();
    let breaker = |used: u64, overhead: f64| {
        json!({"limit_size_in_bytes": limit, "limit_size": crate::cat::people(limit),
            "estimated_size_in_bytes": used, "estimated_size": crate::cat::people(used),
            "overhead": overhead, "tripped": 0})
    };
    json!({"request": breaker(used, 1.0), "fielddata": breaker(0, 1.03),
        "in_flight_requests": breaker(0, 2.0), "accounting": breaker(0, 1.0),
        "parent": breaker(used, 1.0)})
}

/// `GET /_nodes/{node_id}/usage/{metric}`: calls are not counted by their API.
pub(crate) fn usage(task: &Task<'_>) -> Answer {
    let route = &task.parsed.route;
    let wants = |metric: &str| {
        let list = route.part("metric");
        list.is_none_or(|list| list.split(',').any(|name| name == metric || name == "_all"))
    };
    let mut node = Map::new();
    node.insert("timestamp".into(), task.now.as_millisecond().into());
    node.insert("since".into(), ProcessUse::now().started.into());
    for metric in ["rest_actions", "aggregations"].into_iter().filter(|metric| wants(metric)) {
        node.insert(metric.to_owned(), json!({}));
    }
    answer(task, route.part("node_id"), node)
}

/// `GET /_nodes/hot_threads`: no stack is ever taken.
pub(crate) fn hot_threads(task: &Task<'_>) -> Answer {
    let query = &task.parsed.route.query;
    let (address, host) = address(task);
    let threads = query.number("threads")?.unwrap_or(3);
    let interval = query.get("interval").unwrap_or("500ms");
    let ignore_idle = query.flag("ignore_idle_threads", true)?;
    let text = format!(
        "::: {{{NODE_NAME}}}{{{NODE_ID}}}{{{EPHEMERAL_ID}}}{{{host}}}{{{address}}}{{dim}}\n   Hot threads at {:.3}, interval={interval}, busiestThreads={threads}, ignoreIdleThreads={ignore_idle}:\n\n",
        task.now
    );
    Ok(Response::text(200, text))
}

/// `POST /_nodes/reload_secure_settings`: there is no key store.
pub(crate) fn reload_secure_settings(task: &Task<'_>) -> Answer {
    let missing = json!({"type": "illegal_state_exception", "reason": "Keystore is missing"});
    let mut node = Map::new();
    node.insert("name".into(), NODE_NAME.into());
    node.insert("reload_exception".into(), missing);
    answer(task, task.parsed.route.part("node_id"), node)
}

/// The answer of the nodes that a list names: the one, or none.
fn answer(task: &Task<'_>, asked: Option<&str>, node: Map<String, Value>) -> Answer {
    let there = asked.is_none_or(|list| list.split(',').any(|name| is_named(task, name)));
    let count = usize::from(there);
    let mut nodes = Map::new();
    if there {
        nodes.insert(NODE_ID.to_owned(), Value::Object(node));
    }
    let answer = json!({
        "_nodes": {"total": count, "successful": count, "failed": 0},
        "cluster_name": task.engine.settings.cluster_name,
        "nodes": nodes,
    });
    task.json(200, &answer)
}

/// Whether a node specification means the one node.
pub(crate) fn is_named(task: &Task<'_>, name: &str) -> bool {
    let (address, host) = address(task);
    let own = [NODE_ID, NODE_NAME, address, host];
    let words = ["_all", "_local", "_master", "_cluster_manager", "_only_local", "_only_nodes:*"];
    if let Some((role, value)) = name.split_once(':')
        && matches!(
            role,
            "master"
                | "cluster_manager"
                | "data"
                | "ingest"
                | "voting_only"
                | "ml"
                | "coordinating_only"
        )
    {
        let has = matches!(role, "master" | "cluster_manager" | "data" | "ingest");
        return (value == "true") == has;
    }
    words.contains(&name) || own.iter().any(|own| super::names::matches(name, own))
}
