//! `countersign proxy`: puts any tool behind AWS credentials, without the tool knowing.

mod read_only;

use std::io::Write;
use std::net::SocketAddr;
use std::path::PathBuf;

use client::endpoint::Endpoint;
use client::proxy::{Proxy, ProxySettings, everything};
use tokio::signal::unix::{SignalKind, signal};

use crate::{Failure, outbound};

/// Sign every request to a local port and send it on to one endpoint.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  countersign proxy --to search-books-abc123.eu-west-1.es.amazonaws.com
  countersign proxy --to https://localhost:9200 --listen 127.0.0.1:9300 \\
      --read-only --ca my-data/ca.pem")]
pub(crate) struct ProxyArgs {
    /// The endpoint: a host name or an https:// URL
    #[arg(long, value_name = "ENDPOINT")]
    to: String,
    /// Where to listen; port 0 means any free port
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:9200", value_parser = crate::address::socket)]
    listen: SocketAddr,
    /// Where /healthz, /readyz and /metrics listen; nowhere unless given
    #[arg(long, value_name = "ADDR", value_parser = crate::address::socket)]
    admin: Option<SocketAddr>,
    /// Another Host header to accept (a name of this machine)
    #[arg(long, value_name = "HOST[:PORT]")]
    host: Vec<String>,
    /// Let only searches and other reads through
    #[arg(long)]
    read_only: bool,
    /// Clients must send the password in this file's first line, with Basic authentication
    #[arg(long, value_name = "FILE")]
    password_file: Option<PathBuf>,
    /// Listen beyond loopback without a password: anyone who can reach the port gets your permissions
    #[arg(long)]
    trust_network: bool,
    /// The longest request body, in MiB
    #[arg(long, value_name = "MIB", default_value_t = 2048)]
    body_mib_max: u64,
    #[command(flatten)]
    outbound: outbound::Signing,
}

/// Serves until told to stop.
pub(crate) fn run(args: &ProxyArgs) -> Result<(), Failure> {
    crate::process::shut()?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(serve(args))
}

async fn serve(args: &ProxyArgs) -> Result<(), Failure> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let endpoint = Endpoint::parse(&args.to)?;
    let to = endpoint.origin();
    let settings = settings(args)?;
    let (outbound, signs_as) = outbound::open(&args.outbound, endpoint).await?;
    let proxy = Proxy::bind(settings, outbound).await?;
    announce(&proxy, &to, &signs_as)?;
    let stop = async {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    };
    proxy.run(stop).await;
    Ok(())
}

fn settings(args: &ProxyArgs) -> Result<ProxySettings, Failure> {
    let password = match &args.password_file {
        None => None,
        Some(path) => {
            let text = std::fs::read_to_string(path);
            let text = text.map_err(|error| format!("{}: {error}", path.display()))?;
            let first = text.lines().next().unwrap_or_default().trim();
            if first.is_empty() {
                return Err(format!("{}: its first line is empty", path.display()).into());
            }
            Some(first.to_owned().into())
        }
    };
    Ok(ProxySettings {
        listen: args.listen,
        admin: args.admin,
        hosts: args.host.clone(),
        password,
        trust_network: args.trust_network,
        body_bytes_max: args.body_mib_max.saturating_mul(1024 * 1024),
        body_idle_max: client::spool::IDLE_MAX,
        gate: if args.read_only { read_only::gate } else { everything },
        now: outbound::now,
    })
}

fn announce(proxy: &Proxy, to: &str, signs_as: &str) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "http://{} → {to} (signed as {signs_as})", proxy.address()?)?;
    if let Some(admin) = proxy.admin_address() {
        writeln!(out, "health and metrics: http://{admin}/healthz /readyz /metrics")?;
    }
    writeln!(out, "ready")?;
    Ok(out.flush()?)
}
