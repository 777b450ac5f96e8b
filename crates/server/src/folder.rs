//! The data folder: its lock, the files that scripts read (`env`, `root.env`, `ca.pem`,
//! `ca-bundle.pem`), and the places of everything else.
//!
//! ```text
//! DIR/lock            held while a service runs on the folder
//! DIR/env             0600  export lines of the first user's key        DIR/root.env  0600  of root's
//! DIR/ca.pem          the local authority        DIR/tls/ca.key  0600   DIR/ca-bundle.pem  system roots + ours
//! DIR/state.db        the control plane's store  DIR/sealing.key 0600   the key that its secrets are sealed with
//! DIR/domains/…       the indices of each domain DIR/audit/             audit records
//! DIR/workload.env    0600  export lines for a workload                 DIR/workloads/…  0700  tokens of workloads
//! ```

use std::fmt::Write as _;
use std::fs::{self, File};
use std::io;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};

use crate::hex::hex;

/// Why a data folder cannot be used.
#[derive(Debug)]
pub enum FolderError {
    /// Another process runs on it.
    Locked(PathBuf),
    /// The system says no.
    File(PathBuf, io::Error),
    /// There is no randomness for the folder's secrets.
    Random(String),
}

impl std::fmt::Display for FolderError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Locked(path) => {
                write!(f, "{}: another countersign runs on this folder", path.display())
            }
            // The system's word for making a folder where a file is.
            Self::File(path, error) if error.kind() == io::ErrorKind::AlreadyExists => {
                write!(f, "{} is a file, expected a folder", path.display())
            }
            Self::File(path, error) if error.kind() == io::ErrorKind::NotADirectory => {
                write!(f, "{}: a part of this path is a file, expected a folder", path.display())
            }
            Self::File(path, error) => write!(f, "{}: {error}", path.display()),
            Self::Random(error) => write!(f, "no random bytes from the system: {error}"),
        }
    }
}

impl std::error::Error for FolderError {}

/// A data folder that this process owns while the value lives.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    /// The folder goes with the process.
    temporary: bool,
    _lock: File,
}

/// Where the system's trusted roots are, by distribution.
const SYSTEM_ROOTS: [&str; 4] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
];

impl Folder {
    /// Opens, or makes, the folder at `path`; without one, a temporary folder that goes with the process.
    pub fn open(path: Option<&Path>) -> Result<Self, FolderError> {
        let temporary = path.is_none();
        let path = match path {
            Some(path) => path.to_owned(),
            None => temporary_path()?,
        };
        let failed = |error| FolderError::File(path.clone(), error);
        // 0700: what is inside is nobody else's, whatever the umask.
        fs::DirBuilder::new().recursive(true).mode(0o700).create(&path).map_err(failed)?;
        let path = fs::canonicalize(&path).map_err(failed)?;
        let lock_path = path.join("lock");
        let lock = File::options().create(true).append(true).open(&lock_path);
        let lock = lock.map_err(|error| FolderError::File(lock_path.clone(), error))?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { path, temporary, _lock: lock }),
            Err(fs::TryLockError::WouldBlock) => Err(FolderError::Locked(path)),
            Err(fs::TryLockError::Error(error)) => Err(FolderError::File(lock_path, error)),
        }
    }

    /// The absolute path of the folder, or of a file in it.
    #[must_use]
    pub fn path(&self, name: &str) -> PathBuf {
        if name.is_empty() { self.path.clone() } else { self.path.join(name) }
    }

    /// The folder goes with the process: nothing in it is worth a sync.
    #[must_use]
    pub fn is_temporary(&self) -> bool {
        self.temporary
    }

    /// The key that secrets are sealed with: 32 random bytes, made on first start, kept outside the store.
    pub fn sealing_key(&self) -> Result<[u8; 32], FolderError> {
        let path = self.path("sealing.key");
        let failed = |error| FolderError::File(path.clone(), error);
        match fs::read_to_string(&path) {
            Ok(text) => unhex(text.trim()).ok_or_else(|| {
                failed(io::Error::new(io::ErrorKind::InvalidData, "not 64 hexadecimal digits"))
            }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let mut key = [0; 32];
                getrandom::fill(&mut key)
                    .map_err(|error| FolderError::Random(error.to_string()))?;
                crate::private_file::write(&path, &hex(&key)).map_err(failed)?;
                Ok(key)
            }
            Err(error) => Err(failed(error)),
        }
    }

    /// Writes `ca-bundle.pem`: the system's roots and ours, for clients that take one file only.
    pub fn write_bundle(&self, authority_pem: &str) -> Result<PathBuf, FolderError> {
        let roots = SYSTEM_ROOTS.iter().find_map(|path| fs::read_to_string(path).ok());
        let path = self.path("ca-bundle.pem");
        let text = format!("{}\n{authority_pem}", roots.unwrap_or_default().trim_end());
        // Whole or not at all: a client may be reading it while the service starts again.
        let fresh = self.path("ca-bundle.pem.new");
        let written = fs::write(&fresh, text.trim_start())
            .and_then(|()| fs::set_permissions(&fresh, fs::Permissions::from_mode(0o644)))
            .and_then(|()| fs::rename(&fresh, &path));
        written.map_err(|error| FolderError::File(path.clone(), error))?;
        Ok(path)
    }

    /// Writes a file of `export` lines, mode 0600.
    pub fn write_env(
        &self,
        name: &str,
        variables: &[(&str, String)],
    ) -> Result<PathBuf, FolderError> {
        let mut text = String::new();
        for (variable, value) in variables {
            let _ = writeln!(text, "export {variable}={}", quoted(value));
        }
        let path = self.path(name);
        crate::private_file::write(&path, &text)
            .map_err(|error| FolderError::File(path.clone(), error))?;
        Ok(path)
    }

    /// A variable of a file that [`Folder::write_env`] wrote; `None` if either is absent.
    #[must_use]
    pub fn read_env(&self, name: &str, variable: &str) -> Option<String> {
        let text = fs::read_to_string(self.path(name)).ok()?;
        let prefix = format!("export {variable}=");
        let value = text.lines().find_map(|line| line.strip_prefix(&prefix))?;
        let plain = value.strip_prefix('\'').and_then(|value| value.strip_suffix('\''));
        Some(plain.unwrap_or(value).replace("'\\''", "'"))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if self.temporary {
            let _ = fs::remove_dir_all(&self.path);
        }
    }
}

