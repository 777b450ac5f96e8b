//! `countersign policy lint`: what is wrong with a policy though it parses.

use std::{io::Write, path::PathBuf};

use ::policy::{
    PolicyKind, ResourcePolicyKind,
    lint::{self, Finding, Severity},
};
use clap::ValueEnum;

use super::file;
use crate::Failure;

/// Check policies for mistakes.
///
/// Fails when a finding is an error or a security warning.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  countersign policy lint access-policy.json
  countersign policy lint access-policy.json --format sarif > lint.sarif")]
pub(crate) struct LintArgs {
    /// The policy files.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// The kind of policy; by default derived from its elements.
    #[arg(long, value_enum)]
    kind: Option<file::FileKind>,
    /// How findings are printed.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    /// One line per finding.
    Text,
    /// An array of files and their findings.
    Json,
    /// SARIF 2.1.0, which code hosts show next to the lines.
    Sarif,
}

/// Prints the findings of every file.
pub(crate) fn run(args: &LintArgs, out: &mut impl Write) -> Result<(), Failure> {
    let mut checked: Vec<(String, Vec<Finding>)> = Vec::new();
    for path in &args.files {
        let text = super::read(path)?;
        let kind = args.kind.unwrap_or_else(|| file::told_by(&text)).policy_kind();
        let kind = if text.contains(":domain/") { of_domain(kind) } else { kind };
        checked.push((path.display().to_string(), lint::lint(&text, kind)));
    }
    match args.format {
        Format::Text => {
            for (path, findings) in &checked {
                write!(out, "{}", lint::text(path, findings))?;
            }
        }
        Format::Json => writeln!(out, "{:#}", lint::json(&checked))?,
        Format::Sarif => writeln!(out, "{:#}", lint::sarif(&checked))?,
    }
    let grave = |finding: &&Finding| finding.severity >= Severity::SecurityWarning;
    match checked.iter().flat_map(|(_, findings)| findings).filter(grave).count() {
        0 => Ok(()),
        1 => Err("1 finding is an error or a security warning".into()),
        count => Err(format!("{count} findings are errors or security warnings").into()),
    }
}

/// A resource policy that names a domain is that domain's access policy.
fn of_domain(kind: PolicyKind) -> PolicyKind {
    match kind {
        PolicyKind::Resource(_) => PolicyKind::Resource(ResourcePolicyKind::Domain),
        other => other,
    }
}
