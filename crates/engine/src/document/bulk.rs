//! `_bulk`: many writes, each with its own answer. Neighbouring writes to one index are one run: one pass over the mapping,
//! one hold of the lock, one fsync.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Map, Value};

use super::get::asked_source;
use super::options::{self, Refresh, WriteOptions};
use super::target::Targets;
use super::update::Update;
use super::{PrintedWrite, body_required, ingest, named};
use crate::engine::Answer;
use crate::exception::{Exception, ExceptionKind};
use crate::index::{Index, Operation, Write, Written, document_id};
use crate::ingest::{Ingested, Prepared};
use crate::response::Response;
use crate::rest::execute::Task;
use crate::rest::{BulkAction, BulkItem, Json, ParsedBody, Route};
use crate::work::HeldMemory;

/// Most writes in one hold of an index's lock: others get their turn between runs.
const RUN_MAX: usize = 1000;

/// What an item's answer takes, in its list and in the body, beside its id and its index.
const ANSWER_BYTES: u64 = 512;

/// What the answers of `items` take.
fn answer_bytes(items: &[BulkItem]) -> u64 {
    let named = |item: &BulkItem| item.index.len() + item.id.as_ref().map_or(20, String::len);
    items.iter().map(|item| ANSWER_BYTES + 2 * named(item) as u64).sum()
}

/// One item on its way.
struct Bulk<'a> {
    targets: &'a Targets<'a>,
    route: &'a Route,
    refresh: Refresh,
    /// By position, as they are printed.
    answers: Vec<String>,
    /// What the answers will take.
    _held: HeldMemory,
    errors: bool,
    /// Whether a pipeline ran.
    ingested: bool,
    /// Indices by the name they were asked for.
    resolved: BTreeMap<(String, bool, bool), Result<Arc<Index>, Exception>>,
    /// The run being gathered.
    run: Vec<(usize, &'a BulkItem, Operation)>,
    index: Option<Arc<Index>>,
    written: BTreeMap<String, Arc<Index>>,
}

/// `POST /{index}/_bulk`.
pub(crate) fn bulk(task: &Task<'_>) -> Answer {
    let (targets, route) = (&Targets::of(task), &task.parsed.route);
    let ParsedBody::Bulk(items) = &task.parsed.body else { return Err(body_required()) };
    let begun = task.engine.tick(task.now);
    let mut bulk = Bulk {
        targets,
        route,
        refresh: options::refresh(route.query.get("refresh"))?,
        answers: items.iter().map(|_| String::new()).collect(),
        // Before anything is written: an answer that tells what was done must not be refused.
        _held: targets.work.budget.take(answer_bytes(items), "<http_response>")?,
        errors: false,
        ingested: false,
        resolved: BTreeMap::new(),
        run: Vec::new(),
        index: None,
        written: BTreeMap::new(),
    };
    for (position, item) in items.iter().enumerate() {
        // Between two items: what was written stays written, nothing after it is begun.
        targets.work.check()?;
        if let Err(refusal) = bulk.item(position, item) {
            bulk.refuse(position, item, &refusal)?;
        }
    }
    bulk.finish_run()?;
    if bulk.refresh != Refresh::No {
        for index in bulk.written.values() {
            targets.work.check()?;
            index.refresh()?;
        }
    }
    let took = task.engine.milliseconds_since(begun);
    let ingest_took = if bulk.ingested { ",\"ingest_took\":0" } else { "" };
    let head = format!("{{\"took\":{took}{ingest_took},\"errors\":{},\"items\":[", bulk.errors);
    let length = bulk.answers.iter().map(|answer| answer.len() + 1).sum::<usize>();
    let mut body = String::with_capacity(head.len() + length + 1);
    body.push_str(&head);
    for (position, answer) in bulk.answers.iter().enumerate() {
        if position > 0 {
            body.push(',');
        }
        body.push_str(answer);
    }
    body.push_str("]}");
    drop(bulk);
    Ok(Response::printed(200, targets.work.told(body.into_bytes())))
}

