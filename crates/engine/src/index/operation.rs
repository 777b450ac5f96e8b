//! One write: what is asked, on which condition, and what came of it.

use std::sync::Arc;

use bytes::Bytes;
use serde_json::Value;

use super::core::{Core, Current, DocumentStamp};
use super::fault::Fault;
use super::translog::{Frames, LogEntry};
use crate::exception::{Exception, ExceptionKind};
use crate::limits::DOCUMENT_ID_BYTES_MAX;
use crate::mapping::document::IndexDocument;
use crate::mapping::{Mapping, parsed};
use crate::slow_log::SlowWrite;
use crate::work::Cancel;

/// One write to one document.
#[derive(Clone, Debug)]
pub struct Operation {
    /// The document's id.
    pub id: String,
    /// The routing it is given.
    pub routing: Option<String>,
    /// What must be so for the write to happen.
    pub precondition: Precondition,
    /// What is written.
    pub write: Write,
}

/// What is written.
#[derive(Clone, Debug)]
pub enum Write {
    /// The document, in the place of any of the same id.
    Index {
        /// As it came.
        raw: Bytes,
        /// What it says.
        value: Arc<Value>,
    },
    /// The document, unless there is one of the same id.
    Create {
        /// As it came.
        raw: Bytes,
        /// What it says.
        value: Arc<Value>,
    },
    /// Its deletion.
    Delete,
}

/// What must be so for a write to happen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Precondition {
    /// Nothing.
    #[default]
    None,
    /// `if_seq_no` and `if_primary_term`.
    SeqNo {
        /// The sequence number the document must have.
        seq_no: u64,
        /// The primary term it must have.
        primary_term: u64,
    },
    /// `version_type=external`: higher than the current version, and the version from now on.
    External(u64),
    /// `version_type=external_gte`.
    ExternalGte(u64),
}

/// What came of a write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// The document's id.
    pub id: String,
    /// Its version now.
    pub version: u64,
    /// The write's sequence number.
    pub seq_no: u64,
    /// The write's primary term.
    pub primary_term: u64,
    /// Which `result`.
    pub outcome: WriteOutcome,
}

/// Elasticsearch's `result`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WriteOutcome {
    /// There was none before.
    Created,
    /// There was one before.
    Updated,
    /// It is gone.
    Deleted,
    /// There was none to delete.
    NotFound,
    /// Nothing changed.
    Noop,
}

impl WriteOutcome {
    /// As printed.
    pub fn name(self) -> &'static str {
        match self {
            WriteOutcome::Created => "created",
            WriteOutcome::Updated => "updated",
            WriteOutcome::Deleted => "deleted",
            WriteOutcome::NotFound => "not_found",
            WriteOutcome::Noop => "noop",
        }
    }

    /// The HTTP status of a single-document request with this result.
    pub fn status(self) -> u16 {
        match self {
            WriteOutcome::Created => 201,
            WriteOutcome::NotFound => 404,
            WriteOutcome::Updated | WriteOutcome::Deleted | WriteOutcome::Noop => 200,
        }
    }
}

/// A write whose document has been read against the mapping.
pub(crate) struct Prepared {
    id: String,
    routing: Option<String>,
    precondition: Precondition,
    create: bool,
    document: Option<(Bytes, IndexDocument)>,
}

impl Operation {
    /// The document, for the slow log; of a deletion nothing is logged.
    pub(super) fn logged(&self) -> Option<SlowWrite> {
        match &self.write {
            Write::Index { raw, value } | Write::Create { raw, value } => Some(SlowWrite {
                id: self.id.clone(),
                routing: self.routing.clone(),
                raw: raw.clone(),
                value: Arc::clone(value),
            }),
            Write::Delete => None,
        }
    }

    /// Bytes of the document; none of a deletion.
    pub(crate) fn bytes(&self) -> usize {
        match &self.write {
            Write::Index { raw, .. } | Write::Create { raw, .. } => raw.len(),
            Write::Delete => 0,
        }
    }

