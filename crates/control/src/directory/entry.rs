//! A record as a snapshot holds it: with its policies compiled, in a table that copies share.

use std::collections::BTreeMap;
use std::ops::Deref;
use std::sync::Arc;

use policy::PolicyKind;

use crate::policies::{CompiledPolicySet, NamedPolicy};
use crate::saml::metadata::SamlMetadata;
use crate::store::record::SamlProvider;

/// A record with its policies compiled.
#[derive(Debug)]
pub struct CompiledRecord<R> {
    /// The record.
    pub record: R,
    /// Its inline policies (users, groups, roles); a session's own policies.
    pub inline: Vec<NamedPolicy>,
    /// The policy the record itself is: a role's trust, a managed policy's default version, a domain's access policy.
    pub own: Option<NamedPolicy>,
    /// All policies that bear on it as a caller: its inline ones, and others of the directory.
    pub(crate) compiled: CompiledPolicySet,
}

impl<R> Deref for CompiledRecord<R> {
    type Target = R;

    fn deref(&self) -> &R {
        &self.record
    }
}

/// A SAML provider with its metadata read.
pub(crate) struct SamlProviderEntry {
    pub(crate) record: SamlProvider,
    /// Without issuer and keys when the metadata cannot be read: then nobody comes in by it.
    pub(crate) metadata_read: SamlMetadata,
}

impl SamlProviderEntry {
    pub(crate) fn new(record: SamlProvider) -> SamlProviderEntry {
        let metadata_read = SamlMetadata::read(&record.metadata).unwrap_or_default();
        SamlProviderEntry { record, metadata_read }
    }
}

impl Deref for SamlProviderEntry {
    type Target = SamlProvider;

    fn deref(&self) -> &SamlProvider {
        &self.record
    }
}

/// A key with its secret open in memory.
pub(crate) struct OpenedKey<R> {
    pub(crate) entry: CompiledRecord<R>,
    pub(crate) secret: sigv4::SecretKey,
}

/// One kind's records by key. Cloning shares.
pub(crate) struct RecordTable<E>(Arc<BTreeMap<String, Arc<E>>>);

/// As long as keys of records are at most, as a rule.
const USUAL_KEY_BYTES: usize = 128;

impl<E> Clone for RecordTable<E> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<E> Default for RecordTable<E> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

impl<E> RecordTable<E> {
    pub(crate) fn get(&self, key: &str) -> Option<&Arc<E>> {
        self.0.get(key)
    }

    /// The record whose key is these, one behind the other. Each request looks a few up: a key of usual length takes no memory.
    pub(crate) fn get_of(&self, parts: &[&str]) -> Option<&Arc<E>> {
        let mut key = [0; USUAL_KEY_BYTES];
        let mut rest = key.as_mut_slice();
        for part in parts {
            let Some((place, behind)) = rest.split_at_mut_checked(part.len()) else {
                return self.get(&parts.concat());
            };
            place.copy_from_slice(part.as_bytes());
            rest = behind;
        }
        let left = rest.len();
        let used = key.get(..key.len() - left).unwrap_or_default();
        self.get(std::str::from_utf8(used).ok()?)
    }

    /// Everything whose key begins with `prefix`, in key order.
    pub(crate) fn under<'t>(&'t self, prefix: &'t str) -> impl Iterator<Item = &'t Arc<E>> + Clone {
        self.0
            .range(prefix.to_owned()..)
            .take_while(move |(key, _)| key.starts_with(prefix))
            .map(|(_, entry)| entry)
    }

    pub(crate) fn values(&self) -> impl Iterator<Item = &Arc<E>> {
        self.0.values()
    }

    pub(crate) fn put(&mut self, key: String, entry: E) {
        Arc::make_mut(&mut self.0).insert(key, Arc::new(entry));
    }

    pub(crate) fn remove(&mut self, key: &str) {
        Arc::make_mut(&mut self.0).remove(key);
    }
}

/// A record that holds no policy itself.
pub(crate) fn plain<R>(record: R) -> CompiledRecord<R> {
    CompiledRecord { record, inline: Vec::new(), own: None, compiled: CompiledPolicySet::default() }
}

/// A record with its inline policies.
pub(crate) fn with_inline<R>(
    record: R,
    inline: &BTreeMap<String, String>,
) -> Result<CompiledRecord<R>, String> {
    let mut entry = plain(record);
    for (name, text) in inline {
        entry.inline.push(NamedPolicy::compile(name, text, PolicyKind::Identity)?);
    }
    Ok(entry)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_found_by_the_parts_of_its_key_however_long_they_are() {
        let mut table = RecordTable::<usize>::default();
        for length in 0..300 {
            let name = "é".repeat(length / 2) + &"n".repeat(length % 2);
            table.put(["111122223333/", &name].concat(), length);
            assert_eq!(
                table.get_of(&["111122223333", "/", &name]).map(|found| **found),
                Some(length)
            );
            assert!(table.get_of(&["111122223334", "/", &name]).is_none());
        }
        assert!(table.get_of(&[]).is_none());
    }
}
