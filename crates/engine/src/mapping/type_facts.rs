//! What every field type says of itself.

use super::column::Column;

/// The facts about a type that do not depend on a value.
pub(super) trait TypeFacts {
    /// The name as written under `type`.
    fn name(&self) -> &'static str;

    /// Whether the leaf has terms.
    fn is_indexed(&self) -> bool;

    /// The kind of value the type is kept as, whether or not this leaf has a column.
    fn column_kind(&self) -> Option<Column>;

    /// Whether the leaf has its column.
    fn has_column(&self) -> bool;

    /// Whether a list or an object in a document is one value of it.
    fn takes_whole(&self) -> bool {
        false
    }
}
