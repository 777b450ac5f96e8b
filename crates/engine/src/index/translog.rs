//! The translog: every acknowledged write, in order, until a flush has it in segments.
//!
//! A generation is one file `translog-N.log`: a header, then frames `length u32 · crc32 u32 · payload`, little endian.
//! A write is answered when its frame is fsynced; one fsync serves everybody who waits (group commit).
//!
//! **Torn tail or flipped bit?** After each fsync a small *mark* frame with the synced length is appended (itself not
//! synced). A bad frame below a later good mark was on disk once: the file is damaged, and refused by name. A bad frame
//! that no mark vouches for was never acknowledged: the tail is cut there.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, PoisonError};

use bytes::Bytes;

use super::disk::{self, Disk, LogFile};
use super::fault::Fault;
use super::lock::hold;

/// First bytes of every generation.
const MAGIC: &[u8; 8] = b"CSTLOG01";
/// Magic, generation, crc32 of both.
const HEADER_BYTES: usize = 20;
/// Length and crc32 before each payload.
const FRAME_BYTES: usize = 8;
/// Payload of a mark: its tag and the synced length.
const MARK_BYTES: usize = 9;
/// Longest payload; a longer length field is damage. (Bodies are limited to 100 MiB.)
const PAYLOAD_BYTES_MAX: usize = 256 * 1024 * 1024;

const TAG_INDEX: u8 = 1;
const TAG_DELETE: u8 = 2;
const TAG_MARK: u8 = 0x4d;

/// One write, as it is replayed.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct LogEntry {
    /// Its place in the order of all writes of the index.
    pub(crate) seq_no: u64,
    /// The primary term it was made in.
    pub(crate) primary_term: u64,
    /// The document's version after it.
    pub(crate) version: u64,
    /// The document's id.
    pub(crate) id: String,
    /// The routing it was given.
    pub(crate) routing: Option<String>,
    /// The document; `None`: a deletion.
    pub(crate) source: Option<Bytes>,
}

/// A place in the log: generation and length.
pub(crate) type Position = (u64, u64);

/// The log of one index.
pub(crate) struct Translog {
    directory: PathBuf,
    disk: Arc<dyn Disk>,
    tail: Mutex<TranslogTail>,
    synced: Mutex<Synced>,
    changed: Condvar,
}

struct TranslogTail {
    generation: u64,
    length: u64,
    file: Arc<dyn LogFile>,
    /// A write failed half-way and the file could not be cut back: nothing more may be appended.
    broken: bool,
}

struct Synced {
    position: Position,
    running: bool,
    /// A sync failed: what is on disk is unknown until the file is read again by another process.
    failed: Option<String>,
}

fn path_of(directory: &Path, generation: u64) -> PathBuf {
    directory.join(format!("translog-{generation}.log"))
}

impl Translog {
    /// Reads every generation from `first` on, cuts a torn tail, and goes on writing at the end of the last.
    ///
    /// # Errors
    /// [`Fault::Damaged`] naming the file for a flipped bit or a missing generation; [`Fault::Io`].
    pub(crate) fn open(
        directory: &Path,
        first: u64,
        disk: Arc<dyn Disk>,
    ) -> Result<(Translog, Vec<LogEntry>), Fault> {
        let mut entries = Vec::new();
        let mut generation = first;
        let mut length = 0;
        while path_of(directory, generation).exists() {
            let last = !path_of(directory, generation + 1).exists();
            length = read_generation(directory, generation, last, &mut entries)?;
            generation += 1;
        }
        let generation = generation.saturating_sub(1).max(first);
        let path = path_of(directory, generation);
        let file = disk.log(&path).map_err(Fault::io(&path))?;
        if length == 0 {
            start(&*file, generation, &path, directory)?;
            length = HEADER_BYTES as u64;
        } else if std::fs::metadata(&path).map_err(Fault::io(&path))?.len() != length {
            file.cut(length).map_err(Fault::io(&path))?;
        }
        let log = Translog {
            directory: directory.to_owned(),
            disk,
            tail: Mutex::new(TranslogTail { generation, length, file, broken: false }),
            synced: Mutex::new(Synced {
                position: (generation, length),
                running: false,
                failed: None,
            }),
            changed: Condvar::new(),
        };
        Ok((log, entries))
    }

