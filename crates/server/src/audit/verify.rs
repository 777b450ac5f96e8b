//! Verifying an audit offline: is every record the one that was written, in its place, and none missing?
//!
//! The digests are verified first, each by its signature and by the hash of the one before it. Then each set of files is read
//! from its oldest record on: every line must continue the chain, and be what the digests signed. What cannot be seen: records
//! newer than the newest digest that were cut off or written anew, and an end that was cut off together with its digests, unless
//! the caller names a digest that must be there.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use data_encoding::HEXLOWER;
use jiff::Timestamp;

use super::chain::{ChainHead, ChainLink, Hash, hash_of};
use super::digests::{DIGEST_FILES, Digest, SetDigest};
use super::files::files;
use super::store::NAMES;
use crate::guards::limits;

/// Why an audit could not be verified.
#[derive(Debug)]
pub enum VerifyError {
    /// A file cannot be read.
    File(PathBuf, io::Error),
    /// It is not as it was written: of the digests, and of each set of files, what was found first.
    Faults(Vec<AuditFault>),
}

impl std::fmt::Display for VerifyError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::File(path, error) => write!(f, "{}: {error}", path.display()),
            Self::Faults(faults) => {
                let lines: Vec<String> = faults.iter().map(ToString::to_string).collect();
                f.write_str(&lines.join("\n"))
            }
        }
    }
}

impl std::error::Error for VerifyError {}

/// What is wrong, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditFault {
    /// The file.
    pub file: PathBuf,
    /// The line, from 1.
    pub line: u64,
    /// What was seen and what was expected.
    pub what: String,
}

impl std::fmt::Display for AuditFault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}: {}", self.file.display(), self.line, self.what)
    }
}

/// What was found of an audit that is whole.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditReport {
    /// The sets of files: callers who were proven or served, and those refused unproven.
    pub sets: [SetReport; 2],
    /// How many digests there are.
    pub digests: u64,
    /// The newest digest's number, time and hash.
    pub newest: Option<(u64, Timestamp, String)>,
    /// The public keys that signed.
    pub keys: Vec<String>,
}

/// What was found of one set of files.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SetReport {
    /// `audit` or `unproven`.
    pub name: &'static str,
    /// Its files.
    pub files: usize,
    /// The numbers of the oldest and the newest record; none where there is no record.
    pub records: Option<(u64, u64)>,
    /// Records that no digest vouches for yet.
    pub unsigned: u64,
    /// Records that could not be written when they were made, as the ones after them tell.
    pub lost: u64,
    /// Lines from before there was a chain: not verified.
    pub before_chain: u64,
    /// Bytes of half a line at the end, which a crash leaves.
    pub half: u64,
}

/// Verifies the audit in `folder`, or in a copy of it. `keys`: the public keys that its digests may be signed with. `expected`: the
/// hash of a digest that must be there.
///
/// # Errors
/// What is wrong first, with its file and line.
pub fn verify_audit(
    folder: &Path,
    keys: &[String],
    expected: Option<&str>,
) -> Result<AuditReport, VerifyError> {
    let mut report = AuditReport::default();
    let mut faults = Vec::new();
    // Before the records: what a digest says of them was written before it.
    let digests = match read_digests(folder, keys, expected) {
        Ok(digests) => digests,
        Err(Broken::Fault(fault)) => {
            faults.push(fault);
            Vec::new()
        }
        Err(Broken::File(path, error)) => return Err(VerifyError::File(path, error)),
    };
    if let Some((digest, hash)) = digests.last() {
        report.newest = Some((digest.number, digest.time, HEXLOWER.encode(hash)));
    }
    report.digests = digests.len() as u64;
    for (digest, _) in &digests {
        if !report.keys.contains(&digest.key) {
            report.keys.push(digest.key.clone());
        }
    }
    for ((set, name), found) in (0..).zip(NAMES).zip(&mut report.sets) {
        let claims = digests.iter().filter_map(|(digest, _)| {
            Some(Claim { number: digest.number, set: *digest.sets().get(set)? })
        });
        let mut walk = SetWalk::new(folder, name, claims.collect());
        match walk.run(folder, name) {
            Ok(()) => *found = walk.report,
            Err(Broken::Fault(fault)) => faults.push(fault),
            Err(Broken::File(path, error)) => return Err(VerifyError::File(path, error)),
        }
    }
    if faults.is_empty() { Ok(report) } else { Err(VerifyError::Faults(faults)) }
}

