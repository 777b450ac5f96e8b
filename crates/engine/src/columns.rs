//! Columns of one segment, read alike whatever their type. A segment older than a field has no column for it.

use std::collections::HashMap;
use std::net::Ipv6Addr;
use std::sync::Arc;

use tantivy::columnar::{
    BytesColumn, Column, ColumnarReader, ColumnarWriter, DynamicColumn, StrColumn,
};
use tantivy::schema::IndexRecordOption;
use tantivy::{DocId, DocSet as _, SegmentReader, TERMINATED};

use crate::exception::Exception;
use crate::exception::{internal, io};
use crate::key_hash::KeyHashes;
use crate::mapping::{Column as Kind, Leaf, fields};
use crate::work::{HeldMemory, Work};

/// The column of a field of any type.
pub(crate) enum AnyColumn {
    None,
    Numbers(Numbers),
    /// Nanoseconds, handed out as milliseconds.
    Nanos(Column<i64>),
    Strings(StrColumn),
    /// Bytes, which are counted and nothing else.
    Bytes(BytesColumn),
    Addresses(Column<Ipv6Addr>),
}

impl AnyColumn {
    /// Opens it; what it takes in memory beside the segment is counted by `held`.
    pub(crate) fn open(
        reader: &SegmentReader,
        leaf: &Leaf,
        work: &Work,
        held: &mut HeldMemory,
    ) -> Result<AnyColumn, Exception> {
        held.set(0)?;
        if leaf.column == Some(Kind::Terms) {
            let column = uninverted(reader, leaf, work, held)?;
            return Ok(column.map_or(AnyColumn::None, AnyColumn::Strings));
        }
        AnyColumn::kept(reader, leaf)
    }

