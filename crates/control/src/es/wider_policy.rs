//! Whether an access policy may be replaced by one that lets in more: the domain option `countersign.wider_policy`.
//!
//! What lets in more is proven by a request (`policy::compare`). Whoever means it says so in the new policy itself, by an `Id`
//! that names the policy it replaces (docs/decisions/0179-a-wider-policy-is-acknowledged.md).

use aws_lc_rs::digest::{SHA256, digest};
use data_encoding::HEXLOWER;
use policy::compare::{Answer, Effort, gained};
use serde_json::Value;

use crate::err::{ApiError, ErrorCode};
use crate::limits::POLICY_CHECK_CELLS_MAX;
use crate::policies::parse_domain;
use crate::store::record::Domain;

/// Bytes of the digest that an acknowledgement shows, in hexadecimal.
const DIGEST_BYTES: usize = 8;

/// Refuses `new` as the access policy of the domain that is `before`, where that option asks for an acknowledgement, `new`
/// allows what the present policy does not, and `new` does not acknowledge it.
pub(super) fn check(before: &Domain, new: &str) -> Result<(), ApiError> {
    if !before.extras.acknowledges_wider_policy {
        return Ok(());
    }
    let present = before.access_policy.as_deref();
    let acknowledgement = acknowledgement(present);
    let written: Value = serde_json::from_str(new).unwrap_or_default();
    if written.get("Id").and_then(Value::as_str) == Some(&acknowledgement) {
        return Ok(());
    }
    const NOTHING: &str = r#"{"Version":"2012-10-17","Statement":[]}"#;
    let (Ok(old), Ok(new)) = (parse_domain(present.unwrap_or(NOTHING)), parse_domain(new)) else {
        return Ok(());
    };
    match gained(&old, &new, &Effort::of(POLICY_CHECK_CELLS_MAX)) {
        Answer::Yes(witness) => {
            let text = format!(
                "The access policy allows what the present one does not, for example: {witness}. \
                 To set it, acknowledge this in the policy: \"Id\": \"{acknowledgement}\""
            );
            Err(ApiError::new(ErrorCode::Validation, text))
        }
        Answer::No | Answer::Unknown(_) => Ok(()),
    }
}

/// The `Id` of a policy that may let in more than `present`.
fn acknowledgement(present: Option<&str>) -> String {
    let digest = digest(&SHA256, present.unwrap_or_default().as_bytes());
    let start = digest.as_ref().get(..DIGEST_BYTES).unwrap_or_default();
    format!("wider-than-{}", HEXLOWER.encode(start))
}
