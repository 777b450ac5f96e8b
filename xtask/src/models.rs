//! `cargo xtask models`: the API models that `crates/control/src/wire/` speaks from, made from the installed botocore.
//!
//! botocore (Apache-2.0) carries the same service models that Amazon's SDKs are generated from. What the codec and the
//! validation need is kept: operations, shapes, constraints, wire names, error codes. Documentation is not.
//! One compact JSON file per service is written to `crates/control/models/`, with the version it came from inside.

use std::fs;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Map, Value, json};

/// Folder in botocore's data, name of the file we keep.
const SERVICES: [(&str, &str); 5] = [
    ("es/2015-01-01", "es-2015-01-01.json"),
    ("opensearch/2021-01-01", "opensearch-2021-01-01.json"),
    ("iam/2010-05-08", "iam-2010-05-08.json"),
    ("sts/2011-06-15", "sts-2011-06-15.json"),
    ("accessanalyzer/2019-11-01", "accessanalyzer-2019-11-01.json"),
];

/// Keys of a shape, a member or an error that mean something to the codec; everything else is dropped.
const KEPT: [&str; 24] = [
    "type",
    "required",
    "members",
    "member",
    "key",
    "value",
    "min",
    "max",
    "pattern",
    "enum",
    "shape",
    "location",
    "locationName",
    "flattened",
    "timestampFormat",
    "exception",
    "error",
    "code",
    "httpStatusCode",
    "union",
    "sensitive",
    "payload",
    "senderFault",
    "document",
];

/// Keys whose children are named by the model itself (member names), not by the schema.
const NAMED_CHILDREN: [&str; 1] = ["members"];

/// `cargo xtask models`: writes the models under `root/crates/control/models` and reports their sizes on standard
/// error; the error says which file and why.
pub(crate) fn command(root: &Path, _arguments: &[String]) -> Result<(), String> {
    let report = write_models(root)?;
    std::io::stderr().write_all(report.as_bytes()).map_err(|e| format!("standard error: {e}"))
}

fn write_models(root: &Path) -> Result<String, String> {
    let (version, data) = botocore()?;
    let folder = root.join("crates/control/models");
    fs::create_dir_all(&folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    let mut report = format!("botocore {version} (Apache-2.0)\n");
    for (source, name) in SERVICES {
        let model = read_gzipped(&data.join(source).join("service-2.json.gz"))?;
        let mut text =
            serde_json::to_string(&strip(&model, &version)).map_err(|e| format!("{name}: {e}"))?;
        text.push('\n');
        let path = folder.join(name);
        fs::write(&path, &text).map_err(|e| format!("{}: {e}", path.display()))?;
        report.push_str(&format!("{name}: {} bytes\n", text.len()));
    }
    Ok(report)
}

/// The version of the installed botocore and its data folder, asked of `python3` itself.
fn botocore() -> Result<(String, PathBuf), String> {
    let script = "import botocore, os; print(botocore.__version__); print(os.path.join(os.path.dirname(botocore.__file__), 'data'))";
    let output = Command::new("python3")
        .args(["-c", script])
        .output()
        .map_err(|e| format!("python3: {e}"))?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let mut lines = text.lines();
    match (lines.next(), lines.next()) {
        (Some(version), Some(data)) if output.status.success() => {
            Ok((version.to_owned(), PathBuf::from(data)))
        }
        _ => Err(format!(
            "botocore is not installed for python3: {}",
            String::from_utf8_lossy(&output.stderr)
        )),
    }
}

fn read_gzipped(path: &Path) -> Result<Value, String> {
    let file = fs::File::open(path).map_err(|e| format!("{}: {e}", path.display()))?;
    let mut text = String::new();
    flate2::read::GzDecoder::new(file)
        .read_to_string(&mut text)
        .map_err(|e| format!("{}: {e}", path.display()))?;
    serde_json::from_str(&text).map_err(|e| format!("{}: {e}", path.display()))
}

fn strip(model: &Value, version: &str) -> Value {
    let metadata = model.get("metadata").cloned().unwrap_or_default();
    let mut shapes = Map::new();
    for (name, shape) in entries(model.get("shapes")) {
        shapes.insert(name.clone(), keep(shape));
    }
    let mut operations = Map::new();
    for (name, operation) in entries(model.get("operations")) {
        operations.insert(name.clone(), strip_operation(operation));
    }
    json!({
        "source": format!("botocore {version}, Apache-2.0, documentation removed"),
        "apiVersion": metadata.get("apiVersion"),
        "protocol": metadata.get("protocol"),
        "xmlNamespace": metadata.get("xmlNamespace"),
        "operations": operations,
        "shapes": shapes,
    })
}

fn strip_operation(operation: &Value) -> Value {
    let mut kept = Map::new();
    let at = |pointer: &str| operation.pointer(pointer).cloned();
    for (key, value) in [
        ("method", at("/http/method")),
        ("uri", at("/http/requestUri")),
        ("status", at("/http/responseCode")),
        ("input", at("/input/shape")),
        ("output", at("/output/shape")),
        ("wrapper", at("/output/resultWrapper")),
    ] {
        if let Some(value) = value {
            kept.insert(key.to_owned(), value);
        }
    }
    let errors: Vec<Value> = operation
        .get("errors")
        .and_then(Value::as_array)
        .map(|errors| errors.iter().filter_map(|e| e.get("shape").cloned()).collect())
        .unwrap_or_default();
    kept.insert("errors".to_owned(), Value::Array(errors));
    Value::Object(kept)
}

fn keep(value: &Value) -> Value {
    let Value::Object(object) = value else { return value.clone() };
    let mut kept = Map::new();
    for (key, child) in object {
        if NAMED_CHILDREN.contains(&key.as_str()) {
            let members =
                entries(Some(child)).map(|(name, member)| (name.clone(), keep(member))).collect();
            kept.insert(key.clone(), Value::Object(members));
        } else if KEPT.contains(&key.as_str()) {
            kept.insert(key.clone(), keep(child));
        }
    }
    Value::Object(kept)
}

fn entries(value: Option<&Value>) -> impl Iterator<Item = (&String, &Value)> {
    value.and_then(Value::as_object).into_iter().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documentation_is_dropped_and_a_member_named_documentation_is_kept() {
        let shape = json!({"type":"structure","documentation":"long","members":{"documentation":{"shape":"S","documentation":"x"}}});
        assert_eq!(
            keep(&shape),
            json!({"type":"structure","members":{"documentation":{"shape":"S"}}})
        );
    }
}
