//! E9: who alters, removes, moves or cuts off records is found out, and what a service does by itself is no alarm.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;

use super::chain::{ChainHead, ChainLink};
use super::*;
use crate::service::private_file::scratch;
use crate::settings::AuditSettings;

const SEED: [u8; 32] = [7; 32];

/// Files of 4 KiB, 64 KiB in all.
fn small() -> AuditSettings {
    AuditSettings { keep_bytes: 64 * 1024, ..AuditSettings::default() }
}

fn open_with(folder: &Path, seed: [u8; 32]) -> Arc<Audit> {
    let place = AuditPlace { folder, key: DigestKey::of_seed(&seed).unwrap() };
    Arc::new(Audit::open(Some(place), &small()).unwrap())
}

fn open(folder: &Path) -> Arc<Audit> {
    open_with(folder, SEED)
}

fn now() -> Timestamp {
    Timestamp::from_second(1_000_000_000).unwrap()
}

fn write(audit: &Arc<Audit>, numbers: std::ops::Range<u32>) {
    for number in numbers {
        let principal = PrincipalRecord { proven: true, ..PrincipalRecord::default() };
        let request_id = format!("00000000-0000-4000-8000-{number:012x}");
        let record =
            AuditRecord { request_id, time: Some(now()), principal, ..AuditRecord::default() };
        drop(AuditEntry::begin(audit, record));
    }
}

/// An audit of 30 records in several files, with a digest after 20 of them and one at its end.
fn made(name: &str) -> PathBuf {
    let folder = scratch(&format!("tampering-{name}")).join("audit");
    let audit = open(&folder);
    write(&audit, 0..20);
    audit.digest(now());
    write(&audit, 20..30);
    folder
}

fn public(seed: [u8; 32]) -> String {
    DigestKey::of_seed(&seed).unwrap().public()
}

fn verify(folder: &Path) -> Result<AuditReport, VerifyError> {
    verify_audit(folder, &[public(SEED)], None)
}

/// What verification finds, as `FILE:LINE: …`.
fn faults(folder: &Path) -> Vec<String> {
    match verify(folder) {
        Err(VerifyError::Faults(faults)) => {
            let file =
                |fault: &AuditFault| fault.file.file_name().unwrap().to_str().unwrap().to_owned();
            faults
                .iter()
                .map(|fault| format!("{}:{}: {}", file(fault), fault.line, fault.what))
                .collect()
        }
        other => panic!("{other:?}"),
    }
}

#[track_caller]
fn found(folder: &Path, beginning: &str) {
    let faults = faults(folder);
    assert!(faults.iter().any(|fault| fault.starts_with(beginning)), "{faults:#?}");
    fs::remove_dir_all(folder.parent().unwrap()).unwrap();
}

/// The files of the set, the oldest first.
fn paths(folder: &Path) -> Vec<PathBuf> {
    let mut paths = super::files::files(folder, "audit").unwrap();
    paths.reverse();
    paths.push(folder.join("audit.jsonl"));
    paths
}

fn name(path: &Path) -> String {
    path.file_name().unwrap().to_str().unwrap().to_owned()
}

/// Where a record is: its file and its line, from 1.
fn place(folder: &Path, sequence: u64) -> (PathBuf, usize) {
    for path in paths(folder) {
        for (line, text) in (1..).zip(fs::read_to_string(&path).unwrap().lines()) {
            if ChainLink::of(text.as_bytes()).unwrap().head.sequence == sequence {
                return (path, line);
            }
        }
    }
    panic!("no record {sequence}");
}

/// Changes the lines of a file.
fn edit(path: &Path, change: impl FnOnce(&mut Vec<String>)) {
    let mut lines: Vec<String> =
        fs::read_to_string(path).unwrap().lines().map(str::to_owned).collect();
    change(&mut lines);
    fs::write(path, lines.iter().map(|line| format!("{line}\n")).collect::<String>()).unwrap();
}

