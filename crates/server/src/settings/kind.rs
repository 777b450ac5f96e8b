//! What a setting's value may be: how it is called, read and written, one constant for each kind.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::path::PathBuf;
use std::str::FromStr;

use client::endpoint::Endpoint;
use control::{DomainMode, PostgresUrl};
use ipnet::IpNet;

use super::oidc_clients::{self, OidcClientSettings};
use super::pools::{self, PoolSettings};
use super::s3_clients::{self, S3ClientSettings};
use crate::guards::limits;
use crate::transport::{forwarded, host};

/// A kind of value.
pub(super) struct ValueKind<T: 'static> {
    form: ValueForm,
    /// What is told to whoever wrote another: after "expected". A number's range is added.
    expected: &'static str,
    /// Reads a text that the form admits.
    read: fn(&str) -> Option<T>,
    /// Writes it as TOML.
    write: fn(&T) -> String,
}

/// How a kind of value looks in TOML, and what can be said of it there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ValueForm {
    /// Any string.
    Text,
    /// A string that may hold a secret by mistake: it is not repeated.
    Unspoken,
    /// A string that must be set.
    Required,
    /// One of these strings.
    OneOf(&'static [&'static str]),
    /// `true` or `false`.
    Boolean,
    /// A whole number, both ends included. TOML's are signed.
    Integer(i64, i64),
    /// Strings, each as the pattern says. As one text they are joined by commas.
    List(Option<&'static str>),
    /// Names with a string each. As one text `NAME=VALUE,NAME=VALUE`.
    Table,
    /// Names with a list of strings each. As one text `NAME=VALUE;VALUE,NAME=VALUE`.
    Lists,
    /// Names with a table each. As one text `NAME.KEY=VALUE,NAME.KEY=VALUE;VALUE`.
    Records,
}

impl<T> ValueKind<T> {
    pub(super) const fn form(&self) -> ValueForm {
        self.form
    }

    /// Reads a value; the error says what was expected.
    pub(super) fn read(&self, text: &str) -> Result<T, String> {
        let admitted = match self.form {
            ValueForm::OneOf(names) => names.contains(&text),
            ValueForm::Integer(least, most) => {
                text.parse().is_ok_and(|number: i64| (least..=most).contains(&number))
            }
            ValueForm::Required => !text.is_empty(),
            ValueForm::Boolean => matches!(text, "true" | "false"),
            ValueForm::Text
            | ValueForm::Unspoken
            | ValueForm::List(_)
            | ValueForm::Table
            | ValueForm::Lists
            | ValueForm::Records => true,
        };
        let value = if admitted { (self.read)(text) } else { None };
        value.ok_or_else(|| self.expected())
    }

    pub(super) fn write(&self, value: &T) -> String {
        (self.write)(value)
    }

    fn expected(&self) -> String {
        match self.form {
            ValueForm::Integer(least, i64::MAX) => format!("{}, at least {least}", self.expected),
            ValueForm::Integer(least, most) => format!("{} from {least} to {most}", self.expected),
            _ => self.expected.to_owned(),
        }
    }
}

/// The folder that must be named.
pub(super) const DATA_FOLDER: ValueKind<Option<PathBuf>> = ValueKind {
    form: ValueForm::Required,
    expected: "a path",
    read: |text| Some(Some(PathBuf::from(text))),
    write: |path| {
        quoted(&path.as_ref().map_or_else(String::new, |path| path.display().to_string()))
    },
};

/// A path; empty: none.
pub(super) const PATH: ValueKind<Option<PathBuf>> = ValueKind {
    form: ValueForm::Text,
    expected: "a path",
    read: |text| Some(Some(PathBuf::from(text)).filter(|_| !text.is_empty())),
    ..DATA_FOLDER
};

