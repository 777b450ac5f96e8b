//! What leaves an engine for another cluster: the documents of an index as they are at one moment, and which of them were
//! written since (docs/decisions/0169-a-domain-moves-while-it-serves.md).
//!
//! Whoever copies an index follows its changes first, then reads its documents, then asks again for those that were noted. A
//! write is noted under the index's lock, before it is answered: it is in the documents that are read, or among the notes.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use bytes::Bytes;
use tantivy::SegmentReader;

use super::changes::{NOTE_BYTES, Noted};
use super::fault::Fault;
use super::lock::hold;
use super::segment::Lookup;
use super::{Catalog, Index, Snapshot, gone};
use crate::blocks::Roots;
use crate::engine::Engine;
use crate::exception::Exception;
use crate::work::Cancel;

/// Which documents of an engine are written, from the moment that it was made until it is dropped.
pub struct ChangeFeed {
    catalog: Arc<Catalog>,
}

impl ChangeFeed {
    /// Takes out at most `count` of the ids that were noted for an index.
    #[must_use]
    pub fn take(&self, uuid: &str, count: usize) -> Vec<String> {
        let mut noted = hold(&self.catalog.changes.noted);
        let Some(ids) = noted.ids.get_mut(uuid) else { return Vec::new() };
        let taken: Vec<String> = std::iter::from_fn(|| ids.pop_first()).take(count).collect();
        if ids.is_empty() {
            noted.ids.remove(uuid);
        }
        let bytes = taken.iter().map(|id| id.len() + NOTE_BYTES).sum();
        noted.bytes = noted.bytes.saturating_sub(bytes);
        taken
    }

    /// How many documents of an index are noted.
    #[must_use]
    pub fn noted(&self, uuid: &str) -> usize {
        hold(&self.catalog.changes.noted).ids.get(uuid).map_or(0, BTreeSet::len)
    }

    /// Notes again what was taken out and could not be handed on.
    pub fn put_back(&self, uuid: &Arc<str>, ids: &[String]) {
        self.catalog.changes.note(uuid, ids.iter().map(String::as_str));
    }

    /// Forgets what is noted of indices that are gone; `is_kept` says by their uuids which are not.
    pub fn keep(&self, is_kept: impl Fn(&str) -> bool) {
        let mut noted = hold(&self.catalog.changes.noted);
        noted.ids.retain(|uuid, _| is_kept(uuid));
        let ids = noted.ids.values().flatten();
        noted.bytes = ids.map(|id| id.len() + NOTE_BYTES).sum();
    }

    /// How many documents are noted, of all indices.
    #[must_use]
    pub fn waiting(&self) -> usize {
        hold(&self.catalog.changes.noted).ids.values().map(BTreeSet::len).sum()
    }

    /// Whether more was written than is kept: documents must be read anew.
    #[must_use]
    pub fn is_overrun(&self) -> bool {
        hold(&self.catalog.changes.noted).overrun
    }
}

impl Drop for ChangeFeed {
    fn drop(&mut self) {
        let notes = &self.catalog.changes;
        notes.followed.store(false, Ordering::Release);
        *hold(&notes.noted) = Noted::default();
    }
}

/// A document as it is handed on.
#[derive(Clone, Debug, PartialEq)]
pub struct OutgoingDocument {
    /// The id.
    pub id: String,
    /// Its version; `None` of a deletion that is not remembered any more.
    pub version: Option<u64>,
    /// The routing it was given.
    pub routing: Option<String>,
    /// The document on one line; `None`: it is deleted.
    pub source: Option<Bytes>,
}

impl OutgoingDocument {
    /// What it takes of memory, about.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.id.len() + self.source.as_ref().map_or(0, Bytes::len) + NOTE_BYTES
    }
}

/// The documents of an index as they were when this was made, read one after the other.
pub struct OutgoingDocuments {
    snapshot: Arc<Snapshot>,
    segment: u32,
    document: u32,
}

impl OutgoingDocuments {
    /// How many there are. Looks at every document's bit.
    ///
    /// # Errors
    /// What tantivy says; `task_cancelled_exception`.
    pub fn count(&self, cancel: &Cancel) -> Result<u64, Exception> {
        let mut count = 0;
        for reader in self.snapshot.searcher.segment_readers() {
            cancel.check()?;
            let roots = Roots::of(reader).map_err(Fault::from)?;
            count += match roots {
                Roots::All => u64::from(reader.num_docs()),
                Roots::Some(_) => (0..reader.max_doc())
                    .filter(|id| is_document(reader, &roots, *id))
                    .count() as u64,
            };
        }
        Ok(count)
    }