#[test]
fn e09_an_audit_that_nobody_touched_is_whole() {
    let folder = made("whole");
    assert!(paths(&folder).len() >= 3, "several files");
    let report = verify(&folder).unwrap();
    assert_eq!(report.sets[0].records, Some((1, 30)));
    assert_eq!(
        (report.sets[0].unsigned, report.digests),
        (0, 3),
        "the first, the one after 20, the last"
    );
    fs::remove_dir_all(folder.parent().unwrap()).unwrap();
}

#[test]
fn e09_a_service_that_starts_again_or_is_killed_goes_on_with_the_chain() {
    let folder = made("restart");
    let audit = open(&folder);
    write(&audit, 30..40);
    // Killed: nothing settles.
    std::mem::forget(audit);
    let report = verify(&folder).unwrap();
    assert_eq!((report.sets[0].records, report.sets[0].unsigned), (Some((1, 40)), 10));
    drop(open(&folder));
    write(&open(&folder), 40..50);
    let report = verify(&folder).unwrap();
    assert_eq!((report.sets[0].records, report.sets[0].unsigned), (Some((1, 50)), 0));
    fs::remove_dir_all(folder.parent().unwrap()).unwrap();
}

#[test]
fn e09_half_a_line_that_a_crash_left_is_cut_off_at_the_next_start() {
    let folder = made("half");
    let path = folder.join("audit.jsonl");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, format!("{text}{{\"version\":1,\"ti")).unwrap();
    assert_eq!(verify(&folder).unwrap().sets[0].half, 16);
    write(&open(&folder), 30..31);
    let report = verify(&folder).unwrap();
    assert_eq!((report.sets[0].records, report.sets[0].half), (Some((1, 31)), 0));
    fs::remove_dir_all(folder.parent().unwrap()).unwrap();
}

#[test]
fn e09_files_that_retention_removed_are_not_missed_and_others_are() {
    let folder = made("retention");
    write(&open(&folder), 30..400);
    let report = verify(&folder).unwrap();
    let (first, last) = report.sets[0].records.unwrap();
    assert!(first > 1 && last == 400, "{first}");
    let oldest = paths(&folder).remove(0);
    fs::remove_file(&oldest).unwrap();
    let next = name(&paths(&folder)[0]);
    found(&folder, &format!("{next}:1: records {first} to "));
}

#[test]
fn e09_an_altered_record_is_found_in_its_line() {
    let folder = made("altered");
    let (path, line) = place(&folder, 12);
    edit(&path, |lines| {
        lines[line - 1] = lines[line - 1].replace("\"status\":499", "\"status\":200")
    });
    found(&folder, &format!("{}:{line}: record 12 was altered", name(&path)));
}

#[test]
fn e09_the_last_record_is_protected_too() {
    let folder = made("altered-last");
    let (path, line) = place(&folder, 30);
    edit(&path, |lines| {
        lines[line - 1] = lines[line - 1].replace("\"status\":499", "\"status\":200")
    });
    found(&folder, &format!("{}:{line}: record 30 was altered", name(&path)));
}

/// What somebody with the files and without the key can do at best: all hashes from a record on, anew.
fn rechain(folder: &Path, from: u64) {
    let mut head = ChainHead::default();
    for path in paths(folder) {
        edit(&path, |lines| {
            for line in lines {
                let link = ChainLink::of(line.as_bytes()).unwrap();
                if link.head.sequence < from {
                    head = link.head;
                    continue;
                }
                let (record, _) = line.split_once(",\"sequence\":").unwrap();
                let record = record.replace("\"status\":499", "\"status\":200") + "}";
                let (next, text) =
                    head.chain(record.as_bytes(), link.previous.is_some(), 0).unwrap();
                head = next;
                *line = String::from_utf8(text).unwrap().trim_end().to_owned();
            }
        });
    }
}