/// A database of PostgreSQL; empty: none.
pub(super) const POSTGRES: ValueKind<Option<PostgresUrl>> = ValueKind {
    form: ValueForm::Unspoken,
    expected: PostgresUrl::EXPECTED,
    read: |text| match text {
        "" => Some(None),
        text => PostgresUrl::read(text).map(Some),
    },
    write: |url| quoted(url.as_ref().map_or("", PostgresUrl::as_str)),
};

/// Where a collector listens; empty: nowhere.
pub(super) const COLLECTOR: ValueKind<Option<String>> = ValueKind {
    form: ValueForm::Text,
    expected: "https://HOST:PORT, or http:// on loopback, without a path",
    read: |text| match text {
        "" => Some(None),
        text => Endpoint::parse(text).ok().map(|_| Some(text.to_owned())),
    },
    write: |text| quoted(text.as_deref().unwrap_or_default()),
};

/// `HOST:PORT`; port 0: any.
pub(super) const ADDRESS: ValueKind<String> = ValueKind {
    form: ValueForm::Text,
    expected: "HOST:PORT, such as 127.0.0.1:9443",
    read: |text| Some(text.to_owned()).filter(|text| is_host_and_port(text)),
    write: |text| quoted(text),
};

/// `HOST:PORT`; empty: nowhere.
pub(super) const OPTIONAL_ADDRESS: ValueKind<Option<String>> = ValueKind {
    form: ValueForm::Text,
    expected: "HOST:PORT, such as 127.0.0.1:9444, or nothing",
    read: |text| {
        let fits = text.is_empty() || is_host_and_port(text);
        fits.then(|| Some(text.to_owned()).filter(|text| !text.is_empty()))
    },
    ..LOOPBACK
};

/// `HOST:PORT` of loopback; empty: nowhere.
pub(super) const LOOPBACK: ValueKind<Option<String>> = ValueKind {
    form: ValueForm::Text,
    expected: "HOST:PORT of loopback (127.0.0.1, localhost, [::1]), or nothing",
    read: |text| {
        let here = is_host_and_port(text) && host::is_loopback(text);
        (here || text.is_empty()).then(|| Some(text.to_owned()).filter(|text| !text.is_empty()))
    },
    write: |text| quoted(text.as_deref().unwrap_or_default()),
};

/// An IP address.
pub(super) const IP: ValueKind<IpAddr> = ValueKind {
    form: ValueForm::Text,
    expected: "an IP address",
    read: |text| text.parse().ok(),
    write: |address| quoted(&address.to_string()),
};

/// A host name.
pub(super) const HOST_NAME: ValueKind<String> = ValueKind {
    form: ValueForm::Text,
    expected: "a host name",
    read: |text| {
        let plain = !text.is_empty() && !text.contains(['/', ':', ' ']);
        plain.then(|| text.to_owned())
    },
    ..ADDRESS
};

/// The end of host names; empty: none.
pub(super) const SUFFIX: ValueKind<Option<String>> = ValueKind {
    form: ValueForm::Text,
    expected: "the end of a host name, such as es.example.org, or nothing",
    read: |text| {
        let letter = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        let plain = text.split('.').all(|label| !label.is_empty() && label.bytes().all(letter));
        (plain || text.is_empty()).then(|| Some(text.to_owned()).filter(|text| !text.is_empty()))
    },
    ..LOOPBACK
};

/// A region of the `aws` partition.
pub(super) const REGION: ValueKind<String> = ValueKind {
    form: ValueForm::Text,
    expected: "a region such as us-east-1",
    read: |text| Some(text.to_owned()).filter(|text| sigv4::is_aws_region(text)),
    ..ADDRESS
};

/// Networks (`10.0.0.0/8`) or addresses; may be none.
pub(super) const NETWORKS: ValueKind<Vec<IpNet>> = ValueKind {
    form: ValueForm::List(None),
    expected: "networks such as 10.0.0.0/8, not /0",
    read: |text| items(text).map(forwarded::network).collect(),
    write: |networks| list(networks),
};

