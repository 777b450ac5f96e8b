//! Every way to be refused: what was seen, what was expected, and what the client reads.
//!
//! Two texts for each: [`Display`](fmt::Display) is the log's, [`Refusal::es_message`] and
//! [`Refusal::query_error`] are the client's, in Amazon's words. Where Amazon's text repeats part of
//! the `Authorization` header, ours leaves it out: a refusal never echoes a credential.

use std::fmt;

use crate::ALGORITHM;
use crate::date::{SignatureDate, basic_format};
use crate::limits::ECHO_BYTES_MAX;

/// Why a request is not believed. The variants stand in the order in which faults are reported.
#[derive(Clone, Debug)]
pub enum Refusal {
    /// More of something than [`limits`](crate::limits) allows.
    TooLarge {
        /// Which limit.
        what: &'static str,
        /// The limit.
        limit: usize,
    },
    /// A header that may come once came several times.
    DuplicateHeader {
        /// Its name, in lower case.
        name: &'static str,
    },
    /// A header value holds a control character: a folded line, a NUL.
    MalformedHeader {
        /// The header's name as received.
        name: String,
    },
    /// The method, the path or the query holds a control character.
    MalformedTarget,
    /// The `Host` header is absent, or is no host with an optional port.
    MalformedHost,
    /// The query holds an incomplete or illegal percent escape.
    MalformedQuery,
    /// A query parameter of the presigned form came several times.
    DuplicateParameter {
        /// Its name in lower case.
        name: &'static str,
    },
    /// Credentials in the header and in the query. AWS documents `SignatureDoesNotMatch` for it.
    HeaderAndQuery,
    /// A signature beside Basic or another scheme.
    TwoSchemes,
    /// No credential at all, where the operation needs one. Never made by this crate: `claim`
    /// answers `Anonymous`, and the server decides.
    MissingAuthenticationToken,
    /// An AWS scheme that is not `AWS4-HMAC-SHA256`: SigV4a, SigV2, lower case.
    UnsupportedAlgorithm {
        /// The scheme, without anything that follows it.
        seen: String,
    },
    /// The `Authorization` header is not a list of the three `key=value` pairs.
    Syntax,
    /// Parts that the header or the query must have are not there: all of them, in one message.
    MissingParts {
        /// Whether the credentials were in the query.
        presigned: bool,
        /// What is missing, in the order Amazon lists it.
        parts: Vec<Part>,
    },
    /// `host` is not among the signed headers.
    HostNotSigned,
    /// A header that must be signed when present is not.
    HeaderNotSigned {
        /// Its name in lower case.
        name: String,
    },
    /// `SignedHeaders` is not lower-case names in ascending order, each once.
    SignedHeadersNotCanonical,
    /// A signed header is one that `Connection` says ends at the next hop.
    HopByHopSigned {
        /// Its name in lower case.
        name: String,
    },
    /// The time is not in the basic format.
    DateSyntax {
        /// What stood there, cut to [`ECHO_BYTES_MAX`](crate::limits::ECHO_BYTES_MAX).
        seen: String,
    },
    /// `X-Amz-Expires` is no number from 1 to 604800.
    ExpiresOutOfRange,
    /// Signed too long ago.
    Expired {
        /// When it was signed.
        signed: SignatureDate,
        /// The service's time, in seconds since 1970.
        now_seconds: i64,
        /// For how long a signature is good.
        valid_seconds: i64,
    },
    /// Signed too far in the future.
    NotYetCurrent {
        /// When it says it was signed.
        signed: SignatureDate,
        /// The service's time, in seconds since 1970.
        now_seconds: i64,
        /// How far ahead a signature may be.
        skew_seconds: i64,
    },
    /// The credential is not `keyid/date/region/service/aws4_request`.
    CredentialParts {
        /// How many parts there were.
        seen: usize,
    },
    /// The scope is not this endpoint's: every fault, in one message.
    Scope(Vec<ScopeFault>),
    /// `x-amz-content-sha256` is neither a SHA-256 nor a mode that is accepted.
    PayloadMode {
        /// What it said, cut to [`ECHO_BYTES_MAX`](crate::limits::ECHO_BYTES_MAX).
        seen: String,
    },
    /// A form content type with query parameters in the URL.
    FormWithQuery {
        /// The caller's query.
        query: String,
    },
    /// The key or the token is not good.
    Key(KeyRefusal),
    /// The signature is another one than ours, or the body is not the one that was signed.
    SignatureMismatch(Mismatch),
}

