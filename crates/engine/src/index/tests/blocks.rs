//! Documents with nested objects: whatever is done to them, a block is there whole or not at all.

use std::collections::BTreeMap;

use tantivy::DocAddress;
use tantivy::schema::Value as _;

use super::*;
use crate::blocks::Roots;

/// How many nested objects each document that is alive has, those in its objects counted too.
type Blocks = BTreeMap<String, u32>;

fn index(indices: &Indices) -> Arc<Index> {
    let inner = json!({"type": "nested", "properties": {"k": {"type": "keyword"}}});
    let objects = json!({"type": "nested", "properties": {"t": {"type": "text"}, "inner": inner}});
    let mappings = json!({"properties": {"objects": objects}});
    let definition = CreateIndex { mappings, ..CreateIndex::default() };
    let metadata = indices.create_index("i", &definition, NOW).unwrap();
    indices.index(&metadata.uuid).unwrap()
}

/// A document with so many objects, every second with one inside it.
fn document(objects: u32) -> (Value, u32) {
    let one = |number: u32| match number % 2 {
        0 => json!({"t": "words of it", "inner": [{"k": "x"}]}),
        _ => json!({"t": "others"}),
    };
    let all: Vec<Value> = (0..objects).map(one).collect();
    (json!({"objects": all}), objects + objects.div_ceil(2))
}

/// What a search sees: of each root how many documents of its block are alive.
fn visible(index: &Index) -> Blocks {
    let snapshot = index.snapshot();
    let searcher = &snapshot.searcher;
    let mut found = Blocks::new();
    for (segment, reader) in searcher.segment_readers().iter().enumerate() {
        let roots = Roots::of(reader).unwrap();
        let mut alive = 0;
        for doc in 0..reader.max_doc() {
            if !roots.contains(doc) {
                alive += u32::from(!reader.is_deleted(doc));
                continue;
            }
            let first = roots.block_start(doc);
            assert!((first..=doc).all(|inside| roots.root_of(inside) == doc));
            if reader.is_deleted(doc) {
                assert_eq!(alive, 0, "objects of a dead document");
                continue;
            }
            assert_eq!(alive, doc - first, "a block without some of its objects");
            let stored: tantivy::TantivyDocument =
                searcher.doc(DocAddress::new(segment as u32, doc)).unwrap();
            let id = stored.get_first(fields::ID).unwrap().as_str().unwrap().to_owned();
            assert!(found.insert(id, alive).is_none(), "a document twice");
            alive = 0;
        }
        assert_eq!(alive, 0, "objects without a document");
    }
    found
}

#[test]
fn blocks_are_whole_over_updates_deletions_refreshes_merges_and_restarts() {
    let folder = Folder::new("blocks");
    let mut indices = folder.open();
    let mut open = index(&indices);
    let mut model = Blocks::new();
    let mut seed = 17u64;
    let mut random = |below: u64| {
        seed = seed.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (seed >> 33) % below
    };
    for _ in 0..600 {
        let id = random(25).to_string();
        match random(20) {
            0..=10 => {
                let (document, count) = document(random(6) as u32);
                one(&open, put(&id, document)).unwrap();
                model.insert(id, count);
            }
            11..=14 => {
                one(&open, delete(&id)).unwrap();
                model.remove(&id);
            }
            15 | 16 => open.refresh().unwrap(),
            17 => open.flush().unwrap(),
            18 => open.force_merge(1 + random(2) as usize, &Cancel::new()).unwrap(),
            _ => {
                drop(open);
                drop(indices);
                indices = folder.open();
                open = found(&indices, "i");
            }
        }
        if random(4) == 0 {
            open.refresh().unwrap();
            assert_eq!(visible(&open), model);
        }
    }
    assert!(model.values().any(|count| *count > 0));
}

#[test]
fn without_nested_objects_every_document_is_known_for_a_root() {
    let indices = memory();
    let index = index(&indices);
    one(&index, put("1", json!({"objects": []}))).unwrap();
    one(&index, put("2", json!({"a": 1}))).unwrap();
    index.refresh().unwrap();
    let snapshot = index.snapshot();
    let reader = snapshot.searcher.segment_reader(0);
    assert!(matches!(Roots::of(reader).unwrap(), Roots::All));
}
