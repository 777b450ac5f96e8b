//! The API of the security plugin, `/_plugins/_security/…`: it reads and changes the configuration of one domain. Bodies and
//! messages are the plugin's of OpenSearch 2.19.1, recorded in `crates/control/tests/data/security_api.jsonl`.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::Timestamp;
use policy::roles::UserRoles;
use serde_json::{Map, Value, json};
use zeroize::Zeroizing;

use super::content::{self, Refused, error, message};
use super::users::{SEALED_HASH, sealed_for};
use super::{ADMIN_ROLES, Entries, EntryKind, SecurityConfiguration, patch};
use crate::control::Control;
use crate::directory::entry::CompiledRecord;
use crate::directory::snapshot::Directory;
use crate::err::{ApiError, ErrorCode};
use crate::limits::{SECURITY_BYTES_MAX, SECURITY_ENTRIES_MAX, SECURITY_PASSWORDS_MAX};
use crate::proof::password;
use crate::store::port::ChangeLogEntry;
use crate::store::record::{Domain, Record};

/// A call of the API.
pub struct SecurityCall<'a> {
    /// The domain: its account, its region, its name and its random part.
    pub domain: (&'a str, &'a str, &'a str, &'a str),
    /// `GET` ….
    pub method: &'a str,
    /// The decoded path.
    pub path: &'a str,
    /// The body.
    pub body: &'a [u8],
    /// The address of who calls.
    pub peer: &'a str,
    /// Whether the caller may still call, and the roles that it has: asked of the very snapshot that is changed.
    pub user: &'a AskUser,
    /// The caller's ARN, for the change log.
    pub caller: &'a str,
    /// The time.
    pub now: Timestamp,
    /// The request's id, for the change log.
    pub request_id: &'a str,
}

/// Who calls, on a snapshot: refused where it may not any more.
pub type AskUser =
    dyn Fn(&Directory, &Arc<CompiledRecord<Domain>>) -> Result<UserRoles, ApiError> + Send;

/// The answer to a call of the API.
#[derive(Clone, Debug, PartialEq)]
pub struct SecurityReply {
    /// The status.
    pub status: u16,
    /// The body.
    pub body: Value,
}

/// What was computed of the passwords in a body, before the change is decided.
#[derive(Default)]
struct Passwords {
    /// Each password with its hash.
    hashes: Vec<(Zeroizing<String>, Zeroizing<String>)>,
    /// The sealed hash that the current password belongs to.
    proven: Option<String>,
}

/// What a call is about, read off its path.
struct Asked<'a> {
    method: &'a str,
    path: &'a str,
    endpoint: &'a str,
    name: Option<&'a str>,
}

/// What an answer changes.
struct Decided {
    reply: SecurityReply,
    next: Option<SecurityConfiguration>,
}

/// What an answer is made of.
struct Scene<'a> {
    asked: Asked<'a>,
    security: &'a SecurityConfiguration,
    user: &'a UserRoles,
    call: &'a SecurityCall<'a>,
    passwords: &'a Passwords,
    directory: &'a Directory,
}

impl Control {
    /// Answers a call of the security plugin's API. A change is committed and published when this returns. Slow where the body
    /// holds passwords: the caller bounds how many run at once.
    ///
    /// # Errors
    /// `AccessDenied` when the caller may not call any more or the domain is gone; `Unavailable` when the store refuses.
    pub fn security(&self, call: &SecurityCall<'_>) -> Result<SecurityReply, ApiError> {
        // As much again for white space; what is longer can be no configuration, and reading it is work.
        let most = 2 * SECURITY_BYTES_MAX;
        if call.body.len() > most {
            let text = format!("the body has {} bytes: expected at most {most}", call.body.len());
            let (status, body) = message(413, "REQUEST_ENTITY_TOO_LARGE", &text);
            return Ok(SecurityReply { status, body });
        }
        let operation = format!("es:Security{}", call.method);
        let entry = ChangeLogEntry {
            at: call.now.as_second(),
            operation: &operation,
            caller: call.caller,
            request_id: call.request_id,
        };
        let passwords = self.passwords(call)?;
        self.change(&entry, |directory, change| {
            let domain = domain(directory, call)?;
            let security = domain.security.as_ref().ok_or_else(gone)?;
            let user = (call.user)(directory, domain)?;
            let asked = Asked::read(call);
            let scene =
                Scene { asked, security, user: &user, call, passwords: &passwords, directory };
            let decided = scene.decide().unwrap_or_else(|(status, body)| Decided {
                reply: SecurityReply { status, body },
                next: None,
            });
            if let Some(next) = decided.next {
                let mut record = domain.record.clone();
                record.security = Some(Box::new(next));
                change.put(Record::Domain(record));
            }
            Ok(decided.reply)
        })
    }

