//! The roles of a domain with fine-grained access control, from what its `_plugins/_security/api` says: whom they let do what the
//! policies allow, and how much of an index they show.

use std::collections::BTreeMap;
use std::path::Path;

use ::policy::roles::{IndexView, RoleUser, Roles, RolesText, UserRoles, is_cluster_action};
use ::policy::{CallerKind, Principal};
use engine::rest::{Api, Flavor, Touches, route};
use serde_json::{Map, Value, json};

use crate::Failure;

/// The files of a folder of roles, as `GET _plugins/_security/api/…` answers.
const FILES: [&str; 4] = ["roles", "rolesmapping", "actiongroups", "internalusers"];

/// The roles of a domain.
pub(super) struct DomainRoles {
    roles: Roles,
    mappings: BTreeMap<String, Value>,
    users: BTreeMap<String, Value>,
}

/// What is asked of roles: a request, by the permissions that it needs.
pub(super) struct RolesQuestion {
    api: Api,
    /// The names that its path addresses; none: the path addresses no index, or a pattern.
    indices: Vec<String>,
}

/// What roles say of a request that policies allow.
pub(super) enum RolesAnswer {
    /// By these roles; of each index that is named and not shown whole, what shows.
    Allowed { roles: Vec<String>, views: Vec<(String, IndexView)> },
    /// Why not, in the plugin's words.
    Denied(String),
}

impl DomainRoles {
    /// Reads them.
    pub(super) fn load(folder: &Path) -> Result<Self, Failure> {
        let [roles, mappings, groups, users] = FILES.map(|name| {
            let path = folder.join(format!("{name}.json"));
            let value: Value = serde_json::from_str(&super::read(&path)?)
                .map_err(|error| format!("{}: {error}", path.display()))?;
            match value {
                Value::Object(entries) => Ok(entries.into_iter().collect()),
                _ => Err(Failure::from(format!("{}: expected an object", path.display()))),
            }
        });
        let (roles, mappings, groups): (BTreeMap<String, Value>, _, _) =
            (roles?, mappings?, groups?);
        let text = RolesText { roles: &roles, action_groups: &groups, mappings: &mappings };
        Ok(Self { roles: Roles::compile(&text), mappings, users: users? })
    }

    /// The users and roles of IAM that mappings name; a role stands for its sessions.
    pub(super) fn named(&self) -> Vec<Principal> {
        let mut named = Vec::new();
        for mapping in self.mappings.values() {
            for name in texts(mapping, "users").chain(texts(mapping, "backend_roles")) {
                named.extend(principal(name).filter(|it| !named.contains(it)));
            }
        }
        named
    }

    /// The internal users, which are nobody to policies.
    pub(super) fn internal_users(&self) -> impl Iterator<Item = RoleUser> {
        self.users.iter().map(|(name, entry)| {
            let attributes = entry.get("attributes").and_then(Value::as_object);
            let attributes = attributes.into_iter().flatten().filter_map(|(key, value)| {
                Some((format!("attr.internal.{key}"), value.as_str()?.to_owned()))
            });
            RoleUser {
                name: name.clone(),
                backend_roles: texts(entry, "backend_roles").map(str::to_owned).collect(),
                attributes: attributes.collect(),
                own_roles: texts(entry, "opendistro_security_roles").map(str::to_owned).collect(),
                address: String::new(),
            }
        })
    }

    /// What the roles of `user` say of a request.
    pub(super) fn answer(&self, user: RoleUser, question: &RolesQuestion) -> RolesAnswer {
        let user = self.roles.of(user);
        match question.decided(&user) {
            Ok(roles) => question.shown(&user, roles),
            Err(text) => RolesAnswer::Denied(text),
        }
    }
}

/// A caller as roles know it; `None`: who presents no credentials, and has none.
pub(super) fn user_of(caller: &Principal) -> Option<RoleUser> {
    let named = |name: &str, backend_roles: &[&str]| RoleUser {
        name: name.to_owned(),
        backend_roles: backend_roles.iter().map(|it| (*it).to_owned()).collect(),
        ..RoleUser::default()
    };
    match caller.kind() {
        CallerKind::Anonymous => None,
        CallerKind::AssumedRole => {
            let role = caller.principal_arn();
            Some(named(role, &[role]))
        }
        _ => Some(named(caller.arn(), &[])),
    }
}

