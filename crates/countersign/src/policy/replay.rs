//! `countersign policy simulate --replay AUDIT --with NEW`: what recorded requests would read under another policy.
//!
//! How a recorded decision is decided anew is `server`'s to say: the control plane answers the same question.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};

use ::policy::Policy;
use serde_json::Value;
use server::{ReplayPolicy, Replayed};

use super::file::{self, FileKind};
use crate::Failure;

/// Requests of a kind that would be answered otherwise, as many as are shown.
const SHOWN_MAX: usize = 100;

/// A policy with principals is taken for a domain's.
fn load(path: &Path) -> Result<Policy, Failure> {
    match file::told_by(&super::read(path)?) {
        FileKind::Identity => file::load(path, Some(FileKind::Identity)),
        _ => file::load(path, Some(FileKind::Domain)),
    }
}

/// Reads the records and tells what would change.
pub(super) fn run(files: &[PathBuf], new: &Path, out: &mut impl Write) -> Result<(), Failure> {
    let new = ReplayPolicy::of(load(new)?);
    let (mut changes, mut same, mut questions) = (BTreeMap::new(), 0_usize, 0_usize);
    for path in files {
        let named = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
        let file = File::open(path).map_err(|error| named(&error))?;
        for (number, line) in (1..).zip(BufReader::new(file).lines()) {
            let line = line.map_err(|error| named(&error))?;
            let record: Value = serde_json::from_str(&line)
                .map_err(|error| named(&format!("line {number}: {error}")))?;
            for (question, replayed) in new.replay(&record) {
                questions += 1;
                match replayed {
                    Replayed::Same => same += 1,
                    change => *changes.entry((change, question)).or_insert(0_usize) += 1,
                }
            }
        }
    }
    for ((change, question), count) in changes.iter().take(SHOWN_MAX) {
        let often = if *count > 1 { format!(" ({count} times)") } else { String::new() };
        writeln!(out, "{change}: {question}{often}")?;
    }
    if let more @ 1.. = changes.len().saturating_sub(SHOWN_MAX) {
        writeln!(out, "and {more} more kinds of requests")?;
    }
    writeln!(out, "{same} of {questions} recorded decisions stay as they were")?;
    match questions - same {
        0 => Ok(()),
        others => Err(format!("{others} decisions would change, or are not known").into()),
    }
}
