//! The service: the walk of every request, and what it walks through.
//!
//! `walk` is the spine: `parse authenticate identify route authorize serve respond`, one file for each phase, in this
//! order. Around it: `transport` turns connections into requests, `targets` says what a request to a domain touches,
//! `audit` writes down what became of it, `clusters` has clusters elsewhere do it, `provisioning` makes clusters, `guards` bound what it may cost, `service` starts, holds and stops
//! everything, `traces` tells a collector how long each step took, `settings` is the operator's table, `workloads` and `admin` are the two listeners beside the walk, `browser` shows the console
//! and takes its calls through the walk.
//! `docs/internals/walk.md` tells the walk with its promises. All of them are private: what other crates may use is listed below.

mod admin;
mod audit;
mod browser;
mod clusters;
mod guards;
mod provisioning;
mod service;
mod settings;
mod targets;
mod traces;
mod transport;
mod walk;
mod workloads;

pub use audit::explain::{prose, repair_prose};
pub use audit::{
    AuditFault, AuditQuery, AuditRecord, AuditRecords, AuditReport, ExplainedRecord,
    RecordDecision, RecordedDenials, RepairCall, RepairRecord, RepairSources, ReplayPolicy,
    Replayed, ReplayedQuestion, VerifyError, find_explained, find_record, repairs, verify_audit,
};
pub use guards::limits::TimeLimits;
pub use service::beside::{
    HostError, RotatedKey, create_account, export_state, import_state, recover_root,
    rotate_sealing_key,
};
pub use service::clock::{Clock, Stopwatch};
pub use service::first_start::{KnownKey, SEARCH_APP};
pub use service::folder::quoted;
pub use service::options::{RootKey, StartOptions};
pub use service::pool::PoolBounds;
pub use service::reread::RereadOutcome;
pub use service::start::{Service, StartError};
pub use service::validate::validate as validate_settings;
pub use settings::{
    Accounts, CertificateFiles, EffectiveSettings, KubernetesPool, OidcClientSettings,
    OnAuditFailure, PoolKind, PoolSettings, ProcessPool, S3ClientSettings, SettingOrigins,
    Settings, SettingsError, TABLE as SETTINGS_TABLE, VARIABLE_PREFIX, WorkloadSettings,
    help as settings_help, schema as settings_schema,
};

/// What only this crate's own tests look into: the judgement, piece by piece, and the values that they expect.
pub mod for_tests {
    pub use crate::audit::Stage;
    pub use crate::audit::layer::Layer;
    pub use crate::service::backends::{ControlPlane, ControlWork, Embedded, EmbeddedWork};
    pub use crate::service::cursor_sweep::expire;
    pub use crate::service::pool::WorkOwner;
    pub use crate::service::state::ServiceState;
    pub use crate::service::upstream::{Upstream, UpstreamWork};
    pub use crate::settings::page as settings_page;
    pub use crate::transport::forwarded::network;
    pub use crate::transport::huffman::decoded as huffman_decoded;
    pub use crate::transport::tls::{Authority, loopback_names};
    pub use crate::walk::authenticate::ClaimedCaller;
    pub use crate::walk::authorize::permit::Permit;
    pub use crate::walk::identify::ClaimedIdentity;
    pub use crate::walk::prove::Caller;

    /// What a request may cost.
    pub mod limits {
        pub use crate::guards::limits::{
            AUDIT_UNPROVEN_RECORDS_MAX, CONTROL_CONNECTIONS_MAX, DRAIN_BYTES_MAX,
            WORKLOAD_FAILURES_BURST,
        };
    }

    /// The question to the policies.
    pub mod judge {
        pub use crate::walk::judge::{PolicyQuestion, ask};
    }

    /// What a request to a domain touches.
    pub mod targets {
        pub use crate::targets::{Ask, Denied, IndexCatalog, RequestQuestions, asks, url_ask};
    }
}
