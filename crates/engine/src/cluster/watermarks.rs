//! Disk watermarks: while the disk is fuller than the flood stage, indices take no writes; they are released when it is
//! emptier than the high watermark. Source: `DiskThresholdSettings` and `DiskThresholdMonitor` of Elasticsearch 7.10 and
//! OpenSearch 2.19.

use super::measured::DiskUse;
use super::registries::{Registries, Registry};
use super::setting_values::{PERSISTENT, is_on, value};
use crate::exception::{Exception, ExceptionKind};
use crate::value::size;

/// Whether anybody looks at the disk.
pub(super) const ENABLED: &str = "cluster.routing.allocation.disk.threshold_enabled";

/// OpenSearch's block of new indices, and whether it goes by itself.
pub(crate) const CREATE_BLOCK: &str = "cluster.blocks.create_index";
const AUTO_RELEASE: &str = "cluster.blocks.create_index.auto_release";

/// What a watermark is called, its setting, and what it is where nobody set it.
const WATERMARKS: [(&str, &str, &str); 3] = [
    ("low", "cluster.routing.allocation.disk.watermark.low", "85%"),
    ("high", "cluster.routing.allocation.disk.watermark.high", "90%"),
    ("flood stage", "cluster.routing.allocation.disk.watermark.flood_stage", "95%"),
];

/// How full a disk may be.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Watermark {
    /// So much of it, in percent.
    UsedPercent(f64),
    /// As long as so much of it is free.
    FreeBytes(u64),
}

impl Watermark {
    /// `90%`, `0.9` or `20gb`.
    fn read(text: &str) -> Option<Watermark> {
        let within = |number: f64, most: f64| (0.0..=most).contains(&number).then_some(number);
        if let Some(percent) = text.strip_suffix('%') {
            let percent = percent.parse().ok().and_then(|percent| within(percent, 100.0));
            return percent.map(Watermark::UsedPercent);
        }
        let ratio = text.parse().ok().and_then(|ratio| within(ratio, 1.0));
        match ratio {
            Some(ratio) => Some(Watermark::UsedPercent(ratio * 100.0)),
            None => size::bytes(text).map(Watermark::FreeBytes),
        }
    }

    fn is_exceeded(self, disk: &DiskUse) -> bool {
        match self {
            Watermark::FreeBytes(least) => disk.bytes_available < least,
            Watermark::UsedPercent(most) => {
                #[expect(clippy::cast_precision_loss, reason = "a share of a disk")]
                let free = 100.0 * disk.bytes_available as f64 / disk.bytes as f64;
                free < 100.0 - most
            }
        }
    }
}

/// What a disk is too full for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct DiskFullness {
    /// It is beyond the high watermark.
    pub(crate) is_high: bool,
    /// It is beyond the flood stage.
    pub(crate) is_flooded: bool,
}

/// What `disk` is too full for, by the watermarks of `registries`; `None`: nobody is to look. Without `by_default` no disk is too full
/// while nobody has set a watermark.
pub(crate) fn fullness(
    registries: &Registries,
    disk: &DiskUse,
    by_default: bool,
) -> Option<DiskFullness> {
    if disk.bytes == 0 || !is_on(registries, ENABLED, true) {
        return None;
    }
    if !by_default && !WATERMARKS.iter().any(|(_, key, _)| value(registries, key).is_some()) {
        return Some(DiskFullness { is_high: false, is_flooded: false });
    }
    let [_, high, flood] = texts(registries).map(Watermark::read);
    Some(DiskFullness { is_high: high?.is_exceeded(disk), is_flooded: flood?.is_exceeded(disk) })
}

/// Whether OpenSearch's block of new indices is to be set or lifted on a disk that is beyond the high watermark, or not. Only
/// the persistent setting is the disk's: a transient one is an operator's, and stays until it is taken away, as in
/// `DiskThresholdMonitor.setIndexCreateBlock`.
pub(crate) fn creation_is_to_change(registries: &Registries, is_high: bool) -> bool {
    let kept = registries.get(Registry::ClusterSettings, PERSISTENT);
    let is_blocked = kept.and_then(|kept| kept.get(CREATE_BLOCK)).is_some_and(|it| it == "true");
    is_blocked != is_high && (is_high || is_on(registries, AUTO_RELEASE, true))
}

