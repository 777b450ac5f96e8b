//! What is read, refused and shown.

use std::path::Path;

use super::read::SettingsError;
use super::*;

fn read(text: &str, set: &[&str]) -> Result<EffectiveSettings, SettingsError> {
    read_in(&[], text, set)
}

/// With variables.
fn read_in(
    environment: &[(&str, &str)],
    text: &str,
    set: &[&str],
) -> Result<EffectiveSettings, SettingsError> {
    let environment = environment.iter().map(|(name, value)| ((*name).into(), (*value).into()));
    let set: Vec<String> = set.iter().map(|pair| (*pair).to_owned()).collect();
    let file = Some((Path::new("countersign.toml"), text));
    EffectiveSettings::read(file, &environment.collect(), &set)
}

fn settings(text: &str) -> Settings {
    read(text, &[]).unwrap().settings
}

#[test]
fn the_command_line_wins_over_the_environment_and_that_over_the_file() {
    let file = "data = \"/d\"\nregion = \"eu-west-1\"\n[control]\nlisten = \"0.0.0.0:1\"";
    let environment = [("COUNTERSIGN_CONTROL_LISTEN", "0.0.0.0:2")];
    let settings = read_in(&environment, file, &["region=us-west-2"]).unwrap().settings;
    let (region, listen) = (settings.region.as_str(), settings.control.listen.as_str());
    assert_eq!((region, listen), ("us-west-2", "0.0.0.0:2"));
    assert_eq!(settings.domains.first_port, 9200);
}

#[test]
fn every_fault_is_told_at_once() {
    let error =
        read("regio = \"x\"\naccounts = [\"1\"]\n[tls]\nkey = \"k\"", &["open_policies=maybe"])
            .unwrap_err();
    let told = error.to_string();
    for fault in [
        "countersign.toml:1: unknown setting 'regio': did you mean 'region'?",
        "data: must be set",
        "countersign.toml:2: accounts: expected account numbers of twelve digits, got '1'",
        "--set: open_policies: expected true or false, got 'maybe'",
        "tls.certificate and tls.key go together",
    ] {
        assert!(told.contains(fault), "{fault} is not in: {told}");
    }
}

#[test]
fn a_url_with_a_password_is_refused_and_not_repeated_and_one_without_needs_a_sealing_key() {
    let file = |url: &str, more: &str| {
        read(&format!("data = \"/d\"\n[state]\nurl = \"{url}\"\n{more}"), &[])
    };
    let refused = file("postgres://cs:hunter2@db/state", "").unwrap_err().to_string();
    assert!(
        refused.starts_with("countersign.toml:3: state.url: expected postgres://USER@"),
        "{refused}"
    );
    assert!(refused.ends_with("got another value, which is not repeated here"), "{refused}");
    assert!(!refused.contains("hunter2"));
    let refused = file("postgres://cs@db/state", "").unwrap_err().to_string();
    assert_eq!(refused, "state.url needs state.sealing_key_file, the same key on every gateway");
    let read = file("postgres://cs@db/state", "sealing_key_file = \"/k\"").unwrap();
    assert!(read.show().contains("state.url = \"postgres://cs@db/state\"  # File"));
    assert_eq!(read.settings.state.stale_for, 300);
}

#[test]
fn too_little_memory_for_the_engine_is_refused() {
    let error = read("data = \"/d\"\n[engine]\nmemory_bytes_max = 1000", &[]).unwrap_err();
    let told = "countersign.toml:3: engine.memory_bytes_max: expected a number of bytes, at least 16777216, got '1000'";
    assert_eq!(error.to_string(), told);
}

#[test]
fn a_file_that_is_no_toml_is_told_with_its_line() {
    let error = read("data = \"/d\"\nregion = \n", &[]).unwrap_err().to_string();
    assert!(error.starts_with("countersign.toml:2: "), "{error}");
}

#[test]
fn how_much_of_the_audit_is_kept_is_a_setting() {
    let file =
        "data = \"/d\"\n[audit]\nkeep_bytes = 16777216\nkeep_days = 90\non_failure = \"refuse\"";
    let options = settings(file).audit;
    assert_eq!((options.keep_bytes, options.keep_days), (16_777_216, 90));
    assert_eq!(options.on_failure, OnAuditFailure::Refuse);
    for fault in ["audit.keep_bytes=1", "audit.on_failure=ignore", "audit.keep_days=-1"] {
        let error = read("data = \"/d\"", &[fault]).unwrap_err().to_string();
        assert!(error.contains(": expected "), "{fault}: {error}");
    }
}

#[test]
fn every_default_may_stand_in_a_file() {
    let defaults = TABLE.iter().filter(|row| !row.is_required());
    let defaults =
        defaults.map(|row| format!("{} = {}\n", row.name, (row.get)(&Settings::default())));
    let file = defaults.collect::<String>() + "data = \"/d\"\n";
    let shown = read(&file, &[]).unwrap().show();
    for line in file.lines() {
        assert!(shown.contains(&format!("{line}  # File")), "{line} is not in: {shown}");
    }
}

