//! Tables of the one node: `_cat/nodes`, `_cat/master`, `_cat/nodeattrs`, `_cat/allocation`, `_cat/thread_pool`.

use super::meters::{self, Measured};
use super::table::{CatColumn, NULL, print};
use super::{asked, people, shown, size};
use crate::cluster::health::Health;
use crate::cluster::info::version;
use crate::cluster::measured::{MachineUse, ProcessUse, percent};
use crate::cluster::nodes::{address, completed, counted, is_named};
use crate::engine::Answer;
use crate::flavor::Flavor;
use crate::rest::execute::{Task, stats};
use crate::{EPHEMERAL_ID, NODE_ID, NODE_NAME};

/// long: the table.
const NODES: &[CatColumn] = &[
    asked("id", "id,nodeId", false, "unique node id"),
    asked("pid", "p", false, "process id"),
    shown("ip", "i", false, "ip address"),
    asked("port", "po", false, "bound transport port"),
    asked("http_address", "http", false, "bound http address"),
    asked("version", "v", false, "es version"),
    asked("type", "t", false, "es distribution type"),
    asked("build", "b", false, "es build hash"),
    asked("jdk", "j", false, "jdk version"),
    asked("disk.total", "dt,diskTotal", true, "total disk space"),
    asked("disk.used", "du,diskUsed", true, "used disk space"),
    asked("disk.avail", "d,da,disk,diskAvail", true, "available disk space"),
    asked("disk.used_percent", "dup,diskUsedPercent", true, "used disk space percentage"),
    asked("heap.current", "hc,heapCurrent", true, "used heap"),
    shown("heap.percent", "hp,heapPercent", true, "used heap ratio"),
    asked("heap.max", "hm,heapMax", true, "max configured heap"),
    asked("ram.current", "rc,ramCurrent", true, "used machine memory"),
    shown("ram.percent", "rp,ramPercent", true, "used machine memory ratio"),
    asked("ram.max", "rm,ramMax", true, "total machine memory"),
    asked("file_desc.current", "fdc,fileDescriptorCurrent", true, "used file descriptors"),
    asked("file_desc.percent", "fdp,fileDescriptorPercent", true, "used file descriptor ratio"),
    asked("file_desc.max", "fdm,fileDescriptorMax", true, "max file descriptors"),
    shown("cpu", "cpu", true, "recent cpu usage"),
    shown("load_1m", "l", true, "1m load avg"),
    shown("load_5m", "l", true, "5m load avg"),
    shown("load_15m", "l", true, "15m load avg"),
    asked("uptime", "u", true, "node uptime"),
    shown(
        "node.role",
        "r,role,nodeRole",
        false,
        "m:master eligible node, d:data node, i:ingest node, -:coordinating node only",
    ),
    shown("node.roles", "rs,all roles", false, "-:coordinating node only"),
    shown("cluster_manager", "cm,m,master", false, "*:current cluster manager"),
    shown("master", "m", false, "*:current master"),
    shown("name", "n", false, "node name"),
];

/// `GET /_cat/nodes`.
pub(crate) fn nodes(task: &Task<'_>) -> Answer {
    let flavor = task.parsed.route.flavor;
    let full_id = task.parsed.route.query.flag("full_id", false)?;
    // Each of the two has columns that the other has not.
    let missing: &[&str] = match flavor {
        Flavor::Elasticsearch710 => &["node.roles", "cluster_manager"],
        Flavor::OpenSearch219 => &["master"],
    };
    let own = own_cells(task, full_id);
    let there = |name: &str| !missing.contains(&name);
    let kept = NODES.iter().zip(own).filter(|(column, _)| there(&column.name));
    let (mut columns, mut row): (Vec<CatColumn>, Vec<String>) =
        kept.map(|(column, cell)| (column.clone(), cell)).unzip();
    columns.extend(meters::columns(Measured::Node));
    let all = stats::metrics(task, None, "metric")?;
    let printed = stats::printed(&counted(task)?, &all, false, flavor);
    row.extend(meters::cells(&printed, task.parsed.route.query.get("bytes"), Measured::Node)?);
    print(task, &columns, vec![row])
}

