//! `cargo xtask tidy`: the house rules that a compiler does not check.
//!
//! Each rule is a function from the [`Tree`] (every tracked file, read once) to complaints; [`RULES`]
//! lists them, and each is also a `#[test]`, so that `cargo test` alone keeps the house in order.

use std::path::Path;
use std::process::Command;

use crate::console;
use crate::mutations::{MUTATIONS, applied};

mod complaint;
mod decisions;
pub(crate) mod error_texts;
mod functions;
mod links;
mod manifests;
mod marks;
mod rooms;
mod source;
mod tokens;
mod tree;
mod walk;

use complaint::Complaint;
use tree::Tree;

/// A rule: its name, and what it finds wrong in a tree.
type Rule = (&'static str, fn(&Tree) -> Vec<Complaint>);

/// Every rule, in the order in which they are checked.
const RULES: &[Rule] = &[
    ("manifests are TOML", manifests::readable),
    ("dependencies point one way", manifests::direction),
    ("libraries stay in their rooms", manifests::rooms),
    ("pure crates stay small", manifests::size),
    ("versions are written once", manifests::versions),
    ("every library has its reason", decisions::libraries),
    ("decision records are numbered uniquely", decisions::numbers),
    ("decision records are in the index", decisions::index),
    ("functions fit on a screen", functions::length),
    ("the server's rooms know what they may", rooms::rooms),
    ("no phase knows the spine", rooms::spine),
    ("only one file can run operations", rooms::wrapped),
    ("a module stands in its folder", rooms::folders),
    ("circles of modules stay small", rooms::circles),
    ("a type's name says of what", rooms::type_names),
    ("ARCHITECTURE.md walks as the spine does", walk::told),
    ("a skipped test says so to its runner", marks::printed_skips),
    ("no path of one machine", marks::machine_paths),
    ("no registry is chosen", marks::registries),
    ("nothing left unfinished", marks::unfinished),
    ("files stay small", marks::size),
    ("every link resolves", links::relative),
    ("ARCHITECTURE.md names what exists", links::architecture),
    ("sources name pages that exist", links::from_sources),
    ("generated pages name their generator", links::generated),
    ("mutations apply", mutations),
    ("error texts are on their page", error_texts::rule),
];

/// Runs `cargo fmt --check` and every rule over the work tree at `root`.
///
/// # Errors
/// When a rule complains (the complaints are printed) or git or cargo cannot be run.
pub(crate) fn command(root: &Path, arguments: &[String]) -> Result<(), String> {
    if let Some(first) = arguments.first() {
        return Err(format!("tidy takes no arguments, got `{first}`"));
    }
    let formatted = Command::new("cargo")
        .args(["fmt", "--all", "--check"])
        .current_dir(root)
        .status()
        .map_err(|error| format!("cannot run cargo fmt: {error}"))?
        .success();
    let tree = Tree::read(root)?;
    let complaints: Vec<Complaint> = RULES.iter().flat_map(|(_, rule)| rule(&tree)).collect();
    for complaint in &complaints {
        console::line(&complaint.to_string());
    }
    match (formatted, complaints.len()) {
        (true, 0) => {
            console::line(&format!(
                "tidy: {} files, {} rules, no complaint",
                tree.len(),
                RULES.len()
            ));
            Ok(())
        }
        (true, count) => Err(format!("tidy: {count} complaint(s)")),
        (false, count) => {
            Err(format!("tidy: not formatted (run `cargo fmt`), {count} other complaint(s)"))
        }
    }
}

/// What `cargo xtask mutations` would replace is there exactly once: a mutation of a line that is gone says nothing.
fn mutations(tree: &Tree) -> Vec<Complaint> {
    let faults = MUTATIONS.iter().filter_map(|mutation| {
        let text = tree.text(mutation.file).unwrap_or_default();
        applied(mutation, text).err().map(|fault| complaint::stale_mutation(mutation.file, fault))
    });
    faults.collect()
}

#[cfg(test)]
mod tests;
