//! What every phase of the walk may see: the control plane, the open listeners, the audit, the limits.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Deref;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use arc_swap::{ArcSwap, Guard};
use engine::Cancel;
use engine::analysis::JapaneseDictionary;
use tokio::sync::{Notify, Semaphore};

use crate::admin::metrics::Metrics;
use crate::audit::{Audit, RecordLookups, RequestIds};
use crate::guards::answers::UnreadAnswers;
use crate::guards::budgets::MemoryBudgets;
use crate::guards::limits;
use crate::guards::passwords::PasswordChecks;
use crate::guards::quotas::{QuotaBounds, Quotas};
use crate::guards::request_rates::{RatesPerSecond, RequestRates};
use crate::guards::throttle::{SourceAddress, Throttle};
use crate::provisioning::Provisioned;
use crate::service::backends::{Backend, ControlPlane, Embedded};
use crate::service::clock::Clock;
use crate::service::console_state::ConsoleState;
use crate::service::gateway_minutes::GatewayMinutes;
use crate::service::heard_gateways::HeardGateways;
use crate::service::issuers::Issuers;
use crate::service::migration::running::Migrations;
use crate::service::options::StartOptions;
use crate::service::pool::{Pool, PoolBounds};
use crate::service::published_logs::PublishedLogs;
use crate::service::removals::Removals;
use crate::service::shutdown::Shutdown;
use crate::service::signing_keys::SigningKeys;
use crate::service::store_watch::StoreWatch;
use crate::service::test_token::TestToken;
use crate::service::upstream::Upstream;
use crate::settings::{LimitSettings, SettingOrigins, Settings};
use crate::traces::{AuditLogs, Traces};
use crate::transport::certificates::ServedCertificates;
use crate::transport::connections::Connections;
use crate::transport::listener::{DomainKey, Listener, ListenerTarget};
use crate::transport::spool::Spool;
use crate::transport::tls::ServedTls;

/// A shared handle on the service.
#[derive(Clone)]
pub struct ServiceState(Arc<ServiceParts>);

/// What the handle is on.
pub struct ServiceParts {
    /// What the operator chose.
    settings: ArcSwap<Settings>,
    /// Where that comes from.
    pub(crate) origins: ArcSwap<SettingOrigins>,
    /// The only source of time.
    pub clock: Clock,
    /// Told when the service is to end.
    pub shutdown: Shutdown,
    /// Who is connected.
    pub connections: Arc<Connections>,
    /// Counters.
    pub metrics: Metrics,
    /// Where records go.
    pub audit: Arc<Audit>,
    /// Who looks records up in files.
    pub records: RecordLookups,
    /// Users, roles, keys, sessions, domains and their policies.
    pub control: Arc<ControlPlane>,
    /// How old what the control plane knows may be.
    pub(crate) store: Arc<StoreWatch>,
    /// Which gateway this is among those that share the state; none where nobody does.
    pub(crate) gateway: Option<String>,
    /// The ids of the requests that it answers.
    pub(crate) request_ids: RequestIds,
    /// What the other gateways tell of their domains.
    pub(crate) heard: HeardGateways,
    /// What all gateways counted in the last hour.
    pub(crate) minutes: GatewayMinutes,
    /// Where the logs go that domains publish.
    pub logs: Arc<PublishedLogs>,
    /// Where bodies for domains are while they come in (admission by bytes).
    pub spool: Arc<Spool>,
    /// Where bodies for the control plane are: a reserve of its own.
    pub control_spool: Arc<Spool>,
    /// Places of connections that read ahead of TLS.
    pub read_aheads: Arc<Semaphore>,
    /// Where requests to domains run.
    pub pool: Pool,
    /// Where what domains are asked for goes on after the answer.
    pub tasks: Pool,
    /// Where the control plane runs: nothing that domains are asked for is in its way.
    pub control_pool: Pool,
    /// Answers of domains that are on their way.
    pub answers: UnreadAnswers,
    /// The memory that requests to domains may hold at once, beside their bodies.
    pub memory: MemoryBudgets,
    /// Day-scoped signing keys, derived once.
    pub keys: SigningKeys,
    /// Failed signatures by source.
    pub failed_signatures: Throttle<SourceAddress>,
    /// What is left of the rates of requests to domains.
    pub(crate) request_rates: RequestRates,
    /// What each caller and each domain may have under way.
    pub(crate) quotas: Quotas,
    /// What is remembered of passwords, and what bounds their cost.
    pub basic: PasswordChecks,
    /// The keys of OpenID Connect providers.
    pub issuers: Issuers,
    /// Where traces of requests go, if anywhere.
    pub(crate) traces: OnceLock<Traces>,
    /// What sends audit records to a collector, where the operator wants that.
    pub(crate) audit_logs: OnceLock<Arc<AuditLogs>>,
    /// What a test shows to move the clock of an account, or to clone it: in `dev` only.
    pub test_token: OnceLock<TestToken>,
    /// The console, where there is one.
    pub(crate) console: OnceLock<ConsoleState>,
    /// How long connections are waited for.
    pub times: limits::TimeLimits,
    /// Where the data is.
    pub(crate) folder: PathBuf,
    /// The regions beside its own whose hosts the service's own certificate has.
    pub(crate) certified_regions: Mutex<BTreeSet<String>>,
    /// The dictionary that the engines of all domains analyze Japanese by, where the operator has one.
    pub(crate) japanese: OnceLock<Arc<JapaneseDictionary>>,
    /// Below it are the repositories of snapshots of all domains.
    pub(crate) repositories: PathBuf,
    /// The certificate and protocols of every listener.
    pub tls: ServedTls,
    /// The certificates of custom endpoints.
    pub(crate) endpoint_certificates: ServedCertificates,
    /// Where the control plane listens.
    control_port: OnceLock<u16>,
    /// Told when the directory says something else about domains.
    pub domains_changed: Notify,
    /// Held by whoever opens or closes listeners of domains: one at a time.
    pub(crate) domains_turn: tokio::sync::Mutex<()>,
    /// The clusters whose nodes this service runs.
    pub(crate) provisioned: Provisioned,
    /// Domains that move to a cluster.
    pub(crate) migrations: Migrations,
    /// Deleted domains whose things go from a cluster that they share.
    pub(crate) removals: Removals,
    /// Open listeners of domains by [`DomainKey`].
    listeners: Mutex<BTreeMap<DomainKey, Arc<Listener>>>,
    ready: AtomicBool,
    draining: AtomicBool,
}

