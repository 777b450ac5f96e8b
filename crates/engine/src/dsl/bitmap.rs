//! `value_type: bitmap` of a `terms` query: the values are the numbers of a roaring bitmap, in Base64. (OpenSearch 2.17.)
//!
//! Source: the portable format of RoaringBitmap (github.com/RoaringBitmap/RoaringFormatSpec).

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tantivy::SegmentReader;

use super::lower::{Lowered, Lowering};
use super::scan::{Scan, SegmentTest};
use crate::columns::Numbers;
use crate::exception::Exception;
use crate::mapping::Leaf;
use crate::mapping::number::NumberKind;

/// The first number of a bitmap without runs of numbers.
const WITHOUT_RUNS: u32 = 12_346;

/// The lower half of the first number of a bitmap with runs; its upper half is the number of containers, less one.
const WITH_RUNS: u32 = 12_347;

/// The most numbers that a container has one by one.
const ARRAY_MAX: usize = 4096;

/// Numbers from the first to the last of each pair, in order: as many pairs as the bitmap has bytes, at most.
type Runs = Vec<(u32, u32)>;

struct BitmapReader<'a>(&'a [u8]);

impl BitmapReader<'_> {
    fn bytes<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (bytes, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*bytes)
    }

    fn short(&mut self) -> Option<u32> {
        self.bytes().map(|bytes| u16::from_le_bytes(bytes).into())
    }

    fn int(&mut self) -> Option<u32> {
        self.bytes().map(u32::from_le_bytes)
    }

    fn skip(&mut self, count: usize) -> Option<&[u8]> {
        let (skipped, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(skipped)
    }
}

/// The numbers of a bitmap; `None` where the bytes are none.
fn read(bytes: &[u8]) -> Option<Runs> {
    let mut reader = BitmapReader(bytes);
    let first = reader.int()?;
    let (count, marks) = if first == WITHOUT_RUNS {
        (reader.int()? as usize, Vec::new())
    } else if first & 0xffff == WITH_RUNS {
        let count = (first >> 16) as usize + 1;
        (count, reader.skip(count.div_ceil(8))?.to_vec())
    } else {
        return None;
    };
    let mut containers = Vec::new();
    for _ in 0..count {
        containers.push((reader.short()? << 16, reader.short()? as usize + 1));
    }
    if marks.is_empty() || count >= 4 {
        // Where each container begins: they follow each other.
        reader.skip(count.checked_mul(4)?)?;
    }
    let mut runs = Runs::new();
    for (place, (base, size)) in containers.into_iter().enumerate() {
        let is_run = marks.get(place / 8).is_some_and(|byte| byte >> (place % 8) & 1 == 1);
        if is_run {
            for _ in 0..reader.short()? {
                let (start, length) = (reader.short()?, reader.short()?);
                runs.push((base + start, base.checked_add(start + length)?));
            }
        } else if size <= ARRAY_MAX {
            for _ in 0..size {
                let number = base + reader.short()?;
                runs.push((number, number));
            }
        } else {
            for word in 0..1024 {
                let bits = u64::from_le_bytes(reader.bytes()?);
                let set = (0..64).filter(|bit| bits >> bit & 1 == 1);
                runs.extend(set.map(|bit| (base + word * 64 + bit, base + word * 64 + bit)));
            }
        }
    }
    Some(runs)
}

impl Lowering<'_> {
    /// The documents with a number of the bitmap `text` in `leaf`, which has numbers of `kind`.
    ///
    /// # Errors
    /// Where the numbers are no integers, or the text is no bitmap.
    pub(super) fn bitmap_terms(
        &self,
        leaf: &Arc<Leaf>,
        kind: NumberKind,
        text: &str,
    ) -> Result<Lowered, Exception> {
        let refused = |reason: &str| Err(self.failed(Exception::illegal_argument(reason)));
        if kind != NumberKind::Integer {
            return refused(&format!(
                "Field [{0}] of type [{0}] does not support bitmap queries",
                leaf.kind.name()
            ));
        }
        let leaf = Arc::clone(leaf);
        let Some(runs) = STANDARD.decode(text).ok().and_then(|bytes| read(&bytes)) else {
            return refused("Failed to deserialize the bitmap.");
        };
        let runs = Arc::new(runs);
        let open = move |reader: &SegmentReader| {
            let Some(column) = Numbers::of(reader, &leaf)? else { return Ok(None) };
            let runs = Arc::clone(&runs);
            let test: SegmentTest = Box::new(move |doc| {
                let holds = |value: i64| {
                    u32::try_from(value).is_ok_and(|value| {
                        let next = runs.partition_point(|(_, last)| *last < value);
                        runs.get(next).is_some_and(|(start, _)| *start <= value)
                    })
                };
                let any = match &column {
                    Numbers::I64(column) => column.values_for_doc(doc).any(holds),
                    Numbers::U64(column) => column
                        .values_for_doc(doc)
                        .any(|value| i64::try_from(value).is_ok_and(holds)),
                    Numbers::F64(_) | Numbers::Scaled(..) => false,
                };
                any.then_some(1.0)
            });
            Ok(Some(test))
        };
        Ok(Box::new(Scan::new("bitmap", &self.work.cancel, Arc::new(open))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(text: &str) -> Option<Runs> {
        read(&STANDARD.decode(text).unwrap())
    }

    #[test]
    fn numbers_one_by_one_are_read() {
        assert_eq!(numbers("OjAAAAEAAAAAAAEAEAAAAG8A3gA="), Some(vec![(111, 111), (222, 222)]));
    }

    #[test]
    fn runs_are_read_and_not_counted_out() {
        let bytes =
            [&[0x3b, 0x30, 0, 0, 1, 0, 0, 0xff, 0xff][..], &[1, 0, 0, 0, 0xff, 0xff]].concat();
        assert_eq!(read(&bytes), Some(vec![(0, 65_535)]));
    }

    #[test]
    fn what_ends_too_early_is_no_bitmap() {
        for text in ["", "OjAAAA==", "OjAAAAEAAAAAAAEAEAAAAG8A", "AAAAAAAA"] {
            assert_eq!(numbers(text), None, "{text}");
        }
    }
}
