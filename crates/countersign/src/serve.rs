//! `countersign serve`: the service as an operator runs it, from a configuration file.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::PathBuf;

use server::{EffectiveSettings, Service, StartOptions};
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::{Failure, notify, running};

const EXAMPLES: &str = "Examples:
  countersign serve --config countersign.toml
  countersign serve --set data=/var/lib/countersign --set public_name=search.example.org";

/// Run the service from a configuration file.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES, after_long_help = format!("{EXAMPLES}\n\n{}", server::settings_help()))]
pub(crate) struct ServeArgs {
    #[command(flatten)]
    pub(crate) source: SettingsSource,
    /// Print one JSON object when ready, for scripts
    #[arg(long)]
    json: bool,
}

/// Where settings come from.
#[derive(clap::Args)]
pub(crate) struct SettingsSource {
    /// The configuration file (TOML); without it the environment and --set must give what is required
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// One setting; wins over the file and the environment
    #[arg(long, value_name = "NAME=VALUE")]
    set: Vec<String>,
}

impl SettingsSource {
    /// Reads and checks every setting.
    pub(crate) fn read(&self) -> Result<EffectiveSettings, Failure> {
        let text = match &self.config {
            Some(path) => {
                let text = std::fs::read_to_string(path);
                Some(text.map_err(|error| format!("{}: {error}", path.display()))?)
            }
            None => None,
        };
        let file = self.config.as_deref().zip(text.as_deref());
        Ok(EffectiveSettings::read(file, &variables()?, &self.set)?)
    }
}

/// The variables that may be meant for settings. `NAME_FILE` names a file with the value of a setting's `NAME`.
fn variables() -> Result<BTreeMap<String, String>, Failure> {
    let all =
        std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value)));
    let ours = all.filter(|(name, _)| name.starts_with(server::VARIABLE_PREFIX));
    let mut variables = BTreeMap::new();
    for (name, value) in ours {
        let Ok(value) = value.into_string() else {
            return Err(format!("{name}: its value is not UTF-8").into());
        };
        let of_a_setting =
            |name: &&str| server::SETTINGS_TABLE.iter().any(|row| row.variable() == **name);
        match name.strip_suffix("_FILE").filter(of_a_setting) {
            Some(setting) if std::env::var_os(setting).is_some() => {
                return Err(format!("{setting} and {name}: only one of them may be set").into());
            }
            Some(setting) => {
                let text = std::fs::read_to_string(&value);
                let text = text.map_err(|error| format!("{name}: {value}: {error}"))?;
                variables.insert(setting.to_owned(), text.trim().to_owned());
            }
            None => drop(variables.insert(name, value)),
        }
    }
    Ok(variables)
}

/// Reads the settings again at every SIGHUP. What is wrong with them, or what became of them, is on standard error.
async fn reread(source: &SettingsSource, mut hangups: Signal, service: &Service) {
    while hangups.recv().await.is_some() {
        notify::tell(notify::RELOADING);
        // On a thread that may wait for the disk: what else runs goes on.
        let outcome = tokio::task::block_in_place(|| -> Result<server::RereadOutcome, Failure> {
            Ok(service.reread_from(&source.read()?)?)
        });
        let told = match outcome {
            Ok(outcome) => outcome.to_string(),
            Err(failure) => {
                format!("settings not read again, the old ones stay in force:\n{failure}")
            }
        };
        // Standard error may be gone.
        let _ = writeln!(std::io::stderr(), "countersign: {told}");
        notify::tell(notify::READY);
    }
}

/// Serves until told to stop. When everything listens, the last line on standard output is `ready`.
pub(crate) fn run(args: &ServeArgs) -> Result<(), Failure> {
    let options = StartOptions::effective(args.source.read()?);
    running::block_on(async {
        // Heard from the first moment on: by default the signal would end the process.
        let hangups = signal(SignalKind::hangup())?;
        let announce = |service: &Service| {
            let mut out = std::io::stdout().lock();
            if args.json {
                writeln!(out, "{}", running::ready(service))?;
            } else {
                let (control, admin) = (&service.control_url, &service.admin_url);
                writeln!(out, "control {control}\nadmin {admin}")?;
                if let Some(url) = &service.workloads_url {
                    writeln!(out, "workloads {url}")?;
                }
                for (name, url) in service.domains() {
                    writeln!(out, "domain {name} {url}")?;
                }
                writeln!(out, "ready")?;
            }
            out.flush()?;
            Ok(())
        };
        let meanwhile = async |service: &Service| reread(&args.source, hangups, service).await;
        running::run(&options, async |service: &Service| announce(service), meanwhile).await
    })
}