/// Account numbers, twelve digits each; at least one.
pub(super) const ACCOUNTS: ValueKind<Accounts> = ValueKind {
    form: ValueForm::List(Some("^[0-9]{12}$")),
    expected: "account numbers of twelve digits",
    read: |text| {
        let mut accounts = text.split(',').map(|id| is_account(id).then(|| id.to_owned()));
        let first = accounts.next()??;
        Some(Accounts { first, others: accounts.collect::<Option<_>>()? })
    },
    write: |accounts| list(std::iter::once(&accounts.first).chain(&accounts.others)),
};

/// `true` or `false`.
pub(super) const BOOLEAN: ValueKind<bool> = ValueKind {
    form: ValueForm::Boolean,
    expected: "true or false",
    read: |text| text.parse().ok(),
    write: bool::to_string,
};

/// How a domain judges requests.
pub(super) const MODE: ValueKind<DomainMode> = ValueKind {
    form: ValueForm::OneOf(&["strict", "aws"]),
    expected: "strict or aws",
    read: |text| Some(if text == "aws" { DomainMode::Aws } else { DomainMode::Strict }),
    write: |mode| match mode {
        DomainMode::Strict => quoted("strict"),
        DomainMode::Aws => quoted("aws"),
    },
};

/// Whether an access policy that lets in more must say so.
pub(super) const WIDER_POLICY: ValueKind<bool> = ValueKind {
    form: ValueForm::OneOf(&["allowed", "acknowledged"]),
    expected: "allowed or acknowledged",
    read: |text| Some(text == "acknowledged"),
    write: |acknowledged| quoted(if *acknowledged { "acknowledged" } else { "allowed" }),
};

/// What happens while records cannot be written.
pub(super) const ON_AUDIT_FAILURE: ValueKind<OnAuditFailure> = ValueKind {
    form: ValueForm::OneOf(&["continue", "refuse"]),
    expected: "continue or refuse",
    read: |text| {
        Some(if text == "refuse" { OnAuditFailure::Refuse } else { OnAuditFailure::Continue })
    },
    write: |on_failure| match on_failure {
        OnAuditFailure::Continue => quoted("continue"),
        OnAuditFailure::Refuse => quoted("refuse"),
    },
};

/// Workloads by name, and the ARN of the role of each.
pub(super) const ROLES: ValueKind<BTreeMap<String, String>> = ValueKind {
    form: ValueForm::Table,
    expected: "NAME = \"arn:aws:iam::ACCOUNT:role/ROLE\", names of 2 to 32 of a-z, 0-9 and -",
    read: |text| pairs(text, is_workload, str::to_owned),
    write: |roles| table(roles.iter().map(|(name, arn)| (name, quoted(arn)))),
};

/// Files and folders of policies by the account that they are for.
pub(super) const POLICIES: ValueKind<BTreeMap<String, PathBuf>> = ValueKind {
    form: ValueForm::Table,
    expected: "ACCOUNT = \"/path/to/policies\", accounts of twelve digits",
    read: |text| pairs(text, |(id, path)| is_account(id) && !path.is_empty(), PathBuf::from),
    write: |paths| table(paths.iter().map(|(id, path)| (id, quoted(&path.display().to_string())))),
};

/// Files of policies by the subnet or the security group whose clients they are for.
pub(super) const ENDPOINT_POLICIES: ValueKind<BTreeMap<String, PathBuf>> = ValueKind {
    expected: "subnet-… = \"/path/to/policy.json\", ids of subnets or security groups",
    read: |text| {
        let known = |(id, path): (&str, &str)| {
            (is_id(id, "subnet-") || is_id(id, "sg-")) && !path.is_empty()
        };
        pairs(text, known, PathBuf::from)
    },
    ..POLICIES
};

