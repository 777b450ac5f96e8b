//! All indices once more, in memory, as they are at this moment: what a test gets for itself.
//!
//! A segment never changes, so both sides read the same ones, from memory or from the files of the side that has them on disk; each
//! goes on with segments, deletions and a mapping of its own. What is copied is one bit for each document and the state of
//! recent deletions (docs/decisions/0155-an-account-is-cloned-for-a-test.md).

use std::collections::HashMap;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, RwLock};

use super::fault::Fault;
use super::indices::{Indices, WorkSignal};
use super::{Catalog, Counters, Index, Writer};

/// How often it is begun again because an index was deleted meanwhile.
const ATTEMPTS_MAX: usize = 5;

impl Indices {
    /// Indices in memory that begin as these are now. Of these everything that was written becomes visible to searches.
    ///
    /// # Errors
    /// What tantivy says.
    pub(crate) fn fork(&self) -> Result<Indices, Fault> {
        let mut attempts = 1..ATTEMPTS_MAX;
        loop {
            let version = self.metadata().version;
            match self.fork_once() {
                Err(_) if self.metadata().version != version && attempts.next().is_some() => {}
                forked => return forked,
            }
        }
    }

    fn fork_once(&self) -> Result<Indices, Fault> {
        let catalog = Arc::new(self.catalog().fork());
        let signal = Arc::<WorkSignal>::default();
        let mut open = HashMap::new();
        for metadata in catalog.current().indices() {
            let missing = || Fault::Segments(format!("index [{}] is deleted", metadata.name));
            let index = self.index(&metadata.uuid).ok_or_else(missing)?;
            let forked = index.fork(Arc::clone(&catalog), Arc::clone(&signal))?;
            // New fields may have come since the catalog was read.
            let mapping = Arc::clone(&forked.snapshot().mapping);
            if !Arc::ptr_eq(&mapping, &metadata.mapping) {
                catalog.set_mapping(&metadata.uuid, &mapping)?;
            }
            open.insert(Arc::clone(&metadata.uuid), Arc::new(forked));
        }
        Ok(Indices::of(catalog, self.disk(), open, signal))
    }
}

impl Index {
    /// This index as it is now, in memory.
    fn fork(&self, catalog: Arc<Catalog>, signal: Arc<WorkSignal>) -> Result<Index, Fault> {
        let mut writer = self.writer(None)?;
        if writer.core.stale {
            self.publish(&mut writer)?;
        }
        let core = writer.core.fork()?;
        let published = self.snapshot();
        drop(writer);
        Ok(Index {
            name: Arc::clone(&self.name),
            uuid: Arc::clone(&self.uuid),
            directory: None,
            disk: Arc::clone(&self.disk),
            catalog,
            room: core.room().into(),
            state: Mutex::new(Writer {
                core,
                translog: None,
                failed: false,
                epoch: 0,
                flushed_seq_no: 0,
            }),
            published: RwLock::new(published),
            maintenance: Mutex::new(()),
            deleted: false.into(),
            dirty: false.into(),
            now: self.now.load(Ordering::Relaxed).into(),
            unflushed: 0.into(),
            counters: Counters::default(),
            signal,
        })
    }
}
