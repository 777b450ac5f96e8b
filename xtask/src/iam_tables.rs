//! `cargo xtask iam-tables`: the compact table of actions and context keys that `policy lint`
//! knows, made from the iam-reference data (MIT, see NOTICE) in a folder next to the repository.

use std::fmt::Write as _;
use std::path::Path;

use serde_json::Value;

const SERVICES: [&str; 3] = ["es", "iam", "sts"];
const TABLE: &str = "crates/policy/src/lint/reference.tsv";

/// Writes the table. The folder of the data may be given; by default it is `../shared/conformance/iam-reference`.
pub(crate) fn command(root: &Path, arguments: &[String]) -> Result<(), String> {
    let folder = match arguments {
        [] => root.join("../shared/conformance/iam-reference"),
        [folder] => root.join(folder),
        _ => return Err("usage: cargo xtask iam-tables [FOLDER]".to_owned()),
    };
    let mut table = String::from(
        "# made by `cargo xtask iam-tables` from iam-reference data (MIT, Copyright (c) 2024 Act Security): do not edit\n",
    );
    for service in SERVICES {
        let mut rows = Vec::new();
        for action in objects(&folder.join(format!("{service}.actions.json")))? {
            let (name, level) = (text(&action, "name")?, text(&action, "accessLevel")?);
            let resources: Vec<&str> = action
                .get("resourceTypes")
                .and_then(Value::as_array)
                .into_iter()
                .flatten()
                .filter_map(|resource| resource.get("name")?.as_str())
                .collect();
            rows.push(format!("action\t{service}:{name}\t{level}\t{}", resources.join(",")));
        }
        for key in objects(&folder.join(format!("{service}.conditionKeys.json")))? {
            rows.push(format!("key\t{}\t{}", text(&key, "key")?, text(&key, "type")?));
        }
        for resource in objects(&folder.join(format!("{service}.resourceTypes.json")))? {
            let (name, arn) = (text(&resource, "key")?, text(&resource, "arn")?);
            rows.push(format!("resource\t{service}:{name}\t{arn}"));
        }
        rows.sort();
        rows.dedup();
        for row in rows {
            writeln!(table, "{row}").map_err(|error| error.to_string())?;
        }
    }
    let path = root.join(TABLE);
    std::fs::write(&path, table).map_err(|error| format!("{}: {error}", path.display()))
}

/// The members of a file's one object.
fn objects(path: &Path) -> Result<Vec<Value>, String> {
    let shown = path.display();
    let text = std::fs::read_to_string(path).map_err(|error| format!("{shown}: {error}"))?;
    match serde_json::from_str(&text) {
        Ok(Value::Object(members)) => Ok(members.into_iter().map(|(_, member)| member).collect()),
        Ok(_) => Err(format!("{shown}: expected an object")),
        Err(error) => Err(format!("{shown}: {error}")),
    }
}

fn text<'a>(value: &'a Value, field: &str) -> Result<&'a str, String> {
    value.get(field).and_then(Value::as_str).ok_or_else(|| format!("no `{field}` in {value}"))
}
