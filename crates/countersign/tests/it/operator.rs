//! The service under an operator's hand: signals, the manager that started it, what is done to its state beside it.

use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::net::UnixDatagram;
use std::path::PathBuf;
use std::process::{Child, ChildStderr, Command, Output};
use std::time::Duration;

use crate::dev::Folder;
use crate::running::{binary, get, until_ready};

/// A running `serve` with a file of settings; killed when dropped.
struct Serve {
    child: Child,
    said: String,
    errors: BufReader<ChildStderr>,
}

/// A file of settings for the data folder, with more lines in it.
fn settings(folder: &Folder, more: &str) -> PathBuf {
    let config = folder.0.with_extension("toml");
    let text = format!(
        "data = \"{}\"\ncontrol.listen = \"127.0.0.1:0\"\nadmin.listen = \"127.0.0.1:0\"\n{more}",
        folder.0.display()
    );
    fs::write(&config, text).unwrap();
    config
}

impl Serve {
    fn start(config: &std::path::Path, edit: impl FnOnce(&mut Command)) -> Self {
        let mut command = binary();
        command.args(["serve", "--json", "--config"]).arg(config);
        edit(&mut command);
        let (mut child, said) = until_ready(&mut command);
        let errors = BufReader::new(child.stderr.take().unwrap());
        Self { child, said, errors }
    }

    fn signal(&self, name: &str) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args([name, &pid]).status().unwrap().success());
    }

    /// The next line on standard error.
    fn error(&mut self) -> String {
        let mut line = String::new();
        self.errors.read_line(&mut line).unwrap();
        line
    }

    fn readyz(&self) -> String {
        let (_, rest) = self.said.split_once("\"admin\":\"http://").unwrap();
        get(rest.split_once('"').unwrap().0, "/readyz")
    }

    fn stop(mut self) -> Option<i32> {
        self.signal("-TERM");
        self.child.wait().unwrap().code()
    }
}

impl Drop for Serve {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn sighup_reads_the_settings_again_and_a_fault_leaves_the_old_ones() {
    let folder = Folder::new("operator-hangup");
    let config = settings(&folder, "open_policies = false\n");
    let mut serve = Serve::start(&config, |_command| {});
    settings(&folder, "open_policys = true\n");
    serve.signal("-HUP");
    assert_eq!(
        serve.error(),
        "countersign: settings not read again, the old ones stay in force:\n"
    );
    let told = serve.error();
    let fault = ":4: unknown setting 'open_policys': did you mean 'open_policies'?\n";
    assert_eq!(told, format!("{}{fault}", config.display()));
    assert!(serve.readyz().ends_with("ready\n"));
    settings(&folder, "open_policies = true\nregion = \"eu-west-1\"\n");
    serve.signal("-HUP");
    assert_eq!(
        serve.error(),
        "countersign: settings read again: in force from now on: open_policies; at the next start: region\n"
    );
    assert_eq!(serve.stop(), Some(0));
    fs::remove_file(config).unwrap();
}

#[test]
fn systemd_is_told_when_it_serves_reads_its_settings_again_and_stops() {
    let folder = Folder::new("operator-notify");
    let place = folder.0.with_extension("notify");
    let _ = fs::remove_file(&place);
    let socket = UnixDatagram::bind(&place).unwrap();
    socket.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    let told = || {
        let mut bytes = [0; 64];
        let length = socket.recv(&mut bytes).unwrap();
        String::from_utf8(bytes[..length].to_vec()).unwrap()
    };
    let config = settings(&folder, "");
    let serve = Serve::start(&config, |command| {
        command.env("NOTIFY_SOCKET", &place);
    });
    assert_eq!(told(), "READY=1");
    serve.signal("-HUP");
    assert_eq!([told(), told()], ["RELOADING=1", "READY=1"]);
    assert_eq!(serve.stop(), Some(0));
    assert_eq!(told(), "STOPPING=1");
    fs::remove_file(place).unwrap();
    fs::remove_file(config).unwrap();
}

#[test]
fn a_service_that_is_told_to_stop_serves_on_until_its_drain_is_over() {
    let folder = Folder::new("operator-drain");
    let config = settings(&folder, "drain_seconds = 2\n");
    let serve = Serve::start(&config, |_command| {});
    assert!(serve.readyz().ends_with("ready\n"));
    serve.signal("-TERM");
    let stopping = (0..1_000).map(|_| serve.readyz()).find(|page| !page.ends_with("ready\n"));
    let page = stopping.unwrap();
    assert!(page.starts_with("HTTP/1.1 503") && page.ends_with("stopping\n"), "{page}");
    // A second signal waits for nobody.
    assert_eq!(serve.stop(), Some(0));
    fs::remove_file(config).unwrap();
}

fn said(output: &Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout.clone()).unwrap()
}

