//! Tables for people: `_cat/indices`, `_cat/aliases`, `_cat/count`, `_cat/health`.
//! Source: "cat APIs" of Elasticsearch 7.10 and OpenSearch 2.19. Rows are those of the indices the view holds.

mod meters;
mod node;
mod registries;
mod shards;
mod table;

use crate::cluster::health::Health;
use crate::cluster::metadata::{Alias, IndexMetadata};
use crate::engine::Answer;
use crate::exception::Exception;
use crate::index::Stats;
use crate::response::Response;
use crate::rest::Api;
use crate::rest::execute::{Task, search, stats};
use meters::Measured;
pub(crate) use node::{allocation, cluster_manager, nodeattrs, nodes, thread_pool};
pub(crate) use registries::{
    fielddata, pending_tasks, plugins, repositories, snapshots, tasks, templates,
};
use serde_json::Value;
pub(crate) use shards::{recovery, segment_replication, segments};
use std::borrow::Cow;
use table::{CatColumn, NULL, print};

/// What a row takes while it is a list of cells: some ten texts.
const ROW_BYTES: u64 = 640;

/// What a cell beside these takes.
const CELL_BYTES: u64 = 40;

/// A column that is shown unasked.
const fn shown(
    name: &'static str,
    aliases: &'static str,
    right: bool,
    about: &'static str,
) -> CatColumn {
    CatColumn { name: Cow::Borrowed(name), aliases, about, shown: true, right }
}

/// A column that is shown when asked for.
const fn asked(
    name: &'static str,
    aliases: &'static str,
    right: bool,
    about: &'static str,
) -> CatColumn {
    CatColumn { name: Cow::Borrowed(name), aliases, about, shown: false, right }
}

/// `GET /_cat`: the paths of those rows of the path table that are built.
pub(crate) fn help(_task: &Task<'_>) -> Answer {
    let built = Api::ALL.iter().filter(|api| api.built()).flat_map(|api| api.row().paths);
    let paths = built.filter_map(|path| path.strip_prefix("GET /_cat/"));
    let lines: String = paths.map(|path| format!("/_cat/{path}\n")).collect();
    Ok(Response::text(200, format!("=^.^=\n{lines}")))
}

const INDICES: &[CatColumn] = &[
    shown("health", "h", false, "current health status"),
    shown("status", "s", false, "open/close status"),
    shown("index", "i,idx", false, "index name"),
    shown("uuid", "id,uuid", false, "index uuid"),
    shown("pri", "p,shards.primary,shardsPrimary", true, "number of primary shards"),
    shown("rep", "r,shards.replica,shardsReplica", true, "number of replica shards"),
    shown("docs.count", "dc,docsCount", true, "available docs"),
    shown("docs.deleted", "dd,docsDeleted", true, "deleted docs"),
    asked("creation.date", "cd", false, "index creation date (millisecond value)"),
    asked("creation.date.string", "cds", false, "index creation date (as string)"),
    shown("store.size", "ss,storeSize", true, "store size of primaries & replicas"),
    shown("pri.store.size", "", true, "store size of primaries"),
];

/// `GET /_cat/indices/{index}`.
pub(crate) fn indices(task: &Task<'_>) -> Answer {
    let query = &task.parsed.route.query;
    let unit = query.get("bytes");
    if let Some(unknown) =
        query.get("health").filter(|health| !["green", "yellow", "red"].contains(health))
    {
        let reason = format!("unknown cluster health status [{unknown}]");
        return Err(Exception::illegal_argument(reason));
    }
    let wants_numbers = wants_numbers(task)?;
    let mut rows = Vec::new();
    let mut held = task.work.holds("<http_response>");
    for index in task.indices()? {
        task.work.check()?;
        let health = Health::of(std::iter::once(&index));
        if query.get("health").is_some_and(|wanted| wanted != health.status) {
            continue;
        }
        let (stats, measured) = asked_numbers(task, &index, wants_numbers, Measured::Index)?;
        let created = jiff::Timestamp::from_millisecond(index.creation_date)
            .map_or_else(|_| String::new(), |moment| format!("{moment:.3}"));
        let count = |count: u64| if index.closed { NULL.to_owned() } else { count.to_string() };
        let store = if index.closed { NULL.to_owned() } else { size(stats.bytes, unit)? };
        held.grow(ROW_BYTES + measured.len() as u64 * CELL_BYTES)?;
        let own = [
            health.status.to_owned(),
            if index.closed { "close" } else { "open" }.to_owned(),
            index.name.clone(),
            index.uuid.to_string(),
            index.settings.count("number_of_shards", 1).to_string(),
            index.settings.count("number_of_replicas", 1).to_string(),
            count(stats.documents),
            count(stats.deleted),
            index.creation_date.to_string(),
            created,
            store.clone(),
            store,
        ];
        rows.push(own.into_iter().chain(measured).collect());
    }
    print(task, &with_numbers(INDICES, wants_numbers, Measured::Index), rows)
}

/// Whether the query string says which columns are to be shown, or sorted by: then the numbers of `_stats` are among them.
fn wants_numbers(task: &Task<'_>) -> Result<bool, Exception> {
    let query = &task.parsed.route.query;
    Ok(query.get("h").is_some() || query.get("s").is_some() || query.flag("help", false)?)
}

