//! `min_hash`: few hashes that tell how alike two texts are, in the place of their tokens (Lucene's `MinHashFilter`).
//!
//! Source: Andrei Broder, "On the resemblance and containment of documents", with one permutation and buckets.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::analysis::Token;
use crate::analysis::part_settings::PartSettings;
use crate::analysis::steps::{ForSynonyms, GatheringFilter, PieceFilter, TextEnd, TokenFilter};
use crate::exception::Exception;
use crate::murmur3;
use crate::work::Cancel;

/// Most hashes that one text may be asked to have: `hash_count` times `bucket_count` times `hash_set_size`.
const HASHES_MAX: usize = 100_000;

#[derive(Clone, Debug)]
struct MinHash {
    hash_count: usize,
    bucket_count: usize,
    hash_set_size: usize,
    with_rotation: bool,
}

/// A hash; the order of the pair is that of the hashes.
type Hash = (u64, u64);

pub(super) fn parse(settings: &PartSettings<'_>) -> Result<Arc<dyn TokenFilter>, Exception> {
    settings.only(&["hash_count", "bucket_count", "hash_set_size", "with_rotation"])?;
    let count = |key: &str, name: &str, default: usize| match settings.count(key, default)? {
        0 => Err(Exception::illegal_argument(format!("{name} must be greater than zero"))),
        count => Ok(count),
    };
    let hash_count = count("hash_count", "hashCount", 1)?;
    let bucket_count = count("bucket_count", "bucketCount", 512)?;
    let hash_set_size = count("hash_set_size", "hashSetSize", 1)?;
    let hashes = hash_count.saturating_mul(bucket_count).saturating_mul(hash_set_size);
    if hashes > HASHES_MAX {
        return Err(settings.refuse(format!(
            "must have [hash_count] * [bucket_count] * [hash_set_size] <= {HASHES_MAX}, and has [{hashes}]"
        )));
    }
    let with_rotation = settings.flag("with_rotation", bucket_count > 1)?;
    Ok(Arc::new(MinHash { hash_count, bucket_count, hash_set_size, with_rotation }))
}

impl MinHash {
    /// The least hashes of each bucket, of the variant `variant` of the hash.
    fn least(&self, words: &[Hash], variant: usize) -> Vec<BTreeSet<Hash>> {
        let mut buckets = vec![BTreeSet::new(); self.bucket_count];
        let variant = u32::try_from(variant).unwrap_or(u32::MAX);
        let (low, high) = murmur3::halves(&variant.to_be_bytes());
        let size = (1_u64 << 32).div_ceil(self.bucket_count as u64);
        for (word_low, word_high) in words {
            let high = word_high.wrapping_mul(37).wrapping_add(high);
            let hash = (high, word_low.wrapping_mul(37).wrapping_add(low));
            let Some(bucket) = buckets.get_mut(((high >> 32) / size) as usize) else { continue };
            bucket.insert(hash);
            if bucket.len() > self.hash_set_size {
                bucket.pop_last();
            }
        }
        if self.with_rotation && self.hash_set_size == 1 {
            self.rotate(&mut buckets);
        }
        buckets
    }

    /// Gives each empty bucket the hash of the next one that is not empty, round about.
    fn rotate(&self, buckets: &mut [BTreeSet<Hash>]) {
        let mut next = buckets.iter().find_map(|bucket| bucket.first().copied());
        for bucket in buckets.iter_mut().rev() {
            match bucket.first() {
                Some(first) => next = Some(*first),
                None => bucket.extend(next),
            }
        }
    }

    /// The token of a hash: its bits as eight UTF-16 units. Halves of pairs have no text, and are indexed as U+FFFD, as Lucene
    /// does.
    fn text(&self, variant: usize, (high, low): Hash) -> String {
        let mut units = Vec::with_capacity(8);
        if self.hash_count > 1 {
            units.extend([(variant >> 16) as u16, variant as u16]);
        }
        units.extend(
            [high, low]
                .into_iter()
                .flat_map(|half| (0..4).map(move |at| (half >> (48 - 16 * at)) as u16)),
        );
        units.truncate(8);
        String::from_utf16_lossy(&units)
    }
}

impl TokenFilter for MinHash {
    fn apply(&self, tokens: Vec<Token>, cancel: &Cancel) -> Vec<Token> {
        let Some(last) = tokens.last() else { return Vec::new() };
        let hash = |token: &Token| {
            let bytes: Vec<u8> = token.text.encode_utf16().flat_map(u16::to_le_bytes).collect();
            murmur3::halves(&bytes)
        };
        let words: Vec<Hash> = tokens.iter().map(hash).collect();
        let mut made = Vec::new();
        for variant in (0..self.hash_count).take_while(|_| !cancel.is_cancelled()) {
            for hash in self.least(&words, variant).into_iter().flatten() {
                let text = self.text(variant, hash);
                made.push(Token {
                    end_offset: last.end_offset,
                    ..Token::new(&text, 0, 0, 0, "MIN_HASH")
                });
            }
        }
        made
    }

    fn apply_to_end(&self, tokens: Vec<Token>, end: &mut TextEnd, cancel: &Cancel) -> Vec<Token> {
        let made = self.apply(tokens, cancel);
        end.position = u32::from(!made.is_empty());
        made
    }

    fn moves_positions(&self) -> bool {
        true
    }

    fn for_synonyms(&self) -> ForSynonyms {
        ForSynonyms::Refused
    }

    fn across_pieces(&self) -> Option<Box<dyn PieceFilter>> {
        GatheringFilter::of(self)
    }
}
