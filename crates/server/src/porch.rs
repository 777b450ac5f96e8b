//! What every phase of the walk may see: the control plane, the open doors, the audit, the limits.

use std::collections::BTreeMap;
use std::ops::Deref;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use control::Control;
use engine::{Budget, Engine};
use ipnet::IpNet;
use rustls::ServerConfig;
use tokio::sync::{Semaphore, watch};

use crate::audit::Audit;
use crate::basic::Basic;
use crate::clock::Clock;
use crate::domains::{DomainError, Domains};
use crate::issuers::Issuers;
use crate::keys::Keys;
use crate::limits;
use crate::metrics::Metrics;
use crate::pool::Pool;
use crate::replay::Replays;
use crate::shutdown::Shutdown;
use crate::spool::Spool;
use crate::start::Deployment;
use crate::throttle::{Source, Throttle};

/// A shared handle on the service.
#[derive(Clone)]
pub struct Porch(Arc<Inner>);

/// What the handle is on.
pub struct Inner {
    /// The only source of time.
    pub clock: Clock,
    /// Told when the service is to end.
    pub shutdown: Shutdown,
    /// Counters.
    pub metrics: Metrics,
    /// Where records go.
    pub audit: Arc<Audit>,
    /// Users, roles, keys, sessions, domains and their policies.
    pub control: Arc<Control>,
    /// Where bodies are while they come in (admission by bytes).
    pub spool: Arc<Spool>,
    /// Places of connections that read ahead of TLS.
    pub read_aheads: Arc<Semaphore>,
    /// Most bytes of a body of a domain.
    pub body_bytes_max: usize,
    /// Where synchronous work runs.
    pub pool: Pool,
    /// The memory that all requests of all engines may hold at once, beside their bodies.
    pub engine_memory: Budget,
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
    /// The proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpNet>,
    /// The certificate and protocols of every listener.
    pub tls: Arc<ServerConfig>,
    /// Follows what the directory says about domains.
    domains: OnceLock<Domains>,
    /// Open doors of domains by [`DomainKey`].
    doors: Mutex<BTreeMap<DomainKey, Arc<Door>>>,
    ready: AtomicBool,
}

impl Porch {
    /// A porch without doors.
    #[must_use]
    pub fn new(
        clock: Clock,
        control: Arc<Control>,
        audit: Audit,
        issuers: Issuers,
        tls: Arc<ServerConfig>,
        spool: PathBuf,
        deployment: &Deployment,
    ) -> Self {
        Self(Arc::new(Inner {
            clock,
            shutdown: Shutdown::new(limits::CONNECTIONS_MAX),
            metrics: Metrics::default(),
            audit: Arc::new(audit),
            control,
            spool: Arc::new(Spool::new(spool, deployment.body_bytes_max)),
            read_aheads: Arc::new(Semaphore::new(limits::READ_AHEADS_MAX)),
            body_bytes_max: deployment.body_bytes_max,
            pool: Pool::default(),
            engine_memory: Budget::new("parent", deployment.engine_memory_bytes_max),
            keys: Keys::default(),
            failed_signatures: deployment.failed_signatures.throttle(),
            basic: Basic::default(),
            issuers,
            times: deployment.times,
            trusted_proxies: deployment.trusted_proxies.clone(),
            tls,
            domains: OnceLock::new(),
            doors: Mutex::default(),
            ready: AtomicBool::new(false),
        }))
    }

    /// Gives the porch its reconciler, once.
    pub(crate) fn set_domains(&self, domains: Domains) {
        let _ = self.domains.set(domains);
    }

    /// Makes doors and engines what the directory says, now.
    pub(crate) async fn reconcile(&self) -> Result<(), DomainError> {
        match self.domains.get() {
            Some(domains) => domains.reconcile(self).await,
            None => Ok(()),
        }
    }

    /// The same, without waiting: whoever asked reads the reply while the listener opens.
    pub(crate) fn reconcile_soon(&self) {
        let porch = self.clone();
        // A failure was logged, and the domain shows it: its endpoint does not appear.
        tokio::spawn(async move { porch.reconcile().await.is_ok() });
    }

    /// Lets the engines write down what they hold, so that the next start has nothing to replay.
    pub(crate) async fn close_engines(&self) {
        let engines: Vec<_> = {
            let doors = self.doors();
            let behind = doors.values().filter_map(|door| match &door.behind {
                Behind::Domain { engine, .. } => Some(Arc::clone(engine)),
                Behind::Control => None,
            });
            behind.collect()
        };
        let closing = self.pool.run(move || engines.iter().for_each(|engine| engine.close()));
        if closing.await.is_err() {
            tracing::error!("an engine did not close; its translog is replayed at the next start");
        }
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

/// Which domain: a name alone is not enough, a domain made again under its old name is another one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct DomainKey {
    /// The owner.
    pub account: String,
    /// Where it is.
    pub region: String,
    /// Its name.
    pub name: String,
    /// New for each creation.
    pub unique: String,
}

/// A listener and what is behind it. Control and data plane are told apart by it, never by path.
pub struct Door {
    /// What is behind it.
    pub behind: Behind,
    /// The port it listens on.
    pub port: u16,
    /// The signatures that were used on it, where the domain accepts each once.
    pub replays: Mutex<Replays>,
    closing: watch::Sender<bool>,
}

/// What is behind a door.
pub enum Behind {
    /// The control plane.
    Control,
    /// One domain's data plane.
    Domain {
        /// Which.
        key: DomainKey,
        /// Its indices.
        engine: Arc<Engine>,
    },
}

impl Door {
    /// A door that is open.
    #[must_use]
    pub fn new(behind: Behind, port: u16) -> Self {
        Self { behind, port, replays: Mutex::default(), closing: watch::Sender::new(false) }
    }

    /// Closes it: its listener ends, its connections finish what they do.
    pub fn close(&self) {
        self.closing.send_replace(true);
    }

    /// Resolves when it was closed.
    pub async fn closed(&self) {
        let mut watch = self.closing.subscribe();
        let _ = watch.wait_for(|closing| *closing).await;
    }

    /// How audit records name it.
    #[must_use]
    pub fn name(&self) -> String {
        match &self.behind {
            Behind::Control => "control".into(),
            Behind::Domain { key, .. } => format!("domain/{}", key.name),
        }
    }
}

impl std::fmt::Debug for Door {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.name(), self.port)
    }
}
