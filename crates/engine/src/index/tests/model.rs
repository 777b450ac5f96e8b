//! The index against a model: whatever is written, refreshed, flushed, merged, and opened again, in whatever order, it
//! holds what a map would hold.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::work::Cancel;

#[derive(Clone, Debug)]
enum Step {
    Put(u8, u8),
    Create(u8, u8),
    Delete(u8),
    Stale(u8),
    Refresh,
    Flush,
    Merge,
    Reopen,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (0..6u8, any::<u8>()).prop_map(|(id, value)| Step::Put(id, value)),
        2 => (0..6u8, any::<u8>()).prop_map(|(id, value)| Step::Create(id, value)),
        3 => (0..6u8).prop_map(Step::Delete),
        1 => (0..6u8).prop_map(Step::Stale),
        3 => Just(Step::Refresh),
        1 => Just(Step::Flush),
        1 => Just(Step::Merge),
        1 => Just(Step::Reopen),
    ]
}

/// The document of a value: some bring fields of their own.
fn document(value: u8) -> Value {
    match value % 4 {
        0 => json!({"n": value, "text": format!("some words {value}")}),
        1 => json!({"n": value, format!("field{}", value % 16): value}),
        2 => json!({"n": value, "tags": ["a", format!("t{value}")]}),
        _ => json!({ "n": value }),
    }
}

/// What a map would hold: version, sequence number, value; the value goes and the version stays with a deletion.
#[derive(Default)]
struct Model {
    live: BTreeMap<String, (u64, u64, u8)>,
    /// Versions of deletions that may or may not be remembered.
    next_seq_no: u64,
}

impl Model {
    fn run(&mut self, index: &Index, step: &Step) {
        let (id, operation, value) = match step {
            Step::Put(id, value) => (*id, put(&id.to_string(), document(*value)), Some(*value)),
            Step::Create(id, value) => {
                let value_json = document(*value);
                let raw = Bytes::from(value_json.to_string());
                let write = Write::Create { raw, value: value_json.into() };
                (*id, Operation { write, ..delete(&id.to_string()) }, Some(*value))
            }
            Step::Delete(id) => (*id, delete(&id.to_string()), None),
            Step::Stale(id) => {
                // A precondition that holds for nobody.
                let precondition = Precondition::SeqNo { seq_no: u64::MAX, primary_term: 1 };
                let operation = Operation { precondition, ..put(&id.to_string(), json!({})) };
                assert!(one(index, operation).is_err());
                return;
            }
            _ => return,
        };
        let id = id.to_string();
        let known = self.live.get(&id).copied();
        let answer = one(index, operation);
        if let (Step::Create(..), Some(_)) = (step, known) {
            assert_eq!(answer.unwrap_err().status(), 409);
            return;
        }
        let written = answer.unwrap();
        assert_eq!(written.seq_no, self.next_seq_no);
        self.next_seq_no += 1;
        if let Some((version, ..)) = known {
            assert_eq!(written.version, version + 1);
        }
        match value {
            Some(value) => self.live.insert(id, (written.version, written.seq_no, value)),
            None => self.live.remove(&id),
        };
    }

    fn check(&self, index: &Index) {
        for id in (0..6).map(|id: u8| id.to_string()) {
            let found = index.get(&id, true).unwrap();
            let state = found.map(|found| {
                (
                    found.version,
                    found.seq_no,
                    serde_json::from_slice::<Value>(&found.source).unwrap(),
                )
            });
            let expected = self
                .live
                .get(&id)
                .map(|(version, seq_no, value)| (*version, *seq_no, document(*value)));
            assert_eq!(state, expected, "{id}");
        }
    }

    fn check_visible(&self, index: &Index) {
        let expected: Vec<String> = self.live.keys().cloned().collect();
        assert_eq!(visible(index), expected);
        let snapshot = index.snapshot();
        for (id, (version, seq_no, _)) in &self.live {
            let found = snapshot.find(id).unwrap().unwrap();
            assert_eq!((found.version, found.seq_no), (*version, *seq_no));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn an_index_holds_what_a_map_would_hold(steps in prop::collection::vec(step(), 1..60)) {
        let folder = Folder::new("model");
        let mut indices = folder.open();
        let mut index = created(&indices, "i");
        let mut model = Model::default();
        for step in &steps {
            match step {
                Step::Refresh => {
                    index.refresh().unwrap();
                    model.check_visible(&index);
                }
                Step::Flush => index.flush().unwrap(),
                Step::Merge => index.force_merge(1, &Cancel::new()).unwrap(),
                Step::Reopen => {
                    drop(index);
                    drop(indices);
                    indices = folder.open();
                    index = found(&indices, "i");
                    model.check_visible(&index);
                }
                write => model.run(&index, write),
            }
            model.check(&index);
        }
        index.refresh().unwrap();
        model.check_visible(&index);
    }
}
