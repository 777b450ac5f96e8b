//! The data folder: its lock, the files that scripts read (`env`, `root.env`, `ca.pem`,
//! `ca-bundle.pem`), and the places of everything else. The folder is its owner's alone (0700) and so is each file in it
//! (0600), whatever they were before.
//!
//! ```text
//! DIR/lock            held while a service runs on the folder
//! DIR/env             0600  export lines of the first user's key        DIR/root.env  0600  of root's
//! DIR/ca.pem          the local authority        DIR/tls/ca.key  0600   DIR/ca-bundle.pem  system roots + ours
//! DIR/state.db        the control plane's store  DIR/sealing.key 0600   the key that its secrets are sealed with
//! DIR/audit.key       0600  the key that digests of the audit are signed with; DIR/audit.pub its public key, for verifiers
//! DIR/gateway         which gateway this is among those of one state.url
//! DIR/domains/…       the indices of each domain DIR/audit/             audit records
//! DIR/workload.env    0600  export lines for a workload                 DIR/workloads/…  0700  tokens of workloads
//! ```

use std::fmt::Write as _;
use std::fs::{self, File};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use data_encoding::{HEXLOWER, HEXLOWER_PERMISSIVE};

use crate::service::private_file;

/// Why a data folder cannot be used.
#[derive(Debug)]
pub enum FolderError {
    /// Another process runs on it.
    Locked(PathBuf),
    /// The system says no.
    File(PathBuf, io::Error),
    /// There is no randomness for the folder's secrets.
    Random(String),
    /// It is another user's: who owns a folder reads and changes what is in it, whatever its mode.
    Foreign {
        /// The folder.
        path: PathBuf,
        /// Its owner's user id.
        owner: u32,
        /// Ours.
        own: u32,
    },
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
            Self::Foreign { path, owner, own } => write!(
                f,
                "{}: the folder belongs to user {owner}, and this process runs as user {own}: \
                 give it a folder of its own (chown {own}, or a new folder inside this one)",
                path.display()
            ),
        }
    }
}

impl std::error::Error for FolderError {}

/// A data folder that this process owns while the value lives.
#[derive(Debug)]
pub(crate) struct Folder {
    path: PathBuf,
    /// The folder goes with the process.
    temporary: bool,
    /// Nothing beside another process that runs on it.
    lock: Option<File>,
}

/// Where the system's trusted roots are, by distribution.
const SYSTEM_ROOTS: [&str; 4] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
];

const SEALING_KEY: &str = "sealing.key";
const NEXT_SEALING_KEY: &str = "sealing.key.next";
const AUDIT_KEY: &str = "audit.key";
const AUDIT_PUBLIC_KEY: &str = "audit.pub";

/// What is ours in the folder. Whatever else is there stays as it is.
const OURS: [&str; 20] = [
    "lock",
    "env",
    "root.env",
    "workload.env",
    "ca.pem",
    "ca-bundle.pem",
    "provider-roots.pem",
    "state.db",
    "state.db-wal",
    "state.db-shm",
    "state.db-journal",
    SEALING_KEY,
    NEXT_SEALING_KEY,
    AUDIT_KEY,
    AUDIT_PUBLIC_KEY,
    "gateway",
    "tls",
    "audit",
    "domains",
    "workloads",
];

impl Folder {
    /// Opens, or makes, the folder at `path`; without one, a temporary folder that goes with the process.
    pub(crate) fn open(path: Option<&Path>) -> Result<Self, FolderError> {
        let temporary = path.is_none();
        let path = match path {
            Some(path) => path.to_owned(),
            None => temporary_path()?,
        };
        let failed = |error| FolderError::File(path.clone(), error);
        // 0700: what is inside is nobody else's, whatever the umask.
        fs::DirBuilder::new().recursive(true).mode(0o700).create(&path).map_err(failed)?;
        let path = fs::canonicalize(&path).map_err(failed)?;
        make_private(&path)?;
        let lock_path = path.join("lock");
        let lock = File::options().create(true).append(true).mode(0o600).open(&lock_path);
        let lock = lock.map_err(|error| FolderError::File(lock_path.clone(), error))?;
        match lock.try_lock() {
            Ok(()) => {
                OURS.iter()
                    .try_for_each(|name| private_file::tighten(&path.join(name)))
                    .map_err(|(path, error)| FolderError::File(path, error))?;
                Ok(Self { path, temporary, lock: Some(lock) })
            }
            Err(fs::TryLockError::WouldBlock) => Err(FolderError::Locked(path)),
            Err(fs::TryLockError::Error(error)) => Err(FolderError::File(lock_path, error)),
        }
    }