/// An account, or none.
pub(super) const MANAGEMENT_ACCOUNT: ValueKind<Option<String>> = ValueKind {
    form: ValueForm::Text,
    expected: "an account of twelve digits, or nothing",
    read: |text| {
        (text.is_empty() || is_account(text))
            .then(|| Some(text.to_owned()).filter(|text| !text.is_empty()))
    },
    ..LOOPBACK
};

/// A VPC's id.
pub(super) const VPC_ID: ValueKind<String> = ValueKind {
    form: ValueForm::Text,
    expected: "vpc- and letters or digits",
    read: |text| Some(text.to_owned()).filter(|text| is_id(text, "vpc-")),
    ..ADDRESS
};

/// Subnets by id, and the networks of each.
pub(super) const SUBNETS: ValueKind<BTreeMap<String, Vec<IpNet>>> = ValueKind {
    form: ValueForm::Lists,
    expected: "subnet-… = [\"10.0.1.0/24\"], ids of letters, digits and -, each with a network",
    read: |text| networks_of(text, "subnet-"),
    write: |networks| table(networks.iter().map(|(id, networks)| (id, list(networks)))),
};

/// Security groups by id, and the networks that each lets in.
pub(super) const SECURITY_GROUPS: ValueKind<BTreeMap<String, Vec<IpNet>>> = ValueKind {
    expected: "sg-… = [\"10.0.0.0/16\"], ids of letters, digits and -, each with a network",
    read: |text| networks_of(text, "sg-"),
    ..SUBNETS
};

/// Files of certificates by ARN.
pub(super) const CERTIFICATES: ValueKind<BTreeMap<String, CertificateFiles>> =
    ValueKind {
        form: ValueForm::Lists,
        expected: "\"arn:aws:acm:REGION:ACCOUNT:certificate/ID\" = [\"chain.pem\", \"key.pem\"]",
        read: |text| {
            let pairs = items(text).map(|pair| {
                let (arn, files) = pair.split_once('=')?;
                let (chain, key) = files.split_once(';').filter(|(_, key)| !key.contains(';'))?;
                let is_one = arn.starts_with("arn:aws:acm:") && arn.contains(":certificate/");
                let files = CertificateFiles { chain: chain.into(), key: key.into() };
                (is_one && !chain.is_empty() && !key.is_empty()).then(|| (arn.to_owned(), files))
            });
            pairs.collect()
        },
        write: |certificates| {
            table(certificates.iter().map(|(arn, files)| {
                (quoted(arn), list([files.chain.display(), files.key.display()]))
            }))
        },
    };
/// Log groups by their ARNs, and the name of the file that stands for each.
pub(super) const LOG_GROUPS: ValueKind<BTreeMap<String, String>> = ValueKind {
    form: ValueForm::Table,
    expected: "\"arn:aws:logs:REGION:ACCOUNT:log-group:NAME\" = \"FILE\", files of a-z, A-Z, 0-9, ., _ and -",
    read: |text| pairs(text, is_log_group, str::to_owned),
    write: |groups| table(groups.iter().map(|(arn, file)| (quoted(arn), quoted(file)))),
};

/// Clusters by the names of their pools.
pub(super) const POOLS: ValueKind<BTreeMap<String, PoolSettings>> = ValueKind {
    form: ValueForm::Records,
    expected: pools::EXPECTED,
    read: pools::read,
    write: pools::write,
};

/// Ways to S3 by their names.
pub(super) const S3_CLIENTS: ValueKind<BTreeMap<String, S3ClientSettings>> = ValueKind {
    form: ValueForm::Records,
    expected: s3_clients::EXPECTED,
    read: s3_clients::read,
    write: s3_clients::write,
};

/// Identity providers of the console by their names.
pub(super) const OIDC_CLIENTS: ValueKind<BTreeMap<String, OidcClientSettings>> = ValueKind {
    form: ValueForm::Records,
    expected: oidc_clients::EXPECTED,
    read: oidc_clients::read,
    write: oidc_clients::write,
};

