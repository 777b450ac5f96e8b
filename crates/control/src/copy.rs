//! The state as one text, to carry it from one store to another: from a file to PostgreSQL, and back.
//!
//! A line says what follows, each record is a line, and the last line has their number and the SHA-256 of all lines before it, so
//! that a text that was cut or changed on the way is none. Secrets stay sealed: the other store needs the same sealing key.

use std::io::{BufRead, Write};

use aws_lc_rs::digest::{Context, SHA256};
use data_encoding::HEXLOWER;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::change::Change;
use crate::control::Control;
use crate::sealed::check_secrets;
use crate::store::port::{ChangeLogEntry, LoadedRecords, StoreError};
use crate::store::record::Record;

/// The form of the text.
const FORM: u32 = 1;

/// Records between two reports.
const REPORTED: usize = 500;

/// Who is told how far it is: records done, and all of them.
pub type CopyProgress<'a> = &'a mut dyn FnMut(usize, usize);

/// Why a state was not copied. Nothing was changed.
#[derive(Debug)]
pub enum CopyError {
    /// The store.
    Store(StoreError),
    /// The text cannot be read or written.
    Text(std::io::Error),
    /// It is no exported state, or not all of one: what is wrong, and the line.
    NotOne(String),
    /// There is something in the store already.
    NotEmpty {
        /// How many changes there were.
        version: u64,
    },
    /// A record cannot be used: its secrets were sealed with another key, or it is damaged.
    Unusable(String),
}

impl std::fmt::Display for CopyError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            CopyError::Store(error) => error.fmt(f),
            CopyError::Text(error) => error.fmt(f),
            CopyError::NotOne(what) => write!(f, "not an exported state: {what}"),
            CopyError::NotEmpty { version } => write!(
                f,
                "there is a state already ({version} changes): a state is imported into an empty store only"
            ),
            CopyError::Unusable(what) => {
                write!(f, "{what}; the sealing key must be the one of the state that was exported")
            }
        }
    }
}

impl std::error::Error for CopyError {}

/// The first line.
#[derive(Serialize, Deserialize)]
struct Head {
    countersign_state: u32,
    records: usize,
    version: u64,
}

/// The last line.
#[derive(Serialize, Deserialize)]
struct End {
    end: usize,
    sha256: String,
}

impl Control {
    /// Writes all records of the store, as they are in this moment. Says how many.
    ///
    /// # Errors
    /// See [`CopyError`].
    pub fn export(
        &self,
        out: &mut dyn Write,
        progress: CopyProgress<'_>,
    ) -> Result<usize, CopyError> {
        let loaded = self.lock().load_since(None).map_err(CopyError::Store)?;
        let (records, version) = match loaded {
            LoadedRecords::Everything { records, version } => (records, version),
            LoadedRecords::Changes { change, version } => (change.puts, version),
        };
        let mut digest = Context::new(&SHA256);
        let mut write = |line: String| {
            digest.update(line.as_bytes());
            digest.update(b"\n");
            writeln!(out, "{line}").map_err(CopyError::Text)
        };
        write(json(&Head { countersign_state: FORM, records: records.len(), version })?)?;
        for (done, record) in records.iter().enumerate() {
            if done.is_multiple_of(REPORTED) {
                progress(done, records.len());
            }
            write(json(record)?)?;
        }
        let sha256 = HEXLOWER.encode(digest.finish().as_ref());
        let end = json(&End { end: records.len(), sha256 })?;
        writeln!(out, "{end}").and_then(|()| out.flush()).map_err(CopyError::Text)?;
        progress(records.len(), records.len());
        Ok(records.len())
    }

    /// Makes the state that was exported this one's, in one transaction, where there was none. Says how many records it has.
    ///
    /// # Errors
    /// See [`CopyError`]; each leaves the store as it was.
    pub fn import(
        &self,
        input: &mut dyn BufRead,
        now: Timestamp,
        progress: CopyProgress<'_>,
    ) -> Result<usize, CopyError> {
        let mut store = self.lock();
        let empty = self.directory();
        if empty.version() != 0 {
            return Err(CopyError::NotEmpty { version: empty.version() });
        }
        let puts = read(input, progress)?;
        let count = puts.len();
        let change = Change { puts, ..Change::default() };
        let next = empty.after(&change, 1).and_then(|next| check_secrets(&next).map(|()| next));
        let next = next.map_err(|error| CopyError::Unusable(error.to_string()))?;
        let at = now.as_second();
        let entry =
            ChangeLogEntry { at, operation: "import-state", caller: "countersign", request_id: "" };
        let mut committed = store.commit_if_at(0, &change, &entry);
        if committed == Err(StoreError::Conflict) {
            // The connection may be another than the one that found it empty.
            self.catch_up(store.as_mut()).map_err(CopyError::Store)?;
            committed = store.commit_if_at(0, &change, &entry);
        }
        committed.map_err(|error| match error {
            StoreError::Conflict => CopyError::NotEmpty { version: self.directory().version() },
            error => CopyError::Store(error),
        })?;
        self.publish(next);
        Ok(count)
    }
}

fn read(input: &mut dyn BufRead, progress: CopyProgress<'_>) -> Result<Vec<Record>, CopyError> {
    let mut digest = Context::new(&SHA256);
    let mut number = 0;
    let mut line = |digest: &mut Context| -> Result<(usize, String), CopyError> {
        number += 1;
        let mut line = String::new();
        input.read_line(&mut line).map_err(CopyError::Text)?;
        let Some(text) = line.strip_suffix('\n') else {
            return Err(CopyError::NotOne(format!("it ends in line {number}")));
        };
        if !text.starts_with("{\"end\":") {
            digest.update(line.as_bytes());
        }
        Ok((number, text.to_owned()))
    };
    let not_one = |number: usize, what: &dyn std::fmt::Display| {
        CopyError::NotOne(format!("line {number}: {what}"))
    };
    let (first, text) = line(&mut digest)?;
    let head: Head = serde_json::from_str(&text).map_err(|error| not_one(first, &error))?;
    if head.countersign_state != FORM {
        let what = format!("form {}, and this countersign knows {FORM}", head.countersign_state);
        return Err(CopyError::NotOne(what));
    }
    let mut records = Vec::new();
    while records.len() < head.records {
        if records.len().is_multiple_of(REPORTED) {
            progress(records.len(), head.records);
        }
        let (number, text) = line(&mut digest)?;
        records.push(serde_json::from_str(&text).map_err(|error| not_one(number, &error))?);
    }
    let (last, text) = line(&mut digest)?;
    let end: End = serde_json::from_str(&text).map_err(|error| not_one(last, &error))?;
    if end.end != records.len() || end.sha256 != HEXLOWER.encode(digest.finish().as_ref()) {
        return Err(not_one(last, &"it was changed after it was written"));
    }
    progress(records.len(), head.records);
    Ok(records)
}

fn json(value: &impl Serialize) -> Result<String, CopyError> {
    serde_json::to_string(value).map_err(|error| CopyError::Text(error.into()))
}
