//! The name of the one type that an index of Elasticsearch 7 has: given by what first maps or writes it, `_doc` where that
//! names none. (`MapperService` and `MetadataCreateIndexService` of Elasticsearch 7.10.2; decision 0043.)

use std::sync::Arc;

use super::Mapping;
use crate::exception::{Exception, ExceptionKind};
use crate::limits::TYPE_NAME_BYTES_MAX;

/// The name where none is given; asked for, it stands for whatever the type is called.
pub const DOC: &str = "_doc";

impl Mapping {
    /// What the type of its documents is called; `None`: nothing was mapped or written yet.
    pub fn type_name(&self) -> Option<&str> {
        self.type_name.as_deref()
    }

    /// Whether its documents are of the type `asked`, of whom [`DOC`] asks for any.
    pub fn is_of_type(&self, asked: &str) -> bool {
        asked == DOC || self.type_name().unwrap_or(DOC) == asked
    }

    /// Whether a write or a mapping of the type `asked` gives the type its name. `index`: the name of its index.
    ///
    /// # Errors
    /// `illegal_argument_exception` for a second type; `invalid_type_name_exception`.
    pub(crate) fn takes_type(&self, asked: &str, index: &str) -> Result<bool, Exception> {
        match self.type_name() {
            Some(_) if self.is_of_type(asked) => Ok(false),
            Some(own) => Err(Exception::illegal_argument(format!(
                "Rejecting mapping update to [{index}] as the final mapping would have more than 1 type: [{own}, {asked}]"
            ))),
            None => check(asked).map(|()| true),
        }
    }

    /// This mapping, its documents being of the type `name`, of a version above `before`.
    #[must_use]
    pub(crate) fn named(&self, name: &str, before: u64) -> Mapping {
        let version = self.version.max(before + 1);
        Mapping { version, ..self.clone() }.of_type(name)
    }

    /// This mapping, its documents being of the type `name`.
    #[must_use]
    pub(crate) fn of_type(self, name: &str) -> Mapping {
        Mapping { type_name: Some(Arc::from(name)), ..self }
    }
}

/// Checks the name of a type.
///
/// # Errors
/// `invalid_type_name_exception`, `illegal_argument_exception` and `mapper_parsing_exception` in Elasticsearch's words.
pub(crate) fn check(name: &str) -> Result<(), Exception> {
    let invalid = |what: &str| {
        let reason = format!("mapping type name [{name}] {what}");
        Err(Exception::new(ExceptionKind::InvalidTypeName, reason))
    };
    if name.is_empty() {
        let cause = Exception::illegal_argument("name cannot be empty string");
        let reason = "Failed to parse mapping []: name cannot be empty string";
        return Err(Exception::mapper_parsing(reason).caused_by(cause));
    }
    if name.len() > TYPE_NAME_BYTES_MAX {
        let length = name.len();
        return invalid(&format!(
            "is too long; limit is length {TYPE_NAME_BYTES_MAX} but was [{length}]"
        ));
    }
    if name.starts_with('_') && name != DOC {
        return invalid("can't start with '_' unless it is called [_doc]");
    }
    if name.contains('#') {
        return invalid("should not include '#' in it");
    }
    if name.contains(',') {
        return invalid("should not include ',' in it");
    }
    if name.starts_with('.') {
        return Err(Exception::illegal_argument(format!(
            "mapping type name [{name}] must not start with a '.'"
        )));
    }
    Ok(())
}
