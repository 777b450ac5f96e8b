//! The store: restarts, damage, other sealing keys, and what must never be in it. What every store must do runs on SQLite and
//! on PostgreSQL.

use control::{OpenError, StoreError, StorePlace};
use expect_test::expect;
use serde_json::json;

use crate::databases::{Database, folder, on_both};
use crate::support::{ACCOUNT, ROOT_SECRET, World, allow, open, root_of, text, trust};

on_both! {
    a_restart_keeps_everything;
    no_secret_and_no_token_is_in_the_store;
    another_sealing_key_opens_nothing;
    a_commit_of_another_process_is_seen_at_the_next_change_and_nothing_is_lost;
    two_processes_that_write_at_the_same_time_lose_no_change;
    a_name_that_another_process_took_is_taken;
    what_another_process_forbade_is_forbidden_to_a_call_that_was_allowed_before;
    a_change_of_another_process_that_was_met_on_the_way_is_told_by_the_next_reload;
    a_reload_takes_out_what_another_process_deleted;
    a_change_log_that_was_cut_is_no_harm_everything_is_read_then;
    a_session_that_was_seen_over_stays_over_when_the_store_is_read_again;
    a_store_that_was_put_back_to_an_older_state_is_read_as_it_is;
    a_reload_without_news_publishes_nothing;
    a_record_that_is_damaged_in_the_store_is_told_by_name_and_the_snapshot_stays;
    a_record_under_another_ones_key_is_damage;
    a_key_with_a_line_break_hides_no_change_from_another_process;
    the_change_log_names_operation_and_caller;
}

fn filled(database: &Database) -> (World, crate::support::Key, crate::support::Key) {
    let world = database.world();
    let ann = world.user("ann", &[allow("sts:*", "*")]);
    world.role("r", &trust(&root_of(ACCOUNT)));
    world.ok(&world.root(), "es:CreateElasticsearchDomain", json!({"DomainName": "logs"}));
    let session = world.assume(&ann, "arn:aws:iam::123456789012:role/r", json!({})).unwrap();
    (world, ann, session)
}

fn a_restart_keeps_everything(database: &Database) {
    let (world, ann, session) = filled(database);
    let version = world.control.directory().version();
    world
        .control
        .domain_listening((ACCOUNT, "us-east-1", "logs"), "localhost:9200", 9200, world.now)
        .unwrap();
    drop(world);
    let world = database.world();
    assert_eq!(world.control.directory().version(), version + 1);
    assert!(world.identify(&ann).is_ok());
    assert!(world.identify(&session).is_ok());
    let described =
        world.ok(&world.root(), "es:DescribeElasticsearchDomain", json!({"DomainName": "logs"}));
    assert_eq!(text(&described, "/DomainStatus/Endpoint"), "localhost:9200");
    let directory = world.control.directory();
    assert_eq!(
        directory.signing_secret(&session.id).map(|secret| secret.expose() == session.secret),
        Some(true)
    );
    assert_eq!(
        directory.domain_by_port(9200).map(|domain| domain.name.clone()).as_deref(),
        Some("logs")
    );
}

fn no_secret_and_no_token_is_in_the_store(database: &Database) {
    let (world, ann, session) = filled(database);
    let bytes = database.bytes();
    drop(world);
    let holds =
        |needle: &str| bytes.windows(needle.len()).any(|window| window == needle.as_bytes());
    assert!(holds(&ann.id), "the search itself works");
    for secret in [ROOT_SECRET, &ann.secret, &session.secret, session.token.as_deref().unwrap()] {
        assert!(!holds(secret), "{secret}");
    }
}

fn another_sealing_key_opens_nothing(database: &Database) {
    drop(filled(database));
    let Err(OpenError::Directory(error)) = open(database.place(), 8) else { panic!("it opened") };
    assert!(error.why.contains("its secret cannot be unsealed"), "{error}");
}

