//! The keys of the documents of one segment.

use std::cmp::Ordering;
use std::net::Ipv6Addr;
use std::sync::Arc;

use serde_json::Value;
use tantivy::columnar::{Cardinality, Column, StrColumn};
use tantivy::{DocId, SegmentReader};

use super::codes::{
    BASE, FIRST, LAST, code_ordinal, float_code, integer_code, number_code, ordinal_code,
    sort_value, text_code, uncode_float, unsigned_code,
};
use super::ids::Ids;
use super::nested::SortedObjects;
use super::numeric_type::{Cast, NumericType};
use super::script::ScriptKeys;
use super::spans::Ranges;
use super::{GeoSort, MissingOrder, SortMode, SortSource, SortValue};
use crate::column_block::ColumnBlock;
use crate::columns::{self, Numbers, scaled};
use crate::exception::Exception;
use crate::index::{KeptColumn, KeptTexts};
use crate::mapping::field_type::MappedFieldType;
use crate::mapping::{Column as Kind, fields};
use crate::value::scalar::{not_a_number, plain};
use crate::work::{HeldMemory, Work};

/// A key's column on one segment.
pub(in crate::search) enum SegmentKeys {
    Score,
    Doc {
        base: u32,
    },
    /// No document here has a value; `stands_for` is what is told instead, where that is no limit.
    Absent {
        missing: u128,
        stands_for: Option<SortValue>,
    },
    Numbers {
        column: Option<Numbers>,
        /// Whether the field has fractions, as its column here, if there is one.
        fractions: bool,
        /// Whether the field has whole numbers without signs.
        unsigned: bool,
        cast: Option<Cast>,
        mode: SortMode,
        missing: u128,
    },
    Texts {
        column: StrColumn,
        kept: Option<KeptColumn>,
        mode: SortMode,
        missing: u128,
        missing_text: Option<String>,
        /// What a column made of terms takes.
        _held: HeldMemory,
    },
    Addresses {
        column: Column<Ipv6Addr>,
        mode: SortMode,
        missing: u128,
    },
    Ids(Ids),
    Ranges {
        ranges: Ranges,
        missing: u128,
    },
    Distances {
        column: Option<Column<i64>>,
        by: GeoSort,
    },
    /// The keys of the nested objects inside a document.
    Nested {
        keys: Box<SegmentKeys>,
        objects: SortedObjects,
        mode: SortMode,
    },
    Script {
        keys: Box<ScriptKeys>,
        texts: bool,
    },
}

