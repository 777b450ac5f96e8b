//! What `_cat/indices`, `_cat/shards` and `_cat/nodes` tell beside their own columns: the numbers of `_stats`, one row a
//! column. Source: `RestIndicesAction`, `RestShardsAction`, `RestNodesAction` of OpenSearch 2.19.

use super::table::CatColumn;
use super::{people, size};
use crate::exception::Exception;
use serde_json::Value;

/// How a number is shown.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Unit {
    Count,
    Bytes,
    Time,
}

use Unit::{Bytes, Count, Time};

/// One number: its column, the column's short names, where `_stats` has it, how it is shown, what it says.
struct Meter(&'static str, &'static str, &'static str, Unit, &'static str);

/// long: the table.
const METERS: &[Meter] = &[
    Meter(
        "completion.size",
        "cs,completionSize",
        "/completion/size_in_bytes",
        Bytes,
        "size of completion",
    ),
    Meter(
        "fielddata.memory_size",
        "fm,fielddataMemory",
        "/fielddata/memory_size_in_bytes",
        Bytes,
        "used fielddata cache",
    ),
    Meter(
        "fielddata.evictions",
        "fe,fielddataEvictions",
        "/fielddata/evictions",
        Count,
        "fielddata evictions",
    ),
    Meter(
        "query_cache.memory_size",
        "qcm,queryCacheMemory",
        "/query_cache/memory_size_in_bytes",
        Bytes,
        "used query cache",
    ),
    Meter(
        "query_cache.evictions",
        "qce,queryCacheEvictions",
        "/query_cache/evictions",
        Count,
        "query cache evictions",
    ),
    Meter(
        "request_cache.memory_size",
        "rcm,requestCacheMemory",
        "/request_cache/memory_size_in_bytes",
        Bytes,
        "used request cache",
    ),
    Meter(
        "request_cache.evictions",
        "rce,requestCacheEvictions",
        "/request_cache/evictions",
        Count,
        "request cache evictions",
    ),
    Meter(
        "request_cache.hit_count",
        "rchc,requestCacheHitCount",
        "/request_cache/hit_count",
        Count,
        "request cache hit count",
    ),
    Meter(
        "request_cache.miss_count",
        "rcmc,requestCacheMissCount",
        "/request_cache/miss_count",
        Count,
        "request cache miss count",
    ),
    Meter("flush.total", "ft,flushTotal", "/flush/total", Count, "number of flushes"),
    Meter(
        "flush.total_time",
        "ftt,flushTotalTime",
        "/flush/total_time_in_millis",
        Time,
        "time spent in flush",
    ),
    Meter("get.current", "gc,getCurrent", "/get/current", Count, "number of current get ops"),
    Meter("get.time", "gti,getTime", "/get/time_in_millis", Time, "time spent in get"),
    Meter("get.total", "gto,getTotal", "/get/total", Count, "number of get ops"),
    Meter(
        "get.exists_time",
        "geti,getExistsTime",
        "/get/exists_time_in_millis",
        Time,
        "time spent in successful gets",
    ),
    Meter(
        "get.exists_total",
        "geto,getExistsTotal",
        "/get/exists_total",
        Count,
        "number of successful gets",
    ),
    Meter(
        "get.missing_time",
        "gmti,getMissingTime",
        "/get/missing_time_in_millis",
        Time,
        "time spent in failed gets",
    ),
    Meter(
        "get.missing_total",
        "gmto,getMissingTotal",
        "/get/missing_total",
        Count,
        "number of failed gets",
    ),
    Meter(
        "indexing.delete_current",
        "idc,indexingDeleteCurrent",
        "/indexing/delete_current",
        Count,
        "number of current deletions",
    ),
    Meter(
        "indexing.delete_time",
        "idti,indexingDeleteTime",
        "/indexing/delete_time_in_millis",
        Time,
        "time spent in deletions",
    ),
    Meter(
        "indexing.delete_total",
        "idto,indexingDeleteTotal",
        "/indexing/delete_total",
        Count,
        "number of delete ops",
    ),
    Meter(
        "indexing.index_current",
        "iic,indexingIndexCurrent",
        "/indexing/index_current",
        Count,
        "number of current indexing ops",
    ),
    Meter(
        "indexing.index_time",
        "iiti,indexingIndexTime",
        "/indexing/index_time_in_millis",
        Time,
        "time spent in indexing",
    ),
    Meter(
        "indexing.index_total",
        "iito,indexingIndexTotal",
        "/indexing/index_total",
        Count,
        "number of indexing ops",
    ),
    Meter(
        "indexing.index_failed",
        "iif,indexingIndexFailed",
        "/indexing/index_failed",
        Count,
        "number of failed indexing ops",
    ),
    Meter(
        "merges.current",
        "mc,mergesCurrent",
        "/merges/current",
        Count,
        "number of current merges",
    ),
    Meter(
        "merges.current_docs",
        "mcd,mergesCurrentDocs",
        "/merges/current_docs",
        Count,
        "number of current merging docs",
    ),
    Meter(
        "merges.current_size",
        "mcs,mergesCurrentSize",
        "/merges/current_size_in_bytes",
        Bytes,
        "size of current merges",
    ),
    Meter(
        "merges.total",
        "mt,mergesTotal",
        "/merges/total",
        Count,
        "number of completed merge ops",
    ),
    Meter("merges.total_docs", "mtd,mergesTotalDocs", "/merges/total_docs", Count, "docs merged"),
    Meter(
        "merges.total_size",
        "mts,mergesTotalSize",
        "/merges/total_size_in_bytes",
        Bytes,
        "size merged",
    ),
    Meter(
        "merges.total_time",
        "mtt,mergesTotalTime",
        "/merges/total_time_in_millis",
        Time,
        "time spent in merges",
    ),
    Meter("refresh.total", "rto,refreshTotal", "/refresh/total", Count, "total refreshes"),
    Meter(
        "refresh.time",
        "rti,refreshTime",
        "/refresh/total_time_in_millis",
        Time,
        "time spent in refreshes",
    ),
    Meter(
        "refresh.external_total",
        "rto,refreshTotal",
        "/refresh/external_total",
        Count,
        "total external refreshes",
    ),
    Meter(
        "refresh.external_time",
        "rti,refreshTime",
        "/refresh/external_total_time_in_millis",
        Time,
        "time spent in external refreshes",
    ),
    Meter(
        "refresh.listeners",
        "rli,refreshListeners",
        "/refresh/listeners",
        Count,
        "number of pending refresh listeners",
    ),
    Meter(
        "search.fetch_current",
        "sfc,searchFetchCurrent",
        "/search/fetch_current",
        Count,
        "current fetch phase ops",
    ),
    Meter(
        "search.fetch_time",
        "sfti,searchFetchTime",
        "/search/fetch_time_in_millis",
        Time,
        "time spent in fetch phase",
    ),
    Meter(
        "search.fetch_total",
        "sfto,searchFetchTotal",
        "/search/fetch_total",
        Count,
        "total fetch ops",
    ),
    Meter(
        "search.open_contexts",
        "so,searchOpenContexts",
        "/search/open_contexts",
        Count,
        "open search contexts",
    ),
    Meter(
        "search.query_current",
        "sqc,searchQueryCurrent",
        "/search/query_current",
        Count,
        "current query phase ops",
    ),
    Meter(
        "search.query_time",
        "sqti,searchQueryTime",
        "/search/query_time_in_millis",
        Time,
        "time spent in query phase",
    ),
    Meter(
        "search.query_total",
        "sqto,searchQueryTotal",
        "/search/query_total",
        Count,
        "total query phase ops",
    ),
    Meter(
        "search.scroll_current",
        "scc,searchScrollCurrent",
        "/search/scroll_current",
        Count,
        "open scroll contexts",
    ),
    Meter(
        "search.scroll_time",
        "scti,searchScrollTime",
        "/search/scroll_time_in_millis",
        Time,
        "time scroll contexts held open",
    ),
    Meter(
        "search.scroll_total",
        "scto,searchScrollTotal",
        "/search/scroll_total",
        Count,
        "completed scroll contexts",
    ),
    Meter("segments.count", "sc,segmentsCount", "/segments/count", Count, "number of segments"),
    Meter(
        "segments.memory",
        "sm,segmentsMemory",
        "/segments/memory_in_bytes",
        Bytes,
        "memory used by segments",
    ),
    Meter(
        "segments.index_writer_memory",
        "siwm,segmentsIndexWriterMemory",
        "/segments/index_writer_memory_in_bytes",
        Bytes,
        "memory used by index writer",
    ),
    Meter(
        "segments.version_map_memory",
        "svmm,segmentsVersionMapMemory",
        "/segments/version_map_memory_in_bytes",
        Bytes,
        "memory used by version map",
    ),
    Meter(
        "segments.fixed_bitset_memory",
        "sfbm,fixedBitsetMemory",
        "/segments/fixed_bit_set_memory_in_bytes",
        Bytes,
        "memory used by fixed bit sets for nested object field types and type filters for types referred in _parent fields",
    ),
    Meter("warmer.current", "wc,warmerCurrent", "/warmer/current", Count, "current warmer ops"),
    Meter("warmer.total", "wto,warmerTotal", "/warmer/total", Count, "total warmer ops"),
    Meter(
        "warmer.total_time",
        "wtt,warmerTotalTime",
        "/warmer/total_time_in_millis",
        Time,
        "time spent in warmers",
    ),
    Meter(
        "suggest.current",
        "suc,suggestCurrent",
        "/search/suggest_current",
        Count,
        "number of current suggest ops",
    ),
    Meter(
        "suggest.time",
        "suti,suggestTime",
        "/search/suggest_time_in_millis",
        Time,
        "time spend in suggest",
    ),
    Meter(
        "suggest.total",
        "suto,suggestTotal",
        "/search/suggest_total",
        Count,
        "number of suggest ops",
    ),
    Meter(
        "query_cache.hit_count",
        "qchc,queryCacheHitCount",
        "/query_cache/hit_count",
        Count,
        "query cache hit counts",
    ),
    Meter(
        "query_cache.miss_count",
        "qcmc,queryCacheMissCount",
        "/query_cache/miss_count",
        Count,
        "query cache miss counts",
    ),
];

