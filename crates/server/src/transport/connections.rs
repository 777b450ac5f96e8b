//! Places of connections: a share for each address and each listener, the control plane's apart from the domains'.
//!
//! An address that has used up its share is turned away at once. Where a listener's share, or everybody's, is used up, an
//! idle connection is closed for the new one, of the address that has most of them the one that is idle longest; when
//! none is idle the new one waits (decision 0085).

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use arc_swap::ArcSwap;
use ipnet::IpNet;
use tokio::sync::{Notify, watch};

use crate::guards::limits;
use crate::guards::shares::{Share, ShareHolder, ShareLimits, ShareUsedUp, Shares};
use crate::guards::throttle::SourceAddress;
use crate::settings::LimitSettings;
use crate::transport::listener::Listener;

/// Every open connection.
pub struct Connections {
    domains: Arc<Shares>,
    control: Arc<Shares>,
    per_address: usize,
    trusted_proxies: ArcSwap<Vec<IpNet>>,
    open: Mutex<HashMap<u64, Arc<OpenConnection>>>,
    /// Grows with everything that happens: what is smaller was earlier.
    tick: AtomicU64,
    /// A place is free, or a connection idle.
    changed: Notify,
}

/// An open connection.
struct OpenConnection {
    address: Option<ShareHolder>,
    listener: u16,
    control: bool,
    /// Requests under way.
    busy: AtomicUsize,
    /// When it became idle.
    idle_since: AtomicU64,
    closing: watch::Sender<bool>,
}

/// A connection's place; gives itself back.
pub struct ConnectionSlot {
    connections: Arc<Connections>,
    number: u64,
    open: Arc<OpenConnection>,
    share: Option<Share>,
}

/// A request under way on a connection.
pub struct BusyConnection {
    connections: Arc<Connections>,
    open: Arc<OpenConnection>,
}

impl Connections {
    /// Nobody is connected. Peers in `trusted_proxies` speak for many clients and have no share of an address.
    #[must_use]
    pub fn new(chosen: &LimitSettings, trusted_proxies: Vec<IpNet>) -> Arc<Self> {
        let reserve = limits::CONTROL_CONNECTIONS_MAX;
        Arc::new(Self {
            domains: Shares::new(ShareLimits {
                all: chosen.connections.saturating_sub(reserve),
                address: chosen.connections_per_address,
                listener: chosen.connections_per_listener,
                ..ShareLimits::default()
            }),
            control: Shares::new(ShareLimits {
                all: reserve,
                address: chosen.connections_per_address.min(reserve / 4),
                ..ShareLimits::default()
            }),
            per_address: chosen.connections_per_address,
            trusted_proxies: ArcSwap::from_pointee(trusted_proxies),
            open: Mutex::default(),
            tick: AtomicU64::new(0),
            changed: Notify::new(),
        })
    }

    /// How many are open.
    #[must_use]
    pub(crate) fn open(&self) -> usize {
        self.open.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// Trusts other proxies from now on. Connections that are open keep the share that they have.
    pub(crate) fn trust_proxies(&self, networks: Vec<IpNet>) {
        self.trusted_proxies.store(Arc::new(networks));
    }

    /// A place for a connection from `peer` to `listener`, as soon as there is one; `None`: its address has enough.
    pub async fn place(
        self: &Arc<Self>,
        listener: &Listener,
        peer: SocketAddr,
    ) -> Option<ConnectionSlot> {
        let control = listener.domain.is_none();
        let address = self.address(peer.ip());
        loop {
            let changed = self.changed.notified();
            tokio::pin!(changed);
            // From here on nothing that changes is missed.
            changed.as_mut().enable();
            let holders =
                address.iter().cloned().chain([ShareHolder::Listener(listener.port)]).collect();
            let shares = if control { &self.control } else { &self.domains };
            let full = match shares.take(holders, 1) {
                Ok(share) => return Some(self.opened(address, listener.port, control, share)),
                Err(ShareUsedUp(Some(ShareHolder::Address(_)))) => return None,
                Err(full) => full,
            };
            self.close_an_idle_one(control, &full);
            changed.await;
        }
    }

    /// Whose share a peer's connections are; none when it has none.
    fn address(&self, peer: IpAddr) -> Option<ShareHolder> {
        let peer = peer.to_canonical();
        let trusted = self.trusted_proxies.load().iter().any(|network| network.contains(&peer));
        (self.per_address > 0 && !trusted).then(|| ShareHolder::Address(SourceAddress::at(peer)))
    }

    fn opened(
        self: &Arc<Self>,
        address: Option<ShareHolder>,
        listener: u16,
        control: bool,
        share: Share,
    ) -> ConnectionSlot {
        let number = self.tick();
        let open = Arc::new(OpenConnection {
            address,
            listener,
            control,
            busy: AtomicUsize::new(0),
            idle_since: AtomicU64::new(number),
            closing: watch::Sender::new(false),
        });
        self.all().insert(number, Arc::clone(&open));
        ConnectionSlot { connections: Arc::clone(self), number, open, share: Some(share) }
    }

    /// Of the address that has most connections, the one that is idle longest, where there is no room.
    fn close_an_idle_one(&self, control: bool, full: &ShareUsedUp) {
        let all = self.all();
        let crowded = |open: &Arc<OpenConnection>| match full.0 {
            Some(ShareHolder::Listener(port)) => open.listener == port,
            _ => true,
        };
        let shares = if control { &self.control } else { &self.domains };
        let among = || all.values().filter(|open| open.control == control && crowded(open));
        // One is on its way already.
        if among().any(|open| *open.closing.borrow()) {
            return;
        }
        let idle = among().filter(|open| open.busy.load(Ordering::Relaxed) == 0);
        let longest = idle.max_by_key(|open| {
            let held = open.address.as_ref().map_or(usize::MAX, |address| shares.held_by(address));
            (held, std::cmp::Reverse(open.idle_since.load(Ordering::Relaxed)))
        });
        if let Some(open) = longest {
            open.closing.send_replace(true);
        }
    }

    fn tick(&self) -> u64 {
        self.tick.fetch_add(1, Ordering::Relaxed)
    }

    fn all(&self) -> MutexGuard<'_, HashMap<u64, Arc<OpenConnection>>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl ConnectionSlot {
    /// Resolves when the connection is to make room for another.
    pub async fn closes(&self) {
        let mut watch = self.open.closing.subscribe();
        let _ = watch.wait_for(|closing| *closing).await;
    }

    /// Held by a request while it is under way.
    #[must_use]
    pub fn busy(&self) -> BusyConnection {
        self.open.busy.fetch_add(1, Ordering::Relaxed);
        BusyConnection { connections: Arc::clone(&self.connections), open: Arc::clone(&self.open) }
    }
}

impl Drop for BusyConnection {
    fn drop(&mut self) {
        self.open.idle_since.store(self.connections.tick(), Ordering::Relaxed);
        if self.open.busy.fetch_sub(1, Ordering::Relaxed) == 1 {
            self.connections.changed.notify_waiters();
        }
    }
}

impl Drop for ConnectionSlot {
    fn drop(&mut self) {
        self.connections.all().remove(&self.number);
        self.share = None;
        self.connections.changed.notify_waiters();
    }
}

impl std::fmt::Debug for ConnectionSlot {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.number)
    }
}

