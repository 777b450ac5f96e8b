//! One connection, on a thread of its own: made when it is needed, made again when it is gone, and never waited for longer
//! than [`ANSWER_TIME`].

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;

use postgres::{Client, Statement};

use super::connect::{PostgresPlace, refused};
use super::schema;
use crate::store::port::StoreError;

/// How long whoever asks waits for the database.
const ANSWER_TIME: Duration = Duration::from_secs(5);

/// How long whoever moves all of the state waits for it: to read it at the start, to write one that was imported.
pub(super) const LONG_TIME: Duration = Duration::from_secs(60);

/// How long a connection that was idle may take to show that it is one.
const PING_TIME: Duration = Duration::from_secs(2);

/// What each connection is told first. A gateway that hangs inside a transaction holds up the others no longer than this.
const SESSION: &str = "SET statement_timeout = '4s'; SET lock_timeout = '3s'; \
                       SET idle_in_transaction_session_timeout = '4s'; SET client_min_messages = warning";

/// What the thread does next.
type Job = Box<dyn FnOnce(&mut Connection) + Send>;

/// The way to the thread.
pub(super) struct Link {
    jobs: mpsc::Sender<Job>,
    busy: Arc<AtomicBool>,
    /// [`ANSWER_TIME`].
    answer_time: Duration,
}

impl Link {
    /// A thread that is connected once somebody asks.
    pub(super) fn new(place: PostgresPlace) -> Result<Link, StoreError> {
        let (jobs, next) = mpsc::channel::<Job>();
        let run = move || {
            let mut connection = Connection { place, open: None, gone: None };
            while let Ok(job) = next.recv() {
                job(&mut connection);
            }
        };
        let thread = std::thread::Builder::new().name("postgres".to_owned()).spawn(run);
        thread.map_err(|error| lost(&error.to_string()))?;
        Ok(Link { jobs, busy: Arc::default(), answer_time: ANSWER_TIME })
    }

    /// Makes the schema, or brings it up to date.
    pub(super) fn migrate(&self) -> Result<(), StoreError> {
        self.run(LONG_TIME, |connection, _| {
            let mut client = connection.place.connect()?;
            client.batch_execute(SESSION).map_err(refused)?;
            schema::migrate(&mut client)
        })
    }

    /// Does `work` on the connection, in at most `patience`. It is told when nobody waits for it any more.
    pub(super) fn ask<T: Send + 'static>(
        &self,
        patience: Patience,
        work: impl FnOnce(&mut Client, &Statements, &AtomicBool) -> Result<T, StoreError>
        + Send
        + 'static,
    ) -> Result<T, StoreError> {
        let time = if patience == Patience::Long { LONG_TIME } else { self.answer_time };
        self.run(time, move |connection, given_up| {
            let (client, statements) = connection.live(patience)?;
            work(client, statements, given_up)
        })
    }

    fn run<T: Send + 'static>(
        &self,
        time: Duration,
        work: impl FnOnce(&mut Connection, &AtomicBool) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        if self.busy.swap(true, Ordering::AcqRel) {
            return Err(lost("PostgreSQL has not answered an earlier request yet"));
        }
        let busy = Busy(Arc::clone(&self.busy));
        let given_up = Arc::new(AtomicBool::new(false));
        let (tell, told) = mpsc::sync_channel(1);
        let gave_up = Arc::clone(&given_up);
        let job: Job = Box::new(move |connection| {
            let done = work(connection, &gave_up);
            drop(busy);
            // Nobody may be waiting any more.
            let _ = tell.send(done);
        });
        self.jobs.send(job).map_err(|_| lost("the thread of PostgreSQL's connection ended"))?;
        match told.recv_timeout(time) {
            Ok(done) => done,
            Err(RecvTimeoutError::Timeout) => {
                given_up.store(true, Ordering::Release);
                let time = time.as_millis();
                Err(lost(&format!("PostgreSQL has not answered for {time} ms")))
            }
            Err(RecvTimeoutError::Disconnected) => {
                Err(lost("the thread of PostgreSQL's connection ended"))
            }
        }
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
    open: Option<(Client, Statements)>,
    /// Why there is none.
    gone: Option<StoreError>,
}

impl Connection {
    /// The connection, made anew if the one that was is gone.
    fn live(&mut self, patience: Patience) -> Result<(&mut Client, &Statements), StoreError> {
        let alive =
            self.open.as_mut().is_some_and(|(client, _)| client.is_valid(PING_TIME).is_ok());
        if !alive {
            self.open = None;
            if let Some(gone) = self.gone.as_ref().filter(|_| patience == Patience::Change) {
                return Err(gone.clone());
            }
            match self.connect() {
                Ok(open) => (self.open, self.gone) = (Some(open), None),
                Err(why) => self.gone = Some(why),
            }
        }
        match (&mut self.open, &self.gone) {
            (Some((client, statements)), _) => Ok((client, statements)),
            (None, Some(gone)) => Err(gone.clone()),
            (None, None) => Err(lost("there is no connection to PostgreSQL")),
        }
    }

    fn connect(&self) -> Result<(Client, Statements), StoreError> {
        let mut client = self.place.connect()?;
        client.batch_execute(SESSION).map_err(refused)?;
        schema::check(&mut client)?;
        let statements = Statements::prepare(&mut client).map_err(refused)?;
        Ok((client, statements))
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
        })
    }
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::super::connect::PostgresUrl;
    use super::*;

    #[test]
    fn a_server_that_accepts_and_says_nothing_is_given_up_and_not_waited_for_twice() {
        let silent = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("postgres://cs@{}/state", silent.local_addr().unwrap());
        let place =
            PostgresPlace::new(PostgresUrl::read(&url).unwrap(), || Ok(String::new().into()), b"");
        let link = Link { answer_time: Duration::from_millis(50), ..Link::new(place).unwrap() };
        let asked = || link.ask(Patience::Change, |_, _, _| Ok(())).unwrap_err().to_string();
        assert_eq!(asked(), "the state cannot be used: PostgreSQL has not answered for 50 ms");
        let at_once =
            "the state cannot be used: PostgreSQL has not answered an earlier request yet";
        assert_eq!(asked(), at_once);
        // The thread is free again once the connection is known to be none.
        drop(silent);
    }
}
