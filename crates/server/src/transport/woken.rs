//! A future that is polled again only when it was woken itself, however often the task that it is part of is.

use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Wake, Waker};

/// The end of a connection is waited for beside its requests: each step of one would look at three watches.
pub(crate) struct WhenWoken<F> {
    future: F,
    flag: Arc<WakeFlag>,
    /// What the future wakes: the flag, and by it the task.
    waker: Waker,
    /// The task, as it was polled by last.
    task: Option<Waker>,
}

/// Whether the future was woken, and whom it wakes.
struct WakeFlag {
    woken: AtomicBool,
    task: Mutex<Option<Waker>>,
}

impl<F: Future + Unpin> WhenWoken<F> {
    /// `future`, which is polled once in any case.
    pub(crate) fn new(future: F) -> Self {
        let flag = Arc::new(WakeFlag { woken: AtomicBool::new(true), task: Mutex::default() });
        Self { future, waker: Arc::clone(&flag).into(), flag, task: None }
    }
}

impl<F: Future + Unpin> Future for WhenWoken<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        let this = &mut *self;
        // Before the flag is looked at: whoever sets it from here on wakes this task.
        if !this.task.as_ref().is_some_and(|task| task.will_wake(context.waker())) {
            let task = context.waker().clone();
            *this.flag.task.lock().unwrap_or_else(PoisonError::into_inner) = Some(task.clone());
            this.task = Some(task);
        }
        if !this.flag.woken.swap(false, Ordering::AcqRel) {
            return Poll::Pending;
        }
        Pin::new(&mut this.future).poll(&mut Context::from_waker(&this.waker))
    }
}

impl Wake for WakeFlag {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.woken.store(true, Ordering::Release);
        let task = self.task.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(task) = task {
            task.wake();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;
    use std::sync::atomic::AtomicUsize;

    use tokio::sync::Notify;

    use super::*;

    #[tokio::test]
    async fn it_is_polled_when_it_was_woken_and_not_when_its_task_was() {
        let (polls, notify) = (AtomicUsize::new(0), Notify::new());
        let notified = std::pin::pin!(notify.notified());
        let mut notified = Some(notified);
        let counted = poll_fn(|context| {
            polls.fetch_add(1, Ordering::Relaxed);
            notified.as_mut().unwrap().as_mut().poll(context)
        });
        let mut waiting = WhenWoken::new(counted);
        for _ in 0..10 {
            assert!(polled_once(&mut waiting).await.is_pending());
        }
        assert_eq!(polls.load(Ordering::Relaxed), 1);
        notify.notify_waiters();
        waiting.await;
        assert_eq!(polls.load(Ordering::Relaxed), 2);
    }

    #[tokio::test]
    async fn it_wakes_the_task_that_polled_it_last() {
        let (sender, receiver) = tokio::sync::oneshot::channel::<()>();
        let mut waiting = WhenWoken::new(receiver);
        assert!(polled_once(&mut waiting).await.is_pending());
        let other = tokio::spawn(waiting);
        tokio::task::yield_now().await;
        sender.send(()).unwrap();
        other.await.unwrap().unwrap();
    }

    /// One poll.
    async fn polled_once<F: Future + Unpin>(future: &mut F) -> Poll<F::Output> {
        poll_fn(|context| Poll::Ready(Pin::new(&mut *future).poll(context))).await
    }
}
