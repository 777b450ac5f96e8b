//! `_update`: reads the document, puts the changes in, writes it back on the condition that nobody else did.

use std::sync::Arc;

use bytes::Bytes;
use serde_json::{Map, Value, json};

use super::get::{self, asked_source};
use super::options::{Refresh, WriteOptions};
use super::read;
use super::target::Targets;
use super::{PrintedWrite, body_required, no_shards, one};
use crate::engine::Answer;
use crate::exception::{Exception, ExceptionKind};
use crate::index::{FoundDocument, Index, Operation, Precondition, Write, WriteOutcome, Written};
use crate::ingest::{Ingested, Prepared};
use crate::mapping::type_name::DOC;
use crate::rest::ParsedBody;
use crate::rest::execute::Task;
use crate::script::{GivenVariable, Machine, ScriptRequest, context};
use crate::search::SourceFilter;

/// The body of an update, read.
#[derive(Clone, Debug)]
pub(super) struct Update {
    doc: Option<Map<String, Value>>,
    script: Option<ScriptRequest>,
    scripted_upsert: bool,
    upsert: Option<Map<String, Value>>,
    doc_as_upsert: bool,
    detect_noop: bool,
    /// Whether what is written goes through the pipelines of its index: as the real server does for a request of its own.
    ingests: bool,
    /// Which part of the new source the answer shows.
    pub(super) source: Option<SourceFilter>,
}

/// What came of an update, and the source it left.
pub(super) struct Updated {
    pub(super) written: Written,
    source: Bytes,
}

impl Update {
    /// Reads the body.
    ///
    /// # Errors
    /// `x_content_parse_exception` and `action_request_validation_exception` in Elasticsearch's words.
    pub(super) fn parse(body: &Value) -> Result<Update, Exception> {
        let wrong = |reason: String| Exception::new(ExceptionKind::XContentParse, reason);
        let unlike = |key: &str, value: &Value| {
            let token = crate::rest::json::token(value);
            wrong(format!("[UpdateRequest] {key} doesn't support values of type: {token}"))
                .at(value)
        };
        let Value::Object(body) = body else {
            return Err(wrong("[UpdateRequest] Expected START_OBJECT".to_owned()));
        };
        let mut update = Update {
            doc: None,
            script: None,
            scripted_upsert: false,
            upsert: None,
            doc_as_upsert: false,
            detect_noop: true,
            ingests: false,
            source: None,
        };
        for (key, value) in body {
            match (key.as_str(), value) {
                ("doc", Value::Object(doc)) => update.doc = Some(doc.clone()),
                ("upsert", Value::Object(upsert)) => update.upsert = Some(upsert.clone()),
                ("doc_as_upsert", Value::Bool(on)) => update.doc_as_upsert = *on,
                ("detect_noop", Value::Bool(on)) => update.detect_noop = *on,
                ("_source", value) => update.source = Some(SourceFilter::parse(value)?),
                ("scripted_upsert", Value::Bool(on)) => update.scripted_upsert = *on,
                ("script", script @ (Value::String(_) | Value::Object(_))) => {
                    let read = ScriptRequest::parse(script).map_err(|cause| {
                        let reason = "[UpdateRequest] failed to parse field [script]";
                        wrong(reason.to_owned()).caused_by(cause)
                    })?;
                    update.script = Some(read);
                }
                (
                    "doc" | "upsert" | "doc_as_upsert" | "detect_noop" | "scripted_upsert"
                    | "script",
                    _,
                ) => return Err(unlike(key, value)),
                // The action line of `_bulk` may be repeated here.
                ("if_seq_no" | "if_primary_term", _) => {}
                _ => {
                    let reason = format!("[UpdateRequest] unknown field [{key}]{}", hint(key));
                    return Err(wrong(reason).at_key(value));
                }
            }
        }
        if update.doc.is_none() && update.doc_as_upsert {
            let missing = update.script.is_none().then_some("script or doc is missing");
            let faults =
                missing.into_iter().chain(["doc must be specified if doc_as_upsert is enabled"]);
            return Err(Exception::validation(&faults.collect::<Vec<_>>()));
        }
        match (&update.doc, &update.script) {
            (None, None) => Err(Exception::validation(&["script or doc is missing"])),
            (Some(_), Some(_)) => {
                Err(Exception::validation(&["can't provide both script and doc"]))
            }
            _ => Ok(()),
        }?;
        Ok(update)
    }

    /// What is inserted where there is no document, and whether the request's pipeline is for it.
    pub(super) fn inserted(&self) -> Option<(&Map<String, Value>, bool)> {
        match (self.doc_as_upsert, &self.doc, &self.upsert) {
            (true, Some(doc), _) => Some((doc, false)),
            (_, _, Some(upsert)) => Some((upsert, true)),
            _ => None,
        }
    }

