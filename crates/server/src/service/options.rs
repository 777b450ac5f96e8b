//! What a service is started with.

use crate::guards::limits;
use crate::settings::{EffectiveSettings, SettingOrigins, Settings};

/// What a service is started with.
#[derive(Clone, Debug)]
pub struct StartOptions {
    /// What the operator chose. Without a data folder the state goes with the process.
    pub settings: Settings,
    /// Where they come from.
    pub origins: SettingOrigins,
    /// Make the accounts and their root keys only.
    pub bare: bool,
    /// Whether `env` is written: the key for everyday work.
    pub everyday: bool,
    /// How long connections are waited for. No setting: only tests are in a hurry.
    pub times: limits::TimeLimits,
}

impl StartOptions {
    /// A service that others reach (`serve`): root keys, and what its operator makes.
    #[must_use]
    pub fn server(settings: Settings) -> Self {
        let origins = SettingOrigins::set_by("program");
        let times = limits::TimeLimits::default();
        Self { settings, origins, bare: true, everyday: false, times }
    }

    /// The same of settings that were read.
    #[must_use]
    pub fn effective(read: EffectiveSettings) -> Self {
        let origins = SettingOrigins::of(&read);
        Self { origins, ..Self::server(read.settings) }
    }

    /// A service on a laptop (`dev`): a key for everyday work and, unless it is bare, a domain to work with.
    #[must_use]
    pub fn laptop(settings: Settings, bare: bool) -> Self {
        let origins = SettingOrigins::set_by("countersign dev");
        let times = limits::TimeLimits::default();
        Self { settings, origins, bare, everyday: true, times }
    }
}

/// A root key that the operator chose (`COUNTERSIGN_ROOT_ACCESS_KEY_ID`, `…_SECRET_ACCESS_KEY`).
pub struct RootKey {
    /// `AKIA…`.
    pub access_key_id: String,
    /// Its secret.
    pub secret: sigv4::SecretKey,
}
