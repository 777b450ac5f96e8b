//! Audit records of requests to a domain in an index of that domain (option `countersign.audit_index`, decision 0193). They are
//! written by the service itself, past the walk: what it writes makes no record that would have to be written.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError};

use aws_lc_rs::digest::{SHA256, digest};
use bytes::Bytes;
use data_encoding::HEXLOWER;
use jiff::{Timestamp, ToSpan};
use serde_json::{Value, json};
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;

use crate::audit::{AuditEntry, AuditRecord, RecordQueue};
use crate::guards::limits;
use crate::service::audit_index_name::AuditIndex;
use crate::service::backends::Backend;
use crate::service::domains;
use crate::service::state::ServiceState;
use crate::transport::listener::{DomainKey, ListenerTarget};
use crate::walk::authorize::permit::{Permit, Reason};

/// What is written to, by domain.
pub(crate) struct AuditIndices {
    writers: Mutex<BTreeMap<DomainKey, Arc<Mutex<IndexWriter>>>>,
    /// How many clusters are written to at the same time: one that does not answer takes a thread meanwhile.
    clusters: Arc<Semaphore>,
    round: AtomicUsize,
}

impl Default for AuditIndices {
    fn default() -> Self {
        let clusters = Arc::new(Semaphore::new(limits::AUDIT_CLUSTERS_AT_ONCE_MAX));
        Self { writers: Mutex::default(), clusters, round: AtomicUsize::new(0) }
    }
}

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
        // A cluster that is slow holds up nobody else: its next round is begun when this one is over.
        drop(begin_round(&state, &indices).await);
    }
}

/// Writes what waits now, to clusters as far as they take it in time.
pub(crate) async fn write(state: &ServiceState, indices: &Arc<AuditIndices>) {
    let rounds = begin_round(state, indices).await;
    let all = async {
        for round in rounds {
            let _ = round.await;
        }
    };
    let _ = tokio::time::timeout(2 * limits::AUDIT_CLUSTER_TIME, all).await;
}

/// Writes to the engines in this binary, and begins to write to the clusters elsewhere.
async fn begin_round(state: &ServiceState, indices: &Arc<AuditIndices>) -> Vec<JoinHandle<()>> {
    let (writing, all) = (state.clone(), Arc::clone(indices));
    let here = move || {
        let (here, elsewhere) = due(&writing, &all);
        for round in here {
            round.write(&writing);
        }
        elsewhere
    };
    // A fault of one round is not one of the next.
    let mut elsewhere = tokio::task::spawn_blocking(here).await.unwrap_or_default();
    if !elsewhere.is_empty() {
        let turn = indices.round.fetch_add(1, Ordering::Relaxed) % elsewhere.len();
        elsewhere.rotate_left(turn);
    }
    let mut begun = Vec::new();
    for round in elsewhere {
        let Ok(turn) = Arc::clone(&indices.clusters).try_acquire_owned() else { break };
        let state = state.clone();
        begun.push(tokio::task::spawn_blocking(move || {
            let _turn = turn;
            round.write(&state);
        }));
    }
    begun
}

/// What is to be written for one domain.
struct WriteRound {
    key: DomainKey,
    backend: Backend,
    queue: Arc<RecordQueue>,
    writer: Arc<Mutex<IndexWriter>>,
}

impl WriteRound {
    /// Writes it, unless somebody does already.
    fn write(&self, state: &ServiceState) {
        let WriteRound { key, backend, queue, writer } = self;
        let Some(mut writer) = unless_busy(writer) else { return };
        writer.write(&WritePlace { state, key, backend, queue });
    }
}

fn unless_busy(writer: &Mutex<IndexWriter>) -> Option<MutexGuard<'_, IndexWriter>> {
    match writer.try_lock() {
        Ok(writer) => Some(writer),
        Err(TryLockError::Poisoned(poisoned)) => Some(poisoned.into_inner()),
        Err(TryLockError::WouldBlock) => None,
    }
}

/// The domains of which records may be written now: those that an engine here serves, and those that clusters do.
fn due(state: &ServiceState, indices: &AuditIndices) -> (Vec<WriteRound>, Vec<WriteRound>) {
    let keys = wanted(state);
    let queues = state.audit.sinks().choose_indices(&keys);
    let queues: BTreeMap<&DomainKey, Arc<RecordQueue>> = keys.iter().zip(queues).collect();
    let mut writers = indices.writers.lock().unwrap_or_else(PoisonError::into_inner);
    writers.retain(|key, writer| {
        if keys.contains(key) {
            return true;
        }
        let Some(writer) = unless_busy(writer) else { return true };
        state.audit.sinks().lost_of_index(writer.pending.len());
        false
    });
    let (mut here, mut elsewhere) = (Vec::new(), Vec::new());
    for (key, backend) in listening(state) {
        let Some(queue) = queues.get(&key).map(Arc::clone) else { continue };
        let writer = Arc::clone(writers.entry(key.clone()).or_default());
        let rounds = match &backend {
            Backend::Embedded(_) => &mut here,
            Backend::Upstream(_) => &mut elsewhere,
        };
        rounds.push(WriteRound { key, backend, queue, writer });
    }
    (here, elsewhere)
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
    backend: &'a Backend,
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
        let is_named = matches!(place.backend, Backend::Upstream(_));
        let mut body = Vec::new();
        for line in &self.pending {
            body.extend_from_slice(create(line, is_named).as_bytes());
            body.extend_from_slice(line);
        }
        let records = self.pending.len();
        let open = self.open(place, now)?;
        let asked = ("POST", "/_bulk");
        let answer = place.backend.on_audit_index(&open.permit, asked, body.into(), now)?;
        open.records += records;
        refusals(&answer, records)
    }

    /// The index of today, made if it is not there.
    fn open(&mut self, place: &WritePlace<'_>, now: Timestamp) -> Result<&mut OpenIndex, String> {
        let day = now.strftime("%Y.%m.%d").to_string();
        let names = place.backend.audit_indices(now)?;
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
                place.backend.on_audit_index(&permit, ("DELETE", ""), Bytes::new(), now).map(drop);
            entry.ended(&removed);
        }
    }
}

