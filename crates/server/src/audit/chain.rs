//! The hash chain of a set of files: each line ends with its record's number and a hash over the record and all before it.
//!
//! ```text
//! {…,"sequence":12,"hash":"5d41…"}
//! {…,"sequence":13,"previous":"5d41…","hash":"9e10…"}   the first of a file
//! ```
//!
//! The hash is SHA-256 of the hash before it (32 bytes, zeros before the first record) and of the line up to `,"hash":`.
//! `sequence` counts from 1 without gaps. `previous` stands in the first record of a file alone, so that what is kept can be
//! verified when older files are gone. What was written before there was a chain has none of the three.

use std::fs::File;
use std::io::{self, Write};
use std::os::unix::fs::FileExt;

use aws_lc_rs::digest::{Context, SHA256, digest};
use data_encoding::HEXLOWER;

/// A SHA-256.
pub(super) type Hash = [u8; 32];

/// At most as long is what a line has more than its record.
const LINK_BYTES: usize = 256;

/// How much of a file's end is read at once.
const CHUNK_BYTES: u64 = 64 * 1024;

/// Where a chain has come to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct ChainHead {
    /// The number of the last record; 0 before the first.
    pub(super) sequence: u64,
    /// Its hash.
    pub(super) hash: Hash,
}

/// What the end of a line says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ChainLink {
    /// The record's number and hash.
    pub(super) head: ChainHead,
    /// The hash before it, in the first record of a file.
    pub(super) previous: Option<Hash>,
    /// Records before it that could not be written.
    pub(super) lost: u64,
    /// Bytes of the line that the hash is over.
    covered: usize,
}

impl ChainHead {
    /// The line of the next record, and where the chain has come to with it. `record` is an object; `first`: it is the first
    /// of its file; `lost`: so many before it could not be written.
    pub(super) fn chain(self, record: &[u8], first: bool, lost: u64) -> Option<(Self, Vec<u8>)> {
        let record = record.trim_ascii_end().strip_suffix(b"}")?;
        // Once: every request writes a line. The hash before it stands in front, so that what is hashed is one piece.
        let mut line = Vec::with_capacity(self.hash.len() + record.len() + LINK_BYTES);
        line.extend_from_slice(&self.hash);
        line.extend_from_slice(record);
        let sequence = self.sequence + 1;
        if lost > 0 {
            write!(line, ",\"lost\":{lost}").ok()?;
        }
        write!(line, ",\"sequence\":{sequence}").ok()?;
        if first {
            line.extend_from_slice(b",\"previous\":\"");
            line.extend_from_slice(&hex(&self.hash));
            line.push(b'"');
        }
        let hash = hash_of(&line);
        line.drain(..self.hash.len());
        line.extend_from_slice(b",\"hash\":\"");
        line.extend_from_slice(&hex(&hash));
        line.extend_from_slice(b"\"}\n");
        Some((Self { sequence, hash }, line))
    }
}

impl ChainLink {
    /// Reads the end of a line. A text of a client cannot look like it: the quotation marks in one are escaped.
    pub(super) fn of(line: &[u8]) -> Option<Self> {
        let line = line.strip_suffix(b"\n").unwrap_or(line);
        let (rest, hash) = hash_at_end(line.strip_suffix(b"}")?, b",\"hash\":\"")?;
        let covered = rest.len();
        let (rest, previous) = match hash_at_end(rest, b",\"previous\":\"") {
            Some((rest, previous)) => (rest, Some(previous)),
            None => (rest, None),
        };
        let (rest, sequence) = number_at_end(rest, b",\"sequence\":")?;
        let lost = number_at_end(rest, b",\"lost\":").map_or(0, |(_, lost)| lost);
        Some(Self { head: ChainHead { sequence, hash }, previous, lost, covered })
    }

    /// Whether the line is the one that came after the hash `before`.
    pub(super) fn is_after(&self, before: &Hash, line: &[u8]) -> bool {
        let covered = line.get(..self.covered).unwrap_or_default();
        after(before, covered) == self.head.hash
            && self.previous.is_none_or(|previous| previous == *before)
    }
}

fn after(before: &Hash, covered: &[u8]) -> Hash {
    let mut context = Context::new(&SHA256);
    context.update(before);
    context.update(covered);
    context.finish().as_ref().try_into().unwrap_or_default()
}

/// The SHA-256 of `bytes`.
pub(super) fn hash_of(bytes: &[u8]) -> Hash {
    digest(&SHA256, bytes).as_ref().try_into().unwrap_or_default()
}

