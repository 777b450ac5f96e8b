//! Starting a service on one machine: data folder, control plane, listeners, first inhabitants.
//!
//! `dev` is this with its defaults. The order matters: everything that can fail for a reason the operator
//! must hear about (a locked folder, a port in use, a damaged state file) fails before anything is
//! announced.

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use control::{PostgresPlace, PostgresUrl, StorePlace};
use engine::analysis::JapaneseDictionary;
use tokio::net::TcpListener;
use zeroize::Zeroizing;

use crate::admin::health;
use crate::audit::{Audit, AuditPlace, DigestKey};
use crate::guards::limits;
use crate::provisioning;
use crate::service::audit_index::AuditIndices;
use crate::service::backends::ControlPlane;
use crate::service::clock::Clock;
use crate::service::console_state::ConsoleState;
use crate::service::domains::DomainReconciler;
use crate::service::first_start::FirstStartError;
use crate::service::folder::{self, Folder, FolderError};
use crate::service::issuers::Issuers;
use crate::service::options::{RootKey, StartOptions};
use crate::service::own_certificate::name_of;
use crate::service::state::ServiceState;
use crate::service::test_token::TestToken;
use crate::service::{
    audit_digests, audit_index, clocks, clones, cursor_sweep, disk_watch, domains, first_start,
    follow_certificate, follow_store, gateway_id, gateway_news, metrics_minutes, organization,
    own_certificate, package_source, used,
};
use crate::settings::{Accounts, AuditSettings, Settings, StateSettings, WorkloadSettings};
use crate::transport::accept;
use crate::transport::certificates::{self, EndpointCertificates};
use crate::transport::listener::{Listener, ListenerTarget};
use crate::transport::tls::{ServedTls, TlsError};
use crate::workloads::tokens::{self, WorkloadToken};
use crate::workloads::{self, Workload, Workloads};

/// Why a service did not start. Each prints as one line.
#[derive(Debug)]
pub enum StartError {
    /// The data folder.
    Folder(FolderError),
    /// Certificates.
    Tls(TlsError),
    /// The control plane's state.
    State(PathBuf, String),
    /// A listener.
    Listen {
        /// Which: `control`, `admin`, `console`, `workloads`.
        which: &'static str,
        /// Where it was to listen.
        address: String,
        /// The system's words.
        error: std::io::Error,
    },
    /// Policies that a setting names.
    Policies(&'static str, String),
    /// The dictionary of Japanese.
    Dictionary(String),
    /// Where traces and audit records go.
    Traces(String),
    /// A domain.
    Domain(crate::service::domains::DomainError),
    /// The first inhabitants could not be made.
    FirstStart(String),
}

impl std::fmt::Display for StartError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Folder(error) => error.fmt(f),
            Self::Tls(error) => error.fmt(f),
            Self::State(path, what) => write!(f, "{}: {what}", path.display()),
            Self::Listen { which, address, error } => {
                write!(f, "cannot listen on {address} ({which}): {error}")
            }
            Self::Traces(what) => write!(f, "traces and audit: {what}"),
            Self::Policies(setting, what) => write!(f, "{setting}: {what}"),
            Self::Dictionary(what) => write!(f, "engine.japanese_dictionary: {what}"),
            Self::Domain(error) => error.fmt(f),
            Self::FirstStart(what) => write!(f, "first start: {what}"),
        }
    }
}

impl std::error::Error for StartError {}

impl From<FolderError> for StartError {
    fn from(error: FolderError) -> Self {
        Self::Folder(error)
    }
}

impl From<FirstStartError> for StartError {
    fn from(error: FirstStartError) -> Self {
        match error {
            FirstStartError::Operation(what) => Self::FirstStart(what),
            FirstStartError::Domain(error) => Self::Domain(error),
        }
    }
}

impl From<TlsError> for StartError {
    fn from(error: TlsError) -> Self {
        Self::Tls(error)
    }
}

