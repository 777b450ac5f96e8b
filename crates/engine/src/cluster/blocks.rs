//! Index blocks: what `index.blocks.*` keeps from happening. Source: Elasticsearch 7.10, "Index blocks" and
//! `IndexMetadata`'s `ClusterBlock`s (number, text, status, levels).

use super::metadata::IndexMetadata;
use super::registries::Registries;
use super::setting_values::is_on;
use super::watermarks::CREATE_BLOCK;
use crate::exception::{Exception, ExceptionKind};

/// What a request does to an index, as far as blocks are concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BlockLevel {
    /// Reads documents.
    Read,
    /// Writes documents.
    Write,
    /// Reads mappings, settings, aliases, statistics.
    MetadataRead,
    /// Changes them, or opens, closes, merges the index.
    MetadataWrite,
    /// Deletes the index, which frees space.
    Release,
}

use BlockLevel::{MetadataRead, MetadataWrite, Read, Release, Write};

/// One block: setting without `index.`, number and text as Elasticsearch prints them, status, what it keeps from
/// happening.
struct Block(&'static str, &'static str, u16, &'static [BlockLevel]);

const BLOCKS: [Block; 5] = [
    Block(
        "blocks.read_only",
        "FORBIDDEN/5/index read-only (api)",
        403,
        &[Write, MetadataWrite, Release],
    ),
    Block("blocks.read", "FORBIDDEN/7/index read (api)", 403, &[Read]),
    Block("blocks.write", "FORBIDDEN/8/index write (api)", 403, &[Write]),
    Block(
        "blocks.metadata",
        "FORBIDDEN/9/index metadata (api)",
        403,
        &[MetadataRead, MetadataWrite, Release],
    ),
    Block(
        "blocks.read_only_allow_delete",
        "TOO_MANY_REQUESTS/12/disk usage exceeded flood-stage watermark, index has read-only-allow-delete block",
        429,
        &[Write, MetadataWrite],
    ),
];

impl BlockLevel {
    /// Refuses what a block of `index` keeps from happening.
    ///
    /// # Errors
    /// `cluster_block_exception`: 403, or 429 (which clients try again) when the disk is the only reason.
    pub fn check(self, index: &IndexMetadata) -> Result<(), Exception> {
        let blocks = BLOCKS.iter().filter(|Block(setting, _, _, levels)| {
            levels.contains(&self) && index.settings.is(setting)
        });
        let (mut texts, mut status) = (Vec::new(), 429);
        for Block(_, text, own, _) in blocks {
            texts.push(*text);
            status = status.min(*own);
        }
        if texts.is_empty() {
            return Ok(());
        }
        let reason = format!("index [{}] blocked by: [{}];", index.name, texts.join(", "));
        Err(Exception::new(ExceptionKind::ClusterBlock, reason).with_status(status))
    }
}

/// The blocks of `index` as the cluster's state shows them.
pub(crate) fn of(index: &IndexMetadata) -> serde_json::Value {
    let mut blocks = serde_json::Map::new();
    let mut show = |text: &str, levels: &[&str]| {
        // `FORBIDDEN/8/index write (api)`
        let mut parts = text.splitn(3, '/').skip(1);
        let (Some(number), Some(description)) = (parts.next(), parts.next()) else { return };
        blocks.insert(
            number.to_owned(),
            serde_json::json!({"description": description, "retryable": false, "levels": levels}),
        );
    };
    if index.closed {
        show("FORBIDDEN/4/index closed", &["read", "write"]);
    }
    for Block(setting, text, _, levels) in &BLOCKS {
        if index.settings.is(setting) {
            let names = levels.iter().filter_map(|level| match level {
                Read => Some("read"),
                Write => Some("write"),
                MetadataRead => Some("metadata_read"),
                MetadataWrite => Some("metadata_write"),
                Release => None,
            });
            show(text, &names.collect::<Vec<_>>());
        }
    }
    serde_json::Value::Object(blocks)
}

/// The blocks of the whole cluster, as its state shows them.
pub(crate) fn of_all(registries: &Registries) -> Option<serde_json::Value> {
    let create = serde_json::json!({"10": {
        "description": "cluster create-index blocked (api)", "retryable": false,
        "levels": ["create_index"],
    }});
    is_on(registries, CREATE_BLOCK, false).then_some(create)
}

/// The setting of the block that `_block/{name}` sets.
///
/// # Errors
/// `illegal_argument_exception` for another name; `action_request_validation_exception` for the one that the service
/// sets by itself.
pub(crate) fn named(name: &str) -> Result<String, Exception> {
    match name {
        "read_only_allow_delete" => {
            Err(Exception::validation(&["read_only_allow_delete block is for internal use only"]))
        }
        "read" | "write" | "metadata" | "read_only" => Ok(format!("index.blocks.{name}")),
        _ => Err(Exception::illegal_argument(format!("No block found with name {name}"))),
    }
}

/// Whether a change of settings sets or lifts one block alone, which the block itself must not stop.
pub(crate) fn lifts_a_block(settings: &serde_json::Value) -> bool {
    let Some(keys) = crate::cluster::settings::keys(settings) else { return false };
    let liftable =
        ["index.blocks.read_only", "index.blocks.metadata", "index.blocks.read_only_allow_delete"];
    matches!(keys.as_slice(), [only] if liftable.contains(&only.as_str()))
}