    /// Puts `source` in the place of what [`Update::inserted`] told.
    pub(super) fn insert_instead(&mut self, source: Map<String, Value>) {
        let place = if self.doc_as_upsert { &mut self.doc } else { &mut self.upsert };
        *place = Some(source);
    }

    /// `source` behind the pipelines of its index; `None`: it was dropped.
    fn ingested(
        &self,
        targets: &Targets<'_>,
        index: &Index,
        id: &str,
        routing: Option<&str>,
        source: Map<String, Value>,
    ) -> Result<Option<Map<String, Value>>, Exception> {
        if !self.ingests {
            return Ok(Some(source));
        }
        let write = Prepared {
            index: index.name().to_owned(),
            id: Some(id.to_owned()),
            routing: routing.map(str::to_owned),
            precondition: Precondition::None,
            raw: Bytes::new(),
            value: Value::Object(source).into(),
        };
        match targets.ingest(None, write)? {
            Ingested::Dropped => Ok(None),
            Ingested::Changed(write) if write.index != index.name() => {
                Err(Exception::not_implemented("an update whose pipeline changes the index"))
            }
            Ingested::Changed(write) | Ingested::Unchanged(write) => {
                match Arc::unwrap_or_clone(write.value) {
                    Value::Object(source) => Ok(Some(source)),
                    _ => Ok(None),
                }
            }
        }
    }

    fn check(&self, options: &WriteOptions) -> Result<(), Exception> {
        let upserts = self.upsert.is_some() || self.doc_as_upsert;
        match options.precondition {
            Precondition::External(_) | Precondition::ExternalGte(_) => {
                Err(Exception::validation(&[
                    "internal versioning can not be used for optimistic concurrency control. Please use `if_seq_no` and `if_primary_term` instead",
                ]))
            }
            Precondition::SeqNo { .. } if upserts => Err(Exception::validation(&[
                "upsert requests don't support `if_seq_no` and `if_primary_term`",
            ])),
            Precondition::SeqNo { .. } if options.retry_on_conflict > 0 => {
                Err(Exception::validation(&["compare and write operations can not be retried"]))
            }
            _ => Ok(()),
        }
    }

    /// Runs the update, again after a lost race as often as `retry_on_conflict` says.
    ///
    /// # Errors
    /// `document_missing_exception`, `version_conflict_engine_exception`, and what a write refuses.
    pub(super) fn run(
        &self,
        targets: &Targets<'_>,
        index: &Index,
        id: &str,
        options: &WriteOptions,
    ) -> Result<Updated, Exception> {
        self.check(options)?;
        let mut retries = options.retry_on_conflict;
        loop {
            match self.attempt(targets, index, id, options) {
                Err(refusal) if refusal.kind() == ExceptionKind::VersionConflict && retries > 0 => {
                    retries -= 1;
                }
                outcome => return outcome,
            }
        }
    }

    fn attempt(
        &self,
        targets: &Targets<'_>,
        index: &Index,
        id: &str,
        options: &WriteOptions,
    ) -> Result<Updated, Exception> {
        let asked = options.routing.as_deref();
        let asked_type = options.type_name.as_deref();
        let of_type = asked_type.is_none_or(|name| targets.is_of_type(index, name));
        let found = read::read_to_rewrite(targets, index, id)?.filter(|_| of_type);
        let Some(found) = found.filter(|found| targets.reaches(index, id, found, asked)) else {
            return self.insert(targets, index, id, options);
        };
        if let Precondition::SeqNo { seq_no, primary_term } = options.precondition
            && (found.seq_no, found.primary_term) != (seq_no, primary_term)
        {
            return Err(on_shard(
                index,
                ExceptionKind::VersionConflict,
                format!(
                    "[{id}]: version conflict, required seqNo [{seq_no}], primary term [{primary_term}]. current document has seqNo [{}] and primary term [{}]",
                    found.seq_no, found.primary_term
                ),
            ));
        }
        let found = get::as_shown(&index.snapshot(), &found);
        let shown = if found.source.is_empty() { Value::Null } else { get::source_value(&found)? };
        let Value::Object(mut source) = shown else {
            return Err(on_shard(
                index,
                ExceptionKind::DocumentSourceMissing,
                format!("{}: document source missing", called(id, options)),
            ));
        };
        let found = match &self.script {
            Some(script) => {
                return self.by_script(script, targets, index, id, options, (found, source));
            }
            None => found,
        };
        let changed = self.doc.as_ref().is_some_and(|doc| merge(&mut source, doc));
        let routing = options.routing.clone().or_else(|| found.routing.clone());
        if !changed && self.detect_noop {
            return Ok(unchanged(id, found));
        }
        let ingested = self.ingested(targets, index, id, routing.as_deref(), source)?;
        let Some(source) = ingested else { return Ok(unchanged(id, found)) };
        let precondition =
            Precondition::SeqNo { seq_no: found.seq_no, primary_term: found.primary_term };
        let value = Value::Object(source);
        let raw = Bytes::from(value.to_string());
        let write = Write::Index { raw: raw.clone(), value: value.into() };
        let operation = Operation { id: id.to_owned(), routing, precondition, write };
        Ok(Updated {
            written: one(targets, index, options.type_name.as_deref(), operation)?,
            source: raw,
        })
    }

