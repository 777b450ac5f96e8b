//! What can go wrong below the documents: the disk, or what lies on it.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use crate::exception::{Exception, ExceptionKind};

/// Why the store could not do its work.
#[derive(Debug)]
pub enum Fault {
    /// The system refused: which file, and its words.
    Io(PathBuf, io::Error),
    /// A file cannot be trusted: which, and what is wrong with it.
    Damaged(PathBuf, String),
    /// tantivy refused: its words.
    Segments(String),
}

impl Fault {
    /// The fault for an io error on `path`.
    pub(crate) fn io(path: &Path) -> impl FnOnce(io::Error) -> Fault + '_ {
        |error| Fault::Io(path.to_owned(), error)
    }

    /// A damaged file.
    pub(crate) fn damaged(path: &Path, what: impl Into<String>) -> Fault {
        Fault::Damaged(path.to_owned(), what.into())
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fault::Io(path, error) => write!(f, "{}: {error}", path.display()),
            Fault::Damaged(path, what) => write!(f, "{}: {what}", path.display()),
            Fault::Segments(what) => write!(f, "segments: {what}"),
        }
    }
}

impl std::error::Error for Fault {}

impl From<tantivy::TantivyError> for Fault {
    fn from(error: tantivy::TantivyError) -> Fault {
        Fault::Segments(error.to_string())
    }
}

impl From<Fault> for Exception {
    /// The exception a client sees; the file's folder is the operator's business, its name helps both.
    fn from(fault: Fault) -> Exception {
        let name =
            |path: &Path| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        match fault {
            Fault::Io(path, error) => {
                Exception::new(ExceptionKind::Io, format!("{}: {error}", name(&path)))
            }
            Fault::Damaged(path, what) => {
                Exception::new(ExceptionKind::Translog, format!("{}: {what}", name(&path)))
            }
            Fault::Segments(what) => Exception::new(ExceptionKind::IllegalState, what),
        }
    }
}
