//! An index's files out of it, and into a new index: what snapshots are made of.
//!
//! A segment's file never changes once it is written, and its name is a random uuid, so a file that a folder has already
//! is not copied again. Every file is kept with its length and checksum.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::Value;

use super::disk;
use super::fault::Fault;
use super::flush;
use super::indices::Indices;
use super::kept::{Exported, KeptFiles, PlantedIndex};
use super::stats::Count;
use super::{Index, hold};
use crate::cluster::metadata::Metadata;
use crate::exception::Exception;
use crate::objects::{KeptFile, ObjectFolder};
use crate::work::Work;

impl Index {
    /// Copies the files of everything written so far into the folder `to`, but for those of `known` that are there already.
    ///
    /// # Errors
    /// What disk and store say; `task_cancelled_exception`.
    pub(crate) fn export(
        &self,
        to: &ObjectFolder<'_>,
        known: &KeptFiles,
        work: &Work,
    ) -> Result<Exported, Exception> {
        // No flush and no merge takes a file away meanwhile.
        let _one_at_a_time = hold(&self.maintenance);
        let mut there = BTreeMap::new();
        let listed = to.store.list(&to.name, &work.cancel, &mut |name, bytes| {
            if known.contains_key(file_name(name)) {
                there.insert(file_name(name).to_owned(), bytes);
            }
        });
        listed.map_err(Fault::io(&to.store.place(&to.name)))?;
        let mut known = known.clone();
        known.retain(|name, kept| there.get(name) == Some(&kept.bytes));
        let mut exported = Exported::default();
        match &self.directory {
            Some(own) => {
                self.flush_now()?;
                let (segments, next_seq_no) = flush::named_by_manifest(own)?;
                for name in file_names(&segments) {
                    exported.take(&name, to, &known, work, |object| {
                        to.store.upload(object, &own.join(&name), &work.cancel)
                    })?;
                }
                (exported.segments, exported.next_seq_no) = (segments, next_seq_no);
            }
            None => {
                let frozen = self.freeze_memory()?;
                let put = |object: &str, bytes: Vec<u8>| {
                    let kept = KeptFile::of(&bytes);
                    to.store.put(object, bytes, &work.cancel).map(|()| kept)
                };
                for (segment, deletes) in frozen.segments.iter().zip(&frozen.deletes) {
                    let name = format!("{}.segment", segment.name());
                    exported.take(&name, to, &known, work, |object| {
                        put(object, frozen.files.compound(&segment.name()))
                    })?;
                    if let (Some(name), Some(bytes)) = (segment.deletes_file(), deletes) {
                        let name = name.to_string_lossy();
                        exported
                            .take(&name, to, &known, work, |object| put(object, bytes.to_vec()))?;
                    }
                }
                (exported.segments, exported.next_seq_no) = (frozen.rows(), frozen.next_seq_no);
            }
        }
        to.store.settle(&to.name).map_err(Fault::io(&to.store.place(&to.name)))?;
        Ok(exported)
    }
}

impl Exported {
    /// Has `write` put the file `name` into the folder `to`, unless it is `known` there.
    fn take(
        &mut self,
        name: &str,
        to: &ObjectFolder<'_>,
        known: &KeptFiles,
        work: &Work,
        write: impl FnOnce(&str) -> io::Result<KeptFile>,
    ) -> Result<(), Exception> {
        work.check()?;
        if let Some(kept) = known.get(name) {
            self.files.insert(name.to_owned(), *kept);
            return Ok(());
        }
        let object = to.object(name);
        let kept = write(&object).map_err(Fault::io(&to.store.place(&object)))?;
        self.files.insert(name.to_owned(), kept);
        self.written += 1;
        self.written_bytes += kept.bytes;
        Ok(())
    }
}

/// The last part of an object's name.
fn file_name(object: &str) -> &str {
    object.rsplit('/').next().unwrap_or_default()
}