#[test]
fn accounts_are_made_and_got_back_into_on_the_host() {
    let folder = Folder::new("operator-accounts");
    let config = settings(&folder, "");
    let run = |words: &[&str]| binary().args(words).arg("--config").arg(&config).output().unwrap();
    let refused = run(&["account", "create", "222222222222"]);
    let told = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(told.contains("there is no state in this folder"), "{told}");
    let serve = Serve::start(&config, |_command| {});
    let made = said(&run(&["account", "create", "222222222222"]));
    let file = folder.0.canonicalize().unwrap().join("root-222222222222.env");
    assert_eq!(made, format!("account 222222222222: its root key is in {}\n", file.display()));
    let first = folder.variable("root-222222222222.env", "AWS_ACCESS_KEY_ID");
    let recovered = said(&run(&["state", "recover", "--account", "222222222222"]));
    assert!(recovered.starts_with("account 222222222222: its new root key is in "), "{recovered}");
    assert_ne!(folder.variable("root-222222222222.env", "AWS_ACCESS_KEY_ID"), first);
    let root = folder.variable("root.env", "AWS_ACCESS_KEY_ID");
    said(&run(&["state", "recover"]));
    assert_ne!(folder.variable("root.env", "AWS_ACCESS_KEY_ID"), root);
    assert_eq!(serve.stop(), Some(0));
    fs::remove_file(config).unwrap();
}

#[test]
fn the_sealing_key_is_changed_and_an_interrupted_change_is_finished_or_undone() {
    let folder = Folder::new("operator-rotate");
    let config = settings(&folder, "");
    let run = || {
        let mut command = binary();
        command.args(["state", "rotate-key", "--config"]).arg(&config).output().unwrap()
    };
    let serve = Serve::start(&config, |_command| {});
    let told = String::from_utf8(run().stderr).unwrap();
    assert!(told.contains("a service runs on this folder: stop it first"), "{told}");
    assert_eq!(serve.stop(), Some(0));
    let (key, next) = (folder.0.join("sealing.key"), folder.0.join("sealing.key.next"));
    let first = fs::read_to_string(&key).unwrap();
    assert_eq!(said(&run()), "1 secrets are sealed with a new key; sessions have ended\n");
    let second = fs::read_to_string(&key).unwrap();
    assert!(first != second && !next.exists());
    let starts = || assert_eq!(Serve::start(&config, |_command| {}).stop(), Some(0));
    starts();
    // Sealed, and interrupted before the new key took the old one's place.
    fs::write(&key, &first).unwrap();
    fs::write(&next, &second).unwrap();
    starts();
    assert!(fs::read_to_string(&key).unwrap() == second && !next.exists());
    // Interrupted before anything was sealed.
    fs::write(&next, &first).unwrap();
    starts();
    assert!(fs::read_to_string(&key).unwrap() == second && !next.exists());
    fs::remove_file(config).unwrap();
}

