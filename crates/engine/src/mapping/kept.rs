//! Values as they are kept.

/// A number as it is indexed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum NumberValue {
    /// Of the signed whole types.
    I64(i64),
    /// Of `unsigned_long`.
    U64(u64),
    /// Of the types with fractions.
    F64(f64),
}

/// Both ends of a range, included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) from: u128,
    pub(crate) to: u128,
}

impl Span {
    /// As it is kept.
    pub(crate) fn bytes(self) -> [u8; 32] {
        let mut bytes = [0; 32];
        let (from, to) = bytes.split_at_mut(16);
        from.copy_from_slice(&self.from.to_be_bytes());
        to.copy_from_slice(&self.to.to_be_bytes());
        bytes
    }

    /// What was kept.
    pub(crate) fn of_bytes(bytes: &[u8]) -> Option<Span> {
        let (from, to) = bytes.split_at_checked(16)?;
        Some(Span {
            from: u128::from_be_bytes(from.try_into().ok()?),
            to: u128::from_be_bytes(to.try_into().ok()?),
        })
    }
}
