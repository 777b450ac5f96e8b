//! The store in PostgreSQL: the three tables of the file, in a schema of their own, for several gateways (decision 0146), and two of what
//! they tell each other (0200).
//!
//! A connection belongs to a thread of its own (`link.rs`), which answers within a bound or is given up: whoever changes
//! something waits for no database that does not answer. `listen.rs` hears of others' commits.

mod connect;
mod gateways;
mod link;
mod listen;
mod schema;

use std::collections::BTreeSet;

use postgres::types::ToSql;
use postgres::{Client, IsolationLevel, Transaction};

use self::link::{Fate, LONG_TIME, Link, OpenConnection, Patience, Statements};
use super::port::{
    ChangeLogEntry, CommitListener, CountedMinute, GatewayRow, LoadedRecords, NewsBoard, Store,
    StoreError, ToldMinute,
};
use super::record::Record;
use super::rows::{CHANGES_KEPT, as_i64, body_of, log_lines, record_of, touched};
use crate::change::Change;

pub use connect::{PostgresPlace, PostgresUrl};

/// More records than any operation writes: a state that is imported.
const MANY_RECORDS: usize = 10_000;

/// The store in the database of a place.
pub(crate) struct PostgresStore {
    place: PostgresPlace,
    link: Link,
    listener: Option<listen::Listener>,
    turn: TurnState,
}

/// Whether the others wait for the next commit of this process.
#[derive(Clone, Copy, PartialEq, Eq)]
enum TurnState {
    No,
    Yes,
    /// They need not any more, but the database has not said that it knows.
    Ends,
}

impl PostgresStore {
    /// Opens the database: its schema is made when absent, and brought up to date.
    pub(crate) fn open(place: &PostgresPlace) -> Result<PostgresStore, StoreError> {
        let mut link = Link::new(place.clone())?;
        link.migrate()?;
        Ok(PostgresStore { place: place.clone(), link, listener: None, turn: TurnState::No })
    }
}

impl Store for PostgresStore {
    fn load_since(&mut self, version: Option<u64>) -> Result<LoadedRecords, StoreError> {
        if self.turn == TurnState::Ends {
            self.end_turn();
        }
        if let Some(version) = version {
            let news = self.link.ask(Patience::News, move |open, _| news(open, version))?;
            if let Some(news) = news {
                return Ok(news);
            }
        }
        self.link.ask(Patience::Long, move |open, _| {
            let all = everything(open)?;
            // Whoever knew a version goes on from here. Who knew none may have asked for another reason.
            open.fresh &= version.is_none();
            Ok(all)
        })
    }

    fn commit_if_at(
        &mut self,
        version: u64,
        change: &Change,
        entry: &ChangeLogEntry<'_>,
    ) -> Result<(), StoreError> {
        let commit = Commit::of(version, change, entry)?;
        let patience =
            if change.puts.len() > MANY_RECORDS { Patience::Long } else { Patience::Change };
        self.link.ask(patience, move |open, fate| commit.run(open, fate))
    }

    fn take_turn(&mut self) {
        if std::mem::replace(&mut self.turn, TurnState::Yes) != TurnState::Yes {
            // Without it the change is only slower, or refused in the end.
            let _ = self.link.ask(Patience::Change, |open, _| turn(open, &|of| &of.take_turn));
        }
    }

    fn end_turn(&mut self) {
        if self.turn == TurnState::No {
            return;
        }
        let ended = self.link.ask(Patience::Change, |open, _| turn(open, &|of| &of.end_turn));
        // A connection that is gone has given it back; of one that does not answer it is asked again, at the next look for news.
        self.turn = if ended.is_ok() { TurnState::No } else { TurnState::Ends };
    }

    fn listen(&mut self, told: CommitListener) {
        self.listener = listen::Listener::start(self.place.clone(), told);
    }

    fn news_board(&self) -> Result<Option<Box<dyn NewsBoard>>, StoreError> {
        Ok(Some(Box::new(PostgresNews(Link::new(self.place.clone())?))))
    }
}

/// The table of what gateways tell each other, on a connection that no change waits for.
struct PostgresNews(Link);

impl NewsBoard for PostgresNews {
    fn exchange(
        &mut self,
        gateway: &str,
        own: Option<&str>,
        known: &[(String, String)],
    ) -> Result<Vec<GatewayRow>, StoreError> {
        let exchange = gateways::Exchange::of(gateway, own, known);
        // It is asked on a clock, and nobody else finds this connection again.
        self.0.ask(Patience::News, move |open, _| exchange.run(open))
    }

    fn exchange_minutes(
        &mut self,
        gateway: &str,
        own: &[CountedMinute],
        since: f64,
        rows_max: usize,
    ) -> Result<Vec<ToldMinute>, StoreError> {
        let exchange = gateways::MinuteExchange::of(gateway, own, since, rows_max);
        self.0.ask(Patience::News, move |open, _| exchange.run(open))
    }
}

fn turn(
    open: &mut OpenConnection,
    statement: &dyn Fn(&Statements) -> &postgres::Statement,
) -> Result<(), StoreError> {
    let done = open.client.execute(statement(&open.statements), &[]);
    done.map(drop).map_err(connect::refused)
}

