//! `[pools.NAME]`: clusters that domains are served by instead of the engine in this binary.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use super::named;
use crate::guards::limits::POOL_NODES_MAX;

/// One pool: where the cluster of a domain comes from, and how it is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PoolSettings {
    /// Where the cluster comes from.
    pub kind: PoolKind,
    /// The ARN of the domain that the cluster serves; empty: none, until one is moved to it. For clusters that are made, the name may end in `*`: each such domain gets one.
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
    /// The roles of the cluster's security plugin that callers have there (proxy authentication); where there are any, each request says who asks.
    pub proxy_roles: Vec<String>,
    /// Whether the cluster is asked for its nodes; if not, the URLs are all that there are.
    pub discover: bool,
    /// How long a connection may take.
    pub connect_seconds: u32,
    /// How long an answer's head, and each piece of its body, may take.
    pub answer_seconds: u32,
    /// The longest request line that the cluster reads: its `http.max_initial_line_length`.
    pub request_line_bytes_max: usize,
    /// What the names of a domain's indices begin with there, where several domains share the cluster; `{domain}` is the domain's name.
    pub prefix: Option<String>,
}

/// Where the clusters of a pool come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PoolKind {
    /// One is there already.
    Attach,
    /// The service runs nodes on this host, for each domain a cluster.
    Process(ProcessPool),
    /// The service writes manifests of the OpenSearch operator, and applies none.
    Kubernetes(KubernetesPool),
}

/// Nodes on this host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProcessPool {
    /// Where OpenSearch is: a distribution, or what `cargo xtask fetch-opensearch` makes.
    pub installation: PathBuf,
    /// The program that runs classes; by default `JAVA_HOME` tells it, or else `PATH`.
    pub java: Option<PathBuf>,
    /// The first and the last port that nodes may have. Each needs two.
    pub ports: (u16, u16),
    /// The heap of a node in MiB by instance type; `*` is every other.
    pub heap_mib: BTreeMap<String, u32>,
    /// The heap of all nodes together, in MiB.
    pub heap_mib_max: u32,
    /// Nodes of one domain.
    pub nodes_per_domain: usize,
    /// Nodes of all domains.
    pub nodes_max: usize,
    /// Whether the nodes end when the service does; if not, its next start finds them.
    pub stop_with_service: bool,
}

/// Clusters that somebody else runs by manifests.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KubernetesPool {
    /// The folder that manifests are written into, one for each domain.
    pub manifests: PathBuf,
    /// The namespace that they name.
    pub namespace: String,
}

impl Default for ProcessPool {
    fn default() -> Self {
        Self {
            installation: PathBuf::new(),
            java: None,
            ports: (0, 0),
            heap_mib: BTreeMap::new(),
            heap_mib_max: 8_192,
            nodes_per_domain: 5,
            nodes_max: 10,
            stop_with_service: true,
        }
    }
}

/// What is told to whoever wrote something else.
pub(super) const EXPECTED: &str = "NAME = { domain = \"arn:aws:es:REGION:ACCOUNT:domain/NAME\", urls = [\"https://HOST:PORT\"] }, \
    (no domain where one is to be moved there; domain/NAME* with prefix = \"{domain}.\" where several share it), and of ca, certificate with key, user with password_file, api_key_file, sign_region, proxy_roles = [\"ROLE\"], discover, connect_seconds, \
    answer_seconds (1 to 120), request_line_bytes_max those that are needed; or \
    { kind = \"process\", domain, installation = \"FOLDER\", ports = \"FIRST-LAST\" } and of java, heap_mib = [\"TYPE=MIB\"], heap_mib_max, \
    nodes_per_domain, nodes_max, stop_with_service, answer_seconds; or { kind = \"kubernetes\", domain, urls, manifests = \"FOLDER\" } with \
    namespace and what says how urls are reached; domain/NAME* where each such domain gets a cluster";

/// What pools of kind `process` may have, beside `domain`.
const OF_PROCESSES: [&str; 9] = [
    "installation",
    "java",
    "ports",
    "heap_mib",
    "heap_mib_max",
    "nodes_per_domain",
    "nodes_max",
    "stop_with_service",
    "answer_seconds",
];

impl PoolSettings {
    /// A pool with nothing but a domain and URLs.
    #[must_use]
    pub fn new(domain: String, urls: Vec<String>) -> Self {
        Self {
            kind: PoolKind::Attach,
            domain,
            urls,
            ca: None,
            certificate: None,
            key: None,
            user: None,
            password_file: None,
            api_key_file: None,
            sign_region: None,
            proxy_roles: Vec::new(),
            discover: false,
            connect_seconds: 3,
            answer_seconds: 60,
            request_line_bytes_max: 4096,
            prefix: None,
        }
    }

