//! Accounts that are cloned with their domains for one test (decision 0155).
//!
//! The engines come first, then the listeners, then the records: when a clone's keys are known, its domains answer. A clone
//! is gone with the next start: its indices are in memory, but for those of domains that a test created in it.

use std::sync::Arc;

use control::{AccountClone, ApiError, ErrorCode};
use tokio::net::TcpListener;

use crate::audit::{AuditEntry, AuditRecord};
use crate::service::backends::{Backend, CloneAccount, Embedded, RemoveClone};
use crate::service::domains::{self, endpoint, host_of};
use crate::service::state::ServiceState;
use crate::transport::listener::{DomainKey, ListenerTarget};
use crate::walk::authorize::permit::{Permit, Reason};

/// Clones `account`.
///
/// # Errors
/// As [`control::Control::plan_clone`] and [`control::Control::add_clone`]; `Unavailable` when a domain of the account does
/// not listen, or one of the clone cannot.
pub(crate) async fn add(state: &ServiceState, account: String) -> Result<AccountClone, ApiError> {
    let _turn = state.domains_turn.lock().await;
    let now = state.clock.now();
    let mut entry = AuditEntry::begin(&state.audit, AuditRecord::of_service(now, "CloneAccount"));
    entry.resource(&account);
    let permit = Permit::for_service(Reason::Test, &mut entry, CloneAccount { account });
    let added = add_permitted(state, permit).await;
    entry.ended(&added);
    added
}

async fn add_permitted(
    state: &ServiceState,
    permit: Permit<CloneAccount>,
) -> Result<AccountClone, ApiError> {
    let now = state.clock.now();
    let mut clone = state.control.plan_clone(&permit, now)?;
    let mut sockets = Vec::new();
    for (_, domain) in clone.domains() {
        let socket = domains::bind(state, domain).await.map_err(unavailable)?;
        let port = socket.local_addr().map_err(|error| unavailable(error.to_string()))?.port();
        sockets.push((socket, port));
    }
    let places: Vec<(String, u16)> = {
        let settings = state.settings();
        let places = clone.domains().zip(&sockets);
        places
            .map(|((_, it), (_, port))| (endpoint(&host_of(&settings, it), *port), *port))
            .collect()
    };
    clone.listen_at(places);
    let state = state.clone();
    // Not a call of the pool: engines start threads, which inherit the priority of the one that opens them.
    let added = tokio::task::spawn_blocking(move || {
        serve(&state, &permit, &clone, sockets)?;
        let added = state.control.add_clone(permit, &clone, now);
        if added.is_err() {
            let keys = clone.domains().map(|(_, domain)| domains::key(domain));
            keys.for_each(|key| domains::close(&state, &key));
        }
        added.map(|()| clone)
    });
    added.await.unwrap_or_else(|panic| Err(unavailable(panic.to_string())))
}

/// Lets the domains of a clone answer, all of them or none. Blocks while what was written last is made a segment.
fn serve(
    state: &ServiceState,
    permit: &Permit<CloneAccount>,
    clone: &AccountClone,
    sockets: Vec<(TcpListener, u16)>,
) -> Result<(), ApiError> {
    let mut opened = Vec::new();
    for ((origin, domain), (socket, port)) in clone.domains().zip(sockets) {
        let key = domains::key(domain);
        let settings = domains::engine_settings(state, domain, port, None);
        let surroundings = domains::surroundings(state, &key);
        let original = engine_of(state, &permit.work().account, origin).ok_or_else(|| {
            unavailable(format!("domain {} of the account does not listen", domain.name))
        })?;
        let engine = original.fork(permit, settings, surroundings);
        let engine = engine.map_err(|error| unavailable(error.to_string()))?;
        opened.push((key, socket, port, engine));
    }
    for (key, socket, port, engine) in opened {
        let backend = Backend::Embedded(Arc::new(engine));
        domains::listen(state, key, socket, port, backend);
    }
    Ok(())
}

/// The engine of the domain of `account` with this part of its host name.
fn engine_of(state: &ServiceState, account: &str, unique: &str) -> Option<Arc<Embedded>> {
    let is = |key: &DomainKey| key.account == account && key.unique == unique;
    let listeners = state.listeners();
    let (_, listener) = listeners.iter().find(|(key, _)| is(key))?;
    match &listener.target {
        ListenerTarget::Domain { serving, .. } => match &*serving.current() {
            Backend::Embedded(engine) => Some(Arc::clone(engine)),
            Backend::Upstream(_) => None,
        },
        ListenerTarget::Control
        | ListenerTarget::Console
        | ListenerTarget::SignIn
        | ListenerTarget::Elsewhere { .. } => None,
    }
}

/// Removes a clone, and then whatever answered for it, with the files of domains that the test created in it. Whoever is connected
/// may finish the request; tasks are called off.
///
/// # Errors
/// As [`control::Control::remove_clone`].
pub(crate) async fn remove(state: &ServiceState, account: String) -> Result<(), ApiError> {
    let _turn = state.domains_turn.lock().await;
    let (state, number) = (state.clone(), account.clone());
    let removed = tokio::task::spawn_blocking(move || {
        let domains = remove_records(&state, account)?;
        domains.iter().for_each(|domain| domains::close(&state, &domains::key(domain)));
        domains::remove_files_of(&state, &number);
        Ok(())
    });
    removed.await.unwrap_or_else(|panic| Err(unavailable(panic.to_string())))
}

/// Removes the clones that an earlier start left. Blocks on the disk.
///
/// # Errors
/// `Unavailable` when the store refuses.
pub(crate) fn remove_left(state: &ServiceState) -> Result<(), ApiError> {
    let directory = state.control.directory();
    let left = directory.accounts().filter(|account| account.clone_of.is_some());
    left.map(|account| account.id.clone()).try_for_each(|account| {
        remove_records(state, account.clone())?;
        domains::remove_files_of(state, &account);
        Ok(())
    })
}

fn remove_records(state: &ServiceState, account: String) -> Result<Vec<control::Domain>, ApiError> {
    let now = state.clock.now();
    let mut entry = AuditEntry::begin(&state.audit, AuditRecord::of_service(now, "RemoveClone"));
    entry.resource(&account);
    let permit = Permit::for_service(Reason::Test, &mut entry, RemoveClone { account });
    let removed = state.control.remove_clone(permit, now);
    entry.ended(&removed);
    removed
}

fn unavailable(why: String) -> ApiError {
    ApiError::new(ErrorCode::Unavailable, why)
}
