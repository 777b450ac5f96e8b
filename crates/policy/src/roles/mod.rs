//! The roles of OpenSearch's security plugin, which a domain with fine-grained access control has beside its policies: who has
//! which role, what the roles allow by the names of actions, and which documents and fields of an index they show
//! (docs/decisions/0177-fine-grained-access-control.md).
//!
//! ```
//! use policy::roles::{RoleUser, Roles, RolesText};
//! use serde_json::json;
//!
//! let roles = json!({"reader": {"index_permissions": [
//!     {"index_patterns": ["logs-*"], "allowed_actions": ["read"], "dls": "{\"term\": {\"owner\": \"${user.name}\"}}"}]}});
//! let groups = json!({"read": {"allowed_actions": ["indices:data/read*"]}});
//! let mappings = json!({"reader": {"users": ["ann"]}});
//! let members = |value: &serde_json::Value| value.as_object().unwrap().clone();
//! let roles = Roles::compile(&RolesText {
//!     roles: &members(&roles).into_iter().collect(),
//!     action_groups: &members(&groups).into_iter().collect(),
//!     mappings: &members(&mappings).into_iter().collect(),
//! });
//! let ann = roles.of(RoleUser { name: "ann".to_owned(), ..RoleUser::default() });
//! assert_eq!(ann.index("indices:data/read/search", &["logs-1"]), Some("reader"));
//! assert_eq!(ann.index("indices:data/write/index", &["logs-1"]), None);
//! let view = ann.restriction(&["logs-1"]).unwrap().unwrap();
//! assert_eq!(view.queries, [json!({"term": {"owner": "ann"}})]);
//! ```

mod actions;
mod fields;
mod pattern;
mod query;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::Value;

use actions::{ActionGroups, ActionList};
pub use fields::{FieldMask, FieldsShown, Masking};
use pattern::NamePattern;

/// The configuration as the plugin's API shows it, by name.
pub struct RolesText<'a> {
    /// `roles`.
    pub roles: &'a BTreeMap<String, Value>,
    /// `actiongroups`.
    pub action_groups: &'a BTreeMap<String, Value>,
    /// `rolesmapping`.
    pub mappings: &'a BTreeMap<String, Value>,
}

/// The roles of a domain, compiled.
#[derive(Debug, Default)]
pub struct Roles {
    roles: BTreeMap<String, Arc<Role>>,
    groups: Arc<ActionGroups>,
    mappings: Vec<Mapping>,
}

#[derive(Debug)]
struct Role {
    name: String,
    cluster: ActionList,
    indices: Vec<IndexPermission>,
    /// Tenants, and whether they may be written.
    tenants: Vec<(NamePattern, bool)>,
}

/// One entry of `index_permissions`.
#[derive(Debug)]
struct IndexPermission {
    /// Of names of indices, aliases and data streams, with the user's variables still in them.
    patterns: Vec<String>,
    actions: ActionList,
    dls: Option<String>,
    fls: Vec<String>,
    masked: Vec<String>,
}

#[derive(Debug)]
struct Mapping {
    role: String,
    users: Vec<NamePattern>,
    backend_roles: Vec<NamePattern>,
    and_backend_roles: Vec<NamePattern>,
    hosts: Vec<NamePattern>,
}

/// A user, as the plugin knows one.
#[derive(Clone, Debug, Default)]
pub struct RoleUser {
    /// Of an internal user its name, of an IAM principal its ARN.
    pub name: String,
    /// What others call it: of a role's session the role's ARN.
    pub backend_roles: Vec<String>,
    /// `attr.internal.team` and its like.
    pub attributes: BTreeMap<String, String>,
    /// The roles that its own entry names.
    pub own_roles: Vec<String>,
    /// The address it calls from.
    pub address: String,
}

/// A user with the roles that it has.
#[derive(Debug)]
pub struct UserRoles {
    user: RoleUser,
    roles: Vec<Arc<Role>>,
    groups: Arc<ActionGroups>,
}

/// What roles show of one index, where that is not all of it.
#[derive(Debug)]
pub struct IndexView {
    /// A document is there when one of these queries finds it; none: every document is there.
    pub queries: Vec<Value>,
    /// The fields that documents have.
    pub fields: FieldsShown,
    /// The fields of which another value is shown.
    pub masks: Vec<FieldMask>,
    /// The roles that say so.
    pub roles: Vec<String>,
}

/// What a tenant permission must come to, so that the tenant can be written.
const TENANT_WRITE: &str = "kibana:saved_objects/*/write";

