//! Who may know whom: the crates' manifests against the table of ARCHITECTURE.md.

use super::complaint::{self, Complaint};
use super::tree::Tree;

/// Each of our crates and those of ours it may depend on.
const MAY_KNOW: &[(&str, &[&str])] = &[
    ("sigv4", &[]),
    ("policy", &[]),
    ("engine", &[]),
    ("client", &["sigv4"]),
    ("console", &["policy"]),
    ("control", &["policy", "sigv4"]),
    ("server", &["client", "console", "control", "engine", "policy", "sigv4"]),
    ("countersign", &["client", "control", "engine", "policy", "server", "sigv4"]),
    ("xtask", &[]),
];

/// Libraries that only some crates may name outside their tests. A name ending in `*` is a prefix.
const ROOMS: &[(&str, &[&str])] = &[
    ("tokio", &["client", "countersign", "server"]),
    // Before `tokio-*`: the first that fits counts.
    ("tokio-postgres-rustls", &["control"]),
    ("tokio-*", &["client", "server"]),
    ("hyper*", &["client", "server"]),
    // A database is reached with TLS, too.
    ("rustls", &["client", "control", "server"]),
    ("rustls*", &["client", "server"]),
    ("tantivy*", &["engine"]),
    ("postgres", &["control"]),
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
            if ours && dependency.name != manifest.name && !may.contains(&dependency.name.as_str())
            {
                complaints.push(complaint::wrong_direction(
                    manifest.path,
                    manifest.name,
                    &dependency.name,
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
                ROOMS.iter().find(|(library, _)| names(library, &dependency.name))
            else {
                continue;
            };
            if !owners.contains(&manifest.name) {
                let owners = if owners.is_empty() { "tests".to_owned() } else { owners.join(", ") };
                complaints.push(complaint::wrong_room(
                    manifest.path,
                    manifest.name,
                    &dependency.name,
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
            complaints.push(complaint::version_outside_workspace(manifest.path, &dependency.name));
        }
    }
    complaints
}

/// The libraries of the root manifest's `[workspace.dependencies]`, ours left out.
pub(crate) fn workspace_libraries(tree: &Tree) -> Vec<String> {
    let root = tree.text("Cargo.toml").and_then(|text| text.parse::<toml::Table>().ok());
    let libraries = root.as_ref().and_then(|root| root.get("workspace")?.get("dependencies"));
    let libraries = libraries.and_then(toml::Value::as_table).into_iter().flatten();
    libraries
        .map(|(name, _)| name.clone())
        .filter(|name| MAY_KNOW.iter().all(|(ours, _)| ours != name))
        .collect()
}

/// Every manifest is TOML.
pub(crate) fn readable(tree: &Tree) -> Vec<Complaint> {
    let parsed = tree.ending("Cargo.toml").map(|(path, text)| (path, text.parse::<toml::Table>()));
    parsed
        .filter_map(|(path, parsed)| {
            Some(complaint::unreadable_manifest(path, parsed.err()?.message()))
        })
        .collect()
}

struct Manifest<'a> {
    path: &'a str,
    name: &'a str,
    dependencies: Vec<Dependency>,
}

struct Dependency {
    name: String,
    dev: bool,
    from_workspace: bool,
}

/// The members' manifests. What cannot be read is the complaint of [`readable`].
fn manifests(tree: &Tree) -> impl Iterator<Item = Manifest<'_>> {
    let members = tree
        .ending("/Cargo.toml")
        .filter(|(path, _)| path.starts_with("crates/") || path.starts_with("xtask/"));
    members.filter_map(|(path, text)| {
        let name = path.trim_end_matches("/Cargo.toml").rsplit('/').next().unwrap_or(path);
        let manifest: toml::Table = text.parse().ok()?;
        let mut dependencies = dependencies(&manifest);
        // Those of one system only: `[target.'cfg(unix)'.dependencies]`.
        let targets = manifest.get("target").and_then(toml::Value::as_table);
        for target in targets.into_iter().flatten().filter_map(|(_, target)| target.as_table()) {
            dependencies.extend(self::dependencies(target));
        }
        Some(Manifest { path, name, dependencies })
    })
}

fn dependencies(table: &toml::Table) -> Vec<Dependency> {
    let mut found = Vec::new();
    for (section, dev) in
        [("dependencies", false), ("build-dependencies", false), ("dev-dependencies", true)]
    {
        let entries = table.get(section).and_then(toml::Value::as_table).into_iter().flatten();
        found.extend(entries.map(|(name, value)| Dependency {
            name: name.clone(),
            dev,
            from_workspace: value.get("workspace").and_then(toml::Value::as_bool) == Some(true),
        }));
    }
    found
}

fn names(pattern: &str, library: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(prefix) => library.starts_with(prefix),
        None => library == pattern,
    }
}
