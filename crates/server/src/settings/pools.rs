//! `[pools.NAME]`: clusters that domains are served by instead of the engine in this binary.

use std::collections::BTreeMap;
use std::path::PathBuf;

/// One pool: a cluster that is there already, for one domain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PoolSettings {
    /// The ARN of the domain that the cluster serves.
    pub domain: String,
    /// Where its nodes are.
    pub urls: Vec<String>,
    /// A PEM file of the certificate authorities to trust; the system's where none is named.
    pub ca: Option<PathBuf>,
    /// The PEM file of the certificate that is shown to the cluster.
    pub certificate: Option<PathBuf>,
    /// The PEM file of its key.
    pub key: Option<PathBuf>,
    /// The name for Basic authentication.
    pub user: Option<String>,
    /// The file that holds its password.
    pub password_file: Option<PathBuf>,
    /// The file that holds an API key, in Base64 as Elasticsearch gives it.
    pub api_key_file: Option<PathBuf>,
    /// The region to sign requests for, where the cluster is a domain of Amazon's.
    pub sign_region: Option<String>,
    /// Whether the cluster is asked for its nodes; if not, the URLs are all that there are.
    pub discover: bool,
    /// How long a connection may take.
    pub connect_seconds: u32,
    /// How long an answer's head, and each piece of its body, may take.
    pub answer_seconds: u32,
    /// The longest request line that the cluster reads: its `http.max_initial_line_length`.
    pub request_line_bytes_max: usize,
}

/// What is told to whoever wrote something else.
pub(super) const EXPECTED: &str = "NAME = { domain = \"arn:aws:es:REGION:ACCOUNT:domain/NAME\", urls = [\"https://HOST:PORT\"] }, \
    and of ca, certificate with key, user with password_file, api_key_file, sign_region, discover, connect_seconds, \
    answer_seconds (1 to 120), request_line_bytes_max those that are needed";

impl PoolSettings {
    /// A pool with nothing but a domain and URLs.
    #[must_use]
    pub fn new(domain: String, urls: Vec<String>) -> Self {
        Self {
            domain,
            urls,
            ca: None,
            certificate: None,
            key: None,
            user: None,
            password_file: None,
            api_key_file: None,
            sign_region: None,
            discover: false,
            connect_seconds: 3,
            answer_seconds: 60,
            request_line_bytes_max: 4096,
        }
    }

    /// Takes one key's value; `None`: there is no such key, or it cannot have this value.
    fn set(&mut self, key: &str, value: &str) -> Option<()> {
        let path = || Some(PathBuf::from(value)).filter(|_| !value.is_empty());
        let seconds = || value.parse().ok().filter(|seconds| (1..=120).contains(seconds));
        match key {
            "domain" => value.clone_into(&mut self.domain),
            "urls" => {
                let urls = value.split(';').map(str::trim).filter(|url| !url.is_empty());
                self.urls = urls.map(str::to_owned).collect();
            }
            "ca" => self.ca = Some(path()?),
            "certificate" => self.certificate = Some(path()?),
            "key" => self.key = Some(path()?),
            "user" => self.user = Some(value.to_owned()),
            "password_file" => self.password_file = Some(path()?),
            "api_key_file" => self.api_key_file = Some(path()?),
            "sign_region" => {
                self.sign_region = Some(value.to_owned()).filter(|it| sigv4::is_aws_region(it));
                self.sign_region.as_ref()?;
            }
            "discover" => self.discover = value.parse().ok()?,
            "connect_seconds" => self.connect_seconds = seconds()?,
            "answer_seconds" => self.answer_seconds = seconds()?,
            "request_line_bytes_max" => {
                let bytes = value.parse().ok();
                self.request_line_bytes_max =
                    bytes.filter(|bytes| (1_024..=1_048_576).contains(bytes))?;
            }
            _ => return None,
        }
        Some(())
    }

    /// Whether what is there goes together.
    fn is_whole(&self) -> bool {
        let arn = self.domain.strip_prefix("arn:aws:es:").and_then(|rest| rest.split_once(':'));
        let arn = arn.and_then(|(region, rest)| Some((region, rest.split_once(":domain/")?)));
        let named = arn.is_some_and(|(region, (account, name))| {
            let digits = account.bytes().all(|byte| byte.is_ascii_digit());
            sigv4::is_aws_region(region) && account.len() == 12 && digits && !name.is_empty()
        });
        let logins = [self.user.is_some(), self.api_key_file.is_some(), self.sign_region.is_some()];
        named
            && !self.urls.is_empty()
            && self.certificate.is_some() == self.key.is_some()
            && self.user.is_some() == self.password_file.is_some()
            && logins.into_iter().filter(|given| *given).count() <= 1
    }

    fn write(&self) -> String {
        let quoted = |text: &str| toml::Value::String(text.to_owned()).to_string();
        let urls: Vec<String> = self.urls.iter().map(|url| quoted(url)).collect();
        let mut pairs = vec![
            format!("domain = {}", quoted(&self.domain)),
            format!("urls = [{}]", urls.join(", ")),
        ];
        for (key, path) in [
            ("ca", &self.ca),
            ("certificate", &self.certificate),
            ("key", &self.key),
            ("password_file", &self.password_file),
            ("api_key_file", &self.api_key_file),
        ] {
            let path = path.as_ref().map(|path| quoted(&path.display().to_string()));
            pairs.extend(path.map(|path| format!("{key} = {path}")));
        }
        for (key, text) in [("user", &self.user), ("sign_region", &self.sign_region)] {
            pairs.extend(text.as_ref().map(|text| format!("{key} = {}", quoted(text))));
        }
        pairs.push(format!("discover = {}", self.discover));
        pairs.push(format!("connect_seconds = {}", self.connect_seconds));
        pairs.push(format!("answer_seconds = {}", self.answer_seconds));
        pairs.push(format!("request_line_bytes_max = {}", self.request_line_bytes_max));
        format!("{{ {} }}", pairs.join(", "))
    }
}

/// Reads `NAME.KEY=VALUE,NAME.KEY=VALUE;VALUE`.
pub(super) fn read(text: &str) -> Option<BTreeMap<String, PoolSettings>> {
    let mut pools: BTreeMap<String, PoolSettings> = BTreeMap::new();
    for pair in text.split(',').map(str::trim).filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=')?;
        let (name, key) = name.rsplit_once('.')?;
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
        if name.is_empty() || !name.bytes().all(plain) {
            return None;
        }
        let pool = pools.entry(name.to_owned());
        pool.or_insert_with(|| PoolSettings::new(String::new(), Vec::new())).set(key, value)?;
    }
    let domains: std::collections::BTreeSet<&str> =
        pools.values().map(|pool| pool.domain.as_str()).collect();
    let is_whole = pools.values().all(PoolSettings::is_whole) && domains.len() == pools.len();
    is_whole.then_some(pools)
}

/// As TOML, on one line.
pub(super) fn write(pools: &BTreeMap<String, PoolSettings>) -> String {
    let pools: Vec<String> =
        pools.iter().map(|(name, pool)| format!("{name} = {}", pool.write())).collect();
    if pools.is_empty() { "{}".to_owned() } else { format!("{{ {} }}", pools.join(", ")) }
}
