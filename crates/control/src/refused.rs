//! Members of `iam` and `sts` operations that are refused by name: what they ask for is not here. (Those of domains are in
//! `es/members.rs`.) Nothing is accepted and dropped: docs/decisions/0139-nothing-is-accepted-and-dropped.md.

use serde_json::Value;

use crate::err::{ApiError, ErrorCode};
use crate::operation::Operation;
use crate::service::Service;

/// A member that is refused: of which service, its name, and why. In whichever operation it stands.
pub const REFUSED_MEMBERS: &[(Service, &str, &str)] = &[
    (Service::Iam, "AddPrivateKey", NO_ASSERTIONS),
    (Service::Iam, "AssertionEncryptionMode", NO_ASSERTIONS),
    (Service::Iam, "ContextProvider", NO_PROPAGATION),
    (Service::Iam, "IdentityCenterInstanceArn", "there is no IAM Identity Center here"),
    (Service::Iam, "MaxSigninSessionDuration", NO_SIGN_IN),
    (Service::Iam, "PolicyExclusionList", "only the policies in force are simulated"),
    (Service::Iam, "RemoveContextProvider", NO_PROPAGATION),
    (Service::Iam, "RemoveIdentityCenterInstance", NO_PROPAGATION),
    (Service::Iam, "RemovePrivateKey", NO_ASSERTIONS),
    (Service::Iam, "ResetMaxSigninSessionDuration", NO_SIGN_IN),
    (Service::Sts, "ProvidedContexts", NO_PROPAGATION),
];

const NO_ASSERTIONS: &str = "assertions are not read here, and so not decrypted";
const NO_SIGN_IN: &str = "there is no sign-in session here whose length it could set";
const NO_PROPAGATION: &str = "there is no trusted identity propagation here";

/// Refuses an input that has such a member. False, and a list without items, ask for nothing.
pub(crate) fn refuse(operation: Operation, input: &Value) -> Result<(), ApiError> {
    let asks = |name: &str| match input.get(name) {
        None | Some(Value::Null | Value::Bool(false)) => false,
        Some(Value::Array(items)) => !items.is_empty(),
        Some(_) => true,
    };
    let refused = REFUSED_MEMBERS
        .iter()
        .find(|(service, name, _)| *service == operation.service() && asks(name));
    match refused {
        None => Ok(()),
        Some((_, name, why)) => Err(ApiError::new(
            ErrorCode::InvalidParameterValue,
            format!("{name} cannot be set: {why}"),
        )),
    }
}