fn hex(hash: &Hash) -> [u8; 64] {
    let mut digits = [0; 64];
    HEXLOWER.encode_mut(hash, &mut digits);
    digits
}

/// The hash in 64 hexadecimal digits; `None` for what is none.
pub(super) fn unhex(text: &[u8]) -> Option<Hash> {
    HEXLOWER.decode(text).ok()?.try_into().ok()
}

fn hash_at_end<'a>(line: &'a [u8], name: &[u8]) -> Option<(&'a [u8], Hash)> {
    let (rest, hash) = split_end(line.strip_suffix(b"\"")?, 64)?;
    Some((rest.strip_suffix(name)?, unhex(hash)?))
}

fn number_at_end<'a>(line: &'a [u8], name: &[u8]) -> Option<(&'a [u8], u64)> {
    let digits = line.iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
    let (rest, number) = split_end(line, digits)?;
    Some((rest.strip_suffix(name)?, std::str::from_utf8(number).ok()?.parse().ok()?))
}

fn split_end(bytes: &[u8], count: usize) -> Option<(&[u8], &[u8])> {
    bytes.split_at_checked(bytes.len().checked_sub(count)?)
}

/// The last whole line of a file, with its end, and how many bytes of the file are whole lines.
pub(super) fn last_line(file: &File) -> io::Result<(Vec<u8>, u64)> {
    let length = file.metadata()?.len();
    let (mut tail, mut start) = (Vec::new(), length);
    loop {
        let end = tail.iter().rposition(|byte| *byte == b'\n').map(|at| at + 1);
        let lines = tail.get(..end.unwrap_or_default()).unwrap_or_default();
        let before = lines.strip_suffix(b"\n").unwrap_or_default();
        let begin = before.iter().rposition(|byte| *byte == b'\n').map(|at| at + 1);
        if start == 0 || begin.is_some() {
            let line = lines.get(begin.unwrap_or_default()..).unwrap_or_default().to_vec();
            return Ok((line, start + lines.len() as u64));
        }
        let from = start.saturating_sub(CHUNK_BYTES);
        let mut chunk = vec![0; usize::try_from(start - from).unwrap_or_default()];
        file.read_exact_at(&mut chunk, from)?;
        chunk.append(&mut tail);
        (tail, start) = (chunk, from);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_after_the_one_before_it_and_after_no_other() {
        let (first, line) = ChainHead::default().chain(b"{\"status\":200}\n", true, 0).unwrap();
        let link = ChainLink::of(&line).unwrap();
        assert_eq!((link.head, link.previous), (first, Some([0; 32])));
        assert!(link.is_after(&[0; 32], &line));
        let (second, line) = first.chain(b"{\"status\":403}", false, 2).unwrap();
        let link = ChainLink::of(&line).unwrap();
        assert_eq!((link.head, link.previous, link.lost), (second, None, 2));
        assert!(link.is_after(&first.hash, &line) && !link.is_after(&[0; 32], &line));
        serde_json::from_slice::<serde_json::Value>(&line).unwrap();
    }

    #[test]
    fn every_changed_byte_of_a_line_breaks_it() {
        let (_, line) = ChainHead::default().chain(b"{\"status\":200}", true, 1).unwrap();
        for at in 0..line.len() - 1 {
            let mut changed = line.clone();
            changed[at] ^= 1;
            let whole = ChainLink::of(&changed).is_some_and(|it| it.is_after(&[0; 32], &changed));
            assert!(!whole, "byte {at}");
        }
    }

    #[test]
    fn a_text_of_a_client_is_no_link() {
        let text = serde_json::json!({"path": format!(",\"sequence\":7,\"hash\":\"{}\"}}", "0".repeat(64))});
        assert_eq!(ChainLink::of(text.to_string().as_bytes()), None);
    }

    #[test]
    fn the_last_whole_line_is_found_however_long_it_is() {
        use std::io::Write;
        let long = "x".repeat(200_000);
        for (text, line, whole) in [
            ("".to_owned(), "".to_owned(), 0),
            ("half".to_owned(), "".to_owned(), 0),
            ("a\nb\nhalf".to_owned(), "b\n".to_owned(), 4),
            (format!("a\n{long}\n"), format!("{long}\n"), 200_003),
            (format!("{long}\n{long}"), format!("{long}\n"), 200_001),
        ] {
            let mut file = tempfile::tempfile().unwrap();
            file.write_all(text.as_bytes()).unwrap();
            assert_eq!(last_line(&file).unwrap(), (line.into_bytes(), whole));
        }
    }
}
