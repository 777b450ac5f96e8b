//! Passwords of users: `CreateLoginProfile`, `GetLoginProfile`, `UpdateLoginProfile`, `DeleteLoginProfile`,
//! `ChangePassword`.
//!
//! What a password opens is the console, and Basic authentication on the domains that accept it.

use policy::CallerKind;
use serde::Deserialize;
use serde_json::{Value, json};

use super::nothing;
use super::users::find;
use crate::change::Change;
use crate::directory::entry::CompiledRecord;
use crate::err::{ApiError, ErrorCode};
use crate::limits::PASSWORDS_REMEMBERED_MAX;
use crate::proof::password::{WRONG, refuse_locked, used};
use crate::proof::password_rules;
use crate::request::OperationRequest;
use crate::store::record::{
    LoginProfile, Record, RecordKind, Session, SessionSubject, User, WrongGuesses,
};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct LoginProfileInput {
    user_name: Option<String>,
    password: Option<String>,
    password_reset_required: Option<bool>,
}

pub(crate) fn create(
    request: &OperationRequest<'_>,
    change: &mut Change,
) -> Result<Value, ApiError> {
    let input: LoginProfileInput = request.input()?;
    let name = request.user_name(input.user_name)?;
    let user = find(request.directory, request.account(), &name)?;
    if user.login_profile.is_some() {
        let text = format!("Login Profile for user {} already exists.", user.name);
        return Err(ApiError::new(ErrorCode::EntityAlreadyExists, text));
    }
    // Optional in the model for `AssumeRoot`'s sake, which is not built.
    let Some(password) = input.password else {
        let text = "1 validation error detected: Value null at 'password' failed to satisfy constraint: Member must not be null";
        return Err(ApiError::new(ErrorCode::Validation, text));
    };
    password_rules::check(request.directory, request.account(), &password)?;
    let profile = LoginProfile {
        sealed_hash: sealed_hash(request, user)?,
        created: request.now_seconds(),
        changed: request.now_seconds(),
        reset_required: input.password_reset_required.unwrap_or_default(),
        earlier: Vec::new(),
        guesses: WrongGuesses::default(),
    };
    let output = json!({"LoginProfile": value(user, &profile)});
    put(user, Some(profile), change);
    Ok(output)
}

pub(crate) fn get(request: &OperationRequest<'_>, _change: &mut Change) -> Result<Value, ApiError> {
    let input: LoginProfileInput = request.input()?;
    let name = request.user_name(input.user_name)?;
    let user = find(request.directory, request.account(), &name)?;
    Ok(json!({"LoginProfile": value(user, profile_of(user)?)}))
}

pub(crate) fn update(
    request: &OperationRequest<'_>,
    change: &mut Change,
) -> Result<Value, ApiError> {
    let input: LoginProfileInput = request.input()?;
    let name = input.user_name.unwrap_or_default();
    let user = find(request.directory, request.account(), &name)?;
    let mut profile = profile_of(user)?.clone();
    if let Some(password) = &input.password {
        password_rules::check(request.directory, request.account(), password)?;
        profile = with_password(request, user, &profile)?;
        end_console_sessions(request, user, None, change);
    }
    if let Some(required) = input.password_reset_required {
        profile.reset_required = required;
    }
    put(user, Some(profile), change);
    Ok(nothing())
}