impl ServiceState {
    // long: every part once
    /// A service without listeners of domains, whose data is in `folder`.
    #[must_use]
    pub fn new(
        clock: Clock,
        control: Arc<ControlPlane>,
        audit: Audit,
        issuers: Issuers,
        tls: ServedTls,
        folder: PathBuf,
        options: &StartOptions,
    ) -> Self {
        let settings = options.settings.clone();
        let gateway = control.gateway();
        let calls = PoolBounds::chosen(&settings.limits);
        let chosen = settings.domains.repositories.clone();
        let repositories = chosen.unwrap_or_else(|| folder.join("repositories"));
        Self(Arc::new(ServiceParts {
            folder: folder.clone(),
            certified_regions: Mutex::default(),
            japanese: OnceLock::new(),
            repositories,
            clock,
            shutdown: Shutdown::default(),
            connections: Connections::new(&settings.limits, settings.trusted_proxies.clone()),
            metrics: Metrics::default(),
            audit: Arc::new(audit),
            records: RecordLookups::default(),
            control,
            store: Arc::new(StoreWatch::new(gateway.is_some())),
            request_ids: RequestIds::of(gateway.as_deref()),
            gateway,
            heard: HeardGateways::default(),
            minutes: GatewayMinutes::default(),
            logs: Arc::new(PublishedLogs::new(settings.logs.clone())),
            spool: Arc::new(Spool::of_domains(folder.clone(), &settings)),
            control_spool: Arc::new(Spool::of_control(folder)),
            read_aheads: Arc::new(Semaphore::new(limits::READ_AHEADS_MAX)),
            pool: Pool::new(calls),
            tasks: Pool::new(PoolBounds::of_tasks()),
            control_pool: Pool::new(calls),
            answers: UnreadAnswers::new(settings.limits.answer_bytes_per_account),
            memory: MemoryBudgets::new(settings.engine.memory_bytes_max),
            keys: SigningKeys::default(),
            failed_signatures: Throttle::new(
                f64::from(settings.limits.failed_signatures_per_second),
                f64::from(settings.limits.failed_signatures_burst),
            ),
            quotas: quotas(&settings.limits),
            request_rates: RequestRates::new(RatesPerSecond {
                principal: settings.limits.requests_per_second_per_principal,
                address: settings.limits.requests_per_second_per_address,
                domain: settings.limits.requests_per_second_per_domain,
            }),
            basic: PasswordChecks::default(),
            issuers,
            traces: OnceLock::new(),
            audit_logs: OnceLock::new(),
            test_token: OnceLock::new(),
            console: OnceLock::new(),
            times: options.times,
            tls,
            endpoint_certificates: ServedCertificates::default(),
            control_port: OnceLock::new(),
            domains_changed: Notify::new(),
            domains_turn: tokio::sync::Mutex::default(),
            provisioned: Provisioned::default(),
            migrations: Migrations::default(),
            removals: Removals::default(),
            listeners: Mutex::default(),
            ready: AtomicBool::new(false),
            draining: AtomicBool::new(false),
            settings: ArcSwap::from_pointee(settings),
            origins: ArcSwap::from_pointee(options.origins.clone()),
        }))
    }

    /// Tells the operator's collector of requests from now on, where there is one; and gives audit records to their other sinks.
    ///
    /// # Errors
    /// As [`Traces::open`] and [`AuditLogs::open`].
    pub(crate) fn tell(&self) -> Result<(), String> {
        let (settings, sinks) = (self.settings(), self.audit.sinks());
        if let Some(traces) = Traces::open(&settings.traces)? {
            let _ = self.traces.set(traces);
        }
        if let Some(queue) = sinks.collector() {
            let logs = Arc::new(AuditLogs::open(&settings, queue)?);
            let shutdown = self.shutdown.clone();
            tokio::spawn(Arc::clone(&logs).run(async move { shutdown.told().await }));
            let _ = self.audit_logs.set(logs);
        }
        sinks.write_stdout().map_err(|error| error.to_string())
    }

