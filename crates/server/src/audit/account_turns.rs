//! One search of the audit at a time for each account: none keeps the places from the others.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::guards::limits;
use crate::service::pool::{QueueOwner, WorkNotDone};

/// The accounts that search now.
#[derive(Default)]
pub(super) struct AccountTurns(Mutex<HashMap<String, AccountSearches>>);

/// Those of one account.
struct AccountSearches {
    count: usize,
    running: Arc<Semaphore>,
}

/// The turn of one search, until it is dropped.
pub(super) struct AccountTurn {
    _running: OwnedSemaphorePermit,
    _counted: CountedSearch,
}

/// A search that counts for its account, while it waits too.
struct CountedSearch {
    turns: Arc<AccountTurns>,
    account: String,
}

impl AccountTurns {
    /// Waits until no other search of `account` runs.
    ///
    /// # Errors
    /// Where [`limits::AUDIT_SEARCHES_PER_ACCOUNT_MAX`] of its searches run or wait already.
    pub(super) async fn wait(self: &Arc<Self>, account: &str) -> Result<AccountTurn, WorkNotDone> {
        let busy = WorkNotDone::Busy(QueueOwner::Account);
        let Some((counted, running)) = self.count(account) else { return Err(busy) };
        let running = running.acquire_owned().await.map_err(|_closed| busy)?;
        Ok(AccountTurn { _running: running, _counted: counted })
    }

    fn count(self: &Arc<Self>, account: &str) -> Option<(CountedSearch, Arc<Semaphore>)> {
        let mut accounts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let none = || AccountSearches { count: 0, running: Arc::new(Semaphore::new(1)) };
        let own = accounts.entry(account.to_owned()).or_insert_with(none);
        if own.count == limits::AUDIT_SEARCHES_PER_ACCOUNT_MAX {
            return None;
        }
        own.count += 1;
        let counted = CountedSearch { turns: Arc::clone(self), account: account.to_owned() };
        Some((counted, Arc::clone(&own.running)))
    }
}

impl Drop for CountedSearch {
    fn drop(&mut self) {
        let mut accounts = self.turns.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(own) = accounts.get_mut(&self.account) {
            own.count -= 1;
            if own.count == 0 {
                accounts.remove(&self.account);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::task::{Context, Poll, Waker};

    use super::*;

    /// What a wait has come to when it is asked once.
    fn poll<T>(wait: &mut std::pin::Pin<Box<impl Future<Output = T>>>) -> Poll<T> {
        wait.as_mut().poll(&mut Context::from_waker(Waker::noop()))
    }

    #[test]
    fn an_accounts_searches_take_turns_and_more_than_a_few_are_refused_to_it_alone() {
        let turns = Arc::new(AccountTurns::default());
        let mut first = Box::pin(turns.wait("1"));
        let Poll::Ready(Ok(running)) = poll(&mut first) else { panic!("the first waits") };
        let mut waiting: Vec<_> = (1..limits::AUDIT_SEARCHES_PER_ACCOUNT_MAX)
            .map(|_| Box::pin(turns.wait("1")))
            .collect();
        assert!(waiting.iter_mut().all(|wait| poll(wait).is_pending()));
        let mut refused = Box::pin(turns.wait("1"));
        assert!(matches!(
            poll(&mut refused),
            Poll::Ready(Err(WorkNotDone::Busy(QueueOwner::Account)))
        ));
        assert!(matches!(poll(&mut Box::pin(turns.wait("2"))), Poll::Ready(Ok(_))));
        drop(running);
        assert!(matches!(poll(&mut waiting[0]), Poll::Ready(Ok(_))));
        waiting.clear();
        drop((first, refused));
        assert!(turns.0.lock().unwrap().is_empty(), "nothing is kept of who does not search");
    }
}
