//! Places of connections: a share for each address and each listener, the control plane's apart from the domains'.
//!
//! An address that has used up its share is turned away at once. Where a listener's share, or everybody's, is used up, an
//! idle connection is closed for the new one, of the address that has most of them the one that is idle longest; when
//! none is idle the new one waits (decision 0085).

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use ipnet::IpNet;
use tokio::sync::{Notify, watch};

use crate::guards::limits;
use crate::guards::shares::{Full, Holder, Most, Share, Shares};
use crate::guards::throttle::Source;
use crate::settings::LimitSettings;
use crate::transport::listener::{Behind, Door};

/// Every open connection.
pub struct Connections {
    domains: Arc<Shares>,
    control: Arc<Shares>,
    per_address: usize,
    trusted_proxies: Vec<IpNet>,
    open: Mutex<HashMap<u64, Arc<Open>>>,
    /// Grows with everything that happens: what is smaller was earlier.
    tick: AtomicU64,
    /// A place is free, or a connection idle.
    changed: Notify,
}

/// An open connection.
struct Open {
    address: Option<Holder>,
    listener: u16,
    control: bool,
    /// Requests under way.
    busy: AtomicUsize,
    /// When it became idle.
    idle_since: AtomicU64,
    closing: watch::Sender<bool>,
}

/// A connection's place; gives itself back.
pub struct Place {
    connections: Arc<Connections>,
    number: u64,
    open: Arc<Open>,
    share: Option<Share>,
}

/// A request under way on a connection.
pub struct Busy {
    connections: Arc<Connections>,
    open: Arc<Open>,
}

impl Connections {
    /// Nobody is connected. Peers in `trusted_proxies` speak for many clients and have no share of an address.
    #[must_use]
    pub fn new(chosen: &LimitSettings, trusted_proxies: Vec<IpNet>) -> Arc<Self> {
        let reserve = limits::CONTROL_CONNECTIONS_MAX;
        Arc::new(Self {
            domains: Shares::new(Most {
                all: limits::CONNECTIONS_MAX - reserve,
                address: chosen.connections_per_address,
                listener: chosen.connections_per_listener,
                ..Most::default()
            }),
            control: Shares::new(Most {
                all: reserve,
                address: chosen.connections_per_address.min(reserve / 4),
                ..Most::default()
            }),
            per_address: chosen.connections_per_address,
            trusted_proxies,
            open: Mutex::default(),
            tick: AtomicU64::new(0),
            changed: Notify::new(),
        })
    }

    /// A place for a connection from `peer` to `door`, as soon as there is one; `None`: its address has enough.
    pub async fn place(self: &Arc<Self>, door: &Door, peer: SocketAddr) -> Option<Place> {
        let control = matches!(door.behind, Behind::Control);
        let address = self.address(peer.ip());
        loop {
            let changed = self.changed.notified();
            tokio::pin!(changed);
            // From here on nothing that changes is missed.
            changed.as_mut().enable();
            let holders = address.iter().cloned().chain([Holder::Listener(door.port)]).collect();
            let shares = if control { &self.control } else { &self.domains };
            let full = match shares.take(holders, 1) {
                Ok(share) => return Some(self.opened(address, door.port, control, share)),
                Err(Full(Some(Holder::Address(_)))) => return None,
                Err(full) => full,
            };
            self.close_an_idle_one(control, &full);
            changed.await;
        }
    }

    /// Whose share a peer's connections are; none when it has none.
    fn address(&self, peer: IpAddr) -> Option<Holder> {
        let peer = peer.to_canonical();
        let trusted = self.trusted_proxies.iter().any(|network| network.contains(&peer));
        (self.per_address > 0 && !trusted).then(|| Holder::Address(Source::at(peer)))
    }

    fn opened(
        self: &Arc<Self>,
        address: Option<Holder>,
        listener: u16,
        control: bool,
        share: Share,
    ) -> Place {
        let number = self.tick();
        let open = Arc::new(Open {
            address,
            listener,
            control,
            busy: AtomicUsize::new(0),
            idle_since: AtomicU64::new(number),
            closing: watch::Sender::new(false),
        });
        self.all().insert(number, Arc::clone(&open));
        Place { connections: Arc::clone(self), number, open, share: Some(share) }
    }

