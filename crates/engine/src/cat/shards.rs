//! Tables of shards: `_cat/segments`, `_cat/recovery`, `_cat/segment_replication`.

use super::table::{CatColumn, print};
use super::{ROW_BYTES, asked, people, shown, size};
use crate::cluster::nodes::address;
use crate::engine::Answer;
use crate::rest::execute::Task;
use crate::rest::execute::shards::{Recovery, lucene};
use crate::value::time;
use crate::{NODE_ID, NODE_NAME};

/// long: the table.
const SEGMENTS: &[CatColumn] = &[
    shown("index", "i,idx", false, "index name"),
    shown("shard", "s,sh", false, "shard name"),
    shown("prirep", "p,pr,primaryOrReplica", false, "primary or replica"),
    shown("ip", "", false, "ip of node where it lives"),
    asked("id", "", false, "unique id of node where it lives"),
    shown("segment", "seg", false, "segment name"),
    shown("generation", "g,gen", true, "segment generation"),
    shown("docs.count", "dc,docsCount", true, "number of docs in segment"),
    shown("docs.deleted", "dd,docsDeleted", true, "number of deleted docs in segment"),
    shown("size", "si", true, "segment size in bytes"),
    shown("size.memory", "sm,sizeMemory", true, "segment memory in bytes"),
    shown("committed", "ic,isCommitted", false, "is segment committed"),
    shown("searchable", "is,isSearchable", false, "is segment searched"),
    shown("version", "v,ver", false, "version"),
    shown("compound", "ico,isCompound", false, "is segment compound"),
];

/// `GET /_cat/segments/{index}`.
pub(crate) fn segments(task: &Task<'_>) -> Answer {
    let unit = task.parsed.route.query.get("bytes");
    let (_, host) = address(task);
    let mut rows = Vec::new();
    let mut held = task.work.holds("<http_response>");
    for index in task.indices()? {
        for segment in task.open(&index)?.segments() {
            task.work.check()?;
            held.grow(ROW_BYTES)?;
            let bytes = match unit {
                Some(_) => size(segment.bytes, unit)?,
                None => people(segment.bytes),
            };
            rows.push(vec![
                index.name.clone(),
                "0".to_owned(),
                "p".to_owned(),
                host.to_owned(),
                NODE_ID.to_owned(),
                segment.name(),
                segment.generation.to_string(),
                segment.documents.to_string(),
                segment.deleted.to_string(),
                bytes,
                "0".to_owned(),
                segment.committed.to_string(),
                "true".to_owned(),
                lucene(task.parsed.route.flavor).to_owned(),
                "true".to_owned(),
            ]);
        }
    }
    print(task, SEGMENTS, rows)
}

/// long: the table.
const RECOVERY: &[CatColumn] = &[
    shown("index", "i,idx", false, "index name"),
    shown("shard", "s,sh", false, "shard name"),
    asked("start_time", "start", false, "recovery start time"),
    asked("start_time_millis", "start_millis", false, "recovery start time in epoch milliseconds"),
    asked("stop_time", "stop", false, "recovery stop time"),
    asked("stop_time_millis", "stop_millis", false, "recovery stop time in epoch milliseconds"),
    shown("time", "t,ti", false, "recovery time"),
    shown("type", "ty", false, "recovery type"),
    shown("stage", "st", false, "recovery stage"),
    shown("source_host", "shost", false, "source host"),
    shown("source_node", "snode", false, "source node name"),
    shown("target_host", "thost", false, "target host"),
    shown("target_node", "tnode", false, "target node name"),
    shown("repository", "rep", false, "repository"),
    shown("snapshot", "snap", false, "snapshot"),
    shown("files", "f", false, "number of files to recover"),
    shown("files_recovered", "fr", false, "files recovered"),
    shown("files_percent", "fp", false, "percent of files recovered"),
    shown("files_total", "tf", false, "total number of files"),
    shown("bytes", "b", false, "number of bytes to recover"),
    shown("bytes_recovered", "br", false, "bytes recovered"),
    shown("bytes_percent", "bp", false, "percent of bytes recovered"),
    shown("bytes_total", "tb", false, "total number of bytes"),
    shown("translog_ops", "to", false, "number of translog ops to recover"),
    shown("translog_ops_recovered", "tor", false, "translog ops recovered"),
    shown("translog_ops_percent", "top", false, "percent of translog ops recovered"),
];

/// `GET /_cat/recovery/{index}`.
pub(crate) fn recovery(task: &Task<'_>) -> Answer {
    let query = &task.parsed.route.query;
    query.flag("detailed", false)?;
    let active = query.flag("active_only", false)?;
    let (_, host) = address(task);
    let mut rows = Vec::new();
    let mut held = task.work.holds("<http_response>");
    for index in if active { Vec::new() } else { task.indices()? } {
        let Ok(open) = task.open(&index) else { continue };
        let all = open.stats().bytes;
        for shard in 0..index.settings.count("number_of_shards", 1) {
            task.work.check()?;
            held.grow(ROW_BYTES)?;
            let recovery = Recovery::of(task, &index, shard, all);
            let moment = |milliseconds: i64| {
                let moment = jiff::Timestamp::from_millisecond(milliseconds);
                moment.map_or_else(|_| String::new(), |moment| format!("{moment:.3}"))
            };
            let ((began, ended), (copied, files)) = (recovery.times, recovery.copied);
            let none = || "n/a".to_owned();
            let from = recovery.restored;
            rows.push(vec![
                index.name.clone(),
                shard.to_string(),
                moment(began),
                began.to_string(),
                moment(ended),
                ended.to_string(),
                time::print(recovery.milliseconds()),
                recovery.kind.to_ascii_lowercase(),
                "done".to_owned(),
                none(),
                none(),
                host.to_owned(),
                NODE_NAME.to_owned(),
                from.map_or_else(none, |from| from.repository.clone()),
                from.map_or_else(none, |from| from.snapshot.clone()),
                files.to_string(),
                files.to_string(),
                recovery.percent().to_owned(),
                (recovery.reused.1 + files).to_string(),
                copied.to_string(),
                copied.to_string(),
                recovery.percent().to_owned(),
                (recovery.reused.0 + copied).to_string(),
                "0".to_owned(),
                "0".to_owned(),
                "100.0%".to_owned(),
            ]);
        }
    }
    print(task, RECOVERY, rows)
}

const SEGMENT_REPLICATION: &[CatColumn] = &[
    shown("shardId", "s", false, " shard Id"),
    shown("target_node", "tnode", false, "target node name"),
    shown("target_host", "thost", false, "target host"),
    shown("checkpoints_behind", "cpb", false, "checkpoints behind primary"),
    shown("bytes_behind", "bb", false, "bytes behind primary"),
    shown(
        "current_lag",
        "clag",
        false,
        "ongoing time elapsed waiting for replica to catch up to primary",
    ),
    shown(
        "last_completed_lag",
        "lcl",
        false,
        "time taken for replica to catch up to latest primary refresh",
    ),
    shown("rejected_requests", "rr", false, "count of rejected requests for the replication group"),
];

/// `GET /_cat/segment_replication/{index}`: there are no replicas.
pub(crate) fn segment_replication(task: &Task<'_>) -> Answer {
    task.indices()?;
    print(task, SEGMENT_REPLICATION, Vec::new())
}
