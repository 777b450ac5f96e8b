//! The settings of `countersign serve`: **one table**. The parser of the file, the environment, `--help`,
//! `config show|schema` and `docs/reference/config.md` are all made from it.
//!
//! What wins: `--set NAME=VALUE`, then the environment variable, then the file, then the default.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

use crate::audit;
use crate::guards::limits;
use crate::service::pool::Bounds;
use crate::service::start::{Deployment, FailedSignatures, Options, WorkloadOptions};
use crate::transport::connections::Connected;

mod file;

use file::{File, missing, unknown};

/// One setting.
#[derive(Debug)]
pub struct Row {
    /// Its name in the file, tables joined by dots.
    pub name: &'static str,
    /// What its value may be.
    pub kind: Kind,
    /// Its value when nobody says anything; `None`: somebody must.
    pub default: Option<&'static str>,
    /// What it does, in one sentence.
    pub doc: &'static str,
}

/// What a value may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A path; empty: none.
    Path,
    /// `HOST:PORT`; port 0: any.
    Address,
    /// An IP address.
    Ip,
    /// A host name.
    Name,
    /// A port; 0: any.
    Port,
    /// A whole number from 0 to a million.
    Number,
    /// A whole number from 0 to 128: each takes a thread.
    Calls,
    /// A region of the `aws` partition.
    Region,
    /// Account numbers, twelve digits each.
    Accounts,
    /// `true` or `false`.
    Flag,
    /// `strict` or `aws`.
    Mode,
    /// `HOST:PORT` of loopback; empty: nowhere.
    Loopback,
    /// Seconds that a session may live.
    SessionSeconds,
    /// A table of workloads: name and role ARN. As one text `NAME=ARN,NAME=ARN`.
    Roles,
    /// A number of bytes, at most [`limits::BODY_BYTES_CEILING`].
    Bytes,
    /// A number of bytes, at least [`MEMORY_BYTES_MIN`].
    Memory,
    /// Networks (`10.0.0.0/8`) or addresses; may be none.
    Networks,
    /// Bytes of a disk that may be used.
    DiskBytes,
    /// `continue` or `refuse`.
    OnFailure,
}

/// The largest [`Kind::Number`].
const NUMBER_MAX: u32 = 1_000_000;

/// The largest [`Kind::Calls`]: two accounts' in both pools leave half of the threads that may block to the files of bodies.
const CALLS_MAX: u32 = 128;

/// The smallest [`Kind::Memory`]: with less than 16 MiB not even a page of hits is sure to fit.
const MEMORY_BYTES_MIN: u64 = 16 * 1024 * 1024;

/// The largest [`Kind::Memory`]: what a signed 64-bit number of TOML holds.
const MEMORY_BYTES_CEILING: u64 = i64::MAX as u64;

