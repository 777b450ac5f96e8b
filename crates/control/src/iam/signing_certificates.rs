//! Signing certificates of users: `UploadSigningCertificate`, `ListSigningCertificates`, `UpdateSigningCertificate`,
//! `DeleteSigningCertificate`. No service here takes a signature made with one. Texts of refusals are those of moto 5.2.5's
//! `test_iam_signing_certificates.py`, which was run against Amazon; that of a malformed and of a second one are ours.

use serde_json::{Value, json};

use super::kept::{active, holder, listed, status};
use super::{limit_exceeded, nothing};
use crate::certificates::certificate;
use crate::change::Change;
use crate::err::{ApiError, ErrorCode};
use crate::limits::SIGNING_CERTIFICATES_PER_USER_MAX;
use crate::request::OperationRequest;
use crate::store::record::{SigningCertificate, User};

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

pub(crate) fn update(
    request: &OperationRequest<'_>,
    change: &mut Change,
) -> Result<Value, ApiError> {
    let mut user = holder(request)?.record.clone();
    let id = request.text("CertificateId").unwrap_or_default();
    let found = user.kept.signing_certificates.iter_mut().find(|kept| kept.id == id);
    found.ok_or_else(|| no_such(id))?.active = active(request)?;
    change.put(user.into());
    Ok(nothing())
}

pub(crate) fn delete(
    request: &OperationRequest<'_>,
    change: &mut Change,
) -> Result<Value, ApiError> {
    let mut user = holder(request)?.record.clone();
    let id = request.text("CertificateId").unwrap_or_default();
    let before = user.kept.signing_certificates.len();
    user.kept.signing_certificates.retain(|kept| kept.id != id);
    if user.kept.signing_certificates.len() == before {
        return Err(no_such(id));
    }
    change.put(user.into());
    Ok(nothing())
}

fn no_such(id: &str) -> ApiError {
    let text = format!("The Certificate with id {id} cannot be found.");
    ApiError::new(ErrorCode::NoSuchEntity, text)
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
