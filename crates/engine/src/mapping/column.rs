//! The columns of leaves.

/// The column (Lucene: doc values) a leaf has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Column {
    /// Strings by ordinal.
    Str,
    /// Signed integers: whole numbers, booleans as 0 and 1, dates as milliseconds since 1970.
    I64,
    /// Unsigned integers.
    U64,
    /// Floating point numbers.
    F64,
    /// IPv6 addresses.
    Ip,
    /// Bytes by ordinal: Base64 as its bytes, and values that are made of several parts.
    Bytes,
}
