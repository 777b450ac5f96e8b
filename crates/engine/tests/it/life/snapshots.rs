//! `_snapshot`. The real servers were started with a `path.repo`, below which the locations are.

use engine::rest::Flavor;
use engine::{Engine, EngineSettings, View, Work};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::cases::{Setup, asks};
use crate::domain::Domain;

/// Two indices, one with an alias.
fn indices() -> Setup {
    let one = json!({
        "settings": {"number_of_shards": 1, "number_of_replicas": 0, "refresh_interval": "7s"},
        "mappings": {"properties": {"a": {"type": "long"}}}, "aliases": {"al": {}}
    });
    let two = json!({"settings": {"number_of_shards": 2, "number_of_replicas": 0}});
    Setup::index("i1", one, json!([{"a": 1}, {"a": 2}])).and("i2", two, json!([{"b": "x"}]))
}

#[test]
fn e17_a_repository_is_checked_when_it_is_put() {
    asks!(
        Setup::nothing(),
        "PUT /_snapshot/c1" => {},
        "PUT /_snapshot/c1" => {"type": "fs"},
        "PUT /_snapshot/c1" => {"type": "nope", "settings": {}},
        "PUT /_snapshot/c1" => {"type": "s3", "settings": {"bucket": "b"}},
        "PUT /_snapshot/c1" => {"type": "fs", "settings": {"location": "/etc/x"}},
        "PUT /_snapshot/c1" => {"type": "fs", "settings": {"location": "../x"}},
        "PUT /_snapshot/c%20x" => {"type": "fs", "settings": {"location": "a"}},
        "GET /_snapshot/c1",
        "POST /_snapshot/c1/_verify"
    );
}

#[test]
fn a_repository_is_told_and_forgotten() {
    asks!(
        Setup::nothing(),
        "PUT /_snapshot/f1" => {"type": "fs", "settings": {"location": "f1", "compress": true}},
        "GET /_snapshot",
        "GET /_snapshot/f1",
        "GET /_snapshot/nope",
        "GET /_snapshot/nope*",
        "POST /_snapshot/nope/_verify",
        "POST /_snapshot/f1/_cleanup",
        "GET /_cat/repositories?v",
        "GET /_snapshot/f1/_all",
        "DELETE /_snapshot/f1",
        "DELETE /_snapshot/f1",
        "GET /_snapshot/*"
    );
}

#[test]
fn a_snapshot_is_made_told_and_deleted() {
    asks!(
        indices(),
        "PUT /_snapshot/m1" => {"type": "fs", "settings": {"location": "m1"}},
        "PUT /_snapshot/m1/s1" => {"indices": "nope"},
        "PUT /_snapshot/m1/S1" => {},
        "PUT /_snapshot/m1/_s" => {},
        "PUT /_snapshot/nope/s1" => {},
        "PUT /_snapshot/m1/s1?wait_for_completion=true&filter_path=snapshot.snapshot,snapshot.indices,snapshot.shards,snapshot.state,snapshot.failures,snapshot.include_global_state,snapshot.version*,snapshot.data_streams" => {"indices": "i*", "include_global_state": false},
        "PUT /_snapshot/m1/s1?wait_for_completion=true" => {"indices": "i1"},
        "PUT /_snapshot/m1/s2?wait_for_completion=true&filter_path=snapshot.indices,snapshot.metadata" => {"indices": "i1", "metadata": {"by": "me"}},
        "GET /_snapshot/m1/s1?verbose=false",
        "GET /_snapshot/m1/_all?verbose=false",
        "GET /_snapshot/m1/s*?filter_path=snapshots.snapshot,snapshots.shards",
        "GET /_snapshot/m1/nope",
        "GET /_snapshot/m1/nope*",
        "GET /_snapshot/m1/nope,s1?ignore_unavailable=true&verbose=false",
        "GET /_snapshot/m1/_current",
        "GET /_snapshot/_status",
        "GET /_snapshot/m1/nope/_status",
        "GET /_snapshot/m1/s1/_status?filter_path=snapshots.snapshot,snapshots.state,snapshots.shards_stats,snapshots.indices.*.shards_stats,snapshots.indices.*.shards.*.stage",
        "GET /_cat/snapshots/m1?v&h=id,status,indices,successful_shards,failed_shards,total_shards",
        "DELETE /_snapshot/m1/nope",
        "DELETE /_snapshot/m1/s2",
        "GET /_snapshot/m1/_all?verbose=false",
        "DELETE /_snapshot/m1/s*",
        "GET /_snapshot/m1/_all",
        "DELETE /_snapshot/m1"
    );
}