/// **The table.**
pub const TABLE: &[Row] = &[
    Row {
        name: "data",
        kind: Kind::Path,
        default: None,
        doc: "The data folder: state, indices, audit, keys. One process at a time.",
    },
    Row {
        name: "region",
        kind: Kind::Region,
        default: Some("us-east-1"),
        doc: "The region that root.env names. Domains are made in the region of the request's signature.",
    },
    Row {
        name: "accounts",
        kind: Kind::Accounts,
        default: Some("123456789012"),
        doc: "Accounts, made when absent, each with a root key: the first one's in root.env, the others' in root-ID.env.",
    },
    Row {
        name: "public_name",
        kind: Kind::Name,
        default: Some("localhost"),
        doc: "The host name under which clients reach this machine: in endpoints, and in the local authority's certificate.",
    },
    Row {
        name: "control.listen",
        kind: Kind::Address,
        default: Some("127.0.0.1:9443"),
        doc: "Where the control plane (es, opensearch, iam, sts) listens.",
    },
    Row {
        name: "admin.listen",
        kind: Kind::Address,
        default: Some("127.0.0.1:9600"),
        doc: "Where /healthz, /readyz and /metrics are, in plain HTTP: keep it away from strangers.",
    },
    Row {
        name: "domains.listen",
        kind: Kind::Ip,
        default: Some("127.0.0.1"),
        doc: "The address that the listeners of domains bind to.",
    },
    Row {
        name: "domains.first_port",
        kind: Kind::Port,
        default: Some("9200"),
        doc: "The first port that a new domain may take; it keeps it.",
    },
    Row {
        name: "domains.body_bytes_max",
        kind: Kind::Bytes,
        default: Some("104857600"),
        doc: "Most bytes of a request's body on a domain, as sent and as decoded (Elasticsearch's http.max_content_length). More than 1 MiB waits in a file in the data folder until its signature is proven.",
    },
    Row {
        name: "engine.memory_bytes_max",
        kind: Kind::Memory,
        default: Some("1073741824"),
        doc: "Most bytes of memory that all requests of all domains hold at once in the engine, beside their bodies (Elasticsearch's circuit breakers). More answers 429.",
    },
    Row {
        name: "trusted_proxies",
        kind: Kind::Networks,
        default: Some(""),
        doc: "Networks of reverse proxies whose X-Forwarded-For is believed; the client is its right-most hop outside of them. None: the peer is the client.",
    },
    Row {
        name: "workloads.listen",
        kind: Kind::Loopback,
        default: Some(""),
        doc: "Where local workloads fetch the credentials of their roles, in plain HTTP and on loopback only; empty: nowhere.",
    },
    Row {
        name: "workloads.roles",
        kind: Kind::Roles,
        default: Some(""),
        doc: "Workloads by name and the ARN of the role of each; the token of each is written to DIR/workloads/NAME.token.",
    },
    Row {
        name: "workloads.session_seconds",
        kind: Kind::SessionSeconds,
        default: Some("3600"),
        doc: "How long credentials of workloads live, where the role's MaxSessionDuration is not less.",
    },
    Row {
        name: "oidc.ca",
        kind: Kind::Path,
        default: Some(""),
        doc: "A PEM file of authorities that OpenID Connect providers' certificates may descend from, beside the system's.",
    },
    Row {
        name: "tls.certificate",
        kind: Kind::Path,
        default: Some(""),
        doc: "A PEM file with the certificate and its chain; empty: a local authority makes one.",
    },
    Row {
        name: "tls.key",
        kind: Kind::Path,
        default: Some(""),
        doc: "The PEM file with the certificate's private key.",
    },
    Row {
        name: "domain_defaults.authorization",
        kind: Kind::Mode,
        default: Some("strict"),
        doc: "Of new domains: `strict` asks for everything a request touches, `aws` for its URL only, as Amazon does.",
    },
    Row {
        name: "domain_defaults.signature_diagnostics",
        kind: Kind::Flag,
        default: Some("false"),
        doc: "Of new domains: whether a signature mismatch shows the caller its own canonical request.",
    },
    Row {
        name: "limits.failed_signatures_per_second",
        kind: Kind::Number,
        default: Some("100"),
        doc: "Failed signatures a second from one address (IPv6: its /64), after the burst; over it, its signed requests read 429 until time has passed. 0: no limit.",
    },
    Row {
        name: "limits.failed_signatures_burst",
        kind: Kind::Number,
        default: Some("2000"),
        doc: "Failed signatures from one address at once. 0: no limit.",
    },
    Row {
        name: "limits.connections_per_address",
        kind: Kind::Number,
        default: Some("512"),
        doc: "Connections from one address (IPv6: its /64) to domains, and as many to the control plane; further ones are closed at once. Trusted proxies are not counted. 0: no limit of its own.",
    },
    Row {
        name: "limits.connections_per_listener",
        kind: Kind::Number,
        default: Some("2048"),
        doc: "Connections to one domain's listener; then its idle ones are closed, or new ones wait. 0: no limit of its own.",
    },
    Row {
        name: "limits.calls_running_per_account",
        kind: Kind::Calls,
        default: Some("0"),
        doc: "Calls of one account that run at once on domains, and as many on the control plane; the others wait their turn. 0: processors * 3 / 2 + 1.",
    },
    Row {
        name: "limits.calls_running_per_principal",
        kind: Kind::Calls,
        default: Some("0"),
        doc: "Calls of one user, or of one role with all its sessions, that run at once; the others wait their turn. 0: three quarters of the account's.",
    },
    Row {
        name: "limits.calls_waiting_per_account",
        kind: Kind::Number,
        default: Some("1000"),
        doc: "Calls of one account that may wait for their turn; further ones read 429. It is at least 1.",
    },
    Row {
        name: "limits.calls_waiting_per_principal",
        kind: Kind::Number,
        default: Some("500"),
        doc: "Calls of one user, or of one role with all its sessions, that may wait for their turn; further ones read 429. It is at least 1.",
    },
    Row {
        name: "limits.body_bytes_per_address",
        kind: Kind::Bytes,
        default: Some("67108864"),
        doc: "Most bytes of bodies over 16 KiB from one address (IPv6: its /64) in memory at once, before they are served; further ones read 429.",
    },
    Row {
        name: "limits.answer_bytes_per_account",
        kind: Kind::Bytes,
        default: Some("268435456"),
        doc: "Most bytes of answers that were made for one account and that its clients have not read; who has more is served nothing until it has read: 429. A principal may have three quarters.",
    },
    Row {
        name: "audit.keep_bytes",
        kind: Kind::DiskBytes,
        default: Some("1073741824"),
        doc: "Bytes of all audit files; the oldest file goes first. Records of callers who were refused before they proved who they are have 64 MiB of their own.",
    },
    Row {
        name: "audit.keep_days",
        kind: Kind::Number,
        default: Some("0"),
        doc: "Days that audit records are kept, within audit.keep_bytes. 0: as long as there is room.",
    },
    Row {
        name: "audit.on_failure",
        kind: Kind::OnFailure,
        default: Some("continue"),
        doc: "While audit records cannot be written: `continue` serves and counts the lost ones (countersign_audit_failures_total), `refuse` answers 503 to control-plane calls and to writes, whose record is then written before they run, too.",
    },
    Row {
        name: "open_policies",
        kind: Kind::Flag,
        default: Some("false"),
        doc: "Whether access policies that are open to everyone may be set.",
    },
    Row {
        name: "storage_encrypted",
        kind: Kind::Flag,
        default: Some("false"),
        doc: "That the operator's disk is encrypted: EncryptionAtRestOptions is refused otherwise.",
    },
];

