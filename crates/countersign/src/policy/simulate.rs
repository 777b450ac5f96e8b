//! `countersign policy simulate`: what would be decided, and why, without asking anybody.

use std::{
    io::Write,
    path::{Path, PathBuf},
    sync::Arc,
};

use ::policy::{
    Context, DocumentScope, DomainRules, Outcome, ParseOptions, Policy, PolicyKind, PolicySet,
    ResourcePolicyKind, UnsupportedKeys,
    simulation::{self, CallerType, Simulation},
};

use super::read;
use crate::Failure;

/// Decide questions with the same evaluator that enforces policies.
///
/// One question from flags, a file of questions with `--batch`, a table of principals and actions with `--matrix`, or
/// what would change for recorded requests with `--replay`.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  countersign policy simulate \\
      --principal arn:aws:iam::123456789012:user/ann \\
      --action es:ESHttpGet \\
      --resource arn:aws:es:us-east-1:123456789012:domain/dev/docs/_search --identity-policy ann.json
  countersign policy simulate --batch questions.jsonl
  countersign policy simulate --replay my-data/audit/audit.jsonl --with access-policy.json")]
pub(crate) struct SimulateArgs {
    /// Answer a file of questions: one JSON object per line in, one per line out.
    #[arg(long, value_name = "FILE.jsonl", exclusive = true)]
    batch: Option<PathBuf>,
    /// Tell which recorded decisions would be others under the policy of --with. FILE holds audit records (JSON
    /// lines); may be repeated.
    #[arg(long, value_name = "FILE", requires = "with", conflicts_with_all = ["matrix", "principal", "action"])]
    replay: Vec<PathBuf>,
    /// The policy that takes the place of the domain's access policy if it names principals, else of the caller's
    /// identity policies.
    #[arg(long, value_name = "NEW", requires = "replay")]
    with: Option<PathBuf>,
    /// Print a table of every principal and every action.
    #[arg(long)]
    matrix: bool,
    /// Who asks: an ARN, or `anonymous`; may be repeated with --matrix.
    #[arg(long, value_name = "ARN", required_unless_present_any = ["batch", "replay"])]
    principal: Vec<String>,
    /// The ARN of a session's role, if it has a path.
    #[arg(long, value_name = "ARN")]
    role_arn: Option<String>,
    /// A tag of the principal.
    #[arg(long, value_name = "KEY=VALUE", value_parser = pair)]
    tag: Vec<(String, String)>,
    /// The action, such as es:ESHttpGet; may be repeated with --matrix.
    #[arg(long, required_unless_present_any = ["batch", "replay"])]
    action: Vec<String>,
    /// The resource's ARN.
    #[arg(long, value_name = "ARN", default_value = "*")]
    resource: String,
    /// The resource's account, if its ARN does not name one.
    #[arg(long, value_name = "ID")]
    resource_account: Option<String>,
    /// A context key; may be repeated, also for several values of one key.
    #[arg(long, value_name = "KEY=VALUE", value_parser = pair)]
    context: Vec<(String, String)>,
    /// An identity policy; may be repeated.
    #[arg(long, value_name = "FILE")]
    identity_policy: Vec<PathBuf>,
    /// The resource's policy.
    #[arg(long, value_name = "FILE")]
    resource_policy: Option<PathBuf>,
    /// The resource policy is a domain's access policy, with Amazon's peculiarities.
    #[arg(long, requires = "resource_policy")]
    domain: bool,
    /// The permissions boundary.
    #[arg(long, value_name = "FILE")]
    permissions_boundary: Option<PathBuf>,
    /// A session policy; may be repeated.
    #[arg(long, value_name = "FILE")]
    session_policy: Vec<PathBuf>,
    /// The service control policies of one level, separated by commas; once per level.
    #[arg(long, value_name = "FILE,…")]
    service_control_policy: Vec<String>,
    /// The resource control policies of one level, separated by commas; once per level.
    #[arg(long, value_name = "FILE,…")]
    resource_control_policy: Vec<String>,
    /// The policy of a VPC endpoint that the request comes through; may be repeated.
    #[arg(long, value_name = "FILE")]
    endpoint_policy: Vec<PathBuf>,
    /// Print JSON instead of prose.
    #[arg(long)]
    json: bool,
}

/// Answers the questions.
pub(crate) fn run(args: &SimulateArgs, out: &mut impl Write) -> Result<(), Failure> {
    if let Some(path) = &args.batch {
        return super::batch(path, out, |line| simulation::answer(line).map_err(|it| it.message));
    }
    if let Some(new) = &args.with {
        return super::replay::run(&args.replay, new, out);
    }
    if args.matrix {
        return matrix(args, out);
    }
    let ([principal], [action]) = (args.principal.as_slice(), args.action.as_slice()) else {
        return Err("several principals or actions need --matrix".into());
    };
    let simulation = args.simulation(principal, action)?;
    let explanation = simulation.explain();
    let left = simulation.documents().filter(|_| explanation.is_allowed());
    if args.json {
        let mut explanation = serde_json::to_value(&explanation)?;
        if let (Some(left), Some(fields)) = (left, explanation.as_object_mut()) {
            fields.insert("where".to_owned(), left.to_string().into());
        }
        serde_json::to_writer_pretty(&mut *out, &explanation)?;
        writeln!(out)?;
    } else {
        write!(out, "{explanation}")?;
        if let Some(left) = left {
            writeln!(out, "  only documents and fields where {left}")?;
        }
    }
    Ok(())
}