    /// Hashes the passwords of a body, and compares the current one.
    fn passwords(&self, call: &SecurityCall<'_>) -> Result<Passwords, ApiError> {
        let mut found = Vec::new();
        let Ok(body) = serde_json::from_slice::<Value>(call.body) else {
            return Ok(Passwords::default());
        };
        gather(&body, &mut found);
        let mut passwords = Passwords::default();
        if found.is_empty() {
            return Ok(passwords);
        }
        let directory = self.directory();
        let domain = domain(&directory, call)?;
        let security = domain.security.as_ref().ok_or_else(gone)?;
        let user = (call.user)(&directory, domain)?;
        // Hashing is slow: not for who may change nothing by it.
        let own = Asked::read(call).endpoint == "account";
        if !own && check_admin(&user).is_err() {
            return Ok(passwords);
        }
        for text in found.into_iter().take(SECURITY_PASSWORDS_MAX) {
            let hash = password::new_hash(&text, self.mint())?;
            passwords.hashes.push((text, hash));
        }
        let current = body.get("current_password").and_then(Value::as_str);
        if let Some(current) = current.filter(|_| own && call.method == "PUT")
            && let Some((id, sealed)) = security.hash_of(&user.user().name)
            && password::is_sealed(&directory, &id, &sealed, current)
        {
            passwords.proven = Some(sealed);
        }
        Ok(passwords)
    }
}

/// The passwords in a body: of an entry, of several, of the operations of a patch.
fn gather(value: &Value, found: &mut Vec<Zeroizing<String>>) {
    match value {
        Value::Object(members) => {
            let is_password = |path: &str| path.ends_with("/password");
            if let (Some(path), Some(text)) = (
                members.get("path").and_then(Value::as_str),
                members.get("value").and_then(Value::as_str),
            ) && is_password(path)
            {
                found.push(Zeroizing::new(text.to_owned()));
            }
            for (key, value) in members {
                match value.as_str().filter(|_| key == "password") {
                    Some(text) => found.push(Zeroizing::new(text.to_owned())),
                    None => gather(value, found),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| gather(item, found)),
        _ => {}
    }
}

fn domain<'d>(
    directory: &'d Directory,
    call: &SecurityCall<'_>,
) -> Result<&'d Arc<CompiledRecord<Domain>>, ApiError> {
    let (account, region, name, unique) = call.domain;
    let domain = directory.domain(account, region, name);
    let domain = domain.filter(|domain| domain.unique == unique && !domain.deleted);
    domain.ok_or_else(gone)
}

fn gone() -> ApiError {
    ApiError::new(ErrorCode::AccessDenied, "the domain has no fine-grained access control any more")
}

