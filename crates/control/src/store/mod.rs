//! The store: records, one transaction per change, a version and a log of changes.
//!
//! The directory in memory is what requests read; the store is what a restart and other processes read. A change is
//! committed here first, then published, then the reply leaves. `port.rs` says what a store must do; `sqlite.rs` does it
//! in a file, `postgres/` in a database that several gateways share, `memory.rs` keeps nothing.

mod domain;
mod kept_credentials;
mod memory;
pub(crate) mod package;
pub(crate) mod port;
mod postgres;
mod reach;
pub mod record;
mod rows;
mod sqlite;
mod units;
mod uses;
mod vpc;

use std::path::PathBuf;

use port::{Store, StoreError};
pub use postgres::{PostgresPlace, PostgresUrl};

/// Where records are kept.
#[derive(Clone, Debug)]
pub enum StorePlace {
    /// They go with the process.
    Memory,
    /// A SQLite file (WAL); made when absent, its folder must exist.
    File(PathBuf),
    /// A database of PostgreSQL; its schema is made when absent.
    Postgres(PostgresPlace),
}

/// Opens the store at `place`, made and migrated as needed.
///
/// # Errors
/// See [`StoreError`]; never `Conflict`.
pub(crate) fn open(place: &StorePlace) -> Result<Box<dyn Store>, StoreError> {
    Ok(match place {
        StorePlace::Memory => Box::new(memory::MemoryStore::default()),
        StorePlace::File(path) => Box::new(sqlite::SqliteStore::open(path)?),
        StorePlace::Postgres(place) => Box::new(postgres::PostgresStore::open(place)?),
    })
}
