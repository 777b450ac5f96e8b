//! What control makes up: key ids, secrets, unique ids, session ids. Randomness comes in as a value.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

/// The letters of AWS's ids: base 32.
const ID_ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
/// The letters of a domain's unique part.
const HOST_ALPHABET: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";

/// A source of random bytes. [`SystemMint`] in service, a counted one in tests.
pub trait Mint: Send + Sync {
    /// Fills `bytes`, or says that the source failed.
    ///
    /// # Errors
    /// When the operating system gives no randomness.
    fn fill(&self, bytes: &mut [u8]) -> Result<(), MintError>;
}

/// The source of randomness failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MintError;

impl std::fmt::Display for MintError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the operating system gave no randomness")
    }
}

impl std::error::Error for MintError {}

/// The operating system's randomness.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemMint;

impl Mint for SystemMint {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), MintError> {
        getrandom::fill(bytes).map_err(|_| MintError)
    }
}

/// An id of AWS's shape: a four-letter prefix (`AKIA`, `AIDA`, `AROA` …) and `length - 4` letters.
pub(crate) fn id(mint: &dyn Mint, prefix: &str, length: usize) -> Result<String, MintError> {
    Ok(format!("{prefix}{}", letters(mint, ID_ALPHABET, length.saturating_sub(prefix.len()))?))
}

/// A secret access key of AWS's shape: 40 characters of base 64, 240 random bits.
pub(crate) fn secret(mint: &dyn Mint) -> Result<Zeroizing<String>, MintError> {
    let mut bytes = Zeroizing::new([0u8; 30]);
    mint.fill(bytes.as_mut_slice())?;
    Ok(Zeroizing::new(STANDARD.encode(bytes.as_slice())))
}

/// The random part of a domain's host name.
pub(crate) fn host_part(mint: &dyn Mint) -> Result<String, MintError> {
    letters(mint, HOST_ALPHABET, 26)
}

/// 128 random bits, base 64: what a session token carries.
pub(crate) fn session_id(mint: &dyn Mint) -> Result<String, MintError> {
    let mut bytes = [0u8; 16];
    mint.fill(&mut bytes)?;
    Ok(STANDARD.encode(bytes))
}

fn letters(mint: &dyn Mint, alphabet: &[u8; 32], count: usize) -> Result<String, MintError> {
    let mut bytes = vec![0u8; count];
    mint.fill(&mut bytes)?;
    let letter = |byte: u8| alphabet.get(usize::from(byte % 32)).copied().map_or('A', char::from);
    Ok(bytes.into_iter().map(letter).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_and_secrets_have_the_shape_of_amazons() {
        let key_id = id(&SystemMint, "AKIA", 20).unwrap();
        assert!(key_id.len() == 20 && key_id.starts_with("AKIA"), "{key_id}");
        assert!(
            key_id.chars().all(|c| c.is_ascii_uppercase() || ('2'..='7').contains(&c)),
            "{key_id}"
        );
        let secret = secret(&SystemMint).unwrap();
        let base64 = |byte: u8| byte.is_ascii_alphanumeric() || b"+/".contains(&byte);
        assert!(secret.len() == 40 && secret.bytes().all(base64));
    }

    #[test]
    fn a_domains_part_of_its_host_name_is_letters_and_digits_that_a_host_may_have() {
        let part = host_part(&SystemMint).unwrap();
        let fits = |byte: u8| byte.is_ascii_lowercase() || (b'2'..=b'7').contains(&byte);
        assert!(part.len() == 26 && part.bytes().all(fits), "{part}");
        assert_ne!(part, host_part(&SystemMint).unwrap());
    }

    /// A source that has no randomness.
    struct Dry;

    impl Mint for Dry {
        fn fill(&self, _: &mut [u8]) -> Result<(), MintError> {
            Err(MintError)
        }
    }

    #[test]
    fn without_randomness_nothing_is_made_up() {
        assert_eq!(id(&Dry, "AKIA", 20), Err(MintError));
        assert_eq!(secret(&Dry).map(drop), Err(MintError));
        assert_eq!((host_part(&Dry), session_id(&Dry)), (Err(MintError), Err(MintError)));
    }

    /// A source that gives these bytes.
    struct Fixed([u8; 30]);

    impl Mint for Fixed {
        fn fill(&self, bytes: &mut [u8]) -> Result<(), MintError> {
            bytes.iter_mut().zip(self.0).for_each(|(byte, fixed)| *byte = fixed);
            Ok(())
        }
    }

    #[test]
    fn every_random_bit_of_a_secret_and_eighty_of_a_key_id_count() {
        let zero = Fixed([0; 30]);
        let (no_id, no_secret) = (id(&zero, "AKIA", 20).unwrap(), secret(&zero).unwrap());
        let mut ids = 0;
        for bit in 0..240 {
            let mut random = Fixed([0; 30]);
            random.0[bit / 8] = 1 << (bit % 8);
            assert_ne!(*secret(&random).unwrap(), *no_secret, "bit {bit}");
            ids += usize::from(id(&random, "AKIA", 20).unwrap() != no_id);
        }
        assert_eq!(ids, 80);
    }
}
