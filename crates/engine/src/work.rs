//! What one request's work may take: time until it is called off ([`Cancel`]), and memory ([`Budget`]).
//!
//! Every loop that a request's input, or the data that it meets, can lengthen says [`Work::check`] once a round: one
//! relaxed load of a flag, so that no loop has to count rounds to afford it. Whatever grows with a request takes its
//! bytes from the budget through a [`HeldMemory`], which gives them back when it is dropped.

use crate::cluster::Metadata;
use crate::exception::{Exception, ExceptionKind};
use crate::limits::PIPELINE_STEPS_MAX;
use crate::rest::json::COUNTED_FROM_BYTES;
use crate::value::size;
use bytes::Bytes;
use serde::Serialize;
use std::cmp;
use std::fmt;
use std::io::{self, Write};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

/// A flag that a deadline, a closed connection or the end of the service sets, and that all work looks at.
///
/// ```
/// let cancel = engine::Cancel::new();
/// assert!(cancel.check().is_ok());
/// cancel.cancel();
/// assert_eq!(cancel.check().unwrap_err().reason(), "task cancelled [by user request]");
/// ```
#[derive(Clone, Debug, Default)]
pub struct Cancel(Arc<AtomicBool>);

impl Cancel {
    /// A flag that is not set.
    pub fn new() -> Cancel {
        Cancel::default()
    }

    /// Sets the flag: work that looks at it ends with `task_cancelled_exception`.
    pub fn cancel(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether the flag is set.
    #[inline]
    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// One look: cheap enough for every round of every loop.
    ///
    /// # Errors
    /// `task_cancelled_exception` once the flag is set.
    #[inline]
    pub fn check(&self) -> Result<(), Exception> {
        if self.is_cancelled() { Err(cancelled()) } else { Ok(()) }
    }
}

/// What a loop inside a weight ends with when the work is called off; whoever runs the search tells it by the flag.
pub(crate) fn stopped() -> tantivy::TantivyError {
    tantivy::TantivyError::InternalError("the work was cancelled".to_owned())
}

#[cold]
fn cancelled() -> Exception {
    // The words of CancellableTask in Elasticsearch 7.10.
    Exception::new(ExceptionKind::TaskCancelled, "task cancelled [by user request]")
}

/// Bytes of memory that some work may hold at once. Budgets form a chain: what is taken from one is taken from each of
/// its parents too, so that a request is bounded by its caller's share, and all callers together by the process's.
///
/// ```
/// let process = engine::Budget::new("parent", 1000);
/// let request = process.child("request", 600);
/// let held = request.take(500, "<agg [by_author]>").unwrap();
/// assert_eq!(process.bytes(), 500);
/// assert!(request.take(101, "<agg [by_year]>").is_err());
/// drop(held);
/// assert_eq!(process.bytes(), 0);
/// ```
#[derive(Clone, Debug)]
pub struct Budget(Arc<Counter>);

#[derive(Debug)]
struct Counter {
    /// As `[request]` or `[parent]` in the refusal.
    name: &'static str,
    bytes_max: u64,
    bytes: AtomicU64,
    parent: Option<Budget>,
}

impl Budget {
    /// A budget of its own of `bytes_max`; refusals call it `[name]`, as Elasticsearch calls its circuit breakers.
    pub fn new(name: &'static str, bytes_max: u64) -> Budget {
        Budget(Arc::new(Counter { name, bytes_max, bytes: AtomicU64::new(0), parent: None }))
    }

    /// A budget of `bytes_max` within this one.
    #[must_use]
    pub fn child(&self, name: &'static str, bytes_max: u64) -> Budget {
        let parent = Some(self.clone());
        Budget(Arc::new(Counter { name, bytes_max, bytes: AtomicU64::new(0), parent }))
    }

    /// Bytes that are held now.
    pub fn bytes(&self) -> u64 {
        self.0.bytes.load(Ordering::Relaxed)
    }

    /// The most that may be held at once.
    pub fn bytes_max(&self) -> u64 {
        self.0.bytes_max
    }

