//! What a running service takes from settings that are read again, and from files that are written anew.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use server::Settings;

use crate::client::{Client, Key};
use crate::service::{Running, port};

/// A folder of one test, removed when dropped.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path =
            std::env::temp_dir().join(format!("countersign-reread-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.0.join(name);
        fs::write(&path, text).unwrap();
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// The settings that the service runs with, another in one thing.
fn edited(running: &Running, edit: impl FnOnce(&mut Settings)) -> Settings {
    let mut settings = Settings::clone(&running.service().state().settings());
    edit(&mut settings);
    settings
}

/// Writes a certificate of its own and its key; what clients must trust.
fn certificate(folder: &Folder) -> String {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    folder.write("chain.pem", &made.cert.pem());
    folder.write("key.pem", &made.signing_key.serialize_pem());
    made.cert.pem()
}

fn with_certificate(folder: &Folder, edit: impl FnOnce(&mut server::StartOptions)) -> Running {
    Running::start_with(None, |options| {
        options.settings.tls.certificate = Some(folder.0.join("chain.pem"));
        options.settings.tls.key = Some(folder.0.join("key.pem"));
        edit(options);
    })
}

/// Whether a client that trusts this alone is answered.
fn is_shown(running: &Running, trusted: &str) -> bool {
    let client = Client::new(port(&running.service().control_url), trusted);
    let mut stream = client.connect();
    stream.conn.complete_io(&mut stream.sock).is_ok()
}

#[test]
fn a_certificate_that_was_renewed_is_shown_without_a_restart_and_nothing_is_said() {
    let folder = Folder::new("renewed");
    let first = certificate(&folder);
    let running = with_certificate(&folder, |options| {
        options.times.certificate_look = Duration::from_millis(10);
    });
    assert!(is_shown(&running, &first));
    let second = certificate(&folder);
    assert!(running.eventually(|running| is_shown(running, &second)));
    assert!(!is_shown(&running, &first));
    let bundle = fs::read_to_string(&running.service().ca_bundle).unwrap();
    assert!(bundle.contains(second.trim()));
}

#[test]
fn a_certificate_that_is_none_leaves_the_old_one() {
    let folder = Folder::new("damaged");
    let good = certificate(&folder);
    let running = with_certificate(&folder, |_options| {});
    folder.write("chain.pem", "-----BEGIN CERTIFICATE-----\nno\n");
    let settings = edited(&running, |settings| settings.open_policies = false);
    let error = running.service().reread(&settings).unwrap_err().to_string();
    assert!(error.contains("chain.pem is damaged"), "{error}");
    assert!(is_shown(&running, &good));
    // Nothing of the file was taken.
    assert!(running.service().state().settings().open_policies);
}

#[test]
fn a_key_of_another_certificate_is_told_with_its_file() {
    let folder = Folder::new("mixed");
    certificate(&folder);
    let other = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let running = with_certificate(&folder, |_options| {});
    folder.write("key.pem", &other.signing_key.serialize_pem());
    let settings = edited(&running, |_settings| {});
    let error = running.service().reread(&settings).unwrap_err().to_string();
    assert!(error.contains("key.pem is damaged: keys may not be consistent"), "{error}");
}

const IAM_ONLY: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iam:*","Resource":"*"}]}"#;

fn list_domains(running: &Running, key: &Key) -> u16 {
    running.control("es").signed(key, "GET", "/2021-01-01/domain", b"").status
}

fn govern(folder: &Path) -> impl FnOnce(&mut Settings) {
    let path = folder.to_owned();
    move |settings: &mut Settings| {
        settings.service_control_policies.insert("123456789012".to_owned(), path);
    }
}

#[test]
fn service_control_policies_hold_from_the_reading_on_and_explain_names_their_file() {
    let folder = Folder::new("scp");
    folder.write("iam-only.json", IAM_ONLY);
    let running = Running::start();
    let developer = running.developer();
    assert_eq!(list_domains(&running, &developer), 200);
    let outcome = running.service().reread(&edited(&running, govern(&folder.0))).unwrap();
    assert_eq!(outcome.changed, ["service_control_policies"]);
    let answer = running.control("es").signed(&developer, "GET", "/2021-01-01/domain", b"");
    assert_eq!(answer.status, 403, "{}", answer.text());
    assert!(answer.text().contains("in a service control policy"), "{}", answer.text());
    let record = serde_json::to_string(&running.record(&answer)).unwrap();
    assert!(record.contains("iam-only.json"), "{record}");
    // The domain's own requests, too.
    assert_eq!(running.domain().signed(&developer, "GET", "/", b"").status, 403);
    let set = running.newest(|record| record.action.as_deref() == Some("SetSettings"));
    assert_eq!(set.resources, ["service_control_policies"]);
    assert_eq!(set.service_reason.as_deref(), Some("settings"));
    // The file is read again although its name is the same.
    folder.write("iam-only.json", &IAM_ONLY.replace("iam:*", "*"));
    running.service().reread(&edited(&running, |_settings| {})).unwrap();
    assert_eq!(list_domains(&running, &developer), 200);
}

#[test]
fn c20_resource_control_policies_hold_from_the_reading_on_for_domains_too() {
    let folder = Folder::new("rcp");
    folder.write(
        "perimeter.json",
        r#"{"Version":"2012-10-17","Statement":[{"Sid":"NoSearch","Effect":"Deny","Principal":"*",
            "Action":"es:ESHttpGet","Resource":"arn:aws:es:*:*:domain/*/_search"}]}"#,
    );
    let running = Running::start();
    let developer = running.developer();
    let search = || running.domain().signed(&developer, "GET", "/_search", b"");
    assert_eq!(search().status, 200);
    let path = folder.0.clone();
    let govern = |settings: &mut Settings| {
        settings.resource_control_policies.insert("123456789012".to_owned(), path);
    };
    let outcome = running.service().reread(&edited(&running, govern)).unwrap();
    assert_eq!(outcome.changed, ["resource_control_policies"]);
    let answer = search();
    assert_eq!(answer.status, 403, "{}", answer.text());
    assert!(answer.text().contains("with an explicit deny in a resource control policy"));
    let record = serde_json::to_string(&running.record(&answer)).unwrap();
    assert!(record.contains("resourceControl") && record.contains("perimeter.json"), "{record}");
    assert_eq!(running.domain().signed(&developer, "GET", "/", b"").status, 200);
    let told = running.control("es").signed(
        &developer,
        "GET",
        &format!("/_countersign/explain/{}", answer.request_id()),
        b"",
    );
    assert!(told.text().contains("(NoSearch) of the resource control policy"), "{}", told.text());
}