/// What is wrong with the key that a request names, or with its session token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyRefusal {
    /// The session token cannot be opened, or belongs to another key.
    TokenDamaged,
    /// The session is over.
    TokenExpired,
    /// A session's key came without its token.
    TokenMissing,
    /// Nobody has this key.
    Unknown,
    /// The key was there and is gone.
    Deleted,
}

/// A part that is missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// `X-Amz-Algorithm`, in the query form only.
    Algorithm,
    /// `Credential`.
    Credential,
    /// `Signature`.
    Signature,
    /// `SignedHeaders`.
    SignedHeaders,
    /// `X-Amz-Date`, or in the header form `Date`.
    Date,
}

impl Part {
    fn name(self) -> &'static str {
        match self {
            Self::Algorithm => "Algorithm",
            Self::Credential => "Credential",
            Self::Signature => "Signature",
            Self::SignedHeaders => "SignedHeaders",
            Self::Date => "Date",
        }
    }
}

/// One thing that is wrong with a scope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ScopeFault {
    /// Another region.
    Region {
        /// The one named.
        seen: String,
    },
    /// Another service.
    Service {
        /// The one named.
        seen: String,
        /// The ones that are served here; Amazon's text names the first.
        expected: Vec<String>,
    },
    /// Not `aws4_request`.
    Terminator {
        /// What stood there.
        seen: String,
    },
    /// Another day than the request's time.
    Date {
        /// The day named.
        seen: String,
        /// The request's time.
        signed: SignatureDate,
    },
}

impl fmt::Display for ScopeFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Region { seen } => {
                write!(f, "Credential should be scoped to a valid region, not '{seen}'. ")
            }
            Self::Service { seen, expected } => {
                let first = expected.first().map_or("", String::as_str);
                write!(f, "Credential should be scoped to correct service: '{first}'. ")?;
                // An endpoint of several services is AWS_ENDPOINT_URL's, which sends every service to it.
                if expected.len() > 1 {
                    let all = expected.join(", ");
                    write!(f, "This endpoint serves {all} and not '{seen}': {ENDPOINT_URLS}. ")?;
                }
                Ok(())
            }
            Self::Terminator { seen } => write!(
                f,
                "Credential should be scoped with a valid terminator: 'aws4_request', not '{seen}'. "
            ),
            Self::Date { seen, signed } => write!(
                f,
                "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date \
                 from HTTP: '{seen}' != '{}', from '{signed}'.",
                signed.day()
            ),
        }
    }
}

/// What we computed, when the endpoint's diagnostics are on; `None` when they are off. Built from
/// the caller's own bytes; session tokens and cookies in it are replaced by `***`.
#[derive(Clone, Debug, Default)]
pub struct Mismatch {
    /// The canonical request and the string to sign.
    pub computed: Option<(String, String)>,
    /// Whether `x-amz-content-sha256` named another hash than the body's.
    pub payload_differs: bool,
    /// Whether the query has a parameter without `=`, which curl 7.88 signs as it stands.
    pub valueless: bool,
}

/// What is said of a query with a parameter without `=`.
pub const VALUELESS: &str = "The query has a parameter without a value: it is signed with an equal sign after its name, which curl 7.88 and older leaves out with --aws-sigv4; write it as NAME=true.";

/// How a client sends each service to its own endpoint.
const ENDPOINT_URLS: &str = "AWS_ENDPOINT_URL is for every service; set AWS_ENDPOINT_URL_IAM, \
    AWS_ENDPOINT_URL_STS, AWS_ENDPOINT_URL_ACCESSANALYZER, AWS_ENDPOINT_URL_OPENSEARCH and \
    AWS_ENDPOINT_URL_ELASTICSEARCH_SERVICE instead";

