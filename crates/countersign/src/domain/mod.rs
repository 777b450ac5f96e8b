//! `countersign domain …`: what moves a domain from one place to another.

mod amazon;
mod control_plane;
mod import;
mod migrate;

use clap::Subcommand;

use crate::Failure;

/// Move a domain to a cluster, or bring one here from Amazon.
#[derive(clap::Args)]
pub(crate) struct DomainArgs {
    #[command(subcommand)]
    command: DomainCommand,
}

#[derive(Subcommand)]
enum DomainCommand {
    Migrate(migrate::MigrateArgs),
    Import(import::ImportArgs),
}

/// Does what was asked for.
pub(crate) fn run(args: &DomainArgs) -> Result<(), Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    match &args.command {
        DomainCommand::Migrate(args) => runtime.block_on(migrate::run(args)),
        DomainCommand::Import(args) => runtime.block_on(import::run(args)),
    }
}