    /// The folder at `path`, on which another process runs: what is in it is as that process left it.
    pub(crate) fn beside(path: PathBuf) -> Self {
        Self { path, temporary: false, lock: None }
    }

    /// The absolute path of the folder, or of a file in it.
    #[must_use]
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        if name.is_empty() { self.path.clone() } else { self.path.join(name) }
    }

    /// The folder goes with the process: nothing in it is worth a sync.
    #[must_use]
    pub(crate) fn is_temporary(&self) -> bool {
        self.temporary
    }

    /// This process holds the folder's lock: nobody else changes what is in it.
    #[must_use]
    pub(crate) fn is_owned(&self) -> bool {
        self.lock.is_some()
    }

    /// The key that secrets are sealed with: 32 random bytes, kept outside the store. The operator's (`file`), or one that is made
    /// on the first start of the folder's owner.
    pub(crate) fn sealing_key(&self, file: Option<&Path>) -> Result<[u8; 32], FolderError> {
        let own = self.path(SEALING_KEY);
        match file {
            None if self.is_owned() && read_key(&own)?.is_none() => self.make_key(SEALING_KEY),
            file => sealing_key_in(file.unwrap_or(&own)),
        }
    }

    /// The key that secrets may already be sealed with: somebody began to change it, and was interrupted.
    pub(crate) fn next_sealing_key(&self) -> Result<Option<[u8; 32]>, FolderError> {
        read_key(&self.path(NEXT_SEALING_KEY))
    }

    /// Makes the key that is to take the place of the one in use.
    pub(crate) fn begin_sealing_key(&self) -> Result<[u8; 32], FolderError> {
        self.make_key(NEXT_SEALING_KEY)
    }

    /// Secrets are sealed with the next key: it takes the place of the old one.
    pub(crate) fn take_sealing_key(&self) -> Result<(), FolderError> {
        let path = self.path(NEXT_SEALING_KEY);
        let taken = fs::rename(&path, self.path(SEALING_KEY));
        taken.map_err(|error| FolderError::File(path, error))
    }

    /// No secret is sealed with the next key.
    pub(crate) fn drop_next_sealing_key(&self) -> Result<(), FolderError> {
        let path = self.path(NEXT_SEALING_KEY);
        fs::remove_file(&path).map_err(|error| FolderError::File(path, error))
    }

    /// The seed of the key that digests of the audit are signed with: the operator's (`file`), or one that is made on the first
    /// start of the folder's owner.
    pub(crate) fn audit_key(&self, file: Option<&Path>) -> Result<[u8; 32], FolderError> {
        match file {
            Some(file) => sealing_key_in(file),
            None => match read_key(&self.path(AUDIT_KEY))? {
                Some(key) => Ok(key),
                None => self.make_key(AUDIT_KEY),
            },
        }
    }

    /// Writes the public key of the audit's, for those who verify it.
    pub(crate) fn write_audit_public_key(&self, key: &str) -> Result<(), FolderError> {
        let path = self.path(AUDIT_PUBLIC_KEY);
        let known = fs::read_to_string(&path).is_ok_and(|known| known.trim() == key);
        let written = if known { Ok(()) } else { private_file::write(&path, &format!("{key}\n")) };
        written.map_err(|error| FolderError::File(path, error))
    }

    fn make_key(&self, name: &str) -> Result<[u8; 32], FolderError> {
        make_key_in(&self.path(name))
    }

    /// Writes `ca-bundle.pem`: the system's roots and ours, for clients that take one file only.
    pub(crate) fn write_bundle(&self, authority_pem: &str) -> Result<PathBuf, FolderError> {
        let path = self.path("ca-bundle.pem");
        write_bundle(&path, authority_pem)?;
        Ok(path)
    }

    /// Writes a file of `export` lines, mode 0600.
    pub(crate) fn write_env(
        &self,
        name: &str,
        variables: &[(String, String)],
    ) -> Result<PathBuf, FolderError> {
        let mut text = String::new();
        for (variable, value) in variables {
            let _ = writeln!(text, "export {variable}={}", quoted(value));
        }
        let path = self.path(name);
        private_file::write(&path, &text)
            .map_err(|error| FolderError::File(path.clone(), error))?;
        Ok(path)
    }

    /// A variable of a file that [`Folder::write_env`] wrote; `None` if either is absent.
    #[must_use]
    pub(crate) fn read_env(&self, name: &str, variable: &str) -> Option<String> {
        let all = self.read_all_env(name);
        all.into_iter().find(|(known, _)| known == variable).map(|(_, value)| value)
    }

    /// The variables of a file that [`Folder::write_env`] wrote; none if it is absent.
    #[must_use]
    pub(crate) fn read_all_env(&self, name: &str) -> Vec<(String, String)> {
        let text = fs::read_to_string(self.path(name)).unwrap_or_default();
        let pairs = text.lines().filter_map(|line| line.strip_prefix("export ")?.split_once('='));
        let unquoted = |value: &str| {
            let plain = value.strip_prefix('\'').and_then(|value| value.strip_suffix('\''));
            plain.unwrap_or(value).replace("'\\''", "'")
        };
        pairs.map(|(variable, value)| (variable.to_owned(), unquoted(value))).collect()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if self.temporary {
            let _ = fs::remove_dir_all(&self.path);
        }
    }
}

