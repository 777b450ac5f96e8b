//! The clusters that serve other domains, or are to: a domain moves to none of them, by whatever address (decision 0169).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::clusters;
use crate::guards::limits;
use crate::service::backends::Backend;
use crate::service::state::ServiceState;
use crate::service::upstream::Upstream;
use crate::settings::{PoolKind, PoolSettings};
use crate::transport::listener::{DomainKey, ListenerTarget};

/// A pool, and the domain that it serves; of one that serves nobody yet there is none.
pub(super) struct OtherCluster {
    pub(super) pool: String,
    pub(super) domain: Option<String>,
}

impl std::fmt::Display for OtherCluster {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.domain {
            Some(domain) => write!(f, "pool {}, which serves domain {domain}", self.pool),
            None => write!(f, "pool {}, which names domains in the settings", self.pool),
        }
    }
}

/// What each cluster calls itself that serves another domain than `own`, or is named for some by the settings, or why it does not say.
/// `target` is the pool that the domain moves to.
pub(super) async fn uuids(
    state: &ServiceState,
    own: &DomainKey,
    target: &str,
) -> Vec<(OtherCluster, Result<String, String>)> {
    let mut serving: BTreeMap<DomainKey, Arc<Upstream>> = BTreeMap::new();
    for (key, listener) in state.listeners().iter().filter(|(key, _)| *key != own) {
        if let ListenerTarget::Domain { serving: domain, .. } = &listener.target
            && let Backend::Upstream(cluster) = &*domain.current()
        {
            serving.insert(key.clone(), Arc::clone(cluster));
        }
    }
    let mut told = Vec::new();
    let mut asked: BTreeSet<String> = [target.to_owned()].into();
    for (key, cluster) in serving {
        // All domains that share a cluster are of one pool; where each has a cluster of its own, each is asked.
        if !asked.insert(cluster.name().to_owned()) && cluster.is_shared() {
            continue;
        }
        let uuid = within(cluster.cluster_uuid(state.clock.now())).await;
        let pool = cluster.name().to_owned();
        told.push((OtherCluster { pool, domain: Some(key.name) }, uuid));
    }
    let settings = state.settings();
    let unused = |(name, pool): &(&String, &PoolSettings)| {
        let is_there = matches!(pool.kind, PoolKind::Attach) && !pool.domain.is_empty();
        is_there && !asked.contains(*name)
    };
    for (name, pool) in settings.pools.iter().filter(unused) {
        let uuid = within(async {
            let client = clusters::pool_client(pool).await?;
            let uuid = clusters::cluster_uuid_of(&client, state.clock.now()).await;
            uuid.map_err(|fault| fault.to_string())
        });
        told.push((OtherCluster { pool: name.clone(), domain: None }, uuid.await));
    }
    told
}

/// What a cluster says, in a time that whoever moves a domain waits.
async fn within(
    uuid: impl Future<Output = Result<Option<String>, String>>,
) -> Result<String, String> {
    match tokio::time::timeout(limits::CLUSTER_UUID_TIME, uuid).await {
        Ok(Ok(uuid)) => uuid.ok_or_else(|| "it does not say which one it is".to_owned()),
        Ok(Err(why)) => Err(why),
        Err(_elapsed) => Err(format!("it has not said so in {:?}", limits::CLUSTER_UUID_TIME)),
    }
}