impl SegmentKeys {
    /// Opens a key on a segment.
    /// `base` is how many documents the segments before it have.
    pub(in crate::search) fn open(
        source: &SortSource,
        descending: bool,
        reader: &SegmentReader,
        base: u32,
        kept: &Arc<KeptTexts>,
        work: &Work,
    ) -> Result<SegmentKeys, Exception> {
        let (leaf, by) = match source {
            SortSource::Score => return Ok(SegmentKeys::Score),
            SortSource::Doc => return Ok(SegmentKeys::Doc { base }),
            SortSource::Id => return Ids::read(reader, work).map(SegmentKeys::Ids),
            SortSource::Field { leaf, by, objects: None } => (leaf, by),
            SortSource::Field { leaf, by, objects: Some(objects) } => {
                let source =
                    SortSource::Field { leaf: leaf.clone(), by: by.clone(), objects: None };
                let keys = SegmentKeys::open(&source, descending, reader, base, kept, work)?;
                return Ok(keys.inside(objects.open(reader)?, by.mode, descending));
            }
            SortSource::Script { sort, on: Some(on), objects } => {
                let keys = Box::new(ScriptKeys::open(on, sort.texts, reader)?);
                let keys = SegmentKeys::Script { keys, texts: sort.texts };
                let Some(objects) = objects else { return Ok(keys) };
                return Ok(keys.inside(objects.open(reader)?, sort.mode, descending));
            }
            SortSource::Script { on: None, .. } => {
                return Err(Exception::not_implemented("sort by _script here"));
            }
            SortSource::Distance { path, by, objects } => {
                let name = path.as_deref().map(fields::stored_name).unwrap_or_default();
                let column =
                    match Numbers::open(reader, &name).map_err(crate::exception::internal)? {
                        Some(Numbers::I64(column)) if path.is_some() => Some(column),
                        _ => None,
                    };
                let keys = SegmentKeys::Distances { column, by: by.clone() };
                let Some(objects) = objects else { return Ok(keys) };
                return Ok(keys.inside(objects.open(reader)?, by.mode, descending));
            }
        };
        let mode = by.mode.unwrap_or(if descending { SortMode::Max } else { SortMode::Min });
        let name = fields::stored_name(&leaf.path);
        // What a view hides has a column all the same.
        let is_there = !leaf.is_absent;
        let internal = crate::exception::internal;
        // A document's missing value is placed before complementing, so First and Last are themselves swapped.
        let place = |given: &dyn Fn(&Value) -> Result<u128, Exception>| -> Result<u128, Exception> {
            Ok(match &by.missing {
                MissingOrder::First => FIRST,
                MissingOrder::Last => LAST,
                MissingOrder::Value(value) => {
                    let code = given(value)?;
                    if descending { !code } else { code }
                }
            })
        };
        let given = match &by.missing {
            MissingOrder::Value(value) => Some(value),
            _ => None,
        };
        match leaf.column {
            Some(Kind::Str | Kind::Terms) => {
                let mut held = work.holds("<fielddata>");
                let column = match leaf.column {
                    Some(Kind::Terms) => columns::uninverted(reader, leaf, work, &mut held)?,
                    _ if is_there => columns::strings(reader, &name).map_err(internal)?,
                    _ => None,
                };
                let Some(column) = column else {
                    let missing = place(&|_| Ok(BASE))?;
                    let stands_for = given.map(|value| SortValue::Text(plain(value)));
                    return Ok(SegmentKeys::Absent { missing, stands_for });
                };
                let missing = place(&|value| text_code(&column, &plain(value), None))?;
                let missing_text = given.map(plain);
                let kept = KeptColumn::of(kept, reader, leaf);
                Ok(SegmentKeys::Texts { column, kept, mode, missing, missing_text, _held: held })
            }
            Some(Kind::Ip) => {
                let missing = place(&|value| {
                    crate::mapping::ip::address(&plain(value))
                        .map(|address| u128::from(address).clamp(1, LAST - 1))
                })?;
                match columns::addresses(reader, &name).map_err(internal)? {
                    Some(column) if is_there => {
                        Ok(SegmentKeys::Addresses { column, mode, missing })
                    }
                    _ => {
                        let stands_for = given.map(|value| sort_value(&*leaf.kind, value));
                        let stands_for = stands_for.transpose()?;
                        Ok(SegmentKeys::Absent { missing, stands_for })
                    }
                }
            }
            Some(Kind::Range) => {
                let ranges = Ranges::read(reader, leaf, given.map(plain), work)?;
                let missing = place(&|value| Ok(ranges_code(&ranges, plain(value).as_bytes())))?;
                Ok(SegmentKeys::Ranges { ranges, missing })
            }
            _ => {
                let column = Numbers::of(reader, leaf).map_err(internal)?.filter(|_| is_there);
                let missing = place(&|value| match by.numeric_type {
                    Some(to) => Ok(match to.value(value)? {
                        SortValue::Float(number) => float_code(number),
                        SortValue::Integer(number) => {
                            integer_code(i64::try_from(number).unwrap_or(i64::MAX))
                        }
                        _ => BASE,
                    }),
                    None => missing_code(&*leaf.kind, value),
                })?;
                let cast = by.numeric_type.map(|to| Cast::new(to, leaf));
                let fractions = leaf.column.is_some_and(Kind::is_fraction);
                let unsigned = leaf.column == Some(Kind::UnsignedLong);
                Ok(SegmentKeys::Numbers { column, fractions, unsigned, cast, mode, missing })
            }
        }
    }