#[test]
fn e09_an_audit_is_verified_and_searched_after_the_service_was_killed() {
    let folder = Folder::new("operator-audit");
    let key = folder.0.with_extension("key");
    fs::write(&key, "07".repeat(32)).unwrap();
    let lines = format!("[audit]\ndigest_seconds = 1\nkey_file = \"{}\"\n", key.display());
    let config = settings(&folder, &lines);
    let audit = folder.0.join("audit");
    let run = |words: &[&str]| binary().arg("audit").args(words).arg(&audit).output().unwrap();
    // Killed when it is dropped.
    drop(Serve::start(&config, |_command| {}));
    let whole = said(&run(&["verify"]));
    assert!(whole.ends_with("The audit is as it was written.\n"), "{whole}");
    assert_eq!(Serve::start(&config, |_command| {}).stop(), Some(0));
    let whole = said(&run(&["verify", "--json"]));
    assert!(whole.contains("\"whole\":true") && whole.contains("\"unsigned\":0"), "{whole}");
    assert!(!folder.0.join("audit.key").exists(), "the operator's key is used");
    let found = said(&run(&["query", "--action", "ensureroot", "--decision", "allowed"]));
    assert_eq!(found.lines().count(), 2, "one of each start: {found}");
    assert!(found.contains(" allowed 200 service EnsureRoot "), "{found}");
    assert_eq!(said(&run(&["query", "--until", "2020-01-01T00:00:00Z"])), "");

    let file = audit.join("audit.jsonl");
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, text.replacen("\"status\":200", "\"status\":403", 1)).unwrap();
    let altered = run(&["verify"]);
    assert_eq!(altered.status.code(), Some(1));
    let told = String::from_utf8(altered.stdout).unwrap();
    assert!(
        told.starts_with(&format!("{}:", file.display())) && told.contains(" was altered"),
        "{told}"
    );
    fs::remove_file(folder.0.join("audit.pub")).unwrap();
    fs::remove_file(key).unwrap();
    let told = String::from_utf8(run(&["verify"]).stderr).unwrap();
    assert!(
        told.contains("audit.pub: No such file") && told.contains("expected the public key"),
        "{told}"
    );
    fs::remove_file(config).unwrap();
}

#[test]
fn validate_looks_into_the_files_that_settings_name() {
    let folder = Folder::new("operator-validate");
    let policy = folder.0.with_extension("json");
    fs::write(&policy, "{\"Statement\":[]").unwrap();
    let policy_name = policy.display();
    let config = settings(
        &folder,
        &format!(
            "tls.certificate = \"/none/chain.pem\"\ntls.key = \"/none/key.pem\"\n\
             [service_control_policies]\n222222222222 = \"{policy_name}\"\n[state]\n\
             sealing_key_file = \"{policy_name}\"\npassword_file = \"/none/password\"\ntls_ca = \"{policy_name}\"\n\
             [audit]\nkey_file = \"{policy_name}\"\n"
        ),
    );
    let output = binary().args(["config", "validate", "--config"]).arg(&config).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let told = String::from_utf8(output.stderr).unwrap();
    let config_name = config.display();
    for fault in [
        format!("{config_name}:4: tls.certificate: /none/chain.pem: No such file"),
        format!("{config_name}:6: service_control_policies: policy {policy_name}: "),
        format!(
            "{config_name}:9: state.sealing_key_file: {policy_name}: not 64 hexadecimal digits"
        ),
        format!("{config_name}:10: state.password_file: /none/password: No such file"),
        format!("{config_name}:11: state.tls_ca: {policy_name}: holds no certificate"),
        format!("{config_name}:13: audit.key_file: {policy_name}: not 64 hexadecimal digits"),
    ] {
        assert!(told.contains(&fault), "{fault} is not in: {told}");
    }
    fs::remove_file(policy).unwrap();
    fs::remove_file(config).unwrap();
}

#[test]
fn a_variable_may_name_a_file_with_the_value() {
    let folder = Folder::new("operator-file");
    let secret = folder.0.with_extension("region");
    fs::write(&secret, "eu-west-1\n").unwrap();
    let show = |both: bool| {
        let mut command = binary();
        command
            .args(["config", "show", "--set", "data=/d"])
            .env("COUNTERSIGN_REGION_FILE", &secret);
        if both {
            command.env("COUNTERSIGN_REGION", "us-east-1");
        }
        command.output().unwrap()
    };
    assert!(said(&show(false)).contains("region = \"eu-west-1\"  # Environment"));
    let refused = String::from_utf8(show(true).stderr).unwrap();
    let told = "COUNTERSIGN_REGION and COUNTERSIGN_REGION_FILE: only one of them may be set";
    assert!(refused.contains(told), "{refused}");
    fs::remove_file(secret).unwrap();
}