pub(crate) fn delete(
    request: &OperationRequest<'_>,
    change: &mut Change,
) -> Result<Value, ApiError> {
    let input: LoginProfileInput = request.input()?;
    let name = request.user_name(input.user_name)?;
    let user = find(request.directory, request.account(), &name)?;
    profile_of(user)?;
    put(user, None, change);
    // Not only found out at their next request: a profile that is made within the same second is not the one that is gone.
    end_console_sessions(request, user, None, change);
    Ok(nothing())
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ChangePasswordInput {
    old_password: String,
    new_password: String,
}

pub(crate) fn change_password(
    request: &OperationRequest<'_>,
    change: &mut Change,
) -> Result<Value, ApiError> {
    let input: ChangePasswordInput = request.input()?;
    let name = request.caller.username.as_deref();
    let Some(name) = name.filter(|_| request.caller.kind() == CallerKind::User) else {
        let text = "Only IAM Users can change their own password.";
        return Err(ApiError::new(ErrorCode::InvalidUserType, text));
    };
    let user = find(request.directory, request.account(), name)?;
    let profile = profile_of(user)?;
    refuse_locked(profile, request.now_seconds())?;
    if request.password.proven.as_ref() != Some(&profile.sealed_hash) {
        // What was hashed may be the password before this one; then nobody guessed.
        if request.password.tried.as_ref() == Some(&profile.sealed_hash) {
            let guesses = profile.guesses.after_wrong(request.now_seconds());
            let counted = LoginProfile { guesses, ..profile.clone() };
            let user = User { login_profile: Some(counted), ..user.record.clone() };
            change.put_despite_refusal(Record::User(user));
        }
        return Err(ApiError::access_denied(WRONG));
    }
    password_rules::check(request.directory, request.account(), &input.new_password)?;
    let remembered = password_rules::remembered(request.directory, request.account());
    let reused = used(profile).take(remembered).any(|hash| request.password.used.contains(hash));
    if reused || input.old_password == input.new_password {
        let text = "Password should not be one that was used before";
        return Err(ApiError::new(ErrorCode::PasswordPolicyViolation, text));
    }
    let profile = with_password(request, user, profile)?;
    put(user, Some(LoginProfile { reset_required: false, ..profile }), change);
    // Whoever else knew the old one is out; who has just proved it goes on.
    end_console_sessions(request, user, request.caller.access_key_id.as_deref(), change);
    Ok(nothing())
}

/// Ends the sessions of the console that the user's password opened, but for the one with this key.
fn end_console_sessions(
    request: &OperationRequest<'_>,
    user: &User,
    spared: Option<&str>,
    change: &mut Change,
) {
    let of_user = |session: &Session| matches!(&session.subject, SessionSubject::User { user: Some((_, id)) } if *id == user.id);
    let sessions = request.directory.sessions().values().map(|kept| &kept.entry);
    let opened = sessions.filter(|it| it.login_profile.is_some() && of_user(it));
    for session in opened.filter(|it| spared != Some(it.access_key_id.as_str())) {
        change.delete(RecordKind::Session, session.access_key_id.clone());
    }
}

/// The profile with the request's new password; the old one is remembered, for `PasswordReusePrevention`.
fn with_password(
    request: &OperationRequest<'_>,
    user: &User,
    old: &LoginProfile,
) -> Result<LoginProfile, ApiError> {
    Ok(LoginProfile {
        sealed_hash: sealed_hash(request, user)?,
        changed: request.now_seconds(),
        earlier: used(old).take(PASSWORDS_REMEMBERED_MAX).cloned().collect(),
        guesses: WrongGuesses::default(),
        ..old.clone()
    })
}

/// The hash of the request's new password, sealed for this very user.
fn sealed_hash(request: &OperationRequest<'_>, user: &User) -> Result<String, ApiError> {
    let internal = |why: String| ApiError::new(ErrorCode::Internal, why);
    let hash = request.password.hash.as_ref();
    let hash = hash.ok_or_else(|| internal("the password was not hashed".to_owned()))?;
    let sealed = request.directory.sealing_key().seal(&user.id, hash.as_bytes());
    sealed.map_err(|error| internal(error.to_string()))
}

fn profile_of(user: &CompiledRecord<User>) -> Result<&LoginProfile, ApiError> {
    user.login_profile.as_ref().ok_or_else(|| {
        let text = format!("Login Profile for User {} cannot be found.", user.name);
        ApiError::new(ErrorCode::NoSuchEntity, text)
    })
}

fn put(user: &CompiledRecord<User>, login_profile: Option<LoginProfile>, change: &mut Change) {
    change.put(Record::User(User { login_profile, ..user.record.clone() }));
}

fn value(user: &User, profile: &LoginProfile) -> Value {
    json!({"UserName": user.name, "CreateDate": profile.created, "PasswordResetRequired": profile.reset_required})
}
