//! The porch and the walk of every request.
//!
//! The file list is the order of the phases: `accept parse authenticate identify route authorize serve
//! audit respond`, with [`walk`] as their spine. Around them: what they share ([`porch`]), where work runs
//! ([`pool`]), how a service starts and stops. `docs/internals/walk.md` tells the walk with its promises.

pub mod accept;
pub mod answers;
pub mod audit;
pub mod authenticate;
pub mod authorize;
pub mod basic;
pub mod budgets;
pub mod clock;
pub mod connections;
pub mod cursors;
pub mod domains;
pub mod explain;
pub mod first_start;
pub mod folder;
pub mod forwarded;
pub mod frames;
pub mod health;
pub mod hex;
pub mod http2_targets;
pub mod huffman;
pub mod identify;
pub mod issuers;
pub mod judge;
pub mod keys;
pub mod layer;
pub mod limits;
pub mod metrics;
pub mod parse;
pub mod plain_http;
pub mod pool;
pub mod porch;
pub mod private_file;
pub mod read_ahead;
pub mod refusal;
pub mod replay;
pub mod respond;
pub mod route;
pub mod serve;
pub mod settings;
pub mod shares;
pub mod shutdown;
pub mod spool;
pub mod start;
pub mod targets;
pub mod throttle;
pub mod tls;
pub mod walk;
pub mod wire;
pub mod workload_tokens;
pub mod workloads;
