//! Credentials for one service: `CreateServiceSpecificCredential`, `ListServiceSpecificCredentials`,
//! `UpdateServiceSpecificCredential`, `ResetServiceSpecificCredential`, `DeleteServiceSpecificCredential`.
//!
//! They are for services that are not here, so nothing ever asks for the password: it is told once and not kept. Those of
//! services with API keys (Bedrock, CloudWatch Logs), which end by themselves, are refused by the service's name.
//! Texts of refusals are ours.

use serde_json::{Value, json};

use super::kept::{Kept, holder, listed, status};
use super::limit_exceeded;
use crate::change::Change;
use crate::err::{ApiError, ErrorCode};
use crate::limits::SERVICE_CREDENTIALS_PER_USER_MAX;
use crate::request::OperationRequest;
use crate::store::record::{KeptCredentials, ServiceCredential, User};

/// Services with a name and a password. Source: IAM API reference, `CreateServiceSpecificCredential`.
const SERVICES: [&str; 2] = ["cassandra.amazonaws.com", "codecommit.amazonaws.com"];

pub(crate) fn create(
    request: &OperationRequest<'_>,
    change: &mut Change,
) -> Result<Value, ApiError> {
    let mut user = holder(request)?.record.clone();
    let service = supported(request)?.unwrap_or_default().to_owned();
    if request.input.get("CredentialAgeDays").is_some() {
        let text = format!("CredentialAgeDays cannot be set for {service}");
        return Err(ApiError::new(ErrorCode::InvalidInput, text));
    }
    let own = || user.kept.service_credentials.iter().filter(|kept| kept.service == service);
    if own().count() >= SERVICE_CREDENTIALS_PER_USER_MAX {
        let most = SERVICE_CREDENTIALS_PER_USER_MAX;
        return Err(limit_exceeded("ServiceSpecificCredentialsPerUser", most));
    }
    let first = format!("{}-at-{}", user.name, user.account);
    let taken = own().any(|kept| kept.user_name == first);
    let made = ServiceCredential {
        id: request.mint_id("ACCA", 21)?,
        user_name: if taken { format!("{first}+1") } else { first },
        service,
        active: true,
        created: request.now_seconds(),
    };
    let output = with_password(request, &user, &made)?;
    user.kept.service_credentials.push(made);
    change.put(user.into());
    Ok(output)
}

pub(crate) fn list(
    request: &OperationRequest<'_>,
    _change: &mut Change,
) -> Result<Value, ApiError> {
    let service = supported(request)?;
    listed(request, "ServiceSpecificCredentials", |user| {
        let own = user.kept.service_credentials.iter();
        let own = own.filter(|kept| service.is_none_or(|service| kept.service == service));
        own.map(|kept| (kept.id.clone(), shown(user, kept))).collect()
    })
}

/// A new password, told once like the first one.
pub(crate) fn reset(
    request: &OperationRequest<'_>,
    _change: &mut Change,
) -> Result<Value, ApiError> {
    let user = holder(request)?;
    let id = request.text(ServiceCredential::ID).unwrap_or_default();
    let found = user.kept.service_credentials.iter().find(|kept| kept.id == id);
    with_password(request, user, found.ok_or_else(|| ServiceCredential::no_such(id))?)
}

/// The service that the request names, if it is one that has such credentials.
fn supported<'a>(request: &OperationRequest<'a>) -> Result<Option<&'a str>, ApiError> {
    let Some(service) = request.input.get("ServiceName").and_then(Value::as_str) else {
        return Ok(None);
    };
    if SERVICES.contains(&service) {
        return Ok(Some(service));
    }
    let text = format!(
        "No such service {service} is supported for Service Specific Credentials: there are {}",
        SERVICES.join(", ")
    );
    Err(ApiError::new(ErrorCode::NotSupportedService, text))
}

impl Kept for ServiceCredential {
    const ID: &'static str = "ServiceSpecificCredentialId";

    fn all(kept: &mut KeptCredentials) -> &mut Vec<ServiceCredential> {
        &mut kept.service_credentials
    }

    fn id(&self) -> &str {
        &self.id
    }

    fn set_active(&mut self, active: bool) {
        self.active = active;
    }

    fn no_such(id: &str) -> ApiError {
        let text = format!("No such credential {id} exists");
        ApiError::new(ErrorCode::NoSuchEntity, text)
    }
}

fn shown(user: &User, kept: &ServiceCredential) -> Value {
    json!({
        "UserName": user.name,
        "Status": status(kept.active),
        "ServiceUserName": kept.user_name,
        "CreateDate": kept.created,
        "ServiceSpecificCredentialId": kept.id,
        "ServiceName": kept.service,
    })
}

fn with_password(
    request: &OperationRequest<'_>,
    user: &User,
    kept: &ServiceCredential,
) -> Result<Value, ApiError> {
    let mut value = shown(user, kept);
    let password = request.mint_secret()?;
    if let Some(object) = value.as_object_mut() {
        object.insert("ServicePassword".to_owned(), json!(password.as_str()));
    }
    Ok(json!({"ServiceSpecificCredential": value}))
}
