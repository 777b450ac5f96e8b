//! The files that the rules judge: all that git tracks or would track, read once.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use std::sync::OnceLock;

use super::source::{self, Crates};

/// Every file by its path relative to the root, with `/` as separator.
#[derive(Default)]
pub(crate) struct Tree {
    files: BTreeMap<String, Vec<u8>>,
    /// Folders of this machine alone: the checkout, and the top folder it lies in unless every system has that.
    own_folders: Vec<String>,
    crates: OnceLock<Crates>,
}

impl Tree {
    /// Reads the work tree at `root`: tracked files, and new ones that `.gitignore` does not name.
    ///
    /// # Errors
    /// When git cannot list the files. A listed file that was deleted is left out.
    pub(crate) fn read(root: &Path) -> Result<Tree, String> {
        let listing = Command::new("git")
            .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
            .current_dir(root)
            .output()
            .map_err(|error| format!("cannot run git: {error}"))?;
        if !listing.status.success() {
            return Err(format!(
                "git ls-files: {}",
                String::from_utf8_lossy(&listing.stderr).trim()
            ));
        }
        let names = String::from_utf8_lossy(&listing.stdout).into_owned();
        let files = names.split('\0').filter(|name| !name.is_empty());
        let files =
            files.filter_map(|name| Some((name.to_owned(), std::fs::read(root.join(name)).ok()?)));
        Ok(Tree { files: files.collect(), own_folders: own_folders(root), ..Tree::default() })
    }

    /// The folders of this machine alone, each with a slash at both ends.
    pub(crate) fn own_folders(&self) -> impl Iterator<Item = &str> {
        self.own_folders.iter().map(String::as_str)
    }

    /// A tree on a machine with a folder of its own.
    #[cfg(test)]
    pub(crate) fn beside(mut self, folder: &str) -> Tree {
        self.own_folders.push(folder.to_owned());
        self
    }

    /// A tree made of the given files: what the rules' tests judge.
    #[cfg(test)]
    pub(crate) fn of(files: &[(&str, &str)]) -> Tree {
        let files = files.iter().map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec()));
        Tree { files: files.collect(), ..Tree::default() }
    }

    /// The crates' sources as modules, read once.
    pub(crate) fn crates(&self) -> &Crates {
        self.crates.get_or_init(|| source::read(self.ending(".rs")))
    }

    pub(crate) fn len(&self) -> usize {
        self.files.len()
    }

    /// The size in bytes of every file.
    pub(crate) fn sizes(&self) -> impl Iterator<Item = (&str, usize)> {
        self.files.iter().map(|(path, bytes)| (path.as_str(), bytes.len()))
    }

    /// Every file that is UTF-8 text.
    pub(crate) fn texts(&self) -> impl Iterator<Item = (&str, &str)> {
        self.files
            .iter()
            .filter_map(|(path, bytes)| Some((path.as_str(), std::str::from_utf8(bytes).ok()?)))
    }

    /// The text files whose path ends in `suffix`.
    pub(crate) fn ending(&self, suffix: &str) -> impl Iterator<Item = (&str, &str)> {
        self.texts().filter(move |(path, _)| path.ends_with(suffix))
    }

    /// The text of one file.
    pub(crate) fn text(&self, path: &str) -> Option<&str> {
        std::str::from_utf8(self.files.get(path)?).ok()
    }

    /// Whether `path` is a file of the tree or a folder holding one. The empty path is the root.
    pub(crate) fn has(&self, path: &str) -> bool {
        let path = path.trim_end_matches('/');
        let folder = format!("{path}/");
        path.is_empty()
            || self.files.contains_key(path)
            || self
                .files
                .range(folder.clone()..)
                .next()
                .is_some_and(|(first, _)| first.starts_with(&folder))
    }
}

/// Top folders that any machine may have.
const USUAL: &[&str] = &[
    "Users", "bin", "boot", "data", "dev", "etc", "home", "lib", "lib64", "media", "mnt", "opt",
    "private", "proc", "root", "run", "sbin", "srv", "sys", "tmp", "usr", "var",
];

fn own_folders(root: &Path) -> Vec<String> {
    let Ok(root) = root.canonicalize() else { return Vec::new() };
    let Some(path) = root.to_str().and_then(|path| path.strip_prefix('/')) else {
        return Vec::new();
    };
    let top = path.split('/').next().filter(|top| !USUAL.contains(top) && *top != path);
    [Some(path), top].into_iter().flatten().map(|path| format!("/{path}/")).collect()
}