impl Roles {
    /// Reads the configuration. What cannot be read allows nothing.
    pub fn compile(text: &RolesText<'_>) -> Roles {
        let groups = ActionGroups::compile(text.action_groups);
        let role = |(name, value): (&String, &Value)| {
            (name.clone(), Arc::new(Role::compile(name, value, &groups)))
        };
        let roles = text.roles.iter().map(role).collect();
        let mapping = |(role, value): (&String, &Value)| Mapping {
            role: role.clone(),
            users: patterns(texts(value, "users")),
            backend_roles: patterns(texts(value, "backend_roles")),
            and_backend_roles: patterns(texts(value, "and_backend_roles")),
            hosts: patterns(texts(value, "hosts")),
        };
        Roles {
            roles,
            mappings: text.mappings.iter().map(mapping).collect(),
            groups: Arc::new(groups),
        }
    }

    /// The roles that `user` has.
    pub fn of(&self, user: RoleUser) -> UserRoles {
        let mapped = self.mappings.iter().filter(|mapping| mapping.names(&user));
        let names: BTreeSet<&str> = mapped
            .map(|mapping| mapping.role.as_str())
            .chain(user.own_roles.iter().map(String::as_str))
            .collect();
        let roles = names.into_iter().filter_map(|name| self.roles.get(name)).map(Arc::clone);
        UserRoles { roles: roles.collect(), user, groups: Arc::clone(&self.groups) }
    }
}

impl Role {
    fn compile(name: &str, value: &Value, groups: &ActionGroups) -> Role {
        let entries =
            |member: &str| value.get(member).and_then(Value::as_array).into_iter().flatten();
        let indices = entries("index_permissions").map(|entry| IndexPermission {
            patterns: texts(entry, "index_patterns"),
            actions: groups.list(texts(entry, "allowed_actions")),
            dls: entry
                .get("dls")
                .and_then(Value::as_str)
                .filter(|dls| !dls.trim().is_empty())
                .map(str::to_owned),
            fls: texts(entry, "fls"),
            masked: texts(entry, "masked_fields"),
        });
        let allowed: Vec<ActionList> = entries("tenant_permissions")
            .map(|entry| groups.list(texts(entry, "allowed_actions")))
            .collect();
        let writes = groups.have(allowed.iter(), TENANT_WRITE);
        let tenants = entries("tenant_permissions").zip(writes).flat_map(|(entry, writes)| {
            let names = texts(entry, "tenant_patterns").into_iter();
            names.map(move |name| (NamePattern::new(&name), writes))
        });
        Role {
            name: name.to_owned(),
            cluster: groups.list(texts(value, "cluster_permissions")),
            indices: indices.collect(),
            tenants: tenants.collect(),
        }
    }
}

impl Mapping {
    fn names(&self, user: &RoleUser) -> bool {
        let backend =
            |pattern: &NamePattern| user.backend_roles.iter().any(|it| pattern.matches(it));
        self.users.iter().any(|pattern| pattern.matches(&user.name))
            || self.backend_roles.iter().any(backend)
            || (!self.and_backend_roles.is_empty() && self.and_backend_roles.iter().all(backend))
            || self.hosts.iter().any(|pattern| pattern.matches(&user.address))
    }
}

impl UserRoles {
    /// The user.
    pub fn user(&self) -> &RoleUser {
        &self.user
    }

    /// The names of the roles, in order.
    pub fn names(&self) -> Vec<&str> {
        self.roles.iter().map(|role| role.name.as_str()).collect()
    }

    /// The role that allows `action` on the cluster.
    pub fn cluster(&self, action: &str) -> Option<&str> {
        let allows = |role: &&Arc<Role>| self.groups.allow(&role.cluster, action);
        self.roles.iter().find(allows).map(|role| role.name.as_str())
    }

    /// The role that allows `action` on an index; `names` are its own and those of its aliases and its data stream.
    pub fn index(&self, action: &str, names: &[&str]) -> Option<&str> {
        let allows = |role: &&Arc<Role>| {
            role.indices
                .iter()
                .any(|entry| self.groups.allow(&entry.actions, action) && self.is_of(entry, names))
        };
        self.roles.iter().find(allows).map(|role| role.name.as_str())
    }

    /// The role that allows `action` on any index.
    pub fn anywhere(&self, action: &str) -> Option<&str> {
        let allows = |role: &&Arc<Role>| {
            role.indices.iter().any(|entry| self.groups.allow(&entry.actions, action))
        };
        self.roles.iter().find(allows).map(|role| role.name.as_str())
    }

    /// Whether the roles show less than all of some index.
    pub fn restricts(&self) -> bool {
        let entries = self.roles.iter().flat_map(|role| &role.indices);
        entries
            .into_iter()
            .any(|entry| entry.dls.is_some() || !entry.fls.is_empty() || !entry.masked.is_empty())
    }