fn own_cells(task: &Task<'_>, full_id: bool) -> Vec<String> {
    let (machine, process) = (MachineUse::now(), ProcessUse::now());
    let disk = task.engine.disk_use();
    let (address, host) = address(task);
    let now = task.now.as_millisecond();
    let uptime = u64::try_from(now).unwrap_or(0).saturating_sub(process.started);
    let id: String = NODE_ID.chars().take(if full_id { 22 } else { 4 }).collect();
    let [one, five, fifteen] = machine.load.map(|load| format!("{load:.2}"));
    // Two digits behind the point.
    let hundredths = percent(disk.bytes_used().saturating_mul(100), disk.bytes);
    vec![
        id,
        process.id.to_string(),
        host.to_owned(),
        address.rsplit_once(':').map_or("", |(_, port)| port).to_owned(),
        address.to_owned(),
        version(task.parsed.route.flavor).to_owned(),
        "tar".to_owned(),
        "unknown".to_owned(),
        "none".to_owned(),
        people(disk.bytes),
        people(disk.bytes_used()),
        people(disk.bytes_available),
        format!("{}.{:02}", hundredths / 100, hundredths % 100),
        people(process.resident_bytes),
        percent(process.resident_bytes, machine.memory_bytes).to_string(),
        people(machine.memory_bytes),
        people(machine.memory_bytes_used()),
        machine.used_percent().to_string(),
        people(machine.memory_bytes),
        process.open_files.to_string(),
        percent(process.open_files, process.open_files_max).to_string(),
        process.open_files_max.to_string(),
        machine.cpu_percent().to_string(),
        one,
        five,
        fifteen,
        meters::time(uptime),
        "dim".to_owned(),
        "cluster_manager,data,ingest".to_owned(),
        "*".to_owned(),
        "*".to_owned(),
        NODE_NAME.to_owned(),
    ]
}

const CLUSTER_MANAGER: &[CatColumn] = &[
    shown("id", "", false, "node id"),
    shown("host", "h", false, "host name"),
    shown("ip", "", false, "ip address"),
    shown("node", "n", false, "node name"),
];

/// `GET /_cat/cluster_manager`, `GET /_cat/master`.
pub(crate) fn cluster_manager(task: &Task<'_>) -> Answer {
    let (_, host) = address(task);
    let row = [NODE_ID, host, host, NODE_NAME].map(str::to_owned);
    print(task, CLUSTER_MANAGER, vec![row.to_vec()])
}

const NODEATTRS: &[CatColumn] = &[
    shown("node", "name", false, "node name"),
    asked("id", "id,nodeId", false, "unique node id"),
    asked("pid", "p", false, "process id"),
    shown("host", "h", false, "host name"),
    shown("ip", "i", false, "ip address"),
    asked("port", "po", false, "bound transport port"),
    shown("attr", "attr.name", false, "attribute description"),
    shown("value", "attr.value", false, "attribute value"),
];

/// `GET /_cat/nodeattrs`: the node has no attributes.
pub(crate) fn nodeattrs(task: &Task<'_>) -> Answer {
    print(task, NODEATTRS, Vec::new())
}

const ALLOCATION: &[CatColumn] = &[
    shown("shards", "s", true, "number of shards on node"),
    shown("disk.indices", "di,diskIndices", true, "disk used by ES indices"),
    shown("disk.used", "du,diskUsed", true, "disk used (total, not just ES)"),
    shown("disk.avail", "da,diskAvail", true, "disk available"),
    shown("disk.total", "dt,diskTotal", true, "total capacity of all volumes"),
    shown("disk.percent", "dp,diskPercent", true, "percent disk used"),
    shown("host", "h", false, "host of node"),
    shown("ip", "", false, "ip of node"),
    shown("node", "n", false, "name of node"),
];