impl Row {
    /// The environment variable that sets it: `COUNTERSIGN_CONTROL_LISTEN`.
    #[must_use]
    pub fn variable(&self) -> String {
        format!("COUNTERSIGN_{}", self.name.replace('.', "_").to_ascii_uppercase())
    }
}

/// Why settings cannot be used: all faults at once, one a line.
#[derive(Debug)]
pub struct SettingsError(Vec<String>);

impl std::fmt::Display for SettingsError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0.join("\n"))
    }
}

impl std::error::Error for SettingsError {}

/// Where a value comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// Nobody said anything.
    Default,
    /// The file.
    File,
    /// The environment variable.
    Environment,
    /// `--set`.
    CommandLine,
}

/// Every setting with its value, checked.
#[derive(Debug)]
pub struct Settings(BTreeMap<&'static str, (String, Source)>);

impl Settings {
    /// Reads settings: `file` is a name for messages and the TOML text; `environment` looks variables up;
    /// `set` holds the `NAME=VALUE`s of the command line.
    pub fn read(
        file: Option<(&Path, &str)>,
        environment: impl Fn(&str) -> Option<String>,
        set: &[String],
    ) -> Result<Self, SettingsError> {
        let mut faults = Vec::new();
        let mut values = BTreeMap::new();
        let from_file = match file.map(|(path, text)| File::read(path, text)).transpose() {
            Ok(from_file) => from_file,
            Err(fault) => return Err(SettingsError(vec![fault])),
        };
        let from_line = set.iter().map(|pair| pair.split_once('=').unwrap_or((pair, "")));
        let from_line: BTreeMap<&str, &str> = from_line.collect();
        let no_values = set.iter().filter(|pair| !pair.contains('='));
        faults.extend(no_values.map(|pair| format!("--set {pair}: expected NAME=VALUE")));
        let in_file = from_file.iter().flat_map(File::names);
        let in_line = from_line.keys().map(|name| (*name, "--set".to_owned()));
        for (name, place) in in_file.chain(in_line) {
            if !TABLE.iter().any(|row| row.name == name) {
                faults.push(format!("{place}: {}", unknown(name)));
            }
        }
        for row in TABLE {
            let value = (from_line
                .get(row.name)
                .map(|text| ((*text).to_owned(), Source::CommandLine)))
            .or_else(|| environment(&row.variable()).map(|text| (text, Source::Environment)))
            .or_else(|| Some((from_file.as_ref()?.get(row.name)?.to_owned(), Source::File)))
            .or_else(|| row.default.map(|text| (text.to_owned(), Source::Default)));
            match value {
                None => faults.push(missing(row, from_file.as_ref())),
                Some((text, source)) => match check(row.kind, &text) {
                    Ok(()) => drop(values.insert(row.name, (text, source))),
                    Err(expected) => {
                        let place = match source {
                            Source::File => from_file.as_ref().map(|file| file.place(row.name)),
                            Source::Environment => Some(row.variable()),
                            Source::CommandLine => Some("--set".to_owned()),
                            Source::Default => None,
                        };
                        let place = place.map(|place| place + ": ").unwrap_or_default();
                        let name = row.name;
                        faults.push(format!("{place}{name}: expected {expected}, got '{text}'"));
                    }
                },
            }
        }
        let settings = Self(values);
        if settings.text("tls.certificate").is_empty() != settings.text("tls.key").is_empty() {
            faults.push("tls.certificate and tls.key go together".to_owned());
        }
        if faults.is_empty() { Ok(settings) } else { Err(SettingsError(faults)) }
    }

    /// What a service is started with.
    #[must_use]
    pub fn options(&self) -> Options {
        let mut accounts = self.text("accounts").split(',').map(str::to_owned);
        let certificate = Some(PathBuf::from(self.text("tls.certificate")));
        let certificate = certificate.filter(|path| !path.as_os_str().is_empty());
        let given = |name: &str| Some(self.text(name)).filter(|text| !text.is_empty());
        Options {
            data: Some(PathBuf::from(self.text("data"))),
            control: self.text("control.listen").to_owned(),
            admin: self.text("admin.listen").to_owned(),
            first_port: self.text("domains.first_port").parse().unwrap_or(0),
            account: accounts.next().unwrap_or_default(),
            region: self.text("region").to_owned(),
            bare: true,
            deployment: Deployment {
                more_accounts: accounts.collect(),
                everyday: false,
                domain_address: self
                    .text("domains.listen")
                    .parse()
                    .unwrap_or(IpAddr::from([127, 0, 0, 1])),
                public_name: self.text("public_name").to_owned(),
                certificate: certificate.map(|chain| (chain, PathBuf::from(self.text("tls.key")))),
                strict: self.text("domain_defaults.authorization") == "strict",
                signature_diagnostics: self.flag("domain_defaults.signature_diagnostics"),
                failed_signatures: FailedSignatures {
                    per_second: self.number("limits.failed_signatures_per_second"),
                    burst: self.number("limits.failed_signatures_burst"),
                },
                calls: Bounds::default()
                    .with_running(
                        self.number("limits.calls_running_per_account") as usize,
                        self.number("limits.calls_running_per_principal") as usize,
                    )
                    .with_waiting(
                        self.number("limits.calls_waiting_per_account") as usize,
                        self.number("limits.calls_waiting_per_principal") as usize,
                    ),
                connections: Connected {
                    per_address: self.number("limits.connections_per_address") as usize,
                    per_listener: self.number("limits.connections_per_listener") as usize,
                },
                answer_bytes_per_account: self
                    .text("limits.answer_bytes_per_account")
                    .parse()
                    .unwrap_or(limits::ANSWER_BYTES_PER_ACCOUNT_MAX),
                body_bytes_per_address: self
                    .text("limits.body_bytes_per_address")
                    .parse()
                    .unwrap_or(limits::BODY_BYTES_PER_ADDRESS_MAX),
                open_policies: self.flag("open_policies"),
                storage_encrypted: self.flag("storage_encrypted"),
                trusted_proxies: items(self.text("trusted_proxies"))
                    .filter_map(crate::transport::forwarded::network)
                    .collect(),
                body_bytes_max: self
                    .text("domains.body_bytes_max")
                    .parse()
                    .unwrap_or(limits::BODY_BYTES_MAX),
                engine_memory_bytes_max: self
                    .text("engine.memory_bytes_max")
                    .parse()
                    .unwrap_or(limits::ENGINE_MEMORY_BYTES_MAX),
                times: limits::Times::default(),
                audit: self.audit(),
                provider_roots: given("oidc.ca").map(PathBuf::from),
                workloads: self.workloads(),
            },
        }
    }

    fn workloads(&self) -> WorkloadOptions {
        let listen = Some(self.text("workloads.listen")).filter(|text| !text.is_empty());
        WorkloadOptions {
            listen: listen.map(str::to_owned),
            roles: roles(self.text("workloads.roles"))
                .map(|(name, arn)| (name.to_owned(), arn.to_owned()))
                .collect(),
            session_seconds: self.text("workloads.session_seconds").parse().unwrap_or(3600),
        }
    }

    fn audit(&self) -> audit::Options {
        audit::Options {
            keep_bytes: self.text("audit.keep_bytes").parse().unwrap_or(limits::AUDIT_BYTES_MAX),
            keep_days: self.number("audit.keep_days"),
            on_failure: match self.text("audit.on_failure") {
                "refuse" => audit::OnFailure::Refuse,
                _ => audit::OnFailure::Continue,
            },
        }
    }

    /// Every setting as TOML, with where it comes from.
    #[must_use]
    pub fn show(&self) -> String {
        let mut text = String::new();
        for row in TABLE {
            let Some((value, source)) = self.0.get(row.name) else { continue };
            let _ = writeln!(text, "{} = {}  # {source:?}", row.name, literal(row.kind, value));
        }
        text
    }

    fn text(&self, name: &str) -> &str {
        self.0.get(name).map_or("", |(value, _)| value)
    }

    fn number(&self, name: &str) -> u32 {
        self.text(name).parse().unwrap_or(0)
    }

    fn flag(&self, name: &str) -> bool {
        self.text(name) == "true"
    }
}

/// The items of a list, which may be empty.
fn items(text: &str) -> impl Iterator<Item = &str> {
    text.split(',').map(str::trim).filter(|item| !item.is_empty())
}

fn is_roles(name: &str) -> bool {
    TABLE.iter().any(|row| row.name == name && row.kind == Kind::Roles)
}

/// `NAME=ARN,NAME=ARN`.
fn roles(text: &str) -> impl Iterator<Item = (&str, &str)> {
    let pairs = text.split(',').filter(|pair| !pair.is_empty());
    pairs.map(|pair| pair.split_once('=').unwrap_or((pair, "")))
}

/// A workload's name is a file's and a session's; its role is one of an account of ours.
fn is_workload((name, arn): (&str, &str)) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let role = arn.strip_prefix("arn:aws:iam::").and_then(|rest| rest.split_once(":role/"));
    (2..=32).contains(&name.len())
        && name.bytes().all(plain)
        && role.is_some_and(|(account, role)| {
            account.len() == 12 && account.bytes().all(|b| b.is_ascii_digit()) && !role.is_empty()
        })
}

