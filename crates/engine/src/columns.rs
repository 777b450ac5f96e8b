//! Columns of one segment, read alike whatever their type. A segment older than a field has no column for it.

use std::collections::HashMap;
use std::net::Ipv6Addr;
use std::sync::Arc;

use tantivy::columnar::{Column, DynamicColumn, StrColumn};
use tantivy::{DocId, SegmentReader};

use crate::aggs::hashes::{LOOKED_UP_MIN, LOOKED_UP_SHARE, of_code};
use crate::exception::Exception;
use crate::exception::{internal, io};
use crate::mapping::{FieldType, Leaf, fields};
use crate::work::{Held, Work};

/// The column of a field of any type.
pub(crate) enum AnyColumn {
    None,
    Numbers(Numbers),
    Strings(StrColumn),
    Addresses(Column<Ipv6Addr>),
}

impl AnyColumn {
    pub(crate) fn open(reader: &SegmentReader, leaf: &Leaf) -> Result<AnyColumn, Exception> {
        let name = fields::stored_name(&leaf.path);
        let column = match &leaf.kind {
            FieldType::Keyword(_) => strings(reader, &name).map(|it| it.map(AnyColumn::Strings)),
            FieldType::Ip(_) => addresses(reader, &name).map(|it| it.map(AnyColumn::Addresses)),
            _ => Numbers::open(reader, &name).map(|it| it.map(AnyColumn::Numbers)),
        };
        Ok(column.map_err(internal)?.unwrap_or(AnyColumn::None))
    }

    /// Adds a code for each value of a document: of whole numbers and addresses one that keeps their order, of
    /// fractions what `float` makes of them, of strings their number in `texts`.
    pub(crate) fn codes(
        &self,
        doc: DocId,
        texts: &mut Texts,
        float: impl Fn(f64) -> u128,
        codes: &mut Vec<u128>,
    ) -> Result<(), Exception> {
        match self {
            AnyColumn::None => {}
            AnyColumn::Numbers(Numbers::I64(column)) => {
                codes.extend(column.values_for_doc(doc).map(whole_code));
            }
            AnyColumn::Numbers(Numbers::U64(column)) => {
                codes.extend(column.values_for_doc(doc).map(u128::from));
            }
            AnyColumn::Numbers(Numbers::F64(column)) => {
                codes.extend(column.values_for_doc(doc).map(float));
            }
            AnyColumn::Addresses(column) => {
                codes.extend(column.values_for_doc(doc).map(u128::from));
            }
            AnyColumn::Strings(column) => {
                for ordinal in column.term_ords(doc) {
                    codes.push(texts.of_ordinal(column, ordinal)?.into());
                }
            }
        }
        Ok(())
    }
}

impl AnyColumn {
    /// Hands the hash of every number or address of a document to `take`; texts are hashed by their ordinals.
    pub(crate) fn each_hash(&self, doc: DocId, mut take: impl FnMut(u64)) {
        match self {
            AnyColumn::None | AnyColumn::Strings(_) => {}
            AnyColumn::Numbers(Numbers::I64(column)) => {
                column.values_for_doc(doc).for_each(|value| take(of_code(whole_code(value))));
            }
            AnyColumn::Numbers(Numbers::U64(column)) => {
                column.values_for_doc(doc).for_each(|value| take(of_code(value.into())));
            }
            AnyColumn::Numbers(Numbers::F64(column)) => {
                column.values_for_doc(doc).for_each(|value| take(of_code(value.to_bits().into())));
            }
            AnyColumn::Addresses(column) => {
                column.values_for_doc(doc).for_each(|value| take(of_code(value.into())));
            }
        }
    }
}

/// The code of a whole number; codes are in the order of numbers.
pub(crate) fn whole_code(value: i64) -> u128 {
    u128::from(value as u64 ^ (1 << 63))
}

/// The whole number of a code.
pub(crate) fn whole(code: u128) -> i64 {
    (code as u64 ^ (1 << 63)) as i64
}

/// What a text takes in both tables, beside its bytes.
const TEXT_BYTES: u64 = 96;

/// Texts by number, over all segments.
pub(crate) struct Texts {
    numbers: HashMap<Arc<str>, u32>,
    names: Vec<Arc<str>>,
    /// Ordinals of the open segment as numbers of texts.
    ordinals: Vec<u32>,
    /// How many of them were looked up one by one.
    looked_up: usize,
    work: Work,
    held: Held,
    held_ordinals: Held,
}

/// An ordinal that was not looked up yet.
const UNKNOWN: u32 = u32::MAX;

impl Texts {
    /// None yet; their memory is that of `work`.
    pub(crate) fn new(work: &Work) -> Texts {
        Texts {
            numbers: HashMap::new(),
            names: Vec::new(),
            ordinals: Vec::new(),
            looked_up: 0,
            work: work.clone(),
            held: work.holds("<terms>"),
            held_ordinals: work.holds("<ordinals>"),
        }
    }

    /// Forgets the ordinals of the segment before.
    pub(crate) fn open_segment(&mut self, column: &AnyColumn) -> Result<(), Exception> {
        self.ordinals.clear();
        self.looked_up = 0;
        if let AnyColumn::Strings(column) = column {
            self.held_ordinals.set(column.num_terms() as u64 * 4)?;
            self.ordinals.resize(column.num_terms(), UNKNOWN);
        }
        Ok(())
    }