#[test]
fn e02_a_new_sealing_key_opens_everything_and_the_old_one_nothing() {
    let database = Database::file("reseal");
    let (world, ann, session) = filled(&database);
    let root = world.root();
    let password = json!({"UserName": "ann", "Password": "correct-Horse-1"});
    world.ok(&root, "iam:CreateLoginProfile", password);
    world.ok(&root, "iam:CreateVirtualMFADevice", json!({"VirtualMFADeviceName": "phone"}));
    // Root's key, ann's key, her password, the device's seed.
    assert_eq!(world.control.reseal([8; 32], world.now).unwrap(), 4);
    assert!(open(database.place(), 7).is_err());
    let control = open(database.place(), 8).unwrap();
    let directory = control.directory();
    let secret = directory.signing_secret(&ann.id).map(|secret| secret.expose() == ann.secret);
    assert_eq!(secret, Some(true));
    assert!(directory.login(ACCOUNT, "ann").matches(&control::Password::new("correct-Horse-1")));
    assert!(
        directory.signing_secret(&session.id).is_none(),
        "its token was sealed with the old key"
    );
}

/// The state of an account that has no access key, but a password and a device.
pub(crate) fn without_access_keys(name: &str) -> Database {
    let database = Database::file(name);
    let world = database.world();
    create(&world, "ann");
    let password = json!({"UserName": "ann", "Password": "correct-Horse-1"});
    world.ok(&world.root(), "iam:CreateLoginProfile", password);
    world.ok(&world.root(), "iam:CreateVirtualMFADevice", json!({"VirtualMFADeviceName": "phone"}));
    database.run("DELETE FROM records WHERE kind = 'access-key'");
    database
}

#[test]
fn a_key_that_opens_no_password_is_found_where_there_is_no_access_key() {
    let database = without_access_keys("check-secrets");
    assert_eq!(open(database.place(), 7).unwrap().check_secrets(), Ok(()));
    let error = open(database.place(), 8).unwrap().check_secrets().unwrap_err().to_string();
    assert!(error.contains("user 123456789012/ann: its secret cannot be unsealed"), "{error}");
}

#[test]
fn a_damaged_file_is_one_clear_error() {
    let path = folder("damaged").join("state.sqlite");
    drop(filled(&Database::File(path.clone())));
    let mut bytes = std::fs::read(&path).unwrap();
    for byte in bytes.iter_mut().take(100) {
        *byte = 0x55;
    }
    std::fs::write(&path, &bytes).unwrap();
    let error = open(StorePlace::File(path.clone()), 7).err().unwrap();
    expect!["the state is damaged or not countersign's: file is not a database"]
        .assert_eq(&error.to_string());
    std::fs::write(&path, b"not a database at all, but long enough to be looked at by SQLite")
        .unwrap();
    assert!(matches!(
        open(StorePlace::File(path), 7),
        Err(OpenError::Store(StoreError::Damaged { .. }))
    ));
}

#[test]
fn another_programs_database_is_not_touched() {
    let path = folder("foreign").join("state.sqlite");
    let foreign = rusqlite::Connection::open(&path).unwrap();
    foreign.execute_batch("CREATE TABLE theirs (x)").unwrap();
    drop(foreign);
    let error = open(StorePlace::File(path), 7).err().unwrap();
    expect!["the state is damaged or not countersign's: it is a SQLite file of another program"]
        .assert_eq(&error.to_string());
}

#[test]
fn a_newer_schema_is_refused_by_number() {
    let path = folder("newer").join("state.sqlite");
    drop(filled(&Database::File(path.clone())));
    let file = rusqlite::Connection::open(&path).unwrap();
    file.pragma_update(None, "user_version", 99).unwrap();
    drop(file);
    let error = open(StorePlace::File(path), 7).err().unwrap();
    expect![
        "the state has schema 99; this countersign knows 1: use the newer version that wrote it"
    ]
    .assert_eq(&error.to_string());
}

#[test]
fn a_folder_that_is_not_there_is_an_input_output_error() {
    let path = folder("absent").join("nowhere/state.sqlite");
    let error = open(StorePlace::File(path), 7).err().unwrap();
    assert!(matches!(error, OpenError::Store(StoreError::Io { .. })), "{error}");
}

