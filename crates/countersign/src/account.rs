//! `countersign account`: accounts beside those of the settings.

use std::io::Write;

use clap::Subcommand;

use crate::Failure;
use crate::serve::SettingsSource;

/// Accounts beside those of the settings.
#[derive(clap::Args)]
pub(crate) struct AccountArgs {
    #[command(subcommand)]
    command: AccountCommand,
}

#[derive(Subcommand)]
enum AccountCommand {
    /// Make an account with its root key, also while the service runs; prints the file that the key is in
    #[command(after_help = "Examples:
  countersign account create 222222222222 --config countersign.toml")]
    Create(CreateArgs),
}

#[derive(clap::Args)]
struct CreateArgs {
    /// Twelve digits
    #[arg(value_name = "ID", value_parser = account_id)]
    id: String,
    #[command(flatten)]
    source: SettingsSource,
}

/// Makes an account.
pub(crate) fn run(args: &AccountArgs) -> Result<(), Failure> {
    let AccountCommand::Create(CreateArgs { id, source }) = &args.command;
    crate::process::shut()?;
    let now = server::Clock::System.now();
    let file = server::create_account(&source.read()?.settings, id, now)?;
    let mut out = std::io::stdout().lock();
    writeln!(out, "account {id}: its root key is in {}", file.display())?;
    Ok(())
}

/// Reads an account's number.
pub(crate) fn account_id(text: &str) -> Result<String, String> {
    let digits = text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit());
    if digits { Ok(text.to_owned()) } else { Err("an account is twelve digits".into()) }
}
