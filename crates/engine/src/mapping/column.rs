//! The columns of leaves.

/// The column (Lucene: doc values) of a leaf, by what its values are (Elasticsearch: `ValuesSourceType`, `NumericType`). What
/// sorts, aggregates and prints values asks this and not the field's type.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Column {
    /// Strings by ordinal.
    Str,
    /// Strings by ordinal, which are made of the field's terms when they are asked for (`fielddata`).
    Terms,
    /// Flags, as 0 and 1.
    Boolean,
    /// Milliseconds since 1970.
    Date,
    /// Nanoseconds since 1970.
    DateNanos,
    /// Whole numbers of at most 32 bits.
    Integer,
    /// Whole numbers.
    Long,
    /// Whole numbers without a sign.
    UnsignedLong,
    /// Fractions of half precision.
    HalfFloat,
    /// Fractions of single precision.
    Float,
    /// Fractions.
    Double,
    /// Fractions that are read as whole parts of this factor.
    ScaledFloat(f64),
    /// Places: 32 bits of latitude, 32 of longitude.
    GeoPoint,
    /// IPv6 addresses.
    Ip,
    /// From one value to another.
    Range,
    /// Numbers with how often each was counted.
    Histogram,
    /// Bytes by ordinal.
    Bytes,
}

impl Column {
    /// Whether the values are numbers: what is added up, and compared with other numbers.
    pub fn is_number(self) -> bool {
        self.is_whole() || self.is_fraction()
    }

    /// Whether they are whole numbers.
    pub fn is_whole(self) -> bool {
        matches!(
            self,
            Column::Boolean
                | Column::Date
                | Column::DateNanos
                | Column::Integer
                | Column::Long
                | Column::UnsignedLong
        )
    }

    /// Whether they are fractions.
    pub fn is_fraction(self) -> bool {
        matches!(self, Column::HalfFloat | Column::Float | Column::Double | Column::ScaledFloat(_))
    }

    /// Whether they are moments.
    pub fn is_date(self) -> bool {
        matches!(self, Column::Date | Column::DateNanos)
    }

    /// Whether they are told by the shortest text of a `float`.
    pub fn is_short_float(self) -> bool {
        matches!(self, Column::HalfFloat | Column::Float)
    }

    /// Whether they are texts.
    pub fn is_text(self) -> bool {
        matches!(self, Column::Str | Column::Terms)
    }
}
