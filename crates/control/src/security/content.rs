//! What an entry of the configuration may say: the plugin's checks with its words, and how it is kept.

use policy::roles::FieldMask;
use serde_json::{Map, Value, json};

use super::EntryKind;

/// What a member of an entry must be.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wanted {
    Text,
    List,
    Object,
}

/// A refusal: its status and its body.
pub(super) type Refused = (u16, Value);

/// The members of an entry, in the order in which the plugin shows them, and what each must be. Sources: the validators of the
/// plugin's `RolesApiAction`, `RolesMappingApiAction`, `InternalUsersApiAction`, `ActionGroupsApiAction`, `TenantsApiAction`.
fn members(kind: EntryKind) -> &'static [(&'static str, Wanted)] {
    use Wanted::{List, Object, Text};
    match kind {
        EntryKind::Roles => &[
            ("description", Text),
            ("cluster_permissions", List),
            ("index_permissions", List),
            ("tenant_permissions", List),
        ],
        EntryKind::Mappings => &[
            ("hosts", List),
            ("users", List),
            ("backend_roles", List),
            ("and_backend_roles", List),
            ("description", Text),
        ],
        EntryKind::Users => &[
            ("backend_roles", List),
            ("attributes", Object),
            ("description", Text),
            ("opendistro_security_roles", List),
            ("hash", Text),
            ("password", Text),
        ],
        EntryKind::ActionGroups => {
            &[("allowed_actions", List), ("type", Text), ("description", Text)]
        }
        EntryKind::Tenants => &[("description", Text)],
    }
}

/// Checks what an entry says.
pub(super) fn check(kind: EntryKind, name: &str, content: &Value) -> Result<(), Refused> {
    let empty = content.as_object().is_none_or(Map::is_empty);
    if empty {
        return Err(error("Request body required for this action."));
    }
    check_keys(kind, content)?;
    check_types(kind, content)?;
    let nulls = |value: &Value| has_null_item(value);
    if members(kind).iter().filter_map(|(member, _)| content.get(member)).any(nulls) {
        return Err(error("`null` is not allowed as json array element"));
    }
    if let Some(password) = content.get("password").and_then(Value::as_str) {
        check_password(name, password).map_err(|why| error(&why))?;
    }
    match kind {
        EntryKind::Roles => check_role(content),
        EntryKind::Mappings => ["hosts", "users", "backend_roles", "and_backend_roles"]
            .iter()
            .try_for_each(|member| check_patterns(content, member)),
        EntryKind::Users => {
            if content.get("hash").is_some() {
                return Err(not_offered("a password's hash cannot be set: send the password"));
            }
            check_user_name(name).map_err(|why| message(400, "BAD_REQUEST", &why))
        }
        EntryKind::ActionGroups => check_group(name, content),
        EntryKind::Tenants => Ok(()),
    }
}

/// As an entry is kept and shown: each member that the plugin fills in.
pub(super) fn stored(kind: EntryKind, content: &Value, reserved: bool) -> Value {
    let mut entry = Map::new();
    entry.insert("reserved".to_owned(), json!(reserved));
    entry.insert("hidden".to_owned(), json!(false));
    for (member, wanted) in members(kind) {
        let given = content.get(member).filter(|value| !value.is_null());
        let value = match (given, wanted) {
            (Some(_), _) if matches!(*member, "password" | "hash") => continue,
            (Some(value), _) if matches!(*member, "index_permissions" | "tenant_permissions") => {
                let items = value.as_array().into_iter().flatten();
                items.map(permission).collect()
            }
            (Some(value), _) => value.clone(),
            (None, Wanted::Text) => continue,
            (None, Wanted::List) => json!([]),
            (None, Wanted::Object) => json!({}),
        };
        entry.insert((*member).to_owned(), value);
    }
    if kind != EntryKind::Mappings {
        entry.insert("static".to_owned(), json!(false));
    }
    Value::Object(entry)
}

/// One of `index_permissions` or `tenant_permissions`.
fn permission(given: &Value) -> Value {
    let lists: &[&str] = match given.get("tenant_patterns") {
        Some(_) => &["tenant_patterns", "allowed_actions"],
        None => &["index_patterns", "dls", "fls", "masked_fields", "allowed_actions"],
    };
    let mut permission = Map::new();
    for member in lists {
        let value = given.get(member).filter(|value| !value.is_null()).cloned();
        if let Some(value) = value.or_else(|| (*member != "dls").then(|| json!([]))) {
            permission.insert((*member).to_owned(), value);
        }
    }
    Value::Object(permission)
}

/// Whether a password may be one. Amazon's rule; the text is the plugin's default for it.
pub(super) fn check_password(name: &str, password: &str) -> Result<(), String> {
    let has = |test: fn(char) -> bool| password.chars().any(test);
    if password.is_empty() {
        return Err("Password is too short".to_owned());
    }
    if password.chars().count() > 100 {
        return Err("Password is too long".to_owned());
    }
    let strong = password.chars().count() >= 8
        && has(|c| c.is_ascii_uppercase())
        && has(|c| c.is_ascii_lowercase())
        && has(|c| c.is_ascii_digit())
        && has(|c| !c.is_ascii_alphanumeric());
    if !strong {
        return Err("Password must be minimum 8 characters long and must contain at least one uppercase letter, one lowercase letter, one digit, and one special character.".to_owned());
    }
    if name.len() >= 4 && password.to_lowercase().contains(&name.to_lowercase()) {
        return Err("Password is similar to user name".to_owned());
    }
    Ok(())
}

/// Whether an internal user may have this name.
pub(super) fn check_user_name(name: &str) -> Result<(), String> {
    match name.contains(':') {
        true => {
            Err("A restricted character(s) was detected in the account name. Please remove: ':'"
                .to_owned())
        }
        false => Ok(()),
    }
}

