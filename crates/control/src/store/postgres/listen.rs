//! Hears of commits: `LISTEN` on a connection of its own.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, Thread};
use std::time::Duration;

use postgres::fallible_iterator::FallibleIterator;

use super::connect::{PostgresPlace, refused};
use crate::store::port::{CommitListener, StoreError};

/// How long nothing is heard before the connection is asked whether it still is one.
const SILENCE_TIME: Duration = Duration::from_secs(1);

/// How long that may take.
const PING_TIME: Duration = Duration::from_secs(2);

/// How long the second attempt to connect waits, and the longest that any waits; each waits twice as long as the last.
const WAITS: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(5));

/// The thread that listens, until this is dropped.
pub(super) struct Listener {
    stop: Arc<AtomicBool>,
    thread: Thread,
}

impl Listener {
    /// Starts it. Without a thread nothing is heard, and the clock remains.
    pub(super) fn start(place: PostgresPlace, told: CommitListener) -> Option<Listener> {
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let run = move || {
            let mut wait = WAITS.0;
            while !stopped.load(Ordering::Acquire) {
                let mut heard = false;
                // What is wrong with the database, whoever reads the store says.
                let _ = hear(&place, &stopped, &mut heard, &told);
                wait = if heard { WAITS.0 } else { (wait * 2).min(WAITS.1) };
                thread::park_timeout(wait);
            }
        };
        let handle = thread::Builder::new().name("postgres-news".to_owned()).spawn(run).ok()?;
        Some(Listener { stop, thread: handle.thread().clone() })
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Release);
        self.thread.unpark();
    }
}

/// Listens on one connection for as long as there is one. `heard` says whether there was.
fn hear(
    place: &PostgresPlace,
    stopped: &AtomicBool,
    heard: &mut bool,
    told: &CommitListener,
) -> Result<(), StoreError> {
    let mut client = place.connect()?;
    client.batch_execute("LISTEN countersign").map_err(refused)?;
    *heard = true;
    // What was committed before this connection was made was not heard.
    told(None);
    while !stopped.load(Ordering::Acquire) {
        let next = client.notifications().timeout_iter(SILENCE_TIME).next().map_err(refused)?;
        match next {
            Some(notification) => told(notification.payload().parse().ok()),
            None => client.is_valid(PING_TIME).map_err(refused)?,
        }
    }
    Ok(())
}