    /// These, of the nested objects inside documents.
    fn inside(
        self,
        objects: SortedObjects,
        mode: Option<SortMode>,
        descending: bool,
    ) -> SegmentKeys {
        let mode = mode.unwrap_or(if descending { SortMode::Max } else { SortMode::Min });
        SegmentKeys::Nested { keys: Box::new(self), objects, mode }
    }

    /// Whether its values are fractions.
    fn is_float(&self) -> bool {
        match self {
            SegmentKeys::Score
            | SegmentKeys::Distances { .. }
            | SegmentKeys::Script { texts: false, .. } => true,
            SegmentKeys::Numbers { cast: Some(cast), .. } => cast.to == NumericType::Double,
            SegmentKeys::Numbers { fractions, .. } => *fractions,
            _ => false,
        }
    }

    /// The code of a document; ascending.
    #[inline]
    pub(in crate::search) fn code(&self, doc: DocId, score: f32, descending: bool) -> u128 {
        let code = self.raw(doc, score, descending);
        match (code, self) {
            (Some(code), _) if descending => !code,
            (Some(code), _) => code,
            (None, own) => own.missing(),
        }
    }

    /// Reads the codes of `docs`, as [`SegmentKeys::code`] gives them.
    pub(in crate::search) fn read_codes(
        &self,
        docs: &[DocId],
        scores: &[f32],
        descending: bool,
        block: &mut ColumnBlock<i64>,
        codes: &mut Vec<u128>,
    ) {
        codes.clear();
        if let SegmentKeys::Numbers {
            column: Some(Numbers::I64(column)),
            cast: None,
            mode: SortMode::Min | SortMode::Max,
            ..
        } = self
            && column.get_cardinality() == Cardinality::Full
        {
            block.read(column, docs);
            let code = |value| if descending { !integer_code(value) } else { integer_code(value) };
            codes.extend(block.iter().map(|(_, value)| code(value)));
            return;
        }
        let pairs = docs.iter().zip(scores);
        codes.extend(pairs.map(|(doc, score)| self.code(*doc, *score, descending)));
    }

    /// The code of a document without a value.
    fn missing(&self) -> u128 {
        match self {
            SegmentKeys::Absent { missing, .. }
            | SegmentKeys::Numbers { missing, .. }
            | SegmentKeys::Texts { missing, .. }
            | SegmentKeys::Ranges { missing, .. }
            | SegmentKeys::Addresses { missing, .. } => *missing,
            SegmentKeys::Nested { keys, .. } => keys.missing(),
            SegmentKeys::Score
            | SegmentKeys::Doc { .. }
            | SegmentKeys::Ids(_)
            | SegmentKeys::Script { .. }
            | SegmentKeys::Distances { .. } => LAST,
        }
    }

    /// The code of a document's value in ascending order, if it has one.
    #[inline]
    fn raw(&self, doc: DocId, score: f32, descending: bool) -> Option<u128> {
        match self {
            SegmentKeys::Nested { keys, objects, mode } => {
                let code = keys.of_objects(objects, doc, *mode);
                // What a script gives for no object counts as the greatest number. (`ScriptSortBuilder`.)
                let is_number = matches!(**keys, SegmentKeys::Script { texts: false, .. });
                code.or(is_number.then(|| float_code(f64::MAX)))
            }
            SegmentKeys::Score => Some(float_code(score.into())),
            SegmentKeys::Ids(ids) => Some(BASE + u128::from(ids.ordinal(doc)) * 2),
            SegmentKeys::Ranges { ranges, .. } => {
                ranges.place(doc).map(|place| BASE + u128::from(place) * 2)
            }
            SegmentKeys::Distances { column, by } => {
                let doc = std::iter::once(doc);
                let far = column.as_ref().map(|column| by.distance(column, doc, descending));
                Some(float_code(far.unwrap_or(f64::INFINITY)))
            }
            SegmentKeys::Doc { base } => Some(unsigned_code(u64::from(*base) + u64::from(doc))),
            SegmentKeys::Absent { .. } => None,
            SegmentKeys::Script { keys, .. } => keys.code(doc, score),
            SegmentKeys::Numbers { column, cast, mode, .. } => {
                let column = column.as_ref()?;
                match cast {
                    Some(cast) => cast.code(column, &[doc], *mode),
                    None => numbers(column, doc, *mode),
                }
            }
            SegmentKeys::Texts { column, mode, .. } => {
                let ordinals = column.ords();
                let chosen = match mode {
                    SortMode::Max => ordinals.values_for_doc(doc).max(),
                    _ => ordinals.values_for_doc(doc).min(),
                };
                chosen.map(ordinal_code)
            }
            SegmentKeys::Addresses { column, mode, .. } => {
                let chosen = match mode {
                    SortMode::Max => column.values_for_doc(doc).max(),
                    _ => column.values_for_doc(doc).min(),
                };
                chosen.map(|address| u128::from(address).clamp(1, LAST - 1))
            }
        }
    }

