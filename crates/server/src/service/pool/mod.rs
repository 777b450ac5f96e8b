//! Where synchronous work runs: the engine's and the control plane's calls, off the network threads, bounded in how
//! many run and how many wait, over all, for each account and for each principal.
//!
//! Turns go round: the next call is that of the account whose turn it is, of it that of the principal whose turn it is,
//! so that nobody waits behind another's queue. What runs cannot be set aside for another, so one account never runs
//! more than its share, not even when nobody else asks, and gives way to others' short calls (decision 0085).

use std::collections::hash_map::Entry;
use std::collections::{HashMap, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;

use self::workers::Workers;
use crate::guards::limits;
use crate::guards::shares;
use crate::settings::LimitSettings;

mod workers;

/// Why work was not done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WorkNotDone {
    /// Too many calls wait already.
    Busy(QueueOwner),
    /// The work panicked: our fault; only this request ends.
    Panicked,
}

/// Whose calls wait already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QueueOwner {
    /// The principal's own.
    Principal,
    /// Its account's.
    Account,
    /// Everybody's.
    All,
}

/// For whom work is done.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct WorkOwner {
    /// The caller's account; empty for callers without credentials, who share one.
    pub account: Arc<str>,
    /// The user, the role (all its sessions together) or, without credentials, the address.
    pub principal: Arc<str>,
}

impl WorkOwner {
    /// Whose shares its work takes.
    #[must_use]
    pub fn shares(&self) -> [shares::ShareHolder; 2] {
        let principal = [&*self.account, "/", &*self.principal].concat();
        [
            shares::ShareHolder::Account(Arc::clone(&self.account)),
            shares::ShareHolder::Principal(principal.into()),
        ]
    }

    /// The service itself.
    #[must_use]
    pub fn service() -> Self {
        Self { account: "service".into(), principal: "service".into() }
    }
}

/// How many calls may run and wait.
#[derive(Clone, Copy, Debug)]
pub struct PoolBounds {
    /// Running, over all.
    pub running: usize,
    /// Running, of one account.
    pub running_per_account: usize,
    /// Running, of one principal.
    pub running_per_principal: usize,
    /// Waiting, over all.
    pub waiting: usize,
    /// Waiting, of one account.
    pub waiting_per_account: usize,
    /// Waiting, of one principal.
    pub waiting_per_principal: usize,
}

impl Default for PoolBounds {
    fn default() -> Self {
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        Self::of(processors)
    }
}

impl PoolBounds {
    /// The bounds on a machine with so many processors: an account runs as many calls as Elasticsearch's `search`
    /// pool has threads (`int(processors * 3 / 2) + 1`), a principal a quarter less, so that one of them leaves room
    /// for another of its account.
    #[must_use]
    pub fn of(processors: usize) -> Self {
        let running_per_account = processors * 3 / 2 + 1;
        Self {
            running: limits::CALLS_RUNNING_MAX.max(2 * running_per_account),
            running_per_account,
            running_per_principal: (running_per_account * 3).div_ceil(4),
            waiting: limits::CALLS_WAITING_MAX,
            waiting_per_account: limits::CALLS_WAITING_PER_ACCOUNT_MAX,
            waiting_per_principal: limits::CALLS_WAITING_PER_PRINCIPAL_MAX,
        }
    }
}

impl PoolBounds {
    /// What the operator chose, on this machine.
    #[must_use]
    pub fn chosen(limits: &LimitSettings) -> Self {
        Self::default()
            .with_running(limits.calls_running_per_account, limits.calls_running_per_principal)
            .with_waiting(limits.calls_waiting_per_account, limits.calls_waiting_per_principal)
    }

    /// The bounds of what goes on after its request was answered: on threads of its own, because it may wait for hours
    /// for its pace.
    #[must_use]
    pub fn of_tasks() -> Self {
        Self {
            running: limits::TASKS_RUNNING_MAX,
            running_per_account: limits::TASKS_RUNNING_PER_ACCOUNT_MAX,
            running_per_principal: limits::TASKS_RUNNING_PER_PRINCIPAL_MAX,
            waiting: limits::TASKS_WAITING_MAX,
            waiting_per_account: limits::TASKS_WAITING_PER_ACCOUNT_MAX,
            waiting_per_principal: limits::TASKS_WAITING_PER_PRINCIPAL_MAX,
        }
    }

