//! `script_fields`: what scripts give for each hit.

use serde_json::Value;

use super::SearchRequest;
use super::found::FoundHit;
use super::response::Hit;
use crate::dsl::lower::Lowering;
use crate::dsl::script::OnIndex;
use crate::exception::{Exception, ExceptionKind, internal};
use crate::index::Snapshot;
use crate::script::context;

/// The scripts of a request on one index.
pub(super) struct ScriptFields {
    fields: Vec<(String, OnIndex, bool)>,
    snapshot: Snapshot,
}

impl ScriptFields {
    /// Compiles them on the index of `lowering`, as its view shows it.
    ///
    /// # Errors
    /// `script_exception` "compile error".
    pub(super) fn new(
        request: &SearchRequest,
        lowering: &Lowering<'_>,
    ) -> Result<ScriptFields, Exception> {
        let mut fields = Vec::new();
        for (name, script, ignore_failure) in &request.script_fields {
            let on_index = OnIndex::new(script, &context::FIELD, lowering)?;
            fields.push((name.clone(), on_index, *ignore_failure));
        }
        match lowering.snapshot {
            Some(snapshot) => Ok(ScriptFields { fields, snapshot: snapshot.clone() }),
            None => Err(Exception::not_implemented("script_fields without an index")),
        }
    }

    /// Adds the fields of a hit.
    ///
    /// # Errors
    /// `script_exception` "runtime error", unless the field ignores failures.
    pub(super) fn add(&self, found: &FoundHit, hit: &mut Hit) -> Result<(), Exception> {
        let reader = self.snapshot.searcher.segment_reader(found.address.segment_ord);
        for (name, on_index, ignore_failure) in &self.fields {
            let mut segment = on_index.on_segment(reader).map_err(internal)?;
            let value = segment.run(found.address.doc_id, found.score.unwrap_or(0.0), |outcome| {
                let is_list = outcome.is_collection();
                outcome.json().map(|value| (is_list, value))
            });
            let values = match value {
                Ok(Some((true, Value::Array(values)))) => values,
                Ok(Some((_, value))) => vec![value],
                Ok(None) => continue,
                Err(fault) if *ignore_failure && fault.kind() == ExceptionKind::Script => continue,
                Err(fault) => return Err(fault),
            };
            let fields = hit.fields.get_or_insert_with(serde_json::Map::new);
            fields.insert(name.clone(), Value::Array(values));
        }
        Ok(())
    }
}
