//! Which layer decided, whose fault it is, and what to do next: what `explain` says of a refusal.

use serde::{Deserialize, Serialize};

use super::stage::Stage;

/// The layer of the service that refused a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Layer {
    /// It was no request, or not one that is safe to read.
    Http,
    /// The signature: its form, its time, its scope, or that it differs.
    Signature,
    /// A name and a password, or that they are not taken.
    Password,
    /// The key or the session token: nobody has it, or not any more.
    Identity,
    /// The path or the method leads nowhere.
    Route,
    /// The domain is gone, or the client's address is in no network of its VPC.
    Absent,
    /// It is known and not built here.
    NotBuilt,
    /// The policies, asked about the URL, or about an operation of the control plane.
    Policies,
    /// The policies, asked in mode `strict` about what the body or a pattern names.
    Items,
    /// The roles of a domain with fine-grained access control.
    Roles,
    /// The operation of the control plane itself.
    Operation,
    /// The engine: the request is not one that it can carry out.
    Engine,
    /// A limit or a share.
    Limit,
    /// The audit: nothing is done that is not on record.
    Audit,
    /// The state: nothing is decided on what is too old.
    State,
}

impl Layer {
    /// Every layer.
    pub const ALL: [Self; 15] = [
        Self::Http,
        Self::Signature,
        Self::Password,
        Self::Identity,
        Self::Route,
        Self::Absent,
        Self::NotBuilt,
        Self::Policies,
        Self::Items,
        Self::Roles,
        Self::Operation,
        Self::Engine,
        Self::Limit,
        Self::Audit,
        Self::State,
    ];

    /// The layer that refused a workload its credentials, which speaks no dialect of AWS.
    #[must_use]
    pub fn of_workload(stage: Stage, status: u16) -> Self {
        match (status, stage) {
            (401, _) => Self::Identity,
            (404 | 405, _) => Self::Route,
            (429 | 503, _) => Self::Limit,
            (_, Stage::Authorize) => Self::Policies,
            (_, Stage::Serve | Stage::Respond) => Self::Operation,
            (_, Stage::Parse | Stage::Authenticate | Stage::Identify | Stage::Route) => Self::Http,
        }
    }

    /// Who refused, as the subject of a sentence.
    #[must_use]
    pub fn subject(self) -> &'static str {
        match self {
            Self::Http => "The HTTP layer refused it",
            Self::Signature => "The signature layer refused it",
            Self::Password => "The check of names and passwords refused it",
            Self::Identity => "Its credentials identify no principal",
            Self::Route => "Its method or path is unknown",
            Self::Absent => "Its domain is not there for this client, which reads as a denial",
            Self::NotBuilt => "It was allowed, and is not built here",
            Self::Policies => "The policies deny it",
            Self::Items => {
                "The policies deny something that the request names besides its URL (mode strict)"
            }
            Self::Roles => "The policies allow it, and the roles of the domain do not",
            Self::Operation => "It was allowed, and the operation refused it",
            Self::Engine => "It was allowed, and the engine refused it",
            Self::Limit => "A limit refused it",
            Self::Audit => "It was not carried out because its record could not be written",
            Self::State => {
                "It was not carried out because what is known of the policies is too old"
            }
        }
    }

    /// Whose fault it is.
    #[must_use]
    pub fn fault(self) -> &'static str {
        match self {
            Self::Http => {
                "the client's, or something's in between: no credentials or policies can help"
            }
            Self::Signature => {
                "the client's: how it signs, its clock, or its settings; no policy was asked"
            }
            Self::Password => {
                "the credentials', or the way the client presents them; no policy was asked"
            }
            Self::Identity => "the credentials': no policy was asked",
            Self::Route => "the request's: no policy can allow it",
            Self::Absent => {
                "nobody's policy: the domain was deleted, or it is in a VPC of whose networks the client's address is in none"
            }
            Self::NotBuilt => "this service's: Amazon has it, and no policy can allow it here",
            Self::Policies | Self::Items => {
                "the policies', or the caller's for asking too much; the credentials are right"
            }
            Self::Roles => {
                "the roles', or the caller's for asking too much; credentials and policies are right"
            }
            Self::Operation | Self::Engine => {
                "the request's: signature and policies let it through"
            }
            Self::Limit => "too much was asked for at once, or something too large",
            Self::Audit => "the operator's: the disk is full or the folder cannot be written",
            Self::State => "the operator's: the database of state.url cannot be read",
        }
    }

    /// What to do next, where the kind of refusal says nothing better.
    fn next(self) -> &'static str {
        match self {
            Self::Http => {
                "change what the refusal names; docs/reference/limits.md lists every limit"
            }
            Self::Signature => {
                "countersign doctor ENDPOINT; for a request of your own client: countersign doctor ENDPOINT --request FILE"
            }
            Self::Password => {
                "countersign doctor ENDPOINT, with a signing client; docs/operating/basic-authentication.md says when a password is accepted"
            }
            Self::Identity => {
                "aws sts get-caller-identity with the same environment; then countersign doctor ENDPOINT"
            }
            Self::Route => "compare the method and the path with COMPAT.md",
            Self::Absent => {
                "aws opensearch describe-domain; docs/operating/vpc.md says who reaches a domain in a VPC"
            }
            Self::NotBuilt => "COMPAT.md says what is built",
            Self::Policies | Self::Items => {
                "what would allow it is said below; countersign policy who-can says who else may"
            }
            Self::Roles => {
                "map the user to a role that allows the action below: docs/operating/fine-grained-access-control.md"
            }
            Self::Operation | Self::Engine => "read the response: it names the member or the index",
            Self::Limit => {
                "try again later, or with less; docs/reference/limits.md lists every limit"
            }
            Self::Audit => {
                "make room in DIR/audit; audit.on_failure = \"continue\" serves without records"
            }
            Self::State => {
                "/readyz of the admin listener says why; docs/operating/gateways.md says what to do"
            }
        }
    }
}

/// What to do next about a refusal of this layer and kind.
#[must_use]
pub(crate) fn next_step(layer: Layer, kind: &str) -> &'static str {
    match kind {
        "missing_authentication_token" => {
            "sign the request: eval \"$(cat DIR/env)\" first; countersign request does it for you"
        }
        "signature_mismatch" => {
            "countersign doctor ENDPOINT --request FILE names the line that differs; the possible mistakes: a secret that is not the key's; the path not encoded once more; parameters unsorted, or one without a value signed without its = (curl 7.88); + for a space; Host or port changed on the way; a header changed or removed by a proxy; a body that is not the one that was hashed"
        }
        "expired" | "not_yet_current" => "set the client's clock: timedatectl set-ntp true",
        "token_expired" => {
            "get new credentials: assume the role again; ask the provider before each request"
        }
        "token_missing" => "send AWS_SESSION_TOKEN with a key ASIA…",
        "token_damaged" => "take key, secret and token from one response, without line breaks",
        "unknown_key" | "deleted_key" => {
            "check that the key belongs to this deployment: aws sts get-caller-identity; aws iam list-access-keys"
        }
        "scope" => "give the client the region of the domain's ARN and the service es",
        "form_with_query" => {
            "set the content type: curl -d sends application/x-www-form-urlencoded unless told otherwise"
        }
        "payload_mode" => {
            "let the client sign the body's hash; UNSIGNED-PAYLOAD and chunked signing are for S3"
        }
        "replayed" => "sign each request anew, including retries",
        "left_out" => {
            "the metrics count them: countersign_signature_refused_total, countersign_denied_total"
        }
        _ => layer.next(),
    }
}

#[cfg(test)]
mod tests;