const MISMATCH: &str = "The request signature we calculated does not match the signature you \
    provided. Check your AWS Secret Access Key and signing method. Consult the service \
    documentation for details.";

impl Refusal {
    /// The data plane's HTTP status: 400 for what is broken as HTTP, 403 for the rest.
    #[must_use]
    pub fn status(&self) -> u16 {
        if self.is_malformed() { 400 } else { 403 }
    }

    /// Whether the request is broken as HTTP, whoever sent it.
    #[must_use]
    pub fn is_malformed(&self) -> bool {
        matches!(
            self,
            Self::TooLarge { .. }
                | Self::DuplicateHeader { .. }
                | Self::MalformedHeader { .. }
                | Self::MalformedTarget
                | Self::MalformedHost
                | Self::MalformedQuery
                | Self::DuplicateParameter { .. }
                | Self::HopByHopSigned { .. }
        )
    }

    /// A stable name for audit records and metrics.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::TooLarge { .. } => "too_large",
            Self::DuplicateHeader { .. } => "duplicate_header",
            Self::MalformedHeader { .. } => "malformed_header",
            Self::MalformedTarget => "malformed_target",
            Self::MalformedHost => "malformed_host",
            Self::MalformedQuery => "malformed_query",
            Self::DuplicateParameter { .. } => "duplicate_parameter",
            Self::HeaderAndQuery => "header_and_query",
            Self::TwoSchemes => "two_schemes",
            Self::MissingAuthenticationToken => "missing_authentication_token",
            Self::UnsupportedAlgorithm { .. } => "unsupported_algorithm",
            Self::Syntax => "syntax",
            Self::MissingParts { .. } => "missing_parts",
            Self::HostNotSigned => "host_not_signed",
            Self::HeaderNotSigned { .. } => "header_not_signed",
            Self::SignedHeadersNotCanonical => "signed_headers_not_canonical",
            Self::HopByHopSigned { .. } => "hop_by_hop_signed",
            Self::DateSyntax { .. } => "date_syntax",
            Self::ExpiresOutOfRange => "expires_out_of_range",
            Self::Expired { .. } => "expired",
            Self::NotYetCurrent { .. } => "not_yet_current",
            Self::CredentialParts { .. } => "credential_parts",
            Self::Scope(_) => "scope",
            Self::PayloadMode { .. } => "payload_mode",
            Self::FormWithQuery { .. } => "form_with_query",
            Self::Key(KeyRefusal::TokenDamaged) => "token_damaged",
            Self::Key(KeyRefusal::TokenExpired) => "token_expired",
            Self::Key(KeyRefusal::TokenMissing) => "token_missing",
            Self::Key(KeyRefusal::Unknown) => "unknown_key",
            Self::Key(KeyRefusal::Deleted) => "deleted_key",
            Self::SignatureMismatch(_) => "signature_mismatch",
        }
    }

    /// The text of the data plane's `{"message":…}`: Amazon's own words where a public report
    /// quotes them (`conformance/es-error-bodies.json`; the others from the front end that all AWS
    /// services share). A mismatch carries its long form when [`Mismatch::computed`] is there.
    #[must_use]
    pub fn es_message(&self) -> String {
        match self {
            Self::MissingAuthenticationToken => {
                "Request is missing Authentication Token".to_owned()
            }
            Self::UnsupportedAlgorithm { seen } => {
                format!("Unsupported AWS 'algorithm': '{seen}' (only {ALGORITHM} for now). ")
            }
            Self::Syntax => "'***' not a valid key=value pair (missing equal-sign) in \
                Authorization header: '***'."
                .to_owned(),
            Self::MissingParts { presigned, parts } => missing_parts(*presigned, parts),
            Self::HostNotSigned => {
                "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization."
                    .to_owned()
            }
            Self::HeaderNotSigned { name } => {
                format!("'{name}' must be a 'SignedHeader' in the AWS Authorization.")
            }
            Self::DateSyntax { seen } => format!(
                "Date must be in ISO-8601 'basic format'. Got '{seen}'. \
                 See http://en.wikipedia.org/wiki/ISO_8601"
            ),
            Self::Expired { signed, now_seconds, valid_seconds } => format!(
                "Signature expired: {signed} is now earlier than {} ({} - {})",
                basic_format(now_seconds.saturating_sub(*valid_seconds)),
                basic_format(*now_seconds),
                duration(*valid_seconds)
            ),
            Self::NotYetCurrent { signed, now_seconds, skew_seconds } => format!(
                "Signature not yet current: {signed} is still later than {} ({} + {})",
                basic_format(now_seconds.saturating_add(*skew_seconds)),
                basic_format(*now_seconds),
                duration(*skew_seconds)
            ),
            Self::CredentialParts { seen } => format!(
                "Credential must have exactly 5 slash-delimited elements, e.g. \
                 keyid/date/region/service/term, got {seen}"
            ),
            Self::Scope(faults) => faults.iter().map(ToString::to_string).collect(),
            Self::FormWithQuery { query } => format!(
                "When Content-Type:application/x-www-form-urlencoded, URL cannot include \
                 query-string parameters (after '?'): '{query}'"
            ),
            Self::Key(key) => key.message().to_owned(),
            Self::SignatureMismatch(mismatch) => mismatch.message(),
            // AWS: "If you use both … the request fails with SignatureDoesNotMatch".
            Self::HeaderAndQuery | Self::SignedHeadersNotCanonical => MISMATCH.to_owned(),
            ours => ours.to_string(),
        }
    }

    /// The code, the text and the HTTP status that `iam` and `sts` answer with
    /// ([Common errors](https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html)).
    #[must_use]
    pub fn query_error(&self) -> (&'static str, String, u16) {
        let (code, status) = match self {
            Self::MissingAuthenticationToken => ("MissingAuthenticationToken", 403),
            Self::TooLarge { .. }
            | Self::DuplicateHeader { .. }
            | Self::MalformedHeader { .. }
            | Self::MalformedTarget
            | Self::MalformedHost
            | Self::MalformedQuery
            | Self::DuplicateParameter { .. }
            | Self::HopByHopSigned { .. }
            | Self::UnsupportedAlgorithm { .. }
            | Self::Syntax
            | Self::MissingParts { .. }
            | Self::DateSyntax { .. }
            | Self::ExpiresOutOfRange
            | Self::CredentialParts { .. } => ("IncompleteSignature", 400),
            Self::Key(KeyRefusal::TokenExpired) => ("ExpiredToken", 403),
            Self::Key(_) => ("InvalidClientTokenId", 403),
            Self::HeaderAndQuery
            | Self::TwoSchemes
            | Self::HostNotSigned
            | Self::HeaderNotSigned { .. }
            | Self::SignedHeadersNotCanonical
            | Self::Expired { .. }
            | Self::NotYetCurrent { .. }
            | Self::Scope(_)
            | Self::PayloadMode { .. }
            | Self::FormWithQuery { .. }
            | Self::SignatureMismatch(_) => ("SignatureDoesNotMatch", 403),
        };
        (code, self.es_message(), status)
    }

    /// The `x-amzn-ErrorType` and the HTTP status that the JSON services (`es` and `opensearch`
    /// configuration) answer with; the text is [`Refusal::es_message`].
    #[must_use]
    pub fn json_error(&self) -> (&'static str, u16) {
        let (code, _, _) = self.query_error();
        let name = match code {
            "MissingAuthenticationToken" => "MissingAuthenticationTokenException",
            "IncompleteSignature" => "IncompleteSignatureException",
            "InvalidClientTokenId" => "UnrecognizedClientException",
            "ExpiredToken" => "ExpiredTokenException",
            _ => "InvalidSignatureException",
        };
        (name, self.status())
    }
}

