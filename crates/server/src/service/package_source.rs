//! The folder that stands for S3 where packages are made: the object `KEY` of `BUCKET` is the file `BUCKET/KEY` in it.
//!
//! Bucket and key are a caller's: whatever is not a plain path to a plain file below the folder is not there.

use std::fs::{self, File};
use std::io::Read;
use std::path::{Component, Path, PathBuf};

use control::{PACKAGE_BYTES_MAX, PackageReader};

/// A reader of the files below `folder`.
pub(crate) fn reader(folder: PathBuf) -> PackageReader {
    PackageReader::new(move |bucket, key| read(&folder, bucket, key))
}

fn read(folder: &Path, bucket: &str, key: &str) -> Result<Vec<u8>, String> {
    // The same words whatever is there: a caller learns nothing of the machine.
    let missing = || format!("there is no object {key} in bucket {bucket}");
    find(folder, bucket, key).and_then(contents).ok_or_else(missing)
}

/// The file, if it is one of the folder's own: no link on the way leads out of it.
fn find(folder: &Path, bucket: &str, key: &str) -> Option<PathBuf> {
    let plain = |path: &str| {
        let mut parts = Path::new(path).components();
        !path.is_empty() && parts.all(|part| matches!(part, Component::Normal(_)))
    };
    if !plain(bucket) || bucket.contains('/') || !plain(key) {
        return None;
    }
    let bucket = fs::canonicalize(folder.join(bucket)).ok()?;
    let file = fs::canonicalize(bucket.join(key)).ok()?;
    let own = fs::canonicalize(folder).ok()?;
    (bucket.starts_with(&own) && file.starts_with(&bucket) && file.is_file()).then_some(file)
}

/// As much of it as shows that it is too much.
fn contents(path: PathBuf) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let file = File::open(path).ok()?;
    file.take(PACKAGE_BYTES_MAX as u64 + 1).read_to_end(&mut bytes).ok()?;
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::private_file::scratch;

    #[test]
    fn only_plain_files_below_the_bucket_are_objects() {
        let (folder, outside) = (scratch("packages"), scratch("packages-outside"));
        fs::create_dir_all(folder.join("books/words")).unwrap();
        fs::create_dir_all(folder.join("other")).unwrap();
        fs::write(folder.join("books/words/a.txt"), "a").unwrap();
        fs::write(folder.join("other/b.txt"), "b").unwrap();
        fs::write(outside.join("secret"), "s").unwrap();
        std::os::unix::fs::symlink(outside.join("secret"), folder.join("books/link")).unwrap();
        std::os::unix::fs::symlink(&outside, folder.join("linked")).unwrap();
        assert_eq!(read(&folder, "books", "words/a.txt").unwrap(), b"a");
        for (bucket, key) in [
            ("books", "words"),
            ("books", "none"),
            ("books", "../other/b.txt"),
            ("books", "/etc/passwd"),
            ("books", ""),
            ("books", "link"),
            ("linked", "secret"),
            ("", "books/words/a.txt"),
            ("..", "secret"),
            ("books/words", "a.txt"),
        ] {
            let told = read(&folder, bucket, key).unwrap_err();
            assert_eq!(told, format!("there is no object {key} in bucket {bucket}"));
        }
        fs::remove_dir_all(folder).unwrap();
        fs::remove_dir_all(outside).unwrap();
    }

    #[test]
    fn no_more_is_read_than_shows_that_it_is_too_much() {
        let folder = scratch("packages-large");
        fs::create_dir_all(folder.join("b")).unwrap();
        fs::write(folder.join("b/k"), vec![b'x'; PACKAGE_BYTES_MAX + 9]).unwrap();
        assert_eq!(read(&folder, "b", "k").unwrap().len(), PACKAGE_BYTES_MAX + 1);
        fs::remove_dir_all(folder).unwrap();
    }
}
