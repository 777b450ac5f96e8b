//! Slow logs: searches and writes that take longer than their index says, as lines in Elasticsearch's words.
//!
//! Source: Elasticsearch 7.10 reference, "Slow log"; the lines are those that Elasticsearch 7.10.2 and OpenSearch 2.19.1 wrote
//! (docs/decisions/0152-logs-are-published-to-files.md).

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use jiff::Timestamp;
use serde_json::Value;

use crate::value::time;

/// Characters of a line: what is longer is cut there. Source: Elasticsearch's `log4j2.properties`, `%.-10000m`.
const LINE_CHARS_MAX: usize = 10_000;

/// Which log a line is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SlowLogKind {
    /// Of searches.
    Search,
    /// Of writes.
    Indexing,
}

/// Who takes the lines.
pub(crate) type SlowLogSink = dyn Fn(SlowLogKind, &str) + Send + Sync;

/// Where an engine's lines go, once somebody wants them; until then nothing is measured or written.
#[derive(Default)]
pub(crate) struct SlowLog {
    sink: OnceLock<Arc<SlowLogSink>>,
    /// Elasticsearch 7.10's lines tell types, OpenSearch's do not.
    tells_types: AtomicBool,
}

/// The levels, from the one that wants the longest time. Source: `SlowLogLevel`.
pub(crate) const LEVELS: [&str; 4] = ["WARN", "INFO", "DEBUG", "TRACE"];

/// From how many nanoseconds on something is logged, for each of [`LEVELS`].
#[derive(Clone, Debug, Default, PartialEq)]
struct LogThresholds([Option<u64>; 4]);

/// What an index logs.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SlowLogSettings {
    query: LogThresholds,
    fetch: LogThresholds,
    index: LogThresholds,
    reformat: bool,
    /// Characters of a document that are shown.
    source_chars: usize,
}

impl LogThresholds {
    fn of<'s>(get: impl Fn(&str) -> Option<&'s str>, log: &str, what: &str) -> LogThresholds {
        let least = get(&format!("{log}.slowlog.level")).unwrap_or("TRACE");
        let last = LEVELS.iter().position(|level| level.eq_ignore_ascii_case(least)).unwrap_or(3);
        let threshold = |at: usize| {
            let key = format!("{log}.slowlog.threshold.{what}.{}", LEVELS.get(at)?.to_lowercase());
            match get(&key).filter(|_| at <= last)? {
                "0" => Some(0),
                text => time::nanoseconds(&key, &without_fraction(text)).ok(),
            }
        };
        LogThresholds(std::array::from_fn(threshold))
    }

    /// The level of what took so long.
    fn level(&self, nanoseconds: u64) -> Option<&'static str> {
        let over = |threshold: &Option<u64>| threshold.is_some_and(|least| nanoseconds > least);
        let at = self.0.iter().position(over)?;
        LEVELS.get(at).copied()
    }
}

impl SlowLogSettings {
    /// What is to be known of writes before they are made: of each the document, of a deletion nothing.
    pub(crate) fn writes(self, documents: Vec<Option<SlowWrite>>) -> SlowWrites {
        SlowWrites { settings: self, documents }
    }

    /// Whether a search that took so long, for finding and for fetching, is logged.
    pub(crate) fn wants_search(&self, (query, fetch): (u64, u64)) -> bool {
        self.query.level(query).or(self.fetch.level(fetch)).is_some()
    }

    /// What an index's settings say; `get` has the value of a key (without `index.`).
    pub(crate) fn of<'s>(get: impl Fn(&str) -> Option<&'s str>) -> SlowLogSettings {
        SlowLogSettings {
            query: LogThresholds::of(&get, "search", "query"),
            fetch: LogThresholds::of(&get, "search", "fetch"),
            index: LogThresholds::of(&get, "indexing", "index"),
            reformat: get("indexing.slowlog.reformat") != Some("false"),
            source_chars: match get("indexing.slowlog.source") {
                None => 1_000,
                Some("true") => usize::MAX,
                Some(chars) => chars.parse().unwrap_or(0),
            },
        }
    }
}

/// A search of one index.
pub(crate) struct SlowSearch<'a> {
    pub(crate) index: &'a str,
    pub(crate) settings: &'a SlowLogSettings,
    /// What finding and fetching took, in nanoseconds.
    pub(crate) took: (u64, u64),
    /// `3 hits`, `10000+ hits`.
    pub(crate) total: String,
    /// Types that were asked for.
    pub(crate) types: &'a str,
    /// `stats`.
    pub(crate) groups: String,
    pub(crate) search_type: &'a str,
    pub(crate) shards: usize,
    pub(crate) source: &'a Value,
    /// `X-Opaque-Id`.
    pub(crate) opaque_id: &'a str,
    pub(crate) now: Timestamp,
}

