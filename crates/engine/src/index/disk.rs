//! The disk: small files replaced whole, log files that grow, and the seam where tests make both fail.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::Path;
use std::sync::Arc;

use serde_json::Value;

use super::fault::Fault;
use crate::work::Cancel;

/// Bytes of a file that are copied at once.
const PIECE_BYTES: usize = 256 * 1024;

/// One file that was copied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct KeptFile {
    /// Its length.
    pub(crate) bytes: u64,
    /// The checksum of all of it.
    pub(crate) crc32: u32,
}

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
    let write = || {
        let mut file = File::create(path)?;
        file.write_all(bytes)?;
        file.sync_data()
    };
    write().map_err(Fault::io(path))
}

/// Copies the file at `from` to a new one at `to` and makes it durable, piece by piece, until `cancel` is set.
pub(crate) fn copy(from: &Path, to: &Path, cancel: &Cancel) -> Result<(), Fault> {
    let mut source = File::open(from).map_err(Fault::io(from))?;
    let mut target = File::create(to).map_err(Fault::io(to))?;
    pieces(&mut source, from, cancel, |piece| target.write_all(piece).map_err(Fault::io(to)))?;
    target.sync_data().map_err(Fault::io(to))
}

/// Length and checksum of the file at `path`, read piece by piece until `cancel` is set.
pub(crate) fn checksum(path: &Path, cancel: &Cancel) -> Result<KeptFile, Fault> {
    let mut file = File::open(path).map_err(Fault::io(path))?;
    let (mut crc32, mut bytes) = (crc32fast::Hasher::new(), 0u64);
    pieces(&mut file, path, cancel, |piece| {
        crc32.update(piece);
        bytes += piece.len() as u64;
        Ok(())
    })?;
    Ok(KeptFile { bytes, crc32: crc32.finalize() })
}

fn pieces(
    file: &mut File,
    path: &Path,
    cancel: &Cancel,
    mut each: impl FnMut(&[u8]) -> Result<(), Fault>,
) -> Result<(), Fault> {
    let mut piece = vec![0; PIECE_BYTES];
    loop {
        if cancel.is_cancelled() {
            return Err(Fault::Io(path.to_owned(), io::Error::other("the work was cancelled")));
        }
        let read = file.read(&mut piece).map_err(Fault::io(path))?;
        match piece.get(..read) {
            None | Some([]) => return Ok(()),
            Some(piece) => each(piece)?,
        }
    }
}

/// Replaces the file at `path` by `body`, whole or not at all, under a first line with its kind and checksum.
pub(crate) fn replace(path: &Path, kind: &str, body: &Value) -> Result<(), Fault> {
    let text = body.to_string();
    let head = format!("countersign {kind} 1 crc32={:08x}\n", crc32fast::hash(text.as_bytes()));
    let draft = path.with_extension("new");
    write_new(&draft, format!("{head}{text}\n").as_bytes())?;
    std::fs::rename(&draft, path).map_err(Fault::io(path))?;
    path.parent().map_or(Ok(()), sync_directory)
}

/// Reads what [`replace`] wrote; `None` when there is no such file.
pub(crate) fn read(path: &Path, kind: &str) -> Result<Option<Value>, Fault> {
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) if error.kind() == io::ErrorKind::InvalidData => {
            return Err(Fault::damaged(path, "is not text: a bit was flipped"));
        }
        Err(error) => return Err(Fault::Io(path.to_owned(), error)),
    };
    let (head, body) = text.split_once('\n').unwrap_or((&text, ""));
    let body = body.strip_suffix('\n').unwrap_or(body);
    let expected = format!("countersign {kind} 1 crc32={:08x}", crc32fast::hash(body.as_bytes()));
    if head != expected {
        let what = format!("first line is {head:?}, expected {expected:?}");
        return Err(Fault::damaged(path, what));
    }
    serde_json::from_str(body)
        .map(Some)
        .map_err(|error| Fault::damaged(path, format!("cannot be read: {error}")))
}