    /// With other numbers of running calls; 0: as they are, and of a principal three quarters of its account's.
    #[must_use]
    pub fn with_running(mut self, per_account: usize, per_principal: usize) -> Self {
        if per_account > 0 {
            self.running_per_account = per_account;
            self.running_per_principal = (per_account * 3).div_ceil(4);
            self.running = self.running.max(2 * per_account);
        }
        if per_principal > 0 {
            self.running_per_principal = per_principal;
        }
        self
    }

    /// With other numbers of waiting calls; what waits for as long as it takes to begin counts as waiting, so that it is
    /// at least one.
    #[must_use]
    pub fn with_waiting(self, per_account: usize, per_principal: usize) -> Self {
        let (per_account, per_principal) = (per_account.max(1), per_principal.max(1));
        let waiting = self.waiting.max(per_account);
        Self {
            waiting,
            waiting_per_account: per_account,
            waiting_per_principal: per_principal,
            ..self
        }
    }
}

/// A bounded pool of blocking threads.
#[derive(Clone)]
pub struct Pool(Arc<PoolInner>);

struct PoolInner {
    bounds: PoolBounds,
    state: Mutex<PoolState>,
    workers: Workers,
}

#[derive(Default)]
struct PoolState {
    running: usize,
    waiting: usize,
    accounts: HashMap<Arc<str>, AccountQueue>,
    /// Accounts of which calls wait, in the order of their turns.
    turns: VecDeque<Arc<str>>,
    /// The number of the next call that waits.
    next: u64,
}

#[derive(Default)]
struct AccountQueue {
    running: usize,
    waiting: usize,
    principals: HashMap<Arc<str>, PrincipalQueue>,
    /// Principals of which calls wait, in the order of their turns.
    turns: VecDeque<Arc<str>>,
}

#[derive(Default)]
struct PrincipalQueue {
    running: usize,
    /// By ascending numbers.
    waiting: VecDeque<(u64, oneshot::Sender<PoolTurn>)>,
}

/// Leave to run; gives itself back.
pub(crate) struct PoolTurn {
    pool: Pool,
    /// `None` once it was given back.
    holder: Option<WorkOwner>,
}

/// A place in the queue; gives itself back when the caller goes away.
pub(crate) struct QueuePlace {
    pool: Pool,
    holder: WorkOwner,
    number: u64,
    turn: oneshot::Receiver<PoolTurn>,
}

impl Default for Pool {
    fn default() -> Self {
        Self::new(PoolBounds::default())
    }
}

impl Pool {
    /// A pool in which nothing runs.
    #[must_use]
    pub fn new(bounds: PoolBounds) -> Self {
        Self(Arc::new(PoolInner { bounds, state: Mutex::default(), workers: Workers::default() }))
    }

    /// Runs `work` on a thread where it may block, when it is `holder`'s turn. The work goes on when the caller goes
    /// away: whoever starts it gives it a cancel flag.
    pub async fn run<T, F>(&self, holder: WorkOwner, work: F) -> Result<T, WorkNotDone>
    where
        T: Send + 'static,
        F: FnOnce() -> T + Send + 'static,
    {
        self.queue(holder)?.run(work).await
    }

    /// A place among those who wait for their turn; work that is not waited for is known to have one.
    pub(crate) fn queue(&self, holder: WorkOwner) -> Result<QueuePlace, WorkNotDone> {
        let (told, turn) = oneshot::channel();
        let mut state = self.state();
        let number = state.push(&self.0.bounds, &holder, told)?;
        self.dispatch(&mut state);
        drop(state);
        Ok(QueuePlace { pool: self.clone(), holder, number, turn })
    }

    /// Leave to run at once, on the thread that asks, work that takes microseconds: handing it to another and back would
    /// take several times as long as the work itself (decision 0143). `None` where it has to wait for its turn.
    #[must_use]
    pub(crate) fn turn_now(&self, holder: &WorkOwner) -> Option<PoolTurn> {
        let begun = self.state().begin(&self.0.bounds, holder);
        begun.then(|| PoolTurn { pool: self.clone(), holder: Some(holder.clone()) })
    }

