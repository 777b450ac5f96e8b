//! `countersign domain`: a domain is made anew from another control plane, and a move is ordered.

use std::path::PathBuf;
use std::process::{Child, Output, Stdio};

use serde_json::{Value, json};

use crate::running::{binary, until_ready};

/// A service in a folder of its own, ended with this.
struct Dev {
    process: Child,
    folder: PathBuf,
    control: String,
}

impl Drop for Dev {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

impl Dev {
    fn start(name: &str) -> Self {
        let folder =
            std::env::temp_dir().join(format!("countersign-domains-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        let mut command = binary();
        command.args(["dev", "--control", "127.0.0.1:0", "--port", "0", "--json", "--data"]);
        // Nothing listens there.
        command.arg(&folder).args(["--pool", "main=http://127.0.0.1:9"]);
        let (process, said) = until_ready(&mut command);
        let ready: Value = serde_json::from_str(said.lines().last().unwrap()).unwrap();
        Self { process, folder, control: ready["control"].as_str().unwrap().to_owned() }
    }

    /// A command with what `env` exports.
    fn run(&self, args: &[&str]) -> Output {
        let mut command = binary();
        let text = std::fs::read_to_string(self.folder.join("env")).unwrap();
        for line in text.lines().filter_map(|line| line.strip_prefix("export ")) {
            let (name, value) = line.split_once('=').unwrap();
            command.env(name, value.trim_matches('\''));
        }
        command.args(args).stdin(Stdio::null()).output().unwrap()
    }

    /// A request to the control plane that must succeed.
    fn ask(&self, method: &str, path: &str, body: &Value) -> Value {
        let url = format!("{}{path}", self.control);
        let body = body.to_string();
        let mut args = vec!["request", "-X", method, &url, "--fail"];
        if body != "null" {
            args.extend(["-d", &body]);
        }
        let output = self.run(&args);
        assert!(output.status.success(), "{}", told(&output));
        serde_json::from_slice(&output.stdout).unwrap_or_default()
    }
}

fn told(output: &Output) -> String {
    let (out, error) = (&output.stdout, &output.stderr);
    format!("{}{}", String::from_utf8_lossy(out), String::from_utf8_lossy(error))
}

#[test]
fn a_domain_is_made_anew_with_its_configuration_policy_and_tags() {
    let dev = Dev::start("import");
    let policy = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
        "Principal": {"AWS": "arn:aws:iam::123456789012:user/developer"}, "Action": "es:ESHttpGet",
        "Resource": "arn:aws:es:us-east-1:123456789012:domain/books/*"}]});
    let books = json!({"DomainName": "books", "EngineVersion": "OpenSearch_2.19",
        "ClusterConfig": {"InstanceType": "r6g.large.search", "InstanceCount": 3},
        "EBSOptions": {"EBSEnabled": true, "VolumeType": "gp3", "VolumeSize": 50},
        "AutoTuneOptions": {"DesiredState": "DISABLED"}, "AccessPolicies": policy.to_string(),
        "AdvancedOptions": {"rest.action.multi.allow_explicit_index": "false"},
        "TagList": [{"Key": "team", "Value": "search"}]});
    dev.ask("POST", "/2021-01-01/opensearch/domain", &books);
    let import = |more: &[&str]| {
        let from = ["domain", "import", "--from-amazon", "books", "--as", "copies", "--json"];
        let places = ["--amazon-endpoint", &dev.control, "--endpoint", &dev.control];
        dev.run(&[&from[..], &places, more].concat())
    };
    let listed = || dev.ask("GET", "/2021-01-01/domain", &Value::Null).to_string();

    let dry = import(&["--dry-run"]);
    assert!(dry.status.success(), "{}", told(&dry));
    let report: Value = serde_json::from_slice(&dry.stdout).unwrap();
    assert_eq!((&report["made"], &report["refused"]), (&json!(false), &json!([])), "{report}");
    assert!(!listed().contains("copies"));

    let made = import(&[]);
    assert!(made.status.success(), "{}", told(&made));
    let report: Value = serde_json::from_slice(&made.stdout).unwrap();
    assert_eq!((&report["refused"], &report["differences"]), (&json!([]), &json!([])), "{report}");
    let kept = "EBSOptions.VolumeSize = 50: data is where the operator put it";
    assert!(report["kept"].as_array().unwrap().contains(&json!(kept)), "{report}");
    let config = dev.ask("GET", "/2021-01-01/opensearch/domain/copies/config", &Value::Null);
    let options = |member: &str| config["DomainConfig"][member]["Options"].clone();
    assert_eq!(options("EBSOptions")["VolumeSize"], 50, "{config}");
    assert_eq!(options("EngineVersion"), "OpenSearch_2.19");
    let copied = options("AccessPolicies").as_str().unwrap().to_owned();
    assert!(copied.contains("domain/copies/*") && !copied.contains("books"), "{copied}");
    let arn = "arn%3Aaws%3Aes%3Aus-east-1%3A123456789012%3Adomain%2Fcopies";
    let tags = dev.ask("GET", &format!("/2021-01-01/tags/?arn={arn}"), &Value::Null);
    assert_eq!(tags["TagList"], json!([{"Key": "team", "Value": "search"}]));

    let again = import(&[]);
    assert!(!again.status.success());
    assert!(told(&again).contains("has a domain copies already: give another name with --as NAME"));
}

#[test]
fn a_move_that_cannot_be_says_what_to_do() {
    let dev = Dev::start("migrate");
    let none = dev.run(&["domain", "migrate", "dev", "--status"]);
    assert!(none.status.success() && told(&none).starts_with("none"), "{}", told(&none));
    let other = dev.run(&["domain", "migrate", "dev", "--to", "other"]);
    assert!(!other.status.success());
    assert!(
        told(&other).contains("there is no pool other; the settings have: main"),
        "{}",
        told(&other)
    );
    let nothing = dev.run(&["domain", "migrate", "dev", "--abort"]);
    assert!(told(&nothing).contains("has left anything to call off"), "{}", told(&nothing));
    let unknown = dev.run(&["domain", "migrate", "nowhere", "--status"]);
    assert!(
        told(&unknown).contains("there is no domain nowhere in us-east-1"),
        "{}",
        told(&unknown)
    );
}
