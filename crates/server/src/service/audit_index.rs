//! Audit records of requests to a domain in an index of that domain (option `countersign.audit_index`, decision 0193). They are
//! written by the service itself, past the walk: what it writes makes no record that would have to be written.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use jiff::{Timestamp, ToSpan};
use serde_json::{Value, json};

use crate::audit::{AuditEntry, AuditRecord, RecordQueue};
use crate::guards::limits;
use crate::service::backends::{AuditIndex, Backend, Embedded};
use crate::service::domains;
use crate::service::state::ServiceState;
use crate::transport::listener::{DomainKey, ListenerTarget};
use crate::walk::authorize::permit::{Permit, Reason};

/// What is written to, by domain.
#[derive(Default)]
pub(crate) struct AuditIndices(Mutex<BTreeMap<DomainKey, IndexWriter>>);

/// Writes the records of one domain.
#[derive(Default)]
struct IndexWriter {
    open: Option<OpenIndex>,
    /// Records that the index did not take yet, and how often they were offered.
    pending: Vec<Box<[u8]>>,
    tries: u8,
}

/// The index that is written to.
struct OpenIndex {
    permit: Permit<AuditIndex>,
    day: String,
    number: u32,
    records: usize,
}

/// Makes room for the records of all domains that want them, before the first of them listens.
pub(crate) fn choose(state: &ServiceState) {
    state.audit.sinks().choose_indices(&wanted(state));
}

/// The domains that want their records in an index, whether they listen already or not: while many start, the first have a queue
/// before their listener is told of.
fn wanted(state: &ServiceState) -> Vec<DomainKey> {
    let directory = state.control.directory();
    let wanted = directory.domains().filter(|domain| domain.extras.audit_index && !domain.deleted);
    wanted.map(|domain| domains::key(domain)).collect()
}

/// Writes what comes, until the service ends, which writes the last of it before the engines close.
pub(crate) async fn write_for_ever(state: ServiceState, indices: Arc<AuditIndices>) {
    loop {
        tokio::select! {
            () = state.shutdown.told() => return,
            () = tokio::time::sleep(limits::AUDIT_INDEX_TIME) => {}
        }
        write(&state, &indices).await;
    }
}

/// Writes what waits now.
pub(crate) async fn write(state: &ServiceState, indices: &Arc<AuditIndices>) {
    let (writing, indices) = (state.clone(), Arc::clone(indices));
    // A fault of one round is not one of the next.
    let _ = tokio::task::spawn_blocking(move || write_all(&writing, &indices)).await;
}

fn write_all(state: &ServiceState, indices: &AuditIndices) {
    let keys = wanted(state);
    let queues = state.audit.sinks().choose_indices(&keys);
    let queues: BTreeMap<&DomainKey, Arc<RecordQueue>> = keys.iter().zip(queues).collect();
    let mut writers = indices.0.lock().unwrap_or_else(PoisonError::into_inner);
    writers.retain(|key, writer| {
        let stays = keys.contains(key);
        if !stays {
            state.audit.sinks().lost_of_index(writer.pending.len());
        }
        stays
    });
    for (key, backend) in listening(state) {
        let Some(queue) = queues.get(&key).map(Arc::clone) else { continue };
        match backend {
            Backend::Embedded(engine) => {
                let place = WritePlace { state, key: &key, engine: &engine, queue: &queue };
                writers.entry(key.clone()).or_default().write(&place);
            }
            Backend::Upstream(_) => {
                let lost = queue.take(usize::MAX).len();
                let why = "a cluster serves it: its records are in the files only";
                queue.done(0, lost, Some(why.to_owned()));
            }
        }
    }
}

/// The domains that listen here and want their records.
fn listening(state: &ServiceState) -> Vec<(DomainKey, Backend)> {
    let directory = state.control.directory();
    let listeners = state.listeners();
    let listening = listeners.iter().filter_map(|(key, listener)| {
        let domain = directory.domain(&key.account, &key.region, &key.name)?;
        let ListenerTarget::Domain { serving, .. } = &listener.target else { return None };
        let wants = domain.extras.audit_index && !domain.deleted;
        wants.then(|| (key.clone(), Backend::clone(&serving.current())))
    });
    listening.collect()
}

