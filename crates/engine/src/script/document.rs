//! What a script may see of the document it runs on: the caller's view of it, nothing else.

use serde_json::Value as Json;

use super::painless::value::{DocKind, Value};
use crate::exception::Exception;

/// The values of one field.
pub(crate) struct FieldValues {
    /// What they are.
    pub(crate) kind: DocKind,
    /// In their order.
    pub(crate) values: Vec<Value>,
}

/// A document that a script runs on.
pub(crate) trait ScriptDocument: std::fmt::Debug {
    /// `doc[field]`; nothing where the mapping shows no such field.
    ///
    /// # Errors
    /// `illegal_argument_exception` for a field without doc values; what reading it meets.
    fn values(&mut self, field: &str) -> Result<Option<FieldValues>, Exception>;

    /// How a field that is not there is missed.
    fn no_field(&self, field: &str) -> String;

    /// `doc.containsKey(field)`
    fn has_field(&mut self, field: &str) -> bool;

    /// `params._source`, cut to what shows.
    ///
    /// # Errors
    /// What reading it meets.
    fn source(&mut self) -> Result<Json, Exception>;

    /// A number of the document's own, for `randomScore`.
    fn number(&self) -> u32;
}
