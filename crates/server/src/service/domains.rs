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

use crate::service::pool::Holder;
use crate::service::state::{Behind, DomainKey, Door, Porch};
use crate::transport::accept;

/// Ports tried from the first one on before giving up.
const PORTS_TRIED_MAX: u16 = 1_000;

/// What the reconciler needs beside the porch.
pub struct Domains {
    /// Where the indices are; `None` keeps them in memory.
    folder: Option<PathBuf>,
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
    pub fn new(folder: Option<PathBuf>) -> Self {
        Self { folder, turn: Mutex::new(()) }
    }

    /// Makes doors, engines and folders what the directory says. The first failure is returned after
    /// everything else was tried.
    pub async fn reconcile(&self, porch: &Porch) -> Result<(), DomainError> {
        let _turn = self.turn.lock().await;
        let directory = porch.control.directory();
        let (deleted, wanted): (Vec<_>, Vec<_>) = directory
            .domains()
            .map(|domain| (key(domain), Arc::clone(domain)))
            .partition(|(_, domain)| domain.deleted);
        let mut result = Ok(());
        for (key, _) in deleted {
            if let Err(why) = self.remove(porch, key.clone()).await {
                tracing::error!(domain = key.name, %why, "deletion not finished");
                result = result.and(Err(DomainError { domain: key.name, why }));
            }
        }
        for (key, domain) in wanted {
            if porch.doors().contains_key(&key) {
                continue;
            }
            if let Err(why) = self.open(porch, key.clone(), &domain).await {
                tracing::error!(domain = key.name, %why, "domain not reachable");
                result = result.and(Err(DomainError { domain: key.name, why }));
            }
        }
        result
    }

    /// Binds, opens the engine, listens, and then lets the endpoint appear.
    async fn open(
        &self,
        porch: &Porch,
        key: DomainKey,
        domain: &control::Domain,
    ) -> Result<(), String> {
        let listener = bind(porch, domain.port).await?;
        let port = listener.local_addr().map_err(|error| error.to_string())?.port();
        let endpoint = endpoint(&porch.settings.public_name, port);
        let settings = EngineSettings {
            directory: self.folder(&key),
            flavor: flavor(&domain.engine_version),
            cluster_name: format!("{}:{}", key.account, key.name),
            publish_address: format!("{}:{port}", porch.settings.public_name),
        };
        let now = porch.clock.now();
        let clock = porch.clock;
        let body_bytes_max = porch.settings.domains.body_bytes_max;
        let open = move || {
            let engine = Engine::open(settings, now)?.with_clock(move || clock.now());
            Ok::<_, engine::OpenError>(engine.with_body_bytes_max(body_bytes_max))
        };
        let opened = porch.control_pool.run(Holder::service(), open).await;
        let engine = opened
            .map_err(|not_done| format!("the engine did not open: {not_done:?}"))?
            .map_err(|error| error.to_string())?;
        let door = Arc::new(Door::new(
            Behind::Domain { key: key.clone(), engine: Arc::new(engine) },
            port,
        ));
        porch.doors().insert(key.clone(), Arc::clone(&door));
        let listening = accept::listen(listener, Arc::clone(&porch.tls), door, porch.clone());
        tokio::spawn(listening);
        if domain.endpoint.as_deref() != Some(&endpoint) || domain.port != Some(port) {
            let control = Arc::clone(&porch.control);
            let told = porch.control_pool.run(Holder::service(), move || {
                let name = (key.account.as_str(), key.region.as_str(), key.name.as_str());
                control.domain_listening(name, &endpoint, port, now)
            });
            told.await
                .map_err(|not_done| format!("{not_done:?}"))?
                .map_err(|error| error.to_string())?;
        }
        Ok(())
    }

    /// Closes the door of a deleted domain, removes its indices, and then lets its record go.
    async fn remove(&self, porch: &Porch, key: DomainKey) -> Result<(), String> {
        if let Some(door) = porch.doors().remove(&key) {
            door.close();
        }
        let folder = self.folder(&key);
        let (control, now) = (Arc::clone(&porch.control), porch.clock.now());
        let removed = porch.control_pool.run(Holder::service(), move || {
            if let Some(folder) = folder {
                match std::fs::remove_dir_all(&folder) {
                    Err(error) if error.kind() != io::ErrorKind::NotFound => {
                        return Err(format!("{}: {error}", folder.display()));
                    }
                    _ => {}
                }
            }
            let name = (key.account.as_str(), key.region.as_str(), key.name.as_str());
            control.domain_gone(name, now).map_err(|error| error.to_string())
        });
        removed.await.map_err(|not_done| format!("{not_done:?}"))?
    }

    fn folder(&self, key: &DomainKey) -> Option<PathBuf> {
        let name = format!("{}-{}", key.name, key.unique);
        Some(self.folder.as_ref()?.join(&key.account).join(&key.region).join(name))
    }
}

/// A domain's endpoint as clients write it behind `https://`: Amazon's have no port, and neither has one on 443.
fn endpoint(name: &str, port: u16) -> String {
    match port {
        443 => name.to_owned(),
        port => format!("{name}:{port}"),
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

/// The domain's own port, or the lowest free one from the first on that no other domain keeps.
async fn bind(porch: &Porch, kept: Option<u16>) -> Result<TcpListener, String> {
    let chosen = &porch.settings.domains;
    let listen = |port| TcpListener::bind((chosen.listen, port));
    if let Some(port) = kept {
        return listen(port).await.map_err(|error| format!("its port {port}: {error}"));
    }
    if chosen.first_port == 0 {
        return listen(0).await.map_err(|error| error.to_string());
    }
    let directory = porch.control.directory();
    let last = chosen.first_port.saturating_add(PORTS_TRIED_MAX);
    for port in chosen.first_port..=last {
        if directory.domains().any(|domain| domain.port == Some(port)) {
            continue;
        }
        match listen(port).await {
            Ok(listener) => return Ok(listener),
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => {}
            Err(error) => return Err(format!("port {port}: {error}")),
        }
    }
    Err(format!("no free port from {} to {last}", chosen.first_port))
}

/// The behaviour of the nearest version that the engine has.
fn flavor(engine_version: &str) -> Flavor {
    if engine_version.starts_with("OpenSearch_") {
        Flavor::OpenSearch219
    } else {
        Flavor::Elasticsearch710
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endpoint_on_443_is_a_name_without_a_port() {
        assert_eq!(endpoint("search.example.org", 443), "search.example.org");
        assert_eq!(endpoint("localhost", 9200), "localhost:9200");
    }
}
