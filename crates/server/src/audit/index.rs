//! Which line of an audit file is a request's: ids beside offsets, sorted, in a file beside it.
//!
//! `audit-TIME.jsonl` never changes once its name has a time, so `audit-TIME.ids` is made once, when somebody first
//! asks, and looked through by halves: asking for ids that nobody has costs a few reads and not the whole folder.
//!
//! ```text
//! bytes of the .jsonl file   8, big-endian
//! then, by id:               id 16, offset 8, big-endian
//! ```

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use super::record::AuditRecord;

/// An id and where its line begins.
pub(super) type RecordPlace = (u128, u64);

const HEAD_BYTES: u64 = 8;
const PLACE_BYTES: u64 = 24;

/// A request id as a number; `None` for a text that is none (36 characters, RFC 9562; or 32, an authorization id).
#[must_use]
pub(super) fn parse(id: &str) -> Option<u128> {
    // The other forms that a UUID may be written in are longer.
    let uuid = if matches!(id.len(), 32 | 36) { uuid::Uuid::try_parse(id).ok() } else { None };
    // Zero is the id of what has none.
    uuid.map(|uuid| uuid.as_u128()).filter(|id| *id != 0)
}

/// Looks a request up in a file that never changes any more; makes its index if there is none.
pub(super) fn find_in(path: &Path, id: u128) -> io::Result<Option<AuditRecord>> {
    let file = File::open(path)?;
    let place = match places_of(path, &file)? {
        Some(known) => search(&known, id)?,
        None => {
            let length = file.metadata()?.len();
            let mut places = scan(&file, 0, length)?;
            let found = newest(&places, id);
            places.sort_unstable();
            // Without room for it the next one who asks makes it again.
            let _ = keep(path, length, &places);
            found
        }
    };
    place.map_or(Ok(None), |offset| read(&file, offset))
}

/// The offset of the newest line of this id.
pub(super) fn newest(places: &[RecordPlace], id: u128) -> Option<u64> {
    places.iter().filter(|(known, _)| *known == id).map(|(_, offset)| *offset).max()
}

/// The ids of a file's lines that begin from `start` on and before `end`.
pub(super) fn scan(mut file: &File, start: u64, end: u64) -> io::Result<Vec<RecordPlace>> {
    file.seek(SeekFrom::Start(start))?;
    let mut reader = BufReader::with_capacity(256 * 1024, file.take(end.saturating_sub(start)));
    let (mut places, mut line, mut offset) = (Vec::new(), Vec::new(), start);
    loop {
        line.clear();
        let length = reader.read_until(b'\n', &mut line)?;
        if length == 0 {
            return Ok(places);
        }
        if let Some(id) = id_of(&line) {
            places.push((id, offset));
        }
        offset += length as u64;
    }
}

/// The id of a record's line: its second member, so that nothing a client wrote can come before it.
fn id_of(line: &[u8]) -> Option<u128> {
    const NAME: &[u8] = b"\"requestId\":\"";
    let head = line.get(..line.len().min(128))?;
    let at = head.windows(NAME.len()).position(|window| window == NAME)? + NAME.len();
    parse(std::str::from_utf8(line.get(at..at + 36)?).ok()?)
}

/// The record that begins at `offset`.
pub(super) fn read(mut file: &File, offset: u64) -> io::Result<Option<AuditRecord>> {
    file.seek(SeekFrom::Start(offset))?;
    let mut line = Vec::new();
    BufReader::new(file).read_until(b'\n', &mut line)?;
    Ok(serde_json::from_slice(&line).ok())
}

/// The name of a file's index.
pub(super) fn beside(path: &Path) -> PathBuf {
    path.with_extension("ids")
}

