//! Tasks: the requests that run and that `_tasks` tells of, and what came of those that nobody waited for. Each belongs to who
//! began it: what others own is not there ([decision 0127](../../../../../docs/decisions/0127-tasks-go-on-elsewhere.md)).

pub(crate) mod api;
mod kinds;
pub(crate) mod pace;
mod running;

use std::collections::{BTreeMap, VecDeque};
use std::ops::Deref;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use serde_json::{Map, Value};

use crate::cluster::Metadata;
use crate::engine::{Answer, Engine};
use crate::exception::{Exception, ExceptionKind};
use crate::limits::TASK_RESULTS_MAX;
use crate::rest::Parsed;
use crate::rest::execute::{self, Task};
use crate::snapshots::Snapshot;
use crate::view::{CursorOwner, View};
use crate::work::{Cancel, HeldMemory, Work};
pub(crate) use kinds::goes_on;
pub(crate) use pace::Pace;
pub(crate) use running::{BY_REQUEST, RunningTask};

/// What runs, and what came of what ended.
#[derive(Debug, Default)]
pub(crate) struct Tasks(Mutex<TaskTable>);

#[derive(Debug, Default)]
struct TaskTable {
    /// The number that was given last.
    last: u64,
    running: BTreeMap<u64, Arc<RunningTask>>,
    finished: VecDeque<FinishedTask>,
}

/// A request that was answered with its task, and ended.
#[derive(Debug)]
struct FinishedTask {
    number: u64,
    owner: Arc<str>,
    /// As it is told of.
    told: Map<String, Value>,
    /// `response` or `error`, and what it says.
    outcome: (&'static str, Bytes),
    /// The memory of both, its owner's.
    _held: Option<HeldMemory>,
}

/// A task while it runs: it is told of until this is dropped.
pub(crate) struct TaskGuard {
    tasks: Arc<Tasks>,
    task: Arc<RunningTask>,
}

impl Deref for TaskGuard {
    type Target = RunningTask;

    fn deref(&self) -> &RunningTask {
        &self.task
    }
}

impl Drop for TaskGuard {
    fn drop(&mut self) {
        self.tasks.table().running.remove(&self.task.number);
    }
}

/// How long somebody who waits for a task sleeps between two looks.
const LOOK: Duration = Duration::from_millis(10);

impl Tasks {
    /// Tells of a request from now on, if it is of a kind that is told of.
    pub(crate) fn begin(
        self: &Arc<Tasks>,
        parsed: &Parsed,
        owner: &CursorOwner,
        times: (jiff::Timestamp, jiff::Timestamp),
        work: &Work,
    ) -> Option<TaskGuard> {
        let kind = kinds::kind(parsed.route.api)?;
        // Who goes on is not called off when the one who asked for it has left.
        let cancel = if goes_on(parsed) { Cancel::new() } else { work.cancel.clone() };
        let told = (cancel, work.opaque_id.clone());
        let task = |number| RunningTask::new(number, kind.described(parsed), owner, times, told);
        Some(self.add(task))
    }

    /// Tells of a part of `parent`.
    pub(crate) fn begin_part(self: &Arc<Tasks>, parent: &RunningTask) -> TaskGuard {
        self.add(|number| parent.part(number))
    }

    fn add(self: &Arc<Tasks>, task: impl FnOnce(u64) -> RunningTask) -> TaskGuard {
        let mut table = self.table();
        table.last += 1;
        let task = Arc::new(task(table.last));
        table.running.insert(task.number, Arc::clone(&task));
        TaskGuard { tasks: Arc::clone(self), task }
    }

    /// What runs and `owner` may know of, oldest first.
    fn running(&self, owner: &CursorOwner) -> Vec<Arc<RunningTask>> {
        let table = self.table();
        table.running.values().filter(|task| is_shown(&task.owner, owner)).cloned().collect()
    }

    /// Whether any of these still runs.
    fn any_runs(&self, numbers: &[u64]) -> bool {
        let table = self.table();
        numbers.iter().any(|number| table.running.contains_key(number))
    }

    /// Waits until none of these runs any more; whether that was so within `left`.
    ///
    /// # Errors
    /// `task_cancelled_exception`.
    fn wait(&self, numbers: &[u64], mut left: Duration, work: &Work) -> Result<bool, Exception> {
        while self.any_runs(numbers) {
            work.check()?;
            if left.is_zero() {
                return Ok(false);
            }
            std::thread::sleep(LOOK.min(left));
            left = left.saturating_sub(LOOK);
        }
        Ok(true)
    }

