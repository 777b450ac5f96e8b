//! What tidy says. Every message is made here, by a function named for the fault, so that the texts can
//! be found, read together and tested.

use std::fmt;

/// One fault: where it is and what to do about it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Complaint {
    path: String,
    /// 1-based; 0 when the fault is the file's, not a line's.
    line: usize,
    text: String,
}

impl fmt::Display for Complaint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.line == 0 {
            write!(f, "{}: {}", self.path, self.text)
        } else {
            write!(f, "{}:{}: {}", self.path, self.line, self.text)
        }
    }
}

fn at(path: &str, line: usize, text: String) -> Complaint {
    Complaint { path: path.to_owned(), line, text }
}

pub(crate) fn wrong_direction(path: &str, from: &str, to: &str) -> Complaint {
    at(path, 0, format!("`{from}` may not know `{to}`: ARCHITECTURE.md says who may know whom"))
}

pub(crate) fn unknown_crate(path: &str, name: &str) -> Complaint {
    at(path, 0, format!("`{name}` is not in tidy's table of who may know whom: add its row"))
}

pub(crate) fn unreadable_manifest(path: &str, fault: &str) -> Complaint {
    at(path, 0, format!("not TOML: {fault}"))
}

pub(crate) fn unknown_room(path: &str, room: &str) -> Complaint {
    at(
        path,
        0,
        format!(
            "`{room}` is not in tidy's table of the server's rooms (xtask/src/tidy/rooms.rs): add its row, or move the file into a room"
        ),
    )
}

pub(crate) fn wrong_import(
    path: &str,
    line: usize,
    room: &str,
    other: &str,
    may: &[&str],
) -> Complaint {
    let may = if may.is_empty() { "no other".to_owned() } else { may.join(", ") };
    at(
        path,
        line,
        format!(
            "`{room}` may not know `{other}` (it may know {may}): hand it what it needs as a value, or move what both need into a room below both"
        ),
    )
}

pub(crate) fn knows_the_spine(path: &str, line: usize, spine: &str) -> Complaint {
    at(
        path,
        line,
        format!(
            "a phase knows the spine `{spine}`: what phases share stands in a module of its own below it"
        ),
    )
}

pub(crate) fn around_the_permit(path: &str, line: usize, named: &str, wrapper: &str) -> Complaint {
    at(
        path,
        line,
        format!(
            "`{named}` is named outside of `{wrapper}`: nothing runs without a permit, so call what that module offers"
        ),
    )
}

pub(crate) fn no_spine(path: &str, function: &str) -> Complaint {
    at(
        path,
        0,
        format!(
            "no `{function}` at the start of a line: tidy compares its body with ARCHITECTURE.md"
        ),
    )
}

pub(crate) fn walk_differs(
    path: &str,
    line: usize,
    told: &str,
    done: &str,
    source: &str,
) -> Complaint {
    at(
        path,
        line,
        format!("the walk is told as `{told}`, {source} does `{done}`: tell it as it is done"),
    )
}

pub(crate) fn beside_its_folder(path: &str) -> Complaint {
    let folder = path.trim_end_matches(".rs");
    at(path, 0, format!("its submodules are in `{folder}/`: move it there, as `mod.rs`"))
}

pub(crate) fn circle(krate: &str, modules: &[String], most: usize) -> Complaint {
    let folder = if krate == "xtask" { krate.to_owned() } else { format!("crates/{krate}") };
    at(
        &folder,
        0,
        format!(
            "{} modules know each other in a circle, at most {most} may: {}. Move what two of them share into a module that knows neither",
            modules.len(),
            modules.join(", ")
        ),
    )
}

pub(crate) fn cured_circle(krate: &str, largest: usize, most: usize) -> Complaint {
    at(
        "xtask/src/tidy/rooms.rs",
        0,
        format!(
            "the largest circle of `{krate}` has {largest} modules: lower its {most} in CIRCLES"
        ),
    )
}

pub(crate) fn repeated_name(krate: &str, name: &str, places: &[(&str, usize)]) -> Complaint {
    let (path, line) = places.first().copied().unwrap_or_default();
    let others: Vec<&str> = places.iter().skip(1).map(|(path, _)| *path).collect();
    at(
        path,
        line,
        format!(
            "{} modules of `{krate}` declare a type `{name}` ({} too): let the name say of what it is",
            places.len(),
            others.join(", ")
        ),
    )
}

