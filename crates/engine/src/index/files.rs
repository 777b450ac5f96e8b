//! The tantivy directory of one index: every file is in memory until a flush makes the segment one compound file on
//! disk; `meta.json` is made up from the segments at hand and never stored.

use std::collections::HashMap;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use tantivy::directory::error::{DeleteError, LockError, OpenReadError, OpenWriteError};
use tantivy::directory::{
    AntiCallToken, DirectoryLock, FileHandle, FileSlice, Lock, MmapDirectory, OwnedBytes,
    TerminatingWrite, WatchCallback, WatchHandle, WritePtr,
};
use tantivy::{Directory, HasLen};

use super::fault::Fault;
use super::long_sources;
use crate::vectors::file;
use crate::work::Cancel;

/// Compound files up to this size are read into memory: a mapping costs more than they weigh.
const HEAP_BYTES_MAX: u64 = 256 * 1024;
/// Compound files up to this size are checked whole when they are opened; larger ones when they are merged.
const CHECKED_BYTES_MAX: u64 = 64 * 1024 * 1024;
/// Bytes of a file being written that are one vector: one of all of it would have room for twice as much as it grows.
const PART_BYTES: usize = 1024 * 1024;
/// Last bytes of a compound file: length of its table, crc32 of all before, magic.
const TAIL_BYTES: usize = 16;
const MAGIC: &[u8; 8] = b"CSSEGM01";

/// The components of a segment that its compound file holds.
const COMPONENTS: &[&str] = &[
    "idx",
    "pos",
    "term",
    "store",
    "fast",
    "fieldnorm",
    file::COMPONENT,
    long_sources::PIECES,
    long_sources::ROWS,
];

/// The files of one index.
#[derive(Clone, Default)]
pub(crate) struct Files(Arc<Inner>);

#[derive(Default)]
struct Inner {
    files: RwLock<HashMap<PathBuf, FileSlice>>,
    meta: RwLock<Vec<u8>>,
    /// When set, nothing more is written.
    cancel: Cancel,
}

impl Files {
    /// None yet; once `cancel` is set, writing to them fails: how a merge is ended.
    pub(crate) fn until(cancel: &Cancel) -> Files {
        Files(Arc::new(Inner { cancel: cancel.clone(), ..Inner::default() }))
    }

    /// Files that share the contents of these and grow on their own: what a merge works in.
    pub(crate) fn fork(&self) -> Files {
        let files = self.read().clone();
        let meta = self.0.meta.read().unwrap_or_else(PoisonError::into_inner).clone();
        let (files, meta) = (RwLock::new(files), RwLock::new(meta));
        Files(Arc::new(Inner { files, meta, cancel: Cancel::new() }))
    }

    /// Sets what `meta.json` says.
    pub(crate) fn set_meta(&self, meta: Vec<u8>) {
        *self.0.meta.write().unwrap_or_else(PoisonError::into_inner) = meta;
    }

    /// Takes over every file of `other`.
    pub(crate) fn adopt(&self, other: &Files) {
        self.write().extend(other.read().iter().map(|(path, file)| (path.clone(), file.clone())));
    }

    /// Forgets every file whose name begins with `prefix`; open readers keep what they read.
    pub(crate) fn forget(&self, prefix: &str) {
        self.write().retain(|path, _| !path.to_string_lossy().starts_with(prefix));
    }

    /// Forgets one file.
    pub(crate) fn remove(&self, path: &Path) {
        self.write().remove(path);
    }

    /// The contents of one file.
    pub(crate) fn bytes(&self, path: &Path) -> Option<OwnedBytes> {
        self.read().get(path).and_then(|file| file.read_bytes().ok())
    }

    /// Puts one file.
    pub(crate) fn put(&self, path: PathBuf, bytes: Vec<u8>) {
        self.write().insert(path, FileSlice::from(bytes));
    }

    /// The bytes of all files.
    pub(crate) fn size(&self) -> u64 {
        self.read().values().map(|file| file.len() as u64).sum()
    }

