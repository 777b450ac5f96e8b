//! A state that is carried from one store to another.

use control::{Control, CopyError};
use serde_json::json;

use crate::databases::{Database, on_both};
use crate::store::{create, without_access_keys};
use crate::support::{ACCOUNT, World, allow, open, root_of, t0, trust};

on_both! {
    a_state_is_the_same_in_the_other_store;
    a_store_that_is_not_empty_takes_no_state_and_stays_as_it_is;
    a_text_that_was_cut_or_changed_is_refused_and_changes_nothing;
    a_state_under_another_sealing_key_is_refused_and_changes_nothing;
}

fn exported(world: &World) -> Vec<u8> {
    let mut text = Vec::new();
    let mut told = Vec::new();
    let count = world.control.export(&mut text, &mut |done, all| told.push((done, all))).unwrap();
    assert_eq!(told.last(), Some(&(count, count)));
    text
}

fn imported(control: &Control, text: &[u8]) -> Result<usize, CopyError> {
    control.import(&mut &*text, t0(), &mut |_, _| {})
}

fn empty(database: &Database) -> Control {
    open(database.place(), 7).unwrap()
}

fn a_state_is_the_same_in_the_other_store(database: &Database) {
    let world = World::random();
    let file = Database::file("copied");
    let source = file.world();
    let ann = source.user("ann", &[allow("iam:*", "*"), allow("sts:*", "*")]);
    source.role("r", &trust(&root_of(ACCOUNT)));
    let session =
        source.assume(&ann, &format!("arn:aws:iam::{ACCOUNT}:role/r"), json!({})).unwrap();
    source.ok(&source.root(), "es:CreateElasticsearchDomain", json!({"DomainName": "logs"}));
    let text = exported(&source);
    let target = empty(database);
    let count = imported(&target, &text).unwrap();
    assert_eq!(count, text.iter().filter(|byte| **byte == b'\n').count() - 2);
    let target = World { control: target, now: world.now, shared: true };
    let again = database.world();
    for copy in [&target, &again] {
        assert!(copy.identify(&ann).is_ok() && copy.identify(&session).is_ok());
        let domains = copy.ok(&copy.root(), "es:ListDomainNames", json!({}));
        assert_eq!(domains["DomainNames"][0]["DomainName"], "logs");
        copy.ok(&ann, "iam:ListUsers", json!({}));
    }
    // And back: the same records, whatever their order.
    let lines = |text: &[u8]| {
        let text = String::from_utf8(text.to_vec()).unwrap();
        let records = text.lines().filter(|line| {
            !line.starts_with("{\"countersign_state\"") && !line.starts_with("{\"end\"")
        });
        let mut records: Vec<String> = records.map(str::to_owned).collect();
        records.sort_unstable();
        records
    };
    assert_eq!(lines(&exported(&target)), lines(&text));
}

fn a_store_that_is_not_empty_takes_no_state_and_stays_as_it_is(database: &Database) {
    let world = database.world();
    create(&world, "ann");
    let before = exported(&world);
    let other = World::random_at(&crate::databases::folder("other").join("state.sqlite"));
    for _ in 0..2 {
        let error = imported(&world.control, &exported(&other)).unwrap_err().to_string();
        assert_eq!(
            error,
            "there is a state already (2 changes): a state is imported into an empty store only"
        );
    }
    assert_eq!(exported(&world), before);
}

fn a_text_that_was_cut_or_changed_is_refused_and_changes_nothing(database: &Database) {
    let source = Database::file("cut-copy").world();
    create(&source, "ann");
    let text = String::from_utf8(exported(&source)).unwrap();
    let target = empty(database);
    let (cut, _) = text.trim_end().rsplit_once('\n').unwrap();
    for (text, expected) in [
        (format!("{cut}\n"), "it ends in line 5"),
        (text.trim_end().to_owned(), "it ends in line 5"),
        (text.replace("\"ann\"", "\"eve\""), "line 5: it was changed after it was written"),
        (text.replace("state\":1", "state\":2"), "form 2, and this countersign knows 1"),
        ("name,age\n".to_owned(), "line 1: expected ident at line 1 column 2"),
        (String::new(), "it ends in line 1"),
    ] {
        let error = imported(&target, text.as_bytes()).unwrap_err().to_string();
        assert_eq!(error, format!("not an exported state: {expected}"));
    }
    assert_eq!(target.directory().version(), 0);
    assert_eq!(imported(&target, text.as_bytes()).unwrap(), 3, "account, root's key, ann");
}

fn a_state_under_another_sealing_key_is_refused_and_changes_nothing(database: &Database) {
    let text = exported(&Database::file("sealed-copy").world());
    let source = without_access_keys("sealed-password");
    let mut password = Vec::new();
    open(source.place(), 7).unwrap().export(&mut password, &mut |_, _| {}).unwrap();
    let target = open(database.place(), 8).unwrap();
    for text in [text, password] {
        let error = imported(&target, &text).unwrap_err().to_string();
        assert!(error.contains("changed since; the sealing key must be the one"), "{error}");
    }
    assert_eq!(open(database.place(), 8).unwrap().directory().version(), 0);
}