fn with_numbers(own: &[CatColumn], wanted: bool, of: Measured) -> Vec<CatColumn> {
    own.iter().cloned().chain(wanted.then(|| meters::columns(of)).into_iter().flatten()).collect()
}

/// The counts of an index, and if `wanted` the cells of its numbers.
fn asked_numbers(
    task: &Task<'_>,
    index: &IndexMetadata,
    wanted: bool,
    of: Measured,
) -> Result<(Stats, Vec<String>), Exception> {
    let open = task.open(index)?;
    if !wanted {
        return Ok((open.stats(), Vec::new()));
    }
    let (counts, _) = stats::measured(task, &open)?;
    let route = &task.parsed.route;
    let printed =
        stats::printed(&counts, &stats::metrics(task, None, "metric")?, false, route.flavor);
    let cells = meters::cells(&printed, route.query.get("bytes"), of)?;
    Ok((counts, cells))
}

const SHARDS: &[CatColumn] = &[
    shown("index", "i,idx", false, "index name"),
    shown("shard", "s,sh", false, "shard name"),
    shown("prirep", "p,pr,primaryOrReplica", false, "primary or replica"),
    shown("state", "st", false, "shard state"),
    shown("docs", "d,dc", true, "number of docs in shard"),
    shown("store", "sto", true, "store size of shard (how much disk it uses)"),
    shown("ip", "", false, "ip of node where it lives"),
    asked("id", "", false, "unique id of node where it lives"),
    shown("node", "n", false, "name of node where it lives"),
];

/// `GET /_cat/shards/{index}`: the primaries, and the replicas that a single node cannot hold.
pub(crate) fn shards(task: &Task<'_>) -> Answer {
    let query = &task.parsed.route.query;
    let address = &task.engine.settings.publish_address;
    let host = address.rsplit_once(':').map_or(address.as_str(), |(host, _)| host);
    let wants_numbers = wants_numbers(task)?;
    let mut rows = Vec::new();
    let mut held = task.work.holds("<http_response>");
    for index in task.indices()? {
        task.work.check()?;
        let (stats, measured) = asked_numbers(task, &index, wants_numbers, Measured::Shard)?;
        let empty = match wants_numbers {
            true => meters::cells(&Value::Null, query.get("bytes"), Measured::Shard)?,
            false => Vec::new(),
        };
        for shard in 0..index.settings.count("number_of_shards", 1) {
            // Whatever the setting says, the first shard holds the documents.
            let (documents, bytes) =
                if shard == 0 { (stats.documents, stats.bytes) } else { (0, 0) };
            let copy = [
                documents.to_string(),
                size(bytes, query.get("bytes"))?,
                host.to_owned(),
                crate::NODE_ID.to_owned(),
                crate::NODE_NAME.to_owned(),
            ];
            let row = |kind: &str, state: &str| {
                vec![index.name.clone(), shard.to_string(), kind.to_owned(), state.to_owned()]
            };
            // As with the documents, the first shard did all the work.
            let measured = if shard == 0 { measured.clone() } else { empty.clone() };
            let bytes = ROW_BYTES + measured.len() as u64 * CELL_BYTES;
            held.grow(bytes)?;
            rows.push([row("p", "STARTED"), copy.to_vec(), measured].concat());
            for _ in 0..index.settings.count("number_of_replicas", 1) {
                task.work.check()?;
                held.grow(bytes)?;
                let unknown = vec![NULL.to_owned(); 5 + empty.len()];
                rows.push([row("r", "UNASSIGNED"), unknown].concat());
            }
        }
    }
    print(task, &with_numbers(SHARDS, wants_numbers, Measured::Shard), rows)
}

const ALIASES: &[CatColumn] = &[
    shown("alias", "a", false, "alias name"),
    shown("index", "i,idx", false, "index alias points to"),
    shown("filter", "f,fi", false, "filter"),
    shown("routing.index", "ri,routingIndex", false, "index routing"),
    shown("routing.search", "rs,routingSearch", false, "search routing"),
    shown("is_write_index", "w,isWriteIndex", false, "write index"),
];

/// `GET /_cat/aliases/{name}`.
pub(crate) fn aliases(task: &Task<'_>) -> Answer {
    let route = &task.parsed.route;
    let patterns: Vec<&str> =
        route.part("name").map(|list| list.split(',').collect()).unwrap_or_default();
    let hidden_too = route
        .query
        .list("expand_wildcards")
        .is_none_or(|words| words.iter().any(|word| matches!(*word, "hidden" | "all")));
    let dash = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".to_owned());
    let mut rows = Vec::new();
    let mut held = task.work.holds("<http_response>");
    for index in task.indices()? {
        task.work.check()?;
        let wanted = |(name, alias): &(&String, &Alias)| {
            let named = patterns.iter().any(|pattern| crate::name_pattern::matches(pattern, name));
            (patterns.is_empty() || named) && (hidden_too || alias.is_hidden != Some(true))
        };
        for (name, alias) in index.aliases.iter().filter(wanted) {
            held.grow(ROW_BYTES)?;
            rows.push(vec![
                name.clone(),
                index.name.clone(),
                if alias.filter.is_some() { "*" } else { "-" }.to_owned(),
                dash(&alias.index_routing),
                dash(&alias.search_routing),
                alias.is_write_index.map_or_else(|| "-".to_owned(), |write| write.to_string()),
            ]);
        }
    }
    print(task, ALIASES, rows)
}

