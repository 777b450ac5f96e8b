//! `countersign policy generate`: the least policy that would have allowed what a principal did.

use std::{
    collections::{BTreeSet, HashSet},
    fs::File,
    io::{BufRead, BufReader, Write},
    path::PathBuf,
};

use ::policy::generate::{ObservedRequest, least};
use serde_json::Value;

use crate::Failure;

/// Write the smallest policy that would have allowed a principal's allowed requests.
///
/// Reads audit records (`DIR/audit/audit.jsonl`). The policy goes to standard output; wildcards
/// that would shorten it are proposed on standard error, and used only with --wildcards.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  countersign policy generate my-data/audit/audit.jsonl \\
      --principal arn:aws:iam::123456789012:user/ann")]
pub(crate) struct GenerateArgs {
    /// Files of audit records (JSON lines).
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Whose requests: an ARN; for a role, the beginning of its sessions' ARNs with a `*`.
    #[arg(long, value_name = "ARN")]
    principal: String,
    /// Use the proposed wildcards: the policy then allows more than was done.
    #[arg(long)]
    wildcards: bool,
    /// Name the fields that were touched (`es:Field`), of resources of which every request's record tells them.
    #[arg(long)]
    fields: bool,
}

/// Prints the policy.
pub(crate) fn run(args: &GenerateArgs, out: &mut impl Write) -> Result<(), Failure> {
    let mut observed = Vec::new();
    for path in &args.files {
        let named = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
        let file = File::open(path).map_err(|error| named(&error))?;
        for (number, line) in (1..).zip(BufReader::new(file).lines()) {
            let line = line.map_err(|error| named(&error))?;
            let record: Value = serde_json::from_str(&line)
                .map_err(|error| named(&format!("line {number}: {error}")))?;
            if is_by(&record, &args.principal) {
                observed.extend(allowed(&record));
            }
        }
    }
    if observed.is_empty() {
        return Err(format!("no allowed request by {} in the records", args.principal).into());
    }
    let mut generated = least(observed);
    let mut aside = std::io::stderr().lock();
    for proposal in generated.proposals.iter().filter(|_| !args.wildcards) {
        let count = proposal.replaces.len();
        writeln!(aside, "proposed: {} in place of {count} entries", proposal.pattern)?;
    }
    if args.wildcards {
        generated = generated.with_wildcards();
    }
    if args.fields {
        generated = generated.with_fields();
        for resource in generated.without_fields() {
            writeln!(aside, "not narrowed to fields, which the records do not tell: {resource}")?;
        }
    }
    writeln!(out, "{}", generated.policy())?;
    Ok(())
}

/// Whether the record is of a proven request of the principal.
fn is_by(record: &Value, principal: &str) -> bool {
    let caller = record.get("principal");
    let arn = caller.and_then(|it| it.get("arn")).and_then(Value::as_str).unwrap_or_default();
    let proven = caller.and_then(|it| it.get("proven")).and_then(Value::as_bool) == Some(true);
    let same = match principal.strip_suffix('*') {
        Some(beginning) => arn.starts_with(beginning),
        None => arn == principal,
    };
    proven && same
}

/// What the record says was allowed: the request's own decision, and in mode `strict` every
/// resource that was asked about and not denied.
fn allowed(record: &Value) -> Vec<ObservedRequest> {
    let text = |value: &Value, field: &str| {
        value.get(field).and_then(Value::as_str).map(str::to_owned).unwrap_or_default()
    };
    let list = |field: &str| {
        record.get(field).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
    };
    let decisions = list("decisions");
    let is_allowed = |decision: &Value| text(decision, "outcome") == "allowed";
    if !decisions.first().is_some_and(is_allowed) {
        return Vec::new();
    }
    let denied: HashSet<String> = decisions
        .iter()
        .filter(|decision| !is_allowed(decision))
        .map(|decision| text(decision, "resource"))
        .collect();
    let fields = fields(record);
    let decided = decisions.iter().filter(|decision| is_allowed(decision)).map(|decision| {
        let (action, resource) = (text(decision, "action"), text(decision, "resource"));
        ObservedRequest { action, resource, fields: fields.clone() }
    });
    let action = text(record, "action");
    let asked = list("resources").iter().filter_map(Value::as_str);
    let touched = asked.filter(|resource| !action.is_empty() && !denied.contains(*resource)).map(
        |resource| ObservedRequest {
            action: action.clone(),
            resource: resource.to_owned(),
            fields: fields.clone(),
        },
    );
    decided.chain(touched).collect()
}

/// The fields that the request touched, where the record tells all of them.
fn fields(record: &Value) -> Option<BTreeSet<String>> {
    let all = record.get("fieldsLeftOut").and_then(Value::as_bool) != Some(true);
    let names = record.get("fields").filter(|_| all)?.as_array()?;
    names.iter().map(|name| name.as_str().map(str::to_owned)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_yields_what_was_allowed_and_not_what_was_denied() {
        let record = serde_json::json!({
            "principal": {"arn": "arn:aws:iam::123456789012:user/ann", "proven": true},
            "action": "es:ESHttpPost", "resources": ["r/_bulk", "r/a/_bulk", "r/b/_bulk"],
            "decisions": [
                {"outcome": "allowed", "action": "es:ESHttpPost", "resource": "r/_bulk"},
                {"outcome": "implicitDeny", "action": "es:ESHttpPost", "resource": "r/b/_bulk"}],
        });
        let resources: Vec<String> = allowed(&record).into_iter().map(|it| it.resource).collect();
        assert_eq!(resources, ["r/_bulk", "r/_bulk", "r/a/_bulk"]);
        assert!(is_by(&record, "arn:aws:iam::123456789012:user/*"));
        assert!(!is_by(&record, "arn:aws:iam::123456789012:user/bob"));
    }

    #[test]
    fn fields_are_known_where_the_record_has_all_of_them() {
        let record = |more: bool| serde_json::json!({"fields": ["a", "b"], "fieldsLeftOut": more});
        let both: BTreeSet<String> = ["a", "b"].map(str::to_owned).into();
        assert_eq!(fields(&record(false)), Some(both));
        assert_eq!(fields(&record(true)), None);
        assert_eq!(fields(&serde_json::json!({})), None);
    }

    #[test]
    fn a_denied_request_yields_nothing() {
        let record = serde_json::json!({"action": "es:ESHttpGet", "resources": ["r"],
            "decisions": [{"outcome": "explicitDeny", "action": "es:ESHttpGet", "resource": "r"}]});
        assert_eq!(allowed(&record), []);
    }
}
