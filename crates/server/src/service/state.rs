//! What every phase of the walk may see: the control plane, the open doors, the audit, the limits.

use std::collections::BTreeMap;
use std::ops::Deref;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use engine::Cancel;
use rustls::ServerConfig;
use tokio::sync::{Notify, Semaphore};

use crate::admin::metrics::Metrics;
use crate::audit::{Audit, Lookups};
use crate::guards::answers::Answers;
use crate::guards::budgets::Budgets;
use crate::guards::limits;
use crate::guards::passwords::Basic;
use crate::guards::throttle::{Source, Throttle};
use crate::service::backends::{Backend, ControlPlane, Embedded};
use crate::service::clock::Clock;
use crate::service::issuers::Issuers;
use crate::service::options::StartOptions;
use crate::service::pool::{Bounds, Pool};
use crate::service::shutdown::Shutdown;
use crate::service::signing_keys::Keys;
use crate::settings::Settings;
use crate::transport::connections::Connections;
use crate::transport::listener::{Behind, DomainKey, Door};
use crate::transport::spool::Spool;

/// A shared handle on the service.
#[derive(Clone)]
pub struct Porch(Arc<Inner>);

/// What the handle is on.
pub struct Inner {
    /// What the operator chose.
    pub settings: Settings,
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
    pub records: Lookups,
    /// Users, roles, keys, sessions, domains and their policies.
    pub control: Arc<ControlPlane>,
    /// Where bodies for domains are while they come in (admission by bytes).
    pub spool: Arc<Spool>,
    /// Where bodies for the control plane are: a reserve of its own.
    pub control_spool: Arc<Spool>,
    /// Places of connections that read ahead of TLS.
    pub read_aheads: Arc<Semaphore>,
    /// Where requests to domains run.
    pub pool: Pool,
    /// Where the control plane runs: nothing that domains are asked for is in its way.
    pub control_pool: Pool,
    /// Answers of domains that are on their way.
    pub answers: Answers,
    /// The memory that requests to domains may hold at once, beside their bodies.
    pub memory: Budgets,
    /// Day-scoped signing keys, derived once.
    pub keys: Keys,
    /// Failed signatures by source.
    pub failed_signatures: Throttle<Source>,
    /// What is remembered of passwords, and what bounds their cost.
    pub basic: Basic,
    /// The keys of OpenID Connect providers.
    pub issuers: Issuers,
    /// How long connections are waited for.
    pub times: limits::Times,
    /// The certificate and protocols of every listener.
    pub tls: Arc<ServerConfig>,
    /// Where the control plane listens.
    control_port: OnceLock<u16>,
    /// Told when the directory says something else about domains.
    pub domains_changed: Notify,
    /// Open doors of domains by [`DomainKey`].
    doors: Mutex<BTreeMap<DomainKey, Arc<Door>>>,
    ready: AtomicBool,
}

impl Porch {
    /// A porch without doors.
    #[must_use]
    pub fn new(
        clock: Clock,
        control: Arc<ControlPlane>,
        audit: Audit,
        issuers: Issuers,
        tls: Arc<ServerConfig>,
        spool: PathBuf,
        options: &StartOptions,
    ) -> Self {
        let settings = options.settings.clone();
        let calls = Bounds::chosen(&settings.limits);
        Self(Arc::new(Inner {
            clock,
            shutdown: Shutdown::default(),
            connections: Connections::new(&settings.limits, settings.trusted_proxies.clone()),
            metrics: Metrics::default(),
            audit: Arc::new(audit),
            records: Lookups::default(),
            control,
            spool: Arc::new(Spool::of_domains(spool.clone(), &settings)),
            control_spool: Arc::new(Spool::of_control(spool)),
            read_aheads: Arc::new(Semaphore::new(limits::READ_AHEADS_MAX)),
            pool: Pool::new(calls),
            control_pool: Pool::new(calls),
            answers: Answers::new(settings.limits.answer_bytes_per_account),
            memory: Budgets::new(settings.engine.memory_bytes_max),
            keys: Keys::default(),
            failed_signatures: Throttle::new(
                f64::from(settings.limits.failed_signatures_per_second),
                f64::from(settings.limits.failed_signatures_burst),
            ),
            basic: Basic::default(),
            issuers,
            times: options.times,
            tls,
            control_port: OnceLock::new(),
            domains_changed: Notify::new(),
            doors: Mutex::default(),
            ready: AtomicBool::new(false),
            settings,
        }))
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

    /// The engines of the domains that listen.
    pub(crate) fn engines(&self) -> Vec<Arc<Embedded>> {
        let doors = self.doors();
        let behind = doors.values().filter_map(|door| match &door.behind {
            Behind::Domain { backend: Backend::Embedded(engine), .. } => Some(Arc::clone(engine)),
            Behind::Control => None,
        });
        behind.collect()
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

    /// Whether every listener accepts and the service was not told to stop.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.ready.load(Ordering::Acquire)
    }

    /// How many domains listen.
    #[must_use]
    pub fn doors_open(&self) -> usize {
        self.doors().len()
    }

    /// The doors, for the reconciler only.
    pub(crate) fn doors(&self) -> MutexGuard<'_, BTreeMap<DomainKey, Arc<Door>>> {
        self.doors.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Deref for Porch {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}