    /// Takes `bytes` for `what`, such as `<agg [by_user]>`; they are given back when the result is dropped.
    ///
    /// # Errors
    /// `circuit_breaking_exception` (429) of the first budget of the chain that has not so many left; nothing is taken.
    pub fn take(&self, bytes: u64, what: &str) -> Result<HeldMemory, Exception> {
        let mut held = HeldMemory::new(self, what);
        held.grow(bytes)?;
        Ok(held)
    }

    fn add(&self, bytes: u64, what: &str) -> Result<(), Exception> {
        let counter = &*self.0;
        let before = counter.bytes.fetch_add(bytes, Ordering::Relaxed);
        let wanted = before.saturating_add(bytes);
        let refused = if wanted > counter.bytes_max {
            Err(too_large(counter, wanted, what))
        } else {
            counter.parent.as_ref().map_or(Ok(()), |parent| parent.add(bytes, what))
        };
        if refused.is_err() {
            counter.bytes.fetch_sub(bytes, Ordering::Relaxed);
        }
        refused
    }

    fn give_back(&self, bytes: u64) {
        let mut next = Some(self);
        while let Some(budget) = next {
            budget.0.bytes.fetch_sub(bytes, Ordering::Relaxed);
            next = budget.0.parent.as_ref();
        }
    }
}

/// Source: `ChildMemoryCircuitBreaker.circuitBreak` of Elasticsearch 7.10.
#[cold]
fn too_large(counter: &Counter, wanted: u64, what: &str) -> Exception {
    let (name, most) = (counter.name, counter.bytes_max);
    Exception::new(
        ExceptionKind::CircuitBreaking,
        format!(
            "[{name}] Data too large, data for [{what}] would be [{wanted}/{}], which is larger than the limit of \
             [{most}/{}]",
            size::print(wanted),
            size::print(most)
        ),
    )
    .with("bytes_wanted", wanted)
    .with("bytes_limit", most)
    .with("durability", "TRANSIENT")
}

/// Bytes taken from a budget for one thing that grows; given back when dropped.
#[derive(Debug)]
pub struct HeldMemory {
    budget: Budget,
    what: Arc<str>,
    /// What the thing has.
    bytes: u64,
    /// What was taken for it: more, so that not every byte asks the whole chain.
    taken: u64,
}

impl HeldMemory {
    /// Nothing yet, of `budget`, for `what`.
    pub fn new(budget: &Budget, what: &str) -> HeldMemory {
        HeldMemory { budget: budget.clone(), what: what.into(), bytes: 0, taken: 0 }
    }

    /// The thing grows by `bytes`. The budget is asked now and then, for an eighth of what is held already.
    ///
    /// # Errors
    /// As [`Budget::take`]; what was held stays held.
    #[inline]
    pub fn grow(&mut self, bytes: u64) -> Result<(), Exception> {
        self.bytes = self.bytes.saturating_add(bytes);
        if self.bytes > self.taken { self.take_more() } else { Ok(()) }
    }

    fn take_more(&mut self) -> Result<(), Exception> {
        let missing = self.bytes - self.taken;
        let ahead = (self.taken / 8).min(AHEAD_BYTES_MAX);
        // Near the limit the last bytes may still be there.
        match self.budget.add(missing + ahead, &self.what) {
            Ok(()) => self.taken += missing + ahead,
            Err(_) if ahead > 0 => {
                self.budget.add(missing, &self.what)?;
                self.taken += missing;
            }
            Err(refused) => return Err(refused),
        }
        Ok(())
    }

    /// The thing has `bytes` now, more or less than before; what is not needed any more is given back.
    ///
    /// # Errors
    /// As [`Budget::take`].
    pub fn set(&mut self, bytes: u64) -> Result<(), Exception> {
        if bytes >= self.bytes {
            return self.grow(bytes - self.bytes);
        }
        self.bytes = bytes;
        // Of what was refused nothing was taken.
        if bytes > self.taken {
            return self.take_more();
        }
        self.budget.give_back(self.taken - bytes);
        self.taken = bytes;
        Ok(())
    }

