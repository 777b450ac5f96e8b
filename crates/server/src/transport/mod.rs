//! From bytes to requests: TCP, TLS, HTTP's framing, and where a body is while it comes in.

pub(crate) mod accept;
pub(crate) mod certificates;
pub(crate) mod connection;
pub(crate) mod connections;
pub(crate) mod forwarded;
pub(crate) mod frames;
pub(crate) mod guarded_stream;
pub(crate) mod host;
pub(crate) mod http2_targets;
pub(crate) mod huffman;
pub(crate) mod listener;
pub(crate) mod malformed;
pub(crate) mod plain_http;
pub(crate) mod raw_answer;
pub(crate) mod read_ahead;
pub(crate) mod spool;
pub(crate) mod tls;
pub(crate) mod vpc;
pub(crate) mod woken;
