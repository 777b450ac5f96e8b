use std::fs;
use std::path::{Path, PathBuf};

use std::sync::Arc;

use jiff::Timestamp;

use super::record::PolicyRecord;
use super::*;
use crate::guards::limits;
use crate::settings::{AuditSettings, OnAuditFailure};

fn id(number: u32) -> String {
    format!("00000000-0000-4000-8000-{number:012x}")
}

/// The record of a proven caller.
fn record(number: u32) -> AuditRecord {
    let principal = PrincipalRecord { proven: true, ..PrincipalRecord::default() };
    let time = Timestamp::from_second(1_000_000_000).ok();
    AuditRecord { request_id: id(number), time, principal, ..AuditRecord::default() }
}

/// The record of somebody who was refused before proving anything.
fn stranger(number: u32) -> AuditRecord {
    AuditRecord { principal: PrincipalRecord::default(), ..record(number) }
}

fn open(folder: &Path, settings: &AuditSettings) -> Arc<Audit> {
    let place = AuditPlace { folder, key: DigestKey::of_seed(&[7; 32]).unwrap() };
    Arc::new(Audit::open(Some(place), settings).unwrap())
}

fn write(audit: &Arc<Audit>, record: AuditRecord) {
    drop(AuditEntry::begin(audit, record));
}

fn named(folder: &Path, start: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.filter(|path| path.file_name().unwrap().to_str().unwrap().starts_with(start)).collect()
}

#[test]
fn an_abandoned_request_is_recorded_as_499() {
    let audit = Arc::new(Audit::open(None, &AuditSettings::default()).unwrap());
    write(&audit, record(1));
    assert_eq!(audit.find(&id(1)).unwrap().status, 499);
}

#[test]
fn what_the_service_tried_of_its_own_accord_is_recorded_as_it_ended() {
    let audit = Arc::new(Audit::open(None, &AuditSettings::default()).unwrap());
    for (number, done) in [(1, Ok(())), (2, Err("the store is closed"))] {
        AuditEntry::begin(&audit, record(number)).ended(&done);
    }
    let (done, failed) = (audit.find(&id(1)).unwrap(), audit.find(&id(2)).unwrap());
    assert_eq!((done.status, done.refusal), (200, None));
    assert_eq!((failed.status, failed.refusal.as_deref()), (400, Some("the store is closed")));
}

#[test]
fn a_record_is_found_in_the_files_after_a_restart() {
    let folder = crate::service::private_file::scratch("audit-restart");
    write(&open(&folder, &AuditSettings::default()), record(1));
    let reopened = open(&folder, &AuditSettings::default());
    write(&reopened, record(2));
    for number in [1, 2] {
        assert_eq!(reopened.find(&id(number)).unwrap().request_id, id(number));
        assert_eq!(find_record(&folder, &id(number)).unwrap().unwrap().request_id, id(number));
    }
    assert!(reopened.find(&id(3)).is_none());
    fs::remove_dir_all(folder).unwrap();
}

#[test]
fn the_oldest_files_go_when_there_are_more_bytes_than_are_kept() {
    let folder = crate::service::private_file::scratch("audit-rotation");
    let settings = AuditSettings { keep_bytes: 64 * 1024, ..AuditSettings::default() };
    let audit = open(&folder, &settings);
    for number in 0..2_000 {
        write(&audit, record(number));
    }
    let bytes: u64 =
        named(&folder, "audit").iter().map(|path| path.metadata().unwrap().len()).sum();
    assert!(bytes <= 64 * 1024, "{bytes}");
    drop(audit);
    let reopened = open(&folder, &settings);
    assert!(reopened.find(&id(1_999)).is_some());
    assert!(reopened.find(&id(1_950)).is_some(), "of a file that was rotated");
    assert!(reopened.find(&id(0)).is_none());
    fs::remove_dir_all(folder).unwrap();
}

/// The last digits of the ids of the records that are still to be read.
fn rest(records: &mut AuditRecords) -> Vec<u32> {
    let read = std::iter::from_fn(|| records.read().unwrap());
    read.map(|(record, _)| u32::from_str_radix(record.request_id.get(24..).unwrap(), 16).unwrap())
        .collect()
}