    /// Bytes that the thing has.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }
}

/// Most bytes that one thing takes before it needs them.
const AHEAD_BYTES_MAX: u64 = 1 << 20;

impl Drop for HeldMemory {
    fn drop(&mut self) {
        self.budget.give_back(self.taken);
    }
}

/// What one request runs with: handed to everything that can take long or grow.
#[derive(Clone, Debug)]
pub struct Work {
    /// Set when nobody waits for the answer any more.
    pub cancel: Cancel,
    /// What its memory is taken from.
    pub budget: Budget,
    /// What went wrong where no error can be returned.
    pub faults: WorkFaults,
    /// The cluster when the request begins: its stored scripts and templates, the aliases of its indices.
    pub(crate) metadata: Arc<Metadata>,
    /// Steps that the scripts of pipelines took, over all documents of the request.
    pub(crate) pipeline_steps: Arc<AtomicU64>,
    /// Bytes of the JSON texts that were read for the request.
    pub(crate) json_bytes: Arc<AtomicU64>,
    /// What holds the memory of what they say, as refusals name it.
    pub(crate) json_name: Arc<str>,
    /// How many buckets an answer may have (`search.max_buckets`).
    pub buckets_max: usize,
    /// What its caller calls the request (`X-Opaque-Id`): lines of slow logs tell it.
    pub opaque_id: Option<Arc<str>>,
    /// Lets it use a second thread for a while.
    pub(crate) spare: Option<SpareThreads>,
}

/// Leave to use one more thread until this is dropped.
pub type SpareThread = Box<dyn Send>;

/// Gives leave to use one more thread, while the caller's share has room for it.
#[derive(Clone)]
pub(crate) struct SpareThreads(Arc<dyn Fn() -> Option<SpareThread> + Send + Sync>);

impl fmt::Debug for SpareThreads {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SpareThreads")
    }
}

/// What [`Work::buckets_max`] is unless it is set: Elasticsearch's default of `search.max_buckets`.
pub const BUCKETS_MAX: usize = 65_535;

/// What went wrong between two documents, in a scorer, which can only end: whoever drives it asks afterwards.
#[derive(Clone, Debug, Default)]
pub struct WorkFaults(Arc<Mutex<Option<Exception>>>);

impl WorkFaults {
    /// Keeps the first fault. Who says this ends its walk.
    #[cold]
    pub(crate) fn keep(&self, fault: Exception) {
        if let Ok(mut kept) = self.0.lock() {
            kept.get_or_insert(fault);
        }
    }

    /// Refuses with what was kept, once.
    ///
    /// # Errors
    /// The first fault.
    pub(crate) fn check(&self) -> Result<(), Exception> {
        match self.0.lock().ok().and_then(|mut kept| kept.take()) {
            Some(fault) => Err(fault),
            None => Ok(()),
        }
    }
}

impl Work {
    /// Work that ends when `cancel` says so and that takes its memory from `budget`.
    pub fn new(cancel: Cancel, budget: Budget) -> Work {
        Work::finding(cancel, budget, Arc::default())
    }

    /// The same, which finds the stored scripts, the templates and the aliases of `metadata`.
    pub fn of(cancel: Cancel, budget: Budget, metadata: &Arc<Metadata>) -> Work {
        Work::finding(cancel, budget, Arc::clone(metadata))
    }

    fn finding(cancel: Cancel, budget: Budget, metadata: Arc<Metadata>) -> Work {
        Work {
            cancel,
            budget,
            faults: WorkFaults::default(),
            metadata,
            pipeline_steps: Arc::default(),
            json_bytes: Arc::default(),
            json_name: "<http_request>".into(),
            buckets_max: BUCKETS_MAX,
            opaque_id: None,
            spare: None,
        }
    }

    /// This, which may use a second thread while `spare` gives leave to.
    #[must_use]
    pub fn with_spare_threads(
        self,
        spare: impl Fn() -> Option<SpareThread> + Send + Sync + 'static,
    ) -> Work {
        Work { spare: Some(SpareThreads(Arc::new(spare))), ..self }
    }

    /// Leave to use one more thread now, if there is.
    pub(crate) fn spare_thread(&self) -> Option<SpareThread> {
        (self.spare.as_ref()?.0)()
    }

    /// This, which finds the stored scripts, the templates and the aliases of `metadata`.
    #[must_use]
    pub fn on(self, metadata: &Arc<Metadata>) -> Work {
        Work { metadata: Arc::clone(metadata), ..self }
    }

