//! `serve` and `config`: one table of settings, one parser.

use std::fs;
use std::process::{Command, Output};

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

#[test]
fn validate_tells_every_fault_and_is_not_0() {
    let output =
        countersign(&["config", "validate", "--set", "region=moon", "--set", "colour=blue"]);
    assert!(!output.status.success());
    let said = text(&output.stderr);
    for fault in ["no setting 'colour'", "region: expected a region", "data: it must be set"] {
        assert!(said.contains(fault), "{fault} is not in: {said}");
    }
    assert!(countersign(&["config", "validate", "--set", "data=/d"]).status.success());
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
    for row in server::settings::TABLE {
        let pointer = format!("/properties/{}", row.name.replace('.', "/properties/"));
        assert_eq!(schema.pointer(&pointer).unwrap()["description"], row.doc, "{}", row.name);
        assert!(help.contains(row.name), "{} is not in --help", row.name);
    }
}