/// A service that serves.
pub struct Service {
    pub(super) state: ServiceState,
    audit_indices: Arc<AuditIndices>,
    pub(super) folder: Folder,
    /// `https://localhost:9443`.
    pub control_url: String,
    /// `http://127.0.0.1:PORT`.
    pub admin_url: String,
    /// Where the console is, if anywhere.
    pub console_url: Option<String>,
    /// Where workloads fetch credentials, if anywhere.
    pub workloads_url: Option<String>,
    /// The first account.
    pub account: String,
    /// Its region.
    pub region: String,
    /// What the first start made, or what the files of earlier starts say.
    pub keys: first_start::KnownKeys,
    /// Whether this start made the account.
    pub first: bool,
    /// The local authority's certificate.
    pub ca: PathBuf,
    /// The system's roots and ours.
    pub ca_bundle: PathBuf,
}

impl Service {
    /// Starts everything and returns when every listener accepts.
    pub async fn start(
        options: &StartOptions,
        root_key: Option<RootKey>,
        clock: Clock,
    ) -> Result<Self, StartError> {
        let folder = Folder::open(options.settings.data.as_deref())?;
        // Bound before anything is made: a port in use leaves no half-made state behind.
        let control_listener = bind("control", &options.settings.control.listen).await?;
        let admin_listener = bind("admin", &options.settings.admin.listen).await?;
        let console_listener = bind_console(&options.settings.console.listen).await?;
        let workloads_listener = bind_workloads(&options.settings.workloads).await?;
        let own = own_certificate::at_start(&folder.path(""), &options.settings, clock)?;
        // The file that holds what clients must trust beside the system's roots.
        let (ca, ca_bundle) = (own.trusted, folder.write_bundle(&own.trusted_pem)?);
        let tls = ServedTls::new(own.certificate)?;
        let certificates = certificates::read(&options.settings.acm.certificates)?;
        let control = Arc::new(open_chosen(&folder, &options.settings, &certificates)?);
        let chosen = &options.settings.audit;
        let audit = open_audit(&folder, chosen, true)?.with_sinks(chosen);
        let issuers = Issuers::new(provider_roots(&folder, &ca_bundle, &options.settings)?);
        let state =
            ServiceState::new(clock, control, audit, issuers, tls, folder.path(""), options);
        state.endpoint_certificates.show(certificates);
        open_japanese(&state)?;
        state.tell().map_err(StartError::Traces)?;
        let test_token = TestToken::make()?;

        if options.everyday {
            state.test_token.get_or_init(|| test_token);
        } else {
            clocks::set_right(&state).map_err(|e| FirstStartError::Operation(e.to_string()))?;
        }
        let (control, control_port) = serve_control(control_listener, &state);
        let console_url = serve_console(console_listener, control, options, &state);
        let admin_url = format!("http://{}", local(&admin_listener));
        tokio::spawn(health::listen(admin_listener, state.clone()));
        let audit_indices = keep_house(&state, chosen);
        follow_others(&state, &folder, &ca_bundle);

        clones::remove_left(&state).map_err(|error| StartError::FirstStart(error.to_string()))?;
        let domains_folder = (!folder.is_temporary()).then(|| folder.path("domains"));
        let domains = DomainReconciler::new(domains_folder);
        let (keys, first) = inhabit(&state, &domains, &folder, options, root_key).await?;
        tokio::spawn(domains::follow(domains, state.clone()));
        let workloads_url = serve_workloads(workloads_listener, &folder, options, &state)?;
        let service = Self {
            control_url: format!("https://{}:{control_port}", name_of(&options.settings)),
            admin_url,
            console_url,
            workloads_url,
            account: keys.account.clone(),
            region: options.settings.region.clone(),
            keys,
            first,
            ca,
            ca_bundle,
            state,
            audit_indices,
            folder,
        };
        service.write_env(options)?;
        service.state.set_ready();
        Ok(service)
    }

    /// A link to the console that signs in once, with the key of everyday work; an earlier one is no longer good.
    #[must_use]
    pub fn console_link(&self) -> Option<String> {
        let console = self.state.console.get()?;
        let key = &self.keys.everyday;
        let key = (key.access_key_id.clone(), key.secret.clone());
        Some(format!("{}/link/{}", self.console_url.as_ref()?, console.make_link(key)?))
    }

