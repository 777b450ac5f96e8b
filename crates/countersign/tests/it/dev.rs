//! The start-up contract of `countersign dev`: scripts are built on it (`docs/operating/dev.md`).

use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output};

use crate::running::until_ready;

/// A running service; killed when dropped.
pub(crate) struct Dev {
    child: Child,
    /// What it printed until it was ready.
    pub(crate) said: String,
}

/// A folder of one test, removed when dropped.
pub(crate) struct Folder(pub(crate) PathBuf);

impl Folder {
    pub(crate) fn new(name: &str) -> Self {
        let path =
            std::env::temp_dir().join(format!("countersign-dev-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        Self(path)
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.0.join(name)).unwrap()
    }

    /// A variable of an environment file.
    pub(crate) fn variable(&self, file: &str, name: &str) -> String {
        let text = self.read(file);
        let prefix = format!("export {name}=");
        let value = text.lines().find_map(|line| line.strip_prefix(&prefix));
        value.unwrap_or_else(|| panic!("no {name} in {file}")).to_owned()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn command(data: &Path, more: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_countersign"));
    command.args(["dev", "--control", "127.0.0.1:0", "--admin", "127.0.0.1:0", "--port", "0"]);
    command.arg("--data").arg(data).args(more);
    for name in ["COUNTERSIGN_ROOT_ACCESS_KEY_ID", "COUNTERSIGN_ROOT_SECRET_ACCESS_KEY"] {
        command.env_remove(name);
    }
    command
}

impl Dev {
    fn start(data: &Path, more: &[&str]) -> Self {
        Self::spawn(&mut command(data, more))
    }

    pub(crate) fn spawn(command: &mut Command) -> Self {
        let (child, said) = until_ready(command);
        Self { child, said }
    }

    /// SIGTERM, and the exit code.
    pub(crate) fn stop(mut self) -> Option<i32> {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
        self.child.wait().unwrap().code()
    }
}

impl Drop for Dev {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A start that must fail: with one line, and not with 0.
fn refused(command: &mut Command) -> String {
    let Output { status, stdout, stderr } = command.output().unwrap();
    let said = String::from_utf8(stderr).unwrap();
    assert!(!status.success(), "started: {}", String::from_utf8_lossy(&stdout));
    assert!(stdout.is_empty(), "{}", String::from_utf8_lossy(&stdout));
    assert_eq!(said.lines().count(), 1, "{said}");
    said
}

#[test]
fn it_ends_its_greeting_with_ready_and_shows_no_secret_to_a_pipe() {
    let folder = Folder::new("ready");
    let dev = Dev::start(&folder.0, &[]);
    assert!(dev.said.ends_with("\nready\n"), "{}", dev.said);
    assert!(dev.said.contains("https://localhost:"), "{}", dev.said);
    assert!(!dev.said.contains(&folder.variable("env", "AWS_SECRET_ACCESS_KEY")));
    assert!(!dev.said.contains('\u{1b}'), "colours in a pipe");
    assert_eq!(dev.stop(), Some(0));
}

#[test]
fn with_json_the_last_line_says_where_everything_is() {
    let folder = Folder::new("json");
    let dev = Dev::start(&folder.0, &["--json"]);
    let ready: serde_json::Value = serde_json::from_str(&dev.said).unwrap();
    let names: Vec<&str> = ready.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(
        names,
        ["control", "admin", "console", "domains", "account", "region", "ca", "env", "pid"]
    );
    assert_eq!(ready["account"], "123456789012");
    assert_eq!(ready["region"], "us-east-1");
    assert_eq!(ready["pid"], dev.child.id());
    assert_eq!(ready["control"], folder.variable("env", "AWS_ENDPOINT_URL"));
    assert_eq!(ready["admin"], folder.variable("env", "COUNTERSIGN_ADMIN"));
    assert_eq!(ready["domains"]["dev"], folder.variable("env", "COUNTERSIGN_ENDPOINT"));
    assert!(Path::new(ready["env"].as_str().unwrap()).is_absolute());
    assert!(
        fs::read_to_string(ready["ca"].as_str().unwrap()).unwrap().contains("BEGIN CERTIFICATE")
    );
}

#[test]
fn c18_the_environment_files_are_private_and_complete() {
    let folder = Folder::new("env");
    let _dev = Dev::start(&folder.0, &["--region", "eu-west-1", "--account", "210987654321"]);
    for file in ["env", "root.env"] {
        let mode = fs::metadata(folder.0.join(file)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{file}");
        for name in ["AWS_REGION", "AWS_DEFAULT_REGION"] {
            assert_eq!(folder.variable(file, name), "eu-west-1");
        }
        let bundle = folder.variable(file, "AWS_CA_BUNDLE");
        assert!(bundle.ends_with("/ca-bundle.pem"), "{bundle}");
        for name in ["REQUESTS_CA_BUNDLE", "SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS"] {
            assert_eq!(folder.variable(file, name), bundle, "{name}");
        }
    }
    assert!(folder.read("ca-bundle.pem").contains(folder.read("ca.pem").trim()));
    let (everyday, root) = (
        folder.variable("env", "AWS_ACCESS_KEY_ID"),
        folder.variable("root.env", "AWS_ACCESS_KEY_ID"),
    );
    assert!(everyday.starts_with("AKIA") && root.starts_with("AKIA") && everyday != root);
}

#[test]
fn a_restart_keeps_keys_ports_of_domains_and_the_authority() {
    let folder = Folder::new("restart");
    let dev = Dev::start(&folder.0, &[]);
    let before = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "COUNTERSIGN_ENDPOINT"]
        .map(|name| folder.variable("env", name));
    let authority = folder.read("ca.pem");
    assert_eq!(dev.stop(), Some(0));
    let _dev = Dev::start(&folder.0, &[]);
    let after = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "COUNTERSIGN_ENDPOINT"]
        .map(|name| folder.variable("env", name));
    assert_eq!(before, after);
    assert_eq!(folder.read("ca.pem"), authority);
}

#[test]
fn a_folder_with_only_an_authority_is_a_first_start_that_keeps_it() {
    let folder = Folder::new("authority");
    Dev::start(&folder.0, &[]).stop();
    let authority = folder.read("ca.pem");
    for entry in fs::read_dir(&folder.0).unwrap() {
        let path = entry.unwrap().path();
        if !path.ends_with("ca.pem") && !path.ends_with("tls") {
            if path.is_dir() {
                fs::remove_dir_all(path).unwrap()
            } else {
                fs::remove_file(path).unwrap()
            }
        }
    }
    let dev = Dev::start(&folder.0, &["--json"]);
    assert!(dev.said.contains("\"dev\":\"https://localhost:"), "{}", dev.said);
    assert_eq!(folder.read("ca.pem"), authority);
}

#[test]
fn bare_makes_the_account_and_roots_key_only() {
    let folder = Folder::new("bare");
    let dev = Dev::start(&folder.0, &["--bare", "--json"]);
    assert!(dev.said.contains("\"domains\":{}"), "{}", dev.said);
    let root = folder.variable("root.env", "AWS_ACCESS_KEY_ID");
    assert_eq!(folder.variable("env", "AWS_ACCESS_KEY_ID"), root);
    assert!(!folder.read("env").contains("COUNTERSIGN_ENDPOINT"));
}

#[test]
fn the_operators_root_key_is_taken_from_the_environment() {
    let folder = Folder::new("rootkey");
    let mut command = command(&folder.0, &["--bare"]);
    command.env("COUNTERSIGN_ROOT_ACCESS_KEY_ID", "AKIACHOSENBYOPERATOR");
    command.env("COUNTERSIGN_ROOT_SECRET_ACCESS_KEY", "chosen/by/the/operator+forty+characters.");
    let _dev = Dev::spawn(&mut command);
    assert_eq!(folder.variable("env", "AWS_ACCESS_KEY_ID"), "AKIACHOSENBYOPERATOR");
}

#[test]
fn half_a_root_key_is_refused() {
    let folder = Folder::new("halfkey");
    let mut command = command(&folder.0, &[]);
    command.env("COUNTERSIGN_ROOT_ACCESS_KEY_ID", "AKIACHOSENBYOPERATOR");
    assert!(refused(&mut command).contains("go together"));
}

#[test]
fn a_second_process_on_the_folder_is_refused() {
    let folder = Folder::new("second");
    let _dev = Dev::start(&folder.0, &[]);
    let said = refused(&mut command(&folder.0, &[]));
    assert!(said.contains("another countersign runs on this folder"), "{said}");
}

#[test]
fn a_port_in_use_is_refused_and_named() {
    let folder = Folder::new("port");
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let mut command = Command::new(env!("CARGO_BIN_EXE_countersign"));
    command.args(["dev", "--admin", "127.0.0.1:0", "--port", "0", "--control", &address]);
    command.arg("--data").arg(&folder.0);
    let said = refused(&mut command);
    assert!(said.contains(&address), "{said}");
}

#[test]
fn a_folder_that_is_a_file_is_refused_and_named() {
    let folder = Folder::new("file");
    fs::write(&folder.0, "no folder").unwrap();
    let said = refused(&mut command(&folder.0, &[]));
    assert!(said.contains(folder.0.to_str().unwrap()), "{said}");
    fs::remove_file(&folder.0).unwrap();
}

#[test]
fn a_damaged_state_file_is_refused_and_named() {
    let folder = Folder::new("damaged");
    assert_eq!(Dev::start(&folder.0, &[]).stop(), Some(0));
    for name in ["state.db", "state.db-wal"] {
        fs::write(folder.0.join(name), "this is no database ".repeat(1000)).unwrap();
    }
    let said = refused(&mut command(&folder.0, &[]));
    assert!(said.contains("state.db"), "{said}");
}

#[test]
fn a_seed_is_there_when_the_service_is_ready_and_again_after_a_restart() {
    let folder = Folder::new("seed");
    let seed = std::env::temp_dir().join(format!("countersign-seed-{}.json", std::process::id()));
    let text = r#"{"accounts": {
        "first": {
            "policies": {"p": {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "es:*", "Resource": "*"}]}},
            "users": {"ann": {"attached": ["arn:aws:iam::123456789012:policy/p"], "tags": {"a": "b"}}, "bob": {"no_key": true}},
            "roles": {"r": {}},
            "domains": {"books": {"engine_version": "OpenSearch_2.19", "indices": {
                "i": {"mappings": {"properties": {"t": {"type": "text"}}}, "documents": {"a/b": {"t": "x"}}}}}}
        },
        "210987654321": {"users": {"eve": {}}}}}"#;
    fs::write(&seed, text).unwrap();
    let arguments = ["--bare", "--json", "--seed", seed.to_str().unwrap()];
    let dev = Dev::start(&folder.0, &arguments);
    let ready: serde_json::Value = serde_json::from_str(&dev.said).unwrap();
    assert!(ready["domains"]["books"].is_string(), "{ready}");
    let keys =
        || ["seed/ann.env", "seed/eve.env"].map(|file| folder.variable(file, "AWS_ACCESS_KEY_ID"));
    let made = keys();
    assert!(!folder.0.join("seed/bob.env").exists());
    let mode = fs::metadata(folder.0.join("seed/ann.env")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    assert_eq!(dev.stop(), Some(0));
    let dev = Dev::start(&folder.0, &arguments);
    assert_eq!(keys(), made, "a key is kept");
    assert_eq!(dev.stop(), Some(0));
    fs::remove_file(seed).unwrap();
}

