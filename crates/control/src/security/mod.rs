//! Fine-grained access control of a domain: its configuration, as OpenSearch's security plugin keeps it, in the domain's
//! record (docs/decisions/0177-fine-grained-access-control.md). What it means is [`policy::roles`]; the options of the es and
//! opensearch APIs that turn it on are in `options.rs`, the plugin's own API is `api.rs`.

mod api;
mod content;
pub(crate) mod options;
mod patch;
mod users;

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock, OnceLock};

use policy::roles::{Roles, RolesText};
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use api::{AskUser, SecurityCall, SecurityReply};
pub use users::{InternalUser, mask_salt};

use crate::err::{ApiError, ErrorCode};
use crate::seal::SealError;

/// What entries of a kind are called by, each with what the plugin's API shows.
pub(crate) type Entries = BTreeMap<String, Value>;

/// What is shipped: the reserved roles, action groups and tenants of OpenSearch 2.19.1, as its plugin tells them, and the role
/// `security_manager`, which Amazon has.
static SHIPPED: LazyLock<BTreeMap<String, Entries>> =
    LazyLock::new(|| serde_json::from_str(include_str!("shipped.json")).unwrap_or_default());

/// The roles whose users may change the configuration.
pub const ADMIN_ROLES: [&str; 3] = ["all_access", "security_manager", "security_rest_api_access"];

/// Whether this role is shipped: nobody may change it.
#[must_use]
pub fn is_reserved_role(name: &str) -> bool {
    let roles = SHIPPED.get(EntryKind::Roles.name());
    roles.and_then(|roles| roles.get(name)).is_some_and(|role| {
        ["reserved", "static"].iter().any(|flag| role.get(*flag) == Some(&Value::Bool(true)))
    })
}

/// A kind of entries of the configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum EntryKind {
    /// `roles`.
    Roles,
    /// `rolesmapping`.
    Mappings,
    /// `internalusers`.
    Users,
    /// `actiongroups`.
    ActionGroups,
    /// `tenants`.
    Tenants,
}

/// The configuration of one domain; what is shipped is not in it.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct SecurityConfiguration {
    /// What its secrets are sealed for: random, and never changed.
    id: String,
    /// Whether internal users may sign in.
    pub internal_users: bool,
    /// The salt of masked values, sealed.
    sealed_salt: String,
    roles: Entries,
    mappings: Entries,
    /// Each with the sealed hash of its password.
    users: Entries,
    action_groups: Entries,
    tenants: Entries,
    /// The roles, once somebody asked for them: whoever changes an entry makes a new configuration.
    #[serde(skip)]
    compiled: Arc<OnceLock<Arc<Roles>>>,
}

impl SecurityConfiguration {
    /// The roles that it comes to.
    pub fn roles(&self) -> Arc<Roles> {
        Arc::clone(self.compiled.get_or_init(|| {
            Arc::new(Roles::compile(&RolesText {
                roles: &self.all(EntryKind::Roles),
                action_groups: &self.all(EntryKind::ActionGroups),
                mappings: &self.mappings,
            }))
        }))
    }

    /// The names of the tenants.
    pub fn tenant_names(&self) -> Vec<String> {
        self.all(EntryKind::Tenants).into_keys().collect()
    }

    /// Hands each sealed text to `take`, with the name that it is sealed for.
    pub(crate) fn each_sealed(
        &mut self,
        take: &mut impl FnMut(&str, &mut String) -> Result<(), SealError>,
    ) -> Result<(), SealError> {
        let id = &self.id;
        take(id, &mut self.sealed_salt)?;
        for (name, user) in &mut self.users {
            let Some(Value::String(sealed)) = user.get_mut(users::SEALED_HASH) else { continue };
            take(&users::sealed_for(id, name), sealed)?;
        }
        Ok(())
    }

    /// All entries of a kind, the shipped ones too.
    pub(crate) fn all(&self, kind: EntryKind) -> Entries {
        let shipped = SHIPPED.get(kind.name()).into_iter().flatten();
        let own = self.own(kind).iter();
        own.chain(shipped).map(|(name, entry)| (name.clone(), entry.clone())).collect()
    }

    /// The entry of this name, which [`Self::all`] has too.
    pub(crate) fn entry(&self, kind: EntryKind, name: &str) -> Option<&Value> {
        let shipped = SHIPPED.get(kind.name()).and_then(|shipped| shipped.get(name));
        shipped.or_else(|| self.own(kind).get(name))
    }

    pub(crate) fn own(&self, kind: EntryKind) -> &Entries {
        match kind {
            EntryKind::Roles => &self.roles,
            EntryKind::Mappings => &self.mappings,
            EntryKind::Users => &self.users,
            EntryKind::ActionGroups => &self.action_groups,
            EntryKind::Tenants => &self.tenants,
        }
    }

    /// This, with other entries of a kind.
    pub(crate) fn with(&self, kind: EntryKind, entries: Entries) -> SecurityConfiguration {
        let mut next = SecurityConfiguration { compiled: Arc::default(), ..self.clone() };
        *match kind {
            EntryKind::Roles => &mut next.roles,
            EntryKind::Mappings => &mut next.mappings,
            EntryKind::Users => &mut next.users,
            EntryKind::ActionGroups => &mut next.action_groups,
            EntryKind::Tenants => &mut next.tenants,
        } = entries;
        next
    }

    /// This, with one entry of a kind.
    pub(crate) fn with_entry(
        &self,
        kind: EntryKind,
        name: &str,
        entry: Value,
    ) -> SecurityConfiguration {
        let mut entries = self.own(kind).clone();
        entries.insert(name.to_owned(), entry);
        self.with(kind, entries)
    }
}

impl EntryKind {
    /// As the path names it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            EntryKind::Roles => "roles",
            EntryKind::Mappings => "rolesmapping",
            EntryKind::Users => "internalusers",
            EntryKind::ActionGroups => "actiongroups",
            EntryKind::Tenants => "tenants",
        }
    }

    /// The kind that a path names.
    pub(crate) fn of(name: &str) -> Option<EntryKind> {
        Some(match name {
            "roles" => EntryKind::Roles,
            "rolesmapping" => EntryKind::Mappings,
            "internalusers" | "user" => EntryKind::Users,
            "actiongroups" | "actiongroup" => EntryKind::ActionGroups,
            "tenants" => EntryKind::Tenants,
            _ => return None,
        })
    }

    /// What one of them is called in the plugin's messages.
    pub(crate) fn one(self) -> &'static str {
        match self {
            EntryKind::Roles => "role",
            EntryKind::Mappings => "rolesmapping",
            EntryKind::Users => "user",
            EntryKind::ActionGroups => "actiongroup",
            EntryKind::Tenants => "tenant",
        }
    }
}

fn internal(error: impl std::fmt::Display) -> ApiError {
    ApiError::new(ErrorCode::Internal, error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shipped_is_there_and_reserved() {
        let configuration = SecurityConfiguration::default();
        for (kind, name) in [
            (EntryKind::Roles, "all_access"),
            (EntryKind::Roles, "security_manager"),
            (EntryKind::Roles, "readall"),
            (EntryKind::ActionGroups, "crud"),
            (EntryKind::Tenants, "global_tenant"),
        ] {
            let entries = configuration.all(kind);
            assert_eq!(entries[name]["reserved"], true, "{name}");
        }
    }
}
