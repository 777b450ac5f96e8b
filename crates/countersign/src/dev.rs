//! `countersign dev`: a whole service on one machine, with fresh credentials and one domain.
//!
//! The start-up contract (`docs/operating/dev.md`): when it serves, the last line on standard
//! output is `ready`, or with `--json` one object. Secrets are printed only to a terminal.

use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};

use server::Stopwatch;
use server::{Accounts, PoolSettings, Service, Settings, StartOptions};

use crate::seed::SeedFile;
use crate::{Failure, running, seed};

/// Start a service on this machine, with fresh credentials and one domain, ready to use.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  countersign dev --data my-data
  countersign dev --seed examples/fixtures/seed.json --watch
  countersign dev --data my-data --control 127.0.0.1:0 --port 0 --json
  countersign dev --upstream http://127.0.0.1:9201
  countersign dev --data my-data --pool main=http://127.0.0.1:9201")]
pub(crate) struct DevArgs {
    /// Keep the state in this folder; without it the state is deleted when the process ends
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Where the control plane (es, opensearch, iam, sts) listens; port 0 means any free port
    #[arg(long, value_name = "HOST:PORT", default_value = "localhost:9443", value_parser = crate::address::host_port)]
    control: String,
    /// Where /healthz, /readyz and /metrics listen; port 0 means any free port
    #[arg(long, value_name = "HOST:PORT", default_value = "127.0.0.1:0", value_parser = crate::address::host_port)]
    admin: String,
    /// Where the console listens, for a browser; port 0 means any free port
    #[arg(long, value_name = "HOST:PORT", default_value = "localhost:0", value_parser = crate::address::host_port)]
    console: String,
    /// The lowest port for a domain; 0 means any free port
    #[arg(long, value_name = "PORT", default_value_t = 9200)]
    port: u16,
    /// The account to create at the first start
    #[arg(long, value_name = "ID", default_value = "123456789012", value_parser = crate::account::account_id)]
    account: String,
    /// The region of its domain
    #[arg(long, value_name = "REGION", default_value = "us-east-1", value_parser = region)]
    region: String,
    /// Serve the domain `dev` by this cluster instead of the engine in this binary; once for each node
    #[arg(long, value_name = "URL", conflicts_with = "bare")]
    upstream: Vec<String>,
    /// Trust these certificate authorities (PEM) for the cluster, and not the system's
    #[arg(long, value_name = "FILE", requires = "upstream")]
    upstream_ca: Option<PathBuf>,
    /// The user for the cluster, with --upstream-password-file
    #[arg(long, value_name = "NAME", requires = "upstream_password_file")]
    upstream_user: Option<String>,
    /// The file with that user's password
    #[arg(long, value_name = "FILE", requires = "upstream_user")]
    upstream_password_file: Option<PathBuf>,
    /// A cluster that domains may be moved to (`domain migrate`); once for each node
    #[arg(long, value_name = "NAME=URL", value_parser = pool)]
    pool: Vec<(String, String)>,
    /// Create only the account and its root key: no user, no role, no domain
    #[arg(long)]
    bare: bool,
    /// Make what this JSON file says before being ready: accounts, users, roles, domains, indices
    #[arg(long, value_name = "FILE")]
    seed: Option<PathBuf>,
    /// Make it again whenever the seed file changes
    #[arg(long, requires = "seed")]
    watch: bool,
    /// Print one JSON object when ready, for scripts
    #[arg(long)]
    json: bool,
}

/// Starts, says where everything is, and serves until told to stop.
pub(crate) fn run(args: &DevArgs) -> Result<(), Failure> {
    running::block_on(serve(args))
}

/// `NAME=URL`, for clap.
fn pool(text: &str) -> Result<(String, String), String> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
    match text.split_once('=') {
        Some((name, url)) if !name.is_empty() && name.bytes().all(plain) => {
            Ok((name.to_owned(), url.to_owned()))
        }
        _ => Err("expected NAME=URL, such as main=http://127.0.0.1:9201".to_owned()),
    }
}

async fn serve(args: &DevArgs) -> Result<(), Failure> {
    let stopwatch = Stopwatch::start();
    let (seed, text) = match &args.seed {
        Some(path) => {
            let text = SeedFile::text(path)?;
            (SeedFile::read(&text, path, &args.account)?, text)
        }
        None => (SeedFile::default(), String::new()),
    };
    let mut settings = settings(args);
    settings.accounts.others = seed.others(&args.account);
    let options = StartOptions::laptop(settings, args.bare);
    let ready = async |service: &Service| {
        seed::apply(service, &seed).await?;
        announce(args, service, &stopwatch)
    };
    let watch = async |service: &Service| {
        if let Some(path) = args.seed.as_ref().filter(|_| args.watch) {
            seed::watch(service, path, text).await;
        }
    };
    running::run(&options, ready, watch).await
}

