//! The store in one SQLite file: WAL, full fsync, three tables.

use std::path::Path;
use std::time::Duration;

use rusqlite::{
    Connection, ErrorCode, OptionalExtension, Transaction, TransactionBehavior, params,
};

use super::port::{ChangeLogEntry, LoadedRecords, Store, StoreError};
use super::record::{Record, RecordKind};
use super::rows::{CHANGES_KEPT, as_i64, body_of, log_lines, record_of, touched};
use crate::change::Change;

/// Marks the file as ours (`PRAGMA application_id`): "CsGn".
const APPLICATION_ID: i64 = 0x4373_476e;

/// The schema, one step per version; a step is never changed once released.
const MIGRATIONS: [&str; 1] = ["
    CREATE TABLE meta (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;
    INSERT INTO meta VALUES ('version', 0);
    CREATE TABLE records (kind TEXT NOT NULL, key TEXT NOT NULL, body TEXT NOT NULL, PRIMARY KEY (kind, key)) STRICT, WITHOUT ROWID;
    CREATE TABLE changes (
        version INTEGER PRIMARY KEY, at INTEGER NOT NULL, operation TEXT NOT NULL, caller TEXT NOT NULL,
        request_id TEXT NOT NULL, records TEXT NOT NULL
    ) STRICT;
"];

/// How long a commit waits for another process's.
const BUSY_WAIT: Duration = Duration::from_secs(2);

/// The store in the file at a path.
pub(crate) struct SqliteStore(Connection);

impl SqliteStore {
    /// Opens the file, made when absent, checks it and brings its schema up to date.
    pub(crate) fn open(path: &Path) -> Result<SqliteStore, StoreError> {
        let mut connection = Connection::open(path).map_err(refused)?;
        connection.busy_timeout(BUSY_WAIT).map_err(refused)?;
        // journal_mode answers with a row; synchronous FULL: an acknowledged change survives a power cut.
        connection
            .pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()))
            .map_err(refused)?;
        connection.pragma_update(None, "synchronous", "FULL").map_err(refused)?;
        migrate(&mut connection)?;
        let verdict: String =
            connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0)).map_err(refused)?;
        if verdict != "ok" {
            return Err(StoreError::Damaged { why: verdict });
        }
        Ok(SqliteStore(connection))
    }
}

impl Store for SqliteStore {
    fn load_since(&mut self, version: Option<u64>) -> Result<LoadedRecords, StoreError> {
        // Deferred: in WAL mode all reads of it see one version, and no writer waits.
        let transaction = self.0.transaction().map_err(refused)?;
        let now: i64 = transaction
            .query_row("SELECT value FROM meta WHERE name = 'version'", [], |row| row.get(0))
            .map_err(refused)?;
        let now = u64::try_from(now).unwrap_or_default();
        let touched = match version {
            Some(version) => touched(&logs(&transaction, version, now)?, version, now),
            None => None,
        };
        let Some(touched) = touched else {
            return Ok(LoadedRecords::Everything { records: all(&transaction)?, version: now });
        };
        let mut change = Change::default();
        for (kind, key) in touched {
            match one(&transaction, kind, &key)? {
                Some(record) => change.puts.push(record),
                None => change.deletes.push((kind, key)),
            }
        }
        Ok(LoadedRecords::Changes { change, version: now })
    }

    fn commit_if_at(
        &mut self,
        version: u64,
        change: &Change,
        entry: &ChangeLogEntry<'_>,
    ) -> Result<(), StoreError> {
        let transaction =
            self.0.transaction_with_behavior(TransactionBehavior::Immediate).map_err(refused)?;
        let next = version + 1;
        let moved = transaction
            .execute(
                "UPDATE meta SET value = ?1 WHERE name = 'version' AND value = ?2",
                params![as_i64(next), as_i64(version)],
            )
            .map_err(refused)?;
        if moved != 1 {
            return Err(StoreError::Conflict);
        }
        write(&transaction, change)?;
        log(&transaction, next, change, entry)?;
        transaction.commit().map_err(refused)
    }
}