impl<'a> Asked<'a> {
    fn read(call: &SecurityCall<'a>) -> Asked<'a> {
        let path = call.path;
        let rest = ["/_plugins/_security/", "/_opendistro/_security/"]
            .iter()
            .find_map(|prefix| path.strip_prefix(prefix))
            .unwrap_or_default()
            .trim_end_matches('/');
        let (endpoint, name) = match rest.strip_prefix("api/") {
            None => (rest, None),
            Some(below) => match below.split_once('/') {
                None => (below, None),
                Some((endpoint, name)) => (endpoint, Some(name)),
            },
        };
        Asked { method: call.method, path, endpoint, name }
    }

    fn wrong_method(&self, allowed: &str) -> Refused {
        let text = format!(
            "Incorrect HTTP method for uri [{}] and method [{}], allowed: [{allowed}]",
            self.path, self.method
        );
        (405, json!({"error": text, "status": 405}))
    }
}

impl Scene<'_> {
    fn decide(&self) -> Result<Decided, Refused> {
        let Asked { method, endpoint, name, .. } = self.asked;
        match (endpoint, method, name) {
            ("health", "GET" | "POST", None) => {
                Ok(told(json!({"message": null, "mode": "strict", "status": "UP"})))
            }
            ("authinfo", "GET" | "POST", None) => Ok(told(self.auth_info())),
            ("account", "GET", None) => Ok(told(self.account())),
            ("account", "PUT", None) => self.change_password(),
            ("account", _, None) => Err(self.asked.wrong_method("GET, PUT")),
            _ => {
                check_admin(self.user)?;
                match EntryKind::of(endpoint) {
                    Some(kind) => self.entries(kind),
                    None => self.others(),
                }
            }
        }
    }

    /// What belongs to no kind of entries.
    fn others(&self) -> Result<Decided, Refused> {
        match (self.asked.endpoint, self.asked.method) {
            ("cache", "DELETE") => Ok(said(200, "OK", "Cache flushed successfully.")),
            ("securityconfig", "GET") => Ok(told(json!({"config": {"dynamic": {
                "filtered_alias_mode": "warn", "disable_rest_auth": false, "disable_intertransport_auth": false,
                "respect_request_indices_options": false,
                "http": {"anonymous_auth_enabled": false, "xff": {"enabled": false}},
                "authc": {"basic_internal_auth_domain": {
                    "http_enabled": self.security.internal_users, "order": 0,
                    "http_authenticator": {"challenge": true, "type": "basic", "config": {}},
                    "authentication_backend": {"type": "intern", "config": {}}}},
                "authz": {}, "auth_failure_listeners": {}, "do_not_fail_on_forbidden": false,
                "multi_rolespan_enabled": true, "do_not_fail_on_forbidden_empty": false,
            }}}))),
            ("securityconfig" | "audit" | "allowlist" | "nodesdn" | "ssl", method) => {
                let text = format!("Method {method} not supported for this action.");
                Err(message(501, "NOT_IMPLEMENTED", &text))
            }
            (_, method) => {
                let text =
                    format!("no handler found for uri [{}] and method [{method}]", self.asked.path);
                Err((400, json!({"error": text})))
            }
        }
    }

    fn entries(&self, kind: EntryKind) -> Result<Decided, Refused> {
        match (self.asked.method, self.asked.name) {
            ("GET", name) => self.read(kind, name),
            ("PUT", Some(name)) => self.put(kind, name),
            ("DELETE", Some(name)) => self.delete(kind, name),
            ("PATCH", Some(name)) => self.patch_one(kind, name),
            ("PATCH", None) => self.patch_all(kind),
            (_, Some(_)) => Err(self.asked.wrong_method("GET, PUT, PATCH, DELETE")),
            (_, None) => Err(self.asked.wrong_method("GET, PATCH")),
        }
    }

    fn read(&self, kind: EntryKind, name: Option<&str>) -> Result<Decided, Refused> {
        let mut entries = self.security.all(kind);
        if let Some(name) = name {
            let entry = entries.remove(name).ok_or_else(|| not_found(kind.one(), name))?;
            entries = [(name.to_owned(), entry)].into();
        }
        let shown = entries.into_iter().map(|(name, entry)| (name, shown(kind, entry)));
        Ok(told(Value::Object(shown.collect())))
    }

    fn put(&self, kind: EntryKind, name: &str) -> Result<Decided, Refused> {
        let content = self.body()?;
        content::check(kind, name, &content)?;
        self.check_may_change(kind, name)?;
        self.check_others(kind, name, &content)?;
        let exists = self.security.own(kind).contains_key(name);
        let entry = self.entry(kind, name, &content)?;
        let next = self.security.with_entry(kind, name, entry);
        let reply = match exists {
            true => said(200, "OK", &format!("'{name}' updated.")),
            false => said(201, "CREATED", &format!("'{name}' created.")),
        };
        within_bounds(reply, next)
    }