/// Says what was expected when `text` is not of `kind`.
fn check(kind: Kind, text: &str) -> Result<(), &'static str> {
    let host_port = |text: &str| {
        text.rsplit_once(':')
            .is_some_and(|(host, port)| !host.is_empty() && port.parse::<u16>().is_ok())
    };
    let twelve = |account: &str| account.len() == 12 && account.bytes().all(|b| b.is_ascii_digit());
    let (good, expected) = match kind {
        Kind::Path => (true, "a path"),
        Kind::Address => (host_port(text), "HOST:PORT, such as 127.0.0.1:9443"),
        Kind::Ip => (text.parse::<IpAddr>().is_ok(), "an IP address"),
        Kind::Name => (!text.is_empty() && !text.contains(['/', ':', ' ']), "a host name"),
        Kind::Port => (text.parse::<u16>().is_ok(), "a port from 0 to 65535"),
        Kind::Number => (
            text.parse::<u32>().is_ok_and(|number| number <= NUMBER_MAX),
            "a whole number from 0 to 1000000",
        ),
        Kind::Calls => (
            text.parse::<u32>().is_ok_and(|number| number <= CALLS_MAX),
            "a whole number from 0 to 128",
        ),
        Kind::Region => (sigv4::is_aws_region(text), "a region such as us-east-1"),
        Kind::Accounts => (text.split(',').all(twelve), "account numbers of twelve digits"),
        Kind::Flag => (matches!(text, "true" | "false"), "true or false"),
        Kind::Mode => (matches!(text, "strict" | "aws"), "strict or aws"),
        Kind::Loopback => (
            text.is_empty() || host_port(text) && crate::workloads::is_loopback(text),
            "HOST:PORT of loopback (127.0.0.1, localhost, [::1]), or nothing",
        ),
        Kind::SessionSeconds => (
            text.parse().is_ok_and(|n: u32| (900..=43_200).contains(&n)),
            "seconds from 900 to 43200",
        ),
        Kind::Roles => (
            roles(text).all(is_workload),
            "NAME = \"arn:aws:iam::ACCOUNT:role/ROLE\", names of 2 to 32 of a-z, 0-9 and -",
        ),
        Kind::Bytes => (
            text.parse::<usize>()
                .is_ok_and(|bytes| (1..=limits::BODY_BYTES_CEILING).contains(&bytes)),
            "a number of bytes from 1 to 2147483647",
        ),
        Kind::Memory => (
            text.parse::<u64>()
                .is_ok_and(|bytes| (MEMORY_BYTES_MIN..=MEMORY_BYTES_CEILING).contains(&bytes)),
            "a number of bytes, at least 16777216",
        ),
        Kind::Networks => (
            items(text).all(|item| crate::transport::forwarded::network(item).is_some()),
            "networks such as 10.0.0.0/8, not /0",
        ),
        Kind::DiskBytes => (
            text.parse::<u64>().is_ok_and(|bytes| {
                (limits::AUDIT_BYTES_FLOOR..=limits::AUDIT_BYTES_CEILING).contains(&bytes)
            }),
            "a number of bytes from 16777216 to 1099511627776",
        ),
        Kind::OnFailure => (matches!(text, "continue" | "refuse"), "continue or refuse"),
    };
    if good { Ok(()) } else { Err(expected) }
}

