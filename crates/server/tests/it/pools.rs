//! Pools of kind `process`: nodes that the service starts, finds again and ends. What is started here is a script in the place of OpenSearch;
//! a real one is `conformance/python/test_pools.py`'s.
#![cfg(target_os = "linux")]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use serde_json::{Value, json};
use server::{KubernetesPool, PoolKind, PoolSettings, ProcessPool, StartOptions};

use crate::service::{Running, scratch};

const DOMAINS: &str = "arn:aws:es:us-east-1:123456789012:domain/n*";

/// A folder with an installation whose program is a script, and the service's data.
struct Site {
    folder: PathBuf,
    ports: (u16, u16),
}

impl Site {
    fn new(name: &str, script: &str, ports: (u16, u16)) -> Self {
        let folder = scratch(name);
        for file in ["bin/opensearch", "config/jvm.options", "config/log4j2.properties"] {
            let path = folder.join("installation").join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(0o700)).unwrap();
        }
        Self { folder, ports }
    }

    fn start(&self, edit: impl FnOnce(&mut ProcessPool)) -> Running {
        self.start_in("data", edit, |_options| {})
    }

    /// A service in a folder of its own.
    fn start_in(
        &self,
        folder: &str,
        edit: impl FnOnce(&mut ProcessPool),
        choose: impl FnOnce(&mut StartOptions),
    ) -> Running {
        let mut nodes = ProcessPool {
            installation: self.folder.join("installation"),
            ports: self.ports,
            ..ProcessPool::default()
        };
        edit(&mut nodes);
        let pool = PoolSettings {
            kind: PoolKind::Process(nodes),
            ..PoolSettings::new(DOMAINS.to_owned(), Vec::new())
        };
        Running::start_with(Some(self.folder.join(folder)), |options| {
            options.settings.pools = [("here".to_owned(), pool)].into();
            choose(options);
        })
    }

    /// The folder of the domain's nodes, once it is there.
    fn nodes(&self) -> Option<PathBuf> {
        let all = self.folder.join("data/domains/123456789012/us-east-1");
        let mut domains = fs::read_dir(all).ok()?.flatten();
        let named = domains.find(|entry| entry.file_name().to_string_lossy().starts_with("nodes-"));
        Some(named?.path().join("nodes")).filter(|path| path.is_dir())
    }

    /// The processes that have the tokens of the nodes' record.
    fn processes(&self) -> Vec<u64> {
        let record = self.nodes().and_then(|nodes| fs::read(nodes.join("cluster.json")).ok());
        let record: Value = serde_json::from_slice(&record.unwrap_or_default()).unwrap_or_default();
        let nodes = record["nodes"].as_array().cloned().unwrap_or_default();
        nodes.iter().filter_map(|node| node["process"]["pid"].as_u64()).collect()
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.folder).ok();
    }
}

fn runs(pid: u64) -> bool {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit_once(") ").is_some_and(|(_, rest)| !rest.starts_with(['Z', 'X']))
}

fn ask(running: &Running, method: &str, path: &str, body: &Value) -> Value {
    let (control, key) = (running.control("es"), running.developer());
    let body = if body.is_null() { String::new() } else { body.to_string() };
    let target = format!("/2021-01-01/opensearch/domain{path}");
    let told = control.signed(&key, method, &target, body.as_bytes());
    assert_eq!(told.status, 200, "{}", told.text());
    told.json()
}

fn create(running: &Running, count: usize) {
    let cluster = json!({"InstanceType": "t3.small.search", "InstanceCount": count});
    let input = json!({"DomainName": "nodes", "EngineVersion": "OpenSearch_2.19", "ClusterConfig": cluster});
    ask(running, "POST", "", &input);
}

/// What the domain's progress says, stage by stage.
fn told(running: &Running) -> String {
    let progress = ask(running, "GET", "/nodes/progress", &Value::Null);
    progress["ChangeProgressStatus"]["ChangeProgressStages"].to_string()
}

fn gone(path: Option<PathBuf>) -> bool {
    path.is_none_or(|path| !path.exists())
}

#[test]
fn a_node_that_cannot_start_is_told_of_and_leaves_nothing_when_its_domain_is_deleted() {
    let site = Site::new("pool-fails", "echo 'no memory left'; exit 7", (24_100, 24_119));
    let running = site.start(|_pool| {});
    create(&running, 1);
    let says_why = running.eventually(|running| told(running).contains("no memory left"));
    assert!(says_why, "{}", told(&running));
    let seen = told(&running);
    assert!(
        seen.contains("0 of 1 nodes are in the cluster; node-1: it ended (exit status: 7)"),
        "{seen}"
    );
    let status = ask(&running, "GET", "/nodes", &Value::Null)["DomainStatus"].clone();
    assert_eq!((&status["Processing"], &status["Endpoint"]), (&json!(true), &json!(null)));
    let nodes = site.nodes();
    assert!(nodes.is_some());
    ask(&running, "DELETE", "/nodes", &Value::Null);
    assert!(running.eventually(|_| gone(nodes.clone())));
    running.stop();
}

#[test]
fn more_than_the_pool_has_is_refused_by_its_limit() {
    let site = Site::new("pool-limit", "exec sleep 600", (24_120, 24_139));
    let running = site.start(|pool| pool.nodes_per_domain = 2);
    create(&running, 3);
    let why = "pools.here has 2 nodes for a domain, 3 are wanted";
    assert!(running.eventually(|running| told(running).contains(why)), "{}", told(&running));
    assert!(site.processes().is_empty());
    running.stop();
}

