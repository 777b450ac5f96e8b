//! `countersign policy who-can`: every kind of caller that these policies let do it.

use std::{io::Write, path::PathBuf};

use ::policy::{
    compare::{self, Answer, Bounds, Holder},
    simulation::{self, CallerType},
};
use serde_json::{Value, json};

use super::file::{self, FileKind};
use crate::Failure;

/// List who can do ACTION on RESOURCE under the given policies, and in which context.
///
/// The callers are the holders of the identity policies and every kind of caller that the resource
/// policy distinguishes; `user/anyone` stands for any principal of its account. Callers from other
/// accounts are assumed to be allowed by their own policies.
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
    let policy = policy.as_ref();
    let answers = compare::who_can(&args.action, &args.resource, policy, &holders, bounds);
    if args.json {
        let rows: Vec<Value> = answers
            .iter()
            .map(|(caller, answer)| {
                json!({ "principal": caller.arn(), "can": !matches!(answer, Answer::No),
                        "witness": answer.as_json() })
            })
            .collect();
        writeln!(out, "{:#}", Value::Array(rows))?;
        return Ok(());
    }
    let width = answers.iter().map(|(caller, _)| caller.arn().len()).max().unwrap_or_default();
    for (caller, answer) in &answers {
        let answer = match answer {
            Answer::No => "no".to_owned(),
            Answer::Unknown(why) => format!("unknown: {why}"),
            Answer::Yes(witness) => {
                let context: Vec<String> = witness
                    .beyond_the_caller()
                    .map(|(key, values)| format!("{key}={}", values.join(",")))
                    .collect();
                if context.is_empty() {
                    "yes".to_owned()
                } else {
                    format!("yes, with {}", context.join(" "))
                }
            }
        };
        writeln!(out, "{:width$}  {answer}", caller.arn())?;
    }
    Ok(())
}

fn held(text: &str) -> Result<(String, PathBuf), String> {
    match text.split_once('=') {
        Some((arn, path)) if !arn.is_empty() && !path.is_empty() => {
            Ok((arn.to_owned(), PathBuf::from(path)))
        }
        _ => Err("expected ARN=FILE".to_owned()),
    }
}
