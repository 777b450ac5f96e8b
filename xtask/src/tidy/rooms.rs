//! Inside the crates: which room may know which, how large a circle of modules may be, how often a type's name is used.

use std::collections::{BTreeMap, BTreeSet};

use super::complaint::{self, Complaint};
use super::source::{self, Module, Modules};
use super::tree::Tree;

/// The rooms of `server`, and the others that each may know. A room without a row is a fault.
const ROOMS: &[(&str, &[&str])] = &[
    ("admin", &["guards", "service", "traces", "transport"]),
    ("audit", &["guards", "service", "settings", "traces"]),
    ("browser", &["guards", "service", "settings", "transport", "walk"]),
    // How a request is rewritten is a question to its values alone.
    ("clusters", &["guards", "settings", "traces"]),
    ("guards", &["service"]),
    ("provisioning", &["audit", "clusters", "guards", "service", "settings", "transport", "walk"]),
    (
        "service",
        &[
            "admin",
            "audit",
            "clusters",
            "guards",
            "provisioning",
            "settings",
            "traces",
            "transport",
            "walk",
            "workloads",
        ],
    ),
    ("settings", &["guards", "transport"]),
    // What a request touches is a question to the engine's tables alone.
    ("targets", &[]),
    ("traces", &["audit", "guards", "service", "settings"]),
    ("transport", &["audit", "browser", "guards", "service", "settings", "walk"]),
    ("walk", &["audit", "clusters", "guards", "service", "targets", "traces", "transport"]),
    ("workloads", &["audit", "guards", "service", "transport", "walk"]),
];

/// The spine of a request's walk: it knows the phases, they do not know it.
const SPINE: (&str, &str) = ("server", "walk");

/// The one file of `server` that may name what [`WRAPPED`] lists: from all others it takes a permit to run anything.
const WRAPPER: (&str, &str) = ("server", "service::backends");

/// Types that are named in the [`WRAPPER`] alone, each with its crate.
const WRAPPED: &[(&str, &str)] =
    &[("control", "Control"), ("engine", "Engine"), ("engine", "View")];

/// The most modules of a crate that may know each other in a circle; where a crate is not named, none may. It goes down only.
const CIRCLES: &[(&str, usize)] = &[("engine", 5), ("server", 2)];

/// In so many modules of a crate a type's name may be declared.
const SAME_NAME_MAX: usize = 2;

/// Names that are declared in more. The list only gets shorter: nothing is added, and a name that is cured must go.
const REPEATED: &[(&str, &str)] = &[];

/// A room of `server` knows only the rooms that [`ROOMS`] lists for it.
pub(crate) fn rooms(tree: &Tree) -> Vec<Complaint> {
    let mut complaints = Vec::new();
    let mut unknown = BTreeSet::new();
    for (path, module) in tree.crates().get("server").into_iter().flatten() {
        let room = room(path);
        let Some((_, may)) = ROOMS.iter().find(|(name, _)| *name == room) else {
            if !room.is_empty() && unknown.insert(room) {
                complaints.push(complaint::unknown_room(&module.file, room));
            }
            continue;
        };
        for (named, line) in &module.names {
            let other = self::room(named);
            if other != room && !may.contains(&other) {
                complaints.push(complaint::wrong_import(&module.file, *line, room, other, may));
            }
        }
    }
    complaints
}

fn room(path: &str) -> &str {
    path.split("::").next().unwrap_or(path)
}

/// No phase knows the spine: what phases share stands in a module below it.
pub(crate) fn spine(tree: &Tree) -> Vec<Complaint> {
    let (krate, spine) = SPINE;
    let phases = tree.crates().get(krate).into_iter().flatten();
    let phases = phases.filter(|(path, _)| source::is_inside(path, spine));
    let knowing = phases.filter_map(|(_, module)| {
        Some(complaint::knows_the_spine(&module.file, *module.names.get(spine)?, spine))
    });
    knowing.collect()
}

/// What runs operations is named in the [`WRAPPER`] alone: there is no way around the permit.
pub(crate) fn wrapped(tree: &Tree) -> Vec<Complaint> {
    let (krate, wrapper) = WRAPPER;
    let modules = tree.crates().get(krate).into_iter().flatten();
    let others = modules.filter(|(path, _)| *path != wrapper);
    let named =
        others.flat_map(|(_, module)| {
            module.outside.iter().filter(|(named, _)| is_wrapped(named)).map(|(named, line)| {
                complaint::around_the_permit(&module.file, *line, named, wrapper)
            })
        });
    named.collect()
}

