//! The pipelines of one write: which they are, and what they make of it.
//!
//! Source: `TransportBulkAction` and `IngestService` of Elasticsearch 7.10.

use std::sync::Arc;

use bytes::Bytes;
use jiff::Timestamp;
use serde_json::{Map, Value};

use super::document::{IngestDocument, class_cast};
use super::java;
use super::run::{Outcome, Run};
use crate::cluster::metadata::Metadata;
use crate::cluster::{names, templates};
use crate::exception::{Exception, ExceptionKind};
use crate::flavor::Flavor;
use crate::index::{CreateIndex, Precondition};
use crate::work::Work;

/// The version that asks for nothing.
const ANY_VERSION: i64 = -3;

/// The version of a document without an id that must not be there.
const ANY_DELETED: i64 = -4;

/// A write that a pipeline may change.
#[derive(Clone, Debug)]
pub(crate) struct Prepared {
    pub(crate) index: String,
    pub(crate) id: Option<String>,
    pub(crate) routing: Option<String>,
    pub(crate) precondition: Precondition,
    /// The document as it is stored.
    pub(crate) raw: Bytes,
    pub(crate) value: Arc<Value>,
}

/// What became of a write.
#[derive(Debug)]
pub(crate) enum Ingested {
    /// No pipeline is for it.
    Unchanged(Prepared),
    /// The pipelines ran.
    Changed(Prepared),
    /// A pipeline dropped it.
    Dropped,
}

/// What pipelines run with.
pub(crate) struct Ingest<'a> {
    metadata: &'a Metadata,
    flavor: Flavor,
    now: Timestamp,
    work: &'a Work,
}

/// Runs the pipelines of a write on it: `asked` by the request, or the index's default, then the index's final one.
///
/// # Errors
/// What a pipeline fails with; `illegal_argument_exception` for one that is not there.
pub(crate) fn prepare(
    metadata: &Metadata,
    flavor: Flavor,
    now: Timestamp,
    work: &Work,
    asked: Option<&str>,
    write: Prepared,
) -> Result<Ingested, Exception> {
    Ingest { metadata, flavor, now, work }.prepare(asked, write)
}

/// Where its pipelines send the document that `write` makes, which is meant for `index`: for whoever authorizes the write.
/// None: where it was meant to go, or nowhere. The pipelines run as they will when the write is done.
pub(crate) fn destination(
    metadata: &Metadata,
    flavor: Flavor,
    now: Timestamp,
    work: &Work,
    (index, asked): (&str, Option<&str>),
    write: impl FnOnce() -> Prepared,
) -> Option<String> {
    let ingest = Ingest { metadata, flavor, now, work };
    let ids = ingest.pipelines(index, asked);
    if !ids.iter().flatten().any(|id| metadata.pipelines.reroutes(id)) {
        return None;
    }
    match ingest.prepare(asked, write()) {
        Ok(Ingested::Changed(write)) if write.index != index => Some(write.index),
        // What fails here fails again where it is answered.
        _ => None,
    }
}

