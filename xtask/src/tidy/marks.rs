//! Marks that betray a machine, a registry or something unfinished.

use super::complaint::{self, Complaint};
use super::tree::Tree;

/// The largest file, in KiB.
const MAX_KIB: usize = 512;

/// Top folders of the machines we were built on. (The names of hosts and marks in this file are split,
/// so that the file does not complain of itself.)
const MACHINE_FOLDERS: &[&str] = &["work", "farm", "root"];

const REGISTRY_HOSTS: &[&str] = &[
    concat!("pypi", ".org"),
    concat!("pythonhosted", ".org"),
    concat!("npmjs", ".org"),
    concat!("npmjs", ".com"),
    concat!("static.crates", ".io"),
    concat!("index.crates", ".io"),
    concat!("proxy.golang", ".org"),
    concat!("maven.apache", ".org"),
    concat!("repo1.maven", ".org"),
    concat!("deb.debian", ".org"),
];

const UNFINISHED: &[&str] = &[
    concat!("FIX", "ME"),
    concat!("XX", "X"),
    concat!("to", "do!("),
    concat!("unimple", "mented!("),
    concat!("db", "g!("),
];

/// No absolute path into a folder of one machine, anywhere but in lock files.
pub(crate) fn machine_paths(tree: &Tree) -> Vec<Complaint> {
    let lines = tree.texts().filter(|(path, _)| !path.ends_with(".lock")).flat_map(numbered);
    lines
        .filter_map(|(path, number, line)| {
            Some(complaint::machine_path(path, number, &machine_path(line)?))
        })
        .collect()
}

/// No registry is named by its host, lock files aside: clients find their registry themselves.
pub(crate) fn registry_hosts(tree: &Tree) -> Vec<Complaint> {
    let lines = tree.texts().filter(|(path, _)| !path.ends_with(".lock")).flat_map(numbered);
    let found = lines.filter_map(|(path, number, line)| {
        let host = REGISTRY_HOSTS.iter().find(|host| line.contains(**host))?;
        Some(complaint::registry_host(path, number, host))
    });
    found.collect()
}

/// No mark of unfinished work in code.
pub(crate) fn unfinished(tree: &Tree) -> Vec<Complaint> {
    let code = [".rs", ".py", ".sh", ".toml", ".ci/run"];
    let files = tree.texts().filter(|(path, _)| code.iter().any(|ending| path.ends_with(ending)));
    let found = files.flat_map(numbered).filter_map(|(path, number, line)| {
        let mark = UNFINISHED.iter().find(|mark| holds_word(line, mark))?;
        Some(complaint::unfinished_mark(path, number, mark))
    });
    found.collect()
}

/// No file is larger than [`MAX_KIB`].
pub(crate) fn size(tree: &Tree) -> Vec<Complaint> {
    let big = tree
        .sizes()
        .map(|(path, bytes)| (path, bytes.div_ceil(1024)))
        .filter(|(_, kib)| *kib > MAX_KIB);
    big.map(|(path, kib)| complaint::big_file(path, kib, MAX_KIB)).collect()
}

fn numbered<'a>(
    (path, text): (&'a str, &'a str),
) -> impl Iterator<Item = (&'a str, usize, &'a str)> {
    text.lines().enumerate().map(move |(index, line)| (path, index + 1, line))
}

/// The first `/FOLDER/x` of a machine in the line, unless it is the tail of a longer path or a URL.
fn machine_path(line: &str) -> Option<String> {
    MACHINE_FOLDERS.iter().find_map(|folder| {
        let needle = format!("/{folder}/");
        line.match_indices(&needle).find_map(|(at, _)| {
            let before = line.get(..at)?.chars().next_back();
            let tail = before.is_some_and(|c| c.is_alphanumeric() || "_.-}:)*/".contains(c));
            let after = line.get(at + needle.len()..)?;
            let rest: String =
                after.chars().take_while(|c| c.is_alphanumeric() || "._-/".contains(*c)).collect();
            let opens = rest.starts_with(|c: char| c.is_ascii_lowercase() || c == '.');
            (!tail && opens).then(|| format!("{needle}{rest}"))
        })
    })
}

/// Whether `mark` stands in the line by itself: no letter, digit or underscore touches it in front, nor,
/// where it ends in one, behind.
fn holds_word(line: &str, mark: &str) -> bool {
    let word = |c: char| c.is_alphanumeric() || c == '_';
    line.match_indices(mark).any(|(at, _)| {
        let before = line.get(..at).and_then(|head| head.chars().next_back());
        let after = line.get(at + mark.len()..).and_then(|tail| tail.chars().next());
        let touched_behind = mark.ends_with(word) && after.is_some_and(word);
        !touched_behind && !before.is_some_and(word)
    })
}
