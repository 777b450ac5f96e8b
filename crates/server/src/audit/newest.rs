//! The records of an audit from the newest back, from a place on that an earlier page ended at.
//!
//! A place is the numbers that records have in the chains of their sets (`audit/chain.rs`; without files, in memory): it stays
//! right when files are rotated or removed meanwhile. Lines from before there was a chain have none, and are not read.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::chain::ChainLink;
use super::files::{files, stamp_of};
use super::page_token::RecordsBefore;
use super::record::AuditRecord;
use super::store::{Audit, NAMES};
use crate::guards::limits;

/// How much earlier than the end of a request its record may say it was written: clocks are set.
const MARGIN: SignedDuration = SignedDuration::from_mins(5);

/// How much of a file is read at once.
const CHUNK_BYTES: u64 = 64 * 1024;

/// Records from the newest back.
pub(super) struct NewestRecords(Source);

enum Source {
    Memory { lines: std::vec::IntoIter<(u64, Arc<[u8]>)>, before: u64 },
    Files(Box<[NewestOfSet; 2]>),
}

impl NewestRecords {
    /// Those of `audit` before a place; none that was over before `from`. Files are listed now, and opened one by one.
    ///
    /// # Errors
    /// Where the folder cannot be read.
    pub(super) fn of(
        audit: &Audit,
        before: RecordsBefore,
        from: Option<Timestamp>,
    ) -> io::Result<Self> {
        let RecordsBefore([proven, unproven]) = before;
        let Some(folder) = audit.folder() else {
            let lines = audit.numbered_lines().into_iter();
            return Ok(Self(Source::Memory { lines, before: proven }));
        };
        let [audit, other] = NAMES;
        let sets = [
            NewestOfSet::open(&folder, audit, proven, from)?,
            NewestOfSet::open(&folder, other, unproven, from)?,
        ];
        Ok(Self(Source::Files(Box::new(sets))))
    }

    /// The next one.
    ///
    /// # Errors
    /// Where a file cannot be read.
    pub(super) fn read(&mut self) -> io::Result<Option<AuditRecord>> {
        match &mut self.0 {
            Source::Memory { lines, before } => {
                for (number, line) in lines {
                    if number >= *before {
                        continue;
                    }
                    *before = number;
                    if let Ok(record) = serde_json::from_slice(&line) {
                        return Ok(Some(record));
                    }
                }
                Ok(None)
            }
            Source::Files(sets) => {
                sets.iter_mut().try_for_each(NewestOfSet::fill)?;
                let [proven, unproven] = &mut **sets;
                let time = |set: &NewestOfSet| set.next.as_ref().map(|(_, record)| record.time);
                let newest = if time(proven) >= time(unproven) { proven } else { unproven };
                Ok(newest.take())
            }
        }
    }

    /// The place behind what was read.
    pub(super) fn place(&self) -> RecordsBefore {
        match &self.0 {
            Source::Memory { before, .. } => RecordsBefore([*before; 2]),
            Source::Files(sets) => RecordsBefore(sets.each_ref().map(|set| set.before)),
        }
    }
}

/// One set of files.
struct NewestOfSet {
    before: u64,
    from: Option<Timestamp>,
    /// The files that are still to be opened, the newest first.
    paths: VecDeque<PathBuf>,
    open: Option<LinesFromEnd>,
    next: Option<(u64, AuditRecord)>,
    /// Nothing older is asked for.
    over: bool,
}

impl NewestOfSet {
    fn open(
        folder: &Path,
        name: &'static str,
        before: u64,
        from: Option<Timestamp>,
    ) -> io::Result<Self> {
        // Before the others are listed: when it is rotated in between it is among them, and its numbers are passed over.
        let current = open_if_there(&folder.join(format!("{name}.jsonl")))?;
        let paths = files(folder, name)?.into();
        let mut set = Self { before, from, paths, open: None, next: None, over: false };
        if let Some(file) = current {
            set.read_from(file)?;
        }
        Ok(set)
    }

    /// Finds the next record, if none waits.
    fn fill(&mut self) -> io::Result<()> {
        while self.next.is_none() && !self.over {
            let Some(lines) = &mut self.open else {
                self.over = !self.open_next()?;
                continue;
            };
            let Some(line) = lines.next()? else {
                self.open = None;
                continue;
            };
            let number = ChainLink::of(&line).map(|link| link.head.sequence);
            let Some(number) = number.filter(|number| *number < self.before) else { continue };
            let Ok(record) = serde_json::from_slice(&line) else { continue };
            self.over = self.is_before_all(&record);
            self.next = (!self.over).then_some((number, record));
        }
        Ok(())
    }

    /// Whether this record, and so all that were written before it, ended before the time that is asked about.
    fn is_before_all(&self, record: &AuditRecord) -> bool {
        let took = i64::try_from(record.duration_micros).unwrap_or(i64::MAX);
        let time = record.time.unwrap_or_default();
        let written = time.saturating_add(SignedDuration::from_micros(took));
        let written = written.and_then(|written| written.saturating_add(MARGIN));
        self.from.is_some_and(|from| written.is_ok_and(|written| written < from))
    }

