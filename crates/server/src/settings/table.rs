//! **The table** of settings. A row is everything that is said of a setting: the field of [`Settings`] that holds it,
//! its kind, its default, its sentence. The structs, the reader, the help, the schema and the page are made from it.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;

use control::{DomainMode, PostgresUrl};
use ipnet::IpNet;

use super::kind::{self, Accounts, CertificateFiles, OnAuditFailure, ValueForm};
use super::oidc_clients::OidcClientSettings;
use super::pools::PoolSettings;
use super::s3_clients::S3ClientSettings;
use crate::guards::limits;

/// One setting, as the reader and the pages see it.
pub struct SettingRow {
    /// Its name in the file, tables joined by dots.
    pub name: &'static str,
    /// What it does, in one sentence.
    pub doc: &'static str,
    /// What its value looks like.
    pub form: ValueForm,
    /// Whether a service that runs takes it from a file that is read again (SIGHUP). The others wait for the next start.
    pub live: bool,
    /// Reads a text into its field; the error says what was expected.
    pub(super) set: fn(&mut Settings, &str) -> Result<(), String>,
    /// Its field as TOML.
    pub(super) get: fn(&Settings) -> String,
    /// Takes its field from other settings.
    pub(super) copy: fn(&mut Settings, &Settings),
}

/// Whether `live` stands at the end of a row.
macro_rules! is_live {
    () => {
        false
    };
    (live) => {
        true
    };
}

/// Rows, `field: Type = KIND, default, "what it does";`, become the structs with their defaults, and [`TABLE`]; with `, live`
/// at their end they are taken from a file that is read again. A name in brackets is a table of the file.
macro_rules! settings {
    (
        $($name:ident: $type:ty = $kind:ident, $default:expr, $doc:literal $(, $live:ident)?;)*
        $([$table:ident: $struct:ident] $about:literal
            $($inner:ident: $inner_type:ty = $inner_kind:ident, $inner_default:expr, $inner_doc:literal
                $(, $inner_live:ident)?;)*)*
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
                live: is_live!($($live)?),
                set: |settings, text| kind::$kind.read(text).map(|value| settings.$name = value),
                get: |settings| kind::$kind.write(&settings.$name),
                copy: |settings, from| settings.$name.clone_from(&from.$name),
            },)*
            $($(SettingRow {
                name: concat!(stringify!($table), ".", stringify!($inner)),
                doc: $inner_doc,
                form: kind::$inner_kind.form(),
                live: is_live!($($inner_live)?),
                set: |settings, text| {
                    kind::$inner_kind.read(text).map(|value| settings.$table.$inner = value)
                },
                get: |settings| kind::$inner_kind.write(&settings.$table.$inner),
                copy: |settings, from| settings.$table.$inner.clone_from(&from.$table.$inner),
            },)*)*
        ];
    };
}