/// Two control planes over one store, as two processes would have them.
pub(crate) fn two(database: &Database) -> (World, World) {
    (database.world(), database.world())
}

pub(crate) fn create(world: &World, user: &str) {
    world.ok(&world.root(), "iam:CreateUser", json!({"UserName": user}));
}

pub(crate) fn has(world: &World, user: &str) -> bool {
    world.control.directory().user(ACCOUNT, user).is_some()
}

fn a_commit_of_another_process_is_seen_at_the_next_change_and_nothing_is_lost(database: &Database) {
    let (one, two) = two(database);
    create(&one, "ann");
    assert!(!has(&two, "ann"), "nobody told it yet");
    create(&two, "bob");
    assert!(has(&two, "ann") && has(&two, "bob"));
    create(&one, "carol");
    assert!(has(&one, "bob"));
    let third = database.world();
    assert!(["ann", "bob", "carol"].iter().all(|user| has(&third, user)));
    let versions = [&one, &third].map(|world| world.control.directory().version());
    assert_eq!(versions[0], versions[1]);
}

fn two_processes_that_write_at_the_same_time_lose_no_change(database: &Database) {
    let (one, two) = two(database);
    std::thread::scope(|scope| {
        for (world, name) in [(&one, "a"), (&two, "b")] {
            scope.spawn(move || (0..20).for_each(|n| create(world, &format!("{name}{n}"))));
        }
    });
    let third = database.world();
    let users = third.control.directory().users(&format!("{ACCOUNT}/")).count();
    assert_eq!(users, 40);
}

fn a_name_that_another_process_took_is_taken(database: &Database) {
    let (one, two) = two(database);
    create(&one, "ann");
    let error = two.refused(&two.root(), "iam:CreateUser", json!({"UserName": "ann"}));
    assert!(error.contains("User with name ann already exists"), "{error}");
}

fn what_another_process_forbade_is_forbidden_to_a_call_that_was_allowed_before(
    database: &Database,
) {
    let (one, two) = two(database);
    let ann = one.user("ann", &[allow("iam:*", "*")]);
    two.control.reload().unwrap();
    one.ok(&one.root(), "iam:DeleteUserPolicy", json!({"UserName": "ann", "PolicyName": "p0"}));
    let error = two.refused(&ann, "iam:CreateUser", json!({"UserName": "eve"}));
    assert!(error.contains("is not authorized to perform: iam:CreateUser"), "{error}");
    assert!(!has(&database.world(), "eve"));
}

fn a_change_of_another_process_that_was_met_on_the_way_is_told_by_the_next_reload(
    database: &Database,
) {
    let (one, two) = two(database);
    create(&one, "ann");
    create(&two, "bob");
    assert!(has(&two, "ann"), "seen when it committed");
    let told = || two.control.reload().unwrap();
    assert!(told(), "and told: somebody writes it into the audit");
    assert!(!told(), "once");
}

fn a_reload_takes_out_what_another_process_deleted(database: &Database) {
    let (one, two) = two(database);
    let ann = one.user("ann", &[]);
    two.control.reload().unwrap();
    assert!(two.identify(&ann).is_ok());
    one.ok(&one.root(), "iam:DeleteAccessKey", json!({"UserName": "ann", "AccessKeyId": ann.id}));
    one.ok(&one.root(), "iam:DeleteUser", json!({"UserName": "ann"}));
    two.control.reload().unwrap();
    assert!(!has(&two, "ann") && two.identify(&ann).is_err());
}

fn a_change_log_that_was_cut_is_no_harm_everything_is_read_then(database: &Database) {
    let (one, two) = two(database);
    let session = one.ok(&one.root(), "sts:GetSessionToken", json!({}));
    let session = crate::support::credentials(&session);
    create(&one, "gone");
    two.control.reload().unwrap();
    create(&one, "ann");
    one.ok(&one.root(), "iam:DeleteUser", json!({"UserName": "gone"}));
    database.run("DELETE FROM changes");
    two.control.reload().unwrap();
    assert!(has(&two, "ann") && !has(&two, "gone") && two.identify(&session).is_ok());
    assert_eq!(two.control.directory().version(), one.control.directory().version());
}