/// Writes that are under way, as far as their lines need them.
pub(crate) struct SlowWrites {
    settings: SlowLogSettings,
    /// Id, routing and document of each; of a deletion nothing is logged.
    documents: Vec<Option<SlowWrite>>,
}

/// A document that is written.
pub(crate) struct SlowWrite {
    pub(crate) id: String,
    pub(crate) routing: Option<String>,
    /// As it came.
    pub(crate) raw: bytes::Bytes,
    /// What it says.
    pub(crate) value: Arc<Value>,
}

impl SlowLog {
    /// From now on lines go to `sink`; the first one stays.
    pub(crate) fn set(&self, sink: Arc<SlowLogSink>) {
        let _ = self.sink.set(sink);
    }

    /// From now on lines tell types, or do not.
    pub(crate) fn tell_types(&self, told: bool) {
        self.tells_types.store(told, Ordering::Relaxed);
    }

    /// Whether anybody takes lines.
    pub(crate) fn is_wanted(&self) -> bool {
        self.sink.get().is_some()
    }

    /// Logs a search if it took too long, what it took for finding and for fetching each by itself.
    pub(crate) fn search(&self, search: &SlowSearch<'_>) {
        let Some(sink) = self.sink.get() else { return };
        let SlowLogSettings { query, fetch, .. } = search.settings;
        for (thresholds, took, logger) in
            [(query, search.took.0, "i.s.s.query"), (fetch, search.took.1, "i.s.s.fetch")]
        {
            let Some(level) = thresholds.level(took) else { continue };
            let types = self.types("types", search.types);
            let message = format!(
                "[{}][0] {}, total_hits[{}], {types}stats[{}], search_type[{}], total_shards[{}], source[{}], id[{}], ",
                search.index,
                spent(took),
                search.total,
                search.groups,
                search.search_type,
                search.shards,
                search.source,
                search.opaque_id
            );
            sink(SlowLogKind::Search, &line(search.now, level, logger, &message));
        }
    }

    /// Logs those writes to `index` that were made (`done`), if each took too long.
    pub(crate) fn written(
        &self,
        (index, uuid, type_name): (&str, &str, &str),
        writes: &SlowWrites,
        nanoseconds: u64,
        done: impl Iterator<Item = bool>,
        now: Timestamp,
    ) {
        // They were written together: each is told its part.
        let took = nanoseconds / writes.documents.len().max(1) as u64;
        let (Some(sink), Some(level)) = (self.sink.get(), writes.settings.index.level(took)) else {
            return;
        };
        let type_name = self.types("type", type_name);
        let documents = writes.documents.iter().zip(done).filter(|(_, done)| *done);
        for document in documents.filter_map(|(document, _)| document.as_ref()) {
            let (id, routing) = (&document.id, document.routing.as_deref().unwrap_or_default());
            let mut message = format!(
                "[{index}/{uuid}] {}, {type_name}id[{id}], routing[{routing}]",
                spent(took)
            );
            if let Some(source) = document.shown(&writes.settings) {
                message.push_str(&format!(", source[{source}]"));
            }
            sink(SlowLogKind::Indexing, &line(now, level, "i.i.s.index", &message));
        }
    }
}

impl SlowLog {
    fn types(&self, label: &str, names: &str) -> String {
        let told = self.tells_types.load(Ordering::Relaxed);
        if told { format!("{label}[{names}], ") } else { String::new() }
    }
}

impl SlowWrite {
    fn shown(&self, settings: &SlowLogSettings) -> Option<String> {
        if settings.source_chars == 0 {
            return None;
        }
        let whole = match settings.reformat {
            true => self.value.to_string(),
            false => String::from_utf8_lossy(&self.raw).into_owned(),
        };
        let cut: String = whole.chars().take(settings.source_chars).collect();
        Some(cut.trim().to_owned())
    }
}

/// `1.5s` counts as `1s`: more is logged, not less.
fn without_fraction(text: &str) -> String {
    let (whole, rest) = text.split_once('.').unwrap_or((text, ""));
    format!("{whole}{}", rest.trim_start_matches(|digit: char| digit.is_ascii_digit()))
}

fn spent(nanoseconds: u64) -> String {
    let took = time::print_nanoseconds(nanoseconds);
    format!("took[{took}], took_millis[{}]", nanoseconds / 1_000_000)
}

/// One line, whatever is in it: line ends and other control characters of a caller's stand as escapes.
fn line(now: Timestamp, level: &str, logger: &str, message: &str) -> String {
    let now = now.strftime("%Y-%m-%dT%H:%M:%S,%3f");
    let mut line = format!("[{now}][{level:<5}][{logger:<25}] [{}] ", crate::NODE_NAME);
    for character in message.chars().take(LINE_CHARS_MAX) {
        if character.is_control() {
            line.extend(character.escape_default());
        } else {
            line.push(character);
        }
    }
    line
}