    /// The bytes of the files whose name begins with `prefix`.
    pub(crate) fn size_of(&self, prefix: &str) -> u64 {
        let files = self.read();
        let own = files.iter().filter(|(path, _)| path.to_string_lossy().starts_with(prefix));
        own.map(|(_, file)| file.len() as u64).sum()
    }

    /// Writes the segment `id` as one durable compound file at `path`; its length.
    pub(crate) fn persist(&self, id: &str, path: &Path) -> Result<u64, Fault> {
        let out = self.compound(id);
        super::disk::write_new(path, &out)?;
        Ok(out.len() as u64)
    }

    /// The segment `id` as one compound file.
    pub(crate) fn compound(&self, id: &str) -> Vec<u8> {
        let mut out = Vec::new();
        let mut table = Vec::new();
        for component in COMPONENTS {
            let Some(bytes) = self.bytes(Path::new(&format!("{id}.{component}"))) else { continue };
            table.push(format!("{component} {} {}", out.len(), bytes.len()));
            out.extend_from_slice(&bytes);
        }
        let table = table.join("\n");
        out.extend_from_slice(table.as_bytes());
        let crc = crc32fast::hash(&out);
        out.extend_from_slice(&(table.len() as u32).to_le_bytes());
        out.extend_from_slice(&crc.to_le_bytes());
        out.extend_from_slice(MAGIC);
        out
    }

    /// Opens the compound file of segment `id` at `path` and puts its components.
    ///
    /// # Errors
    /// [`Fault::Damaged`] when its checksum or its table does not hold.
    pub(crate) fn load(&self, id: &str, path: &Path) -> Result<(), Fault> {
        let length = std::fs::metadata(path).map_err(Fault::io(path))?.len();
        let whole = if length <= HEAP_BYTES_MAX {
            FileSlice::from(std::fs::read(path).map_err(Fault::io(path))?)
        } else {
            mapped(path)?
        };
        let bytes =
            |from: usize, to: usize| whole.slice(from..to).read_bytes().map_err(Fault::io(path));
        let damaged = |what: &str| Fault::damaged(path, what);
        let end = whole.len().checked_sub(TAIL_BYTES).ok_or_else(|| damaged("is too short"))?;
        let tail = bytes(end, whole.len())?;
        let number = |from: usize| {
            let digits = tail.get(from..from + 4).and_then(|digits| digits.try_into().ok());
            digits.map(u32::from_le_bytes).ok_or_else(|| damaged("is too short"))
        };
        if tail.get(8..) != Some(&MAGIC[..]) {
            return Err(damaged("does not end like a segment"));
        }
        let table_start = end.checked_sub(number(0)? as usize);
        let table_start =
            table_start.ok_or_else(|| damaged("its table is longer than the file"))?;
        if length <= CHECKED_BYTES_MAX && crc32fast::hash(&bytes(0, end)?) != number(4)? {
            return Err(damaged("its checksum does not match: a bit was flipped"));
        }
        let table = bytes(table_start, end)?;
        let table = std::str::from_utf8(&table).map_err(|_| damaged("its table is not text"))?;
        for line in table.lines() {
            let mut parts = line.split(' ');
            let component = parts.next().unwrap_or_default();
            let mut number = || parts.next().and_then(|digits| digits.parse::<usize>().ok());
            let (Some(from), Some(length)) = (number(), number()) else {
                return Err(damaged("its table cannot be read"));
            };
            let to = from.checked_add(length).filter(|to| *to <= table_start);
            let to = to.ok_or_else(|| damaged("its table points outside"))?;
            let name = PathBuf::from(format!("{id}.{component}"));
            self.write().insert(name, whole.slice(from..to));
        }
        Ok(())
    }

    fn read(&self) -> std::sync::RwLockReadGuard<'_, HashMap<PathBuf, FileSlice>> {
        self.0.files.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> std::sync::RwLockWriteGuard<'_, HashMap<PathBuf, FileSlice>> {
        self.0.files.write().unwrap_or_else(PoisonError::into_inner)
    }
}

