//! What a deleted domain has at a cluster that it shares with others goes, and nothing else does (decision 0188).

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;

use crate::audit::{AuditEntry, AuditRecord};
use crate::clusters::ClusterChange;
use crate::service::follow_store;
use crate::service::removals::{Removal, RemovalOutcome};
use crate::service::state::ServiceState;
use crate::service::upstream::Upstream;
use crate::transport::listener::DomainKey;
use crate::walk::authorize::permit::{Permit, Reason};

/// What came of the removal of a deleted domain's things; `None`: it runs, and begins with this where none did. When it has ended the
/// reconciler is told, and asks again.
pub(super) fn outcome(
    state: &ServiceState,
    key: &DomainKey,
    cluster: Arc<Upstream>,
) -> Option<RemovalOutcome> {
    match state.removals.look(key) {
        Removal::Ended(outcome) => return Some(outcome),
        Removal::Runs => return None,
        Removal::Begins => {}
    }
    // The end of the service waits for it, as it does for a move.
    let running = state.shutdown.enter();
    let (state, key) = (state.clone(), key.clone());
    tokio::spawn(async move {
        let _running = running;
        let removing = async {
            let _place = state.removals.place().await;
            remove_shared(&state, &key, &cluster).await
        };
        let mut end = RemovalEnd { state: &state, key: &key, outcome: Some(Err(FAULT.to_owned())) };
        end.outcome = Some(tokio::select! {
            () = state.shutdown.told() => Err(ENDS.to_owned()),
            outcome = removing => outcome,
        });
    });
    None
}

/// Notes how a removal ended, also one that ends in a fault of ours.
struct RemovalEnd<'r> {
    state: &'r ServiceState,
    key: &'r DomainKey,
    outcome: Option<RemovalOutcome>,
}

impl Drop for RemovalEnd<'_> {
    fn drop(&mut self) {
        if let Some(outcome) = self.outcome.take() {
            self.state.removals.ended(self.key.clone(), outcome);
        }
        self.state.domains_changed.notify_one();
    }
}

/// Why one is tried again that came to no end.
const FAULT: &str = "the removal ended in a fault of the service";

/// Why a removal stops.
const ENDS: &str = "the service ends";

/// Looks at a cluster for what a deleted domain has there, before that is tried again later.
const REMOVAL_LOOKS_MAX: usize = 10;

/// How long after it had nothing it is looked again.
const REMOVAL_PAUSE: Duration = Duration::from_secs(1);

/// The blocks that forbid to delete an index, or to change it before that. Each is lifted alone: so a cluster lets it be, whatever
/// the others forbid.
const LIFTED_BLOCKS: [&str; 3] =
    ["index.blocks.metadata", "index.blocks.read_only", "index.blocks.read_only_allow_delete"];

/// Removes what a deleted domain has at a cluster that it shares with others, and nothing else. Whether it is the deleted domain
/// still to the end: a new one may have its name, and then what has its prefix.
async fn remove_shared(
    state: &ServiceState,
    key: &DomainKey,
    cluster: &Upstream,
) -> Result<bool, String> {
    let mut empty = 0;
    for _ in 0..REMOVAL_LOOKS_MAX {
        if !is_deleted_still(state, key).await? {
            return Ok(false);
        }
        let paths = cluster.own_paths(state.clock.now()).await?;
        if paths.is_empty() {
            empty += 1;
            if empty == 2 {
                return Ok(true);
            }
            // Other gateways serve it until they see the deletion, and what they write may make an index.
            tokio::select! {
                () = state.shutdown.told() => return Err(ENDS.to_owned()),
                () = tokio::time::sleep(state.times.store_look.max(REMOVAL_PAUSE)) => continue,
            }
        }
        empty = 0;
        for (path, is_blocked) in paths {
            if state.shutdown.is_told() {
                return Err(ENDS.to_owned());
            }
            if !is_deleted_still(state, key).await? {
                return Ok(false);
            }
            // Where one fails others would, too, each as late: it is tried again.
            remove_path(state, key, cluster, path, is_blocked).await?;
        }
    }
    Err("there are new indices each time that it looks: something writes them".to_owned())
}

/// Whether the newest that is known of a deleted domain is that it is deleted.
async fn is_deleted_still(state: &ServiceState, key: &DomainKey) -> Result<bool, String> {
    if !follow_store::look(state).await {
        return Err("the state cannot be read".to_owned());
    }
    let directory = state.control.directory();
    let now = directory.domain(&key.account, &key.region, &key.name);
    Ok(now.is_some_and(|now| now.unique == key.unique && now.deleted))
}

/// Deletes one thing of a deleted domain's at the cluster that it shares, and first the blocks that forbid it.
async fn remove_path(
    state: &ServiceState,
    key: &DomainKey,
    cluster: &Upstream,
    path: String,
    is_blocked: bool,
) -> Result<(), String> {
    let now = state.clock.now();
    let action = "DeleteDomainData";
    let account = Some(key.account.clone());
    let record = AuditRecord { account, ..AuditRecord::of_service(now, action) };
    let mut entry = AuditEntry::begin(&state.audit, record);
    entry.resource(format!("domain/{}", key.name));
    entry.resource(path.clone());
    let unblocked = LIFTED_BLOCKS.into_iter().filter(|_| is_blocked).map(|block| ClusterChange {
        method: http::Method::PUT,
        path: format!("{path}/_settings"),
        query: String::new(),
        body: Some(json!({ block: null })),
    });
    let mut changes: Vec<ClusterChange> = unblocked.collect();
    let (method, query, body) = (http::Method::DELETE, String::new(), None);
    changes.push(ClusterChange { method, path, query, body });
    let mut done = Ok(());
    for change in changes {
        let permit = Permit::for_service(Reason::Provisioning, &mut entry, change);
        done = cluster.change(permit, now).await;
        if done.is_err() {
            break;
        }
    }
    entry.ended(&done);
    done
}
