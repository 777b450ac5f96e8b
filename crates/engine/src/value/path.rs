//! What a document has at a path, whether its objects are nested or its keys have dots.

use serde_json::Value;

/// The values at `path` of a source as they stand there, lists on the way opened.
pub(crate) fn whole_at<'v>(source: &'v Value, path: &str) -> Vec<&'v Value> {
    fn walk<'v>(value: &'v Value, path: &str, found: &mut Vec<&'v Value>) {
        match value {
            value if path.is_empty() => found.push(value),
            Value::Array(values) => values.iter().for_each(|value| walk(value, path, found)),
            Value::Object(object) => {
                for (key, inner) in object {
                    match path.strip_prefix(key.as_str()) {
                        Some("") => walk(inner, "", found),
                        Some(rest) if rest.starts_with('.') => {
                            walk(inner, rest.trim_start_matches('.'), found);
                        }
                        _ => {}
                    }
                }
            }
            _ => {}
        }
    }
    let mut found = Vec::new();
    walk(source, path, &mut found);
    found
}

/// Every scalar at `path` of a source, arrays opened.
pub(crate) fn values_at(source: &Value, path: &str) -> Vec<Value> {
    fn walk(value: &Value, path: &str, found: &mut Vec<Value>) {
        match value {
            Value::Array(values) => values.iter().for_each(|value| walk(value, path, found)),
            Value::Null => {}
            value if path.is_empty() && !value.is_object() => found.push(value.clone()),
            Value::Object(_) if path.is_empty() => {}
            Value::Object(object) => {
                // A key may itself have dots in it.
                for (key, inner) in object {
                    if key == path {
                        walk(inner, "", found);
                    } else if let Some(rest) =
                        path.strip_prefix(key.as_str()).and_then(|rest| rest.strip_prefix('.'))
                    {
                        walk(inner, rest, found);
                    }
                }
            }
            _ => {}
        }
    }
    let mut found = Vec::new();
    walk(source, path, &mut found);
    found
}

/// The values at `path`, of which lists are opened and nulls are left out.
pub(crate) fn each_at<'v>(
    document: &'v Value,
    path: &str,
) -> impl Iterator<Item = &'v Value> + use<'v> {
    fn open<'v>(value: &'v Value, found: &mut Vec<&'v Value>) {
        match value {
            Value::Array(values) => values.iter().for_each(|value| open(value, found)),
            Value::Null => {}
            value => found.push(value),
        }
    }
    let mut found = Vec::new();
    whole_at(document, path).into_iter().for_each(|value| open(value, &mut found));
    found.into_iter()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn values_are_found_through_objects_lists_and_dots() {
        let document = json!({"a": [{"b": [1, 2]}, {"b": {"c": 3}}], "a.b": "x", "ab": 4});
        let found = whole_at(&document, "a.b");
        assert_eq!(found, [&json!([1, 2]), &json!({"c": 3}), &json!("x")]);
        assert_eq!(whole_at(&document, "a.b.c"), [&json!(3)]);
        assert!(whole_at(&document, "b").is_empty());
    }
}
