//! What a service is started with.

use crate::guards::limits;
use crate::settings::Settings;

/// What a service is started with.
#[derive(Clone, Debug)]
pub struct StartOptions {
    /// What the operator chose. Without a data folder the state goes with the process.
    pub settings: Settings,
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
        Self { settings, bare: true, everyday: false, times: limits::TimeLimits::default() }
    }

    /// A service on a laptop (`dev`): a key for everyday work and, unless it is bare, a domain to work with.
    #[must_use]
    pub fn laptop(settings: Settings, bare: bool) -> Self {
        Self { settings, bare, everyday: true, times: limits::TimeLimits::default() }
    }
}

/// A root key that the operator chose (`COUNTERSIGN_ROOT_ACCESS_KEY_ID`, `…_SECRET_ACCESS_KEY`).
pub struct RootKey {
    /// `AKIA…`.
    pub access_key_id: String,
    /// Its secret.
    pub secret: sigv4::SecretKey,
}