/// An address of `https://`.
pub(super) const OPTIONAL_HTTPS: ValueKind<Option<String>> = ValueKind {
    form: ValueForm::Text,
    expected: "https://HOST or https://HOST:PORT",
    read: |text| {
        if text.is_empty() {
            return Some(None);
        }
        let host = text.strip_prefix("https://")?.trim_end_matches('/');
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-.:[]".contains(&byte);
        (!host.is_empty() && host.bytes().all(plain)).then(|| Some(text.to_owned()))
    },
    write: |url| quoted(url.as_deref().unwrap_or_default()),
};

/// A port; 0: any.
pub(super) const PORT: ValueKind<u16> = integer("a port", 0, 65_535);

/// Seconds between digests of the audit.
pub(super) const DIGEST_SECONDS: ValueKind<u32> =
    integer("a whole number of seconds from 1 to 86400", 1, 86_400);

/// A whole number from 0 to a million.
pub(super) const NUMBER: ValueKind<u32> = integer("a whole number", 0, 1_000_000);

/// The same, of things that are counted in memory.
pub(super) const COUNT: ValueKind<usize> = integer("a whole number", 0, 1_000_000);

/// Calls that run at once. Each has a thread of its own.
pub(super) const CALLS: ValueKind<usize> = integer("a whole number", 0, 128);

/// Connections of a whole service: beside the control plane's reserve there is room for domains.
pub(super) const CONNECTIONS: ValueKind<usize> =
    integer("a number of connections", 2 * limits::CONTROL_CONNECTIONS_MAX as i64, 1_000_000);

/// Seconds that a stop may take longer.
pub(super) const DRAIN_SECONDS: ValueKind<u32> = integer("seconds", 0, 3_600);

/// Seconds that a gateway goes on without its state's database.
pub(super) const STALE_SECONDS: ValueKind<u32> = integer("seconds", 1, 86_400);

/// Seconds that a session may live: what STS allows.
pub(super) const SESSION_SECONDS: ValueKind<i64> = integer("seconds", 900, 43_200);

/// A part of a hundred.
pub(super) const PERCENT: ValueKind<u32> = integer("a whole number from 0 to 100", 0, 100);

/// Bytes of a body, or of answers.
pub(super) const BYTES: ValueKind<usize> =
    integer("a number of bytes", 1, limits::BODY_BYTES_CEILING as i64);

/// Bytes of bodies under way; 0: as many as there are.
pub(super) const FLIGHT_BYTES: ValueKind<usize> = integer("a number of bytes", 0, i64::MAX);

/// Bytes of memory: with less than 16 MiB not even a page of hits is sure to fit.
pub(super) const MEMORY_BYTES: ValueKind<u64> =
    integer("a number of bytes", 16 * 1024 * 1024, i64::MAX);

/// Bytes of a disk that one published log may use.
pub(super) const LOG_BYTES: ValueKind<u64> =
    integer("a number of bytes", 1024 * 1024, limits::AUDIT_BYTES_CEILING as i64);

/// Bytes of a disk that audit files may use.
pub(super) const AUDIT_BYTES: ValueKind<u64> = integer(
    "a number of bytes",
    limits::AUDIT_BYTES_FLOOR as i64,
    limits::AUDIT_BYTES_CEILING as i64,
);

/// The files of a certificate, PEM.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertificateFiles {
    /// The certificate and its chain.
    pub chain: PathBuf,
    /// Its private key.
    pub key: PathBuf,
}

/// Accounts, at least one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accounts {
    /// The one of `root.env`.
    pub first: String,
    /// The others.
    pub others: Vec<String>,
}

impl Accounts {
    /// One account.
    #[must_use]
    pub fn one(id: &str) -> Self {
        Self { first: id.to_owned(), others: Vec::new() }
    }
}

