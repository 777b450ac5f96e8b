//! What is known of a connection before its first request.

use std::net::SocketAddr;
use std::sync::Arc;

use crate::transport::connections::Place;
use crate::transport::listener::Door;

/// What is known of a connection before its first request.
#[derive(Debug)]
pub struct Line {
    /// The listener that it came through.
    pub door: Arc<Door>,
    /// The other end.
    pub peer: SocketAddr,
    /// The host name of the TLS handshake, if the client sent one (it sends none for addresses).
    pub server_name: Option<String>,
    /// Its place among the connections.
    pub place: Place,
}
