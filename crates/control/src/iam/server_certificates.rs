//! Server certificates: `UploadServerCertificate`, `GetServerCertificate`, `ListServerCertificates`,
//! `UpdateServerCertificate`, `DeleteServerCertificate`. They are kept for who manages them here; nothing here serves one.
//!
//! The private key goes in and never comes out, as at Amazon: the store holds it sealed. Of the texts of refusals, that of a
//! certificate that is not there is Amazon's (moto 5.2.5, `test_iam_server_certificates.py`); the others are ours.

use serde::Deserialize;
use serde_json::{Value, json};

use super::page::page;
use super::tags::Tagged;
use super::{limit_exceeded, no_such, nothing, path_or_root, tags_value};
use crate::certificates::{certificate, is_chain, public_key_of};
use crate::change::Change;
use crate::directory::entry::CompiledRecord;
use crate::err::{ApiError, ErrorCode};
use crate::limits::SERVER_CERTIFICATES_MAX;
use crate::request::OperationRequest;
use crate::store::record::{Record, RecordKind, ServerCertificate, Tags, entity_key};
use crate::tags::{TagInput, read_tags};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Upload {
    server_certificate_name: String,
    path: Option<String>,
    certificate_body: String,
    private_key: String,
    certificate_chain: Option<String>,
    #[serde(default)]
    tags: Vec<TagInput>,
}

pub(crate) fn upload(
    request: &OperationRequest<'_>,
    change: &mut Change,
) -> Result<Value, ApiError> {
    let input: Upload = request.input()?;
    let account = request.account();
    if request.directory.server_certificate(account, &input.server_certificate_name).is_some() {
        return Err(already_exists(&input.server_certificate_name));
    }
    let count = request.directory.server_certificates(&format!("{account}/")).count();
    if count >= SERVER_CERTIFICATES_MAX {
        return Err(limit_exceeded("ServerCertificatesPerAccount", SERVER_CERTIFICATES_MAX));
    }
    let read = certificate(&input.certificate_body)
        .ok_or_else(|| malformed("Unable to parse certificate. It must be one PEM certificate."))?;
    if input.certificate_chain.as_deref().is_some_and(|chain| !is_chain(chain)) {
        return Err(malformed(
            "Unable to parse certificate chain. It must be a list of PEM certificates.",
        ));
    }
    let public = public_key_of(&input.private_key).ok_or_else(|| {
        malformed("Unable to parse private key. It must be an unencrypted PEM private key.")
    })?;
    if public != read.public_key {
        let text = "The private key does not match the public key certificate.";
        return Err(ApiError::new(ErrorCode::KeyPairMismatch, text));
    }
    let id = request.mint_id("ASCA", 21)?;
    let sealed = request.directory.sealing_key().seal(&id, input.private_key.as_bytes());
    let uploaded = ServerCertificate {
        account: account.to_owned(),
        name: input.server_certificate_name,
        path: path_or_root(input.path),
        id,
        body: input.certificate_body,
        chain: input.certificate_chain,
        sealed_key: sealed.map_err(|e| ApiError::new(ErrorCode::Internal, e.to_string()))?,
        uploaded: request.now_seconds(),
        expires: read.expires,
        tags: read_tags(input.tags)?,
    };
    let mut output = json!({"ServerCertificateMetadata": metadata(&uploaded)});
    add_tags(&mut output, &uploaded);
    change.put(Record::ServerCertificate(uploaded));
    Ok(output)
}

pub(crate) fn get(request: &OperationRequest<'_>, _change: &mut Change) -> Result<Value, ApiError> {
    let found = named(request)?;
    let mut shown = json!({
        "ServerCertificateMetadata": metadata(found),
        "CertificateBody": found.body,
        "CertificateChain": found.chain,
    });
    add_tags(&mut shown, found);
    Ok(json!({"ServerCertificate": shown}))
}

pub(crate) fn list(
    request: &OperationRequest<'_>,
    _change: &mut Change,
) -> Result<Value, ApiError> {
    let under = request.text("PathPrefix").unwrap_or("/");
    let prefix = format!("{}/", request.account());
    let kept = request.directory.server_certificates(&prefix);
    let listed = kept.filter(|kept| kept.path.starts_with(under));
    let values = listed.map(|kept| (kept.name.to_lowercase(), metadata(kept)));
    page(request, "ServerCertificateMetadataList", values)
}

pub(crate) fn update(
    request: &OperationRequest<'_>,
    change: &mut Change,
) -> Result<Value, ApiError> {
    let old = named(request)?;
    let mut new = old.record.clone();
    if let Some(path) = request.text("NewPath") {
        new.path = path.to_owned();
    }
    if let Some(name) = request.text("NewServerCertificateName") {
        let taken = request.directory.server_certificate(&new.account, name);
        if taken.is_some_and(|other| other.id != new.id) {
            return Err(already_exists(name));
        }
        new.name = name.to_owned();
    }
    let (old_key, key) = (entity_key(&old.account, &old.name), entity_key(&new.account, &new.name));
    if key != old_key {
        change.delete(RecordKind::ServerCertificate, old_key);
    }
    change.put(Record::ServerCertificate(new));
    Ok(nothing())
}

pub(crate) fn delete(
    request: &OperationRequest<'_>,
    change: &mut Change,
) -> Result<Value, ApiError> {
    let found = named(request)?;
    change.delete(RecordKind::ServerCertificate, entity_key(&found.account, &found.name));
    Ok(nothing())
}

impl Tagged for ServerCertificate {
    fn meant_by(request: &OperationRequest<'_>) -> Result<ServerCertificate, ApiError> {
        named(request).map(|entry| entry.record.clone())
    }

    fn tags(&mut self) -> &mut Tags {
        &mut self.tags
    }
}

/// The certificate that the request names, or iam's `NoSuchEntity`.
fn named<'d>(
    request: &OperationRequest<'d>,
) -> Result<&'d CompiledRecord<ServerCertificate>, ApiError> {
    let name = request.text("ServerCertificateName").unwrap_or_default();
    let found = request.directory.server_certificate(request.account(), name);
    found.map(AsRef::as_ref).ok_or_else(|| no_such("Server Certificate", name))
}

fn metadata(kept: &ServerCertificate) -> Value {
    json!({
        "Path": kept.path,
        "ServerCertificateName": kept.name,
        "ServerCertificateId": kept.id,
        "Arn": kept.arn(),
        "UploadDate": kept.uploaded,
        "Expiration": kept.expires,
    })
}

fn add_tags(output: &mut Value, kept: &ServerCertificate) {
    if let Some(object) = output.as_object_mut().filter(|_| !kept.tags.is_empty()) {
        object.insert("Tags".to_owned(), tags_value(&kept.tags));
    }
}

fn malformed(text: &str) -> ApiError {
    ApiError::new(ErrorCode::MalformedCertificate, text)
}

fn already_exists(name: &str) -> ApiError {
    super::already_exists("The Server Certificate", name)
}