impl<'a> Bulk<'a> {
    fn item(&mut self, position: usize, item: &'a BulkItem) -> Result<(), Exception> {
        if let Some(reason) = self.targets.view.denial(position) {
            return Err(Exception::new(ExceptionKind::Security, reason));
        }
        let options = ingest::item_options(self.route, item)?;
        if item.action != BulkAction::Delete {
            options.check_id(item.id.as_deref())?;
        }
        if item.action == BulkAction::Update {
            self.targets.check_append(&item.index, false)?;
            let index = self.resolve(item, &item.index, &options)?;
            return self.update(position, item, &index, &options);
        }
        let (index, operation) = match &item.source {
            None => {
                self.targets.check_append(&item.index, false)?;
                let index = self.resolve(item, &item.index, &options)?;
                let id = item.id.clone().unwrap_or_default();
                if let Some(written) =
                    self.targets.elsewhere(&index, &id, options.routing.as_deref())?
                {
                    let shards = self.targets.shards(&index);
                    return self.answer(position, item, &index, &written, &shards, None);
                }
                let WriteOptions { routing, precondition, .. } = options;
                (index, Operation { id, routing, precondition, write: Write::Delete })
            }
            Some(Err(fault)) => {
                self.targets.check_append(&item.index, options.create)?;
                self.resolve(item, &item.index, &options)?;
                let made = || document_id(self.targets.milliseconds());
                let id = item.id.clone().unwrap_or_else(made);
                return self.refuse_id(position, item, &id, fault);
            }
            Some(Ok(json)) => {
                let Some(prepared) = self.ingest(position, item, &options, json)? else {
                    return Ok(());
                };
                self.targets.check_append(&prepared.index, options.create)?;
                let index = self.resolve(item, &prepared.index, &options)?;
                (index, ingest::operation(self.targets, prepared, options.create))
            }
        };
        let other = self.index.as_ref().is_some_and(|current| !Arc::ptr_eq(current, &index));
        let other = other
            || self.run.first().is_some_and(|(_, first, _)| first.type_name != item.type_name);
        if other || self.run.len() >= RUN_MAX {
            self.finish_run()?;
        }
        self.index = Some(index);
        self.run.push((position, item, operation));
        Ok(())
    }

    /// The write of an item behind its pipelines; `None`: it was dropped, and answered.
    fn ingest(
        &mut self,
        position: usize,
        item: &BulkItem,
        options: &WriteOptions,
        json: &Json,
    ) -> Result<Option<Prepared>, Exception> {
        let write = ingest::of_item(item, options, json);
        match self.targets.ingest(options.pipeline.as_deref(), write)? {
            Ingested::Unchanged(write) => Ok(Some(write)),
            Ingested::Changed(write) => {
                self.ingested = true;
                Ok(Some(write))
            }
            Ingested::Dropped => {
                self.ingested = true;
                let id = item.id.as_deref();
                let mut body = ingest::dropped(&item.index, item.type_name.as_deref(), id, false);
                body.insert("status".into(), 200.into());
                self.put(position, item, body)?;
                Ok(None)
            }
        }
    }

    /// An update reads what the writes before it left, so those come first.
    fn update(
        &mut self,
        position: usize,
        item: &'a BulkItem,
        index: &Arc<Index>,
        options: &WriteOptions,
    ) -> Result<(), Exception> {
        self.finish_run()?;
        let body = match &item.source {
            Some(Ok(json)) => &json.value,
            Some(Err(fault)) => return Err(fault.clone()),
            None => return Err(Exception::validation(&["script or doc is missing"])),
        };
        let mut update = Update::parse(body)?;
        if update.source.is_none() {
            // The reader fills the query string's `_source` into the items, as text.
            let given = item.metadata.get("_source");
            let of_url = |given: &&Value| {
                given.as_str().is_some_and(|given| self.route.query.get("_source") == Some(given))
            };
            let given = given.filter(|given| !of_url(given));
            update.source = match given {
                Some(filter) => Some(crate::search::SourceFilter::parse(filter)?),
                None => asked_source(&self.route.query),
            };
        }
        let id = item.id.as_deref().unwrap_or_default();
        if id.is_empty() {
            return Err(Exception::validation(&["id is missing"]));
        }
        if !self.ingest_upsert(position, item, options, &mut update)? {
            return Ok(());
        }
        let updated = update.run(self.targets, index, id, options)?;
        let get = match &update.source {
            Some(filter) => updated.get(filter)?,
            None => None,
        };
        self.written.insert(index.uuid().to_owned(), Arc::clone(index));
        let shards = self.targets.shards(index);
        self.answer(position, item, index, &updated.written, &shards, get)
    }

