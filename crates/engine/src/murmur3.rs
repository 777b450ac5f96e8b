//! MurmurHash3. Of texts which it only counts Elasticsearch takes the first half of the long hash (x64, 128 bits) with the seed
//! 0 (`MurmurHash3.hash128` of Elasticsearch 7.10 and OpenSearch 2.19; the algorithm is Austin Appleby's, public domain).
//! Whoever writes documents can make hashes meet, so nothing finds its place in a table by it.

const C1: u64 = 0x87c3_7b91_1142_53d5;
const C2: u64 = 0x4cf5_ad43_2745_937f;

/// The hash of some bytes.
pub(crate) fn hash(bytes: &[u8]) -> u64 {
    halves(bytes).0
}

/// Both halves of the hash of some bytes.
pub(crate) fn halves(bytes: &[u8]) -> (u64, u64) {
    let (mut h1, mut h2) = (0_u64, 0_u64);
    let (blocks, rest) = bytes.as_chunks::<16>();
    for block in blocks {
        let block = u128::from_le_bytes(*block);
        h1 = (h1 ^ first_mixed(block as u64)).rotate_left(27).wrapping_add(h2);
        h1 = h1.wrapping_mul(5).wrapping_add(0x52dc_e729);
        h2 = (h2 ^ second_mixed((block >> 64) as u64)).rotate_left(31).wrapping_add(h1);
        h2 = h2.wrapping_mul(5).wrapping_add(0x3849_5ab5);
    }
    let last = match bytes.last_chunk() {
        // What is behind the last block is the end of these bytes.
        Some(end) => {
            let before = 128 - 8 * rest.len() as u32;
            u128::from_le_bytes(*end).checked_shr(before).unwrap_or(0)
        }
        None => {
            let mut last = [0; 16];
            if let Some(last) = last.get_mut(..rest.len()) {
                last.copy_from_slice(rest);
            }
            u128::from_le_bytes(last)
        }
    };
    h1 ^= first_mixed(last as u64);
    h2 ^= second_mixed((last >> 64) as u64);
    let length = bytes.len() as u64;
    h1 ^= length;
    h2 ^= length;
    h1 = h1.wrapping_add(h2);
    h2 = h2.wrapping_add(h1);
    let (h1, h2) = (finished(h1), finished(h2));
    let h1 = h1.wrapping_add(h2);
    (h1, h2.wrapping_add(h1))
}

fn first_mixed(key: u64) -> u64 {
    key.wrapping_mul(C1).rotate_left(31).wrapping_mul(C2)
}

fn second_mixed(key: u64) -> u64 {
    key.wrapping_mul(C2).rotate_left(33).wrapping_mul(C1)
}

fn finished(hash: u64) -> u64 {
    let hash = (hash ^ (hash >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
    let hash = (hash ^ (hash >> 33)).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    hash ^ (hash >> 33)
}

/// MurmurHash3 (x86, 32 bits), as Elasticsearch takes it of what it distributes. (`StringHelper.murmurhash3_x86_32` of Lucene.)
pub(crate) fn hash32(bytes: &[u8], seed: i32) -> i32 {
    let scrambled =
        |block: u32| block.wrapping_mul(0xcc9e_2d51).rotate_left(15).wrapping_mul(0x1b87_3593);
    let (blocks, rest) = bytes.as_chunks::<4>();
    let mut hash = seed as u32;
    for block in blocks {
        hash ^= scrambled(u32::from_le_bytes(*block));
        hash = hash.rotate_left(13).wrapping_mul(5).wrapping_add(0xe654_6b64);
    }
    let mut last = [0; 4];
    for (to, from) in last.iter_mut().zip(rest) {
        *to = *from;
    }
    if !rest.is_empty() {
        hash ^= scrambled(u32::from_le_bytes(last));
    }
    finished32((hash ^ bytes.len() as u32) as i32)
}

/// What it ends with. (`BitMixer.mix32` of the HPPC library.)
pub(crate) fn finished32(hash: i32) -> i32 {
    let hash = hash as u32;
    let hash = (hash ^ (hash >> 16)).wrapping_mul(0x85eb_ca6b);
    let hash = (hash ^ (hash >> 13)).wrapping_mul(0xc2b2_ae35);
    (hash ^ (hash >> 16)) as i32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_hashes_are_murmurs() {
        for (text, expected) in [("", 0), ("test", 0xba6b_d213), ("Hello, world!", 0xc036_3e43)] {
            assert_eq!(hash32(text.as_bytes(), 0) as u32, expected, "{text}");
        }
    }

    #[test]
    fn hashes_are_those_of_elasticsearch() {
        // Of `MurmurHash3.hash128` of Elasticsearch 7.10.2.
        for (text, expected) in [
            ("", 0),
            ("bar", -7911037993560119804),
            ("hello", -3758069500696749310),
            ("0123456789abcdef", 5467490433528156583),
            ("0123456789abcdefg", -8200385122730116642),
            ("The quick brown fox jumps over the lazy dog", -2068352364225029268),
            ("é", -3956277427552623640),
        ] {
            assert_eq!(hash(text.as_bytes()) as i64, expected, "{text}");
        }
    }
}