    /// The code that the values of the nested objects inside `doc` make.
    fn of_objects(&self, objects: &SortedObjects, doc: DocId, mode: SortMode) -> Option<u128> {
        match (self, mode) {
            (
                SegmentKeys::Numbers { column: Some(column), cast, .. },
                SortMode::Sum | SortMode::Avg,
            ) => {
                let valued = objects.inside(doc).filter(|object| column.first(*object).is_some());
                let docs: Vec<DocId> = valued.take(objects.max_children).collect();
                match cast {
                    Some(cast) => cast.code(column, &docs, mode),
                    None => combined(column, &docs, mode),
                }
            }
            (SegmentKeys::Distances { column, by }, _) => {
                let far = column.as_ref().map(|column| {
                    let valued =
                        objects.inside(doc).filter(|object| column.first(*object).is_some());
                    by.distance(column, valued.take(objects.max_children), mode == SortMode::Max)
                });
                Some(float_code(far.unwrap_or(f64::INFINITY)))
            }
            (SegmentKeys::Script { texts: false, .. }, SortMode::Sum | SortMode::Avg) => {
                let inside = objects.inside(doc).take(objects.max_children);
                let given = inside.filter_map(|object| self.raw(object, 0.0, false));
                combined_fractions(given.map(uncode_float).collect(), mode).map(float_code)
            }
            _ => {
                let codes = objects
                    .inside(doc)
                    .filter_map(|object| self.raw(object, 0.0, mode == SortMode::Max));
                let codes = codes.take(objects.max_children);
                if mode == SortMode::Max { codes.max() } else { codes.min() }
            }
        }
    }

    /// The value behind a code.
    pub(in crate::search) fn value(
        &self,
        code: u128,
        descending: bool,
    ) -> Result<SortValue, Exception> {
        if let SegmentKeys::Nested { keys, .. } = self {
            return keys.value(code, descending);
        }
        if code == FIRST || code == LAST {
            return Ok(SortValue::Missing { first: code == FIRST });
        }
        let code = if descending { !code } else { code };
        let offset = code.wrapping_sub(BASE);
        Ok(match self {
            keys if keys.is_float() => SortValue::Float(uncode_float(code)),
            SegmentKeys::Absent { stands_for: Some(value), .. } => value.clone(),
            // Told already, but for what is absent.
            SegmentKeys::Absent { .. }
            | SegmentKeys::Nested { .. }
            | SegmentKeys::Score
            | SegmentKeys::Distances { .. }
            | SegmentKeys::Script { texts: false, .. } => SortValue::Missing { first: false },
            SegmentKeys::Script { keys, texts: true } => {
                SortValue::Text(keys.text(offset).unwrap_or_default())
            }
            SegmentKeys::Doc { .. } => SortValue::Integer(offset as i128),
            SegmentKeys::Numbers { unsigned: true, cast: None, .. } => {
                SortValue::Integer(offset as i128)
            }
            SegmentKeys::Numbers { .. } => {
                SortValue::Integer(i128::from((offset as u64 ^ (1 << 63)) as i64))
            }
            SegmentKeys::Ids(ids) => SortValue::Text(ids.text((offset / 2) as u64)?),
            SegmentKeys::Ranges { ranges, .. } => {
                let place = offset.is_multiple_of(2).then_some((offset / 2) as usize);
                SortValue::Bytes(ranges.bytes(place))
            }
            SegmentKeys::Texts { column, kept, missing_text, .. } => {
                let Some(ordinal) = code_ordinal(code) else {
                    // Between two ordinals: no document here has it.
                    return Ok(SortValue::Text(missing_text.clone().unwrap_or_default()));
                };
                if let Some(kept) = kept {
                    return Ok(SortValue::Text(kept.text(column, ordinal)?));
                }
                let mut text = String::new();
                column.ord_to_str(ordinal, &mut text).map_err(crate::exception::io)?;
                SortValue::Text(text)
            }
            SegmentKeys::Addresses { .. } => SortValue::Address(Ipv6Addr::from(code)),
        })
    }