#[test]
fn the_management_account_has_no_control_policies() {
    let folder = Folder::new("management");
    folder.write("deny.json", IAM_ONLY);
    let running = Running::start();
    for set in [0, 1] {
        let settings = edited(&running, |settings| {
            settings.management_account = Some("123456789012".to_owned());
            let all =
                [&mut settings.service_control_policies, &mut settings.resource_control_policies];
            all.into_iter().nth(set).unwrap().insert("123456789012".to_owned(), folder.0.clone());
        });
        let error = running.service().reread(&settings).unwrap_err().to_string();
        assert!(error.contains("123456789012 is the management_account"), "{error}");
    }
}

#[test]
fn a_service_control_policy_that_is_none_leaves_everything_as_it_was() {
    let folder = Folder::new("scp-damaged");
    folder.write("deny.json", "{");
    let running = Running::start();
    let settings = edited(&running, govern(&folder.0));
    let error = running.service().reread(&settings).unwrap_err().to_string();
    assert!(error.starts_with("service_control_policies: policy "), "{error}");
    assert!(error.contains("deny.json: "), "{error}");
    assert_eq!(list_domains(&running, &running.developer()), 200);
}

#[test]
fn accounts_are_made_when_settings_name_them_and_other_settings_wait() {
    let folder = Folder::new("accounts");
    let running = Running::start_on(Some(folder.0.join("data")));
    let settings = edited(&running, |settings| {
        settings.accounts.others.push("222222222222".to_owned());
        settings.region = "eu-west-1".to_owned();
    });
    let outcome = running.service().reread(&settings).unwrap();
    assert_eq!((outcome.changed, outcome.waiting), (vec!["accounts"], vec!["region"]));
    let key = root_key(&folder.0.join("data/root-222222222222.env"));
    let identity = running.query(&key, "sts", &[("Action", "GetCallerIdentity")]).text();
    assert!(identity.contains("arn:aws:iam::222222222222:root"), "{identity}");
    running.stop();
}