#[test]
fn files_that_a_service_rotates_or_removes_while_they_are_searched_end_no_search() {
    let folder = crate::service::private_file::scratch("audit-searched");
    let settings = AuditSettings { keep_bytes: 64 * 1024, ..AuditSettings::default() };
    let audit = open(&folder, &settings);
    (0..2).for_each(|number| write(&audit, record(number)));
    let mut records = AuditRecords::open(&folder).unwrap();
    (2..30).for_each(|number| write(&audit, record(number)));
    assert!(named(&folder, "audit-").len() > 1, "what was current is rotated");
    assert_eq!(rest(&mut records), (0..30).collect::<Vec<_>>());

    let mut records = AuditRecords::open(&folder).unwrap();
    records.read().unwrap();
    (30..400).for_each(|number| write(&audit, record(number)));
    let rest = rest(&mut records);
    assert!(!rest.contains(&29), "its file is removed");
    assert!(rest.is_sorted() && rest.last() == Some(&399), "{rest:?}");
    fs::remove_dir_all(folder).unwrap();
}

#[test]
fn an_old_file_that_cannot_be_removed_keeps_no_other_and_loses_no_record() {
    let folder = crate::service::private_file::scratch("audit-unremovable");
    let settings = AuditSettings { keep_bytes: 64 * 1024, ..AuditSettings::default() };
    let audit = open(&folder, &settings);
    // The oldest by its name; a folder is not removed as a file is.
    fs::create_dir(folder.join("audit-20000101T000000000000Z.jsonl")).unwrap();
    (0..400).for_each(|number| write(&audit, record(number)));
    assert_eq!(audit.failures(), 0);
    assert!(named(&folder, "audit-").len() <= 16, "the others are removed");
    assert_eq!(audit.find(&id(399)).unwrap().request_id, id(399));
    fs::remove_dir_all(folder).unwrap();
}

#[test]
fn records_older_than_the_days_that_are_kept_go_with_their_file() {
    let folder = crate::service::private_file::scratch("audit-days");
    let audit = open(&folder, &AuditSettings { keep_days: 30, ..AuditSettings::default() });
    let day = |day: i64, number: u32| {
        let time = Timestamp::from_second(1_000_000_000 + day * 86_400).ok();
        write(&audit, AuditRecord { time, ..record(number) });
    };
    day(0, 1);
    day(2, 2);
    assert_eq!(named(&folder, "audit-").len(), 1, "a file holds a day");
    day(31, 3);
    assert!(
        find_record(&folder, &id(1)).unwrap().is_some(),
        "rotated on day 2, so it is kept until day 32"
    );
    day(33, 4);
    assert!(find_record(&folder, &id(1)).unwrap().is_none());
    assert!(find_record(&folder, &id(2)).unwrap().is_some());
    fs::remove_dir_all(folder).unwrap();
}

#[test]
fn s11_strangers_cannot_push_out_the_records_of_proven_callers() {
    let folder = crate::service::private_file::scratch("audit-strangers");
    let audit = open(&folder, &AuditSettings { keep_bytes: 64 * 1024, ..AuditSettings::default() });
    write(&audit, record(1));
    for number in 2..20_002 {
        let long = "x".repeat(limits::AUDIT_TEXT_BYTES_MAX);
        let from = AuditRecord {
            path: long.clone(),
            user_agent: Some(long.clone()),
            query: long,
            client_address: format!("192.0.2.{}", number % 50),
            ..stranger(number)
        };
        write(&audit, from);
    }
    assert!(audit.find(&id(1)).is_some());
    let ours = fs::read_to_string(folder.join("audit.jsonl")).unwrap();
    assert_eq!(ours.lines().count(), 1);
    drop(audit);
    let apart: u64 =
        named(&folder, "unproven").iter().map(|path| path.metadata().unwrap().len()).sum();
    let most = limits::AUDIT_UNPROVEN_RECORDS_MAX as u64 * 50 * 2_048;
    assert!(apart < most, "{apart}");
    fs::remove_dir_all(folder).unwrap();
}

