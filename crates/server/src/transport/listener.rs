//! A listener: what is behind it, and how it is closed. The control plane and each domain have one of their own.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use jiff::Timestamp;
use serde_json::Value;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use crate::guards::replay::ReplayCache;
pub(crate) use crate::service::domain_key::DomainKey;
use crate::service::serving::ServingBackend;
use crate::service::traffic::{CountedAnswer, Minute, TrafficCounters, TrafficHistory};

/// A listener and what is behind it. Control and data plane are told apart by it, never by path.
pub struct Listener {
    /// What is behind it.
    pub target: ListenerTarget,
    /// The domain behind it, for whoever keeps that with each request.
    pub domain: Option<Arc<DomainKey>>,
    /// The port it listens on.
    pub port: u16,
    /// The signatures that were used on it, where the domain accepts each once.
    pub replays: Mutex<ReplayCache>,
    /// What was answered on it.
    pub(crate) traffic: ListenerTraffic,
    closing: watch::Sender<bool>,
    ended: watch::Sender<bool>,
}

/// What was answered on a listener, by the minute.
#[derive(Default)]
pub(crate) struct ListenerTraffic {
    counters: TrafficCounters,
    history: TrafficHistory,
}

impl ListenerTraffic {
    pub(crate) fn answer(&self, answer: &CountedAnswer) {
        self.counters.count(answer);
    }

    /// A minute is over: it.
    pub(crate) fn take(&self, now: Timestamp) -> Minute {
        self.history.take(now, &self.counters, None)
    }

    /// The last hour.
    pub(crate) fn told(&self, now: Timestamp) -> Vec<Value> {
        self.history.told(now, &self.counters, None)
    }
}

/// What is behind a listener.
pub enum ListenerTarget {
    /// The control plane.
    Control,
    /// The console: what it is asked for it asks the control plane and the domains, in the name of who signed in.
    Console,
    /// Where the console signs users in by their passwords. Nobody listens: it sends the one request that asks for a session.
    SignIn,
    /// One domain's data plane.
    Domain {
        /// Which.
        key: DomainKey,
        /// What serves it.
        serving: Arc<ServingBackend>,
    },
    /// A domain whose indices are at another gateway: whoever comes here is told so.
    Elsewhere {
        /// Which.
        key: DomainKey,
        /// The gateway.
        gateway: String,
    },
}

impl ListenerTarget {
    /// The domain, if it is one's.
    #[must_use]
    pub fn domain(&self) -> Option<&DomainKey> {
        match self {
            Self::Control | Self::Console | Self::SignIn => None,
            Self::Domain { key, .. } | Self::Elsewhere { key, .. } => Some(key),
        }
    }
}

impl Listener {
    /// A listener that is open.
    #[must_use]
    pub fn new(target: ListenerTarget, port: u16) -> Self {
        let domain = target.domain().cloned().map(Arc::new);
        let (replays, traffic) = (Mutex::default(), ListenerTraffic::default());
        let (closing, ended) = (watch::Sender::new(false), watch::Sender::new(false));
        Self { target, domain, port, replays, traffic, closing, ended }
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

    /// It has let go of its port.
    pub(crate) fn end(&self) {
        self.ended.send_replace(true);
    }

    /// Resolves when it has let go of its port.
    pub(crate) async fn ended(&self) {
        let mut watch = self.ended.subscribe();
        let _ = watch.wait_for(|ended| *ended).await;
    }

    /// How audit records name it.
    #[must_use]
    pub fn name(&self) -> String {
        match &self.target {
            ListenerTarget::Control => "control".into(),
            ListenerTarget::Console => "console".into(),
            ListenerTarget::SignIn => "sign-in".into(),
            ListenerTarget::Domain { key, .. } | ListenerTarget::Elsewhere { key, .. } => {
                format!("domain/{}", key.name)
            }
        }
    }
}

impl std::fmt::Debug for Listener {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.name(), self.port)
    }
}

/// The next connection of a listener, or nothing once `ended` is.
pub(crate) async fn next(
    listener: &TcpListener,
    ended: impl Future<Output = ()>,
) -> Option<(TcpStream, SocketAddr)> {
    let accepting = async {
        let mut failed = false;
        loop {
            match listener.accept().await {
                Ok(accepted) => return accepted,
                Err(error) => {
                    // Out of file descriptors, or a connection that was reset in the queue: breathe. Told once, not fifty
                    // times a second: nobody may read the log, and then writing to it would block.
                    if !std::mem::replace(&mut failed, true) {
                        tracing::warn!(%error, "accept failed");
                    }
                    tokio::time::sleep(std::time::Duration::from_millis(20)).await;
                }
            }
        }
    };
    tokio::select! {
        accepted = accepting => Some(accepted),
        () = ended => None,
    }
}