    /// Appends entries that [`Frames::push`] made; the position to [`Translog::sync`] to. All or nothing.
    ///
    /// # Errors
    /// [`Fault::Io`]; none of the entries will be replayed.
    pub(crate) fn append(&self, frames: &Frames) -> Result<Position, Fault> {
        let mut tail = hold(&self.tail);
        let path = path_of(&self.directory, tail.generation);
        if tail.broken {
            return Err(Fault::damaged(&path, "an earlier write failed and could not be undone"));
        }
        if let Err(error) = frames.parts().try_for_each(|part| tail.file.append(part)) {
            tail.broken = tail.file.cut(tail.length).is_err();
            return Err(Fault::Io(path, error));
        }
        tail.length += frames.len() as u64;
        Ok((tail.generation, tail.length))
    }

    /// Returns when everything up to `position` is on disk. One caller syncs for all who wait.
    ///
    /// # Errors
    /// [`Fault::Io`] when a sync failed, now or earlier.
    pub(crate) fn sync(&self, position: Position) -> Result<(), Fault> {
        let mut synced = hold(&self.synced);
        loop {
            if synced.position >= position {
                return Ok(());
            }
            if let Some(failed) = &synced.failed {
                let path = path_of(&self.directory, position.0);
                return Err(Fault::Io(path, std::io::Error::other(failed.clone())));
            }
            if synced.running {
                synced = self.changed.wait(synced).unwrap_or_else(PoisonError::into_inner);
                continue;
            }
            synced.running = true;
            drop(synced);
            let (reached, outcome) = {
                let (file, reached) = {
                    let tail = hold(&self.tail);
                    (Arc::clone(&tail.file), (tail.generation, tail.length))
                };
                (reached, file.sync())
            };
            synced = hold(&self.synced);
            synced.running = false;
            let good = outcome.is_ok();
            match outcome {
                Ok(()) => synced.position = synced.position.max(reached),
                Err(error) => synced.failed = Some(error.to_string()),
            }
            self.changed.notify_all();
            if good {
                // Never both locks in this order: `roll` takes them the other way round.
                drop(synced);
                self.mark(reached);
                synced = hold(&self.synced);
            }
        }
    }

    /// Starts the next generation; everything before it is on disk. The new generation's number.
    ///
    /// # Errors
    /// [`Fault::Io`]; the old generation then goes on.
    pub(crate) fn roll(&self) -> Result<u64, Fault> {
        let mut tail = hold(&self.tail);
        let old = path_of(&self.directory, tail.generation);
        tail.file.sync().map_err(Fault::io(&old))?;
        let generation = tail.generation + 1;
        let path = path_of(&self.directory, generation);
        let file = self.disk.log(&path).map_err(Fault::io(&path))?;
        if let Err(fault) = start(&*file, generation, &path, &self.directory) {
            let _ = std::fs::remove_file(&path);
            return Err(fault);
        }
        *tail = TranslogTail { generation, length: HEADER_BYTES as u64, file, broken: false };
        let mut synced = hold(&self.synced);
        synced.position = synced.position.max((generation, tail.length));
        self.changed.notify_all();
        Ok(generation)
    }

    /// Removes the generations before `first`, which segments now hold.
    pub(crate) fn trim(&self, first: u64) {
        for generation in (0..first).rev() {
            if std::fs::remove_file(path_of(&self.directory, generation)).is_err() {
                break;
            }
        }
    }

    /// Bytes in the current generation.
    pub(crate) fn length(&self) -> u64 {
        hold(&self.tail).length.saturating_sub(HEADER_BYTES as u64)
    }

    /// The end of the log.
    pub(crate) fn position(&self) -> Position {
        let tail = hold(&self.tail);
        (tail.generation, tail.length)
    }

    fn mark(&self, reached: Position) {
        let mut tail = hold(&self.tail);
        if tail.generation != reached.0 || tail.broken {
            return;
        }
        let mut payload = vec![TAG_MARK];
        payload.extend_from_slice(&reached.1.to_le_bytes());
        let mut frame = Vec::with_capacity(FRAME_BYTES + MARK_BYTES);
        push_frame_head(&mut frame, &[&payload]);
        frame.extend_from_slice(&payload);
        // A mark that cannot be written costs nothing but the certainty about a later flipped bit.
        match tail.file.append(&frame) {
            Ok(()) => tail.length += frame.len() as u64,
            Err(_) => tail.broken = tail.file.cut(tail.length).is_err(),
        }
    }
}

