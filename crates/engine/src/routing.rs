//! Which shard a routing leads to. There is one copy of everything here, but an index that was created with several
//! shards still answers as if it had them: a request with a routing that leads elsewhere does not find the document.
//!
//! Source: `OperationRouting.generateShardId`, `Murmur3HashFunction` and `MetadataCreateIndexService.calculateNumRoutingShards`
//! of Elasticsearch 7.10; MurmurHash3 x86 32 by Austin Appleby.

use crate::cluster::settings::IndexSettings;
use crate::murmur3::hash32;

/// Among how many shards the documents of an index fall.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Partition {
    /// How many shards.
    pub shards: u64,
    /// In how many slots the routings fall.
    slots: u64,
}

impl Partition {
    /// What the settings of an index say.
    pub(crate) fn of(settings: &IndexSettings) -> Partition {
        let shards = settings.count("number_of_shards", 1).max(1);
        Partition { shards, slots: routing_shards(settings) }
    }

    /// The shard that a routing leads to.
    pub(crate) fn shard(self, routing: &str) -> u64 {
        let hash = i64::from(murmur3(routing));
        let slot = hash.rem_euclid(i64::try_from(self.slots.max(1)).unwrap_or(i64::MAX)) as u64;
        slot / (self.slots / self.shards).max(1)
    }
}

/// Whether a request for `id` with the routing `asked` comes to the shard where the document with the routing `given` is.
pub(crate) fn reaches(
    settings: &IndexSettings,
    id: &str,
    given: Option<&str>,
    asked: Option<&str>,
) -> bool {
    if given == asked {
        return true;
    }
    let partition = Partition::of(settings);
    partition.shards <= 1
        || partition.shard(given.unwrap_or(id)) == partition.shard(asked.unwrap_or(id))
}

/// In how many slots the routings of an index fall.
pub(crate) fn routing_shards(settings: &IndexSettings) -> u64 {
    let shards = settings.count("number_of_shards", 1);
    settings.count("number_of_routing_shards", default_slots(shards)).max(shards)
}

/// As many slots as allow the index to be split by two up to 1,024 shards.
fn default_slots(shards: u64) -> u64 {
    let bits = u64::BITS - shards.saturating_sub(1).leading_zeros();
    let splits = 10u32.saturating_sub(bits).max(1);
    shards.saturating_mul(1 << splits)
}

/// In which of `count` slices the document `id` is. (`TermsSliceQuery` and `Uid.encodeId` of Elasticsearch 7.10.)
pub(crate) fn slice(id: &str, count: usize) -> usize {
    let hash = i64::from(hash32(&encoded(id), 7919));
    let count = i64::try_from(count.max(1)).unwrap_or(i64::MAX);
    usize::try_from(hash.rem_euclid(count)).unwrap_or(0)
}

/// An id as Lucene's term: digits packed, Base64 unpacked, anything else as it is.
fn encoded(id: &str) -> Vec<u8> {
    use base64::Engine as _;
    if !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit()) {
        let pack = |pair: &[u8]| {
            let digit = |at: usize| pair.get(at).map_or(0x0f, |byte| byte - b'0');
            digit(0) << 4 | digit(1)
        };
        return std::iter::once(0xfe).chain(id.as_bytes().chunks(2).map(pack)).collect();
    }
    match base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(id) {
        Ok(bytes) if !bytes.is_empty() => {
            let escaped = bytes.first().is_some_and(|first| *first >= 0xfd);
            escaped.then_some(0xfd).into_iter().chain(bytes).collect()
        }
        _ => std::iter::once(0xff).chain(id.bytes()).collect(),
    }
}

/// MurmurHash3 x86 32, seed 0, of the UTF-16 units, low byte first.
fn murmur3(text: &str) -> i32 {
    let bytes: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    hash32(&bytes, 0)
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
