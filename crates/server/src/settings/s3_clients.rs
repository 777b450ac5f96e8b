//! `[s3_clients.NAME]`: which buckets of S3 domains may keep repositories of snapshots in, and how they are reached.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::named;

/// One way to S3: an endpoint, whose credentials are used, and who may go where by it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct S3ClientSettings {
    /// The ARNs of the domains that may use it; `*` at the end stands for anything.
    pub domains: Vec<String>,
    /// The buckets that they may use, `BUCKET`, or `BUCKET/PATH` for that part of one alone.
    pub buckets: Vec<String>,
    /// The region of the buckets.
    pub region: String,
    /// Where S3 is; Amazon's in the region where none is named.
    pub endpoint: Option<String>,
    /// A PEM file of the certificate authorities to trust; the system's where none is named.
    pub ca: Option<PathBuf>,
    /// Whether buckets always stand in the path, not in the name of the host.
    pub path_style_access: bool,
    /// Whether repositories must name a role of the domain's account, as at Amazon.
    pub require_role: bool,
    /// The profile of AWS's shared files that has the credentials.
    pub profile: Option<String>,
    /// The id of an access key, instead of the credential chain.
    pub access_key: Option<String>,
    /// The file that holds its secret.
    pub secret_key_file: Option<PathBuf>,
    /// How often a request is sent again.
    pub max_retries: u32,
    /// How long an answer's head, and each piece of its body, may take.
    pub answer_seconds: u32,
}

/// What is told to whoever wrote something else.
pub(super) const EXPECTED: &str = "NAME = { domains = [\"arn:aws:es:REGION:ACCOUNT:domain/NAME\"], buckets = [\"BUCKET\"], region = \"REGION\" }, \
    and of endpoint, ca, path_style_access, require_role, profile or access_key with secret_key_file, max_retries (0 to 10), \
    answer_seconds (1 to 120) those that are needed";

impl S3ClientSettings {
    /// A client with nothing but defaults.
    #[must_use]
    pub fn new() -> Self {
        Self {
            domains: Vec::new(),
            buckets: Vec::new(),
            region: String::new(),
            endpoint: None,
            ca: None,
            path_style_access: false,
            require_role: true,
            profile: None,
            access_key: None,
            secret_key_file: None,
            max_retries: 3,
            answer_seconds: 50,
        }
    }

    /// Takes one key's value; `None`: there is no such key, or it cannot have this value.
    fn set(&mut self, key: &str, value: &str) -> Option<()> {
        let text = || Some(value.to_owned()).filter(|_| !value.is_empty());
        let list = || {
            let items = value.split(';').map(str::trim).filter(|item| !item.is_empty());
            items.map(str::to_owned).collect()
        };
        match key {
            "domains" => self.domains = list(),
            "buckets" => self.buckets = list(),
            "region" => value.clone_into(&mut self.region),
            "endpoint" => self.endpoint = Some(text()?),
            "ca" => self.ca = Some(text()?.into()),
            "path_style_access" => self.path_style_access = value.parse().ok()?,
            "require_role" => self.require_role = value.parse().ok()?,
            "profile" => self.profile = Some(text()?),
            "access_key" => self.access_key = Some(text()?),
            "secret_key_file" => self.secret_key_file = Some(text()?.into()),
            "max_retries" => {
                self.max_retries = value.parse().ok().filter(|times| (0..=10).contains(times))?;
            }
            "answer_seconds" => {
                self.answer_seconds =
                    value.parse().ok().filter(|seconds| (1..=120).contains(seconds))?;
            }
            _ => return None,
        }
        Some(())
    }

    /// Whether what is there goes together.
    fn is_whole(&self) -> bool {
        let is_domain = |arn: &String| {
            arn.starts_with("arn:aws:es:") && !arn.trim_end_matches('*').contains('*')
        };
        !self.domains.is_empty()
            && self.domains.iter().all(is_domain)
            && !self.buckets.is_empty()
            && sigv4::is_aws_region(&self.region)
            && self.access_key.is_some() == self.secret_key_file.is_some()
            && (self.access_key.is_none() || self.profile.is_none())
    }

    fn write(&self) -> String {
        let quoted = |text: &str| toml::Value::String(text.to_owned()).to_string();
        let list = |items: &[String]| {
            let items: Vec<String> = items.iter().map(|item| quoted(item)).collect();
            format!("[{}]", items.join(", "))
        };
        let mut pairs = vec![
            format!("domains = {}", list(&self.domains)),
            format!("buckets = {}", list(&self.buckets)),
            format!("region = {}", quoted(&self.region)),
        ];
        for (key, text) in [
            ("endpoint", &self.endpoint),
            ("profile", &self.profile),
            ("access_key", &self.access_key),
        ] {
            pairs.extend(text.as_ref().map(|text| format!("{key} = {}", quoted(text))));
        }
        for (key, path) in [("ca", &self.ca), ("secret_key_file", &self.secret_key_file)] {
            let path = path.as_ref().map(|path| quoted(&path.display().to_string()));
            pairs.extend(path.map(|path| format!("{key} = {path}")));
        }
        pairs.push(format!("path_style_access = {}", self.path_style_access));
        pairs.push(format!("require_role = {}", self.require_role));
        pairs.push(format!("max_retries = {}", self.max_retries));
        pairs.push(format!("answer_seconds = {}", self.answer_seconds));
        format!("{{ {} }}", pairs.join(", "))
    }
}

impl Default for S3ClientSettings {
    fn default() -> Self {
        Self::new()
    }
}

/// Reads what [`named::read`] does.
pub(super) fn read(text: &str) -> Option<BTreeMap<String, S3ClientSettings>> {
    let mut clients: BTreeMap<String, S3ClientSettings> = BTreeMap::new();
    for said in named::read(text)? {
        clients.entry(said.name.to_owned()).or_default().set(said.key, said.value)?;
    }
    clients.values().all(S3ClientSettings::is_whole).then_some(clients)
}

/// As TOML, on one line.
pub(super) fn write(clients: &BTreeMap<String, S3ClientSettings>) -> String {
    named::write(clients, S3ClientSettings::write)
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHOLE: &str = "a.domains=arn:aws:es:us-east-1:123456789012:domain/*,a.buckets=books;shared/team,a.region=us-east-1";

    #[test]
    fn a_client_is_read_with_what_it_does_not_say() {
        let clients = read(&format!("{WHOLE},a.endpoint=https://minio.example:9000")).unwrap();
        let client = &clients["a"];
        assert_eq!(client.buckets, ["books", "shared/team"]);
        assert_eq!(client.endpoint.as_deref(), Some("https://minio.example:9000"));
        assert_eq!((client.require_role, client.max_retries), (true, 3));
    }

    #[test]
    fn what_is_not_whole_is_refused() {
        for text in [
            "a.region=us-east-1".to_owned(),
            WHOLE.replace("a.buckets=books;shared/team,", ""),
            WHOLE.replace("us-east-1:", "*:"),
            WHOLE.replace("a.region=us-east-1", "a.region=here"),
            format!("{WHOLE},a.access_key=AKIA"),
            format!("{WHOLE},a.access_key=AKIA,a.secret_key_file=/f,a.profile=p"),
            format!("{WHOLE},a.require_role=maybe"),
            format!("{WHOLE},a.max_retries=11"),
            format!("{WHOLE},a.secret_key=s"),
        ] {
            assert!(read(&text).is_none(), "{text}");
        }
    }
}
