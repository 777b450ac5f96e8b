//! Which texts of records are sealed.

use crate::directory::snapshot::{Directory, DirectoryError};
use crate::seal::SealError;
use crate::store::record::Record;

/// Whether the sealing key of a snapshot opens every secret in it.
///
/// # Errors
/// The first record that it does not open.
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
pub(crate) fn each_sealed(
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
