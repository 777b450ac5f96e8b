//! `countersign request` and `countersign proxy` against `countersign dev`: the credentials come
//! through AWS's own chain.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output};

use crate::running::{binary, get, until_ready};

/// A service in a folder of its own; both are gone when dropped.
pub(crate) struct Service {
    folder: PathBuf,
    child: Child,
}

impl Service {
    pub(crate) fn start(name: &str) -> Self {
        let name = format!("countersign-proxy-{name}-{}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        let _ = fs::remove_dir_all(&folder);
        let mut command = binary();
        command.args(["dev", "--control", "127.0.0.1:0", "--admin", "127.0.0.1:0", "--port", "0"]);
        let (child, _) = until_ready(command.arg("--data").arg(&folder));
        Self { folder, child }
    }

    /// The variables of `DIR/env`.
    fn environment(&self) -> Vec<(String, String)> {
        let text = fs::read_to_string(self.folder.join("env")).unwrap();
        let pairs = text.lines().filter_map(|line| line.strip_prefix("export ")?.split_once('='));
        pairs.map(|(name, value)| (name.to_owned(), value.trim_matches('\'').to_owned())).collect()
    }

    pub(crate) fn variable(&self, wanted: &str) -> String {
        self.environment().into_iter().find(|(name, _)| name == wanted).unwrap().1
    }

    /// The command with the service's environment and nobody's configuration files.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = binary();
        command.args(arguments).envs(self.environment());
        command.env("AWS_CONFIG_FILE", self.folder.join("none"));
        command.env("AWS_SHARED_CREDENTIALS_FILE", self.folder.join("none"));
        command.env("AWS_EC2_METADATA_DISABLED", "true");
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = fs::remove_dir_all(&self.folder);
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn write_profile(path: &Path, service: &Service) {
    let document = format!(
        "{{\"Version\":1,\"AccessKeyId\":\"{}\",\"SecretAccessKey\":\"{}\"}}",
        service.variable("AWS_ACCESS_KEY_ID"),
        service.variable("AWS_SECRET_ACCESS_KEY")
    );
    let keys = path.with_extension("json");
    fs::write(&keys, document).unwrap();
    let profile = format!(
        "[profile robot]\nregion = us-east-1\ncredential_process = cat {}\n",
        keys.display()
    );
    fs::write(path, profile).unwrap();
}

#[test]
fn a_request_is_signed_with_the_environments_credentials() {
    let service = Service::start("request");
    let url = format!("{}/_cluster/health", service.variable("COUNTERSIGN_ENDPOINT"));
    let answer = service.run(&["request", "--fail", &url]);
    assert!(answer.status.success(), "{}", text(&answer.stderr));
    assert!(text(&answer.stdout).contains("\"cluster_name\""), "{}", text(&answer.stdout));
    let wrong =
        service.command(&["request", "--fail", &url]).env("AWS_SECRET_ACCESS_KEY", "x").output();
    let wrong = wrong.unwrap();
    assert!(!wrong.status.success());
    assert!(text(&wrong.stdout).contains("signature we calculated does not match"));
}

#[test]
fn f06_a_role_is_assumed_and_a_profiles_process_is_run() {
    let service = Service::start("roles");
    let url = service.variable("COUNTERSIGN_ENDPOINT");
    let role = "arn:aws:iam::123456789012:role/search-app";
    let assumed = service.run(&["request", "--fail", "--role-arn", role, &url]);
    assert!(assumed.status.success(), "{}{}", text(&assumed.stderr), text(&assumed.stdout));
    let config = service.folder.join("aws-config");
    write_profile(&config, &service);
    let mut profile = service.command(&["request", "--fail", "--profile", "robot", &url]);
    profile.env("AWS_CONFIG_FILE", &config);
    for name in ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION", "AWS_DEFAULT_REGION"] {
        profile.env_remove(name);
    }
    let profile = profile.output().unwrap();
    assert!(profile.status.success(), "{}{}", text(&profile.stderr), text(&profile.stdout));
}

#[test]
fn a_tool_without_credentials_reaches_the_domain_through_the_proxy() {
    let service = Service::start("proxy");
    let to = service.variable("COUNTERSIGN_ENDPOINT");
    let mut proxy =
        service.command(&["proxy", "--to", &to, "--listen", "127.0.0.1:0", "--read-only"]);
    let (mut child, said) = until_ready(&mut proxy);
    let (_, rest) = said.split_once("http://").unwrap();
    let address = rest.split(' ').next().unwrap();
    let answer = get(address, "/_cluster/health");
    let refused = get(address, "/a/_refresh");
    let _ = child.kill();
    let _ = child.wait();
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    assert!(answer.contains("x-amzn-requestid"), "{answer}");
    assert!(refused.starts_with("HTTP/1.1 403"), "{refused}");
}

#[test]
fn f02_a_proxy_that_others_could_reach_does_not_start() {
    let service = Service::start("open");
    let to = service.variable("COUNTERSIGN_ENDPOINT");
    let refused = service.run(&["proxy", "--to", &to, "--listen", "0.0.0.0:0"]);
    assert!(!refused.status.success());
    assert!(text(&refused.stderr).contains("--password-file"), "{}", text(&refused.stderr));
}

#[test]
fn without_credentials_it_says_so_at_once() {
    let service = Service::start("none");
    let to = service.variable("COUNTERSIGN_ENDPOINT");
    let mut command = service.command(&["proxy", "--to", &to, "--listen", "127.0.0.1:0"]);
    command.env_remove("AWS_ACCESS_KEY_ID").env_remove("AWS_SECRET_ACCESS_KEY");
    let refused = command.output().unwrap();
    assert!(!refused.status.success());
    assert!(text(&refused.stderr).contains("no AWS credentials"), "{}", text(&refused.stderr));
}
