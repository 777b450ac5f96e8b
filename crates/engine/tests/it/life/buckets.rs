//! `_snapshot` with repositories in buckets: a store in memory stands for S3, and fails as the tests say.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};

use engine::objects::{KeptFile, ObjectStore};
use engine::rest::Flavor;
use engine::{Cancel, Engine, EngineSettings, View, Work};
use jiff::Timestamp;
use serde_json::Value;

/// A bucket. It goes on when the engine is gone.
#[derive(Debug, Default)]
struct Bucket {
    objects: Mutex<BTreeMap<String, Vec<u8>>>,
    /// How many calls still go well; negative: all.
    left: AtomicI64,
    /// The names that were put.
    put: Mutex<Vec<String>>,
}

impl Bucket {
    fn new() -> Arc<Bucket> {
        Arc::new(Bucket { left: AtomicI64::new(-1), ..Bucket::default() })
    }

    /// Fails after so many calls.
    fn breaks_after(&self, calls: i64) {
        self.left.store(calls, Ordering::Relaxed);
    }

    fn heals(&self) {
        self.breaks_after(-1);
    }

    fn called(&self) -> io::Result<()> {
        match self.left.load(Ordering::Relaxed) {
            0 => Err(io::Error::other("S3 answered 503 (SlowDown): Reduce your request rate.")),
            left if left < 0 => Ok(()),
            left => {
                self.left.store(left - 1, Ordering::Relaxed);
                Ok(())
            }
        }
    }

    fn names(&self) -> Vec<String> {
        self.objects.lock().unwrap().keys().cloned().collect()
    }

    fn harm(&self, ends: &str, harm: impl Fn(&mut Vec<u8>)) {
        let mut objects = self.objects.lock().unwrap();
        let (_, bytes) = objects.iter_mut().find(|(name, _)| name.ends_with(ends)).unwrap();
        harm(bytes);
    }
}

#[derive(Debug)]
struct Shared(Arc<Bucket>);

impl ObjectStore for Shared {
    fn place(&self, name: &str) -> PathBuf {
        PathBuf::from(format!("s3://books/{name}"))
    }

    fn get(&self, name: &str, bytes_max: u64, _: &Cancel) -> io::Result<Option<Vec<u8>>> {
        self.0.called()?;
        let found = self.0.objects.lock().unwrap().get(name).cloned();
        match found.as_ref().is_some_and(|bytes| bytes.len() as u64 > bytes_max) {
            true => Err(io::ErrorKind::FileTooLarge.into()),
            false => Ok(found),
        }
    }

    fn put(&self, name: &str, bytes: Vec<u8>, _: &Cancel) -> io::Result<()> {
        self.0.called()?;
        self.0.put.lock().unwrap().push(name.to_owned());
        self.0.objects.lock().unwrap().insert(name.to_owned(), bytes);
        Ok(())
    }

    fn upload(&self, name: &str, from: &Path, cancel: &Cancel) -> io::Result<KeptFile> {
        let bytes = std::fs::read(from)?;
        let kept = KeptFile::of(&bytes);
        self.put(name, bytes, cancel).map(|()| kept)
    }

    fn download(&self, name: &str, to: &Path, bytes_max: u64, cancel: &Cancel) -> io::Result<()> {
        let bytes = self.get(name, bytes_max, cancel)?;
        std::fs::write(to, bytes.ok_or(io::ErrorKind::NotFound)?)
    }

    fn list(&self, folder: &str, _: &Cancel, each: &mut dyn FnMut(&str, u64)) -> io::Result<()> {
        self.0.called()?;
        let prefix = format!("{folder}/");
        let objects = self.0.objects.lock().unwrap();
        let below = objects.iter().filter(|(name, _)| name.starts_with(&prefix));
        below.for_each(|(name, bytes)| each(name, bytes.len() as u64));
        Ok(())
    }

    fn delete(&self, names: &[String], _: &Cancel) -> io::Result<()> {
        self.0.called()?;
        let mut objects = self.0.objects.lock().unwrap();
        names.iter().for_each(|name| drop(objects.remove(name)));
        Ok(())
    }
}

/// An engine that may use one bucket, on disk where a folder is named.
struct Domain(Engine);