#[test]
fn a_watched_seed_is_made_again_when_it_is_written_anew_and_a_broken_one_changes_nothing() {
    let folder = Folder::new("watched-seed");
    let seed =
        std::env::temp_dir().join(format!("countersign-watched-{}.json", std::process::id()));
    let with = |users: &str| format!(r#"{{"accounts": {{"first": {{"users": {{{users}}}}}}}}}"#);
    fs::write(&seed, with(r#""ann": {}"#)).unwrap();
    let arguments = ["--bare", "--seed", seed.to_str().unwrap(), "--watch"];
    let mut dev = Dev::spawn(command(&folder.0, &arguments).env("COUNTERSIGN_LOG", "info"));
    assert!(folder.0.join("seed/ann.env").exists());
    let mut log = BufReader::new(dev.child.stderr.take().unwrap()).lines();
    let mut logged = |what: &str| log.any(|line| line.unwrap().contains(what));
    fs::write(&seed, "{").unwrap();
    assert!(logged("the seed was not applied again"));
    fs::write(&seed, with(r#""ann": {}, "bob": {}"#)).unwrap();
    assert!(logged("the seed was made again"));
    assert!(folder.0.join("seed/bob.env").exists());
    assert_eq!(dev.stop(), Some(0));
    fs::remove_file(seed).unwrap();
}

#[test]
fn a_seed_that_makes_no_sense_stops_the_start_and_is_named() {
    let folder = Folder::new("bad-seed");
    let seed =
        std::env::temp_dir().join(format!("countersign-bad-seed-{}.json", std::process::id()));
    let arguments = ["--bare", "--seed", seed.to_str().unwrap()];
    for (text, told) in [
        (r#"{"accounts": {"first": {"user": {}}}}"#, "unknown field `user`"),
        (
            r#"{"accounts": {"first": {"users": {"ann": {"attached": ["arn:aws:iam::aws:policy/None"]}}}}}"#,
            "AttachUserPolicy",
        ),
        (
            r#"{"accounts": {"first": {"domains": {"d1": {"advanced_options": {"x": "y"}}}}}}"#,
            "domain d1",
        ),
    ] {
        fs::write(&seed, text).unwrap();
        let said = refused(&mut command(&folder.0, &arguments));
        assert!(said.contains(told), "{said}");
    }
    fs::remove_file(seed).unwrap();
}

#[test]
fn an_option_that_is_not_built_is_not_accepted() {
    let output = Command::new(env!("CARGO_BIN_EXE_countersign"))
        .args(["dev", "--upstream", "http://localhost:9200"])
        .output()
        .unwrap();
    assert!(!output.status.success());
}

#[test]
fn explain_tells_an_earlier_request_over_the_wire_and_from_the_files() {
    let folder = Folder::new("explain");
    let dev = Dev::start(&folder.0, &[]);
    let explain = |id: &str, more: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_countersign"));
        command.arg("explain").arg(id).args(more);
        for line in folder.read("env").lines() {
            let (name, value) = line.strip_prefix("export ").unwrap().split_once('=').unwrap();
            command.env(name, value);
        }
        command.output().unwrap()
    };
    // Asking for a request that never was is a request too.
    let missing = explain("no-such-request", &[]);
    assert!(!missing.status.success());
    let record: serde_json::Value =
        serde_json::from_str(folder.read("audit/audit.jsonl").lines().last().unwrap()).unwrap();
    let id = record["requestId"].as_str().unwrap();
    let told = explain(id, &[]);
    let told = String::from_utf8(told.stdout).unwrap();
    assert!(told.contains(":user/developer"), "{told}");
    assert!(told.contains("AdministratorAccess"), "{told}");
    drop(dev);
    let from_files = explain(id, &["--data", folder.0.to_str().unwrap(), "--json"]);
    let from_files: serde_json::Value = serde_json::from_slice(&from_files.stdout).unwrap();
    assert_eq!(from_files["requestId"], id);
}

/// Every file and folder under `folder`, itself included.
#[cfg(target_os = "linux")]
fn all(folder: &Path) -> Vec<PathBuf> {
    let mut found = vec![folder.to_owned()];
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(all(&path)) } else { found.push(path) }
    }
    found
}

#[test]
#[cfg(target_os = "linux")]
fn e03_e19_the_process_leaves_no_core_dump_and_no_file_for_others() {
    let folder = Folder::new("shut");
    let dev = Dev::start(&folder.0, &[]);
    let about =
        |name: &str| fs::read_to_string(format!("/proc/{}/{name}", dev.child.id())).unwrap();
    let (limits, status) = (about("limits"), about("status"));
    let core = limits.lines().find(|line| line.starts_with("Max core file size")).unwrap();
    let amounts: Vec<&str> = core.split_whitespace().skip(4).take(2).collect();
    assert_eq!(amounts, ["0", "0"]);
    assert!(status.contains("Umask:\t0077"), "{status}");
    for path in all(&folder.0) {
        let mode = fs::symlink_metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{}", path.display());
    }
}

#[test]
#[cfg(target_os = "linux")]
fn the_process_may_open_as_many_files_as_the_system_lets_it() {
    let folder = Folder::new("files");
    let usual = command(&folder.0, &[]);
    let mut lowered = Command::new("sh");
    lowered.args(["-c", "ulimit -Sn 256 && exec \"$0\" \"$@\""]).arg(usual.get_program());
    let dev = Dev::spawn(lowered.args(usual.get_args()));
    let limits = fs::read_to_string(format!("/proc/{}/limits", dev.child.id())).unwrap();
    let files = limits.lines().find(|line| line.starts_with("Max open files")).unwrap();
    let amounts: Vec<&str> = files.split_whitespace().skip(3).take(2).collect();
    assert_eq!(amounts[0], amounts[1], "{files}");
}
