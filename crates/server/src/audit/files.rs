//! One set of audit files: `NAME.jsonl` is written, `NAME-TIME.jsonl` is kept until it is too old or too much. Their lines are
//! a chain (`audit/chain.rs`), which goes on from file to file and from process to process.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead, BufReader, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use jiff::{SignedDuration, Timestamp};

use super::chain::{ChainHead, ChainLink, last_line};
use super::digests::SetDigest;
use super::index::{self, RecordPlace};

/// How much of a set is kept.
#[derive(Clone, Copy, Debug)]
pub(super) struct Retention {
    /// Bytes of all its files.
    pub(super) bytes: u64,
    /// Days; 0: as long as there is room.
    pub(super) days: u32,
    /// Files beside the current one; 0: as many as there is room for.
    pub(super) files: usize,
    /// Bytes of one file before the next is begun.
    pub(super) file_bytes: u64,
}

/// One set of files.
pub(super) struct FileSet {
    folder: PathBuf,
    name: &'static str,
    keep: Retention,
    /// Nothing after a failed write: it is opened by its name again, in case somebody made room by moving it away.
    file: Option<File>,
    length: u64,
    chain: ChainHead,
    /// No record of the chain is in the current file yet.
    begins: bool,
    /// The number of the oldest record that is kept.
    first: u64,
    /// Records that could not be written since the last one that was.
    lost: u64,
    /// Files that were rotated since somebody asked for what is to be synced.
    unsynced: Vec<File>,
    /// The time of the current file's first record, as far as this process knows.
    began: Option<Timestamp>,
    pruned: Option<Timestamp>,
    ids: Vec<RecordPlace>,
    /// Bytes at the start of the current file whose ids are not in `ids`: an earlier process wrote them.
    unread: u64,
    /// How often the current file was changed for a new one.
    turns: u64,
}

/// Where a request's record may be, as of one moment.
pub(super) struct RecordLocation {
    /// The current file.
    pub(super) current: Option<File>,
    /// The record's line in it.
    pub(super) offset: Option<u64>,
    /// Bytes at its start that nobody has read.
    pub(super) unread: u64,
    pub(super) turns: u64,
    /// The files that do not change any more, the newest first.
    pub(super) rotated: Vec<PathBuf>,
}

/// Files that were rotated and wait to be synced; more are synced when they are rotated.
const UNSYNCED_FILES_MAX: usize = 8;

/// Told before files are removed: the number of the oldest record that stays. Whether it could be written down.
pub(super) type Announce<'a> = &'a mut dyn FnMut(u64) -> bool;

impl FileSet {
    /// Opens, or makes, the current file. `signed`: what the newest digest says of this set.
    pub(super) fn open(
        folder: &Path,
        name: &'static str,
        keep: Retention,
        signed: SetDigest,
    ) -> io::Result<Self> {
        let mut set = Self {
            folder: folder.into(),
            name,
            keep,
            file: None,
            length: 0,
            chain: ChainHead::default(),
            begins: true,
            first: 1,
            lost: 0,
            unsynced: Vec::new(),
            began: None,
            pruned: None,
            ids: Vec::new(),
            unread: 0,
            turns: 0,
        };
        set.reopen()?;
        set.go_on(signed)?;
        set.unread = set.length;
        let file = set.file.as_ref();
        set.began = file
            .and_then(|file| index::read(&reading(file, &set.current())?, 0).ok()?)
            .and_then(|record| record.time);
        Ok(set)
    }

    /// Finds where the chain has come to, and cuts off half a line that a crash left.
    fn go_on(&mut self, signed: SetDigest) -> io::Result<()> {
        let current = self.current();
        if let Some(file) = self.file.as_ref().and_then(|file| reading(file, &current)) {
            let (line, whole) = last_line(&file)?;
            if whole < self.length
                && let Some(file) = &self.file
            {
                tracing::warn!(file = %current.display(), bytes = self.length - whole, "half an audit record is cut off");
                file.set_len(whole)?;
                self.length = whole;
            }
            if let Some(link) = ChainLink::of(&line) {
                (self.chain, self.begins) = (link.head, false);
            }
        }
        let rotated = files(&self.folder, self.name)?;
        if self.begins
            && let Some(newest) = rotated.first()
            && let Some(link) = ChainLink::of(&last_line(&File::open(newest)?)?.0)
        {
            self.chain = link.head;
        }
        if signed.last > self.chain.sequence {
            // The gap tells which are missing.
            tracing::error!(
                folder = %self.folder.display(), set = self.name, signed = signed.last, last = self.chain.sequence,
                "audit records that a digest has signed are gone: countersign audit verify"
            );
            self.chain = ChainHead { sequence: signed.last, hash: signed.hash };
        }
        self.first = match rotated.last() {
            Some(oldest) => first_sequence(oldest)?,
            None if self.length > 0 => first_sequence(&current)?,
            None => self.chain.sequence + 1,
        };
        Ok(())
    }