    fn delete(&self, kind: EntryKind, name: &str) -> Result<Decided, Refused> {
        self.check_may_change(kind, name)?;
        let mut entries = self.security.own(kind).clone();
        entries.remove(name).ok_or_else(|| not_found(kind.one(), name))?;
        let reply = said(200, "OK", &format!("'{name}' deleted."));
        Ok(Decided { next: Some(self.security.with(kind, entries)), ..reply })
    }

    fn patch_one(&self, kind: EntryKind, name: &str) -> Result<Decided, Refused> {
        let operations = self.operations()?;
        self.check_may_change(kind, name)?;
        let before =
            self.security.own(kind).get(name).ok_or_else(|| not_found(kind.one(), name))?;
        let before = plain(before);
        let after =
            patch::apply(&operations, &before).map_err(|why| message(400, "BAD_REQUEST", &why))?;
        if after == before {
            return Ok(said(200, "OK", "No updates required"));
        }
        content::check(kind, name, &after)?;
        self.check_others(kind, name, &after)?;
        let next = self.security.with_entry(kind, name, self.entry(kind, name, &after)?);
        within_bounds(said(200, "OK", &format!("'{name}' updated.")), next)
    }

    fn patch_all(&self, kind: EntryKind) -> Result<Decided, Refused> {
        let operations = self.operations()?;
        let all = self.security.all(kind);
        let before = all.iter().map(|(name, entry)| (name.clone(), plain(entry))).collect();
        let before = Value::Object(before);
        let after =
            patch::apply(&operations, &before).map_err(|why| message(400, "BAD_REQUEST", &why))?;
        let Value::Object(after) = after else {
            let text = "The patch leaves no object. Expected entries by name.";
            return Err(message(400, "BAD_REQUEST", text));
        };
        let names: BTreeSet<&String> = all.keys().chain(after.keys()).collect();
        let changed: Vec<&String> =
            names.into_iter().filter(|name| before.get(*name) != after.get(*name)).collect();
        if changed.is_empty() {
            return Ok(said(200, "OK", "No updates required"));
        }
        let mut entries = self.security.own(kind).clone();
        for name in changed {
            self.check_may_change(kind, name)?;
            let Some(new) = after.get(name) else {
                entries.remove(name);
                continue;
            };
            content::check(kind, name, new)?;
            self.check_others(kind, name, new)?;
            entries.insert(name.clone(), self.entry(kind, name, new)?);
        }
        within_bounds(said(200, "OK", "Resource updated."), self.security.with(kind, entries))
    }

    /// A user's own password, changed by who knows it.
    fn change_password(&self) -> Result<Decided, Refused> {
        let content = self.body()?;
        let name = &self.user.user().name;
        let text = |member: &str| content.get(member).and_then(Value::as_str);
        for key in content.as_object().into_iter().flatten().map(|(key, _)| key.as_str()) {
            if !matches!(key, "current_password" | "password" | "hash") {
                let body = json!({"status": "error", "reason": "Invalid configuration", "invalid_keys": {"keys": key}});
                return Err((400, body));
            }
        }
        if text("current_password").is_none() {
            let body = json!({"status": "error", "reason": "Invalid configuration",
                "missing_mandatory_keys": {"keys": "current_password"}});
            return Err((400, body));
        }
        let Some(new) = text("password") else {
            return Err(message(
                400,
                "BAD_REQUEST",
                "Both provided password and hash cannot be null/empty.",
            ));
        };
        content::check_password(name, new).map_err(|why| error(&why))?;
        let Some(user) = self.security.own(EntryKind::Users).get(name) else {
            return Err(not_found("user", name));
        };
        let current = self.security.hash_of(name).map(|(_, sealed)| sealed);
        if current.is_none() || current != self.passwords.proven {
            return Err(message(400, "BAD_REQUEST", "Could not validate your current password."));
        }
        let mut user = user.clone();
        self.seal_into(&mut user, name, new)?;
        let next = self.security.with_entry(EntryKind::Users, name, user);
        within_bounds(said(200, "OK", &format!("'{name}' updated.")), next)
    }

