//! The files of a running service are its owner's alone (abuse case E19).

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use crate::service::{Running, scratch};

/// Every file and folder under `folder`, itself included.
fn all(folder: &Path) -> Vec<PathBuf> {
    let mut found = vec![folder.to_owned()];
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(all(&path)) } else { found.push(path) }
    }
    found
}

fn mode(path: &Path) -> u32 {
    std::fs::symlink_metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn e19_the_files_of_a_running_service_are_its_owners_alone() {
    let data = scratch("private-files");
    std::fs::create_dir_all(&data).unwrap();
    std::fs::set_permissions(&data, Permissions::from_mode(0o755)).unwrap();
    let running = Running::start_on(Some(data.clone()));
    let (dev, key) = (running.domain(), running.developer());
    assert_eq!(dev.signed(&key, "PUT", "/books/_doc/1", b"{}").status, 201);
    assert_eq!(mode(&data), 0o700);
    for name in ["state.db", "state.db-wal", "state.db-shm", "env", "root.env", "sealing.key"] {
        assert_eq!(mode(&data.join(name)), 0o600, "{name}");
    }
    for name in ["lock", "ca.pem", "ca-bundle.pem", "tls/ca.key"] {
        assert_eq!(mode(&data.join(name)), 0o600, "{name}");
    }
    let audit = all(&data.join("audit"));
    assert!(audit.len() > 1, "{audit:?}");
    for path in audit {
        assert_eq!(mode(&path) & 0o077, 0, "{}", path.display());
    }
    running.stop();
    // What others made readable in between is closed at the next start.
    for path in all(&data) {
        let open = if path.is_dir() { 0o755 } else { 0o644 };
        std::fs::set_permissions(&path, Permissions::from_mode(open)).unwrap();
    }
    let running = Running::start_on(Some(data.clone()));
    // Below `domains` files are made anew all the time, with the process's mask; the folder is shut.
    let domains = data.join("domains");
    for path in
        all(&data).iter().filter(|path| path.parent().is_none_or(|it| !it.starts_with(&domains)))
    {
        assert_eq!(mode(path) & 0o077, 0, "{}", path.display());
    }
    running.stop();
    std::fs::remove_dir_all(data).unwrap();
}