fn all(transaction: &Transaction<'_>) -> Result<Vec<Record>, StoreError> {
    let mut statement =
        transaction.prepare("SELECT kind, key, body FROM records").map_err(refused)?;
    let mut rows = statement.query([]).map_err(refused)?;
    let mut records = Vec::new();
    while let Some(row) = rows.next().map_err(refused)? {
        let kind: String = row.get(0).map_err(refused)?;
        let key: String = row.get(1).map_err(refused)?;
        let body: String = row.get(2).map_err(refused)?;
        records.push(record_of(&kind, &key, &body)?);
    }
    Ok(records)
}

fn one(
    transaction: &Transaction<'_>,
    kind: RecordKind,
    key: &str,
) -> Result<Option<Record>, StoreError> {
    let body: Option<String> = transaction
        .prepare_cached("SELECT body FROM records WHERE kind = ?1 AND key = ?2")
        .and_then(|mut statement| {
            statement.query_row(params![kind.name(), key], |row| row.get(0)).optional()
        })
        .map_err(refused)?;
    body.map(|body| record_of(kind.name(), key, &body)).transpose()
}

/// The rows of the change log after `version` up to `now`.
fn logs(transaction: &Transaction<'_>, version: u64, now: u64) -> Result<Vec<String>, StoreError> {
    let mut statement = transaction
        .prepare_cached("SELECT records FROM changes WHERE version > ?1 AND version <= ?2")
        .map_err(refused)?;
    let rows = statement
        .query_map(params![as_i64(version), as_i64(now)], |row| row.get::<_, String>(0))
        .map_err(refused)?;
    rows.collect::<Result<_, _>>().map_err(refused)
}

fn write(transaction: &Transaction<'_>, change: &Change) -> Result<(), StoreError> {
    for (kind, key) in &change.deletes {
        transaction
            .prepare_cached("DELETE FROM records WHERE kind = ?1 AND key = ?2")
            .and_then(|mut statement| statement.execute(params![kind.name(), key]))
            .map_err(refused)?;
    }
    for record in &change.puts {
        let body = body_of(record)?;
        transaction
            .prepare_cached("INSERT INTO records VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE SET body = excluded.body")
            .and_then(|mut statement| statement.execute(params![record.kind().name(), record.key(), body]))
            .map_err(refused)?;
    }
    Ok(())
}

fn log(
    transaction: &Transaction<'_>,
    version: u64,
    change: &Change,
    entry: &ChangeLogEntry<'_>,
) -> Result<(), StoreError> {
    transaction
        .prepare_cached("INSERT INTO changes VALUES (?1, ?2, ?3, ?4, ?5, ?6)")
        .and_then(|mut statement| {
            statement.execute(params![
                as_i64(version),
                entry.at,
                entry.operation,
                entry.caller,
                entry.request_id,
                log_lines(change)
            ])
        })
        .map_err(refused)?;
    transaction
        .prepare_cached("DELETE FROM changes WHERE version <= ?1")
        .and_then(|mut statement| {
            statement.execute(params![as_i64(version.saturating_sub(CHANGES_KEPT))])
        })
        .map_err(refused)?;
    Ok(())
}

fn migrate(connection: &mut Connection) -> Result<(), StoreError> {
    let pragma = |connection: &Connection, name: &str| -> Result<i64, StoreError> {
        connection.pragma_query_value(None, name, |row| row.get(0)).map_err(refused)
    };
    let (application, schema) =
        (pragma(connection, "application_id")?, pragma(connection, "user_version")?);
    let tables: i64 = connection
        .query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))
        .map_err(refused)?;
    if application != APPLICATION_ID && tables > 0 {
        return Err(StoreError::Damaged {
            why: "it is a SQLite file of another program".to_owned(),
        });
    }
    let known = i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX);
    if schema > known {
        return Err(StoreError::Newer { seen: schema, known });
    }
    for (step, sql) in (1i64..).zip(MIGRATIONS).skip(usize::try_from(schema).unwrap_or(0)) {
        let transaction = connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(refused)?;
        transaction.execute_batch(sql).map_err(refused)?;
        transaction.pragma_update(None, "application_id", APPLICATION_ID).map_err(refused)?;
        transaction.pragma_update(None, "user_version", step).map_err(refused)?;
        transaction.commit().map_err(refused)?;
    }
    Ok(())
}

fn refused(error: rusqlite::Error) -> StoreError {
    let code = error.sqlite_error_code();
    let why = error.to_string();
    match code {
        Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) | None => {
            StoreError::Damaged { why }
        }
        Some(_) => StoreError::Io { why },
    }
}