    /// The domains that listen: name and URL, in order of names.
    #[must_use]
    pub fn domains(&self) -> BTreeMap<String, String> {
        let directory = self.state.control.directory();
        let listening = directory.domains().filter_map(|domain| {
            let endpoint = domain.endpoint.as_ref()?;
            Some((domain.name.clone(), format!("https://{endpoint}")))
        });
        listening.collect()
    }

    /// The URL of the domain of this account and name in the service's region, once it listens.
    #[must_use]
    pub fn domain_of(&self, account: &str, name: &str) -> Option<String> {
        let directory = self.state.control.directory();
        let domain = directory.domain(account, &self.region, name)?;
        Some(format!("https://{}", domain.endpoint.as_ref()?))
    }

    /// The URL of the domain that everyday work is with: the first account's `dev`, or its oldest, or the oldest.
    fn first_domain(&self) -> Option<String> {
        let directory = self.state.control.directory();
        let listening = directory.domains().filter(|domain| !domain.deleted);
        let listening = listening.filter_map(|domain| Some((domain, domain.endpoint.as_ref()?)));
        let (_, endpoint) = listening.min_by_key(|(domain, _)| {
            everyday(domain.account == self.account, &domain.name, domain.created)
        })?;
        Some(format!("https://{endpoint}"))
    }

    /// The file of export lines for everyday work.
    #[must_use]
    pub fn env(&self) -> PathBuf {
        self.folder.path("env")
    }

    /// The handle that tests and the reconciler share.
    #[must_use]
    pub fn state(&self) -> &ServiceState {
        &self.state
    }

    /// Whether everything goes with the process.
    #[must_use]
    pub fn is_temporary(&self) -> bool {
        self.folder.is_temporary()
    }

    /// Serves for `time` and tells those who ask (`/readyz`) that it will stop, so that they send nothing more.
    pub async fn drain(&self, time: std::time::Duration) {
        self.state.begin_drain();
        tokio::time::sleep(time).await;
    }

    /// Stops: nothing new is accepted, what runs may finish; what does not in time is called off, and then left
    /// behind. Says whether all of it finished by itself.
    pub async fn stop(self) -> bool {
        let (shutdown, times) = (&self.state.shutdown, self.state.times);
        shutdown.tell();
        let all_gone = shutdown.all_gone(times.drain).await;
        shutdown.call_off();
        if !all_gone {
            shutdown.all_gone(times.call_off).await;
        }
        audit_index::write(&self.state, &self.audit_indices).await;
        tokio::join!(self.state.close_engines(times.close), provisioning::end_all(&self.state));
        used::write(&self.state).await;
        self.state.audit.settle();
        if let Some(logs) = self.state.audit_logs.get() {
            logs.settle(limits::TRACES_SETTLE_TIME).await;
        }
        if let Some(traces) = self.state.traces.get() {
            traces.settle(limits::TRACES_SETTLE_TIME).await;
        }
        let (logs, audit) = (Arc::clone(&self.state.logs), Arc::clone(&self.state.audit));
        let settled = move || {
            logs.settle(times.close);
            audit.sinks().settle(limits::TRACES_SETTLE_TIME);
        };
        let _ = tokio::task::spawn_blocking(settled).await;
        all_gone
    }

    /// The file of export lines for a program that is a workload, if workloads are served.
    fn write_workload_env(&self, options: &StartOptions) -> Result<(), StartError> {
        let name = options.settings.workloads.roles.keys().next();
        let (Some(url), Some(name)) = (&self.workloads_url, name) else { return Ok(()) };
        let token = tokens::file(&self.folder, name).display().to_string();
        let mut variables = vec![
            ("AWS_CONTAINER_CREDENTIALS_FULL_URI".to_owned(), url.clone()),
            ("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE".to_owned(), token),
        ];
        variables.extend(self.places());
        self.folder.write_env("workload.env", &variables)?;
        Ok(())
    }

    /// The file of an account's root.
    pub(super) fn write_root(
        &self,
        accounts: &Accounts,
        account: &str,
        key: &first_start::KnownKey,
    ) -> Result<(), StartError> {
        let file = first_start::root_file(accounts, account);
        self.folder.write_env(&file, &self.variables(key))?;
        Ok(())
    }

