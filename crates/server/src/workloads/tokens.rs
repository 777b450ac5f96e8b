//! The tokens of workloads: written for the workload once, kept here only as a hash.
//!
//! ```text
//! DIR/workloads/NAME.token   0600  what the workload sends; it may be moved to where the workload can read it
//! DIR/workloads/NAME.sha256  0600  what the service compares with; without it, both are made anew at the next start
//! ```

use std::fs;
use std::io::{self, ErrorKind};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use aws_lc_rs::constant_time::verify_slices_are_equal;
use data_encoding::HEXLOWER;
use sigv4::PayloadHash;

use crate::service::folder::{Folder, FolderError};

/// Random bytes of a token.
const TOKEN_BYTES: usize = 32;

/// The hash of a workload's token.
pub(crate) struct WorkloadToken(PayloadHash);

impl WorkloadToken {
    /// The token of workload `name`, made when there is none yet.
    ///
    /// # Errors
    /// When the files cannot be read or written, or the hash is none.
    pub(crate) fn open(folder: &Folder, name: &str) -> Result<Self, FolderError> {
        let hash = folder.path(&format!("workloads/{name}.sha256"));
        let failed = |error| FolderError::File(hash.clone(), error);
        match fs::read_to_string(&hash) {
            Ok(text) => PayloadHash::from_hex(text.trim().as_bytes()).map(Self).ok_or_else(|| {
                failed(io::Error::new(ErrorKind::InvalidData, "not a SHA-256 in hexadecimal"))
            }),
            Err(error) if error.kind() == ErrorKind::NotFound => Self::make(folder, name, &hash),
            Err(error) => Err(failed(error)),
        }
    }

    /// The token first: whoever is interrupted here makes both anew.
    fn make(folder: &Folder, name: &str, hash: &Path) -> Result<Self, FolderError> {
        let place = folder.path("workloads");
        let made = fs::DirBuilder::new().recursive(true).mode(0o700).create(&place);
        made.map_err(|error| FolderError::File(place, error))?;
        let mut random = [0; TOKEN_BYTES];
        getrandom::fill(&mut random).map_err(|error| FolderError::Random(error.to_string()))?;
        let token = HEXLOWER.encode(&random);
        let path = file(folder, name);
        // Without a newline: SDKs send the file as it is.
        crate::service::private_file::write(&path, &token)
            .map_err(|error| FolderError::File(path.clone(), error))?;
        let hashed = PayloadHash::of(token.as_bytes());
        crate::service::private_file::write(hash, &hashed.to_hex())
            .map_err(|error| FolderError::File(hash.to_owned(), error))?;
        Ok(Self(hashed))
    }

    /// Whether `token` is it, in a time that does not depend on what is kept.
    #[must_use]
    pub(crate) fn is(&self, token: &[u8]) -> bool {
        verify_slices_are_equal(self.0.as_bytes(), PayloadHash::of(token).as_bytes()).is_ok()
    }
}

/// Where the token of workload `name` is written.
#[must_use]
pub(crate) fn file(folder: &Folder, name: &str) -> PathBuf {
    folder.path(&format!("workloads/{name}.token"))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_token_is_made_once_for_its_owner_and_kept_as_a_hash() {
        let path = crate::service::private_file::scratch("workload-token");
        let folder = Folder::open(Some(&path)).unwrap();
        let made = WorkloadToken::open(&folder, "app").unwrap();
        let file = file(&folder, "app");
        let token = fs::read(&file).unwrap();
        assert_eq!(token.len(), 64, "no newline: SDKs would send it");
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        fs::remove_file(&file).unwrap();
        let opened = WorkloadToken::open(&folder, "app").unwrap();
        assert!(made.is(&token) && opened.is(&token) && !file.exists());
        let kept = fs::read_to_string(folder.path("workloads/app.sha256")).unwrap();
        assert!(!kept.contains(std::str::from_utf8(&token).unwrap()));
        for other in [&token[1..], b"", &[b'0'; 64][..], kept.as_bytes()] {
            assert!(!opened.is(other));
        }
        fs::remove_dir_all(path).unwrap();
    }

    #[test]
    fn another_workload_has_another_token() {
        let path = crate::service::private_file::scratch("workload-tokens");
        let folder = Folder::open(Some(&path)).unwrap();
        WorkloadToken::open(&folder, "app").unwrap();
        let other = WorkloadToken::open(&folder, "web").unwrap();
        assert!(!other.is(&fs::read(file(&folder, "app")).unwrap()));
        fs::write(folder.path("workloads/web.sha256"), "short").unwrap();
        assert!(WorkloadToken::open(&folder, "web").is_err());
        fs::remove_dir_all(path).unwrap();
    }
}
