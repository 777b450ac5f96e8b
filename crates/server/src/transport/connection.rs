//! What is known of a connection before its first request.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use crate::transport::connections::ConnectionSlot;
use crate::transport::listener::Listener;

/// What is known of a connection before its first request.
#[derive(Debug)]
pub(crate) struct Connection {
    /// The listener that it came through.
    pub listener: Arc<Listener>,
    /// The other end.
    pub peer: SocketAddr,
    /// The same as text, and its address alone, as every record of its requests says them.
    pub peer_text: (Box<str>, Box<str>),
    /// The host name of the TLS handshake, if the client sent one (it sends none for addresses).
    pub server_name: Option<String>,
    /// Its place among the connections.
    pub place: ConnectionSlot,
}

impl Connection {
    /// A connection whose handshake is done.
    #[must_use]
    pub(crate) fn new(
        listener: Arc<Listener>,
        peer: SocketAddr,
        server_name: Option<String>,
        place: ConnectionSlot,
    ) -> Self {
        let address = peer.ip().to_canonical().to_string();
        let peer_text = (peer.to_string().into(), address.into());
        Self { listener, peer, peer_text, server_name, place }
    }

    /// The text of a client's address: of the peer's own it is there already.
    #[must_use]
    pub(crate) fn address_text(&self, client: IpAddr) -> String {
        let is_peer = client == self.peer.ip().to_canonical();
        if is_peer { String::from(&*self.peer_text.1) } else { client.to_string() }
    }
}