#[test]
fn s11_what_was_not_written_of_strangers_is_one_record_at_the_end() {
    let folder = crate::service::private_file::scratch("audit-count");
    let audit = open(&folder, &AuditSettings::default());
    for number in 0..1_000 {
        write(&audit, AuditRecord { client_address: "192.0.2.1".into(), ..stranger(number) });
    }
    drop(audit);
    let text = fs::read_to_string(folder.join("unproven.jsonl")).unwrap();
    let records: Vec<AuditRecord> =
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(records.len(), limits::AUDIT_UNPROVEN_RECORDS_MAX + 1);
    let left_out: usize = records.iter().map(|record| record.requests_left_out).sum();
    assert_eq!(left_out, 1_000 - limits::AUDIT_UNPROVEN_RECORDS_MAX);
    fs::remove_dir_all(folder).unwrap();
}

#[test]
fn an_anonymous_caller_who_was_served_is_among_the_others() {
    let served = AuditRecord { stage: Stage::Respond, ..stranger(1) };
    assert!(!served.is_unproven());
    assert!(stranger(1).is_unproven());
}

#[test]
fn s20_very_many_records_cost_a_bounded_part_of_memory() {
    let audit = Arc::new(Audit::open(None, &AuditSettings::default()).unwrap());
    let long = "x".repeat(limits::AUDIT_TEXT_BYTES_MAX);
    for number in 0..20_000 {
        write(&audit, AuditRecord { path: long.clone(), ..record(number) });
    }
    let bytes: usize = audit.recent().iter().map(|record| record.path.len()).sum();
    assert!(bytes < limits::AUDIT_RING_BYTES_MAX, "{bytes}");
    assert!(audit.find(&id(19_999)).is_some());
}

#[test]
fn e12_no_text_of_a_client_begins_a_second_line() {
    let folder = crate::service::private_file::scratch("audit-injection");
    let audit = open(&folder, &AuditSettings::default());
    let forged =
        "x\r\n{\"requestId\":\"00000000-0000-4000-8000-0000000000ff\"}\n\u{1b}[2J\u{85}\u{2028}";
    let evil = AuditRecord {
        path: forged.into(),
        query: forged.into(),
        user_agent: Some(forged.into()),
        opaque_id: Some(forged.into()),
        resources: vec![forged.into()],
        refusal: Some(forged.into()),
        ..record(1)
    };
    write(&audit, evil);
    let bytes = fs::read(folder.join("audit.jsonl")).unwrap();
    assert_eq!(bytes.iter().filter(|byte| **byte == b'\n').count(), 1);
    assert!(!bytes.contains(&0x1b) && !bytes.contains(&b'\r'));
    assert!(find_record(&folder, &id(0xff)).unwrap().is_none());
    assert_eq!(find_record(&folder, &id(1)).unwrap().unwrap().path, forged);
    fs::remove_dir_all(folder).unwrap();
}

#[test]
fn s21_every_file_of_the_audit_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let folder = crate::service::private_file::scratch("audit-modes").join("audit");
    let audit = open(&folder, &AuditSettings { keep_bytes: 16 * 1024, ..AuditSettings::default() });
    for number in 0..20 {
        write(&audit, record(number));
        write(&audit, stranger(100 + number));
    }
    assert!(audit.find(&id(9_999)).is_none(), "which makes the indices");
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&folder), 0o700);
    let paths: Vec<PathBuf> = named(&folder, "");
    for kind in ["audit.jsonl", "unproven.jsonl", ".ids"] {
        assert!(
            paths.iter().any(|path| path.to_str().unwrap().ends_with(kind)),
            "{kind}: {paths:?}"
        );
    }
    for path in paths {
        let expected = if path.is_dir() { 0o700 } else { 0o600 };
        assert_eq!(mode(&path), expected, "{}", path.display());
    }
    fs::remove_dir_all(folder.parent().unwrap()).unwrap();
}

#[test]
fn e10_a_full_disk_is_counted_and_refuses_where_the_operator_says_so() {
    for (on_failure, refused) in [(OnAuditFailure::Continue, false), (OnAuditFailure::Refuse, true)]
    {
        let folder = crate::service::private_file::scratch("audit-full");
        std::os::unix::fs::symlink("/dev/full", folder.join("audit.jsonl")).unwrap();
        let audit = open(&folder, &AuditSettings { on_failure, ..AuditSettings::default() });
        let entry = AuditEntry::begin(&audit, record(1));
        assert_eq!(entry.ahead().write(|_| {}).is_err(), refused);
        drop(entry);
        assert!(audit.failures() > 0);
        assert!(audit.metrics().contains("countersign_audit_failing 1"));
        // It is in memory still.
        assert!(audit.find(&id(1)).is_some());
        // There is room again: the next record is written, and nothing is refused any more.
        fs::remove_file(folder.join("audit.jsonl")).unwrap();
        let entry = AuditEntry::begin(&audit, record(2));
        assert_eq!(entry.ahead().write(|_| {}), Ok(()));
        drop(entry);
        assert!(audit.metrics().contains("countersign_audit_failing 0"));
        assert_eq!(find_record(&folder, &id(2)).unwrap().unwrap().status, 499);
        fs::remove_dir_all(folder).unwrap();
    }
}

