//! The record of a search domain.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::units::{EpochSeconds, Tags};
use crate::security::SecurityConfiguration;

/// How a domain asks the authorizer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DomainMode {
    /// The URL and everything the request touches.
    Strict,
    /// The URL alone, as Amazon does.
    Aws,
}

/// Our own settings of a domain; Amazon's API does not know them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct DomainExtras {
    /// `strict` (default) or `aws`.
    pub mode: DomainMode,
    /// Accepted signature forms by name: `aws`, `raw-query`, `plus-literal`, `raw-path`.
    pub signature_forms: Vec<String>,
    /// Whether a mismatch shows the canonical string and the string to sign.
    pub signature_diagnostics: bool,
    /// Whether `UNSIGNED-PAYLOAD` is accepted (over TLS).
    pub unsigned_payload: bool,
    /// Whether an IAM user's name and password are accepted (Basic authentication).
    pub basic_authentication: bool,
    /// Whether a signature is accepted once only.
    pub replay_cache: bool,
    /// Whether an access policy open to everyone may be set.
    pub open_policy: bool,
    /// Whether an access policy that lets in more than the one before it must acknowledge that.
    pub acknowledges_wider_policy: bool,
    /// Whether the audit records of requests to the domain are written to an index of it, too.
    pub audit_index: bool,
}

impl Default for DomainExtras {
    fn default() -> Self {
        Self {
            mode: DomainMode::Strict,
            signature_forms: vec!["aws".to_owned(), "raw-query".to_owned()],
            signature_diagnostics: false,
            unsigned_payload: false,
            basic_authentication: false,
            replay_cache: false,
            open_policy: false,
            acknowledges_wider_policy: false,
            audit_index: false,
        }
    }
}

/// A search domain.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Domain {
    /// Owner.
    pub account: String,
    /// `us-east-1` ….
    pub region: String,
    /// `[a-z][a-z0-9-]{2,27}`.
    pub name: String,
    /// Random part of its host name; another domain of the same name has another.
    pub unique: String,
    /// `Elasticsearch_7.10`, `OpenSearch_2.19` ….
    pub engine_version: String,
    /// When it was made.
    pub created: EpochSeconds,
    /// When its configuration changed last.
    pub updated: EpochSeconds,
    /// Counts configuration changes.
    pub update_version: i64,
    /// The access policy; `None`: nobody but the identity policies' own.
    pub access_policy: Option<String>,
    /// Host and port its data plane answers at, without scheme; `None` until the listener accepts.
    pub endpoint: Option<String>,
    /// The port of its own listener, kept over restarts.
    pub port: Option<u16>,
    /// The gateway whose data folder its indices are in, where several share the state ([`crate::ControlSettings::gateway`]);
    /// `None`: it was made where only one was.
    #[serde(default)]
    pub gateway: Option<String>,
    /// The pool whose cluster its indices were moved to; `None`: they were not moved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pool: Option<String>,
    /// Deletion was asked for; the record goes when the folder and the listener are gone.
    pub deleted: bool,
    /// Option structures of the API as last set, by the opensearch model's member name (`ClusterConfig` …).
    pub options: BTreeMap<String, Value>,
    /// Tags.
    pub tags: Tags,
    /// Our own settings.
    #[serde(default)]
    pub extras: DomainExtras,
    /// What was done with it before.
    #[serde(default)]
    pub history: DomainHistory,
    /// Fine-grained access control, where it is on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub security: Option<Box<SecurityConfiguration>>,
    /// Other accounts that may make VPC endpoints of it.
    #[serde(default)]
    pub vpc_principals: Vec<String>,
}

/// What was done with a domain, as far as the API tells it again.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct DomainHistory {
    /// The answer to the last verbose dry run.
    pub dry_run: Option<Value>,
    /// Upgrades, the newest first.
    pub upgrades: Vec<DomainUpgrade>,
}

/// One upgrade of a domain's version, or the check before one.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct DomainUpgrade {
    /// Version before.
    pub from: String,
    /// Version after.
    pub to: String,
    /// When.
    pub at: EpochSeconds,
    /// Only whether it could be done was asked.
    pub check_only: bool,
}

/// Amazon's own advanced option: whether the lines and items of `_bulk`, `_mget` and `_msearch` may name an index.
pub(crate) const EXPLICIT_INDEX: &str = "rest.action.multi.allow_explicit_index";

/// Amazon's own advanced option: whether `GET /` of an OpenSearch domain says the version number of Elasticsearch.
pub(crate) const OVERRIDE_MAIN_RESPONSE_VERSION: &str = "override_main_response_version";

impl Domain {
    /// `arn:aws:es:REGION:ACCOUNT:domain/NAME`.
    pub fn arn(&self) -> String {
        self.arn_of("")
    }

    /// The ARN of a path on the domain, as policies name it: `arn:aws:es:REGION:ACCOUNT:domain/NAME/index/_search`.
    pub fn arn_of(&self, path: &str) -> String {
        ["arn:aws:es:", &self.region, ":", &self.account, ":domain/", &self.name, path].concat()
    }

    /// `ACCOUNT/NAME`.
    pub fn id(&self) -> String {
        format!("{}/{}", self.account, self.name)
    }

    /// Whether internal users of its own sign in by Basic.
    pub fn has_internal_users(&self) -> bool {
        self.security.as_ref().is_some_and(|security| security.internal_users)
    }

    /// Whether anybody signs in by Basic: IAM users or internal ones.
    pub fn accepts_passwords(&self) -> bool {
        self.extras.basic_authentication || self.has_internal_users()
    }

    /// Whether the body of `_bulk`, `_mget` or `_msearch` may name an index, as `rest.action.multi.allow_explicit_index`
    /// says (by default it may).
    pub fn allows_explicit_index(&self) -> bool {
        self.advanced_option(EXPLICIT_INDEX) != Some("false")
    }

    /// Whether `GET /` says that it is version 7.10.2, as `override_main_response_version` says (by default it does not).
    pub fn overrides_main_response_version(&self) -> bool {
        self.advanced_option(OVERRIDE_MAIN_RESPONSE_VERSION) == Some("true")
    }

    fn advanced_option(&self, name: &str) -> Option<&str> {
        self.options.get("AdvancedOptions")?.get(name)?.as_str()
    }
}
