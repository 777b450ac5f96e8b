//! `countersign config`: settings checked, shown and described, without starting anything.

use std::io::Write;

use clap::Subcommand;
use server::settings;

use crate::Failure;
use crate::serve::Source;

/// Check, show or describe the settings of `serve`.
#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Check the settings; print every fault on its own line and exit with a non-zero code
    #[command(after_help = "Examples:
  countersign config validate --config countersign.toml")]
    Validate(Source),
    /// Print every setting in force and where it comes from
    #[command(after_help = "Examples:
  countersign config show --config countersign.toml --set region=eu-west-1")]
    Show(Source),
    /// Print a JSON Schema of the file
    #[command(after_help = "Examples:
  countersign config schema > countersign.schema.json")]
    Schema,
}

/// Runs one of the three.
pub(crate) fn run(args: &Args) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    match &args.command {
        Command::Validate(source) => {
            source.read()?;
            writeln!(out, "the settings are valid")?;
        }
        Command::Show(source) => write!(out, "{}", source.read()?.show())?,
        Command::Schema => writeln!(out, "{:#}", settings::schema())?,
    }
    Ok(())
}
