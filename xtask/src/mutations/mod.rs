//! `cargo xtask mutations [NAME…]`: do the tests notice when a line that judges is wrong?
//!
//! [`list`] holds the mutations: a line of the judging code, a wrong one in its place, and the tests that must fail then.
//! They are applied one at a time to a copy of the tree under `target/`, never to the tree itself. A mutation that no test
//! notices is a hole in the tests; it ends the run with an error unless its row says why it may survive.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::console;

mod list;

pub(crate) use list::MUTATIONS;

/// A wrong line in the place of a right one.
pub(crate) struct Mutation {
    /// What would be wrong, in few words; also how it is asked for.
    pub(crate) name: &'static str,
    /// Where.
    pub(crate) file: &'static str,
    /// The text that is replaced: once in the file.
    pub(crate) seen: &'static str,
    /// What stands there instead.
    pub(crate) mutated: &'static str,
    /// The tests that must fail: a crate's name, its test target (`lib` or `it`), and filters of test names.
    pub(crate) tests: (&'static str, &'static str, &'static [&'static str]),
    /// Why it may survive, if it may.
    pub(crate) survives: Option<&'static str>,
}

/// What became of a mutation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    Noticed,
    /// The tests hung: noticed, as a person would.
    Hung,
    Survived,
    /// It is no mutation: the compiler refuses it.
    Refused,
}

/// How long the tests of one mutation may take, in tenths of a second.
const TENTHS_MAX: u32 = 3_000;

/// Applies the mutations that are named (a part of a name is enough), or all, and tells which are noticed.
///
/// # Errors
/// When one survives without a reason, does not apply or does not compile, or when its tests fail without it.
pub(crate) fn command(root: &Path, arguments: &[String]) -> Result<(), String> {
    let chosen: Vec<&Mutation> = MUTATIONS
        .iter()
        .filter(|mutation| {
            arguments.is_empty() || arguments.iter().any(|part| mutation.name.contains(part))
        })
        .collect();
    if chosen.is_empty() {
        return Err("no mutation of such a name: xtask/src/mutations/list.rs has them".to_owned());
    }
    let copy = CopiedTree::make(root)?;
    let mut faults = baseline(&copy, &chosen)?;
    let (mut noticed, mut excused) = (0, 0);
    for mutation in &chosen {
        let verdict = judge(&copy, mutation)?;
        let told = match (verdict, mutation.survives) {
            (Verdict::Noticed, _) => "noticed",
            (Verdict::Hung, _) => "noticed (its tests did not end)",
            (Verdict::Survived, Some(_)) => "survives for a reason",
            (Verdict::Survived, None) => "SURVIVED",
            (Verdict::Refused, _) => "DOES NOT COMPILE",
        };
        match (verdict, mutation.survives) {
            (Verdict::Noticed | Verdict::Hung, _) => noticed += 1,
            (Verdict::Survived, Some(_)) => excused += 1,
            _ => faults += 1,
        }
        console::line(&format!("{told}: {} ({})", mutation.name, mutation.file));
    }
    console::line(&format!(
        "{} mutations: {noticed} noticed, {excused} survive for a reason, {faults} fault(s)",
        chosen.len()
    ));
    if faults > 0 { Err(format!("{faults} fault(s)")) } else { Ok(()) }
}

/// Every group of tests must pass, and be there, without any mutation: else what is noticed says nothing. Gives the number
/// of those that do not.
fn baseline(copy: &CopiedTree, chosen: &[&Mutation]) -> Result<usize, String> {
    console::step("the tests without any mutation");
    let mut groups: BTreeMap<_, &Mutation> = BTreeMap::new();
    for mutation in chosen {
        groups.entry(mutation.tests).or_insert(mutation);
    }
    let mut faults = 0;
    for ((name, target, filters), mutation) in groups {
        // Built first: the time that tests are given is for running them.
        let built = copy.builds(mutation)?;
        let (passed, output) =
            if built { copy.tests(mutation)? } else { (Some(false), String::new()) };
        let ran = output.lines().any(|line| line.starts_with("test ") && line.ends_with(" ok"));
        if passed != Some(true) || !ran {
            let why = match passed {
                _ if !built => "do not compile without a mutation",
                Some(true) => "are not there",
                Some(false) => "fail without a mutation",
                None => "do not end without a mutation",
            };
            console::error(&format!("tests {filters:?} of {name} ({target}) {why}"));
            faults += 1;
        }
    }
    Ok(faults)
}

fn judge(copy: &CopiedTree, mutation: &Mutation) -> Result<Verdict, String> {
    let path = copy.tree.join(mutation.file);
    let right =
        std::fs::read_to_string(&path).map_err(|error| format!("{}: {error}", mutation.file))?;
    let wrong = applied(mutation, &right)?;
    let write = |text: &str| {
        std::fs::write(&path, text).map_err(|error| format!("{}: {error}", path.display()))
    };
    write(&wrong)?;
    let verdict = match copy.builds(mutation) {
        Ok(false) => Ok(Verdict::Refused),
        Ok(true) => copy.tests(mutation).map(|(passed, _)| match passed {
            Some(true) => Verdict::Survived,
            Some(false) => Verdict::Noticed,
            None => Verdict::Hung,
        }),
        Err(error) => Err(error),
    };
    write(&right)?;
    verdict
}