#[test]
fn e09_records_that_were_written_anew_with_all_hashes_are_not_what_a_digest_signed() {
    for (from, at, digest, begin) in [(12, 20, 2, 1), (25, 30, 3, 21)] {
        let folder = made(&format!("rechained-{from}"));
        rechain(&folder, from);
        let (path, line) = place(&folder, at);
        found(
            &folder,
            &format!(
                "{}:{line}: record {at} is not the one that digest {digest} signed: records from {begin} on",
                name(&path)
            ),
        );
    }
}

#[test]
fn e09_a_removed_record_is_missed_before_the_next() {
    let folder = made("removed");
    let (path, line) = place(&folder, 14);
    edit(&path, |lines| drop(lines.remove(line - 1)));
    let (path, line) = place(&folder, 15);
    found(&folder, &format!("{}:{line}: record 14 is missing before this line", name(&path)));
}

#[test]
fn e09_a_removed_file_in_the_middle_is_missed() {
    let folder = made("removed-file");
    let all = paths(&folder);
    fs::remove_file(&all[1]).unwrap();
    let first =
        ChainLink::of(fs::read_to_string(&all[2]).unwrap().lines().next().unwrap().as_bytes());
    let missing = first.unwrap().head.sequence - 1;
    let faults = faults(&folder);
    assert!(faults[0].starts_with(&format!("{}:1: records ", name(&all[2]))), "{faults:?}");
    assert!(faults[0].contains(&format!(" to {missing} are missing")), "{faults:?}");
    fs::remove_dir_all(folder.parent().unwrap()).unwrap();
}

#[test]
fn e09_two_records_that_changed_places_are_told_as_such() {
    let folder = made("swapped");
    let ((path, line), (other, _)) = (place(&folder, 2), place(&folder, 3));
    assert_eq!(path, other);
    edit(&path, |lines| lines.swap(line - 1, line));
    found(
        &folder,
        &format!(
            "{0}:{line}: record 3 stands here out of order: record 2, which was expected, is at",
            name(&path)
        ),
    );
}

#[test]
fn e09_a_record_that_stands_there_twice_and_a_line_that_was_put_in_are_found() {
    let folder = made("twice");
    let (path, line) = place(&folder, 2);
    edit(&path, |lines| lines.insert(line, lines[line - 1].clone()));
    found(&folder, &format!("{}:{}: record 2 stands here again", name(&path), line + 1));

    let folder = made("put-in");
    let (path, line) = place(&folder, 2);
    edit(&path, |lines| lines.insert(line, "{\"status\":200}".to_owned()));
    found(&folder, &format!("{}:{}: this line is not of the chain", name(&path), line + 1));
}

#[test]
fn e09_an_end_that_was_cut_off_is_missed_in_lines_bytes_and_files() {
    let folder = made("cut-lines");
    let (path, line) = place(&folder, 30);
    edit(&path, |lines| lines.truncate(line - 1));
    let (last, line) = place(&folder, 29);
    found(&folder, &format!("{}:{line}: cut off after this line: records 30 to 30", name(&last)));

    let folder = made("cut-bytes");
    let path = folder.join("audit.jsonl");
    let mut text = fs::read(&path).unwrap();
    text.truncate(text.len() - 10);
    fs::write(&path, text).unwrap();
    assert!(faults(&folder)[0].contains("cut off after this line: records 30 to 30"));
    fs::remove_dir_all(folder.parent().unwrap()).unwrap();

    let folder = made("cut-file");
    fs::remove_file(folder.join("audit.jsonl")).unwrap();
    assert!(faults(&folder)[0].contains(" to 30, which digest 3 signed, are missing"));
    fs::remove_dir_all(folder.parent().unwrap()).unwrap();
}

#[test]
fn e09_an_end_that_was_cut_off_is_missed_after_the_service_wrote_on() {
    let folder = made("cut-restart");
    let (path, line) = place(&folder, 27);
    edit(&path, |lines| lines.truncate(line - 1));
    let gone = paths(&folder).into_iter().skip_while(|other| *other != path).skip(1);
    gone.for_each(|path| fs::remove_file(path).unwrap());
    write(&open(&folder), 30..32);
    let (path, line) = place(&folder, 31);
    found(
        &folder,
        &format!("{}:{line}: records 27 to 30 are missing before this line", name(&path)),
    );
}

