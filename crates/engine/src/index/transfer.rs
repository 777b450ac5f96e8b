//! An index's files out of it, and into a new index: what snapshots are made of.
//!
//! A segment's file never changes once it is written, and its name is a random uuid, so a file that a folder has already
//! is not copied again. What is copied is read once more, piece by piece, for its checksum.

use std::path::Path;
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
use crate::work::Work;

impl Index {
    /// Copies the files of everything written so far into the folder `to`, but for those of `known` that are there already.
    ///
    /// # Errors
    /// What the disk says; `task_cancelled_exception`.
    pub(crate) fn export(
        &self,
        to: &Path,
        known: &KeptFiles,
        work: &Work,
    ) -> Result<Exported, Exception> {
        // No flush and no merge takes a file away meanwhile.
        let _one_at_a_time = hold(&self.maintenance);
        std::fs::create_dir_all(to).map_err(Fault::io(to))?;
        let mut exported = Exported::default();
        match &self.directory {
            Some(own) => {
                self.flush_now()?;
                let (segments, next_seq_no) = flush::named_by_manifest(own)?;
                for name in file_names(&segments) {
                    let write = |draft: &Path| disk::copy(&own.join(&name), draft, &work.cancel);
                    exported.take(to, &name, known, work, write)?;
                }
                (exported.segments, exported.next_seq_no) = (segments, next_seq_no);
            }
            None => {
                let frozen = self.freeze_memory()?;
                for (segment, deletes) in frozen.segments.iter().zip(&frozen.deletes) {
                    let name = format!("{}.segment", segment.name());
                    let write =
                        |draft: &Path| frozen.files.persist(&segment.name(), draft).map(drop);
                    exported.take(to, &name, known, work, write)?;
                    if let (Some(name), Some(bytes)) = (segment.deletes_file(), deletes) {
                        let write = |draft: &Path| disk::write_new(draft, bytes);
                        exported.take(to, &name.to_string_lossy(), known, work, write)?;
                    }
                }
                (exported.segments, exported.next_seq_no) = (frozen.rows(), frozen.next_seq_no);
            }
        }
        disk::sync_directory(to)?;
        Ok(exported)
    }
}

impl Exported {
    /// Has `write` make the file `name` in the folder `to`, whole or not at all, unless it is there.
    fn take(
        &mut self,
        to: &Path,
        name: &str,
        known: &KeptFiles,
        work: &Work,
        write: impl FnOnce(&Path) -> Result<(), Fault>,
    ) -> Result<(), Exception> {
        work.check()?;
        let path = to.join(name);
        let there = std::fs::metadata(&path).ok().map(|found| found.len());
        if let Some(kept) = known.get(name).filter(|kept| there == Some(kept.bytes)) {
            self.files.insert(name.to_owned(), *kept);
            return Ok(());
        }
        let draft = to.join(format!("{name}.part"));
        write(&draft).inspect_err(|_| drop(std::fs::remove_file(&draft)))?;
        let kept = disk::checksum(&draft, &work.cancel)?;
        std::fs::rename(&draft, &path).map_err(Fault::io(&path))?;
        self.files.insert(name.to_owned(), kept);
        self.written += 1;
        self.written_bytes += kept.bytes;
        Ok(())
    }
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
        let (filled, took) = watch.timed(&Count::default(), || self.fill_folders(planted, work));
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

    /// Copies the files into the folders of the new indices, checking every byte.
    fn fill_folders(&self, planted: &[PlantedIndex], work: &Work) -> Result<(), Exception> {
        for PlantedIndex { index, from, exported, .. } in planted {
            let directory = self.directory_of(&index.uuid);
            if let Some(directory) = &directory {
                std::fs::create_dir_all(directory).map_err(Fault::io(directory))?;
                directory.parent().map_or(Ok(()), disk::sync_directory)?;
            }
            if let Some(name) = file_names(&exported.segments)
                .iter()
                .find(|name| !exported.files.contains_key(*name))
            {
                let what = "is missing from the list of files".to_owned();
                return Err(Fault::damaged(&from.join(name), what).into());
            }
            for (name, kept) in &exported.files {
                work.check()?;
                let source = from.join(name);
                // In memory the files are read where they lie.
                let copied = match &directory {
                    Some(directory) => {
                        let path = directory.join(name);
                        disk::copy(&source, &path, &work.cancel)?;
                        disk::checksum(&path, &work.cancel)?
                    }
                    None => disk::checksum(&source, &work.cancel)?,
                };
                if copied != *kept {
                    let what = format!(
                        "has {} bytes with checksum {:08x}, but {} with {:08x} were written",
                        copied.bytes, copied.crc32, kept.bytes, kept.crc32
                    );
                    return Err(Fault::damaged(&source, what).into());
                }
            }
            if let Some(directory) = &directory {
                flush::write_first_manifest(directory, &exported.segments, exported.next_seq_no)?;
            }
        }
        Ok(())
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
