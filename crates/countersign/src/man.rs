//! `countersign man`: the manual page, made from the same table as `--help`.

use clap::CommandFactory;

use crate::{Cli, Failure};

/// Print the manual page (roff): `countersign man | man -l -`.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  countersign man | man -l -
  countersign man serve > countersign-serve.1")]
pub(crate) struct ManArgs {
    /// The page of a subcommand instead of the whole command's.
    subcommand: Option<String>,
}

/// Writes the page to standard output.
pub(crate) fn run(args: &ManArgs) -> Result<(), Failure> {
    let mut command = Cli::command();
    command.build();
    if let Some(name) = &args.subcommand {
        let known = command.find_subcommand(name).cloned();
        command = known.ok_or_else(|| format!("unknown subcommand '{name}'"))?;
    }
    clap_mangen::Man::new(command).render(&mut std::io::stdout())?;
    Ok(())
}
