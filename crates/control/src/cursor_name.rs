//! Names of cursors that say what they are: sealed for a domain, so that each gateway that shares the state reads them, and nobody else
//! does (docs/decisions/0187-a-clusters-cursor-is-in-its-name.md).

use zeroize::Zeroizing;

use crate::directory::snapshot::Directory;
use crate::seal::SealError;

impl Directory {
    /// Seals what the name of a cursor says. `domain` is its domain's unique id: the name opens for no other.
    ///
    /// # Errors
    /// [`SealError::Cipher`] when there is no randomness.
    pub fn seal_cursor(&self, domain: &str, content: &[u8]) -> Result<String, SealError> {
        self.sealing_key().seal_token(&of(domain), content)
    }

    /// Opens what [`Directory::seal_cursor`] made for the same domain, with the same key.
    ///
    /// # Errors
    /// See [`SealError`].
    pub fn open_cursor(&self, domain: &str, name: &str) -> Result<Zeroizing<Vec<u8>>, SealError> {
        self.sealing_key().open_token(&of(domain), name)
    }
}

/// No id that anything else is sealed for has a space.
fn of(domain: &str) -> String {
    format!("cursor of {domain}")
}
