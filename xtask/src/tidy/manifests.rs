//! Who may know whom: the crates' manifests against the table of ARCHITECTURE.md.

use super::complaint::{self, Complaint};
use super::tree::Tree;

/// Each of our crates and those of ours it may depend on.
const MAY_KNOW: &[(&str, &[&str])] = &[
    ("sigv4", &[]),
    ("policy", &[]),
    ("engine", &[]),
    ("client", &["sigv4"]),
    ("control", &["policy", "sigv4"]),
    ("server", &["client", "control", "engine", "policy", "sigv4"]),
    ("countersign", &["client", "control", "engine", "policy", "server", "sigv4"]),
    ("xtask", &[]),
];

/// Libraries that only some crates may name outside their tests. A name ending in `*` is a prefix.
const ROOMS: &[(&str, &[&str])] = &[
    ("tokio", &["client", "countersign", "server"]),
    ("tokio-*", &["client", "server"]),
    ("hyper*", &["client", "server"]),
    ("rustls*", &["client", "server"]),
    ("tantivy*", &["engine"]),
    ("rusqlite", &["control"]),
    ("aws-config", &["client"]),
    ("aws-sigv4", &[]),
];

/// The most direct dependencies a pure crate may have.
const FEW: usize = 6;

/// Crates held to [`FEW`].
const PURE: &[&str] = &["policy", "sigv4"];

/// Ours depend on ours only as [`MAY_KNOW`] says, in tests too.
pub(crate) fn direction(tree: &Tree) -> Vec<Complaint> {
    let mut complaints = Vec::new();
    for manifest in manifests(tree) {
        let Some((_, may)) = MAY_KNOW.iter().find(|(name, _)| *name == manifest.name) else {
            complaints.push(complaint::unknown_crate(manifest.path, manifest.name));
            continue;
        };
        for dependency in &manifest.dependencies {
            let ours = MAY_KNOW.iter().any(|(name, _)| *name == dependency.name);
            if ours && dependency.name != manifest.name && !may.contains(&dependency.name) {
                complaints.push(complaint::wrong_direction(
                    manifest.path,
                    manifest.name,
                    dependency.name,
                ));
            }
        }
    }
    complaints
}

/// A library with a room of its own is named nowhere else.
pub(crate) fn rooms(tree: &Tree) -> Vec<Complaint> {
    let mut complaints = Vec::new();
    for manifest in manifests(tree) {
        for dependency in manifest.dependencies.iter().filter(|dependency| !dependency.dev) {
            let Some((_, owners)) =
                ROOMS.iter().find(|(library, _)| names(library, dependency.name))
            else {
                continue;
            };
            if !owners.contains(&manifest.name) {
                let owners = if owners.is_empty() { "tests".to_owned() } else { owners.join(", ") };
                complaints.push(complaint::wrong_room(
                    manifest.path,
                    manifest.name,
                    dependency.name,
                    &owners,
                ));
            }
        }
    }
    complaints
}

/// The pure crates have few direct dependencies.
pub(crate) fn size(tree: &Tree) -> Vec<Complaint> {
    let pure = manifests(tree).filter(|manifest| PURE.contains(&manifest.name));
    pure.filter_map(|manifest| {
        let found = manifest.dependencies.iter().filter(|dependency| !dependency.dev).count();
        (found > FEW).then(|| complaint::too_many_dependencies(manifest.path, found, FEW))
    })
    .collect()
}

/// A crate takes each library's version from the workspace.
pub(crate) fn versions(tree: &Tree) -> Vec<Complaint> {
    let mut complaints = Vec::new();
    for manifest in manifests(tree) {
        for dependency in
            manifest.dependencies.iter().filter(|dependency| !dependency.from_workspace)
        {
            complaints.push(complaint::version_outside_workspace(manifest.path, dependency.name));
        }
    }
    complaints
}

/// The libraries of the root manifest's `[workspace.dependencies]`, ours left out.
pub(crate) fn workspace_libraries(tree: &Tree) -> Vec<&str> {
    let Some(text) = tree.text("Cargo.toml") else { return Vec::new() };
    entries(text, |section| section == "workspace.dependencies")
        .map(|(_, name, _)| name)
        .filter(|name| MAY_KNOW.iter().all(|(ours, _)| ours != name))
        .collect()
}

struct Manifest<'a> {
    path: &'a str,
    name: &'a str,
    dependencies: Vec<Dependency<'a>>,
}

struct Dependency<'a> {
    name: &'a str,
    dev: bool,
    from_workspace: bool,
}

fn manifests(tree: &Tree) -> impl Iterator<Item = Manifest<'_>> {
    let members = tree
        .ending("/Cargo.toml")
        .filter(|(path, _)| path.starts_with("crates/") || path.starts_with("xtask/"));
    members.map(|(path, text)| {
        let name = path.trim_end_matches("/Cargo.toml").rsplit('/').next().unwrap_or(path);
        let dependencies = entries(text, |section| section.ends_with("dependencies"))
            .map(|(section, name, rest)| Dependency {
                name,
                dev: section.contains("dev-dependencies"),
                from_workspace: rest.contains("workspace"),
            })
            .collect();
        Manifest { path, name, dependencies }
    })
}

/// The keys of the wanted sections: section, name of the dependency, and the rest of its line.
///
/// Manifests are plain enough to be read by line: `name = …`, `name.workspace = true`, or a table of its
/// own, `[dependencies.name]`.
fn entries<'a>(
    text: &'a str,
    wanted: impl Fn(&str) -> bool + 'a,
) -> impl Iterator<Item = (&'a str, &'a str, &'a str)> {
    let mut section = "";
    text.lines().filter_map(move |line| {
        let line = line.trim();
        if let Some(header) = line.strip_prefix('[') {
            section = header.trim_end_matches(']');
            let (table, name) = section.rsplit_once('.')?;
            return (wanted(table) && !wanted(section)).then_some((table, name, ""));
        }
        let (key, rest) = line.split_once('=')?;
        if line.starts_with('#') || !wanted(section) {
            return None;
        }
        let key = key.trim();
        let name = key.split_once('.').map_or(key, |(name, _)| name);
        Some((section, name, line.trim_start_matches(name)))
            .filter(|_| !name.is_empty() && !rest.is_empty())
    })
}

fn names(pattern: &str, library: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(prefix) => library.starts_with(prefix),
        None => library == pattern,
    }
}