    /// The code a value of `search_after` has here.
    pub(in crate::search) fn code_of(
        &self,
        value: &SortValue,
        descending: bool,
    ) -> Result<u128, Exception> {
        let code = match (self, value) {
            (SegmentKeys::Nested { keys, .. }, value) => return keys.code_of(value, descending),
            (_, SortValue::Missing { first }) => return Ok(if *first { FIRST } else { LAST }),
            (keys, value) if keys.is_float() => float_code(value.number().unwrap_or(0.0)),
            (
                SegmentKeys::Numbers { unsigned: true, cast: None, .. } | SegmentKeys::Doc { .. },
                SortValue::Integer(value),
            ) => unsigned_code(u64::try_from(*value).unwrap_or(0)),
            (SegmentKeys::Numbers { .. }, SortValue::Integer(value)) => {
                integer_code(i64::try_from(*value).unwrap_or(i64::MAX))
            }
            (SegmentKeys::Numbers { .. }, SortValue::Float(value)) => integer_code(*value as i64),
            (SegmentKeys::Texts { column, missing_text, .. }, SortValue::Text(text)) => {
                text_code(column, text, missing_text.as_deref())?
            }
            (SegmentKeys::Ids(ids), SortValue::Text(text)) => {
                let (place, is_there) = ids.place(text)?;
                (BASE + u128::from(place) * 2) - u128::from(!is_there)
            }
            (SegmentKeys::Ranges { ranges, .. }, SortValue::Bytes(bytes)) => {
                ranges_code(ranges, bytes)
            }
            (SegmentKeys::Script { keys, .. }, SortValue::Text(text)) => keys.text_code(text),
            (SegmentKeys::Addresses { .. }, SortValue::Address(address)) => {
                u128::from(*address).clamp(1, LAST - 1)
            }
            // No document here has a value: all of them are missing, and compare as what stands for them.
            (SegmentKeys::Absent { missing, stands_for: Some(own) }, value) => {
                return Ok(match own.compare(value, descending) {
                    Ordering::Less => missing.saturating_add(1),
                    Ordering::Equal => *missing,
                    Ordering::Greater => missing.saturating_sub(1),
                });
            }
            (SegmentKeys::Absent { .. }, _) => return Ok(BASE),
            _ => BASE,
        };
        Ok(if descending { !code } else { code })
    }

    /// The code of which greater ones are behind `worst`, a hit of another segment of the index; `None` where that is not
    /// known.
    pub(in crate::search) fn bound(
        &self,
        worst: &SortValue,
        descending: bool,
    ) -> Result<Option<u128>, Exception> {
        match self {
            // Without a column it is not known whether numbers have signs, and what stands for absent ones may be read either way.
            SegmentKeys::Numbers { column: None | Some(Numbers::U64(_)), .. } => Ok(None),
            SegmentKeys::Score
            | SegmentKeys::Numbers { .. }
            | SegmentKeys::Texts { .. }
            | SegmentKeys::Addresses { .. } => self.code_of(worst, descending).map(Some),
            _ => Ok(None),
        }
    }
}

