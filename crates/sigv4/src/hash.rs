//! SHA-256 (FIPS 180-4) and HMAC (RFC 2104) over the compression function of the crate `sha2`, two
//! messages at a time. Each block of a message waits for the one before it, and the processor's SHA
//! instructions are idle for half of that time: where the body and the text that a signature covers are
//! both at hand, their blocks take turns. `docs/decisions/0060` has the numbers.

use sha2::block_api::compress256;
use zeroize::Zeroize;

/// What SHA-256 knows between two blocks.
type State = [u32; 8];
type Block = [u8; 64];

/// FIPS 180-4, 5.3.3.
const START: State = [
    0x6a09_e667,
    0xbb67_ae85,
    0x3c6e_f372,
    0xa54f_f53a,
    0x510e_527f,
    0x9b05_688c,
    0x1f83_d9ab,
    0x5be0_cd19,
];

/// A message half way through SHA-256: its blocks take turns with those of another one.
pub(crate) struct Lane<'a> {
    state: State,
    blocks: &'a [Block],
    /// What comes after the blocks.
    tail: Tail,
}

impl<'a> Lane<'a> {
    /// Nothing of it is hashed yet.
    pub(crate) fn new(message: &'a [u8]) -> Self {
        let (blocks, rest) = message.as_chunks();
        Self { state: START, blocks, tail: Tail::new(rest, &[], message.len()) }
    }

    /// Nothing at all: for a message that has nobody to take turns with.
    pub(crate) fn none() -> Self {
        Self { state: START, blocks: &[], tail: Tail::NONE }
    }

    /// How many blocks are left.
    fn left(&self) -> usize {
        self.blocks.len() + self.tail.left().len()
    }

    /// Hashes the next block.
    fn step(&mut self) {
        if let Some((block, blocks)) = self.blocks.split_first() {
            compress256(&mut self.state, std::slice::from_ref(block));
            self.blocks = blocks;
        } else if let Some(block) = self.tail.left().first() {
            compress256(&mut self.state, std::slice::from_ref(block));
            self.tail.start += 1;
        }
    }

    /// Hashes all that is left.
    pub(crate) fn finish(mut self) -> [u8; 32] {
        compress256(&mut self.state, self.blocks);
        compress256(&mut self.state, self.tail.left());
        bytes(&self.state)
    }
}

/// The SHA-256 of `text` and `end` (at most 64 bytes), taking turns with the others, first with the first.
pub(crate) fn sha256(text: &[u8], end: &[u8], beside: &mut [&mut Lane<'_>]) -> [u8; 32] {
    let (blocks, rest) = text.as_chunks();
    digest(START, blocks, &Tail::new(rest, end, text.len() + end.len()), beside)
}

/// An HMAC key, absorbed. Wiped when dropped.
#[derive(Clone)]
pub(crate) struct HmacKey {
    inner: State,
    outer: State,
}

impl HmacKey {
    /// A key of any length: one longer than a block is replaced by its hash.
    pub(crate) fn new(key: &[u8]) -> Self {
        if key.len() > size_of::<Block>() {
            let mut hash = Lane::new(key).finish();
            let absorbed = Self::new(&hash);
            hash.zeroize();
            return absorbed;
        }
        let absorbed = |mask: u8| {
            let mut block: Block = [mask; 64];
            block.iter_mut().zip(key).for_each(|(byte, key)| *byte ^= key);
            let mut state = START;
            compress256(&mut state, std::slice::from_ref(&block));
            block.zeroize();
            state
        };
        Self { inner: absorbed(0x36), outer: absorbed(0x5c) }
    }

    /// The HMAC of a text.
    pub(crate) fn sign(&self, text: &[u8]) -> [u8; 32] {
        self.end(&self.begin(text), text, &[], &mut Lane::none())
    }

    /// Begins with a text that more will follow: its whole blocks, to take turns with what that will be.
    pub(crate) fn begin<'a>(&self, text: &'a [u8]) -> Lane<'a> {
        Lane { state: self.inner, blocks: text.as_chunks().0, tail: Tail::NONE }
    }

    /// The HMAC of the text that was begun with and of `end` (at most 64 bytes), taking turns with `beside`.
    pub(crate) fn end(
        &self,
        begun: &Lane<'_>,
        text: &[u8],
        end: &[u8],
        beside: &mut Lane<'_>,
    ) -> [u8; 32] {
        let (_, rest) = text.as_chunks::<64>();
        let tail = Tail::new(rest, end, size_of::<Block>() + text.len() + end.len());
        let inner = digest(begun.state, begun.blocks, &tail, &mut [beside]);
        let tail = Tail::new(&inner, &[], size_of::<Block>() + inner.len());
        digest(self.outer, &[], &tail, &mut [beside])
    }
}