    fn open_next(&mut self) -> io::Result<bool> {
        while let Some(path) = self.paths.pop_front() {
            // A file's name is a time that all of its records are from before of.
            if self.from.is_some() && stamp_of(&path) < self.from {
                return Ok(false);
            }
            // It may have been removed meanwhile.
            if let Some(file) = open_if_there(&path)?
                && self.read_from(file)?
            {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Reads on in this file, unless all of it was read for an earlier page: a page does not read again what those before it did.
    fn read_from(&mut self, file: File) -> io::Result<bool> {
        if first_number(&file)?.is_some_and(|first| first >= self.before) {
            return Ok(false);
        }
        self.open = Some(LinesFromEnd::of(file)?);
        Ok(true)
    }

    fn take(&mut self) -> Option<AuditRecord> {
        let (number, record) = self.next.take()?;
        self.before = number;
        Some(record)
    }
}

fn open_if_there(path: &Path) -> io::Result<Option<File>> {
    match File::open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        file => file.map(Some),
    }
}

/// The number of a file's first record, if it has one.
fn first_number(file: &File) -> io::Result<Option<u64>> {
    let mut line = Vec::new();
    BufReader::new(file).take(limits::AUDIT_LINE_BYTES_MAX).read_until(b'\n', &mut line)?;
    Ok(ChainLink::of(&line).map(|link| link.head.sequence))
}

/// The lines of a file, the last first.
struct LinesFromEnd {
    file: File,
    /// Bytes before what was read.
    unread: u64,
    /// What was read and not given yet.
    kept: Vec<u8>,
}

impl LinesFromEnd {
    fn of(file: File) -> io::Result<Self> {
        let unread = file.metadata()?.len();
        Ok(Self { file, unread, kept: Vec::new() })
    }

    fn next(&mut self) -> io::Result<Option<Vec<u8>>> {
        loop {
            let body = self.kept.strip_suffix(b"\n").unwrap_or(&self.kept);
            if let Some(end) = body.iter().rposition(|byte| *byte == b'\n') {
                return Ok(Some(self.kept.split_off(end + 1)));
            }
            if self.unread == 0 {
                let first = std::mem::take(&mut self.kept);
                return Ok(Some(first).filter(|line| !line.is_empty()));
            }
            let kept = self.kept.len() as u64;
            if kept > limits::AUDIT_LINE_BYTES_MAX {
                return Err(io::Error::new(io::ErrorKind::InvalidData, "a line is too long"));
            }
            // As much again as there is: a long line is not copied over and over.
            let length = self.unread.min(kept.max(CHUNK_BYTES));
            self.unread -= length;
            let mut read = vec![0; usize::try_from(length).unwrap_or_default()];
            self.file.read_exact_at(&mut read, self.unread)?;
            read.append(&mut self.kept);
            self.kept = read;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::chain::ChainHead;
    use super::*;

    #[test]
    fn the_lines_of_a_file_come_from_the_end_however_long_they_are() {
        let folder = crate::service::private_file::scratch("audit-lines");
        let path = folder.join("lines");
        let long = "x".repeat(3 * CHUNK_BYTES as usize);
        let lines = ["first", &long, "", "third", &long, "last"];
        for end in ["", "\n"] {
            std::fs::write(&path, lines.join("\n") + end).unwrap();
            let mut read = LinesFromEnd::of(File::open(&path).unwrap()).unwrap();
            let mut found = Vec::new();
            while let Some(line) = read.next().unwrap() {
                found.push(String::from_utf8(line).unwrap().trim_end().to_owned());
            }
            found.reverse();
            assert_eq!(found, lines);
        }
        std::fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn a_file_that_an_earlier_page_read_is_passed_over_by_its_first_number() {
        let folder = crate::service::private_file::scratch("audit-passed-over");
        let mut head = ChainHead::default();
        let mut lines = Vec::new();
        for n in 0..6 {
            let chained = head.chain(b"{}", n % 3 == 0, 0).unwrap();
            head = chained.0;
            lines.push(chained.1);
        }
        let path = folder.join("audit.jsonl");
        std::fs::write(&path, lines[3..].concat()).unwrap();
        let opened = |before| {
            let set = NewestOfSet::open(&folder, "audit", before, None).unwrap();
            set.open.is_some()
        };
        assert_eq!([4, 5].map(opened), [false, true], "it has the records 4 to 6");
        std::fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn an_empty_file_has_no_line() {
        let folder = crate::service::private_file::scratch("audit-no-lines");
        let path = folder.join("lines");
        std::fs::write(&path, "").unwrap();
        let read = LinesFromEnd::of(File::open(&path).unwrap()).unwrap().next().unwrap();
        assert_eq!(read, None);
        std::fs::remove_dir_all(folder).unwrap();
    }
}