/// What happens to requests while audit records cannot be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnAuditFailure {
    /// They are served; a metric counts the lost records.
    Continue,
    /// Nothing is changed that is not on record: control-plane calls and writes answer 503.
    Refuse,
}

const fn integer<T: FromStr + ToString>(
    expected: &'static str,
    least: i64,
    most: i64,
) -> ValueKind<T> {
    ValueKind {
        form: ValueForm::Integer(least, most),
        expected,
        read: |text| text.parse().ok(),
        write: T::to_string,
    }
}

fn is_host_and_port(text: &str) -> bool {
    text.rsplit_once(':')
        .is_some_and(|(host, port)| !host.is_empty() && port.parse::<u16>().is_ok())
}

fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// A log group, without the `:*` that may stand behind it, and the plain name of a file.
fn is_log_group((arn, file): (&str, &str)) -> bool {
    let group = arn.strip_prefix("arn:aws:logs:").and_then(|rest| rest.split_once(":log-group:"));
    let place = group.and_then(|(place, name)| place.split_once(':').filter(|_| !name.is_empty()));
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    place.is_some_and(|(region, account)| sigv4::is_aws_region(region) && is_account(account))
        && !arn.ends_with(":*")
        && file.bytes().all(plain)
        && !file.starts_with('.')
        // `NAME.1` is where the older half of `NAME` goes.
        && !file.ends_with(".1")
        && !file.is_empty()
}

/// A workload's name is a file's and a session's; its role is one of an account of ours.
fn is_workload((name, arn): (&str, &str)) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let role = arn.strip_prefix("arn:aws:iam::").and_then(|rest| rest.split_once(":role/"));
    (2..=32).contains(&name.len())
        && name.bytes().all(plain)
        && role.is_some_and(|(account, role)| is_account(account) && !role.is_empty())
}

/// `NAME=VALUE,NAME=VALUE`, each pair as `admits` says.
fn pairs<'a, T>(
    text: &'a str,
    admits: fn((&'a str, &'a str)) -> bool,
    value: fn(&'a str) -> T,
) -> Option<BTreeMap<String, T>> {
    let pairs = items(text).map(|pair| pair.split_once('=').filter(|pair| admits(*pair)));
    pairs.map(|pair| pair.map(|(name, text)| (name.to_owned(), value(text)))).collect()
}

/// A table on one line, of values that are TOML.
fn table(pairs: impl Iterator<Item = (impl std::fmt::Display, String)>) -> String {
    let pairs: Vec<String> = pairs.map(|(name, value)| format!("{name} = {value}")).collect();
    if pairs.is_empty() { "{}".to_owned() } else { format!("{{ {} }}", pairs.join(", ")) }
}

/// Networks by the id of what they belong to; every network is one, also /0.
fn networks_of(text: &str, prefix: &str) -> Option<BTreeMap<String, Vec<IpNet>>> {
    let pairs = items(text).map(|pair| {
        let (id, networks) = pair.split_once('=').filter(|(id, _)| is_id(id, prefix))?;
        let network = |text: &str| {
            let text = text.trim();
            text.parse().ok().or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from))
        };
        Some((id.to_owned(), networks.split(';').map(network).collect::<Option<Vec<_>>>()?))
    });
    pairs.collect()
}

/// An id as EC2 gives them, or a name in its place.
fn is_id(text: &str, prefix: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let rest = text.strip_prefix(prefix);
    rest.is_some_and(|rest| (1..=32).contains(&rest.len()) && rest.bytes().all(plain))
}

/// The items of a list, which may be empty.
fn items(text: &str) -> impl Iterator<Item = &str> {
    text.split(',').map(str::trim).filter(|item| !item.is_empty())
}

fn list<T: ToString>(items: impl IntoIterator<Item = T>) -> String {
    let items: Vec<String> = items.into_iter().map(|item| quoted(&item.to_string())).collect();
    format!("[{}]", items.join(", "))
}

fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}
