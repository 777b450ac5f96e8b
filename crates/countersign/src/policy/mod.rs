//! `countersign policy …`: one file per subcommand.

mod diff;
mod file;
mod generate;
mod lint;
#[cfg(test)]
mod page;
mod simulate;
mod template;
mod who_can;

use std::{fs, io::Write, path::Path};

use clap::Subcommand;

use crate::Failure;

/// Check, simulate, compare and write policies.
#[derive(clap::Args)]
pub(crate) struct PolicyArgs {
    #[command(subcommand)]
    command: PolicyCommand,
}

#[derive(Subcommand)]
enum PolicyCommand {
    Diff(diff::DiffArgs),
    Generate(generate::GenerateArgs),
    Lint(lint::LintArgs),
    Simulate(simulate::SimulateArgs),
    Template(template::TemplateArgs),
    WhoCan(who_can::WhoCanArgs),
}

/// Runs the subcommand.
pub(crate) fn run(args: &PolicyArgs) -> Result<(), Failure> {
    run_into(args, &mut std::io::stdout().lock())
}

fn run_into(args: &PolicyArgs, out: &mut impl Write) -> Result<(), Failure> {
    match &args.command {
        PolicyCommand::Diff(args) => diff::run(args, out)?,
        PolicyCommand::Generate(args) => generate::run(args, out)?,
        PolicyCommand::Lint(args) => lint::run(args, out)?,
        PolicyCommand::Simulate(args) => simulate::run(args, out)?,
        PolicyCommand::Template(args) => template::run(args, out)?,
        PolicyCommand::WhoCan(args) => who_can::run(args, out)?,
    }
    Ok(out.flush()?)
}

/// Reads a file; the error names it.
fn read(path: &Path) -> Result<String, Failure> {
    fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()).into())
}
