//! The threads on which calls run: as many as there is work for at once, kept for a while, and with a lower priority from
//! the moment that a call takes long, so that others' short calls go before it (decision 0085).

use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use tokio::sync::oneshot;

use crate::guards::limits;

/// How long a thread without work is kept.
const IDLE_TIME: Duration = Duration::from_secs(10);

type Job = Box<dyn FnOnce() + Send>;

/// Threads that run what they are given, one thing at a time each. Of those without work the one that had some last is the
/// next: what it needs is still in the processor's caches.
#[derive(Clone, Default)]
pub(super) struct Workers(Arc<Mutex<Vec<Arc<Seat>>>>);

/// Where a thread without work waits for some.
#[derive(Default)]
struct Seat {
    job: Mutex<Option<Job>>,
    news: Condvar,
}

impl Workers {
    /// What `work` returns, from a thread where it may block; `None` when it panicked, or when no thread could be started.
    /// The work goes on when the caller goes away; its thread keeps its priority then.
    pub(super) async fn run<T, F>(&self, work: F) -> Option<T>
    where
        T: Send + 'static,
        F: FnOnce() -> T + Send + 'static,
    {
        // Looked at when it takes long: to be told would wake this task once more for each call.
        let thread = Arc::new(OnceLock::new());
        let (tell_result, mut result) = oneshot::channel();
        let (runtime, running_on) = (tokio::runtime::Handle::current(), Arc::clone(&thread));
        self.push(Box::new(move || {
            let _context = runtime.enter();
            let _ = running_on.set(priority::current_thread());
            // Nobody listens any more when the caller went away.
            let _ = tell_result.send(work());
        }));
        let takes_long = async {
            loop {
                tokio::time::sleep(limits::SHORT_CALL_TIME).await;
                if let Some(thread) = thread.get() {
                    return *thread;
                }
            }
        };
        tokio::select! {
            biased;
            result = &mut result => return result.ok(),
            thread = takes_long => priority::lower(thread),
        }
        result.await.ok()
    }

    fn push(&self, job: Job) {
        let seat = self.seats().pop();
        if let Some(seat) = seat {
            *seat.job() = Some(job);
            seat.news.notify_one();
            return;
        }
        let workers = self.clone();
        let started =
            std::thread::Builder::new().name("call".to_owned()).spawn(move || workers.work(job));
        if let Err(error) = started {
            tracing::error!(%error, "no thread can be started for a call");
        }
    }

    /// What each thread does, until it has no work for a while or its priority was lowered: without privileges it cannot be
    /// raised again.
    fn work(&self, first: Job) {
        let (usual, seat, mut next) = (priority::own(), Arc::new(Seat::default()), Some(first));
        while let Some(job) = next {
            // The sender of its result is dropped with a job that panics, which tells its caller.
            let _ = std::panic::catch_unwind(std::panic::AssertUnwindSafe(job));
            if priority::own() != usual {
                return;
            }
            next = self.next(&seat);
        }
    }

    fn next(&self, seat: &Arc<Seat>) -> Option<Job> {
        self.seats().push(Arc::clone(seat));
        if let Some(job) = seat.wait(Some(IDLE_TIME)) {
            return Some(job);
        }
        let mut seats = self.seats();
        let place = seats.iter().position(|other| Arc::ptr_eq(other, seat));
        let Some(place) = place else {
            // It was taken at this moment: the job is on its way.
            drop(seats);
            return seat.wait(None);
        };
        seats.remove(place);
        None
    }

    fn seats(&self) -> MutexGuard<'_, Vec<Arc<Seat>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Seat {
    fn job(&self) -> MutexGuard<'_, Option<Job>> {
        self.job.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next job; `None` when there was none for so long.
    fn wait(&self, longest: Option<Duration>) -> Option<Job> {
        let (job, none) = (self.job(), |job: &mut Option<Job>| job.is_none());
        let mut job = match longest {
            None => self.news.wait_while(job, none).unwrap_or_else(PoisonError::into_inner),
            Some(longest) => {
                let waited = self.news.wait_timeout_while(job, longest, none);
                waited.unwrap_or_else(PoisonError::into_inner).0
            }
        };
        job.take()
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