    /// Counts the steps of a pipeline's script.
    ///
    /// # Errors
    /// `circuit_breaking_exception` where those of the whole request are too many.
    pub(crate) fn script_steps(&self, steps: u64) -> Result<(), Exception> {
        let all = self.pipeline_steps.fetch_add(steps, Ordering::Relaxed).saturating_add(steps);
        if all <= PIPELINE_STEPS_MAX {
            return Ok(());
        }
        Err(Exception::new(
            ExceptionKind::CircuitBreaking,
            format!(
                "[script] the scripts of pipelines take more than [{PIPELINE_STEPS_MAX}] steps in one request"
            ),
        ))
    }

    /// Whether what a JSON text of so many `bytes` says is counted: the texts of the request are long, with this one.
    pub(crate) fn counts_json(&self, bytes: usize) -> bool {
        let bytes = bytes as u64;
        let all = self.json_bytes.fetch_add(bytes, Ordering::Relaxed).saturating_add(bytes);
        all >= COUNTED_FROM_BYTES
    }

    /// Starts counting the memory of a JSON text of the request.
    pub(crate) fn holds_json(&self) -> HeldMemory {
        HeldMemory {
            budget: self.budget.clone(),
            what: Arc::clone(&self.json_name),
            bytes: 0,
            taken: 0,
        }
    }

    /// Work that nobody calls off or bounds: for what was asked by nobody outside, and for tests.
    pub fn unbounded() -> Work {
        Work::new(Cancel::new(), Budget::new("parent", u64::MAX))
    }

    /// One look at the cancel flag: once a round in every loop that input or data can lengthen.
    ///
    /// # Errors
    /// `task_cancelled_exception` once the flag is set.
    #[inline]
    pub fn check(&self) -> Result<(), Exception> {
        self.cancel.check()
    }

    /// Bytes that requests may hold together, and bytes that they hold now.
    pub(crate) fn memory(&self) -> (u64, u64) {
        (self.budget.bytes_max(), self.budget.bytes())
    }

    /// Starts counting the memory of `what`, such as `<agg [by_user]>`.
    pub fn holds(&self, what: &str) -> HeldMemory {
        HeldMemory::new(&self.budget, what)
    }

    /// `items` in order; of equals the one that came first stays first. Unlike the standard library's, this sort ends
    /// when the work is called off.
    ///
    /// # Errors
    /// `task_cancelled_exception`.
    pub(crate) fn sorted_by<T>(
        &self,
        items: Vec<T>,
        compare: impl Fn(&T, &T) -> cmp::Ordering,
    ) -> Result<Vec<T>, Exception> {
        let mut items = items;
        if items.len() <= SORTED_AT_ONCE {
            items.sort_by(&compare);
            return Ok(items);
        }
        let mut runs = Vec::new();
        let mut rest = items.into_iter();
        loop {
            self.check()?;
            let mut run: Vec<T> = rest.by_ref().take(SORTED_AT_ONCE).collect();
            if run.is_empty() {
                break;
            }
            run.sort_by(&compare);
            runs.push(run);
        }
        while runs.len() > 1 {
            let mut merged = Vec::with_capacity(runs.len().div_ceil(2));
            let mut pairs = runs.into_iter();
            while let Some(left) = pairs.next() {
                merged.push(match pairs.next() {
                    Some(right) => self.merged(left, right, &compare)?,
                    None => left,
                });
            }
            runs = merged;
        }
        Ok(runs.pop().unwrap_or_default())
    }

    fn merged<T>(
        &self,
        left: Vec<T>,
        right: Vec<T>,
        compare: &impl Fn(&T, &T) -> cmp::Ordering,
    ) -> Result<Vec<T>, Exception> {
        let mut merged = Vec::with_capacity(left.len() + right.len());
        let (mut left, mut right) = (left.into_iter().peekable(), right.into_iter().peekable());
        while let (Some(first), Some(second)) = (left.peek(), right.peek()) {
            self.check()?;
            let from_left = compare(first, second).is_le();
            merged.extend(if from_left { left.next() } else { right.next() });
        }
        merged.extend(left);
        merged.extend(right);
        Ok(merged)
    }

