//! SSH public keys of users: `UploadSSHPublicKey`, `GetSSHPublicKey`, `ListSSHPublicKeys`, `UpdateSSHPublicKey`,
//! `DeleteSSHPublicKey`. At Amazon they are for CodeCommit; there is none here. Texts of refusals are ours.

use serde_json::{Value, json};

use super::kept::{Kept, holder, listed, status};
use super::limit_exceeded;
use crate::change::Change;
use crate::err::{ApiError, ErrorCode};
use crate::limits::SSH_KEYS_PER_USER_MAX;
use crate::request::OperationRequest;
use crate::ssh_key::SshKey;
use crate::store::record::{KeptCredentials, SshPublicKey, User};

pub(crate) fn upload(
    request: &OperationRequest<'_>,
    change: &mut Change,
) -> Result<Value, ApiError> {
    let mut user = holder(request)?.record.clone();
    let body = request.text("SSHPublicKeyBody").unwrap_or_default().to_owned();
    let own = &user.kept.ssh_keys;
    if own.len() >= SSH_KEYS_PER_USER_MAX {
        return Err(limit_exceeded("SSHPublicKeysPerUser", SSH_KEYS_PER_USER_MAX));
    }
    let Some(key) = SshKey::read(&body) else {
        let text = "Public key is invalid: it must be a key of RSA with at least 2048 bits, as ssh-rsa or PEM.";
        return Err(ApiError::new(ErrorCode::InvalidPublicKey, text));
    };
    let fingerprint = key.fingerprint();
    if own.iter().any(|kept| kept.fingerprint == fingerprint) {
        let text = "The SSH public key is already associated with the user.";
        return Err(ApiError::new(ErrorCode::DuplicateSshPublicKey, text));
    }
    let uploaded = SshPublicKey {
        id: request.mint_id("APKA", 20)?,
        body,
        fingerprint,
        active: true,
        uploaded: request.now_seconds(),
    };
    let output = json!({"SSHPublicKey": shown(&user, &uploaded, uploaded.body.clone())});
    user.kept.ssh_keys.push(uploaded);
    change.put(user.into());
    Ok(output)
}

pub(crate) fn get(request: &OperationRequest<'_>, _change: &mut Change) -> Result<Value, ApiError> {
    let user = holder(request)?;
    let id = request.text(SshPublicKey::ID).unwrap_or_default();
    let kept = user
        .kept
        .ssh_keys
        .iter()
        .find(|kept| kept.id == id)
        .ok_or_else(|| SshPublicKey::no_such(id))?;
    let is_pem = kept.body.trim_start().starts_with("-----");
    let body = match (request.text("Encoding"), SshKey::read(&kept.body)) {
        (Some("PEM"), Some(key)) if !is_pem => key.pem(),
        (Some("SSH"), Some(key)) if is_pem => key.ssh(),
        _ => kept.body.clone(),
    };
    Ok(json!({"SSHPublicKey": shown(user, kept, body)}))
}

pub(crate) fn list(
    request: &OperationRequest<'_>,
    _change: &mut Change,
) -> Result<Value, ApiError> {
    listed(request, "SSHPublicKeys", |user| {
        let own = user.kept.ssh_keys.iter();
        own.map(|kept| (kept.id.clone(), metadata(user, kept))).collect()
    })
}

impl Kept for SshPublicKey {
    const ID: &'static str = "SSHPublicKeyId";

    fn all(kept: &mut KeptCredentials) -> &mut Vec<SshPublicKey> {
        &mut kept.ssh_keys
    }

    fn id(&self) -> &str {
        &self.id
    }

    fn set_active(&mut self, active: bool) {
        self.active = active;
    }

    fn no_such(id: &str) -> ApiError {
        let text = format!("The Public Key with id {id} cannot be found.");
        ApiError::new(ErrorCode::NoSuchEntity, text)
    }
}

fn metadata(user: &User, kept: &SshPublicKey) -> Value {
    json!({
        "UserName": user.name,
        "SSHPublicKeyId": kept.id,
        "Status": status(kept.active),
        "UploadDate": kept.uploaded,
    })
}

fn shown(user: &User, kept: &SshPublicKey, body: String) -> Value {
    let mut value = metadata(user, kept);
    if let Some(object) = value.as_object_mut() {
        object.insert("Fingerprint".to_owned(), json!(kept.fingerprint));
        object.insert("SSHPublicKeyBody".to_owned(), json!(body));
    }
    value
}