    /// Puts what an update inserts through its pipelines: `upsert` through the one that is asked for, `doc` through those of
    /// the index. `false`: it was dropped, and answered.
    fn ingest_upsert(
        &mut self,
        position: usize,
        item: &BulkItem,
        options: &WriteOptions,
        update: &mut Update,
    ) -> Result<bool, Exception> {
        let Some((source, asks)) = update.inserted() else { return Ok(true) };
        let value = Value::Object(source.clone());
        let json = Json::made(value);
        let mut options = options.clone();
        options.pipeline = options.pipeline.filter(|_| asks);
        let before = self.ingested;
        self.ingested = false;
        let prepared = self.ingest(position, item, &options, &json)?;
        let changed = self.ingested;
        self.ingested |= before;
        let Some(prepared) = prepared else { return Ok(false) };
        if changed && prepared.index != item.index {
            return Err(Exception::not_implemented("an update whose pipeline changes the index"));
        }
        if let (true, Value::Object(source)) = (changed, Arc::unwrap_or_clone(prepared.value)) {
            update.insert_instead(source);
        }
        Ok(true)
    }

    fn resolve(
        &mut self,
        item: &BulkItem,
        name: &str,
        options: &WriteOptions,
    ) -> Result<Arc<Index>, Exception> {
        let creates = item.action != BulkAction::Delete || options.is_external();
        let key = (name.to_owned(), creates, item.require_alias);
        if let Some(known) = self.resolved.get(&key) {
            return known.clone();
        }
        // What an earlier item of this request created is there for the deletions after it.
        let created = (name.to_owned(), true, item.require_alias);
        if let Some(Ok(index)) = self.resolved.get(&created) {
            return Ok(Arc::clone(index));
        }
        let found = match creates {
            true => self.targets.write(name, item.require_alias),
            false => self.targets.existing_write(name, item.require_alias),
        };
        // A deletion before the write that creates the index must not hide it.
        if creates || found.is_ok() {
            self.resolved.insert(key, found.clone());
        }
        found
    }

    fn finish_run(&mut self) -> Result<(), Exception> {
        let run = std::mem::take(&mut self.run);
        let Some(index) = self.index.take() else { return Ok(()) };
        if run.is_empty() {
            return Ok(());
        }
        self.written.insert(index.uuid().to_owned(), Arc::clone(&index));
        let type_name = run.first().and_then(|(_, item, _)| item.type_name.as_deref());
        let (places, operations): (Vec<_>, Vec<_>) = run
            .into_iter()
            .map(|(at, item, operation)| ((at, item, operation.id.clone()), operation))
            .unzip();
        let answers = super::run(self.targets, &index, type_name, operations);
        let shards = self.targets.shards(&index);
        for ((position, item, id), answer) in places.into_iter().zip(answers) {
            match answer {
                Ok(written) => self.answer(position, item, &index, &written, &shards, None)?,
                Err(refusal) => self.refuse_id(position, item, &id, &refusal)?,
            }
        }
        Ok(())
    }

    fn answer(
        &mut self,
        position: usize,
        item: &BulkItem,
        index: &Index,
        written: &Written,
        shards: &Value,
        get: Option<Value>,
    ) -> Result<(), Exception> {
        let printed = PrintedWrite {
            index: index.name(),
            type_name: item.type_name.as_deref(),
            refresh: self.refresh,
            written,
            shards,
            get,
            status: Some(written.outcome.status()),
        };
        self.put_text(position, item, &printed.text()?)
    }

    fn refuse(
        &mut self,
        position: usize,
        item: &BulkItem,
        refusal: &Exception,
    ) -> Result<(), Exception> {
        let id = item.id.clone().unwrap_or_default();
        self.refuse_id(position, item, &id, refusal)
    }

    fn refuse_id(
        &mut self,
        position: usize,
        item: &BulkItem,
        id: &str,
        refusal: &Exception,
    ) -> Result<(), Exception> {
        self.errors = true;
        let mut body = named(&item.index, item.type_name.as_deref(), id);
        if item.id.is_none() && id.is_empty() {
            body.insert("_id".into(), Value::Null);
        }
        body.insert("status".into(), refusal.status().into());
        let source = item.source.as_ref().and_then(|source| source.as_ref().ok());
        let placed = refusal.clone().placed(source.map(Json::body), self.route.flavor);
        body.insert("error".into(), placed.item());
        self.put(position, item, body)
    }

    fn put(
        &mut self,
        position: usize,
        item: &BulkItem,
        body: Map<String, Value>,
    ) -> Result<(), Exception> {
        self.put_text(position, item, &Value::Object(body).to_string())
    }

    fn put_text(&mut self, position: usize, item: &BulkItem, body: &str) -> Result<(), Exception> {
        if let Some(place) = self.answers.get_mut(position) {
            *place = ["{\"", item.action.name(), "\":", body, "}"].concat();
        }
        Ok(())
    }
}