    /// Reads the document against `mapping`, which grows where the document brings new fields; `None` of a deletion. With
    /// `waits` its texts wait until it is indexed.
    pub(crate) fn read(
        &self,
        mapping: &mut Arc<Mapping>,
        cancel: &Cancel,
        waits: bool,
    ) -> Result<Option<IndexDocument>, Exception> {
        if self.id.len() > DOCUMENT_ID_BYTES_MAX {
            return Err(Exception::illegal_argument(format!(
                "id is too long, must be no longer than {DOCUMENT_ID_BYTES_MAX} bytes but was: {}",
                self.id.len()
            )));
        }
        let (Write::Index { value, .. } | Write::Create { value, .. }) = &self.write else {
            return Ok(None);
        };
        check_timestamp(mapping, value)?;
        let read = parsed::read(mapping, &self.id, value, cancel, waits)?;
        if let (Some(field), None) = (&read.child_by, &self.routing) {
            let reason = format!("[routing] is missing for join field [{field}]");
            return Err(parsed::failed_to_parse(Exception::illegal_argument(reason)));
        }
        if let Some(grown) = read.grown {
            *mapping = Arc::new(grown);
        }
        Ok(Some(read.document))
    }

    /// The write of the document that was read.
    pub(crate) fn with(self, document: Option<IndexDocument>) -> Prepared {
        let Operation { id, routing, precondition, write } = self;
        let create = matches!(write, Write::Create { .. });
        let raw = match write {
            Write::Index { raw, .. } | Write::Create { raw, .. } => Some(raw),
            Write::Delete => None,
        };
        Prepared { id, routing, precondition, create, document: raw.zip(document) }
    }
}

/// A document of a data stream has one timestamp. (`DataStreamFieldMapper` of OpenSearch 2.19.)
fn check_timestamp(mapping: &Mapping, document: &Value) -> Result<(), Exception> {
    let Some(field) = &mapping.root().data_stream_timestamp else { return Ok(()) };
    let single = match document.get(field) {
        None | Some(Value::Null) => false,
        Some(Value::Array(values)) => values.len() == 1,
        Some(_) => true,
    };
    if single {
        return Ok(());
    }
    Err(parsed::failed_to_parse(Exception::illegal_argument(format!(
        "documents must contain a single-valued timestamp field '{field}' of date type"
    ))))
}

impl Prepared {
    /// Checks the condition, writes the document and its frame. The outer error is the store's, the inner the caller's.
    pub(crate) fn apply(
        self,
        core: &mut Core,
        now: i64,
        frames: &mut Frames,
    ) -> Result<Result<Written, Exception>, Fault> {
        let current = core.current(&self.id)?;
        let version = match self.version(current.as_ref()) {
            Ok(version) => version,
            Err(conflict) => return Ok(Err(conflict)),
        };
        let there = current.as_ref().is_some_and(|current| !current.is_deleted());
        let outcome = match (&self.document, there) {
            (Some(_), true) => WriteOutcome::Updated,
            (Some(_), false) => WriteOutcome::Created,
            (None, true) => WriteOutcome::Deleted,
            (None, false) => WriteOutcome::NotFound,
        };
        let entry = LogEntry {
            seq_no: core.next_seq_no,
            primary_term: core.primary_term,
            version,
            id: self.id,
            routing: self.routing,
            source: self.document.as_ref().map(|(source, _)| source.clone()),
        };
        let document = self.document.map(|(_, document)| document);
        let cancel = document.as_ref().map(|document| document.cancel().clone());
        let written = write(core, &entry, document, current.as_ref(), now)?;
        if let (false, Some(Err(ended))) = (written, cancel.map(|cancel| cancel.check())) {
            return Ok(Err(ended));
        }
        frames.push(&entry);
        let LogEntry { id, seq_no, primary_term, .. } = entry;
        Ok(Ok(Written { id, version, seq_no, primary_term, outcome }))
    }