settings! {
    data: Option<PathBuf> = DATA_FOLDER, None,
        "The data folder: state, indices, audit, keys. One process at a time.";
    region: String = REGION, "us-east-1".to_owned(),
        "The region that root.env names. A domain is created in the region of the request's signature.";
    accounts: Accounts = ACCOUNTS, Accounts::one("123456789012"),
        "Accounts, created if they do not exist, each with a root key: the first one's in root.env, the others' in root-ID.env.", live;
    public_name: String = HOST_NAME, "localhost".to_owned(),
        "The host name under which clients reach this machine; used in endpoints and in the local authority's certificate.";
    trusted_proxies: Vec<IpNet> = NETWORKS, Vec::new(),
        "Networks of reverse proxies whose X-Forwarded-For is trusted; the client is its right-most address outside these networks. If empty, the peer is the client.", live;
    drain_seconds: u32 = DRAIN_SECONDS, 0,
        "How many seconds the service goes on serving after SIGTERM while /readyz answers 503, so that load balancers stop sending requests before it stops accepting them.";
    open_policies: bool = BOOLEAN, false,
        "Whether access policies that are open to everyone may be set.", live;
    foreign_principals: bool = BOOLEAN, false,
        "Whether policies may name accounts outside this deployment, and their principals. No caller is ever one of them.", live;
    storage_encrypted: bool = BOOLEAN, false,
        "Whether the operator's disk is encrypted; if not, EncryptionAtRestOptions is refused.", live;
    service_control_policies: BTreeMap<String, PathBuf> = POLICIES, BTreeMap::new(),
        "Service control policies by account, each a file, or a folder: its .json files are one level of the organisation, and those of each folder in it, in the order of their names, one more.", live;
    resource_control_policies: BTreeMap<String, PathBuf> = POLICIES, BTreeMap::new(),
        "Resource control policies by account, as service_control_policies: what nobody may do with its domains, and with its roles in sts.", live;
    management_account: Option<String> = MANAGEMENT_ACCOUNT, None,
        "The management account of the organisation, if it is one of this deployment: no control policy may be set for it.", live;
    pools: BTreeMap<String, PoolSettings> = POOLS, BTreeMap::new(),
        "Clusters that serve domains instead of the engine in this binary, by name: the domain and how its cluster is reached, or how clusters are made for the domains of a pattern (docs/operating/clusters.md).";
    s3_clients: BTreeMap<String, S3ClientSettings> = S3_CLIENTS, BTreeMap::new(),
        "Ways to S3 by name, each with the domains that may keep repositories of snapshots there, the buckets that they may use, and whose credentials are used (docs/operating/snapshots.md). If empty, there are no repositories of type s3.";

    [control: ControlSettings] "The control plane."
    listen: String = ADDRESS, "127.0.0.1:9443".to_owned(),
        "Where the control plane (es, opensearch, iam, sts) listens.";

    [state: StateSettings] "Where the state is: identities, sessions, domains and their policies."
    url: Option<PostgresUrl> = POSTGRES, None,
        "If set, the state is in this database of PostgreSQL, which several gateways may share: postgres://USER@HOST:PORT/DATABASE, with TLS unless the host is this machine or it ends in ?sslmode=disable. If empty, it is in the data folder.";
    password_file: Option<PathBuf> = PATH, None,
        "The file with the password of state.url's user, read at every connection. If empty, none is given.";
    tls_ca: Option<PathBuf> = PATH, None,
        "A PEM file of certificate authorities to trust for the database of state.url, in addition to the system's.";
    sealing_key_file: Option<PathBuf> = PATH, None,
        "The file with the key that secrets in the state are sealed with, 64 hexadecimal digits; required with state.url, and the same on every gateway. If empty, it is sealing.key in the data folder.";
    stale_for: u32 = STALE_SECONDS, 300,
        "How many seconds the service goes on deciding on what it read last while the database of state.url cannot be read; changes are refused meanwhile. After that every request gets 503.", live;

    [admin: AdminSettings] "The pages for the operator."
    listen: String = ADDRESS, "127.0.0.1:9600".to_owned(),
        "Where /healthz, /readyz and /metrics listen, over plain HTTP without authentication: keep it private.";

    [console: ConsoleSettings] "The console, for browsers."
    listen: Option<String> = OPTIONAL_ADDRESS, None,
        "Where the console listens, over HTTPS with the certificate of all listeners. If empty, there is none.";
    session_seconds: i64 = SESSION_SECONDS, 28_800,
        "How long who signed in to the console stays signed in, at most; without a request for an hour, until then.";
    url: Option<String> = OPTIONAL_HTTPS, None,
        "Under which address browsers reach the console, for identity providers that name it (SAML's Recipient, OpenID Connect's redirect address). If empty, https:// with public_name and the port.";
    oidc: BTreeMap<String, OidcClientSettings> = OIDC_CLIENTS, BTreeMap::new(),
        "OpenID Connect providers to sign in to the console with, by name: the issuer, this console's client_id there, client_secret_file unless it is a public client, the role_arn that its users get, and the scopes to ask for (docs/operating/console.md).";

    [domains: DomainSettings] "What all domains have in common."
    listen: IpAddr = IP, IpAddr::V4(Ipv4Addr::LOCALHOST),
        "The address on which domains listen.";
    first_port: u16 = PORT, 9200,
        "The lowest port for a new domain; a domain keeps its port.";
    endpoint_suffix: Option<String> = SUFFIX, None,
        "If set, a domain's endpoint is search-NAME-ID.REGION.SUFFIX, and vpc-NAME-ID.REGION.SUFFIX in a VPC: names that DNS must resolve to the listeners. If empty, it is public_name.";
    repositories: Option<PathBuf> = PATH, None,
        "The folder below which each domain keeps its repositories of snapshots, in a folder of its own that goes with the domain (Elasticsearch's path.repo). If empty, it is in the data folder.";
    body_bytes_max: usize = BYTES, limits::BODY_BYTES_MAX,
        "The largest request body on a domain in bytes, as sent and as decoded (Elasticsearch's http.max_content_length). A body over 1 MiB waits in a file in the data folder until its signature is proven.";

    [vpc: VpcSettings] "The VPC that domains may be in instead of being public."
    id: String = VPC_ID, "vpc-00000000000000001".to_owned(),
        "The id of the VPC, as it is shown.", live;
    listen: IpAddr = IP, IpAddr::V4(Ipv4Addr::LOCALHOST),
        "The address on which domains in the VPC listen.";
    subnets: BTreeMap<String, Vec<IpNet>> = SUBNETS, BTreeMap::new(),
        "Subnets by id, each with its networks: who may connect to a domain in it that has no security group. In the order of their ids they are in zones a, b, c …", live;
    security_groups: BTreeMap<String, Vec<IpNet>> = SECURITY_GROUPS, BTreeMap::new(),
        "Security groups by id, each with the networks that may connect to a domain in it. Connections from elsewhere are closed before TLS.", live;
    endpoint_policies: BTreeMap<String, PathBuf> = ENDPOINT_POLICIES, BTreeMap::new(),
        "Policies of VPC endpoints by subnet or security group, each a file: what comes from its networks to a domain in the VPC, the policy must allow, whoever sent it.", live;

    [engine: EngineLimits] "The engine of all domains."
    memory_bytes_max: u64 = MEMORY_BYTES, limits::ENGINE_MEMORY_BYTES_MAX,
        "The most memory in bytes that all requests of all domains may hold in the engine at once, not counting their bodies (Elasticsearch's circuit breakers). Beyond it: 429.";
    disk_watermarks: bool = BOOLEAN, true,
        "Whether a disk that is 90 % or 95 % full stops writes, as Elasticsearch's default watermarks do. If not, only watermarks that a domain has set do (cluster.routing.allocation.disk.watermark.*).", live;

    japanese_dictionary: Option<PathBuf> = PATH, None,
        "The folder of the dictionary of Japanese: MeCab's IPADIC, compiled, in UTF-8 (Debian's package mecab-ipadic-utf8 makes /var/lib/mecab/dic/ipadic-utf8). It is read when it is first needed. If empty, the tokenizer and the analyzer of kuromoji are refused.";

    [workloads: WorkloadSettings] "Local workloads that fetch the credentials of their roles."
    listen: Option<String> = LOOPBACK, None,
        "Where local workloads fetch the credentials of their roles, over plain HTTP and on loopback only. If empty, nowhere.";
    roles: BTreeMap<String, String> = ROLES, BTreeMap::new(),
        "Workloads by name, each with the ARN of its role; its token is written to DIR/workloads/NAME.token.";
    session_seconds: i64 = SESSION_SECONDS, 3600,
        "How long the credentials of a workload are valid, at most the role's MaxSessionDuration.";

    [oidc: OidcSettings] "OpenID Connect providers."
    ca: Option<PathBuf> = PATH, None,
        "A PEM file of certificate authorities to trust for OpenID Connect providers, in addition to the system's.";

    [tls: TlsSettings] "The certificate of every listener."
    certificate: Option<PathBuf> = PATH, None,
        "A PEM file with the certificate and its chain. If empty, a local authority signs one.", live;
    key: Option<PathBuf> = PATH, None,
        "The PEM file with the certificate's private key.", live;

    [acm: AcmSettings] "Certificates that the API names by ACM ARNs."
    certificates: BTreeMap<String, CertificateFiles> = CERTIFICATES, BTreeMap::new(),
        "Certificates for custom endpoints of domains, by ARN, each with two PEM files: the certificate with its chain, and its key.", live;

    [packages: PackageSettings] "Packages: dictionaries of domains."
    folder: Option<PathBuf> = PATH, None,
        "The folder that takes the place of S3 in CreatePackage: the object KEY of BUCKET is the file BUCKET/KEY in it. If empty, packages are refused.", live;

    [logs: LogSettings] "Logs that domains publish."
    folder: Option<PathBuf> = PATH, None,
        "The folder of the files that take the place of CloudWatch Logs' log groups.", live;
    groups: BTreeMap<String, String> = LOG_GROUPS, BTreeMap::new(),
        "Log groups by their ARNs, each with the name of its file in logs.folder. Domains may publish to these and no others.", live;
    keep_bytes: u64 = LOG_BYTES, limits::LOG_BYTES_MAX,
        "The size in bytes of each file in logs.folder, with the older one beside it.", live;

    [traces: TraceSettings] "Traces of requests, for a collector of OpenTelemetry's."
    endpoint: Option<String> = COLLECTOR, None,
        "Where a collector takes OTLP over HTTP, such as https://collector:4318; http:// on loopback only. Traces go to its path /v1/traces, as JSON. If empty, nothing is traced.";
    ca: Option<PathBuf> = PATH, None,
        "The PEM file of certificate authorities to trust for the collector. If empty, the system's.";
    authorization_file: Option<PathBuf> = PATH, None,
        "The file with the value of the header Authorization that the collector wants. If empty, none is sent.";
    percent: u32 = PERCENT, 100,
        "How many of a hundred requests are traced whose caller does not say it by traceparent. A caller that does is believed.";

    [domain_defaults: DomainDefaults] "What a new domain begins with."
    authorization: DomainMode = MODE, DomainMode::Strict,
        "Default for new domains: `strict` authorizes everything a request touches, `aws` only its URL, as Amazon does.", live;
    signature_diagnostics: bool = BOOLEAN, false,
        "Default for new domains: whether a signature mismatch shows the caller its own canonical request.", live;
    wider_policy: bool = WIDER_POLICY, false,
        "Default for new domains: `allowed`, or `acknowledged`: an access policy that is proven to let in more than the one before it must say so.", live;

    [limits: LimitSettings] "What one address, one account, one principal may use."
    failed_signatures_per_second: u32 = NUMBER, 100,
        "Failed signatures per second from one address (IPv6: its /64) after the burst; beyond it, its signed requests get 429 for a while. 0: no limit.";
    failed_signatures_burst: u32 = NUMBER, 2000,
        "Failed signatures from one address at once. 0: no limit.";
    connections: usize = CONNECTIONS, limits::CONNECTIONS_MAX,
        "Connections open at once, over all listeners; 512 of them are the control plane's. Beyond it, idle ones are closed or new ones wait. The system's limit on open files must allow for them (LimitNOFILE).";
    connections_per_address: usize = COUNT, 512,
        "Connections from one address (IPv6: its /64) to domains, and the same number to the control plane; more are closed at once. Trusted proxies are not counted. 0: no separate limit.";
    connections_per_listener: usize = COUNT, 2048,
        "Connections to one domain's listener; beyond it, idle ones are closed or new ones wait. 0: no separate limit.";
    calls_running_per_account: usize = CALLS, 0,
        "Calls of one account that run at once on domains, and the same number on the control plane; the rest wait their turn. 0: processors * 3 / 2 + 1.";
    calls_running_per_principal: usize = CALLS, 0,
        "Calls of one user, or of one role with all its sessions, that run at once; the rest wait their turn. 0: three quarters of the account's.";
    calls_waiting_per_account: usize = COUNT, limits::CALLS_WAITING_PER_ACCOUNT_MAX,
        "Calls of one account that may wait their turn, at least 1; more get 429.";
    calls_waiting_per_principal: usize = COUNT, limits::CALLS_WAITING_PER_PRINCIPAL_MAX,
        "Calls of one user, or of one role with all its sessions, that may wait their turn, at least 1; more get 429.";
    requests_per_second_per_principal: u32 = NUMBER, 0,
        "Requests a second to domains of one user, or of one role with all its sessions; more get 429 with Retry-After. 0: no limit.";
    requests_per_second_per_address: u32 = NUMBER, 0,
        "Requests a second to domains from one address (IPv6: its /64); more get 429 with Retry-After. 0: no limit.";
    requests_per_second_per_domain: u32 = NUMBER, 0,
        "Requests a second to one domain, of all callers together; more get 429 with Retry-After. 0: no limit.";
    searches_per_principal: usize = COUNT, 250,
        "Searches (counts, scroll pages, multi-searches and asynchronous ones among them) of one user, or of one role with all its sessions, that run or wait their turn on domains; more get 429. 0: no limit.";
    searches_per_address: usize = COUNT, 500,
        "The same of one address (IPv6: its /64). 0: no limit.";
    searches_per_domain: usize = COUNT, 1000,
        "The same of one domain, of all callers together (Elasticsearch's thread_pool.search.queue_size). 0: no limit.";
    bytes_in_flight_per_principal: usize = FLIGHT_BYTES, limits::BYTES_IN_FLIGHT_PER_PRINCIPAL_MAX,
        "The most bytes of bodies over 16 KiB that one user, or one role with all its sessions, has under way on domains, from the proof of the signature to the response; more get 429. One body is always accepted. 0: no limit.";
    bytes_in_flight_per_address: usize = FLIGHT_BYTES, limits::BYTES_IN_FLIGHT_PER_ADDRESS_MAX,
        "The same of one address (IPv6: its /64). 0: no limit.";
    bytes_in_flight_per_domain: usize = FLIGHT_BYTES, limits::BYTES_IN_FLIGHT_PER_DOMAIN_MAX,
        "The same of one domain, of all callers together. 0: no limit.";
    cursors_per_principal: usize = COUNT, 250,
        "Scrolls that one user, or one role with all its sessions, holds open on one domain, as many points in time and as many results of asynchronous searches; more get 429. Nobody holds more than are free for others, whatever this says. 0: no limit.";
    cursors_per_address: usize = COUNT, 400,
        "The same of one address (IPv6: its /64). 0: no limit.";
    body_bytes_per_address: usize = BYTES, limits::BODY_BYTES_PER_ADDRESS_MAX,
        "The most bytes of bodies over 16 KiB from one address (IPv6: its /64) in memory at once, before they are served; more get 429.";
    answer_bytes_per_account: usize = BYTES, limits::ANSWER_BYTES_PER_ACCOUNT_MAX,
        "The most bytes of responses of one account that its clients have not read yet; beyond it, the account gets 429 until they have. A principal may hold three quarters.";

    [audit: AuditSettings] "The records of all requests."
    keep_bytes: u64 = AUDIT_BYTES, limits::AUDIT_BYTES_MAX,
        "The size of all audit files in bytes; the oldest file is removed first. Records of requests refused before authentication have a separate 64 MiB.";
    keep_days: u32 = NUMBER, 0,
        "How many days audit records are kept, within audit.keep_bytes. 0: for as long as there is room.";
    keep_files: u32 = NUMBER, 0,
        "How many audit files are kept beside the current one, within audit.keep_bytes. 0: as many as there is room for.";
    stdout: bool = BOOLEAN, false,
        "Whether audit records also go to standard output, a JSON line each, when their requests have ended. What nobody reads in time is left out and counted.";
    otlp: bool = BOOLEAN, false,
        "Whether audit records also go to the collector of traces.endpoint (its path /v1/logs), as log records of OTLP in JSON. With traces.percent = 0 hardly any traces go there.";
    index_days: u32 = NUMBER, 7,
        "How many days audit records are kept in the indices of domains with the option countersign.audit_index. 0: until there are 32 indices.", live;
    digest_seconds: u32 = DIGEST_SECONDS, 600,
        "How often a signed digest says how far the audit has come, in seconds. What is newer than the last digest can be altered unnoticed by who computes the hash chain anew.";
    key_file: Option<PathBuf> = PATH, None,
        "The file with the key that digests are signed with, 64 hexadecimal digits. If empty, it is audit.key in the data folder. Its public key is written to audit.pub there.";
    on_failure: OnAuditFailure = ON_AUDIT_FAILURE, OnAuditFailure::Continue,
        "What happens while audit records cannot be written: `continue` serves and counts the lost ones (countersign_audit_failures_total); `refuse` answers 503 to control-plane calls and to writes, and writes their records before they run as well as after.";
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
