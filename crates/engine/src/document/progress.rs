//! How far a request by query is: what its slices have done, and at which pace it goes.
//! Source: `BulkByScrollTask.Status`, `LeaderBulkByScrollTaskState` of Elasticsearch 7.10.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::by_query::ByQueryOptions;
use super::tally::{Doing, Tally};
use crate::cluster::tasks::{BY_REQUEST, Pace, TaskGuard, goes_on};
use crate::exception::Exception;
use crate::rest::execute::Task;
use crate::value::time;

/// What a request by query has done, and tells its task of.
pub(super) struct Progress<'a> {
    task: &'a Task<'a>,
    doing: Doing,
    pub(super) options: &'a ByQueryOptions,
    pace: Arc<Pace>,
    /// Of each slice that has ended.
    ended: Vec<Tally>,
    /// Of the one that is under way.
    slice: Tally,
    begun: bool,
    /// The task of the slice that is under way, where there are several.
    part: Option<TaskGuard>,
}

impl<'a> Progress<'a> {
    /// Nothing is done yet.
    pub(super) fn begin(
        task: &'a Task<'a>,
        doing: Doing,
        options: &'a ByQueryOptions,
    ) -> Progress<'a> {
        let pace = Arc::new(Pace::new(options.rate));
        let (slice, ended) = (Tally::default(), Vec::new());
        let progress =
            Progress { task, doing, options, pace, ended, slice, begun: false, part: None };
        if let Some(running) = task.running {
            running.goes_at(&progress.pace);
        }
        progress.tell();
        progress
    }

    /// The next slice is begun, which has so many documents.
    pub(super) fn begin_slice(&mut self, documents: usize) {
        let next = Tally { total: documents, ..Tally::default() };
        let before = std::mem::replace(&mut self.slice, next);
        if std::mem::replace(&mut self.begun, true) {
            self.ended.push(before);
        }
        self.part = None;
        if let Some(running) = self.task.running.filter(|_| self.options.slices > 1) {
            let part = self.task.engine.tasks.begin_part(running);
            part.goes_at(&self.pace);
            self.part = Some(part);
        }
        self.tell();
    }

    /// What the slice that is under way has done.
    pub(super) fn slice(&mut self) -> &mut Tally {
        &mut self.slice
    }

    /// Waits as long as the pace says after a batch of `documents` that was begun at `begun`.
    ///
    /// # Errors
    /// `task_cancelled_exception`.
    pub(super) fn wait(&mut self, documents: usize, begun: Timestamp) -> Result<(), Exception> {
        let elapsed = Duration::from_millis(self.task.engine.milliseconds_since(begun));
        let before = self.pace.milliseconds().0;
        let waited = self.pace.wait(documents, elapsed, &self.task.work.cancel);
        let throttled = self.pace.milliseconds().0.saturating_sub(before);
        self.slice.throttled += throttled;
        self.tell();
        waited
    }

    /// Lets whoever asks for the task know. Of several slices, those that have ended count.
    pub(super) fn tell(&self) {
        let Some(running) = self.task.running else { return };
        match &self.part {
            None => running.counts(self.counts(&self.slice, None, &[])),
            Some(part) => {
                let mut sum = Tally::default();
                self.ended.iter().for_each(|slice| sum.add(slice));
                running.counts(self.counts(&sum, None, &self.ended));
                part.counts(self.slice_counts(None, self.ended.len(), &self.slice));
            }
        }
    }

    /// What `sum` counts, and each of `slices` where there are several. `doing`: as for [`Tally::counts`].
    fn counts(&self, sum: &Tally, doing: Option<Doing>, slices: &[Tally]) -> Map<String, Value> {
        let slice = self.options.slice.map(|(id, _)| id);
        let whole = self.options.slices == 1 || slices.len() == self.options.slices;
        // As on the real servers, which add up those that have ended.
        let ended = u32::try_from(slices.len()).unwrap_or(u32::MAX);
        let rate = match slices.len() {
            _ if whole => self.pace.rate(),
            0 => 0.0,
            _ => self.rate() * f64::from(ended),
        };
        let mut counts = sum.counts(doing, slice, rate);
        if self.options.slices > 1 {
            let numbered = slices.iter().enumerate();
            let mut each: Vec<Value> = numbered
                .map(|(number, slice)| self.slice_counts(doing, number, slice).into())
                .collect();
            each.resize(self.options.slices, Value::Null);
            counts.insert("slices".into(), each.into());
        }
        counts
    }

    fn slice_counts(
        &self,
        doing: Option<Doing>,
        number: usize,
        slice: &Tally,
    ) -> Map<String, Value> {
        slice.counts(doing, Some(number), self.rate())
    }

    /// Documents a second of one slice.
    fn rate(&self) -> f64 {
        let slices = u32::try_from(self.options.slices).unwrap_or(u32::MAX);
        self.pace.rate() / f64::from(slices)
    }

    /// What came of the slices, and of all of them together.
    fn slices(&self) -> (Tally, Vec<Tally>) {
        let mut slices = self.ended.clone();
        slices.extend(self.begun.then(|| self.slice.clone()));
        let mut sum = Tally::default();
        slices.iter().for_each(|slice| sum.add(slice));
        (sum, slices)
    }

    /// What the request is answered with in the end, and its status.
    pub(super) fn answer(&self, took: u64, called_off: bool) -> (u16, Map<String, Value>) {
        let mut answer = Map::new();
        answer.insert("took".into(), took.into());
        answer.insert("timed_out".into(), false.into());
        let (sum, slices) = self.slices();
        let is_kept = goes_on(self.task.parsed);
        answer.extend(self.counts(&sum, (!is_kept).then_some(self.doing), &slices));
        if called_off {
            answer.insert("canceled".into(), BY_REQUEST.into());
        }
        if let (true, Some(running)) = (is_kept, self.task.running) {
            running.counts(self.counts(&sum, None, &slices));
        }
        if is_kept {
            add_texts(&mut answer);
        }
        answer.insert("failures".into(), sum.failures.into());
        (sum.status.max(200), answer)
    }
}

/// What is kept is kept with its times as people read them.
fn add_texts(counts: &mut Map<String, Value>) {
    let throttled = counts.get("throttled_millis").and_then(Value::as_u64).unwrap_or(0);
    counts.insert("throttled".into(), time::printed(throttled).into());
    counts.insert("throttled_until".into(), "0s".into());
    let slices = counts.get_mut("slices").and_then(Value::as_array_mut);
    slices.into_iter().flatten().filter_map(Value::as_object_mut).for_each(add_texts);
}