    /// What a digest says of this set as it is now.
    pub(super) fn digest(&self) -> SetDigest {
        SetDigest::new(self.first, self.chain)
    }

    /// The files whose records may not be on the disk itself yet.
    pub(super) fn unsynced(&mut self) -> Vec<File> {
        let current = self.file.as_ref().and_then(|file| file.try_clone().ok());
        self.unsynced.drain(..).chain(current).collect()
    }

    fn current(&self) -> PathBuf {
        self.folder.join(format!("{}.jsonl", self.name))
    }

    /// The name of a file that was rotated then.
    fn rotated(&self, stamp: Timestamp) -> String {
        format!("{}-{}.jsonl", self.name, stamp.strftime("%Y%m%dT%H%M%S%6fZ"))
    }

    fn reopen(&mut self) -> io::Result<()> {
        let mut options = OpenOptions::new();
        let file = options.create(true).append(true).mode(0o600).open(self.current())?;
        let mut length = file.metadata()?.len();
        if length < self.length {
            // Another file than before: nothing that is known of the old one holds for it.
            (self.ids, self.unread, self.began) = (Vec::new(), length, None);
            (self.begins, self.turns) = (true, self.turns + 1);
        } else if self.lost > 0 && length > self.length {
            // Part of a line that could not be written.
            file.set_len(self.length)?;
            length = self.length;
        }
        (self.file, self.length) = (Some(file), length);
        Ok(())
    }

    /// Writes one record in one call, so that a crash leaves whole lines.
    pub(super) fn write(
        &mut self,
        id: u128,
        record: &[u8],
        time: Option<Timestamp>,
        announce: Announce<'_>,
    ) -> io::Result<()> {
        let written = self.try_write(id, record, time.unwrap_or_default(), announce);
        if written.is_err() {
            self.file = None;
            self.lose();
        }
        written
    }

    /// A record could not be written: the next one says so.
    pub(super) fn lose(&mut self) {
        self.lost += 1;
    }

    fn try_write(
        &mut self,
        id: u128,
        record: &[u8],
        time: Timestamp,
        announce: Announce<'_>,
    ) -> io::Result<()> {
        if self.file.is_none() {
            self.reopen()?;
        }
        if self.length > 0 && (self.length >= self.keep.file_bytes || self.is_old(time)) {
            self.rotate(time)?;
            self.prune_or_tell(time, announce);
        }
        self.prune_by_time(time, announce);
        let Some(mut file) = self.file.as_ref() else { return Ok(()) };
        let next = self.chain.chain(record, self.begins, self.lost);
        let (chain, line) = next.ok_or(io::ErrorKind::InvalidData)?;
        let offset = self.length;
        // Part of a line is cut off when the file is opened again.
        file.write_all(&line)?;
        self.length += line.len() as u64;
        (self.chain, self.begins, self.lost) = (chain, false, 0);
        self.began.get_or_insert(time);
        self.ids.push((id, offset));
        Ok(())
    }

    /// Whether the current file has records of more than a day ago, where days count.
    fn is_old(&self, time: Timestamp) -> bool {
        let passed = self.began.map(|began| time.duration_since(began));
        self.keep.days > 0 && passed.is_some_and(|passed| passed >= SignedDuration::from_hours(24))
    }

    fn rotate(&mut self, time: Timestamp) -> io::Result<()> {
        // Names order the files, also when the clock was set back or stands still.
        let newest = files(&self.folder, self.name)?.first().and_then(|path| stamp_of(path));
        let after = |newest: Timestamp| newest.checked_add(SignedDuration::from_micros(1)).ok();
        let stamp = newest.and_then(after).map_or(time, |after| after.max(time));
        fs::rename(self.current(), self.folder.join(self.rotated(stamp)))?;
        (self.ids, self.unread, self.began, self.length) = (Vec::new(), 0, None, 0);
        (self.begins, self.turns) = (true, self.turns + 1);
        if let Some(file) = self.file.take() {
            if self.unsynced.len() < UNSYNCED_FILES_MAX {
                self.unsynced.push(file);
            } else {
                file.sync_data()?;
            }
        }
        self.reopen()
    }

