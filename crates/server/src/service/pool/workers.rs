//! The threads on which calls run: as many as there is work for at once, kept for a while, and with a lower priority from
//! the moment that a call takes long, so that others' short calls go before it (decision 0085).

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::oneshot;

use crate::guards::limits;

/// How long a thread without work is kept.
const IDLE_TIME: Duration = Duration::from_secs(10);

type Job = Box<dyn FnOnce() + Send>;

/// Threads that run what they are given, one thing at a time each.
#[derive(Clone, Default)]
pub(super) struct Workers(Arc<SharedJobs>);

#[derive(Default)]
struct SharedJobs {
    jobs: Mutex<Jobs>,
    news: Condvar,
}

#[derive(Default)]
struct Jobs {
    waiting: VecDeque<Job>,
    /// Threads that wait for work.
    idle: usize,
}

impl Workers {
    /// What `work` returns, from a thread where it may block; `None` when it panicked, or when no thread could be started.
    /// The work goes on when the caller goes away; its thread keeps its priority then.
    pub(super) async fn run<T, F>(&self, work: F) -> Option<T>
    where
        T: Send + 'static,
        F: FnOnce() -> T + Send + 'static,
    {
        let (tell_thread, thread) = oneshot::channel();
        let (tell_result, mut result) = oneshot::channel();
        let runtime = tokio::runtime::Handle::current();
        self.push(Box::new(move || {
            let _context = runtime.enter();
            // Nobody listens any more when the caller went away.
            let _ = tell_thread.send(priority::current_thread());
            let _ = tell_result.send(work());
        }));
        let takes_long = async {
            let thread = thread.await.ok()?;
            tokio::time::sleep(limits::SHORT_CALL_TIME).await;
            Some(thread)
        };
        tokio::select! {
            biased;
            result = &mut result => return result.ok(),
            thread = takes_long => if let Some(thread) = thread { priority::lower(thread) },
        }
        result.await.ok()
    }

    fn push(&self, job: Job) {
        let mut jobs = self.jobs();
        jobs.waiting.push_back(job);
        if jobs.waiting.len() <= jobs.idle {
            self.0.news.notify_one();
            return;
        }
        let workers = self.clone();
        let started =
            std::thread::Builder::new().name("call".to_owned()).spawn(move || workers.work());
        if let Err(error) = started {
            tracing::error!(%error, "no thread can be started for a call");
            jobs.waiting.pop_back();
        }
    }

    /// What each thread does, until it has no work for a while or its priority was lowered: without privileges it cannot be
    /// raised again.
    fn work(&self) {
        let usual = priority::own();
        while let Some(job) = self.next() {
            // The sender of its result is dropped with a job that panics, which tells its caller.
            let _ = std::panic::catch_unwind(std::panic::AssertUnwindSafe(job));
            if priority::own() != usual {
                return;
            }
        }
    }

    fn next(&self) -> Option<Job> {
        let mut jobs = self.jobs();
        if let Some(job) = jobs.waiting.pop_front() {
            return Some(job);
        }
        jobs.idle += 1;
        let (mut jobs, _) = self
            .0
            .news
            .wait_timeout_while(jobs, IDLE_TIME, |jobs| jobs.waiting.is_empty())
            .unwrap_or_else(PoisonError::into_inner);
        jobs.idle = jobs.idle.saturating_sub(1);
        jobs.waiting.pop_front()
    }

    fn jobs(&self) -> MutexGuard<'_, Jobs> {
        self.0.jobs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The priorities of threads, which Linux keeps for each by itself (setpriority(2), "C library/kernel differences").
#[cfg(target_os = "linux")]
pub(super) mod priority {
    use rustix::process::{Pid, getpriority_process, setpriority_process};

    /// How much lower the priority of a thread is whose call takes long: about a ninth of the processor's time that another
    /// gets that wants it too (sched(7): a factor of 1.25 for each step).
    const STEPS: i32 = 10;
    /// The lowest there is.
    const LOWEST: i32 = 19;

    /// The calling thread's name for the kernel.
    pub(in super::super) fn current_thread() -> Pid {
        rustix::thread::gettid()
    }

    /// The calling thread's priority; `None` when the kernel does not say.
    pub(in super::super) fn own() -> Option<i32> {
        getpriority_process(Some(current_thread())).ok()
    }

    /// Lowers a thread's priority, if it still runs.
    pub(in super::super) fn lower(thread: Pid) {
        if let Ok(now) = getpriority_process(Some(thread)) {
            // Refused where it may not be changed: the call then runs as any other.
            let _ = setpriority_process(Some(thread), (now + STEPS).min(LOWEST));
        }
    }
}

/// Elsewhere a thread has no priority of its own that may be set, and all calls run alike.
#[cfg(not(target_os = "linux"))]
pub(super) mod priority {
    /// Threads have no names here.
    pub(in super::super) fn current_thread() {}

    /// All priorities are the same one.
    pub(in super::super) fn own() {}

    /// Nothing is lowered.
    pub(in super::super) fn lower((): ()) {}
}
