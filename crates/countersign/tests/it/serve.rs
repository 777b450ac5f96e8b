//! `serve` and `config`: one table of settings, one parser.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::{Command, Output};
use std::time::Duration;

use crate::dev::{Dev, Folder};

fn countersign(words: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_countersign")).args(words).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[test]
fn serve_makes_its_accounts_with_their_root_keys_and_nothing_else() {
    let folder = Folder::new("serve");
    let config = folder.0.with_extension("toml");
    let data = folder.0.display();
    let file = format!(
        "data = \"{data}\"\naccounts = [\"111111111111\", \"222222222222\"]\n\
         control.listen = \"127.0.0.1:0\"\nadmin.listen = \"127.0.0.1:0\"\n"
    );
    fs::write(&config, file).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_countersign"));
    command.args(["serve", "--json", "--config"]).arg(&config);
    let dev = Dev::spawn(&mut command);
    assert!(dev.said.contains("\"domains\":{}"), "{}", dev.said);
    assert!(dev.said.contains("\"account\":\"111111111111\""), "{}", dev.said);
    let first = folder.variable("root.env", "AWS_ACCESS_KEY_ID");
    let second = folder.variable("root-222222222222.env", "AWS_ACCESS_KEY_ID");
    assert!(first.starts_with("AKIA") && second.starts_with("AKIA") && first != second);
    assert!(!folder.0.join("env").exists());
    assert_eq!(dev.stop(), Some(0));
    // A restart finds the same keys.
    let again = Dev::spawn(&mut command);
    assert_eq!(folder.variable("root.env", "AWS_ACCESS_KEY_ID"), first);
    assert_eq!(again.stop(), Some(0));
    fs::remove_file(config).unwrap();
}

/// A page of the admin listener; nothing when it does not answer in time.
fn admin(address: &str, page: &str) -> Option<String> {
    let mut stream = TcpStream::connect(address).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(1))).ok()?;
    let request = format!("GET {page} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).ok()?;
    let mut answer = String::new();
    let _ = stream.read_to_string(&mut answer);
    (!answer.is_empty()).then_some(answer)
}

#[test]
fn g07_out_of_file_descriptors_it_waits_and_serves_again_when_there_are_some() {
    let folder = Folder::new("descriptors");
    let binary = env!("CARGO_BIN_EXE_countersign");
    let data = folder.0.display();
    let mut command = Command::new("sh");
    command.args(["-c", &format!("ulimit -n 80; exec {binary} serve --json --set data={data} --set control.listen=127.0.0.1:0 --set admin.listen=127.0.0.1:0")]);
    let service = Dev::spawn(&mut command);
    let place = |name: &str| {
        let (_, rest) = service.said.split_once(&format!("\"{name}\":\"")).unwrap();
        rest.split_once('"').unwrap().0.rsplit_once('/').unwrap().1.to_owned()
    };
    let control = place("control").replace("localhost", "127.0.0.1").parse().unwrap();
    let address = place("admin");
    assert!(admin(&address, "/readyz").unwrap().ends_with("ready\n"));
    // Until the kernel's queue is full, too.
    let connect = || TcpStream::connect_timeout(&control, Duration::from_millis(200));
    let taken: Vec<_> = (0..200).map_while(|_| connect().ok()).collect();
    let ran_out = (0..20).any(|_| admin(&address, "/readyz").is_none());
    assert!(ran_out, "there are descriptors left");
    drop(taken);
    let again = (0..60).any(|_| admin(&address, "/readyz").is_some());
    assert!(again, "it does not serve again");
    assert_eq!(service.stop(), Some(0));
}

#[test]
fn e15_validate_tells_every_fault_and_is_not_0() {
    let output =
        countersign(&["config", "validate", "--set", "region=moon", "--set", "colour=blue"]);
    assert!(!output.status.success());
    let said = text(&output.stderr);
    for fault in ["unknown setting 'colour'", "region: expected a region", "data: must be set"] {
        assert!(said.contains(fault), "{fault} is not in: {said}");
    }
    assert!(countersign(&["config", "validate", "--set", "data=/d"]).status.success());
}

#[test]
fn a_variable_that_is_no_settings_stops_the_start_with_the_nearest_name() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_countersign"));
    command.args(["serve", "--set", "data=/d"]).env("COUNTERSIGN_OPEN_POLICIE", "false");
    let output = command.output().unwrap();
    assert!(!output.status.success());
    let said = text(&output.stderr);
    assert!(said.contains("did you mean COUNTERSIGN_OPEN_POLICIES?"), "{said}");
}

#[test]
fn show_says_where_each_value_comes_from() {
    let output = countersign(&["config", "show", "--set", "data=/d"]);
    let said = text(&output.stdout);
    assert!(said.contains("data = \"/d\"  # CommandLine"), "{said}");
    assert!(said.contains("domains.first_port = 9200  # Default"), "{said}");
}

#[test]
fn the_schema_and_the_help_name_every_setting() {
    let schema: serde_json::Value =
        serde_json::from_slice(&countersign(&["config", "schema"]).stdout).unwrap();
    let help = text(&countersign(&["serve", "--help"]).stdout);
    for row in server::SETTINGS_TABLE {
        let pointer = format!("/properties/{}", row.name.replace('.', "/properties/"));
        assert_eq!(schema.pointer(&pointer).unwrap()["description"], row.doc, "{}", row.name);
        assert!(help.contains(row.name), "{} is not in --help", row.name);
    }
}