    /// From now on `task` makes this snapshot; whether no other task makes one of its name in the repository.
    pub(crate) fn makes(
        &self,
        task: &RunningTask,
        repository: &str,
        snapshot: &Arc<Snapshot>,
    ) -> bool {
        let table = self.table();
        let others = table.running.values().filter_map(|other| other.snapshot.get());
        let is_free = |(place, other): &(String, Arc<Snapshot>)| {
            place != repository || other.name != snapshot.name
        };
        let free = others.into_iter().all(is_free);
        free && task.snapshot.set((repository.to_owned(), Arc::clone(snapshot))).is_ok()
    }

    /// The tasks that make snapshots in the repository, whosever they are.
    pub(crate) fn making(&self, repository: &str) -> Vec<Arc<RunningTask>> {
        let makes = |task: &&Arc<RunningTask>| {
            task.snapshot.get().is_some_and(|(place, _)| place == repository)
        };
        self.table().running.values().filter(makes).cloned().collect()
    }

    /// The snapshots that are being made, each with the name of its repository.
    pub(crate) fn snapshots(&self) -> Vec<(String, Arc<Snapshot>)> {
        let table = self.table();
        table.running.values().filter_map(|task| task.snapshot.get().cloned()).collect()
    }

    /// Calls off whatever runs.
    pub(crate) fn call_off(&self) {
        self.table().running.values().for_each(|task| task.cancel.cancel());
    }

    /// Keeps what came of a task that nobody waited for. Where there are too many, the oldest one goes of whoever has most;
    /// where there is no memory for it, that is what came of it.
    fn keep(&self, task: &RunningTask, mut told: Map<String, Value>, answer: Answer, work: &Work) {
        let error = |refusal: &Exception| ("error", Bytes::from(refusal.item().to_string()));
        // Its names and its parts are as many as the request had.
        let size = |told: &Map<String, Value>| {
            serde_json::to_vec(told).map_or(0, |text| text.len() as u64 * TOLD_BYTES_PER_CHAR)
        };
        let mut outcome = match answer {
            Ok(response) => ("response", Bytes::copy_from_slice(&response.body)),
            Err(refusal) => error(&refusal),
        };
        let mut held = work.budget.take(outcome.1.len() as u64 + size(&told), "<task>");
        if let Err(refusal) = &held {
            outcome = error(refusal);
            told.retain(|key, _| !matches!(key.as_str(), "description" | "status"));
            held = work.budget.take(outcome.1.len() as u64 + size(&told), "<task>");
        }
        let owner = Arc::clone(&task.owner);
        let finished = FinishedTask { number: task.number, owner, told, outcome, _held: held.ok() };
        let mut table = self.table();
        // At no moment is it in neither place.
        table.running.remove(&task.number);
        table.finished.push_back(finished);
        table.forget_one();
    }

    fn table(&self) -> MutexGuard<'_, TaskTable> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a character of a task's names and counts takes in the tree that is kept, at most.
const TOLD_BYTES_PER_CHAR: u64 = 4;

impl TaskTable {
    /// Too many results: the oldest one goes of whoever has most.
    fn forget_one(&mut self) {
        if self.finished.len() <= TASK_RESULTS_MAX {
            return;
        }
        let mut counts = BTreeMap::new();
        for task in &self.finished {
            *counts.entry(&task.owner).or_insert(0_usize) += 1;
        }
        let most = counts.into_iter().max_by_key(|(_, count)| *count);
        let most = most.map(|(owner, _)| Arc::clone(owner));
        let oldest = self.finished.iter().position(|task| Some(&task.owner) == most.as_ref());
        oldest.and_then(|at| self.finished.remove(at));
    }
}

/// Whether a task of the first is there for the second.
fn is_shown(of: &str, owner: &CursorOwner) -> bool {
    owner.closes_all || *of == *owner.id
}

/// What is left to do of a request that was answered with its task. Whoever runs the engine does it on a thread of its choice;
/// dropped, it is not done, and its task is gone.
pub struct BackgroundTask(TaskGuard);

impl BackgroundTask {
    pub(crate) fn of(task: TaskGuard) -> BackgroundTask {
        BackgroundTask(task)
    }

    /// The id of its task.
    pub fn id(&self) -> String {
        self.0.id()
    }

    /// The flag that calls it off; `_tasks/{id}/_cancel` sets the same.
    pub fn cancel(&self) -> Cancel {
        self.0.cancel.clone()
    }