/// A value as TOML writes it.
fn literal(kind: Kind, text: &str) -> String {
    match kind {
        Kind::Flag
        | Kind::Port
        | Kind::Number
        | Kind::Calls
        | Kind::Bytes
        | Kind::Memory
        | Kind::DiskBytes
        | Kind::SessionSeconds => text.to_owned(),
        Kind::Roles => {
            let quote = |text: &str| toml::Value::String(text.to_owned()).to_string();
            let pairs = roles(text).map(|(name, arn)| format!("{name} = {}", quote(arn)));
            let pairs: Vec<String> = pairs.collect();
            if pairs.is_empty() { "{}".to_owned() } else { format!("{{ {} }}", pairs.join(", ")) }
        }
        Kind::Accounts | Kind::Networks => {
            let items: Vec<String> = items(text).map(|item| format!("\"{item}\"")).collect();
            format!("[{}]", items.join(", "))
        }
        _ => toml::Value::String(text.to_owned()).to_string(),
    }
}

/// The table for `--help`.
#[must_use]
pub fn help() -> String {
    let mut text =
        String::from("Settings, in the file, as --set NAME=VALUE, or in the environment:\n");
    for row in TABLE {
        let default = row
            .default
            .map_or("required".to_owned(), |value| format!("default {}", literal(row.kind, value)));
        let _ =
            write!(text, "\n  {}  ({default}; {})\n      {}\n", row.name, row.variable(), row.doc);
    }
    text
}