    /// The pool that these keys describe; `None`: there is none.
    fn of(pairs: &BTreeMap<&str, &str>) -> Option<Self> {
        let mut pool = Self::new(String::new(), Vec::new());
        let mut rest = pairs.clone();
        match rest.remove("kind").unwrap_or("attach") {
            "attach" => {}
            "process" => {
                let known = |key: &&str| OF_PROCESSES.contains(key) || *key == "domain";
                let mut made = ProcessPool::default();
                for key in OF_PROCESSES.iter().filter(|key| **key != "answer_seconds") {
                    rest.remove(key).map_or(Some(()), |value| made.set(key, value))?;
                }
                rest.keys().all(known).then_some(())?;
                pool.kind = PoolKind::Process(made);
            }
            "kubernetes" => {
                let manifests = PathBuf::from(rest.remove("manifests")?);
                let namespace = rest.remove("namespace").unwrap_or("default").to_owned();
                let plain =
                    |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
                (!namespace.is_empty() && namespace.bytes().all(plain)).then_some(())?;
                pool.kind = PoolKind::Kubernetes(KubernetesPool { manifests, namespace });
            }
            _ => return None,
        }
        rest.into_iter().try_for_each(|(key, value)| pool.set(key, value))?;
        pool.is_whole().then_some(pool)
    }