/// `GET /_cat/allocation/{node_id}`.
pub(crate) fn allocation(task: &Task<'_>) -> Answer {
    let route = &task.parsed.route;
    let unit = route.query.get("bytes");
    let seen = task.metadata.indices().filter(|index| task.view.sees(&index.uuid));
    let health = Health::of(seen);
    let disk = task.engine.disk_use();
    let (_, host) = address(task);
    let shown = |bytes: u64| match unit {
        Some(_) => size(bytes, unit),
        None => Ok(people(bytes)),
    };
    let mut rows = Vec::new();
    let named = route.part("node_id");
    if named.is_none_or(|list| list.split(',').any(|name| is_named(task, name))) {
        rows.push(vec![
            health.primaries.to_string(),
            shown(counted(task)?.bytes)?,
            shown(disk.bytes_used())?,
            shown(disk.bytes_available)?,
            shown(disk.bytes)?,
            disk.used_percent().to_string(),
            host.to_owned(),
            host.to_owned(),
            NODE_NAME.to_owned(),
        ]);
    }
    if health.unassigned > 0 {
        let mut row = vec![NULL.to_owned(); ALLOCATION.len()];
        if let [shards, .., node] = row.as_mut_slice() {
            *shards = health.unassigned.to_string();
            *node = "UNASSIGNED".to_owned();
        }
        rows.push(row);
    }
    print(task, ALLOCATION, rows)
}

/// long: the table.
const THREAD_POOL: &[CatColumn] = &[
    shown("node_name", "nn", false, "node name"),
    asked("node_id", "id", false, "persistent node id"),
    asked("ephemeral_node_id", "eid", false, "ephemeral node id"),
    asked("pid", "p", false, "process id"),
    asked("host", "h", false, "host name"),
    asked("ip", "i", false, "ip address"),
    asked("port", "po", false, "bound transport port"),
    shown("name", "n", false, "thread pool name"),
    asked("type", "t", false, "thread pool type"),
    shown("active", "a", true, "number of active threads"),
    asked("pool_size", "psz", true, "number of threads"),
    shown("queue", "q", true, "number of tasks currently in queue"),
    asked("queue_size", "qs", true, "maximum number of tasks permitted in queue"),
    shown("rejected", "r", true, "number of rejected tasks"),
    asked("largest", "l", true, "highest number of seen active threads"),
    asked("completed", "c", true, "number of completed tasks"),
    asked("core", "cr", true, "core number of threads in a scaling thread pool"),
    asked("max", "mx", true, "maximum number of threads in a scaling thread pool"),
    asked("size", "sz", true, "number of threads in a fixed thread pool"),
    asked("keep_alive", "ka", true, "thread keep alive time"),
];

/// `GET /_cat/thread_pool/{thread_pool_patterns}`.
pub(crate) fn thread_pool(task: &Task<'_>) -> Answer {
    let wanted = task.parsed.route.part("thread_pool_patterns");
    let (address, host) = address(task);
    let port = address.rsplit_once(':').map_or("", |(_, port)| port);
    let pid = std::process::id().to_string();
    let counted = counted(task)?;
    let rows = completed(&counted).filter(|(name, _, _)| {
        wanted.is_none_or(|list| {
            list.split(',').any(|pattern| crate::name_pattern::matches(pattern, name))
        })
    });
    let row = |(name, size, done): (&'static str, usize, u64)| {
        let size = size.to_string();
        let done = done.to_string();
        let texts: [&str; 16] = [
            NODE_NAME,
            NODE_ID,
            EPHEMERAL_ID,
            &pid,
            host,
            host,
            port,
            name,
            "fixed",
            "0",
            &size,
            "0",
            "-1",
            "0",
            &size,
            &done,
        ];
        let mut row: Vec<String> = texts.map(str::to_owned).to_vec();
        row.extend([NULL.to_owned(), NULL.to_owned(), size.clone(), NULL.to_owned()]);
        row
    };
    let rows: Vec<Vec<String>> = rows.map(row).collect();
    print(task, THREAD_POOL, rows)
}
