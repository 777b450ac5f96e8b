//! Objects by name: what a repository of snapshots is kept in. The engine has folders ([`crate::snapshots`]); what is reached by
//! a network is given in by whoever has one.

use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use crate::work::Cancel;

/// Bytes of a file that are read at once.
const PIECE_BYTES: usize = 256 * 1024;

/// A place that keeps objects by their names: relative paths of plain parts, such as `indices/UUID/x.segment`.
///
/// An object is there whole or not at all, and one that is put is there for good when the call returns, but for its name, which
/// is when [`ObjectStore::settle`] returns. All calls block, and end soon once `cancel` is set.
pub trait ObjectStore: fmt::Debug + Send + Sync {
    /// How the object `name` is called in messages: its path, or its URL.
    fn place(&self, name: &str) -> PathBuf;

    /// The bytes of an object, at most `bytes_max`; `None`: there is none of this name.
    ///
    /// # Errors
    /// What the store says; [`io::ErrorKind::FileTooLarge`] for a longer one.
    fn get(&self, name: &str, bytes_max: u64, cancel: &Cancel) -> io::Result<Option<Vec<u8>>>;

    /// Puts an object, in the place of the one that is there.
    ///
    /// # Errors
    /// What the store says; whether the object is there is then unknown.
    fn put(&self, name: &str, bytes: Vec<u8>, cancel: &Cancel) -> io::Result<()>;

    /// Puts a file as an object, piece by piece; what it is.
    ///
    /// # Errors
    /// As [`ObjectStore::put`].
    fn upload(&self, name: &str, from: &Path, cancel: &Cancel) -> io::Result<KeptFile>;

    /// Writes an object of at most `bytes_max` into a new file, piece by piece, and makes it durable.
    ///
    /// # Errors
    /// What the store or the disk says; [`io::ErrorKind::NotFound`]; [`io::ErrorKind::FileTooLarge`] for a longer one.
    fn download(&self, name: &str, to: &Path, bytes_max: u64, cancel: &Cancel) -> io::Result<()>;

    /// Tells `each` name in the folder `folder` and in those below it, and how many bytes are there.
    ///
    /// # Errors
    /// What the store says. There being no such folder is none.
    fn list(
        &self,
        folder: &str,
        cancel: &Cancel,
        each: &mut dyn FnMut(&str, u64),
    ) -> io::Result<()>;

    /// Takes objects away; those that are not there are no fault.
    ///
    /// # Errors
    /// What the store says; some are then gone.
    fn delete(&self, names: &[String], cancel: &Cancel) -> io::Result<()>;

    /// Returns when the names in `folder` are durable.
    ///
    /// # Errors
    /// What the store says.
    fn settle(&self, folder: &str) -> io::Result<()> {
        let _ = folder;
        Ok(())
    }

    /// Gives up what was begun to be put by a process that is gone, and is no object yet.
    ///
    /// # Errors
    /// What the store says.
    fn abandon(&self, cancel: &Cancel) -> io::Result<()> {
        let _ = cancel;
        Ok(())
    }
}

/// A folder of a store.
pub(crate) struct ObjectFolder<'a> {
    /// The store.
    pub(crate) store: &'a dyn ObjectStore,
    /// The folder's name.
    pub(crate) name: String,
}

impl ObjectFolder<'_> {
    /// The name of the object `file` in it.
    pub(crate) fn object(&self, file: &str) -> String {
        format!("{}/{file}", self.name)
    }
}

/// One file that was copied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeptFile {
    /// Its length.
    pub bytes: u64,
    /// The checksum of all of it.
    pub crc32: u32,
}

impl KeptFile {
    /// Length and checksum of `bytes`.
    #[must_use]
    pub fn of(bytes: &[u8]) -> KeptFile {
        KeptFile { bytes: bytes.len() as u64, crc32: crc32fast::hash(bytes) }
    }

    /// Length and checksum of the file at `path`, read piece by piece until `cancel` is set.
    ///
    /// # Errors
    /// The system's; [`cancelled`].
    pub fn of_file(path: &Path, cancel: &Cancel) -> io::Result<KeptFile> {
        let (mut crc32, mut bytes) = (crc32fast::Hasher::new(), 0u64);
        pieces(&mut File::open(path)?, cancel, |piece| {
            crc32.update(piece);
            bytes += piece.len() as u64;
            Ok(())
        })?;
        Ok(KeptFile { bytes, crc32: crc32.finalize() })
    }
}

/// Hands the bytes of `file` to `each`, piece by piece, until `cancel` is set.
pub(crate) fn pieces(
    file: &mut File,
    cancel: &Cancel,
    mut each: impl FnMut(&[u8]) -> io::Result<()>,
) -> io::Result<()> {
    let mut piece = vec![0; PIECE_BYTES];
    loop {
        if cancel.is_cancelled() {
            return Err(cancelled());
        }
        let read = file.read(&mut piece)?;
        match piece.get(..read) {
            None | Some([]) => return Ok(()),
            Some(piece) => each(piece)?,
        }
    }
}

/// What a call that was called off ends with.
#[must_use]
pub fn cancelled() -> io::Error {
    io::Error::other("the work was cancelled")
}