fn temporary_path() -> Result<PathBuf, FolderError> {
    let mut random = [0; 6];
    getrandom::fill(&mut random).map_err(|error| FolderError::Random(error.to_string()))?;
    Ok(std::env::temp_dir().join(format!("countersign-{}", hex(&random))))
}

/// A word for `sh`, quoted only where it has to be.
#[must_use]
pub fn quoted(value: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/+=:.,_-@%".contains(&byte);
    if !value.is_empty() && value.bytes().all(plain) {
        return value.to_owned();
    }
    format!("'{}'", value.replace('\'', "'\\''"))
}

fn unhex(text: &str) -> Option<[u8; 32]> {
    let mut bytes = [0; 32];
    if text.len() != 64 {
        return None;
    }
    for (byte, digits) in bytes.iter_mut().zip(text.as_bytes().chunks(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_process_on_the_folder_is_refused() {
        let path = crate::private_file::scratch("folder-lock");
        let first = Folder::open(Some(&path)).unwrap();
        let second = Folder::open(Some(&path)).unwrap_err();
        assert!(second.to_string().ends_with("another countersign runs on this folder"));
        drop(first);
        Folder::open(Some(&path)).unwrap();
        fs::remove_dir_all(path).unwrap();
    }

    #[test]
    fn a_temporary_folder_goes_with_its_owner() {
        let folder = Folder::open(None).unwrap();
        let path = folder.path("");
        assert!(path.exists());
        drop(folder);
        assert!(!path.exists());
    }

    #[test]
    fn what_a_shell_would_split_is_quoted_and_read_back() {
        let path = crate::private_file::scratch("folder-env");
        let folder = Folder::open(Some(&path)).unwrap();
        let variables = [("A", "it's here".to_owned()), ("B", "AKIA/+x".to_owned())];
        let file = folder.write_env("env", &variables).unwrap();
        let text = fs::read_to_string(file).unwrap();
        assert_eq!(text, "export A='it'\\''s here'\nexport B=AKIA/+x\n");
        assert_eq!(folder.read_env("env", "A").unwrap(), "it's here");
        assert_eq!(folder.read_env("env", "B").unwrap(), "AKIA/+x");
        assert_eq!(folder.read_env("env", "C"), None);
        fs::remove_dir_all(path).unwrap();
    }

    #[test]
    fn the_sealing_key_is_made_once() {
        let path = crate::private_file::scratch("folder-sealing");
        let folder = Folder::open(Some(&path)).unwrap();
        assert_eq!(folder.sealing_key().unwrap(), folder.sealing_key().unwrap());
        fs::write(folder.path("sealing.key"), "short").unwrap();
        assert!(folder.sealing_key().unwrap_err().to_string().contains("sealing.key"));
        fs::remove_dir_all(path).unwrap();
    }
}