    /// How many calls run and how many wait, over all.
    #[must_use]
    pub fn calls(&self) -> (usize, usize) {
        let state = self.state();
        (state.running, state.waiting)
    }

    /// How many calls were handed to a thread so far: all but those that ran where they were asked for.
    #[must_use]
    pub fn handed(&self) -> u64 {
        self.state().next
    }

    /// Gives turns to who waits, as many as there are.
    fn dispatch(&self, state: &mut PoolState) {
        while let Some((holder, told)) = state.next(&self.0.bounds) {
            let turn = PoolTurn { pool: self.clone(), holder: Some(holder) };
            if let Err(mut turn) = told.send(turn)
                && let Some(holder) = turn.holder.take()
            {
                state.ended(&holder);
            }
        }
    }

    fn state(&self) -> MutexGuard<'_, PoolState> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl QueuePlace {
    /// Runs `work` on a thread where it may block, when its turn has come. The work goes on when the caller goes away.
    pub(crate) async fn run<T, F>(self, work: F) -> Result<T, WorkNotDone>
    where
        T: Send + 'static,
        F: FnOnce() -> T + Send + 'static,
    {
        let workers = self.pool.0.workers.clone();
        let turn = self.turn().await?;
        let done = workers.run(move || {
            // Held by the work itself, so that a caller who goes away does not make room for more.
            let _turn = turn;
            work()
        });
        done.await.ok_or(WorkNotDone::Panicked)
    }

    async fn turn(mut self) -> Result<PoolTurn, WorkNotDone> {
        (&mut self.turn).await.map_err(|_gone| WorkNotDone::Panicked)
    }
}

impl PoolState {
    /// Counts a call of `holder` as running, if it may run now. Nobody is passed over: who waits may not run, or would have
    /// been given a turn when there was one.
    fn begin(&mut self, bounds: &PoolBounds, holder: &WorkOwner) -> bool {
        if self.running >= bounds.running {
            return false;
        }
        let account = self.accounts.entry(Arc::clone(&holder.account)).or_default();
        if account.running >= bounds.running_per_account {
            return false;
        }
        // Of an account or a principal that was not known nothing runs, so it may: what is made here stays.
        let principal = account.principals.entry(Arc::clone(&holder.principal)).or_default();
        if principal.running >= bounds.running_per_principal {
            return false;
        }
        principal.running += 1;
        account.running += 1;
        self.running += 1;
        true
    }

    fn push(
        &mut self,
        bounds: &PoolBounds,
        holder: &WorkOwner,
        told: oneshot::Sender<PoolTurn>,
    ) -> Result<u64, WorkNotDone> {
        let account = self.accounts.get(&holder.account);
        let principal = account.and_then(|account| account.principals.get(&holder.principal));
        let waiting = principal.map_or(0, |principal| principal.waiting.len());
        if waiting >= bounds.waiting_per_principal {
            return Err(WorkNotDone::Busy(QueueOwner::Principal));
        }
        if account.map_or(0, |account| account.waiting) >= bounds.waiting_per_account {
            return Err(WorkNotDone::Busy(QueueOwner::Account));
        }
        if self.waiting >= bounds.waiting {
            return Err(WorkNotDone::Busy(QueueOwner::All));
        }
        let account = self.accounts.entry(Arc::clone(&holder.account)).or_default();
        if account.waiting == 0 {
            self.turns.push_back(Arc::clone(&holder.account));
        }
        let principal = account.principals.entry(Arc::clone(&holder.principal)).or_default();
        if principal.waiting.is_empty() {
            account.turns.push_back(Arc::clone(&holder.principal));
        }
        principal.waiting.push_back((self.next, told));
        (account.waiting, self.waiting, self.next) =
            (account.waiting + 1, self.waiting + 1, self.next + 1);
        Ok(self.next - 1)
    }