    fn write_env(&self, options: &StartOptions) -> Result<(), StartError> {
        self.folder.write_env("root.env", &self.variables(&self.keys.root))?;
        for (account, key) in &self.keys.more_roots {
            self.write_root(&options.settings.accounts, account, key)?;
        }
        if options.everyday {
            self.folder.write_env("env", &self.variables(&self.keys.everyday))?;
            self.write_workload_env(options)?;
        }
        Ok(())
    }

    /// The variables of an environment file, in the order of `docs/operating/dev.md`.
    fn variables(&self, key: &first_start::KnownKey) -> Vec<(String, String)> {
        let mut variables = key.variables();
        variables.extend(self.places());
        if let Some(token) = self.state().test_token.get() {
            variables.push(("COUNTERSIGN_TEST_TOKEN".to_owned(), token.expose().to_owned()));
        }
        variables
    }

    /// Where everything is, and whom to trust.
    fn places(&self) -> Vec<(String, String)> {
        let bundle = self.ca_bundle.display().to_string();
        let mut variables = vec![
            ("AWS_REGION", self.region.clone()),
            ("AWS_DEFAULT_REGION", self.region.clone()),
            ("AWS_ENDPOINT_URL", self.control_url.clone()),
            // By service, too: who unsets the one for all services reaches Amazon's others, and these still here.
            ("AWS_ENDPOINT_URL_ELASTICSEARCH_SERVICE", self.control_url.clone()),
            ("AWS_ENDPOINT_URL_OPENSEARCH", self.control_url.clone()),
            ("AWS_ENDPOINT_URL_IAM", self.control_url.clone()),
            ("AWS_ENDPOINT_URL_STS", self.control_url.clone()),
            ("AWS_ENDPOINT_URL_ACCESSANALYZER", self.control_url.clone()),
            ("AWS_CA_BUNDLE", bundle.clone()),
            ("REQUESTS_CA_BUNDLE", bundle.clone()),
            ("SSL_CERT_FILE", bundle.clone()),
            ("NODE_EXTRA_CA_CERTS", bundle),
            ("COUNTERSIGN_ADMIN", self.admin_url.clone()),
        ];
        if let Some(url) = self.first_domain() {
            variables.push(("COUNTERSIGN_ENDPOINT", url));
        }
        variables.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
    }
}

/// Begins what goes on beside requests until the service ends.
fn keep_house(state: &ServiceState, audit: &AuditSettings) -> Arc<AuditIndices> {
    let indices = Arc::<AuditIndices>::default();
    tokio::spawn(cursor_sweep::expire_for_ever(state.clone()));
    tokio::spawn(disk_watch::watch_for_ever(state.clone()));
    tokio::spawn(metrics_minutes::take_for_ever(state.clone()));
    tokio::spawn(used::write_for_ever(state.clone()));
    tokio::spawn(audit_digests::write_for_ever(state.clone(), audit));
    tokio::spawn(audit_index::write_for_ever(state.clone(), Arc::clone(&indices)));
    indices
}

/// Makes the first inhabitants, and lets every domain listen. A start that fails leaves no node behind that ends with the service.
async fn inhabit(
    state: &ServiceState,
    domains: &DomainReconciler,
    folder: &Folder,
    options: &StartOptions,
    root_key: Option<RootKey>,
) -> Result<(first_start::KnownKeys, bool), StartError> {
    let begun = async {
        let made = first_start::ensure(state, domains, folder, options, root_key).await?;
        audit_index::choose(state);
        domains.reconcile(state).await.map_err(StartError::Domain)?;
        Ok(made)
    };
    let begun = begun.await;
    if begun.is_err() {
        provisioning::end_all(state).await;
    }
    begun
}

/// Follows what others change: the certificate's files, and the state that several gateways share.
fn follow_others(state: &ServiceState, folder: &Folder, ca_bundle: &Path) {
    tokio::spawn(follow_certificate::follow(state.clone(), ca_bundle.to_owned()));
    if !folder.is_temporary() {
        follow_store::listen(state);
        tokio::spawn(follow_store::follow(state.clone()));
        tokio::spawn(gateway_news::exchange_for_ever(state.clone()));
    }
}

