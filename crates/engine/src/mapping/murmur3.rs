//! `murmur3`: of each value its hash, to be counted without looking at the values again. Source: "Mapper murmur3 plugin" of
//! Elasticsearch 7.10 and OpenSearch 2.19, which Amazon's service has, and `Murmur3FieldMapper` and `MurmurHash3.hash128`.

use serde_json::Value;

use super::analyzers::FieldAnalyzers;
use super::column::Column;
use super::date::DateFormat;
use super::field_type::MappedFieldType;
use super::kept::NumberValue;
use super::keyword::not_text;
use super::parameters::{Parameter, ParameterShape, fixed, updatable};
use super::parse_context::ParseContext;
use super::query::{QueryContext, TermLookup};
use crate::exception::Exception;
use crate::value::scalar::plain;

/// The parameters of `murmur3`.
pub(super) const PARAMETERS: &[Parameter] =
    &[fixed("store", ParameterShape::Bool(false)), updatable("meta", ParameterShape::Object)];

/// A field of hashes.
#[derive(Clone, Copy, Debug)]
pub struct Murmur3;

impl MappedFieldType for Murmur3 {
    fn name(&self) -> &'static str {
        "murmur3"
    }

    fn is_indexed(&self) -> bool {
        false
    }

    fn column_kind(&self) -> Option<Column> {
        Some(Column::Long)
    }

    fn has_column(&self) -> bool {
        true
    }

    fn parse_into(&self, value: &Value, context: &mut ParseContext<'_>) -> Result<bool, Exception> {
        match value {
            Value::Null => Ok(false),
            Value::Object(_) | Value::Array(_) => Err(not_text()),
            value => Ok(context.number(Some(NumberValue::I64(hash(plain(value).as_bytes()))))),
        }
    }

    fn check_term(&self, path: &str, context: QueryContext<'_>) -> Result<(), Exception> {
        Err(context.refuse(format!("Murmur3 fields are not searchable: [{path}]")))
    }

    fn term(
        &self,
        _path: &str,
        _value: &Value,
        _context: QueryContext<'_>,
    ) -> Result<TermLookup, Exception> {
        Ok(TermLookup::Nothing)
    }

    fn shown(
        &self,
        value: Value,
        _analyzers: &FieldAnalyzers,
        _format: Option<&DateFormat>,
    ) -> Option<Value> {
        Some(plain(&value).into())
    }
}

const C1: u64 = 0x87c3_7b91_1142_53d5;
const C2: u64 = 0x4cf5_ad43_2745_937f;

/// The first half of MurmurHash3 (x64, 128 bits) with the seed 0.
fn hash(bytes: &[u8]) -> i64 {
    let (mut h1, mut h2) = (0_u64, 0_u64);
    let blocks = bytes.chunks_exact(16);
    let rest = blocks.remainder();
    for block in blocks {
        let (first, second) = block.split_at(8);
        h1 = (h1 ^ first_mixed(little(first))).rotate_left(27).wrapping_add(h2);
        h1 = h1.wrapping_mul(5).wrapping_add(0x52dc_e729);
        h2 = (h2 ^ second_mixed(little(second))).rotate_left(31).wrapping_add(h1);
        h2 = h2.wrapping_mul(5).wrapping_add(0x3849_5ab5);
    }
    let (first, second) = rest.split_at(rest.len().min(8));
    h1 ^= first_mixed(little(first));
    h2 ^= second_mixed(little(second));
    let length = bytes.len() as u64;
    h1 ^= length;
    h2 ^= length;
    h1 = h1.wrapping_add(h2);
    h2 = h2.wrapping_add(h1);
    finished(h1).wrapping_add(finished(h2)) as i64
}

/// At most eight bytes as a number, the least first.
fn little(bytes: &[u8]) -> u64 {
    bytes.iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte))
}

fn first_mixed(key: u64) -> u64 {
    key.wrapping_mul(C1).rotate_left(31).wrapping_mul(C2)
}

fn second_mixed(key: u64) -> u64 {
    key.wrapping_mul(C2).rotate_left(33).wrapping_mul(C1)
}

fn finished(hash: u64) -> u64 {
    let hash = (hash ^ (hash >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
    let hash = (hash ^ (hash >> 33)).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    hash ^ (hash >> 33)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_are_those_of_elasticsearch() {
        // Of `MurmurHash3.hash128` of Elasticsearch 7.10.2.
        for (text, expected) in [
            ("", 0),
            ("bar", -7911037993560119804),
            ("hello", -3758069500696749310),
            ("0123456789abcdef", 5467490433528156583),
            ("0123456789abcdefg", -8200385122730116642),
            ("The quick brown fox jumps over the lazy dog", -2068352364225029268),
            ("é", -3956277427552623640),
        ] {
            assert_eq!(hash(text.as_bytes()), expected, "{text}");
        }
    }
}
