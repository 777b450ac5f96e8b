//! Concurrent writers on a condition: what each was told is checked against one order of all writes, Elasticsearch's
//! sequence numbers. (Jepsen found lost updates in Elasticsearch's version checks by such histories.)

use std::sync::atomic::{AtomicU64, AtomicUsize};

use super::*;
use crate::work::Cancel;

const WRITERS: usize = 8;
const ATTEMPTS: usize = 1_250;
const DOCUMENTS: u64 = 3;

/// One attempt: read, then write on the condition that nobody wrote since.
#[derive(Clone, Debug)]
struct Attempt {
    document: u64,
    /// When it began and ended, by a count that all writers share.
    began: u64,
    ended: u64,
    /// What was read: sequence number and value.
    read: (u64, u64),
    /// What the write was told: sequence number and version; `None`: a conflict.
    written: Option<(u64, u64)>,
}

fn history() -> Vec<Attempt> {
    let indices = memory();
    let index = created(&indices, "i");
    for document in 0..DOCUMENTS {
        one(&index, put(&document.to_string(), json!({"n": 0}))).unwrap();
    }
    let (clock, running) = (AtomicU64::new(0), AtomicUsize::new(WRITERS));
    let tick = || clock.fetch_add(1, Ordering::SeqCst);
    let attempts = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for writer in 0..WRITERS {
            let (index, attempts, running, tick) = (&index, &attempts, &running, &tick);
            scope.spawn(move || {
                let mut own = Vec::new();
                for round in 0..ATTEMPTS {
                    let document = (writer + round) as u64 % DOCUMENTS;
                    own.push(attempt(index, document, tick));
                }
                hold(attempts).extend(own);
                running.fetch_sub(1, Ordering::SeqCst);
            });
        }
        // Meanwhile documents move: from the builder into segments, and from many of those into one.
        while running.load(Ordering::SeqCst) > 0 {
            index.refresh().unwrap();
            index.force_merge(1, &Cancel::new()).unwrap();
        }
    });
    attempts.into_inner().unwrap()
}

fn attempt(index: &Index, document: u64, tick: &impl Fn() -> u64) -> Attempt {
    let id = document.to_string();
    let began = tick();
    let found = index.get(&id, true).unwrap().unwrap();
    let value: Value = serde_json::from_slice(&found.source).unwrap();
    let value = value["n"].as_u64().unwrap();
    let precondition =
        Precondition::SeqNo { seq_no: found.seq_no, primary_term: found.primary_term };
    let operation = Operation { precondition, ..put(&id, json!({"n": value + 1})) };
    let written = match one(index, operation) {
        Ok(written) => Some((written.seq_no, written.version)),
        Err(refusal) => {
            assert_eq!(refusal.kind(), ExceptionKind::VersionConflict, "{refusal}");
            None
        }
    };
    Attempt { document, began, ended: tick(), read: (found.seq_no, value), written }
}

#[test]
fn ten_thousand_conditional_writes_have_one_order_that_explains_every_answer() {
    let history = history();
    assert_eq!(history.len(), WRITERS * ATTEMPTS);
    for document in 0..DOCUMENTS {
        let own: Vec<&Attempt> =
            history.iter().filter(|attempt| attempt.document == document).collect();
        let mut won: Vec<(u64, &Attempt)> =
            own.iter().filter_map(|attempt| Some((attempt.written?.0, *attempt))).collect();
        won.sort_by_key(|(seq_no, _)| *seq_no);
        // Each winner had read what the winner before it wrote: no update is lost, none is made twice.
        let mut last = (document, 0, 1);
        for (seq_no, winner) in &won {
            assert_eq!(winner.read, (last.0, last.1), "{winner:?}");
            last = (*seq_no, last.1 + 1, last.2 + 1);
            assert_eq!(winner.written, Some((last.0, last.2)), "{winner:?}");
        }
        assert!(!won.is_empty());
        // The order is that of time: who began after another had ended comes after it.
        let mut latest = 0;
        for (_, winner) in &won {
            assert!(latest < winner.ended, "{winner:?} ended before one ahead of it began");
            latest = latest.max(winner.began);
        }
        for attempt in &own {
            let newer = || won.iter().filter(|(seq_no, _)| *seq_no > attempt.read.0);
            if attempt.written.is_none() {
                // A conflict has somebody who won meanwhile.
                assert!(newer().any(|(_, winner)| winner.began < attempt.ended), "{attempt:?}");
            }
            // A read shows what had been acknowledged before it began, or newer.
            let missed = newer().find(|(_, winner)| winner.ended < attempt.began);
            assert!(missed.is_none(), "{attempt:?} did not see {missed:?}");
        }
    }
}