    /// `value` as the bytes of an answer. They are taken from the budget until the answer was sent and dropped.
    ///
    /// # Errors
    /// `task_cancelled_exception`; `circuit_breaking_exception`.
    pub(crate) fn print(&self, value: &(impl Serialize + ?Sized)) -> Result<Bytes, Exception> {
        let mut page = Page {
            out: Vec::new(),
            held: self.holds("<http_response>"),
            work: self,
            refused: None,
        };
        let printed = serde_json::to_writer(&mut page, value);
        let Page { out, mut held, refused, .. } = page;
        match (printed, refused) {
            (Ok(()), _) => {
                held.set(out.len() as u64)?;
                Ok(Bytes::from_owner(Body { out, _held: held }))
            }
            (Err(_), Some(refused)) => Err(refused),
            (Err(error), None) => {
                Err(Exception::new(ExceptionKind::IllegalState, error.to_string()))
            }
        }
    }

    /// The answer about what was done and cannot be undone: taken from the budget if there is room, and never refused.
    pub(crate) fn told(&self, out: Vec<u8>) -> Bytes {
        match self.budget.take(out.len() as u64, "<http_response>") {
            Ok(held) => Bytes::from_owner(Body { out, _held: held }),
            Err(_) => out.into(),
        }
    }

    /// Bytes that are an answer already, taken from the budget until the answer was sent and dropped.
    ///
    /// # Errors
    /// `circuit_breaking_exception`.
    pub(crate) fn body(&self, out: Vec<u8>) -> Result<Bytes, Exception> {
        let held = self.budget.take(out.len() as u64, "<http_response>")?;
        Ok(Bytes::from_owner(Body { out, _held: held }))
    }
}

/// How many items are sorted between two looks at the flag.
const SORTED_AT_ONCE: usize = 4096;

/// Bytes of an answer between two looks at the flag and the budget, at least: most pieces of it are a comma or a name.
const PAGE_STEP_BYTES: usize = 1024;

/// An answer being printed: `held` are the bytes that it may have before the next look.
struct Page<'a> {
    out: Vec<u8>,
    held: HeldMemory,
    work: &'a Work,
    refused: Option<Exception>,
}

impl Page<'_> {
    /// Makes room for `wanted` bytes in all, and some more where there is.
    #[cold]
    fn look(&mut self, wanted: usize) -> io::Result<()> {
        let ahead = wanted.saturating_add(PAGE_STEP_BYTES.max(wanted / 8));
        let held = &mut self.held;
        let allowed = self.work.check().and_then(|()| {
            held.set(ahead as u64).or_else(|_near_the_limit| held.set(wanted as u64))
        });
        if let Err(refused) = allowed {
            self.refused = Some(refused);
            return Err(io::Error::other("the response is no longer wanted"));
        }
        self.out.reserve(ahead.saturating_sub(self.out.len()));
        Ok(())
    }
}

