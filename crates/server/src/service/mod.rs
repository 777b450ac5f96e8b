//! The service as a whole: how it starts, what it holds, where its work runs, how it stops.

pub mod backends;
pub mod clock;
pub mod cursor_sweep;
pub mod domains;
pub mod first_start;
pub mod folder;
pub mod issuers;
pub mod options;
pub mod pool;
pub mod private_file;
pub mod shutdown;
pub mod signing_keys;
pub mod start;
pub mod state;