impl Domain {
    fn over(bucket: &Arc<Bucket>, directory: Option<PathBuf>) -> Domain {
        let settings = EngineSettings {
            directory,
            flavor: Flavor::OpenSearch219,
            cluster_name: "test".to_owned(),
            publish_address: "127.0.0.1:9200".to_owned(),
        };
        let engine = Engine::open(settings, Timestamp::UNIX_EPOCH).unwrap();
        let bucket = Arc::clone(bucket);
        let engine = engine.with_buckets(move |wanted| match wanted.bucket.as_str() {
            "books" => Ok(Arc::new(Shared(Arc::clone(&bucket)))),
            other => Err(format!("bucket [{other}] is not yours")),
        });
        // As at a start: what is known is read.
        engine.read_repositories(&Work::unbounded()).unwrap();
        Domain(engine)
    }

    fn with_snapshot(bucket: &Arc<Bucket>) -> Domain {
        let domain = Domain::over(bucket, None);
        domain.ok("PUT /_snapshot/r", PUT_R);
        domain.ok("PUT /i", r#"{"aliases":{"a":{}}}"#);
        for id in 0..20 {
            domain.ok(&format!("PUT /i/_doc/{id}?refresh=true"), r#"{"a":1}"#);
        }
        domain.ok("PUT /_snapshot/r/s1?wait_for_completion=true", "{}");
        domain
    }

    fn ask(&self, line: &str, body: &str) -> (u16, Value) {
        let (method, target) = line.split_once(' ').unwrap();
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let route = engine::rest::route(method, path, query, Flavor::OpenSearch219).unwrap();
        let body = bytes::Bytes::copy_from_slice(body.as_bytes());
        let work = Work::unbounded();
        let parsed = engine::rest::parse(route, Some("application/json"), body, &work).unwrap();
        let view = View::everything("someone");
        let engine = &self.0;
        let answer =
            engine.execute(&parsed, &engine.metadata(), &view, Timestamp::UNIX_EPOCH, &work);
        (answer.status, serde_json::from_slice(&answer.body).unwrap_or_default())
    }

    fn ok(&self, line: &str, body: &str) -> Value {
        let (status, answer) = self.ask(line, body);
        assert!(status < 300, "{line}: {status} {answer}");
        answer
    }

    /// Status and reason of a refusal.
    fn refused(&self, line: &str, body: &str) -> (u16, String) {
        let (status, answer) = self.ask(line, body);
        assert!(status >= 400, "{line}: {status} {answer}");
        (status, answer["error"]["reason"].as_str().unwrap_or_default().to_owned())
    }
}

const PUT_R: &str = r#"{"type":"s3","settings":{"bucket":"books","base_path":"a/b"}}"#;
const RENAMED: &str = r#"{"rename_pattern":"^","rename_replacement":"x"}"#;

#[test]
fn without_a_way_to_s3_there_is_no_such_type() {
    let domain = crate::domain::Domain::opensearch();
    let (status, reason) = domain.refused("PUT /_snapshot/r", PUT_R);
    assert_eq!((status, reason.as_str()), (500, "[r] repository type [s3] does not exist"));
}

#[test]
fn a_repository_in_a_bucket_goes_where_its_opener_says_and_nowhere_else() {
    let domain = Domain::over(&Bucket::new(), None);
    let (status, answer) =
        domain.ask("PUT /_snapshot/r", r#"{"type":"s3","settings":{"bucket":"others"}}"#);
    assert_eq!(status, 500);
    assert_eq!(answer["error"]["reason"], "[r] failed to create repository");
    assert_eq!(answer["error"]["caused_by"]["reason"], "[r] bucket [others] is not yours");
    assert_eq!(domain.ask("GET /_snapshot/r", "").0, 404);
}

#[test]
fn an_index_goes_into_a_bucket_and_comes_back_under_another_name() {
    let bucket = Bucket::new();
    let domain = Domain::with_snapshot(&bucket);
    assert_eq!(domain.ok("GET /_snapshot/r", "")["r"]["type"], "s3");
    domain.ok("POST /_snapshot/r/_verify", "");
    assert!(!bucket.names().iter().any(|name| name.starts_with("tests-")), "the probe is gone");
    let told = domain.ok("GET /_snapshot/r/s1", "");
    assert_eq!(told["snapshots"][0]["state"], "SUCCESS");
    domain.ok("DELETE /i", "");
    domain.ok("POST /_snapshot/r/s1/_restore", RENAMED);
    assert_eq!(domain.ok("GET /xi/_count", "")["count"], 20);
    assert!(domain.ok("GET /xi/_alias", "")["xi"]["aliases"]["a"].is_object());
    domain.ok("PUT /xi/_doc/new?refresh=true", r#"{"a":1}"#);
    assert_eq!(domain.ok("GET /xi/_count", "")["count"], 21);
}

#[test]
fn what_a_bucket_has_already_is_not_put_again() {
    let bucket = Bucket::new();
    let domain = Domain::with_snapshot(&bucket);
    let segments = |bucket: &Bucket| {
        let put = bucket.put.lock().unwrap();
        put.iter().filter(|name| name.ends_with(".segment")).count()
    };
    let before = segments(&bucket);
    domain.ok("DELETE /i/_doc/3?refresh=true", "");
    domain.ok("PUT /_snapshot/r/s2", "{}");
    assert!(segments(&bucket) <= before + 1, "{:?}", bucket.put.lock().unwrap());
    domain.ok("PUT /_snapshot/r/s2/_clone/s3", r#"{"indices":"i"}"#);
    domain.ok("DELETE /_snapshot/r/s1,s2", "");
    domain.ok("POST /_snapshot/r/s3/_restore", RENAMED);
    assert_eq!(domain.ok("GET /xi/_count", "")["count"], 19);
    domain.ok("DELETE /_snapshot/r/s3", "");
    assert_eq!(bucket.names(), ["repository.json"], "nothing is left over");
}

#[test]
fn a_snapshot_that_breaks_off_anywhere_is_none_and_harms_none() {
    let bucket = Bucket::new();
    let domain = Domain::with_snapshot(&bucket);
    domain.ok("PUT /j/_doc/1?refresh=true", r#"{"a":1}"#);
    let before = domain.ok("GET /_snapshot/r/_all", "");
    let mut broken = 0;
    for calls in 0..100 {
        bucket.breaks_after(calls);
        let (status, answer) = domain.ask("PUT /_snapshot/r/s2?wait_for_completion=true", "{}");
        bucket.heals();
        if status == 200 && answer["snapshot"]["state"] == "SUCCESS" {
            break;
        }
        broken += 1;
        if status == 200 {
            // An index that could not be copied is told, as by the real servers.
            assert_eq!(answer["snapshot"]["state"], "PARTIAL", "{answer}");
            domain.ok("DELETE /_snapshot/r/s2", "");
        }
        assert_eq!(domain.ok("GET /_snapshot/r/_all", ""), before, "after {calls} calls");
    }
    assert!(broken > 5, "{broken}");
    domain.ok("DELETE /_snapshot/r/s2", "");
    let wanted = bucket.names().len();
    let swept = domain.ok("POST /_snapshot/r/_cleanup", "");
    assert_eq!(swept["results"]["deleted_blobs"], 0, "the deletion swept what was left over");
    assert_eq!(bucket.names().len(), wanted);
    domain.ok("POST /_snapshot/r/s1/_restore", RENAMED);
    assert_eq!(domain.ok("GET /xi/_count", "")["count"], 20);
}

#[test]
fn a_restore_that_breaks_off_anywhere_makes_no_index() {
    let bucket = Bucket::new();
    let domain = Domain::with_snapshot(&bucket);
    for calls in 0..50 {
        bucket.breaks_after(calls);
        let (status, answer) = domain.ask("POST /_snapshot/r/s1/_restore", RENAMED);
        bucket.heals();
        if status == 200 {
            assert_eq!(domain.ok("GET /xi/_count", "")["count"], 20);
            assert!(calls > 1);
            return;
        }
        assert!(answer.to_string().contains("SlowDown"), "{answer}");
        assert_eq!(domain.ask("GET /xi", "").0, 404, "after {calls} calls");
    }
    panic!("it never went well");
}

#[test]
fn an_object_that_is_torn_or_flipped_is_refused() {
    for harm in
        [(|bytes: &mut Vec<u8>| bytes.truncate(bytes.len() / 2)) as fn(&mut Vec<u8>), |bytes| {
            let middle = bytes.len() / 2;
            bytes[middle] ^= 1;
        }]
    {
        let bucket = Bucket::new();
        let domain = Domain::with_snapshot(&bucket);
        bucket.harm(".segment", harm);
        assert_eq!(domain.ask("POST /_snapshot/r/s1/_restore", RENAMED).0, 500);
        assert_eq!(domain.ask("GET /xi", "").0, 404);
    }
}

#[test]
fn a_bucket_that_another_process_wrote_to_is_not_overwritten() {
    let bucket = Bucket::new();
    let (one, other) = (Domain::with_snapshot(&bucket), Domain::over(&bucket, None));
    other.ok("PUT /_snapshot/r", PUT_R);
    other.ok("PUT /k/_doc/1?refresh=true", r#"{"a":1}"#);
    other.ok("PUT /_snapshot/r/theirs", "{}");
    for (line, body) in [
        ("PUT /_snapshot/r/s2?wait_for_completion=true", "{}"),
        ("DELETE /_snapshot/r/s1", ""),
        ("POST /_snapshot/r/_cleanup", ""),
        ("PUT /_snapshot/r/s1/_clone/s3", r#"{"indices":"i"}"#),
    ] {
        let (status, reason) = one.refused(line, body);
        let told = "[r] Could not read repository data because the contents of the repository do not match its expected state.";
        assert!(status == 500 && reason.starts_with(told), "{line}: {reason}");
    }
    // Put anew, it is read anew.
    one.ok("PUT /_snapshot/r", PUT_R);
    let told = one.ok("GET /_snapshot/r/_all?verbose=false", "");
    assert_eq!(told["snapshots"].as_array().unwrap().len(), 2);
    one.ok("PUT /_snapshot/r/s2", "{}");
}

#[test]
fn a_repository_that_only_reads_sees_what_others_wrote_and_writes_nothing() {
    let bucket = Bucket::new();
    drop(Domain::with_snapshot(&bucket));
    let reader = Domain::over(&bucket, None);
    let before = bucket.names();
    let put = PUT_R.replace("\"bucket\"", "\"readonly\":true,\"bucket\"");
    reader.ok("PUT /_snapshot/r", &put);
    reader.ok("POST /_snapshot/r/s1/_restore", "{}");
    assert_eq!(reader.ok("GET /i/_count", "")["count"], 20);
    assert_eq!(
        reader.refused("PUT /_snapshot/r/s2", "{}"),
        (500, "[r] cannot create snapshot in a readonly repository".to_owned())
    );
    assert_eq!(bucket.names(), before);
}

#[test]
fn after_a_start_a_bucket_is_read_as_soon_as_it_answers() {
    let name = format!("countersign-buckets-{}", std::process::id());
    let folder = std::env::temp_dir().join(name);
    let _ = std::fs::remove_dir_all(&folder);
    let bucket = Bucket::new();
    {
        let domain = Domain::over(&bucket, Some(folder.clone()));
        domain.ok("PUT /_snapshot/r", PUT_R);
        domain.ok("PUT /i/_doc/1?refresh=true", r#"{"a":1}"#);
        domain.ok("PUT /_snapshot/r/s", "{}");
    }
    bucket.breaks_after(0);
    {
        let domain = Domain::over(&bucket, Some(folder.clone()));
        let (status, reason) = domain.refused("GET /_snapshot/r/_all", "");
        assert!(status == 500 && reason.contains("SlowDown"), "{reason}");
        let left = domain.0.read_repositories(&Work::unbounded()).unwrap();
        assert_eq!(left[0].0, "r");
        bucket.heals();
        assert_eq!(domain.0.read_repositories(&Work::unbounded()).unwrap(), []);
        domain.ok("POST /_snapshot/r/s/_restore", RENAMED);
        assert_eq!(domain.ok("GET /xi/_count", "")["count"], 1);
    }
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn a_store_that_does_not_answer_is_no_repository() {
    let bucket = Bucket::new();
    let domain = Domain::over(&bucket, None);
    bucket.breaks_after(1);
    let (status, answer) = domain.ask("PUT /_snapshot/r", PUT_R);
    assert_eq!(status, 500);
    let error = &answer["error"];
    assert_eq!(error["type"], "repository_verification_exception");
    assert_eq!(error["reason"], "[r] path [a][b] is not accessible on cluster-manager node");
    assert!(error["caused_by"]["reason"].as_str().unwrap().contains("SlowDown"), "{answer}");
}