const COUNT: &[CatColumn] = &[
    shown("epoch", "t,time", false, "seconds since 1970-01-01 00:00:00"),
    shown("timestamp", "ts,hms,hhmmss", false, "time in HH:MM:SS"),
    shown("count", "dc,docs.count,docsCount", false, "the document count"),
];

/// `GET /_cat/count/{index}`.
pub(crate) fn count(task: &Task<'_>) -> Answer {
    let query = &task.parsed.route.query;
    let mut count = 0;
    // The help says what is in the table, whatever is in the indices.
    if !query.flag("help", false)? {
        count = search::counted(task)?;
    }
    let [epoch, time] = moment(task);
    print(task, COUNT, vec![vec![epoch, time, count.to_string()]])
}

const HEALTH: &[CatColumn] = &[
    shown("epoch", "t,time", false, "seconds since 1970-01-01 00:00:00"),
    shown("timestamp", "ts,hms,hhmmss", false, "time in HH:MM:SS"),
    shown("cluster", "cl", false, "cluster name"),
    shown("status", "st", false, "health status"),
    shown("node.total", "nt,nodeTotal", true, "total number of nodes"),
    shown("node.data", "nd,nodeData", true, "number of nodes that can store data"),
    shown("shards", "t,sh,shards.total,shardsTotal", true, "total number of shards"),
    shown("pri", "p,shards.primary,shardsPrimary", true, "number of primary shards"),
    shown("relo", "r,shards.relocating,shardsRelocating", true, "number of relocating nodes"),
    shown("init", "i,shards.initializing,shardsInitializing", true, "number of initializing nodes"),
    shown("unassign", "u,shards.unassigned,shardsUnassigned", true, "number of unassigned shards"),
    shown("pending_tasks", "pt,pendingTasks", true, "number of pending tasks"),
    shown("max_task_wait_time", "mtwt,maxTaskWaitTime", true, "wait time of longest task pending"),
    shown(
        "active_shards_percent",
        "asp,activeShardsPercent",
        true,
        "active number of shards in percent",
    ),
];

/// `GET /_cat/health`: of every index that the view holds; a count of the others would tell that they are there.
pub(crate) fn health(task: &Task<'_>) -> Answer {
    let health = Health::of(task.indices()?.iter());
    let [epoch, time] = moment(task);
    let row = vec![
        epoch,
        time,
        task.engine.settings.cluster_name.clone(),
        health.status.to_owned(),
        "1".to_owned(),
        "1".to_owned(),
        health.primaries.to_string(),
        health.primaries.to_string(),
        "0".to_owned(),
        "0".to_owned(),
        health.unassigned.to_string(),
        "0".to_owned(),
        "-".to_owned(),
        format!("{:.1}%", health.percent()),
    ];
    let query = &task.parsed.route.query;
    if query.flag("ts", true)? {
        return print(task, HEALTH, vec![row]);
    }
    let (columns, row) = (HEALTH.get(2..).unwrap_or_default(), row.into_iter().skip(2).collect());
    print(task, columns, vec![row])
}

fn moment(task: &Task<'_>) -> [String; 2] {
    let clock = task.now.to_zoned_datetime(jiff::tz::TimeZone::UTC);
    let time = format!("{:02}:{:02}:{:02}", clock.hour(), clock.minute(), clock.second());
    [task.now.as_second().to_string(), time]
}

/// A size as people read it: `1.2kb`.
pub(crate) fn people(bytes: u64) -> String {
    size(bytes, None).unwrap_or_default()
}

/// A size as people read it (`1.2kb`), or a plain number in the unit asked for.
fn size(bytes: u64, unit: Option<&str>) -> Result<String, Exception> {
    let units = [
        ("b", 0),
        ("k", 1),
        ("kb", 1),
        ("m", 2),
        ("mb", 2),
        ("g", 3),
        ("gb", 3),
        ("t", 4),
        ("tb", 4),
    ];
    if let Some(unit) = unit {
        let power = units.iter().find(|(name, _)| *name == unit).map(|(_, power)| *power);
        let Some(power) = power else {
            return Err(Exception::illegal_argument(format!(
                "failed to parse bytes unit [{unit}]"
            )));
        };
        return Ok((bytes / 1024_u64.pow(power)).to_string());
    }
    let mut tenths = bytes.saturating_mul(10);
    let mut name = "b";
    for larger in ["kb", "mb", "gb", "tb"] {
        if tenths < 10_240 {
            break;
        }
        tenths /= 1024;
        name = larger;
    }
    let (whole, rest) = (tenths / 10, tenths % 10);
    Ok(if rest == 0 { format!("{whole}{name}") } else { format!("{whole}.{rest}{name}") })
}