/// Whether a path leads to a wrapped type, or by `*` to all of its crate.
fn is_wrapped(path: &str) -> bool {
    let Some((krate, inside)) = path.split_once("::") else { return false };
    let names = |name: &str| inside.split("::").any(|part| part == name || part == "*");
    WRAPPED.iter().any(|(of, name)| *of == krate && names(name))
}

/// A module that has submodules stands in their folder, as `mod.rs`: one look shows all of it.
pub(crate) fn folders(tree: &Tree) -> Vec<Complaint> {
    let sources = tree.ending(".rs").filter(|(path, _)| path.contains("/src/"));
    let beside = sources.filter(|(path, _)| tree.has(path.trim_end_matches(".rs")));
    beside.map(|(path, _)| complaint::beside_its_folder(path)).collect()
}

/// No circle of modules is larger than [`CIRCLES`] says.
pub(crate) fn circles(tree: &Tree) -> Vec<Complaint> {
    let mut complaints = Vec::new();
    for (krate, modules) in tree.crates() {
        let most = CIRCLES.iter().find(|(name, _)| name == krate).map_or(1, |(_, most)| *most);
        let circles = circles_of(modules);
        let largest = circles.first().map_or(1, Vec::len);
        if largest < most {
            complaints.push(complaint::cured_circle(krate, largest, most));
        }
        for circle in circles.iter().filter(|circle| circle.len() > most) {
            complaints.push(complaint::circle(krate, circle, most));
        }
    }
    complaints
}

/// The sets of modules that reach each other, the largest first.
fn circles_of(modules: &Modules) -> Vec<Vec<String>> {
    let reached: BTreeMap<&str, BTreeSet<&str>> =
        modules.keys().map(|path| (path.as_str(), reach(modules, path))).collect();
    let mut circles = BTreeSet::new();
    for (path, reach) in &reached {
        let back = reach
            .iter()
            .filter(|other| reached.get(**other).is_some_and(|reach| reach.contains(path)));
        let circle: Vec<String> = back.map(|other| (*other).to_owned()).collect();
        if circle.len() > 1 {
            circles.insert(circle);
        }
    }
    let mut circles: Vec<_> = circles.into_iter().collect();
    circles.sort_by_key(|circle| std::cmp::Reverse(circle.len()));
    circles
}

/// Every module that `from` comes to.
fn reach<'a>(modules: &'a Modules, from: &str) -> BTreeSet<&'a str> {
    let mut reached = BTreeSet::new();
    let mut open = vec![from];
    while let Some(path) = open.pop() {
        for named in modules.get(path).map(|module| module.names.keys()).into_iter().flatten() {
            if reached.insert(named.as_str()) {
                open.push(named);
            }
        }
    }
    reached
}

/// A type's name says of what it is: it is declared in at most [`SAME_NAME_MAX`] modules of a crate.
pub(crate) fn type_names(tree: &Tree) -> Vec<Complaint> {
    repeated_beyond(tree, REPEATED)
}

/// The same, with another list of names that are known to be repeated.
pub(super) fn repeated_beyond(tree: &Tree, known: &[(&str, &str)]) -> Vec<Complaint> {
    let repeated: BTreeMap<(&str, &str), Vec<(&str, usize)>> =
        tree.crates().iter().flat_map(|(krate, modules)| repeated(krate, modules)).collect();
    let new = repeated.iter().filter(|(name, _)| !known.contains(name));
    let new = new.map(|((krate, name), places)| complaint::repeated_name(krate, name, places));
    let cured = known.iter().filter(|name| !repeated.contains_key(*name));
    let cured = cured.map(|(krate, name)| complaint::cured_name(krate, name));
    new.chain(cured).collect()
}

/// The names that too many modules of a crate declare, each with their places.
fn repeated<'a>(
    krate: &'a str,
    modules: &'a Modules,
) -> impl Iterator<Item = ((&'a str, &'a str), Vec<(&'a str, usize)>)> {
    let mut places: BTreeMap<&str, Vec<(&str, usize)>> = BTreeMap::new();
    for Module { file, types, .. } in modules.values() {
        for (line, name) in types {
            let places = places.entry(name).or_default();
            if places.iter().all(|(other, _)| other != file) {
                places.push((file, *line));
            }
        }
    }
    let many = places.into_iter().filter(|(_, places)| places.len() > SAME_NAME_MAX);
    many.map(move |(name, places)| ((krate, name), places))
}