impl Write for Page<'_> {
    #[inline]
    fn write(&mut self, piece: &[u8]) -> io::Result<usize> {
        let wanted = self.out.len().saturating_add(piece.len());
        if wanted as u64 > self.held.bytes() {
            self.look(wanted)?;
        }
        self.out.extend_from_slice(piece);
        Ok(piece.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// An answer's bytes, which give their memory back when the last handle on them is gone.
struct Body {
    out: Vec<u8>,
    _held: HeldMemory,
}

impl AsRef<[u8]> for Body {
    fn as_ref(&self) -> &[u8] {
        &self.out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_taken_is_taken_from_every_parent_and_given_back_to_each() {
        let process = Budget::new("parent", 1000);
        let request = process.child("request", 600);
        let held = request.take(500, "<agg [a]>").unwrap();
        assert_eq!((process.bytes(), request.bytes(), held.bytes()), (500, 500, 500));
        drop(held);
        assert_eq!((process.bytes(), request.bytes()), (0, 0));
    }

    #[test]
    fn a_refusal_by_a_parent_leaves_nothing_taken_in_the_child() {
        let process = Budget::new("parent", 100);
        let request = process.child("request", 600);
        let refused = request.take(101, "<http_request>").unwrap_err();
        assert!(refused.reason().starts_with("[parent] Data too large"), "{refused}");
        assert_eq!((process.bytes(), request.bytes()), (0, 0));
    }

    #[test]
    fn the_refusal_is_elasticsearchs_circuit_breaking_exception() {
        let refused = Budget::new("request", 102_400).take(628_088, "<agg [x]>").unwrap_err();
        assert_eq!(
            (refused.status(), refused.kind().type_name()),
            (429, "circuit_breaking_exception")
        );
        assert_eq!(
            refused.reason(),
            "[request] Data too large, data for [<agg [x]>] would be [628088/613.3kb], which is larger than the limit of [102400/100kb]"
        );
        assert_eq!(refused.extra()["bytes_wanted"], 628_088);
        assert_eq!(refused.extra()["durability"], "TRANSIENT");
    }

    #[test]
    fn one_caller_at_its_limit_leaves_the_others_theirs() {
        let process = Budget::new("parent", 1000);
        let (noisy, quiet) = (process.child("request", 400), process.child("request", 400));
        let _kept = noisy.take(400, "a").unwrap();
        assert!(noisy.take(1, "a").is_err());
        assert!(quiet.take(400, "a").is_ok());
    }

    #[test]
    fn growing_in_small_steps_takes_every_byte_up_to_the_limit() {
        let budget = Budget::new("request", 10_000);
        let mut held = HeldMemory::new(&budget, "<agg [a]>");
        for _ in 0..10_000 {
            held.grow(1).unwrap();
        }
        assert!(held.grow(1).is_err());
    }

    #[test]
    fn growing_takes_at_most_an_eighth_more_than_is_used() {
        let budget = Budget::new("request", u64::MAX);
        let mut held = HeldMemory::new(&budget, "<agg [a]>");
        for _ in 0..100_000 {
            held.grow(10).unwrap();
            assert!(budget.bytes() <= held.bytes() + held.bytes() / 8 + 10, "{held:?}");
        }
    }

    #[test]
    fn what_shrinks_gives_back_at_once() {
        let budget = Budget::new("request", 1000);
        let mut held = budget.take(900, "<hits>").unwrap();
        held.set(100).unwrap();
        assert_eq!(budget.bytes(), 100);
        held.set(1000).unwrap();
        assert!(held.set(1001).is_err());
    }

    #[test]
    fn a_long_sort_is_a_stable_sort() {
        let items: Vec<(u32, usize)> =
            (0..20_000).map(|at| ((at as u32 * 7919) % 97, at)).collect();
        let mut expected = items.clone();
        expected.sort_by_key(|item| item.0);
        let sorted = Work::unbounded().sorted_by(items, |a, b| a.0.cmp(&b.0)).unwrap();
        assert_eq!(sorted, expected);
    }

    #[test]
    fn a_long_sort_ends_when_it_is_called_off() {
        let work = Work::unbounded();
        work.cancel.cancel();
        let items: Vec<u32> = (0..20_000).collect();
        assert_eq!(
            work.sorted_by(items, u32::cmp).unwrap_err().kind(),
            ExceptionKind::TaskCancelled
        );
    }

    #[test]
    fn an_answer_holds_its_bytes_until_its_last_handle_is_dropped() {
        let work = Work::new(Cancel::new(), Budget::new("parent", 100));
        let body = work.print(&["0123456789"]).unwrap();
        let handle = body.clone();
        drop(body);
        assert_eq!(work.budget.bytes(), handle.len() as u64);
        drop(handle);
        assert_eq!(work.budget.bytes(), 0);
        let refused = work.print(&["0123456789"; 20]).unwrap_err();
        assert_eq!((refused.status(), work.budget.bytes()), (429, 0));
    }

    #[test]
    fn the_answer_about_what_was_done_is_never_refused() {
        let work = Work::new(Cancel::new(), Budget::new("parent", 10));
        assert_eq!(work.told(vec![b'x'; 100]).len(), 100);
        let counted = work.told(vec![b'x'; 10]);
        assert_eq!(work.budget.bytes(), counted.len() as u64);
    }

    #[test]
    fn printing_ends_when_it_is_called_off() {
        let work = Work::unbounded();
        work.cancel.cancel();
        assert_eq!(work.print(&[1, 2]).unwrap_err().kind(), ExceptionKind::TaskCancelled);
    }

    #[test]
    fn a_set_flag_ends_every_look() {
        let work = Work::unbounded();
        assert!(work.check().is_ok());
        work.cancel.cancel();
        assert_eq!(work.check().unwrap_err().kind(), ExceptionKind::TaskCancelled);
    }
}
