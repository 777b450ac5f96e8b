//! Marks that betray a machine, a registry or something unfinished.

use super::complaint::{self, Complaint};
use super::tree::Tree;

/// The largest file, in KiB.
const MAX_KIB: usize = 512;

/// Where people's folders are on the usual systems: what follows is somebody's.
const HOMES: &[&str] = &[concat!("/ho", "me/"), concat!("/Us", "ers/"), concat!("/ro", "ot/")];

/// What chooses a registry for a package client. (The marks of this file are split, so that it does not complain of itself.)
const REGISTRY_CHOICES: &[&str] = &[
    concat!("index", "-url"),
    concat!("find", "-links"),
    concat!("npm_config_", "registry"),
    concat!("registry=", "http"),
    concat!("GO", "PROXY"),
    concat!("[source", ".crates-io]"),
    concat!("replace", "-with"),
    concat!("<mirror", "Of>"),
];

const UNFINISHED: &[&str] = &[
    concat!("FIX", "ME"),
    concat!("XX", "X"),
    concat!("to", "do!("),
    concat!("unimple", "mented!("),
    concat!("db", "g!("),
];

/// No absolute path into somebody's folder, or into one that this machine alone has, anywhere but in lock files.
pub(crate) fn machine_paths(tree: &Tree) -> Vec<Complaint> {
    let folders: Vec<&str> = HOMES.iter().copied().chain(tree.own_folders()).collect();
    let lines = tree.texts().filter(|(path, _)| !path.ends_with(".lock")).flat_map(numbered);
    lines
        .filter_map(|(path, number, line)| {
            Some(complaint::machine_path(path, number, &machine_path(line, &folders)?))
        })
        .collect()
}

/// Nothing chooses the registry of a package client: each machine has its own.
pub(crate) fn registries(tree: &Tree) -> Vec<Complaint> {
    let lines = tree.texts().filter(|(path, _)| !path.ends_with(".lock")).flat_map(numbered);
    let found = lines.filter_map(|(path, number, line)| {
        let mark = REGISTRY_CHOICES.iter().find(|mark| line.contains(**mark))?;
        Some(complaint::chosen_registry(path, number, mark))
    });
    found.collect()
}

/// A test that does not run says so to its runner. It does not print that it is skipped, and pass.
pub(crate) fn printed_skips(tree: &Tree) -> Vec<Complaint> {
    let skip = concat!("\"", "skip");
    let mut complaints = Vec::new();
    for (path, text) in tree.ending(".rs") {
        let lines: Vec<&str> = text.lines().collect();
        let statements = lines.windows(2).enumerate();
        complaints.extend(statements.filter_map(|(at, lines)| {
            let (first, second) = (lines.first()?, lines.last()?);
            let (_, printed) = first.split_once("print")?;
            let (_, printed) = printed.split_once("!(")?;
            let said = printed.contains(skip) || printed.is_empty() && second.contains(skip);
            said.then(|| complaint::printed_skip(path, at + 1))
        }));
    }
    complaints
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

/// The first path into one of the folders in the line, unless it is the tail of a longer path or a URL.
fn machine_path(line: &str, folders: &[&str]) -> Option<String> {
    folders.iter().find_map(|folder| {
        line.match_indices(folder).find_map(|(at, _)| {
            let before = line.get(..at)?.chars().next_back();
            let tail = before.is_some_and(|c| c.is_alphanumeric() || "_.-}:)*/".contains(c));
            let after = line.get(at + folder.len()..)?;
            let rest: String =
                after.chars().take_while(|c| c.is_alphanumeric() || "._-/".contains(*c)).collect();
            let opens = rest.starts_with(|c: char| c.is_ascii_lowercase() || c == '.');
            (!tail && opens).then(|| format!("{folder}{rest}"))
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
