//! Files that only their owner may read: keys, credentials, and all else in the data folder.

use std::fs::{self, OpenOptions, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// Writes `text` to `path` with mode 0600, whole or not at all: a new file is written, synced and
/// renamed over the old one. Links in the way are replaced, never followed.
pub(crate) fn write(path: &Path, text: &str) -> io::Result<()> {
    let mut fresh = path.as_os_str().to_owned();
    fresh.push(".new");
    let fresh = Path::new(&fresh);
    // A leftover of a crash may have another mode; `mode` below only applies to files it makes.
    match fs::remove_file(fresh) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    // O_EXCL: a link that was put there meanwhile is an error, not a way out.
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(fresh)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::rename(fresh, path)
}

/// Makes an empty file with mode 0600 for who would make it with another one (SQLite; its journals
/// have the mode of their database). One that is there stays.
pub(crate) fn begin(path: &Path) -> io::Result<()> {
    OpenOptions::new().append(true).create(true).mode(0o600).open(path).map(drop)
}

/// Makes a folder with mode 0700, its parents too.
pub(crate) fn folder(path: &Path) -> io::Result<()> {
    fs::DirBuilder::new().recursive(true).mode(0o700).create(path)
}

/// Takes from everybody but the owner what they may do with a file, or with a folder and all that is
/// in it. Links are left alone and not followed; what is not there needs nothing.
///
/// # Errors
/// The path that could not be looked at or changed, and the system's words.
pub(crate) fn tighten(path: &Path) -> Result<(), (PathBuf, io::Error)> {
    let failed = |error: io::Error| (path.to_owned(), error);
    let known = match fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        known => known.map_err(failed)?,
    };
    if known.is_symlink() {
        return Ok(());
    }
    let mode = known.permissions().mode();
    if mode & 0o077 != 0 {
        fs::set_permissions(path, Permissions::from_mode(mode & 0o700)).map_err(failed)?;
    }
    if known.is_dir() {
        for entry in fs::read_dir(path).map_err(failed)? {
            tighten(&entry.map_err(failed)?.path())?;
        }
    }
    Ok(())
}

/// An empty folder for one test.
#[cfg(test)]
pub(crate) fn scratch(name: &str) -> std::path::PathBuf {
    let folder = std::env::temp_dir().join(format!("countersign-{name}-{}", std::process::id()));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_private_file_is_for_its_owner_even_over_a_public_one() {
        let folder = scratch("private");
        let path = folder.join("env");
        fs::write(&path, "old").unwrap();
        write(&path, "secret").unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::read_to_string(&path).unwrap(), "secret");
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn what_a_link_points_at_is_not_touched() {
        let (folder, outside) = (scratch("tighten"), scratch("tighten-outside"));
        let public = outside.join("public");
        fs::write(&public, "x").unwrap();
        fs::set_permissions(&public, Permissions::from_mode(0o644)).unwrap();
        std::os::unix::fs::symlink(&outside, folder.join("link")).unwrap();
        tighten(&folder).unwrap();
        tighten(&folder.join("nothing")).unwrap();
        assert_eq!(fs::metadata(&public).unwrap().permissions().mode() & 0o777, 0o644);
        fs::remove_dir_all(folder).unwrap();
        fs::remove_dir_all(outside).unwrap();
    }
}
