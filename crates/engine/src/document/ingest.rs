//! Where a write meets the ingest pipelines: before its index is looked for.

use serde_json::{Map, Value};

use super::target::Targets;
use super::{named, no_shards};
use crate::exception::Exception;
use crate::index::{Operation, Write, document_id};
use crate::ingest::{Ingested, Prepared, prepare};
use crate::rest::Flavor;

/// The id that is told of a dropped document that came without one.
const NO_ID: &str = "auto-generated";

impl Targets<'_> {
    /// What the pipelines make of a write: the one that is `asked` for, or those of its index.
    ///
    /// # Errors
    /// What a pipeline fails with.
    pub(super) fn ingest(
        &self,
        asked: Option<&str>,
        write: Prepared,
    ) -> Result<Ingested, Exception> {
        prepare(self.metadata, self.flavor, self.now, self.work, asked, write)
    }
}

/// The operation of a write, with an id if it has none.
pub(super) fn operation(targets: &Targets<'_>, write: Prepared, create: bool) -> Operation {
    let Prepared { id, routing, precondition, raw, value, .. } = write;
    let fresh = id.is_none();
    let write = match create || fresh {
        true => Write::Create { raw, value },
        false => Write::Index { raw, value },
    };
    let id = id.unwrap_or_else(|| document_id(targets.milliseconds()));
    Operation { id, routing, precondition, write }
}

/// The answer about a document that a pipeline dropped; `fresh`: it must not have been there.
pub(super) fn dropped(
    index: &str,
    flavor: Flavor,
    id: Option<&str>,
    fresh: bool,
) -> Map<String, Value> {
    let mut body = named(index, flavor, id.unwrap_or(NO_ID));
    body.insert("_version".into(), if fresh { -4 } else { -3 }.into());
    body.insert("result".into(), "noop".into());
    body.insert("_shards".into(), no_shards());
    body
}
