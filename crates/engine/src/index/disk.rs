//! The disk: small files replaced whole, log files that grow, and the seam where tests make both fail.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;

use serde_json::Value;

use super::fault::Fault;
use crate::objects::pieces;
use crate::work::Cancel;

/// A file that only grows, and can be cut back to a length that was good.
pub trait LogFile: Send + Sync {
    /// Appends all of `bytes`.
    ///
    /// # Errors
    /// The system's; some of the bytes may then be in the file.
    fn append(&self, bytes: &[u8]) -> io::Result<()>;

    /// Returns when everything appended so far is on disk.
    ///
    /// # Errors
    /// The system's; what is on disk is then unknown.
    fn sync(&self) -> io::Result<()>;

    /// Cuts the file to `length` bytes.
    ///
    /// # Errors
    /// The system's.
    fn cut(&self, length: u64) -> io::Result<()>;
}

/// Where log files come from.
pub trait Disk: Send + Sync {
    /// Opens the log at `path` for appending, making it if need be.
    ///
    /// # Errors
    /// The system's.
    fn log(&self, path: &Path) -> io::Result<Arc<dyn LogFile>>;
}

/// The system's own.
pub struct SystemDisk;

impl Disk for SystemDisk {
    fn log(&self, path: &Path) -> io::Result<Arc<dyn LogFile>> {
        let file = OpenOptions::new().create(true).append(true).open(path)?;
        Ok(Arc::new(file))
    }
}

impl LogFile for File {
    fn append(&self, bytes: &[u8]) -> io::Result<()> {
        let mut file = self;
        file.write_all(bytes)
    }

    fn sync(&self) -> io::Result<()> {
        self.sync_data()
    }

    fn cut(&self, length: u64) -> io::Result<()> {
        self.set_len(length)?;
        self.sync_all()
    }
}

/// Makes the names in `directory` durable.
pub(crate) fn sync_directory(directory: &Path) -> Result<(), Fault> {
    File::open(directory).and_then(|handle| handle.sync_all()).map_err(Fault::io(directory))
}

/// Writes `bytes` to a new file at `path` and makes them durable (the name only after [`sync_directory`]).
pub(crate) fn write_new(path: &Path, bytes: &[u8]) -> Result<(), Fault> {
    write_durably(path, bytes).map_err(Fault::io(path))
}

/// As [`write_new`], with the system's error.
pub(crate) fn write_durably(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(bytes)?;
    file.sync_data()
}

/// Copies the file at `from` to a new one at `to` and makes it durable, piece by piece, until `cancel` is set.
pub(crate) fn copy(from: &Path, to: &Path, cancel: &Cancel) -> io::Result<()> {
    let mut source = File::open(from)?;
    let mut target = File::create(to)?;
    pieces(&mut source, cancel, |piece| target.write_all(piece))?;
    target.sync_data()
}

/// Replaces the file at `path` by `body`, whole or not at all.
pub(crate) fn replace(path: &Path, kind: &str, body: &Value) -> Result<(), Fault> {
    let draft = path.with_extension("new");
    write_new(&draft, sealed(kind, body).as_bytes())?;
    std::fs::rename(&draft, path).map_err(Fault::io(path))?;
    path.parent().map_or(Ok(()), sync_directory)
}

/// Reads what [`replace`] wrote; `None` when there is no such file.
pub(crate) fn read(path: &Path, kind: &str) -> Result<Option<Value>, Fault> {
    match std::fs::read(path) {
        Ok(bytes) => unsealed(path, kind, &bytes).map(Some),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Fault::Io(path.to_owned(), error)),
    }
}

/// `body` under a first line with its kind and checksum.
pub(crate) fn sealed(kind: &str, body: &Value) -> String {
    let text = body.to_string();
    let crc32 = crc32fast::hash(text.as_bytes());
    format!("countersign {kind} 1 crc32={crc32:08x}\n{text}\n")
}

/// What [`sealed`] made, which lies at `path`.
pub(crate) fn unsealed(path: &Path, kind: &str, bytes: &[u8]) -> Result<Value, Fault> {
    let text = std::str::from_utf8(bytes)
        .map_err(|_| Fault::damaged(path, "is not text: a bit was flipped"))?;
    let (head, body) = text.split_once('\n').unwrap_or((text, ""));
    let body = body.strip_suffix('\n').unwrap_or(body);
    let expected = format!("countersign {kind} 1 crc32={:08x}", crc32fast::hash(body.as_bytes()));
    if head != expected {
        let what = format!("first line is {head:?}, expected {expected:?}");
        return Err(Fault::damaged(path, what));
    }
    serde_json::from_str(body)
        .map_err(|error| Fault::damaged(path, format!("cannot be read: {error}")))
}