/// What ends the reading of a set, or of the digests.
enum Broken {
    Fault(AuditFault),
    File(PathBuf, io::Error),
}

/// Lines of a file, each with its number.
struct Lines {
    path: PathBuf,
    reader: BufReader<File>,
    number: u64,
    line: Vec<u8>,
}

impl Lines {
    fn open(path: &Path) -> Result<Option<Self>, Broken> {
        match File::open(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(Broken::File(path.into(), error)),
            Ok(file) => Ok(Some(Self::of(path, file))),
        }
    }

    fn of(path: &Path, file: File) -> Self {
        let reader = BufReader::with_capacity(256 * 1024, file);
        Self { path: path.into(), reader, number: 0, line: Vec::new() }
    }

    /// Goes to the next line; whether there is one.
    fn next(&mut self) -> Result<bool, Broken> {
        self.line.clear();
        self.number += 1;
        let mut bounded = (&mut self.reader).take(limits::AUDIT_LINE_BYTES_MAX);
        let read = bounded.read_until(b'\n', &mut self.line);
        read.map(|length| length > 0).map_err(|error| Broken::File(self.path.clone(), error))
    }

    fn is_half(&self) -> bool {
        !self.line.ends_with(b"\n") && (self.line.len() as u64) < limits::AUDIT_LINE_BYTES_MAX
    }

    fn fault(&self, what: String) -> Broken {
        Broken::Fault(AuditFault { file: self.path.clone(), line: self.number, what })
    }
}

/// Reads the digests, each with its hash, and verifies them.
fn read_digests(
    folder: &Path,
    keys: &[String],
    expected: Option<&str>,
) -> Result<Vec<(Digest, Hash)>, Broken> {
    let mut digests: Vec<(Digest, Hash)> = Vec::new();
    let [older, current] = DIGEST_FILES.map(|name| folder.join(name));
    let rotated = older.exists();
    let mut at = (current.clone(), 1);
    for path in [older, current] {
        let Some(mut lines) = Lines::open(&path)? else { continue };
        while lines.next()? {
            if lines.is_half() {
                break;
            }
            at = (path.clone(), lines.number);
            let last = digests.last().map(|(digest, hash)| (digest, *hash));
            let digest = read_digest(&lines, keys, last, rotated)?;
            digests.push((digest, hash_of(lines.line.trim_ascii_end())));
        }
    }
    let fault = |what: String| {
        let (file, line) = at.clone();
        Broken::Fault(AuditFault { file, line, what })
    };
    if digests.is_empty() {
        // Nothing vouches for whatever there is: also where the current files were taken away with the digests, or all files.
        let none = "there is no digest; the service writes the first one with the first record";
        return Err(fault(none.to_owned()));
    }
    if let Some(expected) = expected
        && !digests.iter().any(|(_, hash)| HEXLOWER.encode(hash) == expected)
    {
        return Err(fault(format!(
            "digest {expected}, which must be there, is not: digests were cut off or replaced, and records with them"
        )));
    }
    Ok(digests)
}

