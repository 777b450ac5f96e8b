//! Reading settings. What wins: `--set NAME=VALUE`, then the environment variable, then the file, then the default.

use std::collections::BTreeMap;
use std::path::Path;

use super::file::{File, missing, unknown};
use super::{SettingRow, Settings, TABLE, VARIABLE_PREFIX, ValueForm};

/// Variables that begin as those of settings do and are none: `serve` and `dev` read the first ones themselves, the others
/// are for clients, and for the programs that start a service.
const OTHER_VARIABLES: &[&str] = &[
    "LOG",
    "ROOT_ACCESS_KEY_ID",
    "ROOT_ACCESS_KEY_ID_FILE",
    "ROOT_SECRET_ACCESS_KEY",
    "ROOT_SECRET_ACCESS_KEY_FILE",
    "ADMIN",
    "ENDPOINT",
    "BINARY",
];

/// Why settings cannot be used: all faults at once, one a line.
#[derive(Debug)]
pub struct SettingsError(Vec<String>);

impl SettingsError {
    /// These faults, if there are some.
    pub(crate) fn of(faults: Vec<String>) -> Result<(), Self> {
        if faults.is_empty() { Ok(()) } else { Err(Self(faults)) }
    }
}

impl std::fmt::Display for SettingsError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0.join("\n"))
    }
}

impl std::error::Error for SettingsError {}

/// Where a value comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SettingSource {
    /// Nobody said anything.
    Default,
    /// The file.
    File,
    /// The environment variable.
    Environment,
    /// `--set`.
    CommandLine,
}

/// The settings in force, and where each comes from.
#[derive(Debug)]
pub struct EffectiveSettings {
    /// Checked.
    pub settings: Settings,
    /// By name.
    pub(super) sources: BTreeMap<&'static str, SettingSource>,
    places: BTreeMap<&'static str, String>,
}

impl EffectiveSettings {
    /// Reads settings: `file` is a name for messages and the TOML text; `environment` is every variable that there is;
    /// `set` holds the `NAME=VALUE`s of the command line.
    ///
    /// # Errors
    /// Every fault: a name that is no setting's, in all three; a value that is not of the setting's kind; a setting that
    /// must be set and is not.
    ///
    /// ```
    /// use server::EffectiveSettings;
    /// let nothing = std::collections::BTreeMap::new();
    /// let line = ["data=books".to_owned(), "control.listen=127.0.0.1:9443".to_owned()];
    /// let read = EffectiveSettings::read(None, &nothing, &line).unwrap();
    /// assert_eq!(read.settings.control.listen, "127.0.0.1:9443");
    /// let faults = EffectiveSettings::read(None, &nothing, &["dota=books".to_owned()]).unwrap_err();
    /// assert!(faults.to_string().contains("dota"));
    /// ```
    pub fn read(
        file: Option<(&Path, &str)>,
        environment: &BTreeMap<String, String>,
        set: &[String],
    ) -> Result<Self, SettingsError> {
        let file = file.map(|(path, text)| File::read(path, text)).transpose();
        let file = file.map_err(|fault| SettingsError(vec![fault]))?;
        let mut faults: Vec<String> = set
            .iter()
            .filter(|pair| !pair.contains('='))
            .map(|pair| format!("--set {pair}: expected NAME=VALUE"))
            .collect();
        let given = GivenSetting {
            file,
            environment,
            line: set.iter().map(|pair| pair.split_once('=').unwrap_or((pair, ""))).collect(),
        };
        faults.extend(given.unknown());
        let mut settings = Settings::default();
        let (mut sources, mut places) = (BTreeMap::new(), BTreeMap::new());
        for row in TABLE {
            let Some((text, source)) = given.value(row) else {
                if row.is_required() {
                    faults.push(missing(row, given.file.as_ref()));
                }
                sources.insert(row.name, SettingSource::Default);
                continue;
            };
            let (place, name) = (given.place(row, source), row.name);
            if let Err(expected) = (row.set)(&mut settings, text) {
                let got = match row.form {
                    ValueForm::Unspoken => "another value, which is not repeated here".to_owned(),
                    _ => format!("'{text}'"),
                };
                faults.push(format!("{place}: {name}: expected {expected}, got {got}"));
            }
            places.insert(name, place);
            sources.insert(row.name, source);
        }
        if settings.tls.certificate.is_some() != settings.tls.key.is_some() {
            faults.push("tls.certificate and tls.key go together".to_owned());
        }
        if !settings.logs.groups.is_empty() && settings.logs.folder.is_none() {
            faults.push("logs.groups needs logs.folder".to_owned());
        }
        if settings.state.url.is_some() && settings.state.sealing_key_file.is_none() {
            faults.push(
                "state.url needs state.sealing_key_file, the same key on every gateway".to_owned(),
            );
        }
        SettingsError::of(faults)?;
        Ok(Self { settings, sources, places })
    }

    /// Where a setting was said: `countersign.toml:3`, a variable, `--set`.
    pub(crate) fn place(&self, name: &str) -> &str {
        self.places.get(name).map_or("default", String::as_str)
    }
}

/// What was said, and where.
struct GivenSetting<'a> {
    file: Option<File>,
    environment: &'a BTreeMap<String, String>,
    line: BTreeMap<&'a str, &'a str>,
}

impl GivenSetting<'_> {
    /// The value of a setting that counts.
    fn value(&self, row: &SettingRow) -> Option<(&str, SettingSource)> {
        let line = self.line.get(row.name).map(|text| (*text, SettingSource::CommandLine));
        let variable = || {
            let text = self.environment.get(&row.variable())?;
            Some((text.as_str(), SettingSource::Environment))
        };
        let file = || Some((self.file.as_ref()?.get(row.name)?, SettingSource::File));
        line.or_else(variable).or_else(file)
    }

    /// Where it was said.
    fn place(&self, row: &SettingRow, source: SettingSource) -> String {
        match source {
            SettingSource::CommandLine => "--set".to_owned(),
            SettingSource::Environment => row.variable(),
            SettingSource::File => {
                self.file.as_ref().map_or_else(String::new, |file| file.place(row.name))
            }
            SettingSource::Default => "default".to_owned(),
        }
    }

    /// A fault for each name that is no setting's.
    fn unknown(&self) -> Vec<String> {
        let is_setting = |name: &str| TABLE.iter().any(|row| row.name == name);
        let in_file = self.file.iter().flat_map(File::names);
        let in_line = self.line.keys().map(|name| (*name, "--set".to_owned()));
        let names = in_file.chain(in_line).filter(|(name, _)| !is_setting(name));
        let names = names.map(|(name, place)| format!("{place}: {}", unknown(name)));
        let variables = self.environment.iter().filter(|(name, value)| {
            let is_setting = TABLE.iter().any(|row| row.variable() == **name);
            !is_setting && is_ours(name, value)
        });
        names.chain(variables.map(|(name, _)| super::file::unknown_variable(name))).collect()
    }
}

/// Whether a variable can only be meant for a setting. Kubernetes puts its own variables of a service called
/// `countersign` into every container: `COUNTERSIGN_PORT=tcp://…`, `COUNTERSIGN_SERVICE_HOST`.
fn is_ours(name: &str, value: &str) -> bool {
    let Some(rest) = name.strip_prefix(VARIABLE_PREFIX) else { return false };
    let kubernetes = rest.contains("SERVICE_HOST")
        || rest.contains("SERVICE_PORT")
        || rest.contains("_TCP_")
        || rest.contains("_UDP_")
        || value.contains("://");
    !kubernetes && !OTHER_VARIABLES.contains(&rest)
}
