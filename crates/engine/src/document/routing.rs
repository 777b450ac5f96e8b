//! Which shard a routing leads to. There is one copy of everything here, but an index that was created with several
//! shards still answers as if it had them: a request with a routing that leads elsewhere does not find the document.
//!
//! Source: `OperationRouting.generateShardId`, `Murmur3HashFunction` and `MetadataCreateIndexService.calculateNumRoutingShards`
//! of Elasticsearch 7.10; MurmurHash3 x86 32 by Austin Appleby.

use crate::cluster::settings::IndexSettings;

/// Whether a request for `id` with the routing `asked` comes to the shard where the document with the routing `given` is.
pub(super) fn reaches(
    settings: &IndexSettings,
    id: &str,
    given: Option<&str>,
    asked: Option<&str>,
) -> bool {
    let shards = settings.count("number_of_shards", 1);
    given == asked
        || shards <= 1
        || shard(settings, shards, given.unwrap_or(id))
            == shard(settings, shards, asked.unwrap_or(id))
}

/// In how many slots the routings of an index fall.
pub(crate) fn routing_shards(settings: &IndexSettings) -> u64 {
    let shards = settings.count("number_of_shards", 1);
    settings.count("number_of_routing_shards", default_slots(shards)).max(shards)
}

fn shard(settings: &IndexSettings, shards: u64, routing: &str) -> u64 {
    let slots = routing_shards(settings);
    let hash = i64::from(murmur3(routing));
    let slot = hash.rem_euclid(i64::try_from(slots).unwrap_or(i64::MAX)) as u64;
    slot / (slots / shards).max(1)
}

/// As many slots as allow the index to be split by two up to 1,024 shards.
fn default_slots(shards: u64) -> u64 {
    let bits = u64::BITS - shards.saturating_sub(1).leading_zeros();
    let splits = 10u32.saturating_sub(bits).max(1);
    shards.saturating_mul(1 << splits)
}

/// MurmurHash3 x86 32, seed 0, of the UTF-16 units, low byte first.
fn murmur3(text: &str) -> i32 {
    let bytes: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let mix =
        |block: u32| block.wrapping_mul(0xcc9e_2d51).rotate_left(15).wrapping_mul(0x1b87_3593);
    let mut hash = 0u32;
    let blocks = bytes.chunks_exact(4);
    let rest = blocks.remainder();
    for block in blocks {
        let block = block.iter().rev().fold(0, |value, byte| value << 8 | u32::from(*byte));
        hash = (hash ^ mix(block)).rotate_left(13).wrapping_mul(5).wrapping_add(0xe654_6b64);
    }
    if !rest.is_empty() {
        hash ^= mix(rest.iter().rev().fold(0, |value, byte| value << 8 | u32::from(*byte)));
    }
    hash ^= bytes.len() as u32;
    hash = (hash ^ hash >> 16).wrapping_mul(0x85eb_ca6b);
    hash = (hash ^ hash >> 13).wrapping_mul(0xc2b2_ae35);
    (hash ^ hash >> 16) as i32
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Vectors of Elasticsearch's own `Murmur3HashFunctionTests`.
    #[test]
    fn hashes_are_elasticsearchs() {
        assert_eq!(murmur3("hell"), 0x5a0c_b7c3);
        assert_eq!(murmur3("hello"), 0xd7c3_1989_u32 as i32);
        assert_eq!(murmur3("hello w"), 0x22ab_2984);
        assert_eq!(murmur3("hello wo"), 0xdf0c_a123_u32 as i32);
        assert_eq!(murmur3("The quick brown fox jumps over the lazy dog"), 0xe07d_b09c_u32 as i32);
        assert_eq!(murmur3("The quick brown fox jumps over the lazy cog"), 0x4e63_d2ad);
    }

    #[test]
    fn one_shard_is_reached_by_every_routing() {
        assert!(reaches(&IndexSettings::default(), "1", Some("a"), Some("b")));
    }

    #[test]
    fn five_shards_tell_routings_apart() {
        let settings = IndexSettings::parse(&serde_json::json!({"number_of_shards": 5})).unwrap();
        assert!(!reaches(&settings, "1", Some("5"), Some("4")));
        assert!(!reaches(&settings, "1", Some("5"), None));
        assert!(reaches(&settings, "1", Some("5"), Some("5")));
        assert!(reaches(&settings, "1", None, Some("1")));
    }
}