    /// The call whose turn it is, counted as running; `None` when nobody who waits may run one more.
    fn next(&mut self, bounds: &PoolBounds) -> Option<(WorkOwner, oneshot::Sender<PoolTurn>)> {
        if self.running >= bounds.running {
            return None;
        }
        for _ in 0..self.turns.len() {
            let name = self.turns.pop_front()?;
            let Some(account) = self.accounts.get_mut(&name) else { continue };
            let next = account.next(bounds);
            if account.waiting > 0 {
                self.turns.push_back(Arc::clone(&name));
            }
            if let Some((principal, told)) = next {
                (self.running, self.waiting) = (self.running + 1, self.waiting.saturating_sub(1));
                return Some((WorkOwner { account: name, principal }, told));
            }
        }
        None
    }

    /// A call of `holder` has ended.
    fn ended(&mut self, holder: &WorkOwner) {
        self.running = self.running.saturating_sub(1);
        let Entry::Occupied(mut account) = self.accounts.entry(Arc::clone(&holder.account)) else {
            return;
        };
        let calls = account.get_mut();
        calls.running = calls.running.saturating_sub(1);
        if let Entry::Occupied(mut principal) =
            calls.principals.entry(Arc::clone(&holder.principal))
        {
            let calls = principal.get_mut();
            calls.running = calls.running.saturating_sub(1);
            if calls.is_idle() {
                principal.remove();
            }
        }
        if calls.principals.is_empty() {
            account.remove();
        }
    }

    /// A call of `holder` waits no longer, if it still does.
    fn left(&mut self, holder: &WorkOwner, number: u64) {
        let Some(account) = self.accounts.get_mut(&holder.account) else { return };
        let Some(principal) = account.principals.get_mut(&holder.principal) else { return };
        let Ok(place) = principal.waiting.binary_search_by_key(&number, |(number, _)| *number)
        else {
            return;
        };
        drop(principal.waiting.remove(place));
        if principal.waiting.is_empty() {
            account.turns.retain(|name| *name != holder.principal);
        }
        account.waiting = account.waiting.saturating_sub(1);
        if account.waiting == 0 {
            self.turns.retain(|name| *name != holder.account);
        }
        self.waiting = self.waiting.saturating_sub(1);
        self.forget(holder);
    }

    /// Who neither runs nor waits takes no memory.
    fn forget(&mut self, holder: &WorkOwner) {
        let Some(account) = self.accounts.get_mut(&holder.account) else { return };
        if account.principals.get(&holder.principal).is_some_and(PrincipalQueue::is_idle) {
            account.principals.remove(&holder.principal);
        }
        if account.principals.is_empty() {
            self.accounts.remove(&holder.account);
        }
    }
}

impl PrincipalQueue {
    /// Whether it neither runs nor waits, and need not be remembered.
    fn is_idle(&self) -> bool {
        self.running == 0 && self.waiting.is_empty()
    }
}

impl AccountQueue {
    fn next(&mut self, bounds: &PoolBounds) -> Option<(Arc<str>, oneshot::Sender<PoolTurn>)> {
        if self.running >= bounds.running_per_account {
            return None;
        }
        for _ in 0..self.turns.len() {
            let name = self.turns.pop_front()?;
            let Some(principal) = self.principals.get_mut(&name) else { continue };
            let may = principal.running < bounds.running_per_principal;
            let next = if may { principal.waiting.pop_front() } else { None };
            if !principal.waiting.is_empty() {
                self.turns.push_back(Arc::clone(&name));
            }
            if let Some((_, told)) = next {
                principal.running += 1;
                (self.running, self.waiting) = (self.running + 1, self.waiting.saturating_sub(1));
                return Some((name, told));
            }
        }
        None
    }
}

impl PoolTurn {
    /// Runs brief work here.
    pub(crate) fn run<T>(self, work: impl FnOnce() -> T) -> Result<T, WorkNotDone> {
        catch_unwind(AssertUnwindSafe(work)).map_err(|_panic| WorkNotDone::Panicked)
    }
}

impl Drop for PoolTurn {
    fn drop(&mut self) {
        if let Some(holder) = self.holder.take() {
            let pool = self.pool.clone();
            let mut state = pool.state();
            state.ended(&holder);
            if state.waiting > 0 {
                pool.dispatch(&mut state);
            }
        }
    }
}

impl Drop for QueuePlace {
    fn drop(&mut self) {
        self.pool.state().left(&self.holder, self.number);
    }
}

#[cfg(test)]
mod tests;
