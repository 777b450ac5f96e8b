//! Another sealing key: every secret of the state is opened with the old one and sealed with the new one, in one change.

use jiff::Timestamp;

use crate::change::Change;
use crate::control::{Control, OpenError};
use crate::directory::snapshot::{Directory, DirectoryError};
use crate::err::{ApiError, ErrorCode};
use crate::seal::{SEALING_KEY_BYTES, SealError, SealingKey};
use crate::store::port::ChangeLogEntry;
use crate::store::record::{Record, RecordKind};

impl Control {
    /// Seals every secret with `key`; how many there were. This control plane ends: its own key opens nothing of the store any
    /// more. Sessions end too, because what clients hold of them was sealed with the old key.
    ///
    /// # Errors
    /// `Internal` when a secret cannot be opened or sealed; `Unavailable` when the store refuses. Nothing is changed then.
    pub fn reseal(self, key: [u8; SEALING_KEY_BYTES], now: Timestamp) -> Result<usize, ApiError> {
        let fresh = SealingKey::new(key).map_err(internal)?;
        let directory = self.directory();
        let (mut change, mut count) = (Change::default(), 0);
        for account in directory.accounts() {
            for mut record in directory.records_of(&account.id) {
                let before = count;
                each_sealed(&mut record, &mut |name, sealed| {
                    count += 1;
                    *sealed = fresh.seal(name, &directory.sealing_key().open(name, sealed)?)?;
                    Ok(())
                })
                .map_err(internal)?;
                if count > before {
                    change.put(record);
                }
            }
        }
        for session in directory.sessions().values() {
            change.delete(RecordKind::Session, session.entry.access_key_id.clone());
        }
        let entry = ChangeLogEntry {
            at: now.as_second(),
            operation: "reseal",
            caller: "countersign",
            request_id: "",
        };
        let committed = self.lock().commit_if_at(directory.version(), &change, &entry);
        committed.map_err(|error| ApiError::new(ErrorCode::Unavailable, error.to_string()))?;
        Ok(count)
    }

    /// Whether the sealing key opens every secret of the state. To open a state it is enough that it opens those of access keys.
    ///
    /// # Errors
    /// [`OpenError::Directory`] names the first record that it does not open.
    pub fn check_secrets(&self) -> Result<(), OpenError> {
        check_secrets(&self.directory()).map_err(OpenError::Directory)
    }
}

/// As [`Control::check_secrets`], of a snapshot.
pub(crate) fn check_secrets(directory: &Directory) -> Result<(), DirectoryError> {
    for account in directory.accounts() {
        for mut record in directory.records_of(&account.id) {
            let opened = each_sealed(&mut record, &mut |name, sealed| {
                directory.sealing_key().open(name, sealed).map(drop)
            });
            opened.map_err(|error| DirectoryError {
                record: format!("{} {}", record.kind().name(), record.key()),
                why: format!("its secret cannot be unsealed: {error}"),
            })?;
        }
    }
    Ok(())
}

/// Hands each sealed text of a record to `take`, with the name that it is sealed for.
fn each_sealed(
    record: &mut Record,
    take: &mut impl FnMut(&str, &mut String) -> Result<(), SealError>,
) -> Result<(), SealError> {
    match record {
        Record::AccessKey(it) => take(&it.id, &mut it.sealed_secret),
        Record::MfaDevice(it) => take(&it.serial, &mut it.sealed_seed),
        Record::ServerCertificate(it) => take(&it.id, &mut it.sealed_key),
        Record::User(it) => {
            let Some(profile) = &mut it.login_profile else { return Ok(()) };
            take(&it.id, &mut profile.sealed_hash)?;
            profile.earlier.iter_mut().try_for_each(|earlier| take(&it.id, earlier))
        }
        Record::Domain(it) => it.security.as_mut().map_or(Ok(()), |it| it.each_sealed(take)),
        // Sessions are not resealed: they end.
        Record::Session(_)
        | Record::Account(_)
        | Record::Group(_)
        | Record::Role(_)
        | Record::ManagedPolicy(_)
        | Record::InstanceProfile(_)
        | Record::OidcProvider(_)
        | Record::SamlProvider(_)
        | Record::PrincipalUses(_)
        | Record::Package(_)
        | Record::VpcEndpoint(_) => Ok(()),
    }
}

fn internal(error: SealError) -> ApiError {
    ApiError::new(ErrorCode::Internal, error.to_string())
}