    /// Does it, with all that the request was begun with: what it may touch was judged then. What comes of it is kept for
    /// its owner.
    pub fn run(
        self,
        engine: &Engine,
        parsed: &Parsed,
        metadata: &Arc<Metadata>,
        view: &View,
        now: jiff::Timestamp,
        work: &Work,
    ) {
        let work = Work { cancel: self.cancel(), ..work.clone().on(metadata) };
        let running = Some(&*self.0);
        let task = Task { engine, parsed, metadata, view, now, work: &work, running };
        let answer = execute::execute(&task);
        let told = self.0.told(engine.milliseconds_since(self.0.began), true, engine.flavor());
        engine.tasks.keep(&self.0, told, answer, &work);
    }
}

fn missing(reason: String) -> Exception {
    Exception::new(ExceptionKind::ResourceNotFound, reason)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::response::Response;
    use crate::rest::{Flavor, parse, route};
    use jiff::Timestamp;
    use serde_json::json;

    fn ended(tasks: &Arc<Tasks>, owner: &CursorOwner, work: &Work) -> u64 {
        let flavor = Flavor::OpenSearch219;
        let route = route("POST", "/_reindex", "wait_for_completion=false", flavor).unwrap();
        let body =
            Bytes::from_static(b"{\"source\": {\"index\": \"a\"}, \"dest\": {\"index\": \"b\"}}");
        let parsed = parse(route, Some("application/json"), body, work).unwrap();
        let times = (Timestamp::UNIX_EPOCH, Timestamp::UNIX_EPOCH);
        let task = tasks.begin(&parsed, owner, times, work).unwrap();
        let answer = Ok(Response::json(200, &json!({"total": 1})));
        let told = Map::from_iter([("description".to_owned(), "d".repeat(500).into())]);
        tasks.keep(&task, told, answer, work);
        task.number
    }

    fn kept(tasks: &Tasks, number: u64) -> Option<&'static str> {
        let table = tasks.table();
        table.finished.iter().find(|task| task.number == number).map(|task| task.outcome.0)
    }

    #[test]
    fn a_task_tells_what_its_caller_calls_it() {
        let (tasks, mut work) = (Arc::new(Tasks::default()), Work::unbounded());
        let route = route("POST", "/_reindex", "", Flavor::OpenSearch219).unwrap();
        let parsed = parse(route, Some("application/json"), Bytes::from_static(b"{}"), &work);
        let (parsed, owner) = (parsed.unwrap(), CursorOwner::from("a"));
        let headers = |work: &Work| {
            let times = (Timestamp::UNIX_EPOCH, Timestamp::UNIX_EPOCH);
            let task = tasks.begin(&parsed, &owner, times, work).unwrap();
            task.told(0, true, Flavor::OpenSearch219)["headers"].clone()
        };
        assert_eq!(headers(&work), json!({}));
        work.opaque_id = Some("mine".into());
        assert_eq!(headers(&work), json!({"X-Opaque-Id": "mine"}));
    }

    #[test]
    fn d11_many_results_of_one_owner_push_out_nobody_elses() {
        let (tasks, work) = (Arc::new(Tasks::default()), Work::unbounded());
        let (quiet, noisy) = (CursorOwner::from("quiet"), CursorOwner::from("noisy"));
        let first = ended(&tasks, &quiet, &work);
        let oldest = ended(&tasks, &noisy, &work);
        for _ in 0..TASK_RESULTS_MAX {
            ended(&tasks, &noisy, &work);
        }
        assert_eq!((kept(&tasks, first), kept(&tasks, oldest)), (Some("response"), None));
        assert_eq!(tasks.table().finished.len(), TASK_RESULTS_MAX);
    }

    #[test]
    fn a_result_holds_its_owners_memory_until_it_is_pushed_out() {
        let budget = crate::work::Budget::new("principal", 5_000);
        let work = Work::new(Cancel::new(), budget.clone());
        let tasks = Arc::new(Tasks::default());
        ended(&tasks, &CursorOwner::from("a"), &work);
        assert!(budget.bytes() > 2_000, "what is told of it, too: {}", budget.bytes());
        ended(&tasks, &CursorOwner::from("a"), &work);
        let refused = ended(&tasks, &CursorOwner::from("a"), &work);
        assert_eq!(kept(&tasks, refused), Some("error"));
        for _ in 0..TASK_RESULTS_MAX {
            ended(&tasks, &CursorOwner::from("a"), &Work::unbounded());
        }
        assert_eq!(budget.bytes(), 0);
    }
}
