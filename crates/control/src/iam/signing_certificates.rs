//! Signing certificates of users: `UploadSigningCertificate`, `ListSigningCertificates`, `UpdateSigningCertificate`,
//! `DeleteSigningCertificate`. No service here takes a signature made with one. Texts of refusals are those of moto 5.2.5's
//! `test_iam_signing_certificates.py`, which was run against Amazon; that of a malformed and of a second one are ours.

use serde_json::{Value, json};

use super::kept::{Kept, holder, listed, status};
use super::limit_exceeded;
use crate::certificates::certificate;
use crate::change::Change;
use crate::err::{ApiError, ErrorCode};
use crate::limits::SIGNING_CERTIFICATES_PER_USER_MAX;
use crate::request::OperationRequest;
use crate::store::record::{KeptCredentials, SigningCertificate, User};

pub(crate) fn upload(
    request: &OperationRequest<'_>,
    change: &mut Change,
) -> Result<Value, ApiError> {
    let mut user = holder(request)?.record.clone();
    let body = request.text("CertificateBody").unwrap_or_default().to_owned();
    let own = &user.kept.signing_certificates;
    // Amazon counts before it looks: moto's test of it is marked as run against Amazon.
    if own.len() >= SIGNING_CERTIFICATES_PER_USER_MAX {
        return Err(limit_exceeded("CertificatesPerUser", SIGNING_CERTIFICATES_PER_USER_MAX));
    }
    let Some(read) = certificate(&body) else {
        let text = "Certificate is malformed: it must be one PEM certificate.";
        return Err(ApiError::new(ErrorCode::MalformedCertificate, text));
    };
    let same = |other: &SigningCertificate| {
        certificate(&other.body).is_some_and(|other| other.der == read.der)
    };
    if own.iter().any(same) {
        let text = "The certificate is already associated with the user.";
        return Err(ApiError::new(ErrorCode::DuplicateCertificate, text));
    }
    let uploaded = SigningCertificate {
        id: request.mint_id("", 32)?,
        body,
        active: true,
        uploaded: request.now_seconds(),
    };
    let output = json!({"Certificate": shown(&user, &uploaded)});
    user.kept.signing_certificates.push(uploaded);
    change.put(user.into());
    Ok(output)
}

pub(crate) fn list(
    request: &OperationRequest<'_>,
    _change: &mut Change,
) -> Result<Value, ApiError> {
    listed(request, "Certificates", |user| {
        let own = user.kept.signing_certificates.iter();
        own.map(|kept| (kept.id.clone(), shown(user, kept))).collect()
    })
}

impl Kept for SigningCertificate {
    const ID: &'static str = "CertificateId";

    fn all(kept: &mut KeptCredentials) -> &mut Vec<SigningCertificate> {
        &mut kept.signing_certificates
    }

    fn id(&self) -> &str {
        &self.id
    }

    fn set_active(&mut self, active: bool) {
        self.active = active;
    }

    fn no_such(id: &str) -> ApiError {
        let text = format!("The Certificate with id {id} cannot be found.");
        ApiError::new(ErrorCode::NoSuchEntity, text)
    }
}

fn shown(user: &User, kept: &SigningCertificate) -> Value {
    json!({
        "UserName": user.name,
        "CertificateId": kept.id,
        "CertificateBody": kept.body,
        "Status": status(kept.active),
        "UploadDate": kept.uploaded,
    })
}
