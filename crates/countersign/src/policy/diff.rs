//! `countersign policy diff`: does the new policy allow more than the old one? Proven, not sampled.

use std::{io::Write, path::PathBuf};

use ::policy::compare::{self, Answer, Verdict};
use serde_json::json;

use super::file::{self, FileKind};
use crate::Failure;

/// Say whether NEW allows more or less than OLD, with a request that shows it.
///
/// Policies without principals are compared as policies of a user; policies with principals, as granting to
/// callers whose own policies allow everything, and to callers of the resource's account who have none. Exit code 0: NEW is not wider than OLD (and, with --public,
/// not public); 1: it is, or it could not be decided.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  countersign policy diff old.json new.json
  countersign policy diff access-policy.json --public --account 123456789012")]
pub(crate) struct DiffArgs {
    /// The old policy; alone, with --public, the policy to judge.
    #[arg(value_name = "OLD", required_unless_present = "batch")]
    old: Option<PathBuf>,
    /// The new policy.
    #[arg(value_name = "NEW", required_unless_present_any = ["public", "batch"])]
    new: Option<PathBuf>,
    /// Compare the pairs in FILE, one JSON object per line: old, new and the kind of both.
    #[arg(long, value_name = "FILE", exclusive = true)]
    batch: Option<PathBuf>,
    /// Also say whether anyone outside the account gets in.
    #[arg(long)]
    public: bool,
    /// The account of the resource, if the policy's ARNs do not name one.
    #[arg(long, value_name = "ID", requires = "public")]
    account: Option<String>,
    /// The kind of policy; by default derived from its elements.
    #[arg(long, value_enum)]
    kind: Option<FileKind>,
    /// Print JSON instead of prose.
    #[arg(long)]
    json: bool,
}

/// Compares the two files.
pub(crate) fn run(args: &DiffArgs, out: &mut impl Write) -> Result<(), Failure> {
    if let Some(path) = &args.batch {
        return super::batch(path, out, compare::answer);
    }
    let old = args.old.as_deref().ok_or("there is no policy to compare: give OLD")?;
    let old = file::load(old, args.kind)?;
    let new = args.new.as_deref().map(|path| file::load(path, args.kind)).transpose()?;
    if let Some(new) = &new
        && new.kind() != old.kind()
    {
        return Err(
            "OLD and NEW are different kinds of policy: only one of them names principals".into()
        );
    }
    let difference = new.as_ref().map(|new| compare::diff(&old, new));
    let judged = new.as_ref().unwrap_or(&old);
    let public = if args.public {
        let account = args.account.clone().or_else(|| file::account(judged));
        let account = account.ok_or("no ARN in the policy names an account: give --account ID")?;
        if !file::names_principals(judged) {
            return Err("--public needs a policy that names principals".into());
        }
        Some(compare::public(judged, &account))
    } else {
        None
    };
    let verdict = difference.as_ref().map(compare::Difference::verdict);
    if args.json {
        let answer = json!({
            "verdict": verdict.as_ref().map(Verdict::as_str),
            "gained": difference.as_ref().map(|it| it.gained.as_json()),
            "lost": difference.as_ref().map(|it| it.lost.as_json()),
            "public": public.as_ref().map(Answer::as_json),
        });
        writeln!(out, "{answer:#}")?;
    } else {
        if let (Some(verdict), Some(difference)) = (&verdict, &difference) {
            writeln!(out, "{}", headline(verdict))?;
            tell(out, "NEW allows and OLD does not", &difference.gained)?;
            tell(out, "OLD allows and NEW does not", &difference.lost)?;
        }
        if let Some(public) = &public {
            let line = match public {
                Answer::Yes(_) => "public: someone outside the account gets in",
                Answer::No => "not public: nobody outside the account gets in",
                Answer::Unknown(_) => "public: unknown",
            };
            writeln!(out, "{line}")?;
            tell(out, "outside the account", public)?;
        }
    }
    conclude(verdict.as_ref(), public.as_ref())
}

/// The exit code's reason.
fn conclude(verdict: Option<&Verdict>, public: Option<&Answer>) -> Result<(), Failure> {
    match verdict {
        None | Some(Verdict::Equal | Verdict::Narrower) => {}
        Some(Verdict::Wider | Verdict::Incomparable) => {
            return Err("NEW allows what OLD does not".into());
        }
        Some(Verdict::Unknown(why)) => return Err(format!("not decided: {why}").into()),
    }
    match public {
        None | Some(Answer::No) => Ok(()),
        Some(Answer::Yes(_)) => Err("the policy is public".into()),
        Some(Answer::Unknown(why)) => Err(format!("not decided: {why}").into()),
    }
}

fn headline(verdict: &Verdict) -> String {
    match verdict {
        Verdict::Equal => "equal: both allow the same requests".to_owned(),
        Verdict::Narrower => "narrower: NEW allows less".to_owned(),
        Verdict::Wider => "wider: NEW allows more".to_owned(),
        Verdict::Incomparable => {
            "incomparable: each allows something the other does not".to_owned()
        }
        Verdict::Unknown(why) => format!("unknown: {why}"),
    }
}

fn tell(out: &mut impl Write, heading: &str, answer: &Answer) -> Result<(), Failure> {
    if let Answer::Yes(witness) = answer {
        writeln!(out, "  {heading}:\n    {}", witness)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Runs the command over two texts; what it printed and how it ended.
    fn diff(old: &str, new: &str, public: bool) -> (String, Result<(), String>) {
        let folder = std::env::temp_dir().join(format!("countersign-diff-{}", std::process::id()));
        let path = |text: &str, name: &str| {
            let name = format!("{name}-{:x}", text.len() * 31 + usize::from(public));
            std::fs::create_dir_all(&folder).unwrap();
            std::fs::write(folder.join(&name), text).unwrap();
            folder.join(name)
        };
        let args = DiffArgs {
            old: Some(path(old, "old")),
            new: Some(path(new, "new")),
            batch: None,
            public,
            account: None,
            kind: None,
            json: false,
        };
        let mut out = Vec::new();
        let ended = run(&args, &mut out).map_err(|failure| failure.to_string());
        (String::from_utf8(out).unwrap(), ended)
    }

    #[test]
    fn a_wider_policy_fails_with_a_request_that_shows_it() {
        let narrow = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow",
            "Action": "es:ESHttpGet", "Resource": "*"}}"#;
        let (printed, ended) = diff(narrow, &narrow.replace("Get", "*"), false);
        expect_test::expect![[r#"
            wider: NEW allows more
              NEW allows and OLD does not:
                arn:aws:iam::123456789012:user/anyone es:ESHttpPost arn:aws:es:us-east-1:123456789012:domain/example/index/_search
        "#]]
        .assert_eq(&printed);
        assert_eq!(ended.unwrap_err(), "NEW allows what OLD does not");
    }

    #[test]
    fn a_public_policy_shows_who_gets_in_from_where() {
        let open = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": "*",
            "Action": "es:ESHttp*", "Resource": "arn:aws:es:eu-west-1:123456789012:domain/logs/*",
            "Condition": {"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}}}"#;
        let (printed, ended) = diff(open, open, true);
        expect_test::expect![[r#"
            equal: both allow the same requests
            public: someone outside the account gets in
              outside the account:
                arn:aws:iam::210987654321:user/anyone es:ESHttpGet arn:aws:es:eu-west-1:123456789012:domain/logs/ aws:sourceip=192.0.2.0
        "#]]
        .assert_eq(&printed);
        assert_eq!(ended.unwrap_err(), "the policy is public");
    }
}
