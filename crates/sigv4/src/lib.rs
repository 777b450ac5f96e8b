//! AWS Signature Version 4: is this request signed by the key it names? Signing too.
//!
//! The algorithm, in the words of the
//! [AWS signing documentation](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html):
//!
//! 1. **Canonical request** ([`canonical`]): method, path, query, signed headers, their names, the
//!    payload's SHA-256; one line each, every encoding rule in that one file.
//! 2. **String to sign**: `AWS4-HMAC-SHA256`, the time, the scope (`day/region/service/aws4_request`),
//!    the SHA-256 of the canonical request.
//! 3. **Signing key** ([`SecretKey::signing_key`]): HMAC-SHA256 over day, region, service and
//!    `aws4_request` in turn, starting from `AWS4` + secret.
//! 4. **Signature**: HMAC-SHA256 of the string to sign under the signing key, in lower-case hex.
//! 5. It travels in the `Authorization` header ([`authorization`]) or in the query ([`presigned`]).
//!
//! [`verify`] is the whole judgement, readable from top to bottom. A server that reads bodies
//! asynchronously uses its two halves instead: [`claim`] on the head, [`Claim::check`] once the
//! body's hash is known. [`sign`] is the other side.
//!
//! The crate is pure: no clock, no randomness, no sockets, no HTTP library. Time and random bytes
//! are arguments. The rules and their sources are told in `docs/internals/signatures.md`.
//!
//! ```
//! use sigv4::{Credentials, PayloadHash, PresentedSignature, Request, SecretKey, Settings, SigningOptions};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let now: jiff::Timestamp = "2026-11-23T12:00:00Z".parse()?;
//! let secret = SecretKey::new("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY");
//! let credentials = Credentials { access_key_id: "AKIDEXAMPLE", secret: &secret, session_token: None };
//!
//! let headers: [(&str, &[u8]); 1] = [("host", b"localhost:9200")];
//! let unsigned = Request { method: "GET", path: "/books/_search", query: "q=rust", headers: &headers };
//! let body = PayloadHash::of(b"");
//! let signed =
//!     sigv4::sign(&unsigned, &credentials, "us-east-1", "es", now, &body, &SigningOptions::default())?;
//!
//! // The server's side: the same request with the headers that `sign` returned.
//! let mut received: Vec<(&str, &[u8])> = headers.to_vec();
//! received.extend(signed.headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes())));
//! let request = Request { headers: &received, ..unsigned };
//! let settings = Settings::domain("us-east-1");
//! let PresentedSignature::Signed(claim) = sigv4::claim(&request, now, &settings)? else {
//!     return Err("a signed request is not anonymous".into());
//! };
//! let key = secret.signing_key(claim.scope());
//! assert!(claim.check(&request, &body, &key, &settings).is_ok());
//! # Ok(())
//! # }
//! ```

pub mod authorization;
mod bytes;
pub mod canonical;
mod claim;
mod covered;
mod credential;
mod date;
mod head;
pub mod limits;
mod names;
pub mod presigned;
mod refusal;
mod request;
mod settings;
mod sign;
mod verify;

pub use claim::{Claim, PresentedSignature, claim};
pub use credential::{
    AccessKeyId, Credentials, KeyKind, Scope, SecretKey, SessionToken, Signature, SigningKey,
};
pub use date::SignatureDate;
pub use refusal::{KeyRefusal, Mismatch, Part, Refusal, ScopeFault, VALUELESS};
pub use request::{Body, PayloadHash, PayloadHasher, Request};
pub use settings::{Form, Forms, ServiceRules, Settings, UnknownForm, is_aws_region};
pub use sign::{Placement, SignError, Signed, SigningOptions, sign};
pub use verify::{Host, Keys, Payload, Verified, verify};

/// The one algorithm this crate knows: its name in the `Authorization` header, in
/// `X-Amz-Algorithm` and in the first line of the string to sign.
pub const ALGORITHM: &str = "AWS4-HMAC-SHA256";

/// The last element of every credential scope.
pub const TERMINATOR: &str = "aws4_request";