/// Serves the control plane; its listener, through which the console calls it, and its port.
fn serve_control(socket: TcpListener, state: &ServiceState) -> (Arc<Listener>, u16) {
    let port = port(&socket);
    state.set_control_port(port);
    let listener = Arc::new(Listener::new(ListenerTarget::Control, port));
    let acceptor = state.tls.configs.clone();
    tokio::spawn(accept::listen(socket, acceptor, Arc::clone(&listener), state.clone()));
    (listener, port)
}

/// Binds the console's listener, where there is one.
async fn bind_console(address: &Option<String>) -> Result<Option<TcpListener>, StartError> {
    match address {
        Some(address) => bind("console", address).await.map(Some),
        None => Ok(None),
    }
}

/// Serves the console, whose calls go through the listener of the control plane; gives its URL.
fn serve_console(
    socket: Option<TcpListener>,
    control: Arc<Listener>,
    options: &StartOptions,
    state: &ServiceState,
) -> Option<String> {
    let (socket, chosen) = (socket?, &options.settings.console);
    let port = port(&socket);
    let own = format!("https://{}:{port}", name_of(&options.settings));
    let url = chosen.url.as_deref().unwrap_or(&own).trim_end_matches('/');
    state.console.get_or_init(|| ConsoleState::new(control, Some(url), chosen.session_seconds));
    let listener = Arc::new(Listener::new(ListenerTarget::Console, port));
    tokio::spawn(accept::listen(socket, state.tls.configs.clone(), listener, state.clone()));
    Some(own)
}

/// Binds the workloads' listener; anywhere but on loopback it would show secrets to the network.
async fn bind_workloads(workloads: &WorkloadSettings) -> Result<Option<TcpListener>, StartError> {
    let Some(address) = &workloads.listen else { return Ok(None) };
    let listener = bind("workloads", address).await?;
    if local(&listener).ip().is_loopback() {
        return Ok(Some(listener));
    }
    let error = std::io::Error::new(std::io::ErrorKind::InvalidInput, "not a loopback address");
    Err(StartError::Listen { which: "workloads", address: address.clone(), error })
}

/// Serves workloads, once their roles are there; gives the URL of their credentials.
fn serve_workloads(
    listener: Option<TcpListener>,
    folder: &Folder,
    options: &StartOptions,
    state: &ServiceState,
) -> Result<Option<String>, StartError> {
    let Some(listener) = listener else { return Ok(None) };
    let given = &options.settings.workloads;
    let mut all = Vec::new();
    for (name, role_arn) in &given.roles {
        let token = WorkloadToken::open(folder, name)?;
        all.push(Workload::new(name.clone(), role_arn.clone(), given.session_seconds, token));
    }
    let url = format!("http://{}{}", local(&listener), workloads::PATH);
    let workloads = Arc::new(Workloads::new(all));
    tokio::spawn(workloads::listen(listener, workloads, state.clone()));
    Ok(Some(url))
}

/// The roots that identity providers' certificates may descend from: those that our own clients trust, and the operator's.
fn provider_roots(
    folder: &Folder,
    bundle: &Path,
    settings: &Settings,
) -> Result<PathBuf, StartError> {
    let Some(more) = &settings.oidc.ca else { return Ok(bundle.to_owned()) };
    let known = std::fs::read_to_string(bundle);
    let known = known.map_err(|error| FolderError::File(bundle.to_owned(), error))?;
    let more_pem = certificates_in(more)?;
    let path = folder.path("provider-roots.pem");
    crate::service::private_file::write(&path, &format!("{known}\n{more_pem}"))
        .map_err(|error| FolderError::File(path.clone(), error))?;
    Ok(path)
}

/// Opens the state as the operator chose it to be served.
fn open_chosen(
    folder: &Folder,
    chosen: &Settings,
    certificates: &EndpointCertificates,
) -> Result<ControlPlane, StartError> {
    let gateway = match chosen.state.url {
        Some(_) => Some(gateway_id::of_folder(folder)?),
        None => None,
    };
    open_control(folder, chosen, control_settings(chosen, certificates, gateway)?)
}

