//! The store in PostgreSQL: the three tables of the file, in a schema of their own, for several gateways (decision 0146).
//!
//! A connection belongs to a thread of its own (`link.rs`), which answers within a bound or is given up: whoever changes
//! something waits for no database that does not answer. `listen.rs` hears of others' commits.

mod connect;
mod link;
mod listen;
mod schema;

use std::sync::atomic::{AtomicBool, Ordering};

use postgres::types::ToSql;
use postgres::{Client, IsolationLevel, Transaction};

use self::link::{LONG_TIME, Link, Patience, Statements};
use super::port::{ChangeLogEntry, CommitListener, LoadedRecords, Store, StoreError};
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
}

impl PostgresStore {
    /// Opens the database: its schema is made when absent, and brought up to date.
    pub(crate) fn open(place: &PostgresPlace) -> Result<PostgresStore, StoreError> {
        let link = Link::new(place.clone())?;
        link.migrate()?;
        Ok(PostgresStore { place: place.clone(), link, listener: None })
    }
}

impl Store for PostgresStore {
    fn load_since(&mut self, version: Option<u64>) -> Result<LoadedRecords, StoreError> {
        let patience = if version.is_none() { Patience::Long } else { Patience::News };
        self.link
            .ask(patience, move |client, statements, _| load_since(client, statements, version))
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
        self.link.ask(patience, move |client, statements, given_up| {
            commit.run(client, statements, given_up)
        })
    }

    fn listen(&mut self, told: CommitListener) {
        self.listener = listen::Listener::start(self.place.clone(), told);
    }
}

fn load_since(
    client: &mut Client,
    statements: &Statements,
    version: Option<u64>,
) -> Result<LoadedRecords, StoreError> {
    // Asked twice a second by each gateway, and nearly always there is nothing.
    if version.is_some() && version == Some(schema::version_of(client, &statements.meta)?) {
        let version = version.unwrap_or_default();
        return Ok(LoadedRecords::Changes { change: Change::default(), version });
    }
    let reading = client.build_transaction().isolation_level(IsolationLevel::RepeatableRead);
    let mut transaction = reading.read_only(true).start().map_err(connect::refused)?;
    if version.is_none() {
        wait_long(&mut transaction)?;
    }
    let now = schema::version_of(&mut transaction, &statements.meta)?;
    let logs = match version {
        Some(version) => Some((version, logs(&mut transaction, statements, version, now)?)),
        None => None,
    };
    let Some(touched) = logs.and_then(|(version, logs)| touched(&logs, version, now)) else {
        let records = records(&mut transaction, &statements.all, &[])?;
        return Ok(LoadedRecords::Everything { records, version: now });
    };
    let (kinds, keys): (Vec<&str>, Vec<&str>) =
        touched.iter().map(|(kind, key)| (kind.name(), key.as_str())).unzip();
    let puts = records(&mut transaction, &statements.named, &[&kinds, &keys])?;
    let mut change = Change { puts, ..Change::default() };
    let is_there = |record: &(_, String)| {
        change.puts.iter().any(|put| (put.kind(), put.key()) == (record.0, record.1.clone()))
    };
    change.deletes = touched.iter().filter(|record| !is_there(record)).cloned().collect();
    Ok(LoadedRecords::Changes { change, version: now })
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
    fn run(
        &self,
        client: &mut Client,
        statements: &Statements,
        given_up: &AtomicBool,
    ) -> Result<(), StoreError> {
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
        if given_up.load(Ordering::Acquire) {
            // Whoever asked was told that it did not happen.
            return transaction.rollback().map_err(connect::refused);
        }
        transaction.commit().map_err(|error| match connect::refused(error) {
            StoreError::Lost { why } => StoreError::Unknown { why },
            other => other,
        })
    }
}