#[test]
fn e10_a_request_that_is_about_to_run_is_on_record_before_it_does() {
    let folder = crate::service::private_file::scratch("audit-ahead");
    let audit = open(
        &folder,
        &AuditSettings { on_failure: OnAuditFailure::Refuse, ..AuditSettings::default() },
    );
    let mut entry = AuditEntry::begin(&audit, record(1));
    entry.ahead().write(|record| record.action = Some("es:ESHttpPut".into())).unwrap();
    let ahead = find_record(&folder, &id(1)).unwrap().unwrap();
    assert_eq!((ahead.status, ahead.action.as_deref()), (0, Some("es:ESHttpPut")));
    entry.status = 200;
    drop(entry);
    assert_eq!(find_record(&folder, &id(1)).unwrap().unwrap().status, 200, "the newest of the two");
    fs::remove_dir_all(folder).unwrap();
}

#[test]
fn e13_the_page_of_records_has_every_member_and_no_other() {
    let text = || Some("x".to_owned());
    let statement = StatementRecord { sid: text(), ..StatementRecord::default() };
    let near_miss = NearMissRecord { statement: statement.clone(), ..NearMissRecord::default() };
    let decision = DecisionRecord {
        by: vec![statement],
        resource_account: text(),
        near_misses: vec![near_miss],
        missing: vec!["x".into()],
        text: text(),
        context: [("aws:sourceip".to_owned(), Vec::new())].into(),
        documents: text().map(Into::into),
        resource_side_hidden: true,
        ..DecisionRecord::default()
    };
    let principal = PrincipalRecord {
        account: text(),
        access_key_id: text(),
        user_name: text(),
        authentication: text().map(Into::into),
        ..PrincipalRecord::default()
    };
    let full = AuditRecord {
        query: "x".into(),
        user_agent: text(),
        opaque_id: text(),
        principal,
        action: text(),
        resources_left_out: 1,
        fields: vec!["f".to_owned()],
        fields_left_out: true,
        decisions: vec![decision],
        decisions_left_out: 1,
        context: [("aws:sourceip".to_owned(), Vec::new())].into(),
        policies: vec![PolicyRecord { level: 1, digest: text(), ..PolicyRecord::default() }],
        account: text(),
        signature_form: text().map(Into::into),
        refusal: text(),
        layer: Some(Layer::Http),
        refusal_kind: text(),
        service_reason: text(),
        reason: text(),
        requests_left_out: 1,
        ..AuditRecord::default()
    };
    let full = serde_json::to_value(full).unwrap();
    let names = |rows: &[(&'static [&'static str], &'static str)]| -> Vec<String> {
        let names = rows.iter().flat_map(|(names, _)| *names);
        let mut names: Vec<String> = names.map(|name| (*name).to_owned()).collect();
        names.sort();
        names
    };
    let keys = |value: &serde_json::Value, more: &[&str]| -> Vec<String> {
        let keys = value.as_object().unwrap().keys().map(String::as_str);
        let mut keys: Vec<String> = keys.chain(more.iter().copied()).map(str::to_owned).collect();
        keys.sort();
        keys
    };
    assert_eq!(names(schema::RECORD), keys(&full, &["lost", "sequence", "previous", "hash"]));
    assert_eq!(names(schema::PRINCIPAL), keys(&full["principal"], &[]));
    assert_eq!(names(schema::DECISION), keys(&full["decisions"][0], &[]));
    assert_eq!(names(schema::POLICY), keys(&full["policies"][0], &[]));
    expect_test::expect_file!["../../../../docs/reference/audit-records.md"]
        .assert_eq(&schema::page());
    assert_eq!(full["version"], 1);
    for member in ["kind", "policy", "statement", "sid"] {
        assert!(!full["decisions"][0]["by"][0][member].is_null(), "{member}");
    }
}
