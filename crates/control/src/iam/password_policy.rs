//! The account's password policy: `GetAccountPasswordPolicy`, `UpdateAccountPasswordPolicy`,
//! `DeleteAccountPasswordPolicy`. What it asks of a password is in `proof/password_rules.rs`.

use serde::Deserialize;
use serde_json::{Value, json};

use super::nothing;
use crate::change::Change;
use crate::err::{ApiError, ErrorCode};
use crate::proof::password_rules::policy_of;
use crate::request::OperationRequest;
use crate::store::record::{Account, PasswordPolicy, Record};

/// What `MinimumPasswordLength` is when a policy does not say.
const POLICY_CHARS_MIN: i64 = 6;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct PasswordPolicyInput {
    minimum_password_length: Option<i64>,
    #[serde(default)]
    require_symbols: bool,
    #[serde(default)]
    require_numbers: bool,
    #[serde(default)]
    require_uppercase_characters: bool,
    #[serde(default)]
    require_lowercase_characters: bool,
    #[serde(default)]
    allow_users_to_change_password: bool,
    max_password_age: Option<i64>,
    password_reuse_prevention: Option<i64>,
    hard_expiry: Option<bool>,
}

pub(crate) fn get(request: &OperationRequest<'_>, _change: &mut Change) -> Result<Value, ApiError> {
    let account = request.account();
    let Some(policy) = policy_of(request.directory, account) else {
        let text = format!("The Password Policy with domain name {account} cannot be found.");
        return Err(ApiError::new(ErrorCode::NoSuchEntity, text));
    };
    Ok(json!({"PasswordPolicy": {
        "MinimumPasswordLength": policy.chars_min,
        "RequireSymbols": policy.symbols,
        "RequireNumbers": policy.numbers,
        "RequireUppercaseCharacters": policy.uppercase,
        "RequireLowercaseCharacters": policy.lowercase,
        "AllowUsersToChangePassword": policy.users_may_change,
        "ExpirePasswords": policy.days_max.is_some(),
        "MaxPasswordAge": policy.days_max,
        "PasswordReusePrevention": policy.remembered,
        "HardExpiry": policy.hard_expiry,
    }}))
}

/// Replaces the whole policy: what the request does not name goes back to its default, as at Amazon.
pub(crate) fn update(
    request: &OperationRequest<'_>,
    change: &mut Change,
) -> Result<Value, ApiError> {
    let input: PasswordPolicyInput = request.input()?;
    let policy = PasswordPolicy {
        chars_min: input.minimum_password_length.unwrap_or(POLICY_CHARS_MIN),
        symbols: input.require_symbols,
        numbers: input.require_numbers,
        uppercase: input.require_uppercase_characters,
        lowercase: input.require_lowercase_characters,
        users_may_change: input.allow_users_to_change_password,
        days_max: input.max_password_age,
        remembered: input.password_reuse_prevention,
        hard_expiry: input.hard_expiry,
    };
    set(request, Some(policy), change)
}

pub(crate) fn delete(
    request: &OperationRequest<'_>,
    change: &mut Change,
) -> Result<Value, ApiError> {
    if policy_of(request.directory, request.account()).is_none() {
        let text = "The account policy with name PasswordPolicy cannot be found.";
        return Err(ApiError::new(ErrorCode::NoSuchEntity, text));
    }
    set(request, None, change)
}

fn set(
    request: &OperationRequest<'_>,
    password_policy: Option<PasswordPolicy>,
    change: &mut Change,
) -> Result<Value, ApiError> {
    let account = request.directory.account(request.account());
    let account = account.ok_or_else(|| {
        ApiError::new(ErrorCode::Internal, "the caller's account no longer exists")
    })?;
    change.put(Record::Account(Account { password_policy, ..account.record.clone() }));
    Ok(nothing())
}