#[cfg(test)]
mod tests {
    use std::pin::Pin;
    use std::task::{Context, Poll, Waker};

    use super::*;
    use crate::transport::listener::ListenerTarget;

    fn peer(last: u8) -> SocketAddr {
        SocketAddr::from(([192, 0, 2, last], 4000))
    }

    fn connections(per_address: usize) -> Arc<Connections> {
        Connections::new(
            &LimitSettings {
                connections_per_address: per_address,
                connections_per_listener: 0,
                ..LimitSettings::default()
            },
            vec!["198.51.100.0/24".parse().unwrap()],
        )
    }

    fn listener() -> Listener {
        Listener::new(ListenerTarget::Control, 9443)
    }

    type Asking<'a> = Pin<Box<dyn Future<Output = Option<ConnectionSlot>> + 'a>>;

    fn poll(asking: &mut Asking<'_>) -> Poll<Option<ConnectionSlot>> {
        asking.as_mut().poll(&mut Context::from_waker(Waker::noop()))
    }

    /// The answer to a connection that is not made to wait.
    fn place(
        connections: &Arc<Connections>,
        listener: &Listener,
        peer: SocketAddr,
    ) -> Option<ConnectionSlot> {
        let mut asking: Asking<'_> = Box::pin(connections.place(listener, peer));
        match poll(&mut asking) {
            Poll::Ready(place) => place,
            Poll::Pending => panic!("waits"),
        }
    }

    #[test]
    fn an_address_that_has_its_share_is_turned_away_and_another_is_not() {
        let (connections, listener) = (connections(2), listener());
        let held =
            (place(&connections, &listener, peer(1)), place(&connections, &listener, peer(1)));
        assert!(held.0.is_some() && held.1.is_some());
        assert!(place(&connections, &listener, peer(1)).is_none());
        assert!(place(&connections, &listener, peer(2)).is_some());
        drop(held);
        assert!(place(&connections, &listener, peer(1)).is_some());
    }

    #[test]
    fn a_trusted_proxy_speaks_for_many_and_has_no_share_of_an_address() {
        let (connections, listener) = (connections(1), listener());
        let proxy = SocketAddr::from(([198, 51, 100, 7], 1));
        let held: Vec<_> = (0..9).map(|_| place(&connections, &listener, proxy)).collect();
        assert!(held.iter().all(Option::is_some));
    }

    /// Everything of the control plane, held by these addresses.
    fn full(connections: &Arc<Connections>, listener: &Listener) -> Vec<ConnectionSlot> {
        (0..limits::CONTROL_CONNECTIONS_MAX)
            .map(|number| place(connections, listener, peer((number % 7) as u8)).unwrap())
            .collect()
    }

    #[test]
    fn where_there_is_no_room_the_one_that_is_idle_longest_closes_for_the_new_one() {
        let (connections, listener) = (connections(128), listener());
        let mut held = full(&connections, &listener);
        let busy = held[0].busy();
        let mut waits: Asking<'_> = Box::pin(connections.place(&listener, peer(200)));
        assert!(poll(&mut waits).is_pending());
        let closing = |place: &ConnectionSlot| *place.open.closing.borrow();
        let told: Vec<usize> = (0..held.len()).filter(|number| closing(&held[*number])).collect();
        // Address 0 has one more than most, but its oldest connection is busy.
        assert_eq!(told, [7]);
        drop(held.remove(7));
        assert!(matches!(poll(&mut waits), Poll::Ready(Some(_))));
        drop(busy);
    }

    #[test]
    fn where_all_are_busy_the_new_one_waits_until_one_is_not() {
        let (connections, listener) = (connections(0), listener());
        let held: Vec<_> = full(&connections, &listener);
        let mut busy: Vec<_> = held.iter().map(ConnectionSlot::busy).collect();
        let mut waits: Asking<'_> = Box::pin(connections.place(&listener, peer(200)));
        assert!(poll(&mut waits).is_pending());
        assert!(held.iter().all(|place| !*place.open.closing.borrow()));
        drop(busy.pop());
        assert!(poll(&mut waits).is_pending());
        assert!(*held[held.len() - 1].open.closing.borrow());
    }
}
