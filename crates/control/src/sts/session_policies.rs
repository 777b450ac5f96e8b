//! Session policies: given as text or by ARN, at most ten ARNs and 2,048 characters together.

use serde::Deserialize;

use crate::err::{ApiError, ErrorCode};
use crate::limits::{SESSION_PACKED_CHARS_MAX, SESSION_POLICY_ARNS_MAX, SESSION_POLICY_CHARS_MAX};
use crate::policies::check_session;
use crate::request::OperationRequest;
use crate::store::record::Tags;

/// The members that every session operation shares.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct SessionPolicyInput {
    policy: Option<String>,
    #[serde(default)]
    policy_arns: Vec<PolicyArn>,
}

#[derive(Deserialize)]
struct PolicyArn {
    arn: Option<String>,
}

/// Session policies that passed every check.
pub(crate) struct SessionPolicies {
    pub(crate) texts: Vec<String>,
    pub(crate) arns: Vec<String>,
    /// Their characters.
    chars: usize,
}

impl SessionPolicies {
    /// Percent of the room that they and the session's tags take; `None` when there is neither.
    ///
    /// # Errors
    /// `PackedPolicyTooLarge` when it is more than all.
    pub(crate) fn packed_percent(&self, tags: &Tags) -> Result<Option<i64>, ApiError> {
        let of_tag = |(key, value): &(String, String)| key.chars().count() + value.chars().count();
        let packed = self.chars + tags.iter().map(of_tag).sum::<usize>();
        if packed == 0 {
            return Ok(None);
        }
        let percent = usize::max(
            (self.chars * 100).div_ceil(SESSION_POLICY_CHARS_MAX),
            (packed * 100).div_ceil(SESSION_PACKED_CHARS_MAX),
        );
        if percent > 100 {
            let text = format!(
                "Packed policy consumes {percent}% of allotted space, please use smaller policy."
            );
            return Err(ApiError::new(ErrorCode::PackedPolicyTooLarge, text));
        }
        Ok(Some(i64::try_from(percent).unwrap_or(i64::MAX)))
    }
}

/// Reads and checks them; `account` owns the managed policies that may be named.
pub(crate) fn read(
    request: &OperationRequest<'_>,
    account: &str,
) -> Result<SessionPolicies, ApiError> {
    let given: SessionPolicyInput = request.input()?;
    let arns: Vec<String> = given.policy_arns.into_iter().filter_map(|item| item.arn).collect();
    if arns.len() > SESSION_POLICY_ARNS_MAX {
        let text = format!(
            "at most {SESSION_POLICY_ARNS_MAX} managed policies may be passed to a session"
        );
        return Err(ApiError::new(ErrorCode::Validation, text));
    }
    let mut chars = 0;
    for arn in &arns {
        let policy = request.directory.managed_policy_for(account, arn);
        let Some(document) = policy.and_then(|policy| policy.default_document()) else {
            let text = format!("The specified policy {arn} does not exist or is not attachable.");
            return Err(ApiError::new(ErrorCode::Validation, text));
        };
        chars += document.document.chars().count();
    }
    let mut texts = Vec::new();
    if let Some(text) = given.policy {
        check_session(&text)?;
        chars += text.chars().count();
        texts.push(text);
    }
    Ok(SessionPolicies { texts, arns, chars })
}