    /// An entry as it is kept.
    fn entry(&self, kind: EntryKind, name: &str, content: &Value) -> Result<Value, Refused> {
        let mut entry = content::stored(kind, content, false);
        if kind != EntryKind::Users {
            return Ok(entry);
        }
        match content.get("password").and_then(Value::as_str) {
            Some(password) => self.seal_into(&mut entry, name, password)?,
            None => {
                let known =
                    self.security.own(kind).get(name).and_then(|user| user.get(SEALED_HASH));
                let known = known.ok_or_else(|| {
                    let text = "Please specify either 'hash' or 'password' when creating a new internal user.";
                    message(400, "BAD_REQUEST", text)
                })?;
                if let Some(entry) = entry.as_object_mut() {
                    entry.insert(SEALED_HASH.to_owned(), known.clone());
                }
            }
        }
        Ok(entry)
    }

    fn seal_into(&self, entry: &mut Value, name: &str, password: &str) -> Result<(), Refused> {
        let failed = |_| message(500, "INTERNAL_SERVER_ERROR", "the password cannot be kept");
        let hash = self.passwords.hashes.iter().find(|(text, _)| text.as_str() == password);
        let Some((_, hash)) = hash else {
            let text = format!("one request sets at most {SECURITY_PASSWORDS_MAX} passwords");
            return Err(message(400, "BAD_REQUEST", &text));
        };
        let id = sealed_for(&self.security.id, name);
        let sealed = self.directory.sealing_key().seal(&id, hash.as_bytes()).map_err(failed)?;
        if let Some(entry) = entry.as_object_mut() {
            entry.insert(SEALED_HASH.to_owned(), Value::String(sealed));
        }
        Ok(())
    }

    /// Whether an entry of this name may be changed: what is shipped may not.
    fn check_may_change(&self, kind: EntryKind, name: &str) -> Result<(), Refused> {
        let entry = self.security.entry(kind, name);
        let is =
            |member: &str| entry.and_then(|entry| entry.get(member)) == Some(&Value::Bool(true));
        let forbidden =
            |what: &str| Err(message(403, "FORBIDDEN", &format!("Resource '{name}' is {what}.")));
        match (is("static"), is("reserved")) {
            (true, _) => forbidden("static"),
            (_, true) => forbidden("reserved"),
            _ => Ok(()),
        }
    }

    /// What an entry says of others.
    fn check_others(&self, kind: EntryKind, name: &str, content: &Value) -> Result<(), Refused> {
        let is_role = |name: &str| self.security.entry(EntryKind::Roles, name).is_some();
        let known = |role: &str| match is_role(role) {
            true => Ok(()),
            false => Err(not_found("role", role)),
        };
        match kind {
            EntryKind::Mappings => known(name),
            EntryKind::Users => {
                let own = content.get("opendistro_security_roles").and_then(Value::as_array);
                own.into_iter().flatten().filter_map(Value::as_str).try_for_each(known)
            }
            EntryKind::ActionGroups if is_role(name) => {
                let text = format!(
                    "{name} is an existing role. A action group cannot be named with an existing role name."
                );
                Err(message(400, "BAD_REQUEST", &text))
            }
            EntryKind::ActionGroups | EntryKind::Roles | EntryKind::Tenants => Ok(()),
        }
    }

    fn auth_info(&self) -> Value {
        let user = self.user.user();
        json!({
            "user": self.user.to_string(), "user_name": user.name, "user_requested_tenant": null,
            "remote_address": self.call.peer, "backend_roles": user.backend_roles,
            "custom_attribute_names": user.attributes.keys().collect::<Vec<_>>(), "roles": self.user.names(),
            "tenants": self.tenants(), "principal": null, "peer_certificates": "0", "sso_logout_url": null,
        })
    }

    fn account(&self) -> Value {
        let user = self.user.user();
        let known = self.security.own(EntryKind::Users).contains_key(&user.name);
        json!({
            "user_name": user.name, "is_reserved": false, "is_hidden": false, "is_internal_user": known,
            "user_requested_tenant": null, "backend_roles": user.backend_roles,
            "custom_attribute_names": user.attributes.keys().collect::<Vec<_>>(), "tenants": self.tenants(),
            "roles": self.user.names(),
        })
    }

