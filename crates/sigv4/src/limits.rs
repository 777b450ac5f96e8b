//! How much of each thing a request may contain. Beyond it the request is refused as
//! [`Refusal::TooLarge`](crate::Refusal::TooLarge) in time linear in what was sent.

/// Headers of one request, including duplicates.
pub const HEADERS_MAX: usize = 256;
/// Bytes of one `Authorization` header. Real ones are below 1 KiB.
pub const AUTHORIZATION_BYTES_MAX: usize = 8 * 1024;
/// Names in `SignedHeaders`.
pub const SIGNED_HEADERS_MAX: usize = 100;
/// Parameters in the query.
pub const QUERY_PARAMETERS_MAX: usize = 1_000;
/// Bytes of the raw query; far more than presigned URLs with long session tokens need.
pub const QUERY_BYTES_MAX: usize = 64 * 1024;
/// Bytes of the raw path.
pub const PATH_BYTES_MAX: usize = 64 * 1024;
/// Bytes of a session token. AWS documents no limit; its tokens are below 3 KiB.
pub const SESSION_TOKEN_BYTES_MAX: usize = 8 * 1024;
/// Bytes of an access key id: the IAM API's `accessKeyIdType` allows 16 to 128 characters.
pub const ACCESS_KEY_ID_BYTES_MAX: usize = 128;
/// Longest validity of a presigned request, in seconds: seven days, as AWS documents.
pub const PRESIGNED_EXPIRES_SECONDS_MAX: i64 = 604_800;
/// Bytes of a caller's own text that a refusal repeats to the caller.
pub const ECHO_BYTES_MAX: usize = 128;
/// Bytes of a caller's own query that a refusal repeats to the caller.
pub const QUERY_ECHO_BYTES_MAX: usize = 2 * 1024;
