//! Every way an operation can fail: **one table** of AWS's error names, the code each has on the wire and its HTTP status.
//!
//! Wire codes of the query protocol are not shape names (`NoSuchEntityException` travels as `NoSuchEntity`); the status
//! of the search APIs' `ResourceNotFoundException` is 409. Both are as Amazon's models and live emulators show them.

use crate::service::WireProtocol;

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident $query:literal $query_status:literal, $rest:literal $rest_status:literal;)*) => {
        /// What kind of failure it is: one variant per AWS error we answer with.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum ErrorCode { $($(#[$doc])* $name,)* }

        impl ErrorCode {
            /// Every row, for the generated page and its test.
            pub const ALL: &[ErrorCode] = &[$(ErrorCode::$name,)*];

            /// The code on the wire and the HTTP status, in the given protocol.
            pub fn wire(self, protocol: WireProtocol) -> (&'static str, u16) {
                match (self, protocol) {
                    $((ErrorCode::$name, WireProtocol::Query) => ($query, $query_status),
                      (ErrorCode::$name, WireProtocol::RestJson) => ($rest, $rest_status),)*
                }
            }
        }
    };
}

codes! {
    /// The caller may not do this.
    AccessDenied "AccessDenied" 403, "AccessDeniedException" 403;
    /// The entity of another kind still holds on to this one.
    DeleteConflict "DeleteConflict" 409, "ConflictException" 409;
    /// Something of this name exists.
    EntityAlreadyExists "EntityAlreadyExists" 409, "ResourceAlreadyExistsException" 409;
    /// Nothing of this name exists.
    NoSuchEntity "NoSuchEntity" 404, "ResourceNotFoundException" 409;
    /// A quota is reached.
    LimitExceeded "LimitExceeded" 409, "LimitExceededException" 409;
    /// More is asked for than is given in this time: later, perhaps.
    Throttling "Throttling" 400, "ThrottlingException" 429;
    /// The certificate, its chain or its key cannot be read.
    MalformedCertificate "MalformedCertificate" 400, "ValidationException" 400;
    /// The user has this certificate already.
    DuplicateCertificate "DuplicateCertificate" 409, "ResourceAlreadyExistsException" 409;
    /// The private key is not the certificate's.
    KeyPairMismatch "KeyPairMismatch" 400, "ValidationException" 400;
    /// The public key is not one that is taken.
    InvalidPublicKey "InvalidPublicKey" 400, "ValidationException" 400;
    /// The user has this public key already.
    DuplicateSshPublicKey "DuplicateSSHPublicKey" 400, "ResourceAlreadyExistsException" 409;
    /// The service has no credentials of its own.
    NotSupportedService "NotSupportedService" 404, "ResourceNotFoundException" 409;
    /// The state of the resource does not allow it now.
    Conflict "ConcurrentModification" 409, "ConflictException" 409;
    /// The policy text is not a policy.
    MalformedPolicyDocument "MalformedPolicyDocument" 400, "InvalidTypeException" 409;
    /// An argument has a value that is not possible here.
    InvalidInput "InvalidInput" 400, "InvalidTypeException" 409;
    /// The password is not as the account's password policy wants it.
    PasswordPolicyViolation "PasswordPolicyViolation" 400, "ValidationException" 400;
    /// The policy cannot be attached there.
    PolicyNotAttachable "PolicyNotAttachable" 400, "InvalidTypeException" 409;
    /// The entity belongs to the service and cannot be changed.
    UnmodifiableEntity "UnmodifiableEntity" 400, "ValidationException" 400;
    /// A parameter breaks a constraint of the model.
    Validation "ValidationError" 400, "ValidationException" 400;
    /// A value that is not one of those understood.
    InvalidParameterValue "InvalidParameterValue" 400, "ValidationException" 400;
    /// The page marker was not made by us or names nothing.
    InvalidPaginationToken "ValidationError" 400, "InvalidPaginationTokenException" 400;
    /// No credential report was generated.
    ReportNotPresent "ReportNotPresent" 410, "ResourceNotFoundException" 409;
    /// The account is in no organization.
    OrganizationNotFound "OrganizationNotFoundException" 400, "ConflictException" 409;
    /// No operation of this name or at this path.
    UnknownOperation "InvalidAction" 400, "UnknownOperationException" 404;
    /// The operation is in Amazon's model, and not built here: it says so by name.
    NotImplemented "NotImplemented" 501, "DisabledOperationException" 409;
    /// The body is not what the protocol asks for.
    Serialization "MalformedQueryString" 400, "SerializationException" 400;
    /// The request is larger than we read.
    TooLarge "RequestEntityTooLarge" 413, "RequestEntityTooLargeException" 413;
    /// Session policies and tags together are too large.
    PackedPolicyTooLarge "PackedPolicyTooLarge" 400, "ValidationException" 400;
    /// The identity token has passed its time.
    ExpiredToken "ExpiredTokenException" 400, "ValidationException" 400;
    /// The identity token is not one we can trust.
    InvalidIdentityToken "InvalidIdentityToken" 400, "ValidationException" 400;
    /// The identity provider of the token rejected the claim.
    IdpRejectedClaim "IDPRejectedClaim" 403, "ValidationException" 400;
    /// The one-time passwords are not the device's.
    InvalidAuthenticationCode "InvalidAuthenticationCode" 403, "ValidationException" 400;
    /// The encoded message was not made here.
    InvalidAuthorizationMessage "InvalidAuthorizationMessageException" 400, "ValidationException" 400;
    /// The simulation input is not usable.
    PolicyEvaluation "PolicyEvaluation" 500, "ValidationException" 400;
    /// The unique id or alias has an impossible form.
    InvalidUserType "InvalidUserType" 400, "ValidationException" 400;
    /// The credentials are of a kind that this service does not take.
    InvalidClientTokenId "InvalidClientTokenId" 403, "UnrecognizedClientException" 403;
    /// A parameter cannot be read.
    InvalidParameter "InvalidParameterValue" 400, "InvalidParameterException" 400;
    /// What is asked cannot be decided.
    Unprocessable "UnprocessableEntity" 422, "UnprocessableEntityException" 422;
    /// Our own fault.
    Internal "InternalFailure" 500, "InternalException" 500;
    /// The store did not take the change: nothing was changed.
    Unavailable "ServiceUnavailable" 503, "InternalException" 500;
}