/// The file of the key that takes the place of the one in `file`, where that is the operator's.
pub(crate) fn next_key_file(file: &Path) -> PathBuf {
    let mut next = file.as_os_str().to_owned();
    next.push(".next");
    next.into()
}

/// A new key, written into a file.
pub(crate) fn make_key_in(path: &Path) -> Result<[u8; 32], FolderError> {
    let mut key = [0; 32];
    getrandom::fill(&mut key).map_err(|error| FolderError::Random(error.to_string()))?;
    private_file::write(path, &HEXLOWER.encode(&key))
        .map_err(|error| FolderError::File(path.to_owned(), error))?;
    Ok(key)
}

/// The keys that a state may be sealed with whose key is in the operator's `file`: the one that takes its place comes first.
pub(crate) fn keys_beside(file: &Path) -> Vec<[u8; 32]> {
    let files = [next_key_file(file), file.to_owned()];
    files.iter().filter_map(|path| read_key(path).ok()?).collect()
}

/// The key that a file holds.
pub(crate) fn sealing_key_in(path: &Path) -> Result<[u8; 32], FolderError> {
    let missing = || io::Error::from(io::ErrorKind::NotFound);
    read_key(path)?.ok_or_else(|| FolderError::File(path.to_owned(), missing()))
}

/// A key that is kept in a file; none where there is no file.
pub(crate) fn read_key(path: &Path) -> Result<Option<[u8; 32]>, FolderError> {
    let failed = |error| FolderError::File(path.to_owned(), error);
    match fs::read_to_string(path) {
        Ok(text) => unhex(text.trim()).map(Some).ok_or_else(|| {
            failed(io::Error::new(io::ErrorKind::InvalidData, "not 64 hexadecimal digits"))
        }),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(failed(error)),
    }
}

/// The authorities that the system trusts, PEM; none where it has none.
pub(crate) fn system_roots() -> String {
    SYSTEM_ROOTS.iter().find_map(|path| fs::read_to_string(path).ok()).unwrap_or_default()
}

/// As [`Folder::write_bundle`], to the file at `path`.
pub(crate) fn write_bundle(path: &Path, authority_pem: &str) -> Result<(), FolderError> {
    let text = format!("{}\n{authority_pem}", system_roots().trim_end());
    // Whole or not at all: a client may be reading it while the service starts again.
    private_file::write(path, text.trim_start())
        .map_err(|error| FolderError::File(path.to_owned(), error))
}

/// Nobody but its owner looks into the folder, and its owner is this process's user.
fn make_private(path: &Path) -> Result<(), FolderError> {
    let failed = |error| FolderError::File(path.to_owned(), error);
    let known = fs::metadata(path).map_err(failed)?;
    // A file without a name has the owner that this process gives to files.
    let own = tempfile::tempfile_in(path).and_then(|file| file.metadata()).map_err(failed)?.uid();
    if known.uid() != own {
        return Err(FolderError::Foreign { path: path.to_owned(), owner: known.uid(), own });
    }
    let mode = known.permissions().mode() & 0o777;
    if mode & 0o077 != 0 {
        tracing::warn!(folder = %path.display(), was = %format!("{mode:o}"), "made private: 700");
        fs::set_permissions(path, fs::Permissions::from_mode(0o700)).map_err(failed)?;
    }
    Ok(())
}

