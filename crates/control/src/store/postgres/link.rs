//! One connection, on a thread of its own: made when it is needed, made again when it is gone, and never waited for longer
//! than [`ANSWER_TIME`]. A thread that hangs is left behind for another.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, SendError};
use std::time::Duration;

use postgres::{Client, Statement};

use super::connect::{PostgresPlace, refused};
use super::schema;
use crate::store::port::StoreError;

/// How long whoever asks waits for the database.
const ANSWER_TIME: Duration = Duration::from_secs(5);

/// How long whoever moves all of the state waits for it: to read it, to write one that was imported. A thread that is not done
/// so long after it was given up hangs.
pub(super) const LONG_TIME: Duration = Duration::from_secs(60);

/// Threads that may hang at a time. With so many, the database is asked again when one of them is done.
const THREADS_MAX: usize = 8;

/// How long a connection that was idle may take to show that it is one.
const PING_TIME: Duration = Duration::from_secs(2);

/// What each connection is told first. A gateway that hangs inside a transaction holds up the others no longer than this.
const SESSION: &str = "SET statement_timeout = '4s'; SET lock_timeout = '3s'; \
                       SET idle_in_transaction_session_timeout = '4s'; SET client_min_messages = warning";

/// What the thread does next.
type Job = Box<dyn FnOnce(&mut Connection) + Send>;

/// The way to the thread.
pub(super) struct Link {
    place: PostgresPlace,
    worker: Worker,
    /// Held by every thread there is.
    threads: Arc<()>,
    /// [`ANSWER_TIME`].
    answer_time: Duration,
    /// [`LONG_TIME`].
    hang_time: Duration,
}

impl Link {
    /// A thread that is connected once somebody asks.
    pub(super) fn new(place: PostgresPlace) -> Result<Link, StoreError> {
        let threads = Arc::default();
        let connection = Connection { place: place.clone(), open: None, gone: None, first: true };
        let worker = Worker::start(connection, &threads)?;
        Ok(Link { place, worker, threads, answer_time: ANSWER_TIME, hang_time: LONG_TIME })
    }

    /// Makes the schema, or brings it up to date.
    pub(super) fn migrate(&mut self) -> Result<(), StoreError> {
        self.run(LONG_TIME, |connection, _| {
            let mut client = connection.place.connect()?;
            client.batch_execute(SESSION).map_err(refused)?;
            schema::migrate(&mut client)
        })
    }

    /// Does `work` on the connection, in at most `patience`. Before it commits it asks whether somebody still waits for it.
    pub(super) fn ask<T: Send + 'static>(
        &mut self,
        patience: Patience,
        work: impl FnOnce(&mut OpenConnection, &Fate) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let time = if patience == Patience::Long { LONG_TIME } else { self.answer_time };
        self.run(time, move |connection, fate| work(connection.live(patience)?, fate))
    }

    fn run<T: Send + 'static>(
        &mut self,
        time: Duration,
        work: impl FnOnce(&mut Connection, &Fate) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        if self.worker.busy.swap(true, Ordering::AcqRel) {
            let hangs = self.worker.hangs.load(Ordering::Acquire);
            if !hangs || Arc::strong_count(&self.threads) > THREADS_MAX {
                return Err(lost("PostgreSQL has not answered an earlier request yet"));
            }
            self.replace()?;
        }
        let busy = Busy(Arc::clone(&self.worker.busy));
        let fate = Arc::new(Fate::default());
        let (tell, told) = mpsc::sync_channel(1);
        let told_fate = Arc::clone(&fate);
        let job: Job = Box::new(move |connection| {
            let done = work(connection, &told_fate);
            drop(busy);
            // Nobody may be waiting any more.
            let _ = tell.send(done);
        });
        if let Err(SendError(job)) = self.worker.jobs.send(job) {
            self.replace()?;
            self.worker
                .jobs
                .send(job)
                .map_err(|_| lost("the thread of PostgreSQL's connection ended"))?;
        }
        let why = match told.recv_timeout(time) {
            Ok(done) => return done,
            Err(RecvTimeoutError::Timeout) => {
                self.watch(told);
                format!("PostgreSQL has not answered for {} ms", time.as_millis())
            }
            Err(RecvTimeoutError::Disconnected) => {
                "the thread of PostgreSQL's connection ended".to_owned()
            }
        };
        Err(if fate.give_up() { lost(&why) } else { StoreError::Unknown { why } })
    }

    /// Leaves the thread behind, whatever it does, and begins another. Its connection is not the first, and is made by whoever
    /// asks for what is new.
    fn replace(&mut self) -> Result<(), StoreError> {
        let connection = Connection {
            place: self.place.clone(),
            open: None,
            gone: Some(lost("the last connection to PostgreSQL was left behind")),
            first: false,
        };
        self.worker = Worker::start(connection, &self.threads)?;
        self.worker.busy.store(true, Ordering::Release);
        Ok(())
    }

    /// Waits for a job that nobody else waits for: one that is not done in [`LONG_TIME`] hangs.
    fn watch<T: Send + 'static>(&self, told: Receiver<T>) {
        let (hangs, time) = (Arc::clone(&self.worker.hangs), self.hang_time);
        let wait = move || {
            if told.recv_timeout(time).err() == Some(RecvTimeoutError::Timeout) {
                hangs.store(true, Ordering::Release);
            }
        };
        let thread = std::thread::Builder::new().name("postgres-watch".to_owned()).spawn(wait);
        if thread.is_err() {
            self.worker.hangs.store(true, Ordering::Release);
        }
    }
}