    /// The number of a text, which is new with a new text.
    pub(crate) fn number(&mut self, text: &str) -> Result<u32, Exception> {
        if let Some(number) = self.numbers.get(text) {
            return Ok(*number);
        }
        self.held.grow(TEXT_BYTES + text.len() as u64)?;
        let number = u32::try_from(self.names.len()).unwrap_or(UNKNOWN - 1);
        let text: Arc<str> = text.into();
        self.names.push(Arc::clone(&text));
        self.numbers.insert(text, number);
        Ok(number)
    }

    fn of_ordinal(&mut self, column: &StrColumn, ordinal: u64) -> Result<u32, Exception> {
        let place = usize::try_from(ordinal).unwrap_or(usize::MAX);
        if let Some(known) = self.ordinals.get(place).copied().filter(|known| *known != UNKNOWN) {
            return Ok(known);
        }
        self.looked_up += 1;
        if self.looked_up > LOOKED_UP_MIN.max(self.ordinals.len() / LOOKED_UP_SHARE) {
            self.read_all(column)?;
            return Ok(self.ordinals.get(place).copied().unwrap_or(UNKNOWN));
        }
        let mut text = String::new();
        column.ord_to_str(ordinal, &mut text).map_err(io)?;
        let number = self.number(&text)?;
        if let Some(place) = self.ordinals.get_mut(place) {
            *place = number;
        }
        Ok(number)
    }

    /// Reads the whole dictionary in order: one by one, each lookup unpacks a block of it.
    pub(crate) fn read_all(&mut self, column: &StrColumn) -> Result<(), Exception> {
        let mut stream = column.dictionary().stream().map_err(io)?;
        let mut place = 0;
        while stream.advance() {
            self.work.check()?;
            let number = self.number(&String::from_utf8_lossy(stream.key()))?;
            if let Some(known) = self.ordinals.get_mut(place) {
                *known = number;
            }
            place += 1;
        }
        Ok(())
    }

    /// The text of a code.
    pub(crate) fn name(&self, code: u128) -> &str {
        usize::try_from(code).ok().and_then(|at| self.names.get(at)).map_or("", AsRef::as_ref)
    }

    /// How many texts there are.
    pub(crate) fn count(&self) -> usize {
        self.names.len()
    }

    /// The codes of all texts.
    pub(crate) fn all(&self) -> std::ops::Range<u128> {
        0..self.names.len() as u128
    }
}

/// A numeric column.
#[derive(Clone)]
pub(crate) enum Numbers {
    /// Signed: whole numbers, booleans, dates.
    I64(Column<i64>),
    /// Unsigned.
    U64(Column<u64>),
    /// With fractions.
    F64(Column<f64>),
}

impl Numbers {
    /// The numeric column called `name`; `None` when the segment has none.
    pub(crate) fn open(reader: &SegmentReader, name: &str) -> tantivy::Result<Option<Numbers>> {
        for handle in reader.fast_fields().dynamic_column_handles(name)? {
            match handle.open()? {
                DynamicColumn::I64(column) => return Ok(Some(Numbers::I64(column))),
                DynamicColumn::U64(column) => return Ok(Some(Numbers::U64(column))),
                DynamicColumn::F64(column) => return Ok(Some(Numbers::F64(column))),
                _ => {}
            }
        }
        Ok(None)
    }

    /// The first (smallest) value of a document.
    pub(crate) fn first(&self, doc: DocId) -> Option<f64> {
        match self {
            Numbers::I64(column) => column.first(doc).map(|value| value as f64),
            Numbers::U64(column) => column.first(doc).map(|value| value as f64),
            Numbers::F64(column) => column.first(doc),
        }
    }

    /// Hands every value of a document to `take`.
    #[inline]
    pub(crate) fn each(&self, doc: DocId, mut take: impl FnMut(f64)) {
        match self {
            Numbers::I64(column) => column.values_for_doc(doc).for_each(|value| take(value as f64)),
            Numbers::U64(column) => column.values_for_doc(doc).for_each(|value| take(value as f64)),
            Numbers::F64(column) => column.values_for_doc(doc).for_each(take),
        }
    }
}

/// The column of strings called `name`.
pub(crate) fn strings(reader: &SegmentReader, name: &str) -> tantivy::Result<Option<StrColumn>> {
    for handle in reader.fast_fields().dynamic_column_handles(name)? {
        if let DynamicColumn::Str(column) = handle.open()? {
            return Ok(Some(column));
        }
    }
    Ok(None)
}

/// The column of addresses called `name`.
pub(crate) fn addresses(
    reader: &SegmentReader,
    name: &str,
) -> tantivy::Result<Option<Column<Ipv6Addr>>> {
    for handle in reader.fast_fields().dynamic_column_handles(name)? {
        if let DynamicColumn::IpAddr(column) = handle.open()? {
            return Ok(Some(column));
        }
    }
    Ok(None)
}

/// An address as Elasticsearch prints it: mapped IPv4 as IPv4.
pub(crate) fn address_text(address: Ipv6Addr) -> String {
    match address.to_ipv4_mapped() {
        Some(address) => address.to_string(),
        None => address.to_string(),
    }
}