fn start(file: &dyn LogFile, generation: u64, path: &Path, directory: &Path) -> Result<(), Fault> {
    let write = || {
        // What an earlier start left half-way; a new file has nothing to cut, and cutting waits for the disk.
        if std::fs::metadata(path).is_ok_and(|there| there.len() > 0) {
            file.cut(0)?;
        }
        file.append(&header(generation))?;
        file.sync()
    };
    write().map_err(Fault::io(path))?;
    disk::sync_directory(directory)
}

fn header(generation: u64) -> [u8; HEADER_BYTES] {
    let mut header = [0; HEADER_BYTES];
    let (head, crc) = header.split_at_mut(16);
    let (magic, number) = head.split_at_mut(8);
    magic.copy_from_slice(MAGIC);
    number.copy_from_slice(&generation.to_le_bytes());
    crc.copy_from_slice(&crc32fast::hash(head).to_le_bytes());
    header
}

/// Reads one generation; its good length, 0 where there is not even a header (a start that was cut short).
fn read_generation(
    directory: &Path,
    generation: u64,
    last: bool,
    entries: &mut Vec<LogEntry>,
) -> Result<u64, Fault> {
    let path = path_of(directory, generation);
    let bytes = Bytes::from(std::fs::read(&path).map_err(Fault::io(&path))?);
    if bytes.len() < HEADER_BYTES && last {
        return Ok(0);
    }
    if bytes.get(..HEADER_BYTES) != Some(&header(generation)[..]) {
        return Err(Fault::damaged(&path, "the header is not that of this translog generation"));
    }
    let mut at = HEADER_BYTES;
    while at < bytes.len() {
        match read_frame(&bytes, at) {
            Some((payload, next)) => {
                if payload.first() != Some(&TAG_MARK) {
                    let entry = decode(&payload).ok_or_else(|| {
                        Fault::damaged(&path, format!("the frame at byte {at} is not an entry"))
                    })?;
                    entries.push(entry);
                }
                at = next;
            }
            None if last && !vouched(&bytes, at) => break,
            None => {
                let what =
                    format!("checksum of the frame at byte {at} does not match: a bit was flipped");
                return Err(Fault::damaged(&path, what));
            }
        }
    }
    Ok(at as u64)
}

/// The payload of the frame at `at`, and where the next begins.
fn read_frame(bytes: &Bytes, at: usize) -> Option<(Bytes, usize)> {
    let number = |from: usize| {
        let digits: [u8; 4] = bytes.get(from..from + 4)?.try_into().ok()?;
        Some(u32::from_le_bytes(digits))
    };
    let (length, crc) = (number(at)? as usize, number(at + 4)?);
    if length == 0 || length > PAYLOAD_BYTES_MAX {
        return None;
    }
    let (start, end) = (at + FRAME_BYTES, at + FRAME_BYTES + length);
    let payload = bytes.get(start..end)?;
    (crc32fast::hash(payload) == crc).then(|| (bytes.slice(start..end), end))
}

/// Whether a good mark after the bad frame at `at` says that it was on disk.
fn vouched(bytes: &Bytes, at: usize) -> bool {
    let mark = MARK_BYTES as u32;
    (at + 1..bytes.len().saturating_sub(FRAME_BYTES + MARK_BYTES - 1)).any(|from| {
        bytes.get(from..from + 4) == Some(&mark.to_le_bytes()[..])
            && read_frame(bytes, from).is_some_and(|(payload, _)| {
                let length = payload.get(1..).and_then(|digits| digits.try_into().ok());
                payload.first() == Some(&TAG_MARK)
                    && length.map(u64::from_le_bytes).is_some_and(|length| length > at as u64)
            })
    })
}

/// Frames one behind the other, as they are appended. A long document in them is the entry's own, and not copied.
#[derive(Debug, Default)]
pub(crate) struct Frames {
    before: Vec<Bytes>,
    last: Vec<u8>,
}

/// From how many bytes on a document is not copied into its frame.
const UNCOPIED_BYTES_MIN: usize = 64 * 1024;

