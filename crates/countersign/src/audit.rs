//! `countersign audit`: is the audit as it was written, and what does it say?

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::{Subcommand, ValueEnum};
use jiff::Timestamp;
use serde_json::json;
use server::{AuditQuery, AuditRecord, AuditRecords, AuditReport, RecordDecision, VerifyError};

use crate::Failure;

/// Verify and search the files of the audit.
#[derive(clap::Args)]
pub(crate) struct AuditArgs {
    #[command(subcommand)]
    command: AuditCommand,
}

#[derive(Subcommand)]
enum AuditCommand {
    /// Find the first record that was altered, removed, moved or cut off; works offline, on a copy, and while the service runs
    #[command(after_help = "Examples:
  countersign audit verify my-data/audit
  countersign audit verify /backup/audit --key audit.pub
  countersign audit verify my-data/audit \\
      --digest 0f2aa6b1a3d5c0f0e4a44a1a3dd1f7c2c25d2e3bb3a6f7a7b1b9d33d2f1e0c9a")]
    Verify(VerifyArgs),
    /// Print the records that match: by caller, action, index, resource, decision and time
    #[command(after_help = "Examples:
  countersign audit query my-data/audit --decision denied --from 2026-11-30T00:00:00Z
  countersign audit query my-data/audit --principal '*:user/ann' --index 'orders-*' --json")]
    Query(QueryArgs),
}

#[derive(clap::Args)]
struct VerifyArgs {
    /// The folder of the audit (DIR/audit), or a copy of it
    #[arg(value_name = "FOLDER")]
    folder: PathBuf,
    /// A file with a public key that digests may be signed with; may be given several times. Without it, audit.pub next to
    /// FOLDER, which whoever alters the audit may have replaced: keep a copy elsewhere
    #[arg(long, value_name = "FILE")]
    key: Vec<PathBuf>,
    /// The hash of a digest that must be there, from the service's log or an earlier verification: shows that nothing older than
    /// it was cut off
    #[arg(long, value_name = "HASH")]
    digest: Option<String>,
    /// Print what was found as JSON
    #[arg(long)]
    json: bool,
}

#[derive(clap::Args)]
struct QueryArgs {
    /// The folder of the audit (DIR/audit), or a copy of it
    #[arg(value_name = "FOLDER")]
    folder: PathBuf,
    /// The caller: an ARN, an access key id or a user name; * is any characters
    #[arg(long, value_name = "PATTERN")]
    principal: Option<String>,
    /// The action, such as es:ESHttpGet; * is any characters
    #[arg(long, value_name = "PATTERN")]
    action: Option<String>,
    /// An index that the request touched; * is any characters
    #[arg(long, value_name = "PATTERN")]
    index: Option<String>,
    /// A resource, or an item of a body, that was asked about, as an ARN; * is any characters
    #[arg(long, value_name = "PATTERN")]
    resource: Option<String>,
    /// How it was decided: by the policies, or refused before they were asked
    #[arg(long)]
    decision: Option<DecisionArg>,
    /// Not before this time
    #[arg(long, value_name = "TIME")]
    from: Option<Timestamp>,
    /// Before this time
    #[arg(long, value_name = "TIME")]
    until: Option<Timestamp>,
    /// Print whole records, one JSON object a line
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum DecisionArg {
    Allowed,
    Denied,
    Refused,
}

/// Verifies or searches.
pub(crate) fn run(args: &AuditArgs) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    match &args.command {
        AuditCommand::Verify(args) => verify(args, &mut out),
        AuditCommand::Query(args) => query(args, &mut out),
    }
}

fn verify(args: &VerifyArgs, out: &mut impl Write) -> Result<(), Failure> {
    let beside = args.folder.join("../audit.pub");
    let files = if args.key.is_empty() { std::slice::from_ref(&beside) } else { &args.key };
    let keys = files.iter().map(|file| public_key(file)).collect::<Result<Vec<String>, _>>()?;
    match server::verify_audit(&args.folder, &keys, args.digest.as_deref()) {
        Ok(report) if args.json => writeln!(out, "{}", as_json(&report))?,
        Ok(report) => write!(out, "{}", told(&report))?,
        Err(VerifyError::Faults(faults)) => {
            if args.json {
                let fault = |it: &server::AuditFault| json!({"file": it.file, "line": it.line, "what": it.what});
                let faults: Vec<_> = faults.iter().map(fault).collect();
                writeln!(out, "{}", json!({"whole": false, "faults": faults}))?;
            } else {
                faults.iter().try_for_each(|fault| writeln!(out, "{fault}"))?;
            }
            return Err(
                format!("{}: the audit is not as it was written", args.folder.display()).into()
            );
        }
        Err(error) => return Err(error.into()),
    }
    Ok(())
}

