mod anything;
mod blocks;
mod linear;
mod model;

use std::path::PathBuf;
use std::sync::Arc;

use bytes::Bytes;
use serde_json::{Value, json};
use tantivy::index::SegmentComponent;

use super::*;
use crate::mapping::fields;
use crate::work::Cancel;

const NOW: i64 = 1_700_000_000_000;

struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Folder {
        let path = std::env::temp_dir().join(format!("cs-index-{}-{name}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        Folder(path)
    }
    fn open(&self) -> Indices {
        self.try_open().unwrap()
    }
    fn try_open(&self) -> Result<Indices, Fault> {
        Indices::open(Some(self.0.clone()), NOW)
    }
    fn index_file(&self, uuid: &str, ending: &str) -> PathBuf {
        let folder = self.0.join("indices").join(uuid);
        let mut files: Vec<PathBuf> =
            std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        files.retain(|path| path.to_string_lossy().ends_with(ending));
        files.sort();
        files.pop().unwrap()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn memory() -> Indices {
    Indices::open(None, NOW).unwrap()
}

fn created(indices: &Indices, name: &str) -> Arc<Index> {
    let metadata = indices.create_index(name, &CreateIndex::default(), NOW).unwrap();
    indices.index(&metadata.uuid).unwrap()
}

fn found(indices: &Indices, name: &str) -> Arc<Index> {
    let metadata = indices.metadata();
    indices.index(&metadata.index(name).unwrap().uuid).unwrap()
}

fn put(id: &str, value: Value) -> Operation {
    let raw = Bytes::from(value.to_string());
    Operation {
        id: id.to_owned(),
        routing: None,
        precondition: Precondition::None,
        write: Write::Index { raw, value: value.into() },
    }
}

fn delete(id: &str) -> Operation {
    Operation {
        id: id.to_owned(),
        routing: None,
        precondition: Precondition::None,
        write: Write::Delete,
    }
}

fn one(index: &Index, operation: Operation) -> Result<Written, Exception> {
    index.write(vec![operation], NOW).pop().unwrap()
}

fn source(index: &Index, id: &str) -> Option<Value> {
    let found = index.get(id, true).unwrap()?;
    Some(serde_json::from_slice(&found.source).unwrap())
}

/// Every id a search would see, sorted.
fn visible(index: &Index) -> Vec<String> {
    use tantivy::schema::Value as _;
    let snapshot = index.snapshot();
    let searcher = &snapshot.searcher;
    let all =
        searcher.search(&tantivy::query::AllQuery, &tantivy::collector::DocSetCollector).unwrap();
    let id = |address| {
        let document: tantivy::TantivyDocument = searcher.doc(address).unwrap();
        document.get_first(fields::ID).unwrap().as_str().unwrap().to_owned()
    };
    let mut ids: Vec<String> = all.into_iter().map(id).collect();
    ids.sort();
    ids
}

#[test]
fn a_write_is_read_at_once_and_searched_after_a_refresh() {
    let indices = memory();
    let index = created(&indices, "i");
    let written = one(&index, put("1", json!({"a": 1}))).unwrap();
    assert_eq!((written.version, written.seq_no, written.primary_term), (1, 0, 1));
    assert_eq!(written.outcome, WriteOutcome::Created);
    assert_eq!(source(&index, "1"), Some(json!({"a": 1})));
    index.refresh().unwrap();
    assert_eq!(visible(&index), ["1"]);
    assert_eq!(source(&index, "1"), Some(json!({"a": 1})));
}

#[test]
fn texts_of_documents_that_wait_for_a_segment_are_analyzed_when_it_is_begun() {
    use tantivy::Term;
    let indices = memory();
    let index = created(&indices, "i");
    let unanalyzed = || index.writer(None).unwrap().core.unanalyzed();
    for number in 1..=3 {
        one(&index, put(&number.to_string(), json!({"t": "some words"}))).unwrap();
        assert_eq!(unanalyzed(), number);
    }
    // One that does not wait begins the segment, with its tokens.
    one(&index, put("4", json!({"t": "some ".repeat(8 * 1024)}))).unwrap();
    assert_eq!(unanalyzed(), 0);
    one(&index, put("5", json!({"t": "some"}))).unwrap();
    assert_eq!(unanalyzed(), 0);
    index.refresh().unwrap();
    one(&index, put("6", json!({"t": "some"}))).unwrap();
    assert_eq!(unanalyzed(), 1);
    let snapshot = index.snapshot();
    let some = Term::from_field_text(snapshot.mapping.leaf("t").unwrap().field.unwrap(), "some");
    assert_eq!(snapshot.searcher.doc_freq(&some).unwrap(), 5);
}

#[test]
fn a_write_that_is_called_off_while_it_is_indexed_leaves_what_was_there() {
    let indices = memory();
    let index = created(&indices, "i");
    one(&index, put("1", json!({"t": "old"}))).unwrap();
    {
        let mut writer = index.writer(None).unwrap();
        let (mut mapping, cancel) = (Arc::clone(&writer.core.mapping), Cancel::new());
        // Longer than what waits for a refresh before it is indexed.
        let text = "new ".repeat(8 * 1024);
        let operation = put("1", json!({"t": text}));
        let document = operation.read(&mut mapping, &cancel, false).unwrap();
        let prepared = operation.with(document);
        cancel.cancel();
        let mut frames = Frames::default();
        let answer = index.apply(&mut writer.core, prepared, 0, &mut frames).unwrap();
        assert_eq!(answer.unwrap_err().kind(), ExceptionKind::TaskCancelled);
        assert!(frames.is_empty());
    }
    assert_eq!(source(&index, "1"), Some(json!({"t": "old"})));
    index.refresh().unwrap();
    assert_eq!(visible(&index), ["1"]);
    assert_eq!(source(&index, "1"), Some(json!({"t": "old"})));
}

#[test]
fn updates_and_deletions_replace_over_refreshes() {
    let indices = memory();
    let index = created(&indices, "i");
    for round in 0..4 {
        let written = one(&index, put("1", json!({"a": round}))).unwrap();
        assert_eq!(written.version, round + 1);
        if round % 2 == 1 {
            index.refresh().unwrap();
        }
    }
    index.refresh().unwrap();
    assert_eq!(visible(&index), ["1"]);
    let gone = one(&index, delete("1")).unwrap();
    assert_eq!((gone.version, gone.outcome), (5, WriteOutcome::Deleted));
    assert_eq!(one(&index, delete("1")).unwrap().outcome, WriteOutcome::NotFound);
    assert_eq!(source(&index, "1"), None);
    index.refresh().unwrap();
    assert!(visible(&index).is_empty());
    let again = one(&index, put("1", json!({}))).unwrap();
    assert_eq!((again.version, again.outcome), (7, WriteOutcome::Created));
}

#[test]
fn preconditions_refuse_in_elasticsearchs_words() {
    let indices = memory();
    let index = created(&indices, "i");
    let with = |id: &str, precondition| Operation { precondition, ..put(id, json!({"a": 1})) };
    let create = |id: &str| {
        let value = json!({"a": 1});
        let raw = Bytes::from(value.to_string());
        Operation { write: Write::Create { raw, value: value.into() }, ..delete(id) }
    };
    let reason = |operation| one(&index, operation).unwrap_err().reason().to_owned();
    let seq_no = |seq_no| Precondition::SeqNo { seq_no, primary_term: 1 };
    assert_eq!(
        reason(with("1", seq_no(0))),
        "[1]: version conflict, required seqNo [0], primary term [1]. but no document was found"
    );
    one(&index, create("1")).unwrap();
    assert_eq!(
        reason(create("1")),
        "[1]: version conflict, document already exists (current version [1])"
    );
    one(&index, with("1", seq_no(0))).unwrap();
    assert_eq!(
        reason(with("1", seq_no(0))),
        "[1]: version conflict, required seqNo [0], primary term [1]. current document has seqNo [1] and primary term [1]"
    );
    one(&index, with("1", Precondition::External(10))).unwrap();
    assert_eq!(
        reason(with("1", Precondition::External(10))),
        "[1]: version conflict, current version [10] is higher or equal to the one provided [10]"
    );
    assert_eq!(one(&index, with("1", Precondition::ExternalGte(10))).unwrap().version, 10);
    let conflict = one(&index, with("1", Precondition::ExternalGte(9))).unwrap_err();
    assert_eq!(conflict.status(), 409);
    assert_eq!(conflict.item()["shard"], "0");
}

#[test]
fn of_concurrent_writers_with_one_seq_no_exactly_one_wins() {
    let indices = memory();
    let index = created(&indices, "i");
    one(&index, put("1", json!({"a": 0}))).unwrap();
    let wins: usize = std::thread::scope(|scope| {
        let writers: Vec<_> = (0..8)
            .map(|writer| {
                let index = &index;
                scope.spawn(move || {
                    let precondition = Precondition::SeqNo { seq_no: 0, primary_term: 1 };
                    let operation = Operation { precondition, ..put("1", json!({"a": writer})) };
                    usize::from(one(index, operation).is_ok())
                })
            })
            .collect();
        writers.into_iter().map(|writer| writer.join().unwrap()).sum()
    });
    assert_eq!(wins, 1);
}

#[test]
fn a_restart_brings_back_everything_that_was_acknowledged() {
    let folder = Folder::new("restart");
    {
        let indices = folder.open();
        let index = created(&indices, "i");
        for number in 0..20 {
            one(&index, put(&number.to_string(), json!({"n": number, "s": "text"}))).unwrap();
        }
        index.flush().unwrap();
        one(&index, put("3", json!({"n": "30"}))).unwrap();
        one(&index, delete("4")).unwrap();
        one(&index, put("new", json!({"brand": "new"}))).unwrap();
    }
    let indices = folder.open();
    let index = found(&indices, "i");
    assert_eq!(source(&index, "3"), Some(json!({"n": "30"})));
    assert_eq!(source(&index, "4"), None);
    assert_eq!(source(&index, "new"), Some(json!({"brand": "new"})));
    assert_eq!(visible(&index).len(), 20);
    let written = one(&index, put("3", json!({"n": 1}))).unwrap();
    assert_eq!((written.version, written.seq_no, written.primary_term), (3, 23, 2));
}

#[test]
fn recovery_is_idempotent() {
    let folder = Folder::new("idempotent");
    {
        let indices = folder.open();
        let index = created(&indices, "i");
        one(&index, put("1", json!({"a": 1}))).unwrap();
        one(&index, put("1", json!({"a": 2}))).unwrap();
        one(&index, delete("2")).unwrap();
    }
    for _ in 0..3 {
        let indices = folder.open();
        let index = found(&indices, "i");
        assert_eq!(visible(&index), ["1"]);
        let found = index.get("1", true).unwrap().unwrap();
        assert_eq!((found.version, found.seq_no, found.primary_term), (2, 1, 1));
    }
}

#[test]
fn a_translog_left_over_from_before_a_flush_changes_nothing() {
    let folder = Folder::new("left-over");
    let uuid = {
        let indices = folder.open();
        let index = created(&indices, "i");
        one(&index, put("1", json!({"a": 1}))).unwrap();
        one(&index, delete("1")).unwrap();
        one(&index, put("2", json!({"a": 1}))).unwrap();
        let log = folder.index_file(index.uuid(), ".log");
        let kept = std::fs::read(&log).unwrap();
        index.flush().unwrap();
        std::fs::write(&log, kept).unwrap();
        index.uuid().to_owned()
    };
    let indices = folder.open();
    let index = indices.index(&uuid).unwrap();
    assert_eq!(visible(&index), ["2"]);
}

#[test]
fn a_flipped_bit_in_any_file_is_refused_by_name() {
    let folder = Folder::new("flipped");
    let uuid = {
        let indices = folder.open();
        let index = created(&indices, "i");
        index.write((0..10).map(|n| put(&n.to_string(), json!({"n": n}))).collect(), NOW);
        index.flush().unwrap();
        one(&index, delete("1")).unwrap();
        index.flush().unwrap();
        one(&index, put("2", json!({"n": 1}))).unwrap();
        index.uuid().to_owned()
    };
    for ending in [".segment", ".del", "manifest.json", "index.json", ".log"] {
        let path = folder.index_file(&uuid, ending);
        let whole = std::fs::read(&path).unwrap();
        let mut flipped = whole.clone();
        // Of the log: inside the entry, not inside the mark at the end.
        let at = whole.len() / 2;
        flipped[at] ^= 4;
        std::fs::write(&path, &flipped).unwrap();
        match folder.try_open() {
            Err(Fault::Damaged(named, _)) => assert_eq!(named, path),
            Err(other) => panic!("{ending}: {other}"),
            Ok(_) => panic!("{ending}: not seen"),
        }
        std::fs::write(&path, &whole).unwrap();
    }
    assert_eq!(visible(&found(&folder.open(), "i")).len(), 9);
}

#[test]
fn new_fields_change_the_mapping_once_and_survive() {
    let folder = Folder::new("fields");
    {
        let indices = folder.open();
        let index = created(&indices, "i");
        one(&index, put("1", json!({"a": 1}))).unwrap();
        index.refresh().unwrap();
        let documents = vec![
            put("2", json!({"b": "x"})),
            put("3", json!({"c": true, "b": "y"})),
            put("4", json!({"a": "not a number"})),
        ];
        let answers = index.write(documents, NOW);
        assert!(answers[0].is_ok() && answers[1].is_ok());
        assert_eq!(answers[2].as_ref().unwrap_err().status(), 400);
        assert_eq!(indices.metadata().index("i").unwrap().mapping.version(), 4);
    }
    let indices = folder.open();
    let mapping = Arc::clone(&indices.metadata().index("i").unwrap().mapping);
    let paths: Vec<&str> = mapping.leaves().map(|leaf| leaf.path.as_str()).collect();
    assert_eq!(paths, ["a", "b", "b.keyword", "c"]);
    assert_eq!(visible(&found(&indices, "i")), ["1", "2", "3"]);
}

#[test]
fn merging_keeps_the_documents_and_bounds_the_segments() {
    let folder = Folder::new("merge");
    let indices = folder.open();
    let index = created(&indices, "i");
    for number in 0..30 {
        let field = format!("field{}", number % 5);
        let document = json!({ field: format!("text {number}"), "n": number });
        one(&index, put(&(number % 20).to_string(), document)).unwrap();
        index.refresh().unwrap();
        while index.merge_once(&Cancel::new()).unwrap() {}
    }
    assert_eq!(visible(&index).len(), 20);
    assert!(index.stats().segments < 16, "{:?}", index.stats());
    assert_eq!(source(&index, "3"), Some(json!({"field3": "text 23", "n": 23})));
    index.force_merge(1, &Cancel::new()).unwrap();
    assert_eq!((index.stats().segments, index.stats().deleted), (1, 0));
    drop(index);
    drop(indices);
    assert_eq!(visible(&found(&folder.open(), "i")).len(), 20);
}

#[test]
fn linked_vectors_are_kept_with_their_segment_and_checked() {
    let folder = Folder::new("linked");
    let uuid = {
        let indices = folder.open();
        let body = CreateIndex {
            settings: json!({"index.knn": true, "index.knn.advanced.approximate_threshold": 8}),
            mappings: json!({"properties": {"v": {"type": "knn_vector", "dimension": 2}}}),
            ..CreateIndex::default()
        };
        let uuid = indices.create_index("i", &body, NOW).unwrap().uuid.clone();
        let index = indices.index(&uuid).unwrap();
        index.write((0..9).map(|n| put(&n.to_string(), json!({"v": [n, 1]}))).collect(), NOW);
        index.refresh().unwrap();
        assert!(index.snapshot().graphs.is_empty());
        assert!(index.merge_once(&Cancel::new()).unwrap());
        assert!(!index.merge_once(&Cancel::new()).unwrap(), "it is linked once");
        index.flush().unwrap();
        uuid
    };
    let linked = |indices: &Indices| {
        let graphs = Arc::clone(&found(indices, "i").snapshot().graphs);
        graphs.values().map(|graphs| graphs.get("v").map_or(0, |graph| graph.len())).sum::<usize>()
    };
    assert_eq!(linked(&folder.open()), 9);
    let path = folder.index_file(&uuid, ".segment");
    let mut flipped = std::fs::read(&path).unwrap();
    let at = flipped.windows(8).position(|bytes| bytes == b"CSKNN001").unwrap() + 60;
    flipped[at] ^= 4;
    std::fs::write(&path, &flipped).unwrap();
    assert!(matches!(folder.try_open(), Err(Fault::Damaged(named, _)) if named == path));
}

#[test]
fn a_merge_that_is_called_off_leaves_the_segments() {
    let indices = memory();
    let index = created(&indices, "i");
    for number in 0..3 {
        one(&index, put(&number.to_string(), json!({"n": number}))).unwrap();
        index.refresh().unwrap();
    }
    let cancel = Cancel::new();
    cancel.cancel();
    let refusal = index.force_merge(1, &cancel).unwrap_err();
    assert_eq!(refusal.kind(), ExceptionKind::TaskCancelled);
    assert_eq!((index.stats().segments, visible(&index).len()), (3, 3));
    index.force_merge(1, &Cancel::new()).unwrap();
    assert_eq!((index.stats().segments, visible(&index).len()), (1, 3));
}

#[test]
fn writes_during_merges_are_not_lost() {
    let indices = memory();
    let index = created(&indices, "i");
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let merger = scope.spawn(|| {
            while !stop.load(Ordering::Acquire) {
                index.refresh().unwrap();
                index.force_merge(1, &Cancel::new()).unwrap();
            }
        });
        for round in 0..40u64 {
            let mut batch: Vec<Operation> =
                (0..10).map(|n| put(&format!("{n}"), json!({"round": round}))).collect();
            batch.push(put(&format!("extra{round}"), json!({"round": round})));
            if round > 0 {
                batch.push(delete(&format!("extra{}", round - 1)));
            }
            assert!(index.write(batch, NOW).iter().all(Result::is_ok));
        }
        stop.store(true, Ordering::Release);
        merger.join().unwrap();
    });
    index.refresh().unwrap();
    let mut expected: Vec<String> = (0..10).map(|n| n.to_string()).collect();
    expected.push("extra39".into());
    assert_eq!(visible(&index), expected);
    assert!((0..10).all(|n| source(&index, &n.to_string()) == Some(json!({"round": 39}))));
}

/// A document that is stored in pieces; no two are alike.
fn long(name: &str, bytes: usize) -> Value {
    let words = (0..).map(|n: usize| format!("{name}{n} ")).scan(0, |length, word| {
        *length += word.len();
        (*length < bytes).then_some(word)
    });
    json!({"t": words.collect::<String>(), "n": name})
}

#[test]
fn long_documents_are_read_as_they_were_written_through_refresh_flush_merge_and_start() {
    let folder = Folder::new("long");
    let documents: Vec<(String, Value)> = [400_000, 20, 300_000, 64 * 1024 * 8, 700_000, 30]
        .into_iter()
        .enumerate()
        .map(|(n, bytes)| (n.to_string(), long(&format!("w{n}x"), bytes)))
        .collect();
    let gone = |id: &str| id == "2";
    let check = |index: &Index, what: &str| {
        for (id, document) in &documents {
            let expected = (!gone(id)).then_some(document);
            let shown = index.get(id, false).unwrap().map(|found| found.source);
            let shown = shown.map(|raw| serde_json::from_slice::<Value>(&raw).unwrap());
            assert!(shown.as_ref() == expected, "{what}: {id}");
            assert!(source(index, id).as_ref() == expected, "{what}: {id} in real time");
        }
        let snapshot = index.snapshot();
        let store = |file: &str| {
            let name = SegmentComponent::Custom(file.to_owned());
            let readers = snapshot.searcher.segment_readers().iter();
            readers.filter(|reader| reader.open_read(name.clone()).is_ok()).count()
        };
        assert!(store(long_sources::PIECES) > 0 && store(long_sources::ROWS) > 0, "{what}");
    };
    {
        let indices = folder.open();
        let index = created(&indices, "i");
        for (id, document) in &documents {
            one(&index, put(id, document.clone())).unwrap();
            if id == "2" {
                index.refresh().unwrap();
                one(&index, delete(id)).unwrap();
            }
        }
        index.refresh().unwrap();
        check(&index, "refreshed");
        index.flush().unwrap();
        check(&index, "flushed");
    }
    let indices = folder.open();
    let index = found(&indices, "i");
    check(&index, "read from disk");
    index.force_merge(1, &Cancel::new()).unwrap();
    assert_eq!(index.snapshot().searcher.segment_readers().len(), 1);
    check(&index, "merged");
    drop((index, indices));
    let indices = folder.open();
    check(&found(&indices, "i"), "merged and read from disk");
}

#[test]
fn deleting_an_index_removes_its_files_and_its_name() {
    let folder = Folder::new("delete");
    let indices = folder.open();
    let index = created(&indices, "i");
    one(&index, put("1", json!({}))).unwrap();
    indices.delete_indices(&[index.uuid()]).unwrap();
    assert!(indices.metadata().index("i").is_none());
    assert!(one(&index, put("2", json!({}))).is_err());
    assert!(!folder.0.join("indices").join(index.uuid()).exists());
    let again = created(&indices, "i");
    assert_ne!(again.uuid(), index.uuid());
    assert!(visible(&again).is_empty());
}

#[test]
fn a_second_index_of_the_same_name_is_refused() {
    let indices = memory();
    let index = created(&indices, "i");
    let refusal = indices.create_index("i", &CreateIndex::default(), NOW).unwrap_err();
    assert_eq!(refusal.reason(), format!("index [i/{}] already exists", index.uuid()));
}

#[test]
fn settings_and_aliases_survive_a_restart() {
    let folder = Folder::new("settings");
    {
        let indices = folder.open();
        let body = CreateIndex {
            settings: json!({"number_of_shards": 3, "analysis": {"analyzer": {"mine": {
                "type": "custom", "tokenizer": "standard", "filter": ["lowercase"]}}}}),
            mappings: json!({"properties": {"t": {"type": "text", "analyzer": "mine"}}}),
            aliases: json!({"al": {"is_write_index": true}}),
            ..CreateIndex::default()
        };
        let index = indices.create_index("i", &body, NOW).unwrap();
        indices.put_settings(&index.uuid, &json!({"index.refresh_interval": "5s"}), false).unwrap();
        let fixed =
            indices.put_settings(&index.uuid, &json!({"number_of_shards": 1}), false).unwrap_err();
        assert!(
            fixed
                .reason()
                .starts_with("Can't update non dynamic settings [[index.number_of_shards]]")
        );
        let unknown = indices.put_settings(&index.uuid, &json!({"foo": 1}), false).unwrap_err();
        assert!(unknown.reason().starts_with("unknown setting [index.foo]"));
    }
    let metadata = folder.open().metadata();
    let index = metadata.write_index("al").unwrap();
    let settings = index.settings_json();
    assert_eq!(settings["index"]["number_of_shards"], "3");
    assert_eq!(settings["index"]["refresh_interval"], "5s");
    assert_eq!(settings["index"]["analysis"]["analyzer"]["mine"]["filter"], json!(["lowercase"]));
    assert!(index.mapping.leaf("t").unwrap().analyzers.documents.is_some());
}

#[test]
fn analyzers_that_a_closed_index_was_given_are_there_after_a_restart() {
    let folder = Folder::new("analyzers");
    let given = json!({"analysis": {"analyzer": {"default": {"type": "whitespace"}}}});
    {
        let indices = folder.open();
        let body = CreateIndex {
            mappings: json!({"properties": {"t": {"type": "text"}}}),
            ..CreateIndex::default()
        };
        let index = indices.create_index("i", &body, NOW).unwrap();
        assert!(indices.put_settings(&index.uuid, &given, false).is_err());
        indices.set_closed(&index.uuid, true).unwrap();
        indices.put_settings(&index.uuid, &given, false).unwrap();
        indices.set_closed(&index.uuid, false).unwrap();
    }
    let metadata = folder.open().metadata();
    let index = metadata.index("i").unwrap();
    assert_eq!(index.settings_json()["index"]["analysis"], given["analysis"]);
    assert_eq!(index.settings.analysis(), &given["analysis"]);
}

/// A disk whose logs fail on demand.
#[derive(Default)]
struct Failing {
    full: Arc<AtomicBool>,
    broken: Arc<AtomicBool>,
}

struct FailingLog {
    inner: Arc<dyn LogFile>,
    full: Arc<AtomicBool>,
    broken: Arc<AtomicBool>,
}

impl Disk for Failing {
    fn log(&self, path: &std::path::Path) -> std::io::Result<Arc<dyn LogFile>> {
        let (full, broken) = (Arc::clone(&self.full), Arc::clone(&self.broken));
        Ok(Arc::new(FailingLog { inner: SystemDisk.log(path)?, full, broken }))
    }
}

impl LogFile for FailingLog {
    fn append(&self, bytes: &[u8]) -> std::io::Result<()> {
        if self.full.load(Ordering::Acquire) {
            self.inner.append(&bytes[..bytes.len() / 2])?;
            return Err(std::io::ErrorKind::StorageFull.into());
        }
        self.inner.append(bytes)
    }
    fn sync(&self) -> std::io::Result<()> {
        if self.broken.load(Ordering::Acquire) {
            return Err(std::io::Error::other("I/O error"));
        }
        self.inner.sync()
    }
    fn cut(&self, length: u64) -> std::io::Result<()> {
        self.inner.cut(length)
    }
}

#[test]
fn a_full_disk_refuses_the_write_and_loses_nothing() {
    let folder = Folder::new("full");
    let disk = Failing::default();
    let full = Arc::clone(&disk.full);
    {
        let indices = Indices::open_on(Some(folder.0.clone()), Arc::new(disk), NOW).unwrap();
        let index = created(&indices, "i");
        one(&index, put("1", json!({"a": 1}))).unwrap();
        full.store(true, Ordering::Release);
        let refusal = one(&index, put("2", json!({"a": 2}))).unwrap_err();
        assert_eq!(refusal.status(), 500);
        full.store(false, Ordering::Release);
        assert_eq!(source(&index, "2"), None);
        one(&index, put("3", json!({"a": 3}))).unwrap();
    }
    assert_eq!(visible(&found(&folder.open(), "i")), ["1", "3"]);
}

#[test]
fn flushes_and_merges_stand_on_what_is_there_after_a_full_disk() {
    let folder = Folder::new("full-flush");
    let disk = Failing::default();
    let full = Arc::clone(&disk.full);
    {
        let indices = Indices::open_on(Some(folder.0.clone()), Arc::new(disk), NOW).unwrap();
        let index = created(&indices, "i");
        index.write((0..10).map(|n| put(&n.to_string(), json!({"n": n}))).collect(), NOW);
        index.flush().unwrap();
        for round in 0..4 {
            assert!(one(&index, delete(&round.to_string())).is_ok());
            index.refresh().unwrap();
            full.store(true, Ordering::Release);
            assert!(one(&index, delete("9")).is_err());
            full.store(false, Ordering::Release);
            index.force_merge(1, &Cancel::new()).unwrap();
            assert!(source(&index, "9").is_some());
            index.flush().unwrap();
        }
        assert_eq!(visible(&index).len(), 6);
    }
    assert_eq!(visible(&found(&folder.open(), "i")).len(), 6);
}

#[test]
fn a_flush_that_cannot_write_loses_nothing_and_is_made_up_for() {
    let folder = Folder::new("flush-refused");
    {
        let indices = folder.open();
        let index = created(&indices, "i");
        index.write((0..10).map(|n| put(&n.to_string(), json!({"n": n}))).collect(), NOW);
        // Where the manifest's draft goes there is a folder: the system refuses to write it.
        let draft = folder.0.join("indices").join(index.uuid()).join("manifest.new");
        std::fs::create_dir(&draft).unwrap();
        assert_eq!(index.flush().unwrap_err().status(), 500);
        one(&index, put("10", json!({"n": 10}))).unwrap();
        index.refresh().unwrap();
        assert_eq!(visible(&index).len(), 11);
        std::fs::remove_dir(&draft).unwrap();
        index.flush().unwrap();
        one(&index, put("11", json!({"n": 11}))).unwrap();
    }
    assert_eq!(visible(&found(&folder.open(), "i")).len(), 12);
}

#[test]
fn a_document_accepted_under_an_older_mapping_comes_back() {
    let folder = Folder::new("older-mapping");
    {
        let indices = folder.open();
        let body = CreateIndex {
            mappings: json!({"properties": {"n": {"type": "long"}}}),
            ..CreateIndex::default()
        };
        let metadata = indices.create_index("i", &body, NOW).unwrap();
        let index = indices.index(&metadata.uuid).unwrap();
        one(&index, put("1", json!({"n": "7", "other": 1}))).unwrap();
        let strict =
            json!({"dynamic": "strict", "properties": {"n": {"type": "long", "coerce": false}}});
        indices.put_mapping(&metadata.uuid, &strict, None).unwrap();
        assert!(one(&index, put("2", json!({"n": "7"}))).is_err());
    }
    let indices = folder.open();
    assert_eq!(source(&found(&indices, "i"), "1"), Some(json!({"n": "7", "other": 1})));
}

#[test]
fn field_names_of_every_kind_are_taken() {
    let folder = Folder::new("names");
    let names = [
        "@timestamp",
        " ",
        "a b",
        "ä.ö",
        "x:y",
        "\"q\"",
        "_hidden",
        "a\u{1}b",
        "*",
        "1",
        "-",
        "a\\b",
    ];
    let document: serde_json::Map<String, Value> =
        names.iter().map(|name| ((*name).to_owned(), json!("words here"))).collect();
    {
        let indices = folder.open();
        let index = created(&indices, "i");
        one(&index, put("1", Value::Object(document.clone()))).unwrap();
        index.force_merge(1, &Cancel::new()).unwrap();
    }
    let indices = folder.open();
    let index = found(&indices, "i");
    assert_eq!(visible(&index), ["1"]);
    assert_eq!(index.snapshot().mapping.leaves().count(), 2 * names.len());
}

#[test]
fn concurrent_flushes_refreshes_and_writes_do_not_wait_for_each_other_for_ever() {
    let folder = Folder::new("locks");
    let indices = folder.open();
    let index = created(&indices, "i");
    std::thread::scope(|scope| {
        for writer in 0..3 {
            let index = &index;
            scope.spawn(move || {
                for round in 0..40 {
                    one(index, put(&format!("{writer}-{round}"), json!({"n": round}))).unwrap();
                }
            });
        }
        scope.spawn(|| (0..20).for_each(|_| index.flush().unwrap()));
        scope.spawn(|| (0..20).for_each(|_| index.refresh().unwrap()));
        scope.spawn(|| {
            (0..20).for_each(|n| {
                let field = json!({"properties": {format!("f{n}"): {"type": "long"}}});
                indices.put_mapping(index.uuid(), &field, None).unwrap();
            });
        });
    });
    index.refresh().unwrap();
    assert_eq!(visible(&index).len(), 120);
}

#[test]
fn after_a_failed_sync_no_write_is_acknowledged_any_more() {
    let folder = Folder::new("broken");
    let disk = Failing::default();
    let broken = Arc::clone(&disk.broken);
    let indices = Indices::open_on(Some(folder.0.clone()), Arc::new(disk), NOW).unwrap();
    let index = created(&indices, "i");
    one(&index, put("1", json!({"a": 1}))).unwrap();
    broken.store(true, Ordering::Release);
    assert!(one(&index, put("2", json!({"a": 2}))).is_err());
    broken.store(false, Ordering::Release);
    assert!(one(&index, put("3", json!({"a": 3}))).is_err());
}

#[test]
fn many_small_indices_open_again() {
    let folder = Folder::new("many");
    {
        let indices = folder.open();
        for number in 0..50 {
            let index = created(&indices, &format!("i{number}"));
            index.write((0..10).map(|n| put(&n.to_string(), json!({"n": n}))).collect(), NOW);
        }
        indices.close(&Cancel::new());
    }
    let indices = folder.open();
    assert_eq!(indices.metadata().indices().count(), 50);
    assert_eq!(visible(&found(&indices, "i49")).len(), 10);
}

#[test]
fn a_directory_is_used_by_one_process_only() {
    let folder = Folder::new("lock");
    let indices = folder.open();
    let refusal = folder.try_open().map(|_| ()).unwrap_err();
    assert!(refusal.to_string().contains("in use by another process"), "{refusal}");
    drop(indices);
    folder.open();
}

/// A disk that remembers how much of each log was synced, as the platter would after a power cut.
#[derive(Clone, Default)]
struct Platter(Arc<Mutex<std::collections::BTreeMap<PathBuf, u64>>>);

struct PlatterLog {
    inner: Arc<dyn LogFile>,
    path: PathBuf,
    platter: Platter,
}

impl Disk for Platter {
    fn log(&self, path: &std::path::Path) -> std::io::Result<Arc<dyn LogFile>> {
        let inner = SystemDisk.log(path)?;
        Ok(Arc::new(PlatterLog { inner, path: path.to_owned(), platter: self.clone() }))
    }
}

impl LogFile for PlatterLog {
    fn append(&self, bytes: &[u8]) -> std::io::Result<()> {
        self.inner.append(bytes)
    }
    fn sync(&self) -> std::io::Result<()> {
        // What is appended while the sync runs may not be on the platter.
        let length = std::fs::metadata(&self.path).map_or(0, |metadata| metadata.len());
        let mut platter = hold(&self.platter.0);
        let synced = platter.entry(self.path.clone()).or_default();
        *synced = (*synced).max(length);
        Ok(())
    }
    fn cut(&self, length: u64) -> std::io::Result<()> {
        self.inner.cut(length)
    }
}

#[test]
fn what_concurrent_writers_were_told_survives_a_power_cut() {
    let folder = Folder::new("power");
    let platter = Platter::default();
    let acknowledged = Mutex::new(Vec::new());
    {
        let disk = Arc::new(platter.clone());
        let indices = Indices::open_on(Some(folder.0.clone()), disk, NOW).unwrap();
        let index = created(&indices, "i");
        std::thread::scope(|scope| {
            for writer in 0..6 {
                let (index, acknowledged) = (&index, &acknowledged);
                scope.spawn(move || {
                    for round in 0..25 {
                        let id = format!("{writer}-{round}");
                        if one(index, put(&id, json!({"w": writer, "n": round}))).is_ok() {
                            hold(acknowledged).push(id);
                        }
                        if writer == 0 && round % 10 == 9 {
                            index.flush().unwrap();
                        }
                    }
                });
            }
        });
    }
    for (path, synced) in hold(&platter.0).iter() {
        if let Ok(file) = std::fs::OpenOptions::new().write(true).open(path) {
            file.set_len(*synced).unwrap();
        }
    }
    let indices = folder.open();
    let index = found(&indices, "i");
    let acknowledged = hold(&acknowledged);
    assert_eq!(acknowledged.len(), 150);
    let lost: Vec<_> = acknowledged.iter().filter(|id| source(&index, id).is_none()).collect();
    assert!(lost.is_empty(), "{lost:?}");
}

#[test]
fn a_process_that_dies_in_a_flush_loses_nothing_at_any_step() {
    // Each step of a flush leaves other files behind; the states in between are made by putting old files back.
    let folder = Folder::new("mid-flush");
    let (uuid, before) = {
        let indices = folder.open();
        let index = created(&indices, "i");
        index.write((0..10).map(|n| put(&n.to_string(), json!({"n": n}))).collect(), NOW);
        index.flush().unwrap();
        index.write((5..15).map(|n| put(&n.to_string(), json!({"n": -n}))).collect(), NOW);
        let files = files_of(&folder, index.uuid());
        (index.uuid().to_owned(), files)
    };
    let after = {
        let indices = folder.open();
        indices.index(&uuid).unwrap().flush().unwrap();
        files_of(&folder, &uuid)
    };
    let manifest = PathBuf::from("manifest.json");
    let directory = folder.0.join("indices").join(&uuid);
    for new_manifest in [false, true] {
        let _ = std::fs::remove_dir_all(&directory);
        std::fs::create_dir_all(&directory).unwrap();
        for (name, bytes) in before.iter().chain(&after) {
            std::fs::write(directory.join(name), bytes).unwrap();
        }
        let chosen = if new_manifest { &after } else { &before };
        std::fs::write(directory.join(&manifest), &chosen[&manifest]).unwrap();
        let indices = folder.open();
        let index = indices.index(&uuid).unwrap();
        assert_eq!(visible(&index).len(), 15, "new manifest: {new_manifest}");
        assert_eq!(source(&index, "7"), Some(json!({"n": -7})));
        assert_eq!(source(&index, "2"), Some(json!({"n": 2})));
    }
}

fn files_of(folder: &Folder, uuid: &str) -> std::collections::BTreeMap<PathBuf, Vec<u8>> {
    let entries = std::fs::read_dir(folder.0.join("indices").join(uuid)).unwrap();
    let file = |entry: std::fs::DirEntry| {
        (PathBuf::from(entry.file_name()), std::fs::read(entry.path()).unwrap())
    };
    entries.map(|entry| file(entry.unwrap())).collect()
}