/// Where records are to be written.
struct WritePlace<'a> {
    state: &'a ServiceState,
    key: &'a DomainKey,
    engine: &'a Arc<Embedded>,
    queue: &'a RecordQueue,
}

impl IndexWriter {
    /// Writes what waits, as far as the index takes it.
    fn write(&mut self, place: &WritePlace<'_>) {
        loop {
            if self.pending.is_empty() {
                self.pending = place.queue.take(limits::AUDIT_SINK_AT_ONCE_MAX);
            }
            if self.pending.is_empty() {
                return;
            }
            match self.write_pending(place) {
                Ok(refused) => {
                    let count = self.pending.len();
                    let why = refused.first().cloned();
                    let refused = refused.len().min(count);
                    place.queue.done(count - refused, refused, why);
                }
                Err(why) => {
                    self.tries += 1;
                    let is_lost = self.tries >= limits::AUDIT_INDEX_TRIES_MAX;
                    place.queue.done(0, if is_lost { self.pending.len() } else { 0 }, Some(why));
                    if !is_lost {
                        return;
                    }
                }
            }
            self.pending.clear();
            self.tries = 0;
        }
    }

    /// Writes the records that were taken out of the queue; of each that the index refused, why.
    fn write_pending(&mut self, place: &WritePlace<'_>) -> Result<Vec<String>, String> {
        let now = place.state.clock.now();
        let mut body = Vec::new();
        for line in &self.pending {
            body.extend_from_slice(b"{\"create\":{}}\n");
            body.extend_from_slice(line);
        }
        let records = self.pending.len();
        let open = self.open(place, now)?;
        let answer =
            place.engine.on_audit_index(&open.permit, ("POST", "/_bulk"), body.into(), now)?;
        open.records += records;
        let items = answer.pointer("/items").and_then(Value::as_array).into_iter().flatten();
        let refused = items.filter_map(|item| item.pointer("/create/error/reason"));
        Ok(refused.filter_map(Value::as_str).map(str::to_owned).collect())
    }

    /// The index of today, made if it is not there.
    fn open(&mut self, place: &WritePlace<'_>, now: Timestamp) -> Result<&mut OpenIndex, String> {
        let day = now.strftime("%Y.%m.%d").to_string();
        let names = place.engine.audit_indices();
        let fits = |open: &OpenIndex| {
            let is_there = names.contains(&open.permit.work().0);
            is_there && open.day == day && open.records < limits::AUDIT_INDEX_RECORDS_MAX
        };
        if self.open.as_ref().is_some_and(fits) {
            return self.open.as_mut().ok_or_else(String::new);
        }
        let newest = names.iter().filter_map(|name| number_in(name, &day)).max();
        // Of one that another process began it is not known how full it is.
        let number = match self.open.as_ref().filter(|open| open.day == day) {
            Some(open) if open.records < limits::AUDIT_INDEX_RECORDS_MAX => open.number,
            Some(open) => open.number + 1,
            None => newest.unwrap_or(1),
        };
        let name = format!("{day}-{number:06}");
        let is_new = !names.contains(&name);
        self.remove_old(place, &names, is_new, now);
        let permit = begin(place, &name, is_new, now)?;
        let records = match is_new {
            true => 0,
            false => count(place, &permit, now)?,
        };
        Ok(self.open.insert(OpenIndex { permit, day, number, records }))
    }

    /// Removes what is more than is kept.
    fn remove_old(&self, place: &WritePlace<'_>, names: &[String], is_new: bool, now: Timestamp) {
        let days = i64::from(place.state.settings().audit.index_days);
        let oldest = now.checked_sub((24 * days).hours()).ok().filter(|_| days > 0);
        let oldest = oldest.map(|oldest| oldest.strftime("%Y.%m.%d").to_string());
        let most = limits::AUDIT_INDICES_MAX - usize::from(is_new);
        let too_many = names.len().saturating_sub(most);
        let is_old =
            |name: &String| oldest.as_ref().is_some_and(|oldest| day_of(name) < oldest.as_str());
        let gone = names.iter().enumerate();
        for (_, name) in gone.filter(|(at, name)| *at < too_many || is_old(name)) {
            let (mut entry, index) = entry(place, "RemoveAuditIndex", name, now);
            let permit = Permit::for_service(Reason::Audit, &mut entry, index);
            let removed =
                place.engine.on_audit_index(&permit, ("DELETE", ""), Bytes::new(), now).map(drop);
            entry.ended(&removed);
        }
    }
}