fn read_digest(
    lines: &Lines,
    keys: &[String],
    last: Option<(&Digest, Hash)>,
    rotated: bool,
) -> Result<Digest, Broken> {
    let Some(digest) = Digest::of(&lines.line) else {
        return Err(lines.fault("this is no digest: it was altered, or is not the audit's".into()));
    };
    let number = digest.number;
    if !keys.contains(&digest.key) {
        return Err(lines.fault(format!(
            "digest {number} is signed with key {}, expected {}: an audit of another service, or a key that was replaced",
            digest.key,
            keys.join(" or ")
        )));
    }
    if !digest.is_signed(&lines.line) {
        return Err(lines.fault(format!("digest {number} was altered: its signature is another's")));
    }
    match last {
        None if number == 1 && digest.sets().iter().any(|set| set.last > 0) => {
            Err(lines.fault("digests before this one are missing: it counts as the first, and there were records".into()))
        }
        None if number > 1 && !rotated => {
            Err(lines.fault(format!("digests 1 to {} are missing", number - 1)))
        }
        Some((last, _)) if number > last.number + 1 => Err(lines.fault(format!(
            "digests {} to {} are missing before this line",
            last.number + 1,
            number - 1
        ))),
        Some((last, _)) if number <= last.number => Err(lines.fault(format!(
            "digest {number} stands here again or out of order: digest {} was expected",
            last.number + 1
        ))),
        Some((_, hash)) if digest.previous != hash => Err(lines.fault(format!(
            "digest {number} is not the one that was written after digest {}: one of them is of another audit",
            number - 1
        ))),
        _ => Ok(digest),
    }
}

/// What a digest says of one set.
#[derive(Clone, Copy)]
struct Claim {
    number: u64,
    set: SetDigest,
}

/// The reading of one set.
struct SetWalk {
    claims: std::iter::Peekable<std::vec::IntoIter<Claim>>,
    /// The newest digest's.
    newest: Option<Claim>,
    /// The last digest that agreed with its record.
    agreed: u64,
    head: Option<ChainHead>,
    /// Where it is: the last line that was read.
    at: AuditFault,
    report: SetReport,
}

impl SetWalk {
    fn new(folder: &Path, name: &'static str, claims: Vec<Claim>) -> Self {
        let file = folder.join(format!("{name}.jsonl"));
        Self {
            newest: claims.last().copied(),
            claims: claims.into_iter().peekable(),
            agreed: 0,
            head: None,
            at: AuditFault { file, line: 1, what: String::new() },
            report: SetReport { name, ..SetReport::default() },
        }
    }

    fn run(&mut self, folder: &Path, name: &str) -> Result<(), Broken> {
        let mut files = open_files(folder, name)?;
        self.report.files = files.len();
        let count = files.len();
        for index in 0..count {
            let (done, rest) = files.split_at_mut(index + 1);
            let Some(lines) = done.last_mut() else { continue };
            while lines.next()? {
                if rest.is_empty() && lines.is_half() {
                    self.report.half = lines.line.len() as u64;
                    break;
                }
                self.at = AuditFault {
                    file: lines.path.clone(),
                    line: lines.number,
                    what: String::new(),
                };
                self.line(lines, rest)?;
            }
        }
        self.end()
    }

    fn line(&mut self, lines: &mut Lines, rest: &mut [Lines]) -> Result<(), Broken> {
        let Some(link) = ChainLink::of(&lines.line) else {
            let Some(head) = self.head else {
                self.report.before_chain += 1;
                return Ok(());
            };
            return Err(lines.fault(format!(
                "this line is not of the chain: record {} was altered, or a line was put in",
                head.sequence + 1
            )));
        };
        let sequence = link.head.sequence;
        let before = match self.head {
            Some(head) if sequence > head.sequence + 1 => {
                return Err(gap(lines, rest, head, sequence));
            }
            Some(head) if sequence <= head.sequence => {
                return Err(lines.fault(format!(
                    "record {sequence} stands here again or out of order: record {} was expected",
                    head.sequence + 1
                )));
            }
            Some(head) => head.hash,
            None => self.begin(lines, link)?,
        };
        if !link.is_after(&before, &lines.line) {
            let or_before =
                if self.head.is_some() { ", or the one before it was written anew" } else { "" };
            return Err(lines.fault(format!("record {sequence} was altered{or_before}")));
        }
        let (first, _) = self.report.records.unwrap_or((sequence, sequence));
        self.report.records = Some((first, sequence));
        self.report.lost += link.lost;
        self.head = Some(link.head);
        self.agree(lines, link.head)
    }