impl KeyRefusal {
    /// Amazon's words. The period tells an unknown key from a damaged token, as it does there.
    fn message(self) -> &'static str {
        match self {
            Self::TokenDamaged => "The security token included in the request is invalid",
            Self::TokenExpired => "The security token included in the request is expired",
            Self::TokenMissing | Self::Unknown => {
                "The security token included in the request is invalid."
            }
            Self::Deleted => "The AWS access key provided does not exist in our records.",
        }
    }
}

impl From<KeyRefusal> for Refusal {
    fn from(key: KeyRefusal) -> Self {
        Self::Key(key)
    }
}

impl Mismatch {
    fn message(&self) -> String {
        let Some((canonical, to_sign)) = &self.computed else {
            return MISMATCH.to_owned();
        };
        format!(
            "{MISMATCH}\n\nThe Canonical String for this request should have been\n'{canonical}'\n\n\
             The String-to-Sign should have been\n'{to_sign}'\n{}",
            if self.valueless { format!("\n{VALUELESS}\n") } else { String::new() }
        )
    }
}

/// The log's text: what was seen and expected, in lower case.
impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLarge { what, limit } => write!(f, "too many {what}: at most {limit}"),
            Self::DuplicateHeader { name } => write!(f, "duplicate header '{name}'"),
            Self::MalformedHeader { name } => {
                write!(f, "control character in the value of header '{name}'")
            }
            Self::MalformedTarget => {
                write!(f, "control character in the method, the path or the query")
            }
            Self::MalformedHost => write!(f, "expected one host header naming a host and a port"),
            Self::MalformedQuery => {
                write!(f, "incomplete or invalid percent escape in the query")
            }
            Self::DuplicateParameter { name } => {
                write!(f, "duplicate query parameter '{name}'")
            }
            Self::HeaderAndQuery => {
                write!(f, "credentials in both the authorization header and the query")
            }
            Self::TwoSchemes => write!(
                f,
                "only one authentication mechanism is allowed: the request has a signature and another scheme"
            ),
            Self::SignedHeadersNotCanonical => write!(
                f,
                "SignedHeaders must be lower-case names in ascending order, each exactly once"
            ),
            Self::HopByHopSigned { name } => {
                write!(f, "the connection header lists '{name}', which is a signed header")
            }
            Self::ExpiresOutOfRange => {
                write!(f, "X-Amz-Expires must be a number from 1 to 604800 seconds")
            }
            Self::PayloadMode { seen } => write!(
                f,
                "payload mode '{seen}' is not supported: x-amz-content-sha256 must be the SHA-256 \
                 of the body as sent"
            ),
            Self::SignatureMismatch(Mismatch { payload_differs: true, .. }) => {
                write!(f, "x-amz-content-sha256 differs from the hash of the received body")
            }
            // Amazon's text repeats the query, and there may be a password in it.
            Self::FormWithQuery { .. } => {
                write!(f, "a form body together with parameters in the query")
            }
            Self::SignatureMismatch(_) => write!(f, "the signature differs from the computed one"),
            amazons => f.write_str(&amazons.es_message()),
        }
    }
}

