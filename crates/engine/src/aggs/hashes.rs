//! Values as the 64-bit hashes by which Elasticsearch counts how many differ (`MurmurHash3Values`): numbers mixed, texts hashed
//! once for each ordinal of a segment.

use tantivy::columnar::StrColumn;

use crate::columns::{piece_of, read_terms};
use crate::exception::Exception;
use crate::murmur3;
use crate::work::{HeldMemory, Work};

/// The hash of a number: of a fraction's bits, or of a whole number (`BitMixer.mix64`).
pub(crate) fn of_number(bits: u64) -> u64 {
    let bits = (bits ^ (bits >> 32)).wrapping_mul(0x4cd6_944c_5cc2_0b6d);
    let bits = (bits ^ (bits >> 29)).wrapping_mul(0xfc12_c5b1_9d32_59e9);
    bits ^ (bits >> 32)
}

/// The hash of a text or of an address; never 0.
pub(crate) fn of_bytes(text: &[u8]) -> u64 {
    murmur3::hash(text).max(1)
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
                *hash = of_bytes(term);
            }
            next += 1;
        })?;
        Ok(self.hashes.get(place).copied().unwrap_or(1))
    }
}