#[test]
fn a_snapshot_is_restored_under_another_name() {
    asks!(
        indices(),
        "PUT /_snapshot/n1" => {"type": "fs", "settings": {"location": "n1"}},
        "PUT /_snapshot/n1/s1?wait_for_completion=true&filter_path=snapshot.state" => {"indices": "i1,i2", "include_global_state": false},
        "PUT /i1/_doc/9?refresh=true" => {"a": 9},
        "POST /_snapshot/n1/s1/_restore?wait_for_completion=true" => {"indices": "i1", "rename_pattern": "(.+)", "rename_replacement": "re-$1", "include_aliases": false, "index_settings": {"index.number_of_replicas": 1}, "ignore_index_settings": ["index.refresh_interval"]},
        "GET /re-i1/_search?sort=a",
        "GET /re-i1/_doc/0",
        "GET /re-i1/_mapping",
        "GET /re-i1/_alias",
        "GET /re-i1/_settings?filter_path=*.settings.index.number_of*,*.settings.index.refresh_interval,*.settings.index.provided_name",
        "PUT /re-i1/_doc/0?refresh=true" => {"a": 5},
        "GET /re-i1/_count",
        "POST /_snapshot/n1/s1/_restore?wait_for_completion=true" => {"indices": "i2", "rename_pattern": "i", "rename_replacement": "k"},
        "GET /k2/_search",
        "DELETE /_snapshot/n1/s1",
        "DELETE /_snapshot/n1"
    );
}

/// Two data streams, the first with two indices behind it.
fn streams() -> Setup {
    let template = json!({"index_patterns": ["d-*"], "data_stream": {},
        "template": {"settings": {"number_of_shards": 1, "number_of_replicas": 0}}});
    let document = |n: u8| json!({"@timestamp": format!("2026-11-30T12:00:0{n}Z"), "n": n});
    Setup::nothing()
        .of_opensearch()
        .and_then("PUT /_index_template/d", template)
        .and_then("POST /d-one/_doc?filter_path=result", document(1))
        .and_then("POST /d-one/_rollover?filter_path=rolled_over", json!({}))
        .and_then("POST /d-one/_doc?refresh=true&filter_path=result", document(2))
        .and_then("POST /d-two/_doc?refresh=true&filter_path=result", document(3))
}

#[test]
fn a_data_stream_comes_back_with_the_indices_behind_it() {
    asks!(
        streams(),
        "PUT /_snapshot/q1" => {"type": "fs", "settings": {"location": "q1"}},
        "PUT /_snapshot/q1/s1?wait_for_completion=true&filter_path=snapshot.state" => {},
        "POST /_snapshot/q1/s1/_restore?wait_for_completion=true&filter_path=snapshot.shards" => {"indices": "d-one", "rename_pattern": "^d-", "rename_replacement": "d-re-"},
        "GET /_data_stream/d-re-one",
        "GET /d-re-one/_search?sort=n&filter_path=hits.hits._index,hits.hits._source",
        "POST /d-re-one/_rollover?filter_path=old_index,new_index",
        "DELETE /_data_stream/d-one",
        "DELETE /_data_stream/d-two",
        "POST /_snapshot/q1/s1/_restore?wait_for_completion=true&filter_path=snapshot.shards" => {"indices": "d-*"},
        "GET /_data_stream?filter_path=data_streams.name,data_streams.generation",
        "POST /_snapshot/q1/s1/_restore?wait_for_completion=true" => {"indices": "d-nope"},
        "DELETE /_data_stream/d-two",
        "POST /_snapshot/q1/s1/_restore?wait_for_completion=true&filter_path=snapshot.indices" => {"indices": ".ds-d-two-000001"},
        "GET /_data_stream?filter_path=data_streams.name",
        "GET /.ds-d-two-000001/_count?filter_path=count",
        "DELETE /_snapshot/q1/s1",
        "DELETE /_snapshot/q1",
        "DELETE /_data_stream/*",
        "DELETE /_index_template/d"
    );
}

