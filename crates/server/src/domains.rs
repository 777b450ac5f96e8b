//! The reconciler: what the directory says about domains becomes folders, engines and listeners.
//!
//! It is idempotent and runs at start and after every control operation that may have changed a domain:
//! a new domain gets a port and a listener, and then its endpoint; a deleted one loses its listener and
//! its folder. A domain keeps its port over restarts.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use engine::rest::Flavor;
use engine::{Engine, EngineSettings};
use tokio::net::TcpListener;
use tokio::sync::Mutex;

use crate::accept;
use crate::porch::{Behind, Door, DomainKey, Porch};

/// Ports tried from the first one on before giving up.
const PORTS_TRIED_MAX: u16 = 1_000;

/// What the reconciler needs beside the porch.
pub struct Domains {
    porch: Porch,
    /// Where the indices are; `None` keeps them in memory.
    folder: Option<PathBuf>,
    /// The first port that a new domain may take; 0: any.
    first_port: u16,
    /// One reconciliation at a time.
    turn: Mutex<()>,
}

/// Why a domain cannot be reached.
#[derive(Debug)]
pub struct DomainError {
    /// Its name.
    pub domain: String,
    /// What happened.
    pub why: String,
}

impl std::fmt::Display for DomainError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "domain {}: {}", self.domain, self.why)
    }
}

impl std::error::Error for DomainError {}

impl Domains {
    /// A reconciler that has done nothing yet.
    #[must_use]
    pub fn new(porch: Porch, folder: Option<PathBuf>, first_port: u16) -> Self {
        Self { porch, folder, first_port, turn: Mutex::new(()) }
    }

    /// Makes doors, engines and folders what the directory says. The first failure is returned after
    /// everything else was tried.
    pub async fn reconcile(&self) -> Result<(), DomainError> {
        let _turn = self.turn.lock().await;
        let directory = self.porch.control.directory();
        let wanted: Vec<_> =
            directory.domains().map(|domain| (key(domain), Arc::clone(domain))).collect();
        self.close_all_but(&wanted.iter().map(|(key, _)| key).collect::<Vec<_>>());
        let mut result = Ok(());
        for (key, domain) in wanted {
            if self.porch.doors().contains_key(&key) {
                continue;
            }
            if let Err(why) = self.open(key.clone(), &domain).await {
                tracing::error!(domain = key.name, %why, "domain not reachable");
                result = result.and(Err(DomainError { domain: key.name, why }));
            }
        }
        result
    }

    /// Binds, opens the engine, listens, and then lets the endpoint appear.
    async fn open(&self, key: DomainKey, domain: &control::Domain) -> Result<(), String> {
        let listener = self.bind(domain.port).await?;
        let port = listener.local_addr().map_err(|error| error.to_string())?.port();
        let endpoint = format!("localhost:{port}");
        let settings = EngineSettings {
            directory: self.folder(&key),
            flavor: flavor(&domain.engine_version),
            cluster_name: format!("{}:{}", key.account, key.name),
            publish_address: endpoint.clone(),
        };
        let now = self.porch.clock.now();
        let opened = self.porch.pool.run(move || Engine::open(settings, now)).await;
        let engine = opened
            .map_err(|not_done| format!("the engine did not open: {not_done:?}"))?
            .map_err(|error| error.to_string())?;
        let door =
            Arc::new(Door::new(Behind::Domain { key: key.clone(), engine: Arc::new(engine) }, port));
        self.porch.doors().insert(key.clone(), Arc::clone(&door));
        let porch = self.porch.clone();
        tokio::spawn(accept::listen(listener, Arc::clone(&self.porch.tls), door, porch));
        if domain.endpoint.as_deref() != Some(&endpoint) || domain.port != Some(port) {
            let control = Arc::clone(&self.porch.control);
            let told = self.porch.pool.run(move || {
                control.domain_listening(&key.account, &key.region, &key.name, &endpoint, port, now)
            });
            told.await
                .map_err(|not_done| format!("{not_done:?}"))?
                .map_err(|error| error.to_string())?;
        }
        Ok(())
    }

    /// The domain's own port, or the lowest free one from the first on that no other domain keeps.
    async fn bind(&self, kept: Option<u16>) -> Result<TcpListener, String> {
        if let Some(port) = kept {
            return bind(port).await.map_err(|error| format!("its port {port}: {error}"));
        }
        if self.first_port == 0 {
            return bind(0).await.map_err(|error| error.to_string());
        }
        let directory = self.porch.control.directory();
        let last = self.first_port.saturating_add(PORTS_TRIED_MAX);
        for port in self.first_port..=last {
            if directory.domains().any(|domain| domain.port == Some(port)) {
                continue;
            }
            match bind(port).await {
                Ok(listener) => return Ok(listener),
                Err(error) if error.kind() == io::ErrorKind::AddrInUse => {}
                Err(error) => return Err(format!("port {port}: {error}")),
            }
        }
        Err(format!("no free port from {} to {last}", self.first_port))
    }

    /// Closes the doors of domains that are no longer there, and removes their indices.
    fn close_all_but(&self, wanted: &[&DomainKey]) {
        let gone: Vec<_> = {
            let mut doors = self.porch.doors();
            doors.extract_if(.., |key, _| !wanted.contains(&key)).collect()
        };
        for (key, door) in gone {
            door.close();
            if let Some(folder) = self.folder(&key)
                && let Err(error) = std::fs::remove_dir_all(&folder)
            {
                tracing::warn!(folder = %folder.display(), %error, "indices not removed");
            }
        }
    }

    fn folder(&self, key: &DomainKey) -> Option<PathBuf> {
        let name = format!("{}-{}", key.name, key.unique);
        Some(self.folder.as_ref()?.join(&key.account).join(&key.region).join(name))
    }
}

/// The key of a domain.
#[must_use]
pub fn key(domain: &control::Domain) -> DomainKey {
    DomainKey {
        account: domain.account.clone(),
        region: domain.region.clone(),
        name: domain.name.clone(),
        unique: domain.unique.clone(),
    }
}

/// Domains listen on loopback: `dev` is for one machine.
async fn bind(port: u16) -> io::Result<TcpListener> {
    TcpListener::bind(("127.0.0.1", port)).await
}

/// The behaviour of the nearest version that the engine has.
fn flavor(engine_version: &str) -> Flavor {
    if engine_version.starts_with("OpenSearch_") {
        Flavor::OpenSearch219
    } else {
        Flavor::Elasticsearch710
    }
}
