//! What is known of a connection before its first request.

use std::net::SocketAddr;
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
    /// The host name of the TLS handshake, if the client sent one (it sends none for addresses).
    pub server_name: Option<String>,
    /// Its place among the connections.
    pub place: ConnectionSlot,
}
