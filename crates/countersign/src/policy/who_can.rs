//! `countersign policy who-can`: every kind of caller that these policies let do it.

use std::{io::Write, path::PathBuf};

use ::policy::{
    Principal,
    compare::{self, Answer, Bounds, Holder},
    simulation::{self, CallerType},
};
use serde_json::{Value, json};

use super::file::{self, FileKind};
use super::roles::{DomainRoles, RolesAnswer, RolesQuestion, user_of};
use crate::Failure;

/// List who can do ACTION on RESOURCE under the given policies, and in which context.
///
/// The callers are the holders of the identity policies and every kind of caller that the resource
/// policy distinguishes; `user/anyone` stands for any principal of its account. Callers from other
/// accounts are assumed to be allowed by their own policies.
///
/// With --roles a domain's roles must allow it, too (fine-grained access control). The callers are then
/// also those whom mappings name, and the internal users, who are nobody to policies.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  countersign policy who-can es:ESHttpGet arn:aws:es:us-east-1:123456789012:domain/dev/docs/_search --resource-policy access-policy.json --domain")]
pub(crate) struct WhoCanArgs {
    /// The action, such as es:ESHttpGet.
    action: String,
    /// The resource's ARN.
    resource: String,
    /// The resource's policy.
    #[arg(long, value_name = "FILE")]
    resource_policy: Option<PathBuf>,
    /// The resource policy is a domain's access policy, with Amazon's peculiarities.
    #[arg(long, requires = "resource_policy")]
    domain: bool,
    /// A caller and its identity policy; may be repeated.
    #[arg(long, value_name = "ARN=FILE", value_parser = held, required_unless_present = "resource_policy")]
    identity_policy: Vec<(String, PathBuf)>,
    /// A resource control policy of the resource's account; may be repeated.
    #[arg(long, value_name = "FILE")]
    resource_control_policy: Vec<PathBuf>,
    /// The policy of a VPC endpoint that requests come through; may be repeated: each must allow.
    #[arg(long, value_name = "FILE")]
    endpoint_policy: Vec<PathBuf>,
    /// A folder with what the domain's `_plugins/_security/api` answers: `roles.json`, `rolesmapping.json`,
    /// `actiongroups.json`, `internalusers.json`.
    #[arg(long, value_name = "FOLDER")]
    roles: Option<PathBuf>,
    /// Print JSON instead of a table.
    #[arg(long)]
    json: bool,
}

/// Answers for every caller.
pub(crate) fn run(args: &WhoCanArgs, out: &mut impl Write) -> Result<(), Failure> {
    let kind = args.domain.then_some(FileKind::Domain);
    let policy = args.resource_policy.as_deref().map(|path| file::load(path, kind)).transpose()?;
    let holders = args
        .identity_policy
        .iter()
        .map(|(arn, path)| {
            let kind = CallerType::of(arn).ok_or(format!("`{arn}` is not the ARN of a caller"))?;
            let principal = simulation::caller(arn, kind, None)?;
            Ok(Holder { principal, policy: file::load(path, Some(FileKind::Identity))? })
        })
        .collect::<Result<Vec<_>, Failure>>()?;
    let load = |paths: &[PathBuf], kind| {
        paths.iter().map(|path| file::load(path, Some(kind))).collect::<Result<Vec<_>, _>>()
    };
    let resource_control = load(&args.resource_control_policy, FileKind::ResourceControl)?;
    let endpoints = load(&args.endpoint_policy, FileKind::Resource)?;
    let bounds = Bounds { resource_control: &resource_control, endpoints: &endpoints };
    let roles = match &args.roles {
        Some(folder) => {
            let question = RolesQuestion::of(&args.action, &args.resource)?;
            Some((DomainRoles::load(folder)?, question))
        }
        None => None,
    };
    let mut named = roles.as_ref().map(|(roles, _)| roles.named()).unwrap_or_default();
    named.extend(roles.is_some().then(Principal::anonymous));
    let policy = policy.as_ref();
    let answers = compare::who_can(&args.action, &args.resource, policy, &holders, &named, bounds);
    let rows = rows(answers, roles.as_ref());
    if args.json {
        let rows: Vec<Value> = rows.iter().map(Row::as_json).collect();
        writeln!(out, "{:#}", Value::Array(rows))?;
        return Ok(());
    }
    let width = rows.iter().map(|row| row.caller.len()).max().unwrap_or_default();
    for row in &rows {
        writeln!(out, "{:width$}  {}", row.caller, row.line())?;
    }
    Ok(())
}

/// What is said of one caller.
struct Row {
    caller: String,
    by_policies: Answer,
    /// Where the domain has roles and the policies let the caller in.
    by_roles: Option<RolesAnswer>,
}

fn rows(
    answers: Vec<(Principal, Answer)>,
    roles: Option<&(DomainRoles, RolesQuestion)>,
) -> Vec<Row> {
    let nobody = answers.iter().find(|(caller, _)| *caller == Principal::anonymous());
    let nobody = nobody.map(|(_, answer)| answer.clone());
    let mut rows = Vec::new();
    for (caller, answer) in answers {
        let by_roles =
            roles.filter(|_| answer != Answer::No).map(|(roles, question)| {
                match user_of(&caller) {
                    Some(user) => roles.answer(user, question),
                    None => RolesAnswer::Denied("who presents no credentials reads 401".to_owned()),
                }
            });
        rows.push(Row { caller: caller.arn().to_owned(), by_policies: answer, by_roles });
    }
    for (by_policies, (roles, question)) in nobody.into_iter().zip(roles) {
        for user in roles.internal_users() {
            let caller = format!("internal user {}", user.name);
            let by_roles = (by_policies != Answer::No).then(|| roles.answer(user, question));
            rows.push(Row { caller, by_policies: by_policies.clone(), by_roles });
        }
    }
    rows
}

impl Row {
    fn can(&self) -> bool {
        let denied = matches!(self.by_roles, Some(RolesAnswer::Denied(_)));
        self.by_policies != Answer::No && !denied
    }

    fn as_json(&self) -> Value {
        let mut row = json!({ "principal": self.caller, "can": self.can(), "witness": self.by_policies.as_json() });
        if let (Some(by_roles), Some(row)) = (&self.by_roles, row.as_object_mut()) {
            by_roles.add_to(row);
        }
        row
    }

    fn line(&self) -> String {
        let told = match &self.by_policies {
            Answer::No => return "no".to_owned(),
            Answer::Unknown(why) => format!("unknown: {why}"),
            Answer::Yes(witness) => {
                let context: Vec<String> = witness
                    .beyond_the_caller()
                    .map(|(key, values)| format!("{key}={}", values.join(",")))
                    .collect();
                match context.is_empty() {
                    true => "yes".to_owned(),
                    false => format!("yes, with {}", context.join(" ")),
                }
            }
        };
        match &self.by_roles {
            None => told,
            Some(denied @ RolesAnswer::Denied(_)) => denied.line(),
            Some(by_roles) => format!("{told}, {}", by_roles.line()),
        }
    }
}

fn held(text: &str) -> Result<(String, PathBuf), String> {
    match text.split_once('=') {
        Some((arn, path)) if !arn.is_empty() && !path.is_empty() => {
            Ok((arn.to_owned(), PathBuf::from(path)))
        }
        _ => Err("expected ARN=FILE".to_owned()),
    }
}