    /// Looks for files that are too old, at most once an hour.
    fn prune_by_time(&mut self, time: Timestamp, announce: Announce<'_>) {
        let hour = SignedDuration::from_hours(1);
        let recent = |pruned: Timestamp| time.duration_since(pruned).abs() < hour;
        if self.keep.days == 0 || self.pruned.is_some_and(recent) {
            return;
        }
        self.pruned = Some(time);
        self.prune_or_tell(time, announce);
    }

    /// Old files that stay are no reason not to write a record.
    fn prune_or_tell(&mut self, time: Timestamp, announce: Announce<'_>) {
        if let Err(error) = self.prune(time, announce) {
            tracing::error!(%error, set = self.name, "old audit files not removed");
        }
    }

    /// Removes what is more than is kept, the oldest first.
    fn prune(&mut self, time: Timestamp, announce: Announce<'_>) -> io::Result<()> {
        let days = SignedDuration::from_hours(24 * i64::from(self.keep.days));
        let oldest = (self.keep.days > 0).then(|| time.checked_sub(days).ok()).flatten();
        // Names are times, and every record of a file is from before its name's.
        let oldest = oldest.map(|oldest| self.rotated(oldest));
        let mut bytes = self.keep.file_bytes;
        let (mut kept, mut gone) = (None, Vec::new());
        for (number, path) in (1..).zip(files(&self.folder, self.name)?) {
            bytes = bytes.saturating_add(path.metadata()?.len());
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            let too_many = self.keep.files > 0 && number > self.keep.files;
            let too_old = oldest.as_deref().is_some_and(|oldest| name < oldest);
            if bytes > self.keep.bytes || too_many || too_old {
                gone.push(path);
            } else {
                kept = Some(path);
            }
        }
        if gone.is_empty() {
            return Ok(());
        }
        self.first = match kept {
            Some(kept) => first_sequence(&kept)?,
            None if self.length > 0 => first_sequence(&self.current())?,
            None => self.chain.sequence + 1,
        };
        let told = announce(self.first);
        let mut removed = Ok(());
        // The oldest first: a service that is killed here leaves no gap. One that stays keeps no other.
        for path in gone.into_iter().rev() {
            removed = removed.and(fs::remove_file(&path));
            let _ = fs::remove_file(index::beside(&path));
        }
        // On a full disk there may be room only now.
        if !told {
            announce(self.first);
        }
        removed
    }

    /// Where the record of `id` may be.
    pub(super) fn whereabouts(&self, id: u128) -> RecordLocation {
        RecordLocation {
            current: File::open(self.current()).ok(),
            offset: index::newest(&self.ids, id),
            unread: self.unread,
            turns: self.turns,
            rotated: files(&self.folder, self.name).unwrap_or_default(),
        }
    }

    /// Takes the ids of the part that an earlier process wrote, unless the file is another one by now.
    pub(super) fn adopt(&mut self, turns: u64, places: Vec<RecordPlace>) {
        if self.turns == turns && self.unread > 0 {
            self.ids.splice(0..0, places);
            self.unread = 0;
        }
    }
}

/// The file that is appended to, for reading.
fn reading(file: &File, path: &Path) -> Option<File> {
    (file.metadata().ok()?.is_file()).then(|| File::open(path).ok()).flatten()
}

/// The number of a file's first record; 1 where its first line is from before there was a chain.
fn first_sequence(path: &Path) -> io::Result<u64> {
    let mut line = Vec::new();
    BufReader::new(File::open(path)?).read_until(b'\n', &mut line)?;
    Ok(ChainLink::of(&line).map_or(1, |link| link.head.sequence))
}

/// The time in the name of a file that was rotated.
pub(super) fn stamp_of(path: &Path) -> Option<Timestamp> {
    let (_, stamp) = path.file_stem()?.to_str()?.rsplit_once('-')?;
    let part = |from: usize, to: usize| stamp.get(from..to);
    let (year, month, day) = (part(0, 4)?, part(4, 6)?, part(6, 8)?);
    let (hour, minute, second, rest) = (part(9, 11)?, part(11, 13)?, part(13, 15)?, part(15, 21)?);
    format!("{year}-{month}-{day}T{hour}:{minute}:{second}.{rest}Z").parse().ok()
}

/// The files of a set that do not change any more, the newest first.
pub(super) fn files(folder: &Path, name: &str) -> io::Result<Vec<PathBuf>> {
    let mut rotated = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let file = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let rest = file.strip_prefix(name).and_then(|rest| rest.strip_prefix('-'));
        if rest.is_some_and(|rest| rest.ends_with(".jsonl")) {
            rotated.push(path);
        }
    }
    rotated.sort();
    rotated.reverse();
    Ok(rotated)
}
