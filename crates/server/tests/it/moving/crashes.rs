//! The service is killed at each step of a move: what its data folder is then is what a copy of it is at that moment.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use serde_json::json;
use server::PoolSettings;

use super::cluster::{Cluster, Does};
use super::{MIGRATION, Mover, fill};
use crate::client::Client;
use crate::service::{Running, scratch};

pub(super) fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap().flatten() {
        let (path, to) = (entry.path(), to.join(entry.file_name()));
        if path.is_dir() {
            copy(&path, &to);
        } else {
            // Files that are replaced meanwhile are gone under their old names.
            let _ = std::fs::copy(path, to);
        }
    }
}

/// The steps at which the service is killed: requests that change the cluster, counted from the first.
fn steps(seed: u64, count: usize) -> Vec<usize> {
    let mut state = seed;
    let mut step = || {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).unwrap() % 9
    };
    (0..count).map(|_| step()).collect()
}

#[test]
fn a_service_that_is_killed_at_any_step_serves_the_domain_from_here_and_moves_it_the_next_time() {
    let (folder, copies) = (scratch("moves-killed"), scratch("moves-killed-copies"));
    let mover = Mover::start(Some(folder.clone()));
    fill(&mover, 50);
    mover.put("PUT /a", json!({}));
    mover.put("PUT /b/_doc/1", json!({"n": 1}));
    mover.put("PUT /_template/t", json!({"index_patterns": ["t-*"]}));
    mover.put("POST /_aliases", json!({"actions": [{"add": {"index": "a", "alias": "al"}}]}));
    let (wanted, nth) = (steps(20_261_130, 4), AtomicUsize::new(0));
    let taken: Arc<Mutex<Vec<PathBuf>>> = Arc::default();
    let take = Arc::clone(&taken);
    mover.cluster.does(move |request| {
        // Also while writes wait.
        let wanted = match request.writes() {
            true => wanted.contains(&nth.fetch_add(1, Ordering::SeqCst)),
            false => request.path == "/_search",
        };
        if wanted {
            let mut taken = take.lock().unwrap();
            let to = copies.join(taken.len().to_string());
            copy(&folder, &to);
            taken.push(to);
        }
        Does::Answers
    });
    assert_eq!(mover.moved()["phase"], "moved");
    let taken = taken.lock().unwrap().clone();
    assert!(taken.len() >= 2, "{taken:?}");
    // While the domains have their ports: none of these must be given to a cluster.
    let clusters: Vec<Cluster> = taken.iter().map(|_| Cluster::start()).collect();
    drop(mover);
    for (folder, cluster) in taken.into_iter().zip(clusters) {
        // The half copy was another cluster's: what is there is not this service's, and nothing is.
        let url = cluster.url();
        let running = Running::start_with(Some(folder.clone()), |options| {
            let pool = PoolSettings::new(String::new(), vec![url]);
            options.settings.pools = [("main".to_owned(), pool)].into();
        });
        let domains = running.service().domains();
        let port = domains["books"].rsplit_once(':').unwrap().1.parse().unwrap();
        let books = Client::new(port, &running.ca());
        let key = running.developer();
        let told = books.signed(&key, "GET", "/logs/_count", b"");
        assert_eq!(told.json()["count"], 50, "{folder:?}: {}", told.text());
        let written = books.signed(&key, "PUT", "/logs/_doc/after", b"{\"n\":1}");
        assert_eq!(written.status, 201, "{folder:?}: {}", written.text());
        let control = running.control("es");
        let told = control.signed(&key, "GET", MIGRATION, b"").json();
        assert_eq!(told["phase"], "interrupted", "{folder:?}: {told}");
        assert!(told["next"].as_str().unwrap().contains("--abort"), "{told}");
        let begun = control.signed(&key, "POST", &format!("{MIGRATION}?to=main"), b"");
        assert_eq!(begun.status, 200, "{}", begun.text());
        let mut told = json!(null);
        assert!(
            running.eventually(|_| {
                told = control.signed(&key, "GET", MIGRATION, b"").json();
                told["phase"] == "moved"
            }),
            "{folder:?}: {told}"
        );
        assert_eq!(cluster.count("logs"), 51, "{folder:?}");
        drop(running);
        let _ = std::fs::remove_dir_all(folder);
    }
}