/// A record of what the service does with an index.
fn entry(
    place: &WritePlace<'_>,
    action: &str,
    name: &str,
    now: Timestamp,
) -> (AuditEntry, AuditIndex) {
    let index = AuditIndex(name.to_owned());
    let account = Some(place.key.account.clone());
    let record = AuditRecord { account, ..AuditRecord::of_service(now, action) };
    let mut entry = AuditEntry::begin(&place.state.audit, record);
    entry.resource(format!("domain/{}/{}", place.key.name, index.name()));
    (entry, index)
}

/// That an index may be written to, which is made if it is new.
fn begin(
    place: &WritePlace<'_>,
    name: &str,
    is_new: bool,
    now: Timestamp,
) -> Result<Permit<AuditIndex>, String> {
    let (mut entry, index) = entry(place, "WriteAuditIndex", name, now);
    let permit = Permit::for_service(Reason::Audit, &mut entry, index);
    let made = match is_new {
        true => {
            let body = Bytes::from(definition().to_string());
            place.engine.on_audit_index(&permit, ("PUT", ""), body, now).map(drop)
        }
        false => Ok(()),
    };
    entry.ended(&made);
    made.map(|()| permit)
}

/// How many records an index has that another process began.
fn count(
    place: &WritePlace<'_>,
    permit: &Permit<AuditIndex>,
    now: Timestamp,
) -> Result<usize, String> {
    let answer = place.engine.on_audit_index(permit, ("GET", "/_count"), Bytes::new(), now)?;
    let count = answer.pointer("/count").and_then(Value::as_u64);
    Ok(count.and_then(|count| count.try_into().ok()).unwrap_or(0))
}

fn day_of(name: &str) -> &str {
    name.split_once('-').map_or(name, |(day, _)| day)
}

/// The number of an index of this day.
fn number_in(name: &str, day: &str) -> Option<u32> {
    name.strip_prefix(day)?.strip_prefix('-')?.parse().ok()
}

/// An index of records: hidden, every member of the schema mapped, and nothing else found by what may come in it.
fn definition() -> Value {
    let keyword = json!({"type": "keyword", "ignore_above": 8191});
    let of = |kind: &str, names: &str| -> Vec<(String, Value)> {
        let field = match kind {
            "keyword" => keyword.clone(),
            kind => json!({ "type": kind }),
        };
        names.split(' ').map(|name| (name.to_owned(), field.clone())).collect()
    };
    let object = |members: [Vec<(String, Value)>; 3]| {
        let properties: serde_json::Map<String, Value> = members.into_iter().flatten().collect();
        json!({"dynamic": false, "properties": properties})
    };
    let statement =
        || object([of("keyword", "kind policy sid failed"), of("long", "statement"), Vec::new()]);
    let principal = object([
        of("keyword", "arn account kind accessKeyId userName authentication"),
        of("boolean", "proven"),
        Vec::new(),
    ]);
    let decisions = object([
        of("keyword", "outcome action resource considered resourceAccount missing"),
        of("text", "text"),
        vec![("by".to_owned(), statement()), ("nearMisses".to_owned(), statement())],
    ]);
    let keywords = "requestId listener peer clientAddress method path query userAgent opaqueId stage action resources \
                    account signatureForm layer refusalKind serviceReason";
    let numbers = "version resourcesLeftOut decisionsLeftOut requestsLeftOut status durationMicros bytesIn bytesOut";
    let mut mapping =
        object([of("keyword", keywords), of("long", numbers), of("text", "refusal reason")]);
    if let Some(properties) = mapping.pointer_mut("/properties").and_then(Value::as_object_mut) {
        properties.insert("time".to_owned(), json!({"type": "date"}));
        properties.insert("principal".to_owned(), principal);
        properties.insert("decisions".to_owned(), decisions);
    }
    json!({
        "settings": {"index": {"hidden": true, "number_of_shards": 1, "number_of_replicas": 0}},
        "mappings": mapping,
    })
}