#[test]
fn a_data_folder_without_a_name_is_refused() {
    let error = read("data = \"\"", &[]).unwrap_err();
    assert_eq!(error.to_string(), "countersign.toml:1: data: expected a path, got ''");
}

#[test]
fn a_variable_that_is_no_settings_is_refused_with_the_nearest_one() {
    let told = |name: &str| {
        read_in(&[(name, "x")], "data = \"/d\"", &[]).map_err(|error| error.to_string()).err()
    };
    for (name, fault) in [
        (
            "COUNTERSIGN_OPEN_POLICIE",
            "COUNTERSIGN_OPEN_POLICIE: there is no such setting: did you mean COUNTERSIGN_OPEN_POLICIES?",
        ),
        (
            "COUNTERSIGN_AUTHORIZATION",
            "COUNTERSIGN_AUTHORIZATION: there is no such setting: did you mean COUNTERSIGN_DOMAIN_DEFAULTS_AUTHORIZATION?",
        ),
        (
            "COUNTERSIGN_COLOUR",
            "COUNTERSIGN_COLOUR: there is no such setting: `countersign serve --help` lists them",
        ),
    ] {
        assert_eq!(told(name).as_deref(), Some(fault));
    }
}

#[test]
fn of_a_file_that_is_read_again_a_running_service_takes_what_is_live() {
    let old = settings("data = \"/d\"");
    let fresh = settings(
        "data = \"/d\"\nopen_policies = true\nregion = \"eu-west-1\"\n[domain_defaults]\nauthorization = \"aws\"",
    );
    let reread = old.reread(&fresh);
    assert_eq!(reread.changed, ["open_policies", "domain_defaults.authorization"]);
    assert_eq!(reread.waiting, ["region"]);
    assert!(reread.settings.open_policies);
    assert_eq!(reread.settings.region, "us-east-1");
    let again = reread.settings.reread(&fresh);
    assert_eq!((again.changed.len(), again.waiting), (0, vec!["region"]));
}

#[test]
fn policies_are_named_by_the_account_they_are_for() {
    let file = "data = \"/d\"\n[service_control_policies]\n222222222222 = \"/etc/scp\"";
    let path = settings(file).service_control_policies["222222222222"].clone();
    assert_eq!(path, Path::new("/etc/scp"));
    let error = read(&file.replace("222222222222", "moon"), &[]).unwrap_err().to_string();
    assert_eq!(
        error,
        "countersign.toml:2: service_control_policies: expected ACCOUNT = \"/path/to/policies\", accounts of twelve digits, got 'moon=/etc/scp'"
    );
}

#[test]
fn log_groups_are_files_of_one_folder() {
    let file = "data = \"/d\"\n[logs]\nfolder = \"/l\"\n[logs.groups]\n\"arn:aws:logs:us-east-1:123456789012:log-group:/a/b\" = \"b.log\"";
    let effective = read(file, &[]).unwrap();
    assert_eq!(effective.settings.logs.groups.len(), 1);
    let shown =
        "logs.groups = { \"arn:aws:logs:us-east-1:123456789012:log-group:/a/b\" = \"b.log\" }";
    assert!(effective.show().contains(shown), "{}", effective.show());
    let told = |from: &str, to: &str| read(&file.replace(from, to), &[]).unwrap_err().to_string();
    assert_eq!(told("folder = \"/l\"\n", ""), "logs.groups needs logs.folder");
    for (from, to) in [("b.log", "../b.log"), ("arn:aws:logs", "arn:aws:s3"), ("/a/b", "/a:*")] {
        assert!(told(from, to).contains("logs.groups: expected"), "{}", told(from, to));
    }
}

#[test]
fn variables_of_others_are_left_alone() {
    for (name, value) in [
        ("COUNTERSIGN_LOG", "debug"),
        ("COUNTERSIGN_ENDPOINT", "https://localhost:9200"),
        ("COUNTERSIGN_SERVICE_HOST", "10.0.0.1"),
        ("COUNTERSIGN_SERVICE_PORT_HTTPS", "9443"),
        ("COUNTERSIGN_PORT", "tcp://10.0.0.1:9443"),
        ("COUNTERSIGN_PORT_9443_TCP_ADDR", "10.0.0.1"),
        ("ELASTIC_COUNTERSIGN_REGIO", "x"),
    ] {
        assert!(read_in(&[(name, value)], "data = \"/d\"", &[]).is_ok(), "{name}");
    }
}

#[test]
fn a_laptop_is_told_more_and_stopped_less_than_a_server() {
    let (laptop, server) = (Settings::laptop(), Settings::default());
    let differ = TABLE.iter().filter(|row| (row.get)(&laptop) != (row.get)(&server));
    let differ: Vec<&str> = differ.map(|row| row.name).collect();
    assert_eq!(
        differ,
        [
            "open_policies",
            "foreign_principals",
            "storage_encrypted",
            "vpc.subnets",
            "vpc.security_groups",
            "engine.disk_watermarks",
            "domain_defaults.signature_diagnostics",
            "limits.failed_signatures_per_second",
            "limits.failed_signatures_burst",
            "limits.connections_per_address",
            "limits.connections_per_listener",
        ]
    );
}