#[test]
fn nodes_end_with_the_service() {
    let site = Site::new("pool-ends", "exec sleep 600", (24_140, 24_159));
    let running = site.start(|_pool| {});
    create(&running, 1);
    assert!(running.eventually(|_| site.processes().len() == 1));
    let pid = site.processes()[0];
    assert!(runs(pid));
    running.stop();
    assert!(!runs(pid));
}

#[test]
fn nodes_that_outlive_the_service_are_found_again_and_end_with_their_domain() {
    let site = Site::new("pool-stays", "exec sleep 600", (24_160, 24_179));
    let running = site.start(|pool| pool.stop_with_service = false);
    create(&running, 1);
    assert!(running.eventually(|_| site.processes().len() == 1));
    let pid = site.processes();
    running.stop();
    assert!(runs(pid[0]));
    let running = site.start(|pool| pool.stop_with_service = false);
    let nodes = ask(&running, "GET", "/nodes/nodes", &Value::Null);
    assert_eq!(nodes["DomainNodesStatusList"][0]["NodeId"], "node-1", "{nodes}");
    assert!(running.eventually(|running| told(running).contains("0 of 1 nodes")));
    assert_eq!(site.processes(), pid, "no second one is started");
    ask(&running, "DELETE", "/nodes", &Value::Null);
    assert!(running.eventually(|_| gone(site.nodes())));
    assert!(!runs(pid[0]));
    running.stop();
}

#[test]
fn a_domain_that_the_engine_has_indices_of_stays_there() {
    let site = Site::new("pool-engine", "exit 7", (24_180, 24_199));
    let running = Running::start_on(Some(site.folder.join("data")));
    create(&running, 1);
    assert!(running.eventually(|running| running.service().domains().contains_key("nodes")));
    running.stop();
    let running = site.start(|_pool| {});
    assert!(running.service().domains().contains_key("nodes"));
    assert!(site.nodes().is_none());
    running.stop();
}

#[test]
fn a_manifest_is_written_for_a_domain_and_goes_with_it() {
    let folder = scratch("pool-manifests");
    let kind = PoolKind::Kubernetes(KubernetesPool {
        manifests: folder.join("manifests"),
        namespace: "search".to_owned(),
    });
    let stub = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let pool = PoolSettings::new(DOMAINS.to_owned(), vec![format!("http://{stub}")]);
    let running = Running::start_with(Some(folder.join("data")), |options| {
        options.settings.pools = [("k8s".to_owned(), PoolSettings { kind, ..pool })].into();
    });
    let manifest = || fs::read_to_string(folder.join("manifests/nodes.yaml")).unwrap_or_default();
    create(&running, 3);
    assert!(running.eventually(|_| manifest().contains("replicas: 3")));
    assert!(
        running.eventually(|running| told(running).contains("can be reached")),
        "{}",
        told(&running)
    );
    let cluster = json!({"ClusterConfig": {"InstanceCount": 2}});
    ask(&running, "POST", "/nodes/config", &cluster);
    assert!(running.eventually(|_| manifest().contains("replicas: 2")));
    ask(&running, "DELETE", "/nodes", &Value::Null);
    assert!(running.eventually(|_| manifest().is_empty()));

    let old = json!({"DomainName": "nold", "EngineVersion": "Elasticsearch_7.10"});
    ask(&running, "POST", "", &old);
    let progress = || ask(&running, "GET", "/nold/progress", &Value::Null).to_string();
    let why = "pools.k8s: the operator runs OpenSearch, and the domain is Elasticsearch_7.10";
    assert!(running.eventually(|_| progress().contains(why)), "{}", progress());
    running.stop();
    fs::remove_dir_all(folder).unwrap();
}

mod on_postgres {
    use control::PostgresUrl;

    use super::*;
    use crate::postgres_server::PostgresServer;

    #[test]
    #[ignore = "needs PostgreSQL"]
    fn a_gateway_that_runs_no_node_of_a_domain_tells_of_those_that_another_runs() {
        let site = Site::new("pool-gateways", "exec sleep 600", (24_200, 24_219));
        fs::write(site.folder.join("sealing.key"), "07".repeat(32)).unwrap();
        let server = PostgresServer::start();
        server.database("state");
        let gateway = |folder: &str, address: &str| {
            site.start_in(
                folder,
                |_pool| {},
                |options| {
                    options.settings.domains.listen = address.parse().unwrap();
                    let state = &mut options.settings.state;
                    state.url = PostgresUrl::read(&server.url("state"));
                    state.sealing_key_file = Some(site.folder.join("sealing.key"));
                },
            )
        };
        let one = gateway("data", "127.0.0.1");
        let two = gateway("other", "127.0.0.2");
        create(&one, 2);
        let seen = |gateway: &Running| {
            let nodes = ask(gateway, "GET", "/nodes/nodes", &Value::Null);
            let health = ask(gateway, "GET", "/nodes/health", &Value::Null);
            (nodes.to_string(), health.to_string(), told(gateway))
        };
        let starts = |gateway: &Running| {
            let (nodes, health, progress) = seen(gateway);
            nodes.contains("\"node-1\"")
                && nodes.matches("NodeId").count() == 2
                && !nodes.contains("\"Active\"")
                && health.contains("\"DataNodeCount\":\"2\"")
                && progress.contains("0 of 2 nodes are in the cluster")
        };
        assert!(one.eventually(starts), "{:?}", seen(&one));
        assert!(two.eventually(starts), "{:?}", seen(&two));
        one.stop();
        two.stop();
    }
}