/// Whose numbers a row tells.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Measured {
    Node,
    /// Beside each number that of the primaries.
    Index,
    Shard,
}

impl Measured {
    fn meters(self) -> impl Iterator<Item = &'static Meter> {
        let missing: &[&str] = match self {
            Measured::Node => &["warmer."],
            Measured::Index => &["query_cache.hit", "query_cache.miss"],
            Measured::Shard => {
                &["query_cache.hit", "query_cache.miss", "request_cache.", "suggest."]
            }
        };
        METERS.iter().filter(|meter| !missing.iter().any(|start| meter.0.starts_with(start)))
    }
}

/// The columns of every meter.
pub(super) fn columns(of: Measured) -> impl Iterator<Item = CatColumn> {
    let primaries = of == Measured::Index;
    of.meters().flat_map(move |Meter(name, aliases, _, _, about)| {
        let own = CatColumn { name: (*name).into(), aliases, about, shown: false, right: true };
        let of_primaries = CatColumn {
            name: format!("pri.{name}").into(),
            aliases: "",
            about,
            shown: false,
            right: true,
        };
        std::iter::once(own).chain(primaries.then_some(of_primaries))
    })
}

/// The cells of [`columns`] for the numbers in `stats`, which are those of the primaries too.
///
/// # Errors
/// `illegal_argument_exception` for a unit that there is not.
pub(super) fn cells(
    stats: &Value,
    unit: Option<&str>,
    of: Measured,
) -> Result<Vec<String>, Exception> {
    let mut cells = Vec::new();
    for Meter(_, _, pointer, kind, _) in of.meters() {
        let number = stats.pointer(pointer).and_then(Value::as_u64).unwrap_or(0);
        let cell = match kind {
            Count => number.to_string(),
            Bytes if unit.is_some() => size(number, unit)?,
            Bytes => people(number),
            Time => time(number),
        };
        if of == Measured::Index {
            cells.push(cell.clone());
        }
        cells.push(cell);
    }
    Ok(cells)
}

/// A duration as people read it: `12ms`, `1.5s`, `2.1h`.
pub(super) fn time(milliseconds: u64) -> String {
    let units = [(86_400_000, "d"), (3_600_000, "h"), (60_000, "m"), (1_000, "s")];
    for (length, unit) in units {
        if milliseconds >= length {
            let tenths = milliseconds * 10 / length;
            let (whole, rest) = (tenths / 10, tenths % 10);
            return if rest == 0 {
                format!("{whole}{unit}")
            } else {
                format!("{whole}.{rest}{unit}")
            };
        }
    }
    if milliseconds == 0 { "0s".to_owned() } else { format!("{milliseconds}ms") }
}
