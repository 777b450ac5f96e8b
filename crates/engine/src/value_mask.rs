//! What is shown in place of a value that is masked.

use blake2::Blake2bMac;
use blake2::digest::consts::U32;
use blake2::digest::{FixedOutput, Update};

use crate::exception::Exception;
use crate::java_regex::{JavaRegex, JavaReplacement};

/// What makes another value of one.
#[derive(Clone, Debug)]
pub struct ValueMask(MaskKind);

#[derive(Clone, Debug)]
enum MaskKind {
    Hash([u8; ValueMask::SALT_BYTES]),
    Replace(Vec<(JavaRegex, JavaReplacement)>),
}

impl ValueMask {
    /// How long a salt is.
    pub const SALT_BYTES: usize = 16;

    /// Shows a hash: BLAKE2b of 256 bits in hexadecimal digits, with the salt in the place of the personalization. That is what
    /// OpenSearch's security plugin does (opensearch-project/security#4274).
    ///
    /// ```
    /// let mask = engine::ValueMask::hash(*b"e1ukloTsQlOgPquJ");
    /// assert_eq!(mask.mask("x"), "af9efc9cbd548940ed7619bccaf0582e39d1cef8d5a4d8b3a8f3b12e44eae193");
    /// ```
    pub fn hash(salt: [u8; ValueMask::SALT_BYTES]) -> ValueMask {
        ValueMask(MaskKind::Hash(salt))
    }

    /// Shows the value, with what each of these regular expressions of Java's finds replaced.
    ///
    /// # Errors
    /// `illegal_argument_exception`: a pattern that cannot be compiled.
    ///
    /// ```
    /// let mask = engine::ValueMask::replace(&[("l+".to_owned(), "L".to_owned())])?;
    /// assert_eq!(mask.mask("hello"), "heLo");
    /// # Ok::<(), engine::exception::Exception>(())
    /// ```
    pub fn replace(replaced: &[(String, String)]) -> Result<ValueMask, Exception> {
        let pairs = replaced.iter().map(|(pattern, replacement)| {
            let pattern = JavaRegex::new(pattern, "")?;
            let replacement = JavaReplacement::new(replacement, &pattern);
            Ok((pattern, replacement))
        });
        Ok(ValueMask(MaskKind::Replace(pairs.collect::<Result<_, Exception>>()?)))
    }

    /// What is shown in place of `value`.
    pub fn mask(&self, value: &str) -> String {
        match &self.0 {
            MaskKind::Hash(salt) => hash(salt, value.as_bytes()),
            MaskKind::Replace(pairs) => {
                let mut pairs = pairs.iter();
                let replaced = pairs.try_fold(value.to_owned(), |text, (pattern, replacement)| {
                    pattern.replace_all(&text, replacement)
                });
                // What could not be looked through is not shown at all.
                replaced.unwrap_or_default()
            }
        }
    }
}

fn hash(salt: &[u8], value: &[u8]) -> String {
    // The lengths are those that it takes.
    let Ok(mut hash) = Blake2bMac::<U32>::new_with_salt_and_personal(None, &[], salt) else {
        return String::new();
    };
    hash.update(value);
    hash.finalize_fixed().iter().map(|byte| format!("{byte:02x}")).collect()
}