/// A domain with a snapshot of a data stream that has two indices behind it.
fn with_stream() -> Domain {
    let domain = filled(Domain::opensearch());
    domain.ok("PUT /_index_template/d", r#"{"index_patterns":["d-*"],"data_stream":{}}"#);
    domain.ask("POST /d-one/_doc", r#"{"@timestamp":"2026-11-30T12:00:00Z"}"#);
    domain.ok("POST /d-one/_rollover", "");
    domain.ok("PUT /_snapshot/r/streams?wait_for_completion=true", "{}");
    domain
}

#[test]
fn a_restored_data_stream_has_a_name_that_one_may_have() {
    let domain = with_stream();
    domain.ok("DELETE /_data_stream/d-one", "");
    domain.ok("DELETE /i", "");
    for name in ["*", "A", "a,b", ".x"] {
        let body =
            json!({"indices": "d-one", "rename_pattern": "^d-one$", "rename_replacement": name});
        let (status, answer) = domain.ask("POST /_snapshot/r/streams/_restore", &body.to_string());
        assert_eq!(status, 400, "{name}: {answer}");
    }
}

#[test]
fn a_clone_of_a_part_of_a_data_stream_has_no_stream() {
    let domain = with_stream();
    let part = r#"{"indices":".ds-d-one-000001"}"#;
    domain.ok("PUT /_snapshot/r/streams/_clone/part", part);
    domain.ok("DELETE /_data_stream/d-one", "");
    let told = domain.ok("GET /_snapshot/r/part", "");
    assert_eq!(told["snapshots"][0]["data_streams"], json!([]));
    domain.ok("POST /_snapshot/r/part/_restore", "{}");
    assert_eq!(domain.ok("GET /.ds-d-one-000001/_count", "")["count"], 1);
}

#[test]
fn an_index_is_restored_in_the_place_of_a_closed_one() {
    asks!(
        indices(),
        "PUT /_snapshot/p1" => {"type": "fs", "settings": {"location": "p1"}},
        "PUT /_snapshot/p1/s1?wait_for_completion=true&filter_path=snapshot.state" => {"indices": "i1", "include_global_state": false},
        "PUT /i1/_doc/9?refresh=true" => {"a": 9},
        "POST /i1/_close?filter_path=acknowledged",
        "POST /_snapshot/p1/s1/_restore?wait_for_completion=true" => {"indices": "i1"},
        "GET /i1/_search?sort=a&filter_path=hits.hits._id",
        "GET /i1/_alias",
        "DELETE /_snapshot/p1/s1",
        "DELETE /_snapshot/p1"
    );
}

#[test]
fn what_cannot_be_restored_is_refused_in_the_real_servers_words() {
    asks!(
        indices(),
        "PUT /_snapshot/w1" => {"type": "fs", "settings": {"location": "w1"}},
        "PUT /_snapshot/w1/s1?wait_for_completion=true&filter_path=snapshot.state" => {"include_global_state": false},
        "POST /_snapshot/w1/nope/_restore",
        "POST /_snapshot/w1/s1/_restore" => {"indices": "nope"},
        "POST /_snapshot/w1/s1/_restore?wait_for_completion=true" => {"indices": "nope", "ignore_unavailable": true},
        "POST /_snapshot/w1/s1/_restore" => {"foo": "nope"},
        "POST /_snapshot/w1/s1/_restore" => {"indices": "i1", "rename_pattern": "i", "rename_replacement": "J"},
        "PUT /_snapshot/w1/s1/_clone/s3" => {},
        "PUT /_snapshot/w1/s1/_clone/s3" => {"indices": "i1"},
        "DELETE /_snapshot/w1/s*",
        "DELETE /_snapshot/w1"
    );
}

#[test]
fn a_repository_that_only_reads_is_not_written_to() {
    for domain in [Domain::elasticsearch(), Domain::opensearch()] {
        domain.ok("PUT /_snapshot/r", PUT_R);
        domain.ok("PUT /_snapshot/r/s1", "{}");
        let reads = PUT_R.replace("\"location\"", "\"readonly\":true,\"location\"");
        domain.ok("PUT /_snapshot/r", &reads);
        let create = "[r] cannot create snapshot in a readonly repository";
        assert_eq!(domain.refused("PUT /_snapshot/r/s9", ""), (500, create.to_owned()));
        let delete = "[r] cannot delete snapshot from a readonly repository";
        assert_eq!(domain.refused("DELETE /_snapshot/r/s1", ""), (500, delete.to_owned()));
        domain.ok("GET /_snapshot/r/s1", "");
    }
}

const PUT_R: &str = r#"{"type":"fs","settings":{"location":"r"}}"#;

fn domain() -> Domain {
    filled(Domain::opensearch())
}

/// With a repository that has a snapshot of 20 documents.
fn filled(domain: Domain) -> Domain {
    domain.ok("PUT /_snapshot/r", PUT_R);
    domain.ok("PUT /i", r#"{"settings":{"number_of_shards":2}}"#);
    for id in 0..20 {
        domain.ask(&format!("PUT /i/_doc/{id}?refresh=true"), r#"{"a":1}"#);
    }
    domain.ok("PUT /_snapshot/r/s1?wait_for_completion=true", "{}");
    domain
}

/// Files below the repository's folder of indices.
fn files(domain: &Domain) -> Vec<std::path::PathBuf> {
    let folders = std::fs::read_dir(domain.repositories().join("r/indices")).unwrap().flatten();
    let files = folders.flat_map(|folder| std::fs::read_dir(folder.path()).unwrap().flatten());
    files.map(|file| file.path()).collect()
}

#[test]
fn what_a_snapshot_has_already_is_not_written_again() {
    let domain = domain();
    let before = files(&domain).len();
    domain.ask("DELETE /i/_doc/3?refresh=true", "");
    domain.ok("PUT /_snapshot/r/s2?wait_for_completion=true", "{}");
    let stats = domain.ok("GET /_snapshot/r/s2/_status", "");
    let stats = &stats["snapshots"][0]["stats"];
    let count = |which: &str| stats[which]["file_count"].as_u64().unwrap();
    assert!(count("incremental") < count("total"), "{stats}");
    assert!(files(&domain).len() < 2 * before + 2);
    // Each stands on its own: the first one goes, the second is whole.
    domain.ok("DELETE /_snapshot/r/s1", "");
    domain
        .ok("POST /_snapshot/r/s2/_restore", r#"{"rename_pattern":"^","rename_replacement":"x"}"#);
    assert_eq!(domain.ok("GET /xi/_count", "")["count"], 19);
    domain.ok("DELETE /_snapshot/r/s2", "");
    assert!(!domain.repositories().join("r/indices").exists() || files(&domain).is_empty());
}

/// As OpenSearch 2.19.1 answers.
#[test]
fn the_recovery_of_a_restored_index_names_the_snapshot_and_what_was_copied() {
    let domain = domain();
    let renamed = r#"{"rename_pattern":"^","rename_replacement":"x"}"#;
    domain.ok("POST /_snapshot/r/s1/_restore?wait_for_completion=true", renamed);
    let told = domain.ok("GET /xi/_recovery", "");
    let shard = &told["xi"]["shards"][0];
    assert_eq!(shard["type"], "SNAPSHOT");
    let mut source = shard["source"].clone();
    assert_eq!(source["restoreUUID"].take().as_str().map(str::len), Some(22));
    let expected = json!({"repository": "r", "snapshot": "s1", "version": "2.19.1", "index": "i",
        "restoreUUID": null, "isSearchableSnapshot": false, "remoteStoreIndexShallowCopy": false,
        "sourceRemoteStoreRepository": null, "sourceRemoteTranslogRepository": null});
    assert_eq!(source, expected);
    let size = &shard["index"]["size"];
    assert!(size["recovered_in_bytes"].as_u64() > Some(0), "{size}");
    assert_eq!((&size["reused_in_bytes"], &size["percent"]), (&json!(0), &json!("100.0%")));
    let columns = "h=shard,type,repository,snapshot,files_percent";
    let table = domain.text(&format!("GET /_cat/recovery/xi?{columns}"), "").1;
    assert_eq!(table, "0 snapshot r s1 100.0%\n1 snapshot r s1 0.0%\n");
    domain.ok("POST /xi/_close", "");
    domain.ok("POST /xi/_open", "");
    let table = domain.text("GET /_cat/recovery/xi?h=shard,type,repository", "").1;
    assert_eq!(table, "0 existing_store n/a\n1 existing_store n/a\n");
}

#[test]
fn a_snapshot_that_the_disk_has_no_room_for_is_not_fetched() {
    let domain = filled(Domain::with_room(100));
    let body = r#"{"rename_pattern":"^","rename_replacement":"x"}"#;
    let (status, reason) = domain.refused("POST /_snapshot/r/s1/_restore", body);
    assert!(status == 500 && reason.ends_with("the disk has room for [100]"), "{reason}");
}

#[test]
fn e16_a_file_that_is_torn_longer_flipped_or_missing_is_refused() {
    type Harm = fn(&std::path::Path);
    let harms: [(&str, Harm); 4] = [
        ("longer", |path| {
            let mut bytes = std::fs::read(path).unwrap();
            bytes.push(0);
            std::fs::write(path, bytes).unwrap();
        }),
        ("torn", |path| {
            let bytes = std::fs::read(path).unwrap();
            std::fs::write(path, &bytes[..bytes.len() / 2]).unwrap();
        }),
        ("flipped", |path| {
            let mut bytes = std::fs::read(path).unwrap();
            let middle = bytes.len() / 2;
            bytes[middle] ^= 1;
            std::fs::write(path, bytes).unwrap();
        }),
        ("missing", |path| std::fs::remove_file(path).unwrap()),
    ];
    for (what, harm) in harms {
        let domain = domain();
        harm(&files(&domain)[0]);
        let body = r#"{"rename_pattern":"^","rename_replacement":"x"}"#;
        let (status, answer) = domain.ask("POST /_snapshot/r/s1/_restore", body);
        assert_eq!(status, 500, "{what}: {answer}");
        assert_eq!(domain.ask("GET /xi", "").0, 404, "{what}");
        assert_eq!(domain.ok("GET /i/_count", "")["count"], 20);
    }
}

#[test]
fn what_is_told_of_a_damaged_repository_names_no_folder() {
    let domain = domain();
    let path = domain.repositories().join("r/repository.json");
    std::fs::write(&path, "no").unwrap();
    let (status, answer) = domain.ask("PUT /_snapshot/again", PUT_R);
    assert_eq!(status, 500);
    assert!(!answer.to_string().contains("countersign-test"), "{answer}");
}

#[test]
fn the_state_of_the_cluster_comes_back_with_templates_and_pipelines() {
    let domain = Domain::elasticsearch();
    domain.ok("PUT /_snapshot/r", PUT_R);
    domain.ok("PUT /_index_template/t", r#"{"index_patterns":["t*"]}"#);
    domain.ok("PUT /_ingest/pipeline/p", r#"{"processors":[]}"#);
    domain.ok("PUT /_snapshot/r/s", "{}");
    domain.ok("DELETE /_index_template/t", "");
    domain.ok("DELETE /_ingest/pipeline/p", "");
    domain.ok("POST /_snapshot/r/s/_restore", "{}");
    assert_eq!(domain.ask("GET /_index_template/t", "").0, 404, "not asked for");
    domain.ok("POST /_snapshot/r/s/_restore", r#"{"include_global_state":true}"#);
    domain.ok("GET /_index_template/t", "");
    domain.ok("GET /_ingest/pipeline/p", "");
    domain.ok("PUT /_snapshot/r/none", r#"{"include_global_state":false}"#);
    let (_, reason) =
        domain.refused("POST /_snapshot/r/none/_restore", r#"{"include_global_state":true}"#);
    assert!(reason.ends_with("since the snapshot was created without global state"), "{reason}");
}

/// An engine on disk, asked as somebody who may do everything.
fn on_disk(folder: &std::path::Path) -> Engine {
    let settings = EngineSettings {
        directory: Some(folder.join("data")),
        flavor: Flavor::OpenSearch219,
        cluster_name: "test".to_owned(),
        publish_address: "127.0.0.1:9200".to_owned(),
    };
    let engine = Engine::open(settings, Timestamp::UNIX_EPOCH).unwrap();
    engine.with_repositories(folder.join("repositories")).unwrap()
}

fn ask(engine: &Engine, line: &str, body: &str) -> Value {
    let (method, target) = line.split_once(' ').unwrap();
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let route = engine::rest::route(method, path, query, Flavor::OpenSearch219).unwrap();
    let body = bytes::Bytes::copy_from_slice(body.as_bytes());
    let work = Work::unbounded();
    let parsed = engine::rest::parse(route, Some("application/json"), body, &work).unwrap();
    let view = View::everything("someone");
    let now = Timestamp::UNIX_EPOCH;
    let answer = engine.execute(&parsed, &engine.metadata(), &view, now, &work);
    assert!(answer.status < 300, "{line}: {}", String::from_utf8_lossy(&answer.body));
    serde_json::from_slice(&answer.body).unwrap()
}

#[test]
fn snapshots_and_what_was_restored_outlive_the_process() {
    let folder = std::env::temp_dir().join(format!("countersign-snapshots-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&folder);
    {
        let engine = on_disk(&folder);
        ask(&engine, "PUT /_snapshot/r", PUT_R);
        for id in 0..5 {
            ask(&engine, &format!("PUT /i/_doc/{id}"), r#"{"a":1,"t":"word"}"#);
        }
        ask(&engine, "DELETE /i/_doc/1?refresh=true", "");
        ask(&engine, "PUT /_snapshot/r/s", "{}");
        ask(&engine, "DELETE /i", "");
        ask(&engine, "POST /_snapshot/r/s/_restore", "{}");
        assert_eq!(ask(&engine, "GET /i/_count", "")["count"], 4);
        ask(&engine, "PUT /i/_doc/7?refresh=true", r#"{"a":1}"#);
    }
    {
        let engine = on_disk(&folder);
        assert_eq!(ask(&engine, "GET /i/_count", "")["count"], 5);
        assert_eq!(ask(&engine, "GET /i/_count?q=t:word", "")["count"], 4);
        let told = ask(&engine, "GET /_snapshot/r/_all", "");
        assert_eq!(told["snapshots"][0]["snapshot"], "s");
        ask(
            &engine,
            "POST /_snapshot/r/s/_restore",
            r#"{"rename_pattern":"i","rename_replacement":"j"}"#,
        );
        assert_eq!(ask(&engine, "GET /j/_count", "")["count"], 4);
    }
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn a_url_reads_a_folder_of_the_domains_own_and_nothing_else() {
    let domain = domain();
    let folder = domain.repositories().join("r");
    let put = |url: &str| format!(r#"{{"type":"url","settings":{{"url":"{url}"}}}}"#);
    for url in ["file:/etc", "file:///etc/../etc", "http://example.org/", "file:r", "nope://x"] {
        let (status, answer) = domain.ask("PUT /_snapshot/u", &put(url));
        assert_eq!((status, answer["error"]["type"].as_str()), (500, Some("repository_exception")));
    }
    domain.ok("PUT /_snapshot/u", &put(&format!("file://{}", folder.display())));
    assert_eq!(domain.ok("GET /_snapshot/u", "")["u"]["type"], "url");
    let told = domain.refused("PUT /_snapshot/u/s2", "{}");
    assert_eq!(told, (500, "[u] cannot create snapshot in a readonly repository".to_owned()));
    let renamed = r#"{"rename_pattern":"^","rename_replacement":"x"}"#;
    domain.ok("POST /_snapshot/u/s1/_restore", renamed);
    assert_eq!(domain.ok("GET /xi/_count", "")["count"], 20);
}
