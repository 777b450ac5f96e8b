//! The store in one SQLite file: WAL, full fsync, three tables.

use std::path::Path;

use rusqlite::{Connection, ErrorCode, Transaction, TransactionBehavior, params};

use super::record::Record;
use super::{Entry, StoreError};
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

/// Rows of the change log that are kept.
const CHANGES_KEPT: u64 = 10_000;

pub(crate) struct Sqlite(Connection);

impl Sqlite {
    pub(crate) fn open(path: &Path) -> Result<Sqlite, StoreError> {
        let mut connection = Connection::open(path).map_err(refused)?;
        connection.busy_timeout(std::time::Duration::from_secs(2)).map_err(refused)?;
        // journal_mode answers with a row; synchronous FULL: an acknowledged change survives a power cut.
        connection
            .pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()))
            .map_err(refused)?;
        connection.pragma_update(None, "synchronous", "FULL").map_err(refused)?;
        migrate(&mut connection)?;
        Ok(Sqlite(connection))
    }

    pub(crate) fn read(&self) -> Result<(Vec<Record>, u64), StoreError> {
        let verdict: String =
            self.0.query_row("PRAGMA quick_check(1)", [], |row| row.get(0)).map_err(refused)?;
        if verdict != "ok" {
            return Err(StoreError::Damaged { why: verdict });
        }
        let version: i64 = self
            .0
            .query_row("SELECT value FROM meta WHERE name = 'version'", [], |row| row.get(0))
            .map_err(refused)?;
        let mut records = Vec::new();
        let mut statement =
            self.0.prepare("SELECT kind, key, body FROM records").map_err(refused)?;
        let mut rows = statement.query([]).map_err(refused)?;
        while let Some(row) = rows.next().map_err(refused)? {
            let (kind, key): (String, String) =
                (row.get(0).map_err(refused)?, row.get(1).map_err(refused)?);
            let body: String = row.get(2).map_err(refused)?;
            let record: Record = serde_json::from_str(&body)
                .map_err(|e| StoreError::Damaged { why: format!("record {kind} {key}: {e}") })?;
            if record.kind().name() != kind || record.key() != key {
                return Err(StoreError::Damaged {
                    why: format!("record {kind} {key} holds another record"),
                });
            }
            records.push(record);
        }
        Ok((records, u64::try_from(version).unwrap_or_default()))
    }

    pub(crate) fn commit(
        &mut self,
        seen: u64,
        change: &Change,
        entry: &Entry<'_>,
    ) -> Result<u64, StoreError> {
        let transaction =
            self.0.transaction_with_behavior(TransactionBehavior::Immediate).map_err(refused)?;
        let next = seen + 1;
        let moved = transaction
            .execute(
                "UPDATE meta SET value = ?1 WHERE name = 'version' AND value = ?2",
                params![as_i64(next), as_i64(seen)],
            )
            .map_err(refused)?;
        if moved != 1 {
            return Err(StoreError::Conflict);
        }
        write(&transaction, change)?;
        log(&transaction, next, change, entry)?;
        transaction.commit().map_err(refused)?;
        Ok(next)
    }
}

fn write(transaction: &Transaction<'_>, change: &Change) -> Result<(), StoreError> {
    for (kind, key) in &change.deletes {
        transaction
            .prepare_cached("DELETE FROM records WHERE kind = ?1 AND key = ?2")
            .and_then(|mut statement| statement.execute(params![kind.name(), key]))
            .map_err(refused)?;
    }
    for record in &change.puts {
        let body =
            serde_json::to_string(record).map_err(|e| StoreError::Io { why: e.to_string() })?;
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
    entry: &Entry<'_>,
) -> Result<(), StoreError> {
    let puts =
        change.puts.iter().map(|record| format!("+{} {}", record.kind().name(), record.key()));
    let deletes = change.deletes.iter().map(|(kind, key)| format!("-{} {key}", kind.name()));
    let names: Vec<String> = deletes.chain(puts).collect();
    transaction
        .prepare_cached("INSERT INTO changes VALUES (?1, ?2, ?3, ?4, ?5, ?6)")
        .and_then(|mut statement| {
            statement.execute(params![
                as_i64(version),
                entry.at,
                entry.operation,
                entry.caller,
                entry.request_id,
                names.join("\n")
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

fn as_i64(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
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