impl RolesQuestion {
    /// The request that is meant by an action on a resource.
    pub(super) fn of(action: &str, resource: &str) -> Result<Self, Failure> {
        let method = action.strip_prefix("es:ESHttp").map(str::to_uppercase);
        let method = method.ok_or(format!(
            "`{action}` is nothing that roles are asked about: expected es:ESHttpGet and its like"
        ))?;
        let path = resource.split_once(":domain/").and_then(|(_, rest)| rest.split_once('/'));
        let path = format!("/{}", path.map_or("", |(_, path)| path));
        let route = route(&method, &path, "", Flavor::OpenSearch219).map_err(|_| {
            format!("{method} {path} is no request: roles cannot be asked about it")
        })?;
        let names = route.part("index").unwrap_or_default().split(',');
        let names = names.filter(|name| !name.is_empty() && !name.starts_with(['_', '-', '<']));
        let names = names.filter(|name| !name.contains('*'));
        Ok(Self { api: route.api, indices: names.map(str::to_owned).collect() })
    }

    /// The roles that allow it.
    ///
    /// # Errors
    /// The plugin's words for what is missing.
    fn decided(&self, user: &UserRoles) -> Result<Vec<String>, String> {
        let row = self.api.row();
        let unknown = format!("cluster:unknown/{}", row.name);
        let needed: Vec<&str> = match row.permissions.is_empty() {
            true => vec![&unknown],
            false => row.permissions.split_whitespace().collect(),
        };
        let (cluster, index): (Vec<&str>, Vec<&str>) =
            needed.into_iter().partition(|action| is_cluster_action(action));
        let mut roles = Vec::new();
        let mut ask = |actions: &[&str], allows: &dyn Fn(&str) -> Option<String>| {
            let missing: Vec<&str> =
                actions.iter().filter(|action| allows(action).is_none()).copied().collect();
            for role in actions.iter().filter_map(|action| allows(action)) {
                if !roles.contains(&role) {
                    roles.push(role);
                }
            }
            if missing.is_empty() { Ok(()) } else { Err(user.denial(&missing)) }
        };
        ask(&cluster, &|action: &str| user.cluster(action).map(str::to_owned))?;
        if self.indices.is_empty() && row.touches != Touches::Items {
            ask(&index, &|action: &str| user.anywhere(action).map(str::to_owned))?;
        }
        for name in self.indices.iter().map(String::as_str) {
            ask(&index, &|action: &str| user.index(action, &[name]).map(str::to_owned))?;
        }
        Ok(roles)
    }

    /// How much of each index shows.
    fn shown(&self, user: &UserRoles, roles: Vec<String>) -> RolesAnswer {
        let mut views = Vec::new();
        for name in &self.indices {
            match user.restriction(&[name.as_str()]) {
                Ok(None) => {}
                Ok(Some(view)) => views.push((name.clone(), view)),
                Err(why) => return RolesAnswer::Denied(why),
            }
        }
        RolesAnswer::Allowed { roles, views }
    }
}

impl RolesAnswer {
    /// `allowed`, `partly` or `denied`.
    pub(super) fn outcome(&self) -> &'static str {
        match self {
            Self::Allowed { views, .. } if views.is_empty() => "allowed",
            Self::Allowed { .. } => "partly",
            Self::Denied(_) => "denied",
        }
    }

    /// In one line.
    pub(super) fn line(&self) -> String {
        match self {
            Self::Denied(text) => format!("no: {text}"),
            Self::Allowed { roles, views } => {
                let by = format!("by role {}", roles.join(", "));
                let parts = views.iter().map(|(index, view)| shown(index, view));
                [by].into_iter().chain(parts).collect::<Vec<_>>().join("; ")
            }
        }
    }

    /// Its members of a caller's answer.
    pub(super) fn add_to(&self, answer: &mut Map<String, Value>) {
        answer.insert("outcome".to_owned(), self.outcome().into());
        match self {
            Self::Denied(text) => drop(answer.insert("denial".to_owned(), text.as_str().into())),
            Self::Allowed { roles, views } => {
                answer.insert("roles".to_owned(), json!(roles));
                let view = |(index, view): &(String, IndexView)| {
                    json!({"index": index, "queries": view.queries, "roles": view.roles,
                           "fields": view.fields.to_string(),
                           "masked": view.masks.iter().map(ToString::to_string).collect::<Vec<_>>()})
                };
                answer.insert("views".to_owned(), views.iter().map(view).collect());
            }
        }
    }
}

