//! Values as 64-bit hashes, for those that only count how many differ: numbers mixed, texts hashed once for each
//! ordinal of a segment.

use std::hash::{DefaultHasher, Hasher};

use tantivy::columnar::StrColumn;

use crate::columns::{piece_of, read_terms};
use crate::exception::Exception;
use crate::work::{HeldMemory, Work};

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
    /// 0: not read yet.
    hashes: Vec<u64>,
    ordinals: usize,
    work: Work,
    held: HeldMemory,
}

impl OrdinalHashes {
    /// None known yet, of `ordinals` texts of `field`.
    pub(crate) fn new(work: &Work, field: &str, ordinals: usize) -> OrdinalHashes {
        let held = work.holds(&format!("<ordinals [{field}]>"));
        OrdinalHashes { hashes: Vec::new(), ordinals, work: work.clone(), held }
    }

    /// The hash of a text of `column`.
    pub(crate) fn get(&mut self, column: &StrColumn, ordinal: u64) -> Result<u64, Exception> {
        let place = usize::try_from(ordinal).unwrap_or(usize::MAX);
        if let Some(known) = self.hashes.get(place).copied().filter(|known| *known != 0) {
            return Ok(known);
        }
        self.work.check()?;
        if self.hashes.is_empty() {
            self.held.grow(self.ordinals as u64 * 8)?;
            self.hashes.resize(self.ordinals, 0);
        }
        let (piece, within) = piece_of(ordinal);
        let mut next = place - within;
        let hashes = &mut self.hashes;
        read_terms(column, piece, |term| {
            if let Some(hash) = hashes.get_mut(next) {
                *hash = of_text(term);
            }
            next += 1;
        })?;
        Ok(self.hashes.get(place).copied().unwrap_or(1))
    }
}
