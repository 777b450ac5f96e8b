//! Changes of aliases, and what is refused of them: a name that an index has, a second write index, more than there is room for.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::gone;
use crate::cluster::metadata::{Alias, IndexMetadata, Metadata};
use crate::exception::{Exception, ExceptionKind};
use crate::limits::{ALIASES_BYTES_MAX, ALIASES_MAX};

/// One action of `POST _aliases` on one index, by the index's uuid.
#[derive(Clone, Debug, PartialEq)]
pub enum AliasAction {
    /// Adds or replaces an alias.
    Add {
        /// The index.
        uuid: Arc<str>,
        /// The alias's name.
        alias: String,
        /// Its definition.
        definition: Alias,
    },
    /// Removes an alias.
    Remove {
        /// The index.
        uuid: Arc<str>,
        /// The alias's name.
        alias: String,
    },
    /// Deletes the index.
    RemoveIndex {
        /// The index.
        uuid: Arc<str>,
    },
}

/// What aliases take up of a domain's metadata, which each change of it writes anew.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct AliasRoom {
    count: usize,
    bytes: usize,
}

impl AliasRoom {
    /// Takes the room of `count` aliases of `bytes` each.
    ///
    /// # Errors
    /// `validation_exception`: beyond [`ALIASES_MAX`] or [`ALIASES_BYTES_MAX`].
    pub(crate) fn take(&mut self, count: usize, bytes: usize) -> Result<(), Exception> {
        self.count = self.count.saturating_add(count);
        self.bytes = self.bytes.saturating_add(count.saturating_mul(bytes));
        let refused = |what: String| Err(Exception::validation(&[what]));
        if self.count > ALIASES_MAX {
            let count = self.count;
            return refused(format!(
                "aliases of all indices: [{count}] are more than the [{ALIASES_MAX}] that a domain may have; remove some, or give one alias several indices"
            ));
        }
        if self.bytes > ALIASES_BYTES_MAX {
            let bytes = self.bytes;
            return refused(format!(
                "aliases of all indices: their names, filters and routings take [{bytes}] bytes, more than the [{ALIASES_BYTES_MAX}] that a domain may have; shorten their filters"
            ));
        }
        Ok(())
    }

    fn take_all(&mut self, index: &IndexMetadata) -> Result<(), Exception> {
        index.aliases.iter().try_for_each(|(name, alias)| self.take(1, name.len() + alias.bytes()))
    }
}

/// Puts an action into force; the uuid of an index that it deletes goes to `removed`.
pub(super) fn apply(
    metadata: &mut Metadata,
    action: &AliasAction,
    removed: &mut Vec<Arc<str>>,
) -> Result<(), Exception> {
    let (AliasAction::Add { uuid, .. }
    | AliasAction::Remove { uuid, .. }
    | AliasAction::RemoveIndex { uuid }) = action;
    if let AliasAction::RemoveIndex { .. } = action {
        metadata.indices.retain(|_, index| index.uuid != *uuid);
        removed.push(Arc::clone(uuid));
        return Ok(());
    }
    let index = metadata.indices.values_mut().find(|index| index.uuid == *uuid);
    // Copied by the first action on it, not by each.
    let index = Arc::make_mut(index.ok_or_else(|| gone(uuid))?);
    match action {
        AliasAction::Add { alias, definition, .. } => {
            index.aliases.insert(alias.clone(), definition.clone());
        }
        AliasAction::Remove { alias, .. } => {
            if index.aliases.remove(alias).is_none() {
                return Err(Exception::new(
                    ExceptionKind::AliasesNotFound,
                    format!("aliases [{alias}] missing"),
                )
                .with("resource.type", "aliases")
                .with("resource.id", alias.as_str()));
            }
        }
        AliasAction::RemoveIndex { .. } => {}
    }
    index.aliases_version += 1;
    Ok(())
}

/// Checks the aliases that `actions` added; what others left is not this change's. Of the write indices that there are too
/// many of, a refusal names those that the caller `sees`.
pub(super) fn check_added(
    metadata: &Metadata,
    actions: &[AliasAction],
    sees: impl Fn(&str) -> bool,
) -> Result<(), Exception> {
    let added = actions.iter().filter_map(|action| match action {
        AliasAction::Add { alias, .. } => Some(alias.as_str()),
        AliasAction::Remove { .. } | AliasAction::RemoveIndex { .. } => None,
    });
    let added: BTreeSet<&str> = added.collect();
    if added.is_empty() {
        return Ok(());
    }
    let (mut room, mut writing) = (AliasRoom::default(), BTreeMap::<&str, Vec<_>>::new());
    for index in metadata.indices.values() {
        room.take_all(index)?;
        for (name, alias) in &index.aliases {
            if alias.is_write_index == Some(true) && added.contains(name.as_str()) {
                writing.entry(name).or_default().push(index);
            }
        }
    }
    for alias in added {
        if metadata.index(alias).is_some() {
            return Err(is_an_index(metadata, alias));
        }
        if let Some(write) = writing.get(alias).filter(|write| write.len() > 1) {
            let seen = write.iter().filter(|index| sees(&index.uuid));
            let seen: Vec<&str> = seen.map(|index| index.name.as_str()).collect();
            return Err(many_write_indices(alias, &seen));
        }
    }
    Ok(())
}

/// Checks the aliases of an index that is to be.
pub(super) fn check_of_new(metadata: &Metadata, index: &IndexMetadata) -> Result<(), Exception> {
    if index.aliases.is_empty() {
        return Ok(());
    }
    let mut room = AliasRoom::default();
    let all = metadata.indices.values().map(Arc::as_ref).chain([index]);
    all.into_iter().try_for_each(|index| room.take_all(index))?;
    let writes = |index: &IndexMetadata, alias: &String| {
        index.aliases.get(alias).is_some_and(|alias| alias.is_write_index == Some(true))
    };
    let again = index.aliases.keys().find(|alias| {
        writes(index, alias) && metadata.alias(alias).iter().any(|other| writes(other, alias))
    });
    if let Some(alias) = again {
        // The other one is not named: whoever makes this index may not be one who may know it.
        return Err(many_write_indices(alias, &[&index.name]));
    }
    let taken = index.aliases.keys().find(|alias| metadata.index(alias).is_some());
    taken.map_or(Ok(()), |alias| Err(is_an_index(metadata, alias)))
}

fn is_an_index(metadata: &Metadata, alias: &str) -> Exception {
    let uuid = metadata.index(alias).map(|index| index.uuid.to_string()).unwrap_or_default();
    Exception::new(
        ExceptionKind::InvalidAliasName,
        format!("Invalid alias name [{alias}], an index exists with the same name as the alias"),
    )
    .with("index_uuid", uuid)
    .with("index", alias)
}

fn many_write_indices(alias: &str, names: &[&str]) -> Exception {
    let names = names.join(",");
    let reason = format!("alias [{alias}] has more than one write index [{names}]");
    Exception::new(ExceptionKind::IllegalState, reason)
}
