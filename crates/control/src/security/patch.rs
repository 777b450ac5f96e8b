//! JSON patches (RFC 6902) as the plugin takes them: `add`, `replace` and `remove`.

use serde_json::Value;

/// Applies the operations in order.
///
/// # Errors
/// What is wrong, for the client.
pub(super) fn apply(operations: &[Value], target: &Value) -> Result<Value, String> {
    let mut target = target.clone();
    for operation in operations {
        let text = |member: &str| operation.get(member).and_then(Value::as_str);
        let path = text("path").ok_or("Missing field \"path\" (field 'path')")?;
        let value = operation.get("value");
        let missing = || format!("Missing field \"value\" (field 'value') at {path}");
        match text("op").unwrap_or_default() {
            "add" => add(&mut target, path, value.ok_or_else(missing)?)?,
            "replace" => {
                let place = target.pointer_mut(path).ok_or_else(|| nothing(path))?;
                *place = value.ok_or_else(missing)?.clone();
            }
            // Nothing is taken out of what is not there.
            _ => remove(&mut target, path),
        }
    }
    Ok(target)
}

fn add(target: &mut Value, path: &str, value: &Value) -> Result<(), String> {
    let Some((parent, key)) = path.rsplit_once('/') else {
        *target = value.clone();
        return Ok(());
    };
    let key = key.replace("~1", "/").replace("~0", "~");
    match target.pointer_mut(parent) {
        Some(Value::Object(members)) => {
            members.insert(key, value.clone());
            Ok(())
        }
        Some(Value::Array(items)) => {
            let at = if key == "-" { Some(items.len()) } else { key.parse().ok() };
            let at = at.filter(|at| *at <= items.len()).ok_or_else(|| nothing(path))?;
            items.insert(at, value.clone());
            Ok(())
        }
        _ => Err(nothing(path)),
    }
}

fn remove(target: &mut Value, path: &str) {
    let Some((parent, key)) = path.rsplit_once('/') else { return };
    let key = key.replace("~1", "/").replace("~0", "~");
    match target.pointer_mut(parent) {
        Some(Value::Object(members)) => {
            members.shift_remove(&key);
        }
        Some(Value::Array(items)) => {
            if let Some(at) = key.parse().ok().filter(|at| *at < items.len()) {
                items.remove(at);
            }
        }
        _ => {}
    }
}

fn nothing(path: &str) -> String {
    format!("Missing field \"{path}\"")
}
