//! What was acknowledged survives `kill -9` at any moment: the service runs in a child process (this
//! test binary again), is killed in the middle of a bulk load, and is started again on its folder.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::client::{Client, Key};
use crate::service::{Running, scratch};

/// Tells the child which folder to serve.
const CHILD: &str = "COUNTERSIGN_IT_CHILD";

/// Documents in one bulk.
const BULK: usize = 50;

#[test]
#[ignore = "the child process of the kill -9 test"]
fn child() {
    let data = PathBuf::from(std::env::var(CHILD).expect("only the kill -9 test starts this"));
    let _running = Running::start_on(Some(data));
    println!("serving");
    loop {
        std::thread::park();
    }
}

#[test]
fn every_acknowledged_item_is_there_after_kill_9() {
    let data = scratch("kill9");
    let mut child = start_child(&data);
    let (domain, key) = client_of(&data);
    let acknowledged = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        let loader = scope.spawn(|| load(&domain, &key, &acknowledged));
        // Killed while a bulk is under way: the loader never pauses between two.
        while acknowledged.load(Ordering::Acquire) < 10 {
            assert!(!loader.is_finished(), "no bulk was acknowledged");
            std::thread::yield_now();
        }
        child.kill().unwrap();
        child.wait().unwrap();
    });
    let acknowledged = acknowledged.into_inner();

    let again = Running::start_on(Some(data.clone()));
    for bulk in 0..acknowledged {
        let docs: Vec<_> = (0..BULK).map(|n| serde_json::json!({ "_id": id(bulk, n) })).collect();
        let wanted = serde_json::json!({ "docs": docs }).to_string();
        let answer = again.domain().signed(&key, "POST", "/loaded/_mget", wanted.as_bytes());
        let found = answer.json();
        let docs = found["docs"].as_array().unwrap();
        assert_eq!(docs.len(), BULK);
        assert!(
            docs.iter().all(|doc| doc["found"] == true),
            "bulk {bulk} of {acknowledged}: {found}"
        );
    }
    again.stop();
    std::fs::remove_dir_all(data).unwrap();
}

/// Loads until the service is gone, counting the bulks whose whole answer arrived.
fn load(domain: &Client, key: &Key, acknowledged: &AtomicUsize) {
    loop {
        let bulk = acknowledged.load(Ordering::Acquire);
        let mut body = String::new();
        for n in 0..BULK {
            let action = serde_json::json!({ "index": { "_index": "loaded", "_id": id(bulk, n) } });
            body.push_str(&format!("{action}\n{{\"bulk\":{bulk},\"n\":{n}}}\n"));
        }
        match domain.try_signed(key, "POST", "/_bulk", body.as_bytes()) {
            Some(answer) if answer.status == 200 => {
                assert_eq!(answer.json()["errors"], false, "{}", answer.text());
                acknowledged.fetch_add(1, Ordering::AcqRel);
            }
            _ => return,
        }
    }
}

fn id(bulk: usize, n: usize) -> String {
    format!("{bulk}-{n}")
}

fn start_child(data: &PathBuf) -> Child {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--ignored", "--exact", "durability::child", "--nocapture"]).env(CHILD, data);
    let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
    let out = BufReader::new(child.stdout.take().unwrap());
    let serving = out.lines().map_while(Result::ok).any(|line| line.ends_with("serving"));
    assert!(serving, "the child does not serve");
    child
}

/// Domain `dev` and `developer`'s key, as the child's environment file tells them.
fn client_of(data: &std::path::Path) -> (Client, Key) {
    let env = std::fs::read_to_string(data.join("env")).unwrap();
    let variable = |name: &str| {
        let prefix = format!("export {name}=");
        env.lines().find_map(|line| line.strip_prefix(&prefix)).unwrap().to_owned()
    };
    let port = variable("COUNTERSIGN_ENDPOINT").rsplit_once(':').unwrap().1.parse().unwrap();
    let secret = sigv4::SecretKey::new(&variable("AWS_SECRET_ACCESS_KEY"));
    let key = Key { id: variable("AWS_ACCESS_KEY_ID"), secret, token: None };
    (Client::new(port, &std::fs::read_to_string(data.join("ca.pem")).unwrap()), key)
}