#[test]
fn e09_a_file_of_another_audit_is_found() {
    let (folder, other) = (made("replaced"), made("replacement"));
    write(&open(&other), 30..31);
    let (mine, theirs) = (paths(&folder), paths(&other));
    edit(&theirs[1], |lines| {
        for line in lines {
            *line = line.replace("\"status\":499", "\"status\":200");
        }
    });
    rechain(&other, 1);
    fs::copy(&theirs[1], &mine[1]).unwrap();
    fs::remove_dir_all(other.parent().unwrap()).unwrap();
    found(&folder, &format!("{}:1: record ", name(&mine[1])));
}

#[test]
fn e09_digests_that_were_altered_removed_moved_or_replayed_are_found() {
    type Change = fn(&mut Vec<String>);
    let changes: [(Change, &str); 6] = [
        (
            |lines| lines[1] = lines[1].replace("\"last\":20", "\"last\":19"),
            "2: digest 2 was altered",
        ),
        (|lines| drop(lines.remove(1)), "2: digests 2 to 2 are missing before this line"),
        (|lines| drop(lines.remove(0)), "1: digests 1 to 1 are missing"),
        (|lines| lines.swap(0, 1), "1: digests 1 to 1 are missing"),
        (|lines| lines.push(lines[1].clone()), "4: digest 2 stands here again or out of order"),
        (|lines| lines[1] = "{}".to_owned(), "2: this is no digest"),
    ];
    for (number, (change, fault)) in changes.into_iter().enumerate() {
        let folder = made(&format!("digests-{number}"));
        edit(&folder.join("digests.jsonl"), change);
        found(&folder, &format!("digests.jsonl:{fault}"));
    }
}

#[test]
fn e09_digests_that_are_gone_are_missed_also_after_the_service_began_new_ones() {
    let folder = made("no-digests");
    fs::remove_file(folder.join("digests.jsonl")).unwrap();
    assert!(faults(&folder)[0].contains("there is no digest"));
    write(&open(&folder), 30..31);
    found(&folder, "digests.jsonl:1: digests before this one are missing");
}

#[test]
fn e09_files_that_no_digest_vouches_for_are_no_audit_whichever_are_left() {
    let folder = made("no-digests-nor-current");
    fs::remove_file(folder.join("digests.jsonl")).unwrap();
    fs::remove_file(folder.join("audit.jsonl")).unwrap();
    fs::remove_file(folder.join("unproven.jsonl")).unwrap();
    assert!(faults(&folder)[0].contains("there is no digest"));
    for path in super::files::files(&folder, "audit").unwrap() {
        fs::remove_file(path).unwrap();
    }
    let expected = "0".repeat(64);
    assert!(verify_audit(&folder, &[public(SEED)], Some(&expected)).is_err());
    found(&folder, "digests.jsonl:1: there is no digest");
}

#[test]
fn e09_what_somebody_signed_with_another_key_is_found() {
    let folder = scratch("tampering-key").join("audit");
    write(&open_with(&folder, [8; 32]), 0..10);
    assert!(verify_audit(&folder, &[public([8; 32])], None).is_ok());
    found(&folder, &format!("digests.jsonl:1: digest 1 is signed with key {}", public([8; 32])));
}

#[test]
fn e09_a_key_that_was_changed_is_taken_from_those_who_know_both() {
    let folder = made("two-keys");
    write(&open_with(&folder, [8; 32]), 30..31);
    let report = verify_audit(&folder, &[public(SEED), public([8; 32])], None).unwrap();
    assert_eq!(report.keys.len(), 2);
    found(&folder, "digests.jsonl:4: digest 4 is signed with key");
}