/// A table with a row for every principal and a column for every action.
fn matrix(args: &SimulateArgs, out: &mut impl Write) -> Result<(), Failure> {
    let width = args.principal.iter().map(|it| it.chars().count()).max().unwrap_or_default();
    writeln!(out, "{:width$}  {}", args.resource, args.action.join("  "))?;
    for principal in &args.principal {
        let mut row = format!("{principal:width$}");
        for action in &args.action {
            let mark = match args.simulation(principal, action)?.decide().outcome() {
                Outcome::Allowed => "allow",
                Outcome::ImplicitDeny => "-",
                Outcome::ExplicitDeny => "deny",
            };
            row.push_str(&format!("  {mark:column$}", column = action.chars().count()));
        }
        writeln!(out, "{}", row.trim_end())?;
    }
    Ok(())
}

impl SimulateArgs {
    fn simulation(&self, principal: &str, action: &str) -> Result<Simulation, Failure> {
        let kind = CallerType::of(principal)
            .ok_or_else(|| format!("`{principal}` is not the ARN of a caller"))?;
        let mut context = Context::new();
        for (key, _) in &self.context {
            let same = self.context.iter().filter(|(other, _)| other.eq_ignore_ascii_case(key));
            context.set_all(key, same.map(|(_, value)| value.as_str()));
        }
        let resource_kind =
            if self.domain { ResourcePolicyKind::Domain } else { ResourcePolicyKind::Generic };
        let resource = self.resource_policy.as_slice();
        let boundary = self.permissions_boundary.as_slice();
        let generic = PolicyKind::Resource(ResourcePolicyKind::Generic);
        let endpoints = self.endpoint_policy.iter().map(std::slice::from_ref);
        let mut simulation = Simulation {
            principal: simulation::caller(principal, kind, self.role_arn.as_deref())?,
            action: action.to_owned(),
            resource: self.resource.clone(),
            resource_account: self.resource_account.clone(),
            context,
            identity: set(&self.identity_policy, PolicyKind::Identity)?,
            resource_policy: some(set(resource, PolicyKind::Resource(resource_kind))?),
            permissions_boundary: some(set(boundary, PolicyKind::Boundary)?),
            session: some(set(&self.session_policy, PolicyKind::Session)?),
            service_control: levels(&self.service_control_policy, PolicyKind::ServiceControl)?,
            resource_control: levels(&self.resource_control_policy, PolicyKind::ResourceControl)?,
            endpoints: endpoints
                .map(|path| set(path, generic).map(Arc::new))
                .collect::<Result<_, _>>()?,
        };
        simulation.describe(&self.tag);
        if !simulation.context.tells_document() {
            simulation.context.set_scope(DocumentScope::Some);
        }
        Ok(simulation)
    }
}

/// One set for each level, of the files whose names are joined by commas.
fn levels(levels: &[String], kind: PolicyKind) -> Result<Vec<PolicySet>, Failure> {
    let of_level = |level: &String| {
        let files: Vec<PathBuf> = level.split(',').map(PathBuf::from).collect();
        set(&files, kind)
    };
    levels.iter().map(of_level).collect()
}

fn some(set: PolicySet) -> Option<PolicySet> {
    Some(set).filter(|set| !set.is_empty())
}

fn set(files: &[PathBuf], kind: PolicyKind) -> Result<PolicySet, Failure> {
    let policies = files.iter().map(|path| Ok((path.display().to_string(), load(path, kind)?)));
    Ok(PolicySet::new(policies.collect::<Result<Vec<_>, Failure>>()?))
}

fn load(path: &Path, kind: PolicyKind) -> Result<Arc<Policy>, Failure> {
    let domain = DomainRules { unsupported_keys: UnsupportedKeys::Absent, vpc: false };
    let options = ParseOptions { bytes_max: None, domain };
    let policy = Policy::parse_with(&read(path)?, kind, &options)
        .map_err(|error| format!("{}:{error}", path.display()))?;
    Ok(Arc::new(policy))
}

fn pair(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok((key.to_owned(), value.to_owned())),
        _ => Err("expected KEY=VALUE".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::answers;

    #[test]
    fn a_batch_keeps_its_order_answers_a_malformed_line_and_fails_at_the_end() {
        let questions = concat!(
            r#"{"principal":{"type":"anonymous"},"action":"es:ESHttpGet","resource":"*"}"#,
            "\n{\n\n",
            r#"{"principal":{"arn":"arn:aws:iam::123456789012:root","type":"root"},"#,
            r#""action":"es:ESHttpGet","resource":"*","identityPolicies":[]}"#,
        );
        let mut out = Vec::new();
        let answer = |line: &str| simulation::answer(line).map_err(|error| error.message);
        let failure = answers(questions.as_bytes(), &mut out, answer).unwrap_err();
        assert_eq!(failure.to_string(), "2 lines are malformed");
        expect_test::expect![[r#"
            {"decision":"implicitDeny","by":[],"missing":[]}
            {"error":"1:2: expected a name in quotes, found the end of the document"}
            {"error":"1:1: expected a value, found the end of the document"}
            {"decision":"allowed","by":[],"missing":[]}
        "#]]
        .assert_eq(&String::from_utf8(out).unwrap());
    }
}