    /// What the operator chose, as it is now.
    #[must_use]
    pub fn settings(&self) -> Guard<Arc<Settings>> {
        self.settings.load()
    }

    /// The operator chose something else.
    pub(crate) fn set_settings(&self, settings: Settings) {
        self.connections.trust_proxies(settings.trusted_proxies.clone());
        self.logs.choose(settings.logs.clone());
        self.settings.store(Arc::new(settings));
    }

    /// Says where the control plane listens, once.
    pub(crate) fn set_control_port(&self, port: u16) {
        let _ = self.control_port.set(port);
    }

    /// Where the control plane listens, once it does.
    #[must_use]
    pub fn control_port(&self) -> Option<u16> {
        self.control_port.get().copied()
    }

    /// What serves the domains that listen.
    pub(crate) fn backends(&self) -> Vec<Backend> {
        let listeners = self.listeners();
        let target = listeners.values().filter_map(|listener| match &listener.target {
            ListenerTarget::Domain { serving, .. } => Some(Backend::clone(&serving.current())),
            ListenerTarget::Control
            | ListenerTarget::Console
            | ListenerTarget::SignIn
            | ListenerTarget::Elsewhere { .. } => None,
        });
        target.collect()
    }

    /// The engines of the domains that listen.
    pub(crate) fn engines(&self) -> Vec<Arc<Embedded>> {
        let engine = |backend| match backend {
            Backend::Embedded(engine) => Some(engine),
            Backend::Upstream(_) => None,
        };
        self.backends().into_iter().filter_map(engine).collect()
    }

    /// The clusters elsewhere of the domains that listen.
    pub(crate) fn clusters(&self) -> Vec<Arc<Upstream>> {
        let cluster = |backend| match backend {
            Backend::Upstream(cluster) => Some(cluster),
            Backend::Embedded(_) => None,
        };
        self.backends().into_iter().filter_map(cluster).collect()
    }

    /// Lets the engines write down what they hold, so that the next start has nothing to replay; all at once, at most
    /// `patience`. What is not written by then is in the translogs.
    pub(crate) async fn close_engines(&self, patience: std::time::Duration) {
        let mut closing = tokio::task::JoinSet::new();
        let cancel = Cancel::new();
        for engine in self.engines() {
            let cancel = cancel.clone();
            closing.spawn_blocking(move || engine.close(&cancel));
        }
        let closed = async { while closing.join_next().await.is_some() {} };
        if tokio::time::timeout(patience, closed).await.is_err() {
            cancel.cancel();
            tracing::warn!(
                "an engine did not close in time; its translog is replayed at the next start"
            );
        }
        // Dropping the set would wait for nothing: a thread that blocks cannot be ended.
        closing.detach_all();
    }

    /// How long a connection that is told to end may take for it.
    pub(crate) fn finish_time(&self) -> std::time::Duration {
        // One that makes room for another was idle, or has an answer on its way.
        if self.shutdown.is_told() { self.times.finish() } else { self.times.drain_body }
    }

    /// Every listener accepts.
    pub fn set_ready(&self) {
        self.ready.store(true, Ordering::Release);
    }

    /// The service will stop: nobody should send it anything new.
    pub(crate) fn begin_drain(&self) {
        self.draining.store(true, Ordering::Release);
    }

    /// Whether the service will stop, or stops.
    #[must_use]
    pub(crate) fn is_draining(&self) -> bool {
        self.draining.load(Ordering::Acquire) || self.shutdown.is_told()
    }

    /// Whether every listener accepts and the service was not told to stop.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.ready.load(Ordering::Acquire) && !self.is_draining()
    }

    /// How old what the control plane knows may be.
    pub(crate) fn stale_for(&self) -> std::time::Duration {
        std::time::Duration::from_secs(u64::from(self.settings().state.stale_for))
    }

    /// How many domains listen.
    #[must_use]
    pub fn listening(&self) -> usize {
        let is_served =
            |listener: &&Arc<Listener>| matches!(listener.target, ListenerTarget::Domain { .. });
        self.listeners().values().filter(is_served).count()
    }

    /// The listeners, for the reconciler only.
    pub(crate) fn listeners(&self) -> MutexGuard<'_, BTreeMap<DomainKey, Arc<Listener>>> {
        self.listeners.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The quotas that the operator set.
fn quotas(chosen: &LimitSettings) -> Quotas {
    let searches = QuotaBounds {
        principal: chosen.searches_per_principal,
        address: chosen.searches_per_address,
        domain: chosen.searches_per_domain,
    };
    let bytes = QuotaBounds {
        principal: chosen.bytes_in_flight_per_principal,
        address: chosen.bytes_in_flight_per_address,
        domain: chosen.bytes_in_flight_per_domain,
    };
    Quotas::new(searches, bytes)
}

impl Deref for ServiceState {
    type Target = ServiceParts;

    fn deref(&self) -> &ServiceParts {
        &self.0
    }
}