    /// Whether the cluster of a domain is this pool's.
    #[must_use]
    pub fn serves(&self, arn: &str) -> bool {
        match self.domain.strip_suffix('*') {
            Some(prefix) => arn.starts_with(prefix),
            None => self.domain == arn,
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
            "prefix" => {
                // No domain's name has a dot or an underscore: so no prefix is the beginning of another.
                let (before, after) = value.split_once("{domain}")?;
                let plain = |byte: u8| {
                    byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_.".contains(&byte)
                };
                let begins = before.bytes().next().is_none_or(|byte| byte.is_ascii_alphanumeric());
                let is_one = before.bytes().chain(after.bytes()).all(plain)
                    && begins
                    && before.len() + after.len() <= 64
                    && after.starts_with(['.', '_']);
                self.prefix = is_one.then(|| value.to_owned());
                self.prefix.as_ref()?;
            }
            "proxy_roles" => {
                let roles = value.split(';').map(str::trim).filter(|role| !role.is_empty());
                self.proxy_roles = roles.map(str::to_owned).collect();
                let plain = |byte: u8| byte.is_ascii_graphic() && byte != b',';
                self.proxy_roles.iter().all(|role| role.bytes().all(plain)).then_some(())?;
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
        let of_its_kind = match &self.kind {
            PoolKind::Attach => {
                let several = self.prefix.is_some() && named;
                !self.urls.is_empty()
                    && (several || (self.prefix.is_none() && !self.domain.contains('*')))
            }
            PoolKind::Process(pool) => self.urls.is_empty() && pool.is_whole(),
            PoolKind::Kubernetes(pool) => {
                let own = self.prefix.is_none();
                own && !self.urls.is_empty() && !pool.manifests.as_os_str().is_empty()
            }
        };
        let star = self.domain.find('*').is_none_or(|at| at + 1 == self.domain.len());
        let waits = self.domain.is_empty() && self.kind == PoolKind::Attach;
        (named || waits)
            && of_its_kind
            && star
            && self.certificate.is_some() == self.key.is_some()
            && self.user.is_some() == self.password_file.is_some()
            && logins.into_iter().filter(|given| *given).count() <= 1
    }

    fn write(&self) -> String {
        let quoted = |text: &str| toml::Value::String(text.to_owned()).to_string();
        let urls: Vec<String> = self.urls.iter().map(|url| quoted(url)).collect();
        let domain =
            (!self.domain.is_empty()).then(|| format!("domain = {}", quoted(&self.domain)));
        let mut pairs: Vec<String> = domain.into_iter().collect();
        match &self.kind {
            PoolKind::Attach => pairs.push(format!("urls = [{}]", urls.join(", "))),
            PoolKind::Process(pool) => {
                pairs.extend(pool.write());
                pairs.push(format!("answer_seconds = {}", self.answer_seconds));
                return format!("{{ {} }}", pairs.join(", "));
            }
            PoolKind::Kubernetes(pool) => {
                let manifests = quoted(&pool.manifests.display().to_string());
                pairs.push("kind = \"kubernetes\"".to_owned());
                pairs.push(format!("manifests = {manifests}"));
                pairs.push(format!("namespace = {}", quoted(&pool.namespace)));
                pairs.push(format!("urls = [{}]", urls.join(", ")));
            }
        }
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
        for (key, text) in
            [("user", &self.user), ("sign_region", &self.sign_region), ("prefix", &self.prefix)]
        {
            pairs.extend(text.as_ref().map(|text| format!("{key} = {}", quoted(text))));
        }
        if !self.proxy_roles.is_empty() {
            let roles: Vec<String> = self.proxy_roles.iter().map(|role| quoted(role)).collect();
            pairs.push(format!("proxy_roles = [{}]", roles.join(", ")));
        }
        pairs.push(format!("discover = {}", self.discover));
        pairs.push(format!("connect_seconds = {}", self.connect_seconds));
        pairs.push(format!("answer_seconds = {}", self.answer_seconds));
        pairs.push(format!("request_line_bytes_max = {}", self.request_line_bytes_max));
        format!("{{ {} }}", pairs.join(", "))
    }
}

impl ProcessPool {
    fn set(&mut self, key: &str, value: &str) -> Option<()> {
        let path = || Some(PathBuf::from(value)).filter(|_| !value.is_empty());
        let count = || value.parse().ok().filter(|count| (1..=POOL_NODES_MAX).contains(count));
        let mib = |text: &str| text.parse().ok().filter(|mib| (128..=16_777_216).contains(mib));
        match key {
            "installation" => self.installation = path()?,
            "java" => self.java = Some(path()?),
            "ports" => {
                let (first, last) = value.split_once('-')?;
                self.ports = (first.trim().parse().ok()?, last.trim().parse().ok()?);
            }
            "heap_mib" => {
                for pair in value.split(';').map(str::trim).filter(|pair| !pair.is_empty()) {
                    let (instance_type, heap) = pair.split_once('=')?;
                    self.heap_mib.insert(instance_type.trim().to_owned(), mib(heap.trim())?);
                }
            }
            "heap_mib_max" => self.heap_mib_max = mib(value)?,
            "nodes_per_domain" => self.nodes_per_domain = count()?,
            "nodes_max" => self.nodes_max = count()?,
            "stop_with_service" => self.stop_with_service = value.parse().ok()?,
            _ => return None,
        }
        Some(())
    }

    fn is_whole(&self) -> bool {
        let (first, last) = self.ports;
        !self.installation.as_os_str().is_empty() && first > 0 && first < last
    }

    fn write(&self) -> Vec<String> {
        let quoted = |text: String| toml::Value::String(text).to_string();
        let heaps = self.heap_mib.iter().map(|(name, mib)| quoted(format!("{name}={mib}")));
        let mut pairs = vec![
            "kind = \"process\"".to_owned(),
            format!("installation = {}", quoted(self.installation.display().to_string())),
        ];
        let java = self.java.as_ref().map(|java| quoted(java.display().to_string()));
        pairs.extend(java.map(|java| format!("java = {java}")));
        pairs.extend([
            format!("ports = \"{}-{}\"", self.ports.0, self.ports.1),
            format!("heap_mib = [{}]", heaps.collect::<Vec<_>>().join(", ")),
            format!("heap_mib_max = {}", self.heap_mib_max),
            format!("nodes_per_domain = {}", self.nodes_per_domain),
            format!("nodes_max = {}", self.nodes_max),
            format!("stop_with_service = {}", self.stop_with_service),
        ]);
        pairs
    }
}

/// Reads what [`named::read`] does.
pub(super) fn read(text: &str) -> Option<BTreeMap<String, PoolSettings>> {
    let mut given: BTreeMap<&str, BTreeMap<&str, &str>> = BTreeMap::new();
    for said in named::read(text)? {
        given.entry(said.name).or_default().insert(said.key, said.value);
    }
    let pools =
        given.iter().map(|(name, pairs)| Some(((*name).to_owned(), PoolSettings::of(pairs)?)));
    let pools: BTreeMap<String, PoolSettings> = pools.collect::<Option<_>>()?;
    let named = pools.values().filter(|pool| !pool.domain.is_empty());
    let domains: BTreeSet<&str> = named.clone().map(|pool| pool.domain.as_str()).collect();
    (domains.len() == named.count()).then_some(pools)
}

/// As TOML, on one line.
pub(super) fn write(pools: &BTreeMap<String, PoolSettings>) -> String {
    named::write(pools, PoolSettings::write)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROCESS: &str = "here.kind=process,here.domain=arn:aws:es:us-east-1:123456789012:domain/*,\
        here.installation=/opt/opensearch,here.ports=9600-9699";

    #[test]
    fn a_pool_of_each_kind_is_read_and_written_as_it_was_said() {
        let more = format!("{PROCESS},here.heap_mib=t3.small.search=450;*=1024,here.nodes_max=3");
        let pools = read(&more).unwrap();
        let PoolKind::Process(nodes) = &pools["here"].kind else { panic!("{pools:?}") };
        assert_eq!((nodes.ports, nodes.nodes_max), ((9600, 9699), 3));
        assert_eq!(nodes.heap_mib["*"], 1024);
        let kubernetes = "k.kind=kubernetes,k.domain=arn:aws:es:us-east-1:123456789012:domain/b*,\
            k.urls=https://{domain}.search.svc:9200,k.manifests=/m,k.namespace=search";
        let attached = "a.domain=arn:aws:es:us-east-1:123456789012:domain/a,a.urls=http://127.0.0.1:1;http://127.0.0.1:2,\
            a.proxy_roles=readers;own_index";
        let shared = "s.domain=arn:aws:es:us-east-1:123456789012:domain/*,s.urls=http://127.0.0.1:1,s.prefix=x-{domain}.";
        for text in [more.as_str(), kubernetes, attached, shared] {
            let pools = read(text).unwrap();
            let file: toml::Table = format!("pools = {}", write(&pools)).parse().unwrap();
            let pairs = file["pools"].as_table().unwrap().iter().flat_map(|(name, pool)| {
                let keys = pool.as_table().unwrap().iter();
                keys.map(move |(key, value)| {
                    let items = value.as_array().cloned().unwrap_or(vec![value.clone()]);
                    let items =
                        items.iter().map(|it| it.as_str().map_or(it.to_string(), str::to_owned));
                    format!("{name}.{key}={}", items.collect::<Vec<_>>().join(";"))
                })
            });
            assert_eq!(read(&pairs.collect::<Vec<_>>().join(",")).as_ref(), Some(&pools));
        }
    }

    #[test]
    fn a_key_of_another_kind_is_refused_and_a_pattern_is_for_clusters_that_are_made() {
        for wrong in [
            &format!("{PROCESS},here.urls=http://127.0.0.1:1"),
            &format!("{PROCESS},here.user=x"),
            &PROCESS.replace("9600-9699", "9699-9600"),
            &PROCESS.replace("domain/*", "domain/*x"),
            &PROCESS.replace("here.installation=/opt/opensearch,", ""),
            "a.domain=arn:aws:es:us-east-1:123456789012:domain/a*,a.urls=http://127.0.0.1:1",
            "a.domain=arn:aws:es:us-east-1:123456789012:domain/a,a.urls=http://127.0.0.1:1,a.ports=1-2",
            // One domain's names would begin as another's do.
            "s.domain=arn:aws:es:us-east-1:123456789012:domain/*,s.urls=http://127.0.0.1:1,s.prefix={domain}-",
            "s.domain=arn:aws:es:us-east-1:123456789012:domain/*,s.urls=http://127.0.0.1:1,s.prefix=all.",
            "s.urls=http://127.0.0.1:1,s.prefix={domain}.",
            "a.kind=docker,a.domain=arn:aws:es:us-east-1:123456789012:domain/a",
        ] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn the_pool_that_names_a_domain_most_exactly_has_it() {
        let arn = |name: &str| format!("arn:aws:es:us-east-1:123456789012:domain/{name}");
        let pool = |pattern: &str| PoolSettings::new(arn(pattern), Vec::new());
        let pools = [("all", "*"), ("logs", "logs*"), ("one", "logs")];
        let pools = pools.map(|(name, pattern)| (name.to_owned(), pool(pattern)));
        let settings = crate::settings::Settings { pools: pools.into(), ..Default::default() };
        let of = |name: &str| settings.pool_of(&arn(name)).map(|(name, _)| name.to_owned());
        let named = ["books", "logs-1", "logs"].map(|name| of(name).unwrap());
        assert_eq!(named, ["all", "logs", "one"]);
        assert_eq!(settings.pool_of("arn:aws:es:eu-west-1:123456789012:domain/logs"), None);
    }
}