/// What was written and removed since `version`; `None` where only everything tells it.
fn news(open: &mut OpenConnection, version: u64) -> Result<Option<LoadedRecords>, StoreError> {
    // Through another connection the numbers may be those of another history: of a standby that lacks the last commits.
    if open.fresh {
        return Ok(None);
    }
    let OpenConnection { client, statements, .. } = open;
    // Asked twice a second by each gateway, and nearly always there is nothing.
    if version == schema::version_of(client, &statements.meta)? {
        return Ok(Some(LoadedRecords::Changes { change: Change::default(), version }));
    }
    let mut transaction = reading(client)?;
    let now = schema::version_of(&mut transaction, &statements.meta)?;
    let logs = logs(&mut transaction, statements, version, now)?;
    let Some(touched) = touched(&logs, version, now) else { return Ok(None) };
    let (kinds, keys): (Vec<&str>, Vec<&str>) =
        touched.iter().map(|(kind, key)| (kind.name(), key.as_str())).unzip();
    let puts = records(&mut transaction, &statements.named, &[&kinds, &keys])?;
    let there: BTreeSet<_> = puts.iter().map(|put| (put.kind(), put.key())).collect();
    let deletes = touched.difference(&there).cloned().collect();
    let change = Change { puts, deletes, ..Change::default() };
    Ok(Some(LoadedRecords::Changes { change, version: now }))
}

fn everything(open: &mut OpenConnection) -> Result<LoadedRecords, StoreError> {
    let mut transaction = reading(&mut open.client)?;
    wait_long(&mut transaction)?;
    let version = schema::version_of(&mut transaction, &open.statements.meta)?;
    let records = records(&mut transaction, &open.statements.all, &[])?;
    Ok(LoadedRecords::Everything { records, version })
}

fn reading(client: &mut Client) -> Result<Transaction<'_>, StoreError> {
    let reading = client.build_transaction().isolation_level(IsolationLevel::RepeatableRead);
    reading.read_only(true).start().map_err(connect::refused)
}

/// Lets the statements of this transaction take as long as whoever asked for them waits.
fn wait_long(transaction: &mut Transaction<'_>) -> Result<(), StoreError> {
    let time = LONG_TIME.as_secs();
    transaction
        .batch_execute(&format!("SET LOCAL statement_timeout = '{time}s'"))
        .map_err(connect::refused)
}

fn logs(
    transaction: &mut Transaction<'_>,
    statements: &Statements,
    version: u64,
    now: u64,
) -> Result<Vec<String>, StoreError> {
    let rows = transaction
        .query(&statements.logs, &[&as_i64(version), &as_i64(now)])
        .map_err(connect::refused)?;
    rows.iter().map(|row| row.try_get(0).map_err(connect::refused)).collect()
}

fn records(
    transaction: &mut Transaction<'_>,
    statement: &postgres::Statement,
    parameters: &[&(dyn ToSql + Sync)],
) -> Result<Vec<Record>, StoreError> {
    let rows = transaction.query(statement, parameters).map_err(connect::refused)?;
    let read = |row: &postgres::Row| {
        let text = |column: usize| row.try_get::<_, &str>(column).map_err(connect::refused);
        record_of(text(0)?, text(1)?, text(2)?)
    };
    rows.iter().map(read).collect()
}

/// A change as the tables take it.
struct Commit {
    seen: i64,
    next: i64,
    deleted: (Vec<&'static str>, Vec<String>),
    put: (Vec<&'static str>, Vec<String>, Vec<String>),
    at: i64,
    operation: String,
    caller: String,
    request_id: String,
    log: String,
}

impl Commit {
    fn of(version: u64, change: &Change, entry: &ChangeLogEntry<'_>) -> Result<Commit, StoreError> {
        let mut put = (Vec::new(), Vec::new(), Vec::new());
        for record in &change.puts {
            put.0.push(record.kind().name());
            put.1.push(record.key());
            put.2.push(body_of(record)?);
        }
        let deleted = change.deletes.iter().map(|(kind, key)| (kind.name(), key.clone())).unzip();
        Ok(Commit {
            seen: as_i64(version),
            next: as_i64(version + 1),
            deleted,
            put,
            at: entry.at,
            operation: entry.operation.to_owned(),
            caller: entry.caller.to_owned(),
            request_id: entry.request_id.to_owned(),
            log: log_lines(change),
        })
    }

    /// One transaction. The first statement takes the row of the version: a second gateway waits there, and then finds
    /// another version than it decided on.
    fn run(&self, open: &mut OpenConnection, fate: &Fate) -> Result<(), StoreError> {
        if open.fresh {
            // It was decided on what another connection told.
            return Err(StoreError::Conflict);
        }
        let OpenConnection { client, statements, .. } = open;
        // Who does not get past whoever's turn it is in time goes on all the same.
        let _ = client.execute(&statements.wait_for_turns, &[]);
        let mut transaction = client.transaction().map_err(connect::refused)?;
        let moved = transaction
            .execute(&statements.advance, &[&self.next, &self.seen, &schema::known()])
            .map_err(connect::refused)?;
        if moved != 1 {
            return Err(StoreError::Conflict);
        }
        if self.put.0.len() > MANY_RECORDS {
            wait_long(&mut transaction)?;
        }
        let mut run = |statement: &postgres::Statement, parameters: &[&(dyn ToSql + Sync)]| {
            transaction.execute(statement, parameters).map_err(connect::refused)
        };
        if !self.deleted.0.is_empty() {
            run(&statements.delete, &[&self.deleted.0, &self.deleted.1])?;
        }
        if !self.put.0.is_empty() {
            run(&statements.put, &[&self.put.0, &self.put.1, &self.put.2])?;
        }
        run(
            &statements.log,
            &[
                &self.next,
                &self.at,
                &self.operation,
                &self.caller,
                &self.request_id,
                &self.log,
                &(self.next - as_i64(CHANGES_KEPT)),
            ],
        )?;
        run(&statements.notify, &[&self.next.to_string()])?;
        if !fate.begin_commit() {
            // Whoever asked was told that it did not happen.
            return transaction.rollback().map_err(connect::refused);
        }
        transaction.commit().map_err(|error| match connect::refused(error) {
            StoreError::Lost { why } => StoreError::Unknown { why },
            other => other,
        })
    }
}
