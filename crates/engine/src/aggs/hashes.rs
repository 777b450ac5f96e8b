//! Values as 64-bit hashes, for those that only count how many differ: numbers mixed, texts hashed once for each
//! ordinal of a segment.

use std::hash::{DefaultHasher, Hasher};

use tantivy::columnar::StrColumn;

use crate::exception::Exception;
use crate::exception::io;
use crate::work::{Held, Work};

/// How many ordinals are looked up one by one, each of which unpacks a block of the dictionary, before the whole
/// dictionary is read instead: an N-th of it, and at least so many.
pub(crate) const LOOKED_UP_SHARE: usize = 32;
/// See [`LOOKED_UP_SHARE`].
pub(crate) const LOOKED_UP_MIN: usize = 256;

/// The hash of a number's code (`SplitMix64`'s finalizer, each half).
pub(crate) fn of_code(code: u128) -> u64 {
    mix(code as u64) ^ mix((code >> 64) as u64).rotate_left(32)
}

fn mix(value: u64) -> u64 {
    let value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}

/// The hash of a text; never 0.
pub(crate) fn of_text(text: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    hasher.write(text);
    hasher.finish().max(1)
}

/// The hashes of the texts of one segment by ordinal.
pub(crate) struct OrdinalHashes {
    /// 0: not looked up yet.
    hashes: Vec<u64>,
    looked_up: usize,
    work: Work,
    _held: Held,
}

impl OrdinalHashes {
    /// None known yet, of `ordinals` texts of `field`.
    pub(crate) fn new(
        work: &Work,
        field: &str,
        ordinals: usize,
    ) -> Result<OrdinalHashes, Exception> {
        let held = work.budget.take(ordinals as u64 * 8, &format!("<ordinals [{field}]>"))?;
        let hashes = vec![0; ordinals];
        Ok(OrdinalHashes { hashes, looked_up: 0, work: work.clone(), _held: held })
    }

    /// The hash of a text of `column`.
    pub(crate) fn get(&mut self, column: &StrColumn, ordinal: u64) -> Result<u64, Exception> {
        let place = usize::try_from(ordinal).unwrap_or(usize::MAX);
        if let Some(known) = self.hashes.get(place).copied().filter(|known| *known != 0) {
            return Ok(known);
        }
        self.looked_up += 1;
        if self.looked_up > LOOKED_UP_MIN.max(self.hashes.len() / LOOKED_UP_SHARE) {
            self.read_all(column)?;
            return Ok(self.hashes.get(place).copied().unwrap_or(1));
        }
        let mut text = String::new();
        column.ord_to_str(ordinal, &mut text).map_err(io)?;
        let hash = of_text(text.as_bytes());
        if let Some(place) = self.hashes.get_mut(place) {
            *place = hash;
        }
        Ok(hash)
    }

    fn read_all(&mut self, column: &StrColumn) -> Result<(), Exception> {
        let mut stream = column.dictionary().stream().map_err(io)?;
        for hash in &mut self.hashes {
            self.work.check()?;
            if !stream.advance() {
                break;
            }
            *hash = of_text(stream.key());
        }
        Ok(())
    }
}
