//! Internal users: who they are, and the hashes of their passwords.

use policy::roles::RoleUser;
use serde_json::Value;

use super::{EntryKind, SecurityConfiguration};
use crate::directory::snapshot::Directory;
use crate::store::record::Domain;

/// Under which member of a user's entry the sealed hash of its password is.
pub(super) const SEALED_HASH: &str = "sealed_hash";

/// What a user's hash is sealed for.
pub(super) fn sealed_for(id: &str, name: &str) -> String {
    format!("{id}/{name}")
}

/// An internal user of a domain, whose password was proven.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InternalUser {
    /// Its name.
    pub name: String,
    /// The domain's random part: another domain has other users.
    pub domain: String,
}

impl SecurityConfiguration {
    /// What a user's hash is sealed for, and the sealed hash.
    pub(crate) fn hash_of(&self, name: &str) -> Option<(String, String)> {
        let user = self.own(EntryKind::Users).get(name)?;
        let sealed = user.get(SEALED_HASH)?.as_str()?.to_owned();
        Some((sealed_for(&self.id, name), sealed))
    }

    /// The names of the internal users, in order.
    pub fn internal_user_names(&self) -> Vec<String> {
        self.own(EntryKind::Users).keys().cloned().collect()
    }

    /// The internal user of this name, as roles know it.
    pub fn internal_user(&self, name: &str) -> Option<RoleUser> {
        let user = self.own(EntryKind::Users).get(name)?;
        let texts = |member: &str| {
            let list = user.get(member).and_then(Value::as_array);
            list.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
        };
        let attributes = user.get("attributes").and_then(Value::as_object);
        let attributes = attributes.into_iter().flatten().filter_map(|(key, value)| {
            Some((format!("attr.internal.{key}"), value.as_str()?.to_owned()))
        });
        Some(RoleUser {
            name: name.to_owned(),
            backend_roles: texts("backend_roles"),
            attributes: attributes.collect(),
            own_roles: texts("opendistro_security_roles"),
            address: String::new(),
        })
    }
}

/// The salt of a domain's masked values; `None` where it has no fine-grained access control.
pub fn mask_salt(directory: &Directory, domain: &Domain) -> Option<[u8; 16]> {
    let security = domain.security.as_ref()?;
    let opened = directory.sealing_key().open(&security.id, &security.sealed_salt).ok()?;
    opened.as_slice().try_into().ok()
}