impl Frames {
    /// Adds the frame of `entry`.
    pub(crate) fn push(&mut self, entry: &LogEntry) {
        let source = entry.source.clone().unwrap_or_default();
        let mut head = Vec::with_capacity(entry.id.len() + 48);
        head.push(if entry.source.is_some() { TAG_INDEX } else { TAG_DELETE });
        for number in [entry.seq_no, entry.primary_term, entry.version] {
            head.extend_from_slice(&number.to_le_bytes());
        }
        push_text(&mut head, Some(&entry.id));
        push_text(&mut head, entry.routing.as_deref());
        push_frame_head(&mut self.last, &[&head, &source]);
        self.last.extend_from_slice(&head);
        if source.len() < UNCOPIED_BYTES_MIN {
            self.last.extend_from_slice(&source);
        } else {
            self.before.extend([std::mem::take(&mut self.last).into(), source]);
        }
    }

    /// Whether there are none.
    pub(crate) fn is_empty(&self) -> bool {
        self.before.is_empty() && self.last.is_empty()
    }

    /// All their bytes, in order.
    fn parts(&self) -> impl Iterator<Item = &[u8]> {
        let parts = self.before.iter().map(|part| &**part).chain([self.last.as_slice()]);
        parts.filter(|part| !part.is_empty())
    }

    /// How many bytes they are.
    pub(crate) fn len(&self) -> usize {
        self.parts().map(<[u8]>::len).sum()
    }
}

/// Appends what stands before `parts`, which are one frame's payload.
fn push_frame_head(out: &mut Vec<u8>, parts: &[&[u8]]) {
    let length: usize = parts.iter().map(|part| part.len()).sum();
    let mut crc = crc32fast::Hasher::new();
    parts.iter().for_each(|part| crc.update(part));
    out.extend_from_slice(&(length as u32).to_le_bytes());
    out.extend_from_slice(&crc.finalize().to_le_bytes());
}

fn push_text(out: &mut Vec<u8>, text: Option<&str>) {
    let length = text.map_or(u32::MAX, |text| text.len() as u32);
    out.extend_from_slice(&length.to_le_bytes());
    out.extend_from_slice(text.unwrap_or_default().as_bytes());
}

fn decode(payload: &Bytes) -> Option<LogEntry> {
    let mut at = 1;
    let mut number = |width: usize| {
        let digits = payload.get(at..at + width)?;
        at += width;
        Some(digits.iter().rev().fold(0u64, |value, digit| value << 8 | u64::from(*digit)))
    };
    let (seq_no, primary_term, version) = (number(8)?, number(8)?, number(8)?);
    let (id, at) = read_text(payload, at)?;
    let (routing, at) = read_text(payload, at)?;
    let source = match *payload.first()? {
        TAG_INDEX => Some(payload.slice(at..)),
        TAG_DELETE => None,
        _ => return None,
    };
    Some(LogEntry { seq_no, primary_term, version, id: id?, routing, source })
}