/// Refuses to create an index by its own request where OpenSearch's block is set.
///
/// # Errors
/// `index_create_block_exception`.
pub(crate) fn check_creation(registries: &Registries) -> Result<(), Exception> {
    if !is_on(registries, CREATE_BLOCK, false) {
        return Ok(());
    }
    let reason = "blocked by: [FORBIDDEN/10/cluster create-index blocked (api)];";
    Err(Exception::new(ExceptionKind::IndexCreateBlock, reason))
}

/// The texts of the watermarks: low, high, flood stage.
fn texts(registries: &Registries) -> [&str; 3] {
    WATERMARKS.map(|(_, key, default)| value(registries, key).unwrap_or(default))
}

/// Refuses a text that is no watermark.
///
/// # Errors
/// `illegal_argument_exception`.
pub(super) fn check_one(key: &str, text: &str) -> Result<(), Exception> {
    if !WATERMARKS.iter().any(|(_, known, _)| *known == key) || Watermark::read(text).is_some() {
        return Ok(());
    }
    Err(Exception::illegal_argument(not_a_size(key, text)))
}

fn not_a_size(key: &str, text: &str) -> String {
    format!(
        "failed to parse setting [{key}] with value [{text}] as a size in bytes: unit is missing or unrecognized"
    )
}

/// Refuses watermarks that contradict each other.
///
/// # Errors
/// `illegal_argument_exception`.
pub(super) fn check_all(registries: &Registries) -> Result<(), Exception> {
    let texts = texts(registries);
    let [Some(low), Some(high), Some(flood)] = texts.map(Watermark::read) else { return Ok(()) };
    let pairs = [(0, low, high), (1, high, flood)];
    for (at, left, right) in pairs {
        let wrong = match (left, right) {
            (Watermark::UsedPercent(left), Watermark::UsedPercent(right)) => {
                (left > right).then_some("more")
            }
            (Watermark::FreeBytes(left), Watermark::FreeBytes(right)) => {
                (left < right).then_some("less")
            }
            _ => return Err(mixed(texts)),
        };
        let pair = WATERMARKS.iter().zip(texts).skip(at);
        let told: Vec<String> =
            pair.map(|((name, _, _), text)| format!("{name} disk watermark [{text}]")).collect();
        if let (Some(wrong), [left, right, ..]) = (wrong, told.as_slice()) {
            return Err(Exception::illegal_argument(format!("{left} {wrong} than {right}")));
        }
    }
    Ok(())
}

fn mixed(texts: [&str; 3]) -> Exception {
    let each = WATERMARKS.iter().zip(texts);
    let told: Vec<String> = each.map(|((_, key, _), text)| format!("[{key}={text}]")).collect();
    let (last, first) = told
        .split_last()
        .map(|(last, first)| (last.as_str(), first.join(", ")))
        .unwrap_or_default();
    Exception::illegal_argument(format!(
        "unable to consistently parse {first}, and {last} as percentage or bytes"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn disk(available: u64) -> DiskUse {
        DiskUse { bytes: 1000, bytes_free: available, bytes_available: available }
    }

    #[test]
    fn a_watermark_is_a_percentage_a_ratio_or_a_size() {
        for (text, read) in [
            ("90%", Some(Watermark::UsedPercent(90.0))),
            ("0.5", Some(Watermark::UsedPercent(50.0))),
            ("1", Some(Watermark::UsedPercent(100.0))),
            ("20gb", Some(Watermark::FreeBytes(20 << 30))),
            ("101%", None),
            ("-1%", None),
            ("1.5", None),
            ("xx", None),
        ] {
            assert_eq!(Watermark::read(text), read, "{text}");
        }
    }

    #[test]
    fn a_watermark_is_exceeded_when_less_is_free_than_it_leaves() {
        let percent = Watermark::UsedPercent(90.0);
        assert!(!percent.is_exceeded(&disk(100)) && percent.is_exceeded(&disk(99)));
        let bytes = Watermark::FreeBytes(100);
        assert!(!bytes.is_exceeded(&disk(100)) && bytes.is_exceeded(&disk(99)));
    }
}
