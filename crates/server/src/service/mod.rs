//! The service as a whole: how it starts, what it holds, where its work runs, how it stops.

pub(crate) mod backends;
pub(crate) mod beside;
pub(crate) mod clock;
pub(crate) mod clocks;
pub(crate) mod clones;
pub(crate) mod cursor_sweep;
pub(crate) mod disk_watch;
pub(crate) mod domains;
pub(crate) mod first_start;
pub(crate) mod folder;
pub(crate) mod follow_certificate;
pub(crate) mod follow_store;
pub(crate) mod issuers;
pub(crate) mod options;
pub(crate) mod organization;
pub(crate) mod package_source;
pub(crate) mod pool;
pub(crate) mod private_file;
pub(crate) mod published_logs;
pub(crate) mod reread;
pub(crate) mod shutdown;
pub(crate) mod signing_keys;
pub(crate) mod start;
pub(crate) mod state;
pub(crate) mod used;
pub(crate) mod validate;
