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
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Diff(diff::Args),
    Generate(generate::Args),
    Lint(lint::Args),
    Simulate(simulate::Args),
    Template(template::Args),
    WhoCan(who_can::Args),
}

/// Runs the subcommand.
pub(crate) fn run(args: &Args) -> Result<(), Failure> {
    run_into(args, &mut std::io::stdout().lock())
}

fn run_into(args: &Args, out: &mut impl Write) -> Result<(), Failure> {
    match &args.command {
        Command::Diff(args) => diff::run(args, out)?,
        Command::Generate(args) => generate::run(args, out)?,
        Command::Lint(args) => lint::run(args, out)?,
        Command::Simulate(args) => simulate::run(args, out)?,
        Command::Template(args) => template::run(args, out)?,
        Command::WhoCan(args) => who_can::run(args, out)?,
    }
    Ok(out.flush()?)
}

/// Reads a file; the error names it.
fn read(path: &Path) -> Result<String, Failure> {
    fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()).into())
}