/// Opens the state: of a data folder, or of the database that the settings name.
pub(super) fn open_control(
    folder: &Folder,
    chosen: &Settings,
    settings: control::ControlSettings,
) -> Result<ControlPlane, StartError> {
    let (path, place) = match &chosen.state.url {
        Some(url) => (PathBuf::from(url.as_str()), database(url, &chosen.state)?),
        None if folder.is_temporary() => (folder.path("state.db"), StorePlace::Memory),
        None => {
            let path = folder.path("state.db");
            crate::service::private_file::begin(&path)
                .map_err(|error| FolderError::File(path.clone(), error))?;
            (path.clone(), StorePlace::File(path))
        }
    };
    let open = |sealing_key| {
        let (place, settings) = (place.clone(), settings.clone());
        ControlPlane::open(control::ControlOptions { place, sealing_key, settings })
    };
    let failed = |error| match error {
        control::OpenError::Policy { setting, why } => StartError::Policies(setting, why),
        error => StartError::State(path.clone(), error.to_string()),
    };
    // Somebody changes the key, or was interrupted: everything is sealed with the next one, or nothing.
    let whole = |key| open(key).and_then(|control| control.check_secrets().map(|()| control));
    if let Some(path) = &chosen.state.sealing_key_file {
        let key = folder.sealing_key(Some(path))?;
        return match folder::read_key(&folder::next_key_file(path))? {
            Some(next) => whole(next).or_else(|_| open(key)).map_err(failed),
            None => open(key).map_err(failed),
        };
    }
    let Some(next) = folder.next_sealing_key()? else {
        return open(folder.sealing_key(None)?).map_err(failed);
    };
    // Who is not the folder's owner changes none of its files: the owner may be about to commit.
    if let Ok(control) = whole(next) {
        if folder.is_owned() {
            folder.take_sealing_key()?;
        }
        return Ok(control);
    }
    let control = whole(folder.sealing_key(None)?).map_err(failed)?;
    if folder.is_owned() {
        folder.drop_next_sealing_key()?;
    }
    Ok(control)
}

/// The database of `state.url`, with the password of the moment at each connection.
fn database(url: &PostgresUrl, state: &StateSettings) -> Result<StorePlace, StartError> {
    let mut roots = folder::system_roots();
    if let Some(path) = &state.tls_ca {
        roots.push('\n');
        roots += &certificates_in(path)?;
    }
    let file = state.password_file.clone();
    let password = move || match &file {
        None => Ok(Zeroizing::default()),
        Some(path) => password_in(path).map_err(|error| error.to_string()),
    };
    Ok(StorePlace::Postgres(PostgresPlace::new(url.clone(), password, roots.as_bytes())))
}

/// The password that a file holds: its text without the end of the line.
pub(super) fn password_in(path: &Path) -> Result<Zeroizing<String>, FolderError> {
    let text = std::fs::read_to_string(path).map(Zeroizing::new);
    let text = text.map_err(|error| FolderError::File(path.to_owned(), error))?;
    Ok(Zeroizing::new(text.trim_end_matches(['\r', '\n']).to_owned()))
}

/// The certificates of a PEM file, of which there must be one.
pub(super) fn certificates_in(path: &Path) -> Result<String, FolderError> {
    let failed = |error| FolderError::File(path.to_owned(), error);
    let text = std::fs::read_to_string(path).map_err(failed)?;
    if text.contains("-----BEGIN CERTIFICATE-----") {
        return Ok(text);
    }
    Err(failed(std::io::Error::new(std::io::ErrorKind::InvalidData, "holds no certificate")))
}

