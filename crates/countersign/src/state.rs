//! `countersign state`: what the owner of the host may do to the state of a service.

use std::fs::File;
use std::io::{BufReader, BufWriter, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use clap::Subcommand;

use crate::Failure;
use crate::progress::ProgressBar;
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
    /// Seal every secret of the state with a new key; sessions end. A service with a key of its own must be stopped. Where
    /// state.sealing_key_file names the key, the first call makes the new one, and the second uses it while the gateways run
    #[command(after_help = "Examples:
  countersign state rotate-key --config countersign.toml")]
    RotateKey(RotateKeyArgs),
    /// Write the state of these settings into a file, also while the service runs: identities, sessions, domains, policies. Secrets
    /// stay sealed, and indices stay where they are
    #[command(after_help = "Examples:
  countersign state export state.jsonl --config file.toml
  countersign state export - --config file.toml | countersign state import - --config postgres.toml")]
    Export(CopyArgs),
    /// Make an exported state the one of these settings, which must be empty: a data folder or a database on which no service was
    /// started. The sealing key must be the one of the settings that it was exported with
    #[command(after_help = "Examples:
  countersign state import state.jsonl --config postgres.toml")]
    Import(CopyArgs),
}

#[derive(clap::Args)]
struct RotateKeyArgs {
    #[command(flatten)]
    source: SettingsSource,
}

#[derive(clap::Args)]
struct CopyArgs {
    /// The file, made for its owner alone; - is standard output or input
    #[arg(value_name = "FILE")]
    file: PathBuf,
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
        StateCommand::Export(args) => export(args),
        StateCommand::Import(args) => import(args),
    }
}

/// Seals the state with a new key.
fn rotate_key(args: &RotateKeyArgs) -> Result<(), Failure> {
    let settings = args.source.read()?.settings;
    let rotated = server::rotate_sealing_key(&settings, server::Clock::System.now())?;
    let mut out = std::io::stdout().lock();
    match rotated {
        server::RotatedKey::Resealed(count) => {
            writeln!(out, "{count} secrets are sealed with a new key; sessions have ended")?;
        }
        server::RotatedKey::Prepared(file) => writeln!(
            out,
            "{} has a new key, and nothing is sealed with it yet: copy it to the same place on every gateway, then run this again",
            file.display()
        )?,
    }
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

fn export(args: &CopyArgs) -> Result<(), Failure> {
    let settings = args.source.read()?.settings;
    let now = server::Clock::System.now();
    let mut bar = ProgressBar::new("records");
    let mut show = |done, all| bar.show(done, all);
    if is_dash(&args.file) {
        let mut out = BufWriter::new(std::io::stdout().lock());
        server::export_state(&settings, &mut out, now, &mut show)?;
        return Ok(());
    }
    let failed = |error| format!("{}: {error}", args.file.display());
    // Whoever has it knows every policy, and with the sealing key every secret.
    let file = File::options().write(true).create_new(true).mode(0o600).open(&args.file);
    let mut out = BufWriter::new(file.map_err(failed)?);
    let done = server::export_state(&settings, &mut out, now, &mut show);
    let count = match done {
        Ok(count) => count,
        Err(error) => {
            // What is there is no state, and its name would be taken.
            let _ = std::fs::remove_file(&args.file);
            return Err(error.into());
        }
    };
    out.get_ref().sync_all().map_err(failed)?;
    drop(bar);
    writeln!(std::io::stdout(), "{count} records are in {}", args.file.display())?;
    Ok(())
}

fn import(args: &CopyArgs) -> Result<(), Failure> {
    let settings = args.source.read()?.settings;
    let now = server::Clock::System.now();
    let mut bar = ProgressBar::new("records");
    let mut show = |done, all| bar.show(done, all);
    let count = if is_dash(&args.file) {
        let mut input = std::io::stdin().lock();
        server::import_state(&settings, &mut input, now, &mut show)?
    } else {
        let file = File::open(&args.file);
        let file = file.map_err(|error| format!("{}: {error}", args.file.display()))?;
        server::import_state(&settings, &mut BufReader::new(file), now, &mut show)?
    };
    drop(bar);
    let place = match &settings.state.url {
        Some(url) => url.as_str().to_owned(),
        None => settings.data.unwrap_or_default().display().to_string(),
    };
    writeln!(std::io::stdout(), "{count} records are in {place}")?;
    Ok(())
}

fn is_dash(file: &Path) -> bool {
    file.as_os_str() == "-"
}
