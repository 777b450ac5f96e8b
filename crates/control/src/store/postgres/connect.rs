//! Where the database is, and how it is reached.

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use postgres::config::{Host, SslMode, TargetSessionAttrs};
use postgres::error::SqlState;
use postgres::{Client, Config, NoTls};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use tokio_postgres_rustls::MakeRustlsConnect;
use zeroize::Zeroizing;

use crate::store::port::StoreError;

/// How long one address may take to accept a connection.
const CONNECT_TIME: Duration = Duration::from_secs(2);

/// How long what was sent may stay unconfirmed before the connection counts as gone, and after what silence it is tried.
const DEAD_TIME: Duration = Duration::from_secs(5);

/// `postgres://USER@HOST:PORT/DATABASE`, read and found good: it holds no password.
#[derive(Clone)]
pub struct PostgresUrl {
    text: String,
    config: Arc<Config>,
}

impl PostgresUrl {
    /// What a URL must be like; said to whoever wrote another, whose text may hold a password and is not repeated.
    pub const EXPECTED: &str = "postgres://USER@HOST:PORT/DATABASE without a password (that is in state.password_file), with \
                                ?sslmode=require or disable, or without sslmode: TLS unless the host is this machine";

    /// Reads one; `None`: see [`PostgresUrl::EXPECTED`].
    pub fn read(text: &str) -> Option<PostgresUrl> {
        if !text.starts_with("postgres://") && !text.starts_with("postgresql://") {
            return None;
        }
        let mut config: Config = text.parse().ok()?;
        let complete = config.get_user().is_some() && config.get_dbname().is_some();
        if !complete || config.get_hosts().is_empty() || config.get_password().is_some() {
            return None;
        }
        let here = config.get_hosts().iter().all(|host| match host {
            Host::Tcp(name) => {
                name == "localhost"
                    || name.parse().is_ok_and(|ip: std::net::IpAddr| ip.is_loopback())
            }
            #[cfg(unix)]
            Host::Unix(_) => true,
        });
        // Where there are addresses, they are connected to, and the names are only those of the certificates.
        let here = here && config.get_hostaddrs().iter().all(std::net::IpAddr::is_loopback);
        // `prefer` would speak in clear with whoever says that it has no TLS.
        match config.get_ssl_mode() {
            SslMode::Prefer if text.contains("sslmode") => return None,
            SslMode::Prefer => {
                config.ssl_mode(if here { SslMode::Disable } else { SslMode::Require })
            }
            _ => &mut config,
        };
        config.connect_timeout(CONNECT_TIME);
        config.tcp_user_timeout(DEAD_TIME);
        config.keepalives_idle(DEAD_TIME).keepalives_interval(Duration::from_secs(1));
        config.keepalives_retries(3);
        // Of several hosts the one that takes changes: a standby is none.
        config.target_session_attrs(TargetSessionAttrs::ReadWrite);
        config.application_name("countersign");
        Some(PostgresUrl { text: text.to_owned(), config: Arc::new(config) })
    }

    /// As it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl std::fmt::Debug for PostgresUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text)
    }
}

/// Reads the password; the error says why not.
type ReadPassword = dyn Fn() -> Result<Zeroizing<String>, String> + Send + Sync;

/// A database, and what it takes to get in.
#[derive(Clone)]
pub struct PostgresPlace {
    url: PostgresUrl,
    password: Arc<ReadPassword>,
    roots_pem: Arc<[u8]>,
}

impl PostgresPlace {
    /// The database at `url`. `password` is asked at every connection, so that one that was changed is found; empty: none.
    /// `roots_pem` holds the authorities that the database's certificate may descend from.
    pub fn new(
        url: PostgresUrl,
        password: impl Fn() -> Result<Zeroizing<String>, String> + Send + Sync + 'static,
        roots_pem: &[u8],
    ) -> PostgresPlace {
        PostgresPlace { url, password: Arc::new(password), roots_pem: roots_pem.into() }
    }

    pub(super) fn connect(&self) -> Result<Client, StoreError> {
        let mut config = Config::clone(&self.url.config);
        let password = (self.password)().map_err(|why| StoreError::Lost { why })?;
        if !password.is_empty() {
            config.password(password.as_bytes());
        }
        let connected = match config.get_ssl_mode() {
            SslMode::Disable => config.connect(NoTls),
            _ => config.connect(self.tls()?),
        };
        connected.map_err(|error| match refused(error) {
            StoreError::Lost { why } => {
                StoreError::Lost { why: format!("no connection to {}: {why}", self.url.text) }
            }
            other => other,
        })
    }

    fn tls(&self) -> Result<MakeRustlsConnect, StoreError> {
        let failed = |why: String| StoreError::Lost { why: format!("TLS to PostgreSQL: {why}") };
        let mut roots = RootCertStore::empty();
        // The system's bundle may hold what no library reads.
        for certificate in CertificateDer::pem_slice_iter(&self.roots_pem).flatten() {
            let _ = roots.add(certificate);
        }
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| failed(error.to_string()))?;
        Ok(MakeRustlsConnect::new(config.with_root_certificates(roots).with_no_client_auth()))
    }
}

impl std::fmt::Debug for PostgresPlace {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.url.fmt(f)
    }
}

/// What the driver's refusal means, in one line.
pub(super) fn refused(error: postgres::Error) -> StoreError {
    let mut why = match error.as_db_error() {
        Some(said) => said.message().to_owned(),
        None => error.to_string(),
    };
    let mut cause = std::error::Error::source(&error).filter(|_| error.as_db_error().is_none());
    while let Some(deeper) = cause {
        let _ = write!(why, ": {deeper}");
        cause = deeper.source();
    }
    let absent = [
        SqlState::UNDEFINED_TABLE,
        SqlState::UNDEFINED_COLUMN,
        SqlState::INVALID_SCHEMA_NAME,
        SqlState::DATA_CORRUPTED,
        SqlState::INDEX_CORRUPTED,
    ];
    match error.code() {
        Some(code) if absent.contains(code) => StoreError::Damaged { why },
        _ => StoreError::Lost { why },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_leads_to_this_machine_goes_without_tls() {
        for (text, mode) in [
            ("postgres://cs@localhost/state", SslMode::Disable),
            ("postgres://cs@localhost/state?hostaddr=127.0.0.1", SslMode::Disable),
            ("postgres://cs@localhost/state?hostaddr=203.0.113.5", SslMode::Require),
            (
                "postgres://cs@localhost,localhost/state?hostaddr=127.0.0.1,203.0.113.5",
                SslMode::Require,
            ),
            ("postgres://cs@db.example.org/state?hostaddr=127.0.0.1", SslMode::Require),
        ] {
            let url = PostgresUrl::read(text).unwrap();
            assert_eq!(url.config.get_ssl_mode(), mode, "{text}");
        }
    }
}