fn root_key(file: &Path) -> Key {
    let text = fs::read_to_string(file).unwrap();
    let variable = |name: &str| {
        let prefix = format!("export {name}=");
        text.lines().find_map(|line| line.strip_prefix(&prefix)).unwrap().to_owned()
    };
    Key {
        id: variable("AWS_ACCESS_KEY_ID"),
        secret: sigv4::SecretKey::new(&variable("AWS_SECRET_ACCESS_KEY")),
        token: None,
    }
}

fn identity(running: &Running, key: &Key) -> String {
    running.query(key, "sts", &[("Action", "GetCallerIdentity")]).text()
}

#[test]
fn an_account_that_the_hosts_owner_makes_is_known_to_the_service_that_runs() {
    let folder = Folder::new("create");
    let data = folder.0.join("data");
    let running = Running::start_with(Some(data.clone()), |options| {
        options.times.store_look = Duration::from_millis(10);
    });
    let settings = edited(&running, |_settings| {});
    let now = server::Clock::System.now();
    let file = server::create_account(&settings, "222222222222", now).unwrap();
    assert_eq!(file, data.canonicalize().unwrap().join("root-222222222222.env"));
    let key = root_key(&file);
    assert!(running.eventually(|running| identity(running, &key).contains("222222222222:root")));
    let text = fs::read_to_string(&file).unwrap();
    assert!(
        text.contains(&format!("AWS_ENDPOINT_URL={}", running.service().control_url)),
        "{text}"
    );
    let noted = running.newest(|record| record.action.as_deref() == Some("FollowStore"));
    assert_eq!(noted.service_reason.as_deref(), Some("host"));
    let again = server::create_account(&settings, "222222222222", now).unwrap_err();
    assert_eq!(again.to_string(), "account 222222222222 exists already");
    running.stop();
    // The next start knows its key, although the settings do not name the account.
    let running = Running::start_on(Some(data));
    let (account, known) = &running.service().keys.more_roots[0];
    assert_eq!((account.as_str(), &known.access_key_id), ("222222222222", &key.id));
    running.stop();
}

#[test]
fn a_recovered_root_has_a_new_key_and_the_old_one_is_gone() {
    let folder = Folder::new("recover");
    let data = folder.0.join("data");
    let running = Running::start_with(Some(data.clone()), |options| {
        options.times.store_look = Duration::from_millis(10);
    });
    let old = root_key(&data.join("root.env"));
    let settings = edited(&running, |_settings| {});
    let now = server::Clock::System.now();
    let file = server::recover_root(&settings, "123456789012", now).unwrap();
    let key = root_key(&file);
    assert!(file.ends_with("root.env") && key.id != old.id);
    assert!(running.eventually(|running| identity(running, &key).contains("123456789012:root")));
    assert!(identity(&running, &old).contains("InvalidClientTokenId"));
    let error = server::recover_root(&settings, "222222222222", now).unwrap_err().to_string();
    assert_eq!(error, "there is no account 222222222222; there is 123456789012");
    running.stop();
    // Also while nothing runs; the next start knows it.
    let file = server::recover_root(&settings, "123456789012", now).unwrap();
    let newest = root_key(&file);
    let running = Running::start_on(Some(data));
    assert_eq!(running.service().keys.root.access_key_id, newest.id);
    running.stop();
}

#[test]
fn the_root_key_goes_with_its_account_when_another_account_becomes_the_first() {
    let folder = Folder::new("first");
    let data = folder.0.join("data");
    let accounts = |first: &str, other: &str| {
        let accounts =
            server::Accounts { others: vec![other.to_owned()], ..server::Accounts::one(first) };
        move |options: &mut server::StartOptions| {
            options.settings.accounts = accounts;
            options.bare = true;
            options.everyday = false;
        }
    };
    let running = Running::start_with(Some(data.clone()), accounts("111111111111", "222222222222"));
    let first = running.service().keys.root.access_key_id.clone();
    running.stop();
    let running = Running::start_with(Some(data), accounts("222222222222", "111111111111"));
    let keys = &running.service().keys;
    assert_ne!(keys.root.access_key_id, first);
    assert_eq!(keys.more_roots[0].1.access_key_id, first);
    running.stop();
}

#[test]
fn a_folder_without_state_is_told() {
    let folder = Folder::new("no-state");
    let settings = Settings { data: Some(folder.0.clone()), ..Settings::default() };
    let error = server::recover_root(&settings, "123456789012", server::Clock::System.now());
    let told = error.unwrap_err().to_string();
    assert!(
        told.ends_with("there is no state in this folder: start the service on it once"),
        "{told}"
    );
}
