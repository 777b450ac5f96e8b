//! `countersign config`: settings checked, shown and described, without starting anything.

use std::io::Write;

use clap::Subcommand;

use crate::Failure;
use crate::serve::SettingsSource;

/// Check, show or describe the settings of `serve`.
#[derive(clap::Args)]
pub(crate) struct ConfigArgs {
    #[command(subcommand)]
    command: ConfigCommand,
}

#[derive(Subcommand)]
enum ConfigCommand {
    /// Check the settings and the files that they name; print every fault on its own line, with file and line, and exit with a
    /// non-zero code
    #[command(after_help = "Examples:
  countersign config validate --config countersign.toml")]
    Validate(SettingsSource),
    /// Print every setting in force and where it comes from
    #[command(after_help = "Examples:
  countersign config show --config countersign.toml --set region=eu-west-1")]
    Show(SettingsSource),
    /// Print a JSON Schema of the file
    #[command(after_help = "Examples:
  countersign config schema > countersign.schema.json")]
    Schema,
}

/// Runs one of the three.
pub(crate) fn run(args: &ConfigArgs) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    match &args.command {
        ConfigCommand::Validate(source) => {
            server::validate_settings(&source.read()?)?;
            writeln!(out, "the settings are valid")?;
        }
        ConfigCommand::Show(source) => write!(out, "{}", source.read()?.show())?,
        ConfigCommand::Schema => writeln!(out, "{:#}", server::settings_schema())?,
    }
    Ok(())
}
