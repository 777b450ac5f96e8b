//! The decision records of `docs/decisions/`.

use std::collections::BTreeMap;

use super::complaint::{self, Complaint};
use super::manifests;
use super::tree::Tree;

const FOLDER: &str = "docs/decisions/";

/// The index of the records.
const INDEX: &str = "docs/decisions/README.md";

/// The record with one line for each library.
const LIBRARIES: &str = "docs/decisions/0002-libraries.md";

/// Every record is named `NNNN-title.md`, and no number is used twice.
pub(crate) fn numbers(tree: &Tree) -> Vec<Complaint> {
    let mut complaints = Vec::new();
    let mut taken: BTreeMap<&str, &str> = BTreeMap::new();
    for (path, _) in tree.ending(".md") {
        let Some(name) = path.strip_prefix(FOLDER).filter(|_| path != INDEX) else { continue };
        let number = name.split_once('-').map(|(number, _)| number);
        let number =
            number.filter(|number| number.len() == 4 && number.bytes().all(|b| b.is_ascii_digit()));
        let Some(number) = number else {
            complaints.push(complaint::decision_name(path));
            continue;
        };
        if let Some(other) = taken.insert(number, path) {
            complaints.push(complaint::decision_number_taken(path, other));
        }
    }
    complaints
}

/// Every library of the workspace is named, in backticks, in the record that says why it was chosen.
pub(crate) fn libraries(tree: &Tree) -> Vec<Complaint> {
    let record = tree.text(LIBRARIES).unwrap_or_default();
    let unexplained = manifests::workspace_libraries(tree);
    let unexplained =
        unexplained.into_iter().filter(|library| !record.contains(&format!("`{library}`")));
    unexplained
        .map(|library| complaint::library_without_reason("Cargo.toml", &library, LIBRARIES))
        .collect()
}

/// Every record has a row in the index, with its own title: `| [NNNN](file) | title |`.
pub(crate) fn index(tree: &Tree) -> Vec<Complaint> {
    let index = tree.text(INDEX).unwrap_or_default();
    let mut complaints = Vec::new();
    for (path, text) in tree.ending(".md") {
        let Some(file) = path.strip_prefix(FOLDER).filter(|_| path != INDEX) else { continue };
        let heading = text.lines().next().unwrap_or_default().trim_start_matches("# ");
        let Some((number, title)) = heading.split_once(' ') else {
            complaints.push(complaint::decision_heading(path, heading));
            continue;
        };
        let row = format!("| [{number}]({file}) | {title} |");
        if !file.starts_with(number) {
            complaints.push(complaint::decision_heading(path, heading));
        } else if !index.contains(&row) {
            complaints.push(complaint::decision_without_row(path, INDEX, &row));
        }
    }
    complaints
}