    /// The next documents: at least one, and then no more than `bytes` of them; none at the end.
    ///
    /// # Errors
    /// What tantivy says; `task_cancelled_exception`.
    pub fn read(
        &mut self,
        bytes: usize,
        cancel: &Cancel,
    ) -> Result<Vec<OutgoingDocument>, Exception> {
        let mut read = Vec::new();
        let mut taken = 0;
        while let Some(reader) = self.snapshot.searcher.segment_readers().get(self.segment as usize)
        {
            let lookup = Lookup::new(&self.snapshot.searcher, self.segment)?;
            let roots = Roots::of(reader).map_err(Fault::from)?;
            while self.document < reader.max_doc() {
                if taken >= bytes {
                    return Ok(read);
                }
                cancel.check()?;
                let document = self.document;
                self.document += 1;
                if !is_document(reader, &roots, document) {
                    continue;
                }
                let stored = lookup.stored(document).read()?;
                let (id, found) = lookup.document(document, stored);
                let document = OutgoingDocument {
                    id,
                    version: Some(found.version),
                    routing: found.routing,
                    source: Some(on_one_line(found.source)),
                };
                taken += document.bytes();
                read.push(document);
            }
            (self.segment, self.document) = (self.segment + 1, 0);
        }
        Ok(read)
    }
}

fn is_document(reader: &SegmentReader, roots: &Roots, document: u32) -> bool {
    !reader.is_deleted(document) && roots.contains(document)
}

/// A document is kept as it came; line ends stand in it between values only.
fn on_one_line(source: Bytes) -> Bytes {
    if !source.iter().any(|byte| matches!(byte, b'\n' | b'\r')) {
        return source;
    }
    let line = source.iter().map(|byte| if matches!(byte, b'\n' | b'\r') { b' ' } else { *byte });
    line.collect::<Vec<u8>>().into()
}

impl Engine {
    /// Notes from now on which documents are written; `None` while somebody else follows.
    #[must_use]
    pub fn follow_changes(&self) -> Option<ChangeFeed> {
        let catalog = Arc::clone(self.indices.catalog());
        let followed = &catalog.changes.followed;
        let begun =
            followed.compare_exchange(false, true, Ordering::AcqRel, Ordering::Acquire).is_ok();
        // Only a feed that began may end: its drop says that nobody follows any more.
        begun.then(|| ChangeFeed { catalog })
    }

    /// The documents of the index `uuid`, all that were written until now.
    ///
    /// # Errors
    /// `index_not_found_exception`; what tantivy says.
    pub fn outgoing(&self, uuid: &str) -> Result<OutgoingDocuments, Exception> {
        let index = self.indices.index(uuid).ok_or_else(|| gone(uuid))?;
        index.refresh()?;
        Ok(OutgoingDocuments { snapshot: index.snapshot(), segment: 0, document: 0 })
    }

    /// How the first of these documents of the index `uuid` are now: at least one, and then no more than `bytes` of them.
    ///
    /// # Errors
    /// `index_not_found_exception`; what the disk says; `task_cancelled_exception`.
    pub fn newest(
        &self,
        uuid: &str,
        ids: &[String],
        bytes: usize,
        cancel: &Cancel,
    ) -> Result<Vec<OutgoingDocument>, Exception> {
        let index = self.indices.index(uuid).ok_or_else(|| gone(uuid))?;
        let (mut read, mut taken) = (Vec::new(), 0);
        for id in ids {
            if taken >= bytes {
                break;
            }
            cancel.check()?;
            let document = index.outgoing(id)?;
            taken += document.bytes();
            read.push(document);
        }
        Ok(read)
    }
}

