//! What a person reads: faults say what was seen, what was expected, and what to do next.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Command, Output, Stdio};

use crate::dev::{Dev, Folder};

fn countersign(words: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_countersign")).args(words).output().unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

#[test]
fn a_reader_that_has_seen_enough_is_no_failure() {
    for words in [
        &["config", "show", "--set", "data=/d"][..],
        &["config", "schema"],
        &["completions", "bash"],
        &["man"],
    ] {
        let mut child = Command::new(env!("CARGO_BIN_EXE_countersign"));
        let mut child =
            child.args(words).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        // The pipe has no reader before anything is written.
        drop(child.stdout.take());
        let mut told = String::new();
        child.stderr.take().unwrap().read_to_string(&mut told).unwrap();
        assert_eq!((child.wait().unwrap().code(), told.as_str()), (Some(0), ""), "{words:?}");
    }
}

#[test]
fn an_address_without_a_host_is_told_with_an_example_and_is_a_fault_of_usage() {
    for words in [
        &["dev", "--control", "21400"][..],
        &["dev", "--admin", "21400"],
        &["proxy", "--to", "https://localhost:9200", "--listen", "21400"],
        &["proxy", "--to", "https://localhost:9200", "--admin", "21400"],
    ] {
        let output = countersign(words);
        assert_eq!(output.status.code(), Some(2), "{words:?}");
        assert!(
            said(&output).contains("expected HOST:PORT, such as 127.0.0.1:21400"),
            "{}",
            said(&output)
        );
    }
}

#[test]
fn a_data_folder_that_is_a_file_is_told_so() {
    let folder = Folder::new("words-file");
    fs::write(&folder.0, "no folder").unwrap();
    let path = folder.0.to_str().unwrap().to_owned();
    let start = |data: &str| {
        said(&countersign(&["dev", "--control", "127.0.0.1:0", "--port", "0", "--data", data]))
    };
    assert_eq!(start(&path), format!("countersign: {path} is a file, expected a folder\n"));
    let inside = format!("{path}/data");
    let told = format!("countersign: {inside}: a part of this path is a file, expected a folder\n");
    assert_eq!(start(&inside), told);
    fs::remove_file(&folder.0).unwrap();
}

#[test]
fn a_fault_in_a_file_of_settings_is_told_with_its_line_and_the_nearest_name() {
    let folder = Folder::new("words-settings");
    let config = folder.0.with_extension("toml");
    fs::write(
        &config,
        "data = \"/d\"\n[control]\nlisen = \"0.0.0.0:9443\"\n[domains]\nfirst_port = \"x\"\n",
    )
    .unwrap();
    let output = countersign(&["config", "validate", "--config", config.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(1));
    let path = config.display();
    let told = said(&output);
    for fault in [
        format!("{path}:3: unknown setting 'control.lisen': did you mean 'control.listen'?"),
        format!("{path}:5: domains.first_port: expected a port from 0 to 65535, got 'x'"),
    ] {
        assert!(told.contains(&fault), "{fault} is not in: {told}");
    }
    fs::remove_file(&config).unwrap();
}

#[test]
fn serve_without_settings_says_what_to_write() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_countersign"));
    let told = said(&command.arg("serve").env_remove("COUNTERSIGN_DATA").output().unwrap());
    assert!(
        told.contains("write data = \"/var/lib/countersign\" into a file, countersign.toml"),
        "{told}"
    );
    assert!(
        told.contains("--config countersign.toml; or say --set data=/var/lib/countersign"),
        "{told}"
    );
    let folder = Folder::new("words-serve");
    let config = folder.0.with_extension("toml");
    fs::write(&config, "region = \"eu-west-1\"\n").unwrap();
    let told = said(&countersign(&["serve", "--config", config.to_str().unwrap()]));
    let expected = format!("{}: data: must be set, such as data = ", config.display());
    assert!(told.contains(&expected), "{told}");
    fs::remove_file(&config).unwrap();
    assert!(
        said(&countersign(&["config", "show", "--set", "data"]))
            .contains("--set data: expected NAME=VALUE")
    );
}

/// Runs a command with the variables of the folder's `env`.
fn with_env(folder: &Folder, command: &mut Command) -> Output {
    for line in fs::read_to_string(folder.0.join("env")).unwrap().lines() {
        if let Some((name, value)) =
            line.strip_prefix("export ").and_then(|line| line.split_once('='))
        {
            command.env(name, value.trim_matches('\''));
        }
    }
    command.output().unwrap()
}

#[test]
fn a_request_that_nobody_knows_is_told_in_prose_and_to_programs_in_json() {
    let folder = Folder::new("words-explain");
    let mut command = Command::new(env!("CARGO_BIN_EXE_countersign"));
    command.args(["dev", "--control", "127.0.0.1:0", "--port", "0", "--data"]).arg(&folder.0);
    let _dev = Dev::spawn(&mut command);
    let explain = |more: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_countersign"));
        command.args(["explain", "00000000-0000-4000-8000-000000000000"]).args(more);
        with_env(&folder, &mut command)
    };
    let output = explain(&[]);
    assert_eq!((output.status.code(), output.stdout.len()), (Some(1), 0));
    let told = said(&output);
    assert!(told.contains(" answers 404: ") && told.contains("x-amzn-RequestId"), "{told}");
    assert!(!told.contains('{'), "{told}");
    let output = explain(&["--json"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(serde_json::from_slice::<serde_json::Value>(&output.stdout).unwrap().is_object());
}

#[test]
fn the_commands_of_the_greeting_work_where_the_binary_is_not_in_the_path() {
    let folder = Folder::new("words-greeting");
    // Called by a relative path, from a folder where the other shell is not.
    let binary = Path::new(env!("CARGO_BIN_EXE_countersign"));
    let mut command = Command::new(Path::new(".").join(binary.file_name().unwrap()));
    command.current_dir(binary.parent().unwrap());
    command.args(["dev", "--control", "127.0.0.1:0", "--port", "0", "--data"]);
    let dev = Dev::spawn(command.arg(&folder.0));
    let try_these: Vec<&str> = dev.said.lines().map(str::trim).collect();
    let line = |start: &str| *try_these.iter().find(|line| line.contains(start)).unwrap();
    let (eval, curl) = (line("eval "), line("curl "));
    let explain = line("explain REQUEST-ID").replace("REQUEST-ID", "\"$id\"");
    assert!(curl.ends_with("/_cat/indices?v=true\""), "{curl}");
    let script = format!(
        "{eval}\nanswer=$({curl})\necho \"$answer\" | head -1\n\
         id=$(echo \"$answer\" | tr -d '\\r' | sed -n 's/^x-amzn-requestid: //p')\n{explain}\n"
    );
    let output = Command::new("sh").arg("-c").arg(&script).current_dir("/").output().unwrap();
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        told.starts_with("HTTP/") && told.lines().next().unwrap().contains(" 200"),
        "{told} {}",
        said(&output)
    );
    assert!(told.contains(":user/developer"), "{told} {}", said(&output));
}

#[test]
fn called_by_its_name_it_is_named_so() {
    use std::os::unix::process::CommandExt;
    let folder = Folder::new("words-name");
    let mut command = Command::new(env!("CARGO_BIN_EXE_countersign"));
    command.arg0("countersign").args(["dev", "--control", "127.0.0.1:0", "--port", "0", "--data"]);
    let dev = Dev::spawn(command.arg(&folder.0));
    assert!(dev.said.contains("\n    countersign explain REQUEST-ID\n"), "{}", dev.said);
}

#[test]
fn the_exported_endpoint_is_of_dev_or_of_the_oldest_domain() {
    let folder = Folder::new("words-first");
    let start = || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_countersign"));
        command.args(["dev", "--control", "127.0.0.1:0", "--port", "0", "--json", "--data"]);
        Dev::spawn(command.arg(&folder.0))
    };
    let domains = |dev: &Dev| -> serde_json::Value {
        let ready: serde_json::Value = serde_json::from_str(&dev.said).unwrap();
        ready["domains"].clone()
    };
    let control = |path: &str, more: &[&str]| {
        let base = folder.variable("env", "AWS_ENDPOINT_URL");
        let url = format!("{base}/2021-01-01/opensearch/domain{path}");
        let mut command = Command::new(env!("CARGO_BIN_EXE_countersign"));
        let output = with_env(&folder, command.arg("request").arg(url).arg("--fail").args(more));
        assert!(output.status.success(), "{}", said(&output));
    };
    let first = start();
    // `books` comes before `dev` in the alphabet and was made later.
    control("", &["-d", r#"{"DomainName":"books"}"#]);
    assert_eq!(first.stop(), Some(0));
    let second = start();
    let listening = domains(&second);
    assert!(listening["books"].is_string(), "{listening}");
    assert_eq!(listening["dev"], folder.variable("env", "COUNTERSIGN_ENDPOINT"));
    control("/dev", &["-X", "DELETE"]);
    // Domains of one second are told apart by their names.
    control("", &["-d", r#"{"DomainName":"records"}"#]);
    assert_eq!(second.stop(), Some(0));
    let third = start();
    assert_eq!(domains(&third)["books"], folder.variable("env", "COUNTERSIGN_ENDPOINT"));
}

#[test]
fn the_first_line_of_help_can_be_read_by_a_pager_that_leaves() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_countersign"));
    let mut child = child
        .args(["serve", "--help"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut first = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut first).unwrap();
    assert_eq!(first, "Run the service from a configuration file\n");
    assert_eq!(child.wait().unwrap().code(), Some(0));
}
