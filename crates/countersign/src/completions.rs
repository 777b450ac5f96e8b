//! `countersign completions SHELL`: what a shell needs to complete our command lines.

use clap::CommandFactory;
use clap_complete::Shell;

use crate::{Cli, Failure};

/// Print a completion script for a shell.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Which shell.
    shell: Shell,
}

/// Writes the script to standard output.
pub(crate) fn run(args: &Args) -> Result<(), Failure> {
    clap_complete::generate(args.shell, &mut Cli::command(), "countersign", &mut std::io::stdout());
    Ok(())
}