    /// The version after the write, or the conflict. Source of the texts: `VersionConflictEngineException` and
    /// `VersionType` of Elasticsearch 7.10.
    fn version(&self, current: Option<&Current>) -> Result<u64, Exception> {
        let there = current.filter(|current| !current.is_deleted());
        let conflict = |why: String| Err(conflict(&self.id, &why));
        if let (true, Some(there)) = (self.create, there) {
            return conflict(format!(
                "document already exists (current version [{}])",
                there.version
            ));
        }
        match self.precondition {
            Precondition::None => {}
            Precondition::SeqNo { seq_no, primary_term } => match there {
                Some(there) if there.seq_no == seq_no && there.primary_term == primary_term => {}
                there => {
                    let there = there.map(|there| (there.seq_no, there.primary_term));
                    return Err(seq_no_conflict(&self.id, (seq_no, primary_term), there));
                }
            },
            Precondition::External(version) => {
                if let Some(current) = current.filter(|current| current.version >= version) {
                    return conflict(format!(
                        "current version [{}] is higher or equal to the one provided [{version}]",
                        current.version
                    ));
                }
                return Ok(version);
            }
            Precondition::ExternalGte(version) => {
                if let Some(current) = current.filter(|current| current.version > version) {
                    return conflict(format!(
                        "current version [{}] is higher than the one provided [{version}]",
                        current.version
                    ));
                }
                return Ok(version);
            }
        }
        Ok(current.map_or(1, |current| current.version + 1))
    }
}

fn conflict(id: &str, why: &str) -> Exception {
    let reason = format!("[{id}]: version conflict, {why}");
    Exception::new(ExceptionKind::VersionConflict, reason)
}

/// The conflict of a write that asks for another sequence number and primary term than the document has, if it is there.
pub(super) fn seq_no_conflict(id: &str, asked: (u64, u64), there: Option<(u64, u64)>) -> Exception {
    let (seq_no, primary_term) = asked;
    let why = match there {
        Some((own, term)) => {
            format!("current document has seqNo [{own}] and primary term [{term}]")
        }
        None => "but no document was found".to_owned(),
    };
    conflict(id, &format!("required seqNo [{seq_no}], primary term [{primary_term}]. {why}"))
}

/// Replays one entry of the translog; one that is already there, or older than what is there, changes nothing.
pub(crate) fn replay(
    core: &mut Core,
    entry: &LogEntry,
    mapping: &Mapping,
    now: i64,
) -> Result<(), Fault> {
    core.next_seq_no = core.next_seq_no.max(entry.seq_no + 1);
    let current = core.current(&entry.id)?;
    if current.as_ref().is_some_and(|current| current.seq_no >= entry.seq_no) {
        return Ok(());
    }
    let document = match &entry.source {
        None => None,
        Some(source) => {
            let unreadable = |why: String| {
                Fault::Segments(format!("translog entry {} of [{}]: {why}", entry.seq_no, entry.id))
            };
            let value =
                serde_json::from_slice(source).map_err(|why| unreadable(why.to_string()))?;
            let read = parsed::parse_again(mapping, &entry.id, &value);
            Some(read.map_err(|why| unreadable(why.to_string()))?)
        }
    };
    write(core, entry, document, current.as_ref(), now).map(|_| ())
}

/// Writes `document`, or its deletion; `false`, and nothing is changed, if the work on it was called off.
fn write(
    core: &mut Core,
    entry: &LogEntry,
    document: Option<IndexDocument>,
    current: Option<&Current>,
    now: i64,
) -> Result<bool, Fault> {
    let stamp = DocumentStamp {
        id: &entry.id,
        seq_no: entry.seq_no,
        version: entry.version,
        primary_term: entry.primary_term,
        routing: entry.routing.as_deref(),
    };
    match (document, &entry.source) {
        (Some(document), Some(source)) => core.put(&stamp, document, source, current),
        _ => {
            core.delete(&stamp, current, now);
            Ok(true)
        }
    }
}
