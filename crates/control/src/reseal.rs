//! Another sealing key: every secret of the state is opened with the old one and sealed with the new one, in one change.

use jiff::Timestamp;

use crate::change::Change;
use crate::control::{Control, OpenError};
use crate::err::{ApiError, ErrorCode};
use crate::seal::{SEALING_KEY_BYTES, SealError, SealingKey};
use crate::sealed::{check_secrets, each_sealed};
use crate::store::port::ChangeLogEntry;
use crate::store::record::RecordKind;

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

fn internal(error: SealError) -> ApiError {
    ApiError::new(ErrorCode::Internal, error.to_string())
}