#[test]
fn workloads_are_a_table_of_names_and_roles_on_loopback() {
    let arn = "arn:aws:iam::123456789012:role/search-app";
    let file = format!(
        "data = \"/d\"\n[workloads]\nlisten = \"127.0.0.1:9601\"\nroles.app = \"{arn}\"\nroles.web-2 = \"{arn}\""
    );
    let workloads = settings(&file).workloads;
    assert_eq!(workloads.listen.as_deref(), Some("127.0.0.1:9601"));
    assert_eq!(workloads.session_seconds, 3600);
    assert_eq!(workloads.roles.keys().collect::<Vec<_>>(), ["app", "web-2"]);
    assert!(workloads.roles.values().all(|role| role == arn));
    let shown = read(&file, &[]).unwrap().show();
    assert_eq!(read(&shown, &[]).unwrap().show(), shown.replace("# Default", "# File"));
    for fault in [
        "workloads.listen=0.0.0.0:9601",
        "workloads.listen=example.org:9601",
        "workloads.session_seconds=899",
        "workloads.roles=../app=arn:aws:iam::123456789012:role/r",
        "workloads.roles=app=arn:aws:iam::123456789012:user/r",
        "workloads.roles=app",
    ] {
        let error = read("data = \"/d\"", &[fault]).unwrap_err().to_string();
        assert!(error.contains(": expected "), "{fault}: {error}");
    }
}

#[test]
fn what_is_shown_reads_back_as_the_same() {
    let first =
        read("data = \"/d\"\naccounts = [\"111111111111\", \"222222222222\"]", &[]).unwrap().show();
    let second = read(&first, &[]).unwrap();
    assert_eq!(first.replace("# Default", "# File"), second.show());
}

#[test]
fn subnets_and_groups_are_tables_of_networks() {
    let file = "data = \"/d\"\n[vpc]\nlisten = \"10.1.0.4\"\n[vpc.subnets]\nsubnet-1 = [\"10.1.0.0/24\", \"10.1.1.0/24\"]\n\
        subnet-2 = \"10.2.0.7\"\n[vpc.security_groups]\nsg-all = [\"0.0.0.0/0\"]";
    let vpc = settings(file).vpc;
    let networks = |id: &str| vpc.subnets[id].iter().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(networks("subnet-1"), ["10.1.0.0/24", "10.1.1.0/24"]);
    assert_eq!(networks("subnet-2"), ["10.2.0.7/32"]);
    let shown = read(file, &[]).unwrap().show();
    assert_eq!(read(&shown, &[]).unwrap().show(), shown.replace("# Default", "# File"));
    let same =
        read_in(&[("COUNTERSIGN_VPC_SECURITY_GROUPS", "sg-all=0.0.0.0/0")], "data = \"/d\"", &[]);
    assert_eq!(same.unwrap().settings.vpc.security_groups, vpc.security_groups);
    for fault in [
        "vpc.subnets=10.0.0.0/8",
        "vpc.subnets=sg-1=10.0.0.0/8",
        "vpc.subnets=subnet-1=",
        "vpc.security_groups=sg-1=10.0.0.0/33",
        "vpc.id=1",
    ] {
        let error = read("data = \"/d\"", &[fault]).unwrap_err().to_string();
        assert!(error.contains(": expected "), "{fault}: {error}");
    }
}

#[test]
fn certificates_of_endpoints_are_pairs_of_files_by_arn() {
    let arn = "arn:aws:acm:us-east-1:123456789012:certificate/1";
    let file = format!(
        "data = \"/d\"\n[acm.certificates]\n\"{arn}\" = [\"/c/chain.pem\", \"/c/key.pem\"]"
    );
    let files = settings(&file).acm.certificates;
    assert_eq!(files[arn].key, Path::new("/c/key.pem"));
    let shown = read(&file, &[]).unwrap().show();
    assert_eq!(read(&shown, &[]).unwrap().show(), shown.replace("# Default", "# File"));
    for fault in [
        "a=b;c",
        "arn:aws:acm:us-east-1:1:certificate/1=b",
        "arn:aws:acm:us-east-1:1:certificate/1=b;c;d",
    ] {
        let error = read("data = \"/d\"", &[&format!("acm.certificates={fault}")]).unwrap_err();
        assert!(error.to_string().contains(": expected "), "{fault}: {error}");
    }
    for suffix in ["", "es.example.org"] {
        assert!(read("data = \"/d\"", &[&format!("domains.endpoint_suffix={suffix}")]).is_ok());
    }
    for suffix in [".example.org", "example.org:1", "*.example.org"] {
        assert!(read("data = \"/d\"", &[&format!("domains.endpoint_suffix={suffix}")]).is_err());
    }
}