/// The file's text with the mutation in it.
///
/// # Errors
/// When what is to be replaced is not there exactly once.
pub(crate) fn applied(mutation: &Mutation, text: &str) -> Result<String, String> {
    match text.matches(mutation.seen).count() {
        1 => Ok(text.replacen(mutation.seen, mutation.mutated, 1)),
        found => Err(format!(
            "mutation `{}`: its text is {found} times in {}, expected once: mend its row in \
             xtask/src/mutations/list.rs",
            mutation.name, mutation.file
        )),
    }
}

/// A copy of the tree to mutate, with a target folder of its own: cargo tells workspaces apart by the paths within them, and
/// would take what was built from a wrong line for what the real tree needs.
struct CopiedTree {
    tree: PathBuf,
    target: PathBuf,
    /// Where both lie.
    place: PathBuf,
}

impl CopiedTree {
    fn make(root: &Path) -> Result<CopiedTree, String> {
        let place = crate::test::target(root).join("mutations");
        let tree = place.join("tree");
        let failed = |path: &Path, error: std::io::Error| format!("{}: {error}", path.display());
        if tree.exists() {
            std::fs::remove_dir_all(&tree).map_err(|error| failed(&tree, error))?;
        }
        let listed = Command::new("git")
            .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
            .current_dir(root)
            .output()
            .map_err(|error| format!("cannot run git: {error}"))?;
        let names = String::from_utf8_lossy(&listed.stdout).into_owned();
        for name in names.split('\0').filter(|name| root.join(name).is_file()) {
            let (from, to) = (root.join(name), tree.join(name));
            if let Some(folder) = to.parent() {
                std::fs::create_dir_all(folder).map_err(|error| failed(folder, error))?;
            }
            std::fs::copy(&from, &to).map_err(|error| failed(&from, error))?;
        }
        // Tests read the vectors beside a clone, where they are there.
        let shared = place.join("shared");
        if let Some(beside) = root.parent().map(|parent| parent.join("shared"))
            && beside.is_dir()
            && !shared.exists()
        {
            std::os::unix::fs::symlink(&beside, &shared).map_err(|error| failed(&shared, error))?;
        }
        Ok(CopiedTree { tree, target: place.join("target"), place })
    }

    fn cargo(&self, mutation: &Mutation) -> Command {
        let (name, target, _) = mutation.tests;
        let mut cargo = Command::new("cargo");
        cargo.args(["test", "--quiet", "-p", name]);
        match target {
            "lib" => cargo.arg("--lib"),
            target => cargo.args(["--test", target]),
        };
        cargo.current_dir(&self.tree).env("CARGO_TARGET_DIR", &self.target);
        cargo.env("RUST_BACKTRACE", "0").env_remove("UPDATE_EXPECT").stdin(Stdio::null());
        cargo
    }

    /// Whether the mutated crate and its tests compile.
    fn builds(&self, mutation: &Mutation) -> Result<bool, String> {
        let mut cargo = self.cargo(mutation);
        let built = cargo.arg("--no-run").stdout(Stdio::null()).stderr(Stdio::null()).status();
        built.map(|status| status.success()).map_err(|error| format!("cannot run cargo: {error}"))
    }

    /// Whether the tests pass, `None` when they do not end, and what they print.
    fn tests(&self, mutation: &Mutation) -> Result<(Option<bool>, String), String> {
        let output = self.place.join("output");
        let failed = |error: std::io::Error| format!("{}: {error}", output.display());
        let file = std::fs::File::create(&output).map_err(failed)?;
        let mut cargo = self.cargo(mutation);
        cargo.args(["--", "--format", "pretty"]).args(mutation.tests.2);
        let mut child = cargo
            .stdout(file)
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| format!("cannot run cargo: {error}"))?;
        for _ in 0..TENTHS_MAX {
            let ended = child.try_wait().map_err(|error| format!("cannot wait: {error}"))?;
            if let Some(status) = ended {
                let output = std::fs::read_to_string(&output).map_err(failed)?;
                return Ok((Some(status.success()), output));
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        // Best effort: it may have ended just now.
        let _ = child.kill();
        let _ = child.wait();
        Ok((None, String::new()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROW: Mutation = Mutation {
        name: "the sign is turned",
        file: "a.rs",
        seen: "a < b",
        mutated: "a >= b",
        tests: ("a", "lib", &[]),
        survives: None,
    };

    #[test]
    fn a_mutation_replaces_its_text_where_it_is_once() {
        assert_eq!(applied(&ROW, "if a < b {}").unwrap(), "if a >= b {}");
        for text in ["if a > b {}", "a < b || a < b"] {
            assert!(applied(&ROW, text).unwrap_err().contains("expected once"), "{text}");
        }
    }

    #[test]
    fn names_of_mutations_are_unique_and_each_changes_something() {
        let mut names: Vec<&str> = MUTATIONS.iter().map(|mutation| mutation.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), MUTATIONS.len());
        assert!(MUTATIONS.iter().all(|mutation| mutation.seen != mutation.mutated));
    }
}
