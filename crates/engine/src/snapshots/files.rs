//! A store of objects that is a folder: the name of an object is its path in it.

use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use crate::index::disk;
use crate::objects::{KeptFile, ObjectStore, cancelled};
use crate::work::Cancel;

/// A folder on a disk. An object is written beside its name and renamed when it is whole and durable.
#[derive(Debug)]
pub(super) struct FileStore {
    /// The folder; it is made when something is put there.
    pub(super) folder: PathBuf,
}

impl FileStore {
    /// Has `write` make the file of the object `name`.
    fn place_by<T>(&self, name: &str, write: impl FnOnce(&Path) -> io::Result<T>) -> io::Result<T> {
        let path = self.place(name);
        path.parent().map_or(Ok(()), fs::create_dir_all)?;
        let draft = self.place(&format!("{name}.part"));
        let written = write(&draft).inspect_err(|_| drop(fs::remove_file(&draft)))?;
        fs::rename(&draft, &path)?;
        Ok(written)
    }

    fn list_folder(
        &self,
        folder: &str,
        cancel: &Cancel,
        each: &mut dyn FnMut(&str, u64),
    ) -> io::Result<()> {
        let entries = match fs::read_dir(self.place(folder)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            entries => entries?,
        };
        for entry in entries {
            if cancel.is_cancelled() {
                return Err(cancelled());
            }
            let entry = entry?;
            let name = entry.file_name();
            // What is no text was not written by us.
            let Some(name) = name.to_str().map(|name| format!("{folder}/{name}")) else { continue };
            match entry.metadata()? {
                found if found.is_dir() => self.list_folder(&name, cancel, each)?,
                found => each(&name, found.len()),
            }
        }
        Ok(())
    }
}

impl ObjectStore for FileStore {
    fn place(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    fn get(&self, name: &str, bytes_max: u64, _cancel: &Cancel) -> io::Result<Option<Vec<u8>>> {
        let mut bytes = Vec::new();
        match fs::File::open(self.place(name)) {
            Ok(file) => file.take(bytes_max.saturating_add(1)).read_to_end(&mut bytes)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        if bytes.len() as u64 > bytes_max {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        Ok(Some(bytes))
    }

    fn put(&self, name: &str, bytes: Vec<u8>, _cancel: &Cancel) -> io::Result<()> {
        self.place_by(name, |draft| disk::write_durably(draft, &bytes))
    }

    fn upload(&self, name: &str, from: &Path, cancel: &Cancel) -> io::Result<KeptFile> {
        self.place_by(name, |draft| {
            disk::copy(from, draft, cancel)?;
            KeptFile::of_file(draft, cancel)
        })
    }

    fn download(&self, name: &str, to: &Path, bytes_max: u64, cancel: &Cancel) -> io::Result<()> {
        let from = self.place(name);
        if fs::metadata(&from)?.len() > bytes_max {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        disk::copy(&from, to, cancel)
    }

    fn list(
        &self,
        folder: &str,
        cancel: &Cancel,
        each: &mut dyn FnMut(&str, u64),
    ) -> io::Result<()> {
        self.list_folder(folder, cancel, each)
    }

    fn delete(&self, names: &[String], cancel: &Cancel) -> io::Result<()> {
        for name in names {
            if cancel.is_cancelled() {
                return Err(cancelled());
            }
            let path = self.place(name);
            match fs::remove_file(&path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
            // A folder that is empty now goes, but for those of the repository itself.
            if name.matches('/').count() > 1 {
                let _ = path.parent().map(fs::remove_dir);
            }
        }
        Ok(())
    }

    fn settle(&self, folder: &str) -> io::Result<()> {
        let folder = match folder {
            "" => self.folder.clone(),
            folder => self.place(folder),
        };
        for folder in folder.ancestors() {
            match fs::File::open(folder) {
                Ok(handle) => handle.sync_all()?,
                // An index without files has no folder yet.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
            if folder == self.folder {
                break;
            }
        }
        Ok(())
    }
}
