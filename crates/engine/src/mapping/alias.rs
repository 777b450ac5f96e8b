//! `alias`: another name of a field. Source: Elasticsearch 7.10, "Alias field type".

use super::object::Flat;
use crate::exception::Exception;

/// Checks that every alias of a flattened mapping names a leaf that is there.
pub(super) fn check(flat: &Flat) -> Result<(), Exception> {
    for (alias, path) in &flat.aliases {
        let fault = if alias == path {
            "an alias cannot refer to itself"
        } else if flat.aliases.contains_key(path) {
            "an alias cannot refer to another alias"
        } else if !flat.leaves.contains_key(path) {
            "an alias must refer to an existing field in the mappings"
        } else {
            continue;
        };
        return Err(Exception::mapper_parsing(format!(
            "Invalid [path] value [{path}] for field alias [{alias}]: {fault}."
        )));
    }
    Ok(())
}