fn settings(args: &DevArgs) -> Settings {
    let mut settings = Settings::laptop();
    settings.data = args.data.clone();
    settings.control.listen = args.control.clone();
    settings.admin.listen = args.admin.clone();
    settings.console.listen = Some(args.console.clone());
    settings.domains.first_port = args.port;
    settings.accounts = Accounts::one(&args.account);
    settings.region = args.region.clone();
    if !args.upstream.is_empty() {
        let domain = format!("arn:aws:es:{}:{}:domain/dev", args.region, args.account);
        let pool = PoolSettings {
            ca: args.upstream_ca.clone(),
            user: args.upstream_user.clone(),
            password_file: args.upstream_password_file.clone(),
            ..PoolSettings::new(domain, args.upstream.clone())
        };
        settings.pools = [("upstream".to_owned(), pool)].into();
    }
    for (name, url) in &args.pool {
        let pool = settings.pools.entry(name.clone());
        pool.or_insert_with(|| PoolSettings::new(String::new(), Vec::new())).urls.push(url.clone());
    }
    if !args.bare {
        // Workload `app` of role `search-app`.
        let role = format!("arn:aws:iam::{}:role/{}", args.account, server::SEARCH_APP);
        settings.workloads.listen = Some("127.0.0.1:0".to_owned());
        settings.workloads.roles = [("app".to_owned(), role)].into();
    }
    settings
}

/// The last line on standard output tells scripts that everything listens.
fn announce(args: &DevArgs, service: &Service, stopwatch: &Stopwatch) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    if args.json {
        writeln!(out, "{}", running::ready(service))?;
    } else {
        let style = Style { colours: out.is_terminal() && std::env::var_os("NO_COLOR").is_none() };
        let took = stopwatch.elapsed().as_millis();
        let secrets = out.is_terminal();
        out.write_all(banner(service, args.data.as_deref(), took, secrets, style).as_bytes())?;
        writeln!(out, "ready")?;
    }
    out.flush()?;
    Ok(())
}

/// What runs where, and the three commands to try next.
fn banner(
    service: &Service,
    data: Option<&Path>,
    took: u128,
    secrets: bool,
    style: Style,
) -> String {
    let mut lines = vec![
        String::new(),
        format!(
            "  {}  account {} in {}, up in {took} ms",
            style.strong(&format!("countersign {}", env!("CARGO_PKG_VERSION"))),
            service.account,
            service.region
        ),
        String::new(),
    ];
    let mut row = |name: &str, value: &str, note: &str| {
        lines.push(format!(
            "  {}  {value:<26} {}",
            style.dim(&format!("{name:<12}")),
            style.dim(note)
        ));
    };
    row("control", &service.control_url, "es, opensearch, iam, sts");
    for (name, url) in &service.domains() {
        row(&format!("domain {name}"), url, "Elasticsearch's REST API, for signed requests");
    }
    row("admin", &service.admin_url, "/healthz /readyz /metrics");
    if let Some(url) = &service.console_url {
        row("console", url, "for a browser that trusts the CA below");
    }
    row("CA", &service.ca.display().to_string(), "");
    match data {
        Some(_) => row("state", "kept", "stop and start again: everything is still there"),
        None => row("state", "in memory", "deleted when this process ends; --data DIR keeps it"),
    }
    if secrets {
        row("key", &service.keys.everyday.access_key_id, "");
        row("secret", service.keys.everyday.secret.expose(), "shown on terminals only");
        if let Some(link) = service.console_link() {
            row("sign in", &link, "");
            row("", "", "signs in to the console, once");
        }
    }
    let env = server::quoted(&service.env().display().to_string());
    let own = running::own_name();
    lines.push(String::new());
    lines.push("  Try, in another shell:".to_owned());
    lines.push(String::new());
    for (command, note) in next_commands(service, &env, &own) {
        lines.push(format!("    {}", style.strong(&command)));
        lines.push(format!("      {}", style.dim(note)));
    }
    lines.push(String::new());
    lines.join("\n") + "\n"
}

fn next_commands(service: &Service, env: &str, own: &str) -> Vec<(String, &'static str)> {
    let mut commands = vec![(
        format!("eval \"$(cat {env})\""),
        "credentials, region, endpoint and CA, for the AWS CLI and every SDK",
    )];
    if service.domains().is_empty() {
        commands.push(("aws sts get-caller-identity".to_owned(), "who am I?"));
        commands.push(("aws es create-domain --domain-name books".to_owned(), "a first domain"));
        return commands;
    }
    commands.push((
        format!(
            "curl -i --aws-sigv4 aws:amz:{}:es -u \"$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY\" \
             --cacert \"$AWS_CA_BUNDLE\" \"$COUNTERSIGN_ENDPOINT/_cat/indices?v=true\"",
            service.region
        ),
        "a signed request (?v=true and not ?v, which curl before 8 signs wrongly); without --aws-sigv4 it is refused",
    ));
    commands.push((
        format!("{own} explain REQUEST-ID"),
        "why: the id is in the x-amzn-RequestId header of every response",
    ));
    commands
}

/// Colours, on a terminal only.
#[derive(Clone, Copy)]
struct Style {
    colours: bool,
}

impl Style {
    fn strong(self, text: &str) -> String {
        if self.colours { format!("\u{1b}[1m{text}\u{1b}[0m") } else { text.to_owned() }
    }

    fn dim(self, text: &str) -> String {
        if self.colours { format!("\u{1b}[2m{text}\u{1b}[0m") } else { text.to_owned() }
    }
}

fn region(text: &str) -> Result<String, String> {
    if sigv4::is_aws_region(text) {
        Ok(text.to_owned())
    } else {
        Err("expected a region such as us-east-1".into())
    }
}
