//! `countersign state`: what the owner of the host may do to the state of a service.

use std::io::Write;

use clap::Subcommand;

use crate::Failure;
use crate::serve::SettingsSource;

/// What the owner of the host may do to the state of a service.
#[derive(clap::Args)]
pub(crate) struct StateArgs {
    #[command(subcommand)]
    command: StateCommand,
}

#[derive(Subcommand)]
enum StateCommand {
    /// Give an account's root a new key in place of all that it has, also while the service runs; prints the file that it is in
    #[command(after_help = "Examples:
  countersign state recover --config countersign.toml
  countersign state recover --config countersign.toml --account 222222222222")]
    Recover(RecoverArgs),
    /// Seal every secret of the state with a new key; the service must be stopped, and sessions end
    #[command(after_help = "Examples:
  countersign state rotate-key --config countersign.toml")]
    RotateKey(RotateKeyArgs),
}

#[derive(clap::Args)]
struct RotateKeyArgs {
    #[command(flatten)]
    source: SettingsSource,
}

#[derive(clap::Args)]
struct RecoverArgs {
    /// The account; without it the first one of the settings
    #[arg(long, value_name = "ID", value_parser = crate::account::account_id)]
    account: Option<String>,
    #[command(flatten)]
    source: SettingsSource,
}

/// Does what was asked for.
pub(crate) fn run(args: &StateArgs) -> Result<(), Failure> {
    crate::process::shut()?;
    match &args.command {
        StateCommand::Recover(args) => recover(args),
        StateCommand::RotateKey(args) => rotate_key(args),
    }
}

/// Seals the state with a new key.
fn rotate_key(args: &RotateKeyArgs) -> Result<(), Failure> {
    let settings = args.source.read()?.settings;
    let count = server::rotate_sealing_key(&settings, server::Clock::System.now())?;
    let mut out = std::io::stdout().lock();
    writeln!(out, "{count} secrets are sealed with a new key; sessions have ended")?;
    Ok(())
}

/// Makes a new root key.
fn recover(args: &RecoverArgs) -> Result<(), Failure> {
    let RecoverArgs { account, source } = args;
    let settings = source.read()?.settings;
    let account = account.as_ref().unwrap_or(&settings.accounts.first);
    let file = server::recover_root(&settings, account, server::Clock::System.now())?;
    let mut out = std::io::stdout().lock();
    writeln!(
        out,
        "account {account}: its new root key is in {}; the old ones are no longer valid",
        file.display()
    )?;
    Ok(())
}
