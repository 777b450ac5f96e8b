//! Request targets over HTTP/2 that h2 would refuse without a word, on the bytes before h2 reads them.
//!
//! People do not encode `"`, `<` or a space in a query. h2 resets the stream of such a `:path` and tells nobody which
//! character it was. Here the value is replaced by one that h2 takes and no client sends (it begins with `?`), which
//! says what was wrong; [`refused`] reads it back, and `parse` answers 400 in words.
//!
//! The replacement is as long as what it replaces, so that h2's dynamic table and the client's encoder agree (RFC
//! 7541, section 4.1: an entry's size is its length). Only `:path` is looked at, by its static index or its name; a
//! client that finds another way to write it has its stream reset, as ever.

use client::framing::{Fault, raw_character};
use http::request::Parts;

use crate::transport::huffman;

/// A watcher of one connection.
#[derive(Debug)]
pub(crate) struct Targets {
    /// Bytes to pass until the next frame's head: first the preface, then payloads.
    skip: usize,
    /// A frame's head, or a HEADERS frame, that is not complete.
    partial: Vec<u8>,
}

/// The bytes before the first frame (RFC 9113, section 3.4).
const PREFACE_BYTES: usize = 24;
const HEAD_BYTES: usize = 9;
/// The largest frame that h2 takes (SETTINGS_MAX_FRAME_SIZE, its default). A larger one is passed for it to refuse.
const FRAME_BYTES_MAX: usize = 16 * 1024;

const HEADERS: u8 = 1;
const PADDED: u8 = 8;
const PRIORITY: u8 = 0x20;

impl Default for Targets {
    fn default() -> Self {
        Self { skip: PREFACE_BYTES, partial: Vec::new() }
    }
}

impl Targets {
    /// What h2 may read in the place of `came`; `None`: just that. A HEADERS frame is held until it is whole.
    pub(crate) fn pass(&mut self, came: &[u8]) -> Option<Vec<u8>> {
        let mut rest = came;
        let mut passed: Option<Vec<u8>> = None;
        loop {
            if !self.partial.is_empty() {
                let out = passed.get_or_insert_with(Vec::new);
                if !self.complete(&mut rest, out) {
                    return passed;
                }
            }
            let (skipped, target) = rest.split_at(self.skip.min(rest.len()));
            if let Some(out) = &mut passed {
                out.extend_from_slice(skipped);
            }
            self.skip -= skipped.len();
            rest = target;
            if rest.is_empty() {
                return passed;
            }
            match wanted(rest) {
                Some(length) if rest.len() < length => {
                    let before = came.get(..came.len() - rest.len()).unwrap_or_default();
                    passed.get_or_insert_with(|| before.to_vec());
                    self.partial.extend_from_slice(rest);
                    return passed;
                }
                Some(length) => match rest.get(..length).and_then(rewritten) {
                    Some(frame) => {
                        let before = came.get(..came.len() - rest.len()).unwrap_or_default();
                        passed.get_or_insert_with(|| before.to_vec()).extend_from_slice(&frame);
                        rest = rest.get(length..).unwrap_or_default();
                    }
                    None => self.skip = length,
                },
                None => self.skip = length_of(rest),
            }
        }
    }

    /// Fills the frame that is held up from `rest`; false: it is still not whole.
    fn complete(&mut self, rest: &mut &[u8], out: &mut Vec<u8>) -> bool {
        while let Some(length) = wanted(&self.partial) {
            let missing = length.saturating_sub(self.partial.len()).min(rest.len());
            let (taken, target) = rest.split_at(missing);
            self.partial.extend_from_slice(taken);
            *rest = target;
            if self.partial.len() < length {
                return false;
            }
            if length > HEAD_BYTES || wanted(&self.partial) == Some(length) {
                let frame = std::mem::take(&mut self.partial);
                out.extend_from_slice(&rewritten(&frame).unwrap_or(frame));
                return true;
            }
        }
        self.skip = length_of(&self.partial) - self.partial.len();
        out.append(&mut self.partial);
        true
    }
}

/// How many bytes of a frame are wanted at once: its head, and the whole of a HEADERS frame. `None`: none.
fn wanted(frame: &[u8]) -> Option<usize> {
    let Some(kind) = frame.get(..HEAD_BYTES).and_then(|head| head.get(3)) else {
        return Some(HEAD_BYTES);
    };
    let length = length_of(frame);
    (*kind == HEADERS && length <= HEAD_BYTES + FRAME_BYTES_MAX).then_some(length)
}

/// The length of a frame, its head included.
fn length_of(frame: &[u8]) -> usize {
    let length = frame.iter().take(3).fold(0, |length, byte| length << 8 | usize::from(*byte));
    HEAD_BYTES + length
}

