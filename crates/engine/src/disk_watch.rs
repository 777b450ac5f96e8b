//! What is done about a disk that is too full: indices take no writes beyond the flood stage, and OpenSearch makes no new ones
//! beyond the high watermark, until there is room again. Source: `DiskThresholdMonitor` of Elasticsearch 7.10 and
//! OpenSearch 2.19.

use serde_json::{Value, json};

use crate::cluster::measured::DiskUse;
use crate::cluster::registries::Registry;
use crate::cluster::setting_values::PERSISTENT;
use crate::cluster::watermarks::{CREATE_BLOCK, creation_is_to_change, fullness};
use crate::exception::{Exception, ExceptionKind};
use crate::flavor::Flavor;
use crate::index::Indices;

/// The setting of the block that the flood stage sets.
const FLOOD_BLOCK: &str = "index.blocks.read_only_allow_delete";

/// What looking at the disk came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WatchedDisk {
    /// How many indices take no writes from now on.
    pub blocked: usize,
    /// How many take them again.
    pub released: usize,
}

/// Blocks and releases `indices` as their watermarks say of `disk`; those that nobody set only `by_default`.
///
/// # Errors
/// What the disk says; what was blocked by then stays blocked.
pub(crate) fn watch(
    indices: &Indices,
    flavor: Flavor,
    disk: &DiskUse,
    by_default: bool,
) -> Result<WatchedDisk, Exception> {
    let (mut watched, mut failed) = (WatchedDisk::default(), None);
    let metadata = indices.metadata();
    let Some(full) = fullness(metadata.registries(), disk, by_default) else { return Ok(watched) };
    for index in metadata.indices() {
        let (count, block) = match index.settings.is("blocks.read_only_allow_delete") {
            false if full.is_flooded => (&mut watched.blocked, json!({FLOOD_BLOCK: true})),
            true if !full.is_high && !full.is_flooded => {
                (&mut watched.released, json!({FLOOD_BLOCK: null}))
            }
            _ => continue,
        };
        match indices.put_settings(&index.uuid, &block, false) {
            Ok(()) => *count += 1,
            // It was deleted meanwhile.
            Err(refusal) if refusal.kind() == ExceptionKind::IndexNotFound => {}
            // The others are looked at all the same.
            Err(refusal) => drop(failed.get_or_insert(refusal)),
        }
    }
    if flavor == Flavor::OpenSearch219 && creation_is_to_change(metadata.registries(), full.is_high)
    {
        block_creation(indices, full.is_high)?;
    }
    failed.map_or(Ok(watched), Err)
}

/// Sets OpenSearch's block of new indices, or lifts it.
fn block_creation(indices: &Indices, block: bool) -> Result<(), Exception> {
    indices.change_registries(|_, registries| {
        let set = registries.get(Registry::ClusterSettings, PERSISTENT).and_then(Value::as_object);
        let mut set = set.cloned().unwrap_or_default();
        match block {
            true => drop(set.insert(CREATE_BLOCK.to_owned(), "true".into())),
            false => drop(set.shift_remove(CREATE_BLOCK)),
        }
        registries.put(Registry::ClusterSettings, PERSISTENT, set.into())
    })?;
    Ok(())
}
