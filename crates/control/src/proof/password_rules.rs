//! What an account asks of its users' passwords.
//!
//! Source: docs.aws.amazon.com, IAM User Guide, "Set an account password policy for IAM users". Without a policy Amazon's
//! default holds: eight characters, three of the four kinds.

use crate::directory::snapshot::Directory;
use crate::err::{ApiError, ErrorCode};
use crate::store::record::{LoginProfile, PasswordPolicy};

/// Characters of a password, at least, where the account says nothing.
const DEFAULT_CHARS_MIN: i64 = 8;
/// Kinds of characters that a password must have then.
const DEFAULT_KINDS_MIN: usize = 3;
/// What counts as a symbol.
const SYMBOLS: &str = "!@#$%^&*()_+-=[]{}|'";
/// Seconds of a day of `MaxPasswordAge`.
const DAY_SECONDS: i64 = 86_400;

/// Refuses a new password that is not as the account wants it: every fault in one message.
///
/// # Errors
/// `PasswordPolicyViolation`; the words of the default policy are Amazon's (agnosticd#6594).
pub(crate) fn check(directory: &Directory, account: &str, password: &str) -> Result<(), ApiError> {
    let policy = policy_of(directory, account);
    let has = |kind: fn(char) -> bool| password.chars().any(kind);
    let kinds = [
        (policy.map(|it| it.uppercase), has(|c| c.is_ascii_uppercase()), "uppercase letter"),
        (policy.map(|it| it.lowercase), has(|c| c.is_ascii_lowercase()), "lowercase letter"),
        (policy.map(|it| it.numbers), has(|c| c.is_ascii_digit()), "number"),
        (policy.map(|it| it.symbols), has(|c| SYMBOLS.contains(c)), "symbol"),
    ];
    let lacks = |(wanted, met, what): &(Option<bool>, bool, &str)| {
        (!met && wanted.unwrap_or(true))
            .then(|| format!("Password should have at least one {what}"))
    };
    let lacking: Vec<String> = kinds.iter().filter_map(lacks).collect();
    let chars_min = policy.map_or(DEFAULT_CHARS_MIN, |policy| policy.chars_min);
    let mut faults = Vec::new();
    if i64::try_from(password.chars().count()).unwrap_or(i64::MAX) < chars_min {
        faults.push(format!("Password should have a minimum length of {chars_min}"));
    }
    if policy.is_some() {
        faults.extend(lacking);
    } else {
        let short = (DEFAULT_KINDS_MIN + lacking.len()).saturating_sub(kinds.len());
        if short > 0 {
            faults.push(format!(
                "Password should meet {short} more of the following requirements: {}",
                lacking.join(", ")
            ));
        }
        let alias = directory.account(account).and_then(|account| account.alias.as_deref());
        if alias == Some(password) {
            faults.push("Password should not be the account's name".to_owned());
        }
    }
    if faults.is_empty() {
        return Ok(());
    }
    Err(ApiError::new(ErrorCode::PasswordPolicyViolation, faults.join(", ")))
}

/// Whether a password is older than the account allows.
pub(crate) fn has_expired(
    directory: &Directory,
    account: &str,
    profile: &LoginProfile,
    now: i64,
) -> bool {
    let days_max = policy_of(directory, account).and_then(|policy| policy.days_max);
    days_max.is_some_and(|days| now.saturating_sub(profile.changed) > days * DAY_SECONDS)
}

/// Whether a password that has expired is no longer changed by its user (`HardExpiry`): an administrator sets a new one.
pub(crate) fn expires_hard(directory: &Directory, account: &str) -> bool {
    policy_of(directory, account).and_then(|policy| policy.hard_expiry).unwrap_or_default()
}

/// How many of a user's passwords, the present one included, a new one must differ from.
pub(crate) fn remembered(directory: &Directory, account: &str) -> usize {
    let remembered = policy_of(directory, account).and_then(|policy| policy.remembered);
    remembered.and_then(|count| usize::try_from(count).ok()).unwrap_or_default()
}

/// Whether the account lets each of its users change the own password without a policy that says so.
pub(crate) fn users_may_change(directory: &Directory, account: &str) -> bool {
    policy_of(directory, account).is_some_and(|policy| policy.users_may_change)
}

/// The password policy of `account`, if it has one.
pub(crate) fn policy_of<'d>(directory: &'d Directory, account: &str) -> Option<&'d PasswordPolicy> {
    directory.account(account)?.password_policy.as_ref()
}