impl Index {
    fn outgoing(&self, id: &str) -> Result<OutgoingDocument, Exception> {
        let (current, stored) = {
            let writer = self.writer(None)?;
            let current = writer.core.current(id).map_err(Exception::from)?;
            let stored = current.as_ref().and_then(|current| writer.core.stored(id, current));
            (current, stored)
        };
        let read = stored.map(super::core::StoredDocument::read).transpose()?;
        let (source, routing) = match read {
            Some((source, routing)) => (Some(on_one_line(source)), routing),
            None => (None, None),
        };
        let version = current.map(|current| current.version);
        Ok(OutgoingDocument { id: id.to_owned(), version, routing, source })
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::engine::EngineSettings;
    use crate::rest::{Flavor, parse, route};
    use crate::view::View;
    use crate::work::Work;

    fn engine() -> Engine {
        let settings = EngineSettings {
            directory: None,
            flavor: Flavor::OpenSearch219,
            cluster_name: "test".to_owned(),
            publish_address: "127.0.0.1:9200".to_owned(),
        };
        Engine::open(settings, Timestamp::UNIX_EPOCH).unwrap()
    }

    fn ask(engine: &Engine, line: &str, body: &str) {
        let (method, target) = line.split_once(' ').unwrap();
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let route = route(method, path, query, engine.flavor()).unwrap();
        let work = Work::unbounded();
        let kind = (!body.is_empty()).then_some("application/json");
        let body = Bytes::copy_from_slice(body.as_bytes());
        let parsed = parse(route, kind, body, &work).unwrap();
        let (metadata, view) = (engine.metadata(), View::everything("someone"));
        let answer = engine.execute(&parsed, &metadata, &view, Timestamp::UNIX_EPOCH, &work);
        assert!(answer.status < 300, "{line}: {answer:?}");
    }

    fn uuid(engine: &Engine) -> Arc<str> {
        Arc::clone(&engine.metadata().index("books").unwrap().uuid)
    }

    #[test]
    fn documents_go_with_versions_and_routing_on_one_line_and_nested_objects_are_none() {
        let engine = engine();
        ask(
            &engine,
            "PUT /books",
            r#"{"mappings": {"properties": {"parts": {"type": "nested"}}}}"#,
        );
        ask(&engine, "PUT /books/_doc/1?routing=r", "{\n  \"parts\": [{\"a\": 1}, {\"a\": 2}]\n}");
        ask(&engine, "PUT /books/_doc/2", r#"{"n": 1}"#);
        ask(&engine, "PUT /books/_doc/2", r#"{"n": 2}"#);
        ask(&engine, "PUT /books/_doc/3", "{}");
        ask(&engine, "DELETE /books/_doc/3", "");
        let mut documents = engine.outgoing(&uuid(&engine)).unwrap();
        assert_eq!(documents.count(&Cancel::new()), Ok(2));
        let mut read = Vec::new();
        loop {
            let batch = documents.read(1, &Cancel::new()).unwrap();
            assert!(batch.len() <= 1, "{batch:?}");
            if batch.is_empty() {
                break;
            }
            read.extend(batch);
        }
        let told = |document: &OutgoingDocument| {
            let source = document.source.clone().unwrap();
            let source = String::from_utf8(source.to_vec()).unwrap();
            (document.id.clone(), document.version, document.routing.clone(), source)
        };
        assert_eq!(
            read.iter().map(told).collect::<Vec<_>>(),
            [
                (
                    "1".to_owned(),
                    Some(1),
                    Some("r".to_owned()),
                    "{   \"parts\": [{\"a\": 1}, {\"a\": 2}] }".to_owned()
                ),
                ("2".to_owned(), Some(2), None, r#"{"n": 2}"#.to_owned()),
            ]
        );
    }

    #[test]
    fn what_is_written_is_noted_once_while_somebody_follows_and_told_as_it_is_then() {
        let engine = engine();
        ask(&engine, "PUT /books/_doc/0", "{}");
        let uuid = uuid(&engine);
        let feed = engine.follow_changes().unwrap();
        assert!(engine.follow_changes().is_none(), "one at a time");
        ask(&engine, "PUT /books/_doc/1", r#"{"n": 1}"#);
        ask(&engine, "PUT /books/_doc/1", r#"{"n": 2}"#);
        ask(&engine, "DELETE /books/_doc/0", "");
        assert_eq!((feed.noted(&uuid), feed.waiting()), (2, 2));
        let ids = feed.take(&uuid, 10);
        assert_eq!((ids.len(), feed.waiting()), (2, 0));
        let told = engine.newest(&uuid, &ids, usize::MAX, &Cancel::new()).unwrap();
        let told: Vec<_> =
            told.iter().map(|it| (&*it.id, it.version, it.source.is_some())).collect();
        assert_eq!(told, [("0", Some(2), false), ("1", Some(2), true)]);
        let first = engine.newest(&uuid, &ids, 1, &Cancel::new()).unwrap();
        assert_eq!(first.len(), 1, "one document at a time, where each is larger than what fits");
        feed.put_back(&uuid, &ids);
        assert_eq!(feed.noted(&uuid), 2);
        feed.keep(|kept| kept == &*uuid);
        assert_eq!(feed.waiting(), 2);
        feed.keep(|_| false);
        assert_eq!(feed.waiting(), 0, "notes of an index that is gone");
        drop(feed);
        ask(&engine, "PUT /books/_doc/2", "{}");
        assert_eq!(engine.follow_changes().unwrap().waiting(), 0);
    }
}
