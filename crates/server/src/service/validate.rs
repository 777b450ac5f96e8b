//! What settings name on the disk, looked at without starting anything.

use crate::clusters;
use crate::service::organization;
use crate::settings::{EffectiveSettings, SettingsError};
use crate::transport::{certificates, tls};

/// Reads the certificate and the policies that settings name.
///
/// # Errors
/// Every file that cannot be used, with the place of the setting that names it.
pub fn validate(effective: &EffectiveSettings) -> Result<(), SettingsError> {
    let settings = &effective.settings;
    let mut faults = Vec::new();
    let mut fault = |name: &str, why: String| {
        faults.push(format!("{}: {name}: {why}", effective.place(name)));
    };
    if let Some((chain, key)) = settings.tls.files()
        && let Err(error) = tls::from_files(chain, key)
    {
        let name = if error.path() == Some(key) { "tls.key" } else { "tls.certificate" };
        fault(name, error.to_string());
    }
    if let Err(error) = certificates::read(&settings.acm.certificates) {
        fault("acm.certificates", error.to_string());
    }
    for (name, pool) in &settings.pools {
        if let Err(why) = clusters::check_pool(pool) {
            fault("pools", format!("{name}: {why}"));
        }
    }
    match organization::read(&settings.service_control_policies) {
        Ok(all) => all.values().flatten().flatten().for_each(|policy| {
            if let Err(why) = policy.check() {
                fault("service_control_policies", why);
            }
        }),
        Err(why) => fault("service_control_policies", why),
    }
    SettingsError::of(faults)
}