/// A thread, as those see it who ask it.
struct Worker {
    jobs: mpsc::Sender<Job>,
    busy: Arc<AtomicBool>,
    /// What it does takes longer than anything.
    hangs: Arc<AtomicBool>,
}

impl Worker {
    fn start(mut connection: Connection, threads: &Arc<()>) -> Result<Worker, StoreError> {
        let (jobs, next) = mpsc::channel::<Job>();
        let held = Arc::clone(threads);
        let run = move || {
            while let Ok(job) = next.recv() {
                job(&mut connection);
            }
            drop(held);
        };
        let thread = std::thread::Builder::new().name("postgres".to_owned()).spawn(run);
        thread.map_err(|error| lost(&error.to_string()))?;
        Ok(Worker { jobs, busy: Arc::default(), hangs: Arc::default() })
    }
}

/// What becomes of a job: whoever waits for it and the thread that does it decide it together.
#[derive(Default)]
pub(super) struct Fate(AtomicU8);

impl Fate {
    const RUNNING: u8 = 0;
    const COMMITTING: u8 = 1;
    const GIVEN_UP: u8 = 2;

    /// The job commits now. `false`: whoever asked was told that it did not happen.
    pub(super) fn begin_commit(&self) -> bool {
        self.becomes(Self::COMMITTING)
    }

    /// Nobody waits for the job any more. `false`: it may commit.
    fn give_up(&self) -> bool {
        self.becomes(Self::GIVEN_UP)
    }

    fn becomes(&self, next: u8) -> bool {
        let (acquire, release) = (Ordering::Acquire, Ordering::AcqRel);
        self.0.compare_exchange(Self::RUNNING, next, release, acquire).is_ok()
    }
}

/// Says that the thread is free again, also when the work ends in a panic.
struct Busy(Arc<AtomicBool>);

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Release);
    }
}

fn lost(why: &str) -> StoreError {
    StoreError::Lost { why: why.to_owned() }
}

/// How much somebody waits for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Patience {
    /// For a change. While the database is known to be gone it is told so at once: many changes would else wait, one after the
    /// other, for a connection to a host that does not answer.
    Change,
    /// For what is new: whoever asks does so on a clock, and finds the database again.
    News,
    /// For all there is, at most [`LONG_TIME`].
    Long,
}

/// What the thread holds.
struct Connection {
    place: PostgresPlace,
    open: Option<OpenConnection>,
    /// Why there is none.
    gone: Option<StoreError>,
    /// No connection was made yet.
    first: bool,
}

/// A connection to the database.
pub(super) struct OpenConnection {
    pub(super) client: Client,
    pub(super) statements: Statements,
    /// It is not the first one, and nobody read everything through it: the server may be another, which lacks what was
    /// committed last.
    pub(super) fresh: bool,
}

impl Connection {
    /// The connection, made anew if the one that was is gone.
    fn live(&mut self, patience: Patience) -> Result<&mut OpenConnection, StoreError> {
        let alive = self.open.as_mut().is_some_and(|open| open.client.is_valid(PING_TIME).is_ok());
        if !alive {
            self.open = None;
            if let Some(gone) = self.gone.as_ref().filter(|_| patience == Patience::Change) {
                return Err(gone.clone());
            }
            match self.connect() {
                Ok(open) => (self.open, self.gone, self.first) = (Some(open), None, false),
                Err(why) => self.gone = Some(why),
            }
        }
        match (&mut self.open, &self.gone) {
            (Some(open), _) => Ok(open),
            (None, Some(gone)) => Err(gone.clone()),
            (None, None) => Err(lost("there is no connection to PostgreSQL")),
        }
    }

