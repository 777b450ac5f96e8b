//! How records and the log of changes stand in the tables, whichever database has them.

use std::collections::BTreeSet;

use super::port::StoreError;
use super::record::{Record, RecordKind};
use crate::change::Change;

/// Rows of the change log that are kept.
pub(super) const CHANGES_KEPT: u64 = 10_000;

/// A record of the table `records`.
///
/// # Errors
/// `Damaged` when the body is none, or another one's.
pub(super) fn record_of(kind: &str, key: &str, body: &str) -> Result<Record, StoreError> {
    let record: Record = serde_json::from_str(body)
        .map_err(|e| StoreError::Damaged { why: format!("record {kind} {key}: {e}") })?;
    if record.kind().name() != kind || record.key() != key {
        return Err(StoreError::Damaged {
            why: format!("record {kind} {key} contains another record"),
        });
    }
    Ok(record)
}

/// The body of a record.
///
/// # Errors
/// `Io` when it cannot be written as JSON.
pub(super) fn body_of(record: &Record) -> Result<String, StoreError> {
    serde_json::to_string(record).map_err(|e| StoreError::Io { why: e.to_string() })
}

/// The records that a change touches, as the change log names them: a line for each.
pub(super) fn log_lines(change: &Change) -> String {
    let puts = change.puts.iter().map(|it| line('+', it.kind(), &it.key()));
    let deletes = change.deletes.iter().map(|(kind, key)| line('-', *kind, key));
    let lines: Vec<String> = deletes.chain(puts).collect();
    lines.join("\n")
}

/// A record in the change log: `+user 123456789012/ann`. A key cannot begin a line of its own.
fn line(sign: char, kind: RecordKind, key: &str) -> String {
    let key = key.replace('\\', "\\\\").replace('\n', "\\n").replace('\r', "\\r");
    format!("{sign}{} {key}", kind.name())
}

/// Which records were written or removed after `version` up to `now`, as the rows of the change log between them name
/// them; `None` when they do not tell all of it: the log was cut, or written by another program's hand.
pub(super) fn touched(
    rows: &[String],
    version: u64,
    now: u64,
) -> Option<BTreeSet<(RecordKind, String)>> {
    if now.checked_sub(version) != Some(rows.len() as u64) {
        return None;
    }
    rows.iter().flat_map(|row| row.lines()).map(logged).collect()
}

/// What a line of the change log names; `None`: it was written by another program's hand.
fn logged(line: &str) -> Option<(RecordKind, String)> {
    let (kind, escaped) = line.strip_prefix(['+', '-'])?.split_once(' ')?;
    let kind = RecordKind::of_name(kind)?;
    let (mut key, mut characters) = (String::new(), escaped.chars());
    while let Some(character) = characters.next() {
        key.push(match character {
            '\\' => match characters.next()? {
                'n' => '\n',
                'r' => '\r',
                '\\' => '\\',
                _ => return None,
            },
            other => other,
        });
    }
    Some((kind, key))
}

/// A version or a count as the databases keep numbers.
pub(super) fn as_i64(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_in_the_change_log_is_one_line_and_reads_back() {
        for key in ["123456789012/ann", "1/a\n-user 1/b", "\\n", "a\\", "c\r\nd", ""] {
            let written = line('+', RecordKind::User, key);
            assert_eq!(written.lines().count(), 1, "{key:?}");
            assert_eq!(logged(&written), Some((RecordKind::User, key.to_owned())), "{written:?}");
        }
    }

    #[test]
    fn a_line_of_another_hand_is_no_record() {
        for line in ["", "user 1/a", "+user", "+usher 1/a", "+user 1/\\x", "+user 1/\\"] {
            assert_eq!(logged(line), None, "{line:?}");
        }
    }
}
