//! Every bound on what input can make grow, by name.

/// Levels of nested arrays and objects in a policy document. A policy needs six.
pub(crate) const NESTING_MAX: usize = 20;

/// Bytes of a domain's access policy: 100 KiB, Amazon's limit.
///
/// <https://docs.aws.amazon.com/opensearch-service/latest/developerguide/limits.html>
pub const DOMAIN_POLICY_BYTES_MAX: usize = 100 * 1024;

/// Bytes of any other policy document: what the IAM API takes in one parameter.
///
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreatePolicy.html>
pub const POLICY_BYTES_MAX: usize = 131_072;
