//! `AdvancedSecurityOptions`: what turns fine-grained access control on, with Amazon's refusals.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::users::{SEALED_HASH, sealed_for};
use super::{EntryKind, SecurityConfiguration, content, internal};
use crate::err::{ApiError, ErrorCode};
use crate::mint;
use crate::request::OperationRequest;

/// The options' name.
pub(crate) const NAME: &str = "AdvancedSecurityOptions";

/// What the input asks for, on a domain that has `before`, with the options `options` in all else.
///
/// The texts are Amazon's where one was found (lgallard/terraform-aws-elasticsearch#13 and #15, hashicorp/terraform-provider-aws's
/// examples); each other one says that it is ours.
pub(crate) fn settle(
    request: &OperationRequest<'_>,
    before: Option<&SecurityConfiguration>,
    options: &mut BTreeMap<String, Value>,
) -> Result<Option<SecurityConfiguration>, ApiError> {
    let given = request.input.get(NAME).filter(|given| given.is_object());
    if before.is_some() {
        still_allowed(options)?;
    }
    let Some(given) = given else { return Ok(before.cloned()) };
    let flag = |name: &str| given.get(name).and_then(Value::as_bool);
    let enabled = flag("Enabled").unwrap_or(before.is_some());
    if !enabled {
        if before.is_some() {
            // Ours.
            return no("You cannot disable advanced security options once they are enabled.");
        }
        let asked = flag("InternalUserDatabaseEnabled") == Some(true);
        if asked || master(given).is_some_and(|master| !master.is_empty()) {
            // Ours.
            return no("You must enable advanced security options to set a master user.");
        }
        return Ok(None);
    }
    still_allowed(options)?;
    let internal_users = flag("InternalUserDatabaseEnabled")
        .unwrap_or_else(|| before.is_some_and(|before| before.internal_users));
    let mut next = match before {
        Some(before) => before.clone(),
        None => new(request)?,
    };
    next.internal_users = internal_users;
    let next = with_master(request, before.is_some(), &next, given)?;
    options.insert(NAME.to_owned(), shown(&next));
    Ok(Some(next))
}

/// The options as they are told. Amazon tells nothing of the master user.
fn shown(security: &SecurityConfiguration) -> Value {
    json!({
        "Enabled": true, "InternalUserDatabaseEnabled": security.internal_users, "AnonymousAuthEnabled": false,
    })
}

/// Whether the domain's other options let it be on.
fn still_allowed(options: &BTreeMap<String, Value>) -> Result<(), ApiError> {
    let is = |name: &str, member: &str| {
        options.get(name).and_then(|options| options.get(member)).and_then(Value::as_bool)
    };
    // It is what a domain has that does not say.
    if is("DomainEndpointOptions", "EnforceHTTPS") == Some(false) {
        return no(
            "You must enable EnforceHTTPS in the domain endpoint options to use advanced security.",
        );
    }
    if is("NodeToNodeEncryptionOptions", "Enabled") != Some(true) {
        return no("You must enable node-to-node encryption to use advanced security options.");
    }
    if is("EncryptionAtRestOptions", "Enabled") != Some(true) {
        // Ours.
        return no("You must enable encryption at rest to use advanced security options.");
    }
    Ok(())
}

/// An empty configuration with secrets of its own.
fn new(request: &OperationRequest<'_>) -> Result<SecurityConfiguration, ApiError> {
    let id = mint::session_id(request.mint).map_err(internal)?;
    let mut salt = [0u8; 16];
    request.mint.fill(&mut salt).map_err(internal)?;
    let sealed_salt = request.directory.sealing_key().seal(&id, &salt).map_err(internal)?;
    Ok(SecurityConfiguration { id, sealed_salt, ..SecurityConfiguration::default() })
}

fn master(given: &Value) -> Option<&Map<String, Value>> {
    given.get("MasterUserOptions").and_then(Value::as_object)
}

/// The configuration with the master user that is asked for, which has all rights.
fn with_master(
    request: &OperationRequest<'_>,
    was_on: bool,
    security: &SecurityConfiguration,
    given: &Value,
) -> Result<SecurityConfiguration, ApiError> {
    let text = |name: &str| {
        let value = master(given).and_then(|master| master.get(name)).and_then(Value::as_str);
        value.filter(|text| !text.is_empty())
    };
    let (arn, name, password) =
        (text("MasterUserARN"), text("MasterUserName"), text("MasterUserPassword"));
    match (security.internal_users, arn, name, password) {
        (true, None, Some(name), Some(password)) => {
            content::check_password(name, password).map_err(|why| {
                ApiError::new(
                    ErrorCode::Validation,
                    format!("The master user password is not accepted: {why}"),
                )
            })?;
            content::check_user_name(name)
                .map_err(|why| ApiError::new(ErrorCode::Validation, why))?;
            let hash = request
                .password
                .hash
                .as_ref()
                .ok_or_else(|| internal("the password was not hashed"))?;
            let sealed = request
                .directory
                .sealing_key()
                .seal(&sealed_for(&security.id, name), hash.as_bytes())
                .map_err(internal)?;
            let mut entry = content::stored(EntryKind::Users, &json!({}), false);
            if let Some(entry) = entry.as_object_mut() {
                entry.insert(SEALED_HASH.to_owned(), Value::String(sealed));
            }
            let security = security.with_entry(EntryKind::Users, name, entry);
            Ok(mapped(&security, &json!({"users": [name]})))
        }
        // What was chosen before stays.
        (_, None, None, None) if was_on => Ok(security.clone()),
        (true, ..) => no(
            "You must provide a master username and password when the internal user database is enabled.",
        ),
        (false, Some(arn), None, None) => {
            let parsed = policy::Arn::parse(arn).ok().filter(|arn| arn.service() == "iam");
            let Some(parsed) = parsed else {
                // Ours.
                return no(&format!(
                    "The master user ARN {arn} is not that of an IAM user or role."
                ));
            };
            let member = match parsed.resource().starts_with("role/") {
                true => "backend_roles",
                false => "users",
            };
            Ok(mapped(security, &json!({ member: [arn] })))
        }
        // Ours.
        (false, ..) => {
            no("You must provide a master user ARN when the internal user database is disabled.")
        }
    }
}

/// The configuration with all rights for whom `mapping` names, and for nobody else.
fn mapped(security: &SecurityConfiguration, mapping: &Value) -> SecurityConfiguration {
    let entry = content::stored(EntryKind::Mappings, mapping, false);
    let one = security.with_entry(EntryKind::Mappings, "all_access", entry.clone());
    one.with_entry(EntryKind::Mappings, "security_manager", entry)
}

fn no<T>(text: &str) -> Result<T, ApiError> {
    Err(ApiError::new(ErrorCode::Validation, text))
}
