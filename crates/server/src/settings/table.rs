//! **The table** of settings. A row is everything that is said of a setting: the field of [`Settings`] that holds it,
//! its kind, its default, its sentence. The structs, the reader, the help, the schema and the page are made from it.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;

use control::DomainMode;
use ipnet::IpNet;

use super::kind::{self, Accounts, OnAuditFailure, ValueForm};
use crate::guards::limits;

/// One setting, as the reader and the pages see it.
pub struct SettingRow {
    /// Its name in the file, tables joined by dots.
    pub name: &'static str,
    /// What it does, in one sentence.
    pub doc: &'static str,
    /// What its value looks like.
    pub form: ValueForm,
    /// Reads a text into its field; the error says what was expected.
    pub(super) set: fn(&mut Settings, &str) -> Result<(), String>,
    /// Its field as TOML.
    pub(super) get: fn(&Settings) -> String,
}

/// Rows, `field: Type = KIND, default, "what it does";`, become the structs with their defaults, and [`TABLE`]. A name in
/// brackets is a table of the file.
macro_rules! settings {
    (
        $($name:ident: $type:ty = $kind:ident, $default:expr, $doc:literal;)*
        $([$table:ident: $struct:ident] $about:literal
            $($inner:ident: $inner_type:ty = $inner_kind:ident, $inner_default:expr, $inner_doc:literal;)*)*
    ) => {
        /// Every setting, read and checked. Its defaults are those of `serve`.
        #[derive(Clone, Debug)]
        pub struct Settings {
            $(#[doc = $doc] pub $name: $type,)*
            $(#[doc = $about] pub $table: $struct,)*
        }

        impl Default for Settings {
            fn default() -> Self {
                Self { $($name: $default,)* $($table: $struct::default(),)* }
            }
        }

        $(
            #[doc = $about]
            #[derive(Clone, Debug)]
            pub struct $struct {
                $(#[doc = $inner_doc] pub $inner: $inner_type,)*
            }

            impl Default for $struct {
                fn default() -> Self {
                    Self { $($inner: $inner_default,)* }
                }
            }
        )*

        /// Every setting, in the order of the pages: what stands above the first table of a file first.
        pub const TABLE: &[SettingRow] = &[
            $(SettingRow {
                name: stringify!($name),
                doc: $doc,
                form: kind::$kind.form(),
                set: |settings, text| kind::$kind.read(text).map(|value| settings.$name = value),
                get: |settings| kind::$kind.write(&settings.$name),
            },)*
            $($(SettingRow {
                name: concat!(stringify!($table), ".", stringify!($inner)),
                doc: $inner_doc,
                form: kind::$inner_kind.form(),
                set: |settings, text| {
                    kind::$inner_kind.read(text).map(|value| settings.$table.$inner = value)
                },
                get: |settings| kind::$inner_kind.write(&settings.$table.$inner),
            },)*)*
        ];
    };
}

settings! {
    data: Option<PathBuf> = DATA_FOLDER, None,
        "The data folder: state, indices, audit, keys. One process at a time.";
    region: String = REGION, "us-east-1".to_owned(),
        "The region that root.env names. Domains are made in the region of the request's signature.";
    accounts: Accounts = ACCOUNTS, Accounts::one("123456789012"),
        "Accounts, made when absent, each with a root key: the first one's in root.env, the others' in root-ID.env.";
    public_name: String = HOST_NAME, "localhost".to_owned(),
        "The host name under which clients reach this machine: in endpoints, and in the local authority's certificate.";
    trusted_proxies: Vec<IpNet> = NETWORKS, Vec::new(),
        "Networks of reverse proxies whose X-Forwarded-For is believed; the client is its right-most hop outside of them. None: the peer is the client.";
    open_policies: bool = BOOLEAN, false,
        "Whether access policies that are open to everyone may be set.";
    storage_encrypted: bool = BOOLEAN, false,
        "That the operator's disk is encrypted: EncryptionAtRestOptions is refused otherwise.";

    [control: ControlSettings] "The control plane."
    listen: String = ADDRESS, "127.0.0.1:9443".to_owned(),
        "Where the control plane (es, opensearch, iam, sts) listens.";

    [admin: AdminSettings] "The pages for the operator."
    listen: String = ADDRESS, "127.0.0.1:9600".to_owned(),
        "Where /healthz, /readyz and /metrics are, in plain HTTP: keep it away from strangers.";

    [domains: DomainSettings] "What all domains have in common."
    listen: IpAddr = IP, IpAddr::V4(Ipv4Addr::LOCALHOST),
        "The address that the listeners of domains bind to.";
    first_port: u16 = PORT, 9200,
        "The first port that a new domain may take; it keeps it.";
    body_bytes_max: usize = BYTES, limits::BODY_BYTES_MAX,
        "Most bytes of a request's body on a domain, as sent and as decoded (Elasticsearch's http.max_content_length). More than 1 MiB waits in a file in the data folder until its signature is proven.";

    [engine: EngineLimits] "The engine of all domains."
    memory_bytes_max: u64 = MEMORY_BYTES, limits::ENGINE_MEMORY_BYTES_MAX,
        "Most bytes of memory that all requests of all domains hold at once in the engine, beside their bodies (Elasticsearch's circuit breakers). More answers 429.";

    [workloads: WorkloadSettings] "Local workloads that fetch the credentials of their roles."
    listen: Option<String> = LOOPBACK, None,
        "Where local workloads fetch the credentials of their roles, in plain HTTP and on loopback only; empty: nowhere.";
    roles: BTreeMap<String, String> = ROLES, BTreeMap::new(),
        "Workloads by name and the ARN of the role of each; the token of each is written to DIR/workloads/NAME.token.";
    session_seconds: i64 = SESSION_SECONDS, 3600,
        "How long credentials of workloads live, where the role's MaxSessionDuration is not less.";

    [oidc: OidcSettings] "OpenID Connect providers."
    ca: Option<PathBuf> = PATH, None,
        "A PEM file of authorities that OpenID Connect providers' certificates may descend from, beside the system's.";

    [tls: TlsSettings] "The certificate of every listener."
    certificate: Option<PathBuf> = PATH, None,
        "A PEM file with the certificate and its chain; empty: a local authority makes one.";
    key: Option<PathBuf> = PATH, None,
        "The PEM file with the certificate's private key.";

    [domain_defaults: DomainDefaults] "What a new domain begins with."
    authorization: DomainMode = MODE, DomainMode::Strict,
        "Of new domains: `strict` asks for everything a request touches, `aws` for its URL only, as Amazon does.";
    signature_diagnostics: bool = BOOLEAN, false,
        "Of new domains: whether a signature mismatch shows the caller its own canonical request.";

    [limits: LimitSettings] "What one address, one account, one principal may use."
    failed_signatures_per_second: u32 = NUMBER, 100,
        "Failed signatures a second from one address (IPv6: its /64), after the burst; over it, its signed requests read 429 until time has passed. 0: no limit.";
    failed_signatures_burst: u32 = NUMBER, 2000,
        "Failed signatures from one address at once. 0: no limit.";
    connections_per_address: usize = COUNT, 512,
        "Connections from one address (IPv6: its /64) to domains, and as many to the control plane; further ones are closed at once. Trusted proxies are not counted. 0: no limit of its own.";
    connections_per_listener: usize = COUNT, 2048,
        "Connections to one domain's listener; then its idle ones are closed, or new ones wait. 0: no limit of its own.";
    calls_running_per_account: usize = CALLS, 0,
        "Calls of one account that run at once on domains, and as many on the control plane; the others wait their turn. 0: processors * 3 / 2 + 1.";
    calls_running_per_principal: usize = CALLS, 0,
        "Calls of one user, or of one role with all its sessions, that run at once; the others wait their turn. 0: three quarters of the account's.";
    calls_waiting_per_account: usize = COUNT, limits::CALLS_WAITING_PER_ACCOUNT_MAX,
        "Calls of one account that may wait for their turn; further ones read 429. It is at least 1.";
    calls_waiting_per_principal: usize = COUNT, limits::CALLS_WAITING_PER_PRINCIPAL_MAX,
        "Calls of one user, or of one role with all its sessions, that may wait for their turn; further ones read 429. It is at least 1.";
    body_bytes_per_address: usize = BYTES, limits::BODY_BYTES_PER_ADDRESS_MAX,
        "Most bytes of bodies over 16 KiB from one address (IPv6: its /64) in memory at once, before they are served; further ones read 429.";
    answer_bytes_per_account: usize = BYTES, limits::ANSWER_BYTES_PER_ACCOUNT_MAX,
        "Most bytes of answers that were made for one account and that its clients have not read; who has more is served nothing until it has read: 429. A principal may have three quarters.";

    [audit: AuditSettings] "The records of all requests."
    keep_bytes: u64 = AUDIT_BYTES, limits::AUDIT_BYTES_MAX,
        "Bytes of all audit files; the oldest file goes first. Records of callers who were refused before they proved who they are have 64 MiB of their own.";
    keep_days: u32 = NUMBER, 0,
        "Days that audit records are kept, within audit.keep_bytes. 0: as long as there is room.";
    on_failure: OnAuditFailure = ON_AUDIT_FAILURE, OnAuditFailure::Continue,
        "While audit records cannot be written: `continue` serves and counts the lost ones (countersign_audit_failures_total), `refuse` answers 503 to control-plane calls and to writes, whose record is then written before they run, too.";
}

impl SettingRow {
    /// The environment variable that sets it: `COUNTERSIGN_CONTROL_LISTEN`.
    #[must_use]
    pub fn variable(&self) -> String {
        format!("{}{}", super::VARIABLE_PREFIX, self.name.replace('.', "_").to_ascii_uppercase())
    }

    /// Whether somebody must set it.
    #[must_use]
    pub fn is_required(&self) -> bool {
        self.form == ValueForm::Required
    }
}