fn public_key(file: &Path) -> Result<String, Failure> {
    let text = std::fs::read_to_string(file).map_err(|error| {
        format!("{}: {error}; expected the public key of the audit, which the service writes to DIR/audit.pub", file.display())
    })?;
    let key = text.trim().to_ascii_lowercase();
    if key.len() != 64 || !key.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        let expected = "expected a public key, 64 hexadecimal digits, as in DIR/audit.pub";
        return Err(format!("{}: {expected}", file.display()).into());
    }
    Ok(key)
}

/// The report for a person.
fn told(report: &AuditReport) -> String {
    let mut lines = Vec::new();
    for set in &report.sets {
        let numbers = match set.records {
            Some((first, last)) => {
                format!("records {first} to {last} in {}", counted(set.files as u64, "file"))
            }
            None => "no record".to_owned(),
        };
        lines.push(format!("{:<10} {numbers}", set.name));
        if let Some((first @ 2.., _)) = set.records {
            lines.push(format!(
                "           it begins with record {first}: older files were removed, as a signed digest says"
            ));
        }
        let more = [
            (set.unsigned, "newer than the newest digest, which nothing vouches for yet"),
            (set.lost, "could not be written when they were made"),
        ];
        for (count, what) in more.into_iter().filter(|(count, _)| *count > 0) {
            lines.push(format!("           {} {what}", counted(count, "record")));
        }
        if set.before_chain > 0 {
            lines.push(format!(
                "           {} from before there was a chain, not verified",
                counted(set.before_chain, "line")
            ));
        }
        if set.half > 0 {
            lines.push("           half a line at the end, which a crash leaves".to_owned());
        }
    }
    lines.push(format!("digests    {}, signed with {}", report.digests, report.keys.join(" and ")));
    if let Some((number, time, hash)) = &report.newest {
        lines.push(format!("           newest: {number} of {time}, hash {hash}"));
    }
    lines.push("The audit is as it was written.".to_owned());
    lines.join("\n") + "\n"
}

fn counted(count: u64, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}

fn as_json(report: &AuditReport) -> serde_json::Value {
    let sets = report.sets.iter().map(|set| {
        let (first, last) = set.records.unzip();
        json!({
            "name": set.name, "files": set.files, "first": first, "last": last, "unsigned": set.unsigned,
            "lost": set.lost, "beforeChain": set.before_chain, "halfBytes": set.half,
        })
    });
    let newest = report
        .newest
        .as_ref()
        .map(|(number, time, hash)| json!({"number": number, "time": time, "hash": hash}));
    json!({
        "whole": true, "sets": sets.collect::<Vec<_>>(), "digests": report.digests, "newestDigest": newest,
        "keys": report.keys,
    })
}

fn query(args: &QueryArgs, out: &mut impl Write) -> Result<(), Failure> {
    let query = AuditQuery {
        principal: args.principal.clone(),
        action: args.action.clone(),
        index: args.index.clone(),
        resource: args.resource.clone(),
        decision: args.decision.map(|decision| match decision {
            DecisionArg::Allowed => RecordDecision::Allowed,
            DecisionArg::Denied => RecordDecision::Denied,
            DecisionArg::Refused => RecordDecision::Refused,
        }),
        from: args.from,
        until: args.until,
    };
    let named = |error: std::io::Error| format!("{}: {error}", args.folder.display());
    let mut records = AuditRecords::open(&args.folder).map_err(named)?;
    while let Some((record, line)) = records.read().map_err(named)? {
        if query.takes(&record) {
            let text = if args.json { line } else { row(&record) };
            writeln!(out, "{text}")?;
        }
    }
    Ok(())
}

/// A record in one line; no text of a client moves the cursor.
fn row(record: &AuditRecord) -> String {
    let time = record.time.map(|time| time.to_string()).unwrap_or_default();
    let caller = match (record.principal.arn.as_str(), record.principal.proven) {
        ("", _) => "unknown".to_owned(),
        (arn, true) => arn.to_owned(),
        (arn, false) => format!("{arn} (not proven)"),
    };
    let action = record.action.as_deref().unwrap_or("-");
    let resource = record.resources.first().map_or("-", String::as_str);
    let decision = RecordDecision::of(record).name();
    let (status, id) = (record.status, &record.request_id);
    let text = format!("{time} {decision} {status} {caller} {action} {resource} {id}");
    text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}
