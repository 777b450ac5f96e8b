//! Settings that are read again while the service runs.

use std::sync::Arc;

use crate::audit::{AuditEntry, AuditRecord};
use crate::service::backends::ChosenSettings;
use crate::service::first_start::root_of;
use crate::service::own_certificate;
use crate::service::start::{Service, StartError, control_settings};
use crate::settings::{EffectiveSettings, RereadSettings, Settings};
use crate::transport::certificates;
use crate::walk::authorize::permit::{Permit, Reason};

/// What became of settings that were read again.
#[derive(Debug, Default)]
pub struct RereadOutcome {
    /// What is another from now on, by name.
    pub changed: Vec<&'static str>,
    /// What is another in the file and waits for the next start.
    pub waiting: Vec<&'static str>,
}

impl std::fmt::Display for RereadOutcome {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let list =
            |names: &[&str]| if names.is_empty() { "nothing".to_owned() } else { names.join(", ") };
        write!(f, "settings read again: in force from now on: {}", list(&self.changed))?;
        if !self.waiting.is_empty() {
            write!(f, "; at the next start: {}", list(&self.waiting))?;
        }
        Ok(())
    }
}

impl Service {
    /// Takes what a running service takes of settings that were read again, and notes where they were read.
    ///
    /// # Errors
    /// As [`Service::reread`].
    pub fn reread_from(&self, fresh: &EffectiveSettings) -> Result<RereadOutcome, StartError> {
        let outcome = self.reread(&fresh.settings)?;
        let origins = self.state.origins.load().reread(fresh);
        self.state.origins.store(Arc::new(origins));
        Ok(outcome)
    }

    /// Takes from `fresh` what a running service takes, and reads the files again that settings name: policies, the
    /// certificate. Blocks on the disk.
    ///
    /// # Errors
    /// The file that cannot be used, or the store's refusal. Policies and the certificate are looked at before anything is
    /// changed.
    pub fn reread(&self, fresh: &Settings) -> Result<RereadOutcome, StartError> {
        let state = &self.state;
        let RereadSettings { settings, changed, waiting } = state.settings().reread(fresh);
        let certificates = certificates::read(&settings.acm.certificates)?;
        let chosen = control_settings(&settings, &certificates, state.gateway.clone())?;
        let mut certified = own_certificate::turn(state);
        let regions = own_certificate::still_used(state, &certified);
        let own = own_certificate::make(&state.folder, &settings, &regions, state.clock)?;

        let now = state.clock.now();
        let mut entry =
            AuditEntry::begin(&state.audit, AuditRecord::of_service(now, "SetSettings"));
        changed.iter().for_each(|name| entry.resource(*name));
        let permit = Permit::for_service(Reason::Settings, &mut entry, ChosenSettings(chosen));
        let set = state.control.set_settings(permit, now);
        entry.ended(&set);
        drop(entry);
        set.map_err(|error| match error {
            control::OpenError::Policy { setting, why } => StartError::Policies(setting, why),
            error => StartError::State(self.folder.path("state.db"), error.to_string()),
        })?;
        self.folder.write_bundle(&own.trusted_pem)?;
        state.tls.show(own.certificate);
        state.endpoint_certificates.show(certificates);
        let accounts = settings.accounts.clone();
        state.set_settings(settings);
        *certified = regions;
        drop(certified);
        for account in std::iter::once(&accounts.first).chain(&accounts.others) {
            if state.control.directory().account(account).is_none() {
                let key = root_of(state, &self.folder, &accounts, account, Reason::Settings, None)?;
                self.write_root(&accounts, account, &key)?;
            }
        }
        Ok(RereadOutcome { changed, waiting })
    }
}
