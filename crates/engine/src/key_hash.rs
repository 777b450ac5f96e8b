//! The hashes of tables that a search fills with what its documents have: multiplied and folded (the step of wyhash and
//! foldhash) with a secret of the table's own, so that nobody can write documents whose keys meet in one place.

use std::hash::{BuildHasher, Hasher, RandomState};

/// Makes the hashes of one table.
#[derive(Clone, Debug)]
pub(crate) struct KeyHashes {
    secret: u64,
}

impl Default for KeyHashes {
    fn default() -> KeyHashes {
        KeyHashes { secret: RandomState::new().hash_one(0u64) }
    }
}

impl BuildHasher for KeyHashes {
    type Hasher = KeyHasher;

    fn build_hasher(&self) -> KeyHasher {
        KeyHasher { state: self.secret, secret: self.secret | 1 }
    }
}

/// One key on its way to its hash.
#[derive(Debug)]
pub(crate) struct KeyHasher {
    state: u64,
    secret: u64,
}

impl Hasher for KeyHasher {
    #[inline]
    fn finish(&self) -> u64 {
        self.state
    }

    #[inline]
    fn write_u64(&mut self, value: u64) {
        let wide = u128::from(self.state ^ value).wrapping_mul(FACTOR.into());
        self.state = (wide as u64 ^ (wide >> 64) as u64).wrapping_add(self.secret);
    }

    #[inline]
    fn write_u8(&mut self, value: u8) {
        self.write_u64(value.into());
    }

    #[inline]
    fn write_u32(&mut self, value: u32) {
        self.write_u64(value.into());
    }

    #[inline]
    fn write_u128(&mut self, value: u128) {
        self.write_u64(value as u64);
        self.write_u64((value >> 64) as u64);
    }

    #[inline]
    fn write_usize(&mut self, value: usize) {
        self.write_u64(value as u64);
    }

    #[inline]
    fn write(&mut self, bytes: &[u8]) {
        let (words, rest) = bytes.as_chunks::<8>();
        words.iter().for_each(|word| self.write_u64(u64::from_le_bytes(*word)));
        let mut last = [0; 8];
        for (to, from) in last.iter_mut().zip(rest) {
            *to = *from;
        }
        // How long the rest is tells it from zeros.
        self.write_u64(u64::from_le_bytes(last) ^ (rest.len() as u64) << 56);
    }
}

/// The fraction of the golden ratio, odd.
const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn keys_near_each_other_have_hashes_all_over_the_table() {
        let hashes = KeyHashes::default();
        let places: HashSet<u64> =
            (0u128..4096).map(|key| hashes.hash_one((7u32, key)) % 65_536).collect();
        // Thrown at random, 4,096 balls hit some 3,970 of 65,536 boxes.
        assert!(places.len() > 3_850, "{}", places.len());
        let tops: HashSet<u64> =
            (0u128..4096).map(|key| hashes.hash_one((7u32, key << 40)) >> 48).collect();
        assert!(tops.len() > 3_850, "{}", tops.len());
    }

    #[test]
    fn texts_that_end_in_zeros_differ() {
        let hashes = KeyHashes::default();
        let texts = ["", "\0", "\0\0", "a", "a\0", "abcdefgh", "abcdefgh\0", "abcdefghi"];
        let all: HashSet<u64> = texts.iter().map(|text| hashes.hash_one(text)).collect();
        assert_eq!(all.len(), texts.len());
    }

    #[test]
    fn two_tables_have_different_secrets() {
        let one = KeyHashes::default().hash_one(1u64);
        assert!((0..4).any(|_| KeyHashes::default().hash_one(1u64) != one));
    }
}