    /// The column that the segment keeps.
    pub(crate) fn kept(reader: &SegmentReader, leaf: &Leaf) -> Result<AnyColumn, Exception> {
        let name = fields::stored_name(&leaf.path);
        let column = match leaf.column {
            Some(Kind::Str) => strings(reader, &name).map(|it| it.map(AnyColumn::Strings)),
            Some(Kind::Ip) => addresses(reader, &name).map(|it| it.map(AnyColumn::Addresses)),
            Some(Kind::Range | Kind::Histogram | Kind::Bytes) => {
                bytes(reader, &name).map(|it| it.map(AnyColumn::Bytes))
            }
            Some(Kind::DateNanos) => Numbers::open(reader, &name).map(|it| {
                it.map(|numbers| match numbers {
                    Numbers::I64(column) => AnyColumn::Nanos(column),
                    other => AnyColumn::Numbers(other),
                })
            }),
            _ => Numbers::of(reader, leaf).map(|it| it.map(AnyColumn::Numbers)),
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
            AnyColumn::None | AnyColumn::Bytes(_) => {}
            AnyColumn::Numbers(Numbers::I64(column)) => {
                codes.extend(column.values_for_doc(doc).map(whole_code));
            }
            AnyColumn::Nanos(column) => {
                codes.extend(column.values_for_doc(doc).map(milliseconds).map(whole_code));
            }
            AnyColumn::Numbers(Numbers::U64(column)) => {
                codes.extend(column.values_for_doc(doc).map(u128::from));
            }
            AnyColumn::Numbers(Numbers::F64(column)) => {
                codes.extend(column.values_for_doc(doc).map(float));
            }
            AnyColumn::Numbers(Numbers::Scaled(column, factor)) => {
                codes.extend(column.values_for_doc(doc).map(|value| float(scaled(value, *factor))));
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

/// What a value takes while a column is made of terms.
const UNINVERTED_BYTES: u64 = 16;

/// The terms of a text field's documents, as a column (`fielddata`); `held` counts its memory.
///
/// # Errors
/// `circuit_breaking_exception` when that is too much.
pub(crate) fn uninverted(
    reader: &SegmentReader,
    leaf: &Leaf,
    work: &Work,
    held: &mut HeldMemory,
) -> Result<Option<StrColumn>, Exception> {
    let name = "terms";
    let Some(field) = leaf.field else { return Ok(None) };
    let inverted = reader.inverted_index(field).map_err(internal)?;
    let (mut texts, mut values) = (Vec::new(), Vec::new());
    let mut terms = inverted.terms().stream().map_err(io)?;
    while terms.advance() {
        let text = String::from_utf8_lossy(terms.key()).into_owned();
        held.grow(text.len() as u64 + UNINVERTED_BYTES)?;
        let mut postings = inverted
            .read_postings_from_terminfo(terms.value(), IndexRecordOption::Basic)
            .map_err(io)?;
        while postings.doc() != TERMINATED {
            work.check()?;
            held.grow(UNINVERTED_BYTES)?;
            values.push((postings.doc(), texts.len()));
            postings.advance();
        }
        texts.push(text);
    }
    // A column is written document by document.
    let values = work.sorted_by(values, Ord::cmp)?;
    let mut writer = ColumnarWriter::default();
    for (doc, text) in values {
        work.check()?;
        held.grow(UNINVERTED_BYTES)?;
        writer.record_str(doc, name, texts.get(text).map_or("", String::as_str));
    }
    let mut bytes = Vec::new();
    writer.serialize(reader.max_doc(), None, &mut bytes).map_err(io)?;
    held.set(bytes.len() as u64)?;
    let columns = ColumnarReader::open(bytes).map_err(io)?;
    let Some(handle) = columns.read_columns(name).map_err(io)?.into_iter().next() else {
        return Ok(None);
    };
    match handle.open().map_err(io)? {
        DynamicColumn::Str(column) => Ok(Some(column)),
        _ => Ok(None),
    }
}

/// The milliseconds of a moment in nanoseconds.
pub(crate) fn milliseconds(nanoseconds: i64) -> i64 {
    nanoseconds.div_euclid(1_000_000)
}

/// The code of a whole number; codes are in the order of numbers.
pub(crate) fn whole_code(value: i64) -> u128 {
    u128::from(value as u64 ^ (1 << 63))
}

/// The whole number of a code.
pub(crate) fn whole(code: u128) -> i64 {
    (code as u64 ^ (1 << 63)) as i64
}

/// The code of a fraction; codes are in the order of numbers, minus zero before zero.
pub(crate) fn float_code(value: f64) -> u64 {
    let bits = value.to_bits();
    if bits >> 63 == 1 { !bits } else { bits | (1 << 63) }
}

/// The fraction of a code.
pub(crate) fn float(code: u64) -> f64 {
    f64::from_bits(if code >> 63 == 1 { code & !(1 << 63) } else { !code })
}

/// What a text takes in both tables, beside its bytes.
const TEXT_BYTES: u64 = 96;

/// How many terms of a dictionary are read at once: about as many as a block of it holds, which has to be unpacked for
/// each of them.
const PIECE_TERMS: usize = 256;

/// How many terms of a dictionary are read between two looks at the cancel flag.
pub(crate) const ORDINALS_AT_ONCE: usize = 16 * 1024;

/// Terms that follow one another in a dictionary.
#[derive(Debug)]
pub(crate) struct Piece {
    bytes: Vec<u8>,
    ends: Vec<usize>,
}

impl Piece {
    /// The piece number `piece` of the dictionary of `column`.
    pub(crate) fn read(column: &StrColumn, piece: usize) -> Result<Piece, Exception> {
        let mut read = Piece { bytes: Vec::new(), ends: Vec::with_capacity(PIECE_TERMS) };
        read_terms(column, piece, |term| {
            read.bytes.extend_from_slice(term);
            read.ends.push(read.bytes.len());
        })?;
        Ok(read)
    }

    /// What it takes.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes.capacity() + self.ends.capacity() * size_of::<usize>()
    }

    /// The term number `place` of it.
    pub(crate) fn term(&self, place: usize) -> &[u8] {
        let start = place.checked_sub(1).map_or(Some(0), |before| self.ends.get(before).copied());
        let range = start.zip(self.ends.get(place).copied());
        range.and_then(|(start, end)| self.bytes.get(start..end)).unwrap_or_default()
    }
}

/// In which piece of a dictionary an ordinal is, and where in it.
pub(crate) fn piece_of(ordinal: u64) -> (usize, usize) {
    let place = usize::try_from(ordinal).unwrap_or(usize::MAX);
    (place / PIECE_TERMS, place % PIECE_TERMS)
}

/// How many pieces a dictionary has.
fn pieces_of(column: &StrColumn) -> usize {
    column.num_terms().div_ceil(PIECE_TERMS)
}

/// Hands the terms of one piece of a dictionary to `take`, in order.
pub(crate) fn read_terms(
    column: &StrColumn,
    piece: usize,
    take: impl FnMut(&[u8]),
) -> Result<(), Exception> {
    let first = piece.saturating_mul(PIECE_TERMS);
    let end = first.saturating_add(PIECE_TERMS).min(column.num_terms());
    let ordinals: Vec<u64> = (first as u64..end as u64).collect();
    column.dictionary().sorted_ords_to_term_cb(&ordinals, take).map_err(io)?;
    Ok(())
}

/// Texts by number, over all segments.
pub(crate) struct Texts {
    numbers: HashMap<Arc<str>, u32, KeyHashes>,
    names: Vec<Arc<str>>,
    /// Ordinals of the open segment as numbers of texts.
    ordinals: Vec<u32>,
    /// What was read of its dictionary.
    pieces: Vec<Option<Piece>>,
    work: Work,
    held: HeldMemory,
    held_ordinals: HeldMemory,
}

/// An ordinal that was not looked up yet.
const UNKNOWN: u32 = u32::MAX;

impl Texts {
    /// None yet; their memory is that of `work`.
    pub(crate) fn new(work: &Work) -> Texts {
        Texts {
            numbers: HashMap::default(),
            names: Vec::new(),
            ordinals: Vec::new(),
            pieces: Vec::new(),
            work: work.clone(),
            held: work.holds("<terms>"),
            held_ordinals: work.holds("<ordinals>"),
        }
    }

    /// Forgets the ordinals of the segment before.
    pub(crate) fn open_segment(&mut self, column: &AnyColumn) -> Result<(), Exception> {
        self.ordinals.clear();
        self.pieces.clear();
        if let AnyColumn::Strings(column) = column {
            let pieces = pieces_of(column);
            let bytes = column.num_terms() * 4 + pieces * size_of::<Option<Piece>>();
            self.held_ordinals.set(bytes as u64)?;
            self.ordinals.resize(column.num_terms(), UNKNOWN);
            self.pieces.resize_with(pieces, || None);
        }
        Ok(())
    }

    /// The number of a text, which is new with a new text.
    pub(crate) fn number(&mut self, text: &str) -> Result<u32, Exception> {
        number_in(&mut self.numbers, &mut self.names, &mut self.held, text)
    }

    /// The number of the text that has `ordinal` in the open segment.
    pub(crate) fn of_ordinal(
        &mut self,
        column: &StrColumn,
        ordinal: u64,
    ) -> Result<u32, Exception> {
        let place = usize::try_from(ordinal).unwrap_or(usize::MAX);
        if let Some(known) = self.ordinals.get(place).copied().filter(|known| *known != UNKNOWN) {
            return Ok(known);
        }
        let (piece, within) = piece_of(ordinal);
        if let Some(absent) = self.pieces.get_mut(piece).filter(|piece| piece.is_none()) {
            self.work.check()?;
            let read = Piece::read(column, piece)?;
            self.held_ordinals.grow(read.bytes() as u64)?;
            *absent = Some(read);
        }
        let term = self.pieces.get(piece).and_then(Option::as_ref).map(|piece| piece.term(within));
        let text = String::from_utf8_lossy(term.unwrap_or_default());
        let number = number_in(&mut self.numbers, &mut self.names, &mut self.held, &text)?;
        if let Some(place) = self.ordinals.get_mut(place) {
            *place = number;
        }
        Ok(number)
    }

    /// Gives every text of the open segment a number.
    pub(crate) fn read_all(&mut self, column: &StrColumn) -> Result<(), Exception> {
        let all: Vec<u64> = (0..column.num_terms() as u64).collect();
        self.ordinals = self.numbers_of(column, &all)?;
        Ok(())
    }

    /// The numbers of the texts that have `ordinals` in `column`, which rise: they are read in order, which is the fast way.
    pub(crate) fn numbers_of(
        &mut self,
        column: &StrColumn,
        ordinals: &[u64],
    ) -> Result<Vec<u32>, Exception> {
        let mut numbers = Vec::with_capacity(ordinals.len());
        // In pieces, so that the walk over a large dictionary can be called off.
        for ordinals in ordinals.chunks(ORDINALS_AT_ONCE) {
            self.work.check()?;
            let mut refused = None;
            let take = |term: &[u8]| {
                let text = String::from_utf8_lossy(term);
                match number_in(&mut self.numbers, &mut self.names, &mut self.held, &text) {
                    Ok(number) => numbers.push(number),
                    Err(fault) => refused = Some(fault),
                }
            };
            column.dictionary().sorted_ords_to_term_cb(ordinals, take).map_err(io)?;
            refused.map_or(Ok(()), Err)?;
        }
        Ok(numbers)
    }

    /// The text of a code.
    pub(crate) fn name(&self, code: u128) -> &str {
        usize::try_from(code).ok().and_then(|at| self.names.get(at)).map_or("", AsRef::as_ref)
    }

    /// The codes of all texts.
    pub(crate) fn all(&self) -> std::ops::Range<u128> {
        0..self.names.len() as u128
    }
}

/// The number of a text in both tables, which is new with a new text.
fn number_in(
    numbers: &mut HashMap<Arc<str>, u32, KeyHashes>,
    names: &mut Vec<Arc<str>>,
    held: &mut HeldMemory,
    text: &str,
) -> Result<u32, Exception> {
    if let Some(number) = numbers.get(text) {
        return Ok(*number);
    }
    held.grow(TEXT_BYTES + text.len() as u64)?;
    let number = u32::try_from(names.len()).unwrap_or(UNKNOWN - 1);
    let text: Arc<str> = text.into();
    names.push(Arc::clone(&text));
    numbers.insert(text, number);
    Ok(number)
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
    /// `scaled_float`: the second is its factor.
    Scaled(Column<f64>, f64),
}

/// What a `scaled_float` is read as: the whole number that Lucene keeps, times one part of the factor
/// (`ScaledFloatFieldMapper.ScaledFloatLeafFieldData`).
pub(crate) fn scaled(value: f64, factor: f64) -> f64 {
    (value * factor).round() * (1.0 / factor)
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

    /// The numeric column of `leaf`; `None` when the segment has none.
    pub(crate) fn of(reader: &SegmentReader, leaf: &Leaf) -> tantivy::Result<Option<Numbers>> {
        let numbers = Numbers::open(reader, &fields::stored_name(&leaf.path))?;
        Ok(numbers.map(|numbers| match (numbers, leaf.column) {
            (Numbers::F64(column), Some(Kind::ScaledFloat(factor))) => {
                Numbers::Scaled(column, factor)
            }
            (numbers, _) => numbers,
        }))
    }

    /// The first (smallest) value of a document.
    pub(crate) fn first(&self, doc: DocId) -> Option<f64> {
        match self {
            Numbers::I64(column) => column.first(doc).map(|value| value as f64),
            Numbers::U64(column) => column.first(doc).map(|value| value as f64),
            Numbers::F64(column) => column.first(doc),
            Numbers::Scaled(column, factor) => column.first(doc).map(|it| scaled(it, *factor)),
        }
    }

    /// Hands every value of a document to `take`.
    #[inline]
    pub(crate) fn each(&self, doc: DocId, mut take: impl FnMut(f64)) {
        match self {
            Numbers::I64(column) => column.values_for_doc(doc).for_each(|value| take(value as f64)),
            Numbers::U64(column) => column.values_for_doc(doc).for_each(|value| take(value as f64)),
            Numbers::F64(column) => column.values_for_doc(doc).for_each(take),
            Numbers::Scaled(column, factor) => {
                column.values_for_doc(doc).for_each(|value| take(scaled(value, *factor)));
            }
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

/// The column of bytes called `name`.
pub(crate) fn bytes(reader: &SegmentReader, name: &str) -> tantivy::Result<Option<BytesColumn>> {
    for handle in reader.fast_fields().dynamic_column_handles(name)? {
        if let DynamicColumn::Bytes(column) = handle.open()? {
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