/// tantivy maps the file for us: the one place where mapping memory is somebody else's `unsafe`.
fn mapped(path: &Path) -> Result<FileSlice, Fault> {
    let (Some(directory), Some(name)) = (path.parent(), path.file_name()) else {
        return Err(Fault::damaged(path, "has no folder"));
    };
    let open =
        MmapDirectory::open(directory).map_err(|error| Fault::Segments(error.to_string()))?;
    open.get_file_handle(Path::new(name))
        .map(FileSlice::new)
        .map_err(|error| Fault::damaged(path, error.to_string()))
}

impl std::fmt::Debug for Files {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Files({})", self.read().len())
    }
}

/// A file being written; it is there when it is terminated.
struct DraftFile {
    /// Parts of it that are full.
    parts: Vec<Vec<u8>>,
    last: Vec<u8>,
    path: PathBuf,
    files: Files,
}

impl Write for DraftFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.files.0.cancel.is_cancelled() {
            return Err(io::Error::other("the work was cancelled"));
        }
        if self.last.len() + bytes.len() > PART_BYTES && !self.last.is_empty() {
            let next = Vec::with_capacity(PART_BYTES.max(bytes.len()));
            self.parts.push(std::mem::replace(&mut self.last, next));
        }
        self.last.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl TerminatingWrite for DraftFile {
    fn terminate_ref(&mut self, _: AntiCallToken) -> io::Result<()> {
        let mut bytes = std::mem::take(&mut self.last);
        if self.parts.is_empty() {
            bytes.shrink_to_fit();
        } else {
            self.parts.push(bytes);
            bytes = std::mem::take(&mut self.parts).concat();
        }
        self.files.put(self.path.clone(), bytes);
        Ok(())
    }
}

fn is_meta(path: &Path) -> bool {
    path == Path::new("meta.json")
}

impl Directory for Files {
    fn get_file_handle(&self, path: &Path) -> Result<Arc<dyn FileHandle>, OpenReadError> {
        match self.read().get(path) {
            Some(file) => Ok(Arc::new(file.clone())),
            None => Err(OpenReadError::FileDoesNotExist(path.to_owned())),
        }
    }

    fn open_read(&self, path: &Path) -> Result<FileSlice, OpenReadError> {
        let file = self.read().get(path).cloned();
        file.ok_or_else(|| OpenReadError::FileDoesNotExist(path.to_owned()))
    }

    fn delete(&self, path: &Path) -> Result<(), DeleteError> {
        match self.write().remove(path) {
            Some(_) => Ok(()),
            None => Err(DeleteError::FileDoesNotExist(path.to_owned())),
        }
    }

    fn exists(&self, path: &Path) -> Result<bool, OpenReadError> {
        if is_meta(path) {
            return Ok(!self.0.meta.read().unwrap_or_else(PoisonError::into_inner).is_empty());
        }
        Ok(self.read().contains_key(path))
    }

    fn open_write(&self, path: &Path) -> Result<WritePtr, OpenWriteError> {
        let draft = DraftFile {
            parts: Vec::new(),
            last: Vec::new(),
            path: path.to_owned(),
            files: self.clone(),
        };
        Ok(BufWriter::with_capacity(1 << 14, Box::new(draft)))
    }

    fn atomic_read(&self, path: &Path) -> Result<Vec<u8>, OpenReadError> {
        let meta = self.0.meta.read().unwrap_or_else(PoisonError::into_inner);
        if is_meta(path) && !meta.is_empty() {
            return Ok(meta.clone());
        }
        Err(OpenReadError::FileDoesNotExist(path.to_owned()))
    }

    fn atomic_write(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        if is_meta(path) {
            self.set_meta(bytes.to_vec());
        }
        Ok(())
    }

    fn sync_directory(&self) -> io::Result<()> {
        Ok(())
    }

    fn acquire_lock(&self, _: &Lock) -> Result<DirectoryLock, LockError> {
        Ok(DirectoryLock::from(Box::new(())))
    }

    fn watch(&self, _: WatchCallback) -> tantivy::Result<WatchHandle> {
        Ok(WatchHandle::empty())
    }
}