/// The code of ranges, which lie between two where no document here has them.
fn ranges_code(ranges: &Ranges, bytes: &[u8]) -> u128 {
    let (place, is_there) = ranges.place_of(bytes);
    (BASE + place as u128 * 2) - u128::from(!is_there)
}

/// The code of what stands for a missing value. Dates are given as their milliseconds, whatever their format.
fn missing_code(kind: &dyn MappedFieldType, value: &Value) -> Result<u128, Exception> {
    if let (Some(_), Value::String(text)) = (kind.as_date(), value) {
        return text.parse().map(integer_code).map_err(|_| not_a_number(text));
    }
    number_code(kind, value)
}

fn numbers(column: &Numbers, doc: DocId, mode: SortMode) -> Option<u128> {
    fn pick<T: Copy + PartialOrd>(values: impl Iterator<Item = T>, largest: bool) -> Option<T> {
        values.reduce(|a, b| if (b > a) == largest { b } else { a })
    }
    let largest = match mode {
        SortMode::Min => false,
        SortMode::Max => true,
        SortMode::Sum | SortMode::Avg | SortMode::Median => return combined(column, &[doc], mode),
    };
    match column {
        Numbers::I64(column) => pick(column.values_for_doc(doc), largest).map(integer_code),
        Numbers::U64(column) => pick(column.values_for_doc(doc), largest).map(unsigned_code),
        Numbers::F64(column) => pick(column.values_for_doc(doc), largest).map(float_code),
        Numbers::Scaled(column, factor) => {
            let values = column.values_for_doc(doc).map(|value| scaled(value, *factor));
            pick(values, largest).map(float_code)
        }
    }
}

/// What the values of `docs` make together.
fn combined(column: &Numbers, docs: &[DocId], mode: SortMode) -> Option<u128> {
    if let Numbers::I64(column) = column {
        let values = docs.iter().flat_map(|doc| column.values_for_doc(*doc)).collect();
        return combined_whole(values, mode).map(integer_code);
    }
    let mut values = Vec::new();
    docs.iter().for_each(|doc| column.each(*doc, |value| values.push(value)));
    let value = combined_fractions(values, mode)?;
    Some(match column {
        Numbers::F64(_) | Numbers::Scaled(..) => float_code(value),
        _ => unsigned_code(round(value) as u64),
    })
}

/// What fractions make together.
pub(super) fn combined_fractions(mut values: Vec<f64>, mode: SortMode) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let count = values.len();
    let middle = values.get(count / 2).copied()?;
    Some(match mode {
        SortMode::Min => values.first().copied()?,
        SortMode::Max => values.last().copied()?,
        SortMode::Sum => values.iter().sum(),
        SortMode::Avg => values.iter().sum::<f64>() / count as f64,
        SortMode::Median if count.is_multiple_of(2) => {
            (values.get(count / 2 - 1).copied()? + middle) / 2.0
        }
        SortMode::Median => middle,
    })
}

/// Java's `Math.round`: halves go up.
fn round(value: f64) -> f64 {
    (value + 0.5).floor()
}

/// Whole numbers are added as Java adds them: the sum wraps around.
pub(super) fn combined_whole(mut values: Vec<i64>, mode: SortMode) -> Option<i64> {
    values.sort_unstable();
    let count = values.len();
    let middle = values.get(count / 2).copied()?;
    let sum = || values.iter().fold(0i64, |sum, value| sum.wrapping_add(*value));
    Some(match mode {
        SortMode::Min => values.first().copied()?,
        SortMode::Max => values.last().copied()?,
        SortMode::Sum => sum(),
        SortMode::Avg if count > 1 => round(sum() as f64 / count as f64) as i64,
        _ if count.is_multiple_of(2) => {
            let before = values.get(count / 2 - 1).copied()?;
            round((before as f64 + middle as f64) / 2.0) as i64
        }
        _ => middle,
    })
}