/// The page `docs/reference/config.md`.
#[must_use]
pub fn page() -> String {
    let mut page = String::from(
        "<!-- generated by crates/server/tests/it/reference.rs; do not edit -->\n# Settings\n\n\
         `countersign serve --config countersign.toml` reads these from a TOML file; dots are tables. An environment\n\
         variable wins over the file, `--set NAME=VALUE` over both. `countersign config validate` checks a file,\n\
         `config show` prints what is in force and where it comes from, `config schema` prints a JSON Schema.\n\n\
         | setting | default | environment | what it does |\n|---|---|---|---|\n",
    );
    for row in TABLE {
        let default = row
            .default
            .map_or("required".to_owned(), |value| format!("`{}`", literal(row.kind, value)));
        let _ =
            writeln!(page, "| `{}` | {default} | `{}` | {} |", row.name, row.variable(), row.doc);
    }
    page
}

/// A JSON Schema of the file.
#[must_use]
pub fn schema() -> serde_json::Value {
    let mut root = serde_json::json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "countersign.toml",
        "type": "object",
        "additionalProperties": false,
        "properties": {},
    });
    for row in TABLE {
        let mut at = &mut root;
        let mut names = row.name.split('.').peekable();
        while let Some(name) = names.next() {
            let leaf = names.peek().is_none();
            let fresh = if leaf {
                leaf_schema(row)
            } else {
                serde_json::json!({ "type": "object", "additionalProperties": false, "properties": {} })
            };
            let Some(properties) =
                at.get_mut("properties").and_then(serde_json::Value::as_object_mut)
            else {
                break;
            };
            at = properties.entry(name).or_insert(fresh);
        }
    }
    root
}