/// A file's index, if there is one of the whole file.
pub(super) fn places_of(path: &Path, file: &File) -> io::Result<Option<File>> {
    let places = match File::open(beside(path)) {
        Ok(places) => places,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let mut head = [0; HEAD_BYTES as usize];
    let whole = places.read_exact_at(&mut head, 0).is_ok()
        && u64::from_be_bytes(head) == file.metadata()?.len();
    Ok(whole.then_some(places))
}

/// Looks an id up in an index, by halves; of several lines the last.
pub(super) fn search(places: &File, id: u128) -> io::Result<Option<u64>> {
    let count = places.metadata()?.len().saturating_sub(HEAD_BYTES) / PLACE_BYTES;
    let at = |number: u64| -> io::Result<RecordPlace> {
        let mut bytes = [0; PLACE_BYTES as usize];
        places.read_exact_at(&mut bytes, HEAD_BYTES + number * PLACE_BYTES)?;
        let (id, offset) = bytes.split_at(16);
        let id = id.try_into().map(u128::from_be_bytes).unwrap_or_default();
        Ok((id, offset.try_into().map(u64::from_be_bytes).unwrap_or_default()))
    };
    let (mut low, mut high) = (0, count);
    while low < high {
        let middle = low + (high - low) / 2;
        if at(middle)?.0 <= id { low = middle + 1 } else { high = middle }
    }
    let Some(last) = low.checked_sub(1) else { return Ok(None) };
    let (known, offset) = at(last)?;
    Ok((known == id).then_some(offset))
}

/// Writes an index, whole or not at all.
fn keep(path: &Path, length: u64, places: &[RecordPlace]) -> io::Result<()> {
    let mut bytes = length.to_be_bytes().to_vec();
    for (id, offset) in places {
        bytes.extend_from_slice(&id.to_be_bytes());
        bytes.extend_from_slice(&offset.to_be_bytes());
    }
    let fresh = path.with_extension("ids.new");
    let _ = fs::remove_file(&fresh);
    let mut options = fs::OpenOptions::new();
    let mut file = options.write(true).create_new(true).mode(0o600).open(&fresh)?;
    io::Write::write_all(&mut file, &bytes)?;
    fs::rename(fresh, beside(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s10_what_is_no_request_id_is_never_looked_up() {
        for id in ["00000000-0000-4000-8000-00000000000f", "0000000000004000800000000000000f"] {
            assert_eq!(parse(id), Some(0x4000_8000_0000_0000_000f), "{id}");
        }
        for id in [
            "",
            "*",
            "requestId",
            "../audit",
            "00000000000000000000000000000000",
            "+0000000-0000-4000-8000-000000000000",
        ] {
            assert_eq!(parse(id), None, "{id}");
        }
    }

    #[test]
    fn an_id_that_a_client_wrote_into_its_path_finds_nothing() {
        let id = "00000000-0000-4000-8000-000000000001";
        let own = "00000000-0000-4000-8000-000000000002";
        let line = format!(
            "{{\"time\":\"2026-11-29T00:00:00Z\",\"requestId\":\"{own}\",\"path\":\"/\\\"requestId\\\":\\\"{id}\"}}"
        );
        assert_eq!(id_of(line.as_bytes()), parse(own));
    }

    #[test]
    fn s10_an_index_finds_the_first_the_last_and_the_newest_of_two() {
        let folder = crate::service::private_file::scratch("audit-index");
        let path = folder.join("audit-1.jsonl");
        let line = |number: u32, status: u16| {
            format!(
                "{{\"time\":null,\"requestId\":\"00000000-0000-4000-8000-{number:012x}\",\"status\":{status}}}\n"
            )
        };
        let mut text: String = (0..1_000).rev().map(|number| line(number, 200)).collect();
        text.push_str(&line(7, 201));
        fs::write(&path, &text).unwrap();
        let id = |number: u32| parse(&format!("00000000-0000-4000-8000-{number:012x}")).unwrap();
        // The first look makes the index, the others use it.
        for _ in 0..2 {
            assert_eq!(find_in(&path, id(0)).unwrap().unwrap().status, 200);
            assert_eq!(find_in(&path, id(999)).unwrap().unwrap().status, 200);
            assert_eq!(find_in(&path, id(7)).unwrap().unwrap().status, 201);
            assert!(find_in(&path, id(1_000)).unwrap().is_none());
            assert!(beside(&path).exists());
        }
        // What does not belong to the file as it is now is not believed.
        fs::write(&path, line(5, 203)).unwrap();
        assert_eq!(find_in(&path, id(5)).unwrap().unwrap().status, 203);
        fs::remove_dir_all(folder).unwrap();
    }
}
