//! The names that clients have of a cluster's cursors. They say, sealed, all that a gateway must know of one, so that each gateway
//! which shares the state continues it (decision 0187).

use std::io::{Read, Write};
use std::sync::Arc;

use control::Directory;
use engine::CursorQuestion;
use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;
use serde::{Deserialize, Serialize};

use super::rewrite::CursorSort;
use crate::guards::limits;

/// Seals names for one domain, and opens them.
pub(crate) struct CursorNames {
    /// The newest snapshot of what the gateways share: it has the key.
    directory: Box<dyn Fn() -> Arc<Directory> + Send + Sync>,
    /// The unique id of the domain.
    domain: String,
}

/// The actions that are asked of domains. A name that says another one is good for nothing.
const ACTIONS: [&str; 6] = [
    "es:ESHttpGet",
    "es:ESHttpHead",
    "es:ESHttpPost",
    "es:ESHttpPut",
    "es:ESHttpDelete",
    "es:ESHttpPatch",
];

/// What a name says.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct NamedCursor {
    /// Under which it is kept here, where it is.
    pub(super) handle: String,
    /// The one caller who may continue it.
    pub(super) owner: String,
    pub(super) sort: NamedSort,
    /// The cluster's name of it.
    pub(super) known: String,
    /// How many pages of it were given: a later name says what an earlier one does not.
    pub(super) page: u64,
    /// When it ends, in milliseconds since 1970.
    pub(super) expires: i64,
    /// What the cluster was told of who opened it, where it is told so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) opener: Option<String>,
    /// What its opening was allowed by: action, path, documents.
    questions: Vec<(String, String, Option<String>)>,
}

/// In which table it is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum NamedSort {
    Scroll,
    Pit,
}

impl From<CursorSort> for NamedSort {
    fn from(sort: CursorSort) -> Self {
        match sort {
            CursorSort::Scroll => Self::Scroll,
            CursorSort::Pit | CursorSort::ElasticsearchPit => Self::Pit,
        }
    }
}

impl NamedCursor {
    /// A cursor whose opening was allowed by these.
    pub(super) fn allowed_by(self, questions: &[CursorQuestion]) -> Self {
        let question = |it: &CursorQuestion| {
            (it.action.to_owned(), it.path.clone(), it.documents.as_deref().map(str::to_owned))
        };
        Self { questions: questions.iter().map(question).collect(), ..self }
    }

    /// A cursor of which nothing is known but this.
    pub(super) fn new(handle: &str, owner: &str, sort: CursorSort, known: &str) -> Self {
        let (handle, owner, known) = (handle.to_owned(), owner.to_owned(), known.to_owned());
        let sort = sort.into();
        let (opener, questions) = (None, Vec::new());
        Self { handle, owner, sort, known, page: 0, expires: 0, opener, questions }
    }

    /// What its opening was allowed by; `None`: something that this version does not ask.
    pub(super) fn questions(&self) -> Option<Arc<[CursorQuestion]>> {
        let question = |(action, path, documents): &(String, String, Option<String>)| {
            Some(CursorQuestion {
                action: ACTIONS.into_iter().find(|known| known == action)?,
                path: path.clone(),
                documents: documents.as_deref().map(Into::into),
            })
        };
        self.questions.iter().map(question).collect()
    }
}

impl CursorNames {
    /// Those of the cursors of a domain, by its unique id.
    pub(crate) fn of(
        domain: &str,
        directory: impl Fn() -> Arc<Directory> + Send + Sync + 'static,
    ) -> Self {
        Self { directory: Box::new(directory), domain: domain.to_owned() }
    }

    /// The name of a cursor; none where it would be too long: then it is known at this gateway alone, by its handle.
    pub(super) fn name(&self, cursor: &NamedCursor) -> Option<String> {
        let mut packed = DeflateEncoder::new(Vec::new(), Compression::fast());
        packed.write_all(&serde_json::to_vec(cursor).ok()?).ok()?;
        let packed = packed.finish().ok()?;
        if packed.len() > limits::CLUSTER_CURSOR_SEALED_BYTES_MAX {
            return None;
        }
        (self.directory)().seal_cursor(&self.domain, &packed).ok()
    }

    /// What a name says; none where it is no name of this domain's that was sealed with the key.
    pub(super) fn open(&self, name: &str) -> Option<NamedCursor> {
        if name.len() > limits::CLUSTER_CURSOR_SEALED_BYTES_MAX * 2 {
            return None;
        }
        let packed = (self.directory)().open_cursor(&self.domain, name).ok()?;
        let mut said = Vec::new();
        // It was made here, and is no bomb; bounded all the same.
        let most = limits::CLUSTER_CURSOR_NAME_BYTES_MAX as u64 * 8;
        DeflateDecoder::new(packed.as_slice()).take(most).read_to_end(&mut said).ok()?;
        serde_json::from_slice(&said).ok()
    }
}

#[cfg(test)]
mod tests {
    use control::{Control, ControlOptions, StorePlace};

    use super::*;

    fn names(domain: &str, byte: u8) -> CursorNames {
        let (place, settings) = (StorePlace::Memory, control::ControlSettings::default());
        let sealing_key = [byte; control::SEALING_KEY_BYTES];
        let control = Control::open(ControlOptions { place, sealing_key, settings }).unwrap();
        CursorNames::of(domain, move || control.directory())
    }

    fn question(path: &str) -> CursorQuestion {
        CursorQuestion { action: "es:ESHttpGet", path: path.to_owned(), documents: None }
    }

    #[test]
    fn a_name_says_to_every_gateway_with_the_key_what_it_is_and_to_nobody_else() {
        let asked: Vec<CursorQuestion> =
            (0..1_000).map(|it| question(&format!("/logs-{it}/_search"))).collect();
        let cursor = NamedCursor::new("h", "AIDA", CursorSort::Scroll, "theirs").allowed_by(&asked);
        let name = names("d", 7).name(&cursor).unwrap();
        assert!(name.len() < 16_384 && !name.contains("theirs"), "{}", name.len());
        let said = names("d", 7).open(&name).unwrap();
        assert_eq!(said, cursor);
        assert_eq!(said.questions().unwrap().to_vec(), asked);
        assert_eq!(names("other", 7).open(&name), None, "it is another domain's");
        assert_eq!(names("d", 8).open(&name), None, "it was sealed with another key");
        let mut forged = name.into_bytes();
        forged[40] ^= 1;
        assert_eq!(names("d", 7).open(&String::from_utf8(forged).unwrap()), None);
    }

    #[test]
    fn a_cursor_whose_name_would_be_too_long_has_none() {
        let mut noise = 1_u64;
        let mut letter = || {
            noise = noise.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            char::from(b'a' + u8::try_from((noise >> 33) % 26).unwrap())
        };
        let known: String = (0..200_000).map(|_| letter()).collect();
        let cursor = NamedCursor::new("h", "AIDA", CursorSort::Pit, &known);
        assert_eq!(names("d", 7).name(&cursor), None);
    }
}