pub(crate) fn cured_name(krate: &str, name: &str) -> Complaint {
    at(
        "xtask/src/tidy/rooms.rs",
        0,
        format!("`{name}` of `{krate}` is not repeated any more: take it off the list REPEATED"),
    )
}

pub(crate) fn printed_skip(path: &str, line: usize) -> Complaint {
    at(
        path,
        line,
        "a skipped test says so to the runner: mark it `#[ignore = \"needs …\"]`, or let it fail"
            .to_owned(),
    )
}

pub(crate) fn wrong_room(path: &str, from: &str, library: &str, owners: &str) -> Complaint {
    at(path, 0, format!("`{from}` may not name `{library}`: only {owners} may"))
}

pub(crate) fn too_many_dependencies(path: &str, found: usize, allowed: usize) -> Complaint {
    at(
        path,
        0,
        format!(
            "{found} direct dependencies, at most {allowed} allowed: the crate is to stay small and pure"
        ),
    )
}

pub(crate) fn version_outside_workspace(path: &str, library: &str) -> Complaint {
    at(path, 0, format!("`{library}` states its own version: write `{library}.workspace = true`"))
}

pub(crate) fn library_without_reason(path: &str, library: &str, record: &str) -> Complaint {
    at(path, 0, format!("`{library}` has no line in {record}: say why it was chosen"))
}

pub(crate) fn decision_name(path: &str) -> Complaint {
    at(path, 0, "a decision record is named NNNN-title.md".to_owned())
}

pub(crate) fn decision_number_taken(path: &str, other: &str) -> Complaint {
    at(path, 0, format!("its number is taken by {other}"))
}

pub(crate) fn decision_heading(path: &str, heading: &str) -> Complaint {
    at(path, 1, format!("a decision record begins with `# NNNN Title`, saw `{heading}`"))
}

pub(crate) fn decision_without_row(path: &str, index: &str, row: &str) -> Complaint {
    at(path, 0, format!("{index} has no row for it: add `{row} decided | DATE | … |`"))
}

pub(crate) fn long_function(path: &str, line: usize, lines: usize, allowed: usize) -> Complaint {
    at(
        path,
        line,
        format!(
            "function of {lines} lines, at most {allowed}: split it, or say `// long: why` above it"
        ),
    )
}

pub(crate) fn machine_path(path: &str, line: usize, seen: &str) -> Complaint {
    at(path, line, format!("`{seen}` is a path of one machine: make it relative"))
}

pub(crate) fn chosen_registry(path: &str, line: usize, mark: &str) -> Complaint {
    at(
        path,
        line,
        format!(
            "`{mark}` chooses a registry for everybody: leave that to each machine's own configuration"
        ),
    )
}

pub(crate) fn unfinished_mark(path: &str, line: usize, mark: &str) -> Complaint {
    at(
        path,
        line,
        format!(
            "`{mark}` marks something unfinished: finish it, or open an issue and say so in README"
        ),
    )
}

pub(crate) fn big_file(path: &str, kib: usize, allowed: usize) -> Complaint {
    at(path, 0, format!("{kib} KiB, at most {allowed} KiB: make it, do not commit it"))
}

pub(crate) fn broken_link(path: &str, line: usize, target: &str) -> Complaint {
    at(path, line, format!("broken link to `{target}`"))
}

pub(crate) fn missing_path(path: &str, line: usize, named: &str) -> Complaint {
    at(path, line, format!("`{named}` does not exist: the page must stay true"))
}

pub(crate) fn no_generator(path: &str, seen: &str) -> Complaint {
    at(
        path,
        1,
        format!(
            "a generated page opens with `<!-- generated by PATH …` naming an existing source, saw `{seen}`"
        ),
    )
}

pub(crate) fn stale_page(path: &str, command: &str) -> Complaint {
    at(path, 0, format!("it is stale: run `{command}` and read its diff"))
}

pub(crate) fn stale_mutation(path: &str, fault: String) -> Complaint {
    at(path, 0, fault)
}