    /// Writes what a script leaves of a document that is there.
    fn by_script(
        &self,
        script: &ScriptRequest,
        targets: &Targets<'_>,
        index: &Index,
        id: &str,
        options: &WriteOptions,
        (found, source): (FoundDocument, Map<String, Value>),
    ) -> Result<Updated, Exception> {
        let routing = options.routing.clone().or_else(|| found.routing.clone());
        let context = json!({
            "op": "index", "_index": index.name(), "_type": options.type_name.as_deref().unwrap_or(DOC), "_id": id,
            "_version": found.version, "_routing": routing, "_now": targets.milliseconds(),
            "_source": source,
        });
        let (op, source) = scripted(script, &context, targets)?;
        let precondition =
            Precondition::SeqNo { seq_no: found.seq_no, primary_term: found.primary_term };
        let (raw, write) = match op.as_str() {
            "index" => {
                let ingested = self.ingested(targets, index, id, routing.as_deref(), source)?;
                let Some(source) = ingested else { return Ok(unchanged(id, found)) };
                let value = Value::Object(source);
                let raw = Bytes::from(value.to_string());
                (raw.clone(), Write::Index { raw, value: value.into() })
            }
            "delete" => (Bytes::from(Value::Object(source).to_string()), Write::Delete),
            // Any other word does nothing, as in Elasticsearch.
            _ => return Ok(unchanged(id, found)),
        };
        let operation = Operation { id: id.to_owned(), routing, precondition, write };
        Ok(Updated {
            written: one(targets, index, options.type_name.as_deref(), operation)?,
            source: raw,
        })
    }

    fn insert(
        &self,
        targets: &Targets<'_>,
        index: &Index,
        id: &str,
        options: &WriteOptions,
    ) -> Result<Updated, Exception> {
        let own = if self.doc_as_upsert { &self.doc } else { &self.upsert };
        let Some(source) = own else {
            let reason = format!("{}: document missing", called(id, options));
            return Err(on_shard(index, ExceptionKind::DocumentMissing, reason));
        };
        let routing = options.routing.clone();
        let mut source = source.clone();
        if let Some(script) = self.script.as_ref().filter(|_| self.scripted_upsert) {
            let context =
                json!({"op": "create", "_source": source, "_now": targets.milliseconds()});
            let (op, changed) = scripted(script, &context, targets)?;
            source = changed;
            if op != "create" {
                return Ok(not_created(id));
            }
        }
        let source = self.ingested(targets, index, id, routing.as_deref(), source)?;
        let Some(source) = source else {
            return Err(Exception::not_implemented("an upsert that a pipeline drops"));
        };
        let value = Value::Object(source);
        let raw = Bytes::from(value.to_string());
        let operation = Operation {
            id: id.to_owned(),
            routing,
            precondition: Precondition::None,
            write: Write::Create { raw: raw.clone(), value: value.into() },
        };
        Ok(Updated {
            written: one(targets, index, options.type_name.as_deref(), operation)?,
            source: raw,
        })
    }
}

/// The document as it was found.
fn unchanged(id: &str, found: FoundDocument) -> Updated {
    let FoundDocument { version, seq_no, primary_term, source, .. } = found;
    let outcome = WriteOutcome::Noop;
    let written = Written { id: id.to_owned(), version, seq_no, primary_term, outcome };
    Updated { written, source }
}

/// A document that was not there, and that a script did not want.
fn not_created(id: &str) -> Updated {
    let outcome = WriteOutcome::Noop;
    let written = Written { id: id.to_owned(), version: 0, seq_no: 0, primary_term: 0, outcome };
    Updated { written, source: Bytes::from_static(b"{}") }
}