fn read_text(payload: &Bytes, at: usize) -> Option<(Option<String>, usize)> {
    let digits: [u8; 4] = payload.get(at..at + 4)?.try_into().ok()?;
    let length = u32::from_le_bytes(digits);
    if length == u32::MAX {
        return Some((None, at + 4));
    }
    let end = at + 4 + length as usize;
    let text = payload.get(at + 4..end)?;
    Some((Some(String::from_utf8(text.to_vec()).ok()?), end))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(seq_no: u64) -> LogEntry {
        LogEntry {
            seq_no,
            primary_term: 1,
            version: 1,
            id: format!("id-{seq_no}"),
            routing: (seq_no % 2 == 1).then(|| "r".to_owned()),
            source: (seq_no % 3 != 2).then(|| Bytes::from(format!("{{\"n\":{seq_no}}}"))),
        }
    }

    struct Folder(PathBuf);

    impl Folder {
        fn new(name: &str) -> Folder {
            let path =
                std::env::temp_dir().join(format!("cs-translog-{}-{name}", std::process::id()));
            let _ = std::fs::remove_dir_all(&path);
            std::fs::create_dir_all(&path).unwrap();
            Folder(path)
        }
        fn open(&self) -> Result<(Translog, Vec<LogEntry>), Fault> {
            Translog::open(&self.0, 1, Arc::new(disk::SystemDisk))
        }
        fn file(&self) -> PathBuf {
            path_of(&self.0, 1)
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = std::fs::remove_dir_all(&self.0);
        }
    }

    /// A log with `count` entries, each synced on its own; where each entry's frame ends.
    fn written(folder: &Folder, count: u64) -> Vec<u64> {
        let (log, _) = folder.open().unwrap();
        let ends = (0..count).map(|seq_no| {
            let mut frame = Frames::default();
            frame.push(&entry(seq_no));
            let position = log.append(&frame).unwrap();
            log.sync(position).unwrap();
            position.1
        });
        ends.collect()
    }

    #[test]
    fn a_long_document_stands_in_its_frame_as_a_short_one_does_and_is_not_copied() {
        let folder = Folder::new("long");
        let long = Bytes::from(format!("{{\"t\":\"{}\"}}", "x".repeat(UNCOPIED_BYTES_MIN)));
        let entries: Vec<LogEntry> = (0..4)
            .map(|seq_no| match seq_no % 2 {
                0 => entry(seq_no),
                _ => LogEntry { source: Some(long.clone()), ..entry(seq_no) },
            })
            .collect();
        let mut frames = Frames::default();
        assert!(frames.is_empty());
        entries.iter().for_each(|entry| frames.push(entry));
        let own = |part: &[u8]| part.as_ptr() == long.as_ptr();
        assert_eq!(frames.parts().filter(|part| own(part)).count(), 2);
        let (log, _) = folder.open().unwrap();
        let (_, end) = log.append(&frames).unwrap();
        assert_eq!(end, (HEADER_BYTES + frames.len()) as u64);
        drop(log);
        assert_eq!(folder.open().unwrap().1, entries);
    }

    #[test]
    fn what_was_written_is_read_again() {
        let folder = Folder::new("again");
        written(&folder, 5);
        let (log, entries) = folder.open().unwrap();
        assert_eq!(entries, (0..5).map(entry).collect::<Vec<_>>());
        let generation = log.roll().unwrap();
        assert_eq!(generation, 2);
        log.trim(2);
        assert!(!folder.file().exists());
    }

    #[test]
    fn a_log_cut_at_any_byte_gives_every_entry_before_the_cut() {
        let folder = Folder::new("cut");
        let ends = written(&folder, 4);
        let whole = std::fs::read(folder.file()).unwrap();
        for length in 0..whole.len() {
            std::fs::write(folder.file(), &whole[..length]).unwrap();
            let (_, entries) = folder.open().unwrap();
            let expected = ends.iter().filter(|end| **end <= length as u64).count();
            assert_eq!(entries.len(), expected, "cut at {length}");
            std::fs::write(folder.file(), &whole).unwrap();
        }
    }

    #[test]
    fn a_flipped_bit_is_refused_by_name_or_cost_nothing() {
        let folder = Folder::new("flip");
        let ends = written(&folder, 3);
        let whole = std::fs::read(folder.file()).unwrap();
        let last_entry = *ends.last().unwrap() as usize;
        for at in 0..whole.len() {
            let mut flipped = whole.clone();
            flipped[at] ^= 1 << (at % 8);
            std::fs::write(folder.file(), &flipped).unwrap();
            match folder.open() {
                Err(Fault::Damaged(path, _)) => assert_eq!(path, folder.file()),
                Err(other) => panic!("flip at {at}: {other}"),
                // Only the last mark vouches for itself no more; no entry is lost by it.
                Ok((_, entries)) => {
                    assert!(at >= last_entry, "flip at {at} was not seen");
                    assert_eq!(entries.len(), 3);
                }
            }
        }
    }

    #[test]
    fn appending_goes_on_after_a_torn_tail() {
        let folder = Folder::new("torn");
        let ends = written(&folder, 3);
        let whole = std::fs::read(folder.file()).unwrap();
        std::fs::write(folder.file(), &whole[..ends[2] as usize - 3]).unwrap();
        let (log, entries) = folder.open().unwrap();
        assert_eq!(entries.len(), 2);
        let mut frame = Frames::default();
        frame.push(&entry(2));
        log.sync(log.append(&frame).unwrap()).unwrap();
        drop(log);
        assert_eq!(folder.open().unwrap().1.len(), 3);
    }

    #[test]
    fn a_missing_byte_in_an_older_generation_is_damage() {
        let folder = Folder::new("older");
        written(&folder, 2);
        folder.open().unwrap().0.roll().unwrap();
        let whole = std::fs::read(folder.file()).unwrap();
        std::fs::write(folder.file(), &whole[..whole.len() - 1]).unwrap();
        assert!(matches!(folder.open(), Err(Fault::Damaged(..))));
    }
}
