//! What queries take of documents that they name, which are read before the query is.

use crate::exception::{Exception, ExceptionKind};

/// Under this key `_search` puts what was read of a document that a query names.
pub(crate) const FOUND: &str = "_found";

/// The refusal of a query that needs a document which nobody has read for it.
pub(in crate::dsl) fn unfollowed() -> Exception {
    Exception::new(ExceptionKind::IllegalState, "async actions are left after rewrite")
}