fn a_session_that_was_seen_over_stays_over_when_the_store_is_read_again(database: &Database) {
    let (one, mut two) = two(database);
    let session = one.ok(&one.root(), "sts:GetSessionToken", json!({"DurationSeconds": 900}));
    let session = crate::support::credentials(&session);
    two.control.reload().unwrap();
    two.later(901);
    assert!(two.identify(&session).is_err());
    two.later(-901);
    create(&one, "ann");
    database.run("DELETE FROM changes");
    two.control.reload().unwrap();
    assert!(has(&two, "ann") && two.identify(&session).is_err());
}

fn a_store_that_was_put_back_to_an_older_state_is_read_as_it_is(database: &Database) {
    let (one, two) = two(database);
    create(&one, "ann");
    two.control.reload().unwrap();
    database.run("DELETE FROM records WHERE kind = 'user'");
    database.run("UPDATE meta SET value = value - 1 WHERE name = 'version'");
    two.control.reload().unwrap();
    assert!(!has(&two, "ann"));
}

fn a_reload_without_news_publishes_nothing(database: &Database) {
    let (one, two) = two(database);
    create(&one, "ann");
    two.control.reload().unwrap();
    let before = two.control.directory();
    two.control.reload().unwrap();
    assert!(std::sync::Arc::ptr_eq(&before, &two.control.directory()));
}

fn a_record_that_is_damaged_in_the_store_is_told_by_name_and_the_snapshot_stays(
    database: &Database,
) {
    let (one, two) = two(database);
    create(&one, "ann");
    two.control.reload().unwrap();
    create(&one, "bob");
    database.run("UPDATE records SET body = '{}' WHERE key LIKE '%/bob'");
    let error = two.control.reload().unwrap_err();
    assert_eq!(error.code, control::ErrorCode::Unavailable);
    assert!(error.message.contains("record user 123456789012/bob: "), "{error}");
    assert!(has(&two, "ann") && !has(&two, "bob"));
    let refused = two.refused(&two.root(), "iam:CreateUser", json!({"UserName": "carol"}));
    assert!(refused.starts_with("ServiceUnavailable: "), "{refused}");
    assert!(!has(&two, "carol"), "nothing is decided on what cannot be read");
}

fn a_record_under_another_ones_key_is_damage(database: &Database) {
    create(&database.world(), "ann");
    database.run("UPDATE records SET key = '123456789012/eve' WHERE key LIKE '%/ann'");
    let error = open(database.place(), 7).err().unwrap();
    expect!["the state is damaged or not countersign's: record user 123456789012/eve contains another record"]
        .assert_eq(&error.to_string());
}

fn a_key_with_a_line_break_hides_no_change_from_another_process(database: &Database) {
    let (one, two) = two(database);
    create(&one, "ann");
    two.control.reload().unwrap();
    let url = format!("https://idp.example/x\n-user {ACCOUNT}/ann");
    one.ok(&one.root(), "iam:CreateOpenIDConnectProvider", json!({"Url": url}));
    two.control.reload().unwrap();
    let listed = two.ok(&two.root(), "iam:ListOpenIDConnectProviders", json!({}));
    assert_eq!(listed["OpenIDConnectProviderList"].as_array().map(Vec::len), Some(1));
    assert!(has(&two, "ann"));
}

fn the_change_log_names_operation_and_caller(database: &Database) {
    create(&database.world(), "ann");
    let newest = "SELECT operation, caller, records FROM changes ORDER BY version DESC LIMIT 1";
    let expected = ["iam:CreateUser", "arn:aws:iam::123456789012:root", "+user 123456789012/ann"];
    assert_eq!(database.row(newest), expected);
}