/// The action of a record. A cluster may be asked twice where it did not answer: there the record's id is made of what it says, so
/// that it is there once.
fn create(line: &[u8], is_named: bool) -> String {
    match is_named {
        true => {
            let digest = HEXLOWER.encode(digest(&SHA256, line).as_ref());
            format!("{{\"create\":{{\"_id\":\"{digest}\"}}}}\n")
        }
        false => "{\"create\":{}}\n".to_owned(),
    }
}

/// Why records were refused, of each that was.
///
/// # Errors
/// Why all of them are to be offered again: the cluster had no room for some, or its answer does not tell of each.
fn refusals(answer: &Value, records: usize) -> Result<Vec<String>, String> {
    let items = answer.pointer("/items").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    if items.len() != records {
        return Err(format!(
            "{records} records were sent, and the answer tells of {}",
            items.len()
        ));
    }
    let mut refused = Vec::new();
    for item in items.iter().filter_map(|item| item.get("create")) {
        let status = item.get("status").and_then(Value::as_u64).unwrap_or_default();
        let Some(reason) = item.pointer("/error/reason").and_then(Value::as_str) else { continue };
        match status {
            // It was taken before.
            409 => {}
            429 | 500.. => return Err(reason.to_owned()),
            _ => refused.push(reason.to_owned()),
        }
    }
    Ok(refused)
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
            let copies = match place.backend {
                Backend::Embedded(_) => json!({"number_of_replicas": 0}),
                // As many as there is a second node for.
                Backend::Upstream(_) => json!({"auto_expand_replicas": "0-1"}),
            };
            let body = Bytes::from(definition(copies).to_string());
            place.backend.on_audit_index(&permit, ("PUT", ""), body, now).map(drop)
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
    let answer = place.backend.on_audit_index(permit, ("GET", "/_count"), Bytes::new(), now)?;
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
fn definition(copies: Value) -> Value {
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
    let keywords = "requestId listener peer clientAddress method path query userAgent opaqueId stage action resources fields \
                    account signatureForm layer refusalKind serviceReason";
    let numbers = "version resourcesLeftOut decisionsLeftOut requestsLeftOut status durationMicros bytesIn bytesOut";
    let mut mapping =
        object([of("keyword", keywords), of("long", numbers), of("text", "refusal reason")]);
    if let Some(properties) = mapping.pointer_mut("/properties").and_then(Value::as_object_mut) {
        properties.insert("time".to_owned(), json!({"type": "date"}));
        properties.insert("fieldsLeftOut".to_owned(), json!({"type": "boolean"}));
        properties.insert("principal".to_owned(), principal);
        properties.insert("decisions".to_owned(), decisions);
    }
    let mut index = json!({"hidden": true, "number_of_shards": 1});
    if let (Some(index), Value::Object(copies)) = (index.as_object_mut(), copies) {
        index.extend(copies);
    }
    json!({"settings": {"index": index}, "mappings": mapping})
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_that_a_cluster_has_already_is_taken_and_one_without_room_is_offered_again() {
        let item = |status: u16| {
            let error = json!({"type": "x", "reason": format!("because of {status}")});
            json!({"create": {"status": status, "error": error}})
        };
        let told = |statuses: &[u16]| {
            let mut items: Vec<Value> = statuses.iter().map(|status| item(*status)).collect();
            items.push(json!({"create": {"status": 201}}));
            refusals(&json!({ "items": items }), items.len())
        };
        assert_eq!(told(&[409]), Ok(Vec::new()));
        assert_eq!(told(&[400, 409]), Ok(vec!["because of 400".to_owned()]));
        assert_eq!(told(&[400, 429]), Err("because of 429".to_owned()));
        assert_eq!(told(&[503]), Err("because of 503".to_owned()));
    }

    #[test]
    fn records_that_an_answer_does_not_tell_of_are_offered_again() {
        let one = json!({"items": [{"create": {"status": 201}}]});
        assert_eq!(refusals(&one, 1), Ok(Vec::new()));
        assert!(refusals(&one, 2).is_err());
        assert!(refusals(&json!({}), 1).is_err());
        assert!(refusals(&Value::Null, 1).is_err());
    }

    #[test]
    fn a_record_has_the_same_id_whenever_it_is_offered_to_a_cluster() {
        assert_eq!(create(b"{}", true), create(b"{}", true));
        assert_ne!(create(b"{}", true), create(b"{ }", true));
        assert_eq!(create(b"{}", false), "{\"create\":{}}\n");
    }
}
