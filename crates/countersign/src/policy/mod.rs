//! `countersign policy …`: one file per subcommand.

mod diff;
mod file;
mod generate;
mod lint;
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
    let mut out = std::io::stdout().lock();
    match &args.command {
        Command::Diff(args) => diff::run(args, &mut out)?,
        Command::Generate(args) => generate::run(args, &mut out)?,
        Command::Lint(args) => lint::run(args, &mut out)?,
        Command::Simulate(args) => simulate::run(args, &mut out)?,
        Command::Template(args) => template::run(args, &mut out)?,
        Command::WhoCan(args) => who_can::run(args, &mut out)?,
    }
    Ok(out.flush()?)
}

/// Reads a file; the error names it.
fn read(path: &Path) -> Result<String, Failure> {
    fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()).into())
}