/// Runs a script on `ctx`: what it says to do, and the source it leaves.
///
/// # Errors
/// `illegal_argument_exception` "failed to execute script" because of the script's own exception.
fn scripted(
    script: &ScriptRequest,
    context: &Value,
    targets: &Targets<'_>,
) -> Result<(String, Map<String, Value>), Exception> {
    let ran = script.compile(&context::UPDATE, targets.work).and_then(|script| {
        let mut machine = Machine::new(targets.work, targets.now);
        script.run(&mut machine, &[("ctx", GivenVariable::Json(context))], None)?.variable("ctx")
    });
    let mut left = ran.map_err(|cause| match cause.kind() {
        ExceptionKind::Script | ExceptionKind::ResourceNotFound => {
            Exception::illegal_argument("failed to execute script").caused_by(cause)
        }
        _ => cause,
    })?;
    let op = left.get("op").and_then(Value::as_str).unwrap_or("none").to_owned();
    match left.get_mut("_source").map(Value::take) {
        Some(Value::Object(source)) => Ok((op, source)),
        _ => Err(Exception::illegal_argument("failed to execute script").caused_by(
            Exception::new(ExceptionKind::ClassCast, "[_source] in [ctx] must be a map"),
        )),
    }
}

impl Updated {
    /// The value of `get`.
    pub(super) fn get(&self, filter: &SourceFilter) -> Result<Option<Value>, Exception> {
        if !filter.enabled {
            return Ok(None);
        }
        let found = FoundDocument {
            version: self.written.version,
            seq_no: self.written.seq_no,
            primary_term: self.written.primary_term,
            routing: None,
            source: self.source.clone(),
        };
        let mut get = Map::new();
        get::stamp(&mut get, &found);
        get.insert("found".into(), true.into());
        get.insert("_source".into(), filter.apply(&get::source_value(&found)?));
        Ok(Some(Value::Object(get)))
    }
}

/// `POST /{index}/_update/{id}`.
pub(crate) fn update(task: &Task<'_>) -> Answer {
    let (targets, route) = (Targets::of(task), &task.parsed.route);
    let ParsedBody::Json(body) = &task.parsed.body else { return Err(body_required()) };
    let options = WriteOptions::of_route(route, false)?;
    let mut update = Update::parse(&body.value)?;
    update.source = asked_source(&route.query).or(update.source);
    update.ingests = true;
    let id = route.part("id").unwrap_or_default();
    options.check_id(Some(id))?;
    update.check(&options)?;
    let name = route.part("index").unwrap_or_default();
    targets.check_append(name, false)?;
    let index = targets.write(name, options.require_alias)?;
    let updated = update.run(&targets, &index, id, &options)?;
    if options.refresh != Refresh::No {
        index.refresh()?;
    }
    let noop = updated.written.outcome == WriteOutcome::Noop;
    let shards = if noop { no_shards() } else { targets.shards(&index) };
    let get = update.source.as_ref().map(|filter| updated.get(filter)).transpose()?.flatten();
    let printed = PrintedWrite {
        index: index.name(),
        type_name: route.type_name(),
        refresh: options.refresh,
        written: &updated.written,
        shards: &shards,
        get,
        status: None,
    };
    printed.response()
}

/// Puts `changes` into `source`, objects into objects; whether anything became different.
fn merge(source: &mut Map<String, Value>, changes: &Map<String, Value>) -> bool {
    let mut changed = false;
    for (key, change) in changes {
        match (source.get_mut(key), change) {
            (Some(Value::Object(inner)), Value::Object(change)) => changed |= merge(inner, change),
            (Some(old), change) => {
                if old != change {
                    *old = change.clone();
                    changed = true;
                }
            }
            (None, change) => {
                source.insert(key.clone(), change.clone());
                changed = true;
            }
        }
    }
    changed
}

/// Elasticsearch's ` did you mean [doc]?` for a key that is one letter off.
fn hint(key: &str) -> String {
    let near = |known: &&&str| {
        let same = known.chars().zip(key.chars()).filter(|(a, b)| a == b).count();
        known.len().abs_diff(key.len()) <= 1 && same + 1 >= known.len().min(key.len())
    };
    let known = ["doc", "upsert", "script", "doc_as_upsert", "detect_noop", "scripted_upsert"];
    known.iter().find(near).map(|known| format!(" did you mean [{known}]?")).unwrap_or_default()
}

/// A document as errors name it: Elasticsearch names its type, too.
fn called(id: &str, options: &WriteOptions) -> String {
    match &options.type_name {
        Some(name) => format!("[{name}][{id}]"),
        None => format!("[{id}]"),
    }
}

fn on_shard(index: &Index, kind: ExceptionKind, reason: String) -> Exception {
    Exception::new(kind, reason)
        .with("index_uuid", index.uuid())
        .with("shard", "0")
        .with("index", index.name())
}