    /// What the roles show of an index; `None`: all of it. Every role of which a pattern names the index counts, whatever
    /// actions it allows: the documents of one query or another, the fields and masks of all. A role without a query does not
    /// lift the others' (`dfm_empty_overrides_all: false`, the plugin's default).
    ///
    /// # Errors
    /// Why a query cannot be asked: nothing of the index may be shown then.
    pub fn restriction(&self, names: &[&str]) -> Result<Option<IndexView>, String> {
        let mut view = IndexView {
            queries: Vec::new(),
            fields: FieldsShown::default(),
            masks: Vec::new(),
            roles: Vec::new(),
        };
        let mut left = query::QUERIES_BYTES_MAX;
        for role in &self.roles {
            for entry in role.indices.iter().filter(|entry| self.is_of(entry, names)) {
                if entry.dls.is_none() && entry.fls.is_empty() && entry.masked.is_empty() {
                    continue;
                }
                if let Some(dls) = &entry.dls {
                    let query = query::of_user(dls, self, &mut left).map_err(|why| {
                        format!("the document query of role [{}] cannot be asked: {why}", role.name)
                    })?;
                    if !view.queries.contains(&query) {
                        view.queries.push(query);
                    }
                }
                view.fields.add(&entry.fls);
                for text in &entry.masked {
                    let mask = FieldMask::parse(text)?;
                    if !view.masks.contains(&mask) {
                        view.masks.push(mask);
                    }
                }
                if !view.roles.contains(&role.name) {
                    view.roles.push(role.name.clone());
                }
            }
        }
        Ok((!view.roles.is_empty()).then_some(view))
    }

    /// The tenants among `defined` that the user may see, and whether it may write there; its own is one of them.
    pub fn tenants<'d>(&self, defined: impl Iterator<Item = &'d str>) -> BTreeMap<String, bool> {
        let mut found = BTreeMap::from([(self.user.name.clone(), true)]);
        for tenant in defined {
            let entries = self.roles.iter().flat_map(|role| &role.tenants);
            let mut writes = entries.filter(|(pattern, _)| pattern.matches(tenant)).map(|it| it.1);
            if let Some(first) = writes.next() {
                found.insert(tenant.to_owned(), first || writes.any(|it| it));
            }
        }
        found
    }

    /// The plugin's words for what is missing.
    pub fn denial(&self, missing: &[&str]) -> String {
        format!("no permissions for [{}] and {self}", missing.join(", "))
    }

    /// Writes what of the configuration bears on the user, whatever address it calls from: two that read the same allow and
    /// show the same.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn write_fingerprint(&self, out: &mut impl std::fmt::Write) -> std::fmt::Result {
        let RoleUser { name, backend_roles, attributes, own_roles, address: _ } = &self.user;
        write!(out, "{name:?} {backend_roles:?} {attributes:?} {own_roles:?}")?;
        let mut told = Vec::new();
        for role in &self.roles {
            write!(out, "{:?} {:?}", role.name, role.tenants)?;
            self.groups.write(&role.cluster, &mut told, out)?;
            for IndexPermission { patterns, actions, dls, fls, masked } in &role.indices {
                write!(out, "{patterns:?} {dls:?} {fls:?} {masked:?}")?;
                self.groups.write(actions, &mut told, out)?;
            }
        }
        Ok(())
    }

    fn is_of(&self, entry: &IndexPermission, names: &[&str]) -> bool {
        entry.patterns.iter().any(|text| {
            let pattern = query::name_of_user(text, self);
            pattern.is_some_and(|pattern| names.iter().any(|name| pattern.matches(name)))
        })
    }
}

impl std::fmt::Display for UserRoles {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let RoleUser { name, backend_roles, .. } = &self.user;
        let backend_roles = backend_roles.join(", ");
        write!(f, "User [name={name}, backend_roles=[{backend_roles}], requestedTenant=null]")
    }
}

/// Whether an action is asked of the cluster; the others are asked of indices. Source: the plugin's
/// `PrivilegesEvaluatorImpl.isClusterPerm`.
pub fn is_cluster_action(action: &str) -> bool {
    const PREFIXES: [&str; 5] = [
        "cluster:",
        "indices:admin/template/",
        "indices:admin/index_template/",
        "indices:data/read/scroll",
        "indices:data/read/msearch",
    ];
    const EXACT: [&str; 5] = [
        "indices:data/write/bulk",
        "indices:data/read/mget",
        "indices:data/read/mtv",
        "indices:data/write/reindex",
        "indices:data/read/search/template/render",
    ];
    PREFIXES.iter().any(|prefix| action.starts_with(prefix)) || EXACT.contains(&action)
}

fn patterns(names: Vec<String>) -> Vec<NamePattern> {
    names.iter().map(|name| NamePattern::new(name)).collect()
}

/// The texts of the list under `member`.
fn texts(value: &Value, member: &str) -> Vec<String> {
    let list = value.get(member).and_then(Value::as_array);
    list.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests;