/// What shows of an index.
fn shown(index: &str, view: &IndexView) -> String {
    let mut parts = Vec::new();
    if !view.queries.is_empty() {
        let queries: Vec<String> = view.queries.iter().map(Value::to_string).collect();
        parts.push(format!("documents {}", queries.join(" or ")));
    }
    if !view.fields.is_all() {
        parts.push(format!("fields {}", view.fields));
    }
    if !view.masks.is_empty() {
        let masks: Vec<String> = view.masks.iter().map(ToString::to_string).collect();
        parts.push(format!("masked {}", masks.join(", ")));
    }
    format!("of {index} {}", parts.join(", "))
}

/// The IAM user of this ARN, or a session of the role of this ARN.
fn principal(arn: &str) -> Option<Principal> {
    let [_, partition, service, _, account, resource] = segments(arn)?;
    if service != "iam" || arn.contains(['*', '?']) || account.is_empty() {
        return None;
    }
    let (kind, path) = resource.split_once('/')?;
    let name = path.rsplit('/').next()?;
    match kind {
        "user" => Some(Principal::user(arn)),
        "role" => {
            let session = format!("arn:{partition}:sts::{account}:assumed-role/{name}/anyone");
            Some(Principal::assumed_role(session, arn))
        }
        _ => None,
    }
}

fn segments(arn: &str) -> Option<[&str; 6]> {
    let mut parts = arn.splitn(6, ':');
    let mut next = || parts.next();
    Some([next()?, next()?, next()?, next()?, next()?, next()?])
}

/// The texts of the list under `member`.
fn texts<'v>(value: &'v Value, member: &str) -> impl Iterator<Item = &'v str> {
    let list = value.get(member).and_then(Value::as_array);
    list.into_iter().flatten().filter_map(Value::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOMAIN: &str = "arn:aws:es:us-east-1:123456789012:domain/dev";

    fn example() -> DomainRoles {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/roles");
        DomainRoles::load(Path::new(folder)).unwrap()
    }

    fn said(name: &str, action: &str, path: &str) -> String {
        let roles = example();
        let question = RolesQuestion::of(action, &format!("{DOMAIN}{path}")).unwrap();
        let internal = roles.internal_users().find(|user| user.name == name);
        let user = internal.or_else(|| user_of(&principal(name)?)).unwrap();
        roles.answer(user, &question).line()
    }

    const APP: &str = "arn:aws:iam::123456789012:role/search-app";

    #[test]
    fn a_role_allows_what_its_permissions_name_and_shows_what_its_entries_leave() {
        assert_eq!(
            said("ann", "es:ESHttpGet", "/docs/_search"),
            r#"by role clerk; of docs documents {"term":{"owner":"ann"}}, fields all but pay, masked mail"#
        );
        assert_eq!(said(APP, "es:ESHttpGet", "/docs/_search"), "by role editor");
        assert!(said("ann", "es:ESHttpPut", "/docs/_doc/1").starts_with("no: no permissions for"));
        assert_eq!(said(APP, "es:ESHttpPut", "/docs/_doc/1"), "by role editor");
        assert!(said(APP, "es:ESHttpGet", "/docs,pay/_search").starts_with("no: "));
        assert!(said(APP, "es:ESHttpGet", "/_cluster/health").starts_with("no: "));
    }

    #[test]
    fn who_is_mapped_to_no_role_may_do_nothing_that_policies_allow() {
        let text = said("arn:aws:iam::123456789012:user/bob", "es:ESHttpGet", "/docs/_search");
        assert!(text.contains("User [name=arn:aws:iam::123456789012:user/bob"), "{text}");
        assert!(user_of(&Principal::anonymous()).is_none());
    }

    #[test]
    fn mappings_name_users_and_the_sessions_of_roles() {
        let named = example().named();
        let arns: Vec<&str> = named.iter().map(Principal::arn).collect();
        assert_eq!(arns, ["arn:aws:sts::123456789012:assumed-role/search-app/anyone"]);
        assert_eq!(named[0].principal_arn(), APP);
    }

    #[test]
    fn what_is_no_request_is_not_asked_about() {
        for (action, path) in [("es:DescribeDomain", ""), ("es:ESHttpGet", "/_no_such_path/x/y/z")]
        {
            assert!(RolesQuestion::of(action, &format!("{DOMAIN}{path}")).is_err(), "{action}");
        }
    }
}