    fn connect(&self) -> Result<OpenConnection, StoreError> {
        let mut client = self.place.connect()?;
        client.batch_execute(SESSION).map_err(refused)?;
        schema::check(&mut client)?;
        let statements = Statements::prepare(&mut client).map_err(refused)?;
        Ok(OpenConnection { client, statements, fresh: !self.first })
    }
}

/// What the store says to the database, prepared once for each connection.
pub(super) struct Statements {
    pub(super) meta: Statement,
    pub(super) all: Statement,
    pub(super) named: Statement,
    pub(super) logs: Statement,
    pub(super) advance: Statement,
    pub(super) delete: Statement,
    pub(super) put: Statement,
    pub(super) log: Statement,
    pub(super) notify: Statement,
    pub(super) wait_for_turns: Statement,
    pub(super) take_turn: Statement,
    pub(super) end_turn: Statement,
    pub(super) tell: Statement,
    pub(super) hear: Statement,
    pub(super) tell_minutes: Statement,
    pub(super) hear_minutes: Statement,
}

impl Statements {
    fn prepare(client: &mut Client) -> Result<Statements, postgres::Error> {
        let mut prepare = |sql: &str| client.prepare(sql);
        Ok(Statements {
            meta: prepare("SELECT name, value FROM countersign.meta")?,
            all: prepare("SELECT kind, key, body FROM countersign.records")?,
            named: prepare(
                "SELECT kind, key, body FROM countersign.records \
                 WHERE (kind, key) IN (SELECT * FROM unnest($1::text[], $2::text[]))",
            )?,
            logs: prepare(
                "SELECT records FROM countersign.changes WHERE version > $1 AND version <= $2",
            )?,
            advance: prepare(
                "UPDATE countersign.meta SET value = $1 WHERE name = 'version' AND value = $2 \
                 AND EXISTS (SELECT FROM countersign.meta WHERE name = 'schema' AND value = $3)",
            )?,
            delete: prepare(
                "DELETE FROM countersign.records \
                 WHERE (kind, key) IN (SELECT * FROM unnest($1::text[], $2::text[]))",
            )?,
            put: prepare(
                "INSERT INTO countersign.records SELECT * FROM unnest($1::text[], $2::text[], $3::text[]) \
                 ON CONFLICT (kind, key) DO UPDATE SET body = excluded.body",
            )?,
            log: prepare(
                "WITH cut AS (DELETE FROM countersign.changes WHERE version <= $7) \
                 INSERT INTO countersign.changes VALUES ($1, $2, $3, $4, $5, $6)",
            )?,
            notify: prepare("SELECT pg_notify('countersign', $1)")?,
            // The bound of the waits is set within the statement: it holds for this one only.
            wait_for_turns: prepare(
                "SELECT pg_advisory_xact_lock_shared(hashtext('countersign')) \
                 FROM set_config('lock_timeout', '500ms', true)",
            )?,
            take_turn: prepare(
                "SELECT pg_advisory_lock(hashtext('countersign')) FROM set_config('lock_timeout', '1s', true)",
            )?,
            // Whatever it holds: a turn that was given up may have been taken all the same.
            end_turn: prepare("SELECT pg_advisory_unlock_all()")?,
            // A gateway that has said nothing for a day is gone for good, or says something again.
            tell: prepare(
                "WITH gone AS (DELETE FROM countersign.gateways WHERE told < now() - interval '1 day' AND name <> $1) \
                 INSERT INTO countersign.gateways VALUES ($1, now(), $2, $3) \
                 ON CONFLICT (name) DO UPDATE SET told = excluded.told, version = excluded.version, body = excluded.body",
            )?,
            hear: prepare(
                "SELECT name, version, greatest(extract(epoch FROM now() - told), 0)::float8, \
                 CASE WHEN (name, version) IN (SELECT * FROM unnest($2::text[], $3::text[])) THEN NULL ELSE body END \
                 FROM countersign.gateways WHERE name <> $1",
            )?,
            tell_minutes: prepare(
                "WITH gone AS (DELETE FROM countersign.gateway_minutes WHERE told < now() - interval '65 minutes') \
                 INSERT INTO countersign.gateway_minutes \
                 SELECT $1, counted.until, now(), counted.body FROM unnest($2::int8[], $3::text[]) AS counted (until, body) \
                 ON CONFLICT (gateway, until) DO NOTHING",
            )?,
            hear_minutes: prepare(
                "SELECT gateway, until, extract(epoch FROM told)::float8, body FROM countersign.gateway_minutes \
                 WHERE told > to_timestamp($1::float8) ORDER BY told DESC LIMIT $2",
            )?,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::super::connect::PostgresUrl;
    use super::*;

    const MOMENT: Duration = Duration::from_millis(50);

    fn link(address: &str) -> Link {
        let url = PostgresUrl::read(&format!("postgres://cs@{address}/state")).unwrap();
        let place = PostgresPlace::new(url, || Ok(String::new().into()), b"");
        Link { answer_time: MOMENT, hang_time: MOMENT, ..Link::new(place).unwrap() }
    }

    #[test]
    fn a_server_that_accepts_and_says_nothing_is_given_up_and_not_waited_for_twice() {
        let silent = TcpListener::bind("127.0.0.1:0").unwrap();
        let mut link = link(&silent.local_addr().unwrap().to_string());
        link.hang_time = LONG_TIME;
        let mut asked = || link.ask(Patience::Change, |_, _| Ok(())).unwrap_err().to_string();
        assert_eq!(asked(), "the state cannot be used: PostgreSQL has not answered for 50 ms");
        let at_once =
            "the state cannot be used: PostgreSQL has not answered an earlier request yet";
        assert_eq!(asked(), at_once);
        // The thread is free again once the connection is known to be none.
        drop(silent);
    }

    #[test]
    fn what_takes_too_long_in_its_commit_may_have_happened_and_before_it_never_does() {
        let mut link = link("127.0.0.1:1");
        let (release, blocked) = mpsc::channel::<()>();
        let late = link.run(MOMENT, move |_, fate| {
            let commits = fate.begin_commit();
            let _ = blocked.recv();
            Ok(commits)
        });
        assert!(matches!(late, Err(StoreError::Unknown { .. })), "{late:?}");
        drop(release);
        let (tell, told) = mpsc::channel();
        let mut run = || {
            let (tell, (_release, blocked)) = (tell.clone(), mpsc::channel::<()>());
            link.run(MOMENT, move |_, fate| {
                let _ = blocked.recv();
                tell.send(fate.begin_commit()).unwrap();
                Ok(())
            })
        };
        while told.try_recv() != Ok(false) {
            assert!(matches!(run(), Err(StoreError::Lost { .. })));
        }
    }

    #[test]
    fn a_thread_that_ended_in_its_commit_may_have_committed_and_another_takes_its_place() {
        let mut link = link("127.0.0.1:1");
        let ended = link.run::<()>(LONG_TIME, |_, fate| {
            fate.begin_commit();
            panic!("as a fault of ours would");
        });
        assert!(matches!(ended, Err(StoreError::Unknown { .. })), "{ended:?}");
        // The thread may still be ending.
        while link.run(LONG_TIME, |connection, _| Ok(connection.first)) != Ok(false) {}
    }

    #[test]
    fn a_thread_that_hangs_is_left_behind_but_not_without_end() {
        let mut link = link("127.0.0.1:1");
        let (hold, held) = (mpsc::channel::<()>(), THREADS_MAX);
        let held_by = Arc::new(std::sync::Mutex::new(hold.1));
        let mut hanging = 0;
        while hanging < held {
            let held_by = Arc::clone(&held_by);
            let hung = link.run(MOMENT, move |_, _| {
                let _ = held_by.lock().map(|held| held.recv());
                Ok(())
            });
            let why = hung.unwrap_err().to_string();
            hanging += usize::from(why.ends_with("has not answered for 50 ms"));
        }
        while !link.worker.hangs.load(Ordering::Acquire) {
            std::thread::yield_now();
        }
        let refused = link.run(LONG_TIME, |_, _| Ok(())).unwrap_err().to_string();
        assert!(refused.ends_with("has not answered an earlier request yet"), "{refused}");
        drop(hold.0);
        while link.run(LONG_TIME, |_, _| Ok(())).is_err() {}
    }
}