impl Drop for HmacKey {
    fn drop(&mut self) {
        self.inner.zeroize();
        self.outer.zeroize();
    }
}

/// Goes on from `state` to the end of the message.
fn digest(
    mut state: State,
    blocks: &[Block],
    tail: &Tail,
    beside: &mut [&mut Lane<'_>],
) -> [u8; 32] {
    for mut blocks in [blocks, tail.left()] {
        for lane in &mut *beside {
            let (in_turns, rest) = blocks.split_at(blocks.len().min(lane.left()));
            for block in in_turns {
                compress256(&mut state, std::slice::from_ref(block));
                lane.step();
            }
            blocks = rest;
        }
        compress256(&mut state, blocks);
    }
    bytes(&state)
}

/// The last blocks of a message (FIPS 180-4, 5.1.1).
struct Tail {
    blocks: [Block; 3],
    /// Those before it are hashed.
    start: usize,
    end: usize,
}

impl Tail {
    const NONE: Self = Self { blocks: [[0; 64]; 3], start: 0, end: 0 };

    /// Of a message of `length` bytes: less than a block of `rest`, at most one of `end`, a one bit, zeros, the
    /// length in bits.
    fn new(rest: &[u8], end: &[u8], length: usize) -> Self {
        let mut tail = Self::NONE;
        let used = rest.len() + end.len();
        tail.end = (used + 9).div_ceil(size_of::<Block>());
        let last = tail.end * size_of::<Block>();
        let mut put = |place: usize, bytes: &[u8]| {
            let room = tail.blocks.as_flattened_mut().get_mut(place..place + bytes.len());
            debug_assert!(room.is_some(), "rest and end are at most a block each");
            room.into_iter().for_each(|room| room.copy_from_slice(bytes));
        };
        put(0, rest);
        put(rest.len(), end);
        put(used, &[0x80]);
        put(last - 8, &(length as u64 * 8).to_be_bytes());
        tail
    }

    fn left(&self) -> &[Block] {
        self.blocks.get(self.start..self.end).unwrap_or_default()
    }
}

fn bytes(state: &State) -> [u8; 32] {
    let mut bytes = [0; 32];
    for (bytes, word) in bytes.as_chunks_mut().0.iter_mut().zip(state) {
        *bytes = word.to_be_bytes();
    }
    bytes
}

#[cfg(test)]
mod tests {
    use hmac::{Hmac, KeyInit, Mac};
    use sha2::{Digest, Sha256};

    use super::*;

    #[test]
    fn messages_hashed_in_turns_give_the_hashes_of_each() {
        let text: Vec<u8> = (0..=255).cycle().take(400).collect();
        let sha256_of = |text: &[u8]| -> [u8; 32] { Sha256::digest(text).into() };
        for length in 0..200 {
            for end in [0, 1, 16, 63, 64] {
                for body in [0, 1, 55, 56, 63, 64, 65, 119, 120, 128, 400] {
                    let (message, end) = text[..length + end].split_at(length);
                    let (mut first, mut second) = (Lane::new(&text[..body]), Lane::new(message));
                    let ours = sha256(message, end, &mut [&mut first, &mut second]);
                    assert_eq!(ours, sha256_of(&text[..length + end.len()]), "{length} {body}");
                    assert_eq!(first.finish(), sha256_of(&text[..body]), "{length} {body}");
                    assert_eq!(second.finish(), sha256_of(message), "{length} {body}");
                }
            }
        }
    }

    #[test]
    fn a_key_of_any_length_gives_the_hmac_of_the_library() {
        let text: Vec<u8> = (0..=255).collect();
        for key in [0, 1, 32, 44, 63, 64, 65, 128, 200].map(|length| &text[..length]) {
            for length in 0..192 {
                for end in [0, 1, 63, 64] {
                    let (message, end) = text[..length + end].split_at(length);
                    let mut library = Hmac::<Sha256>::new_from_slice(key).unwrap();
                    library.update(message);
                    library.update(end);
                    let expected: [u8; 32] = library.finalize().into_bytes().into();
                    let (key, mut body) = (HmacKey::new(key), Lane::new(&text[..length]));
                    let mut begun = key.begin(message);
                    begun.step();
                    assert_eq!(key.end(&begun, message, end, &mut body), expected, "{length}");
                    let body_hash: [u8; 32] = Sha256::digest(&text[..length]).into();
                    assert_eq!(body.finish(), body_hash, "{length}");
                }
            }
        }
    }
}