impl Ingest<'_> {
    /// The pipeline that is asked for, or the default one, and the final one.
    fn pipelines(&self, index: &str, asked: Option<&str>) -> [Option<String>; 2] {
        let name = names::single(self.metadata, index, self.now).map(|named| named.name);
        let name = name.unwrap_or_default();
        let found = self.metadata.write_index(&name);
        // What templates will give an index that the write is about to make.
        let made = match found.is_none() && !self.metadata.knows(&name) {
            true => templates::applied(self.metadata, &name, &CreateIndex::default()).ok(),
            false => None,
        };
        let setting = |key: &str| match (found, &made) {
            (Some(index), _) => index.settings.get(key).map(str::to_owned),
            (None, Some(made)) => {
                made.settings.get(format!("index.{key}")).and_then(Value::as_str).map(str::to_owned)
            }
            (None, None) => None,
        };
        let first = asked.map(str::to_owned).or_else(|| setting("default_pipeline"));
        [first, setting("final_pipeline")].map(|id| id.filter(|id| id != "_none"))
    }

    fn prepare(&self, asked: Option<&str>, write: Prepared) -> Result<Ingested, Exception> {
        let [first, last] = self.pipelines(&write.index, asked);
        if first.is_none() && last.is_none() {
            return Ok(Ingested::Unchanged(write));
        }
        let Value::Object(source) = (*write.value).clone() else {
            return Err(Exception::illegal_argument("the document is not an object"));
        };
        let fresh = write.id.is_none();
        let mut document =
            IngestDocument::new(source, self.metadata_of(&write), self.now, self.work);
        if let Some(id) = first
            && self.run(&id, &mut document)? == Outcome::Dropped
        {
            return Ok(Ingested::Dropped);
        }
        let index = index_of(&document);
        let last = match index == write.index {
            true => last,
            // The index that it goes to now has a final pipeline of its own, or none.
            false => {
                let [_, last] = self.pipelines(&index, Some("_none"));
                last
            }
        };
        if let Some(id) = last {
            if self.run(&id, &mut document)? == Outcome::Dropped {
                return Ok(Ingested::Dropped);
            }
            if index_of(&document) != index {
                let reason = format!("final pipeline [{id}] can't change the target index");
                return Err(Exception::new(ExceptionKind::IllegalState, reason));
            }
        }
        self.written(document, write, fresh).map(Ingested::Changed)
    }

    fn run(&self, id: &str, document: &mut IngestDocument) -> Result<Outcome, Exception> {
        let Some(pipeline) = self.metadata.pipelines.get(id)? else {
            let reason = format!("pipeline with id [{id}] does not exist");
            return Err(Exception::illegal_argument(reason));
        };
        let mut run = Run::new(&self.metadata.pipelines, self.flavor, self.now, self.work);
        run.pipeline(pipeline, document).map_err(|failure| failure.cause)
    }

    fn metadata_of(&self, write: &Prepared) -> Map<String, Value> {
        let mut metadata = IngestDocument::metadata(self.flavor, &write.index, write.id.as_deref());
        if let Some(routing) = &write.routing {
            metadata.insert("_routing".to_owned(), routing.clone().into());
        }
        let (version, kind) = match write.precondition {
            Precondition::External(version) => (Value::from(version), "external"),
            Precondition::ExternalGte(version) => (Value::from(version), "external_gte"),
            _ if write.id.is_none() => (ANY_DELETED.into(), "internal"),
            _ => (ANY_VERSION.into(), "internal"),
        };
        metadata.insert("_version".to_owned(), version);
        metadata.insert("_version_type".to_owned(), kind.into());
        metadata
    }

    /// The write that the pipelines left.
    fn written(
        &self,
        mut document: IngestDocument,
        write: Prepared,
        fresh: bool,
    ) -> Result<Prepared, Exception> {
        let metadata = document.take_metadata();
        let text = |key: &str| match metadata.get(key) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(other) => Err(class_cast(other, "java.lang.String")),
        };
        let version = match metadata.get("_version") {
            None | Some(Value::Null) => None,
            Some(Value::Number(number)) => number.as_i64(),
            Some(other) => return Err(class_cast(other, "java.lang.Number")),
        };
        let version = version.and_then(|version| u64::try_from(version).ok());
        let precondition = match (text("_version_type")?.as_deref(), version) {
            (Some("external" | "external_gt"), Some(version)) => Precondition::External(version),
            (Some("external_gte"), Some(version)) => Precondition::ExternalGte(version),
            (Some("internal") | None, _) => match write.precondition {
                Precondition::External(_) | Precondition::ExternalGte(_) => Precondition::None,
                other => other,
            },
            (Some("external" | "external_gt" | "external_gte"), None) => write.precondition,
            (Some(other), _) => {
                return Err(Exception::illegal_argument(format!(
                    "No version type match [{other}]"
                )));
            }
        };
        let id = text("_id")?.or(if fresh { None } else { write.id });
        let value = Value::Object(document.fields);
        let raw = self.work.print(&value)?;
        let value = value.into();
        let index = text("_index")?.unwrap_or(write.index);
        Ok(Prepared { index, id, routing: text("_routing")?, precondition, raw, value })
    }
}

fn index_of(document: &IngestDocument) -> String {
    document.fields.get("_index").map(java::text).unwrap_or_default()
}