/// A HEADERS frame whose `:path` h2 would refuse, with one that it takes.
fn rewritten(frame: &[u8]) -> Option<Vec<u8>> {
    let flags = *frame.get(4)?;
    let padded = flags & PADDED != 0;
    let padding = if padded { usize::from(*frame.get(HEAD_BYTES)?) } else { 0 };
    let front = HEAD_BYTES + usize::from(padded) + if flags & PRIORITY != 0 { 5 } else { 0 };
    let block = frame.get(front..frame.len().checked_sub(padding)?)?;
    let (value, target) = path(block)?;
    let sound = value == b"*" || value.starts_with(b"/") && raw_character(&value).is_none();
    if value.is_empty() || sound {
        return None;
    }
    let mut new = frame.get(..front)?.to_vec();
    new.extend_from_slice(block.get(..block.len() - target.at)?);
    push_text(&mut new, &stand_in(&value));
    new.extend_from_slice(block.get(block.len() - target.after..)?);
    new.extend_from_slice(frame.get(frame.len() - padding..)?);
    let length = new.len() - HEAD_BYTES;
    let bytes = u32::try_from(length).ok()?.to_be_bytes();
    new.get_mut(..3)?.copy_from_slice(bytes.get(1..)?);
    (length <= FRAME_BYTES_MAX).then_some(new)
}

/// Where a value is in a header block, counted from the block's end.
struct HeaderPlace {
    at: usize,
    after: usize,
}

/// The value of `:path` in a header block, decoded (RFC 7541, section 6).
fn path(block: &[u8]) -> Option<(Vec<u8>, HeaderPlace)> {
    let mut rest = block;
    while let Some(first) = rest.first() {
        let bits = match first {
            // An entry of a table, or the size of one: no text.
            0x80.. => {
                integer(&mut rest, 7)?;
                continue;
            }
            0x20..0x40 => {
                integer(&mut rest, 5)?;
                continue;
            }
            0x40..0x80 => 6,
            _ => 4,
        };
        let is_path = match integer(&mut rest, bits)? {
            0 => text(&mut rest)? == b":path",
            // The static table's two entries of that name (RFC 7541, appendix A).
            index => matches!(index, 4 | 5),
        };
        let at = rest.len();
        if is_path {
            let value = text(&mut rest)?;
            return Some((value, HeaderPlace { at, after: rest.len() }));
        }
        let length = integer(&mut rest, 7)?;
        rest = rest.get(length..)?;
    }
    None
}

/// An integer whose first byte holds `bits` of it (RFC 7541, section 5.1).
fn integer(rest: &mut &[u8], bits: u32) -> Option<usize> {
    let mask = (1_usize << bits) - 1;
    let (first, mut target) = rest.split_first()?;
    let mut value = usize::from(*first) & mask;
    if value == mask {
        for shift in [0, 7, 14] {
            let (byte, more) = target.split_first()?;
            target = more;
            value += usize::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                *rest = target;
                return Some(value);
            }
        }
        return None;
    }
    *rest = target;
    Some(value)
}

/// A string, plain or Huffman-coded (RFC 7541, section 5.2).
fn text(rest: &mut &[u8]) -> Option<Vec<u8>> {
    let coded = rest.first()? & 0x80 != 0;
    let length = integer(rest, 7)?;
    let (bytes, target) = rest.split_at_checked(length)?;
    *rest = target;
    if coded { huffman::decoded(bytes) } else { Some(bytes.to_vec()) }
}

/// Appends a plain string.
fn push_text(block: &mut Vec<u8>, text: &[u8]) {
    const PREFIX_MAX: usize = 127;
    match text.len().checked_sub(PREFIX_MAX) {
        None => block.push(u8::try_from(text.len()).unwrap_or_default()),
        Some(mut more) => {
            block.push(127);
            while more >= 128 {
                block.push(u8::try_from(more % 128).unwrap_or_default() | 128);
                more /= 128;
            }
            block.push(u8::try_from(more).unwrap_or_default());
        }
    }
    block.extend_from_slice(text);
}

/// The letters that stand for characters beside the control characters, which are `A` and so on.
const LETTERS: [(u8, u8); 7] = [
    (b'q', b'"'),
    (b'h', b'#'),
    (b'l', b'<'),
    (b'g', b'>'),
    (b'b', b'`'),
    (b'd', 0x7f),
    (b'u', 0x80),
];
/// Stands for a target that does not begin with `/`.
const START: u8 = b's';

/// What h2 reads in the place of a target that it would refuse, as long as that: `?`, a letter, a position.
fn stand_in(value: &[u8]) -> Vec<u8> {
    let fault = raw_character(value).filter(|_| value.starts_with(b"/"));
    let mut text = match fault {
        None => vec![b'?', START],
        Some((byte, position)) => {
            let named = LETTERS.iter().find(|(_, known)| *known == byte.min(0x80));
            let letter = named.map_or(b'A'.saturating_add(byte), |(letter, _)| *letter);
            // In a target of two bytes there is one place only, and no room to name it.
            format!("?{}{position}", char::from(letter)).into_bytes()
        }
    };
    text.resize(value.len(), b'~');
    text
}

/// What was wrong with the target of this request, where h2 read something else in its place.
#[must_use]
pub(crate) fn refused(parts: &Parts) -> Option<Fault> {
    if parts.version != http::Version::HTTP_2 {
        return None;
    }
    let told = parts.uri.path_and_query()?.as_str().strip_prefix('?')?;
    let letter = told.bytes().next().unwrap_or(START);
    if letter == START {
        return Some(Fault::Start);
    }
    let named = LETTERS.iter().find(|(known, _)| *known == letter);
    let byte = named.map_or(letter.wrapping_sub(b'A'), |(_, byte)| *byte);
    let digits = told.get(1..).unwrap_or_default().trim_end_matches('~');
    Some(Fault::Target { byte, position: digits.parse().unwrap_or(2) })
}

#[cfg(test)]
mod tests;