    fn tenants(&self) -> BTreeMap<String, bool> {
        let names = self.security.tenant_names();
        self.user.tenants(names.iter().map(String::as_str))
    }

    fn body(&self) -> Result<Value, Refused> {
        serde_json::from_slice(self.call.body)
            .map_err(|_| error("Could not parse content of request."))
    }

    fn operations(&self) -> Result<Vec<Value>, Refused> {
        let wrong = || message(400, "BAD_REQUEST", "Wrong request body");
        let body = self.body().map_err(|_| wrong())?;
        let Value::Array(operations) = body else { return Err(wrong()) };
        let names: Vec<&str> =
            operations.iter().filter_map(|operation| operation.get("op")?.as_str()).collect();
        if names.is_empty() {
            return Err(wrong());
        }
        if let Some(name) =
            names.iter().find(|name| !matches!(**name, "add" | "replace" | "remove"))
        {
            let text =
                format!("Unsupported patch operation: {name}. Supported are: add,remove,replace");
            return Err(message(400, "BAD_REQUEST", &text));
        }
        Ok(operations)
    }
}

/// Whether the user may read and change the configuration.
fn check_admin(user: &UserRoles) -> Result<(), Refused> {
    let names = user.names();
    if names.iter().any(|name| ADMIN_ROLES.contains(name)) {
        return Ok(());
    }
    let text = format!(
        "No permission to access REST API: User {} with Security roles [{}] does not have any role privileged for admin access. No ssl info found in request.",
        user.user().name,
        names.join(", ")
    );
    Err(message(403, "FORBIDDEN", &text))
}

/// An entry without what its writer cannot set.
fn plain(entry: &Value) -> Value {
    let members = entry.as_object().into_iter().flatten();
    let set = members
        .filter(|(key, _)| !matches!(key.as_str(), "reserved" | "hidden" | "static" | SEALED_HASH));
    Value::Object(set.map(|(key, value)| (key.clone(), value.clone())).collect())
}

/// An entry as the API shows it: of a user's hash nothing.
fn shown(kind: EntryKind, entry: Value) -> Value {
    if kind != EntryKind::Users {
        return entry;
    }
    let mut shown = Map::from_iter([("hash".to_owned(), json!(""))]);
    if let Value::Object(members) = entry {
        shown.extend(members.into_iter().filter(|(key, _)| key != SEALED_HASH));
    }
    Value::Object(shown)
}

/// The change, if the configuration does not get too large by it.
fn within_bounds(decided: Decided, next: SecurityConfiguration) -> Result<Decided, Refused> {
    let kinds = [
        EntryKind::Roles,
        EntryKind::Mappings,
        EntryKind::Users,
        EntryKind::ActionGroups,
        EntryKind::Tenants,
    ];
    let own: Vec<&Entries> = kinds.iter().map(|kind| next.own(*kind)).collect();
    let entries: usize = own.iter().map(|entries| entries.len()).sum();
    let bytes = serde_json::to_string(&own).map_or(usize::MAX, |text| text.len());
    if entries > SECURITY_ENTRIES_MAX || bytes > SECURITY_BYTES_MAX {
        let text = format!(
            "the security configuration of a domain has at most {SECURITY_ENTRIES_MAX} entries and {SECURITY_BYTES_MAX} bytes; this would make it {entries} entries and {bytes} bytes"
        );
        return Err(message(400, "BAD_REQUEST", &text));
    }
    Ok(Decided { next: Some(next), ..decided })
}

fn told(body: Value) -> Decided {
    Decided { reply: SecurityReply { status: 200, body }, next: None }
}

fn said(status: u16, name: &str, text: &str) -> Decided {
    let (status, body) = message(status, name, text);
    Decided { reply: SecurityReply { status, body }, next: None }
}

fn not_found(one: &str, name: &str) -> Refused {
    message(404, "NOT_FOUND", &format!("{one} '{name}' not found."))
}
