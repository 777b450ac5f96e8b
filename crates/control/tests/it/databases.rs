//! What the tests of the store run on: a file of SQLite, a database of PostgreSQL.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use control::{PostgresPlace, PostgresUrl, StorePlace};

use crate::postgres_server::PostgresServer;
use crate::support::World;

/// A store of one test's own.
pub(crate) enum Database {
    File(PathBuf),
    Postgres(String),
}

/// The server of all tests of this process.
fn server() -> &'static PostgresServer {
    static SERVER: OnceLock<PostgresServer> = OnceLock::new();
    SERVER.get_or_init(PostgresServer::start)
}

/// A folder of this test's own.
pub(crate) fn folder(name: &str) -> PathBuf {
    let path =
        std::env::temp_dir().join(format!("countersign-control-{}-{name}", std::process::id()));
    std::fs::remove_dir_all(&path).ok();
    std::fs::create_dir_all(&path).unwrap();
    path
}

pub(crate) fn place(url: &str) -> StorePlace {
    let url = PostgresUrl::read(url).unwrap();
    StorePlace::Postgres(PostgresPlace::new(url, || Ok(String::new().into()), b""))
}

impl Database {
    pub(crate) fn file(name: &str) -> Database {
        Database::File(folder(name).join("state.sqlite"))
    }

    pub(crate) fn postgres() -> Database {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("state{}", COUNT.fetch_add(1, Ordering::Relaxed));
        server().database(&name);
        Database::Postgres(name)
    }

    /// A connection of the test's own to a database of PostgreSQL.
    pub(crate) fn client(&self) -> postgres::Client {
        match self {
            Database::File(path) => panic!("{} is a file", path.display()),
            Database::Postgres(name) => server().client(name),
        }
    }

    pub(crate) fn place(&self) -> StorePlace {
        match self {
            Database::File(path) => StorePlace::File(path.clone()),
            Database::Postgres(name) => place(&server().url(name)),
        }
    }

    /// A control plane on it, as another process would have it.
    pub(crate) fn world(&self) -> World {
        World { shared: true, ..World::random_in(self.place()) }
    }

    /// What another program's hand does to it.
    pub(crate) fn run(&self, sql: &str) {
        match self {
            Database::File(path) => {
                rusqlite::Connection::open(path).unwrap().execute_batch(sql).unwrap();
            }
            Database::Postgres(name) => {
                let sql = format!("SET search_path = countersign; {sql}");
                server().client(name).batch_execute(&sql).unwrap();
            }
        }
    }

    /// One row of texts.
    pub(crate) fn row(&self, sql: &str) -> Vec<String> {
        match self {
            Database::File(path) => {
                let file = rusqlite::Connection::open(path).unwrap();
                let texts = |row: &rusqlite::Row<'_>| {
                    (0..row.as_ref().column_count()).map(|column| row.get(column)).collect()
                };
                file.query_row(sql, [], texts).unwrap()
            }
            Database::Postgres(name) => {
                let mut client = server().client(name);
                client.batch_execute("SET search_path = countersign").unwrap();
                let row = client.query_one(sql, &[]).unwrap();
                (0..row.len()).map(|column| row.get(column)).collect()
            }
        }
    }

    /// Everything that is kept, as who steals it reads it.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        match self {
            Database::File(path) => bytes_in(path.parent().unwrap()),
            Database::Postgres(name) => {
                let mut client = server().client(name);
                let all =
                    "SELECT string_agg(concat_ws(' ', row_to_json(it)), ' ') FROM countersign.";
                let text = |table| -> String {
                    client.query_one(&format!("{all}{table} it"), &[]).unwrap().get(0)
                };
                ["records", "changes"].map(text).concat().into_bytes()
            }
        }
    }
}

fn bytes_in(folder: &Path) -> Vec<u8> {
    let files = std::fs::read_dir(folder).unwrap();
    files.flat_map(|entry| std::fs::read(entry.unwrap().path()).unwrap()).collect()
}

/// Runs each test, a function of a [`Database`], on both.
macro_rules! on_both {
    ($($test:ident;)*) => {
        mod on_sqlite {
            $(#[test]
            fn $test() {
                super::$test(&crate::databases::Database::file(stringify!($test)));
            })*
        }

        mod on_postgres {
            $(#[test]
            #[ignore = "needs PostgreSQL"]
            fn $test() {
                super::$test(&crate::databases::Database::postgres());
            })*
        }
    };
}
pub(crate) use on_both;
