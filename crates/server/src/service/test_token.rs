//! What tests of `dev` show to move clocks and to clone accounts: whoever may read the files of who runs it, and nobody else on
//! the machine.

use aws_lc_rs::constant_time::verify_slices_are_equal;
use data_encoding::HEXLOWER;

use crate::service::folder::FolderError;

/// Random bytes of a token.
const TOKEN_BYTES: usize = 32;

/// The token of one process, in hexadecimal.
pub struct TestToken(String);

impl TestToken {
    /// A new one.
    ///
    /// # Errors
    /// Where the system has no randomness.
    pub(crate) fn make() -> Result<Self, FolderError> {
        let mut random = [0; TOKEN_BYTES];
        getrandom::fill(&mut random).map_err(|error| FolderError::Random(error.to_string()))?;
        Ok(Self(HEXLOWER.encode(&random)))
    }

    /// Whether this is it, in a time that does not depend on what it is.
    #[must_use]
    pub(crate) fn is(&self, shown: &[u8]) -> bool {
        verify_slices_are_equal(self.0.as_bytes(), shown).is_ok()
    }

    /// The token, for a file that only its owner reads.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}
