//! An account that is cloned for one test, with its domains, by who runs `dev` and nobody else.

use serde_json::{Value, json};

use crate::client::{Client, Key};
use crate::clocks::{admin, test};
use crate::service::{Running, port};

const CLONE: &str = "POST /accounts/123456789012/clone HTTP/1.1";

struct Cloned {
    account: String,
    developer: Key,
    dev: Client,
}

fn key(told: &Value) -> Key {
    let text = |member: &str| told[member].as_str().unwrap();
    let secret = sigv4::SecretKey::new(text("secret_access_key"));
    Key { id: text("access_key_id").to_owned(), secret, token: None }
}

fn clone(running: &Running) -> Cloned {
    let told = admin(running, &format!("{CLONE}{}", test(running)));
    assert!(told.starts_with("HTTP/1.1 200 "), "{told}");
    let told: Value = serde_json::from_str(told.split_once("\r\n\r\n").unwrap().1).unwrap();
    let ca = std::fs::read_to_string(&running.service().ca).unwrap();
    Cloned {
        account: told["account"].as_str().unwrap().to_owned(),
        developer: key(&told["users"]["developer"]),
        dev: Client::new(port(told["domains"]["dev"].as_str().unwrap()), &ca),
    }
}

fn remove(running: &Running, account: &str) -> String {
    admin(running, &format!("DELETE /accounts/{account} HTTP/1.1{}", test(running)))
}

const BOOK: &[u8] = br#"{"title":"Emma"}"#;

#[test]
fn a_clones_domain_begins_with_the_documents_and_goes_its_own_way() {
    let running = Running::start();
    let developer = running.developer();
    running.set_policy(&json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
        "Principal": {"AWS": "arn:aws:iam::123456789012:root"}, "Action": "es:*",
        "Resource": "arn:aws:es:us-east-1:123456789012:domain/dev/*"}]}));
    let put = |client: &Client, key: &Key, path: &str| {
        let answer = client.signed(key, "PUT", path, BOOK);
        assert_eq!(answer.status, 201, "{}", answer.text());
    };
    let dev = running.domain();
    put(&dev, &developer, "/books/_doc/1");
    let cloned = clone(&running);
    put(&cloned.dev, &cloned.developer, "/books/_doc/2");
    put(&dev, &developer, "/books/_doc/3");
    let there = |client: &Client, key: &Key| {
        ["1", "2", "3"]
            .map(|id| client.signed(key, "GET", &format!("/books/_doc/{id}"), b"").status == 200)
    };
    assert_eq!(there(&cloned.dev, &cloned.developer), [true, true, false]);
    assert_eq!(there(&dev, &developer), [true, false, true]);
    let strange = cloned.dev.signed(&developer, "GET", "/books/_doc/1", b"");
    assert_eq!(strange.status, 403, "the account's own user is a stranger there");
    let record = running.newest(|record| record.action.as_deref() == Some("CloneAccount"));
    assert_eq!(record.service_reason.as_deref(), Some("test"));
}

#[test]
fn a_clone_that_is_removed_leaves_nothing_that_answers() {
    let running = Running::start();
    let cloned = clone(&running);
    let listening = running.service().state().listening();
    assert!(remove(&running, &cloned.account).starts_with("HTTP/1.1 200 "));
    assert_eq!(running.service().state().listening(), listening - 1);
    let form = [("Action", "GetCallerIdentity")];
    assert_eq!(running.query(&cloned.developer, "sts", &form).status, 403);
    assert!(remove(&running, &cloned.account).starts_with("HTTP/1.1 404 "));
    assert!(remove(&running, "123456789012").starts_with("HTTP/1.1 400 "), "no clone");
    assert_eq!(running.domain().signed(&running.developer(), "GET", "/", b"").status, 200);
}

#[test]
fn clones_are_gone_after_a_restart() {
    let folder = crate::service::scratch("clones");
    let running = Running::start_on(Some(folder.clone()));
    let cloned = clone(&running);
    running.stop();
    let running = Running::start_on(Some(folder.clone()));
    let directory = running.service().state().control.directory();
    assert!(directory.account(&cloned.account).is_none());
    assert!(directory.domains().all(|domain| domain.account == "123456789012"));
    running.stop();
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn who_may_not_move_a_clock_may_not_clone_either() {
    let running = Running::start();
    assert!(admin(&running, CLONE).starts_with("HTTP/1.1 405 "), "a page in a browser");
    let nobody = CLONE.replace("123456789012", "999988887777");
    assert!(admin(&running, &format!("{nobody}{}", test(&running))).starts_with("HTTP/1.1 404 "));
    let serving = Running::start_with(None, |options| {
        *options = server::StartOptions::server(options.settings.clone());
    });
    assert!(admin(&serving, &format!("{CLONE}{}", test(&running))).starts_with("HTTP/1.1 405 "));
}

#[test]
fn files_of_domains_that_a_test_made_in_a_clone_go_with_it() {
    let data = std::env::temp_dir().join(format!("countersign-clones-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&data);
    let running = Running::start_on(Some(data.clone()));
    let made =
        |account: &str| ["domains", "repositories"].map(|root| data.join(root).join(account));
    // Removed by the test, and left for the next start.
    let (removed, left) = (clone(&running).account, clone(&running).account);
    for folder in made(&removed).iter().chain(&made(&left)) {
        std::fs::create_dir_all(folder.join("us-east-1/own-1")).unwrap();
    }
    assert!(remove(&running, &removed).starts_with("HTTP/1.1 200 "));
    assert!(made(&removed).iter().all(|folder| !folder.exists()));
    running.stop();
    let running = Running::start_on(Some(data.clone()));
    assert!(made(&left).iter().all(|folder| !folder.exists()));
    running.stop();
    std::fs::remove_dir_all(data).unwrap();
}