fn check_keys(kind: EntryKind, content: &Value) -> Result<(), Refused> {
    let given = || content.as_object().into_iter().flatten().map(|(key, _)| key.as_str());
    let known = |key: &&str| members(kind).iter().any(|(member, _)| member == key);
    let invalid: Vec<&str> = given().filter(|key| !known(key)).collect();
    let mut told = Map::new();
    let mut tell = |name: &str, keys: &[&str]| {
        if !keys.is_empty() {
            told.insert(name.to_owned(), json!({"keys": keys.join(",")}));
        }
    };
    tell("invalid_keys", &invalid);
    if kind == EntryKind::ActionGroups && !given().any(|key| key == "allowed_actions") {
        tell("missing_mandatory_keys", &["allowed_actions"]);
    }
    let one_of = ["and_backend_roles", "backend_roles", "hosts", "users"];
    if kind == EntryKind::Mappings && !given().any(|key| one_of.contains(&key)) {
        tell("specify_one_of", &one_of);
    }
    if told.is_empty() {
        return Ok(());
    }
    let mut body = Map::new();
    body.insert("status".to_owned(), json!("error"));
    body.insert("reason".to_owned(), json!("Invalid configuration"));
    body.extend(told);
    Err((400, Value::Object(body)))
}

fn check_types(kind: EntryKind, content: &Value) -> Result<(), Refused> {
    let mut wrong = Map::new();
    let mut expect = |member: &str, value: &Value, wanted: Wanted| {
        let text = match wanted {
            Wanted::Text if !value.is_string() => "String expected",
            Wanted::List if !value.is_array() => "Array expected",
            Wanted::Object if !value.is_object() => "Object expected",
            _ => return,
        };
        wrong.insert(member.to_owned(), json!(text));
    };
    for (member, wanted) in members(kind) {
        if let Some(value) = content.get(member) {
            expect(member, value, *wanted);
        }
    }
    for (list, known) in [
        (
            "index_permissions",
            &["index_patterns", "dls", "fls", "masked_fields", "allowed_actions"][..],
        ),
        ("tenant_permissions", &["tenant_patterns", "allowed_actions"][..]),
    ] {
        for entry in content.get(list).and_then(Value::as_array).into_iter().flatten() {
            for (key, value) in entry.as_object().into_iter().flatten() {
                if !known.contains(&key.as_str()) {
                    let reason = format!("Unrecognized field \"{key}\" in {list}");
                    return Err(error(&reason));
                }
                let wanted = if key == "dls" { Wanted::Text } else { Wanted::List };
                if !value.is_null() {
                    expect(key, value, wanted);
                }
            }
        }
    }
    if wrong.is_empty() {
        return Ok(());
    }
    let mut body = Map::new();
    body.insert("status".to_owned(), json!("error"));
    body.insert("reason".to_owned(), json!("Wrong datatype"));
    body.extend(wrong);
    Err((400, Value::Object(body)))
}

fn check_role(content: &Value) -> Result<(), Refused> {
    let entries = |list: &str| content.get(list).and_then(Value::as_array).into_iter().flatten();
    for entry in entries("index_permissions") {
        check_patterns(entry, "index_patterns")?;
        for field in entry.get("masked_fields").and_then(Value::as_array).into_iter().flatten() {
            let text = field.as_str().unwrap_or_default();
            FieldMask::parse(text).map_err(|why| {
                let name = format!("Masked field not valid: {text}");
                (400, json!({"status": "error", "reason": "Wrong datatype", name: why}))
            })?;
        }
    }
    entries("tenant_permissions").try_for_each(|entry| check_patterns(entry, "tenant_patterns"))
}

fn check_group(name: &str, content: &Value) -> Result<(), Refused> {
    let kind = content.get("type").and_then(Value::as_str);
    if let Some(kind) =
        kind.filter(|kind| !matches!(kind.to_lowercase().as_str(), "cluster" | "index"))
    {
        let text =
            format!("Invalid action group type: {kind}. Supported types are: cluster, index.");
        return Err(message(400, "BAD_REQUEST", &text));
    }
    let actions = content.get("allowed_actions").and_then(Value::as_array);
    if actions.into_iter().flatten().any(|action| action == name) {
        let text = format!("{name} cannot be an allowed_action of itself");
        return Err(message(400, "BAD_REQUEST", &text));
    }
    Ok(())
}

/// Refuses patterns that are regular expressions.
fn check_patterns(entry: &Value, member: &str) -> Result<(), Refused> {
    let patterns = entry.get(member).and_then(Value::as_array).into_iter().flatten();
    let regex = patterns
        .filter_map(Value::as_str)
        .find(|text| text.len() > 1 && text.starts_with('/') && text.ends_with('/'));
    match regex {
        Some(regex) => Err(not_offered(&format!(
            "the regular expression [{regex}] in {member} is not offered: use * and ?"
        ))),
        None => Ok(()),
    }
}

/// `{"status":"error","reason":…}`.
pub(super) fn error(reason: &str) -> Refused {
    (400, json!({"status": "error", "reason": reason}))
}

/// `{"status":NAME,"message":…}`.
pub(super) fn message(status: u16, name: &str, text: &str) -> Refused {
    (status, json!({"status": name, "message": text}))
}

fn not_offered(text: &str) -> Refused {
    message(501, "NOT_IMPLEMENTED", text)
}

/// Bodies are at most `JSON_DEPTH_MAX` deep (serde_json's own limit).
fn has_null_item(value: &Value) -> bool {
    match value {
        Value::Array(items) => items.iter().any(|item| item.is_null() || has_null_item(item)),
        Value::Object(members) => members.values().any(has_null_item),
        _ => false,
    }
}