fn temporary_path() -> Result<PathBuf, FolderError> {
    let mut random = [0; 6];
    getrandom::fill(&mut random).map_err(|error| FolderError::Random(error.to_string()))?;
    Ok(std::env::temp_dir().join(format!("countersign-{}", HEXLOWER.encode(&random))))
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
    HEXLOWER_PERMISSIVE.decode(text.as_bytes()).ok()?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_process_on_the_folder_is_refused() {
        let path = crate::service::private_file::scratch("folder-lock");
        let first = Folder::open(Some(&path)).unwrap();
        let second = Folder::open(Some(&path)).unwrap_err();
        assert!(second.to_string().ends_with("another countersign runs on this folder"));
        drop(first);
        Folder::open(Some(&path)).unwrap();
        fs::remove_dir_all(path).unwrap();
    }

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn e19_a_folder_that_others_could_read_is_made_its_owners_alone() {
        let path = crate::service::private_file::scratch("folder-open");
        fs::create_dir_all(path.join("domains/1/us-east-1")).unwrap();
        fs::create_dir_all(path.join("audit")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        let ours = ["state.db", "state.db-wal", "env", "domains/1/us-east-1/log", "audit/a.jsonl"];
        for name in ours.iter().chain(&["notes.txt"]) {
            fs::write(path.join(name), "x").unwrap();
            fs::set_permissions(path.join(name), fs::Permissions::from_mode(0o644)).unwrap();
        }
        let folder = Folder::open(Some(&path)).unwrap();
        assert_eq!(mode(&path), 0o700);
        for name in ours {
            assert_eq!(mode(&path.join(name)), 0o600, "{name}");
        }
        for name in ["domains", "domains/1/us-east-1", "audit"] {
            assert_eq!(mode(&path.join(name)), 0o700, "{name}");
        }
        assert_eq!(mode(&path.join("notes.txt")), 0o644, "not ours");
        assert_eq!(mode(&folder.path("lock")), 0o600);
        fs::remove_dir_all(path).unwrap();
    }

    #[test]
    fn e19_a_folder_of_another_user_is_refused_with_what_to_do() {
        let path = crate::service::private_file::scratch("folder-foreign");
        // Only root gives folders away. Who is not root has another's folder at hand: the root folder.
        let (foreign, owner) = match std::os::unix::fs::chown(&path, Some(65_534), None) {
            Ok(()) => (path.clone(), 65_534),
            Err(_) => (PathBuf::from("/"), 0),
        };
        let refused = Folder::open(Some(&foreign)).unwrap_err().to_string();
        let belongs = format!("belongs to user {owner}");
        assert!(refused.contains(&belongs) && refused.contains("chown"), "{refused}");
        fs::remove_dir_all(path).unwrap();
    }

    #[test]
    fn e19_a_link_in_the_way_of_a_file_is_replaced_and_not_written_through() {
        let path = crate::service::private_file::scratch("folder-links");
        let folder = Folder::open(Some(&path)).unwrap();
        let victim = path.join("victim");
        fs::write(&victim, "untouched").unwrap();
        for name in ["ca-bundle.pem", "ca-bundle.pem.new", "env", "env.new", "sealing.key.new"] {
            std::os::unix::fs::symlink(&victim, path.join(name)).unwrap();
        }
        folder.write_bundle("ours").unwrap();
        folder.write_env("env", &[("A".to_owned(), "b".to_owned())]).unwrap();
        folder.sealing_key(None).unwrap();
        assert_eq!(fs::read_to_string(&victim).unwrap(), "untouched");
        for name in ["ca-bundle.pem", "env", "sealing.key"] {
            assert!(!fs::symlink_metadata(path.join(name)).unwrap().is_symlink(), "{name}");
            assert_eq!(mode(&path.join(name)), 0o600, "{name}");
        }
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
        let path = crate::service::private_file::scratch("folder-env");
        let folder = Folder::open(Some(&path)).unwrap();
        let variables = [("A", "it's here"), ("B", "AKIA/+x")];
        let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned()));
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
        let path = crate::service::private_file::scratch("folder-sealing");
        let folder = Folder::open(Some(&path)).unwrap();
        assert_eq!(folder.sealing_key(None).unwrap(), folder.sealing_key(None).unwrap());
        fs::write(folder.path("sealing.key"), "short").unwrap();
        assert!(folder.sealing_key(None).unwrap_err().to_string().contains("sealing.key"));
        fs::remove_dir_all(path).unwrap();
    }
}