/// One refusal of an operation: what the client reads. The message is Amazon's text where Amazon has one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiError {
    /// The row of the table.
    pub code: ErrorCode,
    /// What the client reads.
    pub message: String,
    /// Why, where Amazon's words do not say: for the record and `explain`, and in the query protocol's `Detail`. It is about
    /// what the caller sent.
    pub reason: Option<String>,
    /// Whether it is not known what became of the change: the store's answer was lost. [`crate::Control::fence`] finds out.
    pub unclear: bool,
}

impl ApiError {
    /// An error of `code` with `message`.
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), reason: None, unclear: false }
    }

    /// The same, with what the client's text does not say.
    #[must_use]
    pub fn because(mut self, reason: impl Into<String>) -> Self {
        self.reason = Some(reason.into());
        self
    }

    /// `AccessDenied` with the whole of Amazon's text, as `policy`'s decision words it.
    pub fn access_denied(message: impl Into<String>) -> Self {
        Self::new(ErrorCode::AccessDenied, message)
    }

    /// The HTTP status in the given protocol.
    pub fn status(&self, protocol: WireProtocol) -> u16 {
        self.code.wire(protocol).1
    }
}

impl std::fmt::Display for ApiError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.code.wire(WireProtocol::Query).0, self.message)
    }
}

impl std::error::Error for ApiError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_a_clients_or_our_fault_in_both_protocols() {
        for code in ErrorCode::ALL {
            for protocol in [WireProtocol::Query, WireProtocol::RestJson] {
                let (name, status) = code.wire(protocol);
                assert!((400..600).contains(&status), "{code:?} {status}");
                assert!(name.bytes().all(|byte| byte.is_ascii_alphanumeric()), "{name}");
            }
        }
    }

    #[test]
    fn what_a_policy_refuses_is_a_403_and_what_is_our_fault_is_not_the_clients() {
        let status = |code: ErrorCode, protocol| code.wire(protocol).1;
        for protocol in [WireProtocol::Query, WireProtocol::RestJson] {
            assert_eq!(status(ErrorCode::AccessDenied, protocol), 403);
            assert_eq!(status(ErrorCode::Internal, protocol), 500);
            assert!(status(ErrorCode::Unavailable, protocol) >= 500);
        }
    }

    #[test]
    fn the_reason_is_for_the_record_and_not_in_what_the_client_reads() {
        let error = ApiError::access_denied("no").because("line 3 of the policy");
        assert_eq!(error.to_string(), "AccessDenied: no");
        assert_eq!(error.reason.as_deref(), Some("line 3 of the policy"));
    }
}