/// What operations need to know of what the operator chose.
pub(super) fn control_settings(
    chosen: &Settings,
    certificates: &EndpointCertificates,
    gateway: Option<String>,
) -> Result<control::ControlSettings, StartError> {
    let names = certificates.iter().map(|(arn, it)| (arn.clone(), it.names.clone()));
    let policies =
        organization::read(chosen).map_err(|(setting, why)| StartError::Policies(setting, why))?;
    Ok(control::ControlSettings {
        storage_encrypted: chosen.storage_encrypted,
        open_policies: chosen.open_policies,
        foreign_principals: chosen.foreign_principals,
        vpc: control::VpcSettings {
            id: chosen.vpc.id.clone(),
            subnets: chosen.vpc.subnets.keys().cloned().collect(),
            security_groups: chosen.vpc.security_groups.keys().cloned().collect(),
        },
        certificates: names.collect(),
        domain_defaults: control::DomainExtras {
            mode: chosen.domain_defaults.authorization,
            signature_diagnostics: chosen.domain_defaults.signature_diagnostics,
            acknowledges_wider_policy: chosen.domain_defaults.wider_policy,
            ..control::DomainExtras::default()
        },
        packages: chosen.packages.folder.clone().map(package_source::reader),
        sealing_keys: chosen
            .state
            .sealing_key_file
            .clone()
            .map(|file| control::SealingKeyReader::new(move || folder::keys_beside(&file))),
        log_groups: chosen.logs.groups.keys().cloned().collect(),
        gateway,
        service_control_policies: policies.service_control,
        resource_control_policies: policies.resource_control,
        endpoint_policies: policies.endpoints,
        ..control::ControlSettings::default()
    })
}

/// Opens the audit of a data folder: its files only for the one process that writes them.
pub(super) fn open_audit(
    folder: &Folder,
    settings: &AuditSettings,
    alone: bool,
) -> Result<Audit, StartError> {
    let path = folder.path("audit");
    let failed = |error| FolderError::File(path.clone(), error);
    let mut place = None;
    if alone && !folder.is_temporary() {
        let seed = folder.audit_key(settings.key_file.as_deref())?;
        let key =
            DigestKey::of_seed(&seed).ok_or_else(|| failed(io::ErrorKind::InvalidData.into()))?;
        folder.write_audit_public_key(&key.public())?;
        place = Some(AuditPlace { folder: &path, key });
    }
    Ok(Audit::open(place, settings).map_err(failed)?)
}

/// Looks at the operator's dictionary of Japanese, which is read when it is first needed.
fn open_japanese(state: &ServiceState) -> Result<(), StartError> {
    if let Some(folder) = &state.settings().engine.japanese_dictionary {
        let dictionary = JapaneseDictionary::in_folder(folder).map_err(StartError::Dictionary)?;
        state.japanese.get_or_init(|| Arc::new(dictionary));
    }
    Ok(())
}

async fn bind(which: &'static str, address: &str) -> Result<TcpListener, StartError> {
    let failed = |error| StartError::Listen { which, address: address.to_owned(), error };
    // `localhost` is two addresses; one of them is enough, and IPv4's is the one that all have.
    let plain = address.replace("localhost:", "127.0.0.1:");
    TcpListener::bind(&plain).await.map_err(failed)
}

/// What domains are ordered by to find the one that everyday work is with: whether the account is the first one, the
/// name, when it was made.
fn everyday(own: bool, name: &str, created: i64) -> (bool, bool, i64, String) {
    (!(own && name == first_start::DEV), !own, created, name.to_owned())
}

fn local(listener: &TcpListener) -> SocketAddr {
    listener.local_addr().unwrap_or_else(|_| SocketAddr::from(([127, 0, 0, 1], 0)))
}

fn port(listener: &TcpListener) -> u16 {
    local(listener).port()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everyday_work_is_with_dev_then_with_the_accounts_oldest_domain() {
        let first = |domains: &[(bool, &'static str, i64)]| {
            domains.iter().min_by_key(|(own, name, made)| everyday(*own, name, *made)).unwrap().1
        };
        assert_eq!(first(&[(true, "books", 1), (true, "dev", 2), (false, "dev", 0)]), "dev");
        assert_eq!(first(&[(true, "articles", 2), (true, "books", 1)]), "books");
        assert_eq!(first(&[(false, "older", 1), (true, "own", 2)]), "own");
        assert_eq!(first(&[(true, "b", 1), (true, "a", 1)]), "a");
    }
}