impl Indices {
    /// Makes indices out of the files of others, all of them or none, and lets `also` change what else comes with them.
    ///
    /// # Errors
    /// A name that is taken; a file that is missing or not as it was written; what the disk says.
    pub(crate) fn plant(
        &self,
        planted: &mut [PlantedIndex],
        now: i64,
        work: &Work,
        also: impl FnOnce(&mut Metadata) -> Result<(), Exception>,
    ) -> Result<(), Exception> {
        let watch = &self.catalog().stop_watch;
        // Made only where an index is in memory.
        let name = format!("countersign-restore-{}", super::unique());
        let scratch = Scratch(std::env::temp_dir().join(name));
        let (filled, took) =
            watch.timed(&Count::default(), || self.fill_folders(planted, &scratch.0, work));
        let took = i64::try_from(took.div_ceil(1_000_000)).unwrap_or(0);
        for restored in planted.iter_mut().filter_map(|planted| planted.index.restored.as_mut()) {
            Arc::make_mut(restored).ended = now.saturating_add(took);
        }
        let planted = &*planted;
        let made = filled.and_then(|()| {
            let uuids: Vec<&str> = planted.iter().map(|planted| &*planted.index.uuid).collect();
            self.catalog().change(&uuids, |metadata| {
                for planted in planted {
                    self.adopt(metadata, planted, now)?;
                }
                also(metadata)
            })?;
            Ok(())
        });
        match made {
            Ok(()) => planted.iter().filter_map(|planted| planted.replaces.as_ref()).for_each(
                // Its folder goes when nobody finds it any more.
                |old| self.forget(old),
            ),
            Err(_) => planted.iter().for_each(|planted| self.forget(&planted.index.uuid)),
        }
        made
    }

    /// Fetches the files into the folders of the new indices, checking every byte. Those of indices in memory go into
    /// `scratch`, whence they are read.
    fn fill_folders(
        &self,
        planted: &mut [PlantedIndex],
        scratch: &Path,
        work: &Work,
    ) -> Result<(), Exception> {
        for PlantedIndex { index, store, folder, from, exported, .. } in planted {
            let own = self.directory_of(&index.uuid);
            *from = own.clone().unwrap_or_else(|| scratch.join(&*index.uuid));
            std::fs::create_dir_all(&*from).map_err(Fault::io(from))?;
            if own.is_some() {
                from.parent().map_or(Ok(()), disk::sync_directory)?;
            }
            let source = ObjectFolder { store: &**store, name: folder.clone() };
            if let Some(name) = file_names(&exported.segments)
                .iter()
                .find(|name| !exported.files.contains_key(*name))
            {
                let what = "is missing from the list of files".to_owned();
                return Err(Fault::damaged(&store.place(&source.object(name)), what).into());
            }
            for (name, kept) in &exported.files {
                work.check()?;
                let (object, path) = (source.object(name), from.join(name));
                let place = store.place(&object);
                store
                    .download(&object, &path, kept.bytes, &work.cancel)
                    .map_err(Fault::io(&place))?;
                let copied = KeptFile::of_file(&path, &work.cancel).map_err(Fault::io(&path))?;
                if copied != *kept {
                    let what = format!(
                        "has {} bytes with checksum {:08x}, but {} with {:08x} were written",
                        copied.bytes, copied.crc32, kept.bytes, kept.crc32
                    );
                    return Err(Fault::damaged(&place, what).into());
                }
            }
            if let Some(directory) = &own {
                flush::write_first_manifest(directory, &exported.segments, exported.next_seq_no)?;
            }
        }
        Ok(())
    }
}

/// A folder that goes with this.
struct Scratch(PathBuf);

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// The files that the rows of a manifest name.
fn file_names(segments: &[Value]) -> Vec<String> {
    segments
        .iter()
        .filter_map(|row| {
            let id: tantivy::index::SegmentId =
                serde_json::from_value(row.get("segment_id")?.clone()).ok()?;
            let id = id.uuid_string();
            let stamp = row.pointer("/deletes/opstamp").and_then(Value::as_u64);
            let deletes = stamp.filter(|stamp| *stamp > 0).map(|stamp| format!("{id}.{stamp}.del"));
            Some([format!("{id}.segment")].into_iter().chain(deletes))
        })
        .flatten()
        .collect()
}
