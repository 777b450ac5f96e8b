//! A deletion that a crash interrupted is finished by the next start, wherever it stopped: when the record was marked, when
//! some files were gone, when all were.

use std::path::{Path, PathBuf};

use control::{
    Control, ControlOptions, ControlSettings, Operation, OperationCall, Service, StorePlace,
};
use data_encoding::HEXLOWER;
use policy::Context;
use serde_json::json;

use crate::service::{Running, scratch};

/// Commits what `DeleteDomain` commits, as the last thing that a process did.
fn mark_deleted(data: &Path, root: &str) {
    let key = std::fs::read_to_string(data.join("sealing.key")).unwrap();
    let sealing_key = HEXLOWER.decode(key.trim().as_bytes()).unwrap().try_into().unwrap();
    let place = StorePlace::File(data.join("state.db"));
    let settings = ControlSettings::default();
    let control = Control::open(ControlOptions { place, sealing_key, settings }).unwrap();
    let (directory, now) = (control.directory(), server::Clock::System.now());
    let done = control.execute(&OperationCall {
        operation: Operation::find(Service::OpenSearch, "DeleteDomain").unwrap(),
        input: &json!({"DomainName": "dev"}),
        caller: &directory.identify(root, None, now).unwrap(),
        judged: directory.version(),
        context: &Context::new(),
        region: "us-east-1",
        observer: &|_| None,
        now,
        request_id: "crash",
    });
    assert_eq!(done.unwrap()["DomainStatus"]["Deleted"], true);
}

/// The folder of domain `dev` below `folder`.
fn domain_folder(folder: &Path) -> Option<PathBuf> {
    let entries = std::fs::read_dir(folder).ok()?.map(|entry| entry.unwrap().path());
    let folders: Vec<PathBuf> = entries.filter(|path| path.is_dir()).collect();
    let own = |path: &&PathBuf| {
        path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("dev-"))
    };
    folders.iter().find(own).cloned().or_else(|| folders.iter().find_map(|it| domain_folder(it)))
}

/// Removes every second file, as a removal that was stopped in between.
fn remove_some(folder: &Path) {
    for (number, entry) in std::fs::read_dir(folder).unwrap().enumerate() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            remove_some(&path);
        } else if number % 2 == 0 {
            std::fs::remove_file(path).unwrap();
        }
    }
}

#[test]
fn a_deletion_is_finished_by_the_next_start_wherever_a_crash_stopped_it() {
    let steps: [fn(&Path); 3] =
        [|_| {}, remove_some, |folder| std::fs::remove_dir_all(folder).unwrap()];
    for (number, step) in steps.into_iter().enumerate() {
        let data = scratch(&format!("deletion-{number}"));
        let running = Running::start_on(Some(data.clone()));
        let key = running.assume("search-app");
        let made = running.domain().signed(&key, "PUT", "/kept/_doc/1", br#"{"n":1}"#);
        assert_eq!(made.status, 201, "{}", made.text());
        let root = running.service().keys.root.access_key_id.clone();
        running.stop();
        mark_deleted(&data, &root);
        let folder = domain_folder(&data).unwrap();
        step(&folder);

        let again = Running::start_on(Some(data.clone()));
        assert!(!again.service().domains().contains_key("dev"), "step {number}");
        assert!(!folder.exists(), "step {number}");
        let control = again.control("es");
        let target = "/2021-01-01/opensearch/domain";
        let created =
            control.signed(&again.developer(), "POST", target, br#"{"DomainName":"dev"}"#);
        assert_eq!(created.status, 200, "the name is free: {}", created.text());
        assert!(again.eventually(|running| running.service().domains().contains_key("dev")));
        assert_ne!(domain_folder(&data).unwrap(), folder, "and its data is another");
        again.stop();
        std::fs::remove_dir_all(data).unwrap();
    }
}