    /// The hash before the oldest record that there is, which its own line says.
    fn begin(&self, lines: &Lines, link: ChainLink) -> Result<Hash, Broken> {
        let sequence = link.head.sequence;
        let kept = self.newest.map_or(sequence, |newest| newest.set.first);
        if sequence > kept {
            let missing = if kept + 1 == sequence {
                format!("record {kept} is")
            } else {
                format!("records {kept} to {} are", sequence - 1)
            };
            return Err(lines.fault(format!("{missing} missing before this line")));
        }
        match link.previous {
            Some(previous) if sequence > 1 || previous == Hash::default() => Ok(previous),
            Some(_) => Err(lines.fault(format!("record {sequence} was altered"))),
            None => Err(lines.fault(format!(
                "records of this file before record {sequence} are missing: the first of a file names the hash before it"
            ))),
        }
    }

    /// Compares a record with what digests say of it.
    fn agree(&mut self, lines: &Lines, head: ChainHead) -> Result<(), Broken> {
        while let Some(claim) = self.claims.next_if(|claim| claim.set.last <= head.sequence) {
            if claim.set.last == head.sequence {
                if claim.set.hash != head.hash {
                    let from = self.agreed + 1;
                    return Err(lines.fault(format!(
                        "record {} is not the one that digest {} signed: records from {from} on to here were written anew",
                        head.sequence, claim.number
                    )));
                }
                self.agreed = head.sequence;
            }
        }
        Ok(())
    }

    /// Whether the last record is the last one that was signed, or newer.
    fn end(&mut self) -> Result<(), Broken> {
        let last = self.head.map_or(0, |head| head.sequence);
        let Some(newest) = self.newest else { return Ok(()) };
        // Where retention left nothing, there is nothing to be seen.
        let any = self.head.is_some() || newest.set.first <= newest.set.last;
        if any && newest.set.last > last {
            let next = last.max(newest.set.first.saturating_sub(1)) + 1;
            self.at.what = format!(
                "cut off after this line: records {next} to {}, which digest {} signed, are missing",
                newest.set.last, newest.number
            );
            return Err(Broken::Fault(self.at.clone()));
        }
        self.report.unsigned = last.saturating_sub(newest.set.last);
        Ok(())
    }
}

/// Records are not where they were: missing, or further on.
fn gap(lines: &mut Lines, rest: &mut [Lines], head: ChainHead, sequence: u64) -> Broken {
    let expected = head.sequence + 1;
    let what = if expected + 1 == sequence {
        format!("record {expected} is")
    } else {
        format!("records {expected} to {} are", sequence - 1)
    };
    let Broken::Fault(mut fault) = lines.fault(String::new()) else {
        return lines.fault(what);
    };
    let mut later = None;
    for lines in std::iter::once(lines).chain(rest) {
        while later.is_none() && matches!(lines.next(), Ok(true)) {
            if ChainLink::of(&lines.line).is_some_and(|link| link.head.sequence == expected) {
                later = Some(format!("{}:{}", lines.path.display(), lines.number));
            }
        }
    }
    fault.what = match later {
        Some(place) => format!(
            "record {sequence} stands here out of order: record {expected}, which was expected, is at {place}"
        ),
        None => format!("{what} missing before this line, which is record {sequence}"),
    };
    Broken::Fault(fault)
}

/// The files of a set, the oldest first. A service may rotate them meanwhile: the file that was current is open before the others
/// are listed.
fn open_files(folder: &Path, name: &str) -> Result<Vec<Lines>, Broken> {
    let current = folder.join(format!("{name}.jsonl"));
    let newest = Lines::open(&current)?;
    let id = |lines: &Lines| {
        lines.reader.get_ref().metadata().map(|known| (known.dev(), known.ino())).ok()
    };
    let mut opened = Vec::new();
    let mut rotated = files(folder, name).map_err(|error| Broken::File(folder.into(), error))?;
    rotated.reverse();
    for path in rotated {
        let Some(lines) = Lines::open(&path)? else { continue };
        if newest.as_ref().and_then(id) != id(&lines) {
            opened.push(lines);
        }
    }
    opened.extend(newest);
    Ok(opened)
}
