//! From bytes to requests: TCP, TLS, HTTP's framing, and where a body is while it comes in.

pub mod accept;
pub mod connection;
pub mod connections;
pub mod forwarded;
pub mod frames;
pub mod host;
pub mod http2_targets;
pub mod huffman;
pub mod listener;
pub mod malformed;
pub mod plain_http;
pub mod raw_answer;
pub mod read_ahead;
pub mod spool;
pub mod tls;
pub mod wire;