impl std::error::Error for Refusal {}

/// Amazon's two lists of what is missing. The header's ends with `Authorization=`, after which
/// Amazon once repeated the header and later nothing; we never repeat it.
fn missing_parts(presigned: bool, parts: &[Part]) -> String {
    let sentence = |part: &Part| match part {
        _ if presigned => {
            format!("AWS query-string parameters must include 'X-Amz-{}'. ", part.name())
        }
        Part::Date => "Authorization header requires existence of either a 'X-Amz-Date' or a \
            'Date' header. "
            .to_owned(),
        _ => format!("Authorization header requires '{}' parameter. ", part.name()),
    };
    let list: String = parts.iter().map(sentence).collect();
    let end = if presigned { "Re-examine the query-string parameters." } else { "Authorization=" };
    list + end
}

/// `5 min.` as Amazon prints it; seconds where minutes would round.
fn duration(seconds: i64) -> String {
    if seconds % 60 == 0 { format!("{} min.", seconds / 60) } else { format!("{seconds} sec.") }
}

/// Part of the caller's own text, for the caller.
#[cold]
pub(crate) fn echo(bytes: &[u8]) -> String {
    cut(bytes, ECHO_BYTES_MAX)
}

/// The same, of a length.
#[cold]
pub(crate) fn cut(bytes: &[u8], length_max: usize) -> String {
    String::from_utf8_lossy(bytes.get(..length_max).unwrap_or(bytes)).into_owned()
}