fn leaf_schema(row: &Row) -> serde_json::Value {
    let mut leaf = match row.kind {
        Kind::Flag => serde_json::json!({ "type": "boolean" }),
        Kind::Port => serde_json::json!({ "type": "integer", "minimum": 0, "maximum": 65535 }),
        Kind::Number => {
            serde_json::json!({ "type": "integer", "minimum": 0, "maximum": NUMBER_MAX })
        }
        Kind::Calls => {
            serde_json::json!({ "type": "integer", "minimum": 0, "maximum": CALLS_MAX })
        }
        Kind::Accounts => {
            serde_json::json!({ "type": "array", "items": { "type": "string", "pattern": "^[0-9]{12}$" } })
        }
        Kind::Bytes => {
            serde_json::json!({ "type": "integer", "minimum": 1, "maximum": limits::BODY_BYTES_CEILING })
        }
        Kind::Memory => {
            serde_json::json!({ "type": "integer", "minimum": MEMORY_BYTES_MIN, "maximum": MEMORY_BYTES_CEILING })
        }
        Kind::Networks => serde_json::json!({ "type": "array", "items": { "type": "string" } }),
        Kind::Mode => serde_json::json!({ "type": "string", "enum": ["strict", "aws"] }),
        Kind::OnFailure => {
            serde_json::json!({ "type": "string", "enum": ["continue", "refuse"] })
        }
        Kind::DiskBytes => serde_json::json!({
            "type": "integer",
            "minimum": limits::AUDIT_BYTES_FLOOR,
            "maximum": limits::AUDIT_BYTES_CEILING,
        }),
        Kind::SessionSeconds => {
            serde_json::json!({ "type": "integer", "minimum": 900, "maximum": 43_200 })
        }
        Kind::Roles => {
            serde_json::json!({ "type": "object", "additionalProperties": { "type": "string" } })
        }
        _ => serde_json::json!({ "type": "string" }),
    };
    if let Some(object) = leaf.as_object_mut() {
        object.insert("description".into(), row.doc.into());
    }
    leaf
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, set: &[&str]) -> Result<Settings, SettingsError> {
        let set: Vec<String> = set.iter().map(|pair| (*pair).to_owned()).collect();
        Settings::read(Some((Path::new("countersign.toml"), text)), |_| None, &set)
    }

    #[test]
    fn the_command_line_wins_over_the_environment_and_that_over_the_file() {
        let file = "data = \"/d\"\nregion = \"eu-west-1\"\n[control]\nlisten = \"0.0.0.0:1\"";
        let environment =
            |name: &str| (name == "COUNTERSIGN_CONTROL_LISTEN").then(|| "0.0.0.0:2".to_owned());
        let path = Path::new("x");
        let settings =
            Settings::read(Some((path, file)), environment, &["region=us-west-2".into()]).unwrap();
        let options = settings.options();
        assert_eq!((options.region.as_str(), options.control.as_str()), ("us-west-2", "0.0.0.0:2"));
        assert_eq!(options.first_port, 9200);
    }

    #[test]
    fn every_fault_is_told_at_once() {
        let error =
            read("regio = \"x\"\naccounts = [\"1\"]\n[tls]\nkey = \"k\"", &["open_policies=maybe"])
                .unwrap_err();
        let told = error.to_string();
        for fault in [
            "countersign.toml, line 1: there is no setting 'regio': did you mean 'region'?",
            "data: it must be set",
            "countersign.toml, line 2: accounts: expected account numbers of twelve digits, got '1'",
            "--set: open_policies: expected true or false, got 'maybe'",
            "tls.certificate and tls.key go together",
        ] {
            assert!(told.contains(fault), "{fault} is not in: {told}");
        }
    }

    #[test]
    fn too_little_memory_for_the_engine_is_refused() {
        let error = read("data = \"/d\"\n[engine]\nmemory_bytes_max = 1000", &[]).unwrap_err();
        let told = "countersign.toml, line 3: engine.memory_bytes_max: expected a number of bytes, at least 16777216, got '1000'";
        assert_eq!(error.to_string(), told);
    }

    #[test]
    fn a_file_that_is_no_toml_is_told_with_its_line() {
        let error = read("data = \"/d\"\nregion = \n", &[]).unwrap_err().to_string();
        assert!(error.starts_with("countersign.toml, line 2: "), "{error}");
    }

    #[test]
    fn how_much_of_the_audit_is_kept_is_a_setting() {
        let file = "data = \"/d\"\n[audit]\nkeep_bytes = 16777216\nkeep_days = 90\non_failure = \"refuse\"";
        let options = read(file, &[]).unwrap().options().deployment.audit;
        assert_eq!((options.keep_bytes, options.keep_days), (16_777_216, 90));
        assert_eq!(options.on_failure, audit::OnFailure::Refuse);
        assert_eq!(
            read("data = \"/d\"", &[]).unwrap().options().deployment.audit,
            audit::Options::default()
        );
        for fault in ["audit.keep_bytes=1", "audit.on_failure=ignore", "audit.keep_days=-1"] {
            let error = read("data = \"/d\"", &[fault]).unwrap_err().to_string();
            assert!(error.contains(": expected "), "{fault}: {error}");
        }
    }

    #[test]
    fn every_default_is_of_its_kind() {
        for row in TABLE {
            assert_eq!(check(row.kind, row.default.unwrap_or("/d")), Ok(()), "{}", row.name);
        }
    }

    #[test]
    fn workloads_are_a_table_of_names_and_roles_on_loopback() {
        let arn = "arn:aws:iam::123456789012:role/search-app";
        let file = format!(
            "data = \"/d\"\n[workloads]\nlisten = \"127.0.0.1:9601\"\nroles.app = \"{arn}\"\nroles.web-2 = \"{arn}\""
        );
        let workloads = read(&file, &[]).unwrap().options().deployment.workloads;
        assert_eq!(workloads.listen.as_deref(), Some("127.0.0.1:9601"));
        assert_eq!(workloads.session_seconds, 3600);
        assert_eq!(workloads.roles.keys().collect::<Vec<_>>(), ["app", "web-2"]);
        assert!(workloads.roles.values().all(|role| role == arn));
        let shown = read(&file, &[]).unwrap().show();
        assert_eq!(read(&shown, &[]).unwrap().show(), shown.replace("# Default", "# File"));
        for fault in [
            "workloads.listen=0.0.0.0:9601",
            "workloads.listen=example.org:9601",
            "workloads.session_seconds=899",
            "workloads.roles=../app=arn:aws:iam::123456789012:role/r",
            "workloads.roles=app=arn:aws:iam::123456789012:user/r",
            "workloads.roles=app",
        ] {
            let error = read("data = \"/d\"", &[fault]).unwrap_err().to_string();
            assert!(error.contains(": expected "), "{fault}: {error}");
        }
    }

    #[test]
    fn what_is_shown_reads_back_as_the_same() {
        let first = read("data = \"/d\"\naccounts = [\"111111111111\", \"222222222222\"]", &[])
            .unwrap()
            .show();
        let second = read(&first, &[]).unwrap();
        assert_eq!(first.replace("# Default", "# File"), second.show());
    }
}