    /// Of the address that has most connections, the one that is idle longest, where there is no room.
    fn close_an_idle_one(&self, control: bool, full: &Full) {
        let all = self.all();
        let crowded = |open: &Arc<Open>| match full.0 {
            Some(Holder::Listener(port)) => open.listener == port,
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

    fn all(&self) -> MutexGuard<'_, HashMap<u64, Arc<Open>>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Place {
    /// Resolves when the connection is to make room for another.
    pub async fn closes(&self) {
        let mut watch = self.open.closing.subscribe();
        let _ = watch.wait_for(|closing| *closing).await;
    }

    /// Held by a request while it is under way.
    #[must_use]
    pub fn busy(&self) -> Busy {
        self.open.busy.fetch_add(1, Ordering::Relaxed);
        Busy { connections: Arc::clone(&self.connections), open: Arc::clone(&self.open) }
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        self.open.idle_since.store(self.connections.tick(), Ordering::Relaxed);
        if self.open.busy.fetch_sub(1, Ordering::Relaxed) == 1 {
            self.connections.changed.notify_waiters();
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.connections.all().remove(&self.number);
        self.share = None;
        self.connections.changed.notify_waiters();
    }
}

impl std::fmt::Debug for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.number)
    }
}

#[cfg(test)]
mod tests {
    use std::pin::Pin;
    use std::task::{Context, Poll, Waker};

    use super::*;

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

    fn door() -> Door {
        Door::new(Behind::Control, 9443)
    }

    type Asking<'a> = Pin<Box<dyn Future<Output = Option<Place>> + 'a>>;

    fn poll(asking: &mut Asking<'_>) -> Poll<Option<Place>> {
        asking.as_mut().poll(&mut Context::from_waker(Waker::noop()))
    }

    /// The answer to a connection that is not made to wait.
    fn place(connections: &Arc<Connections>, door: &Door, peer: SocketAddr) -> Option<Place> {
        let mut asking: Asking<'_> = Box::pin(connections.place(door, peer));
        match poll(&mut asking) {
            Poll::Ready(place) => place,
            Poll::Pending => panic!("waits"),
        }
    }

    #[test]
    fn an_address_that_has_its_share_is_turned_away_and_another_is_not() {
        let (connections, door) = (connections(2), door());
        let held = (place(&connections, &door, peer(1)), place(&connections, &door, peer(1)));
        assert!(held.0.is_some() && held.1.is_some());
        assert!(place(&connections, &door, peer(1)).is_none());
        assert!(place(&connections, &door, peer(2)).is_some());
        drop(held);
        assert!(place(&connections, &door, peer(1)).is_some());
    }

    #[test]
    fn a_trusted_proxy_speaks_for_many_and_has_no_share_of_an_address() {
        let (connections, door) = (connections(1), door());
        let proxy = SocketAddr::from(([198, 51, 100, 7], 1));
        let held: Vec<_> = (0..9).map(|_| place(&connections, &door, proxy)).collect();
        assert!(held.iter().all(Option::is_some));
    }

    /// Everything of the control plane, held by these addresses.
    fn full(connections: &Arc<Connections>, door: &Door) -> Vec<Place> {
        (0..limits::CONTROL_CONNECTIONS_MAX)
            .map(|number| place(connections, door, peer((number % 7) as u8)).unwrap())
            .collect()
    }

    #[test]
    fn where_there_is_no_room_the_one_that_is_idle_longest_closes_for_the_new_one() {
        let (connections, door) = (connections(128), door());
        let mut held = full(&connections, &door);
        let busy = held[0].busy();
        let mut waits: Asking<'_> = Box::pin(connections.place(&door, peer(200)));
        assert!(poll(&mut waits).is_pending());
        let closing = |place: &Place| *place.open.closing.borrow();
        let told: Vec<usize> = (0..held.len()).filter(|number| closing(&held[*number])).collect();
        // Address 0 has one more than most, but its oldest connection is busy.
        assert_eq!(told, [7]);
        drop(held.remove(7));
        assert!(matches!(poll(&mut waits), Poll::Ready(Some(_))));
        drop(busy);
    }

    #[test]
    fn where_all_are_busy_the_new_one_waits_until_one_is_not() {
        let (connections, door) = (connections(0), door());
        let held: Vec<_> = full(&connections, &door);
        let mut busy: Vec<_> = held.iter().map(Place::busy).collect();
        let mut waits: Asking<'_> = Box::pin(connections.place(&door, peer(200)));
        assert!(poll(&mut waits).is_pending());
        assert!(held.iter().all(|place| !*place.open.closing.borrow()));
        drop(busy.pop());
        assert!(poll(&mut waits).is_pending());
        assert!(*held[held.len() - 1].open.closing.borrow());
    }
}
