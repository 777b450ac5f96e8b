//! The variables of a user in document queries and in patterns of names. What is put in is a value: it is neither JSON nor a
//! pattern. A variable that the user has no value for leaves a query that cannot be asked, and a pattern that names nothing.

use serde_json::Value;

use super::UserRoles;
use super::pattern::NamePattern;

/// Most bytes of the document queries of one user on one index, with the user's values in them.
pub(super) const QUERIES_BYTES_MAX: usize = 1 << 20;

/// A document query with the user's values in it; `left` are the bytes that it may have, and what is left of them afterwards.
///
/// # Errors
/// A variable that has no value for the user; a text that is no JSON object; one that is too long.
pub(super) fn of_user(text: &str, user: &UserRoles, left: &mut usize) -> Result<Value, String> {
    let too_long = || "it is too long with the values of this user".to_owned();
    let mut filled = String::with_capacity(text.len());
    let (mut rest, mut in_string) = (text, false);
    while let Some(at) = rest.find(['"', '\\', '$']) {
        let (before, from) = rest.split_at_checked(at).unwrap_or((rest, ""));
        filled.push_str(before);
        let taken = match from.as_bytes().first() {
            Some(b'"') => {
                in_string = !in_string;
                1
            }
            // What is escaped is no quote.
            Some(b'\\') => from.chars().take(2).map(char::len_utf8).sum(),
            _ => match variable(from) {
                Some((name, length)) => {
                    let value = value_of(name, user, in_string)?;
                    // Before it is put in: variables may follow each other without end.
                    if filled.len() + value.len() > *left {
                        return Err(too_long());
                    }
                    filled.push_str(&value);
                    rest = from.get(length..).unwrap_or_default();
                    continue;
                }
                None => 1,
            },
        };
        let (kept, after) = from.split_at_checked(taken).unwrap_or((from, ""));
        filled.push_str(kept);
        rest = after;
    }
    filled.push_str(rest);
    *left = left.checked_sub(filled.len()).ok_or_else(too_long)?;
    match serde_json::from_str::<Value>(&filled) {
        Ok(query @ Value::Object(_)) => Ok(query),
        Ok(_) => Err("it is no JSON object".to_owned()),
        Err(error) => Err(format!("it is no JSON: {error}")),
    }
}

/// A pattern of names with the user's values in it, which stand for themselves; `None`: the user has none.
pub(super) fn name_of_user(text: &str, user: &UserRoles) -> Option<NamePattern> {
    let mut pattern = NamePattern::empty();
    let mut rest = text;
    while let Some(at) = rest.find("${") {
        let (before, from) = rest.split_at_checked(at)?;
        pattern.push_pattern(before);
        let (name, length) = variable(from)?;
        let [value] = &values(name, user)?[..] else { return None };
        pattern.push_literal(value);
        rest = from.get(length..)?;
    }
    pattern.push_pattern(rest);
    Some(pattern)
}

/// The name of the variable that `text` begins with, and how long it is written.
fn variable(text: &str) -> Option<(&str, usize)> {
    let inner = text.strip_prefix("${")?;
    let end = inner.find('}')?;
    Some((inner.get(..end)?, end + 3))
}

/// The variable's values; `None` for one that the user has not.
fn values(name: &str, user: &UserRoles) -> Option<Vec<String>> {
    match name {
        "user.name" | "user_name" => Some(vec![user.user.name.clone()]),
        "user.roles" | "user_roles" => Some(user.user.backend_roles.clone()),
        "user.securityRoles" | "user_securityRoles" => {
            Some(user.names().into_iter().map(str::to_owned).collect())
        }
        other => {
            let own = user.user.attributes.iter();
            let mut own = own.filter(|(key, _)| *key == other || key.replace('.', "_") == other);
            own.next().map(|(_, value)| vec![value.clone()])
        }
    }
}

/// What stands for a variable in JSON: inside of a text its characters, elsewhere texts of their own. An attribute that is a
/// number or a flag is one where no text is around it.
fn value_of(name: &str, user: &UserRoles, in_string: bool) -> Result<String, String> {
    let values = values(name, user)
        .ok_or_else(|| format!("the variable ${{{name}}} has no value for this user"))?;
    let quoted = |value: &String| Value::String(value.clone()).to_string();
    if in_string {
        let [value] = &values[..] else {
            return Err(format!("the variable ${{{name}}} is a list and stands inside a text"));
        };
        let text = quoted(value);
        return Ok(text.get(1..text.len() - 1).unwrap_or_default().to_owned());
    }
    let plain = |value: &String| match serde_json::from_str::<Value>(value) {
        Ok(Value::Number(_) | Value::Bool(_)) if name.starts_with("attr") => value.clone(),
        _ => quoted(value),
    };
    Ok(values.iter().map(plain).collect::<Vec<_>>().join(","))
}