#[test]
fn e09_an_end_that_was_cut_off_with_its_digest_is_missed_by_who_knows_the_digest() {
    let folder = made("cut-both");
    let (_, _, hash) = verify(&folder).unwrap().newest.unwrap();
    assert!(verify_audit(&folder, &[public(SEED)], Some(&hash)).is_ok());
    edit(&folder.join("digests.jsonl"), |lines| lines.truncate(2));
    for sequence in (21..=30).rev() {
        let (path, line) = place(&folder, sequence);
        edit(&path, |lines| lines.truncate(line - 1));
    }
    assert!(verify(&folder).is_ok(), "by itself it is whole: SECURITY.md says so");
    let told = verify_audit(&folder, &[public(SEED)], Some(&hash)).unwrap_err().to_string();
    assert!(told.contains(&format!("digest {hash}, which must be there, is not")), "{told}");
    fs::remove_dir_all(folder.parent().unwrap()).unwrap();
}

#[test]
fn e09_records_from_before_there_was_a_chain_stay_and_are_counted() {
    let folder = scratch("tampering-before").join("audit");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("audit.jsonl"), "{\"status\":200}\n{\"status\":403}\n").unwrap();
    write(&open(&folder), 0..20);
    let report = verify(&folder).unwrap();
    assert_eq!((report.sets[0].before_chain, report.sets[0].records), (2, Some((1, 20))));
    // They cannot be a hiding place: what a digest signed is missed where it stood.
    edit(&paths(&folder)[0], |lines| {
        for line in lines {
            *line = "{\"status\":200}".to_owned();
        }
    });
    let faults = faults(&folder);
    assert!(faults[0].contains("records 1 to "), "{faults:?}");
    fs::remove_dir_all(folder.parent().unwrap()).unwrap();
}

#[test]
fn e10_what_could_not_be_written_is_told_by_the_next_record() {
    let folder = scratch("tampering-full");
    std::os::unix::fs::symlink("/dev/full", folder.join("audit.jsonl")).unwrap();
    let audit = open(&folder);
    write(&audit, 0..3);
    fs::remove_file(folder.join("audit.jsonl")).unwrap();
    write(&audit, 3..5);
    drop(audit);
    let report = verify(&folder).unwrap();
    assert_eq!((report.sets[0].lost, report.sets[0].records), (3, Some((1, 2))));
    fs::remove_dir_all(folder).unwrap();
}

#[test]
fn e10_a_digest_that_cannot_be_written_is_counted_and_the_next_one_takes_its_place() {
    let folder = scratch("tampering-digest").join("audit");
    let audit = open(&folder);
    write(&audit, 0..3);
    let (path, aside) = (folder.join("digests.jsonl"), folder.join("aside"));
    fs::rename(&path, &aside).unwrap();
    fs::create_dir(&path).unwrap();
    audit.digest(now());
    assert!(audit.metrics().contains("countersign_audit_digest_failures_total 1"));
    fs::remove_dir(&path).unwrap();
    fs::rename(&aside, &path).unwrap();
    audit.digest(now());
    let report = verify(&folder).unwrap();
    assert_eq!((report.digests, report.sets[0].unsigned), (2, 0));
    fs::remove_dir_all(folder.parent().unwrap()).unwrap();
}

#[test]
fn e09_of_many_files_so_many_are_kept_and_what_is_left_is_whole() {
    let folder = scratch("chain-files").join("audit");
    let place = AuditPlace { folder: &folder, key: DigestKey::of_seed(&SEED).unwrap() };
    let settings = AuditSettings { keep_files: 3, ..small() };
    let audit = Arc::new(Audit::open(Some(place), &settings).unwrap());
    write(&audit, 0..100);
    drop(audit);
    assert_eq!(paths(&folder).len(), 4, "three and the current one");
    let report = verify(&folder).unwrap();
    let (first, last) = report.sets[0].records.unwrap();
    assert!(first > 1 && last == 100, "{first} to {last}");
    assert_eq!(report.sets[0].files, 4);
    fs::remove_dir_all(folder.parent().unwrap()).unwrap();
}
