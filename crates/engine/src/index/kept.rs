//! What a copy of an index consists of, and what is kept of it.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use serde_json::{Value, json};

use crate::cluster::metadata::IndexMetadata;
use crate::objects::{KeptFile, ObjectStore};

/// Files by their names.
pub(crate) type KeptFiles = BTreeMap<String, KeptFile>;

/// An index's files at one moment.
#[derive(Clone, Debug, Default)]
pub(crate) struct Exported {
    /// The rows of its manifest.
    pub(crate) segments: Vec<Value>,
    /// The first sequence number that they do not reach.
    pub(crate) next_seq_no: u64,
    /// Its files.
    pub(crate) files: KeptFiles,
    /// Those of them that were not there yet.
    pub(crate) written: u64,
    /// The bytes of those.
    pub(crate) written_bytes: u64,
}

/// An index that is to be made out of files.
pub(crate) struct PlantedIndex {
    /// What it is to be; its uuid is new.
    pub(crate) index: IndexMetadata,
    /// The closed index whose place it takes.
    pub(crate) replaces: Option<Arc<str>>,
    /// The store that has its files.
    pub(crate) store: Arc<dyn ObjectStore>,
    /// The folder of its files there.
    pub(crate) folder: String,
    /// Where its files lie once they were fetched.
    pub(crate) from: PathBuf,
    /// What they are.
    pub(crate) exported: Exported,
}

impl Exported {
    /// As it is kept.
    pub(crate) fn persisted(&self) -> Value {
        let files: serde_json::Map<String, Value> = self
            .files
            .iter()
            .map(|(name, kept)| (name.clone(), json!({"bytes": kept.bytes, "crc32": kept.crc32})))
            .collect();
        json!({"segments": self.segments, "next_seq_no": self.next_seq_no, "files": files,
            "written": self.written, "written_bytes": self.written_bytes})
    }

    /// Out of what was kept; what is not there is nothing.
    pub(crate) fn restored(saved: &Value) -> Exported {
        let number =
            |value: &Value, key: &str| value.get(key).and_then(Value::as_u64).unwrap_or_default();
        let files = saved.get("files").and_then(Value::as_object).into_iter().flatten();
        let kept = |file: &Value| KeptFile {
            bytes: number(file, "bytes"),
            crc32: u32::try_from(number(file, "crc32")).unwrap_or_default(),
        };
        Exported {
            segments: saved.get("segments").and_then(Value::as_array).cloned().unwrap_or_default(),
            next_seq_no: number(saved, "next_seq_no"),
            // A name that leads elsewhere was never written by us.
            files: files
                .filter(|(name, _)| is_plain(name))
                .map(|(name, file)| (name.clone(), kept(file)))
                .collect(),
            written: number(saved, "written"),
            written_bytes: number(saved, "written_bytes"),
        }
    }

    /// The bytes of all files.
    pub(crate) fn bytes(&self) -> u64 {
        self.files.values().map(|kept| kept.bytes).sum()
    }
}

/// Whether `name` names a file of a folder, and nothing else.
pub(crate) fn is_plain(name: &str) -> bool {
    let letters = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    !name.is_empty() && !name.starts_with('.') && name.chars().all(letters)
}
