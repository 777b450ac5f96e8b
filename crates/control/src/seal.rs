//! Secrets at rest: AES-256-GCM by aws-lc-rs, a random nonce per record, the key id as associated data.
//!
//! SigV4 is a MAC, so secret keys must be recoverable; the sealing key lives outside the store (a file, an environment
//! variable, a systemd credential: the caller's matter). A sealed secret that is moved to another key id does not open.

use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use zeroize::{Zeroize, Zeroizing};

/// Length of a sealing key in bytes.
pub const SEALING_KEY_BYTES: usize = 32;

/// The key that seals. No `Debug`, no way to read it back.
pub(crate) struct SealingKey(RandomizedNonceKey);

/// Why something did not open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SealError {
    /// The text is not base64 or too short.
    Malformed,
    /// It was sealed with another key, for another id, or was changed.
    NotOurs,
    /// The cipher itself failed.
    Cipher,
}

impl std::fmt::Display for SealError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            SealError::Malformed => "the sealed text is damaged",
            SealError::NotOurs => "sealed with another key, for another id, or changed since",
            SealError::Cipher => "the cipher failed",
        })
    }
}

impl std::error::Error for SealError {}

impl SealingKey {
    /// The key of these bytes, which are wiped.
    ///
    /// # Errors
    /// [`SealError::Cipher`] when the cipher refuses the key.
    pub(crate) fn new(mut bytes: [u8; SEALING_KEY_BYTES]) -> Result<SealingKey, SealError> {
        let key = RandomizedNonceKey::new(&AES_256_GCM, &bytes).map_err(|_| SealError::Cipher);
        bytes.zeroize();
        key.map(SealingKey)
    }

    /// Seals `secret` for `id`: base64 of nonce, ciphertext and tag.
    ///
    /// # Errors
    /// [`SealError::Cipher`] when there is no randomness.
    pub(crate) fn seal(&self, id: &str, secret: &[u8]) -> Result<String, SealError> {
        self.seal_bytes(id, secret).map(|sealed| STANDARD.encode(sealed))
    }

    /// Opens what [`SealingKey::seal`] made for the same `id`.
    ///
    /// # Errors
    /// See [`SealError`].
    pub(crate) fn open(&self, id: &str, sealed: &str) -> Result<Zeroizing<Vec<u8>>, SealError> {
        self.open_bytes(id, STANDARD.decode(sealed).map_err(|_| SealError::Malformed)?)
    }

    /// As [`SealingKey::seal`], in the alphabet of URLs: session tokens travel in queries.
    pub(crate) fn seal_token(&self, id: &str, content: &[u8]) -> Result<String, SealError> {
        self.seal_bytes(id, content).map(|sealed| URL_SAFE_NO_PAD.encode(sealed))
    }

    /// Opens what [`SealingKey::seal_token`] made.
    pub(crate) fn open_token(
        &self,
        id: &str,
        token: &str,
    ) -> Result<Zeroizing<Vec<u8>>, SealError> {
        self.open_bytes(id, URL_SAFE_NO_PAD.decode(token).map_err(|_| SealError::Malformed)?)
    }

    fn seal_bytes(&self, id: &str, secret: &[u8]) -> Result<Vec<u8>, SealError> {
        let mut body = secret.to_vec();
        let nonce = self.0.seal_in_place_append_tag(Aad::from(id.as_bytes()), &mut body);
        let nonce = nonce.map_err(|_| SealError::Cipher)?;
        let mut sealed = nonce.as_ref().to_vec();
        sealed.append(&mut body);
        Ok(sealed)
    }

    fn open_bytes(&self, id: &str, mut sealed: Vec<u8>) -> Result<Zeroizing<Vec<u8>>, SealError> {
        let (nonce, body) = sealed.split_at_mut_checked(NONCE_LEN).ok_or(SealError::Malformed)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| SealError::Malformed)?;
        let opened = self.0.open_in_place(nonce, Aad::from(id.as_bytes()), body);
        opened.map(|plain| Zeroizing::new(plain.to_vec())).map_err(|_| SealError::NotOurs)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(byte: u8) -> SealingKey {
        SealingKey::new([byte; SEALING_KEY_BYTES]).unwrap()
    }

    #[test]
    fn what_was_sealed_opens_for_the_same_id() {
        let sealed = key(1).seal("AKIAEXAMPLE", b"the secret").unwrap();
        assert_eq!(key(1).open("AKIAEXAMPLE", &sealed).unwrap().as_slice(), b"the secret");
    }

    #[test]
    fn a_sealed_secret_moved_to_another_key_id_does_not_open() {
        let sealed = key(1).seal("AKIAEXAMPLE", b"the secret").unwrap();
        assert_eq!(key(1).open("AKIAOTHER", &sealed).err(), Some(SealError::NotOurs));
    }

    #[test]
    fn another_sealing_key_does_not_open_it() {
        let sealed = key(1).seal("AKIAEXAMPLE", b"the secret").unwrap();
        assert_eq!(key(2).open("AKIAEXAMPLE", &sealed).err(), Some(SealError::NotOurs));
    }

    #[test]
    fn sealing_twice_never_gives_the_same_text() {
        assert_ne!(key(1).seal("A", b"x").unwrap(), key(1).seal("A", b"x").unwrap());
    }

    #[test]
    fn garbage_is_malformed_not_a_panic() {
        for text in ["", "AA==", "not base64!", "AAAAAAAAAAAAAAAA"] {
            assert!(key(1).open("A", text).is_err(), "{text}");
        }
    }
}
